"""What stands around the API: other origins, proxies, compressed answers, versions, and counts for Prometheus."""

import asyncio
import gzip
import http.client
import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from starlette.requests import Request  # noqa: E402
from tests.helpers.commands import run  # noqa: E402
from tests.helpers.processes import wait_for  # noqa: E402
from tests.helpers.serving import POLICY, Client, Reply, Server, serving  # noqa: E402

from walkaway.log import FORMAT, RELEASE  # noqa: E402
from walkaway_edge.http.encoding import LEAST  # noqa: E402
from walkaway_edge.http.guard import Guard  # noqa: E402
from walkaway_edge.http.proxies import Proxies, place_of  # noqa: E402
from walkaway_edge.problems import EdgeProblem  # noqa: E402

pytestmark = pytest.mark.serve

DESK = "https://desk.example"
PROXIES = ("10.0.0.0/8", "2001:db8::/32", "127.0.0.1")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server that another origin may call."""
    with serving(tmp_path_factory.mktemp("around"), "--cors", DESK) as found:
        ana = found.client("rep")
        for n in range(8):
            assert ana.opens(f"D-{n}", party="Harbour").status == 201
        yield found


def shared(reply: Reply) -> dict[str, str]:
    """Return what of an answer is about other origins."""
    return {k: v for k, v in reply.headers.items() if k.startswith("access-control-")}


# Other origins


def test_a_page_of_the_named_origin_may_call_the_api(server: Server) -> None:
    """It is asked before, and then shown; what it needs to go on is among the headers it sees."""
    asked = {"Origin": DESK, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "if-match"}
    before = Client(server.url).call("OPTIONS", "/v1/deals/D-1/events/e9", headers=asked)
    assert (before.status, before.body) == (204, b"")
    assert before.headers["access-control-allow-origin"] == DESK
    assert {"authorization", "if-match"} <= set(before.headers["access-control-allow-headers"].split(", "))
    told = server.client("rep").get("/v1/deals/D-1", Origin=DESK)
    assert (told.status, told.headers["access-control-allow-origin"]) == (200, DESK)
    assert "etag" in told.headers["access-control-expose-headers"]
    refused = Client(server.url).get("/v1/deals", Origin=DESK)
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, DESK)


@pytest.mark.parametrize("origin", ["https://evil.example", "https://desk.example.evil.example", "null", "*", ""])
def test_no_other_origin_is_let_in(server: Server, origin: str) -> None:
    """Nor is it told that there is one; whatever keeps answers is told that they differ by it."""
    told = server.client("rep").get("/v1/deals/D-1", Origin=origin)
    assert (shared(told), told.headers["vary"].lower()) == ({}, "origin")
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    assert Client(server.url).call("OPTIONS", "/v1/deals", headers=asked).status == 405


def test_cookies_and_pages_are_not_for_other_origins(server: Server) -> None:
    """No answer says that cookies may come along, and a page is no part of the API."""
    entered = Client(server.url).get(server.link.removeprefix(server.url))
    cookie = entered.headers["set-cookie"].partition(";")[0]
    page = Client(server.url).get("/deals", Cookie=cookie, Origin=DESK)
    assert (page.status, shared(page)) == (200, {})
    api = Client(server.url).get("/v1/deals", Cookie=cookie, Origin=DESK)
    assert (api.status, "access-control-allow-credentials" in api.headers) == (401, False)


# Proxies


def heard(client: str, *said: str) -> tuple[str, str]:
    """Return what a server behind proxies takes a request for."""
    headers = [(b"forwarded", each.encode()) for each in said]
    return Proxies(PROXIES).heard({"client": (client, 1), "headers": headers})


@pytest.mark.parametrize(
    ("client", "said", "found"),
    [
        ("192.0.2.1", ("for=1.2.3.4;host=a.example",), ("", "192.0.2.1")),
        ("10.0.0.1", (), ("", "10.0.0.1")),
        ("10.0.0.1", ("for=1.2.3.4;host=A.example;proto=https",), ("a.example", "1.2.3.4")),
        ("10.0.0.1", ("for=6.6.6.6;host=evil.example, for=1.2.3.4;host=a.example",), ("a.example", "1.2.3.4")),
        ("10.0.0.1", ("for=6.6.6.6", "for=1.2.3.4"), ("", "1.2.3.4")),
        ("10.0.0.1", ("for=1.2.3.4;host=a.example, for=10.0.0.2",), ("a.example", "1.2.3.4")),
        ("10.0.0.1", ('for="[2001:db8:1::7]:4711";host="a.example"',), ("a.example", "2001:db8:1::7")),
        ("10.0.0.1", ('for="1.2.3.4:80" ; by=10.0.0.1',), ("", "1.2.3.4")),
        ("10.0.0.1", ("for=_hidden",), ("", "_hidden")),
        ("10.0.0.1", ('for="1.2.3.4, for=6.6.6.6"',), ("", "1.2.3.4, for=6.6.6.6")),
        ("::ffff:10.0.0.1", ("for=1.2.3.4",), ("", "1.2.3.4")),
        ("10.0.0.1", ("garbage for=6.6.6.6, for=1.2.3.4",), ("", "1.2.3.4")),
        ("10.0.0.1", ("for=6.6.6.6 garbage",), ("", "10.0.0.1")),
        ("10.0.0.1", ('for="6.6.6.6',), ("", "10.0.0.1")),
        ("10.0.0.1", ("for=1.2.3.4;for=6.6.6.6",), ("", "10.0.0.1")),
        ("10.0.0.1", ("host=a,for=6.6.6.6;host=a.example;proto=https;for=1.2.3.4",), ("", "10.0.0.1")),
        ("10.0.0.1", ('"' + 30_000 * '\\"',), ("", "10.0.0.1")),
    ],
)
def test_the_nearest_proxy_is_believed_and_nobody_before_it(
    client: str, said: tuple[str, ...], found: tuple[str, str]
) -> None:
    """What comes from elsewhere, or was in the header before it reached a proxy of ours, is passed over."""
    assert heard(client, *said) == found


@pytest.mark.parametrize("network", ["10.0.0.1/8", "all", "", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(network: str) -> None:
    """So that nobody is believed by a slip."""
    with pytest.raises(EdgeProblem, match="--proxy"):
        Proxies([network])


def test_one_customer_of_a_network_has_one_address() -> None:
    """Of IPv6 the first half counts; who is behind a socket without an address shares one."""
    places = [
        place_of(Request({"type": "http", "headers": [], **said}))
        for said in (
            {"client": ("2001:db8:1:2:3::4", 1)}, {"client": ("2001:db8:1:2:9::9", 1)}, {"client": None},
            {"client": ("10.0.0.1", 1), "place": "1.2.3.4"},
        )
    ]  # fmt: skip
    assert places == ["2001:db8:1:2::/64"] * 2 + ["nowhere", "1.2.3.4"]


def test_the_host_that_a_proxy_was_asked_for_counts() -> None:
    """A proxy that puts its own name into `Host` says the other; from elsewhere that is the wrong host."""

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def status(client: str, headers: Mapping[str, str]) -> int:
        guard = Guard(inner, ["deals.example"], lambda _: None, proxies=Proxies(PROXIES))
        scope = {
            "type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "client": (client, 1),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        found: list[Any] = []

        async def send(message: Any) -> None:
            found.append(message)

        await guard(scope, lambda: asyncio.sleep(0), send)  # type: ignore[arg-type,return-value]
        return int(found[0]["status"])

    forwarded = {"host": "10.1.1.1:8700", "forwarded": "for=1.2.3.4;host=deals.example"}
    asked = [("10.0.0.1", forwarded), ("192.0.2.1", forwarded), ("192.0.2.1", {"host": "deals.example"})]
    asked.append(("10.0.0.1", {"host": "deals.example", "forwarded": "host=evil.example"}))
    assert [asyncio.run(status(client, headers)) for client, headers in asked] == [200, 421, 200, 421]


# Compressed answers, and versions


def test_long_answers_are_compressed_for_whoever_takes_it(server: Server) -> None:
    """Each encoding has a tag of its own kind; a tag of either means that the answer is known."""
    rep = server.client("rep")
    plain, small = rep.get("/v1/deals"), rep.get("/v1/deals", Accept_Encoding="br, gzip;q=0.8")
    assert len(plain.body) > LEAST
    assert "content-encoding" not in plain.headers
    assert (small.headers["content-encoding"], gzip.decompress(small.body)) == ("gzip", plain.body)
    assert all("accept-encoding" in each.headers["vary"].lower() for each in (plain, small))
    assert "content-encoding" not in rep.get("/v1/deals", Accept_Encoding="gzip;q=0").headers
    auditor = server.client("auditor", sub="otto")
    path = auditor.get("/v1/policies").json["policies"][0]["files"]["policy.yaml"]
    tag = auditor.get(path, Accept_Encoding="gzip").headers["etag"]
    assert tag == f"W/{auditor.get(path).headers['etag']}"
    for said in (tag, tag.removeprefix("W/"), f'"x", {tag}'):
        again = auditor.get(path, If_None_Match=said)
        assert (again.status, again.body) == (304, b"")
    assert auditor.get(path, If_None_Match='"x"').status == 200
    theirs = {"type": "offer", "by": "them", "terms": {"discount": "30%"}}
    assert rep.put("D-1", "e2", theirs, f"W/{rep.tag('D-1')}").status == 201


def test_a_digest_is_of_what_is_sent(server: Server) -> None:
    """Of a compressed file it is another than of the file."""
    auditor = server.client("auditor", sub="otto")
    file = auditor.get("/v1/policies").json["policies"][0]["files"]["policy.yaml"]
    plain, small = auditor.get(file), auditor.get(file, Accept_Encoding="gzip")
    assert gzip.decompress(small.body) == plain.body
    assert plain.headers["content-digest"] != small.headers["content-digest"]


def test_nothing_that_the_other_side_hears_is_compressed(server: Server) -> None:
    """Nor a page with a form token, nor what is answered beside somebody's terms: their lengths would tell."""
    long = {"Accept-Encoding": "gzip", "Content-Type": "application/json"}
    rep, terms = server.client("rep"), {"terms": {"discount": "45%"}}
    checked = rep.call("POST", "/v1/deals/D-2/check", terms, long)
    assert (len(checked.body) > LEAST, "content-encoding" in checked.headers) == (True, False)
    agent = server.client("agent", sub="bot", deals="D-*")
    for reply in (
        agent.call("POST", "/v1/deals/D-2/check", terms, long),
        agent.get("/v1/deals/D-2", **{"Accept-Encoding": "gzip"}),
    ):
        assert "content-encoding" not in reply.headers
    link = server.client("rep").get("/login", Accept_Encoding="gzip")
    assert "content-encoding" not in link.headers


def test_every_answer_says_by_which_release_and_format(server: Server) -> None:
    """Also one that is none."""
    for reply in (
        server.client("rep").get("/v1/deals"),
        Client(server.url).get("/v1/none"),
        Client(server.url).get("/"),
    ):
        assert (reply.headers["walkaway-release"], reply.headers["walkaway-format"]) == (RELEASE, str(FORMAT))


# Counts


def counts(url: str) -> dict[str, float]:
    """Return what is counted, by name and labels."""
    with urllib.request.urlopen(url, timeout=60) as reply:
        lines = [line for line in reply.read().decode().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_counts_name_routes_and_verdicts_and_no_deal(tmp_path: Path) -> None:
    """At an address of their own, which the API does not have."""
    pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")
    (tmp_path / "kept").mkdir()
    with serving(tmp_path, "--metrics", "127.0.0.1:0", "--checkpoints", "kept") as server:
        port = re.search(r"counts for Prometheus: port (\d+)", server.log())
        assert port is not None
        ana = server.client("rep")
        ana.opens("D-secret", party="Harbour")
        ana.put("D-secret", "e2", {"type": "offer", "by": "them", "terms": {"discount": "31.7%"}})
        ana.put("D-secret", "e3", {"type": "offer", "by": "us", "terms": {"discount": "99%"}})
        assert ana.get("/v1/nowhere/D-secret").status == 404
        assert Client(server.url).get("/metrics").status == 404
        parts = urlsplit(server.url)
        with closing(http.client.HTTPConnection(str(parts.hostname), int(parts.port or 0), timeout=60)) as odd:
            odd.request("PATCH", "/v1/deals")
            with odd.getresponse() as told:
                assert told.status == 405
        scraped = f"http://127.0.0.1:{port[1]}/metrics"
        odd_one = 'walkaway_requests_total{method="other",route="/v1/deals",status="405"}'
        wait_for(lambda: odd_one in counts(scraped))  # an answer is counted once it has left
        found = counts(scraped)
        text = json.dumps(found)
    assert found['walkaway_requests_total{method="PUT",route="/v1/deals/{deal}/events/{event}",status="201"}'] == 2
    assert found['walkaway_requests_total{method="GET",route="-",status="404"}'] == 2
    assert found[odd_one] == 1
    assert sum(n for name, n in found.items() if name.startswith("walkaway_verdicts_total")) == 3
    assert found['walkaway_request_seconds_count{route="/v1/deals"}'] == 2
    assert found["walkaway_core_disagreements_total"] == 0
    assert found["walkaway_checkpoint_entries"] != found["walkaway_checkpoint_entries"]  # nothing was signed: NaN
    assert not any(secret in text for secret in ("D-secret", "ana", "31.7", "Harbour", "wa_"))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--cors", "*"), ("--cors", "desk.example"), ("--cors", "https://desk.example/"), ("--cors", "null"),
        ("--cors", "http://desk.example"), ("--proxy", "10.0.0.1/8"), ("--metrics", "127.0.0.1:x"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_does_not_start(tmp_path: Path, option: str, value: str) -> None:
    """The option is named, with what to write."""
    files = ("--store", str(tmp_path / "o.db"), "--tokens", str(tmp_path / "t"), "--kept", str(tmp_path / "k"))
    done = run("serve", "--policy", str(POLICY), "--bind", "127.0.0.1:0", *files, option, value)
    assert (done.exit_code, option in done.stderr) == (2, True), done.stderr
