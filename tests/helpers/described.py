"""The description of the HTTP API as it is pinned: `python -m tests.helpers.described > tests/openapi.json`."""

import json
from typing import Any

from walkaway_edge.http.openapi import document
from walkaway_edge.http.table import ROUTES


def description() -> dict[str, Any]:
    """Return what `/openapi.json` says."""
    found: dict[str, Any] = json.loads(document(ROUTES))
    return found


if __name__ == "__main__":
    print(json.dumps(description(), indent=1, sort_keys=True))
