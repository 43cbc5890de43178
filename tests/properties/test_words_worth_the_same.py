"""Words that are worth the same to us are held by their order, by everything that judges alike."""

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import Any

import pytest
from tests.helpers.columns import compared
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.generated_functions import assert_same
from tests.helpers.strategies import SEED, size
from tests.hunt.made import LOWEST, Made
from tests.reference.more import evaluate

from walkaway.deal.encode import canonical
from walkaway.decide.engine import Core, Engine
from walkaway.policy import Policy

pytestmark = [pytest.mark.slow, pytest.mark.solver, pytest.mark.search]

WORDS = ("basic", "silver", "gold")
WORTHS = ("0 USD", "0 USD", "-1% of deal.list_price", "-2% of deal.list_price", "1% of deal.list_price", "-5 USD",
          "deal.fee - 1% of deal.list_price")  # fmt: skip
PRICES = ("0 USD", "0.40 USD", "1,000 USD")
CASES = range(size("WALKAWAY_WORDS", 3, 40))


def made(rng: Random, worths: Sequence[str] = WORTHS) -> dict[str, Any]:
    """Return a policy whose words, and yes or no, are often worth the same."""
    words: dict[str, Any] = {"one of": {w: rng.choice(worths) for w in WORDS}, "start": rng.choice(WORDS)}
    words |= {limit: rng.choice(WORDS) for limit in rng.sample(("want", "walk"), rng.randint(1, 2))}
    yes: dict[str, Any] = {"type": "yes/no", "start": rng.choice(("yes", "no")), "worth": rng.choice(worths)}
    return {
        "policy": "words", "version": 1, "side": rng.choice(("seller", "buyer")), "currency": "USD",
        "deal": {"list_price": "money", "fee": {"type": "money", "default": "0 USD"}},
        "issues": {"support": words, "liability": {**yes, "walk": rng.choice(("yes", "no"))}},
        "rules": {"large": {"why": "w", "on": "our terms", "when": "give.value > 1,000 USD", "then": "hold"}},
    }  # fmt: skip


def readable(rng: Random, worths: Sequence[str] = WORTHS) -> tuple[dict[str, Any], Policy]:
    """Return such a policy as it is written and as it is read; one with a limit past another is none."""
    while True:
        root = made(rng, worths)
        policy = Made({LOWEST: root}).policy()
        if policy is not None:
            return root, policy


def deals(rng: Random) -> Iterator[list[dict[str, Any]]]:
    """Return the events of deals in which every pair of words is offered, at prices of nothing too."""
    pairs = [(w, y) for w in WORDS for y in ("yes", "no")]
    for place, price in enumerate(PRICES):
        facts = {"list_price": price} | rng.choice(({}, {"fee": "3 USD"}))
        head = {"deal": f"D{place}"}
        yield [
            {**head, "id": f"{place}o", "type": "open", "at": "2026-03-01T09:00:00Z", "facts": facts},
            *(
                {**head, "id": f"{place}t{n}", "type": "offer", "at": f"2026-03-02T09:00:{2 * n:02}Z",
                 "by": rng.choice(("us", "them")), "terms": {"support": word, "liability": yes}}
                for n, (word, yes) in enumerate(rng.sample(pairs, len(pairs)))
            ),
            {**head, "id": f"{place}a", "type": "accept", "at": "2026-03-03T09:00:00Z",
             "by": rng.choice(("us", "them"))},
        ]  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Policy, list[list[dict[str, Any]]]]:
    """Return a policy as it is written and as it is read, and deals under it."""
    rng = Random(f"{SEED}:{request.param}")
    root, policy = readable(rng)
    return root, policy, list(deals(rng))


def test_everything_that_judges_holds_words_of_the_same_worth_alike(case) -> None:
    """Both cores, live functions, the reference evaluator and the formulas of proofs say one thing."""
    root, policy, told = case
    lines = [[canonical(e) for e in events] for events in told]
    engine, both = Engine(policy, Core.PLAIN), Engine(policy)
    for events, written in zip(told, lines, strict=True):
        read = Made({LOWEST: root}, events=tuple(written)).told(policy)
        assert_same(both, read)
        expected = evaluate([root], events)
        answers = [answer for answer in expected if not answer.dead]
        for step, answer in zip(follow(engine, read), answers, strict=True):
            assert step.decision.verdict.value == answer.verdict
            for count in ("room.beyond_walk", "room.short_of_want"):
                if step.found.move is not None:
                    assert engine.all_facts(step.found)[count] == answer.facts[count], (root, step.event, count)
            assert_encoded(policy, engine, step)


@pytest.mark.bulk
def test_columns_hold_words_of_the_same_worth_alike(case) -> None:
    """As the engine does, whatever its core."""
    _, policy, told = case
    columns = compared(policy, [canonical(e) for events in told for e in events])
    assert columns.events + columns.dead == sum(map(len, told))


@pytest.mark.parametrize("number", range(20))
def test_what_a_walk_value_holds_at_a_price_it_holds_at_a_price_of_nothing(number: int) -> None:
    """Of worths that are shares of the list price none buys a word in because the list price is 0; the walk passes."""
    rng = Random(f"{SEED}:{number}")
    root, policy = readable(rng, tuple(w for w in WORTHS if "USD" not in w and "fee" not in w))
    engine = Engine(policy, Core.PLAIN)
    support, liability = root["issues"]["support"], root["issues"]["liability"]
    for word, yes in product(WORDS, ("yes", "no")):
        held = [beyond(engine, root, price, {"support": word, "liability": yes}) for price in PRICES]
        assert held[0] >= held[1] == held[2], (root, word, yes, held)
    at = {"support": support.get("walk", support["start"]), "liability": liability["walk"]}
    assert not beyond(engine, root, "0 USD", at)


def beyond(engine: Engine, root: dict[str, Any], price: str, terms: dict[str, str]) -> int:
    """Return how many walk values an offer of ours passes."""
    head = {"deal": "D", "at": "2026-03-01T09:00:00Z"}
    opening = {**head, "id": "1", "type": "open", "facts": {"list_price": price}}
    offer = {**head, "id": "2", "type": "offer", "by": "us", "terms": terms}
    events = Made({LOWEST: root}, events=(canonical(opening), canonical(offer))).told(engine.policy)
    *_, last = follow(engine, events)
    found = engine.all_facts(last.found)["room.beyond_walk"]
    assert isinstance(found, int)
    return found
