"""`walkaway check --as-of`: the limits of another day, for deals that opened on this one."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.helpers.findings import BASE

from walkaway_cli.commands.check import command
from walkaway_cli.exits import NO

FLOORS = "segment,walk,from\nsmb,10%,\nenterprise,20%,\nsmb,12%,2026-11-01\nsmb,15%,2027-01-01\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a policy whose walk value for small customers rises twice, and a deal of October."""
    text = BASE.replace("walk: 20%", 'walk: "floors[deal.segment].walk"')
    text = text.replace("signals:", "tables: {floors: {file: floors.csv, key: segment}}\nsignals:")
    text = text.replace("side: seller", "side: seller\neffective: {from: 2026-10-01, to: 2027-06-30}")
    (tmp_path / "policy.yaml").write_text(text)
    (tmp_path / "floors.csv").write_text(FLOORS)
    opening = {"id": "e1", "deal": "D", "at": "2026-10-05T09:00:00Z", "type": "open"}
    facts = {"facts": {"list_price": "100,000 USD", "segment": "smb"}}
    offer = {"id": "e2", "deal": "D", "at": "2026-10-06T09:00:00Z", "type": "offer", "by": "us"}
    lines = [opening | facts, offer | {"terms": {"discount": "9%"}}]
    (tmp_path / "deal.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    return tmp_path


def room(folder: Path, *more: str) -> str:
    """Give the room of discount after the offer of 9%."""
    arguments = ["--policy", str(folder), "--format", "json", *more, str(folder / "deal.jsonl")]
    done = CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    assert done.return_value in (0, NO)
    return str(json.loads(done.stdout.splitlines()[-1])["room"]["discount"])


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ((), "1%"),
        (("--as-of", "2026-10-31"), "1%"),
        (("--as-of", "2026-11-01"), "3%"),
        (("--as-of", "2026-12-31"), "3%"),
        (("--as-of", "2027-01-01"), "6%"),
    ],
)
def test_the_limits_of_a_day_decide(folder, more, left):
    """From the day in the table on; without the option those of the day on which the deal opened."""
    assert room(folder, *more) == left


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("2026-02-30", "is no day"),
        ("soon", "is no day"),
        ("2026-09-30", "not in force"),
        ("2027-07-01", "not in force"),
    ],
)
def test_a_day_on_which_no_deal_can_open_is_refused(folder, day, problem):
    """The question cannot be understood."""
    with pytest.raises(click.UsageError, match=problem):
        room(folder, "--as-of", day)
