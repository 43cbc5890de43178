"""Messages of A2CN of our own, as the vectors of tests/wires have them, and sessions behind some of them."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from walkaway_edge.wires.a2cn.messages import act_hash
from walkaway_edge.wires.a2cn.reading import decode
from walkaway_edge.wires.a2cn.session import A2CN, A2CNSession, TakenMessage, begin
from walkaway_edge.wires.outcomes import Refusal
from walkaway_edge.wires.terms import read_map

HERE = Path(__file__).parents[1] / "wires"
VECTORS: dict[str, Any] = json.loads((HERE / "a2cn.json").read_text(encoding="utf-8"))
WIRE = A2CN(
    read_map(json.dumps(VECTORS["wire"]["terms"]).encode()),
    VECTORS["wire"]["deal_types"],
    VECTORS["wire"]["reasons"],
)
POLICY = (HERE / "policy.yaml").read_text(encoding="utf-8")
Message = dict[str, Any]


def raw(message: Mapping[str, Any]) -> bytes:
    """Return a message as it may come: its keys in any order, with spaces."""
    return json.dumps(message, indent=1).encode()


def opened() -> TakenMessage:
    """Return the beginning of the session that the vectors are about."""
    found = begin(
        raw(VECTORS["init"]), raw(VECTORS["ack"]), WIRE, us="did:web:seller.example", deal="R-17", party="Buyer Group"
    )
    assert isinstance(found, TakenMessage)
    return found


def arrived(message: Mapping[str, Any], session: A2CNSession, at: str = "") -> TakenMessage | Refusal:
    """Return what a message is that comes when it was sent."""
    return decode(raw(message), session, WIRE, at=at or message["timestamp"])


def after(names: list[str]) -> A2CNSession:
    """Return the session behind messages of the vectors."""
    session = opened().session
    for name in names:
        found = arrived(VECTORS["messages"][name], session)
        assert isinstance(found, TakenMessage), (name, found)
        session = found.session
    return session


def changed(message: Message, put: Mapping[str, Any]) -> Message:
    """Return a message with fields changed, or taken out, and the hash of what it says then."""
    made = copy.deepcopy(message)
    for pointer, value in put.items():
        *way, last = (int(key) if key.isdigit() else key for key in pointer.split("/")[1:])
        inside: Any = made
        for key in way:
            inside = inside[key]
        if value is None:
            del inside[last]
        else:
            inside[last] = value
    if "protocol_act_hash" in made and "/protocol_act_hash" not in put:
        made["protocol_act_hash"] = act_hash(dict.fromkeys(message, "") | made)
    return made


WHOLE = {"price": "120,000 USD", "payment": "30 days", "term": "12 months", "notice": "60 days", "renews": "no"}
"""A package of ours, of every issue that is mapped."""
