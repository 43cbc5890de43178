"""Stores for tests of the log: every test that takes `url` runs on SQLite and on a real PostgreSQL server."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.helpers.logs import opened

from walkaway.log.store import Store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of a store that is not there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "log.db")
    found: str = request.getfixturevalue("postgres")
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS walkaway CASCADE")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return an open store that is empty."""
    with closing(opened(url)) as found:
        yield found
