"""A decision for a rep: the verdict first, then each reason with what it saw and needed, then the way on."""

import textwrap

import click

from walkaway import Decision
from walkaway.decision import Leaf, Reason
from walkaway_cli.render.diagnostics import printable

COLOURS = {
    "proceed": "green",
    "trade": "yellow",
    "hold": "yellow",
    "escalate": "magenta",
    "refuse": "red",
    "walk": "red",
}
"""Of each verdict; a verdict stands there in words too."""
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
    verdict = verdict_text(decision.verdict)
    door = f" (door {decision.door})" if decision.door else ""
    lines = [
        f"{verdict}{door}  {decision.deal} · {decision.event} · {decision.on} · {decision.at}",
        f"  {decision.advice}",
    ]
    for reason in decision.reasons:
        lines += ["", *reason_lines(reason)]
    if decision.obligations:
        lines += ["", "  To change that:"]
        lines += [line for o in decision.obligations for line in wrapped(o.what, "    - ", "      ")]
    if decision.room:
        shown = " · ".join(f"{issue} {distance}" for issue, distance in decision.room.items())
        lines += ["", *wrapped(f"Room to walk: {shown}", "  ", "    ")]
    if not decision.cores.agree or decision.cores.note:
        lines += ["", *wrapped(f"Cores: {decision.cores.note}", "  ", "    ")]
    return "\n".join(lines)


def verdict_text(verdict: str) -> str:
    """Give a verdict in its colour."""
    return click.style(verdict.upper(), fg=COLOURS[verdict], bold=True)


def reason_lines(reason: Reason) -> list[str]:
    """Give one reason: the rule, why it is there, what it saw and needed, and what may be said."""
    standing = _STANDINGS[reason.standing].format(by=reason.by)
    name = click.style(reason.rule, bold=True)
    lines = [f"  {name} → {reason.effect}{f' ({standing})' if standing else ''}  [{printable(reason.source)}]"]
    lines += wrapped(reason.why, "    ", "    ")
    lines += [line for leaf in reason.leaves for line in _leaf(leaf)]
    if reason.say:
        lines += wrapped(f'You may say: "{reason.say}"', "    ", "    ")
    return lines


def _leaf(leaf: Leaf) -> list[str]:
    mark = "•" if leaf.holds else "◦"
    return wrapped(f"{leaf.text}: saw {leaf.seen}, needed {leaf.needed}", f"    {mark} ", "      ")


def wrapped(text: str, first: str, rest: str) -> list[str]:
    """Give *text* in lines of at most 80 columns; *first* and *rest* stand before them."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
