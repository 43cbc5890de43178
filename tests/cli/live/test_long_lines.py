"""One way in and one way out: whichever command reads a line too long to be held, nothing of it is lost."""

import base64
import json
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.live import answers, events, ids, lines, written_policy
from tests.helpers.processes import PATIENCE_S

from walkaway.deal.lines import MAX_HELD

pytestmark = pytest.mark.slow

DEAL = events(1)
LONG = b'{"x": "' + b"abcdefgh" * (5 << 20) + b'"}'
"""One line of 40 MiB."""
MOST_KB = 250_000
"""So much memory a command may have at its peak, some 50 MB of it before it has read anything."""
COMMANDS = {
    "check": ["check", "--format", "json"],
    "record": ["record", "--format", "json", "--store", "log.db"],
    "run": ["run", "--from"],
    "run --store": ["run", "--store", "run.db", "--from"],
}
ENDED = {"check": 1, "record": 1, "run": 0, "run --store": 0}
"""How each ends with the deal: in it an offer of ours was sent against its verdict."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a policy."""
    written_policy(tmp_path / "policy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def walkaway(command: Sequence[str], *more: str, stdin: Path | None = None) -> tuple[int, bytes, bytes, int]:
    """Run a command; give its exit, what it wrote to stdout and stderr, and the most memory it had, in KB.

    Another process is asked for its peak by one that has just begun, since a child begins with its parent's.
    """
    asked = (
        "import json, os, resource, subprocess, sys\n"
        "done = subprocess.run(json.loads(sys.argv[1]), check=False)\n"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=open('peak', 'w'))\n"
    )
    words = [sys.executable, "-m", "walkaway_cli", *command, *more, "--policy", "policy"]
    with (stdin or Path(os.devnull)).open("rb") as given:
        done = subprocess.run(
            [sys.executable, "-c", asked, json.dumps(words)],
            stdin=given,
            capture_output=True,
            timeout=PATIENCE_S,
            check=True,
        )
    status, peak = map(int, Path("peak").read_text(encoding="ascii").split())
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return status, done.stdout, done.stderr, peak


def letters(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def original(letter: dict[str, Any]) -> bytes:
    return str(letter["original"]).encode() if "original" in letter else base64.b64decode(letter["original_base64"])


@pytest.mark.parametrize("piped", [False, True], ids=["file", "stdin"])
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_of_a_line_of_40_mib_is_lost(home: Path, name: str, piped: bool) -> None:
    """Its pieces in their order are the line, all else is decided, memory stays bounded, and the exit says so."""
    file, dead = home / "events.jsonl", home / "dead.jsonl"
    file.write_bytes(lines(DEAL[:3]) + LONG + b"\n" + lines(DEAL[3:]))
    where = "-" if piped else "events.jsonl"
    status, said, told, peak = walkaway(
        [*COMMANDS[name], where], "--dead-letters", "dead.jsonl", stdin=file if piped else None
    )
    assert status == 2
    assert answers(said) == ids(DEAL)
    found = letters(dead)
    assert b"".join(map(original, found)) == LONG
    assert [(x["line"], x["piece"], x["reasons"][0]["code"]) for x in found] == [(4, n, "WA511") for n in (1, 2, 3)]
    assert len(original(found[0])) == MAX_HELD
    assert stat.S_IMODE(dead.stat().st_mode) == 0o600
    assert peak < MOST_KB, told.decode()


@pytest.mark.parametrize("name", COMMANDS)
def test_dead_letters_are_appended(home: Path, name: str) -> None:
    """What stands in the file stays, also its last line where it lacks its break; who may read it stays as it was."""
    file, dead = home / "events.jsonl", home / "dead.jsonl"
    file.write_bytes(lines(DEAL[:2]) + b"no event\n")
    dead.write_bytes(b'{"kept": 1}')
    dead.chmod(0o640)
    assert walkaway([*COMMANDS[name], "events.jsonl"], "--dead-letters", "dead.jsonl")[0] == 2
    goes_on = "run.db" in COMMANDS[name]
    assert walkaway([*COMMANDS[name], "events.jsonl"], "--dead-letters", "dead.jsonl")[0] == (0 if goes_on else 2)
    kept, *found = letters(dead)
    assert kept == {"kept": 1}
    assert {original(letter) for letter in found} == {b"no event"}
    assert len(found) == (1 if goes_on else 2)
    assert stat.S_IMODE(dead.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", COMMANDS)
def test_pieces_that_come_again_stay_dead(home: Path, name: str) -> None:
    """No piece passes for an event, though it reads like one: neither as it comes nor out of a dead letter."""
    file, dead, again = home / "events.jsonl", home / "dead.jsonl", home / "again.jsonl"
    file.write_bytes(b"[" * MAX_HELD + lines(DEAL[:1]))
    status, said, _, _ = walkaway([*COMMANDS[name], "events.jsonl"], "--dead-letters", "dead.jsonl")
    assert (status, said) == (2, b"")
    status, said, _, _ = walkaway([*COMMANDS[name], "dead.jsonl"], "--dead-letters", "again.jsonl")
    assert (status, said) == (2, b"")
    assert original(letters(dead)[-1]) == lines(DEAL[:1]).strip()
    assert letters(again)[-1] == letters(dead)[-1]


def test_bytes_that_json_must_escape_are_kept_in_base64(home: Path) -> None:
    """A long line of control characters does not become six times as long."""
    line = b"\x01" * (2 << 20)
    (home / "events.jsonl").write_bytes(line + b"\n")
    assert walkaway([*COMMANDS["check"], "events.jsonl"], "--dead-letters", "dead.jsonl")[0] == 2
    (letter,) = letters(home / "dead.jsonl")
    assert base64.b64decode(letter["original_base64"]) == line


def test_a_named_pipe_is_read_like_stdin(home: Path) -> None:
    """What cannot be read from a place in it is read as it comes, by every command."""
    for name, command in COMMANDS.items():
        os.mkfifo(home / "pipe")
        code = "import sys; open('pipe', 'wb').write(open('events.jsonl', 'rb').read())"
        (home / "events.jsonl").write_bytes(lines(DEAL))
        with subprocess.Popen([sys.executable, "-c", code]) as writer:
            status, said, _, _ = walkaway([*command, "pipe"])
            writer.wait(PATIENCE_S)
        assert (status, answers(said)) == (ENDED[name], ids(DEAL))
        (home / "pipe").unlink()
