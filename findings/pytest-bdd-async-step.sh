#!/usr/bin/env bash
set -euo pipefail

# pytest-bdd 9.0.1
#
# Expected: a step written as `async def` runs, or the scenario fails because nothing can await it. pytest itself fails an
#   async test function that no plugin takes.
# Source: pytest's documentation on async tests (an error since pytest 8.4); Gherkin reference: a scenario passes when all
#   of its steps have passed.
# Seen: the coroutine is made and dropped. The step's body never runs, the scenario passes; all that is left is Python's
#   RuntimeWarning, which --disable-warnings hides.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pytest-bdd==9.0.1 pytest==9.2.0 gherkin-official==42.0.1

cat > "$work/offer.feature" <<'FEATURE'
Feature: Offers
  Scenario: An offer beyond the limit is refused
    Then the offer is refused
FEATURE
cat > "$work/test_offer.py" <<'PYTHON'
from pytest_bdd import scenarios, then

scenarios("offer.feature")


@then("the offer is refused")
async def refused():
    raise AssertionError("it was cleared")
PYTHON
cat > "$work/test_plain.py" <<'PYTHON'
async def test_refused():
    raise AssertionError("it was cleared")
PYTHON
cd "$work"
for test in test_offer.py test_plain.py; do
    "$work/venv/bin/python" -m pytest --quiet --no-header -p no:cacheprovider --disable-warnings "$test" | tail -1 | sed "s/^/$test: /; s/ in [0-9.]*s$//" || true
done > seen

cat seen
diff - seen <<'SEEN'
test_offer.py: 1 passed, 1 warning
test_plain.py: 1 failed
SEEN
