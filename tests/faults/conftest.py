"""Stores for fault tests, as for the other tests of the log, and brokers, as for those of live runs."""

from tests.cli.live.conftest import any_broker
from tests.engine.log.conftest import url

__all__ = ["any_broker", "url"]
