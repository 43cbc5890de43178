"""What they owe once a deal is won: until when, by which days, what delivers it, and what a log tells of it."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers.findings import read
from tests.helpers.generated_functions import assert_same
from tests.helpers.logs import counted_salts

from walkaway import Core, DeadLetter, Decision, Engine, Policy, Stream
from walkaway.backtest.columnar.understood import LeftOut, refusal
from walkaway.deal.decode import Decoder
from walkaway.deal.encode import EventWriter
from walkaway.deal.lines import Line
from walkaway.deal.position import Position, packed, unpacked
from walkaway.language.instants import LAST_DAY
from walkaway.log.auditing import audit
from walkaway.log.policies import Policies
from walkaway.log.record import Recorder
from walkaway.log.replaying import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import entries
from walkaway.log.stored import fits
from walkaway.log.verify import verify
from walkaway.session import history_of
from walkaway.testing import mutants_of

POLICY = """policy: owing
version: 1
side: seller
currency: USD
issues:
  discount: {type: percent, start: 0%, least: 0%, most: 100%, worth: "-1,000 USD per 1%"}
  reference: {type: yes/no, start: no, worth: "4,000 USD", owed: 60 days after close}
  visits: {type: count, start: 1, least: 0, most: 9, worth: "500 USD per 1", owed: 2 weeks after close}
roles: [manager]
rules:
  overdue: {why: A promise is kept., on: [tick, update], when: owed.late >= 1, then: escalate, to: manager}
"""
CALENDAR = """calendar: {file: calendar.csv}
"""
ROWS = "day,starts,fiscal_year,quarter,month,business\n" + "".join(
    f"2026-{month:02}-{day:02},2026-{month:02}-{day:02}T05:00:00Z,2026,1,{month},yes\n"
    for month, days in ((1, 31), (2, 28), (3, 31))
    for day in range(1, days + 1)
)
TERMS = b'"terms":{"discount":"4%","reference":"yes","visits":"3"}}'
WON = (
    b'{"id":"1","deal":"D","at":"2026-01-05T09:00:00Z","type":"open"}',
    b'{"id":"2","deal":"D","at":"2026-01-05T10:00:00Z","type":"offer","by":"us",%s' % TERMS,
    b'{"id":"3","deal":"D","at":"2026-01-05T11:00:00Z","type":"accept","by":"them"}',
    b'{"id":"4","deal":"D","at":"2026-01-06T02:00:00Z","type":"close","outcome":"won"}',
)


def policy(more: str = "", text: str = POLICY) -> Policy:
    """Read the policy, with more below it."""
    files = {"calendar.csv": ROWS.encode()} if "calendar.csv" in more else {}
    return read(text + more, files).unwrap()


OWING = policy()


def tick(n: int, at: str) -> bytes:
    """Let time pass in the deal."""
    return b'{"id":"%d","deal":"D","at":"%s","type":"tick"}' % (n, at.encode())


def delivered(n: int, at: str, *issues: str) -> bytes:
    """Say that issues were delivered."""
    named = ",".join(f'"{i}"' for i in issues)
    line = f'{{"id":"{n}","deal":"D","at":"{at}","type":"update","delivered":[{named}],"proof":"seen by ana"}}'
    return line.encode()


def answers(of: Policy, *lines: bytes, core: Core = Core.BOTH) -> tuple[Stream, list[Decision | DeadLetter]]:
    """Decide lines."""
    stream = Stream(Engine(of, core))
    return stream, [a for a in stream.lines(lines, "deal.jsonl") if isinstance(a, Decision | DeadLetter)]


def standing(of: Policy, *lines: bytes) -> Position:
    """Return where the deal stands after lines that all fit."""
    stream, found = answers(of, *lines)
    assert all(isinstance(a, Decision) for a in found), found
    return stream.deals["D"].position


def code(answer: Decision | DeadLetter) -> str:
    """Return the verdict, or the code of what is wrong."""
    return answer.verdict.value if isinstance(answer, Decision) else answer.findings[0].code.value


def test_what_is_promised_beyond_the_start_is_owed_from_the_close_on() -> None:
    """A word that is no better for us than the start value is no promise; the days are those of UTC."""
    assert standing(OWING, *WON).owed == {"reference": 20459 + 60, "visits": 20459 + 14}
    worse = WON[1].replace(b'"visits":"3"', b'"visits":"0"')
    assert standing(OWING, WON[0], worse, *WON[2:]).owed == {"reference": 20459 + 60}


def test_what_was_delivered_before_the_deal_is_won_is_not_owed() -> None:
    """And it is delivered no second time; where all was, nothing is waited for."""
    early = [delivered(9, "2026-01-05T12:00:00Z", "reference"), delivered(8, "2026-01-05T13:00:00Z", "visits")]
    assert standing(OWING, *WON[:3], early[0], WON[3]).owed == {"visits": 20459 + 14}
    assert standing(OWING, *WON[:3], *early, WON[3]).is_over
    _, found = answers(OWING, *WON[:3], early[0], WON[3], delivered(7, "2026-01-07T12:00:00Z", "reference"))
    assert code(found[-1]) == "WA614"


def test_days_are_those_of_the_calendar() -> None:
    """At two in the morning of UTC it is still the day before, so that it is due a day earlier."""
    assert standing(policy(CALENDAR), *WON).owed == {"reference": 20458 + 60, "visits": 20458 + 14}


def test_nothing_is_due_after_the_last_day_that_there_is() -> None:
    """However long they have: what is told of it is a day all the same."""
    long = policy(text=POLICY.replace("2 weeks after", "9999999 days after"))
    due = standing(long, *WON).owed["visits"]
    assert (due, long.day_text(due)) == (LAST_DAY, "9999-12-31 UTC")


def test_it_is_late_on_the_day_after_the_last() -> None:
    """Both cores say so, by the instants of the deal's events."""
    ticks = [tick(5, "2026-01-20T23:59:59Z"), tick(6, "2026-01-21T00:00:00Z")]
    for core in (Core.PLAIN, Core.RETE, Core.BOTH):
        _, found = answers(OWING, *WON, *ticks, core=core)
        assert [code(a) for a in found[-2:]] == ["proceed", "escalate"]


def test_generated_functions_leave_what_comes_after_a_close_or_the_calendar_to_the_rooms() -> None:
    """The same answer and the same deal either way; after the calendar's last row an event is held."""
    late = [tick(5, "2026-01-21T00:00:00Z"), delivered(6, "2026-01-22T00:00:00Z", "visits")]
    engine = Engine(OWING, Core.PLAIN)
    found = assert_same(engine, [Decoder(OWING).decode(line).unwrap() for line in (*WON, *late)])
    assert found == {"Open": 1, "Offer": 1, "Accept": 1, "Close by the rooms": 1, **_BY_THE_ROOMS}
    dated = policy(CALENDAR)
    beyond = [line.replace(b"2026-01-05T1", b"2026-04-05T1") for line in WON[:2]]
    assert assert_same(Engine(dated, Core.PLAIN), [Decoder(dated).decode(line).unwrap() for line in beyond]) == {
        "Open": 1, "Offer by the rooms": 1,
    }  # fmt: skip
    assert [code(a) for a in answers(dated, *beyond)[1]] == ["proceed", "hold"]


_BY_THE_ROOMS = {"Tick by the rooms": 1, "Update by the rooms": 1}


def test_after_the_close_only_time_and_deliveries_come() -> None:
    """What else comes is told what the deal waits for, and after the last delivery nothing does."""
    offer = WON[1].replace(b'"2","deal"', b'"6","deal"').replace(b"2026-01-05", b"2026-01-08")
    facts = delivered(7, "2026-01-08T09:00:00Z", "visits").replace(b'"proof"', b'"facts":{},"batna":"1 USD","proof"')
    more = (
        delivered(5, "2026-01-07T09:00:00Z", "visits"), offer, facts, delivered(8, "2026-01-08T09:00:00Z", "visits"),
        delivered(9, "2026-01-09T09:00:00Z", "reference"), tick(10, "2026-01-10T09:00:00Z"),
    )  # fmt: skip
    _, found = answers(OWING, *WON, *more)
    assert [code(a) for a in found[4:]] == ["proceed", "WA605", "WA605", "WA614", "proceed", "WA605"]
    (told,) = found[5].findings  # type: ignore[union-attr]
    assert told.hint == "it waits for what they owe alone: an `update` with `delivered` and `proof` of `reference`"


def test_an_event_of_a_delivery_is_written_as_it_was_read_and_a_position_laid_aside() -> None:
    """Content and digest are the same when they come back."""
    stream, _ = answers(OWING, *WON, delivered(5, "2026-01-07T09:00:00Z", "visits"))
    event = stream.deals["D"].events["5"]
    assert EventWriter(OWING).content(event)["delivered"] == ["visits"]
    position = stream.deals["D"].position
    assert unpacked(packed(position)) == position
    assert position.digest() != standing(OWING, *WON).digest()


def test_a_layer_below_may_let_something_be_owed_and_sooner() -> None:
    """What the layer above says is owed may be due sooner, and not later."""
    beside = {"above.yaml": POLICY.encode()}
    lower = "policy: lower\nversion: 1\nextends: above.yaml\nissues: {reference: {owed: %s}}\n"
    below = read(lower % "30 days after close", beside).unwrap()
    assert below.owed["reference"].owed == 30
    _, found = answers(below, *WON, tick(5, "2026-02-06T00:00:00Z"), delivered(6, "2026-02-07T09:00:00Z", "reference"))
    assert [code(a) for a in found[4:]] == ["escalate", "escalate"]  # the visits are late too
    (finding,) = read(lower % "61 days after close", beside).findings
    assert finding.code.value == "WA214"


def test_what_only_a_layer_below_knows_keeps_the_deal_open_in_all_layers() -> None:
    """The layer above judges what comes after the close too."""
    above = {"above.yaml": POLICY.replace(", owed: 60 days after close", "").encode()}
    below = read(
        "policy: lower\nversion: 1\nextends: above.yaml\nissues: {reference: {owed: 60 days after close}}\n", above
    ).unwrap()
    _, found = answers(
        below, *WON, delivered(5, "2026-01-07T09:00:00Z", "visits"), delivered(6, "2026-01-08T09:00:00Z", "reference")
    )
    assert [code(a) for a in found[4:]] == ["proceed", "proceed"]


def test_columns_leave_such_a_policy_to_the_engine() -> None:
    """And say why."""
    assert refusal(OWING) is LeftOut.OWED


def test_the_days_are_mutated() -> None:
    """One day later and one day sooner, of each issue that is owed."""
    found = [m for m in mutants_of(OWING) if m.of.startswith("owed of ")]
    assert [(m.of, m.text) for m in found] == [
        (f"owed of {i}", t) for i, t in (("reference", "60 days after close"), ("visits", "2 weeks after close"))
        for _ in "+-"
    ]  # fmt: skip
    late = [answers(m.policy, *WON, tick(5, "2026-01-21T00:00:00Z"))[1][-1] for m in found[2:]]
    assert [code(a) for a in late] == ["proceed", "escalate"]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record a deal that owes, and one that was late."""
    path = tmp_path_factory.mktemp("owed") / "log.db"
    other = [
        line.replace(b'"deal":"D"', b'"deal":"E"') for line in (*WON, delivered(5, "2026-01-25T09:00:00Z", "visits"))
    ]
    lines = [*WON, *other, tick(6, "2026-01-26T09:00:00Z")]
    with closing(Sqlite(path, writable=True)) as store:
        Recorder(store, OWING, counted_salts()).record([Line(line, "deal.jsonl", n) for n, line in enumerate(lines, 1)])
    return path


def test_a_log_is_whole_once_all_is_delivered(tmp_path: Path) -> None:
    """Then the deal is kept no more, and stays closed whatever was said after its close; until then it is kept."""
    after = [delivered(5, "2026-01-10T09:00:00Z", "visits"), delivered(6, "2026-01-11T09:00:00Z", "reference")]
    for count, kept in ((0, 1), (1, 1), (2, 0)):
        with closing(Sqlite(tmp_path / f"{count}.db", writable=True)) as store:
            lines = [Line(line, "deal.jsonl", n) for n, line in enumerate([*WON, *after[:count]], 1)]
            Recorder(store, OWING, counted_salts()).record(lines)
            assert len(list(store.rows("SELECT deal FROM positions"))) == kept
            assert verify(store, [], [], fits=fits).damages == ()


def test_an_audit_tells_what_is_overdue_and_what_came_late(log: Path) -> None:
    """By what the log has come to; what is not due yet is none of it."""
    with closing(Sqlite(log, writable=False)) as store:
        found = [str(f) for f in audit(store, Policies(store, Core.PLAIN, lambda _: None))]
    due = "promised when the deal was won and due on 2026-01-20 UTC"
    assert found == [
        f"entry 3, deal `D`: `visits`, {due}, is not delivered",
        f"entry 8, deal `E`: `visits`, {due}, was delivered late",
    ]


def test_a_log_with_deliveries_is_whole_and_replays(log: Path) -> None:
    """Deals that owe are kept among the open ones, and a proof stands sealed."""
    with closing(Sqlite(log, writable=False)) as store:
        assert verify(store, [], [], fits=fits).damages == ()
        policies = Policies(store, Core.PLAIN, lambda _: None)
        assert set(replay(store, policies, entries(store))) == {None}
        assert {row[0] for row in store.rows("SELECT deal FROM positions")} == {"D", "E"}
    assert b"seen by ana" not in b"".join(leaf for leaf in leaves(log))


def leaves(log: Path) -> list[bytes]:
    """Return the leaves of a log."""
    with closing(Sqlite(log, writable=False)) as store:
        return [bytes(row[0]) for row in store.rows("SELECT leaf FROM entries")]


def test_the_course_of_a_deal_ends_with_what_is_owed() -> None:
    """Each issue with its day, until it is delivered."""
    stream, _ = answers(OWING, *WON, delivered(5, "2026-01-07T09:00:00Z", "visits"))
    deal = stream.deals["D"]
    found = history_of(deal.version.engine, deal.events.values())
    assert found.owed == {"reference": "2026-03-07 UTC"}
    assert found.turns[-1].what == "delivered visits: seen by ana"
