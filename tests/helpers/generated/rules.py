"""The rules of a generated policy: their constants are taken from facts that its deal really reaches."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import msgspec
from tests.helpers.generated.case import BUILT_IN, NUMERIC, PLAIN, VERDICTS, Number, Snapshot
from tests.helpers.generated.declarations import Draft, _symbol, percent

from walkaway.events import On
from walkaway.language.values import Exact, Kind, Unit
from walkaway.policy.catalog import ALWAYS, FactSpec


class Rules:
    """The definitions and rules of a policy; their constants are taken from *snapshots*."""

    def __init__(self, rng: Random, draft: Draft, snapshots: Sequence[Snapshot]) -> None:
        self.rng, self.draft, self.snapshots = rng, draft, snapshots
        self.conclusions = [f"c{i}" for i in range(rng.choice((0, 0, 0, 1) if draft.small else (0, 0, 1, 2, 3)))]
        self.catalog = draft.catalog(self.conclusions)
        self.by_kind: dict[Kind, list[FactSpec]] = {}
        for entry in self.catalog.values():
            if not entry.name.startswith("concluded."):
                self.by_kind.setdefault(entry.unit.kind, []).append(entry)
        self.on: frozenset[On] = ALWAYS
        self.readable = 0
        self.quantities: dict[str, tuple[Kind, Number]] = {}
        self.conditions: dict[str, frozenset[str]] = {}

    def root(self) -> dict[str, Any]:
        """Return the policy with its rules."""
        rng = self.rng
        define = {f"q{i}": self.quantity(f"q{i}") for i in range(rng.choice((0, 0, 1, 2)))}
        define |= {f"d{i}": self.definition(f"d{i}") for i in range(rng.choice((0, 0, 1, 2)))}
        number = rng.choice((1, 2, 3) if self.draft.small else (1, 2, 3, 4, 5, 6, 8, 12))
        rules = {f"r{i:02d}": self.rule(None) for i in range(number)}
        for level, name in enumerate(self.conclusions):
            for i in range(rng.randint(1, 2)):
                rules[f"{rng.choice('az')}-{name}-{i}"] = self.rule(level)
        if rng.randrange(4) == 0:
            rules |= self.changed()
        order = list(rules)
        rng.shuffle(order)
        return self.draft.root({r: rules[r] for r in order}, define)

    def changed(self) -> dict[str, Any]:
        """Make a built-in rule more severe, or switch off the one that can be."""
        rng = self.rng
        name = rng.choice(BUILT_IN)
        if name == "short-of-want" and rng.randrange(2):
            return {name: "off"}
        return {
            name: rng.choice(
                ({"then": "refuse"}, {"then": "walk", "door": rng.choice(("open", "closed"))}, {"say": "Not so."})
            )
        }

    def quantity(self, name: str) -> str:
        """Define a quantity, and remember what it reads."""
        kind = self.rng.choice((Kind.MONEY, Kind.MONEY, Kind.COUNT, Kind.DURATION))
        number = self.number(kind, 2)
        self.quantities[name] = kind, msgspec.structs.replace(number, text=name)
        return number.text

    def definition(self, name: str) -> Any:
        """Define a condition that may be used anywhere."""
        self.on = ALWAYS
        node = self.condition(1)
        self.conditions[name] = frozenset()
        return node

    def rule(self, level: int | None) -> dict[str, Any]:
        """Return one rule; with *level* one that concludes."""
        rng = self.rng
        names = sorted(str(o) for o in On)
        chosen = rng.choice(
            (
                *((o,) for o in ("our offer", "their offer", "our offer", "their offer")),
                ("any",),
                tuple(rng.sample(names, 3)),
            )
        )
        self.on = ALWAYS if chosen == ("any",) else frozenset(On(o) for o in chosen)
        self.readable = len(self.conclusions) if level is None else level
        rule: dict[str, Any] = {"why": "A reason.", "on": chosen[0] if len(chosen) == 1 else list(chosen)}
        keys = rng.choice((("when",), ("when",), ("when",), ("unless",), ("when", "unless"), ()))
        for key in keys:
            rule[key] = self.condition(2)
        if level is not None:
            return rule | {"then": {"conclude": self.conclusions[level]}}
        return rule | self.effect()

    def effect(self) -> dict[str, Any]:
        rng, roles = self.rng, self.draft.roles
        verdict = rng.choice(VERDICTS)
        if verdict == "escalate" and not roles:
            verdict = "hold"
        found: dict[str, Any] = {"then": verdict}
        if verdict == "walk":
            found["door"] = rng.choice(("open", "open", "open", "closed"))
        if verdict == "escalate":
            found["to"] = rng.choice(roles)
        enforcement = rng.choice(("mandatory", "mandatory", "mandatory", "overridable", "advisory", "shadow"))
        if enforcement == "overridable" and not roles:
            enforcement = "advisory"
        if enforcement != "mandatory":
            found["enforcement"] = enforcement
        if enforcement == "overridable":
            found["by"] = rng.choice(roles)
        if rng.randrange(4) == 0:
            found["say"] = "We are at {offer.worth}, as you see."
        return found

    # Conditions

    def condition(self, depth: int) -> Any:
        """Return a condition as YAML holds it: an expression, or a tree of lists."""
        rng = self.rng
        form = rng.randrange(8) if depth else 0
        if form < 4:
            return self.leaf()
        if form == 4:
            join = rng.choice((" and ", " or "))
            return join.join(f"({self.leaf()})" for _ in range(rng.randint(2, 3)))
        if form == 5:
            return f"not ({self.leaf()} {rng.choice(('and', 'or'))} {self.leaf()})"
        keys = rng.sample(("all", "any", "none"), rng.choice((1, 1, 2)))
        return {k: [self.condition(depth - 1) for _ in range(rng.randint(1, 3))] for k in keys}

    def leaf(self) -> str:
        """Return one leaf with the guards it needs."""
        text, facts = self.bare_leaf()
        guards = sorted(f for f in facts if f in self.catalog and not self.on <= self.catalog[f].known)
        return " and ".join([*(f"known({g})" for g in guards), f"({text})"]) if guards else text

    def bare_leaf(self) -> tuple[str, frozenset[str]]:
        rng = self.rng
        match rng.randrange(12):
            case 0:
                return self.symbol_leaf()
            case 1 if self.readable:
                name = f"concluded.c{rng.randrange(self.readable)}"
                return rng.choice((name, f"{name} = no", f"not {name}")), frozenset()
            case 2 if self.conditions:
                return rng.choice(sorted(self.conditions)), frozenset()
            case 3:
                name = rng.choice(sorted(n for n in self.catalog if not n.startswith("concluded.")))
                return f"known({name})", frozenset()
            case 4:
                number = self.number(kind := self.kind(), 1)
                low, high = sorted((self.met(number), self.met(number)))
                return f"{number.text} between {self.written(low, kind)} and {self.written(high, kind)}", number.facts
            case 5:
                number = self.number(kind := rng.choice((*PLAIN, Kind.MONTHS, Kind.PERCENT)), 0)
                options = ", ".join(self.written(self.met(number), kind) for _ in range(rng.randint(1, 4)))
                return f"{number.text} {rng.choice(('in', 'not in'))} [{options}]", number.facts
            case 6:
                kind = self.kind()
                left, right = self.number(kind, 2), self.number(kind, 1)
                return f"{left.text} {self.op()} {right.text}", left.facts | right.facts
            case _:
                number = self.number(kind := self.kind(), 2)
                sides = [number.text, self.written(self.met(number), kind)]
                if rng.randrange(6) == 0:
                    sides.reverse()
                return f"{sides[0]} {self.op()} {sides[1]}", number.facts

    def op(self) -> str:
        return self.rng.choice(("<", "<=", ">", ">=", "=", "!=", ">", ">="))

    def symbol_leaf(self) -> tuple[str, frozenset[str]]:
        """Compare a choice, a yes/no or a text with a constant."""
        rng = self.rng
        found = [e for k in (Kind.CHOICE, Kind.YES_NO, Kind.TEXT) for e in self.by_kind.get(k, ())]
        entry = rng.choice(found)
        name, facts = entry.name, frozenset({entry.name})
        if entry.unit.kind is Kind.YES_NO:
            return rng.choice((name, f"not {name}", f"{name} = yes", f"{name} != yes", f"{name} in [yes, no]")), facts
        options = [_symbol(c) for c in entry.unit.choices] or ['"ann"', '""', '"\U0001f600"']
        if rng.randrange(3) == 0:
            some = rng.sample(options, rng.randint(1, len(options)))
            return f"{name} {rng.choice(('in', 'not in'))} [{', '.join(some)}]", facts
        return f"{name} {rng.choice(('=', '!='))} {rng.choice(options)}", facts

    # Numbers

    def kind(self) -> Kind:
        """Choose a kind of quantity; money has most of the facts."""
        present = [k for k in NUMERIC if self.by_kind.get(k)]
        return self.rng.choice([Kind.MONEY] * 4 + [Kind.COUNT] * 3 + present)

    def number(self, kind: Kind, depth: int) -> Number:
        """Return an expression of *kind*."""
        rng = self.rng
        form = rng.randrange(14) if depth else 0
        if form < 6:
            return self.fact(kind)
        a = self.number(kind, depth - 1)
        match form:
            case 6:
                b = self.number(kind, depth - 1)
                return Number(f"{a.text} + {b.text}", _both(a, b, lambda x, y: x + y), a.facts | b.facts)
            case 7:
                b = self.number(kind, depth - 1)
                return Number(f"{a.text} - ({b.text})", _both(a, b, lambda x, y: x - y), a.facts | b.facts)
            case 8:
                factor = Fraction(rng.choice((2, 3, 10, 7, -1, 100)), rng.choice((1, 1, 4)))
                return Number(f"({a.text}) * {_decimal(factor)}", _one(a, lambda x: factor * x), a.facts)
            case 9:
                divisor = rng.choice((2, 3, 7, 10))
                return Number(f"({a.text}) / {divisor}", _one(a, lambda x: x / divisor), a.facts)
            case 10:
                share = percent(rng, 120)
                return Number(f"{share} of ({a.text})", _one(a, lambda x: Fraction(share[:-1]) / 100 * x), a.facts)
            case 11:
                b, word = self.number(kind, depth - 1), rng.choice(("min", "max"))
                join = min if word == "min" else max
                return Number(f"{word}({a.text}, {b.text})", _both(a, b, join), a.facts | b.facts)
            case 12:
                return Number(f"abs({a.text})", _one(a, abs), a.facts)
            case _:
                return self.product(kind, a)

    def product(self, kind: Kind, a: Number) -> Number:
        """Multiply by a fact that is fixed when the deal opens."""
        plain = self.draft.fixed(*PLAIN)
        shares = self.draft.fixed(Kind.PERCENT)
        if plain and (self.rng.randrange(2) or not shares):
            b = self.named(f"deal.{self.rng.choice(plain).name}")
            return Number(f"({a.text}) * {b.text}", _both(a, b, lambda x, y: x * y), a.facts | b.facts)
        if shares:
            b = self.named(f"deal.{self.rng.choice(shares).name}")
            return Number(f"{b.text} of ({a.text})", _both(a, b, lambda x, y: x * y / 100), a.facts | b.facts)
        return a

    def fact(self, kind: Kind) -> Number:
        """Return a fact, a table's cell, a defined quantity, or where there is none a constant."""
        rng = self.rng
        cells = self.draft.cells(kind)
        if cells and rng.randrange(6) == 0:
            name = rng.choice(cells)
            scale = Unit(kind, self.draft.currency).scale
            return Number(name, lambda s: _whole(s.get(name), scale))
        defined = [n for k, n in self.quantities.values() if k is kind]
        if defined and rng.randrange(4) == 0:
            return rng.choice(defined)
        known = [e for k in (PLAIN if kind in PLAIN else (kind,)) for e in self.by_kind.get(k, ())]
        if not known:
            value = Fraction(rng.randint(0, 30))
            return Number(self.written(value, kind), lambda _: value)
        usable = [e for e in known if self.on <= e.known]
        return self.named(rng.choice(usable if usable and rng.randrange(5) else known).name)

    def named(self, name: str) -> Number:
        entry = self.catalog[name]
        scale = entry.unit.scale
        issue = name.rpartition(".")[2]
        group = name.removesuffix(f".{issue}")
        mirrored = group != "room" and any(i.name == issue and i.unit.is_numeric for i in self.draft.issues)
        text = f"⟪{name}⟫" if mirrored else name
        return Number(text, lambda s: _whole(s.get(name), scale), frozenset({name}))

    def met(self, number: Number) -> Fraction:
        """Return a constant that *number* meets in the deal, or misses by one; anything where it is never known."""
        rng = self.rng
        for _ in range(4 if self.snapshots else 0):
            value = number.value(rng.choice(self.snapshots))
            if value is not None and abs(value) < 10**9 and _terminates(value):
                return value + Fraction(rng.choice((0, 0, 0, 1, -1)), rng.choice((1, 100, 10_000)))
        return Fraction(rng.choice((0, 0, 1, 2, 3, 5, 12, 100, 900, 5_000)))

    def written(self, value: Fraction, kind: Kind) -> str:
        """Write a constant of *kind*."""
        text = _decimal(abs(value))
        units = {
            Kind.MONEY: f" {self.draft.currency}",
            Kind.PERCENT: "%",
            Kind.MONTHS: " months",
            Kind.DAYS: " days",
            Kind.DURATION: " seconds",
        }
        text += units.get(kind, "")
        return f"-{text}" if value < 0 else text


def _whole(value: Exact | None, scale: int) -> Fraction | None:
    return Fraction(value, scale) if isinstance(value, int | Fraction) else None


def _one(a: Number, change: Callable[[Fraction], Fraction]) -> Callable[[Snapshot], Fraction | None]:
    return lambda s: None if (x := a.value(s)) is None else change(x)


def _both(
    a: Number, b: Number, join: Callable[[Fraction, Fraction], Fraction]
) -> Callable[[Snapshot], Fraction | None]:
    return lambda s: None if (x := a.value(s)) is None or (y := b.value(s)) is None else join(x, y)


def _terminates(value: Fraction) -> bool:
    """Return whether *value* can be written with at most twelve decimals."""
    return 10**12 % value.denominator == 0


def _decimal(value: Fraction) -> str:
    """Write a fraction that terminates; another one as the nearest of six decimals."""
    if not _terminates(value):
        value = Fraction(round(value * 10**6), 10**6)
    sign, value = ("-" if value < 0 else ""), abs(value)
    whole, rest = divmod(int(value * 10**12), 10**12)
    digits = f"{rest:012d}".rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
