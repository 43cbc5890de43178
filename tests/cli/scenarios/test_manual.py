"""The page docs/scenarios.md says what is so: its sentences, its examples, and what a failure looks like."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from walkaway_cli.exits import NO, YES
from walkaway_cli.scenarios.manual import manual

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")
STARTER = (files("walkaway_cli") / "starter" / "policy.yaml").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the page's blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_ends_with_the_manual_of_the_sentences():
    """Put the output of `walkaway test --sentences` at the end of the page where this fails."""
    assert PAGE.endswith(manual() + "\n")


def test_every_feature_of_the_page_holds_under_the_starter_policy(tell):
    """A newcomer may copy it."""
    assert blocks("gherkin")
    for feature in blocks("gherkin"):
        status, shown = tell(feature, policy=STARTER)
        assert status == YES, shown


def test_the_failure_on_the_page_is_what_is_shown(tell):
    """Under the starter policy, word for word."""
    block = blocks("text")[0]
    steps = "Given a deal with list price 100,000 USD\nWhen we offer a discount of 18%\nThen the verdict is trade"
    status, shown = tell(f"Feature: f\n  Scenario: A discount of 18% may be traded\n    {steps}", policy=STARTER)
    assert status == NO
    assert block in shown


def test_the_cases_of_the_page_hold_under_the_starter_policy(tell):
    """A newcomer may copy these too."""
    for cases in blocks("yaml"):
        assert tell(cases, policy=STARTER, file="cases.yaml")[0] == YES
