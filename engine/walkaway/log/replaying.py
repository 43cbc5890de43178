"""Replay: decide every recorded event again, under the policy its decision names, and compare the bytes."""

from collections.abc import Iterable, Iterator

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.encode import canonical
from walkaway.decide.decision import Cores, Decision
from walkaway.decide.evidence import CoreNote, Evidence
from walkaway.language.values import shorten
from walkaway.log.differing import differences
from walkaway.log.leaves import IN_WORDS
from walkaway.log.meanings import is_same_meaning
from walkaway.log.policies import Policies, PolicyLost
from walkaway.log.store import LogEntry, Store
from walkaway.log.stored import Diverged, EntryFold, EntryPart, Erased, readable


class Difference(msgspec.Struct, frozen=True):
    """A decision that came out otherwise: where, and how it stands in the log and comes out now."""

    entry: int
    deal: str
    event: str
    release: str
    field: str
    old: str
    new: str

    def __str__(self) -> str:
        where = f"entry {self.entry}, event `{shorten(self.event)}` of deal `{shorten(self.deal)}`"
        return f"{where}, recorded by release {self.release}: `{self.field}` was {self.old}, comes out as {self.new}"


class Unreplayed(msgspec.Struct, frozen=True):
    """An entry that cannot be decided again, and exactly why not; erased, if the reason is a recorded erasure."""

    entry: int
    why: str
    erased: bool

    def __str__(self) -> str:
        return self.why if self.why.startswith("entry ") else f"entry {self.entry}: {self.why}"


class Rejudged(msgspec.Struct, frozen=True):
    """An entry of a release that gave policies another meaning, decided under this one's.

    Attributes:
        changes: What would be decided otherwise now, as sentences; empty where nothing would.
        why: Why it cannot be decided under this meaning, where it cannot.
    """

    entry: int
    deal: str
    event: str
    release: str
    changes: tuple[str, ...] = ()
    why: str = ""

    def __str__(self) -> str:
        where = f"entry {self.entry}, event `{shorten(self.event)}` of deal `{shorten(self.deal)}`"
        what = self.why or "; ".join(self.changes) or "it would be decided the same now"
        return f"{where}, written by release {self.release}, under which policies meant something else: {what}"


Came = Difference | Unreplayed | Rejudged | None


def replay(store: Store, policies: Policies, entries: Iterable[LogEntry]) -> Iterator[Came]:
    """Return for each entry what came out: none where it is the same.

    What a release decided that gave policies another meaning is compared by what was decided, and never as bytes.

    Args:
        entries: Of whole deals, in the log's order.
    """
    folders: dict[str, EntryFold] = {}
    broken: dict[str, Unreplayed | Rejudged] = {}
    for entry in entries:
        deal = entry.deal
        if deal is None:
            yield None
            continue
        if deal in broken:
            yield _behind(entry, broken[deal])
            continue
        if deal not in folders:
            folders[deal] = EntryFold(policies, store, deal)
        folder = folders[deal]
        try:
            yield from _compare(folder, entry)
        except (Erased, Diverged, PolicyLost, Unfit) as problem:
            broken[deal] = _stuck(entry, problem)
            yield broken[deal]
        if folder.position is None or folder.position.is_over:
            del folders[deal]  # a deal that is over has no further events, and a log may hold very many


def _stuck(entry: LogEntry, problem: Exception) -> Unreplayed | Rejudged:
    """Say why an entry cannot be decided again; under another meaning that is no fault of it."""
    release = _release(entry)
    if isinstance(problem, Erased) or release is None or is_same_meaning(release):
        return Unreplayed(entry.n, str(problem), isinstance(problem, Erased))
    return Rejudged(entry.n, entry.deal or "", entry.event or "", release, why=f"it cannot be decided now: {problem}")


def _behind(entry: LogEntry, first: Unreplayed | Rejudged) -> Unreplayed | Rejudged:
    """Say that an entry cannot be decided again because one before it in its deal cannot."""
    why, release = f"what comes before it in its deal cannot be: {first}", _release(entry)
    if isinstance(first, Unreplayed) or release is None or is_same_meaning(release):
        return Unreplayed(entry.n, why, isinstance(first, Unreplayed) and first.erased)
    return Rejudged(entry.n, entry.deal or "", entry.event or "", release, why=why)


def _release(entry: LogEntry) -> str | None:
    """Return the release that wrote an entry; none where it cannot be read."""
    try:
        return readable(entry).release
    except Diverged:
        return None


def _compare(folder: EntryFold, entry: LogEntry) -> Iterator[Came]:
    stored = readable(entry)
    in_words = stored.format == IN_WORDS
    head, found = folder.decide(entry, in_words=in_words)
    part = EntryPart(stored, folder.items if head.sealed else {}, head)
    if part.is_erased:
        yield Unreplayed(entry.n, "its reasoning is erased", erased=True)
        return
    if not is_same_meaning(stored.release):
        changes = _judgements(part.data, canonical(found))
        yield Rejudged(entry.n, head.deal, head.event, stored.release, changes)
        return
    again = canonical(_with_cores(found, part.data))
    if again == part.data:
        yield None
        return
    decoder = msgspec.json.Decoder()
    changed = differences(decoder.decode(part.data), decoder.decode(again))
    for field, old, new in changed or [("its spelling", "other bytes", "the same values")]:
        yield Difference(entry.n, head.deal, head.event, stored.release, field, old, new)


class _RecordedRule(msgspec.Struct, frozen=True):
    rule: str
    effect: str


class _RulesAbove(msgspec.Struct, frozen=True):
    """What evidence has of the layers above."""

    reasons: tuple[_RecordedRule, ...] = ()
    above: "_RulesAbove | None" = None

    @property
    def fired(self) -> tuple[_RecordedRule, ...]:
        """Return the rules that fired in them."""
        return self.reasons if self.above is None else (*self.reasons, *self.above.fired)


class _RecordedAnswer(msgspec.Struct, frozen=True):
    """What was decided, apart from how it is told."""

    verdict: str
    door: str | None = None
    reasons: tuple[_RecordedRule, ...] = ()
    above: _RulesAbove | None = None

    @property
    def fired(self) -> tuple[_RecordedRule, ...]:
        """Return the rules that fired in any layer."""
        return self.reasons if self.above is None else (*self.reasons, *self.above.fired)


_read_judged = msgspec.json.Decoder(_RecordedAnswer).decode


def _judgements(recorded: bytes, now: bytes) -> tuple[str, ...]:
    """Say what two decisions decided otherwise: the verdict, the door, the rules that fired."""
    old, new = _read_judged(recorded), _read_judged(now)
    said = [
        f"`{name}` was {_quoted(before)}, would be {_quoted(after)} now"
        for name, before, after in (("verdict", old.verdict, new.verdict), ("door", old.door, new.door))
        if before != after
    ]
    fired, fires = set(old.fired), set(new.fired)
    said += [f"rule `{r.rule}` gave `{r.effect}`, would not now" for r in old.fired if r not in fires]
    said += [f"rule `{r.rule}` would give `{r.effect}` now" for r in new.fired if r not in fired]
    return tuple(said)


def _quoted(value: str | None) -> str:
    return "nothing" if value is None else f"`{value}`"


class _InWords(msgspec.Struct, frozen=True):
    cores: Cores


class _AsEvidence(msgspec.Struct, frozen=True):
    ran: tuple[str, ...]
    cores: CoreNote | None = None


def _with_cores(found: Decision | Evidence, recorded: bytes) -> Decision | Evidence:
    """Take over which cores ran, as long as neither record has them disagree: it depends on the machine alone."""
    try:
        if isinstance(found, Decision):
            cores = msgspec.json.decode(recorded, type=_InWords).cores
            return found if _disagree(cores) or _disagree(found.cores) else msgspec.structs.replace(found, cores=cores)
        was = msgspec.json.decode(recorded, type=_AsEvidence)
    except msgspec.DecodeError:
        return found
    if _disagree(was.cores) or _disagree(found.cores):
        return found
    return msgspec.structs.replace(found, ran=was.ran, cores=was.cores)


def _disagree(cores: Cores | CoreNote | None) -> bool:
    return cores is not None and not cores.agree
