"""What the formulas assume of every event: each sentence at its edges."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from tests.helpers.proving import PLAIN, policy_of

from walkaway.language.instants import read_day
from walkaway.policy import read
from walkaway.proof.formulas.constraints import CONSTRAINTS, _rows
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Sym
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


@pytest.mark.parametrize(
    ("opened", "left_at", "now", "may_be"),
    [(0, 0, 0, True), (0, 5, 5, True), (5, 5, 9, True), (0, 6, 5, False), (6, 5, 9, False)],
)
@pytest.mark.parametrize(("left_open", "left_closed"), [(True, False), (False, True)])
def test_we_left_no_sooner_than_it_opened_and_no_later_than_now(
    opened: int, left_at: int, now: int, may_be: bool, left_open: bool, left_closed: bool
) -> None:
    """Each may be the same instant as the next; by two doors nobody leaves, and who has not left has no instant."""
    holds, policy = OF["we left by one door, after the opening"], policy_of(PLAIN)

    def said(**doors: bool) -> bool:
        state = cast("State", SimpleNamespace(opened=opened, left_at=left_at, **doors))
        return bool(holds(policy, state, cast("Act", SimpleNamespace(now=now))))

    assert said(left_open=left_open, left_closed=left_closed) is may_be
    assert not said(left_open=True, left_closed=True)
    assert said(left_open=False, left_closed=False)


@pytest.mark.parametrize("rows", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize(("day", "walk"), [("2026-09-30", 10), ("2026-10-01", 15), ("2027-01-01", 20)])
def test_of_dated_rows_the_newest_counts_wherever_it_stands(rows: tuple[int, ...], day: str, walk: int) -> None:
    """Also where an older one stands above it; without a day it is older than any with one."""
    dated = ["smb,10%,", "smb,15%,2026-10-01", "smb,20%,2027-01-01"]
    text = PLAIN.replace("walk: 20%", 'walk: "caps[deal.segment].walk"').replace("want: 8%, ", "")
    text = text.replace("  list_price: money\n", "  list_price: money\n  segment: {one of: [smb], default: smb}\n")
    text = text.replace("package:", "tables: {caps: {file: caps.csv, key: segment}}\npackage:")
    sheet = "segment,walk,from\n" + "".join(f"{dated[row]}\n" for row in rows)
    policy = read(text.encode(), "policy.yaml", {"caps.csv": sheet.encode()}.get).unwrap()
    (lookup,) = policy.lookups
    at = read_day(day)
    assert at is not None
    for percent in (10, 15, 20):
        known = {lookup.name: Sym(True, percent * 10_000), "deal.segment": Sym(True, 0)}
        state = cast("State", SimpleNamespace(known=known))
        assert all(_rows(policy, state, Codes(), at)) is (percent == walk)
