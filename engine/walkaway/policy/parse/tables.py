"""Stages that read tables: which file each is in, and the deal facts that choose its row; the calendar's days."""

import posixpath

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings
from walkaway.language.source import Scalar, Sequence
from walkaway.language.values import shorten
from walkaway.policy.model import Table
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.names import RESERVED, broken, is_free
from walkaway.policy.parse.section import Section, describe
from walkaway.policy.tables import read_table
from walkaway.policy.tables.days import read_calendar


def read_tables(draft: Draft, findings: Findings) -> Draft:
    """Read `tables:`, each with its file."""
    named = [(n, v) for n, v in draft.top.entries("tables", NAME)]
    read = [_table(n, v, draft, findings) for n, v in named if is_free(n, RESERVED, findings)]
    return replace(draft, tables={table.name: table for table in read if table is not None})


def read_days(draft: Draft, findings: Findings) -> Draft:
    """Read `calendar:`, the table of days."""
    mapping = draft.top.mapping("calendar")
    if mapping is None:
        return draft
    section = Section(mapping, "calendar", "`calendar`", findings, draft.top.keys["calendar"].span)
    file = section.scalar("file")
    found = _loaded(file, draft, "calendar", findings) if file is not None else None
    return draft if file is None or found is None else replace(draft, calendar=read_calendar(file, *found, findings))


def _loaded(file: Scalar, draft: Draft, what: str, findings: Findings) -> tuple[bytes, str] | None:
    """Return the bytes of a file that the policy names, and its path as findings show it."""
    data = draft.load(file.value)
    if data is None:
        hint = "it must lie beside the policy, or in a folder below it"
        findings.add(Code.TABLE_NOT_READABLE, f"{what} `{shorten(file.value)}` cannot be read", file.span, hint)
        return None
    return data, posixpath.normpath(posixpath.join(posixpath.dirname(draft.top.node.span.file), file.value))


def _table(name: Scalar, node: source.Node, draft: Draft, findings: Findings) -> Table | None:
    if not isinstance(node, source.Mapping):
        what = f"table `{name.value}` wants a mapping, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, name.span, "write `{file: floors.csv, key: segment}`")
        return None
    section = Section(node, "table", f"table `{name.value}`", findings, name.span)
    file = section.scalar("file")
    in_list = isinstance(section.nodes.get("key"), Sequence)
    keys = [k.value for k in section.words("key", ".+")] if in_list else [section.text("key")]
    first_hit = section.choice("hit", "unique") == "first"
    if in_list and not keys:
        what = f"table `{name.value}` has no key"
        findings.add(Code.WRONG_SHAPE, what, section.keys["key"].span, "write `key: segment`")
    unread = broken(draft.top, "deal", draft.deal)
    if file is None or not keys or not all(keys) or any({f"deal.{key}", "deal.*"} & unread for key in keys):
        return None
    found = _loaded(file, draft, "table file", findings)
    if found is None:
        return None
    facts = {d.name: d for d in draft.deal.values() if not d.may_be_missing}
    since = draft.effective[0]
    return read_table(name.value, file, *found, keys, facts, first_hit, draft.currency, findings, since)
