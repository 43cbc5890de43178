"""What a policy claims of what is owed is proved of every debt, and of offers it finds none."""

import time
from pathlib import Path

import pytest
from tests.helpers.proving import policy_of

from walkaway.policy.model import Policy
from walkaway.proof.formulas.common import apart
from walkaway.proof.prove import Outcome, prove

pytestmark = pytest.mark.solver

POLICY = (Path(__file__).parents[3] / "features" / "policies" / "delivery" / "policy.yaml").read_text(encoding="utf-8")
CLAIMS = """prove:
  late-is-owed: {never: "owed.late > owed.open", on: [tick, update]}
  counted: {always: "owed.open <= 2", on: [tick, update]}
  late-asks: {never: "verdict = proceed and owed.late.reference", on: tick}
  none-before-the-close: {always: "owed.open = 0", on: our offer}
  nothing-is-late: {always: "owed.late = 0", on: tick}
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return the policy with claims on what is owed."""
    return policy_of(POLICY + CLAIMS)


def test_claims_on_what_is_owed_are_proved_of_every_debt(policy: Policy) -> None:
    """It is counted, and late only while it is owed; that nothing is late is not so, and not proved."""
    holding = ["late-is-owed", "counted", "late-asks", "none-before-the-close"]
    found = {p.name: p.outcome for p in prove(policy, time.process_time, 600.0, holding)}
    assert found == dict.fromkeys(holding, Outcome.PROVED)
    (other,) = prove(policy, time.process_time, 1.0, ["nothing-is-late"])
    assert other.outcome is not Outcome.PROVED


def test_what_is_owed_until_another_day_is_not_called_the_same(policy: Policy) -> None:
    """Days after the close are in no formula."""
    other = policy_of(POLICY.replace("60 days after close", "61 days after close") + CLAIMS)
    assert apart(policy, other) == ("what is owed, and until when",)
