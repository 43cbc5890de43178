"""docs/deal-desk.md shows what is really printed: its files are written and its commands run, in their order."""

import re
from pathlib import Path

import pytest

from walkaway_cli.main import main

Capture = pytest.CaptureFixture[str]
PAGE = (Path(__file__).parents[2] / "docs" / "deal-desk.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_what_the_page_shows_is_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Part by part and in order; a file that stands on the page again replaces the one before."""
    monkeypatch.chdir(tmp_path)
    shown = 0
    for sort, name, text in BLOCK.findall(PAGE):
        if sort != "console":
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
            continue
        command, _, expected = text.partition("\n")
        with pytest.raises(SystemExit):
            main(command.split()[2:])
        printed = "".join(capsys.readouterr())
        place = 0
        for part in re.split(r"^…\n", expected, flags=re.MULTILINE):
            assert part in printed[place:], printed
            place = printed.index(part, place) + len(part)
            shown += bool(part)
    assert shown > 0
