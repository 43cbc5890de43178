"""What approvals lift: which of the rules that fired, and by whom. Knows policies, and nothing of what fires when.

An approval meets a rule that escalates to its role or a lower one, and lifts an overridable rule that it names. It does
so while the facts, limits and alternatives that the rule reads are what they were when it was given.

Source:
    docs/calculus.md, authority.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from walkaway.deal.position import Approval
from walkaway.events import Ranked
from walkaway.language.expr.tree import facts_of
from walkaway.language.values import Exact
from walkaway.policy.model import LINES, THRESHOLDS, Enforcement, Policy, Rule


class Standing(Ranked):
    """What became of a fired rule, from what counts most: it decides; an approval meets it, or a waiver lifts it; it
    only advises, or is on trial; it concludes a name."""

    DECIDES = "decides"
    APPROVED = "approved"
    WAIVED = "waived"
    ADVISES = "advises"
    SHADOW = "shadow"
    CONCLUDES = "concludes"


class Covering(msgspec.Struct, frozen=True, gc=False):
    """The approvals that cover the terms judged, at least one, and the deal as it is now.

    Attributes:
        known: What is stated now.
        other: The terms judged that nobody declared.
    """

    approvals: tuple[Approval, ...]
    known: Mapping[str, Any]
    other: Mapping[str, str] = {}


class Lift(msgspec.Struct, frozen=True, gc=False):
    """What lifts a rule, and whose approval that is."""

    standing: Standing
    by: str


def lifted(policy: Policy, rule: Rule, covering: Covering) -> Lift | None:
    """Return what lifts a rule that would decide; none where nothing does."""
    approvals = covering.approvals
    if rule.built_in and rule.id == "short-of-want":
        return Lift(Standing.APPROVED, approvals[0].approver)
    if rule.built_in and rule.id == "unvalued" and policy.roles:
        for approval in approvals:
            if approval.role == policy.roles[-1] and covering.other.items() <= approval.other.items():
                return Lift(Standing.APPROVED, approval.approver)
    waivable = rule.enforcement is Enforcement.OVERRIDABLE
    if not rule.effect.to and not waivable:
        return None
    ranks = policy.ranks
    people: dict[str, str] = {}
    for approval in approvals:
        named = rule.id in approval.override or rule.id in approval.rules
        effect, rank = rule.effect, ranks[approval.role]
        meets = effect.to and rank >= ranks[effect.to] and (named or not approval.rules)
        waives = named and waivable and rank >= ranks[rule.by]
        if not (meets or waives) or not is_unchanged(policy, rule, approval, covering.known):
            continue
        if meets:
            people[approval.name] = approval.approver
            if len(people) >= effect.count:
                return Lift(Standing.APPROVED, ", ".join(people.values()))
        if waives:
            return Lift(Standing.WAIVED, approval.approver)
    return None


def is_liftable(policy: Policy, rule: Rule) -> bool:
    """Return whether an approval could lift a rule."""
    unvalued = rule.built_in and rule.id == "unvalued" and bool(policy.roles)
    return bool(rule.effect.to) or rule.enforcement is Enforcement.OVERRIDABLE or unvalued


def is_unchanged(policy: Policy, rule: Rule, approval: Approval, known: Mapping[str, Exact | None]) -> bool:
    """Return whether all that a rule reads of what a deal states is what it was when the approval was given."""
    then = approval.then
    return then is known or not changes(policy, rule, approval, known)


def changes(policy: Policy, rule: Rule, approval: Approval, known: Mapping[str, Exact | None]) -> tuple[str, ...]:
    """Return the facts, limits and alternatives that a rule reads and that have changed since the approval."""
    then = approval.then
    return tuple(fact for fact in rests_on(policy, rule) if then.get(fact) != known.get(fact))


def rests_on(policy: Policy, rule: Rule) -> tuple[str, ...]:
    """Return the stated facts that a rule reads: deal facts, limits and alternatives, also behind what is computed."""
    found = policy.rests.get(id(rule))
    if found is None:
        found = policy.rests[id(rule)] = tuple(sorted(set(_stated(policy, rule))))
    return found


def _stated(policy: Policy, rule: Rule) -> Iterator[str]:
    named = (*policy.issues, "package")
    for fact in facts_of(rule.condition):
        group, _, of = fact.partition(".")
        match group:
            case "deal" | "batna" | "walk" | "want" | "wish":
                yield from held(policy, fact)
                if group in THRESHOLDS:
                    yield from policy.needed
            case "derived":
                yield from (name for name in policy.derived[of].facts if name.startswith("deal."))
            case "lines":
                figure = None if policy.lines is None else policy.lines.figures.get(of)
                read = frozenset[str]() if figure is None else facts_of(figure.tree)
                yield from (f"deal.{LINES}", *(name for name in read if name.startswith("deal.")))
            case "room":
                limit = "want" if of == "short_of_want" else "walk"
                limits = [f"{limit}.{name}" for name in named] if of in _COUNTS else [f"{limit}.{of}"]
                yield from (fact for each in limits for fact in held(policy, each))
            case _ if fact in policy.lookup_keys:
                yield fact
                yield from policy.lookup_keys[fact]
            case _:
                pass


def held(policy: Policy, fact: str) -> tuple[str, ...]:
    """Return the facts that hold a limit: one at each value of the selector where it hangs on that."""
    return tuple(policy.by_case.get(fact, {None: fact}).values())


_COUNTS = ("beyond_walk", "short_of_want")
