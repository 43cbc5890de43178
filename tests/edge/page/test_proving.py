"""An entry is proved in the auditor's own browser: by hashes and a signature, and what is not checked is not said."""

import base64
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "playwright"):
    pytest.importorskip(name, reason="the extras `serve` and `browser` are not installed")

from playwright.sync_api import Browser, Page, expect  # noqa: E402
from tests.helpers.browsing import CHROMIUM, Seen, opened_as, visit  # noqa: E402
from tests.helpers.commands import run  # noqa: E402
from tests.helpers.serving import Server, new_token  # noqa: E402

from walkaway.log import check_inclusion, new_key  # noqa: E402

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

KEY, OTHER = new_key("logs.example/walkaway"), new_key("logs.example/walkaway")
ENTRIES = 7
"""Under the checkpoint: no power of two, so that proofs have other lengths and a last entry that stands alone."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server over a log that was signed, and that has one entry more than was."""
    folder = tmp_path_factory.mktemp("proved")
    (folder / "kept").mkdir()
    (folder / "key").write_text(KEY.text(), encoding="utf-8")
    (folder / "key").chmod(0o600)
    found = Server(folder, "--checkpoints", "kept")
    try:
        feed = found.client("feed", sub="crm")
        for n in range(ENTRIES):
            assert feed.opens(f"D-{n}").status == 201
        store, key = str(folder / "walkaway.db"), str(folder / "key")
        done = run("log", "checkpoint", "--store", store, "--key", key, "--to", str(folder / "kept"))
        assert done.exit_code == 0, done.stdout + done.stderr
        assert feed.opens("D-late").status == 201
        yield found
    finally:
        if found.process.poll() is None:
            found.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def otto(server: Server, browser: Browser) -> Any:
    """Return the cookies of an auditor."""
    return opened_as(browser, server.url, new_token(server.folder, "auditor", sub="otto"))


def told(page: Page, key: str = "") -> str:
    """Have a proof checked in the page, and return what it says of it."""
    page.locator("#key").fill(key)
    page.get_by_role("button", name="Check here").click()
    said = page.locator("#proved")
    expect(said).not_to_have_text("…")
    return said.inner_text()


def test_every_entry_under_the_checkpoint_is_checked_in_the_page(server: Server, browser: Browser, otto: Any) -> None:
    """With the key it says who signed, without one that this was not checked; what came later is not proved."""
    with visit(browser, otto, width=1280) as (page, seen):
        for n in range(ENTRIES):
            page.goto(f"{server.url}/decisions/{n}")
            assert check_inclusion(page.locator("#proof").text_content() or "", [KEY.verifier]).index == n
            under = f"Checked here: entry {n} is under the root of the checkpoint over {ENTRIES} entries of {KEY.name}"
            assert told(page, str(KEY.verifier)) == f"{under}, which {KEY.name} signed."
        assert told(page) == f"{under}. Who signed that was not checked: give the verifier key."
        page.goto(f"{server.url}/decisions/{ENTRIES}")
        page.get_by_text(f"came after the newest checkpoint, which is over {ENTRIES}").wait_for()
        assert page.locator("#prove").count() == 0
        assert seen == Seen()


def test_what_does_not_prove_the_entry_is_never_said_to_be_checked(server: Server, browser: Browser, otto: Any) -> None:
    """Another entry, index, hash, size, root, signature or key: each is told as what it is."""
    with visit(browser, otto, width=1280) as (page, _):
        page.goto(f"{server.url}/decisions/2")
        proof = page.locator("#proof").text_content() or ""
        head, note, signatures = proof.split("\n\n")
        lines = head.split("\n")
        text = note.split("\n")

        def with_line(number: int, line: str) -> str:
            return "\n\n".join(("\n".join([*lines[:number], line, *lines[number + 1 :]]), note, signatures))

        def with_note(number: int, line: str) -> str:
            return "\n\n".join((head, "\n".join([*text[:number], line, *text[number + 1 :]]), signatures))

        entry = base64.b64decode(lines[1].removeprefix("extra "))
        other = base64.b64encode(entry.replace(b"D-2", b"D-3")).decode()
        nothing = base64.b64encode(bytes(32)).decode()
        wrong = {
            with_line(1, f"extra {other}"): "do not lead",
            with_line(2, "index 3"): "another entry",
            with_line(2, "index 02"): "no proof",
            with_line(3, nothing): "do not lead",
            "\n\n".join(("\n".join(lines[:-1]), note, signatures)): "fewer hashes",
            "\n\n".join(("\n".join([*lines, nothing]), note, signatures)): "more hashes",
            with_note(1, "2"): "does not reach",
            with_note(2, nothing): "do not lead",
            with_note(0, "logs.example/other"): "did not sign",
            f"{head}\n\n{note}\n\n": "did not sign",
            "nothing": "no proof",
        }
        for changed, why in wrong.items():
            page.locator("#proof").evaluate("(each, text) => { each.textContent = text; }", changed)
            said = told(page, str(KEY.verifier))
            assert said.startswith("Not proved here: "), changed
            assert why in said, said
        page.locator("#proof").evaluate("(each, text) => { each.textContent = text; }", proof)
        public = str(KEY.verifier)
        damaged = public.replace("+", "+0", 1)[: len(public)]
        for key, why in ((str(OTHER.verifier), "did not sign"), (damaged, "key"), ("a+b+c", "no verifier key")):
            said = told(page, key)
            assert said.startswith("Not proved here: "), key
            assert why in said, said
        assert told(page, public).startswith("Checked here: entry 2 ")


def test_without_scripts_the_page_says_what_to_run(server: Server, browser: Browser, otto: Any, tmp_path: Path) -> None:
    """Nothing claims to be checked; the proof that stands there is checked by the command."""
    with visit(browser, otto, width=360, scripted=False) as (page, _):
        page.goto(f"{server.url}/decisions/2")
        assert not page.locator("#prove").is_visible()
        page.get_by_text("walkaway log check-proof").wait_for()
        assert "Checked here" not in page.locator("main").inner_text()
        (tmp_path / "2.tlog-proof").write_text(page.locator("#proof").text_content() or "", encoding="utf-8")
    (tmp_path / "key").write_text(str(KEY.verifier), encoding="utf-8")
    done = run("log", "check-proof", str(tmp_path / "2.tlog-proof"), "--key", str(tmp_path / "key"))
    assert done.exit_code == 0, done.stdout + done.stderr
