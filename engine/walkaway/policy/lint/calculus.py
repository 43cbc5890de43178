"""Checks of rules against the calculus: what a rule does not hear, and what the same offer said again lifts.

Source:
    docs/calculus.md, who hears what; law 1.
"""

from collections.abc import Iterator

from walkaway.events import On
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.language.expr.linear import Conjunction, Test, read_by
from walkaway.language.expr.tree import Op, facts_of, leaves
from walkaway.policy.lint.own import lowered, note, own_rules, warning
from walkaway.policy.model import Policy, Rule

_ACCEPTANCES = frozenset({On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE})
_GROWING = (
    "ours.offers", "ours.concessions", "ours.in_a_row", "ours.unreturned", "ours.flat", "ours.retracted",
    "ours.rejections", "ours.uncleared", "ours.settled",
)  # fmt: skip
"""What only grows while nothing but offers of ours happens, beside all that counts time."""
_SHRINKS = {Op.LT: 1, Op.LE: 1, Op.EQ: 1, Op.GT: -1, Op.GE: -1}
"""Which way a fact moves that makes a comparison false."""


def hearing(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that are walked around: by accepting what they would not let us offer, or by offering a hair less."""
    for rule in own_rules(policy):
        if not rule.decides:
            continue
        gives = sorted(f for f in facts_of(rule.condition) if f.startswith("give."))
        hint = f"write `on: our terms` for `{rule.id}`"
        if gives and On.OUR_OFFER in rule.on and On.OUR_ACCEPTANCE not in rule.on:
            what = f"`{rule.id}` reads `{gives[0]}` and hears our offers alone, so accepting the same gift passes it by"
            yield warning(Code.DEAF_TO_ACCEPTANCES, what, rule.span, hint)
        if On.OUR_ACCEPTANCE in rule.on and On.OUR_OFFER not in rule.on and not rule.on >= _ACCEPTANCES:
            what = f"`{rule.id}` hears our acceptance and not `our terms`, so offering the same terms passes it by"
            yield warning(Code.DEAF_TO_OFFERS, what, rule.span, hint)


def last_said(policy: Policy) -> Iterator[Diagnostic]:
    """Find comparisons of an offer with what we last said, where what was let through is meant."""
    for rule in own_rules(policy):
        for leaf in leaves(rule.condition):
            read = facts_of(leaf)
            for fact in sorted(f for f in read if f.startswith("ours.last.")):
                issue = fact.removeprefix("ours.last.")
                if f"offer.{issue}" in read:
                    what = f"this compares an offer with `{fact}`, which a refused offer moves too"
                    hint = f"write `ours.cleared.{issue}`, what was last let through"
                    yield warning(Code.COMPARED_WITH_LAST_SAID, what, leaf.span, hint)


def repetition(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that no longer fire when the same terms are said again, and why."""
    drawn: dict[str, str] = {}
    grows = True
    while grows:
        found = {r.effect.concludes: why for r in policy.rules if r.effect.concludes and (why := _lifts(r, drawn))}
        grows, drawn = found.keys() != drawn.keys(), found
    told = {finding.span for finding in last_said(policy)}
    for rule in own_rules(policy):
        if told.intersection(leaf.span for leaf in leaves(rule.condition)):
            continue
        if rule.decides and On.OUR_OFFER in rule.on and (why := _lifts(rule, drawn)):
            what = f"`{rule.id}` may fall silent when the same offer is made again: {why}"
            hint = "nothing is to do where waiting, or saying it again, is meant to lift it"
            yield note(Code.LIFTED_BY_REPETITION, what, rule.span, hint)


def _lifts(rule: Rule, drawn: dict[str, str]) -> str:
    """Say what makes a rule fall silent while we say the same again; nothing where nothing does.

    Args:
        drawn: Conclusions that may so be drawn no longer, and why.
    """
    read = facts_of(rule.condition)
    if said := sorted(f for f in read if f.startswith(("ours.last.", "calendar.", "fx.drift")) or f == "offer.first"):
        return f"`{said[0]}` is another then"
    for tests in lowered(rule) or ():
        if fact := _outgrown(tests):
            return f"`{fact}` grows meanwhile"
    lost = sorted(f.removeprefix("concluded.") for f in read if f.removeprefix("concluded.") in drawn)
    return drawn[lost[0]] if lost else ""


def _outgrown(tests: Conjunction) -> str:
    """Return a fact whose growth makes one of *tests* false; empty where none does."""
    for test in sorted((t for t in tests if isinstance(t, Test)), key=repr):
        way = _SHRINKS.get(test.op, 0)
        for monomial, factor in test.term.parts:
            facts = sorted(a for a in monomial if isinstance(a, str))
            if factor * way > 0:
                for fact in facts:
                    if _grows(fact):
                        return fact
        peaks = any(not isinstance(atom, str) for monomial, _ in test.term.parts for atom in monomial)
        if way and peaks:
            hidden = sorted(filter(_grows, read_by(test)))
            if hidden:
                return hidden[0]
    return ""


def _grows(fact: str) -> bool:
    return fact in _GROWING or (fact.startswith("since.") and not fact.startswith("since.our_"))
