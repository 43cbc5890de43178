"""Mutants for people: how many there were, and for each that survives the scenario that kills it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import click
import msgspec

from walkaway.testing import Mutant


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that no scenario kills.

    Attributes:
        scenario: One that kills it, as Gherkin: it holds under the policy and fails under the mutant. Empty where none
            was found.
    """

    mutant: Mutant
    scenario: str


class Mutated(msgspec.Struct, frozen=True):
    """What came of the mutants of one policy.

    Attributes:
        equivalent: Mutants that answer every deal as the policy does, which is proved: no scenario can kill them.
    """

    name: str
    tried: int
    survivors: tuple[Survivor, ...]
    equivalent: tuple[Mutant, ...] = ()


def show_text(found: Iterable[Mutated]) -> bool:
    """Print the mutants of each policy as they are done; return whether every one is killed or equivalent."""
    killed = True
    for each in found:
        survive, same = len(each.survivors), len(each.equivalent)
        counts = f"{each.tried:,} tried, {each.tried - survive - same:,} killed, {survive:,} survive"
        click.echo(f"\nmutants of {each.name}: {counts}{f', {same:,} equivalent' if same else ''}")
        if survive:
            click.echo(f"  write a feature of their own, which begins: Feature: {each.name} at its edges")
        for survivor in each.survivors:
            click.echo(f"\n{_text(survivor)}")
        for mutant in each.equivalent:
            click.echo(f"\n{_said(mutant)}: equivalent, no deal is answered otherwise, which is proved")
        if each.survivors:
            click.echo(f"\nsurvivors of {each.name}, by rule:\n{_by_rule(each.survivors)}")
        killed = killed and not survive
    return killed


def _by_rule(survivors: Sequence[Survivor]) -> str:
    """Return how many mutants of each rule, limit, table and the like survive, the most first."""
    counts = Counter(survivor.mutant.of for survivor in survivors)
    room = max(len(f"{number:,}") for number in counts.values())
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return "\n".join(f"  {number:>{room},}  {name}" for name, number in ranked)


def as_feature(found: Sequence[Mutated]) -> str:
    """Return the scenarios that kill survivors as a feature file holds them; empty where there are none."""
    names = [each.name for each in found if any(s.scenario for s in each.survivors)]
    title = f"Feature: {', '.join(names)} at {'its edges' if len(names) == 1 else 'their edges'}"
    seen = Counter[str]()
    told = []
    for scenario in (s.scenario for each in found for s in each.survivors if s.scenario):
        first, _, rest = scenario.rstrip().partition("\n")
        seen[first] += 1
        told.append(f"{first}{f' (again, {seen[first]})' if seen[first] > 1 else ''}\n{rest}")
    return "\n\n".join([title, *told]) + "\n" if told else ""


def _text(survivor: Survivor) -> str:
    written = survivor.scenario or "  no deal was found that tells the two apart"
    return f"{_said(survivor.mutant)}: survives, no scenario kills it\n\n{written}"


def _said(mutant: Mutant) -> str:
    head = f"{click.style(mutant.of, bold=True)}  [{mutant.span}]"
    return f"{head}\n  {mutant.text}\n  {mutant.what}" if mutant.text else f"{head}\n  {mutant.what}"


def show_json(found: Iterable[Mutated]) -> bool:
    """Print one JSON array with the mutants of each policy; return whether every one is killed or equivalent."""
    done = list(found)
    click.echo(msgspec.json.format(msgspec.json.encode([_plain(each) for each in done]), indent=2))
    return not any(each.survivors for each in done)


def _plain(each: Mutated) -> dict[str, object]:
    survivors = [{**_place(s.mutant), "scenario": s.scenario} for s in each.survivors]
    same = [_place(mutant) for mutant in each.equivalent]
    return {"policy": each.name, "tried": each.tried, "survivors": survivors, "equivalent": same}


def _place(mutant: Mutant) -> dict[str, object]:
    span = mutant.span
    place: dict[str, object] = {"file": span.file, "line": span.line, "column": span.column}
    return {"of": mutant.of, **place, "text": mutant.text, "what": mutant.what}


FORMATS: dict[str, Callable[[Iterable[Mutated]], bool]] = {"text": show_text, "json": show_json}
