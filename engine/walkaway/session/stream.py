"""Follow many deals: lines in, decisions or dead letters out. No event counts twice."""

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.deal.fold import moved
from walkaway.deal.letters import DeadLetter, finding
from walkaway.deal.position import Position
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import AnyEvent
from walkaway.language.codes import Code
from walkaway.language.values import shorten

RECENT = 4_096
"""So many of the latest decisions are kept; an older one is made again where its event comes again."""


class Followed(msgspec.Struct):
    """One deal that is being followed.

    Attributes:
        events: Its events by id, in their order.
        last: The decision of the latest.
    """

    position: Position
    digest: str
    events: dict[str, AnyEvent]
    last: Decision


class Changed(msgspec.Struct, frozen=True):
    """A decision that would have been another, had a late event come in time."""

    event: str
    before: str
    after: str


Record = Callable[[Evaluation, str], Decision]
"""Writes the decision on record of an evaluation, given the digest of the deal before it where that is known."""


class Stream:
    """Decides the events of many deals, in the order in which they come.

    Args:
        allow_late: Fold an event that is older than its deal's latest where it belongs, and decide the later ones anew.
        record: Writes every decision that is given out; the engine does, without counteroffers, if left out.
    """

    def __init__(self, engine: Engine, *, allow_late: bool = False, record: Record | None = None) -> None:
        self.engine = engine
        self.record = engine.record if record is None else record
        self.decoder = Decoder(engine.policy)
        self.deals: MutableMapping[str, Followed] = {}
        self.recent: OrderedDict[tuple[str, str], Decision] = OrderedDict()
        self.allow_late = allow_late

    def lines(self, lines: Iterable[bytes], file: str) -> Iterator[Decision | DeadLetter | Changed]:
        """Return for every line that is not blank its decision, or why there is none."""
        for number, line in enumerate(lines, 1):
            if number == 1 and line.startswith(b"\xef\xbb\xbf"):
                line = line[3:]
            if line.strip():
                yield from self.line(line, file, number)

    def line(self, line: bytes, file: str, number: int) -> Iterator[Decision | DeadLetter | Changed]:
        """Decide one line."""
        checked = self.decoder.decode(line, file, number)
        if checked.value is None:
            yield DeadLetter(file, number, checked.findings, line)
            return
        try:
            yield from self.event(checked.value)
        except Unfit as problem:
            yield DeadLetter(file, number, (finding(problem, line, file, number),), line)

    def event(self, event: AnyEvent) -> Iterator[Decision | Changed]:
        """Decide one event.

        Raises:
            Unfit: Where it does not fit its deal, or its id stands for something else already.
        """
        deal = self.deals.get(event.deal)
        if self.allow_late and deal is not None and event.instant < deal.position.last and event.id not in deal.events:
            yield from self.late(deal, event)
        else:
            yield self.decide(deal, event)

    def decide(self, deal: Followed | None, event: AnyEvent) -> Decision:
        """Decide one event of a deal that is followed, or none yet; the later of two alike changes nothing.

        Raises:
            Unfit: As `event`.
        """
        if deal is None:
            found = self.engine.evaluate(None, event)
            decision = self.record(found, "")
            self.deals[event.deal] = Followed(found.after, decision.position.after, {event.id: event}, decision)
            return self.kept(decision)
        earlier = deal.events.get(event.id)
        if earlier is not None:
            if earlier != event:
                raise Unfit(
                    Code.ID_REUSED,
                    f"event `{shorten(event.id)}` of deal `{shorten(event.deal)}` has come before, with other content",
                    "give it an id of its own",
                    '"id"',
                )
            return self.recent.get((event.deal, event.id)) or self.again(deal, event)
        found = self.engine.evaluate(deal.position, event)
        decision = self.record(found, deal.digest)
        deal.position, deal.digest, deal.last = found.after, decision.position.after, decision
        deal.events[event.id] = event
        return self.kept(decision)

    def kept(self, decision: Decision) -> Decision:
        """Keep a decision for when its event comes again, and let go of the oldest."""
        self.recent[decision.deal, decision.event] = decision
        if len(self.recent) > RECENT:
            self.recent.popitem(last=False)  # a plain dictionary would look for its first entry among those deleted
        return decision

    def again(self, deal: Followed, event: AnyEvent) -> Decision:
        """Make a decision again, from the deal's events up to it.

        Raises:
            Unfit: Where another version of the policy made it, before the deal was moved to this one.
        """
        earlier = itertools.takewhile(lambda e: e.id != event.id, deal.events.values())
        at = deal.position.moved_at
        if at is not None and event.instant <= at:
            what = f"event `{shorten(event.id)}` was answered before its deal was moved to another version"
            raise Unfit(Code.LATE, what, "keep answers with --store: there each can be given again", '"id"')
        return self.kept(self.record(self.engine.evaluate(self.decided(earlier, at)[1], moved(event, at)), ""))

    def late(self, deal: Followed, event: AnyEvent) -> Iterator[Decision | Changed]:
        """Fold a late event where it belongs; what it would have changed comes behind its decision."""
        if deal.position.moved_at is not None:
            what = f"deal `{shorten(event.deal)}` was moved to another version of its policy; no older event fits in"
            raise Unfit(Code.LATE, what, near='"at"')
        earlier = list(deal.events.values())
        place = next(i for i, e in enumerate(earlier) if e.instant > event.instant)
        if place == 0:
            raise Unfit(Code.LATE, f"this event is older than the opening of deal `{shorten(event.deal)}`", near='"at"')
        before, position = self.decided(earlier)[0], None
        decisions: dict[str, Decision] = {}
        for each in (*earlier[:place], event, *earlier[place:]):
            try:
                found = self.engine.evaluate(position, each)
            except Unfit as problem:
                if each is event:
                    raise
                what = f"folded where it belongs, this event leaves no place for event `{shorten(each.id)}`: {problem}"
                raise Unfit(Code.LATE, what, near='"at"') from problem
            decisions[each.id], position = self.record(found, ""), found.after
        assert position is not None
        deal.position, deal.digest, deal.last = position, position.digest(), decisions[earlier[-1].id]
        deal.events = {e.id: e for e in (*earlier[:place], event, *earlier[place:])}
        for decision in decisions.values():
            self.kept(decision)
        yield decisions[event.id]
        for old in before:
            new = decisions[old.event]
            if _answer(old) != _answer(new):
                yield Changed(old.event, old.verdict, new.verdict)

    def decided(
        self, events: Iterable[AnyEvent], moved_at: int | None = None
    ) -> tuple[list[Decision], Position | None]:
        """Decide one deal's events from its opening on, without counteroffers.

        Args:
            moved_at: Instant of the update that moved the deal to this policy; none where it opened under it.
        """
        found: list[Decision] = []
        position: Position | None = None
        for event in events:
            decision, position = self.engine.decide(position, moved(event, moved_at))
            found.append(decision)
        return found, position

    def ask(self, deal: str, terms: Mapping[str, str], actor: str = "", at: str | None = None) -> Decision | DeadLetter:
        """Decide one more offer of ours in a deal that is followed, and keep nothing of it.

        Args:
            terms: Issue → value as people write it.
            at: RFC 3339; the instant of the deal's latest event, if left out.
        """
        found = self.offer(deal, terms, actor, at)
        return found if isinstance(found, DeadLetter) else self.record(found, self.deals[deal].digest)

    def offer(
        self, deal: str, terms: Mapping[str, str], actor: str = "", at: str | None = None
    ) -> Evaluation | DeadLetter:
        """Evaluate the offer of ours that `ask` is about, where it can be made now."""
        followed = self.deals[deal]
        last = next(reversed(followed.events.values()))
        asked = {"id": f"{last.id}+1", "deal": deal, "at": at or last.at, "type": "offer", "by": "us", "terms": terms}
        line = msgspec.json.encode(asked | ({"actor": actor} if actor else {}))
        checked = self.decoder.decode(line, "the offer")
        if checked.value is None:
            return DeadLetter("the offer", 1, checked.findings, line)
        try:
            return self.engine.evaluate(followed.position, checked.value)
        except Unfit as problem:
            return DeadLetter("the offer", 1, (finding(problem, line, "the offer", 1),), line)


def _answer(decision: Decision) -> tuple[str, str | None, tuple[tuple[str, str], ...]]:
    return decision.verdict, decision.door, tuple((r.rule, r.standing) for r in decision.reasons)
