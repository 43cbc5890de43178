"""Worths that hang on another issue are what the product says, to whoever reckons them.

A long run over deals made up from fresh seeds:

    WALKAWAY_ACROSS=20000 pytest --timeout 0 -s tests/properties/test_across.py
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random

import msgspec
import pytest
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.generated_functions import assert_same
from tests.helpers.haggling import ACROSS, BOUND, Said, haggled, loaded
from tests.helpers.strategies import SEED, size

from walkaway.advice.counteroffers import Seeker, asked_about
from walkaway.deal.decode import Decoder
from walkaway.decide.core import rete
from walkaway.decide.engine import Core, Engine
from walkaway.events import THEM, US, AnyEvent, Offer, Open
from walkaway.policy import Policy

pytestmark = [pytest.mark.slow, pytest.mark.search]

DEALS = size("WALKAWAY_ACROSS", 14, 400)
OFFERS = 4


def example(issues: Said, package: Said, **deal: str) -> Policy:
    """Return one of the examples as a policy."""
    said = {
        "policy": "example", "version": "1", "side": "seller", "currency": "USD", "deal": deal, "issues": issues,
        "package": package,
        "rules": {"free": {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade"}},
    }  # fmt: skip
    return loaded(said)


def by_term(*worths: str) -> Said:
    """Return what is said at 12, 24 and 36 months."""
    return dict(zip(("12 months", "24 months", "36 months"), worths, strict=True))


TERM: Said = {"type": "months", "values": ["12 months", "24 months", "36 months"], "start": "12 months"}
YEARS = by_term("deal.year", "200% of deal.year", "300% of deal.year")
NOTHING, A_YEAR = "0 USD per 1%", "-1% of deal.year per 1%"


def percent(worth: object, by: str = "") -> Said:
    """Return a discount, worth something that may hang on another issue."""
    return {"type": "percent", "start": "0%", "worth": worth, **({"by": by} if by else {})}


CONTRACT = example(
    {
        "term": TERM,
        "discount": percent(by_term(A_YEAR, "-2% of deal.year per 1%", "-3% of deal.year per 1%"), "term")
        | {"walk": by_term("20%", "18%", "15%")},
    },
    {"by": "term", "base": YEARS, "walk": "80% of package.base"},
    year="money",
)
"""A contract's value over a term that is negotiated."""
RAMP = example(
    {
        "term": TERM,
        "year1": percent(A_YEAR),
        "year2": percent(by_term(NOTHING, A_YEAR, A_YEAR), "term"),
        "year3": percent(by_term(NOTHING, NOTHING, A_YEAR), "term"),
    },
    {"by": "term", "base": YEARS, "walk": "80% of package.base"},
    year="money",
)
"""A discount for each year, of which only those inside the term count."""
STACKED = example(
    {
        "header": {"type": "percent", "values": ["0%", "2%", "5%", "10%"], "start": "0%"},
        "seats_discount": percent("-1% of deal.seats_total * (100% - header) per 1%", "header") | {"walk": "30%"},
        "support_discount": percent("-1% of deal.support_total * (100% - header) per 1%", "header") | {"walk": "15%"},
    },
    {
        "by": "header", "base": "(100% - header) * (deal.seats_total + deal.support_total)",
        "walk": "85% of deal.seats_total + 85% of deal.support_total",
    },
    seats_total="money",
    support_total="money",
)  # fmt: skip
"""A discount on the whole, from a list, on top of discounts on its lines."""


def left(share: object) -> Fraction:
    """Return what a discount, in 1/10,000 percent, leaves."""
    assert isinstance(share, int)
    return 1 - Fraction(share, 1_000_000)


def contract(deal: Mapping[str, int], terms: Mapping[str, object]) -> Fraction:
    return deal["year"] * Fraction(int(str(terms["term"])), 12) * left(terms["discount"])


def ramp(deal: Mapping[str, int], terms: Mapping[str, object]) -> Fraction:
    years = int(str(terms["term"])) // 12
    return sum((deal["year"] * left(terms[f"year{n}"]) for n in range(1, years + 1)), Fraction(0))


def stacked(deal: Mapping[str, int], terms: Mapping[str, object]) -> Fraction:
    seats, support = (deal[f"{line}_total"] * left(terms[f"{line}_discount"]) for line in ("seats", "support"))
    return (seats + support) * left(terms["header"])


@pytest.mark.parametrize(("policy", "product"), [(CONTRACT, contract), (RAMP, ramp), (STACKED, stacked)])
def test_an_offer_is_worth_what_the_product_of_its_terms_is(
    policy: Policy, product: Callable[[Mapping[str, int], Mapping[str, object]], Fraction]
) -> None:
    """In fractions, over deals made up at random; and what all moves give and ask adds up to it, whatever the path."""
    random, engine = Random(SEED), Engine(policy, Core.PLAIN)
    for _ in range(DEALS):
        facts = {name: random.randint(1, 10**9) for name in policy.deal}
        opening = Open(id="0", deal="D", at="2026-10-05T09:00:00Z", instant=0, facts=facts)
        position = engine.evaluate(None, opening).after
        for number in range(1, OFFERS + 1):
            by = random.choice((US, THEM))
            terms = {
                name: random.choice(issue.finite) if issue.finite else random.randint(0, 400_000)
                for name, issue in policy.issues.items()
                if random.randrange(3)
            }
            offer = Offer(id=str(number), deal="D", at="", instant=number, by=by, terms=terms)
            found = engine.evaluate(position, offer)
            facts_, move = engine.all_facts(found), found.move
            assert move is not None
            expected = product(facts, move.terms)
            assert facts_["offer.worth"] == expected
            assert facts_["room.package"] == expected - least(policy, facts, move.terms)
            if by is US:
                cleared = product(facts, position.cleared)
                assert facts_["asked.value"] - facts_["give.value"] == expected - cleared  # type: ignore[operator]
            position = found.after


def least(policy: Policy, deal: Mapping[str, int], terms: Mapping[str, object]) -> Fraction:
    """Return the least that the whole may be worth."""
    if policy is STACKED:
        return Fraction(85, 100) * (deal["seats_total"] + deal["support_total"])
    return Fraction(80, 100) * deal["year"] * Fraction(int(str(terms["term"])), 12)


ENGINES = {said["policy"]: Engine(loaded(said), Core.BOTH if rete.is_available() else Core.PLAIN) for said in ACROSS}


def deals() -> list[tuple[Engine, list[AnyEvent]]]:
    """Return deals made up at random under policies with worths and limits that hang on another issue."""
    random, found = Random(SEED), []
    for _ in range(DEALS):
        said, events = haggled(random.getrandbits(40), ACROSS)
        engine = ENGINES[said["policy"]]
        decoder = Decoder(engine.policy)
        read = [event for e in events if (event := decoder.decode(json.dumps(e).encode()).value) is not None]
        found.append((engine, read))
    return found


def test_generated_functions_give_what_the_rooms_give() -> None:
    """Event by event the same evidence, and the same deal afterwards; both cores agree."""
    seen = Counter[str]()
    for engine, events in deals():
        seen += assert_same(engine, events)
    assert seen["Offer"] > DEALS / 4


@pytest.mark.parametrize("base", BOUND)
def test_they_do_so_whatever_their_word_counts_from(base: str) -> None:
    """The same deals under each base, with and without a selector: what comes down is counted in one way."""
    seen, engines = Counter[str](), {said["policy"]: Engine(loaded(said), Core.PLAIN) for said in BOUND[base]}
    for seed in range(30):
        said, events = haggled(seed, BOUND[base])
        engine = engines[said["policy"]]
        decoder = Decoder(engine.policy)
        read = [event for e in events if (event := decoder.decode(json.dumps(e).encode()).value) is not None]
        seen += assert_same(engine, read)
    assert seen["Offer"] > 30


@pytest.mark.solver
def test_formulas_say_what_the_engine_says() -> None:
    """The ledger that proofs rest on, written a second time, is the engine's at every event; constraints hold."""
    for engine, events in deals()[: DEALS // 2]:
        for step in follow(engine, events):
            assert_encoded(engine.policy, engine, step)


def test_a_counteroffer_at_another_value_gets_what_it_promises() -> None:
    """Taken, it gets its verdict, is beyond no limit there, and is worth no less to us than what was asked about."""
    changed = 0
    for engine, events in deals()[: DEALS // 2]:
        for step in follow(engine, events, Seeker(engine).record):
            about, offers = asked_about(step.found), step.decision.counteroffers
            if about is None or not offers:
                continue
            position, asked = about
            before = engine.evaluate(position, asked).ours
            assert before is not None
            for offered in (o for o in offers if not o.when and o.why.startswith("Change")):
                line = {"id": "taken", "deal": asked.deal, "at": asked.at, "type": "offer", "by": "us"}
                more = {"actor": asked.actor} if asked.actor else {}
                text = msgspec.json.encode({**line, **more, "terms": dict(offered.terms)})
                found = engine.evaluate(position, Decoder(engine.policy).decode(text).unwrap())
                assert found.ruling.verdict is offered.verdict
                assert found.room is not None
                assert not found.room.beyond
                assert found.ours is not None
                assert (found.ours.worth or 0) >= (before.worth or 0)
                changed += 1
    assert changed > 0
