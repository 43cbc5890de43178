"""The library's face: its page runs, its names and signatures stay, and a start loads nothing that it does not need."""

import doctest
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from tests.helpers.face import face
from tests.helpers.logs import deal, make_policy

import walkaway

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PINNED = json.loads((Path(__file__).parent / "api.json").read_text(encoding="utf-8"))


@pytest.fixture(params=["memory", "store"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[walkaway.Session]:
    """Return a session of each kind, under the sellers' policy of the log."""
    with walkaway.Session(make_policy(), str(tmp_path / "log.db") if request.param == "store" else None) as found:
        yield found


def wrong(problem: pytest.ExceptionInfo[walkaway.InvalidInput]) -> list[str]:
    """Return the codes of an error's findings."""
    return [finding.code.value for finding in problem.value.findings]


# The page


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever docs/python.md shows is what comes out."""
    monkeypatch.chdir(ROOT)
    names = {"store": str(tmp_path / "log.db")}
    test = doctest.DocTestParser().get_doctest("\n".join(BLOCKS), names, "python.md", "python.md", 0)
    told: list[str] = []
    failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=told.append)
    assert not failed.failed, "".join(told)
    assert failed.attempted > 20


def test_one_decision_takes_twelve_lines_at_most() -> None:
    """The first thing on the page imports walkaway, decides, and shows why."""
    assert len(BLOCKS[0].splitlines()) <= 12
    assert ">>> import walkaway" in BLOCKS[0]


# What is promised


@pytest.mark.parametrize("what", ["names", "signatures", "decision", "bulk"])
def test_the_face_is_what_was_promised(what: str) -> None:
    """Public names, parameters and the JSON Schema of a decision change only together with tests/api.json."""
    assert face()[what] == PINNED[what]


def test_every_public_name_can_be_had_and_is_explained() -> None:
    """Names that are loaded late are there as well; each function and class says what it is."""
    for name in walkaway.__all__:
        assert getattr(walkaway, name).__doc__
    assert set(walkaway.__all__) == set(dir(walkaway))
    with pytest.raises(AttributeError, match="no attribute `nothing`"):
        _ = walkaway.nothing


# A start


DECIDES = """
import sys, walkaway
session = walkaway.Session("rules/saas-discounting")
session.decide({"id": "e", "deal": "D", "at": "2026-10-05T09:00:00Z", "type": "open", "facts": {}})
print(*sys.modules)
"""
NEEDLESS = {"click", "rich", "pytest", "pytest_bdd", "cryptography", "sqlite3", "asyncio", "z3"}


def loaded(program: str, *arguments: str) -> set[str]:
    """Return the modules that a process of its own has loaded in the end."""
    command = [sys.executable, "-c", program, *arguments]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split())


def test_deciding_loads_no_terminal_no_test_runner_and_no_cryptography() -> None:
    """A program that decides pays for deciding alone."""
    found = loaded(DECIDES)
    assert "walkaway.decide.engine" in found
    assert "yaml" in found
    assert not found & NEEDLESS


def test_yaml_is_loaded_only_where_a_policy_is_read() -> None:
    """`import walkaway` and making an engine's rooms ready read no policy."""
    found = loaded(
        "import sys, walkaway, walkaway.run.session, walkaway.run.memory, walkaway.log.record\nprint(*sys.modules)"
    )
    assert "walkaway.policy.parse" in found
    assert "yaml" not in found
    assert not loaded("import sys, walkaway\nprint(*sys.modules)") & {*NEEDLESS, "yaml"}


# Events in every form


def test_an_event_may_come_in_each_form(session: walkaway.Session) -> None:
    """A mapping, text, bytes and an `Event` of one content are one event."""
    first, second = deal()[:2]
    decided = session.decide(first)
    text = json.dumps(first)
    assert session.decide(text) == session.decide(text.encode()) == decided
    read = walkaway.Stream(walkaway.Engine(make_policy())).decoder.decode(text.encode()).unwrap()
    assert session.decide(read) == decided
    assert session.decide(second).event == "e1"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"id": 3},
        None,
        3,
        [],
        b"",
        b"\xff",
        "\ud800",
        "nonsense",
        {"id": {1, 2}},
        {3: 4, "x": object()},
        {"id": "e", "deal": "D\x00", "at": "now", "type": "open", "facts": {"list_price": Decimal("NaN")}},
        {"id": "e", "deal": "D", "at": "2026-10-05T09:00:00Z", "type": "tick"},
        float("nan"),
    ],
    ids=lambda given: re.sub(r" at 0x[0-9a-f]+", "", repr(given)),
)
def test_what_is_no_event_is_a_finding(session: walkaway.Session, event: object) -> None:
    """Whatever comes in: an error that says what is wrong, never one of Python's, and nothing is kept."""
    with pytest.raises(walkaway.InvalidInput) as problem:
        session.decide(event)  # type: ignore[arg-type]
    assert wrong(problem)
    (letter,) = session.decide_many([event])  # type: ignore[list-item]
    assert isinstance(letter, walkaway.DeadLetter)
    assert session.deals() == []


def test_decisions_and_dead_letters_come_back_in_order(session: walkaway.Session) -> None:
    """One that cannot be decided keeps no other from being decided."""
    answers = session.decide_many([deal()[0], "nonsense", deal()[1], {**deal()[1], "terms": {"discount": "41%"}}])
    assert [type(a).__name__ for a in answers] == ["Decision", "DeadLetter", "Decision", "DeadLetter"]
    assert session.state("D-1").events == ("e0", "e1")


def test_lines_are_decided_as_they_come(session: walkaway.Session) -> None:
    """Blank lines count and are passed over, and findings name the place."""
    lines = ["\ufeff" + json.dumps(deal()[0]), "  \n", b"nonsense\n", json.dumps(deal()[1]).encode()]
    answers = list(session.lines(lines, "mine.jsonl"))
    assert [type(a).__name__ for a in answers] == ["Decision", "DeadLetter", "Decision"]
    assert isinstance(answers[1], walkaway.DeadLetter)
    assert (answers[1].file, answers[1].line) == ("mine.jsonl", 3)


# Questions


def test_asking_is_the_same_with_and_without_a_store(tmp_path: Path) -> None:
    """Approvals name people, not seals, and nobody's own approval covers their offer, wherever deals are kept."""
    terms = {"discount": "20%", "term": "36 months"}
    told = []
    for store in (None, str(tmp_path / "log.db")):
        with walkaway.Session(make_policy(), store) as session:
            session.decide_many(deal()[:6])
            for actor in ("robin", "sam"):
                outlook = session.ask("D-1", terms, actor=actor)
                decision = msgspec.to_builtins(outlook.decision)
                del decision["position"]
                told.append((decision, outlook.approvals, outlook.rooms))
            told.append(session.answer("D-1", terms))
            assert session.state("D-1").events == tuple(f"e{n}" for n in range(6))
    assert told[:3] == told[3:]
    assert told[0][1].given[0].approver == "sam"
    assert told[0][0]["verdict"] != told[1][0]["verdict"]


@pytest.mark.parametrize("ask", ["ask", "answer"])
@pytest.mark.parametrize(
    ("named", "terms"),
    [("D-9", {"discount": "5%"}), ("D-1", {"discount": 5}), ("D-1", {"size": "5"}), ("D\n", {}), ("", {})],
)
def test_a_question_that_cannot_be_asked_is_a_finding(
    session: walkaway.Session, ask: str, named: str, terms: dict[str, str]
) -> None:
    """Unknown deals, unknown issues and values without a unit alike."""
    session.decide(deal()[0])
    with pytest.raises(walkaway.InvalidInput) as problem:
        getattr(session, ask)(named, terms)
    assert wrong(problem)
    if named != "D-1":
        for question in (session.state, session.history):
            with pytest.raises(walkaway.InvalidInput):
                question(named)


def test_a_deal_is_told_from_its_opening_to_its_end(session: walkaway.Session) -> None:
    """State and history are the same wherever deals are kept."""
    session.decide_many(deal())
    state = session.state("D-1")
    assert (state.is_open, state.outcome, state.left) == (False, "won", None)
    assert (state.opened, state.last) == ("2026-10-05T09:00:00Z", "2026-10-05T09:10:00Z")
    assert state.ours == {"discount": "20%", "term": "36 months"}
    assert state.policy.version == 3
    turns = session.history("D-1").turns
    assert [t.event for t in turns] == [f"e{n}" for n in range(11)]
    assert [t.verdict for t in turns][-1] == "proceed"


def test_two_sessions_may_write_one_log(tmp_path: Path) -> None:
    """Each takes in what the other has appended, before it decides and before it answers."""
    url = f"sqlite:{tmp_path / 'log.db'}"
    with walkaway.Session(make_policy(), url) as one, walkaway.Session(make_policy(), url) as two:
        for number, event in enumerate(deal()):
            (one, two)[number % 2].decide(event)
            assert len(one.state("D-1").events) == len(two.state("D-1").events) == number + 1


# Policies and stores


def test_a_policy_is_given_as_itself_or_by_its_path() -> None:
    """Text and path alike; one that cannot be read, or has errors, is a finding."""
    shipped = ROOT / "rules" / "saas-discounting"
    policies = [
        walkaway.Session(given).policy.sha256 for given in (str(shipped), shipped, walkaway.load(shipped).unwrap())
    ]
    assert len(set(policies)) == 1
    for absent in ("rules/nowhere", ROOT / "nowhere", "", "nul\0"):
        with pytest.raises(walkaway.InvalidInput) as problem:
            walkaway.Session(absent)
        assert wrong(problem) == ["WA215"]
        assert [f.code.value for f in walkaway.lint(absent)] == ["WA215"]


def test_versions_of_two_policies_are_refused() -> None:
    """Several policies are versions of one."""
    with pytest.raises(ValueError, match="are not versions of one policy"):
        walkaway.Session([make_policy(), ROOT / "rules" / "saas-discounting"])
    with pytest.raises(ValueError, match="wants a policy"):
        walkaway.Session([])


@pytest.mark.parametrize(
    ("url", "said"),
    [("", "no store is named"), ("mysql://root:secret@host/x", "`mysql` is no kind of store"), (".", "is no file")],
)
def test_a_store_that_cannot_be_opened_is_told_without_its_secrets(url: str, said: str) -> None:
    """The URL of a store may hold a password, and no message repeats it."""
    with pytest.raises(walkaway.StoreProblem, match=re.escape(said)) as problem:
        walkaway.Session(make_policy(), url)
    assert "secret" not in str(problem.value)


# Numbers


def test_amounts_are_exact_numbers_beside_the_words(session: walkaway.Session) -> None:
    """Each amount that stands in words can be had as a number with its unit; the JSON stays as it is."""
    session.decide_many(deal()[:2])
    told = session.ask("D-1", {"discount": "12.25%"}).decision
    assert told.room_amounts["discount"] == walkaway.Quantity(Fraction("17.75"), "%")
    offer = told.counteroffers[0]
    assert {name: (str(q.amount), q.word) for name, q in offer.amounts.items()}.keys() == {"give", "get"}
    assert offer.term_amounts.keys() <= offer.terms.keys()
    assert b"amounts" not in walkaway.encode(told)
