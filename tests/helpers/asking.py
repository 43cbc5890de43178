"""Ask about one more offer of ours in a deal that a test tells, and keep nothing of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from walkaway.decode import Decoder
from walkaway.engine import Engine
from walkaway.events import Offer
from walkaway.position import Position


def asked(engine: Engine, position: Position, terms: Mapping[str, Any], actor: str = "") -> Offer:
    """Give the offer, a second after the deal's latest event."""
    at = datetime.fromtimestamp(position.last // 1_000_000 + 1, UTC).isoformat()
    event = {"id": "asked", "deal": position.deal, "at": at, "type": "offer", "by": "us"}
    line = event | ({"actor": actor} if actor else {}) | {"terms": dict(terms)}
    found = Decoder(engine.policy).decode(json.dumps(line).encode()).unwrap()
    assert isinstance(found, Offer)
    return found
