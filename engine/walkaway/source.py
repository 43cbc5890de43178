"""Read YAML into nodes that know their place. Scalars stay text: what they mean is for a schema to say.

The only module that imports `yaml`. Built on the parser's events, with a stack of its own, so depth and size are
bounded before anything is built; anchors, aliases and tags are findings, so no file can grow when it is read.
"""

import re
from collections.abc import Iterator

import msgspec
import yaml

from walkaway.codes import Code
from walkaway.diagnostics import Checked, Diagnostic, Span, by_place

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 24
_BREAKS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Text(msgspec.Struct, frozen=True):
    """An input's file name and its lines, kept for carets."""

    file: str
    lines: tuple[str, ...]

    def span(self, line: int, column: int, length: int = 1) -> Span:
        """Give the span at *line* and *column*, both from 0."""
        text = self.lines[line] if line < len(self.lines) else ""
        return Span(self.file, line + 1, column + 1, max(1, min(length, len(text) - column)), text)


class Scalar(msgspec.Struct, frozen=True):
    """One scalar as text; `quoted` where quotes or a block style say that it is text on purpose."""

    value: str
    text: Text
    start: tuple[int, int]
    end: tuple[int, int]
    quoted: bool = False

    @property
    def span(self) -> Span:
        """Give where it stands; its first line where it has several."""
        (line, column), (end_line, end_column) = self.start, self.end
        whole = end_column if end_line == line else len(self.text.lines[line])
        return self.text.span(line, column, whole - column)

    def at(self, offset: int, length: int = 1) -> Span:
        """Give the place in the file of `value[offset:offset + length]`, through quotes, folds and indents."""
        line, column = self.start
        lines, last = self.text.lines, (line, column)
        for i, char in enumerate(self.value[: offset + 1]):
            found = self._seek(char, line, column)
            if found is None:
                break
            last = found
            line, column = found[0], found[1] + 1
            if i == offset:
                return self.text.span(*found, min(length, len(lines[found[0]]) - found[1]))
        return self.text.span(last[0], min(last[1] + 1, len(lines[last[0]])) if offset else last[1], 1)

    def _seek(self, char: str, line: int, column: int) -> tuple[int, int] | None:
        """Find *char* at or after a place; white space of the value may stand for a line break."""
        if char.isspace():
            text = self.text.lines[line] if line < len(self.text.lines) else ""
            return (line, column) if column < len(text) and text[column].isspace() else (line, max(column - 1, 0))
        while line <= self.end[0] and line < len(self.text.lines):
            found = self.text.lines[line].find(char, column)
            if found >= 0:
                return line, found
            line, column = line + 1, 0
        return None


class Sequence(msgspec.Struct, frozen=True):
    """A list, in the file's order."""

    items: tuple["Node", ...]
    span: Span


class Mapping(msgspec.Struct, frozen=True):
    """A mapping, in the file's order; keys are scalars and each stands once."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    span: Span

    def get(self, key: str) -> "Node | None":
        """Give the node under *key*, or none."""
        return next((node for name, node in self.entries if name.value == key), None)


Node = Scalar | Sequence | Mapping


class _Open(msgspec.Struct):
    """A collection that is still being read."""

    span: Span
    mapping: bool
    items: list[Node] = []
    entries: list[tuple[Scalar, Node]] = []
    keys: dict[str, Scalar] = {}
    key: Scalar | None = None
    skip_value: bool = False


class _Stop(Exception):
    def __init__(self, finding: Diagnostic) -> None:
        self.finding = finding


def read(data: bytes, file: str) -> Checked[Node]:
    """Read one YAML document.

    Diagnostics:
        WA101 to WA109. After a finding that leaves the structure in doubt nothing is returned; a repeated key,
        an alias or a tag is reported, left out, and reading goes on.
    """
    if len(data) > MAX_BYTES:
        what = f"the file has {len(data):,} bytes, more than the {MAX_BYTES:,} a policy may have"
        return Checked(None, (Diagnostic(Code.TOO_LARGE, what, Span(file, 1, 1)),))
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start)
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1)
        what = f"byte 0x{data[error.start]:02x} is not UTF-8 text"
        return Checked(None, (Diagnostic(Code.NOT_UTF8, what, Span(file, line + 1, column + 1), "save it as UTF-8"),))
    text = Text(file, tuple(_BREAKS.split(decoded)))
    findings: list[Diagnostic] = []
    try:
        root = _build(decoded, text, findings)
    except _Stop as stop:
        return Checked(None, by_place([*findings, stop.finding]))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = text.span(mark.line, mark.column) if mark else text.span(0, 0)
        what = (error.problem or "this is not YAML").replace("\t", "\\t")
        return Checked(
            None, by_place([*findings, Diagnostic(Code.BROKEN_YAML, f"broken YAML: {what}", span, _yaml_hint(what))])
        )
    except yaml.YAMLError as error:
        return Checked(None, by_place([*findings, Diagnostic(Code.BROKEN_YAML, *_unreadable(error, decoded, text))]))
    if root is None:
        return Checked(None, (Diagnostic(Code.BROKEN_YAML, "the file is empty", text.span(0, 0)),))
    return Checked(root, by_place(findings))


def _unreadable(error: yaml.YAMLError, decoded: str, text: Text) -> tuple[str, Span]:
    position = getattr(error, "position", None)
    char = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", decoded)
    if char is None:
        where = position if isinstance(position, int) else 0
        return "broken YAML: a character here cannot stand in YAML", text.span(
            *_place(decoded, min(where, len(decoded)))
        )
    return f"broken YAML: the character U+{ord(char[0]):04X} cannot stand in YAML", text.span(
        *_place(decoded, char.start())
    )


def _place(decoded: str, offset: int) -> tuple[int, int]:
    before = _BREAKS.split(decoded[:offset])
    return len(before) - 1, len(before[-1])


def _yaml_hint(problem: str) -> str:
    if "mapping values" in problem:
        return "put quotes around a text that holds `: `, or start a new line"
    if "cannot start any token" in problem:
        return "indent with spaces, and put quotes around a text that begins with a special character"
    return ""


def _build(decoded: str, text: Text, findings: list[Diagnostic]) -> Node | None:
    root: Node | None = None
    stack: list[_Open] = []
    documents = 0
    for event in _events(decoded):
        start, end = _mark(event.start_mark), _mark(event.end_mark)
        span = text.span(*start)
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise _Stop(
                        Diagnostic(
                            Code.MANY_DOCUMENTS,
                            "a second document begins here",
                            span,
                            "keep one policy in a file; remove the `---`",
                        )
                    )
                continue
            case yaml.AliasEvent():
                findings.append(
                    Diagnostic(
                        Code.ALIAS,
                        f"`*{event.anchor}` repeats another part of the file",
                        span,
                        "write it out, or name it under `define:`",
                    )
                )
                node: Node | None = None
            case yaml.ScalarEvent():
                _check_properties(event, span, findings)
                node = Scalar(event.value, text, start, end, event.style is not None)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                _check_properties(event, span, findings)
                if len(stack) >= MAX_DEPTH:
                    raise _Stop(Diagnostic(Code.TOO_DEEP, f"this is nested more than {MAX_DEPTH} levels deep", span))
                stack.append(_Open(span, isinstance(event, yaml.MappingStartEvent)))
                continue
            case yaml.SequenceEndEvent():
                done = stack.pop()
                node = Sequence(tuple(done.items), done.span)
            case yaml.MappingEndEvent():
                done = stack.pop()
                node = Mapping(tuple(done.entries), done.span)
            case _:
                continue
        if stack:
            _place_in(stack[-1], node, span, findings)
        else:
            root = node
    return root


def _events(decoded: str) -> Iterator[yaml.Event]:
    events: Iterator[yaml.Event] = yaml.parse(decoded, Loader=_LOADER)
    return events


def _mark(mark: object) -> tuple[int, int]:
    """Give a place of the parser's, whichever of its two kinds of mark it is, as line and column from 0."""
    return getattr(mark, "line", 0), getattr(mark, "column", 0)


def _check_properties(event: yaml.NodeEvent, span: Span, findings: list[Diagnostic]) -> None:
    if event.anchor:
        findings.append(
            Diagnostic(
                Code.ALIAS,
                f"`&{event.anchor}` marks a part of the file for repetition",
                span,
                "write it out, or name it under `define:`",
            )
        )
    tag = getattr(event, "tag", None)
    if tag and tag != "!":
        findings.append(Diagnostic(Code.TAG, f"the tag `{tag}` has no meaning in a policy", span, "remove the tag"))


def _place_in(parent: _Open, node: Node | None, span: Span, findings: list[Diagnostic]) -> None:
    if not parent.mapping:
        if node is not None:
            parent.items.append(node)
    elif parent.skip_value:
        parent.skip_value = False
    elif parent.key is None:
        if not isinstance(node, Scalar):
            findings.append(Diagnostic(Code.NOT_A_KEY, "a key must be one word or text", span))
            parent.skip_value = True
            return
        first = parent.keys.setdefault(node.value, node)
        if first is not node:
            findings.append(
                Diagnostic(
                    Code.DUPLICATE_KEY,
                    f"`{node.value}` stands twice, first on line {first.span.line}",
                    node.span,
                    "keep one of the two",
                )
            )
            parent.skip_value = True
            return
        parent.key = node
    else:
        if node is not None:
            parent.entries.append((parent.key, node))
        parent.key = None
