"""What decides a live run without a store: streams, one for each policy version, whose idle deals are laid aside.

Only so many deals, and so many of their events, are in memory; the others lie in a temporary file that nobody else can
see and that is gone with the process.
"""

from collections.abc import Callable, Iterator, MutableMapping, Sequence

import msgspec

from walkaway.deal.letters import DeadLetter, dead
from walkaway.deal.lines import Line, cut
from walkaway.deal.position import Position
from walkaway.decide.decision import Decision, encode
from walkaway.decide.engine import Core, Engine, Incident
from walkaway.events import AnyEvent
from walkaway.policy import Policy
from walkaway.run.ports import Answer, Places, Within
from walkaway.run.spill import Spill
from walkaway.session.pinned import Streams
from walkaway.session.stream import Followed, Stream


class _Aside(msgspec.Struct, frozen=True):
    """A deal as it is laid aside."""

    position: Position
    digest: str
    events: tuple[AnyEvent, ...]
    last: Decision


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Aside).decode


class Deals(MutableMapping[str, Followed]):
    """The deals that one stream follows: those used lately in memory, the others laid aside.

    Args:
        name: Keeps the deals of several streams apart.
        most: Deals in memory, and `most_events` their events; half of the deals stay when either is exceeded.
    """

    def __init__(self, spill: Spill, name: str, most: int, most_events: int) -> None:
        self.spill, self.name, self.most, self.most_events = spill, name, most, most_events
        self.near: dict[str, Followed] = {}
        self.decided = 0

    def __getitem__(self, deal: str) -> Followed:
        found = self.find(deal)
        if found is None:
            raise KeyError(deal)
        return found

    def find(self, deal: str) -> Followed | None:
        """Return a deal, which is the one used last from now on; none where it is not followed."""
        found = self.near.pop(deal, None)
        if found is None:
            data = self.spill.take(self.name, deal)
            if data is None:
                return None
            aside = _unpack(data)
            found = Followed(aside.position, aside.digest, {e.id: e for e in aside.events}, aside.last)
            self.decided += len(aside.events)
        self.near[deal] = found
        return found

    def __setitem__(self, deal: str, followed: Followed) -> None:
        self.near[deal] = followed

    def __delitem__(self, deal: str) -> None:
        if self.near.pop(deal, None) is None and self.spill.take(self.name, deal) is None:
            raise KeyError(deal)

    def __iter__(self) -> Iterator[str]:
        yield from self.near
        yield from self.spill.deals(self.name)

    def __len__(self) -> int:
        return len(self.near) + self.spill.count(self.name)

    def lay_aside(self) -> None:
        """Lay the deals aside that were used longest ago, where there are too many."""
        self.decided += 1
        if len(self.near) <= self.most and self.decided <= self.most_events:
            return
        gone = list(self.near)[: -(self.most // 2) or None]
        if self.decided > self.most_events:
            gone = list(self.near)[: max(len(self.near) // 2, 1)]
        self.spill.put(self.name, ((deal, *_laid(self.near.pop(deal))) for deal in gone))
        self.decided = sum(len(f.events) for f in self.near.values())


def _laid(of: Followed) -> tuple[int | None, bytes]:
    """Return a deal's latest instant, none where it is closed, and all of it as bytes."""
    position = of.position
    data = _pack(_Aside(position, of.digest, tuple(of.events.values()), of.last))
    return None if position.outcome else position.last, data


class Following(Stream):
    """A stream over deals of which only some are in memory."""

    def __init__(self, engine: Engine, deals: Deals) -> None:
        super().__init__(engine)
        self.deals = self.aside = deals


class Memory:
    """Decides and keeps nothing beyond the process.

    Args:
        spill: Takes the deals that are laid aside.
        most, most_events: How many deals, and how many of their events, stay in memory.
        others: Other versions of the policy, under which deals open on days on which they are in force.
    """

    def __init__(
        self,
        policy: Policy,
        core: Core,
        report: Callable[[Incident], None],
        spill: Spill,
        most: int = 20_000,
        most_events: int = 200_000,
        others: Sequence[Policy] = (),
    ) -> None:
        self.core, self.report, self.spill, self.most, self.most_events = core, report, spill, most, most_events
        self.streams = Streams(self.begin, (policy, *others))

    def begin(self, policy: Policy) -> Following:
        """Make the stream of one version."""
        kept = Deals(self.spill, policy.sha256, self.most, self.most_events)
        return Following(Engine(policy, self.core, self.report), kept)

    def turn_to(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        self.streams.turn_to(policies)

    def take(self, lines: Sequence[Line], within: Within) -> Sequence[Answer | DeadLetter]:
        """Return an answer for each line."""
        answers = [self.line(line) for line in lines]
        within(answers)
        return answers

    def line(self, line: Line) -> Answer | DeadLetter:
        """Decide one line under its deal's policy."""
        if line.piece:
            return dead(line, cut(line))
        return self.streams.line(line.data, line.file, line.number, _decide)

    def ahead(self, lines: Sequence[Line]) -> bool:
        """Begin nothing: one process decides one batch after the other."""
        return False

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return open deals whose latest event is older than an instant."""
        found: list[str] = []
        for stream in self.streams.all:
            for deal, of in stream.aside.near.items():
                if not of.position.outcome and of.position.last < before:
                    found.append(deal)
        return (found + self.spill.idle(before, most))[:most]

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        for stream in self.streams.all:
            of = stream.deals.get(deal)
            if of is not None and not of.position.outcome:
                return of.position.last
        return None

    def answer(self, entry: int) -> Answer:
        """Return an answer that was kept: there is none."""
        raise LookupError(entry)

    def noted(self, _: str) -> Places:
        """Return what was noted: nothing outlives the process."""
        return {}

    def note(self, name: str, places: Places) -> None:
        """Note nothing: nobody could read it."""


def _decide(stream: Following, event: AnyEvent) -> Answer:
    """Decide one event.

    Raises:
        Unfit: Where it does not fit its deal.
    """
    followed = stream.aside.find(event.deal)
    repeated = followed is not None and event.id in followed.events
    decision = stream.decide(followed, event)
    stream.aside.lay_aside()
    return Answer(-1, event.deal, event.id, event.at, decision.verdict, encode(decision), repeated)
