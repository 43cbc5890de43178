"""Questions of the Authorization API about deals: may this offer be sent, may theirs be accepted. Keeps nothing."""

from typing import Any

import msgspec
from starlette.responses import Response

from walkaway import Decision, InvalidInput, Session, Verdict
from walkaway_edge.authzen import obligations
from walkaway_edge.authzen.messages import EvaluationRequest, EvaluationResponse, denied
from walkaway_edge.authzen.tasks import offered
from walkaway_edge.http import approvals, sayable
from walkaway_edge.http.answers import Problem, invalid
from walkaway_edge.http.call import Call, capacity, texts
from walkaway_edge.http.desk import Write
from walkaway_edge.http.identity import Role, folded

ACTIONS = ("send_offer", "accept", "reject", "close", "approve")
_DESK = frozenset({Role.REP, Role.FEED})
_OF_AGENTS = ("send_offer", "accept")


class DecisionPoint:
    """Decides by the session, for whoever asks.

    Args:
        call: By whose token is asked: a person for themselves, a feed for the people it was given.
    """

    def __init__(self, call: Call, session: Session) -> None:
        self.call, self.session = call, session

    def __call__(self, asked: EvaluationRequest) -> EvaluationResponse:
        """Return whether it may be done: whether the verdict is to proceed; what cannot be answered may not."""
        actor = folded(asked.subject.id)
        if asked.subject.type != "user" or actor not in (self.call.who.sub, *self.call.who.behalf):
            return denied("this token does not ask for that subject")
        if asked.action.name not in ACTIONS:
            return denied(f"an action is one of {', '.join(ACTIONS)}")
        try:
            return self.decided(asked, actor)
        except Problem as wrong:
            return denied(wrong.details.title, findings=wrong.details.findings)
        except InvalidInput as error:
            details = invalid(error.findings, asked.resource.properties).details
            return denied(details.title, findings=details.findings)

    def decided(self, asked: EvaluationRequest, actor: str) -> EvaluationResponse:
        """Ask the session.

        Raises:
            Problem, InvalidInput: Where there is no answer.
        """
        state = self.call.state(self.session, asked.resource.id if asked.resource.type == "deal" else "")
        action = asked.action.name
        if action == "reject" and not (state.is_open and self.is_theirs_standing(state.deal)):
            return denied("no offer of theirs is on the table")
        if action == "close" and not state.is_open:
            return denied("this deal is over")
        if action in ("reject", "close"):
            return EvaluationResponse(True)
        if action == "approve":
            return self.approved(asked, actor)
        if not self.call.who.may(_DESK):
            return denied("this token records no offers")
        terms = texts(asked.resource.properties, "terms") if action == "send_offer" else None
        at = asked.context.get("at")
        when = at if isinstance(at, str) else self.call.at(self.session, state)
        role = capacity(self.call, self.session) if actor == self.call.who.sub else ""
        decision = self.session.check(state.deal, terms, actor=actor, at=when, role=role)
        found = told(asked, decision)
        if decision.verdict is Verdict.ESCALATE and terms is not None and "at" not in asked.context:
            briefing = self.session.ask(state.deal, terms, actor=actor, at=when, search=False, role=role)
            if briefing.approvals.needed:
                said = {**found.context, **offered(self.call.front, asked)}
                return msgspec.structs.replace(found, context=said)
        return found

    def is_theirs_standing(self, deal: str) -> bool:
        """Return whether the last thing that they said of terms is an offer."""
        said = [turn.what for turn in self.session.history(deal).turns if turn.by == "them"]
        return said[-1:] == ["offer"]

    def approved(self, asked: EvaluationRequest, actor: str) -> EvaluationResponse:
        """Say whether somebody may give the approval that a request wants, of which they hold the authority."""
        of = asked.resource.properties.get("request")
        found = self.call.front.requests.find(self.session, of) if isinstance(of, str) else None
        if found is None or found.deal != asked.resource.id:
            return denied("`request` of the resource's properties names a request of this deal")
        wanted = approvals.seen(self.call, self.session, found)
        if wanted.state != "open":
            return denied(f"this request is {wanted.state}")
        if actor != self.call.who.sub or not approvals.is_theirs(self.call, self.session, wanted):
            return denied(f"this wants an approval by {' and '.join(wanted.roles)}")
        return denied(wanted.barred) if wanted.barred else EvaluationResponse(True)


def told_to_agent(asked: EvaluationRequest, call: Call, session: Session) -> Response | Write:
    """Answer an agent as one may be told: it asks for itself, each answer is counted, and no reason is given."""
    if asked.subject.type != "agent" or folded(asked.subject.id) != call.who.sub or asked.action.name not in _OF_AGENTS:
        return _told(EvaluationResponse(False, {"reason": "this token does not ask that"}))
    deal = asked.resource.id if asked.resource.type == "deal" else ""
    try:
        terms = texts(asked.resource.properties, "terms") if asked.action.name == "send_offer" else None
        found = sayable.asked(call, session, deal, terms)
    except Problem as wrong:
        return _told(denied(sayable.sayable(wrong).details.title))
    if isinstance(found, Write):
        return msgspec.structs.replace(found, answer=lambda outcome: _as_evaluation(asked, found.answer(outcome)))
    return _as_evaluation(asked, found)


def _as_evaluation(asked: EvaluationRequest, response: Response) -> Response:
    said = msgspec.json.decode(bytes(response.body), type=dict[str, Any])
    is_yes = said.get("next") == "send"
    more = obligations.of_a_yes(asked, said.get("permit", "")) if is_yes else {}
    return _told(EvaluationResponse(is_yes, said | more))


def _told(response: EvaluationResponse) -> Response:
    return Response(msgspec.json.encode(response), media_type="application/json")


def told(asked: EvaluationRequest, decision: Decision) -> EvaluationResponse:
    """Return a decision as our own people are told it: the verdict, its reasons, and what has to happen first."""
    context: dict[str, Any] = {
        "verdict": decision.verdict.value,
        "evaluated_at": decision.at,
        "advice": decision.advice,
        "reasons": [{"rule": r.rule, "why": r.why} for r in decision.reasons if r.standing == "decides"],
        "needs": [{"kind": o.kind.value, "rule": o.rule, "what": o.what} for o in decision.obligations],
    }
    more = {} if decision.is_yes else obligations.of_a_no(asked, decision.obligations)
    return EvaluationResponse(decision.is_yes, context | more)
