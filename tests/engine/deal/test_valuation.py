"""What a deal's opening facts decide: worths, start terms and limits, exact to the smallest unit."""

from fractions import Fraction

import pytest

from walkaway import policy
from walkaway.deal.valuation import OutOfRange, open_deal
from walkaway.events import Limits

POLICY = """
policy: worths
version: 1
side: seller
currency: USD
deal:
  list_price: money
  region: {one of: [north, south]}
  rate: {type: number, default: 2.5}
  note: {type: text, optional: yes}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: "caps[deal.region].walk"}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}
  price: {type: money, start: 10% of deal.list_price, worth: 1 USD per 3 USD, walk: 5% of deal.list_price}
  fee: {type: money, start: 0 USD, worth: -1 USD per 1 USD, walk: 1% of deal.list_price}
  days: {type: days, start: 30 days, worth: deal.rate * 10 USD per 2 days}
  plan: {one of: {small: 0 USD, large: 1% of deal.list_price, free: "-200 USD"}, start: small, walk: free}
package: {base: deal.list_price, walk: 80% of deal.list_price}
tables: {caps: {file: caps.csv, key: region}}
rules:
  nothing-for-nothing: {why: w, on: our offer, when: give.value > get.value, then: trade}
"""
CAPS = b"region,walk,from\nnorth,20%,\nnorth,15%,2026-10-01\nsouth,12.5%,\n"
OCTOBER = 20_727
"""2026-10-01 as days since 1970: 56 years of 365 days, 14 leap days, and 273 days."""


@pytest.fixture(scope="module")
def worths():
    """Return the policy."""
    return policy.read(POLICY.encode(), "policy.yaml", {"caps.csv": CAPS}.get).unwrap()


def opened(worths, limits=None, batna=None, day=OCTOBER, **facts):
    """Open a deal of 1,000 USD in the north, or of what *facts* say."""
    return open_deal(worths, {"list_price": 100_000, "region": "north", **facts}, limits or {}, batna, day)


def test_a_worth_per_step_is_exact(worths):
    """One smallest unit of an issue may be worth a fraction of a cent; the scale makes all of them whole."""
    valuation = opened(worths).valuation
    # 1/10,000 of 1% of discount is 0.001 USD, a month 1.25 USD, a cent of price a third of a cent, a day 12.50 USD.
    assert valuation.scale == 30
    assert valuation.worths["discount"] == -3  # 0.1 cents, in thirtieths of a cent
    assert valuation.worths["term"] == 125 * 30
    assert valuation.worths["price"] == 10
    assert valuation.worths["days"] == 1250 * 30
    assert valuation.worths["plan"] == {"small": 0, "large": 1000 * 30, "free": -20_000 * 30}
    assert valuation.base == 100_000 * 30


def test_a_change_is_told_in_our_favour(worths):
    """Above zero where the new value is worth more to us, for quantities and for symbols."""
    valuation = opened(worths).valuation
    assert valuation.change("discount", 50_000, 60_000) == -1_000 * 30  # 5% to 6% of 1,000 USD: 10 USD less
    assert valuation.change("plan", "large", "free") == -21_000 * 30


@pytest.mark.parametrize(
    ("thirtieths", "cents"), [(14, 0), (15, 0), (16, 1), (44, 1), (45, 2), (-15, 0), (-16, -1), (-45, -2)]
)
def test_rounding_is_half_even(worths, thirtieths, cents):
    """A tie goes to the even cent, on either side of zero."""
    assert opened(worths).valuation.rounded(thirtieths) == cents


def test_a_limit_between_two_units_lies_there(worths):
    """5% of 1,000.10 USD is 50.005, and that is what prices are held against (law 8)."""
    known = opened(worths, list_price=100_010).known
    assert (known["walk.price"], known["walk.package"]) == (Fraction(10_001, 2), 80_008)
    assert known["walk.fee"] == Fraction(100_010, 100)


def test_the_start_terms_may_rest_on_a_fact(worths):
    """Ten percent of the list price."""
    assert opened(worths).start == {
        "discount": 0,
        "term": 12,
        "price": 10_000,
        "fee": 0,
        "days": 30,
        "plan": "small",
    }


@pytest.mark.parametrize(
    ("region", "day", "walk"),
    [("north", OCTOBER - 1, 200_000), ("north", OCTOBER, 150_000), ("south", OCTOBER, 125_000)],
)
def test_a_table_gives_the_row_in_force_when_the_deal_opens(worths, region, day, walk):
    """Of the rows of a key the latest that has come into force by then."""
    assert opened(worths, region=region, day=day).known["walk.discount"] == walk


@pytest.mark.parametrize(("plan", "distance"), [("large", 21_000), ("small", 20_000), ("free", 0)])
def test_the_distance_of_symbols_is_money(worths, plan, distance):
    """How much better than the walk value they are."""
    valuation = opened(worths).valuation
    bound = next(b for b in valuation.walks if b.issue == "plan")
    assert valuation.distance(bound, plan) == distance


def test_the_distance_of_quantities_is_in_our_favour(worths):
    """A fee and a discount are better below their walk value, a price above it."""
    valuation = opened(worths).valuation
    walks = {b.issue: b for b in valuation.walks}
    assert valuation.distance(walks["fee"], 1_001) == -1
    assert valuation.distance(walks["price"], 5_001) == 1
    assert valuation.distance(walks["discount"], 150_000) == 0
    assert set(walks) == {"discount", "price", "fee", "plan"}


def test_a_default_stands_in_for_a_fact(worths):
    """A deal that states it says otherwise."""
    assert opened(worths).known["deal.rate"] == 25_000
    assert opened(worths, rate=40_000).valuation.worths["days"] == 2000 * opened(worths, rate=40_000).valuation.scale


def test_what_is_missing_is_named_and_nothing_is_guessed(worths):
    """Without the list price there are no worths, no start terms and no package limit; an optional fact is no lack."""
    found = open_deal(worths, {"region": "south"}, {}, None, OCTOBER)
    assert found.valuation is None
    assert found.start is None
    assert found.known["walk.discount"] == 125_000
    assert found.missing == (
        "the deal fact `list_price`",
        "the walk value of `fee`",
        "the walk value of `price`",
        "the walk value of the package",
    )


def test_a_missing_key_of_a_table_is_one_lack(worths):
    """The row cannot be chosen; worths can be computed all the same."""
    found = open_deal(worths, {"list_price": 100_000}, {}, None, OCTOBER)
    assert found.valuation is not None
    assert found.missing == ("the deal fact `region`", "the walk value of `discount`")


def test_the_batna_is_a_fact_as_stated(worths):
    """It may be negative, as a buyer's is, or unknown."""
    assert opened(worths, batna=-650_000).known["batna.worth"] == -650_000
    assert opened(worths).known["batna.worth"] is None


def test_tighter_and_looser_follow_the_direction_of_worth(worths):
    """A higher price limit is tighter, a higher fee limit looser, and symbols go by what they are worth."""

    def looser(**limits):
        return [name for name, _, _ in opened(worths, {n: Limits(walk=v) for n, v in limits.items()}).looser]

    assert looser(price=5_001, fee=999, discount=149_999, plan="small", package=80_001) == []
    assert looser(price=5_000, fee=1_000, discount=150_000, plan="free", package=80_000) == []
    assert looser(price=4_999, fee=1_001, discount=150_001, package=79_999) == ["discount", "price", "fee", "package"]


def test_a_worth_that_turns_its_direction_is_refused(worths):
    """A negative list price would make a discount a gain."""
    with pytest.raises(OutOfRange, match="the worth of `discount` turns its direction with these facts"):
        opened(worths, list_price=-100_000)


def test_a_limit_beyond_what_is_held_is_refused(worths):
    """2^53 of the smallest unit is the end, in limits and start values alike."""
    with pytest.raises(OutOfRange, match="beyond ±2\\^53"):
        opened(worths, list_price=2**53 * 20)
