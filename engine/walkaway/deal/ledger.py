# Over 400 lines: the ledger of docs/calculus.md, figure by figure.
"""What is judged: an event's terms, whose move they are, and the ledger they are measured by.

Every figure is computed from positions, none is accumulated: what was cleared, what both sides last said, and what they
said first. With W a package's worth over the start terms, C what was cleared, O the terms judged, T what their last
word is worth over their first, and V(x) = W(x) - both(x), what terms are worth without what they conceded of them,
`give.value > get.value` says exactly V(O) < min(V(C), -T). Knows no rules.

Source:
    docs/calculus.md, the ledger.
"""

from collections.abc import Mapping, Sequence

import msgspec

from walkaway.deal.position import Move, Position, Side, bits_of
from walkaway.deal.unfit import Unfit
from walkaway.deal.valuation import Valuation
from walkaway.events import LESSER, OPENING, THEM, US, Accept, AnyEvent, Close, Heard, Offer, On, Open, Other, Terms
from walkaway.language.codes import Code
from walkaway.language.native import no_worse
from walkaway.language.values import Value
from walkaway.policy.model import Policy

_OUR_OFFER, _OUR_ACCEPTANCE = On.OUR_OFFER, On.OUR_ACCEPTANCE
_THEIR_OFFER, _THEIR_ACCEPTANCE = On.THEIR_OFFER, On.THEIR_ACCEPTANCE
_NONE: Mapping[str, str] = {}


def weigh(policy: Policy, position: Position, event: AnyEvent) -> Move | None:
    """Return the terms that an event puts on the table or takes, and what they change; none for other events.

    A partial acceptance is an offer. An offer equal to what the other side said and still stands is an acceptance; one
    of theirs that is on no issue worse for us is heard as one, and one of ours that is worse and better on nothing too.

    Raises:
        Unfit: WA611, where the terms are worth more than can be held.

    Source:
        docs/calculus.md, their offers, agreements, closing.
    """
    if isinstance(event, Offer):
        return offered(policy, position, event)
    if isinstance(event, Accept):
        return _accepted(policy, position, event)
    if isinstance(event, Open) and (event.terms or event.other):
        opens = Offer(
            id=event.id, deal=event.deal, at=event.at, instant=event.instant, actor=event.actor, by=US,
            terms=event.terms, other=event.other,
        )  # fmt: skip
        move = offered(policy, position, opens)
        return Move(
            move.by, move.terms, move.worth, move.gain, move.loss, move.gains, move.losses, move.back, move.stated,
            move.first, OPENING, other=move.other,
        )  # fmt: skip
    return None


def offered(policy: Policy, position: Position, event: Offer) -> Move:
    """Return what an offer puts on the table."""
    if event.by is THEM:
        return what_they_say(policy, position, event.terms, event.other)
    ours, theirs = position.ours, position.theirs
    terms = {**ours.standing, **event.terms}
    other = _with(ours.other, event.other)
    heard: Heard = _OUR_OFFER
    agrees = False
    if theirs.stands:
        if _is_said(theirs, terms) and other == theirs.other:
            heard, agrees = _OUR_ACCEPTANCE, True
        elif (valuation := position.valuation) is not None and is_lesser(valuation, terms, theirs.standing):
            heard = LESSER
    return of_ours(
        policy, position, terms, other, _every(policy) if agrees else bits_of(policy, event.terms), heard, agrees
    )


def several(policy: Policy, position: Position, event: Offer) -> tuple[list[Move], Move]:
    """Return what each of an offer's packages changes, and the move that they are together: the one of least worth.

    What one of them names all of them name: an issue that a package leaves out has its maker's value there.

    Source:
        docs/calculus.md, the events: several packages.
    """

    def one(terms: Terms) -> Move:
        return offered(policy, position, msgspec.structs.replace(event, terms=terms, packages=()))

    said = [one(package) for package in event.packages]
    names = {i for package in event.packages for i in package}
    moves = [one({i: v for i, v in m.terms.items() if i in names}) for m in said]
    least = min(moves, key=lambda move: move.worth or 0)
    named = bits_of(policy, names)
    heard: Heard = _THEIR_OFFER
    if event.by is US:
        heard = LESSER if any(move.heard is LESSER for move in moves) else _OUR_OFFER
    whole = msgspec.structs.replace(
        least, stated=named, packages=tuple(move.terms for move in moves), agrees=False, heard=heard,
        names=bool(named & policy.own_bits & ~position.theirs.stated),
    )  # fmt: skip
    return moves, whole


def _accepted(policy: Policy, position: Position, event: Accept) -> Move:
    """Return what an acceptance takes; of some issues only, it is an offer."""
    other = position.side(event.by.other)
    whole = other.chosen(event.package)
    if event.issues:
        taken = {i: whole[i] for i in event.issues}
        part = Offer(
            id=event.id,
            deal=event.deal,
            at=event.at,
            instant=event.instant,
            actor=event.actor,
            by=event.by,
            terms=taken,
        )
        return offered(policy, position, part)
    if event.by is US:
        return taking(policy, position, whole)
    return what_they_say(policy, position, whole, other.other, takes=True)


def taking(policy: Policy, position: Position, terms: Terms | None = None) -> Move:
    """Return what our acceptance of what they last said would be.

    Args:
        terms: Which of several packages it takes; the one there is, if left out.
    """
    theirs = position.theirs
    taken = theirs.standing if terms is None else terms
    return of_ours(policy, position, taken, theirs.other, _every(policy), _OUR_ACCEPTANCE, True)


def of_ours(
    policy: Policy, position: Position, terms: Terms, other: Mapping[str, str], named: int, heard: Heard, agrees: bool
) -> Move:
    """Return what terms change as ours: against what was cleared.

    Raises:
        Unfit: As `weigh`.
    """
    valuation, ours = position.valuation, position.ours
    first = ours.offers == 0
    if valuation is None:
        return Move(US, terms, None, 0, 0, 0, 0, 0, named, first, heard, agrees, other=other)
    gain = loss = gains = losses = back = 0
    cleared, before, bits = position.cleared, ours.stated & named, policy.bits
    worths = valuation.between(cleared, terms).worths if valuation.selector else valuation.worths
    for issue, value in terms.items():
        old = cleared[issue]
        if value == old:
            continue
        worth = worths[issue]
        difference = worth * (value - old) if isinstance(worth, int) else worth[value] - worth[old]  # type: ignore[operator]
        if difference > 0:
            gain += difference
            gains += 1
            if before & bits[issue]:
                back += 1
        elif difference < 0:
            loss -= difference
            losses += 1
    total = ours.net + gain - loss
    _hold(valuation, gain, loss, total)
    return Move(US, terms, total, gain, loss, gains, losses, back, named, first, heard, agrees, other=other)


def what_they_say(policy: Policy, position: Position, named: Terms, other: Other, *, takes: bool = False) -> Move:
    """Return what terms of theirs change against their last word.

    What they never named counts as the worse for us of the start value and of what we had said when they made the
    offer; at a tie, as what we had said.

    Args:
        takes: Whether they accept what we said, which names every issue.
    """
    valuation, ours, theirs, bits = position.valuation, position.ours, position.theirs, policy.bits
    start, said, last, stated = position.start, ours.standing, theirs.standing, theirs.stated
    first, kept = theirs.offers == 0, _with(theirs.other, other)
    if takes:
        kept = ours.other
    if valuation is None:
        agrees = takes
        whole = {**last, **named}
        heard = _THEIR_ACCEPTANCE if agrees else _THEIR_OFFER
        return Move(THEM, whole, None, 0, 0, 0, 0, 0, bits_of(policy, named), first, heard, agrees, other=kept)
    terms: dict[str, Value] = {}
    worth = 0
    if valuation.selector:
        terms = completed(policy, position, valuation, named)
        worth = over_start(valuation, start, terms)
    else:
        for issue, begun in start.items():
            if issue in named:
                value = named[issue]
            elif stated & bits[issue]:
                value = last[issue]
            else:
                value = said[issue]
                if value != begun and valuation.change(issue, begun, value) > 0:
                    value = begun
            terms[issue] = value
            if value != begun:
                worth += valuation.change(issue, begun, value)
    heard, agrees = _THEIR_OFFER, takes
    if takes:
        heard = _THEIR_ACCEPTANCE
    elif ours.stands and worth >= ours.worth:
        agrees = _is_said(ours, terms) and kept == ours.other
        if agrees or are_no_worse(valuation, terms, said) or _takes_another(valuation, ours, terms):
            heard = _THEIR_ACCEPTANCE
    counts = terms if agrees else named
    gain = loss = gains = losses = new = stating = 0
    at, selector = valuation.at(terms), valuation.selector
    for issue, value in counts.items():
        bit = bits[issue]
        stating |= bit
        if not stated & bit:
            new += at.change(issue, start[issue], value)
        elif value != last[issue]:
            before = last[issue]
            change = valuation.moved(before, value, last) if issue == selector else at.change(issue, before, value)
            if change < 0:
                losses += 1
            elif change > 0:
                gains += 1
            if policy.is_base_bound:
                change = counted(policy, position, issue, value, at) - counted(policy, position, issue, last[issue], at)
            if issue == selector:
                continue
            if change < 0:
                loss -= change
            else:
                gain += change
    if selector and terms[selector] != last[selector]:
        rest = net_of(policy, position, terms, _based(position, counts)) - theirs.net - (gain - loss)
        gain, loss = gain + max(0, rest), loss + max(0, -rest)
    _hold(valuation, gain, loss, worth)
    names = bool(stating & policy.own_bits & ~stated)
    return Move(
        THEM, terms, worth, gain, loss, gains, losses, losses, stating, first, heard, agrees, new, names, kept
    )  # fmt: skip


def completed(policy: Policy, position: Position, valuation: Valuation, named: Terms) -> dict[str, Value]:
    """Return the whole package of an offer of theirs, where worths hang on a selector.

    What they never named counts as the worse for us of the start value and of what we had said, at the value of the
    selector that they name, or named. Never named, it has that of these two which makes the whole worth less to us; at
    a tie, what we had said.
    """
    start, said, last, stated = position.start, position.ours.standing, position.theirs.standing, position.theirs.stated
    selector, bits = valuation.selector, policy.bits

    def whole(chosen: Value) -> dict[str, Value]:
        at = valuation.by[chosen]
        terms: dict[str, Value] = {}
        for issue, begun in start.items():
            if issue == selector:
                value = chosen
            elif issue in named:
                value = named[issue]
            elif stated & bits[issue]:
                value = last[issue]
            else:
                value = said[issue]
                if value != begun and at.change(issue, begun, value) > 0:
                    value = begun
            terms[issue] = value
        return terms

    if selector in named:
        return whole(named[selector])
    if stated & bits[selector]:
        return whole(last[selector])
    as_said = whole(said[selector])
    if said[selector] == start[selector]:
        return as_said
    as_begun = whole(start[selector])
    better = over_start(valuation, start, as_said) > over_start(valuation, start, as_begun)
    return as_begun if better else as_said


def over_start(valuation: Valuation, start: Terms, terms: Terms) -> int:
    """Return what a whole package is worth over the start terms, by the scales at its value of the selector."""
    worths, found = valuation.at(terms).worths, 0
    for issue, value in terms.items():
        begun = start[issue]
        if value != begun:
            worth = worths[issue]
            found += worth * (value - begun) if isinstance(worth, int) else worth[value] - worth[begun]  # type: ignore[operator]
    return found


def _based(position: Position, named: Terms) -> Terms:
    """Return what they first said of each issue, with those that they name now for the first time."""
    return {**named, **position.base}


def _is_said(side: Side, terms: Terms) -> bool:
    """Return whether terms are what a side offers, or one of several packages that it leaves to choose from."""
    return terms in side.packages if side.packages else terms == side.standing


def _takes_another(valuation: Valuation, ours: Side, terms: Terms) -> bool:
    """Return whether terms of theirs are on no issue worse than a package of ours, of several."""
    return any(are_no_worse(valuation, terms, package) for package in ours.packages)


def _hold(valuation: Valuation, gain: int, loss: int, total: int) -> None:
    most = valuation.most
    if gain > most or loss > most or not -most <= total + valuation.base <= most:
        what = "these terms are worth more than can be held exactly (±2^53 minor units)"
        raise Unfit(Code.WORTH_OUT_OF_RANGE, what, near='"terms"')


def _every(policy: Policy) -> int:
    return (1 << len(policy.issues)) - 1


def _with(old: Mapping[str, str], new: Other) -> Mapping[str, str]:
    """Return undeclared terms with those that an offer names; none takes one back."""
    if not new:
        return old
    return {name: value for name, value in sorted({**old, **new}.items()) if value is not None}


def are_no_worse(valuation: Valuation, one: Terms, other: Terms) -> bool:
    """Return whether terms are on every issue worth at least as much to us as others.

    The selector has no order: of two packages with different values of it none is the better one.
    """
    selector = valuation.selector
    if selector:
        if one[selector] != other[selector]:
            return False
        valuation = valuation.at(one)
    if no_worse is not None and one.__class__ is dict:
        return no_worse(valuation.worths, one, other)
    for issue, value in one.items():
        if value != other[issue] and valuation.change(issue, other[issue], value) < 0:
            return False
    return True


def is_lesser(valuation: Valuation, ours: Terms, theirs: Terms) -> bool:
    """Return whether terms of ours are worth less than theirs, and on no issue more; at one value of the selector."""
    selector = valuation.selector
    if selector:
        if ours[selector] != theirs[selector]:
            return False
        valuation = valuation.at(ours)
    lesser = False
    for issue, value in ours.items():
        if value != theirs[issue]:
            change = valuation.change(issue, theirs[issue], value)
            if change > 0:
                return False
            lesser = lesser or change < 0
    return lesser


def counted(policy: Policy, position: Position, issue: str, value: Value, valuation: Valuation | None = None) -> int:
    """Return what a value of theirs counts over the start value.

    Args:
        valuation: The scales at the value of the selector that it is said with; those of the deal, if left out.

    With `theirs_base: walk` none is counted beyond our walk value, or beyond the start value where there is no walk
    value, so that nothing is earned by coming back from there; with `start` none beyond the start value.
    """
    valuation = valuation or position.valuation
    assert valuation is not None, "nothing counts before worths are known"
    start = position.start[issue]
    worth = valuation.change(issue, start, value)
    if not policy.is_base_bound:
        return worth
    limit = f"walk.{issue}"
    walk = position.known.get(valuation.facts.get(limit, limit)) if policy.is_base_walk else None
    return max(worth, 0 if walk is None else valuation.change(issue, start, walk))


def their_net(policy: Policy, position: Position) -> int:
    """Return T: what their last word is worth over their bases, on the issues they have named."""
    return net_of(policy, position, position.theirs.standing, position.base)


def net_of(policy: Policy, position: Position, last: Terms, base: Terms) -> int:
    """Return what a word of theirs is worth over what they first said, on the issues they have named.

    Both count at their last word's value of the selector, and the selector itself as what it makes of the start terms:
    so a demand that is named for the first time changes nothing, whatever value of the selector came before it.
    """
    valuation = position.valuation
    assert valuation is not None, "nothing counts before worths are known"
    at, is_bound, found = valuation.at(last), policy.is_base_bound, 0
    for issue, first in base.items():
        reached = last[issue]
        if reached == first:
            continue
        if is_bound:
            found += counted(policy, position, issue, reached, at) - counted(policy, position, issue, first, at)
        else:
            found += at.change(issue, first, reached)
    return found


def in_both(policy: Policy, position: Position, terms: Terms) -> tuple[int, int]:
    """Return what they conceded and our terms ask for above the start value: it is one thing, and counts once.

    Returns:
        Of the terms that were cleared last, and of *terms*.
    """
    valuation, start, last, cleared = position.valuation, position.start, position.theirs.standing, position.cleared
    assert valuation is not None, "nothing counts before worths are known"
    if valuation.selector:
        moved = [(issue, base, last[issue]) for issue, base in position.base.items() if last[issue] != base]
        if not moved:
            return 0, 0
        by, selector = valuation.by, valuation.selector
        return (
            _both(policy, position, by[cleared[selector]], cleared, moved),
            _both(policy, position, by[terms[selector]], terms, moved),
        )
    worths, is_bound = valuation.worths, policy.is_base_bound
    before = now = 0
    for issue, base in position.base.items():
        begun, old, new, reached = start[issue], cleared[issue], terms[issue], last[issue]
        if reached == base or (old == begun and new == begun):
            continue
        worth = worths[issue]
        if is_bound:
            high, low = counted(policy, position, issue, reached), counted(policy, position, issue, base)
        elif isinstance(worth, int):
            high, low = worth * (reached - begun), worth * (base - begun)  # type: ignore[operator]
        else:
            none = worth[begun]
            high, low = worth[reached] - none, worth[base] - none
        if low < 0:
            low = 0
        if high <= low:
            continue
        asked = valuation.change(issue, begun, old)
        if asked > low:
            before += (min(high, asked)) - low
        if new != old:
            asked = valuation.change(issue, begun, new)
        if asked > low:
            now += (min(high, asked)) - low
    return before, now


def _both(
    policy: Policy, position: Position, at: Valuation, terms: Terms, moved: Sequence[tuple[str, Value, Value]]
) -> int:
    """Return both(x) of a package, by the scales at its value of the selector, as `in_both`.

    Args:
        moved: The issues on which they moved, with what they first said and their last word.
    """
    start, worths, found, is_bound = position.start, at.worths, 0, policy.is_base_bound
    for issue, base, reached in moved:
        begun, value = start[issue], terms[issue]
        if value == begun:
            continue
        worth = worths[issue]
        is_even = isinstance(worth, int)
        asked = worth * (value - begun) if is_even else worth[value] - worth[begun]  # type: ignore[operator, index]
        if asked <= 0:
            continue
        if is_bound:
            high, low = counted(policy, position, issue, reached, at), counted(policy, position, issue, base, at)
        elif is_even:
            high, low = worth * (reached - begun), worth * (base - begun)  # type: ignore[operator]
        else:
            high, low = worth[reached] - worth[begun], worth[base] - worth[begun]  # type: ignore[index]
        if low < 0:
            low = 0
        high = min(high, asked)
        if high > low:
            found += high - low
    return found


def given(position: Position, terms: Terms, over: Terms) -> int:
    """Return what *terms* give, 0 or more, over other terms of ours."""
    valuation = position.valuation
    assert valuation is not None, "nothing is given before worths are known"
    seen = valuation.between(over, terms)
    return sum(max(0, -seen.change(i, over[i], v)) for i, v in terms.items() if v != over[i])


def signed(position: Position, event: Close) -> tuple[Terms, Mapping[str, str]] | None:
    """Return the terms as signed, whole; none where the event does not say. What it leaves out is as at the start."""
    if event.terms is None:
        return None
    return {**position.start, **event.terms}, _with(_NONE, event.other)


def worth_of(position: Position, package: Terms) -> int:
    """Return what a whole package is worth to us, in units of the deal's valuation, the base included.

    Args:
        position: Of a deal whose worths are known.
        package: Every issue → value.
    """
    valuation = position.valuation
    assert valuation is not None, "no worth before worths are known"
    return valuation.base + valuation.difference(position.start, package)
