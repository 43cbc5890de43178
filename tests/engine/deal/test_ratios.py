"""Numbers computed from a deal's facts as two integers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkaway.deal.ratios import Fixed, once, ratio
from walkaway.language.expr.tree import Const, Extreme, Fact, Number, Product, Scaled, Sum, evaluate

pytestmark = pytest.mark.search
FRACTIONS = st.fractions(min_value=-100, max_value=100, max_denominator=400)
LEAVES: st.SearchStrategy[Number] = st.builds(Const, FRACTIONS) | st.builds(
    Fact, st.sampled_from(["deal.a", "deal.b"]), st.sampled_from([1, 100])
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Scaled, FRACTIONS, inner)
        | st.builds(Product, inner, inner)
        | st.builds(Sum, st.tuples(inner, inner))
        | st.builds(Extreme, st.booleans(), st.tuples(inner, inner))
    ),
    max_leaves=6,
)
VALUES = st.none() | st.integers(-(2**53), 2**53) | FRACTIONS


@given(TREES, FRACTIONS.filter(bool), VALUES, VALUES)
def test_a_ratio_is_what_the_number_is_worth(tree, factor, a, b):
    """In lowest terms, whatever the number is made of; none where a fact it reads is unknown."""
    known = {"deal.a": a, "deal.b": b}
    value = evaluate(tree, known)
    assert ratio(tree, factor)(known) == (None if value is None else (value * factor).as_integer_ratio())


def test_what_rests_on_no_fact_is_computed_before_a_deal_opens():
    """And never again; a number that reads one waits for it."""
    number = Const(Fraction(3, 4))
    assert once(number, ratio(number, 100), ValueError) == Fixed((75, 1))
    fact = Fact("deal.a", 100)
    assert not isinstance(once(fact, ratio(fact, 1), ValueError), Fixed)
