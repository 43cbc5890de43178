"""Obligations of an answer (AuthZEN Profile for Obligations, draft of July 2026): what the enforcement point has to do.

They are all of type `custom`, since the draft knows none that negotiates. An enforcement point has to take a yes for a
no where it does not know an obligation of it: so a yes has one for those alone that say they know the type.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from walkaway import Need, Obligation
from walkaway_edge.authzen.messages import EvaluationRequest

TYPE = "custom"
DECLARED = "obligations_supported"
"""What the configuration and a question's context call the types that one side knows."""
VENDOR = "walkaway"
_ACTIONS = {Need.ASK: "counter", Need.APPROVAL: "request_approval", Need.WAIT: "wait", Need.PREPARE: "prepare"}


def of_a_no(asked: EvaluationRequest, needed: Sequence[Obligation]) -> dict[str, Any]:
    """Return what has to happen before a no changes; nothing for an enforcement point that says it knows no such type.

    To be done whatever comes of it: each is an obligation on a denial.
    """
    declared = asked.context.get(DECLARED)
    if not needed or (isinstance(declared, list) and TYPE not in declared):
        return {}
    numbered = enumerate(needed, 1)
    return {"obligations": [_said(n, _ACTIONS[o.kind], {"rule": o.rule, "what": o.what}) for n, o in numbered]}


def of_a_yes(asked: EvaluationRequest, permit: str) -> dict[str, Any]:
    """Return that a permit is to be redeemed before anything is sent, for who says they know the type."""
    declared = asked.context.get(DECLARED)
    if not permit or not isinstance(declared, list) or TYPE not in declared:
        return {}
    return {"obligations": [_said(1, "redeem_permit", {"permit": permit})]}


def _said(number: int, action: str, more: Mapping[str, str]) -> dict[str, str]:
    return {"type": TYPE, "id": f"obligation-{number}", "vendor": VENDOR, "action": action, **more}
