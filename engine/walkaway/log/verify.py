"""Verify: the second reader. It shares only the format with the writer, none of its code.

From the rows of a store and the checkpoints kept elsewhere it tells what is not as it was, the first bad entry first.
Imports no other module of this room: what the format is stands in `docs/log.md`, and is written down here once more.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from walkaway.log.problems import StoreProblem

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEAL = re.compile(rb"sealed:[0-9a-f]{64}")
_spell = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class Reader(Protocol):
    """A database that can be queried."""

    def rows(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Return the rows of an SQL query."""
        ...


class Damage(msgspec.Struct, frozen=True):
    """One thing that is not as it was.

    Attributes:
        entry: The number of the first entry that it shows on.
    """

    entry: int
    what: str

    def __str__(self) -> str:
        return f"entry {self.entry}: {self.what}"


class Witness(msgspec.Struct, frozen=True):
    """A checkpoint kept elsewhere.

    Attributes:
        leaves: The hashes of the leaves it was signed over, 32 bytes each, where they were kept with it.
    """

    name: str
    note: str
    leaves: bytes = b""


class Verified(msgspec.Struct, frozen=True):
    """What a verification found.

    Attributes:
        damages: By entry; empty where all is as it was.
        doubts: Checkpoints that prove nothing: unsigned, signed by another key, or no checkpoints at all.
        held: The sizes of the checkpoints that hold, ascending.
    """

    size: int
    root: bytes
    damages: tuple[Damage, ...]
    doubts: tuple[str, ...]
    held: tuple[int, ...]


class _Signed(msgspec.Struct, frozen=True):
    """A checkpoint that a trusted key signed."""

    name: str
    size: int
    root: bytes
    leaves: bytes


def verify(
    reader: Reader,
    witnesses: Sequence[Witness] = (),
    keys: Sequence[str] = (),
    tell: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Read the whole log and compare it with itself and with what was signed.

    Args:
        keys: Verifier keys, as text, whose signatures count.
        tell: Called now and then with the number of entries read.
    """
    doubts: list[str] = []
    signed: list[_Signed] = []
    for witness in witnesses:
        found = _opened(witness, keys)
        if isinstance(found, str):
            doubts.append(f"{witness.name}: {found}")
        else:
            signed.append(found)
    reading = _Reading(reader, signed, tell)
    try:
        reading.read()
    except (StoreProblem, ValueError) as problem:
        reading.report(reading.size, f"the store cannot be read from here on: {problem}")
    reading.compare()
    return Verified(
        reading.size,
        reading.root(),
        tuple(sorted(dict.fromkeys(reading.damages), key=lambda d: d.entry)),
        (*doubts, *reading.doubts),
        tuple(sorted(reading.held)),
    )


class _Reading:
    """One pass over the entries."""

    def __init__(self, reader: Reader, signed: Sequence[_Signed], tell: Callable[[int], None]) -> None:
        self.reader, self.signed, self.tell = reader, signed, tell
        self.damages: list[Damage] = []
        self.doubts: list[str] = []
        self.held: list[int] = []
        self.size = 0
        self.peaks: list[bytes] = []
        self.chain = bytes(32)
        self.roots: dict[int, bytes] = {}
        self.wanted = {s.size for s in signed}
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.deals: dict[str, tuple[str, str]] = {}
        self.seals: dict[str, tuple[str, int]] = {}
        self.erased: dict[str, int] = {}
        self.policies: dict[str, int] = {}
        self.kept = [s for s in signed if s.leaves]
        self.longest = max((s.leaves for s in self.kept), key=len, default=b"")
        self.changed: int | None = None

    def report(self, entry: int, what: str) -> None:
        self.damages.append(Damage(entry, what))

    def read(self) -> None:
        """Read every entry, then the stored subtrees, policies and sealed texts."""
        self.remember_root()
        sql = "SELECT n, deal, event, instant, verdict, chain, leaf FROM entries WHERE n > ? ORDER BY n LIMIT 1000"
        last = -1
        while page := list(self.reader.rows(sql, last)):
            self.tell(self.size)
            for n, deal, event, instant, verdict, chain, leaf in page:
                if n != last + 1:
                    self.report(last + 1, f"it is missing; the next one there is has number {n}")
                last = n
                self.entry(n, (deal, event, instant, verdict), bytes(chain), bytes(leaf))
        self.beside()

    def entry(self, n: int, columns: tuple[object, ...], chain: bytes, leaf: bytes) -> None:
        """Check one entry against the one before it, and its columns against its leaf."""
        hashed = hashlib.sha256(b"\x00" + leaf).digest()
        if hashlib.sha256(self.chain + hashed).digest() != chain:
            self.report(n, "its bytes are not those that were chained to the entry before it")
        elif self.longest and self.changed is None and self.longest[32 * n : 32 * n + 32] not in (hashed, b""):
            self.changed = n
        self.chain = chain
        self.grow(hashed)
        self.remember_root()
        try:
            content = json.loads(leaf)
            spelled = _spell(content).encode()
        except (ValueError, RecursionError):
            self.report(n, "it is no JSON")
            return
        if spelled != leaf:
            self.report(n, "it is not in canonical form")
        for match in _SEAL.findall(leaf):
            self.seals.setdefault(match.decode(), (str(columns[0] or ""), n))
        try:
            said = self.erasure(n, content) if "erasure" in content else self.decision(n, content)
        except (KeyError, TypeError, ValueError):
            self.report(n, "it is neither a decision nor an erasure of format 1")
            return
        for name, column, value in zip(("deal", "event", "instant", "verdict"), columns, said, strict=True):
            if column != value:
                self.report(n, f"the column `{name}` says {_shown(column)}, the entry itself {_shown(value)}")

    def decision(self, n: int, content: Mapping[str, Any]) -> tuple[object, ...]:
        """Check a decision against its event and its deal's previous decision; return what its columns should say."""
        decision, event = content["decision"], content["event"]
        if content["format"] != 1 or set(content) != {"decision", "event", "format", "release"}:
            raise ValueError("another format")
        deal, policy = decision["deal"], decision["policy"]["sha256"]
        if (deal, decision["event"], decision["at"]) != (event["deal"], event["id"], event["at"]):
            self.report(n, "its decision is about another event than the one it holds")
        self.policies.setdefault(policy, n)
        if "position" in decision:
            last, under = self.deals.get(deal, ("", policy))
            if decision["position"]["before"] != last and under == policy:
                self.report(n, f"deal {_shown(deal)} was not left in the position from which it goes on here")
            self.deals[deal] = decision["position"]["after"], policy
        return deal, decision["event"], _instant(event["at"]), decision["verdict"]

    def erasure(self, n: int, content: Mapping[str, Any]) -> tuple[object, ...]:
        """Remember what was erased."""
        if content["format"] != 1 or set(content) != {"erasure", "format", "release"}:
            raise ValueError("another format")
        for seal in content["erasure"]["seals"]:
            self.erased.setdefault(seal, n)
        return None, None, None, None

    def grow(self, hashed: bytes) -> None:
        """Add a leaf to the tree."""
        count, level = self.size, 0
        while count & 1:
            hashed = _node(self.peaks.pop(), hashed)
            count, level = count >> 1, level + 1
            if level % 8 == 0:
                self.nodes[level, count] = hashed
        self.peaks.append(hashed)
        self.size += 1

    def remember_root(self) -> None:
        if self.size in self.wanted:
            self.roots[self.size] = self.root()

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = _node(peak, root)
        return root

    def beside(self) -> None:
        """Check the stored subtrees, the policies, and the sealed texts."""
        stored = {(level, place): bytes(h) for level, place, h in self.reader.rows("SELECT * FROM nodes")}
        for level, place in sorted({*stored, *self.nodes}):
            if stored.get((level, place)) != self.nodes.get((level, place)):
                first = place << level
                self.report(first, f"the stored hash over entries {first} to {first + (1 << level) - 1} is not theirs")
        self.check_policies()
        self.check_seals()

    def check_policies(self) -> None:
        files: dict[str, dict[str, bytes]] = {}
        sql = "SELECT p.sha256, p.file, p.content, c.data FROM policies p JOIN contents c ON c.sha256 = p.content"
        for sha256, file, content, data in self.reader.rows(sql):
            if hashlib.sha256(bytes(data)).hexdigest() == content:
                files.setdefault(sha256, {})[file] = bytes(data)
        for sha256, n in self.policies.items():
            if sha256 not in files:
                self.report(n, f"the policy {sha256[:12]} that it names is not stored")
            elif _policy_hash(files[sha256]) != sha256:
                self.report(n, f"the policy {sha256[:12]} that it names is not stored as it was")

    def check_seals(self) -> None:
        there = set()
        for deal, seal, salt, text in self.reader.rows("SELECT deal, seal, salt, text FROM items"):
            there.add(seal)
            if "sealed:" + hashlib.sha256(bytes(salt) + bytes(text)).hexdigest() != seal:
                self.report(
                    self.seals.get(seal, ("", 0))[1], f"a sealed text of deal {_shown(deal)} is not the one it was"
                )
            if seal in self.erased:
                self.report(self.erased[seal], f"a text of deal {_shown(deal)} that it erased is there again")
        for seal, (_, n) in self.seals.items():
            if seal not in there and seal not in self.erased:
                self.report(n, "a sealed text of it is gone, and no erasure is recorded")

    def compare(self) -> None:
        """Compare with the checkpoints, the smallest first."""
        for one in sorted(self.signed, key=lambda s: s.size):
            if one.size > self.size:
                what = f"it is missing; the log ends here, and {one.name} was signed over {one.size} entries"
                self.report(self.size, what)
            elif self.roots.get(one.size) == one.root:
                self.held.append(one.size)
            elif self.changed is not None and self.changed < one.size and _root(self.longest, one.size) == one.root:
                self.report(self.changed, f"it is not the entry over which {one.name} was signed")
            else:
                first = max(self.held, default=0)
                those = f"one of entries {first} to {one.size - 1}" if one.size - first > 1 else "it"
                self.report(first, f"{those} is not what it was when {one.name} was signed")


def _opened(witness: Witness, keys: Sequence[str]) -> _Signed | str:
    """Return what a checkpoint signs, or why it proves nothing."""
    text, gap, signatures = witness.note.rpartition("\n\n")
    if not gap or not signatures.strip():
        return "it bears no signature"
    lines = text.split("\n")
    if len(lines) < 3 or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1], re.ASCII):
        return "it is no checkpoint"
    problem = "it bears no signature by a key that was given"
    for key in keys:
        verdict = _is_signed(key, text + "\n", signatures)
        root = _base64(lines[2])
        if root is None or len(root) != 32:
            return "it is no checkpoint"
        if verdict is True:
            size = int(lines[1])
            leaves = witness.leaves[: 32 * size]
            fits = len(leaves) == 32 * size and _root(leaves, size) == root
            return _Signed(witness.name, size, root, leaves if fits else b"")
        if verdict is False:
            problem = "its signature does not fit its text"
    return problem


def _is_signed(key: str, text: str, signatures: str) -> bool | None:
    """Return whether the key's signature fits, or none where there is no signature of this key.

    Raises:
        ValueError: Where *key* is no verifier key.
    """
    name, said, encoded = key.strip().split("+", 2)
    public = _base64(encoded) or b""
    number = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != b"\x01" or len(public) != 33 or number.hex() != said:
        raise ValueError(f"`{key.strip()}` is no verifier key")
    for line in signatures.splitlines():
        parts = line.split(" ")
        data = _base64(parts[2]) if len(parts) == 3 and parts[:2] == ["\N{EM DASH}", name] else None
        if data is not None and data[:4] == number:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(data[4:], text.encode())
            except InvalidSignature:
                return False
            return True
    return None


def _root(leaves: bytes, size: int) -> bytes:
    """Return the root over the first leaf hashes of a list, by the definition (RFC 9162, 2.1.1)."""
    level = [leaves[i : i + 32] for i in range(0, 32 * size, 32)]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [_node(a, b) for a, b in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0] if level else hashlib.sha256(b"").digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _policy_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over every file's name and content, each behind its length in 8 bytes, in the names' order."""
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(), data):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def _instant(text: str) -> int:
    return (datetime.fromisoformat(text.upper()) - _EPOCH) // timedelta(microseconds=1)


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _shown(value: object) -> str:
    text = "nothing" if value is None else f"`{value}`"
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return clean if len(clean) < 60 else clean[:59] + "…"


def folder_of(files: Iterable[tuple[str, bytes]]) -> list[Witness]:
    """Return the checkpoints of a folder, where each `SIZE.checkpoint` may have leaf hashes in `leaves` beside it."""
    found = dict(files)
    leaves = found.get("leaves", b"")
    return [
        Witness(name, data.decode("utf-8", "replace"), leaves)
        for name, data in sorted(found.items())
        if name.endswith(".checkpoint")
    ]
