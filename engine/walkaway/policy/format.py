"""Lay a policy file out anew: indents, spaces, blank lines and long lines; words, quotes, comments and order stay.

Works on the text alone. `walkaway.policy.formatted` proves what it gives: read again, it says the same.
"""

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator

import msgspec

from walkaway.language.source import Part, Text, parts

WIDTH = 120
INDENT = "  "
_PROSE = ("why", "say", "title", "source", "meaning", "note")
"""Keys of texts, where a line may end at any word; an expression is broken before `and` and `or`."""

Place = tuple[int, int]
"""Line and column, from 0."""


class Comment(msgspec.Struct, frozen=True):
    """A comment, as it will stand."""

    place: Place
    text: str


class Leaf(msgspec.Struct, frozen=True):
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
    key: Leaf | None
    value: "Leaf | Group"


class Layout(msgspec.Struct, frozen=True):
    """A file as it was laid out.

    Attributes:
        head: The lines up to `---`, where there is one.
        comments: In the file's order.
    """

    head: tuple[str, ...]
    root: Leaf | Group
    comments: tuple[Comment, ...]


def lay_out(text: Text) -> str:
    """Return the same file laid out as all policies are; it must have been read without a finding."""
    return _Writer(text, layout(text)).whole()


def layout(text: Text) -> Layout:
    """Take a file's layout apart."""
    return _Reader(text).layout()


class _Reader:
    """Goes through the parts of a text; between them stand only signs, white space and comments."""

    def __init__(self, text: Text) -> None:
        self.lines = text.lines
        self.parts = parts(text)
        self.here: Place = (0, 0)
        self.comments: list[Comment] = []

    def layout(self) -> Layout:
        part = next(self.parts)
        head: tuple[str, ...] = ()
        if part.sort == "document":
            head = (*(line.rstrip() for line in self.lines[: part.end[0]]), "---")
            self.here = part.end
            part = next(self.parts)
        root = self.node(part, -1)
        self.go((len(self.lines) - 1, len(self.lines[-1])))
        return Layout(head, root, tuple(self.comments))

    def go(self, to: Place) -> None:
        """Go on to a place; keep the comments on the way."""
        for number in range(self.here[0], to[0] + 1):
            start = self.here[1] if number == self.here[0] else 0
            between = self.lines[number][start : to[1] if number == to[0] else None]
            signs, hash_sign, said = between.partition("#")
            if hash_sign:
                self.comments.append(Comment((number, start + len(signs)), _comment(said)))
        self.here = max(self.here, to)

    def node(self, part: Part, column: int) -> Leaf | Group:
        """Read what begins with a part, inside a block of *column*."""
        if part.sort == "scalar":
            return self.scalar(part, column)
        if part.flow:
            self.go(part.start)
        entries = tuple(self.entries(part, column))
        return Group(part.start, self.here, part.sort == "mapping", part.flow, part.start[1], entries)

    def entries(self, group: Part, column: int) -> Iterator[Entry]:
        inner = column if group.flow else group.start[1]
        for part in self.parts:
            if part.sort == "end":
                if group.flow:
                    self.go(part.end)
                return
            if group.sort == "mapping":
                key = self.scalar(part, inner)
                yield Entry(key.start, key, self.node(next(self.parts), inner))
            else:
                start = part.start if group.flow else self.dash()
                yield Entry(start, None, self.node(part, inner))

    def dash(self) -> Place:
        """Go on behind the next dash, and give its place."""
        line, start = self.here
        while (at := self.lines[line].partition("#")[0].find("-", start)) < 0:
            line, start = line + 1, 0
        self.go((line, at + 1))
        return line, at

    def scalar(self, part: Part, column: int) -> Leaf:
        """Read a scalar; an empty one stands where we are, wherever the parser puts it."""
        if part.start == part.end and not part.style:
            return Leaf(self.here, self.here, "", ("",))
        self.go(part.start)
        found = self.block_scalar(part, column) if part.style in ("|", ">") else self.words(part)
        self.here = max(self.here, found.end)
        return found

    def words(self, part: Part) -> Leaf:
        """Read a plain or quoted scalar; of its further lines the indent goes."""
        (first, column), (last, end) = part.start, part.end
        if first == last:
            return Leaf(part.start, part.end, part.style, (self.lines[first][column:end],))
        inner = [line.lstrip(" \t") for line in self.lines[first + 1 : last]]
        found = [self.lines[first][column:], *inner, self.lines[last][:end].lstrip(" \t")]
        if part.style != '"':  # before the end of a line a double-quoted text may escape a space
            found = [line.rstrip(" \t") for line in found]
        return Leaf(part.start, part.end, part.style, tuple(found))

    def block_scalar(self, part: Part, column: int) -> Leaf:
        """Read a block scalar, its lines without the indent they share; the digit of its header becomes ours."""
        line, start = part.start
        header, hash_sign, said = self.lines[line][start:].partition("#")
        if hash_sign:
            self.comments.append(Comment((line, start + len(header)), _comment(said)))
        below = self.lines[line + 1 :]
        filled = next((_indent(b) for b in below if b.strip(" ")), 0)
        digit = re.search("[1-9]", header)
        indent = max(column, 0) + int(digit[0]) if digit else filled
        taken: list[str] = []
        for text in below if indent > column else ():
            if text.strip(" ") and _indent(text) < indent:
                break
            taken.append(text[indent:])
        sign = re.sub(r"[\d\s]", "", header) + ("2" if digit else "")
        if taken and line + 1 + len(taken) == len(self.lines):
            if taken[-1]:  # the file ends without a line break, and so does the text
                sign = sign.replace("+", "").replace("-", "") + "-"
            else:
                taken.pop()  # behind the last line break of the file there is no line
        while taken and not taken[-1] and "+" not in header:
            taken.pop()
        last = line + len(taken)
        return Leaf(part.start, (last, len(self.lines[last])), part.style, (sign, *taken))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _comment(said: str) -> str:
    """Return a comment with a space behind its sign, where a word follows."""
    said = said.rstrip()
    return f"# {said}" if said[:1].isalnum() else f"#{said}"


class _Writer:
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

    def fits(self, head: str, node: Leaf | Group) -> bool:
        """Return whether a node stands behind its head: a scalar always, a group in brackets if the line holds it."""
        if isinstance(node, Leaf) or not node.entries:
            return True
        flat = self.flat(node)
        return flat is not None and len(head) + 1 + len(flat) <= WIDTH

    def flat(self, node: Leaf | Group) -> str | None:
        """Return a node on one line, or none where it cannot be written so."""
        if isinstance(node, Leaf):
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


def _is_block(node: Leaf | Group) -> bool:
    return isinstance(node, Group) and not node.flow


def _joined(head: str, text: str) -> str:
    return f"{head} {text}" if head and text else head + text


def _starts(node: Leaf | Group) -> Iterator[Place]:
    """Return where entries, scalars and brackets begin."""
    if isinstance(node, Leaf):
        if node.lines != ("",):
            yield node.start
        return
    if node.flow:
        yield node.start
    for entry in node.entries:
        yield entry.start
        yield from _starts(entry.value)


def _wrapped(leaf: Leaf, first: int, rest: int, *, prose: bool) -> list[str]:
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
