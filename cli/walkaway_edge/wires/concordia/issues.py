"""The terms of Concordia against the issues of a policy: a declared mapping, exact both ways.

Every term is an object with a `value`; what stands beside that is declared too: a currency, a unit, a list of words.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from walkaway import Code
from walkaway.language.instants import read_day
from walkaway.language.values import Kind, NotAValue, Unit, format_value, parse_value
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.numbers import read_number, write_number
from walkaway_edge.wires.outcomes import Misfit, canonical, pointer_of

Terms = Mapping[str, str]
"""Issue → value as an event has it."""
_NUMBERS: Mapping[str, Kind] = {
    "money": Kind.MONEY,
    "percent": Kind.PERCENT,
    "months": Kind.MONTHS,
    "days": Kind.DAYS,
    "count": Kind.COUNT,
    "number": Kind.NUMBER,
}


class ConcordiaTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one term is read.

    Attributes:
        kind: `money`, `percent`, `months`, `days`, `count` and `number` are numbers of these; `day` a date; `flag` true
            or false; `word` one of `words`; `text` goes in as said, for a term that the policy has no issue for.
        issue: As which issue, or undeclared term, it goes in.
        defined: How the message that opens a session defines it, all of it.
        beside: What stands beside its value in an offer, all of it; an amount has its `currency` there.
        words: Of a `word`: the wire's → the policy's, each once.
    """

    kind: Literal["money", "percent", "months", "days", "count", "number", "day", "flag", "word", "text"]
    issue: str
    defined: Mapping[str, Any]
    beside: Mapping[str, Any] = {}
    words: Mapping[str, str] = {}


class Concordia(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is agreed with one party about this wire; data, made once.

    Attributes:
        currency: Of the deal, ISO 4217.
        terms: Term → how it is read.
        facts: What is set when a deal opens.
        signals: `constrain` and `signal` → the policy's signal as which such a message is kept, unconfirmed and sealed.
            A preference that has none is passed over; a hard constraint that has none is refused.
    """

    currency: str
    terms: Mapping[str, ConcordiaTerm]
    facts: Mapping[str, Any] = {}
    signals: Mapping[Literal["constrain", "signal"], str] = {}


def read_agreement(data: bytes) -> Concordia:
    """Read an agreement from JSON.

    Raises:
        EdgeProblem: Where it is none, with the first thing that is wrong.
    """
    try:
        found = msgspec.json.decode(data, type=Concordia)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise EdgeProblem(f"the agreement cannot be read: {problem}") from problem
    for wrong in _faults(found):
        raise EdgeProblem(f"the agreement does not fit: {wrong}")
    return found


def _faults(wire: Concordia) -> Iterator[str]:
    issues = [term.issue for term in wire.terms.values()]
    if not issues or len(set(issues)) < len(issues) or "" in issues:
        yield "each term goes in as an issue of its own, and there is one at least"
    for name, term in wire.terms.items():
        if "value" in term.beside:
            yield f"`{name}`: `value` does not stand beside itself"
        if term.kind == "money" and term.beside.get("currency") != wire.currency:
            yield f"`{name}`: an amount has the currency {wire.currency} beside it"
        if (term.kind == "word") != bool(term.words) or len(set(term.words.values())) < len(term.words):
            yield f"`{name}`: `words` gives each word of the wire a word of its own"


def read_terms(found: Any, wire: Concordia) -> Terms:
    """Read a whole package.

    Raises:
        Misfit: With everything that is wrong with it.
    """
    if not isinstance(found, dict):
        raise Misfit({"/body/terms": "terms are an object"}, "invalid_message", Code.EVENT_FIELD)
    wrong: dict[str, str] = {}
    terms: dict[str, str] = {}
    for name, term in wire.terms.items():
        place = f"/body/terms{pointer_of(name)}"
        said = found.get(name)
        if not isinstance(said, dict) or "value" not in said:
            wrong[place] = f"`{name}` is missing: what is left out is not taken as it was before"
            continue
        beside = {key: value for key, value in said.items() if key != "value"}
        if canonical(beside) != canonical(term.beside):
            wrong[place] = f"beside the value of `{name}` stands exactly what is agreed"
            continue
        try:
            terms[term.issue] = _read(said["value"], term, wire.currency)
        except NotAValue as problem:
            wrong[f"{place}/value"] = str(problem)
    for name in found.keys() - wire.terms.keys():
        wrong[f"/body/terms{pointer_of(name)}"] = f"`{name}` is a term that is not mapped"
    if wrong:
        raise Misfit(wrong, "not_understood", Code.EVENT_VALUE)
    return terms


def write_terms(terms: Terms, wire: Concordia) -> dict[str, Any]:
    """Write a whole package: what `read_terms` reads as that.

    Raises:
        NotAValue: Where an issue is missing or not mapped, or its value cannot be said on the wire.
    """
    issues = {term.issue for term in wire.terms.values()}
    if issues != terms.keys():
        names = ", ".join(f"`{name}`" for name in sorted(issues ^ terms.keys()))
        raise NotAValue(f"{names}: a package is of the terms of this wire, all of them")
    return {
        name: {"value": _write(terms[term.issue], term, wire.currency), **term.beside}
        for name, term in wire.terms.items()
    }


def _read(value: Any, term: ConcordiaTerm, currency: str) -> str:
    if term.kind in _NUMBERS:
        unit = Unit(_NUMBERS[term.kind], currency if term.kind == "money" else "")
        return format_value(read_number(value, unit), unit)
    if term.kind == "flag":
        if not isinstance(value, bool):
            raise NotAValue("it is true or false")
        return "yes" if value else "no"
    if not isinstance(value, str):
        raise NotAValue("it is a text")
    if term.kind == "word":
        if value not in term.words:
            raise NotAValue(f"it is one of {', '.join(term.words)}")
        return term.words[value]
    if term.kind == "day" and read_day(value) is None:
        raise NotAValue("it is no day, as 2026-10-05")
    return value


def _write(text: str, term: ConcordiaTerm, currency: str) -> Any:
    if term.kind in _NUMBERS:
        unit = Unit(_NUMBERS[term.kind], currency if term.kind == "money" else "")
        value = parse_value(text, unit)
        if not isinstance(value, int):
            raise NotAValue(f"`{term.issue}` cannot be said exactly on this wire")
        return write_number(value, unit)
    if term.kind == "flag":
        return parse_value(text, Unit(Kind.YES_NO)) == 1
    if term.kind == "word":
        words = {ours: theirs for theirs, ours in term.words.items()}
        if text not in words:
            raise NotAValue(f"`{term.issue}`: the wire has no word for `{text}`")
        return words[text]
    if term.kind == "day" and read_day(text) is None:
        raise NotAValue(f"`{term.issue}` is no day")
    return text
