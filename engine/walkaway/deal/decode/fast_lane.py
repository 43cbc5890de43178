"""The fast lane: the commonest lines, checked for their shape while they are decoded."""

from typing import Annotated, Literal

import msgspec

from walkaway.deal.decode.reported import has_loose_keys
from walkaway.deal.decode.values import Readers, typed
from walkaway.events import THEM, US, Offer, Open
from walkaway.language.spelling import is_written

LONGEST_NAME = 200
"""So many characters an id, a deal or an actor has at most."""
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]


class _Plain(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, gc=False):
    """The commonest lines, checked for their shape while they are decoded; whatever differs is read the long way."""

    id: _Name
    deal: _Name
    at: str


class _PlainOffer(_Plain, tag="offer", gc=False):
    by: Literal["us", "them"]
    terms: dict[str, str | bool | int]
    actor: _Name = ""


class _PlainOpen(_Plain, tag="open", gc=False):
    facts: dict[str, str | bool | int]
    actor: _Name = ""


_PLAIN = msgspec.json.Decoder(_PlainOffer | _PlainOpen)


class FastLane:
    """Decodes plain offers and openings of one policy; says nothing about lines that are anything else."""

    def __init__(self, readers: Readers) -> None:
        self.issues, self.deal, self.instant = readers.issues, readers.deal, readers.instant
        self.known = {name: reader.known for name, reader in readers.issues.items()}
        self.known_facts = {name: reader.known for name, reader in readers.deal.items()}

    def event(self, line: bytes) -> Offer | Open | None:
        """Decode a plain offer, or an opening that states facts alone; none where anything needs a closer look."""
        try:
            raw = _PLAIN.decode(line)
            if isinstance(raw, _PlainOffer):
                values, keys = typed(raw.terms, self.known, self.issues), 6
            else:
                values, keys = typed(raw.facts, self.known_facts, self.deal), 5
            instant = self.instant(raw.at)
        except (msgspec.MsgspecError, ValueError, KeyError, OverflowError, RecursionError):
            return None
        name, deal, at, actor = raw.id, raw.deal, raw.at, raw.actor
        if line.count(b'":') != len(values) + keys + bool(actor) or has_loose_keys(line):
            return None
        if not (is_written(name) and is_written(deal) and is_written(actor)):
            return None
        if isinstance(raw, _PlainOpen):
            return Open(id=name, deal=deal, at=at, instant=instant, actor=actor, facts=values)
        party = US if raw.by == "us" else THEM
        return (
            Offer(id=name, deal=deal, at=at, instant=instant, actor=actor, by=party, terms=values) if values else None
        )
