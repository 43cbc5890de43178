"""Proofs without a store, judged by us and by a library that others wrote."""

import base64
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pymerkle import ConsistencyProof, InclusionProof, InmemoryTree, verify_consistency, verify_inclusion
from tests.helpers.logs import deal, opened, record

from walkaway.log import store as db
from walkaway.log.merkle import leaf_hash
from walkaway.log.notes import Checkpoint, SigningKey, sign_note
from walkaway.log.proofs import (
    BadProof,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
)
from walkaway.log.store import Store

KEY = SigningKey("example.com/deals", bytes(range(32)))
KEYS = [KEY.verifier]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Return a log of 33 entries."""
    with closing(opened(str(tmp_path_factory.mktemp("proofs") / "log.db"))) as store:
        for number in range(3):
            record(store, deal(f"D-{number}"), batch=11)
        yield store


def signed(store: Store, size: int) -> tuple[Checkpoint, str]:
    checkpoint = Checkpoint(KEY.name, size, db.tree(store).root(size))
    return checkpoint, sign_note(checkpoint.text, [KEY])


def proof_of(store: Store, n: int, size: int = 33) -> str:
    entry = db.entry(store, n)
    assert entry is not None
    return inclusion_proof(db.tree(store), n, entry.leaf, *signed(store, size))


def growth(store: Store, old: int, new: int) -> str:
    (one, one_note), (two, two_note) = signed(store, old), signed(store, new)
    return consistency_proof(db.tree(store), one, two, one_note, two_note)


@pytest.mark.parametrize("size", [1, 2, 17, 32, 33])
def test_every_entry_has_a_proof_that_holds(log: Store, size: int) -> None:
    """The proof of each entry under a checkpoint shows the entry, its number, and the checkpoint."""
    for n in range(size):
        found = check_inclusion(proof_of(log, n, size), KEYS)
        entry = db.entry(log, n)
        assert entry is not None
        assert (found.index, found.entry, found.checkpoint.size) == (n, entry.leaf, size)


@pytest.mark.parametrize(("old", "new"), [(1, 1), (1, 33), (8, 9), (16, 33), (31, 32), (33, 33)])
def test_growth_has_a_proof_that_holds(log: Store, old: int, new: int) -> None:
    """The proof between two checkpoints shows both."""
    assert [c.size for c in check_consistency(growth(log, old, new), KEYS)] == [old, new]


def test_an_independent_library_accepts_an_inclusion_proof(log: Store) -> None:
    """The library pymerkle comes to the signed root by itself, and from our file's hashes."""
    theirs = InmemoryTree.init_from_entries([e.leaf for e in db.entries(log)], algorithm="sha256")
    for n in range(33):
        head, _, note = proof_of(log, n).partition("\n\n")
        lines = head.split("\n")
        root = base64.b64decode(note.split("\n")[2])
        assert root == theirs.get_root()
        leaf = leaf_hash(base64.b64decode(lines[1].removeprefix("extra ")))
        path = [leaf, *(base64.b64decode(line) for line in lines[3:])]
        rule = theirs.prove_inclusion(n + 1).rule
        proof = InclusionProof("sha256", True, 33, n + 1, rule, path)
        verify_inclusion(leaf, root, proof, index=n + 1, size=33)


def test_an_independent_library_proves_the_same_growth(log: Store) -> None:
    """The states that pymerkle's own consistency proof joins are the roots we signed."""
    theirs = InmemoryTree.init_from_entries([e.leaf for e in db.entries(log)], algorithm="sha256")
    for old in range(1, 34):
        one, two = check_consistency(growth(log, old, 33), KEYS)
        proof = ConsistencyProof.deserialize(theirs.prove_consistency(old, 33).serialize())
        verify_consistency(one.root, two.root, proof, prior_size=old, later_size=33)


def test_the_entry_is_what_is_proved(log: Store) -> None:
    """A proof whose entry, number, hash or checkpoint was changed proves nothing."""
    proof = proof_of(log, 5)
    entry = db.entry(log, 5)
    assert entry is not None
    forged = entry.leaf.replace(b'"verdict":"', b'"verdict":"x')
    lines = proof.split("\n")
    changes = [
        proof.replace(base64.b64encode(entry.leaf).decode(), base64.b64encode(forged).decode()),
        proof.replace("index 5", "index 4"),
        proof.replace("index 5", "index 333333333333333333333"),
        proof.replace("index 5\n", ""),
        "\n".join([*lines[:3], *lines[4:]]),
        "\n".join([*lines[:4], lines[3], *lines[4:]]),
        "\n".join([*lines[:3], "AAAA", *lines[4:]]),
        "\n".join([*lines[:3], "not base64", *lines[4:]]),
        proof.replace("\n33\n", "\n34\n"),
        proof.replace("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        proof.replace("extra ", ""),
        proof.rpartition("\n\n")[0],
        "",
    ]
    for change in changes:
        with pytest.raises(BadProof):
            check_inclusion(change, KEYS)


def test_a_proof_wants_the_key_that_signed_it(log: Store) -> None:
    """Another key, under the same name even, shows nothing."""
    other = SigningKey(KEY.name, bytes(32)).verifier
    with pytest.raises(BadProof, match="no signature"):
        check_inclusion(proof_of(log, 5), [other])
    with pytest.raises(BadProof, match="no signature"):
        check_consistency(growth(log, 5, 9), [other])


def test_growth_that_was_changed_proves_nothing(log: Store) -> None:
    """A consistency proof with another hash, order or checkpoint is refused."""
    proof = growth(log, 5, 33)
    lines = proof.split("\n")
    parts = proof.split("\n\n")
    for change in (
        "\n".join([lines[0], *lines[2:]]),
        "\n".join([lines[0], lines[2], lines[1], *lines[3:]]),
        "\n\n".join([parts[0], parts[3], parts[4].rstrip("\n"), parts[1], parts[2] + "\n"]),
        proof.replace("\n5\n", "\n6\n"),
        "\n\n".join(parts[:3]),
        "",
    ):
        with pytest.raises(BadProof):
            check_consistency(change, KEYS)


def test_a_checkpoint_of_another_log_gives_no_proof(log: Store, tmp_path: Path) -> None:
    """Where the checkpoint is not of this log, or does not reach the entry, nothing is written."""
    with closing(opened(str(tmp_path / "other.db"))) as other:
        record(other, deal("other"), batch=11)
        foreign, note = signed(other, 11)
    entry = db.entry(log, 5)
    assert entry is not None
    with pytest.raises(BadProof, match="is not of this log"):
        inclusion_proof(db.tree(log), 5, entry.leaf, foreign, note)
    with pytest.raises(BadProof, match="entry 5 came after the checkpoint"):
        inclusion_proof(db.tree(log), 5, entry.leaf, *signed(log, 5))
    with pytest.raises(BadProof, match="is not of this log"):
        consistency_proof(db.tree(log), foreign, signed(log, 33)[0], note, signed(log, 33)[1])
    with pytest.raises(BadProof, match="older checkpoint first"):
        growth(log, 9, 5)
