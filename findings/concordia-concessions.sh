#!/usr/bin/env bash
set -euo pipefail

# concordia-protocol 0.10.0
#
# Expected: the record of a party's behaviour counts concessions: moves towards the counterparty.
# Source: the Concordia specification, section 5.4, and the package's own description of the magnitude, a movement towards
#   the counterparty.
# Seen: any change of a number counts, in whichever direction: a seller who raises the price twice has made two concessions,
#   of the size of the increases. A number that starts at 0 and a term in words never count.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile concordia-protocol==0.10.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from concordia import Agent, BasicOffer


def behaviour(offers):
    seller, buyer = Agent("seller"), Agent("buyer")
    session = seller.open_session(counterparty=buyer.identity, terms={"price": {"type": "numeric"}})
    buyer.join_session(session)
    buyer.accept_session()
    for offer in offers:
        seller.send_offer(BasicOffer(terms={term: {"value": value} for term, value in offer.items()}))
    record = session.get_behavior("seller")
    return record.concessions, round(record.concession_magnitude, 4)


for name, offers in (
    ("lowers the price twice", [{"price": 100}, {"price": 90}, {"price": 81}]),
    ("raises the price twice", [{"price": 100}, {"price": 110}, {"price": 121}]),
    ("gives months for nothing", [{"free_months": 0}, {"free_months": 1}, {"free_months": 0}, {"free_months": 2}]),
    ("gives better support", [{"support": "silver"}, {"support": "gold"}]),
):
    print("seller", name, "-> concessions, magnitude:", behaviour(offers))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
seller lowers the price twice -> concessions, magnitude: (2, 0.1)
seller raises the price twice -> concessions, magnitude: (2, 0.1)
seller gives months for nothing -> concessions, magnitude: (1, 1.0)
seller gives better support -> concessions, magnitude: (0, 0.0)
SEEN
