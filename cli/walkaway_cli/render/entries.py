"""Entries of the log for people: a line each, or the event in full. Whatever cannot be printed is replaced."""

from decimal import Decimal

import msgspec

from walkaway.language import counted
from walkaway.log import DecisionRow, Erasure, LogQuestion, View
from walkaway_cli.render.decision import verdict_text


def clean(text: str) -> str:
    """Return *text* without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def line_text(row: DecisionRow, wanted: LogQuestion) -> str:
    """Return a decision in one line; what is asked for by it stands behind."""
    head, actor = row.head, row.actor
    parts = [f"{row.entry.n:>6}", head.at, head.deal, head.event, head.on, verdict_text(head.verdict)]
    parts += [clean(f"by {actor}")] if actor else []
    parts += [f"[{', '.join(f.rule for f in row.fired)}]"] if row.fired else []
    if wanted.conceded:
        parts.append(f"gave {money(row.give, row)}, got {money(row.get, row)}")
    if wanted.conceded or wanted.overridden or wanted.approved_by is not None:
        parts.append(clean(approvals_text(row)))
    return "  ".join(parts)


def money(amount: Decimal | None, row: DecisionRow) -> str:
    """Return an amount with its currency."""
    return "?" if amount is None else f"{amount.normalize():,f} {row.currency}".rstrip()


def approvals_text(row: DecisionRow) -> str:
    """Say whose approvals a decision rests on, and which rules they met or lifted."""
    found: dict[tuple[str, str], list[str]] = {}
    for fired in row.fired:
        if fired.people:
            found.setdefault((fired.standing, ", ".join(fired.people)), []).append(fired.rule)
    said = [f"{standing} by {people}: {', '.join(rules)}" for (standing, people), rules in found.items()]
    return "; ".join(said) or "approved by nobody"


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
