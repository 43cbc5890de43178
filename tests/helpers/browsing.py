"""Chromium on pages of `walkaway serve`: visits of each role, and what a page does beside being shown."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from playwright.sync_api import Browser, Page, expect, sync_playwright

PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
CHROMIUM = shutil.which("chromium")
AXE = Path(os.environ["WALKAWAY_AXE"]) if os.environ.get("WALKAWAY_AXE") else None
"""The file of axe-core, where `.ci/run` has put it."""
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.2 AA and good practice, as axe calls their rules."""
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (360, "light"),
    (360, "dark"),
    (1280, "dark"),
    (1280, "light"),
)
"""A phone and a desk, in both themes."""
SAID = "They sign this week."
SCREENS = {
    "nobody": ("/login",),
    "rep": (
        "/deals",
        "/deals/D-1042",
        "/deals/D-1042?t.discount=19.5%25",
        "/deals/D-1042?t.discount=12&t.term=soon",
        "/deals/D-1042?act=accept",
        "/deals/D-1042?audience=customer&t.discount=19.5%25",
        "/approvals",
    ),
    "approver": ("/approvals", "/deals/D-1042"),
    "auditor": ("/decisions", "/decisions/6"),
    "sales-ops": ("/policies", "/policies/draft"),
    "customer": ("/talks", "/talks/D-1042"),
}
"""Who sees what, in a server over the example deal."""


class Seen(msgspec.Struct):
    """What a page did that nobody sees: words on its console, requests that failed or went elsewhere."""

    console: list[str] = msgspec.field(default_factory=list)
    failed: list[str] = msgspec.field(default_factory=list)
    elsewhere: list[str] = msgspec.field(default_factory=list)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium, which may run as root."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


def violations(page: Page) -> list[tuple[int, str, str, list[str]]]:
    """Return what axe finds against `TAGS` in a page at every look: width, theme, rule, and the elements' beginnings.

    The page was visited trusting, so that axe may be put into it.
    """
    assert AXE is not None, "WALKAWAY_AXE names axe-core"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[tuple[int, str, str, list[str]]] = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        told = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", list(TAGS))
        found += ((width, scheme, v["id"], [n["html"][:160] for n in v["nodes"]]) for v in told["violations"])
    return found


@contextlib.contextmanager
def visit(
    browser: Browser,
    state: Any,
    *,
    width: int,
    scheme: Literal["light", "dark"] = "light",
    scripted: bool = True,
    forced: bool = False,
    trusting: bool = False,
) -> Iterator[tuple[Page, Seen]]:
    """Open a page with the cookies of a visit.

    Args:
        trusting: Let a test put a script of its own into the page, which its policy forbids.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=scripted,
        forced_colors="active" if forced else "none",
        bypass_csp=trusting,
        storage_state=state,
    )
    seen = Seen()
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda message: seen.console.append(message.text))
    page.on("requestfailed", lambda request: seen.failed.append(request.url))
    page.on("request", lambda r: None if r.url.startswith("http://127.0.0.1:") else seen.elsewhere.append(r.url))
    try:
        yield page, seen
    finally:
        context.close()


def opened_as(browser: Browser, url: str, token: str) -> Any:
    """Let somebody in by a token, and return the cookies of the visit."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/login")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("navigation").wait_for()
    state = context.storage_state()
    context.close()
    return state
