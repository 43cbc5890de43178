"""Requests of AdCP of our own, as the vectors of tests/wires have them, and negotiations behind some of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.helpers.a2cn import changed, raw

from walkaway_edge.wires.adcp.agreement import AdCP, read_agreement
from walkaway_edge.wires.adcp.answers import answered
from walkaway_edge.wires.adcp.reading import begin, decode
from walkaway_edge.wires.adcp.session import AdCPSession, TakenRequest, settled
from walkaway_edge.wires.adcp.writing import declined, encode
from walkaway_edge.wires.outcomes import Refusal

HERE = Path(__file__).parents[1] / "wires"
VECTORS: dict[str, Any] = json.loads((HERE / "adcp.json").read_text(encoding="utf-8"))
WIRE: AdCP = read_agreement(json.dumps(VECTORS["wire"]).encode())
POLICY = (HERE / "adcp-policy.yaml").read_text(encoding="utf-8")
PACKAGES: Mapping[str, Any] = VECTORS["packages"] | {"p1c": VECTORS["packages"]["p1"]}
EARLIER, NOW = "2026-10-05T09:59:59Z", "2026-10-05T10:00:00Z"


def opened() -> TakenRequest:
    """Return the beginning of the negotiation that the vectors are about."""
    found = begin(raw(VECTORS["open"]), WIRE, deal="V-1", party="Buyer Group", at="2026-10-05T09:00:00Z")
    assert isinstance(found, TakenRequest)
    return found


def arrived(
    name: str, session: AdCPSession, put: Mapping[str, Any] | None = None, at: str = NOW
) -> TakenRequest | Refusal:
    """Return what a request of the vectors is, changed."""
    request = VECTORS["requests"][name]
    return decode(request["task"], raw(changed(request["arguments"], put or {})), session, WIRE, at=at, actor="buyer-7")


def proposed(name: str, session: AdCPSession, terms: Mapping[str, str], at: str = EARLIER) -> TakenRequest:
    """Return the answer to what is pending by a proposal of ours."""
    hours = {"09": "10", "10": "11"}[at[11:13]]
    until = f"2026-10-05T{hours}{at[13:]}" if name.endswith("c") else f"2026-10-06T{at[11:]}"
    line = {"id": name, "type": "offer", "by": "us", "terms": terms, "until": until}
    return answered(raw(encode(line, session, WIRE)), session, WIRE, message_id=name, at=at, actor="ana")


def after(names: list[str]) -> AdCPSession:
    """Return the session behind requests and proposals; `-` answers a decline."""
    session = opened().session
    for name in names[1:]:
        if name in PACKAGES:
            session = proposed(name, session, PACKAGES[name]).session
        elif name == "-":
            assert session.pending is not None
            session = settled(session, declined(session.pending, session))
        else:
            found = arrived(name, session)
            assert isinstance(found, TakenRequest), (name, found)
            session = found.session
    return session
