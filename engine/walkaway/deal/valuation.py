# Over 400 lines: all that follows from what a deal states is computed in one pass, kept on one page.
"""What a deal's terms are worth to us, and where its limits lie: computed once, when its opening facts are known.

Worths are whole numbers of 1/`scale` of a minor unit, so sums are exact, and so are the facts that show them and the
limits: an integer of the smallest unit, or a fraction between two. Only start values, which are terms, are whole: one
between two units lies at the one better for us. Source: docs/calculus.md, exactness.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor, lcm
from typing import Any

import msgspec

from walkaway.deal.line_items import LineOpener, LineWorths, TurnsAround, denominators
from walkaway.deal.ratios import Compute, Fixed, Known, Ratio, once, ratio
from walkaway.events import Limits, Terms
from walkaway.language.empty import EMPTY
from walkaway.language.expr.tree import Number
from walkaway.language.values import LIMIT, Exact, Kind, Unit, Value
from walkaway.policy.exchange import RATE, Quote
from walkaway.policy.exchange import known as rate_known
from walkaway.policy.model import LINES, THRESHOLDS, Graded, Issue, Linear, Package, Policy, Threshold
from walkaway.policy.order import Order
from walkaway.policy.tables import look_up

PACKAGE = "package"
"""What limits call the whole."""


class Bound(msgspec.Struct, frozen=True, gc=False):
    """One issue's threshold, ready to measure an offer against.

    Attributes:
        fact: The fact that shows the distance, as `room.discount`.
        better: 1 or -1 for quantities; 0 for symbols, which their worth orders.
        at: The threshold, exactly.
        alike: The symbols beyond it where they are worth the same.
    """

    fact: str
    issue: str
    better: int
    at: Any
    alike: frozenset[Value] = frozenset()


class Capped(msgspec.Struct, frozen=True, array_like=True, tag="capped", gc=False):
    """The worth of a quantity that counts for us only up to an amount, and for a layer above never against us.

    Attributes:
        rate: Worth of one smallest unit.
        start: The value at which it is worth nothing.
        most: The most that it is worth.
        floored: Whether it is never worth less than nothing.
    """

    rate: int
    start: int
    most: int
    floored: bool

    def __getitem__(self, value: Value) -> int:
        """Return what a value is worth."""
        worth = min(self.most, self.rate * (value - self.start))  # type: ignore[operator]
        return max(0, worth) if self.floored else worth


IssueWorth = int | Mapping[Value, int] | Capped | LineWorths
"""What values of an issue are worth: one smallest unit, each symbol, or whatever stands there gives for a value."""


class Valuation(msgspec.Struct, frozen=True, gc=False):
    """The scales of one deal.

    Attributes:
        scale: How many units of worth make one minor unit of money.
        worths: Issue → worth of one smallest unit, or of each symbol or value, against nothing; of lines, all of them.
        base: Worth of the start terms.
        walks: The walk values of issues; `wants` alike.
        as_named: The issues of which an approval covers the value alone that it names.
        selector: The issue by whose value worths are told apart; empty where none is. Then `worths` has those issues
            alone whose worth does not hang on it, and `by` all at each of its values.
        start: With a selector, the start terms, which are worth the base at each of its values.
        facts: At one value of the selector: each limit that hangs on it → the fact that holds it.
    """

    scale: int
    worths: Mapping[str, IssueWorth]
    base: int
    walks: tuple[Bound, ...]
    wants: tuple[Bound, ...]
    as_named: frozenset[str] = frozenset()
    selector: str = ""
    by: "Mapping[Value, Valuation]" = EMPTY
    start: Terms = EMPTY
    facts: Mapping[str, str] = EMPTY

    @property
    def most(self) -> int:
        """Return the largest worth that can be held exactly."""
        return LIMIT * self.scale

    def change(self, issue: str, old: Value, new: Value) -> int:
        """Return by how much *new* is worth more to us than *old*."""
        worth = self.worths[issue]
        if isinstance(worth, int):
            return worth * (new - old)  # type: ignore[operator]
        return worth[new] - worth[old]

    def at(self, terms: Terms) -> "Valuation":
        """Return the scales at a package's value of the selector; itself where there is no selector.

        There the selector's values are worth what they make of the start terms.
        """
        return self.by[terms[self.selector]] if self.selector else self

    def between(self, old: Terms, new: Terms) -> "Valuation":
        """Return the scales by which each issue's change from one whole package to another is measured.

        The selector moves first, at the old values of the others; then these move, at its new value. So the changes add
        up to what the whole packages differ by.
        """
        if not self.selector:
            return self
        before, after = old[self.selector], new[self.selector]
        found = self.by[after]
        if before == after:
            return found
        moved = {before: 0, after: self.moved(before, after, old)}
        return msgspec.structs.replace(found, worths={**found.worths, self.selector: moved})

    def moved(self, before: Value, after: Value, old: Terms) -> int:
        """Return what it is worth to us that the selector moves, at the old values of the others."""
        selector, worths, was = self.selector, self.by[after].worths, self.by[before].worths
        of_selector = worths[selector]
        assert not isinstance(of_selector, int), "a selector's values are listed"
        moved = of_selector[after] - of_selector[before]
        for issue, begun in self.start.items():
            value = old[issue]
            if value == begun or issue == selector:
                continue
            one, other = worths[issue], was[issue]
            if isinstance(one, int) and isinstance(other, int):
                moved += (one - other) * (value - begun)  # type: ignore[operator]
            elif one is not other:
                assert not isinstance(one, int)
                assert not isinstance(other, int)
                moved += one[value] - one[begun] - other[value] + other[begun]
        return moved

    def difference(self, standing: Terms, terms: Terms) -> int:
        """Return by how much *terms* are worth more to us than the *standing* values of the same issues.

        With a selector both are whole packages.
        """
        seen = self.between(standing, terms)
        return sum([seen.change(issue, standing[issue], value) for issue, value in terms.items()])

    def rounded(self, worth: int) -> int:
        """Return a worth in minor units of money, rounded half-even."""
        scale = self.scale
        if scale == 1:
            return worth
        quotient, rest = divmod(worth, scale)
        twice = rest + rest
        return quotient + 1 if twice > scale or (twice == scale and quotient & 1) else quotient

    def exact(self, worth: int) -> int | Fraction:
        """Return a worth in minor units of money."""
        scale = self.scale
        if scale == 1:
            return worth
        quotient, rest = divmod(worth, scale)
        return Fraction(worth, scale) if rest else quotient

    def distance(self, bound: Bound, value: Value) -> int | Fraction:
        """Return how far *value* is from a threshold in our favour: in the issue's unit, or in money for symbols."""
        if bound.better:
            found: int | Fraction = bound.better * (value - bound.at)
            return found
        return self.exact(self.change(bound.issue, bound.at, value))

    def is_beyond(self, bound: Bound, value: Value) -> bool:
        """Return whether *value* is past a threshold: by its distance, and a symbol of the same worth by its order."""
        distance = self.distance(bound, value)
        return distance < 0 or (not distance and value in bound.alike)


class Opened(msgspec.Struct, frozen=True):
    """All that follows from a deal's facts and limits.

    Attributes:
        known: The stated facts: `deal.*`, `walk.*`, `want.*`, `wish.*`, `batna.worth`, table cells.
        start: The start terms; none where they rest on a missing fact.
        valuation: None where worths, or the start terms, rest on a missing fact.
        missing: What the deal still lacks, in the policy's words, sorted.
        looser: Where a limit the deal brings is looser than the policy's: issue, the deal's value, the policy's.
        unnamable: Where an issue starts at a value that nobody may name: issue, value.
    """

    known: Known
    start: Terms | None
    valuation: Valuation | None
    missing: tuple[str, ...]
    looser: tuple[tuple[str, Value, Exact], ...] = ()
    unnamable: tuple[tuple[str, int], ...] = ()


class OutOfRange(Exception):
    """A worth or a limit is beyond ±2^53, or turns its direction, with a deal's facts."""


def open_deal(
    policy: Policy,
    facts: Mapping[str, Value],
    limits: Mapping[str, Limits],
    batna: int | None,
    day: int,
    quote: Quote | None = None,
) -> Opened:
    """Compute everything that a deal's opening facts decide.

    Args:
        day: The day it opened, days since 1970, for dated rows of tables.
        quote: The rate that is pinned, where the deal is in another currency and needs one.

    Raises:
        OutOfRange: Where a result cannot be held, or a worth turns against its declared direction.
    """
    return policy.once(Opener).open(facts, limits, batna, day, quote)


Ratios = Mapping[str, Ratio | dict[Value, Ratio]]
"""What a smallest unit of each issue, or each of its words, is worth in minor units of money."""


class Limited(msgspec.Struct, frozen=True):
    """What limits an issue, or the package: its thresholds, the facts that show them, what computes the policy's own.

    Attributes:
        case: The value of the selector at which it limits; none where it is the same at all of them.
    """

    name: str
    better: int
    facts: tuple[str, ...]
    own: tuple[Compute[Exact | None] | None, ...]
    per_deal: bool
    thresholds: tuple[str, ...] = THRESHOLDS
    case: Value | None = None

    @property
    def has_walk(self) -> bool:
        """Return whether its last threshold is a walk value."""
        return self.thresholds[-1:] == ("walk",)


class Opener:
    """All that is said of a policy's deals before one opens: names put together, and constants computed."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        money, issues, package = policy.money.scale, policy.issues.values(), policy.package
        self.facts = [(d.name, f"deal.{d.name}", d.default, d.optional) for d in policy.deal.values()]
        self.start = {i.name: _threshold(i.start, i.unit, i.better) for i in issues}
        fixed = {n: at.value for n, at in self.start.items() if isinstance(at, Fixed)}
        self.begun = {n: v for n, v in fixed.items() if v is not None} if len(fixed) == len(self.start) else None
        self.reckoned = [
            i for i in issues if i.named != ((None, None), ()) and not isinstance(self.start[i.name], Fixed)
        ]
        self.worths = [(i.name, i.better, _worth(i.worth, money)) for i in issues]
        self.hanging: list[tuple[str, int, Any]] = []
        self.hanging_words: Ratios = {}
        self.caps = [(i.name, i.cap.value * money, i.is_shadow) for i in issues if i.cap is not None]
        self.base = _ratio(package.base, money)
        self.limited = [found for i in issues for found in _limited(policy, i, i.name, i.unit, i.better)]
        self.limited += _limited(policy, package, PACKAGE, policy.money, 1)
        own = [pair for limited in self.limited for pair in zip(limited.facts, limited.own, strict=True)]
        self.same = {f: None if at is None else at.value for f, at in own if at is None or isinstance(at, Fixed)}
        self.own = [(fact, at) for fact, at in own if at is not None and fact not in self.same]
        self.wanted = [
            (limited.facts[-1], limited.per_deal, _missing_walk(limited.name))
            for limited in self.limited
            if limited.has_walk
            and (limited.per_deal or not (limited.own[-1] is None or isinstance(limited.own[-1], Fixed)))
        ]
        self.words = {n: same for n, _, w in self.worths if isinstance(w, dict) and (same := _same_words(w))}
        self.varying = [(n, better, w) for n, better, w in self.worths if n not in self.words]
        self.words_below = lcm(*[below for words in self.words.values() for _, below in words.values()])
        self.scaled: dict[int, Mapping[str, Any]] = {}
        self.as_named = frozenset(i.name for i in issues if i.as_named or i.name == policy.selector)
        self.cases = {value: Opener(case) for value, case in policy.cases.items()}
        self.hanging_names = frozenset(i.name for i in issues if i.by)
        for case in self.cases.values():
            case.hanging = [worth for worth in case.varying if worth[0] in self.hanging_names]
            case.hanging_words = {name: case.words[name] for name in case.words if name in self.hanging_names}
        self.case_facts = {
            value: {limit: held[value] for limit, held in policy.by_case.items()} for value in policy.cases
        }
        limited = [i for i in issues if i.better or (isinstance(i.worth, Graded) and i.worth.worths)]
        self.bounds = [(f"room.{i.name}", i.name, i.better) for i in limited]
        self.bounding = self.held_in({})
        self.bounding_at = {value: self.held_in(facts) for value, facts in self.case_facts.items()}
        self.shared: dict[tuple[Exact | None, ...], tuple[Bound, ...]] = {}
        self.lines = None if policy.lines is None else policy.once(LineOpener)

    def open(
        self,
        facts: Mapping[str, Value],
        limits: Mapping[str, Limits],
        batna: int | None,
        day: int,
        quote: Quote | None = None,
    ) -> Opened:
        """Compute everything that a deal's opening facts decide, as `open_deal`."""
        known: Known = {}
        missing: list[str] = []
        if self.policy.exchange is not None:
            known[RATE] = rate_known(quote)
            if quote is not None and quote.lacks:
                missing.append(quote.lacks)
        for name, fact, default, optional in self.facts:
            value = known[fact] = facts.get(name, default)
            if value is None and not optional:
                missing.append(f"the deal fact `{name}`")
        self.look_up(known, day, missing)
        start: dict[str, Any] = dict(self.begun or ())
        for name, at in () if self.begun is not None else self.start.items():
            value = None if at is None else at(known)
            if value is not None:
                assert isinstance(value, int | str), "a start value is a whole number of units"
                start[name] = value
        if self.lines is not None and (lines := self.lines.start_of(known)) is not None:
            start[LINES] = lines
        unnamable = tuple(
            [(i.name, start[i.name]) for i in self.reckoned if i.name in start and not i.is_named(start[i.name])]
        )
        valuation = self.valuation(known) if len(start) == len(self.start) else None
        if valuation is not None and self.cases:
            valuation = self.across(valuation, known, start, quote)
        elif valuation is not None and self.caps:
            valuation = self.capped(valuation, start, quote)
        looser = self.limit(known, limits, valuation, missing)
        known["batna.worth"] = batna
        if valuation is None:
            return Opened(known, None, None, tuple(sorted(missing)), tuple(looser), unnamable)
        valuation = self.within(valuation, known)
        return Opened(known, start, valuation, tuple(sorted(set(missing))), tuple(looser), unnamable)

    def across(self, valuation: Valuation, known: Known, start: Terms, quote: Quote | None) -> Valuation | None:
        """Return the scales of a deal whose worths hang on the selector: those at each of its values, in one unit.

        None where they rest on a missing fact. At each value the selector's own are worth what they make of the start
        terms: what the base is there, and what the selector is worth by itself.
        """
        selector = self.policy.selector
        said: dict[Value, tuple[Ratios, Ratio]] = {}
        for value, case in self.cases.items():
            ratios, base = case.ratios(known, case.hanging), case.base(known)
            if ratios is None or base is None:
                return None
            said[value] = {**case.hanging_words, **ratios}, base
        scale = lcm(valuation.scale, *[d for ratios, base in said.values() for d in (base[1], *_denominators(ratios))])
        alike = _in_scale(valuation, scale)
        own, same = alike.worths[selector], {n: w for n, w in alike.worths.items() if n not in self.hanging_names}
        assert isinstance(own, Mapping), "a selector's values are listed"
        bases = {value: _scaled(base, scale) for value, (_, base) in said.items()}
        begun = bases[start[selector]]
        alone = {value: base - begun + own[value] for value, base in bases.items()}
        by: dict[Value, Valuation] = {}
        for value, (ratios, _) in said.items():
            case, facts = self.cases[value], self.case_facts[value]
            worths = {**same, **_in_units(ratios, scale), selector: alone}
            at: Valuation | None = Valuation(scale, worths, begun, (), (), self.as_named, "", EMPTY, EMPTY, facts)
            if case.caps and at is not None:
                uncapped = msgspec.structs.replace(at, worths={**worths, selector: own})
                at = case.capped(uncapped, start, quote)
                at = None if at is None else msgspec.structs.replace(at, worths={**at.worths, selector: alone})
            if at is None:
                return None
            by[value] = at
        of_start = by[start[selector]].worths
        unmoved = {name: of_start[name] for name in same if name != selector}
        return Valuation(scale, unmoved, begun, (), (), self.as_named, selector, by, start)

    def within(self, valuation: Valuation, known: Known) -> Valuation:
        """Return what terms are worth, with the limits that are held."""
        by = valuation.by
        if by:
            by = {value: self.bounded(at, known, self.bounding_at[value], EMPTY) for value, at in by.items()}
        return self.bounded(valuation, known, self.bounding, by)

    def held_in(self, facts: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """Return the facts that hold walk and want values, in the order of `bounds`.

        Args:
            facts: As in `Valuation`.
        """
        walks, wants = ([f"{threshold}.{name}" for _, name, _ in self.bounds] for threshold in ("walk", "want"))
        return [facts.get(fact, fact) for fact in walks], [facts.get(fact, fact) for fact in wants]

    def look_up(self, known: Known, day: int, missing: list[str]) -> None:
        """Set the table cells that a deal's facts choose."""
        for lookup in self.policy.lookups:
            keys = [known.get(k) for k in lookup.keys]
            found = [k for k in keys if k is not None]
            row = look_up(self.policy.tables[lookup.table], found, day) if len(found) == len(keys) else None
            known[lookup.name] = row.cells[lookup.column] if row else None
            if len(found) == len(keys) and row is None:
                missing.append(f"a row of table `{lookup.table}` for this deal")

    def valuation(self, known: Known) -> Valuation | None:
        """Return the scales of a deal; none where they rest on a missing fact."""
        found, base = self.ratios(known, self.varying), self.base(known)
        lines = None if self.lines is None else self.of_lines(known)
        if found is None or base is None or (self.lines is not None and lines is None):
            return None
        scale = lcm(self.words_below, base[1], *_denominators(found), *denominators(lines or {}))
        worths = dict(self.scaled.get(scale) or self.words_in(scale))
        worths.update(_in_units(found, scale))
        if self.lines is not None and lines is not None:
            worths[LINES] = self.lines.in_units(lines, scale)
        return Valuation(scale, worths, _scaled(base, scale), (), (), self.as_named)

    def of_lines(self, known: Known) -> Mapping[str, Mapping[str, Ratio | dict[Value, Ratio]]] | None:
        """Return what is worth of each line what; none where that rests on a missing fact."""
        assert self.lines is not None, "only a policy with lines asks for their worths"
        try:
            return self.lines.ratios(known)
        except TurnsAround as problem:
            raise OutOfRange(f"{problem} with these facts") from None

    def ratios(self, known: Known, worths: Sequence[tuple[str, int, Any]]) -> Ratios | None:
        """Return what a smallest unit of some issues, or each of their words, is worth in minor units of money.

        None where that rests on a missing fact.
        """
        found: dict[str, Ratio | dict[Value, Ratio]] = {}
        for name, better, worth in worths:
            if isinstance(worth, dict):
                graded = {symbol: ratio for symbol, compute in worth.items() if (ratio := compute(known)) is not None}
                if len(graded) < len(worth):
                    return None
                found[name] = graded
            else:
                rate = worth(known)
                if rate is None:
                    return None
                if rate[0] * better < 0:
                    raise OutOfRange(f"the worth of `{name}` turns its direction with these facts")
                found[name] = rate
        return found

    def words_in(self, scale: int) -> Mapping[str, Any]:
        """Return the worths of words that are the same in every deal, in units of worth; none yet of other issues."""
        found = {name: _graded(self.words[name], scale) if name in self.words else 0 for name, _, _ in self.worths}
        if len(self.scaled) < _SHARED:
            self.scaled[scale] = found
        return found

    def capped(self, valuation: Valuation, start: Terms, quote: Quote | None) -> Valuation | None:
        """Return the scales with what issues of lower layers are worth at most; none where no rate is known."""
        worths, rate = dict(valuation.worths), Fraction(1) if quote is None else quote.rate
        if rate is None:
            return None
        for name, cap, is_shadow in self.caps:
            most, worth, begun = floor(cap * rate * valuation.scale), worths[name], start[name]
            if isinstance(worth, int):
                assert isinstance(begun, int), "a quantity starts at one"
                worths[name] = Capped(worth, begun, most, is_shadow)
            else:
                graded = {v: min(most, w - worth[begun]) for v, w in worth.items()}  # type: ignore[union-attr]
                worths[name] = {v: max(0, w) for v, w in graded.items()} if is_shadow else graded
        return msgspec.structs.replace(valuation, worths=worths)

    def limit(
        self, known: Known, brought: Mapping[str, Limits], valuation: Valuation | None, missing: list[str]
    ) -> list[tuple[str, Value, Exact]]:
        """Set the threshold facts; what a deal brings may be tighter than the policy's walk value, never looser."""
        if not brought:
            known.update(self.same)
            for fact, compute in self.own:
                known[fact] = compute(known)
            has_rate = known.get(RATE, 1) is not None
            missing += [w for fact, per_deal, w in self.wanted if per_deal or (known[fact] is None and has_rate)]
            return []
        looser: list[tuple[str, Value, Exact]] = []
        for limited in self.limited:
            name, deals, ours = limited.name, brought.get(limited.name, _NONE), None
            for threshold, fact, at in zip(limited.thresholds, limited.facts, limited.own, strict=True):
                ours, deal = at and at(known), getattr(deals, threshold)
                known[fact] = ours if deal is None else deal
            if not limited.has_walk:
                continue
            if deals.walk is not None and ours is not None and valuation is not None and limited.case is not None:
                at_case = valuation.by.get(limited.case, valuation)
            else:
                at_case = valuation  # type: ignore[assignment]
            if (
                deals.walk is not None
                and ours is not None
                and is_looser(limited.name, limited.better, deals.walk, ours, at_case)
            ):
                looser.append((name, deals.walk, ours))
            if deals.walk is None and (limited.per_deal or (ours is None and limited.own[-1] is not None)):
                missing.append(_missing_walk(name))
        return looser

    def bounded(
        self,
        valuation: Valuation,
        known: Known,
        holding: tuple[list[str], list[str]],
        by: Mapping[Value, Valuation],
    ) -> Valuation:
        """Return scales with the limits that are held.

        Args:
            holding: The facts that hold walk and want values, as `held_in`.
            by: The scales at each value of the selector, bounded.
        """
        v, (walks, wants) = valuation, holding
        return Valuation(
            v.scale, v.worths, v.base, self.bounds_at(tuple(map(known.get, walks))),
            self.bounds_at(tuple(map(known.get, wants))), v.as_named, v.selector, by, v.start, v.facts,
        )  # fmt: skip

    def bounds_at(self, key: tuple[Exact | None, ...]) -> tuple[Bound, ...]:
        """Return thresholds of one kind that offers are measured against; deals share those that are alike.

        Args:
            key: Where each of `bounds` lies; none where it has none.
        """
        found = self.shared.get(key)
        if found is None:
            bounds = zip(self.bounds, key, strict=True)
            alike = self.policy.once(Order).beyond
            found = tuple([Bound(*b, at, alike(b[1], at)) for b, at in bounds if at is not None])
            if len(self.shared) < _SHARED:
                self.shared[key] = found
        return found


_NONE = Limits()
_SHARED = 4_096
"""So many scales, and so many sets of thresholds, are shared by deals."""


def _missing_walk(name: str) -> str:
    return f"the walk value of `{name}`" if name != PACKAGE else "the walk value of the package"


def _limited(policy: Policy, of: Issue | Package, name: str, unit: Unit, better: int) -> list[Limited]:
    """Return what limits an issue, or the package: once, and for each value of the selector by which it differs."""
    same = tuple(t for t in THRESHOLDS if f"{t}.{name}" not in policy.by_case)
    own = tuple(_threshold(getattr(of, threshold), unit) for threshold in same)
    found = [Limited(name, better, tuple(f"{t}.{name}" for t in same), own, of.per_deal, same)]
    differing = tuple(t for t in THRESHOLDS if t not in same)
    for value, case in of.by.items() if differing else ():
        own = tuple(_threshold(getattr(case, threshold), unit) for threshold in differing)
        facts = tuple(policy.by_case[f"{t}.{name}"][value] for t in differing)
        found.append(Limited(name, better, facts, own, False, differing, value))
    return found


def _in_units(found: Ratios, scale: int) -> dict[str, Any]:
    """Return worths in units of worth."""
    return {n: _graded(w, scale) if isinstance(w, dict) else _scaled(w, scale) for n, w in found.items()}


def _denominators(found: Ratios) -> list[int]:
    return [below for w in found.values() for _, below in (w.values() if isinstance(w, dict) else (w,))]


def _in_scale(valuation: Valuation, scale: int) -> Valuation:
    """Return scales in a finer unit of worth."""
    times = scale // valuation.scale
    if times == 1:
        return valuation

    def finer(worth: IssueWorth) -> IssueWorth:
        if isinstance(worth, int):
            return worth * times
        if isinstance(worth, Capped):
            return Capped(worth.rate * times, worth.start, worth.most * times, worth.floored)
        if isinstance(worth, LineWorths):
            return worth.finer(times)
        return {value: each * times for value, each in worth.items()}

    worths = {name: finer(worth) for name, worth in valuation.worths.items()}
    return msgspec.structs.replace(valuation, scale=scale, base=valuation.base * times, worths=worths)


def _threshold(at: Threshold, unit: Unit, way: int | None = None) -> Compute[Exact | None] | None:
    """Return what computes a threshold in smallest units, exactly; none where it has none.

    Args:
        way: For a start value, which is a whole number of them: below 0 where less is better for us.
    """
    if at is None:
        return None
    if isinstance(at, int | str):
        return Fixed(at)
    amount, (least, most) = ratio(at, unit.scale), unit.span

    def compute(known: Known) -> int | Fraction | None:
        found = amount(known)
        if found is None:
            return None
        above, below = found
        units: int | Fraction = above if below == 1 else Fraction(above, below)
        if way is not None:
            units = above // below if way < 0 else -(-above // below)
        if not least <= units <= most:
            span = "the years 1 to 9999" if unit.kind is Kind.DAY else "±2^53 of the smallest unit"
            raise OutOfRange(f"a limit or start value is beyond {span} with these facts")
        return units

    return once(at, compute, OutOfRange)


def _worth(worth: Linear | Graded, money: int) -> Compute[Ratio | None] | dict[Value, Compute[Ratio | None]]:
    """Return what computes the worth of one smallest unit, or of each symbol, in minor units of money."""
    if isinstance(worth, Linear):
        return _ratio(worth.rate, Fraction(money, worth.step))
    return {symbol: _ratio(of, money) for symbol, of in worth.worths.items()}


def _same_words(worths: Mapping[Value, Compute[Ratio | None]]) -> dict[Value, Ratio] | None:
    """Return what an issue's words are worth in every deal; none where that hangs on its facts."""
    found = {s: of.value for s, of in worths.items() if isinstance(of, Fixed) and of.value is not None}
    return found if len(found) == len(worths) else None


def _ratio(tree: Number, factor: Fraction | int) -> Compute[Ratio | None]:
    return once(tree, ratio(tree, factor), OutOfRange)


def _graded(worths: Mapping[Value, Ratio], scale: int) -> dict[Value, int]:
    return {symbol: above * (scale // below) for symbol, (above, below) in worths.items()}


def _scaled(ratio: Ratio, scale: int) -> int:
    return ratio[0] * (scale // ratio[1])


def is_looser(name: str, better: int, one: Exact, other: Exact, valuation: Valuation | None) -> bool:
    """Return whether a limit of an issue holds us less than another one; a symbol where it is no other worth more.

    Args:
        better: 1 or -1 for quantities, 0 for symbols, as in `Bound`.
    """
    if not isinstance(one, str) and not isinstance(other, str) and better:
        return (one - other) * better < 0
    if valuation is None:
        return True
    return one != other and valuation.change(name, other, one) <= 0  # type: ignore[arg-type]


def within(policy: Policy, valuation: Valuation, known: Known) -> Valuation:
    """Return what terms are worth, with the limits that are held."""
    return policy.once(Opener).within(valuation, known)


def limit_of(valuation: Valuation | None, known: Mapping[str, Any], fact: str, terms: Terms) -> Any:
    """Return a limit, as `walk.price`, for whoever names a whole package: that at its value of the selector."""
    held = fact if valuation is None else valuation.at(terms).facts.get(fact, fact)
    return known.get(held)
