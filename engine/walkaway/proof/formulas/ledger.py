# Over 400 lines: the ledger of docs/calculus.md, written a second time as formulas.
"""The transition of the ledger as formulas: what an event is heard as, and the deal after it.

A second implementation of what `deal.ledger` and `deal.fold` do; tests compare both on random deals, and the engine
decides every deal that is found.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway.events import LESSER, OPENING, On
from walkaway.policy.model import Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import UNKNOWN, Sym
from walkaway.proof.formulas.facts import (
    Act,
    Agreed,
    Case,
    Facts,
    Half,
    Moved,
    Named,
    State,
    Values,
    are_equal,
    changes,
    counts,
    is_lesser,
    is_no_worse,
    issue_of,
    of_issues,
    seen,
    worths_of,
)
from walkaway.proof.formulas.logic import Number, Truth, above, both, choose, either, equal, implies, no, total
from walkaway.proof.formulas.worths import Across, KnownWorths, selector_in

TAKING = Case(On.OUR_ACCEPTANCE, agrees=True)
replace = msgspec.structs.replace


class Step(msgspec.Struct, frozen=True):
    """One event before the one judged.

    Attributes:
        kind: Its place in `STEPS`.
        offered: The terms it would offer; `names` which of these it names.
        signal: Kind of conduct → that it is confirmed.
        role: In which role we say it, where it is ours.
    """

    kind: Number
    offered: Values
    names: Named
    signal: Named
    now: Number
    role: Sym = UNKNOWN


class Moment(msgspec.Struct, frozen=True):
    """A deal between two events: its state, and what the state does not hold.

    Attributes:
        left: 0 where nobody has left, 1 by the open door, 2 by the closed one; `moved` that they have since.
        first: Pattern → earlier events that may be its first leg: that each is, with its terms and their worths.
    """

    state: State
    left: Number
    moved: Truth
    first: Mapping[str, tuple[tuple[Truth, Values, Values], ...]]
    now: Number


def their_terms(state: State, offered: Values, names: Named) -> Values:
    """Return the whole package of an offer of theirs, as `ledger.what_they_say`.

    What they never named counts as the worse for us of the start value and what we had said; at a tie, as what we said.
    """
    said, worths, scales = state.ours.standing, state.ours.worths, state.scales
    if isinstance(scales, Across):
        return _completed(state, scales, offered, names)
    return {
        i: choose(
            names[i],
            offered[i],
            choose(
                state.base[i].known,
                state.theirs.standing[i],
                choose(above(worths[i], 0), state.start[i], said[i]),
            ),
        )
        for i in offered
    }


def _completed(state: State, scales: Across, offered: Values, names: Named) -> Values:
    """Return the whole package of an offer of theirs, where worths hang on the selector, as `ledger.completed`."""
    said, start, theirs, selector = state.ours.standing, state.start, state.theirs.standing, scales.selector

    def whole(chosen: Number) -> Values:
        found = {selector: chosen}
        for issue, value in said.items():
            if issue != selector:
                worth = seen(state.ours.worths, issue, {(selector, None): chosen})
                unnamed = choose(above(worth, 0), start[issue], value)
                kept = choose(state.base[issue].known, theirs[issue], unnamed)
                found[issue] = choose(names[issue], offered[issue], kept)
        return {issue: found[issue] for issue in offered}

    known = either(names[selector], state.base[selector].known)
    named = whole(choose(names[selector], offered[selector], theirs[selector]))
    as_said, as_begun = whole(said[selector]), whole(start[selector])
    sums = [total(of_issues(worths_of(scales, terms)).values()) for terms in (as_said, as_begun)]
    better = above(*sums)
    return {i: choose(known, named[i], choose(better, as_begun[i], as_said[i])) for i in offered}


def moved(policy: Policy, state: State, worths: Values, stating: Named) -> Moved:
    """Return what terms of theirs change against their last word.

    Args:
        worths: Of the whole package.
    """
    gains, losses, backs, new = [], [], [], []
    selector = selector_in(worths)
    for issue, worth in of_issues(worths).items():
        before, last = state.base[issue].known, seen(state.theirs.worths, issue, worths)
        again = both(stating[issue], before)
        new.append(choose(both(stating[issue], no(before)), worth, 0))
        if selector is not None and issue == selector[0]:
            backs.append(both(again, above(0, changes(worths, state.theirs.worths)[issue])))
            continue
        change = logic.less(counts(policy, state, issue, worth, worths), counts(policy, state, issue, last, worths))
        gains.append(choose(again, logic.no_less_than_0(change), 0))
        losses.append(choose(again, logic.no_less_than_0(logic.times(-1, change)), 0))
        backs.append(both(again, above(last, worth)))
    if selector is not None:
        base = {key: Sym(either(s.known, stating[key]), 0) for key, s in state.base.items()}
        first = {k: choose(state.base[issue_of(k)].known, state.base_worths[k], w) for k, w in worths.items()}
        rest = logic.less(net_of(policy, state, base, worths, first), total((state.theirs.net, *gains)))
        rest = total((rest, *losses))
        gains.append(logic.no_less_than_0(rest))
        losses.append(logic.no_less_than_0(logic.times(-1, rest)))
    return Moved(
        gain=total(gains),
        loss=total(losses),
        losses=logic.count(backs),
        new=total(new),
        names=logic.some(both(stating[i], no(state.base[i].known)) for i in stating if i in policy.own_issues),
        stating=stating,
        first=equal(state.theirs.offers, 0),
    )


def their_net(policy: Policy, state: State) -> Number:
    """Return what their last word is worth over their first, on the issues they have named."""
    return net_of(policy, state, state.base, state.theirs.worths, state.base_worths)


def net_of(policy: Policy, state: State, base: Mapping[str, Sym], last: Values, first: Values) -> Number:
    """Return what a word of theirs is worth over what they first said, as `ledger.net_of`.

    Args:
        base: Issue → that they have named it; *last* and *first* what they said of all is worth.
    """
    found = []
    for issue, named in base.items():
        now = counts(policy, state, issue, last[issue], last)
        begun = counts(policy, state, issue, seen(first, issue, last), last)
        found.append(choose(named.known, logic.less(now, begun), 0))
    return total(found)


def is_heard_so(state: State, act: Act) -> Truth:
    """Return the truth that terms are heard as their case says, where the deal is as before they were said.

    An acceptance of theirs is judged in the deal in which it has been counted; of that `was_heard_so` speaks.
    """
    ours, theirs, terms, case = state.ours, state.theirs, act.terms, act.case
    if state.scales is None or case.heard == OPENING:
        return True
    match case.heard:
        case On.OUR_OFFER:
            same_other = both(equal(act.other, 0), equal(state.other_theirs, 0))
            same = both(are_equal(terms, theirs.standing), same_other)
            return implies(theirs.stands, no(either(same, is_lesser(act.worths, theirs.worths))))
        case On.OUR_ACCEPTANCE:
            said = either(theirs.several, are_equal(terms, theirs.standing))
            return both(theirs.stands, said, equal(act.other, state.other_theirs))
        case On.THEIR_OFFER:
            better = is_no_worse(terms, act.worths, ours.standing, ours.worths)
            return implies(both(ours.stands, no(act.is_choice)), no(better))
        case heard if heard == LESSER:
            return both(theirs.stands, is_lesser(act.worths, theirs.worths))
        case _:
            return True


def was_heard_so(policy: Policy, state: State, act: Act) -> Truth:
    """Return what holds of a deal in which their acceptance, or an offer that takes our word, has been counted."""
    ours, theirs, change = state.ours, state.theirs, act.moved
    assert change is not None
    found = [
        are_equal(act.terms, theirs.standing),
        theirs.stands,
        ours.stands,
        no(theirs.rejected),
        above(theirs.offers, 0),
        equal(ours.in_a_row, 0),
        equal(act.other, state.other_theirs),
        no(state.left_open) if act.case.agrees else True,
        implies(above(change.value, 0), both(equal(ours.unreturned, 0), equal(theirs.flat, 0))),
        theirs.said_at.known,
        equal(theirs.said_at.value, act.now),
    ]
    if state.scales is not None:
        begun = logic.every(equal(w, state.cleared_worths[i]) for i, w in state.run_worths.items())
        found.append(implies(_takes_cleared(state, act), begun))
        if not act.case.agrees:
            found.append(either(ours.several, is_no_worse(act.terms, act.worths, ours.standing, ours.worths)))
    if act.case.agrees:
        found += [either(ours.several, are_equal(act.terms, ours.standing)), *(b.known for b in state.base.values())]
        found.append(equal(act.other, state.other_ours))
    return logic.every(found)


def counted(state: State, act: Act) -> State:
    """Return the deal once an offer or an acceptance of theirs has been counted, as `fold.counted`."""
    ours, theirs, change = state.ours, state.theirs, act.moved
    assert change is not None
    case, value, first = act.case, change.value, change.first
    conceded = above(value, 0) if state.scales is not None else False
    one, agrees = choose(conceded, 1, 0), case.agrees
    rejects = False if case.heard is On.THEIR_ACCEPTANCE else no(either(ours.rejected, _would_take(state, act)))
    flat = choose(change.names, theirs.flat, total((theirs.flat, 1)))
    theirs = Half(
        standing=act.terms,
        worths=act.worths,
        named=_either_named(act, theirs),
        first=_first(theirs.first, act.terms, change.stating),
        stated=_with(theirs.stated, change.stating),
        settled=_with(theirs.settled, act.taken),
        stands=True,
        rejected=False,
        offers=total((theirs.offers, 1)),
        concessions=total((theirs.concessions, one)),
        net=total((theirs.net, value)),
        last_give=choose(conceded, value, theirs.last_give),
        in_a_row=theirs.in_a_row if agrees else total((theirs.in_a_row, 1)),
        unreturned=total((theirs.unreturned, one)),
        flat=choose(conceded, 0, flat),
        retracted=total((theirs.retracted, change.losses)),
        rejections=total((theirs.rejections, choose(rejects, 1, 0))),
        said_at=Sym(True, act.now),
        conceded_at=_latest(conceded, act.now, theirs.conceded_at),
    )
    ours = replace(
        ours,
        in_a_row=0,
        rejected=either(rejects, ours.rejected),
        unreturned=choose(conceded, 0, ours.unreturned),
    )
    base = _first(state.base, act.terms, change.stating)
    return replace(
        state,
        ours=ours,
        theirs=theirs,
        base=base,
        base_worths={i: choose(state.base[issue_of(i)].known, state.base_worths[i], w) for i, w in act.worths.items()},
        run_worths=_run(state, act),
        left_open=both(state.left_open, no(either(conceded, agrees, first))),
        agreement=state.agreement if agrees else _replaced(state.agreement, act),
        settled=_settled(state.settled, act, act.taken),
        matches={n: total((m, act.again.get(n, 0))) for n, m in state.matches.items()},
        other_theirs=act.other,
    )


def taking(state: State, act: Act) -> Act:
    """Return our acceptance of what they last said.

    Args:
        state: Once their offer has been counted.
        act: That offer.
    """
    theirs = state.theirs
    return Act(
        case=TAKING,
        terms=theirs.standing,
        worths=theirs.worths,
        named=theirs.named,
        stating=dict.fromkeys(theirs.standing, True),
        lifted=act.lifted,
        other=state.other_theirs,
        now=act.now,
    )


def said(policy: Policy, state: State, act: Act, clears: Truth) -> State:
    """Return the deal after an offer or an acceptance of ours, as `fold._said`.

    Args:
        clears: That it was let through.
    """
    facts = Facts(policy, state, act)
    ours, theirs, agrees, every_one = state.ours, state.theirs, act.case.agrees, dict.fromkeys(act.terms, True)
    taken = every_one if agrees else act.taken
    given = logic.less(facts.loss, facts.gain)
    conceded = above(given, 0)
    one = choose(conceded, 1, 0)
    rejects = False if agrees else no(theirs.rejected)
    moves = dict(zip(of_issues(act.worths), facts.changes, strict=True))
    backs = (both(ours.stated[i], act.stating[i], above(d, 0)) for i, d in moves.items())
    heard = replace(
        ours,
        standing=act.terms,
        worths=act.worths,
        first=_first(ours.first, act.terms, act.stating),
        settled=_with(ours.settled, taken),
        stands=True,
        several=False,
        rejected=False,
        said_at=Sym(True, act.now),
    )
    cleared = replace(
        heard,
        stated=_with(ours.stated, act.stating),
        offers=total((ours.offers, 1)),
        concessions=total((ours.concessions, one)),
        net=total(of_issues(act.worths).values()),
        last_give=choose(conceded, given, ours.last_give),
        in_a_row=ours.in_a_row if agrees else total((ours.in_a_row, 1)),
        unreturned=total((ours.unreturned, one)),
        flat=choose(either(conceded, facts.is_first), 0, total((ours.flat, 1))),
        retracted=total((ours.retracted, logic.count(backs))),
        rejections=total((ours.rejections, choose(rejects, 1, 0))),
        conceded_at=_latest(conceded, act.now, ours.conceded_at),
    )
    answered = replace(
        theirs,
        in_a_row=0,
        unreturned=choose(conceded, 0, theirs.unreturned),
        rejected=either(rejects, theirs.rejected),
    )
    common = {
        "agreement": _taken(state, act, clears, is_ours=True) if agrees else _replaced(state.agreement, act),
        "settled": _settled(state.settled, act, taken),
        "matches": {n: total((m, act.again.get(n, 0))) for n, m in state.matches.items()},
        "other_ours": act.other,
    }
    not_let = replace(state, ours=heard, uncleared=total((state.uncleared, 1)), **common)
    let = replace(state, ours=cleared, theirs=answered, cleared=act.terms, cleared_worths=act.worths, **common)
    found: State = one_of(clears, let, not_let)
    return found


def agreed(policy: Policy, state: State, act: Act, clears: Truth) -> State:
    """Return the deal after what takes our word, as `fold._agreed`.

    Args:
        state: Once it has been counted.
        clears: That it was let through.
    """
    facts = Facts(policy, state, act)
    given = logic.less(facts.loss, facts.gain)
    conceded = both(clears, above(given, 0))
    one = choose(conceded, 1, 0)
    every_one = dict.fromkeys(act.terms, True)
    ours, theirs = state.ours, state.theirs
    let = replace(
        state,
        ours=replace(
            ours,
            concessions=total((ours.concessions, one)),
            unreturned=total((ours.unreturned, one)),
            last_give=choose(conceded, given, ours.last_give),
            conceded_at=_latest(conceded, act.now, ours.conceded_at),
            net=total(of_issues(act.worths).values()),
            stated=_with(ours.stated, {i: f.known for i, f in ours.first.items()}),
        ),
        theirs=replace(theirs, unreturned=choose(conceded, 0, theirs.unreturned)),
        cleared=act.terms,
        cleared_worths=act.worths,
        run_worths=act.worths,
    )
    found: State = one_of(clears, let, state)
    return replace(
        found,
        theirs=replace(found.theirs, settled=_with(found.theirs.settled, every_one)),
        agreement=_taken(state, act, clears, is_ours=False),
        settled=_settled(state.settled, act, every_one),
    )


def _run(state: State, act: Act) -> Values:
    """Return what a run begins with: what takes a word of ours that was not let through begins none anew."""
    if act.case.heard is not On.THEIR_ACCEPTANCE:
        return state.cleared_worths
    cleared = _takes_cleared(state, act)
    return {i: choose(cleared, w, state.run_worths[i]) for i, w in state.cleared_worths.items()}


def _takes_cleared(state: State, act: Act) -> Truth:
    """Return the truth that our word which their terms take was let through, as `said._takes_uncleared` has it."""
    ours, cleared = state.ours, state.cleared
    return choose(ours.several, are_equal(act.terms, cleared), are_equal(ours.standing, cleared))


def _would_take(state: State, act: Act) -> Truth:
    """Return the truth that terms of theirs take what we said, though it stands no longer, as `fold._would_take`."""
    ours = state.ours
    if state.scales is None:
        return False
    return both(no(ours.stands), is_no_worse(act.terms, act.worths, ours.standing, ours.worths))


def rejected(state: State, *, by_us: bool) -> State:
    """Return the deal after a rejection, as `fold._rejected`."""
    mine, other = (state.ours, state.theirs) if by_us else (state.theirs, state.ours)
    mine = replace(mine, rejections=total((mine.rejections, choose(other.rejected, 0, 1))))
    other = replace(other, in_a_row=0, rejected=True)
    return replace(
        state,
        ours=mine if by_us else other,
        theirs=other if by_us else mine,
        run_worths=state.run_worths if by_us else state.cleared_worths,
        agreement=replace(state.agreement, stands=False),
    )


def _either_named(act: Act, theirs: Half) -> Named:
    return {i: either(n, act.named.get(i, True)) for i, n in theirs.named.items()}


def _with(was: Named, more: Named) -> Named:
    return {i: either(w, more.get(i, False)) for i, w in was.items()}


def _first(was: Mapping[str, Sym], terms: Values, stating: Named) -> Mapping[str, Sym]:
    return {
        i: Sym(either(s.known, stating.get(i, False)), choose(s.known, s.value, terms.get(i, s.value)))
        for i, s in was.items()
    }


def _latest(happened: Truth, now: Number, was: Sym) -> Sym:
    return Sym(either(happened, was.known), choose(happened, now, was.value))


def _settled(was: Mapping[str, Sym], act: Act, taken: Named) -> Mapping[str, Sym]:
    if not act.worths:
        return was
    return {
        i: Sym(
            either(s.known, taken.get(issue_of(i), False)),
            choose(taken.get(issue_of(i), False), act.worths[i], s.value),
        )
        for i, s in was.items()
    }


def _replaced(old: Agreed, act: Act) -> Agreed:
    """Return the agreement, ended where an offer names other terms."""
    return replace(old, stands=both(old.stands, are_equal(act.terms, old.terms), act.same_other))


def _taken(state: State, act: Act, clears: Truth, *, is_ours: bool) -> Agreed:
    return Agreed(terms=act.terms, worths=act.worths, exists=True, stands=True, cleared=clears, is_ours=is_ours)


def merged(after: list[tuple[Truth, Moment]]) -> Moment:
    """Return the moment that goes with the kind of event the solver chose."""
    found = after[-1][1]
    for is_kind, moment in after[-2::-1]:
        found = one_of(is_kind, moment, found)
    return found


def one_of(when: Truth, then: Any, otherwise: Any) -> Any:
    """Return *then* where a truth holds and *otherwise* elsewhere, field by field."""
    if then is otherwise:
        return then
    if isinstance(when, bool):
        return then if when else otherwise
    if isinstance(then, msgspec.Struct):
        fields = {n: one_of(when, getattr(then, n), getattr(otherwise, n)) for n in then.__struct_fields__}
        return type(then)(**fields)
    if isinstance(then, dict):
        shared = then.keys() == otherwise.keys()
        return {k: one_of(when, then[k], otherwise[k]) for k in then} if shared else then or otherwise
    if isinstance(then, tuple):
        return tuple(one_of(when, a, b) for a, b in zip(then, otherwise, strict=True))
    if isinstance(then, KnownWorths | Across):
        return then
    if isinstance(then, bool) and isinstance(otherwise, bool) and then == otherwise:
        return then
    return choose(when, then, otherwise)


def opening_of(policy: Policy, scales: Any, start: Values) -> tuple[Half, Agreed]:
    """Return a half of the ledger in which nothing has been said, and that nothing is agreed."""
    worths = worths_of(scales, start)
    nothing = {i: Sym(False, v) for i, v in start.items()}
    none = dict.fromkeys(start, False)
    own = {i: n for i, n in none.items() if i in policy.own_issues}
    return (
        Half(standing=start, worths=worths, first=nothing, stated=none, settled=own),
        Agreed(terms=start, worths=worths),
    )
