"""The pages for one reader: what they show is printed, and what they list is there."""

import json
import re
from pathlib import Path

import fastjsonschema
import pytest
from tests.helpers import asyncapi
from tests.helpers.commands import misprinted, run
from tests.helpers.conformance import kept

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


def test_the_description_of_events_is_current():
    """AsyncAPI, from the fields that the decoder knows."""
    assert asyncapi.PAGE.read_text(encoding="utf-8") == asyncapi.text(), "`just pages` writes docs/events.asyncapi.json"


@pytest.fixture(scope="module")
def schemas():
    """Return what checks an event of each type, and a decision."""
    written = json.loads(asyncapi.PAGE.read_text(encoding="utf-8"))["components"]["schemas"]
    return {sort: fastjsonschema.compile(schema) for sort, schema in written.items()}


def test_the_description_takes_every_event_that_is_decided(schemas):
    """Those of the conformance kit: all that are no dead letters."""
    taken = 0
    for deal in kept():
        for event, answer in zip(deal["events"], deal["answers"], strict=True):
            if "dead" not in answer:
                schemas[event["type"]](event)
                taken += 1
    assert taken >= 1_000


def test_the_description_refuses_what_the_decoder_refuses(schemas):
    """A field that no such event has, one that lacks, a word that is none."""
    offer = {"id": "e1", "deal": "D", "at": "2026-10-05T09:00:00Z", "type": "offer", "by": "us", "terms": {"a": "1%"}}
    schemas["offer"](offer)
    for wrong in ({"by": "me"}, {"role": ""}, {"approver": "ana"}, {"terms": "1%"}, {"id": 1}):
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            schemas["offer"](offer | wrong)
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        schemas["offer"]({key: value for key, value in offer.items() if key != "by"})


def test_the_description_takes_every_decision_that_is_told(schemas):
    """As `walkaway check --format json` writes them."""
    pack = DOCS.parent / "rules" / "saas-discounting"
    lines = run("check", "--policy", str(pack), str(pack / "deal.jsonl"), "--format", "json").stdout.splitlines()
    assert len(lines) == 10
    for line in lines:
        schemas["decision"](json.loads(line))
