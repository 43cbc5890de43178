"""How rows of tables become lines of events."""

from typing import Any

import msgspec

WHOLE = ("line", "event")
"""What a column of whole events is called; in a table without one each field of an event has a column of its own."""


def event_line(row: Any) -> bytes:
    """Return an event as a line: a text as it is; of the fields of a row those that are not null."""
    if isinstance(row, str | bytes):
        text = row.encode() if isinstance(row, str) else row
        return text.strip() + b"\n"
    return msgspec.json.encode(_said(row)) + b"\n"


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _said(part) for name, part in value.items() if part is not None}
    return [_said(part) for part in value] if isinstance(value, list) else value
