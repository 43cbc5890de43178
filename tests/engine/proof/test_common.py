"""Whatever deciding reads of a policy is compared; what is in neither list fails here."""

import msgspec
import pytest

from walkaway.language.expr.types import Lookup
from walkaway.policy import model
from walkaway.proof.formulas.common import COMPARED, WITHOUT_MEANING

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
