"""What looks back on a deal, or on a deal as a layer above has it: nothing is cleared by it, and nothing is lost."""

import json
from fractions import Fraction

import pytest
from tests.helpers.saas import BASE, FILE, below, saas

from walkaway.deal.position import earlier_of
from walkaway.policy import files_beside

FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
SEATS = {"deal": {**BASE["deal"], "seats": {"type": "count", "default": "5", "meaning": "m"}}}
BUSY = {"why": "w", "on": "our terms", "when": "deal.seats < 10 and give.value > 0 USD", "then": "hold"}


@pytest.fixture
def begun(tell):
    """Return a function that opens a deal."""

    def opened(policy, **facts):
        found = tell(policy)
        found.open(facts={**FACTS, **facts})
        return found

    return opened


def they(**terms):
    return {"type": "offer", "by": "them", "terms": terms}


def we(**terms):
    return {"type": "offer", "by": "us", "actor": "ana", "terms": terms}


@pytest.mark.parametrize(
    "words",
    [
        [we(discount="1%")],
        [{"type": "offer", "by": "us", "actor": "ana", "packages": [{"discount": "1%"}, {"discount": "2%"}]}],
        [they(discount="1%"), {"type": "accept", "by": "us", "actor": "ana"}],
        [we(discount="1%"), {"type": "accept", "by": "them"}],
    ],
    ids=["our offer", "our packages", "our acceptance", "their acceptance"],
)
def test_what_was_not_let_through_is_not_cleared_by_folding_again(begun, words):
    """A fact that would have let it through is stated later: the deal is folded again, and that clears nothing."""
    deal = begun(saas(rules={"busy": BUSY}, **SEATS))
    assert deal(**we(term="24 months")).verdict == "proceed"
    cleared = deal.position.cleared
    assert deal.all(words)[-1].verdict == "hold"
    deal(type="update", actor="ana", facts={"seats": 50})
    assert deal.position.cleared == cleared
    assert deal.position.agreement is None or not deal.position.agreement.cleared


def test_what_had_lapsed_has_lapsed_when_it_is_folded_again(begun):
    """We say what they had offered until an earlier day: an offer of ours, also once something after it is voided."""
    deal = begun(saas())
    ours = we(discount="5%", term="36 months", prepay="yes")
    deal(**they(**ours["terms"]), until="2026-10-05T20:00:00Z", at="2026-10-05T18:00:00Z")
    deal(**ours, at="2026-10-06T09:00:00Z")
    deal(type="reject", by="them", at="2026-10-06T10:00:00Z")
    before = deal.position
    assert before.agreement is None
    void = {"type": "void", "of": "e4", "reason": "a slip", "actor": "ana"}
    assert deal(**void, at="2026-10-06T11:00:00Z").fired == {"voiding"}
    deal(type="approve", approver="dana", role=BASE["roles"][-1], of="e5", at="2026-10-06T12:00:00Z")
    assert (deal.position.agreement, deal.position.ours.rejected) == (None, False)


def test_who_signs_what_they_took_moves_nothing_of_theirs(begun):
    """Their acceptance is judged again when it is signed: what we give by it is no step of theirs."""
    back = {"why": "w", "on": "their acceptance", "when": "move.value < 0 USD", "then": "refuse"}
    deal = begun(saas(rules={"busy": BUSY, "back": back}, **SEATS))
    deal(**we(discount="1%"))
    assert deal(type="accept", by="them").fired == {"busy"}
    deal(type="update", actor="ana", facts={"seats": 50})
    assert deal(type="close", outcome="won", actor="ana").verdict == "proceed"


def test_an_issue_of_a_replaced_offer_is_taken_without_what_nobody_declared(begun):
    """The whole of it is taken with that."""
    for more, other in (({"issues": ["discount"]}, False), ({}, True)):
        deal = begun(saas())
        deal(**they(discount="5%", exclusivity="one year"))
        deal(**they(discount="30%"))
        seen = deal(type="accept", by="us", actor="ana", of="e2", **more)
        assert (("unvalued" in seen.fired), bool(deal.position.ours.other)) == (other, other)


def test_what_means_nothing_above_happens_there_all_the_same(begun):
    """Far ahead and confirmed, an approval by a role that the layer above has not moves both layers to its instant."""
    deal = begun(below({"policy": "team", "version": 1, "roles": ["clerk", *BASE["roles"]]}))
    clerk = {"type": "approve", "approver": "carl", "role": "clerk", "terms": {"discount": "1%"}}
    seen = deal(**clerk, confirmed=True, at="2028-03-01T09:00:00Z")
    assert "far-ahead" not in seen.fired
    assert deal.position.above.last == deal.position.last


def test_what_we_took_is_voided_by_the_highest_role_alone(begun):
    """The other side has heard it, as it hears an offer of ours."""
    for word in (we(term="24 months"), {"type": "accept", "by": "us", "actor": "ana"}):
        deal = begun(saas())
        deal.all([they(discount="5%"), word])
        assert deal(type="void", of="e3", reason="a slip", actor="ana").fired == {"voiding"}


def test_a_void_by_which_the_very_next_answer_would_be_milder_asks_the_highest_role(begun):
    """Their second offer in a row was held: without the first it is the first, though nothing tells by now."""
    again = {"why": "w", "on": "their offer", "when": "theirs.in_a_row >= 1", "then": "hold"}
    deal = begun(saas(rules={"again": again}))
    seen = deal.all([they(discount="30%"), they(discount="30%"), we(term="24 months")])
    assert [s.verdict for s in seen] == ["trade", "hold", "proceed"]
    assert deal(type="void", of="e2", reason="a slip", actor="ana").fired == {"voiding"}


def test_who_signs_is_not_who_agreed(begun):
    """Ana took it, dana approves and signs: the approval counts, since it is ana's acceptance that is judged again."""
    ask = {"why": "w", "on": "our terms", "when": "give.value > 0 USD", "then": "escalate", "to": "director"}
    deal = begun(saas(rules={"ask": ask}))
    deal.all([they(discount="1%"), {"type": "accept", "by": "us", "actor": "ana"}])
    deal(type="approve", approver="dana", role="director", terms={"discount": "1%"})
    assert deal(type="close", outcome="won", actor="dana").verdict == "proceed"


def test_what_was_confirmed_far_ahead_is_so_when_it_is_folded_again(begun):
    """An approval is taken back, and nothing that came after the long pause is lost by it."""
    deal = begun(saas())
    deal(type="approve", approver="dana", role="director", terms={"discount": "9%"})
    deal(type="tick", confirmed=True, at="2028-03-01T09:00:00Z")
    assert deal(**we(term="24 months"), at="2028-03-01T09:00:00Z").verdict == "proceed"
    deal(type="revoke", approver="dana", of="e2", at="2028-03-02T09:00:00Z")
    assert deal.position.cleared["term"] == 24


@pytest.mark.parametrize("place", [0, 1])
def test_of_several_packages_of_theirs_each_is_held_against_what_taking_it_would_be(begun, place):
    """The one of least worth might be taken; the other, worth more to us, might not: so both together are no yes."""
    long = {"why": "w", "on": "our acceptance", "when": "offer.term > 36 months", "then": "refuse"}
    packages = [{"discount": "2%", "term": "12 months"}]
    deal = begun(saas(rules={"long": long}))
    packages.insert(place, {"discount": "1%", "term": "48 months"})
    assert deal(type="offer", by="them", packages=packages).verdict == "trade"
    assert deal(type="accept", by="us", actor="ana", package=place + 1).verdict == "refuse"
    assert deal(type="accept", by="us", actor="ana", package=2 - place).verdict == "proceed"


def test_what_they_concede_by_packages_pays_for_taking_one_of_them(begun):
    """As by a single offer: from 30% to 5% or 6% they come down by more than either gives."""
    for word in ({"terms": {"discount": "5%"}}, {"packages": [{"discount": "5%"}, {"discount": "6%"}]}):
        deal = begun(saas())
        assert deal(**they(discount="30%")).verdict == "trade"
        assert deal(type="offer", by="them", **word).verdict == "proceed"


def test_one_person_is_one_whatever_each_approval_was_given_for(begun):
    """Two directors are asked: one of them, spelled otherwise and approving what waits in the deal as well, is one."""
    ask = {"why": "w", "on": "our terms", "when": "give.value > 0 USD", "then": "escalate"}
    deal = begun(saas(rules={"ask": {**ask, "to": {"role": "director", "count": "2"}}}))
    terms = {"discount": "2%"}
    deal(**we(term="24 months"))
    assert deal(type="void", of="e2", reason="a slip", actor="ana").fired == {"voiding"}
    deal(type="approve", approver="dana", role="director", terms=terms)
    deal(type="approve", approver=" Dana", role="cfo", of="e3", terms=terms)
    assert deal(**we(**terms)).verdict == "escalate"
    deal(type="approve", approver="erin", role="director", terms=terms)
    assert deal(**we(**terms)).verdict == "proceed"


OWN = {"deal": {"daily": "money"}}
IN_DAYS = {"type": "days", "start": "30 days", "worth": "-1 * deal.daily per day"}


def test_what_accepting_would_be_is_told_of_every_layer(begun):
    """Of their offer, with the layer below and alone."""
    deal = begun(below({"policy": "team", "version": 1, "issues": {"days": IN_DAYS}, **OWN}), daily="10 USD")
    assert deal(**they(discount="30%")).accepting == begun(saas())(**they(discount="30%")).accepting == "refuse"


@pytest.mark.parametrize(
    ("issue", "own", "facts"),
    [
        (IN_DAYS, OWN, {"daily": "10 USD"}),
        (
            {**IN_DAYS, "start": "deal.usual", "worth": "-10 USD per day"},
            {"deal": {"usual": "days"}},
            {"usual": "30 days"},
        ),
        (
            {**IN_DAYS, "worth": "-1 * daily[deal.region].cost per day"},
            {
                "deal": {"region": {"one of": ["north", "south"]}},
                "tables": {"daily": {"file": "daily.csv", "key": "region"}},
            },
            {"region": "north"},
        ),
    ],
    ids=["worth", "start", "table"],
)
def test_what_an_added_issue_rests_on_is_known_to_the_layer_above(begun, monkeypatch, issue, own, facts):
    """Its worth and its start may rest on facts and tables of the layer below: offers are judged as with constants."""
    beside = {"daily.csv": b'region,cost\nnorth,"10 USD"\nsouth,"20 USD"\n'}
    monkeypatch.setattr("tests.helpers.saas.policy.files_beside", lambda file: lambda n: beside.get(n) or _FILES(n))
    team, constant = {"policy": "team", "version": 1}, {**IN_DAYS, "worth": "-10 USD per day"}
    words = [they(days="60 days"), we(days="60 days"), we(days="20 days"), they(discount="4%", days="30 days")]
    told = [
        [answer.verdict for answer in begun(below({**team, "issues": {"days": each}, **more}), **stated).all(words)]
        for each, more, stated in ((issue, own, facts), (constant, {}, {}))
    ]
    assert told[0] == told[1]
    unprepared = begun(below({**team, "issues": {"days": issue}, **own}))
    assert {answer.verdict for answer in unprepared.all(words)} <= {"hold"}


_FILES = files_beside(FILE)


APPROVED = {"type": "approve", "approver": "dana", "role": "cfo", "terms": {"discount": "5%"}}
WALK, WANT = ({"limits": {"discount": {limit: value}}} for limit, value in (("walk", "15%"), ("want", "7%")))
FACT, BATNA = {"facts": {"pipeline_coverage": 4}}, {"batna": "20,000 USD"}


@pytest.mark.parametrize(
    ("reads", "news", "other"),
    [
        ("known(batna.worth) and offer.worth < batna.worth + 90,000 USD", BATNA, FACT),
        ("known(walk.discount) and offer.discount > walk.discount * 0.1", WALK, WANT),
        ("known(want.discount) and offer.discount > want.discount * 0.1", WANT, WALK),
        ("room.discount < 19%", WALK, WANT),
        ("room.beyond_walk >= 0", WALK, WANT),
        ("room.short_of_want >= 0", WANT, WALK),
        ("known(deal.pipeline_coverage) and deal.pipeline_coverage > 1", FACT, BATNA),
    ],
)
def test_an_approval_rests_on_whatever_its_rule_reads(tell, reads, news, other):
    """Each fact, limit and alternative: once it is another, the rule asks again; any other is nothing to it."""
    deal = tell(saas(rules={"near": {"why": "w", "on": "our terms", "when": reads, "then": "escalate", "to": "cfo"}}))
    deal.open(facts={**FACTS, "pipeline_coverage": 3}, batna="10,000 USD")
    assert deal(**we(discount="5%")).verdict == "escalate"
    deal(**APPROVED)
    for said, answer in ((other, "proceed"), (news, "escalate")):
        deal(type="update", actor="ana", **said)
        assert deal(**we(discount="5%")).verdict == answer


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ({"batna": "94,999.99 USD"}, {"batna": "95,000 USD"}),
        ({"limits": {"discount": {"walk": "5%"}}}, {"limits": {"discount": {"walk": "4.9999%"}}}),
        ({"limits": {"package": {"walk": "95,000 USD"}}}, {"limits": {"package": {"walk": "95,000.01 USD"}}}),
        ({"limits": {"discount": {"want": "1%"}}}, None),
    ],
)
def test_what_we_offered_is_outside_one_unit_past_a_limit(begun, inside, outside):
    """At the walk value it is inside, at the worth of our best alternative it is not; want values leave nothing out."""
    for said, answer in ((inside, "proceed"), (outside, "hold")):
        deal = begun(saas(rules={}))
        deal(**we(discount="5%"))
        assert said is None or deal(type="update", actor="ana", **said).verdict == answer


BEFORE = {"alternatives": [{"name": "A", "worth": "85,000 USD"}], "limits": {"discount": {"walk": "12%", "want": "5%"}}}


@pytest.mark.parametrize(
    ("fact", "was", "asked"),
    [
        ("batna.worth", "85,000 USD", {"alternatives": [{"name": "A", "worth": "70,000 USD"}]}),
        ("batna.worth", "85,000 USD", {"alternatives": [{"name": "A", "worth": None}]}),
        ("walk.discount", "12%", {"limits": {"discount": {"walk": "15%"}}}),
        ("want.discount", "5%", {"limits": {"discount": {"want": "8%"}}}),
    ],
)
def test_what_waits_to_be_allowed_is_asked_once_and_is_nothing_until_then(begun, fact, was, asked):
    """Whatever else is stated meanwhile; once it is allowed it holds, and is asked no more."""
    deal = begun(saas(rules={}))
    deal(type="update", actor="ana", **BEFORE)
    waits = deal(type="update", actor="ana", **asked)
    assert (waits.verdict, waits[fact]) == ("escalate", was)
    for more in ({"facts": {"pipeline_coverage": 4}}, {"limits": {"package": {"walk": "81,000 USD"}}}):
        later = deal(type="update", actor="ana", **more)
        assert (later.verdict, later[fact]) == ("proceed", was)
    deal(type="approve", approver="dana", role="cfo", of=deal.position.pending[0].event)
    assert not deal.position.pending
    assert deal(type="update", actor="ana", facts={"pipeline_coverage": 5}).verdict == "proceed"
    assert deal(type="tick").facts.get(fact) != was


@pytest.mark.parametrize(
    ("outcome", "price", "conceded"),
    [
        ("", "100,000 USD", 10_000),
        ("", "200,000 USD", 20_000),
        ("", "0.40 USD", Fraction(4, 100)),
        ("walked", "200,000 USD", 20_000),
        ("won", "200,000 USD", 0),
        ("lost", "200,000 USD", 0),
    ],
)
def test_what_they_conceded_counts_on_by_the_worths_of_the_deal_that_follows(begun, outcome, price, conceded):
    """Where the deal before was not over; what was won or lost begins anew."""
    deal = begun(saas())
    deal.all([they(discount="30%"), they(discount="20%")])
    if outcome == "won":
        deal.all([we(discount="0%"), {"type": "accept", "by": "them"}])
    if outcome:
        deal(type="close", outcome=outcome, actor="ana")
    said = {"id": "o", "deal": "E", "at": "2026-12-01T09:00:00Z", "type": "open", "follows": "D"}
    line = json.dumps({**said, "facts": {**FACTS, "list_price": price}}).encode()
    after = deal.engine.evaluate(None, deal.decoder.decode(line).unwrap(), earlier=earlier_of(deal.position)).after
    assert after.valuation.exact(after.theirs.net) == conceded * 100


def test_an_approval_that_carried_out_a_void_is_there_until_it_is_revoked(begun):
    """What is folded again without the slip does not know of it, since nothing of it was there before."""
    deal = begun(saas())
    deal(**we(discount="5%", term="36 months", prepay="yes"))
    deal(type="reject", by="them")
    assert deal(type="void", of="e2", reason="a slip", actor="ana").fired == {"voiding"}
    deal(type="approve", approver="dana", role=BASE["roles"][-1], of="e4")
    assert [a.id for a in deal.position.approvals] == ["e5"]
    assert deal(type="revoke", approver="dana", of="e5").verdict == "proceed"
    assert deal.position.approvals == ()
    assert "e2" in deal.position.dropped


def test_what_a_revoked_approval_let_through_is_not_cleared_by_folding_again(begun):
    """Once, and again whenever the deal is looked back on for something else: the approval is gone from its past."""
    asks = {"why": "w", "on": "our terms", "when": "give.value > 0 USD", "then": "escalate", "to": "cfo"}
    deal = begun(saas(rules={"asks": asks, "busy": BUSY}, **SEATS), seats=50)
    deal(**APPROVED)
    assert deal(**we(discount="5%")).verdict == "proceed"
    deal(type="revoke", approver="dana", of="e2")
    deal(type="update", actor="ana", facts={"seats": 60})
    assert deal(**we(discount="5%")).verdict == "escalate"
