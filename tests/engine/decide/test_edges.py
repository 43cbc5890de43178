"""Where two things come together: what is taken back after it was taken, doors, waivers, one instant, several deals."""

import json
from pathlib import Path

import msgspec
import pytest
from tests.helpers.agreeing import layers_of
from tests.helpers.haggling import loaded
from tests.helpers.saas import BASE, saas

from walkaway import load
from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.deal.position import PartyRecord
from walkaway.decide.authority import rests_on
from walkaway.decide.core import rete
from walkaway.decide.engine import Core, Engine, knowing
from walkaway.decide.known import known_party, party_known
from walkaway.events import CLOSED, Door
from walkaway.language.expr.tree import facts_of
from walkaway.session.stream import Stream

ROOT = Path(__file__).parents[3]
FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
SEATS = {**BASE["deal"], "seats": {"type": "count", "default": "500", "meaning": "m"}}
VOID = {"type": "void", "reason": "a slip", "actor": "ana"}
WON = {"type": "close", "outcome": "won", "actor": "ana"}
WE_ACCEPT = {"type": "accept", "by": "us", "actor": "ana"}


def they(**terms):
    return {"type": "offer", "by": "them", "terms": terms}


def we(actor="ana", **terms):
    return {"type": "offer", "by": "us", "actor": actor, "terms": terms}


def approves(approver="dana", role="director", **more):
    return {"type": "approve", "approver": approver, "role": role, **more}


def rule(on, when, then, **more):
    return {"why": "w", "on": on, "when": when, "then": then, **more}


@pytest.fixture
def begun(tell):
    """Return a function that opens a deal under the policy with some rules in place of its own."""

    def opened(rules=None, *, more=None, **facts):
        policy = saas(**{"deal": SEATS, "rules": BASE["rules"] if rules is None else rules, **(more or {})})
        found = tell(policy)
        found.open(facts={**FACTS, **facts})
        return found

    return opened


# What is taken back, and left out


def test_an_agreement_on_what_we_had_not_cleared_is_judged_by_the_facts_as_they_become(begun):
    """Said uncleared, approved, and taken by them: no offer of ours is counted, and what was let through may change."""
    few = rule("our terms", "deal.seats < 1,000 and give.value > 0 USD", "escalate", to="director")
    deal = begun({"few": few})
    assert deal(**we(discount="5%")).verdict == "escalate"
    deal(**approves(terms={"discount": "5%"}))
    agreed = deal(type="accept", by="them")
    assert (agreed.verdict, agreed.position.agreement.cleared, agreed.position.ours.offers) == ("proceed", True, 0)
    deal(type="update", facts={"seats": 50})
    assert not deal.position.agreement.cleared
    assert deal(**WON).verdict == "escalate"


def test_what_only_a_slip_named_may_be_voided_too(begun):
    """Their offer is named by our acceptance; once that is left out nothing names it any more."""
    deal = begun()
    deal.all([they(discount="30%"), {**WE_ACCEPT, "of": "e2"}])
    with pytest.raises(Unfit):
        deal(**VOID, of="e2")
    waits = deal(**VOID, of="e3")
    assert waits.fired == {"voiding"}
    deal(**approves("cleo", "cfo", of=f"e{deal.told}"))
    assert deal.position.dropped == ("e3",)
    assert deal(**VOID, of="e2").fired == {"voiding"}


def test_an_offer_that_was_voided_is_nobodys_to_take_by_its_id(begun):
    """Though another offer stands."""
    deal = begun()
    deal.all([they(discount="30%"), {**VOID, "of": "e2"}, approves("cleo", "cfo", of="e3")])
    assert deal.position.dropped == ("e2",)
    deal(**they(discount="25%"))
    with pytest.raises(Unfit):
        deal(**WE_ACCEPT, of="e2")


def test_a_void_that_is_voided_lets_happen_what_it_left_out(begun):
    """The approval that was left out at once as a slip counts again."""
    deal = begun()
    deal.all([approves(terms={"discount": "5%"}), {**VOID, "of": "e2"}])
    assert (deal.position.approvals, deal.position.dropped) == ((), ("e2",))
    deal(**VOID, of="e3")
    assert deal.position.dropped == ("e3",)
    assert "e2" in {a.id for a in deal.position.approvals}


def test_what_they_did_by_which_we_were_to_walk_is_voided_by_the_highest_role_alone(begun):
    """Though the deal would be the same without it: we had walked before."""
    deal = begun({"rude": rule("any", "signals.abuse >= 1", "walk")})
    deal.all([we(term="24 months"), {"type": "signal", "by": "them", "kind": "abuse"}])
    assert deal(type="reject", by="them").verdict == "walk"
    assert deal(**VOID, of="e4").fired == {"rude", "voiding"}


def test_a_report_of_what_they_did_is_voided_by_the_highest_role_alone(begun):
    """Though it was none that counts."""
    deal = begun()
    deal(type="signal", by="them", kind="abuse", confirmed="no")
    assert deal(**VOID, of="e2").fired == {"voiding"}


def test_a_void_of_a_report_of_bad_faith_opens_the_door_once_it_is_allowed(begun):
    """Not before."""
    deal = begun({"lied": rule("any", "signals.deception >= 1", "walk", door="closed")})
    deal(type="signal", by="them", kind="deception")
    assert deal.position.left is CLOSED
    assert "voiding" in deal(**VOID, of="e2").fired
    assert deal.position.left is CLOSED
    deal(**approves("cleo", "cfo", of="e3"))
    assert deal.position.left is None
    assert deal(**we(term="24 months")).verdict == "proceed"


def test_a_void_of_a_tighter_limit_asks_the_highest_role(begun):
    """Nobody has said anything yet, and still the limit would be looser without it."""
    deal = begun()
    deal(type="update", limits={"discount": {"walk": "10%"}}, actor="ana")
    assert deal(**VOID, of="e2").fired == {"voiding"}
    assert deal.position.known["walk.discount"] == 100_000


def test_an_alternative_that_has_ended_is_none_where_a_slip_is_left_out(begun):
    """The deal is taken up at the void's instant."""
    deal = begun()
    other = {"name": "B", "worth": "95,000 USD", "until": "2026-10-01T11:30:00Z"}
    deal(type="update", actor="ana", alternatives=[other])
    deal(**approves(terms={"discount": "5%"}))
    seen = deal(**VOID, of="e3", at="2026-10-02T09:00:00Z")
    assert (seen.verdict, deal.position.alternatives) == ("proceed", {})
    assert deal.position.known.get("batna.worth") is None


def test_a_reopening_that_was_allowed_is_used_up(begun):
    """Approved again, after the door closed once more, it opens nothing."""
    deal = begun({"lied": rule("signal", "signals.deception >= 1", "walk", door="closed")})
    deal(type="signal", by="them", kind="deception")
    deal(type="reopen", reason="they changed hands", actor="ana")
    deal(**approves("cleo", "cfo", of="e3"))
    assert deal.position.left is None
    deal(type="signal", by="them", kind="deception")
    deal(**approves("cora", "cfo", of="e3"))
    assert deal.position.left is CLOSED


def test_a_door_that_is_closed_stays_so_where_a_void_is_asked_for(begun):
    """The answer walks by an open door, and asks for the highest role: the deal's own door is the closed one."""
    rules = {
        "lied": rule("signal", "signals.deception >= 1", "walk", door="closed"),
        "rude": rule("void", "signals.deception >= 1", "walk"),
    }
    deal = begun(rules)
    deal.all([they(discount="12%"), we(term="24 months"), {"type": "signal", "by": "them", "kind": "deception"}])
    seen = deal(**VOID, of="e3")
    assert (seen.verdict, seen.fired, seen.decision.door) == ("walk", {"rude", "voiding"}, "closed")


def test_which_of_several_packages_is_taken_counts_after_they_were_replaced(begun):
    """The second of the offer before."""
    deal = begun()
    deal(type="offer", by="them", packages=[{"discount": "20%"}, {"discount": "25%"}])
    deal(**they(discount="30%"))
    for package, taken in ((1, 200_000), (2, 250_000)):
        deal(**WE_ACCEPT, of="e2", package=package)
        assert deal.position.ours.standing["discount"] == taken


# Doors


def test_a_door_that_was_closed_at_the_instant_at_which_it_was_opened_stays_closed(begun):
    """Only one that was closed before is open again."""
    deal = begun({"lied": rule("any", "signals.deception >= 1", "walk", door="closed")})
    deal(type="signal", by="them", kind="deception")
    at = deal.position.left_at
    for instant, left in ((at - 1, CLOSED), (at, CLOSED), (at + 1, None)):
        found = knowing(deal.position, deal.past[-1], PartyRecord(deals=1, reopened_at=instant))
        assert found.left is left


def test_a_walk_from_several_packages_of_theirs_is_remembered(begun):
    """As one from a single offer is."""
    deal = begun({"leave": rule("their offer", "offer.discount > 20%", "walk", door="closed")})
    seen = deal(type="offer", by="them", packages=[{"discount": "5%"}, {"discount": "30%"}])
    assert (seen.verdict, deal.position.left) == ("walk", CLOSED)


@pytest.mark.parametrize(("outcome", "held"), [("lost", False), ("won", False), ("walked", True)])
def test_only_who_walks_is_remembered_as_having_walked(outcome, held):
    """A deal that was lost, or not won after all, is no door that a next one with the party finds open or closed."""
    stream = Stream(Engine(saas(deal=SEATS), Core.PLAIN))
    told = [
        {"deal": "D", "type": "open", "facts": FACTS, "party": "Acme"},
        {"deal": "D", "type": "close", "outcome": outcome},
        {"deal": "E", "type": "open", "facts": FACTS, "party": "ACME"},
    ]
    for number, event in enumerate(told, 1):
        line = {"id": f"e{number}", "at": f"2026-10-01T1{number}:00:00Z", **event}
        (found, *_) = stream.line(json.dumps(line).encode(), "deals.jsonl", number)
    assert ("party-has-a-deal" in {r.rule for r in found.reasons}) is held
    assert stream.deals["D"].position.left is (Door.OPEN if held else None)


# Who may approve


def test_a_waiver_holds_only_while_what_its_rule_reads_is_what_it_was(begun):
    """As an approval does."""
    few = rule("our terms", "deal.seats < 100 and give.value > 0 USD", "hold", enforcement="overridable", by="director")
    deal = begun({"few": few}, seats=50)
    lifts = {"override": ["few"], "reason": "a pilot", "until": "2027-01-01T00:00:00Z"}
    deal(**approves(terms={"discount": "5%"}, **lifts))
    assert deal(**we(discount="1%")).standings == {"few": "waived"}
    deal(type="update", facts={"seats": 40})
    assert deal(**we(discount="2%")).standings == {"few": "decides"}
    deal(type="update", facts={"seats": 50})
    assert deal(**we(discount="2%")).standings == {"few": "waived"}


def test_an_approval_of_what_nobody_declared_covers_what_it_says_of_it(begun):
    """Two years of exclusivity are not the one that was approved."""
    deal = begun({})
    deal(**approves("cleo", "cfo", terms={"exclusivity": "one year"}))
    assert deal(**we(exclusivity="two years")).verdict == "hold"
    again = begun({})
    again(**approves("cleo", "cfo", terms={"exclusivity": "one year"}))
    assert again(**we(exclusivity="one year")).verdict == "proceed"


def test_who_approved_is_named_as_it_is_written(begun):
    """Several by commas."""
    two = rule("our terms", "give.value > 0 USD", "escalate", to={"role": "director", "count": "2"})
    deal = begun({"two": two})
    deal(**approves("Dana D.", terms={"discount": "5%"}))
    deal(**approves("Erin", "cfo", terms={"discount": "5%"}))
    assert [r.by for r in deal(**we(discount="1%")).decision.reasons] == ["Dana D., Erin"]


def test_an_approval_rests_on_deal_facts_behind_what_is_computed(begun):
    """A product of what is negotiated and what is stated: nobody knew the quota when the terms were approved."""
    large = rule("our terms", "known(derived.months) and derived.months > 100 months", "escalate", to="director")
    quota = {"type": "count", "optional": "yes", "meaning": "m"}
    more = {"deal": {**SEATS, "quota": quota}, "derived": {"months": "offer.term * deal.quota"}}
    deal = begun({"large": large}, more=more)
    terms = {"term": "12 months", "discount": "5%"}
    deal(**approves(terms=terms))
    deal(type="update", facts={"quota": 600})
    assert deal(**we(discount="1%")).standings == {"large": "decides"}
    deal(**approves("erin", terms=terms))
    assert deal(**we("bob", discount="1%")).standings == {"large": "approved"}


def test_an_approval_of_a_target_missed_rests_on_the_target_of_the_package_too(tell):
    """Of all limits that are counted."""
    deal = tell()
    deal.open()
    deal(type="approve", approver="dana", role="director", terms={"discount": "20%"})
    assert deal(**we(discount="1%")).verdict in ("proceed", "trade")
    assert "want.package" in deal.position.known
    engine = deal.engine
    (short, *_) = [r for r in engine.policy.rules if r.id == "short-of-want"]
    assert {"want.package", "want.discount", "want.support"} <= set(rests_on(engine.policy, short))


def test_an_approval_rests_on_the_lines_behind_what_its_rule_reads():
    """Whatever figure of theirs that is."""
    policy = load(ROOT / "features" / "policies" / "quotes").unwrap()
    reading = [one for one in policy.rules if any(fact.startswith("lines.") for fact in facts_of(one.condition))]
    assert len(reading) >= 4
    assert all("deal.lines" in rests_on(policy, one) for one in reading)


def test_an_approval_rests_on_a_limit_at_each_value_that_it_hangs_on():
    """The limit of another term than the one on the table may be the one that is read next."""
    policy = loaded(*layers_of("by-term"))
    (half,) = [one for one in policy.rules if one.id == "half-way"]
    assert len([fact for fact in rests_on(policy, half) if fact.startswith("walk.discount@")]) == 3


# What is known, and what is said


def test_what_is_known_of_a_party_is_written_by_its_names_and_read_back_as_it_was():
    """Each in its own place, the last terms in the order of their names."""
    policy = saas()
    last = {"term": 24, "support": "gold", "discount": 50_000}
    instants = {"closed_at": 1_700_000_000_000_000, "reopened_at": 1_710_000_000_000_000}
    party = PartyRecord(9, 4, 3, 2, True, last, **instants, asks=7, halted=True)
    written = known_party(policy, party)
    assert party_known(policy, written) == party
    assert (written.deals, written.open_deals, written.won, written.walked) == (9, 4, 3, 2)
    assert (written.left_closed, written.asks, written.halted) == (True, 7, True)
    assert (written.closed_at, written.reopened_at) == ("2023-11-14T22:13:20Z", "2024-03-09T16:00:00Z")
    assert list(written.last.items()) == [("discount", "5%"), ("support", "gold"), ("term", "24 months")]
    assert known_party(policy, PartyRecord()) is msgspec.UNSET


def test_words_for_the_other_side_may_show_what_their_rule_does_not_read(begun):
    """Said in words, and rendered again from evidence."""
    deal = begun({"few": rule("our offer", "give.value > 0 USD", "hold", say="After {theirs.offers}, {offer.worth}.")})
    deal.all([they(discount="30%"), they(discount="25%")])
    assert [r.say for r in deal(**we(discount="1%")).decision.reasons] == ["After 2, 99,000 USD."]


# Who judges


def test_an_offer_far_ahead_that_is_only_thought_of_is_held_as_one_that_is_said(begun):
    """A counteroffer is looked at as it would be answered."""
    deal = begun()
    decoder = Decoder(deal.engine.policy)
    line = {"id": "e9", "deal": "D", "at": "2030-01-01T00:00:00Z", **we(discount="0%")}
    found = deal.engine.foresee(deal.position, decoder.decode(json.dumps(line).encode()).unwrap())
    assert [f.rule.id for f in found.ruling.firings] == ["far-ahead"]
    assert found.ruling.verdict == "hold"


@pytest.mark.skipif(not rete.is_available(), reason="durable-rules is not installed; there is nothing to compare")
@pytest.mark.parametrize("wrong", ["their offer", "our acceptance"])
def test_a_decision_says_that_the_cores_differed_whichever_of_its_judgings_they_did_in(begun, wrong):
    """On their offer itself, or on what accepting it would be."""
    policy = begun().engine.policy

    def loader(stage):
        right = rete.load(stage)
        seen = {r.id for r in stage.rules}
        lies = ("short-of-want" in seen) if wrong == "their offer" else ("left" in seen and "short-of-want" not in seen)
        return (lambda facts: ()) if lies else right

    engine = Engine(policy, Core.BOTH, loaders={Core.RETE: loader})
    decoder = Decoder(policy)
    told = [{"type": "open", "facts": FACTS}, they(discount="30%")]
    position = None
    for number, event in enumerate(told, 1):
        line = {"id": f"e{number}", "deal": "D", "at": f"2026-10-0{number}T09:00:00Z", **event}
        found = engine.evaluate(position, decoder.decode(json.dumps(line).encode()).unwrap())
        position = found.after
    assert found.ruling.verdict == "trade"
    assert not found.cores.agree
