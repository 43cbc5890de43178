"""Redeem a permit: whoever sends for an agent has its terms recorded as said, once, and only then sends them."""

import msgspec
from starlette.responses import Response

from walkaway import DeadLetter, InvalidInput, Session
from walkaway_edge.http.answers import invalid, problem
from walkaway_edge.http.call import Call, answer, texts
from walkaway_edge.http.desk import Outcome, Write
from walkaway_edge.permits.tokens import NoPermit


class Redeemed(msgspec.Struct, frozen=True):
    """A permit that was redeemed, and what may be sent now.

    Attributes:
        event: By which it is on record.
    """

    deal: str
    event: str
    act: str
    terms: dict[str, str]


def redeem(call: Call, session: Session) -> Response | Write:
    """Redeem a permit.

    Raises:
        Problem: Where it does not count, or no more: what it permits is then not to be sent.
    """
    body = call.read(("permit", "terms"))
    token, permits = body.get("permit"), call.front.permits
    if not isinstance(token, str):
        raise problem("wrong-field", "`permit` is the permit, as the agent got it", "/permit", "send it")
    if permits is None:
        raise problem("no-permit", "this server signs none")
    try:
        permit = permits.verify(token, int(call.front.clock().timestamp()), texts(body, "terms"))
    except NoPermit as why:
        raise problem("no-permit", f"this permit does not count: {why}") from None
    if permit.jti != call.params["id"]:
        raise problem("no-permit", "this is another permit than the address says")
    state = call.state(session, permit.deal)
    if permit.jti in state.events:
        raise problem("no-permit", "it was redeemed before")
    now = session.disclosure(permit.deal)
    if permit.state != permits.state(permit.deal, now.moves, now.stops) or now.halted:
        raise problem("no-permit", "its deal has moved on, or all offers are stopped")
    terms = dict(permit.terms) if permit.act == "offer" else None
    at = call.at(session, state)
    try:
        checked = session.probe(permit.deal, terms, actor=permit.sub, at=at, role=permit.role)
    except InvalidInput as error:
        raise invalid(error.findings, body) from error
    if not checked.yes or dict(checked.package) != dict(permit.terms):
        raise problem("no-permit", "these terms are not let through any more")
    said: dict[str, object] = {
        "id": permit.jti, "deal": permit.deal, "at": at, "type": permit.act, "by": "us", "actor": permit.sub,
        "via": call.who.sub,
    }  # fmt: skip
    said |= {"role": permit.role} if permit.role else {}
    said |= {"terms": checked.named} if terms is not None else {}

    def recorded(outcome: Outcome) -> Response:
        if isinstance(outcome, DeadLetter) or not outcome.is_yes:
            raise problem("no-permit", "its deal has moved on")
        return answer(Redeemed(permit.deal, permit.jti, permit.act, dict(permit.terms)))

    return Write(permit.deal, msgspec.json.encode(said), recorded)
