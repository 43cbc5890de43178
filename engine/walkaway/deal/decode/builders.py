"""Events out of their fields: which fields each type has and needs, and what is so of them together."""

from collections.abc import Callable
from typing import Any

from walkaway.deal.decode.fields import Fields
from walkaway.deal.decode.reported import Reported, shown
from walkaway.deal.decode.values import Readers
from walkaway.events import (
    OUTCOMES,
    Accept,
    AnyEvent,
    Approve,
    Close,
    Offer,
    Open,
    Reject,
    Signal,
    Tick,
    Update,
)
from walkaway.language.codes import Code
from walkaway.language.diagnostics import nearest
from walkaway.language.values import Value, shorten

_COMMON = ("id", "deal", "at", "type", "actor")
_FIELDS: dict[str, tuple[str, ...]] = {
    "open": ("facts", "terms", "limits", "batna"),
    "offer": ("by", "terms"),
    "accept": ("by", "issues"),
    "reject": ("by",),
    "signal": ("by", "kind", "confirmed", "note"),
    "update": ("facts", "limits", "batna", "policy"),
    "approve": ("approver", "role", "terms", "until", "override", "reason"),
    "tick": (),
    "close": ("outcome",),
}
_ALLOWED = {t: frozenset((*_COMMON, *f)) for t, f in _FIELDS.items()}
_REQUIRED = {
    "offer": ("by", "terms"),
    "accept": ("by",),
    "reject": ("by",),
    "signal": ("by", "kind"),
    "approve": ("approver", "role", "terms"),
    "close": ("outcome",),
}

_Head = dict[str, Any]
"""What every event has: its id, deal, instant as text and as a number, and actor."""


def built(raw: dict[str, Any], line: Reported, readers: Readers) -> AnyEvent:
    """Return the event that an object in the plain form is; what is wrong with it is reported.

    Raises:
        Unreadable: Where nobody knows what type of event it is.
    """
    sort = _type_of(raw, line)
    if not raw.keys() <= _ALLOWED[sort]:
        for key in [k for k in raw if k not in _ALLOWED[sort]]:
            what = f"an event of type `{sort}` has no field `{shorten(key)}`"
            line.report(Code.EVENT_FIELD, what, nearest(key, _ALLOWED[sort]), f'"{key}"')
    for key in ("id", "deal", "at", *_REQUIRED.get(sort, ())):
        if key not in raw:
            line.report(Code.EVENT_FIELD, f"the event lacks `{key}`", f'add `"{key}": …`')
    fields = Fields(raw, line, readers)
    for key in ("id", "deal", "actor"):
        if key in raw:
            fields.name(key)
    head = {
        "id": raw.get("id", ""),
        "deal": raw.get("deal", ""),
        "at": raw.get("at", ""),
        "instant": fields.instant("at") if "at" in raw else 0,
        "actor": raw.get("actor", ""),
    }
    return _BUILDERS[sort](fields, head)


def _type_of(raw: dict[str, Any], line: Reported) -> str:
    sort = raw.get("type")
    if "type" not in raw:
        line.stop(Code.EVENT_FIELD, "the event lacks `type`", 'add `"type": "offer"`, or what it is')
    if not isinstance(sort, str) or sort not in _ALLOWED:
        line.stop(Code.UNKNOWN_EVENT_TYPE, f"{shown(sort)} is no type of event", nearest(str(sort), _FIELDS), '"type"')
    return sort


def _open(fields: Fields, head: _Head) -> Open:
    return Open(**head, facts=fields.facts(), terms=fields.terms(), limits=fields.limits(), batna=fields.batna())


def _offer(fields: Fields, head: _Head) -> Offer:
    return Offer(**head, by=fields.party(), terms=_offered(fields))


def _offered(fields: Fields) -> dict[str, Value]:
    terms = fields.terms()
    if "terms" in fields.raw and fields.raw["terms"] == {}:
        fields.report(Code.EVENT_FIELD, "the offer names no issue", near='"terms"')
    return terms


def _accept(fields: Fields, head: _Head) -> Accept:
    issues = fields.names("issues", fields.readers.issues, "issue")
    return Accept(**head, by=fields.party(), issues=issues)


def _reject(fields: Fields, head: _Head) -> Reject:
    return Reject(**head, by=fields.party())


def _signal(fields: Fields, head: _Head) -> Signal:
    return Signal(
        **head,
        by=fields.party(),
        kind=fields.known("kind", fields.readers.policy.signals, Code.UNKNOWN_SIGNAL, "signal"),
        confirmed=_confirmed(fields),
        note=fields.text("note"),
    )


def _confirmed(fields: Fields) -> bool:
    value = fields.raw.get("confirmed", True)
    if value in (True, "yes"):
        return True
    if value not in (False, "no"):
        fields.report(Code.EVENT_FIELD, f"`confirmed` is yes or no, not {shown(value)}", near='"confirmed"')
    return False


def _update(fields: Fields, head: _Head) -> Update:
    if not fields.raw.keys() & {"facts", "limits", "batna", "policy"}:
        fields.report(Code.EVENT_FIELD, "the update changes nothing", "give `facts`, `limits`, `batna` or `policy`")
    return Update(
        **head, facts=fields.facts(), limits=fields.limits(), batna=fields.batna(), policy=fields.text("policy")
    )


def _approve(fields: Fields, head: _Head) -> Approve:
    until = fields.instant("until") if "until" in fields.raw else None
    override = fields.names("override", None, "rule")
    reason = fields.text("reason")
    if override and (not reason.strip() or until is None):
        fields.report(Code.EVENT_FIELD, "a waiver (`override`) wants a `reason` and an `until`", near='"override"')
    return Approve(
        **head,
        approver=fields.name("approver") if "approver" in fields.raw else "",
        role=fields.known("role", fields.readers.policy.roles, Code.UNKNOWN_EVENT_ROLE, "role"),
        terms=_offered(fields),
        until=until,
        override=override,
        reason=reason,
    )


def _tick(_: Fields, head: _Head) -> Tick:
    return Tick(**head)


def _close(fields: Fields, head: _Head) -> Close:
    value = fields.raw.get("outcome", "")
    if "outcome" in fields.raw and value not in OUTCOMES:
        fields.report(Code.EVENT_FIELD, f"{shown(value)} is no outcome", nearest(str(value), OUTCOMES), '"outcome"')
    return Close(**head, outcome=str(value))


_BUILDERS: dict[str, Callable[[Fields, _Head], AnyEvent]] = {
    "open": _open,
    "offer": _offer,
    "accept": _accept,
    "reject": _reject,
    "signal": _signal,
    "update": _update,
    "approve": _approve,
    "tick": _tick,
    "close": _close,
}
