"""What a generated function says of the rules that fired: prepared once for each set of them, filled in each time."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from walkaway.deal.cover import name_of
from walkaway.deal.position import Mover
from walkaway.decide.authority import is_liftable
from walkaway.decide.core.program import Fired
from walkaway.decide.evidence import FiredRule, Number, Uncounting, number_of
from walkaway.decide.gather import Gatherer
from walkaway.decide.generated.reading import path_of
from walkaway.decide.plans import EventPlan
from walkaway.decide.verdict import Ruling
from walkaway.events import AnyEvent, Door, On, Verdict
from walkaway.language.native import differing_facts
from walkaway.language.values import LIMIT, Exact

_MOST = 4_096
"""Sets of fired rules that are remembered, for one kind of event."""


class Consequence(msgspec.Struct, frozen=True, gc=False):
    """All that follows from which rules fired, where no approval covers the terms.

    Attributes:
        facts: Those that evidence has besides, at `places` among a judging's own, as `values` takes them; `stated` are
            those that are looked up among what the deal states; `unknown` those that nobody derives.
        beyond, short, counts: Whether passed walk values, missed want values, or either are counted.
        decides: Whether a rule decides; `approvable` whether approvals that do not count are of interest, `liftable`
            whether approvals could lift all that decides.
    """

    ruling: Ruling
    verdict: Verdict
    door: Door | None
    reasons: tuple[FiredRule, ...]
    facts: tuple[str, ...]
    values: Callable[[Sequence[Exact | None]], tuple[Exact | None, ...]]
    places: tuple[int, ...]
    stated: tuple[str, ...]
    unknown: tuple[str, ...]
    beyond: bool
    short: bool
    counts: bool
    decides: bool
    approvable: bool
    liftable: bool


class Consequences(dict[Fired, Consequence]):
    """What was prepared for one kind of event, by the places of the rules that fired.

    Args:
        derived: The facts that the judging has at hand, in its order.
        above: Those that stand elsewhere in evidence, wherever a rule reads them.
    """

    def __init__(
        self, gatherer: Gatherer, plan: EventPlan, on: On, derived: Sequence[str], above: frozenset[str]
    ) -> None:
        super().__init__()
        self.gatherer, self.plan, self.on, self.above = gatherer, plan, on, above
        self.places = {fact: place for place, fact in enumerate(derived)}

    def __missing__(self, fired: Fired) -> Consequence:
        ruling = self.plan.ruling(fired, None)
        prepared = self.gatherer.prepared(self.on, ruling.firings)
        policy, adviser = self.gatherer.policy, self.gatherer.renderer.adviser(self.on)
        deciding = [firing.rule for firing in ruling.deciding]
        wanted = [f for f in prepared.facts if f not in self.above]
        asks = any(rule.effect.to for rule in deciding)
        stated = tuple(f for f in wanted if path_of(policy, f) == "stated")
        facts = tuple(f for f in wanted if f in self.places and f not in stated)
        found = Consequence(
            ruling, ruling.verdict, ruling.door, prepared.reasons,
            facts, _taking([self.places[f] for f in facts]), tuple(self.places[f] for f in facts), stated,
            tuple(f for f in wanted if f not in facts and f not in stated),
            prepared.beyond, prepared.short, prepared.counts, bool(deciding),
            asks or adviser.enough(deciding) is not None, all(is_liftable(policy, rule) for rule in deciding),
        )  # fmt: skip
        if len(self) >= _MOST:
            self.clear()
        self[fired] = found
        return found


def _taking(places: Sequence[int]) -> Callable[[Sequence[Exact | None]], tuple[Exact | None, ...]]:
    if len(places) == 1:
        place = places[0]
        return lambda values: (values[place],)
    found: Any = itemgetter(*places) if places else lambda values: ()
    return found  # type: ignore[no-any-return]


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
    for fact, value in zip(prepared.facts, prepared.values(values), strict=True):
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
    for fact, value in zip(prepared.facts, prepared.values(values), strict=True):
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
