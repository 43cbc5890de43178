"""Whose approval an offer wants, and what was approved already."""

from typing import Any

import pytest
from tests.helpers.asking import asked

from walkaway.advice.approvals import Approvals, preview
from walkaway.deal.admission import Unfit
from walkaway.language.diagnostics import InvalidInput

LADDER = """
policy: ladder
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic}
  term: {type: months, start: 12 months, worth: 100 USD per month}
roles: [manager, director, cfo]
rules:
  high: {why: High., on: our offer, when: offer.discount > 5%, then: escalate, to: manager}
  higher: {why: Higher., on: our offer, when: offer.discount > 10%, then: escalate, to: director}
  gold: {why: Gold costs., on: our offer, when: offer.support = gold, then: escalate, to: manager}
  short: {why: Too short., on: our offer, when: offer.term < 12 months, then: refuse, enforcement: overridable, by: cfo}
  hard: {why: Never., on: our offer, when: offer.discount > 50%, then: refuse}
"""


def previewed(deal: Any, actor: str = "ana", **terms: Any) -> Approvals:
    """Ask about one more offer of ours, and keep nothing of it."""
    event = asked(deal.engine, deal.position, terms, actor)
    return preview(deal.engine.policy, deal.engine.evaluate(deal.position, event))


@pytest.fixture
def deal(tell):
    """Return an open deal under `LADDER`."""
    found = tell(LADDER)
    found.open()
    return found


def test_roles_come_from_the_lowest_to_the_highest_with_their_reasons(deal):
    """Each role is there once, with every rule that wants it."""
    found = previewed(deal, discount="12%", support="gold").needed
    assert [n.role for n in found] == ["manager", "director"]
    assert found[0].why == {"high": "High.", "gold": "Gold costs."}
    assert found[1].why == {"higher": "Higher."}


def test_what_no_approval_lifts_is_named(deal):
    """A director may agree to 60%, and it stays refused: nobody is asked in vain."""
    found = previewed(deal, discount="60%", term="6 months")
    assert (found.needed, found.waivable) == ((), ())
    assert found.still_blocking == ("hard", "short")
    assert previewed(deal, discount="12%").still_blocking == ()


def test_an_approval_must_cover_what_is_worse_than_the_start(deal):
    """What is no worse needs no mention."""
    (found,) = previewed(deal, discount="7%", support="gold", term="24 months").needed
    assert found.cover == {"discount": "7%", "support": "gold"}
    assert not found.worse


def test_an_approval_that_still_covers_is_not_asked_again(deal):
    """What it meets is named beside it."""
    deal(type="approve", approver="dana", role="director", terms={"discount": "15%"})
    found = previewed(deal, discount="12%")
    assert found.needed == ()
    assert [(g.approver, g.rules) for g in found.given] == [("dana", ("high", "higher"))]


def test_only_what_got_worse_is_asked_again(deal):
    """The earlier approval is shown with what it no longer covers."""
    deal(type="approve", approver="dana", role="manager", terms={"discount": "9%", "support": "gold"})
    found = previewed(deal, discount="10%", support="gold")
    (needed,) = found.needed
    assert needed.role == "manager"
    assert needed.worse == {"discount": "9%"}
    assert needed.before == "dana"
    assert found.given[0].note == "it does not cover discount 10%"


def test_what_a_role_may_not_approve_is_asked_of_the_one_above(deal):
    """A manager's approval leaves the director's to be got."""
    deal(type="approve", approver="max", role="manager", terms={"discount": "15%"})
    found = previewed(deal, discount="12%")
    assert [n.role for n in found.needed] == ["director"]
    assert found.given[0].rules == ("high",)


def test_an_expired_approval_counts_for_nothing(deal):
    """It is shown, with the reason."""
    deal(type="approve", approver="dana", role="cfo", terms={"discount": "15%"}, until="2026-10-01T10:30:00Z")
    deal(type="tick")
    found = previewed(deal, discount="7%")
    assert found.needed[0].role == "manager"
    assert (found.given[0].rules, found.given[0].note) == ((), "it has expired")


def test_nobody_approves_their_own_offer(deal):
    """An approval by whoever makes the offer is shown, and counts for nothing."""
    deal(type="approve", approver="rita", role="director", terms={"discount": "15%"})
    assert (
        previewed(deal, actor="rita", discount="7%").given[0].note
        == "nobody approves what they moved themselves, or what somebody unknown did"
    )
    assert previewed(deal, actor="rita", discount="7%").needed[0].role == "manager"
    assert previewed(deal, actor="sam", discount="7%").needed == ()


def test_a_waiver_lifts_an_overridable_rule_with_its_reason(deal):
    """Before it is given the preview says who may give it."""
    assert [(w.rule, w.role) for w in previewed(deal, term="6 months").waivable] == [("short", "cfo")]
    waiver = {"override": ["short"], "reason": "pilot", "until": "2026-12-31T00:00:00Z"}
    deal(type="approve", approver="cara", role="cfo", terms={"term": "6 months"}, **waiver)
    found = previewed(deal, term="6 months")
    assert found.waivable == ()
    assert [(g.rules, g.note) for g in found.given] == [(("short",), "pilot")]


def test_a_waiver_of_ones_own_offer_is_refused(deal):
    """The rule decides as before."""
    waiver = {"override": ["short"], "reason": "pilot", "until": "2026-12-31T00:00:00Z"}
    deal(type="approve", approver="cara", role="cfo", terms={"term": "6 months"}, **waiver)
    assert [w.rule for w in previewed(deal, actor="cara", term="6 months").waivable] == ["short"]
    assert deal(type="offer", by="us", actor="cara", terms={"term": "6 months"}).verdict == "refuse"


def test_a_waiver_of_a_mandatory_rule_is_refused(deal):
    """It is no event of this deal at all."""
    waiver = {"override": ["hard"], "reason": "please", "until": "2026-12-31T00:00:00Z"}
    with pytest.raises(Unfit, match="rule `hard` is mandatory and cannot be lifted"):
        deal(type="approve", approver="cara", role="cfo", terms={"discount": "60%"}, **waiver)


@pytest.mark.parametrize("left_out", ["reason", "until"])
def test_a_waiver_has_a_reason_and_an_end(deal, left_out):
    """Without either it cannot be read."""
    waiver = {"override": ["short"], "reason": "pilot", "until": "2026-12-31T00:00:00Z"}
    del waiver[left_out]
    with pytest.raises(InvalidInput):
        deal(type="approve", approver="cara", role="cfo", terms={"term": "6 months"}, **waiver)


FACTS = LADDER.replace("deal: {list_price: money}", "deal: {list_price: money, seats: count}").replace(
    "offer.discount > 5%, then: escalate, to: manager",
    "offer.discount > 5% and deal.seats < 1000, then: escalate, to: manager",
)


def test_an_approval_of_other_facts_says_what_they_were(tell):
    """It was given for 500 seats, and the rule reads them."""
    deal = tell(FACTS)
    deal(type="open", facts={"list_price": "100,000 USD", "seats": "500"})
    deal(type="approve", approver="max", role="manager", terms={"discount": "7%"})
    assert previewed(deal, discount="7%").given[0].rules == ("high",)
    deal(type="update", facts={"seats": "5"})
    found = previewed(deal, discount="7%")
    assert found.given[0].note == "approved when seats was 500"
    assert [n.role for n in found.needed] == ["manager"]
    said = deal(type="offer", by="us", actor="ana", terms={"discount": "7%"}).decision
    assert "`max` approved when seats was 500." in said.obligations[0].what


def test_two_people_are_needed_where_a_rule_says_so(tell):
    """The first is named, and one more is wanted."""
    deal = tell(LADDER.replace("escalate, to: director", "escalate, to: {role: director, count: 2}"))
    deal.open()
    deal(type="approve", approver="dana", role="director", terms={"discount": "12%"})
    (found,) = [n for n in previewed(deal, discount="12%").needed if n.role == "director"]
    assert (found.count, found.have) == (2, ("dana",))
    deal(type="approve", approver="cara", role="cfo", terms={"discount": "12%"})
    assert previewed(deal, discount="12%").needed == ()


def test_whoever_said_it_may_not_approve(deal):
    """Who asks now, and whoever said what was not let through, are named."""
    deal(type="offer", by="us", actor="Bob", terms={"discount": "12%"})
    found = previewed(deal, discount="12%")
    assert (found.movers, found.unnamed) == (("bob", "ana"), False)
    assert previewed(deal, "", discount="12%").unnamed


def test_of_their_offer_it_is_told_what_accepting_wants(tell):
    """Nobody says these terms yet, so everybody may approve them; the obligation names the role and the terms."""
    deal = tell(LADDER.replace("on: our offer", "on: our terms"))
    deal.open()
    seen = deal.them(discount="7%")
    assert (seen.verdict, seen.accepting) == ("escalate", "escalate")
    (told,) = [o.what for o in seen.decision.obligations]
    assert told.startswith(
        "Have `manager`, or a role above, approve discount 7%, support basic, term 12 months, or counter"
    )


def test_one_approval_is_enough_where_it_is_of_the_highest_role_that_a_rule_asks_for(deal):
    """The manager's alone would not do beside what the director has to approve."""
    seen = deal.us(discount="12%", support="gold")
    said = [o.what for o in seen.decision.obligations if "is enough" in o.what]
    assert said == ["One approval by `director`, or a role above, is enough."]
    deal(type="approve", approver="dana", role="director", terms={"discount": "12%", "support": "gold"})
    assert deal.us(discount="12%", support="gold").verdict == "proceed"


@pytest.mark.parametrize(
    ("rules", "said", "who"),
    [
        (
            ("director", 2, "cfo", 1),
            "2 people's approvals are enough: by `cfo` and by `director`, or a role above.",
            "carla dana",
        ),
        (
            ("manager", 2, "director", 1),
            "2 people's approvals are enough: by `director`, or a role above, and by",
            "dana max",
        ),
        (
            ("manager", 3, "cfo", 2),
            "3 people's approvals are enough: by 2 people of `cfo` and by `manager`,",
            "carla cleo max",
        ),
        (
            ("manager", 1, "director", 2),
            "2 people's approvals are enough: by 2 people of `director`, or a role above.",
            "dana dora",
        ),
    ],
)
def test_of_several_roles_it_is_told_how_many_people_are_enough(tell, rules, said, who):
    """Fewest approvals, of whom: with all of them the terms pass, and without any one they do not."""
    one, of_one, other, of_other = rules
    asked = "".join(
        f"  over-{at}: {{why: W., on: our offer, when: offer.discount > {at}%, then: escalate, to: "
        f"{{role: {role}, count: {count}}}}}\n"
        for at, role, count in ((5, one, of_one), (6, other, of_other))
    )
    people = {"carla": "cfo", "cleo": "cfo", "dana": "director", "dora": "director", "max": "manager"}
    for left_out in (None, *who.split()):
        deal = tell(f"{LADDER.partition('rules:')[0]}rules:\n{asked}")
        deal.open()
        told = [o.what for o in deal.us(discount="7%").decision.obligations if "enough" in o.what]
        assert [what[: len(said)] for what in told] == [said]
        for each in who.split():
            if each != left_out:
                deal(type="approve", approver=each, role=people[each], terms={"discount": "7%"})
        assert deal.us(discount="7%").verdict == ("proceed" if left_out is None else "escalate")
