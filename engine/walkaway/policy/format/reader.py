"""Take the layout of a file apart."""

import re
from collections.abc import Iterator

from walkaway.language.source import Part, Text, parts
from walkaway.policy.format.layout import Comment, Entry, Group, Layout, Place, ScalarBlock


def read_layout(text: Text) -> Layout:
    """Return how a file is laid out; it must have been read without a finding."""
    return _LayoutReader(text).layout()


class _LayoutReader:
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

    def node(self, part: Part, column: int) -> ScalarBlock | Group:
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

    def scalar(self, part: Part, column: int) -> ScalarBlock:
        """Read a scalar; an empty one stands where we are, wherever the parser puts it."""
        if part.start == part.end and not part.style:
            return ScalarBlock(self.here, self.here, "", ("",))
        self.go(part.start)
        found = self.block_scalar(part, column) if part.style in ("|", ">") else self.words(part)
        self.here = max(self.here, found.end)
        return found

    def words(self, part: Part) -> ScalarBlock:
        """Read a plain or quoted scalar; of its further lines the indent goes."""
        (first, column), (last, end) = part.start, part.end
        if first == last:
            return ScalarBlock(part.start, part.end, part.style, (self.lines[first][column:end],))
        inner = [line.lstrip(" \t") for line in self.lines[first + 1 : last]]
        found = [self.lines[first][column:], *inner, self.lines[last][:end].lstrip(" \t")]
        if part.style != '"':  # before the end of a line a double-quoted text may escape a space
            found = [line.rstrip(" \t") for line in found]
        return ScalarBlock(part.start, part.end, part.style, tuple(found))

    def block_scalar(self, part: Part, column: int) -> ScalarBlock:
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
        return ScalarBlock(part.start, (last, len(self.lines[last])), part.style, (sign, *taken))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _comment(said: str) -> str:
    """Return a comment with a space behind its sign, where a word follows."""
    said = said.rstrip()
    return f"# {said}" if said[:1].isalnum() else f"#{said}"
