"""Run a stage as one Python function, built from the rules' typed trees. It defines what the rules mean.

Constants are integers before it runs: both sides of a comparison are multiplied by their denominators. Facts are
compared as they are, fractions exactly. Must not know the lowering that `rete` uses.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import lcm

from walkaway.decide.core.layout import BY_NAME, FactLayout
from walkaway.decide.core.program import CONCLUDED, CoreRule, Facts, Fired, Runner, Stage
from walkaway.language.codegen import NOTHING, Function, assign, attribute, call, every, is_known, some, var
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
    Number,
    Op,
    Product,
    Scaled,
    Sum,
    facts_of,
    push_not_inwards,
)

_OPS: dict[Op, type[ast.cmpop]] = {
    Op.LT: ast.Lt,
    Op.LE: ast.LtE,
    Op.GT: ast.Gt,
    Op.GE: ast.GtE,
    Op.EQ: ast.Eq,
    Op.NE: ast.NotEq,
}


def load(stage: Stage) -> Runner:
    """Return the function that tells which rules of *stage* fire for some facts."""
    return written(stage, BY_NAME)


def written(stage: Stage, layout: FactLayout) -> Callable[..., Fired]:
    """Return as `load` for facts in another layout; it takes the layout's arguments."""
    names = variables(f for r in stage.rules for f in facts_of(r.condition))
    builder = Builder(names, stage.uncertain)
    rules = [builder.rule(place, rule) for place, rule in enumerate(stage.rules)]
    sources = {names[fact]: _source(fact, layout, stage.uncertain) for fact in names}
    fetched = _fetched(rules, sources)
    start = assign("fired", ast.List([], ast.Load()))
    end = ast.Return(call(var("tuple"), var("fired")))
    body = [*fetched, start, *rules, end]
    found: Callable[..., Fired] = Function(*layout.arguments).compiled([*layout.begin(body), *body])
    return found


def amount(tree: Number) -> tuple[Callable[[Facts], int | Fraction | None], int]:
    """Return the function that computes a number, none where a fact it reads is unknown, and its denominator."""
    facts = facts_of(tree)
    names = variables(facts)
    builder, sources = Builder(names, facts), {names[f]: BY_NAME.find(f) for f in names}
    number, below = builder.number(tree)
    known = builder.guarded(facts, ast.Constant(True))
    body: list[ast.stmt] = [ast.Return(ast.IfExp(known, number, NOTHING))]
    found: Callable[[Facts], int | Fraction | None] = Function("facts").compiled([*_fetched(body, sources), *body])
    return found, below


def variables(facts: Iterable[str]) -> dict[str, str]:
    """Return each fact a variable."""
    return {fact: f"v{i}" for i, fact in enumerate(sorted(set(facts)))}


def run(stage: Stage, facts: Facts) -> Fired:
    """Return the rules of *stage* that fire for *facts*; `load` it once where it runs often."""
    return load(stage)(facts)


def _source(fact: str, layout: FactLayout, uncertain: frozenset[str]) -> ast.expr:
    """Return what a fact's variable starts with; a conclusion begins as no."""
    if fact.startswith(CONCLUDED):
        return ast.Constant(0)
    return layout.find(fact) if fact in uncertain else layout.read(fact)


def _fetched(rules: list[ast.stmt], sources: dict[str, ast.expr]) -> list[ast.stmt]:
    """Load the facts mentioned more than once into their variables, and read the others where they stand."""
    found = [n for rule in rules for n in ast.walk(rule) if isinstance(n, ast.Name)]
    mentioned = Counter(n.id for n in found)
    stored = {n.id for n in found if isinstance(n.ctx, ast.Store)}
    shared = {n for n in sources if mentioned[n] > 1 or n in stored}
    inline = _Inline({n: source for n, source in sources.items() if n not in shared})
    for rule in rules:
        inline.visit(rule)
    return [assign(n, sources[n]) for n in sources if n in shared]


class _Inline(ast.NodeTransformer):
    """Puts an expression in a variable's place."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


class Builder:
    """Turns trees into Python syntax over local variables.

    Args:
        names: Fact → the variable that holds it.
        uncertain: The facts whose variables may hold none.
    """

    def __init__(self, names: dict[str, str], uncertain: frozenset[str]) -> None:
        self.names, self.uncertain = names, uncertain

    def rule(self, place: int, rule: CoreRule) -> ast.stmt:
        """Return `if condition: fired.append(place)`, which also sets the conclusion where somebody reads it."""
        append = call(attribute(var("fired"), "append"), ast.Constant(place))
        then: list[ast.stmt] = [ast.Expr(append)]
        fact = CONCLUDED + rule.concludes
        if rule.concludes and fact in self.names:
            then.append(assign(self.names[fact], ast.Constant(1)))
        return ast.If(self.condition(push_not_inwards(rule.condition)), then, [])

    def condition(self, tree: Condition) -> ast.expr:
        match tree:
            case All(parts):
                return every([self.condition(p) for p in parts])
            case Any(parts):
                return some([self.condition(p) for p in parts])
            case Compare(op, left, right):
                return self.guarded(facts_of(tree), self.compare(op, left, right))
            case Is(fact, values):
                return self.guarded({fact}, self.membership(fact, values, ast.Eq(), ast.In()))
            case Not(Is(fact, values)):
                return self.guarded({fact}, self.membership(fact, values, ast.NotEq(), ast.NotIn()))
            case Known(fact):
                return self.known(fact) if fact in self.uncertain else ast.Constant(True)
            case Not(Known(fact)):
                return ast.UnaryOp(ast.Not(), self.known(fact)) if fact in self.uncertain else ast.Constant(False)
            case _:
                raise AssertionError(f"not pushed inwards: {tree}")

    def guarded(self, facts: Iterable[str], test: ast.expr) -> ast.expr:
        """Make a leaf false while a fact it reads is unknown."""
        guards = [self.known(f) for f in sorted(facts) if f in self.uncertain]
        return every([*guards, test])

    def known(self, fact: str) -> ast.expr:
        return is_known(var(self.names[fact]))

    def membership(self, fact: str, values: tuple[int | str, ...], one: ast.cmpop, many: ast.cmpop) -> ast.expr:
        variable = var(self.names[fact])
        if len(values) == 1:
            return ast.Compare(variable, [one], [ast.Constant(values[0])])
        return ast.Compare(variable, [many], [ast.Tuple([ast.Constant(v) for v in values], ast.Load())])

    def compare(self, op: Op, left: Number, right: Number) -> ast.expr:
        (a, below_a), (b, below_b) = self.number(left), self.number(right)
        common = lcm(below_a, below_b)
        return ast.Compare(_times(a, common // below_a), [_OPS[op]()], [_times(b, common // below_b)])

    def number(self, tree: Number) -> tuple[ast.expr, int]:
        """Return an integer expression and the positive denominator below it."""
        match tree:
            case Const(value):
                return ast.Constant(value.numerator), value.denominator
            case Fact(fact, scale):
                return var(self.names[fact]), scale
            case Scaled(factor, inner):
                number, below = self.number(inner)
                return _times(number, factor.numerator), below * factor.denominator
            case Product(left, right):
                (a, below_a), (b, below_b) = self.number(left), self.number(right)
                return ast.BinOp(a, ast.Mult(), b), below_a * below_b
            case Sum(parts) | Extreme(_, parts):
                found = [self.number(p) for p in parts]
                common = lcm(*(below for _, below in found))
                scaled = [_times(number, common // below) for number, below in found]
                if isinstance(tree, Extreme):
                    return call(var("max" if tree.largest else "min"), *scaled), common
                total = scaled[0]
                for part in scaled[1:]:
                    total = ast.BinOp(total, ast.Add(), part)
                return total, common


def _times(number: ast.expr, factor: int) -> ast.expr:
    if factor == 1:
        return number
    if isinstance(number, ast.Constant) and isinstance(number.value, int):
        return ast.Constant(number.value * factor)
    return ast.BinOp(number, ast.Mult(), ast.Constant(factor))
