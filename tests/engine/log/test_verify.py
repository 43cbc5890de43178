"""The second reader: every damage is made, and its message read. It shares no code with the writer."""

import ast
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from tests.helpers.logs import POLICY, counted_salts, deal, make_policy, opened, record, rewrite, tamper

import walkaway.log.verify
from walkaway import events
from walkaway.log import store as db
from walkaway.log.erasing import erase, texts_of_deal
from walkaway.log.merkle import leaf_hash
from walkaway.log.notes import Checkpoint, SigningKey, sign_note
from walkaway.log.seal import Sealer
from walkaway.log.store import Store
from walkaway.log.stored import fits
from walkaway.log.verify import THE_STORE, Damage, Verified, Witness, verify
from walkaway.log.verify.reading import _SORTS, LogPass, _Sealed

KEY = SigningKey("example.com/deals", bytes(range(32)))
OTHER = SigningKey("example.com/deals", bytes(range(1, 33)))
UPDATE_LEAF = "UPDATE entries SET leaf = ? WHERE n = ?"


def witness(store: Store, key: SigningKey = KEY, *, leaves: bool = True) -> Witness:
    """Sign the log as it is now."""
    size = db.size(store)
    note = sign_note(Checkpoint(key.name, size, db.tree(store).root(size)).text, [key])
    kept = b"".join(leaf_hash(e.leaf) for e in db.entries(store)) if leaves else None
    return Witness(f"checkpoint {size}", note, kept)


@pytest.fixture
def signed(url: str) -> Witness:
    """Record a deal, sign it, and record another; give the checkpoint over the first."""
    with closing(opened(url)) as store:
        record(store, deal("D-1"))
        found = witness(store)
        record(store, deal("D-2"))
        return found


def checked(url: str, *witnesses: Witness) -> Verified:
    with closing(opened(url, writable=False, sound=False)) as store:
        return verify(store, witnesses, [str(KEY.verifier)], fits=fits)


def first(url: str, *witnesses: Witness) -> str:
    """Return the message about the first bad entry."""
    return next(str(d) for d in checked(url, *witnesses).damages if d.entry != THE_STORE)


def leaf(url: str, n: int) -> bytes:
    with closing(opened(url, writable=False)) as store:
        entry = db.entry(store, n)
        assert entry is not None
        return entry.leaf


def test_it_imports_nothing_of_the_writer() -> None:
    """The second reader knows of this room only the error that a database gives, and of others how numbers are told."""
    names: set[str] = set()
    for file in Path(walkaway.log.verify.__file__).parent.glob("*.py"):
        found = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom))
        names |= {node.module for node in found if node.module is not None}
    outside = {n for n in names if n.startswith("walkaway") and not n.startswith("walkaway.log.verify.")}
    assert outside == {"walkaway.log.problems", "walkaway.language.spelling"}


def test_an_untouched_log_is_as_it_was(url: str, signed: Witness) -> None:
    """Nothing is found in a log that nobody touched, and its checkpoints hold."""
    with closing(opened(url, writable=False)) as store:
        root = db.tree(store).root(22)
    assert checked(url, signed) == Verified(22, root, (), (), (11,))


@pytest.mark.parametrize(
    "text", [POLICY, POLICY.replace("discount:\n    type", "discount:\n    personal: yes\n    type")]
)
@pytest.mark.parametrize("last", [{"type": "tick"}, {"type": "close", "outcome": "won"}])
def test_a_deal_whose_last_event_is_far_ahead_is_as_it_was(tmp_path: Path, text: str, last: dict[str, str]) -> None:
    """It is held and not remembered: the deal is kept with the instant of the event before, sealed or not."""
    url, far = str(tmp_path / "log.db"), {"id": "far", "deal": "D-1", "at": "2029-01-01T00:00:00Z", **last}
    with closing(opened(url)) as store:
        *_, answer = record(store, [*deal("D-1")[:2], far], make_policy(text))
    assert answer.verdict == "hold"
    assert checked(url).damages == ()
    tamper(url, ("UPDATE positions SET last = last + 1", ()))
    assert "is kept as if it had ended elsewhere" in first(url)


@pytest.mark.parametrize("n", [0, 7, 21])
def test_a_changed_byte_names_its_entry(url: str, signed: Witness, n: int) -> None:
    """One changed byte is found, with no checkpoint too."""
    data = bytearray(leaf(url, n))
    data[data.index(b"2026") + 3] ^= 1
    tamper(url, (UPDATE_LEAF, (bytes(data), n)))
    assert first(url) == f"entry {n}: its bytes are not those that were chained to the entry before it"
    assert checked(url).damages[0].entry == n


@pytest.mark.parametrize("n", [0, 7, 20])
def test_a_removed_decision_names_its_number(url: str, signed: Witness, n: int) -> None:
    """A hole in the numbers is where a decision was removed."""
    tamper(url, ("DELETE FROM entries WHERE n = ?", (n,)))
    assert first(url) == f"entry {n}: it is missing; the next one there is has number {n + 1}"


@pytest.mark.parametrize("n", [1, 7, 20])
def test_a_removed_decision_whose_place_was_closed_is_found(url: str, signed: Witness, n: int) -> None:
    """Where later entries were moved up, the first of them does not fit the one before it."""
    tamper(url, ("DELETE FROM entries WHERE n = ?", (n,)))
    for later in range(n + 1, 22):
        tamper(url, ("UPDATE entries SET n = n - 1 WHERE n = ?", (later,)))
    assert first(url) == f"entry {n}: its bytes are not those that were chained to the entry before it"


def test_an_inserted_decision_names_its_number(url: str, signed: Witness) -> None:
    """An entry put in between does not fit the one before it."""
    for later in range(21, 4, -1):
        tamper(url, ("UPDATE entries SET n = n + 1 WHERE n = ?", (later,)))
    forged = leaf(url, 4).replace(b'"e4"', b'"e4b"')
    values = (5, "D-1", "e4b", 0, "proceed", bytes(32), forged)
    tamper(url, ("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", values))
    assert first(url) == "entry 5: its bytes are not those that were chained to the entry before it"


def test_swapped_decisions_name_the_first_of_them(url: str, signed: Witness) -> None:
    """Of two entries that changed places the first is named first."""
    one, two = leaf(url, 3), leaf(url, 14)
    tamper(url, (UPDATE_LEAF, (two, 3)), (UPDATE_LEAF, (one, 14)))
    assert [d.entry for d in checked(url).damages if "chained" in d.what] == [3, 14]
    assert first(url).startswith("entry 3: ")


def test_a_cut_tail_names_the_first_missing_entry(url: str) -> None:
    """A tail that was cut shows against a checkpoint that was signed over it."""
    with closing(opened(url)) as store:
        record(store, deal())
        whole = witness(store)
    rewrite(url, lambda entries: entries[:8])
    assert not checked(url).damages
    wanted = "entry 8: it is missing; the log ends here, and checkpoint 11 was signed over 11 entries"
    assert first(url, whole) == wanted


def test_a_log_rewritten_as_a_whole_shows_against_an_old_checkpoint(url: str, signed: Witness) -> None:
    """A log rewritten in order with itself is found; kept hashes name its first changed entry."""
    rewrite(url, lambda entries: [e for e in entries if e.n != 10])
    assert not checked(url).damages
    assert first(url, signed) == "entry 10: it is not the entry over which checkpoint 11 was signed"
    bare = Witness(signed.name, signed.note)
    assert first(url, bare) == "entry 0: one of entries 0 to 10 is not what it was when checkpoint 11 was signed"


def test_between_two_checkpoints_the_first_bad_entry_is_bounded(url: str) -> None:
    """The last checkpoint that still holds says where at the earliest the damage begins."""
    with closing(opened(url)) as store:
        record(store, deal()[:3])
        first_of_all = witness(store, leaves=False)
        record(store, deal()[3:6])
        old = witness(store, leaves=False)
        record(store, deal()[6:])
        new = witness(store, leaves=False)
    rewrite(url, lambda entries: [*entries[:8], entries[9], entries[8], entries[10]])
    found = checked(url, new, old, first_of_all)
    assert found.held == (3, 6)
    assert Damage(6, "one of entries 6 to 10 is not what it was when checkpoint 11 was signed") in found.damages


@pytest.mark.parametrize(("held", "said"), [(10, "it is not what"), (9, "one of entries 9 to 10 is not what")])
def test_where_one_entry_alone_may_be_the_bad_one_it_is_named(url: str, held: int, said: str) -> None:
    """Between checkpoints that lie one entry apart there is none beside it."""
    with closing(opened(url)) as store:
        record(store, deal()[:held])
        old = witness(store, leaves=False)
        record(store, deal()[held:])
        new = witness(store, leaves=False)
    leaf_of_last = leaf(url, 10)
    rewrite(url, lambda entries: [*entries[:10], msgspec.structs.replace(entries[10], leaf=leaf_of_last + b" ")])
    assert any(d.what.startswith(said) for d in checked(url, new, old).damages)


def test_a_forged_decision_in_a_rewritten_log_breaks_its_deal(url: str, signed: Witness) -> None:
    """Even with every hash made anew, a deal's positions must follow from each other."""

    def forge(entries: list[db.LogEntry]) -> list[db.LogEntry]:
        return [e for e in entries if e.n != 6]

    rewrite(url, forge)
    assert first(url) == "entry 6: deal `D-1` was not left in the position from which it goes on here"


def test_a_deal_without_its_opening_is_found_in_a_rewritten_log(url: str, signed: Witness) -> None:
    """A deal's first entry goes on from nothing: one that was taken away before it shows."""
    rewrite(url, lambda entries: [e for e in entries if e.n != 11])
    assert first(url) == "entry 11: deal `D-2` was not left in the position from which it goes on here"


def test_a_stripped_signature_proves_nothing(url: str, signed: Witness) -> None:
    """A checkpoint without its signature is refused, and so is one whose text was changed."""
    text, _, signature = signed.note.rpartition("\n\n")
    for note, wanted in (
        (f"{text}\n", "it bears no signature"),
        (f"{text}\n\n", "it bears no signature"),
        (f"{text.replace('11', '12')}\n\n{signature}", "its signature does not fit its text"),
        (f"{text}\n\n{signature[:-9]}AAAAAAA=\n", "its signature does not fit its text"),
        ("nonsense", "it bears no signature"),
    ):
        assert checked(url, Witness("old", note)).doubts == (f"old: {wanted}",)


def test_a_foreign_signature_proves_nothing(url: str, signed: Witness) -> None:
    """A checkpoint that another key signed, under the same name even, is refused."""
    with closing(opened(url, writable=False)) as store:
        foreign = witness(store, OTHER)
    assert checked(url, foreign).doubts == ("checkpoint 22: it bears no signature by a key that was given",)
    with closing(opened(url, writable=False)) as store:
        assert verify(store, [signed], [str(OTHER.verifier)]).doubts[0].endswith("by a key that was given")


def test_hashes_that_were_not_signed_over_tell_nothing(url: str, signed: Witness) -> None:
    """The hashes beside a checkpoint name the first changed entry only where its root is over them."""
    assert signed.leaves is not None
    other = Witness(signed.name, signed.note, bytes(len(signed.leaves)))
    found = checked(url, other)
    assert found.doubts == ("checkpoint 11: the hashes in `leaves` beside it are not those that it was signed over",)
    assert not found.damages


def test_columns_that_lie_are_found(url: str, signed: Witness) -> None:
    """What searches go by must be what the entry itself says."""
    tamper(url, ("UPDATE entries SET verdict = ? WHERE n = ?", ("refuse", 4)))
    assert first(url) == "entry 4: the column `verdict` says `refuse`, the entry itself `proceed`"


def test_the_first_bad_entry_is_told_first_whichever_part_of_the_store_tells_it(url: str, signed: Witness) -> None:
    """What shows on the store as a whole comes before; policies are compared once every entry was read."""
    tamper(
        url,
        ("UPDATE entries SET verdict = ? WHERE n = ?", ("refuse", 15)),
        ("UPDATE entries SET verdict = ? WHERE n = ?", ("refuse", 4)),
        ("UPDATE contents SET data = ?", (b"nothing",)),
    )
    numbers = [damage.entry for damage in checked(url, signed).damages]
    assert list(dict.fromkeys(numbers)) == [THE_STORE, 0, 4, 15]
    assert numbers == sorted(numbers)


def test_a_changed_policy_names_the_first_entry_under_it(url: str, signed: Witness) -> None:
    """A table or policy that is not stored as it was is found, though no entry changed."""
    forged = b"segment,walk\nsmall,20%\nlarge,90%\n"
    tamper(url, ("UPDATE contents SET data = ? WHERE data = ?", (forged, b"segment,walk\nsmall,20%\nlarge,30%\n")))
    assert "is not stored as it was" in first(url)
    assert first(url).startswith("entry 0: ")
    tamper(url, ("UPDATE contents SET sha256 = ? WHERE data = ?", (hashlib.sha256(forged).hexdigest(), forged)))
    assert "is not stored as it was" in first(url)
    tamper(url, ("DELETE FROM policies WHERE 1 = ?", (1,)))
    assert "is not stored" in first(url)


def test_a_text_that_was_changed_or_taken_away_is_found(url: str, signed: Witness) -> None:
    """Sealed texts are compared with their seals; one that is gone wants a recorded erasure."""
    note = deal()[3]["note"].encode()
    tamper(url, ("UPDATE items SET text = ? WHERE text = ? AND deal = ?", (b"They smiled.", note, "D-2")))
    assert first(url) == "entry 14: a sealed text of deal `D-2` is not the one it was"
    tamper(url, ("DELETE FROM items WHERE text = ?", (b"They smiled.",)))
    assert first(url) == "entry 14: a sealed text of it is gone, and no erasure is recorded"


def test_an_erased_text_that_is_put_back_is_found(url: str, signed: Witness) -> None:
    """After an erasure the text must not be there."""
    with closing(opened(url)) as store:
        back = texts_of_deal(store, "D-1")
        erase(store, lambda: back, "2026-11-01T00:00:00Z", "dpo", "asked", counted_salts(10**6), "0.1.0")
    assert not checked(url, signed).damages
    with closing(opened(url)) as store, store.writing():
        db.add_items(store, back[:1])
    assert first(url) == "entry 22: a text of deal `D-1` that it erased is there again"


def test_an_erasure_excuses_no_text_of_another_deal_that_is_gone(url: str, signed: Witness) -> None:
    """What a recorded erasure does not name is missed, though something was erased."""
    with closing(opened(url)) as store:
        gone = texts_of_deal(store, "D-1")
        erase(store, lambda: gone, "2026-11-01T00:00:00Z", "dpo", "asked", counted_salts(10**6), "0.1.0")
    tamper(url, ("DELETE FROM items WHERE deal = ?", ("D-2",)))
    assert first(url).endswith("a sealed text of it is gone, and no erasure is recorded")


def _last(text: bytes, was: bytes, now: bytes) -> bytes:
    """Write the last of what stands in a text otherwise: in an entry that is its event's."""
    head, found, tail = text.rpartition(was)
    assert found
    return head + now + tail


def test_the_reader_knows_the_sort_of_every_text_that_the_writer_seals() -> None:
    """Whatever fields events have: what is sealed in one as a name, or as a text, is that and nothing else."""
    structs = [each for each in vars(events).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    fields = {field for each in structs for field in each.__struct_fields__} - {"facts", "terms", "limits"}
    content = {field: f"sealed:{number:064x}" for number, field in enumerate(sorted(fields))}
    reading = LogPass(None, (), print, lambda *_: None)  # type: ignore[arg-type]
    reading.seals = {seal: _Sealed("D", 0, _SORTS) for seal in content.values()}
    reading.sorts(content, {})
    sealed = {place.text: {place.sort.value} for place in Sealer(make_policy()).places(content)}
    assert {seal: set(known.sorts) for seal, known in reading.seals.items() if known.sorts != _SORTS} == sealed


def test_entries_that_are_no_entries_are_found(url: str, signed: Witness) -> None:
    """Bytes that are no JSON, no canonical JSON, or of another form are named."""
    good = leaf(url, 2)
    for bad, wanted in (
        (b"\xff", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b'{"decision": 1}', "it is not in canonical form"),
        (good.replace(b'"format":2', b'"format":3'), "it is neither a decision nor an erasure of a form that there is"),
        (b"{}", "it is neither a decision nor an erasure of a form that there is"),
        (good.replace(b'"id":"e2"', b'"id":"e9"'), "its decision is about another event than the one it holds"),
        (_last(good, b'"deal":"D-1"', b'"deal":"D-2"'), "its decision is about another event than the one it holds"),
        (_last(good, b"T09:02:00Z", b"T09:01:00Z"), "its decision is about another event than the one it holds"),
    ):
        tamper(url, (UPDATE_LEAF, (bad, 2)))
        assert Damage(2, wanted) in checked(url).damages


@pytest.mark.slow
def test_a_stored_subtree_that_is_wrong_is_found(tmp_path: Path) -> None:
    """Hashes stored over 256 entries are compared with the entries; those that are there for nothing are named."""
    url = str(tmp_path / "log.db")
    with closing(opened(url)) as store:
        for number in range(24):
            record(store, deal(f"D-{number}"), batch=11)
        assert db.size(store) == 264
    tamper(url, ("UPDATE nodes SET hash = ? WHERE level = ?", (bytes(32), 8)))
    assert first(url) == "entry 0: the stored hash over entries 0 to 255 is not theirs"
    tamper(url, ("DELETE FROM nodes WHERE 1 = ?", (1,)), ("INSERT INTO nodes VALUES (8, ?, ?)", (7, bytes(32))))
    assert [d.entry for d in checked(url).damages] == [0, 1792]


def test_a_file_with_a_damaged_page_names_where_reading_ends(tmp_path: Path) -> None:
    """Where the database itself cannot be read, the first entry that is out of reach is named."""
    url = str(tmp_path / "log.db")
    with closing(opened(url)) as store:
        for number in range(8):
            record(store, deal(f"D-{number}"), batch=11)
    path = Path(url)
    data = bytearray(path.read_bytes())
    for place in range(4096, len(data), 4096):
        if data[place] == 0x0D and b'"id":"e4"' in data[place : place + 4096]:
            data[place : place + 100] = b"\xff" * 100
            break
    path.write_bytes(data)
    found = checked(url)
    assert found.damages
    assert "the store cannot be read from here on" in str(found.damages[0]) or "chained" in str(found.damages[0])


@pytest.mark.parametrize(("one", "other"), [("places", "nodes"), ("positions", "places"), ("meta", "contents")])
def test_a_table_that_stands_where_another_one_does_is_found(tmp_path: Path, one: str, other: str) -> None:
    """The schema of an SQLite file says that two tables begin on one page: what is read of one is the other's."""
    url = str(tmp_path / "log.db")
    with closing(opened(url)) as store:
        record(store, deal("D-1")[:2])
    with closing(sqlite3.connect(url)) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = ?) WHERE name = ?",
            (other, one),
        )
        database.commit()
    told = [str(damage) for damage in checked(url).damages]
    assert any("is not as it was made" in each and ("table" in each) for each in told), told


def test_an_independent_reader_needs_no_more_than_the_format(url: str, signed: Witness) -> None:
    """Twenty lines over the rows come to the signed root: nothing about the log is hidden in our code."""
    with closing(opened(url, writable=False)) as store:
        leaves = [bytes(r[0]) for r in store.rows("SELECT leaf FROM entries WHERE n < 11 ORDER BY n")]

    def root(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return hashlib.sha256(b"\0" + part[0]).digest()
        split = 1
        while split * 2 < len(part):
            split *= 2
        return hashlib.sha256(b"\1" + root(part[:split]) + root(part[split:])).digest()

    import base64

    assert base64.b64encode(root(leaves)).decode() == signed.note.split("\n")[2]
    assert all(json.loads(data)["evidence"]["verdict"] for data in leaves)
