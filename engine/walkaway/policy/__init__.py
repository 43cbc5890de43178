"""Policies: `load` reads one from a file or folder, with its tables, and checks it."""

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Checked, Diagnostic, Enough, Findings, Severity, Span, by_place
from walkaway.language.later import exported
from walkaway.policy.files import content, rates_of
from walkaway.policy.files import files_beside as files_beside
from walkaway.policy.files import rates_path as rates_path
from walkaway.policy.files import with_rates as with_rates
from walkaway.policy.lately import at_hand
from walkaway.policy.layering import stacked
from walkaway.policy.lint import advised, lint
from walkaway.policy.meaning import difference, meaning
from walkaway.policy.model import Policy, Rule
from walkaway.policy.parse import parse_policy
from walkaway.policy.parse.layers import FILE, LoadFile, named_above
from walkaway.policy.parse.layers import above_of as above_of
from walkaway.policy.tables.rates import RateFile

if TYPE_CHECKING:
    from walkaway.policy.calendar import CalendarDay as CalendarDay
    from walkaway.policy.catalog import DealShape as DealShape
    from walkaway.policy.catalog import DerivedShape as DerivedShape
    from walkaway.policy.catalog import FactSpec as FactSpec
    from walkaway.policy.catalog import IssueShape as IssueShape
    from walkaway.policy.catalog import Shape as Shape
    from walkaway.policy.catalog import entries as entries
    from walkaway.policy.currencies import in_currency as in_currency
    from walkaway.policy.dated import NotInForce as NotInForce
    from walkaway.policy.dated import versions_as_of as versions_as_of
    from walkaway.policy.exchange import is_rate as is_rate
    from walkaway.policy.files import changed_rates as changed_rates
    from walkaway.policy.labels import Labels as Labels
    from walkaway.policy.labels import labelled as labelled
    from walkaway.policy.lint.days import ending as ending
    from walkaway.policy.model import BUDGET_KEYS as BUDGET_KEYS
    from walkaway.policy.model import THRESHOLDS as THRESHOLDS
    from walkaway.policy.model import Enforcement as Enforcement
    from walkaway.policy.model import LineItems as LineItems
    from walkaway.policy.model import Table as Table
    from walkaway.policy.parse.fields import NAME as NAME
    from walkaway.policy.parse.fields import RULE_NAME as RULE_NAME
    from walkaway.policy.parse.fields import SECTIONS as SECTIONS
    from walkaway.policy.parse.fields import SHORT as SHORT
    from walkaway.policy.parse.fields import Field as Field
    from walkaway.policy.schema import WORDS as WORDS
    from walkaway.policy.schema import json_schema as json_schema
    from walkaway.policy.tables.cells import CsvLine as CsvLine
    from walkaway.policy.tables.cells import read_lines as read_lines
    from walkaway.policy.tables.days import CALENDAR_COLUMNS as CALENDAR_COLUMNS
    from walkaway.policy.versions import disagreement as disagreement

__getattr__ = exported(
    __name__,
    {
        "BUDGET_KEYS": "model",
        "CALENDAR_COLUMNS": "tables.days",
        "CalendarDay": "calendar",
        "CsvLine": "tables.cells",
        "DealShape": "catalog",
        "DerivedShape": "catalog",
        "Enforcement": "model",
        "FactSpec": "catalog",
        "Field": "parse.fields",
        "IssueShape": "catalog",
        "Labels": "labels",
        "LineItems": "model",
        "labelled": "labels",
        "NotInForce": "dated",
        "NAME": "parse.fields",
        "RULE_NAME": "parse.fields",
        "SECTIONS": "parse.fields",
        "SHORT": "parse.fields",
        "Shape": "catalog",
        "THRESHOLDS": "model",
        "Table": "model",
        "WORDS": "schema",
        "disagreement": "versions",
        "ending": "lint.days",
        "changed_rates": "files",
        "entries": "catalog",
        "in_currency": "currencies",
        "is_rate": "exchange",
        "read_lines": "tables.cells",
        "json_schema": "schema",
        "versions_as_of": "dated",
    },
)

__all__ = ["FILE", "Policy", "Rule", "format_file", "formatted", "linted", "load", "read", "with_advice"]


PolicyLike = Policy | str | os.PathLike[str]
"""A policy, or the path of one: a file, or a folder that holds `policy.yaml`."""


def load(path: str | os.PathLike[str]) -> Checked[Policy]:
    """Read and check the policy at *path*: a file, or a folder that holds `policy.yaml`.

    Diagnostics:
        WA1xx to WA4xx, WA7xx; all of them, sorted by place. A file that cannot be read is one of them.
    """
    file = Path(path) / FILE if Path(path).is_dir() else Path(path)
    try:
        data = content(file)
    except (OSError, ValueError) as problem:
        return Checked(None, (unreadable(os.fsencode(path).decode("utf-8", "replace"), problem),))
    return read(data, os.fsencode(file).decode("utf-8", "replace"), files_beside(file))


def policy_of(policy: PolicyLike) -> Policy:
    """Return a policy, read from its path where that is given.

    Raises:
        InvalidInput: With all findings, where it has errors or cannot be read.
    """
    return policy if isinstance(policy, Policy) else load(policy).unwrap()


def read(data: bytes, file: str, beside: LoadFile) -> Checked[Policy]:
    """Read and check a policy's bytes; of what was read lately, with the same files beside it, the policy is at hand.

    Args:
        beside: Gives the bytes of a table's file, or of a policy above, or none; its names are those in `Policy.files`.

    Diagnostics:
        WA1xx to WA4xx, WA7xx; all of them, sorted by place.
    """
    return at_hand(data, file, beside, lambda load: _read(data, file, beside, load))


def _read(data: bytes, file: str, beside: LoadFile, load: LoadFile) -> Checked[Policy]:
    """Read a policy anew; *load* gives, of *beside*, what the policy is made of."""
    nodes = source.read(data, file)
    if nodes.value is None:
        return Checked(None, nodes.findings)
    files = {FILE: data}

    def remembered(name: str) -> bytes | None:
        found = load(name)
        if found is not None:
            files[name] = found
        return found

    findings = Findings(nodes.findings)
    policy: Policy | None = None
    try:
        policy = parse_policy(nodes.value, remembered, findings)
        if policy is not None:
            policy = msgspec.structs.replace(policy, files=files, file=file, sha256=content_hash(files))
            if policy.exchange is not None and policy.exchange.file:
                policy = msgspec.structs.replace(policy, rates=rates_of(policy.exchange, beside))
            policy = stacked(policy, named_above(nodes.value))
            for finding in lint(policy):
                findings.append(finding)
    except Enough:
        policy = None
    found = tuple(f for f in by_place(findings) if f.severity is Severity.ERROR or not is_above(f.span.file, file))
    return Checked(None if any(f.severity is Severity.ERROR for f in found) else policy, found)


def above(policy: Policy) -> Checked[Policy] | None:
    """Return the policy that *policy* extends, all layers above it together; none where there is none."""
    names = above_of(policy.files[FILE])
    if not names:
        return None
    text = msgspec.json.encode({"policy": policy.name, "version": policy.version, "extends": names})
    return read(text, policy.file, policy.files.get)


def linted(path: str | os.PathLike[str]) -> Checked[Policy]:
    """Read and check the policy at *path* as `load`, and look for what reads well and means something else.

    Diagnostics:
        Those of `load`, WA710 to WA717, and those of the file of rates, WA401 to WA405.
    """
    file = Path(path) / FILE if Path(path).is_dir() else Path(path)
    return with_advice(load(path), os.fsencode(file).decode("utf-8", "replace"))


def with_advice(checked: Checked[Policy], file: str) -> Checked[Policy]:
    """Return what reading a policy found, with what only linting looks for, of the policy's own file."""
    if checked.value is None:
        return checked
    rates = Findings()
    if isinstance(checked.value.rates, RateFile):
        with suppress(Enough):
            checked.value.rates.checked(rates)
    more = [f for f in (*advised(checked.value), *rates) if not is_above(f.span.file, file)]
    return msgspec.structs.replace(checked, findings=by_place([*checked.findings, *more]))


def is_above(found_in: str, file: str) -> bool:
    """Return whether a file is a policy that *file* extends: who lints one cannot mend warnings of another."""
    return found_in != file and found_in.endswith((".yaml", ".yml"))


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over every file's name and content, each with its length, in the names' order."""
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(), data):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def format_file(file: Path) -> Checked[bytes]:
    """Return a file as `formatted` does.

    Raises:
        OSError: Where it cannot be read.
    """
    return formatted(content(file), os.fsencode(file).decode("utf-8", "replace"), files_beside(file))


def formatted(data: bytes, file: str, beside: LoadFile) -> Checked[bytes]:
    """Lay a policy's file out anew, and prove that it says the same.

    The new text is read again: every node must be equal, quotes included, every comment must be there, in order, and
    the policy, or the findings about it, must be the same but for places.

    Returns:
        The new bytes, or none with the findings that keep the file from being laid out.

    Diagnostics:
        WA1xx; WA110 where the new text would not say the same.
    """
    from walkaway.policy.format import comments, lay_out  # deciding goes without

    def written(text: source.Text) -> list[str]:
        return [comment.text for comment in comments(text)]

    before = source.read(data, file)
    if before.value is None or before.findings:
        return Checked(None, before.findings)
    text = source.text_of(data.decode("utf-8-sig"), file)
    laid = lay_out(text)
    after = source.read(laid.encode(), file)
    changed = before.value if after.value is None or after.findings else difference(before.value, after.value)
    if changed is None and written(text) != written(source.text_of(laid, file)):
        changed = before.value
    if changed is None and _said(data, file, beside) != _said(laid.encode(), file, beside):
        changed = before.value
    if changed is not None:
        what = "laid out anew, this would no longer say the same"
        hint = "write it on one line, or between double quotes; the file is left as it is"
        return Checked(None, (Diagnostic(Code.LAYOUT_NOT_KEPT, what, changed.span, hint),))
    return Checked(laid.encode())


def _said(data: bytes, file: str, beside: LoadFile) -> tuple[object, list[tuple[Code, str]]]:
    """Return what a policy means, and the findings about it, without any place."""
    checked = read(data, file, beside)
    findings = sorted((f.code, re.sub(r"line \d+", "line", f.message)) for f in checked.findings)
    return checked.value and meaning(checked.value), findings


def unreadable(file: str, problem: Exception) -> Diagnostic:
    """Return the finding for a policy file that cannot be read."""
    return Diagnostic(
        Code.LAYER_NOT_READABLE,
        f"the policy cannot be read: {(getattr(problem, 'strerror', None) or 'no such file').lower()}",
        Span(file, 1, 1),
        "give a policy file, or a folder that holds `policy.yaml`",
    )
