"""Read JSON lines into columns of typed values: lines of the plainest form, and those exactly as `deal.decode` does.

A line is plain if a regular expression, written for the policy, matches the whole of it: printable ASCII without
escapes, every key known and in its place, no key twice; the native core, where it is there, says the same sooner. Each
distinct text of a value is read once, by the readers of the decoder. All that another line says is left to the engine.
"""

import io
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from walkaway.backtest.columnar.gathering import Events, TypedLines, gathered
from walkaway.deal.decode.fast_lane import LONGEST_NAME
from walkaway.deal.decode.values import Readers, ReadsValues
from walkaway.deal.stated import BATNA
from walkaway.deal.valuation import PACKAGE
from walkaway.events import OUTCOMES
from walkaway.language.instants import instant_of
from walkaway.language.native import line_sorter
from walkaway.language.values import Kind, NotAValue, Value
from walkaway.policy.model import THRESHOLDS, Policy

OPEN, OUR_OFFER, THEIR_OFFER, OUR_ACCEPT, THEIR_ACCEPT, OUR_REJECT, THEIR_REJECT, SIGNAL, TICK, CLOSE = range(10)
"""The kinds of event that columns take, an acceptance of some issues among the acceptances."""

_TYPES = {
    "open": (OPEN, OPEN, set[str](), {"facts", "limits", "batna"}),
    "offer": (OUR_OFFER, THEIR_OFFER, {"by", "terms"}, set()),
    "accept": (OUR_ACCEPT, THEIR_ACCEPT, {"by"}, {"issues"}),
    "reject": (OUR_REJECT, THEIR_REJECT, {"by"}, set()),
    "signal": (SIGNAL, SIGNAL, {"by", "kind"}, {"confirmed"}),
    "tick": (TICK, TICK, set[str](), set()),
    "close": (CLOSE, CLOSE, {"outcome"}, set()),
}
"""Type → its kinds by us and by them, the fields that it has, and those that it may have, beside those of all."""
_HEAD = ("id", "deal", "at", "type")
_REST = ("by", "actor", "terms", "facts", "issues", "kind", "confirmed", "outcome", "limits", "batna")
_RARE = frozenset({"facts", "issues", "kind", "confirmed", "outcome", "limits", "batna"})
"""Keys that no offer holds: most lines are offers, and read by a schema without them."""
_OFFER = ('"type": "offer"', '"type":"offer"')
_LONGEST = 65_536
_TOGETHER = 1 << 18
"""So many lines are read at once."""
_SORTS = {Kind.YES_NO: 1, Kind.COUNT: 2, Kind.NUMBER: 3}
"""What the native core calls the kinds of value that a plain line may write otherwise than as a text."""
_Sorted = tuple[Any, bytes, bool]
"""The places of some lines, the lines, and whether one may hold a key twice."""
_TEXT = r'"[ !#-\[\]-~]+"'
_INSTANT = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"


class Symbols:
    """Symbols as numbers: those of the policy, the parties, the outcomes, and whatever else a deal states."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def code(self, symbol: int | str) -> int:
        """Return the number of a symbol; a number stands for itself."""
        return symbol if isinstance(symbol, int) else self.codes.setdefault(str(symbol), len(self.codes))


class LineColumns:
    """Reads lines of one policy's events."""

    def __init__(self, policy: Policy, symbols: Symbols) -> None:
        self.policy, self.symbols = policy, symbols
        readers = Readers(policy)
        self.issues, self.deal = readers.issues, readers.deal
        self.money, self.limited = readers.money, {**readers.issues, PACKAGE: readers.money}
        self.signals = {kind: place for place, kind in enumerate(policy.signals)}
        self.plain = self.grammar()
        text = pl.String
        self.schema: dict[str, Any] = {
            **dict.fromkeys((*_HEAD, "by", "actor", "kind", "confirmed", "outcome", "batna"), text),
            "issues": pl.List(text),
            "limits": pl.Struct(dict.fromkeys(self.limited, pl.Struct(dict.fromkeys(THRESHOLDS, text)))),
            "terms": pl.Struct(dict.fromkeys(self.issues, text)),
            "facts": pl.Struct(dict.fromkeys(self.deal, text) or {"": text}),
        }
        self.few = {key: kind for key, kind in self.schema.items() if key not in _RARE}

    def grammar(self) -> str:
        """Return the expression that matches plain lines."""
        items = [f'"(?:id|deal|at|type|actor|kind|outcome|batna)": ?{_TEXT}', '"by": ?"(?:us|them)"']
        items += ['"confirmed": ?(?:true|false)', f'"issues": ?\\[(?:{_TEXT}(?:, ?{_TEXT})*)\\]']
        for key, readers in (("terms", self.issues), ("facts", self.deal)):
            values = "|".join(f'"{re.escape(name)}": ?{_value(reader)}' for name, reader in readers.items())
            items.append(
                f'"{key}": ?\\{{(?:(?:{values})(?:, ?(?:{values}))*)?\\}}' if values else f'"{key}": ?\\{{\\}}'
            )
        limits = []
        for name, reader in self.limited.items():
            one = f'"(?:{"|".join(THRESHOLDS)})": ?{_value(reader)}'
            limits.append(f'"{re.escape(name)}": ?\\{{{one}(?:, ?{one})*\\}}')
        limit = "|".join(limits)
        items.append(f'"limits": ?\\{{(?:{limit})(?:, ?(?:{limit}))*\\}}')
        item = "|".join(items)
        return f"^\\{{(?:{item})(?:, ?(?:{item}))*\\}}$"

    def events(self, lines: Any, followed: Collection[str] = ()) -> tuple[Events, Any]:
        """Return the events of a series of lines, and of each line its deal's place, -1 where it names none.

        Args:
            followed: Deals that a deal elsewhere follows: they are left out.
        """
        parts, odds = list[TypedLines](), list[Any]()
        for first in range(0, max(1, len(lines)), _TOGETHER):
            some = lines[first : first + _TOGETHER]
            found = self.sorted_natively(some) or self.sorted_lines(some)
            is_plain = np.concatenate([rows for rows, _, _ in found])
            if len(is_plain) < len(some):
                is_odd = np.ones(len(some), np.bool_)
                is_odd[is_plain] = False
                odds.append(first + np.flatnonzero(is_odd))
            for (rows, data, has_twice), schema in zip(found, (self.few, self.schema), strict=True):
                if len(rows) or (first == 0 and not parts):
                    objects = pl.read_ndjson(io.BytesIO(data), schema=schema)
                    assert len(objects) == len(rows), "each line is one object"
                    parts.append(self.typed(first + rows, objects, data if has_twice else b"", schema))
        return gathered(lines, parts, odds, followed)

    def sorted_lines(self, lines: Any) -> tuple[_Sorted, _Sorted]:
        """Return the offers among lines that the expression matches, and the others."""
        texts = lines.str
        is_plain = (texts.contains(self.plain) & (texts.len_bytes() <= _LONGEST)).fill_null(False)
        offers = texts.contains(_OFFER[0], literal=True) | texts.contains(_OFFER[1], literal=True)
        return self.chosen(lines, is_plain & offers), self.chosen(lines, is_plain & ~offers)

    def chosen(self, lines: Any, where: Any) -> _Sorted:
        """Return some of the lines; what has a key twice is still among them."""
        return where.arg_true().to_numpy().astype(np.int64), lines.filter(where).str.join("\n").item().encode(), True

    def sorted_natively(self, lines: Any) -> tuple[_Sorted, _Sorted] | None:
        """Return what `sorted_lines` does, without lines that have a key twice, or offers a key that no offer holds."""
        if self.sorter is None or not len(lines):
            return None
        text = (lines.fill_null("") if lines.null_count() else lines).str.join("\n").item()
        sorts, offers, others = self.sorter(text)
        if len(sorts) != len(lines):  # one has a line feed within
            return None
        found = np.frombuffer(sorts, np.int8)
        return (np.flatnonzero(found == 1), offers, False), (np.flatnonzero(found == 2), others, False)

    @cached_property
    def sorter(self) -> Callable[[str], tuple[bytes, bytes, bytes]] | None:
        """Return what sorts lines natively; none where there is no native core, or it has no room for the names."""
        if line_sorter is None:
            return None
        tables = (self.issues, self.deal, self.limited)
        known = [tuple((name, _SORTS.get(reader.unit.kind, 0)) for name, reader in of.items()) for of in tables]
        plain = all(name.isascii() and name.isprintable() and not {*name} & {*'"\\'} for of in known for name, _ in of)
        return line_sorter(_LONGEST, *known, tuple((name, 0) for name in THRESHOLDS)) if plain else None

    def typed(self, index: Any, objects: Any, data: bytes, schema: Mapping[str, Any]) -> TypedLines:
        """Return the typed columns of plain lines.

        Args:
            index: Their places.
            objects: What they hold, of the keys that a schema names.
            data: The lines, where one may hold a key twice, or one that the schema does not name.
        """
        size = len(index)
        stated = _struct(objects["facts"], self.deal) if "facts" in schema else {}
        terms = _struct(objects["terms"], self.issues)
        limits = _struct(objects["limits"], self.limited) if "limits" in schema else {}
        brought = {f"{t}.{n}": column.struct.field(t) for n, column in limits.items() for t in THRESHOLDS}
        none = np.zeros(size, np.bool_)
        there = {key: _there(objects[key]) if key in schema else none for key in (*_HEAD, *_REST)}
        plain = np.ones(size, np.bool_)
        if data:
            columns = (*terms.values(), *stated.values(), *limits.values(), *brought.values())
            count = np.zeros(size, np.int64)
            for mask in (*there.values(), *map(_there, columns)):
                if mask is not none:
                    count += mask
            if int(count.sum()) != data.count(b'":'):  # none holds more than its keys: of equal sums all are equal
                texts = pl.Series(data.decode().split("\n"), dtype=pl.String)
                plain = count == texts.str.count_matches('":', literal=True).to_numpy()
        for key in _HEAD:
            plain &= there[key]
        for key in ("id", "deal", "actor"):
            longest = objects[key].str.len_bytes().max()
            if longest is not None and longest > LONGEST_NAME:
                plain &= (objects[key].str.len_bytes().fill_null(0) <= LONGEST_NAME).to_numpy()
        sorts, kind = objects["type"], np.full(size, -1, np.int8)
        by_us = (objects["by"] == "us").fill_null(False).to_numpy()
        for name, (ours, theirs, needs, may) in _TYPES.items():
            fits = plain & (sorts == name).fill_null(False).to_numpy()
            for key in _REST:
                if key != "actor" and key not in may and (there[key] is not none or key in needs):
                    fits &= there[key] if key in needs else ~there[key]
            kind[fits & by_us] = ours
            kind[fits & ~by_us] = theirs
        plain &= kind >= 0
        instant, alive = _instants(objects["at"])
        value, named, is_some = self.values(terms, alive)
        alive &= ~(((kind == OUR_OFFER) | (kind == THEIR_OFFER)) & ~is_some)
        partial = there["issues"]
        if partial.any():
            for place, issue in enumerate(self.issues):
                named[:, place] |= partial & objects["issues"].list.contains(issue).fill_null(False).to_numpy()
            listed = objects["issues"].list.len().fill_null(0).to_numpy()
            alive &= ~partial | (named.sum(axis=1) == listed)
        detail = np.zeros(size, np.int64)
        if "kind" in schema:
            detail, is_detail = self.details(objects, kind)
            alive &= is_detail
        facts = {name: self.read(column, self.deal[name], alive) for name, column in stated.items()}
        for fact, column in brought.items():
            if column.null_count() < len(column):
                facts[fact] = self.read(column, self.limited[fact.partition(".")[2]], alive)
        if bool(there["batna"].any()):
            facts[BATNA] = self.read(objects["batna"], self.money, alive)
        return TypedLines(
            index, objects["deal"], objects["id"], plain, alive, kind, instant, value, named, partial, detail, facts
        )

    def values(self, terms: Mapping[str, Any], alive: Any) -> tuple[Any, Any, Any]:
        """Return what events name of each issue, where they do, and which name any.

        A line with what is no value is not alive.
        """
        count = len(alive)
        value, named = np.zeros((count, len(terms)), np.int64), np.zeros((count, len(terms)), np.bool_)
        is_some = np.zeros(count, np.bool_)
        for place, (name, column) in enumerate(terms.items()):
            value[:, place], there = self.read(column, self.issues[name], alive)
            named[:, place] = there
            is_some |= there
        return value, named, is_some

    def read(self, column: Any, reader: ReadsValues, alive: Any) -> tuple[Any, Any]:
        """Return a column's values, and where there are any; a row whose text is no value is not alive."""

        def one(text: str) -> int | None:
            found = _read(text, reader)
            return None if found is None else self.symbols.code(found)

        found = _mapped(column, one)
        there = _there(column)
        if found.null_count() > column.null_count():
            alive &= ~(there & found.is_null().to_numpy())
        return found.fill_null(0).to_numpy(), there

    def details(self, frame: Any, kind: Any) -> tuple[Any, Any]:
        """Return the signals and outcomes as numbers, and where they are any; -1 for a signal that is not confirmed."""
        found = np.zeros(len(frame), np.int64)
        fine = np.ones(len(frame), np.bool_)
        for at, key, read in (
            (SIGNAL, "kind", self.signals.get),
            (CLOSE, "outcome", lambda text: self.symbols.code(text) if text in OUTCOMES else None),
        ):
            rows = kind == at
            if rows.any():
                codes = _mapped(frame[key], read)
                found = np.where(rows, codes.fill_null(0).to_numpy(), found)
                fine &= ~rows | codes.is_not_null().to_numpy()
        unsure = (kind == SIGNAL) & (frame["confirmed"] == "false").fill_null(False).to_numpy()
        return np.where(unsure, -1, found), fine


def _there(column: Any) -> Any:
    """Return where a column has a value."""
    return column.is_not_null().to_numpy()


def _value(reader: ReadsValues) -> str:
    """Return the expression that matches a value in a plain line."""
    match reader.unit.kind:
        case Kind.YES_NO:
            return '(?:"(?:yes|no)"|true|false)'
        case Kind.COUNT:
            return f"(?:{_TEXT}|-?(?:0|[1-9][0-9]{{0,14}}))"
        case Kind.NUMBER:
            return f"(?:{_TEXT}|-?(?:0|[1-9][0-9]{{0,8}})(?:\\.[0-9]{{1,2}})?)"
        case _:
            return _TEXT


def _read(text: str, reader: ReadsValues) -> Value | None:
    """Return a value as the decoder reads it, from a text or from the number, or yes or no, that it spells."""
    kind = reader.unit.kind
    try:
        if kind is Kind.YES_NO and text in ("true", "false"):
            return reader.read(text == "true")
        return reader.read(text)
    except (NotAValue, ValueError, OverflowError):
        return None


def _struct(column: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: column.struct.field(name) for name in names}


def _mapped(column: Any, read: Callable[[str], int | None]) -> Any:
    """Return a column of texts as numbers, each distinct text read once; null where there is none."""
    texts = column.drop_nulls().unique()
    values = pl.Series([read(text) for text in texts.to_list()], dtype=pl.Int64)
    if not len(texts):
        return pl.Series([None], dtype=pl.Int64).new_from_index(0, len(column))
    return column.replace_strict(texts, values, default=None, return_dtype=pl.Int64)


def _instants(column: Any) -> tuple[Any, Any]:
    """Return instants in microseconds, and where there are any."""
    usual = column.str.contains(_INSTANT).fill_null(False)
    found = column.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", strict=False).to_physical()
    other = ~usual & column.is_not_null()
    if other.any():
        rest = _mapped(column.filter(other), instant_of)
        found = found.scatter(other.arg_true(), rest)
    return found.fill_null(0).to_numpy(), _there(found)
