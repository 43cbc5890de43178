"""Scenarios for people: a line for each feature file as it is done, then every scenario that failed, in full."""

from collections.abc import Callable, Sequence

import click
import msgspec

from walkaway.language import counted

MARKS = {"passed": "✓", "failed": "✗", "misunderstood": "?", "skipped": "-"}
_COLOURS = {"passed": "green", "failed": "red", "misunderstood": "red", "skipped": "yellow"}


class ScenarioOutcome(msgspec.Struct, frozen=True):
    """What came of one scenario, or of a file that could not be read.

    Attributes:
        feature: The file; `scenario` is empty where the file itself could not be read.
        status: `passed`, `failed`, `misunderstood` or `skipped`.
        message: Why, unless it passed.
    """

    feature: str
    scenario: str
    status: str
    message: str = ""


def feature_text(outcomes: Sequence[ScenarioOutcome], *, every: bool) -> str:
    """Return the line of one feature file, and below it every scenario or those that did not pass."""
    if not outcomes[0].scenario:
        return f"{outcomes[0].feature}: cannot be read"
    passed = sum(o.status == "passed" for o in outcomes)
    shown = [o for o in outcomes if o.scenario and (every or o.status != "passed")]
    holds = "holds" if passed == 1 else "hold"
    lines = [f"{outcomes[0].feature}: {passed} of {counted(len(outcomes), 'scenario')} {holds}"]
    return "\n".join([*lines, *(f"  {_mark(o)} {o.scenario}" for o in shown)])


def _mark(outcome: ScenarioOutcome) -> str:
    return click.style(MARKS[outcome.status], fg=_COLOURS[outcome.status], bold=True)


def text(outcomes: Sequence[ScenarioOutcome], policies: int) -> None:
    """Print the scenarios that failed, in full, and the sum; the lines of the files are out already."""
    for outcome in outcomes:
        if outcome.status in ("failed", "misunderstood"):
            name = outcome.scenario or outcome.feature
            click.echo(f"\n{_mark(outcome)} {click.style(name, bold=True)}\n{outcome.message}")
    counts = {status: sum(o.status == status for o in outcomes) for status in MARKS}
    words = {"passed": "hold", "failed": "fail", "misunderstood": "could not be understood", "skipped": "skipped"}
    kinds = {"scenario": True, "case": False}
    ran = {k: sum(1 for o in outcomes if o.scenario and o.feature.endswith(".feature") is f) for k, f in kinds.items()}
    told = " and ".join(counted(number, kind) for kind, number in ran.items() if number) or "nothing"
    click.echo(f"\n{told} run, of {counted(policies, 'policy')}")
    click.echo(", ".join(f"{n:,} {words[s]}" for s, n in counts.items() if n or s == "passed"))


def as_json(outcomes: Sequence[ScenarioOutcome], policies: int) -> None:
    """Print one JSON array of outcomes."""
    click.echo(msgspec.json.format(msgspec.json.encode(outcomes), indent=2))


FORMATS: dict[str, Callable[[Sequence[ScenarioOutcome], int], None]] = {"text": text, "json": as_json}
