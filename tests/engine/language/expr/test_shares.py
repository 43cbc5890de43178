"""Numbers as ratios of two integers: what `evaluate` gives, times a factor."""

from fractions import Fraction

import pytest

from walkaway.language.expr.shares import ratio_of
from walkaway.language.expr.tree import Const, Extreme, Fact, Number, Product, Scaled, Sum, evaluate

PRICE, SEATS = Fact("deal.list_price", 100), Fact("deal.seats", 1)
TREES: tuple[Number, ...] = (
    PRICE,
    Const(Fraction(7, 3)),
    Scaled(Fraction(-1, 300), PRICE),
    Scaled(Fraction(2, 7), Scaled(Fraction(3), PRICE)),
    Product(PRICE, Const(Fraction(5, 9))),
    Product(PRICE, SEATS),
    Sum((PRICE, Const(Fraction(1, 2)))),
    Scaled(Fraction(1, 3), Extreme(True, (PRICE, SEATS))),
)


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("price", [0, -1, 12_345, 2**60, Fraction(22, 7), None])
def test_a_ratio_is_what_the_tree_is_worth_times_the_factor(tree: Number, price: int | Fraction | None) -> None:
    """Exactly, whatever the fact holds; and nothing where it is unknown."""
    facts = {"deal.list_price": price, "deal.seats": 12}
    value, ratio = evaluate(tree, facts), ratio_of(tree, Fraction(100, 3))(facts)
    assert (value is None) == (ratio is None)
    if value is not None and ratio is not None:
        assert Fraction(*ratio) == value * Fraction(100, 3)
        assert ratio[1] > 0
