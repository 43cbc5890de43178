"""`walkaway simulate`: what opponents and tricks get out of a policy."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import click
import msgspec

from walkaway import Core, Engine, InvalidInput, Policy
from walkaway.language import Diagnostic, Span, counted
from walkaway.testing import Attack, Attacker, Dealer, Summary, amount, bargains, summed
from walkaway_cli import exits
from walkaway_cli.options.formats import format_option
from walkaway_cli.options.policies import load_policy
from walkaway_cli.progress import progress
from walkaway_cli.render.decision import wrapped
from walkaway_edge.files.names import shown_name

ATTACKS = "attacks"
"""What `--against` calls the tricks, which need no NegMAS."""
_OURS = "None of our own tricks gets more than one clean offer does."
_BOUND_BY = {
    ("inflate", "said"): "`theirs_base: walk` no further than from our walk value",
    ("open high", "said"): "`theirs_base: start` not",
    ("open high", "walk"): "`theirs_base: start` not",
}
"""Trick of theirs and `theirs_base` → under what else it gets nothing by what they come down by."""


@click.command("simulate")
@click.option(
    "--against",
    default="boulware,conceder,tit-for-tat,attacks",
    show_default=True,
    metavar="NAMES",
    help="Who bargains on the other side, with commas between; `attacks` are the tricks.",
)
@click.option(
    "--deal",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of events: its openings are those of the deals; `deal.jsonl` beside the policy, if left out.",
)
@click.option("--deals", type=click.IntRange(1), default=200, show_default=True, help="Deals with each opponent.")
@click.option("--rounds", type=click.IntRange(2), default=40, show_default=True, help="How often a side may speak.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same gives the same deals.")
@format_option
@click.argument("policy", type=click.Path(path_type=Path))
def command(policy: Path, against: str, file: Path | None, deals: int, rounds: int, seed: int, form: str) -> int:
    """Bargain made-up deals under POLICY: with opponents of NegMAS, and against tricks.

    Our side only sends what the policy clears, and follows its first counteroffer. Opponents need the extra
    `simulate`: boulware, conceder, linear, micro, random, tit-for-tat, tough. Tricks are tried on the first opening.
    Exits 0 only if none of the tricks of our own side gets more than one clean offer does.

    \b
    walkaway simulate rules/saas-discounting --against attacks
    walkaway simulate rules/saas-discounting --against boulware,tough --deals 50
    """
    loaded = load_policy(policy)
    dealers = _dealers(loaded, file or (policy if policy.is_dir() else policy.parent) / "deal.jsonl")
    names = list(dict.fromkeys(n.strip() for n in against.split(",") if n.strip()))
    if not names:
        raise click.UsageError("--against names nobody")
    summaries = _bargained(dealers, [n for n in names if n != ATTACKS], deals, rounds, seed)
    attacks = list(Attacker(dealers[0], rounds).attacks()) if ATTACKS in names else []
    FORMATS[form](loaded, summaries, attacks, f"{counted(rounds, 'round')} at most, seed {seed}")
    return exits.NO if any(a.gain for a in attacks if a.by == "us") else exits.YES


def _dealers(policy: Policy, file: Path) -> list[Dealer]:
    """Return what opens the deals of a file.

    Raises:
        click.UsageError: Where there is no file, or no opening in it.
        InvalidInput: Where an opening is none under this policy, or leaves open what terms are worth.
    """
    if not file.is_file():
        raise click.UsageError(f"{shown_name(file)} is not there: give --deal, a file with an event of type `open`")
    engine = Engine(policy, Core.PLAIN)
    found: list[Dealer] = []
    findings: list[Diagnostic] = []
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            where = f"{shown_name(file)}:{number}"
            opening = _opening(line, where)
            if opening is None:
                continue
            dealer = Dealer(engine, opening)
            try:
                missing = dealer.open().position.missing
            except InvalidInput as problem:
                findings += [msgspec.structs.replace(f, span=_at(file, number, line)) for f in problem.findings]
                continue
            if missing:
                what = f"this opening leaves open what terms are worth ({', '.join(missing)})"
                raise click.UsageError(f"{where}: {what}; state it in `facts`")
            found.append(dealer)
    if findings:
        raise InvalidInput(tuple(findings))
    if not found:
        raise click.UsageError(f"{shown_name(file)} holds no event of type `open`")
    return found


def _opening(line: bytes, where: str) -> Mapping[str, Any] | None:
    """Return the opening of a line; none where it holds another event, or nothing.

    Raises:
        click.UsageError: Where it is no JSON.
    """
    if not line.strip():
        return None
    try:
        event = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise click.UsageError(f"{where} cannot be read as JSON: {problem}") from problem
    return event if isinstance(event, dict) and event.get("type") == "open" else None


def _at(file: Path, number: int, line: bytes) -> Span:
    text = line[:4000].decode("utf-8", "replace").rstrip("\r\n")
    return Span(shown_name(file), number, 1, len(text), text)


def _bargained(dealers: Sequence[Dealer], names: Sequence[str], deals: int, rounds: int, seed: int) -> list[Summary]:
    """Bargain with each opponent.

    Raises:
        click.UsageError: Where there is no such opponent.
        EdgeProblem: Where NegMAS is not installed.
    """
    if not names:
        return []
    from walkaway_edge.opponents.process import NegmasOpponents  # most simulations go without

    found = []
    with NegmasOpponents(seed) as opponents, progress("bargained", len(names) * deals) as tell:
        unknown = [name for name in names if name not in opponents.names]
        if unknown:
            raise click.UsageError(f"there is no opponent {unknown[0]!r}: {', '.join([*opponents.names, ATTACKS])}")
        for place, name in enumerate(names):
            ended = []
            for bargain in bargains(dealers, opponents, name, deals, rounds, lambda of: Random(f"{seed} {of}")):
                ended.append(bargain)
                tell(place * deals + len(ended))
            found.append(summed(name, ended))
    return found


def text(policy: Policy, summaries: Sequence[Summary], attacks: Sequence[Attack], how: str) -> None:
    """Print a paragraph for each opponent, and a line for each trick."""
    lines: list[str] = []
    for s in summaries:
        kept = "" if s.kept is None else f", for {_percent(s.kept)} of what the start terms are worth to us"
        lines += wrapped(f"{counted(s.deals, 'deal')}, {how}", f"{click.style(s.opponent, bold=True)}: ", "  ")
        agreed = f"{s.agreed:,} agreed on{kept}; {s.closed:,} of these may be closed; they spoke"
        lines += wrapped(f"{agreed} {float(s.rounds):.1f} times on average", "  ", "  ")
        decided = ", ".join(f"{rule} in {count:,}" for rule, count in s.rules)
        lines += [*wrapped(f"decided against what was said: {decided or 'nothing'}", "  ", "  "), ""]
    for by, title in (("us", "tricks of our own side"), ("them", "tricks of theirs")):
        found = [a for a in attacks if a.by == by]
        if found:
            lines += [click.style(title, bold=True), *(one for a in found for one in _attack(policy, a)), ""]
    if attacks and not any(a.gain for a in attacks if a.by == "us"):
        lines.append(_OURS)
    click.echo("\n".join(lines).rstrip())


def _attack(policy: Policy, attack: Attack) -> list[str]:
    head = f"  {attack.name:<14}"
    if not attack.tried:
        return [f"{head}does not apply"]
    courses = counted(attack.tried, "course")
    if not attack.gain:
        return [f"{head}gets nothing in {courses}"]
    terms = ", ".join(f"{name} {value}" for name, value in attack.terms.items())
    against = f"against it as one clean offer: {', '.join(attack.rules)}" if attack.rules else "no rule is against it"
    told = f"gets {amount(policy, attack.gain)} in one of {courses}: {terms}; {against}"
    bound = _BOUND_BY.get((attack.name, policy.theirs_base))
    if bound is not None:
        told += f"; what they come down by counts as their move, and under {bound}"
    return wrapped(told, head, " " * len(head))


def as_json(policy: Policy, summaries: Sequence[Summary], attacks: Sequence[Attack], how: str) -> None:
    """Print one JSON object."""
    opponents = [
        {
            "agreed": s.agreed,
            "closed": s.closed,
            "deals": s.deals,
            "kept": None if s.kept is None else _percent(s.kept),
            "opponent": s.opponent,
            "rounds": f"{float(s.rounds):.2f}",
            "rules": dict(s.rules),
        }
        for s in summaries
    ]
    tricks = [
        {
            "by": a.by,
            "courses": a.tried,
            "gain": amount(policy, a.gain),
            "name": a.name,
            "rules": list(a.rules),
            "terms": dict(a.terms),
        }
        for a in attacks
    ]
    found = {"attacks": tricks, "how": how, "opponents": opponents, "policy": policy.name}
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))


def _percent(share: Any) -> str:
    return f"{float(share * 100):.2f}%"


FORMATS = {"text": text, "json": as_json}
