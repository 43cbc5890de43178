"""`walkaway diff`: regions in words and as JSON, files that check decides so, and past decisions that would change."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.helpers.proving import PLAIN

from walkaway_cli.commands.check import command as check
from walkaway_cli.commands.diff import command
from walkaway_cli.exits import NO, YES
from walkaway_cli.main import walkaway

pytestmark = pytest.mark.solver

RULE = "  long: {why: w, on: their offer, when: offer.term > 60 months, then: refuse}\n"


def diff(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)


@pytest.fixture(autouse=True)
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with two policies, the second with a rule more."""
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


def in_force(policy: str, days: str) -> None:
    """Put days in force into a policy."""
    file = Path(policy)
    file.write_text(file.read_text(encoding="utf-8") + f"effective: {days}\n", encoding="utf-8")


def test_versions_that_follow_each_other_are_compared_all_the_same() -> None:
    """No day has both in force, so of every deal anything could be proved; it is said how the examples come out."""
    in_force("old.yaml", "{to: 2026-12-31}")
    in_force("new.yaml", "{from: 2027-01-01}")
    past = {"id": "e1", "deal": "d", "at": "2026-10-01T09:00:00Z", "type": "open", "facts": {"list_price": "10 USD"}}
    offer = {"id": "e2", "deal": "d", "at": "2026-10-02T09:00:00Z", "type": "offer", "by": "them"}
    lines = (past, offer | {"terms": {"term": "72 months"}})
    Path("past.jsonl").write_text("".join(json.dumps(e) + "\n" for e in lines), encoding="utf-8")
    done = diff("--out", "changed", "--events", "past.jsonl", "old.yaml", "new.yaml")
    assert done.return_value == NO
    assert done.stdout.startswith("proceed → refuse by `long` (their offer)\n")
    assert "no day has both policies in force: compared as if both always were" in done.stdout
    assert "1 past decision: proceed → refuse (`long`)" in done.stdout
    for policy, day, verdict in (("old.yaml", "2026-12-31", "proceed"), ("new.yaml", "2027-01-01", "refuse")):
        arguments = ["--policy", policy, "--as-of", day, "--format", "json", "changed/region-1.jsonl"]
        checked = CliRunner().invoke(check, arguments, standalone_mode=False)
        assert json.loads(checked.stdout.splitlines()[-1])["verdict"] == verdict
    loosened = diff("--mandatory", "--format", "json", "new.yaml", "old.yaml")
    assert loosened.return_value == NO
    assert json.loads(loosened.stdout)["as_if_in_force"]


def test_days_on_which_one_alone_is_in_force_are_named() -> None:
    """A proof is about the days that both have."""
    in_force("old.yaml", "{to: 2026-12-31}")
    Path("new.yaml").write_text(PLAIN, encoding="utf-8")
    done = diff("old.yaml", "new.yaml")
    assert done.return_value == YES
    alone = "not compared, since one policy alone knows it: days on which the new policy\n  alone is in force\n"
    assert done.stdout == f"{alone}no verdict changes: proved\n"


def test_a_file_of_which_no_decision_is_read_is_no_answer() -> None:
    """What is no event says nothing of past decisions, and the command says so instead of counting none."""
    Path("past.jsonl").write_text('{"decision": {"deal": "d", "event": "e1"}}\n', encoding="utf-8")
    done = CliRunner().invoke(command, ["--events", "past.jsonl", "old.yaml", "new.yaml"])
    assert done.exit_code == 2
    assert "no past decision was read from past.jsonl" in done.stderr
    assert "0 past decisions" not in done.stdout


def test_what_a_log_exports_are_past_decisions() -> None:
    """Its JSON lines are read as the events that they record, and compared as these are; names are sealed in them."""
    head = {"deal": "d", "at": "2026-10-01T09:00:00Z"}
    events = [
        {**head, "id": "e1", "type": "open", "facts": {"list_price": "10 USD"}, "actor": "ann"},
        {**head, "id": "e2", "type": "offer", "by": "them", "terms": {"term": "72 months"}, "note": "a note"},
    ]
    Path("past.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events), encoding="utf-8")
    for run in (
        ("record", "--policy", "old.yaml", "--store", "past.db", "past.jsonl"),
        ("log", "export", "--store", "past.db", "--to", "exported.jsonl"),
    ):
        assert CliRunner().invoke(walkaway, run, standalone_mode=False).return_value == YES
    exported = Path("exported.jsonl").read_text(encoding="utf-8")
    assert exported.count("\n") == 2
    assert "sealed:" in exported
    done = diff("--events", "exported.jsonl", "old.yaml", "new.yaml")
    assert done.stdout.endswith("1 past decision: proceed → refuse (`long`)\n1 past decision would be another\n")
    assert "could not be decided" not in done.stderr
    assert done.stderr == diff("--events", "past.jsonl", "old.yaml", "new.yaml").stderr
