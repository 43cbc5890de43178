"""AuthZEN's requests for access: what was answered with a no is asked for, followed, and evaluated anew."""

from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.edge.authzen.test_authzen import ana, evaluated, offer, one, server  # noqa: E402
from tests.helpers.serving import Client, Server  # noqa: E402

__all__ = ["ana", "server"]

pytestmark = pytest.mark.serve

DEEP = {"discount": "9%", "prepay": "yes", "term": "36 months"}


def escalating(ana: Client, deal: str) -> str:
    """Open a deal in which `DEEP` wants an approval of somebody who made no move there."""
    assert ana.opens(deal).status == 201
    ana.put(deal, "e2", {"type": "offer", "by": "them", "terms": {"discount": "30%"}})
    ours = {"type": "offer", "by": "us", "terms": {"discount": "0%", "term": "24 months"}}
    assert ana.put(deal, "e3", ours).status == 201
    ana.put(deal, "e4", {"type": "offer", "by": "them", "terms": {"discount": "25%"}})
    return deal


def submission(question: dict[str, Any], answer: Any, **more: Any) -> dict[str, Any]:
    """Return what asks for what was answered with a no."""
    context = answer["context"]
    denial = {"evaluation_id": context["evaluation_id"], "expires_at": context["access_request"]["expires_at"]}
    return {**question, "denial": denial, **more}


def test_an_escalation_is_asked_for_followed_and_evaluated_anew(server: Server, ana: Client) -> None:
    """A no names where to ask; its task is the request in the approvers' queue, and once given the answer is yes."""
    deal = escalating(ana, "D-ask")
    question = offer(DEEP, deal=deal)
    answer = evaluated(ana, question).json
    assert (answer["decision"], answer["context"]["reason"]) == (False, "approval_required")
    assert answer["context"]["access_request"]["endpoint"] == f"{server.url}/access/v1/requests"
    body = submission(question, answer, context={"business_justification": "They leave by Friday."})
    key = {"Idempotency-Key": "a-1"}
    first = ana.call("POST", "/access/v1/requests", body, key)
    assert (first.status, first.json["task"]["status"]) == (202, "pending"), first.body
    assert ana.call("POST", "/access/v1/requests", body, key).body == first.body
    other = ana.call("POST", "/access/v1/requests", {**body, "context": {}}, key)
    assert (other.status, other.json["type"]) == (409, "urn:openid:authzen:access-request:error:duplicate_request")
    where = first.headers["location"].removeprefix(server.url)
    assert where == first.json["task"]["status_endpoint"].removeprefix(server.url)
    of = first.json["task"]["id"]
    dana = server.client("approver:director", sub="dana")
    assert dana.get(f"/v1/approvals/{of}").json["note"] == "They leave by Friday."
    resource = {"type": "deal", "id": deal, "properties": {"request": of}}
    may = one({"type": "user", "id": "dana"}, {"name": "approve"}, resource)
    assert evaluated(dana, may).json["decision"] is True
    assert evaluated(ana, {**may, "subject": {"type": "user", "id": "ana"}}).json["decision"] is False
    assert dana.post(f"/v1/approvals/{of}", {"until": "2036-12-31T00:00:00Z"}).status == 201
    done = ana.get(where).json
    assert (done["task"]["status"], done["result"]["mode"]) == ("approved", "reevaluate")
    assert done["result"]["approval"]["approved_until"] == "2036-12-31T00:00:00Z"
    assert evaluated(ana, {**question, "context": {"approval": done["result"]["approval"]}}).json["decision"] is True
    assert "this request is settled" in evaluated(dana, may).json["context"]["reason"]


def test_a_request_that_is_declined_or_of_a_deal_that_is_over_is_not_approved(server: Server, ana: Client) -> None:
    """Denied says the first, expired the second; a feed asks for the people it was given."""
    dana = server.client("approver:director", sub="dana")
    feed = server.client("feed", sub="crm", behalf="ana")
    told = []
    for deal, client in (("D-no", ana), ("D-over", feed)):
        question = offer(DEEP, deal=escalating(ana, deal))
        reply = client.post("/access/v1/requests", submission(question, evaluated(client, question).json))
        assert reply.status == 202, reply.body
        told.append(reply.json["task"]["id"])
    assert dana.get(f"/v1/approvals/{told[1]}").json["by"] == "ana"
    assert dana.post(f"/v1/approvals/{told[0]}", {"answer": "decline", "reason": "no"}).status == 200
    assert ana.put("D-over", "e9", {"type": "close", "outcome": "lost"}).status == 201
    states = [feed.get(f"/access/v1/requests/{of}").json["task"]["status"] for of in told]
    assert states == ["denied", "expired"]
    assert server.client("rep", deals="E-*").get(f"/access/v1/requests/{told[0]}").status == 404
    assert server.client("auditor", sub="otto").get(f"/access/v1/requests/{told[0]}").status == 403


@pytest.mark.parametrize(
    "change",
    [
        {"denial": {"evaluation_id": "eval-0"}},
        {"denial": {"expires_at": "2036-01-01T00:00:00Z"}},
        {"denial": {"expires_at": 7}},
        {"denial": {"evaluation_id": None}},
        {"action": {"name": "accept"}},
        {"resource": {"type": "deal", "id": "D-bound", "properties": {"terms": {"discount": "1%"}}}},
        {"subject": {"type": "user", "id": "ben"}},
    ],
)
def test_only_what_was_answered_with_a_no_is_asked_for(ana: Client, change: dict[str, Any]) -> None:
    """Another subject, action, resource or end than was answered is told by the profile's name, and asks nobody."""
    if ana.get("/v1/deals/D-bound").status == 404:
        escalating(ana, "D-bound")
    question = offer(DEEP, deal="D-bound")
    body = submission(question, evaluated(ana, question).json)
    body |= {k: {**body[k], **v} if k == "denial" else v for k, v in change.items()}
    reply = ana.post("/access/v1/requests", body)
    name = "urn:openid:authzen:access-request:error:invalid_denial_binding"
    assert (reply.status, reply.json["type"]) == (400, name), reply.body
    assert all(f["hint"] for f in reply.json["findings"])
    assert ana.get("/v1/deals/D-bound").json["events"] == ["e1", "e2", "e3", "e4"]


def test_rejecting_and_closing_rest_on_where_the_deal_stands(ana: Client) -> None:
    """An offer of theirs may be rejected while it stands, a deal closed while it goes on; by whoever sees it."""

    def may(action: str, deal: str) -> Any:
        return evaluated(ana, {**offer({}, deal=deal), "action": {"name": action}}).json["decision"]

    assert ana.opens("D-fresh").status == 201
    assert (may("reject", "D-fresh"), may("close", "D-fresh")) == (False, True)
    ana.put("D-fresh", "e2", {"type": "offer", "by": "them", "terms": {"discount": "30%"}})
    assert may("reject", "D-fresh") is True
    ana.put("D-fresh", "e3", {"type": "close", "outcome": "lost"})
    assert (may("reject", "D-fresh"), may("close", "D-fresh"), may("close", "D-404")) == (False, False, False)
