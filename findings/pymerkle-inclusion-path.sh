#!/usr/bin/env bash
set -euo pipefail

# pymerkle 7.0.0
#
# Expected: a tree whose root is the Merkle tree hash of RFC 9162 gives inclusion proofs of that RFC: leaves counted from 0,
#   and of eight leaves a path of three hashes, siblings only.
# Source: RFC 9162, section 2.1.1 (root) and 2.1.3 (inclusion path), the form that C2SP tlog-proof and tlog-tiles use.
# Seen: the roots are the RFC's, the proofs are not: leaves count from 1, the path starts with the leaf's own hash, and
#   which side a hash stands on is told by a list of its own. A verifier of the RFC finds another root.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pymerkle==7.0.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from hashlib import sha256

from pymerkle import InmemoryTree

entries = [f"decision {number}".encode() for number in range(8)]
tree = InmemoryTree(algorithm="sha256")
for entry in entries:
    tree.append_entry(entry)


def leaf(entry):
    return sha256(b"\0" + entry).digest()


def root(part):
    if len(part) == 1:
        return leaf(part[0])
    half = 1 << (len(part) - 1).bit_length() - 1
    return sha256(b"\1" + root(part[:half]) + root(part[half:])).digest()


def root_by_path(index, size, own, path):
    """Section 2.1.3.2, for an index counted from 0."""
    last, hashed = size - 1, own
    for sibling in path:
        if index & 1 or index == last:
            hashed = sha256(b"\1" + sibling + hashed).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            hashed = sha256(b"\1" + hashed + sibling).digest()
        index, last = index >> 1, last >> 1
    return hashed


print("root is the RFC's:", tree.get_root() == root(entries))
path = [leaf(entries[3]), root(entries[:2]), root(entries[4:])]
print("RFC's path of entry 2 leads to the root:", root_by_path(2, 8, leaf(entries[2]), path) == root(entries))
for index in (2, 3):
    proof = tree.prove_inclusion(index).serialize()
    given = [bytes.fromhex(step) for step in proof["path"]]
    print(
        "prove_inclusion", index, "| hashes", len(given),
        "| about entry", [number for number, entry in enumerate(entries) if leaf(entry) == given[0] or leaf(entry) == given[1]],
        "| leads to the root by the RFC", root_by_path(index, 8, leaf(entries[index]), given) == root(entries),
        "| without its first hash", root_by_path(index - 1, 8, leaf(entries[index - 1]), given[1:]) == root(entries),
    )
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
root is the RFC's: True
RFC's path of entry 2 leads to the root: True
prove_inclusion 2 | hashes 4 | about entry [0, 1] | leads to the root by the RFC False | without its first hash True
prove_inclusion 3 | hashes 4 | about entry [2, 3] | leads to the root by the RFC False | without its first hash True
SEEN
