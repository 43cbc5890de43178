"""Explain: the fired rules as reasons, leaf by leaf, with the value seen and the value needed, as people write them.

What is *needed* is what would keep the rule from firing: of a conjunction one leaf is enough. Each rule's reason is
given by a function of its own, which is written when the rule first fires.
"""

import ast
from collections.abc import Callable, Iterable
from fractions import Fraction

from walkaway.deal.facts import Room
from walkaway.deal.valuation import PACKAGE
from walkaway.decide.core.plain import Builder, amount, variables
from walkaway.decide.core.program import Facts
from walkaway.decide.decision import Leaf, Reason
from walkaway.decide.sentences import sentence_of
from walkaway.decide.verdict import Ruling, Standing
from walkaway.decide.wording import written
from walkaway.language.codegen import Function, assign, attribute, call, if_known, is_unknown, item, var
from walkaway.language.expr.tree import (
    MIRRORED,
    OPPOSITE,
    All,
    Any,
    Compare,
    Condition,
    Const,
    Fact,
    Is,
    Known,
    Not,
    Number,
    Op,
    facts_of,
    push_not_inwards,
    truth,
)
from walkaway.language.expr.types import is_constant
from walkaway.language.template import pieces, places
from walkaway.language.values import Exact, Unit, exactly, format_value, formatter
from walkaway.policy.labels import writer
from walkaway.policy.model import Policy, Rule

UNKNOWN = "unknown"
"""What stands for the value of a fact that has none."""
_COUNTED = {"room.beyond_walk": "beyond walk", "room.short_of_want": "short of want"}

Explain = Callable[[Facts, Room | None, str, Standing], Reason]
"""Facts, room of the terms on the table, who approved, the rule's standing → the rule's reason."""


def said(policy: Policy, rule: Rule) -> Callable[[Facts], str]:
    """Return what tells the words for the other side, with values for `{fact}`, words of choices by their labels."""
    words, rest = pieces(rule.say)
    if not rest:
        return lambda facts: words
    labels = policy.labels_in()
    parts = [(name, writer(labels, policy.catalog[name].unit), text) for name, text in rest]

    def say(facts: Facts) -> str:
        seen = [(UNKNOWN if (known := facts.get(n)) is None else write(known)) + text for n, write, text in parts]
        return words + "".join(seen)

    return say


def placeholders(say: str) -> frozenset[str]:
    """Return the facts whose values the words for the other side show."""
    return frozenset(place.fact for place in places(say))


class Explainer:
    """Writes the reasons of one policy's decisions."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.prepared: dict[int, Explain] = {}
        self.rules: list[Rule] = []

    def explain(self, ruling: Ruling, facts: Facts, room: Room | None) -> tuple[Reason, ...]:
        """Return a reason for each fired rule, in the ruling's order.

        Args:
            room: Of the terms on the table; counts of limits passed are shown issue by issue.
        """
        known = self.prepared
        return tuple(
            [(known.get(id(f.rule)) or self.prepare(f.rule))(facts, room, f.by, f.standing) for f in ruling.firings]
        )

    def read_by(self, rule: Rule) -> frozenset[str]:
        """Return the facts that a rule's reason shows."""
        return facts_of(rule.condition) | placeholders(rule.say)

    def prepare(self, rule: Rule) -> Explain:
        """Write what explains a rule; the rule is kept, so that no other gets its identity."""
        self.rules.append(rule)
        found = self.prepared[id(rule)] = _ReasonCodegen(self.policy, rule).function()
        return found


_Shown = ast.expr | ast.stmt
"""A leaf that is always shown, or a statement that adds some to `leaves`."""


class _ReasonCodegen:
    """Writes the function that gives a rule's reason: straight through, its words and comparisons put in.

    A fact's value is held in `v` and a number, and as people write it in `t` and the number.
    """

    def __init__(self, policy: Policy, rule: Rule) -> None:
        self.policy, self.rule = policy, rule
        self.code = Function("facts", "room", "by", "standing")
        self.values = variables(facts_of(rule.condition))
        self.writers = {fact: self.writer(fact) for fact in self.values}
        self.builder = Builder(self.values, frozenset(self.values))

    def function(self) -> Explain:
        """Return the function."""
        rule, verdict, code = self.rule, self.rule.effect.verdict, self.code
        shown = self.shown(rule.condition, wanted=True)
        seen = ast.Dict([ast.Constant(f) for f in self.values], [self.text(f) for f in self.values])
        body = [statement for fact in self.values for statement in self.fetched(fact)]
        body.append(assign("seen", seen))
        body += [ast.If(is_unknown(var(self.values[f])), [ast.Delete([_seen(f)])], []) for f in self.values]
        if all(isinstance(leaf, ast.expr) for leaf in shown):
            leaves: ast.expr = ast.Tuple([leaf for leaf in shown if isinstance(leaf, ast.expr)], ast.Load())
        else:
            body += [assign("leaves", ast.List([], ast.Load())), *map(_added, shown)]
            leaves = call(var("tuple"), var("leaves"))
        reason = {
            "by": var("by"),
            "effect": ast.Constant(verdict.value if verdict is not None else f"concludes {rule.effect.concludes}"),
            "enforcement": ast.Constant(rule.enforcement.value),
            "facts": var("seen"),
            "leaves": leaves,
            "rule": ast.Constant(rule.id),
            "say": self.said(),
            "sentence": ast.Constant(sentence_of(self.policy, rule)),
            "source": ast.Constant("built-in" if rule.built_in else self.policy.cited(rule.span)),
            "standing": var("standing"),
            "why": ast.Constant(rule.why),
        }
        given = [ast.keyword(name, value) for name, value in reason.items()]
        found: Explain = code.compiled([*body, ast.Return(ast.Call(code.use(Reason), [], given))])
        return found

    def fetched(self, fact: str) -> list[ast.stmt]:
        """Read a fact and write its value."""
        value, writer = self.values[fact], self.code.use(self.writers[fact])
        text = if_known(value, call(writer, var(value)), ast.Constant(UNKNOWN))
        return [assign(value, item(var("facts"), fact)), assign(f"t{value}", text)]

    def text(self, fact: str) -> ast.expr:
        """Return a fact's value as people write it."""
        return var(f"t{self.values[fact]}")

    def said(self) -> ast.expr:
        """Return the words for the other side."""
        say = said(self.policy, self.rule)
        words, facts = pieces(self.rule.say)
        return call(self.code.use(say), var("facts")) if facts else ast.Constant(words)

    def writer(self, name: str) -> Callable[[Exact], str]:
        """Return what writes a fact's value; a table's cell has no entry of its own, but its lookup knows its unit."""
        entry = self.policy.catalog.get(name)
        if entry is not None:
            return formatter(entry.unit)
        lookup = next(n for n in self.policy.lookups if n.name == name)
        return formatter(self.policy.tables[lookup.table].columns[lookup.column])

    def shown(self, condition: Condition, *, wanted: bool) -> list[_Shown]:
        """Show a condition's leaves: all of a conjunction, of a disjunction those that hold."""
        match condition:
            case Not(part):
                return self.shown(part, wanted=not wanted)
            case All(parts) | Any(parts):
                if isinstance(condition, All) is wanted:
                    guarded = self.guarded(parts) if wanted else frozenset()
                    return [leaf for p in parts if p not in guarded for leaf in self.shown(p, wanted=wanted)]
                return [
                    ast.If(self.test(part, wanted), [_added(leaf) for leaf in leaves], [])
                    for part in parts
                    if (leaves := self.shown(part, wanted=wanted))  # a plain yes or no has none
                ]
            case Compare() if counted := counted_by(condition, wanted=wanted):
                limits = call(self.code.use(self.counted(counted)), var("facts"), var("room"))
                otherwise = ast.List([self.compare(condition, wanted)], ast.Load())
                return [ast.Expr(call(attribute(var("leaves"), "extend"), ast.BoolOp(ast.Or(), [limits, otherwise])))]
            case Compare():
                return [self.compare(condition, wanted)]
            case Is(fact, values, _, _, unit):
                options = ", ".join(format_value(v, unit) for v in values)
                signs = ("not in [{}]", "in [{}]") if len(values) > 1 else ("!= {}", "= {}")
                seen = self.number(Fact(fact, unit.scale), unit, 0)
                return [self.leaf(condition, wanted, ast.Constant(signs[not wanted].format(options)), seen)]
            case Known(fact):
                seen = if_known(self.values[fact], ast.Constant("known"), ast.Constant(UNKNOWN))
                return [self.leaf(condition, wanted, ast.Constant(UNKNOWN if wanted else "known"), seen)]

    def guarded(self, parts: Iterable[Condition]) -> frozenset[Condition]:
        """Return the parts of a rule nobody wrote that only make sure a fact is known which another part compares."""
        if not (self.rule.built_in or self.rule.made_of):
            return frozenset()
        read = {fact for part in parts if not isinstance(part, Known) for fact in facts_of(part)}
        return frozenset(part for part in parts if isinstance(part, Known) and part.fact in read)

    def test(self, condition: Condition, wanted: bool) -> ast.expr:
        return self.builder.condition(push_not_inwards(condition, holds=wanted))

    def leaf(self, leaf: Compare | Is | Known, wanted: bool, needed: ast.expr, seen: ast.expr) -> ast.expr:
        """Show one leaf; *needed* is what would make it fail."""
        return call(self.code.use(Leaf), self.test(leaf, wanted), needed, seen, ast.Constant(leaf.text))

    def compare(self, leaf: Compare, wanted: bool) -> ast.expr:
        left, right, op = leaf.left, leaf.right, leaf.op
        if is_constant(left) and not is_constant(right):
            left, right, op = right, left, MIRRORED[op]
        needed = OPPOSITE[op] if wanted else op
        seen, bounded = WAYS[needed]
        if isinstance(right, Const):
            bound: ast.expr = ast.Constant(f"{needed} {written(right.value, leaf.unit, bounded)}")
        else:
            bound = ast.BinOp(ast.Constant(f"{needed} "), ast.Add(), self.number(right, leaf.unit, bounded))
        return self.leaf(leaf, wanted, bound, self.number(left, leaf.unit, seen))

    def number(self, tree: Number, unit: Unit, way: int) -> ast.expr:
        """Write a number; a fact's is written already, if in the same unit and whole.

        Args:
            way: As for `formatter`.
        """
        written = isinstance(tree, Fact) and tree.scale == unit.scale and self.writers[tree.name] is formatter(unit)
        if isinstance(tree, Fact) and written and (tree.whole or not way):
            return self.text(tree.name)
        return call(self.code.use(number_writer(tree, unit, way)), var("facts"))

    def counted(self, name: str) -> Callable[[Facts, Room | None], list[Leaf]]:
        """Return what shows a count of limits passed, or not reached, as one leaf for each limit."""
        what, passed = _COUNTED[name], name == "room.beyond_walk"
        forms = {}
        for issue, (fact, better) in limited(self.policy).items():
            signs = ("{}", " or better") if not better else (">= {}", "") if better > 0 else ("<= {}", "")
            shown = (
                formatter(self.policy.catalog[fact].unit, -better),
                formatter(self.policy.catalog[fact].unit, better),
            )
            forms[issue] = fact, *shown, "".join(signs).format, f"{fact} {what}"

        def limits(facts: Facts, room: Room | None) -> list[Leaf]:
            found = []
            for bound in () if room is None else room.beyond if passed else room.short:
                fact, seen, limit, needed, text = forms[bound.issue]
                value = facts[fact]
                found.append(Leaf(True, needed(limit(bound.at)), UNKNOWN if value is None else seen(value), text))
            return found

        return limits


def _added(leaf: _Shown) -> ast.stmt:
    """Add a leaf to those shown."""
    return ast.Expr(call(attribute(var("leaves"), "append"), leaf)) if isinstance(leaf, ast.expr) else leaf


def _seen(fact: str) -> ast.expr:
    return ast.Subscript(var("seen"), ast.Constant(fact), ast.Del())


def counted_by(leaf: Compare, *, wanted: bool) -> str | None:
    """Return the count of limits that a leaf compares with a constant, if it would not hold with none counted."""
    sides = [t.name for t in (leaf.left, leaf.right) if isinstance(t, Fact) and t.name in _COUNTED]
    if len(sides) != 1 or not (is_constant(leaf.left) or is_constant(leaf.right)):
        return None
    return None if truth(leaf, {sides[0]: 0}) is wanted else sides[0]


def limited(policy: Policy) -> dict[str, tuple[str, int]]:
    """Return for each issue, and the package, the fact that a limit bounds, and which way is better."""
    facts = {name: (f"offer.{name}", issue.better) for name, issue in policy.issues.items()}
    return facts | {PACKAGE: ("offer.worth", 1)}


WAYS = {Op.LT: (1, 1), Op.LE: (1, -1), Op.GT: (-1, -1), Op.GE: (-1, 1), Op.EQ: (0, 0), Op.NE: (0, 0)}
"""What is needed → to which side an amount between two units is written: as seen, and as the bound. What is seen is not
shown as satisfying it, and the bound is shown as the nearest that does, so the two differ.
"""


def number_writer(tree: Number, unit: Unit, way: int = 0) -> Callable[[Facts], str]:
    """Return what writes a number.

    Args:
        way: As for `formatter`.
    """
    write = formatter(unit, way)
    match tree:
        case Const(value):
            text = written(value, unit, way)
            return lambda facts: text
        case Fact(name, scale) if scale == unit.scale:

            def fact(facts: Facts) -> str:
                known = facts.get(name)
                return UNKNOWN if known is None else write(known)

            return fact
        case _:
            count, below = amount(tree)

            def computed(facts: Facts) -> str:
                number = count(facts)
                return UNKNOWN if number is None else write(exactly(Fraction(number * unit.scale, below)))

            return computed
