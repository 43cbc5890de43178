"""What stands at a place of a text, whether or not the text can be read: a word, a key and the keys above it."""

import re

import msgspec

from walkaway.policy import SECTIONS, Field

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_KEY = re.compile(
    r"""^(?P<lead>[ ]*(?:-[ ]+)*)(?P<quote>['"]?)(?P<key>[A-Za-z0-9_][A-Za-z0-9_ -]*)(?P=quote)[ ]*:(?:[ ]|$)"""
)
_WITHIN = {
    ("rules", 1): "rule",
    ("issues", 1): "issue",
    ("deal", 1): "deal",
    ("tables", 1): "table",
    ("pattern", 1): "pattern",
    ("lines", 0): "lines",
    ("package", 0): "package",
    ("effective", 0): "effective",
    ("require", 0): "require",
    ("approvals", 0): "approvals",
    ("mandates", 1): "mandate",
    ("people", 1): "person",
    ("budgets", 1): "budget",
    ("prove", 1): "claim",
    ("calendar", 0): "calendar",
    ("currencies", 0): "currencies",
    ("currencies", 1): "rates",
    ("disclosure", 0): "disclosure",
    ("clock", 0): "clock",
    ("allows", 0): "allows",
}
"""Top-level key and how many names stand below it → the section whose keys may follow."""
_OF_EFFECTS = {"then": "conclude", "to": "to"}
"""Key of a rule or budget → the section whose keys may follow."""
_OF_LINES = {"facts": "line_fact", "issues": "line_issue"}
"""Key below `lines:` → the section whose keys may follow behind a name."""
_NAMED = 3
"""So many keys stand above what is said of a name below `lines:`, or under a key of a rule."""
EXPRESSIONS = frozenset(
    [
        *("when", "unless", "all", "any", "none", "always", "never"),
        *("worth", "walk", "want", "wish", "start", "base", "define", "derived"),
        *("every", "sum", "worst"),
    ]
)
"""Keys behind which, or below which, expressions stand."""


class EditorPlace(msgspec.Struct, frozen=True):
    """A place in a YAML text.

    Attributes:
        line: The line as far as the place.
        key: The key of that line, if the place is behind its colon; empty otherwise.
        above: The keys above, outermost first, that of the line excluded.
    """

    line: str
    key: str
    above: tuple[str, ...]

    @property
    def section(self) -> str:
        """Return the name of the section whose keys may stand here; empty where names of the author's own do."""
        if not self.above:
            return "policy"
        if self.above[0] != "lines" and any(k in ("when", "unless", "all", "any", "none") for k in self.above):
            return "condition"
        if self.above[0] == "lines" and len(self.above) > 1:
            return _OF_LINES.get(self.above[1], "") if len(self.above) == _NAMED else ""
        if self.above[0] in ("rules", "budgets") and len(self.above) == _NAMED:
            return _OF_EFFECTS.get(self.above[2], "")
        return _WITHIN.get((self.above[0], len(self.above) - 1), "")

    @property
    def is_expression(self) -> bool:
        """Return whether an expression stands here."""
        return self.key in EXPRESSIONS or bool(self.above and self.above[-1] in EXPRESSIONS)


def word_at(line: str, column: int) -> tuple[str, int]:
    """Return the word at a column and where it begins; dots and hyphens inside it belong to it."""
    for found in _WORD.finditer(line):
        if found.start() <= column <= found.end():
            return found[0].rstrip(".-"), found.start()
    return "", column


def place_at(lines: list[str], number: int, column: int) -> EditorPlace:
    """Return the place at a line and column, from 0; keys above are found by indent, so broken text does not matter."""
    line = lines[number][:column] if number < len(lines) else ""
    own = _KEY.match(line)
    indent = len(own["lead"]) if own else len(line) - len(line.lstrip(" -"))
    above: list[str] = []
    for earlier in reversed(lines[:number]):
        if not earlier.strip() or earlier.lstrip().startswith("#"):
            continue
        key = _KEY.match(earlier)
        deep = len(key["lead"]) if key else len(earlier) - len(earlier.lstrip(" -"))
        if deep < indent and key:
            above.append(key["key"])
            indent = deep
        if indent == 0:
            break
    flow = _flow_keys(line)
    if flow is None:
        return EditorPlace(line, own["key"] if own else "", tuple(reversed(above)))
    parents = [*reversed(above), *([own["key"]] if own else []), *flow[0]]
    return EditorPlace(line, flow[1], tuple(parents))


def _flow_keys(line: str) -> tuple[list[str], str] | None:
    """Return the keys of the brackets that are open at the end of a line, and the key behind whose colon it ends."""
    opened = [i for i, c in enumerate(line) if c == "{"]
    closed = line.count("}")
    if len(opened) <= closed:
        return None
    inner = line[opened[-1] + 1 :].rpartition(",")[2]
    key = re.match(r"\s*([A-Za-z0-9_ -]+?)\s*:\s", f"{inner} ")
    before = [re.search(r"([A-Za-z0-9_ -]+?)\s*:\s*$", line[:i]) for i in opened[closed + 1 :]]
    return [m[1].strip() for m in before if m], key[1].strip() if key else ""


def field_at(place: EditorPlace) -> Field | None:
    """Return the key of the policy language that a place is behind; none for names of the author's own."""
    fields = {f.key: f for f in SECTIONS.get(place.section, ())}
    return fields.get(place.key)
