"""A Kafka-protocol broker: partitions read by offset, no group; keyed by deal when written. `kafka://HOST:PORT/TOPIC`."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import msgspec
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as Received

from walkaway.deal.lines import Line
from walkaway.run.ports import Batch, Message, Offsets
from walkaway_edge.brokers.address import address, broken
from walkaway_edge.files.lines import PlacedLines
from walkaway_edge.problems import EdgeProblem

_ASK_S = 10.0


def _apart(text: str) -> tuple[str, str, str]:
    """Return a URL's name, its brokers, and the topic."""
    name = address(text).name
    parts = urlsplit(text)
    topic = parts.path.strip("/")
    if not topic or not parts.hostname:
        raise EdgeProblem(f"{name}: write kafka://HOST:PORT/TOPIC")
    return name, parts.netloc.rpartition("@")[2], topic


def _consumer(brokers: str) -> Consumer:
    """Return a reader that belongs to no group and commits nothing."""
    return Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "walkaway",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 50,
        },
        logger=_Quiet(),
    )


class _Quiet:
    """Takes what the library would log: whatever matters comes back as an error as well."""

    def log(self, *_: object) -> None:
        """Drop it."""


def _partitions(consumer: Consumer, topic: str, name: str) -> list[int]:
    try:
        about = consumer.list_topics(topic, timeout=_ASK_S).topics[topic]
    except KafkaException as problem:
        raise broken(name, problem) from problem
    if about.error is not None:
        raise broken(name, Exception(about.error.str()))
    return sorted(about.partitions)


class KafkaSource:
    """A topic, each partition by its offsets; a deal's events must lie in one partition."""

    def __init__(self, text: str, *, follow: bool, warn: Callable[[str], None]) -> None:
        self.name, brokers, self.topic = _apart(text)
        self.follow, self.warn = follow, warn
        self.consumer = _consumer(brokers)
        self.at: dict[str, bytes] = {}
        self.ended: set[int] = set()
        try:
            self.partitions = _partitions(self.consumer, self.topic, self.name)
        except BaseException:
            self.consumer.close()
            raise
        self.is_assigned = False

    def read(self, after: Offsets, most: int, wait_s: float) -> Batch:
        """Return the messages after the offsets."""
        try:
            if not self.is_assigned or self.at != dict(after):
                self.assign(after)
            first = self.consumer.poll(wait_s)
            found = [first] if first is not None else []
            if found and most > 1:
                found += self.consumer.consume(most - 1, timeout=0)
        except KafkaException as problem:
            raise broken(self.name, problem) from problem
        lines, ends = [], []
        for message in found:
            if not self.is_message(message):
                continue
            partition, offset = message.partition(), message.offset()
            assert partition is not None
            assert offset is not None
            lines.append(Line(message.value() or b"", f"{self.name} {partition}", offset))
            ends.append((str(partition), b"%d" % (offset + 1)))
        self.at.update(ends)
        return PlacedLines(lines, ends, is_last=not lines and not self.follow and self.ended >= set(self.partitions))

    def assign(self, after: Offsets) -> None:
        """Begin at the offsets, in partitions without one at their beginning."""
        starts = [
            TopicPartition(self.topic, p, int(after[str(p)]) if str(p) in after else OFFSET_BEGINNING)
            for p in self.partitions
        ]
        self.consumer.assign(starts)
        self.at, self.is_assigned = dict(after), True
        self.ended.clear()

    def is_message(self, message: Received) -> bool:
        """Tell a message from what the library has to say beside them."""
        error = message.error()
        partition = message.partition()
        if error is None:
            self.ended.discard(-1 if partition is None else partition)
            return True
        if error.code() == KafkaError._PARTITION_EOF:
            self.ended.add(-1 if partition is None else partition)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise broken(self.name, Exception(f"partition {partition} no longer holds what was to be read next"))
        elif not error.retriable():
            raise broken(self.name, Exception(error.str()))
        return False

    def close(self) -> None:
        """Disconnect."""
        self.consumer.close()


_offsets = msgspec.json.Decoder(dict[str, int]).decode


class KafkaSink:
    """A topic; the deal is the key, so that a deal's verdicts stay in one partition, in order."""

    def __init__(self, text: str) -> None:
        self.name, self.brokers, self.topic = _apart(text)
        self.producer = Producer(
            {"bootstrap.servers": self.brokers, "enable.idempotence": True, "linger.ms": 1}, logger=_Quiet()
        )
        self.ends: dict[str, int] = {}
        self.failed: list[str] = []

    def end(self) -> bytes:
        """Return each partition's offset behind its last message."""
        if not self.ends:
            consumer = _consumer(self.brokers)
            try:
                self.ends = self.marks(consumer)
            finally:
                consumer.close()
        return msgspec.json.encode(self.ends)

    def marks(self, consumer: Consumer) -> dict[str, int]:
        found = {}
        try:
            for partition in _partitions(consumer, self.topic, self.name):
                marks = consumer.get_watermark_offsets(TopicPartition(self.topic, partition), timeout=_ASK_S)
                found[str(partition)] = marks[1] if marks else 0
        except KafkaException as problem:
            raise broken(self.name, problem) from problem
        return found

    def after(self, end: bytes) -> Sequence[bytes]:
        """Return what the messages behind the offsets hold."""
        consumer = _consumer(self.brokers)
        try:
            last, found = self.marks(consumer), []
            start = {p: n for p, n in _offsets(end).items() if last.get(p, 0) > n}
            consumer.assign([TopicPartition(self.topic, int(p), n) for p, n in start.items()])
            while start:
                message = consumer.poll(_ASK_S)
                if message is None:
                    raise broken(self.name, Exception("what was written last cannot be read"))
                if message.error() is None:
                    found.append(message.value() or b"")
                    partition, offset = str(message.partition()), message.offset() or 0
                    if offset + 1 >= last[partition]:
                        start.pop(partition, None)
            return found
        finally:
            consumer.close()

    def write(self, messages: Sequence[Message]) -> None:
        """Produce messages and wait until all replicas have them."""
        for message in messages:
            while True:
                try:
                    self.producer.produce(self.topic, message.data, message.deal or None, on_delivery=self.delivered)
                    break
                except BufferError:
                    self.producer.poll(0.1)
                except KafkaException as problem:
                    raise broken(self.name, problem) from problem
        self.producer.flush()
        if self.failed:
            raise broken(self.name, Exception(self.failed[0]))

    def delivered(self, error: KafkaError | None, message: Received) -> None:
        """Hear what became of a message."""
        if error is not None:
            self.failed.append(error.str())
        else:
            partition = str(message.partition())
            self.ends[partition] = max(self.ends.get(partition, 0), (message.offset() or 0) + 1)

    def close(self) -> None:
        """Let go of the connection."""
        self.producer.flush(1)
