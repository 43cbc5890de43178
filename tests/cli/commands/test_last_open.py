"""Counteroffers behind the decisions of some deals: only to what is still open."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from walkaway_cli.main import walkaway

RULES = Path(__file__).parents[3] / "rules" / "saas-discounting"
LINES = (RULES / "deal.jsonl").read_text(encoding="utf-8").splitlines()
INSTEAD = "What would pass instead, nearest first"


def check(folder: Path, lines: Sequence[str], *options: str) -> Result:
    """Run the command in this process."""
    file = folder / "deals.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    arguments = ["check", "--policy", str(RULES), *options, str(file)]
    return CliRunner().invoke(walkaway, arguments, standalone_mode=False)


def renamed(lines: Sequence[str], deal: str) -> list[str]:
    """Return the same events of another deal."""
    return [json.dumps(json.loads(line) | {"deal": deal}) for line in lines]


def test_an_answer_that_is_open_is_followed_by_what_would_pass(tmp_path):
    """Of the three offers that were not let through only the latest is still to be answered."""
    shown = check(tmp_path, LINES[:4]).stdout
    assert shown.count(INSTEAD) == 1
    told, _, instead = shown.partition(f"  {INSTEAD}:")
    assert told.endswith("Room to walk: discount -5% · package -5,000 USD\n\n")
    assert instead == check(tmp_path, LINES[:4], "--advice").stdout.rpartition(f"  {INSTEAD}:")[2]


def test_an_answer_of_another_deal_is_named_again(tmp_path):
    """Behind all decisions, each deal's open one in the order in which they came."""
    lines = [*LINES[:2], *renamed(LINES[:3], "D-2"), *renamed(LINES[:1], "D-3")]
    shown = check(tmp_path, lines).stdout
    assert [line for line in shown.splitlines() if line.startswith(("INSTEAD", f"  {INSTEAD}"))] == [
        "INSTEAD  D-1042 · e02 · their offer · 2026-10-05T10:00:00Z",
        f"  {INSTEAD}:",
        "INSTEAD  D-2 · e03 · our offer · 2026-10-05T15:00:00Z",
        f"  {INSTEAD}:",
    ]


@pytest.mark.parametrize("late", [False, True])
def test_an_earlier_event_that_comes_again_or_late_opens_nothing(tmp_path, late):
    """What was answered before does not take the place of a deal's latest answer."""
    lines = [*LINES[:2], *LINES[3:5], LINES[2] if late else LINES[3]]
    shown = check(tmp_path, lines, *(["--allow-late"] if late else []))
    assert INSTEAD not in shown.stdout
    assert shown.stdout.count("D-1042 ·") == 5


def test_what_was_let_through_since_has_no_counteroffers(tmp_path):
    """An approval that is kept is an answer too."""
    assert INSTEAD in check(tmp_path, LINES[:7]).stdout
    assert INSTEAD not in check(tmp_path, LINES[:8]).stdout
