"""Events as plain content, and the canonical JSON (RFC 8785) of whatever is recorded or compared.

Every key is ASCII and no number is a fraction, so sorting by bytes and writing integers plainly is all that RFC 8785
asks for beside its escapes, which the encoder keeps. Knows no store.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from walkaway.events import (
    NOW,
    Accept,
    AgentProbe,
    Alternative,
    AnyEvent,
    Approve,
    Brought,
    Close,
    Decline,
    Kill,
    Limits,
    Offer,
    Open,
    Reject,
    Reopen,
    Request,
    Resume,
    Revoke,
    Signal,
    Terms,
    Tick,
    Update,
    Void,
    Withdraw,
)
from walkaway.language.instants import format_day, instant_text
from walkaway.language.native import write_json
from walkaway.language.values import Unit, Value, format_value
from walkaway.policy.model import THRESHOLDS, Policy

Content = dict[str, Any]
"""An event in the plain form of design.md, 5: the fields it states, each value written as people write it."""

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value of objects with ASCII keys, lists, text, whole numbers, truth values."""
    if write_json is not None and (written := write_json(value)) is not None:
        return written
    return _ENCODER.encode(value)


class EventWriter:
    """Writes events of one policy; `Decoder.decode` reads what it gives back to the same event."""

    def __init__(self, policy: Policy) -> None:
        self.money = policy.money
        self.issues: dict[str, Unit] = {i.name: i.unit for i in policy.issues.values()}
        self.limits: dict[str, Unit] = {**self.issues, "package": policy.money}
        self.facts: dict[str, Unit] = {d.name: d.unit for d in policy.deal.values()}

    def content(self, event: AnyEvent) -> Content:
        """Return the content of *event*; what it leaves out, and what is the default, is left out."""
        kind = type(event)
        content: Content = {"at": event.at, "deal": event.deal, "id": event.id, "type": _TYPES[kind]}
        if event.actor:
            content["actor"] = event.actor
        if event.sure:
            content["confirmed"] = True
        if event.via:
            content["via"] = event.via
        _FIELDS[kind](self, event, content)
        return content

    def values(self, values: Mapping[str, Value], units: Mapping[str, Unit]) -> dict[str, str]:
        """Write each value in its unit."""
        return {n: v if type(v) is str else format_value(v, units[n]) for n, v in values.items()}

    def package(self, terms: Terms, other: Mapping[str, str | None]) -> dict[str, str | None]:
        """Write terms, declared or not."""
        return {**self.values(terms, self.issues), **other}

    def alternative(self, stated: Alternative) -> Content:
        """Write one of the things that we could do instead."""
        content: Content = {"name": stated.name}
        content["worth"] = None if stated.worth is None else format_value(stated.worth, self.money)
        if stated.until is not None:
            content["until"] = instant_text(stated.until)
        return {**content, **{key: text for key in ("kind", "actor") if (text := getattr(stated, key))}}

    def thresholds(self, limits: Mapping[str, Limits]) -> dict[str, dict[str, str]]:
        """Write the thresholds that are stated."""
        return {
            name: {
                threshold: format_value(value, self.limits[name])
                for threshold in THRESHOLDS
                if (value := getattr(of, threshold)) is not None
            }
            for name, of in limits.items()
        }

    def opened(self, event: Open, content: Content) -> None:
        content["facts"] = self.values(event.facts, self.facts)
        if event.terms or event.other:
            content["terms"] = self.package(event.terms, event.other)
        for key in ("party", "follows", "role", "currency"):
            if text := getattr(event, key):
                content[key] = text
        self.stated(event, content)

    def stated(self, event: Open | Update, content: Content) -> None:
        if event.fx is not None:
            content["fx"] = "now" if event.fx == NOW else _brought(event.fx)
        if event.limits:
            content["limits"] = self.thresholds(event.limits)
        if event.batna is not None:
            content["batna"] = format_value(event.batna, self.money)
        if event.alternatives:
            content["alternatives"] = [self.alternative(a) for a in event.alternatives]

    def updated(self, event: Update, content: Content) -> None:
        if event.facts:
            content["facts"] = self.values(event.facts, self.facts)
        if event.policy:
            content["policy"] = event.policy
        if event.delivered:
            content["delivered"], content["proof"] = list(event.delivered), event.proof
        self.stated(event, content)
        if not content.keys() & {"facts", "limits", "batna", "alternatives", "policy", "fx", "delivered"}:
            content["facts"] = {}  # an update of nothing was stated as such, and is no update without a field

    def offered(self, event: Offer, content: Content) -> None:
        content["by"] = event.by.value
        if event.packages:
            content["packages"] = [self.values(p, self.issues) for p in event.packages]
        else:
            content["terms"] = self.package(event.terms, event.other)
        if event.final:
            content["final"] = True
        if event.until is not None:
            content["until"] = instant_text(event.until)
        for key in ("note", "role"):
            if text := getattr(event, key):
                content[key] = text

    def accepted(self, event: Accept, content: Content) -> None:
        content["by"] = event.by.value
        if event.issues:
            content["issues"] = list(event.issues)
        if event.of:
            content["of"] = event.of
        if event.package:
            content["package"] = event.package
        if event.role:
            content["role"] = event.role

    def signalled(self, event: Signal, content: Content) -> None:
        content["by"] = event.by.value
        content["kind"] = event.kind
        if not event.confirmed:
            content["confirmed"] = False
        if event.note:
            content["note"] = event.note

    def approved(self, event: Approve, content: Content) -> None:
        content["approver"] = event.approver
        content["role"] = event.role
        if event.terms or event.other or not event.of:
            content["terms"] = self.package(event.terms, event.other)
        if event.of:
            content["of"] = event.of
        if event.until is not None:
            content["until"] = instant_text(event.until)
        for key in ("override", "rules"):
            if names := getattr(event, key):
                content[key] = list(names)
        if event.reason:
            content["reason"] = event.reason

    def requested(self, event: Request, content: Content) -> None:
        content["terms"] = self.package(event.terms, event.other)
        if event.note:
            content["note"] = event.note

    def declined(self, event: Decline, content: Content) -> None:
        content["approver"], content["of"], content["reason"] = event.approver, event.of, event.reason
        if event.terms:
            content["terms"] = self.values(event.terms, self.issues)

    def revoked(self, event: Revoke, content: Content) -> None:
        content["approver"] = event.approver
        if event.of:
            content["of"] = event.of
        else:
            content["terms"] = self.values(event.terms, self.issues)

    def closed(self, event: Close, content: Content) -> None:
        content["outcome"] = event.outcome
        if event.terms is not None:
            content["terms"] = self.package(event.terms, event.other)


def _brought(rate: Brought) -> Content:
    return {"rate": rate.digits, "day": format_day(rate.day), "source": rate.source}


def _rejected(_: EventWriter, event: Reject | Withdraw, content: Content) -> None:
    content["by"] = event.by.value


def _voided(_: EventWriter, event: Void, content: Content) -> None:
    content["of"], content["reason"] = event.of, event.reason


def _reopened(_: EventWriter, event: Reopen, content: Content) -> None:
    content["reason"] = event.reason


def _probed(_: EventWriter, event: AgentProbe, content: Content) -> None:
    content["asked"], content["yes"], content["cost"] = event.asked, event.yes, event.cost
    if event.permit:
        content["permit"] = event.permit


def _stopped(_: EventWriter, event: Kill | Resume, content: Content) -> None:
    content["approver"], content["reason"] = event.approver, event.reason
    if event.role:
        content["role"] = event.role


def _ticked(_: EventWriter, event: Tick, content: Content) -> None:
    """Say nothing more: time has passed."""


_TYPES: dict[type[AnyEvent], str] = {
    Open: "open",
    Offer: "offer",
    Accept: "accept",
    Reject: "reject",
    Signal: "signal",
    Update: "update",
    Approve: "approve",
    Tick: "tick",
    Close: "close",
    Withdraw: "withdraw",
    Revoke: "revoke",
    Void: "void",
    Reopen: "reopen",
    AgentProbe: "probe",
    Request: "request",
    Decline: "decline",
    Kill: "kill",
    Resume: "resume",
}
_FIELDS: dict[type[AnyEvent], Callable[[EventWriter, Any, Content], None]] = {
    Open: EventWriter.opened,
    Offer: EventWriter.offered,
    Accept: EventWriter.accepted,
    Reject: _rejected,
    Signal: EventWriter.signalled,
    Update: EventWriter.updated,
    Approve: EventWriter.approved,
    Tick: _ticked,
    Close: EventWriter.closed,
    Withdraw: _rejected,
    Revoke: EventWriter.revoked,
    Void: _voided,
    Reopen: _reopened,
    AgentProbe: _probed,
    Request: EventWriter.requested,
    Decline: EventWriter.declined,
    Kill: _stopped,
    Resume: _stopped,
}
