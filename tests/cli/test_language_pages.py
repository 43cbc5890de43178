"""The pages on parts of the language show what is really printed: their files are written, their commands run."""

import re
import shlex
from pathlib import Path

import pytest

from walkaway_cli.main import main

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["calendar", "currencies", "issues"])
def test_what_a_page_shows_is_what_is_printed(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Part by part and in order; a file that stands on the page again replaces the one before."""
    monkeypatch.chdir(tmp_path)
    shown = 0
    for sort, name, text in BLOCK.findall((DOCS / f"{page}.md").read_text(encoding="utf-8")):
        if sort != "console":
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
            continue
        command, _, expected = text.partition("\n")
        called, _, to = command.removeprefix("$ walkaway ").partition(" > ")
        with pytest.raises(SystemExit):
            main(shlex.split(called))
        written = capsys.readouterr()
        printed = written.out + written.err
        if to:
            Path(to).parent.mkdir(exist_ok=True)
            Path(to).write_text(written.out, encoding="utf-8")
            assert not written.err
            continue
        place = 0
        for part in re.split(r"^…\n", expected, flags=re.MULTILINE):
            assert part in printed[place:], printed
            place = printed.index(part, place) + len(part)
            shown += bool(part)
    assert shown > 0
