"""A line's JSON object: what the line says, with every key once."""

from decimal import Decimal
from typing import Any

import msgspec

from walkaway.deal.decode.reported import MAX_LINE, Reported, has_loose_keys, sentence, shown
from walkaway.language.codes import Code
from walkaway.language.values import shorten

_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def read_object(line: Reported) -> dict[str, Any]:
    """Return the line's JSON object.

    Raises:
        Unreadable: Where it holds none, or one that is too long.
    """
    data = line.line
    if len(data) > MAX_LINE:
        line.stop(Code.LINE_TOO_LONG, f"the line has {len(data):,} bytes, more than {MAX_LINE:,}")
    try:
        raw = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        line.stop_at_byte(str(problem))
        line.stop(Code.NOT_JSON, f"this is not JSON: {sentence(str(problem))}")
    except (RecursionError, ArithmeticError, ValueError) as problem:
        line.stop(Code.NOT_JSON, f"this JSON cannot be held: {type(problem).__name__}")
    if not isinstance(raw, dict):
        line.stop(
            Code.NOT_JSON,
            f"an event is a JSON object, not {shown(raw)}",
            'write `{"id": …, "deal": …, "at": …, "type": …}`',
        )
    if not _has_each_key_once(data, raw):
        _find_repeated_keys(line)
    return raw


def _has_each_key_once(line: bytes, raw: dict[str, Any]) -> bool:
    """Return whether no key can stand twice, by a quick count; where it does not add up, a second reading tells."""
    expected = len(raw)
    for value in raw.values():
        if type(value) is dict:
            expected += len(value)
            if any(type(v) is dict for v in value.values()):
                return False
    return line.count(b'":') == expected and not has_loose_keys(line)


def _find_repeated_keys(line: Reported) -> None:
    import json  # slower than msgspec, and the only one of the two that shows a repeated key

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                line.report(
                    Code.REPEATED_JSON_KEY,
                    f"`{shorten(key)}` stands twice in this object",
                    "keep one of the two",
                    f'"{key}"',
                )
            found[key] = value
        return found

    try:
        json.loads(line.line, object_pairs_hook=pairs, parse_float=Decimal, parse_int=str)
    except (ValueError, RecursionError, ArithmeticError) as problem:
        line.stop(Code.NOT_JSON, f"this JSON cannot be held: {sentence(str(problem))}")
