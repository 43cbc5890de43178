"""Read quantities and conditions as a policy writes them, on plain fractions. Shares no code with the engine.

A value is a `Fraction` (money in the currency's own unit, 12% as 12/100, months as months, every other duration in
seconds), a `bool` for yes/no, a text for a choice, or `None` where it is not known.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from fractions import Fraction

Value = Fraction | bool | str | None
Lookup = Callable[[str, list[Value], str], Value]
"""Table, keys, column → the cell."""

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
TOKEN = re.compile(
    r"""\s*(?:(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<sign><=|>=|!=|==|[-<>=+*/%()\[\],.]))""",
    re.VERBOSE,
)


def seconds(text: str) -> Fraction:
    """Return an RFC 3339 instant as seconds since 1970."""
    at = datetime.fromisoformat(text)
    rest = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return Fraction(rest.days * 86_400 + rest.seconds) + Fraction(rest.microseconds, 1_000_000)


def value(written: object) -> Value:
    """Return what a policy or an event writes for a term or a fact: `19%`, `10,000 USD`, `yes`, `gold`."""
    if written is None or isinstance(written, bool | Fraction):
        return written
    text = str(written).strip()
    if text in ("yes", "no"):
        return text == "yes"
    if re.fullmatch(r"-?\s*[0-9][0-9,]*(\.[0-9]+)?\s*(%|[A-Za-z]+)?", text):
        try:
            return Expression(text).evaluate({}, {}, no_table)
        except ValueError:
            return text  # a unit that nobody knows: words, to whoever declared none
    return text


def no_table(table: str, keys: list[Value], column: str) -> Value:
    """Stand in where there are no tables."""
    raise KeyError(table)


class Expression:
    """One expression. Evaluating it twice reads it twice: it is meant to be looked at, not to be fast."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(TOKEN.finditer(text))
        self.place = 0

    def evaluate(self, facts: Mapping[str, Value], definitions: Mapping[str, object], table: Lookup) -> Value:
        """Return its value; none where it rests on something that is not known."""
        self.place, self.facts, self.definitions, self.table = 0, facts, definitions, table
        found = self.either()
        if self.place != len(self.tokens):
            raise ValueError(f"{self.text!r}: {self.peek()!r} does not belong here")
        return found

    def rate(self, facts: Mapping[str, Value], table: Lookup) -> Fraction | None:
        """Return `WORTH per STEP` as worth of one unit."""
        worth, _, step = self.text.partition(" per ")
        whole = Expression(worth).evaluate(facts, {}, table)
        unit = step.strip() if re.match(r"\s*[0-9]", step) else f"1 {step.strip()}"
        part = Expression(unit).evaluate(facts, {}, table)
        return None if whole is None else whole / part

    # --- Tokens ---------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> str:
        at = self.place + ahead
        return self.tokens[at].group().strip() if at < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.place].lastgroup or "" if self.place < len(self.tokens) else ""

    def take(self, *texts: str) -> str:
        if self.peek() in texts and self.kind() != "text":
            self.place += 1
            return self.tokens[self.place - 1].group().strip()
        return ""

    def need(self, text: str) -> None:
        if not self.take(text):
            raise ValueError(f"{self.text!r}: {text!r} is missing before {self.peek()!r}")

    # --- Who binds tighter, from the loosest on -------------------------------------------------------------------

    def either(self) -> Value:
        found = self.both()
        while self.take("or"):
            other = self.both()
            found = True if True in (found, other) else None if None in (found, other) else False
        return found

    def both(self) -> Value:
        found = self.negated()
        while self.take("and"):
            other = self.negated()
            found = False if False in (found, other) else None if None in (found, other) else True
        return found

    def negated(self) -> Value:
        if self.take("not"):
            found = self.negated()
            return None if found is None else not found
        return self.compared()

    def compared(self) -> Value:
        left = self.total()
        if self.take("between"):
            low = self.total()
            self.need("and")
            high = self.total()
            return None if None in (left, low, high) else low <= left <= high
        inverted = bool(self.take("not")) if self.peek(1) == "in" else False
        if self.take("in"):
            self.need("[")
            choices = [self.total()]
            while self.take(","):
                choices.append(self.total())
            self.need("]")
            return None if left is None else (left in choices) != inverted
        sign = self.take("<", "<=", ">", ">=", "=", "==", "!=")
        if not sign:
            return left
        right = self.total()
        if left is None or right is None:
            return None
        match sign:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right
            case "!=":
                return left != right
            case _:
                return left == right

    def total(self) -> Value:
        found = self.product()
        while sign := self.take("+", "-"):
            other = self.product()
            found = None if found is None or other is None else found + other if sign == "+" else found - other
        return found

    def product(self) -> Value:
        found = self.signed()
        while sign := self.take("*", "/", "of"):
            other = self.signed()
            found = None if found is None or other is None else found / other if sign == "/" else found * other
        return found

    def signed(self) -> Value:
        if self.take("-"):
            found = self.signed()
            return None if found is None else -found
        return self.atom()

    def atom(self) -> Value:
        if self.take("("):
            found = self.either()
            self.need(")")
            return found
        if self.kind() == "number":
            return self.quantity()
        if self.kind() == "text":
            self.place += 1
            return self.tokens[self.place - 1].group().strip()[1:-1]
        name = self.name()
        if name in ("yes", "no"):
            return name == "yes"
        if name in ("known", "min", "max", "abs") and self.take("("):
            parts = [self.total()]
            while self.take(","):
                parts.append(self.total())
            self.need(")")
            if name == "known":
                return parts[0] is not None
            return None if None in parts else abs(parts[0]) if name == "abs" else {"min": min, "max": max}[name](parts)
        if self.take("["):
            keys = [self.total()]
            while self.take(","):
                keys.append(self.total())
            self.need("]")
            self.need(".")
            return self.table(name, keys, self.name())
        if name in self.definitions:
            return holds(self.definitions[name], self.facts, self.definitions, self.table)
        if name in self.facts or "." in name:
            return self.facts.get(name)
        return name  # the symbol of a choice

    def name(self) -> str:
        found = self.peek()
        if self.kind() != "word":
            raise ValueError(f"{self.text!r}: {found!r} is no name")
        self.place += 1
        while self.peek() == "." and self.place + 1 < len(self.tokens):
            self.place += 1
            found += "." + self.peek()
            self.place += 1
        return found

    def quantity(self) -> Fraction:
        number = Fraction(self.peek().replace(",", ""))
        self.place += 1
        if self.take("%"):
            return number / 100
        unit = self.peek().removesuffix("s")
        if self.kind() == "word" and unit in (*SECONDS, "month"):
            self.place += 1
            return number * SECONDS.get(unit, 1)
        if self.kind() == "word" and re.fullmatch("[A-Z]{3}", self.peek()):
            self.place += 1
        return number


def holds(tree: object, facts: Mapping[str, Value], definitions: Mapping[str, object], table: Lookup) -> Value:
    """Return the value of a condition: one expression, or a tree of `all`, `any` and `none` lists."""
    if not isinstance(tree, dict):
        return Expression(str(tree)).evaluate(facts, definitions, table)
    (how, parts), *_ = tree.items()
    found = [holds(part, facts, definitions, table) for part in (parts if isinstance(parts, list) else [parts])]
    if how == "all":
        return False if False in found else None if None in found else True
    some = True if True in found else None if None in found else False
    return some if how == "any" or some is None else not some


def names(tree: object, definitions: Mapping[str, object]) -> Iterator[str]:
    """Yield every name that a condition or an expression reads, also through definitions."""
    if isinstance(tree, dict | list):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from names(part, definitions)
        return
    for found in re.findall(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*", re.sub(r"\"[^\"]*\"|'[^']*'", "", str(tree))):
        yield found
        if found in definitions:
            yield from names(definitions[found], definitions)
