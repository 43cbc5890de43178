"""Many lines in one call, and decisions as they are recorded: nothing lost, nothing twice, in the order of the log."""

import http.client
import json
import re
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.serve
for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.processes import PATIENCE_S  # noqa: E402
from tests.helpers.serving import FACTS, POLICY, Client, Reply, Server, serving  # noqa: E402

from walkaway import DeadLetter, Decision, Session  # noqa: E402
from walkaway_edge.http.bulk import record_lines  # noqa: E402
from walkaway_edge.http.call import Call, Front  # noqa: E402
from walkaway_edge.http.identity import identity  # noqa: E402
from walkaway_edge.http.requests import Requests  # noqa: E402
from walkaway_edge.http.tokens import Tokens  # noqa: E402
from walkaway_edge.http.visits import Visits  # noqa: E402

KIND = {"Content-Type": "application/x-ndjson"}
OPENS = {"type": "open", "facts": FACTS}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a running server."""
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(scope="module")
def feed(server: Server) -> Client:
    """Return a program that records for a rep."""
    return server.client("feed", sub="crm", behalf="ana")


@pytest.fixture(scope="module")
def rep(server: Server) -> Client:
    """Return a rep who sees some deals."""
    return server.client("rep", sub="robin", deals="R-*")


def lines(*events: object) -> bytes:
    """Write JSON lines; bytes as they are."""
    return b"".join((e if isinstance(e, bytes) else json.dumps(e).encode()) + b"\n" for e in events)


def sent(client: Client, path: str, *events: object) -> list[Any]:
    """Send lines, and return the lines that come back."""
    reply = client.call("POST", path, lines(*events), KIND)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/x-ndjson"), reply.body
    return [json.loads(line) for line in reply.body.splitlines()]


def test_events_are_recorded_in_their_order(feed: Client) -> None:
    """Several of one deal in one call each stand on what came before; the summary is the last line."""
    found = sent(
        feed,
        "/v1/events?for=ana",
        {"deal": "R-1", "id": "e1", **OPENS},
        {"deal": "R-1", "id": "e2", "type": "offer", "by": "them", "terms": {"discount": "30%"}},
        {"deal": "R-2", "id": "e1", **OPENS},
        {"deal": "R-1", "id": "e3", "type": "offer", "by": "us", "terms": {"discount": "5%"}},
    )
    assert [(f["line"], f["status"]) for f in found[:-1]] == [(1, 201), (2, 201), (3, 201), (4, 201)]
    assert [f["answer"]["verdict"] for f in found[:-1]] == ["proceed", "trade", "proceed", "trade"]
    assert found[-1] == {"summary": {"lines": 4, "problems": 0}}


def test_lines_that_come_again_are_answered_again(feed: Client) -> None:
    """The same line has the answer it had and is recorded once; other content under its id is a conflict."""
    line = {"deal": "R-3", "id": "e1", "at": "2026-11-01T09:00:00Z", **OPENS}
    first, again, other = (
        sent(feed, "/v1/events?for=ana", one) for one in (line, line, {**line, "at": "2026-11-02T09:00:00Z"})
    )
    assert (first[0]["status"], again[0]["status"], other[0]["status"]) == (201, 200, 409)
    assert first[0]["answer"] == again[0]["answer"]


def test_every_wrong_line_is_told_and_stops_no_other(feed: Client) -> None:
    """Each problem is that of the single call, with the number of its line; blank lines count, and get nothing."""
    found = sent(
        feed,
        "/v1/events?for=ana",
        b"{",
        b"",
        {"id": "e1"},
        {"deal": "R-9", "id": "e1", "type": "offer", "by": "us", "terms": {}},
        {"deal": "R-4", "id": "e1", "actor": "eve", **OPENS},
        {"deal": "R-4", "id": "e1", **OPENS, "facts": {"list_price": "1,00"}},
        {"deal": "R-4", "id": "e2", **OPENS},
    )
    codes = [(f["line"], f["status"], f["problem"]["findings"][0]["code"]) for f in found[:-2]]
    assert codes == [
        (1, 400, "not-json"),
        (3, 422, "wrong-field"),
        (4, 404, "absent"),
        (5, 422, "identity-in-body"),
        (6, 422, "WA504"),
    ]
    assert (found[-2]["line"], found[-2]["status"]) == (7, 201)
    assert found[-1] == {"summary": {"lines": 6, "problems": 5}}


def test_checks_keep_nothing_and_see_only_ones_own(rep: Client, feed: Client) -> None:
    """A line is answered as the single call would be; a deal out of scope is a deal that there is not."""
    sent(feed, "/v1/events?for=ana", {"deal": "R-5", "id": "e1", **OPENS}, {"deal": "S-5", "id": "e1", **OPENS})
    before = rep.get("/v1/deals/R-5").body
    found = sent(
        rep,
        "/v1/checks",
        {"deal": "R-5", "terms": {"discount": "5%"}},
        {"deal": "S-5", "terms": {"discount": "5%"}},
        {"deal": "R-5", "terms": {"discount": "5"}},
        {"deal": "R-5", "terms": {}, "verdict": "proceed"},
        b'{"deal": "R-5", "terms": {"discount": "1%", "discount": "50%"}}',
    )
    single = rep.post("/v1/deals/R-5/check?search=no", {"terms": {"discount": "5%"}})
    assert found[0]["answer"] == single.json
    assert [f.get("status") for f in found[:-1]] == [200, 404, 422, 422, 422]
    absent = sent(rep, "/v1/checks", {"deal": "S-none", "terms": {"discount": "5%"}})[0]
    assert absent["problem"] == found[1]["problem"]
    assert rep.get("/v1/deals/R-5").body == before


def test_whose_role_it_is_not_sends_nothing(rep: Client, feed: Client, server: Server) -> None:
    """A rep says which state is meant, so a call of many lines is a program's; and a program checks nothing."""
    assert rep.call("POST", "/v1/events", lines(OPENS), KIND).status == 403
    assert feed.call("POST", "/v1/checks", lines({}), KIND).status == 403
    assert Client(server.url).call("POST", "/v1/events", lines({}), KIND).status == 401
    assert rep.post("/v1/checks", {"deal": "R-1"}).status == 415


MIXED: list[dict[str, Any]] = [
    {"id": "e1", "at": "2026-11-01T09:00:00Z", **OPENS},
    {"id": "e2", "at": "2026-11-01T09:01:00Z", "type": "offer", "by": "them", "terms": {"discount": "30%"}},
    {"id": "e2", "at": "2026-11-01T09:01:00Z", "type": "offer", "by": "them", "terms": {"discount": "30%"}},
    {"id": "e2", "at": "2026-11-01T09:02:00Z", "type": "offer", "by": "them", "terms": {"discount": "29%"}},
    {"id": "e3", "at": "2026-11-01T09:00:30Z", "type": "tick"},
    {"id": "e4", "at": "2026-11-01T09:03:00Z", "type": "offer", "by": "us", "terms": {"discount": "5"}},
    {"id": "e5", "at": "2099-11-01T09:03:00Z", "type": "tick"},
    {"id": "e6", "type": "offer", "by": "us", "terms": {"discount": "5%"}},
    {"id": "e7", "at": 7, "type": "tick"},
    {"id": "e8", "type": "close", "outcome": "lost", "actor": "eve"},
    {"id": "e9", "at": "2026-11-01T09:00:00Z", **OPENS},
]
"""Lines of one deal: sent again, with other content, too early, to come, without an instant, and opened again."""


@pytest.mark.parametrize("first", [0, 1])
def test_lines_of_one_deal_get_what_each_gets_alone(feed: Client, first: int) -> None:
    """Whatever waits with them for one commit; also where the deal is opened among them, or by none."""
    together = [{"deal": f"R-t{first}", **line} for line in MIXED[first:]]
    alone = [{"deal": f"R-a{first}", **line} for line in MIXED[first:]]
    found = sent(feed, "/v1/events?for=ana", *together)[:-1]
    expected = [sent(feed, "/v1/events?for=ana", line)[0] for line in alone]
    assert [f["status"] for f in found] == [f["status"] for f in expected]
    assert [_alike(f.get("problem")) for f in found] == [_alike(f.get("problem")) for f in expected]
    answers = ("verdict", "on", "obligations", "reasons", "room")
    for one, other in zip(found, expected, strict=True):
        assert [one.get("answer", {}).get(key) for key in answers] == [
            other.get("answer", {}).get(key) for key in answers
        ]
    assert {f["status"] for f in found} == ({201, 200, 409, 422} if first == 0 else {404, 422, 201})


def _alike(problem: Any) -> str:
    """Return a problem without the name of its deal and the place that its event has in the log."""
    return re.sub(r"R-[at]\d|entry \d+", "…", json.dumps(problem))


def test_an_opening_that_fails_leaves_the_lines_behind_it_without_a_deal(feed: Client) -> None:
    """As if it had come before by itself: what is said of a deal that there is not."""
    opening = {"deal": "R-f", "id": "e1", "at": "2026-11-01T09:00:00Z", **OPENS, "facts": {"list_price": "1,00"}}
    tick = {"deal": "R-f", "id": "e2", "at": "2026-11-01T09:01:00Z", "type": "tick"}
    found = sent(feed, "/v1/events?for=ana", opening, tick)
    assert [f["status"] for f in found[:-1]] == [422, 404]
    assert found[1]["problem"] == sent(feed, "/v1/events?for=ana", {**tick, "deal": "R-none"})[0]["problem"]


def test_lines_of_one_deal_are_kept_in_one_commit(tmp_path: Path) -> None:
    """Those that say when they were; one that does not waits for those before it, whose instants it may not precede."""
    commits: list[int] = []

    class Counting(Session):
        def decide_many(self, events: Iterable[Any]) -> list[Decision | DeadLetter]:
            events = list(events)
            commits.append(len(events))
            return super().decide_many(events)

    front = Front(Tokens(tmp_path / "t"), Visits(time.time), Requests(), lambda _: "", "http://x")
    call = Call(front, identity("crm", ["feed"], behalf=["ana"]), query={"for": "ana"})
    ticks = [{"id": f"t{n}", "type": "tick", "at": f"2026-11-01T10:{n // 60:02}:{n % 60:02}Z"} for n in range(100)]
    events = [
        MIXED[0],
        *ticks,
        {"id": "u1", "type": "tick"},
        {"id": "u2", "type": "tick", "at": "2026-11-01T09:00:00Z"},
    ]
    said = [(n, json.dumps({"deal": "D", **event}).encode()) for n, event in enumerate(events)]
    with Counting(POLICY, str(tmp_path / "log.db")) as session:
        found = record_lines(call, session, said)
    assert [answer.status for answer in found] == [*[201] * 102, 422]
    assert commits == [101, 2]


def test_a_line_that_is_too_long_is_told_and_passed_over(feed: Client) -> None:
    """It has its number and its problem, and the one behind it is recorded."""
    found = sent(feed, "/v1/events?for=ana", b"x" * ((16 << 20) + 1), {"deal": "R-6", "id": "e1", **OPENS})
    assert [(f["line"], f["status"]) for f in found[:-1]] == [(1, 413), (2, 201)]


def test_many_lines_are_one_call(feed: Client, rep: Client) -> None:
    """Two thousand deals are opened and asked about, each answered in its place."""
    opens = [{"deal": f"R-m{n}", "id": "e1", **OPENS} for n in range(2_000)]
    found = sent(feed, "/v1/events?for=ana", *opens)
    assert found[-1] == {"summary": {"lines": 2_000, "problems": 0}}
    checks = sent(rep, "/v1/checks", *({"deal": o["deal"], "terms": {"discount": "5%"}} for o in opens[:500]))
    assert [f["line"] for f in checks[:-1]] == list(range(1, 501))
    assert {f["answer"]["verdict"] for f in checks[:-1]} == {"trade"}


# Decisions as they are recorded


class Listener:
    """Somebody who listens, on a thread of their own."""

    def __init__(self, client: Client, query: str = "", after: int | None = None) -> None:
        self.connection = http.client.HTTPConnection(client.host, client.port, timeout=PATIENCE_S)
        headers = {"Authorization": f"Bearer {client.token}"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        self.connection.request("GET", f"/v1/stream{query}", headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        self.events: list[dict[str, Any]] = []
        self.ids: list[int] = []
        self.has_ended = threading.Event()
        assert self.response.readline() == b": listening\n"
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        try:
            while line := self.response.readline():
                if line.startswith(b"id: "):
                    self.ids.append(int(line[4:]))
                elif line.startswith(b"data: "):
                    self.events.append(json.loads(line[6:]))
        except (OSError, http.client.HTTPException, AttributeError, ValueError):
            pass
        self.has_ended.set()

    def heard(self, count: int, within_s: float = PATIENCE_S) -> Sequence[dict[str, Any]]:
        """Return the first events, once there are so many."""
        until = time.monotonic() + within_s
        while len(self.events) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.events[:count]

    def close(self) -> None:
        """Listen no more."""
        if self.connection.sock is not None and not self.has_ended.is_set():
            self.connection.sock.shutdown(2)
        self.thread.join(PATIENCE_S)
        self.response.close()
        self.connection.close()


def test_a_decision_is_told_to_whoever_may_see_it(server: Server, feed: Client, rep: Client) -> None:
    """An auditor hears all, with hashes; a rep their own deals, without; somebody who asked for one deal that one."""
    auditor = server.client("auditor", sub="vera")
    listeners = [Listener(auditor), Listener(rep), Listener(auditor, "?deal=S-7")]
    sent(feed, "/v1/events?for=ana", {"deal": "R-7", "id": "e1", **OPENS}, {"deal": "S-7", "id": "e1", **OPENS})
    everything, own, one = (each.heard(n) for each, n in zip(listeners, (2, 1, 1), strict=True))
    assert [e["decision"]["deal"] for e in everything] == ["R-7", "S-7"]
    assert ([e["decision"]["deal"] for e in own], [e["decision"]["deal"] for e in one]) == (["R-7"], ["S-7"])
    assert "position" in everything[0]["decision"]
    assert "position" not in own[0]["decision"]
    assert everything[0]["n"] == listeners[0].ids[0]
    for each in listeners:
        each.close()


def test_who_comes_again_misses_nothing(server: Server, feed: Client) -> None:
    """From behind the last event that somebody has, entries of before and of now come once each, in order."""
    auditor = server.client("auditor", sub="vera")
    sent(feed, "/v1/events?for=ana", *({"deal": f"R-a{n}", "id": "e1", **OPENS} for n in range(300)))
    listener = Listener(auditor, after=0)
    sent(feed, "/v1/events?for=ana", *({"deal": f"R-b{n}", "id": "e1", **OPENS} for n in range(300)))
    last = auditor.get("/v1/decisions?deal=R-b299").json["decisions"][0]["n"]
    listener.heard(last)
    assert listener.ids == list(range(1, last + 1))
    listener.close()


def test_a_token_that_is_revoked_hears_no_more(server: Server, feed: Client) -> None:
    """What is told next ends the stream."""
    client = server.client("auditor", sub="eve")
    listener = Listener(client)
    revoked(server, client)
    sent(feed, "/v1/events?for=ana", {"deal": "R-8", "id": "e1", **OPENS})
    assert listener.has_ended.wait(PATIENCE_S)
    assert listener.events == []
    listener.close()


def revoked(server: Server, client: Client) -> None:
    """Revoke a client's token."""
    import hashlib

    from walkaway_edge.http.tokens import Tokens

    tokens = Tokens(server.folder / "walkaway.tokens")
    tokens.revoke(hashlib.sha256(client.token.encode()).hexdigest()[:8])
    tokens.journal.close()


@pytest.mark.parametrize("text", ["x", "-1", "1.0", "9" * 16])
def test_what_is_no_number_of_an_entry_is_told(rep: Client, text: str) -> None:
    """`Last-Event-ID` is the id of an event of this stream."""
    reply: Reply = rep.call("GET", "/v1/stream", headers={"Last-Event-ID": text})
    assert (reply.status, reply.codes) == (400, ["bad-query"])


def test_a_server_that_ends_lets_its_listeners_go(tmp_path: Path) -> None:
    """SIGTERM ends streams at once, and the exit is that of any other end."""
    with serving(tmp_path) as server:
        listeners = [Listener(server.client("auditor", sub=f"v{n}")) for n in range(20)]
        assert server.stop(signal.SIGTERM) == 0
        assert all(each.has_ended.wait(PATIENCE_S) for each in listeners)
        for each in listeners:
            each.close()
