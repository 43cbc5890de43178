# Over 400 lines: one pass over a store; each check reads what the pass remembers.
"""One pass over the rows of a store: entries, and whatever lies beside them, each compared with what it must be."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from walkaway.language.spelling import counted
from walkaway.log.problems import StoreProblem
from walkaway.log.verify.forms import FORMS, DatabaseReader, built, flaws, form_of, overlong
from walkaway.log.verify.signed import Signed, node, root_of

Fits = Callable[[bytes, str, str, bool], bool | None]
"""Whether a position that was laid aside has a digest, by the release that did that, of a deal that is closed or not;
none where nobody can tell."""
THE_STORE = -1
"""In place of an entry's number: it shows on no entry, but on the store as a whole."""
_DECIDED = {1: "decision", 2: "evidence"}
"""Form of an entry → under which name it has what was decided: in words, or as evidence."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEAL = re.compile(rb"sealed:[0-9a-f]{64}")
_RATES = "rates"
"""Under this name lie published rates, by their hash."""
_POSITIONS = "positions"
"""What is noted under this name is no place: it says that every open deal has a position."""
_spell = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class Damage(msgspec.Struct, frozen=True):
    """One thing that is not as it was.

    Attributes:
        entry: The number of the first entry that it shows on; `THE_STORE` where it shows on none.
    """

    entry: int
    what: str

    def __str__(self) -> str:
        return f"the store: {self.what}" if self.entry == THE_STORE else f"entry {self.entry}: {self.what}"


class _Sealed(msgspec.Struct):
    """Where a seal stands first, and what sorts of text it may stand for; all, where that is not told."""

    deal: str
    entry: int
    sorts: frozenset[str]


class _End(msgspec.Struct, frozen=True):
    """A deal's last entry, and the digest of where it left the deal; none where that is sealed.

    Attributes:
        instants: At which the deal may have come to its end: that of the entry; of one far ahead, which is not
            remembered, that of the entry before; either where a seal hides which.
        is_closed: Whether it is closed; something may be owed in it all the same.
    """

    entry: int
    instants: frozenset[int]
    digest: str | None
    release: str
    is_closed: bool = False


class LogPass:
    """One pass over the entries."""

    def __init__(
        self,
        reader: DatabaseReader,
        signed: Sequence[Signed],
        tell: Callable[[int], None],
        fits: Fits,
    ) -> None:
        self.reader, self.signed, self.tell, self.fits = reader, signed, tell, fits
        self.damages: list[Damage] = []
        self.notes: list[str] = []
        self.held: list[int] = []
        self.form: str | None = None
        self.size = 0
        self.peaks: list[bytes] = []
        self.chain = bytes(32)
        self.roots: dict[int, bytes] = {}
        self.wanted = {s.size for s in signed}
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.deals: dict[str, tuple[str, str]] = {}
        self.open: dict[str, _End] = {}
        self.closed: dict[str, _End] = {}
        self.seals: dict[str, _Sealed] = {}
        self.erased: dict[str, int] = {}
        self.policies: dict[str, int] = {}
        self.longest = max((s.leaves for s in signed), key=len, default=b"")
        self.changed: int | None = None

    def report(self, entry: int, what: str) -> None:
        self.damages.append(Damage(entry, what))

    def read(self) -> None:
        """Read what the store is built of, every entry, and all that lies beside them."""
        self.remember_root()
        if self.guarded(self.check_form) and self.guarded(self.entries):
            for check in (
                self.check_numbers,
                self.check_meta,
                self.check_nodes,
                self.check_policies,
                self.check_seals,
                self.check_positions,
                self.check_places,
                self.check_file,
            ):
                self.guarded(check)

    def guarded(self, check: Callable[[], bool | None]) -> bool:
        """Run a check; where the database cannot answer it, that is a finding, and so is that it ends here."""
        try:
            return check() is not False
        except (StoreProblem, ValueError, TypeError, OverflowError) as problem:
            said = str(problem) if isinstance(problem, StoreProblem) else "it holds a value of another type"
            self.report(self.size, f"the store cannot be read from here on: {said}")
            return False

    def check_form(self) -> bool:
        """Compare what the database is built of; nothing is read where something else stands in a table's place."""
        found = built(self.reader)
        self.form = form_of(self.reader, found)
        if self.form not in FORMS:
            self.report(THE_STORE, f"its tables are of form {_shown(self.form)}, which is none of a store")
        form = self.form if self.form in FORMS else FORMS[-1]
        wrong = flaws(self.reader, form, found)
        is_readable = not any(key.split(" `")[0] in ("view", "relation of another kind") for key in found) and not any(
            made.startswith("CREATE VIRTUAL") for made in found.values()
        )
        for flaw in wrong:
            self.report(THE_STORE, flaw)
        if not is_readable:
            return False
        long = overlong(self.reader, form, is_sound=not wrong)
        for flaw in long:
            self.report(THE_STORE, flaw)
        return not long

    def entries(self) -> None:
        """Read the entries in order."""
        sql = "SELECT n, deal, event, instant, verdict, chain, leaf FROM entries WHERE n > ? ORDER BY n LIMIT 1000"
        last = -1
        while page := list(self.reader.rows(sql, last)):
            self.tell(self.size)
            for n, deal, event, instant, verdict, chain, leaf in page:
                if type(n) is not int:
                    self.report(last + 1, f"an entry behind it has {_shown(n)} for its number")
                    return
                if n != last + 1:
                    self.report(last + 1, f"it is missing; the next one there is has number {n}")
                last = n
                columns = deal, event, instant, verdict
                if type(chain) is not bytes or type(leaf) is not bytes or not _are_columns(columns):
                    self.report(n, "its row holds a value of another type")
                self.entry(n, columns, chain if type(chain) is bytes else b"", leaf if type(leaf) is bytes else b"")

    def check_numbers(self) -> None:
        """See to it that there is no row besides those that were read."""
        (count, first), *_ = self.reader.rows("SELECT count(*), min(n) FROM entries")
        if type(first) is int and first < 0:
            below = [row[0] for row in self.reader.rows("SELECT n FROM entries WHERE n < 0 ORDER BY n LIMIT 3")]
            numbers = ", ".join(_shown(n) for n in below)
            self.report(THE_STORE, f"there are entries numbered below 0, the first of them {numbers}")
        elif count != self.size:
            self.report(THE_STORE, f"its entries are {_shown(count)}, and those that are numbered in order {self.size}")
        twice = (
            "SELECT deal, event, min(n) FROM entries WHERE deal IS NOT NULL GROUP BY deal, event HAVING count(*) > 1"
        )
        for deal, event, n in self.reader.rows(f"{twice} ORDER BY 3 LIMIT 20"):
            self.report(n, f"event {_shown(event)} of deal {_shown(deal)} is recorded more than once")

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
            self.seals.setdefault(match.decode(), _Sealed(str(columns[0] or ""), n, _SORTS))
        try:
            said = self.erasure(n, content) if "erasure" in content else self.decision(n, content)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            self.report(n, "it is neither a decision nor an erasure of a form that there is")
            return
        for name, column, value in zip(("deal", "event", "instant", "verdict"), columns, said, strict=True):
            if column != value:
                self.report(n, f"the column `{name}` says {_shown(column)}, the entry itself {_shown(value)}")

    def decision(self, n: int, content: Mapping[str, Any]) -> tuple[object, ...]:
        """Check a decision against its event and its deal's previous decision; return what its columns should say."""
        part = _DECIDED[content["format"]]
        if set(content) != {part, "event", "format", "release"}:
            raise ValueError("another format")
        decision, event = content[part], content["event"]
        deal, policy = decision["deal"], decision["policy"]
        if part == "decision":
            policy = policy["sha256"]
        if (deal, decision["event"], decision["at"]) != (event["deal"], event["id"], event["at"]):
            self.report(n, "its decision is about another event than the one it holds")
        self.policies.setdefault(policy, n)
        before, after = "", None
        if "position" in decision:
            last, under = self.deals.get(deal, ("", policy))
            before, after = decision["position"]["before"], decision["position"]["after"]
            if before != last and under == policy:
                self.report(n, f"deal {_shown(deal)} was not left in the position from which it goes on here")
            self.deals[deal] = after, policy
        instant = _instant(event["at"])
        is_closed = decision["on"] == "close" or deal in self.closed
        ended, instants = self.open.get(deal) or self.closed.get(deal), frozenset((instant,))
        if ended is not None and (after == before or (after is None and decision["verdict"] == "hold")):
            instants = ended.instants if after is not None else instants | ended.instants
        (self.closed if is_closed else self.open)[deal] = _End(n, instants, after, str(content["release"]), is_closed)
        if is_closed:
            self.open.pop(deal, None)
        self.sorts(event, decision)
        return deal, decision["event"], instant, decision["verdict"]

    def sorts(self, event: Mapping[str, Any], decision: Mapping[str, Any]) -> None:
        """Remember what sort of text each seal of a decision's event stands for."""
        is_closed = "sealed" in decision
        self.stands(decision.get("sealed"), "decision")
        for name in ("actor", "approver"):
            self.stands(event.get(name), "name")
        for name in ("note", "reason", "asked", "proof"):
            self.stands(event.get(name), "text")
        for value in event.get("facts", {}).values():
            self.stands(value, *(("text", "quantity") if is_closed else ("text",)))
        for value in event.get("terms", {}).values():
            self.stands(value, "quantity")
        for limits in event.get("limits", {}).values():
            for value in limits.values():
                self.stands(value, "quantity")

    def stands(self, value: object, *sorts: str) -> None:
        """Remember what sorts of text a value may stand for, where it is a seal."""
        found = self.seals.get(value) if isinstance(value, str) else None
        if found is not None:
            found.sorts &= frozenset(sorts)

    def erasure(self, n: int, content: Mapping[str, Any]) -> tuple[object, ...]:
        """Remember what was erased."""
        if content["format"] not in _DECIDED or set(content) != {"erasure", "format", "release"}:
            raise ValueError("another format")
        erasure = content["erasure"]
        for seal in erasure["seals"]:
            self.erased.setdefault(seal, n)
        self.stands(erasure["by"], "name")
        self.stands(erasure["reason"], "text")
        return None, None, None, None

    def grow(self, hashed: bytes) -> None:
        """Add a leaf to the tree."""
        count, level = self.size, 0
        while count & 1:
            hashed = node(self.peaks.pop(), hashed)
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
            root = node(peak, root)
        return root

    def check_meta(self) -> None:
        """See to it that the store says nothing of itself but its form."""
        for (name,) in self.reader.rows("SELECT substr(name, 1, 100) FROM meta WHERE name <> 'schema' LIMIT 20"):
            self.report(THE_STORE, f"it says something of itself that no store does: {_shown(name)}")

    def check_nodes(self) -> None:
        """Compare the stored subtrees with those of the entries."""
        stored = {(level, place): h for level, place, h in self.reader.rows("SELECT level, place, hash FROM nodes")}
        for level, place in sorted({*stored, *self.nodes}):
            if stored.get((level, place)) != self.nodes.get((level, place)):
                first = place << level
                self.report(first, f"the stored hash over entries {first} to {first + (1 << level) - 1} is not theirs")

    def check_policies(self) -> None:
        """Compare each policy with the hash under which decisions name it; none is there that no decision names."""
        contents: dict[str, bytes] = {}
        for sha256, data in self.reader.rows("SELECT sha256, data FROM contents"):
            if type(data) is bytes and hashlib.sha256(data).hexdigest() == sha256:
                contents[sha256] = data
            else:
                self.report(THE_STORE, f"the file {_shown(sha256, 14)} of a policy is not the one it was")
        files: dict[str, dict[str, bytes]] = {}
        used = set()
        for sha256, file, content in self.reader.rows("SELECT sha256, file, content FROM policies"):
            used.add(content)
            known = files.setdefault(sha256, {})
            if content in contents:
                known[file] = contents[content]
        for sha256, n in self.policies.items():
            if sha256 not in files:
                self.report(n, f"the policy {sha256[:12]} that it names is not stored")
            elif _policy_hash(files[sha256]) != sha256:
                self.report(n, f"the policy {sha256[:12]} that it names is not stored as it was")
        for sha256 in files.keys() - self.policies.keys():
            self.report(THE_STORE, f"the policy {_shown(sha256, 14)} is stored, and no decision names it")
        for _ in contents.keys() - used:
            self.report(THE_STORE, "the file of a policy is stored, and no policy has it")

    def check_seals(self) -> None:
        """Compare the sealed texts with their seals, their deals and what sort of text stands there."""
        there = set()
        for deal, seal, salt, sort, text in self.reader.rows("SELECT deal, seal, salt, sort, text FROM items"):
            there.add(seal)
            known = self.seals.get(seal)
            if known is None:
                self.report(THE_STORE, f"a sealed text of deal {_shown(deal)} is there that stands in no entry")
                continue
            whole = type(salt) is bytes and type(text) is bytes
            if not whole or "sealed:" + hashlib.sha256(salt + text).hexdigest() != seal:
                self.report(known.entry, f"a sealed text of deal {_shown(deal)} is not the one it was")
            if deal != known.deal:
                self.report(known.entry, f"a sealed text of it is kept under deal {_shown(deal)}")
            if sort not in known.sorts:
                self.report(known.entry, f"a sealed text of it is kept as a {_shown(sort)}, which it is not")
            if seal in self.erased:
                self.report(self.erased[seal], f"a text of deal {_shown(deal)} that it erased is there again")
        for seal, known in self.seals.items():
            if seal not in there and seal not in self.erased:
                self.report(known.entry, "a sealed text of it is gone, and no erasure is recorded")

    def check_positions(self) -> None:
        """Compare where open deals are said to stand with their last entries."""
        if self.form == "1" and not self.has("positions"):
            return
        there, unread = set(), 0
        for deal, n, last, position in self.reader.rows("SELECT deal, n, last, position FROM positions"):
            there.add(deal)
            end = self.open.get(deal) or self.closed.get(deal)
            if end is None or (end.is_closed and not position and end.digest is not None):
                self.report(THE_STORE, f"deal {_shown(deal)} is kept as open, and is not")
                continue
            if n != end.entry or last not in end.instants:
                self.report(end.entry, f"deal {_shown(deal)} is kept as if it had ended elsewhere")
            if type(position) is not bytes:
                self.report(end.entry, f"where deal {_shown(deal)} stands is kept as a value of another type")
            elif position and end.digest is None:
                self.report(end.entry, f"where deal {_shown(deal)} stands is kept, and should be sealed")
            elif position and end.digest is not None:
                fits = self.fits(position, end.digest, end.release, end.is_closed)
                unread += fits is None
                if fits is False and end.is_closed:
                    self.report(THE_STORE, f"deal {_shown(deal)} is kept as open, and is not")
                elif fits is False:
                    self.report(end.entry, f"where deal {_shown(deal)} stands is not kept as its last decision left it")
        if self.form != "1":
            for deal in self.open.keys() - there:
                self.report(self.open[deal].entry, f"deal {_shown(deal)} is open, and is not kept as open")
        if unread:
            what = f"{counted(unread, 'position')} {'was' if unread == 1 else 'were'}"
            self.notes.append(f"{what} laid aside by another release: not verified, and never used")

    def check_places(self) -> None:
        """See to it that places are such; what they say rests on no entry, and nobody signed it."""
        if self.form == "1" and not self.has("places"):
            return
        count = 0
        for name, part, place in self.reader.rows("SELECT name, part, place FROM places"):
            if type(name) is not str or type(part) is not str or type(place) is not bytes:
                self.report(THE_STORE, "a place holds a value of another type")
            if name == _RATES and hashlib.sha256(bytes(place)).hexdigest() != part:
                self.report(THE_STORE, "a published rate that decisions were made with is not the one it was")
            count += name not in (_POSITIONS, _RATES)
        if count:
            what = f"{counted(count, 'place')} {'is' if count == 1 else 'are'}"
            self.notes.append(f"{what} noted where sources and sinks go on: no entry holds them, not verified")

    def check_file(self) -> None:
        """Have the database itself look whether its pages, indices and rows fit each other."""
        if self.reader.dialect != "sqlite":
            return
        for (said,) in self.reader.rows("PRAGMA integrity_check(20)"):
            if said != "ok":
                self.report(THE_STORE, f"the file is damaged: {_shown(' '.join(str(said).split()))}")

    def has(self, table: str) -> bool:
        return f"table `{table}`" in built(self.reader)

    def compare(self) -> None:
        """Compare with the checkpoints, the smallest first."""
        for one in sorted(self.signed, key=lambda s: s.size):
            if one.size > self.size:
                what = f"it is missing; the log ends here, and {one.name} was signed over {counted(one.size, 'entry')}"
                self.report(self.size, what)
            elif self.roots.get(one.size) == one.root:
                self.held.append(one.size)
            elif self.changed is not None and self.changed < one.size and root_of(self.longest, one.size) == one.root:
                self.report(self.changed, f"it is not the entry over which {one.name} was signed")
            else:
                first = max(self.held, default=0)
                those = f"one of entries {first} to {one.size - 1}" if one.size - first > 1 else "it"
                self.report(first, f"{those} is not what it was when {one.name} was signed")


def _policy_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over every file's name and content, each behind its length in 8 bytes, in the names' order."""
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(), data):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def _instant(text: str) -> int:
    return (datetime.fromisoformat(text.upper()) - _EPOCH) // timedelta(microseconds=1)


_SORTS = frozenset(("name", "text", "quantity", "decision"))


def _are_columns(columns: Sequence[object]) -> bool:
    """Return whether deal, event, instant and verdict are of the types that these have."""
    return all(c is None or type(c) is (int if i == 2 else str) for i, c in enumerate(columns))


def _shown(value: object, most: int = 60) -> str:
    text = "nothing" if value is None else f"`{str(value)[:1000]}`"
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return clean if len(clean) < most else clean[: most - 1] + "…"
