"""The pages for one reader: what they show is printed, and what they list is there."""

import re
from pathlib import Path

import pytest
from tests.helpers.commands import misprinted

from walkaway.deal.decode.builders import _FIELDS as EVENT_FIELDS
from walkaway.events import Verdict

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def test_what_the_page_for_reps_shows_is_printed(tmp_path, monkeypatch):
    """And it says of each verdict what to do."""
    monkeypatch.chdir(tmp_path)
    assert misprinted(DOCS / "reps.md") == []
    assert re.findall(r"^\| `(\w+)` \|", page("reps"), re.MULTILINE) == [verdict.value for verdict in Verdict]


def test_the_page_for_integrators_has_every_field_of_every_event():
    """What an event of a type may have beside what every event has."""
    told: dict[str, set[str]] = {}
    for types, fields in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (.+) \|$", page("integrators"), re.MULTILINE):
        for sort in re.findall(r"`(\w+)`", types):
            told[sort] = set(re.findall(r"`(\w+)`", fields))
    assert {sort: told.get(sort) for sort in EVENT_FIELDS} == {
        sort: set(fields) for sort, fields in EVENT_FIELDS.items()
    }


def test_every_page_is_on_the_first_one():
    """No page of docs/ is left out of the site's contents."""
    listed = set(re.findall(r"^([a-z-]+)$", page("index"), re.MULTILINE))
    assert {path.stem for path in DOCS.glob("*.md")} - {"index"} <= listed
