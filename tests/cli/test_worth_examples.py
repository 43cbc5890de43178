"""Worth across issues as the pages show it: every mutant is killed, and the laws about one event are proved."""

import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.cli.test_packs import LAWS
from tests.helpers.commands import blocks_of

from walkaway import load
from walkaway.proof.prove import Outcome, prove
from walkaway_cli.commands import test as testing
from walkaway_cli.exits import YES

pytestmark = [pytest.mark.slow, pytest.mark.packs]

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = (("cookbook", "years"), ("cookbook", "total"), ("issues", "stacked"), ("issues", "contract"))
"""Page and policy: a ramp inside a term, seats at a price, discounts on discounts, a contract over its term."""


@pytest.fixture
def folder(page: str, name: str, tmp_path: Path) -> Path:
    """Return the folder with an example's files, as they stand on their page."""
    for _, file, text in blocks_of(DOCS / f"{page}.md"):
        if file.startswith(f"{name}/"):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
    return tmp_path / name


@pytest.mark.parametrize(("page", "name"), EXAMPLES)
def test_every_mutant_of_an_example_is_killed(folder: Path, name: str) -> None:
    """By the scenarios beside it."""
    result = CliRunner().invoke(testing.command, ["--mutate", str(folder)], standalone_mode=False)
    assert result.return_value == YES
    assert re.search(rf"\nmutants of {name}: (\d+) tried, \1 killed, 0 survive\n$", result.output)


@pytest.mark.solver
@pytest.mark.parametrize(("page", "name"), EXAMPLES)
def test_the_laws_are_proved_of_an_example(folder: Path, name: str) -> None:
    """As far as they are about one event, and apply; seats at a price are looked at, and gifts are not asked about."""
    laws = tuple(law for law in LAWS if (law, name) != ("no-gift", "total"))
    outcomes = {p.name: p.outcome for p in prove(load(folder).unwrap(), time.process_time, 600.0, laws)}
    assert {law for law, outcome in outcomes.items() if outcome not in (Outcome.PROVED, Outcome.IDLE)} == set()
    assert outcomes["nothing-beyond-walk"] is Outcome.PROVED
