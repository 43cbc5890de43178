"""Gaps and overlaps of large tables: the solver finds what trying every region finds, and nothing out of time."""

import time
from collections.abc import Sequence

import pytest
import z3
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.helpers.findings import BASE, read

from walkaway.language.diagnostics import Checked, Diagnostic
from walkaway.policy.model import Policy
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.gaps import gaps

pytestmark = pytest.mark.solver

Cells = Sequence[str]
SIZES = ["*", "0", "3", "9", "0..3", "2..9", "< 3", ">= 3", "> 9"]
DAYS = ["", "1969-01-01", "2026-10-01", "2027-01-01", "6000-01-01", "9999-12-31"]
LISTED = {"TABLE_GAP", "TABLE_OVERLAP", "TABLE_ROW_UNREACHED"}


def policy(rows: Sequence[Cells], hit: str, begins: str) -> Checked[Policy]:
    """Read a policy whose walk value stands in a table, as a sheet with its keys and a day."""
    text = BASE.replace("walk: 20%", 'walk: "caps[deal.size, deal.segment, deal.note, deal.due].walk"').replace(
        "growth: {type: number, optional: yes}",
        "growth: {type: number, optional: yes}\n  size: {type: count, default: 1}\n"
        "  note: {type: text, default: x}\n  due: {type: day, default: 2026-01-01}",
    )
    text = text.replace("version: 1\n", f"version: 1\neffective: {{from: {begins}}}\n" if begins else "version: 1\n")
    keys = "[size, segment, note, due]"
    text = text.replace("signals:", f"tables: {{caps: {{file: caps.csv, key: {keys}, hit: {hit}}}}}\nsignals:")
    sheet = "size,segment,note,due,from,walk\n" + "".join(f"{','.join(row)},15%\n" for row in rows)
    return read(text, {"caps.csv": sheet.encode()})


def told(findings: Sequence[Diagnostic]) -> set[tuple[str, str, int]]:
    """Return which findings there are, of which line, and of deals that open too early before which day."""
    early = " for deals that open before "
    return {
        (f.code.name, f"{f.severity}{f.message.partition(early)[2]}", f.span.line)
        for f in findings
        if f.code.name in LISTED
    }


def searched(rows: Sequence[Cells], hit: str, begins: str, seconds: float = 60) -> list[Diagnostic]:
    """Return what the solver finds in a table that reading has left unsearched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("walkaway.policy.tables.MAX_REGIONS", 0)
        patch.setattr("walkaway.policy.lately.last_readings", lambda *_: [])
        return list(gaps(policy(rows, hit, begins).unwrap(), TimeLimit(time.monotonic, time.monotonic() + seconds)))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(SIZES), st.sampled_from(["smb", "enterprise", "*"]), st.sampled_from(["*", "*", "x"]),
            st.sampled_from(["*", "*", ">= 2026-01-01", "< 2026-01-01"]), st.sampled_from(DAYS),
        ),
        min_size=1, max_size=5,
    ),
    st.sampled_from(["first", "unique"]),
    st.sampled_from(["", "1968-01-01", "2026-10-01", "2026-12-31"]),
)  # fmt: skip
@example([("*", "*", "*", "*", ""), ("*", "*", "*", "*", "6000-01-01")], "first", "")
@example([("*", "*", "*", "*", ""), ("*", "*", "*", "*", "2026-10-01")], "unique", "2026-10-01")
@example([("*", "smb", "*", "*", "2026-10-01"), ("*", "enterprise", "*", "*", "")], "unique", "")
@example([("*", "smb", "*", "*", "2026-10-01"), ("*", "enterprise", "*", "*", "")], "unique", "2026-10-01")
@example([("*", "*", "*", ">= 2026-01-01", "")], "unique", "")
@example([("*", "*", "*", "< 1970-01-01", ""), ("*", "*", "*", ">= 1970-01-01", "")], "unique", "")
@example([("*", "*", "x", "*", ""), ("*", "*", "x", "*", "")], "first", "")
@example([("< 3", "*", "*", "*", ""), ("*", "*", "*", "*", ""), ("3", "*", "*", "*", "")], "first", "")
@settings(deadline=None, max_examples=40)
def test_the_solver_finds_what_trying_every_region_finds(rows: list[Cells], hit: str, begins: str) -> None:
    """Gaps, also of deals that open before the first row's day, overlaps and rows that never count."""
    assert told(searched(rows, hit, begins)) == told(policy(rows, hit, begins).findings)


def test_what_is_not_decided_in_time_is_no_finding() -> None:
    """No row is said never to match, and no gap to be there, because nobody had time to look."""
    rows = [("< 3", "*", "*", "*", ""), (">= 3", "*", "*", "*", ""), ("3", "smb", "x", "*", "")]
    assert {code for code, _, _ in told(searched(rows, "first", ""))} == {"TABLE_ROW_UNREACHED"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("z3.Solver.check", lambda _: z3.unknown)
        assert searched(rows, "first", "") == []


def test_a_deal_without_a_row_is_named_as_reading_names_it() -> None:
    """A text that no row names has no words of the solver's own."""
    (gap,) = searched([("*", "*", "x", "*", "")], "first", "")
    assert gap.message.startswith("table `caps` has no row for size ")
    assert ", note any other text, due " in gap.message
