"""A deal's opening as formulas: what the solver may choose is what people would state."""

import pytest
import z3
from tests.helpers.proving import PLAIN, policy_of

from walkaway.language.values import Kind, Unit
from walkaway.policy.model import Bounds
from walkaway.proof.formulas.common import Shared
from walkaway.proof.formulas.encode import Codes
from walkaway.proof.formulas.history import DealOpening
from walkaway.proof.formulas.logic import both, equal
from walkaway.proof.formulas.opening import Chosen, begin, is_spoken
from walkaway.proof.formulas.worths import Asserted

pytestmark = pytest.mark.solver
MONEY, COUNT, NUMBER = Unit(Kind.MONEY, "USD"), Unit(Kind.COUNT), Unit(Kind.NUMBER)


@pytest.mark.parametrize("worth", [-(10**12), -1, 0, 1])
def test_an_alternative_may_be_worth_less_than_nothing(worth: int) -> None:
    """Not to agree may cost us something; a price below nothing is nobody's."""
    chosen = Chosen(Asserted(precise=True), Shared(), Codes())
    begun = begin(policy_of(PLAIN), DealOpening(20_731, {"list_price": 10_000_000}), None, chosen)
    batna = begun.known["batna.worth"]
    solver = z3.Solver()
    solver.add(*chosen.asserted.formulas, both(batna.known, equal(batna.value, worth)))
    assert solver.check() == z3.sat


@pytest.mark.parametrize(
    ("value", "unit", "bounds", "spoken"),
    [
        (-1, MONEY, (None, None), False), (0, MONEY, (None, None), True), (-1, MONEY, (-5, None), True),
        (-6, MONEY, (-5, None), False), (-1, COUNT, (None, 3), False), (3, COUNT, (None, 3), True),
        (4, COUNT, (None, 3), False), (-1, NUMBER, (None, None), True),
    ],
)  # fmt: skip
def test_no_amount_below_nothing_is_stated_where_no_least_says_so(
    value: int, unit: Unit, bounds: Bounds, spoken: bool
) -> None:
    """A bare number may be."""
    assert is_spoken(value, unit, bounds) is spoken
