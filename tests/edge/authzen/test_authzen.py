"""AuthZEN: what the certification scenario asks of Basic, Batch and Discovery, and deals behind the same endpoints."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.serving import Client, Reply, Server, serving  # noqa: E402

from walkaway_edge.authzen.messages import EvaluationRequest, EvaluationResponse, answered  # noqa: E402
from walkaway_edge.http.answers import Problem  # noqa: E402

pytestmark = pytest.mark.serve

ALICE, BOB = {"type": "user", "id": "alice"}, {"type": "user", "id": "bob"}
ADMIN = {**BOB, "properties": {"role": "admin"}}
FIRST, SECOND = {"type": "record", "id": "record-1"}, {"type": "record", "id": "record-2"}
ACTIVE = {**FIRST, "properties": {"status": "active"}}
ARCHIVED = {**SECOND, "properties": {"status": "archived"}}
READ, WRITE = {"name": "read"}, {"name": "write"}
SOFT, HARD = ({"name": "delete", "properties": {"soft": soft}} for soft in (True, False))


def fixture(asked: EvaluationRequest) -> EvaluationResponse:
    """Decide as the scenario's fixture: by name, by what is archived, by who is an admin, by how to delete."""
    is_archived = asked.resource.properties.get("status") == "archived"
    match asked.action.name:
        case "read":
            return EvaluationResponse(True)
        case "write" if is_archived:
            return EvaluationResponse(asked.subject.properties.get("role") == "admin")
        case "write":
            return EvaluationResponse(asked.subject.id == "alice")
        case _:
            return EvaluationResponse(asked.action.properties.get("soft") is True)


def one(subject: Any, action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    """Return a question."""
    return {"subject": subject, "action": action, "resource": resource, **more}


def asked(question: object, *, batch: bool = False) -> Any:
    """Ask the fixture."""
    return json.loads(answered(json.dumps(question).encode(), fixture, batch=batch))


def decisions(question: object) -> list[bool]:
    """Ask several at once."""
    return [each["decision"] for each in asked(question, batch=True)["evaluations"]]


# Basic


@pytest.mark.parametrize(
    ("question", "decision"),
    [
        (one(ALICE, READ, FIRST), True),
        (one(ALICE, WRITE, FIRST), True),
        (one(BOB, READ, FIRST), True),
        (one(BOB, WRITE, FIRST), False),
        (one(ALICE, WRITE, ARCHIVED), False),
        (one(ADMIN, WRITE, ARCHIVED), True),
        (one(ALICE, SOFT, FIRST), True),
        (one(ALICE, HARD, FIRST), False),
        (one(ALICE, READ, FIRST, context={"time": "2026-11-30T09:00-05:00", "ip": "192.0.2.1"}), True),
        (
            one({**ALICE, "properties": {"department": "Sales"}}, {**READ, "properties": {"method": "GET"}}, ACTIVE),
            True,
        ),
        (one(ALICE, READ, FIRST, later={"nested": True}, extra="x"), True),
    ],
)
def test_the_fixture_is_decided(question: dict[str, Any], decision: bool) -> None:
    """Its eight rules, with a context, with further properties and with unknown fields; each time alike."""
    assert [asked(question) for _ in range(3)] == [{"decision": decision}] * 3
    assert asked(question, batch=True) == {"decision": decision}
    assert asked({**question, "evaluations": []}, batch=True) == {"decision": decision}


WHOLE = one(ALICE, READ, FIRST)


@pytest.mark.parametrize(
    "question",
    [
        *({k: v for k, v in WHOLE.items() if k != left_out} for left_out in WHOLE),
        *({**WHOLE, of: {k: v for k, v in WHOLE[of].items() if k != key}} for of in WHOLE for key in WHOLE[of]),
        {**WHOLE, "subject": "alice"},
        {**WHOLE, "action": {"name": 123}},
        {**WHOLE, "resource": {**FIRST, "properties": []}},
        {**WHOLE, "context": "now"},
        [],
        "",
        None,
    ],
)
def test_what_is_no_question_is_status_400(question: object) -> None:
    """Whatever is missing or of another type, at both endpoints."""
    for batch in (False, True):
        with pytest.raises(Problem) as wrong:
            asked(question, batch=batch)
        assert wrong.value.details.status == 400


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"subject": {"type": "user", "id": "a", "id": "b"}}', b"{} {}"]
)
def test_what_is_no_json_is_status_400(body: bytes) -> None:
    """Empty, broken, not UTF-8, too deep, or with a key twice."""
    with pytest.raises(Problem) as wrong:
        answered(body, fixture, batch=False)
    assert wrong.value.details.status == 400


# Batch


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}, {"resource": SECOND}]}, [True, True]),
        ({"subject": BOB, "resource": FIRST, "evaluations": [{"action": READ}, {"action": WRITE}]}, [True, False]),
        (
            {"subject": ALICE, "action": WRITE, "evaluations": [{"resource": ACTIVE}, {"resource": ARCHIVED}]},
            [True, False],
        ),
        (
            {"action": WRITE, "resource": ARCHIVED, "evaluations": [{"subject": ALICE}, {"subject": ADMIN}]},
            [False, True],
        ),
        ({"evaluations": [one(ALICE, READ, FIRST), one(BOB, WRITE, FIRST)]}, [True, False]),
        (
            {
                **one(ALICE, WRITE, {"type": "record", "properties": {"status": "archived"}}),
                "evaluations": [{"resource": {"id": "record-1"}}, {"resource": ARCHIVED}],
            },
            [True, False],
        ),
        ({"subject": ALICE, "action": READ, "evaluations": [{"resource": FIRST}, {}, 5]}, [True, False, False]),
        ({"subject": ALICE, "action": READ, "evaluations": [{"resource": "x"}, {"resource": FIRST}]}, [False, True]),
    ],
)
def test_several_are_decided_in_their_order(question: dict[str, Any], expected: list[bool]) -> None:
    """Each with defaults by whole objects; what is wrong with one denies that one."""
    assert decisions(question) == expected


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        ("execute_all", [True, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_a_batch_may_end_early(semantic: str, expected: list[bool]) -> None:
    """At the first no, or at the first yes."""
    several = [{"action": READ}, {"action": WRITE}, {"action": READ}]
    question = {
        "subject": BOB,
        "resource": FIRST,
        "evaluations": several,
        "options": {"evaluations_semantic": semantic},
    }
    assert decisions(question) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"options": {"evaluations_semantic": "some"}},
        {"options": []},
        {"evaluations": {}, "x": 1},
        {"evaluations": "all"},
        {"evaluations": [WHOLE] * 101},
        {"subject": "alice"},
    ],
)
def test_a_batch_that_is_none_is_status_400(more: dict[str, Any]) -> None:
    """Too many, an order that is not known, or defaults of another type."""
    if more.get("evaluations") == {}:
        more = {"evaluations": {"a": 1}}
    with pytest.raises(Problem) as wrong:
        asked({"evaluations": [WHOLE], **more}, batch=True)
    assert wrong.value.details.status == 400


# Deals


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server with a deal, that answers the Authorization API."""
    with serving(tmp_path_factory.mktemp("authzen"), "--authzen") as found:
        ana = found.client("rep")
        assert ana.opens("D-1").status == 201
        ana.put("D-1", "e2", {"type": "offer", "by": "them", "terms": {"discount": "30%"}})
        yield found


@pytest.fixture(scope="module")
def ana(server: Server) -> Client:
    """Return a rep."""
    return server.client("rep", deals="D-*")


def offer(terms: Any, actor: str = "ana", deal: str = "D-1", **subject: Any) -> dict[str, Any]:
    """Return the question whether an offer may be sent."""
    said = {"type": "user", "id": actor, **subject}
    return one(said, {"name": "send_offer"}, {"type": "deal", "id": deal, "properties": {"terms": terms}})


def evaluated(client: Client, question: object) -> Reply:
    """Ask a server."""
    return client.post("/access/v1/evaluation", question)


def test_an_offer_may_be_sent_where_the_verdict_is_to_proceed(ana: Client) -> None:
    """The answer says the verdict, why, and what has to happen first; nothing is recorded."""
    tag = ana.tag("D-1")
    good = evaluated(ana, offer({"term": "24 months"}))
    assert (good.status, good.json["decision"], good.json["context"]["verdict"]) == (200, True, "proceed")
    bad = evaluated(ana, offer({"discount": "5%"})).json
    assert (bad["decision"], bad["context"]["verdict"]) == (False, "trade")
    assert bad["context"]["reasons"][0]["rule"] == "nothing-for-nothing"
    assert bad["context"]["needs"][0]["kind"] == "ask"
    accepting = evaluated(ana, {**offer({}), "action": {"name": "accept"}}).json
    assert (accepting["decision"], accepting["context"]["verdict"]) == (False, "refuse")
    assert ana.tag("D-1") == tag


@pytest.mark.parametrize(
    "question",
    [
        offer({"discount": 5}),
        offer({"discount": "5"}),
        offer({"dicsount": "5%"}),
        offer([]),
        offer({}),
        offer({"term": "24 months"}, actor="ben"),
        offer({"term": "24 months"}, type="agent"),
        offer({"term": "24 months"}, deal="D-2"),
        {**offer({"term": "24 months"}), "action": {"name": "sell"}},
        {**offer({}), "action": {"name": "approve"}},
        {**offer({"term": "24 months"}), "resource": {"type": "record", "id": "D-1"}},
        {**offer({"term": "24 months"}), "context": {"at": "1999-01-01T00:00:00Z"}},
    ],
)
def test_what_cannot_be_answered_is_a_no(ana: Client, question: dict[str, Any]) -> None:
    """Numbers without a unit, others' names, agents, unknown deals and actions: no, with a reason, and no error."""
    reply = evaluated(ana, question)
    assert (reply.status, reply.json["decision"]) == (200, False)
    assert reply.json["context"]["reason"]


def test_a_deal_out_of_scope_and_none_are_the_same_no(server: Server, ana: Client) -> None:
    """Byte for byte."""
    server.client("rep").opens("E-1")
    answers = [evaluated(ana, offer({"term": "24 months"}, deal=deal)).body for deal in ("E-1", "E-2")]
    assert answers[0] == answers[1]


def test_a_feed_asks_for_the_people_it_was_given(server: Server) -> None:
    """And for nobody else."""
    feed = server.client("feed", sub="crm", behalf="ana")
    assert evaluated(feed, offer({"term": "24 months"}, actor="Ana")).json["decision"] is True
    assert evaluated(feed, offer({"term": "24 months"}, actor="ben")).json["decision"] is False
    auditor = server.client("auditor", sub="otto")
    assert evaluated(auditor, offer({"term": "24 months"}, actor="otto")).status == 403
    assert evaluated(Client(server.url), offer({})).status == 401


def test_several_offers_are_asked_about_at_once(ana: Client) -> None:
    """All against one state of the deal, in their order."""
    resources = [offer(terms)["resource"] for terms in ({"term": "24 months"}, {"discount": "5%"})]
    question = {**offer({}), "evaluations": [{"resource": each} for each in resources]}
    reply = ana.post("/access/v1/evaluations", question)
    assert [each["decision"] for each in reply.json["evaluations"]] == [True, False]


def test_a_no_says_what_has_to_be_done_first_as_obligations(ana: Client) -> None:
    """Each is of type custom, named, and ours; none for an enforcement point that knows no such type; none on a yes."""
    bad = evaluated(ana, offer({"discount": "5%"})).json["context"]
    assert [(o["type"], o["vendor"], o["action"], o["rule"], o["what"]) for o in bad["obligations"]] == [
        ("custom", "walkaway", "counter", need["rule"], need["what"]) for need in bad["needs"]
    ]
    assert len({each["id"] for each in bad["obligations"]}) == len(bad["needs"]) > 0
    for declared, has in ((["custom", "step-up"], True), (["step-up"], False), ([], False), ("custom", True)):
        question = {**offer({"discount": "5%"}), "context": {"obligations_supported": declared}}
        assert ("obligations" in evaluated(ana, question).json["context"]) is has
        good = {**offer({"term": "24 months"}), "context": {"obligations_supported": declared}}
        assert "obligations" not in evaluated(ana, good).json["context"]
    several = {**offer({}), "evaluations": [{"resource": offer({"discount": "5%"})["resource"]}] * 2}
    told = ana.post("/access/v1/evaluations", several).json["evaluations"]
    assert [each["context"]["obligations"] for each in told] == [bad["obligations"]] * 2


def test_headers_and_discovery_are_as_the_api_says(server: Server, ana: Client) -> None:
    """An id comes back, another kind of body is 400, and the endpoints are where the configuration says."""
    body = offer({"term": "24 months"})
    assert ana.call("POST", "/access/v1/evaluation", body, {"X-Request-ID": "a-1"}).headers["x-request-id"] == "a-1"
    assert len(evaluated(ana, body).headers["x-request-id"]) == 16
    wrong = ana.call("POST", "/access/v1/evaluation", b"x=1", {"X-Request-ID": "a-2", "Content-Type": "text/plain"})
    assert (wrong.status, wrong.headers["x-request-id"]) == (400, "a-2")
    assert ana.call("POST", "/access/v1/evaluation", b"").status == 400
    found = Client(server.url).get("/.well-known/authzen-configuration").json
    assert found == {
        "policy_decision_point": server.url,
        "access_evaluation_endpoint": f"{server.url}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{server.url}/access/v1/evaluations",
        "access_request_endpoint": f"{server.url}/access/v1/requests",
        "obligations_supported": ["custom"],
    }
