"""Two policies are compared over all offers: every change has a deal that both decide so, and none is a proof."""

import itertools
import json
import time
from pathlib import Path

import msgspec
import pytest
from tests.helpers.proving import PLAIN, decided, policy_of

from walkaway import load
from walkaway.events import BARGAINING, On
from walkaway.policy import read
from walkaway.proof import diff
from walkaway.proof.diff import Comparison, Flip, compare, flips, in_force_together
from walkaway.proof.formulas.common import common_to

pytestmark = pytest.mark.solver

RULES = Path(__file__).parents[3] / "rules"
SECONDS = 60.0
"""Of the processor, whatever else it does."""


def differences(old: str, new: str, seconds: float = SECONDS, *, enough: bool = False) -> Comparison:
    """Compare two policies and decide every region's deal afresh."""
    found = compare(policy_of(old), policy_of(new), time.process_time, seconds, enough=enough)
    for region in found.regions:
        one, other = region.deals
        assert one.lines == other.lines
        assert region.rule
        for text, deal, answer in ((old, one, region.old), (new, other, region.new)):
            last = decided(text, deal.lines)[-1]
            assert (last.verdict, last.door == "closed") == (answer.verdict.value, answer.closed)
    return found


def changes(found: Comparison) -> set[tuple[str, str, str]]:
    """Return each region as `(old, new, rule)`."""
    return {(r.old.word, r.new.word, r.rule) for r in found.regions}


@pytest.mark.parametrize("name", ["saas-discounting", "used-car", "job-offer"])
def test_a_policy_is_proved_to_be_no_other_than_itself(name: str) -> None:
    """For the policies that ship no verdict changes where nothing does."""
    policy = load(RULES / name).unwrap()
    found = compare(policy, policy, time.process_time, 60.0)
    assert found.is_same
    assert found.apart == ()


def test_what_is_only_written_otherwise_changes_nothing() -> None:
    """Another order, other words, a condition turned around and a definition are no difference, and that is proved."""
    new = PLAIN.replace(
        "  even: {why: w, on: our offer, when: give.value > get.value, then: trade}\n",
        "  uneven:\n    why: other words\n    on: our offer\n    unless: fair\n    then: trade\n",
    ).replace("rules:", "define: {fair: get.value - give.value >= 0 USD}\nrules:")
    assert differences(PLAIN, new).is_same


def test_a_moved_threshold_is_a_region_at_its_edge() -> None:
    """From 10% to 12%: what lies between is no longer escalated."""
    rule = "  big: {why: w, on: our offer, when: offer.discount > 10%, then: escalate, to: manager}\n"
    found = differences(PLAIN + rule, PLAIN + rule.replace("10%", "12%"))
    assert changes(found) == {("escalate", milder, "big") for milder in ("proceed", "trade", "hold")}
    assert not any(r.of_new for r in found.regions)
    last = json.loads(found.regions[0].deals[0].lines[-1])
    assert 10 < float(last["terms"]["discount"].rstrip("%")) <= 12


def test_what_a_void_must_leave_alone_is_no_difference_that_is_lost() -> None:
    """A rule that never fires still reads a fact, and so a void that moves it asks the highest role: not proved."""
    never = "  never: {why: w, on: any, when: theirs.offers < 0, then: hold}\n"
    found = differences(PLAIN, PLAIN + never)
    assert found.unknown == (On.VOID,)
    assert found.apart == ("facts that a void must leave as they are, since a rule reads them",)
    assert differences(PLAIN, PLAIN + never.replace("then: hold", "then: hold, enforcement: advisory")).is_same


def test_a_new_rule_is_named() -> None:
    """A rule that only the new policy has is named with every answer that it changes."""
    found = differences(
        PLAIN, PLAIN + "  long: {why: w, on: their offer, when: offer.term > 60 months, then: refuse}\n"
    )
    assert {r.rule for r in found.regions} == {"long"}
    assert {(r.new.word, r.of_new, r.on) for r in found.regions} == {("refuse", True, ("their offer",))}


def test_what_differs_only_where_a_deal_lacks_something_is_shown_too() -> None:
    """A deal without the fact that worths rest on is held; what a new rule says of it comes with such a deal."""
    long = "  long: {why: w, on: their offer, when: offer.term > 60 months, then: refuse}\n"
    found = differences(PLAIN, PLAIN + long)
    assert found.unknown == (On.VOID,)
    (region,) = (r for r in found.regions if r.old.word == "hold")
    opening = json.loads(region.deals[0].lines[0])
    assert "list_price" not in opening["facts"]


def test_a_counter_to_their_offer_names_what_stands_against_accepting_it() -> None:
    """Their offer is countered for a rule that would hold our acceptance: another word than the answer's."""
    rule = "  ready: {why: w, on: our acceptance, when: offer.discount > 5%, then: hold}\n"
    found = differences(PLAIN, PLAIN + rule)
    theirs = [r for r in found.regions if On.THEIR_OFFER in r.on]
    assert {(r.old.word, r.new.word, r.rule, r.of_new) for r in theirs} == {("proceed", "trade", "ready", True)}


def test_a_limit_that_moves_is_seen_through_the_built_in_rule() -> None:
    """A walk value of 18% in place of 20% refuses what lay between."""
    found = differences(PLAIN, PLAIN.replace("walk: 20%", "walk: 18%"))
    assert ("trade", "refuse", "beyond-walk") in changes(found)
    assert {r.rule for r in found.regions} == {"beyond-walk"}


EVEN = """\
policy: even
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}
package: {base: deal.list_price}
rules:
  even: {why: w, on: our terms, when: give.value > get.value, then: trade}
"""


def test_another_worth_changes_what_is_even() -> None:
    """Where a month is worth more, a longer term pays for what it did not pay for, and the policies are not the same.

    Which of the changes is found first is the solver's choice; that the deal of each is one, `differences` looks.
    """
    more = EVEN.replace("0.125% of", "0.25% of")
    found = differences(EVEN, more, enough=True)
    assert len(found.regions) == 1
    assert not found.is_same
    said = '{{"id": "{0}", "deal": "d", "at": "2026-10-05T0{0}:00:00Z", {1}}}'
    longer = (
        said.format(1, '"type": "open", "facts": {"list_price": "100,000 USD"}').encode(),
        said.format(2, '"type": "offer", "by": "us", "terms": {"discount": "10%", "term": "60 months"}').encode(),
    )
    assert [decided(text, longer)[-1].verdict for text in (EVEN, more)] == ["trade", "proceed"]


def test_a_door_that_opens_is_a_change() -> None:
    """To walk for good and to walk are two answers."""
    found = differences(PLAIN, PLAIN.replace("then: walk, door: closed}", "then: walk}"))
    assert ("walk (door closed)", "walk", "lied") in changes(found)


def test_a_fact_that_becomes_required_holds_deals_without_it() -> None:
    """Events that state it cannot be read by the old policy, and all others lack it under the new one."""
    found = differences(PLAIN, PLAIN.replace("deal:\n", "deal:\n  budget: money\n"))
    assert found.apart == ("deal fact `budget` of the new policy",)
    assert ("proceed", "hold", "unprepared") in changes(found)


RATED = PLAIN + "  small: {why: w, on: our offer, when: deal.level = low and offer.discount > 1%, then: hold}\n"
LEVEL = "deal:\n  level: {one of: [low, high], default: low}\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("default: low}", "default: high}"),
        ("then: hold}", "then: hold, enforcement: advisory}"),
        ("then: hold}", "then: hold, enforcement: overridable, by: manager}"),
    ],
)
def test_what_only_a_default_or_the_enforcement_says_is_compared(old: str, new: str) -> None:
    """Deals that do not state a fact, and rules that one policy alone takes as advice, are answered otherwise."""
    text = RATED.replace("deal:\n", LEVEL, 1)
    found = compare(policy_of(text), policy_of(text.replace(old, new)), time.process_time, SECONDS)
    assert not found.is_same
    if "by: manager" in new:  # the other policy reads no approval that lifts it, so no deal shows it
        assert On.OUR_OFFER in found.unknown
    else:
        assert "small" in {r.rule for r in found.regions}


def test_the_default_of_a_tables_key_is_compared() -> None:
    """Deals that do not state their region lack a walk value under one policy alone."""
    text = """
policy: plain
version: 1
side: seller
currency: USD
deal:
  list_price: money
  region: {one of: [eu, us]}
tables: {floors: {file: floors.csv, key: region}}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: "floors[deal.region].walk"}
rules:
  cap: {why: w, on: our offer, when: offer.discount > 30%, then: refuse}
"""
    old, new = (
        read(one.encode(), "policy.yaml", {"floors.csv": b"region,walk\neu,20%\nus,25%\n"}.get).unwrap()
        for one in (text, text.replace("{one of: [eu, us]}", "{one of: [eu, us], default: eu}"))
    )
    found = compare(old, new, time.process_time, SECONDS)
    assert {("hold", "proceed"), ("hold", "refuse")} <= {(r.old.word, r.new.word) for r in found.regions}


@pytest.mark.parametrize(
    ("new", "apart"),
    [
        ("roles: [clerk, manager]", "the ranks of roles"),
        ("roles: [manager]\npeople: {ann: [Ann, ann b]}", "the names of people"),
        ("roles: [manager]\ntheirs_base: walk", "what the ledger holds where terms are worth something else"),
        ("roles: [manager]\nclock: {ahead: 3 days}", "from when on an event is far ahead"),
    ],
)
def test_what_formulas_cannot_compare_is_not_proved_the_same(new: str, apart: str) -> None:
    """Who may approve, who is who, what their word counts from and the clock are named, and nothing is proved."""
    found = compare(policy_of(PLAIN), policy_of(PLAIN.replace("roles: [manager]", new)), time.process_time, 4.0)
    assert apart in found.apart
    assert not found.is_same
    assert On.VOID in found.unknown  # what a void buys rests on whatever is not compared


def test_what_counts_of_theirs_differs_by_the_walk_value_beyond_which_no_base_counts() -> None:
    """Under `theirs_base: walk` another walk value makes other concessions of theirs: the ledger is not the same."""
    walk = PLAIN.replace("roles:", "theirs_base: walk\nroles:")
    assert common_to(policy_of(walk), policy_of(walk)).worths
    assert not common_to(policy_of(walk), policy_of(walk.replace("walk: 20%", "walk: 18%"))).worths
    assert common_to(policy_of(PLAIN), policy_of(PLAIN.replace("walk: 20%", "walk: 18%"))).worths


DEFAULTED = "seats: {type: count, default: 1}"
BOUNDED = """\
policy: bounded
version: 1
side: seller
currency: USD
deal: {seats: count}
issues: {discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%", most: 30%}}
rules:
  small: {why: w, on: our offer, when: deal.seats < 2 and offer.discount > 2%, then: trade}
"""


def test_two_versions_are_compared_on_the_days_that_both_have_however_few() -> None:
    """A day in common is enough; where there is none the bounds are left out, or all would be proved of nothing."""
    policy = policy_of(PLAIN)
    for old, new, is_common in (
        ((None, 10), (10, None), True),
        ((None, 10), (11, None), False),
        ((5, 9), (1, 5), True),
        ((5, 9), (1, 4), False),
        ((7, 7), (None, None), True),
    ):
        pair = msgspec.structs.replace(policy, effective=old), msgspec.structs.replace(policy, effective=new)
        found = in_force_together(*pair)
        assert found == (pair if is_common else (msgspec.structs.replace(policy, effective=(None, None)),) * 2)


def test_what_is_found_does_not_hang_on_how_long_it_takes() -> None:
    """A machine on which seconds pass between any two steps shows the same regions."""
    pair = policy_of(BOUNDED), policy_of(BOUNDED.replace("then: trade", "then: hold"))
    slow = itertools.count(step=5.0)
    quick, slowly = (compare(*pair, clock, 1e6) for clock in (lambda: 0.0, lambda: next(slow)))
    assert changes(slowly) == changes(quick) != set()
    assert slowly.unknown == quick.unknown


@pytest.mark.parametrize(
    "changed", [("seats: count", DEFAULTED), ("start: 0%", "start: 1%"), ("most: 30%", "most: 30%, walk: 30%")]
)
def test_updates_are_not_decided_where_worths_or_limits_are_others(changed: tuple[str, str]) -> None:
    """With another start, a limit, or a default for which worths wait, other things loosen, and others lie outside."""
    found = compare(policy_of(BOUNDED), policy_of(BOUNDED.replace(*changed)), time.process_time, 1.0)
    assert On.UPDATE in found.unknown


def test_bounds_that_both_policies_have_leave_out_what_lies_beyond() -> None:
    """A rule that changes above 30% alone changes nothing where nobody may name more than 30%."""
    huge = BOUNDED + "  huge: {why: w, on: our offer, when: offer.discount > 35%, then: refuse}\n"
    assert differences(BOUNDED, huge).is_same
    wide = [text.replace(", most: 30%", "") for text in (BOUNDED, huge)]
    assert ("proceed", "refuse", "huge") in changes(differences(*wide))


def test_of_other_bounds_what_both_policies_read_is_compared() -> None:
    """Values that one policy alone takes are named as not compared; the rest is, and is proved."""
    found = differences(BOUNDED, BOUNDED.replace("30%", "50%"))
    assert found.is_same
    assert found.apart == ("values of `discount` beyond the bounds of one of them",)


def test_where_terms_are_worth_something_else_no_answer_to_them_is_proved_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even if no question found a difference: what was cleared under one policy need not be under the other."""
    monkeypatch.setattr(diff, "CASES", ())
    one, other = (policy_of(text) for text in (BOUNDED, BOUNDED.replace("-1,000 USD", "-2,000 USD")))
    assert set(BARGAINING) <= set(compare(one, other, time.process_time, SECONDS).unknown)
    assert set(BARGAINING).isdisjoint(compare(one, one, time.process_time, SECONDS).unknown)


def test_a_mandate_that_reaches_further_is_a_region() -> None:
    """The deal that shows it says in which role we speak, and what nobody's role reaches is as it was."""
    old = f"{PLAIN}mandates: {{rep: {{discount: at most 10%}}}}\n"
    found = differences(old, old.replace("10%", "12%"))
    assert {(r.old.word, r.rule) for r in found.regions} == {("escalate", "mandates-rep-to-manager")}
    last = json.loads(found.regions[0].deals[0].lines[-1])
    assert last["role"] == "rep"
    assert 10 < float(last["terms"]["discount"].rstrip("%")) <= 12


BLIND = """\
policy: blind
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}
rules:
  late: {why: w, on: tick, when: theirs.offers >= 9, then: hold}
"""


def test_a_difference_that_no_deal_was_found_for_is_none_that_is_proved_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies among deals that lack what worths rest on: no region is shown, and that kind of event is not decided."""
    monkeypatch.setattr(diff, "find", lambda *_: None)
    more = BLIND + "  blind: {why: w, on: our offer, when: not known(deal.list_price), then: refuse}\n"
    found = compare(policy_of(BLIND), policy_of(more), time.process_time, SECONDS)
    assert (found.regions, found.is_same) == ((), False)
    assert On.OUR_OFFER in found.unknown
    assert On.TICK not in found.unknown


def test_a_past_decision_that_changes_is_told_by_the_rule_of_the_more_severe_side() -> None:
    """Whichever policy it is; and what is the same is none."""
    strict = PLAIN + "  capped: {why: w, on: our terms, when: offer.discount > 5%, then: refuse}\n"
    lines = tuple(
        json.dumps({"id": f"e{n}", "deal": "D", "at": "2026-10-05T09:00:00Z", "actor": "rep", **event}).encode()
        for n, event in enumerate(
            [
                {"type": "open", "facts": {"list_price": "100,000 USD"}},
                {"type": "offer", "by": "us", "terms": {"discount": "3%"}},
                {"type": "offer", "by": "us", "terms": {"discount": "6%"}},
                {"type": "offer", "by": "us", "terms": {"discount": "7%"}},
            ]
        )
    )
    old, new = decided(PLAIN, lines), decided(strict, lines)
    assert flips(zip(old, new, strict=True)) == {Flip("trade", "refuse", "capped"): 2}
    assert flips(zip(new, old, strict=True)) == {Flip("refuse", "trade", "capped"): 2}
    assert flips(zip(new, new, strict=True)) == {}


@pytest.mark.parametrize(
    ("days", "others", "alone"),
    [
        ((None, None), (None, None), False), ((1, 9), (1, 9), False), ((2, 8), (1, 9), False),
        ((1, 9), (2, 9), True), ((1, 9), (1, 8), True), ((None, 9), (1, 9), True), ((1, None), (1, 9), True),
        ((1, 9), (None, None), False), ((None, None), (1, None), True), ((None, None), (None, 9), True),
    ],
)  # fmt: skip
def test_a_period_has_days_alone_where_it_begins_earlier_or_ends_later(
    days: tuple[int | None, int | None], others: tuple[int | None, int | None], alone: bool
) -> None:
    """What begins or ends on no day does so before and after any."""
    assert diff._has_days_alone(days, others) is alone
