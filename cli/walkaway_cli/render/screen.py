"""One offer on one screen: the verdict, the reasons, what would pass, approvals, room, and the next step.

At most 80 columns, as far as names allow; whatever a colour says stands there in words too.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence

import click
import msgspec

from walkaway import Decision, Policy
from walkaway.advice import Answer, Approvals, Briefing, Budget, Headroom, IssueRoom, Needed
from walkaway.decide import Counteroffer
from walkaway.policy import Labels, labelled
from walkaway_cli.render.decision import (
    COLOURS,
    WIDTH,
    WOULD_PASS,
    accepting_lines,
    as_of_lines,
    brief_reason_lines,
    counteroffer_lines,
    reason_lines,
    terms_text,
    wrapped,
)

_INDENT = "  "
_BESIDE = ("approved", "waived", "advises")
"""The standings of rules that are named though they do not decide; of rules on trial a rep hears nothing."""


def screen(
    policy: Policy, outlook: Briefing, offered: Mapping[str, str | None], width: int = WIDTH, *, explains: bool = False
) -> str:
    """Return everything about one offer, for the rep.

    Args:
        offered: Its terms as they were typed.
        width: Columns that the table of room may take.
        explains: Whether it is told how it comes about what the offer gives and asks.
    """
    decision = outlook.decision
    blocks = [
        [
            headline(
                decision.verdict,
                decision.door,
                f"{decision.deal} · {terms_text(offered, policy.issues, policy.labels_in())}",
            )
        ],
        *(reason_lines(r) for r in decision.reasons if r.standing == "decides"),
        accepting_lines(decision),
        [line for r in decision.reasons if r.standing in _BESIDE for line in brief_reason_lines(r)],
        _other_obligations(decision),
        _counteroffers(policy, decision.counteroffers),
        _approvals(policy, outlook.approvals),
        _rooms(policy, outlook.rooms, width),
        _reckoned(policy, outlook) if explains else [],
        _cores(decision),
    ]
    blocks[0] += [*as_of_lines(decision), _INDENT + decision.advice]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def headline(verdict: str, door: str | None, rest: str) -> str:
    """Return the first line: the verdict in its colour, then what it is about."""
    word = click.style(verdict.upper(), fg=COLOURS[verdict], bold=True)
    return f"{word}{f' (door {door})' if door else ''}  {rest}"


def _title(text: str) -> str:
    return click.style(text, bold=True)


def _counteroffers(policy: Policy, offers: Sequence[Counteroffer]) -> list[str]:
    return [_title(WOULD_PASS), *counteroffer_lines(offers, policy.issues, policy.labels_in())] if offers else []


def _other_obligations(decision: Decision) -> list[str]:
    """Return what else must happen; approvals and counteroffers have places of their own, but for what refuses."""
    kinds = {"approval"} | ({"ask"} if decision.counteroffers and decision.verdict != "refuse" else set())
    kept = [o for o in decision.obligations if o.kind not in kinds]
    lines = [line for o in kept for line in wrapped(o.what, "  - ", "    ")]
    return [_title("To change that"), *lines] if lines else []


def _approvals(policy: Policy, approvals: Approvals) -> list[str]:
    lines: list[str] = []
    for number, needed in enumerate(approvals.needed, 1):
        lines += _needed(policy, number, needed)
    if len(approvals.needed) > 1:
        lines += wrapped(_enough(policy, approvals.needed), _INDENT, _INDENT)
    if approvals.needed and approvals.still_blocking:
        lines += wrapped(
            f"What is approved is still held up by {', '.join(approvals.still_blocking)}.", _INDENT, _INDENT
        )
    if approvals.needed and approvals.unnamed:
        text = "No approval counts while it is not said who makes this offer, and made the earlier ones."
        lines += wrapped(text, "  · ", "    ")
    if approvals.needed and approvals.movers:
        text = f"May not approve, having said it themselves: {', '.join(approvals.movers)}"
        lines += wrapped(text, "  · ", "    ")
    for given in approvals.given:
        what = f"covers it: meets {', '.join(given.rules)}" if given.rules else given.note or "is not needed here"
        notes = [given.note, f"until {given.until}" if given.until else ""] if given.rules else []
        note = "; ".join(n for n in notes if n)
        lines += wrapped(f"{given.approver}, {given.role}: {what}{f' ({note})' if note else ''}", "  · ", "    ")
    for rule in approvals.waivable:
        lines += wrapped(f"{rule.rule} may be lifted by {rule.role}, with a reason and an end", "  · ", "    ")
    return [_title("Approvals"), *lines] if lines else []


def _needed(policy: Policy, number: int, needed: Needed) -> list[str]:
    cover = terms_text(needed.cover, policy.issues, policy.labels_in()) or "the terms asked about"
    labels, role = policy.labels_in(), labelled(policy.labels_in(), "roles", needed.role)
    who = role if needed.count == 1 else f"{needed.count} people, {role} or above"
    lines = wrapped(f"{who}: must cover {cover}", f"  {number} ", "    ")
    if needed.have:
        lines += wrapped(f"So far: {', '.join(needed.have)}.", "    ", "    ")
    for rule, why in needed.why.items():
        lines += wrapped(f"{rule}: {why}", "    ", "      ")
    if needed.worse:
        worse = {labelled(labels, "issues", issue): value for issue, value in needed.worse.items()}
        asked = ", ".join(f"{issue} (approved {value})" for issue, value in worse.items())
        lines += wrapped(f"Asked again only for {asked}: {needed.before} approved the rest.", "    ", "    ")
    return lines


def _enough(policy: Policy, needed: Sequence[Needed]) -> str:
    """Say how many approvals by the highest role are enough."""
    count, role = max(n.count for n in needed), labelled(policy.labels_in(), "roles", needed[-1].role)
    many = f"One approval by {role} is" if count == 1 else f"Approvals by {count} people, each {role} or above, are"
    return f"{many} enough for all of these."


def _rooms(policy: Policy, rooms: Headroom, width: int) -> list[str]:
    if not rooms.issues:
        return []
    full, brief = ([_HEAD, *(_row(r, budget, policy.labels_in()) for r in rooms.issues)] for budget in _BUDGETS)
    lines = _table(full, width)
    if len(lines) > len(full):
        lines = _table(brief, width)
    lines[0] = _title(lines[0].replace("  Room", "Room  ", 1))
    if rooms.left:
        lines += wrapped(f"Concession budget left, on any one issue: {rooms.left}.", _INDENT, _INDENT)
    if rooms.step is not None:
        step = rooms.step
        text = f"{terms_text(step.terms, policy.issues, policy.labels_in())} (gives {step.give}, gets {step.get})."
        lines += wrapped(f"Next step: {text} {step.why}", _INDENT, "    ")
    return lines


def _reckoned(policy: Policy, outlook: Briefing) -> list[str]:
    """Tell step by step what the offer gives and asks over what was last let through."""
    how, labels = outlook.reckoned, policy.labels_in()
    if how is msgspec.UNSET:
        text = "Each issue gives or asks by itself here: its worth hangs on no other that moves."
        return [_title("Reckoned"), *wrapped(text, _INDENT, _INDENT)]
    lines = []
    for step in how.steps:
        name, what = labelled(labels, "issues", step.issue), f"gives {step.give}" if step.give else f"asks {step.get}"
        worth = what if step.give or step.get else "is worth the same"
        where = f"at {step.at}" if step.at else "first, at the terms before"
        lines += wrapped(f"{name} {step.old} to {step.new}, {where}: {worth}", "  · ", "    ")
    other = f"gives {how.otherwise_give} and asks {how.otherwise_get}"
    text = f"The other way round it {other}: the sum is the same, and what is given for nothing is too."
    return [_title("Reckoned"), *lines, *wrapped(text, _INDENT, _INDENT)]


_HEAD = ("Room", "now", "want", "walk", "may go to, alone")
_BUDGETS: tuple[Callable[[Budget], str], ...] = (
    lambda b: f"{b.value} ({b.give}, {b.verdict})",
    lambda b: f"{b.value} ({b.verdict})",
)
"""What is said of how far an issue may go where there is room, and where there is little; its verdict always."""
_LEAST = 16
"""Columns that the last column has at least; where fewer are left, it stands on lines of its own."""


def _table(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Return rows in columns; what does not fit of the last one goes on below it, and nothing is left out."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    left = width - len(_INDENT) - sum(widths) - 2 * len(widths)
    lines: list[str] = []
    for *others, last in rows:
        line = (_INDENT + "  ".join(map(str.ljust, others, widths))).rstrip()
        if left < _LEAST:
            lines += [line, *(textwrap.wrap(last, width - 4, initial_indent="    ", subsequent_indent="    "))]
            continue
        first, *rest = textwrap.wrap(last, left, break_long_words=False, break_on_hyphens=False) or [""]
        indent = " " * (width - left)
        lines += [f"{line.ljust(width - left)}{first}".rstrip(), *(indent + more for more in rest)]
    return lines


def _row(room: IssueRoom, budget: Callable[[Budget], str], labels: Labels) -> tuple[str, ...]:
    may = "" if room.budget is None else "-"
    if room.budget is not None and room.budget.value:
        may = budget(msgspec.structs.replace(room.budget, value=labelled(labels, "words", room.budget.value)))
    want, walk = _with_distance(room.want, room.to_want), _with_distance(room.walk, room.to_walk)
    return labelled(labels, "issues", room.issue), labelled(labels, "words", room.now), want, walk, may


def _with_distance(at: str, distance: str) -> str:
    return f"{at} ({distance})" if at else "-"


def _cores(decision: Decision) -> list[str]:
    if decision.cores.agree and not decision.cores.note:
        return []
    return wrapped(f"Cores: {decision.cores.note}", _INDENT, "    ")


def for_customer(policy: Policy, answer: Answer) -> str:
    """Return what the other side may be told: the policy's own words, and terms that may be offered. No limits."""
    terms = terms_text(answer.terms, policy.issues, policy.labels_in())
    lines = [*answer.say]
    if answer.ended:
        lines = lines or ["We end our talks here."]
    elif answer.agreed:
        lines.append(f"We can offer {terms}." if terms else "We agree.")
    elif answer.proposals:
        lines.append("We can offer instead:")
    else:
        lines = lines or ["We cannot agree to these terms as they stand."]
    lines = [line for text in lines for line in wrapped(text, "", "")]
    for proposal in answer.proposals:
        lines += wrapped(terms_text(proposal, policy.issues, policy.labels_in()), "  - ", "    ")
    return "\n".join(lines)
