"""A year of deals under the shipped `saas-discounting`: conceded, approved, lifted and gone past, from a seed."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

REPS, MANAGERS = ("ana", "eve", "kim", "noa"), ("dana", "max", "sam")


def deals(count: int, seed: int = 1) -> Iterator[bytes]:
    """Return the events of deals, deal by deal in the order in which they open."""
    chance = random.Random(seed)
    for number in range(count):
        opened = datetime(2026, 10, 2, 8, tzinfo=UTC) + timedelta(hours=8_000 * number / count)
        yield from (json.dumps(event).encode() for event in deal(f"D-{number}", opened, chance))


def deal(name: str, opened: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Return the events of one deal."""
    rep, at, number = chance.choice(REPS), opened, 0

    def event(sort: str, **fields: Any) -> dict[str, Any]:
        nonlocal at, number
        at, number = at + timedelta(hours=chance.randint(3, 90)), number + 1
        return {"id": f"e{number:02}", "deal": name, "at": at.isoformat(), "type": sort, **fields}

    def ours(**terms: str) -> dict[str, Any]:
        return event("offer", by="us", actor=rep, terms=terms)

    facts = {"list_price": f"{chance.randint(20, 400)},000 USD", "segment": chance.choice(("enterprise", "smb"))}
    yield event("open", actor=rep, facts={**facts, "decision_maker_known": "yes", "pipeline_coverage": 3.5})
    yield event("offer", by="them", terms={"discount": "30%"})
    yield ours(discount=f"{chance.randint(1, 5)}%", **({} if chance.random() < 0.3 else {"term": "36 months"}))
    yield event("offer", by="them", terms={"discount": "22%"})
    if chance.random() < 0.4:
        lifts = chance.random() < 0.5
        until, by = (at + timedelta(days=90)).isoformat(), chance.choice(MANAGERS)
        waiver = {"override": ["cumulative-cap"], "reason": "a reference that is needed", "until": until}
        covers = {"discount": "19%", "term": "12 months"} if lifts else {"discount": "17%", "term": "36 months"}
        role = "cfo" if lifts else "director"
        yield event("approve", actor=by, approver=by, role=role, terms=covers, **(waiver if lifts else {}))
        yield ours(
            **({"discount": "18.5%", "term": "12 months"} if lifts else {"discount": "16%", "term": "36 months"})
        )
    else:
        yield ours(discount="7%", term="36 months", prepay="yes")
    yield event("accept", by="them")
    yield event("close", outcome="won")
