"""Counterexample queries about pairs (2-safety): two offers in one deal, the second better; one deal at two sizes."""

from collections.abc import Sequence

import msgspec

from walkaway.decide.compiler import Program
from walkaway.language.expr.linear import Monomial, Term
from walkaway.language.expr.tree import facts_of
from walkaway.language.values import Kind
from walkaway.policy.model import Policy
from walkaway.proof.counterexamples.find import DealToWrite
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.bounded import BoundedModel
from walkaway.proof.formulas.common import Shared
from walkaway.proof.formulas.encode import Encoder, FactSource, rule
from walkaway.proof.formulas.facts import Case, are_equal
from walkaway.proof.formulas.history import DealOpening, EarlierEvents
from walkaway.proof.formulas.hyperproperties import Grown, besides, is_better, is_milder, no_longer, same_role, softened
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.logic import Number, Truth, above, at_least, both, equal, every, implies
from walkaway.proof.formulas.worths import Asserted

TIMES = (10, 1_000, 100_000)
"""Factors by which the bigger of two deals is larger, tried in turn."""


class BetterOfferQuery:
    """Two offers in the same deal at the same time: the first proceeds, and the second, better for us, does not."""

    def __init__(self, program: Program, opening: DealOpening, case: Case) -> None:
        self.unrolled, self.case = BoundedModel(program, opening), case

    def follow(self, history: EarlierEvents) -> None:
        """Assert a history before the event judged."""
        self.unrolled.follow(history)

    def goal(self) -> tuple[Truth, Sequence[DealToWrite]]:
        """Return the truth to satisfy, and both deals to write; an approval in them names the worse terms."""
        one, other = self.unrolled.judge(self.case, "judged"), self.unrolled.judge(self.case, "better")
        takes = [DealToWrite(self.unrolled, one, one), DealToWrite(self.unrolled, other, one)]
        return both(one.requires, other.requires, self.holds((one, other))), takes

    def holds(self, found: Sequence[Judged]) -> Truth:
        """Return whether the decided offers confirm it."""
        one, other = found
        return both(
            other.act.on is self.case.on,
            is_better(self.unrolled.policy, one.act, other.act),
            same_role(one.act.role, other.act.role),
            no_longer(one, other),
        )


class OfferTwice:
    """An offer of ours said at once, and the same after a step of ours: answered more mildly after it.

    Args:
        step: How the step is judged; none where it is the same offer, which was not let through.
    """

    def __init__(
        self, program: Program, opening: DealOpening, case: Case, step: Case | None, aside: Sequence[str]
    ) -> None:
        self.case, self.between, self.aside = case, step or case, aside
        self.same = step is None
        self.first = BoundedModel(program, opening)
        self.second = BoundedModel(program, opening, self.first.asserted, self.first.shared, self.first.codes)

    def follow(self, history: EarlierEvents) -> None:
        """Assert the same history in both deals."""
        self.first.follow(history)
        self.second.follow(history)

    def goal(self) -> tuple[Truth, Sequence[DealToWrite]]:
        """Return the truth to satisfy, and both deals to write; no approval stands in them."""
        one = self.first.judge(self.case)
        self.second.step([self.between])
        step, terms = self.second.steps[-1], one.act.terms
        wish: list[Truth] = []
        if self.same:
            wish = [equal(step.offered[i], v) for i, v in terms.items() if i in step.offered]
            wish += [step.names[i] for i in step.names if step.names[i] is not False]
        else:
            wish = [equal(self.second.moment.state.uncleared, self.first.moment.state.uncleared)]
        wish.append(same_role(step.role, one.act.role))
        other = self.second.judge(self.case)
        wish += [n for n in one.act.stating.values() if n is not False] if not self.case.agrees else []
        none = self.first.shared.made.get("approval")
        quiet = equal(none, -1) if none is not None else True
        takes = [DealToWrite(self.first, one), DealToWrite(self.second, other)]
        return both(one.requires, other.requires, quiet, *wish, self.holds((one, other))), takes

    def holds(self, found: Sequence[Judged]) -> Truth:
        """Return whether the decided offers confirm it."""
        one, other = found
        return both(
            other.act.on is self.case.on,
            one.act.on is self.case.on,
            are_equal(one.act.terms, other.act.terms),
            same_role(one.act.role, other.act.role),
            is_milder(besides(one, self.aside), besides(other, self.aside)),
        )


class BiggerDealQuery:
    """The same events in two deals, all amounts *size* times as large in the second: a mandatory rule falls silent."""

    def __init__(self, program: Program, opening: DealOpening, case: Case, size: int) -> None:
        self.policy, self.case, self.size = program.policy, case, size
        self.small = BoundedModel(program, opening)
        money = {n for n, f in self.policy.deal.items() if f.unit.kind is Kind.MONEY}
        facts = {n: v * size if n in money and isinstance(v, int) else v for n, v in opening.facts.items()}
        shared = _ScaledNumbers(self.policy, self.small.shared, size)
        large = msgspec.structs.replace(opening, facts=facts)
        self.large = BoundedModel(program, large, self.small.asserted, shared, self.small.codes)
        self.reads = sorted(
            {f for r in program.rules[case.heard] for f in facts_of(r.condition)} - _own_constants(self.policy)
        )

    def follow(self, history: EarlierEvents) -> None:
        """Assert the same history in both deals."""
        self.small.follow(history)
        self.large.follow(history)

    def goal(self) -> tuple[Truth, Sequence[DealToWrite]]:
        """Return the truth to satisfy, and both deals to write."""
        one, other = self.small.judge(self.case), self.large.judge(self.case)
        return both(one.requires, other.requires, self.holds((one, other))), [
            DealToWrite(self.small, one),
            DealToWrite(self.large, other),
        ]

    def holds(self, found: Sequence[Judged]) -> Truth:
        """Return whether each amount a rule reads grows in proportion, the rest stays, and a rule falls silent."""
        one, other = found
        same = []
        for name in self.reads:
            a, b = one.reader.facts.get(name), other.reader.facts.get(name)
            if name.startswith("concluded."):
                continue
            grown = logic.times(self.size, a.value) if _is_money(self.policy, name) else a.value
            same += [logic.same(a.known, b.known), implies(a.known, equal(b.value, grown))]
        return both(other.act.case.heard == self.case.heard, every(same), softened(self.policy, one, other))


class _ScaledNumbers(Shared):
    """The numbers of another deal, amounts of money *size* times as large."""

    def __init__(self, policy: Policy, small: Shared, size: int) -> None:
        super().__init__(small.made)
        self.policy, self.small, self.size = policy, small, size

    def number(self, name: str, *, whole: bool = True) -> Number:
        """Return the number of a name."""
        found = self.small.number(name)
        issue = name.rpartition(".")[2]
        unit = self.policy.catalog[name].unit if name in self.policy.catalog else None
        if unit is None and issue in self.policy.issues and name.startswith(("terms.", "judged.", "better.")):
            unit = self.policy.issues[issue].unit
        return logic.times(self.size, found) if unit is not None and unit.kind is Kind.MONEY else found


def _is_money(policy: Policy, name: str) -> bool:
    entry = policy.catalog.get(name)
    return entry is not None and entry.unit.kind is Kind.MONEY


def _own_constants(policy: Policy) -> frozenset[str]:
    """Return the facts that are a policy's own numbers, which do not grow: cells of tables."""
    return frozenset(n.name for n in policy.lookups)


def grown(program: Program, judged: Judged, asserted: Asserted) -> Judged:
    """Return the ruling on the same event in any deal in which all amounts are larger in one proportion."""
    policy = program.policy
    amounts = {}
    for name in sorted({f for r in judged.heard.rules for f in facts_of(r.condition)}):
        if _is_money(policy, name):
            value = judged.facts.get(name).value
            amounts[name] = asserted.fresh(f"grown.{name}")
            asserted.add(is_grown(value, amounts[name]))
    facts, left_closed = Grown(judged, amounts), judged.facts.state.left_closed

    def make(known: FactSource) -> Encoder:
        return _GrownReader(known, judged.reader, asserted, policy)

    ruled, reader = rule(judged.heard.rules, facts, make, judged.act.lifted, left_closed)
    return Judged(judged.act, judged.facts, ruled, reader)


class _GrownReader(Encoder):
    """Reads terms in the larger deal: a term of amounts alone grows in their proportion."""

    def __init__(self, facts: FactSource, small: Encoder, asserted: Asserted, policy: Policy) -> None:
        super().__init__(facts, asserted, small.codes)
        self.small, self.asserted, self.policy = small, asserted, policy
        self.terms: dict[Term, Number] = {}

    def term(self, term: Term) -> Number:
        """Return a term's value."""
        if not all(self._is_amount(monomial) for monomial, _ in term.parts):
            return super().term(term)
        if term not in self.terms:
            self.terms[term] = self.asserted.fresh("grown")
            self.asserted.add(is_grown(self.small.term(term), self.terms[term]))
        return self.terms[term]

    def _is_amount(self, monomial: Monomial) -> bool:
        """Return whether a product holds one amount of money, and nothing that need not grow with it."""
        names = [a for a in monomial if isinstance(a, str)]
        return len(names) == len(monomial) and sum(_is_money(self.policy, n) for n in names) == 1


def is_grown(value: Number, larger: Number) -> Truth:
    """Return the truth that *number* is *other* times 1 or more."""
    return both(
        implies(above(value, 0), at_least(larger, value)),
        implies(above(0, value), at_least(value, larger)),
        implies(equal(value, 0), equal(larger, 0)),
    )
