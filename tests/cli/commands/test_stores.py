"""Stores that are none, are another program's, or cannot be reached: one sentence, and nothing is changed."""

import json
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers.logs import FLOORS, POLICY, deal

from walkaway_cli.main import main

ERASE = ("log", "erase", "--by", "dpo", "--reason", "asked", "--at", "2026-11-01", "--deal", "D-1")
RECORD = ("record", "--policy", "policy", "deal.jsonl")
READING = (
    ("log", "verify"),
    ("log", "replay"),
    ("log", "audit"),
    ("log", "show"),
    ("log", "export"),
    ("log", "prove", "0", "--key", "key"),
    ("log", "checkpoint", "--key", "key", "--to", "signed"),
    ERASE,
    ("deals",),
    ("show", "D-1"),
)
SECRET = "s3cret"
URLS = (
    f"postgresql://us:{SECRET}@127.0.0.1:1/deals",
    f"postgresql://us@127.0.0.1:1/deals?password={SECRET}",
    f"postgresql://us:{SECRET}%zz@127.0.0.1:1/deals",
    f"postgresql://us:x@{SECRET}@127.0.0.1:1/deals",
    f"postgresql://us:x/{SECRET}@127.0.0.1:1/deals",
    f"postgresql://us:{SECRET}@127.0.0.1:port/deals",
    f"postgresql://us:{SECRET}@127.0.0.1:1/deals?bogus={SECRET}",
    f"mysql://us:{SECRET}@127.0.0.1/deals",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in a folder with a policy, a deal and a signing key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "policy.yaml").write_text(POLICY)
    (tmp_path / "policy" / "floors.csv").write_text(FLOORS)
    (tmp_path / "deal.jsonl").write_text("".join(json.dumps(e) + "\n" for e in deal()))
    typed("log", "keygen", "example.com/deals", "key")
    yield tmp_path
    tmp_path.chmod(0o700)


def typed(*words: str) -> int:
    """Type a command; give its status."""
    with pytest.raises(SystemExit) as left:
        main(words)
    assert isinstance(left.value.code, int)
    return left.value.code


def recorded(*options: str) -> None:
    """Record the deal whole; that its last offer of ours was sent against its verdict is status 1."""
    assert typed(*RECORD, *options) == 1


def refused(capture: pytest.CaptureFixture[str], store: str, *words: str) -> str:
    """Type a command that must not be understood, and give its one sentence."""
    capture.readouterr()
    assert typed(*words, "--store", store) == 2
    output, error = capture.readouterr()
    assert output == ""
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    return error[7:-1]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_what_is_no_store_is_said_to_be_none_and_left_alone(
    home: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """No command but `record` makes a store: neither of nothing nor of an empty file."""
    assert refused(capfd, "nothing.db", *words) == "nothing.db: there is no such store"
    assert refused(capfd, "policy", *words) == "policy is no file, and so no store"
    assert refused(capfd, "", *words) == "no store is named: give a file, or postgresql://…"
    Path("empty.db").touch()
    assert refused(capfd, "empty.db", *words) == "empty.db is no store of decisions"
    assert not Path("nothing.db").exists()
    assert Path("empty.db").read_bytes() == b""


@pytest.mark.parametrize("words", [*READING, RECORD], ids=lambda w: " ".join(w[:2]))
def test_another_programs_database_is_left_as_it_is(
    home: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """A database that holds something else, or a log of a later form, is refused before anything in it is changed."""
    for name, statement in (
        ("other.db", "CREATE TABLE customers (name TEXT)"),
        ("later.db", "CREATE TABLE entries (n INTEGER)"),
    ):
        with closing(sqlite3.connect(name)) as connection:
            connection.execute(statement)
            connection.execute("CREATE TABLE meta (name TEXT, value TEXT)")
            connection.execute("INSERT INTO meta VALUES ('schema', '99')")
            connection.commit()
    Path("text.db").write_bytes(b"no database at all\n" * 100)
    before = {name: Path(name).read_bytes() for name in ("other.db", "later.db", "text.db")}
    assert refused(capfd, "other.db", *words) == "other.db is no store of decisions"
    assert refused(capfd, "later.db", *words) == "later.db has tables of form 99; this release reads forms 1 and 0.2"
    assert refused(capfd, "text.db", *words) == "text.db: file is not a database"
    assert {name: Path(name).read_bytes() for name in before} == before


@pytest.mark.parametrize("words", [*READING, RECORD], ids=lambda w: " ".join(w[:2]))
def test_a_truncated_store_is_one_sentence(
    home: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """A store of which a part is missing is refused by every command."""
    recorded()
    whole = Path("walkaway.db").read_bytes()
    for size in (50, 5000, len(whole) // 2):
        Path("cut.db").write_bytes(whole[:size])
        assert refused(capfd, "cut.db", *words).startswith("cut.db: ")


@pytest.mark.parametrize("words", [("log", "verify"), ERASE, RECORD], ids=lambda w: " ".join(w[:2]))
@pytest.mark.parametrize("url", URLS, ids=range(len(URLS)))
def test_no_message_repeats_a_password(
    home: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...], url: str
) -> None:
    """However a URL is wrong, what is said of it holds nothing of its password."""
    assert SECRET not in refused(capfd, url, *words)


def test_an_empty_file_becomes_a_private_store(home: Path) -> None:
    """A file that was made beforehand, for everybody to read, is private once there are decisions in it."""
    Path("made.db").touch(0o644)
    recorded("--store", "made.db")
    assert stat.S_IMODE(Path("made.db").stat().st_mode) == 0o600


def test_evidence_that_cannot_be_written_can_be_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A store on a disc, where no file can be made beside it, gives its answers; nothing appears beside it."""
    recorded()
    Path("disc").mkdir()
    Path("walkaway.db").rename("disc/log.db")
    can = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and can(path, mode))
    for words in (("log", "verify"), ("log", "replay"), ("deals",)):
        assert typed(*words, "--store", "disc/log.db") == 0, capfd.readouterr()
    assert typed("log", "audit", "--store", "disc/log.db") == 1
    assert "was sent against its verdict `trade`" in capfd.readouterr().out
    assert [p.name for p in Path("disc").iterdir()] == ["log.db"]


def test_what_does_not_exist_is_not_reported_as_in_order(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A verdict that there is not, and an erasure by nobody are refused."""
    recorded()
    assert typed("log", "show", "--verdict", "maybe") == 2
    assert typed(*ERASE[:3], " ", *ERASE[4:]) == 2
    assert "want a name and a reason" in capfd.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "'; SELECT 1; --",
        '"',
        "a\0b",
        "a\nb\x1b[31m",
        "\udcff",
        "x" * 1_000_000,
        "%s ? {}",
        "",
        "D-1/",
        "9" * 40,
    ],
)
def test_what_is_asked_for_is_only_ever_a_value(home: Path, capfd: pytest.CaptureFixture[str], text: str) -> None:
    """Names of hostile shape find nothing, are answered in a few words, and change nothing."""
    recorded()
    before = Path("walkaway.db").read_bytes()
    capfd.readouterr()
    for words in (
        *(("log", "show", option, text) for option in ("--deal", "--rule", "--actor", "--since")),
        *(("log", command, "--", text) for command in ("show", "prove")),
        ("log", "replay", "--deal", text),
        ("show", "--", text),
        (*ERASE[:-1], text),
        (*ERASE, "--event", text),
    ):
        assert typed(*words) in (1, 2)
        output, error = capfd.readouterr()
        assert output == ""
        assert len(error) < 1000
        assert "\x1b" not in error
    assert Path("walkaway.db").read_bytes() == before


def test_a_key_is_made_whole_or_not_at_all(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where the file of the verifier key is there already, no signing key is left behind."""
    Path("new.pub").write_text("mine")
    assert typed("log", "keygen", "example.com/deals", "new") == 2
    assert "new.pub is there already" in capfd.readouterr().err
    assert not Path("new").exists()
    assert Path("new.pub").read_text() == "mine"


@pytest.mark.parametrize(
    "words", [*READING, RECORD, ("run", "--policy", "policy", "--from", "deal.jsonl")], ids=lambda w: " ".join(w[:2])
)
@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_without_its_client_a_server_is_told_to_need_it(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], scheme: str
) -> None:
    """Every command that has a store says what to install, and nothing of the URL, which may hold a password."""
    monkeypatch.setitem(sys.modules, "walkaway.log.postgres", None)
    said = refused(capfd, f"{scheme}://us:{SECRET}@127.0.0.1:1/deals", *words)
    assert said == f"{scheme}:// needs its client: pip install 'walkaway[postgres]'"
