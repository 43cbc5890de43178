"""Who is one person: however a name is written, whoever goes by it, nobody is two."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from tests.helpers.findings import read

from walkaway.deal import cover
from walkaway.deal.cover import is_by_mover, name_of, party_of, people_of
from walkaway.deal.letters import DeadLetter
from walkaway.deal.position import Approval, Position
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Core, Engine
from walkaway.events import Approve, Terms
from walkaway.language.values import folded
from walkaway.session.stream import Stream

LOPEZ = "ana lópez"
APPROVED = """\
policy: example
version: 1
side: seller
currency: USD
issues:
  discount: {type: percent, start: 0%, worth: -100 USD per 1%, walk: 20%}
  term: {type: months, start: 12 months, worth: 10 USD per month}
roles: [manager, cfo]
rules:
  asks: {why: w, on: our terms, when: offer.discount > 5%, then: escalate, to: cfo}
"""
EVENT = '{"id": "e%d", "deal": "D", "at": "2026-10-05T09:00:00Z", %s}'
TERMS = '"terms": {"discount": "9%"}'


@pytest.mark.parametrize(
    "written",
    [
        "Ana López",
        "ANA LÓPEZ",
        " ana  lópez ",
        "ana\u00a0lópez",
        "ana\u3000lópez",
        "ana lo\u0301pez",
        "\uff21\uff4e\uff41 lópez",
        "an\u00ada lópez",
        "an\u200ba lópez",
        "ana\ufe0f lópez",
    ],
)
def test_one_person_is_one_however_the_name_is_written(written: str) -> None:
    """Case, width, blanks, composed letters and signs that nobody sees tell no two people apart."""
    assert folded(written) == LOPEZ
    assert folded(folded(written)) == LOPEZ


@pytest.mark.parametrize("written", ["ana lopez", "anna lópez", "\u0430na lópez", "ana-lópez", "analópez"])
def test_other_letters_are_another_person(written: str) -> None:
    """Letters that only look alike pass any folding: who goes by several names is declared."""
    assert folded(written) != LOPEZ


@pytest.mark.parametrize(("one", "other"), [("Straße", "STRASSE"), ("ǰ", "J\u030c"), ("ﬁnn", "FINN"), ("ﬃ", "FFI")])
def test_letters_that_fold_into_several_are_those(one: str, other: str) -> None:
    """Ligatures and letters without a capital of their own fold as they are written out."""
    assert folded(one) == folded(other)


def test_what_nobody_sees_is_nobody() -> None:
    """A name of blanks and joiners stands for nobody known."""
    assert name_of({}, " \u200d\u3000") == ""


def test_a_declared_name_is_its_person_and_an_unknown_one_is_nobody() -> None:
    """Where people are declared, an approver is one of them, or nobody known; a party that is not stands for itself."""
    people = {"ana": "ana", "a. lópez": "ana", "acme": "acme", "acme gmbh": "acme"}
    assert [name_of(people, said) for said in ("A.  LÓPEZ", "bob")] == ["ana", ""]
    assert [party_of(people, said) for said in ("Acme GmbH", "Globex ")] == ["acme", "globex"]
    assert people_of([]) == {}


def test_approvals_of_the_same_terms_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many approve the same terms, an offer is held against these once: cost does not grow with approvers."""
    engine = Engine(read(APPROVED).unwrap(), Core.PLAIN)
    stream, compared = Stream(engine), Counter[str]()
    covers = cover.covers

    def counted(position: Position, approval: Approval | Approve, terms: Terms) -> bool:
        compared["times"] += 1
        return covers(position, approval, terms)

    monkeypatch.setattr(cover, "covers", counted)
    lines = [EVENT % (0, '"type": "open"')]
    lines += [EVENT % (n, f'"type": "approve", "approver": "p{n}", "role": "cfo", {TERMS}') for n in range(1, 40)]
    answers = [next(stream.line(line.encode(), "deal.jsonl", n)) for n, line in enumerate(lines, 1)]
    offered = EVENT % (99, f'"type": "offer", "by": "us", "actor": "ana", {TERMS}')
    answers += stream.line(offered.encode(), "deal.jsonl", 99)
    assert not [a for a in answers if isinstance(a, DeadLetter)]
    assert [a.verdict for a in answers if isinstance(a, Decision)][-1] == "proceed"
    assert compared["times"] == 1


@pytest.mark.parametrize(
    "event",
    [
        pytest.param('"type": "approve", "approver": "pN", "role": "cfo", ' + TERMS, id="approvers"),
        pytest.param('"type": "offer", "by": "us", "actor": "pN", ' + TERMS, id="actors"),
    ],
)
def test_no_event_costs_more_for_those_who_approved_or_moved_before_it(event: str) -> None:
    """Whatever so many people said before, the next one is decided by as many steps: cost grows with events alone."""
    stream, steps = Stream(Engine(read(APPROVED).unwrap(), Core.PLAIN)), dict[int, int]()
    list(stream.line((EVENT % (0, '"type": "open"')).encode(), "deal.jsonl", 1))
    offered = f'"type": "offer", "by": "us", "actor": "ana", {TERMS}'
    for n in range(1, 601):
        said = offered if "approve" in event and n % 2 else event.replace("N", str(n))
        line = (EVENT % (n, said)).encode()
        if n in (100, 101, 600, 599):
            steps[n] = _calls(lambda line=line: list(stream.line(line, "deal.jsonl", 1)))
        else:
            list(stream.line(line, "deal.jsonl", 1))
    assert abs(steps[600] - steps[100]) < 20
    assert abs(steps[599] - steps[101]) < 20


def _calls(what: Callable[[], object]) -> int:
    """Return how many functions and generators run while something is done."""
    calls = 0

    def note(frame: object, kind: str, argument: object) -> None:
        nonlocal calls
        calls += kind in ("call", "c_call")

    sys.setprofile(note)
    try:
        what()
    finally:
        sys.setprofile(None)
    return calls


def test_of_two_words_of_one_person_the_worse_stands_for_both() -> None:
    """Whoever said much that was not let through is one mover: what clears the worst of it clears the rest."""
    stream = Stream(Engine(read(APPROVED).unwrap(), Core.PLAIN))
    lines = [EVENT % (0, '"type": "open"')]
    for n, discount in enumerate((6, 9, 7, 9, 12), 1):
        terms = f'"terms": {{"discount": "{discount}%"}}'
        lines.append(EVENT % (n, f'"type": "offer", "by": "us", "actor": "ana", {terms}'))
    for n, line in enumerate(lines, 1):
        assert isinstance(next(stream.line(line.encode(), "deal.jsonl", n)), Decision)
    movers = stream.deals["D"].position.movers
    assert [(m.name, m.terms["discount"]) for m in movers] == [("ana", 120_000)]


def approval(name: str) -> Approval:
    """Return an approval of no terms by somebody."""
    return Approval("e1", name, name, "cfo", {}, {}, None, (), (), "", {}, "")


@pytest.mark.parametrize(
    ("name", "movers", "moved"),
    [("ana", {"ana"}, True), ("ana", {"bob"}, False), ("ana", set(), False), ("ana", {"bob", ""}, True),
     ("", {"bob"}, True), ("", set(), True)],
)  # fmt: skip
def test_whoever_is_not_known_may_be_whoever_moved(name: str, movers: Iterable[str], moved: bool) -> None:
    """An approver whom nobody knows, or a mover whom nobody knows, may be the other one."""
    assert is_by_mover(approval(name), frozenset(movers)) is moved


@pytest.mark.parametrize(("minute", "named"), [("29", True), ("30", True), ("31", False)])
def test_an_approval_of_ones_own_is_told_of_until_it_has_run_out(minute: str, named: bool) -> None:
    """That ana's approval of her own 9% does not count is of interest while it would, its last instant included."""
    stream = Stream(Engine(read(APPROVED).unwrap(), Core.PLAIN))
    until = '"until": "2026-10-05T09:30:00Z"'
    offered = f'"type": "offer", "by": "us", "actor": "ana", {TERMS}'
    lines = [
        EVENT % (0, '"type": "open"'),
        EVENT % (1, offered),
        EVENT % (2, f'"type": "approve", "approver": "ana", "role": "cfo", {until}, {TERMS}'),
        (EVENT % (3, offered)).replace("09:00", f"09:{minute}"),
    ]
    answers = [next(stream.line(line.encode(), "deal.jsonl", n)) for n, line in enumerate(lines, 1)]
    last = answers[-1]
    assert isinstance(last, Decision)
    assert last.verdict == "escalate"
    assert any("Have somebody else approve: `ana`" in one.what for one in last.obligations) is named
