"""The tools of `walkaway mcp`, asked by the protocol's own client: over stdin and stdout, and over HTTP."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "mcp"):
    pytest.importorskip(name, reason="the extra `mcp` is not installed")

import httpx2  # noqa: E402
from mcp.client.client import Client as Host  # noqa: E402
from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: E402
from mcp.client.streamable_http import streamable_http_client  # noqa: E402
from tests.helpers.serving import POLICY, Client, Server, serving  # noqa: E402

from walkaway_edge.mcp.tools import TOOLS  # noqa: E402

pytestmark = pytest.mark.serve

THEIRS = {"type": "offer", "by": "them", "terms": {"discount": "30%"}}
Use = Callable[[Host], Awaitable[Any]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server with two deals, one of them out of a rep's reach."""
    with serving(tmp_path_factory.mktemp("mcp"), "--mcp") as found:
        ana = found.client("rep")
        for deal in ("D-1", "E-1"):
            assert ana.opens(deal).status == 201
            ana.put(deal, "e2", THEIRS)
        yield found


@pytest.fixture(scope="module")
def over_http(server: Server) -> Callable[[Use], Any]:
    """Return what runs something with a host that is connected over HTTP as a rep."""
    token = server.client("rep", deals="D-*").token

    def run(use: Use, mode: str = "auto") -> Any:
        async def connected() -> Any:
            async with (
                httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as web,
                Host(streamable_http_client(f"{server.url}/mcp", http_client=web), mode=mode) as host,
            ):
                return await use(host)

        return asyncio.run(connected())

    return run


@pytest.fixture
def over_stdio(tmp_path: Path) -> Callable[[Use], Any]:
    """Return what runs something with a host that started the command."""
    command = ["-m", "walkaway_cli.main", "mcp", "--policy", str(POLICY), "--as", "ana", "--deals", "D-*"]

    def run(use: Use, mode: str = "auto") -> Any:
        async def connected() -> Any:
            started = StdioServerParameters(command=sys.executable, args=command, cwd=tmp_path, env=dict(os.environ))
            async with Host(stdio_client(started), mode=mode) as host:
                return await use(host)

        return asyncio.run(connected())

    return run


def used(tool: str, **arguments: Any) -> Use:
    """Return what calls a tool."""
    return lambda host: host.call_tool(tool, arguments)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_are_listed_with_closed_schemas(over_http: Any, mode: str) -> None:
    """To hosts of today and of before; each says whether it keeps anything, and takes text alone."""
    found = over_http(lambda host: host.list_tools(), mode)
    assert [tool.name for tool in found.tools] == [tool.name for tool in TOOLS]
    for tool in found.tools:
        assert tool.input_schema["additionalProperties"] is False
        assert {each["type"] for each in tool.input_schema["properties"].values()} <= {"string", "object"}
        assert tool.annotations.read_only_hint == (tool.name != "record_event")


def test_a_rep_checks_and_records_over_http(server: Server, over_http: Any) -> None:
    """The answers are the API's, an event recorded twice is one, and who acted is whose token it was."""
    told = over_http(used("check_offer", deal="D-1", terms={"discount": "5%"})).structured_content
    assert (told["decision"]["verdict"], bool(told["decision"]["counteroffers"])) == ("trade", True)
    passing = over_http(used("what_would_pass", deal="D-1", terms={"discount": "5%"})).structured_content
    assert passing["counteroffers"] == told["decision"]["counteroffers"]
    event = {"type": "offer", "by": "us", "terms": {"term": "24 months"}}
    record = used("record_event", deal="D-1", id="m1", event=event, state=told["state"])
    first, again = over_http(record), over_http(record)
    assert (first.is_error, first.structured_content["verdict"]) == (False, "proceed")
    assert first.structured_content == again.structured_content
    state = over_http(used("deal_state", deal="D-1")).structured_content
    assert (state["turn"], state["ours"]["term"]) == ("theirs", "24 months")
    rows = server.client("auditor", sub="otto").get("/v1/deals/D-1/events").json["events"]
    assert rows[-1]["actor"] == "ana"


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("deal_state", {}, "wrong-field `deal` is missing"),
        ("deal_state", {"deal": 5}, "wrong-field `deal` is text"),
        ("deal_state", {"deal": True}, "wrong-field `deal` is text"),
        ("deal_state", {"deal": "D-1", "more": "x"}, "unknown-field `more`"),
        ("deal_state", {"deal": "D-2"}, "absent "),
        ("deal_state", {"deal": "E-1"}, "absent "),
        ("check_offer", {"deal": "D-1", "terms": {"discount": 5}}, "wrong-field `discount` is text"),
        (
            "check_offer",
            {"deal": "D-1", "terms": {"discount": "5"}},
            "WA504 `discount`: `5` is not a percentage; write `5%`",
        ),
        ("check_offer", {"deal": "D-1", "terms": "5%"}, "wrong-field `terms` is an object"),
        ("check_offer", {"deal": "D-1"}, "wrong-field an offer has `terms`"),
        ("record_event", {"deal": "D-1", "id": "m2", "event": THEIRS}, "wrong-field `state` is missing"),
        ("record_event", {"deal": "D-1", "id": "m2", "event": THEIRS, "state": "old"}, "stale-deal"),
        ("record_event", {"deal": "D-1", "id": "m2", "event": {"actor": "ben"}, "state": "x"}, "identity-in-body"),
        ("record_event", {"deal": "D-1", "id": "m2", "event": {"type": "approve"}, "state": "x"}, "not-your-role"),
        ("approve", {"deal": "D-1"}, "absent there is no tool `approve`"),
    ],
)
def test_what_is_wrong_is_told_to_the_model(over_http: Any, tool: str, arguments: dict[str, Any], said: str) -> None:
    """As the tool's own answer, with code and what to write: no argument is taken for another, and none dropped."""
    found = over_http(used(tool, **arguments))
    assert found.is_error
    assert said in found.content[0].text
    assert found.structured_content["findings"][0]["hint"]


def test_only_a_rep_is_let_in(server: Server) -> None:
    """Without a token, or with one of another role, the protocol is not reached."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert Client(server.url).post("/mcp", body).status == 401
    assert server.client("auditor", sub="otto").post("/mcp", body).status == 403
    assert server.client("feed", sub="crm").post("/mcp", body).status == 403


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_host_speaks_over_stdin_and_stdout(over_stdio: Any, tmp_path: Path, mode: str) -> None:
    """As one person, over the store of the working folder; nothing else is made there."""

    async def use(host: Host) -> Any:
        first = await host.call_tool("deal_state", {"deal": "D-9"})
        return first, await host.list_tools()

    first, tools = over_stdio(use, mode)
    assert "absent" in first.content[0].text
    assert len(tools.tools) == len(TOOLS)
    assert {p.name.partition("-")[0] for p in tmp_path.iterdir()} == {"walkaway.db"}


def test_a_host_approves_nothing_for_whoever_may(server: Server) -> None:
    """Who is a rep and an approver is a rep there alone, since a program may be talked into it by what it reads."""
    ben = server.client("rep", "approver:cfo", sub="ben")

    def use(name: str, **arguments: object) -> Any:
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        reply = ben.call("POST", "/mcp", call, {"Accept": "application/json, text/event-stream"})
        return reply.json["result"]

    state = use("deal_state", deal="D-1")["structuredContent"]["state"]
    event = {"type": "approve", "terms": {"discount": "9%"}}
    refused = use("record_event", deal="D-1", id="a1", state=state, event=event)
    assert (refused["isError"], refused["structuredContent"]["findings"][0]["code"]) == (True, "not-your-role")
    assert "a1" not in ben.get("/v1/deals/D-1").json["events"]


def test_a_body_has_the_size_of_every_other(server: Server) -> None:
    """What is too long or of another kind is not read by the protocol at all."""
    ana = server.client("rep")
    accept = {"Accept": "application/json, text/event-stream"}
    assert ana.call("POST", "/mcp", b" " * ((1 << 20) + 1), accept).status == 413
    assert ana.call("POST", "/mcp", b"{}", {**accept, "Content-Type": "text/plain"}).status == 415
