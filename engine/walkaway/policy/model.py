# Over 400 lines: every record of a policy, on one page.
"""A policy as the engine knows it: typed, looked up, complete. What it means stands in design.md, 4."""

import posixpath
from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from walkaway.events import Door, On, Ranked, Verdict
from walkaway.language.diagnostics import Span
from walkaway.language.expr.linear import Conjunction, alternatives, monomials
from walkaway.language.expr.tree import Condition, Const, Number, facts_of
from walkaway.language.expr.types import Lookup, Typed, holds_number
from walkaway.language.instants import DAY, format_day
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit, Value, beyond, format_value
from walkaway.policy.calendar import Calendar
from walkaway.policy.catalog import FactSpec
from walkaway.policy.exchange import RATE, Exchange, Rates

MATRIX = "approvals"
"""The section of the approval matrix: what its rules are made of."""
BUDGETS = "budgets"
"""The section of the budgets over deals: a rule is made of each."""
LINES = "lines"
"""What the issue and the deal fact are called that hold a deal's lines, where a policy has any."""
MOST_LINES = 50
"""So many lines a deal may have at most."""
PARTY = "party"
OF_CALENDAR = ("quarter", "fiscal_year", "month")
OF_UTC = {"utc_quarter": "quarter", "utc_year": "fiscal_year", "utc_month": "month"}
"""What tells the sums of a budget apart: by days of the calendar, or by those of UTC, and of which the latter are."""
BUDGET_KEYS = (PARTY, *OF_CALENDAR, *OF_UTC)
"""All of them; deal facts beside."""
THRESHOLDS = ("wish", "want", "walk")
ASKS = (3, 6)
"""So many asks of agents and customers are answered where a policy does not say: in a round, and to a party."""
AT = "@"
"""Stands in the name of a fact between a limit and the value of the selector at which it is that; no rule names it."""

Made = TypeVar("Made")


class Enforcement(StrEnum):
    """Whether a rule decides: always, unless lifted, never but reported, never and only logged."""

    MANDATORY = "mandatory"
    OVERRIDABLE = "overridable"
    ADVISORY = "advisory"
    SHADOW = "shadow"


class Concern(Ranked):
    """What a rule is about; of equally severe reasons the first is told first: between people, of danger, of worth."""

    RELATIONSHIP = "relationship"
    RISK = "risk"
    VALUE = "value"


class Effect(msgspec.Struct, frozen=True):
    """What a rule does when it fires: give a verdict, or conclude a name.

    Attributes:
        door: With `walk`.
        to: The role whose approval is needed, with `escalate`; `count` how many people of it.
    """

    verdict: Verdict | None = None
    concludes: str = ""
    door: Door | None = None
    to: str = ""
    count: int = 1

    @property
    def severity(self) -> int:
        """Return the place of its verdict among all, from 0 for `proceed`; 0 where it only concludes."""
        return 0 if self.verdict is None else self.verdict.rank


class Rule(msgspec.Struct, frozen=True, dict=True):
    """One rule.

    Attributes:
        say: May be repeated to the other side; `{fact}` stands for a value.
        source: Where the principle comes from, as the author names it.
        by: The role that may lift it, where it is overridable.
        span: Where it stands; the file is empty for a built-in one.
        concern: What it is about, by which equally severe reasons are told in order; it decides nothing.
        made_of: The section that it was made of, where that is not `rules`.
    """

    id: str
    why: str
    on: frozenset[On]
    condition: Condition
    effect: Effect
    say: str = ""
    source: str = ""
    enforcement: Enforcement = Enforcement.MANDATORY
    by: str = ""
    span: Span = Span("", 0, 0)
    said_at: Scalar | None = None
    built_in: bool = False
    concern: Concern | None = None
    made_of: str = ""

    @cached_property
    def alternatives(self) -> tuple[Conjunction, ...]:
        """Return its condition as conjunctions of tests, one of which holds exactly where it fires.

        Raises:
            TooComplex: As `expr.linear.alternatives`; never for a policy that has passed its checks.
        """
        return alternatives(self.condition)

    @cached_property
    def decides(self) -> bool:
        """Return whether it can determine the verdict."""
        return self.effect.verdict is not None and self.enforcement in (Enforcement.MANDATORY, Enforcement.OVERRIDABLE)


Bounds = tuple[int | None, int | None]
"""The least and the most that a quantity may be, in smallest units; none where there is no such bound."""


class Linear(msgspec.Struct, frozen=True):
    """Worth that grows evenly: money (whole units) for each `step` (smallest units of the issue) from the start."""

    rate: Number
    step: int


class Graded(msgspec.Struct, frozen=True):
    """Worth of each symbol: money in whole units."""

    worths: Mapping[Value, Number]


Threshold = Number | Value | None
"""A threshold: a number in whole units of the issue, a symbol, or none."""


class Issue(msgspec.Struct, frozen=True):
    """One negotiable attribute.

    Attributes:
        better: 1 where more is better for us, -1 where less is; 0 for symbols, whose worth orders them.
        per_deal: Every deal must bring its own walk value.
        step: How far apart offers of it lie among people, in smallest units; none where the policy leaves it to us.
        theirs: What it is worth to the other side, as far as the policy says; decides nothing.
        cap: What it may be worth to us at most over its start value, in whole units of money, where it is new in a
            layer below others; none for no end.
        is_shadow: Whether it is an issue of a layer below, as a layer above sees it: it costs us nothing there.
        least: The smallest value that anybody may name for it, in smallest units, and `most` the greatest; none without
            one.
        values: The only ones that anybody may name for it, from the smallest; none where all between the bounds may be.
        as_named: Whether an approval covers the value alone that it names, and none that is better for us.
        by: What it is at each value of the selector; empty where it is the same at all of them. Its own worth is that
            at the selector's start value, and a limit that hangs on the selector is none of its own.
        owed: So many days after the close they have to deliver what they promised of it; none where that is no debt.
    """

    name: str
    unit: Unit
    start: Threshold
    worth: Linear | Graded
    better: int
    wish: Threshold = None
    want: Threshold = None
    walk: Threshold = None
    per_deal: bool = False
    personal: bool = False
    step: int | None = None
    theirs: Linear | Graded | None = None
    cap: Const | None = None
    is_shadow: bool = False
    least: int | None = None
    most: int | None = None
    values: tuple[int, ...] = ()
    as_named: bool = False
    by: "Mapping[Value, Issue]" = {}
    owed: int | None = None

    @property
    def finite(self) -> tuple[Value, ...]:
        """Return its values, where they are few enough to be listed; none for other quantities."""
        if self.unit.kind is Kind.CHOICE:
            return self.unit.choices
        return (0, 1) if self.unit.kind is Kind.YES_NO else self.values

    @property
    def bounds(self) -> Bounds:
        """Return the least and the most that anybody may name for it."""
        return self.least, self.most

    @property
    def named(self) -> tuple[Bounds, tuple[int, ...]]:
        """Return what anybody may name for it: between which bounds, and of which values, where they are listed."""
        return self.bounds, self.values

    def is_named(self, value: int) -> bool:
        """Return whether anybody may name a value, in smallest units."""
        return value in self.values if self.values else not beyond(value, self.unit, *self.bounds)


class Package(msgspec.Struct, frozen=True):
    """The whole: what the start terms are worth, and its thresholds, in whole units of money.

    Attributes:
        by: What it is at each value of the selector, as for `Issue`.
    """

    base: Number
    wish: Number | None = None
    want: Number | None = None
    walk: Number | None = None
    per_deal: bool = False
    by: "Mapping[Value, Package]" = {}


class DealFact(msgspec.Struct, frozen=True):
    """A fact that each deal states when it opens.

    Attributes:
        least: The smallest value that a deal may state, in smallest units, and `most` the greatest; none without one.
    """

    name: str
    unit: Unit
    optional: bool = False
    default: Value | None = None
    personal: bool = False
    meaning: str = ""
    least: int | None = None
    most: int | None = None

    @property
    def bounds(self) -> Bounds:
        """Return the least and the most that a deal may state."""
        return self.least, self.most

    @property
    def may_be_missing(self) -> bool:
        """Return whether a prepared deal may lack it."""
        return self.optional and self.default is None


class Derived(msgspec.Struct, frozen=True):
    """A fact that is computed from the terms on the table, and from what the deal states: a sum of products.

    Attributes:
        tree: What it is, in whole units.
        parts: The same as products of facts, each with its factor: of smallest units, to the smallest unit of its own.
        whole: Whether it is always a whole number of that.
    """

    name: str
    unit: Unit
    tree: Number
    parts: tuple[tuple[tuple[str, ...], Fraction], ...]

    def made_of(self, tree: Number) -> "Derived":
        """Return a fact of the same name and unit that is something else."""
        parts = tuple((tuple(map(str, names)), factor * self.unit.scale) for names, factor in monomials(tree))
        return Derived(self.name, self.unit, tree, parts)

    @property
    def facts(self) -> frozenset[str]:
        """Return what it is made of."""
        return facts_of(self.tree)

    @property
    def holds_number(self) -> bool:
        """Return whether a number that the policy chose is among its factors."""
        return holds_number(self.tree)

    @property
    def whole(self) -> bool:
        """Return whether it is always a whole number of its smallest unit."""
        return all(factor.denominator == 1 for _, factor in self.parts)

    def way(self, fact: str, least: "Callable[[str], int | None]") -> int | None:
        """Return whether it grows with a fact (1) or falls (-1), or does not hang on it; none where it may do either.

        Args:
            least: Gives the least that a fact can be; none where there is no end to it.
        """
        found: set[int] = set()
        for names, factor in self.parts:
            others = [name for name in names if name != fact]
            if len(others) == len(names) or not factor:
                continue
            others += [fact] if len(names) - len(others) > 1 else []
            if any((at := least(name)) is None or at < 0 for name in others):
                return None
            found.add(1 if factor > 0 else -1)
        return None if len(found) > 1 else next(iter(found), 0)


class LineIssue(msgspec.Struct, frozen=True):
    """What is negotiated of each line of a deal.

    Attributes:
        worth: What it is worth to us, from what is stated of its line, and of the deal.
        better: As of an issue.
        least: The smallest value that anybody may name for it, in smallest units, and `most` the greatest.
    """

    name: str
    unit: Unit
    start: Value
    worth: Linear | Graded
    better: int
    least: int | None = None
    most: int | None = None


class Reach(StrEnum):
    """Of how many lines a figure tells: of any, of every one, of all in sum, of the one that is worst for us."""

    ANY = "any"
    EVERY = "every"
    SUM = "sum"
    WORST = "worst"


class Figure(msgspec.Struct, frozen=True):
    """A fact that is computed from all lines on the table.

    Attributes:
        tree: What is asked of each line: a condition of any and every one, else a number in whole units.
        way: Of the worst: 1 where less of it is worse for us, -1 where more is.
        optional: Whether it may be unknown, since something of a line may be.
    """

    name: str
    reach: Reach
    unit: Unit
    tree: Condition | Number
    way: int = 0
    optional: bool = False


class LineItems(msgspec.Struct, frozen=True):
    """The lines that a deal may have: a quote's positions, of which each deal has as many as it states.

    Attributes:
        facts: What each deal states of a line when it opens.
        issues: What is negotiated of each.
        figures: What rules read of all of them together.
        most: How many lines a deal may have.
    """

    facts: Mapping[str, DealFact]
    issues: Mapping[str, LineIssue]
    figures: Mapping[str, Figure]
    most: int


class Leg(msgspec.Struct, frozen=True):
    """One leg of a pattern: a name for an event of a kind, and what of it the condition reads."""

    name: str
    on: On
    reads: tuple[str, ...]


class Pattern(msgspec.Struct, frozen=True):
    """Two events of one deal, the first before the second, that satisfy a condition together."""

    name: str
    first: Leg
    second: Leg
    condition: Condition
    alternatives: tuple[Conjunction, ...]


class Row(msgspec.Struct, frozen=True):
    """A row of a table: a test for each key, and the cells.

    Attributes:
        keys: A symbol, a closed range of numbers with open ends as none, or none for any.
        since: The day it comes into force (days since 1970), or none for always.
        span: The whole line in its file.
    """

    keys: tuple[Value | tuple[int | None, int | None] | None, ...]
    cells: Mapping[str, Value]
    span: Span
    since: int | None = None

    @property
    def line(self) -> int:
        """Return its line in its file, from 1."""
        return self.span.line


class Table(msgspec.Struct, frozen=True):
    """A decision table: its keys in order, its columns, its rows in the file's order; the file's header.

    Attributes:
        key_bounds: For each key the least and the most that a deal may state, in smallest units; none without one.
    """

    name: str
    file: str
    keys: tuple[str, ...]
    key_units: tuple[Unit, ...]
    columns: Mapping[str, Unit]
    rows: tuple[Row, ...]
    first_hit: bool = False
    header: tuple[str, ...] = ()
    key_bounds: tuple[Bounds, ...] = ()


class DealsBudget(msgspec.Struct, frozen=True):
    """What all deals together may give away: a sum over those of one key.

    Attributes:
        of: What tells sums apart, in the order in which keys are written: words of `BUDGET_KEYS`, and names of deal
            facts.
        most: How much may be given, in smallest units of the policy's currency.
    """

    name: str
    of: tuple[str, ...]
    most: int
    span: Span = Span("", 0, 0)


class Claim(msgspec.Struct, frozen=True):
    """What a policy says of its own answers, under `prove:`; it decides nothing.

    Attributes:
        always: Whether the condition always holds, or never.
        condition: May read `verdict`, `door` and `event` beside the facts.
        on: The events it is about; where it names none, those that know all it reads.
    """

    name: str
    always: bool
    condition: Condition
    text: str
    on: frozenset[On]
    why: str = ""
    span: Span = Span("", 0, 0)


class Policy(msgspec.Struct, frozen=True, dict=True):
    """A whole policy.

    Attributes:
        effective: First and last day in force (days since 1970), none for no bound.
        rules: Built-in ones included; their order means nothing.
        fixed: Deal facts (`deal.x`) that a deal cannot change once stated: they multiply, value or choose a row.
        needed: Deal facts without which no offer has a worth.
        sha256: Of all its files.
        files: Name → bytes, of the policy and its tables.
        file: What findings call its own file, which is `policy.yaml` in `files`.
        places: Where each declared name stands, as `define.near_walk`, and each limit, as `issues.price.walk`.
        quantities: What definitions that are no conditions stand for; the trees of rules hold these very objects.
        mentioned: Every definition that a rule or another definition uses.
        coverage: The least that its scenarios exercise of it, in 1/10,000 percent; none where it does not say.
        theirs_base: What their word counts from: `said`, what they said first; `walk`, that but never beyond our walk
            value; or `start`, that but never beyond the start value.
        calendar: Its table of days; none where a day is one of UTC.
        ahead: So far behind the latest event of its deal, in microseconds, an event is held until it is confirmed.
        allows: What an issue that a layer below adds may be worth to us at most, in whole units of money.
        above: The policy of all layers above its own, by which every event is judged too; none where there are none.
        asks: How many asks of agents and customers are answered, since the other side last moved, and to one party.
        people: Name → id, names as they are compared; empty where everybody is called by one name.
        spoken_as: Name, as names are compared → the role in which whoever is called so acts for us, where it says that.
        matrix: The approval matrix as a table, for showing it: its rules are among `rules`.
        labels: Section and name, as `issues.discount` → what people call it, by language; none for all languages.
        exchange: In which other currencies deals may be; none where all are in its own.
        rates: Where rates are found that are published; none where nobody gives any. No part of what it says.
        home: The currency of its file, in the policy as it stands in a deal of another; empty otherwise.
        as_of: The day asked about: every deal is decided as if it had opened on it. None to decide deals as they are.
        selector: The issue by whose value worths and limits of others are told apart; empty where none is.
        derived: Facts that are computed from the terms on the table.
        budgets: What deals may give away together; the rules that hold them to it are among `rules`.
        lines: The lines that its deals have, which are the issue and the deal fact `lines`; none where they have none.
    """

    name: str
    title: str
    version: int
    owner: str
    side: str
    currency: str
    effective: tuple[int | None, int | None]
    deal: Mapping[str, DealFact]
    issues: Mapping[str, Issue]
    package: Package
    signals: tuple[str, ...]
    roles: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    tables: Mapping[str, Table]
    lookups: tuple[Lookup, ...]
    rules: tuple[Rule, ...]
    catalog: Mapping[str, FactSpec]
    fixed: frozenset[str]
    needed: frozenset[str]
    sha256: str
    files: Mapping[str, bytes] = {}
    file: str = "policy.yaml"
    places: Mapping[str, Span] = {}
    mentioned: frozenset[str] = frozenset()
    claims: tuple[Claim, ...] = ()
    quantities: Mapping[str, Typed] = {}
    coverage: int | None = None
    theirs_base: str = "said"
    ahead: int = 400 * DAY
    calendar: Calendar | None = None
    allows: Const = Const(Fraction(0))
    above: "Policy | None" = None
    people: Mapping[str, str] = {}
    spoken_as: Mapping[str, str] = {}
    asks: tuple[int, int] = ASKS
    as_of: int | None = None
    exchange: Exchange | None = None
    rates: Rates | None = None
    home: str = ""
    matrix: Table | None = None
    labels: Mapping[str, Mapping[str, str]] = {}
    selector: str = ""
    derived: Mapping[str, Derived] = {}
    budgets: Mapping[str, DealsBudget] = {}
    lines: LineItems | None = None

    @cached_property
    def cases(self) -> "Mapping[Value, Policy]":
        """Return for each value of the selector the policy as it is there, without one; empty where there is none."""
        if not self.selector:
            return {}
        chosen = self.issues[self.selector]
        return {value: self._case(value) for value in chosen.finite}

    def _case(self, value: Value) -> "Policy":
        issues = {name: issue.by.get(value, issue) for name, issue in self.issues.items()}
        package = self.package.by.get(value, self.package)
        return replace(self, issues=issues, package=package, selector="", above=None)

    @cached_property
    def by_case(self) -> Mapping[str, Mapping[Value, str]]:
        """Return each limit that hangs on the selector, as `walk.price`, with the facts that hold it, case by case."""
        if not self.selector:
            return {}
        unit = self.issues[self.selector].unit
        found: dict[str, Mapping[Value, str]] = {}
        every: list[tuple[str, Issue | Package]] = [*self.issues.items(), ("package", self.package)]
        for name, limited in every:
            for threshold in THRESHOLDS if limited.by else ():
                if len({getattr(case, threshold) for case in limited.by.values()}) > 1:
                    fact = f"{threshold}.{name}"
                    found[fact] = {value: f"{fact}{AT}{format_value(value, unit)}" for value in limited.by}
        return found

    @cached_property
    def limit_facts(self) -> tuple[tuple[str, str, str, Value | None], ...]:
        """Return every limit: the fact that holds it, its threshold, what it limits, and at which value of the
        selector; none where it is the same at all of them."""
        found: list[tuple[str, str, str, Value | None]] = []
        for name in (*self.issues, "package"):
            for threshold in THRESHOLDS:
                fact = f"{threshold}.{name}"
                cases = self.by_case.get(fact, {None: fact})
                found += [(held, threshold, name, value) for value, held in cases.items()]
        return tuple(found)

    def unit_of(self, fact: str) -> Unit:
        """Return the unit of a stated fact: of a table's cell too, or of a limit at a value of the selector."""
        found = self.catalog.get(fact.partition(AT)[0])
        if found is not None:
            return found.unit
        if fact == RATE:  # it stands at 1 where no rate is needed, and then no rule can name it
            return Unit(Kind.NUMBER)
        lookup = next(n for n in self.lookups if n.name == fact)
        return self.tables[lookup.table].columns[lookup.column]

    def cited(self, span: Span) -> str:
        """Return a file and line as decisions cite them: seen from the policy's folder, whatever path was typed."""
        if span.file == self.file:
            return f"policy.yaml:{span.line}"
        within = posixpath.dirname(posixpath.normpath(self.file))
        folder, path = within.split("/") if within else [], posixpath.normpath(span.file).split("/")
        same = len(posixpath.commonprefix([folder, path]))
        return f"{'/'.join(['..'] * (len(folder) - same) + path[same:])}:{span.line}"

    def day_of(self, opened: int) -> int:
        """Return the day whose limits hold for a deal that opened at an instant: that of its opening.

        It is the calendar's day; that of UTC where the policy has no calendar, or the calendar no such day.
        """
        if self.as_of is not None:
            return self.as_of
        return self.day_at(opened)

    def day_at(self, instant: int) -> int:
        """Return the day (since 1970) that holds an instant: the calendar's, or that of UTC outside of one."""
        day = None if self.calendar is None else self.calendar.read("day", instant)
        return instant // DAY if day is None else day

    @cached_property
    def owed(self) -> Mapping[str, Issue]:
        """Return the issues of which a promise is to be delivered, by name."""
        return {name: issue for name, issue in self.issues.items() if issue.owed is not None}

    def day_text(self, day: int) -> str:
        """Write one of the policy's days, as messages show it."""
        return format_day(day) if self.calendar is not None else f"{format_day(day)} UTC"

    def labels_in(self, language: str = "en") -> dict[str, str]:
        """Return its labels in a language, by section and name; what has none in it has one in English, or its first.

        Args:
            language: As `de`, or `de-AT`, which is `de` where nothing is said of Austria.
        """
        wanted = (language, language.partition("-")[0], "", "en")
        return {
            key: next((texts[each] for each in wanted if each in texts), next(iter(texts.values())))
            for key, texts in self.labels.items()
        }

    def once(self, make: "Callable[[Policy], Made]") -> Made:
        """Return what *make* makes of the policy: at the first call, and from then on the same."""
        if make not in self._made:
            self._made[make] = make(self)
        found: Made = self._made[make]
        return found

    @cached_property
    def _made(self) -> dict[Any, Any]:
        """Hold what `once` has made."""
        return {}

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Return the authority of each role, the lowest first."""
        return {role: rank for rank, role in enumerate(self.roles)}

    @cached_property
    def rests(self) -> dict[int, tuple[str, ...]]:
        """Return what of the stated facts each rule reads, by its identity, filled as it is asked for."""
        return {}

    @cached_property
    def lookup_keys(self) -> Mapping[str, tuple[str, ...]]:
        """Return the deal facts that choose each table cell that an expression names."""
        return {lookup.name: lookup.keys for lookup in self.lookups}

    @cached_property
    def is_base_bound(self) -> bool:
        """Return whether no value of theirs counts beyond our walk value, or beyond the start value."""
        return self.theirs_base != "said"

    @cached_property
    def is_base_walk(self) -> bool:
        """Return whether no value of theirs counts beyond our walk value."""
        return self.theirs_base == "walk"

    @property
    def key(self) -> str:
        """Return what tells the policy apart from every other one, and in the deal's currency from its own."""
        return f"{self.sha256} {self.currency}" if self.home else self.sha256

    @property
    def called(self) -> str:
        """Return what an update calls this version, as `saas-discounting@7`."""
        return f"{self.name}@{self.version}"

    @cached_property
    def bits(self) -> Mapping[str, int]:
        """Return one bit for each issue, in the policy's order."""
        return {name: 1 << i for i, name in enumerate(self.issues)}

    @cached_property
    def own_issues(self) -> frozenset[str]:
        """Return the issues that count as named and as settled: all but those that only a layer below has."""
        return frozenset(name for name, issue in self.issues.items() if not issue.is_shadow)

    @cached_property
    def own_bits(self) -> int:
        """Return the bits of its own issues together."""
        return sum(self.bits[name] for name in self.own_issues)

    @property
    def money(self) -> Unit:
        """Return the unit of worths."""
        return self.catalog["offer.worth"].unit
