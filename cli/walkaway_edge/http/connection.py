"""One connection: the head of a request comes in time and has a size, and whoever does not read is let go.

uvicorn waits for a head for ever and takes one of any length, so that 512 idle connections would be all there are.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 10.0
"""So long a head may take, from the first byte or from the connection on."""
READ_S = 30.0
"""So long a client may read nothing of an answer that waits for it."""
MAX_HEAD = 64 << 10
"""Bytes of a request's address and headers."""
WHOLE = "walkaway.whole"
"""Says in a request's scope that all of it has come, so that nobody waits for it."""
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class _Joined:
    """Writes the head of an answer together with what comes of its body at once: each write is a call to the system."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport, self.loop = transport, loop
        self.held = b""
        self.is_begun = False

    def write(self, data: bytes) -> None:
        """Write now, or hold what is first until the loop comes round."""
        if self.is_begun:
            held, self.held = self.held, b""
            self.transport.write(held + data if held else data)
            return
        self.is_begun, self.held = True, data
        self.loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what was held, where nothing came behind it."""
        held, self.held = self.held, b""
        if held:
            self.transport.write(held)

    def close(self) -> None:
        """Write all, then close."""
        self.flush()
        self.transport.close()

    def is_closing(self) -> bool:
        """Return whether nothing more is written."""
        return self.transport.is_closing()


class Connection(HttpToolsProtocol):
    """A connection with those limits."""

    head: asyncio.TimerHandle | None = None
    unread: asyncio.TimerHandle | None = None
    size = 0
    is_too_large = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._came()
        self._read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; what belongs to no answer that is being made has to become a head."""
        super().data_received(data)
        if self.transport.is_closing() or not self._is_idle:
            return
        self.size += len(data)
        if self.size > MAX_HEAD:
            self._refuse()
        elif self.head is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Answer a request whose head is not too large."""
        self.size = 0
        self._came()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            self.is_too_large = True
            raise ValueError("the head is too large")
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not None and self.cycle is not before:
            self.cycle.transport = _Joined(self.transport, self.loop)  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        """Say so to whoever answers it."""
        self.scope[WHOLE] = True  # type: ignore[literal-required]
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request."""
        if self.is_too_large:
            self._refuse()
        else:
            super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Wait for whoever does not read."""
        super().pause_writing()
        if self.unread is None:
            self.unread = self.loop.call_later(READ_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: it was read."""
        self._read()
        super().resume_writing()

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait(self) -> None:
        self.head = self.loop.call_later(HEAD_S, self.transport.close)

    def _came(self) -> None:
        if self.head is not None:
            self.head.cancel()
            self.head = None

    def _read(self) -> None:
        if self.unread is not None:
            self.unread.cancel()
            self.unread = None

    def _refuse(self) -> None:
        self.transport.write(_TOO_LARGE)
        self.transport.close()
