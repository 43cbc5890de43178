"""Replay: decide every recorded event again, under the policy its decision names, and compare the bytes."""

from collections.abc import Iterable, Iterator

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.decide.decision import Cores, Decision, encode
from walkaway.language.values import shorten
from walkaway.log.desk import Desk, PolicyLost
from walkaway.log.entries import Diverged, Erased, Folder, Part, differences, readable
from walkaway.log.store import Entry, Store


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


def replay(store: Store, desk: Desk, entries: Iterable[Entry]) -> Iterator[Difference | Unreplayed | None]:
    """Return for each entry what came out: none where it is the same.

    Args:
        entries: Of whole deals, in the log's order.
    """
    folders: dict[str, Folder] = {}
    broken: dict[str, Unreplayed] = {}
    for entry in entries:
        deal = entry.deal
        if deal is None:
            yield None
            continue
        if deal in broken:
            yield Unreplayed(
                entry.n, f"what comes before it in its deal cannot be: {broken[deal]}", broken[deal].erased
            )
            continue
        if deal not in folders:
            folders[deal] = Folder(desk, store, deal)
        folder = folders[deal]
        try:
            yield from _compare(folder, entry)
        except (Erased, Diverged, PolicyLost, Unfit) as problem:
            broken[deal] = Unreplayed(entry.n, str(problem), isinstance(problem, Erased))
            yield broken[deal]
        if folder.position is None or folder.position.outcome:
            del folders[deal]  # a closed deal has no further events, and a log may hold very many


def _compare(folder: Folder, entry: Entry) -> Iterator[Difference | Unreplayed | None]:
    stored = readable(entry)
    head, decision = folder.decide(entry)
    part = Part(stored, folder.items if head.sealed else {})
    if part.is_erased:
        yield Unreplayed(entry.n, "its reasoning is erased", erased=True)
        return
    again = encode(_with_cores(decision, part.decision))
    if again == part.decision:
        yield None
        return
    decoder = msgspec.json.Decoder()
    found = differences(decoder.decode(part.decision), decoder.decode(again))
    for field, old, new in found or [("its spelling", "other bytes", "the same values")]:
        yield Difference(entry.n, head.deal, head.event, stored.release, field, old, new)


class _Ran(msgspec.Struct, frozen=True):
    cores: Cores


_read_ran = msgspec.json.Decoder(_Ran).decode


def _with_cores(decision: Decision, recorded: bytes) -> Decision:
    """Take over which cores ran, as long as neither record has them disagree: it depends on the machine alone."""
    try:
        ran = _read_ran(recorded).cores
    except msgspec.DecodeError:
        return decision
    if ran == decision.cores or not ran.agree or not decision.cores.agree:
        return decision
    return msgspec.structs.replace(decision, cores=ran)
