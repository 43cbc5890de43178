"""`walkaway facts`: every fact a rule may read, of one policy or of all."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path

import click
import msgspec

from walkaway.language import Kind, Unit, example
from walkaway.policy import THRESHOLDS, DealShape, DerivedShape, FactSpec, IssueShape, Shape, entries
from walkaway_cli import exits
from walkaway_cli.options.policies import load_policy, one_policy

_ISSUE, _DEAL, _DERIVED, _FIGURE = (Unit(Kind.NUMBER) for _ in range(4))
"""Stand for the units that only a policy knows; told apart by what they are, not by what they hold."""
_TITLES = {
    "offer": "the offer judged",
    "derived": "what the policy derives from the offer judged, where it has `derived:`",
    "lines": "figures of all lines of the offer judged, where the policy has `lines:`",
    "give": "what our offer concedes",
    "asked": "what our offer asks for",
    "get": "what we get for it",
    "move": "what their offer changes against their last",
    "close": "how the deal ends",
    "update": "what an update changes",
    "open": "how the deal opens",
    "room": "how far the offer is from our limits",
    "walk": "our walk values",
    "want": "our targets",
    "wish": "our aspirations",
    "ours": "what we have done before the event",
    "theirs": "what they have done before the event",
    "balance": "both together",
    "other": "terms that nobody declared",
    "agreed": "what both have agreed to",
    "earlier": "the deal that this one follows",
    "party": "other deals with the same party",
    "budget": "what other deals have taken of the budgets, where the policy has `budgets:`",
    "owed": "what they promised and have to deliver, where an issue is `owed`",
    "since": "how long ago",
    "signals": "conduct that was reported",
    "deal": "what the deal states",
    "stated": "what of it was stated",
    "by": "who stated it",
    "batna": "our best alternative",
    "approved": "who has approved",
    "pattern": "two events that mean something together",
    "missing": "what the deal lacks",
    "left": "whether we have walked",
    "calendar": "the day of the event, where the policy has a `calendar:`",
    "fx": "the rate of a deal in another currency, where the policy has `currencies:` with rates",
    "concluded": "what other rules conclude",
}


class ListedFact(msgspec.Struct, frozen=True):
    """One fact as it is listed.

    Attributes:
        type: What sort of value it is; `example` shows how one is written.
        known: When, in words; `guard` where a rule must make sure with `known(…)`.
        fixed: Stated when the deal opens and never changed, so it may multiply.
    """

    name: str
    group: str
    type: str
    example: str
    known: str
    guard: bool
    fixed: bool
    meaning: str


def listed(catalog: Iterable[FactSpec]) -> list[ListedFact]:
    """Return the facts of one policy's catalog."""
    return [_listed(e, e.when_known(), guard=not e.known) for e in catalog]


def listed_for_all() -> list[ListedFact]:
    """Return the facts of policies at large, with ISSUE, NAME, KIND and ROLE for what a policy declares."""
    every = frozenset(THRESHOLDS)
    stated, bare = (
        entries(
            Shape(
                currency="",
                issues={"ISSUE": IssueShape(_ISSUE, thresholds)},
                deal={"NAME": DealShape(_DEAL, optional=not thresholds)},
                signals=("KIND",),
                roles=("ROLE",),
                mandates=("ROLE",),
                patterns=("NAME",),
                conclusions=("NAME",),
                derived={"NAME": DerivedShape(_DERIVED, "a sum of products of issues and deal facts")},
                lines={
                    "count": DerivedShape(Unit(Kind.COUNT), "how many lines the offer judged has"),
                    "NAME": DerivedShape(_FIGURE, "any, every, sum or worst over the lines of the offer judged"),
                },
                package=thresholds,
                calendar=True,
                exchange=True,
                budgets=("NAME",),
                owed=("ISSUE",),
            )
        )
        for thresholds in (every, frozenset[str]())
    )
    return [_general(a, b) for a, b in zip(stated, bare, strict=True)]


def _general(stated: FactSpec, bare: FactSpec) -> ListedFact:
    """List a fact that may be known only where a policy states something: as what it is then."""
    if stated.known == bare.known:
        return _listed(stated, stated.when_known(), guard=not stated.known)
    where = "required, or has a default" if stated.name.startswith("deal.") else "the policy gives it"
    return _listed(stated, f"{stated.when_known()} where {where}; else guard it", guard=True)


def _listed(entry: FactSpec, known: str, *, guard: bool) -> ListedFact:
    unit, group = entry.unit, entry.name.partition(".")[0]
    sort, shown = str(unit), example(unit)
    if unit is _ISSUE:
        sort, shown = "as the issue", ""
    elif unit is _DERIVED:
        sort, shown = "as its product", ""
    elif unit is _FIGURE:
        sort, shown = "as asked of lines", ""
    elif unit is _DEAL:
        sort, shown = "as declared", ""
    elif unit.kind is Kind.MONEY and not unit.currency:
        sort, shown = "money", "10,000 USD"
    return ListedFact(entry.name, group, sort, shown, known, guard, entry.fixed, entry.meaning)


def text(facts: Sequence[ListedFact]) -> None:
    """Print the facts, group by group; what holds for most of a group stands in its heading."""
    from walkaway_cli.render import table

    widths = [min(max(len(f.name) for f in facts), 32), min(max(len(f.type) for f in facts), 14)]
    parts = []
    for group, members in _groups(facts):
        usual = _usual(members)
        parts.append(table.title(group, f"{_TITLES[group]}; {_known(usual)}"))
        parts.append(table.columns([(f.name, f.type, _meaning(f, usual)) for f in members], widths))
    table.show(parts)


def _meaning(fact: ListedFact, usual: str) -> str:
    return fact.meaning if fact.known == usual else f"{fact.meaning}; {_known(fact.known)}"


def _known(known: str) -> str:
    return known if known.startswith("may be") else f"known {known}"


def _usual(members: Sequence[ListedFact]) -> str:
    """Return when most of a group's facts are known."""
    known = [f.known for f in members]
    return max(dict.fromkeys(known), key=known.count)


def _groups(facts: Iterable[ListedFact]) -> list[tuple[str, list[ListedFact]]]:
    return [(group, list(members)) for group, members in groupby(facts, key=lambda f: f.group)]


def as_json(facts: Sequence[ListedFact]) -> None:
    """Print one JSON array."""
    click.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2))


def markdown(facts: Sequence[ListedFact]) -> None:
    """Print the page `docs/facts.md`."""
    lines = ["# Facts", "", "Every fact a rule may read. `walkaway facts --policy DIR` lists those of one policy.", ""]
    lines += ["Made by `walkaway facts --format markdown > docs/facts.md`; a test checks that it is current."]
    for group, members in _groups(facts):
        lines += ["", f"## {group}", "", f"{_TITLES[group].capitalize()}.", ""]
        lines += ["| fact | type | known | meaning |", "|---|---|---|---|"]
        lines += [f"| `{f.name}` | {f.type} | {f.known} | {f.meaning} |" for f in members]
    click.echo("\n".join(lines))


FORMATS: dict[str, Callable[[Sequence[ListedFact]], None]] = {"text": text, "json": as_json, "markdown": markdown}


@click.command("facts")
@click.option(
    "--policy",
    "-p",
    "path",
    multiple=True,
    callback=one_policy,
    metavar="DIR_OR_FILE",
    type=click.Path(path_type=Path),
    help="Only the facts of this policy; else ISSUE, NAME, KIND and ROLE stand for what policies declare.",
)
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How to list them."
)
def command(path: Path | None, form: str) -> int:
    """List every fact a rule may read: its type, when it is known, and what it tells.

    A fact that may be unknown can be used only where the same condition makes sure of it: `known(deal.budget) and …`.

    \b
    walkaway facts
    walkaway facts --policy rules/saas-discounting
    """
    FORMATS[form](listed_for_all() if path is None else listed(load_policy(path).catalog.values()))
    return exits.YES
