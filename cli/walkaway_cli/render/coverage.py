"""What scenarios exercise of a policy, for people: the shares first, then every point that nothing exercises."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import click
import msgspec

from walkaway.language import Kind, Unit, format_value
from walkaway.testing import Coverage, LeafCoverage, Point, RuleCoverage
from walkaway_cli.render import scenarios
from walkaway_cli.render.scenarios import ScenarioOutcome

_WIDEST = 78


class Measured(msgspec.Struct, frozen=True):
    """The coverage of one policy, and the least that it asks for itself, in 1/10,000 percent; none for nothing."""

    name: str
    coverage: Coverage
    least: int | None = None

    @property
    def is_short(self) -> bool:
        """Return whether it has less than it asks for."""
        share = self.coverage.shares()["in all"]
        return self.least is not None and 1_000_000 * share.seen < self.least * share.of


def text(measured: Measured) -> str:
    """Return the coverage of one policy in lines of at most 80 columns."""
    lines = [f"coverage of {measured.name}"]
    for name, share in measured.coverage.shares().items():
        lines.append(f"  {name:<11}{share.seen:>6,} of {share.of:>6,}  {share.percent:>4}%")
    for rule in measured.coverage.rules:
        missing = list(_missing(rule))
        if missing:
            lines += ["", f"  {click.style(rule.rule.id, bold=True)}  [{rule.rule.span.file}:{rule.rule.span.line}]"]
            lines += [f"    {line}" for line in missing]
    if measured.is_short:
        lines += ["", click.style(f"{measured.name} asks for {_percent(measured.least)} in all", fg="red")]
    return "\n".join(lines)


def _percent(value: int | None) -> str:
    return "" if value is None else format_value(value, Unit(Kind.PERCENT))


def _missing(rule: RuleCoverage) -> Iterator[str]:
    if not rule.fired:
        yield "never fires"
    for leaf in rule.leaves:
        points = [p for p in leaf.points if p not in leaf.seen]
        if points:
            said = leaf.text if len(leaf.text) <= _WIDEST - 4 else f"{leaf.text[: _WIDEST - 5]}…"
            yield said
            yield from (f"  never {_shown(leaf, p)}" for p in points)


def _shown(leaf: LeafCoverage, point: Point) -> str:
    match point:
        case Point.LAST:
            return f"at {leaf.edge[0]}, the last value that holds" if leaf.edge else "at the last value that holds"
        case Point.PAST:
            return f"at {leaf.edge[1]}, one unit past it" if leaf.edge else "one unit past it"
        case _:
            return str(point)


def plain(measured: Measured) -> Mapping[str, object]:
    """Return the coverage of one policy as JSON has it."""
    shares = {n: {"seen": s.seen, "of": s.of, "percent": s.percent} for n, s in measured.coverage.shares().items()}
    rules = [
        {
            "rule": rule.rule.id,
            "file": rule.rule.span.file,
            "line": rule.rule.span.line,
            "fired": rule.fired,
            "leaves": [
                {
                    "text": leaf.text,
                    "line": leaf.span.line,
                    "seen": [str(p) for p in leaf.points if p in leaf.seen],
                    "missing": [str(p) for p in leaf.points if p not in leaf.seen],
                    "edge": list(leaf.edge),
                }
                for leaf in rule.leaves
            ],
        }
        for rule in measured.coverage.rules
    ]
    return {"policy": measured.name, "least": _percent(measured.least), "shares": shares, "rules": rules}


def show_text(outcomes: Sequence[ScenarioOutcome], measured: Sequence[Measured], policies: int) -> None:
    """Print how the scenarios went, then the coverage of each policy."""
    scenarios.text(outcomes, policies)
    for each in measured:
        click.echo(f"\n{text(each)}")


def show_json(outcomes: Sequence[ScenarioOutcome], measured: Sequence[Measured], policies: int) -> None:
    """Print one JSON object with both."""
    both = {"scenarios": outcomes, "coverage": [plain(m) for m in measured]}
    click.echo(msgspec.json.format(msgspec.json.encode(both), indent=2))


FORMATS: dict[str, Callable[[Sequence[ScenarioOutcome], Sequence[Measured], int], None]] = {
    "text": show_text,
    "json": show_json,
}
