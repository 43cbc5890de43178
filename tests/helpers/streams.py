"""Streams of each broker for tests: made, fed, and read, by the brokers' own clients and none of our code."""

import asyncio
import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import confluent_kafka
import nats
import psycopg
import pytest
import redis
from tests.helpers.brokers import nats_server, redis_server
from tests.helpers.processes import PATIENCE_S

_names = itertools.count()

KINDS = [
    *(pytest.param(kind, marks=pytest.mark.broker) for kind in ("redis", "nats", "kafka")),
    pytest.param("postgres", marks=pytest.mark.postgres),
]
"""Every kind of broker, with the marker of what it starts."""


class Broker(ABC):
    """One broker, in which each test has streams of its own."""

    @abstractmethod
    def stream(self) -> str:
        """Make a stream; give its URL."""

    @abstractmethod
    def send(self, url: str, lines: list[bytes]) -> None:
        """Put lines into a stream."""

    @abstractmethod
    def held(self, url: str) -> list[bytes]:
        """Return what a stream holds."""


class RedisBroker(Broker):
    """Redis Streams."""

    def __init__(self, port: int) -> None:
        self.port = port

    def client(self) -> "redis.Redis":
        return redis.Redis(port=self.port)

    def stream(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0?stream=s{next(_names)}"

    def send(self, url: str, lines: list[bytes]) -> None:
        with self.client() as client:
            for line in lines:
                client.xadd(url.rpartition("=")[2], {"event": line})

    def held(self, url: str) -> list[bytes]:
        with self.client() as client:
            return [fields[b"event"] for _, fields in client.xrange(url.rpartition("=")[2])]


class NatsBroker(Broker):
    """JetStream."""

    def __init__(self, port: int) -> None:
        self.url = f"nats://127.0.0.1:{port}"

    async def using(self, what: Any) -> Any:
        client = await nats.connect(self.url, connect_timeout=int(PATIENCE_S))
        try:
            return await what(client.jetstream(timeout=PATIENCE_S))
        finally:
            await client.close()

    def stream(self) -> str:
        name = f"s{next(_names)}"
        _run(self.using(lambda js: js.add_stream(name=name, subjects=[name])))
        return f"{self.url}?stream={name}&subject={name}"

    def send(self, url: str, lines: list[bytes]) -> None:
        async def put(js: Any) -> None:
            for line in lines:
                await js.publish(url.rpartition("=")[2], line)

        _run(self.using(put))

    def held(self, url: str) -> list[bytes]:
        name = url.rpartition("=")[2]

        async def got(js: Any) -> list[bytes]:
            last = (await js.stream_info(name)).state.last_seq
            return [(await js.get_msg(name, n)).data for n in range(1, last + 1)]

        found: list[bytes] = _run(self.using(got))
        return found


def _run(what: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(what)


class KafkaBroker(Broker):
    """The broker that is part of Kafka's C client for tests; it lives as long as this client."""

    def __init__(self) -> None:
        self.host = confluent_kafka.Producer({"test.mock.num.brokers": 1})
        (broker,) = self.host.list_topics(timeout=PATIENCE_S).brokers.values()
        self.brokers = f"{broker.host}:{broker.port}"

    def stream(self) -> str:
        name = f"s{next(_names)}"
        self.host.list_topics(name, timeout=PATIENCE_S)  # whoever asks for a topic makes it
        return f"kafka://{self.brokers}/{name}"

    def send(self, url: str, lines: list[bytes]) -> None:
        producer = confluent_kafka.Producer({"bootstrap.servers": self.brokers, "linger.ms": 1})
        for line in lines:
            producer.produce(url.rpartition("/")[2], line, json.loads(line)["deal"])
        producer.flush()

    def held(self, url: str) -> list[bytes]:
        topic = url.rpartition("/")[2]
        consumer = confluent_kafka.Consumer(
            {"bootstrap.servers": self.brokers, "group.id": "test", "enable.partition.eof": True}
        )
        start = confluent_kafka.OFFSET_BEGINNING
        partitions = list(consumer.list_topics(topic, timeout=PATIENCE_S).topics[topic].partitions)
        consumer.assign([confluent_kafka.TopicPartition(topic, n, start) for n in partitions])
        found, ended = [], 0
        while ended < len(partitions):
            message = consumer.poll(PATIENCE_S)
            assert message is not None
            if message.error() is None:
                value = message.value()
                assert isinstance(value, bytes)
                found.append(value)
            else:
                ended += 1
        consumer.close()
        return found


class PostgresBroker(Broker):
    """Tables."""

    def __init__(self, url: str) -> None:
        self.url = url

    def stream(self) -> str:
        name = f"s{next(_names)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLE {name} (id bigserial PRIMARY KEY, data text)")
        return f"{self.url}&table={name}"

    def send(self, url: str, lines: list[bytes]) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for line in lines:
                connection.execute(f"INSERT INTO {url.rpartition('=')[2]} (data) VALUES (%s)", (line.decode(),))

    def held(self, url: str) -> list[bytes]:
        with psycopg.connect(self.url) as connection:
            return [r[0].encode() for r in connection.execute(f"SELECT data FROM {url.rpartition('=')[2]} ORDER BY id")]


@contextmanager
def broker(kind: str) -> Iterator[Broker]:
    """Run a broker other than PostgreSQL, whose server is that of all tests."""
    match kind:
        case "redis":
            with redis_server() as port:
                yield RedisBroker(port)
        case "nats":
            with nats_server() as port:
                yield NatsBroker(port)
        case _:
            yield KafkaBroker()
