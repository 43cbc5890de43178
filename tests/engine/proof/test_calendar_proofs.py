"""What a policy claims of days is proved of every instant, or refuted by a deal on a real day."""

import json
import time
from pathlib import Path

import pytest

from walkaway import Decision, Engine, Stream
from walkaway.language.instants import instant_of
from walkaway.policy import Policy, read
from walkaway.proof.prove import Outcome, prove

pytestmark = [pytest.mark.slow, pytest.mark.solver]

CSV = (Path(__file__).parents[3] / "features" / "policies" / "quarter" / "calendar.csv").read_bytes()
TEXT = """\
policy: days
version: 1
side: seller
currency: USD
calendar: {file: calendar.csv}
issues:
  discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%", least: 0%}
rules:
  quarter-end:
    why: w
    on: our offer
    when: calendar.business_days_to_quarter_end <= 3 and offer.discount > 15%
    then: refuse
prove:
  held-at-the-end:
    never: verdict = proceed and calendar.business_days_to_quarter_end <= 2 and offer.discount > 16%
    on: our offer
  weekdays:
    never: calendar.business and calendar.weekday > 5
    on: our offer
  held-a-day-before:
    never: verdict = proceed and calendar.business_days_to_quarter_end <= 4 and offer.discount > 16%
    on: our offer
  outside:
    never: verdict = proceed and missing.items > 0
    on: our offer
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return a policy with claims on its calendar."""
    return read(TEXT.encode(), "policy.yaml", {"calendar.csv": CSV}.get).unwrap()


def test_claims_on_days_are_proved_or_refuted_on_a_real_day(policy: Policy) -> None:
    """The deal that refutes one is decided so, on a day with four business days left."""
    claims = [claim.name for claim in policy.claims]
    found = {p.name: p for p in prove(policy, time.process_time, 300.0, claims)}
    refuted = {name for name, p in found.items() if p.outcome is Outcome.REFUTED}
    assert refuted == {"held-a-day-before"}
    assert {p.outcome for name, p in found.items() if name not in refuted} == {Outcome.PROVED}
    (deal,) = found["held-a-day-before"].deals
    answer = [*Stream(Engine(policy)).lines(deal.lines, "deal")][-1]
    assert isinstance(answer, Decision)
    assert answer.verdict == "proceed"
    instant, calendar = instant_of(json.loads(deal.lines[-1])["at"]), policy.calendar
    assert instant is not None
    assert calendar is not None
    assert calendar.read("business_days_to_quarter_end", instant) == 4
