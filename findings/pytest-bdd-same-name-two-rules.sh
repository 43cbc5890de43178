#!/usr/bin/env bash
set -euo pipefail

# pytest-bdd 9.0.1
#
# Expected: two scenarios run, one under each rule.
# Source: Gherkin reference, Rule: a rule groups the scenarios that illustrate it, so two rules may each have a scenario
#   called "limits hold"; the official parser takes the file without a word.
# Seen: scenarios() keeps one scenario for each name. Only the last runs, the first is neither run nor counted, and the
#   run is green, although the step of the first would fail.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pytest-bdd==9.0.1 pytest==9.2.0 gherkin-official==42.0.1

cat > "$work/limits.feature" <<'FEATURE'
Feature: Limits

  Rule: The seller's limits hold
    Scenario: Limits hold
      Given an offer of the seller

  Rule: The buyer's limits hold
    Scenario: Limits hold
      Given an offer of the buyer
FEATURE
cat > "$work/test_limits.py" <<'PYTHON'
from pytest_bdd import given, scenarios

scenarios("limits.feature")


@given("an offer of the seller")
def seller():
    raise AssertionError("the seller's scenario ran")


@given("an offer of the buyer")
def buyer():
    pass
PYTHON
cd "$work"
"$work/venv/bin/python" - > seen <<'PYTHON'
from gherkin.parser import Parser

rules = [child["rule"] for child in Parser().parse(open("limits.feature").read())["feature"]["children"]]
print("scenarios in the file:", sum(len(rule["children"]) for rule in rules))
PYTHON
"$work/venv/bin/python" -m pytest --quiet --no-header -p no:cacheprovider test_limits.py | sed 's/ in [0-9.]*s$//' >> seen

cat seen
diff - seen <<'SEEN'
scenarios in the file: 2
.                                                                        [100%]
1 passed
SEEN
