"""Calls that are sent again: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) names what is done once.

An answer is on disk before it is told, so that whoever sends the same again has the same, also from a server that was
killed meanwhile. Only what was done is kept: an answer that is a problem did nothing, and its key is free again. Where
a server ends between what it did and its answer, nobody was told, and the call is done anew: what it records has an id
that is made of the key, and is recorded once.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from starlette.responses import Response

from walkaway_edge.http.answers import problem
from walkaway_edge.http.identity import Identity
from walkaway_edge.http.kept import KeptFile

LASTS_S = 24 * 3600
"""So long an answer is kept, in seconds."""
KEY = re.compile(r"\"([!#-\[\]-~]{1,200})\"|([!#-+\--\[\]-~]{1,200})")
"""A string of structured fields without blanks and backslashes; its quotes may be left out."""
_NOT_KEPT = frozenset({"content-length"})


class SentCall(msgspec.Struct, frozen=True):
    """A call that has a key.

    Attributes:
        scope: Whose key it is: a hash of who asks, with all they may, and of the key.
        question: A hash of what is asked.
        id: Names what is recorded by it.
    """

    scope: bytes
    question: bytes
    id: str


def key_of(said: Sequence[str], *, is_wanted: bool) -> str:
    """Return the key that a call's headers name; empty where none is named.

    Raises:
        Problem: Where it is none, or one is missing.
    """
    if not said:
        if is_wanted:
            raise problem("no-key")
        return ""
    found = KEY.fullmatch(said[0].strip()) if len(said) == 1 else None
    if found is None:
        raise problem("bad-key")
    return found[1] or found[2]


def sent_call(key: str, who: Identity, method: str, address: bytes, body: bytes) -> SentCall:
    """Return a call by its key.

    Args:
        address: Path and query as they were sent.
    """
    question = hashlib.sha256(msgspec.json.encode([method, address, body])).digest()
    may = [sorted(who.roles), who.authority, who.deals, who.behalf]
    scope = hashlib.sha256(msgspec.json.encode([who.sub, may, key])).digest()
    made = hashlib.sha256(msgspec.json.encode([who.sub, key, question])).hexdigest()
    return SentCall(scope, question, made[:24])


class Repeats:
    """Answers each call with a key once.

    Args:
        seconds: Tells the time, in seconds since 1970.
    """

    def __init__(self, file: KeptFile, seconds: Callable[[], float]) -> None:
        self.file, self.seconds = file, seconds
        self.running: dict[bytes, bytes] = {}

    async def once(self, sent: SentCall, do: Callable[[], Awaitable[Response]]) -> Response:
        """Do what a call asks, or return the answer that it had.

        Raises:
            Problem: Where something else was asked by this key, or it is being done now; or as `do` does.
            EdgeProblem: Where the answer cannot be kept: it was not told then, and the call may be sent again.
        """
        now = int(self.seconds())
        running = self.running.get(sent.scope)
        if running is None and (kept := self._kept(sent.scope, now)) is not None:
            question, response = kept
            if question == sent.question:
                return response
            raise problem("key-reused")
        if running is not None:
            raise problem("key-reused") if running != sent.question else problem("still-running", headers=_SOON)
        self.running[sent.scope] = sent.question
        try:
            response = await do()
            if response.status_code < 300:
                await self._keep(sent, now, response)
        finally:
            del self.running[sent.scope]
        return response

    def _kept(self, scope: bytes, now: int) -> tuple[bytes, Response] | None:
        sql = "SELECT question, status, headers, body FROM answers WHERE scope = ? AND until > ?"
        for question, status, headers, body in self.file.rows(sql, scope, now):
            said = msgspec.json.decode(headers, type=dict[str, str])
            return question, Response(body, status, {**said, "Idempotency-Replayed": "true"})
        return None

    async def _keep(self, sent: SentCall, now: int, response: Response) -> None:
        headers: Mapping[str, str] = {k: v for k, v in response.headers.items() if k not in _NOT_KEPT}
        row = (sent.scope, sent.question, now + LASTS_S, response.status_code, msgspec.json.encode(headers))
        await self.file.write("DELETE FROM answers WHERE until <= ?", now)
        await self.file.write("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", *row, bytes(response.body))


_SOON = {"Retry-After": "1"}
