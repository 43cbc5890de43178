"""Each generated function gives what the rooms give: the same evidence, byte by byte, and the same deal afterwards.

A long run over deals made up from fresh seeds:

    WALKAWAY_GENERATED=20000 pytest --timeout 0 -s tests/properties/test_generated_agrees.py
"""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from tests.helpers.agreeing import engine_of
from tests.helpers.generated import Case, decoded
from tests.helpers.generated_functions import assert_same
from tests.helpers.haggling import Said, haggled, haggled_with_a_party, loaded
from tests.helpers.rarely import DESK, rarely, rarely_with_a_party
from tests.helpers.saas import saas
from tests.helpers.strategies import SEED, bounded, cases, size

from walkaway import policy
from walkaway.deal.cover import spoken_in
from walkaway.deal.decode import Decoder
from walkaway.decide.core import rete
from walkaway.decide.engine import Core, Engine

pytestmark = [pytest.mark.slow, pytest.mark.search]

ROOT = Path(__file__).parents[2]
DEALS = size("WALKAWAY_GENERATED", 60, 200)
CORES = (Core.PLAIN, Core.BOTH) if rete.is_available() else (Core.PLAIN,)


@pytest.mark.search
def test_a_generated_function_gives_what_the_rooms_give(capsys: pytest.CaptureFixture[str]) -> None:
    """On deals made up at random, with everything that can happen in them."""
    seen, random = Counter[str](), Random(SEED)
    for number in range(DEALS):
        seed = random.getrandbits(40)
        said, events = haggled(seed) if number % 3 else haggled_with_a_party(seed)
        engine = engine_of(said["policy"], CORES[number % len(CORES)])
        decoder = Decoder(engine.policy)
        read = [event for e in events if (event := decoder.decode(json.dumps(e).encode()).value) is not None]
        seen += assert_same(engine, read)
    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}", ", ".join(f"{n:,} {what}" for what, n in sorted(seen.items())))
    assert seen["Offer"] > DEALS / 4


@pytest.mark.parametrize("made", [rarely, rarely_with_a_party])
def test_it_does_so_where_something_rare_happens(made: Callable[[int], tuple[list[Said], list[Said]]]) -> None:
    """In deals with several packages, waivers, slips, kills and renewals; the same ones each time."""
    seen = Counter[str]()
    for seed in range(20):
        (said, *_), events = made(seed)
        engine = engine_of(said["policy"], CORES[seed % len(CORES)])
        decoder = Decoder(engine.policy)
        read = [event for e in events if (event := decoder.decode(json.dumps(e).encode()).value) is not None]
        seen += assert_same(engine, read)
    assert seen["Offer"] > 10


def test_it_does_so_where_the_policy_says_in_which_role_somebody_acts() -> None:
    """Under mandates, of which each of our people has another one, or none."""
    acting = {"ana": {"names": ["Ana Maria", "AM"], "role": "rep"}, "bob": {"role": "manager"}, "eve": {"role": "rep"}}
    mandates = {"rep": {"discount": "at most 5%"}, "manager": {"discount": "at most 9%", "support": "basic"}}
    policy = loaded({**DESK, "people": {**DESK["people"], **acting}, "mandates": mandates})
    engines = [Engine(policy, core) for core in CORES]
    seen, decoder = Counter[str](), Decoder(policy)
    for seed in range(20):
        _, events = rarely(seed)
        read = [event for e in events if (event := decoder.decode(json.dumps(e).encode()).value) is not None]
        seen += assert_same(engines[seed % len(CORES)], read)
        seen["spoken"] += sum(spoken_in(policy, event) != "" for event in read)
    assert seen["Offer"] > 10
    assert seen["spoken"] > 10


@pytest.mark.parametrize("event", [{}, {"actor": "ann"}, {"terms": {"discount": "5%"}}])
def test_of_an_opening_both_say_alike_who_would_count(event: Said) -> None:
    """An opening without terms asks nothing of anybody, whoever opens it, where a rule asks for an approval."""
    ask = {"why": "w", "on": "any", "when": "deal.list_price > 0 USD", "then": "escalate", "to": "cfo"}
    engine = Engine(saas(rules={"ask": ask}), Core.PLAIN)
    facts = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
    opened = {"id": "e1", "deal": "d", "at": "2026-10-05T09:00:00Z", "type": "open", "facts": facts, **event}
    assert_same(engine, [Decoder(engine.policy).decode(json.dumps(opened).encode()).unwrap()])


@pytest.mark.search
@bounded(8)
@given(cases())
def test_it_does_so_under_generated_policies(case: Case) -> None:
    """Also under policies that nobody would write."""
    read = case.read()
    if read is not None:
        assert_same(Engine(read, Core.PLAIN), decoded(read, case.lines()))


@pytest.mark.parametrize("name", ["saas-discounting", "job-offer", "used-car"])
def test_it_does_so_in_the_deals_that_are_shipped(name: str) -> None:
    """Under each shipped policy, and there functions answer the most of offers."""
    engine = Engine(policy.load(ROOT / "rules" / name).unwrap(), CORES[-1])
    seen = Counter[str]()
    for file in sorted((ROOT / "rules" / name).glob("*.jsonl")):
        decoder = Decoder(engine.policy)
        seen += assert_same(
            engine, [event for line in file.read_bytes().splitlines() if (event := decoder.decode(line).value)]
        )
    assert seen["Offer"] > 0
