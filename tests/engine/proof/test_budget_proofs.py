"""What a policy claims of budgets is proved of every sum, known or not, and never of one that happens to be small."""

import time
from pathlib import Path

import pytest
from tests.helpers.proving import policy_of

from walkaway.policy.model import Policy
from walkaway.proof.formulas.common import apart
from walkaway.proof.prove import Outcome, prove

pytestmark = pytest.mark.solver

POLICY = (Path(__file__).parents[3] / "features" / "policies" / "goodwill" / "policy.yaml").read_text(encoding="utf-8")
CLAIMS = """prove:
  others-take-little: {always: "budget.goodwill <= 10 USD", on: our offer}
  unknown-holds: {never: "verdict = proceed and not known(budget.goodwill)", on: our offer}
  beyond-asks: {never: "verdict = proceed and budget.goodwill + 20% of deal.list_price > 50,000 USD
    and give.net > 0 USD and offer.worth <= 80% of deal.list_price and not approved.cfo", on: our offer}
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return the policy with claims on its budget."""
    return policy_of(POLICY + CLAIMS)


def test_claims_on_a_budget_are_proved_of_every_sum(policy: Policy) -> None:
    """A sum may be any amount from nothing on; where it is not known, terms wait."""
    holding = ["unknown-holds", "beyond-asks"]
    found = {p.name: p.outcome for p in prove(policy, time.process_time, 600.0, holding)}
    assert found == dict.fromkeys(holding, Outcome.PROVED)
    (other,) = prove(policy, time.process_time, 2.0, ["others-take-little"])
    assert other.outcome is not Outcome.PROVED


def test_a_budget_that_is_told_apart_otherwise_is_not_compared(policy: Policy) -> None:
    """Its sums are others, of which formulas say nothing; that there is more of it is found by its rule."""
    other = policy_of(POLICY.replace("of: [rep, utc_quarter]", "of: [rep]"))
    more = policy_of(POLICY.replace('"50,000 USD"', '"60,000 USD"'))
    assert apart(policy, other) == ("what tells the sums of budgets apart",)
    assert apart(policy, more) == ()
