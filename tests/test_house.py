"""The house as its readers find it: rooms are listed, output in the README is real, nothing is named twice."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from walkaway_cli.main import COMMANDS

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "engine" / "walkaway"
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.compile(r"```console\n\$ (.+?)\n(.*?)```", re.DOTALL)


def rooms() -> list[str]:
    """Return every room: a module, or a folder with its slash."""
    modules = [p.stem for p in ENGINE.glob("*.py") if p.stem != "__init__"]
    return sorted([*modules, *(f"{p.name}/" for p in ENGINE.iterdir() if (p / "__init__.py").exists())])


@pytest.mark.parametrize("room", rooms())
def test_the_table_of_rooms_names_every_room(room: str) -> None:
    """Whoever adds a room tells the reader of engine/README.md what it is for."""
    assert f"| `{room}` |" in (ROOT / "engine" / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_exactly_two_commands() -> None:
    """A newcomer pastes one command for the example and one for the tests."""
    assert len(re.findall(r"^```sh$", README, re.MULTILINE)) == 2


@pytest.mark.parametrize(("command", "shown"), SHOWN.findall(README))
def test_output_in_the_readme_is_what_the_command_prints(command: str, shown: str) -> None:
    """What the README shows is a part of what its command really prints, line by line, in order."""
    words = command.replace("\\\n", " ").split()
    assert words[0] == "walkaway"
    called = [sys.executable, "-m", "walkaway_cli.main", *_unquoted(words[1:])]
    printed = subprocess.run(called, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for part in shown.strip("\n").split("\n…\n"):
        assert part.strip("\n") in printed


def _unquoted(words: list[str]) -> list[str]:
    """Join words that a pair of quotes holds together, as a shell does."""
    return [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', " ".join(words))]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_says_what_it_does_with_an_example(command: str) -> None:
    """`--help` of each command holds a line that can be pasted."""
    called = [sys.executable, "-m", "walkaway_cli.main", command, "--help"]
    printed = subprocess.run(called, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"\n  walkaway {command}" in printed


@pytest.mark.parametrize("decision", ["1", "4", "12"])
def test_decisions_are_numbered(decision: str) -> None:
    """Code and docs may cite a decision by its number."""
    assert f"\n{decision}. **" in (ROOT / "engine" / "DECISIONS.md").read_text(encoding="utf-8")
