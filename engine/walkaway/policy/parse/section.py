"""One mapping of a policy file while it is read: its keys are checked once, and every mistake goes to one list."""

import itertools
import re

from walkaway.language.codes import Code
from walkaway.language.currencies import CURRENCIES
from walkaway.language.diagnostics import Findings, Span, closest, nearest
from walkaway.language.instants import DAY_FORM, read_day
from walkaway.language.meant import currency_called
from walkaway.language.source import Mapping, Node, Scalar, Sequence
from walkaway.language.values import UNIT_WORDS, Kind, NotAValue, Unit, Value, as_policies, parse_value, shorten
from walkaway.policy.parse.fields import NAME, RULE_NAME, SECTIONS, VERDICTS, Field

MAX_TEXT = 4_000


def describe(node: Node) -> str:
    """Name the shape of *node*."""
    if isinstance(node, Scalar):
        return "a single value" if node.value.strip() else "nothing"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def scalars(node: Node) -> list[Scalar]:
    """Return every single value in *node*, in the order of the file."""
    if isinstance(node, Scalar):
        return [node]
    items = node.items if isinstance(node, Sequence) else tuple(v for _, v in node.entries)
    return [s for item in items for s in scalars(item)]


class Section:
    """A mapping with the keys of one table of `fields.SECTIONS`.

    Args:
        name: What messages call it.
        place: Where it is said that a key is missing: the section's own name; its beginning, if left out.
        open_keys: It may have further keys, which are names of the policy's own.

    Attributes:
        meant: Keys that an unknown key probably stands for.
    """

    def __init__(
        self,
        node: Mapping,
        fields: str,
        name: str,
        findings: Findings,
        place: Span | None = None,
        *,
        open_keys: bool = False,
    ) -> None:
        self.node, self.name, self.findings, self.place = node, name, findings, place or node.span
        self.fields: dict[str, Field] = {f.key: f for f in SECTIONS[fields]}
        self.nodes = {key.value: value for key, value in node.entries}
        self.keys = {key.value: key for key, _ in node.entries}
        self.meant: set[str] = set()
        self.joined()
        for key in self.keys.values():
            if key.value not in self.fields and not open_keys:
                self.unknown(key)
        for field in self.fields.values():
            if _says_nothing(self.nodes.get(field.key), field):
                self.empty(field.key)
            absent = field.key not in self.nodes and field.key not in self.meant
            if field.required and absent and not node.incomplete:
                hint = f"add `{field.key}:` - {_in_a_sentence(field.meaning)}"
                findings.add(Code.MISSING_KEY, f"{name} lacks `{field.key}`", self.place, hint)

    def empty(self, key: str) -> None:
        """Report a key with nothing behind it."""
        hint = "give it entries, or remove the key"
        self.findings.add(Code.WRONG_SHAPE, f"`{key}` is empty", self.keys[key].span, hint)

    def joined(self) -> None:
        """Report amounts that a comma inside `{…}` has cut in two: no part of one is read."""
        for (name, value), (key, rest) in itertools.pairwise(self.node.entries):
            if key.value in self.fields or not isinstance(value, Scalar) or not _is_cut(value, key, rest):
                continue
            whole = f"{value.value},{key.value}"
            what = f"{self.name} has no key `{shorten(key.value)}`"
            hint = f'{_CUT}: `"{as_policies(whole) or whole}"`'
            self.findings.add(Code.UNKNOWN_KEY, what, key.span, hint)
            self.meant.add(name.value)
            self.nodes.pop(name.value)
            self.keys.pop(key.value)

    def unknown(self, key: Scalar) -> None:
        """Report a key that this section does not have."""
        self.meant |= {closest(key.value, self.fields)}
        hint = comma_hint(key.value) or nearest(key.value, self.fields)
        self.findings.add(Code.UNKNOWN_KEY, f"{self.name} has no key `{shorten(key.value)}`", key.span, hint)

    def scalar(self, key: str, *, may_be_empty: bool = False) -> Scalar | None:
        """Return the single value under *key*; none, with a finding, where it is something else or empty."""
        node = self.nodes.get(key)
        if node is None:
            return None
        if not isinstance(node, Scalar):
            what = f"`{key}` wants a single value, not {describe(node)}"
            self.findings.add(Code.WRONG_SHAPE, what, self.keys[key].span, f"write `{key}: …` on one line")
        elif not node.value.strip() and not (node.quoted and may_be_empty):
            hint = "give it a value, or remove the key"
            self.findings.add(Code.WRONG_SHAPE, f"`{key}` is empty", self.keys[key].span, hint)
        elif len(node.value) > MAX_TEXT:
            what = f"`{key}` has {len(node.value):,} characters, more than {MAX_TEXT:,}"
            self.findings.add(Code.BAD_VALUE, what, self.keys[key].span, "say it in fewer words")
        else:
            return node
        return None

    def text(self, key: str) -> str:
        """Return the text under *key* on one line; empty where there is none."""
        scalar = self.scalar(key)
        return " ".join(scalar.value.split()) if scalar else ""

    def choice(self, key: str, default: str = "") -> str:
        """Return the word under *key*, one of its field's choices."""
        scalar = self.scalar(key)
        if scalar is None:
            return default
        field = self.fields[key]
        if scalar.value in field.choices:
            return scalar.value
        hint = _CALLED.get(key, _nothing)(scalar.value) or nearest(scalar.value, field.choices)
        hint = hint or _in_a_sentence(field.meaning)
        self.findings.add(Code.BAD_CHOICE, f"`{shorten(scalar.value)}` is no `{key}`", scalar.span, hint)
        return default

    def flag(self, key: str) -> bool:
        """Return whether *key* says yes; no where it is left out. YAML's own words for the two are taken as well."""
        scalar = self.scalar(key)
        if scalar is not None and scalar.value in ("true", "false"):
            return scalar.value == "true"
        return self.choice(key, "no") == "yes"

    def value(self, key: str, unit: Unit) -> Value | None:
        """Return the constant of *unit* under *key*."""
        scalar = self.scalar(key, may_be_empty=unit.kind is Kind.TEXT)
        return read_value(scalar, unit, self.findings) if scalar else None

    def day(self, key: str) -> int | None:
        """Return the date under *key* as days since 1970."""
        scalar = self.scalar(key)
        if scalar is None:
            return None
        day = read_day(scalar.value)
        if day is None:
            self.findings.add(Code.BAD_DATE, f"`{shorten(scalar.value)}` is not a day", scalar.span, DAY_FORM)
        return day

    def mapping(self, key: str) -> Mapping | None:
        """Return the mapping under *key*."""
        node = self.nodes.get(key)
        if node is None or isinstance(node, Mapping):
            return node
        if isinstance(node, Scalar) and not node.value.strip():
            self.empty(key)
        else:
            self.findings.add(
                Code.WRONG_SHAPE,
                f"`{key}` wants a mapping, not {describe(node)}",
                self.keys[key].span,
                _as_mapping(node),
            )
        return None

    def entries(self, key: str, pattern: str) -> list[tuple[Scalar, Node]]:
        """Return the named entries under *key*; names that do not fit *pattern* are reported and left out."""
        mapping = self.mapping(key)
        return [(n, v) for n, v in mapping.entries if self.named(n, pattern)] if mapping else []

    def named(self, name: Scalar, pattern: str) -> bool:
        """Check the form of a name."""
        if re.fullmatch(pattern, name.value, re.ASCII):
            return True
        rules = {
            NAME: "small letters, digits and `_`, a letter first, 48 characters at most",
            RULE_NAME: "small letters, digits, `-` and `_`, 80 characters at most",
        }
        what = f"`{shorten(name.value)}` cannot be a name here"
        hint = comma_hint(name.value) or rules.get(pattern, "write it on one line")
        self.findings.add(Code.BAD_NAME, what, name.span, hint)
        return False

    def words(self, key: str, pattern: str) -> list[Scalar]:
        """Return the list of names under *key*; each once."""
        node = self.nodes.get(key)
        if node is None:
            return []
        if not isinstance(node, Sequence):
            self.findings.add(
                Code.WRONG_SHAPE,
                f"`{key}` wants a list, not {describe(node)}",
                self.keys[key].span,
                f"write `{key}: [one, another]`",
            )
            return []
        found: dict[str, Scalar] = {}
        for item in node.items:
            if not isinstance(item, Scalar):
                what = f"`{key}` wants single words, not {describe(item)}"
                self.findings.add(Code.WRONG_SHAPE, what, item.span, f"write `{key}: [one, another]`")
            elif item.value in found:
                self.findings.add(
                    Code.DUPLICATE_KEY, f"`{shorten(item.value)}` stands twice", item.span, "keep one of the two"
                )
            elif self.named(item, pattern):
                found[item.value] = item
        return list(found.values())


def _says_nothing(node: Node | None, field: Field) -> bool:
    """Return whether braces or brackets are empty where that is the same as leaving the key out.

    It is another matter for what every policy has, and for what a mandate may: nothing at all. Of words, whoever reads
    them says how they are written.
    """
    if isinstance(node, Mapping):
        is_left_out = field.shape.startswith("map:") and not field.required and field.key != "one of"
        return is_left_out and not node.entries and not node.incomplete
    return isinstance(node, Sequence) and not node.items and field.key in ("roles", "signals")


def _nothing(_: str) -> str:
    return ""


def _currency(word: str) -> str:
    code = currency_called(word)
    return f"write `{code}`" if code else ""


def _verdict(word: str) -> str:
    """Say what to write in place of words for a verdict that only sound like one."""
    plain = re.sub(r"[\s\"'`.!]+", " ", word.lower()).strip()
    if found := re.fullmatch(r"(?:then |it is |is |give |a )+(.*)", plain):
        plain = found[1]
    return f"write `{plain}` alone" if plain in VERDICTS and plain != word else ""


_CALLED = {"currency": _currency, "then": _verdict}
"""Key → what to write in place of what people call its words."""


def _in_a_sentence(meaning: str) -> str:
    """Return a field's meaning without the capital and the full stop of a sentence of its own."""
    start = meaning[:1] if meaning[1:2].isupper() else meaning[:1].lower()
    return start + meaning[1:].rstrip(".")


def _as_mapping(node: Node) -> str:
    """Say how what stands there is written as a mapping."""
    items = node.items if isinstance(node, Sequence) else ()
    names = [i.entries[0][0].value for i in items if isinstance(i, Mapping) and i.entries]
    if names and len(names) == len(items):
        return f"remove the `- ` before `{shorten(names[0])}` and the others, and indent them alike"
    return "write `name: …` on lines of their own below it"


_CUT = "inside `{…}` a comma begins a new key: put quotes around the whole amount"


def _is_cut(value: Scalar, key: Scalar, rest: Node) -> bool:
    """Return whether a key without a value is the tail of an amount behind a comma."""
    is_tail = isinstance(rest, Scalar) and not rest.value and not rest.quoted and not key.quoted
    touches = key.start == (value.end[0], value.end[1] + 1)
    return is_tail and touches and not value.quoted and value.value[-1:].isdigit() and key.value[:1].isdigit()


def comma_hint(key: str) -> str:
    """Recognise the tail of an amount that a comma inside `{…}` has cut off."""
    tail = re.fullmatch(r"\d{3}(\.\d+)?(?: ([A-Za-z]+)\b.*)?", key, re.ASCII)
    if tail and (tail[2] is None or tail[2] in CURRENCIES | UNIT_WORDS | {"per"}):
        return _CUT
    return ""


def read_value(scalar: Scalar, unit: Unit, findings: Findings) -> Value | None:
    """Return the constant of *unit* that *scalar* writes."""
    try:
        return parse_value(scalar.value, unit)
    except NotAValue as problem:
        findings.add(Code.BAD_VALUE, str(problem), scalar.span, problem.hint)
        return None
