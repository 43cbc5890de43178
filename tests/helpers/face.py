"""What the library promises: its public names, their signatures, and the JSON Schema of a decision.

    python -m tests.helpers.face > tests/api.json

writes it anew where a promise is changed on purpose; the changelog tells users of it.
"""

import inspect
import json
from enum import Enum
from typing import Any

import msgspec

import walkaway
from walkaway import bulk

COLUMNS = ["rules", "line", "verdict", "door", "fired", "by_engine"]
"""Those of `walkaway.bulk.BulkAnswers`, which wants the extra `bulk`: tests/engine/test_bulk.py holds it to them."""


def face() -> dict[str, Any]:
    """Return all of it, as JSON has it."""
    decision = _without_words(msgspec.json.schema(walkaway.Decision))
    many = {"names": bulk.__all__, "decide": _signature(bulk.decide), "columns": COLUMNS}
    return {"names": walkaway.__all__, "signatures": signatures(), "decision": decision, "bulk": many}


def signatures() -> dict[str, str]:
    """Return the parameters of every public function and of each public method of a session; types are mypy's."""
    found = {}
    for name in walkaway.__all__:
        of = getattr(walkaway, name)
        if inspect.isfunction(of):
            found[name] = _signature(of)
    for name, of in vars(walkaway.Session).items():
        if name == "__init__" or not name.startswith("_"):
            found[f"Session.{name}"] = "property" if isinstance(of, property) else _signature(of)
    return found


def _signature(of: Any) -> str:
    parameters = [p.replace(annotation=p.empty) for p in inspect.signature(of).parameters.values()]
    plain = [p.replace(default=_Shown(p.default)) if p.default is not p.empty else p for p in parameters]
    return str(inspect.Signature(plain))


class _Shown:
    """A default as it is pinned: a value that is one, or that there is something."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        if isinstance(self.value, Enum):
            return str(self.value)
        return "…" if callable(self.value) else repr(self.value)


def _without_words(schema: Any) -> Any:
    """Return a schema without its descriptions: what they say is for reading, and no promise."""
    if isinstance(schema, dict):
        return {k: _without_words(v) for k, v in schema.items() if k != "description" or not isinstance(v, str)}
    return [_without_words(each) for each in schema] if isinstance(schema, list) else schema


if __name__ == "__main__":
    print(json.dumps(face(), indent=1, ensure_ascii=False))
