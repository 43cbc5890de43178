"""NATS JetStream: read by sequence, nothing acknowledged. `nats://HOST:PORT?stream=NAME`, to write `?subject=NAME`."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import nats
from nats.aio.client import Client
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from walkaway.deal.lines import Line
from walkaway.run.ports import Batch, Message, Offsets
from walkaway_edge.brokers.address import address, broken
from walkaway_edge.files.lines import PlacedLines

_T = TypeVar("_T")
_OURS = ("stream", "subject")
_ASK_S = 20.0
_ONCE: dict[str, Any] = {
    "connect_timeout": 10,
    "allow_reconnect": False,
    "max_reconnect_attempts": 2,
    "reconnect_time_wait": 0.2,
}
"""A connection that breaks ends the run: whoever starts it again has it go on from the store."""


class _NatsConnection:
    """A connection with an event loop of its own, which runs only while something is asked of it."""

    def __init__(self, text: str) -> None:
        self.address = address(text, *_OURS)
        self.name = self.address.name
        self.loop = asyncio.new_event_loop()
        try:
            self.client: Client = self.wait(nats.connect(self.address.url, **_ONCE))
        except BaseException:
            self.loop.close()
            raise
        self.js: JetStreamContext = self.client.jetstream(timeout=_ASK_S)

    def wait(self, what: Coroutine[Any, Any, _T]) -> _T:
        """Return what comes of a question.

        Raises:
            EdgeProblem: Where the server cannot be reached, or refuses.
        """
        try:
            return self.loop.run_until_complete(what)
        except NotFoundError:
            raise
        except (Error, OSError) as problem:
            raise broken(self.name, problem) from problem

    def close(self) -> None:
        """Disconnect."""
        self.loop.run_until_complete(self.client.close())
        self.loop.close()


class NatsSource:
    """A stream's messages, by their sequence numbers; of some subjects only, where a subject is named."""

    def __init__(self, text: str, *, follow: bool, warn: Callable[[str], None]) -> None:
        self.stream = address(text, *_OURS).need("stream")
        self.connection = _NatsConnection(text)
        self.name, self.follow, self.warn = self.connection.name, follow, warn
        self.subject = self.connection.address.ours.get("subject", "")
        self.reading: JetStreamContext.PullSubscription | None = None
        self.at = self.consumed = 0

    def read(self, after: Offsets, most: int, wait_s: float) -> Batch:
        """Return the messages after a sequence number."""
        try:
            return self.connection.wait(self.fetched(int(after.get("", b"0")), most, wait_s))
        except NotFoundError as problem:
            self.reading = None
            raise broken(self.name, problem) from problem

    async def fetched(self, last: int, most: int, wait_s: float) -> Batch:
        if self.reading is None or self.at != last:
            await self.start(last)
        assert self.reading is not None
        try:
            found = await self.reading.fetch(most, timeout=max(wait_s, 0.05))
        except TimeoutError:
            return PlacedLines(is_last=not self.follow and await self.has_ended())
        lines, ends = [], []
        for message in found:
            about = message.metadata
            if about.sequence.consumer != self.consumed + 1:
                self.reading = None  # one went missing on its way: what comes behind it is asked for again
                break
            self.consumed, self.at = about.sequence.consumer, about.sequence.stream
            lines.append(Line(message.data, f"{self.name} {self.at}", 1))
            ends.append(("", b"%d" % self.at))
        return PlacedLines(lines, ends)

    async def has_ended(self) -> bool:
        """Return whether the stream holds no more than was read; that nothing came in time says nothing of it."""
        assert self.reading is not None
        about = await self.reading.consumer_info()
        assert about.delivered is not None, "every consumer says so"
        if about.delivered.consumer_seq > self.consumed:
            self.reading = None  # some is late, or went missing on its way: it is asked for again
        return self.reading is not None and not about.num_pending

    async def start(self, last: int) -> None:
        """Let the server send what comes after a sequence number."""
        js = self.connection.js
        state = (await js.stream_info(self.stream)).state
        if last and state.first_seq > last + 1:
            self.warn(f"{self.name}: messages may have been removed from the stream before they were read")
        config = ConsumerConfig(
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=last + 1,
            filter_subject=self.subject or None,
            inactive_threshold=300,
        )
        self.reading = await js.pull_subscribe(self.subject or ">", stream=self.stream, config=config)
        self.at, self.consumed = last, 0

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()


class NatsSink:
    """A subject that some stream keeps."""

    def __init__(self, text: str) -> None:
        self.subject = address(text, *_OURS).need("subject")
        self.connection = _NatsConnection(text)
        self.name = self.connection.name
        try:
            self.stream = self.connection.wait(self.connection.js.find_stream_name_by_subject(self.subject))
        except NotFoundError as problem:
            self.close()
            raise broken(self.name, Exception(f"no stream keeps subject {self.subject}")) from problem
        self.last = b""

    def end(self) -> bytes:
        """Return the sequence number of the stream's last message."""
        if not self.last:
            self.last = b"%d" % self.connection.wait(self.connection.js.stream_info(self.stream)).state.last_seq
        return self.last

    def after(self, end: bytes) -> Sequence[bytes]:
        """Return what the messages behind a sequence number hold."""
        return self.connection.wait(self.held(int(end)))

    async def held(self, end: int) -> list[bytes]:
        last = (await self.connection.js.stream_info(self.stream)).state.last_seq
        found = []
        for number in range(end + 1, last + 1):
            try:
                message = await self.connection.js.get_msg(self.stream, number)
            except NotFoundError:
                continue
            if message.subject == self.subject and message.data is not None:
                found.append(message.data)
        return found

    def write(self, messages: Sequence[Message]) -> None:
        """Publish messages: those of one deal one after the other, since one that fails must not be overtaken."""
        self.connection.wait(self.published(messages))

    async def published(self, messages: Sequence[Message]) -> None:
        last = 0
        rounds: list[list[Message]] = []
        sent: dict[str, int] = {}
        for message in messages:
            turn = sent.get(message.deal, 0)
            sent[message.deal] = turn + 1
            if turn == len(rounds):
                rounds.append([])
            rounds[turn].append(message)
        for together in rounds:
            acks = await asyncio.gather(*(self.connection.js.publish(self.subject, m.data) for m in together))
            last = max(last, *(a.seq for a in acks))
        self.last = b"%d" % last

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()
