"""docs/run.md shows what the command really prints."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SHOWN = re.compile(r"```console\n(.*?)```", re.DOTALL)
LATE = '{"id": "e99", "deal": "D-1042", "at": "2026-10-01T09:00:00Z", "type": "tick"}\n'


def test_the_manual_shows_what_is_printed(tmp_path: Path) -> None:
    """Its commands, one after the other in an empty folder, print what stands below each; `…` stands for anything."""
    (tmp_path / "rules").symlink_to(ROOT / "rules")
    (tmp_path / "late.jsonl").write_text(LATE)
    blocks = SHOWN.findall((ROOT / "docs" / "run.md").read_text(encoding="utf-8"))
    steps = [step for block in blocks for step in block.split("$ ")[1:]]
    assert len(steps) == 6
    for step in steps:
        line, _, shown = step.partition("\n")
        words = shlex.split(line)
        called = [sys.executable, "-m", "walkaway_cli", *words[1:]] if words[0] == "walkaway" else words
        done = subprocess.run(called, cwd=tmp_path, capture_output=True, text=True, check=False)
        for part in shown.strip("\n").split("\n…"):
            assert part.strip("\n") in done.stdout + done.stderr, done.stderr
