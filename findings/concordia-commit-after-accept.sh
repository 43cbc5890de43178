#!/usr/bin/env bash
set -euo pipefail

# concordia-protocol 0.10.0
#
# Expected: once an offer is accepted, both parties finalize the agreement by `negotiate.commit`.
# Source: the Concordia specification, section 4.2 (commit: all to all, finalize the agreement) and 3.6 (the parties hold
#   the term values in the final `negotiate.commit` messages).
# Seen: behind an acceptance nobody can commit: the session is agreed, and takes no message. A transcript ends with the
#   acceptance, which has an offer's id and no terms. A withdrawal that may be taken up again wakes by an offer, a
#   rejection does not: it cannot say that it may, as section 5.2 has it for both.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile concordia-protocol==0.10.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import inspect

from concordia import Agent, BasicOffer


def talks():
    seller, buyer = Agent("seller"), Agent("buyer")
    session = seller.open_session(counterparty=buyer.identity, terms={"price": {"type": "numeric"}})
    buyer.join_session(session)
    buyer.accept_session()
    seller.send_offer(BasicOffer(terms={"price": {"value": 100}}, offer_id="off-1"))
    return seller, buyer, session


seller, buyer, session = talks()
buyer.accept_offer("off-1")
print("accepted:", session.state.value, "| last body:", session.transcript[-1]["body"])
for party in (seller, buyer):
    try:
        party.commit()
        print(party.agent_id, "commits")
    except Exception as problem:
        print(party.agent_id, "commits:", type(problem).__name__, problem)
for leave in ("withdraw", "reject_offer"):
    print(leave, "may say reactivatable:", "reactivatable" in inspect.signature(getattr(Agent, leave)).parameters)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
accepted: agreed | last body: {'offer_id': 'off-1'}
seller commits: InvalidTransitionError Cannot apply negotiate.commit in state agreed
buyer commits: InvalidTransitionError Cannot apply negotiate.commit in state agreed
withdraw may say reactivatable: True
reject_offer may say reactivatable: False
SEEN
