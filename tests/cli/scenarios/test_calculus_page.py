"""The examples that docs/calculus.md works are answered as it says, row by row."""

import re
from itertools import count
from pathlib import Path

import pytest

from walkaway_cli.exits import YES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "calculus.md").read_text(encoding="utf-8")
WORKED = PAGE.partition("\n## Worked\n")[2].partition("\n## ")[0]
TABLE = re.compile(r"\n([^|\n][^\n]*)\n\n\| event \| answer \|\n\|---\|---\|\n((?:\|[^\n]*\n)+)")
ROW = re.compile(r"\| (?:`(\w+)`: )?(.*) \| (\w+) \|\n")
DEAL = f"""Feature: Worked
  Background:
    Given the policy "{ROOT / "rules" / "saas-discounting"}"
    And a deal with list price 100,000 USD, segment enterprise and decision maker known yes
"""


def scenario(said: str, rows: str) -> str:
    """Write a table as a scenario, a day between two events."""
    steps, days = [], count()
    for actor, event, answer in ROW.findall(rows):
        later = ["Given 1 day later"] if next(days) else []
        steps += [*later, f'Given "{actor or "ana"}" acts for us', f"When {event}", f"Then the verdict is {answer}"]
    return f"  Scenario: {said}\n" + "".join(f"    {step}\n" for step in steps)


TABLES = [pytest.param(rows, id=said) for said, rows in TABLE.findall(WORKED)]


def test_the_page_works_eight_examples():
    """None is lost by how it is written, and no row of one."""
    assert len(TABLES) == WORKED.count("| event | answer |") == 8
    assert all(len(ROW.findall(p.values[0])) == str(p.values[0]).count("\n") for p in TABLES)


@pytest.mark.parametrize("rows", TABLES)
def test_an_example_of_the_page_is_answered_as_it_says(tell, rows):
    """Every event of it, by the sentences of scenarios, under the policy that ships."""
    status, shown = tell(DEAL + scenario("Worked", rows))
    assert status == YES, shown
