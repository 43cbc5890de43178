"""`walkaway prove`: what must be so of every answer is proved, or a deal is shown in which it is not."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from walkaway_cli import exits
from walkaway_cli.options import solver as solving
from walkaway_cli.options.formats import format_option
from walkaway_cli.options.policies import load_policy
from walkaway_cli.progress import progress
from walkaway_cli.render.decision import verdict_text, wrapped
from walkaway_edge.files.names import shown_name

if TYPE_CHECKING:
    from walkaway.proof import Counterexample, Proof

MARKS = {"proved": ("✓", "green"), "refuted": ("✗", "red"), "not decided": ("?", "yellow"), "does not apply": ("-", "")}
"""Outcome → mark and colour; the outcome stands there in words too."""


@click.command("prove")
@click.option("--only", multiple=True, metavar="NAME", help="Only this property; may be repeated.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1),
    default=300.0,
    show_default=True,
    help="Seconds in all, shared out over the properties asked for.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write each counterexample here, as a file of events.",
)
@format_option
@click.argument("policy", type=click.Path(path_type=Path))
def command(policy: Path, only: tuple[str, ...], timeout: float, out: Path | None, form: str) -> int:
    """Prove over all offers and positions what must be so of POLICY's answers.

    The laws of the calculus are built in; a policy states its own under `prove:`. Each is proved, or refuted by a deal
    that `walkaway check` decides so, or not decided. Exits 0 only if every one that applies is proved.

    Each is given an equal part of the time; what some do not need is shared among those for which theirs did not do.
    For more, ask for one with --only, or allow more with --timeout.

    \b
    walkaway prove rules/saas-discounting
    walkaway prove --only nothing-beyond-walk --out /tmp/deals rules/saas-discounting
    """
    room, properties = solving.analysis("prove"), solving.analysis("formulas.properties")
    loaded = load_policy(policy)
    names = [p.name for p in properties.properties(loaded)]
    unknown = [n for n in only if n not in names]
    if unknown:
        raise click.UsageError(f"there is no property {unknown[0]!r}: {', '.join(names)}")
    proofs: list[Proof] = []
    with progress("proved", len(only or names)) as tell:
        for proof in room.prove(loaded, time.monotonic, timeout, only):
            proofs.append(proof)
            tell(len(proofs))
    proofs.sort(key=lambda proof: names.index(proof.name))
    files = [_files(proof, out) for proof in proofs]
    FORMATS[form](proofs, files, policy)
    return exits.YES if all(p.outcome in ("proved", "does not apply") for p in proofs) else exits.NO


def _files(proof: "Proof", out: Path | None) -> list[str]:
    """Write a counterexample's deals, and give the files' names."""
    if out is None:
        return []
    many = len(proof.deals) > 1
    names = [
        f"{proof.name}-{place}.jsonl" if many else f"{proof.name}.jsonl" for place in range(1, len(proof.deals) + 1)
    ]
    return [solving.write_deal(out / name, deal.lines) for name, deal in zip(names, proof.deals, strict=True)]


def text(proofs: Sequence["Proof"], files: Sequence[Sequence[str]], policy: Path) -> None:
    """Print a line for each property, and below a refuted one the deals that show it."""
    for proof, written in zip(proofs, files, strict=True):
        mark, colour = MARKS[proof.outcome]
        first, *rest = wrapped(f"{proof.name}: {proof.says}", f"{mark} {proof.outcome:<14}  ", "    ")
        click.echo("\n".join([first.replace(mark, click.style(mark, fg=colour or None, bold=True), 1), *rest]))
        if proof.why:
            click.echo("\n".join(wrapped(proof.why, "    ", "    ")))
        for place, deal in enumerate(proof.deals):
            click.echo(_deal(deal, written[place] if written else "", policy))
    counts = {o: sum(p.outcome == o for p in proofs) for o in MARKS}
    click.echo(", ".join(f"{n} {o}" for o, n in counts.items() if n or o == "proved"))
    late = [proof.name for proof in proofs if proof.is_out_of_time]
    if late:
        asking = " ".join(f"--only {name}" for name in late)
        click.echo(f"for {len(late)} the time was over; for more: {asking} --timeout SECONDS")


def _deal(deal: "Counterexample", file: str, policy: Path) -> str:
    decision = deal.decision
    door = f", door {decision.door}" if decision.door else ""
    rules = ", ".join(r.rule for r in decision.reasons) or "no rule"
    said = wrapped(f"{decision.verdict}{door} at {decision.on} {decision.event} ({rules})", "    ", "      ")
    lines = [said[0].replace(decision.verdict, verdict_text(decision.verdict), 1), *said[1:]]
    if file:
        lines.append(f"    walkaway check --policy {shown_name(policy)} {file}")
    else:
        lines += [f"      {line.decode()}" for line in deal.lines]
    return "\n".join(lines)


def as_json(proofs: Sequence["Proof"], files: Sequence[Sequence[str]], policy: Path) -> None:
    """Print one JSON array."""
    found: list[dict[str, Any]] = []
    for proof, written in zip(proofs, files, strict=True):
        deals = [
            {
                "door": deal.decision.door,
                "event": deal.decision.event,
                "events": [msgspec.json.decode(line) for line in deal.lines],
                "file": written[place] if written else None,
                "on": deal.decision.on,
                "rules": [r.rule for r in deal.decision.reasons],
                "verdict": deal.decision.verdict,
            }
            for place, deal in enumerate(proof.deals)
        ]
        found.append(
            {"deals": deals, "name": proof.name, "outcome": proof.outcome.value, "says": proof.says, "why": proof.why}
        )
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))


FORMATS: dict[str, Callable[[Sequence["Proof"], Sequence[Sequence[str]], Path], None]] = {
    "text": text,
    "json": as_json,
}
