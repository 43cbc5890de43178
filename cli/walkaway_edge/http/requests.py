"""Requests for an approval: a queue over the log, which holds who asks for which terms of a deal, and who declined.

A rep's is an event `request`. An agent's is its `probe`, where the answer was no: nothing else is written for it. A
request is open as long as nobody declined it, its deal goes on, and these terms still want an approval; so that nothing
has to be closed by hand, and nothing is kept but the log.
"""

import hashlib
from collections.abc import Mapping
from itertools import takewhile

import msgspec

from walkaway import DealState, InvalidInput, Session

NOTE = "An agent asked for this, and was told no."
_TYPES = ("request", "decline", "probe")
_PAGE = 1000


class ApprovalRequest(msgspec.Struct, frozen=True):
    """A request as it was made.

    Attributes:
        id: Of the request, by which it is answered.
        event: The event that asks.
        terms: Issue → value as people write it, as far as they change our offer; `package` is all of it then.
        by: Who asks.
    """

    id: str
    deal: str
    event: str
    by: str
    at: str
    terms: Mapping[str, str]
    package: Mapping[str, str]
    note: str


class Declined(msgspec.Struct, frozen=True):
    """That somebody declined a request, and which terms they would approve instead."""

    by: str
    reason: str
    counter: Mapping[str, str]


class _RequestPlace(msgspec.Struct, frozen=True):
    """Where the log has an event: its texts are read there each time, since they may be erased."""

    n: int
    deal: str
    event: str
    is_probe: bool


class _AskedAbout(msgspec.Struct):
    """What an agent asked about: all of the terms."""

    act: str = ""
    terms: Mapping[str, str] = {}


class Requests:
    """Knows where in a log somebody asks for an approval; what has come since is read with each look."""

    def __init__(self) -> None:
        self.read = 0
        self.places: dict[str, _RequestPlace] = {}
        self.deals: set[str] = set()
        self.declines: dict[tuple[str, str], int] = {}
        self.moveless: dict[str, set[str]] = {}
        self.first: dict[tuple[str, int, str], str] = {}

    def look(self, session: Session) -> None:
        """Read what the log has had since the last look.

        Raises:
            StoreProblem: Where it cannot be read.
        """
        end = session.recorded
        while self.read < end:
            found = session.decisions(after=self.read - 1, limit=_PAGE, types=_TYPES)
            for view in found:
                self._note(session, view.n, view.head.deal, view.event)
            self.read = found[-1].n + 1 if len(found) == _PAGE else max(end, found[-1].n + 1 if found else 0)

    def _note(self, session: Session, n: int, deal: str, event: Mapping[str, object]) -> None:
        name = str(event["id"])
        moveless = self.moveless.setdefault(deal, set())
        if event["type"] == "decline":
            self.declines[deal, str(event["of"])] = n
        elif event["type"] == "request" or event.get("yes") is not True:
            place = _RequestPlace(n, deal, name, event["type"] == "probe")
            if not place.is_probe or self._is_new(session, place, event):
                self.places[request_id(deal, name)] = place
                self.deals.add(deal)
        moveless.add(name)

    def _is_new(self, session: Session, place: _RequestPlace, event: Mapping[str, object]) -> bool:
        """Return whether a probe asks for what was not asked for before it in the same state of its deal."""
        events = _state(session, place.deal)[0]
        since = events[: events.index(place.event)] if place.event in events else ()
        before = len([e for e in since if e not in self.moveless[place.deal]])
        said = hashlib.sha256(msgspec.json.encode([event.get("actor", ""), event["asked"]])).hexdigest()
        return self.first.setdefault((place.deal, before, said), place.event) == place.event

    def all(self, session: Session) -> list[ApprovalRequest]:
        """Return every request whose texts are still there, oldest first."""
        self.look(session)
        return [asked for of in self.places if (asked := self.find(session, of)) is not None]

    def find(self, session: Session, of: str) -> ApprovalRequest | None:
        """Return a request; none where there is none of this id, or it asks for no terms that can be read."""
        if of not in self.places:
            self.look(session)
        place = self.places.get(of)
        if place is None:
            return None
        (view,) = session.decisions(after=place.n - 1, limit=1)
        event, (_, ours) = view.event, _state(session, place.deal)
        if place.is_probe:
            act, asked = terms_of_probe(str(event["asked"]))
            package = asked if act == "offer" else {}
            terms = {name: value for name, value in package.items() if ours.get(name) != value}
        else:
            terms = {name: value for name, value in event["terms"].items() if isinstance(value, str)}
            package = {**ours, **terms}
        if not terms:
            return None
        note = NOTE if place.is_probe else str(event.get("note", ""))
        by, at = str(event.get("actor", "")), str(event["at"])
        return ApprovalRequest(of, place.deal, place.event, by, at, terms, package, note)

    def declined(self, session: Session, asked: ApprovalRequest) -> Declined | None:
        """Return who declined a request last, and why; none where nobody did."""
        self.look(session)
        n = self.declines.get((asked.deal, asked.event))
        if n is None:
            return None
        (view,) = session.decisions(after=n - 1, limit=1)
        event = view.event
        return Declined(str(event["approver"]), str(event["reason"]), event.get("terms", {}))

    def deal_of(self, of: str) -> str:
        """Return the deal of a request that is known already; empty where none is."""
        place = self.places.get(of)
        return "" if place is None else place.deal

    def has(self, deal: str, session: Session | None = None) -> bool:
        """Return whether an approval was asked for in a deal.

        Args:
            session: By which the log is looked at; what was known at the last look, if left out.
        """
        if session is not None:
            self.look(session)
        return deal in self.deals

    def since_a_move(self, session: Session, state: DealState) -> frozenset[str]:
        """Return the events of a deal since anything but an ask, a request or its decline has happened."""
        self.look(session)
        moveless = self.moveless.get(state.deal, set())
        return frozenset(takewhile(lambda event: event in moveless, reversed(state.events)))

    def moves(self, session: Session, state: DealState) -> int:
        """Return how many events of a deal asked for nothing and declined nothing."""
        self.look(session)
        moveless = self.moveless.get(state.deal, set())
        return len([event for event in state.events if event not in moveless])


def _state(session: Session, deal: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Return a deal's events, and where we stand; nothing where it cannot be folded any more."""
    try:
        state = session.state(deal)
    except InvalidInput:
        return (), {}
    return state.events, state.ours


def request_id(deal: str, event: str) -> str:
    """Return what a request is called by which an event of a deal asks."""
    return f"A-{hashlib.sha256(msgspec.json.encode([deal, event])).hexdigest()[:16]}"


def event_id(deal: str, terms: Mapping[str, str], by: str, moves: int) -> str:
    """Return what the event of a question is called: the same for the same one at the same state of its deal."""
    said = msgspec.json.encode([deal, dict(terms), by, moves], order="sorted")
    return f"request-{hashlib.sha256(said).hexdigest()[:16]}"


def terms_of_probe(text: str) -> tuple[str, Mapping[str, str]]:
    """Return what a probe asked about, `offer` or `accept`, with all of the terms; nothing where its text is erased."""
    try:
        found = msgspec.json.decode(text, type=_AskedAbout)
    except msgspec.DecodeError:
        return "", {}
    return found.act, found.terms
