"""The pages that show files and commands show what is really printed: their files are written, their commands run."""

from pathlib import Path

import pytest
from tests.helpers.commands import misprinted, sessions

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    "name",
    [
        "backtest", "calendar", "currencies", "deal-desk", "issues", "tables",
        pytest.param("renewals", marks=pytest.mark.packs),  # which is proved and mutated
    ],
)  # fmt: skip
def test_what_a_page_shows_is_what_is_printed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Part by part and in order; a file that stands on the page again replaces the one before."""
    monkeypatch.chdir(tmp_path)
    page = DOCS / f"{name}.md"
    assert misprinted(page) == []
    assert any(shown for _, shown in sessions(page))
