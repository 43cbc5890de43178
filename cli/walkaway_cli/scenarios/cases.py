"""Turn `cases.yaml` beside a policy into tests: each case tells events of one deal and wants the answer to the last.

```yaml
open: {facts: {list_price: "100,000 USD"}}        # begins every deal that has no `open` of its own
cases:
  - note: A discount for nothing is a trade.       # what holds
    events:
      - {type: offer, by: us, terms: {discount: 5%}, after: 2 hours}   # an hour after the one before, if not said
    want: trade                                    # its verdict, with `door` where it is walk; or the `code` of a
    fired: [nothing-for-nothing]                   # dead letter; exactly these rules fire, whatever becomes of them
```
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from walkaway import DeadLetter, Decision, Stream, language
from walkaway.language import Kind, NotAValue, Unit, nearest, parse_value
from walkaway_cli.render.decision import decision_text
from walkaway_cli.render.diagnostics import finding_text
from walkaway_cli.scenarios.engines import engines_of
from walkaway_cli.scenarios.negotiation import letter_text
from walkaway_cli.scenarios.problems import Missed, Misunderstood, from_here

_BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
_KEYS = ("note", "open", "events", "want", "door", "fired", "code")


class PolicyCase(msgspec.Struct, frozen=True):
    """One case, its values as they are written; `events` begin with the opening."""

    note: str
    line: int
    events: tuple[Mapping[str, Any], ...]
    want: str = ""
    door: str | None = None
    fired: tuple[str, ...] = ()
    code: str = ""


class CasesFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterable[pytest.Item]:
        try:
            found = read_cases(self.path)
        except Misunderstood as problem:
            raise self.CollectError(str(problem)) from problem
        return [CaseTest.from_parent(self, name=case.note, case=case) for case in found]


class CaseTest(pytest.Item):
    """The test of one case."""

    def __init__(self, *, case: PolicyCase, **more: Any) -> None:
        super().__init__(**more)
        self.case = case

    def runtest(self) -> None:
        engines = engines_of(self.config)
        try:
            tell(self.case, engines.stream(engines.get(from_here(self.path.parent))), from_here(self.path))
        except Missed as problem:
            raise pytest.fail.Exception(str(problem), pytrace=False) from None

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Misunderstood):
            return f"{from_here(self.path)}:{self.case.line}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line - 1, self.name


def read_cases(path: Path) -> list[PolicyCase]:
    """Read a file of cases.

    Raises:
        Misunderstood: Where it holds something else, or two cases have one note.
    """
    return cases_in(path.read_bytes(), from_here(path))


def cases_in(data: bytes, path: Path) -> list[PolicyCase]:
    """Read the cases that a file holds.

    Args:
        path: By which what is wrong names it.

    Raises:
        Misunderstood: Where it holds something else, or two cases have one note.
    """
    checked = language.read(data, str(path))
    if checked.value is None or checked.errors:
        raise Misunderstood("\n".join(click.unstyle(finding_text(f)) for f in checked.findings))
    top = checked.value
    listed = top.get("cases") if isinstance(top, language.Mapping) else None
    if not isinstance(top, language.Mapping) or not isinstance(listed, language.Sequence) or not listed.items:
        raise Misunderstood(f"{path}:1: a file of cases holds `cases:` with a list")
    opening = _plain(node) if (node := top.get("open")) is not None else {}
    found = [_case(node, opening, path) for node in listed.items]
    notes = [case.note for case in found]
    for case in found:
        if notes.count(case.note) > 1:
            raise Misunderstood(f"{path}:{case.line}: several cases have the note `{case.note}`")
    return found


def _case(node: language.Node, opening: Mapping[str, Any], path: Path) -> PolicyCase:
    place = f"{path}:{node.span.line}"
    raw = _plain(node)
    if not isinstance(raw, dict):
        raise Misunderstood(f"{place}: a case is a mapping with `note`, `events`, `want` and `fired`")
    unknown = [key for key in raw if key not in _KEYS]
    if unknown:
        raise Misunderstood(f"{place}: a case has no `{unknown[0]}`. {nearest(unknown[0], _KEYS)}")
    if lack := _lack(raw):
        raise Misunderstood(f"{place}: {lack}")
    opened, events = raw.pop("open", opening), raw.pop("events", [])
    if not isinstance(opened, dict) or not isinstance(events, list):
        raise Misunderstood(f"{place}: `open` is a mapping, and `events` a list of mappings")
    try:
        told = [{"type": "open", **opened}, *events]
        return msgspec.convert({**raw, "line": node.span.line, "events": told}, PolicyCase)
    except msgspec.ValidationError as problem:
        raise Misunderstood(f"{place}: {problem}") from problem


def _lack(raw: Mapping[str, Any]) -> str:
    """Say what a case lacks, or has too much of, and what to write; nothing where it is whole."""
    if not raw.get("note"):
        return "this case has no `note`: say in a sentence what holds"
    if "want" in raw and "code" in raw:
        return "this case has `want` and `code`: a dead letter has no verdict; keep one of the two"
    if "want" in raw and "fired" not in raw:
        return "this case has no `fired`: list every rule that fires, `fired: []` where none does"
    if "fired" in raw and "want" not in raw:
        return "this case has `fired` and no `want`: write the verdict it wants"
    return "" if "want" in raw or "code" in raw else "this case wants nothing: write `want` with `fired`, or a `code`"


def _plain(node: language.Node) -> Any:
    """Return a node as mappings, lists and texts: a case writes values as events do."""
    match node:
        case language.Mapping(entries=entries):
            return {key.value: _plain(value) for key, value in entries}
        case language.Sequence(items=items):
            return [_plain(item) for item in items]
        case language.Scalar(value=value):
            return value


def lines_of(case: PolicyCase) -> list[bytes]:
    """Return a case's events as lines of JSON, each an hour after the one before unless it says otherwise.

    Raises:
        Misunderstood: Where `after` is no duration.
    """
    found, now = [], _BEGIN
    for number, event in enumerate(case.events):
        try:
            seconds = parse_value(str(event.get("after", "1 hour" if number else "0 hours")), Unit(Kind.DURATION))
        except NotAValue as problem:
            raise Misunderstood(f"{problem}. {problem.hint}") from problem
        now += timedelta(seconds=int(seconds))
        told = {key: value for key, value in event.items() if key != "after"}
        found.append(msgspec.json.encode({"id": f"e{number}", "deal": "case", "at": now.isoformat(), **told}))
    return found


def tell(case: PolicyCase, stream: Stream, path: Path) -> None:
    """Tell a case, and compare the answer with what it wants.

    Args:
        path: Its file, by which what is wrong names it.

    Raises:
        Missed: Where they differ; with the answer in full.
        Misunderstood: Where an earlier event gives no decision.
    """
    answer = decide(case, stream)
    try:
        compare(case, answer)
    except Missed as problem:
        shown = click.unstyle(decision_text(answer)) if isinstance(answer, Decision) else letter_text(answer)
        raise Missed(f"{path}:{case.line}: {problem}\n\n{shown}") from None


def decide(case: PolicyCase, stream: Stream) -> Decision | DeadLetter:
    """Return the answer to a case's last event.

    Raises:
        Misunderstood: Where an earlier one gives no decision.
    """
    *before, last = stream.lines(lines_of(case), "event")
    for letter in before:
        if isinstance(letter, DeadLetter):
            raise Misunderstood(f"an event before the last gives no decision\n{letter_text(letter)}")
    assert isinstance(last, Decision | DeadLetter)
    return last


def compare(case: PolicyCase, answer: Decision | DeadLetter) -> None:
    """Compare an answer with what a case wants.

    Raises:
        Missed: Where they differ.
    """
    if isinstance(answer, DeadLetter):
        codes = ", ".join(f.code for f in answer.findings)
        if case.code not in [f.code for f in answer.findings]:
            raise Missed(f"the last event is a dead letter ({codes}), not {case.want or case.code}")
        return
    if case.code:
        raise Missed(f"the verdict is {answer.verdict}, and no dead letter with {case.code}")
    if answer.verdict != case.want or answer.door != case.door:
        raise Missed(f"the verdict is {_told(answer.verdict, answer.door)}, not {_told(case.want, case.door)}")
    fired = sorted({reason.rule for reason in answer.reasons})
    if fired != sorted(case.fired):
        raise Missed(f"there fires [{', '.join(fired)}], not [{', '.join(sorted(case.fired))}]")
    if not answer.cores.agree:
        raise Missed(f"the cores do not agree: {answer.cores.note}")


def _told(verdict: str, door: str | None) -> str:
    return f"{verdict} (door {door})" if door else verdict
