"""What a stranger or a colleague with a grudge sends: no fault, no wait for everybody, nobody else's word."""

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

import uvicorn  # noqa: E402
from tests.helpers.processes import PATIENCE_S  # noqa: E402
from tests.helpers.serving import FACTS, POLICY, Client, Reply, Server, new_token, serving  # noqa: E402

from walkaway import Session  # noqa: E402
from walkaway_edge.http import connection  # noqa: E402
from walkaway_edge.http.call import Front  # noqa: E402
from walkaway_edge.http.requests import Requests  # noqa: E402
from walkaway_edge.page.pages import Pages  # noqa: E402

pytestmark = pytest.mark.serve

MARK = '<b id="x">\'`{{7*7}}'
"""Harmless where it is escaped; it would stand there as an element, or as 49, where it is not."""
FORM = "application/x-www-form-urlencoded"
THEIRS = {"type": "offer", "by": "them", "terms": {"discount": "30%"}}
PACKAGE = {"discount": "9%", "prepay": "yes", "term": "36 months"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running server."""
    with serving(tmp_path_factory.mktemp("hostile")) as found:
        yield found


@pytest.fixture(scope="module")
def ana(server: Server) -> Client:
    """Return a rep with a deal in which an approval is asked for; both have names that are markup."""
    found = server.client("rep", sub=f"ana{MARK}")
    deal = quote(f"D-{MARK}", safe="")
    assert found.opens(f"D-{MARK}").status == 201
    found.put(deal, "e2", THEIRS)
    found.put(deal, "e3", {"type": "offer", "by": "us", "terms": {"discount": "0%", "term": "24 months"}})
    found.put(deal, "e4", {**THEIRS, "terms": {"discount": "25%"}})
    asked = {"deal": f"D-{MARK}", "terms": PACKAGE, "note": MARK}
    assert found.post("/v1/approvals", asked).status == 201
    return found


class Browser:
    """A visit, with the form token of its pages."""

    def __init__(self, server: Server, role: str, sub: str) -> None:
        self.client = Client(server.url)
        token = new_token(server.folder, role, sub=sub)
        sent = {"Content-Type": FORM, "Origin": server.url}
        entered = self.client.call("POST", "/login", urlencode({"token": token}).encode(), sent)
        self.cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
        found = re.search(r'name="form_token" value="(\w+)"', self.get(entered.headers["location"]).body.decode())
        assert found is not None
        self.form_token = found[1]

    def get(self, path: str) -> Reply:
        """Get a page."""
        return self.client.call("GET", path, headers=self.cookie)

    def post(self, path: str, headers: dict[str, str], **form: str) -> Reply:
        """Send a form, as a page of the server or as another one does."""
        data = urlencode({"form_token": self.form_token, **form}).encode()
        return self.client.call("POST", path, data, {"Content-Type": FORM, **self.cookie, **headers})


@pytest.mark.parametrize("kind", [["approve"], {"a": 1}, 5, None, True])
def test_a_type_of_event_that_is_no_text_is_told(ana: Client, kind: object) -> None:
    """Whatever stands in place of it is a finding, and no fault."""
    assert ana.put(quote(f"D-{MARK}", safe=""), "x1", {"type": kind}).status == 422


def test_an_agent_is_told_too(server: Server) -> None:
    """Before it is asked whether an agent may record such an event."""
    agent = server.client("agent", sub="bot", deals="*")
    for kind in (["offer"], {"offer": 1}, 7, None):
        reply = agent.call("PUT", "/v1/deals/D-told/events/e1", {"type": kind, "by": "them"})
        assert reply.status < 500, reply.body
        assert reply.json["findings"]


@pytest.mark.parametrize("after", ["9" * 20, "9" * 5000, "-1", "x", "٣"])
def test_a_number_that_is_none_is_told(server: Server, after: str) -> None:
    """Too large for the log or for anything, it is the question that is wrong."""
    otto = server.client("auditor", sub="otto")
    reply = otto.get(f"/v1/decisions?after={quote(after)}")
    assert (reply.status, reply.codes) == (400, ["bad-query"])


def test_nothing_has_happened_that_is_to_come(ana: Client) -> None:
    """No wait and no term is got over by an event of tomorrow, while what would be said then can be asked."""
    deal, at = quote(f"D-{MARK}", safe=""), "2999-01-01T00:00:00Z"
    reply = ana.put(deal, "late", {"type": "tick", "at": at})
    assert (reply.status, reply.json["findings"][0]["pointer"]) == (422, "/at")
    assert ana.opens("D-tomorrow", at=at).status == 422
    assert ana.post(f"/v1/deals/{deal}/check?search=no", {"terms": PACKAGE, "at": at}).status == 200


def test_an_erased_name_makes_nobody_an_approver(server: Server) -> None:
    """Whoever made a move approves nothing in that deal, also once the log knows their name no more."""
    gus, eve = server.client("rep", sub="gus"), server.client("rep", "approver:cfo", sub="eve")
    gus.opens("D-erased")
    gus.put("D-erased", "e2", THEIRS)
    eve.put("D-erased", "e3", {"type": "offer", "by": "us", "terms": {"discount": "0%", "term": "24 months"}})
    erase = [
        "log",
        "erase",
        "--deal",
        "D-erased",
        "--by",
        "otto",
        "--reason",
        "asked for",
        "--at",
        "2999-01-01T00:00:00Z",
    ]
    called = [sys.executable, "-m", "walkaway_cli.main", *erase]
    assert subprocess.run(called, cwd=server.folder, capture_output=True, check=False).returncode == 0
    reply = eve.put("D-erased", "a1", {"type": "approve", "terms": PACKAGE})
    assert (reply.status, reply.codes) == (403, ["own-offer"])
    assert "was erased" in reply.json["findings"][0]["message"]


def test_nobody_declines_what_is_above_them(server: Server) -> None:
    """A colleague who sees a request answers it only with the authority that it wants."""
    gus = server.client("rep", sub="gus")
    assert gus.opens("D-above").status == 201
    gus.put("D-above", "e2", THEIRS)
    asked = gus.post("/v1/approvals", {"deal": "D-above", "terms": {"discount": "19.5%", "term": "36 months"}})
    assert (asked.status, asked.json["roles"]) == (201, ["manager", "director"]), asked.body
    low = server.client("rep", "approver:clerk", sub="mo")
    for said in ({"answer": "decline", "reason": "no"}, {"answer": "approve"}):
        reply = low.post(f"/v1/approvals/{asked.json['id']}", said)
        assert (reply.status, reply.codes) == (403, ["not-your-role"])
    high = server.client("approver:director", sub="dana")
    assert high.post(f"/v1/approvals/{asked.json['id']}", {"answer": "decline", "reason": "no"}).status == 200


def test_many_findings_keep_nobody_waiting(server: Server, ana: Client) -> None:
    """Thousands of slips in one body are told in about the time that it takes to write them."""
    keys = [f"k{n}" for n in range(4000)]
    begun = seconds_used(server.process.pid)
    unknown = ana.post(f"/v1/deals/{quote(f'D-{MARK}', safe='')}/check", {"terms": dict.fromkeys(keys, "1%")})
    twice = b'{"a":1,"a":2,' + b",".join(b'"%s":1' % key.encode() for key in keys) + b"}"
    repeated = ana.call("POST", f"/v1/deals/{quote(f'D-{MARK}', safe='')}/check", twice)
    assert seconds_used(server.process.pid) - begun < 10
    assert (unknown.status, len(unknown.json["findings"])) == (422, 4000)
    assert "/terms/k0" in {finding["pointer"] for finding in unknown.json["findings"]}
    assert (repeated.status, repeated.codes[0]) == (422, "repeated-key")


def seconds_used(process: int) -> float:
    """Return the seconds that a process had of a processor, whatever else the machine did meanwhile."""
    used = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def raw(server: Server, data: bytes) -> bytes:
    """Send bytes and return the first line that comes back; empty where the connection was ended."""
    client = Client(server.url)
    with socket.create_connection((client.host, client.port), timeout=PATIENCE_S) as sock:
        try:
            sock.sendall(data)
            return sock.recv(4096).partition(b"\r\n")[0]
        except ConnectionError:
            return b""


def test_a_head_has_a_size(server: Server) -> None:
    """64 KiB of address and headers are taken, more is not, in one piece or without end; a long body is no head."""
    client = Client(server.url)
    start = f"GET /livez HTTP/1.1\r\nHost: {client.host}:{client.port}\r\nX: ".encode()
    assert raw(server, start + b"a" * 60_000 + b"\r\n\r\n") == b"HTTP/1.1 200 OK"
    assert raw(server, start + b"a" * 70_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431")
    assert raw(server, start + b"a" * 70_000)[:12] in (b"", b"HTTP/1.1 431")
    assert client.call("POST", "/v1/deals", b"a" * 900_000).status == 401


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET /livez HTTP/1.1\r\nHos"])
def test_a_head_that_does_not_come_is_not_waited_for(
    server: Server, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection on which nothing is asked is ended, so that they cannot all be taken."""
    monkeypatch.setattr(connection, "HEAD_S", 0.2)

    async def ask() -> bytes:
        config = uvicorn.Config(lambda *_: None, http=connection.Connection, ws="none", lifespan="off", log_config=None)
        config.load()
        state = uvicorn.Server(config).server_state
        loop = asyncio.get_running_loop()
        made = await loop.create_server(lambda: connection.Connection(config, state, {}), "127.0.0.1", 0)
        async with made:
            reader, writer = await asyncio.open_connection(*made.sockets[0].getsockname())
            writer.write(sent)
            async with asyncio.timeout(10):
                found = await reader.read()
            writer.close()
            return found

    assert asyncio.run(ask()) == b""


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "SERVER"}, True),
        ({"Origin": "SERVER"}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://127.0.0.1:1"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://deals.example"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "SERVER"}, False),
        ({"Sec-Fetch-Site": "none", "Origin": "SERVER"}, False),
    ],
)
def test_a_form_comes_from_a_page_of_the_server(server: Server, headers: dict[str, str], is_ours: bool) -> None:
    """By what the browser says of its origin, in both headers, and by the form's token; else nothing is done."""
    visit = Browser(server, "rep", "gus")
    said = {key: value.replace("SERVER", server.url) for key, value in headers.items()}
    reply = visit.post("/deals", said)
    assert (reply.status == 403) is not is_ours
    assert visit.post("/deals", {"Origin": server.url}, form_token="0" * 64).status == 403


def test_a_form_writes_in_the_deal_of_its_address(server: Server) -> None:
    """A further field that names another deal changes nothing, so that nothing is prepared before what it rests on."""
    requests = Requests()
    with Session(POLICY, f"{server.folder / 'of-its-own.db'}") as session:
        at = {"at": "2026-10-01T09:00:00Z", "actor": "ana"}
        session.decide({"id": "e1", "deal": "D-asked", "type": "open", "facts": FACTS, **at})
        session.decide({"id": "e2", "deal": "D-asked", "type": "request", "terms": {"discount": "19.5%"}, **at})
        (asked,) = requests.all(session)
    front = Front(None, None, requests, None, server.url)  # type: ignore[arg-type]
    pages = Pages(None, front)  # type: ignore[arg-type]
    assert pages.written({"deal": "D-1"}, {"deal": "D-2"}) == "D-1"
    assert pages.written({"id": asked.id}, {"deal": "D-2"}) == "D-asked"
    assert pages.written({}, {"deal": " D-2 "}) == "D-2"


@pytest.mark.parametrize("role", ["rep", "approver:director", "auditor", "sales-ops"])
def test_whatever_is_named_stands_on_a_page_as_text(server: Server, ana: Client, role: str) -> None:
    """Deals, people, notes and what was typed are shown as they are written, and are no part of the page."""
    visit = Browser(server, role, f"some{MARK}")
    deal = f"/deals/{quote(f'D-{MARK}', safe='')}"
    typed = quote(MARK)
    count = 1 + len(server.client("auditor", sub="otto").get("/v1/decisions").json["decisions"])
    paths = ["/deals", "/approvals", "/decisions", "/policies", *(f"/decisions/{n}" for n in range(count))]
    paths += [deal, f"{deal}/chart.svg", f"{deal}?audience=customer&t.discount={typed}"]
    paths += [f"{deal}?{q}" for q in (f"t.discount={typed}", f"t.{typed}={typed}", "t.discount=19.5%25", "act=accept")]
    paths += [f"/decisions?rule={typed}&since={typed}&deal={typed}", f"/deals?again=yes&deal={typed}&f.segment={typed}"]
    paths += [f"/approvals?again=yes&reason={typed}&until={typed}"]
    seen = 0
    for path in paths:
        reply = visit.get(path)
        text = reply.body.decode()
        assert reply.status in (200, 403, 404), (path, text)
        assert MARK not in text, path
        assert "<b id=" not in text, path
        assert all(at.startswith(("/", "#")) for at in re.findall(r'(?:href|src|action)="([^"]*)"', text)), path
        seen += reply.status == 200 and "&lt;b id=" in text
    assert seen > 3


@pytest.mark.parametrize("typed", ["200%", "-5%", "5", "12.345.6%", "1e9%"])
def test_a_shared_screen_names_no_number_of_the_policy(server: Server, ana: Client, typed: str) -> None:
    """What cannot be answered is told without the finding, which may say how far a scale goes."""
    page = Browser(server, "rep", "gus").get(
        f"/deals/{quote(f'D-{MARK}', safe='')}?audience=customer&t.discount={quote(typed)}"
    )
    text = page.body.decode()
    assert page.status == 200
    assert "we cannot answer this; write it as" in text
    for told in ("100%", "least", "most", "policy", "WA5"):
        assert told not in text.partition("<main")[2], told


def test_looking_where_a_link_leads_does_not_use_it_up(server: Server) -> None:
    """HEAD lets nobody in, and the link still lets its reader in once."""
    nobody = Client(server.url)
    path = server.link.removeprefix(server.url)
    assert "set-cookie" not in nobody.call("HEAD", path).headers
    assert nobody.get(path).headers["location"] == "/deals"


def test_tokens_that_are_taken_away_let_nobody_in(tmp_path: Path) -> None:
    """A file that is gone has no tokens, one of another kind lets nobody in, and one put back counts again."""
    with serving(tmp_path) as found:
        client, file = found.client("rep"), tmp_path / "walkaway.tokens"
        assert client.get("/v1/deals").status == 200
        kept = file.read_bytes()
        file.unlink()
        assert client.get("/v1/deals").status == 401
        file.write_bytes(b"no token\n")
        assert (client.get("/v1/deals").status, client.get("/v1/deals").codes) == (503, ["busy"])
        file.write_bytes(kept)
        assert client.get("/v1/deals").status == 200


def told(server: Server, token: str, headers: str, parts: Iterator[bytes]) -> bytes:
    """Send a check with a body in parts until it is answered; return the line of status."""
    line = f"POST /v1/deals/D/check HTTP/1.1\r\nHost: {server.url[7:]}\r\nAuthorization: Bearer {token}\r\n"
    host, port = server.url[7:].split(":")
    with socket.create_connection((host, int(port)), PATIENCE_S) as stream:
        try:
            stream.sendall(f"{line}Content-Type: application/json\r\n{headers}\r\n\r\n".encode())
            for part in parts:
                stream.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was answered before all was sent
        try:
            return stream.recv(200).partition(b"\r\n")[0]
        except ConnectionResetError:
            return b""


def test_no_body_and_no_head_makes_the_server_large(server: Server) -> None:
    """Neither a gibibyte that is announced, nor one that keeps coming, nor depth, nor ten thousand headers."""
    token = new_token(server.folder, "rep", sub="ana")
    assert told(server, token, f"Content-Length: {1 << 30}", iter(())).startswith(b"HTTP/1.1 413")
    chunk = b"%x\r\n%s\r\n" % (1 << 20, b" " * (1 << 20))
    assert told(server, token, "Transfer-Encoding: chunked", (chunk for _ in range(1 << 10)))[:12] in (
        b"HTTP/1.1 413", b"",  # which is all that is left of it where the rest was still on its way
    )  # fmt: skip
    deep = b'{"terms": ' + b"[" * 100_000
    assert told(server, token, f"Content-Length: {len(deep)}", iter((deep,))).startswith(b"HTTP/1.1 400")
    many = "\r\n".join(f"X-{n}: {n}" for n in range(10_000))
    assert told(server, token, f"Content-Length: 2\r\n{many}", iter((b"{}",)))[:12] in (b"HTTP/1.1 431", b"")
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    assert int(peak[1]) <= 200 * 1024


def test_nothing_of_it_was_a_fault(server: Server) -> None:
    """After all of these no line of the log tells of a fault or of a status from 500 on."""
    log = server.log()
    assert re.search(r" fault | 5\d\d \d+\.\d$|Traceback", log, re.MULTILINE) is None, log
