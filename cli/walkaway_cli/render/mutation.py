"""Mutants for people: how many there were, and for each that no scenario noticed the scenario to write."""

from collections.abc import Callable, Iterable

import click
import msgspec

from walkaway.testing.mutants import Mutant


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that no scenario notices.

    Attributes:
        scenario: One that holds under the policy and fails under the mutant, as Gherkin; empty where none was found.
    """

    mutant: Mutant
    scenario: str


class Mutated(msgspec.Struct, frozen=True):
    """What came of the mutants of one policy.

    Attributes:
        alike: Those that make no difference to any deal, which is proved: there is nothing to notice.
    """

    name: str
    tried: int
    survivors: tuple[Survivor, ...]
    alike: tuple[Mutant, ...] = ()


def show_text(found: Iterable[Mutated]) -> bool:
    """Print the mutants of each policy as they are done; tell whether all were noticed."""
    noticed = True
    for each in found:
        left = len(each.survivors)
        same = len(each.alike)
        counts = f"{each.tried:,} tried, {each.tried - left - same:,} noticed, {left:,} not"
        click.echo(f"\nmutants of {each.name}: {counts}{f', {same:,} without a difference' if same else ''}")
        if left:
            click.echo(f"  write a feature of their own, which begins: Feature: {each.name} at its edges")
        for survivor in each.survivors:
            click.echo(f"\n{_text(survivor)}")
        for mutant in each.alike:
            click.echo(f"\n{_said(mutant)}: no deal is answered otherwise, which is proved")
        noticed = noticed and not left
    return noticed


def _text(survivor: Survivor) -> str:
    written = survivor.scenario or "  no deal was found that tells the two apart"
    return f"{_said(survivor.mutant)}: no scenario notices\n\n{written}"


def _said(mutant: Mutant) -> str:
    head = f"{click.style(mutant.of, bold=True)}  [{mutant.span}]"
    return f"{head}\n  {mutant.text}\n  {mutant.what}" if mutant.text else f"{head}\n  {mutant.what}"


def show_json(found: Iterable[Mutated]) -> bool:
    """Print one JSON array with the mutants of each policy; tell whether all were noticed."""
    done = list(found)
    click.echo(msgspec.json.format(msgspec.json.encode([_plain(each) for each in done]), indent=2))
    return not any(each.survivors for each in done)


def _plain(each: Mutated) -> dict[str, object]:
    survivors = [{**_place(s.mutant), "scenario": s.scenario} for s in each.survivors]
    alike = [_place(mutant) for mutant in each.alike]
    return {"policy": each.name, "tried": each.tried, "survivors": survivors, "alike": alike}


def _place(mutant: Mutant) -> dict[str, object]:
    span = mutant.span
    place: dict[str, object] = {"file": span.file, "line": span.line, "column": span.column}
    return {"of": mutant.of, **place, "text": mutant.text, "what": mutant.what}


FORMATS: dict[str, Callable[[Iterable[Mutated]], bool]] = {"text": show_text, "json": show_json}
