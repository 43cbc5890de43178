"""An event before it is written to a log: decided as the log would, shown, and appended only if it is decided so still.

Nobody holds the log's place while somebody thinks about what was shown.
"""

from collections.abc import Callable, Sequence

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.decide.decision import Decision, KnownParty
from walkaway.decide.engine import Core, Engine
from walkaway.language.spelling import is_written
from walkaway.log import store as db
from walkaway.log.append import DecidedEvent
from walkaway.log.decider import Decider
from walkaway.log.policies import Policies, PolicyLost, Report, restored
from walkaway.log.problems import StoreProblem
from walkaway.log.record import RELEASE, Recorder
from walkaway.log.store import Store
from walkaway.log.stored import Diverged, head_of, readable
from walkaway.policy import Policy
from walkaway.session.stream import Stream

Salt = Callable[[], bytes]
NAME = "the event"
"""What findings call the line."""


class DealNow(msgspec.Struct, frozen=True):
    """Where a deal stands before an event.

    Attributes:
        events: The ids of its events; empty before it opens.
        last: The instant of the latest, in microseconds since 1970; none before it opens.
        policy: Under which the event is read.
    """

    events: frozenset[str]
    last: int | None
    policy: Policy


class DecisionChanged(Exception):
    """The event is not decided any more as it was shown; nothing was written.

    Attributes:
        now: What is said of it by now.
    """

    def __init__(self, now: Decision | DeadLetter) -> None:
        super().__init__("the event is not decided as it was shown")
        self.now = now


class Preview:
    """Decides events as the next ones of a log, and keeps nothing.

    Args:
        store: The log, while it is read; none where there is none yet.
        policies: The versions under which deals open.
        salt: Gives 16 random bytes, others each time.
    """

    def __init__(self, store: Store | None, policies: Sequence[Policy], salt: Salt, report: Report) -> None:
        self.store, self.policies, self.salt, self.report = store, policies, salt, report
        self.decider = None if store is None else Decider(store, policies, salt, Core.BOTH, report, RELEASE)

    def standing(self, deal: str) -> DealNow:
        """Return where a deal stands.

        Raises:
            StoreProblem: Where it cannot be folded any more.
        """
        if self.decider is None:
            return DealNow(frozenset(), None, self.stream().version(deal).policy)
        try:
            of = self.decider.find(deal) if is_written(deal) else None
        except Unfit as problem:
            raise StoreProblem(str(problem)) from problem
        if of is None:
            return DealNow(frozenset(), None, self.decider.follower.current.policy)
        return DealNow(frozenset(of.events), of.position.last, of.version.policy)

    def decide(self, line: bytes) -> Decision | DeadLetter:
        """Decide an event."""
        if self.decider is None:
            return next(d for d in self.stream().line(line, NAME, 1) if isinstance(d, Decision | DeadLetter))
        (answer,) = self.decider.decide([Line(line, NAME, 1)]).answers
        return answer if isinstance(answer, DeadLetter) else msgspec.json.decode(answer.answer, type=Decision)

    def stream(self) -> Stream:
        """Return what decides as a log would that has no entry yet."""
        policies = (msgspec.structs.replace(restored(p.sha256, p.files), rates=p.rates) for p in self.policies)
        return Stream(*(Engine(policy, Core.BOTH, self.report) for policy in policies))


def same(shown: Decision, now: Decision) -> bool:
    """Return whether a decision is the one that was shown; a position with fresh seals has another digest."""
    before = shown.position.before
    replace = msgspec.structs.replace
    return before == now.position.before and replace(now, position=shown.position, party=_unplaced(now.party)) == shown


def _unplaced(known: KnownParty | msgspec.UnsetType) -> KnownParty | msgspec.UnsetType:
    """Return what was known without the entry for which budgets were summed: what is shown has none yet."""
    if known is msgspec.UNSET or known.budgets is msgspec.UNSET:
        return known
    budgets = {n: msgspec.structs.replace(b, entry=msgspec.UNSET) for n, b in known.budgets.items()}
    return msgspec.structs.replace(known, budgets=budgets)


def append_as_shown(
    store: Store, policies: Sequence[Policy], line: bytes, shown: Decision, salt: Salt, report: Report
) -> int:
    """Record an event whose decision was shown; return its entry's number.

    Raises:
        DecisionChanged: Where it is decided otherwise by now.
        StoreProblem: Where it cannot be written.
    """

    def check(answers: Sequence[DecidedEvent | DeadLetter]) -> None:
        (now,) = (a if isinstance(a, DeadLetter) else a.decision for a in answers)
        if isinstance(now, DeadLetter) or not same(shown, now):
            raise DecisionChanged(now)

    policy, *others = policies
    recorder = Recorder(store, policy, salt, Core.BOTH, report, others=others)
    (answer,) = recorder.record([Line(line, NAME, 1)], check)
    assert isinstance(answer, DecidedEvent)
    return answer.entry


def recorded_policy(store: Store, deal: str) -> Policy | None:
    """Return the policy that a deal is under; none where the log has no such deal.

    Raises:
        StoreProblem: Where the policy is not what it was.
    """
    numbers = db.event_numbers(store, deal) if is_written(deal) else {}
    last = db.entry(store, max(numbers.values())) if numbers else None
    if last is None:
        return None
    try:
        head = head_of(readable(last))
        return Policies(store, Core.PLAIN, lambda _: None).find(head.policy.sha256, head.currency).policy
    except (Diverged, PolicyLost) as problem:
        raise StoreProblem(f"{store.name}: {problem}") from problem
