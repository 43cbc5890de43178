"""Stop all our offers, in every deal, and let them go on: for whoever has the policy's highest role."""

from typing import Any

import msgspec
from starlette.responses import Response

from walkaway import EVERY_DEAL, Session
from walkaway_edge.http.answers import problem
from walkaway_edge.http.call import Call, answer
from walkaway_edge.http.deals import decided
from walkaway_edge.http.desk import Outcome, Write


def show(call: Call, session: Session) -> Response:
    """Say whether all offers are stopped."""
    return answer({"halted": session.halted})


def change(call: Call, session: Session) -> Response | Write:
    """Record that all offers are stopped, or go on."""
    body = call.read(("halt", "reason"))
    halt, reason = body.get("halt"), body.get("reason")
    if not isinstance(halt, bool):
        raise problem("wrong-field", "`halt` is true or false", "/halt", 'write `"halt": true`')
    if not isinstance(reason, str) or not reason.strip():
        raise problem("wrong-field", "say why", "/reason", 'write `"reason": "…"`')
    roles = session.policy.roles
    if roles and roles[-1] not in call.who.authority:
        raise problem("not-your-role", f"all offers are stopped, and go on, by `{roles[-1]}`")
    name = call.fresh_id()
    event: dict[str, Any] = {
        "id": name,
        "at": call.at(session, call.existing(session, EVERY_DEAL), name),
        "type": "kill" if halt else "resume",
        "approver": call.who.sub,
        "reason": reason,
        **({"role": roles[-1]} if roles else {}),
    }

    def recorded(outcome: Outcome) -> Response:
        decided(outcome, body)
        return answer({"halted": halt}, 201)

    return Write(EVERY_DEAL, msgspec.json.encode(event), recorded)
