"""What the solver cannot tell is claimed by nobody: not proved, not the same, no dead rule, no equal mutant.

The solver's answer is given here instead of asked for: `unsat` everywhere, but for one way in which one kind of event
is judged. So every place is seen to be asked about, and every answer to be heard.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import z3
from tests.helpers.currencies import abroad
from tests.helpers.proving import PLAIN, policy_of

from walkaway.events import LESSER, On
from walkaway.policy import FILE, read
from walkaway.policy.model import Policy
from walkaway.proof import dead, diff, settle
from walkaway.proof.counterexamples.ask import AnyEvent, Jointly, Question
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.dead import strict
from walkaway.proof.diff import Comparison, compare
from walkaway.proof.formulas.any_deal import CASES, Preparation, preparations
from walkaway.proof.formulas.facts import Case
from walkaway.proof.formulas.properties import properties
from walkaway.proof.formulas.worths import Asserted
from walkaway.proof.prove import Outcome, Prover, prove
from walkaway.testing.mutants import mutants_of

pytestmark = pytest.mark.solver

TEXT = """\
policy: small
version: 1
side: seller
currency: USD
issues: {discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%", walk: 20%}}
signals: [deception]
roles: [manager]
rules:
  even: {why: w, on: our terms, when: give.value > get.value, then: trade}
  big: {why: w, on: our offer, when: offer.discount > 15%, then: hold}
"""
POLICY = policy_of(TEXT)
PROVER = Prover(POLICY)
PLACES = [(case, preparation) for case in CASES for preparation in preparations(case)]
ANY_TIME = TimeLimit(lambda: 0.0, 60.0)
Told = Callable[[Case | None, Preparation], z3.CheckSatResult]


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch) -> Callable[[Told], list[tuple[Case | None, Preparation]]]:
    """Return what lets the solver answer so, whatever it is asked; and the places that it is then asked about."""

    def told(answer: Told) -> list[tuple[Case | None, Preparation]]:
        asked = []

        def ask(self: AnyEvent, question: object, _: TimeLimit) -> z3.CheckSatResult:
            if question is True:  # whether there is such an event at all
                return z3.sat
            asked.append((self.case, self.world.preparation))
            return answer(self.case, self.world.preparation)

        monkeypatch.setattr(AnyEvent, "ask", ask)
        monkeypatch.setattr(AnyEvent, "ask_jointly", ask)
        monkeypatch.setattr(AnyEvent, "leads", lambda *_: iter(()))
        return asked

    return told


def proved(policy: Policy, *only: str) -> dict[str, Any]:
    """Return the outcomes; of the small policy by a prover whose worlds are made once."""
    if policy is not POLICY:
        return {p.name: p for p in prove(policy, lambda: 0.0, 60.0, only)}
    return {p.name: PROVER.prove(p, ANY_TIME, 60.0) for p in properties(POLICY) if not only or p.name in only}


def test_nothing_is_proved_that_the_solver_cannot_tell(tell: Any) -> None:
    """Of no property; what is so by itself, or does not apply, is not asked about."""
    tell(lambda *_: z3.unknown)
    found = proved(POLICY) | proved(policy_of(TEXT + "prove: {mild: {never: offer.first}}\n"), "mild")
    assert {n for n, p in found.items() if p.outcome is not Outcome.UNDECIDED} == {"a-layer-only-adds"}
    assert all(p.why for p in found.values())


@pytest.mark.parametrize("name", [p.name for p in properties(POLICY) if p.name != "a-layer-only-adds"])
def test_a_property_is_asked_of_every_event_that_it_is_about(tell: Any, name: str) -> None:
    """In each way in which it is judged, and in deals of each preparation."""
    asked = tell(lambda *_: z3.unsat)
    found = proved(POLICY, name)[name]
    assert found.outcome is Outcome.PROVED
    (one,) = (p for p in properties(POLICY) if p.name == name)
    assert found.why == (f"said of all rules but {', '.join(f'`{n}`' for n in one.aside)}" if one.aside else "")
    said = {Case(On.OUR_OFFER), Case(LESSER), Case(On.OUR_ACCEPTANCE, agrees=True)}
    about = {
        "saying-it-again": said,
        "steps-buy-nothing": said,
        "better-is-no-worse": {Case(On.OUR_OFFER), Case(LESSER), Case(On.THEIR_OFFER)},
    }.get(name, {case for case in CASES if not case.words.isdisjoint(one.on)})
    wanted = {(case, p) for case, p in PLACES if case in about}
    if name == "steps-buy-nothing":  # a step gives nothing where nothing has a worth
        wanted = {(case, p) for case, p in wanted if p is not Preparation.WORTHLESS}
    assert wanted <= set(asked)


@pytest.mark.parametrize(("case", "preparation"), PLACES)
def test_one_answer_that_is_not_told_is_no_proof(tell: Any, case: Case, preparation: Preparation) -> None:
    """Wherever it is, and whichever of the policies' differences are asked about."""
    tell(lambda *place: z3.unknown if place == (case, preparation) else z3.unsat)
    name = "every-event-answered"
    found = proved(POLICY, name)[name]
    assert found.outcome is Outcome.UNDECIDED
    assert f"({case.on})" in found.why


FEW = (Case(On.OUR_OFFER), Case(On.TICK))


@pytest.mark.parametrize("preparation", [Preparation.ANY, Preparation.WORTHLESS])
def test_one_comparison_that_is_not_told_is_no_sameness(
    tell: Any, monkeypatch: pytest.MonkeyPatch, preparation: Preparation
) -> None:
    """Nor of a void, which is answered by what the deal's other events come to."""
    monkeypatch.setattr(diff, "CASES", FEW)
    tell(lambda *place: z3.unknown if place == (Case(On.TICK), preparation) else z3.unsat)
    found = compare(POLICY, POLICY, lambda: 0.0, 60.0)
    assert set(found.unknown) == {On.TICK, On.VOID}
    assert not found.is_same


def test_both_policies_are_compared_in_every_way_and_every_deal(tell: Any) -> None:
    """Of each kind of event, with worths and without; and nothing is left once all is told."""
    asked = tell(lambda *_: z3.unsat)
    assert compare(POLICY, POLICY, lambda: 0.0, 60.0) == Comparison((), (), ())
    assert set(asked) == {(c, p) for c in CASES for p in (Preparation.ANY, Preparation.WORTHLESS)}


def test_out_of_time_nothing_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """No question is answered for lack of time."""
    monkeypatch.setattr(diff, "CASES", FEW)
    found = compare(POLICY, POLICY, lambda: 1.0, 0.0)
    assert {On.OUR_OFFER, On.VOID} <= set(found.unknown)  # at a tick no rule decides, and nothing is left to ask
    assert not found.is_same
    over = TimeLimit(lambda: 1.0, 1.0)
    asked = [PROVER.prove(p, over, 0.0) for p in properties(POLICY) if p.name in ("no-gift", "saying-it-again")]
    assert [p.outcome for p in asked] == [Outcome.UNDECIDED, Outcome.UNDECIDED]


# Other currencies, and other layers


@pytest.mark.parametrize(("holds", "why"), [(True, "in every currency, at every rate"), (False, "and not of those in")])
def test_what_is_proved_of_one_currency_is_asked_in_the_others(
    tell: Any, monkeypatch: pytest.MonkeyPatch, holds: bool, why: str
) -> None:
    """Where a rate is needed in each that has other decimals, and in one with as many as the policy's own."""
    tell(lambda *_: z3.unsat)
    asked: list[tuple[str, int]] = []

    def held(prover: Prover, *_: object) -> bool:
        asked.append((prover.policy.currency, prover.policy.money.scale))
        return holds

    monkeypatch.setattr(Prover, "holds", held)
    found = proved(abroad(), "no-gift")["no-gift"]
    assert found.outcome is (Outcome.PROVED if holds else Outcome.UNDECIDED)
    assert why in found.why
    assert asked[0] == ("EUR", 100)
    assert {scale for _, scale in asked} == ({100, 1, 1000} if holds else {100})
    own = abroad()
    inside = msgspec.structs.replace(own, exchange=None)
    assert proved(inside, "no-gift")["no-gift"].why == ""


@pytest.mark.parametrize("answer", [z3.unknown, z3.sat])
def test_what_no_position_may_refute_is_told_by_all_of_them(tell: Any, answer: z3.CheckSatResult) -> None:
    """In another currency a property holds where every question is told, and nowhere else."""
    (one,) = (p for p in properties(POLICY) if p.name == "no-gift")
    tell(lambda *_: z3.unsat)
    assert Prover(POLICY).holds(one, ANY_TIME)
    for place in ((Case(On.OUR_OFFER), Preparation.LACKING), (Case(LESSER), Preparation.PREPARED)):
        tell(lambda *asked, at=place: answer if asked == at else z3.unsat)
        assert not Prover(POLICY).holds(one, ANY_TIME)


LOW = "policy: low\nversion: 1\nextends: up.yaml\nrules: {slow: {why: w, on: tick, then: hold}}\n"


def lower(upper: str, text: str = LOW) -> Policy:
    return read(text.encode(), FILE, {"up.yaml": upper.encode()}.get).unwrap()


def test_a_claim_of_a_layer_is_not_proved_of_what_is_above_it(tell: Any) -> None:
    """What the layers above answer is not looked at, and that is said."""
    tell(lambda *_: z3.unsat)
    found = proved(lower(TEXT, LOW + "prove: {mild: {never: verdict = walk}}\n"), "mild")["mild"]
    assert (found.outcome, found.why) == (
        Outcome.UNDECIDED,
        "proved of this layer; what the layers above answer is not looked at",
    )


def test_what_is_no_policy_by_itself_judges_nothing_beside_another(tell: Any) -> None:
    """That a layer only adds is so where both judge; else nobody knows."""
    both, alone = lower(TEXT), lower(TEXT.replace("side: seller\n", ""), LOW.replace("rules:", "side: seller\nrules:"))
    assert both.above is not None
    assert alone.above is None
    name = "a-layer-only-adds"
    assert proved(both, name)[name].outcome is Outcome.PROVED
    assert proved(alone, name)[name].outcome is Outcome.UNDECIDED
    assert proved(POLICY, name)[name].outcome is Outcome.IDLE


# Questions and their answers


@pytest.mark.parametrize(
    ("parts", "whole", "answer"),
    [
        ((z3.unsat, z3.unsat), z3.sat, z3.unsat),
        ((z3.unsat, z3.unknown), z3.sat, z3.sat),
        ((z3.unknown, z3.unsat), z3.unknown, z3.unknown),
        ((z3.sat, z3.unsat), z3.unsat, z3.unsat),
        ((z3.unsat, z3.sat), z3.sat, z3.sat),
        ((), z3.sat, z3.sat),
        ((), z3.unknown, z3.unknown),
    ],
)
def test_a_question_is_refuted_part_by_part_only_where_every_part_is(
    parts: Sequence[z3.CheckSatResult], whole: z3.CheckSatResult, answer: z3.CheckSatResult
) -> None:
    """One part that is not refuted, and the whole is asked."""
    truths = [z3.Bool(f"part {n}") for n in range(len(parts))]
    says = dict(zip(map(str, truths), parts, strict=True)) | {"whole": whole}
    asked: Any = SimpleNamespace(ask=lambda truth, _: says[str(truth)])
    assert Question(asked, z3.Bool("whole"), tuple(truths)).ask(ANY_TIME) == answer


def events() -> tuple[AnyEvent, Asserted]:
    """Return a solver of a world of which nothing is known."""
    asserted = Asserted()
    return AnyEvent(SimpleNamespace(asserted=asserted)), asserted


def test_what_holds_and_what_fails_are_asked_together() -> None:
    """All that is to hold does, and nothing that is to fail; asked again, the answers are the same."""
    asked, _ = events()
    a, b, c = map(z3.Bool, "abc")
    for _ in range(2):
        assert asked.ask_jointly(Jointly((a, b), (c,)), ANY_TIME) == z3.sat
        assert [z3.is_true(asked.model[each]) for each in (a, b, c)] == [True, True, False]
        assert asked.ask_jointly(Jointly((a,), (b, c)), ANY_TIME) == z3.sat
        assert [z3.is_true(asked.model[each]) for each in (a, b, c)] == [True, False, False]
        assert asked.ask_jointly(Jointly((a,), (b, a)), ANY_TIME) == z3.unsat
        assert asked.ask_jointly(Jointly((a, False)), ANY_TIME) == z3.unsat
        assert asked.ask_jointly(Jointly((a,), (True,)), ANY_TIME) == z3.unsat
        assert asked.ask_jointly(Jointly((True,), (False,)), ANY_TIME) == z3.sat
    assert z3.is_true(
        z3.simplify(
            z3.substitute(
                Jointly((a,), (b, c)).truth, (a, z3.BoolVal(True)), (b, z3.BoolVal(False)), (c, z3.BoolVal(False))
            )
        )
    )
    assert not z3.is_true(
        z3.simplify(
            z3.substitute(
                Jointly((a,), (b, c)).truth, (a, z3.BoolVal(True)), (b, z3.BoolVal(False)), (c, z3.BoolVal(True))
            )
        )
    )


def test_what_is_asserted_later_is_known_to_the_solver() -> None:
    """And what was asked before holds for that question alone."""
    asked, asserted = events()
    a, b = map(z3.Bool, "ab")
    assert asked.ask(z3.Not(a), ANY_TIME) == z3.sat
    asserted.add(a)
    assert asked.ask(z3.Not(a), ANY_TIME) == z3.unsat
    assert asked.ask(b, ANY_TIME) == z3.sat
    asserted.add(z3.Not(b))
    for question in (asked.ask, lambda q, t: asked.ask_jointly(Jointly((q,)), t)):
        assert question(b, ANY_TIME) == z3.unsat
        assert question(a, ANY_TIME) == z3.sat
    asserted.add(False)
    assert asked.ask(True, ANY_TIME) == z3.unsat


def test_without_time_nothing_is_told() -> None:
    """Neither that something can hold nor that it cannot; what is so by itself needs none."""
    asked, _ = events()
    over = TimeLimit(lambda: 60.0, 60.0)
    a = z3.Bool("a")
    assert asked.ask(z3.And(a, z3.Not(a)), over) == z3.unknown
    assert asked.ask_jointly(Jointly((a,), (a,)), over) == z3.unknown
    assert asked.ask(False, over) == z3.unsat
    assert over.milliseconds == 0


# Rules that never matter


HELD = policy_of(TEXT + "  odd: {why: w, on: our offer, when: offer.discount > 3%, then: hold}\n")
ODD = next(rule for rule in HELD.rules if rule.id == "odd")
YES, NO, WHO_KNOWS = ["somewhere"], [], None


def answered(monkeypatch: pytest.MonkeyPatch, *answers: list[str] | None, rule: Any = ODD) -> list[str]:
    """Return the findings of a rule where its questions are answered so, one after the other."""
    left: Iterator[list[str] | None] = iter(answers)

    def doubts(*_: object) -> tuple[list[str], list[str]]:
        answer = next(left)
        return ([], ["our offer"]) if answer is None else (answer, [])

    search = dead._DeadRuleSearch(HELD, ANY_TIME)
    monkeypatch.setattr(search, "doubts", doubts)
    monkeypatch.setattr(search, "shown", lambda *_: "")
    monkeypatch.setattr(search, "others", lambda *_, severer: "others give")
    return [found.code.name for found in search.rule(rule)]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ((YES,), []),
        ((NO, NO), ["DEAD_RULE"]),
        ((NO, WHO_KNOWS), []),
        ((WHO_KNOWS, NO), ["DEAD_RULE"]),
        ((WHO_KNOWS, YES), []),
        ((WHO_KNOWS, WHO_KNOWS), []),
        ((NO, YES, NO), ["HIDDEN_RULE"]),
        ((NO, YES, YES), ["OVERLAPPING_RULE"]),
        ((NO, YES, WHO_KNOWS), ["OVERLAPPING_RULE"]),
    ],
)
def test_a_rule_is_idle_only_where_each_question_is_answered(
    monkeypatch: pytest.MonkeyPatch, answers: Sequence[list[str] | None], found: list[str]
) -> None:
    """Whether it matters, whether it fires, and whether something more severe stands wherever it does."""
    assert answered(monkeypatch, *answers) == found


def test_nothing_is_found_of_rules_that_the_solver_cannot_tell(tell: Any) -> None:
    """Nor of one that advises, or says `proceed`."""
    tell(lambda *_: z3.unknown)
    more = "  odd: {why: w, on: tick, when: theirs.offers > 3, then: hold, enforcement: advisory}\n"
    more += "  may: {why: w, on: tick, when: theirs.offers > 5, then: proceed}\n"
    assert list(strict(policy_of(TEXT + more), lambda: 0.0, 60.0)) == []


# Mutants


@pytest.mark.parametrize(
    ("found", "alike"),
    [
        (Comparison((), (), ()), True),
        (Comparison((), (On.TICK,), ()), False),
        (Comparison((), (), ("deal fact `x` of the old policy",)), False),
        (Comparison((), (On.TICK,), ("deal fact `x` of the old policy",)), False),
    ],
)
def test_a_mutant_is_equivalent_only_where_all_was_compared(
    monkeypatch: pytest.MonkeyPatch, found: Comparison, alike: bool
) -> None:
    """What was not told, or lies apart, is no proof that nothing is another."""
    monkeypatch.setattr(settle, "compare", lambda *_, **__: found)
    mutant = next(mutants_of(HELD))
    assert settle.settle(HELD, mutant, time.process_time, 60.0).is_alike is alike


def test_rules_that_read_what_a_mutant_moves_are_made_loud_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """First as they are, then each that decides nothing: to walk for good is what every other answer would show."""
    advice = "  note: {why: w, on: our offer, when: offer.discount > 3%, then: hold, enforcement: advisory}\n"
    policy = policy_of(PLAIN + advice + "  far: {why: w, on: our offer, when: offer.term > 99 months, then: hold}\n")
    mutant = msgspec.structs.replace(next(mutants_of(policy)), facts=frozenset({"offer.discount", "offer.term"}))
    asked = []

    def compared(one: Policy, other: Policy, *_: object, enough: bool) -> Comparison:
        assert enough
        loud = {r.id for r in one.rules if r.effect.verdict == "walk" and r.effect.door == "closed" and r.decides}
        assert all(r.enforcement == "mandatory" for r in one.rules if r.id in loud)
        asked.append(loud - {"lied"})
        return Comparison((), (), ())

    monkeypatch.setattr(settle, "compare", compared)
    assert settle.settle(policy, mutant, time.process_time, 60.0).is_alike
    assert asked == [set(), {"note"}]
