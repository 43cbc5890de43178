#!/usr/bin/env bash
set -euo pipefail

# NegMAS 0.16.0
#
# Expected: a utility function scaled to another maximum ranks its reservation value among the outcomes as before: both are
#   multiplied by the same factor.
# Source: the package's documentation: scale_max scales utilities so that the maximum equals the given value, and the
#   reservation value is the utility of no agreement. normalize, which ends at the same maximum, keeps the order.
# Seen: for a linear additive function whose weights sum to something else than 1 the reservation value is divided by that
#   sum as well. A party that would rather walk away than take eight of fifteen outcomes takes every one after scaling.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile negmas==0.16.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from negmas.outcomes import make_issue, make_os
from negmas.preferences import LinearAdditiveUtilityFunction

space = make_os([make_issue(5, "quantity"), make_issue(["a", "b", "c"], "terms")])
for weight in (0.5, 1.0, 2.0):
    values = {"quantity": lambda quantity: 10 + quantity, "terms": {"a": 0.0, "b": 5.0, "c": 10.0}}
    before = LinearAdditiveUtilityFunction(values, weights={"quantity": weight, "terms": weight}, outcome_space=space, reserved_value=18 * weight)
    print("weights sum to", 2 * weight)
    for name, function in (("as given", before), ("scale_max(1)", before.scale_max(1.0)), ("normalize()", before.normalize())):
        outcomes = [float(function(outcome)) for outcome in space.enumerate()]
        above = sum(value >= function.reserved_value - 1e-9 for value in outcomes)
        print("  ", name, "| worst", round(min(outcomes), 4), "best", round(max(outcomes), 4), "reservation", round(function.reserved_value, 4), "| at least that:", above, "of", len(outcomes))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
weights sum to 1.0
   as given | worst 5.0 best 12.0 reservation 9.0 | at least that: 7 of 15
   scale_max(1) | worst 0.4167 best 1.0 reservation 0.75 | at least that: 7 of 15
   normalize() | worst 0.0 best 1.0 reservation 0.5714 | at least that: 7 of 15
weights sum to 2.0
   as given | worst 10.0 best 24.0 reservation 18.0 | at least that: 7 of 15
   scale_max(1) | worst 0.4167 best 1.0 reservation 0.375 | at least that: 15 of 15
   normalize() | worst 0.0 best 1.0 reservation 0.5714 | at least that: 7 of 15
weights sum to 4.0
   as given | worst 20.0 best 48.0 reservation 36.0 | at least that: 7 of 15
   scale_max(1) | worst 0.4167 best 1.0 reservation 0.1875 | at least that: 15 of 15
   normalize() | worst 0.0 best 1.0 reservation 0.5714 | at least that: 7 of 15
SEEN
