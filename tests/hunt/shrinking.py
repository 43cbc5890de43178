"""Make a case that contradicts something smaller, part by part, while it still does (delta debugging).

Source:
    Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002).
"""

import copy
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
from tests.hunt.made import Made, Root
from tests.hunt.tally import Contradiction


def smallest(found: Contradiction, seconds: float) -> Contradiction:
    """Return a contradiction of which nothing can be left out, as far as the time allows."""
    until = time.monotonic() + seconds
    made, what, shrinking = found.made, found.what, True
    while shrinking:
        shrinking, tried = False, 0
        while True:
            smaller = next(islice(_smaller(made), tried, None), None)
            if smaller is None:
                break
            if time.monotonic() > until:
                return msgspec.structs.replace(found, made=made, what=what)
            said = _holds(found, smaller)
            if said:
                made, what, shrinking = smaller, said, True
            else:
                tried += 1
    return msgspec.structs.replace(found, made=made, what=what)


def _holds(found: Contradiction, made: Made) -> str | None:
    try:
        return found.holds(made)
    except Exception:  # noqa: BLE001 - a smaller case that cannot be read contradicts nothing
        return None


def _smaller(made: Made) -> Iterator[Made]:
    """Return cases with one part less: events from the last on, then parts of policies."""
    events = made.events
    for place in range(len(events) - 1, 0, -1):
        yield msgspec.structs.replace(made, events=events[:place] + events[place + 1 :])
    for place, line in enumerate(events):
        event = msgspec.json.decode(line)
        for path in _paths(event):
            lines = (*events[:place], msgspec.json.encode(_without(event, path)), *events[place + 1 :])
            yield msgspec.structs.replace(made, events=lines)
    for name, root in made.roots.items():
        if name in made.texts:
            continue
        for path in _paths(root):
            yield _everywhere(made, name, path)


def _everywhere(made: Made, name: str, path: tuple[Any, ...]) -> Made:
    """Leave a part out of a policy, and out of each of the others where it is the same part."""
    part = _at(made.roots[name], path)
    roots = {n: _without(r, path) if n not in made.texts and _at(r, path) == part else r for n, r in made.roots.items()}
    return msgspec.structs.replace(made, roots=roots)


def _paths(node: Any, depth: int = 4) -> Iterator[tuple[Any, ...]]:
    """Return the places of parts that may be left out, the larger first."""
    if depth == 0:
        return
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield (key,)
    for key in keys:
        yield from ((key, *rest) for rest in _paths(node[key], depth - 1))


def _at(root: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        try:
            root = root[key]
        except (KeyError, IndexError, TypeError):
            return None
    return root


def _without(root: Root, path: tuple[Any, ...]) -> Root:
    found = copy.deepcopy(root)
    node = _at(found, path[:-1])
    if isinstance(node, dict | list):
        del node[path[-1]]
    return found
