"""Ask about one more offer of ours in a deal that a test tells, and keep nothing of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from walkaway.advice.counteroffers import asked_about
from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.deal.position import Position
from walkaway.deal.valuation import OutOfRange
from walkaway.decide.again import History
from walkaway.decide.engine import Engine
from walkaway.events import AnyEvent, Offer, Party, Verdict
from walkaway.policy import Policy


def asked(engine: Engine, position: Position, terms: Mapping[str, Any], actor: str = "") -> Offer:
    """Return the offer, a second after the deal's latest event."""
    at = datetime.fromtimestamp(position.last // 1_000_000 + 1, UTC).isoformat()
    event = {"id": "asked", "deal": position.deal, "at": at, "type": "offer", "by": "us"}
    line = event | ({"actor": actor} if actor else {}) | {"terms": dict(terms)}
    found = Decoder(engine.policy).decode(json.dumps(line).encode()).unwrap()
    assert isinstance(found, Offer)
    return found


def passes(
    engine: Engine, position: Position, event: AnyEvent, terms: Mapping[str, str], history: History | None = None
) -> bool:
    """Return whether terms pass as a counteroffer to *event*."""
    try:
        asked = asked_about(engine.evaluate(position, event, history))
        assert asked is not None
        now, offer = asked
        line = {"id": "x", "deal": offer.deal, "at": offer.at, "type": "offer", "by": Party.US, "terms": terms}
        named = Decoder(engine.policy).decode(msgspec.json.encode(line)).unwrap()
        taken = msgspec.structs.replace(named, actor=offer.actor, instant=offer.instant)
        return engine.evaluate(now, taken).ruling.verdict is Verdict.PROCEED
    except (Unfit, OutOfRange):
        return False


def decoded_as(policy: Policy, offer: Offer, by: Party, terms: Mapping[str, str], number: str) -> AnyEvent:
    """Return an offer of a party at the instant of another one, read from JSON as any other.

    Args:
        terms: As an answer writes them.
    """
    line: dict[str, Any] = {"id": number, "deal": offer.deal, "at": offer.at, "type": "offer", "by": by.value}
    if by is Party.US and offer.actor:
        line["actor"] = offer.actor
    named = Decoder(policy).decode(msgspec.json.encode({**line, "terms": dict(terms)})).unwrap()
    return msgspec.structs.replace(named, instant=offer.instant)
