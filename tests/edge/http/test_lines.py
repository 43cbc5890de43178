"""A deal with lines over HTTP: opened, offered, asked about by reps and agents, and typed into the page."""

import re
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.serving import ROOT, Client, Server, serving  # noqa: E402

pytestmark = pytest.mark.serve

LINES = {
    "A-1": {"list": "10,000 USD", "family": "hardware"},
    "B-2": {"list": "1,000 USD", "family": "software", "cost": "700 USD"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running server of a policy whose deals have lines."""
    with serving(tmp_path_factory.mktemp("quotes"), policy=ROOT / "features" / "policies" / "quotes") as found:
        yield found


@pytest.fixture(scope="module")
def ana(server: Server) -> Client:
    """Return a rep, who has opened a deal of two lines."""
    found = server.client("rep")
    opened = found.post("/v1/deals", {"deal": "Q-1", "id": "e1", "facts": {"lines": LINES}, "party": "Acme"})
    assert (opened.status, opened.json["verdict"]) == (201, "proceed")
    return found


def offer(first: str, second: str) -> dict[str, Any]:
    """Return an offer of ours with a discount for each line."""
    lines = {"A-1": {"discount": first}, "B-2": {"discount": second}}
    return {"type": "offer", "by": "us", "terms": {"lines": lines, "term": "60 months"}}


def test_lines_are_offered_and_judged(ana: Client) -> None:
    """One below its cost is refused, with the rule that says so; a counteroffer names every line."""
    refused = ana.put("Q-1", "e2", offer("0%", "31%"))
    assert (refused.status, refused.json["verdict"]) == (201, "refuse")
    assert {"never-below-cost", "deep-line"} <= {reason["rule"] for reason in refused.json["reasons"]}
    passed = ana.put("Q-1", "e3", offer("0%", "20%"))
    assert (passed.status, passed.json["verdict"]) == (201, "proceed")
    asked = ana.post("/v1/deals/Q-1/check", {"terms": {"lines": "A-1: discount 0%; B-2: discount 26%"}})
    assert asked.json["decision"]["verdict"] in ("trade", "escalate")
    again = ana.put("Q-1", "e3", offer("0%", "20%"))
    assert (again.status, again.json["verdict"]) == (200, "proceed")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"A-1": {"discount": "0%"}, "B-9": {"discount": "1%"}}, "the deal has no line `B-9`"),
        ({"A-1": {"discount": "0%"}}, "line `B-2` of the deal is missing in these terms"),
        ("A-1: discount 0%", "line `B-2` of the deal is missing in these terms"),
    ],
)
def test_other_lines_than_the_deal_has_are_a_finding_at_every_address(ana: Client, lines: object, said: str) -> None:
    """What is recorded is looked at as what is asked about: nothing is decided of it, and nothing is on record."""
    before = ana.tag("Q-1")
    found = ana.put("Q-1", "e9", {"type": "offer", "by": "us", "terms": {"lines": lines}})
    assert (found.status, found.codes) == (422, ["WA615"])
    assert [(f["message"], f["pointer"]) for f in found.json["findings"]] == [(said, "/terms/lines")]
    assert ana.tag("Q-1") == before


def test_a_question_has_lines_as_they_are_typed(ana: Client) -> None:
    """An object is refused there, with how it is written."""
    found = ana.post("/v1/deals/Q-1/check", {"terms": {"lines": {"A-1": {"discount": "0%"}}}})
    assert (found.status, found.json["findings"][0]["pointer"]) == (422, "/terms/lines")
    assert "A-1: discount 12%; B-2: discount 0%" in found.json["findings"][0]["hint"]


def test_an_agent_hears_yes_or_no_of_lines_and_nothing_else(server: Server, ana: Client) -> None:
    """Neither a rule nor an amount of a line."""
    agent = server.client("agent")
    answers = {}
    for discount in ("31%", "20%"):
        asked = {"terms": {"lines": f"A-1: discount 0%; B-2: discount {discount}", "term": "60 months"}}
        answers[discount] = agent.post("/v1/deals/Q-1/check", asked)
    assert {k: (r.status, r.json["next"]) for k, r in answers.items()} == {"31%": (200, "change"), "20%": (200, "send")}
    for reply in answers.values():
        assert set(reply.json) == {"asks_left", "next", "say", "turn"}
        assert not re.search(rb"cost|line|[0-9]%", reply.body)


def test_a_rep_types_lines_into_the_page(server: Server, ana: Client) -> None:
    """The field to open a deal shows how the policy's lines are written, and takes letters on a phone."""
    visit = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = visit.open(server.link, timeout=60).read().decode()
    (field,) = re.findall(r'<input [^>]*name="f\.lines"[^>]*>', page)
    assert 'placeholder="A-1: list 10,000 USD, family hardware, cost 10,000 USD; A-2: …"' in field
    assert "inputmode" not in field
