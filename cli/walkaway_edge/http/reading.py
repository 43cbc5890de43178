"""What is read of a request: its headers, what stands behind its address, and its body, in time and of a size."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from walkaway_edge.http.answers import Problem, problem
from walkaway_edge.http.connection import WHOLE

MAX_BODY = 1 << 20
_PASSED_OVER = 16 * MAX_BODY
"""So much of a body that is too long is read, so that whoever sends it hears why."""
PATIENCE_S = 10.0
JSON = re.compile(r"application/(?:[a-z.]+\+)?json(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
LINES = re.compile(r"application/x-ndjson(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
FORM = re.compile(r"application/x-www-form-urlencoded(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)


def said(request: Request, header: bytes) -> list[str]:
    """Return what a request's headers of a name say, in their order.

    Args:
        header: In lower case.
    """
    return [value.decode("latin-1") for name, value in request.scope["headers"] if name == header]


def asked(request: Request, known: Sequence[str]) -> dict[str, str]:
    """Return what stands behind an address: each key once, and only keys that mean something.

    Raises:
        Problem: Where it is otherwise; nothing that was asked is passed over.
    """
    found: dict[str, str] = {}
    if not request.scope["query_string"]:
        return found
    for key, value in parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True):
        if key not in known:
            hint = f"known here: {', '.join(f'`{k}`' for k in known)}" if known else "nothing may stand there"
            raise problem("bad-query", f"`{key[:40]}` means nothing here", hint=hint)
        if key in found:
            raise problem("bad-query", f"`{key}` stands twice", hint="write it once")
        found[key] = value
    return found


async def sent(request: Request, kind: re.Pattern[str] = JSON) -> bytes:
    """Return the body of a request.

    Raises:
        Problem: Where it is of another kind, too long, or does not come.
    """
    if not kind.fullmatch(_first(request, b"content-type").strip()):
        raise problem("media-type")
    length = _first(request, b"content-length") or "0"
    if length.isdigit() and int(length[:18]) > _PASSED_OVER:
        raise problem("too-large", headers={"Connection": "close"})
    if request.scope.get(WHOLE):
        return await _read(request.receive)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _read(request.receive)
    except TimeoutError as error:
        raise _too_slow() from error


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, is_whole = 0, False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > _PASSED_OVER:
            raise problem("too-large", headers={"Connection": "close"})
        if size <= MAX_BODY:
            parts.append(part)
        is_whole = not message.get("more_body", False)
    if size > MAX_BODY:
        raise problem("too-large")
    return b"".join(parts)


def _first(request: Request, header: bytes) -> str:
    found = said(request, header)
    return found[0] if found else ""


async def coming(request: Request, kind: re.Pattern[str]) -> AsyncIterator[bytes]:
    """Return a long body as it comes.

    Raises:
        Problem: Where it is of another kind, or nothing comes any more.
    """
    if not kind.fullmatch(request.headers.get("content-type", "").strip()):
        raise problem("media-type", hint="send `Content-Type: application/x-ndjson`")
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(PATIENCE_S):
                part = await anext(stream, None)
        except TimeoutError as error:
            raise _too_slow() from error
        if part is None:
            return
        yield part


def _too_slow() -> Problem:
    return problem("too-slow", headers={"Connection": "close"})
