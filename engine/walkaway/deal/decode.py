"""Decode one line of bytes into a typed event, or into findings. Numbers are exact; nothing is guessed.

Plain events and CloudEvents 1.0 are read alike. Knows the policy's issues, facts, signals and roles, and nothing of
any deal: whether an event fits its deal is for `position` to say.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, NoReturn

import msgspec

from walkaway.events import (
    OUTCOMES,
    THEM,
    US,
    Accept,
    AnyEvent,
    Approve,
    Close,
    Limits,
    Offer,
    Open,
    Party,
    Reject,
    Signal,
    Tick,
    Update,
)
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Checked, Diagnostic, Enough, Findings, Span, by_place, nearest
from walkaway.language.instants import instant_of
from walkaway.language.values import LIMIT, Kind, NotAValue, Unit, Value, example, parse_value, shorten
from walkaway.policy.model import THRESHOLDS, Policy

MAX_LINE = 1024 * 1024
_MAX_KNOWN = 10_000
_LONGEST_NAME = 200
_DAY = 86_400_000_000
_HOURS = {f"{hour:02d}": hour * 3_600_000_000 for hour in range(24)}
_MINUTES = {f"{minute:02d}": minute * 60_000_000 for minute in range(60)}
_SECONDS = {f"{second:02d}": second * 1_000_000 for second in range(60)}
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
_CLOUD = frozenset({"specversion", "id", "source", "type", "subject", "time", "data", "datacontenttype", "dataschema"})
_REQUIRED = {
    "offer": ("by", "terms"),
    "accept": ("by",),
    "reject": ("by",),
    "signal": ("by", "kind"),
    "approve": ("approver", "role", "terms"),
    "close": ("outcome",),
}
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST_NAME)]


class _Plain(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, gc=False):
    """The commonest lines, checked for their shape while they are decoded; whatever differs is read the long way."""

    id: _Name
    deal: _Name
    at: str


class _PlainOffer(_Plain, tag="offer", gc=False):
    by: Literal["us", "them"]
    terms: dict[str, str | bool | int]
    actor: _Name = ""


class _PlainOpen(_Plain, tag="open", gc=False):
    facts: dict[str, str | bool | int]
    actor: _Name = ""


_PLAIN = msgspec.json.Decoder(_PlainOffer | _PlainOpen)


class Decoder:
    """Decodes the lines of one policy's events; remembers texts it has read, so that a value is parsed once."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.issues = {i.name: _Reader(i.unit) for i in policy.issues.values()}
        self.deal = {d.name: _Reader(d.unit) for d in policy.deal.values()}
        self.money = _Reader(policy.money)
        self.known = {name: reader.known for name, reader in self.issues.items()}
        self.known_facts = {name: reader.known for name, reader in self.deal.items()}
        self.days: dict[str, int] = {}

    def decode(self, line: bytes, file: str = "-", number: int = 1) -> Checked[AnyEvent]:
        """Decode one event.

        Diagnostics:
            WA501 to WA511, all that the line has.
        """
        event = self.plain(line) if len(line) <= MAX_LINE else None
        return _Line(self, line, file, number).event() if event is None else Checked(event)

    def plain(self, line: bytes) -> Offer | Open | None:
        """Decode a plain offer, or an opening that states facts alone; none where anything needs a closer look."""
        try:
            raw = _PLAIN.decode(line)
            if isinstance(raw, _PlainOffer):
                values, keys = typed(raw.terms, self.known, self.issues), 6
            else:
                values, keys = typed(raw.facts, self.known_facts, self.deal), 5
            instant = self.instant(raw.at)
        except (msgspec.MsgspecError, ValueError, KeyError, OverflowError, RecursionError):
            return None
        name, deal, at, actor = raw.id, raw.deal, raw.at, raw.actor
        if line.count(b'":') != len(values) + keys + bool(actor) or _has_loose_keys(line):
            return None
        if not (name.isprintable() and deal.isprintable() and actor.isprintable()):
            return None
        if isinstance(raw, _PlainOpen):
            return Open(id=name, deal=deal, at=at, instant=instant, actor=actor, facts=values)
        party = US if raw.by == "us" else THEM
        return (
            Offer(id=name, deal=deal, at=at, instant=instant, actor=actor, by=party, terms=values) if values else None
        )

    def instant(self, text: str) -> int:
        """Read an RFC 3339 instant as microseconds since 1970.

        Raises:
            ValueError: Where it is none.
        """
        if len(text) == 20 and text[13] == text[16] == ":" and text[19] == "Z" and (day := self.days.get(text[:11])):
            try:
                return day + _HOURS[text[11:13]] + _MINUTES[text[14:16]] + _SECONDS[text[17:19]]
            except KeyError:
                pass  # the long way says what is wrong with it
        instant = instant_of(text)
        if instant is None:
            raise ValueError
        if text[10] == "T" and text[19:] == "Z":
            if len(self.days) >= _MAX_KNOWN:
                self.days.clear()
            self.days[text[:11]] = instant - instant % _DAY
        return instant


_Known = Mapping[str, Mapping[object, Value]]


def typed(values: Mapping[str, str | bool | int], known: _Known, readers: Mapping[str, "_Reader"]) -> dict[str, Value]:
    """Read values: those that have been read before at once, others with care.

    Raises:
        KeyError, ValueError: Where there is no such name, or a value does not fit it.
    """
    try:
        return {n: known[n][v if v.__class__ is str else (v.__class__, v)] for n, v in values.items()}
    except KeyError:
        return {n: readers[n].read(v) for n, v in values.items()}


def _has_loose_keys(line: bytes) -> bool:
    """Return whether white space may stand between a key and its colon, where counting `":` does not see the key."""
    return b'" ' in line or b'"\t' in line or b'"\r' in line or b'"\n' in line


class _Reader:
    """Reads JSON values of one unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.known: dict[object, Value] = {}

    def read(self, value: object) -> Value:
        """Return the typed value.

        Raises:
            NotAValue: Where *value* does not say its unit or does not fit it.
        """
        if type(value) is str:
            found = self.known.get(value)
            if found is None:
                found = parse_value(value, self.unit)
                if isinstance(found, str) and self.unit.kind is Kind.TEXT:
                    return found
                self.remembered(value, found)
            return found
        kind = self.unit.kind
        if kind is Kind.YES_NO and isinstance(value, bool):
            return self.remembered((bool, value), int(value))
        if kind in (Kind.COUNT, Kind.NUMBER) and isinstance(value, int | Decimal) and not isinstance(value, bool):
            return self.remembered((type(value), value), self.number(value))
        raise NotAValue(f"{_json(value)} does not say its unit", f'write `"{example(self.unit)}"`')

    def remembered(self, value: object, found: Value) -> Value:
        """Keep what a JSON value means, as long as there is room."""
        if len(self.known) < _MAX_KNOWN:
            self.known[value] = found
        return found

    def number(self, value: int | Decimal) -> int:
        if isinstance(value, Decimal) and not (
            value.is_finite() and -20 <= value.adjusted() <= 20 and len(value.as_tuple().digits) <= 60
        ):
            raise NotAValue(f"{_json(value)} is beyond what {self.unit} holds")
        exact = Fraction(value) * self.unit.scale
        if exact.denominator != 1:
            raise NotAValue(f"{_json(value)} has more digits than {self.unit} holds")
        if abs(exact) > LIMIT:
            raise NotAValue(f"{_json(value)} is beyond ±2^53 of the smallest unit")
        return int(exact)


class _Unreadable(Exception):
    """The line has no event in it; its findings say why."""


class _Line:
    """One line while it is decoded."""

    def __init__(self, decoder: Decoder, line: bytes, file: str, number: int) -> None:
        self.decoder, self.line, self.file, self.number = decoder, line, file, number
        self.findings = Findings()

    def event(self) -> Checked[AnyEvent]:
        try:
            raw = self.unwrapped(self.json())
            event = self.typed(raw)
        except (_Unreadable, Enough):
            event = None
        return Checked(None, by_place(self.findings)) if self.findings else Checked(event)

    def report(self, code: Code, message: str, hint: str = "", near: str = "") -> None:
        """Report a finding; the caret goes to *near* where the line holds it."""
        text = self.line[:4000].decode("utf-8", "replace").rstrip("\r\n")
        column = max(text.find(near), 0) if near else 0
        self.findings.append(
            Diagnostic(
                code,
                message,
                Span(self.file, self.number, column + 1, max(len(near), 1) if near in text else 1, text[:400]),
                hint,
            )
        )

    def stop(self, code: Code, message: str, hint: str = "", near: str = "") -> NoReturn:
        self.report(code, message, hint, near)
        raise _Unreadable

    def json(self) -> dict[str, Any]:
        """Return the line's JSON object, with every key once."""
        line = self.line
        if len(line) > MAX_LINE:
            self.stop(Code.LINE_TOO_LONG, f"the line has {len(line):,} bytes, more than {MAX_LINE:,}")
        try:
            raw = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            where = re.search(r"\(byte (\d+)\)", str(problem))
            if where:
                self.findings.append(self._at_byte(int(where[1]), str(problem)))
                raise _Unreadable from None
            self.stop(Code.NOT_JSON, f"this is not JSON: {_sentence(str(problem))}")
        except (RecursionError, ArithmeticError, ValueError) as problem:
            self.stop(Code.NOT_JSON, f"this JSON cannot be held: {type(problem).__name__}")
        if not isinstance(raw, dict):
            self.stop(
                Code.NOT_JSON,
                f"an event is a JSON object, not {_json(raw)}",
                'write `{"id": …, "deal": …, "at": …, "type": …}`',
            )
        self.check_keys(raw)
        return raw

    def _at_byte(self, byte: int, problem: str) -> Diagnostic:
        text = self.line[:4000].decode("utf-8", "replace").rstrip("\r\n")
        column = len(self.line[: min(byte, len(self.line))].decode("utf-8", "replace"))
        return Diagnostic(
            Code.NOT_JSON,
            f"this is not JSON: {_sentence(problem)}",
            Span(self.file, self.number, column + 1, 1, text[:400]),
        )

    def check_keys(self, raw: dict[str, Any]) -> None:
        """Find keys that stand twice: a quick count first, a second reading only where it does not add up."""
        line = self.line
        expected = len(raw)
        for value in raw.values():
            if type(value) is dict:
                expected += len(value)
                if any(type(v) is dict for v in value.values()):
                    expected = -1
                    break
        if line.count(b'":') == expected and not _has_loose_keys(line):
            return

        import json  # slower than msgspec, and the only one of the two that shows a repeated key

        def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for key, value in items:
                if key in found:
                    self.report(
                        Code.REPEATED_JSON_KEY,
                        f"`{shorten(key)}` stands twice in this object",
                        "keep one of the two",
                        f'"{key}"',
                    )
                found[key] = value
            return found

        try:
            json.loads(line, object_pairs_hook=pairs, parse_float=Decimal, parse_int=str)
        except (ValueError, RecursionError, ArithmeticError) as problem:
            self.stop(Code.NOT_JSON, f"this JSON cannot be held: {_sentence(str(problem))}")

    def unwrapped(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Return a CloudEvent's content in the plain form."""
        if "specversion" not in raw:
            return raw
        sort = raw.get("type")
        if raw["specversion"] != "1.0" or not isinstance(sort, str) or not sort.startswith("walkaway."):
            self.stop(
                Code.UNKNOWN_EVENT_TYPE,
                "this CloudEvent is not of version 1.0 with a type `walkaway.…`",
                'write `"type": "walkaway.offer"`',
                '"type"' if raw["specversion"] == "1.0" else '"specversion"',
            )
        data = raw.get("data", {})
        if not isinstance(data, dict):
            self.stop(Code.EVENT_FIELD, "`data` of a CloudEvent is an object", near='"data"')
        for key in [k for k in raw if k not in _CLOUD]:
            if not re.fullmatch("[a-z0-9]{1,20}", key):
                self.report(Code.EVENT_FIELD, f"`{shorten(key)}` is no CloudEvents attribute", near=f'"{key}"')
        clash = data.keys() & {"id", "deal", "at", "type"}
        if clash:
            self.stop(Code.EVENT_FIELD, f"`{min(clash)}` stands in `data` and in the CloudEvent itself", near='"data"')
        outer = {
            "id": raw.get("id"),
            "deal": raw.get("subject"),
            "at": raw.get("time"),
            "type": sort.removeprefix("walkaway."),
        }
        return {**{k: v for k, v in outer.items() if v is not None}, **data}

    def typed(self, raw: dict[str, Any]) -> AnyEvent | None:
        """Check the fields, then read the values."""
        sort = raw.get("type")
        allowed = _ALLOWED.get(sort) if isinstance(sort, str) else None
        if allowed is None or not isinstance(sort, str):
            if "type" not in raw:
                self.stop(Code.EVENT_FIELD, "the event lacks `type`", 'add `"type": "offer"`, or what it is')
            self.stop(
                Code.UNKNOWN_EVENT_TYPE, f"{_json(sort)} is no type of event", nearest(str(sort), _FIELDS), '"type"'
            )
        if not raw.keys() <= allowed:
            for key in [k for k in raw if k not in allowed]:
                self.report(
                    Code.EVENT_FIELD,
                    f"an event of type `{sort}` has no field `{shorten(key)}`",
                    nearest(key, allowed),
                    f'"{key}"',
                )
        for key in ("id", "deal", "at", *_REQUIRED.get(sort, ())):
            if key not in raw:
                self.report(Code.EVENT_FIELD, f"the event lacks `{key}`", f'add `"{key}": …`')
        for key in ("id", "deal", "actor"):
            if key in raw:
                self.name(raw, key)
        at = raw.get("at", "")
        instant = self.instant(at, "at") if "at" in raw else 0
        head = (raw.get("id", ""), raw.get("deal", ""), at, instant, raw.get("actor", ""))
        return _BUILDERS[sort](self, raw, head)

    def name(self, raw: dict[str, Any], key: str) -> str:
        """Check an id, a deal or an actor: text of 1 to 200 characters that can be printed."""
        value = raw.get(key, "")
        if isinstance(value, str) and _is_name(value):
            return value
        shown = (
            _json(value) if not isinstance(value, str) or len(value) <= 200 else f"a text of {len(value):,} characters"
        )
        self.report(Code.EVENT_FIELD, f"{shown} cannot be `{key}`", "use 1 to 200 printable characters", f'"{key}"')
        return ""

    def instant(self, text: object, key: str) -> int:
        """Read an RFC 3339 instant as microseconds since 1970."""
        if isinstance(text, str):
            try:
                return self.decoder.instant(text)
            except (ValueError, OverflowError):
                pass
        self.report(
            Code.BAD_INSTANT,
            f"{_json(text)} in `{key}` is no instant with an offset",
            "write `2026-11-22T09:30:00Z`, with 6 decimals of a second at most",
            f'"{key}"',
        )
        return 0

    def party(self, raw: dict[str, Any]) -> Party:
        value = raw.get("by")
        if value == "us":
            return US
        if value != "them" and "by" in raw:
            self.report(Code.EVENT_FIELD, f"`by` is `us` or `them`, not {_json(value)}", near='"by"')
        return THEM

    def mapping(self, raw: dict[str, Any], key: str) -> dict[str, Any]:
        value = raw.get(key)
        if value is None and key not in raw:
            return {}
        if isinstance(value, dict):
            return value
        self.report(Code.EVENT_FIELD, f"`{key}` is an object, not {_json(value)}", near=f'"{key}"')
        return {}

    def text(self, raw: dict[str, Any], key: str) -> str:
        value = raw.get(key, "")
        if isinstance(value, str):
            return value
        self.report(Code.EVENT_FIELD, f"`{key}` is text, not {_json(value)}", near=f'"{key}"')
        return ""

    def values(
        self, raw: dict[str, Any], key: str, readers: Mapping[str, _Reader], code: Code, what: str
    ) -> dict[str, Value]:
        """Read an object of typed values."""
        found: dict[str, Value] = {}
        for name, value in self.mapping(raw, key).items():
            reader = readers.get(name)
            if reader is None:
                self.report(
                    code,
                    f"`{shorten(name)}` is no {what} of policy `{self.decoder.policy.name}`",
                    nearest(name, readers),
                    f'"{name}"',
                )
                continue
            try:
                found[name] = reader.read(value)
            except NotAValue as problem:
                self.report(Code.EVENT_VALUE, f"`{name}`: {problem}", problem.hint, f'"{name}"')
        return found

    def terms(self, raw: dict[str, Any]) -> dict[str, Value]:
        return self.values(raw, "terms", self.decoder.issues, Code.UNKNOWN_ISSUE, "issue")

    def facts(self, raw: dict[str, Any]) -> dict[str, Value]:
        return self.values(raw, "facts", self.decoder.deal, Code.UNKNOWN_DEAL_FACT, "deal fact")

    def limits(self, raw: dict[str, Any]) -> dict[str, Limits]:
        """Read `limits`: for issues, and for `package`, any of wish, want and walk."""
        found: dict[str, Limits] = {}
        readers = {**self.decoder.issues, "package": self.decoder.money}
        for name, values in self.mapping(raw, "limits").items():
            reader = readers.get(name)
            if reader is None:
                self.report(
                    Code.UNKNOWN_ISSUE,
                    f"`{shorten(name)}` is no issue of policy `{self.decoder.policy.name}`",
                    nearest(name, readers),
                    f'"{name}"',
                )
            elif not isinstance(values, dict):
                self.report(
                    Code.EVENT_FIELD,
                    f"the limits of `{name}` are an object, not {_json(values)}",
                    '`{"walk": "…"}`',
                    f'"{name}"',
                )
            else:
                read = self.values(
                    {name: values}, name, dict.fromkeys(THRESHOLDS, reader), Code.EVENT_FIELD, "threshold"
                )
                found[name] = Limits(**read)
        return found

    def batna(self, raw: dict[str, Any]) -> int | None:
        if "batna" not in raw:
            return None
        try:
            value = self.decoder.money.read(raw["batna"])
        except NotAValue as problem:
            self.report(Code.EVENT_VALUE, f"`batna`: {problem}", problem.hint, '"batna"')
            return None
        return value if isinstance(value, int) else None

    def names(
        self, raw: dict[str, Any], key: str, known: Mapping[str, object] | None, code: Code, what: str
    ) -> tuple[str, ...]:
        """Read a list of names, each once; an empty list is a mistake."""
        if key not in raw:
            return ()
        value = raw[key]
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            self.report(Code.EVENT_FIELD, f"`{key}` is a list of one name or more, not {_json(value)}", near=f'"{key}"')
            return ()
        for name in value:
            if known is not None and name not in known:
                self.report(
                    code,
                    f"`{shorten(name)}` is no {what} of policy `{self.decoder.policy.name}`",
                    nearest(name, known),
                    f'"{name}"',
                )
        if len(set(value)) < len(value):
            self.report(Code.EVENT_FIELD, f"`{key}` names one twice", near=f'"{key}"')
        return tuple(value)

    def offer(self, raw: dict[str, Any]) -> dict[str, Value]:
        terms = self.terms(raw)
        if "terms" in raw and raw["terms"] == {}:
            self.report(Code.EVENT_FIELD, "the offer names no issue", near='"terms"')
        return terms

    def signal(self, raw: dict[str, Any]) -> str:
        kind = self.text(raw, "kind")
        signals = self.decoder.policy.signals
        if "kind" in raw and kind not in signals:
            self.report(
                Code.UNKNOWN_SIGNAL,
                f"`{shorten(kind)}` is no signal of policy `{self.decoder.policy.name}`",
                nearest(kind, signals),
                '"kind"',
            )
        return kind

    def confirmed(self, raw: dict[str, Any]) -> bool:
        value = raw.get("confirmed", True)
        if value in (True, "yes"):
            return True
        if value not in (False, "no"):
            self.report(Code.EVENT_FIELD, f"`confirmed` is yes or no, not {_json(value)}", near='"confirmed"')
        return False

    def role(self, raw: dict[str, Any]) -> str:
        role = self.text(raw, "role")
        roles = self.decoder.policy.roles
        if "role" in raw and role not in roles:
            self.report(
                Code.UNKNOWN_EVENT_ROLE,
                f"`{shorten(role)}` is no role of policy `{self.decoder.policy.name}`",
                nearest(role, roles),
                '"role"',
            )
        return role

    def approve(self, raw: dict[str, Any], head: "_Head") -> Approve:
        until = self.instant(raw["until"], "until") if "until" in raw else None
        override = self.names(raw, "override", None, Code.EVENT_FIELD, "rule")
        reason = self.text(raw, "reason")
        if override and (not reason.strip() or until is None):
            self.report(Code.EVENT_FIELD, "a waiver (`override`) wants a `reason` and an `until`", near='"override"')
        approver = self.name(raw, "approver") if "approver" in raw else ""
        return Approve(
            **_head(head),
            approver=approver,
            role=self.role(raw),
            terms=self.offer(raw),
            until=until,
            override=override,
            reason=reason,
        )

    def outcome(self, raw: dict[str, Any]) -> str:
        value = raw.get("outcome", "")
        if "outcome" in raw and value not in OUTCOMES:
            self.report(Code.EVENT_FIELD, f"{_json(value)} is no outcome", nearest(str(value), OUTCOMES), '"outcome"')
        return str(value)

    def opened(self, raw: dict[str, Any], head: "_Head") -> Open:
        return Open(
            **_head(head), facts=self.facts(raw), terms=self.terms(raw), limits=self.limits(raw), batna=self.batna(raw)
        )

    def update(self, raw: dict[str, Any], head: "_Head") -> Update:
        if not raw.keys() & {"facts", "limits", "batna", "policy"}:
            self.report(Code.EVENT_FIELD, "the update changes nothing", "give `facts`, `limits`, `batna` or `policy`")
        return Update(
            **_head(head),
            facts=self.facts(raw),
            limits=self.limits(raw),
            batna=self.batna(raw),
            policy=self.text(raw, "policy"),
        )

    def accept(self, raw: dict[str, Any], head: "_Head") -> Accept:
        issues = self.names(raw, "issues", self.decoder.issues, Code.UNKNOWN_ISSUE, "issue")
        return Accept(**_head(head), by=self.party(raw), issues=issues)


_Head = tuple[str, str, str, int, str]


def _head(head: _Head) -> dict[str, Any]:
    return dict(zip(("id", "deal", "at", "instant", "actor"), head, strict=True))


_BUILDERS: dict[str, Callable[[_Line, dict[str, Any], _Head], AnyEvent]] = {
    "open": _Line.opened,
    "offer": lambda line, raw, h: Offer(
        id=h[0], deal=h[1], at=h[2], instant=h[3], actor=h[4], by=line.party(raw), terms=line.offer(raw)
    ),
    "accept": _Line.accept,
    "reject": lambda line, raw, h: Reject(**_head(h), by=line.party(raw)),
    "signal": lambda line, raw, h: Signal(
        **_head(h),
        by=line.party(raw),
        kind=line.signal(raw),
        confirmed=line.confirmed(raw),
        note=line.text(raw, "note"),
    ),
    "update": _Line.update,
    "approve": _Line.approve,
    "tick": lambda line, raw, h: Tick(**_head(h)),
    "close": lambda line, raw, h: Close(**_head(h), outcome=line.outcome(raw)),
}


def _is_name(text: str) -> bool:
    """Return whether *text* can be an id, a deal or an actor."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable()


def _json(value: object) -> str:
    """Show a JSON value in a message, in its own spelling, shortened."""
    if isinstance(value, str):
        return f'`"{shorten(value)}"`'
    if isinstance(value, bool) or value is None:
        return f"`{msgspec.json.encode(value).decode()}`"
    if isinstance(value, dict | list):
        return (
            f"an {'' if value else 'empty '}object"
            if isinstance(value, dict)
            else "a list"
            if value
            else "an empty list"
        )
    return f"`{shorten(str(value))}`" if isinstance(value, Decimal) or abs(value) < 10**40 else "a huge number"  # type: ignore[arg-type]


def _sentence(problem: str) -> str:
    """Return a library's message in our form: no capital at the start, no full stop, one line."""
    text = " ".join(problem.split()).rstrip(".")
    return shorten(text if text[1:2].isupper() else text[:1].lower() + text[1:], 160)
