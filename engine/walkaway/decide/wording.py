"""Words for what would keep a rule from firing: facts by their nouns, bounds, and options joined into a sentence."""

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from operator import or_

import msgspec

from walkaway.decide.evidence import Stale, exact_of
from walkaway.language.expr.tree import Fact, Number, Op
from walkaway.language.values import Kind, Unit, exactly, format_value, formatter
from walkaway.policy.labels import Labels, labelled
from walkaway.policy.model import AT, Policy

TERMS, RETURN, DEAL, REST = 1, 2, 4, 8
"""What a remedy is about, added up: other terms, what we get for ours, what another deal would state, the rest."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """One thing that must become so: `discount is at most 20% (now 30%)`, with gaps where values of the deal stand."""

    clause: str
    about: int


Remedy = tuple[tuple[Change, ...], ...]
"""Options, each sufficient; all of an option's changes are needed. Empty where nothing helps."""

_IN_RETURN = ("asked.value", "asked.issues", "get.value", "balance")
"""Facts that grow with what we ask for, or have been given."""
JUDGED = ("offer", "give", "asked", "get", "move", "room", "derived", "lines")
"""Groups of facts about the event judged: other terms change them at once."""
COMPARED = {Op.LT: "below ", Op.LE: "at most ", Op.GT: "above ", Op.GE: "at least ", Op.EQ: "", Op.NE: "other than "}
"""What stands before a bound."""
_NOUNS = {
    "offer.role": "the role in which we say it",
    "offer.worth": "the offer's worth to us",
    "give.value": "what we give",
    "give.net": "what we give in sum",
    "give.run": "what we give in this run",
    "give.issues": "the number of issues we give on",
    "asked.value": "what we ask for",
    "asked.issues": "the number of issues we ask on",
    "get.value": "what we get",
    "move.value": "what they move by",
    "move.new": "the worth of what they name for the first time",
    "move.retracted": "the number of issues they take back",
    "move.reopened": "the number of agreed issues they take back",
    "close.outcome": "the outcome of the deal",
    "update.loosens": "the number of limits that it would loosen",
    "party.deals": "the number of other deals with this party",
    "party.open_deals": "the number of its open deals",
    "party.won": "the number of its deals won",
    "party.walked": "the number of its deals that we left",
    "since.party_closed": "the time since a deal with this party closed",
    "other.ours": "the number of our undeclared terms",
    "other.theirs": "the number of their undeclared terms",
    "theirs.worth": "the worth to us of what they offer",
    "room.beyond_walk": "the number of walk values passed",
    "room.short_of_want": "the number of targets missed",
    "balance": "the balance",
    "batna.worth": "the worth of our best alternative",
    "missing.items": "the number of items missing",
    "owed.open": "the number of promises that are not delivered",
    "owed.late": "the number of promises that are overdue",
    "lines.count": "the number of lines",
    "fx.rate": "the rate",
    "fx.drift": "how far the rate has moved",
    "calendar.day": "the day",
    "calendar.weekday": "the day of the week",
    "calendar.hour": "the number of hours since the day began",
    "calendar.fiscal_year": "the fiscal year",
    "calendar.quarter": "the fiscal quarter",
    "calendar.month_of_quarter": "the month of the quarter",
    "calendar.days_to_quarter_end": "what is left of the quarter",
    "calendar.business_days_to_quarter_end": "the number of business days left of the quarter",
    "since.opened": "the time since the deal opened",
    "since.left": "the time since we were to walk",
    "update.outside": "whether our standing offer is past a limit it tightens",
    "open.follows": "whether the deal follows another one",
    "close.agreed": "whether it closes by what is agreed",
    "close.differs": "whether the terms as signed are not those agreed",
    "agreed.stands": "whether an agreement stands",
    "ours.halted": "whether all our offers are stopped",
    "ours.final": "whether our offer is said to be the last",
    "theirs.final": "whether their offer is said to be the last",
    "party.left_closed": "whether the door is closed for them",
}
_GROUPS = {
    "offer": "{}",
    "room": "the room left on {}",
    "walk": "our walk value of {}",
    "want": "our target of {}",
    "wish": "our wish for {}",
    "signals": "the number of signals of {}",
    "deal": "the deal's {}",
    "derived": "{}",
    "lines": "{} of the lines",
    "pattern": "the number of matches of {}",
    "budget": "what other deals have taken of the budget {}",
}
_LEDGER = {
    "offers": "the number of {} offers",
    "concessions": "the number of {} concessions",
    "net": "what {} offers have moved by in all",
    "last_give": "what {} latest offer gave",
    "in_a_row": "the number of {} offers since {} last answered",
    "unreturned": "the number of {} concessions since {} last made one",
    "flat": "the number of {} latest offers without a concession",
    "retracted": "the number of issues taken back in {} offers",
    "reopened": "the number of agreed issues taken back in {} latest offer",
    "settled": "the number of issues settled by {} acceptance",
    "rejections": "the number of {} rejections",
    "uncleared": "the number of {} offers that were not let through",
    "unsent": "the number of {} permitted words that were not said",
    "probes": "the number of {} asks that were answered",
}
_STATED = {
    "stated": "whether {} was stated",
    "since": "the time since {} was last stated",
    "by": "who stated {} last",
    "earlier": "{} in the deal before",
}
_OWED = {
    "open": "whether {} is owed",
    "late": "whether {} is overdue",
    "days_left": "what is left of the days until {} is due",
}
_SAID = {"last": "in {} latest offer", "first": "in {} first offer", "cleared": "as it was last let through"}


_NO_LABELS: Labels = {}


def is_about_terms(fact: str) -> bool:
    """Return whether other terms change *fact* at once."""
    return fact.partition(".")[0] in JUDGED and fact != "offer.role"


def about_of(facts: Iterable[str]) -> int:
    """Return all that a change of *facts* is about."""
    found = 0
    for fact in facts:
        found |= TERMS if is_about_terms(fact) else DEAL if fact.startswith("deal.") else REST
        found |= RETURN if fact in _IN_RETURN else 0
    return found


def about(found: Remedy) -> int:
    """Return all that a remedy is about."""
    return reduce(or_, (change.about for option in found for change in option), 0)


def by_terms(found: Remedy) -> Remedy:
    """Return the options that other terms alone bring about."""
    return tuple(option for option in found if all(change.about & TERMS for change in option))


def by_rest(found: Remedy) -> Remedy:
    """Return the options that other terms alone do not bring about."""
    return tuple(option for option in found if not all(change.about & TERMS for change in option))


def was_otherwise(policy: Policy, approval: Stale) -> tuple[str, ...]:
    """Say what was something else when an approval was given: `seats was 500`."""

    def said(fact: str, was: int | str | None) -> str:
        unit, (limit, _, value) = policy.unit_of(fact), fact.partition(AT)
        labels = policy.labels_in()
        name = f"{noun(limit, labels)} at {value}" if value else noun(limit, labels)
        if fact.startswith("deal."):
            name = labelled(labels, "deal", fact.removeprefix("deal."))
        return f"{name} was {format_value(exact_of(was, unit), unit) if was is not None else 'not known'}"

    return tuple(said(*each) for each in approval.was.items())


def in_words(found: Remedy) -> str:
    """Write a remedy that has options; a comma parts what is joined last.

    >>> a, b, c = (Change(f"{name} is yes", REST) for name in "abc")
    >>> in_words(((a, b), (c,)))
    'a is yes and b is yes, or c is yes'
    >>> in_words(((a, b), (a, c)))
    'a is yes, and b is yes or c is yes'
    """
    if len(found) == 1:
        return _all_of(found[0])
    common = [c for c in found[0] if all(c in option for option in found)]
    rest = [[c for c in option if c not in common] for option in found]
    if any(len(option) != 1 for option in rest):
        return (" or " if all(len(o) == 1 for o in found) else ", or ").join(map(_all_of, found))
    either = " or ".join(map(_all_of, rest))
    return f"{_all_of(common)}, and {either}" if common else either


def _all_of(changes: Iterable[Change]) -> str:
    return " and ".join(change.clause for change in changes)


def noun(fact: str, labels: Labels = _NO_LABELS) -> str:
    """Name a fact in a sentence; what has a label by that.

    >>> noun("room.discount"), noun("ours.last.term"), noun("since.their_offer")
    ('the room left on discount', 'term in our latest offer', 'the time since their last offer')
    """
    if fact in _NOUNS:
        return _NOUNS[fact]
    group, _, rest = fact.partition(".")
    if group in _GROUPS:
        section = group if group in ("deal", "derived", "lines", "signals", "pattern") else "issues"
        section = "budgets" if group == "budget" else section
        return _GROUPS[group].format("the package" if rest == "package" else labelled(labels, section, rest))
    if group in ("stated", "by", "earlier") or rest.startswith("stated."):
        section = "issues" if group == "earlier" else "deal"
        return _STATED[group].format(labelled(labels, section, rest.removeprefix("stated.")))
    if group == "owed" and "." in rest:
        what, _, issue = rest.partition(".")
        return _OWED[what].format(labelled(labels, "issues", issue))
    if group == "party":
        return f"{labelled(labels, 'issues', rest.removeprefix('last.'))} in the latest deal with this party"
    if group == "since":
        return f"the time since {rest.replace('_', ' last ')}"
    whose = {"ours": "our", "theirs": "their"}.get(group)
    word, _, issue = rest.partition(".")
    if whose and issue and word in _SAID:
        return f"{labelled(labels, 'issues', issue)} {_SAID[word].format(whose)}"
    other = "they" if whose == "our" else "we"
    return _LEDGER[rest].format(whose, other) if whose and rest in _LEDGER else f"`{fact}`"


def side_of(tree: Number, text: str, labels: Labels, *, last: bool) -> str:
    """Name one side of a comparison: a fact by its noun, anything else as it is written."""
    if isinstance(tree, Fact):
        return noun(tree.name, labels)
    for sign in (" between ", " in ", "<=", ">=", "!=", "==", "<", ">", "="):
        if sign in text:
            first, _, second = text.partition(sign)
            return f"`{(second if last else first).strip()}`"
    return f"`{text}`"


def written(value: Fraction, unit: Unit, way: int = 0) -> str:
    """Write a number of whole units.

    Args:
        way: As for `formatter`.
    """
    return formatter(unit, way)(exactly(value * unit.scale))


def bound_of(needed: Op, at: Fraction, unit: Unit) -> str:
    """Write a bound; of counts the last that will do, and one between two units on the side where it holds."""
    units, below = at * unit.scale, needed in (Op.LT, Op.LE)
    if unit.kind is Kind.COUNT and units.denominator == 1 and needed in (Op.LT, Op.GT):
        units += -1 if below else 1
    elif units.denominator == 1 or needed in (Op.EQ, Op.NE):
        return COMPARED[needed] + written(at, unit)
    return f"at {'most' if below else 'least'} {format_value(floor(units) if below else ceil(units), unit)}"
