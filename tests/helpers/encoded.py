"""The formulas that proofs rest on, computed for one decided event: they say what the engine says."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tests.helpers.deciding import Step

from walkaway.deal.patterns import join
from walkaway.decide.core.program import Fired
from walkaway.decide.engine import Engine
from walkaway.events import US, Offer, On
from walkaway.language.instants import DAY
from walkaway.policy.model import Linear, Policy
from walkaway.proof.formulas import ledger
from walkaway.proof.formulas.concrete import act_of, lifted_of, state_of
from walkaway.proof.formulas.constraints import of_every_event, of_opening
from walkaway.proof.formulas.encode import Codes, Encoder, Sym
from walkaway.proof.formulas.facts import Act, Agreed, Facts, Half, Moved, State, issue_of
from walkaway.proof.formulas.judging import judge
from walkaway.proof.formulas.worths import Asserted, ordered


def assert_after(policy: Policy, state: State, act: Act, step: Step, codes: Codes) -> None:
    """Compute the deal after an event from the formulas, and compare it with the engine's."""
    found, proceeds = step.found, step.decision.verdict == "proceed"
    if isinstance(step.event, Offer) and step.event.packages:
        return
    if found.ours is not None and found.ours.by is US:
        after = ledger.said(policy, state, act, proceeds)
    elif found.move is not None:
        after = state if act.case.heard is On.THEIR_ACCEPTANCE else ledger.counted(state, act)
        if act.case.agrees:
            after = ledger.agreed(policy, state, act, proceeds)
    elif act.on in (On.OUR_REJECTION, On.THEIR_REJECTION):
        after = ledger.rejected(state, by_us=act.on is On.OUR_REJECTION)
    else:
        return
    real = state_of(policy, found.after, step.event, codes)
    hanging = {i for i, issue in policy.issues.items() if issue.by}
    for name in State.__struct_fields__:
        if name in ("scales", "left_open", "left_closed", "left_at", "free"):
            continue
        one, other = getattr(after, name), getattr(real, name)
        if name == "base_worths":
            named = {i for i, said in real.base.items() if said.known}
            one, other = ({i: w for i, w in worths.items() if issue_of(i) in named} for worths in (one, other))
        if name in ("base_worths", "settled"):  # what hangs on the selector is read as of another package
            one, other = ({i: w for i, w in of.items() if i not in hanging} for of in (one, other))
        if isinstance(one, Half | Agreed):
            for field in type(one).__struct_fields__:
                assert plain(getattr(one, field)) == plain(getattr(other, field)), (name, field)
        else:
            assert plain(one) == plain(other), name


def plain(value: Any) -> Any:
    """Return a value without what is not known of it."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, Sym):
        return (True, value.value) if value.known else (False, None)
    return value


def assert_encoded(policy: Policy, engine: Engine, step: Step) -> None:
    """Compute all formulas for one decided event."""
    codes, asserted = Codes(), Asserted()
    derived = engine.all_facts(step.found)
    state = state_of(policy, step.position, step.event, codes, derived)
    act = act_of(engine, step.found, state, codes)
    facts = Facts(policy, state, act)
    for name, value in derived.items():
        found = facts.get(name)
        if value is None:
            assert found.known is False, name
        elif name in policy.catalog and not name.startswith("concluded."):
            unit = policy.catalog[name].unit
            expected = value if isinstance(value, Fraction) else codes.code(value, unit)
            assert (found.known, found.value) == (True, expected), name
    inner = step.found.accepting
    judged = judge(engine.program, state, act, lambda f: Encoder(f, asserted, codes), again=taken(policy, step))
    ruled, rules = judged.ruled, step.found.rules
    fired: Fired = tuple(i for i, f in enumerate(ruled.fires) if f)
    assert [rules[i].id for i in fired] == [rules[i].id for i in step.found.fired]
    looks_back = step.on in (On.VOID, On.REOPENING)
    if not looks_back and not act.is_choice:
        assert ruled.severity == step.decision.verdict.rank
    assert ruled.severity <= step.decision.verdict.rank
    assert ruled.closed is (step.decision.door == "closed")
    assert (judged.inner is None) == (inner is None)
    if inner is not None and judged.inner is not None:
        if not act.is_choice:  # of several packages, the deal is counted with the least
            assert judged.inner.ruled.severity == inner.ruling.verdict.rank
        if act.terms:
            assert lifted_of(engine, inner, by_nobody=True).lifts == act.lifted.lifts
    if act.terms and state.scales is not None and act.moved is not None and act.case.heard is On.THEIR_OFFER:
        assert ledger.their_terms(state, act.terms, act.stating) == act.terms
        made = ledger.moved(policy, state, act.worths, act.stating)
        assert made.first is act.moved.first
        assert {n: getattr(made, n) for n in Moved.__struct_fields__} == {
            n: getattr(act.moved, n) for n in Moved.__struct_fields__
        }
    if state.scales is not None and step.found.after.valuation is not None:
        assert_after(policy, state, act, step, codes)
    decides = {r.rule for r in step.decision.reasons if r.standing == "decides"}
    assert {rules[i].id for i in fired if ruled.decides[i]} == decides - {"voiding", "reopening"}
    for sentence, holds in of_every_event(policy, state, act):
        assert holds is True, sentence
    day = step.position.opened // DAY
    for sentence, holds in of_opening(policy, state, Encoder(facts, asserted, codes), day):
        assert holds is True, sentence
    if state.scales is not None:
        for name, issue in policy.issues.items():
            if isinstance(issue.worth, Linear) and issue.cap is None and not issue.by and name in act.terms:
                rate = state.scales.worth(name, 1) - state.scales.worth(name, 0)
                pairs = [(act.terms[name], act.worths[name]), (state.ours.standing[name], state.ours.worths[name])]
                (one, worth), (other, others) = pairs
                assert ordered(issue.better, rate == 0, one, worth, other, others) is True


def taken(policy: Policy, step: Step) -> Mapping[str, int]:
    """Return how many matches of each pattern accepting an offer of theirs would add."""
    inner = step.found.accepting
    if inner is None or step.found.move is None:
        return {}
    assert inner.move is not None
    matches = join(policy, inner.at, inner.move)[1]
    return {n: m - inner.at.matches[n] for n, m in matches.items()}
