"""The shipped policies answer as their cases say: `rules/*/cases.yaml`, one test for each case.

A case opens a deal, tells events of it, and wants a verdict and the exact set of rules that fired on the last one;
or the code of the dead letter that the last one becomes.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from walkaway import DeadLetter, Engine, Stream, policy, source
from walkaway.values import Kind, Unit, parse_value

RULES = Path(__file__).parents[2] / "rules"
NAMES = sorted(p.parent.name for p in RULES.glob("*/cases.yaml"))  # the principles have scenarios instead
BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
KEYS = {"note", "open", "events", "want", "door", "fired", "code"}


def plain(node: source.Node) -> Any:
    """Give a node as dicts, lists and texts: values are written in a case as in an event."""
    match node:
        case source.Mapping(entries=entries):
            return {key.value: plain(value) for key, value in entries}
        case source.Sequence(items=items):
            return [plain(item) for item in items]
        case source.Scalar(value=value):
            return value


def cases(name: str) -> list[dict[str, Any]]:
    """Give a policy's cases, each with the deal it opens."""
    file = RULES / name / "cases.yaml"
    read = plain(source.read(file.read_bytes(), str(file)).unwrap())
    return [{"open": read["open"], **case} for case in read["cases"]]


ALL = [pytest.param(name, case, id=f"{name}: {case['note']}") for name in NAMES for case in cases(name)]


def lines(case: dict[str, Any]) -> list[bytes]:
    """Give a case's events as lines of JSON, the opening first."""
    found, now = [], BEGIN
    for number, event in enumerate([{"type": "open", **case["open"]}, *case["events"]]):
        after = event.get("after", "1 hour") if number else "0 hours"
        now += timedelta(seconds=int(parse_value(after, Unit(Kind.DURATION))))
        whole = {"id": f"e{number}", "deal": "case", "at": now.isoformat(), **event}
        whole.pop("after", None)
        found.append(json.dumps(whole).encode())
    return found


@pytest.fixture(scope="module")
def engine() -> Any:
    """Give a function that gives the engine of a shipped policy, loaded once."""
    engines: dict[str, Engine] = {}

    def of(name: str) -> Engine:
        if name not in engines:
            engines[name] = Engine(policy.load(RULES / name).unwrap())
        return engines[name]

    return of


@pytest.mark.parametrize(("name", "case"), ALL)
def test_a_policy_answers_as_its_case_says(engine, name, case):
    """The last event has the verdict and the fired rules that the case wants; all before it are decided."""
    assert case.keys() <= KEYS
    *before, last = Stream(engine(name)).lines(lines(case), "case")
    assert not [a for a in before if isinstance(a, DeadLetter)]
    if "code" in case:
        assert isinstance(last, DeadLetter)
        assert [f.code for f in last.findings] == [case["code"]]
        return
    assert not isinstance(last, DeadLetter), last
    assert (last.verdict, [r.rule for r in sorted(last.reasons, key=lambda r: r.rule)]) == (case["want"], case["fired"])
    assert last.door == case.get("door")
    assert last.cores.agree


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_policy_has_no_findings(name):
    """Not even a warning: what ships is the example others copy."""
    assert policy.load(RULES / name).findings == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_of_a_shipped_policy_has_a_case(engine, name):
    """A rule of its own that no case sees fire would be one that nobody has thought through; ten cases at least."""
    found = cases(name)
    fired = {rule for case in found for rule in case.get("fired", ())}
    own = {r.id for r in engine(name).policy.rules if not r.built_in}
    assert own - fired == set()
    assert len(found) >= 10
    assert len({case["note"] for case in found}) == len(found)
    assert all(case["note"].endswith(".") for case in found)


@pytest.mark.parametrize(
    ("file", "verdicts"),
    [
        (
            "saas-discounting/deal.jsonl",
            "proceed trade trade trade proceed trade escalate proceed trade proceed",
        ),
        ("saas-discounting/bad-faith.jsonl", "proceed trade proceed proceed walk walk walk"),
        ("used-car/deal.jsonl", "proceed trade trade trade proceed trade proceed trade proceed proceed"),
        ("job-offer/deal.jsonl", "proceed trade trade trade proceed trade proceed proceed proceed proceed"),
    ],
)
def test_the_example_deals_tell_their_story(engine, file, verdicts):
    """The verdicts that the documentation shows."""
    path = RULES / file
    answers = Stream(engine(path.parent.name)).lines(path.read_bytes().splitlines(), path.name)
    assert [a.verdict for a in answers] == verdicts.split()
