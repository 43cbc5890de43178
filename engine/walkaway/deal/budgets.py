"""What a deal takes of the budgets over deals: under which key, and how much. Knows one deal, and no other.

Source:
    docs/deal-desk.md, what deals may give away together.
"""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from walkaway.deal.cover import party_of
from walkaway.deal.position import PartyRecord, Position, SpentBudget
from walkaway.events import AnyEvent, Open
from walkaway.language.instants import DAY, format_day
from walkaway.language.values import Kind, Unit, Value, exactly
from walkaway.policy.model import OF_CALENDAR, OF_UTC, PARTY, DealsBudget, Policy

Key = tuple[str, ...]
"""The currency, what the budget names and, in that order, what tells sums apart: other versions of it share no sum."""


class BudgetShare(msgspec.Struct, frozen=True, gc=False):
    """What one deal has taken of a budget.

    Attributes:
        key: Under which it counts.
        taken: How much, in smallest units of the policy's own currency; none where nobody can say.
    """

    key: Key
    taken: int | Fraction | None


def shares_of(policy: Policy, position: Position) -> dict[str, BudgetShare]:
    """Return what a deal has taken of each budget, as it stands; those of which it took nothing are left out.

    It counts under the key of its latest concession that was let through: that instant's day, and the deal's facts as
    they stand. What was won counts as it was agreed, and what was lost, or left, not at all.
    """
    at, valuation = position.ours.conceded_at, position.valuation
    if not policy.budgets or valuation is None or position.outcome not in ("", "won"):
        return {}
    taken = given(policy, position)
    if taken == 0:
        return {}
    found = {}
    for name, budget in policy.budgets.items():
        key = _key(policy, budget, position.known, position.party, position.last if at is None else at)
        if key is not None:
            found[name] = BudgetShare(key, taken)
    return found


def given(policy: Policy, position: Position) -> int | Fraction | None:
    """Return what a deal gives on its start terms, net, 0 or more; in smallest units of the policy's own currency."""
    valuation = position.valuation
    assert valuation is not None, "a deal without worths has let nothing through"
    loss = -position.ours.net
    if position.outcome == "won" and position.agreement is not None:
        at = valuation.between(position.start, position.agreement.terms)
        terms = position.agreement.terms
        loss = -sum(at.change(issue, value, terms[issue]) for issue, value in position.start.items())
    if loss <= 0:
        return 0
    found = valuation.exact(loss)
    if not policy.home:
        return found
    rate = None if position.pinned is None else position.pinned.rate
    if rate is None:
        return None
    return exactly(Fraction(found) * _scale(policy.home) / (rate * _scale(policy.currency)))


def alone(policy: Policy) -> PartyRecord | None:
    """Return what is known in a deal that is the only one there is: no other has taken anything of a budget."""
    return PartyRecord(spent={name: SpentBudget(0) for name in policy.budgets}) if policy.budgets else None


def in_deal(policy: Policy, position: Position, taken: int | Fraction) -> int | Fraction | None:
    """Return an amount of the policy's own currency in that of a deal, in smallest units; none without a rate."""
    if not policy.home:
        return taken
    rate = None if position.pinned is None else position.pinned.rate
    if rate is None:
        return None
    return exactly(Fraction(taken) * rate * _scale(policy.currency) / _scale(policy.home))


def keys_at(policy: Policy, position: Position | None, event: AnyEvent) -> dict[str, Key]:
    """Return under which key of each budget terms would count that an event says; unknown ones are left out.

    Args:
        position: The deal before the event; none before it opened.
    """
    found = {}
    for name, budget in policy.budgets.items():
        if position is not None:
            key = _key(policy, budget, position.known, position.party, event.instant)
        else:
            assert isinstance(event, Open), "a deal begins with its opening"
            stated = {f"deal.{n}": event.facts.get(n, fact.default) for n, fact in policy.deal.items()}
            key = _key(policy, budget, stated, party_of(policy.people, event.party), event.instant)
        if key is not None:
            found[name] = key
    return found


def unsaid(policy: Policy, position: Position) -> list[str]:
    """Return in the words of what a deal lacks which budgets nothing is known of."""
    found, spent = [], position.others.spent
    for name, budget in policy.budgets.items():
        if name not in spent or in_deal(policy, position, spent[name].taken) is None:
            nameless = PARTY in budget.of and not position.party
            by = f"the `party`, by which the budget `{name}` is told apart" if nameless else ""
            found.append(by or f"the budget `{name}`, which a log sums up over all deals")
    return found


def _key(
    policy: Policy, budget: DealsBudget, known: Mapping[str, Value | None], party: str, instant: int
) -> Key | None:
    """Return a key; none where a part of it is not known."""
    found = [policy.home or policy.currency, *budget.of]
    for word in budget.of:
        part: object
        if word == PARTY:
            part = party or None
        elif word in OF_CALENDAR:
            part = _of_calendar(policy, word, instant)
        elif word in OF_UTC:
            part = _of_utc(OF_UTC[word], instant)
        else:
            part = known.get(f"deal.{word}")
        if part is None:
            return None
        found.append(str(part))
    return tuple(found)


def _of_calendar(policy: Policy, word: str, instant: int) -> str | None:
    """Write a quarter, month or year of the policy's calendar; none outside of it."""
    calendar = policy.calendar
    assert calendar is not None, "a policy without a calendar names none of its words"
    year, quarter = calendar.read("fiscal_year", instant), calendar.read("quarter", instant)
    if year is None:
        return None
    if word == "quarter":
        return f"{year}-Q{quarter}"
    return f"{year}" if word == "fiscal_year" else f"{year}-Q{quarter}-{calendar.read('month_of_quarter', instant)}"


def _of_utc(word: str, instant: int) -> str:
    """Write a quarter, month or year of UTC."""
    year, month, _ = format_day(instant // DAY).split("-")
    if word == "quarter":
        return f"{year}-Q{(int(month) + 2) // 3}"
    return year if word == "fiscal_year" else f"{year}-{month}"


def _scale(currency: str) -> int:
    return Unit(Kind.MONEY, currency).scale
