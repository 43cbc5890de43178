"""Recording: what is answered is on disk, once, in one line of entries, whatever comes in."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.helpers.logs import POLICY, counted_salts, deal, lines_of, make_policy, opened, record

from walkaway import DeadLetter, Engine, Stream
from walkaway.deal.lines import Line
from walkaway.log import store as db
from walkaway.log.append import DecidedEvent
from walkaway.log.problems import StoreProblem
from walkaway.log.record import Recorder
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Store
from walkaway.log.verify import verify


def take(recorder: Recorder, *events: dict[str, Any]) -> list[DecidedEvent | DeadLetter]:
    return recorder.record(lines_of(events))


def dead(answer: DecidedEvent | DeadLetter) -> str:
    """Return the finding of an answer that is a dead letter."""
    assert isinstance(answer, DeadLetter), answer
    return f"{answer.findings[0].code}: {answer.findings[0].message}"


def test_answers_are_those_of_the_stream(store: Store) -> None:
    """Recorded decisions say what a stream over the same events says; only digests rest on seals in place of names."""
    stream = Stream(Engine(make_policy()))
    said = [next(stream.line(line.data, "events", line.number)) for line in lines_of(deal())]
    for expected, found in zip(said, record(store, deal()), strict=True):
        assert not found.repeated
        ours, theirs = (json.loads(json.dumps(_plain(d))) for d in (found.decision, expected))
        assert ours == theirs


def _plain(decision: Any) -> Any:
    """Return all of a decision but its digests."""
    import msgspec

    found = msgspec.to_builtins(decision)
    del found["position"]
    return found


def test_entries_stand_in_the_order_of_their_lines(store: Store) -> None:
    """Entries are numbered from 0 in the order of the lines, and each answer names its own."""
    answers = record(store, deal())
    assert [a.entry for a in answers] == list(range(11))
    assert [e.event for e in db.entries(store)] == [e["id"] for e in deal()]


@pytest.mark.slow
def test_a_restart_comes_back_to_the_same_positions(url: str) -> None:
    """A writer that starts anew folds a deal to the very position at which the one before it left it."""
    for end in range(1, len(deal()) + 1):
        with closing(opened(url)) as store:
            before = Recorder(store, make_policy(), counted_salts())
            assert isinstance(take(before, *deal()[:end])[-1], DecidedEvent)
            left = before.decider.find("D-1")
        with closing(opened(url)) as store:
            found = Recorder(store, make_policy(), counted_salts()).decider.find("D-1")
        assert found is not None
        assert left is not None
        assert (found.position, found.digest, found.names, found.events) == (
            left.position,
            left.digest,
            left.names,
            left.events,
        )


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_the_same_events_come_to_the_same_log_however_they_are_batched(url: str, tmp_path: Path, batch: int) -> None:
    """Neither how many events are committed together nor the kind of database shows in the log."""
    events = [e for pair in zip(deal("D-1"), deal("D-2"), strict=True) for e in pair]
    with closing(opened(url)) as store, closing(opened(str(tmp_path / "other.db"))) as other:
        record(store, events, batch=batch)
        record(other, events, batch=7)
        assert verify(store) == verify(other)


def test_an_event_that_is_there_already_gets_its_answer_and_nothing_is_added(url: str) -> None:
    """The same id with the same content, however it is spelled, gives the same decision and no entry."""
    with closing(opened(url)) as store:
        first = record(store, deal())
    again = deal()
    again[2]["terms"] = {"discount": "5.5 %", "term": "24 months"}
    with closing(opened(url)) as store:
        second = record(store, again, batch=11)
        assert db.size(store) == len(first)
    assert all(a.repeated for a in second)
    assert [(a.entry, a.answer) for a in second] == [(a.entry, a.answer) for a in first]


def test_an_event_that_comes_twice_in_one_batch_is_recorded_once(store: Store) -> None:
    """A repetition is seen before the first one is written."""
    recorder = Recorder(store, make_policy(), counted_salts())
    answers = take(recorder, deal()[0], deal()[0], deal()[1], deal()[1])
    assert [(a.entry, a.repeated) for a in answers if isinstance(a, DecidedEvent)] == [
        (0, False),
        (0, True),
        (1, False),
        (1, True),
    ]
    assert db.size(store) == 2


@pytest.mark.parametrize(
    ("number", "changed", "wanted"),
    [
        (1, {"terms": {"discount": "41%"}}, '`terms.discount` was `"40%"` there and is `"41%"` here'),
        (2, {"actor": "kim"}, "`actor` was a sealed text there and is a sealed text here"),
        (2, {"actor": ""}, "cannot be `actor`"),
        (3, {"note": "They said something else."}, "`note` was a sealed text there and is a sealed text here"),
        (4, {"actor": "kim"}, '`actor` was nothing there and is `"kim"` here'),
        (9, {"issues": ["term"]}, '`issues` was nothing there and is `["term"]` here'),
    ],
)
def test_an_id_with_other_content_is_an_error_that_names_both(
    url: str, number: int, changed: dict[str, Any], wanted: str
) -> None:
    """The error names the entry that has the id, the field, its content there and here; nothing is added."""
    with closing(opened(url)) as store:
        record(store, deal())
    with closing(opened(url)) as store:
        answer = take(Recorder(store, make_policy(), counted_salts()), {**deal()[number], **changed})[0]
        assert wanted in dead(answer)
        if "cannot be" not in wanted:
            assert f"event `e{number}` of deal `D-1` is entry {number} of the log" in dead(answer)
        assert db.size(store) == 11


def test_what_cannot_be_decided_leaves_no_trace(store: Store) -> None:
    """Lines that cannot be read or do not fit come back whole, with every reason, and the others are recorded."""
    recorder = Recorder(store, make_policy(), counted_salts())
    lines = [
        *lines_of([deal()[1], deal()[0]]),
        Line(b"\xff\xfe{\n", "events", 3),
        *lines_of([{**deal()[0], "id": "again"}, deal()[1]]),
    ]
    answers = recorder.record(lines)
    assert [isinstance(a, DeadLetter) for a in answers] == [True, False, True, True, False]
    assert isinstance(answers[2], DeadLetter)
    assert answers[2].original == b"\xff\xfe{\n"
    assert db.size(store) == 2
    assert not verify(store).damages


def test_a_batch_that_fails_leaves_nothing_and_the_next_one_goes_on(store: Store) -> None:
    """Where the store refuses to write, nothing of the batch is there, and the same writer can go on later."""

    class Failing(Exception):
        pass

    def broken() -> bytes:
        raise Failing

    recorder = Recorder(store, make_policy(), counted_salts())
    take(recorder, *deal()[:2])
    recorder.decider.salt = broken
    with pytest.raises(Failing):
        take(recorder, *deal()[2:])
    assert db.size(store) == 2
    recorder.decider.salt = counted_salts()
    assert all(isinstance(a, DecidedEvent) for a in take(recorder, *deal()))
    assert db.size(store) == 11
    assert not verify(store).damages


def test_two_writers_in_turn_never_fork_the_log(url: str) -> None:
    """A writer takes in what another has appended, of the same deal too, before it decides."""
    with closing(opened(url)) as one, closing(opened(url)) as two:
        writers = [Recorder(store, make_policy(), counted_salts()) for store in (one, two)]
        for number, event in enumerate(deal()):
            (answer,) = take(writers[number % 2], event)
            assert isinstance(answer, DecidedEvent)
            assert answer.entry == number
        assert [e.event for e in db.entries(one)] == [e["id"] for e in deal()]
        assert not verify(two).damages


def test_a_deal_stays_under_the_policy_it_opened_under(url: str) -> None:
    """A newer policy decides the deals that open under it; those that are open go on under theirs, from the store."""
    newer = make_policy(POLICY.replace("version: 3", "version: 4").replace("discount > 15%", "discount > 1%"))
    with closing(opened(url)) as store:
        record(store, deal("old")[:2])
        answers = record(store, [*deal("new")[:3], deal("old")[2]], newer)
        assert [a.decision.policy.version for a in answers] == [4, 4, 4, 3]
        assert [a.verdict for a in answers[2:]] == ["escalate", "trade"]
        assert len(db.policy_names(store)) == 2
        assert not verify(store).damages


def test_an_update_moves_a_deal_to_the_current_policy(url: str) -> None:
    """A deal that an update moves is folded anew under the current policy, and goes on under it."""
    newer = make_policy(POLICY.replace("version: 3", "version: 4").replace("discount > 15%", "discount > 1%"))
    moved = {**deal()[7], "policy": "licences"}
    with closing(opened(url)) as store:
        record(store, deal()[:7])
        answers = record(
            store,
            [moved, {**deal()[6], "id": "x", "at": "2026-10-05T09:07:30Z", "terms": {"term": "12 months"}}],
            newer,
        )
        assert [a.decision.policy.version for a in answers] == [4, 4]
        assert not verify(store).damages
    with closing(opened(url)) as store:
        assert [a.decision.policy.version for a in record(store, deal()[8:], newer)] == [4, 4, 4]


HOSTILE = [
    "'; SELECT 1; --",
    '"quoted"',
    "%s ? {} \\",
    "ünï-çødé 🤝 ⁂",
    "a/b/../c",
    "x" * 200,
    "=1+1",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_ids_of_hostile_shape_are_kept_as_they_are(url: str, name: str) -> None:
    """Whatever can be printed may be an id or a name, and comes back as it was."""
    with closing(opened(url)) as store:
        events = [{**e, "id": f"{name[:190]}{i}", "actor": name} for i, e in enumerate(deal(name)[:4])]
        events[3]["note"] = f"{name}\n\0\x1b[31m{name}"
        record(store, events)
        assert [e.event for e in db.of_deal(store, name)] == [e["id"] for e in events]
        assert {i.text for i in db.items(store, name).values()} == {name, "Ada Byron", events[3]["note"]}
        assert not verify(store).damages


@pytest.mark.parametrize("field", ["id", "deal"])
def test_what_looks_like_a_seal_is_refused(store: Store, field: str) -> None:
    """A seal in a place that is not sealed would pass for one: such an event is a dead letter."""
    recorder = Recorder(store, make_policy(), counted_salts())
    found = "sealed:" + "0" * 64
    assert "stands for a sealed text" in dead(take(recorder, {**deal()[0], field: found})[0])
    assert isinstance(take(recorder, {**deal()[0], "actor": found})[0], DecidedEvent)
    assert not verify(store).damages


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "a\x1b[31m", "x" * 201, "\u202eabc"])
@pytest.mark.parametrize("field", ["id", "deal", "actor"])
def test_ids_that_cannot_be_printed_are_refused(store: Store, name: str, field: str) -> None:
    """An id with control characters, or of more than 200 characters, is a dead letter."""
    recorder = Recorder(store, make_policy(), counted_salts())
    assert "WA503" in dead(take(recorder, {**deal()[0], field: name})[0])


def test_a_note_of_nearly_a_megabyte_is_sealed_like_any_other(store: Store) -> None:
    """A long note lies beside the record; the entry stays small."""
    note = "\0é'" * 75_000
    record(store, [*deal()[:3], {**deal()[3], "note": note}])
    assert note in {i.text for i in db.items(store, "D-1").values()}
    entry = db.entry(store, 3)
    assert entry is not None
    assert len(entry.leaf) < 3000
    recorder = Recorder(store, make_policy(), counted_salts())
    assert "WA511" in dead(take(recorder, {**deal()[3], "id": "long", "note": "x" * (1 << 20)})[0])


def test_a_store_that_is_none_is_refused(url: str, tmp_path: Any) -> None:
    """Reading wants a store that is there; a file that holds something else is left alone."""
    with pytest.raises(StoreProblem):
        opened(url, writable=False)
    other = tmp_path / "other.db"
    other.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreProblem, match="not a database"):
        opened(str(other))
    assert other.read_bytes() == b"not a database at all" * 100


def test_entries_are_canonical(store: Store) -> None:
    """An independent implementation of RFC 8785 comes to the bytes of every entry."""
    record(store, deal())
    for entry in db.entries(store):
        assert rfc8785.dumps(json.loads(entry.leaf)) == entry.leaf


TERMS = {"discount": "16%", "term": "200 months"}
ENOUGH = {"role": "manager", "terms": {"discount": "20%", "term": "12 months"}}
SPELT = [
    {"id": f"e{n}", "deal": "D-1", "at": f"2026-10-05T09:0{n}:00Z", **said}
    for n, said in enumerate(
        [
            {"type": "open", "facts": {"list_price": "100,000 USD", "segment": "large"}},
            {"type": "offer", "by": "us", "actor": "Zoë", "terms": TERMS},
            {"type": "approve", "approver": "zoe\u0308 ", **ENOUGH},
            {"type": "offer", "by": "us", "actor": "ZOË", "terms": TERMS},
            {"type": "approve", "approver": "sam", **ENOUGH},
            {"type": "offer", "by": "us", "actor": "ZOË", "terms": TERMS},
        ]
    )
]


@pytest.mark.parametrize("batches", [1, len(SPELT)])
def test_nobody_approves_their_own_offer_under_another_spelling(store: Store, batches: int) -> None:
    """Names are sealed apart and compared as one: in one run, and where each event finds a new writer."""
    size = len(SPELT) // batches
    answers = [a for start in range(0, len(SPELT), size) for a in record(store, SPELT[start : start + size])]
    assert [a.verdict for a in answers] == [
        "proceed", "escalate", "proceed", "escalate", "proceed", "proceed"
    ]  # fmt: skip
    assert [json.loads(a.answer)["event"] for a in record(store, SPELT) if a.repeated] == [e["id"] for e in SPELT]
    texts = {item.text for _, item in db.all_items(store)}
    assert {"Zoë", "zoe\u0308 ", "ZOË", "sam"} <= texts


def test_who_goes_by_several_names_is_declared_and_stays_known_sealed(store: Store) -> None:
    """Under `people:` a name is known by its id, in the log too; a name nobody declared counts for nobody."""
    policy = make_policy(POLICY.replace("roles:", "people: {zoe: [Zoë, Z. Brandt], sam: [sam]}\nroles:"))
    events = [{**e, "actor": "Z. Brandt"} if "actor" in e else e for e in SPELT]
    events[2] = {**events[2], "approver": "zoë"}
    answers = record(store, [*events[:4], {**events[4], "approver": "sammy"}, events[5]], policy)
    assert [a.verdict for a in answers][3:] == ["escalate", "proceed", "escalate"]
    (again,) = record(store, [{**events[5], "id": "e7", "at": "2026-10-05T09:07:00Z"}], policy)
    assert again.verdict == "escalate"
    record(store, [{**events[4], "id": "e8", "at": "2026-10-05T09:08:00Z"}], policy)
    (cleared,) = record(store, [{**events[5], "id": "e9", "at": "2026-10-05T09:09:00Z"}], policy)
    assert cleared.verdict == "proceed"


def test_a_batch_decided_ahead_is_recorded_as_by_itself(tmp_path: Path) -> None:
    """What is decided while the batch before it is committed gives the very entries that it would have given later."""
    lines = lines_of(deal())
    parts = [lines[:3], lines[3:7], lines[7:]]
    logs = []
    for name, aheads in (("one", [(), (), ()]), ("other", [parts[1], parts[2], ()])):
        with closing(Sqlite(tmp_path / name, writable=True)) as store:
            recorder = Recorder(store, make_policy(), counted_salts())
            for part, ahead in zip(parts, aheads, strict=True):
                assert len(recorder.record(part, ahead=ahead)) == len(part)
            logs.append(list(db.entries(store)))
    assert logs[0] == logs[1]
    assert len(logs[0]) == len(lines)


def test_what_was_decided_ahead_counts_only_where_nobody_else_has_written(tmp_path: Path) -> None:
    """Another writer's entries are taken in first; what was decided without them is decided again."""
    path, lines = tmp_path / "log.db", lines_of(deal())
    with closing(Sqlite(path, writable=True)) as store, closing(Sqlite(path, writable=True)) as second:
        ours = Recorder(store, make_policy(), counted_salts())
        other = Recorder(second, make_policy(), counted_salts(1_000))
        ahead = lines[3:6]
        ours.record(lines[:3], ahead=ahead)
        theirs = other.record(lines[3:5])
        answers = ours.record(ahead)
        assert [isinstance(a, DecidedEvent) and (a.entry, a.repeated) for a in (*theirs, *answers)] == [
            (3, False), (4, False), (3, True), (4, True), (5, False),
        ]  # fmt: skip
        ours.record(lines[6:])
        assert [e.event for e in db.entries(store)] == [e["id"] for e in deal()]
        assert not verify(store).damages


def test_nothing_is_answered_that_could_not_be_committed_while_more_was_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the commit fails, neither its batch nor the one decided meanwhile is in the log, nor in memory."""
    lines = lines_of(deal())
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        recorder = Recorder(store, make_policy(), counted_salts())
        recorder.record(lines[:3])
        execute = Sqlite._execute

        def full(self: Sqlite, sql: str, *values: object) -> Any:
            if sql == "COMMIT":
                raise StoreProblem("the disk is full")
            return execute(self, sql, *values)

        monkeypatch.setattr(Sqlite, "_execute", full)
        with pytest.raises(StoreProblem, match="full"):
            recorder.record(lines[3:5], ahead=lines[5:])
        monkeypatch.undo()
        assert db.size(store) == 3
        answers = recorder.record(lines[3:])
        assert [isinstance(a, DecidedEvent) and (a.entry, a.repeated) for a in answers] == [
            (n, False) for n in range(3, len(lines))
        ]
