"""`walkaway diff`: regions in words and as JSON, files that check decides so, and past decisions that would change."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.helpers.proving import PLAIN

from walkaway_cli.commands.check import command as check
from walkaway_cli.commands.diff import command
from walkaway_cli.exits import NO, YES

RULE = "  long: {why: w, on: their offer, when: offer.term > 60 months, then: refuse}\n"


def diff(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)


@pytest.fixture(autouse=True)
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give two policies, the second with a rule more, in a folder that is stood in."""
    (tmp_path / "old.yaml").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(PLAIN + RULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_no_difference_is_proved() -> None:
    """The exit is yes, and the answer says that it is a proof."""
    done = diff("old.yaml", "old.yaml")
    assert (done.return_value, done.stdout) == (YES, "no verdict changes: proved\n")


def test_regions_are_shown_with_deals_that_check_decides_so() -> None:
    """Each region says from what to what, by which rule, and its file is answered so under both policies."""
    done = diff("--out", "changed", "old.yaml", "new.yaml")
    assert done.return_value == NO
    first = done.stdout.splitlines()[0]
    assert first == "proceed → refuse by `long` (their offer)"
    for policy, verdict in (("old.yaml", "proceed"), ("new.yaml", "refuse")):
        arguments = ["--policy", policy, "--format", "json", "changed/region-1.jsonl"]
        checked = CliRunner().invoke(check, arguments, standalone_mode=False)
        assert json.loads(checked.stdout.splitlines()[-1])["verdict"] == verdict


def test_past_decisions_that_would_be_others_are_counted() -> None:
    """By verdict and rule; JSON holds the same."""
    events = [
        {"id": "e1", "deal": "d", "at": "2026-10-01T09:00:00Z", "type": "open", "facts": {"list_price": "10 USD"}},
        *(
            {"id": f"e{n}", "deal": "d", "at": f"2026-10-0{n}T09:00:00Z", "type": "offer", "by": "them"}
            | {"terms": {"term": f"{n * 20} months"}}
            for n in (2, 3, 4, 5)
        ),
    ]
    Path("past.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events), encoding="utf-8")
    done = diff("--events", "past.jsonl", "old.yaml", "new.yaml")
    assert done.stdout.endswith("2 past decisions: proceed → refuse (`long`)\n2 past decisions would be another\n")
    found = json.loads(diff("--events", "past.jsonl", "--format", "json", "old.yaml", "new.yaml").stdout)
    assert found["flips"] == [{"count": 2, "new": "refuse", "old": "proceed", "rule": "long"}]
    assert not found["proved_same"]
    assert {r["rule"] for r in found["regions"]} == {"long"}


def test_only_what_is_milder_than_mandatory_is_asked_for() -> None:
    """A rule more is a change, and loosens nothing."""
    done = diff("--mandatory", "old.yaml", "new.yaml")
    assert (done.return_value, done.stdout) == (YES, "nothing mandatory is loosened: proved\n")
