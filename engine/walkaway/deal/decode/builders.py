# Over 400 lines: the fields of every type of event, and how each is read, stand in one place.
"""Events out of their fields: which fields each type has and needs, and what is so of them together."""

from collections.abc import Callable
from typing import Any

from walkaway.deal.decode.fields import Fields
from walkaway.deal.decode.reported import Reported, shown
from walkaway.deal.decode.values import Readers
from walkaway.events import (
    EVERY_DEAL,
    NOW,
    OUTCOMES,
    Accept,
    AgentProbe,
    Alternative,
    AnyEvent,
    Approve,
    Brought,
    Close,
    Decline,
    Kill,
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
from walkaway.language.codes import Code
from walkaway.language.diagnostics import nearest
from walkaway.language.instants import DAY_FORM, read_day
from walkaway.language.values import folded, shorten
from walkaway.policy.exchange import is_rate

_COMMON = ("id", "deal", "at", "type", "actor", "confirmed", "via")
_FIELDS: dict[str, tuple[str, ...]] = {
    "open": ("facts", "terms", "limits", "batna", "alternatives", "party", "follows", "role", "currency", "fx"),
    "offer": ("by", "terms", "packages", "final", "until", "note", "role"),
    "accept": ("by", "issues", "of", "package", "role"),
    "reject": ("by",),
    "withdraw": ("by",),
    "signal": ("by", "kind", "note"),
    "update": ("facts", "limits", "batna", "alternatives", "policy", "fx", "delivered", "proof"),
    "approve": ("approver", "role", "terms", "of", "rules", "until", "override", "reason"),
    "revoke": ("approver", "of", "terms"),
    "void": ("of", "reason"),
    "reopen": ("reason",),
    "probe": ("asked", "yes", "cost", "permit"),
    "request": ("terms", "note"),
    "decline": ("approver", "of", "reason", "terms"),
    "kill": ("approver", "role", "reason"),
    "resume": ("approver", "role", "reason"),
    "tick": (),
    "close": ("outcome", "terms"),
}
_ALLOWED = {t: frozenset((*_COMMON, *f)) for t, f in _FIELDS.items()}
_REQUIRED = {
    "offer": ("by",),
    "accept": ("by",),
    "reject": ("by",),
    "withdraw": ("by",),
    "signal": ("by", "kind"),
    "approve": ("approver", "role"),
    "revoke": ("approver",),
    "void": ("of", "reason"),
    "reopen": ("reason",),
    "probe": ("asked", "yes", "cost"),
    "request": ("terms",),
    "decline": ("approver", "of", "reason"),
    "kill": ("approver", "reason"),
    "resume": ("approver", "reason"),
    "close": ("outcome",),
}
_OF_NO_DEAL = frozenset({"kill", "resume"})

_STAYS = "a deal stays in its currency: close it, and open another with a base of its own, which `follows` it"
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
            hint = _STAYS if (sort, key) == ("update", "currency") else nearest(key, _ALLOWED[sort])
            line.report(Code.EVENT_FIELD, what, hint, f'"{key}"')
    if sort in _OF_NO_DEAL:
        if raw.setdefault("deal", EVERY_DEAL) != EVERY_DEAL:
            line.report(Code.EVENT_FIELD, f"a `{sort}` is about every deal, and of none", "remove it", '"deal"')
    elif raw.get("deal") == EVERY_DEAL:
        line.report(Code.EVENT_FIELD, f"`{EVERY_DEAL}` stands for every deal, and none is called so", near='"deal"')
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
        "sure": "confirmed" in raw and fields.flag("confirmed"),
        "via": fields.text("via"),
    }
    return _BUILDERS[sort](fields, head)


def _type_of(raw: dict[str, Any], line: Reported) -> str:
    sort = raw.get("type")
    if "type" not in raw:
        line.stop(Code.EVENT_FIELD, "the event lacks `type`", 'add `"type": "offer"`, or what it is')
    if not isinstance(sort, str) or sort not in _ALLOWED:
        hint = nearest(str(sort), _FIELDS, few=len(_FIELDS))
        line.stop(Code.UNKNOWN_EVENT_TYPE, f"{shown(sort)} is no type of event", hint, '"type"')
    return sort


def _open(fields: Fields, head: _Head) -> Open:
    terms, other = fields.package("terms")
    return Open(
        **head,
        facts=fields.facts(),
        terms=terms,
        other=other,
        limits=fields.limits(),
        batna=fields.batna(),
        alternatives=_alternatives(fields),
        party=fields.name("party") if "party" in fields.raw else "",
        follows=fields.name("follows") if "follows" in fields.raw else "",
        role=_acting(fields, "actor", fields.text("role")),
        currency=_currency(fields),
        fx=_brought(fields),
    )


def _currency(fields: Fields) -> str:
    """Read in which currency a deal is; empty for the policy's own."""
    policy = fields.readers.policy
    said = fields.text("currency") or policy.home or policy.currency
    if said != policy.currency:
        accepted = policy.exchange.accepted if policy.exchange is not None else (policy.currency,)
        what = f"`{shorten(said)}` is no currency in which deals of policy `{policy.name}` may be"
        fields.report(Code.EVENT_VALUE, what, f"they may be in {', '.join(accepted)}", '"currency"')
    return policy.currency if policy.home else ""


_OF_RATES = frozenset(("rate", "day", "source"))


def _brought(fields: Fields) -> Brought | None:
    """Read the rate that an event brings."""
    if "fx" not in fields.raw:
        return None
    policy, said = fields.readers.policy, fields.raw["fx"]
    if not policy.home:
        what = f"a deal in {policy.currency} has no rate: it is the policy's own currency"
        fields.report(Code.EVENT_FIELD, what, "remove `fx`", '"fx"')
        return None
    if said == "now" and fields.raw.get("type") == "update":
        return NOW
    form = (
        f'write `{{"rate": "1.25", "day": "2026-10-30", "source": "…"}}`: so much {policy.currency} for 1 {policy.home}'
    )
    if not isinstance(said, dict):
        fields.report(Code.EVENT_FIELD, f"{shown(said)} is no rate", form, '"fx"')
        return None
    of = Fields(said, fields.line, fields.readers)
    for key in said.keys() - _OF_RATES:
        fields.report(Code.EVENT_FIELD, f"a rate has no field `{shorten(key)}`", nearest(key, _OF_RATES), f'"{key}"')
    for key in sorted(_OF_RATES - said.keys()):
        fields.report(Code.EVENT_FIELD, f"the rate lacks `{key}`", form, '"fx"')
    digits, day = of.text("rate"), read_day(of.text("day"))
    if "rate" in said and not is_rate(digits):
        fields.report(Code.EVENT_VALUE, f"{shown(said['rate'])} is no rate above nothing", form, '"rate"')
    if "day" in said and day is None:
        fields.report(Code.EVENT_VALUE, f"{shown(said['day'])} is not a day", DAY_FORM, '"day"')
    return Brought(digits, day or 0, of.name("source") if "source" in said else "")


def _offer(fields: Fields, head: _Head) -> Offer:
    terms, other = fields.package("terms")
    packages = _packages(fields)
    if "terms" in fields.raw and packages:
        fields.report(Code.EVENT_FIELD, "an offer has `terms` or `packages`, not both", near='"packages"')
    elif "terms" not in fields.raw and "packages" not in fields.raw:
        fields.report(Code.EVENT_FIELD, "the event lacks `terms`", 'add `"terms": …`')
    elif fields.raw.get("terms") == {}:
        fields.report(Code.EVENT_FIELD, "the offer names no issue", near='"terms"')
    until = _until(fields, head)
    return Offer(
        **head,
        by=fields.party(),
        terms=packages[0] if packages else terms,
        other=other,
        packages=packages,
        final="final" in fields.raw and fields.flag("final"),
        until=until,
        note=fields.text("note"),
        role=_role(fields),
    )


def _role(fields: Fields) -> str:
    """Read the role in which our side says terms; theirs has none that we know of."""
    if "role" in fields.raw and fields.raw.get("by") == "them":
        what = "`role` says in which role we offer; what they do has none"
        fields.report(Code.EVENT_FIELD, what, "remove it", near='"role"')
        return fields.text("role")
    return _acting(fields, "actor", fields.text("role"))


def _acting(fields: Fields, key: str, role: str, *, may_be_lower: bool = False) -> str:
    """Return a role that is stated; one in which, by the policy, whoever states it does not act is reported.

    Args:
        key: Who states it.
        may_be_lower: Whether a role of less authority will do.
    """
    policy, said = fields.readers.policy, fields.raw.get(key)
    own = policy.spoken_as.get(folded(said), "") if policy.spoken_as and isinstance(said, str) else ""
    if role in ("", own) or not own or (may_be_lower and policy.ranks.get(role, 0) < policy.ranks.get(own, -1)):
        return role
    what = f"`{shorten(str(said))}` acts as `{own}` by `people` of the policy, and the event states `{shorten(role)}`"
    hint = "remove it" if not may_be_lower else "let somebody approve who has that role"
    fields.report(Code.ROLE_OF_ANOTHER, what, hint, near='"role"')
    return role


def _packages(fields: Fields) -> tuple[Terms, ...]:
    """Read the packages that an offer leaves to choose from; every one names declared issues only."""
    if "packages" not in fields.raw:
        return ()
    said = fields.raw["packages"]
    if not isinstance(said, list) or len(said) < 2 or not all(isinstance(p, dict) and p for p in said):
        what = f"`packages` is a list of two packages or more, not {shown(said)}"
        fields.report(Code.EVENT_FIELD, what, 'write `[{"discount": "5%"}, {"term": "24 months"}]`', '"packages"')
        return ()
    return tuple(fields.values(p, fields.readers.issues, Code.UNKNOWN_ISSUE, "issue") for p in said)


def _until(fields: Fields, head: _Head) -> int | None:
    """Read the last instant at which something holds; one before its own event is a mistake."""
    if "until" not in fields.raw:
        return None
    until = fields.instant("until")
    if head["instant"] and until and until < head["instant"]:
        fields.report(Code.EVENT_FIELD, "`until` is before `at`", "give an instant that is still to come", '"until"')
    return until


def _alternatives(fields: Fields) -> tuple[Alternative, ...]:
    """Read what else we could do."""
    if "alternatives" not in fields.raw:
        return ()
    said = fields.raw["alternatives"]
    if not isinstance(said, list) or not said or not all(isinstance(a, dict) for a in said):
        what = f"`alternatives` is a list of one object or more, not {shown(said)}"
        fields.report(Code.EVENT_FIELD, what, 'write `[{"name": …, "worth": …}]`', '"alternatives"')
        return ()
    return tuple(_alternative(Fields(a, fields.line, fields.readers)) for a in said)


_OF_ALTERNATIVES = frozenset(("name", "kind", "worth", "until", "actor"))


def _alternative(fields: Fields) -> Alternative:
    for key in fields.raw:
        if key not in _OF_ALTERNATIVES:
            what = f"an alternative has no field `{shorten(key)}`"
            fields.report(Code.EVENT_FIELD, what, nearest(key, _OF_ALTERNATIVES), f'"{key}"')
    return Alternative(
        name=fields.name("name"),
        worth=fields.amount("worth"),
        kind=fields.text("kind"),
        until=fields.instant("until") if "until" in fields.raw else None,
        actor=fields.name("actor") if "actor" in fields.raw else "",
    )


def _accept(fields: Fields, head: _Head) -> Accept:
    issues = fields.names("issues", fields.readers.issues, "issue")
    package = fields.raw.get("package", 0)
    if "package" in fields.raw and (not isinstance(package, int) or isinstance(package, bool) or package < 1):
        what = f"`package` is the number of a package, from 1, not {shown(package)}"
        fields.report(Code.EVENT_FIELD, what, near='"package"')
        package = 0
    return Accept(
        **head, by=fields.party(), issues=issues, of=_named(fields, "of"), package=package, role=_role(fields)
    )


def _named(fields: Fields, key: str) -> str:
    """Read the id of another event."""
    return fields.name(key) if key in fields.raw else ""


def _reject(fields: Fields, head: _Head) -> Reject:
    return Reject(**head, by=fields.party())


def _signal(fields: Fields, head: _Head) -> Signal:
    return Signal(
        **head,
        by=fields.party(),
        kind=fields.known("kind", fields.readers.policy.signals, Code.UNKNOWN_SIGNAL, "signal"),
        confirmed="confirmed" not in fields.raw or head["sure"],
        note=fields.text("note"),
    )


def _withdraw(fields: Fields, head: _Head) -> Withdraw:
    return Withdraw(**head, by=fields.party())


def _update(fields: Fields, head: _Head) -> Update:
    if not fields.raw.keys() & {"facts", "limits", "batna", "alternatives", "policy", "fx", "delivered", "proof"}:
        fields.report(Code.EVENT_FIELD, "the update changes nothing", "give `facts`, `limits`, `batna` or `policy`")
    delivered, proof = _delivered(fields)
    return Update(
        **head,
        facts=fields.facts(),
        limits=fields.limits(),
        batna=fields.batna(),
        alternatives=_alternatives(fields),
        policy=fields.text("policy"),
        fx=_brought(fields),
        delivered=delivered,
        proof=proof,
    )


def _delivered(fields: Fields) -> tuple[tuple[str, ...], str]:
    """Read what they delivered of what they owe, and what shows it."""
    delivered = fields.names("delivered", fields.readers.policy.owed, "issue that is owed")
    proof = fields.text("proof")
    if "delivered" in fields.raw and not proof.strip():
        what = "what is said to be delivered wants a `proof`"
        hint = 'add `"proof": …`: where it can be seen, or who has seen it'
        fields.report(Code.EVENT_FIELD, what, hint, '"proof"' if "proof" in fields.raw else '"delivered"')
    elif "proof" in fields.raw and "delivered" not in fields.raw:
        what = "`proof` shows what they delivered, and nothing is said to be"
        fields.report(Code.EVENT_FIELD, what, 'add `"delivered": [ISSUE]`, or remove it', '"proof"')
    return delivered, proof


def _approve(fields: Fields, head: _Head) -> Approve:
    until = _until(fields, head)
    terms, other = fields.package("terms")
    if "terms" not in fields.raw and "of" not in fields.raw:
        fields.report(Code.EVENT_FIELD, "the event lacks `terms`", 'add `"terms": …`, or `"of": …` and an event')
    elif fields.raw.get("terms") == {}:
        fields.report(Code.EVENT_FIELD, "the offer names no issue", near='"terms"')
    override = fields.names("override", None, "rule")
    reason = fields.text("reason")
    if override and (not reason.strip() or until is None):
        fields.report(Code.EVENT_FIELD, "a waiver (`override`) wants a `reason` and an `until`", near='"override"')
    return Approve(
        **head,
        approver=fields.name("approver") if "approver" in fields.raw else "",
        role=_acting(
            fields,
            "approver",
            fields.known("role", fields.readers.policy.roles, Code.UNKNOWN_EVENT_ROLE, "role"),
            may_be_lower=True,
        ),
        terms=terms,
        other={name: value for name, value in other.items() if value is not None},
        of=_named(fields, "of"),
        rules=fields.names("rules", None, "rule"),
        until=until,
        override=override,
        reason=reason,
    )


def _revoke(fields: Fields, head: _Head) -> Revoke:
    if ("of" in fields.raw) == ("terms" in fields.raw):
        fields.report(Code.EVENT_FIELD, "a revocation names an approval `of` an event, or its `terms`", near='"type"')
    terms, _ = fields.package("terms")
    return Revoke(**head, approver=fields.name("approver"), of=_named(fields, "of"), terms=terms)


def _void(fields: Fields, head: _Head) -> Void:
    return Void(**head, of=_named(fields, "of"), reason=fields.text("reason"))


def _reopen(fields: Fields, head: _Head) -> Reopen:
    return Reopen(**head, reason=fields.text("reason"))


def _probe(fields: Fields, head: _Head) -> AgentProbe:
    cost = fields.raw.get("cost", 1)
    if not isinstance(cost, int) or isinstance(cost, bool) or cost not in (0, 1, 2):
        fields.report(Code.EVENT_FIELD, f"`cost` is 0, 1 or 2 asks, not {shown(cost)}", near='"cost"')
        cost = 1
    yes = "yes" in fields.raw and fields.flag("yes")
    if "permit" in fields.raw and not yes:
        fields.report(Code.EVENT_FIELD, "only a yes has a `permit`", "remove it", '"permit"')
    return AgentProbe(**head, asked=fields.text("asked"), yes=yes, cost=cost, permit=_named(fields, "permit"))


def _request(fields: Fields, head: _Head) -> Request:
    terms, other = fields.package("terms")
    return Request(**head, terms=terms, other=other, note=fields.text("note"))


def _decline(fields: Fields, head: _Head) -> Decline:
    approver = fields.name("approver") if "approver" in fields.raw else ""
    terms = fields.values(fields.mapping("terms"), fields.readers.issues, Code.UNKNOWN_ISSUE, "issue")
    return Decline(**head, approver=approver, of=_named(fields, "of"), reason=fields.text("reason"), terms=terms)


def _kill(fields: Fields, head: _Head) -> Kill:
    return Kill(**head, **_by_highest(fields))


def _resume(fields: Fields, head: _Head) -> Resume:
    return Resume(**head, **_by_highest(fields))


def _by_highest(fields: Fields) -> _Head:
    """Read who stops all offers, or lets them go on: by the highest role, where there are any."""
    roles = fields.readers.policy.roles
    role = fields.text("role")
    if roles and role != roles[-1]:
        what = f"all offers are stopped, and go on, by `{roles[-1]}`, the highest role"
        fields.report(Code.UNKNOWN_EVENT_ROLE, what, f'write `"role": "{roles[-1]}"`', '"role"')
    elif role and not roles:
        fields.known("role", roles, Code.UNKNOWN_EVENT_ROLE, "role")
    approver = fields.name("approver") if "approver" in fields.raw else ""
    _acting(fields, "approver", role, may_be_lower=True)
    return {"approver": approver, "role": role, "reason": fields.text("reason")}


def _tick(_: Fields, head: _Head) -> Tick:
    return Tick(**head)


def _close(fields: Fields, head: _Head) -> Close:
    value = fields.raw.get("outcome", "")
    if "outcome" in fields.raw and value not in OUTCOMES:
        fields.report(Code.EVENT_FIELD, f"{shown(value)} is no outcome", nearest(str(value), OUTCOMES), '"outcome"')
    terms, other = fields.package("terms")
    return Close(**head, outcome=str(value), terms=terms if "terms" in fields.raw else None, other=other)


_BUILDERS: dict[str, Callable[[Fields, _Head], AnyEvent]] = {
    "open": _open,
    "offer": _offer,
    "accept": _accept,
    "reject": _reject,
    "withdraw": _withdraw,
    "signal": _signal,
    "revoke": _revoke,
    "void": _void,
    "reopen": _reopen,
    "update": _update,
    "approve": _approve,
    "probe": _probe,
    "request": _request,
    "decline": _decline,
    "kill": _kill,
    "resume": _resume,
    "tick": _tick,
    "close": _close,
}
