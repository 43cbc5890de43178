"""What an approval covers in a deal whose worths are not known."""

import msgspec

from walkaway import Decision, Engine, Stream
from walkaway.policy import read

POLICY = b"""\
policy: p
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}
package: {base: deal.list_price}
roles: [manager]
rules:
  cap: {why: w, on: our offer, when: offer.discount > 5%, then: escalate, to: manager}
"""


def test_before_worths_are_known_an_approval_covers_nothing() -> None:
    """An offer is held for what is missing and asks for its approval, though there is one of these very terms."""
    stream = Stream(Engine(read(POLICY, "policy.yaml", {}).unwrap()))
    events = [
        {"type": "open", "facts": {}},
        {"type": "approve", "approver": "dora", "role": "manager", "terms": {"discount": "9%"}},
        {"type": "offer", "by": "us", "actor": "ana", "terms": {"discount": "9%"}},
    ]
    lines = [
        msgspec.json.encode({"id": f"e{n}", "deal": "d", "at": f"2026-10-0{n}T09:00:00Z", **event})
        for n, event in enumerate(events, 1)
    ]
    *_, last = stream.lines(lines, "deal.jsonl")
    assert isinstance(last, Decision)
    assert (last.verdict, {r.rule for r in last.reasons}) == ("escalate", {"cap", "unprepared"})
