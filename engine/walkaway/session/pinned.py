"""Several versions of one policy at once: each deal is followed in the stream of the version it is pinned to.

A deal opens under the version in force on its day, and an update may move it to another; then its events are read and
folded again under that one.
"""

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from walkaway.deal.admission import Unfit
from walkaway.deal.encode import EventWriter, canonical
from walkaway.deal.letters import DeadLetter, finding
from walkaway.deal.lines import Head, head_of
from walkaway.decide.decision import Decision
from walkaway.events import AnyEvent
from walkaway.language.codes import Code
from walkaway.language.values import shorten
from walkaway.policy import Policy
from walkaway.policy.versions import in_force, named, newest
from walkaway.session.stream import Changed, Followed, Stream

Following = TypeVar("Following", bound=Stream)
_Found = TypeVar("_Found")


class Streams(Generic[Following]):
    """A stream for each version that decides deals.

    Args:
        begin: Makes a version's stream.
        given: The versions under which deals open, and to which they may move; streams of others stay for their deals.
    """

    def __init__(self, begin: Callable[[Policy], Following], given: Sequence[Policy]) -> None:
        self.begin = begin
        self.all: list[Following] = []
        self.turn_to(given)

    def turn_to(self, given: Sequence[Policy]) -> None:
        """Let deals open under other versions from now on; those that are open stay under theirs."""
        self.given = given
        self.current = self.under(newest(given))

    @property
    def deals(self) -> Mapping[str, Followed]:
        """Return the deals of all versions."""
        return ChainMap(*(stream.deals for stream in self.all))

    def under(self, policy: Policy) -> Following:
        """Return a version's stream, made when it is first needed."""
        found = next((s for s in self.all if s.engine.policy.sha256 == policy.sha256), None)
        if found is None:
            found = self.begin(policy)
            if self.all:
                found.recent = self.all[0].recent  # what was answered before a deal moved is answered so again
            self.all.append(found)
        return found

    def of(self, deal: str) -> Following:
        """Return the stream that follows a deal; the newest version's where none does."""
        return next((s for s in self.all if deal in s.deals), self.current)

    def lines(self, lines: Iterable[bytes], file: str) -> Iterator[Decision | DeadLetter | Changed]:
        """Return what `Stream.lines` gives, each deal's under its version."""
        for number, line in enumerate(lines, 1):
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                answer = self.line(line, file, number, lambda stream, event: list(stream.event(event)))
                yield from (answer,) if isinstance(answer, DeadLetter) else answer

    def line(
        self, line: bytes, file: str, number: int, decide: Callable[[Following, AnyEvent], _Found]
    ) -> _Found | DeadLetter:
        """Decide one line under its deal's version.

        Args:
            decide: Decides an event in a stream; raises `Unfit`.
        """
        old = new = self.current
        if len(self.all) > 1 or len(self.given) > 1:
            old, new = self.placed(head_of(line))
        checked = new.decoder.decode(line, file, number)
        if checked.value is None:
            return DeadLetter(file, number, checked.findings, line)
        try:
            return decide(new, checked.value) if old is new else self.moving(old, new, checked.value, decide)
        except Unfit as problem:
            return DeadLetter(file, number, (finding(problem, line, file, number),), line)

    def placed(self, head: Head) -> tuple[Following, Following]:
        """Return the stream that follows a line's deal, and the one in which the line is to be decided."""
        holder = self.of(head.deal)
        if head.deal not in holder.deals:
            opens = self.under(in_force(self.given, head.instant))
            return opens, opens
        if head.policy and head.id not in holder.deals[head.deal].events:
            meant = named(self.given, head.policy, head.instant)
            if meant is not None:
                return holder, self.under(meant)
        return holder, holder

    def moving(
        self, old: Following, new: Following, event: AnyEvent, decide: Callable[[Following, AnyEvent], _Found]
    ) -> _Found:
        """Decide the update that moves a deal; where it is refused, the deal stays where it is.

        Raises:
            Unfit: Where its events do not fit the version it would move to, or the update does not fit the deal.
        """
        followed = old.deals[event.deal]
        events = [self.read_again(old, new, earlier) for earlier in followed.events.values()]
        decisions, position = new.decided(events, event.instant)
        assert position is not None
        new.deals[event.deal] = Followed(position, position.digest(), {e.id: e for e in events}, decisions[-1])
        try:
            found = decide(new, event)
        except Unfit:
            del new.deals[event.deal]
            raise
        del old.deals[event.deal]
        return found

    def read_again(self, old: Following, new: Following, event: AnyEvent) -> AnyEvent:
        """Return an event of a deal as another version reads it.

        Raises:
            Unfit: Where it cannot.
        """
        checked = new.decoder.decode(canonical(EventWriter(old.engine.policy).content(event)))
        if checked.value is None:
            why = checked.findings[0].message
            what = f"event `{shorten(event.id)}` of this deal cannot be read under `{new.engine.policy.called}`: {why}"
            raise Unfit(Code.OTHER_POLICY, what, "open a new deal", '"policy"')
        return checked.value
