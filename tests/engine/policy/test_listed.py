"""Issues that list their values: nobody names another, and everybody who reasons about values knows it."""

import time

import pytest
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.findings import BASE, caret, read
from tests.helpers.generated import decoded
from tests.helpers.proving import PLAIN, proof

from walkaway import Engine, Stream
from walkaway.decide.engine import Core
from walkaway.policy import read as read_policy
from walkaway.policy.schema import json_schema
from walkaway.proof.diff import compare

LISTED = PLAIN.replace(
    "worth: 0.125% of deal.list_price per month}",
    "worth: 0.125% of deal.list_price per month, values: [36 months, 12 months, 24 months]}",
)
OPEN = b'{"id":"1","deal":"d","at":"2026-10-01T09:00:00Z","type":"open","facts":{"list_price":"100,000 USD"}}'


def offer(n: int, by: str, terms: str) -> bytes:
    """Return an offer a day after the last."""
    head = f'"id":"{n}","deal":"d","at":"2026-10-{n:02d}T09:00:00Z"'
    return f'{{{head},"type":"offer","by":"{by}","terms":{terms}}}'.encode()


def test_another_value_is_a_dead_letter_that_names_them() -> None:
    """From the smallest, with their units."""
    policy = read(LISTED).unwrap()
    assert policy.issues["term"].values == (12, 24, 36)
    _, letter = Stream(Engine(policy)).lines([OPEN, offer(2, "us", '{"term":"18 months"}')], "deal")
    assert letter.findings[0].message == '`term`: `"18 months"` is none of its values: 12 months, 24 months, 36 months'


@pytest.mark.solver
@pytest.mark.slow
def test_proofs_know_the_values() -> None:
    """What no listed value does is proved never to happen; what one does is shown with it."""
    claims = "prove:\n  {}: {{never: offer.term between {} and {}}}\n"
    assert proof(LISTED + claims.format("odd", "13 months", "23 months"), "odd").outcome == "proved"
    found = proof(LISTED + claims.format("two", "13 months", "24 months"), "two")
    assert found.outcome == "refuted"
    assert b'"24 months"' in found.deals[0].lines[-1]
    assert proof(PLAIN + claims.format("odd", "13 months", "23 months"), "odd").outcome == "refuted"


@pytest.mark.solver
@pytest.mark.slow
def test_the_formulas_hold_of_deals_with_listed_values() -> None:
    """Every event of one, offers and counters of both sides."""
    policy = read(LISTED).unwrap()
    engine = Engine(policy, Core.BOTH)
    lines = [
        OPEN,
        offer(2, "us", '{"term":"24 months","discount":"3%"}'),
        offer(3, "them", '{"term":"36 months"}'),
        offer(4, "us", '{"term":"36 months","discount":"5%"}'),
        b'{"id":"5","deal":"d","at":"2026-10-05T09:00:00Z","type":"accept","by":"them"}',
    ]
    for step in follow(engine, decoded(policy, lines)):
        assert_encoded(policy, engine, step)


@pytest.mark.solver
@pytest.mark.slow
def test_two_policies_with_other_values_are_not_called_the_same() -> None:
    """Offers that one of them cannot read are named."""
    found = compare(read(PLAIN).unwrap(), read(LISTED).unwrap(), time.process_time, 30.0)
    assert "values of `term` beyond the bounds of one of them" in found.apart


def test_a_layer_below_lists_no_values_of_an_issue_above() -> None:
    """What anybody may name is set by the layer above."""
    below = b"policy: low\nversion: 1\nextends: up\nissues:\n  term: {values: [12 months, 24 months]}\n"
    (finding,) = read_policy(below, "policy.yaml", {"up/policy.yaml": BASE.encode()}.get).findings
    assert (finding.code.name, caret(finding)) == ("LOOSER_THAN_LAYER", "values")


def test_the_schema_takes_a_list_of_values() -> None:
    """Texts, and bare numbers for counts."""
    issue = str(json_schema()["properties"]["issues"])  # type: ignore[index]
    assert "'values': {'description'" in issue
