"""What a message comes to: event lines, or a refusal; and what an answer of ours comes to: a message that may be sent.

Knows no wire.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, DecimalException
from typing import Any, Generic, TypeVar

import msgspec

from walkaway import Code, DeadLetter, Diagnostic, Span

MOST_BYTES = 1 << 20
"""A longer message is not read."""
MOST_DEEP = 64
"""Nor one whose objects and lists lie deeper within each other."""
_MOST_DIGITS = 400
"""Nor one with a number that takes more to write."""
_SHOWN = 400
_SAFE = 2**53 - 1
T = TypeVar("T")
S = TypeVar("S")
"""A session of a wire."""


class Misfit(Exception):
    """Something in a message does not fit; what it says is safe to be sent back, since it rests on the message alone.

    Attributes:
        wrong: JSON pointer into the message → what is wrong there, one sentence.
        error: The wire's own code.
        code: The finding's.
    """

    def __init__(self, wrong: Mapping[str, str], error: str, code: Code = Code.EVENT_VALUE) -> None:
        super().__init__("; ".join(wrong.values()))
        self.wrong, self.error, self.code = wrong, error, code


class Refusal(msgspec.Struct, frozen=True):
    """A message that gave no event; nothing of it counts.

    Attributes:
        letter: The message as it came, with every finding.
        status: As which HTTP status the wire answers.
        error: The answer in the wire's own form.
    """

    letter: DeadLetter
    status: int
    error: Mapping[str, Any]


class MessagePlan(msgspec.Struct, Generic[S], frozen=True):
    """What may be sent.

    Attributes:
        lines: Events that are to be decided first, in this order. Unless each is on record, and the last one is
            `proceed` where it makes terms ours, nothing may be sent.
        message: The message, to be sent; none where nothing is sent now.
        turn: Whose turn it is where nothing is: `ours`, `wait` for them, `human`, or `stop` where it is over.
        session: Where the session stands once they have the message; none where there is none.
    """

    lines: tuple[Mapping[str, Any], ...] = ()
    message: Mapping[str, Any] | None = None
    turn: str = ""
    session: S | None = None


REMEMBERED = 1_000
"""Of so many messages of a session it is known what came of them."""


def remembered(seen: Mapping[str, T], name: str, came: T) -> Mapping[str, T]:
    """Return what came of the messages taken last, that of one more included; the oldest is let go.

    A repeat of one that was let go is taken no second time: it does not follow the message before it, or its event has
    the id of one that is on record.
    """
    kept = {**seen, name: came}
    while len(kept) > REMEMBERED:
        del kept[next(iter(kept))]
    return kept


def letter(wire: str, data: bytes, misfit: Misfit) -> DeadLetter:
    """Return the dead letter of a message, with a finding for each thing that is wrong."""
    text = data[:_SHOWN].decode("utf-8", "replace").replace("\n", " ")
    return DeadLetter(wire, 1, tuple(_finding(wire, text, misfit.code, *one) for one in misfit.wrong.items()), data)


def _finding(wire: str, text: str, code: Code, pointer: str, message: str) -> Diagnostic:
    key = f'"{_unescaped(pointer.rpartition("/")[2])}"'
    place = Span(wire, 1, max(text.find(key), 0) + 1, len(key) if key in text else 1, text)
    return Diagnostic(code, message, place, f"see `{pointer}`" if pointer else "")


def read_object(data: bytes, error: str, *, fractions: bool = False) -> dict[str, Any]:
    """Read a message: a JSON object, no key twice.

    Args:
        fractions: Whether numbers may have fractions, which are read as they are written; else they are integers.

    Raises:
        Misfit: Where it is none.
    """
    try:
        if len(data) > MOST_BYTES:
            raise ValueError(f"the message has more than {MOST_BYTES} bytes")
        number = _fraction if fractions else _no
        found = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_float=number, parse_int=_whole, parse_constant=_no
        )
        if _is_too_deep(found):
            raise ValueError(f"its objects and lists lie more than {MOST_DEEP} deep within each other")
        json.dumps(found, ensure_ascii=False, default=str).encode("utf-8")  # no half of a surrogate pair
    except (ValueError, RecursionError) as problem:
        why = str(problem) if type(problem) is ValueError else "the message is no JSON text in UTF-8"
        raise Misfit({"": why}, error, Code.NOT_JSON) from problem
    if not isinstance(found, dict):
        raise Misfit({"": "the message is no JSON object"}, error, Code.NOT_JSON)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _is_too_deep(found: Any) -> bool:
    level = [found]
    for _ in range(MOST_DEEP + 1):
        inside = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [each for values in inside for each in values]
    return bool(level)


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS} digits")
    return int(text)


def _fraction(text: str) -> Decimal:
    try:
        found = Decimal(text) if len(text) <= _MOST_DIGITS else Decimal("inf")
    except DecimalException:
        found = Decimal("inf")
    if not found.is_finite() or abs(found.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"`{text[:40]}` is no number of {_MOST_DIGITS} digits at most")
    return found


def _no(text: str) -> Any:
    raise ValueError(f"`{text[:40]}` is no integer: amounts count the smallest unit")


def canonical(value: Any) -> bytes:
    """Return JSON in its canonical form (RFC 8785): keys in the order of UTF-16, numbers as doubles are written.

    Args:
        value: Its fractions have at most 15 digits, and are no smaller than a millionth.
    """
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return [_sorted(each) for each in value] if isinstance(value, list | tuple) else value


def unsafe(value: Any, *keys: str) -> Iterator[str]:
    """Return the places, as JSON pointers, of numbers on whose canonical form two libraries may differ."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from unsafe(each, *keys, key)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from unsafe(each, *keys, str(number))
    elif isinstance(value, Decimal):
        told = -4 <= value.adjusted() <= 14 and len(value.as_tuple().digits) <= 15 if value else not value.is_signed()
        if not told:
            yield pointer_of(*keys)
    elif type(value) is int and not -_SAFE <= value <= _SAFE:
        yield pointer_of(*keys)


def pointer_of(*keys: str) -> str:
    """Return the JSON pointer (RFC 6901) of keys."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def keys_of(pointer: str) -> list[str]:
    """Return the keys of a JSON pointer."""
    return [_unescaped(key) for key in pointer.split("/")[1:]]


def _unescaped(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")
