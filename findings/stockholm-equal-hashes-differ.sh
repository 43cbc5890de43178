#!/usr/bin/env bash
set -euo pipefail

# stockholm 0.5.7
#
# Expected: amounts that compare equal have equal hashes, so that a set or a dict holds them once; and a hundred sub units
#   of a currency without decimals are a hundred of it, whether the currency is named by its code or by its object.
# Source: the Python data model, `object.__hash__` ("the only required property is that objects which compare equal have
#   the same hash value"); ISO 4217, minor units of JPY (0) and KWD (3).
# Seen: 1 USD equals 1 without a currency and 1 as a number, and stands beside each of them in a set. By its code a yen has
#   a hundred sub units, by its object one; both amounts print alike as yen. Of a dinar it is a hundred, or a thousand.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile stockholm==0.5.7

"$work/venv/bin/python" > "$work/seen" <<'PYTHON'
from stockholm import Money
from stockholm.currency import JPY, KWD

dollar, bare = Money("1 USD"), Money("1")
print("1 USD == 1:", dollar == bare, dollar == 1)
print("hashes equal:", hash(dollar) == hash(bare), hash(dollar) == hash(1))
print("in a set:", sorted(map(str, {dollar, bare})))
print("a price list finds it:", bare in {dollar: "list price"})
print("100 sub units:", Money.from_sub_units(100, currency=JPY), "by code:", Money.from_sub_units(100, currency="JPY"))
print("1,000 sub units:", Money.from_sub_units(1000, currency=KWD), "by code:", Money.from_sub_units(1000, currency="KWD"))
print("sub units of 1,234 yen:", Money("1234 JPY").sub_units, "or", Money(1234, currency=JPY).sub_units)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
1 USD == 1: True True
hashes equal: False False
in a set: ['1.00', '1.00 USD']
a price list finds it: False
100 sub units: 100 JPY by code: 1.00 JPY
1,000 sub units: 1.000 KWD by code: 10.00 KWD
sub units of 1,234 yen: 123400 or 1234
SEEN
