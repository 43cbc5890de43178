# Over 400 lines: one table of what would lift a leaf, and the plans made of it.
"""Remedy: what would keep a fired rule from firing, in words a rep can act on and repeat.

The opposite of its condition is in disjunctive normal form: options, each of things that must all be so; of limits
passed all must be met. An option lists the conditions that do not hold yet, and those that hold now but the same change
of terms could break. What nobody can bring about is left out: counts that only grow, facts fixed at the opening.
Words are made once for each form a remedy can take, with gaps that every decision fills with its own values.
"""

import ast
import typing
from collections.abc import Callable, Hashable, Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import msgspec

from walkaway.deal.facts import Room
from walkaway.deal.valuation import PACKAGE, Bound
from walkaway.decide.core.plain import Builder, variables
from walkaway.decide.core.program import Facts
from walkaway.decide.explain import WAYS, counted_by, limited, number_writer
from walkaway.decide.wording import (
    COMPARED,
    DEAL,
    TERMS,
    Change,
    Remedy,
    about_of,
    bound_of,
    is_about_terms,
    noun,
    side_of,
)
from walkaway.events import On
from walkaway.language.codegen import Function, assign, call, every, is_known, item, var
from walkaway.language.expr.tree import (
    MIRRORED,
    OPPOSITE,
    All,
    Any,
    Compare,
    Condition,
    Fact,
    Is,
    Known,
    Leaf,
    Not,
    Number,
    Op,
    evaluate,
    facts_of,
    push_not_inwards,
)
from walkaway.language.expr.types import constant, is_constant
from walkaway.language.values import Exact, Kind, Unit, format_value, formatter
from walkaway.policy.labels import labelled, writer
from walkaway.policy.labels import written as labelled_value
from walkaway.policy.model import Policy

Form = Hashable
"""All that the words of a remedy depend on, beside the values in their gaps."""
Filler = tuple[str, Callable[[typing.Any], str]]
"""What fills a gap: a fact and what writes its value, or no name and what writes a number computed from all facts."""
GAP = "\0"
"""Stands around the number of a gap in a text; no policy can hold it."""

MOST_OPTIONS = 64
"""Of a condition whose opposite has more options than this it is only said that it must no longer hold."""
SHOWN_OPTIONS = 4
_SETTLED = ("walk", "want", "wish", "batna")
_ONLY_GROW = ("offers", "concessions", "retracted", "settled", "rejections", "uncleared")


class _Conjunct(msgspec.Struct, frozen=True):
    """A leaf that must not hold, as it stands in an option."""

    leaf: Leaf
    wanted: bool


class _Phrase(NamedTuple):
    """How a leaf stops holding.

    Attributes:
        look: Gives what the words depend on in one decision; only whether some facts are known; or nothing at all.
        tell: Gives the words for it, with gaps; none where nobody can bring it about.
    """

    look: Callable[[Facts, Room | None], Form] | frozenset[str]
    tell: Callable[[typing.Any], tuple[Change, ...] | None]


_ALIKE = frozenset[str]()
_NEVER = _Phrase(_ALIKE, lambda form: None)

_Plan = tuple[tuple[int, ...], tuple[int, ...]]
"""Of an option the leaves that must change, and those that must not change with them."""


class _TooMany(Exception):
    """A condition's opposite has more options than are put into words."""


class Remedies:
    """The remedies for one condition on one kind of event: their form in a decision, and the words for a form."""

    def __init__(self, policy: Policy, on: On, condition: Condition) -> None:
        self.policy, self.on, self.labels = policy, on, policy.labels_in()
        self.gaps: dict[tuple[Number, Unit, int], int] = {}
        self.fillers: list[Filler] = []
        parts: list[_Conjunct] = []
        self.untold: Remedy = ()
        try:
            self.ways = self.options(condition, True, parts)
        except _TooMany:
            self.ways, parts = [], []
            self.untold = ((Change("the condition of this rule no longer holds", about_of(self.read_by(condition))),),)
        self.is_alone = len(parts) == 1
        self.parts = tuple(parts)
        self.told = [self.tell(p) for p in parts]
        self.touches = [frozenset(j for j, b in enumerate(parts) if _may_touch(a, b, policy)) for a in parts]

    @cached_property
    def read(self) -> frozenset[str]:
        """Return the facts that forms and gaps rest on, beside terms and the limits that are counted."""
        found = {fact for part in self.parts for fact in facts_of(part.leaf)}
        return frozenset(found.union(*[told.look for told in self.told if not callable(told.look)]))

    @cached_property
    def form(self) -> Callable[[Facts, Room | None], Form]:
        """Write the function that gives the form of the remedy in one decision in which the condition holds.

        A form says of every part whether it is as it must be, and then of every part what its words depend on.
        """
        parts = self.parts
        code, names = Function("facts", "room"), variables(self.read)
        ended = [push_not_inwards(p.leaf, holds=not p.wanted) for p in parts]
        looked = [
            call(code.use(told.look), var("facts"), var("room"))
            if callable(told.look)
            else every([is_known(var(names[fact])) for fact in sorted(told.look)])
            for told in self.told
        ]
        tests = [Builder(names, frozenset(names)).condition(leaf) for leaf in ended]
        fetched = [assign(v, item(var("facts"), fact)) for fact, v in names.items()]
        found: Callable[[Facts, Room | None], Form] = code.compiled(
            [*fetched, ast.Return(ast.Tuple([*tests, *looked], ast.Load()))]
        )
        return found

    def find(self, form: typing.Any) -> Remedy:
        """Return the remedy for a form, with gaps."""
        if self.untold:
            return self.untold
        count = len(self.told)
        changes = [told.tell(seen) for told, seen in zip(self.told, form[count:], strict=True)]
        plans = _plans(self.ways, form[:count], self.touches)
        found = [option for plan in plans if (option := _option(plan, changes))]
        return _chosen(found) if len(found) > 1 else tuple(found)

    def gap(self, tree: Number, unit: Unit, way: int = 0) -> str:
        """Return the text that stands for a number of the deal.

        Args:
            way: As for `formatter`: the number that the reason shows.
        """
        if (tree, unit, way) not in self.gaps:
            self.gaps[tree, unit, way] = len(self.fillers)
            if isinstance(tree, Fact) and tree.scale == unit.scale:
                self.fillers.append((tree.name, formatter(unit, way) if way else writer(self.labels, unit)))
            else:
                self.fillers.append(("", number_writer(tree, unit, way)))
        return f"{GAP}{self.gaps[tree, unit, way]}{GAP}"

    def terms(self) -> int:
        """Return the number of the gap that the terms judged fill, issue by issue."""

        def written(facts: Facts) -> str:
            issues = self.policy.issues.values()
            said = [(labelled(self.labels, "issues", i.name), facts.get(f"offer.{i.name}"), i.unit) for i in issues]
            return ", ".join(f"{name} {self.value(value, unit)}" for name, value, unit in said if value is not None)

        self.fillers.append(("", written))
        return len(self.fillers) - 1

    def value(self, value: Exact, unit: Unit) -> str:
        """Write a value, a word by its label."""
        return labelled_value(self.labels, value, unit) if isinstance(value, int | str) else format_value(value, unit)

    def options(self, condition: Condition, wanted: bool, parts: list[_Conjunct]) -> list[frozenset[int]]:
        """Return the options that end a condition, as places in *parts*.

        Raises:
            _TooMany: Where there are too many to tell.
        """
        match condition:
            case Not(part):
                return self.options(part, not wanted, parts)
            case Is(fact) if fact.startswith("concluded."):
                name = fact.removeprefix("concluded.")
                return self.options(Any(self.concluding(name)), wanted, parts)
            case All(inner) | Any(inner):
                each = [self.options(p, wanted, parts) for p in inner]
                if isinstance(condition, All) is wanted:
                    return [option for options in each for option in options]
                found = [frozenset[int]()]
                for options in each:
                    found = [a | b for a in found for b in options]
                    if len(found) > MOST_OPTIONS:
                        raise _TooMany
                return found
            case leaf:
                one = _Conjunct(leaf, wanted)
                if one not in parts:
                    parts.append(one)
                return [frozenset({parts.index(one)})]

    def concluding(self, name: str) -> tuple[Condition, ...]:
        """Return the conditions of the rules that conclude *name* on this kind of event."""
        return tuple(r.condition for r in self.policy.rules if r.effect.concludes == name and self.on in r.on)

    def read_by(self, condition: Condition) -> set[str]:
        """Return the facts that a condition rests on and that may still change, those behind conclusions included."""
        found, waiting = set[str](), [condition]
        while waiting:
            for fact in facts_of(waiting.pop()) - found:
                found.add(fact)
                if fact.startswith("concluded."):
                    waiting += self.concluding(fact.removeprefix("concluded."))
        return {fact for fact in found if not fact.startswith("concluded.") and not self.is_settled(fact)}

    def tell(self, part: _Conjunct) -> _Phrase:
        """Return what says how a leaf stops holding."""
        match part.leaf:
            case Compare() as leaf:
                counted, otherwise = counted_by(leaf, wanted=part.wanted), self.compare(leaf, part.wanted)
                return otherwise if counted is None else self.limits(counted, otherwise)
            case Is() as leaf:
                return self.symbol(leaf, part.wanted)
            case Known(fact):
                known = (Change(f"{noun(fact, self.labels)} is known", about_of([fact])),)
                return _NEVER if part.wanted or self.is_settled(fact) else _Phrase(_ALIKE, lambda form: known)

    def is_settled(self, fact: str) -> bool:
        """Return whether *fact* stays as it is for the rest of the deal."""
        return fact not in self.policy.catalog or fact in self.policy.fixed or fact.partition(".")[0] in _SETTLED

    def limits(self, counted: str, otherwise: _Phrase) -> _Phrase:
        """Name every limit passed, or not reached, where a count of them decides."""
        policy, passed, look_otherwise = self.policy, counted == "room.beyond_walk", otherwise.look
        forms = limited(policy)

        def look(facts: Facts, room: Room | None) -> Form:
            """Return the limits; of a lone leaf only whose they are, their values have gaps of their own."""
            bounds = () if room is None else room.beyond if passed else room.short
            if bounds:
                return tuple([b.issue for b in bounds]) if self.is_alone else bounds
            return look_otherwise(facts, room) if callable(look_otherwise) else _are_known(look_otherwise, facts)

        def tell(form: tuple[str | Bound, ...] | Form) -> tuple[Change, ...] | None:
            return tuple(map(change, form)) if isinstance(form, tuple) else otherwise.tell(form)

        def change(bound: str | Bound) -> Change:
            issue = bound if isinstance(bound, str) else bound.issue
            fact, better = forms[issue]
            unit = policy.catalog[fact].unit
            limit = Fact(f"{'walk' if passed else 'want'}.{issue}", unit.scale)
            at = self.gap(limit, unit, better) if isinstance(bound, str) else formatter(unit, better)(bound.at)
            needed = f"{at} or better" if not better else f"at {'least' if better > 0 else 'most'} {at}"
            begin = noun("offer.worth") if issue == PACKAGE else labelled(self.labels, "issues", issue)
            return Change(f"{begin} is {needed} (now {self.gap(Fact(fact, unit.scale), unit, -better)})", TERMS)

        return _Phrase(look, tell)

    def compare(self, leaf: Compare, wanted: bool) -> _Phrase:
        """Name the side of a comparison that can change, and what it must become."""
        op, left, right = leaf.op if wanted else OPPOSITE[leaf.op], leaf.left, leaf.right
        swapped = is_constant(left) or (_judged(right) and not _judged(left))
        if swapped:
            left, right, op = right, left, MIRRORED[op]
        needed, read = OPPOSITE[op], facts_of(left) | facts_of(right)
        grows = isinstance(left, Fact) and _only_grows(left.name)
        if all(map(self.is_settled, read)) or (grows and needed in (Op.LT, Op.LE)):
            return _NEVER
        begin, unit, sort = f"{side_of(left, leaf.text, self.labels, last=swapped)} is ", leaf.unit, about_of(read)
        seen, bounded = WAYS[needed]
        now, bound = f" (now {self.gap(left, unit, seen)}", ""
        if is_constant(right):
            bound, now = bound_of(needed, constant(right), unit), f"{now})"
        elif not all(map(self.is_settled, facts_of(right))):
            bound = COMPARED[needed] + side_of(right, leaf.text, self.labels, last=not swapped)
            now = f"{now} against {self.gap(right, unit, bounded)})"
        else:
            now = f"{now})"
        if bound and not (grows and needed is Op.EQ):
            found = (Change(begin + bound + now, sort),)
            return _Phrase(read, lambda are_known: found if are_known else None)

        def look(facts: Facts, room: Room | None) -> str:
            """Return the bound in words; empty where a fact is unknown, or has grown past it."""
            if not _are_known(read, facts) or (grows and needed is Op.EQ and _is_past(left, right, facts)):
                return ""
            return bound or bound_of(needed, evaluate(right, facts) or Fraction(0), unit)

        return _Phrase(look, lambda bound: (Change(begin + bound + now, sort),) if bound else None)

    def symbol(self, leaf: Is, wanted: bool) -> _Phrase:
        """Name the word, the yes or the no, that must change."""
        fact, yes, unit = leaf.fact, 1 in leaf.values, leaf.unit
        sort, (group, _, rest) = about_of([fact]), fact.partition(".")
        if (
            self.is_settled(fact)
            or fact in ("offer.first", "offer.by", "offer.role", "party.left_closed")
            or (group == "approved" and wanted is yes)
        ):
            return _NEVER
        if group in ("approved", "left"):
            role = labelled(self.labels, "roles", rest)
            clause = f"`{role}` has approved these terms" if group == "approved" else "they have made a new move"
            found = (Change(clause, sort),) if group == "approved" or (rest == "open" and wanted is yes) else None
            return _Phrase(_ALIKE, lambda form: found)
        if unit.kind is Kind.YES_NO:
            needed = "no" if yes is wanted else "yes"
        else:
            needed = ("other than " if wanted else "") + " or ".join(self.value(v, unit) for v in leaf.values)
        name = noun(fact, self.labels)
        if name.startswith("whether "):
            clause = f"{'' if needed == 'yes' else 'it is no longer so that '}{name.removeprefix('whether ')}"
        else:
            clause = f"{name} is {needed} (now {self.gap(Fact(fact, unit.scale), unit)})"
        told = (Change(clause, sort),)
        return _Phrase(frozenset({fact}), lambda are_known: told if are_known else None)


def _plans(options: Iterable[frozenset[int]], so: Sequence[bool], touches: Sequence[frozenset[int]]) -> list[_Plan]:
    """Say for each option which leaves to tell; an option that wants all another wants, and more, is left out.

    Args:
        so: For each leaf whether it is as it must be.
        touches: For each leaf those that may turn while it does.
    """
    wants: dict[frozenset[int], frozenset[int]] = {}
    for option in options:
        wants.setdefault(frozenset(i for i in option if not so[i]), option)
    found = []
    for changed, option in wants.items():
        if any(other < changed for other in wants):
            continue
        told = set(changed)
        while more := {j for i in told for j in touches[i] & option} - told:
            told |= more
        found.append((tuple(sorted(changed)), tuple(sorted(told - changed))))
    return found


def _option(plan: _Plan, changes: Sequence[tuple[Change, ...] | None]) -> tuple[Change, ...]:
    """Write an option; nothing where a part of it cannot be brought about."""
    changed, kept = plan
    found: list[Change] = []
    for i in changed:
        way = changes[i]
        if way is None:
            return ()
        found.extend(way)
    for i in kept:
        found.extend(changes[i] or ())
    return tuple(dict.fromkeys(found))


def _chosen(found: list[tuple[Change, ...]]) -> Remedy:
    """Choose the shortest options; what another deal would have stated counts only where nothing else helps."""
    here = [option for option in found if any(c.about != DEAL for c in option)]
    return tuple(sorted(dict.fromkeys(here or found), key=len)[:SHOWN_OPTIONS])


def _terms(leaf: Leaf) -> frozenset[str]:
    """Return the issues whose terms a leaf reads; `worth` for the whole offer's, `*` for other sums."""
    read = [f.partition(".") for f in facts_of(leaf) if is_about_terms(f)]
    whole = {"worth": "worth", "package": "worth", "beyond_walk": "*", "short_of_want": "*"}
    return frozenset(whole.get(n, n) if g in ("offer", "room") else "*" for g, _, n in read)


def _may_touch(changed: _Conjunct, other: _Conjunct, policy: Policy) -> bool:
    """Return whether terms that end *changed* may be such that *other* begins to hold."""
    a, b = _terms(changed.leaf), _terms(other.leaf)
    sums = {"worth", "*"}
    if not a or not b or not (a & b or sums & (a | b)):
        return False
    if not _needs_worse(changed, policy) or not _needs_worse(other, policy):
        return True
    limits = isinstance(changed.leaf, Compare) and counted_by(changed.leaf, wanted=changed.wanted) is not None
    return bool(sums & a) and not (limits and b == {"worth"})


def _better(fact: str, policy: Policy) -> int:
    """Return how a fact about the terms goes with terms that are better for us: 1 rising, -1 falling, 0 neither."""
    if fact in ("room.beyond_walk", "room.short_of_want"):
        return -1
    if fact == "offer.worth" or fact.startswith("room."):
        return 1
    issue = policy.issues.get(fact.removeprefix("offer.")) if fact.startswith("offer.") else None
    return issue.better if issue else 0


def _needs_worse(part: _Conjunct, policy: Policy) -> bool:
    """Return whether of all terms only worse ones for us can make a leaf hold, and better ones end it."""
    if not isinstance(part.leaf, Compare):
        return False
    op, left, right = part.leaf.op, part.leaf.left, part.leaf.right
    op = op if part.wanted else OPPOSITE[op]
    if _judged(right):
        left, right, op = right, left, MIRRORED[op]
    if not isinstance(left, Fact) or _judged(right):
        return False
    return op in {1: (Op.LT, Op.LE), -1: (Op.GT, Op.GE), 0: ()}[_better(left.name, policy)]


def _is_past(left: Number, right: Number, facts: Facts) -> bool:
    a, b = evaluate(left, facts), evaluate(right, facts)
    return a is not None and b is not None and a > b


def _are_known(read: Iterable[str], facts: Facts) -> bool:
    return all(facts.get(fact) is not None for fact in read)


def _judged(tree: Number) -> bool:
    return any(map(is_about_terms, facts_of(tree)))


def _only_grows(fact: str) -> bool:
    group, _, rest = fact.partition(".")
    return (
        group in ("signals", "pattern")
        or fact in ("since.opened", "since.left")
        or (group in ("ours", "theirs") and rest in _ONLY_GROW)
    )
