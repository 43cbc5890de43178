#!/usr/bin/env bash
set -euo pipefail

# adcp 9.2.0 (the Python SDK of AdCP)
#
# Expected: the budgets of packages that are derived from a proposal's percentages, which add up to 100, add up to the
#   total, in amounts that the currency has; 29 % of 100 is 29.
# Source: the package's own `derive_packages_from_proposal`: budget = total_budget.amount * allocation_percentage / 100;
#   get-products-response.json of AdCP 3.0, where the percentages of a proposal sum to 100; ISO 4217, two decimals of USD.
# Seen: 29 % of 100 USD is 28.999999999999996; three packages of 50,000 USD have thirteen and more decimals and add up to
#   less. The percentage is divided first, so that even the formula that is written there gives another number.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile adcp==9.2.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from adcp.decisioning.derive_packages import derive_packages_from_proposal

for total, percentages in ((100, (29, 71)), (10, (7, 93)), (50_000, (33.3, 33.3, 33.4))):
    allocations = [
        {"product_id": f"p{number}", "pricing_option_id": "o", "allocation_percentage": percentage}
        for number, percentage in enumerate(percentages)
    ]
    packages = derive_packages_from_proposal({"allocations": allocations}, {"amount": total, "currency": "USD"})
    budgets = [package.budget for package in packages]
    print(total, percentages, "->", *budgets, "| sum", sum(budgets), "| as written", total * percentages[0] / 100)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
100 (29, 71) -> 28.999999999999996 71.0 | sum 100.0 | as written 29.0
10 (7, 93) -> 0.7000000000000001 9.3 | sum 10.0 | as written 0.7
50000 (33.3, 33.3, 33.4) -> 16649.999999999996 16649.999999999996 16699.999999999996 | sum 49999.999999999985 | as written 16649.999999999996
SEEN
