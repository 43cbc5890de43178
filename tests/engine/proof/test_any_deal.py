"""All deals at once: what deals differ in is free for the solver to choose, and nothing that may be is ruled out."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import z3
from tests.helpers.proving import policy_of

from walkaway.decide.compiler import compile_policy
from walkaway.events import LESSER, OPENING, OUTCOMES, On, Verdict
from walkaway.policy.catalog import ALWAYS
from walkaway.proof.counterexamples.ask import AnyEvent, Inquiry
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.any_deal import CASES, LEFT_OUT, AnyDeal, Preparation, cases_of, preparations
from walkaway.proof.formulas.common import common_to
from walkaway.proof.formulas.facts import Case
from walkaway.proof.formulas.logic import Truth, above, both, equal, no

pytestmark = pytest.mark.solver

TEXT = """\
policy: free
version: 1
side: seller
currency: USD
deal:
  list_price: money
  rating: {type: count, optional: yes}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 10 USD per month, walk: per deal}
signals: [deception, pressure]
roles: [manager, director]
pattern:
  same: {one: our offer, two: our offer, when: one.discount = two.discount}
  took: {one: our offer, two: our acceptance, when: one.discount < two.discount}
rules:
  deep: {why: w, on: our terms, when: offer.discount > 15%, then: escalate, to: manager}
  held:
    {why: w, on: our terms, when: pattern.same + pattern.took >= 1, then: hold, enforcement: overridable, by: director}
  early: {why: w, on: close, when: theirs.offers < 1, then: hold}
"""
PROGRAM = compile_policy(policy_of(TEXT))


def known(name: str, value: Any) -> Iterator[str]:
    """Yield the names of all within a value that the solver may not choose, without the issues, facts and the like."""
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from known(f"{name}.{field}", getattr(value, field))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from known(f"{name}[{key}]", inner)
    elif value is None or (logic.is_known(value) and not hasattr(value, "policy")):
        yield name.removeprefix(".")


def of_state(preparation: Preparation) -> set[str]:
    """Return what is fixed of a deal: that what every such deal knows is known, and what its preparation says."""
    policy = PROGRAM.policy
    always = {n for n, e in policy.catalog.items() if e.known == ALWAYS}
    fixed = {f"free[{n}].known" for n in always} | {"free[ours.halted].value", "days"}
    fixed |= {f"known[{n}].known" for n in ("want.discount", "walk.discount")}
    if preparation is Preparation.WORTHLESS:
        fixed |= {"scales", *(f"{h}.{n}" for h in ("ours", "theirs") for n in ("net", "last_give"))}
        fixed |= {f"{h}.conceded_at.{n}" for h in ("ours", "theirs") for n in ("known", "value")}
    else:
        fixed |= {"known[deal.list_price].known"}
    if preparation is Preparation.PREPARED:
        fixed |= {"known[walk.term].known", "missing"}
    return fixed


@pytest.mark.parametrize("preparation", Preparation)
def test_all_that_deals_differ_in_is_free(preparation: Preparation) -> None:
    """Each number and each truth of the ledger, of facts and limits; a number that is fixed would prove too much."""
    found = set(known("", AnyDeal(PROGRAM, preparation).state))
    fixed = of_state(preparation)
    assert {n for n in found if n in fixed or not n.startswith("free[")} == fixed & found
    assert fixed - {n for n in fixed if n.startswith("free[")} <= found


def of_act(case: Case, preparation: Preparation) -> set[str]:
    """Return what is fixed of an event, by the way in which it is judged."""
    fixed = {"case.heard", "case.agrees", "case.again", "outcome.known"}
    if case.on is not On.CLOSE:
        fixed |= {"outcome.value", "agreed", "differs"}
    fixed |= {"role.known", "role.value"}  # without mandates nobody says in which role they speak
    if case.heard is not On.THEIR_OFFER:
        fixed |= {"is_choice"}
    if not case.is_theirs:
        fixed |= {"moved"}
    if case.agrees:
        fixed |= {"stating[*]"} | ({"moved.stating[*]"} if case.is_theirs else set())
    if not case.has_terms:
        fixed |= {"same_other"} if case.again else {"same_other", "other"}
    if preparation is Preparation.WORTHLESS or not (case.has_terms or case.again):
        fixed |= {"lifted.is_moot"}
    return fixed


@pytest.mark.parametrize("case", CASES)
def test_all_that_events_differ_in_is_free(case: Case) -> None:
    """Whatever an event may say, do or be approved for, in each way in which it can be judged."""
    for preparation in preparations(case):
        act = AnyDeal(PROGRAM, preparation).act(case)
        found = {re.sub(r"\[[^]]*\]", "[*]", n) for n in known("", act)}
        assert found == of_act(case, preparation)
        if case.has_terms and preparation is not Preparation.WORTHLESS:
            words = {On.OUR_OFFER} if case.heard == OPENING else case.words
            second = {p.name for p in PROGRAM.policy.patterns if p.second.on in words}
            assert act.again.keys() == (set() if case.heard is On.THEIR_ACCEPTANCE else second)
            assert set(act.lifted.approved) == {"manager", "director"}
            assert {name.partition(":")[0] for name in act.lifted.lifts} >= {
                "deep",
                "held",
                "short-of-want",
                "unvalued",
            }
        if case.on is On.SIGNAL:
            assert act.confirmed.keys() == {"deception", "pressure"}


def test_every_kind_of_event_is_looked_at_in_every_way_and_every_deal() -> None:
    """Of each there is a way in which it is judged; terms that agree, or to less, and closes each have theirs."""
    assert not LEFT_OUT
    assert {case.on for case in CASES} == set(On)
    assert {(c.heard, c.agrees, c.again) for c in CASES} == {
        *((on, False, "") for on in On if on is not On.OUR_ACCEPTANCE),
        (LESSER, False, ""), (OPENING, False, ""), (On.OUR_ACCEPTANCE, True, ""), (On.THEIR_ACCEPTANCE, True, ""),
        (On.CLOSE, False, "ours"), (On.CLOSE, False, "theirs"),
    }  # fmt: skip
    assert {c.heard for c in cases_of((On.OUR_OFFER,))} == {On.OUR_OFFER, LESSER, OPENING}
    assert {c.heard for c in cases_of((On.OUR_ACCEPTANCE,))} == {On.OUR_ACCEPTANCE, LESSER}
    for case in CASES:
        both_sorts = {Preparation.PREPARED, Preparation.LACKING} if case.has_terms else {Preparation.ANY}
        assert set(preparations(case)) == {*both_sorts, Preparation.WORTHLESS}


MAY_BE = {
    On.OUR_OFFER: (
        lambda w, a: equal(w.state.missing, 0),
        lambda w, a: both(above(w.state.uncleared, 2), above(w.state.theirs.offers, 2), above(w.state.ours.flat, 1)),
        lambda w, a: both(equal(a.terms["discount"], 1), equal(w.state.cleared["discount"], 70_000)),
        lambda w, a: both(a.lifted.approved["director"], no(a.lifted.is_moot), equal(a.other, 2)),
        lambda w, a: both(a.lifted.approved["manager"], no(a.lifted.approved["director"])),
        lambda w, a: both(above(a.again["same"], 0), equal(w.state.matches["same"], 3), w.state.left_open),
        lambda w, a: both(w.state.ours.several, w.state.theirs.several, w.state.theirs.stands),
        lambda w, a: both(w.state.agreement.exists, no(w.state.agreement.stands), w.state.agreement.cleared),
        lambda w, a: equal(a.now, w.state.opened),
        lambda w, a: both(equal(w.known["deal.list_price"].value, 0), w.state.left_closed),
        lambda w, a: both(equal(w.known["walk.term"].value, 7), equal(w.known["walk.discount"].value, 99_000)),
    ),
    On.CLOSE: (
        *(lambda w, a, n=n: equal(a.outcome.value, n) for n in range(len(OUTCOMES))),
        lambda w, a: both(a.differs, equal(w.state.missing, 1)),
        lambda w, a: both(equal(a.outcome.value, 0), a.agreed, w.state.agreement.cleared),
    ),
    On.SIGNAL: (
        lambda w, a: both(a.confirmed["pressure"], no(a.confirmed["deception"])),
        lambda w, a: no(logic.some(a.confirmed.values())),
    ),
    On.TICK: (
        *(lambda w, a, n=n: equal(w.state.free["theirs.probes"].value, n) for n in (0, 7)),
        *(lambda w, a, n=n: equal(w.state.free["ours.final"].value, n) for n in (0, 1)),
        lambda w, a: equal(w.state.missing, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("on", MAY_BE)
def test_what_may_be_is_ruled_out_by_nothing(on: On) -> None:
    """Deals that there are, or that nobody has a reason to leave out, are among those the solver looks at."""
    case = Case(on)
    world = AnyDeal(PROGRAM, preparations(case)[0])
    act = world.act(case)
    asked = AnyEvent(world, world.judge(act))
    for number, wish in enumerate(MAY_BE[on]):
        assert asked.ask(wish(world, act), TimeLimit(lambda: 0.0, 60.0)) == z3.sat, number


@pytest.mark.parametrize("on", [On.VOID, On.REOPENING])
def test_the_past_of_a_deal_may_say_more_than_its_rules(on: On) -> None:
    """A void, or a door that is opened again, may get any answer short of walking."""
    world = AnyDeal(PROGRAM, Preparation.ANY)
    asked = AnyEvent(world, world.judge(world.act(Case(on))))
    assert asked.judged is not None
    for verdict in Verdict:
        may = asked.ask(asked.judged.ruled.is_verdict(verdict), TimeLimit(lambda: 0.0, 60.0))
        assert may == (z3.unsat if verdict is Verdict.WALK else z3.sat), verdict


STOPPED = TEXT + "  stop: {why: w, on: tick, when: ours.halted, then: hold}\n"
CLAIMED = TEXT + "prove: {going: {never: ours.halted, on: tick}}\n"


def test_offers_may_be_stopped_where_a_rule_or_a_claim_reads_it() -> None:
    """Else the rule would never fire and the claim be proved; where nobody reads it, the built-in rule alone does."""

    def halted(policy: str, other: str = "") -> Truth:
        program = compile_policy(policy_of(policy))
        kin = common_to(policy_of(policy), policy_of(other)) if other else None
        return AnyDeal(program, Preparation.ANY, kin=kin).state.free["ours.halted"].value

    assert halted(TEXT) == halted(TEXT, TEXT) == 0
    assert not any(logic.is_known(halted(*pair)) for pair in ((STOPPED,), (CLAIMED,), (STOPPED, TEXT), (TEXT, STOPPED)))
    inquiry = Inquiry(policy_of(STOPPED))
    asked = inquiry.asking(Case(On.TICK), Preparation.ANY)
    assert asked.judged is not None
    assert asked.ask(asked.judged.ruled.is_verdict(Verdict.HOLD), TimeLimit(lambda: 0.0, 60.0)) == z3.sat


def test_two_worlds_share_all_but_what_each_policy_has_for_itself() -> None:
    """A number of one name is the same under both; what is each one's own, and whether it is known, are two."""
    changed = TEXT.replace("want: 8%", "want: 9%").replace("one.discount = two", "one.discount >= two")
    changed = changed.replace("to: manager}", "to: director}").replace(
        "rating: {type: count, optional: yes}", "rating: count"
    )
    old, new = policy_of(TEXT), policy_of(changed)
    kin = common_to(old, new)
    first = AnyDeal(compile_policy(old), Preparation.ANY, kin=kin)
    second = AnyDeal(compile_policy(new), Preparation.ANY, beside=first, kin=kin)

    def named(world: AnyDeal) -> dict[str, Any]:
        act = world.act(Case(On.OUR_OFFER))
        return {
            "pattern.same": world.state.matches["same"],
            "again.same": act.again["same"],
            "lifts.deep": next(v for n, v in act.lifted.lifts.items() if n.startswith("deep:")),
            "lifts.held": next(v for n, v in act.lifted.lifts.items() if n.startswith("held:")),
            "approved.manager": act.lifted.approved["manager"],
            "is_moot": act.lifted.is_moot,
            "missing": world.state.missing,
            "offers": world.state.ours.offers,
            "terms": act.terms["discount"],
            "rating": world.known["deal.rating"].value,
            "stands": world.state.theirs.stands,
        }

    one, other = named(first), named(second)
    apart = {name for name in one if not one[name].eq(other[name])}
    assert apart == {"pattern.same", "again.same", "lifts.deep", "missing"}
    known_now = [world.known["deal.rating"].known for world in (first, second)]
    assert known_now[0].eq(known_now[1])


def test_under_other_ranks_of_roles_no_approval_is_the_same() -> None:
    """Each policy has its own approvals, and its own rules that they lift."""
    old, new = policy_of(TEXT), policy_of(TEXT.replace("[manager, director]", "[director, manager]"))
    kin = common_to(old, new)
    first = AnyDeal(compile_policy(old), Preparation.ANY, kin=kin)
    second = AnyDeal(compile_policy(new), Preparation.ANY, beside=first, kin=kin)
    one, other = (world.act(Case(On.OUR_OFFER)).lifted for world in (first, second))
    assert not any(one.approved[role].eq(other.approved[role]) for role in one.approved)
    assert not any(one.lifts[name].eq(other.lifts[name]) for name in one.lifts.keys() & other.lifts.keys())


def test_a_default_counts_where_one_policy_alone_has_it() -> None:
    """Of a fact that nobody stated the one policy knows its default, and the other knows nothing."""
    old = TEXT
    new = TEXT.replace("rating: {type: count, optional: yes}", "rating: {type: count, default: 3}")
    kin = common_to(policy_of(old), policy_of(new))
    first = AnyDeal(compile_policy(policy_of(old)), Preparation.ANY, kin=kin)
    second = AnyDeal(compile_policy(policy_of(new)), Preparation.ANY, beside=first, kin=kin)
    asked = AnyEvent(second, second.judge(second.act(Case(On.TICK))))
    was, now = first.known["deal.rating"], second.known["deal.rating"]
    limit = TimeLimit(lambda: 0.0, 60.0)
    assert now.known is True
    assert asked.ask(both(no(was.known), no(equal(now.value, 3))), limit) == z3.unsat
    assert asked.ask(both(no(was.known), equal(now.value, 3)), limit) == z3.sat
    assert asked.ask(both(was.known, equal(was.value, 5), equal(now.value, 5)), limit) == z3.sat
    assert asked.ask(both(was.known, no(equal(was.value, now.value))), limit) == z3.unsat
