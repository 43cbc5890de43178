"""The shipped policies answer as their cases say: `rules/*/cases.yaml`, one test for each case.

A case opens a deal, tells events of it, and wants a verdict and the exact set of rules that fired on the last one;
or the code of the dead letter that the last one becomes.
"""

from functools import cache
from pathlib import Path

import pytest

from walkaway import Engine, Stream, policy
from walkaway_cli.scenarios.cases import PolicyCase, compare, decide, read_cases

RULES = Path(__file__).parents[2] / "rules"
NAMES = sorted(p.parent.name for p in RULES.glob("*/cases.yaml"))
TOLD = {"principles", "buying-principles"}
"""The policies of which each rule has scenarios instead, as tests/features/test_principles.py checks."""


@cache
def cases(name: str) -> list[PolicyCase]:
    """Return a policy's cases."""
    return read_cases(RULES / name / "cases.yaml")


@cache
def engine(name: str) -> Engine:
    """Return the engine of a shipped policy."""
    return Engine(policy.load(RULES / name).unwrap())


ALL = [pytest.param(name, case, id=f"{name}: {case.note}") for name in NAMES for case in cases(name)]


@pytest.mark.parametrize(("name", "case"), ALL)
def test_a_policy_answers_as_its_case_says(name, case):
    """The last event has the verdict and the fired rules that the case wants; all before it are decided."""
    compare(case, decide(case, Stream(engine(name))))


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_policy_has_no_findings(name):
    """Not even a warning: what ships is the example others copy."""
    assert policy.load(RULES / name).findings == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_of_a_shipped_policy_has_a_case(name):
    """A rule of its own that no case sees fire would be one that nobody has thought through; ten cases at least."""
    found = cases(name)
    fired = {rule for case in found for rule in case.fired}
    own = {r.id for r in engine(name).policy.rules if not r.built_in}
    assert own - fired == set() or name in TOLD
    assert len(found) >= 10
    assert len({case.note for case in found}) == len(found)
    assert all(case.note.endswith(".") for case in found)


@pytest.mark.parametrize(
    ("file", "verdicts"),
    [
        (
            "saas-discounting/deal.jsonl",
            "proceed trade trade trade proceed trade escalate proceed proceed proceed",
        ),
        ("saas-discounting/bad-faith.jsonl", "proceed trade proceed proceed walk walk walk"),
        ("used-car/deal.jsonl", "proceed trade trade trade proceed trade proceed hold proceed proceed"),
        ("job-offer/deal.jsonl", "proceed trade trade trade proceed trade proceed proceed proceed proceed"),
        ("job-candidate/deal.jsonl", "proceed trade trade trade proceed trade proceed proceed proceed proceed"),
        ("vendor-renewals/deal.jsonl", "proceed proceed trade trade proceed escalate proceed proceed proceed"),
    ],
)
def test_the_example_deals_tell_their_story(file, verdicts):
    """The verdicts that the documentation shows."""
    path = RULES / file
    answers = Stream(engine(path.parent.name)).lines(path.read_bytes().splitlines(), path.name)
    assert [a.verdict for a in answers] == verdicts.split()
