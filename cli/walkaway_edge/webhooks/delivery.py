"""Tell a receiver every decision, one after the other, from the place in the log up to which it has taken them.

A message is sent until it is taken, and the place is on disk before the next one is sent: nothing is left out, and what
a receiver has taken is sent again only where this process ended between its answer and the disk. Then the message has
the id that it had, so a receiver that knows its ids takes none twice.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from walkaway import log
from walkaway.log import LogEntry, Store
from walkaway_edge.files.keeps import write_private
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.webhooks.receiver import Receiver
from walkaway_edge.webhooks.signing import signed

BATCH = 100
_LONGEST_S = 300.0


class Delivered(msgspec.Struct, frozen=True):
    """How far a receiver has come.

    Attributes:
        chain: That of the entry before `next`, in hexadecimal: the same place in another log has another one.
    """

    url: str
    next: int = 0
    chain: str = ""


class Delivery:
    """Messages to one receiver.

    Args:
        place: The file that keeps how far it has come; made with the first message that it takes.
        told: Returns the body of an entry's message; none where it is not told.
        now: Seconds since 1970.
        wait: Waits so many seconds, and returns whether to go on.
        report: Is told why a message was not taken, and in how many seconds it is sent again.

    Raises:
        EdgeProblem: Where the file is of another receiver, or cannot be read.
    """

    def __init__(
        self,
        receiver: Receiver,
        keys: tuple[bytes, ...],
        place: Path,
        told: Callable[[LogEntry], bytes | None],
        now: Callable[[], float],
        wait: Callable[[float], bool],
        report: Callable[[LogEntry, str, float], None],
    ) -> None:
        self.receiver, self.keys, self.place, self.told = receiver, keys, place, told
        self.now, self.wait, self.report = now, wait, report
        self.done = self.kept = self._read()
        self.sent = 0

    def catch_up(self, store: Store) -> bool:
        """Tell all entries that have not been told; return whether to go on.

        Raises:
            EdgeProblem: Where the receiver wants no more, or the log is another one than it was told of.
        """
        self._is_same(store)
        while entries := list(log.entries(store, self.done.next, self.done.next + BATCH)):
            if not self._tell(entries):
                return False
        self._keep()
        return True

    def _tell(self, entries: Iterable[LogEntry]) -> bool:
        for entry in entries:
            body = self.told(entry)
            if body is not None:
                if not self._deliver(entry, body):
                    return False
                self.sent += 1
            self.done = Delivered(self.receiver.url, entry.n + 1, entry.chain.hex())
            if body is not None:
                self._keep()
        return True

    def _deliver(self, entry: LogEntry, body: bytes) -> bool:
        pause = 1.0
        while True:
            headers = signed(self.keys, f"entry-{entry.n}-{entry.chain.hex()[:16]}", int(self.now()), body)
            reception = self.receiver.post(headers, body)
            if not reception.why:
                return True
            if reception.is_gone:
                why = f"wants no more messages ({reception.why})"
                raise EdgeProblem(f"{self.receiver.url} {why}; entry {entry.n} was not taken")
            again = max(pause, float(reception.wait_s))
            self.report(entry, reception.why, again)
            if not self.wait(again):
                return False
            pause = min(pause * 2, _LONGEST_S)

    def _keep(self) -> None:
        if self.done != self.kept:
            write_private(self.place, msgspec.json.encode(self.done) + b"\n")
            self.kept = self.done

    def _read(self) -> Delivered:
        try:
            found = msgspec.json.decode(self.place.read_bytes(), type=Delivered)
        except FileNotFoundError:
            return Delivered(self.receiver.url)
        except (OSError, msgspec.DecodeError) as problem:
            raise EdgeProblem(f"{self.place} does not say how far a receiver has come: {problem}") from problem
        if found.url != self.receiver.url:
            raise EdgeProblem(f"{self.place} is of {found.url}", "give --place, a file of its own for each receiver")
        return found

    def _is_same(self, store: Store) -> None:
        last = log.entry(store, self.done.next - 1) if self.done.next else None
        if self.done.next and (last is None or last.chain.hex() != self.done.chain):
            raise EdgeProblem(
                f"{store.name} is not the log that {self.receiver.url} was told of up to entry {self.done.next - 1}",
                f"where that is meant, remove {self.place}: all is told again",
            )
