"""What the terms of an offer of ours can change in a policy's answer, found once for each policy.

Rules that read nothing of the terms are run once for all counteroffers. For each issue it is found out whether moving
it in our favour can only switch deciding rules off: then the offers that pass lie together at the good end of every
line, and a binary search finds the first of them. A proof is tried leaf by leaf; where it fails, every value is tried.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import chain
from typing import NamedTuple

from walkaway.advice.counteroffers.adding import FiredBy, load
from walkaway.advice.counteroffers.telling import above, telling
from walkaway.decide.compiler import Program, reads
from walkaway.decide.core import plain
from walkaway.decide.core.program import CONCLUDED, Fired, Stage
from walkaway.decide.verdict import Ruling, Standing
from walkaway.events import On, Verdict
from walkaway.language.expr.linear import AnyTest, Atom, Conjunction, Peak, SymbolTest, Term, Test
from walkaway.language.expr.tree import Const, Fact, Op, facts_of
from walkaway.language.values import Kind
from walkaway.policy.model import LINES, Policy, Rule

_TERMS = {"offer", "room", "approved", "worth", "give", "give_net", "give_run", "give_issues", "asked", "asked_issues"}
_TERMS |= {"get", "beyond_walk", "short_of_want", "derived", "lines"}
_FALLING = {"give", "give_net", "give_run", "give_issues", "beyond_walk", "short_of_want"}
"""Catalog paths of facts that the terms change; all rise as an issue moves in our favour but these, which fall."""

_REMEMBERED = 1_000

Monotonicity = int | None
"""How something changes along one issue, towards us: 1 rising, -1 falling, 0 constant, none if that is not proved.

Of a test or a rule: 1 it can only begin to hold, -1 it can only cease.
"""


class Foreseen(NamedTuple):
    """What the engine would answer.

    Attributes:
        verdict: The verdict.
        roles: Places in the policy's roles of those whose approval it wants, ascending.
        rest: What would still be the verdict once all of them have approved.
    """

    verdict: Verdict
    roles: tuple[int, ...]
    rest: Verdict


REFUSED = Foreseen(Verdict.REFUSE, (), Verdict.REFUSE)
"""Of terms that cannot be weighed."""
TAKEN = Foreseen(Verdict.HOLD, (), Verdict.HOLD)
"""Of what they offer, said back to them: an acceptance, and no counteroffer."""


def outcome_of(ruling: Ruling, roles: tuple[str, ...]) -> Foreseen:
    """Return what matters of a ruling for comparing offers."""
    deciding = [f.rule.effect for f in ruling.firings if f.standing is Standing.DECIDES]
    wanted = {roles.index(e.to) for e in deciding if e.to}
    rest = max((e.verdict for e in deciding if not e.to and e.verdict is not None), default=Verdict.PROCEED)
    return Foreseen(ruling.verdict, tuple(sorted(wanted)), rest)


class OfferRules:
    """A policy's rules about our offers, divided by whether they read the terms.

    Args:
        blind: Leave out every rule that would tell a number of ours.

    Attributes:
        settled, varying: The rules that the terms cannot change, and those they can; of all rules those that decide, or
            conclude something.
        terms: The facts of the varying rules. `approved`: those of them that tell of approvals. `patterns`: those that
            count the matches of a pattern which our offers complete.
        proved: For each issue, whether moving it in our favour can only switch deciding rules off.
    """

    def __init__(self, policy: Policy, program: Program, *, blind: bool = False) -> None:
        self.policy = policy
        every, stage = program.rules[On.OUR_OFFER], program.stages[On.OUR_OFFER, True]
        lowered = {id(rule): core.alternatives for rule, core in zip(every, stage.rules, strict=True)}
        silent = telling(policy) if blind else ()
        rules = tuple(r for r in every if r not in silent and (r.decides or r.effect.concludes))
        self.patterns = frozenset(f"pattern.{p.name}" for p in policy.patterns if p.second.on is On.OUR_OFFER)
        self.changing = self.patterns | {n for n, e in policy.catalog.items() if e.path in _TERMS}
        varying = above((r for r in rules if facts_of(r.condition) & self.changing), rules)
        needed = _below(varying, rules)
        self.varying = tuple(r for r in rules if r in needed)
        self.settled = tuple(r for r in rules if r not in varying)
        self.stage = _part(stage, [every.index(r) for r in self.varying])
        self.run_settled = plain.load(_part(stage, [every.index(r) for r in self.settled]))
        read = {f for r in self.varying for f in facts_of(r.condition) if not f.startswith(CONCLUDED)}
        made = (policy.derived[f.removeprefix("derived.")].facts for f in read if f.startswith("derived."))
        self.terms = frozenset(read.union(*made))
        self.approved = frozenset(f for f in self.terms if f.startswith("approved."))
        self.proved = {name: self.is_proved(name, rules, lowered) for name in policy.issues}
        self.patterns &= self.terms
        self.outcomes: dict[Fired, dict[Fired, Foreseen]] = {}
        self.runners: dict[bool, FiredBy] = {}

    def runner(self, *, scaled: bool) -> FiredBy:
        """Return what tells which of the varying rules fire for a package.

        Args:
            scaled: As for `PackageLayout`.
        """
        found = self.runners.get(scaled)
        if found is None:
            found = self.runners[scaled] = load(self.stage, self.policy, scaled=scaled)
        return found

    def is_proved(self, issue: str, rules: tuple[Rule, ...], lowered: dict[int, tuple[Conjunction, ...]]) -> bool:
        """Return whether moving *issue* in our favour can only switch deciding rules off."""
        ways: dict[str, Monotonicity] = {name: self.way(name, issue) for name in self.changing}
        flags = frozenset(n for n, e in self.policy.catalog.items() if e.unit.kind is Kind.YES_NO)
        for rule in rules:  # stratum by stratum, so that a conclusion is known before it is read
            way = _joined(map(_Ways(ways, flags).test, chain.from_iterable(lowered[id(rule)])))
            if rule.effect.concludes:
                name = CONCLUDED + rule.effect.concludes
                ways[name] = _joined((ways.get(name, 0), way))
            elif rule.decides and way not in (0, -1):
                return False
        return True

    def remembered(self, settled: Fired) -> dict[Fired, Foreseen]:
        """Return the outcomes met before, where no approval counts, by what fired of the varying rules."""
        if len(self.outcomes) > _REMEMBERED:
            self.outcomes.clear()
        return self.outcomes.setdefault(settled, {})

    def way(self, fact: str, issue: str) -> Monotonicity:
        """Return how a fact that the terms change goes along *issue*."""
        entry = self.policy.catalog[fact]
        if entry.path in ("patterns", "get"):
            return None  # of `get` alone: what they conceded of an issue counts less once we ask for it
        if entry.path == "offer":
            return (self.policy.issues[issue].better or None) if fact == f"offer.{issue}" else 0
        if entry.path == "derived":
            derived = self.policy.derived[fact.removeprefix("derived.")]
            way = derived.way(f"offer.{issue}", partial(least_of, self.policy))
            return way and (self.policy.issues[issue].better * way or None)
        if entry.path == "lines":
            return None if issue == LINES else 0
        if entry.path == "room" and fact not in (f"room.{issue}", "room.package"):
            return 0
        return -1 if entry.path in _FALLING else 1


def least_of(policy: Policy, fact: str) -> int | None:
    """Return the least that a deal fact, or the value of an issue, can be; none where there is no end to it.

    A start value that is computed need not lie between an issue's bounds.
    """
    group, _, name = fact.partition(".")
    if group == "deal":
        return policy.deal[name].least
    issue = policy.issues[name]
    least, start = issue.values[0] if issue.values else issue.least, issue.start
    if least is None or isinstance(start, int | Const):
        return least
    begun = least_of(policy, start.name) if isinstance(start, Fact) and start.name.startswith("deal.") else None
    return None if begun is None else min(least, begun)


def _below(found: Iterable[Rule], rules: tuple[Rule, ...]) -> list[Rule]:
    """Add every rule that concludes what those *found* read, or those added."""
    kept = list(found)
    for rule in reversed(rules):
        if rule not in kept and any(rule.effect.concludes in reads(r) for r in kept):
            kept.append(rule)
    return kept


def _part(stage: Stage, places: Iterable[int]) -> Stage:
    return Stage(tuple(stage.rules[p] for p in places), stage.uncertain)


def _joined(ways: Iterable[Monotonicity]) -> Monotonicity:
    """Return the way all of them go; none where one is unknown or two differ."""
    found = 0
    for way in ways:
        if way is None or (way and found and way != found):
            return None
        found = found or way
    return found


_GIVE: tuple[Atom, ...] = ("give.value",)
_GET: tuple[Atom, ...] = ("get.value",)


class _Ways:
    """Where terms and tests go, given where facts go.

    Args:
        flags: The facts that are yes or no.
    """

    def __init__(self, facts: Mapping[str, Monotonicity], flags: frozenset[str]) -> None:
        self.facts, self.flags = facts, flags

    def test(self, test: AnyTest) -> Monotonicity:
        match test:
            case Test(term, op, constant):
                way = self.term(term)
                if not way:
                    return way
                if op in (Op.EQ, Op.NE) and self.is_flag(term):
                    op = Op.GE if (op is Op.EQ) == (constant == 1) else Op.LE
                return way if op in (Op.GE, Op.GT) else -way if op in (Op.LE, Op.LT) else None
            case SymbolTest(fact):
                return 0 if self.facts.get(fact, 0) == 0 else None
            case _:
                return 0  # a fact that the terms change is known or unknown whatever they are

    def is_flag(self, term: Term) -> bool:
        """Return whether a term is a fact that is yes or no: then equal and at least mean the same of 1."""
        match term.parts:
            case (((str() as fact,), 1),):
                return fact in self.flags
            case _:
                return False

    def term(self, term: Term) -> Monotonicity:
        """Return how a sum goes; `give.value` less `get.value` falls, whatever `get.value` does alone."""
        parts = dict(term.parts)
        given, got = parts.get(_GIVE, 0), parts.get(_GET, 0)
        ways: list[Monotonicity] = []
        if got and given * got < 0 and self.facts.get("give.value") == -1:
            common = min(abs(given), abs(got)) * (1 if given > 0 else -1)
            parts[_GIVE], parts[_GET] = given - common, got + common
            ways.append(-1 if common > 0 else 1)
        return _joined([*ways, *(self.monomial(atoms, factor) for atoms, factor in parts.items() if factor)])

    def monomial(self, atoms: tuple[Atom, ...], factor: int) -> Monotonicity:
        ways = [self.atom(a) for a in atoms]
        if len(ways) > 1:
            return 0 if not any(w != 0 for w in ways) else None
        return ways[0] and (ways[0] if factor > 0 else -ways[0])

    def atom(self, atom: Atom) -> Monotonicity:
        if isinstance(atom, Peak):
            return _joined(self.term(part) for part, _ in atom.parts)
        return self.facts.get(atom, 0)
