"""Follow deals: under which version of the policy an event is decided, from where, and whether it has come before.

Whoever follows deals does it here. What is kept of them, and where, in memory, partly on disk or in a log, stands
behind a small port. A deal opens under the version in force on its day, and an update may move it to another; then its
events are read and folded again under that one.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from functools import cached_property
from typing import Generic, Protocol, TypeVar, cast

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.deal.encode import EventWriter
from walkaway.deal.fold import repinned, still_left
from walkaway.deal.letters import DeadLetter, dead
from walkaway.deal.lines import Line, LineHead, cut, head_of
from walkaway.deal.position import Earlier, PartyRecord, Position
from walkaway.deal.repricing import rates_then
from walkaway.decide.again import History
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import AnyEvent, Open, Update
from walkaway.language.codes import Code
from walkaway.language.spelling import is_written
from walkaway.language.values import shorten
from walkaway.policy import Policy
from walkaway.policy.currencies import accepts, in_currency
from walkaway.policy.exchange import Rates
from walkaway.policy.versions import in_force, named, newest

Record = Callable[[Evaluation, str], Decision]
"""Writes the decision on record of an evaluation, given the digest of the deal before it where that is known."""


class Version:
    """One version of a policy with all that works under it.

    Args:
        record: Writes every decision that is given out; the engine does, without counteroffers, if left out.
        in_words: Whether decisions are given out, or their evidence alone; whoever follows deals asks of one only what
            the other has as well.
    """

    def __init__(self, engine: Engine, record: Record | None = None, *, in_words: bool = True) -> None:
        self.engine, self.policy, self.in_words = engine, engine.policy, in_words
        self.record = record or (engine.record if in_words else cast(Record, engine.evidence))
        self.decoder = Decoder(engine.policy)

    def decide(
        self,
        position: Position | None,
        event: AnyEvent,
        before: str,
        history: History,
        *,
        party: PartyRecord | None = None,
        earlier: Earlier | None = None,
        rates: Rates | None = None,
    ) -> tuple[Decision, Position]:
        """Return what is given out of an event, and the deal after it; named as for `Engine.evaluate` and `record`.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        engine = self.engine
        if not self.in_words:
            return engine.answer(  # type: ignore[return-value]
                position, event, before, history, party=party, earlier=earlier, rates=rates
            )
        found = engine.evaluate(position, event, history, party=party, earlier=earlier, rates=rates)
        return self.record(found, before), found.after

    @cached_property
    def writer(self) -> EventWriter:
        """Return what writes events of this version."""
        return EventWriter(self.policy)


class Following(Protocol):
    """One deal that is followed: its version, and the ids of its events."""

    @property
    def version(self) -> Version: ...

    @property
    def events(self) -> Container[str]: ...


_Version = TypeVar("_Version", bound=Version)
_Deal = TypeVar("_Deal", bound=Following)
_Answer = TypeVar("_Answer")
_AnswerThere = TypeVar("_AnswerThere", covariant=True)
_Said = TypeVar("_Said")


class Deals(Protocol[_Version, _Deal, _AnswerThere]):
    """What is kept of deals, and how they go on: the port behind which it is memory, a file or a log."""

    def ready(self, policy: Policy) -> _Version:
        """Return a version ready to decide, made when it is first needed."""
        ...

    def find(self, deal: str) -> _Deal | None:
        """Return a deal; none where it has no events.

        Raises:
            Unfit: Where it has events that cannot be folded any more.
        """
        ...

    def moved(self, deal: _Deal, version: _Version, at: int) -> _Deal:
        """Return a deal as another version folds it, to which an update moves it at an instant; keep nothing.

        Raises:
            Unfit: Where its events do not fit that version.
        """
        ...

    def repeated(self, deal: _Deal, event: AnyEvent) -> _AnswerThere:
        """Return the answer that an event has already.

        Raises:
            Unfit: Where it had other content, or the answer cannot be had any more.
        """
        ...

    def opened(self, event: AnyEvent, version: _Version) -> _AnswerThere:
        """Decide the event that opens a deal, and keep the deal.

        Raises:
            Unfit: Where it opens none.
        """
        ...

    def decided(self, deal: _Deal, event: AnyEvent) -> _AnswerThere:
        """Decide an event of a deal, and keep the deal as it is after it.

        Raises:
            Unfit: Where the event does not fit; then nothing has changed.
        """
        ...


class Follower(Generic[_Version, _Deal, _Answer]):
    """Takes each event to its deal, and to the version that decides it.

    Args:
        given: The versions under which deals open, and to which they may move; open deals stay under theirs.
    """

    def __init__(self, deals: Deals[_Version, _Deal, _Answer], given: Sequence[Policy]) -> None:
        self.deals = deals
        self.met: set[str] = set()
        self.use_versions(given)

    def use_versions(self, given: Sequence[Policy]) -> None:
        """Let deals open under other versions from now on; those that are open stay under theirs."""
        self.given = tuple(given)
        self.current = self.deals.ready(newest(given))
        self.meet(policy.sha256 for policy in given)

    def meet(self, versions: Iterable[str]) -> None:
        """Take note of versions, by content hash, that deals may be under."""
        self.met.update(versions)
        self.is_one = len(self.met) == 1 and all(policy.exchange is None for policy in self.given)

    def line(self, line: Line, decide: Callable[[AnyEvent], _Said]) -> _Said | DeadLetter:
        """Read a line under its deal's version and have it decided.

        Args:
            decide: Decides the event; `event` is meant, or what has more to do.
        """
        if line.piece:
            return dead(line, cut(line))
        try:
            version = self.current if self.is_one else self.reads(head_of(line.data))
            event = version.decoder.fast_event(line.data)
            if event is None:
                checked = version.decoder.decode(line.data, line.file, line.number)
                if checked.value is None:
                    return DeadLetter(line.file, line.number, checked.findings, line.data)
                event = checked.value
            return decide(event)
        except Unfit as problem:
            return dead(line, problem)

    def reads(self, head: LineHead) -> Version:
        """Return the version under which a line is to be read: its deal's, the one it opens or is moved under."""
        deal = self.deals.find(head.deal) if is_written(head.deal) else None
        if deal is None:
            return self.opens(head.instant, head.currency)
        meant = named(self.given, head.policy, head.instant) if head.policy and head.id not in deal.events else None
        return deal.version if meant is None else self.deals.ready(in_same(meant, deal.version.policy))

    def opens(self, instant: int | None, currency: str = "") -> _Version:
        """Return the version under which a deal opens, as it stands in the deal's currency."""
        policy = self.given[0] if len(self.given) == 1 else in_force(self.given, instant)
        if currency and currency != policy.currency and accepts(policy, currency):
            return self.deals.ready(in_currency(policy, currency))
        return self.current if len(self.given) == 1 else self.deals.ready(policy)

    def event(self, event: AnyEvent) -> _Answer:
        """Decide one event under its deal's version; the later of two alike changes nothing.

        Raises:
            Unfit: Where it does not fit its deal, or its id stands for something else already; nothing has changed.
        """
        deal = self.deals.find(event.deal)
        if deal is None:
            currency = event.currency if isinstance(event, Open) else ""
            return self.deals.opened(event, self.opens(event.instant, currency))
        if event.id in deal.events:
            return self.deals.repeated(deal, event)
        if isinstance(event, Update) and event.policy:
            meant = named(self.given, event.policy, event.instant)
            if meant is not None and meant.sha256 != deal.version.policy.sha256:
                meant = in_same(meant, deal.version.policy)
                deal = self.deals.moved(deal, self.deals.ready(meant), event.instant)
        return self.deals.decided(deal, event)


def folded(
    engine: Engine, events: Iterable[AnyEvent], moved_at: int | None = None, deal: Position | None = None
) -> Position | None:
    """Return where a deal's events lead; none where there are none.

    Args:
        events: From its opening on.
        moved_at: Instant of the update that moved the deal to this version; none where it opened under it.
        deal: Where they led before, with what was known at each of them; no door by which it was left opens by a move.

    Raises:
        Unfit: Where they do not fit this version.
    """
    position: Position | None = None
    past: list[AnyEvent] = []
    for said in events:
        event = repinned(said, moved_at)
        party, earlier = (None, None) if deal is None else (deal.others_then(event), deal.follows)
        rates = rates_then(deal, event)
        position = engine.evaluate(position, event, past.copy, party=party, earlier=earlier, rates=rates).after
        past.append(event)
    if moved_at is not None and position is not None and deal is not None and (deal.left_at or moved_at) <= moved_at:
        return still_left(position, deal)
    return position


def in_same(policy: Policy, other: Policy) -> Policy:
    """Return a version of a policy as it stands in the currency of a deal that is under another one.

    Raises:
        Unfit: Where it does not take that currency.
    """
    if policy.currency == other.currency:
        return policy
    if accepts(policy, other.currency):
        return in_currency(policy, other.currency)
    what = f"policy `{policy.called}` takes no deals in {other.currency}"
    raise Unfit(Code.OTHER_POLICY, what, "open a new deal", '"policy"')


def read_again(version: Version, event: str, line: bytes) -> AnyEvent:
    """Return an event of a deal, by its id, as the version reads it to which the deal would move.

    Raises:
        Unfit: Where it cannot.
    """
    checked = version.decoder.decode(line)
    if checked.value is None:
        why = checked.findings[0].message
        what = f"event `{shorten(event)}` of this deal cannot be read under `{version.policy.called}`: {why}"
        raise Unfit(Code.OTHER_POLICY, what, "open a new deal", '"policy"')
    return checked.value
