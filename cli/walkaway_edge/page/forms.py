"""What a form sends, and the fields that a policy's issues and facts become."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from walkaway import Policy
from walkaway.language import Kind, Unit, Value, example, format_value
from walkaway_edge.http.answers import InputFinding, problem

TERM = "t."
"""Stands before an issue's name, so that it is no other field's."""
FACT = "f."


class FormField(msgspec.Struct, frozen=True):
    """One field of a form.

    Attributes:
        kind: `number`, `text`, `yes/no` or `choice`.
        hint: What it means, or how it is written.
        now: Where it stands, as people write it; empty where nothing is known.
        wrong: What is wrong with what was typed.
    """

    name: str
    label: str
    kind: str
    value: str
    example: str
    choices: tuple[str, ...] = ()
    now: str = ""
    theirs: str = ""
    hint: str = ""
    wrong: str = ""
    optional: bool = False


def read_form(body: bytes) -> dict[str, str]:
    """Return what a form sends, each field once.

    Raises:
        Problem: Where it is none.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=500)
    except (ValueError, UnicodeDecodeError) as error:
        raise problem("not-json", "this is no form", hint="open the page again and send it there") from error
    found = dict(pairs)
    if len(found) < len(pairs):
        raise problem("bad-query", "a field stands twice", hint="open the page again and send it there")
    return found


def named(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the fields that begin so, without what they begin with; those left blank are left out."""
    return {key.removeprefix(prefix): value.strip() for key, value in form.items() if key.startswith(prefix)}


def stated(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the fields that begin so and say something."""
    return {key: value for key, value in named(form, prefix).items() if value}


def changed(form: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """Return the terms of a form that are others than ours are now."""
    return {issue: value for issue, value in stated(form, TERM).items() if value != ours.get(issue)}


def term_fields(
    policy: Policy,
    typed: Mapping[str, str],
    ours: Mapping[str, str] | None = None,
    theirs: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> list[FormField]:
    """Return a field for each issue.

    Args:
        typed: Issue → what was typed; elsewhere stands what we offer now.
        wrong: Issue → what is wrong with it.
    """
    ours, theirs, wrong = ours or {}, theirs or {}, wrong or {}
    return [
        _field(
            policy,
            TERM,
            issue.name,
            issue.unit,
            typed.get(issue.name, ours.get(issue.name, "")),
            now=ours.get(issue.name, ""),
            theirs=theirs.get(issue.name, ""),
            wrong=wrong.get(issue.name, ""),
        )
        for issue in policy.issues.values()
    ]


def fact_fields(policy: Policy, typed: Mapping[str, str], wrong: Mapping[str, str]) -> list[FormField]:
    """Return a field for each fact that a deal states when it opens."""
    return [
        _field(
            policy,
            FACT,
            fact.name,
            fact.unit,
            typed.get(fact.name, _written(fact.default, fact.unit)),
            hint=fact.meaning,
            wrong=wrong.get(fact.name, ""),
            optional=fact.optional or fact.default is not None,
        )
        for fact in policy.deal.values()
    ]


def _written(value: Value | None, unit: Unit) -> str:
    return "" if value is None else format_value(value, unit)


def _field(
    policy: Policy,
    prefix: str,
    name: str,
    unit: Unit,
    value: str,
    *,
    now: str = "",
    theirs: str = "",
    hint: str = "",
    wrong: str = "",
    optional: bool = False,
) -> FormField:
    kind = {Kind.YES_NO: "yes/no", Kind.CHOICE: "choice", Kind.TEXT: "text"}.get(unit.kind, "number")
    shown = _lines(policy, prefix) if name == "lines" and policy.lines is not None else example(unit)
    label = name.replace("_", " ").capitalize()
    return FormField(f"{prefix}{name}", label, kind, value, shown, unit.choices, now, theirs, hint, wrong, optional)


def _lines(policy: Policy, prefix: str) -> str:
    """Return how the lines of a deal, or of terms, are typed."""
    assert policy.lines is not None, "only a policy with lines has a field for them"
    columns = policy.lines.issues if prefix == TERM else policy.lines.facts
    return "A-1: " + ", ".join(f"{name} {example(column.unit)}" for name, column in columns.items()) + "; A-2: …"


def beside(findings: tuple[InputFinding, ...], under: str) -> tuple[dict[str, str], list[InputFinding]]:
    """Part findings into those of a field, by its name, and the others.

    Args:
        under: Where the fields stand in what was sent, as `terms`.
    """
    fields: dict[str, str] = {}
    others: list[InputFinding] = []
    for finding in findings:
        _, _, name = finding.pointer.partition(f"/{under}/")
        if name:
            fields[name.replace("~1", "/").replace("~0", "~")] = f"{finding.message}; {finding.hint}"
        else:
            others.append(finding)
    return fields, others
