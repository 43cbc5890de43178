"""The messages of Concordia 0.1, with the fields that are read, and the hash by which the next one names each."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from walkaway import Code
from walkaway.language.instants import instant_of
from walkaway_edge.wires.outcomes import Misfit, canonical, unsafe

VERSION = "0.1.0"
GENESIS = f"sha256:{'0' * 64}"
"""What the first message of a session names as the one before."""
KINDS = (
    "open", "accept_session", "decline_session", "offer", "counter", "accept", "reject", "inquire", "constrain",
    "signal", "withdraw", "propose_mediator", "resolve", "commit",
)  # fmt: skip
_Named = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=190)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
STATUS = {
    "invalid_message": 400,
    "not_understood": 422,
    "unknown_version": 400,
    "unknown_session": 404,
    "unknown_sender": 403,
    "broken_chain": 409,
    "not_active": 409,
    "expired": 409,
    "no_such_offer": 409,
    "too_many_rounds": 422,
}
"""Why a message is refused, in words of ours, since the wire has none; and as which HTTP status."""


class Sender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agent."""

    agent_id: _Named
    principal_id: str | None = None


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message; of its optional fields `to`, `references` and the signature do not count here."""

    concordia: str
    type: str
    id: _Id
    session_id: _Named
    timestamp: str
    sender: Sender = msgspec.field(name="from")
    prev_hash: str
    body: Mapping[str, Any]
    signature: str = ""
    in_reply_to: str = ""
    ttl: _Seconds | None = None
    reasoning: Annotated[str, msgspec.Meta(max_length=4_000)] = ""
    to: Any = None
    references: Any = None


def read_envelope(found: Mapping[str, Any]) -> Envelope:
    """Read what is common to all messages.

    Raises:
        Misfit: Where something does not fit.
    """
    if "thread" in found:
        raise Misfit({"/thread": "there are no talks within these talks"}, "not_understood", Code.EVENT_FIELD)
    for pointer in unsafe(found):
        wrong = {pointer: "a number here is written alike by all who hash it: 15 digits, and no tiny fraction"}
        raise Misfit(wrong, "invalid_message", Code.EVENT_VALUE)
    try:
        message = msgspec.convert(found, Envelope)
    except msgspec.ValidationError as problem:
        what, _, where = str(problem).partition(" - at `$")
        pointer = where.rstrip("`").replace(".", "/")
        raise Misfit({pointer: what[:1].lower() + what[1:]}, "invalid_message", Code.EVENT_FIELD) from problem
    if message.concordia != VERSION:
        raise Misfit({"/concordia": f"the version is {VERSION}"}, "unknown_version", Code.EVENT_FIELD)
    if kind_of(message) not in KINDS:
        raise Misfit({"/type": f"`type` is `negotiate.` and one of {', '.join(KINDS)}"}, "invalid_message")
    return message


def kind_of(message: Envelope) -> str:
    """Return the type of a message, without what all have in front."""
    return message.type.removeprefix("negotiate.") if message.type.startswith("negotiate.") else ""


def instant(text: str, pointer: str) -> int:
    """Return an instant in microseconds since 1970, UTC."""
    found = instant_of(text)
    if found is None or not text.endswith("Z"):
        wrong = {pointer: "an instant is written as 2026-10-05T09:00:00Z"}
        raise Misfit(wrong, "invalid_message", Code.BAD_INSTANT)
    return found


def chain_hash(message: Mapping[str, Any]) -> str:
    """Return the hash by which the next message names this one, its signature included (section 9.3)."""
    return f"sha256:{hashlib.sha256(canonical(message)).hexdigest()}"


def to_sign(message: Mapping[str, Any]) -> bytes:
    """Return what of a message is signed: all of it but the signature (section 9.2)."""
    return canonical({name: value for name, value in message.items() if name != "signature"})
