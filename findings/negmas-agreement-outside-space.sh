#!/usr/bin/env bash
set -euo pipefail

# NegMAS 0.16.0
#
# Expected: an offer outside the outcome space is refused by the mechanism: a price of 99 where prices go from 0 to 10.
# Source: NegMAS documentation: a mechanism negotiates over its outcome space, the set of all possible outcomes.
# Seen: it becomes the agreement. Offers are checked only with check_offers=True, which is not the default; utilities of
#   such an agreement are whatever the function says of a value it was not made for.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile negmas==0.16.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from negmas.outcomes import make_issue
from negmas.sao import ResponseType, SAOMechanism, SAONegotiator


class Offers(SAONegotiator):
    def __init__(self, offer, name):
        super().__init__(name=name)
        self.offer = offer

    def propose(self, state, dest=None):
        return self.offer

    def respond(self, state, source=None):
        return ResponseType.ACCEPT_OFFER


for offer in ((10,), (99,), (2.5,), ("ten",)):
    for settings in ({}, {"check_offers": True}):
        mechanism = SAOMechanism(issues=[make_issue(list(range(11)), "price")], n_steps=3, **settings)
        mechanism.add(Offers(offer, "seller"))
        mechanism.add(Offers((0,), "buyer"))
        mechanism.run()
        agreement = mechanism.state.agreement
        print(offer, settings, "| agreement", agreement, "| in the outcome space", agreement is not None and agreement in mechanism.outcome_space)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
(10,) {} | agreement (10,) | in the outcome space True
(10,) {'check_offers': True} | agreement (10,) | in the outcome space True
(99,) {} | agreement (99,) | in the outcome space False
(99,) {'check_offers': True} | agreement None | in the outcome space False
(2.5,) {} | agreement (2.5,) | in the outcome space False
(2.5,) {'check_offers': True} | agreement None | in the outcome space False
('ten',) {} | agreement ('ten',) | in the outcome space False
('ten',) {'check_offers': True} | agreement None | in the outcome space False
SEEN
