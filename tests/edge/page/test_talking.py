"""The customer's page: where they stand and what they may ask, counted like any other ask, and nothing of ours."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import Face, Told  # noqa: E402
from tests.helpers.serving import FACTS, POLICY  # noqa: E402

pytestmark = pytest.mark.serve

OPENING = {"id": "e1", "deal": "D-1", "at": "2027-05-31T09:00:00Z", "type": "open", "facts": FACTS, "party": "Harbour"}
THEIRS = {"id": "e2", "deal": "D-1", "at": OPENING["at"], "type": "offer", "by": "them", "terms": {"discount": "30%"}}


class Visit:
    """A customer at their page."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.headers, self.token = face.customer()

    async def get(self, path: str) -> Told:
        """Look at a page."""
        return await self.face.call("GET", path, None, headers=self.headers)

    async def ask(self, act: str = "offer", deal: str = "D-1", **terms: str) -> Told:
        """Send the form."""
        sent = {"form_token": self.token, "act": act, **{f"t.{k}": v for k, v in terms.items()}}
        return await self.face.call("POST", f"/talks/{deal}/ask", urlencode(sent).encode(), headers=self.headers)


def visited(folder: Path, use: Any, *events: Any) -> Any:
    """Return what comes of a visit to a server with a deal."""

    async def run(face: Face) -> Any:
        for event in events or (OPENING, THEIRS):
            await face.decide(event)
        return await use(face, Visit(face))

    with closing(Face(str(POLICY), folder, str(folder / "log.db"))) as face:
        return asyncio.run(run(face))


def test_a_customer_asks_and_is_told_yes_or_no(tmp_path: Path) -> None:
    """Each answer is a probe in the log by their name, and the page says how many are left."""

    async def use(face: Face, customer: Visit) -> tuple[list[str], list[Any]]:
        told = [await customer.ask(discount="0%", term="36 months"), await customer.ask(discount="30%")]
        log = (await face.call("GET", "/v1/decisions", None, face.token("auditor"))).json["decisions"]
        return [t.body.decode() for t in told], [d["event"] for d in log if d["event"]["type"] == "probe"]

    (yes, no), probes = visited(tmp_path, use)
    assert "We can agree to these terms." in yes
    assert "We answer 1 more question here" in yes
    assert "We cannot agree to these terms as they stand." in no
    assert "What else you may ask about" in no
    assert [(p["actor"], p["yes"]) for p in probes] == [("cora", True), ("cora", False)]


def test_looking_asks_nothing(tmp_path: Path) -> None:
    """A link that names terms fills the form, and nothing is counted."""

    async def use(face: Face, customer: Visit) -> tuple[list[Told], int]:
        pages = [await customer.get(p) for p in ("/talks", "/talks/D-1", "/talks/D-1?t.discount=12%25&act=accept")]
        return pages, await face.asked(lambda session: session.recorded)

    pages, recorded = visited(tmp_path, use)
    assert [page.status for page in pages] == [200] * 3
    assert 'value="12%"' in pages[2].body.decode()
    assert not [page for page in pages if b"agree to these terms" in page.body]
    assert recorded == 2


def test_the_page_says_nothing_of_ours_and_leads_nowhere_else(tmp_path: Path) -> None:
    """No rule, verdict, limit or other page; a deal that is not theirs is as one that is not there."""

    async def use(face: Face, customer: Visit) -> tuple[list[str], list[int], tuple[Told, Told]]:
        told = [await customer.ask(discount="30%"), await customer.get("/talks/D-1"), await customer.ask("accept")]
        elsewhere = ("/deals", "/deals/D-1", "/approvals", "/decisions", "/policies", "/deals/D-1/chart.svg")
        closed = [(await customer.get(path)).status for path in elsewhere]
        absent = await customer.get("/talks/D-x"), await customer.get("/talks/x")
        return [t.body.decode().replace("walkaway", "") for t in told], closed, absent

    pages, closed, (absent, other) = visited(tmp_path, use)
    words = ("refuse", "escalate", "near-the-floor", "saas-discounting", "walk", "policy", "director", "verdict")
    assert not [(word, page) for word in words for page in pages if word in page.lower()]
    assert closed == [403] * 6
    assert (absent.status, absent.body) == (404, other.body)


def test_what_cannot_be_read_is_told_without_a_finding_of_ours(tmp_path: Path) -> None:
    """The field says how it is written, and nothing was asked; a spent budget says that a person goes on."""

    async def use(face: Face, customer: Visit) -> tuple[Told, int, list[Told]]:
        wrong = await customer.ask(discount="twelve")
        recorded = await face.asked(lambda session: session.recorded)
        return wrong, recorded, [await customer.ask(discount=f"{n}%") for n in (40, 39, 38, 37, 36)]

    wrong, recorded, spent = visited(tmp_path, use)
    assert wrong.status == 422
    assert "this cannot be read; write it as" in wrong.body.decode()
    assert recorded == 2
    assert "A person of ours goes on from here." in spent[-1].body.decode()
    assert '<form method="post" action="/talks' not in spent[-1].body.decode()


def test_a_form_of_another_site_asks_nothing(tmp_path: Path) -> None:
    """Without the form's token, or from elsewhere, nothing is counted against a customer."""

    async def use(face: Face, customer: Visit) -> list[int]:
        sent = {"act": "offer", "t.discount": "12%"}
        path = "/talks/D-1/ask"
        no_token = await face.call("POST", path, urlencode(sent).encode(), headers=customer.headers)
        sent["form_token"] = customer.token
        elsewhere = {**customer.headers, "origin": "http://elsewhere.example"}
        other = await face.call("POST", path, urlencode(sent).encode(), headers=elsewhere)
        return [no_token.status, other.status, await face.asked(lambda session: session.recorded)]

    assert visited(tmp_path, use) == [403, 403, 2]
