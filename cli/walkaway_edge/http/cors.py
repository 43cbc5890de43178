"""Pages of other origins that may call the API with a token (CORS); cookies never go with it, nor does any page."""

import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from walkaway_edge.problems import EdgeProblem

_PATHS = (b"/v1/", b"/problems/", b"/openapi.json")
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(?::[0-9]{1,5})?|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?")
_METHODS = b"GET, HEAD, POST, PUT, DELETE"
_SENT = b"authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id"
_SHOWN = (
    b"content-digest, etag, idempotency-replayed, link, location, ratelimit, ratelimit-policy, retry-after, "
    b"walkaway-format, walkaway-release, walkaway-verdict, x-request-id"
)
_VARY = (b"vary", b"origin")


class Cors:
    """Stands before the API.

    Args:
        origins: Whose pages may call it, each as a browser writes it.

    Raises:
        EdgeProblem: Where one is none; `*` is none.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                hint = "write `https://desk.example`, in lower case and with no path"
                raise EdgeProblem(f"--cors {origin[:80]}: this is no origin of a page", hint)
        self.app, self.origins = app, frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["raw_path"].startswith(_PATHS):
            await self.app(scope, receive, send)
            return
        said = [value for name, value in scope["headers"] if name == b"origin"]
        is_theirs = len(said) == 1 and said[0] in self.origins
        names = {name for name, _ in scope["headers"]}
        if is_theirs and scope["method"] == "OPTIONS" and b"access-control-request-method" in names:
            allowed = [(b"access-control-allow-methods", _METHODS), (b"access-control-allow-headers", _SENT)]
            headers = [(b"access-control-allow-origin", said[0]), *allowed, (b"access-control-max-age", b"600"), _VARY]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = list(message.get("headers", ()))
                varies = b", ".join([*(value for name, value in found if name == b"vary"), _VARY[1]])
                headers = [*(each for each in found if each[0] != b"vary"), (b"vary", varies)]
                if is_theirs:
                    headers.append((b"access-control-allow-origin", said[0]))
                    headers.append((b"access-control-expose-headers", _SHOWN))
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, sending)
