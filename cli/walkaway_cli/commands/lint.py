"""`walkaway lint`: find every mistake in policies, or explain a code."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from walkaway import Code, page
from walkaway.language import Diagnostic, Severity, by_place, nearest
from walkaway.log import kept_rates
from walkaway.policy import FILE, changed_rates, ending, linted
from walkaway_cli import clock, exits
from walkaway_cli.options import solver as solving
from walkaway_cli.options.stores import consulted
from walkaway_cli.render import findings as formats
from walkaway_cli.render.remarks import remark
from walkaway_cli.scenarios.problems import from_here
from walkaway_edge.files.names import shown_name


@click.command("lint")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(formats.FORMATS)),
    default="text",
    show_default=True,
    help="How to report.",
)
@click.option(
    "--strict", is_flag=True, help="Find with a solver what only all offers show: dead rules, a loosened layer."
)
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=120.0, show_default=True, help="With --strict: seconds a policy."
)
@click.option(
    "--explain",
    metavar="[CODE]",
    is_flag=False,
    flag_value="",
    help="Show the page of a code, as WA202, and nothing else; without a code list all of them.",
)
@click.option(
    "--store",
    "url",
    metavar="URL",
    help="A log: find rows of a file of rates that are not those which decisions in it were made with.",
)
@click.argument("policies", nargs=-1, type=click.Path(path_type=Path))
def command(
    form: str, strict: bool, timeout: float, explain: str | None, url: str | None, policies: tuple[Path, ...]
) -> int:
    """Find every mistake in POLICIES (folders with policy.yaml, or YAML files).

    A table (a CSV file) stands for the policy beside it, or the nearest one above it within the repository.
    Exits 0 where there is nothing to mend, 1 with findings, 2 where a policy cannot be read at all.

    \b
    walkaway lint rules/saas-discounting
    walkaway lint --strict rules/saas-discounting
    walkaway lint --store walkaway.db rules/saas-discounting
    walkaway lint --explain WA202
    walkaway lint --explain
    """
    if explain == "":
        click.echo("\n".join(f"{code.value}  {code.pattern}: {_first_line(code)}" for code in Code))
        return exits.YES
    if explain is not None:
        if explain.upper() not in list(Code):
            raise click.UsageError(f"there is no code {explain!r}; {nearest(explain.upper(), list(Code))}")
        click.echo(page(Code(explain.upper())).rstrip())
        return exits.YES
    if not policies:
        raise click.UsageError("name a policy: a folder with policy.yaml, or a YAML file")
    policies = tuple(dict.fromkeys(policy for path in policies if (policy := _linted(path)) is not None))
    read, now = [linted(policy) for policy in policies], clock.now()
    soon = [f for checked in read if checked.value is not None for f in ending(checked.value, now)]
    findings: Sequence[Diagnostic] = by_place([*(f for checked in read for f in checked.findings), *soon])
    if url is not None:
        with consulted(url) as store:
            used = kept_rates(store)
        rewritten = [f for checked in read if checked.value is not None for f in changed_rates(checked.value, used)]
        findings = by_place([*findings, *rewritten])
    if strict:
        dead, layers = solving.analysis("dead"), solving.analysis("layers")
        solved: list[Diagnostic] = []
        for path, checked in zip(policies, read, strict=True):
            if checked.value is not None:
                file = shown_name(path / FILE if path.is_dir() else path)
                solved += dead.strict(checked.value, time.monotonic, timeout, file)
                solved += layers.loosened(checked.value, time.monotonic, timeout, file)
        findings = by_place([*findings, *solved])
    formats.FORMATS[form](findings, len(policies))
    if any(f.code is Code.LAYER_NOT_READABLE and not f.span.text for f in findings):  # of the policy itself, no layer
        return exits.MISUNDERSTOOD
    return exits.NO if any(f.severity is not Severity.NOTE for f in findings) else exits.YES


def _searched(path: Path) -> Iterator[Path]:
    """Yield the folders in which the policy of a table may stand, the nearest first.

    The last is the root of the repository or the working folder, where one of them is above the table; the table's own
    folder alone, where neither is.
    """
    above = list(path.resolve().parents)
    ends = [n for n, folder in enumerate(above) if (folder / ".git").exists() or folder == Path.cwd()]
    yield from above[: ends[0] + 1 if ends else 1]


def _first_line(code: Code) -> str:
    """Return what a code finds, in the first sentence of its page."""
    paragraph = page(code).split("\n\n")[1].replace("\n", " ")
    return paragraph.partition(". ")[0].rstrip(".")


def _linted(path: Path) -> Path | None:
    """Return the policy that is meant: of a table the one beside or above it; none of another CSV file, which is said.

    Raises:
        click.UsageError: Where there is no such table.
    """
    if path.suffix.lower() != ".csv":
        return path
    if not path.is_file():
        raise click.UsageError(f"{shown_name(path)} cannot be read: no such file or directory")
    for folder in _searched(path):
        if (folder / FILE).is_file():
            return from_here(folder / FILE)
    remark(f"{shown_name(path)} is left out: there is no {FILE} beside or above it")
    return None
