"""Values that people would offer."""

from fractions import Fraction

import pytest

from walkaway.advice.counteroffers.steps import (
    MOST,
    MOST_BESIDE,
    MOST_IN_PAIRS,
    furthest_ask,
    round_amount,
    step_of,
    towards,
)
from walkaway.language.expr.tree import Const
from walkaway.language.values import Kind, Unit
from walkaway.policy.model import Issue, Linear


def issue(kind: Kind, *, better: int = 1, step: int | None = None) -> Issue:
    """Return an issue of a kind."""
    unit = Unit(kind, "USD" if kind is Kind.MONEY else "")
    return Issue("it", unit, 0, Linear(Const(Fraction(1)), 1), better, step=step)


@pytest.mark.parametrize(
    ("start", "end", "step", "found"),
    [
        (5, 22, 5, [10, 15, 20, 22]),
        (22, 5, 5, [20, 15, 10, 5]),
        (20, 5, 5, [15, 10, 5]),
        (-7, 7, 5, [-5, 0, 5, 7]),
        (3, 3, 5, []),
        (3, 4, 5, [4]),
    ],
)
def test_a_line_runs_over_multiples_and_ends_where_it_should(start, end, step, found):
    """Values are round ones beyond the start, up to the end itself, which need not be round."""
    assert towards(start, end, step, MOST) == found


def test_a_long_line_is_walked_in_wider_steps():
    """The step becomes a multiple of itself, and the end stays."""
    line = towards(0, 1_000, 1, 24)
    assert line[:2] == [45, 90]
    assert line[-1] == 1_000
    assert len(line) <= 25


@pytest.mark.parametrize(("start", "end"), [(67_499, 52_502), (0, 1_000), (0, -9_999), (13, 400), (5, 5)])
def test_shorter_lines_hold_nothing_that_longer_ones_leave_out(start, end):
    """So an issue that is taken back alone finds whatever is found while another one goes to its end."""
    widest, paired, beside = (set(towards(start, end, 1, most)) for most in (MOST, MOST_IN_PAIRS, MOST_BESIDE))
    assert beside <= paired <= widest
    assert len(beside) <= MOST_BESIDE + 1


@pytest.mark.parametrize(
    ("kind", "start", "limits", "met", "step"),
    [
        (Kind.PERCENT, 0, [80_000], [], 5_000),
        (Kind.MONTHS, 12, [36], [], 12),
        (Kind.MONTHS, 0, [3, None], [], 3),
        (Kind.MONTHS, 5, [], [], 1),
        (Kind.DAYS, 30, [90], [], 30),
        (Kind.DAYS, 14, [], [], 7),
        (Kind.DURATION, 0, [4 * 3_600], [], 3_600),
        (Kind.COUNT, 0, [7], [], 1),
        (Kind.NUMBER, 0, [25_000], [], 5_000),
        (Kind.MONEY, 10_000_000, [8_000_000], [], 100_000),
        (Kind.MONEY, 750_000, [650_000], [700_000], 5_000),
        (Kind.MONEY, 0, [], [], 1),
    ],
)
def test_steps_are_those_of_people(kind, start, limits, met, step):
    """Halves of a percent, twelves of months where nothing says otherwise, round money in proportion."""
    assert step_of(issue(kind), start, limits, met) == step


def test_the_policys_step_comes_first():
    """Who writes `step:` is asked nothing else."""
    assert step_of(issue(Kind.MONTHS, step=6), 12, [36], []) == 6


@pytest.mark.parametrize(("amount", "found"), [(0, 1), (1, 1), (4, 2), (7, 5), (99, 50), (100, 100), (2_500, 2_000)])
def test_round_amounts_are_one_two_or_five_of_a_power_of_ten(amount, found):
    """Never more than the amount, but for nothing."""
    assert round_amount(amount) == found


def test_asks_do_not_go_past_nothing():
    """A discount is not asked below 0%, a fee may go on up."""
    assert furthest_ask(issue(Kind.PERCENT, better=-1), 10_000, 5_000) == 0
    assert furthest_ask(issue(Kind.PERCENT), 0, 5_000) == 40_000
    assert furthest_ask(issue(Kind.MONTHS), 12, 12) == 36
