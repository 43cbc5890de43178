"""What a word means, in a sentence: facts, rules, names of the policy's own, keys, tables and their cells."""

import csv
from pathlib import Path

from walkaway import Policy
from walkaway.language import counted, text_of
from walkaway.policy import SECTIONS, WORDS, LineItems, Rule, Table
from walkaway_cli.editor.files import Files, entries_of, lines_of
from walkaway_cli.editor.places import EditorPlace, place_at, word_at

LONGEST = 1_500


def hover(files: Files, path: Path, line: int, column: int) -> str:
    """Return Markdown about what stands at a place, counted from 0; empty where there is nothing to say."""
    lines = lines_of(files.text(path))
    if line >= len(lines):
        return ""
    owner = files.policy_of(path)
    policy = files.policy(owner) if owner else None
    word, start = word_at(lines[line], column)
    if path.suffix == ".csv":
        return _cell(policy, path, lines, line, column) if policy else ""
    place = place_at(lines, line, start + len(word))
    said = _named(policy, word, place) if policy else ""
    if not said and path.suffix in (".yaml", ".yml"):
        said = _key(place, lines[line], start, word)
    return said[:LONGEST]


def _named(policy: Policy, word: str, place: EditorPlace) -> str:
    """Say what a word of the policy means."""
    facts = entries_of(policy)
    rules = {rule.id: rule for rule in policy.rules}
    is_name = bool(place.above) and place.above[0] == "rules" and len(place.above) == 1
    if word in facts:
        return facts[word]
    if place.above == ("derived",) and f"derived.{word}" in facts:
        return facts[f"derived.{word}"]
    if place.above[:1] == ("lines",) and f"lines.{word}" in facts:
        return facts[f"lines.{word}"]
    if policy.lines is not None and place.above[:1] == ("lines",) and word.startswith("line."):
        return _of_a_line(policy.lines, word.removeprefix("line."))
    if word in rules and (is_name or not place.key):
        return sentence(rules[word])
    if word in policy.tables:
        return _table(policy.tables[word])
    if place.is_expression and f"define.{word}" in policy.places:
        span = policy.places[f"define.{word}"]
        return f"`{word}` is defined on line {span.line}: `{span.text.strip()}`"
    if place.is_expression and word in policy.issues:
        return f"Issue `{word}`: {policy.issues[word].unit}."
    return ""


def _of_a_line(items: LineItems, name: str) -> str:
    """Say what is stated or negotiated of a line."""
    if name in items.issues:
        return f"Negotiated of each line: `{name}` ({items.issues[name].unit})."
    if name in items.facts:
        fact = items.facts[name]
        said = f" {fact.meaning}" if fact.meaning else ""
        return f"Stated of each line: `{name}` ({fact.unit}{', may be unknown' if fact.may_be_missing else ''}).{said}"
    return ""


def sentence(rule: Rule) -> str:
    """Say what a rule does: when it is heard, where it holds, what follows, and why."""
    heard = "any event" if len(rule.on) > 8 else ", ".join(sorted(rule.on))
    effect = rule.effect
    does = f"conclude `{effect.concludes}`" if effect.verdict is None else effect.verdict.value
    more = f" (door {effect.door})" if effect.door else f" to {effect.to}" if effect.to else ""
    force = "" if rule.enforcement == "mandatory" else f" It is {rule.enforcement}{f' by {rule.by}' * bool(rule.by)}."
    force += f" Its concern is {rule.concern}." * bool(rule.concern)
    built_in = "Built-in rule" if rule.built_in else "Rule"
    condition = f" where `{text_of(rule.condition)}`" if text_of(rule.condition) != "always" else ""
    return f"{built_in} `{rule.id}`: on {heard}{condition}: **{does}**{more}.{force}\n\n{rule.why}"


def _table(table: Table) -> str:
    columns = ", ".join(f"`{name}` ({unit})" for name, unit in table.columns.items())
    rows = counted(len(table.rows), "row")
    return f"Table `{table.name}`, {table.file}: for each {' and '.join(table.keys)}, {columns}; {rows}."


def _key(place: EditorPlace, line: str, start: int, word: str) -> str:
    """Say what a key means, or the word chosen behind it."""
    behind = line[start + len(word) :].lstrip(" '\"")
    fields = {f.key: f for f in SECTIONS.get(place.section, ())}
    whole = next((k for k in fields if k == word or (word in k.split() and k in line)), "")
    if (whole and behind.startswith(":")) or (whole and " " in whole):
        return f"`{whole}`: {fields[whole].meaning}"
    if place.key in fields and word in fields[place.key].choices and word in WORDS:
        return f"`{word}`: {WORDS[word]}"
    return ""


def _cell(policy: Policy, path: Path, lines: list[str], line: int, column: int) -> str:
    """Say what a cell of a table gives, and to which deals."""
    tables = (*policy.tables.values(), *((policy.matrix,) if policy.matrix is not None else ()))
    table = next((t for t in tables if Path(t.file).name == path.name), None)
    try:
        header, row, before = (next(csv.reader([text]), []) for text in (lines[0], lines[line], lines[line][:column]))
    except csv.Error:
        return ""
    index = len(before) - 1
    if table is None or not 0 <= index < min(len(header), len(row)):
        return ""
    name = header[index].strip()
    if line == 0:
        of = "what" if table is policy.matrix else "the deal fact that"
        return f"Key `{name}`: {of} chooses the row." if name in table.keys else f"Column `{name}`."
    cells = zip((h.strip() for h in header), row, strict=False)
    where = " and ".join(f"{head} is {cell.strip()}" for head, cell in cells if head in table.keys)
    if name in table.keys:
        return f"This row holds where {where}."
    return f"Where {where}, `{name}` is {row[index].strip()}."
