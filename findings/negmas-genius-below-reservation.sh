#!/usr/bin/env bash
set -euo pipefail

# negmas-genius-agents 0.3.0 on NegMAS 0.16.0
#
# Expected: an agent whose reservation value is 0.6 lets the negotiation end before it agrees to 0.3; the package's
#   HardHeaded and AgentK do, and so does NegMAS' own Boulware.
# Source: NegMAS documentation, reserved_value: the utility of ending without an agreement; Raiffa, The Art and Science of
#   Negotiation: nobody agrees beyond a reservation price.
# Seen: against an opponent that never moves from 0.3, TheFawkes and IAMhaggler agree to it in the last round and Atlas3
#   before. Averages over "all opponents" hold agreements that were worse for the agent than none.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile negmas-genius-agents==0.3.0 negmas==0.16.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import random

import negmas_genius_agents
import numpy
from negmas.outcomes import make_issue, make_os
from negmas.preferences import LinearAdditiveUtilityFunction
from negmas.sao import BoulwareTBNegotiator, ResponseType, SAOMechanism, SAONegotiator

issues = [make_issue(list(range(11)), "price")]
space = make_os(issues)


class Immovable(SAONegotiator):
    def propose(self, state, dest=None):
        return (3,)

    def respond(self, state, source=None):
        offer = state.current_offer
        return ResponseType.ACCEPT_OFFER if offer is not None and offer[0] <= 3 else ResponseType.REJECT_OFFER


agents = {"Boulware": BoulwareTBNegotiator}
agents |= {name: getattr(negmas_genius_agents, name) for name in ("HardHeaded", "AgentK", "TheFawkes", "IAMhaggler", "Atlas3")}
for name, kind in agents.items():
    random.seed(1)
    numpy.random.seed(1)
    seller = LinearAdditiveUtilityFunction([lambda price: price / 10], outcome_space=space, reserved_value=0.6)
    buyer = LinearAdditiveUtilityFunction([lambda price: 1 - price / 10], outcome_space=space, reserved_value=0.0)
    mechanism = SAOMechanism(issues=issues, n_steps=20)
    mechanism.add(kind(name="seller", ufun=seller))
    mechanism.add(Immovable(name="buyer", ufun=buyer))
    mechanism.run()
    agreement = mechanism.state.agreement
    print(name, "agrees to", agreement, "worth", None if agreement is None else float(seller(agreement)), "| no agreement is worth", seller.reserved_value)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
Boulware agrees to None worth None | no agreement is worth 0.6
HardHeaded agrees to None worth None | no agreement is worth 0.6
AgentK agrees to None worth None | no agreement is worth 0.6
TheFawkes agrees to (3,) worth 0.3 | no agreement is worth 0.6
IAMhaggler agrees to (3,) worth 0.3 | no agreement is worth 0.6
Atlas3 agrees to (3,) worth 0.3 | no agreement is worth 0.6
SEEN
