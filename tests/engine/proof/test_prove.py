"""Properties are proved for policies that keep to them, and refuted by a real deal for those that do not."""

import json
import time
from pathlib import Path

import pytest
from tests.helpers.proving import PLAIN, decided, policy_of, proof, proofs

from walkaway import load
from walkaway.policy import FILE, read
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.formulas.properties import Property
from walkaway.proof.prove import Outcome, Proof, Prover, prove

pytestmark = pytest.mark.solver

RULES = Path(__file__).parents[3] / "rules"
BUILT_IN = (
    "nothing-beyond-walk",
    "no-gift",
    "deception-closes",
    "saying-it-again",
    "steps-buy-nothing",
    "agreed-is-agreed",
    "may-accept-means-may-accept",
    "won-only-when-cleared",
    "nobody-approves-themselves",
    "a-layer-only-adds",
    "better-is-no-worse",
    "size-buys-nothing",
    "every-event-answered",
)


def without(text: str, line: str) -> str:
    """Return a policy without the line that begins so."""
    return "".join(part for part in text.splitlines(keepends=True) if not part.strip().startswith(line))


def test_a_policy_that_keeps_to_every_property_is_proved() -> None:
    """Those built in hold for a policy with an even trade and a rule on deception, which extends no other."""
    found = proofs(PLAIN)
    assert sorted(found) == sorted(BUILT_IN)
    assert {n: p.outcome.value for n, p in found.items() if p.outcome is not Outcome.PROVED} == {
        "a-layer-only-adds": "does not apply",
    }


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("saying-it-again", "  once: {why: w, on: our offer, when: pattern.same = 1, then: refuse}\n"),
        ("steps-buy-nothing", "  big: {why: w, on: our offer, when: asked.value > 6000 USD, then: hold}\n"),
        ("better-is-no-worse", "  odd: {why: w, on: their offer, when: offer.discount = 1%, then: refuse}\n"),
        ("no-gift", ""),
    ],
)
def test_a_rule_that_breaks_a_law_is_shown_by_deals(name: str, rule: str) -> None:
    """A rule on the size of one step is walked around in two; what a pattern stops once it does not stop again."""
    text = PLAIN + rule
    if name == "no-gift":
        text = PLAIN.replace("on: our terms, when: give", "on: our offer, when: give")
    if "pattern" in rule:
        same = "pattern: {same: {one: our offer, two: our offer, when: one.discount = two.discount}}\n"
        text = text.replace("rules:", same + "rules:", 1)
    found = proof(text, name)
    assert found.outcome is Outcome.REFUTED
    answers = [decided(text, deal.lines)[-1].verdict for deal in found.deals]
    assert answers == [deal.decision.verdict for deal in found.deals]


HARD = frozenset({"steps-buy-nothing", "better-is-no-worse", "saying-it-again", "size-buys-nothing"})
"""Laws about two events: of a policy with many issues and rules the solver may take longer than it is given here."""


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("saas-discounting", {"a-layer-only-adds": "does not apply"}),
        ("used-car", {"a-layer-only-adds": "does not apply"}),
        ("job-offer", {"a-layer-only-adds": "does not apply"}),
        # A gesture of goodwill costs them nothing; how prepared we are is asked before what is offered.
        *(
            pytest.param(name, {"no-gift": "refuted", "deception-closes": "does not apply"}, marks=pytest.mark.packs)
            for name in ("principles", "buying-principles")
        ),
    ],
)
def test_shipped_policies_are_proved(name: str, others: dict[str, str]) -> None:
    """Every property but the hard ones is proved for the policies that ship, but for those known to do otherwise."""
    asked = [one for one in BUILT_IN if one not in HARD and not (one == "a-layer-only-adds" and "principles" in name)]
    found = {p.name: p.outcome.value for p in prove(load(RULES / name).unwrap(), time.process_time, 600.0, asked)}
    assert found == {one: others.get(one, "proved") for one in asked}


def test_steps_buy_nothing_where_most_is_bargained_about() -> None:
    """The shipped policy with the most issues and rules is decided, since what is given in sum is said outright."""
    (found,) = prove(load(RULES / "saas-discounting").unwrap(), time.process_time, 60.0, ["steps-buy-nothing"])
    assert found.outcome is Outcome.PROVED


@pytest.mark.hunt
@pytest.mark.parametrize("law", sorted(HARD))
@pytest.mark.parametrize("name", ["saas-discounting", "used-car", "job-offer", "principles"])
def test_hard_laws_of_shipped_policies_are_proved_or_say_why_not(name: str, law: str) -> None:
    """What is not proved comes with a deal that refutes it, or with what is left open."""
    (found,) = prove(load(RULES / name).unwrap(), time.process_time, 10.0, [law])
    match found.outcome:
        case Outcome.REFUTED:
            assert found.deals
        case Outcome.UNDECIDED:
            assert found.why
        case _:
            assert found.outcome is Outcome.PROVED


def test_a_gift_is_shown_as_a_deal() -> None:
    """Without the rule on even trades the shortest deal is an opening and one offer that asks for nothing."""
    text = without(PLAIN, "even:")
    found = proof(text, "no-gift")
    assert found.outcome is Outcome.REFUTED
    (deal,) = found.deals
    opened, offered = map(json.loads, deal.lines)
    assert (opened["type"], offered["type"], offered["by"]) == ("open", "offer", "us")
    assert decided(text, deal.lines)[-1].verdict == deal.decision.verdict == "proceed"


def test_deception_that_leaves_the_door_open_is_shown() -> None:
    """A rule that walks with the door open refutes the property."""
    text = PLAIN.replace("then: walk, door: closed}", "then: walk}")
    found = proof(text, "deception-closes")
    assert found.outcome is Outcome.REFUTED
    last = decided(text, found.deals[0].lines)[-1]
    assert (last.verdict, last.door) == ("walk", "open")


def test_deception_that_is_overlooked_is_shown() -> None:
    """A rule that makes an exception for small deals refutes it by a small deal."""
    text = PLAIN.replace("deception >= 1,", "deception >= 1 and deal.list_price > 500 USD,")
    found = proof(text, "deception-closes")
    assert found.outcome is Outcome.REFUTED
    assert decided(text, found.deals[0].lines)[-1].verdict != "walk"


def test_without_a_signal_deception_does_not_apply() -> None:
    """Where nobody can report deception the property is named, and neither proved nor refuted."""
    text = without(PLAIN, "lied:").replace("signals: [deception]\n", "")
    found = proof(text, "deception-closes")
    assert (found.outcome, found.why) == (Outcome.IDLE, "the policy has no signal `deception`")


def test_a_better_offer_answered_more_severely_is_shown_as_two_deals() -> None:
    """A rule that holds small discounts answers 1% more severely than 3%; two files differ in the last offer only."""
    text = PLAIN + "  odd: {why: w, on: their offer, when: offer.discount between 1% and 2%, then: refuse}\n"
    found = proof(text, "better-is-no-worse")
    assert found.outcome is Outcome.REFUTED
    worse, better = found.deals
    assert worse.lines[:-1] == better.lines[:-1]
    answers = [decided(text, deal.lines)[-1] for deal in (worse, better)]
    assert [r.rule for r in answers[1].reasons if r.rule == "odd"] == ["odd"]
    assert answers[1].verdict == "refuse" != answers[0].verdict


def test_better_terms_that_a_rule_on_taking_them_stops_are_not_proved_to_pass() -> None:
    """An offer of theirs passes what hears it, and what accepting it would be."""
    text = PLAIN + "  odd: {why: w, on: our acceptance, when: offer.discount between 1% and 2%, then: refuse}\n"
    assert proof(text, "better-is-no-worse").outcome is not Outcome.PROVED


def test_a_rule_that_size_softens_is_shown_at_two_sizes() -> None:
    """A mandatory rule with an exception for big deals fires in the small one and not in the big one."""
    text = (
        PLAIN
        + "  legal: {why: w, on: our offer, when: offer.term > 36 months and deal.list_price < 5 USD, then: hold}\n"
    )
    for limit in ("5 USD", "500000 USD", "70000000 USD"):
        policy = text.replace("5 USD", limit)
        found = proof(policy, "size-buys-nothing")
        assert found.outcome is Outcome.REFUTED, limit
        small, large = (decided(policy, deal.lines)[-1] for deal in found.deals)
        assert "legal" in {r.rule for r in small.reasons}
        assert "legal" not in {r.rule for r in large.reasons}


def test_an_overridable_rule_may_look_at_the_size() -> None:
    """Only mandatory rules are held to it."""
    rule = "when: deal.list_price < 5000 USD, then: hold, enforcement: overridable, by: manager"
    text = f"{PLAIN}  odd: {{why: w, on: our offer, {rule}}}\n"
    assert proof(text, "size-buys-nothing").outcome is Outcome.PROVED


def test_a_counterexample_reaches_back_as_far_as_it_must() -> None:
    """A claim that fails only at our third offer in a row is refuted by a deal that has three of them."""
    text = PLAIN + "prove:\n  patience: {never: ours.in_a_row >= 2 and verdict = proceed, on: our offer}\n"
    found = proof(text, "patience")
    assert found.outcome is Outcome.REFUTED
    events = [json.loads(line) for line in found.deals[0].lines]
    assert [e["type"] for e in events] == ["open", "offer", "offer", "offer"]


CLAIMS = """\
prove:
  floor: {never: verdict = proceed and room.discount < 0%}
  liars: {always: verdict = walk and door = closed or signals.deception = 0}
  quiet: {always: verdict = proceed, on: tick}
  named: {never: 'event = "our offer" and verdict in [trade, refuse]'}
"""


def test_a_deal_that_shows_something_brings_no_looser_walk_value() -> None:
    """Where each deal brings its walk value and the layer above has one too, the deal's own is the tighter one."""
    upper = PLAIN.replace("want: 8%, walk: 20%", "want: 2%, walk: 5%").encode()
    lower = (
        b"extends: upper.yaml\npolicy: lower\nversion: 1\nissues:\n  discount: {walk: per deal}\n"
        b"prove:\n  near: {never: walk.discount > 4%}\n"
    )
    (found,) = prove(read(lower, FILE, {"upper.yaml": upper}.get).unwrap(), lambda: 0.0, 60.0, ["near"])
    assert found.outcome is Outcome.REFUTED


def test_own_claims_are_proved_or_refuted() -> None:
    """A policy's own claims read the facts, the verdict, the door and the kind of event."""
    found = {n: p for n, p in proofs(PLAIN + CLAIMS).items() if n not in BUILT_IN}
    assert {n: p.outcome.value for n, p in found.items()} == {
        "floor": "proved",
        "liars": "proved",
        "quiet": "refuted",
        "named": "refuted",
    }
    assert found["floor"].says == "never: verdict = proceed and room.discount < 0%"
    assert decided(PLAIN + CLAIMS, found["quiet"].deals[0].lines)[-1].verdict == "walk"


def test_out_of_time_is_not_decided() -> None:
    """Where no time is left nothing is claimed, and the time is named."""
    ticks = iter(range(10_000))
    (found,) = prove(policy_of(PLAIN), lambda: float(next(ticks)), 0.5, ["no-gift"])
    assert found.outcome is Outcome.UNDECIDED
    assert found.why.startswith("neither a proof nor a counterexample in 0.5 s (our offer, our acceptance, ")


def test_time_is_shared_out_and_what_is_left_goes_to_those_it_did_not_do_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gets an equal part, no more than all is spent, and nothing is asked a third time."""
    now, parts = [0.0], list[tuple[str, float]]()

    def took(_: Prover, one: Property, budget: TimeLimit, seconds: float) -> Proof:
        part, is_late = budget.until - now[0], one.name in ("saying-it-again", "better-is-no-worse")
        assert round(seconds - part, 6) == 0
        parts.append((one.name, round(part, 6)))
        now[0] += part if is_late else 1.0
        outcome = Outcome.UNDECIDED if is_late else Outcome.PROVED
        return Proof(one.name, one.says, outcome, is_out_of_time=is_late)

    monkeypatch.setattr(Prover, "prove", took)
    found = [proof.name for proof in prove(policy_of(PLAIN), lambda: now[0], 130.0)]
    assert sorted(found) == sorted(BUILT_IN)
    assert [part for _, part in parts[:-2]] == [10.0] * len(BUILT_IN)
    assert parts[-2:] == [("saying-it-again", 49.5), ("better-is-no-worse", 49.5)]
    assert now[0] == 130.0


def test_no_time_is_spent_on_questions_that_cannot_be_asked_any_more() -> None:
    """Making one takes longer than a solver is given: it is made only while there is time."""
    found = {p.name: p for p in prove(policy_of(PLAIN), lambda: 0.0, 0.0)}
    assert {p.outcome for n, p in found.items() if n != "a-layer-only-adds"} == {Outcome.UNDECIDED}
    assert [n for n, p in found.items() if not p.is_out_of_time] == ["a-layer-only-adds"]


def test_a_deal_without_worths_is_not_won_by_what_nobody_let_through() -> None:
    """The proof of that law found it: what was agreed while nothing could be valued is judged at the close too."""
    at = {"deal": "d", "at": "2026-10-05T09:00:00Z"}
    events = (
        {"id": "e1", "type": "open", "facts": {}},
        {
            "id": "e2",
            "type": "offer",
            "by": "us",
            "terms": {"discount": "30%", "term": "12 months", "support": "basic"},
        },
        {"id": "e3", "type": "accept", "by": "them"},
        {"id": "e4", "type": "close", "outcome": "won"},
    )
    answers = decided(PLAIN, tuple(json.dumps(at | event).encode() for event in events))
    assert [a.verdict for a in answers] == ["proceed", "hold", "hold", "hold"]


BOUNDED = """\
policy: bounded
version: 1
side: seller
currency: USD
deal: {seats: {type: count, least: 1, most: 500}}
issues: {discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%", least: 0%, most: 30%}}
rules:
  small: {why: w, on: our offer, when: deal.seats < 2 and offer.discount > 2%, then: trade}
"""


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        ("deal.seats > 500", "proved"),
        ("deal.seats > 499", "refuted"),
        ("offer.discount > 30%", "proved"),
        ("offer.discount >= 30%", "refuted"),
        ("ours.last.discount < 0%", "proved"),
    ],
)
def test_what_lies_beyond_the_bounds_is_no_deal(claim: str, outcome: str) -> None:
    """Up to the least and the most a claim is asked of every deal, and beyond them of none."""
    found = proof(BOUNDED + f"prove:\n  it: {{on: our offer, never: {claim}}}\n", "it")
    assert found.outcome.value == outcome
    if found.deals:
        assert decided(BOUNDED, found.deals[0].lines)[-1].on == "our offer"


LAYER = "policy: layer\nversion: 1\nextends: company.yaml\nrules: {slow: {why: w, on: tick, then: hold}}\n"


@pytest.mark.parametrize("outcome", Outcome)
def test_a_layer_is_proved_only_where_what_is_above_it_is(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    """What is refuted above, or not decided there, is not decided of both together."""
    policy = read(LAYER.encode(), "layer.yaml", {"company.yaml": PLAIN.encode()}.get).unwrap()
    assert policy.above is not None

    def alone(prover: Prover, one: Property, *_: object) -> Proof:
        return Proof(one.name, one.says, Outcome.PROVED if prover.policy is policy else outcome)

    monkeypatch.setattr(Prover, "alone", alone)
    (found,) = prove(policy, time.process_time, 60.0, ("no-gift",))
    proved = outcome in (Outcome.PROVED, Outcome.IDLE)
    assert found.outcome is (Outcome.PROVED if proved else Outcome.UNDECIDED)


SAYING_NOTHING = """\
policy: bonus
version: 1
side: seller
currency: USD
issues: {discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%"}}
rules:
  odd:
    {why: w, on: their offer, when: offer.first and move.new = 0 USD and offer.discount = 5%, then: hold}
"""


def test_an_offer_that_names_no_issue_is_one_of_those_that_are_looked_at() -> None:
    """Of theirs that names only terms nobody declared: the rule fires in a deal, and so no claim against it holds."""
    at = {"deal": "d", "at": "2026-10-05T09:00:00Z"}
    events = (
        {"id": "e1", "type": "open", "facts": {}},
        {"id": "e2", "type": "offer", "by": "us", "terms": {"discount": "5%"}},
        {"id": "e3", "type": "withdraw", "by": "us"},
        {"id": "e4", "type": "offer", "by": "them", "terms": {"bonus": "a car"}},
    )
    last = decided(SAYING_NOTHING, tuple(json.dumps(at | event).encode() for event in events))[-1]
    assert "odd" in {r.rule for r in last.reasons}
    claim = "prove:\n  it: {on: their offer, never: offer.first and move.new = 0 USD and offer.discount = 5%}\n"
    (found,) = prove(policy_of(SAYING_NOTHING + claim), time.process_time, 2.0, ["it"])
    assert found.outcome is not Outcome.PROVED
