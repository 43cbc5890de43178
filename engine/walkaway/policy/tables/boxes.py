"""Rows of a table as boxes: for each key a stretch of numbers, or a set of words. What one leaves of another.

Knows no policy. A row that counts only where no row above it matches is cut into boxes that none of these touches.
"""

from collections.abc import Iterable, Iterator, Sequence

from walkaway.language.values import Kind, Unit, Value

Side = tuple[int | None, int | None] | frozenset[Value]
"""Of one key: the least and the most, none where there is no end; or the words that match."""
Box = tuple[Side, ...]
MAX_BOXES = 512
"""A row is cut into so many at most."""


def words_of(unit: Unit) -> frozenset[Value]:
    """Return every word of a choice, or yes and no."""
    return frozenset((0, 1) if unit.kind is Kind.YES_NO else unit.choices)


def box_of(tests: Sequence[Value | tuple[int | None, int | None] | None], units: Sequence[Unit]) -> Box:
    """Return a row's tests as a box."""
    return tuple(map(_side, tests, units))


def _side(test: Value | tuple[int | None, int | None] | None, unit: Unit) -> Side:
    if isinstance(test, tuple):
        return test
    if test is None:
        return (None, None) if unit.is_numeric else words_of(unit)
    return frozenset((test,))


def without(boxes: Iterable[Box], other: Box) -> list[Box] | None:
    """Return what is left of some boxes without another, in boxes that do not touch; none where they are too many."""
    found: list[Box] = []
    for box in boxes:
        found += _cut(box, other)
        if len(found) > MAX_BOXES:
            return None
    return found


def left_of(whole: Box, others: Sequence[Box]) -> list[Box] | None:
    """Return what is left of a box without others, in boxes as wide as they can be, which may lie over each other.

    Returns:
        None where they are too many.
    """
    boxes: list[Box] | None = [whole]
    for other in others:
        boxes = None if boxes is None else without(boxes, other)
    if boxes is None:
        return None
    wide = dict.fromkeys(_widened(box, whole, others) for box in boxes)
    return [box for box in wide if not any(_lies_in(box, other) for other in wide if other != box)]


def _widened(box: Box, whole: Box, others: Sequence[Box]) -> Box:
    """Return a box with each of its ends as far out as the whole box's, where that touches none of the others."""
    for place, goal in enumerate(whole):
        for wider in _wider(box[place], goal):
            found = (*box[:place], wider, *box[place + 1 :])
            if not any(_touch(found, other) for other in others):
                box = found
                break
    return box


def _wider(side: Side, goal: Side) -> Iterator[Side]:
    """Return a side widened to another, at both ends or at one, the widest first."""
    yield goal
    if not isinstance(side, frozenset) and not isinstance(goal, frozenset):
        yield goal[0], side[1]
        yield side[0], goal[1]


def _touch(box: Box, other: Box) -> bool:
    return all(_parted(side, beside)[0] is not None for side, beside in zip(box, other, strict=True))


def _lies_in(box: Box, other: Box) -> bool:
    return all(not _parted(side, beside)[1] for side, beside in zip(box, other, strict=True)) and _touch(box, other)


def _cut(box: Box, other: Box) -> list[Box]:
    """Cut a box along each key in turn: what lies outside the other goes, what lies inside is cut further."""
    found: list[Box] = []
    rest = box
    for place, side in enumerate(other):
        within, outside = _parted(rest[place], side)
        if within is None:
            return [box]
        found += [(*rest[:place], part, *rest[place + 1 :]) for part in outside]
        rest = (*rest[:place], within, *rest[place + 1 :])
    return found


def _parted(side: Side, other: Side) -> tuple[Side | None, list[Side]]:
    """Return what two sides share, none where that is nothing, and what the first has beside it."""
    if isinstance(side, frozenset) or isinstance(other, frozenset):
        assert isinstance(side, frozenset)
        assert isinstance(other, frozenset)
        return side & other or None, [side - other] if side - other else []
    (low, high), (least, most) = side, other
    first = least if low is None or (least is not None and least > low) else low
    last = most if high is None or (most is not None and most < high) else high
    if first is not None and last is not None and first > last:
        return None, [side]
    outside: list[Side] = []
    if first is not None and first != low:
        outside.append((low, first - 1))
    if last is not None and last != high:
        outside.append((last + 1, high))
    return (first, last), outside
