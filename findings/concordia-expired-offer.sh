#!/usr/bin/env bash
set -euo pipefail

# concordia-protocol 0.10.0
#
# Expected: an offer is good until its `valid_until`, and for no longer than the session's `offer_ttl`; behind
#   `session_ttl` a session has expired.
# Source: the Concordia specification, sections 5.1 (EXPIRED), 5.2 (active to expired, by the system, once the time of the
#   session has elapsed), 5.3 (`offer_ttl`: the most time there is to respond to an offer) and 6.1.
# Seen: an offer whose `valid_until` lies in 2020 is accepted, and so is one three seconds old with an `offer_ttl` and a
#   `session_ttl` of one second. Of the three times that a session agrees on only the number of rounds counts.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile concordia-protocol==0.10.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import time

from concordia import Agent, BasicOffer
from concordia.types import TimingConfig


def talks(timing=None, **offer):
    seller, buyer = Agent("seller"), Agent("buyer")
    session = seller.open_session(counterparty=buyer.identity, terms={"price": {"type": "numeric"}}, timing=timing)
    buyer.join_session(session)
    buyer.accept_session()
    seller.send_offer(BasicOffer(terms={"price": {"value": 100}}, **offer))
    return seller, buyer, session


_, buyer, session = talks(valid_until="2020-01-01T00:00:00Z")
buyer.accept_offer()
print("valid until 2020:", session.state.value)

seller, buyer, session = talks(TimingConfig(session_ttl=1, offer_ttl=1, max_rounds=1))
time.sleep(3)
try:
    seller.send_offer(BasicOffer(terms={"price": {"value": 90}}))
except Exception as problem:
    print("a second offer of one:", type(problem).__name__)
buyer.accept_offer()
print("after both times:", session.state.value)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
valid until 2020: agreed
a second offer of one: MaxRoundsExceededError
after both times: agreed
SEEN
