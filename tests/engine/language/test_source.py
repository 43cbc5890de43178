"""YAML becomes nodes that know their place, or findings that say what to type; no input gives a traceback."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.helpers.findings import caret, shown

from walkaway.language.source import MAX_BYTES, MAX_DEPTH, Mapping, Scalar, Sequence, read

BROKEN = "BROKEN_YAML"
COMMAS = "between brackets, put quotes around a text that holds `[`, `]`, `{`, `}` or a comma"
INDENT = "check how far this line is indented"


def plain(node):
    """Return a node's text, without places."""
    match node:
        case Scalar(value):
            return value
        case Sequence(items):
            return [plain(i) for i in items]
        case Mapping(entries):
            return {k.value: plain(v) for k, v in entries}


@pytest.mark.parametrize(
    ("text", "place", "under", "message", "hint"),
    [
        ("a: b: c", "1:5", ":", "a `:` cannot stand here", f"quote a text that holds `: `, or {INDENT}"),
        ("a:\n  - b\n c: d", "3:2", "c", "a key and its `:` were expected here", INDENT),
        ("- a\nb: c", "2:1", "b", "an entry of the list was expected here", "indent every `- ` of a list alike"),
        ("a: [1, 2\nb: 3", "2:2", ":", "a `,` or the closing `]` is missing before this", COMMAS),
        ("a: {b: t[d].e}", "1:9", "[", "a `,` or the closing `}` is missing before this", COMMAS),
        ("a:\n\tb: 1", "2:1", "\t", "a tab cannot indent", "indent with spaces"),
        ('a: "b\nc: d', "1:4", '"', "this quote is never closed", "close it, or remove it"),
        ("a: @b", "1:4", "@", "a value cannot begin with this character", "put quotes around the text"),
        ("a: - b", "1:4", "-", "a list cannot begin here", "begin it on a line of its own, below its key"),
        ("a: x\0", "1:5", "\0", "the character U+0000 cannot stand in a policy", "remove it"),
    ],
)
def test_broken_yaml_is_explained_in_plain_words(text, place, under, message, hint):
    """Whoever never heard of YAML's grammar learns what is wrong, where, and what to do."""
    (finding,) = read(text.encode(), "p.yaml").findings
    assert shown([finding]) == [(BROKEN, under, f"broken YAML: {message}", hint)]
    assert str(finding.span) == f"p.yaml:{place}"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: caf\xe9", [("NOT_UTF8", "1:7", "byte 0xe9 is not UTF-8 text")]),
        (b"a: 1\r\nb: \xff", [("NOT_UTF8", "2:4", "byte 0xff is not UTF-8 text")]),
        (b"", [(BROKEN, "1:1", "the file is empty")]),
        (b"# only a comment", [(BROKEN, "1:1", "the file is empty")]),
        (b"a: 1\n---\nb: 2", [("MANY_DOCUMENTS", "2:1", "a second document begins here")]),
        (b"a: " + b"[" * 99, [("TOO_DEEP", f"1:{3 + MAX_DEPTH}", f"this is nested more than {MAX_DEPTH} levels deep")]),
        (
            b"x" * (MAX_BYTES + 1),
            [("TOO_LARGE", "1:1", "the file has more than the 4,194,304 bytes that a policy may have")],
        ),
    ],
)
def test_what_cannot_be_understood_is_not_guessed(data, expected):
    """Nothing is returned where the structure is in doubt."""
    found = read(data, "p.yaml")
    assert found.value is None
    assert [(f.code.name, f"{f.span.line}:{f.span.column}", f.message) for f in found.findings] == expected


def test_what_can_be_left_out_is_reported_all_at_once_and_reading_goes_on():
    """Repeated keys, anchors, aliases, tags and keys that are no words, in the order of their places."""
    text = b"a: &x 1\na: 2\nb: *x\nc: !money 5 USD\n? [d]\n: 6\ne: {f: 1, f: 2}\n"
    found = read(text, "p.yaml")
    assert plain(found.value) == {"a": "1", "c": "5 USD", "e": {"f": "1"}}
    written = "write it out, or name it under `define:`"
    assert shown(found.findings) == [
        ("ALIAS", "&x", "`&x` marks a part of the file for repetition", written),
        ("DUPLICATE_KEY", "a", "`a` stands twice, first on line 1", "keep one of the two"),
        ("ALIAS", "*x", "`*x` repeats another part of the file", written),
        ("TAG", "!money", "the tag `!money` has no meaning in a policy", "remove the tag"),
        ("NOT_A_KEY", "[", "a key must be one word or text", "write `key: value`"),
        ("DUPLICATE_KEY", "f", "`f` stands twice, first on line 7", "keep one of the two"),
    ]


def test_a_bomb_of_aliases_does_not_grow():
    """Nine levels that would repeat each other a thousand million times are as small as they are written."""
    text = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
    found = read(text.encode(), "p.yaml")
    assert {f.code.name for f in found.findings} == {"ALIAS"}
    assert plain(found.value) == {"a0": ["x"], **{f"a{i}": [] for i in range(1, 10)}}


def test_after_five_hundred_findings_nobody_looks_further():
    """A hundred thousand mistakes cost no more than reading them, and the last finding says that there may be more."""
    found = read(b"a: 1\n" * 100_000, "p.yaml")
    assert found.value is None
    assert len(found.findings) == 500
    assert found.findings[-1].hint.endswith("these are 500 findings, and more may follow: mend them and look again")


def test_a_byte_order_mark_and_foreign_line_ends_change_nothing():
    """Files from Windows read like any other, and places count characters as an editor does."""
    assert plain(read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "p.yaml").value) == {"a": "1", "b": "2"}
    (finding,) = read("é: 1\r\nü: {é: 1, é: 2}".encode(), "p.yaml").findings
    assert (finding.span.line, finding.span.column, caret(finding)) == (2, 11, "é")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("k: offer.x > 5%", 14),
        ("k: 'offer.x > 5%'", 15),
        ('k: "offer.x > 5%"', 15),
        ("k: >\n  offer.x\n  > 5%", 5),
        ("k:\n  offer.x\n  > 5%", 5),
        ('k: "offer.x\n   > 5%"', 6),
    ],
)
def test_the_place_of_a_part_is_found_through_quotes_and_folds(text, column):
    """The caret stands under the part, whichever way the text was written."""
    node = read(text.encode(), "p.yaml").value.entries[0][1]
    span = node.at(node.value.index("5%"), 2)
    assert (span.text[span.column - 1 :][:2], span.column) == ("5%", column)


@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"? ")
@example(b"a: \x85b")
def test_any_bytes_give_a_node_or_findings(data):
    """Whatever a file holds, reading it ends with one of the two."""
    found = read(data, "p.yaml")
    assert (found.value is None) <= bool(found.findings)


@given(st.text(st.sampled_from("ab:-[]{},&*!|>'\"#%@\n\t \r\x85\u2028é"), max_size=60))
def test_any_text_of_yaml_signs_gives_a_node_or_findings_in_the_text(text):
    """The caret never leaves the file."""
    found = read(text.encode(), "p.yaml")
    assert (found.value is None) <= bool(found.findings)
    assert all(f.span.column <= len(f.span.text) + 1 for f in found.findings)
