"""Read what a policy declares before its issues: its version and dates, deal facts, tables."""

import posixpath
import re
from collections.abc import Collection

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span, nearest
from walkaway.language.expr.grammar import KEYWORDS
from walkaway.language.expr.types import FactType, Inferred, TableType
from walkaway.language.source import Scalar, Sequence
from walkaway.language.values import (
    CURRENCIES,
    Kind,
    Unit,
    format_value,
    shorten,
)
from walkaway.policy.model import (
    DealFact,
    Issue,
    Table,
)
from walkaway.policy.parse.layers import Layered, LoadFile
from walkaway.policy.parse.section import Section, comma_hint, describe
from walkaway.policy.tables import read_table

RESERVED = KEYWORDS | {"min", "max", "abs", "known"}
"""What an expression reads as something else than a name."""
_NAMED_BY = {
    "deal": ("deal.{}",),
    "tables": ("tables.{}",),
    "issues": tuple(f"{g}.{{}}" for g in ("offer", "room", "walk", "want", "wish", "ours.last", "theirs.last")),
    "signals": ("signals.{}",),
    "roles": ("approved.{}",),
    "pattern": ("pattern.{}",),
    "define": ("{}",),
}
"""Section → the facts, or names, by which expressions know what it declares."""
_ALL = 1_000_000
"""100% in 1/10,000 percent."""
_SYMBOL = re.compile(r"[^\x00-\x1f\x7f\"]{1,100}")


class Declarations:
    """The declarations read so far, and where findings go."""

    def __init__(self, whole: Layered, load: LoadFile, findings: Findings) -> None:
        self.findings, self.load, self.below = findings, load, whole.below
        root = whole.root
        self.top = Section(root, "policy", "the policy", findings)
        self.notes = Inferred(findings, [], set())
        self.currency = self.top.choice("currency") or first_currency(root)
        self.days = self.effective()
        self.deal: dict[str, DealFact] = {}
        self.tables: dict[str, Table] = {}
        self.issues: dict[str, Issue] = {}
        self.needed: set[str] = set()
        self.limit_places: dict[str, Span] = {}

    def broken(self, section: str, read: Collection[str]) -> frozenset[str]:
        """Return the facts and names that a section was to declare and, with a finding, did not."""
        node = self.top.nodes.get(section)
        missing = [n for n in declared(node) if n not in read]
        missing += [re.sub(r"[\s-]+", "_", n.strip().lower()) for n in missing]
        lists = isinstance(node, Sequence) if section in ("signals", "roles") else isinstance(node, source.Mapping)
        if section in self.top.meant or (node is not None and not lists) or getattr(node, "incomplete", False):
            missing.append("*")
        return frozenset(form.format(n) for n in missing for form in _NAMED_BY[section])

    def is_free(self, name: Scalar, taken: Collection[str]) -> bool:
        """Check that a name the policy chooses means nothing else."""
        if name.value in taken:
            what = f"`{name.value}` has a meaning of its own here"
            self.findings.add(Code.NAME_TAKEN, what, name.span, f"choose another name, as `our_{name.value}`")
        return name.value not in taken

    def places(self) -> dict[str, Span]:
        """Return where each declared name stands, as `define.near_walk` or `signals.abuse`, and each limit."""
        found: dict[str, Span] = {**self.limit_places}
        for key in ("define", "pattern", "tables", "deal", "issues", "signals", "roles"):
            found |= {f"{key}.{name}": span for name, span in declared(self.top.nodes.get(key)).items()}
        return found

    def version(self) -> int:
        """Return the version, a whole number above 0."""
        scalar = self.top.scalar("version")
        if scalar is None:
            return 0
        if re.fullmatch("[1-9][0-9]{0,8}", scalar.value, re.ASCII):
            return int(scalar.value)
        self.findings.add(
            Code.BAD_VALUE, f"`{shorten(scalar.value)}` is no version", scalar.span, "write a whole number, 1 or more"
        )
        return 0

    def coverage(self) -> int | None:
        """Return how much of the policy its scenarios must exercise, in 1/10,000 percent."""
        mapping = self.top.mapping("require")
        if mapping is None:
            return None
        section = Section(mapping, "require", "`require`", self.findings, self.top.keys["require"].span)
        least = section.value("coverage", Unit(Kind.PERCENT))
        if isinstance(least, int) and not 0 <= least <= _ALL:
            what = f"{format_value(least, Unit(Kind.PERCENT))} is no share of a whole"
            self.findings.add(Code.BAD_VALUE, what, section.nodes["coverage"].span, "write 0% to 100%")
            return None
        return least if isinstance(least, int) else None

    def effective(self) -> tuple[int | None, int | None]:
        """Return the days between which deals may open."""
        mapping = self.top.mapping("effective")
        if mapping is None:
            return None, None
        section = Section(mapping, "effective", "`effective`", self.findings)
        first, last = section.day("from"), section.day("to")
        if first is not None and last is not None and last < first:
            self.findings.add(Code.BAD_DATE, "`to` is before `from`", section.nodes["to"].span, "swap the two")
        return first, last

    def deal_fact(self, name: Scalar, node: source.Node) -> None:
        """Read one fact under `deal:`: a type alone, or a mapping."""
        title = f"deal fact `{name.value}`"
        if isinstance(node, Scalar):
            unit = self.unit_named(node, title)
            if unit is not None:
                self.deal[name.value] = DealFact(name.value, unit)
            return
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WRONG_SHAPE,
                f"{title} wants a type, not {describe(node)}",
                node.span,
                f"write `{name.value}: money`",
            )
            return
        section = Section(node, "deal", title, self.findings, name.span)
        unit = self.unit_of(section)
        optional, personal, meaning = section.flag("optional"), section.flag("personal"), section.text("meaning")
        if unit is not None:
            default = section.value("default", unit)
            self.deal[name.value] = DealFact(name.value, unit, optional, default, personal, meaning)

    def unit_named(self, scalar: Scalar, title: str) -> Unit | None:
        """Return the unit a type's name stands for."""
        kinds = {str(k): k for k in Kind if k is not Kind.CHOICE}
        kind = kinds.get(scalar.value)
        if kind is None:
            hint = (
                "write `{one of: [..]}` for a choice of words"
                if scalar.value in ("choice", "enum")
                else nearest(scalar.value, kinds)
            )
            self.findings.add(Code.BAD_CHOICE, f"`{shorten(scalar.value)}` is no type for {title}", scalar.span, hint)
            return None
        return Unit(kind, self.currency if kind is Kind.MONEY else "")

    def unit_of(self, section: Section) -> Unit | None:
        """Return the unit of a section with `type` or `one of`."""
        if ("type" in section.nodes) == ("one of" in section.nodes):
            if "type" in section.nodes:
                what = f"{section.name} has both `type` and `one of`"
                self.findings.add(Code.MISSING_KEY, what, section.keys["type"].span, "keep one of the two")
            elif section.meant.isdisjoint(("type", "one of")) and not section.node.incomplete:
                what = f"{section.name} lacks `type` or `one of`"
                self.findings.add(Code.MISSING_KEY, what, section.place, "add `type: percent`, or what it is")
            return None
        if "type" in section.nodes:
            scalar = section.scalar("type")
            return self.unit_named(scalar, section.name) if scalar else None
        words = declared(section.nodes["one of"])
        choices = tuple(w for w in words if self.is_symbol(w, words[w]))
        if not words:
            what, hint = f"`one of` of {section.name} wants words", "write `one of: [smb, enterprise]`"
            self.findings.add(Code.WRONG_SHAPE, what, section.keys["one of"].span, hint)
        if not choices:
            return None
        return Unit(Kind.CHOICE, choices=choices)

    def is_symbol(self, word: str, place: Span) -> bool:
        """Check one word of a choice."""
        hint = comma_hint(word) if " " in word else ""
        if _SYMBOL.fullmatch(word) and not hint:
            return True
        hint = hint or "use 1 to 100 characters on one line, no double quotes"
        self.findings.add(Code.BAD_NAME, f"`{shorten(word)}` cannot be a choice", place, hint)
        return False

    def deal_types(self) -> dict[str, FactType]:
        """Return what expressions may know when a deal opens."""
        return {
            f"deal.{d.name}": FactType(d.unit, fixed=not d.may_be_missing, optional=d.may_be_missing)
            for d in self.deal.values()
        }

    def table_types(self) -> dict[str, TableType]:
        """Return what expressions may know of tables."""
        return {t.name: TableType(t.key_units, t.columns) for t in self.tables.values()}

    def table(self, name: Scalar, node: source.Node) -> None:
        """Read one table and its file."""
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WRONG_SHAPE,
                f"table `{name.value}` wants a mapping, not {describe(node)}",
                name.span,
                "write `{file: floors.csv, key: segment}`",
            )
            return
        section = Section(node, "table", f"table `{name.value}`", self.findings, name.span)
        file = section.scalar("file")
        in_list = isinstance(section.nodes.get("key"), Sequence)
        keys = [k.value for k in section.words("key", ".+")] if in_list else [section.text("key")]
        first_hit = section.choice("hit", "unique") == "first"
        if in_list and not keys:
            what = f"table `{name.value}` has no key"
            self.findings.add(Code.WRONG_SHAPE, what, section.keys["key"].span, "write `key: segment`")
        broken = self.broken("deal", self.deal)
        if file is None or not keys or not all(keys) or any({f"deal.{key}", "deal.*"} & broken for key in keys):
            return
        data = self.load(file.value)
        if data is None:
            self.findings.add(
                Code.TABLE_NOT_READABLE,
                f"table file `{shorten(file.value)}` cannot be read",
                file.span,
                "it must lie beside the policy, or in a folder below it",
            )
            return
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.top.node.span.file), file.value))
        units = {d.name: d.unit for d in self.deal.values() if not d.may_be_missing}
        table = read_table(
            name.value, file, data, path, keys, units, first_hit, self.currency, self.findings, self.days[0]
        )
        if table is not None:
            self.tables[name.value] = table


def declared(node: source.Node | None) -> dict[str, Span]:
    """Return the names that a mapping or a list declares, with their places."""
    names = [n for n, _ in node.entries] if isinstance(node, source.Mapping) else []
    names += [n for n in node.items if isinstance(n, Scalar)] if isinstance(node, Sequence) else []
    return {n.value: n.span for n in names}


def first_currency(root: source.Mapping) -> str:
    """Return the first currency that an amount in the file names: what is meant where `currency` does not say."""
    words = (word for scalar in scalars(root) for word in re.findall(r"\d\s*([A-Z]{3})\b", scalar.value))
    return next((word for word in words if word in CURRENCIES), "USD")


def scalars(node: source.Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    items = node.items if isinstance(node, Sequence) else tuple(v for _, v in node.entries)
    return [s for item in items for s in scalars(item)]
