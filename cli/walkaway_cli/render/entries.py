"""Entries of the log for people: a line each, or the event in full. Whatever cannot be printed is replaced."""

import msgspec

from walkaway.language import counted
from walkaway.log import Erasure, View
from walkaway_cli.render.decision import verdict_text


def clean(text: str) -> str:
    """Return *text* without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def line_text(view: View) -> str:
    """Return a decision in one line."""
    head = view.head
    actor = view.event.get("actor") or view.event.get("approver")
    parts = [f"{view.n:>6}", head.at, head.deal, head.event, head.on, verdict_text(head.verdict)]
    parts += [clean(f"by {actor}")] if actor else []
    parts += [f"[{', '.join(view.rules)}]"] if view.rules else []
    return "  ".join(parts)


def event_text(view: View) -> str:
    """Return the event of a decision, field by field."""
    lines = [f"{view.event['type']} {view.event['id']} of deal {view.event['deal']}, {view.event['at']}"]
    for name, value in view.event.items():
        if name not in ("at", "deal", "id", "type"):
            shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            lines.append(f"  {name}: {clean(shown)}")
    return "\n".join(lines) + "\n"


def erasure_text(erasure: Erasure) -> str:
    """Return an erasure in a line."""
    texts = counted(erasure.count, "personal text")
    return f"{erasure.n:>6}  {erasure.at}  {texts} erased by {clean(erasure.by)}: {clean(erasure.reason)}"
