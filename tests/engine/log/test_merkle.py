"""The tree against published vectors, an independent library, and the definition itself."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InclusionProof, InmemoryTree, verify_inclusion

from walkaway.log.merkle import (
    EMPTY,
    Frontier,
    Tree,
    is_consistent,
    leaf_hash,
    node_hash,
    root_from_inclusion,
)

VECTORS = json.loads((Path(__file__).parent / "rfc6962_vectors.json").read_bytes())
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
"""The eight leaves that implementations of RFC 6962 test with, and below the root over the first one, two … of them."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def tree_of(leaves: list[bytes]) -> Tree:
    """Return a tree over leaf data, its stored subtrees as a frontier gives them out."""
    hashes = [leaf_hash(leaf) for leaf in leaves]
    frontier, stored = Frontier(), {}
    for hashed in hashes:
        for level, place, found in frontier.append(hashed):
            stored[level, place] = found
    return Tree(lambda start, end: hashes[start:end], lambda level, place: stored[level, place])


def decoded(proof: list[str] | None) -> list[bytes]:
    return [base64.b64decode(part) for part in proof or ()]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    """The root over the first leaves is the one every implementation of RFC 6962 has."""
    leaves = [bytes.fromhex(leaf) for leaf in LEAVES[:size]]
    assert tree_of(leaves).root(size).hex() == ROOTS[size - 1]
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf_hash(leaf))
    assert frontier.root().hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """The root over no leaf is the hash of the empty text."""
    assert tree_of([]).root(0) == Frontier().root() == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: case["file"])
def test_inclusion_proofs_are_judged_as_published(case: dict[str, Any]) -> None:
    """A published inclusion proof is right, or wrong, as its file says."""
    root = root_from_inclusion(
        base64.b64decode(case["leafHash"]), case["leafIdx"], case["treeSize"], decoded(case["proof"])
    )
    assert (root == base64.b64decode(case["root"] or "")) is not case["wantErr"]


@pytest.mark.parametrize("case", VECTORS["consistency"], ids=lambda case: case["file"])
def test_consistency_proofs_are_judged_as_published(case: dict[str, Any]) -> None:
    """A published consistency proof is right, or wrong, as its file says."""
    old, new = (base64.b64decode(case[name] or "") for name in ("root1", "root2"))
    judged = is_consistent(case["size1"], case["size2"], old, new, decoded(case["proof"]))
    assert judged is not case["wantErr"]


def test_every_proof_of_every_small_tree_holds() -> None:
    """Each leaf and each earlier size of the trees of up to 40 leaves has a proof, and a changed one fails."""
    leaves = [bytes([i]) for i in range(40)]
    tree = tree_of(leaves)
    for size in range(1, 41):
        root = tree.root(size)
        for index in range(size):
            proof = tree.inclusion(index, size)
            assert root_from_inclusion(leaf_hash(leaves[index]), index, size, proof) == root
            assert root_from_inclusion(leaf_hash(b"another"), index, size, proof) != root
            assert root_from_inclusion(leaf_hash(leaves[index]), index, size, [*proof, root]) is None
        for old in range(1, size + 1):
            proof = tree.consistency(old, size)
            assert is_consistent(old, size, tree.root(old), root, proof)
            if old < size:
                assert not is_consistent(old, size, leaf_hash(b"x"), root, proof)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 513, 700])
def test_an_independent_library_has_the_same_roots_and_accepts_our_proofs(size: int) -> None:
    """The library pymerkle, written by others, comes to the same root and verifies a proof of ours."""
    leaves = [f"leaf {i}".encode() for i in range(size)]
    ours, theirs = tree_of(leaves), InmemoryTree.init_from_entries(leaves, algorithm="sha256")
    assert ours.root(size) == theirs.get_root()
    for index in {0, size // 2, size - 1}:
        expected = theirs.prove_inclusion(index + 1)
        path = [leaf_hash(leaves[index]), *ours.inclusion(index, size)]
        proof = InclusionProof("sha256", True, size, index + 1, expected.rule, path)
        verify_inclusion(leaf_hash(leaves[index]), ours.root(size), proof, index=index + 1, size=size)


@given(st.integers(1, 1200), st.data())
def test_a_frontier_read_back_grows_like_the_one_that_was_never_dropped(size: int, data: st.DataObject) -> None:
    """A frontier rebuilt from what is stored has the same peaks as the one that appended every leaf."""
    leaves = [i.to_bytes(2, "big") for i in range(size)]
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf_hash(leaf))
    assert tree_of(leaves).frontier(size).peaks == frontier.peaks
    old = data.draw(st.integers(1, size))
    tree = tree_of(leaves)
    assert is_consistent(old, size, tree.root(old), frontier.root(), tree.consistency(old, size))


def test_leaves_and_nodes_never_have_the_same_hash() -> None:
    """A node's two hashes, given as a leaf, hash to something else: a subtree cannot pose as a leaf."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)
