"""A mapping without entries that all share: each instance of a struct would else hold an empty dictionary of its own.

Knows no domain.
"""

from typing import Any, NoReturn


class Empty(dict[Any, Any]):
    """A mapping that stays empty."""

    __slots__ = ()

    def refuse(self, *_: object, **__: object) -> NoReturn:
        """Refuse to become something.

        Raises:
            TypeError: Whatever is to be entered.
        """
        raise TypeError("what everybody shares stays empty")

    __setitem__ = __ior__ = setdefault = update = refuse

    def __reduce__(self) -> str:
        return "EMPTY"


EMPTY = Empty()
"""The one there is."""
