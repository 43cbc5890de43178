"""From a request to an answer: who asks, what is sent, the desk, and whatever goes wrong as a known problem."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import cached_property, partial
from typing import IO
from urllib.parse import unquote_to_bytes

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from walkaway import InvalidInput, StoreProblem
from walkaway_edge.http import bulk, proofs
from walkaway_edge.http.answers import Problem, explained, invalid, problem
from walkaway_edge.http.call import Call, Front
from walkaway_edge.http.desk import Desk
from walkaway_edge.http.encoding import is_known, packed
from walkaway_edge.http.identity import ANYBODY, Identity
from walkaway_edge.http.openapi import document
from walkaway_edge.http.proxies import place_of
from walkaway_edge.http.reading import LINES, PATIENCE_S, asked, coming, said, sent
from walkaway_edge.http.records import EVERYTHING
from walkaway_edge.http.repeats import Repeats, SentCall, key_of, sent_call
from walkaway_edge.http.sayable import sayable
from walkaway_edge.http.stream import DecisionFeed, last_event
from walkaway_edge.http.table import ROUTES, LineHandler, Route
from walkaway_edge.http.tokens import PREFIX
from walkaway_edge.problems import EdgeProblem

_UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
Respond = Callable[[Request, dict[str, str]], Awaitable[ASGIApp]]
"""Answers a request; what it returns sends the answer."""


class Endpoint(msgspec.Struct, frozen=True):
    """One address that is served, whoever does it.

    Attributes:
        name: Its template, by which logs know it.
    """

    name: str
    methods: Mapping[str, Respond]


_Segments = list[tuple[int, str]]
"""Where in an address a word stands, and the word."""


class Addresses:
    """Finds an address by its segments, each decoded once and by itself, so that an id may hold a `/`.

    Args:
        found: Segments of a template → what is there.
    """

    def __init__(self, found: Mapping[tuple[str, ...], Endpoint]) -> None:
        self.found = found
        self.by_length: dict[int, list[tuple[Endpoint, _Segments, _Segments]]] = {}
        for segments, each in found.items():
            places = list(enumerate(segments))
            fixed = [(place, word) for place, word in places if word[:1] != "{"]
            named = [(place, word[1:-1]) for place, word in places if word[:1] == "{"]
            self.by_length.setdefault(len(segments), []).append((each, fixed, named))

    def at(self, path: bytes) -> tuple[Endpoint | None, dict[str, str]]:
        """Return what is at an address, none where nothing is, and what its template names there."""
        parts = path.removeprefix(b"/").split(b"/")
        try:
            said = [(unquote_to_bytes(part) if b"%" in part else part).decode() for part in parts]
        except UnicodeDecodeError:
            return None, {}
        for each, fixed, named in self.by_length.get(len(said), ()):
            for place, word in fixed:
                if said[place] != word:
                    break
            else:
                params = {name: said[place] for place, name in named}
                if all(params.values()):
                    return each, params
        return None, {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        found, params = self.at(scope["raw_path"])
        try:
            if found is None:
                raise problem("absent")
            scope["address_name"] = found.name
            method = "GET" if request.method == "HEAD" else request.method
            if method not in found.methods:
                allowed = ", ".join(sorted(found.methods))
                raise problem("wrong-method", hint=f"it takes {allowed}", headers={"Allow": allowed})
            response: ASGIApp = await found.methods[method](request, params)
        except Problem as wrong:
            response = problem_response(wrong)
        except EdgeProblem:  # a file beside the log, as that of the tokens, cannot be used: nobody is let in
            response = problem_response(problem("busy", headers={"Retry-After": "1"}))
        except ClientDisconnect:
            return
        await response(scope, receive, send)


def problem_response(wrong: Problem) -> Response:
    """Return a problem as it is sent."""
    body = msgspec.json.encode(wrong.details)
    return Response(body, wrong.details.status, wrong.headers, "application/problem+json")


class Api:
    """Answers the calls of the route table."""

    def __init__(self, desk: Desk, front: Front) -> None:
        self.desk, self.front, self.feed = desk, front, DecisionFeed(desk)
        self.repeats = Repeats(front.kept, lambda: front.clock().timestamp())
        self.holders: dict[str, Identity | None] = {}

    @cached_property
    def document(self) -> bytes:
        """Return the description of the API."""
        return document(ROUTES)

    def addresses(self) -> dict[tuple[str, ...], Endpoint]:
        """Return every address of the API."""
        methods: dict[str, dict[str, Respond]] = {}
        for route in ROUTES:
            methods.setdefault(route.path, {})[route.method] = partial(self.serve, route)
        found = {tuple(path.strip("/").split("/")): Endpoint(path, of) for path, of in methods.items()}
        for path, respond in (
            ("v1/keys", self.keys),
            ("livez", self.alive),
            ("readyz", self.ready),
            ("openapi.json", self.openapi),
            ("problems/{code}", self.explain),
        ):
            found[tuple(path.split("/"))] = Endpoint(f"/{path}", {"GET": respond})
        return found

    async def serve(self, route: Route, request: Request, params: dict[str, str]) -> Response:
        """Answer one call of the table; to whoever is told only what may be said, on a grid of time."""
        who = self.anybody(request) if route.is_open and self.front.is_log_public else await self.who(request)
        if not who.is_sayable:
            return await self.served(route, request, params, who)
        async with on_the_grid():
            try:
                return await self.served(route, request, params, who)
            except Problem as wrong:
                raise sayable(wrong) from None

    async def served(self, route: Route, request: Request, params: dict[str, str], who: Identity) -> Response:
        """Answer one call of the table to somebody."""
        if not who.may(route.roles) and who is not ANYBODY:
            raise problem("not-your-role")
        query = asked(request, route.query)
        if route.lines is not None:
            file = await bulk.laid_aside(coming(request, LINES))
            told = self.lines(route.lines, Call(self.front, who, {}, query), file)
            return StreamingResponse(told, media_type="application/x-ndjson", headers=_UNBUFFERED)
        if route.is_stream:
            heard = self.listen(request, Call(self.front, who, {}, query), last_event(request))
            return StreamingResponse(heard, media_type="text/event-stream", headers=_UNBUFFERED)
        body = await sent(request) if route.body else b""
        key = key_of(said(request, b"idempotency-key"), is_wanted=route.key == "wanted") if route.key else ""
        address = request.scope["raw_path"] + b"?" + request.scope["query_string"]
        again = sent_call(key, who, route.method, address, body) if key else None
        matches = said(request, b"if-match")
        call = Call(self.front, who, params, query, matches[0] if matches else None, body, again.id if again else "")
        if len(matches) > 1:
            raise problem("bad-query", "`If-Match` stands twice", hint="send it once")
        if again is not None:
            return await self.once(again, route, call)
        response = await self.answer(route, call)
        if is_known(request, response):
            return Response(status_code=304, headers={"ETag": response.headers["etag"]})
        return response if who.is_sayable or route.method != "GET" else await packed(request, response)

    async def once(self, again: SentCall, route: Route, call: Call) -> Response:
        """Have a call answered that names a key, or return the answer that it had.

        Raises:
            Problem: Where there is no answer, or it cannot be kept.
        """
        try:
            return await self.repeats.once(again, partial(self.answer, route, call))
        except EdgeProblem as error:
            raise problem("busy", headers={"Retry-After": "1"}) from error

    async def answer(self, route: Route, call: Call) -> Response:
        """Have a call answered at the desk.

        Raises:
            Problem: Where there is no answer.
        """
        alone = route.alone or (call.who.is_sayable and not route.asks)
        deal = call.params.get("deal", "") if route.writes == "deal" or call.who.is_sayable else ""
        if route.writes == "body":
            named = call.object().get("deal")
            deal = named if isinstance(named, str) else ""
        elif route.writes == "request":
            deal = self.front.requests.deal_of(call.params["id"])
        try:
            if route.work is not None:
                if self.front.jobs is None:
                    raise problem("absent")
                return await route.work(call, self.front.jobs, self.desk)
            assert route.run is not None, "lines and streams are answered before"
            found: Response = await self.desk.ask(partial(route.run, call), deal, alone=alone, looks=True)
        except InvalidInput as error:
            raise invalid(error.findings) from error
        except (StoreProblem, EdgeProblem) as error:
            raise problem("busy", headers={"Retry-After": "1"}) from error
        return found

    async def lines(self, handler: LineHandler, call: Call, file: IO[bytes]) -> AsyncIterator[bytes]:
        """Answer a body of JSON lines, some at a time; without the summary at its end it was not answered whole."""
        count = problems = 0
        with file:
            for batch in bulk.batches(file):
                whole = [(number, line) for number, line in batch if line is not None]
                try:
                    told = await self.desk.ask(lambda session, whole=whole: handler(call, session, whole))  # type: ignore[misc]
                except StoreProblem:
                    yield bulk.written([bulk.wrong(whole[0][0], problem("busy"))])
                    return
                told += [bulk.too_long(number) for number, line in batch if line is None]
                told.sort(key=lambda each: each.line)
                count += len(told)
                problems += sum(each.status >= 400 for each in told)
                yield bulk.written(told)
        yield bulk.summary(count, problems)

    async def listen(self, request: Request, call: Call, after: int | None) -> AsyncIterator[bytes]:
        """Tell decisions as long as whoever listens may."""
        async with contextlib.aclosing(self.feed.listen(call, after, call.who.may(EVERYTHING))) as told:
            async for part in told:
                try:
                    await self.known(request)
                except Problem:
                    return
                yield part

    async def who(self, request: Request) -> Identity:
        """Return who asks, and count the call.

        Raises:
            Problem: Where nobody does by a valid token, or it has come too often.
        """
        found = await self.known(request)
        if self.front.limits is not None:
            request.scope["told"] = self.front.limits.take(found)
        return found

    def anybody(self, request: Request) -> Identity:
        """Count a call that is answered whoever asks, by the address that it comes from.

        Raises:
            Problem: Where too many come from there.
        """
        if self.front.limits is not None:
            request.scope["told"] = self.front.limits.take(ANYBODY, place_of(request))
        return ANYBODY

    async def known(self, request: Request) -> Identity:
        """Return who asks.

        Raises:
            Problem: Where nobody does by a valid token.
        """
        named = said(request, b"authorization")
        scheme, _, token = named[0].partition(" ") if len(named) == 1 else ("", "", "")
        now = int(self.front.clock().timestamp())
        found = await self.holder(token.strip(), now) if scheme.lower() == "bearer" else None
        if found is None:
            raise problem("no-token", headers={"WWW-Authenticate": 'Bearer realm="walkaway"'})
        request.scope["identity"] = found
        return found

    async def holder(self, token: str, now: int) -> Identity | None:
        """Return whose a token is; in one round of the loop the file of tokens is looked at once for each.

        What is asked in the next round came after that: so a token that is revoked counts for no later call.
        """
        if token not in self.holders:
            found = await self.front.holder(token, now)
            if not token.startswith(PREFIX):
                return found  # an issuer's may have been waited for
            if not self.holders:
                asyncio.get_running_loop().call_soon(self.holders.clear)
            self.holders[token] = found
        return self.holders[token]

    async def alive(self, request: Request, params: dict[str, str]) -> Response:
        """Say that the server runs."""
        return Response("ok\n", media_type="text/plain")

    async def ready(self, request: Request, params: dict[str, str]) -> Response:
        """Say whether the desk answers, its log can be written, and is what was signed of it."""
        call = Call(self.front, ANYBODY)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.desk.ask(partial(proofs.ready, call))
        except (StoreProblem, EdgeProblem, TimeoutError) as error:
            raise problem("busy", headers={"Retry-After": "1"}) from error
        return Response("ok\n", media_type="text/plain")

    async def keys(self, request: Request, params: dict[str, str]) -> Response:
        """Return the public keys of permits, as a JSON Web Key Set."""
        found = {"keys": []} if self.front.permits is None else self.front.permits.published()
        return Response(msgspec.json.encode(found), media_type="application/jwk-set+json")

    async def openapi(self, request: Request, params: dict[str, str]) -> Response:
        """Describe the API, OpenAPI 3.1."""
        return await packed(request, Response(self.document, media_type="application/json"))

    async def explain(self, request: Request, params: dict[str, str]) -> Response:
        """Return the page about a code."""
        page = explained(params["code"])
        if page is None:
            raise problem("absent")
        return await packed(request, Response(page, media_type="text/markdown; charset=utf-8"))


GRID_S = 0.01
"""Answers to whoever is told only what may be said leave at multiples of this after they were asked."""


@contextlib.asynccontextmanager
async def on_the_grid() -> AsyncIterator[None]:
    """Let what is done inside take a whole number of steps of the grid."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        yield
    finally:
        taken = loop.time() - began
        await asyncio.sleep(GRID_S - taken % GRID_S)
