"""What was typed for an event: its fields, and for each where it stands, so that findings point at what was typed."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import click
import msgspec

from walkaway.language import Code, Diagnostic, Span, shorten
from walkaway.policy import THRESHOLDS
from walkaway_cli.kinds import PAIRS, EventKind, TypedField
from walkaway_cli.options.texts import is_text

Content = dict[str, Any]
"""An event in the plain form, as JSON has it."""
_PARTS = ("kind", "until", "actor")
_OF_RATE = ("day", "source")
_OF_NAMES = (Code.UNKNOWN_ISSUE, Code.UNKNOWN_DEAL_FACT)
"""What is said of a name, and not of the value behind it."""
_KEY = re.compile(r'"(\w+)": ?')


class Word(msgspec.Struct, frozen=True):
    """Something typed, which stands behind a key of the event.

    Attributes:
        where: The option, or what the argument is.
        name, value: What of `text` is its name, and what its value: start, from 0, and length; all of it, where none.
    """

    key: str
    where: str
    text: str
    name: tuple[int, int] | None = None
    value: tuple[int, int] | None = None

    def span(self, *, of_name: bool) -> Span:
        """Return where it stands."""
        start, length = (self.name if of_name else self.value) or (0, len(self.text))
        return Span(self.where, 1, start + 1, max(length, 1), self.text)


class TypedEvent:
    """An event as it was typed, without its id and its instant.

    Args:
        given: TypedField's name, as click has it → what was typed.

    Attributes:
        terms: The issues that were named as such: each must be one, or it is a slip.

    Raises:
        click.UsageError: With all that is wrong with how it was typed.
    """

    def __init__(self, sort: str, kind: EventKind, deal: str, actor: str, given: Mapping[str, Any]) -> None:
        self.sort, self.kind = sort, kind
        self.words = [Word("type", "walkaway", sort), Word("deal", "DEAL", deal)]
        self.content: Content = {"type": sort}
        self.terms: list[Word] = []
        self.wrong: list[str] = []
        if actor:
            self.put("actor", actor, "--actor")
        garbled = [text for each in (deal, *given.values()) for text in _texts(each) if not is_text(text)]
        if garbled:
            raise click.UsageError(f"{shorten(garbled[0])!r} is not UTF-8 text")
        for field in kind.fields:
            self.read(field, given.get(field.name))
        self.check(given)
        if self.wrong:
            raise click.UsageError("\n       ".join(dict.fromkeys(self.wrong)))

    def check(self, given: Mapping[str, Any]) -> None:
        """Take note of what is missing."""
        for field in self.kind.fields:
            if field.required and not given.get(field.name):
                self.wrong.append(f"`{self.sort}` wants {field.shown}")
        for typed, hint in self.kind.wants:
            fields = [f for f in self.kind.fields if f.typed in typed]
            if not any(given.get(f.name) for f in fields):
                self.wrong.append(f"`{self.sort}` wants {hint}")

    def put(self, key: str, value: Any, where: str, text: str | None = None) -> None:
        """Set a field."""
        self.content[key] = value
        self.words.append(Word(key, where, text if text is not None else str(value)))

    def read(self, field: TypedField, value: Any) -> None:
        """Take in what was typed for a field."""
        if value in (None, (), False):
            return
        if field.sort in PAIRS:
            getattr(self, field.sort)(field, value)
        elif field.sort == "rate":
            self.rate(field, value)
        elif field.sort in ("yes", "no"):
            self.put(field.key, field.sort == "yes", field.typed, field.typed)
        elif field.sort == "names":
            self.put(field.key, list(value), field.typed, ", ".join(value))
            self.words += [Word(name, field.typed, name) for name in value]
        else:
            self.put(field.key, value, field.typed)

    def pairs(self, field: TypedField, texts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
        """Return name, value and text of each NAME=VALUE; what is none is wrong, and so is a name given again."""
        met: set[str] = set()
        for text in texts:
            name, equals, value = text.partition("=")
            name, value = name.strip(), value.strip()
            shape = field.metavar.strip('"').partition(";")[0] if field.is_option else field.typed
            if not equals or not name:
                self.wrong.append(f"{_place(field)}{shorten(text)!r}: write {shape}, as in {_example(shape)}")
            elif name in met:
                self.wrong.append(f"{_place(field)}{shorten(text)!r}: `{shorten(name)}` is given twice")
            else:
                met.add(name)
                yield name, value, text

    def values(self, field: TypedField, texts: Sequence[str]) -> None:
        """Read NAME=VALUE, each a field of its own."""
        found = self.content.setdefault(field.key, {})
        self.words.append(Word(field.key, field.typed, texts[0]))
        for name, value, text in self.pairs(field, texts):
            if not value:
                self.wrong.append(f"{_place(field)}{shorten(text)!r}: write the value behind `=`")
            found[name] = value
            self.words.append(_pair(name, field, text))
            if field.key == "terms":
                self.terms.append(self.words[-1])

    def other(self, field: TypedField, texts: Sequence[str]) -> None:
        """Read undeclared terms; one without a value takes it back."""
        found = self.content.setdefault(field.key, {})
        for name, value, text in self.pairs(field, texts):
            if name in found:
                self.wrong.append(f"{_place(field)}{shorten(text)!r}: `{shorten(name)}` is given twice")
            found[name] = value or None
            self.words.append(_pair(name, field, text))

    def limits(self, field: TypedField, texts: Sequence[str]) -> None:
        """Read thresholds: ISSUE.walk=VALUE."""
        found = self.content.setdefault(field.key, {})
        for name, value, text in self.pairs(field, texts):
            issue, dot, threshold = name.rpartition(".")
            if not dot or threshold not in THRESHOLDS:
                known = ", ".join(f"{issue or name}.{t}" for t in THRESHOLDS)
                self.wrong.append(f"{_place(field)}{shorten(text)!r}: write one of {known}, each with =VALUE")
                continue
            self.words += [_pair(issue, field, text), _pair(threshold, field, text)]
            found.setdefault(issue, {})[threshold] = value

    def alternatives(self, field: TypedField, texts: Sequence[str]) -> None:
        """Read NAME=WORTH, with `kind`, `until` and `actor` behind it, parted by semicolons."""
        found = self.content.setdefault(field.key, [])
        for text in texts:
            (name, worth, _), *more = [*self.pairs(field, text.split(";"))] or [("", "", "")]
            stated: Content = {"name": name, "worth": worth or None}
            self.words += [Word("name", field.typed, text), Word("worth", field.typed, text)]
            for part, value, _ in more:
                if part not in _PARTS:
                    known = ", ".join(f"{p}=…" for p in _PARTS)
                    self.wrong.append(f"{_place(field)}{shorten(text)!r}: behind NAME=WORTH may stand {known}")
                stated[part] = value
                self.words.append(Word(part, field.typed, text))
            found.append(stated)

    def rate(self, field: TypedField, text: str) -> None:
        """Read a rate, with its `day` and `source` behind it, parted by semicolons; `now` is a word."""
        digits, *more = text.split(";")
        if text.strip() == "now":
            self.put(field.key, "now", field.typed, text)
            return
        stated = {"rate": digits.strip()}
        for part, value, _ in self.pairs(field, more):
            if part not in _OF_RATE:
                known = ", ".join(f"{p}=…" for p in _OF_RATE)
                self.wrong.append(f"{_place(field)}{shorten(text)!r}: behind the rate may stand {known}")
            stated[part] = value
        self.put(field.key, stated, field.typed, text)
        self.words += [Word(part, field.typed, text) for part in stated]

    def packages(self, field: TypedField, texts: Sequence[str]) -> None:
        """Read packages, each of ISSUE=VALUE parted by semicolons."""
        if len(texts) < 2:
            self.wrong.append(f"{field.typed}: give two packages or more, or the terms of one as they are")
        if "terms" in self.content:
            self.wrong.append(f"{field.typed} stands in place of terms: give either")
        found = self.content.setdefault(field.key, [])
        for text in texts:
            package = {}
            for name, value, part in self.pairs(field, text.split(";")):
                package[name] = value
                self.words.append(_pair(name, field, part.strip()))
                self.terms.append(self.words[-1])
            found.append(package)

    def line(self, deal: str, event: str, at: str) -> bytes:
        """Return the event as a line of JSON, without its break."""
        return msgspec.json.encode({"id": event, "deal": deal, "at": at, **self.content})

    def at(self, text: str | None, event: str | None) -> None:
        """Take note of an instant and an id that were typed."""
        self.words += [Word("at", "--at", text)] if text is not None else []
        self.words += [Word("id", "--id", event)] if event is not None else []

    def as_typed(self, finding: Diagnostic, line: bytes) -> Diagnostic:
        """Move a finding from the event's line to what was typed."""
        start, text = finding.span.column - 1, line.decode()
        place = text[start : start + finding.span.length]
        words = [w for w in self.words if place == msgspec.json.encode(w.key).decode()]
        before = text[:start].count(place) if words else 0
        hint = _KEY.sub(r"--\1 ", finding.hint)
        if '"rate":' in finding.hint:
            hint = 'write it as `--fx "RATE; day=YYYY-MM-DD; source=…"`'
        if finding.code is Code.LATE:
            hint = "give a later --at, or none: then it is now"
        if not words:
            span = Span("the event", 1, min(start, 400) + 1, finding.span.length, text[:400])
        else:
            span = words[min(before, len(words) - 1)].span(of_name=finding.code in _OF_NAMES)
        return Diagnostic(finding.code, finding.message, span, hint)


def _texts(given: object) -> Sequence[str]:
    """Return the texts of an option, once or repeated; a path is none."""
    return [each for each in (given if isinstance(given, tuple) else (given,)) if isinstance(each, str)]


def _pair(name: str, field: TypedField, text: str) -> Word:
    """Return what NAME=VALUE is."""
    after = text.index("=") + 1
    value = text[after:].lstrip()
    named = (text.index(name), len(name)) if name in text else None
    return Word(name, field.typed, text, named, (len(text) - len(value), len(value)) if value else None)


def _place(field: TypedField) -> str:
    return f"{field.typed} " if field.is_option else ""


def _example(shape: str) -> str:
    examples = {"ISSUE=VALUE": "discount=12%", "FACT=VALUE": "segment=enterprise", "NAME=WORTH": '"rival=70,000 USD"'}
    return examples.get(shape, "discount.walk=15%" if "walk" in shape else 'support="two days"')


def event_id(events: Collection[str]) -> str:
    """Return the next id of a deal that has these: `e` and its place, `e01` for the first, as far as it is free."""
    number = len(events) + 1
    while (found := f"e{number:02}") in events:
        number += 1
    return found
