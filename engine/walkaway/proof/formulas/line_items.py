"""The lines of a deal as formulas: exactly, of lines that are written down, or as any that there may be.

Where nothing is known of a deal, equal lines have one worth and equal figures, and other lines any: more deals than
there are, so what is proved of them is proved. Where a deal is searched that shows something, it has a few lines of
usual values, and terms name some of a list; what is found so is decided by the engine before it is shown.
"""

from collections.abc import Hashable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import Any

import msgspec

from walkaway.deal.line_items import COUNT, DEAL_LINES, LineOpener, Rows, keys_of, rows_of, text_of
from walkaway.language.expr.tree import (
    All,
    Compare,
    Condition,
    Const,
    Extreme,
    Not,
    Product,
    Scaled,
    Sum,
    facts_of,
    leaves,
)
from walkaway.language.expr.tree import Any as AnyOf
from walkaway.language.expr.tree import Number as Tree
from walkaway.language.values import DURATIONS, Kind, Unit, Value
from walkaway.policy.model import LINES, DealFact, Figure, LineIssue, LineItems, Policy, Reach
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Encoder, FactSource, Products, Sym
from walkaway.proof.formulas.logic import Number, Truth, at_least, both, either, every, some
from walkaway.proof.formulas.worths import Asserted, KnownWorths, Worths, by_code

TEXT = Unit(Kind.TEXT)
_MOST = 48
"""So many lines are listed for terms at most."""


class OnTable(msgspec.Struct, frozen=True):
    """What figures of lines rest on.

    Attributes:
        known: What is known of the deal; *terms* are those on the table.
    """

    policy: Policy
    facts: FactSource
    scales: Worths | None
    known: Mapping[str, Sym]
    terms: Mapping[Any, Number]
    products: Products | None


def of_lines(table: OnTable, name: str) -> Sym:
    """Return a figure of the lines on the table."""
    items = table.policy.lines
    if items is None or LINES not in table.terms:
        return UNKNOWN
    if isinstance(table.scales, KnownWorths):
        return _of_known(table, items, name, table.scales)
    return _of_any(table, items, name, table.products) if isinstance(table.products, Asserted) else UNKNOWN


def _of_any(table: OnTable, items: LineItems, name: str, asserted: Asserted) -> Sym:
    """Return a figure of any lines: the same of the same ones, within what everybody knows of it."""
    is_weighed = table.scales is not None
    if name == COUNT:
        number = asserted.of_lines(COUNT, 0)
        asserted.add(both(at_least(number, 1), at_least(items.most, number)))
        return Sym(is_weighed or _is_known(asserted, COUNT, table.terms[LINES]), number)
    figure = items.figures[name]
    of_lines_alone = all(fact.startswith("line.") for fact in facts_of(figure.tree))
    more = "" if of_lines_alone else asserted.named(table.known)  # what else it reads may change while the lines stay
    key = figure.reach, figure.tree, figure.unit, figure.way, more
    number = asserted.of_lines(key, table.terms[LINES], whole=figure.reach is not Reach.SUM)
    if figure.reach in (Reach.ANY, Reach.EVERY):
        asserted.add(both(at_least(number, 0), at_least(1, number)))
    elif figure.reach is Reach.WORST:
        (fact,) = facts_of(figure.tree)
        issue = items.issues[fact.removeprefix("line.")]
        asserted.add(True if issue.least is None else at_least(number, issue.least))
        asserted.add(True if issue.most is None else at_least(issue.most, number))
    needed = [f for f in sorted(facts_of(figure.tree)) if _is_required(table.policy, f)]
    stated = every(table.facts.get(fact).known for fact in needed)
    surely = both(is_weighed and not figure.optional, stated)
    return Sym(True if surely is True else either(surely, _is_known(asserted, key, table.terms[LINES])), number)


def _is_required(policy: Policy, fact: str) -> bool:
    """Return whether a deal states a fact, at its opening or later: until then what reads it may be unknown."""
    group, _, name = fact.partition(".")
    return group == "deal" and not policy.deal[name].may_be_missing


def _is_known(asserted: Asserted, key: Hashable, lines: Number) -> Truth:
    """Return the truth that a figure of some lines is known: it is, or is not, of the same ones."""
    return logic.equal(asserted.of_lines((key, "is known"), lines), 1)


def _of_known(table: OnTable, items: LineItems, name: str, scales: KnownWorths) -> Sym:
    """Return a figure of lines that are written down: of those of the terms, or of whichever of some they name."""
    code, stated = table.terms[LINES], table.facts.get(DEAL_LINES)
    texts = {c: t for t, c in scales.codes.texts.items()}
    deal = texts.get(int(stated.value)) if logic.is_known(stated.value) else None
    if deal is None or stated.known is False:
        return UNKNOWN
    of_deal = rows_of(deal, table.policy.once(LineOpener).facts)
    told = {c: t for c, t in scales.lines().items() if not logic.is_known(code) or c == code}
    found = {c: _figure(table, items, name, t, of_deal, scales.codes) for c, t in told.items()}
    if len(found) < 2:
        return next(iter(found.values()), UNKNOWN)
    known = every(logic.implies(logic.equal(code, c), sym.known) for c, sym in found.items())
    return Sym(known, by_code({c: sym.value for c, sym in found.items()}, code))


def _figure(table: OnTable, items: LineItems, name: str, text: str, of_deal: Rows, codes: Codes) -> Sym:
    opener = table.policy.once(LineOpener)
    rows = rows_of(text, opener.issues)
    if name == COUNT:
        return Sym(True, len(rows))
    units, products = dict((*opener.facts, *opener.issues)), table.products or Asserted()
    readers = []
    for key, row in rows.items():
        said = {**of_deal[key], **row}
        line = {f"line.{n}": Sym(True, codes.code(v, units[n])) for n, v in said.items()}
        readers.append(Encoder(_OfLine(table.facts, line), products, codes))
    return _over(items.figures[name], readers)


def _over(figure: Figure, readers: list[Encoder]) -> Sym:
    """Return a figure over lines, each read by its own reader."""
    if figure.reach in (Reach.ANY, Reach.EVERY):
        join = some if figure.reach is Reach.ANY else every
        holds = join(reader.holds(figure.tree) for reader in readers)  # type: ignore[arg-type]
        return Sym(True, logic.choose(holds, 1, 0))
    tree: Tree = figure.tree  # type: ignore[assignment]
    known = every(reader.known(tree) for reader in readers)
    if known is False:
        return UNKNOWN
    values = [logic.times(figure.unit.scale, reader.amount(tree)) for reader in readers]
    if figure.reach is Reach.SUM:
        return Sym(known, logic.total(values))
    return Sym(known, logic.largest(tuple(values), smallest=figure.way > 0))


class _OfLine:
    """Facts, with those of one line."""

    def __init__(self, facts: FactSource, line: Mapping[str, Sym]) -> None:
        self.facts, self.line = facts, line

    def get(self, name: str) -> Sym:
        return self.line.get(name, UNKNOWN) if name.startswith("line.") else self.facts.get(name)


def usual_lines(policy: Policy) -> str:
    """Return the lines of a deal that is searched: two, or three where a fact has so many words; nothing optional."""
    opener = policy.once(LineOpener)
    number = max((min(3, len(f.unit.choices)) for f in opener.items.facts.values() if f.unit.choices), default=2)
    rows = {
        key: {name: _usual(fact, place) for name, fact in opener.items.facts.items() if not fact.may_be_missing}
        for place, key in enumerate(("A", "B", "C")[: min(max(2, number), opener.items.most)])
    }
    return text_of(rows, opener.facts)


def _usual(fact: DealFact, place: int) -> Value:
    """Return a usual value of what is stated of a line, another one on each."""
    unit = fact.unit
    match unit.kind:
        case Kind.CHOICE:
            return unit.choices[place % len(unit.choices)]
        case Kind.YES_NO:
            return 1 - place % 2
        case Kind.MONEY:
            found = unit.scale * (10_000, 1_000, 500)[place]
        case Kind.PERCENT:
            found = unit.scale * (10, 20, 30)[place]
        case Kind.MONTHS:
            found = 12
        case Kind.DURATION:
            found = DURATIONS["day"]
        case _:
            found = unit.scale * (10, 1, 5)[place]
    found = found if fact.least is None else max(found, fact.least)
    return found if fact.most is None else min(found, fact.most)


def coded(policy: Policy, stated: Value | None, codes: Codes) -> tuple[int, ...]:
    """Return the codes of the lines that terms may name in a deal that is searched; none where it has stated none."""
    if policy.lines is None or not isinstance(stated, str):
        return ()
    return tuple(int(codes.code(text, TEXT)) for text in listed(policy, stated))


def listed(policy: Policy, stated: str) -> tuple[str, ...]:
    """Return the lines that terms may name in a deal that is searched: all, or the last, at a number of the policy."""
    opener = policy.once(LineOpener)
    start = dict.fromkeys(keys_of(stated), opener.start)
    found = {text_of(start, opener.issues): None}
    for text in islice(_varied(policy, opener, start), _MOST):
        found.setdefault(text)
    return tuple(found)


def _varied(policy: Policy, opener: LineOpener, start: Mapping[str, Mapping[str, Value]]) -> Iterator[str]:
    for name, issue in opener.items.issues.items():
        for value in _values(policy, issue):
            yield text_of({key: {**row, name: value} for key, row in start.items()}, opener.issues)
            last, row = list(start.items())[-1]
            yield text_of({**start, last: {**row, name: value}}, opener.issues)


def _values(policy: Policy, issue: LineIssue) -> list[Value]:
    """Return values of an issue of a line: its words, or the policy's numbers, those beside them, its ends."""
    unit = issue.unit
    if not unit.is_numeric:
        return [*unit.choices] if unit.kind is Kind.CHOICE else [0, 1]
    assert policy.lines is not None, "an issue of a line has lines"
    trees = [figure.tree for figure in policy.lines.figures.values()]
    said = [*(rule.condition for rule in policy.rules), *(claim.condition for claim in policy.claims)]
    trees += [condition for condition in said if any(f.startswith("lines.") for f in facts_of(condition))]
    numbers = {value * unit.scale for tree in trees for value in _constants(tree)}
    near = sorted({int(n) + step for n in numbers if n.denominator == 1 for step in (0, unit.scale, -unit.scale)})
    ends = [v for v in (issue.least, issue.most) if v is not None]
    usual = [unit.scale * n for n in (5, 10)]
    found = dict.fromkeys((*near, *ends, *usual))
    low, high = (issue.least, issue.most)
    return [v for v in found if (low is None or v >= low) and (high is None or v <= high) and abs(v) < 2**50]


def _constants(tree: Condition | Tree) -> Iterator[Fraction]:
    """Yield the numbers that a policy chose, in whole units; of a share of something, as percent, what is left too."""
    match tree:
        case Const(value):
            yield value
        case Scaled(factor, number):
            yield from (factor * 100, (1 - factor) * 100)
            yield from _constants(number)
        case Sum(parts) | Extreme(parts=parts):
            for part in parts:
                yield from _constants(part)
        case Product(left, right) | Compare(left=left, right=right):
            yield from _constants(left)
            yield from _constants(right)
        case All() | AnyOf() | Not():
            for leaf in leaves(tree):
                yield from _constants(leaf)
        case _:
            return
