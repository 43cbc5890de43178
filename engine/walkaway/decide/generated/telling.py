"""What a generated function says of the rules that fired: prepared once for each set of them, filled in each time."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

import msgspec

from walkaway.deal.cover import name_of
from walkaway.deal.position import Mover
from walkaway.decide.authority import is_liftable
from walkaway.decide.core.program import Fired
from walkaway.decide.evidence import FiredRule, Number, Uncounting, number_of
from walkaway.decide.gather import Gatherer
from walkaway.decide.generated.reading import path_of
from walkaway.decide.obligations import Adviser
from walkaway.decide.plans import EventPlan
from walkaway.decide.verdict import combine, order_of
from walkaway.events import CLOSED, OPEN, AnyEvent, Door, On, Verdict
from walkaway.language.native import differing_facts
from walkaway.language.values import LIMIT, Exact
from walkaway.policy.model import Rule

_MOST = 4_096
"""Sets of fired rules that are remembered, for one kind of event."""


class Consequence(msgspec.Struct, frozen=True, gc=False):
    """All that follows from which rules fired, where no approval covers the terms.

    Attributes:
        facts: Those that evidence has besides, at `places` among a judging's own; `stated` are those that are looked up
            among what the deal states; `unknown` those that nobody derives.
        beyond, short, counts: Whether passed walk values, missed want values, or either are counted.
        decides: Whether a rule decides; `approvable` whether approvals that do not count are of interest, `liftable`
            whether approvals could lift all that decides.
    """

    verdict: Verdict
    door: Door | None
    reasons: tuple[FiredRule, ...]
    facts: tuple[str, ...]
    places: tuple[int, ...]
    stated: tuple[str, ...]
    unknown: tuple[str, ...]
    beyond: bool
    short: bool
    counts: bool
    decides: bool
    approvable: bool
    liftable: bool


class _AloneFired(msgspec.Struct, frozen=True, gc=False):
    """What follows from one rule that fired, prepared when it first does; named as in `Consequence`.

    Attributes:
        rank: Its place among all, in the order of a ruling.
        asks: Whether it asks for an approval.
    """

    rank: int
    rule: Rule
    reason: FiredRule
    verdict: Verdict
    door: Door | None
    places: frozenset[int]
    stated: frozenset[str]
    unknown: frozenset[str]
    beyond: bool
    short: bool
    decides: bool
    asks: bool
    liftable: bool


class Consequences:
    """What was prepared for one kind of event.

    Put together from what each of them is alone: a set of rules that never fired together before is nothing rare.

    Args:
        derived: The facts that the judging has at hand, in its order, which is that of their names.
        above: Those that stand elsewhere in evidence, wherever a rule reads them.

    Attributes:
        known: What was prepared, by the places of the rules that fired.
    """

    def __init__(
        self, gatherer: Gatherer, plan: EventPlan, on: On, derived: Sequence[str], above: frozenset[str]
    ) -> None:
        self.known: dict[Fired, Consequence] = {}
        self.gatherer, self.plan, self.on, self.above = gatherer, plan, on, above
        self.derived = tuple(derived)
        self.places = {fact: place for place, fact in enumerate(derived)}
        self.parts: dict[int, _AloneFired] = {}

    @cached_property
    def ranks(self) -> Mapping[int, int]:
        """Return where each rule comes among those that fired, by its place."""
        rules, policy = self.plan.rules, self.gatherer.policy
        alone = [combine([rule], None, policy).firings[0] for rule in rules]
        order = sorted(range(len(rules)), key=lambda place: order_of(alone[place]))
        return {place: rank for rank, place in enumerate(order)}

    def prepared(self, fired: Fired) -> Consequence:
        """Prepare for rules that fired, and keep it."""
        parts = [self.parts.get(place) or self.met_first(place) for place in fired]
        parts.sort(key=_RANK)
        places, stated, unknown = set[int](), set[str](), set[str]()
        beyond = short = closed = asks = False
        liftable, deciding = True, []
        for part in parts:
            places |= part.places
            if part.stated or part.unknown:
                stated |= part.stated
                unknown |= part.unknown
            beyond, short, closed = beyond or part.beyond, short or part.short, closed or part.door is CLOSED
            if part.decides:
                deciding.append(part.rule)
                asks, liftable = asks or part.asks, liftable and part.liftable
        verdict = parts[0].verdict if parts else Verdict.PROCEED
        door = None if verdict is not Verdict.WALK else CLOSED if closed else OPEN
        read = tuple(sorted(places))
        found = Consequence(
            verdict, door, tuple([part.reason for part in parts]),
            tuple([self.derived[place] for place in read]), read, tuple(sorted(stated)), tuple(sorted(unknown)),
            beyond, short, beyond or short, bool(deciding), asks or bool(self.adviser.enough_roles(deciding)), liftable,
        )  # fmt: skip
        if len(self.known) >= _MOST:
            self.known.clear()
        self.known[fired] = found
        return found

    @cached_property
    def adviser(self) -> Adviser:
        """Return what says whether one approval is enough."""
        return self.gatherer.renderer.adviser(self.on)

    def met_first(self, place: int) -> _AloneFired:
        """Find out what follows from a rule."""
        rule, policy = self.plan.rules[place], self.gatherer.policy
        ruling = combine([rule], None, policy)
        prepared = self.gatherer.prepared(self.on, ruling.firings)
        wanted = [f for f in prepared.facts if f not in self.above]
        stated = frozenset(f for f in wanted if path_of(policy, f) == "stated")
        facts = [f for f in wanted if f in self.places and f not in stated]
        found = self.parts[place] = _AloneFired(
            self.ranks[place], rule, prepared.reasons[0], ruling.verdict, ruling.door,
            frozenset(self.places[f] for f in facts), stated, frozenset(wanted).difference(facts, stated),
            prepared.beyond, prepared.short, bool(ruling.deciding), bool(rule.effect.to), is_liftable(policy, rule),
        )  # fmt: skip
        return found


_RANK: Callable[[_AloneFired], int] = attrgetter("rank")


def told(
    prepared: Consequence, values: Sequence[Exact | None], known: Mapping[str, Any], package: Exact | None
) -> dict[str, Number | None]:
    """Return the facts that evidence has of the rules that fired.

    Args:
        values: The facts that the judging has at hand; *known* what the deal states.
        package: What the package is worth, where its limits are counted.
    """
    if differing_facts is not None:
        natively = differing_facts(
            prepared.facts, prepared.places, values, prepared.stated, (), known,
            package if prepared.counts else None, None, number_of,
        )  # fmt: skip
        if natively is not None:
            return natively
    found: dict[str, Number | None] = {}
    for fact, value in zip(prepared.facts, [values[place] for place in prepared.places], strict=True):
        if value is not None:
            found[fact] = value if value.__class__ is int and -LIMIT < value < LIMIT else number_of(value)
    for fact in prepared.stated:
        stated = known.get(fact)
        if stated is not None:
            found[fact] = number_of(stated)
    if package is not None and prepared.counts:
        found["offer.worth"] = number_of(package)
    return found


def differing(
    prepared: Consequence,
    values: Sequence[Exact | None],
    known: Mapping[str, Any],
    package: Exact | None,
    outer: Mapping[str, Number | None],
) -> dict[str, Number | None]:
    """Return as `told` what is otherwise than in the judging that it stands in; none where a fact is not known here."""
    if differing_facts is not None:
        natively = differing_facts(
            prepared.facts, prepared.places, values, prepared.stated, prepared.unknown, known,
            package if prepared.counts else None, outer, number_of,
        )  # fmt: skip
        if natively is not None:
            return natively
    found: dict[str, Number | None] = {}
    for fact, value in zip(prepared.facts, [values[place] for place in prepared.places], strict=True):
        if value.__class__ is not int or not -LIMIT < value < LIMIT:
            value = None if value is None else number_of(value)
        if outer.get(fact) != value:
            found[fact] = value
    for fact in prepared.stated:
        stated = known.get(fact)
        written = None if stated is None else number_of(stated)
        if outer.get(fact) != written:
            found[fact] = written
    for fact in prepared.unknown:
        if outer.get(fact) is not None:
            found[fact] = None
    if package is not None and prepared.counts and outer.get("offer.worth") != (worth := number_of(package)):
        found["offer.worth"] = worth
    return found


def uncounting(
    prepared: Consequence, movers: Sequence[Mover], people: Mapping[str, str], event: AnyEvent
) -> Uncounting | None:
    """Return why no approval would count for terms of ours, where something is said of it; there is none as yet."""
    if prepared.decides and not (event.actor and name_of(people, event.actor)):
        return Uncounting(said=event.actor, unknown=True)
    return uncounting_before(prepared, movers)


def uncounting_before(prepared: Consequence, movers: Sequence[Mover]) -> Uncounting | None:
    """Return that somebody not known said terms before, where that is of interest."""
    if prepared.approvable:
        for mover in movers:
            if not mover.name:
                return _BEFORE
    return None


_BEFORE = Uncounting(before=True)
