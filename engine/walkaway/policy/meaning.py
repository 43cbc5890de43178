"""What a policy means, apart from where it says so: two texts with one meaning are one policy."""

from collections.abc import Mapping

import msgspec

from walkaway.language import source
from walkaway.language.diagnostics import Span
from walkaway.policy.model import Policy

_OF_THE_FILE = frozenset({"sha256", "files", "places", "rates"})


def meaning(policy: Policy) -> object:
    """Return all that a policy says, as values that can be compared: every field but places and bytes."""
    return _meaning(policy)


def _meaning(value: object) -> object:
    match value:
        case Span() | source.Scalar():
            return None
        case msgspec.Struct():
            fields = [f for f in value.__struct_fields__ if f not in _OF_THE_FILE]
            return type(value).__name__, *((f, _meaning(getattr(value, f))) for f in fields)
        case Mapping():
            return [(key, _meaning(inner)) for key, inner in value.items()]
        case list() | tuple():
            return [_meaning(inner) for inner in value]
        case _:
            return value


def difference(before: source.Node, after: source.Node) -> source.Node | None:
    """Return the first node of *before* that *after* does not say alike, order and quotes included; none if all are."""
    match before, after:
        case source.Scalar(), source.Scalar():
            return None if (before.value, before.quoted) == (after.value, after.quoted) else before
        case source.Sequence(), source.Sequence() if len(before.items) == len(after.items):
            pairs = list(zip(before.items, after.items, strict=True))
        case source.Mapping(), source.Mapping() if len(before.entries) == len(after.entries):
            both = zip(before.entries, after.entries, strict=True)
            pairs = [pair for old, new in both for pair in zip(old, new, strict=True)]
        case _:
            return before
    return next((found for a, b in pairs if (found := difference(a, b)) is not None), None)
