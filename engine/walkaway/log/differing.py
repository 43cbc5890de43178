"""Where two JSON values differ, and how that is told without showing what is sealed."""

from typing import Any

from walkaway.deal.encode import canonical
from walkaway.language.values import shorten
from walkaway.log.seal import SEAL


def differences(old: object, new: object, path: str = "") -> list[tuple[str, str, str]]:
    """Return where two JSON values differ: path, old and new as JSON, `nothing` where one lacks it."""
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in {**old, **new}:
            below = f"{path}.{key}" if path else str(key)
            found += differences(old.get(key, _NOTHING), new.get(key, _NOTHING), below)
        return found
    if isinstance(old, list) and isinstance(new, list):
        found = []
        for i in range(max(len(old), len(new))):
            below = f"{path}[{i}]"
            found += differences(old[i] if i < len(old) else _NOTHING, new[i] if i < len(new) else _NOTHING, below)
        return found
    return [] if old == new and type(old) is type(new) else [(path, _shown(old), _shown(new))]


_NOTHING = object()


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    if isinstance(value, str) and SEAL.fullmatch(value.encode()):
        return "a sealed text"
    return f"`{shorten(canonical(value).decode(), 120)}`"
