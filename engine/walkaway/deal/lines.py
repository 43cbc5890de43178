"""Lines of events before they are decoded: their bytes, where they stood, and the head that tells where each belongs.

Knows no policy.
"""

from typing import Any

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import MAX_LINE
from walkaway.language.codes import Code
from walkaway.language.instants import instant_of

MAX_HELD = 16 * 1024 * 1024
"""So many bytes of a line are held at once, its break included; a longer one is given in pieces of this size."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """A line that came in, and where it stood.

    Attributes:
        file: The name of what it stood in, and `number` its place there, from 1.
        piece: Which piece it is, from 1, of a line too long to be held at once; 0 for a whole line.
    """

    data: bytes
    file: str
    number: int
    piece: int = 0

    @property
    def is_blank(self) -> bool:
        """Return whether there is nothing in it to decide or to keep; white space inside of a long line is kept."""
        return self.data in (b"\n", b"\r\n") if self.piece else not self.data.strip()


def cut(line: Line) -> Unfit:
    """Return why a piece of a line is no event."""
    return Unfit(Code.LINE_TOO_LONG, f"the line has more than {MAX_LINE:,} bytes; this is piece {line.piece} of it")


class LineHead(msgspec.Struct, frozen=True):
    """What of a line tells where it belongs, plain or as a CloudEvent; empty where it cannot be read.

    Attributes:
        policy: As `named` reads it; other than empty in updates only.
        party, follows: What an opening says of other deals, and `currency` in which it is; empty in every other event.
    """

    id: str = ""
    deal: str = ""
    at: str = ""
    policy: str = ""
    party: str = ""
    follows: str = ""
    currency: str = ""

    @property
    def instant(self) -> int | None:
        """Return the instant, as microseconds since 1970; none where it is none."""
        return instant_of(self.at)


class _Raw(msgspec.Struct, frozen=True):
    """A line's fields; those that a CloudEvent calls otherwise may be anything there: it may be extended."""

    id: Any = None
    deal: Any = None
    at: Any = None
    policy: Any = None
    type: Any = None
    party: Any = None
    follows: Any = None
    currency: Any = None
    specversion: Any = msgspec.UNSET
    subject: Any = None
    time: Any = None
    data: Any = None


_read = msgspec.json.Decoder(_Raw, float_hook=str).decode
_NOTHING = LineHead()


def head_of(line: bytes) -> LineHead:
    """Return the head of a line, in one form for both."""
    try:
        raw = _read(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOTHING
    if raw.specversion is msgspec.UNSET:
        return _head(
            raw.id, raw.deal, raw.at, raw.policy, *_others(raw.type == "open", raw.party, raw.follows, raw.currency)
        )
    data = raw.data if isinstance(raw.data, dict) else {}
    others = _others(raw.type == "walkaway.open", data.get("party"), data.get("follows"), data.get("currency"))
    return _head(raw.id, raw.subject, raw.time, data.get("policy"), *others)


class _RawDeal(msgspec.Struct, frozen=True, gc=False):
    """What of a line's fields tells its deal."""

    deal: Any = None
    specversion: Any = msgspec.UNSET
    subject: Any = None


_read_deal = msgspec.json.Decoder(_RawDeal).decode


def deal_of(line: bytes) -> str:
    """Return the deal of a line, as `head_of` does, at a quarter of its cost; one that is no event may have one."""
    try:
        raw = _read_deal(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    deal = raw.deal if raw.specversion is msgspec.UNSET else raw.subject
    return deal if isinstance(deal, str) else ""


def _others(opens: bool, *fields: object) -> tuple[object, ...]:
    return fields if opens else ()


def _head(*fields: object) -> LineHead:
    return LineHead(*(field if isinstance(field, str) else "" for field in fields))
