"""Requests and answers of the Authorization API 1.0: what is asked, with defaults, and how a batch is gone through.

Knows no deals: who decides is an `Evaluator`.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from walkaway_edge.http.answers import problem
from walkaway_edge.http.call import repeated

MOST = 100
"""Evaluations in one request."""
SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")
_KEYS = ("subject", "action", "resource", "context")
_REQUIRED = {"subject": ("type", "id"), "action": ("name",), "resource": ("type", "id")}


class Entity(msgspec.Struct, frozen=True):
    """A subject or a resource."""

    type: str
    id: str
    properties: dict[str, Any] = {}


class Action(msgspec.Struct, frozen=True):
    """What is to be done."""

    name: str
    properties: dict[str, Any] = {}


class EvaluationRequest(msgspec.Struct, frozen=True):
    """Whether a subject may do something to a resource; fields that are not known here are passed over."""

    subject: Entity
    action: Action
    resource: Entity
    context: dict[str, Any] = {}


class EvaluationResponse(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision, and what else there is to say of it."""

    decision: bool
    context: Mapping[str, Any] = {}


class Evaluator(Protocol):
    """Decides one question."""

    def __call__(self, asked: EvaluationRequest) -> EvaluationResponse: ...


def answered(body: bytes, evaluate: Evaluator, *, batch: bool) -> bytes:
    """Answer a request to the endpoint of one evaluation, or to that of several.

    Raises:
        Problem: With status 400, where it cannot be understood as a whole.
    """
    found = _object(body)
    several = found.get("evaluations") if batch else None
    if not several:
        if several is not None and not isinstance(several, list):
            raise _wrong("`evaluations` is a list", "/evaluations")
        return msgspec.json.encode(evaluate(_asked(found)))
    if not isinstance(several, list) or len(several) > MOST:
        raise _wrong(f"`evaluations` is a list of {MOST} at most", "/evaluations")
    for key in _KEYS:
        if not isinstance(found.get(key, {}), dict):
            raise _wrong(f"`{key}` is an object", f"/{key}")
    answers: list[EvaluationResponse] = []
    semantic = _semantic(found)
    for each in several:
        answers.append(_one(found, each, evaluate))
        decision = answers[-1].decision
        if (semantic == "deny_on_first_deny" and not decision) or (semantic == "permit_on_first_permit" and decision):
            break
    return msgspec.json.encode({"evaluations": answers})


def single(body: bytes) -> EvaluationRequest:
    """Return the one question that a body holds.

    Raises:
        Problem: With status 400, where it cannot be understood.
    """
    return _asked(_object(body))


def _one(defaults: Mapping[str, Any], each: object, evaluate: Evaluator) -> EvaluationResponse:
    """Answer one of several; what is wrong with it denies it, and none of the others."""
    if not isinstance(each, dict):
        return denied("an evaluation is an object")
    merged = {key: _merged(key, defaults.get(key), each.get(key)) for key in _KEYS}
    try:
        asked = msgspec.convert({k: v for k, v in merged.items() if v is not None}, type=EvaluationRequest)
    except msgspec.ValidationError as error:
        return denied(str(error))
    return evaluate(asked)


def denied(why: str, **more: Any) -> EvaluationResponse:
    """Return a no with its reason."""
    return EvaluationResponse(False, {"reason": why, **more})


def _merged(key: str, default: object, own: object) -> object:
    """Return what one evaluation says of an entity: its own object, and of the default what each has to have."""
    if own is None or not isinstance(own, dict) or not isinstance(default, dict):
        return default if own is None else own
    return {**{name: default[name] for name in _REQUIRED.get(key, ()) if name in default}, **own}


def _semantic(found: Mapping[str, Any]) -> str:
    options = found.get("options", {})
    semantic = options.get("evaluations_semantic", SEMANTICS[0]) if isinstance(options, dict) else ""
    if semantic not in SEMANTICS:
        raise _wrong(f"`evaluations_semantic` is one of {', '.join(SEMANTICS)}", "/options/evaluations_semantic")
    return str(semantic)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError) as error:
        raise _wrong(f"this is no JSON object: {type(error).__name__}", "") from error
    if twice := repeated(body):
        raise _wrong(f"`{twice[0][:40]}` stands twice in one object", "")
    return found


def _asked(found: Mapping[str, Any]) -> EvaluationRequest:
    try:
        return msgspec.convert({k: found[k] for k in _KEYS if k in found}, type=EvaluationRequest)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        raise _wrong(what, place.rstrip("`").replace(".", "/")) from error


def _wrong(what: str, pointer: str) -> Exception:
    return problem("bad-question", what[:300], pointer)
