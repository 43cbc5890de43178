"""`plain` says what rules mean: exact numbers, facts that may be unknown, conclusions from stratum to stratum."""

from fractions import Fraction

import pytest
from tests.helpers.deciding import naive
from tests.helpers.stages import stage

from walkaway.decide.core import plain
from walkaway.decide.core.program import CoreRule, Stage, concluded
from walkaway.language.expr.tree import All, Any, Const, Extreme, Fact, Product, Scaled, Sum, evaluate

CENT = 1
DOLLAR = 100


def fires(text, facts, uncertain=()):
    """Return whether a rule with this condition fires, as `plain` and as the bare meaning have it."""
    one = stage({"r": text}, uncertain)
    fired = plain.run(one, facts)
    assert fired == naive(one, facts)
    return bool(fired)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("money.a > 10 USD", 10 * DOLLAR, False),
        ("money.a > 10 USD", 10 * DOLLAR + CENT, True),
        ("money.a >= 10 USD", 10 * DOLLAR, True),
        ("money.a >= 10 USD", 10 * DOLLAR - CENT, False),
        ("money.a < 10.0050 USD", 10 * DOLLAR, True),
        ("money.a = 10.0050 USD", 10 * DOLLAR, False),
        ("money.a != 10.0050 USD", 10 * DOLLAR, True),
        ("10 USD < money.a", 10 * DOLLAR, False),
        ("money.a between 10 USD and 11 USD", 11 * DOLLAR, True),
        ("money.a between 10 USD and 11 USD", 11 * DOLLAR + CENT, False),
        ("money.a in [10 USD, 12 USD]", 12 * DOLLAR, True),
        ("money.a not in [10 USD, 12 USD]", 12 * DOLLAR, False),
    ],
)
def test_comparison_is_exact_to_the_cent(text, value, expected):
    """At a constant and one cent to either side a comparison says what it says, between two cents too."""
    assert fires(text, {"money.a": value}) is expected


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("money.a / 3 > 1 USD", {"money.a": 300}, False),
        ("money.a / 3 > 1 USD", {"money.a": 301}, True),
        ("33.3333% of money.a < 33.34 USD", {"money.a": 10_000}, True),
        ("percent.p of money.a >= 1 USD", {"percent.p": 10_000, "money.a": 10_000}, True),
        ("percent.p of money.a >= 1 USD", {"percent.p": 9_999, "money.a": 10_000}, False),
        ("number.n * money.a = 1.50 USD", {"number.n": 15_000, "money.a": 100}, True),
        ("-money.a + 2 * money.b = 0 USD", {"money.a": 200, "money.b": 100}, True),
        ("abs(money.a - money.b) > 1 USD", {"money.a": 0, "money.b": 101}, True),
        ("abs(money.a - money.b) > 1 USD", {"money.a": 0, "money.b": 100}, False),
        ("min(money.a, 5 USD, money.b) = 4.99 USD", {"money.a": 600, "money.b": 499}, True),
        ("max(money.a / 2, money.b / 3) >= 1 USD", {"money.a": 199, "money.b": 300}, True),
    ],
)
def test_arithmetic_is_exact(text, facts, expected):
    """Shares, quotients, products, minima and maxima are compared as fractions, never rounded."""
    assert fires(text, facts) is expected


def test_leaf_over_an_unknown_fact_neither_holds_nor_fails():
    """While a fact is unknown a leaf over it is false, and so is its opposite; `known` alone tells."""
    for text in ("count.a > 1", "not count.a > 1", "count.a != 1", "count.a - count.a = 0", "abs(count.a) >= 0"):
        assert not fires(text, {}, ["count.a"])
        assert not fires(text, {"count.a": None}, ["count.a"])
    for text in ("word.w = red", "word.w != red", "not word.w in [red, green]"):
        assert not fires(text, {}, ["word.w"])
    for text in ("flag.f", "not flag.f", "flag.f = no"):
        assert not fires(text, {}, ["flag.f"])
    assert fires("known(count.a) and count.a = 1", {"count.a": 1}, ["count.a"])
    assert fires("not known(count.a) or count.a = 1", {}, ["count.a"])
    assert not fires("known(count.a)", {}, ["count.a"])


def test_known_of_a_fact_that_always_is():
    """Where a fact cannot be unknown `known` holds, and its opposite does not, whatever comes."""
    assert fires("known(count.a)", {"count.a": 0})
    assert not fires("not known(count.a)", {"count.a": 0})


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("word.w = red", "red", True),
        ("word.w != red", "red", False),
        ('word.w = "two words"', "two words", True),
        ("word.w in [red, green]", "green", True),
        ("word.w not in [red, green]", "two words", True),
    ],
)
def test_symbols_are_compared_by_name(text, word, expected):
    """A choice is one of its words or not."""
    assert fires(text, {"word.w": word}) is expected


def test_conclusions_go_up_the_strata():
    """A conclusion is no until a rule concludes it, and is read only above that rule."""
    rules = {
        "a-high": ("not concluded.low", "high"),
        "b-low": ("count.a > 1", "low"),
        "c-both": "concluded.low and not concluded.high",
        "d-high": "concluded.high",
    }
    one = stage(rules)

    def names(facts):
        fired = plain.run(one, facts)
        assert fired == naive(one, facts)
        return {one.rules[i].id for i in fired}, concluded(one, fired)

    assert names({"count.a": 2}) == ({"b-low", "c-both"}, ("low",))
    assert names({"count.a": 1}) == ({"a-high", "d-high"}, ("high",))


def test_empty_conjunction_always_holds_and_empty_disjunction_never():
    """A rule without a condition fires; a choice among nothing does not."""
    rules = (CoreRule("always", All(()), (frozenset(),)), CoreRule("never", Any(()), ()))
    assert plain.run(Stage(rules, frozenset()), {}) == (0,)


def test_amount_equals_the_meaning_of_its_tree():
    """A number put together as code has the value that its tree evaluates to."""
    tree = Sum(
        (
            Extreme(True, (Fact("a", 100), Scaled(Fraction(1, 3), Fact("b", 10_000)))),
            Product(Fact("a", 100), Fact("c", 7)),
            Const(Fraction(5, 7)),
            Scaled(Fraction(-2), Extreme(False, (Fact("b", 10_000), Const(Fraction(1))))),
        )
    )
    run, below = plain.amount(tree)
    for a, b, c in ((0, 0, 0), (1, -1, 3), (100, 30_001, -7), (2**53, -(2**53), 2**53)):
        facts = {"a": a, "b": b, "c": c}
        assert Fraction(run(facts), below) == evaluate(tree, facts)
    assert run({"a": 1, "b": None, "c": 1}) is None


def test_long_sums_and_many_rules_compile():
    """As long an expression as there may be, and a thousand rules, become a function that runs."""
    long = " + ".join(f"count.f{i}" for i in range(300))
    assert fires(f"{long} = 300", {f"count.f{i}": 1 for i in range(300)})
    many = stage({f"r{i:04d}": f"count.a >= {i}" for i in range(1_000)})
    assert plain.run(many, {"count.a": 499}) == tuple(range(500))
