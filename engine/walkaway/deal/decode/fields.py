"""The fields of an event, each read with care: one that is wrong is a finding, and the others are read all the same."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from walkaway.deal.decode.fast_lane import LONGEST_NAME
from walkaway.deal.decode.line_items import NotLines
from walkaway.deal.decode.reported import Reported, shown
from walkaway.deal.decode.values import Readers, ReadsValues
from walkaway.events import THEM, US, Limits, Party
from walkaway.language.codes import Code
from walkaway.language.diagnostics import nearest
from walkaway.language.spelling import is_written
from walkaway.language.values import NotAValue, Value, shorten
from walkaway.policy.model import LINES, THRESHOLDS

_LAST = "\uffff"
"""Beyond this the two orders part in which keys can be sorted: by code points, and as canonical JSON does."""


def as_text(value: object) -> str:
    """Return what an undeclared term was set to, as one text: its own, a number's digits, yes or no, or JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal):
        return str(value)
    return msgspec.json.encode(value, enc_hook=str, order="sorted").decode()


class Fields:
    """The fields of one event in the plain form; where one is missing or wrong, what stands for nothing said."""

    def __init__(self, raw: Mapping[str, Any], line: Reported, readers: Readers) -> None:
        self.raw, self.line, self.readers = raw, line, readers
        self.report = line.report

    def name(self, key: str) -> str:
        """Read an id, a deal or an actor: text of 1 to 200 characters that can be printed."""
        value = self.raw.get(key, "")
        if isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and is_written(value):
            return value
        is_short = not isinstance(value, str) or len(value) <= LONGEST_NAME
        what = shown(value) if is_short else f"a text of {len(value):,} characters"
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        hint = f'put quotes around it: `"{value}"`' if is_number else "use 1 to 200 printable characters"
        self.report(Code.EVENT_FIELD, f"{what} cannot be `{key}`", hint, f'"{key}"')
        return ""

    def instant(self, key: str) -> int:
        """Read an RFC 3339 instant as microseconds since 1970."""
        text = self.raw[key]
        if isinstance(text, str):
            try:
                return self.readers.instant(text)
            except (ValueError, OverflowError):
                pass
        self.report(
            Code.BAD_INSTANT,
            f"{shown(text)} in `{key}` is no instant with an offset",
            "write it as `YYYY-MM-DDThh:mm:ssZ`, or with an offset; hours are 00 to 23",
            f'"{key}"',
        )
        return 0

    def party(self) -> Party:
        """Read whose event it is."""
        value = self.raw.get("by")
        if value == "us":
            return US
        if value != "them" and "by" in self.raw:
            self.report(Code.EVENT_FIELD, f"`by` is `us` or `them`, not {shown(value)}", near='"by"')
        return THEM

    def text(self, key: str) -> str:
        """Read a text."""
        value = self.raw.get(key, "")
        if isinstance(value, str):
            return value
        self.report(Code.EVENT_FIELD, f"`{key}` is text, not {shown(value)}", near=f'"{key}"')
        return ""

    def known(self, key: str, known: Collection[str], code: Code, what: str) -> str:
        """Read a name that the policy must have."""
        name = self.text(key)
        if key in self.raw and name not in known:
            self.unknown(name, known, code, what, key)
        return name

    def unknown(self, name: str, known: Collection[str], code: Code, what: str, near: str) -> None:
        """Report a name that the policy does not have."""
        message = f"`{shorten(name)}` is no {what} of policy `{self.readers.policy.name}`"
        self.report(code, message, nearest(name, known), f'"{near}"')

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Read an object."""
        value = self.raw.get(key)
        if value is None and key not in self.raw:
            return {}
        if isinstance(value, dict):
            return value
        self.report(Code.EVENT_FIELD, f"`{key}` is an object, not {shown(value)}", near=f'"{key}"')
        return {}

    def package(self, key: str) -> tuple[dict[str, Value], dict[str, str | None]]:
        """Read issues with their values, and beside them what nobody declared, as texts; `null` takes one back."""
        said, issues = self.mapping(key), self.readers.issues
        other: dict[str, str | None] = {}
        for name in sorted(said.keys() - issues.keys()):
            if 0 < len(name) <= LONGEST_NAME and is_written(name) and max(name) <= _LAST:
                other[name] = None if said[name] is None else as_text(said[name])
            else:
                what = f"`{shorten(name)}` cannot be the name of a term"
                self.report(Code.EVENT_FIELD, what, "use 1 to 200 printable characters", f'"{key}"')
        declared = {name: value for name, value in said.items() if name in issues}
        return self.values(declared, issues, Code.UNKNOWN_ISSUE, "issue"), other

    def flag(self, key: str) -> bool:
        """Read a yes or no."""
        value = self.raw.get(key)
        if value in (True, "yes"):
            return True
        if value not in (False, "no"):
            self.report(Code.EVENT_FIELD, f"`{key}` is yes or no, not {shown(value)}", near=f'"{key}"')
        return False

    def facts(self) -> dict[str, Value]:
        """Read deal facts with their values."""
        return self.values(self.mapping("facts"), self.readers.deal, Code.UNKNOWN_DEAL_FACT, "deal fact")

    def values(
        self, given: Mapping[str, Any], readers: Mapping[str, ReadsValues], code: Code, what: str
    ) -> dict[str, Value]:
        """Read an object of typed values."""
        found: dict[str, Value] = {}
        for name, value in given.items():
            reader = readers.get(name)
            if reader is None:
                self.unknown(name, readers, code, what, name)
                continue
            try:
                found[name] = reader.read(value)
            except NotLines as problem:
                for one, near in problem.every:
                    self.report(Code.EVENT_VALUE, f"`{name}`: {one}", one.hint, near or f'"{name}"')
            except NotAValue as problem:
                self.report(Code.EVENT_VALUE, f"`{name}`: {problem}", problem.hint, f'"{name}"')
        return found

    def limits(self) -> dict[str, Limits]:
        """Read `limits`: for issues, and for `package`, any of wish, want and walk."""
        found: dict[str, Limits] = {}
        readers = {**self.readers.issues, "package": self.readers.money}
        for name, values in self.mapping("limits").items():
            reader = readers.get(name)
            if reader is None:
                self.unknown(name, readers, Code.UNKNOWN_ISSUE, "issue", name)
            elif name == LINES and self.readers.policy.lines is not None:
                what = "the lines of a deal have no limits of its own"
                self.report(Code.EVENT_FIELD, what, "limit the `package`, or write a rule on `lines.…`", f'"{name}"')
            elif not isinstance(values, dict):
                what = f"the limits of `{name}` are an object, not {shown(values)}"
                self.report(Code.EVENT_FIELD, what, '`{"walk": "…"}`', f'"{name}"')
            else:
                read = self.values(values, dict.fromkeys(THRESHOLDS, reader), Code.EVENT_FIELD, "threshold")
                found[name] = Limits(**read)
        return found

    def batna(self) -> int | None:
        """Read what our best alternative is worth, in minor units; none where nothing is said."""
        return self.amount("batna") if "batna" in self.raw else None

    def amount(self, key: str) -> int | None:
        """Read an amount in the policy's currency, in minor units; none where it is `null`."""
        if self.raw.get(key) is None and key != "batna":
            return None
        try:
            value = self.readers.money.read(self.raw[key])
        except NotAValue as problem:
            self.report(Code.EVENT_VALUE, f"`{key}`: {problem}", problem.hint, f'"{key}"')
            return None
        return value if isinstance(value, int) else None

    def names(self, key: str, known: Collection[str] | None, what: str) -> tuple[str, ...]:
        """Read a list of names, each once; an empty list is a mistake.

        Args:
            known: The names that may stand there; any, where it is none.
        """
        if key not in self.raw:
            return ()
        value = self.raw[key]
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            message = f"`{key}` is a list of one name or more, not {shown(value)}"
            if isinstance(value, list) and value:
                other = next(v for v in value if not isinstance(v, str))
                message = f"`{key}` is a list of names, and {shown(other)} is none"
            hint = nearest("", known) if known else ""
            self.report(Code.EVENT_FIELD, message, hint, f'"{key}"')
            return ()
        for name in value:
            if known is not None and name not in known:
                self.unknown(name, known, Code.UNKNOWN_ISSUE, what, name)
        if len(set(value)) < len(value):
            self.report(Code.EVENT_FIELD, f"`{key}` names one twice", near=f'"{key}"')
        return tuple(value)
