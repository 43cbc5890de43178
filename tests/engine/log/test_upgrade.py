"""Upgrade: a log of an older form in a new store, byte by byte; all of it or nothing."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers import released
from tests.helpers.logs import deal, opened, record, tamper

from walkaway.log import store as db
from walkaway.log.problems import StoreProblem
from walkaway.log.sqlite import Sqlite
from walkaway.log.verify import Witness, verify
from walkaway.log.whole import NotUpgraded, upgrade

KEYS = [str(released.KEY.verifier)]


@pytest.fixture
def old(tmp_path: Path) -> tuple[Path, Witness]:
    """Return a store as 0.1.0 left it, and the checkpoint that was kept of it."""
    path = tmp_path / "old.db"
    return path, Witness("kept", released.load("0.1.0", path))


def test_a_log_of_0_1_0_is_not_written(old: tuple[Path, Witness]) -> None:
    """It is read as it was written; whoever would go on with it is told how to copy it."""
    with pytest.raises(StoreProblem) as problem:
        Sqlite(old[0], writable=True)
    assert str(problem.value).endswith(
        "old.db has tables of form 1, which this release reads and does not write:"
        " `walkaway log upgrade --to NEW` copies it"
    )
    with closing(Sqlite(old[0])) as store:
        assert verify(store, [old[1]], KEYS).held == (11,)


def test_an_upgraded_log_is_the_same_log(url: str, old: tuple[Path, Witness]) -> None:
    """Every entry keeps its bytes, the old checkpoint holds, and the log goes on."""
    path, witness = old
    before = path.read_bytes()
    with closing(Sqlite(path)) as store, closing(opened(url)) as new:
        with store.reading():
            found = upgrade(store, new, [witness], KEYS)
            assert list(db.entries(new)) == list(db.entries(store))
        assert (found.size, found.held, found.findings) == (12, (11,), ())
        record(new, deal("D-7"))
        again = verify(new, [witness], KEYS)
        assert (again.size, again.findings, again.held) == (23, (), (11,))
    assert path.read_bytes() == before


def test_what_was_tampered_with_is_not_copied(url: str, old: tuple[Path, Witness]) -> None:
    """Nothing is in the new store where the old log is not what was signed."""
    path, witness = old
    tamper(str(path), ("UPDATE entries SET verdict = ? WHERE n = ?", ("walk", 3)))
    with closing(Sqlite(path, sound=False)) as store, closing(opened(url)) as new:
        with store.reading(), pytest.raises(NotUpgraded, match="the column `verdict`"):
            upgrade(store, new, [witness], KEYS)
        assert db.size(new) == 0


def test_a_log_is_not_copied_over_another(url: str, old: tuple[Path, Witness]) -> None:
    """A store that holds a log stays as it is."""
    with closing(Sqlite(old[0])) as store, closing(opened(url)) as new:
        record(new, deal("D-7"))
        with store.reading(), pytest.raises(NotUpgraded, match="holds a log already"):
            upgrade(store, new)
        assert db.size(new) == 11
