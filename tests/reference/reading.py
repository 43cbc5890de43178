"""What the texts of a policy and of events say, on plain fractions. Decides nothing; shares no code with the engine.

A value is a `Fraction` (money in the currency's own unit, 12% as 12/100, months as months, every other duration in
seconds), a `bool` for yes/no, a text for a choice, or `None` where it is not known.
"""

import csv
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Value = Fraction | bool | str | None
Facts = Mapping[str, Value]
Read = Callable[[Facts], Value]
"""What a text comes to, given the facts of a deal; none where it rests on something that is not known."""

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
COMPARED = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "==": operator.eq,
    "!=": operator.ne,
}  # fmt: skip
HEARD = {
    "approve": "approval", "revoke": "revocation", "reopen": "reopening", "reject": "rejection",
    "withdraw": "withdrawal",
}  # fmt: skip
FUNCTIONS = {"abs": abs, "min": lambda *parts: min(parts), "max": lambda *parts: max(parts)}
TOKEN = re.compile(
    r"""\s*(?:(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<sign><=|>=|!=|==|[-<>=+*/%()\[\],.]))""",
    re.VERBOSE,
)


def load(folder: Path) -> dict[str, object]:
    """Return a policy as the dict its YAML is, every scalar a text, the rows of its tables read in."""
    policy = yaml.load((folder / "policy.yaml").read_text(), yaml.BaseLoader)
    for table in policy.get("tables", {}).values():
        if "file" in table:
            table["rows"] = list(csv.DictReader((folder / table["file"]).read_text().splitlines()))
    return policy


def seconds(text: str) -> Fraction:
    """Return an RFC 3339 instant as seconds since 1970."""
    rest = datetime.fromisoformat(text).astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return Fraction(rest.days * 86_400 + rest.seconds) + Fraction(rest.microseconds, 1_000_000)


def value(written: object) -> Value:
    """Return what a policy or an event writes for a term or a fact: `19%`, `10,000 USD`, `yes`, `gold`."""
    return written if written is None or isinstance(written, bool | Fraction) else _value(str(written).strip())


@cache
def _value(text: str) -> Value:
    if text in ("yes", "no"):
        return text == "yes"
    if re.fullmatch(r"-?\s*[0-9][0-9,]*(\.[0-9]+)?\s*(%|[A-Za-z]+)?", text):
        try:
            return Reader({}, {}).condition(text)({})
        except ValueError:
            return text  # a unit that nobody knows: words, to whoever declared none
    return text


def terms(written: Mapping[str, object]) -> dict[str, Value]:
    return {name: value(text) for name, text in written.items()}


def read(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event with its texts read: limits as `walk.discount`, alternatives by name with their worth and end,
    and what it is called where rules hear it.
    """
    found = {"actor": None, "of": None, **event, "alternatives": {}, "heard": HEARD.get(event["type"], event["type"])}
    if event["type"] in ("reject", "withdraw"):
        found["heard"] = ("our " if event["by"] == "us" else "their ") + found["heard"]
    found |= {key: seconds(event[key]) for key in ("at", "until") if event.get(key)}
    found |= {key: terms(event[key]) for key in ("terms", "facts") if key in event}
    found["packages"] = [terms(said) for said in event.get("packages", ())] or [found.get("terms", {})]
    found["limits"] = {f"{t}.{n}": value(v) for n, said in event.get("limits", {}).items() for t, v in said.items()}
    batna = [{"name": "batna", "worth": event["batna"]}] if event.get("batna") is not None else []
    for said in (*event.get("alternatives", ()), *batna):
        until = seconds(said["until"]) if said.get("until") else None
        found["alternatives"][said["name"]] = (value(said.get("worth")), until)
    return found


def folded(name: object) -> str:
    """Return a name as names are compared: NFKC, case folded, without unseen signs, blanks joined."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", str(name or "")).casefold()).casefold()
    text = unicodedata.normalize("NFKC", text)
    return " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())


def names(tree: object, define: Mapping[str, object]) -> Iterator[str]:
    """Yield every name that a condition or an expression reads, also through definitions."""
    if isinstance(tree, dict | list):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from names(part, define)
        return
    for found in re.findall(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*", re.sub(r"\"[^\"]*\"|'[^']*'", "", str(tree))):
        yield found
        if found in define:
            yield from names(define[found], define)


class Reader:
    """Reads the conditions and expressions of one policy.

    Args:
        define: Name → what it stands for.
        tables: Name → its `key` and its `rows`.
    """

    def __init__(self, define: Mapping[str, object], tables: Mapping[str, Mapping]) -> None:
        self.define, self.tables = define, tables
        self.known: dict[str, Read] = {}

    def condition(self, tree: object) -> Read:
        """Read a condition: one expression, or a tree of `all`, `any` and `none` lists."""
        if not isinstance(tree, dict):
            text = str(tree)
            if text not in self.known:
                self.known[text] = Parser(self, text).whole()
            return self.known[text]
        ((how, parts),) = tree.items()
        every = [self.condition(part) for part in (parts if isinstance(parts, list) else [parts])]
        return all_of(every) if how == "all" else any_of(every) if how == "any" else none_of(every)

    def rate(self, text: str) -> Read:
        """Read `WORTH per STEP` as the worth of one unit."""
        worth, _, step = text.partition(" per ")
        step = step.strip() if re.match(r"\s*[0-9]", step) else f"1 {step.strip()}"
        return known_only(divided, self.condition(worth), self.condition(step))

    def cell(self, table: str, column: str) -> Callable[..., Value]:
        """Return what finds the cell of the first row whose keys match."""
        said = self.tables[table]
        columns = said["key"] if isinstance(said["key"], list) else [said["key"]]

        def found(*keys: Value) -> Value:
            for row in said["rows"]:
                if all(row[c] in ("", "*", "-") or value(row[c]) == k for c, k in zip(columns, keys, strict=True)):
                    return value(row[column])
            return None

        return found


def divided(one: Fraction, by: Fraction) -> Fraction:
    """Return a quotient, of counts too, exactly."""
    return Fraction(one) / by


def known_only(what: Callable[..., Value], *parts: Read) -> Read:
    """Return what is known only where all its parts are."""

    def found(facts: Facts) -> Value:
        values = [part(facts) for part in parts]
        return None if any(v is None for v in values) else what(*values)

    return found


def all_of(parts: list[Read]) -> Read:
    """One that is not so settles it; else one that is not known leaves it open."""

    def found(facts: Facts) -> Value:
        values = [part(facts) for part in parts]
        return False if False in values else None if None in values else True

    return found


def any_of(parts: list[Read]) -> Read:
    """One that is so settles it; else one that is not known leaves it open."""

    def found(facts: Facts) -> Value:
        values = [part(facts) for part in parts]
        return True if True in values else None if None in values else False

    return found


def none_of(parts: list[Read]) -> Read:
    """Nothing of it is so."""
    return known_only(operator.not_, any_of(parts))


class Parser:
    """Reads one expression, what binds loosest first."""

    def __init__(self, reader: Reader, text: str) -> None:
        self.reader, self.text, self.place = reader, text, 0
        self.tokens = [(m.lastgroup or "", m.group().strip()) for m in TOKEN.finditer(text)]

    def whole(self) -> Read:
        found = self.either()
        if self.place != len(self.tokens):
            raise ValueError(f"{self.text!r}: {self.peek()!r} does not belong here")
        return found

    def peek(self, ahead: int = 0) -> str:
        at = self.place + ahead
        return self.tokens[at][1] if at < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.place][0] if self.place < len(self.tokens) else ""

    def take(self, *texts: str) -> str:
        if self.peek() not in texts or self.kind() == "text":
            return ""
        self.place += 1
        return self.tokens[self.place - 1][1]

    def need(self, text: str) -> None:
        if not self.take(text):
            raise ValueError(f"{self.text!r}: {text!r} is missing before {self.peek()!r}")

    def several(self, end: str) -> list[Read]:
        found = [self.total()]
        while self.take(","):
            found.append(self.total())
        self.need(end)
        return found

    def either(self) -> Read:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return any_of(parts) if len(parts) > 1 else parts[0]

    def both(self) -> Read:
        parts = [self.negated()]
        while self.take("and"):
            parts.append(self.negated())
        return all_of(parts) if len(parts) > 1 else parts[0]

    def negated(self) -> Read:
        return known_only(operator.not_, self.negated()) if self.take("not") else self.compared()

    def compared(self) -> Read:
        left = self.total()
        if self.take("between"):
            low = self.total()
            self.need("and")
            return known_only(lambda at, low, high: low <= at <= high, left, low, self.total())
        inverted = self.peek(1) == "in" and bool(self.take("not"))
        if self.take("in"):
            self.need("[")
            choices = self.several("]")
            return known_only(lambda at, *among: (at in among) != inverted, left, *choices)
        sign = self.take(*COMPARED)
        return known_only(COMPARED[sign], left, self.total()) if sign else left

    def total(self) -> Read:
        found = self.product()
        while sign := self.take("+", "-"):
            found = known_only(operator.add if sign == "+" else operator.sub, found, self.product())
        return found

    def product(self) -> Read:
        found = self.signed()
        while sign := self.take("*", "/", "of"):
            found = known_only(divided if sign == "/" else operator.mul, found, self.signed())
        return found

    def signed(self) -> Read:
        return known_only(operator.neg, self.signed()) if self.take("-") else self.atom()

    def atom(self) -> Read:
        if self.take("("):
            found = self.either()
            self.need(")")
            return found
        if self.kind() in ("number", "text"):
            fixed = self.quantity() if self.kind() == "number" else self.take_any()[1:-1]
            return lambda _: fixed
        name = self.name()
        if name in ("yes", "no"):
            return lambda _: name == "yes"
        if name == "known" and self.take("("):
            (part,) = self.several(")")
            return lambda facts: part(facts) is not None
        if name in FUNCTIONS and self.take("("):
            return known_only(FUNCTIONS[name], *self.several(")"))
        if self.take("["):
            keys = self.several("]")
            self.need(".")
            return known_only(self.reader.cell(name, self.name()), *keys)
        if name in self.reader.define:
            return self.reader.condition(self.reader.define[name])
        return lambda facts: facts.get(name) if name in facts or "." in name else name  # else the symbol of a choice

    def take_any(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1][1]

    def name(self) -> str:
        if self.kind() != "word":
            raise ValueError(f"{self.text!r}: {self.peek()!r} is no name")
        found = self.take_any()
        while self.peek() == "." and self.place + 1 < len(self.tokens):
            found += self.take_any() + self.take_any()
        return found

    def quantity(self) -> Fraction:
        number = Fraction(self.take_any().replace(",", ""))
        if self.take("%"):
            return number / 100
        unit = self.peek().removesuffix("s")
        if self.kind() == "word" and unit in (*SECONDS, "month"):
            self.place += 1
            return number * SECONDS.get(unit, 1)
        if self.kind() == "word" and re.fullmatch("[A-Z]{3}", self.peek()):
            self.place += 1
        return number
