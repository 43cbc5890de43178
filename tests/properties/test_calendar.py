"""Rules on the calendar: both cores, the meaning of conditions and the formulas of proofs say one thing of them."""

from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.generated import Case, decoded, generate
from tests.helpers.strategies import bounded

from walkaway.deal.facts import lacking
from walkaway.decide.engine import Core, Engine

pytestmark = [pytest.mark.slow, pytest.mark.solver, pytest.mark.search]

TABLE = (Path(__file__).parents[2] / "features" / "policies" / "quarter" / "calendar.csv").read_text(encoding="utf-8")
SHORT = "\n".join(line for line in TABLE.splitlines() if line[:7] < "2026-11") + "\n"
"""The same up to the end of October: most generated deals run out of it."""
QUANTITIES = (
    ("calendar.weekday", (1, 5, 6, 7)), ("calendar.hour", (0, 1, 12, 23)), ("calendar.quarter", (3, 4)),
    ("calendar.month_of_quarter", (1, 2, 3)), ("calendar.business_days_to_quarter_end", (0, 1, 3, 10, 30)),
)  # fmt: skip


def leaf(rng: Random) -> str:
    """Return a condition over days."""
    op, days = rng.choice(("<", "<=", ">", ">=", "=", "!=")), rng.choice((0, 1, 7, 20, 40))
    name, values = rng.choice(QUANTITIES)
    day = f"2026-{rng.choice((10, 11))}-{rng.choice((1, 15, 20, 30)):02d}"
    return rng.choice(
        (
            f"{name} {op} {rng.choice(values)}",
            f"calendar.days_to_quarter_end {op} {days} days",
            f"deal.begins - calendar.day {op} {days} days",
            f"calendar.day {op} {day}",
            f"calendar.day {op} deal.begins + {days} days",
            f"max(calendar.day, deal.begins) {op} {day}",
            rng.choice(("calendar.business", "not calendar.business", "calendar.business = no")),
        )
    )


@st.composite
def calendars(draw: st.DrawFn) -> Case:
    """Return a generated case with a calendar, a day that deals state, and rules on them."""
    rng = draw(st.randoms(use_true_random=False))
    case = generate(rng, 20)
    root = {**case.root, "calendar": {"file": "calendar.csv"}}
    root["deal"] = {**root.get("deal", {}), "begins": {"type": "day", "default": "2026-10-20"}}
    more = {
        f"on-days-{n}": {
            "why": "w",
            "on": rng.choice(("any", "our offer", "their offer", "our terms")),
            "when": f" {rng.choice(('and', 'or'))} ".join(leaf(rng) for _ in range(rng.randint(1, 3))),
            "then": rng.choice(("trade", "hold", "refuse")),
        }
        for n in range(rng.randint(1, 4))
    }
    root["rules"] = {**root["rules"], **more}
    tables = {**case.tables, "calendar.csv": rng.choice((TABLE, SHORT))}
    return msgspec.structs.replace(case, root=root, tables=tables)


@bounded(6, 200)
@given(calendars())
def test_everybody_agrees_on_the_calendar(case: Case) -> None:
    """The two cores and the formulas, inside the table and beyond its end; beyond it nothing is let through."""
    policy = case.read()
    if policy is None:
        return
    engine = Engine(policy, Core.BOTH)
    for step in follow(engine, decoded(policy, case.lines())):
        assert step.decision.cores.agree
        assert_encoded(policy, engine, step)
        if policy.calendar is not None and policy.calendar.row(step.event.instant) is None:
            assert lacking(policy, step.position, step.event)
            assert step.decision.verdict not in ("proceed", "trade")
