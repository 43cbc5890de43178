"""Signed notes: the published example, keys as text, and what a reader must refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkaway.log.notes import (
    BadNote,
    Checkpoint,
    SigningKey,
    new_key,
    open_note,
    read_checkpoint,
    read_signing_key,
    read_verifier_key,
    sign_note,
)

KEY = SigningKey("example.com/deals", bytes(range(32)))
TEXT = Checkpoint("example.com/deals", 7, bytes(32)).text

# The example of c2sp.org/signed-note.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n\N{EM DASH} example.com/foo"
    " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def test_the_published_example_verifies() -> None:
    """The note and key in the specification are read as it says."""
    key = read_verifier_key(VKEY)
    assert str(key) == VKEY
    assert open_note(NOTE, [key]) == "This is an example message.\n"


def test_a_key_reads_back_from_its_text() -> None:
    """Both halves of a new key are read back from what is written."""
    key = new_key("example.com/deals")
    assert read_signing_key(key.text()) == key
    assert read_verifier_key(f"{key.verifier}\n") == key.verifier


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=80))
def test_what_is_signed_is_read_back(text: str) -> None:
    """A note signed by one key opens with it, among others, and with no other."""
    other = SigningKey("example.com/other", bytes(32))
    note = sign_note(f"{text}\n", [other, KEY])
    assert open_note(note, [KEY.verifier]) == f"{text}\n"
    with pytest.raises(BadNote):
        open_note(note, [SigningKey("example.com/deals", bytes(32)).verifier])


def test_a_checkpoint_reads_back() -> None:
    """Origin, size and root come back from a signed checkpoint."""
    assert read_checkpoint(sign_note(TEXT, [KEY]), [KEY.verifier]) == Checkpoint("example.com/deals", 7, bytes(32))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        TEXT,
        f"{TEXT}\n",
        sign_note(TEXT, [KEY]).replace("\n7\n", "\n8\n"),
        sign_note(TEXT, [KEY])[:-1],
        sign_note(TEXT, [KEY]).replace("\N{EM DASH}", "-"),
        sign_note(TEXT, [KEY]) + "more\n",
        sign_note(TEXT, [KEY]).replace("deals\n7", "deals\r\n7"),
        sign_note(TEXT.replace("\n7\n", "\n07\n"), [KEY]),
        sign_note(TEXT.replace("\n7\n", "\n-7\n"), [KEY]),
        sign_note(TEXT.replace("AAAA", ""), [KEY]),
        sign_note("example.com/deals\n7\n", [KEY]),
    ],
    ids=range(13),
)
def test_what_is_no_signed_checkpoint_is_refused(note: str) -> None:
    """A changed text, a missing, cut or malformed signature, and a text that is no checkpoint are refused."""
    with pytest.raises(BadNote):
        read_checkpoint(note, [KEY.verifier])


@pytest.mark.parametrize(
    "text",
    ["", "x", "a+b+c", VKEY.replace("530d", "530e"), VKEY.replace("foo", "fop"), VKEY[:-4], KEY.text(), "a b" + VKEY],
    ids=range(8),
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    """Damaged keys, and a signing key in the place of one that may be shown, are refused."""
    with pytest.raises(BadNote):
        read_verifier_key(text)


@pytest.mark.parametrize("text", ["", VKEY, KEY.text()[:-5], KEY.text().replace("deals", "meals")], ids=range(4))
def test_what_is_no_signing_key_is_refused(text: str) -> None:
    """Damaged signing keys are refused."""
    with pytest.raises(BadNote):
        read_signing_key(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"], ids=range(4))
def test_a_key_wants_a_name_without_spaces(name: str) -> None:
    """A name that would break a signature line is refused."""
    with pytest.raises(BadNote):
        new_key(name)
