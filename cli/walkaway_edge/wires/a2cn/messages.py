"""The messages of A2CN 0.2 that are read, with the fields that are; further fields of a message are passed over."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from walkaway_edge.wires.outcomes import canonical

VERSION = "0.1"
Named = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
MessageId = Annotated[str, msgspec.Meta(min_length=1, max_length=190)]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Counted = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]

STATUS = {
    "INVALID_REQUEST": 400,
    "UNAUTHORIZED_SENDER": 403,
    "PROTOCOL_VERSION_MISMATCH": 400,
    "DEAL_TYPE_NOT_SUPPORTED": 403,
    "INVALID_SIGNATURE": 400,
    "WRONG_MESSAGE_TYPE": 422,
    "NOT_YOUR_TURN": 409,
    "SESSION_NOT_FOUND": 404,
    "SESSION_WRONG_STATE": 409,
    "ROUND_LIMIT_EXCEEDED": 422,
    "OFFER_EXPIRED": 422,
    "OFFER_HASH_MISMATCH": 400,
    "SEQUENCE_ERROR": 422,
}
"""The codes of errors that are given, and the HTTP status of each."""


class SessionParams(msgspec.Struct, frozen=True):
    """What two companies settle before they negotiate; amounts are integers in the smallest unit of the currency."""

    deal_type: Named
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    max_rounds: Counted
    session_timeout_seconds: Annotated[int, msgspec.Meta(ge=60, le=86_400)]
    round_timeout_seconds: Annotated[int, msgspec.Meta(ge=30, le=3_600)]


class Company(msgspec.Struct, frozen=True):
    """A company and the program that speaks for it."""

    did: Annotated[str, msgspec.Meta(pattern=r"^did:[^/\s]+\Z", max_length=500)]
    agent_id: Named
    verification_method: Named


class SessionInit(msgspec.Struct, frozen=True, tag_field="message_type", tag="session_init"):
    """A company asks for a session."""

    message_id: MessageId
    protocol_version: str
    session_params: SessionParams
    initiator: Company


class SessionAck(msgspec.Struct, frozen=True, tag_field="message_type", tag="session_ack"):
    """The other company agrees to it."""

    message_id: MessageId
    session_id: Named
    in_reply_to: Named
    protocol_version: str
    session_params_accepted: SessionParams
    responder: Company
    session_created_at: str
    current_turn: Literal["initiator"]


class SessionMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What every message of a session has that counts in its order."""

    message_type: str
    message_id: MessageId
    session_id: Named
    sequence_number: Counted
    sender_did: str
    sender_agent_id: str
    timestamp: str
    in_reply_to: str = ""
    round_number: int = 0


class OfferMessage(SessionMessage, frozen=True, kw_only=True):
    """An offer, or a counteroffer: a whole package."""

    expires_at: str
    terms: Mapping[str, Any]
    protocol_act_hash: Named
    protocol_act_signature: str = ""
    sender_verification_method: str


class Acceptance(SessionMessage, frozen=True, kw_only=True):
    """The latest offer is taken."""

    accepted_offer_id: str
    accepted_protocol_act_hash: str
    acceptance_signature: str = ""
    sender_verification_method: str


class Rejection(SessionMessage, frozen=True, kw_only=True):
    """The latest offer is declined; who declines may offer next."""

    rejected_offer_id: str
    reason_code: Literal[
        "PRICE_TOO_HIGH", "PRICE_TOO_LOW", "TERMS_UNACCEPTABLE", "OUTSIDE_MANDATE", "NO_REASON_GIVEN"
    ]  # fmt: skip
    reason_description: Text = ""


class Withdrawal(SessionMessage, frozen=True, kw_only=True):
    """A company leaves."""

    reason_code: Literal[
        "OUTSIDE_MANDATE", "COUNTERPARTY_UNREACHABLE", "STRATEGY_DECISION", "COMPLIANCE_FAILURE", "NO_REASON_GIVEN"
    ]  # fmt: skip
    reason_description: Text = ""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Time has run out, as the other company sees it."""

    message_type: str
    message_id: MessageId
    session_id: Named
    timeout_type: str
    sender_did: str
    timestamp: str


MESSAGES: Mapping[str, type[SessionMessage] | type[Notification]] = {
    "offer": OfferMessage,
    "counteroffer": OfferMessage,
    "acceptance": Acceptance,
    "rejection": Rejection,
    "withdrawal": Withdrawal,
    "timeout_notification": Notification,
}


def act_hash(offer: Mapping[str, Any]) -> str:
    """Return the hash of an offer, over what is signed of it (section 7.3)."""
    names = ("session_id", "round_number", "sequence_number", "message_type", "sender_did", "timestamp", "expires_at")
    act = {"protocol_version": VERSION, **{name: offer[name] for name in names}, "terms": offer["terms"]}
    return urlsafe_b64encode(hashlib.sha256(canonical(act)).digest()).rstrip(b"=").decode()
