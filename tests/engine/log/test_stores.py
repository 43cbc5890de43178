"""What each kind of store promises beside its tables: privacy, durability, one writer at a time."""

import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.helpers.logs import counted_salts, deal, lines_of, make_policy, opened, record

from walkaway.log import store as db
from walkaway.log.postgres import Postgres
from walkaway.log.problems import StoreProblem
from walkaway.log.record import Recorder
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Store
from walkaway.log.verify import verify


def pragma(store: Store, name: str) -> object:
    return next(store.rows(f"PRAGMA {name}"))[0]


def test_sqlite_keeps_what_it_commits(tmp_path: Path) -> None:
    """The write-ahead log is on, every commit waits for the disk, and what is deleted is overwritten."""
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        assert (pragma(store, "journal_mode"), pragma(store, "synchronous"), pragma(store, "secure_delete")) == (
            "wal",
            2,
            1,
        )


def test_sqlite_files_are_private_while_they_are_open(tmp_path: Path) -> None:
    """The database, its write-ahead log and its index can be read by nobody else."""
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        record(store, deal()[:2])
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["log.db", "log.db-wal", "log.db-shm"], 0o600)


@pytest.fixture
def careless(postgres: str) -> Iterator[str]:
    """Return a server whose database would acknowledge before it has written."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("ALTER DATABASE postgres SET synchronous_commit = off")
        yield postgres
        connection.execute("ALTER DATABASE postgres RESET synchronous_commit")


@pytest.mark.postgres
def test_postgres_commits_wait_for_the_disk_whatever_the_default(careless: str) -> None:
    """A database that would acknowledge early is told to wait."""
    with closing(Postgres(careless, writable=True)) as store:
        assert next(store.rows("SHOW synchronous_commit"))[0] == "on"


def test_messages_do_not_repeat_a_password(tmp_path: Path) -> None:
    """A URL that cannot be reached is named without its password."""
    with pytest.raises(StoreProblem) as problem:
        Postgres(f"postgresql://someone:s3cret@/deals?host={tmp_path}")
    assert "s3cret" not in str(problem.value)


def test_reading_changes_nothing(url: str) -> None:
    """A store opened to be read refuses to be written, and stays as it is."""
    with closing(opened(url)) as store:
        record(store, deal()[:2])
    if url.startswith("postgresql:"):
        with closing(opened(url, writable=False)) as store, pytest.raises(StoreProblem), store.reading():
            store.change("DELETE FROM entries WHERE n = ?", [(0,)])
    else:
        with closing(opened(url, writable=False)) as store, pytest.raises(StoreProblem):
            store.change("DELETE FROM entries WHERE n = ?", [(0,)])
    with closing(opened(url, writable=False)) as store:
        assert db.size(store) == 2


def test_what_is_read_is_one_state(url: str) -> None:
    """While a reader holds a state, what is appended meanwhile does not show in it."""
    with closing(opened(url)) as store, closing(opened(url, writable=False)) as reader:
        record(store, deal()[:2])
        with reader.reading():
            assert db.size(reader) == 2
            record(store, deal()[2:4])
            assert db.size(reader) == 2
            assert not verify(reader).damages
        assert db.size(reader) == 4


def test_deals_that_are_no_longer_followed_are_folded_again(store: Store) -> None:
    """With more deals than a writer keeps in mind, those it let go come back where they were."""
    recorder = Recorder(store, make_policy(), counted_salts(), most=2)
    for events in zip(*(deal(f"D-{n}") for n in range(5)), strict=True):
        for event in events:
            recorder.record(lines_of([event]))
            assert len(recorder.decider.deals) <= 3
    assert db.size(store) == 55
    assert not verify(store).damages
