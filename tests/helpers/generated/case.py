"""A generated case, and what its parts are drawn from."""

import json
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import msgspec
import yaml

from walkaway.language.values import Exact, Kind, Unit, Value, format_value
from walkaway.policy import Policy, read

Snapshot = Mapping[str, Exact | None]
"""Fact → value at one event of the deal."""

PLAIN = (Kind.COUNT, Kind.NUMBER)
NUMERIC = (Kind.PERCENT, Kind.MONEY, Kind.MONTHS, Kind.DAYS, Kind.DURATION, Kind.COUNT, Kind.NUMBER)
SEGMENTS = ("smb", "mid-market", "enterprise")
VERDICTS = ("trade", "hold", "escalate", "refuse", "walk", "proceed")
BUILT_IN = ("beyond-walk", "short-of-want", "unprepared", "left")
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The one in C, where there is one."""
_MARK = re.compile("⟪([^⟫]*)⟫")


class Amount(msgspec.Struct, frozen=True):
    """A quantity of an issue in an event, in its smallest unit; negated in the mirror."""

    unit: Unit
    value: int


class Number(msgspec.Struct, frozen=True):
    """A numeric expression: its text, its value at a snapshot in whole units, and the facts it reads."""

    text: str
    value: Callable[[Snapshot], Fraction | None]
    facts: frozenset[str] = frozenset()


class DraftIssue(msgspec.Struct, frozen=True):
    """An issue before it is written: `better` as the engine has it, and values worth trying."""

    name: str
    unit: Unit
    better: int
    node: dict[str, Any]
    tries: tuple[Value, ...]
    thresholds: frozenset[str]
    walk: Value | None
    per_deal: bool


class DraftFact(msgspec.Struct, frozen=True):
    """A fact under `deal:` before it is written."""

    name: str
    unit: Unit
    node: Any
    optional: bool
    defaulted: bool
    tries: tuple[Value, ...]


class Case(msgspec.Struct, frozen=True):
    """A policy with its tables and the events of one deal, marks and all."""

    root: dict[str, Any]
    tables: Mapping[str, str]
    events: tuple[dict[str, Any], ...]

    def policy(self, *, mirrored: bool = False, root: dict[str, Any] | None = None) -> bytes:
        """Return the YAML text; *root* in place of the case's own where a test changed something."""
        written = _written(root or self.root, mirrored)
        text: str = yaml.dump(written, Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=100)
        return text.encode()

    def lines(self, *, mirrored: bool = False) -> list[bytes]:
        """Return the events as JSON lines."""
        return [json.dumps(_written(e, mirrored), ensure_ascii=False).encode() for e in self.events]

    def read(self, *, mirrored: bool = False, root: dict[str, Any] | None = None) -> Policy | None:
        """Return the policy as the real reader has it; none where it finds an error."""
        return read(self.policy(mirrored=mirrored, root=root), "policy.yaml", self.beside).value

    def beside(self, name: str) -> bytes | None:
        """Return a table's bytes."""
        return self.tables[name].encode() if name in self.tables else None


def _written(node: Any, mirrored: bool) -> Any:
    """Write a tree with marks as YAML or JSON would hold it."""
    match node:
        case dict():
            return {k: _written(v, mirrored) for k, v in node.items()}
        case list() | tuple():
            return [_written(v, mirrored) for v in node]
        case str():
            return _MARK.sub(lambda m: f"(-({m[1]}))" if mirrored else m[1], node)
        case Amount(unit, value):
            return format_value(-value if mirrored else value, unit)
        case _:
            return node
