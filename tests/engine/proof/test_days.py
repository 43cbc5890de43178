"""The calendar as formulas: at every instant, its first and its last among them, they say what the calendar says."""

from pathlib import Path

import pytest
import z3

from walkaway.policy import load
from walkaway.proof.formulas.days import AnyDay
from walkaway.proof.formulas.logic import both, equal, no
from walkaway.proof.formulas.worths import Asserted

pytestmark = pytest.mark.solver
POLICY = load(Path(__file__).parents[3] / "features" / "policies" / "quarter").unwrap()
CALENDAR = POLICY.calendar
assert CALENDAR is not None
STARTS = [at // 1_000_000 for at in CALENDAR.starts]
ENDS = CALENDAR.ends // 1_000_000
INSTANTS = [STARTS[0], STARTS[1] - 1, STARTS[1], STARTS[40], STARTS[40] - 1, STARTS[-1] - 1, STARTS[-1], ENDS - 1]


@pytest.mark.parametrize("instant", INSTANTS)
def test_an_instant_lies_in_the_row_of_its_day(instant: int) -> None:
    """The first second of a day as well as its last; the last row has no other behind it."""
    assert CALENDAR is not None
    asserted, now = Asserted(precise=True), z3.Int("now")
    days = AnyDay(CALENDAR, 0, asserted)
    names = ("weekday", "day", "quarter", "business")
    wanted = {name: CALENDAR.read(name, instant * 1_000_000) for name in names}
    read = {name: days.read(name, now) for name in names}
    solver = z3.Solver()
    solver.add(*asserted.formulas, now == instant)
    right = both(*(both(sym.known, equal(sym.value, wanted[name])) for name, sym in read.items()))
    assert solver.check(right) == z3.sat
    assert solver.check(no(right)) == z3.unsat


@pytest.mark.parametrize("instant", [STARTS[0] - 1, ENDS])
def test_an_instant_before_the_first_row_or_behind_the_last_has_none(instant: int) -> None:
    """There nothing is known of its day."""
    assert CALENDAR is not None
    asserted, now = Asserted(precise=True), z3.Int("now")
    known = AnyDay(CALENDAR, 0, asserted).read("weekday", now).known
    solver = z3.Solver()
    solver.add(*asserted.formulas, now == instant)
    assert solver.check() == z3.sat
    assert solver.check(known) == z3.unsat
