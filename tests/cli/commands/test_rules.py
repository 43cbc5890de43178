"""`walkaway rules`: what a policy decides, on one page."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from walkaway import Core, Engine, load
from walkaway_cli.commands.rules import command
from walkaway_cli.exits import YES

ROOT = Path(__file__).parents[3]
RULES = sorted(ROOT.glob("rules/*"))

MADE_UP = """
policy: made-up
version: 1
side: seller
currency: USD
issues:
  discount: {type: percent, start: 0%, worth: -100 USD per 1%, walk: 20%}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic}
roles: [manager]
define:
  steep: offer.discount > 12%
rules:
  short-of-want: off
  unprepared: {then: escalate, to: manager}
  first:
    why: The first.
    on: [our offer, our acceptance]
    when:
      any: [steep, {all: [offer.discount between 3% and 5%, offer.support != gold]}]
    unless: offer.discount not between 1% and 2%
    then: escalate
    to: manager
    enforcement: overridable
    by: manager
  second: {why: The second., on: any, then: walk, door: closed}
  third: {why: The third., on: tick, when: since.opened > 2 days, then: {conclude: late}}
  fourth: {why: The fourth., on: tick, when: not concluded.late, then: hold, concern: risk}
"""


def rules(*arguments: str) -> str:
    """Run the command and give what it printed to stdout."""
    result = CliRunner().invoke(command, [*arguments], standalone_mode=False, catch_exceptions=False)
    assert result.return_value == YES
    return result.stdout


@pytest.fixture
def shown(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Return the made-up policy's rules as listed, by id; of two parts of a built-in rule the last."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(MADE_UP, encoding="utf-8")
    return {r["id"]: r for r in json.loads(rules("--policy", str(policy), "--format", "json"))}


def test_a_rule_is_listed_with_all_it_says(shown: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """The condition stands on one line with definitions written out, and the place can be jumped to."""
    assert shown["first"] == {
        "id": "first",
        "on": ["our offer", "our acceptance"],
        "effect": "escalate",
        "to": "manager",
        "door": "",
        "enforcement": "overridable",
        "by": "manager",
        "why": "The first.",
        "say": "",
        "condition": "(offer.discount > 12% or (offer.discount between 3% and 5% and offer.support != gold))"
        " and not (offer.discount not between 1% and 2%)",
        "place": f"{tmp_path / 'policy.yaml'}:15",
        "source": "",
        "built_in": False,
        "concern": "",
        "sentence": "Our offer or our acceptance is answered with escalate to `manager` where either discount is above"
        " 12%, or both discount is at least 3%, discount is at most 5%, and support is not gold; and discount is at"
        " least 1%; and discount is at most 2%, unless `manager` lifts it.",
    }


def test_effects_of_every_sort_are_told(shown: dict[str, dict[str, Any]]) -> None:
    """A walk has its door, a conclusion its name, and a rule without a condition says always."""
    assert (shown["second"]["on"], shown["second"]["door"], shown["second"]["condition"]) == (
        ["any"],
        "closed",
        "always",
    )
    assert shown["third"]["effect"] == "concludes late"
    assert (shown["fourth"]["condition"], shown["fourth"]["concern"]) == ("not concluded.late", "risk")


def test_a_rule_is_said_in_one_sentence(tmp_path: Path) -> None:
    """Under its name, at 80 columns, in the words of its listing."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(MADE_UP, encoding="utf-8")
    printed = rules("--sentences", "--policy", str(policy))
    assert printed.split("\n\n")[2] == (
        "third\n  A tick concludes `late` where the time since the deal opened is above 2 days."
    )
    assert max(map(len, printed.splitlines())) <= 80


def test_built_in_rules_stand_beside_them_as_the_policy_has_them(shown: dict[str, dict[str, Any]]) -> None:
    """One made more severe is listed so, one switched off is not listed."""
    assert (shown["unprepared"]["effect"], shown["unprepared"]["to"]) == ("escalate", "manager")
    assert shown["unprepared"]["place"] == "built-in"
    assert "short-of-want" not in shown
    assert {"beyond-walk", "left"} <= set(shown)


@pytest.mark.parametrize("policy", RULES, ids=lambda p: p.name)
def test_the_page_of_a_shipped_policy_fits_80_columns(policy: Path) -> None:
    """Own rules come first, built-in ones after them, and a line counts them."""
    printed = rules(
        "--policy", str(policy.relative_to(Path.cwd())) if policy.is_relative_to(Path.cwd()) else str(policy)
    )
    lines = printed.splitlines()
    assert [line for line in lines if len(line) > 80 and "policy.yaml:" not in line] == []
    places = [line.split(maxsplit=1)[1] for line in lines if line.startswith("  at    ")]
    own = [p for p in places if p != "built-in"]
    assert own == places[: len(own)]
    assert lines[-1] == f"{len(own)} rules of the policy's own, {len(places) - len(own)} built in"


def test_what_is_generated_can_be_read() -> None:
    """With `--generated` the functions of a live run are printed: Python that names issues, facts and limits."""
    result = CliRunner().invoke(command, ["--policy", str(ROOT / "rules" / "saas-discounting"), "--generated"])
    assert result.exit_code == YES
    functions = [node.name for node in ast.parse(result.output).body if isinstance(node, ast.FunctionDef)]
    assert functions[:5] == ["our_acceptance", "lesser", "our_offer", "their_acceptance", "their_offer"]
    assert {"open", "their_rejection", "signal", "tick"} < set(functions)
    assert "room__discount = walk__discount - offer__discount" in result.output
    assert "if give__value > get__value:" in result.output


def test_whoever_decides_pays_for_no_text() -> None:
    """Functions that decide events are not put into text, nor are those written that no event needs yet."""
    generated = Engine(load(ROOT / "rules" / "saas-discounting").unwrap(), Core.PLAIN).generated
    assert generated.our_offer is not None
    assert generated.written == {"our offer": ""}
    texts = generated.texts()
    assert generated.written == {"our offer": ""}
    assert list(texts)[:2] == ["our acceptance", "our offer, less than theirs"]
    assert all(text.startswith("def ") for text in texts.values())
    assert all(f" {name} = " in texts["our offer"] for name in ("offer__discount", "ledger", "prepared"))
