"""Stages that read `currencies:`, and find the amounts that cannot be converted: those known before a deal opens."""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span, nearest
from walkaway.language.expr.tree import Const
from walkaway.language.instants import DAY
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit, format_value, shorten
from walkaway.policy.exchange import Exchange
from walkaway.policy.model import DealFact, Issue, Linear
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.section import Section

_UTC = re.compile(r"([01]\d|2[0-3]):([0-5]\d) UTC", re.ASCII)
_MINUTE = DAY // 1440


def read_currencies(draft: Draft, findings: Findings) -> Draft:
    """Read `currencies:`."""
    mapping = draft.top.mapping("currencies")
    if mapping is None:
        return draft
    section = Section(mapping, "currencies", "`currencies`", findings, draft.top.keys["currencies"].span)
    known = section.fields["accepted"].choices
    others: list[str] = []
    for word in section.words("accepted", ".+"):
        if word.value not in known:
            hint = nearest(word.value, known) or "write its ISO 4217 code, as `EUR`"
            findings.add(Code.BAD_CHOICE, f"`{shorten(word.value)}` is no currency", word.span, hint)
        elif word.value != draft.currency:
            others.append(word.value)
    if not others and "accepted" in section.nodes and not len(findings):
        what = f"`accepted` names no currency beside the policy's own, {draft.currency}"
        findings.add(Code.BAD_VALUE, what, section.keys["accepted"].span, "name another, or remove `currencies`")
    drift = section.value("drift", Unit(Kind.PERCENT))
    if isinstance(drift, int) and drift < 0:
        findings.add(Code.BAD_VALUE, "`drift` is 0% or more", section.nodes["drift"].span, "remove the sign")
    found = Exchange((draft.currency, *others), drift=drift if isinstance(drift, int) else None, span=section.place)
    return replace(draft, exchange=_with_rates(section, found, findings))


def _with_rates(section: Section, found: Exchange, findings: Findings) -> Exchange:
    """Read `rates:`."""
    mapping = section.mapping("rates")
    if mapping is None:
        return found
    inner = Section(mapping, "rates", "`rates`", findings, section.keys["rates"].span)
    file, per, age = inner.text("file"), inner.choice("per"), inner.value("max_age", Unit(Kind.DAYS))
    if isinstance(age, int) and age < 1:
        findings.add(
            Code.BAD_VALUE, "`max_age` is a day or more", inner.nodes["max_age"].span, "write how old a rate may be"
        )
    published = inner.scalar("published")
    return replace(
        found, file=file, per=per, max_age=age * DAY if isinstance(age, int) else 0,
        published=None if published is None else _published(published, findings),
    )  # fmt: skip


def _published(scalar: Scalar, findings: Findings) -> int | None:
    """Return so many microseconds after midnight UTC: no zone is known here, and none changes what was decided."""
    said = _UTC.fullmatch(scalar.value)
    if said is not None:
        return (int(said[1]) * 60 + int(said[2])) * _MINUTE
    what = f"`{shorten(scalar.value)}` is no hour in UTC"
    hint = "write its hours and minutes and `UTC`, as in `HH:MM UTC`"
    if re.fullmatch(r"\d\d?:\d\d \S+/\S+", scalar.value, re.ASCII):
        hint = f'remove it, and have `walkaway rates --published "{scalar.value}"` write the instants into the file'
    findings.add(Code.BAD_VALUE, what, scalar.span, hint)
    return None


def check_amounts(draft: Draft, findings: Findings) -> Draft:
    """Find amounts that would have to be converted before a deal has a rate."""
    if draft.exchange is None:
        return draft
    other = next((code for code in draft.exchange.accepted if code != draft.currency), "another currency")
    for what, place, hint in (*_bounds(draft), *_worths(draft), *_keys(draft)):
        message = f"{what}, and a deal in {other} has no rate where that is read"
        findings.add(Code.AMOUNT_NOT_CONVERTED, message, place, hint)
    return draft


_Found = Iterator[tuple[str, Span, str]]


def _bounds(draft: Draft) -> _Found:
    """Find bounds and defaults that are amounts: what a value may be is known when its event is read."""
    for section, entries in (("deal", draft.deal), ("issues", draft.issues)):
        for of in entries.values():
            if of.unit.kind is Kind.MONEY:
                yield from _of_entry(draft, section, of)


def _of_entry(draft: Draft, section: str, of: DealFact | Issue) -> _Found:
    title = f"deal fact `{of.name}`" if section == "deal" else f"issue `{of.name}`"
    least = format_value(1, of.unit)
    for key in ("least", "most", "default"):
        value = getattr(of, key, None)
        node = _node(draft, section, of.name, key)
        if isinstance(value, int) and node is not None and abs(value) > (key != "default"):
            hint = f"write `0 {of.unit.currency}`"
            hint += "" if key == "default" else f", or `{least}`, which is the least amount of every currency"
            hint = "have each deal state it" if key == "default" else f"{hint}; or compare it in a rule"
            yield f"`{key}` of {title} is {format_value(value, of.unit)}", node.span, hint
    values = _node(draft, section, of.name, "values")
    if isinstance(of, Issue) and of.values and values is not None:
        yield f"`values` of {title} are amounts", values.span, "compare it in a rule"


def _worths(draft: Draft) -> _Found:
    """Find worths of money per so much money that are no plain amounts: they would be divided by a rate."""
    for issue in draft.issues.values():
        found = [("worth", each.worth) for each in (issue, *issue.by.values())]
        for key, worth in (*found, ("theirs", issue.theirs)):
            node = _node(draft, "issues", issue.name, key)
            if issue.unit.kind is not Kind.MONEY or not isinstance(worth, Linear) or node is None:
                continue
            if not isinstance(worth.rate, Const):
                what = f"`{key}` of issue `{issue.name}` is a share for each amount of money"
                yield what, node.span, f"write an amount, as `-1 {draft.currency} per 1 {draft.currency}`"
                break


def _keys(draft: Draft) -> _Found:
    """Find tables whose rows are chosen by an amount: between two smallest units there would be no row."""
    for table in draft.tables.values():
        node = _node(draft, "tables", table.name, "key")
        if node is not None and any(unit.kind is Kind.MONEY for unit in table.key_units):
            hint = "choose the row by something else, as a segment"
            yield f"the key of table `{table.name}` is an amount", node.span, hint
    matrix, at = draft.matrix, _node(draft, "approvals", "table")
    if matrix is not None and at is not None and any(unit.kind is Kind.MONEY for unit in matrix.key_units):
        yield "the approval matrix looks at an amount", at.span, "compare amounts in rules of their own"


def _node(draft: Draft, *path: str) -> source.Node | None:
    """Return what stands in the policy under keys within keys."""
    node: source.Node | None = draft.top.node
    for key in path:
        node = node.get(key) if isinstance(node, source.Mapping) else None
    return node
