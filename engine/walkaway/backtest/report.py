"""What a backtest tells, row by row, out of its sums: for a terminal, a program or a page."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import sqrt

import msgspec

from walkaway.backtest.run import Backtest
from walkaway.backtest.sums import Amounts, AnswerFlip, Outcomes, SideSums
from walkaway.events import Verdict
from walkaway.policy.model import Policy, Rule

LOUD = Fraction(2, 5)
"""A rule that fires on more of the moves it hears is named."""
_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""
NO_CAUSE = (
    "A rule that fired and a deal that came out so went together; which of them brought about the other, or whether a"
    " third thing did both, these figures cannot say: association is not cause."
)


class Estimate(msgspec.Struct, frozen=True):
    """A share of cases, or a mean, with its interval of 95 %.

    Attributes:
        of: How many cases it rests on.
    """

    value: float
    low: float
    high: float
    of: int


class ChangeRow(msgspec.Struct, frozen=True):
    """The changed answers that have something in common, in minor units of money.

    Attributes:
        name: The rule, the role, the segment or the quarter; empty where there is none.
        stricter, milder: How many answers become so.
        give_stopped, get_stopped: What terms of ours give and get that were let through and would not be.
        give_freed, get_freed: The same of terms that were not let through and would be.
    """

    name: str
    changed: int
    stricter: int
    milder: int
    give_stopped: Fraction
    get_stopped: Fraction
    give_freed: Fraction
    get_freed: Fraction


class RuleRow(msgspec.Struct, frozen=True):
    """What one rule of the new policy did.

    Attributes:
        effect: Its verdict, or what it concludes.
        of_moves: On which share of the offers and acceptances that it hears it fired; none where it heard none.
        before: How often it fired on the other side; none where that has no such rule.
        redundant_with: Rules at least as severe that fired whenever it did.
        agreed, closing: Of the deals in which it fired, the share that was agreed, and what these came to as a share of
            the start terms' worth; `agreed_without` and `closing_without` of the others. None where there are none.
    """

    rule: str
    effect: str
    enforcement: str
    fires: int
    before: int | None
    of_moves: Fraction | None
    decides: int
    alone: int
    redundant_with: tuple[str, ...]
    agreed: Estimate | None
    agreed_without: Estimate | None
    closing: Estimate | None
    closing_without: Estimate | None

    @property
    def is_loud(self) -> bool:
        """Return whether it fires on more moves than a rule can that anybody heeds."""
        return self.of_moves is not None and self.of_moves > LOUD


class RoleRow(msgspec.Struct, frozen=True):
    """In how many deals a role's approval is asked for, before and now."""

    role: str
    before: int
    now: int


def rules(found: Backtest) -> list[RuleRow]:
    """Return every rule of the new policy, those that fired most first."""
    by_id: dict[str, list[Rule]] = {}
    for rule in found.new.rules:
        by_id.setdefault(rule.id, []).append(rule)
    rows = [_rule(found, parts) for parts in by_id.values()]
    return sorted(rows, key=lambda row: (-row.fires, row.rule))


def _rule(found: Backtest, parts: list[Rule]) -> RuleRow:
    name, sums, every = parts[0].id, found.sums.new.rules.get(parts[0].id), found.sums.outcomes
    heard = {on.value for rule in parts for on in rule.on}
    moves = sum(count for words, count in found.sums.moves.items() if heard & set(words.split(" and ")))
    effect = max(parts, key=lambda rule: rule.effect.severity).effect
    before = None
    if found.compared:
        was = found.sums.old.rules.get(name)
        is_there = found.old is None or any(rule.id == name for rule in found.old.rules)
        before = was.fires if was is not None else 0 if is_there else None
    with_it = sums.outcomes if sums is not None else Outcomes()
    without = less(every, with_it)
    return RuleRow(
        name,
        effect.concludes if effect.verdict is None else effect.verdict.value,
        parts[0].enforcement.value,
        sums.fires if sums else 0,
        before,
        Fraction(sums.on_moves if sums else 0, moves) if moves else None,
        sums.decides if sums else 0,
        sums.alone if sums else 0,
        redundant(found.new, found.sums.new, name) if sums else (),
        agreed(with_it), agreed(without), closing(with_it), closing(without),
    )  # fmt: skip


def redundant(policy: Policy, side: SideSums, name: str) -> tuple[str, ...]:
    """Return the deciding rules, at least as severe, that fired whenever a deciding rule did; those ids, sorted."""
    deciding = {rule.id: rule.effect.severity for rule in policy.rules if rule.decides}
    fires = side.rules[name].fires
    if name not in deciding or not fires:
        return ()
    pairs = ((b if a == name else a, count) for (a, b), count in side.together.items() if name in (a, b))
    return tuple(sorted(o for o, n in pairs if n == fires and o in deciding and deciding[o] >= deciding[name]))


def less(every: Outcomes, some: Outcomes) -> Outcomes:
    """Return the outcomes of all deals but some."""
    return Outcomes(
        every.deals - some.deals, every.agreed - some.agreed, every.valued - some.valued, every.shares - some.shares,
        every.squares - some.squares,
    )  # fmt: skip


def agreed(outcomes: Outcomes) -> Estimate | None:
    """Return the share of deals that were agreed.

    Source:
        Wilson, Probable inference, the law of succession, and statistical inference (1927): the score interval.
    """
    count = outcomes.deals
    if not count:
        return None
    share, room = outcomes.agreed / count, _Z * _Z / count
    middle = (share + room / 2) / (1 + room)
    half = _Z / (1 + room) * sqrt(share * (1 - share) / count + room / (4 * count))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half), count)


def closing(outcomes: Outcomes) -> Estimate | None:
    """Return what agreed deals came to, as a share of the start terms' worth: the mean and the interval of it."""
    count = outcomes.valued
    if not count:
        return None
    mean = outcomes.shares / count
    if count == 1:
        return Estimate(mean, mean, mean, 1)
    spread = max(0.0, outcomes.squares - count * mean * mean) / (count - 1)
    half = _Z * sqrt(spread / count)
    return Estimate(mean, mean - half, mean + half, count)


def verdicts(found: Backtest) -> list[tuple[str, int, int]]:
    """Return every answer that was given, from the mildest, with how often before and now."""
    words = [v.value for v in Verdict] + [f"{Verdict.WALK} (door closed)"]
    old, new = found.sums.old.verdicts, found.sums.new.verdicts
    return [(word, old[word], new[word]) for word in words if old[word] or new[word]]


def pairs(found: Backtest) -> list[tuple[str, str, int]]:
    """Return how often an answer becomes another, the most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for flip, amounts in found.sums.flips.items():
        counts[flip.old, flip.new] = counts.get((flip.old, flip.new), 0) + amounts.count
    return sorted(((old, new, count) for (old, new), count in counts.items()), key=lambda row: (-row[2], row[:2]))


GROUPS: dict[str, Callable[[AnswerFlip], str]] = {
    "rule": lambda flip: flip.rule,
    "role": lambda flip: flip.role,
    "segment": lambda flip: flip.segment,
    "quarter": lambda flip: flip.quarter,
}
"""What changed answers are told by."""


def changes(found: Backtest, by: str) -> list[ChangeRow]:
    """Return the changed answers by what they have in common, the most first; quarters in their order."""
    groups: dict[str, list[tuple[AnswerFlip, Amounts]]] = {}
    for flip, amounts in found.sums.flips.items():
        groups.setdefault(GROUPS[by](flip), []).append((flip, amounts))
    rows = [_row(name, members) for name, members in groups.items() if name or by == "rule"]
    return sorted(rows, key=lambda row: row.name if by == "quarter" else (-row.changed, row.name))


def total(found: Backtest) -> ChangeRow:
    """Return all changed answers together."""
    return _row("", list(found.sums.flips.items()))


def _row(name: str, members: list[tuple[AnswerFlip, Amounts]]) -> ChangeRow:
    stopped, freed = Amounts(), Amounts()
    stricter = milder = 0
    for flip, amounts in members:
        if _severity(flip.new) < _severity(flip.old):
            milder += amounts.count
        else:
            stricter += amounts.count
        if flip.ours and flip.old == Verdict.PROCEED:
            stopped.add(amounts.count, amounts.give, amounts.get)
        elif flip.ours and flip.new == Verdict.PROCEED:
            freed.add(amounts.count, amounts.give, amounts.get)
    return ChangeRow(
        name, stricter + milder, stricter, milder, stopped.give, stopped.get, freed.give, freed.get
    )  # fmt: skip


def _severity(word: str) -> tuple[int, str]:
    return Verdict(word.partition(" ")[0]).rank, word


def roles(found: Backtest) -> list[RoleRow]:
    """Return every role of either policy, the highest last."""
    names = list(dict.fromkeys((*found.new.roles, *(found.old.roles if found.old else ()), *found.sums.old.roles)))
    return [RoleRow(name, found.sums.old.roles[name], found.sums.new.roles[name]) for name in names]


def reasons(found: Backtest) -> Iterator[tuple[str, int, int]]:
    """Return why deals were decided one by one, with how many deals and events, the most first."""
    for reason, deals in found.sums.exact.most_common():
        yield str(reason), deals, found.sums.exact_events[reason]
