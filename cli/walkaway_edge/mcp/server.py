"""The tools over the protocol: by stdin and stdout, or stateless under `/mcp` of `walkaway serve`, by a rep's token."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import msgspec
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp.types import Tool as Described
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from walkaway import InvalidInput, StoreProblem
from walkaway_edge.http.answers import Problem, invalid, problem
from walkaway_edge.http.call import Call, Front
from walkaway_edge.http.desk import Desk
from walkaway_edge.http.identity import Identity
from walkaway_edge.http.reading import sent
from walkaway_edge.http.sayable import sayable
from walkaway_edge.http.serving import Api, Endpoint, on_the_grid
from walkaway_edge.mcp import resources as described
from walkaway_edge.mcp.tools import ASKS, Tool, tools_of, used
from walkaway_edge.problems import EdgeProblem

Context = ServerRequestContext[Any, Any]
FRESH_MS = 300_000
"""So long a host may keep the list of tools: it depends on the release alone."""


def server(desk: Desk, front: Front, who: Callable[[Context], Identity]) -> Server[Any]:
    """Return a server of the protocol.

    Args:
        who: Says who asks.
    """

    async def listed(context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(
            tools=[
                Described(
                    name=tool.name,
                    title=tool.title,
                    description=tool.description,
                    input_schema=tool.schema,
                    _meta=_shown(tool, who(context)),
                    annotations=ToolAnnotations(
                        read_only_hint=tool.reads,
                        destructive_hint=False,
                        idempotent_hint=not tool.costs,
                        open_world_hint=False,
                    ),
                )
                for tool in tools_of(who(context))
            ]
        )

    async def called(context: Context, params: CallToolRequestParams) -> CallToolResult:
        asks = who(context)
        if not asks.is_sayable:
            return await answered(asks, params, lambda wrong: wrong)
        async with on_the_grid():
            return await answered(asks, params, sayable)

    async def answered(
        asks: Identity, params: CallToolRequestParams, told: Callable[[Problem], Problem]
    ) -> CallToolResult:
        try:
            tool: Tool | None = next((tool for tool in tools_of(asks) if tool.name == params.name), None)
            if tool is None:
                raise problem("absent", f"there is no tool `{params.name[:40]}`", hint="list the tools")
            arguments = params.arguments or {}
            ask = used(tool, Call(front, asks), arguments)
            deal = "" if tool.reads else arguments["deal"]
            return _answer(await desk.ask(ask, deal, alone=asks.is_sayable and not tool.costs))
        except InvalidInput as error:
            return _wrong(told(invalid(error.findings)))
        except (StoreProblem, EdgeProblem):
            return _wrong(problem("busy"))
        except Problem as error:
            return _wrong(told(error))

    async def resources(context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        return ListResourcesResult(
            resources=[
                Resource(uri=r.uri, name=r.name, description=r.description, mime_type=r.kind)
                for r in described.listed(who(context))
            ]
        )

    async def templates(context: Context, params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(uri_template=r.uri, name=r.name, description=r.description, mime_type=r.kind)
                for r in described.templates(who(context))
            ]
        )

    async def read(context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        asks = who(context)
        async with on_the_grid() if asks.is_sayable else contextlib.nullcontext():
            try:
                found = await desk.ask(described.content(Call(front, asks), params.uri), alone=asks.is_sayable)
            except (InvalidInput, StoreProblem, EdgeProblem):
                raise MCPError(INTERNAL_ERROR, "the log cannot be read now") from None
            except Problem as wrong:
                told = sayable(wrong) if asks.is_sayable else wrong
                raise MCPError(INVALID_PARAMS, told.details.findings[0].message) from None
        return ReadResourceResult(
            contents=[TextResourceContents(uri=params.uri, mime_type=found.kind, text=found.text)]
        )

    fresh = CacheHint(ttl_ms=FRESH_MS, scope="private")
    hints: Mapping[CacheableMethod, CacheHint] = {
        "tools/list": fresh, "resources/list": fresh, "resources/templates/list": fresh
    }  # fmt: skip
    made = Server(
        "walkaway",
        on_list_tools=listed,
        on_call_tool=called,
        on_list_resources=resources,
        on_list_resource_templates=templates,
        on_read_resource=read,
        cache_hints=hints,
    )
    made.extensions[described.EXTENSION] = {}
    return made


def _shown(tool: Tool, who: Identity) -> dict[str, Any] | None:
    """Return what a host is told of a tool that has a screen: for people's hosts alone."""
    return None if who.is_sayable or tool.name != "check_offer" else {"ui": {"resourceUri": described.SCREEN}}


def _answer(found: dict[str, Any]) -> CallToolResult:
    text = msgspec.json.encode(found).decode()
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=found)


def _wrong(wrong: Problem) -> CallToolResult:
    """Return what is wrong as the tool's own answer, so that a model reads it and mends it."""
    findings = wrong.details.findings
    text = "\n".join(f"{f.code} {f.message}; {f.hint}" for f in findings)
    told = {"findings": [msgspec.to_builtins(f) for f in findings]}
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=told, is_error=True)


def over_stdio(desk: Desk, front: Front, who: Identity) -> None:
    """Serve one host over stdin and stdout, as one person, until it is gone."""

    async def run() -> None:
        made = server(desk, front, lambda _: who)
        async with stdio_server() as (read, write):
            await made.run(read, write, made.create_initialization_options())

    asyncio.run(run())


class OverHttp:
    """Serves hosts under `/mcp`, each request by its token."""

    def __init__(self, desk: Desk, front: Front, api: Api) -> None:
        self.api = api
        made = server(desk, front, lambda context: _who(context.request))
        self.manager = StreamableHTTPSessionManager(app=made, json_response=True, stateless=True)
        self.app = StreamableHTTPASGIApp(self.manager)

    def addresses(self) -> dict[tuple[str, ...], Endpoint]:
        """Return its address."""
        return {("mcp",): Endpoint("/mcp", dict.fromkeys(("GET", "POST", "DELETE"), self.answer))}

    async def answer(self, request: Request, params: dict[str, str]) -> ASGIApp:
        """Return what answers a rep, an agent or a customer.

        Raises:
            Problem: Where a request has no token, or one of another role.
        """
        if not (await self.api.who(request)).may(ASKS):
            raise problem("not-your-role")
        return self.app if request.method != "POST" else _read(self.app, await sent(request))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep what the protocol needs while the server runs."""
        async with self.manager.run():
            yield


def _read(app: ASGIApp, body: bytes) -> ASGIApp:
    """Return what answers a request whose body was read already, within the limits that hold for every body."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receiving() -> Message:
            return parts.pop() if parts else await receive()

        await app(scope, receiving, send)

    return answering


def _who(request: Any) -> Identity:
    found: Identity = request.scope["identity"]
    return found
