"""Name every offer by what it changes for both sides, with the numbers behind: concession, selfish and the like.

The six names are those of Hindriks, Jonker and Tykhonov, Negotiation Dynamics: Analysis, Concession Tactics, and
Outcomes (2007). They follow from whether an offer is better, equal or worse than its maker's last one, for its maker
and for the other side. What a term is worth to us stands in the policy. What it is worth to them stands there only
where the policy says `theirs:`; elsewhere all we assume is that an issue is contested: what is better for us is worse
for them, by an amount we do not know. Where that leaves several names, all of them are given.
"""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

import msgspec

from walkaway.deal.position import Move, Position
from walkaway.events import Party
from walkaway.language.expr.tree import evaluate
from walkaway.language.values import Value, round_half_even
from walkaway.policy.model import Linear, Policy


class Label(StrEnum):
    """What an offer is, by what it changes for its maker and for the other side."""

    CONCESSION = "concession"
    SELFISH = "selfish"
    FORTUNATE = "fortunate"
    UNFORTUNATE = "unfortunate"
    NICE = "nice"
    SILENT = "silent"


class Labelled(msgspec.Struct, frozen=True):
    """An offer's names, and what they rest on.

    Attributes:
        labels: The names it may have, one where worths tell; none for a maker's first offer, and for an offer of theirs
            that only names issues for the first time: both change nothing yet.
        ours: By how much it is worth more to us than its maker's last, in minor units; none before worths are known.
        theirs: The same to them, where the policy says what every issue changed is worth to them.
        theirs_signs: Whether it can be better (1), equal (0) or worse (-1) for them.
    """

    labels: tuple[Label, ...]
    ours: int | None
    theirs: int | None
    theirs_signs: tuple[int, ...]

    def assumed(self, by: Party) -> Label | None:
        """Return its name; of several, the one it has if it changes nothing for them."""
        if len(self.labels) < 2 or self.ours is None:
            return self.labels[0] if self.labels else None
        ours = _sign(self.ours)
        return label_of(ours, 0) if by is Party.US else label_of(0, ours)


def label_of(mine: int, others: int) -> Label:
    """Return the name of a step by the signs of what it changes for its maker and for the other side."""
    match (mine, others):
        case (1, 1):
            return Label.FORTUNATE
        case (1, _):
            return Label.SELFISH
        case (0, 1):
            return Label.NICE
        case (0, 0):
            return Label.SILENT
        case (-1, 0 | 1):
            return Label.CONCESSION
        case _:
            return Label.UNFORTUNATE


def label(policy: Policy, position: Position, move: Move) -> Labelled:
    """Name an offer or an acceptance.

    Args:
        position: The deal before it.
    """
    valuation = position.valuation
    side = position.side(move.by)
    if valuation is None:
        return Labelled((), None, None, ())
    before = side.standing
    named = side.stated | (0 if move.by is Party.THEM else ~0)  # their first word on an issue is no move
    seen = valuation.between(before, move.terms)
    changes = {
        name: seen.change(name, before[name], value)
        for name, value in move.terms.items()
        if value != before[name] and named & policy.bits[name]
    }
    ours = sum(changes.values())
    theirs, signs = _theirs(policy, position, before, move.terms, changes)
    if side.said_at is None or (move.names and not changes):
        return Labelled((), valuation.rounded(ours), theirs, signs)
    pairs = [(_sign(ours), s) if move.by is Party.US else (s, _sign(ours)) for s in signs]
    found = {label_of(*pair) for pair in pairs}
    return Labelled(tuple(n for n in Label if n in found), valuation.rounded(ours), theirs, signs)


def _theirs(
    policy: Policy,
    position: Position,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
    changes: Mapping[str, int],
) -> tuple[int | None, tuple[int, ...]]:
    """Return what an offer changes for them, as far as it is known, and the signs it can have."""
    known = Fraction(0)
    unknown: set[int] = set()
    for name, ours in changes.items():
        change = worth_to_them(policy, position, name, before[name], after[name])
        if change is not None:
            known += change
        elif ours:
            unknown.add(-_sign(ours))
        else:
            unknown |= {-1, 1}
    if not unknown:
        return round_half_even(known.numerator, known.denominator), (_sign(known),)
    signs = unknown | ({_sign(known)} - {0})
    return None, tuple(sorted(signs)) if len(signs) == 1 else (-1, 0, 1)


def worth_to_them(policy: Policy, position: Position, issue: str, old: Value, new: Value) -> Fraction | None:
    """Return by how much *new* is worth more to them than *old*, in minor units; none where the policy does not say."""
    theirs = policy.issues[issue].theirs
    if theirs is None:
        return None
    if isinstance(theirs, Linear):
        rate = evaluate(theirs.rate, position.known)
        if rate is None or not isinstance(old, int) or not isinstance(new, int):
            return None
        return rate * (new - old) / theirs.step * policy.money.scale
    before, after = evaluate(theirs.worths[old], position.known), evaluate(theirs.worths[new], position.known)
    return None if before is None or after is None else (after - before) * policy.money.scale


def _sign(amount: int | Fraction) -> int:
    return (amount > 0) - (amount < 0)
