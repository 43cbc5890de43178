# Over 400 lines: the worked tables and what was seen on the first build, one after the other.
"""The calculus, worked: what is judged and against what. Each test is a row of docs/calculus.md, or a law of it."""

import json

import pytest
from tests.engine.conftest import Telling
from tests.helpers.saas import BASE, below, saas

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.deal.position import PartyRecord, earlier_of
from walkaway.decide.engine import Engine
from walkaway.policy import read

FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}


def begun(facts=FACTS, policy=None, **more):
    """Return a deal that is open, at a list price of 100,000 USD if nothing else is said."""
    deal = Telling(saas() if policy is None else policy)
    deal.open(facts=facts, **more)
    return deal


def they(**terms):
    return {"type": "offer", "by": "them", "terms": terms}


def we(actor="ana", **terms):
    return {"type": "offer", "by": "us", "actor": actor, "terms": terms}


def they_accept(**more):
    return {"type": "accept", "by": "them", **more}


def we_accept(actor="ana", **more):
    return {"type": "accept", "by": "us", "actor": actor, **more}


def approval(approver, role="director", **more):
    return {"type": "approve", "approver": approver, "role": role, **more}


WON = {"type": "close", "outcome": "won", "actor": "ana"}
LONG = {"term": "36 months", "prepay": "yes"}
FLOOR = {"discount": "18%", **LONG}
WORKED = {
    "again-and-accepted": (
        [they(discount="30%"), we(discount="19%"), we(discount="19%"), they_accept(), WON],
        ["trade", "refuse", "refuse", "refuse", "refuse"],
    ),
    "a-counter-with-less": (
        [we(discount="5%", **LONG), they(discount="5%", term="12 months", prepay="no"), we_accept()],
        ["proceed", "trade", "trade"],
    ),
    "a-gift-mended": (
        [they(discount="30%"), we(discount="7%"), we(discount="5%", **LONG), they_accept(), WON],
        ["trade", "trade", "proceed", "proceed", "proceed"],
    ),
    "silence-is-no-prepayment": (
        [we(discount="2%", prepay="yes"), they(discount="2%"), we_accept()],
        ["proceed", "trade", "trade"],
    ),
    "our-word-stands": (
        [they(discount="20%"), they(discount="15%"), we(discount="5%"), they(discount="20%"), we(discount="5%"),
         we(discount="8%")],
        ["trade", "trade", "proceed", "trade", "proceed", "hold"],
    ),
    "nobody-approves-what-they-moved": (
        [they(discount="40%"), they(discount="20%"), we(**FLOOR), we("bob", **FLOOR), approval("ana", terms=FLOOR),
         we("bob", **FLOOR), approval("dana", terms=FLOOR), we("bob", **FLOOR)],
        ["trade", "trade", "escalate", "escalate", "proceed", "escalate", "proceed", "proceed"],
    ),
    "one-thing-counts-once": (
        [they(discount="30%", prepay="no"), they(discount="30%", prepay="yes"), we(discount="4%", prepay="yes")],
        ["trade", "trade", "trade"],
    ),
    "less-than-they-offer": (
        [they(discount="30%"), they(discount="5%"), we(discount="7%", term="13 months")],
        ["trade", "proceed", "hold"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", WORKED)
def test_the_worked_examples_come_out(row):
    """Section 8 of the calculus, row by row."""
    events, expected = WORKED[row]
    deal = begun()
    assert [deal(**event).verdict for event in events] == expected


# Law 1, repetition


def test_a_refused_offer_stays_refused_however_often_and_by_whom_it_is_said():
    """With nothing between but offers of ours and time, the same terms are answered no more mildly."""
    deal = begun()
    deal(**they(discount="30%"))
    verdicts = [deal(**we(actor, discount="19%")).verdict for actor in ("ana", "bob", "ana", "cleo")]
    assert verdicts == ["refuse"] * 4
    assert deal.position.cleared["discount"] == 0


def test_other_values_let_through_make_nobody_an_approver_of_their_own():
    """Where an approval covers only the value that it names, a shorter term that needs none is no approval of hers."""
    rule = "offer.discount > 10% and offer.term = 12 months"
    policy = (
        "policy: named\nversion: 1\nside: seller\ncurrency: USD\ndeal: {list_price: money}\n"
        "issues:\n  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}\n"
        "  term: {type: months, start: 12 months, worth: 0.1% of deal.list_price per month, approved: as named}\n"
        f"package: {{base: deal.list_price}}\nroles: [manager]\n"
        f"rules:\n  deep: {{why: w, on: our terms, when: {rule}, then: escalate, to: manager}}\n"
    )
    deal = begun({"list_price": "100,000 USD"}, read(policy.encode(), "policy.yaml", lambda _: None).unwrap())
    deep = {"discount": "18%", "term": "12 months"}
    shorter = {**deep, "term": "11 months"}
    told = [we(**deep), we("bob", **shorter), approval("ana", "manager", terms=deep), we("bob", **deep)]
    assert [deal(**event).verdict for event in told] == ["escalate", "proceed", "proceed", "escalate"]
    deal(**approval("dana", "manager", terms=deep))
    assert deal(**we("bob", **deep)).verdict == "proceed"


# Law 2, splitting


@pytest.mark.parametrize(("price", "steps", "step"), [("100 USD", 40, 49), ("0.40 USD", 16, 12_500)])
def test_no_step_is_so_small_that_it_is_free(price, steps, step):
    """At a list price of 100 USD a discount in steps of 0.0049% is a gift from the first step on; at 0.40 USD too."""
    deal = begun({**FACTS, "list_price": price})
    for n in range(1, steps + 1):
        seen = deal(**we(discount=f"{n * step / 10_000:.4f}%"))
        assert "nothing-for-nothing" in seen.fired
    assert deal.position.cleared["discount"] == 0


def test_what_they_conceded_pays_once_whichever_road_we_take():
    """They came round to prepayment: it pays for 2% or is asked for, in one step and in two (the mended ledger)."""
    roads = {}
    for road in ((we(discount="2%"), we(discount="4%", prepay="yes")), (we(discount="4%", prepay="yes"),)):
        deal = begun()
        deal(**they(discount="30%", prepay="no"))
        deal(**they(discount="30%", prepay="yes"))
        for event in road:
            seen = deal(**event)
        roads[len(road)] = "nothing-for-nothing" in seen.fired
    assert roads == {1: True, 2: True}


# Law 3, wording


def test_a_gift_accepted_is_answered_as_the_gift_offered():
    """Gold support and 8% for nothing: accepting their first word is what offering it would be."""
    terms = {"discount": "8%", "support": "gold"}
    offered = begun()(**we(**terms))
    deal = begun()
    theirs = deal(**they(**terms))
    accepted = deal(**we_accept())
    assert (offered.verdict, accepted.verdict) == ("trade", "trade")
    assert (theirs.verdict, theirs.accepting, theirs.stopping) == ("trade", "trade", {"nothing-for-nothing"})


def test_an_offer_equal_to_a_standing_one_is_an_acceptance():
    """In words or by the event: one answer, one position."""
    said, done = begun(), begun()
    for deal in (said, done):
        deal(**they(discount="30%"))
        deal(**we(discount="5%", **LONG))
    in_words = said(**they(discount="5%", **LONG))
    by_event = done(**they_accept())
    assert in_words.decision.on == by_event.decision.on == "their acceptance"
    assert in_words.verdict == by_event.verdict == "proceed"
    assert said.position == done.position
    assert said.position.agreement.cleared


def test_their_better_offer_is_answered_as_taking_ours_and_is_agreed_once_we_accept():
    """No worse than what we said on every issue: nobody asks for more, and nothing is agreed yet."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(**we(discount="5%", **LONG))
    seen = deal(**they(discount="4%", **LONG))
    assert (seen.verdict, seen.fired, deal.position.agreement) == ("proceed", set(), None)
    assert deal(**we_accept()).verdict == "proceed"
    assert deal.position.agreement.by == "us"


def test_an_answer_of_our_own_number_is_no_invitation_to_ask_for_more():
    """They say what we said: it is an acceptance, which `short-of-want` does not hear."""
    deal = begun()
    deal(**they(discount="40%"))
    deal(**they(discount="30%"))
    deal(**we(discount="10%"))
    assert deal(**they(discount="10%")).fired == {"below-want"}


def test_our_offer_below_what_they_bid_is_held():
    """Nobody asks for less than is on the table; what is lesser is heard as an acceptance too."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(**they(discount="3%"))
    seen = deal(**we(discount="4%"))
    assert (seen.verdict, "less-than-they-offer" in seen.fired) == ("hold", True)


# Law 4, acceptability


@pytest.mark.parametrize("second", ["8%", "10%", "16%"])
def test_what_may_be_accepted_may_be_accepted(second):
    """An offer of theirs is `proceed` only where accepting it would be; the answer says what that would be, and why."""
    deal = begun()
    deal(**they(discount="18%"))
    seen = deal(**they(discount=second))
    taken = deal(**we_accept())
    assert seen.accepting == taken.verdict
    assert seen.stopping == taken.deciding
    assert (seen.verdict == "proceed") == (taken.verdict == "proceed")


def test_an_offer_that_wants_an_approval_to_be_accepted_says_whom_to_ask_now():
    """`escalate` where approvals could lift all that stands in the way."""
    deal = begun()
    deal(**they(discount="30%"))
    seen = deal(**they(discount="10%"))
    assert (seen.verdict, seen.accepting, seen.stopping) == ("escalate", "escalate", {"below-want"})
    assert [o.kind for o in seen.decision.obligations if o.rule == "below-want"] == ["approval"]
    deal(**approval("dana", "manager", terms={"discount": "10%"}))
    assert deal(**they(discount="10%")).verdict == "proceed"


# Law 5, agreement and closing


def test_a_deal_beyond_the_floor_does_not_close():
    """The signing of what was refused is refused."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(**we(discount="25%"))
    deal(**they_accept())
    seen = deal(**WON)
    assert (seen.verdict, seen.accepting) == ("refuse", "refuse")
    assert "beyond-walk" in seen.stopping


def test_nothing_is_won_that_nobody_agreed_to():
    """Without an agreement, or once an offer, a rejection or a withdrawal ended it, the close is held."""
    for ending in (None, they(discount="9%"), {"type": "reject", "by": "them"}, {"type": "withdraw", "by": "them"}):
        deal = begun()
        if ending:
            deal(**they(discount="30%"))
            deal(**we(discount="5%", **LONG))
            deal(**they_accept())
            deal(**ending)
        seen = deal(**WON)
        assert (seen.verdict, seen.fired) == ("hold", {"no-agreement"})


def test_signed_terms_agree_again_and_other_terms_are_refused():
    """`close.terms` equal to what was last agreed, unless it was withdrawn, rejected, or replaced by what stands."""
    whole = {"discount": "5%", **LONG}

    def agreed():
        deal = begun()
        deal(**they(discount="30%"))
        deal(**we(**whole))
        deal(**they_accept())
        return deal

    assert agreed()(**WON, terms=whole).verdict == "proceed"
    assert agreed()(**WON, terms={**whole, "discount": "6%"}).fired == {"signed-otherwise"}
    endings = [{"type": sort, "by": by} for sort in ("withdraw", "reject") for by in ("us", "them")]
    for ending in (they(discount="9%"), *endings):
        ended = agreed()
        ended(**ending)
        assert ended(**WON, terms=whole).fired == {"no-agreement"}


def test_what_was_agreed_and_replaced_is_judged_anew_when_it_is_signed():
    """They replaced it by an offer that they withdrew: signing it agrees again, answered as that would be now."""
    whole = {"discount": "5%", **LONG}
    deal = begun()
    deal(**they(discount="30%"))
    deal(**we(**whole))
    deal(**they_accept())
    deal(**they(discount="9%"))
    deal(type="withdraw", by="them")
    seen = deal(**WON, terms=whole)
    assert (seen.verdict, seen.accepting) == ("proceed", "proceed")


def test_who_accepts_takes_what_is_offered_and_not_what_they_had_named_besides():
    """They named a term that nobody declared, we offer without it, and they accept: it is no part of what is agreed."""
    deal = begun()
    deal(**they(discount="30%", logo="on the site"))
    deal(**we(**LONG))
    seen = deal(**they_accept())
    assert (seen.verdict, dict(deal.position.agreement.other)) == ("proceed", {})
    assert deal(**WON).verdict == "proceed"


# Partial acceptance


def test_a_partial_acceptance_is_an_offer():
    """What is picked out of their package is judged as an offer of it, and what they pick out of ours as theirs."""
    deal = begun()
    deal(**they(discount="8%", **LONG))
    seen = deal(**we_accept(issues=["discount"]))
    assert (seen.decision.on, seen.verdict) == ("our offer", "hold")
    assert seen.deciding == {"nothing-for-nothing", "less-than-they-offer"}
    picked = begun()
    picked(**we(discount="17%", term="148 months"))
    seen = picked(**they_accept(issues=["discount"]))
    assert (seen.decision.on, seen.verdict) == ("their offer", "trade")
    assert "nothing-for-nothing" in seen.stopping


# Law 6, packaging


def test_demands_never_named_before_leave_the_ledger_as_it_is():
    """One by one or at once: no move, nothing taken back, and the answer to our next offer alike."""
    alone, together = begun(), begun()
    for deal in (alone, together):
        deal(**they(discount="30%"))
        deal(**they(discount="20%"))
    alone(**they(support="gold"))
    alone(**they(term="6 months"))
    together(**they(support="gold", term="6 months"))
    for deal in (alone, together):
        tick = deal(type="tick")
        assert (tick["theirs.net"], tick["theirs.flat"], tick["theirs.retracted"]) == ("10,000 USD", "0", "0")
    assert alone(**we(discount="5%")).verdict == together(**we(discount="5%")).verdict == "proceed"


# Law 7, opening


def test_our_opening_position_is_our_first_offer():
    """20% as `open.terms` is answered, cleared and counted as it would be as an offer at that instant."""
    opened = Telling(saas())
    seen = opened.open(facts=FACTS, terms={"discount": "20%"}, actor="ana")
    offered = begun()
    first = offered(**we(discount="20%"), at="2026-10-01T09:00:00+00:00")
    assert (seen.verdict, seen.fired) == (first.verdict, first.fired)
    assert (opened.position.start, opened.position.cleared) == (offered.position.start, offered.position.cleared)
    assert opened(type="tick").facts["ours.uncleared"] == "1"


def test_an_opening_with_terms_is_one_event():
    """What a rule on our offer concludes of them holds for a rule on anything, which holds an opening without them."""
    rules = {
        "ours": {"why": "w", "on": "our offer", "then": {"conclude": "spoken"}},
        "quiet": {"why": "w", "on": "any", "when": "not concluded.spoken", "then": "hold"},
    }
    bare, together = Telling(saas(rules=rules)), Telling(saas(rules=rules))
    assert bare.open(facts=FACTS).fired == {"quiet"}
    assert together.open(facts=FACTS, terms={"discount": "1%"}, actor="ana").fired == {"ours"}
    assert bare(**we(discount="1%")).fired == {"ours"}


# Steps


def test_a_held_step_is_not_split_by_their_taking_it():
    """1% cleared and 7% held as a step of 7,000: taken as it is, or a hair better for us, it is that step still."""
    step = {"why": "w", "on": "our terms", "when": "give.run > 6,000 USD", "then": "hold"}
    for taking in (they_accept(), they(discount="7%"), they(discount="6.9%")):
        deal = begun(policy=saas(rules={"big-step": step}))
        assert deal(**we(discount="1%")).verdict == "proceed"
        assert deal(**we(discount="7%")).fired == {"big-step"}
        assert "big-step" in deal(**taking).deciding, taking
        assert deal(type="close", outcome="won").verdict != "proceed", taking


def test_a_held_step_is_not_split_by_offering_it_beside_what_was_let_through():
    """2% cleared, then that or 6.5% for more: the 6.5% is a step of 6,500 when they take it, though worth more."""
    step = {"why": "w", "on": "our terms", "when": "give.run > 6,000 USD", "then": "hold"}
    packages = [{"discount": "2%"}, {"discount": "6.5%", **LONG}]
    for taking, answer in (({"package": 2}, "hold"), ({"package": 1}, "proceed")):
        deal = begun(policy=saas(rules={"big-step": step}))
        assert deal(**we(discount="2%")).verdict == "proceed"
        assert deal(type="offer", by="us", actor="ana", packages=packages).fired == {"big-step"}
        assert deal(**they_accept(**taking)).verdict == answer
        assert deal(**WON).verdict == answer


def test_a_step_begins_anew_where_they_took_what_was_let_through():
    """They take the 5% that was cleared: that is a move, and what we give next is a step of its own."""
    deal = begun(policy=saas(rules={}))
    deal(**we(discount="5%"))
    assert deal(**they_accept())["give.run"] == "0 USD"
    assert deal(**we(discount="7%"))["give.run"] == "2,000 USD"


# Concessions


def test_steps_that_were_held_are_no_steps():
    """8%, held, 2%: nothing grows; three paid swaps are no three concessions."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(**they(discount="20%"))
    deal(**we(discount="8%"))
    deal(**we(discount="10%"))
    deal(**they(discount="19%"))
    seen = deal(**we(discount="9%"))
    assert (seen["ours.last_give"], seen["give.value"]) == ("8,000 USD", "1,000 USD")
    swaps = begun()
    for n in (1, 2, 3):
        swaps(**we(discount=f"{n}%", term=f"{12 + 8 * n} months"))
    assert swaps(type="tick")["ours.unreturned"] == "0"


# Undeclared terms


def test_what_nobody_declared_holds_until_it_is_declared_taken_back_or_approved():
    """It is kept until its maker sends `null`; the highest role may approve what it names."""
    deal = begun()
    asked = {"prepay": "yes", "exclusivity": "one year"}
    seen = deal(**we(**asked))
    assert (seen.verdict, seen.fired, seen["other.ours"]) == ("hold", {"unvalued"}, "1")
    deal(**approval("dana", "director", terms=asked))
    deal(**approval("cora", "cfo", terms={**asked, "exclusivity": "two years"}))
    assert deal(**we(**asked)).verdict == "hold"
    deal(**approval("cora", "cfo", terms=asked))
    assert deal(**we(**asked)).standings["unvalued"] == "approved"
    assert deal(**we(prepay="yes", exclusivity=None)).fired == set()


@pytest.mark.parametrize(("said", "verdict"), [("hold", "hold"), ("refuse", "refuse"), ("ignore", "proceed")])
def test_the_policy_says_what_undeclared_terms_get(said, verdict):
    """`undeclared:` beside `short-of-want` is all that a policy may switch off."""
    deal = begun(policy=saas(undeclared=said))
    assert deal(**we(prepay="yes", exclusivity="one year")).verdict == verdict


# Authority


@pytest.mark.parametrize("approver", ["Ana", "ana ", "ANA", "a\u006ea"])
def test_nobody_approves_for_themselves_under_another_spelling(approver):
    """Names are compared in one form of Unicode, case folded and trimmed (law 10)."""
    deal = begun()
    deal(**they(discount="40%"))
    deal(**they(discount="20%"))
    deal(**approval(approver, terms=FLOOR))
    assert deal(**we(**FLOOR)).verdict == "escalate"
    assert deal(**they_accept()).verdict == "escalate"  # their taking it makes it no less ours


def test_who_is_one_person_under_several_names_is_declared():
    """`people:` says so, since look-alike letters pass any folding; whoever is not in it is not known."""
    deal = begun(policy=saas(people={"ana": ["Ana Lima", "a.lima"], "bob": ["bob"], "dana": ["dana"]}))
    deal(**they(discount="40%"))
    deal(**they(discount="20%"))
    deal(**approval("A.Lima", terms=FLOOR))
    assert deal(**we("Ana Lima", **FLOOR)).verdict == "escalate"
    deal(**approval("stranger", terms=FLOOR))
    assert deal(**we("bob", **FLOOR)).verdict == "escalate"
    deal(**approval("dana", terms=FLOOR))
    assert deal(**we("bob", **FLOOR)).verdict == "proceed"


def test_an_approval_holds_only_while_what_it_rests_on_does():
    """What the lifted rule reads of the deal is what it was when the approval was given."""
    said = {
        "near-the-floor": {
            "why": "w", "on": "our terms", "when": "near_walk and give.value > 0 USD and deal.seats >= 1",
            "then": "escalate", "to": "director",
        }
    }  # fmt: skip
    policy = saas(
        deal={**BASE["deal"], "seats": {"type": "count", "default": "500", "meaning": "m"}},
        rules={**BASE["rules"], **said},
    )
    deal = begun(policy=policy)
    deal(**they(discount="40%"))
    deal(**they(discount="20%"))
    deal(**approval("dana", terms=FLOOR))
    deal(type="update", facts={"seats": 5})
    seen = deal(**we(**FLOOR))
    assert (seen.verdict, seen.standings["near-the-floor"], seen.standings["below-want"]) == (
        "escalate",
        "decides",
        "approved",
    )
    deal(type="update", facts={"seats": 500})
    assert deal(**we(**FLOOR)).verdict == "proceed"


def test_an_approval_that_names_rules_meets_no_other():
    """`approve.rules` says which of the rules that its role may meet it meets."""
    deal = begun()
    deal(**they(discount="40%"))
    deal(**they(discount="20%"))
    deal(**approval("dana", terms=FLOOR, rules=["near-the-floor"]))
    seen = deal(**we(**FLOOR))
    assert (seen.verdict, seen.deciding) == ("escalate", {"below-want"})
    assert seen.standings["near-the-floor"] == "approved"


def test_two_people_are_asked_where_the_rule_says_so():
    """`to: {role: director, count: 2}`: the same person twice is one."""
    two = {**BASE["rules"]["near-the-floor"], "on": "our terms", "to": {"role": "director", "count": "2"}}
    deal = begun(policy=saas(rules={**BASE["rules"], "near-the-floor": two}))
    deal(**they(discount="40%"))
    deal(**they(discount="20%"))
    deal(**approval("dana", terms=FLOOR))
    assert deal(**we(**FLOOR)).verdict == "escalate"
    deal(**approval("Dana ", terms=FLOOR))
    assert deal(**we(**FLOOR)).verdict == "escalate"
    deal(**approval("erin", terms=FLOOR))
    seen = deal(**we(**FLOOR))
    by = {r.rule: r.by for r in seen.decision.reasons}
    assert (seen.verdict, by["near-the-floor"]) == ("proceed", "Dana , erin")


# Taken back


def test_a_withdrawn_offer_is_nobodys_to_accept_and_never_pays():
    """Their word falls back to the one before where that counts for less; it never rises by being taken back."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(**they(discount="20%", support="gold"))
    deal(type="withdraw", by="them")
    assert (deal(type="tick")["theirs.net"], deal.position.theirs.stands) == ("0 USD", False)
    with pytest.raises(Unfit, match="nothing that could be accepted"):
        deal(**we_accept())
    raised = begun()
    raised(**they(discount="20%"))
    raised(**they(discount="30%"))
    raised(type="withdraw", by="them")
    assert raised(type="tick")["theirs.net"] == "-10,000 USD"


def test_an_offer_that_expires_is_withdrawn_at_that_instant():
    """It binds to its last instant; what was accepted in time outlives it."""
    late = begun()
    late(**we(discount="5%", **LONG), until="2026-10-01T11:30:00Z")
    with pytest.raises(Unfit):
        late(**they_accept(), at="2026-10-01T12:00:00Z")
    taken = begun()
    taken(**we(discount="5%", **LONG), until="2026-10-01T11:30:00Z")
    taken(**they_accept(), at="2026-10-01T11:30:00Z")
    assert taken(**WON, at="2026-10-05T11:30:00Z").verdict == "proceed"


def test_a_revoked_approval_clears_nothing_any_more():
    """What it let through is measured from before it, what is agreed stays agreed, and counts stay."""
    deal = begun()
    deal(**they(discount="40%"))
    deal(**they(discount="20%"))
    deal(**approval("dana", terms=FLOOR))
    deal(**we(**FLOOR))
    deal(**they_accept())
    before = deal.position
    assert before.agreement.cleared
    deal(type="revoke", approver="dana", of="e4")
    after = deal.position
    assert (after.cleared["discount"], after.agreement.cleared, after.ours.offers) == (0, False, before.ours.offers)
    assert after.agreement.terms == before.agreement.terms
    assert deal(**WON).verdict == "escalate"


@pytest.mark.parametrize("another", [False, True])
def test_an_approval_that_has_run_out_is_not_revoked(another):
    """Whether another approval has come since or not, so that nothing rests on what is still remembered."""
    deal = begun()
    deal(**approval("dana", terms=FLOOR), until="2026-10-01T11:30:00Z")
    if another:
        deal(**approval("carla", terms={"discount": "1%"}), at="2026-10-02T09:00:00Z")
    with pytest.raises(Unfit, match="no such approval in force"):
        deal(type="revoke", approver="dana", terms=FLOOR, at="2026-10-02T10:00:00Z")


def test_facts_stated_there_and_back_clear_nothing():
    """What was cleared while a fact was otherwise is judged again with the facts as now stated."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(**they(discount="20%"))
    assert deal(**we(discount="5%")).verdict == "proceed"
    deal(type="update", facts={"decision_maker_known": "no"})
    assert deal.position.cleared["discount"] == 0


def test_a_slip_that_bought_nothing_is_left_out_at_once():
    """Else it stays until the highest role has approved the void; what they heard, they heard."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(**approval("dana", terms=FLOOR))
    assert deal(type="void", of="e3", reason="it was another customer's", actor="ana").verdict == "proceed"
    assert (deal.position.approvals, deal.position.dropped) == ((), ("e3",))
    deal(**they(discount="12%"))
    seen = deal(type="void", of="e5", reason="it was another customer's", actor="ana")
    assert (seen.verdict, deal(type="tick")["theirs.net"]) == ("escalate", "18,000 USD")
    ours = begun()
    ours(**we(discount="5%", **LONG))
    seen = ours(type="void", of="e2", reason="it never went out", actor="ana")
    assert (seen.verdict, seen.fired) == ("escalate", {"voiding"})
    ours(**approval("ana", "cfo", of="e3"))
    assert ours(type="tick")["ours.offers"] == "1"
    ours(**approval("cora", "cfo", of="e3"))
    after = ours(type="tick")
    assert (after["ours.offers"], after["ours.last.discount"], ours.position.dropped) == ("0", "unknown", ("e2",))


def test_what_was_taken_is_taken_when_the_deal_is_folded_again():
    """We take an offer that they have replaced, which is an offer; a void of something else makes it no agreement."""
    deal = begun()
    deal(**they(discount="5%"))
    deal(**they(discount="2%"))
    held = deal(**we_accept(of="e2"))
    deal(type="tick")
    after = deal(type="void", of="e5", reason="a slip", actor="ana")
    assert (held.verdict, after.verdict, after.position.agreement) == ("hold", "proceed", None)
    assert after.position.ours.standing == held.position.ours.standing
    assert deal(type="close", outcome="won").verdict == "hold"


def test_an_acceptance_of_what_is_voided_takes_nothing():
    """Their offer of 15% was a slip, and all they said: what we took of it is not the price list that is left."""
    deal = begun()
    deal(**they(discount="15%"))
    deal(**we_accept())
    deal(type="void", of="e2", reason="a slip", actor="ana")
    gone = deal(type="approve", approver="cleo", role="cfo", of="e4")
    assert (gone.position.agreement, gone.position.theirs.stands) == (None, False)
    assert deal(type="close", outcome="won").verdict == "hold"


def test_a_slip_is_left_out_at_once_whatever_went_on_in_another_deal_of_its_party():
    """What is known of the other side by now is known with the slip and without it."""
    policy = saas()
    engine, events, position = Engine(policy), [], None
    decoder = Decoder(policy)
    told = [
        (PartyRecord(), {"type": "open", "facts": FACTS, "party": "Acme"}),
        (PartyRecord(deals=1, open_deals=1), approval("dana", terms=FLOOR)),
        (PartyRecord(deals=1, open_deals=1), {"type": "void", "of": "e2", "reason": "a slip", "actor": "ana"}),
    ]
    for n, (party, event) in enumerate(told, 1):
        line = {"id": f"e{n}", "deal": "D", "at": f"2026-10-0{n}T09:00:00Z", **event}
        event = decoder.decode(json.dumps(line).encode()).unwrap()
        found = engine.evaluate(position, event, events.copy, party=party)
        events, position = [*events, event], found.after
    assert (found.ruling.verdict, position.approvals, position.dropped) == ("proceed", (), ("e2",))


def test_an_approval_that_has_ended_is_none_that_a_slip_took_away():
    """Approving drops what has ended; without the slip that is kept, and counts for nothing."""
    deal = begun()
    deal(**approval("dana", terms=FLOOR, until="2026-10-01T11:30:00Z"))
    deal(**approval("eva", terms=FLOOR), at="2026-10-02T09:00:00Z")
    seen = deal(type="void", of="e3", reason="a slip", actor="ana", at="2026-10-03T09:00:00Z")
    assert (seen.verdict, deal.position.dropped) == ("proceed", ("e3",))


def test_what_has_expired_stands_no_more_where_a_slip_is_left_out():
    """A deal folded again is taken up at the void's instant, at which the offer bound no longer."""
    deal = begun()
    deal(**they(discount="5%"), until="2026-10-01T11:30:00Z")
    deal(**approval("dana", terms=FLOOR))
    assert deal(type="void", of="e3", reason="a slip", actor="ana", at="2026-10-02T09:00:00Z").verdict == "proceed"
    with pytest.raises(Unfit):
        deal(**we_accept(), at="2026-10-02T09:00:00Z")


def test_what_begins_a_deal_or_is_named_by_another_event_is_not_voided():
    """The one that names it is voided first."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(type="void", of="e2", reason="r", actor="ana")
    for of in ("e1", "e2", "e9"):
        with pytest.raises(Unfit):
            deal(type="void", of=of, reason="r")


# More that can happen


def test_no_door_is_closed_by_a_rule_that_decides_nothing():
    """Beside a walk that leaves the door open, one that only advises, or is on trial, closes none."""
    leave = {"why": "w", "on": "their offer", "when": "offer.discount > 20%", "then": "walk"}
    for enforcement, door in (("advisory", "open"), ("shadow", "open"), ("mandatory", "closed")):
        slam = {**leave, "door": "closed", "enforcement": enforcement}
        deal = begun(policy=saas(rules={"leave": leave, "slam": slam}))
        assert deal(**they(discount="30%")).decision.door == door


def test_a_void_is_answered_alike_whatever_rules_advise():
    """A rule that may decide nothing is none that a slip could buy anything by, so its facts may move."""
    counts = {"why": "w", "on": "any", "when": "ours.rejections >= 9", "then": "hold"}
    verdicts = []
    for enforcement in ("advisory", "shadow", "mandatory"):
        deal = begun(policy=saas(rules={"counts": {**counts, "enforcement": enforcement}}))
        deal(**they(discount="30%"))
        deal(type="reject", by="us", actor="ana")
        verdicts.append(deal(type="void", of="e3", reason="a slip", actor="ana").verdict)
    assert verdicts == ["proceed", "proceed", "escalate"]


def test_a_package_that_is_folded_out_was_not_accepted():
    """Voiding the offer of several packages that was taken asks the highest role; what they had said before was not."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(type="offer", by="them", packages=[{"discount": "20%"}, {"discount": "25%"}])
    deal(**we_accept(package=2))
    assert deal.position.agreement.terms["discount"] == 250_000
    assert deal(type="void", of="e3", reason="a slip", actor="ana").verdict == "escalate"
    deal(**approval("cora", "cfo", of="e5"))
    assert (deal.position.agreement, deal.position.theirs.standing["discount"]) == (None, 300_000)


def test_an_event_far_ahead_is_held_until_it_is_confirmed():
    """Nothing of it is folded, so that it makes no dead letters of what comes after."""
    deal = begun()
    seen = deal(**they(discount="30%"), at="2062-10-01T09:00:00Z")
    assert (seen.verdict, seen.fired) == ("hold", {"far-ahead"})
    assert deal(**they(discount="30%"), at="2026-10-03T09:00:00Z")["offer.first"] == "yes"
    assert deal(type="tick", at="2062-10-01T09:00:00Z", confirmed="yes").verdict == "proceed"


def test_an_approval_of_what_falls_short_of_a_want_value_rests_on_that_value():
    """With another want value the approval lifts the rule no more that counts what falls short."""
    short = {"why": "w", "on": "our offer", "when": "room.short_of_want >= 1", "then": "escalate", "to": "director"}
    deal = begun(policy=saas(rules={"short": short}))
    deal(**approval("dana", terms={"discount": "9%"}))
    assert deal(**we(discount="9%")).verdict == "proceed"
    deal(type="update", actor="ana", limits={"discount": {"want": "5%"}})
    assert deal(**we("bob", discount="9%")).verdict == "escalate"


def test_a_close_is_held_against_the_acceptance_by_which_it_was_agreed():
    """What they accepted is judged once more as their acceptance, by the rules that hear that one."""
    wait = {"why": "w", "on": "their acceptance", "when": "offer.discount >= 1%", "then": "hold"}
    found = begun(policy=saas(rules={"wait": wait})).all([we(discount="1%"), they_accept(), WON])
    assert [seen.verdict for seen in found] == ["proceed", "hold", "hold"]


def test_a_close_whose_terms_would_now_close_the_door_closes_it():
    """What was let through and would no longer be is answered by what it would be now, the door too."""
    leave = {"why": "w", "on": "our terms", "when": "deal.decision_maker_known = no", "then": "walk", "door": "closed"}
    unknown = {"type": "update", "actor": "ana", "facts": {"decision_maker_known": "no"}}
    found = begun(policy=saas(rules={"leave": leave})).all([we(discount="1%"), they_accept(), unknown, WON])
    assert [seen.verdict for seen in found] == ["proceed", "proceed", "proceed", "walk"]
    assert found[-1].decision.door == "closed"


def test_a_fact_stated_there_and_back_clears_nothing_for_a_rule_on_our_offers_alone():
    """What was let through while the fact was another is given anew once it is back."""
    hold = {
        "why": "w",
        "on": "our offer",
        "when": "deal.decision_maker_known = no and give.value > 0 USD",
        "then": "hold",
    }
    deal = begun({**FACTS, "decision_maker_known": "no"}, saas(rules={"hold": hold}))
    said = [{"type": "update", "actor": "ana", "facts": {"decision_maker_known": word}} for word in ("yes", "no")]
    found = deal.all([we(discount="1%"), said[0], we(discount="1%"), said[1], we(discount="1%")])
    assert [seen.verdict for seen in found] == ["hold", "proceed", "proceed", "proceed", "hold"]


def test_an_event_at_the_last_instant_of_the_400_days_is_not_far_ahead():
    """One microsecond later it is."""
    deal = begun(at="2026-10-01T09:00:00Z")
    assert deal(type="tick", at="2027-11-05T09:00:00.000001Z").verdict == "hold"
    assert deal(type="tick", at="2027-11-05T09:00:00Z").verdict == "proceed"


def test_a_walk_from_whatever_they_offer_or_take_is_remembered():
    """One of two packages makes us leave, or an offer, or that they take our word: the deal is left from then on."""
    words = ["their offer", "their acceptance"]
    leave = {"why": "w", "on": words, "when": "offer.discount > 20%", "then": "walk", "door": "closed"}
    several = {"type": "offer", "by": "them", "packages": [{"discount": "10%"}, {"discount": "30%"}]}
    for event in (several, they(discount="30%"), they_accept()):
        deal = begun(policy=saas(rules={"leave": leave}))
        deal(**we(discount="25%"))
        assert (deal(**event).verdict, deal(type="tick")["left.closed"]) == ("walk", "yes"), event


def test_a_walk_from_what_they_do_without_terms_is_remembered():
    """That they reject our offer makes us leave, and the deal is left from then on."""
    leave = {"why": "w", "on": "their rejection", "when": "theirs.offers >= 0", "then": "walk", "door": "closed"}
    deal = begun(policy=saas(rules={"leave": leave}))
    deal(**we(discount="1%"))
    assert deal(type="reject", by="them").verdict == "walk"
    assert deal(type="tick")["left.closed"] == "yes"


def test_what_takes_our_word_matches_a_pattern_once():
    """Their acceptance is counted as their move, and judged by what it makes of our terms: one match."""
    legs = {"said": "our offer", "took": "their acceptance", "when": "took.discount = said.discount"}
    twice = {"why": "w", "on": "their acceptance", "when": "pattern.taken >= 2", "then": "hold"}
    deal = begun(policy=saas(pattern={"taken": legs}, rules={"twice": twice}))
    deal(**we(discount="1%"))
    seen = deal(**they_accept())
    assert (seen.verdict, seen["pattern.taken"]) == ("proceed", "1")


def test_an_approval_that_has_run_out_is_not_brought_back_by_an_older_event():
    """What is older than the deal's latest event is refused, so that no instant before it is anybody's to choose."""
    terms, last = {"discount": "9%", "prepay": "yes", "term": "72 months"}, "2026-10-02T09:00:00Z"
    deal, late = begun(), begun()
    for one in (deal, late):
        one(**approval("dana", "director", terms=terms, until=last))
    assert deal(**we("bob", **terms), at=last).verdict == "proceed"
    late(type="tick", at="2026-10-02T09:00:01Z")
    with pytest.raises(Unfit, match="older than the latest"):
        late(**we("bob", **terms), at=last)
    assert late(**we("bob", **terms), at="2026-10-02T09:00:01Z").verdict == "escalate"


def test_several_packages_at_once_are_as_good_as_the_worst_answer():
    """All are cleared where all are let through; a later offer is measured from the one of least worth."""
    deal = begun()
    long, paid = {"discount": "3%", "term": "36 months"}, {"discount": "2%", "prepay": "yes"}
    seen = deal(type="offer", by="us", actor="ana", packages=[long, paid])
    assert (seen.verdict, deal.position.ours.packages != ()) == ("proceed", True)
    with pytest.raises(Unfit, match="2 packages"):
        deal(**they_accept())
    assert deal(**they_accept(package=2)).verdict == "proceed"
    assert deal.position.cleared["discount"] == 20_000
    mixed = begun()(type="offer", by="us", actor="ana", packages=[long, {"discount": "9%"}])
    assert (mixed.verdict, "nothing-for-nothing" in mixed.fired) == ("escalate", True)


def test_of_several_packages_a_later_offer_is_measured_from_the_one_of_least_worth():
    """In whatever order they are named: 2% beside the prepayment gives more than 1% beside it."""
    dear, cheap = {"discount": "2%", "prepay": "yes"}, {"discount": "1%", "prepay": "yes"}
    for packages in ([dear, cheap], [cheap, dear]):
        deal = begun()
        assert deal(type="offer", by="us", actor="ana", packages=packages).verdict == "proceed"
        assert deal.position.cleared["discount"] == 20_000


def test_a_void_by_which_they_have_conceded_more_asks_the_highest_role():
    """Without the first offer, which the second took back from, they have not taken back; else they have moved less."""
    quiet = {"why": "w", "on": "any", "when": "ours.rejections >= 9", "then": "hold"}
    for first, last, verdict in (("25%", "30%", "escalate"), ("30%", "25%", "proceed")):
        deal = begun(policy=saas(rules={"quiet": quiet}))
        deal(**they(discount=first))
        deal(**they(discount=last))
        assert deal(type="void", of="e2", reason="a slip", actor="ana").verdict == verdict


def test_an_offer_that_its_maker_has_replaced_may_be_taken_as_an_offer():
    """`accept.of` names it; of the standing one it is an acceptance."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(**they(discount="5%"))
    deal(**they(discount="9%"))
    seen = deal(**we_accept(of="e3"))
    assert (seen.decision.on, deal.position.ours.standing["discount"]) == ("our offer", 50_000)
    assert deal(**they_accept(of="e5")).decision.on == "their acceptance"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"of": "e2", "package": 2}, "they have offered one package"),
        ({"of": "e2", "issues": ["prepay"]}, "they have offered nothing on `prepay` that could be accepted"),
        ({"of": "e3", "package": 3}, "they have offered 2 packages"),
        ({"of": "e3"}, "they have offered 2 packages"),
    ],
)
def test_a_replaced_offer_is_taken_as_it_was_made(more, message):
    """Of an offer that its maker has replaced nobody takes a package, or an issue, that was not in it."""
    deal = begun()
    deal(**they(discount="30%"))
    deal(type="offer", by="them", packages=[{"discount": "20%"}, {"discount": "25%", "prepay": "yes"}])
    deal(**they(discount="15%"))
    with pytest.raises(Unfit) as refused:
        deal(**we_accept(**more))
    assert (refused.value.code.value, refused.value.message) == ("WA606", message)


def test_a_closed_door_stays_closed_while_it_is_asked_to_be_opened():
    """A rule that walks with an open door, heard by the question itself, does not open it."""
    heard_once = BASE["rules"]["bad-faith"] | {"on": "signal"}
    walks = {"why": "w", "on": "any", "when": "signals.deception >= 1", "then": "walk"}
    deal = begun(policy=saas(rules=BASE["rules"] | {"bad-faith": heard_once, "leave": walks}))
    assert deal(type="signal", by="them", kind="deception", confirmed="yes").decision.door == "closed"
    asked = deal(type="reopen", actor="ana", reason="A new owner.")
    assert ("reopening" in asked.fired, asked.verdict, asked.decision.door) == (True, "walk", "closed")


def test_a_door_closed_for_a_party_is_closed_in_all_its_deals():
    """The party's record comes from whoever follows its deals; a new deal says which one it follows."""
    closed = PartyRecord(deals=1, walked=1, left_closed=True)
    engine = Engine(saas())
    decoder = Decoder(engine.policy)

    def read(n, **event):
        line = {"id": f"e{n}", "deal": "D2", "at": f"2026-10-0{n}T09:00:00Z", **event}
        return decoder.decode(json.dumps(line).encode()).unwrap()

    opened = engine.evaluate(None, read(1, type="open", facts=FACTS, party="Acme"), tuple, party=closed)
    assert {f.rule.id for f in opened.ruling.firings} == {"party-has-a-deal"}
    offer = engine.evaluate(opened.after, read(2, **we(prepay="yes")), tuple, party=closed)
    assert (offer.ruling.verdict, [f.rule.id for f in offer.ruling.deciding]) == ("refuse", ["left"])
    assert [[o.what for o in engine.record(found, "").obligations] for found in (opened, offer)] == [
        ["Go on in that deal, or open this one with `follows` and its id."],
        ["Have the door opened again: a `reopen` that `cfo` approves."],
    ]


def test_a_deal_that_follows_an_open_one_goes_on_from_its_word():
    """Their bases and T go on, and its last terms are known as `earlier.*`."""
    first = begun()
    first(**they(discount="30%"))
    first(**they(discount="20%"))
    engine = first.engine
    line = {"id": "e1", "deal": "D2", "at": "2026-11-01T09:00:00Z", "type": "open", "facts": FACTS, "follows": "D"}
    event = Decoder(engine.policy).decode(json.dumps(line).encode()).unwrap()
    opened = engine.evaluate(None, event, tuple, earlier=earlier_of(first.position))
    assert engine.all_facts(opened)["theirs.net"] == 10_000_00
    assert engine.all_facts(opened)["earlier.discount"] == 0


# Layers


def test_a_lower_layer_adds_effects_and_replaces_none():
    """Neither a mandatory trade nor `unprepared` is bought off by a role that the lower layer made up (law 11)."""
    team = {
        "policy": "team", "version": "1", "roles": ["rep", *BASE["roles"]],
        "rules": {
            "nothing-for-nothing": {"then": "escalate", "to": "rep"},
            "unprepared": {"then": "escalate", "to": "rep"},
        },
    }  # fmt: skip
    deal = begun(policy=below(team))
    gift = {"discount": "5%"}
    deal(**approval("rita", "rep", terms=gift))
    seen = deal(**we(**gift))
    assert (seen.verdict, "nothing-for-nothing" in seen.fired) == ("trade", True)
    waiting = begun({"segment": "enterprise"}, below(team))
    waiting(**approval("rita", "rep", terms=gift))
    assert waiting(**we(**gift)).verdict == "escalate"


def test_an_issue_of_a_lower_layer_pays_no_more_than_the_layer_above_allows():
    """By default it pays for nothing; a layer above says `allows:`."""
    worth = {"goodwill": {"type": "yes/no", "start": "no", "worth": "1,000,000 USD"}}
    team = {"policy": "team", "version": "1", "issues": worth, "rules": {}}
    terms = {"discount": "4%", "goodwill": "yes"}
    assert begun(policy=below(team))(**we(**terms)).verdict == "trade"
    allowing = below(team, allows={"issue_worth": "4,000 USD"})
    assert begun(policy=allowing)(**we(**terms)).verdict == "proceed"
    assert begun(policy=allowing)(**we(**{**terms, "discount": "4.0001%"})).verdict == "trade"


def test_terms_that_cannot_be_weighed_say_what_cannot_be_weighed(tell):
    """What nobody can say the answer to accepting of is at least a trade, and says why."""
    deal = tell(
        """
policy: vast
version: 1
side: seller
currency: USD
issues:
  price: {type: money, start: 0 USD, worth: 1 USD per 1 USD}
  term: {type: months, start: 12 months, worth: 1 USD per month}
rules:
  never: {why: w, on: our offer, when: offer.price = 7 USD, then: hold}
"""
    )
    deal(type="open")
    assert deal.us(price="-60,000,000,000,000 USD").verdict == "proceed"
    seen = deal.them(price="60,000,000,000,000 USD", term="6 months")
    assert (seen.verdict, seen.fired) == ("trade", {"unweighed"})
    (reason,), (asked,) = seen.decision.reasons, seen.decision.obligations
    assert "more than can be held exactly" in reason.why
    assert asked.what.startswith("Have them name smaller amounts")


def test_what_lifts_a_built_in_rule_is_said_as_what_to_do():
    """Agree, sign, withdraw, follow, take back or have the door opened: no fact of the rule's condition is named."""
    tighter = {"type": "update", "actor": "ana", "limits": {"discount": {"walk": "3%"}}}
    signed = {**WON, "terms": {"discount": "1%"}}
    said = {
        "Agree first: one side says the terms, and the other accepts them.": [they(discount="0%"), WON],
        "Sign what was agreed, or agree first to what is signed.": [they(discount="0%"), we_accept(), signed],
        "Withdraw our standing offer.": [we(discount="5%", **LONG), tighter],
        "Take back what nobody declared, as `null`, or declare it in the policy, or have `cfo` approve terms that name"
        " it.": [we(exclusivity="yes")],
        "Have them take back what nobody declared, as `null`, or declare it in the policy, or have `cfo` approve terms"
        " that name it.": [they(discount="0%", exclusivity="yes")],
    }  # fmt: skip
    for hint, events in said.items():
        assert hint in [o.what for o in begun().all(events)[-1].decision.obligations], hint


def test_behind_a_walk_that_stands_no_reopening_is_named():
    """While the rule that walked still does, opening the door again would not help."""
    seen = begun().all([{"type": "signal", "by": "them", "kind": "deception"}, we(prepay="yes")])[-1]
    assert (seen.verdict, seen.fired, seen.decision.obligations) == ("walk", {"left", "bad-faith"}, ())
