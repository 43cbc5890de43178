"""Where a session keeps its deals: memory, or a log with every decision on disk."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.letters import DeadLetter, dead
from walkaway.deal.lines import Line
from walkaway.deal.position import Position
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Core, Engine, Incident
from walkaway.events import mover_of
from walkaway.language.codes import Code
from walkaway.language.diagnostics import InvalidInput
from walkaway.language.instants import instant_text
from walkaway.policy import Policy
from walkaway.session.follower import Version
from walkaway.session.parties import Parties
from walkaway.session.stream import Stream

if TYPE_CHECKING:
    from walkaway.log.proving import LogProofs
    from walkaway.log.store import Store
    from walkaway.log.views import View
    from walkaway.session.history import History

_FOLLOWED = 2000
"""So many deals of a log are kept at hand, about 6 KiB each: a session lives long, and finds others by its store."""
_SEEN = 256
"""So many deals are kept at hand of one look at a log."""


class Found(msgspec.Struct, frozen=True):
    """A deal as whoever follows it has it.

    Attributes:
        at: When its latest event was, as a question about it says it.
        names: Person → the seal that stands for the name in this deal's position, where a log keeps it.
        texts: Seal → text.
        parties: What is known of the other sides.
    """

    version: Version
    position: Position
    digest: str
    events: tuple[str, ...]
    at: str
    names: Mapping[str, str] = {}
    texts: Mapping[str, str] = {}
    parties: Parties = Parties()


class SessionKeeper(Protocol):
    """What a session decides with: memory or a log."""

    @property
    def current(self) -> Version: ...

    def take(self, lines: Sequence[Line]) -> list[Decision | DeadLetter]: ...

    def find(self, deal: str) -> Found | None: ...

    def mover(self, deal: str) -> str: ...

    def history(self, deal: str) -> "History": ...

    def deals(self) -> list[str]: ...

    def decisions(self, start: int, limit: int, asked: Mapping[str, Any]) -> "list[View]": ...

    def recorded(self) -> int: ...

    def proofs(self) -> "LogProofs | None": ...

    def policy_files(self, sha256: str) -> Mapping[str, bytes]: ...

    def looking(self) -> AbstractContextManager[None]: ...

    def close(self) -> None: ...


class InMemory:
    """Keeps deals as long as the session lives."""

    def __init__(self, policies: Sequence[Policy], core: Core, report: Callable[[Incident], None]) -> None:
        self.stream = Stream(*(Engine(policy, core, report) for policy in policies), sees_all=False)
        self.current = self.stream.follower.current

    def take(self, lines: Sequence[Line]) -> list[Decision | DeadLetter]:
        follower = self.stream.follower
        return [follower.line(line, follower.event) for line in lines]

    def find(self, deal: str) -> Found | None:
        of = self.stream.deals.get(deal)
        if of is None:
            return None
        last = of.events.last
        return Found(of.version, of.position, of.digest, tuple(of.events), last.at, parties=self.stream.parties)

    def mover(self, deal: str) -> str:
        events = self.stream.deals[deal].events
        return next((by.value for name in reversed(events) if (by := mover_of(events[name])) is not None), "")

    def history(self, deal: str) -> "History":
        from walkaway.session.history import history_of

        of = self.stream.deals[deal]
        given = {name: self.stream.recent.get((deal, name)) for name in of.events}
        answers = {name: (d.verdict, d.door) for name, d in given.items() if d is not None}
        return history_of(
            of.version.engine, of.events.values(), of.position.moved_at, answers, of.rates_then, of.position.others_then
        )  # fmt: skip

    def deals(self) -> list[str]:
        return list(self.stream.deals)

    def decisions(self, start: int, limit: int, asked: Mapping[str, Any]) -> "list[View]":
        return []

    def recorded(self) -> int:
        return 0

    def proofs(self) -> "LogProofs | None":
        return None

    def policy_files(self, sha256: str) -> Mapping[str, bytes]:
        version = self.stream.versions.get(sha256)
        return {} if version is None else version.policy.files

    def looking(self) -> AbstractContextManager[None]:
        """See one state: nobody else writes here."""
        return nullcontext()

    def close(self) -> None:
        """Let go of nothing."""


class KeptInLog:
    """Keeps every decision in a store."""

    def __init__(
        self,
        policies: Sequence[Policy],
        store: "str | Store",
        core: Core,
        report: Callable[[Incident], None],
        salt: Callable[[], bytes],
    ) -> None:
        from walkaway.log.open import open_store
        from walkaway.log.record import Recorder

        self.is_own = isinstance(store, str)
        self.store: Store = open_store(store, writable=True) if isinstance(store, str) else store
        try:
            policy, *others = policies
            self.recorder = Recorder(self.store, policy, salt, core, report, most=_FOLLOWED, others=others)
        except BaseException:
            self.close()
            raise
        self.current = self.recorder.decider.follower.current
        self.is_looking = False
        self.seen: dict[str, Found | None] = {}
        self.given = {each.sha256: each.files for each in policies}

    def take(self, lines: Sequence[Line]) -> list[Decision | DeadLetter]:
        assert not self.is_looking, "nothing is decided while one state of the log is looked at"
        answers = self.recorder.record(lines)
        return [a if isinstance(a, DeadLetter) else a.decision for a in answers]

    @contextmanager
    def looking(self) -> Iterator[None]:
        """See one state of the log, with all that others have appended to it; inside of another look, that one's."""
        if self.is_looking:
            yield
            return
        with self.store.reading():
            self.recorder.catch_up()
            self.is_looking = True
            try:
                yield
            finally:
                self.is_looking = False
                self.seen.clear()

    def find(self, deal: str) -> Found | None:
        if deal not in self.seen:
            found = self._find(deal)
            if not self.is_looking:
                return found
            if len(self.seen) >= _SEEN:
                self.seen.clear()
            self.seen[deal] = found
        return self.seen[deal]

    def _find(self, deal: str) -> Found | None:
        with self.looking():
            try:
                of = self.recorder.decider.find(deal)
            except Unfit as problem:
                raise nothing(problem, deal) from problem
        if of is None:
            return None
        texts = {item.seal: item.text for item in of.items.values()}
        at = instant_text(of.position.last)
        return Found(
            of.version, of.position, of.digest, tuple(of.events), at, of.names, texts, self.recorder.decider.parties
        )

    def mover(self, deal: str) -> str:
        with self.looking():
            of = self.recorder.decider.find(deal)
            return "" if of is None else self.recorder.decider.mover(of)

    def history(self, deal: str) -> "History":
        from walkaway.log.views import Unshown, recorded_history

        try:
            with self.looking():
                return recorded_history(self.store, deal, self.recorder.decider.policies)
        except Unshown as problem:
            raise nothing(Unfit(Code.DEAL_NOT_FOLDED, str(problem)), deal) from problem

    def deals(self) -> list[str]:
        from walkaway.log import store as db

        return db.deals(self.store)

    def decisions(self, start: int, limit: int, asked: Mapping[str, Any]) -> "list[View]":
        from walkaway.log.views import Views, search

        with self.looking():
            views = Views(self.store, policies=self.recorder.decider.policies)
            return list(islice(search(self.store, views, start=start, **asked), limit))

    def recorded(self) -> int:
        from walkaway.log import store as db

        return db.size(self.store)

    def proofs(self) -> "LogProofs | None":
        from walkaway.log.proving import LogProofs

        return LogProofs(self.store)

    def policy_files(self, sha256: str) -> Mapping[str, bytes]:
        from walkaway.log import store as db
        from walkaway.log.policies import PolicyLost, files_of
        from walkaway.log.problems import StoreProblem

        if sha256 in self.given:
            return self.given[sha256]
        with self.looking():
            try:
                return files_of(self.store, sha256) if db.policy_files(self.store, sha256) else {}
            except PolicyLost as problem:
                raise StoreProblem(f"{self.store.name}: {problem}") from problem

    def close(self) -> None:
        if self.is_own:
            self.store.close()


def nothing(problem: Unfit, deal: str) -> InvalidInput:
    """Return the error of a question about a deal that cannot be had."""
    return InvalidInput(dead(Line(deal.encode("utf-8", "replace"), "deal", 1), problem).findings)
