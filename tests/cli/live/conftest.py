"""Brokers that run as long as the tests."""

from collections.abc import Iterator

import pytest
from tests.helpers.streams import KINDS, Broker, PostgresBroker, broker


@pytest.fixture(scope="session", params=KINDS)
def any_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Return each broker in turn."""
    if request.param == "postgres":
        yield PostgresBroker(request.getfixturevalue("postgres"))
        return
    with broker(request.param) as found:
        yield found
