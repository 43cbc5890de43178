# Over 400 lines: one deal, event by event.
"""Events against their deal: what cannot have happened, what an update may change, and what is remembered."""

import msgspec
import pytest
from tests.engine.conftest import SELLER

from walkaway.deal.admission import Unfit
from walkaway.language.codes import Code

PER_DEAL = """
policy: per-deal
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: per deal}
rules:
  nothing-for-nothing: {why: w, on: our offer, when: give.value > get.value, then: trade}
"""

DATED = """
policy: dated
version: 1
effective: {from: 2026-10-01, to: 2026-10-31}
side: seller
currency: USD
issues:
  price: {type: money, start: 0 USD, worth: 1 USD per 1 USD}
rules:
  nothing-for-nothing: {why: w, on: our offer, when: give.value > get.value, then: trade}
"""

SELLER_ONCE = """
policy: once
version: 1
side: seller
currency: USD
issues:
  price: {type: money, start: 0 USD, worth: 1 USD per 1 USD}
signals: [abuse, deception]
rules:
  lied: {why: w, on: signal, when: signals.deception >= 1 and signals.abuse = 0, then: walk, door: closed}
  rude: {why: w, on: signal, when: signals.abuse >= 1, then: walk}
"""


def unfit(deal, **event):
    """Return how an event does not fit, and check that it left the deal as it was."""
    before = deal.position
    with pytest.raises(Unfit) as raised:
        deal(**event)
    assert deal.position is before
    return raised.value


# What cannot have happened


def test_a_deal_begins_with_its_opening(tell):
    """Anything else before it belongs to no deal."""
    problem = unfit(tell(), type="tick")
    assert (problem.code, str(problem), problem.hint) == (
        Code.NOT_OPENED,
        "deal `D` has not been opened",
        "its first event is of type `open`",
    )


def test_a_deal_opens_once(told):
    """What changes later is an update."""
    problem = unfit(told, type="open", facts={"list_price": "100,000 USD"})
    assert (problem.code, str(problem), problem.hint) == (
        Code.OPENED_TWICE,
        "deal `D` is open already",
        "use an event of type `update`",
    )


def test_events_come_in_order(told):
    """An older event is refused; one at the same instant is not."""
    told(type="tick", at="2026-10-02T09:00:00Z")
    told(type="tick", at="2026-10-02T11:00:00+02:00")
    problem = unfit(told, type="tick", at="2026-10-02T08:59:59.999999Z")
    assert (problem.code, problem.near) == (Code.LATE, '"at"')
    assert str(problem) == "this event is older than the latest of deal `D`"


@pytest.mark.parametrize("outcome", ["won", "lost", "walked"])
def test_nothing_happens_in_a_closed_deal(told, outcome):
    """Whatever the outcome, the first event after it is refused."""
    told(type="close", outcome=outcome)
    problem = unfit(told, type="offer", by="them", terms={"discount": "1%"})
    assert (problem.code, str(problem)) == (Code.DEAL_CLOSED, f"deal `D` is closed ({outcome})")


@pytest.mark.parametrize(("by", "who"), [("us", "they"), ("them", "we")])
@pytest.mark.parametrize(("what", "verb"), [("accept", "accepted"), ("reject", "rejected")])
def test_there_must_be_something_to_answer(told, what, verb, by, who):
    """Before the other side has named any term nothing can be accepted or rejected."""
    problem = unfit(told, type=what, by=by)
    assert (problem.code, problem.near) == (Code.NOTHING_TO_ACCEPT, '"type"')
    assert str(problem) == f"{who} have offered nothing that could be {verb}"


def test_only_what_was_offered_can_be_accepted(told):
    """An issue the other side never named has nothing to take over; the caret goes to it."""
    told.them(discount="5%", prepay="yes")
    problem = unfit(told, type="accept", by="us", issues=["prepay", "term"])
    assert (problem.code, problem.near) == (Code.NOTHING_TO_ACCEPT, '"term"')
    assert str(problem) == "they have offered nothing on `term` that could be accepted"
    assert told(type="accept", by="us", issues=["prepay", "discount"]).verdict == "proceed"


def test_our_opening_position_can_be_accepted_and_rejected(tell):
    """Terms we open with are on the table."""
    for answer in ("accept", "reject"):
        deal = tell()
        deal.open(facts={"list_price": "100,000 USD"}, terms={"discount": "2%"})
        assert deal(type=answer, by="them").verdict == "proceed"


@pytest.mark.parametrize(
    ("day", "fits"), [("09-30T23:59:59", 0), ("10-01T00:00:00", 1), ("10-31T23:59:59", 1), ("11-01T00:00:00", 0)]
)
def test_deals_open_while_the_policy_is_in_force(tell, day, fits):
    """First and last day count, in UTC; a deal that is open stays under its policy."""
    deal = tell(DATED)
    event = {"type": "open", "facts": {}, "at": f"2026-{day}Z"}
    if fits:
        deal(**event)
        assert deal(type="tick", at="2027-01-01T00:00:00Z").verdict == "proceed"
    else:
        assert unfit(deal, **event).code is Code.NOT_IN_FORCE


def test_worths_that_cannot_be_held_are_refused(tell):
    """Terms worth more than 2^53 minor units are no decision, at the opening or in an offer."""
    deal = tell(DATED)
    deal(type="open", facts={})
    assert deal.us(price="90,071,992,547,409.92 USD")["offer.worth"] == "90,071,992,547,409.92 USD"
    problem = unfit(tell_open(tell), type="offer", by="us", terms={"term": "9,000,000,000,000,000 months"})
    assert (problem.code, problem.near) == (Code.WORTH_OUT_OF_RANGE, '"terms"')


def tell_open(tell):
    """Return an open deal of its own."""
    deal = tell()
    deal.open()
    return deal


# Limits a deal brings, and moves


def test_a_deal_may_bring_tighter_limits(tell):
    """Its own walk value counts from then on."""
    deal = tell()
    deal.open(facts={"list_price": "100,000 USD"}, limits={"discount": {"walk": "12%", "want": "5%"}})
    seen = deal.us(discount="12.0001%", prepay="yes")
    assert (seen["walk.discount"], seen["room.discount"], seen.verdict) == ("12%", "-0.0001%", "refuse")
    assert (seen["want.discount"], seen["wish.discount"]) == ("5%", "0%")


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        ({"discount": {"walk": "20.0001%"}}, "the walk value 20.0001% of `discount` is looser than the policy's 20%"),
        ({"support": {"walk": "gold"}}, "the walk value gold of `support` is looser than the policy's basic"),
        (
            {"package": {"walk": "79,999.99 USD"}},
            "the walk value 79,999.99 USD of `package` is looser than the policy's 80,000 USD",
        ),
    ],
)
def test_a_deal_may_not_bring_looser_limits(tell, limits, what):
    """Quantities, symbols and the package alike; the policy's own value is no looser."""
    problem = unfit(tell(), type="open", facts={"list_price": "100,000 USD"}, limits=limits)
    assert (problem.code, str(problem)) == (Code.LIMIT_LOOSENED, what)


def test_a_walk_value_per_deal_is_missing_until_the_deal_brings_it(tell):
    """Every offer holds until then, and says what to prepare."""
    deal = tell(PER_DEAL)
    deal.open()
    seen = deal.us(discount="0%")
    assert (seen.verdict, seen.decision.obligations[0].what) == ("hold", "State the walk value of `discount`.")
    deal(type="update", limits={"discount": {"walk": "10%"}})
    assert deal.us(discount="0%").verdict == "proceed"


def test_a_walk_value_may_tighten_during_the_deal(told):
    """The tighter one counts from the next event on."""
    told.us(discount="15%")
    told(type="update", limits={"discount": {"walk": "14%"}, "package": {"walk": "88,000 USD"}})
    seen = told.us(discount="15%")
    assert (seen["room.discount"], seen["room.package"], seen.verdict) == ("-1%", "-3,000 USD", "refuse")


@pytest.mark.parametrize(
    ("limits", "fact", "kept"),
    [
        ({"discount": {"walk": "14.5%"}}, "walk.discount", "14%"),
        ({"discount": {"want": "9%"}}, "want.discount", "8%"),
        ({"discount": {"wish": "1%"}}, "wish.discount", "0%"),
        ({"package": {"want": "89,000 USD"}}, "want.package", "90,000 USD"),
        ({"support": {"want": "basic"}}, "want.support", "none"),
    ],
)
def test_a_limit_loosens_only_once_the_highest_role_allows_it(told, limits, fact, kept):
    """Until then the old one holds; whoever asks does not allow it (authority)."""
    told(type="update", limits={"discount": {"walk": "14%"}})
    seen = told(type="update", limits=limits, actor="rep")
    assert (seen.verdict, seen.fired, told(type="tick")[fact]) == ("escalate", {"loosened-limit"}, kept)
    assert seen.decision.reasons[0].effect == "escalate"
    asked = {"type": "approve", "of": "e3"}
    told(**asked, approver="rep", role="cfo")
    told(**asked, approver="dana", role="director")
    assert told(type="tick")[fact] == kept
    told(**asked, approver="chris", role="cfo")
    (said,) = limits.values()
    assert told(type="tick")[fact] == next(iter(said.values()))


def test_a_limit_may_be_allowed_to_loosen_before(told):
    """The approval names the update that is to come."""
    told(type="approve", approver="chris", role="cfo", of="e3")
    assert told(type="update", limits={"discount": {"want": "9%"}}, actor="rep").verdict == "proceed"
    assert told(type="tick")["want.discount"] == "9%"


def test_without_roles_no_limit_loosens(tell):
    """There is nobody who could allow it."""
    deal = tell(PER_DEAL)
    deal.open(limits={"discount": {"walk": "10%"}})
    assert deal(type="update", limits={"discount": {"walk": "11%"}}).verdict == "refuse"
    assert deal(type="tick")["walk.discount"] == "10%"


def test_no_approval_takes_a_walk_value_past_the_policys_own(told):
    """A deal may bring a tighter one, never a looser one."""
    problem = unfit(told, type="update", limits={"discount": {"walk": "21%"}})
    assert str(problem) == "the walk value 21% of `discount` is looser than the policy's 20%"


def test_a_tightened_limit_says_where_it_leaves_our_offer_outside(told):
    """What we have offered is past the limit that holds now: withdraw it."""
    told.us(discount="12%")
    seen = told(type="update", limits={"discount": {"walk": "11%"}})
    assert (seen.verdict, seen.fired, told.position.known["walk.discount"]) == (
        "hold",
        {"outside-tightened-limit"},
        110_000,
    )
    told(type="withdraw", by="us", actor="rep")
    assert told(type="update", limits={"discount": {"walk": "10%"}}).verdict == "proceed"


def test_a_later_batna_counts_from_then_on(told):
    """A better alternative makes an offer worse; at a tie it is not beaten."""
    assert told.us(discount="9%").verdict == "trade"
    told(type="update", batna="91,000 USD")
    seen = told.us(discount="9%")
    assert (seen["batna.worth"], seen["offer.worth"], seen.verdict) == ("91,000 USD", "91,000 USD", "refuse")
    assert told(type="update", batna="90,999.99 USD").fired == {"loosened-limit"}  # ours has become no better by it
    assert told(type="tick")["batna.worth"] == "91,000 USD"


def test_the_best_alternative_still_there_is_the_one_that_counts(tell):
    """Each has a name; one ends at its time, and one may be taken back, which loosens what we hold out for."""
    deal = tell()
    other = {"name": "reseller", "worth": "85,000 USD", "until": "2026-10-01T11:30:00Z"}
    deal.open(alternatives=[{"name": "direct", "worth": "70,000 USD"}, other])
    assert deal(type="tick")["batna.worth"] == "85,000 USD"
    deal(type="tick")
    assert deal(type="tick")["batna.worth"] == "70,000 USD"
    seen = deal(type="update", alternatives=[{"name": "direct", "worth": None}], actor="rep")
    assert seen.fired == {"loosened-limit"}
    deal(type="approve", approver="chris", role="cfo", of="e5")
    assert deal(type="tick")["batna.worth"] == "unknown"


# Facts that change, and facts that come late


def test_a_fact_that_worths_rest_on_is_fixed(told):
    """It may be stated again as it is, not otherwise."""
    told(type="update", facts={"list_price": "100,000.00 USD"})
    problem = unfit(told, type="update", facts={"list_price": "110,000 USD"})
    assert (problem.code, problem.near) == (Code.FACT_FIXED, '"list_price"')
    assert str(problem) == "`list_price` was stated when the deal opened, and worths or limits rest on it"


def test_other_facts_change_freely(told):
    """What no worth or limit reads is news, not a change of the deal."""
    told(type="update", facts={"size": 3, "segment": "smb"})
    told(type="update", facts={"size": "4"})
    after = told(type="tick")
    assert (after["deal.size"], after["deal.segment"]) == ("4", "smb")


def test_a_deal_keeps_its_policy(told):
    """It can be pinned again to the same policy, not to another."""
    assert told(type="update", policy="seller").verdict == "proceed"
    problem = unfit(told, type="update", policy="buyer")
    assert (problem.code, str(problem)) == (
        Code.OTHER_POLICY,
        "the deal would move to policy `buyer`, which is not given; it is under `seller@1`",
    )


HAPPENED = [
    {"type": "offer", "by": "them", "terms": {"discount": "20%"}},
    {"type": "offer", "by": "us", "terms": {"discount": "5%", "term": "24 months"}},
    {"type": "accept", "by": "them", "issues": ["discount"]},
    {"type": "reject", "by": "us"},
    {"type": "signal", "by": "them", "kind": "abuse"},
    {"type": "offer", "by": "them", "terms": {"discount": "6%", "prepay": "yes"}},
    {"type": "offer", "by": "us", "terms": {"discount": "21%"}},
    {"type": "update", "facts": {"list_price": "100,000 USD"}},
]


def test_offers_before_a_late_fact_are_folded_again(tell):
    """Once the list price is known the ledger is what it would be had it been known from the start."""
    late, early = tell(), tell()
    late.open(facts={})
    early.open()
    seen = late.all(HAPPENED)
    early.all(HAPPENED)
    assert {s.verdict for s in seen if "offer" in s.decision.on or "acceptance" in s.decision.on} == {
        "hold",
        "escalate",
    }
    held = {s.verdict for s in early.told_of if s.decision.on in ("our offer", "our acceptance")}
    assert held == {"trade", "refuse"}  # so that nothing of ours was let through in either deal
    assert late.position == msgspec.structs.replace(early.position, facts=late.position.facts)
    after = late(type="tick")
    # Theirs: 20% to 5%, then -1,000; prepayment is named for the first time.
    assert (after["ours.net"], after["theirs.net"], after["ours.uncleared"]) == ("0 USD", "14,000 USD", "2")


def test_a_late_fact_moves_limits_too(tell):
    """A walk value that rests on it stands from then on."""
    deal = tell()
    deal.open(facts={})
    deal.us(discount="20%", support="gold")
    deal(type="update", facts={"list_price": "10,000 USD"})
    seen = deal.us(discount="20%", support="basic")
    assert (seen["walk.package"], seen["room.package"], seen["give.value"]) == ("8,000 USD", "0 USD", "2,000 USD")
    assert (seen["ours.last.support"], seen["ours.cleared.support"], seen["ours.uncleared"]) == ("gold", "basic", "1")


# What a walk leaves behind


def test_a_closed_door_stays_closed(tell):
    """A later walk does not open it again, whatever door its rule names, nor does a better offer of theirs."""
    deal = tell(SELLER_ONCE)
    deal(type="open", facts={})
    assert deal(type="signal", by="them", kind="deception").decision.door == "closed"
    assert deal(type="signal", by="them", kind="abuse").decision.door == "closed"
    deal.them(price="5 USD")
    deal.them(price="9 USD")
    seen = deal.us(price="10 USD")
    assert (seen["left.closed"], seen["left.open"], seen.fired) == ("yes", "no", {"left"})


def test_an_open_door_waits_for_their_move(tell):
    """Our next offer is refused until they have conceded something; then it is judged on its merits."""
    deal = tell(told_rule())
    deal.open()
    deal.them(discount="30%")
    assert deal.them(discount="30%").decision.door == "open"
    assert deal.us(discount="0%").fired == {"left"}
    deal.them(discount="30%", prepay="no")
    assert deal.us(discount="0%").verdict == "refuse"
    deal.them(discount="29.9999%")
    assert deal.us(discount="0%").verdict == "proceed"


def told_rule() -> str:
    """Return a policy that walks, with an open door, on a demand made again and over 29.9999%."""
    return PER_DEAL.replace("walk: per deal", "walk: 20%").replace(
        "issues:", "issues:\n  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}"
    ) + ("  stop: {why: w, on: their offer, when: theirs.offers = 1 and offer.discount > 29%, then: walk}\n")


# The record itself


def test_folding_changes_no_earlier_position(told):
    """A position can be kept: what comes later makes a new one."""
    before = told.position
    copy = msgspec.json.encode(before)
    told.us(discount="3%")
    assert msgspec.json.encode(before) == copy
    assert told.position is not before


def test_the_digest_tells_positions_apart(tell):
    """The same events give the same digest; a difference that a later decision could see gives another."""

    def digest(**opening):
        deal = tell()
        deal.open(**opening)
        return deal.us(discount="5%").decision.position.after

    assert digest() == digest()
    others = [
        {"facts": {"list_price": "100,000 USD", "size": 2}},
        {"facts": {"list_price": "100,000.01 USD"}},
        {"batna": "70,000 USD"},
        {"limits": {"discount": {"walk": "19%"}}},
        {"terms": {"support": "gold"}},
    ]
    assert len({digest(), *(digest(**o) for o in others)}) == 6


def test_the_digest_knows_what_the_deal_started_from(tell):
    """An approval covers an issue it does not name at its start value, so the start is part of the position."""
    other = SELLER.replace("start: 12 months", "start: 13 months")
    everything = {"discount": "0%", "term": "24 months", "prepay": "no", "support": "basic"}
    positions = []
    for text in (SELLER, other):
        deal = tell(text)
        deal.open()
        positions.append(deal.us(**everything).position)
    assert positions[0].ours.standing == positions[1].ours.standing
    assert positions[0].digest() != positions[1].digest()


def test_an_issue_that_the_chosen_package_does_not_name_cannot_be_taken(tell) -> None:
    """Before worths are known nothing stands of what no word has named: no start value is known that it could have."""
    deal = tell()
    deal(type="open", facts={})
    deal(type="offer", by="them", packages=[{"discount": "5%"}, {"term": "24 months"}])
    with pytest.raises(Unfit, match="they have offered nothing on `discount`"):
        deal(type="accept", by="us", actor="rep", package=2, issues=["discount"])


def test_packages_that_waited_for_worths_are_what_they_were(tell) -> None:
    """They take the second of two packages before a list price is known; once it is, that is what was agreed."""
    deal = tell()
    deal(type="open", facts={})
    deal(type="offer", by="us", actor="rep", packages=[{"discount": "5%"}, {"discount": "30%", "term": "24 months"}])
    deal(type="accept", by="them", package=2)
    agreed = deal(type="update", actor="rep", facts={"list_price": "100,000 USD"}).position.agreement
    assert {i: agreed.terms[i] for i in ("discount", "term")} == {"discount": 300_000, "term": 24}
    assert deal(type="close", outcome="won").verdict == "refuse"
