"""Run a stage in durable-rules' C core, in the one form that is exact there.

One leg, an `$and` of integer comparisons of one property with a constant, one fact at a time. Every term is computed
here, once, and sent as its place among the constants that a ruleset compares it with (`Places`); symbols are sent as
numbers too. So there are few different facts, and what the C core once said of one is remembered. One engine rule for
each alternative, at most 60 in a ruleset, strata one after the other. The only module that imports the C extension; it
never uses `durable.lang`.
"""

import ast
import weakref
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from math import prod
from string import ascii_letters
from types import ModuleType
from typing import Any

import msgspec

from walkaway.decide.core.layout import BY_NAME, FactLayout
from walkaway.decide.core.places import Places, native_places, rank_of, reads
from walkaway.decide.core.program import CONCLUDED, CoreRule, Fired, Stage
from walkaway.language.codegen import Function, attribute, call, every, is_known, var
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
_FACTS_IN_A_SET = 4_096
"""So many different facts a set may be told, as far as its tests tell; a set that may meet more is split."""
_REMEMBERED = 16_384
"""So many facts a ruleset remembers its answer to."""


Properties = tuple[int | msgspec.UnsetType, ...]
"""The properties of a fact in their order; one that is left out is unset."""


class CoreFailed(Exception):
    """The C core did something it must not do; its ruleset is not used again."""


def is_available() -> bool:
    """Return whether the C extension can be imported."""
    return _engine is not None


def load(stage: Stage, layout: FactLayout = BY_NAME) -> "Rulesets":
    """Return the function that tells which rules of *stage* fire for some facts.

    Args:
        layout: How the facts come: by their names, where nothing else is said.

    Raises:
        CoreFailed: Where the C extension is missing or refuses the rules.
    """
    if _engine is None:
        raise CoreFailed("durable-rules is not installed")
    return Rulesets(_engine, stage, layout)


class Rulesets:
    """The rulesets of a stage, by stratum."""

    def __init__(self, engine: ModuleType, stage: Stage, layout: FactLayout) -> None:
        self.strata: list[list[Ruleset]] = []
        self.stage, self.layout = stage, layout
        rules = list(enumerate(stage.rules))
        for stratum in sorted({r.stratum for r in stage.rules}):
            members = [(place, rule) for place, rule in rules if rule.stratum == stratum]
            self.strata.append([Ruleset(engine, part, stage.uncertain, layout) for part in _parts(members)])
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
    """Split alternatives into sets that respect the C core's limits, and that few different facts can be told to.

    Those that read the same stand together, so that a set reads little, and meets again what it has met before.
    """
    alternatives = [(place, tests) for place, rule in members for tests in rule.alternatives]
    common = Counter(_property(t) for _, tests in alternatives for t in tests)
    order = {wanted: number for number, (wanted, _) in enumerate(common.most_common())}
    parts: list[list[tuple[int, Conjunction]]] = []
    part: list[tuple[int, Conjunction]] = []
    used: dict[object, int] = {}
    for place, tests in sorted(alternatives, key=lambda one: sorted(order[_property(t)] for t in one[1])):
        wanted = Counter(_property(t) for t in tests)
        together = {**used, **{w: used.get(w, 1) + count for w, count in wanted.items()}}
        if part and (
            len(part) >= RULES_IN_A_SET
            or len(together) > PROPERTIES_IN_A_SET
            or prod(together.values()) > _FACTS_IN_A_SET
        ):
            parts.append(part)
            part, together = [], {w: 1 + count for w, count in wanted.items()}
        part.append((place, tests))
        used = together
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


class Ruleset:
    """At most 60 engine rules with one session, and the properties of the fact they read.

    Attributes:
        readers: The expressions for the properties, in which `READERS` are used by name.
        properties: Computes them from the facts as they come.
        known: What was answered to those met before.
    """

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
        compared: dict[Term, list[Test]] = {}
        for one in common:
            if isinstance(one, Test):
                compared.setdefault(one.term, []).append(one)
        self.terms = {term: Places(tests) for term, tests in compared.items()}
        properties = dict.fromkeys(_property(t) for t, _ in sorted(common.items(), key=lambda c: (-c[1], repr(c[0]))))
        self.names = dict(zip(properties, _short_names(), strict=False))
        _check_hashes([*self.names.values(), *_RESERVED])
        is_marked = any(_is_unmarked(tests) for _, tests in members)
        self.encode = _encoder(tuple(self.names.values()), is_marked=is_marked)
        self.uncertain = uncertain
        self.readers = [_where_known(self.reader(p), reads(p) & uncertain, layout) for p in properties]
        code = Function(*layout.arguments, called="run", **READERS)
        self.properties: Callable[..., Properties] = code.compiled([ast.Return(ast.Tuple(self.readers, ast.Load()))])
        self.known: dict[Properties, Fired] = {}
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
            case Test(term):
                op, place = self.terms[term].test(test)
                return {name: place} if op is Op.EQ else {_OPS[op]: {name: place}}
            case SymbolTest(fact, equal, symbol):
                code = self.symbols[fact][symbol]
                return {name: code} if equal else {"$neq": {name: code}}
            case Presence(_, known):
                return {name: int(known)}

    def reader(self, wanted: object) -> ast.expr:
        """Return the expression that reads a property from facts."""
        if isinstance(wanted, Term):
            return self.terms[wanted].of(_sum(wanted, self.layout), whole=wanted.whole)
        assert isinstance(wanted, tuple)
        sort, fact = wanted
        if sort == "symbol":
            return _symbol(self.layout.read(fact), self.symbols[fact])
        return ast.IfExp(is_known(self.layout.find(fact)), ast.Constant(1), ast.Constant(0))

    def placed(self) -> tuple[tuple[str, ...], Callable[[Any], Properties]] | None:
        """Return which facts properties are read from, and what the native core computes them by from a tuple of these.

        None where there is no native core, or a table of its cannot hold a property.
        """
        cuts = {term: places.cuts for term, places in self.terms.items()}
        return native_places(list(self.names), self.uncertain, cuts, self.symbols)

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
        properties = self.properties(*facts)
        found = self.known.get(properties)
        return self.asked(properties) if found is None else found

    def asked(self, properties: Properties) -> Fired:
        """Ask the C core about a fact, and remember what it says."""
        engine, handle = self.engine, self.handle
        try:
            code, session = engine.assert_fact(handle, self.encode(properties))
            if code not in (0, 1) or (code == 0 and session != self.session):
                raise CoreFailed(f"durable-rules answered {code} to a fact")
            names = self.drain() if code == 0 else []
            if code == 0:
                engine.retract_fact(handle, '{"id":"f"}')
        except CoreFailed:
            raise
        except Exception as problem:
            raise CoreFailed(f"durable-rules failed: {problem}") from problem
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        found = self.known[properties] = tuple(sorted({self.places[name] for name in names}))
        return found


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


@cache
def _encoder(names: tuple[str, ...], *, is_marked: bool) -> Callable[[Properties], str]:
    """Return the function that writes the text of a fact; a property that is unknown is left out, never null.

    Args:
        names: Of the properties, in their order.
        is_marked: Whether it says of itself that it is one of ours.
    """
    fields: list[tuple[str, Any, Any]] = [
        (f"p{place}", int | msgspec.UnsetType, msgspec.field(default=msgspec.UNSET, name=name))
        for place, name in enumerate(names)
    ]
    fields += [("id", str, "f"), *([("one", int, 1)] if is_marked else [])]
    text, encode = msgspec.defstruct("Text", fields, gc=False), msgspec.json.Encoder().encode
    return lambda properties: encode(text(*properties)).decode()


def _where_known(reader: ast.expr, facts: Iterable[str], layout: FactLayout) -> ast.expr:
    """Return the expression that reads a property, unset where one of some facts is unknown."""
    known = [is_known(layout.find(fact)) for fact in sorted(facts)]
    return ast.IfExp(every(known), reader, var("UNSET")) if known else reader


def _symbol(value: ast.expr, codes: dict[str, int]) -> ast.expr:
    """Return the expression that numbers a symbol; 0 for one that no rule names."""
    table = ast.Dict([ast.Constant(s) for s in codes], [ast.Constant(c) for c in codes.values()])
    return call(attribute(table, "get"), value, ast.Constant(0))


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


READERS: Mapping[str, object] = {"rank": rank_of, "place": bisect_right, "UNSET": msgspec.UNSET}
"""What the expressions for properties use by a name."""


def _check_hashes(names: Sequence[str]) -> None:
    """Refuse names that the C core could not tell apart: it compares 32-bit hashes only."""
    if len({_fnv(n) for n in names}) != len(names):
        raise CoreFailed("two property names share a hash")


def _fnv(name: str) -> int:
    found = 0x811C9DC5
    for byte in name.encode():
        found = ((found ^ byte) * 16_777_619) & 0xFFFFFFFF
    return found
