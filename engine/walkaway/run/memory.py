"""The keeper of a run without a store: one stream, whose idle deals are laid aside.

Only so many deals, and so many of their events, are in memory; the others lie in a temporary file that nobody else can
see and that is gone with the process.
"""

from collections.abc import Callable, Iterator, MutableMapping, Sequence

import msgspec

from walkaway.deal.encode import canonical
from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.deal.position import packed, unpacked
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Core, Engine, Incident
from walkaway.events import EVERY_DEAL, AnyEvent, Verdict
from walkaway.policy import Policy
from walkaway.run.keeper import DecidedEvent, Within
from walkaway.run.overflow import OverflowFile
from walkaway.run.ports import Offsets
from walkaway.session.follower import Version
from walkaway.session.kept import KeptEvents
from walkaway.session.stream import FollowedDeal, Stream


class _Aside(msgspec.Struct, frozen=True):
    """A deal as it is laid aside, with the content hash of its version, and its position as `packed`."""

    version: str
    position: bytes
    digest: str
    events: dict[str, bytes]
    verdict: Verdict


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Aside).decode


class Overflow(MutableMapping[str, FollowedDeal]):
    """The deals that a stream follows: those used lately in memory, the others laid aside.

    Args:
        version: Returns a version by its content hash.
        most: Deals in memory, and `most_events` their events; half of the deals stay when either is exceeded.
    """

    def __init__(self, overflow: OverflowFile, version: Callable[[str], Version], most: int, most_events: int) -> None:
        self.overflow, self.version, self.most, self.most_events = overflow, version, most, most_events
        self.near: dict[str, FollowedDeal] = {}
        self.decided = 0

    def __getitem__(self, deal: str) -> FollowedDeal:
        found = self.near.pop(deal, None)
        if found is None:
            data = self.overflow.take(deal)
            if data is None:
                raise KeyError(deal)
            found = taken_back(data, self.version)
            self.decided += len(found.events)
        self.near[deal] = found  # the one used last stands at the end
        return found

    def __setitem__(self, deal: str, followed: FollowedDeal) -> None:
        self.near[deal] = followed

    def __delitem__(self, deal: str) -> None:
        if self.near.pop(deal, None) is None and self.overflow.take(deal) is None:
            raise KeyError(deal)

    def __iter__(self) -> Iterator[str]:
        yield from self.near
        yield from self.overflow.deals()

    def __len__(self) -> int:
        return len(self.near) + self.overflow.size

    def lay_aside(self) -> None:
        """Lay the deals aside that were used longest ago, where there are too many."""
        self.decided += 1
        if len(self.near) <= self.most and self.decided <= self.most_events:
            return
        gone = list(self.near)[: -(self.most // 2) or None]
        if self.decided > self.most_events:
            gone = list(self.near)[: max(len(self.near) // 2, 1)]
        self.overflow.put((deal, *laid(self.near.pop(deal))) for deal in gone)
        self.decided = sum(len(f.events) for f in self.near.values())


def laid(of: FollowedDeal) -> tuple[int | None, bytes]:
    """Return a deal's latest instant, none where it is over, and all of it as bytes."""
    position = of.position
    data = _pack(_Aside(of.version.policy.key, packed(position), of.digest, of.events.laid, of.verdict))
    return None if position.is_over else position.last, data


def taken_back(data: bytes, version: Callable[[str], Version]) -> FollowedDeal:
    """Return the deal that `laid` made bytes of.

    Args:
        version: Returns a version by its content hash.
    """
    aside = _unpack(data)
    position = unpacked(aside.position)
    events = KeptEvents(position.deal, aside.events)
    return FollowedDeal(version(aside.version), position, aside.digest, events, aside.verdict)


class Memory:
    """Decides and keeps nothing beyond the process.

    Args:
        overflow: Takes the deals that are laid aside.
        most, most_events: How many deals, and how many of their events, stay in memory.
        others: Other versions of the policy, under which deals open on days on which they are in force.
        in_words: Whether answers are decisions in words, or their evidence alone.
    """

    def __init__(
        self,
        policy: Policy,
        core: Core,
        report: Callable[[Incident], None],
        overflow: OverflowFile,
        most: int = 20_000,
        most_events: int = 200_000,
        others: Sequence[Policy] = (),
        *,
        in_words: bool = True,
    ) -> None:
        self.core, self.report, self.overflow = core, report, overflow
        self.deals = Overflow(overflow, lambda sha256: self.stream.versions[sha256], most, most_events)
        engines = [Engine(p, core, report) for p in (policy, *others)]
        self.stream = Stream(*engines, deals=self.deals, in_words=in_words, sees_all=False)

    def use_versions(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        ready = self.stream.versions
        engines = [ready[p.key].engine if p.key in ready else Engine(p, self.core, self.report) for p in policies]
        self.stream.use_versions(*engines)

    def take(self, lines: Sequence[Line], within: Within) -> Sequence[DecidedEvent | DeadLetter]:
        """Return an answer for each line."""
        answers: list[DecidedEvent | DeadLetter] = []
        for line in lines:
            known = self.at_once(line)
            answers.append(self.stream.follower.line(line, self.event) if known is None else known)
        within(answers)
        return answers

    def event(self, event: AnyEvent) -> DecidedEvent:
        """Decide one event.

        Raises:
            Unfit: Where it does not fit its deal.
        """
        followed = self.deals.get(event.deal)
        repeated = followed is not None and event.id in followed.events
        return self.decided(self.stream.follower.event(event), repeated=repeated)

    def at_once(self, line: Line) -> DecidedEvent | None:
        """Decide a line as `Stream.at_once` does."""
        decision = None if line.piece else self.stream.at_once(line.data)
        return None if decision is None else self.decided(decision, repeated=False)

    def decided(self, decision: Decision, *, repeated: bool) -> DecidedEvent:
        """Return a decision as it is given out, and lay deals aside that were used long ago."""
        self.deals.lay_aside()
        event, deal, at = decision.event, decision.deal, decision.at
        return DecidedEvent(-1, deal, event, at, decision.verdict.value, canonical(decision), repeated)

    def ahead(self, lines: Sequence[Line]) -> bool:
        """Begin nothing: one process decides one batch after the other."""
        return False

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return open deals whose latest event is older than an instant."""
        near = [d for d, of in self.deals.near.items() if not of.position.is_over and of.position.last < before]
        found = near + self.overflow.idle(before, most + 1)
        return [deal for deal in found if deal != EVERY_DEAL][:most]

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        of = self.deals.get(deal)
        return None if of is None or of.position.is_over else of.position.last

    def answer(self, entry: int) -> DecidedEvent:
        """Return an answer that was kept: there is none."""
        raise LookupError(entry)

    def noted(self, _: str) -> Offsets:
        """Return what was noted: nothing outlives the process."""
        return {}

    def note(self, name: str, places: Offsets) -> None:
        """Note nothing: nobody could read it."""
