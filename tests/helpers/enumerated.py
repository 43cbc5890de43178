"""All offers of a kind of counteroffer, by the kind's definition alone: every value on every line, tried one by one."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice, product

import msgspec

from walkaway.advice.counteroffers.choices import Choice, Package
from walkaway.advice.counteroffers.probe import Probe
from walkaway.advice.counteroffers.search import PASSES, Family, PackageSearch, with_fewer
from walkaway.advice.counteroffers.steps import MOST, MOST_BESIDE, MOST_IN_PAIRS
from walkaway.advice.counteroffers.varying import REFUSED, Foreseen, outcome_of
from walkaway.deal.admission import Unfit
from walkaway.decide.engine import Engine


def answer(engine: Engine, probe: Probe, package: Package) -> Foreseen:
    """Return what the engine says to a package, from all its terms."""
    terms = {i.name: c.value for i, c in zip(probe.issues, package, strict=True)}
    try:
        ruling = engine.evaluate(probe.position, msgspec.structs.replace(probe.offer, terms=terms)).ruling
    except Unfit:
        return REFUSED
    return outcome_of(ruling, engine.policy.roles)


def of_kind(probe: Probe, kind: Family) -> Iterator[Package]:
    """Return every offer of a kind."""
    offered, standing = probe.offered, probe.cleared
    conceded = [c.issue for c in offered if c.loss]
    free = [c.issue for c in offered if not c.loss]

    def down(place: int, most: int) -> Sequence[Choice]:
        return probe.values.between(offered[place], standing[place], most)

    def up(place: int, most: int) -> Sequence[Choice]:
        return probe.values.between(offered[place], probe.values.best_ask(place, offered[place]), most)

    def changed(*choices: Choice) -> Package:
        instead = {c.issue: c for c in choices}
        return tuple(instead.get(c.issue, c) for c in offered)

    def around(places: Sequence[int]) -> Iterator[tuple[Choice, ...]]:
        yield ()
        yield tuple(standing[p] for p in conceded if p not in places)

    def reduced(count: int, most: int) -> Iterator[tuple[Choice, ...]]:
        for places in combinations(conceded, count):
            for rest in around(places):
                for choices in product(*(down(p, most) for p in places)):
                    if any(c.loss for c in changed(*rest, *choices)):
                        yield (*rest, *choices)

    def asked(most: Callable[[int], int]) -> Iterator[tuple[Choice, ...]]:
        for count in (1, 2):
            for places in combinations(free, count):
                yield from product(*(up(p, most(count)) for p in places))

    def widest(count: int) -> int:
        return MOST if count == 1 else MOST_IN_PAIRS

    match kind:
        case Family.LESS:
            yield from (changed(*c) for count in (1, 2) for c in reduced(count, widest(count)))
        case Family.ASK:
            yield from (changed(*c) for c in asked(widest))
        case Family.LESS_AND_ASK:
            asks = [*asked(lambda _: MOST_BESIDE)]
            yield from (changed(*less, *more) for less in reduced(1, MOST) for more in asks)
        case Family.SWAP:
            for back in conceded:
                for other in free:
                    if not offered[other].worth:
                        end = probe.values.worst_give(other, offered[back].loss)
                        line = probe.values.between(standing[other], end, MOST)
                        yield from (changed(standing[back], c) for c in line)
        case Family.TAKE | Family.STAND | Family.SELECT:
            raise AssertionError(f"{kind} is not searched")
        case Family.APPROVAL:
            yield from (p for p in (changed(c) for i in conceded for c in down(i, MOST)) if any(c.loss for c in p))
            yield from (changed(c) for i in free for c in up(i, MOST))


def is_small(probe: Probe, kind: Family, most: int = 4_000) -> bool:
    """Return whether a kind has few enough offers to try them all."""
    return sum(1 for _ in islice(of_kind(probe, kind), most + 1)) <= most


def cheapest(engine: Engine, probe: Probe, kind: Family) -> int | None:
    """Return the least cost of an offer of a kind that gets what the kind promises; none where none does.

    What they offer is no counteroffer to them, and none takes our own word back.
    """
    search = PackageSearch(probe, answer(engine, probe, probe.offered), 0)
    goal = (
        with_fewer(answer(engine, probe, probe.offered), len(engine.policy.roles))
        if kind is Family.APPROVAL
        else PASSES
    )
    if goal is None:
        return None
    base = sum(c.worth for c in probe.offered)
    tried: dict[Package, bool] = {}
    costs = []
    for package in of_kind(probe, kind):
        if package not in tried:
            allowed = package not in probe.takes and not search.exceeds_our_word(package)
            tried[package] = allowed and goal.met(answer(engine, probe, package))
        if tried[package]:
            costs.append(sum(c.worth for c in package) - base)
    return min(costs, default=None)
