"""What holds of every deal and every event, so that no impossible position is a counterexample: one table.

Each entry is a sentence with its formula. Proofs assume them all; tests hold every one against the positions of random
deals. A position may satisfy all and still be one that no deal reaches: a proof loses nothing by that, and a
counterexample counts only once events have been found that lead to it.
"""

from collections.abc import Callable, Iterator

from walkaway.events import OURS, THEIRS, Door, On, Verdict
from walkaway.language.expr.linear import AnyTest, Monomial, Test
from walkaway.language.expr.tree import Op
from walkaway.language.values import LIMIT, Kind, Unit
from walkaway.policy.model import Enforcement, Graded, Issue, Package, Policy, Row, Rule
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import Codes, Reader, Sym
from walkaway.proof.formulas.facts import Act, Half, State, Values
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

Constraint = Callable[[Policy, State, Act], Truth]


def of_every_event(policy: Policy, state: State, act: Act) -> Iterator[tuple[str, Truth]]:
    """Return every constraint's sentence with its formula for one deal and event."""
    for sentence, constraint in CONSTRAINTS:
        yield sentence, constraint(policy, state, act)


def _halves(state: State) -> tuple[Half, Half]:
    return state.ours, state.theirs


def _counts(policy: Policy, state: State, act: Act) -> Truth:
    counts = [
        n
        for h in _halves(state)
        for n in (h.offers, h.concessions, h.in_a_row, h.unreturned, h.flat, h.retracted, h.rejections, h.settled)
    ]
    counts += [state.missing, *state.signals.values(), *state.matches.values(), *act.again.values()]
    return every(at_least(n, 0) for n in counts)


def _among_offers(policy: Policy, state: State, act: Act) -> Truth:
    return every(
        both(
            at_least(h.offers, h.concessions),
            at_least(h.offers, h.in_a_row),
            at_least(h.concessions, h.unreturned),
            either(equal(h.flat, 0), above(h.offers, h.flat)),
            implies(above(2, h.offers), equal(h.retracted, 0)),
            implies(equal(h.offers, 0), equal(h.settled, 0)),
            at_least(len(policy.issues), h.settled),
        )
        for h in _halves(state)
    )


def _first_of_theirs(policy: Policy, state: State, act: Act) -> Truth:
    theirs = state.theirs
    return both(
        either(equal(theirs.concessions, 0), above(theirs.offers, theirs.concessions)),
        implies(above(2, theirs.offers), equal(theirs.net, 0)),
    )


def _last_give(policy: Policy, state: State, act: Act) -> Truth:
    return every(
        both(
            at_least(h.last_give, 0),
            implies(above(h.last_give, 0), both(above(h.concessions, 0), equal(h.flat, 0))),
            implies(above(h.flat, 0), equal(h.last_give, 0)),
        )
        for h in _halves(state)
    )


def _answers(policy: Policy, state: State, act: Act) -> Truth:
    ours, theirs = _halves(state)
    return both(
        either(equal(ours.in_a_row, 0), equal(theirs.in_a_row, 0)),
        either(equal(ours.unreturned, 0), equal(theirs.unreturned, 0)),
        implies(
            both(above(total((ours.offers, theirs.offers)), 0), equal(total((ours.rejections, theirs.rejections)), 0)),
            above(total((ours.in_a_row, theirs.in_a_row)), 0),
        ),
        implies(above(ours.rejections, 0), above(theirs.offers, 0)),
    )


def _net(policy: Policy, state: State, act: Act) -> Truth:
    ours, theirs = _halves(state)
    found = [implies(equal(theirs.concessions, 0), at_least(0, theirs.net))]
    if state.scales is not None:
        gained = less(total(ours.worths.values()), total(state.start_worths.values()))
        found += [equal(ours.net, gained), implies(equal(ours.concessions, 0), at_least(ours.net, 0))]
    return every(found)


def _no_offer_yet(policy: Policy, state: State, act: Act) -> Truth:
    return every(
        implies(equal(h.offers, 0), every(equal(v, state.start[i]) for i, v in h.standing.items() if i in state.start))
        for h in _halves(state)
    )


def _instants(policy: Policy, state: State, act: Act) -> Truth:
    found = [at_least(act.now, state.opened)]
    for half in _halves(state):
        offered, conceded = half.offered_at, half.conceded_at
        found += [
            logic.same(offered.known, above(half.offers, 0)),
            logic.same(conceded.known, above(half.concessions, 0)),
            implies(offered.known, both(at_least(act.now, offered.value), at_least(offered.value, state.opened))),
            implies(
                conceded.known, both(at_least(offered.value, conceded.value), at_least(conceded.value, state.opened))
            ),
        ]
    return every(found)


def _left(policy: Policy, state: State, act: Act) -> Truth:
    walking = [r for r in policy.rules if r.decides and r.effect.verdict is Verdict.WALK]
    fired = {
        door: some(_has_fired(r, state) for r in walking if r.effect.door is door) for door in (Door.OPEN, Door.CLOSED)
    }
    some_left = either(state.left_open, state.left_closed)
    return both(
        no(both(state.left_open, state.left_closed)),
        implies(some_left, both(at_least(act.now, state.left_at), at_least(state.left_at, state.opened))),
        implies(state.left_open, fired[Door.OPEN]),
        implies(state.left_closed, fired[Door.CLOSED]),
    )


GROWING = ("offers", "concessions", "retracted", "rejections", "settled")
"""Counts of a party that only ever grow."""


def _has_fired(rule: Rule, state: State) -> Truth:
    """Return what follows from a rule having fired before: its condition still, where nothing it reads ever falls."""
    return some(every(_still(test, state) for test in tests) for tests in rule.alternatives)


def _still(test: AnyTest, state: State) -> Truth:
    """Return a test over what only ever grows; of any other, that it may have held."""
    if not isinstance(test, Test) or test.op is not Op.GE:
        return True
    values = [(_growing(monomial, state), factor) for monomial, factor in test.term.parts]
    if any(value is None or factor < 0 for value, factor in values):
        return True
    return at_least(total(logic.times(f, v) for v, f in values), test.constant)


def _growing(monomial: Monomial, state: State) -> logic.Number | None:
    """Return a count that only ever grows, as it stands before the event; none for another fact."""
    if len(monomial) != 1 or not isinstance(monomial[0], str):
        return None
    group, _, name = monomial[0].partition(".")
    match group:
        case "signals":
            return state.signals.get(name)
        case "ours" | "theirs" if name in GROWING:
            return getattr(getattr(state, group), name)
        case _:
            return None


def _agreed(policy: Policy, state: State, act: Act) -> Truth:
    settled = above(total((state.ours.settled, state.theirs.settled)), 0)
    return every(implies(sym.known, settled) for sym in state.agreed.values())


def _accepted(policy: Policy, state: State, act: Act) -> Truth:
    if act.on not in (On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE):
        return True
    maker, other = _halves(state) if act.on in OURS else _halves(state)[::-1]
    taken = every(
        either(equal(v, maker.standing[i]), equal(v, other.standing[i]))
        for i, v in act.terms.items()
        if i in maker.standing and i in other.standing
    )
    return both(taken, above(other.offers, 0) if act.on in OURS else True)


def _opening(policy: Policy, state: State, act: Act) -> Truth:
    if act.on is not On.OPEN:
        return True
    counts = [
        n for h in _halves(state) for n in (h.offers, h.concessions, h.rejections, h.settled, h.flat, h.retracted)
    ]
    counts += [*state.signals.values(), *state.matches.values()]
    left = either(state.left_open, state.left_closed)
    return both(*(equal(n, 0) for n in counts), no(left), equal(act.now, state.opened))


def _can_happen(policy: Policy, state: State, act: Act) -> Truth:
    needs = {On.SIGNAL: policy.signals, On.APPROVAL: policy.roles}
    return both(bool(needs.get(act.on, True)), above(state.theirs.offers, 0) if act.on is On.OUR_REJECTION else True)


def _approved(policy: Policy, state: State, act: Act) -> Truth:
    approved = act.lifted.approved
    found = [
        implies(approved.get(higher, False), approved.get(lower, False))
        for lower, higher in zip(policy.roles, policy.roles[1:], strict=False)
    ]
    for rule in policy.rules:
        if rule.enforcement is Enforcement.OVERRIDABLE:
            found.append(implies(act.lifted.waived.get(rule.id, False), approved.get(rule.by, False)))
    if not act.terms or state.scales is None:
        found += [no(a) for a in (*approved.values(), *act.lifted.waived.values())]
    return every(found)


def _patterns(policy: Policy, state: State, act: Act) -> Truth:
    made = {on: state.ours.offers if on in OURS else state.theirs.offers for on in (*OURS, *THEIRS)}
    found = []
    for pattern in policy.patterns:
        first, second = pattern.first.on, pattern.second.on
        again = act.again.get(pattern.name, 0)
        found += [
            True if act.on is second else equal(again, 0),
            implies(above(again, 0), above(made[first], 0)),
            implies(above(state.matches[pattern.name], 0), both(above(made[first], 0), above(made[second], 0))),
        ]
    return every(found)


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
            return both(at_least(value, -LIMIT), at_least(LIMIT, value))


def _ranges(policy: Policy, state: State, act: Act) -> Truth:
    packages: tuple[Values, ...] = (state.ours.standing, state.theirs.standing, state.start, act.terms)
    terms = [in_range(v, policy.issues[i].unit) for package in packages for i, v in package.items()]
    stated = [
        implies(s.known, in_range(s.value, policy.catalog[n].unit))
        for n, s in state.known.items()
        if n in policy.catalog
    ]
    return every(terms + stated)


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


def of_opening(policy: Policy, state: State, reader: Reader, day: logic.Number) -> Iterator[tuple[str, Truth]]:
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
    for issue in policy.issues.values():
        yield f"no deal loosens the walk value of {issue.name}", _tighter(state, reader, issue)
    walk, own = state.known["walk.package"], policy.package.walk
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
    for name in (*policy.issues, "package"):
        limited = policy.issues.get(name, policy.package)
        if limited.per_deal or limited.walk is not None:
            yield no(state.known[f"walk.{name}"].known)


def _tighter(state: State, reader: Reader, issue: Issue) -> Truth:
    walk, own = state.known[f"walk.{issue.name}"], issue.walk
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
    return implies(walk.known, at_least(scales.worth(issue.name, walk.value), scales.worth(issue.name, code)))


CONSTRAINTS: tuple[tuple[str, Constraint], ...] = (
    ("no count is negative", _counts),
    ("concessions, offers in a row and the like are among a party's offers", _among_offers),
    ("their first offer sets the base, and concedes nothing", _first_of_theirs),
    ("an offer that gave was a concession", _last_give),
    ("an offer of one party ends what the other made in a row", _answers),
    ("our net is what our standing terms gained on those we opened with", _net),
    ("who has not offered stands at the start terms", _no_offer_yet),
    ("nothing lies before the opening, and what was conceded was offered", _instants),
    ("we left by one door, because of a rule that walks, after the opening", _left),
    ("what was agreed on was accepted", _agreed),
    ("an acceptance takes over what the other party said, issue by issue", _accepted),
    ("nothing has happened before the opening", _opening),
    ("who reports conduct names one of the signals, and who rejects has an offer", _can_happen),
    ("who may approve more may approve less, and only terms are approved", _approved),
    ("a pattern matches its second event, after its first", _patterns),
    ("every value is one that its unit has", _ranges),
)
"""Sentence and formula of all that holds of every event."""
