"""The conformance package of the Model Context Protocol, against our server; what it asks that is not ours to have is
listed with its reason, and nothing else may fail."""

import contextlib
import http.client
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

for name in ("mcp", "starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `mcp` is not installed")

from tests.helpers.processes import PATIENCE_S  # noqa: E402
from tests.helpers.serving import Client, serving  # noqa: E402

pytestmark = pytest.mark.serve

COMMAND = os.environ.get("WALKAWAY_MCP_CONFORMANCE", "").split()
"""How the package is started; `.ci/run` installs @modelcontextprotocol/conformance and says it."""
SCENARIOS = 32
TOOL = "it calls a tool of the package's own example server, which ours has not"
RESOURCE = "it reads a resource of the package's own example server, which ours has not"
PROMPT = "our server has no prompts: what may be said is data, and none of it instructs a model"
ASKS = "our server asks nothing of its host: no sampling, no elicitation, no progress, no log messages"
EXPECTED = {
    "logging-set-level": ASKS,
    "completion-complete": "our server completes nothing: values of issues are free texts",
    "tools-call-image": TOOL,
    "tools-call-audio": TOOL,
    "tools-call-embedded-resource": TOOL,
    "tools-call-mixed-content": TOOL,
    "tools-call-with-logging": ASKS,
    "tools-call-with-progress": ASKS,
    "tools-call-sampling": ASKS,
    "tools-call-elicitation": ASKS,
    "elicitation-sep1034-defaults": ASKS,
    "elicitation-sep1330-enums": ASKS,
    "json-schema-2020-12": TOOL,
    "resources-read-text": RESOURCE,
    "resources-read-binary": RESOURCE,
    "resources-templates-read": RESOURCE,
    "resources-subscribe": "our server is stateless: nobody subscribes",
    "resources-unsubscribe": "our server is stateless: nobody subscribes",
    "prompts-list": PROMPT,
    "prompts-get-simple": PROMPT,
    "prompts-get-with-args": PROMPT,
    "prompts-get-embedded-resource": PROMPT,
    "prompts-get-with-image": PROMPT,
}
"""Scenario → why it fails."""


@contextlib.contextmanager
def with_token(client: Client) -> Iterator[str]:
    """Stand before a server and add a token, which the package cannot send; yield the address of its `/mcp`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forwarded(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            sent = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "host")}
            own = (f"127.0.0.1:{server.server_port}", f"localhost:{server.server_port}")
            host = self.headers.get("Host", "")
            sent["Host"] = f"{client.host}:{client.port}" if host in own else host
            sent["Authorization"] = f"Bearer {client.token}"
            body = b""
            upstream = http.client.HTTPConnection(client.host, client.port, timeout=PATIENCE_S)
            with contextlib.closing(upstream):
                upstream.request(self.command, self.path, self.rfile.read(length), sent)
                answer = upstream.getresponse()
                with contextlib.suppress(http.client.IncompleteRead):  # a stream that the server ends with itself
                    body = answer.read()
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.forwarded()

        def do_POST(self) -> None:
            self.forwarded()

        def do_DELETE(self) -> None:
            self.forwarded()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mcp"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.skipif(not COMMAND, reason="WALKAWAY_MCP_CONFORMANCE does not say how the package is started")
@pytest.mark.parametrize("role", ["rep", "agent"])
def test_what_fails_of_the_conformance_package_is_listed_with_its_reason(tmp_path: Path, role: str) -> None:
    """Every other scenario passes, for people's hosts and for agents', and what is listed fails still."""
    with serving(tmp_path, "--mcp", "--rate", "agent=0") as server, with_token(server.client(role, deals="D-*")) as url:
        command = [*COMMAND, "server", "--url", url, "--suite", "all"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    summary = done.stdout.rpartition("=== SUMMARY ===")[2]
    found = dict(re.findall(r"^. ([a-z0-9-]+): \d+ passed, (\d+) failed", summary, re.MULTILINE))
    assert len(found) == SCENARIOS, done.stdout[-2000:] + done.stderr[-2000:]
    assert {name for name, failed in found.items() if failed != "0"} == EXPECTED.keys()
