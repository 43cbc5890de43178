"""Mutants for people: how many there were, and for each that no scenario noticed the scenario to write."""

from collections.abc import Callable, Iterable

import click
import msgspec

from walkaway.mutants import Mutant


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that no scenario notices.

    Attributes:
        scenario: One that holds under the policy and fails under the mutant, as Gherkin; empty where none was found.
    """

    mutant: Mutant
    scenario: str


class Mutated(msgspec.Struct, frozen=True):
    """What came of the mutants of one policy."""

    name: str
    tried: int
    survivors: tuple[Survivor, ...]


def show_text(found: Iterable[Mutated]) -> bool:
    """Print the mutants of each policy as they are done; tell whether all were noticed."""
    noticed = True
    for each in found:
        left = len(each.survivors)
        click.echo(f"\nmutants of {each.name}: {each.tried:,} tried, {each.tried - left:,} noticed, {left:,} not")
        if left:
            click.echo(f"  write a feature of their own, which begins: Feature: {each.name} at its edges")
        for survivor in each.survivors:
            click.echo(f"\n{_text(survivor)}")
        noticed = noticed and not left
    return noticed


def _text(survivor: Survivor) -> str:
    rule, leaf = survivor.mutant.was, survivor.mutant.leaf
    place = leaf.span if leaf is not None and leaf.span.file == rule.span.file else rule.span
    head = f"{click.style(rule.id, bold=True)}  [{place.file}:{place.line}]"
    said = f"  {leaf.text}\n  {survivor.mutant.what}" if leaf is not None else f"  {survivor.mutant.what}"
    written = survivor.scenario or "  no deal was found that tells the two apart"
    return f"{head}\n{said}: no scenario notices\n\n{written}"


def show_json(found: Iterable[Mutated]) -> bool:
    """Print one JSON array with the mutants of each policy; tell whether all were noticed."""
    done = list(found)
    click.echo(msgspec.json.format(msgspec.json.encode([_plain(each) for each in done]), indent=2))
    return not any(each.survivors for each in done)


def _plain(each: Mutated) -> dict[str, object]:
    survivors = [
        {
            "rule": s.mutant.was.id,
            "file": s.mutant.was.span.file,
            "line": s.mutant.was.span.line,
            "leaf": s.mutant.leaf.text if s.mutant.leaf is not None else "",
            "what": s.mutant.what,
            "scenario": s.scenario,
        }
        for s in each.survivors
    ]
    return {"policy": each.name, "tried": each.tried, "survivors": survivors}


FORMATS: dict[str, Callable[[Iterable[Mutated]], bool]] = {"text": show_text, "json": show_json}
