"""What the other side is told under the policies that ship rests on no number of ours, but for yes and no.

Many worlds are tried in one deal: other limits, and policies in which one number is moved by one unit, of rules,
definitions, patterns, limits and tables. Two worlds that answer yes or no alike, to every event so far and to every
offer that is named to the other side, cannot be told apart by whoever reads all that it is told: the bytes are the
same. So nothing that is said narrows a number further than making the offers would. `WALKAWAY_DEALS` sets how many
deals are made up; docs/disclosure.md says what counts as a leak.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from random import Random

import msgspec
import pytest
from tests.helpers.asking import passes
from tests.helpers.deals import SHIPPED, Deals, named
from tests.helpers.strategies import SEED, size

from walkaway import Engine, policy
from walkaway.advice.briefing import answer
from walkaway.advice.counteroffers import Seeker
from walkaway.deal.admission import Unfit
from walkaway.deal.position import Position
from walkaway.deal.valuation import OutOfRange
from walkaway.decide.engine import Core
from walkaway.decide.explain import placeholders
from walkaway.events import AnyEvent, Open
from walkaway.language.expr.tree import Compare, leaves
from walkaway.policy import Policy
from walkaway.policy.lint import LIMIT_GROUPS
from walkaway.testing.mutants import Mutant, mutants_of
from walkaway_cli.render.screen import for_customer

pytestmark = [pytest.mark.slow, pytest.mark.search]

DEALS = size("WALKAWAY_DEALS", 12, 36)
"""How many deals are made up over all policies."""
EVENTS, SETS, MOVED = 8, 6, 10
"""Of each deal: its events, the sets of limits, and the policies with one number moved."""
AT_ALL = re.compile(r"(>= 1|< 1|[<>!]?=? 0( \w+)?)$")
"""What tells something from nothing."""
Told = tuple[bytes, tuple[bool, bool], tuple[Mapping[str, str], ...]]


class World(msgspec.Struct, frozen=True):
    """A policy, and one deal under it so far."""

    seeker: Seeker
    position: Position
    past: tuple[AnyEvent, ...]


def is_chosen(mutant: Mutant, policy: Policy) -> bool:
    """Return whether a mutant moves a number that the policy chose: none that tells something from nothing, no start
    value, which everybody hears, and no comparison of what the deal itself holds."""
    if "moved" not in mutant.what or mutant.issue or "start of" in mutant.of:
        return False
    if not mutant.changes or mutant.of.startswith("definition"):
        return True
    named = any(name in mutant.text for name in policy.quantities)
    return named or (bool(re.search(r"\d", mutant.text)) and not AT_ALL.search(mutant.text))


def moved_numbers(policy: Policy, turn: int | None = None) -> list[Mutant]:
    """Return the policies in which one number is moved: all of them, or those whose turn it is."""
    chosen = [m for m in mutants_of(policy) if is_chosen(m, policy)]
    if turn is None or not chosen:
        return chosen
    return [chosen[(turn * MOVED + place) % len(chosen)] for place in range(min(MOVED, len(chosen)))]


def worlds(policy: Policy, deals: Deals, turn: int) -> tuple[Open, list[World]]:
    """Open one deal in many worlds, the base case first.

    Args:
        turn: Which of a policy's deals it is: the numbers are moved in turn, so that none is left out.
    """
    engine, first = Engine(policy, Core.PLAIN), deals.open()
    base = engine.decide(None, first)[1]
    seeker = Seeker(engine)
    found = [World(seeker, base, (first,))]
    for _ in range(SETS - 1):
        batna = (
            base.valuation.rounded(base.valuation.base) * deals.rng.randint(60, 95) // 100 if base.valuation else None
        )
        limits = dict(first.limits) | deals.limits(base)
        other = msgspec.structs.replace(first, limits=limits, batna=batna)
        found.append(World(seeker, engine.decide(None, other)[1], (other,)))
    for mutant in moved_numbers(policy, turn):
        moved = Seeker(Engine(mutant.policy, Core.PLAIN))
        if moved.silent != seeker.silent:
            continue  # a comparison with no number of ours got one, or lost it: that "at all" is meant is told
        try:
            found.append(World(moved, moved.engine.decide(None, first)[1], (first,)))
        except (Unfit, OutOfRange):
            continue
    return first, found


def past_of(world: World) -> Callable[[], Sequence[AnyEvent]]:
    """Return what gives the events of a deal so far."""
    return lambda: world.past


def told(world: World, event: AnyEvent) -> Told:
    """Return every byte that the other side is told, as JSON and on a screen; yes or no; and the offers named."""
    found = answer(world.seeker, world.seeker.engine.evaluate(world.position, event, past_of(world)))
    read = msgspec.json.encode(found, order="sorted") + for_customer(world.seeker.policy, found).encode()
    return read, (found.agreed, found.ended), found.proposals


@pytest.mark.parametrize("number", range(DEALS))
def test_all_that_the_other_side_is_told_tells_our_numbers_apart_no_further_than_yes_and_no(number):
    """Worlds with the same answers so far are told the same bytes at every event of a deal."""
    rng = Random(f"{SEED}:{number}")
    ours = policy.load(SHIPPED[number % len(SHIPPED)]).unwrap()
    deals = Deals(ours, rng)
    _, opened = worlds(ours, deals, SEED + number // len(SHIPPED))
    cells: dict[int, list[World]] = {0: opened}
    for event in deals.events(opened[0].position, EVENTS):
        following: dict[int, list[World]] = {}
        for alike in cells.values():
            for cell in split(alike, event):
                following[len(following)] = cell
        cells = following


def split(alike: Sequence[World], event: AnyEvent) -> list[list[World]]:
    """Tell worlds apart by yes and no to an event; what else is told must not tell them apart further."""
    try:
        heard = [told(world, event) for world in alike]
    except Unfit:
        return [list(alike)]
    offers = sorted({tuple(sorted(terms.items())) for _, _, proposals in heard for terms in proposals})
    differ = len({read for read, _, _ in heard}) > 1
    found: dict[object, list[tuple[bytes, World]]] = defaultdict(list)
    for (read, yes, _), world in zip(heard, alike, strict=True):
        engine = world.seeker.engine
        could = (
            tuple(passes(engine, world.position, event, dict(terms), past_of(world)) for terms in offers)
            if differ
            else ()
        )
        after = World(world.seeker, engine.decide(world.position, event, "", past_of(world))[1], (*world.past, event))
        found[yes, could].append((read, after))
    for cell in found.values():
        said = dict(cell)
        assert len(said) == 1, (cell[0][1].seeker.policy.name, event, list(said))
    return [[world for _, world in cell] for cell in found.values()]


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_every_threshold_of_every_rule_is_moved_by_a_unit_each_way(path):
    """Of each comparison of a rule with a number that the policy chose; 3,000 deals move each of them many times."""
    ours = policy.load(path).unwrap()
    every = moved_numbers(ours)
    moved = {(m.of, m.text, m.what.split(" moved ")[1].split()[0]) for m in every if m.changes and not m.table}
    for rule in ours.rules:
        for leaf in leaves(rule.condition):
            if rule.built_in or not isinstance(leaf, Compare) or AT_ALL.search(leaf.text):
                continue
            if re.search(r"\d", leaf.text) and not any(name in leaf.text for name in ours.quantities):
                assert {w for _, text, w in moved if text == leaf.text} >= {"up", "down"}, (rule.id, leaf.text)
    turns = [m.text for turn in range(-(-len(every) // MOVED)) for m in moved_numbers(ours, turn)]
    assert {m.text for m in every} == set(turns)
    assert len(every) <= MOVED * 3_000 // len(SHIPPED)


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_no_say_holds_a_number_of_the_deals(path):
    """What a rule says is the policy's own words: no value of a deal stands in it that rests on a limit."""
    for rule in policy.load(path).unwrap().rules:
        assert not [f for f in placeholders(rule.say) if f.partition(".")[0] in LIMIT_GROUPS]
        assert not re.search(r"\d", rule.say)
