"""The stage that reads `mandates:`: who may offer what, written out as rules that ask whose mandate it is.

A role with a mandate may say, of each issue, what its mandate allows, and what was cleared; who says more is sent to
the lowest role of `roles:` whose mandate allows it. A role without a mandate is bound by the other rules alone, and
whoever does not say their role has a mandate for nothing. A rule names no person, since names stand sealed in a log and
rules do not: a person has the mandate of a role, which `people:` says of them.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

import msgspec
from msgspec.structs import replace

from walkaway.events import OUR_TERMS, Verdict
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span, nearest
from walkaway.language.expr.amounts import amount_of
from walkaway.language.expr.tree import (
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
    Scaled,
)
from walkaway.language.source import Scalar, Sequence
from walkaway.language.values import Kind, Unit, Value, format_value, shorten
from walkaway.policy.model import Effect, Graded, Issue, Rule
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.fields import NAME as NAMED
from walkaway.policy.parse.fields import RULE_NAME
from walkaway.policy.parse.section import Section, describe, read_value

NAME, MAY, ROLE = "mandates", "may", "offer.role"
_WHY = "Who may offer this stands in the mandates; whose mandate it is has to agree."
_WHY_NOT = "Nobody has a mandate to concede who does not say in which `role`."
_FORM = "write `may: [one, another]`, or a bound for each issue, as `discount: at most …`"


class Mandate(msgspec.Struct, frozen=True):
    """What a role may offer.

    Attributes:
        may: The issues that it may concede on; none for all.
        bounds: Issue → the last value that it may offer, or the words that it may.
    """

    may: frozenset[str] | None = None
    bounds: Mapping[str, int | frozenset[Value]] = {}


def read_mandates(draft: Draft, findings: Findings) -> Draft:
    """Read `mandates:`."""
    mapping = draft.top.mapping(NAME)
    if mapping is None or not mapping.entries:
        return draft
    place = draft.top.keys[NAME].span
    if not draft.roles and draft.scope.broken.isdisjoint(("approved.*",)):
        what = "`mandates` asks whose mandate it is, and the policy has no `roles`"
        findings.add(Code.EFFECT_INCOMPLETE, what, place, "add `roles:`, from the lowest authority to the highest")
        return draft
    before, found = len(findings), dict[str, Mandate]()
    for name, node in draft.top.entries(NAME, RULE_NAME):
        if name.value in draft.roles[-1:]:
            what = f"`{name.value}` is the highest role, so nobody could agree to what its mandate leaves out"
            findings.add(Code.BAD_VALUE, what, name.span, "bound it by a rule that refuses")
            continue
        mandate = _mandate(name, node, draft, findings)
        if mandate is not None:
            found[name.value] = mandate
    if len(findings) > before or len(draft.issues) < len(draft.top.entries("issues", NAMED)):
        return draft
    taken = {rule.id for rule in draft.rules}
    made = []
    for rule in _rules(draft, found, place):
        if rule.id in taken:
            what = f"the mandates make a rule `{rule.id}`, and there is one under `rules:`"
            findings.add(Code.NAME_TAKEN, what, place, "call the other one otherwise")
        made.append(rule)
    people = {p.value: node for p, node in draft.top.entries("people", ".+") if p.value not in draft.roles}
    for name, _ in draft.top.entries(NAME, RULE_NAME):
        if name.value in people:
            what = (
                f"`{name.value}` is a person of `people:`, and a mandate is a role's: by its rules, the log would name"
                " whom an erasure takes out of it"
            )
            hint = f"call the mandate `senior-rep`, and write {_acting(name.value, people[name.value], 'senior-rep')}"
            findings.warn(Code.BAD_VALUE, what, name.span, hint)
    return replace(draft, rules=(*draft.rules, *made))


def _acting(person: str, node: source.Node, role: str) -> str:
    """Return how `people` says in which role somebody acts, with the names that it says there already."""
    node = (node.get("names") or Sequence((), node.span)) if isinstance(node, source.Mapping) else node
    names = [shorten(i.value) for i in (node.items if isinstance(node, Sequence) else (node,)) if isinstance(i, Scalar)]
    said = f"names: [{', '.join(names)}], " if names else ""
    return f"`people: {{{shorten(person)}: {{{said}role: {role}}}}}`"


def _mandate(name: Scalar, node: source.Node, draft: Draft, findings: Findings) -> Mandate | None:
    title = f"the mandate of `{name.value}`"
    if not isinstance(node, source.Mapping):
        findings.add(Code.WRONG_SHAPE, f"{title} wants a mapping, not {describe(node)}", name.span, _FORM)
        return None
    section = Section(node, "mandate", title, findings, name.span, open_keys=True)
    if not node.entries:
        findings.add(Code.WRONG_SHAPE, f"{title} is empty", name.span, _FORM)
        return None
    may: frozenset[str] | None = None
    if MAY in section.nodes:
        words = section.words(MAY, ".+")
        for word in words:
            if word.value not in draft.issues:
                _unknown(word, draft, findings)
        may = frozenset(word.value for word in words)
    bounds: dict[str, int | frozenset[Value]] = {}
    for key, value in node.entries:
        if key.value == MAY:
            continue
        issue = draft.issues.get(key.value)
        if issue is None:
            _unknown(key, draft, findings, MAY)
        elif may is not None and key.value not in may:
            what = f"{title} bounds `{key.value}`, which is not in its `may`"
            findings.add(Code.EFFECT_INCOMPLETE, what, key.span, "add it to `may`, or remove it")
        elif (bound := _bound(issue, key, value, findings)) is not None:
            bounds[key.value] = bound
    return Mandate(may, bounds)


def _unknown(name: Scalar, draft: Draft, findings: Findings, *more: str) -> None:
    if name.value not in {n.value for n, _ in draft.top.entries("issues", ".+")}:
        what = f"`{shorten(name.value)}` is no issue"
        findings.add(Code.UNKNOWN_SYMBOL, what, name.span, nearest(name.value, (*draft.issues, *more)))


def _bound(issue: Issue, key: Scalar, node: source.Node, findings: Findings) -> int | frozenset[Value] | None:
    """Read how far a mandate goes: `at most` or `at least`, whichever is worse for us; or a word, or several."""
    if not issue.unit.is_numeric:
        items = node.items if isinstance(node, Sequence) else (node,)
        words = [read_value(item, issue.unit, findings) if isinstance(item, Scalar) else None for item in items]
        if any(not isinstance(item, Scalar) for item in items) or not items:
            what = f"`{key.value}` wants words that may be offered, not {describe(node)}"
            findings.add(Code.WRONG_SHAPE, what, key.span, f"write `{key.value}: [one, another]`")
        return frozenset(w for w in words if w is not None) if None not in words and words else None
    word = {1: "at least", -1: "at most"}.get(issue.better, "")
    if not word:
        what = f"`{key.value}` is worth the same whatever it is, so a mandate cannot bound it"
        findings.add(Code.BAD_VALUE, what, key.span, "leave it out, or name it in `may`")
        return None
    if not isinstance(node, Scalar):
        what = f"`{key.value}` wants a bound, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, key.span, f"write `{key.value}: {word} …`")
        return None
    said = re.fullmatch(r"(at most|at least)\s+(.+)", node.value.strip())
    if said is None or said[1] != word:
        more = "more" if issue.better > 0 else "less"
        amount = said[2] if said else re.sub(r"^[<>=]+\s*", "", node.value.strip())
        what = f"`{shorten(node.value)}` does not say how far a mandate goes: of `{key.value}` {more} is better for us"
        findings.add(Code.BAD_VALUE, what, node.span, f"write `{word} {shorten(amount)}`")
        return None
    value = read_value(msgspec.structs.replace(node, value=said[2]), issue.unit, findings)
    return value if isinstance(value, int) else None


# The rules


def _rules(draft: Draft, mandates: Mapping[str, Mandate], place: Span) -> Iterator[Rule]:
    """Return a rule for each who speaks and each who is asked: what is said is the mandate of none before them."""
    unit = draft.catalog[ROLE].unit
    for who in (*mandates, ""):
        own = draft.roles.index(who) if who in draft.roles else -1
        for rank in range(own + 1, len(draft.roles)):
            role, parts = draft.roles[rank], list[Condition]()
            for issue in draft.issues.values():
                passed = [_reach(issue, each, mandates) for each in (who, *draft.roles[own + 1 : rank])]
                if tests := _beyond(issue, passed, _reach(issue, role, mandates), draft, place):
                    parts.append(tests[0] if len(tests) == 1 else All(tests))
            if parts:
                condition = All((*_said_as(who, unit, place), parts[0] if len(parts) == 1 else Any(tuple(parts))))
                yield Rule(
                    f"{NAME}-{who or 'nobody'}-to-{role}", _WHY if who else _WHY_NOT, OUR_TERMS, condition,
                    Effect(Verdict.ESCALATE, to=role), span=place, made_of=NAME,
                )  # fmt: skip


def _said_as(who: str, unit: Unit, place: Span) -> tuple[Condition, ...]:
    """Return the conditions that somebody speaks in a role; that nobody says in which, for none."""
    known = Known(ROLE, f"known({ROLE})", place)
    return (known, Is(ROLE, (who,), f"{ROLE} = {who}", place, unit)) if who else (Not(known),)


_Reach = int | frozenset[Value] | None
"""The last value that may be offered, or the words that may; none where there is no end."""
_NOTHING = frozenset[Value]()


def _reach(issue: Issue, role: str, mandates: Mapping[str, Mandate]) -> _Reach:
    """Return how far a role may go on an issue; an empty set where it may not move."""
    if not role:
        return _NOTHING
    mandate = mandates.get(role)
    if mandate is None:
        return None
    if mandate.may is not None and issue.name not in mandate.may:
        return _NOTHING
    return mandate.bounds.get(issue.name)


def _beyond(issue: Issue, passed: list[_Reach], goes: _Reach, draft: Draft, place: Span) -> tuple[Condition, ...]:
    """Return the tests that terms go beyond all of some reaches, and not beyond another; none where none do.

    Args:
        passed: How far whoever speaks may go, and every role between them and the one that is asked.
        goes: How far the one that is asked may.
    """
    if None in passed or goes == _NOTHING:
        return ()
    if not issue.unit.is_numeric:
        words = frozenset[Value]((0, 1) if issue.unit.kind is Kind.YES_NO else issue.unit.choices)
        left = words if goes is None else goes
        assert isinstance(left, frozenset)
        left -= frozenset[Value]().union(*(p for p in passed if isinstance(p, frozenset)))
        found = _others(issue, left, draft, place)
        return (found,) if found != Any(()) else ()
    ends = [end for end in passed if isinstance(end, int)]
    last = (min(ends) if issue.better > 0 else max(ends)) if ends else None
    if last is not None and isinstance(goes, int) and (goes - last) * issue.better >= 0:
        return ()
    worse, within = (Op.LT, Op.GE) if issue.better > 0 else (Op.GT, Op.LE)
    tests = [] if last is None else [_compare(issue, worse, last, place)]
    tests += [_compare(issue, within, goes, place)] if isinstance(goes, int) else []
    return (_worse(issue, place), *tests)


def _compare(issue: Issue, op: Op, value: int, place: Span) -> Compare:
    unit = issue.unit
    text = f"offer.{issue.name} {op} {format_value(value, unit)}"
    return Compare(op, Fact(f"offer.{issue.name}", unit.scale), amount_of(value, unit), text, place, unit)


def _worse(issue: Issue, place: Span) -> Compare:
    """Return the test that terms are worse for us than what was cleared; others, where nothing is better."""
    offered, cleared, unit = f"offer.{issue.name}", f"ours.cleared.{issue.name}", issue.unit
    op = {1: Op.LT, -1: Op.GT, 0: Op.NE}[issue.better]
    return Compare(op, Fact(offered, unit.scale), Fact(cleared, unit.scale), f"{offered} {op} {cleared}", place, unit)


def _others(issue: Issue, words: frozenset[Value], draft: Draft, place: Span) -> Condition:
    """Return the condition that one of some words is offered where one was cleared that may be better for us."""
    unit = issue.unit
    known: tuple[Value, ...] = (0, 1) if unit.kind is Kind.YES_NO else unit.choices
    found: list[Condition] = []
    for word in known:
        better = tuple(w for w in known if w != word and not _is_no_better(issue, w, word, draft))
        if word in words and better:
            offered, cleared = f"offer.{issue.name}", f"ours.cleared.{issue.name}"
            said = [format_value(each, unit) for each in better]
            text = f"{cleared} = {said[0]}" if len(said) == 1 else f"{cleared} in [{', '.join(said)}]"
            one = Is(offered, (word,), f"{offered} = {format_value(word, unit)}", place, unit)
            found.append(All((one, Is(cleared, better, text, place, unit))))
    return found[0] if len(found) == 1 else Any(tuple(found))


def _is_no_better(issue: Issue, one: Value, other: Value, draft: Draft) -> bool:
    """Return whether a word is surely worth no more to us than another, whatever a deal states."""
    assert isinstance(issue.worth, Graded)
    (fact, share), (beside, other_share) = (_share(issue.worth.worths[word], draft) for word in (one, other))
    alike = fact == beside or (fact == "" and share == 0) or (beside == "" and other_share == 0)
    return alike and "?" not in (fact, beside) and share <= other_share


def _share(worth: Number, draft: Draft) -> tuple[str, Fraction]:
    """Return of which deal fact, never below 0, a worth is how much; an amount is of none, `?` of nobody knows."""
    match worth:
        case Const(value):
            return "", value
        case Scaled(factor, Fact(name)) if (fact := draft.deal.get(name.removeprefix("deal."))) is not None:
            return (name, factor) if fact.least is not None and fact.least >= 0 else ("?", factor)
        case _:
            return "?", Fraction(0)
