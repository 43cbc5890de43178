"""Mutants, and deals that tell them from the rule: every change is one, and every witness is true."""

import json
from collections import Counter
from itertools import product

import pytest
from tests.helpers.findings import BASE, read, with_rule
from tests.helpers.mutants import GROUND, SHORTER, TALK

from walkaway import Decision, Engine, Policy, Stream
from walkaway.decide.engine import Core
from walkaway.policy.tables import look_up
from walkaway.testing.killers import KillingDeal, killing_deal
from walkaway.testing.mutants import Mutant, mutants_of

pytestmark = pytest.mark.slow

OPEN = {
    "id": "e0",
    "deal": "x",
    "at": "2026-10-05T09:00:00Z",
    "type": "open",
    "facts": {"list_price": "10,000 USD", "segment": "smb"},
}
OFFER = {
    "id": "e1",
    "deal": "x",
    "at": "2026-10-05T10:00:00Z",
    "type": "offer",
    "by": "us",
    "terms": {"discount": "1%"},
}


def of(when: str, more: str = "") -> list[Mutant]:
    """Return the mutants of the rule `example` with a condition."""
    return [m for m in mutants_of(read(with_rule(when, more=more)).unwrap()) if m.of == "example"]


@pytest.mark.parametrize(
    ("when", "changes"),
    [
        ("offer.discount > 5%", ["taken away", "turned round", "moved up by 0.0001%", "moved down by 0.0001%"]),
        ("give.value > get.value", ["taken away", "turned round", "moved up by 0.01 USD", "moved down by 0.01 USD"]),
        ("deal.segment = smb", ["taken away", "turned round"]),
        ("offer.prepay and known(deal.growth)", ["taken away", "turned round", "turned round"]),
        ("ours.offers between 2 and 4", ["taken away", *["turned round", "moved up by 1", "moved down by 1"] * 2]),
    ],
)
def test_a_policy_is_changed_in_every_small_way(when, changes):
    """The rule, each leaf, and each threshold both ways."""
    found = [m.what.removeprefix("its threshold ") for m in of(when)]
    assert found == changes


def test_a_mutant_differs_in_one_rule_only():
    """All other rules are the same, and the built-in ones are never changed."""
    policy = read(with_rule("not (offer.discount > 5% or ours.offers = 1)")).unwrap()
    of_rules = [m for m in mutants_of(policy) if m.changes]
    for mutant in of_rules:
        assert [r.id for r, c in zip(policy.rules, mutant.policy.rules, strict=True) if r != c] == [mutant.of]
    assert Counter(m.of for m in of_rules) == {"bad-faith": 4, "example": 7}


def fired(policy, found: KillingDeal) -> bool:
    """Return whether the rule that tells fires at the end of a witness."""
    lines = [json.dumps({**e, "id": f"e{n}", "deal": "d"}).encode() for n, e in enumerate(found.events)]
    *_, last = Stream(Engine(policy, Core.PLAIN)).lines(lines, "witness")
    assert isinstance(last, Decision)
    return found.rule in {reason.rule for reason in last.reasons}


CONDITIONS = [
    "offer.discount > 5%",
    "give.value > get.value",
    "give.value > 5% of deal.list_price",
    "room.discount < 3% and give.value > 0 USD",
    "offer.term >= 24 months and deal.segment = enterprise",
    "known(theirs.last.discount) and theirs.last.discount - offer.discount > 5%",
    "ours.offers >= 2 and signals.deception >= 1",
    "known(deal.growth) and deal.growth < 2.5",
    "known(since.our_offer) and since.our_offer < 2 hours",
    "not (offer.support = gold or offer.discount <= 2%)",
    "max(offer.discount, 3%) > 4%",
]


@pytest.mark.parametrize("when", CONDITIONS)
def test_a_witness_tells_a_mutant_from_the_rule(when):
    """From one plain deal, for every mutant: the rule fires as the witness says, and changed it does the opposite."""
    policy = read(with_rule(when)).unwrap()
    for mutant in of(when):
        found = killing_deal(policy, mutant, [(OPEN, OFFER)])
        assert found is not None, (mutant.text, mutant.what)
        assert fired(policy, found) is found.fires
        assert fired(mutant.policy, found) is not found.fires


def test_no_witness_is_given_where_there_is_none():
    """A leaf that another one implies can be changed, and no deal shows it."""
    policy = read(with_rule("offer.discount > 5% and offer.discount > 3%")).unwrap()
    moved = [m for m in of("offer.discount > 5% and offer.discount > 3%") if m.text.endswith("3%")]
    assert [killing_deal(policy, m, [(OPEN, OFFER)]) for m in moved if "moved" in m.what] == [None, None]


def test_without_a_deal_there_is_no_witness():
    """A search begins from what is known."""
    policy = read(BASE).unwrap()
    assert killing_deal(policy, next(mutants_of(policy)), []) is None


def ground() -> Policy:
    """Return the policy with something of everything."""
    return read(GROUND["policy.yaml"], {name: text.encode() for name, text in GROUND.items()}).unwrap()


def test_limits_are_moved_where_some_rule_looks_at_them():
    """Numbers by a unit either way, words to each other word; a wish that no rule reads is not moved."""
    found = Counter(m.of for m in mutants_of(ground()) if " of " in m.of)
    assert found == {
        "start of discount": 2,
        "wish of discount": 2,
        "want of discount": 2,
        "start of term": 2,
        "start of support": 2,
        "walk of support": 2,
        "want of the package": 2,
        "walk of the package": 2,
    }
    (gold, *_) = (m for m in mutants_of(ground()) if m.of == "walk of support")
    assert (gold.text, gold.what, str(gold.span)) == ("gold", "changed to basic", "policy.yaml:17:96")


def test_cells_are_moved_at_their_place():
    """Numbers that are looked up, and the end of each range: file, line and column are the cell's."""
    found = {(m.of, m.text, str(m.span), m.what) for m in mutants_of(ground()) if m.table}
    cells = {("15%", "2:7"), ("18%", "3:8"), ("17%", "4:8"), ("20%", "5:8")}
    ends = {("0..49", "2:1"), ("50..99", "3:1"), ("50..99", "4:1")}
    ways = ("up", "down")
    assert found == {
        ("walk in table floors", text, f"floors.csv:{at}", f"it moved {way} by 0.0001%")
        for (text, at), way in product(cells, ways)
    } | {
        ("seats in table floors", text, f"floors.csv:{at}", f"its upper end moved {way} by 1")
        for (text, at), way in product(ends, ways)
    }


@pytest.mark.parametrize(
    "table",
    [
        "seats,walk\n0..49,15%\n50..99,18%\n>= 100,20%\n",
        "seats,walk\n>= 100,20%\n0..49,15%\n50..99,18%\n",
        "seats,walk\n7,15%\n0..6,18%\n8..1000,20%\n> 1000,21%\n",
    ],
)
def test_the_end_of_a_range_moves_one_value_to_its_neighbour(table):
    """Whichever row stands first: one number gets the cells of the row beside it, and all others keep theirs."""
    policy = read(GROUND["policy.yaml"], {"floors.csv": table.encode()}).unwrap()
    moved = [m for m in mutants_of(policy) if m.of.startswith("seats")]
    assert moved
    for mutant in moved:
        cells = [[look_up(p.tables["floors"], [n], 0) for n in range(1_100)] for p in (policy, mutant.policy)]
        walks = [[row and row.cells["walk"] for row in column] for column in cells]
        (apart,) = [n for n in range(1_100) if walks[0][n] != walks[1][n]]
        assert walks[1][apart] in (walks[0][apart - 1], walks[0][apart + 1])


def test_the_first_row_that_hits_keeps_its_place():
    """In a table of that kind a range grows only into rows below it."""
    text = GROUND["policy.yaml"].replace("key: seats}", "key: seats, hit: first}")
    policy = read(text, {"floors.csv": b"seats,walk\n<= 49,15%\n<= 99,18%\n*,20%\n"}).unwrap()
    apart = []
    for mutant in (m for m in mutants_of(policy) if m.of.startswith("seats")):
        tables = policy.tables["floors"], mutant.policy.tables["floors"]
        rows = [[look_up(t, [n], 0) for n in range(200)] for t in tables]
        walks = [[row.cells["walk"] // 10_000 for row in each if row] for each in rows]
        apart.append([(n, a, b) for n, (a, b) in enumerate(zip(*walks, strict=True)) if a != b])
    assert apart == [[(50, 18, 15)], [(49, 15, 18)], [(100, 20, 18)], [(99, 18, 20)]]


def test_patterns_and_definitions_are_changed():
    """Each leaf of a pattern, and a definition in all places; one that is a threshold alone is moved as that."""
    of = Counter(m.of for m in mutants_of(ground()))
    assert (of["pattern nibble"], of["definition cap"]) == (3, 2)
    text = GROUND["policy.yaml"].replace("give.value + cap > 2 * cap", "give.value > cap")
    alone = read(text, {"floors.csv": GROUND["floors.csv"].encode()}).unwrap()
    assert Counter(m.of for m in mutants_of(alone))["definition cap"] == 0


SEATS = """policy: seats
version: 1
side: seller
currency: USD
issues:
  seats: {type: count, start: 100, least: 1, most: 500, worth: 1 USD per 1}
  price: {type: money, start: 100 USD, least: 0 USD, most: 900 USD, worth: 100 USD per 1 USD}
  fee: {type: money, start: 10 USD, least: 0 USD, most: 90 USD, worth: 1 USD per 1 USD}
derived: {total: offer.seats * offer.price + offer.seats * offer.fee}
rules:
  small: {why: w, on: our offer, when: "derived.total < 5,000 USD", then: refuse}
"""


def test_what_is_derived_is_moved_and_loses_a_product():
    """By a unit where more than one comparison rests on it; each product of a sum is left out in turn."""
    found = [m for m in mutants_of(read(SEATS).unwrap()) if m.of == "derived.total"]
    assert [m.what for m in found] == ["its first part is left out", "its second part is left out"]
    offer = {**OFFER, "terms": {"seats": "10", "price": "490 USD"}}
    lines = [json.dumps({**OPEN, "facts": {}}).encode(), json.dumps(offer).encode()]
    answers = [
        list(Stream(Engine(p)).lines(lines, "d"))[-1] for p in (read(SEATS).unwrap(), *[m.policy for m in found])
    ]
    assert [a.verdict for a in answers if isinstance(a, Decision)] == ["proceed", "refuse", "refuse"]
    twice = SEATS + '  large: {why: w, on: our offer, when: "derived.total > 50,000 USD", then: refuse}\n'
    of = Counter(m.what for m in mutants_of(read(twice).unwrap()) if m.of == "derived.total")
    assert {"it moved up by 0.01 USD", "it moved down by 0.01 USD"} <= of.keys()


def test_a_witness_tells_every_other_mutant_too():
    """From two plain deals, for each number beside the rules: a rule fires as the witness says, changed it does not."""
    policy = ground()
    for mutant in mutants_of(policy):
        found = killing_deal(policy, mutant, [TALK, SHORTER])
        assert found is not None, (mutant.of, mutant.text, mutant.what)
        assert fired(policy, found) is found.fires
        assert fired(mutant.policy, found) is not found.fires
