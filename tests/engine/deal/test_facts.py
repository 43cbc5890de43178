# Over 400 lines: each fact of the catalog has its tests here, in the order of docs/facts.md.
"""Every fact of the catalog, by examples computed by hand (design.md, 6). List price 100,000 USD: 1% is 1,000 USD."""

import pytest
from tests.engine.conftest import SELLER, Telling, read_policy

from walkaway.events import On

BUYER = """
policy: buyer
version: 1
side: buyer
currency: USD
issues:
  price: {type: money, start: "7,500 USD", worth: -1 USD per 1 USD, want: "6,800 USD", walk: "7,000 USD"}
package: {base: "-7,500 USD"}
rules:
  nothing-for-nothing: {why: w, on: our offer, when: give.value > get.value, then: trade}
"""

THIRDS = """
policy: thirds
version: 1
side: seller
currency: USD
issues:
  seats: {type: count, start: 0, worth: 0.01 USD per 6}
  half: {type: count, start: 0, worth: 0.01 USD per 2}
rules:
  any: {why: w, on: our offer, when: give.value > get.value, then: trade}
"""

FREE = SELLER.replace(
    "when: give.value > get.value, then: trade}", "when: give.value > get.value, then: trade, enforcement: advisory}"
)
"""The policy of these tests: as `SELLER`, but a gift is let through, so that what it gives is counted."""


@pytest.fixture
def tell():
    """Return a function that begins to tell a deal: under the policy `FREE`, or under the text given."""
    return lambda what=FREE: Telling(read_policy(what))


@pytest.fixture
def told(tell):
    """Return a deal under `FREE` that is open."""
    found = tell()
    found.open()
    return found


LIMITS = {
    "batna.worth": "78,000 USD",
    "deal.list_price": "100,000 USD",
    "deal.segment": "unknown",
    "deal.size": "1",
    "walk.discount": "20%",
    "walk.package": "80,000 USD",
    "walk.prepay": "unknown",
    "walk.support": "basic",
    "walk.term": "unknown",
    "want.discount": "8%",
    "want.package": "90,000 USD",
    "want.prepay": "unknown",
    "want.support": "none",
    "want.term": "unknown",
    "wish.discount": "0%",
    "wish.package": "100,000 USD",
    "wish.prepay": "unknown",
    "wish.support": "unknown",
    "wish.term": "unknown",
}
ISSUES = ("discount", "prepay", "support", "term")
QUIET = {
    **{f"{group}.{issue}": "unknown" for group in ("earlier", "party.last") for issue in ISSUES},
    **{f"{group}.{fact}": "unknown" for group in ("since.stated", "by.stated") for fact in ("segment", "size")},
    "by.stated.list_price": "unknown",
    "open.follows": "unknown",
    "ours.final": "no",
    "ours.halted": "no",
    "ours.unsent": "0",
    "theirs.probes": "0",
    "party.deals": "0",
    "party.left_closed": "no",
    "party.open_deals": "0",
    "party.walked": "0",
    "party.won": "0",
    "since.party_closed": "unknown",
    "stated.list_price": "yes",
    "stated.segment": "no",
    "stated.size": "no",
    "theirs.final": "no",
    "update.loosens": "unknown",
    "update.outside": "unknown",
    "close.outcome": "unknown",
    "ours.reopened": "0",
    "since.left": "unknown",
    "theirs.reopened": "0",
    "approved.cfo": "no",
    "approved.director": "no",
    "approved.manager": "no",
    "concluded.nibbling": "no",
    "left.closed": "no",
    "left.open": "no",
    "agreed.stands": "no",
    "close.agreed": "unknown",
    "close.differs": "unknown",
    "missing.items": "0",
    "other.ours": "0",
    "other.theirs": "0",
    "signals.abuse": "0",
    "signals.deception": "0",
}
NO_OFFER = {
    "asked.issues": "unknown",
    "asked.value": "unknown",
    "get.value": "unknown",
    "give.issues": "unknown",
    "give.net": "unknown",
    "give.run": "unknown",
    "give.value": "unknown",
    "move.reopened": "unknown",
    "move.retracted": "unknown",
    "move.new": "unknown",
    "move.value": "unknown",
    "offer.by": "unknown",
    "offer.discount": "unknown",
    "offer.first": "unknown",
    "offer.prepay": "unknown",
    "offer.support": "unknown",
    "offer.term": "unknown",
    "offer.worth": "unknown",
    "room.beyond_walk": "unknown",
    "room.discount": "unknown",
    "room.package": "unknown",
    "room.prepay": "unknown",
    "room.short_of_want": "unknown",
    "room.support": "unknown",
    "room.term": "unknown",
}


@pytest.fixture
def story(tell):
    """Return what was seen at each event, by its number, of a deal in which everything happens."""
    deal = tell()
    seen = [
        deal.open(facts={"list_price": "100,000 USD"}, batna="78,000 USD"),
        deal.them(discount="20%", term="24 months"),
        deal.us(discount="5%", prepay="yes"),
        deal.us(discount="6%"),
        deal(type="reject", by="them"),
        deal.them(discount="15%", support="gold"),
        deal.us(discount="8%", support="gold", term="24 months"),
        deal(type="accept", by="them", issues=["discount"]),
        deal(type="signal", by="them", kind="abuse"),
        deal.them(discount="9%"),
        deal(type="tick"),
    ]
    return dict(enumerate(seen, 1))


def test_every_fact_on_an_offer_of_ours(story):
    """Give, ask and get are told against our standing terms; all else describes the deal before the offer."""
    assert story[7].facts == {
        **LIMITS,
        **QUIET,
        # From 6%, 12 months, prepaid, basic to 8%, 24 months, prepaid, gold: -2,000 and -4,000, and +1,500.
        "give.value": "6,000 USD",
        "give.issues": "2",
        "asked.value": "1,500 USD",  # 12 months more, 125 USD each
        "asked.issues": "1",
        "get.value": "2,500 USD",
        "balance": "1,000 USD",
        "move.value": "unknown",
        "move.retracted": "unknown",
        "move.reopened": "unknown",
        "offer.discount": "8%",
        "offer.term": "24 months",
        "offer.prepay": "yes",
        "offer.support": "gold",
        "offer.worth": "91,500 USD",  # 100,000 - 8,000 + 1,500 + 2,000 - 4,000
        "offer.first": "no",
        "offer.by": "us",
        "room.discount": "12%",
        "room.term": "unknown",
        "room.prepay": "unknown",
        "room.support": "-4,000 USD",  # gold against basic
        "room.package": "11,500 USD",
        "room.beyond_walk": "1",  # support
        "room.short_of_want": "1",  # support, for the discount is at its want and the package above
        "ours.offers": "2",
        "ours.concessions": "2",
        "ours.net": "-4,000 USD",  # (2,000 - 5,000) + (0 - 1,000)
        "ours.last_give": "1,000 USD",
        "ours.in_a_row": "0",  # they have answered both
        "ours.unreturned": "0",
        "ours.flat": "0",
        "ours.retracted": "0",
        "ours.settled": "0",
        "ours.rejections": "1",
        "ours.last.discount": "6%",
        "ours.last.term": "12 months",
        "ours.last.prepay": "yes",
        "ours.last.support": "basic",
        "theirs.offers": "2",
        "theirs.concessions": "1",
        "theirs.net": "5,000 USD",
        "theirs.last_give": "5,000 USD",
        "theirs.in_a_row": "1",
        "theirs.unreturned": "1",
        "theirs.flat": "0",
        "theirs.retracted": "0",
        "theirs.settled": "0",
        "theirs.rejections": "1",
        "theirs.last.discount": "15%",
        "theirs.last.term": "24 months",
        "theirs.last.prepay": "no",
        "theirs.last.support": "gold",
        "since.opened": "6 hours",
        "since.our_offer": "3 hours",
        "since.their_offer": "1 hour",
        "since.our_concession": "3 hours",
        "since.their_concession": "1 hour",
        "pattern.nibble": "0",
        "give.net": "4,500 USD",
        "give.run": "6,000 USD",
        "move.new": "unknown",
        "ours.first.discount": "5%",
        "ours.first.term": "unknown",
        "ours.first.prepay": "yes",
        "ours.first.support": "unknown",
        "theirs.first.discount": "20%",
        "theirs.first.term": "24 months",
        "theirs.first.prepay": "unknown",
        "theirs.first.support": "gold",
        "ours.cleared.discount": "6%",
        "ours.cleared.term": "12 months",
        "ours.cleared.prepay": "yes",
        "ours.cleared.support": "basic",
        "ours.uncleared": "0",
        "theirs.worth": "82,500 USD",
        "since.stated.list_price": "6 hours",
    }


def test_every_fact_on_an_acceptance_of_theirs(story):
    """Accepting one issue is an offer of theirs with our value on it; the ledger has our offer before."""
    assert story[8].facts == {
        **LIMITS,
        **QUIET,
        **NO_OFFER,
        "move.value": "7,000 USD",  # from 15% to our 8%
        "move.retracted": "0",
        "move.reopened": "0",
        "balance": "1,000 USD",
        "offer.discount": "8%",
        "offer.term": "24 months",
        "offer.prepay": "no",
        "offer.support": "gold",
        "offer.worth": "89,500 USD",  # 100,000 - 8,000 + 1,500 - 4,000
        "offer.first": "no",
        "offer.by": "them",
        "room.discount": "12%",
        "room.support": "-4,000 USD",
        "room.package": "9,500 USD",
        "room.beyond_walk": "1",
        "room.short_of_want": "2",  # support, and the package: 89,500 under 90,000
        "ours.offers": "2",
        "ours.concessions": "2",
        "ours.net": "-4,000 USD",
        "ours.last_give": "1,000 USD",
        "ours.in_a_row": "0",
        "ours.unreturned": "0",
        "ours.flat": "0",
        "ours.retracted": "0",
        "ours.settled": "0",
        "ours.rejections": "1",
        "ours.last.discount": "8%",
        "ours.last.term": "24 months",
        "ours.last.prepay": "yes",
        "ours.last.support": "gold",
        "theirs.offers": "2",
        "theirs.concessions": "1",
        "theirs.net": "5,000 USD",
        "theirs.last_give": "5,000 USD",
        "theirs.in_a_row": "1",
        "theirs.unreturned": "1",
        "theirs.flat": "0",
        "theirs.retracted": "0",
        "theirs.settled": "0",
        "theirs.rejections": "1",
        "theirs.last.discount": "15%",
        "theirs.last.term": "24 months",
        "theirs.last.prepay": "no",
        "theirs.last.support": "gold",
        "since.opened": "7 hours",
        "since.our_offer": "1 hour",
        "since.their_offer": "2 hours",
        "since.our_concession": "4 hours",
        "since.their_concession": "2 hours",
        "pattern.nibble": "0",
        "move.new": "0 USD",
        "ours.first.discount": "5%",
        "ours.first.term": "24 months",
        "ours.first.prepay": "yes",
        "ours.first.support": "gold",
        "theirs.first.discount": "20%",
        "theirs.first.term": "24 months",
        "theirs.first.prepay": "unknown",
        "theirs.first.support": "gold",
        "ours.cleared.discount": "6%",
        "ours.cleared.term": "12 months",
        "ours.cleared.prepay": "yes",
        "ours.cleared.support": "basic",
        "ours.uncleared": "1",
        "theirs.worth": "82,500 USD",
        "since.stated.list_price": "7 hours",
    }


def test_every_fact_when_only_time_passes(story):
    """A tick knows no offer; it sees what the acceptance and the demand after it have left in the ledger."""
    assert story[11].facts == {
        **LIMITS,
        **QUIET,
        **NO_OFFER,
        "signals.abuse": "1",
        "balance": "7,000 USD",
        "ours.offers": "2",
        "ours.concessions": "2",
        "ours.net": "-4,000 USD",
        "ours.last_give": "1,000 USD",
        "ours.in_a_row": "0",
        "ours.unreturned": "0",  # their acceptance was a concession
        "ours.flat": "0",
        "ours.retracted": "0",
        "ours.settled": "0",
        "ours.rejections": "1",
        "ours.last.discount": "8%",
        "ours.last.term": "24 months",
        "ours.last.prepay": "yes",
        "ours.last.support": "gold",
        "theirs.offers": "4",
        "theirs.concessions": "2",
        "theirs.net": "11,000 USD",
        "theirs.last_give": "7,000 USD",
        "theirs.in_a_row": "3",
        "theirs.unreturned": "2",
        "theirs.flat": "1",
        "theirs.retracted": "1",
        "theirs.reopened": "1",  # 8% was agreed
        "theirs.settled": "1",
        "theirs.rejections": "2",
        "theirs.last.discount": "9%",
        "theirs.last.term": "24 months",
        "theirs.last.prepay": "no",
        "theirs.last.support": "gold",
        "since.opened": "10 hours",
        "since.our_offer": "4 hours",
        "since.their_offer": "1 hour",
        "since.our_concession": "7 hours",
        "since.their_concession": "3 hours",
        "pattern.nibble": "0",
        "ours.first.discount": "5%",
        "ours.first.term": "24 months",
        "ours.first.prepay": "yes",
        "ours.first.support": "gold",
        "theirs.first.discount": "20%",
        "theirs.first.term": "24 months",
        "theirs.first.prepay": "unknown",
        "theirs.first.support": "gold",
        "ours.cleared.discount": "6%",
        "ours.cleared.term": "12 months",
        "ours.cleared.prepay": "yes",
        "ours.cleared.support": "basic",
        "ours.uncleared": "1",
        "theirs.worth": "88,500 USD",
        "since.stated.list_price": "10 hours",
    }


def test_what_the_catalog_calls_known_is_known(story, told):
    """In a deal that lacks nothing, every fact is known at every event where the catalog says so."""
    catalog = told.engine.policy.catalog
    for seen in story.values():
        unknown = {n for n, v in seen.facts.items() if v == "unknown"}
        assert not {n for n in unknown if On(seen.decision.on) in catalog[n].known}


def test_give_is_told_against_the_start_terms_before_our_first_offer(told):
    """The start terms stand until we have offered something."""
    seen = told.us(discount="5%", term="24 months")
    assert (seen["give.value"], seen["asked.value"], seen["offer.first"]) == ("5,000 USD", "1,500 USD", "yes")


def test_our_opening_position_is_our_first_offer(tell):
    """Terms we open with are judged as an offer, and are not conceded a second time (law 7)."""
    deal = tell()
    deal.open(facts={"list_price": "100,000 USD"}, terms={"discount": "4%"})
    seen = deal.us(discount="5%")
    assert (seen["give.value"], seen["offer.worth"], seen["ours.offers"]) == ("1,000 USD", "95,000 USD", "1")
    assert (seen["offer.first"], seen["ours.last.discount"]) == ("no", "4%")


def test_an_issue_left_out_keeps_its_partys_standing_value(told):
    """Both parties' offers are packages, of which an event names what changes."""
    told.us(prepay="yes")
    told.them(support="gold")
    ours, theirs = told.us(discount="1%"), told.them(discount="2%")
    assert (ours["offer.prepay"], ours["offer.support"]) == ("yes", "basic")
    assert (theirs["offer.prepay"], theirs["offer.support"]) == ("no", "gold")


def test_what_they_are_ahead_by_counts_as_got(told):
    """A positive balance pays for a concession of ours."""
    told.them(discount="30%")
    told.them(discount="22%")
    seen = told.us(discount="7%", prepay="yes")
    # They moved by 8,000; this offer asks for 2,000: 10,000 in all for the 7,000 it gives.
    assert (seen["balance"], seen["get.value"], seen["give.value"]) == ("8,000 USD", "10,000 USD", "7,000 USD")
    assert seen.verdict == "proceed"
    assert told.us(discount="7%")["balance"] == "3,000 USD"  # 8,000 + 2,000 - 7,000


def test_their_first_offer_only_sets_the_base(told):
    """However far it is from the start terms, it is no move, no concession, and takes nothing back."""
    seen = told.them(discount="25%", prepay="yes")
    assert (seen["move.value"], seen["move.retracted"], seen["offer.first"]) == ("0 USD", "0", "yes")
    after = told(type="tick")
    assert (after["theirs.net"], after["theirs.concessions"], after["theirs.flat"]) == ("0 USD", "0", "0")


def test_what_was_agreed_is_reopened_until_it_is_offered_again(told):
    """Each party's latest offer is compared with what was agreed last, on either party's acceptance."""
    told.them(discount="9%", prepay="yes")
    told.us(discount="8%", term="24 months")
    told(type="accept", by="them", issues=["discount"])
    told(type="accept", by="us", issues=["prepay"])
    seen = told.them(discount="10%", prepay="no", term="18 months")
    assert (seen["move.reopened"], seen["theirs.reopened"]) == ("2", "0")
    seen = told.them(discount="10%", prepay="no")  # not worse than their last, and still worse than agreed
    assert (seen["move.retracted"], seen["move.reopened"], seen["theirs.reopened"]) == ("0", "2", "2")
    seen = told.us(discount="7%")
    assert (seen["theirs.reopened"], seen["ours.reopened"]) == ("2", "0")
    assert told(type="tick")["ours.reopened"] == "1"
    seen = told.them(discount="8%", prepay="yes")
    assert (seen["move.reopened"], seen["ours.reopened"]) == ("0", "1")
    told(type="accept", by="them", issues=["discount"])
    assert (told(type="tick")["ours.reopened"], told.position.agreed["discount"]) == ("0", 70_000)


def test_a_walk_is_due_since_the_first_answer_to_leave(told):
    """Until they move the time goes on, however often the answer is repeated; after a move it begins again."""
    told(type="signal", by="them", kind="abuse")
    assert told(type="signal", by="them", kind="abuse")["since.left"] == "unknown"
    assert told(type="tick")["since.left"] == "1 hour"
    assert told(type="tick")["since.left"] == "2 hours"
    assert told.them(discount="30%")["since.left"] == "3 hours"
    # Their first offer is a move; this policy walks again at every event, so the time has begun again with it.
    assert told(type="tick")["since.left"] == "1 hour"


def test_how_a_deal_closes_is_known_when_it_does(told):
    """Won, lost or walked; nobody knows it before."""
    assert told(type="tick")["close.outcome"] == "unknown"
    assert told(type="close", outcome="walked")["close.outcome"] == "walked"


def test_a_move_adds_up_over_issues(told):
    """An offer of theirs may take back on one issue and still be a concession, on issues that it has named before."""
    told.them(discount="10%", prepay="no", term="12 months")
    seen = told.them(discount="12%", prepay="yes", term="20 months")
    # -2,000 + 2,000 + 8 × 125
    assert (seen["move.value"], seen["move.retracted"]) == ("1,000 USD", "1")
    assert told(type="tick")["theirs.concessions"] == "1"


def test_an_offer_that_takes_back_as_much_as_it_gives_is_no_concession_of_theirs(told):
    """A move of nothing leaves them flat."""
    told.them(discount="10%", prepay="no")
    seen = told.them(discount="12%", prepay="yes")
    assert seen["move.value"] == "0 USD"
    after = told(type="tick")
    assert (after["theirs.concessions"], after["theirs.flat"], after["theirs.last_give"]) == ("0", "1", "0 USD")


def test_a_paid_swap_of_ours_is_no_concession(told):
    """A concession is an offer that is worse for its maker in sum, of either side."""
    told.us(discount="1%", term="36 months")
    after = told(type="tick")
    assert (after["ours.concessions"], after["ours.net"], after["ours.flat"]) == ("0", "2,000 USD", "0")
    told.us(discount="4%")
    assert told(type="tick")["ours.concessions"] == "1"


def test_what_they_name_for_the_first_time_is_no_move(told):
    """A demand first mentioned in a later offer sets its base: no move, nothing taken back, and nothing flat."""
    told.them(discount="10%")
    seen = told.them(prepay="no", support="gold")
    assert (seen["move.value"], seen["move.new"], seen["move.retracted"]) == ("0 USD", "-4,000 USD", "0")
    after = told(type="tick")
    assert (after["theirs.net"], after["theirs.flat"], after["theirs.first.support"]) == ("0 USD", "0", "gold")
    assert told.them(support="basic")["move.value"] == "4,000 USD"


def test_what_is_not_let_through_counts_for_nothing(told):
    """It is said, moved by somebody and counted as such; offers, net and the next give are of what was cleared."""
    told.us(discount="2%")
    told.us(discount="21%")
    after = told(type="tick")
    assert (after["ours.last.discount"], after["ours.cleared.discount"]) == ("21%", "2%")
    assert (after["ours.offers"], after["ours.net"], after["ours.uncleared"]) == ("1", "-2,000 USD", "1")
    assert (after["since.our_offer"], after["since.our_concession"]) == ("1 hour", "2 hours")
    assert told.us(discount="3%")["give.value"] == "1,000 USD"


def test_a_step_is_told_from_what_they_answered(told):
    """`give.run` adds up what was let through since they last offered, accepted or rejected."""
    told.them(discount="9%")
    assert [told.us(discount=f"{n}%")["give.run"] for n in (1, 2, 3)] == ["1,000 USD", "2,000 USD", "3,000 USD"]
    told(type="reject", by="them")
    assert told.us(discount="4%")["give.run"] == "1,000 USD"


def test_what_they_conceded_and_we_ask_for_counts_once(told):
    """Prepayment that they came round to is theirs already; asking for it pays nothing more (the ledger)."""
    told.them(discount="30%", prepay="no")
    told.them(discount="30%", prepay="yes")
    seen = told.us(discount="4%", prepay="yes")
    assert (seen["asked.value"], seen["theirs.net"], seen["get.value"]) == ("2,000 USD", "2,000 USD", "2,000 USD")
    again = told.us(discount="2%", prepay="no")
    assert (again["give.value"], again["asked.value"], again["give.net"]) == ("2,000 USD", "2,000 USD", "0 USD")


def test_flat_counts_our_offers_without_a_concession_and_not_the_first(told):
    """An offer that only asks, or only repeats, is flat; a concession begins the count anew."""
    counts = [told.us(term=f"{n} months")["ours.flat"] for n in (13, 14, 14)]
    assert counts == ["0", "0", "1"]
    assert told.us(term="13 months")["ours.flat"] == "2"
    assert told(type="tick")["ours.flat"] == "0"


def test_in_a_row_ends_with_any_answer(told):
    """An offer, an acceptance and a rejection of the other side each begin the count anew; a signal does not."""
    told.them(discount="9%")
    for kind, counted in (("reject", "2"), ("accept", "0")):  # an acceptance counts as their move before it is judged
        told.us(discount="1%")
        told(type="signal", by="them", kind="abuse", confirmed=False)
        assert told.us(discount="1%")["ours.in_a_row"] == "1"
        assert told(type=kind, by="them")["ours.in_a_row"] == counted
        assert told(type="tick")["ours.in_a_row"] == "0"
    told.us(discount="1%")
    told.them(discount="9%")
    assert told(type="tick")["ours.in_a_row"] == "0"


def test_our_answer_ends_their_row(told):
    """As theirs ends ours: by an offer, by a rejection, by an acceptance."""
    for answer in ({"type": "offer", "terms": {"discount": "1%"}}, {"type": "reject"}, {"type": "accept"}):
        told.them(discount="9%")
        assert told.them(discount="9%")["theirs.in_a_row"] == "1"
        told(**answer, by="us")
        assert told(type="tick")["theirs.in_a_row"] == "0"


def test_unreturned_counts_until_the_other_side_concedes(told):
    """An answer that concedes nothing leaves our concessions unreturned."""
    told.them(discount="20%")
    told.us(discount="1%")
    told.them(discount="20%")
    told.us(discount="2%")
    assert told(type="tick")["ours.unreturned"] == "2"
    told.them(discount="19%")
    after = told(type="tick")
    assert (after["ours.unreturned"], after["theirs.unreturned"]) == ("0", "1")


def test_we_take_an_issue_back_where_we_named_it_before(told):
    """Asking for more on an issue of the start terms is a trade; on one we had offered it is taken back."""
    told.us(discount="5%")
    told.us(term="24 months")
    assert told(type="tick")["ours.retracted"] == "0"
    told.us(discount="4%", term="36 months")
    assert told(type="tick")["ours.retracted"] == "2"


def test_a_settled_issue_can_be_taken_back(told):
    """What we accepted, and then ask for differently, counts as taken back and stays settled.

    They named the discount alone: to take that is to take all they say, which settles every issue (law 3).
    """
    told.them(discount="5%")
    told(type="accept", by="us", issues=["discount"])
    told.us(discount="3%")
    after = told(type="tick")
    assert (after["ours.settled"], after["ours.retracted"]) == ("4", "1")


def test_accepting_everything_settles_every_issue(told):
    """Their whole standing offer is taken over, the start values in it included."""
    told.them(discount="5%", prepay="yes")
    seen = told(type="accept", by="us")
    assert (seen["give.value"], seen["asked.value"], seen["offer.worth"]) == ("5,000 USD", "2,000 USD", "97,000 USD")
    assert told(type="tick")["ours.settled"] == "4"


def test_settled_issues_add_up(told):
    """One acceptance after the other, each issue once."""
    told.us(discount="2%", prepay="yes", term="24 months")
    for issues in (["discount"], ["prepay"], ["prepay"]):
        told(type="accept", by="them", issues=issues)
    assert told(type="tick")["theirs.settled"] == "2"


def test_their_acceptance_counts_as_an_offer_of_theirs(told):
    """It enters their half of the ledger: offers, net, and the issues they have settled."""
    told.them(discount="20%")
    told.us(discount="6%")
    assert told(type="accept", by="them")["move.value"] == "14,000 USD"
    after = told(type="tick")
    assert (after["theirs.offers"], after["theirs.net"], after["theirs.settled"]) == ("2", "14,000 USD", "4")


def test_rejections_are_counted_for_whoever_rejects(told):
    """A rejection is no offer, moves nothing, and counts once for each offer."""
    told.them(discount="20%")
    told(type="reject", by="us")
    after = told(type="reject", by="us")
    assert (after["ours.rejections"], after["ours.offers"], after["balance"]) == ("1", "0", "0 USD")
    assert told(type="tick")["ours.rejections"] == "1"


def test_an_offer_is_rejected_once_by_saying_so_or_by_a_counter(told):
    """However often they say it, and whichever way; an offer of theirs that takes ours is no rejection."""
    told.us(discount="1%")
    told.them(discount="9%")
    told(type="reject", by="them")
    assert told.them(discount="10%")["theirs.rejections"] == "1"
    told.us(discount="2%")
    told.them(discount="2%")
    assert told(type="tick")["theirs.rejections"] == "1"


def test_only_confirmed_signals_count_and_one_being_judged_does(told):
    """A report that nobody has confirmed is remembered by nobody."""
    assert told(type="signal", by="them", kind="abuse", confirmed=False)["signals.abuse"] == "0"
    assert told(type="signal", by="them", kind="abuse")["signals.abuse"] == "1"
    seen = told(type="signal", by="them", kind="abuse", confirmed="yes")
    assert (seen["signals.abuse"], seen.verdict) == ("2", "walk")


def test_a_pattern_counts_the_event_being_judged(told):
    """A demand for more than they settled for matches at once; one for as much is an acceptance again (law 3)."""
    told.us(discount="5%")
    told(type="accept", by="them")
    assert told.them(discount="5%")["pattern.nibble"] == "0"
    seen = told.them(discount="5.0001%")
    assert (seen["pattern.nibble"], seen.fired) == ("2", {"nibbled", "nibbling", "short-of-want"})
    assert told.them(discount="4%")["pattern.nibble"] == "2"


def test_a_pattern_joins_with_every_earlier_event(told):
    """Two acceptances before one demand are two matches, also where both have the same terms."""
    told.us(discount="5%")
    told(type="accept", by="them")
    told(type="accept", by="them")
    assert told.them(discount="6%")["pattern.nibble"] == "2"
    assert told.them(discount="6%")["pattern.nibble"] == "4"


def test_since_counts_whole_seconds(tell):
    """A part of a second is not rounded up."""
    deal = tell()
    deal.open(at="2026-10-01T09:00:00Z")
    seen = deal(type="tick", at="2026-10-01T09:01:59.999999Z")
    assert seen["since.opened"] == "119 seconds"


def test_since_our_concession_is_not_since_our_offer(told):
    """An offer that gives nothing moves only the one."""
    told.us(discount="1%")
    told.us(discount="1%")
    after = told(type="tick")
    assert (after["since.our_offer"], after["since.our_concession"]) == ("1 hour", "2 hours")
    assert (after["since.their_offer"], after["since.their_concession"]) == ("unknown", "unknown")


def test_room_is_in_our_favour_for_a_buyer_too(tell):
    """A price above the walk value is beyond it; worths and balance have the signs a seller's have."""
    deal = tell(BUYER)
    deal.open(facts={}, terms={"price": "6,000 USD"})
    seen = deal.us(price="7,000.01 USD")
    assert (seen["room.price"], seen["offer.worth"], seen["give.value"]) == (
        "-0.01 USD",
        "-7,000.01 USD",
        "1,000.01 USD",
    )
    assert (seen["room.beyond_walk"], seen["room.short_of_want"], seen.verdict) == ("1", "1", "refuse")
    deal.them(price="7,500 USD")
    assert deal.them(price="7,200 USD")["move.value"] == "300 USD"


def test_worths_are_exact_and_rounded_in_text_alone(tell):
    """Six sixths of a cent are a cent; what lies between two is shown as the nearest, with a tilde (law 8)."""
    deal = tell(THIRDS)
    deal.open(facts={})
    worths = [deal.us(seats=n)["offer.worth"] for n in (1, 2, 3, 4, 6, 9)]
    assert worths == ["~0 USD", "~0 USD", "~0 USD", "~0.01 USD", "0.01 USD", "~0.02 USD"]
    assert deal.us(seats=1, half=1)["offer.worth"] == "~0.01 USD"  # 1/6 + 1/2 of a cent, together two thirds


def test_what_is_lacking_is_counted(tell):
    """Offers before everything is known hold, and name what to prepare."""
    deal = tell()
    deal(type="open", facts={})
    seen = deal.us(discount="5%")
    assert (seen["missing.items"], seen["offer.worth"], seen["give.value"], seen["room.package"]) == (
        "2",
        "unknown",
        "unknown",
        "unknown",
    )
    assert (seen.verdict, seen.fired) == ("hold", {"unprepared"})
    assert [o.what for o in seen.decision.obligations] == [
        "State the deal fact `list_price`.",
        "State the walk value of the package.",
    ]


def test_approved_holds_for_the_role_and_those_below_it(told):
    """A director's approval is a manager's too, and no CFO's."""
    told(type="approve", approver="dana", role="director", terms={"discount": "12%"})
    seen = told.us(discount="12%")
    assert [seen[f"approved.{r}"] for r in ("manager", "director", "cfo")] == ["yes", "yes", "no"]
    seen = told.us(discount="12.0001%")
    assert seen["approved.manager"] == "no"


def test_left_says_which_door(told):
    """After a walk with an open door `left.open` holds until they move; a closed one stays closed."""
    told.us(discount="2%")
    told(type="signal", by="them", kind="abuse")
    told(type="signal", by="them", kind="abuse")
    seen = told.us(discount="2%")
    assert (seen["left.open"], seen["left.closed"], seen.fired) == ("yes", "no", {"rude", "left"})
    told(type="signal", by="them", kind="deception")
    seen = told.us(discount="2%")
    assert (seen["left.open"], seen["left.closed"], seen.decision.door) == ("no", "yes", "closed")
