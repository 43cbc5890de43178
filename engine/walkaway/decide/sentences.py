"""A rule in one English sentence: what it answers, to what, and where; the words are those of what would lift it.

The same sentence is listed by `walkaway rules --sentences` and quoted by every reason that the rule gives.
"""

from collections.abc import Iterable, Iterator

from walkaway.decide.wording import COMPARED, bound_of, noun, side_of
from walkaway.events import OUR_TERMS, Door, On, Verdict
from walkaway.language.expr.tree import (
    ALWAYS,
    MIRRORED,
    NEVER,
    All,
    Any,
    Compare,
    Condition,
    Is,
    Known,
    Not,
    facts_of,
    push_not_inwards,
)
from walkaway.language.expr.types import constant, is_constant
from walkaway.language.values import Kind
from walkaway.policy.labels import Labels, labelled, written
from walkaway.policy.model import Enforcement, Policy, Rule

_HEARD = {
    On.SIGNAL: "a signal",
    On.TICK: "a tick",
    On.OPEN: "an opening",
    On.UPDATE: "an update",
    On.APPROVAL: "an approval",
    On.CLOSE: "a close",
    On.REVOCATION: "a revocation",
    On.VOID: "a void",
    On.REOPENING: "a reopening",
    On.PROBE: "a probe",
    On.REQUEST: "a request for an approval",
    On.DECLINE: "an approval that is declined",
    On.KILL: "a kill",
    On.RESUME: "a resume",
}
"""What events are called that name no party."""
_SO = {
    "left.open": ("we have walked and the door is open", "we have not walked with the door open"),
    "left.closed": ("we have walked and the door is closed", "we have not walked with the door closed"),
    "offer.first": ("it is its party's first offer", "it is not its party's first offer"),
    "party.left_closed": ("the door is closed for them", "the door is not closed for them"),
    "agreed.stands": ("an agreement stands", "no agreement stands"),
    "ours.halted": ("all our offers are stopped", "our offers are not stopped"),
    "ours.final": ("our offer is said to be the last", "our offer is not said to be the last"),
    "theirs.final": ("their offer is said to be the last", "their offer is not said to be the last"),
    "open.follows": ("the deal follows another one", "the deal follows no other one"),
    "update.outside": (
        "our standing offer is past a limit it tightens",
        "no limit it tightens leaves our offer outside",
    ),
    "close.agreed": ("it closes by what is agreed", "it does not close by what is agreed"),
    "close.differs": ("the terms as signed are not those agreed", "the terms as signed are those agreed"),
}
"""Facts that are yes or no: how it is said that they are, and that they are not."""


def sentence_of(policy: Policy, rule: Rule) -> str:
    """Return a rule in one sentence, with what has a label by that."""
    return _Teller(policy.labels_in()).sentence(rule)


class _Teller:
    """Says rules with the labels of their policy."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels

    def sentence(self, rule: Rule) -> str:
        """Return a rule in one sentence."""
        heard, many = _heard(rule.on)
        where = "" if rule.condition == ALWAYS else f" where {self.clause(push_not_inwards(rule.condition))}"
        if rule.built_in and rule.condition == NEVER:
            where = " where the deal's past says so"
        said = f"{heard} {self.effect(rule, many=many)}{where}{self.force(rule)}."
        return said[0].upper() + said[1:]

    def effect(self, rule: Rule, *, many: bool) -> str:
        effect = rule.effect
        if effect.verdict is None:
            return f"conclude{'' if many else 's'} `{effect.concludes}`"
        more = ""
        if effect.verdict is Verdict.ESCALATE:
            role = labelled(self.labels, "roles", effect.to)
            more = f" to {f'{effect.count} people of ' if effect.count > 1 else ''}`{role}`"
        elif effect.door is not None:
            more = f" by the {'closed' if effect.door is Door.CLOSED else 'open'} door"
        return f"{'are' if many else 'is'} answered with {effect.verdict}{more}"

    def force(self, rule: Rule) -> str:
        match rule.enforcement:
            case Enforcement.OVERRIDABLE:
                return f", unless `{labelled(self.labels, 'roles', rule.by)}` lifts it"
            case Enforcement.ADVISORY:
                return ", as advice"
            case Enforcement.SHADOW:
                return ", on trial"
            case Enforcement.MANDATORY:
                return ""

    def clause(self, condition: Condition) -> str:
        """Return a condition that has `not` before its leaves alone as a clause."""
        match condition:
            case All(()):
                return "it comes"
            case Any(()):
                return "it never comes"
            case All() | Any():
                return self.parts(condition)
            case Not(Is() as leaf):
                return self.symbol(leaf, holds=False)
            case Not(Known(fact)):
                return f"{noun(fact, self.labels)} is not known"
            case Not(part):
                return f"it is not so that {self.clause(part)}"
            case Is() as leaf:
                return self.symbol(leaf, holds=True)
            case Known(fact):
                return f"{noun(fact, self.labels)} is known"
            case Compare() as leaf:
                return self.compare(leaf)

    def parts(self, condition: All | Any) -> str:
        """Return what a conjunction or disjunction joins; a part that joins otherwise says where it begins and ends."""
        word, parts = "and" if isinstance(condition, All) else "or", _said(condition)
        depth = max(map(_depth, parts))
        said = [
            f"{'both' if isinstance(p, All) else 'either'} {self.clause(p)}" if _depth(p) else self.clause(p)
            for p in parts
        ]
        return _joined(said, word) if not depth else f"{';' if depth > 1 else ','} {word} ".join(said)

    def compare(self, leaf: Compare) -> str:
        op, left, right = leaf.op, leaf.left, leaf.right
        swapped = is_constant(left) and not is_constant(right)
        if swapped:
            left, right, op = right, left, MIRRORED[op]
        begin = side_of(left, leaf.text, self.labels, last=swapped)
        if is_constant(right):
            return f"{begin} is {bound_of(op, constant(right), leaf.unit)}"
        return f"{begin} is {COMPARED[op]}{side_of(right, leaf.text, self.labels, last=not swapped)}"

    def symbol(self, leaf: Is, *, holds: bool) -> str:
        fact, unit = leaf.fact, leaf.unit
        group, _, rest = fact.partition(".")
        if unit.kind is not Kind.YES_NO:
            words = [written(self.labels, value, unit) for value in leaf.values]
            return (
                f"{noun(fact, self.labels)} is {'' if holds else 'neither ' if len(words) > 1 else 'not '}"
                + _joined(words, "or" if holds else "nor")
            )
        yes = (1 in leaf.values) is holds
        if fact in _SO:
            return _SO[fact][not yes]
        if group == "approved":
            return f"`{labelled(self.labels, 'roles', rest)}` has {'' if yes else 'not '}approved these terms"
        if group == "concluded":
            return f"`{rest}` is {'' if yes else 'not '}concluded"
        if group == "stated":
            return f"{labelled(self.labels, 'deal', rest)} was {'' if yes else 'not '}stated"
        return f"{noun(fact, self.labels)} is {'yes' if yes else 'no'}"


def _heard(on: frozenset[On]) -> tuple[str, bool]:
    """Return what a rule listens to, and whether that is many."""
    if on == frozenset(On):
        return "every event", False
    found = ["our terms"] if on >= OUR_TERMS else []
    found += [_HEARD.get(each, each.value) for each in On if each in on and not (found and each in OUR_TERMS)]
    return _joined(found, "or"), found[-1] == "our terms"


def _depth(part: Condition) -> int:
    """Return how many joints lie within each other in a part that stands alone or in another one."""
    said = _said(part) if isinstance(part, All | Any) else []
    return 1 + max(map(_depth, said)) if len(said) > 1 else _depth(said[0]) if said else 0


def _said(condition: All | Any) -> list[Condition]:
    """Return the parts that are said: that a fact is known goes without saying where a conjunction says more of it."""
    parts = list(dict.fromkeys(_flat(condition, type(condition))))
    if isinstance(condition, Any):
        return parts
    read = {fact for part in parts if not isinstance(part, Known | Not) for fact in facts_of(part)}
    return [part for part in parts if not (isinstance(part, Known) and part.fact in read)]


def _flat(part: Condition, form: type[All] | type[Any]) -> Iterator[Condition]:
    """Return the parts of a conjunction, or of a disjunction, those of parts of the same form in their place."""
    if isinstance(part, form):
        for each in part.parts:
            yield from _flat(each, form)
    elif isinstance(part, All | Any) and len(part.parts) == 1:
        yield from _flat(part.parts[0], form)
    else:
        yield part


def _joined(parts: Iterable[str], word: str) -> str:
    """Join parts by a word, of three and more all but the last by commas."""
    *first, last = parts
    if len(first) < 2:
        return f" {word} ".join((*first, last))
    return f"{', '.join(first)}, {word} {last}"
