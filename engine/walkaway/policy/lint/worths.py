"""Checks of what issues are worth: without end, the same in every deal however small, or the same as a walk value.

Source:
    docs/calculus.md, layers.
"""

from collections.abc import Iterator
from fractions import Fraction

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Span
from walkaway.language.expr.tree import Number, facts_of
from walkaway.language.expr.types import constant, is_constant
from walkaway.language.values import Kind, format_value
from walkaway.policy.lint.own import warning
from walkaway.policy.model import Graded, Issue, Linear, Policy
from walkaway.policy.order import NEVER_NEGATIVE, is_beyond

_OF_PARTY = ("party.", "earlier.", "since.party_closed")


def endless(policy: Policy) -> Iterator[Diagnostic]:
    """Find issues that are worth more and more without end, so that enough of one pays for anything."""
    for issue, span in _own(policy):
        bound = issue.most if issue.better > 0 else issue.least
        if not isinstance(issue.worth, Linear) or not issue.better or bound is not None:
            continue
        if issue.better < 0 and issue.unit.kind in NEVER_NEGATIVE:
            continue
        key = "most" if issue.better > 0 else "least"
        what = f"the worth of `{issue.name}` grows without end: enough of it pays for anything"
        yield warning(Code.ENDLESS_WORTH, what, span, f"write `{key}:`, the {key} that anybody may name for it")


def sold_again(policy: Policy) -> Iterator[Diagnostic]:
    """Find fixed worths beside others that grow with the deal: cut into small deals, each pays that worth once."""
    scaling = any(facts_of(n) for issue in policy.issues.values() for n in _numbers(issue)) or (
        bool(policy.issues) and bool(facts_of(policy.package.base))
    )
    read = {fact for rule in policy.rules if not rule.built_in for fact in facts_of(rule.condition)}
    if not scaling or any(fact.startswith(_OF_PARTY) for fact in read):
        return
    for issue, span in _own(policy):
        gain = _fixed_gain(issue)
        if gain > 0:
            amount = format_value(int(gain * policy.money.scale), policy.money)
            what = f"`{issue.name}` may bring {amount} in a deal of any size: each of several small ones sells it"
            hint = "make it a share of what the deal is worth, or watch `party.deals` in a rule"
            yield warning(Code.SOLD_AGAIN, what, span, hint)


def idle_walk(policy: Policy) -> Iterator[Diagnostic]:
    """Find walk values of words beside another word of the same worth, which they hold by its place alone."""
    for issue, span in _own(policy):
        if not isinstance(issue.worth, Graded) or not isinstance(issue.walk, int | str):
            continue
        fixed = {word: constant(number) for word, number in issue.worth.worths.items() if is_constant(number)}
        held = fixed.get(issue.walk)
        for word in (w for w in fixed if fixed[w] == held and is_beyond(issue, w, issue.walk, frozenset())):
            passing, walk = format_value(word, issue.unit), format_value(issue.walk, issue.unit)
            what = f"the walk value `{walk}` of `{issue.name}` holds `{passing}`, which is worth the same"
            yield warning(Code.IDLE_WALK, what, span, f"say what `{passing}` costs")


def _own(policy: Policy) -> Iterator[tuple[Issue, Span]]:
    for issue in policy.issues.values():
        span = policy.places.get(f"issues.{issue.name}")
        if span is not None:
            yield issue, span


def _numbers(issue: Issue) -> tuple[Number, ...]:
    worths = [at.worth for at in (issue, *issue.by.values())]
    return tuple(n for w in worths for n in ((w.rate,) if isinstance(w, Linear) else w.worths.values()))


def _fixed_gain(issue: Issue) -> Fraction:
    """Return the most that an issue may be worth to us over its start value, where that is the same in every deal."""
    if not all(map(is_constant, _numbers(issue))) or issue.unit.kind is Kind.MONEY:
        return Fraction(0)
    if issue.by:
        return max(map(_fixed_gain, issue.by.values()))
    worth, start = issue.worth, issue.start
    if isinstance(worth, Graded):
        worths = {value: constant(number) for value, number in worth.worths.items()}
        begun = worths.get(start, Fraction(0)) if isinstance(start, int | str) else Fraction(0)
        return max(worths.values(), default=Fraction(0)) - begun
    bound = issue.most if issue.better > 0 else issue.least
    rate = constant(worth.rate)
    if bound is None or start is None or isinstance(start, int | str) or not is_constant(start):
        return abs(rate)
    return rate / worth.step * (bound - constant(start) * issue.unit.scale)
