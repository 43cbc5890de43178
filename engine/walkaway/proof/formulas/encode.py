"""Encode conditions, the rules that fire and the verdict they give as formulas over facts.

The meaning is that of the plain core and of `verdict.combine`; a test holds this encoding against both. Knows no
position: whose facts they are is not its matter.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

import msgspec

from walkaway.decide.core.program import CONCLUDED
from walkaway.events import Door, Party, Verdict
from walkaway.language.expr.linear import Peak, Term, Test, lower
from walkaway.language.expr.tree import (
    All,
    Any,
    Compare,
    Condition,
    Const,
    Extreme,
    Fact,
    Is,
    Known,
    Not,
    Product,
    Scaled,
    Sum,
    facts_of,
    push_not_inwards,
)
from walkaway.language.expr.tree import Number as Tree
from walkaway.language.values import Exact, Kind, Unit, Value
from walkaway.policy.model import Bounds, Rule
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.logic import Number, Truth, both, choose, compared, either, every, no, some


class Sym(msgspec.Struct, frozen=True):
    """A fact's value, which may be unknown: in its smallest unit, or as a symbol's code."""

    known: Truth
    value: Number


UNKNOWN = Sym(False, 0)


class Codes:
    """Codes of symbols: whole numbers, one for each word of a kind of choice."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}

    def code(self, value: Exact, unit: Unit) -> int | Fraction:
        """Return a value's code: a choice's place among the choices, a text's own number, a number itself."""
        if isinstance(value, int | Fraction):
            return value
        if unit.kind is Kind.CHOICE:
            return unit.choices.index(Party(value) if unit.choices == tuple(Party) else value)
        return self.texts.setdefault(value, len(self.texts) + 1)

    def value(self, code: int, unit: Unit) -> Value:
        """Return the value that a code stands for; a text nobody has named is made up."""
        if unit.kind is Kind.CHOICE:
            return str(unit.choices[code])
        if unit.kind is Kind.TEXT:
            return {c: t for t, c in self.texts.items()}.get(code, f"text {code}")
        return code


class FactSource(Protocol):
    """Where facts come from."""

    def get(self, name: str) -> Sym:
        """Return a fact."""


class Products(ABC):
    """How a product of two unknown numbers is encoded."""

    def product(self, one: Number, other: Number) -> Number:
        """Return the product of two numbers, at least one of them known."""
        if logic.is_known(one):
            return logic.times(one, other)
        if logic.is_known(other):
            return logic.times(other, one)
        return self.unknown(one, other)

    def derived(self, names: tuple[str, ...], factors: tuple[Number, Number], spans: tuple[Bounds, Bounds]) -> Number:
        """Return the product of two numbers of the solver.

        Args:
            names: The facts that are multiplied.
            spans: Between which bounds each may be expected.
        """
        return self.product(*factors)

    @abstractmethod
    def add(self, formula: Truth) -> None:
        """Assert a formula that holds."""

    @abstractmethod
    def unknown(self, one: Number, other: Number) -> Number:
        """Return the product of two numbers of the solver."""


class Encoder:
    """Reads conditions and numbers over some facts; each comparison is made once."""

    def __init__(self, facts: FactSource, products: Products, codes: Codes) -> None:
        self.facts, self.products, self.codes = facts, products, codes
        self.tests: dict[Test, Truth] = {}

    def holds(self, condition: Condition) -> Truth:
        """Return the truth of *condition*; a leaf over an unknown fact is false, and so is its opposite."""
        return self._holds(_pushed(condition))

    def _holds(self, tree: Condition) -> Truth:
        match tree:
            case All(parts):
                return every(self._holds(p) for p in parts)
            case Any(parts):
                return some(self._holds(p) for p in parts)
            case Compare(op, left, right):
                found = _lowered(op, left, right)
                return self._known(tree, found if isinstance(found, bool) else self.test(found))
            case Is():
                return self._known(tree, self._is(tree))
            case Not(Is() as leaf):
                return self._known(leaf, no(self._is(leaf)))
            case Known(fact):
                return self.facts.get(fact).known
            case Not(Known(fact)):
                return no(self.facts.get(fact).known)
            case _:
                raise AssertionError(f"not pushed inwards: {tree}")

    def _known(self, leaf: Compare | Is, holds: Truth) -> Truth:
        return self.when_known(every(self.facts.get(f).known for f in _facts(leaf)), holds)

    def when_known(self, known: Truth, holds: Truth) -> Truth:
        """Return a leaf, from that its facts are known and that it then holds."""
        return both(known, holds)

    def _is(self, leaf: Is) -> Truth:
        value = self.facts.get(leaf.fact).value
        return some(logic.equal(value, self.codes.code(v, leaf.unit)) for v in leaf.values)

    def over(self, facts: FactSource) -> "Encoder":
        """Return a reader of the same kind over other facts."""
        return Encoder(facts, self.products, self.codes)

    def test(self, test: Test) -> Truth:
        """Return the truth that a test of a term against a constant holds, its facts taken as known."""
        if test not in self.tests:
            self.tests[test] = compared(test.op, self.term(test.term), test.constant)
        return self.tests[test]

    def term(self, term: Term) -> Number:
        """Return a term's value."""
        found = []
        for monomial, factor in term.parts:
            value: Number = 1
            for atom in monomial:
                inner = self._peak(atom) if isinstance(atom, Peak) else self.facts.get(atom).value
                value = self.products.product(value, inner)
            found.append(logic.times(factor, value))
        return logic.total(found)

    def _peak(self, peak: Peak) -> Number:
        values = [logic.total((self.term(t), c)) for t, c in peak.parts]
        return logic.largest(values, smallest=not peak.largest)

    def amount(self, tree: Tree) -> Number:
        """Return a number's value in whole units, its facts taken as known."""
        match tree:
            case Const(value):
                return value
            case Fact(name, scale):
                return logic.times(Fraction(1, scale), self.facts.get(name).value)
            case Scaled(factor, inner):
                return logic.times(factor, self.amount(inner))
            case Product(left, right):
                return self.products.product(self.amount(left), self.amount(right))
            case Sum(parts):
                return logic.total(self.amount(p) for p in parts)
            case Extreme(most, parts):
                return logic.largest([self.amount(p) for p in parts], smallest=not most)

    def known(self, tree: Tree) -> Truth:
        """Return the truth that every fact a number reads is known."""
        return every(self.facts.get(f).known for f in _facts(tree))


@lru_cache(16_384)
def _facts(tree: Condition | Tree) -> tuple[str, ...]:
    """Return the facts that a tree reads, in the order of their names; rules are read again for every event."""
    return tuple(sorted(facts_of(tree)))


_pushed = lru_cache(16_384)(push_not_inwards)
_lowered = lru_cache(16_384)(lower)


class Lifted(msgspec.Struct, frozen=True):
    """What approvals that cover the terms take back.

    Attributes:
        approved: Role → that an approval by it, or above, covers.
        lifts: What `lift_of` says of a rule → that approvals lift it.
        is_moot: That whoever gave them is among those who moved the terms, or may be since somebody is not known.
    """

    approved: Mapping[str, Truth] = {}
    lifts: Mapping[str, Truth] = {}
    is_moot: Truth = False


def lift_of(one: Rule) -> str:
    """Return what names that approvals lift a rule: its id, and who may; layers may add to one id."""
    count = f"*{one.effect.count}" if one.effect.count > 1 else ""
    return f"{one.id}:{one.effect.to}{count}:{one.by}"


class Ruled(msgspec.Struct, frozen=True):
    """The ruling on one event as formulas.

    Attributes:
        rules: Those that listen to the event, in the program's order.
        fires: Rule for rule, that it fires; `decides` that it counts for the verdict.
        reaches: Verdict for verdict, that the answer is at least as severe.
        closed: That the answer is to walk with the door closed.
    """

    rules: tuple[Rule, ...]
    fires: tuple[Truth, ...]
    decides: tuple[Truth, ...]
    reaches: tuple[Truth, ...]
    closed: Truth

    def is_verdict(self, verdict: Verdict) -> Truth:
        """Return the truth that the answer is *verdict*."""
        place = verdict.rank
        return both(self.reaches[place], no(self.reaches[place + 1]) if verdict is not Verdict.WALK else True)

    @property
    def severity(self) -> Number:
        """Return the verdict as a number, from 0 for proceed to 5 for walk."""
        return logic.count(self.reaches[1:])


class _WithConclusions:
    """Facts, with what earlier strata have concluded."""

    def __init__(self, facts: FactSource) -> None:
        self.facts = facts
        self.concluded: dict[str, Truth] = {}

    def get(self, name: str) -> Sym:
        if name.startswith(CONCLUDED):
            return Sym(True, choose(self.concluded.get(name, False), 1, 0))
        return self.facts.get(name)


def rule(
    rules: Sequence[Rule],
    facts: FactSource,
    make: Callable[[FactSource], Encoder],
    lifted: Lifted,
    left_closed: Truth = False,
) -> tuple[Ruled, Encoder]:
    """Return the ruling, and a reader that knows the conclusions.

    Args:
        rules: Those that listen, in the program's order: conclusions before those who read them.
        make: Returns a reader over facts.
        left_closed: That an earlier walk closed the door.
    """
    known = _WithConclusions(facts)
    reader = make(known)
    fires = []
    for one in rules:
        holds = reader.holds(one.condition)
        fires.append(holds)
        if name := one.effect.concludes:
            known.concluded[CONCLUDED + name] = either(known.concluded.get(CONCLUDED + name, False), holds)
    decides = tuple(both(f, _stands(r, lifted)) for r, f in zip(rules, fires, strict=True))
    deciding = [(r.effect, d) for r, d in zip(rules, decides, strict=True) if r.effect.verdict is not None]
    reaches = tuple(
        some(d for e, d in deciding if e.verdict is not None and e.verdict >= verdict) if verdict.rank else True
        for verdict in Verdict
    )
    closed = both(
        reaches[Verdict.WALK.rank], either(left_closed, some(d for e, d in deciding if e.door is Door.CLOSED))
    )
    return Ruled(tuple(rules), tuple(fires), decides, reaches, closed), reader


def _stands(one: Rule, lifted: Lifted) -> Truth:
    """Return the truth that a fired rule decides: it may, and no approval lifts it."""
    return no(lifted.lifts.get(lift_of(one), False)) if one.decides else False


def no_milder(one: Ruled, reaches: Sequence[Truth], closed: Truth = False) -> Ruled:
    """Return a ruling that is at least as severe as another answer."""
    found = tuple(either(a, b) for a, b in zip(one.reaches, reaches, strict=True))
    return msgspec.structs.replace(one, reaches=found, closed=either(one.closed, closed))


def as_accepting(one: Ruled, accepting: Ruled, is_liftable: Callable[[Rule], bool]) -> Ruled:
    """Return the ruling on an offer of theirs: no milder than a trade where accepting it would be no yes.

    An escalation stays one where approvals could lift all that decides.
    """
    refused = accepting.reaches[Verdict.TRADE.rank]
    others = some(d for r, d in zip(accepting.rules, accepting.decides, strict=True) if not is_liftable(r))
    asks = both(accepting.is_verdict(Verdict.ESCALATE), no(others))
    within = [True, refused, *(asks if v <= Verdict.ESCALATE else False for v in list(Verdict)[2:])]
    return no_milder(one, within)


def as_made_again(one: Ruled, again: Ruled) -> Ruled:
    """Return the ruling on a close, held against what the agreement would be now."""
    walks = again.reaches[Verdict.WALK.rank]
    found = no_milder(one, again.reaches)
    return msgspec.structs.replace(found, closed=choose(walks, again.closed, one.closed))
