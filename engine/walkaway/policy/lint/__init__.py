"""Checks over a whole policy: each a function that gives its findings, all listed in `LINTS`."""

import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from walkaway.events import Verdict
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Severity, Span, nearest
from walkaway.language.expr.linear import (
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
from walkaway.language.expr.tree import (
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
from walkaway.language.expr.types import constant, is_constant
from walkaway.language.values import LIMIT, Kind, format_value, shorten
from walkaway.policy.catalog import Entry
from walkaway.policy.lint.cycles import ordered, shown
from walkaway.policy.model import THRESHOLDS, Enforcement, Policy, Rule

LIMIT_GROUPS = ("walk", "want", "wish", "room", "batna", "balance")
MAX_COMPARISONS = 200_000
"""After so many comparisons of conditions nobody looks for further rules that are always hidden."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

Lint = Callable[[Policy], Iterator[Diagnostic]]


def lint(policy: Policy) -> Iterator[Diagnostic]:
    """Return what every check finds."""
    return (finding for check in LINTS for finding in check(policy))


def own_rules(policy: Policy) -> list[Rule]:
    """Return the rules the policy itself wrote."""
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
    """Return each uncertain fact that is read where it is not sure to be known, with its leaf."""
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
    for circle in ordered(needs)[1]:
        what = f"these conclusions need each other: {shown(circle)}"
        yield Diagnostic(Code.CONCLUSION_CYCLE, what, rules[circle[0]].span, "let one of the rules read facts instead")


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
    """Return the constant thresholds as people write them, with what they are."""
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
            what = f"the condition of `{rule.id}` has more than {MAX_ALTERNATIVES} alternatives, or too long a product"
            hint = "split it into several rules, or let one rule conclude a part"
            yield Diagnostic(Code.TOO_COMPLEX, what, rule.span, hint)
    conditions = [(r.condition, a) for r in own_rules(policy) if (a := _lowered(r)) is not None]
    for condition, lowered in (*conditions, *((p.condition, p.alternatives) for p in policy.patterns)):
        if _is_out_of_range(lowered):
            for leaf in leaves(condition):
                if _is_out_of_range(alternatives(leaf)):
                    what = f"`{shorten(leaf.text)}` needs numbers beyond ±2^53 of the smallest unit"
                    yield Diagnostic(Code.OUT_OF_RANGE, what, leaf.span, "use smaller numbers, or fewer digits")


def _is_out_of_range(lowered: Iterable[Conjunction]) -> bool:
    tests = (t for conjunction in lowered for t in conjunction if isinstance(t, Test))
    return any(abs(t.constant) + (t.op in (Op.GT, Op.LT)) > LIMIT or _largest(t.term) > LIMIT for t in tests)


def _largest(term: Term) -> int:
    inner = [max(_largest(t), abs(c)) for m, _ in term.parts for a in m if isinstance(a, Peak) for t, c in a.parts]
    return max([abs(f) for _, f in term.parts] + inner, default=0)


def _lowered(rule: Rule) -> tuple[Conjunction, ...] | None:
    try:
        return rule.alternatives
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


class _Lowered(msgspec.Struct, frozen=True):
    """A rule that decides, with what its condition comes to.

    Attributes:
        has: For each alternative, the terms and facts about which it says something.
        wants: For each alternative, those about which another one must say something to imply it.
    """

    rule: Rule
    verdict: Verdict
    alternatives: tuple[Conjunction, ...]
    has: tuple[frozenset[object], ...]
    wants: tuple[frozenset[object], ...]


def _deciding(policy: Policy) -> Iterator[_Lowered]:
    for rule in policy.rules:
        found = _lowered(rule) if rule.decides else None
        if found and rule.effect.verdict is not None:
            wants = tuple(frozenset(t.term if isinstance(t, Test) else t.fact for t in tests) for tests in found)
            has = tuple(w | {f for t in tests for f in read_by(t)} for w, tests in zip(wants, found, strict=True))
            yield _Lowered(rule, rule.effect.verdict, found, has, wants)


def hidden(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that fire only where a more severe one fires too."""
    deciding = list(_deciding(policy))
    hiding = {verdict: [d for d in deciding if _hides(d.rule) and d.verdict > verdict] for verdict in Verdict}
    left = MAX_COMPARISONS
    for own in deciding:
        for other in hiding[own.verdict] if not own.rule.built_in else ():
            if not own.rule.on <= other.rule.on or not _may_imply(own, other):
                continue
            left -= len(own.alternatives) * len(other.alternatives)
            if left < 0:
                return
            if all(any(implies(a, b) for b in other.alternatives) for a in own.alternatives):
                name, word = other.rule.id, other.verdict.word
                what = f"rule `{own.rule.id}` never decides: where it fires, `{name}` gives the more severe `{word}`"
                hint = "make its condition wider or its verdict more severe, or remove it"
                yield _warning(Code.ALWAYS_HIDDEN, what, own.rule.span, hint)
                break


def _hides(rule: Rule) -> bool:
    """Return whether nothing takes a rule's verdict back: no waiver, no approval."""
    return rule.enforcement is Enforcement.MANDATORY and rule.effect.verdict is not Verdict.ESCALATE


def _may_imply(own: _Lowered, other: _Lowered) -> bool:
    return all(any(wants <= has for wants in other.wants) for has in own.has)


def repeated(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that say what another one says."""
    first: dict[object, Rule] = {}
    for rule in own_rules(policy):
        found = _lowered(rule)
        if found:
            same = first.setdefault((rule.on, rule.effect, rule.enforcement, frozenset(found)), rule)
            if same is not rule:
                what = f"rule `{rule.id}` says what `{same.id}` says"
                yield _warning(Code.SAME_RULE, what, rule.span, "remove one of the two")


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


LINTS: tuple[Lint, ...] = (guards, cycles, said, complexity, never, hidden, repeated, unused)
"""Every check; the order is that of reading, and means nothing for what is found."""
