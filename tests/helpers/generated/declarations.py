"""The declarations of a generated policy: issues, facts of the deal, tables, package, patterns."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.helpers.generated.case import NUMERIC, SEGMENTS, DraftFact, DraftIssue

from walkaway.events import BARGAINING
from walkaway.language.values import Kind, Unit, Value, format_value
from walkaway.policy.catalog import DealShape, FactSpec, IssueShape, Shape, entries


def percent(rng: Random, most: int = 30) -> str:
    """Return a percentage, sometimes to its last digit."""
    whole = rng.randint(0, most)
    return f"{whole}.{rng.choice(('0001', '5', '25', '3333'))}%" if rng.randrange(4) == 0 else f"{whole}%"


class Draft:
    """The declarations of a policy.

    Args:
        small: Whether there are few issues, facts and tables: what a solver is to answer quickly.
    """

    def __init__(self, rng: Random, *, small: bool = False) -> None:
        self.rng, self.small = rng, small
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

    def catalog(self, conclusions: Sequence[str]) -> dict[str, FactSpec]:
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
        prices = (100_000 * one, 40 * one, 7 * one, 1, 99_999 * one + one // 3, 10**12 * one)
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
            if rng.randrange(6 if self.small else 2) == 0:
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
        has_default = rng.randrange(3) == 0
        if has_default:
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
        first = has_default or rng.randrange(4) == 0
        return {"file": f"{name}.csv", "key": fact.name, **({"hit": "first"} if first else {})}

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
        number = rng.choice((1, 1, 2) if self.small else (1, 2, 2, 3, 3, 4, 5))
        return [self.issue(names[i], rng.choice(kinds)) for i in range(number)]

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
        places = sorted(rng.randrange(len(symbols)) for _ in range(3))
        named = zip(("wish", "want", "walk"), places, strict=True)
        limits = {t: symbols[i] for t, i in named if rng.randrange(3) == 0}
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
                met = rng.choice(issue.tries)
                assert isinstance(met, int)
                value = self.literal(met, issue.unit)
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
