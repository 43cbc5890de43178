"""The schema in an editor: the YAML language server that editors run, over its real protocol."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.language_server import LanguageServer

from walkaway.policy.parse.fields import SECTIONS

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "rules" / "saas-discounting" / "policy.yaml"
LINES = POLICY.read_text(encoding="utf-8").splitlines()
SERVER = os.environ.get("WALKAWAY_YAML_LS") or shutil.which("yaml-language-server")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not SERVER, reason="no YAML language server: `npm install yaml-language-server`, its path in WALKAWAY_YAML_LS"
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """Return the server with the schema that `walkaway schema` prints; it looks nothing up anywhere else."""
    assert SERVER
    called = [sys.executable, "-m", "walkaway_cli", "schema"]
    schema = tmp_path_factory.mktemp("schema") / "walkaway.schema.json"
    schema.write_bytes(subprocess.run(called, capture_output=True, check=True).stdout)
    settings: dict[str, Any] = {
        "yaml": {
            "completion": True,
            "hover": True,
            "validate": True,
            "kubernetesCRDStore": {"enable": False},
            "schemaStore": {"enable": False},
            "schemas": {schema.as_uri(): "policy.yaml"},
        }
    }
    with LanguageServer([SERVER, "--stdio"], ROOT, settings) as running:
        while not running.open(schema.with_name("policy.yaml"), "version: none\n"):
            pass  # it has yet to ask for its settings: until then it answers by no schema
        yield running


def place(text: str) -> tuple[int, int]:
    """Return line and column, from 0, of the first line with *text*, one character into it."""
    line = next(i for i, written in enumerate(LINES) if text in written)
    return line, LINES[line].index(text) + 1


def with_line(number: int, text: str, *, inserted: bool = False) -> str:
    """Return the policy with another line."""
    return "\n".join([*LINES[:number], text, *LINES[number + (not inserted) :]])


@pytest.mark.parametrize("policy", sorted(ROOT.glob("rules/*/policy.yaml")), ids=lambda p: p.parent.name)
def test_nothing_is_underlined_in_a_shipped_policy(server: LanguageServer, policy: Path) -> None:
    """What walkaway ships is right in an editor too."""
    assert server.open(policy, policy.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    walk: floors", "    wlak: floors", "Property wlak is not allowed."),
        ("version: ", "version: about ", "A whole number, 1 or more."),
        ("  discount:", "  Discount:", "A name: lower-case letters, digits and `_`, beginning with a letter"),
        ("    then: trade", "    then: trad", 'Value is not accepted. Valid values: "proceed", "trade", "hold"'),
        ("    then: trade", "    then: escalate", 'Missing property "to".'),
        ("    type: percent", "    type: percents", "Value is not accepted."),
    ],
)
def test_a_mistake_is_underlined_where_it_stands(server: LanguageServer, old: str, new: str, message: str) -> None:
    """One finding, on the line of the mistake or on the name of the rule that lacks something."""
    line = next(i for i, written in enumerate(LINES) if written.startswith(old))
    (found,) = server.open(POLICY, with_line(line, LINES[line].replace(old, new)))
    assert found["message"].startswith(message)
    at = LINES[found["range"]["start"]["line"]]
    assert found["range"]["start"]["line"] == line or ("Missing" in message and at == "  nothing-for-nothing:")


def test_hovering_over_a_key_tells_its_meaning(server: LanguageServer) -> None:
    """Over `walk` stands what the walk value is, with an example; over a verdict key what each verdict means."""
    server.open(POLICY, "\n".join(LINES))
    walk = server.hover(POLICY, *place("walk: floors"))
    assert walk.startswith("The walk-away value, still acceptable itself; `per deal` where every deal must bring one.")
    assert "floors[deal.segment].walk" in walk
    assert "`refuse`: Outside policy at any price." in server.hover(POLICY, *place("then: trade"))
    assert server.hover(POLICY, *place("discount:")).startswith("An issue: one attribute that is negotiated.")


def test_keys_of_a_rule_are_completed(server: LanguageServer) -> None:
    """On an empty line of a rule stand the keys it does not have yet, each once."""
    line, _ = place("    then: trade")
    server.open(POLICY, with_line(line, "    ", inserted=True))
    offered = server.complete(POLICY, line, 4)
    rule = itertools.takewhile(
        lambda written: written.startswith("    "), LINES[place("nothing-for-nothing:")[0] + 1 :]
    )
    missing = {field.key for field in SECTIONS["rule"]} - {written.strip().partition(":")[0] for written in rule}
    assert sorted(offered) == sorted(missing)


def test_verdicts_are_completed(server: LanguageServer) -> None:
    """Behind `then:` stand the verdicts."""
    line, _ = place("    then: trade")
    server.open(POLICY, with_line(line, "    then: "))
    assert sorted(server.complete(POLICY, line, 10)) == ["escalate", "hold", "proceed", "refuse", "trade", "walk"]


def test_a_new_rule_is_offered_whole(server: LanguageServer) -> None:
    """Under `rules:` stand a rule to fill in, and the built-in ones that can be made more severe."""
    line = LINES.index("rules:") + 1
    server.open(POLICY, with_line(line, "  ", inserted=True))
    offered = server.complete(POLICY, line, 2)
    assert {"a new entry of rules", "beyond-walk", "short-of-want", "unprepared", "left"} <= set(offered)
