"""The events of a deal as bytes: a deal lies far longer than it is looked at, and half of it would be its events.

What a deal's events say again and again, the deal itself and the names of their fields, is left out. Knows no rules.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, get_args

import msgspec

from walkaway.events import AnyEvent

_NAMED = ("id", "deal")
"""What is known of an event without looking at it."""


class KeptEvents(Mapping[str, AnyEvent]):
    """Events of one deal by id, in their order; each is read again when somebody looks at it.

    Args:
        laid: Their bytes by id, where there are some already.
    """

    __slots__ = ("deal", "laid")

    def __init__(self, deal: str, laid: dict[str, bytes] | None = None) -> None:
        self.deal, self.laid = deal, {} if laid is None else laid

    @classmethod
    def of(cls, deal: str, events: Iterable[AnyEvent]) -> "KeptEvents":
        """Return events as they are kept, in the order in which they come."""
        found = cls(deal)
        for event in events:
            found.add(event)
        return found

    def add(self, event: AnyEvent) -> None:
        """Keep an event behind the others, or in the place of the one of its id."""
        kind = _kinds()[type(event)]
        self.laid[event.id] = kind.mark + _encode(kind.said(event))

    @property
    def last(self) -> AnyEvent:
        """Return the latest, of events that are not none."""
        return self[next(reversed(self.laid))]

    def __getitem__(self, event: str) -> AnyEvent:
        data = self.laid[event]
        kind = _by_mark()[data[:1]]
        said = dict(zip(kind.names, kind.decode(data[1:]), strict=True))
        found: AnyEvent = kind.made(id=event, deal=self.deal, **said)
        return found

    def __contains__(self, event: object) -> bool:
        return event in self.laid

    def __iter__(self) -> Iterator[str]:
        return iter(self.laid)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self.laid)

    def __len__(self) -> int:
        return len(self.laid)


class _KeptForm:
    """How events of one type are kept.

    Attributes:
        mark: What their bytes begin with, and `made` the type.
        names: Of the fields that are kept, in their order, and `said` what they hold.
        decode: Reads them.
    """

    __slots__ = ("decode", "made", "mark", "names", "said")

    def __init__(self, made: type[Any], mark: bytes) -> None:
        fields = [f for f in msgspec.structs.fields(made) if f.name not in _NAMED]
        self.made, self.mark, self.names = made, mark, tuple(f.name for f in fields)
        self.said: Callable[[AnyEvent], tuple[Any, ...]] = attrgetter(*self.names)
        self.decode = msgspec.json.Decoder(tuple[tuple(f.type for f in fields)]).decode  # type: ignore[misc]


@cache
def _kinds() -> dict[type[Any], _KeptForm]:
    return {made: _KeptForm(made, bytes((place,))) for place, made in enumerate(get_args(AnyEvent))}


@cache
def _by_mark() -> dict[bytes, _KeptForm]:
    return {kind.mark: kind for kind in _kinds().values()}


_encode = msgspec.json.Encoder().encode
"""JSON and not a binary form: it holds integers of any size."""
