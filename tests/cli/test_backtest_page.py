"""docs/backtest.md shows what is really printed: its files are written and its commands run."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from walkaway_cli.commands.backtest import command

PAGE = (Path(__file__).parents[2] / "docs" / "backtest.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_what_the_page_shows_is_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Part by part, whether deals are judged in columns or, without the extra, one by one."""
    monkeypatch.chdir(tmp_path)
    shown = 0
    for sort, name, text in BLOCK.findall(PAGE):
        if sort in ("sh", "python"):  # tests of their own have a cluster, and the extra `bulk`
            continue
        if sort != "console":
            Path(name).write_text(text, encoding="utf-8")
            continue
        typed, _, expected = text.partition("\n")
        done = CliRunner().invoke(command, [word.strip("'") for word in typed.split()[3:]], standalone_mode=False)
        for part in expected.strip("\n").split("\n…\n"):
            assert part in done.stdout, done.stdout
            shown += 1
    assert shown == 5
