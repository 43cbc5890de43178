"""Put into deals made up at random what their makers leave out: words taken back, packages, ends of what binds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

Said = dict[str, Any]


def taken_back(random: Random, events: Sequence[Said]) -> list[Said]:
    """Return the events of a deal with some more of them, as they were written before they are read."""
    found: list[Said] = []
    for place, event in enumerate(events):
        terms = event.get("terms")
        if event["type"] == "offer" and random.random() < 0.15:
            earlier = [e["terms"] for e in found if e["type"] == "offer" and "terms" in e]
            if earlier and earlier[-1] != terms:
                event = {k: v for k, v in event.items() if k != "terms"} | {"packages": [terms, earlier[-1]]}
        elif event["type"] == "offer" and random.random() < 0.2:
            until = datetime.fromisoformat(event["at"]) + timedelta(hours=random.choice((1, 30)))
            event = {**event, "until": until.isoformat()}
        found.append(event)
        if place and random.random() < 0.2:
            found.append(_more(random, place, event, found))
    return found


def _more(random: Random, place: int, event: Said, before: Sequence[Said]) -> Said:
    head = {"id": f"more{place}", "deal": event["deal"], "at": event["at"]}
    approvals = [e for e in before if e["type"] == "approve"]
    match random.randrange(4):
        case 0:
            return head | {"type": "withdraw", "by": "us", "actor": "ana"}
        case 1:
            return head | {"type": "withdraw", "by": "them"}
        case 2 if approvals:
            last = approvals[-1]
            return head | {"type": "revoke", "approver": last["approver"], "of": last["id"]}
        case _:
            of = random.choice([e["id"] for e in before])
            return head | {"type": "void", "of": of, "reason": "a slip", "actor": "ana"}
