"""Tampering: each kind is found by `log verify` with a kept checkpoint, and no command answers from it in silence."""

import contextlib
import json
import shutil
import tracemalloc
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.helpers.logs import FLOORS, POLICY, deal
from tests.helpers.tampering import ALL, KINDS, Kind, tamper

from walkaway_cli.main import main

pytestmark = pytest.mark.slow

Words = tuple[tuple[str, ...], ...]
HELD = ("--checkpoint", "kept", "--key", "key.pub")
ANSWERING: Words = (
    ("log", "show"),
    ("log", "show", "D-1/e3"),
    ("log", "show", "--verdict", "hold"),
    ("deals",),
    ("show", "D-1"),
    ("log", "export"),
    ("log", "export", "--personal"),
    ("log", "replay"),
    ("log", "audit"),
    ("record", "--policy", "policy", "more.jsonl"),
    ("run", "--policy", "policy", "--from", "more.jsonl", "--to", "verdicts.jsonl"),
)
SIGNING: Words = (("log", "prove", "3", "--key", "key"), ("log", "checkpoint", "--key", "key", "--to", "kept"))


class Ran:
    """What a command came to."""

    def __init__(self, capture: pytest.CaptureFixture[str], *words: str) -> None:
        capture.readouterr()
        self.status, self.words = status(*words), words
        self.output, self.error = capture.readouterr()

    def __repr__(self) -> str:
        return f"{' '.join(self.words)} → {self.status}\n{self.output[:2000]}\n{self.error[:2000]}"

    @property
    def is_refused(self) -> bool:
        said = self.error.splitlines()
        return self.status == 2 and bool(said) and said[-1].lower().startswith("error: ") and not self.output

    @property
    def is_marked(self) -> bool:
        return "not held against" in self.error


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a policy, deals, a signing key, and nothing recorded yet."""
    home = tmp_path_factory.mktemp("office")
    (home / "policy").mkdir()
    (home / "policy" / "policy.yaml").write_text(POLICY)
    (home / "policy" / "floors.csv").write_text(FLOORS)
    for name, events in (("first", deal("D-1")), ("second", deal("D-2")[:7]), ("more", deal("D-2")[7:9])):
        (home / f"{name}.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events))
    return home


@pytest.fixture(scope="module")
def in_file(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the office after two deals were recorded in a file and signed."""
    home = tmp_path_factory.mktemp("file")
    prepare(office, home, "log.db")
    return home


@pytest.fixture(scope="module")
def on_server(office: Path, tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Path:
    """Return the office after two deals were recorded in the server's database `signed` and signed."""
    home = tmp_path_factory.mktemp("server")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS signed")
        connection.execute("CREATE DATABASE signed")
    prepare(office, home, database(postgres, "signed"))
    return home


def database(server: str, name: str) -> str:
    """Return the URL of a database of a server."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def prepare(office: Path, home: Path, url: str) -> None:
    """Record a deal that is closed and one that is open, and sign the log after each."""
    shutil.copytree(office, home, dirs_exist_ok=True)
    with contextlib.chdir(home):
        assert status("log", "keygen", "example.com/deals", "key") == 0
        Path("kept").mkdir()
        for name in ("first", "second"):
            assert status("record", "--store", url, "--policy", "policy", f"{name}.jsonl") in (0, 1)
            assert status("log", "checkpoint", "--store", url, "--key", "key", "--to", "kept") == 0
        assert status("log", "verify", "--store", url, *HELD) == 0


def status(*words: str) -> str | int | None:
    """Run a command; return its exit."""
    with pytest.raises(SystemExit) as left:
        main(words)
    return left.value.code


MARKS = {"sqlite": [], "postgresql": [pytest.mark.postgres]}
CASES = [
    pytest.param(dialect, kind, id=f"{dialect}: {kind.name}", marks=MARKS[dialect])
    for dialect in ALL
    for kind in KINDS
    if dialect in kind.on
]


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Stand in a folder with a store of the dialect that is asked for, and its kept checkpoints; give its URL."""
    monkeypatch.chdir(tmp_path)
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("in_file"), tmp_path, dirs_exist_ok=True)
        return "log.db"
    shutil.copytree(request.getfixturevalue("on_server"), tmp_path, dirs_exist_ok=True)
    server: str = request.getfixturevalue("postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS tampered WITH (FORCE)")
        connection.execute("CREATE DATABASE tampered TEMPLATE signed")
    return database(server, "tampered")


@pytest.mark.parametrize(("place", "kind"), CASES, indirect=["place"])
def test_what_was_tampered_with_is_found_and_never_answered_from_in_silence(
    place: str, kind: Kind, capfd: pytest.CaptureFixture[str]
) -> None:
    """With a kept checkpoint `log verify` says it; every command refuses, or says that it was not held against one."""
    tamper(kind, place, Path("kept"))
    found = Ran(capfd, "log", "verify", "--store", place, *HELD)
    assert kind.finds in found.output or (found.is_refused and kind.finds in found.error), found
    is_noted = found.status == 0
    assert found.status == 1 or found.is_refused or (is_noted and "not verified" in found.output), found
    for words in ANSWERING:
        held = Ran(capfd, *words, "--store", place, *HELD)
        assert held.is_refused or is_noted, held
    for words in SIGNING:
        signed = Ran(capfd, *words, "--store", place)
        assert signed.status in (1, 2) or kind.signed or is_noted, signed
        assert signed.status != 0 or signed.is_marked or words[1] == "checkpoint", signed
    for words in ANSWERING:
        alone = Ran(capfd, *words, "--store", place)
        assert alone.is_refused or alone.is_marked, alone


def test_there_are_at_least_thirty_kinds_for_each_store() -> None:
    """The table is as long as it is meant to be, and names each kind once."""
    names = [kind.name for kind in KINDS if not kind.name.startswith("an entry's leaf")]
    assert len(names) == len(set(names))
    assert all(sum(dialect in kind.on for kind in KINDS) >= 30 for dialect in ALL)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_value_of_another_type_costs_no_memory(place: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A number where bytes should be is not taken for a length, and a long value is refused before it is read."""
    kinds = {kind.name: kind for kind in KINDS}
    tamper(kinds["an entry is too long to be read"], place, Path("kept"))
    tracemalloc.start()
    assert Ran(capfd, "log", "verify", "--store", place).status == 1
    assert Ran(capfd, "log", "show", "--store", place).is_refused
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 60_000_000
