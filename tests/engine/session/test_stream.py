"""Lines in, decisions or dead letters out: ids, order, late events, and what cannot be decided."""

import json

import pytest

from walkaway import Changed, DeadLetter, Decision, Engine, Stream, encode
from walkaway.deal.admission import Unfit
from walkaway.language.codes import Code

TICK = {"type": "tick"}


def line(name, hour, deal="D", **event) -> bytes:
    """Return a line at an hour of 2026-10-01, with minutes after the point."""
    at = f"2026-10-01T{int(hour):02d}:{round(hour % 1 * 100):02d}:00Z"
    return json.dumps({"id": name, "deal": deal, "at": at, **event}).encode() + b"\n"


def opened(name="e1", hour=9, deal="D", **event) -> bytes:
    """Return the line that opens a deal at a list price of 100,000 USD."""
    return line(name, hour, deal, **{"type": "open", "facts": {"list_price": "100,000 USD"}, **event})


def offer(name, hour, by, deal="D", **terms) -> bytes:
    """Return the line of an offer."""
    return line(name, hour, deal, type="offer", by=by, terms=terms)


@pytest.fixture
def engine(tell) -> Engine:
    """Return an engine under the policy `SELLER`."""
    return tell().engine


@pytest.fixture
def stream(engine) -> Stream:
    """Return a stream that takes events in their order."""
    return Stream(engine)


@pytest.fixture
def late(engine) -> Stream:
    """Return a stream that folds late events where they belong."""
    return Stream(engine, allow_late=True)


def run(stream, *lines) -> list[Decision | DeadLetter | Changed]:
    """Return what comes of some lines."""
    return list(stream.lines(lines, "deal.jsonl"))


def only(answers):
    """Return the single answer."""
    (answer,) = answers
    return answer


def codes(answers) -> list[str]:
    """Return the verdict of each decision, the code of each dead letter, and `changed` for the rest."""
    return [
        a.verdict if isinstance(a, Decision) else a.findings[0].code if isinstance(a, DeadLetter) else "changed"
        for a in answers
    ]


# Ids


def test_the_same_event_again_gives_the_same_decision_and_counts_once(stream):
    """Also much later, and also after the deal has closed; the bytes are the same."""
    first = run(stream, opened(), offer("e2", 10, "us", discount="5%"))
    again = run(stream, opened(), offer("e2", 10, "us", discount="5%"))
    assert [encode(a) for a in again] == [encode(a) for a in first]
    assert stream.deals["D"].position.uncleared == 1
    run(stream, line("e3", 11, type="close", outcome="lost"))
    assert only(run(stream, offer("e2", 10, "us", discount="5%"))) == first[1]


def test_an_old_event_again_gives_the_same_decision(stream, monkeypatch):
    """Only the latest decisions are kept; an older one is made again, to the same bytes."""
    monkeypatch.setattr("walkaway.session.stream.RECENT", 2)
    events = [opened(), offer("e2", 10, "them", discount="30%"), offer("e3", 11, "us", discount="5%")]
    first = run(stream, *events, line("e4", 12, **TICK), opened(deal="E"), offer("e2", 12, "us", "E", discount="1%"))
    assert len(stream.recent) == 2
    for event, decision in zip(events, first, strict=False):
        assert encode(only(run(stream, event))) == encode(decision)
    assert len(stream.recent) == 2


def test_the_same_content_may_be_spelled_otherwise(stream):
    """What counts is what the event says."""
    first = run(stream, opened(), offer("e2", 10, "us", discount="5%"))[1]
    respelled = (
        b'{"type":"offer","terms":{"discount":"5.0%"},"by":"us","at":"2026-10-01T10:00:00Z","deal":"D","id":"e2"}'
    )
    assert only(run(stream, respelled)) == first


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (offer("e2", 10, "us", discount="6%"), "terms"),
        (offer("e2", 10, "them", discount="5%"), "by"),
        (offer("e2", 11, "us", discount="5%"), "at"),
        (line("e2", 10, type="tick"), "type"),
    ],
)
def test_an_id_stands_for_one_event(stream, other, field):
    """With other content it is an error that names the field, and the deal stays as it is."""
    run(stream, opened(), offer("e2", 10, "us", discount="5%"))
    before = stream.deals["D"].position
    letter = only(run(stream, other))
    assert (letter.findings[0].code, letter.findings[0].message, letter.findings[0].hint) == (
        Code.ID_REUSED,
        f"event `e2` of deal `D` has come before, with another `{field}`",
        "give it an id of its own",
    )
    assert stream.deals["D"].position is before


def test_deals_have_ids_of_their_own(stream):
    """One deal's `e1` is not another's, and their events may come mixed."""
    answers = run(
        stream,
        opened("e1", 9, "A"),
        opened("e1", 8, "B"),
        offer("e2", 12, "us", "A", discount="5%"),
        offer("e2", 10, "us", "B", prepay="yes"),
        line("e3", 11, "B", type="close", outcome="won"),
        line("e3", 13, "A", type="tick"),
    )
    assert codes(answers) == ["proceed", "proceed", "trade", "proceed", "hold", "proceed"]


def test_an_id_that_was_a_dead_letter_is_free(stream):
    """What was never decided can be put right under its own id."""
    answers = run(stream, opened(), offer("e2", 10, "us", discount="5"), offer("e2", 10, "us", discount="5%"))
    assert codes(answers) == ["proceed", Code.EVENT_VALUE, "trade"]


# Dead letters


def test_a_dead_letter_keeps_its_line_and_the_stream_goes_on(stream):
    """With file, line number, every reason, and the bytes as they came; blank lines count as lines."""
    broken = b'{"id": "e2", "deal": "D", "at": "now", "type": "ofer"}\r\n'
    answers = run(stream, opened(), b"\n", broken, b"   \n", line("e3", 11, **TICK))
    assert codes(answers) == ["proceed", Code.UNKNOWN_EVENT_TYPE, "proceed"]
    assert (answers[1].file, answers[1].line, answers[1].original) == ("deal.jsonl", 3, broken)


def test_a_dead_letter_points_at_what_does_not_fit_the_deal(stream):
    """The caret is under the issue that nobody offered."""
    run(stream, opened(), offer("e2", 10, "them", discount="5%"))
    letter = only(run(stream, line("e3", 11, type="accept", by="us", issues=["discount", "term"])))
    (finding,) = letter.findings
    assert finding.code is Code.NOTHING_TO_ACCEPT
    start = finding.span.column - 1
    assert finding.span.text[start : start + finding.span.length] == '"term"'


def test_events_of_a_deal_that_could_not_open_are_dead_letters(stream):
    """Nothing is decided about a deal of which nothing is known."""
    answers = run(stream, opened(facts={"list_price": 3}), offer("e2", 10, "us", discount="5%"))
    assert codes(answers) == [Code.EVENT_VALUE, Code.NOT_OPENED]
    assert not stream.deals


def test_a_byte_order_mark_is_no_part_of_the_first_line(stream):
    """It is one at the beginning of a file, and nowhere else."""
    mark = b"\xef\xbb\xbf"
    assert codes(run(stream, mark + opened(), mark + line("e2", 10, **TICK))) == ["proceed", Code.NOT_JSON]


# Late events


def test_an_older_event_is_an_error(stream):
    """Unless late events are allowed; one at the same instant is none."""
    answers = run(
        stream, opened(), line("e2", 12, **TICK), line("e3", 12, **TICK), offer("e4", 11.59, "them", discount="9%")
    )
    assert codes(answers) == ["proceed", "proceed", "proceed", Code.LATE]
    assert (
        answers[3].findings[0].hint
        == "order the events by `at`; `walkaway check --allow-late` says what it would have changed"
    )


def test_a_late_event_is_folded_where_it_belongs(late, engine):
    """Position and decisions are those of a stream in which it came in time."""
    events = [
        opened(),
        offer("e2", 10, "them", discount="30%"),
        offer("e3", 11, "them", discount="24%"),
        offer("e4", 12, "us", discount="6%"),
    ]
    run(late, events[0], events[1], events[3])
    answers = run(late, events[2])
    in_time = Stream(engine)
    wanted = run(in_time, *events)
    assert answers[0] == wanted[2]
    assert late.deals["D"].position == in_time.deals["D"].position
    assert [late.recent["D", name] for name in late.deals["D"].events] == wanted
    assert late.deals["D"].verdict == wanted[3].verdict


def test_a_late_event_says_which_decisions_would_have_differed(late):
    """Their move of 6,000 pays for our concession of 6,000; an approval that was late changes a reason only."""
    run(late, opened(), offer("e2", 10, "them", discount="30%"), offer("e4", 12, "us", discount="6%"))
    answers = run(late, offer("e3", 11, "them", discount="24%"))
    assert codes(answers) == ["trade", "changed"]
    assert answers[1] == Changed("e4", "trade", "proceed")
    assert codes(run(late, line("e5", 11.30, **TICK))) == ["proceed"]


def test_a_changed_reason_counts_as_changed(late):
    """The verdict stays `refuse`; a rule that decided is now met by an approval."""
    run(late, opened(), line("e2", 10, type="offer", by="us", actor="ana", terms={"discount": "21%"}))
    approval = {"type": "approve", "approver": "dana", "role": "cfo", "terms": {"discount": "25%"}}
    assert run(late, line("e3", 9.30, **approval))[1:] == [Changed("e2", "refuse", "refuse")]


def test_a_late_event_comes_behind_those_of_its_instant(late):
    """At the same `at` what came first stays first."""
    run(late, opened(), offer("e2", 10, "them", discount="30%"), line("e3", 11, **TICK))
    run(late, offer("e4", 10, "them", discount="20%"))
    assert list(late.deals["D"].events) == ["e1", "e2", "e4", "e3"]
    assert late.deals["D"].position.theirs.net == 10_000_00 * late.deals["D"].position.valuation.scale


def test_nothing_is_older_than_the_opening(late):
    """A late event cannot come before its deal began."""
    run(late, opened(), line("e2", 10, **TICK))
    assert codes(run(late, line("e3", 8.59, **TICK))) == [Code.LATE]


def test_a_late_event_that_would_undo_later_ones_is_refused(late):
    """Had the deal closed earlier, the offers after it could not have been; nothing changes, and the reason says so."""
    run(late, opened(), offer("e2", 12, "us", discount="1%"))
    before = late.deals["D"].position
    letter = only(run(late, line("e3", 11, type="close", outcome="lost")))
    (finding,) = letter.findings
    assert finding.code is Code.LATE
    assert (
        finding.message
        == "folded where it belongs, this event leaves no place for event `e2`: deal `D` is closed (lost)"
    )
    assert late.deals["D"].position is before
    assert codes(run(late, line("e4", 13, **TICK))) == ["proceed"]


def test_a_late_event_twice_is_one_event(late):
    """Its id is remembered where it was folded."""
    run(late, opened(), line("e2", 12, **TICK))
    first = run(late, offer("e3", 11, "them", discount="9%"))
    assert run(late, offer("e3", 11, "them", discount="9%")) == first[:1]
    assert late.deals["D"].position.theirs.offers == 1


# Asking


def test_asking_keeps_nothing(stream):
    """The offer is judged as one more event, and the deal stays as it was."""
    run(stream, opened(), offer("e2", 10, "them", discount="30%"))
    before = stream.deals["D"].position
    asked = [stream.ask("D", {"discount": "5%"}), stream.ask("D", {"discount": "2%", "prepay": "yes"})]
    assert codes(asked) == ["trade", "proceed"]
    assert (asked[0].event, asked[0].at) == ("e2+1", "2026-10-01T10:00:00Z")
    assert stream.deals["D"].position is before


def test_asking_tells_what_cannot_be_read(stream):
    """As any line does."""
    run(stream, opened())
    assert codes(
        [stream.ask("D", {"discount": "5"}), stream.ask("D", {"term": "1 month"}, at="2026-01-01T00:00:00Z")]
    ) == [
        Code.EVENT_VALUE,
        Code.LATE,
    ]


def test_an_event_alone_raises_what_does_not_fit(stream, engine):
    """Without a line there is nothing to point at."""
    event = stream.decoder.decode(line("e1", 9, **TICK)).unwrap()
    with pytest.raises(Unfit, match="deal `D` has not been opened"):
        list(stream.event(event))


def test_an_event_that_was_held_is_confirmed_under_an_id_of_its_own(stream):
    """No record is replaced, and the message says how it is confirmed instead."""
    late = {"type": "offer", "by": "them", "terms": {"discount": "5%"}, "at": "2062-10-01T09:00:00Z"}
    run(stream, opened(), line("e2", 10, **late))
    letter = only(run(stream, line("e2", 10, **late, confirmed="yes")))
    assert letter.findings[0].code is Code.ID_REUSED
    assert letter.findings[0].hint == (
        "what was held stays on record as it was; send it with an id of its own and `confirmed: yes`"
    )
    assert only(run(stream, line("e3", 10, **late, confirmed="yes"))).verdict != "hold"
