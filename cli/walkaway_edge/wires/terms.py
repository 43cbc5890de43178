"""The terms of a wire against the issues of a policy: a declared mapping, exact both ways.

A mapping is data: JSON pointer into the terms of a message → how that term is read, and as which issue. What stands in
a message and not in the mapping is refused, and so is a mapped term that is missing: what it would be is not guessed.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from walkaway import Code
from walkaway.language.instants import EPOCH, read_day
from walkaway.language.values import LIMIT, Kind, NotAValue, Unit, Value, format_value, parse_value
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.outcomes import Misfit, keys_of, pointer_of

Written = Mapping[str, str | None]
"""Issue → value as an event has it; none takes back a term that nobody declared."""
_UNITS: Mapping[str, tuple[Kind, int]] = {
    "money": (Kind.MONEY, 1),
    "bps": (Kind.PERCENT, 100),
    "days": (Kind.DAYS, 1),
    "minutes": (Kind.DURATION, 60),
    "count": (Kind.COUNT, 1),
}
"""Integers by the kind in which they are mapped: the issue's, and how many of its smallest unit one is."""


class MappedTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one term of a wire is read.

    Attributes:
        kind: `money` counts minor units of the currency; `bps` hundredths of a percent; `months` is an object with
            `start_date` and `end_date`, both days included; `date` a day; `flag` true or false; `word` one of `words`;
            `text` goes in as said, for a term that the policy has no issue for; `note` is free text, which no rule
            reads; `line` is a list with one item, which must be `item`.
        issue: As which issue, or undeclared term, it goes in; not for `note` and `line`.
        words: Of a `word`: the wire's → the policy's, each once.
        starts: Of `months`: the day on which they start, where that is no term.
        start: Of `months`: the issue of the day on which they start, where it is one.
        item: Of a `line`: `id`, `description`, `quantity` and `unit`.
    """

    kind: Literal["money", "bps", "days", "minutes", "count", "months", "date", "flag", "word", "text", "note", "line"]
    issue: str = ""
    words: Mapping[str, str] = {}
    starts: str = ""
    start: str = ""
    item: Mapping[str, str | int] = {}


class TermsMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A declared mapping.

    Attributes:
        currency: Pointer to the currency of the terms.
        total: Pointer to the total, in money.
        terms: Pointer → term.
    """

    currency: str
    total: str
    terms: Mapping[str, MappedTerm]


def read_map(data: bytes) -> TermsMap:
    """Read a mapping from JSON.

    Raises:
        EdgeProblem: Where it is none, with the first thing that is wrong.
    """
    try:
        found = msgspec.json.decode(data, type=TermsMap)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise EdgeProblem(f"the mapping of terms cannot be read: {problem}") from problem
    for wrong in _faults(found):
        raise EdgeProblem(f"the mapping of terms does not fit: {wrong}")
    return found


def _faults(mapping: TermsMap) -> Iterator[str]:
    if mapping.total not in mapping.terms or mapping.terms[mapping.total].kind != "money":
        yield f"`total` names no term of kind `money`: `{mapping.total}`"
    issues = [name for term in mapping.terms.values() for name in (term.issue, term.start) if name]
    if len(set(issues)) < len(issues):
        yield "two terms go in as one issue"
    for pointer, term in mapping.terms.items():
        if not pointer.startswith("/"):
            yield f"`{pointer}` is no JSON pointer"
        if bool(term.issue) == (term.kind in ("note", "line")):
            yield f"`{pointer}`: `issue` is named by every kind but `note` and `line`"
        if term.kind == "word" and (not term.words or len(set(term.words.values())) < len(term.words)):
            yield f"`{pointer}`: `words` gives each word of the wire a word of its own"
        fixed = _day(term.starts) is not None
        if term.kind == "months" and (bool(term.starts) != fixed or fixed == bool(term.start)):
            yield f"`{pointer}`: months start on a day `starts`, or on that of the issue `start`"
        if term.kind == "line" and set(term.item) != {"id", "description", "quantity", "unit"}:
            yield f"`{pointer}`: `item` has `id`, `description`, `quantity` and `unit`"


class ReadTerms(msgspec.Struct, frozen=True):
    """The terms of a message as an event has them, and the free text in them."""

    terms: Written
    note: str


def read_terms(said: Mapping[str, Any], mapping: TermsMap, currency: str, error: str) -> ReadTerms:
    """Read the terms of a message.

    Args:
        currency: In which the deal is, ISO 4217.
        error: What the wire calls terms that cannot be understood.

    Raises:
        Misfit: With everything that is wrong with them.
    """
    leaves = dict(_leaves(said))
    wrong: dict[str, str] = {}
    terms: dict[str, str | None] = {}
    notes: list[str] = []
    if leaves.pop(mapping.currency, None) != currency:
        wrong[mapping.currency] = f"the currency is {currency} from beginning to end"
    for pointer, term in mapping.terms.items():
        value, parts = _taken(leaves, pointer, term)
        try:
            if value is UNSET and term.kind in ("text", "note"):
                terms |= {term.issue: None} if term.issue else {}
            elif value is UNSET:
                raise NotAValue(f"`{pointer}` is missing: what is left out is not taken as it was before")
            elif term.kind == "note":
                notes.append(_text(value, pointer))
            elif term.kind == "line":
                _same_line(value, pointer, term, _at(said, mapping.total))
            else:
                terms |= _values(value, pointer, term, currency)
        except NotAValue as problem:
            wrong[next(iter(parts))] = str(problem)
    wrong |= {pointer: f"`{pointer}` is a term that is not mapped" for pointer in leaves if pointer not in wrong}
    if wrong:
        raise Misfit({f"/terms{pointer}": why for pointer, why in wrong.items()}, error, Code.EVENT_VALUE)
    return ReadTerms(terms, "\n".join(notes))


def write_terms(terms: Written, mapping: TermsMap, currency: str) -> dict[str, Any]:
    """Write a whole package as the terms of a message: what `read_terms` reads as that.

    Raises:
        NotAValue: Where an issue is not mapped or missing, or its value cannot be said on the wire.
    """
    unsaid = dict(terms)
    said: dict[str, Any] = {}
    _put(said, mapping.currency, currency)
    for pointer, term in mapping.terms.items():
        if term.kind in ("note", "line"):
            continue
        value = unsaid.pop(term.issue, None)
        start = unsaid.pop(term.start, None) if term.start else term.starts
        if value is not None:
            _put(said, pointer, _said(value, start, pointer, term, currency))
        elif term.kind != "text":
            raise NotAValue(f"`{term.issue}` is missing")
    if unsaid:
        raise NotAValue(f"{', '.join(f'`{name}`' for name in unsaid)} cannot be said on this wire")
    total = _at(said, mapping.total)
    for pointer, term in mapping.terms.items():
        if term.kind == "line":
            _put(said, pointer, [_line(term, total)])
    return said


def _values(value: Any, pointer: str, term: MappedTerm, currency: str) -> dict[str, str | None]:
    """Return issue → value as an event has it."""
    if term.kind == "months":
        months, start = _months(value, pointer)
        if term.starts and start != term.starts:
            raise NotAValue(f"`{pointer}/start_date` is {term.starts} in this deal")
        return {term.issue: format_value(months, Unit(Kind.MONTHS)), **({term.start: start} if term.start else {})}
    if term.kind == "flag":
        if not isinstance(value, bool):
            raise NotAValue(f"`{pointer}` is true or false")
        return {term.issue: "yes" if value else "no"}
    text = value if term.kind in _UNITS else _text(value, pointer)
    if term.kind == "word":
        if text not in term.words:
            raise NotAValue(f"`{pointer}` is one of {', '.join(term.words)}")
        return {term.issue: term.words[text]}
    if term.kind == "date" and _day(text) is None:
        raise NotAValue(f"`{pointer}` is no day, as 2026-10-05")
    if term.kind not in _UNITS:
        return {term.issue: text}
    kind, of = _UNITS[term.kind]
    if type(value) is not int or not 0 <= value * of <= LIMIT:
        raise NotAValue(f"`{pointer}` is a whole number from 0 to {LIMIT // of}")
    return {term.issue: format_value(value * of, Unit(kind, currency if kind is Kind.MONEY else ""))}


def _said(text: str, start: str | None, pointer: str, term: MappedTerm, currency: str) -> Any:
    """Return a value as the message has it.

    Raises:
        NotAValue: Where it has no such value.
    """
    if term.kind == "months":
        first = _day(start or "")
        if first is None:
            raise NotAValue(f"`{term.start}` is no day")
        end = _ended(first, _number(parse_value(text, Unit(Kind.MONTHS)), 1, term))
        return {"start_date": first.isoformat(), "end_date": end.isoformat()}
    if term.kind == "flag":
        return _number(parse_value(text, Unit(Kind.YES_NO)), 1, term) == 1
    if term.kind == "word":
        words = {ours: theirs for theirs, ours in term.words.items()}
        if text not in words:
            raise NotAValue(f"`{term.issue}`: the wire has no word for `{text}`")
        return words[text]
    if term.kind == "date" and _day(text) is None:
        raise NotAValue(f"`{term.issue}` is no day")
    if term.kind not in _UNITS:
        return text
    kind, of = _UNITS[term.kind]
    return _number(parse_value(text, Unit(kind, currency if kind is Kind.MONEY else "")), of, term)


def _number(value: Value, of: int, term: MappedTerm) -> int:
    if not isinstance(value, int) or value < 0 or value % of:
        raise NotAValue(f"`{term.issue}` cannot be said exactly on this wire")
    return value // of


def _months(value: Mapping[str, Any], pointer: str) -> tuple[int, str]:
    """Return how many whole months there are from a first to a last day, and the first."""
    first, last = (_day(value.get(name)) for name in ("start_date", "end_date"))
    if first is None or last is None:
        raise NotAValue(f"`{pointer}` has `start_date` and `end_date`, as 2026-10-05")
    months = (last.year - first.year) * 12 + last.month - first.month
    for count in (months, months + 1):
        if count > 0 and _ends_on(first, count) == last:
            return count, first.isoformat()
    raise NotAValue(f"`{pointer}` is no whole number of months")


def _ended(first: date, months: int) -> date:
    last = _ends_on(first, months) if months else None
    if last is None:
        raise NotAValue(f"{months} months from {first.isoformat()} do not end on a day of their own")
    return last


def _ends_on(first: date, months: int) -> date | None:
    """Return the last day of months; none where they would end between days, as a month from 31 January."""
    year, month = divmod(first.month - 1 + months, 12)
    try:
        return date(first.year + year, month + 1, first.day) - timedelta(days=1)
    except ValueError:
        return None


def _day(text: Any) -> date | None:
    """Return a day; none where it is not written as RFC 3339 has it."""
    days = read_day(text) if isinstance(text, str) and len(text) == 10 else None
    return None if days is None else EPOCH.date() + timedelta(days=days)


def _text(value: Any, pointer: str) -> str:
    if not isinstance(value, str):
        raise NotAValue(f"`{pointer}` is a text")
    return value


def _line(term: MappedTerm, total: Any) -> dict[str, Any]:
    quantity = term.item["quantity"]
    if type(total) is not int or not isinstance(quantity, int) or quantity < 1 or total % quantity:
        raise NotAValue("the total is no whole price for each unit of the line")
    return {**term.item, "unit_price": total // quantity, "total": total}


def _same_line(value: Any, pointer: str, term: MappedTerm, total: Any) -> None:
    if json.dumps(value, sort_keys=True) != json.dumps([_line(term, total)], sort_keys=True):  # 1 is not true
        raise NotAValue(f"`{pointer}` has one item, the one of this deal, and its total is that of the terms")


def _taken(leaves: dict[str, Any], pointer: str, term: MappedTerm) -> tuple[Any, list[str]]:
    """Take a term out of the leaves; return its value, `UNSET` where it is missing, and where it stands."""
    if term.kind != "months":
        return leaves.pop(pointer, UNSET), [pointer]
    parts = [f"{pointer}/{name}" for name in ("start_date", "end_date")]
    found = {part.rpartition("/")[2]: leaves.pop(part) for part in parts if part in leaves}
    return found or UNSET, parts


def _leaves(said: Mapping[str, Any], *keys: str) -> Iterator[tuple[str, Any]]:
    """Return pointer → whatever is no object; an empty object too, since nothing says what it means."""
    for key, value in said.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, *keys, key)
        else:
            yield pointer_of(*keys, key), value


def _put(said: dict[str, Any], pointer: str, value: Any) -> None:
    *way, last = keys_of(pointer)
    for key in way:
        said = said.setdefault(key, {})
    if isinstance(value, dict) and last in said:
        said[last] |= value
    else:
        said[last] = value


def _at(said: Mapping[str, Any], pointer: str) -> Any:
    found: Any = said
    for key in keys_of(pointer):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
