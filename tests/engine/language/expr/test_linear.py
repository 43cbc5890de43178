"""Conditions become alternatives of integer tests that hold exactly where the condition does."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.findings import read, with_rule

from walkaway.language.expr.linear import MAX_ALTERNATIVES, TooComplex, alternatives, holds, implies, sign, tidy
from walkaway.language.expr.tree import (
    All,
    Any,
    Compare,
    Const,
    Extreme,
    Fact,
    Not,
    Op,
    Product,
    Scaled,
    Sum,
    compare,
    evaluate,
)
from walkaway.language.values import Kind, Unit, exactly

COUNT = Unit(Kind.COUNT)
FACTS = ("x", "y", "z")


def lowered(when):
    """Return a rule's alternatives as sorted text: `give.value >= 501`."""
    (rule,) = (r for r in read(with_rule(f'"{when}"')).unwrap().rules if r.id == "example")
    return [sorted(map(written, tests)) for tests in rule.alternatives]


def written(test):
    """Return one test as text."""
    match test:
        case _ if hasattr(test, "symbol"):
            return f"{test.fact} {'=' if test.equal else '!='} {test.symbol}"
        case _ if hasattr(test, "known"):
            return f"{'' if test.known else 'not '}known({test.fact})"
        case _:
            parts = [f"{f}*{'*'.join(map(str, m))}".removeprefix("1*") for m, f in test.term.parts]
            return f"{' + '.join(parts)} {test.op} {test.constant}"


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("offer.term > 5.5 months", [["offer.term >= 6"]]),
        ("2 * offer.term >= 5 months", [["offer.term >= 3"]]),
        ("offer.term = 1 month / 3", []),
        ("give.value > 5 USD", [["give.value > 500"]]),
        ("2 * give.value >= 5.01 USD", [["2*give.value >= 501"]]),
        ("give.value = 1 USD / 3", [["3*give.value = 100"]]),
        ("give.value > 5 USD and give.value >= 5 USD", [["give.value > 500"]]),
        ("give.value >= 5 USD and give.value <= 5 USD", [["give.value = 500"]]),
        ("give.value > 5 USD and give.value < 5.01 USD", [["give.value < 501", "give.value > 500"]]),
        ("give.value > 5 USD and give.value <= 5 USD", []),
        ("5% of deal.list_price < give.value", [["deal.list_price + -20*give.value < 0"]]),
        ("get.value < give.value", [["get.value + -1*give.value < 0"]]),
        ("give.value > get.value", [["get.value + -1*give.value < 0"]]),
        ("offer.term between 12 months and 24 months", [["offer.term <= 24", "offer.term >= 12"]]),
        ("offer.term > 3 months and offer.term >= 12 months", [["offer.term >= 12"]]),
        ("offer.term >= 12 months and offer.term <= 12 months", [["offer.term = 12"]]),
        ("offer.prepay or not offer.first", [["offer.prepay = 1"], ["offer.first != 1"]]),
        ("not (deal.segment in [smb, enterprise])", [["deal.segment != enterprise", "deal.segment != smb"]]),
        ("not known(deal.growth) or deal.growth < 0.5", [["not known(deal.growth)"], ["deal.growth <= 4999"]]),
        ("deal.segment = smb and deal.segment = enterprise", []),
        ("(offer.prepay or offer.first) and offer.term = 1 month",
         [["offer.prepay = 1", "offer.term = 1"], ["offer.first = 1", "offer.term = 1"]]),
    ],
)  # fmt: skip
def test_a_condition_becomes_integer_tests(when, expected):
    """Fractions are multiplied out, bounds on integers move to the nearest one, and contradictions are dropped.

    What is computed from worths may lie between two cents, so its bounds stay where they are (law 8).
    """
    assert lowered(when) == expected


def numbers(depth=2):
    """Return trees over three facts."""
    constant = st.builds(Const, st.fractions(-4, 4, max_denominator=3))
    leaf = st.one_of(constant, st.builds(Fact, st.sampled_from(FACTS)), st.just(Fact("w", 1, whole=False)))
    if not depth:
        return leaf
    inner = numbers(depth - 1)
    pair = st.tuples(inner, inner)
    return st.one_of(
        leaf,
        st.builds(Sum, pair),
        st.builds(Scaled, st.fractions(-3, 3, max_denominator=4), inner),
        st.builds(Extreme, st.booleans(), pair),
        st.builds(Product, inner, st.builds(Fact, st.just("z"))),
    )


def conditions():
    """Return conditions over these numbers."""
    leaf = st.builds(lambda op, a, b: Compare(op, a, b, "", None, COUNT), st.sampled_from(Op), numbers(), numbers(1))
    pairs = st.tuples(leaf, leaf)
    return st.one_of(
        leaf, st.builds(Not, leaf), st.builds(All, pairs), st.builds(Any, pairs), st.builds(Not, st.builds(All, pairs))
    )


def truth(condition, facts):
    """Tell directly what *condition* says."""
    match condition:
        case Not(part):
            return not truth(part, facts)
        case All(parts):
            return all(truth(p, facts) for p in parts)
        case Any(parts):
            return any(truth(p, facts) for p in parts)
        case Compare(op, left, right):
            return compare(op, evaluate(left, facts), evaluate(right, facts))


BETWEEN = st.fractions(-5, 5, max_denominator=4).map(exactly)
VALUES = st.fixed_dictionaries(dict.fromkeys(FACTS, st.integers(-5, 5)) | {"w": BETWEEN})


@pytest.mark.slow
@given(conditions(), VALUES)
def test_the_alternatives_hold_where_the_condition_does(condition, facts):
    """For every value of its facts, however it is nested."""
    expected = truth(condition, facts)
    assert any(all(holds(t, facts) for t in tests) for tests in alternatives(condition)) is expected


@pytest.mark.slow
@given(conditions(), conditions(), VALUES)
def test_what_implies_holds_only_with_what_it_implies(first, second, facts):
    """`implies` may miss one, and is never wrong about one it finds."""
    for strong in alternatives(first):
        for weak in alternatives(second):
            if implies(strong, weak) and all(holds(t, facts) for t in strong):
                assert all(holds(t, facts) for t in weak)
            both = tidy(strong | weak)
            assert both is None or implies(both, strong)


@given(numbers(), st.fixed_dictionaries(dict.fromkeys((*FACTS, "w"), st.integers(0, 9))))
def test_a_sign_is_that_of_the_value(tree, facts):
    """Where facts are 0 or more, a tree of sign 1 is never below 0, and one of sign -1 never above."""
    found, value = sign(tree), evaluate(tree, facts)
    assert found is None or value * found > 0 or (value == 0 and found in (-1, 0, 1))


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (Sum((Scaled(Fraction(4, 5), Fact("x")), Scaled(Fraction(-3, 4), Fact("x")))), 1),
        (Sum((Fact("x"), Scaled(Fraction(-1), Fact("y")))), None),
        (Scaled(Fraction(-1), Extreme(True, (Fact("x"), Const(Fraction(0))))), -1),
        (Sum((Fact("x"), Scaled(Fraction(-1), Fact("x")))), 0),
    ],
)
def test_signs_are_found_through_shares_and_extremes(tree, expected):
    """80% of an amount less 75% of it is above nothing; the difference of two amounts may be either."""
    assert sign(tree) == expected


def test_too_many_alternatives_are_refused_before_they_are_made():
    """Sixty pairs would be more alternatives than could ever be listed."""
    pairs = tuple(
        Any(
            (
                Compare(Op.EQ, Fact(f"x{i}"), Const(Fraction(1)), "", None, COUNT),
                Compare(Op.EQ, Fact(f"y{i}"), Const(Fraction(1)), "", None, COUNT),
            )
        )
        for i in range(60)
    )
    with pytest.raises(TooComplex):
        alternatives(All(pairs))
    with pytest.raises(TooComplex):
        alternatives(Any(tuple(p for pair in pairs for p in pair.parts) * 2 + pairs[0].parts))
    assert len(alternatives(All(pairs[:7]))) == MAX_ALTERNATIVES
