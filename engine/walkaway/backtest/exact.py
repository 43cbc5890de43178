"""Decide events one by one, by the engine itself, and keep of each answer what a backtest tells. No words are made."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from walkaway.backtest.sums import EventVerdict, PastAnswer
from walkaway.backtest.telling import PastTeller
from walkaway.deal.admission import Unfit
from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.deal.position import Position, earlier_of
from walkaway.decide.engine import Core, Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import EVERY_DEAL, AnyEvent, Open, Update, differing
from walkaway.language.codes import Code
from walkaway.language.values import shorten
from walkaway.policy.currencies import in_currency
from walkaway.policy.model import Policy
from walkaway.session.follower import Follower, Version
from walkaway.session.parties import Parties


class DecidedDeal(msgspec.Struct):
    """One deal: its version, where it stands, and its events by id."""

    version: Version
    position: Position
    events: dict[str, AnyEvent]

    def past(self) -> list[AnyEvent]:
        """Return its events."""
        return list(self.events.values())


class Deciding:
    """Follows many deals under one policy, whichever they were under; gives the evaluation of each event."""

    def __init__(self, policy: Policy) -> None:
        self.deals: dict[str, DecidedDeal] = {}
        self.parties = Parties()
        self.version = Version(Engine(policy, Core.PLAIN))
        self.versions = {policy.currency: self.version}
        self.follower: Follower[Version, DecidedDeal, Evaluation | None] = Follower(self, [policy])

    def lines(self, lines: Iterable[Line]) -> Iterator[Evaluation | DeadLetter | None]:
        """Return what comes of each line; none where its event has come before."""
        for line in lines:
            yield self.line(line)

    def line(self, line: Line) -> Evaluation | DeadLetter | None:
        """Return what comes of a line, as `lines` does."""
        return self.follower.line(line, self.event)

    def event(self, event: AnyEvent) -> Evaluation | None:
        """Return what comes of an event; none of one about every deal: what the policy says is asked."""
        return None if event.deal == EVERY_DEAL else self.follower.event(_staying(event))

    def ready(self, policy: Policy) -> Version:
        """Return the one version that there is, as it stands in the currency of a deal."""
        found = self.versions.get(policy.currency)
        if found is None:
            own = in_currency(self.version.policy, policy.currency)
            found = self.versions[policy.currency] = Version(Engine(own, Core.PLAIN))
        return found

    def find(self, deal: str) -> DecidedDeal | None:
        """Return a deal that is followed."""
        return self.deals.get(deal)

    def moved(self, deal: DecidedDeal, version: Version, at: int) -> DecidedDeal:
        """Return the deal as it is: no update moves it."""
        return deal

    def repeated(self, deal: DecidedDeal, event: AnyEvent) -> None:
        """Return nothing: an event counts once.

        Raises:
            Unfit: Where it had other content.
        """
        if field := differing(deal.events[event.id], event):
            what = (
                f"event `{shorten(event.id)}` of deal `{shorten(event.deal)}` has come before, with another `{field}`"
            )
            raise Unfit(Code.ID_REUSED, what, "give it an id of its own", '"id"')

    def opened(self, event: AnyEvent, version: Version) -> Evaluation:
        """Decide the event that opens a deal.

        Raises:
            Unfit: Where it opens none.
        """
        followed = self.deals.get(event.follows) if isinstance(event, Open) else None
        earlier = None if followed is None else earlier_of(followed.position)
        party = self.parties.of(event, None, version.policy)
        found = version.engine.evaluate(None, event, tuple, party=party, earlier=earlier)
        self.parties.keep(found.after, version.policy)
        self.deals[event.deal] = DecidedDeal(version, found.after, {event.id: event})
        return found

    def decided(self, deal: DecidedDeal, event: AnyEvent) -> Evaluation:
        """Decide an event of a deal.

        Raises:
            Unfit: Where it does not fit its deal.
        """
        party = self.parties.of(event, deal.position, deal.version.policy)
        found = deal.version.engine.evaluate(deal.position, event, deal.past, party=party)
        self.parties.keep(found.after, deal.version.policy)
        deal.position = found.after
        deal.events[event.id] = event
        return found


def lines_of(blocks: Iterable[bytes]) -> Iterator[Line]:
    """Return the lines that are not blank."""
    number = 0
    for block in blocks:
        for data in block.removesuffix(b"\n").split(b"\n"):
            number += 1
            line = Line(data, "events", number)
            if not line.is_blank:
                yield line


def _staying(event: AnyEvent) -> AnyEvent:
    """Return an event without a move to another version: all deals are decided under the one asked about."""
    return msgspec.structs.replace(event, policy="") if isinstance(event, Update) and event.policy else event


def decide(
    lines: Iterable[Line],
    teller: PastTeller,
    old: Policy | None = None,
    recorded: Mapping[tuple[str, str], PastAnswer] | None = None,
) -> None:
    """Decide lines under the teller's policy, and the other side's, and add up what comes of them.

    Args:
        recorded: Deal and event → what the log answered, where that is the other side.
    """
    sides = [Deciding(teller.policy)] if old is None else [Deciding(teller.policy), Deciding(old)]
    for line in lines:
        found = [side.line(line) for side in sides]
        new, was = found[0], found[-1] if old is not None else None
        if isinstance(new, Evaluation) and recorded is not None:
            answer = recorded.get((new.event.deal, new.event.id))
            if answer is None:
                teller.unread()
            else:
                teller.event(new, answer)
        elif isinstance(new, Evaluation) and (old is None or isinstance(was, Evaluation)):
            teller.event(new, was if isinstance(was, Evaluation) else None, old)
        elif any(each is not None for each in found):
            teller.unread()


def answered(lines: Iterable[Line], policy: Policy) -> Iterator[EventVerdict]:
    """Return what a policy decides of each event that it can."""
    for found in Deciding(policy).lines(lines):
        if isinstance(found, Evaluation):
            event, ruling = found.event, found.ruling
            rules = tuple(sorted({firing.rule.id for firing in ruling.firings}))
            door = "" if ruling.door is None else ruling.door.value
            yield EventVerdict(event.deal, event.id, event.at, ruling.verdict.value, door, rules)
