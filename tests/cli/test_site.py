"""The documentation site builds without a warning, its links lead somewhere, and its search answers forty questions."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[2]

QUESTIONS = {
    "how do I say that two people approve": "cookbook reference deal-desk",
    "how do I say that nobody gives more than 15%": "reference cookbook",
    "how do I say who may approve a discount": "deal-desk reference cookbook",
    "how do I say what one person may offer": "cookbook deal-desk reference",
    "mandate of a person": "deal-desk reference",
    "approval matrix": "cookbook deal-desk reference",
    "quarter end": "cookbook calendar",
    "ramp over three years": "cookbook",
    "renewal cap": "cookbook packs",
    "most favoured nation": "cookbook",
    "price increase": "cookbook",
    "bundle": "cookbook",
    "quotes from several suppliers": "cookbook packs",
    "free months": "cookbook",
    "how do I say that a reference pays for a discount": "cookbook",
    "payment terms": "cookbook",
    "limits by segment and seats": "cookbook tables reference",
    "nibbling": "cookbook reference",
    "how do I close the door": "reference calculus cookbook",
    "give.value": "facts cookbook",
    "as-of": "authoring calendar prove",
    "discount.walk": "events",
    "theirs.flat": "facts",
    "room.package": "facts",
    "how do I say a word of a choice": "reference",
    "min and max": "reference calendar",
    "known batna": "facts cookbook reference",
    "holidays and business days": "calendar",
    "how do I try a rule before it decides": "cookbook reference",
    "shadow": "reference cookbook deal-desk",
    "WA714": "WA714 codes",
    "how is a value written with its unit": "reference tables",
    "how do I change the currency of a pack": "packs",
    "turn a policy to the side of the buyer": "packs",
    "second implementation": "conformance",
    "erase a personal text": "log auditors",
    "was the log altered": "log auditors tutorial",
    "who conceded without return": "auditors log",
    "HTTP API": "http integrators",
    "Kafka": "run integrators",
    "webhook": "webhooks integrators",
    "OPA and Rego": "comparison",
    "mutation testing": "authoring glossary",
    "what may be said to the other side": "disclosure",
}
"""What a reader types: the pages of which one is to be among the first five."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `just site` does; a warning is an error."""
    into = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "-E", "-b", "html", "-c", "docs", "-d", str(into / "trees")]
    subprocess.run([*build, ".", str(into / "html")], cwd=ROOT, check=True, timeout=240)
    return into / "html"


@pytest.fixture(scope="module")
def found(site: Path) -> Iterator[dict[str, list[str]]]:
    """Ask every question of the page of the search, opened from the disk, and return the pages found for each."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        yield {question: asked(page, site, question) for question in QUESTIONS}
        browser.close()


def asked(page, site: Path, question: str) -> list[str]:  # type: ignore[no-untyped-def]
    """Return the names of the pages found, best first."""
    page.goto(f"{(site / 'search.html').as_uri()}?q={quote(question)}")
    page.wait_for_function("() => /found|did not match/.test(document.querySelector('#search-results').innerText)")
    page.wait_for_timeout(200)
    links = page.eval_on_selector_all(
        "#search-results ul.search > li > a", "all => all.map(a => a.getAttribute('href'))"
    )
    return list(dict.fromkeys(Path(re.sub(r"[?#].*", "", link)).stem for link in links))


def test_there_are_forty_questions():
    """At least."""
    assert len(QUESTIONS) >= 40


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_search_finds_the_page_that_answers(found, question):
    """Among the first five."""
    assert set(found[question][:5]) & set(QUESTIONS[question].split()), found[question][:8]


def test_every_link_of_the_site_leads_somewhere(site):
    """To a file, and where it names a place on a page, to that place."""
    places: dict[Path, set[str]] = {}
    missing = []
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        places[page] = set(re.findall(r'\bid="([^"]+)"', text))
    for page in places:
        for link in set(re.findall(r'<a [^>]*href="([^"#:]*)(?:#([^"]*))?"', page.read_text(encoding="utf-8"))):
            file = (page.parent / unquote(link[0])).resolve() if link[0] else page
            if not file.exists() or (link[1] and file in places and unquote(link[1]) not in places[file]):
                missing.append((str(page.relative_to(site)), *link))
    assert missing == []


def test_nothing_is_fetched_from_elsewhere(site):
    """The site works without a network: no script, style, font or picture of another host."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="(?:https?:)?//[^"]+', text) == [], page
