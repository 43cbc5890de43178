#!/usr/bin/env bash
set -euo pipefail

# NegMAS 0.16.0
#
# Expected: in a negotiation of three rounds each of two parties makes three offers and each offer is answered.
# Source: the stacked alternating offers protocol (Aydoğan, Festen, Hindriks, Jonker 2017): an offer goes to the next
#   party, which accepts, counters or ends.
# Seen: the second party is asked for its third offer, which nobody sees: the first party is not asked about it, and the
#   trace has None in its place. Who goes second has one offer fewer, and a strategy that makes its best offer at the end
#   never makes it.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile negmas==0.16.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from negmas.outcomes import make_issue
from negmas.sao import ResponseType, SAOMechanism, SAONegotiator


class Scripted(SAONegotiator):
    def __init__(self, offers, wants, name):
        super().__init__(name=name)
        self.offers, self.wants, self.made, self.asked = list(offers), wants, [], []

    def propose(self, state, dest=None):
        self.made.append((self.offers[len(self.made)],))
        return self.made[-1]

    def respond(self, state, source=None):
        self.asked.append(state.current_offer)
        return ResponseType.ACCEPT_OFFER if state.current_offer == self.wants else ResponseType.REJECT_OFFER


for wanted in ((9,), (8,)):
    mechanism = SAOMechanism(issues=[make_issue(list(range(11)), "price")], n_steps=3)
    buyer, seller = Scripted([0, 1, 2], wanted, "buyer"), Scripted([10, 9, 8], None, "seller")
    mechanism.add(buyer)
    mechanism.add(seller)
    mechanism.run()
    print("buyer would take", wanted, "| agreement", mechanism.state.agreement, "| seller made", seller.made)
    print("  buyer was asked about", buyer.asked, "| trace", [step.offer for step in mechanism.full_trace])
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
buyer would take (9,) | agreement (9,) | seller made [(10,), (9,)]
  buyer was asked about [(10,), (9,)] | trace [(0,), (10,), (1,), (9,)]
buyer would take (8,) | agreement None | seller made [(10,), (9,), (8,)]
  buyer was asked about [(10,), (9,)] | trace [(0,), (10,), (1,), (9,), (2,), None]
SEEN
