"""Messages of Concordia of our own, as the vectors of tests/wires have them, and sessions behind some of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.helpers.a2cn import changed, raw

from walkaway_edge.wires.concordia.issues import Concordia, read_agreement
from walkaway_edge.wires.concordia.reading import decode
from walkaway_edge.wires.concordia.session import ChainedMessage, ConcordiaSession, begin
from walkaway_edge.wires.outcomes import Refusal

HERE = Path(__file__).parents[1] / "wires"
VECTORS: dict[str, Any] = json.loads((HERE / "concordia.json").read_text(encoding="utf-8"))
MESSAGES: dict[str, dict[str, Any]] = VECTORS["messages"]
WIRE: Concordia = read_agreement(json.dumps(VECTORS["wire"]).encode())


def opened(put: Mapping[str, Any] | None = None, ack: Mapping[str, Any] | None = None) -> ChainedMessage | Refusal:
    """Return the beginning of the session that the vectors are about, its two messages changed."""
    first, second = changed(MESSAGES["open"], put or {}), changed(MESSAGES["ack"], ack or {})
    return begin(raw(first), raw(second), WIRE, us="agent-seller", deal="R-17", party="Buyer Group")


def arrived(message: Mapping[str, Any], session: ConcordiaSession, at: str = "") -> ChainedMessage | Refusal:
    """Return what a message is that comes when it was sent."""
    return decode(raw(message), session, WIRE, at=at or message["timestamp"])


def after(names: list[str]) -> ConcordiaSession:
    """Return the session behind messages of the vectors."""
    found = opened()
    for name in names:
        assert isinstance(found, ChainedMessage), found
        found = arrived(MESSAGES[name], found.session)
    assert isinstance(found, ChainedMessage), found
    return found.session
