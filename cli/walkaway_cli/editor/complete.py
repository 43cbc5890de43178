"""What may be written at a place: keys, words, facts, names, units, rules, sentences."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from walkaway import Policy
from walkaway.language import UNIT_WORDS
from walkaway.policy import BUDGET_KEYS as KEYS
from walkaway.policy import SECTIONS, SHORT, WORDS
from walkaway_cli.editor.files import Files, entries_of, lines_of
from walkaway_cli.editor.places import EditorPlace, field_at, place_at
from walkaway_cli.scenarios import steps
from walkaway_cli.scenarios.sentences import SENTENCES


class Offered(msgspec.Struct, frozen=True):
    """One thing that may be written; `meaning` is Markdown."""

    label: str
    meaning: str = ""


def complete(files: Files, path: Path, line: int, column: int) -> list[Offered]:
    """Return what may be written at a place, counted from 0."""
    lines = lines_of(files.text(path))
    owner = files.policy_of(path)
    policy = files.policy(owner) if owner else None
    if path.suffix == ".feature":
        return list(_in_feature(policy, lines[line][:column] if line < len(lines) else ""))
    if path.suffix == ".csv":
        return list(_in_matrix(policy, path, lines, line, column)) if policy else []
    if path.suffix not in (".yaml", ".yml"):
        return []
    return list(_in_policy(policy, place_at(lines, line, column)))


def _in_policy(policy: Policy | None, place: EditorPlace) -> Iterator[Offered]:
    if re.search(r"(?:^|[\s(<>=,-])\d+(?:,\d{3})*(?:\.\d+)? ?$", place.line):
        yield from (Offered(unit) for unit in sorted({*UNIT_WORDS, *([policy.currency] if policy else [])}))
        return
    field = field_at(place)
    if field is not None and field.choices:
        yield from (Offered(choice, WORDS.get(choice, "")) for choice in field.choices)
        return
    if place.section in ("issue", "package") and place.key == "by" and policy is not None:
        meaning = "tells worths and limits apart by its value"
        yield from (Offered(name, meaning) for name, issue in policy.issues.items() if issue.finite)
        return
    if (place.key in ("to", "by") or (place.section, place.key) == ("to", "role")) and policy is not None:
        yield from (Offered(role) for role in policy.roles)
        return
    if place.section == "person" and place.key == "role" and policy is not None:
        spoken = policy.catalog.get("offer.role")
        yield from (Offered(str(role)) for role in (policy.roles if spoken is None else spoken.unit.choices))
        return
    if place.section == "mandate" and place.key == "may" and policy is not None:
        yield from (Offered(name, "may be conceded on") for name in policy.issues)
        return
    if place.section == "budget" and place.key == "of" and policy is not None:
        yield from (Offered(name, "tells sums apart by the deal") for name in policy.deal)
        yield from (Offered(word, "tells sums apart by days, or by the other side") for word in KEYS)
        return
    if place.above == ("deal",) and place.key:
        yield from (Offered(kind, WORDS.get(kind, "")) for kind in SHORT["deal"])
        return
    if place.above[:1] == ("lines",) and place.key and place.is_expression and policy is not None:
        yield from _of_a_line(policy)
        return
    if place.above == ("lines", "facts") and place.key:
        yield from (Offered(kind, WORDS.get(kind, "")) for kind in SHORT["line_fact"])
        return
    if place.is_expression and (place.key or place.section == "condition") and policy is not None:
        yield from _names(policy)
    if place.section == "mandate" and not place.key and policy is not None:
        yield from (Offered(name, f"how far it may go on `{name}`") for name in policy.issues)
    if place.above == ("mandates",) and not place.key and policy is not None:
        yield from (Offered(role, f"what `{role}` may offer by itself") for role in policy.roles[:-1])
    if not place.key:
        yield from (Offered(f.key, f.meaning) for f in SECTIONS.get(place.section, ()))
        if place.above == ("rules",) and policy is not None:
            yield from (Offered(r.id, r.why) for r in policy.rules if r.built_in)


def _in_matrix(policy: Policy, path: Path, lines: list[str], line: int, column: int) -> Iterator[Offered]:
    """Return what may head a column of the approval matrix, and whom its `approver` cells may name."""
    if policy.matrix is None or Path(policy.matrix.file).name != path.name or line >= len(lines):
        return
    place = len(next(csv.reader([lines[line][:column]]), [""])) - 1
    head = [name.strip() for name in next(csv.reader(lines[:1]), [])]
    if line == 0:
        yield from (Offered(name, f"the issue `{name}`") for name in policy.issues)
        yield from (Offered(name, f"the deal fact `{name}`") for name in policy.deal)
    elif place < len(head) and head[place] in policy.matrix.columns:
        yield from (Offered(role, "has to agree") for role in policy.roles)
        yield Offered("nobody", "nobody has to agree")
        yield Offered("refuse", "outside the policy")


def _names(policy: Policy) -> Iterator[Offered]:
    """Return what an expression may name."""
    yield from (Offered(name, meaning) for name, meaning in entries_of(policy).items())
    for place, span in policy.places.items():
        group, _, name = place.partition(".")
        if group == "define":
            yield Offered(name, f"`{span.text.strip()}`")
    for table in policy.tables.values():
        keys = ", ".join(f"deal.{key}" for key in table.keys)
        yield from (Offered(f"{table.name}[{keys}].{column}", f"{unit}") for column, unit in table.columns.items())


def _of_a_line(policy: Policy) -> Iterator[Offered]:
    """Return what an expression about a line may name."""
    items = policy.lines
    if items is not None:
        yield from (Offered(f"line.{name}", f"negotiated of a line ({i.unit})") for name, i in items.issues.items())
        yield from (Offered(f"line.{name}", f"stated of a line ({f.unit})") for name, f in items.facts.items())
    yield from (Offered(f"deal.{name}", f"the deal's ({fact.unit})") for name, fact in policy.deal.items())


def _in_feature(policy: Policy | None, before: str) -> Iterator[Offered]:
    """Return rule ids inside quotes, verdicts, facts, or whole sentences behind a keyword."""
    if policy is not None and re.search(r'(?:rule|lift(?:s|ed)(?: rule)?) "[^"]*$', before):
        yield from (Offered(rule.id, rule.why) for rule in policy.rules)
        return
    if re.search(r"the verdict is (?:not )?\w*$", before):
        yield from (Offered(v, WORDS[v]) for v in next(f for f in SECTIONS["rule"] if f.key == "then").choices)
        return
    keyword = re.match(r"\s*(Given|When|Then|And|But) ", before)
    if keyword:
        assert steps is not None, "the sentences are those that the steps declare"
        kinds = {keyword[1]} if keyword[1] in ("Given", "When", "Then") else {"Given", "When", "Then"}
        yield from (Offered(s.shown(), s.means) for s in SENTENCES if kinds & set(s.kinds))
        if policy is not None:
            yield from (Offered(name, meaning) for name, meaning in entries_of(policy).items())
