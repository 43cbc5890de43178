"""A login at an issuer in Chromium, which is another site: there and back, both themes, with scripts and without."""

from collections.abc import Iterator
from typing import Literal

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt", "playwright"):
    pytest.importorskip(name, reason="the extras `serve` and `browser` are not installed")

from playwright.sync_api import Browser, Page  # noqa: E402
from tests.edge.http.test_oidc_login import settings  # noqa: E402
from tests.helpers.browsing import AXE, CHROMIUM, violations, visit  # noqa: E402
from tests.helpers.issuer import LocalIssuer, issuing  # noqa: E402
from tests.helpers.serving import Server, serving  # noqa: E402

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((360, "dark"), (1280, "light"))


@pytest.fixture(scope="module")
def issuer() -> Iterator[LocalIssuer]:
    """Return an issuer whose pages are of another site than the server's, so that no strict cookie comes from there."""
    with issuing() as found:
        found.url = found.url.replace("127.0.0.1", "localhost")
        yield found


@pytest.fixture(scope="module")
def server(issuer: LocalIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server at which people of that issuer log in."""
    folder = tmp_path_factory.mktemp("login")
    with serving(folder, "--oidc", str(settings(issuer, folder))) as found:
        yield found


def log_in(page: Page, server: Server, issuer: LocalIssuer) -> None:
    """Go the way to the issuer, which leads back at once."""
    page.goto(f"{server.url}/login")
    page.get_by_role("link", name=f"Log in at {issuer.url.removeprefix('http://')}").click()
    page.wait_for_url(f"{server.url}/**")


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_somebody_comes_in_by_the_issuer_and_stays(
    server: Server, browser: Browser, issuer: LocalIssuer, width: int, scheme: Literal["light", "dark"], scripted: bool
) -> None:
    """By one link, with the name and role that it says; the next page knows them too, and whoever leaves is out."""
    with visit(browser, None, width=width, scheme=scheme, scripted=scripted) as (page, seen):
        page.goto(f"{server.url}/login")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        log_in(page, server, issuer)
        page.get_by_text("ana@example.com").wait_for()
        page.goto(f"{server.url}/deals")
        page.get_by_role("heading", name="Deals").wait_for()
        (cookie,) = page.context.cookies(server.url)
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        page.get_by_role("button", name="Leave").click()
        page.get_by_role("heading", name="Come in").wait_for()
        page.goto(f"{server.url}/deals")
        page.get_by_role("heading", name="Come in").wait_for()
        assert {each.split("?")[0] for each in seen.elsewhere} == {f"{issuer.url}/authorize"}


def test_whom_the_issuer_names_without_a_group_of_ours_reads_why(
    server: Server, browser: Browser, issuer: LocalIssuer
) -> None:
    """They are not in, the page says so, and what it says can be read by everybody."""
    issuer.logs_in = lambda _: {"groups": ["canteen"]}
    try:
        with visit(browser, None, width=360, trusting=True) as (page, _):
            log_in(page, server, issuer)
            page.get_by_role("alert").wait_for()
            assert "None of this token's groups" in page.get_by_role("alert").inner_text()
            assert page.get_by_role("navigation").count() == 0
            if AXE is not None:
                assert violations(page) == []
    finally:
        issuer.logs_in = lambda _: {}
