"""A decision for a rep: the verdict first, then each reason with what it saw and needed, then the way on."""

import functools
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import click
import msgspec

from walkaway import Decision
from walkaway.decide import Accepting, Counteroffer, Leaf, Reason
from walkaway.policy import Labels, labelled
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
_RULING = frozenset({"decides", "approved", "waived"})
WOULD_PASS = "What would pass instead, nearest first"
WIDTH = 80


def decision_text(decision: Decision, *, of_several: bool = False) -> str:
    """Return one decision in lines of at most 80 columns, as far as names allow.

    Args:
        of_several: Several versions of the policy decide, and which one did is said.
    """
    verdict = verdict_text(decision.verdict)
    door = f" (door {decision.door})" if decision.door else ""
    lines = [
        f"{verdict}{door}  {decision.deal} · {decision.event} · {decision.on} · {decision.at}",
        *([f"  Under {decision.policy.name}@{decision.policy.version}."] if of_several else []),
        *as_of_lines(decision),
        f"  {decision.advice}",
    ]
    for reason in decision.reasons:
        lines += ["", *reason_lines(reason)]
    lines += ["", *taking] if (taking := accepting_lines(decision)) else []
    if decision.obligations:
        lines += ["", "  To change that:"]
        lines += [line for o in decision.obligations for line in wrapped(o.what, "    - ", "      ")]
    if decision.room:
        shown = " · ".join(f"{labelled(labels_in(decision), 'issues', i)} {far}" for i, far in decision.room.items())
        lines += ["", *wrapped(f"{_held(decision)}: {shown}", "  ", "    ")]
    if not decision.cores.agree or decision.cores.note:
        lines += ["", *wrapped(f"Cores: {decision.cores.note}", "  ", "    ")]
    if decision.counteroffers:
        lines += ["", *_instead_lines(decision)]
    return "\n".join(lines)


def _held(decision: Decision) -> str:
    """Say what the distances are that follow; where no rule decides, they are all that an answer was held against."""
    is_ruled = any(reason.standing in _RULING for reason in decision.reasons)
    return (
        "Room to walk"
        if is_ruled or not decision.is_yes
        else "No rule decides it. Held against our walk values, room is left"
    )


def instead_text(decision: Decision, *, stands_above: bool) -> str:
    """Return what would pass instead, told after the decisions.

    Args:
        stands_above: The decision itself is the last that was told.
    """
    head = [] if stands_above else [f"INSTEAD  {decision.deal} · {decision.event} · {decision.on} · {decision.at}"]
    return "\n".join([*head, *_instead_lines(decision)])


def _instead_lines(decision: Decision) -> list[str]:
    return [f"  {WOULD_PASS}:", *_brief(decision.counteroffers, labels_in(decision))]


def labels_in(decision: Decision) -> Labels:
    """Return what names are called in a decision."""
    return {} if decision.labels is msgspec.UNSET else decision.labels


def accepting_lines(decision: Decision) -> list[str]:
    """Say what accepting their offer, or the terms agreed, would be now, and why; nothing where that is not asked."""
    accepting = decision.accepting
    if not isinstance(accepting, Accepting):
        return []
    said = {r.rule for r in decision.reasons}
    what = "To close by these terms" if decision.on == "close" else "To accept it now"
    lines = [f"  {what} would be {verdict_text(accepting.verdict)}."]
    for reason in accepting.reasons:
        if reason.rule not in said and reason.standing == "decides":
            lines += ["", *reason_lines(reason)]
    return lines


def as_of_lines(decision: Decision) -> list[str]:
    """Say of a decision as of another day that it is one; nothing of others."""
    if not decision.as_of:
        return []
    what = "decided under the limits in force on that day. This is not the decision on record."
    return wrapped(f"As of {decision.as_of} UTC: {what}", "  ", "  ")


def _brief(offers: Sequence[Counteroffer], labels: Labels) -> list[str]:
    """Return counteroffers without what they change: for decisions that stand among others."""
    lines = []
    for number, offer in enumerate(offers, 1):
        terms = f"{_condition(offer, (), labels)}{terms_text(offer.terms, (), labels)}"
        text = f"{terms}: gives {offer.give}, gets {offer.get}"
        lines += _numbered(number, offer.verdict, "    ", text)
    return lines


def counteroffer_lines(offers: Sequence[Counteroffer], order: Iterable[str], labels: Labels) -> list[str]:
    """Return counteroffers, numbered from 1: what to offer, and below it what it gives, gets and changes.

    Args:
        order: The issues in the order in which terms are written.
    """
    lines = []
    for number, offer in enumerate(offers, 1):
        found = _numbered(
            number, offer.verdict, "  ", _condition(offer, order, labels) + terms_text(offer.terms, order, labels)
        )
        lines += [*found, *wrapped(f"Gives {offer.give}, gets {offer.get}. {offer.why}", "    ", "    ")]
    return lines


def _condition(offer: Counteroffer, order: Iterable[str], labels: Labels) -> str:
    """Return what they must come to first, with what joins it to our terms."""
    return f"if they come to {terms_text(offer.when, order, labels)}: " if offer.when else ""


def _numbered(number: int, verdict: str, indent: str, text: str) -> list[str]:
    lead = f"{indent}{number} {verdict:<9}"
    first, *rest = wrapped(text, lead, " " * len(lead))
    return [first.replace(verdict, click.style(verdict, fg=COLOURS[verdict]), 1), *rest]


def terms_text(terms: Mapping[str, str | None], order: Iterable[str], labels: Labels) -> str:
    """Return terms in one line, in *order*; those that it leaves out last, as they are; `no NAME` where one goes."""
    found = []
    for name in dict.fromkeys([*(i for i in order if i in terms), *terms]):
        text, called = terms[name], labelled(labels, "issues", name)
        found.append(f"no {called}" if text is None else f"{called} {labelled(labels, 'words', text)}")
    return ", ".join(found)


def verdict_text(verdict: str) -> str:
    """Return a verdict in its colour."""
    return click.style(verdict.upper(), fg=COLOURS[verdict], bold=True)


def reason_lines(reason: Reason) -> list[str]:
    """Return one reason: the rule, why it is there, what it saw and needed, and what may be said."""
    standing = _STANDINGS[reason.standing].format(by=reason.by)
    name = click.style(reason.rule, bold=True)
    head = f"  {name} → {reason.effect}{f' ({standing})' if standing else ''}"
    lines = [f"{head}  [{_fitted(printable(reason.source), WIDTH - len(click.unstyle(head)) - 4)}]"]
    lines += wrapped(reason.why, "    ", "    ")
    lines += [line for leaf in reason.leaves for line in _leaf(leaf)]
    if reason.say:
        lines += wrapped(f'You may say: "{reason.say}"', "    ", "    ")
    return lines


def _leaf(leaf: Leaf) -> list[str]:
    mark = "•" if leaf.holds else "◦"
    return wrapped(f"{leaf.text}: saw {leaf.seen}, needed {leaf.needed}", f"    {mark} ", "      ")


def brief_reason_lines(reason: Reason) -> list[str]:
    """Return one reason in a sentence, for rules that do not decide."""
    standing = _STANDINGS[reason.standing].format(by=reason.by)
    text = f"{reason.rule} → {reason.effect}{f' ({standing})' if standing else ''}: {reason.why}"
    first, *rest = wrapped(text, "  ", "    ")
    return [first.replace(reason.rule, click.style(reason.rule, bold=True), 1), *rest]


def _fitted(place: str, width: int) -> str:
    """Shorten a path from the left, folder by folder, until it fits; its last part stays whole."""
    shown = place
    while len(shown) > width and "/" in shown.removeprefix("…/"):
        shown = "…/" + shown.removeprefix("…/").partition("/")[2]
    return shown


def wrapped(text: str, first: str, rest: str) -> list[str]:
    """Return *text* in lines of at most 80 columns; *first* and *rest* stand before them."""
    if text.isprintable() and len(first) + len(text) <= WIDTH and not text.endswith(" "):
        return [first + text] if text else []  # as `wrap` would, at a hundredth of its time
    return list(_paragraph(text, first, rest))


@functools.lru_cache(1_024)
def _paragraph(text: str, first: str, rest: str) -> tuple[str, ...]:
    """Wrap one text; what a rule says comes again with every decision."""
    if not text or "  " in text or not text.isprintable() or text != text.strip(" "):
        wrapper = textwrap.TextWrapper(WIDTH, first, rest, break_long_words=False, break_on_hyphens=False)
        return tuple(wrapper.wrap(text))
    lines, (line, *words) = [], text.split(" ")  # as `wrap` would where words stand one space apart
    line = first + line
    for word in words:
        if len(line) + 1 + len(word) <= WIDTH:
            line += f" {word}"
        else:
            lines.append(line)
            line = rest + word
    return (*lines, line)
