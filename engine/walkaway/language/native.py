"""The native core: what a few rooms ask of C, each where it has a way of its own in Python that says the same.

It is compiled where walkaway is installed from its source with a C compiler (`engine/native/building.py`). Elsewhere,
where `WALKAWAY_NATIVE` is `no`, and where the source beside it has changed since, all of these are none, and Python
does everything. Nothing here knows a policy or a deal.
"""

import hashlib
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any


def _compiled() -> ModuleType | None:
    """Return the compiled module; none where there is none."""
    if os.environ.get("WALKAWAY_NATIVE") == "no":
        return None
    try:
        found = importlib.import_module("walkaway.language._native")
    except ImportError:
        return None
    return found if _is_of(found, Path(__file__).parents[2] / "native") else None


def _is_of(compiled: ModuleType, source: Path) -> bool:
    """Return whether a module was compiled from this source; so it was where there is none, in a wheel."""
    if not (source / "building.py").is_file():
        return True
    text = b"".join(path.read_bytes() for path in sorted(source.glob("*.[ch]")))
    return getattr(compiled, "source", None) == hashlib.sha256(text).hexdigest()


_CORE = _compiled()
write_json: Callable[[object], bytes | None] | None = getattr(_CORE, "write_json", None)
"""Returns a value's canonical JSON; none where something in it is left to msgspec."""
line_reader: Callable[[tuple[object, ...]], Callable[[bytes], Any]] | None = getattr(_CORE, "line_reader", None)
"""Returns what reads a plain line as an event, of what `FastLane` knows of a policy; none where it is not plain."""
differing_facts: Callable[..., dict[str, Any] | None] | None = getattr(_CORE, "differing_facts", None)
"""Returns the facts of evidence that are otherwise than those around it, as `decide.generated.telling` does; none where
what it is asked is not in tuples and dictionaries."""
packer: Callable[[type, tuple[str, ...], tuple[str, ...]], Callable[[Any], bytes | None] | None] | None
packer = getattr(_CORE, "packer", None)
"""Returns what packs fields of a class's records as one list, in MessagePack; that gives none where something is
left to msgspec, or where one of further fields is not empty. It is none itself where these records have no such fields
where C can read them."""
no_worse: Callable[[Any, Any, Any], bool] | None = getattr(_CORE, "no_worse", None)
"""Tells, by issues' worths, whether one package is on every issue worth at least as much to us as another."""
placer: Callable[[int, tuple[Any, ...], Any], Callable[[Any], tuple[Any, ...]] | None] | None
placer = getattr(_CORE, "placer", None)
"""Returns, of so many facts and of properties, what computes the properties; none where a table cannot hold one."""
line_sorter: Callable[..., Callable[[str], tuple[bytes, bytes, bytes]] | None] | None
line_sorter = getattr(_CORE, "line_sorter", None)
"""Returns what tells of lines, of one text, which are plain, of what `backtest.columnar.reading` knows of a policy: a
byte for each line, and the offers among the plain ones and the others as bytes; none where names are too many."""
