"""What tests of the log share: a policy with a table, the events of a deal, stores of each kind, and damage to them."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from walkaway import DeadLetter, Policy
from walkaway.deal.lines import Line
from walkaway.log import store as db
from walkaway.log.append import Appender, DecidedEvent, place_all
from walkaway.log.postgres import Postgres
from walkaway.log.record import Recorder
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Store
from walkaway.policy import read

POLICY = """\
policy: licences
version: 3
side: seller
currency: USD
deal:
  list_price: money
  segment: {one of: [small, large]}
  contact: {type: text, optional: yes, personal: yes}
issues:
  discount:
    type: percent
    start: 0%
    worth: -1% of deal.list_price per 1%
    want: 10%
    walk: floors[deal.segment].walk
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}
package: {base: deal.list_price}
tables:
  floors: {file: floors.csv, key: segment}
signals: [deception, pressure]
roles: [manager, director]
rules:
  nothing-for-nothing:
    why: Every concession buys something of equal value.
    on: our offer
    when: give.value > get.value
    then: trade
    say: We can look at that together with a longer term.
  deep:
    why: Deep discounts want a second pair of eyes.
    on: [our offer, their acceptance, our acceptance]
    when: offer.discount > 15%
    then: escalate
    to: manager
  bad-faith:
    why: No relationship is worth dealing with people who lie.
    on: any
    when: signals.deception >= 1
    then: walk
    door: closed
  pressure:
    why: Under pressure we wait.
    on: signal
    when: signals.pressure >= 1
    then: hold
"""
FLOORS = "segment,walk\nsmall,20%\nlarge,30%\n"

NOVEMBER = POLICY.replace("version: 3", "version: 4\neffective: {from: 2026-11-01}")
"""The next version; in force when the deals of October have long been open."""
TIGHTER = {"floors.csv": "segment,walk,from\nsmall,20%,\nlarge,30%,\nlarge,25%,2026-11-01\n"}

Event = dict[str, Any]


def make_policy(text: str = POLICY, tables: Mapping[str, str] | None = None) -> Policy:
    """Return a policy from its text."""
    files = {"floors.csv": FLOORS} if tables is None else tables
    return read(text.encode(), "policy.yaml", lambda name: files[name].encode() if name in files else None).unwrap()


def deal(name: str = "D-1") -> list[Event]:
    """Return the events of a deal in which something of every kind happens."""

    def event(number: int, sort: str, /, **fields: Any) -> Event:
        return {"id": f"e{number}", "deal": name, "at": f"2026-10-05T09:{number:02d}:00Z", "type": sort, **fields}

    return [
        event(0, "open", facts={"list_price": "100,000 USD", "segment": "large", "contact": "Ada Byron"}),
        event(1, "offer", by="them", terms={"discount": "40%"}),
        event(2, "offer", by="us", terms={"term": "24 months", "discount": "5.50%"}, actor="robin"),
        event(3, "signal", by="them", kind="pressure", note="They said: sign tonight, or never."),
        event(4, "reject", by="them"),
        event(
            5,
            "approve",
            approver="sam",
            role="manager",
            terms={"discount": "25%", "term": "12 months"},
            until="2026-10-06T12:00:00+02:00",
            reason="A name that others follow.",
        ),
        event(6, "offer", by="us", terms={"discount": "20%", "term": "36 months"}, actor="robin"),
        event(7, "update", facts={"contact": "Ada King"}, batna="50,000 USD"),
        event(8, "tick"),
        event(9, "accept", by="them"),
        event(10, "close", outcome="won", actor="robin"),
    ]


def lines_of(events: Sequence[Event], file: str = "events") -> list[Line]:
    """Return events as they come in."""
    return [Line(json.dumps(event).encode() + b"\n", file, number) for number, event in enumerate(events, 1)]


def counted_salts(start: int = 1) -> Callable[[], bytes]:
    """Return salts that are the same in every run, and others from each start."""
    numbers = itertools.count(start)
    return lambda: next(numbers).to_bytes(16, "big")


def record(store: Store, events: Sequence[Event], policy: Policy | None = None, batch: int = 4) -> list[DecidedEvent]:
    """Record events that all fit, in batches; give their answers."""
    recorder = Recorder(store, policy or make_policy(), counted_salts(1000 * db.size(store)))
    lines = lines_of(events)
    answers: list[DecidedEvent] = []
    for start in range(0, len(lines), batch):
        for answer in recorder.record(lines[start : start + batch]):
            assert not isinstance(answer, DeadLetter), answer.findings
            answers.append(answer)
    return answers


def opened(url: str, *, writable: bool = True, sound: bool = True) -> Store:
    """Open the store at *url*."""
    if url.startswith("postgresql:"):
        return Postgres(url, writable=writable, sound=sound)
    return Sqlite(Path(url), writable=writable, sound=sound)


def tamper(url: str, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Do to a store what somebody with its password could do."""
    store = opened(url, sound=False)
    with closing(store), store.writing():
        for sql, values in statements:
            store.change(sql, [values])


def rewrite(url: str, change: Callable[[list[db.LogEntry]], list[db.LogEntry]]) -> None:
    """Rewrite the whole log so that it is in order with itself: chains, subtrees and columns are made anew."""
    with closing(opened(url)) as store:
        kept = change(list(db.entries(store)))
        with store.writing():
            for table in ("entries", "nodes"):
                store.change(f"DELETE FROM {table} WHERE 1 = ?", [(1,)])
            appender = Appender(store)
            for e in kept:
                appender.add(e.deal, e.event, e.instant, e.verdict, e.leaf)
            appender.write()
            for table in ("positions", "places"):
                store.change(f"DELETE FROM {table} WHERE 1 = ?", [(1,)])
            place_all(store)


def rewrite_leaf(url: str, n: int, leaf: bytes, **columns: Any) -> None:
    """Put another leaf in place of entry *n*, with what columns say of it, and make every hash anew."""
    rewrite(url, lambda entries: [msgspec.structs.replace(e, leaf=leaf, **columns) if e.n == n else e for e in entries])
