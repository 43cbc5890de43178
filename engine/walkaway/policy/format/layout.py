"""A file as it is laid out: its scalars, groups and comments, each with its place."""

import msgspec

Place = tuple[int, int]
"""Line and column, from 0."""


class Comment(msgspec.Struct, frozen=True):
    """A comment, as it will stand."""

    place: Place
    text: str


class ScalarBlock(msgspec.Struct, frozen=True):
    """A scalar: its lines, the first from where it starts; of a block scalar the header and the lines below it."""

    start: Place
    end: Place
    style: str
    lines: tuple[str, ...]


class Group(msgspec.Struct, frozen=True):
    """A list or a mapping.

    Attributes:
        column: Of its entries, for a block.
        flow: It stands in brackets.
    """

    start: Place
    end: Place
    mapping: bool
    flow: bool
    column: int
    entries: tuple["Entry", ...]


class Entry(msgspec.Struct, frozen=True):
    """An entry of a list, with the place of its dash, or of a mapping."""

    start: Place
    key: ScalarBlock | None
    value: "ScalarBlock | Group"


class Layout(msgspec.Struct, frozen=True):
    """A file as it was laid out.

    Attributes:
        head: The lines up to `---`, where there is one.
        comments: In the file's order.
    """

    head: tuple[str, ...]
    root: ScalarBlock | Group
    comments: tuple[Comment, ...]
