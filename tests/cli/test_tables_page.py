"""docs/tables.md shows what is really printed: its files are written and its commands run, in the order of the page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_what_the_page_shows_is_what_is_printed(tmp_path: Path) -> None:
    """Part by part; a file that stands on the page again replaces the one before."""
    shown = 0
    for sort, name, text in BLOCK.findall(PAGE):
        if sort == "console":
            command, _, expected = text.partition("\n")
            called = [sys.executable, "-m", "walkaway_cli.main", *command.split()[2:]]
            done = subprocess.run(called, cwd=tmp_path, capture_output=True, text=True, check=False)
            printed = done.stdout + done.stderr
            for part in expected.strip("\n").split("\n…\n"):
                assert part in printed, printed
                shown += 1
            continue
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert shown == 5
