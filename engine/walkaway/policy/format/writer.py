"""Write a layout in the one way: indents, spaces, empty lines, and where a long line ends."""

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator

from walkaway.language.source import Text
from walkaway.policy.format.layout import Entry, Group, Layout, Place, ScalarBlock

WIDTH = 120
INDENT = "  "
_PROSE = ("why", "say", "title", "source", "meaning", "note")
"""Keys of texts, where a line may end at any word; an expression is broken before `and` and `or`."""


def write_layout(text: Text, whole: Layout) -> str:
    """Return a file with the layout of all policies.

    Args:
        text: The file as it was, for its empty lines.
    """
    return _LayoutWriter(text, whole).whole()


class _LayoutWriter:
    """Writes a layout in the one way, line by line."""

    def __init__(self, text: Text, whole: Layout) -> None:
        self.source, self.root = text.lines, whole.root
        self.lines: list[str] = list(whole.head)
        self.comments = deque(whole.comments)
        self.remarked = [c.place for c in whole.comments]
        self.starts = sorted(_starts(whole.root))
        self.last = -1

    def whole(self) -> str:
        if _is_block(self.root) or not self.fits("", self.root):
            assert isinstance(self.root, Group)
            self.block(self.root, "", "", -1)
        else:
            self.comments_before(self.root.start, "")
            self.value(Entry(self.root.start, None, self.root), "", "", -1, prose=False)
        self.comments_before(_END, "")
        return "\n".join(self.lines) + "\n"

    # Comments and empty lines

    def comments_before(self, place: Place, indent: str, column: int = 0) -> None:
        """Write the comments before a place; from the first one that stands left of *column* on they are another's."""
        while self.has_comment_before(place) and self.comments[0].place[1] >= column:
            comment = self.comments.popleft()
            self.empty_line_before(comment.place[0])
            self.write(indent + comment.text, comment.place[0])

    def has_comment_before(self, place: Place) -> bool:
        return bool(self.comments) and self.comments[0].place < place

    def empty_line_before(self, line: int) -> None:
        """Write an empty line where the author left one or more; one that belongs to a text is part of it."""
        if self.last < line - 1 and not self.source[line - 1].strip() and self.lines and self.lines[-1]:
            self.lines.append("")

    def write(self, text: str, last: int) -> None:
        """Write a line that ended on line *last* of the file."""
        self.lines.append(text)
        self.last = last

    def remark(self, end: Place) -> None:
        """Add the comment that stands on the same line behind a place, with nothing between, to the last line."""
        if self.comments and self.comments[0].place[0] == end[0] and self.following(end) > self.comments[0].place:
            self.lines[-1] += f" {self.comments.popleft().text}"

    def following(self, place: Place) -> Place:
        """Return where the next entry or value begins, at a place or behind it."""
        found = bisect_left(self.starts, place)
        return self.starts[found] if found < len(self.starts) else _END

    # Nodes

    def block(self, group: Group, lead: str, indent: str, column: int) -> None:
        """Write the entries of a group, each on a line of its own.

        Args:
            lead: The dash behind which the first entry stands, with its indent; empty where it stands below.
            column: Of the group around it.
        """
        for number, entry in enumerate(group.entries):
            if lead and number == 0:
                self.entry(entry, lead, indent, group.column)
                continue
            self.comments_before(entry.start, indent)
            self.empty_line_before(entry.start[0])
            self.entry(entry, indent, indent, group.column)
        if group.flow:
            self.comments_before(group.end, indent)
        else:
            self.comments_before(self.following(group.end), indent, max(group.column, column + 1))

    def entry(self, entry: Entry, lead: str, indent: str, column: int) -> None:
        """Write an entry; *lead* stands before it on its first line."""
        if entry.key is None:
            self.value(entry, f"{lead}-", indent + INDENT, column, prose=False)
        else:
            key = " ".join(entry.key.lines)
            self.value(entry, f"{lead}{key}:", indent + INDENT, column, prose=key in _PROSE)

    def value(self, entry: Entry, head: str, indent: str, column: int, *, prose: bool) -> None:
        """Write what stands behind a head."""
        node, end = entry.value, entry.key.end if entry.key else _behind(entry.start)
        if isinstance(node, Group) and not self.fits(head, node):
            behind = head.endswith("-") and not self.has_comment_before(node.entries[0].start)
            if not behind:
                self.write(head, end[0])
                self.remark(end)
                if node.flow:
                    self.remark(_behind(node.start))
            self.block(node, f"{head} " if behind else "", indent, column)
            return
        if head and self.has_comment_before(node.start):
            self.write(head, end[0])
            self.remark(end)
            self.comments_before(node.start, indent)
            head = indent[:-1]
        if isinstance(node, Group):
            self.write(_joined(head, self.flat(node) or ""), node.end[0])
            self.remark(_behind(node.start))
        elif node.style in ("|", ">"):
            self.write(_joined(head, node.lines[0]), node.start[0])
            self.remark(_behind(node.start))
            self.lines += [indent + line if line else "" for line in node.lines[1:]]
            self.last = node.end[0]
            return
        else:
            lines = _wrapped(node, len(head) + bool(head), len(indent), prose=prose)
            self.lines += [_joined(head, lines[0]), *(indent + line if line else "" for line in lines[1:])]
            self.last = node.end[0]
        self.remark(node.end)

    def fits(self, head: str, node: ScalarBlock | Group) -> bool:
        """Return whether a node stands behind its head: a scalar always, a group in brackets if the line holds it."""
        if isinstance(node, ScalarBlock) or not node.entries:
            return True
        flat = self.flat(node)
        return flat is not None and len(head) + 1 + len(flat) <= WIDTH

    def flat(self, node: ScalarBlock | Group) -> str | None:
        """Return a node on one line, or none where it cannot be written so."""
        if isinstance(node, ScalarBlock):
            single = len(node.lines) == 1 or (not node.style and all(node.lines))
            return " ".join(node.lines) if single and node.style not in ("|", ">") else None
        if not node.flow or (node.entries and self.is_remarked(node)):
            return None
        texts = [(self.flat(e.key) if e.key else "", self.flat(e.value)) for e in node.entries]
        if any(key is None or value is None for key, value in texts):
            return None
        if node.mapping:
            return f"{{{', '.join(f'{key}: {value}' if value else key or '' for key, value in texts)}}}"
        return f"[{', '.join(value or '' for _, value in texts)}]"

    def is_remarked(self, node: Group) -> bool:
        """Return whether a comment stands inside a group."""
        found = bisect_left(self.remarked, node.start)
        return found < len(self.remarked) and self.remarked[found] < node.end


_END = (1 << 40, 0)


def _behind(sign: Place) -> Place:
    return sign[0], sign[1] + 1


def _is_block(node: ScalarBlock | Group) -> bool:
    return isinstance(node, Group) and not node.flow


def _joined(head: str, text: str) -> str:
    return f"{head} {text}" if head and text else head + text


def _starts(node: ScalarBlock | Group) -> Iterator[Place]:
    """Return where entries, scalars and brackets begin."""
    if isinstance(node, ScalarBlock):
        if node.lines != ("",):
            yield node.start
        return
    if node.flow:
        yield node.start
    for entry in node.entries:
        yield entry.start
        yield from _starts(entry.value)


def _wrapped(leaf: ScalarBlock, first: int, rest: int, *, prose: bool) -> list[str]:
    """Return the lines of a scalar; of a plain one a line that is too long is broken where a single space stands.

    Args:
        first: How far its first line is pushed to the right, and `rest` the others.
    """
    if leaf.style:
        return list(leaf.lines)
    found: list[str] = []
    for line in leaf.lines:
        found += _filled(line, WIDTH - (rest if found else first), WIDTH - rest, prose=prose)
    return found


def _filled(line: str, first: int, rest: int, *, prose: bool) -> list[str]:
    if len(line) <= first:
        return [line]
    between = r"(?<! ) (?! )" if prose else r"(?<! ) (?=(?:and|or) (?! ))"
    found = [""]
    for piece in re.split(between, line):
        room = first if len(found) == 1 else rest
        if found[-1] and len(found[-1]) + 1 + len(piece) > room:
            found.append(piece)
        else:
            found[-1] = _joined(found[-1], piece)
    if prose:
        return found
    return [part for n, text in enumerate(found) for part in _filled(text, rest if n else first, rest, prose=True)]
