"""A decision for a rep: the verdict first, then each reason with what it saw and needed, then the way on."""

import textwrap

import click

from walkaway import Decision
from walkaway.decision import Leaf, Reason

_COLOURS = {
    "proceed": "green",
    "trade": "yellow",
    "hold": "yellow",
    "escalate": "magenta",
    "refuse": "red",
    "walk": "red",
}
_STANDINGS = {
    "approved": "met: approved by {by}",
    "waived": "lifted: waived by {by}",
    "advises": "advice only",
    "shadow": "tried out, decides nothing",
    "concludes": "",
    "decides": "",
}
WIDTH = 80


def decision_text(decision: Decision) -> str:
    """Give one decision in lines of at most 80 columns, as far as names allow."""
    verdict = click.style(decision.verdict.upper(), fg=_COLOURS[decision.verdict], bold=True)
    door = f" (door {decision.door})" if decision.door else ""
    lines = [
        f"{verdict}{door}  {decision.deal} · {decision.event} · {decision.on} · {decision.at}",
        f"  {decision.advice}",
    ]
    for reason in decision.reasons:
        lines += ["", *_reason(reason)]
    if decision.obligations:
        lines += ["", "  To change that:"]
        lines += [line for o in decision.obligations for line in _wrapped(f"{o.kind}: {o.what}", "    - ", "      ")]
    if decision.room:
        shown = " · ".join(f"{issue} {distance}" for issue, distance in decision.room.items())
        lines += ["", *_wrapped(f"Room to walk: {shown}", "  ", "    ")]
    if not decision.cores.agree or decision.cores.note:
        lines += ["", *_wrapped(f"Cores: {decision.cores.note}", "  ", "    ")]
    return "\n".join(lines)


def _reason(reason: Reason) -> list[str]:
    standing = _STANDINGS[reason.standing].format(by=reason.by)
    name = click.style(reason.rule, bold=True)
    lines = [f"  {name} → {reason.effect}{f' ({standing})' if standing else ''}  [{reason.source}]"]
    lines += _wrapped(reason.why, "    ", "    ")
    lines += [line for leaf in reason.leaves for line in _leaf(leaf)]
    if reason.say:
        lines += _wrapped(f'You may say: "{reason.say}"', "    ", "    ")
    return lines


def _leaf(leaf: Leaf) -> list[str]:
    mark = "•" if leaf.holds else "◦"
    return _wrapped(f"{leaf.text}: saw {leaf.seen}, needed {leaf.needed}", f"    {mark} ", "      ")


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
