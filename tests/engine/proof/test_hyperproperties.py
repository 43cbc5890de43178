"""Claims about two answers: what proofs take for granted of two offers is so of real ones."""

from itertools import product

import pytest
from tests.helpers.proving import PLAIN, policy_of

from walkaway.deal.decode import Decoder
from walkaway.deal.encode import canonical
from walkaway.decide.engine import Core, Engine
from walkaway.proof.formulas.encode import Ruled
from walkaway.proof.formulas.hyperproperties import GROWS, is_milder
from walkaway.proof.formulas.properties import properties

pytestmark = pytest.mark.solver

DEAL = [
    {"type": "open", "facts": {"list_price": "100,000 USD"}},
    {"type": "offer", "by": "them", "terms": {"discount": "30%", "term": "36 months", "support": "basic"}},
    {"type": "offer", "by": "us", "actor": "ann", "terms": {"discount": "3%", "term": "30 months"}},
    {"type": "accept", "by": "them", "issues": ["term"]},
    {"type": "offer", "by": "us", "actor": "ann", "terms": {"discount": "1%"}},
    {"type": "offer", "by": "them", "terms": {"discount": "12%"}},
]
DISCOUNTS, TERMS, SUPPORTS = (0, 2, 9, 14, 25), (6, 24, 30, 40), ("basic", "gold")


def test_what_grows_or_falls_as_an_offer_gets_better_does_so() -> None:
    """Offers of either side on a grid: of two, of which one is better for us on some issue and worse on none, every
    fact that a lemma speaks of goes its way, and each of them does so somewhere."""
    engine = Engine(policy_of(PLAIN), Core.PLAIN)
    decoder, position = Decoder(engine.policy), None

    def evaluated(event, number):
        line = {"id": f"e{number}", "deal": "D", "at": "2026-03-02T09:00:00Z", **event}
        return engine.evaluate(position, decoder.decode(canonical(line)).unwrap())

    for number, event in enumerate(DEAL):
        position = evaluated(event, number).after
    paths = {name: entry.path for name, entry in engine.policy.catalog.items() if entry.path in GROWS}
    places = list(product(range(len(DISCOUNTS)), range(len(TERMS)), range(len(SUPPORTS))))
    moved = set()
    for head in ({"by": "us", "actor": "ann"}, {"by": "them"}):
        facts = {}
        for place in places:
            discount, term, support = (of[n] for of, n in zip((DISCOUNTS, TERMS, SUPPORTS), place, strict=True))
            terms = {"discount": f"{discount}%", "term": f"{term} months", "support": support}
            facts[place] = engine.all_facts(evaluated({"type": "offer", **head, "terms": terms}, len(DEAL)))
        for (a, b, c), (d, e, f) in product(places, places):
            if d <= a and e >= b and f <= c:
                worse, better = facts[a, b, c], facts[d, e, f]
                for name, path in paths.items():
                    if worse[name] is not None and better[name] is not None:
                        assert GROWS[path] * better[name] >= GROWS[path] * worse[name], name
                        moved |= {path} if better[name] != worse[name] else set()
    assert moved == GROWS.keys()


@pytest.mark.parametrize(
    ("reads", "aside"),
    [
        ("ours.uncleared > 3", {"saying-it-again"}),
        ("since.opened > 3 days", {"saying-it-again", "steps-buy-nothing"}),
        ("offer.first", {"steps-buy-nothing"}),
        ("give.value > 3 USD", set()),
    ],
)
def test_nothing_is_said_of_rules_that_read_what_moves_by_itself(reads: str, aside: set[str]) -> None:
    """By what they conclude of each other too: whoever reads the last of several conclusions reads what is behind."""
    chain = f"""\
  tired: {{why: w, on: our offer, when: {reads}, then: {{conclude: tired}}}}
  weary: {{why: w, on: our offer, when: concluded.tired, then: {{conclude: weary}}}}
  rests: {{why: w, on: our terms, when: concluded.weary, then: hold}}
"""
    assert {p.name for p in properties(policy_of(PLAIN + chain)) if "rests" in p.aside} == aside


WALK = 5
"""Of the verdicts, from 0 for proceed."""


def ruled(severity: int, *, closed: bool = False) -> Ruled:
    """Return a ruling of which all is known."""
    return Ruled((), (), (), tuple(n <= severity for n in range(WALK + 1)), closed)


@pytest.mark.parametrize(
    ("one", "other", "milder"),
    [
        (ruled(2), ruled(1), True), (ruled(1), ruled(2), False), (ruled(2), ruled(2), False),
        (ruled(WALK, closed=True), ruled(WALK), True), (ruled(WALK), ruled(WALK, closed=True), False),
        (ruled(WALK, closed=True), ruled(WALK, closed=True), False), (ruled(WALK), ruled(4), True),
    ],
)  # fmt: skip
def test_an_answer_is_milder_by_its_verdict_and_of_two_walks_by_its_door(
    one: Ruled, other: Ruled, milder: bool
) -> None:
    """A door that stays open is one that others come back by."""
    assert is_milder(one, other) is milder
