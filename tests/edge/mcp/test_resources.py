"""Resources: closed by role, without limits; and the rep's screen, in a host's frame in Chromium."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

for name in ("mcp", "starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `mcp` is not installed")

import httpx2  # noqa: E402
from mcp.client.client import Client as Host  # noqa: E402
from mcp.client.streamable_http import streamable_http_client  # noqa: E402
from mcp.shared.exceptions import MCPError  # noqa: E402
from tests.helpers.serving import Server, serving  # noqa: E402

pytestmark = pytest.mark.serve


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server with a deal, under a slash and a letter that addresses escape."""
    with serving(tmp_path_factory.mktemp("resources"), "--mcp") as found:
        assert found.client("rep").opens("D/1 é", party="Harbour").status == 201
        yield found


def used(server: Server, role: str, use: Any, deals: str = "D*") -> Any:
    """Return what comes of using a host."""

    async def run() -> Any:
        headers = {"Authorization": f"Bearer {server.client(role, sub=role, deals=deals).token}"}
        async with (
            httpx2.AsyncClient(headers=headers) as web,
            Host(streamable_http_client(f"{server.url}/mcp", http_client=web)) as host,
        ):
            return await use(host)

    return asyncio.run(run())


async def everything(host: Host) -> tuple[dict[str, str], list[str], list[str]]:
    """Return the resources with their content, the templates, and the tools that have a screen."""
    found = {}
    for each in (await host.list_resources()).resources:
        (content,) = (await host.read_resource(each.uri)).contents
        found[str(each.uri)] = content.text  # type: ignore[union-attr]
    shown = [t.meta["ui"]["resourceUri"] for t in (await host.list_tools()).tools if t.meta]
    return found, [t.uri_template for t in (await host.list_resource_templates()).resource_templates], shown


def test_people_have_the_screen_and_agents_have_the_words(server: Server) -> None:
    """Which resources there are depends on the role alone; issues say how values are written, and no limit."""
    rep, rep_templates, shown = used(server, "rep", everything)
    agent, agent_templates, hidden = used(server, "agent", everything)
    assert set(rep) == {"walkaway://issues", "ui://walkaway/check"}
    assert (set(agent), hidden) == ({"walkaway://issues"}, [])
    assert (rep_templates, shown) == (["walkaway://deals/{deal}"], ["ui://walkaway/check"])
    assert agent_templates == ["walkaway://deals/{deal}", "walkaway://deals/{deal}/said"]
    issues = {i["name"]: i for i in json.loads(rep["walkaway://issues"])["issues"]}
    assert rep["walkaway://issues"] == agent["walkaway://issues"]
    assert {k: len(v) for k, v in issues.items()} == dict.fromkeys(issues, 4)
    assert issues["discount"]["as"] == "12%"
    assert "http" not in rep["ui://walkaway/check"].replace("http-equiv", "")


@pytest.mark.parametrize("role", ["rep", "agent", "customer"])
def test_a_deal_is_read_as_the_tool_says_it(server: Server, role: str) -> None:
    """Under its escaped id; one out of reach is as one that is not there."""

    async def use(host: Host) -> tuple[Any, Any]:
        told = await host.call_tool("deal_state", {"deal": "D/1 é"})
        (read,) = (await host.read_resource("walkaway://deals/D%2F1%20%C3%A9")).contents
        return told.structured_content, json.loads(read.text)  # type: ignore[union-attr]

    told, read = used(server, role, use)
    assert read == {k: v for k, v in told.items() if k in read}
    assert read["deal"] == "D/1 é"


@pytest.mark.parametrize(
    ("role", "uri"),
    [
        ("agent", "ui://walkaway/check"),
        ("rep", "walkaway://deals/D%2F1%20%C3%A9/said"),
        ("rep", "walkaway://deals/"),
        ("agent", "walkaway://deals/D-9"),
        ("rep", "walkaway://policies"),
        ("agent", "file:///etc/passwd"),
    ],
)
def test_what_is_not_theirs_is_not_there(server: Server, role: str, uri: str) -> None:
    """Of another role, another deal, or of nobody: the same kind of answer."""

    async def use(host: Host) -> str:
        with pytest.raises(MCPError) as wrong:
            await host.read_resource(uri)
        return wrong.value.message

    assert used(server, role, use).startswith(("there is no resource", "there is nothing here for you"))


HOST = """<!doctype html><html lang="en"><title>host</title><body>
<iframe sandbox="allow-scripts" width="340" height="700"></iframe>
<script>
const frame = document.querySelector("iframe");
window.seen = [];
addEventListener("message", async (event) => {
  const { id, method, params } = event.data;
  window.seen.push(method ?? "answer");
  const answer = (result) => frame.contentWindow.postMessage({ jsonrpc: "2.0", id, result }, "*");
  if (method === "ui/initialize") answer({
    protocolVersion: "2026-01-26", hostInfo: { name: "host", version: "1" }, hostCapabilities: {}, hostContext: {},
  });
  else if (method === "ui/notifications/initialized") {
    const send = (method, params) => frame.contentWindow.postMessage({ jsonrpc: "2.0", method, params }, "*");
    send("ui/notifications/tool-input", { arguments: window.given });
    const check = { name: "check_offer", arguments: window.given };
    send("ui/notifications/tool-result", await window.called("tools/call", check));
  } else if (id !== undefined) answer(await window.called(method, params));
});
</script></body></html>"""
"""A host as small as one can be: it shows the screen in a frame without an origin, and passes on what it asks."""


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_screen_checks_an_offer_in_a_hosts_frame(server: Server, tmp_path: Path, width: int, scheme: Any) -> None:
    """It shows what the tool said, asks again for a counteroffer that is pressed, and speaks to the host alone."""
    pytest.importorskip("playwright", reason="the extra `browser` is not installed")
    from playwright.sync_api import expect, sync_playwright
    from tests.helpers.browsing import CHROMIUM

    async def passed_on(host: Host, method: str, params: dict[str, Any]) -> Any:
        if method == "resources/read":
            return (await host.read_resource(params["uri"])).model_dump(by_alias=True, mode="json")
        return (await host.call_tool(params["name"], params["arguments"])).model_dump(by_alias=True, mode="json")

    def called(method: str, params: dict[str, Any]) -> Any:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:  # Playwright has this thread's loop
            return pool.submit(used, server, "rep", lambda host: passed_on(host, method, params)).result()

    html = used_apart(server)
    deal = f"D-{width}"
    rep = server.client("rep")
    assert rep.opens(deal, party=deal).status == 201
    assert rep.put(deal, "e2", {"type": "offer", "by": "them", "terms": {"discount": "30%"}}).status == 201
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        elsewhere: list[str] = []
        page.on("request", lambda request: elsewhere.append(request.url))
        page.expose_function("called", called)
        page.set_content(HOST)
        page.evaluate("given => { window.given = given }", {"deal": deal, "terms": {"discount": "12%"}})
        page.evaluate("html => { document.querySelector('iframe').srcdoc = html }", html)
        frame = page.frame_locator("iframe")
        expect(frame.locator(".verdict")).to_contain_text("escalate")
        expect(frame.get_by_label("discount")).to_have_value("12%")
        expect(frame.get_by_label("term", exact=True)).to_have_value("12 months")
        frame.locator(".pass button").first.click()
        expect(frame.locator(".verdict")).to_contain_text("proceed")
        frame.get_by_label("discount").fill("twelve")
        frame.get_by_role("button", name="Check").click()
        expect(frame.get_by_role("alert")).to_contain_text("is not a quantity")
        page.screenshot(path=tmp_path / "app.png")
        assert "ui/notifications/size-changed" in page.evaluate("window.seen")
        assert [url for url in elsewhere if not url.startswith(("about:", "data:"))] == []
        browser.close()


def used_apart(server: Server) -> str:
    """Return the screen's document."""
    found, _, _ = used(server, "rep", everything)
    return str(found["ui://walkaway/check"])
