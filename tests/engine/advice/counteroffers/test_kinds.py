"""The kinds of counteroffers, in deals small enough to check by hand. List price 100,000 USD: 1% is 1,000 USD."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from tests.helpers.asking import asked

from walkaway.advice.counteroffers import Seeker
from walkaway.advice.counteroffers.varying import REFUSED
from walkaway.deal.admission import Unfit
from walkaway.decide.decision import Counteroffer
from walkaway.events import Accept, Door, Party
from walkaway.policy import read

POLICY = """
policy: kinds
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, wish: 0%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month, wish: 36 months}
  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic}
package: {base: deal.list_price, walk: 80% of deal.list_price}
signals: [deception]
roles: [manager, director]
rules:
"""
FAIR = "  fair: {why: Equal value., on: our offer, when: give.value > get.value, then: trade}\n"
LOW = "  low: {why: Low., on: our offer, when: offer.discount > 5%, then: escalate, to: manager}\n"
LOWER = "  lower: {why: Lower., on: our offer, when: offer.discount > 10%, then: escalate, to: director}\n"
LIED = "  lied: {why: Lies., on: any, when: signals.deception >= 1, then: walk, door: closed}\n"
WAIT = "  wait: {why: Wait., on: our offer, when: ours.in_a_row >= 1, then: hold}\n"


def offered(deal: Any, actor: str = "ana", **terms: Any) -> tuple[Counteroffer, ...]:
    """Return the counteroffers to an offer of ours."""
    seeker = Seeker(deal.engine)
    about = seeker.asked(deal.engine.evaluate(deal.position, asked(deal.engine, deal.position, terms, actor)))
    return seeker.find(about) if about is not None else ()


def terms_of(found: tuple[Counteroffer, ...]) -> list[Mapping[str, str]]:
    """Return the terms alone."""
    return [dict(c.terms) for c in found]


@pytest.fixture
def begin(tell):
    """Return a function that opens a deal under some of the rules."""

    def opened(*rules: str) -> Any:
        found = tell(POLICY + "".join(rules))
        found.open()
        return found

    return opened


def test_less_of_the_give_is_the_most_that_passes(begin):
    """Above 5% the manager must agree, so 5% is the largest discount that goes out now."""
    found = offered(begin(LOW), discount="9%")
    assert found[0].terms == {"discount": "5%"}
    assert (found[0].give, found[0].get, found[0].verdict) == ("5,000 USD", "0 USD", "proceed")


def test_asks_pay_for_the_give_with_one_issue_or_two(begin):
    """A discount of 3% costs 3,000 USD: a term of 36 months brings just that, a prepayment and 24 months bring more."""
    found = offered(begin(FAIR), discount="3%")
    paid = {tuple(c.terms.items()): (c.give, c.get) for c in found if c.why.startswith("Ask for more")}
    assert paid == {
        (("discount", "3%"), ("term", "36 months")): ("3,000 USD", "3,000 USD"),
        (("discount", "3%"), ("prepay", "yes"), ("term", "24 months")): ("3,000 USD", "3,500 USD"),
    }
    assert "Ask for more" in found[0].why


def test_a_smaller_give_beside_an_ask_where_no_asks_are_enough(begin):
    """All asks together bring 5,000 USD, so of 9% only 5% can be paid for."""
    found = offered(begin(FAIR), discount="9%")
    assert terms_of(found)[0] == {"discount": "5%", "term": "36 months", "prepay": "yes"}
    assert all(c.verdict == "proceed" for c in found)


def test_another_issue_is_conceded_instead(begin):
    """A discount needs the manager, gold support does not; it costs 4,000 USD of the 6,000 USD asked about."""
    assert {"discount": "0%", "support": "gold"} in terms_of(offered(begin(LOW), discount="6%"))


def test_one_approver_fewer_comes_behind_what_passes(begin):
    """Above 10% two must agree, up to 10% the manager alone."""
    found = offered(begin(LOW, LOWER), discount="15%")
    assert [c.verdict for c in found] == [*["proceed"] * (len(found) - 1), "escalate"]
    assert found[-1].terms == {"discount": "10%"}
    assert found[-1].why.endswith("needs only manager.")


def test_of_a_refused_offer_it_is_told_what_an_approval_could_allow(begin):
    """Beyond the walk value nobody may approve; at 20% both can."""
    found = offered(begin(LOW, LOWER), discount="22%")
    assert found[-1].terms == {"discount": "20%"}
    assert found[-1].why.endswith("needs only manager and director.")


def test_fewer_approvals_are_offered_only_where_they_are_enough(begin):
    """Without a return the manager's yes to 10% would still leave a trade, so it is no way out; with one it is."""
    assert {c.verdict for c in offered(begin(FAIR, LOW, LOWER), discount="15%")} == {"proceed"}
    ahead = begin(FAIR, LOW, LOWER)
    ahead.them(discount="30%")
    ahead.them(discount="18%")
    assert offered(ahead, discount="15%")[-1].terms == {"discount": "10%"}
    assert offered(ahead, discount="15%")[-1].why.endswith("needs only manager.")


def test_the_counter_to_their_offer_moves_least_from_their_terms(begin):
    """They ask for 12%; what we may send without an approval ends at 5%."""
    deal = begin(LOW)
    offer = asked(deal.engine, deal.position, {"discount": "12%"})
    theirs = msgspec.structs.replace(offer, by=Party.THEM)
    seeker = Seeker(deal.engine)
    now = seeker.asked(deal.engine.evaluate(deal.position, theirs))
    assert now is not None
    assert terms_of(seeker.find(now))[0] == {"discount": "5%"}


def test_steps_are_the_policys(tell):
    """With a step of 2%, 5% is no value that people would offer: 4% is."""
    deal = tell(POLICY.replace("wish: 0%, want: 8%", "step: 2%, want: 8%") + LOW)
    deal.open()
    assert offered(deal, discount="9%")[0].terms == {"discount": "4%"}


def test_giving_less_comes_first_and_what_somebody_has_named_before_the_rest(begin):
    """A smaller discount stands before asks, and an ask for the term they named before one for a prepayment."""
    deal = begin(FAIR)
    deal.them(discount="30%", term="12 months")
    deal.them(discount="29%")
    kinds = [c.why.partition(":")[0] for c in offered(deal, discount="3%")]
    assert kinds[0] == "Give less"
    asks = [c.terms for c in offered(deal, discount="3%") if c.why.startswith("Ask for more")]
    assert "term" in asks[0]
    assert all("prepay" not in terms for terms in asks[:1])


def test_where_nothing_else_passes_we_stand_by_our_word(begin):
    """While it is their move, what was let through may be said again, and nothing more."""
    deal = begin(
        WAIT.replace("ours.in_a_row >= 1", "ours.in_a_row >= 1 and (give.value > 0 USD or asked.value > 0 USD)")
    )
    deal.us(discount="1%")
    (found,) = offered(deal, discount="2%")
    assert (found.terms, found.verdict, found.why) == (
        {"discount": "1%"},
        "proceed",
        "Stand by our word: it was let through.",
    )


def test_what_differs_from_our_word_by_undeclared_terms_alone_is_told_our_whole_word(begin):
    """No issue would change, so all of them are named: an offer that names nothing is none."""
    deal = begin("  odd: {why: Undeclared., on: our offer, when: other.ours > 0, then: trade}\n")
    deal.us(discount="0%")
    (found,) = offered(deal, warranty="two years")
    assert (found.terms, found.verdict) == (
        {"discount": "0%", "prepay": "no", "support": "basic", "term": "12 months"},
        "proceed",
    )


def test_where_only_a_move_of_theirs_helps_it_is_said_which(begin):
    """They have asked for 30%; 2% for nothing may be said once they come to 28%, and it is decided in that deal."""
    when = "'theirs.net < 2000 USD and (give.value > 0 USD or asked.value > 0 USD)'"
    deal = begin(f"  first: {{why: They first., on: our offer, when: {when}, then: trade}}\n")
    deal.them(discount="30%")
    found = offered(deal, discount="2%")
    assert [c.why.partition(":")[0] for c in found] == ["Stand by our word", "Only a move of theirs helps"]
    assert (found[-1].when, found[-1].terms, found[-1].verdict) == ({"discount": "28%"}, {"discount": "2%"}, "proceed")


def test_what_may_be_said_after_a_move_of_theirs_names_our_whole_word_where_it_is_that(begin):
    """We take an issue on which they have said what we say already: no issue would change, so all of them are named."""
    deal = begin("  first: {why: They first., on: our terms, when: theirs.net < 2000 USD, then: trade}\n")
    deal.them(discount="30%", prepay="no")
    last = deal.position.last
    taken = Accept(id="x", deal="D", at="2027-01-01T00:00:00Z", instant=last + 1, by=Party.US, issues=("prepay",))
    (found,) = Seeker(deal.engine).counteroffers(deal.engine.evaluate(deal.position, taken))
    assert (found.when, found.terms) == (
        {"discount": "28%"},
        {"discount": "0%", "prepay": "no", "support": "basic", "term": "12 months"},
    )


def test_no_counteroffer_goes_above_our_own_word(begin):
    """They take what we said: there is nothing to ask for; and once 5% was let through, we never go back."""
    deal = begin(LOW)
    deal.us(discount="5%")
    for terms in ({"discount": "5%"}, {"discount": "4%"}):
        event = msgspec.structs.replace(asked(deal.engine, deal.position, terms), by=Party.THEM)
        assert Seeker(deal.engine).counteroffers(deal.engine.evaluate(deal.position, event)) == ()
    deal.them(discount="12%")
    assert terms_of(offered(deal, discount="9%")) == [{"discount": "5%", "support": "gold"}]


def test_what_they_offer_may_be_taken_where_it_is_more_than_we_asked(begin):
    """They offer 2% already; whoever is about to say 4% is told so."""
    deal = begin(FAIR)
    deal.them(discount="30%")
    deal.them(discount="2%")
    found = offered(deal, discount="4%")
    assert {c.why.partition(":")[0] for c in found} >= {"Take what they offer"}


def test_give_and_get_are_those_of_the_ledger(begin):
    """They came from 30% to 20%, so 10,000 USD stand against what we give."""
    deal = begin(LOW)
    deal.them(discount="30%")
    deal.them(discount="20%")
    assert (offered(deal, discount="9%")[0].give, offered(deal, discount="9%")[0].get) == ("5,000 USD", "10,000 USD")


def test_nothing_is_found_where_the_terms_do_not_matter(begin):
    """While we have to wait, no terms would do."""
    deal = begin(WAIT)
    deal.us(discount="1%")
    assert offered(deal, discount="2%") == ()


def test_after_a_walk_with_a_closed_door_there_is_no_counteroffer(begin):
    """Nobody haggles with whoever lied."""
    deal = begin(LOW, LIED)
    assert offered(deal, discount="9%")
    deal(type="signal", by="them", kind="deception")
    assert deal.position.left is Door.CLOSED
    assert offered(deal, discount="9%") == ()


def test_before_a_deal_is_prepared_there_is_no_counteroffer(tell):
    """Without a list price nothing has a worth."""
    deal = tell(POLICY + LOW)
    deal(type="open", facts={})
    assert offered(deal, discount="9%") == ()


def test_an_approval_that_covers_is_counted(begin):
    """What the director has approved passes, so the next best is right below it."""
    deal = begin(LOW, LOWER)
    deal(type="approve", approver="dana", role="director", terms={"discount": "12%"})
    assert offered(deal, discount="15%")[0].terms == {"discount": "12%"}


def test_an_acceptance_of_ours_is_advised_on_like_an_offer(tell):
    """What we would accept is asked about as if we offered it."""
    deal = tell(POLICY + LOW.replace("on: our offer", "on: [our offer, our acceptance]"))
    deal.open()
    deal.them(discount="12%")
    deal.record = Seeker(deal.engine).record
    decision = deal(type="accept", by="us").decision
    assert decision.verdict == "escalate"
    assert decision.counteroffers[0].terms == {"discount": "5%"}


def test_an_acceptance_of_theirs_that_is_not_let_through_is_advised_on_like_an_offer(tell):
    """They took what we should not have said: what may be said in its place is shown, our cleared word at least."""
    deal = tell(POLICY + LOW.replace("on: our offer", "on: our terms"))
    deal.open()
    deal.us(discount="12%")
    deal.record = Seeker(deal.engine).record
    decision = deal(type="accept", by="them").decision
    assert decision.verdict == "escalate"
    assert decision.counteroffers[0].terms == {"discount": "5%"}


def test_terms_of_theirs_that_we_cannot_hold_as_ours_are_decided_all_the_same(tell):
    """From where we stand they would give up more than can be counted, so nothing is sought; they get their answer."""
    most = "80,000,000,000,000 USD"
    deal = tell(
        "policy: far\nversion: 1\nside: seller\ncurrency: USD\nissues:\n"
        "  fee: {type: money, start: 0 USD, worth: 1 USD per 1 USD}\n"
        "  rebate: {type: money, start: 0 USD, worth: -1 USD per 1 USD}\n"
        "rules:\n  more: {why: w, on: their offer, when: offer.rebate > 0 USD, then: trade}\n"
    )
    deal.open(facts={})
    deal.us(fee=most)
    deal.record = Seeker(deal.engine).record
    decision = deal.them(rebate=most).decision
    assert (decision.verdict, decision.counteroffers) == ("trade", ())


def test_asks_that_are_worth_more_than_can_be_held_are_none_and_hide_none_that_are_worth_less(tell):
    """A list price of 80 trillion leaves 10 trillion to ask for; the wish of 60 would not be held, and 4 pay for 3%."""
    issues = "issues:\n  fee: {type: money, start: 0 USD, worth: 1 USD per 1 USD, wish: '60,000,000,000,000 USD'}"
    deal = tell(POLICY.replace("issues:", issues) + FAIR)
    deal.open(facts={"list_price": "80,000,000,000,000 USD"})
    terms = {"discount": "3%", "fee": "60,000,000,000,000 USD"}
    seeker = Seeker(deal.engine)
    about = seeker.asked(deal.engine.evaluate(deal.position, asked(deal.engine, deal.position, {"discount": "3%"})))
    probe = seeker.probe(about)
    named = asked(deal.engine, deal.position, terms).terms
    assert probe.outcome(probe.package({**deal.position.cleared, **named})) is REFUSED
    with pytest.raises(Unfit, match="held exactly"):
        deal.engine.evaluate(deal.position, asked(deal.engine, deal.position, terms))
    assert {"discount": "3%", "fee": "4,000,000,000,000 USD"} in terms_of(offered(deal, discount="3%"))


def test_no_counteroffer_lies_beyond_what_may_be_named(tell):
    """A term ends at its most, a discount at its least: what a policy lets nobody name is not proposed."""
    text = POLICY.replace("start: 12 months,", "start: 12 months, most: 30 months,").replace(", wish: 36 months", "")
    text = text.replace("start: 0%,", "start: 4%, least: 1%,").replace("wish: 0%, ", "")
    deal = tell(text + FAIR)
    deal.open()
    found = terms_of(offered(deal, discount="6%"))
    assert max(int(t["term"].split()[0]) for t in found if "term" in t) <= 30
    taken = terms_of(offered(deal, discount="6%", term="30 months"))
    for terms in found + taken:
        assert float(terms.get("discount", "1%").rstrip("%")) >= 1


TEAM = """
policy: team
version: 1
extends: kinds.yaml
rules:
  long: {why: Long., on: our offer, when: offer.term > 30 months, then: hold}
"""
SLOW = "  slow: {why: Wait., on: our offer, when: ours.in_a_row >= 1 and offer.discount > 2%, then: hold}\n"


def test_a_counteroffer_passes_every_layer_each_in_the_deal_as_it_has_it(tell):
    """Above, 36 months were let through, so that no second step in a row may go past 2%; below they were held."""
    upper = (POLICY + FAIR + SLOW).encode()
    deal = tell(read(TEAM.encode(), "team.yaml", {"kinds.yaml": upper}.get).unwrap())
    deal.open()
    deal.us(term="36 months")
    found = offered(deal, discount="3%", term="12 months")
    assert found
    for one in found:
        said = asked(deal.engine, deal.position, one.terms, "ana")
        assert deal.engine.evaluate(deal.position, said).ruling.verdict == one.verdict
