"""Versions: which of several versions of one policy a deal opens under, or is moved to by an update.

Knows policies and the heads of lines, and nothing of deals.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from walkaway.decode import instant_of
from walkaway.policy.dated import is_in_force
from walkaway.policy.model import Policy


class Head(msgspec.Struct, frozen=True):
    """What of a line tells where it belongs, plain or as a CloudEvent; empty where it cannot be read.

    Attributes:
        policy: As `named` reads it; other than empty in updates only.
    """

    id: str = ""
    deal: str = ""
    at: str = ""
    policy: str = ""

    @property
    def instant(self) -> int | None:
        """Give the instant, as microseconds since 1970; none where it is none."""
        return instant_of(self.at)


class _Raw(msgspec.Struct, frozen=True):
    """A line's fields; those that a CloudEvent calls otherwise may be anything there: it may be extended."""

    id: Any = None
    deal: Any = None
    at: Any = None
    policy: Any = None
    specversion: Any = msgspec.UNSET
    subject: Any = None
    time: Any = None
    data: Any = None


_read = msgspec.json.Decoder(_Raw, float_hook=str).decode
_NOTHING = Head()


def head_of(line: bytes) -> Head:
    """Give the head of a line, in one form for both."""
    try:
        raw = _read(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOTHING
    if raw.specversion is msgspec.UNSET:
        return _head(raw.id, raw.deal, raw.at, raw.policy)
    return _head(raw.id, raw.subject, raw.time, raw.data.get("policy") if isinstance(raw.data, dict) else None)


def _head(*fields: object) -> Head:
    return Head(*(field if isinstance(field, str) else "" for field in fields))


def newest(versions: Sequence[Policy]) -> Policy:
    """Give the version with the highest number."""
    return max(versions, key=lambda p: p.version)


def in_force(versions: Sequence[Policy], instant: int | None) -> Policy:
    """Give the newest version that is in force on the day of an instant; the newest of all where none is."""
    found = versions if instant is None else [p for p in versions if is_in_force(p, p.day_of(instant))]
    return newest(found or versions)


def named(versions: Sequence[Policy], text: str, instant: int | None) -> Policy | None:
    """Give the version that an update names: as `NAME@VERSION`, or as `NAME` the one in force on its day.

    Returns:
        None where none of *versions* is meant.
    """
    by_name = next((p for p in versions if text == p.name), None)
    return in_force(versions, instant) if by_name is not None else next((p for p in versions if text == p.called), None)


def disagreement(versions: Sequence[Policy]) -> str:
    """Say why policies are not the versions of one policy; nothing where they are."""
    first, *others = versions
    for other in others:
        if other.name != first.name:
            return f"policies `{first.name}` and `{other.name}` are not versions of one policy"
    numbers = [p.version for p in versions]
    twice = next((n for n in numbers if numbers.count(n) > 1), None)
    return "" if twice is None else f"policy `{first.name}` is given twice in version {twice}"
