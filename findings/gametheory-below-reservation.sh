#!/usr/bin/env bash
set -euo pipefail

# gametheory-mcp 0.1.2
#
# Expected: the next offer that is recommended to a seller is never worth less to it than its reservation value and a
#   small buffer, which the answer names as `schelling_floor`.
# Source: the package's own comment on the commitment in `sell_next_offer` (never below the reservation and the buffer),
#   and its answer.
# Seen: against a buyer who does not move, the recommendation lies below the floor in the same answer where the reservation
#   is 0.9 or 0.95, and below the reservation itself where that is 1: the floor is applied only where the buyer has moved,
#   and every recommendation is cut at 0.99. The same for a buyer.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile gametheory-mcp==0.1.2

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from gametheory_mcp.negotiation.buy import buy_next_offer
from gametheory_mcp.negotiation.sell import sell_next_offer


def next_offers(reservation, theirs):
    common = {"my_reservation": reservation, "my_offer_history": [], "deadline_rounds": 10}
    yield "sell", sell_next_offer(**common, opponent_offer_history=theirs)
    yield "buy", buy_next_offer(**common, seller_offer_history=theirs)


for reservation in (0.5, 0.9, 0.95, 1.0):
    for side, told in next_offers(reservation, [0.3, 0.3]):
        offer = told["recommended_offer"]
        floor = reservation + min(0.05, 0.5 * (1 - reservation))
        print(side, reservation, "below the floor:", offer < round(floor, 4), "| below it itself:", offer < reservation)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
sell 0.5 below the floor: False | below it itself: False
buy 0.5 below the floor: False | below it itself: False
sell 0.9 below the floor: True | below it itself: False
buy 0.9 below the floor: True | below it itself: False
sell 0.95 below the floor: True | below it itself: False
buy 0.95 below the floor: True | below it itself: False
sell 1.0 below the floor: True | below it itself: True
buy 1.0 below the floor: True | below it itself: True
SEEN
