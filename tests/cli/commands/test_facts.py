"""`walkaway facts`: the catalog as people read it, and the page that is made of it."""

import json
from pathlib import Path

from click.testing import CliRunner

from walkaway.policy import load
from walkaway_cli.commands.facts import command, listed_for_all
from walkaway_cli.exits import YES

ROOT = Path(__file__).parents[3]
POLICY = ROOT / "rules" / "saas-discounting"


def facts(*arguments: str) -> str:
    """Run the command and give what it printed."""
    result = CliRunner().invoke(command, [*arguments], standalone_mode=False, catch_exceptions=False)
    assert result.return_value == YES
    return result.output


def test_the_page_of_facts_is_current() -> None:
    """Made again with `walkaway facts --format markdown > docs/facts.md`, the page is the same."""
    assert facts("--format", "markdown") == (ROOT / "docs" / "facts.md").read_text(encoding="utf-8")


def test_a_policy_lists_exactly_its_catalog() -> None:
    """Every fact a rule of the policy may read is listed, once, and nothing else."""
    shown = json.loads(facts("--policy", str(POLICY), "--format", "json"))
    assert [f["name"] for f in shown] == list(load(POLICY).unwrap().catalog)


def test_types_units_and_guards_are_told() -> None:
    """A fact says what sort of value it is, how one is written, when it is known, and whether it needs a guard."""
    shown = {f["name"]: f for f in json.loads(facts("--policy", str(POLICY), "--format", "json"))}
    assert shown["give.value"] == {
        "name": "give.value",
        "group": "give",
        "type": "money in USD",
        "example": "10,000 USD",
        "known": "on our terms: our offers and acceptances, and their acceptances",
        "guard": False,
        "fixed": False,
        "meaning": "the worth our terms concede against what was cleared, by issue, 0 or more",
    }
    assert shown["deal.list_price"]["fixed"]
    assert shown["theirs.last.term"]["guard"]
    assert shown["offer.support"]["type"] == "one of basic, gold"


def test_without_a_policy_placeholders_stand_for_what_policies_declare() -> None:
    """The general list names every sort of fact, and promises nothing that a policy may leave out."""
    names = {f.name: f for f in listed_for_all()}
    for name in ("offer.ISSUE", "theirs.last.ISSUE", "signals.KIND", "approved.ROLE", "deal.NAME", "concluded.NAME"):
        assert name in names
    assert names["walk.ISSUE"].known == "always where the policy gives it; else guard it"
    assert names["deal.NAME"].known == "always where required, or has a default; else guard it"
    assert names["offer.ISSUE"].type == "as the issue"


def test_the_list_fits_80_columns_and_ends_no_line_in_spaces() -> None:
    """Read through a pipe, no line is wider than a terminal."""
    for shown in (facts(), facts("--policy", str(POLICY))):
        assert [line for line in shown.splitlines() if len(line) > 80 or line != line.rstrip()] == []
        assert "\x1b" not in shown
