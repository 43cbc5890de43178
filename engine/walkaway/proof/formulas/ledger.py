"""The transition of the ledger as formulas: both halves after an event, and what the state itself does not hold.

A second implementation of what `deal.ledger` and `deal.fold` do at moves; the engine decides every deal that is found.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway.events import OURS, On
from walkaway.policy.model import Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import Sym
from walkaway.proof.formulas.facts import Facts, Half, State, Values
from walkaway.proof.formulas.logic import Number, Truth, above, both, choose, either, no, total
from walkaway.proof.formulas.worths import Fixed


class Step(msgspec.Struct, frozen=True):
    """One event before the one judged.

    Attributes:
        kind: Its place in `STEPS`.
        offered: The terms it would offer; `changed` which of these differ from the standing ones.
        signal: Kind of conduct → that it is confirmed.
    """

    kind: Number
    offered: Values
    changed: Mapping[str, Mapping[str, Truth]]
    signal: Mapping[str, Truth]
    now: Number


class Moment(msgspec.Struct, frozen=True):
    """A deal between two events: its state, and what the state does not hold.

    Attributes:
        stated: Side → issue → that the party has named it.
        left: 0 where nobody has left, 1 by the open door, 2 by the closed one; `moved` that they have since.
        first: Pattern → earlier events that may be its first leg: that each is, with its terms and their worths.
    """

    state: State
    stated: Mapping[str, Mapping[str, Truth]]
    left: Number
    moved: Truth
    first: Mapping[str, tuple[tuple[Truth, Values, Values], ...]]
    now: Number


def moved(facts: Facts, maker: Half, stated: Mapping[str, Truth], policy: Policy) -> tuple[Half, Truth]:
    """Return a party's half of the ledger after its move, and that it conceded; as `position` has it."""
    act, loss, first = facts.act, facts.loss, facts.is_first
    if act.on in OURS:
        given, net, conceded = loss, facts.total, above(loss, 0)
        back = logic.count(both(stated[i], above(d, 0)) for i, d in zip(act.terms, facts.changes, strict=True))
    else:
        net = choose(first, 0, facts.total)
        given, conceded = logic.no_less_than_0(net), above(net, 0)
        back = logic.count(above(0, d) for d in facts.changes)
    accepts = act.on in (On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE)
    one = choose(conceded, 1, 0)
    half = Half(
        standing=act.terms,
        worths=act.worths,
        offers=total((maker.offers, 1)),
        concessions=total((maker.concessions, one)),
        net=total((maker.net, net)),
        last_give=given,
        in_a_row=total((maker.in_a_row, 1)),
        unreturned=total((maker.unreturned, one)),
        flat=choose(either(conceded, first), 0, total((maker.flat, 1))),
        retracted=total((maker.retracted, choose(first, 0, back))),
        rejections=maker.rejections,
        settled=len(policy.issues) if accepts else maker.settled,
        offered_at=Sym(True, act.now),
        conceded_at=Sym(either(conceded, maker.conceded_at.known), choose(conceded, act.now, maker.conceded_at.value)),
    )
    return half, conceded


def answered(other: Half, conceded: Truth) -> Half:
    unreturned = choose(conceded, 0, other.unreturned)
    return msgspec.structs.replace(other, in_a_row=0, unreturned=unreturned)


def is_named(issue: str, accepts: bool, changed: Mapping[str, Truth], was: Truth) -> Truth:
    """Return the truth that a party has named an issue: an event names what it changes, or else its first issue."""
    if accepts:
        return True
    first = next(iter(changed))
    nothing = no(logic.some(changed.values())) if issue == first else False
    return either(was, changed[issue], nothing)


def merged(after: list[tuple[Truth, Moment]]) -> Moment:
    """Return the moment that goes with the kind of event the solver chose."""
    found = after[-1][1]
    for is_kind, moment in after[-2::-1]:
        found = _either(is_kind, moment, found)
    return found


def _either(when: Truth, then: Any, otherwise: Any) -> Any:
    """Return *one* where a truth holds and *other* elsewhere, field by field."""
    if then is otherwise:
        return then
    if isinstance(then, msgspec.Struct):
        fields = {n: _either(when, getattr(then, n), getattr(otherwise, n)) for n in then.__struct_fields__}
        return type(then)(**fields)
    if isinstance(then, dict):
        shared = then.keys() == otherwise.keys()
        return {k: _either(when, then[k], otherwise[k]) for k in then} if shared else then or otherwise
    if isinstance(then, tuple):
        return tuple(_either(when, a, b) for a, b in zip(then, otherwise, strict=True))
    if isinstance(then, Fixed):
        return then
    if isinstance(then, bool) and isinstance(otherwise, bool) and then == otherwise:
        return then
    return choose(when, then, otherwise)
