"""Kept checkpoints: which signatures make one count, held against the log's own reader of signed notes."""

import itertools
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers import logs

from walkaway.log import store as db
from walkaway.log.notes import BadNote, Checkpoint, SigningKey, read_checkpoint, sign_note
from walkaway.log.verify import Witness, verify
from walkaway.log.verify.signed import opened

KEY = SigningKey("example.com/deals", bytes(range(32)))
OTHER = SigningKey("example.com/deals", bytes(range(1, 33)))
BESIDE = SigningKey("example.com/beside", bytes(range(2, 34)))
STRANGER = SigningKey("example.com/stranger", bytes(range(3, 35)))


def lines_of(key: SigningKey, text: str) -> str:
    """Return the line by which a key signs a text."""
    return sign_note(text, [key]).rpartition("\n\n")[2]


def test_one_good_signature_is_enough_and_a_wrong_one_by_a_key_that_was_given_refuses(tmp_path: Path) -> None:
    """Whichever key is given first, and whichever line stands first: so a signed note is read. Others do not count."""
    with closing(logs.opened(str(tmp_path / "log.db"))) as store:
        logs.record(store, logs.deal())
        text = Checkpoint(KEY.name, db.size(store), db.tree(store).root(11)).text
        wrong = lines_of(BESIDE, Checkpoint(KEY.name, 1, bytes(32)).text)
        for lines in itertools.permutations((lines_of(KEY, text), wrong)):
            note = Witness("both", f"{text}\n{''.join(lines)}")
            for keys in itertools.permutations((KEY, BESIDE)):
                found = verify(store, [note], [str(key.verifier) for key in keys])
                assert (found.held, found.doubts) == ((), ("both: its signature does not fit its text",))
            found = verify(store, [note], [str(KEY.verifier), str(STRANGER.verifier)])
            assert (found.held, found.doubts) == ((11,), ())


SIGNED = Checkpoint(KEY.name, 11, bytes(32)).text
SIGNATURES = [lines_of(key, text) for key in (KEY, OTHER, BESIDE, STRANGER) for text in (SIGNED, "another\n")]


def read_alike(note: str, keys: Sequence[SigningKey]) -> bool:
    """Return whether both readers of signed notes take a note for the same checkpoint, or for none."""
    try:
        wanted: Checkpoint | None = read_checkpoint(note, [key.verifier for key in keys])
    except BadNote:
        wanted = None
    found, why = opened(Witness("one", note), [str(key.verifier) for key in keys])
    if found is None or wanted is None:
        return found is None and wanted is None and bool(why)
    return (found.size, found.root, why) == (wanted.size, wanted.root, "")


@pytest.mark.parametrize("keys", [(KEY,), (KEY, BESIDE), (BESIDE, KEY), (KEY, OTHER), (OTHER, KEY, BESIDE)])
def test_both_readers_of_signed_notes_want_the_same_signatures(keys: Sequence[SigningKey]) -> None:
    """What `log verify` holds a log against is a checkpoint to `read_checkpoint` too, and the other way round."""
    for number in range(3):
        for lines in itertools.permutations(SIGNATURES, number):
            assert read_alike(f"{SIGNED}\n{''.join(lines)}", keys)


@pytest.mark.parametrize("mark", ["", "\n", " ", "B", "=", "\r", "+"])
def test_both_readers_of_signed_notes_read_the_same_text(mark: str) -> None:
    """A character more, or another one, anywhere in a note is as well a checkpoint to one as to the other."""
    note = f"{SIGNED}\n{SIGNATURES[0]}"
    for place in range(len(note) + 1):
        assert read_alike(note[:place] + mark + note[place:], (KEY,))
        assert read_alike(note[:place] + mark + note[place + 1 :], (KEY,))


@pytest.mark.parametrize("text", ["\n11\n", "example.com/deals\n011\n", "example.com/deals\n11\n11\n", "11\n"])
def test_both_readers_of_signed_notes_want_a_checkpoint(text: str) -> None:
    """A signed text without an origin, with another spelling of its size, or without a root is none to either."""
    root = SIGNED.rpartition("11\n")[2]
    for signed_text in (text, text + root, f"{text}{root}more\n"):
        assert read_alike(sign_note(signed_text, [KEY]), (KEY,))
