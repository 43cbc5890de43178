"""One deal, played through every face on a store of its own, leaves the same entries in the log but for `via`.

The deal is `STORY`; the command line plays it first, and what a face leaves has to be what that left: events, ids,
instants, people, verdicts, reasons, facts, the policy's hash. Left out of the comparison are `via`, and the digests of
positions, which differ from store to store by the salts of the names in them: each log is replayed instead. The clock
of the servers is the story's. What a face cannot carry goes in by HTTP, and each face says so.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.a2cn import POLICY, VECTORS, WIRE, raw  # noqa: E402
from tests.helpers.agents import Face, Told  # noqa: E402
from tests.helpers.commands import run  # noqa: E402

from walkaway import Core  # noqa: E402
from walkaway_edge.http.identity import identity  # noqa: E402
from walkaway_edge.http.requests import event_id, request_id  # noqa: E402
from walkaway_edge.wires.a2cn.reading import decode  # noqa: E402
from walkaway_edge.wires.a2cn.session import TakenMessage, begin  # noqa: E402
from walkaway_edge.wires.a2cn.writing import encode  # noqa: E402

pytestmark = pytest.mark.serve

DEAL = "R-17"
LATE = """\
  late-payment:
    why: Who pays later than this is a risk that a director takes.
    on: our terms
    when: offer.payment > 45 days
    then: escalate
    to: director
"""
WHOLE = {"payment": "30 days", "term": "12 months", "notice": "60 days", "renews": "no"}
LAST = {**WHOLE, "price": "115,000 USD", "term": "24 months", "payment": "60 days"}
ASKED = event_id(DEAL, LAST, "ana", 4)
Line = Mapping[str, Any]


def line(name: str, at: str, kind: str, **more: object) -> dict[str, Any]:
    """Return an event of the deal, on its one morning."""
    return {"id": name, "deal": DEAL, "at": f"2026-05-04T10:{at}Z", "type": kind, **more}


STORY = (
    line("m0", "00:05", "open", facts={"list_price": "120,000 USD"}, party="Buyer Group", actor="ana"),
    line("m1", "01:00", "offer", by="them", terms={**WHOLE, "price": "90,000 USD"}),
    line("m2", "02:00", "offer", by="us", terms={**WHOLE, "price": "115,000 USD"}, actor="ana"),
    line("m3", "03:00", "offer", by="them", terms={**WHOLE, "price": "100,000 USD", "payment": "60 days"}),
    line(ASKED, "04:00", "request", terms=LAST, actor="ana"),
    line(f"{request_id(DEAL, ASKED)}-dana", "05:00", "approve", terms=LAST, approver="dana", role="director"),
    line("m4", "06:00", "offer", by="us", terms=LAST, actor="ana"),
    line("m5", "07:00", "accept", by="them"),
    line("m6", "08:00", "close", outcome="won", actor="ana"),
)
VERDICTS = ("proceed", "trade", "trade", "trade", "proceed", "proceed", "proceed", "proceed", "proceed")


class Stage:
    """A folder with the policy, and the log of one face."""

    def __init__(self, folder: Path, policy: str = POLICY + LATE) -> None:
        folder.mkdir()
        self.folder, self.store = folder, str(folder / "log.db")
        self.policy = folder / "policy.yaml"
        self.policy.write_text(policy, encoding="utf-8")

    def entries(self) -> list[dict[str, Any]]:
        """Return all that the log exports but `via` and the digests of positions, which `log replay` finds right."""
        assert run("log", "replay", "--store", self.store).exit_code == 0
        written = self.folder / "log.jsonl"
        done = run("log", "export", "--store", self.store, "--personal", "--to", str(written))
        assert done.exit_code == 0, done.stderr
        found = [json.loads(each) for each in written.read_text(encoding="utf-8").splitlines()]
        for each in found:
            each["event"].pop("via", None)
            del each["decision"]["position"], each["evidence"]["position"]
        return found


class Http:
    """The API, by the tokens of a rep and of an approver; other faces are this one where they carry nothing."""

    def __init__(self, face: Face) -> None:
        self.face = face

    async def play(self, event: Line) -> None:
        """Let one event of the story happen."""
        found = await (self.approves if event["type"] == "approve" else self.records)(event)
        assert found.status == 201, found.body

    async def rep(self, method: str, path: str, body: object = None, **headers: str) -> Told:
        """Call as the rep."""
        return await self.face.call(method, path, body, self.face.token("rep", "ana"), headers)

    async def records(self, event: Line) -> Told:
        """Record an event: who acts and when are the token's and the clock's."""
        said = {k: v for k, v in event.items() if k not in ("id", "deal", "at", "actor", "type")}
        match event["type"]:
            case "open":
                return await self.rep("POST", "/v1/deals", {"deal": DEAL, "id": event["id"], **said})
            case "request":
                return await self.rep("POST", "/v1/approvals", {"deal": DEAL, **said})
        tag = dict((await self.rep("GET", f"/v1/deals/{DEAL}")).headers)[b"etag"].decode()
        said["type"] = event["type"]
        return await self.rep("PUT", f"/v1/deals/{DEAL}/events/{event['id']}", said, **{"if-match": tag})

    async def approves(self, event: Line) -> Told:
        """Answer the request as the approver."""
        token = self.face.token("approver:director", "dana")
        return await self.face.call(
            "POST", f"/v1/approvals/{request_id(DEAL, ASKED)}", {"terms": event["terms"]}, token
        )


class Page(Http):
    """The forms of a rep and of an approver: they carry all of it."""

    async def play(self, event: Line) -> None:
        """Send the form that says it."""
        sent = {"event": event["id"], "by": event.get("by", "us"), "what": event["type"]}
        sent |= {f"t.{issue}": value for issue, value in event.get("terms", {}).items()}
        match event["type"]:
            case "open":
                facts = {f"f.{fact}": value for fact, value in event["facts"].items()}
                await self.sends("/deals", {"deal": DEAL, "event": event["id"], "party": event["party"], **facts})
            case "request":
                await self.sends(f"/deals/{DEAL}/ask", sent)
            case "approve":
                sent["answer"] = "approve"
                await self.sends(f"/approvals/{request_id(DEAL, ASKED)}", sent, "dana", "approver:director")
            case _:
                tag = dict((await self.rep("GET", f"/v1/deals/{DEAL}")).headers)[b"etag"].decode().strip('"')
                await self.sends(f"/deals/{DEAL}/record", {**sent, "tag": tag, "outcome": event.get("outcome", "")})

    async def sends(self, path: str, form: Mapping[str, str], sub: str = "ana", role: str = "rep") -> None:
        """Send a form on a visit of somebody."""
        visits = self.face.front.visits
        cookie = visits.begin(identity(sub, [role], ["*"]))
        headers = {"cookie": f"{self.face.pages.cookie}={cookie}", "origin": "http://face"}
        headers["content-type"] = "application/x-www-form-urlencoded"
        data = urlencode({**form, "form_token": visits.form_token(cookie)}).encode()
        found = await self.face.call("POST", path, data, headers=headers)
        assert found.status == 303, found.body


class Mcp(Http):
    """The tools of a rep's host, which records what happens in a deal; it opens none, and approves nothing."""

    async def records(self, event: Line) -> Told:
        """Record an event by the tool."""
        if event["type"] == "open":
            return await super().records(event)
        who = identity("ana", ["rep"], ["*"])
        said = {k: v for k, v in event.items() if k not in ("id", "deal", "at", "actor")}
        state = (await self.face.tool(who, "deal_state", {"deal": DEAL}))["state"]
        arguments = {"deal": DEAL, "id": event["id"], "event": said, "state": state}
        told = await self.face.tool(who, "record_event", arguments)
        return Told(201 if told.get("event") == event["id"] else 422, (), json.dumps(told).encode())


class AuthZen(Http):
    """Questions before our offers and the approval, and the request for it; nothing else is its to record.

    What is answered has to be what the log says of the event afterwards, as the API records it.
    """

    async def play(self, event: Line) -> None:
        """Ask, then do it."""
        if event["type"] == "request":
            await self.requests(event)
            return
        if event["type"] == "approve":
            ask = {"action": {"name": "approve"}, "properties": {"request": request_id(DEAL, ASKED)}}
            assert (await self.asks("dana", "approver:director", **ask))["decision"]
        told = {}
        if event["type"] == "offer" and event["by"] == "us":
            ask = {"action": {"name": "send_offer"}, "properties": {"terms": event["terms"]}}
            told = await self.asks("ana", "rep", **ask)
        await super().play(event)
        if told:
            last = (await self.face.asked(lambda session: session.decisions(deal=DEAL)))[-1]
            assert told["context"]["verdict"] == last.head.verdict
            assert told["decision"] == (last.head.verdict == "proceed")

    async def asks(self, sub: str, role: str, action: Any, properties: Any) -> Any:
        """Ask whether something may be done."""
        asked = self.question(sub, action, properties)
        found = await self.face.call("POST", "/access/v1/evaluation", asked, self.face.token(role, sub))
        assert found.status == 200, found.body
        return found.json

    def question(self, sub: str, action: Any, properties: Any) -> dict[str, Any]:
        """Return a question about the deal."""
        resource = {"type": "deal", "id": DEAL, "properties": properties}
        return {"subject": {"type": "user", "id": sub}, "action": action, "resource": resource}

    async def requests(self, event: Line) -> None:
        """Ask whether the offer may be sent, and have the approval asked for that the no names."""
        ask = {"action": {"name": "send_offer"}, "properties": {"terms": event["terms"]}}
        no = (await self.asks("ana", "rep", **ask))["context"]
        assert (no["verdict"], no["reason"]) == ("escalate", "approval_required")
        denial = {"evaluation_id": no["evaluation_id"], "expires_at": no["access_request"]["expires_at"]}
        found = await self.rep("POST", "/access/v1/requests", {**self.question("ana", **ask), "denial": denial})
        assert found.status == 202, found.body


class Wire(Http):
    """Messages of A2CN: the opening, offers of both and their acceptance; its end is theirs to leave, so by HTTP.

    Its messages say who wrote each, by DID and agent, until when an offer holds, that it has no Incoterm, of which
    offer an acceptance is, and the currency; and nobody in particular opens a session.
    """

    THEM, US = "did:web:buyer.example/buying-1", "did:web:seller.example/ana"
    MORE: Mapping[str, Any] = {
        "m0": {"currency": "USD", "actor": None},
        "m1": {"until": "2026-05-04T10:16:00Z", "actor": THEM},
        "m2": {"until": "2026-05-04T10:17:00Z", "actor": US},
        "m3": {"until": "2026-05-04T10:18:00Z", "actor": THEM},
        "m4": {"until": "2026-05-04T10:21:00Z", "actor": US},
        "m5": {"of": "m4", "actor": THEM},
    }

    @classmethod
    def said(cls, event: Line) -> dict[str, Any]:
        """Return an event of the story with what its message says beside."""
        found = {**event, **cls.MORE.get(event["id"], {})}
        if event["type"] == "offer":
            found["terms"] = {**event["terms"], "incoterm": None}
        return {key: value for key, value in found.items() if value is not None}

    async def play(self, event: Line) -> None:
        """Let a message come, or be sent, and decide the events that it is."""
        if event["id"] == "m0":
            ack = VECTORS["ack"]
            ours = {**ack["responder"], "agent_id": "ana"}
            us, ack = ours["did"], {**ack, "responder": ours}
            taken = begin(raw(VECTORS["init"]), raw(ack), WIRE, us=us, deal=DEAL, party=event["party"])
        elif event["id"] in self.MORE:
            said = {key: value for key, value in event.get("terms", {}).items() if value is not None}
            message = encode({**event, "terms": said}, self.session, WIRE)
            signed = {**message, "protocol_act_signature": "s", "acceptance_signature": "s"}
            taken = decode(raw(signed), self.session, WIRE, at=event["at"])
        else:
            await super().play(event)
            return
        assert isinstance(taken, TakenMessage), taken
        self.session = taken.session
        for each in taken.lines:
            await self.face.decide(each)


def command(event: Line, stage: Stage) -> list[str]:
    """Return the command that says an event; a request has none but `record`, of a file."""
    words = ["--policy", str(stage.policy), "--store", stage.store]
    if event["type"] == "request":
        typed = stage.folder / "request.jsonl"
        typed.write_text(json.dumps(event), encoding="utf-8")
        return ["record", *words, str(typed)]
    words += ["--yes"]
    for key in ("id", "at", "by", "actor", "approver", "role", "until", "of", "party", "currency"):
        words += [f"--{key}", event[key]] if key in event else []
    terms = {**event.get("facts", {}), **event.get("terms", {})}
    outcome = [event["outcome"]] if "outcome" in event else []
    words += ["--other", "incoterm="] if terms.pop("incoterm", "") is None else []
    return [event["type"], DEAL, *outcome, *(f"{k}={v}" for k, v in terms.items()), *words]


def by_commands(stage: Stage, story: tuple[Line, ...] = STORY) -> list[dict[str, Any]]:
    """Play the story by the command line."""
    for event in story:
        done = run(*command(event, stage))
        assert done.exit_code in (0, 1), (event, done.stdout, done.stderr)
    return stage.entries()


def by_server(stage: Stage, kind: type[Http], story: tuple[Line, ...] = STORY) -> list[dict[str, Any]]:
    """Play the story by a face of a server, whose clock is the story's."""

    async def played(face: Face) -> None:
        player = kind(face)
        for event in story:
            face.now = datetime.fromisoformat(event["at"]).astimezone(UTC)
            await player.play(event)

    with closing(Face(str(stage.policy), stage.folder / "served", stage.store, Core.BOTH)) as face:
        asyncio.run(played(face))
    return stage.entries()


def verdicts(entries: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return what was decided, in order."""
    return tuple(each["decision"]["verdict"] for each in entries)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what the command line leaves."""
    return by_commands(Stage(tmp_path_factory.mktemp("told") / "commands"))


@pytest.mark.parametrize("kind", [Http, Page, Mcp, AuthZen])
def test_same_law_at_every_face(tmp_path: Path, told: list[dict[str, Any]], kind: type[Http]) -> None:
    """What the command line left is what the face leaves, to the last fact, but for `via`."""
    assert verdicts(told) == VERDICTS
    assert by_server(Stage(tmp_path / "face"), kind) == told


def test_same_law_on_a_wire(tmp_path: Path) -> None:
    """Messages are the same events as those typed with what a message says beside."""
    story = tuple(Wire.said(event) for event in STORY)
    told = by_commands(Stage(tmp_path / "commands"), story)
    assert verdicts(told) == VERDICTS
    assert by_server(Stage(tmp_path / "face"), Wire, story) == told
