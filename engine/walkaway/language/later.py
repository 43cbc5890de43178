"""Names that a room exports and loads when they are first asked for: no start waits for what it does not need."""

import importlib
from collections.abc import Callable, Mapping


def exported(room: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a room.

    Args:
        room: The package's name.
        names: What it exports → the module of the room in which it stands.

    Raises:
        AttributeError: By the function that is returned, for any other name.
    """

    def find(name: str) -> object:
        if name not in names:
            raise AttributeError(f"module `{room}` has no attribute `{name}`")
        return getattr(importlib.import_module(f"{room}.{names[name]}"), name)

    return find
