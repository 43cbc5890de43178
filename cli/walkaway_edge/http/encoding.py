"""Answers that are sent compressed, and tags by which a reader has them already.

What the other side hears never is: how long it is would tell of a secret beside a text that somebody chose, and the
same is so of a page with a form token, and of a check, whose answer stands beside the terms asked about.
"""

import asyncio
import gzip
import re

from starlette.requests import Request
from starlette.responses import Response

from walkaway_edge.http.answers import digested

LEAST = 1024
"""Shorter answers are sent as they are."""
_AT_ONCE = 1 << 16
"""What is longer is compressed beside the server's loop."""
_LEVEL = 5
_TAG = re.compile(r'(?:W/)?("[^"]*")')


async def packed(request: Request, response: Response) -> Response:
    """Return an answer as its reader takes it: compressed where they say so and it is worth it."""
    kind = response.headers.get("content-type", "")
    if response.status_code != 200 or len(response.body) < LEAST or not _shrinks(kind):
        return response
    response.headers.add_vary_header("Accept-Encoding")
    if not _takes_gzip(request.headers.get("accept-encoding", "")):
        return response
    data = bytes(response.body)
    if len(data) <= _AT_ONCE:
        small = gzip.compress(data, _LEVEL, mtime=0)
    else:
        small = await asyncio.to_thread(gzip.compress, data, _LEVEL, mtime=0)
    headers = dict(response.headers) | {"content-encoding": "gzip", "content-length": str(len(small))}
    if "etag" in headers:  # of two encodings of one thing none has the other's bytes
        headers["etag"] = f"W/{headers['etag'].removeprefix('W/')}"
    if "content-digest" in headers:
        headers |= {name.lower(): value for name, value in digested(small).items()}
    return Response(small, 200, headers)


def is_known(request: Request, response: Response) -> bool:
    """Return whether whoever reads has an answer already (`If-None-Match`)."""
    if request.method not in ("GET", "HEAD"):
        return False
    tag, said = response.headers.get("etag", ""), request.headers.get("if-none-match")
    if not tag or said is None:
        return False
    return said.strip() == "*" or tag.removeprefix("W/") in _TAG.findall(said)


def _shrinks(kind: str) -> bool:
    return kind.startswith(("text/", "image/svg")) or "json" in kind


def _takes_gzip(said: str) -> bool:
    for part in said.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == "gzip":
            return re.fullmatch(r"\s*q=0(?:\.0*)?\s*", weight) is None
    return False
