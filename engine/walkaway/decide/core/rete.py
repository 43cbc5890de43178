"""Run a stage in durable-rules' C core, in the one form that is exact there.

One leg, an `$and` of integer comparisons of one property with a constant, one fact at a time. Every term is computed
here, once, and sent as an integer: one that may lie between two integers as its rank (`expr.linear`), compared with
ranks; symbols are sent as numbers too. One engine rule for each alternative, at most 60
in a ruleset, strata one after the other. The only module that imports the C extension; it never uses `durable.lang`.
"""

import ast
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from string import ascii_letters
from types import ModuleType
from typing import Any

import msgspec

from walkaway.decide.core.layout import BY_NAME, FactLayout
from walkaway.decide.core.program import CONCLUDED, CoreRule, Fired, Runner, Stage
from walkaway.language.codegen import Function, attribute, call, every, expression, is_known, some, var
from walkaway.language.expr.linear import AnyTest, Conjunction, Peak, Presence, SymbolTest, Term, Test
from walkaway.language.expr.tree import Op

try:
    import durable_rules_engine as _engine
except ImportError:  # where the C extension is missing, `plain` decides alone
    _engine = None

RULES_IN_A_SET = 60
PROPERTIES_IN_A_SET = 200
_RESERVED = ("id", "sid", "$s", "$forward", "one")
_OPS = {Op.LE: "$lte", Op.GE: "$gte", Op.NE: "$neq"}
_SAFE = 2**62


Encode = Callable[..., str]
"""Writes the text of the fact that the C core reads, from the facts as they come."""


class CoreFailed(Exception):
    """The C core did something it must not do; its ruleset is not used again."""


def is_available() -> bool:
    """Return whether the C extension can be imported."""
    return _engine is not None


def load(stage: Stage, layout: FactLayout = BY_NAME) -> Runner:
    """Return the function that tells which rules of *stage* fire for some facts.

    Args:
        layout: How the facts come: by their names, where nothing else is said.

    Raises:
        CoreFailed: Where the C extension is missing or refuses the rules.
    """
    if _engine is None:
        raise CoreFailed("durable-rules is not installed")
    return _Runner(_engine, stage, layout)


class _Runner:
    """The rulesets of a stage, by stratum."""

    def __init__(self, engine: ModuleType, stage: Stage, layout: FactLayout) -> None:
        self.strata: list[list[_RuleSet]] = []
        self.stage, self.layout = stage, layout
        rules = list(enumerate(stage.rules))
        for stratum in sorted({r.stratum for r in stage.rules}):
            members = [(place, rule) for place, rule in rules if rule.stratum == stratum]
            self.strata.append([_RuleSet(engine, part, stage.uncertain, layout) for part in _parts(members)])
        self.concludes = any(r.concludes for r in stage.rules)
        self.conclusions = sorted({CONCLUDED + r.concludes for r in stage.rules if r.concludes})

    def __call__(self, *facts: Any) -> Fired:
        if not self.concludes:
            if len(self.strata) == 1 and len(self.strata[0]) == 1:
                return self.strata[0][0].fire(*facts)
            return tuple(sorted({place for sets in self.strata for s in sets for place in s.fire(*facts)}))
        (by_name,) = facts  # conclusions are entered into a mapping
        known = self.layout.copied(by_name, self.conclusions)
        fired: set[int] = set()
        for sets in self.strata:
            found = [place for s in sets for place in s.fire(known)]
            fired.update(found)
            for place in found:
                if name := self.stage.rules[place].concludes:
                    self.layout.conclude(known, CONCLUDED + name)
        return tuple(sorted(fired))


def _parts(members: Sequence[tuple[int, CoreRule]]) -> list[list[tuple[int, Conjunction]]]:
    """Split alternatives into sets that respect the C core's limits."""
    parts: list[list[tuple[int, Conjunction]]] = []
    part: list[tuple[int, Conjunction]] = []
    used: set[object] = set()
    for place, rule in members:
        for tests in rule.alternatives:
            wanted = {_property(t) for t in tests}
            if part and (len(part) >= RULES_IN_A_SET or len(used | wanted) > PROPERTIES_IN_A_SET):
                parts.append(part)
                part, used = [], set()
            part.append((place, tests))
            used |= wanted
    return [*parts, part] if part else parts


def _property(test: AnyTest) -> object:
    """Return what a test reads; tests that read the same share a property."""
    match test:
        case Test(term):
            return term
        case SymbolTest(fact):
            return ("symbol", fact)
        case Presence(fact):
            return ("known", fact)


class _RuleSet:
    """At most 60 engine rules with one session, and the text of the fact they read."""

    def __init__(
        self,
        engine: ModuleType,
        members: Sequence[tuple[int, Conjunction]],
        uncertain: frozenset[str],
        layout: FactLayout,
    ) -> None:
        self.engine, self.layout = engine, layout
        self.places = {f"r{i}": place for i, (place, _) in enumerate(members)}
        self.symbols: dict[str, dict[str, int]] = {}
        for _, tests in members:
            for test in sorted((t for t in tests if isinstance(t, SymbolTest)), key=lambda t: t.symbol):
                codes = self.symbols.setdefault(test.fact, {})
                codes.setdefault(test.symbol, len(codes) + 1)
        common = Counter(t for _, tests in members for t in tests)
        properties = dict.fromkeys(_property(t) for t, _ in sorted(common.items(), key=lambda c: (-c[1], repr(c[0]))))
        self.names = dict(zip(properties, _short_names(), strict=False))
        _check_hashes([*self.names.values(), *_RESERVED])
        readers = {self.names[p]: self.reader(p) for p in properties}
        marked = any(_is_unmarked(tests) for _, tests in members)
        if marked:
            readers["one"] = ast.Constant(1)
        counts = {self.names[p]: found for p in properties if (found := _counting(p, common)) is not None}
        self.text = _encoder(readers, {self.names[p]: _reads(p) & uncertain for p in properties}, counts, layout)
        rules = {f"r{i}": self.rule(i + 1, tests, common) for i, (_, tests) in enumerate(members)}
        self.open(rules)

    def rule(self, priority: int, tests: Conjunction, common: Counter[AnyTest]) -> dict[str, Any]:
        """Return one engine rule; the most shared tests stand first, so that their nodes are shared."""
        ordered = sorted(tests, key=lambda t: (-common[t], repr(t)))
        guard = [{"one": 1}] if _is_unmarked(tests) else []
        return {"all": [{"m": {"$and": [*guard, *map(self.test, ordered)]}}], "pri": priority}

    def test(self, test: AnyTest) -> dict[str, Any]:
        name = self.names[_property(test)]
        match test:
            case Test(term, op, constant):
                if not term.whole:
                    op, constant = _ranked(op, constant)
                return {name: constant} if op is Op.EQ else {_OPS[op]: {name: constant}}
            case SymbolTest(fact, equal, symbol):
                code = self.symbols[fact][symbol]
                return {name: code} if equal else {"$neq": {name: code}}
            case Presence(_, known):
                return {name: int(known)}

    def reader(self, wanted: object) -> ast.expr:
        """Return the expression that reads a property from facts."""
        if isinstance(wanted, Term):
            return _term(wanted, self.layout, var("rank"))
        assert isinstance(wanted, tuple)
        sort, fact = wanted
        if sort == "symbol":
            return _symbol(self.layout.read(fact), self.symbols[fact])
        return ast.IfExp(is_known(self.layout.find(fact)), ast.Constant(1), ast.Constant(0))

    def open(self, rules: dict[str, Any]) -> None:
        """Create the ruleset and its session; the `boot` rule makes it safe to delete later."""
        boot = {"boot": {"all": [{"m": {"$s": 1}}], "pri": 60_000}}
        try:
            self.handle = self.engine.create_ruleset("p", msgspec.json.encode({**rules, **boot}).decode())
            _, self.session = self.engine.assert_fact(self.handle, '{"id":"w"}')
        except Exception as problem:
            raise CoreFailed(f"durable-rules refused a ruleset: {problem}") from problem
        if self.drain() != ["boot"]:
            raise CoreFailed("durable-rules did not start its session")
        weakref.finalize(self, _close, self.engine, self.handle).atexit = False

    def drain(self) -> list[str]:
        """Take every pending firing; names are cut out of the result's text."""
        found = []
        handle, session, go_on = self.handle, self.session, self.engine.complete_and_start_action
        state = self.engine.start_action_for_state(handle, session)
        message = state and state[1]
        while message is not None:
            found.append(message[2 : message.index('"', 2)])
            message = go_on(handle, session)
        return found

    def fire(self, *facts: Any) -> Fired:
        """Return the places of the rules that fire."""
        engine, handle = self.engine, self.handle
        try:
            code, session = engine.assert_fact(handle, self.text(*facts))
            if code == 1:
                return ()
            if code != 0 or session != self.session:
                raise CoreFailed(f"durable-rules answered {code} to a fact")
            found = self.drain()
            engine.retract_fact(handle, '{"id":"f"}')
        except CoreFailed:
            raise
        except Exception as problem:
            raise CoreFailed(f"durable-rules failed: {problem}") from problem
        places = self.places
        if len(found) == 1:
            return (places[found[0]],)
        return tuple(sorted({places[name] for name in found}))


def _is_unmarked(tests: Conjunction) -> bool:
    """Return whether tests would hold for the C core's own hidden facts too, which have none of our properties."""
    return all(isinstance(t, Presence) for t in tests)


def _short_names() -> Iterator[str]:
    """Return property names, the shortest first: the C core reads and writes the names with every fact and firing."""
    for length in (1, 2):
        yield from ("".join(letters) for letters in product(ascii_letters, repeat=length))


def _close(engine: ModuleType, handle: int) -> None:
    engine.delete_state(handle, "0")
    engine.delete_ruleset(handle)


def _reads(wanted: object) -> frozenset[str]:
    """Return the facts whose absence leaves a property out."""
    if isinstance(wanted, Term):
        return wanted.facts
    assert isinstance(wanted, tuple)
    return frozenset() if wanted[0] == "known" else frozenset({wanted[1]})


def _counting(wanted: object, tests: Iterable[AnyTest]) -> ast.expr | None:
    """Return the condition for the value `p` of a property under which a test of it holds; none where one always may.

    Where none does the property is left out: the C core reads, and copies for each rule that fires, a shorter text.
    """
    least: int | None = None
    most: int | None = None
    equal: list[int] = []
    for test in tests:
        if not isinstance(test, Test) or (test.term is not wanted and test.term != wanted):
            continue
        op, constant = (test.op, test.constant) if test.term.whole else _ranked(test.op, test.constant)
        match op:
            case Op.GE:
                least = constant if least is None else min(least, constant)
            case Op.LE:
                most = constant if most is None else max(most, constant)
            case Op.EQ:
                equal.append(constant)
            case _:
                return None
    if not isinstance(wanted, Term) or len(equal) > 1:
        return None
    bounds = [(ast.GtE(), least), (ast.LtE(), most), (ast.Eq(), equal[0] if equal else None)]
    return some([ast.Compare(var("p"), [op], [ast.Constant(at)]) for op, at in bounds if at is not None])


def _encoder(
    readers: dict[str, ast.expr], uncertain: dict[str, frozenset[str]], counts: dict[str, ast.expr], layout: FactLayout
) -> Encode:
    """Return the function that writes the fact's text; a property that is unknown is left out, never null.

    Args:
        readers: Property → the expression that computes it.
        uncertain: Property → the facts without which it is left out.
        counts: Property → the condition without which its value is left out.
    """
    code = Function(*layout.arguments, rank=rank_of)
    fields: list[tuple[str, Any, Any]] = [("id", str, msgspec.field(default="f"))]
    values: list[ast.expr] = [ast.Constant("f")]
    for place, (key, value) in enumerate(readers.items()):
        reader = value
        if key in counts:
            held = ast.NamedExpr(ast.Name("p", ast.Store()), value)
            reader = ast.IfExp(_First(held).visit(counts[key]), var("p"), code.use(msgspec.UNSET))
        fields.append((f"p{place}", int | msgspec.UnsetType, msgspec.field(default=msgspec.UNSET, name=key)))
        missing = [is_known(layout.find(fact)) for fact in sorted(uncertain.get(key, ()))]
        values.append(ast.IfExp(every(missing), reader, code.use(msgspec.UNSET)) if missing else reader)
    text = call(code.use(msgspec.defstruct("Text", fields, gc=False)), *values)
    encoded = call(code.use(msgspec.json.Encoder().encode), text)
    found: Encode = code.compiled([ast.Return(call(attribute(encoded, "decode")))])
    return found


class _First(ast.NodeTransformer):
    """Puts an expression that sets a variable where that is first read."""

    def __init__(self, held: ast.expr) -> None:
        self.held: ast.expr | None = held

    def visit_Name(self, node: ast.Name) -> ast.expr:
        held, self.held = self.held, None
        return node if held is None else held


def _symbol(value: ast.expr, codes: dict[str, int]) -> ast.expr:
    """Return the expression that numbers a symbol; 0 for one that no rule names."""
    table = ast.Dict([ast.Constant(s) for s in codes], [ast.Constant(c) for c in codes.values()])
    return call(attribute(table, "get"), value, ast.Constant(0))


def _term(term: Term, layout: FactLayout, rank: ast.expr) -> ast.expr:
    """Return the expression that computes a term, kept within what the C core holds."""
    total = _sum(term, layout)
    if not term.whole:
        total = expression("t + t if (t := TOTAL).__class__ is int else RANK(t)", TOTAL=total, RANK=rank)
    elif _is_bounded(term):
        return total
    return expression("t if -SAFE <= (t := TOTAL) <= SAFE else SAFE if t > 0 else -SAFE", TOTAL=total, SAFE=_SAFE)


def _sum(term: Term, layout: FactLayout) -> ast.expr:
    total: ast.expr | None = None
    for monomial, factor in term.parts:
        product: ast.expr | None = None if factor == 1 else ast.Constant(factor)
        for atom in monomial:
            value = layout.read(atom) if isinstance(atom, str) else _peak(atom, layout)
            product = value if product is None else ast.BinOp(product, ast.Mult(), value)
        assert product is not None
        total = product if total is None else ast.BinOp(total, ast.Add(), product)
    return total or ast.Constant(0)


def _peak(peak: Peak, layout: FactLayout) -> ast.expr:
    sums = [(_sum(t, layout), c) for t, c in peak.parts]
    values = [ast.BinOp(total, ast.Add(), ast.Constant(c)) if c else total for total, c in sums]
    return values[0] if len(values) == 1 else call(var("max" if peak.largest else "min"), *values)


def _is_bounded(term: Term) -> bool:
    """Return whether a term of facts within ±2^53 stays within 62 bits, so that the C core holds it."""
    return (
        all(len(m) == 1 and isinstance(m[0], str) for m, _ in term.parts) and sum(abs(f) for _, f in term.parts) <= 256
    )


def rank_of(total: int | Fraction) -> int:
    """Return a number's rank: twice its integer part, and one more where it lies between two integers."""
    if total.__class__ is int:
        return int(total + total)
    return 2 * (total.numerator // total.denominator) + (total.denominator != 1)


def _ranked(op: Op, constant: int) -> tuple[Op, int]:
    """Return the comparison of ranks that a comparison with an integer is."""
    twice = 2 * constant
    return {Op.GT: (Op.GE, twice + 1), Op.LT: (Op.LE, twice - 1)}.get(op, (op, twice))


def _check_hashes(names: Sequence[str]) -> None:
    """Refuse names that the C core could not tell apart: it compares 32-bit hashes only."""
    if len({_fnv(n) for n in names}) != len(names):
        raise CoreFailed("two property names share a hash")


def _fnv(name: str) -> int:
    found = 0x811C9DC5
    for byte in name.encode():
        found = ((found ^ byte) * 16_777_619) & 0xFFFFFFFF
    return found
