"""Findings as tests want them: code, the very text under the caret, message and hint."""

import re
from collections.abc import Iterable, Mapping

from walkaway import Checked, Diagnostic, Policy, policy

Shown = tuple[str, str, str, str]

BASE = """\
policy: example
version: 1
side: seller
currency: USD
deal:
  list_price: money
  segment: {one of: [smb, enterprise]}
  growth: {type: number, optional: yes}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}
  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic}
package: {base: deal.list_price}
signals: [deception]
roles: [manager, director]
rules:
  bad-faith: {why: We leave people who lie., on: any, when: signals.deception >= 1, then: walk, door: closed}
"""
"""A policy without findings; it ends among its rules, so that a test can add one."""


def caret(finding: Diagnostic) -> str:
    """Return the text under the caret."""
    start = finding.span.column - 1
    return finding.span.text[start : start + finding.span.length]


def shown(findings: Iterable[Diagnostic]) -> list[Shown]:
    """Return each finding as `(code, text under the caret, message, hint)`."""
    return [(f.code.name, caret(f), f.message, f.hint) for f in findings]


def read(text: str | bytes, files: Mapping[str, bytes] | None = None) -> Checked[Policy]:
    """Read a policy with the files beside it."""
    data = text.encode() if isinstance(text, str) else text
    return policy.read(data, "policy.yaml", (files or {}).get)


def with_rule(when: str, on: str = "our offer", more: str = "") -> str:
    """Return `BASE` with one more rule of this condition."""
    return f"{BASE}  example:\n    why: An example.\n    on: {on}\n    when: {when}\n    then: hold\n{more}"


def unwrapped(shown: str) -> str:
    """Return what a terminal showed with every line joined that was broken to fit."""
    return re.sub("\n    (?=[^ ])", " ", shown)
