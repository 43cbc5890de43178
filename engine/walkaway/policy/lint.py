"""Checks over a whole policy: each a function that gives its findings, all listed in `LINTS`."""

import re
from collections.abc import Callable, Iterator, Mapping

from walkaway.catalog import Entry
from walkaway.codes import Code
from walkaway.diagnostics import Diagnostic, Severity, Span, nearest
from walkaway.events import Verdict
from walkaway.expr.linear import (
    MAX_ALTERNATIVES,
    Conjunction,
    Peak,
    Presence,
    SymbolTest,
    Term,
    Test,
    TooComplex,
    alternatives,
    implies,
    read_by,
    tidy,
)
from walkaway.expr.tree import (
    All,
    Any,
    Compare,
    Condition,
    Is,
    Known,
    Leaf,
    Not,
    Op,
    facts_of,
    leaves,
    push_not_inwards,
)
from walkaway.expr.types import constant, is_constant
from walkaway.policy.model import THRESHOLDS, Enforcement, Policy, Rule
from walkaway.values import LIMIT, Kind, format_value, shorten

LIMIT_GROUPS = ("walk", "want", "wish", "room", "batna", "balance")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

Lint = Callable[[Policy], Iterator[Diagnostic]]


def lint(policy: Policy) -> list[Diagnostic]:
    """Give what every check finds."""
    return [finding for check in LINTS for finding in check(policy)]


def own_rules(policy: Policy) -> list[Rule]:
    """Give the rules the policy itself wrote."""
    return [r for r in policy.rules if not r.built_in]


def guards(policy: Policy) -> Iterator[Diagnostic]:
    """Find facts that may be unknown where nothing in the condition makes sure that they are known."""
    for rule in own_rules(policy):
        known = {f: policy.catalog[f].known & rule.on for f in facts_of(rule.condition) if f in policy.catalog}
        uncertain = frozenset(f for f, on in known.items() if on != rule.on)
        for fact, leaf in unguarded(push_not_inwards(rule.condition), uncertain, frozenset()):
            if not known[fact] and policy.catalog[fact].known:
                when = policy.catalog[fact].when_known()
                heard = ", ".join(f"`{o}`" for o in sorted(rule.on)) if len(rule.on) < 4 else "every event"
                yield Diagnostic(
                    Code.NEVER_KNOWN,
                    f"`{fact}` is known {when} only, and `{rule.id}` listens to {heard}",
                    leaf.span,
                    "let the rule listen to the events that know it",
                )
            else:
                yield Diagnostic(
                    Code.UNGUARDED,
                    f"`{fact}` may be unknown here",
                    leaf.span,
                    f"add `known({fact})` with `and` before it",
                )


def unguarded(condition: Condition, uncertain: frozenset[str], sure: frozenset[str]) -> Iterator[tuple[str, Leaf]]:
    """Give each uncertain fact that is read where it is not sure to be known, with its leaf."""
    match condition:
        case All(parts):
            sure = sure.union(*(_establishes(p) for p in parts))
            for part in parts:
                yield from unguarded(part, uncertain, sure)
        case Any(parts):
            for i, part in enumerate(parts):
                absent = frozenset(
                    p.part.fact
                    for j, p in enumerate(parts)
                    if j != i and isinstance(p, Not) and isinstance(p.part, Known)
                )
                yield from unguarded(part, uncertain, sure | absent)
        case Known() | Not(Known()):
            return
        case Not(Is() as leaf):
            yield from ((f, leaf) for f in sorted((facts_of(leaf) & uncertain) - sure))
        case Compare() | Is():
            yield from ((f, condition) for f in sorted((facts_of(condition) & uncertain) - sure))
        case Not():
            raise AssertionError(f"not pushed inwards: {condition}")


def _establishes(condition: Condition) -> frozenset[str]:
    match condition:
        case Known(fact):
            return frozenset({fact})
        case All(parts):
            return frozenset().union(*map(_establishes, parts))
        case Any(parts) if parts:
            first, *rest = map(_establishes, parts)
            return first.intersection(*rest)
        case _:
            return frozenset()


def cycles(policy: Policy) -> Iterator[Diagnostic]:
    """Find conclusions that need themselves."""
    needs: dict[str, set[str]] = {}
    rules: dict[str, Rule] = {}
    for rule in policy.rules:
        if name := rule.effect.concludes:
            read = {f.removeprefix("concluded.") for f in facts_of(rule.condition) if f.startswith("concluded.")}
            needs.setdefault(name, set()).update(read)
            rules.setdefault(name, rule)
    reported: set[frozenset[str]] = set()
    for name in sorted(needs):
        path = _path_back(name, needs)
        if path and frozenset(path) not in reported:
            reported.add(frozenset(path))
            yield Diagnostic(
                Code.CONCLUSION_CYCLE,
                f"these conclusions need each other: {' → '.join(path)}",
                rules[name].span,
                "let one of the rules read facts instead",
            )


def _path_back(name: str, needs: Mapping[str, set[str]]) -> list[str]:
    """Give a shortest path from *name* to itself, or nothing."""
    paths = [[name]]
    seen: set[str] = set()
    while paths:
        path = paths.pop(0)
        for following in sorted(needs.get(path[-1], ())):
            if following == name:
                return [*path, name]
            if following not in seen:
                seen.add(following)
                paths.append([*path, following])
    return []


def said(policy: Policy) -> Iterator[Diagnostic]:
    """Find texts for the other side that tell our limits, or name what is no fact."""
    amounts = _limit_texts(policy)
    for rule in policy.rules:
        if not rule.say or rule.said_at is None:
            continue
        place = rule.said_at
        for match in _PLACEHOLDER.finditer(place.value):
            name = match[1].strip()
            span = place.at(match.start(), len(match[0]))
            if name not in policy.catalog:
                yield Diagnostic(
                    Code.UNKNOWN_FACT, f"`{shorten(name)}` is not a fact", span, nearest(name, policy.catalog)
                )
            elif name.split(".")[0] in LIMIT_GROUPS:
                yield Diagnostic(
                    Code.SAY_TELLS_LIMIT,
                    f"`{name}` tells our limits to the other side",
                    span,
                    "leave it out of `say`; `why` is for colleagues",
                )
        for text, what in amounts.items():
            found = re.search(rf"(?<![\d.,]){re.escape(text)}(?![\d])", place.value)
            if found:
                yield Diagnostic(
                    Code.SAY_TELLS_LIMIT,
                    f"`{text}` is the {what}, and `say` tells it to the other side",
                    place.at(found.start(), len(text)),
                    "leave the number out of `say`",
                )


def _limit_texts(policy: Policy) -> dict[str, str]:
    """Give the constant thresholds as people write them, with what they are."""
    found: dict[str, str] = {}
    limited = [(f"`{i.name}`", i.unit, i) for i in policy.issues.values() if i.unit.is_numeric]
    for name, unit, limits in (*limited, ("the package", policy.money, policy.package)):
        for threshold in THRESHOLDS:
            limit = getattr(limits, threshold)
            if limit is None or isinstance(limit, int | str) or not is_constant(limit):
                continue
            if value := int(constant(limit) * unit.scale):
                found[format_value(value, unit)] = f"{threshold} value of {name}"
    return found


def complexity(policy: Policy) -> Iterator[Diagnostic]:
    """Find conditions with too many alternatives, and comparisons with numbers that no fact can reach."""
    for rule in own_rules(policy):
        if _lowered(rule) is None:
            yield Diagnostic(
                Code.TOO_COMPLEX,
                f"the condition of `{rule.id}` has more than {MAX_ALTERNATIVES} alternatives",
                rule.span,
                "split it into several rules, or let one rule conclude a part",
            )
            continue
        yield from _out_of_range(rule.condition)
    for pattern in policy.patterns:
        yield from _out_of_range(pattern.condition)


def _out_of_range(condition: Condition) -> Iterator[Diagnostic]:
    for leaf in leaves(condition):
        tests = [t for conjunction in alternatives(leaf) for t in conjunction if isinstance(t, Test)]
        if any(abs(t.constant) > LIMIT or _largest(t.term) > LIMIT for t in tests):
            what = f"`{shorten(leaf.text)}` needs numbers beyond ±2^53 of the smallest unit"
            yield Diagnostic(Code.OUT_OF_RANGE, what, leaf.span, "use smaller numbers, or fewer digits")


def _largest(term: Term) -> int:
    inner = [max(_largest(t), abs(c)) for m, _ in term.parts for a in m if isinstance(a, Peak) for t, c in a.parts]
    return max([abs(f) for _, f in term.parts] + inner, default=0)


def _lowered(rule: Rule) -> tuple[Conjunction, ...] | None:
    try:
        return alternatives(rule.condition)
    except TooComplex:
        return None


def never(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that no event can make fire."""
    for rule in own_rules(policy):
        found = _lowered(rule)
        if found is None or any(_is_possible(policy, rule, tests) for tests in found):
            continue
        why = "its condition asks for what no fact can be" if found else "its condition contradicts itself"
        hint = "correct the condition, or remove the rule"
        yield _warning(Code.NEVER_FIRES, f"rule `{rule.id}` can never fire: {why}", rule.span, hint)


def _is_possible(policy: Policy, rule: Rule, tests: Conjunction) -> bool:
    """Tell whether *tests* can hold: with counts and amounts at or above 0, and facts that the rule's events know."""
    catalog = policy.catalog
    read = {f for t in tests for f in read_by(t) if f in catalog and t != Presence(f, known=False)}
    if any(catalog[f].known and catalog[f].known.isdisjoint(rule.on) for f in read):
        return False
    for fact in read:
        choices = {SymbolTest(fact, False, choice) for choice in catalog[fact].unit.choices}
        if choices and choices <= tests:
            return False
    floors = {Test(Term((((f,), 1),)), Op.GE, 0) for f in read if _never_negative(catalog[f])}
    return tidy(tests | floors) is not None


def _never_negative(entry: Entry) -> bool:
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


def _reads(tests: Conjunction) -> frozenset[str]:
    return frozenset().union(*map(read_by, tests))


def hidden(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that fire only where a more severe one fires too, and rules that repeat another."""
    deciding = [
        (r, a, [_reads(tests) for tests in a])
        for r in policy.rules
        if r.decides and r.effect.verdict is not None and (a := _lowered(r))
    ]
    for rule, own, own_reads in deciding:
        if rule.built_in:
            continue
        for other, theirs, their_reads in deciding:
            # What reads more facts does not follow: that settles most of the pairs quickly.
            if not any(reads <= own_reads[0] for reads in their_reads):
                continue
            if (
                other is rule
                or other.id == rule.id
                or not rule.on <= other.on
                or other.enforcement is not Enforcement.MANDATORY
            ):
                continue
            if not all(any(implies(a, b) for b in theirs) for a in own):
                continue
            mine, its = rule.effect.verdict or Verdict.PROCEED, other.effect.verdict or Verdict.PROCEED
            if its > mine and other.effect.verdict is not Verdict.ESCALATE:
                yield _warning(
                    Code.ALWAYS_HIDDEN,
                    f"rule `{rule.id}` never decides: where it fires, `{other.id}` gives the more severe `{its.word}`",
                    rule.span,
                    "make its condition wider or its verdict more severe, or remove it",
                )
            elif (
                its == mine
                and set(own) == set(theirs)
                and rule.on == other.on
                and rule.effect == other.effect
                and rule.id > other.id
            ):
                yield _warning(
                    Code.SAME_RULE, f"rule `{rule.id}` says what `{other.id}` says", rule.span, "remove one of the two"
                )


def unused(policy: Policy) -> Iterator[Diagnostic]:
    """Find what is declared and never used."""
    concluded = {r.effect.concludes: r for r in own_rules(policy) if r.effect.concludes}
    read = {f for r in policy.rules for f in facts_of(r.condition)}
    tables = {n.table for n in policy.lookups}
    tests: dict[str, Callable[[str], bool]] = {
        "define": lambda n: n in policy.mentioned,
        "pattern": lambda n: f"pattern.{n}" in read,
        "tables": lambda n: n in tables,
        "signals": lambda n: f"signals.{n}" in read,
    }
    names = {"define": "definition", "pattern": "pattern", "tables": "table", "signals": "signal"}
    for place, span in policy.places.items():
        group, _, name = place.partition(".")
        if group in tests and not tests[group](name):
            yield _warning(
                Code.UNUSED, f"{names[group]} `{name}` is never used", span, "use it in a rule, or remove it"
            )
    for name, rule in concluded.items():
        if f"concluded.{name}" not in read:
            yield _warning(
                Code.UNUSED,
                f"no rule reads the conclusion `{name}`",
                rule.span,
                f"read it as `concluded.{name}`, or remove the rule",
            )


def _warning(code: Code, message: str, span: Span, hint: str) -> Diagnostic:
    return Diagnostic(code, message, span, hint, Severity.WARNING)


LINTS: tuple[Lint, ...] = (guards, cycles, said, complexity, never, hidden, unused)
"""Every check; the order is that of reading, and means nothing for what is found."""
