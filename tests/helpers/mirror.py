"""Turn a policy and its events to the other side of the table: the seller's pack becomes the buyer's, and back.

Every quantity of an issue becomes its negative, wherever it stands: start, limits, terms, and the facts that show them;
what a step is worth turns with it. What is counted in worth or room stays, and so must every answer.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from walkaway import Engine, Policy
from walkaway.language.values import Exact
from walkaway_cli.scenarios.negotiation import Engines, Negotiation
from walkaway_cli.scenarios.problems import from_here

_SIDES = {"seller": "buyer", "buyer": "seller"}
_LIMITS = ("start", "wish", "want", "walk")
_BOUNDS = {"least": "most", "most": "least"}
_GROUPS = ("offer", "walk", "want", "wish", "ours.last", "ours.first", "ours.cleared", "theirs.last", "theirs.first")


def turn_policies(folder: Path, into: Path) -> None:
    """Write every policy of a folder anew, turned, and the tables beside them as they are."""
    for table in folder.glob("*.csv"):
        (into / table.name).write_bytes(table.read_bytes())
    read = {p: yaml.load(p.read_text(encoding="utf-8"), yaml.BaseLoader) for p in sorted(folder.glob("*.yaml"))}
    policies = {path: root for path, root in read.items() if "policy" in root}
    issues = {n for root in policies.values() for n, issue in root.get("issues", {}).items() if _is_quantity(issue)}
    for path, root in policies.items():
        (into / path.name).write_text(yaml.safe_dump(_turned(root, issues), sort_keys=False), encoding="utf-8")


def _is_quantity(issue: Any) -> bool:
    return str(issue.get("type", "yes/no")) != "yes/no"


def _turned(root: dict[str, Any], issues: Collection[str]) -> dict[str, Any]:
    """Return a policy of the other side."""

    def conditions(node: Any, groups: Iterable[str] = _GROUPS) -> Any:
        match node:
            case dict():
                return {k: conditions(v, groups) for k, v in node.items()}
            case list():
                return [conditions(v, groups) for v in node]
            case _:
                names = "|".join(map(re.escape, groups)), "|".join(sorted(issues))
                return re.sub(r"(?<!known\()\b((?:{})\.(?:{}))\b".format(*names), r"(-(\1))", node)

    found = dict(root)
    found["side"] = _SIDES[root["side"]]
    if "issues" in root:
        found["issues"] = {n: _issue(i) if n in issues else i for n, i in root["issues"].items()}
    if "define" in root:
        found["define"] = conditions(root["define"])
    found["rules"] = {
        name: {k: conditions(v) if k in ("when", "unless") else v for k, v in rule.items()}
        for name, rule in root["rules"].items()
    }
    if "pattern" in root:
        found["pattern"] = {
            name: node | {"when": conditions(node["when"], node.keys() - {"when"})}
            for name, node in root["pattern"].items()
        }
    return found


def _issue(issue: dict[str, str]) -> dict[str, str]:
    limits = {k: f"(-({v}))" for k, v in issue.items() if k in _LIMITS and v != "per deal"}
    bounds = {_BOUNDS[k]: _negative(v) for k, v in issue.items() if k in _BOUNDS}
    worth, _, step = issue["worth"].partition(" per ")
    rest = {k: v for k, v in issue.items() if k not in _BOUNDS}
    return rest | limits | bounds | {"worth": f"-({worth}) per {step}"}


def turn_event(event: dict[str, Any], issues: Collection[str]) -> dict[str, Any]:
    """Return an event of the other side; values that are no quantities stay."""
    found = dict(event)
    if "terms" in event:
        found["terms"] = {n: _negative(v) if n in issues else v for n, v in event["terms"].items()}
    if "limits" in event:
        found["limits"] = {
            n: {k: _negative(v) for k, v in limits.items()} if n in issues else limits
            for n, limits in event["limits"].items()
        }
    return found


def _negative(value: str) -> str:
    return value[1:] if value.startswith("-") else f"-{value}" if value[:1].isdigit() else value


class Turned(Engines):
    """Engines of policies that are turned, read from *into* where each is kept under the name of its folder."""

    def __init__(self, into: Path) -> None:
        super().__init__()
        self.into = into

    def get(self, path: Path) -> Engine:
        """Return the engine of the turned policy."""
        folder = path if path.is_dir() else path.parent
        turned = self.into / folder.name
        if not turned.is_dir():
            turned.mkdir()
            turn_policies(folder, turned)
        return super().get(from_here(turned if path.is_dir() else turned / path.name))


def turn_line(policy: Policy, line: bytes) -> bytes:
    """Return a line of JSON of the other side; *policy* tells which issues are quantities."""
    return json.dumps(turn_event(json.loads(line), quantities(policy))).encode()


def quantities(policy: Policy) -> list[str]:
    """Return the issues that are quantities."""
    return [name for name, issue in policy.issues.items() if issue.unit.is_numeric]


class Opposite(Negotiation):
    """A deal that is told as it stands and happens on the other side of the table."""

    def deliver(self, line: bytes) -> None:
        """Send the line turned."""
        super().deliver(turn_line(self.policy, line))

    def consider(self, terms: Mapping[str, str]) -> None:
        """Ask about the terms turned."""
        super().consider(turn_event({"terms": terms}, quantities(self.policy))["terms"])

    def seen(self) -> Mapping[str, Exact | None]:
        """Return the facts as the scenario tells them."""
        return self.turned(super().seen())

    def seen_afterwards(self) -> Mapping[str, Exact | None]:
        """Return the facts as the scenario tells them."""
        return self.turned(super().seen_afterwards())

    def turned(self, facts: Mapping[str, Exact | None]) -> Mapping[str, Exact | None]:
        """Return facts with the quantities of issues turned back."""
        shown = {f"{group}.{issue}" for group in _GROUPS for issue in quantities(self.policy)}
        return {n: -v if n in shown and isinstance(v, int | Fraction) else v for n, v in facts.items()}
