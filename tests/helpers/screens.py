"""Six screenshots of the pages of `walkaway serve` over the example deal, for docs/serve.md.

    python -m tests.helpers.screens

writes them anew, with Chromium, into docs/screens.
"""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tests.helpers.browsing import SAID, chromium, opened_as, visit
from tests.helpers.serving import POLICY, ROOT, Server, new_token, serving

ASKED = "/deals/D-1042?t.discount=19.5%25"
SHOTS: tuple[tuple[str, str, str, int, Literal["light", "dark"]], ...] = (
    ("rep", "rep", ASKED, 1280, "light"),
    ("rep-phone", "rep", ASKED, 360, "dark"),
    ("shared", "rep", f"{ASKED}&audience=customer", 1280, "light"),
    ("approver", "approver:director", "/approvals", 1280, "light"),
    ("auditor", "auditor", "/decisions?rule=near-the-floor", 1280, "light"),
    ("sales-ops", "sales-ops", "/policies", 1280, "dark"),
)
"""Name, role, page, width and theme."""


def main() -> None:
    """Take them."""
    folder = ROOT / "docs" / "screens"
    folder.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as made,
        serving_the_example(Path(made)) as server,
        chromium() as browser,
    ):
        for name, role, path, width, scheme in SHOTS:
            sub = {"rep": "ana", "approver:director": "dana", "auditor": "otto"}.get(role, "sara")
            state = opened_as(browser, server.url, new_token(server.folder, role, sub=sub))
            with visit(browser, state, width=width, scheme=scheme) as (page, _):
                page.goto(server.url + path)
                page.screenshot(path=folder / f"{name}.png", clip={"x": 0, "y": 0, "width": width, "height": 900})


@contextlib.contextmanager
def serving_the_example(folder: Path) -> Iterator[Server]:
    """Run a server over the example deal, in which an approval is asked for."""
    recorded = [
        sys.executable,
        "-m",
        "walkaway_cli.main",
        "record",
        "--policy",
        str(POLICY),
        str(POLICY / "deal.jsonl"),
    ]
    subprocess.run(recorded, cwd=folder, capture_output=True, check=False)
    with serving(folder) as server:
        asked = {"deal": "D-1042", "terms": {"discount": "19.5%"}, "note": SAID}
        server.client("rep").post("/v1/approvals", asked)
        yield server


if __name__ == "__main__":
    main()
