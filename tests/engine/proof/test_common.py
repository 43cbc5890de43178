"""Whatever deciding reads of a policy is compared; what is in neither list fails here."""

from typing import Any

import msgspec
import pytest
from tests.helpers.proving import PLAIN, policy_of

from walkaway.language.expr.types import Lookup
from walkaway.policy import model
from walkaway.proof.formulas.common import COMPARED, WITHOUT_MEANING, common_to

RECORDS = {name: getattr(model, name, Lookup) for name in COMPARED}


@pytest.mark.parametrize("name", sorted(COMPARED))
def test_every_field_of_a_policy_is_compared_or_has_no_meaning(name: str) -> None:
    """Each field of each record stands in one of the two lists, and in one only."""
    compared, others = COMPARED[name], WITHOUT_MEANING[name]
    assert set(RECORDS[name].__struct_fields__) == compared | others
    assert not compared & others


def test_every_record_of_a_policy_is_listed() -> None:
    """A record that a policy is made of is none that nobody has looked at; claims and catalogs decide nothing."""
    found = {n for n, t in vars(model).items() if isinstance(t, type) and issubclass(t, msgspec.Struct)}
    assert found - {"Span", "Typed", "Scalar", "Unit", "FactSpec", "Claim", "Const"} == set(COMPARED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("enforcement: overridable, by: manager", "enforcement: overridable, by: cfo"),
        ("enforcement: overridable, by: manager", "enforcement: mandatory"),
        ("then: hold, enforcement: overridable, by: manager", "then: escalate, to: manager"),
    ],
)
def test_an_approval_lifts_a_rule_under_both_policies_only_where_both_let_the_same_people_lift_it(
    old: str, new: str
) -> None:
    """Another role beside `by`, another enforcement, or an approval asked for: each policy is lifted from by itself."""
    text = PLAIN.replace("roles: [manager]", "roles: [manager, cfo]") + f"  far: {{why: w, on: our offer, {old}}}\n"
    text = text if "then" in old else text.replace("on: our offer, enf", "on: our offer, then: hold, enf")
    same, other = policy_of(text), policy_of(text.replace(old, new))
    assert "far" in common_to(same, same).liftable
    assert "far" not in common_to(same, other).liftable


TERM = policy_of(PLAIN).issues["term"]
OTHER: dict[str, Any] = {
    "worth": TERM.worth, "start": 10_000, "better": 1, "unit": TERM.unit, "cap": 50_000, "is_shadow": True,
    "by": {1: TERM},
}  # fmt: skip
"""Another value for whatever of an issue its worth rests on."""


@pytest.mark.parametrize("field", OTHER)
def test_terms_are_worth_the_same_only_where_all_that_their_worth_rests_on_is_the_same(field: str) -> None:
    """One field of an issue is another one under the second policy, and formulas take nothing of worths for common."""
    policy = policy_of(PLAIN)
    changed = msgspec.structs.replace(policy.issues["discount"], **{field: OTHER[field]})
    other = msgspec.structs.replace(policy, issues={**policy.issues, "discount": changed})
    assert common_to(policy, policy).worths
    assert not common_to(policy, other).worths
