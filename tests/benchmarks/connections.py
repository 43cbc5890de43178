"""One loop that sends requests over several connections, for the benchmarks of the server: cheap, so that it is the
server that is measured. It knows as much of HTTP as `walkaway serve` answers with."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

Request = tuple[str, str, bytes, Mapping[str, str]]
"""Method, path, body and headers."""
_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


class _Connection(asyncio.Protocol):
    """Asks one thing after the other, and waits for each answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.came = bytearray()
        self.answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Write to it from now on."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self.came += data
        end = self.came.find(_END)
        if end < 0:
            return
        head = bytes(self.came[:end]).lower() + b"\r\n"
        place = head.find(_LENGTH)
        start = place + len(_LENGTH)
        length = int(head[start : head.index(b"\r\n", start)]) if place >= 0 else 0
        if len(self.came) < end + len(_END) + length:
            return
        body = bytes(self.came[end + len(_END) : end + len(_END) + length])
        self.came.clear()
        answer, self.answer = self.answer, None
        if answer is not None:
            answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so to whoever waits."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def ask(self, request: Request) -> Awaitable[tuple[int, bytes]]:
        """Send a request; its status and its body are there when it is answered."""
        method, path, body, headers = request
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write("\r\n".join(lines).encode() + _END + body)
        return self.answer


async def over(
    port: int, requests: Iterable[Request], connections: int, told: Callable[[Request, int, bytes, int], None]
) -> None:
    """Send requests over some connections at once, the next over whichever is free; a request is made when it is sent.

    Args:
        told: Is called with a request, the status and body of its answer, and how long it took, in nanoseconds.
    """
    loop = asyncio.get_running_loop()
    left: Iterator[Request] = iter(requests)

    async def work() -> None:
        _, connection = await loop.create_connection(lambda: _Connection(port), "127.0.0.1", port)
        for request in left:
            began = time.perf_counter_ns()
            status, body = await connection.ask(request)
            told(request, status, body, time.perf_counter_ns() - began)
        connection.transport.close()

    await asyncio.gather(*(work() for _ in range(connections)))


async def steadily(
    port: int,
    request: Callable[[int], Request],
    rate: float,
    seconds: float,
    connections: int,
    told: Callable[[Request, int, bytes, int], None],
) -> None:
    """Send so many requests a second as long as there is time; who is late catches up.

    Args:
        request: Makes the one of a number, counted from 0.
        told: As for `over`; what is told is how long an answer took after its request was due.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    numbers = iter(range(1 << 60))

    async def work() -> None:
        _, connection = await loop.create_connection(lambda: _Connection(port), "127.0.0.1", port)
        for number in numbers:
            due = began + number / rate
            if due >= began + seconds or loop.time() >= began + seconds:
                break
            await asyncio.sleep(max(0.0, due - loop.time()))
            asked = request(number)
            status, body = await connection.ask(asked)
            told(asked, status, body, int((loop.time() - due) * 1e9))
        connection.transport.close()

    await asyncio.gather(*(work() for _ in range(connections)))
