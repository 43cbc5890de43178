"""Stores for fault tests, as for the other tests of the log."""

from tests.engine.log.conftest import postgres, url

__all__ = ["postgres", "url"]
