"""Render a deal in one line: what each of its events says."""

import json
from typing import Any

from walkaway.proof.counterexamples.find import Counterexample


def render(witness: Counterexample) -> str:
    """Return the events of a deal in a few words each, the answer to the last behind them."""
    events = [json.loads(line) for line in witness.lines]
    told = "; ".join(part for part in map(_event, events) if part)
    return f"{told} → {witness.decision.verdict}"


def _event(event: dict[str, Any]) -> str:
    who = {"us": "we", "them": "they"}.get(event.get("by", ""), "")
    match event["type"]:
        case "open":
            limits = event.get("limits", {})
            said = _values(event["facts"]) + [f"{t} {n} {v}" for n, own in limits.items() for t, v in own.items()]
            return ", ".join([*said, f"BATNA {event['batna']}"] if "batna" in event else said)
        case "offer":
            return f"{who} offer {', '.join(_values(event['terms']))}"
        case "accept" | "reject":
            return f"{who} {event['type']}"
        case "signal":
            return f"{event['kind']} is confirmed"
        case "approve":
            return f"{event['role']} approves"
        case sort:
            return str(sort)


def _values(values: dict[str, str]) -> list[str]:
    return [f"{name} {value}" for name, value in values.items()]
