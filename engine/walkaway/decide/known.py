"""What a decision knew of the other side from its other deals: written into its record, and read back from there."""

import msgspec

from walkaway.deal.position import NOBODY, PartyRecord
from walkaway.decide.decision import KnownParty
from walkaway.language.instants import instant_of, instant_text
from walkaway.language.values import format_value, parse_value
from walkaway.policy.model import Policy


def known_party(policy: Policy, party: PartyRecord) -> KnownParty | msgspec.UnsetType:
    """Return what is known as it is recorded; unset where there is nothing."""
    if party == NOBODY:
        return msgspec.UNSET
    return KnownParty(
        asks=party.asks or msgspec.UNSET,
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
    )


def _written(instant: int | None) -> str | msgspec.UnsetType:
    return msgspec.UNSET if instant is None else instant_text(instant)


def _read(text: str | msgspec.UnsetType) -> int | None:
    return None if text is msgspec.UNSET else instant_of(text)
