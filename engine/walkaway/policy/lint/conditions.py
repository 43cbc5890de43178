"""Checks of one condition: too large, out of range, never true, or that of another rule."""

from collections.abc import Iterable, Iterator

from walkaway.events import On
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.language.expr.linear import (
    MAX_ALTERNATIVES,
    Conjunction,
    Peak,
    Presence,
    SymbolTest,
    Term,
    Test,
    alternatives,
    read_by,
    tidy,
)
from walkaway.language.expr.tree import (
    Op,
    leaves,
)
from walkaway.language.values import LIMIT, Kind, shorten
from walkaway.policy.catalog import FactSpec
from walkaway.policy.lint.own import lowered, own_rules, warning
from walkaway.policy.model import Policy, Rule


def complexity(policy: Policy) -> Iterator[Diagnostic]:
    """Find conditions with too many alternatives, and comparisons with numbers that no fact can reach."""
    for rule in own_rules(policy):
        if lowered(rule) is None:
            what = f"the condition of `{rule.id}` has more than {MAX_ALTERNATIVES} alternatives, or too long a product"
            hint = "split it into several rules, or let one rule conclude a part"
            yield Diagnostic(Code.TOO_COMPLEX, what, rule.span, hint)
    conditions = [(r.condition, a) for r in own_rules(policy) if (a := lowered(r)) is not None]
    for condition, found in (*conditions, *((p.condition, p.alternatives) for p in policy.patterns)):
        if _is_out_of_range(found):
            for leaf in leaves(condition):
                if _is_out_of_range(alternatives(leaf)):
                    what = f"`{shorten(leaf.text)}` needs numbers beyond ±2^53 of the smallest unit"
                    yield Diagnostic(Code.OUT_OF_RANGE, what, leaf.span, "use smaller numbers, or fewer digits")


def _is_out_of_range(found: Iterable[Conjunction]) -> bool:
    tests = (t for conjunction in found for t in conjunction if isinstance(t, Test))
    return any(abs(t.constant) + (t.op in (Op.GT, Op.LT)) > LIMIT or _largest(t.term) > LIMIT for t in tests)


def _largest(term: Term) -> int:
    inner = [max(_largest(t), abs(c)) for m, _ in term.parts for a in m if isinstance(a, Peak) for t, c in a.parts]
    return max([abs(f) for _, f in term.parts] + inner, default=0)


def never(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that no event can make fire."""
    for rule in own_rules(policy):
        found = lowered(rule)
        if found is None or any(_is_possible(policy, rule, tests) for tests in found):
            continue
        why = "its condition asks for what no fact can be" if found else "its condition contradicts itself"
        hint = "correct the condition, or remove the rule"
        yield warning(Code.NEVER_FIRES, f"rule `{rule.id}` can never fire: {why}", rule.span, hint)


def _is_possible(policy: Policy, rule: Rule, tests: Conjunction) -> bool:
    """Return whether *tests* can hold: with counts and amounts at or above 0, and facts that the rule's events know."""
    catalog = policy.catalog
    read = {f for t in tests for f in read_by(t) if f in catalog and t != Presence(f, known=False)}
    if any(
        catalog[f].known and catalog[f].known.isdisjoint(rule.on) and Presence(f, known=True) in tests for f in read
    ):
        return False
    for fact in read:
        choices = {SymbolTest(fact, False, choice) for choice in catalog[fact].unit.choices}
        if choices and choices <= tests:
            return False
    floors = {Test(Term((((f,), 1),), catalog[f].whole), Op.GE, 0) for f in read if _never_negative(catalog[f])}
    return tidy(tests | floors | _bounds(policy, read) | _owed(policy, rule, read)) is not None


def _owed(policy: Policy, rule: Rule, read: Iterable[str]) -> Conjunction:
    """Return how much can be owed: as many issues as are, and nothing where a rule hears only what comes before."""
    most = len(policy.owed) if rule.on & {On.TICK, On.UPDATE} else 0
    known = {f for f in read if f.startswith("owed.") and policy.catalog[f].known}
    limited = known if not most else known & {"owed.open", "owed.late"}
    unknown = {Presence(f, known=False) for f in read if f.startswith("owed.days_left.") and not most}
    return frozenset({Test(Term((((f,), 1),), True), Op.LE, most) for f in limited} | unknown)


def _bounds(policy: Policy, read: Iterable[str]) -> Conjunction:
    """Return what the policy says of the least and the most that facts can be."""
    found = set()
    for fact in read:
        group, _, name = fact.partition(".")
        bounded = policy.deal.get(name) if group == "deal" else policy.issues.get(name) if group == "offer" else None
        least, most = (None, None) if bounded is None else bounded.bounds
        if group == "calendar" and policy.calendar is not None and name in policy.calendar.facts:
            least, most = min(policy.calendar.facts[name]), max(policy.calendar.facts[name])
        for op, bound in ((Op.GE, least), (Op.LE, most)):
            if bound is not None:
                found.add(Test(Term((((fact,), 1),), policy.catalog[fact].whole), op, bound))
    return frozenset(found)


def _never_negative(entry: FactSpec) -> bool:
    group = entry.name.partition(".")[0]
    if (
        entry.unit.kind is Kind.YES_NO
        or group in ("give", "asked", "get", "since")
        or entry.name.endswith(".last_give")
    ):
        return True
    of_an_issue = group in ("offer", "room", "walk", "want", "wish") or ".last." in entry.name
    return entry.unit.kind is Kind.COUNT and group != "deal" and (not of_an_issue or entry.path in _COUNTS_OF_ROOM)


_COUNTS_OF_ROOM = ("beyond_walk", "short_of_want")


def repeated(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that say what another one says."""
    first: dict[object, Rule] = {}
    for rule in own_rules(policy):
        found = lowered(rule)
        if found:
            same = first.setdefault((rule.on, rule.effect, rule.enforcement, frozenset(found)), rule)
            if same is not rule:
                what = f"rule `{rule.id}` says what `{same.id}` says"
                yield warning(Code.SAME_RULE, what, rule.span, "remove one of the two")
