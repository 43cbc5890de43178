"""Chromium for the tests of pages, one for each file of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Return Chromium."""
    from tests.helpers.browsing import chromium  # whoever asks for it has the extra `browser`

    with chromium() as found:
        yield found
