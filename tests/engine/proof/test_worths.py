"""Scales as formulas: what stands at a word's code."""

import pytest
import z3

from walkaway.proof.formulas.worths import by_code

pytestmark = pytest.mark.solver


@pytest.mark.parametrize("codes", [(0,), (0, 1), (2, 0, 1), (5, 3)])
def test_each_code_has_its_own_worth_the_lowest_and_the_highest_too(codes: tuple[int, ...]) -> None:
    """Of a value that is known, and of one that the solver chooses."""
    worths = {code: 100 + code for code in codes}
    value = z3.Int("value")
    for code in codes:
        assert by_code(worths, code) == 100 + code
        solver = z3.Solver()
        solver.add(value == code)
        assert solver.check(by_code(worths, value) != 100 + code) == z3.unsat
