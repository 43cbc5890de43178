# Over 400 lines: the parser's events, what it says in plain words, and places are one reader.
"""Read YAML into nodes that know their place. Scalars stay text: what they mean is for a schema to say.

The only module that imports `yaml`, and only when something is read: who decides goes without it.

Built on the parser's events, with a stack of its own, so depth and size are
bounded before anything is built; anchors, aliases and tags are findings, so no file can grow when it is read.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Checked, Diagnostic, Enough, Findings, Span, by_place, shorten
from walkaway.language.spelling import composed

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 24
MAX_EVENTS = 100_000
_BREAKS = re.compile("\r\n|[\r\n]")
_ODD = str.maketrans(dict.fromkeys("\x85\u2028\u2029", " "))
"""Signs at which YAML ends a line and no editor does: they are read as blanks."""
_HALF = re.compile("[\ud800-\udfff]")
_LOADERS = ("CSafeLoader", "SafeLoader")
_NO_CHARACTER = "found invalid Unicode character escape code"


class Text(msgspec.Struct, frozen=True):
    """An input's file name and its lines, kept for carets."""

    file: str
    lines: tuple[str, ...]

    def span(self, line: int, column: int, length: int = 1) -> Span:
        """Return the span at *line* and *column*, both from 0."""
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
        """Return where it stands; its first line where it has several."""
        (line, column), (end_line, end_column) = self.start, self.end
        whole = end_column if end_line == line else len(self.text.lines[line])
        return self.text.span(line, column, whole - column)

    def at(self, offset: int, length: int = 1) -> Span:
        """Return the place in the file of `value[offset:offset + length]`, through quotes, folds and indents."""
        line, column = self.start
        lines, last = self.text.lines, (line, column)
        verbatim = column + (self.quoted and line == self.end[0])
        if line < len(lines) and lines[line].startswith(self.value, verbatim):
            column = min(verbatim + offset, max(verbatim + len(self.value) - 1, verbatim))
            return self.text.span(line, column, length)
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
    """A mapping, in the file's order; keys are scalars and each stands once.

    Attributes:
        incomplete: An entry was left out after a finding about it, so nobody should miss it.
    """

    entries: tuple[tuple[Scalar, "Node"], ...]
    span: Span
    incomplete: bool = False

    def get(self, key: str) -> "Node | None":
        """Return the node under *key*, or none."""
        return next((node for name, node in self.entries if name.value == key), None)


Node = Scalar | Sequence | Mapping


class _OpenNode(msgspec.Struct):
    """A collection that is still being read."""

    span: Span
    mapping: bool
    items: list[Node] = []
    entries: list[tuple[Scalar, Node]] = []
    keys: dict[str, Scalar] = {}
    key: Scalar | None = None
    skip_value: bool = False
    incomplete: bool = False


class _GivenUp(Exception):
    """What follows in the file cannot be understood; the finding about it has been made."""


def read(data: bytes, file: str) -> Checked[Node]:
    """Read one YAML document.

    Diagnostics:
        WA101 to WA109. After a finding that leaves the structure in doubt nothing is returned; a repeated key,
        an alias or a tag is reported, left out, and reading goes on.
    """
    if len(data) > MAX_BYTES:
        what = f"the file has more than the {MAX_BYTES:,} bytes that a policy may have"
        start = Text(file, tuple(_BREAKS.split(data[:80].decode("utf-8", "replace"))))
        return Checked(None, (Diagnostic(Code.TOO_LARGE, what, start.span(0, 0, 80), _SPLIT),))
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Checked(None, (_not_utf8(data, file, error.start),))
    import yaml

    text = text_of(decoded, file)
    findings = Findings()
    root: Node | None = None
    try:
        root = _build(decoded, text, findings)
        if root is None:
            findings.add(Code.BROKEN_YAML, "the file is empty", text.span(0, 0), "begin with `policy: its-name`")
    except (_GivenUp, Enough):
        root = None
    except yaml.MarkedYAMLError as error:
        return Checked(None, by_place([*findings, _broken(error, text)]))
    except yaml.YAMLError as error:
        return Checked(None, by_place([*findings, _unreadable(error, decoded, text)]))
    return Checked(root, by_place(findings))


def text_of(decoded: str, file: str) -> Text:
    """Return a text's lines, as editors divide them: at LF, CR LF and CR alone."""
    return Text(file, tuple(_BREAKS.split(decoded)))


class Part(msgspec.Struct, frozen=True):
    """One part of a file as its author laid it out: what `Node` leaves out.

    Attributes:
        sort: `document`, where one begins with `---`; `scalar`, `list`, `mapping`, or `end` of a list or mapping.
        style: Of a scalar: `'`, `"`, `|` or `>`; empty for a plain one.
        flow: A list or mapping in brackets, or its end.
    """

    sort: str
    start: tuple[int, int]
    end: tuple[int, int]
    style: str = ""
    flow: bool = False


def parts(text: Text) -> Iterator[Part]:
    """Return the parts of a text that `read` has read without a finding, in the file's order."""
    import yaml

    flows: list[bool] = []
    for event in _events("\n".join(text.lines)):
        start, end = _mark(event.start_mark), _mark(event.end_mark)
        match event:
            case yaml.DocumentStartEvent(explicit=True):
                yield Part("document", start, end)
            case yaml.ScalarEvent(style=style):
                yield Part("scalar", start, end, style or "")
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                sort = "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
                flows.append(bool(event.flow_style))
                yield Part(sort, start, end, "", flows[-1])
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                yield Part("end", start, end, "", flows.pop())
            case _:
                continue


def _not_utf8(data: bytes, file: str, byte: int) -> Diagnostic:
    """Return the finding for the first byte that is no text, with its line as far as it can be read."""
    start = max(data.rfind(b"\n", 0, byte), data.rfind(b"\r", 0, byte)) + 1
    before = data[start:byte].decode("utf-8-sig" if start == 0 else "utf-8", "replace")
    after = _BREAKS.split(data[byte : byte + 400].decode("utf-8", "replace"))[0]
    line = len(_BREAKS.split(data[:start].decode("utf-8", "replace")))
    return Diagnostic(
        Code.NOT_UTF8,
        f"byte 0x{data[byte]:02x} is not UTF-8 text",
        Span(file, line, len(before) + 1, 1, before + after),
        "save the file as UTF-8",
    )


_FLOW_HINT = "between brackets, put quotes around a text that holds `[`, `]`, `{`, `}` or a comma"
_INDENT_HINT = "check how far this line is indented"
_PLAIN_WORDS = (
    ("mapping values are not", "a `:` cannot stand here", f"quote a text that holds `: `, or {_INDENT_HINT}"),
    ("expected key|<block end>", "a key and its `:` were expected here", _INDENT_HINT),
    ("expected '-' indicator", "an entry of the list was expected here", "indent every `- ` of a list alike"),
    ("find expected ':'", "a `:` is missing behind the key", "write `key: value`"),
    ("expected ',' or '\\]'", "a `,` or the closing `]` is missing before this", _FLOW_HINT),
    ("expected ',' or '}'", "a `,` or the closing `}` is missing before this", _FLOW_HINT),
    ("cannot start any token", "a value cannot begin with this character", "put quotes around the text"),
    ("sequence entries", "a list cannot begin here", "begin it on a line of its own, below its key"),
    ("unexpected (end of stream|document)", "this quote is never closed", "close it, or remove it"),
    ("unknown escape character", "between double quotes a `\\` begins an escape", "use single quotes, or write `\\\\`"),
    (_NO_CHARACTER, "an escape here stands for no character", "write the character itself"),
    ("node content", "a value was expected here", "give it one, or remove what stands before"),
    ("alphabetic or numeric", "a name was expected behind this character", "put quotes around the text"),
    ("document start", "a second document begins here", "keep one policy in a file; remove the `...` before it"),
)
"""What the parser says, in its words, in ours, and what to type."""


def _broken(error: "yaml.MarkedYAMLError", text: Text) -> Diagnostic:
    problem = error.problem or "this is not YAML"
    said = next((words for words in _PLAIN_WORDS if re.search(words[0], problem)), None)
    never_closed = said is not None and "never closed" in said[1]
    mark = (error.context_mark if never_closed else error.problem_mark) or error.context_mark
    span = _visible(text, *_mark(mark))
    what, hint = (said[1], said[2]) if said else (" ".join(problem.split()), "")
    if span.text[span.column - 1 :].startswith("- ") and "key and its" in what:
        what = "a list's `- ` stands where a key was expected"
        hint = "remove the `- `, and indent the key like the others"
    quote = _ended_early(text, *_mark(error.problem_mark))
    if quote is not None:
        span, what, hint = quote
    if span.text[: span.column].strip() == "" and "\t" in span.text[: span.column]:
        what, hint = "a tab cannot indent", "indent with spaces"
    return Diagnostic(Code.BROKEN_YAML, f"broken YAML: {what}", span, hint)


_INSIDE = {
    "'": "write an apostrophe inside single quotes twice, `''`, or put the text between double quotes",
    '"': 'write a quote inside double quotes as `\\"`, or put the text between single quotes',
}


def _ended_early(text: Text, line: int, column: int) -> tuple[Span, str, str] | None:
    """Recognise a text whose own apostrophe or quote has ended it: what follows stands at once behind a quote."""
    content = text.lines[line] if line < len(text.lines) else ""
    before, sign = content[:column].rstrip(), ""
    if before and before[-1] in _INSIDE and column < len(content) and content[column] not in ",]}":
        sign = before[-1]
    if not sign or not re.search(rf"(?:[:\[,{{-]\s+|^\s*){sign}", before[:-1]):
        return None
    what = f"this quote ends the text, and `{shorten(content[column:].strip())}` follows it"
    return text.span(line, len(before) - 1), what, _INSIDE[sign]


def _visible(text: Text, line: int, column: int) -> Span:
    """Return the span of one character at a place, or of the last one before it where nothing stands there."""
    line = min(line, len(text.lines) - 1)
    while line > 0 and not text.lines[line].strip():
        line, column = line - 1, len(text.lines[line - 1])
    content = text.lines[line]
    return text.span(line, column if content[column:].strip() else max(len(content.rstrip()) - 1, 0))


def _unreadable(error: "yaml.YAMLError", decoded: str, text: Text) -> Diagnostic:
    position = getattr(error, "position", None)
    char = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", decoded)
    where = char.start() if char else position if isinstance(position, int) else 0
    what = f"the character U+{ord(char[0]):04X}" if char else "a character here"
    span = text.span(*_place(decoded, min(where, len(decoded))))
    return Diagnostic(Code.BROKEN_YAML, f"broken YAML: {what} cannot stand in a policy", span, "remove it")


def _place(decoded: str, offset: int) -> tuple[int, int]:
    before = _BREAKS.split(decoded[:offset])
    return len(before) - 1, len(before[-1])


def _build(decoded: str, text: Text, findings: Findings) -> Node | None:
    import yaml

    root: Node | None = None
    stack: list[_OpenNode] = []
    documents = 0
    for number, event in enumerate(_events(decoded)):
        start, end = _mark(event.start_mark), _mark(event.end_mark)
        span = text.span(*start)
        if number > MAX_EVENTS:
            what = f"the file has more than {MAX_EVENTS:,} keys, values, lists and mappings"
            findings.add(Code.TOO_LARGE, what, span, _SPLIT)
            raise _GivenUp
        node: Node | None = None
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    hint = "keep one policy in a file; remove the `---`"
                    findings.add(Code.MANY_DOCUMENTS, "a second document begins here", text.span(*start, 3), hint)
                    raise _GivenUp
                continue
            case yaml.AliasEvent():
                name = event.anchor or ""
                what = f"`*{shorten(name)}` repeats another part of the file"
                findings.add(Code.ALIAS, what, text.span(*start, len(name) + 1), _WRITE_OUT)
            case yaml.ScalarEvent():
                _check_properties(event, text, findings)
                # the style of a plain one is none, or empty in libyaml
                node = Scalar(composed(event.value), text, start, end, bool(event.style))
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                _check_properties(event, text, findings)
                if len(stack) >= MAX_DEPTH:
                    what = f"this is nested more than {MAX_DEPTH} levels deep"
                    findings.add(Code.TOO_DEEP, what, span, "name a part of the condition under `define:`")
                    raise _GivenUp
                stack.append(_OpenNode(span, isinstance(event, yaml.MappingStartEvent)))
                continue
            case yaml.SequenceEndEvent():
                done = stack.pop()
                node, span = Sequence(tuple(done.items), done.span), done.span
            case yaml.MappingEndEvent():
                done = stack.pop()
                node, span = Mapping(tuple(done.entries), done.span, done.incomplete), done.span
            case _:
                continue
        if stack:
            _place_in(stack[-1], node, span, findings)
        else:
            root = node
    return root


_SPLIT = "keep long lists in tables, and what belongs to other products in a policy of its own"
_WRITE_OUT = "write it out, or name it under `define:`"


def _events(decoded: str) -> "Iterator[yaml.Event]":
    """Return the parser's events; in Python it passes escapes that stand for no character, or fails on them."""
    import yaml

    place: Any = None
    loader: type = next(getattr(yaml, name) for name in _LOADERS if hasattr(yaml, name))
    try:
        for event in yaml.parse(decoded.translate(_ODD), Loader=loader):
            place = event.start_mark
            if isinstance(event, yaml.ScalarEvent) and not event.value.isascii() and _HALF.search(event.value):
                raise yaml.MarkedYAMLError(problem=_NO_CHARACTER, problem_mark=place)
            yield event
    except (ValueError, OverflowError):
        raise yaml.MarkedYAMLError(problem=_NO_CHARACTER, problem_mark=place) from None


def _mark(mark: object) -> tuple[int, int]:
    """Return a place of the parser's, whichever of its two kinds of mark it is, as line and column from 0."""
    return getattr(mark, "line", 0), getattr(mark, "column", 0)


def _check_properties(event: "yaml.NodeEvent", text: Text, findings: Findings) -> None:
    line, column = _mark(event.start_mark)
    if event.anchor:
        what = f"`&{shorten(event.anchor)}` marks a part of the file for repetition"
        findings.add(Code.ALIAS, what, text.span(line, column, len(event.anchor) + 1), _WRITE_OUT)
    tag = getattr(event, "tag", None)
    if tag and tag != "!":
        written = re.search(r"!\S*", text.lines[line][column:])
        where = text.span(line, column + written.start(), len(written[0])) if written else text.span(line, column)
        word = shorten(written[0] if written else tag)
        findings.add(Code.TAG, f"the tag `{word}` has no meaning in a policy", where, "remove the tag")


def _place_in(parent: _OpenNode, node: Node | None, span: Span, findings: Findings) -> None:
    if not parent.mapping:
        if node is not None:
            parent.items.append(node)
    elif parent.skip_value:
        parent.skip_value = False
    elif parent.key is None:
        if isinstance(node, Scalar):
            first = parent.keys.setdefault(node.value, node)
            if first is node:
                parent.key = node
                return
            what = f"`{shorten(node.value)}` stands twice, first on line {first.span.line}"
            findings.add(Code.DUPLICATE_KEY, what, node.span, "keep one of the two")
        else:
            parent.incomplete = True
            if node is not None:
                findings.add(Code.NOT_A_KEY, "a key must be one word or text", span, "write `key: value`")
        parent.skip_value = True
    else:
        if node is not None:
            parent.entries.append((parent.key, node))
        else:
            parent.incomplete = True
        parent.key = None
