"""Brokers that run as long as the tests."""

from collections.abc import Iterator

import pytest
from tests.helpers.streams import KINDS, Broker, broker


@pytest.fixture(scope="session", params=KINDS)
def any_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Return each broker in turn."""
    with broker(request.param) as found:
        yield found
