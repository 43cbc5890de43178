"""What a page shows: a template and what it knows, or bytes."""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway import Policy


class Screen(msgspec.Struct, frozen=True):
    """One page.

    Attributes:
        template: Its template; empty where it is `data` of a `kind`.
        policy: The policy whose labels it shows; none where it shows no names of one.
    """

    template: str = ""
    known: Mapping[str, Any] = {}
    data: str | None = None
    kind: str = ""
    policy: Policy | None = None
