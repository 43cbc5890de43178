"""docs/wires.md shows what the functions really return."""

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_page_says_what_is_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every example of the page, from the root of this repository."""
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs" / "wires.md").read_text(encoding="utf-8").replace("```", "")
    found = doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(page, {}, "wires.md", None, 0))
    assert found.attempted > 20
    assert found.failed == 0
