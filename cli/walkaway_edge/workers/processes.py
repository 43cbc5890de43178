"""Several workers, each a process that decides its own deals, and what puts their answers together again.

Deals are shared out by a checksum of their party's name, or of their ids where nobody says who the party is: what
happens with one party is decided in one order. A batch may be sent ahead, so that workers decide it while the one
before is committed and its verdicts leave.
"""

import contextlib
import itertools
import multiprocessing
import signal
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread

import msgspec

from walkaway import Core, Incident, open_store
from walkaway.deal.cover import party_of, people_of
from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line, head_of
from walkaway.log import Store
from walkaway.log.decided import Answered, Decided, Prepared
from walkaway.log.stored import opening_of
from walkaway.policy import Policy
from walkaway.run.keeper import DecidedEvent, Within
from walkaway.run.memory import Memory
from walkaway.run.overflow import OverflowFile
from walkaway.run.parallel import LogWorker, MemoryWorker, MergedLog, Worker
from walkaway.run.ports import Offsets
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.salts import salt
from walkaway_edge.workers.protocol import PolicySource, Reply, Task, encode, read_reply, read_task, source_of

_GOODBYE = b""


def work(
    connection: Connection, sources: Sequence[PolicySource], url: str | None, core: str, most: int, in_words: bool
) -> None:
    """Answer tasks until whoever sends them is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    incidents: list[Incident] = []
    policies = [source.policy() for source in sources]
    policy, *others = policies
    if url is None:
        with contextlib.closing(OverflowFile()) as overflow:
            memory = Memory(policy, Core(core), incidents.append, overflow, most, others=others, in_words=in_words)
            _serve(connection, MemoryWorker(memory), incidents)
    else:
        with contextlib.closing(open_store(url)) as store:
            worker = LogWorker(store, policies, salt, Core(core), incidents.append, most, in_words=in_words)
            _serve(connection, worker, incidents)


def _serve(connection: Connection, worker: Worker, incidents: list[Incident]) -> None:
    connection.send_bytes(encode(Reply()))  # ready
    while True:
        try:
            asked = connection.recv_bytes()
        except (EOFError, OSError):
            return
        if asked == _GOODBYE:
            return
        task = read_task(asked)
        if task.policies:
            worker.use_versions(*(source.policy() for source in task.policies))
            continue
        if task.last:
            reply = Reply(last=worker.last(task.last))
        elif task.before is not None:
            reply = Reply(idle=list(worker.idle(task.before, task.most)))
        else:
            reply = Reply(worker.decide(task.lines), list(incidents))
            incidents.clear()
        connection.send_bytes(encode(reply))


class Shares:
    """Which worker each deal is decided by: all with one party by one, and each with the deal that it follows.

    Args:
        store: Where deals opened before; none where nothing did.
        people: Folded name → id, as the policies declare.
    """

    def __init__(self, count: int, store: Store | None, people: Mapping[str, str] | None = None) -> None:
        self.count, self.store, self.people = count, store, people or {}
        self.keys: dict[str, str] = {}
        self.fresh: set[str] = set()

    def of(self, line: Line) -> int:
        """Return the worker of a line: that of its deal, which the line binds that opens it."""
        head = head_of(line.data)
        key = self.key(head.deal)
        if key is None and (head.party or head.follows):
            key = _PARTY + party_of(self.people, head.party) if head.party else self.key(head.follows) or head.follows
            self.keys[head.deal] = key
            self.fresh.add(head.deal)
        return self.worker(key or head.deal)

    def doubts(self, line: Line) -> bool:
        """Return whether a deal opens otherwise than a line before it says of which nobody knows yet if it did."""
        if not self.fresh:
            return False
        head = head_of(line.data)
        return bool(head.party or head.follows) and head.deal in self.fresh

    def deal(self, deal: str) -> int:
        """Return the worker of a deal."""
        return self.worker(self.key(deal) or deal)

    def worker(self, key: str) -> int:
        """Return the worker of what deals are shared out by."""
        return zlib.crc32(key.encode()) % self.count

    def key(self, deal: str) -> str | None:
        """Return what a deal is shared out by: its party, or the first deal it goes back to; none before it opens."""
        found = self.keys.get(deal)
        if found is None and self.store is not None and deal.isprintable():
            chain, at = [deal], opening_of(self.store, deal)
            is_there = at is not None
            while at is not None and not at.party and at.follows and at.follows not in chain:
                chain.append(at.follows)
                at = opening_of(self.store, at.follows)
            if is_there:
                found = _PARTY + party_of(self.people, at.party) if at is not None and at.party else chain[-1]
                self.keys[deal] = found
        return found

    def settle(
        self,
        lines: Sequence[Line],
        answers: Sequence[Prepared | Answered | DeadLetter],
        later: Iterable[Sequence[Line]] = (),
    ) -> None:
        """Let go of what a batch bound and did not open, and of the oldest where a store knows them.

        Args:
            later: Lines that were sent behind these; what they rest on stays bound until they are settled.
        """
        self.fresh.difference_update([answer.deal for answer in answers if not isinstance(answer, DeadLetter)])
        unopened = self.fresh.intersection([head_of(line.data).deal for line in lines] if self.fresh else ())
        if unopened:
            unopened = unopened.difference([head_of(line.data).deal for sent in later for line in sent])
        for deal in unopened:
            self.keys.pop(deal, None)
            self.fresh.discard(deal)
        if self.store is not None and len(self.keys) > _BOUND:
            for deal in list(self.keys)[: _BOUND // 2]:
                del self.keys[deal]


_PARTY = "party "
_BOUND = 200_000
"""So many deals are remembered, where a store has them all."""


class _SharedBatch(msgspec.Struct):
    """Lines with the workers that they are for, how many of them were sent, and what came of those already answered."""

    lines: Sequence[Line]
    whose: list[int] = []
    told: int = 0
    decided: Decided = Decided([], [], [])


class _Inbox:
    """Takes a worker's replies as they come, so that it never waits to be heard while it is told what is next."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.replies: SimpleQueue[bytes | None] = SimpleQueue()
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while True:
                self.replies.put(self.connection.recv_bytes())
        except (EOFError, OSError):
            self.replies.put(None)

    def next(self) -> Reply:
        """Return the oldest reply that was not returned yet.

        Raises:
            EdgeProblem: Where the worker is no more.
        """
        data = self.replies.get()
        if data is None:
            self.replies.put(None)
            raise EdgeProblem("a worker has stopped; run again to go on")
        return read_reply(data)


class WorkerPool:
    """Decides with several processes; with a store it appends what they decided, without one it only puts it together.

    Args:
        name: Under which the policy was read.
        others: Other versions of it, by the names under which they were read.
        most: Deals that all workers together follow in memory.
        in_words: Whether answers are decisions in words, or their evidence alone.
    """

    def __init__(
        self,
        workers: int,
        policy: Policy,
        name: str,
        store: Store | None,
        url: str | None,
        core: Core,
        report: Callable[[Incident], None],
        most: int = 20_000,
        others: Mapping[str, Policy] | None = None,
        *,
        in_words: bool = True,
    ) -> None:
        given = {name: policy, **(others or {})}
        self.names, self.report = tuple(given), report
        self.log = None if store is None else MergedLog(store, tuple(given.values()), in_words=in_words)
        self.shares = Shares(workers, store, people_of(given.values()))
        self.sent: list[_SharedBatch] = []
        context = multiprocessing.get_context("spawn")
        self.connections: list[Connection] = []
        self.inboxes: list[_Inbox] = []
        self.processes = []
        for _ in range(workers):
            ours, theirs = context.Pipe()
            told = (theirs, self.sources(given.values()), url, core.value, max(most // workers, 1), in_words)
            process = context.Process(target=work, args=told, daemon=True)
            process.start()
            theirs.close()
            self.connections.append(ours)
            self.inboxes.append(_Inbox(ours))
            self.processes.append(process)
        for inbox in self.inboxes:
            inbox.next()  # it is ready

    def ahead(self, lines: Sequence[Line]) -> bool:
        """Have a batch decided whose answers are taken later; workers go from one to the next without a pause."""
        batch = _SharedBatch(lines)
        self.sent.append(batch)
        for line in lines:
            if self.shares.doubts(line):
                self.tell(batch)
                for sent in self.sent:
                    self.join(sent)
            batch.whose.append(self.shares.of(line))
        self.tell(batch)
        return True

    def tell(self, batch: _SharedBatch) -> None:
        """Send each worker its share of what it has not been sent of a batch."""
        shares: list[list[Line]] = [[] for _ in self.connections]
        for line, worker in zip(batch.lines[batch.told :], batch.whose[batch.told :], strict=False):
            shares[worker].append(line)
        for connection, share in zip(self.connections, shares, strict=True):
            if share:
                self.send(connection, Task(share))
        batch.told = len(batch.whose)

    def send(self, connection: Connection, task: Task) -> None:
        try:
            connection.send_bytes(encode(task))
        except OSError as problem:
            raise EdgeProblem("a worker has stopped; run again to go on") from problem

    def take(self, lines: Sequence[Line], within: Within) -> Sequence[DecidedEvent | DeadLetter]:
        """Return an answer for each line of the batch that was sent first, or of this one."""
        if not self.sent:
            self.ahead(lines)
        batch = self.sent[0]
        assert len(batch.whose) == len(lines)
        joined = self.join(batch)
        del self.sent[0]
        if self.log is not None:
            return self.log.append(joined, within)
        answers = [_answer(answer) for answer in joined.answers]
        within(answers)
        return answers

    def join(self, batch: _SharedBatch) -> Decided:
        """Put the workers' answers to what they were sent of a batch into the order of its lines; return all so far.

        Batches are joined in the order in which they were sent, for so the workers answer.
        """
        so_far = batch.decided
        part = slice(len(so_far.answers), batch.told)
        lines, whose = batch.lines[part], batch.whose[part]
        replies = {n: self.inboxes[n].next() for n in sorted(set(whose))}
        decided = {n: reply.decided for n, reply in replies.items() if reply.decided is not None}
        answers = {n: iter(d.answers) for n, d in decided.items()}
        for incident in (i for reply in replies.values() for i in reply.incidents):
            self.report(incident)
        found = [next(answers[n]) for n in whose]
        behind = itertools.dropwhile(lambda sent: sent is not batch, self.sent)
        self.shares.settle(lines, found, [later.lines[: later.told] for later in itertools.islice(behind, 1, None)])
        every = (so_far, *decided.values())
        kept, closed = [k for d in every for k in d.kept], [c for d in every for c in d.closed]
        batch.decided = Decided([*so_far.answers, *found], kept, closed)
        return batch.decided

    def use_versions(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on, given in the order of those before."""
        if self.log is not None:
            self.log.appender.add_policies(policies)
        for connection in self.connections:
            self.send(connection, Task(policies=self.sources(policies)))

    def sources(self, policies: Iterable[Policy]) -> list[PolicySource]:
        """Return policies as they are sent."""
        return [source_of(p, name) for name, p in zip(self.names, policies, strict=True)]

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return open deals whose latest event is older than an instant."""
        if self.log is not None:
            return self.log.idle(before, most)
        found: list[str] = []
        for connection, inbox in zip(self.connections, self.inboxes, strict=True):
            self.send(connection, Task(before=before, most=most))
            found += inbox.next().idle
        return found[:most]

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        worker = self.shares.deal(deal)
        self.send(self.connections[worker], Task(last=deal))
        return self.inboxes[worker].next().last

    def answer(self, entry: int) -> DecidedEvent:
        """Return an answer that was kept."""
        if self.log is None:
            raise LookupError(entry)
        return self.log.answer(entry)

    def noted(self, name: str) -> Offsets:
        """Return what was noted under a name."""
        return {} if self.log is None else self.log.noted(name)

    def note(self, name: str, places: Offsets) -> None:
        """Note places under a name."""
        if self.log is not None:
            self.log.note(name, places)

    def close(self) -> None:
        """Let the workers go."""
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.send_bytes(_GOODBYE)
        for process in self.processes:
            process.join(5)
        for connection in self.connections:
            connection.close()


def _answer(answer: Prepared | Answered | DeadLetter) -> DecidedEvent | DeadLetter:
    if isinstance(answer, DeadLetter):
        return answer
    common = (answer.deal, answer.event, answer.at, answer.verdict, answer.answer)
    return DecidedEvent(-1, *common, isinstance(answer, Answered) and answer.repeated)
