# Over 400 lines: one transition system, its state and its step.
"""Bounded model checking: deals of so many events, each chosen by the solver, and the last of them judged.

The opening facts that worths and limits rest on are known, so everything is linear and exact; where one is left out,
nothing has a worth, and the event judged is the deal's first. What the solver finds is
written as the events of a real deal; whether the engine agrees is tried before anybody sees it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from walkaway.deal.valuation import OutOfRange
from walkaway.decide.authority import is_liftable
from walkaway.decide.compiler import Program
from walkaway.events import LESSER, OPENING, OUTCOMES, On, Verdict
from walkaway.policy.catalog import ALWAYS, FactSpec
from walkaway.policy.model import LINES, Pattern, Rule
from walkaway.proof.formulas import ledger, logic
from walkaway.proof.formulas.common import Common, Shared
from walkaway.proof.formulas.constraints import may_name
from walkaway.proof.formulas.days import AnyDay, second_on
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Encoder, FactSource, Lifted, Sym, lift_of, rule
from walkaway.proof.formulas.facts import (
    Act,
    Case,
    Facts,
    Moved,
    Named,
    State,
    Values,
    are_equal,
    is_free,
    is_no_worse,
    of_issues,
    worths_of,
)
from walkaway.proof.formulas.history import STEPS, DealOpening, EarlierEvents
from walkaway.proof.formulas.judging import Judged, judge
from walkaway.proof.formulas.ledger import Moment, Step
from walkaway.proof.formulas.line_items import coded
from walkaway.proof.formulas.logic import (
    Number,
    Truth,
    above,
    at_least,
    both,
    choose,
    either,
    equal,
    implies,
    no,
    some,
    total,
)
from walkaway.proof.formulas.opening import Chosen, any_of, begin, is_spoken
from walkaway.proof.formulas.worths import Asserted, Worths, known_worths

Written = dict[str, Any]
"""One event, as its JSON line has it."""

LONGEST = 400 * 86_400
"""Seconds at most between two events."""


class BoundedModel:
    """The transition system of one policy from one known opening: its state, and the step that an event makes."""

    def __init__(
        self,
        program: Program,
        opening: DealOpening,
        asserted: Asserted | None = None,
        shared: Shared | None = None,
        codes: Codes | None = None,
        kin: Common | None = None,
    ) -> None:
        self.program, self.policy, self.opening, self.kin = program, program.policy, opening, kin
        self.asserted = asserted or Asserted(precise=True)
        self.codes = codes or Codes()
        self.shared = shared or Shared()
        self.steps: list[Step] = []
        self.origin = second_on(self.policy, opening.day)
        begun = begin(self.policy, opening, kin, Chosen(self.asserted, self.shared, self.codes))
        self.missing, self.brought, self.known = begun.missing, begun.brought, begun.known
        self.lines = coded(self.policy, opening.facts.get(LINES), self.codes)
        self.scales: Worths | None = None
        if begun.valuation is not None:
            self.scales = known_worths(self.policy, begun.valuation, begun.start, self.asserted, self.codes)
        units = {name: issue.unit for name, issue in self.policy.issues.items()}
        self.start = {i: self.codes.code(begun.start.get(i, any_of(unit)), unit) for i, unit in units.items()}
        self.moment = self._opened(self.start)

    def _opened(self, start: Values) -> Moment:
        policy = self.policy
        half, nothing = ledger.opening_of(policy, self.scales, start)
        state = State(
            scales=self.scales,
            known=self.known,
            ours=half,
            theirs=half,
            start=start,
            start_worths=half.worths,
            cleared=start,
            cleared_worths=half.worths,
            run_worths=half.worths,
            base=half.first,
            base_worths=half.worths,
            agreement=nothing,
            signals=dict.fromkeys(policy.signals, 0),
            matches={p.name: 0 for p in policy.patterns},
            missing=len(self.missing),
            settled={i: Sym(False, 0) for i in half.worths},
            free={e.name: self._begun(e) for e in policy.catalog.values() if is_free(e)},
            days=None if policy.calendar is None else AnyDay(policy.calendar, self.origin, self.asserted),
        )
        return Moment(state, 0, False, {p.name: () for p in policy.patterns}, 0)

    def _begun(self, entry: FactSpec) -> Sym:
        """Return a fact of which nothing else is said, in a deal that is its party's only one."""
        if entry.path == "is_stated":
            return Sym(True, choose(self.known[f"deal.{entry.name.removeprefix('stated.')}"].known, 1, 0))
        return Sym(entry.known == ALWAYS or entry.path == "budget", 0)  # no other deal has taken anything

    # Steps

    def follow(self, history: EarlierEvents) -> None:
        """Assert the events of a history, in any order.

        Raises:
            OutOfRange: Where it has events, and nothing has a worth.
        """
        if self.scales is None and history.length:
            raise OutOfRange("worths rest on a fact that is missing")
        sorts = {cases: n for cases, n in history.sorts().items() if n}
        kinds = tuple(case for case in STEPS if any(case in cases for cases in sorts))
        for _ in range(history.length):
            self.step(kinds)
        for cases, number in sorts.items():
            codes = [STEPS.index(case) for case in cases]
            happened = (some(equal(step.kind, c) for c in codes) for step in self.steps)
            self.asserted.add(equal(logic.count(happened), number))
        for kind, number in history.signals.items():
            self.asserted.add(equal(self.moment.state.signals[kind], number))

    def step(self, kinds: Sequence[Case] = STEPS) -> None:
        """Add one step: an event of some kind."""
        place, shared, policy = len(self.steps), self.shared, self.policy
        kind, pause = shared.number(f"kind.{place}"), shared.number(f"pause.{place}")
        offered, names = self.terms(f"terms.{place}"), self.names(f"names.{place}")
        confirmed = {k: shared.flag(f"signal.{place}.{k}") for k in policy.signals}
        now, role = total((self.moment.now, pause)), self.role(f"{place}")
        self.asserted.add(both(at_least(pause, 0), at_least(LONGEST, pause)))
        self.asserted.add(some(equal(kind, STEPS.index(case)) for case in kinds))
        after = []
        for case in kinds:
            act = self._act(case, offered, names, now, role)
            if case.on is On.SIGNAL:
                act = Act(case=case, confirmed=confirmed, now=now)
            is_kind = equal(kind, STEPS.index(case))
            self.asserted.add(implies(is_kind, self.allowed(act)))
            after.append((is_kind, self._after(act)))
        self.moment = ledger.merged(after)
        self.steps.append(Step(kind, offered, names, confirmed, now, role))

    def role(self, name: str) -> Sym:
        """Return any role in which we may speak, or that none is known; none where two policies have other roles."""
        entry = self.policy.catalog.get("offer.role")
        if entry is None or (self.kin is not None and "offer.role" in self.kin.own):
            return UNKNOWN
        value = self.shared.number(f"role.{name}")
        self.asserted.add(both(at_least(value, -1), above(len(entry.unit.choices), value)))
        return Sym(at_least(value, 0), value)

    def names(self, name: str) -> Named:
        """Return which issues an offer names: at least one."""
        spoken = self.policy.issues if self.kin is None else self.kin.issues
        found = {i: self.shared.flag(f"{name}.{i}") if i in spoken else False for i in self.policy.issues}
        self.asserted.add(some(found.values()))
        return found

    def terms(self, name: str) -> Values:
        """Return terms that are free to be chosen."""
        spoken = self.policy.issues if self.kin is None else self.kin.issues
        found = {i: self.shared.number(f"{name}.{i}") for i in self.policy.issues if i in spoken}
        for issue, value in found.items():
            declared = self.policy.issues[issue]
            if issue == LINES and self.lines:
                self.asserted.add(some(equal(value, code) for code in self.lines))
                continue
            self.asserted.add(both(is_spoken(value, declared.unit, declared.bounds), may_name(value, declared)))
        return {i: found.get(i, self.start[i]) for i in self.policy.issues}

    def allowed(self, act: Act) -> Truth:
        """Return the truth that an event of a kind may come next (the guard of the step)."""
        state, confirmed = self.moment.state, act.confirmed
        if self.scales is None and act.case.heard in (On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE):
            return False  # nothing has been said before
        match act.on:
            case On.OUR_REJECTION:
                return state.theirs.said_at.known
            case On.THEIR_REJECTION:
                return state.ours.said_at.known
            case On.THEIR_ACCEPTANCE:
                word = state.ours.standing, state.ours.worths
                better = is_no_worse(act.terms, act.worths, *word)
                return both(state.ours.stands, True if act.case.agrees else better, self._agrees(act))
            case On.SIGNAL:
                common = [c for k, c in confirmed.items() if self.kin is None or k in self.kin.signals]
                others = [c for k, c in confirmed.items() if self.kin is not None and k not in self.kin.signals]
                return both(equal(logic.count(common), 1), no(some(others))) if common else False
            case On.APPROVAL:
                return bool(self.policy.roles)
            case _:
                return ledger.is_heard_so(state, act) if act.terms else True

    def _agrees(self, act: Act) -> Truth:
        """Return the truth that an offer of theirs takes our word exactly if its case says so."""
        same = are_equal(act.terms, self.moment.state.ours.standing)
        return True if act.case.agrees else no(same)

    def _act(self, case: Case, offered: Values, names: Named, now: Number, role: Sym) -> Act:
        """Return an event with terms, before anything of it is counted."""
        state, policy = self.moment.state, self.policy
        if not case.has_terms:
            return Act(case=case, now=now)
        if self.scales is None:
            said = role if case.is_ours else UNKNOWN
            moved = Moved(gain=0, loss=0, losses=0, new=0, names=True, stating=names, first=True)
            return Act(case=case, role=said, terms=offered, named=names, moved=moved, stating=names, now=now)
        if case.agrees:
            terms = (state.ours if case.is_theirs else state.theirs).standing
            names = dict.fromkeys(terms, True)
        elif case.is_theirs:
            terms = ledger.their_terms(state, offered, names)
        else:
            terms = {i: choose(names[i], v, state.ours.standing[i]) for i, v in offered.items()}
        worths = worths_of(self.scales, terms)
        return Act(
            case=case,
            role=role if case.is_ours else UNKNOWN,
            terms=terms,
            worths=worths,
            moved=ledger.moved(policy, state, worths, names) if case.is_theirs else None,
            stating=names,
            again=self._again(case, terms, worths),
            now=now,
        )

    def _again(self, case: Case, terms: Values, worths: Values) -> Mapping[str, Number]:
        found = {}
        words = {On.OUR_OFFER} if case.heard in (LESSER, OPENING) else case.words
        for pattern in self.policy.patterns:
            if pattern.second.on in words:
                earlier = self.moment.first[pattern.name]
                found[pattern.name] = logic.count(
                    both(is_leg, self._joins(pattern, (values, worth), (terms, worths)))
                    for is_leg, values, worth in earlier
                    if is_leg is not False
                )
        return found

    def _joins(self, pattern: Pattern, first: tuple[Values, Values], second: tuple[Values, Values]) -> Truth:
        assert self.scales is not None, "where nothing has a worth, nothing is said before"
        legs = {}
        for leg, (terms, worths) in ((pattern.first, first), (pattern.second, second)):
            for read in leg.reads:
                worth = read == "worth"
                value = (
                    self.scales.exact(total((self.scales.base(), *of_issues(worths).values())))
                    if worth
                    else terms[read]
                )
                legs[f"{leg.name}.{read}"] = Sym(True, value)
        return self.reader(_Mapped(legs)).holds(pattern.condition)

    def reader(self, facts: FactSource) -> Encoder:
        """Return a reader over facts."""
        return Encoder(facts, self.asserted, self.codes)

    def _judged(self, act: Act, requires: Truth = True) -> tuple[Judged, State, Act]:
        """Return the ruling on an event, with the deal and the event as they are judged: their acceptance counted."""
        state = self.moment.state
        if act.case.heard is On.THEIR_ACCEPTANCE:
            state = ledger.counted(state, act)
            act = msgspec.structs.replace(act, again={})
        taking: Mapping[str, Number] = {}
        if act.case.is_their_word and self.scales is not None:
            after = ledger.counted(state, act) if act.case.heard is On.THEIR_OFFER else state
            taking = self._again(ledger.TAKING, after.theirs.standing, after.theirs.worths)
        return judge(self.program, state, act, self.reader, requires, taking), state, act

    def _after(self, act: Act) -> Moment:
        """Return the deal after an event; where a walk is to be remembered, we have left."""
        moment, state, policy, case = self.moment, self.moment.state, self.policy, act.case
        left, moved, first = moment.left, moment.moved, moment.first
        walks: Truth = False
        closed: Truth = False
        if case.is_ours:
            judged, _, _ = self._judged(act)
            state = ledger.said(policy, state, act, judged.proceeds)
        elif case.is_theirs:
            assert act.moved is not None
            counted = ledger.counted(state, act)
            moved = either(moved, above(act.moved.value, 0), case.agrees, act.moved.first)
            if case.agrees:
                judged, _, accepted = self._judged(act)
                state = ledger.agreed(policy, counted, accepted, judged.proceeds)
                walks, closed = judged.ruled.reaches[Verdict.WALK.rank], judged.ruled.closed
            else:
                walks, closed = self._walks(counted if case.heard is On.THEIR_ACCEPTANCE else state, act)
                state = counted
        elif case.on is On.SIGNAL:
            walks, closed = self._walks(state, act)
            signals = {k: total((n, choose(act.confirmed[k], 1, 0))) for k, n in state.signals.items()}
            state = msgspec.structs.replace(state, signals=signals)
        elif case.on in (On.OUR_REJECTION, On.THEIR_REJECTION):
            if case.on is On.THEIR_REJECTION:
                walks, closed = self._walks(state, act)
            state = ledger.rejected(state, by_us=case.on is On.OUR_REJECTION)
        on = On.OUR_OFFER if case.heard == LESSER else case.on
        first = {
            p.name: (*first[p.name], (case.has_terms and p.first.on is on, act.terms, act.worths))
            for p in policy.patterns
        }
        if walks is not False:
            walks = both(walks, no(equal(left, 2)))
            begins = both(walks, either(equal(left, 0), moved))
            state = msgspec.structs.replace(state, left_at=choose(begins, act.now, state.left_at))
            left = choose(walks, choose(closed, 2, 1), left)
            moved = both(moved, no(walks))
        state = msgspec.structs.replace(state, left_open=both(equal(left, 1), no(moved)), left_closed=equal(left, 2))
        return Moment(state, left, moved, first, act.now)

    def _walks(self, state: State, act: Act) -> tuple[Truth, Truth]:
        """Return the truths that the answer to an event is to walk, and that it closes the door."""
        leaving = _leaving(self.program.rules[act.case.heard])
        if not leaving:
            return False, False
        if act.case.heard is On.THEIR_ACCEPTANCE:
            act = msgspec.structs.replace(act, again={})
        facts = Facts(self.policy, state, act, self.asserted)
        ruled, _ = rule(leaving, facts, self.reader, Lifted(), state.left_closed)
        return ruled.reaches[Verdict.WALK.rank], ruled.closed

    # The event judged

    def judge(self, case: Case, name: str = "judged") -> Judged:
        """Return the ruling on an event of a kind that comes next."""
        shared, policy = self.shared, self.policy
        pause = shared.number("pause.judged")
        self.asserted.add(both(at_least(pause, 0), at_least(LONGEST, pause)))
        now = total((self.moment.now, pause))
        terms, names = (self.terms(name), self.names(f"names.{name}")) if case.has_terms else ({}, {})
        act = self._act(case, terms, names, now, self.role(name))
        if case.on is On.SIGNAL:
            confirmed = {k: shared.flag(f"signal.{name}.{k}") for k in policy.signals}
            act = msgspec.structs.replace(act, confirmed=confirmed)
        requires: Truth = equal(pause, 0) if case.on is On.OPEN else True
        if case.on is On.CLOSE:
            act, may = self._close(act, name)
            requires = both(requires, may)
        if case.on not in (On.OPEN, On.CLOSE):
            requires = both(requires, self.allowed(act))
        may_lift = (case.has_terms or case.again) and case.heard != OPENING and self.scales is not None
        if may_lift and policy.roles and len(policy.people) != 1:
            lifted, undisturbed = self._lifted()
            act, requires = msgspec.structs.replace(act, lifted=lifted), both(requires, undisturbed)
        judged, _, _ = self._judged(act, requires)
        return judged

    def _close(self, act: Act, name: str) -> tuple[Act, Truth]:
        """Return a close, without terms as signed, and the truth that it is judged so."""
        agreement, again = self.moment.state.agreement, act.case.again
        outcome = self.shared.number(f"outcome.{name}")
        self.asserted.add(both(at_least(outcome, 0), above(len(OUTCOMES), outcome)))
        is_again = both(equal(outcome, 0), agreement.stands, no(agreement.cleared))
        made = agreement.is_ours if again == "ours" else no(agreement.is_ours)
        act = msgspec.structs.replace(act, outcome=Sym(True, outcome), agreed=agreement.stands)
        return act, both(is_again, made) if again else no(is_again)

    def _lifted(self) -> tuple[Lifted, Truth]:
        """Return what one optional approval of exactly these terms lifts; nobody walks at the approval itself."""
        rank, policy = self.shared.number("approval"), self.policy
        ranks = policy.ranks
        self.asserted.add(both(at_least(rank, -1), above(len(ranks), rank)))
        approved = {role: at_least(rank, place) for role, place in ranks.items()}
        lifts: dict[str, Truth] = {}
        for one in policy.rules:
            if not is_liftable(policy, one) and not (one.built_in and one.id == "short-of-want"):
                continue
            if self.kin is not None and one.id not in self.kin.liftable:
                continue
            met = approved[one.effect.to] if one.effect.to and one.effect.count == 1 else False
            waived = both(approved[one.by], self.shared.flag(f"waived.{one.id}")) if one.by else False
            covers = approved[policy.roles[0]] if one.built_in and one.id == "short-of-want" else False
            lifts[lift_of(one)] = either(met, waived, covers)
        if self.kin is not None and not self.kin.roles:
            self.asserted.add(equal(rank, -1))
        undisturbed: Truth = True
        leaving = _leaving(self.program.rules[On.APPROVAL])
        if leaving:
            facts = Facts(policy, self.moment.state, Act(case=Case(On.APPROVAL), now=self.moment.now))
            ruled, _ = rule(leaving, facts, self.reader, Lifted())
            undisturbed = either(equal(rank, -1), no(ruled.reaches[Verdict.WALK.rank]))
        return Lifted(approved, lifts), undisturbed


class _Mapped:
    def __init__(self, facts: Mapping[str, Sym]) -> None:
        self.facts = facts

    def get(self, name: str) -> Sym:
        return self.facts[name]


def _leaving(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules that decide to walk, and those whose conclusions they may read."""
    walking = [r for r in rules if r.decides and r.effect.verdict is Verdict.WALK]
    return tuple(r for r in rules if r in walking or r.effect.concludes) if walking else ()
