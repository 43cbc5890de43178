"""The log keeps the rates that decisions were made with: a replay needs no file, and no other one changes it."""

import json
from contextlib import closing
from pathlib import Path

import msgspec
from tests.helpers.currencies import DRIFTING, POLICY, abroad, made, offer, opened
from tests.helpers.logs import counted_salts

from walkaway import Core
from walkaway.deal.lines import Line
from walkaway.log import store as db
from walkaway.log.policies import Policies
from walkaway.log.record import Recorder
from walkaway.log.replaying import Difference, Unreplayed, replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.views import recorded_history
from walkaway.log.whole import verified

EVENTS = (
    opened("GBP", "2026-03-04T16:00:00Z", "100,000"),
    offer("2026-03-04T16:00:00Z", "5%"),
    offer("2026-03-11T16:00:00Z", "6%", "e3"),
    offer("2026-04-03T16:00:00Z", "7%", "e4"),
    {"id": "u1", "deal": "d", "at": "2026-04-09T16:00:00Z", "type": "update", "fx": "now", "actor": "rep"},
    opened("JPY", "2026-03-04T16:00:00Z", "10,000,000", "j"),
    offer("2026-03-04T16:00:00Z", "5%", deal="j"),
)
"""Rates pinned, drifting, missing for a day, and pinned anew."""


def recorded(folder: Path, text: str = POLICY + DRIFTING) -> Sqlite:
    """Return a log of the events."""
    store = Sqlite(folder / "log.db", writable=True)
    recorder = Recorder(store, abroad(text), counted_salts())
    recorder.record([Line(json.dumps(event).encode(), "deals", n) for n, event in enumerate(EVENTS, 1)])
    return store


def test_a_replay_has_the_rates_of_each_decision_and_needs_no_file(tmp_path: Path) -> None:
    """All comes out byte by byte, the drift and the missing rate too; the second reader finds nothing."""
    with closing(recorded(tmp_path)) as store:
        policies = Policies(store, Core.BOTH, lambda _: None)
        assert [*replay(store, policies, db.entries(store))] == [None] * len(EVENTS)
        assert not verified(store).findings
        assert recorded_history(store, "d").currency == "GBP"


def test_a_deal_goes_on_at_its_rate_whatever_the_file_says_now(tmp_path: Path) -> None:
    """A new process has another file, and the pinned rate from the log."""
    recorded(tmp_path, POLICY).close()
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        other = abroad(file=made(("2026-04-09", "GBP", "9"), ("2026-04-09", "USD", "9")))
        recorder = Recorder(store, other, counted_salts(99))
        line = json.dumps(offer("2026-04-10T16:00:00Z", "7%", "e5", "j")).encode()
        (answer,) = recorder.record([Line(line, "deals", 1)])
        rates = answer.decision.rates  # type: ignore[union-attr]
        assert {rate.day for rate in rates} == {"2026-03-04"}  # type: ignore[union-attr]


def test_a_rate_that_is_not_the_row_of_its_hash_is_not_replayed(tmp_path: Path) -> None:
    """Whoever changes a rate in a log leaves a row that its hash does not fit."""
    with closing(recorded(tmp_path)) as store:
        policies = Policies(store, Core.BOTH, lambda _: None)
        entries = list(db.entries(store))
        forged = [_forged(entry) for entry in entries]
        came = [c for c in replay(store, policies, forged) if c is not None]
        assert came
        assert all(isinstance(c, Difference | Unreplayed) for c in came)
        assert any("is not the row of its hash" in str(c) for c in came)


def _forged(entry: db.LogEntry) -> db.LogEntry:
    """Return an entry with another rate."""
    leaf = entry.leaf
    place = leaf.find(b'"rate":"0.8')
    if place >= 0:
        leaf = leaf[: place + 8] + b"1.8" + leaf[place + 11 :]
    return msgspec.structs.replace(entry, leaf=leaf)
