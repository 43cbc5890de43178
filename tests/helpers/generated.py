"""Generate whole policies as YAML text, with their tables and a deal as JSON lines, from one source of randomness.

Declarations come first, then a deal under them, then the rules: their constants are taken from facts that this deal
really reaches, so that comparisons are met at equality and one unit to either side. Everything that counts against
or for a quantity of an issue stands in marks, so that a case can be written a second time with its quantities
mirrored. Any `random.Random` will do; hypothesis' own shrinks what it finds.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from random import Random
from typing import Any

import msgspec
import yaml

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.decide.engine import Core, Engine
from walkaway.events import BARGAINING, AnyEvent, On
from walkaway.language.values import Kind, Unit, Value, format_value
from walkaway.policy import Policy, read
from walkaway.policy.catalog import ALWAYS, DealShape, Entry, IssueShape, Shape, entries

Snapshot = Mapping[str, Value | None]
"""Fact → value at one event of the deal."""

PLAIN = (Kind.COUNT, Kind.NUMBER)
NUMERIC = (Kind.PERCENT, Kind.MONEY, Kind.MONTHS, Kind.DAYS, Kind.DURATION, Kind.COUNT, Kind.NUMBER)
SEGMENTS = ("smb", "mid-market", "enterprise")
VERDICTS = ("trade", "hold", "escalate", "refuse", "walk", "proceed")
BUILT_IN = ("beyond-walk", "short-of-want", "unprepared", "left")
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
        text = yaml.safe_dump(_written(root or self.root, mirrored), sort_keys=False, allow_unicode=True, width=100)
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


def generate(rng: Random, events: int = 40) -> Case:
    """Return a case with about *events* events."""
    draft = _Draft(rng)
    deal = _Deal(rng, draft).events(events)
    case = Case(
        draft.root({"waits": {"why": "Nothing yet.", "on": "tick", "when": "no", "then": "hold"}}), draft.files, deal
    )
    policy = case.read()
    snapshots = observe(policy, case.lines()) if policy is not None and rng.randrange(4) else []
    rules = _Rules(rng, draft, snapshots)
    return msgspec.structs.replace(case, root=rules.root())


def observe(policy: Policy, lines: Iterable[bytes]) -> list[Snapshot]:
    """Return the facts at every event that is decided."""
    engine, decoder = Engine(policy, Core.PLAIN), Decoder(policy)
    position = None
    found: list[Snapshot] = []
    for line in lines:
        event = decoder.decode(line).value
        if event is None:
            continue
        try:
            evaluation = engine.evaluate(position, event)
        except Unfit:
            continue
        position = evaluation.after
        if not evaluation.opens:
            found.append(engine.all_facts(evaluation))
    return found


def percent(rng: Random, most: int = 30) -> str:
    """Return a percentage, sometimes to its last digit."""
    whole = rng.randint(0, most)
    return f"{whole}.{rng.choice(('0001', '5', '25', '3333'))}%" if rng.randrange(4) == 0 else f"{whole}%"


class _Draft:
    """The declarations of a policy."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.currency = rng.choice(("USD", "EUR", "JPY", "KWD"))
        self.money = Unit(Kind.MONEY, self.currency)
        self.files: dict[str, str] = {}
        self.tables: dict[str, dict[str, Unit]] = {}
        self.keys: dict[str, str] = {}
        self.facts = self.deal_facts()
        self.table_nodes = self.table_list()
        self.issues = self.issue_list()
        self.package, self.package_thresholds = self.package_node()
        self.signals = ("abuse", "deception")[: rng.randint(0, 2)]
        self.roles = ("manager", "director", "cfo")[: rng.randint(0, 3)]
        self.patterns = self.pattern_nodes()
        self.day = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=rng.randint(0, 60))

    def root(self, rules: dict[str, Any], define: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the whole policy."""
        parts = {
            "policy": "generated",
            "version": 3,
            "side": self.rng.choice(("seller", "buyer")),
            "currency": self.currency,
            "deal": {f.name: f.node for f in self.facts},
            "tables": self.table_nodes,
            "issues": {i.name: i.node for i in self.issues},
            "package": self.package,
            "signals": list(self.signals),
            "roles": list(self.roles),
            "pattern": self.patterns,
            "define": define or {},
            "rules": rules,
        }
        return {k: v for k, v in parts.items() if v or k == "rules"}

    def catalog(self, conclusions: Sequence[str]) -> dict[str, Entry]:
        """Return the facts there are, as the engine's own catalog has them."""
        shape = Shape(
            currency=self.currency,
            issues={i.name: IssueShape(i.unit, i.thresholds) for i in self.issues},
            deal={f.name: DealShape(f.unit, f.optional and not f.defaulted) for f in self.facts},
            signals=self.signals,
            roles=self.roles,
            patterns=tuple(self.patterns),
            conclusions=tuple(conclusions),
            package=self.package_thresholds,
        )
        return {e.name: e for e in entries(shape)}

    # Deal facts and tables

    def deal_facts(self) -> list[DraftFact]:
        rng, money = self.rng, self.money
        one = money.scale
        prices = (100_000 * one, 40 * one, 7 * one, 1, 99_999 * one + one // 3)
        found = [DraftFact("list_price", money, "money", False, False, prices)]
        more = (
            ("segment", Unit(Kind.CHOICE, choices=SEGMENTS), {"one of": list(SEGMENTS)}, SEGMENTS),
            ("rate", Unit(Kind.PERCENT), "percent", (0, 25_000, 100_000, 1, 333_333)),
            ("factor", Unit(Kind.NUMBER), "number", (0, 10_000, 15_000, 1, -20_000)),
            ("seats", Unit(Kind.COUNT), "count", (0, 9, 10, 49, 50, 1_000)),
            ("urgent", Unit(Kind.YES_NO), "yes/no", (0, 1)),
            ("budget", money, "money", (0, money.scale * 5_000, money.scale * 90_000)),
            ("tenure", Unit(Kind.MONTHS), "months", (0, 12, 36)),
            ("horizon", Unit(Kind.DAYS), "days", (0, 14, 30)),
            ("lead", Unit(Kind.DURATION), "duration", (0, 3_600, 86_400)),
            ("contact", Unit(Kind.TEXT), "text", ("", "ann", "Bo \u00e9\u4e2d \U0001f600")),
        )
        for name, unit, node, tries in more:
            if rng.randrange(2):
                found.append(self.deal_fact(name, unit, node, tries))
        return found

    def deal_fact(self, name: str, unit: Unit, node: Any, tries: tuple[Value, ...]) -> DraftFact:
        rng = self.rng
        optional, defaulted = rng.randrange(3) == 0, rng.randrange(4) == 0
        if not (optional or defaulted):
            return DraftFact(name, unit, node, False, False, tries)
        whole: dict[str, Any] = dict(node) if isinstance(node, dict) else {"type": node}
        if optional:
            whole["optional"] = "yes"
        if defaulted:
            whole["default"] = format_value(rng.choice(tries), unit)
        return DraftFact(name, unit, whole, optional, defaulted, tries)

    def fixed(self, *kinds: Kind) -> list[DraftFact]:
        """Return the deal facts that every prepared deal has, of some kinds."""
        return [f for f in self.facts if f.unit.kind in kinds and not f.optional]

    def table_list(self) -> dict[str, Any]:
        rng, nodes = self.rng, {}
        for fact in self.fixed(Kind.CHOICE, Kind.COUNT):
            if rng.randrange(2):
                name = f"by_{fact.name}"
                nodes[name] = self.table(name, fact)
        return nodes

    def table(self, name: str, fact: DraftFact) -> dict[str, Any]:
        rng = self.rng
        columns = {"floor": Unit(Kind.PERCENT), "cost": self.money, "wait": Unit(Kind.DAYS), "open": Unit(Kind.YES_NO)}
        numeric = fact.unit.kind is Kind.COUNT
        keys = ["0..9", "10..49", ">= 50"] if numeric else list(SEGMENTS)
        if not numeric and rng.randrange(3) == 0:
            keys[-1] = "*"
        dated = rng.randrange(3) == 0
        header = [fact.name, *columns, *(["from"] if dated else [])]
        rows = [header]
        for key in keys:
            for since in ("", "2026-10-20") if dated and rng.randrange(2) else ("",):
                money = format_value(rng.randint(1, 300) * self.money.scale // 2, self.money)
                cells = [
                    key,
                    f"{rng.randint(5, 25)}%",
                    f'"{money}"',
                    f"{rng.randint(0, 20)} days",
                    rng.choice(("yes", "no")),
                ]
                rows.append([*cells, since] if dated else cells)
        self.files[f"{name}.csv"] = "\n".join(",".join(r) for r in rows) + "\n"
        self.tables[name], self.keys[name] = columns, fact.name
        first = not numeric and keys[-1] == "*"
        return {"file": f"{name}.csv", "key": fact.name, **({"hit": "first"} if first or rng.randrange(4) == 0 else {})}

    def cells(self, kind: Kind) -> list[str]:
        """Return the table cells of a kind, as expressions write them."""
        return [
            f"{t}[deal.{self.keys[t]}].{c}"
            for t, columns in self.tables.items()
            for c, u in columns.items()
            if u.kind is kind
        ]

    # Issues and the package

    def worth(self) -> str:
        """Return an amount of money above zero that rests on constants and the deal's opening facts."""
        rng, one = self.rng, self.currency
        forms = [
            f"{rng.randint(1, 900)} {one}",
            f"{rng.choice((1, 2, 5))}% of deal.list_price",
            "0.125% of deal.list_price",
            f"deal.list_price / {rng.choice((3, 7, 1000))}",
            f"min(deal.list_price, {rng.randint(1, 900)} {one}) + {rng.randint(1, 9)} {one}",
            f"max(1% of deal.list_price, {rng.randint(1, 50)} {one}) * 2",
            *(f"deal.{f.name} of deal.list_price" for f in self.fixed(Kind.PERCENT)),
            *(f"deal.{f.name} * {rng.randint(1, 9)} {one}" for f in self.fixed(Kind.COUNT)),
            *self.cells(Kind.MONEY),
        ]
        return rng.choice(forms)

    def issue_list(self) -> list[DraftIssue]:
        rng = self.rng
        kinds = [*NUMERIC, Kind.YES_NO, Kind.CHOICE]
        names = ("alpha", "bravo", "carol", "delta", "echo")
        return [self.issue(names[i], rng.choice(kinds)) for i in range(rng.choice((1, 2, 2, 3, 3, 4, 5)))]

    def issue(self, name: str, kind: Kind) -> DraftIssue:
        if kind is Kind.CHOICE:
            return self.graded(name)
        if kind is Kind.YES_NO:
            return self.yes_no(name)
        rng = self.rng
        unit = Unit(kind, self.currency if kind is Kind.MONEY else "")
        size = {Kind.PERCENT: 10_000, Kind.MONEY: unit.scale, Kind.DURATION: 3_600, Kind.NUMBER: 2_500}.get(kind, 1)
        grid = sorted(rng.randint(0, 40) * size + rng.choice((0, 0, 0, 1, -1)) for _ in range(5))
        better = rng.choice((1, -1, 1, -1, 1, -1, 0))
        sign = "-" if better < 0 else "" if better else "0 * "
        node: dict[str, Any] = {"type": str(kind), "start": f"⟪{self.literal(grid[rng.randrange(5)], unit)}⟫"}
        step = format_value(rng.choice((1, 1, 2)) * (size if rng.randrange(3) else 1), unit)
        node["worth"] = f"⟪{sign}({self.worth()})⟫ per {step}"
        ranked = grid if better > 0 else grid[::-1]
        limits = (
            {"wish": ranked[4], "want": ranked[rng.randint(2, 3)], "walk": ranked[rng.randint(0, 2)]} if better else {}
        )
        limits = {t: v for t, v in limits.items() if rng.randrange(3)}
        walk, per_deal = limits.get("walk"), False
        for threshold, value in limits.items():
            node[threshold] = f"⟪{self.threshold(value, unit)}⟫"
        if "walk" in limits and rng.randrange(5) == 0:
            node["walk"], per_deal, walk = "per deal", True, None
        tries = tuple(dict.fromkeys(v + d for v in grid for d in (0, 1, -1)))
        return DraftIssue(name, unit, better, node, tries, frozenset(limits), walk, per_deal)

    def literal(self, value: int, unit: Unit) -> str:
        """Write a quantity as an expression may have it, a negative one in brackets."""
        text = format_value(abs(value), unit)
        return f"(-{text})" if value < 0 else text

    def threshold(self, value: int, unit: Unit) -> str:
        """Write a threshold: mostly the constant, sometimes an expression over the opening facts."""
        rng = self.rng
        if rng.randrange(4) or unit.kind not in (Kind.PERCENT, Kind.MONEY, Kind.MONTHS):
            return self.literal(value, unit)
        if unit.kind is Kind.MONEY:
            return rng.choice((f"{percent(rng)} of deal.list_price", "deal.list_price / 7"))
        if unit.kind is Kind.MONTHS:
            return f"{self.literal(value, unit)} + 3 months - 3 months"
        return rng.choice(self.cells(Kind.PERCENT) or [self.literal(value, unit)])

    def yes_no(self, name: str) -> DraftIssue:
        rng = self.rng
        sign = rng.choice(("", "-"))
        node = {"type": "yes/no", "start": rng.choice(("yes", "no")), "worth": f"{sign}({self.worth()})"}
        good, bad = ("yes", "no") if not sign else ("no", "yes")
        limits = {}
        if rng.randrange(3) == 0:
            limits["want"] = good
        if rng.randrange(3) == 0:
            limits["walk"] = rng.choice((good, bad))
        return DraftIssue(
            name,
            Unit(Kind.YES_NO),
            0,
            node | limits,
            (0, 1),
            frozenset(limits),
            int(limits["walk"] == "yes") if "walk" in limits else None,
            False,
        )

    def graded(self, name: str) -> DraftIssue:
        rng = self.rng
        symbols = ("basic", "silver", "gold", "two words")[: rng.randint(2, 4)]
        costs = sorted((rng.randint(-900, 900) for _ in symbols), reverse=True)
        worths = {
            s: f"{c} {self.currency}" if c >= 0 else f"-{-c} {self.currency}"
            for s, c in zip(symbols, costs, strict=True)
        }
        if rng.randrange(4) == 0:
            worths[symbols[-1]] = f"-(1,000 {self.currency} + {self.worth()})"
        limits = dict(zip(("wish", "want", "walk"), sorted(rng.randrange(len(symbols)) for _ in range(3)), strict=True))
        limits = {t: symbols[i] for t, i in limits.items() if rng.randrange(3) == 0}
        node = {"one of": worths, "start": rng.choice(symbols), **limits}
        unit = Unit(Kind.CHOICE, choices=symbols)
        return DraftIssue(name, unit, 0, node, symbols, frozenset(limits), limits.get("walk"), False)

    def package_node(self) -> tuple[dict[str, str], frozenset[str]]:
        rng = self.rng
        if rng.randrange(3) == 0:
            return {}, frozenset()
        base = rng.choice(("deal.list_price", f"{rng.randint(0, 90)}000 {self.currency}", "deal.list_price * 1.5"))
        limits = {
            "wish": f"102% of ({base})",
            "want": f"99.5% of ({base})",
            "walk": f"{rng.choice((80, 97, 99))}% of ({base})",
        }
        limits = {t: v for t, v in limits.items() if rng.randrange(2)}
        if "walk" in limits and rng.randrange(6) == 0:
            limits["walk"] = "per deal"
        return {"base": base, **limits}, frozenset(limits)

    def pattern_nodes(self) -> dict[str, Any]:
        rng = self.rng
        if rng.randrange(3):
            return {}
        listens = sorted(str(o) for o in BARGAINING)
        leaves = [f"{b}.worth {rng.choice(('<', '>=', '=', '!='))} {a}.worth" for a, b in (("settled", "demand"),)]
        for issue in self.issues:
            if issue.unit.is_numeric:
                value = self.literal(rng.choice(issue.tries), issue.unit)
                leaves.append(f"⟪demand.{issue.name}⟫ {rng.choice(('>', '<=', '=', '!='))} ⟪settled.{issue.name}⟫")
                leaves.append(f"⟪demand.{issue.name}⟫ {rng.choice(('>', '<=', '='))} ⟪{value}⟫")
            else:
                value = format_value(rng.choice(issue.tries), issue.unit)
                leaves.append(f"settled.{issue.name} {rng.choice(('=', '!='))} {_symbol(value)}")
        chosen = [rng.choice(leaves) for _ in range(rng.randint(1, 3))]
        when = rng.choice((" and ", " or ")).join(chosen)
        return {"again": {"settled": rng.choice(listens), "demand": rng.choice(listens), "when": when}}


def _symbol(value: str) -> str:
    """Write a choice's word as expressions want it."""
    return value if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*", value) else f'"{value}"'


class _Deal:
    """The events of one deal; most can have happened, a few cannot."""

    def __init__(self, rng: Random, draft: _Draft) -> None:
        self.rng, self.draft = rng, draft
        self.now = draft.day + timedelta(seconds=rng.randint(0, 86_399))
        self.stated: dict[str, set[str]] = {"us": set(), "them": set()}
        self.count = 0

    def events(self, number: int) -> tuple[dict[str, Any], ...]:
        """Return about *number* events, the opening first."""
        rng = self.rng
        found = [self.opened()]
        makers = (
            [self.offer] * 12
            + [self.accept] * 3
            + [self.reject, self.signal, self.update, self.approve] * 2
            + [self.tick] * 2
        )
        while len(found) < number:
            event = rng.choice(makers)()
            if event is not None:
                found.append(event)
        if rng.randrange(3) == 0:
            found.append(self.event("close", outcome=rng.choice(("won", "lost", "walked"))))
        return tuple(found)

    def event(self, sort: str, **fields: Any) -> dict[str, Any]:
        """Return an event a while after the last one."""
        rng = self.rng
        pauses = (0, 0, 1, 1, 59, 60, 3_600, 86_399, 86_400, 86_401, 7 * 86_400)
        self.now += timedelta(seconds=rng.choice(pauses), microseconds=rng.choice((0, 0, 0, 500_000, 1)))
        self.count += 1
        zone = rng.choice((UTC, UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=5, minutes=30))))
        at = self.now.astimezone(zone).isoformat()
        event = {"id": f"e{self.count}", "deal": "d", "at": at.replace("+00:00", "Z"), "type": sort, **fields}
        if rng.randrange(4) == 0:
            event["actor"] = rng.choice(("ann", "bo", "cy"))
        if rng.randrange(12) == 0:
            outer = {"specversion": "1.0", "id": event.pop("id"), "subject": event.pop("deal"), "time": event.pop("at")}
            return {**outer, "type": f"walkaway.{event.pop('type')}", "source": "/desk", "data": event}
        return event

    def value(self, issue: DraftIssue) -> Any:
        """Return a value near those that mean something."""
        rng = self.rng
        value = rng.choice(issue.tries)
        if isinstance(value, str):
            return value
        if issue.unit.kind is Kind.YES_NO:
            return rng.choice((bool(value), "yes" if value else "no"))
        return Amount(issue.unit, value + rng.choice((0, 0, 0, 0, 1, -1)))

    def terms(self, most: int = 5) -> dict[str, Any]:
        issues = self.draft.issues
        chosen = [i for i in issues if self.rng.randrange(2)] or [self.rng.choice(issues)]
        return {i.name: self.value(i) for i in chosen[:most]}

    def facts(self, chance: int) -> dict[str, str]:
        """State deal facts, each but one in *chance*; optional ones half the time."""
        rng = self.rng
        return {
            f.name: format_value(rng.choice(f.tries), f.unit)
            for f in self.draft.facts
            if (rng.randrange(2) if f.optional or f.defaulted else rng.randrange(chance))
        }

    def limits(self, *, per_deal: bool) -> dict[str, Any]:
        """Bring limits: those each deal must bring, and now and then a tighter one."""
        rng = self.rng
        found: dict[str, Any] = {}
        for issue in self.draft.issues:
            if issue.per_deal and per_deal:
                found[issue.name] = {"walk": Amount(issue.unit, int(rng.choice(issue.tries)))}
            elif issue.better and isinstance(issue.walk, int) and rng.randrange(4) == 0:
                found[issue.name] = {"walk": Amount(issue.unit, issue.walk + issue.better * rng.randint(0, 2))}
            elif issue.unit.is_numeric and rng.randrange(12) == 0:
                found[issue.name] = {rng.choice(("want", "wish")): Amount(issue.unit, int(rng.choice(issue.tries)))}
        if self.draft.package.get("walk") == "per deal" and per_deal:
            found["package"] = {"walk": self.money()}
        return found

    def money(self) -> str:
        unit = self.draft.money
        return format_value(self.rng.choice((0, 1, -1, 5_000, 97_000, 99_500, 100_000)) * unit.scale, unit)

    def opened(self) -> dict[str, Any]:
        rng = self.rng
        fields: dict[str, Any] = {"facts": self.facts(rng.choice((4, 40, 40)))}
        if rng.randrange(4) == 0:
            fields["terms"] = self.terms()
            self.stated["us"] |= set(fields["terms"])
        if limits := self.limits(per_deal=rng.randrange(4) > 0):
            fields["limits"] = limits
        if rng.randrange(4) == 0:
            fields["batna"] = self.money()
        return self.event("open", **fields)

    def offer(self) -> dict[str, Any]:
        by = self.rng.choice(("us", "them"))
        terms = self.terms()
        self.stated[by] |= set(terms)
        return self.event("offer", by=by, terms=terms)

    def accept(self) -> dict[str, Any] | None:
        rng = self.rng
        by = rng.choice(("us", "them"))
        other = sorted(self.stated["them" if by == "us" else "us"])
        if not other:
            return None
        if rng.randrange(2):
            self.stated[by] |= {i.name for i in self.draft.issues}
            return self.event("accept", by=by)
        self.stated[by] |= {other[0]}
        return self.event("accept", by=by, issues=[other[0]])

    def reject(self) -> dict[str, Any] | None:
        by = self.rng.choice(("us", "them"))
        return self.event("reject", by=by) if self.stated["them" if by == "us" else "us"] else None

    def signal(self) -> dict[str, Any] | None:
        if not self.draft.signals:
            return None
        rng = self.rng
        return self.event(
            "signal",
            by=rng.choice(("us", "them")),
            kind=rng.choice(self.draft.signals),
            confirmed=rng.choice((True, True, False)),
        )

    def update(self) -> dict[str, Any] | None:
        rng = self.rng
        fields: dict[str, Any] = {}
        if rng.randrange(2):
            fields["facts"] = self.facts(2)
        if limits := self.limits(per_deal=True):
            fields["limits"] = limits
        if rng.randrange(3) == 0:
            fields["batna"] = self.money()
        fields = {k: v for k, v in fields.items() if v}
        return self.event("update", **fields) if fields else None

    def approve(self) -> dict[str, Any] | None:
        rng = self.rng
        if not self.draft.roles:
            return None
        fields: dict[str, Any] = {
            "approver": rng.choice(("ann", "dee")),
            "role": rng.choice(self.draft.roles),
            "terms": self.terms(),
        }
        until = self.now + timedelta(seconds=rng.choice((1, 3_600, 86_400, 30 * 86_400)))
        if rng.randrange(2):
            fields["until"] = until.isoformat()
        return self.event("approve", **fields)

    def tick(self) -> dict[str, Any]:
        return self.event("tick")


class _Rules:
    """The definitions and rules of a policy; their constants are taken from *snapshots*."""

    def __init__(self, rng: Random, draft: _Draft, snapshots: Sequence[Snapshot]) -> None:
        self.rng, self.draft, self.snapshots = rng, draft, snapshots
        self.conclusions = [f"c{i}" for i in range(rng.choice((0, 0, 1, 2, 3)))]
        self.catalog = draft.catalog(self.conclusions)
        self.by_kind: dict[Kind, list[Entry]] = {}
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
        number = rng.choice((1, 2, 3, 4, 5, 6, 8, 12))
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
        mirrored = group in ("offer", "walk", "want", "wish", "ours.last", "theirs.last") and any(
            i.name == issue and i.unit.is_numeric for i in self.draft.issues
        )
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


def _whole(value: Value | None, scale: int) -> Fraction | None:
    return Fraction(value, scale) if isinstance(value, int) else None


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


def decoded(policy: Policy, lines: Iterable[bytes]) -> list[AnyEvent]:
    """Return the events that can be read."""
    decoder = Decoder(policy)
    return [e for line in lines if (e := decoder.decode(line).value) is not None]
