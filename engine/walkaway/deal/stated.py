"""What is stated of a deal: its facts, limits and alternatives. A limit is held until it may loosen. Knows no rules.

Source:
    docs/calculus.md, authority.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from walkaway.deal.cover import name_of
from walkaway.deal.position import Pending, Position, Stated, fixed_digest
from walkaway.deal.ratios import Known
from walkaway.deal.unfit import Unfit
from walkaway.deal.valuation import PACKAGE, Opened, OutOfRange, Valuation, is_looser, open_deal, within
from walkaway.events import Alternative, Limits, Update
from walkaway.language.codes import Code
from walkaway.language.values import Exact, Value, beyond, format_value
from walkaway.policy.exchange import Quote
from walkaway.policy.model import AT, THRESHOLDS, Issue, Policy

BATNA = "batna.worth"
_HOLDING = ("walk.", BATNA)
_OWN = "batna"
"""What the alternative is called that is stated by its worth alone."""


class News(msgspec.Struct, frozen=True):
    """What an update says, before anything of it is kept.

    Attributes:
        opened: What follows from all that is stated, limits that would loosen among it.
        facts, limits, alternatives: All that the deal brings, with what the update says.
        loosened: The limits that would hold us less than those held now, as facts.
        tightened: Whether a walk value, or our best alternative, holds us more.
        quote: The rate that is pinned from then on; none where none is needed.
    """

    opened: Opened
    facts: Mapping[str, Value]
    limits: Mapping[str, Limits]
    alternatives: Mapping[str, Alternative]
    loosened: tuple[str, ...]
    tightened: bool
    quote: Quote | None = None


def opened_with(
    policy: Policy,
    facts: Mapping[str, Value],
    limits: Mapping[str, Limits],
    batna: int | None,
    day: int,
    quote: Quote | None = None,
) -> Opened:
    """Return what follows from what a deal states.

    Raises:
        Unfit: WA504, WA607, WA611.
    """
    if policy.selector and policy.selector in limits:
        what = f"`{policy.selector}` has no order, and so no limit: others are told apart by its values"
        raise Unfit(Code.LIMIT_LOOSENED, what, "let a rule say at which of its values what is answered", '"limits"')
    try:
        opened = open_deal(policy, facts, limits, batna, day, quote)
    except OutOfRange as problem:
        raise Unfit(Code.WORTH_OUT_OF_RANGE, str(problem), near='"facts"') from problem
    if opened.unnamable:
        raise Unfit(
            Code.EVENT_VALUE,
            "; ".join([_unnamable(policy.issues[name], value) for name, value in opened.unnamable]),
            "state what is so, or correct `start`, or what may be named, in the policy",
            '"facts"',
        )
    for name, deals, ours in opened.looser:
        unit = policy.issues[name].unit if name in policy.issues else policy.money
        values = (format_value(deals, unit), format_value(ours, unit))
        what = f"the walk value {values[0]} of `{name}` is looser than the policy's {values[1]}"
        raise Unfit(Code.LIMIT_LOOSENED, what, "a deal may bring a tighter one, never a looser one", '"limits"')
    return opened


def _unnamable(issue: Issue, start: int) -> str:
    """Say that an issue starts at a value that nobody may name, so that its own word could not be said again."""
    begun = f"`{issue.name}` starts at {format_value(start, issue.unit)}, which is"
    if issue.values:
        return f"{begun} none of its values: {', '.join(format_value(v, issue.unit) for v in issue.values)}"
    return f"{begun} {beyond(start, issue.unit, *issue.bounds)}"


def news_of(policy: Policy, position: Position, event: Update) -> News:
    """Return what an update says.

    Raises:
        Unfit: As `opened_with`.
    """
    facts = {**position.facts, **event.facts} if event.facts else position.facts
    limits = _with_limits(position.limits, event.limits)
    alternatives = with_alternatives(position.alternatives, event.alternatives, event.batna)
    day = _day_of(policy, position)
    quote = repriced(position, event)
    opened = opened_with(policy, facts, limits, best(alternatives, event.instant), day, quote)
    loosened, tightened = [], False
    if position.valuation is not None:
        for fact, old, new in _changed(policy, position, opened):
            if old is not None and _is_looser(policy, position.valuation, fact, old, new):
                loosened.append(fact)
            else:
                tightened = tightened or fact.startswith(_HOLDING)
    return News(opened, facts, limits, alternatives, tuple(loosened), tightened, quote)


def repriced(position: Position, event: Update) -> Quote | None:
    """Return the rate that is pinned after an update: the one that it asks for, where there is such a one."""
    asked = position.quote_then(event) if event.fx is not None else None
    return position.pinned if asked is None or (asked.lacks and position.pinned is not None) else asked


def _changed(policy: Policy, position: Position, opened: Opened) -> Iterable[tuple[str, Exact | None, Exact | None]]:
    for fact in (*(found[0] for found in policy.limit_facts), BATNA):
        old, new = position.known.get(fact), opened.known.get(fact)
        if old != new:
            yield fact, old, new


def _is_looser(policy: Policy, valuation: Valuation, fact: str, old: Exact, new: Exact | None) -> bool:
    """Return whether a limit holds us less than before."""
    if new is None:
        return True
    case = next((value for held, _, _, value in policy.limit_facts if held == fact), None)
    issue = policy.issues.get(limited_by(fact)[1])
    if issue is None:
        return is_looser(PACKAGE, 1, new, old, valuation)
    return is_looser(issue.name, issue.better, new, old, valuation if case is None else valuation.by[case])


def limited_by(fact: str) -> tuple[str, str]:
    """Return the threshold, and what it limits, of the fact that holds a limit, at any value of the selector."""
    threshold, _, name = fact.partition(".")
    return threshold, name.partition(AT)[0]


def _with_limits(old: Mapping[str, Limits], new: Mapping[str, Limits]) -> Mapping[str, Limits]:
    if not new:
        return old
    found = {**old}
    for name, said in new.items():
        before = msgspec.structs.astuple(found.get(name, Limits()))
        found[name] = Limits(
            *(n if n is not None else o for n, o in zip(msgspec.structs.astuple(said), before, strict=True))
        )
    return found


def with_alternatives(
    old: Mapping[str, Alternative], new: Iterable[Alternative], batna: int | None
) -> Mapping[str, Alternative]:
    """Return the alternatives with those that are stated now; one without a worth is taken back."""
    stated = [*new, *(() if batna is None else (Alternative(_OWN, batna),))]
    if not stated:
        return old
    found = {**old, **{a.name: a for a in stated}}
    return {name: a for name, a in sorted(found.items()) if a.worth is not None}


def best(alternatives: Mapping[str, Alternative], now: int) -> int | None:
    """Return the worth of the best alternative that is there now; none where there is none."""
    return max((a.worth for a in alternatives.values() if a.worth is not None and _is_there(a, now)), default=None)


def _is_there(alternative: Alternative, now: int) -> bool:
    """Return whether an alternative has not ended."""
    return alternative.until is None or now <= alternative.until


def at(position: Position, now: int) -> Position:
    """Return a position without the alternatives that have ended: that they would was said with them."""
    remaining = {n: a for n, a in position.alternatives.items() if _is_there(a, now)}
    if len(remaining) == len(position.alternatives):
        return position
    known = {**position.known, BATNA: best(remaining, now)}
    return refixed(msgspec.structs.replace(position, alternatives=remaining, known=known))


def stating(position: Position, event: Update) -> Mapping[str, Stated]:
    """Return when and by whom each fact was last stated, with what an update states."""
    now = dict.fromkeys(event.facts, Stated(event.instant, event.actor))
    return dict(sorted({**position.stated, **now}.items())) if now else position.stated


def held(policy: Policy, position: Position, event: Update, news: News, *, allowed: bool) -> dict[str, Any]:
    """Return what changes of a position by an update; limits that would loosen are held, and wait to be allowed."""
    opened, known = news.opened, news.opened.known
    limits, alternatives, pending = news.limits, news.alternatives, position.pending
    if news.loosened and not allowed:
        known = {**known, **{fact: position.known[fact] for fact in news.loosened}}
        named = {a.name: a for a in event.alternatives}
        actor = name_of(policy.people, event.actor)
        waits = Pending(event.id, actor, news.loosened, event.limits, event.batna, named)
        pending = (*pending, waits)
        if BATNA in news.loosened:
            alternatives = position.alternatives
        limits = _without(news.limits, position.limits, news.loosened)
    return {
        "facts": news.facts, "limits": limits, "alternatives": alternatives, "known": known, "pending": pending,
        "valuation": _within(policy, opened.valuation, known), "missing": opened.missing,
        "stated": stating(position, event), "pinned": news.quote,
    }  # fmt: skip


def _without(new: Mapping[str, Limits], old: Mapping[str, Limits], loosened: tuple[str, ...]) -> Mapping[str, Limits]:
    """Return the limits that a deal brings, those that would loosen as they were."""
    found = dict(new)
    for fact in loosened:
        threshold, name = limited_by(fact)
        if name in found and threshold in THRESHOLDS:
            before = getattr(old.get(name, Limits()), threshold)
            found[name] = msgspec.structs.replace(found[name], **{threshold: before})
    return found


def loosened(policy: Policy, position: Position, waits: Pending, now: int) -> Position:
    """Return a position in which limits hold that waited to be allowed."""
    waiting = {limited_by(fact) for fact in waits.limits}
    asked = {
        name: Limits(**{t: getattr(of, t) for t in THRESHOLDS if (t, name) in waiting})
        for name, of in waits.asked.items()
    }
    limits = _with_limits(position.limits, asked)
    alternatives = position.alternatives
    if BATNA in waits.limits:
        alternatives = with_alternatives(alternatives, waits.alternatives.values(), waits.batna)
    day = _day_of(policy, position)
    opened = opened_with(policy, position.facts, limits, best(alternatives, now), day, position.pinned)
    known = {**position.known, **{fact: opened.known[fact] for fact in waits.limits}}
    return refixed(
        msgspec.structs.replace(
            position, limits=limits, alternatives=alternatives, known=known,
            valuation=_within(policy, opened.valuation, known),
            pending=tuple(p for p in position.pending if p.event != waits.event),
        )
    )  # fmt: skip


def _within(policy: Policy, valuation: Valuation | None, known: Known) -> Valuation | None:
    """Return what terms are worth, with the limits that are held."""
    return None if valuation is None else within(policy, valuation, known)


def _day_of(policy: Policy, position: Position) -> int:
    """Return the day whose dated limits a deal has: that on which it opened, or was moved to this version."""
    return policy.day_of(position.opened if position.moved_at is None else position.moved_at)


def refixed(position: Position) -> Position:
    """Return a position with the digest of what is stated anew."""
    more = (position.alternatives, position.stated, position.party, position.earlier)
    fixed = fixed_digest(position.deal, position.opened, position.known, position.missing, position.start, more)
    return msgspec.structs.replace(position, fixed=fixed)
