"""docs/tutorial.md: the four walks, each command run in the order in which it stands there, and what it prints."""

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from walkaway_cli.main import walkaway

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
WALKS = [part.partition("\n")[0] for part in PAGE.split("\n## ")[1:]]
COMMANDS = re.findall(r"^\$ (.+)\n((?:(?!\$ |```).*\n)*)", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Run every command of the page in one folder, and return what each prints."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("tutorial"))
        for command, _ in COMMANDS:
            words = shlex.split(command)
            if words[0] == "walkaway":
                done = CliRunner().invoke(walkaway, words[1:], standalone_mode=False, color=False)
                assert done.exception is None, (command, done.exception)
                assert done.return_value in (0, 1), command
                found.append(click.unstyle(done.stdout))
            else:
                subprocess.run(words, check=True)
                found.append("")
    return found


@pytest.mark.parametrize("place", range(len(COMMANDS)), ids=[command for command, _ in COMMANDS])
def test_what_a_walk_shows_is_what_its_command_prints(printed: list[str], place: int) -> None:
    """Part by part, in order; `…` stands for what is left out."""
    at, text = 0, printed[place]
    for part in re.split("…\n?", COMMANDS[place][1]):
        wanted = part.strip("\n")
        assert wanted in text[at:]
        at = text.index(wanted, at) + len(wanted)


def test_there_is_a_walk_for_each_kind_of_user() -> None:
    """Newcomer, author, rep and auditor; the table says of each how many commands it has."""
    assert WALKS == ["A newcomer", "An author in sales ops", "A rep", "An auditor"]
    told = [int(n) for n in re.findall(r"^\| \[.*?\]\(.*?\) \| (\d+) \|", PAGE, re.MULTILINE)]
    parts = PAGE.split("\n## ")[1:]
    assert told == [len(re.findall(r"^\$ ", part, re.MULTILINE)) for part in parts]
