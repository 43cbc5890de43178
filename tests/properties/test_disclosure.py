"""What the other side is told under the policies that ship rests on no limit, but for yes and no.

Many sets of limits are tried in one deal. Two sets that answer yes or no alike, to every event so far and to every
offer that is named to the other side, cannot be told apart by whoever reads all that it is told: the bytes are the
same. So nothing that is said narrows a walk value further than making the offers would. `WALKAWAY_DEALS` sets how many
deals are made up; docs/disclosure.md says what counts as a leak.
"""

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random

import msgspec
import pytest
from tests.helpers.asking import passes
from tests.helpers.deals import SHIPPED, Deals, named
from tests.helpers.strategies import SEED

from walkaway import Engine, policy
from walkaway.advice.briefing import answer
from walkaway.advice.counteroffers import Seeker
from walkaway.deal.admission import Unfit
from walkaway.deal.position import Position
from walkaway.decide.engine import Core
from walkaway.decide.explain import placeholders
from walkaway.events import AnyEvent, Open
from walkaway.policy.lint import LIMIT_GROUPS
from walkaway_cli.render.screen import for_customer

pytestmark = pytest.mark.slow

DEALS = int(os.environ.get("WALKAWAY_DEALS") or 36)
"""How many deals are made up over all policies."""
EVENTS, SETS = 8, 6
Told = tuple[bytes, tuple[bool, bool], tuple[Mapping[str, str], ...]]


def variants(engine: Engine, deals: Deals) -> list[tuple[Open, Position]]:
    """Open one deal under several sets of limits, the base case first."""
    first = deals.open()
    base = engine.decide(None, first)[1]
    found = [(first, base)]
    for _ in range(SETS - 1):
        batna = (
            base.valuation.rounded(base.valuation.base) * deals.rng.randint(60, 95) // 100 if base.valuation else None
        )
        limits = dict(first.limits) | deals.limits(base)
        other = msgspec.structs.replace(first, limits=limits, batna=batna)
        found.append((other, engine.decide(None, other)[1]))
    return found


def told(engine: Engine, position: Position, event: AnyEvent) -> Told:
    """Return every byte that the other side is told, as JSON and on a screen; yes or no; and the offers named."""
    found = answer(Seeker(engine), engine.evaluate(position, event))
    read = msgspec.json.encode(found, order="sorted") + for_customer(engine.policy, found).encode()
    return read, (found.agreed, found.ended), found.proposals


@pytest.mark.parametrize("number", range(DEALS))
def test_all_that_the_other_side_is_told_tells_limits_apart_no_further_than_yes_and_no(number):
    """Sets of limits with the same answers so far are told the same bytes at every event of a deal."""
    rng = Random(f"{SEED}:{number}")
    engine = Engine(policy.load(SHIPPED[number % len(SHIPPED)]).unwrap(), Core.PLAIN)
    deals = Deals(engine.policy, rng)
    opened = variants(engine, deals)
    cells: dict[int, list[Position]] = {0: [position for _, position in opened]}
    for event in deals.events(opened[0][1], EVENTS):
        following: dict[int, list[Position]] = {}
        for alike in cells.values():
            for cell in split(engine, alike, event):
                following[len(following)] = cell
        cells = following


def split(engine: Engine, alike: Sequence[Position], event: AnyEvent) -> list[list[Position]]:
    """Tell positions apart by yes and no to an event; what else is told must not tell them apart further."""
    try:
        heard = [told(engine, position, event) for position in alike]
    except Unfit:
        return [list(alike)]
    offers = sorted({tuple(sorted(terms.items())) for _, _, proposals in heard for terms in proposals})
    differ = len({read for read, _, _ in heard}) > 1
    found: dict[object, list[tuple[bytes, Position]]] = defaultdict(list)
    for (read, yes, _), position in zip(heard, alike, strict=True):
        could = tuple(passes(engine, position, event, dict(terms)) for terms in offers) if differ else ()
        found[yes, could].append((read, engine.decide(position, event)[1]))
    for cell in found.values():
        assert len({read for read, _ in cell}) == 1, (engine.policy.name, event, [read for read, _ in cell])
    return [[position for _, position in cell] for cell in found.values()]


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_no_say_holds_a_number_of_the_deals(path):
    """What a rule says is the policy's own words: no value of a deal stands in it that rests on a limit."""
    for rule in policy.load(path).unwrap().rules:
        assert not [f for f in placeholders(rule.say) if f.partition(".")[0] in LIMIT_GROUPS]
        assert not re.search(r"\d", rule.say)
