"""The reference evaluator follows sections 5 and 6: what is taken back, who allows it, what it rests on."""

import pytest
from tests.helpers.haggling import ACROSS
from tests.reference.dealing import (
    PAID,
    THEY_ACCEPT,
    THEY_REJECT,
    TICK,
    WE_ACCEPT,
    WON,
    approves,
    as_,
    dealt,
    haggle,
    opening,
    saas,
    states,
    they,
    verdicts,
    we,
)

CARL_ALLOWS = {"type": "approve", "approver": "carl", "role": "cfo"}


def withdraws(by: str) -> dict:
    return {"type": "withdraw", "by": by}


def test_an_offer_that_expired_is_nobodys_to_accept():
    """An offer binds until its instant; an acceptance in time outlives it."""
    short = {**we("0%"), "until": "2026-10-07T08:59:59+00:00"}
    assert verdicts(short, THEY_ACCEPT) == ["proceed", "dead"]
    assert verdicts({**short, "until": "2026-10-07T09:00:00+00:00"}, THEY_ACCEPT, TICK, WON) == ["proceed"] * 4


def test_what_is_withdrawn_pays_for_nothing():
    """Their word falls back to the one before where that is worth less, and never rises; their base stays."""
    found = dealt(they("30%"), they("20%"), withdraws("them"), TICK, they("20%"), TICK)
    assert [d.facts["theirs.net"] for d in (found[4], found[6])] == [0, 10_000]
    assert dealt(they("20%"), they("30%"), withdraws("them"), TICK)[4].facts["theirs.net"] == -10_000
    assert verdicts(they("0%"), withdraws("them"), WE_ACCEPT) == ["proceed", "proceed", "dead"]
    assert verdicts(we("0%"), THEY_ACCEPT, withdraws("us"), WON)[-1] == "hold"


def test_an_agreement_stands_until_somebody_says_otherwise():
    """Other terms, a rejection or a withdrawal end it; closing on the terms agreed needs them to be standing."""
    terms = {"discount": "0%"}
    assert verdicts(we("0%"), THEY_ACCEPT, they("10%"), WON)[-1] == "hold"
    assert verdicts(we("0%"), THEY_ACCEPT, they("10%"), {**WON, "terms": terms})[-1] == "hold"
    assert verdicts(we("0%"), THEY_ACCEPT, THEY_REJECT, {**WON, "terms": terms})[-1] == "hold"
    assert verdicts(we("0%"), THEY_ACCEPT, they("10%"), withdraws("them"), {**WON, "terms": terms})[-1] in (
        "proceed",
        "hold",
    )
    assert verdicts(we("0%"), THEY_ACCEPT, {**WON, "terms": {"discount": "1%"}})[-1] == "refuse"
    assert verdicts(WON) == ["hold"]


def test_a_revoked_approval_clears_nothing():
    """What an approval cleared is not cleared without it; counts stay, and what is agreed is no longer let through."""
    said = (they("40%"), they("20%"), approves("dana", discount="18%", **PAID), we("18%", **PAID))
    revoked = {"type": "revoke", "approver": " DANA", "of": "e3"}
    found = dealt(*said, revoked, we("18%", **PAID), TICK)
    assert [d.verdict for d in found[4:]] == ["proceed", "proceed", "escalate", "proceed"]
    assert found[5].deal.cleared == found[0].deal.worth.start
    assert found[7].facts["ours.concessions"] == 1
    assert verdicts(*said, THEY_ACCEPT, WON)[-1] == "proceed"
    assert verdicts(*said, THEY_ACCEPT, revoked, WON)[-1] == "escalate"


def test_two_people_are_two_people():
    """`count: 2` wants approvals of two different people; the same one twice is one."""
    rule = {"on": "our terms", "when": "give.value > 0", "then": "escalate", "to": {"role": "manager", "count": "2"}}
    policy = {**saas(), "rules": {"two": rule}}
    one, same, other = (approves(n, "manager", discount="5%") for n in ("dana", "Dana ", "carl"))
    assert verdicts(one, same, we("5%"), layers=[policy])[-1] == "escalate"
    assert verdicts(one, other, we("5%"), layers=[policy])[-1] == "proceed"


def test_a_pipeline_filled_and_emptied_again_clears_no_gift():
    """What was cleared on other facts is cleared only as far as it would have been on these; prices are stated once."""
    thin = {"on": "our terms", "when": "deal.pipeline_coverage < 3 and give.net > 0", "then": "refuse"}
    full, empty = states(pipeline_coverage="5"), states(pipeline_coverage="2")
    layers = [{**saas(), "rules": {"thin": thin}}]
    assert verdicts(full, we("8%"), we("8%"), empty, we("8%"), layers=layers) == [*["proceed"] * 4, "refuse"]
    assert verdicts(full, we("8%"), empty, full, we("9%"), layers=layers)[-1] == "proceed"
    assert verdicts(states(list_price="200,000 USD")) == ["dead"]


def test_a_void_that_buys_something_waits_for_the_highest_role():
    """A slip that changed nothing goes; one that lowered their word, or an offer of ours, waits for the cfo."""
    void = {"type": "void", "of": "e2", "reason": "a slip", "actor": "ana"}
    assert verdicts(they("30%"), TICK, void) == ["trade", "proceed", "proceed"]
    found = dealt(they("20%"), they("30%"), void, {**CARL_ALLOWS, "of": "e3"}, TICK)
    assert [d.verdict for d in found[1:]] == ["trade", "trade", "escalate", "proceed", "proceed"]
    assert (found[3].facts["theirs.net"], found[5].facts["theirs.net"]) == (-10_000, 0)
    assert verdicts(we("0%"), we("1%"), void)[-1] == "escalate"
    assert verdicts(they("20%"), {**approves("dana", discount="1%"), "of": "e1"}, {**void, "of": "e1"})[-1] == "dead"


def test_a_void_that_undoes_a_refused_acceptance_of_ours_waits_for_the_highest_role():
    """Without their offer our acceptance took nothing; but they have heard it, and it was refused."""
    void, free = {"type": "void", "of": "e1", "reason": "a slip", "actor": "ana"}, [{**saas(), "rules": {}}]
    took, more = {**WE_ACCEPT, "issues": ["discount"]}, they("30%", support="gold")
    assert verdicts(they("30%"), took, more, void, layers=free) == ["trade", "refuse", "trade", "escalate"]
    assert verdicts(they("30%"), more, void, layers=free) == ["trade", "trade", "proceed"]


def test_a_void_that_loosens_a_limit_told_apart_by_another_issue_waits():
    """A walk value that was tightened holds at every value of the selector, until the highest role lets the slip go."""
    begun, tighter = {"type": "open", "facts": {"seats_total": "1,000 USD"}}, {"discount": {"walk": "12%"}}
    void = {"type": "void", "of": "e1", "reason": "a slip", "actor": "ana"}
    update = {"type": "update", "limits": tighter, "actor": "ana"}
    assert verdicts(begun, update, void, layers=[ACROSS[1]]) == ["proceed", "escalate"]


def test_terms_nobody_declared_hold_the_offer_until_they_go():
    """They are kept, held, covered by the highest role naming them, and gone when their maker sends null."""
    odd = we("0%", exclusivity="2 years")
    assert verdicts(odd, we("0%"), we("0%", exclusivity=None)) == ["hold", "hold", "proceed"]
    assert verdicts(approves("carl", "cfo", exclusivity="2 years"), odd)[-1] == "proceed"
    assert verdicts(approves("carl", "cfo", exclusivity="3 years"), odd)[-1] == "hold"
    deep, slip = we("30%", exclusivity="2 years"), {"type": "void", "of": "e2", "reason": "not theirs", "actor": "ana"}
    assert verdicts(deep, THEY_ACCEPT, they("25%"), slip) == [*["refuse"] * 3, "escalate"]
    assert verdicts(odd, layers=[{**saas(), "undeclared": "ignore"}]) == ["proceed"]
    assert verdicts(odd, layers=[{**saas(), "undeclared": "refuse"}]) == ["refuse"]
    found = dealt(they("0%", exclusivity="2 years"), TICK)
    assert (found[1].verdict, found[2].facts["other.theirs"]) == ("hold", 1)


def test_of_several_packages_all_must_pass():
    """The answer is the most severe; what comes later is measured from the one of least worth."""
    packages = [{"discount": "2%", "prepay": "yes"}, {"discount": "4%", **PAID}]
    both = {"type": "offer", "by": "us", "packages": packages}
    found = dealt(both, {**THEY_ACCEPT, "package": 2}, WON)
    assert [d.verdict for d in found[1:]] == ["proceed"] * 3
    assert found[1].deal.worth.W(found[1].deal.cleared) == 0
    assert verdicts({**both, "packages": [packages[0], {"discount": "19%"}]}) == ["refuse"]


def test_a_base_is_never_beyond_our_walk_value_where_the_policy_says_so():
    """Under `theirs_base: walk` coming down from 40% to 30% at a floor of 20% earns nothing, and to 15% five."""
    policy = {**saas(), "theirs_base": "walk"}
    for discount, earned in (("30%", 0), ("20%", 0), ("15%", 5_000)):
        assert dealt(they("40%"), they(discount), TICK, layers=[policy])[3].facts["theirs.net"] == earned
    assert dealt(they("40%"), they("30%"), TICK)[3].facts["theirs.net"] == 10_000


def test_a_base_is_never_beyond_the_start_where_the_policy_says_so():
    """Under `theirs_base: start` coming down to the start value earns nothing, and what is offered beyond it does."""
    policy = {**saas(), "theirs_base": "start"}
    for terms, earned in ({"discount": "0%"}, 0), ({"prepay": "yes"}, 2_000):
        found = dealt(they("40%", prepay="no"), they(terms.pop("discount", "40%"), **terms), TICK, layers=[policy])
        assert found[3].facts["theirs.net"] == earned


def test_an_offer_that_its_maker_replaced_is_an_offer_of_those_terms():
    """Accepting by id what is standing agrees; what was replaced is offered back."""
    assert dealt(they("0%"), {**WE_ACCEPT, "of": "e1"})[2].deal.agreement
    found = dealt(they("0%"), they("10%"), {**WE_ACCEPT, "of": "e1"})
    assert (found[3].verdict, found[3].deal.agreement) == ("proceed", None)


@pytest.mark.parametrize("until", ["2026-10-09T09:00:00+00:00", None])
def test_the_best_alternative_in_force_counts(until):
    """Of several alternatives the best still in force is the one an offer has to beat."""
    other = [
        {"name": "B", "worth": "96,000 USD", "until": until},
        {"name": "C", "worth": "90,000 USD"},
    ]
    policy = {**saas(), "rules": {}}
    begin = {**opening(), "alternatives": other}
    found = verdicts(begin, we("4%"), we("3%"), TICK, TICK, TICK, we("4%"), layers=[policy])
    assert found[:2] == ["refuse", "proceed"]
    assert found[-1] == ("refuse" if until is None else "proceed")
    assert verdicts(begin, {"type": "update", "alternatives": [{"name": "B", "worth": None}]}, layers=[policy]) == [
        "escalate"
    ]


def test_a_tightened_limit_that_leaves_our_offer_outside_is_held():
    """Whoever tightens below what we have said is told to withdraw it."""
    tighter = {"type": "update", "limits": {"discount": {"walk": "3%"}}}
    assert verdicts(we("5%", **PAID), tighter) == ["proceed", "hold"]
    assert verdicts(we("5%", **PAID), withdraws("us"), tighter)[-1] == "proceed"


def test_movers_stay_until_what_they_said_is_cleared():
    """Clearing something else keeps ana on the list; clearing what she said takes her off."""
    said = (they("40%"), they("20%"), we("18%", **PAID), THEY_REJECT, we("0%"))
    assert [m for m, _ in dealt(*said)[-1].deal.movers] == ["ana"]
    cleared = (approves("dana", discount="18%", **PAID), as_("bob", we("18%", **PAID)))
    assert dealt(they("40%"), they("20%"), we("18%", **PAID), *cleared)[-1].deal.movers == []


def test_from_a_kill_on_what_makes_terms_ours_waits_until_a_resume():
    """In every deal, whoever the other side is; their offers are answered as ever, and nothing of it is cleared."""
    kill = {"type": "kill", "approver": "carl", "role": "cfo", "reason": "a slip in the list"}
    found = verdicts(
        we("0%", **PAID), kill, we("0%", **PAID), they("30%"), {**kill, "type": "resume"}, we("0%", **PAID)
    )
    assert found == ["proceed", "proceed", "hold", "trade", "proceed", "proceed"]


def test_asks_of_agents_are_counted_by_party_and_change_nothing_else():
    """A yes counts twice until it is said; rules read the sum over all deals of the party."""
    asked = {"type": "probe", "asked": "{}", "cost": 1}
    other = {**opening(), "deal": "E", "party": "acme"}
    found = dealt({**opening(), "party": "Acme"}, asked, {**asked, "yes": True, "cost": 2, "permit": "e5"}, TICK, other,
                  we("0%"), TICK, {**TICK, "deal": "E"})  # fmt: skip
    assert [d.facts.get("theirs.probes") for d in found[1:4]] == [0, 1, 3]
    assert [found[n].facts["theirs.probes"] for n in (6, 7)] == [2, 2]
    assert [found[n].facts["ours.unsent"] for n in (3, 6)] == [1, 0]


@pytest.mark.parametrize(
    ("begins", "found"), [("6,500 USD", "proceed"), ("6,500.01 USD", "dead"), ("0.99 USD", "dead")]
)
def test_a_deal_begins_at_a_value_that_can_be_said_again(begins, found):
    """A start value that is computed lies within the bounds of its issue, or the opening is a dead letter."""
    policy = haggle()
    price = {**policy["issues"]["price"], "least": "1 USD", "most": "6,500 USD"}
    opened = {"type": "open", "facts": {"opening": begins}}
    answers = dealt(opened, layers=[{**policy, "issues": {"price": price}}])
    assert ["dead" if a.dead else a.verdict for a in answers] == [found]
