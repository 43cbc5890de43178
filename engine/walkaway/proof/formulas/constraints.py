# Over 400 lines: one list of what every deal obeys.
"""What holds of every deal and every event, so that no impossible position is a counterexample: one table.

Each entry is a sentence with its formula. Proofs assume them all; tests hold every one against the positions of random
deals. A position may satisfy all and still be one that no deal reaches: a proof loses nothing by that, and a
counterexample counts only once events have been found that lead to it.
"""

from collections.abc import Callable, Iterator

from walkaway.events import OPENING, OURS, THEIRS, On
from walkaway.language.expr.tree import Const
from walkaway.language.values import Kind, Unit, Value
from walkaway.policy.model import Bounds, Enforcement, Graded, Issue, Package, Policy, Row
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Encoder, Sym, lift_of
from walkaway.proof.formulas.facts import Act, Half, State, Values, of_issues, of_settled
from walkaway.proof.formulas.ledger import is_heard_so, their_net, was_heard_so
from walkaway.proof.formulas.logic import (
    Truth,
    above,
    at_least,
    both,
    choose,
    either,
    equal,
    every,
    implies,
    less,
    no,
    some,
    total,
)
from walkaway.proof.formulas.worths import Across

Constraint = Callable[[Policy, State, Act], Truth]


def of_every_event(policy: Policy, state: State, act: Act) -> Iterator[tuple[str, Truth]]:
    """Return every constraint's sentence with its formula for one event and the deal in which it is judged."""
    for sentence, constraint in CONSTRAINTS:
        yield sentence, constraint(policy, state, act)


def _halves(state: State) -> tuple[Half, Half]:
    return state.ours, state.theirs


def _counts(policy: Policy, state: State, act: Act) -> Truth:
    found = [
        n
        for h in _halves(state)
        for n in (h.offers, h.concessions, h.in_a_row, h.unreturned, h.flat, h.retracted, h.rejections)
    ]
    found += [state.missing, *state.signals.values(), *state.matches.values(), *act.again.values()]
    found += [state.uncleared, state.other_ours, state.other_theirs, act.other]
    return every(at_least(n, 0) for n in found)


def _among_offers(policy: Policy, state: State, act: Act) -> Truth:
    ours, theirs = _halves(state)
    found = []
    for half in (ours, theirs):
        found += [
            at_least(half.offers, half.in_a_row),
            at_least(half.concessions, half.unreturned),
            implies(equal(half.offers, 0), equal(half.retracted, 0)),
            implies(no(half.said_at.known), no(some(half.settled.values()))),
            at_least(half.offers, half.flat),
        ]
    return every(
        (
            *found,
            at_least(total((ours.offers, theirs.offers)), ours.concessions),
            either(equal(ours.flat, 0), above(ours.offers, ours.flat)),
            implies(above(2, theirs.offers), equal(theirs.retracted, 0)),
        )
    )


def _first_of_theirs(policy: Policy, state: State, act: Act) -> Truth:
    theirs = state.theirs
    return both(
        either(equal(theirs.concessions, 0), above(theirs.offers, theirs.concessions)),
        implies(above(2, theirs.offers), equal(theirs.net, 0)),
        implies(equal(theirs.offers, 0), no(some(b.known for b in state.base.values()))),
    )


def _last_give(policy: Policy, state: State, act: Act) -> Truth:
    if state.scales is None:
        return True
    return every(
        both(at_least(h.last_give, 0), logic.same(above(h.last_give, 0), above(h.concessions, 0)))
        for h in _halves(state)
    )


def _answers(policy: Policy, state: State, act: Act) -> Truth:
    ours, theirs = _halves(state)
    return both(
        either(equal(ours.in_a_row, 0), equal(theirs.in_a_row, 0)),
        either(equal(ours.unreturned, 0), equal(theirs.unreturned, 0)),
        implies(above(ours.rejections, 0), above(theirs.offers, 0)),
        implies(above(theirs.rejections, 0), ours.said_at.known),
    )


def _net(policy: Policy, state: State, act: Act) -> Truth:
    if state.scales is None:
        return True
    ours, theirs = _halves(state)
    found = [
        equal(ours.net, total(of_issues(state.cleared_worths).values())),
        equal(theirs.net, their_net(policy, state)),
    ]
    if policy.home:  # what was counted at one rate may be worth something else at another
        return every(found)
    found.append(implies(equal(ours.concessions, 0), at_least(ours.net, 0)))
    if not policy.is_base_walk:  # limits that move during the deal move what counts
        found.append(implies(equal(theirs.concessions, 0), at_least(0, theirs.net)))
    return every(found)


def _nothing_yet(policy: Policy, state: State, act: Act) -> Truth:
    ours, theirs, agreement = state.ours, state.theirs, state.agreement
    found = [implies(h.stands, h.said_at.known) for h in _halves(state)]
    for half in _halves(state):
        begun = every(equal(v, state.start[i]) for i, v in half.standing.items() if i in state.start)
        found.append(implies(no(half.said_at.known), begun))
    clears = either(above(ours.offers, 0), agreement.exists)
    begun = every(equal(v, state.start[i]) for i, v in state.cleared.items() if i in state.start)
    found.append(implies(no(clears), begun))
    if state.scales is not None:
        same = every(equal(w, state.cleared_worths[i]) for i, w in state.run_worths.items())
        found.append(implies(equal(ours.offers, 0), same))
    said = either(above(ours.offers, 0), above(state.uncleared, 0))
    found += [logic.same(ours.said_at.known, said), logic.same(theirs.said_at.known, above(theirs.offers, 0))]
    return every(found)


def _instants(policy: Policy, state: State, act: Act) -> Truth:
    found = [at_least(act.now, state.opened)]
    for half in _halves(state):
        offered, conceded = half.said_at, half.conceded_at
        found += [
            implies(offered.known, both(at_least(act.now, offered.value), at_least(offered.value, state.opened))),
            implies(conceded.known, both(at_least(act.now, conceded.value), at_least(conceded.value, state.opened))),
        ]
        if state.scales is not None:
            found.append(logic.same(conceded.known, above(half.concessions, 0)))
    return every(found)


def _left(policy: Policy, state: State, act: Act) -> Truth:
    some_left = either(state.left_open, state.left_closed)
    return both(
        no(both(state.left_open, state.left_closed)),
        implies(some_left, both(at_least(act.now, state.left_at), at_least(state.left_at, state.opened))),
    )


def _agreed(policy: Policy, state: State, act: Act) -> Truth:
    ours, theirs, agreement = state.ours, state.theirs, state.agreement
    found = [
        implies(sym.known, either(ours.settled.get(i, True), theirs.settled.get(i, True)))
        for i, sym in of_settled(state)
    ]
    found += [
        implies(either(agreement.stands, agreement.cleared), agreement.exists),
        implies(agreement.exists, both(ours.said_at.known, theirs.said_at.known)),
    ]
    return every(found)


def _heard(policy: Policy, state: State, act: Act) -> Truth:
    if not act.terms or state.scales is None:
        return True
    if act.case.heard is On.THEIR_ACCEPTANCE and act.moved is not None:
        return was_heard_so(policy, state, act)
    return is_heard_so(state, act)


def _moved(policy: Policy, state: State, act: Act) -> Truth:
    change = act.moved
    if change is None:
        return True
    return every(at_least(n, 0) for n in (change.gain, change.loss, change.losses))


def _opening(policy: Policy, state: State, act: Act) -> Truth:
    if act.on is not On.OPEN:
        return True
    found = [n for h in _halves(state) for n in (h.offers, h.concessions, h.rejections, h.flat, h.retracted)]
    found += [state.uncleared, *state.signals.values(), *state.matches.values()]
    left = either(state.left_open, state.left_closed)
    return both(
        *(equal(n, 0) for n in found),
        no(left),
        equal(act.now, state.opened),
        no(state.agreement.exists),
        equal(state.other_ours, 0),
        equal(state.other_theirs, 0),
    )


def _can_happen(policy: Policy, state: State, act: Act) -> Truth:
    needs = {On.SIGNAL: policy.signals, On.APPROVAL: policy.roles}
    other = {On.OUR_REJECTION: state.theirs, On.THEIR_REJECTION: state.ours}.get(act.on)
    return both(bool(needs.get(act.on, True)), other.said_at.known if other is not None else True)


def _closing(policy: Policy, state: State, act: Act) -> Truth:
    if act.on is not On.CLOSE:
        return True
    agreement, again = state.agreement, act.case.again
    won, stands = equal(act.outcome.value, 0), agreement.stands
    found = [
        implies(stands, act.agreed),
        implies(act.differs, logic.same(act.agreed, stands)),
        implies(act.agreed, agreement.exists),
    ]
    is_again = both(won, act.agreed, no(act.differs), no(both(agreement.cleared, stands)))
    found.append(is_again if again else no(is_again))
    if again:
        found.append(agreement.is_ours if again == "ours" else no(agreement.is_ours))
    return every(found)


def _approved(policy: Policy, state: State, act: Act) -> Truth:
    approved, lifts = act.lifted.approved, act.lifted.lifts
    found = [
        implies(approved.get(higher, False), approved.get(lower, False))
        for lower, higher in zip(policy.roles, policy.roles[1:], strict=False)
    ]
    for rule in policy.rules:
        lift = lifts.get(lift_of(rule), False)
        if lift is False:
            continue
        by = [approved.get(rule.effect.to, False)] if rule.effect.to else []
        if rule.enforcement is Enforcement.OVERRIDABLE:
            by.append(approved.get(rule.by, False))
        if rule.built_in and policy.roles and rule.id in ("short-of-want", "unvalued"):
            by.append(approved.get(policy.roles[0 if rule.id == "short-of-want" else -1], False))
            if rule.id == "short-of-want":
                found.append(logic.same(lift, by[-1]))
        found.append(implies(lift, some(by)))
    if (not act.terms and not act.case.again) or state.scales is None:
        found += [no(a) for a in (*approved.values(), *lifts.values())]
    return every(found)


def _own_approval(policy: Policy, state: State, act: Act) -> Truth:
    found = (*act.lifted.approved.values(), *act.lifted.lifts.values())
    return implies(some(found), no(act.lifted.is_moot)) if found else True


def _patterns(policy: Policy, state: State, act: Act) -> Truth:
    made = {on: total((state.ours.offers, state.uncleared)) if on in OURS else state.theirs.offers for on in _TERMS}
    words = frozenset((On.OUR_OFFER,)) if act.case.heard == OPENING else act.case.words
    found = []
    for pattern in policy.patterns:
        first, second = pattern.first.on, pattern.second.on
        again = act.again.get(pattern.name, 0)
        found += [
            True if second in words else equal(again, 0),
            implies(above(again, 0), above(made[first], 0)),
            implies(above(state.matches[pattern.name], 0), both(above(made[first], 0), above(made[second], 0))),
        ]
    return every(found)


_TERMS = (*OURS, *THEIRS)


def in_range(value: logic.Number, unit: Unit) -> Truth:
    """Return the truth that a value is one that its unit has."""
    match unit.kind:
        case Kind.CHOICE:
            return both(at_least(value, 0), above(len(unit.choices), value))
        case Kind.YES_NO:
            return either(equal(value, 0), equal(value, 1))
        case Kind.TEXT:
            return at_least(value, 0)
        case _:
            return within(value, unit.span)


def within(value: logic.Number, bounds: Bounds) -> Truth:
    """Return the truth that a value lies within the bounds that a policy gives it: nobody states another."""
    least, most = bounds
    return both(True if least is None else at_least(value, least), True if most is None else at_least(most, value))


def may_name(value: logic.Number, issue: Issue) -> Truth:
    """Return the truth that anybody may name a value for an issue: within its bounds, and listed where values are."""
    inside = within(value, issue.bounds)
    return both(inside, some(equal(value, v) for v in issue.values)) if issue.values else inside


def _ranges(policy: Policy, state: State, act: Act) -> Truth:
    packages: tuple[Values, ...] = (
        state.ours.standing, state.theirs.standing, state.start, state.cleared, state.agreement.terms, act.terms,
        {i: b.value for i, b in state.base.items()},
    )  # fmt: skip
    terms = [in_range(v, policy.issues[i].unit) for package in packages for i, v in package.items()]
    stated = [
        implies(s.known, in_range(s.value, policy.catalog[n].unit))
        for n, s in state.known.items()
        if n in policy.catalog
    ]
    return every(terms + stated)


def _bounds(policy: Policy, state: State, act: Act) -> Truth:
    """Return the truth that what anybody has named lies within its bounds; a start value that is computed need not."""
    packages: tuple[Values, ...] = (
        state.start, state.ours.standing, state.theirs.standing, state.cleared, state.agreement.terms, act.terms,
    )  # fmt: skip
    found = []
    for name, issue in policy.issues.items():
        if issue.bounds == (None, None):
            continue
        is_free = not isinstance(issue.start, int | Const)
        begun = [equal(p[name], state.start[name]) if is_free else False for p in packages if p]
        inside = [may_name(p[name], issue) for p in packages if p]
        found += [either(*pair) for pair in zip(begun, inside, strict=True)]
        firsts = [said[name] for said in (state.base, state.ours.first, state.theirs.first) if name in said]
        found += [implies(first.known, may_name(first.value, issue)) for first in firsts]
    for fact in policy.deal.values():
        stated = state.known[f"deal.{fact.name}"]
        found.append(implies(stated.known, within(stated.value, fact.bounds)))
    return every(found)


def _rows(policy: Policy, state: State, codes: Codes, day: logic.Number) -> Iterator[Truth]:
    """Return the truth that every table's cell is that of the row which the deal's facts and its day choose."""
    for lookup in policy.lookups:
        table, cell = policy.tables[lookup.table], state.known[lookup.name]
        keys = [state.known[k] for k in lookup.keys]
        hits = [row_hits(row, table.key_units, keys, codes, day) for row in table.rows]
        newest = sorted(range(len(hits)), key=lambda i: -(table.rows[i].since or -(10**9)))
        value: logic.Number = cell.value
        unit = table.columns[lookup.column]
        for i in reversed(newest):
            value = choose(hits[i], codes.code(table.rows[i].cells[lookup.column], unit), value)
        yield logic.same(cell.known, both(*(k.known for k in keys), some(hits)))
        yield implies(cell.known, equal(cell.value, value))


def row_hits(row: Row, units: tuple[Unit, ...], keys: list[Sym], codes: Codes, day: logic.Number) -> Truth:
    found = [at_least(day, row.since) if row.since is not None else True]
    for test, unit, key in zip(row.keys, units, keys, strict=True):
        if isinstance(test, tuple):
            low, high = test
            found.append(True if low is None else at_least(key.value, low))
            found.append(True if high is None else at_least(high, key.value))
        elif test is not None:
            found.append(equal(key.value, codes.code(test, unit)))
    return every(found)


def of_opening(policy: Policy, state: State, reader: Encoder, day: logic.Number) -> Iterator[tuple[str, Truth]]:
    """Return what holds of a deal's stated facts and limits.

    Args:
        reader: Reads numbers over the stated facts.
        day: The day it opened, days since 1970.
    """
    first, last = policy.effective
    yield (
        "a deal opens while its policy is in force",
        both(True if first is None else at_least(day, first), True if last is None else at_least(last, day)),
    )
    yield (
        "a fact with a default is always known",
        every(state.known[f"deal.{d.name}"].known for d in policy.deal.values() if d.default is not None),
    )
    yield "a table's cell is that of the row which matches", every(_rows(policy, state, reader.codes, day))
    lacking = logic.count(_missing(policy, state))
    limited: list[Issue | Package] = [policy.package, *policy.issues.values()]
    unsure = [n for n in limited if n.per_deal and n.walk is not None]
    yield (
        "a deal lacks the facts, rows and walk values that it should have and nobody has stated",
        both(at_least(state.missing, lacking), at_least(total((lacking, len(unsure))), state.missing)),
    )
    if policy.roles:  # the highest may allow it
        return
    for fact, threshold, name, value in policy.limit_facts:
        if threshold != "walk":
            continue
        issue = policy.issues.get(name)
        if issue is not None:
            at = issue if value is None else issue.by[value]
            yield f"no deal loosens the walk value of {name}", _tighter(policy, state, reader, at, fact, value)
            continue
        walk, own = state.known[fact], (policy.package if value is None else policy.package.by[value]).walk
        if own is not None:
            enough = at_least(walk.value, logic.times(policy.money.scale, reader.amount(own)))
            yield "no deal loosens the walk value of the package", implies(both(walk.known, reader.known(own)), enough)


def _missing(policy: Policy, state: State) -> Iterator[Truth]:
    """Return for everything that a deal should have that it lacks it.

    Where each deal should bring a walk value and the policy has one as well, it may lack its own unseen.
    """
    for fact in policy.deal.values():
        if not fact.optional:
            yield no(state.known[f"deal.{fact.name}"].known)
    for lookup in policy.lookups:
        yield both(*(state.known[k].known for k in lookup.keys), no(state.known[lookup.name].known))
    for held, threshold, name, value in policy.limit_facts:
        limited = policy.issues.get(name, policy.package)
        limited = limited if value is None else limited.by[value]
        if threshold == "walk" and (limited.per_deal or limited.walk is not None):
            yield no(state.known[held].known)


def _tighter(policy: Policy, state: State, reader: Encoder, issue: Issue, fact: str, case: Value | None) -> Truth:
    walk, own = state.known[fact], issue.walk
    if own is None:
        return True
    if not isinstance(own, int | str):
        bound = logic.times(issue.unit.scale, reader.amount(own))
        ahead = logic.times(issue.better or 1, less(walk.value, bound))
        return implies(both(walk.known, reader.known(own)), at_least(ahead, 0)) if issue.better else True
    code = reader.codes.code(own, issue.unit)
    if issue.better:
        return implies(walk.known, at_least(logic.times(issue.better, less(walk.value, code)), 0))
    if state.scales is None or not isinstance(issue.worth, Graded):
        return True
    scales = state.scales
    if case is not None and isinstance(scales, Across):
        at = reader.codes.code(case, policy.issues[policy.selector].unit)
        worths = [scales.worth_at(issue.name, value, at) for value in (walk.value, code)]
    else:
        worths = [scales.worth(issue.name, value) for value in (walk.value, code)]
    return implies(walk.known, at_least(*worths))


def _owed(policy: Policy, state: State, act: Act) -> Truth:
    """Return the truth that what is owed is counted, is owed until it is due, and is overdue from then on."""
    free, found = state.free, []
    owed, late = ([free.get(f"owed.{what}.{n}", UNKNOWN).value for n in policy.owed] for what in ("open", "late"))
    for name, is_owed, is_late in zip(policy.owed, owed, late, strict=True):
        left = free.get(f"owed.days_left.{name}", UNKNOWN)
        found += [
            logic.same(equal(is_owed, 1), left.known),
            logic.same(equal(is_late, 1), both(left.known, above(0, left.value))),
        ]
    for what, each in (("open", owed), ("late", late)):
        found.append(equal(free.get(f"owed.{what}", UNKNOWN).value, total(each)))
    return every(found) if policy.owed else True


CONSTRAINTS: tuple[tuple[str, Constraint], ...] = (
    ("no count is negative", _counts),
    ("concessions, offers in a row and the like are among a party's offers", _among_offers),
    ("their first offer sets the base, and concedes nothing", _first_of_theirs),
    ("a concession gave something", _last_give),
    ("an offer of one party ends what the other made in a row", _answers),
    ("the nets are what was cleared, and their last word over their first", _net),
    ("who has said nothing stands at the start terms, and what nobody let through is not cleared", _nothing_yet),
    ("nothing lies before the opening, and what was conceded was offered", _instants),
    ("we left by one door, after the opening", _left),
    ("what was agreed on was accepted", _agreed),
    ("what takes the other side's word is heard as an acceptance", _heard),
    ("a move is no less than nothing", _moved),
    ("nothing has happened before the opening", _opening),
    ("who reports conduct names one of the signals, and who rejects has an offer", _can_happen),
    ("a close is of what was agreed, or is not", _closing),
    ("who may approve more may approve less, and only terms are approved", _approved),
    ("no approval counts for terms that its approver, or nobody known, moved", _own_approval),
    ("a pattern matches its second event, after its first", _patterns),
    ("every value is one that its unit has", _ranges),
    ("nobody names or states a value beyond its least and its most", _bounds),
    ("what is owed is counted, and is overdue once it is due no more", _owed),
)
"""Sentence and formula of all that holds of every event."""
