"""What the formulas assume of every event: each sentence at its edges."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from tests.helpers.proving import policy_of

from walkaway.proof.formulas.constraints import CONSTRAINTS
from walkaway.proof.formulas.encode import UNKNOWN, Sym
from walkaway.proof.formulas.facts import Act, State

OF = dict(CONSTRAINTS)
DELIVERY = Path(__file__).parents[3] / "features" / "policies" / "delivery" / "policy.yaml"


@pytest.mark.parametrize(
    ("is_owed", "is_late", "days_left", "may_be"),
    [
        (1, 0, 1, True), (1, 0, 0, True), (1, 1, -1, True), (1, 1, 0, False), (1, 0, -1, False),
        (1, 0, None, False), (0, 0, None, True), (0, 1, None, False), (0, 0, 1, False),
    ],
)  # fmt: skip
def test_what_is_owed_is_late_from_the_day_after_the_last(
    is_owed: int, is_late: int, days_left: int | None, may_be: bool
) -> None:
    """On the last day it is in time, and has no day left; what is not owed has none, and is not late."""
    free = {f"owed.{what}.case_studies": Sym(True, 0) for what in ("open", "late")}
    free |= {"owed.open.reference": Sym(True, is_owed), "owed.late.reference": Sym(True, is_late)}
    free |= {"owed.open": Sym(True, is_owed), "owed.late": Sym(True, is_late)}
    free |= {"owed.days_left.reference": UNKNOWN if days_left is None else Sym(True, days_left)}
    policy = policy_of(DELIVERY.read_text(encoding="utf-8"))
    state = cast("State", SimpleNamespace(free=free))
    holds = OF["what is owed is counted, and is overdue once it is due no more"]
    assert holds(policy, state, cast("Act", None)) is may_be
    miscounted = cast("State", SimpleNamespace(free={**free, "owed.open": Sym(True, 1 + is_owed)}))
    assert holds(policy, miscounted, cast("Act", None)) is False
