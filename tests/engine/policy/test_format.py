"""Laying out a policy: the one layout, what stays as the author wrote it, and the proof that nothing else changed."""

import pytest
from tests.helpers.findings import BASE, caret

from walkaway.language import source
from walkaway.policy import Policy, format_file, formatted, read
from walkaway.policy.format import WIDTH, lay_out
from walkaway.policy.meaning import meaning


def laid(text: str) -> str:
    """Lay a text out, and see that a second time changes nothing."""
    once = lay_out(source.text_of(text, "policy.yaml"))
    assert lay_out(source.text_of(once, "policy.yaml")) == once
    return once


LONG = (
    "room.discount < 3% and give.value > get.value or room.term > 12 months and ours.in_a_row >= 1 or balance < 0 USD"
)

LAYOUTS = [
    ("a mapping is indented by two", "a:\n      b: 1\n      c:\n       d: 2\n", "a:\n  b: 1\n  c:\n    d: 2\n"),
    ("a list is indented below its key", "a:\n- b\n-   c\n", "a:\n  - b\n  - c\n"),
    ("a mapping in a list begins behind its dash", "-\n   a: 1\n   b: 2\n", "- a: 1\n  b: 2\n"),
    ("lists in lists begin behind their dashes", "-\n  - a\n  -  - b\n", "- - a\n  - - b\n"),
    ("one space behind a colon and a comma", "a:   1\nb: {c:   1,d: [ 2,3 ]}\n", "a: 1\nb: {c: 1, d: [2, 3]}\n"),
    ("no space before a colon", "a : 1\n", "a: 1\n"),
    ("what fits on a line stands on one", "a: {b: 1,\n    c: [2,\n        3]}\n", "a: {b: 1, c: [2, 3]}\n"),
    ("names without values stay so", "a: {b, c: 1}\nd: {}\ne: [ ]\nf:\n", "a: {b, c: 1}\nd: {}\ne: []\nf:\n"),
    ("JSON is YAML", '{"a":1,"b":[true]}', '{"a": 1, "b": [true]}\n'),
    ("many empty lines are one", "\n\na: 1\n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"),
    ("lines end alike", "a: 1\r\nb: 2\rc: 3", "a: 1\nb: 2\nc: 3\n"),
    ("white space at the end goes", "a: 1  \nb:\t2\t\n   \n", "a: 1\nb: 2\n"),
    ("quotes stay", "a: '1'\nb: \"2\\t\"\n'c': 3\n", "a: '1'\nb: \"2\\t\"\n'c': 3\n"),
    ("a quoted text keeps its lines", "a: 'b\n      c\n\n      d'\n", "a: 'b\n  c\n\n  d'\n"),
    ("a plain text keeps its lines", "a: b\n     c\n\n     d # e\n", "a: b\n  c\n\n  d # e\n"),
    ("a block text moves as a whole", "a:\n     b: |\n        c\n          d\n\n\n     e: 1\n",
     "a:\n  b: |\n    c\n      d\n\n  e: 1\n"),
    ("a block text keeps what it says of its end", "a: >-\n    b\n    c\nd: |+\n    e\n\n\nf: 1\n",
     "a: >-\n  b\n  c\nd: |+\n  e\n\n\nf: 1\n"),
    ("a block text may say its indent", "a: |4\n      b\n    c\n", "a: |2\n    b\n  c\n"),
    ("a text that ends with the file does not get a line break", "a: |\n  b", "a: |-\n  b\n"),
    ("the beginning of the document stays", "%YAML 1.1\n---   # here\na: 1\n...\n", "%YAML 1.1\n---\n# here\na: 1\n"),
    ("a key may be asked for", "? a\n: b\n", "a: b\n"),
    ("comments have a space", "#a\n#  b\n#! c\n#\n##d\na: 1     #e\n", "# a\n#  b\n#! c\n#\n##d\na: 1 # e\n"),
    ("a comment stands with what follows", "a:\n# b\n    c: 1\n       # d\n    e: 2\n",
     "a:\n  # b\n  c: 1\n  # d\n  e: 2\n"),
    ("a comment at the end of a block belongs to it", "a:\n    b: 1\n    # c\n# d\ne: 1\n  # f\n# g\n",
     "a:\n  b: 1\n  # c\n# d\ne: 1\n# f\n# g\n"),
    ("a comment below a list at its key's indent", "a:\n- b\n# c\n- d\n# e\nf: 1\n",
     "a:\n  - b\n  # c\n  - d\n# e\nf: 1\n"),
    ("a comment behind a key", "a: # b\n    c: 1\nd: # e\n  1\nf: # g\n  # h\n  [1]\n",
     "a: # b\n  c: 1\nd: # e\n  1\nf: # g\n  # h\n  [1]\n"),
    ("a comment behind a dash", "- # a\n  b: 1\n-  c # d\n", "- # a\n  b: 1\n- c # d\n"),
    ("a comment in brackets opens them", "a: {b: 1, # c\n    d: 2}\ne: [ # f\n  1,\n  # g\n  2 # h\n  # i\n  ]\n",
     "a:\n  b: 1 # c\n  d: 2\ne: # f\n  - 1\n  # g\n  - 2 # h\n  # i\n"),
    ("a comment in empty brackets stands behind them", "a: [ # b\n ]\nc: 1\n", "a: [] # b\nc: 1\n"),
    ("a comment behind the sign of a block text", "a: |  # b\n   c # d\n", "a: | # b\n  c # d\n"),
    ("nothing but a comment below an empty key", "a:\n# b\nc: 1\n", "a:\n# b\nc: 1\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [case[1:] for case in LAYOUTS], ids=[case[0] for case in LAYOUTS])
def test_there_is_one_layout(before: str, after: str) -> None:
    """What a layout becomes, and that it says the same."""
    assert source.read(before.encode(), "x").findings == ()
    assert laid(before) == after


def test_brackets_that_no_line_holds_become_a_block() -> None:
    """At the width it still is one line, one character further it is not."""
    names = ["n" * 20] * 5
    fits = f"a: [{', '.join(names)}, {'m' * (WIDTH - 5 - 5 * 22)}]\n"
    assert len(fits) == WIDTH + 1
    assert laid(fits) == fits
    beyond = fits.replace("m]", "mm]")
    assert laid(beyond) == "a:\n" + "".join(f"  - {n}\n" for n in [*names, "m" * (WIDTH - 5 - 5 * 22 + 1)])


def test_a_long_expression_is_broken_before_and_and_or() -> None:
    """Its lines begin with the word that joins them, and it is the same expression."""
    text = f"rules:\n  a:\n    when: {LONG}\n    why: {LONG}\n"
    lines = laid(text).splitlines()
    assert lines[2:4] == [
        "    when: room.discount < 3% and give.value > get.value or room.term > 12 months and ours.in_a_row >= 1",
        "      or balance < 0 USD",
    ]
    assert lines[4].endswith("or balance < 0")
    assert lines[5] == "      USD"
    assert max(map(len, lines)) <= WIDTH


def test_a_word_longer_than_a_line_stays_whole() -> None:
    """There is no place to break it."""
    assert laid(f"a: {'x' * 200}\n") == f"a: {'x' * 200}\n"


def test_what_cannot_be_laid_out_is_a_finding() -> None:
    """A lone `!` before a block would be lost; the place is shown."""
    found = formatted(b"title: ! |\n  one\n", "policy.yaml", {}.get)
    assert found.value is None
    assert [(f.code.name, caret(f)) for f in found.findings] == [("LAYOUT_NOT_KEPT", "t")]


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n", "a: &b 1\n", "a: !!str b\n", "", "\tb", "- a\nb: c"])
def test_what_cannot_be_read_is_left_as_it_is(text: str) -> None:
    """Its findings are those of reading it."""
    found = formatted(text.encode(), "policy.yaml", {}.get)
    assert found.value is None
    assert found.findings == source.read(text.encode(), "policy.yaml").findings


def test_a_policy_with_mistakes_is_laid_out_as_well() -> None:
    """Its findings are the same afterwards, in another place."""
    data = BASE.replace("side: seller", "\n\n\nside:   sell").encode()
    once = formatted(data, "policy.yaml", {}.get).unwrap()
    assert b"\n\nside: sell\n" in once
    assert [f.message for f in read(once, "x", {}.get).findings] == [
        f.message for f in read(data, "x", {}.get).findings
    ]


CHANGES = [
    ("8%", "7%"),
    ("lie.", "lied."),
    (">= 1", "> 1"),
    ("on: any", "on: tick"),
    ("gold", "good"),
    ("12 m", "13 m"),
]


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_the_proof_sees_a_change_of_meaning(old: str, new: str) -> None:
    """A limit moved, a reason reworded, a comparison turned: none of these policies means what the first one does."""
    assert old in BASE
    assert meaning(policy(BASE.replace(old, new))) != meaning(policy(BASE))


def test_the_proof_does_not_see_places() -> None:
    """Where a thing stands is no part of what it says."""
    assert meaning(policy(BASE.replace("policy: ", "\n# a comment\npolicy:   "))) == meaning(policy(BASE))


def policy(text: str) -> Policy:
    """Read a policy without findings."""
    return read(text.encode(), "policy.yaml", {}.get).unwrap()


def test_a_file_is_laid_out_with_the_tables_beside_it(tmp_path) -> None:
    """The proof reads the policy whole."""
    file = tmp_path / "policy.yaml"
    file.write_text("policy:   x\nversion: 1\nside: seller\ncurrency: USD\n")
    assert format_file(file).unwrap() == b"policy: x\nversion: 1\nside: seller\ncurrency: USD\n"
