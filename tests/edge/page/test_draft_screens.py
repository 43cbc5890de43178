"""The pages of drafts in Chromium: both themes and widths, with and without scripts, by keyboard; and the way there."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "playwright"):
    pytest.importorskip(name, reason="the extras `serve` and `browser` are not installed")

from playwright.sync_api import Browser  # noqa: E402
from tests.helpers.browsing import AXE, CHROMIUM, Seen, opened_as, violations, visit  # noqa: E402
from tests.helpers.serving import POLICY, Server, new_token, serving  # noqa: E402

from walkaway_edge.http.drafts import Drafts  # noqa: E402
from walkaway_edge.http.kept import KeptFile  # noqa: E402

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

FINDING = {
    "code": "WA705", "column": 5, "file": "policy.yaml", "hint": "take it away", "length": 4, "line": 88,
    "message": "rule `near-the-floor` never fires", "name": "dead", "severity": "warning",
}  # fmt: skip
CASE = {
    "feature": "cases.yaml",
    "scenario": "A discount for nothing asks for a trade.",
    "status": "passed",
    "message": "",
}
OPENING = {
    "type": "open",
    "facts": {"list_price": "100,000 USD", "segment": "mid-market", "decision_maker_known": "yes"},
}
REGION = {
    "events": [OPENING, {"type": "offer", "by": "us", "actor": "the-seller", "terms": {"discount": "16%"}}],
    "file": None, "new": "escalate", "old": "refuse", "on": ["our offer", "our acceptance"], "rule": "cumulative-cap",
    "side": "old",
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "lint": [FINDING],
    "cases": [
        CASE,
        {**CASE, "scenario": "Ten cents past the cap are refused.", "status": "failed", "message": "x " * 99},
    ],
    "diff": {"regions": [REGION], "proved_same": False, "unknown": ["their offer"]},
    "prove": [{"deals": [], "name": "no-gift", "outcome": "proved", "says": "no gift proceeds", "why": ""}],
}
DONE, WAITS = "/policies/drafts/done", "/policies/drafts/waits"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server with two drafts: one of which everything is known, and one of which nothing is yet."""
    with serving(tmp_path_factory.mktemp("drafts")) as found:
        with ThreadPoolExecutor(1) as apart:  # the browser has a loop of its own in this thread
            apart.submit(asyncio.run, noted(found.folder)).result()
        yield found


async def noted(folder: Path) -> None:
    """Note the drafts, with what came of the questions about them, past the server that has its file."""
    apart = KeptFile()
    drafts = Drafts(apart)
    text = (POLICY / "policy.yaml").read_text(encoding="utf-8")
    sql = "INSERT INTO jobs (id, kind, by, state, made, ended, question, outcome) VALUES (?, ?, 'sara', ?, ?, ?, '', ?)"
    now = int(time.time())  # what ended long ago is let go
    for of in ("done", "waits"):
        await drafts.add(of, "sara", "0" * 64, {"policy.yaml": text})
    with kept(folder) as file:
        file.executemany("INSERT INTO drafts VALUES (?, ?, ?, ?, ?)", apart.rows("SELECT * FROM drafts"))
        for kind, told in ANSWERS.items():
            outcome = msgspec.json.encode({"yes": kind != "lint", "answer": told})
            file.execute(sql, (f"done-{kind}", kind, "done", now, now, outcome))
        file.execute(sql, ("waits-lint", "lint", "running", now, 0, b""))
    apart.close()


@contextlib.contextmanager
def kept(folder: Path) -> Iterator[sqlite3.Connection]:
    """Write into the file of a server that runs."""
    with contextlib.closing(sqlite3.connect(folder / "walkaway.kept", timeout=60)) as file, file:
        yield file


def ended(folder: Path) -> None:
    """Note that what waited is done."""
    with kept(folder) as file:
        sql = "UPDATE jobs SET state = 'done', ended = ?, outcome = ? WHERE id = 'waits-lint'"
        file.execute(sql, (int(time.time()), b'{"yes": true, "answer": []}'))


@pytest.fixture(scope="module")
def sara(server: Server, browser: Browser) -> Any:
    """Return the cookies of somebody in sales operations."""
    return opened_as(browser, server.url, new_token(server.folder, "sales-ops", sub="sara"))


@pytest.mark.skipif(AXE is None, reason="WALKAWAY_AXE names no axe-core")
@pytest.mark.parametrize("path", [DONE, WAITS, "/policies/draft"])
def test_a_draft_can_be_read_by_everybody(server: Server, browser: Browser, sara: Any, path: str) -> None:
    """Nothing is found against WCAG 2.2 AA or good practice, in both themes, on a phone and at a desk."""
    with visit(browser, sara, width=360, trusting=True) as (page, _):
        page.goto(server.url + path)
        assert violations(page) == [], path


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "no scripts"])
def test_a_draft_fits_and_speaks_to_nobody_else(server: Server, browser: Browser, sara: Any, scripted: bool) -> None:
    """No sideways scroll, no request off origin, no word on the console; everything known stands there."""
    with visit(browser, sara, width=1280, scripted=scripted) as (page, seen):
        for path in (DONE, WAITS, "/policies/draft"):
            page.goto(server.url + path)
            for width in (1280, 360, 320):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert page.locator("h1").count() == 1
        page.goto(server.url + DONE)
        told = page.locator("main").inner_text()
        for text in (
            "Findings: 1",
            "policy.yaml:88:5 WA705",
            "1 of 2 hold",
            "cumulative-cap",
            "16%",
            "no-gift: proved",
        ):
            assert text in told, text
        assert seen == Seen()


def test_a_draft_is_sent_by_keyboard(server: Server, browser: Browser, sara: Any) -> None:
    """From the policy's page to the fields, through each of them by Tab, to the button, which leads to its results."""
    with visit(browser, sara, width=1280, scripted=False) as (page, _):
        page.goto(f"{server.url}/policies")
        page.get_by_role("link", name="Try a draft of it").press("Enter")
        page.get_by_label("policy.yaml").focus()
        reached = []
        for _step in range(3):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent"))
        assert reached == ["file.floors.csv", "file.cases.yaml", "Try the draft"]
        page.get_by_label("policy.yaml").fill("policy: x\n")
        page.get_by_role("button", name="Try the draft").press("Enter")
        page.get_by_role("heading", name="Draft by sara").wait_for()
        page.get_by_role("link", name="Change it").press("Enter")
        assert page.get_by_label("policy.yaml").input_value() == "policy: x\n"


def test_what_waited_comes_by_itself_where_scripts_run(server: Server, browser: Browser, sara: Any) -> None:
    """Without them its link looks again."""
    with visit(browser, sara, width=1280) as (page, _):
        page.goto(server.url + WAITS)
        page.get_by_text("It is being done.").wait_for()
        ended(server.folder)
        page.get_by_role("heading", name="Findings: none").wait_for()
        assert page.get_by_role("link", name="Look again").count() == 0
