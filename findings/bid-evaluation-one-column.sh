#!/usr/bin/env bash
set -euo pipefail

# bid-evaluation 0.1.0
#
# Expected: an evaluator with two criteria scores by both, as by two weighted formulas for the price of a bid; and a formula
#   that cannot be evaluated is an error.
# Source: the package's own description (fluent interface, each call adds a criterion; weights are normalized to 1).
# Seen: criteria are kept by column, so that of two on one column the last alone counts, with all of the weight, and no
#   word of it. A formula with a misspelled name gives each bid 0, and all of them the first place.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile bid-evaluation==0.1.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import pandas as pd
from bid_evaluation import Evaluator

bids = pd.DataFrame({"price": [100, 120, 150]})


def show(name, evaluator):
    found = evaluator.evaluate(bids).sort_index()
    scores, ranks = found["final_score"].round(2).tolist(), found["ranking"].tolist()
    print(name, "| criteria", len(evaluator.summary()), "| scores", scores, "| ranks", ranks)


show("linear and ratio", Evaluator().linear("price", 0.5, higher_is_better=False).min_ratio("price", 0.5))
show("ratio and linear", Evaluator().min_ratio("price", 0.5).linear("price", 0.5, higher_is_better=False))
show("ratio alone", Evaluator().min_ratio("price", 1.0))
show("formula", Evaluator().formula("price", 1.0, formula="100 * min / value"))
show("formula, misspelled", Evaluator().formula("price", 1.0, formula="100 * mni / value"))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
linear and ratio | criteria 1 | scores [100.0, 83.33, 66.67] | ranks [1, 2, 3]
ratio and linear | criteria 1 | scores [100.0, 60.0, 0.0] | ranks [1, 2, 3]
ratio alone | criteria 1 | scores [100.0, 83.33, 66.67] | ranks [1, 2, 3]
formula | criteria 1 | scores [100.0, 83.33, 66.67] | ranks [1, 2, 3]
formula, misspelled | criteria 1 | scores [0.0, 0.0, 0.0] | ranks [1, 1, 1]
SEEN
