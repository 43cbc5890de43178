"""Events as plain content, and the canonical JSON (RFC 8785) of whatever is recorded or compared.

Every key is ASCII and no number is a fraction, so sorting by bytes and writing integers plainly is all that RFC 8785
asks for beside its escapes, which the encoder keeps. Knows no store.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from walkaway.events import (
    Accept,
    AnyEvent,
    Approve,
    Close,
    Limits,
    Offer,
    Open,
    Reject,
    Signal,
    Tick,
    Update,
)
from walkaway.language.instants import instant_text
from walkaway.language.values import Unit, Value, format_value
from walkaway.policy.model import THRESHOLDS, Policy

Content = dict[str, Any]
"""An event in the plain form of design.md, 5: the fields it states, each value written as people write it."""

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value of objects with ASCII keys, lists, text, whole numbers, truth values."""
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
        _FIELDS[kind](self, event, content)
        return content

    def values(self, values: Mapping[str, Value], units: Mapping[str, Unit]) -> dict[str, str]:
        """Write each value in its unit."""
        return {n: v if type(v) is str else format_value(v, units[n]) for n, v in values.items()}

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
        if event.terms:
            content["terms"] = self.values(event.terms, self.issues)
        self.stated(event, content)

    def stated(self, event: Open | Update, content: Content) -> None:
        if event.limits:
            content["limits"] = self.thresholds(event.limits)
        if event.batna is not None:
            content["batna"] = format_value(event.batna, self.money)

    def updated(self, event: Update, content: Content) -> None:
        if event.facts:
            content["facts"] = self.values(event.facts, self.facts)
        if event.policy:
            content["policy"] = event.policy
        self.stated(event, content)
        if not content.keys() & {"facts", "limits", "batna", "policy"}:
            content["facts"] = {}  # an update of nothing was stated as such, and is no update without a field

    def offered(self, event: Offer, content: Content) -> None:
        content["by"] = event.by.value
        content["terms"] = self.values(event.terms, self.issues)

    def accepted(self, event: Accept, content: Content) -> None:
        content["by"] = event.by.value
        if event.issues:
            content["issues"] = list(event.issues)

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
        content["terms"] = self.values(event.terms, self.issues)
        if event.until is not None:
            content["until"] = instant_text(event.until)
        if event.override:
            content["override"] = list(event.override)
        if event.reason:
            content["reason"] = event.reason


def _rejected(_: EventWriter, event: Reject, content: Content) -> None:
    content["by"] = event.by.value


def _closed(_: EventWriter, event: Close, content: Content) -> None:
    content["outcome"] = event.outcome


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
    Close: _closed,
}
