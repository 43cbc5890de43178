"""What moves are called: Hindriks, Jonker and Tykhonov (2007), table of steps."""

import pytest

from walkaway.deal.moves import Label, label, label_of
from walkaway.events import Party

POLICY = """
policy: moves
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%"}
  term: {type: months, start: 12 months, worth: 125 USD per month}
  logo: {type: yes/no, start: no, worth: 0 USD}
rules:
  none: {why: w, on: tick, when: no, then: hold}
"""
THEIRS = (
    POLICY.replace("per 1%", 'per 1%", theirs: "900 USD per 1%')
    .replace("125 USD per month", '125 USD per month, theirs: "50 USD per month"')
    .replace("worth: 0 USD", "worth: 0 USD, theirs: -10 USD")
)


@pytest.mark.parametrize(
    ("mine", "other", "name"),
    [
        (1, 1, "fortunate"),
        (1, 0, "selfish"),
        (1, -1, "selfish"),
        (0, 1, "nice"),
        (0, 0, "silent"),
        (0, -1, "unfortunate"),
        (-1, 1, "concession"),
        (-1, 0, "concession"),
        (-1, -1, "unfortunate"),
    ],
)
def test_the_signs_of_both_changes_name_a_move(mine, other, name):
    """Six names for nine pairs."""
    assert label_of(mine, other) == name


def named(deal, **event):
    """Name one more event, and decide it."""
    found = []
    evaluate = deal.engine.evaluate

    def seen(position, event, history):
        found.append(evaluate(position, event, history))
        return found[-1]

    deal.engine.evaluate = seen
    deal(**event)
    deal.engine.evaluate = evaluate
    move = found[0].move
    return None if move is None else label(deal.engine.policy, found[0].before, move)


def offer(deal, by, **terms):
    """Name an offer."""
    return named(deal, type="offer", by=by, terms=terms)


@pytest.fixture
def deal(tell):
    """Return an open deal in which both sides have made an offer; what terms are worth to them is not known."""
    found = tell(POLICY)
    found.open()
    found.them(discount="10%")
    found.us(discount="2%")
    return found


def test_a_first_offer_changes_nothing_yet(tell):
    """It has no name, but what it is worth is told."""
    deal = tell(POLICY)
    deal.open()
    found = offer(deal, "us", discount="2%")
    assert (found.labels, found.ours) == ((), -200_000)


@pytest.mark.parametrize(
    ("by", "terms", "names"),
    [
        ("us", {"discount": "3%"}, {"concession"}),
        ("us", {"discount": "1%"}, {"selfish"}),
        ("us", {"discount": "2%"}, {"silent"}),
        ("us", {"discount": "3%", "term": "24 months"}, {"selfish", "fortunate"}),
        ("us", {"discount": "4%", "term": "24 months"}, {"concession", "unfortunate"}),
        ("us", {"discount": "3%", "term": "20 months"}, {"unfortunate", "nice", "silent"}),
        ("us", {"logo": "yes"}, {"unfortunate", "nice", "silent"}),
        ("them", {"discount": "8%"}, {"concession"}),
        ("them", {"discount": "12%"}, {"selfish"}),
        ("them", {"discount": "10%"}, {"silent"}),
        ("them", {"term": "6 months"}, set()),
        ("them", {"term": "6 months", "discount": "8%"}, {"concession"}),
    ],
)
def test_contested_issues_name_a_move_where_all_signs_agree(deal, by, terms, names):
    """What is better for us is taken to be worse for them; where issues go both ways, several names remain.

    What they name for the first time is no move.
    """
    assert set(offer(deal, by, **terms).labels) == names


def test_of_several_names_the_assumed_one_is_that_of_a_move_that_changes_nothing_for_them(deal):
    """A give that asks is a concession if they are indifferent, an even trade is silent."""
    found = offer(deal, "us", discount="4%", term="20 months")
    assert found.labels == (Label.CONCESSION, Label.UNFORTUNATE)
    assert found.assumed(Party.US) == "concession"
    assert offer(deal, "us", discount="5%", term="28 months").assumed(Party.US) == "silent"


def test_what_a_policy_says_of_their_worths_names_every_move(tell):
    """1% costs us 1,000 USD and brings them 900, 12 months bring us 1,500 and them 600."""
    deal = tell(THEIRS)
    deal.open()
    deal.them(discount="10%")
    deal.us(discount="2%")
    found = offer(deal, "us", discount="3%", term="24 months")
    assert (found.labels, found.ours, found.theirs) == ((Label.FORTUNATE,), 50_000, 150_000)
    assert offer(deal, "us", logo="yes").labels == (Label.UNFORTUNATE,)
    assert offer(deal, "us", logo="no").labels == (Label.NICE,)
    assert offer(deal, "them", discount="9%").labels == (Label.CONCESSION,)


def test_an_acceptance_is_named_and_a_tick_is_not(deal):
    """Who accepts moves to the other's terms."""
    assert named(deal, type="accept", by="them").labels == (Label.CONCESSION,)
    assert named(deal, type="tick") is None
