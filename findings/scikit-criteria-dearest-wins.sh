#!/usr/bin/env bash
set -euo pipefail

# scikit-criteria 0.10
#
# Expected: of bids that differ in their price alone, a criterion to be minimized, the cheapest is first, whichever of the
#   package's two ways turns the criterion round, and whichever scaler follows.
# Source: the package's documentation: NegateMinimize makes criteria to be minimized ones to be maximized, min C being max -C;
#   SumScaler divides each value by the sum of its criterion.
# Seen: behind NegateMinimize, SumScaler divides a negative price by the negative sum of all, so that the dearest bid has the
#   largest value of what is now maximized, and wins. No error or warning says so; the other scalers and InvertMinimize leave
#   the cheapest first.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile scikit-criteria==0.10

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import skcriteria
from skcriteria.agg.simple import WeightedSumModel
from skcriteria.agg.topsis import TOPSIS
from skcriteria.pipelines import mkpipe
from skcriteria.preprocessing.invert_objectives import InvertMinimize, NegateMinimize
from skcriteria.preprocessing.scalers import MaxAbsScaler, MinMaxScaler, SumScaler, VectorScaler

bids = skcriteria.mkdm(
    [[90, 5], [100, 5], [120, 5]],
    [min, max],
    alternatives=["cheapest", "middle", "dearest"],
    criteria=["price", "quality"],
)
for turn in (InvertMinimize, NegateMinimize):
    for scaler in (SumScaler, VectorScaler, MinMaxScaler, MaxAbsScaler):
        rank = mkpipe(turn(), scaler("matrix"), TOPSIS()).evaluate(bids)
        print(turn.__name__, scaler.__name__, "TOPSIS:", {name: int(place) for name, place in rank.to_series().items()})
rank = mkpipe(NegateMinimize(), SumScaler("matrix"), WeightedSumModel()).evaluate(bids)
print("NegateMinimize SumScaler WeightedSumModel:", {name: int(place) for name, place in rank.to_series().items()})
scaled = SumScaler("matrix").transform(NegateMinimize().transform(bids))
print("price to be maximized:", [round(float(value), 4) for value in scaled.matrix["price"]])
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
InvertMinimize SumScaler TOPSIS: {'cheapest': 1, 'middle': 2, 'dearest': 3}
InvertMinimize VectorScaler TOPSIS: {'cheapest': 1, 'middle': 2, 'dearest': 3}
InvertMinimize MinMaxScaler TOPSIS: {'cheapest': 1, 'middle': 2, 'dearest': 3}
InvertMinimize MaxAbsScaler TOPSIS: {'cheapest': 1, 'middle': 2, 'dearest': 3}
NegateMinimize SumScaler TOPSIS: {'cheapest': 3, 'middle': 2, 'dearest': 1}
NegateMinimize VectorScaler TOPSIS: {'cheapest': 1, 'middle': 2, 'dearest': 3}
NegateMinimize MinMaxScaler TOPSIS: {'cheapest': 1, 'middle': 2, 'dearest': 3}
NegateMinimize MaxAbsScaler TOPSIS: {'cheapest': 1, 'middle': 2, 'dearest': 3}
NegateMinimize SumScaler WeightedSumModel: {'cheapest': 3, 'middle': 2, 'dearest': 1}
price to be maximized: [0.2903, 0.3226, 0.3871]
SEEN
