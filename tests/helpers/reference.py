"""The pages of the policy language that are made from the code: tables of keys and words, and the list of codes.

`python -m tests.helpers.reference` writes docs/reference.md between its marks, and docs/codes.md whole. What a page
shows of files and scenarios is taken from it and run.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from tests.helpers.commands import run

from walkaway.language.codes import Code
from walkaway.policy.parse import fields
from walkaway.policy.parse.fields import Field
from walkaway.policy.schema import WORDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE, CODES = DOCS / "reference.md", DOCS / "codes.md"
CODE_PAGES = ROOT / "engine" / "walkaway" / "language" / "codes"

BLOCK = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

HEARD = {
    "our offer": "An offer of ours.",
    "their offer": "An offer of theirs, but one that takes our word.",
    "our acceptance": "We accept, and offers of ours that are worse for us than theirs and better on nothing.",
    "their acceptance": "They accept, and offers of theirs that are no worse for us on any issue than our word.",
    "our rejection": "We reject their offer.",
    "their rejection": "They reject ours.",
    "open": "The deal opens.",
    "update": "Facts, limits or alternatives of the deal change.",
    "approval": "Somebody approves, or lifts a rule.",
    "close": "The deal ends: won, lost or walked.",
    "our withdrawal": "We take an offer or an acceptance back.",
    "their withdrawal": "They do.",
    "revocation": "An approval is taken back.",
    "void": "An event was a slip, and the deal is folded again without it.",
    "reopening": "The highest role opens a closed door again.",
    "our terms": "Whatever makes terms ours: our offers, our acceptances, and their acceptance of what we said.",
}
"""What a rule hears, where `WORDS` has no words for it."""


def main() -> None:
    """Write the pages anew."""
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    CODES.write_text(codes(), encoding="utf-8", newline="\n")


def made(page: str) -> str:
    """Return the page with what stands between its marks written anew."""
    return _MADE.sub(lambda match: f"{match[1]}\n{_table(match[2])}\n{match[3]}", page)


def marks(page: str) -> list[str]:
    """Return what the page has a place for."""
    return [match[2] for match in _MADE.finditer(page)]


def _table(name: str) -> str:
    words: dict[str, Sequence[str]] = {
        "events": fields.EVENTS,
        "verdicts": fields.VERDICTS,
        "enforcements": fields.ENFORCEMENTS,
        "doors": (*fields.DOORS, *fields.CONCERNS),
        "values": fields.DEAL_TYPES,
    }
    if name in words:
        return _rows(("word", "means"), ([f"`{word}`", HEARD.get(word) or WORDS[word]] for word in words[name]))
    return _rows(
        ("key", "is", "takes"), ([f"`{field.key}`", field.meaning, _takes(field)] for field in sections()[name])
    )


def sections() -> dict[str, tuple[Field, ...]]:
    """Return every section that a policy may have, by its name in the code."""
    return dict(fields.SECTIONS)


def _takes(field: Field) -> str:
    """Return what may be written under a key."""
    shown = field.choices if 0 < len(field.choices) <= 12 else field.examples
    shapes = [_SHAPES.get(part) or f"a section, `{part.partition(':')[2]}`" for part in field.shape.split("|")]
    kind = "a word" if field.shape == "choice" and len(field.choices) > 12 else "; ".join(shapes)
    many = f": {', '.join(f'`{one}`' for one in shown)}" if shown else ""
    return kind + many + ("; must be there" if field.required else "")


_SHAPES = {
    "text": "text",
    "name": "a name",
    "count": "a whole number",
    "value": "a value",
    "expression": "an amount",
    "condition": "a condition",
    "date": "a day",
    "label": "a text, or one for each language",
    "choice": "one of",
    "list:text": "a list of texts",
    "list:value": "a list of values",
    "list:name": "a list of names",
    "list:name|text": "a list of names",
    "list:choice": "a list of them",
    "list:condition": "a list of conditions",
    "map:expression": "each with an amount",
    "map:case": "one for each value of `by`",
    "map:label": "each with its label",
    "map:person": "each with a list of texts, or a section",
    "map:deal": "each a section",
    "map:issue": "each a section",
    "map:table": "each a section",
    "map:pattern": "each a section",
    "map:rule": "each a section",
    "map:claim": "each a section",
    "map:mandate": "each a section",
    "map:line_fact": "each with its type",
    "map:line_issue": "each a section",
    "map:line_condition": "each with a condition",
    "map:line_number": "each with a number",
}


def _rows(head: Sequence[str], rows: Iterator[list[str]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    ruler = "|".join("---" for _ in head)
    return "".join(f"| {line} |\n" for line in (" | ".join(head), *lines)).replace("\n", f"\n|{ruler}|\n", 1)


def codes() -> str:
    """Return the page that lists every finding."""
    rows = ([f"[{code.value}]({_seen(code)})", f"`{_title(code)[0]}`", _title(code)[1]] for code in Code)
    return (
        "# Codes of findings\n\nWhat `walkaway lint`, and everything that reads policies, events and logs, may find. "
        "`walkaway lint --explain WA202` prints a\npage; each has an example that gives exactly this code, and the "
        "same put right.\n\nMade by `just pages` from the pages beside the code; a test checks that it is current.\n\n"
        + _rows(("code", "name", "what it finds"), rows)
    )


def _seen(code: Code) -> str:
    return f"../engine/walkaway/language/codes/{code.value}.md"


def _title(code: Code) -> tuple[str, str]:
    """Return the name of a finding, and the first sentence of its page."""
    head, _, rest = (CODE_PAGES / f"{code.value}.md").read_text(encoding="utf-8").partition("\n")
    paragraphs = [p for p in rest.strip().split("\n\n") if not p.startswith("#")]
    sentence = re.split(r"(?<=\.)\s", " ".join(paragraphs[0].split()))[0]
    return re.sub(r"^# (?:WA\d+:? *)?", "", head).strip(), sentence


def files_of(page: str) -> list[tuple[str, str]]:
    """Return the files that a page shows, by their path, in order; one is what the command prints that it shows."""
    return [(name, run(*text.split()[1:]).stdout if sort == "sh" else text) for sort, name, text in BLOCK.findall(page)]


def keys_shown(page: str) -> dict[str, set[str]]:
    """Return the keys that the policies of a page use, by section."""
    found: dict[str, set[str]] = {name: set() for name in sections()}
    for name, text in files_of(page):
        if name.endswith(".yaml"):
            _note("policy", yaml.load(text, yaml.BaseLoader), found)
    return found


def _note(section: str, node: Any, found: dict[str, set[str]]) -> None:
    for key, value in node.items():
        found[section].add(key)
        field = next((f for f in sections()[section] if f.key == key), None)
        for shape in field.shape.split("|") if field else ():
            kind, _, inner = shape.partition(":")
            below = value.values() if kind == "map" and isinstance(value, dict) else [value]
            if inner == "condition" or shape == "condition":
                inner, below = "condition", value if isinstance(value, list) else [value]
            for child in below:
                if inner in found and isinstance(child, dict):
                    _note(inner, child, found)


if __name__ == "__main__":
    main()
