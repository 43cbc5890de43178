"""What a decision knew from elsewhere: of the other side from its other deals, of published rates from their file.

It is written into the record, and read back from there.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

import msgspec

from walkaway.deal.position import NOBODY, PartyRecord, SpentBudget
from walkaway.decide.decision import KnownBudget, KnownParty, UsedRate
from walkaway.language.instants import format_day, instant_of, instant_text, read_day
from walkaway.language.values import Kind, NotAValue, Unit, exactly, format_value, parse_value
from walkaway.policy.exchange import NOT_AVAILABLE, PublishedRate, Quote, RateRows, is_rate
from walkaway.policy.model import Policy

_FRACTION = re.compile(r"\d{1,1000}/[1-9]\d{0,1000}", re.ASCII)
"""An amount that no decimals write."""


def known_party(policy: Policy, party: PartyRecord) -> KnownParty | msgspec.UnsetType:
    """Return what is known as it is recorded; unset where there is nothing."""
    if party == NOBODY:
        return msgspec.UNSET
    return KnownParty(
        asks=party.asks or msgspec.UNSET,
        budgets={n: _budget(policy, s) for n, s in sorted(party.spent.items())} if party.spent else msgspec.UNSET,
        closed_at=_written(party.closed_at),
        deals=party.deals,
        halted=party.halted or msgspec.UNSET,
        last={i: format_value(v, policy.issues[i].unit) for i, v in sorted(party.last.items())},
        left_closed=party.left_closed,
        open_deals=party.open_deals,
        reopened_at=_written(party.reopened_at),
        walked=party.walked,
        won=party.won,
    )


def party_known(policy: Policy, known: KnownParty | msgspec.UnsetType) -> PartyRecord:
    """Return what a recorded decision knew.

    Raises:
        NotAValue: Where it has terms that this policy cannot read.
    """
    if known is msgspec.UNSET:
        return NOBODY
    return PartyRecord(
        known.deals,
        known.open_deals,
        known.won,
        known.walked,
        known.left_closed,
        {i: parse_value(text, policy.issues[i].unit) for i, text in known.last.items() if i in policy.issues},
        _read(known.closed_at),
        _read(known.reopened_at),
        0 if known.asks is msgspec.UNSET else known.asks,
        known.halted is True,
        {} if known.budgets is msgspec.UNSET else {n: _spent(policy, b) for n, b in known.budgets.items()},
    )


def _budget(policy: Policy, spent: SpentBudget) -> KnownBudget:
    money, taken = _own_money(policy), spent.taken
    written = format_value(taken, money) if type(taken) is int else f"{taken / money.scale} {money.currency}"
    return KnownBudget(entry=msgspec.UNSET if spent.entry is None else spent.entry, taken=written)


def _spent(policy: Policy, known: KnownBudget) -> SpentBudget:
    money, entry = _own_money(policy), None if known.entry is msgspec.UNSET else known.entry
    amount, _, currency = known.taken.partition(" ")
    if "/" not in amount:
        return SpentBudget(parse_value(known.taken, money), entry)
    if currency != money.currency or not _FRACTION.fullmatch(amount):
        raise NotAValue(f"`{known.taken}` is no amount that was taken of a budget")
    return SpentBudget(exactly(Fraction(amount) * money.scale), entry)


def _own_money(policy: Policy) -> Unit:
    return Unit(Kind.MONEY, policy.home or policy.currency)


def used_rates(*quotes: Quote | None) -> tuple[UsedRate, ...]:
    """Return the published rates that quotes rest on, each once."""
    rows = dict.fromkeys(row for quote in quotes if quote is not None for row in quote.rows)
    return tuple(map(_used, rows))


@lru_cache(4_096)
def _used(row: PublishedRate) -> UsedRate:
    pair = f"{row.currency}/{row.per}"
    return UsedRate(format_day(row.day), pair, instant_text(row.published), row.digits, row.sha256)


def rates_used(used: Iterable[UsedRate]) -> RateRows:
    """Return the rates that a recorded decision knew.

    Raises:
        NotAValue: Where one is none.
    """
    return RateRows(_rate(each) for each in used)


def _rate(used: UsedRate) -> PublishedRate:
    day, published, (currency, _, per) = read_day(used.day), instant_of(used.published), used.pair.partition("/")
    if day is None or published is None or not (used.rate == NOT_AVAILABLE or is_rate(used.rate)):
        raise NotAValue(f"`{used.rate}` of {used.pair} is no rate")
    found = PublishedRate(currency, published, day, used.rate, per)
    if found.sha256 != used.sha256:
        raise NotAValue(f"the rate {used.rate} of {used.pair} is not the row of its hash")
    return found


def _written(instant: int | None) -> str | msgspec.UnsetType:
    return msgspec.UNSET if instant is None else instant_text(instant)


def _read(text: str | msgspec.UnsetType) -> int | None:
    return None if text is msgspec.UNSET else instant_of(text)
