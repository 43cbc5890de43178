# Over 400 lines: one server is asked everything, which these tests share.
"""`walkaway serve` over real sockets: who may do what, what is recorded, and what is said of what is wrong."""

import asyncio
import json
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.serving import FACTS, POLICY, Client, Reply, Server, new_token, serving  # noqa: E402

from walkaway_cli.main import main  # noqa: E402
from walkaway_edge.http.identity import Role  # noqa: E402
from walkaway_edge.http.server import ListenAddress  # noqa: E402
from walkaway_edge.http.table import ROUTES, Route  # noqa: E402
from walkaway_edge.http.tokens import Tokens  # noqa: E402

pytestmark = pytest.mark.serve

THEIRS = {"type": "offer", "by": "them", "terms": {"discount": "30%"}}
OURS = {"type": "offer", "by": "us", "terms": {"discount": "5%"}}
PACKAGE = {"discount": "9%", "prepay": "yes", "term": "36 months"}
CANARY = "173719-canary"
"""Stands in bodies, queries, headers and ids; no line of a log holds it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running server."""
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(scope="module")
def ana(server: Server) -> Client:
    """Return a rep who sees every deal."""
    return server.client("rep")


@pytest.fixture(scope="module")
def dana(server: Server) -> Client:
    """Return a director."""
    return server.client("approver:director", sub="dana")


@pytest.fixture(scope="module")
def bad(ana: Client) -> str:
    """Return a deal to which nothing good happens."""
    opened(ana, "D-bad")
    return "D-bad"


def opened(ana: Client, deal: str) -> str:
    """Open a deal, have them offer, and return its tag."""
    assert ana.opens(deal).status == 201
    return ana.put(deal, "e2", THEIRS).headers["etag"]


# How it starts and ends


def test_its_files_are_for_its_user_alone(server: Server) -> None:
    """Store and tokens are in the working folder, readable to nobody else."""
    server.client("rep", sub="somebody")
    names = ("walkaway.db", "walkaway.tokens", "walkaway.kept")
    assert [stat.S_IMODE((server.folder / n).stat().st_mode) for n in names] == [0o600] * 3
    assert server.url.startswith("http://127.0.0.1:")


def test_a_taken_port_names_a_free_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """It ends with 2 before anything is served, and says what to type."""
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as end:
            main(["serve", "--policy", str(POLICY), "--bind", f"127.0.0.1:{port}"])
    said = capsys.readouterr().err
    assert end.value.code == 2
    found = re.search(rf"127.0.0.1:{port} is taken; port (\d+) is free: --bind 127.0.0.1:\1", said)
    assert found is not None, said
    assert int(found[1]) > port


def test_what_one_server_keeps_no_other_uses(server: Server, capsys: Any) -> None:
    """A second one ends with 2 and says why; the first goes on."""
    kept = server.folder / "walkaway.kept"
    files = ("--store", str(server.folder / "other.db"), "--tokens", str(server.folder / "other.tokens"))
    with pytest.raises(SystemExit) as end:
        main(["serve", "--policy", str(POLICY), "--bind", "127.0.0.1:0", *files, "--kept", str(kept)])
    assert end.value.code == 2
    assert f"--kept {kept}: another server uses it" in capsys.readouterr().err
    assert server.client("rep", sub="rita").get("/v1/deals").status == 200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--bind", "0.0.0.0:0"), "is reached from other machines"),
        (("--bind", "[::]:0"), "is reached from other machines"),
        (("--bind", "8700"), "this is no address"),
        (("--bind", "127.0.0.1:0", "--public-url", "http://x.example"), "begins with https://"),
        (("--bind", "127.0.0.1:0", "--store", "."), "is no file"),
        (("--kept", "log.db", "--store", "log.db"), "the store is kept there"),
        (("--kept", "./log.db-wal", "--store", "sqlite:log.db"), "the store is kept there"),
        (("--tokens", "log.db", "--store", "log.db"), "the store is kept there"),
        (("--tokens", "kept", "--kept", "./kept"), "the tokens are there"),
    ],
)
def test_what_cannot_be_served_does_not_start(
    options: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Beyond this machine without https, at no address, without a store, or over one, nothing starts."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["serve", "--policy", str(POLICY), *options])
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_the_link_lets_a_rep_in_once(server: Server) -> None:
    """The second use of a link, and none, let nobody in; the cookie is out of reach of scripts."""
    nobody = Client(server.url)
    first = nobody.get(server.link.removeprefix(server.url))
    assert (first.status, first.headers["location"]) == (303, "/deals")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert nobody.get(server.link.removeprefix(server.url)).status == 403
    assert nobody.get("/enter?code=x").status == 403
    page = nobody.get("/deals", Cookie=cookie.partition(";")[0])
    assert (page.status, b"ana" in page.body) == (200, True)
    assert nobody.get("/deals").headers["location"] == "/login"


def test_a_signal_ends_it_and_what_was_answered_is_on_disk(tmp_path: Path) -> None:
    """SIGTERM is a good end; after SIGKILL in the middle of writing nothing acknowledged is lost."""
    with serving(tmp_path) as first:
        first.client("rep").opens("D-0")
        assert first.stop() == 0
    acknowledged: list[str] = []
    with serving(tmp_path) as second:
        client = second.client("rep")

        def write(start: int) -> None:
            for n in range(start, 1000, 4):
                try:
                    if client.opens(f"D-{n}").status == 201:
                        acknowledged.append(f"D-{n}")
                except (OSError, HTTPException):
                    return

        threads = [threading.Thread(target=write, args=(n,)) for n in range(1, 5)]
        for thread in threads:
            thread.start()
        while len(acknowledged) < 40:
            assert any(t.is_alive() for t in threads)
        second.stop(signal.SIGKILL)
        for thread in threads:
            thread.join()
    with serving(tmp_path) as third:
        found = third.client("rep").get("/v1/deals?limit=1000").json["deals"]
    assert {"D-0", *acknowledged} <= {each["deal"] for each in found}
    verified = [sys.executable, "-m", "walkaway_cli.main", "log", "verify"]
    assert subprocess.run(verified, cwd=tmp_path, capture_output=True, check=False).returncode == 0


# Who may what


def called(client: Client, route: Route, deal: str = "D-none") -> Reply:
    """Call a route with a body that is read; a stream is asked for what it does not understand, so that it ends."""
    path = route.path.replace("{deal}", deal).replace("{event}", "e9").replace("{id}", "A-1")
    path = path.replace("{sha256}", "0" * 64).replace("{file}", "policy.yaml").replace("{n}", "999999")
    ended = {"Last-Event-ID": "x"} if route.path == "/v1/stream" else {}
    return client.call(route.method, path, {} if route.body else None, ended)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_does_what_the_table_says_and_no_more(server: Server, role: Role) -> None:
    """Every route refuses every other role, and nobody without a token, whatever is sent."""
    client = server.client(f"{role}:director" if role is Role.APPROVER else role, sub=f"somebody-{role}")
    for route in ROUTES:
        assert called(Client(server.url), route).status == 401, route
        reply = called(client, route)
        refused = reply.status == 403 and not reply.json["findings"][0]["pointer"]
        assert refused == (role not in route.roles), route


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wa_x", "Basic YTpi", "bearer wa_ü".encode().decode("latin-1"), "Bearer  "]
)
def test_without_a_valid_token_nobody_is_let_in(server: Server, header: str) -> None:
    """A revoked or an expired token is none either; which of all it is, is not said."""
    reply = Client(server.url).get("/v1/deals", Authorization=header)
    assert (reply.status, reply.codes) == (401, ["no-token"])
    assert reply.headers["www-authenticate"].startswith("Bearer")
    past = Client(server.url, new_token(server.folder, "rep", until=1)).get("/v1/deals")
    assert past.body == reply.body


def test_what_is_out_of_scope_is_absent(server: Server, ana: Client) -> None:
    """A deal of others and one that is not there are the same bytes, at every route, with the same headers."""
    opened(ana, "E-1")
    ben = server.client("rep", sub="ben", deals="D-*")
    seen = [r for r in ROUTES if "{deal}" in r.path and Role.REP in r.roles]
    assert len(seen) == 6
    for route in seen:
        body = {"terms": {"discount": "5%"}} if route.path.endswith("check") else OURS
        answers = []
        for deal in ("E-1", "E-2"):
            path = route.path.replace("{deal}", deal).replace("{event}", "e2")
            answers.append(ben.call(route.method, path, body if route.body else None))
        other, absent = answers
        assert (other.status, other.body) == (404, absent.body), route
        assert _told(other) == _told(absent)
    assert "E-1" not in ben.get("/v1/deals").body.decode()
    for deal in ("E-1", "E-2"):
        assert ben.opens(deal).status == 404
    assert ben.post("/v1/approvals", {"deal": "E-1", "terms": {"discount": "18%"}}).status == 404


def _told(reply: Reply) -> dict[str, str]:
    return {k: v for k, v in reply.headers.items() if k not in ("date", "x-request-id")}


@pytest.mark.parametrize("field", ["actor", "approver", "role"])
def test_who_acts_is_not_in_the_body(ana: Client, field: str) -> None:
    """Whoever states it is told which field, at every route that takes an event."""
    tag = opened(ana, f"D-who-{field}")
    for reply in (
        ana.put(f"D-who-{field}", "e3", {**OURS, field: "ben"}, tag),
        ana.opens(f"D-whom-{field}", **{field: "ben"}),
        ana.post(f"/v1/deals/D-who-{field}/check", {"terms": {"discount": "5%"}, field: "ben"}),
    ):
        assert (reply.status, reply.json["findings"][0]["pointer"]) == (422, f"/{field}")
        assert reply.codes == ["identity-in-body"]


def test_a_feed_speaks_for_those_it_was_given(server: Server) -> None:
    """A CRM names people in the address, only those of its token; it says no state of the deal."""
    feed = server.client("feed", sub="crm", behalf="ana")
    body = {"deal": "D-feed", "id": "e1", "facts": FACTS}
    assert feed.call("POST", "/v1/deals?for=Ana", body).status == 201
    assert feed.call("PUT", "/v1/deals/D-feed/events/e2?for=ben", OURS).status == 403
    assert feed.call("PUT", "/v1/deals/D-feed/events/e2", OURS).status == 201
    rows = server.client("auditor", sub="otto").get("/v1/deals/D-feed/events").json["events"]
    assert [row["actor"] for row in rows] == ["ana", "crm"]


def test_a_visit_ends_with_the_token_that_began_it(server: Server) -> None:
    """Whoever is in by a token that is revoked meanwhile is out at the next page."""
    client = Client(server.url)
    token = new_token(server.folder, "rep", sub="leaving")
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": server.url}
    entered = client.call("POST", "/login", f"token={token}".encode(), form)
    cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
    assert client.call("GET", "/deals", headers=cookie).status == 200
    tokens = Tokens(server.folder / "walkaway.tokens")
    tokens.revoke(next(noted.id for noted in tokens.listed() if noted.sub == "leaving"))
    assert client.call("GET", "/deals", headers=cookie).headers["location"] == "/login"
    assert Client(server.url, token).get("/v1/deals").status == 401


# Approvals


def asked(ana: Client, deal: str) -> str:
    """Ask for an approval of 10 % and return its id."""
    tag = opened(ana, deal)
    assert ana.put(deal, "e3", {**OURS, "terms": {"discount": "0%", "term": "24 months"}}, tag).status == 201
    ana.put(deal, "e4", {**THEIRS, "terms": {"discount": "25%"}})
    reply = ana.post("/v1/approvals", {"deal": deal, "terms": PACKAGE})
    assert reply.status == 201, reply.body
    assert reply.json["state"] == "open"
    return str(reply.json["id"])


def test_an_approval_is_asked_for_given_and_counts(ana: Client, dana: Client) -> None:
    """Of the terms that were asked for the offer proceeds then, and the request is settled."""
    at = asked(ana, "D-appr")
    (row,) = [r for r in dana.get("/v1/approvals").json["approvals"] if r["id"] == at]
    assert (row["by"], row["roles"], row["barred"]) == ("ana", ["manager"], "")
    assert row["package"] == {**PACKAGE, "reference": "no", "support": "basic"}
    given = dana.post(f"/v1/approvals/{at}", {"until": "2036-12-31T00:00:00Z"})
    assert given.status == 201, given.body
    assert dana.post(f"/v1/approvals/{at}", {"until": "2036-12-31T00:00:00Z"}).body == given.body
    assert dana.get(f"/v1/approvals/{at}").json["state"] == "settled"
    sent = ana.put("D-appr", "e5", {**OURS, "terms": PACKAGE})
    assert (sent.status, sent.json["verdict"]) == (201, "proceed"), sent.body
    turns = ana.get("/v1/deals/D-appr/history").json["turns"]
    assert any("dana, director, approves discount 9%" in turn["what"] for turn in turns)


@pytest.mark.parametrize("name", ["ana", "ANA", " Ana "])
def test_nobody_approves_what_they_made(server: Server, ana: Client, name: str) -> None:
    """However their name is spelled, and whatever further roles they have."""
    deal = f"D-own-{name.strip()}-{len(name)}"
    at = asked(ana, deal)
    both = server.client("rep", "approver:cfo", sub=name)
    reply = both.post(f"/v1/approvals/{at}", {"until": "2036-12-31T00:00:00Z"})
    assert (reply.status, reply.codes) == (403, ["own-offer"])
    direct = both.put(deal, "a1", {"type": "approve", "terms": {"discount": "9%"}})
    assert (direct.status, direct.codes) == (403, ["own-offer"])
    assert "approve" not in ana.get(f"/v1/deals/{deal}/events").body.decode()


def test_whoever_made_a_move_approves_nothing_in_that_deal(server: Server, ana: Client) -> None:
    """A colleague who offered once does not approve what somebody else asks for later."""
    at = asked(ana, "D-moved")
    ben = server.client("rep", "approver:cfo", sub="ben")
    assert ben.put("D-moved", "b1", {"type": "reject", "by": "us"}).status == 201
    reply = ben.post(f"/v1/approvals/{at}", {})
    assert (reply.status, reply.json["findings"][0]["message"]) == (403, "you made event `b1` of this deal")


def test_a_request_is_the_same_when_it_is_sent_again(ana: Client, dana: Client) -> None:
    """Asked twice it is one; declined it says why, and what would be approved."""
    at = asked(ana, "D-again")
    again = ana.post("/v1/approvals", {"deal": "D-again", "terms": PACKAGE})
    assert (again.status, again.json["id"]) == (200, at)
    assert dana.post(f"/v1/approvals/{at}", {"answer": "decline"}).json["findings"][0]["pointer"] == "/reason"
    said = dana.post(f"/v1/approvals/{at}", {"answer": "counter", "reason": "too much", "terms": {"discount": "8.5%"}})
    assert (said.status, said.json["state"], said.json["counter"]) == (200, "declined", {"discount": "8.5%"})
    assert dana.post(f"/v1/approvals/{at}", {}).status == 409


def test_what_needs_no_approval_is_not_asked_for(ana: Client) -> None:
    """Where no approval would help, nobody is bothered."""
    opened(ana, "D-needless")
    reply = ana.post("/v1/approvals", {"deal": "D-needless", "terms": {"discount": "0%", "term": "24 months"}})
    assert (reply.status, reply.codes) == (422, ["nothing-to-approve"])


def test_an_approver_sees_only_deals_in_which_they_were_asked(ana: Client, dana: Client) -> None:
    """Other deals are absent for them."""
    opened(ana, "D-unasked")
    asked(ana, "D-asked")
    assert dana.get("/v1/deals/D-unasked").status == 404
    assert dana.get("/v1/deals/D-asked").status == 200


# Recording


def test_an_event_sent_again_has_the_answer_it_had(ana: Client) -> None:
    """201, then 200 with the same bytes, though nobody says when it happened; other content is a conflict."""
    tag = opened(ana, "D-twice")
    first = ana.put("D-twice", "e3", OURS, tag)
    again = ana.put("D-twice", "e3", OURS, tag)
    assert (first.status, again.status, again.body) == (201, 200, first.body)
    assert first.headers["walkaway-verdict"] == first.json["verdict"] == "trade"
    other = ana.put("D-twice", "e3", {**OURS, "terms": {"discount": "6%"}}, tag)
    assert (other.status, other.codes) == (409, ["WA604"])


def test_somebody_who_writes_says_which_state_they_saw(ana: Client) -> None:
    """Without it, or with an old one, nothing is recorded; what came in between is named."""
    tag = opened(ana, "D-stale")
    assert ana.call("PUT", "/v1/deals/D-stale/events/e3", OURS).status == 428
    assert ana.put("D-stale", "e3", OURS, tag).status == 201
    late = ana.put("D-stale", "e4", OURS, tag)
    assert (late.status, late.codes) == (412, ["stale-deal"])
    assert "since then came `e3`" in late.json["findings"][0]["message"]
    assert late.headers["etag"] == ana.tag("D-stale") != tag
    assert ana.get("/v1/deals/D-stale", If_None_Match=ana.tag("D-stale")).status == 304


def test_of_two_reps_who_write_at_once_one_wins(server: Server, ana: Client) -> None:
    """Each of many races has one winner and one who is told that the deal has moved on."""
    ben = server.client("rep", sub="ben")
    tag = opened(ana, "D-race")
    with ThreadPoolExecutor(2) as pool:
        for n in range(20):
            events = ((ana, f"a{n}"), (ben, f"b{n}"))
            body = {"type": "signal", "by": "them", "kind": "abuse", "confirmed": False}
            jobs = [pool.submit(client.put, "D-race", event, body, tag) for client, event in events]
            found = [job.result() for job in jobs]
            assert sorted(reply.status for reply in found) == [201, 412]
            tag = ana.tag("D-race")


def test_one_event_sent_often_at_once_is_one_entry(ana: Client) -> None:
    """Whoever sends again while the first is under way gets the same bytes."""
    tag = opened(ana, "D-often")
    with ThreadPoolExecutor(10) as pool:
        found = [job.result() for job in [pool.submit(ana.put, "D-often", "e3", OURS, tag) for _ in range(30)]]
    assert {reply.body for reply in found} == {found[0].body}
    assert sorted(reply.status for reply in found) == [200] * 29 + [201]
    assert ana.get("/v1/deals/D-often").json["events"].count("e3") == 1


@pytest.mark.parametrize("deal", ["a/b", "50%", "ä ö?#&", "..", "%2F", "+", "D;1"])
def test_any_name_of_a_deal_is_an_address(ana: Client, deal: str) -> None:
    """Each segment is decoded once and by itself; links that come back lead there."""
    reply = ana.opens(deal)
    assert reply.status == 201, reply.body
    path = f"/v1/deals/{quote(deal, safe='')}"
    assert ana.get(path).json["deal"] == deal
    assert reply.headers["location"] == f"{path}/events/e1"


def test_numbers_and_keys_are_read_from_the_bytes(ana: Client) -> None:
    """No number loses a digit, and no repeated key the earlier value, on the way to the engine."""
    body = b'{"deal": "D-bytes", "id": "e1", "facts": {"segment": "smb", "list_price": "1 USD", "list_price": "2 USD"}}'
    reply = ana.call("POST", "/v1/deals", body)
    assert (reply.status, reply.codes) == (422, ["WA508"])
    exact = (
        b'{"deal":"D-bytes","id":"e1","facts":{"segment":"smb","list_price":"1 USD","pipeline_coverage":3.50000000001}}'
    )
    assert ana.call("POST", "/v1/deals", exact).codes == ["WA504"]
    many = b'{"deal":"D-bytes","id":"e1",\n "id":"e7",\r\n\t"facts":{}}'
    assert ana.call("POST", "/v1/deals", many).codes == ["WA508"]


# Asking


def test_a_check_keeps_nothing_and_says_what_recording_would(ana: Client) -> None:
    """The same terms are answered alike, with counteroffers or without; an acceptance too."""
    tag = opened(ana, "D-check")
    terms = {"terms": {"discount": "5%"}}
    told = ana.post("/v1/deals/D-check/check", terms)
    brief = ana.post("/v1/deals/D-check/check?search=no", terms)
    assert told.headers["walkaway-verdict"] == brief.json["verdict"] == "trade"
    assert told.json["decision"]["counteroffers"]
    assert "sha256" not in told.body.decode()
    accepting = ana.post("/v1/deals/D-check/check", {"act": "accept"})
    assert (accepting.json["decision"]["on"], accepting.headers["walkaway-verdict"]) == ("our acceptance", "refuse")
    assert ana.tag("D-check") == tag
    assert ana.put("D-check", "e3", OURS, tag).json["verdict"] == "trade"


BAD: tuple[tuple[str, object, int, str, str], ...] = (
    ("check", b"", 400, "not-json", ""),
    ("check", b"[1]", 400, "not-json", ""),
    ("check", b"{" * 100_000, 400, "not-json", ""),
    ("check", b'{"terms": {"discount": "\xff"}}', 400, "not-json", ""),
    ("check", {"terms": {"discount": 12}}, 422, "wrong-field", "/terms/discount"),
    ("check", {"terms": {"discount": "12"}}, 422, "WA504", "/terms/discount"),
    ("check", {"terms": {"discount": f"12{CANARY}"}}, 422, "WA504", "/terms/discount"),
    ("check", {"terms": {"dicsount": "12%"}}, 422, "WA505", "/terms/dicsount"),
    ("check", {"terms": {}}, 422, "WA503", "/terms"),
    ("check", {"terms": []}, 422, "wrong-field", "/terms"),
    ("check", {}, 422, "wrong-field", "/terms"),
    ("check", b'{"terms": {"discount": "5%", "discount": "30%"}}', 422, "repeated-key", ""),
    ("check", {"terms": {"discount": "12%"}, "act": "accept"}, 422, "wrong-field", "/terms"),
    ("check", {"terms": {"discount": "12%"}, "act": "steal"}, 422, "wrong-field", "/act"),
    ("check", {"terms": {"discount": "12%"}, "at": "yesterday"}, 422, "WA507", "/at"),
    ("check", {"terms": {"discount": "12%"}, "at": 5}, 422, "wrong-field", "/at"),
    ("check", {"terms": {"discount": "12%"}, "a/b~c": 1}, 422, "unknown-field", "/a~1b~0c"),
    ("check?search=no&search=yes", {"terms": {"discount": "5%"}}, 400, "bad-query", ""),
    ("check?find=no", {"terms": {"discount": "5%"}}, 400, "bad-query", ""),
    ("events/e9", {"type": "bid"}, 422, "WA502", "/type"),
    ("events/e9", {"type": "offer", "by": "us", "terms": {"discount": "5%"}, "note": 5}, 422, "WA503", "/note"),
    ("events/e9", {**OURS, "id": "e8"}, 422, "path-in-body", "/id"),
    ("events/e9", {**OURS, "deal": CANARY}, 422, "path-in-body", "/deal"),
    ("events/e9", {**OURS, "at": "1999-01-01T00:00:00Z"}, 422, "WA603", "/at"),
    ("events/e9", {"type": "approve", "terms": {"discount": "5%"}}, 403, "not-your-role", "/type"),
    ("events/e9", {"type": "open", "facts": {}}, 422, "WA602", "/type"),
)


@pytest.mark.parametrize(("path", "body", "status", "code", "pointer"), BAD)
def test_whatever_is_wrong_has_code_place_and_hint(
    server: Server, ana: Client, bad: str, path: str, body: object, status: int, code: str, pointer: str
) -> None:
    """Each finding says what to do, its code has a page, and nothing was recorded."""
    tag = ana.tag(bad)
    method = "PUT" if path.startswith("events") else "POST"
    reply = ana.call(method, f"/v1/deals/{bad}/{path}", body, {"If-Match": tag})
    assert (reply.status, reply.codes[0]) == (status, code), reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json["findings"][0]["pointer"] == pointer
    assert reply.json["status"] == status
    for finding in reply.json["findings"]:
        assert finding["message"]
        assert finding["hint"]
    assert Client(server.url).get(reply.json["type"]).status == 200
    assert ana.tag(bad) == tag


def test_every_finding_is_told_at_once(ana: Client) -> None:
    """Two slips are two findings, each with its place."""
    opened(ana, "D-slips")
    reply = ana.post("/v1/deals/D-slips/check", {"terms": {"discount": "5", "term": "3"}})
    assert [f["pointer"] for f in reply.json["findings"]] == ["/terms/discount", "/terms/term"]


# The edges of HTTP


def test_it_answers_to_its_own_name_only(server: Server) -> None:
    """A page of another name that points here reads nothing."""
    assert Client(server.url).get("/livez").status == 200
    for host in ("evil.example", "127.0.0.1", f"localhost.evil:{Client(server.url).port}"):
        reply = Client(server.url).get("/livez", Host=host)
        assert (reply.status, reply.codes) == (421, ["wrong-host"])


def test_no_form_of_another_site_is_taken(server: Server) -> None:
    """Neither a foreign origin, nor no form token, nor JSON is a form of our page."""
    client = Client(server.url)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    token = new_token(server.folder, "rep", sub="ana")
    entered = client.call("POST", "/login", f"token={token}".encode(), {**kind, "Origin": server.url})
    assert entered.status == 303
    cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
    for more in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": server.url, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": server.url},
        {},
    ):
        reply = client.call("POST", "/deals", b"deal=D-forged&event=e1", {**kind, **cookie, **more})
        assert reply.status == 403, more
    login = client.call("POST", "/login", f"token={token}".encode(), {**kind, "Origin": "https://evil.example"})
    assert login.status == 403
    assert client.call("GET", "/deals/D-forged", headers=cookie).status == 404


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("GET", "/v1/nothing", {}, None, 404),
        ("GET", "/v1/deals/%ff", {}, None, 404),
        ("GET", "//", {}, None, 404),
        ("DELETE", "/v1/deals", {}, None, 405),
        ("GET", "/problems/none", {}, None, 404),
        ("POST", "/v1/deals", {"Content-Type": "text/plain"}, b"{}", 415),
        ("POST", "/v1/deals", {"Content-Type": "application/json; charset=latin-1"}, b"{}", 415),
        ("POST", "/v1/deals", {}, b'{"deal": "' + b"x" * (1 << 20) + b'"}', 413),
        ("GET", "/v1/deals?limit=9999999999999999999999", {}, None, 400),
        ("GET", "/v1/decisions?since=yesterday", {}, None, 400),
        ("GET", "/v1/decisions/-1", {}, None, 404),
    ],
)
def test_what_is_no_good_call_is_a_problem(
    ana: Client, method: str, path: str, headers: dict[str, str], body: bytes | None, status: int
) -> None:
    """Each is told as what it is, with what to do."""
    reply = ana.call(method, path, body, headers)
    assert reply.status == status, reply.body
    assert reply.json["findings"][0]["hint"]


def test_half_open_connections_stop_nobody(server: Server) -> None:
    """A hundred who never finish their question leave an answer for everybody else."""
    client = Client(server.url)
    waiting = [socket.create_connection((client.host, client.port)) for _ in range(100)]
    try:
        for each in waiting:
            each.sendall(b"POST /v1/deals HTTP/1.1\r\nHost: ")
        assert client.get("/livez").status == 200
        assert client.get("/readyz").status == 200
    finally:
        for each in waiting:
            each.close()


def test_the_description_has_every_route(server: Server) -> None:
    """/openapi.json is written from the table: no address is missing, none too many; it changes with what is pinned."""
    found = json.loads(Client(server.url).get("/openapi.json").body)
    assert found == json.loads((Path(__file__).parents[2] / "openapi.json").read_text(encoding="utf-8"))
    listed = {(method.upper(), path) for path, of in found["paths"].items() for method in of}
    assert listed == {(route.method, route.path) for route in ROUTES}
    assert found["openapi"] == "3.1.0"


def test_auditors_find_decisions_and_the_policy_that_made_them(server: Server, ana: Client) -> None:
    """By rule, verdict and deal, page by page; the file of a policy as it was, under its hash."""
    opened(ana, "D-audit")
    ana.put("D-audit", "e3", OURS)
    otto = server.client("auditor", sub="otto")
    (row,) = otto.get("/v1/decisions?deal=D-audit&rule=nothing-for-nothing").json["decisions"]
    assert (row["decision"]["verdict"], row["event"]["actor"]) == ("trade", "ana")
    assert otto.get(f"/v1/decisions/{row['n']}").json == row
    sha256 = row["decision"]["policy"]["sha256"]
    text = otto.get(f"/v1/policies/{sha256}/files/policy.yaml")
    assert text.body == (POLICY / "policy.yaml").read_bytes()
    first = otto.get("/v1/decisions?deal=D-audit&limit=2")
    rest = otto.get(first.headers["link"].partition("<")[2].partition(">")[0])
    ids = [r["event"]["id"] for reply in (first, rest) for r in reply.json["decisions"]]
    assert ids == ["e1", "e2", "e3"]
    assert "sha256" not in ana.get("/v1/decisions?deal=D-audit").body.decode()


def test_logs_tell_no_secret_and_nothing_failed(server: Server, ana: Client) -> None:
    """No id, body, query, name or token stands in the log of all these tests; no traceback, no status from 500 on."""
    ana.get(f"/v1/deals/{CANARY}?{CANARY}=1", Authorization=f"Bearer {CANARY}")
    log = server.log()
    assert "GET /v1/deals/{deal} 401" in log
    for secret in (CANARY, "wa_", "D-check", "discount", "ana", "dana", server.link.partition("code=")[2]):
        assert secret not in log.partition("\n")[2], secret
    assert "Traceback" not in log
    assert " fault " not in log
    assert re.search(r" 5\d\d \d+\.\d$", log, re.MULTILINE) is None


def test_the_log_verifies_and_replays(server: Server) -> None:
    """All that was recorded over HTTP is in the log like what any command recorded."""
    for command in ("verify", "replay"):
        called = [sys.executable, "-m", "walkaway_cli.main", "log", command]
        found = subprocess.run(called, cwd=server.folder, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout + found.stderr


def test_no_part_of_an_answer_waits_for_the_one_before_it() -> None:
    """Head and body leave one after the other: what waits for an acknowledgement of the first waits 40 ms."""
    found: asyncio.Queue[int] = asyncio.Queue()

    class Accepted(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            taken = transport.get_extra_info("socket")
            found.put_nowait(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def accepted() -> int:
        place = ListenAddress("127.0.0.1:0")
        async with await asyncio.get_running_loop().create_server(Accepted, sock=place.socket):
            _, writer = await asyncio.open_connection("127.0.0.1", place.port)
            writer.close()
            return await found.get()

    assert asyncio.run(accepted()) == 1
