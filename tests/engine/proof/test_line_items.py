"""Lines of a deal in proofs: what is so of any lines is proved; what refutes is a deal with lines, decided so."""

import json
import time

import pytest
from tests.helpers.findings import read

from walkaway.policy import Policy
from walkaway.proof.diff import compare
from walkaway.proof.formulas.common import apart
from walkaway.proof.prove import Outcome, Proof, prove

pytestmark = pytest.mark.solver

TEXT = """\
policy: quote
version: 1
side: seller
currency: USD
issues:
  term: {type: months, start: 12 months, least: 1 month, most: 60 months, worth: 100 USD per month}
lines:
  facts: {list: {type: money, least: 0 USD}}
  issues: {off: {type: percent, start: 0%, least: 0%, most: 100%, worth: -1% of line.list per 1%}}
  any: {deep: line.off > 30%}
  sum: {net: (100% - line.off) of line.list, list: line.list}
  worst: {off: line.off}
rules:
  deep: {why: w, on: our terms, when: lines.deep, then: refuse}
  thin: {why: w, on: our terms, when: lines.net < 90% of lines.list, then: refuse}
  top: {why: w, on: our terms, when: "lines.off > 90%", then: hold}
"""


def policy_of(claim: str = "", text: str = TEXT) -> Policy:
    """Read the policy with a claim about our offers."""
    return read(text + (f"prove: {{it: {{on: our offer, {claim}}}}}\n" if claim else "")).unwrap()


def proved(claim: str, seconds: float = 60.0) -> Proof:
    """Return the outcome for a claim."""
    (found,) = prove(policy_of(claim), time.process_time, seconds, ("it",))
    return found


@pytest.mark.parametrize(
    "claim",
    [
        "never: lines.deep and verdict = proceed",
        "always: verdict != proceed or lines.net >= 90% of lines.list",
        "never: lines.off > 100% or lines.count > 50 or lines.count < 1",
    ],
)
def test_what_rules_ask_of_any_lines_is_proved(claim: str) -> None:
    """Of up to fifty of them, at whatever prices."""
    assert proved(claim).outcome is Outcome.PROVED


def test_what_refutes_is_a_deal_with_lines_that_was_decided_so() -> None:
    """A claim that lines refute is never proved: it has a deal with lines, and the answer that refutes it."""
    found = proved("never: lines.off > 20% and verdict = proceed")
    assert found.outcome is Outcome.REFUTED
    (deal,) = found.deals
    assert deal.decision.verdict.value == "proceed"
    opened, *_, offer = map(json.loads, deal.lines)
    assert "list" in opened["facts"]["lines"]
    assert "off" in offer["terms"]["lines"]


def test_a_claim_that_some_lines_refute_is_not_proved() -> None:
    """What the formulas leave out of figures makes no proof: net and worst may lie anywhere to each other."""
    assert proved("never: lines.off = 30% and lines.net > 95% of lines.list", 10.0).outcome is not Outcome.PROVED


def test_a_figure_is_unknown_until_the_deal_has_stated_what_it_reads() -> None:
    """Worths may be known before that: such an offer is held, and no rule on the figure, or on its opposite, fires."""
    text = TEXT[: TEXT.index("rules:")].replace("issues:\n", "deal: {seats: {type: count, least: 0}}\nissues:\n", 1)
    text = text.replace("line.off > 30%", "deal.seats > 10 and line.off > 30%")
    text += """\
rules:
  deep: {why: w, on: our terms, when: lines.deep, then: refuse}
  flat: {why: w, on: our terms, when: not lines.deep, then: refuse}
prove: {it: {on: our offer, never: verdict = hold and give.value >= 0 USD}}
"""
    (found,) = prove(policy_of(text=text), time.process_time, 1.0, ("it",))
    assert found.outcome is not Outcome.PROVED


def test_a_policy_with_lines_has_the_answers_that_it_has() -> None:
    """Compared with itself, whatever the lines, no answer changes."""
    assert compare(policy_of(), policy_of(), time.process_time, 60.0).is_same


def test_policies_with_other_lines_say_that_they_are_not_compared_on_them() -> None:
    """Whatever a change of what is stated of lines does is not found, and that is told; one of a figure is compared."""
    other = read(TEXT.replace("least: 0 USD}}", "least: 0 USD}, size: count}")).unwrap()
    assert "the lines of a deal" in apart(policy_of(), other)
    assert "the lines of a deal" not in apart(policy_of(), read(TEXT.replace("> 30%", "> 20%")).unwrap())
