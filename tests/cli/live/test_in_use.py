"""Nothing is written where a command reads, keeps or writes something else, whatever name it is called by."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.helpers.live import RUN, answers, events, ids, lines, run, written_policy
from tests.helpers.processes import PATIENCE_S, running, wait_for

from walkaway_cli.main import main

pytestmark = pytest.mark.slow

DEAL = events(1)
BAD = b"no event\n"
Link = Callable[[Path, Path], None]


def named(taken: Path, link: Path) -> None:
    """Write the file's own name over the link."""
    link.symlink_to(taken.name)


def hard(taken: Path, link: Path) -> None:
    """Make a second name."""
    os.link(taken, link)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a policy, events and a store."""
    written_policy(tmp_path / "policy")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.jsonl").write_bytes(lines(DEAL[:2]) + BAD)
    return tmp_path


class Done(NamedTuple):
    """How a command ended, and what it said on stderr."""

    returncode: int
    stderr: str


Walkaway = Callable[..., Done]


@pytest.fixture
def walkaway(capfd: pytest.CaptureFixture[str]) -> Walkaway:
    """Return what runs a command here, without a process of its own."""

    def run_here(*words: str) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main(words)
        assert isinstance(left.value.code, int)
        return Done(left.value.code, capfd.readouterr().err)

    return run_here


RUNS = ["run", "--policy", "policy", "--from", "events.jsonl", "--store", "log.db"]
WAYS = {
    "run --to": [*RUNS, "--to"],
    "run --dead-letters": [
        "run",
        "--policy",
        "policy",
        "--from",
        "events.jsonl",
        "--store",
        "log.db",
        "--dead-letters",
    ],
    "record": ["record", "--policy", "policy", "--store", "log.db", "events.jsonl", "--dead-letters"],
    "check": ["check", "--policy", "policy", "events.jsonl", "--dead-letters"],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("link", [None, named, hard], ids=["itself", "symlink", "hard link"])
def test_the_events_are_never_written(home: Path, walkaway: Walkaway, way: str, link: Link | None) -> None:
    """A link to the events is the events, of whatever kind it is."""
    target = home / "events.jsonl"
    if link is not None:
        target = home / "other.jsonl"
        link(home / "events.jsonl", target)
    before = (home / "events.jsonl").read_bytes()
    done = walkaway(*WAYS[way], target.name)
    assert done.returncode == 2
    assert "is in use already: it holds the events that are read; name another place" in done.stderr
    assert (home / "events.jsonl").read_bytes() == before
    assert not (home / "log.db").exists()


@pytest.mark.parametrize("way", [w for w in WAYS if w != "check"])
@pytest.mark.parametrize(
    ("name", "is_there"),
    [*product(["log.db", "log.db-wal", "log.db-shm", "log.db-journal", "link"], [True, False]), ("hard", True)],
)
def test_the_store_is_never_written_to(home: Path, walkaway: Walkaway, way: str, name: str, is_there: bool) -> None:
    """Neither its file nor what it has beside it, whether it is there already or will be."""
    if is_there:
        assert walkaway(*WAYS["record"][:5], "events.jsonl").returncode == 2
    if name == "hard":
        os.link("log.db", "hard")
    (home / "link").symlink_to("log.db")
    done = walkaway(*WAYS[way], name)
    assert done.returncode == 2
    assert "is in use already: the store is kept there; name another place" in done.stderr
    if is_there:
        assert walkaway("log", "verify", "--store", "log.db").returncode == 0


@pytest.mark.parametrize("link", [None, named, hard], ids=["itself", "symlink", "hard link"])
def test_verdicts_and_dead_letters_go_to_two_places(home: Path, walkaway: Walkaway, link: Link | None) -> None:
    """One file under two names is one place."""
    (home / "out").touch()
    if link is not None:
        link(home / "out", home / "dead")
    done = walkaway(*WAYS["run --to"], "out", "--dead-letters", "out" if link is None else "dead")
    assert done.returncode == 2
    assert "is in use already: something else is written there" in done.stderr
    assert walkaway(*WAYS["run --to"], "-", "--dead-letters", "-").returncode == 2


@pytest.mark.parametrize("command", [["run", "--from", "-"], ["check", "-"], ["record", "--store", "log.db", "-"]])
def test_what_is_piped_in_and_out_counts_too(home: Path, command: list[str]) -> None:
    """Files that a shell has opened are known again."""
    words = [sys.executable, "-m", "walkaway_cli", *command, "--policy", "policy"]
    with (home / "events.jsonl").open("rb") as given:
        done = subprocess.run(
            [*words, "--dead-letters", "events.jsonl"],
            stdin=given,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert done.returncode == 2
    assert b"events.jsonl is in use already" in done.stderr
    with (home / "events.jsonl").open("rb") as given, (home / "events.jsonl").open("ab") as taken:
        done = subprocess.run(words, stdin=given, stdout=taken, stderr=subprocess.PIPE, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert b"stdout is in use already: it holds the events that are read" in done.stderr


def test_a_folder_that_is_read_holds_nothing_that_is_written(home: Path, walkaway: Walkaway) -> None:
    """Not in it, not through a link out of it or into it, and the store neither."""
    folder = home / "in"
    folder.mkdir()
    (home / "events.jsonl").rename(folder / "events.jsonl")
    (home / "into").symlink_to("in/new.jsonl")
    (folder / "out").symlink_to("../elsewhere.jsonl")
    (home / "around").symlink_to("in")
    words = ["--from", "in", "--policy", "policy"]
    for target in ("in/new.jsonl", "into", "elsewhere.jsonl", "around/new.jsonl", "in/out"):
        done = walkaway("run", *words, "--to", target)
        assert (done.returncode, "is in use already" in done.stderr) == (2, True), target
    assert walkaway("run", *words, "--store", "in/log.db").returncode == 2
    assert sorted(p.name for p in folder.iterdir()) == ["events.jsonl", "out"]
    assert not (home / "elsewhere.jsonl").exists()


def test_a_rotated_name_of_the_file_that_is_followed_is_in_use(home: Path, walkaway: Walkaway) -> None:
    """What is written to `events.jsonl.1` would be read as what the file once held."""
    done = walkaway("run", "--policy", "policy", "--follow", "--from", "events.jsonl", "--to", "events.jsonl.1")
    assert done.returncode == 2
    assert "is rotated to such names" in done.stderr


@pytest.mark.parametrize("link", [named, hard], ids=["symlink", "hard link"])
def test_a_link_that_appears_later_in_a_followed_folder_is_not_read(home: Path, link: Link) -> None:
    """It is said, and what is written does not come back; all else in the folder goes on."""
    folder = home / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(lines(DEAL[:3]) + BAD)
    words = ["--policy", "policy", "--follow", "--from", "in", "--dead-letters", "dead.jsonl", "--to", "out.jsonl"]
    with running([*RUN, *words], stderr=subprocess.PIPE) as process:
        wait_for(lambda: (home / "dead.jsonl").exists() and (home / "dead.jsonl").stat().st_size > 0)
        for name in ("dead.jsonl", "out.jsonl"):
            if link is hard:
                hard(home / name, folder / name)
            else:
                (folder / name).symlink_to(f"../{name}")
        (folder / "z.jsonl").write_bytes(lines(DEAL[3:]))
        wait_for(lambda: (home / "out.jsonl").read_bytes().count(b"\n") == len(DEAL))
        process.terminate()
        _, told = process.communicate(timeout=PATIENCE_S)
    assert b"in/dead.jsonl is a file that is written here: it is not read" in told
    assert b"in/out.jsonl is a file that is written here: it is not read" in told
    assert answers((home / "out.jsonl").read_bytes()) == ids(DEAL)
    assert (home / "dead.jsonl").read_bytes().count(b"\n") == 1
    assert process.returncode == 1


def test_a_file_that_becomes_a_link_to_what_is_written_ends_the_run(home: Path) -> None:
    """Whoever rotates a followed file to the verdicts hears of it."""
    words = ["--policy", "policy", "--follow", "--from", "events.jsonl", "--to", "out.jsonl"]
    with running([*RUN, *words], stderr=subprocess.PIPE) as process:
        wait_for(lambda: (home / "out.jsonl").exists() and (home / "out.jsonl").stat().st_size > 0)
        (home / "events.jsonl").rename(home / "events.jsonl.1")
        (home / "events.jsonl").symlink_to("out.jsonl")
        _, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert b"is a file that is written here; it is not read" in told


def test_devices_are_no_files(home: Path) -> None:
    """Both may go to the same nowhere."""
    done = run(home / "policy", "--from", "events.jsonl", "--to", "/dev/null", "--dead-letters", "/dev/null")
    assert b"2 decided" in done.stderr


@pytest.mark.parametrize("command", [["export"], ["consistency", "a", "b"], ["prove", "0", "--key", "key"]])
def test_what_is_written_of_a_log_never_replaces_it(home: Path, walkaway: Walkaway, command: list[str]) -> None:
    """Exports and proofs go to files of their own."""
    walkaway(*WAYS["record"][:5], "events.jsonl")
    walkaway("log", "keygen", "example.com/deals", "key")
    walkaway("log", "checkpoint", "--store", "log.db", "--key", "key", "--to", "a")
    (home / "b").write_bytes((home / "a").read_bytes())
    before = (home / "log.db").read_bytes()
    (home / "link").symlink_to("log.db")
    for target in ("log.db", "link"):
        done = walkaway("log", *command, "--store", "log.db", "--to", target)
        assert done.returncode == 2
        assert "the store is kept there" in done.stderr
        assert (home / "log.db").read_bytes() == before
