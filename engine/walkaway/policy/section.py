"""One mapping of a policy file while it is read: its keys are checked once, and every mistake goes to one list."""

import re
from datetime import date

from walkaway.codes import Code
from walkaway.diagnostics import Findings, nearest
from walkaway.policy.fields import SECTIONS, Field
from walkaway.source import Mapping, Node, Scalar, Sequence
from walkaway.values import NotAValue, Unit, Value, parse_value, shorten

EPOCH = date(1970, 1, 1)


def describe(node: Node) -> str:
    """Name the shape of *node*."""
    return {Scalar: "a single value", Sequence: "a list", Mapping: "a mapping"}[type(node)]


class Section:
    """A mapping with the keys of one table of `fields.SECTIONS`; `name` is what messages call it."""

    def __init__(self, node: Mapping, fields: str, name: str, findings: Findings, *, open_keys: bool = False) -> None:
        self.node, self.name, self.findings = node, name, findings
        self.fields: dict[str, Field] = {f.key: f for f in SECTIONS[fields]}
        self.nodes = {key.value: value for key, value in node.entries}
        self.keys = {key.value: key for key, _ in node.entries}
        if not open_keys:
            for key in self.keys.values():
                if key.value not in self.fields:
                    findings.add(
                        Code.UNKNOWN_KEY,
                        f"{name} has no key `{shorten(key.value)}`",
                        key.span,
                        _comma_hint(key.value) or nearest(key.value, self.fields),
                    )
        for field in self.fields.values():
            if field.required and field.key not in self.nodes:
                findings.add(
                    Code.MISSING_KEY,
                    f"{name} lacks `{field.key}`",
                    node.span,
                    f"add `{field.key}:` - {field.meaning[0].lower()}{field.meaning[1:].rstrip('.')}",
                )

    def scalar(self, key: str) -> Scalar | None:
        """Give the single value under *key*; none, with a finding, where it is something else or empty."""
        node = self.nodes.get(key)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.findings.add(
                Code.WRONG_SHAPE, f"`{key}` wants a single value, not {describe(node)}", self.keys[key].span
            )
            return None
        if not node.value.strip() and not node.quoted:
            self.findings.add(
                Code.WRONG_SHAPE, f"`{key}` is empty", self.keys[key].span, "give it a value, or remove the key"
            )
            return None
        return node

    def text(self, key: str) -> str:
        """Give the text under *key* on one line; empty where there is none."""
        scalar = self.scalar(key)
        return " ".join(scalar.value.split()) if scalar else ""

    def choice(self, key: str, default: str = "") -> str:
        """Give the word under *key*, one of its field's choices."""
        scalar = self.scalar(key)
        if scalar is None:
            return default
        choices = self.fields[key].choices
        if scalar.value in choices:
            return scalar.value
        self.findings.add(
            Code.BAD_CHOICE, f"`{shorten(scalar.value)}` is no `{key}`", scalar.span, nearest(scalar.value, choices)
        )
        return default

    def flag(self, key: str) -> bool:
        """Give whether *key* says yes; no where it is left out."""
        return self.choice(key, "no") == "yes"

    def value(self, key: str, unit: Unit) -> Value | None:
        """Give the constant of *unit* under *key*."""
        scalar = self.scalar(key)
        return read_value(scalar, unit, self.findings) if scalar else None

    def day(self, key: str) -> int | None:
        """Give the date under *key* as days since 1970."""
        scalar = self.scalar(key)
        if scalar is None:
            return None
        day = read_day(scalar.value)
        if day is None:
            self.findings.add(
                Code.BAD_DATE, f"`{shorten(scalar.value)}` is not a day", scalar.span, "write it as `2026-10-01`"
            )
        return day

    def mapping(self, key: str) -> Mapping | None:
        """Give the mapping under *key*."""
        node = self.nodes.get(key)
        if node is None or isinstance(node, Mapping):
            return node
        if isinstance(node, Scalar) and not node.value.strip():
            self.findings.add(
                Code.WRONG_SHAPE, f"`{key}` is empty", self.keys[key].span, "give it entries, or remove the key"
            )
        else:
            self.findings.add(
                Code.WRONG_SHAPE,
                f"`{key}` wants a mapping, not {describe(node)}",
                self.keys[key].span,
                "write `name: …` on lines of their own below it",
            )
        return None

    def entries(self, key: str, pattern: str) -> list[tuple[Scalar, Node]]:
        """Give the named entries under *key*; names that do not fit *pattern* are reported and left out."""
        mapping = self.mapping(key)
        return [(n, v) for n, v in mapping.entries if self.named(n, pattern)] if mapping else []

    def named(self, name: Scalar, pattern: str) -> bool:
        """Check the form of a name."""
        if re.fullmatch(pattern, name.value, re.ASCII):
            return True
        dash = "-" if "-" in pattern.split("{")[0].replace("a-z", "").replace("0-9", "") else ""
        rule = f"small letters, digits, `_`{' and `-`' if dash else ''}, a letter first, 48 characters at most"
        self.findings.add(Code.BAD_NAME, f"`{shorten(name.value)}` cannot be a name here", name.span, rule)
        return False

    def words(self, key: str, pattern: str) -> list[Scalar]:
        """Give the list of names under *key*; each once."""
        node = self.nodes.get(key)
        if node is None:
            return []
        if not isinstance(node, Sequence):
            self.findings.add(
                Code.WRONG_SHAPE,
                f"`{key}` wants a list, not {describe(node)}",
                self.keys[key].span,
                f"write `{key}: [one, another]`",
            )
            return []
        found: dict[str, Scalar] = {}
        for item in node.items:
            if not isinstance(item, Scalar):
                self.findings.add(Code.WRONG_SHAPE, f"`{key}` wants single words, not {describe(item)}", item.span)
            elif item.value in found:
                self.findings.add(
                    Code.DUPLICATE_KEY, f"`{shorten(item.value)}` stands twice", item.span, "keep one of the two"
                )
            elif self.named(item, pattern):
                found[item.value] = item
        return list(found.values())


def _comma_hint(key: str) -> str:
    """Recognise the tail of an amount that a comma inside `{…}` has cut off."""
    if re.fullmatch(r"\d{3}(\.\d+)?( .*)?", key, re.ASCII):
        return 'inside `{…}` a comma begins a new key: put quotes around the amount, as in `"3,000 USD"`'
    return ""


def read_value(scalar: Scalar, unit: Unit, findings: Findings) -> Value | None:
    """Give the constant of *unit* that *scalar* writes."""
    try:
        return parse_value(scalar.value, unit)
    except NotAValue as problem:
        findings.add(Code.BAD_VALUE, str(problem), scalar.span, problem.hint)
        return None


def read_day(text: str) -> int | None:
    """Give an ISO date as days since 1970, or none."""
    try:
        return (date.fromisoformat(text) - EPOCH).days if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None
