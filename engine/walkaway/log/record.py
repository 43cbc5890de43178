"""Record: decide, append, commit, then answer. Nobody holds a decision whose entry is not on disk.

A batch of lines is one transaction, and the writer's place is held while it is decided: what another writer has
appended meanwhile is taken in first, so that the log never forks. The batch that comes next may be decided while this
one is being committed; it counts only if nobody else has written by the time the writer's place is held for it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager

from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.decide.engine import Core
from walkaway.log import store as db
from walkaway.log.append import Appender, DecidedEvent
from walkaway.log.decided import Decided
from walkaway.log.decider import MAX_FOLLOWED, Decider
from walkaway.log.meanings import RELEASE as RELEASE
from walkaway.log.policies import Report
from walkaway.log.problems import StoreProblem
from walkaway.log.store import Store
from walkaway.policy import Policy


class Recorder:
    """The writer of one log: a decider and an appender that take turns.

    Args:
        policy: Under which deals open; those that are open already stay under the one they opened under.
        others: Other versions of it, under which deals open on days on which they are in force.
        salt: Gives 16 random bytes, others each time.
        most: Deals that are followed in memory.
        in_words: Whether answers are decisions in words, or their evidence alone; the log holds evidence.
    """

    def __init__(
        self,
        store: Store,
        policy: Policy,
        salt: Callable[[], bytes],
        core: Core = Core.BOTH,
        report: Report = lambda _: None,
        release: str = RELEASE,
        *,
        most: int = MAX_FOLLOWED,
        others: Sequence[Policy] = (),
        in_words: bool = True,
    ) -> None:
        self.store = store
        self.decider = Decider(store, (policy, *others), salt, core, report, release, most, in_words=in_words)
        self.appender = Appender(store, (policy, *others))
        self.is_stale = False
        self.next: tuple[Sequence[Line], Decided] | None = None
        self.thread: ThreadPoolExecutor | None = None

    def record(
        self,
        lines: Sequence[Line],
        within: Callable[[Sequence[DecidedEvent | DeadLetter]], None] = lambda _: None,
        ahead: Sequence[Line] = (),
    ) -> Sequence[DecidedEvent | DeadLetter]:
        """Record a batch; give an answer for each line, in order, when all of them are on disk.

        Args:
            within: Is called with the answers inside of the transaction, so that what it writes is there with them.
            ahead: The batch that will be given next, to be decided while this one is committed; none of it is written.

        Raises:
            StoreProblem: Where they could not be written; then none of them was, and none may be answered.
        """
        try:
            writing = self.store.writing()
            writing.__enter__()
            try:
                answers = self.appender.append(self.decided(lines))
                within(answers)
            except BaseException as problem:
                writing.__exit__(type(problem), problem, problem.__traceback__)
                raise
            self.commit(writing, ahead)
        except BaseException:
            self.is_stale, self.next = True, None
            raise
        self.appender.done()
        return answers

    def decided(self, lines: Sequence[Line]) -> Decided:
        """Return what comes of lines, inside of `writing`: decided ahead, if the log ends where it did then."""
        found, self.next = self.next, None
        if found is not None:
            if found[0] is lines and not self.is_stale and db.size(self.store) == self.appender.size:
                return found[1]
            self.is_stale = True  # deals are where the log is not
        self.catch_up()
        return self.decider.decide(lines, self.appender.size)

    def commit(self, writing: AbstractContextManager[None], ahead: Sequence[Line]) -> None:
        """Commit, and decide meanwhile what comes next; returns when all is on disk."""
        if not ahead:
            writing.__exit__(None, None, None)
            return
        if self.thread is None:
            self.thread = ThreadPoolExecutor(1, "walkaway-commit")
        committed = self.thread.submit(writing.__exit__, None, None, None)
        try:
            self.next = ahead, self.decider.decide(ahead, self.appender.size)
        except StoreProblem:
            self.is_stale = True  # whoever gives these lines is told, when they are decided again
        finally:
            wait([committed])
        committed.result()

    def catch_up(self) -> None:
        """Take in what another writer has appended: its deals are folded anew, all of them after an erasure."""
        if self.is_stale:
            changed: list[str | None] = [None]
        elif db.size(self.store) == self.appender.size:
            return
        else:
            changed = db.deals_since(self.store, self.appender.size)
        self.decider.forget(changed)
        self.appender.refresh()
        self.is_stale = False

    def use_versions(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        self.decider.use_versions(policies)
        self.appender.add_policies(policies)
