# Over 400 lines: every fact of the catalog, written a second time as a formula.
"""A deal and an event judged in it, as formulas, and every fact of the catalog over them.

A second implementation of `deal.facts`, `deal.ledger` and `deal.position`, over numbers that may be a solver's; tests
compare both on random deals. Nothing is rounded: an amount is a whole number, or a fraction of minor units.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from walkaway.events import BARGAINING, OPENING, OUR_TERMS, OURS, THEIRS, Heard, On
from walkaway.policy.calendar import CALENDAR, HOUR
from walkaway.policy.catalog import FactSpec
from walkaway.policy.model import Bounds, Issue, Linear, Policy
from walkaway.policy.order import Order
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.days import Days
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Lifted, Products, Sym
from walkaway.proof.formulas.line_items import OnTable, of_lines
from walkaway.proof.formulas.logic import (
    Number,
    Truth,
    above,
    at_least,
    both,
    choose,
    either,
    equal,
    every,
    implies,
    no,
    no_less_than_0,
    some,
)
from walkaway.proof.formulas.products import GuardedProduct, guards
from walkaway.proof.formulas.worths import Across, Key, Worths, by_code, selector_in

Values = Mapping[Any, Number]
"""Issue → value, or its worth; a package. Where worths hang on the selector, more stands among them: see `Key`."""
Named = Mapping[str, Truth]
"""Issue → that it is named, settled and the like."""


class Case(msgspec.Struct, frozen=True):
    """A way in which an event can be judged.

    Attributes:
        heard: What rules listen to.
        agrees: Whether it takes what the other side said.
        again: Of a close: by whom the agreement was made that is judged once more; empty where none is.
    """

    heard: Heard
    agrees: bool = False
    again: str = ""

    @property
    def on(self) -> On:
        """Return what the event is called."""
        if self.heard == OPENING:
            return On.OPEN
        return self.heard if isinstance(self.heard, On) else On.OUR_OFFER

    @property
    def words(self) -> frozenset[On]:
        """Return the words by which rules hear it."""
        return frozenset((self.heard,) if isinstance(self.heard, On) else self.heard)

    @property
    def is_ours(self) -> bool:
        """Return whether we put terms on the table, or take them."""
        return not self.words.isdisjoint(OURS)

    @property
    def is_theirs(self) -> bool:
        """Return whether they do."""
        return not self.words.isdisjoint(THEIRS)

    @property
    def has_terms(self) -> bool:
        """Return whether it has terms."""
        return not self.words.isdisjoint(BARGAINING)

    @property
    def is_our_terms(self) -> bool:
        """Return whether it is judged for what it makes of our terms."""
        return not self.words.isdisjoint(OUR_TERMS)

    @property
    def is_their_word(self) -> bool:
        """Return whether it is an offer of theirs that agrees to nothing: accepting it is judged besides."""
        return self.is_theirs and not self.agrees


class Half(msgspec.Struct, frozen=True, kw_only=True):
    """One party's half of the ledger, as `position.Side` has it.

    Attributes:
        named: Issue → that its standing value is known, where that is not sure.
        first: Issue → what it first said of it.
        stated: The issues that count as named; `settled` those of the policy's own that it has accepted.
        several: That it leaves several packages to choose from; `standing` is that of least worth.
    """

    standing: Values
    worths: Values
    named: Named = {}
    first: Mapping[str, Sym] = {}
    stated: Named = {}
    settled: Named = {}
    stands: Truth = False
    several: Truth = False
    rejected: Truth = True
    offers: Number = 0
    concessions: Number = 0
    net: Number = 0
    last_give: Number = 0
    in_a_row: Number = 0
    unreturned: Number = 0
    flat: Number = 0
    retracted: Number = 0
    rejections: Number = 0
    said_at: Sym = UNKNOWN
    conceded_at: Sym = UNKNOWN


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed last.

    Attributes:
        exists: That something was; `stands` that it still is.
        cleared: That it was let through when it was made.
        is_ours: That we took it last.
    """

    terms: Values
    worths: Values
    exists: Truth = False
    stands: Truth = False
    cleared: Truth = False
    is_ours: Truth = False


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A deal in which an event is judged.

    Attributes:
        scales: None while worths rest on a missing fact.
        known: The stated facts: `deal.*`, limits, BATNA, table cells.
        start: The terms before anybody has offered; `start_worths` what they are worth.
        cleared: Our terms as they were last let through; `run` the same when they last moved: see `position`.
        base: Issue → what they first said of it; its standing in `theirs.first` may be another one.
        opened: The instant it opened, in seconds, on the scale of `Act.now`.
        left_open: That we left by the open door and they have not moved since; `left_at` since when we were to leave.
        settled: Issue → the worth of what was accepted on it, where something was.
        other_ours, other_theirs: How many terms nobody declared are among what was said.
        days: Gives the calendar's facts; none for a policy without one.
        free: Facts of which nothing is said here but what they are: of a party's other deals, of who stated what.
    """

    scales: Worths | None
    known: Mapping[str, Sym]
    ours: Half
    theirs: Half
    start: Values
    start_worths: Values
    cleared: Values
    cleared_worths: Values
    run_worths: Values
    base: Mapping[str, Sym]
    base_worths: Values
    agreement: Agreed
    signals: Mapping[str, Number]
    matches: Mapping[str, Number]
    uncleared: Number = 0
    other_ours: Number = 0
    other_theirs: Number = 0
    missing: Number = 0
    left_open: Truth = False
    left_closed: Truth = False
    left_at: Number = 0
    settled: Mapping[str, Sym] = {}
    opened: Number = 0
    free: Mapping[str, Sym] = {}
    days: Days | None = None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What terms of theirs change against their last word.

    Attributes:
        gain, loss: Worth, each 0 or more, on issues named before.
        losses: On how many of these it is worse for us.
        new: The worth over the start terms of what is named for the first time; `names` that something is.
        stating: The issues that it names.
        first: That it is their first.
    """

    gain: Number
    loss: Number
    losses: Number
    new: Number
    names: Truth
    stating: Named
    first: Truth

    @property
    def value(self) -> Number:
        """Return by how much it moves towards us."""
        return logic.less(self.gain, self.loss)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """The event judged.

    Attributes:
        terms: The whole package on the table with it; `worths` what that is worth. Empty for an event without terms.
        named: Issue → that its value is known, where that is not sure.
        moved: What it changes for them, where they say it.
        stating: The issues that it names; `taken` those among them that it accepts.
        confirmed: Kind → that this is a confirmed observation of it.
        again: Pattern → how many matches it adds.
        lifted: What the approvals that cover its terms take back.
        other: How many terms nobody declared are on the table; `same_other` that they are those agreed last.
        is_choice: That it is one of several packages offered at once; each is heard as an offer.
        outcome: How it closes the deal; `agreed` and `differs` as the facts of that name.
        now: Its instant in seconds.
        role: In which role we say it, as far as that is known.
    """

    case: Case
    role: Sym = UNKNOWN
    terms: Values = {}
    worths: Values = {}
    named: Named = {}
    moved: Moved | None = None
    stating: Named = {}
    taken: Named = {}
    confirmed: Named = {}
    again: Mapping[str, Number] = {}
    lifted: Lifted = Lifted()
    other: Number = 0
    same_other: Truth = True
    is_choice: Truth = False
    outcome: Sym = UNKNOWN
    agreed: Truth = False
    differs: Truth = False
    now: Number = 0

    @property
    def on(self) -> On:
        """Return what the event is called."""
        return self.case.on


class Facts:
    """Every fact of the catalog, and every table's cell, each made when it is first asked for.

    Attributes:
        products: How values of issues are multiplied; none where all of them are known.
    """

    def __init__(self, policy: Policy, state: State, act: Act, products: Products | None = None) -> None:
        self.policy, self.state, self.act, self.products = policy, state, act, products
        self.is_guarded = False
        self.made: dict[str, Sym] = {}
        self.figures: dict[str, Number] = {}
        self.changes = self._changes()
        self.rooms: Mapping[str, Sym] = {}
        self.beyond: Number = 0
        self.short: Number = 0
        if act.terms and state.scales is not None:
            self._measure(state.scales)

    def get(self, name: str) -> Sym:
        """Return a fact."""
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Sym:
        entry = self.policy.catalog.get(name)
        if name == "offer.role":
            return self.act.role
        if entry is not None and entry.path == "limit":
            return self.limit(name) if self.is_weighed else UNKNOWN
        if entry is None or entry.path == "stated":
            return self.state.known.get(name, UNKNOWN)
        if is_free(entry):
            if entry.path in OWED and self.act.on not in OWING:
                return UNKNOWN if entry.path == "owed_days" else Sym(True, 0)
            found = self.state.free.get(name, UNKNOWN)
            return Sym(True, found.value) if self.act.on in entry.known else found
        last = name.rpartition(".")[2]
        group = GROUPS.get(entry.path)
        if group is not None:
            return group(self, last)
        if entry.path not in FIGURES and entry.path.startswith("position."):
            _, side, field = entry.path.split(".")
            return Sym(True, getattr(getattr(self.state, side), field))
        return FIGURES[entry.path](self)

    def _changes(self) -> list[Number]:
        """Return for each issue what our terms gain against what was cleared."""
        if not self.is_ours:
            return []
        return list(changes(self.act.worths, self.state.cleared_worths).values())

    @property
    def is_ours(self) -> bool:
        """Return whether it is judged for what it makes of our terms, and their worth is known."""
        return self.act.case.is_our_terms and self.is_weighed

    @property
    def is_theirs(self) -> bool:
        """Return whether they say terms whose worth is known."""
        return self.act.moved is not None and self.is_weighed

    @property
    def is_weighed(self) -> bool:
        """Return whether there are terms whose worth is known."""
        return bool(self.act.terms) and self.state.scales is not None

    def figure(self, name: str, make: Callable[[], Number]) -> Number:
        """Return a figure, made once."""
        if name not in self.figures:
            self.figures[name] = make()
        return self.figures[name]

    @property
    def gain(self) -> Number:
        """Return the worth gained for us against what was cleared."""
        return self.figure("gain", lambda: logic.total(no_less_than_0(d) for d in self.changes))

    @property
    def loss(self) -> Number:
        """Return the worth lost for us against what was cleared."""
        return self.figure("loss", lambda: logic.total(no_less_than_0(logic.times(-1, d)) for d in self.changes))

    @property
    def run(self) -> Number:
        """Return the worth lost for us against what was cleared when they last answered."""
        moved = changes(self.act.worths, self.state.run_worths)
        lost = (no_less_than_0(logic.times(-1, d)) for d in moved.values())
        return self.figure("run", lambda: logic.total(lost))

    @property
    def get_value(self) -> Number:
        """Return what is asked and what they are ahead by; what they conceded and we ask for counts once."""

        def make() -> Number:
            state = self.state
            conceded = conceded_and_asked(self.policy, state, state.cleared_worths)
            asked = logic.less(self.gain, logic.less(conceded_and_asked(self.policy, state, self.act.worths), conceded))
            balance = logic.less(logic.total((state.ours.net, state.theirs.net)), conceded)
            return logic.total((asked, no_less_than_0(balance)))

        return self.figure("get", make)

    @property
    def is_first(self) -> Truth:
        """Return the truth that it is its party's first offer; of ours, that none was let through before."""
        if self.act.case.heard is On.THEIR_OFFER and self.act.moved is not None:
            return self.act.moved.first
        return equal(self.state.ours.offers, 0)

    def exact(self, worth: Number) -> Number:
        """Return a worth in minor units."""
        scales = self.state.scales
        return worth if scales is None else scales.exact(worth)

    def worth(self) -> Number:
        """Return what the terms on the table are worth, package base included."""
        return self.figure("worth", lambda: self.of_package(self.act.worths))

    def of_package(self, worths: Values) -> Number:
        """Return what a package is worth, base included."""
        scales = self.state.scales
        assert scales is not None
        return self.exact(logic.total((scales.base(), *of_issues(worths).values())))

    def _measure(self, scales: Worths) -> None:
        """Measure the terms on the table against the limits, as `facts.measure`."""
        rooms: dict[str, Sym] = {}
        beyond: list[Truth] = []
        short: list[Truth] = []
        for name, issue in self.policy.issues.items():
            if isinstance(issue.worth, Linear) and not issue.better:
                continue
            for threshold, found in (("walk", beyond), ("want", short)):
                limit = self.limit(f"{threshold}.{name}")
                if limit.known is False:
                    continue
                room = self._distance(scales, issue, limit.value)
                found.append(both(limit.known, either(above(0, room), both(equal(room, 0), self._alike(issue, limit)))))
                if threshold == "walk":
                    rooms[name] = Sym(limit.known, room)
        for threshold, found in (("walk", beyond), ("want", short)):
            limit = self.limit(f"{threshold}.package")
            if limit.known is False:
                continue
            room = logic.less(self.worth(), limit.value)
            found.append(both(limit.known, above(0, room)))
            if threshold == "walk":
                rooms["package"] = Sym(limit.known, room)
        self.rooms, self.beyond, self.short = rooms, logic.count(beyond), logic.count(short)

    def _distance(self, scales: Worths, issue: Issue, limit: Number) -> Number:
        if issue.better:
            return logic.times(issue.better, logic.less(self.act.terms[issue.name], limit))
        at = worth_in(scales, self.act.worths, issue.name, limit)
        return scales.exact(logic.less(self.act.worths[issue.name], at))

    def _alike(self, issue: Issue, limit: Sym) -> Truth:
        """Return the truth that the value on the table is beyond a limit if it is worth the same."""
        value, code = self.act.terms[issue.name], Codes().code
        pairs = self.policy.once(Order).pairs(issue.name)
        return some(
            both(equal(limit.value, code(at, issue.unit)), equal(value, code(past, issue.unit))) for at, past in pairs
        )

    def limit(self, fact: str) -> Sym:
        """Return a limit, that at the value of the selector on the table where it hangs on that."""
        return limit_in(self.policy, self.state, fact, selected(self.act.worths))

    def derived(self, name: str) -> Sym:
        """Return a sum of products of the terms on the table and of what the deal states, as `facts.computed`."""
        parts = self.policy.derived[name].parts
        known = every(self.get(n).known for n in sorted({n for names, _ in parts for n in names}))
        if self.products is not None and not self.is_guarded:
            self.is_guarded = True
            for guard in self.policy.once(guards):
                self.products.add(self._guarded(guard))
        return Sym(known, logic.total(logic.times(factor, self._product(names)) for names, factor in parts))

    def of_lines(self, name: str) -> Sym:
        """Return a figure of the lines on the table, as `facts.figure`."""
        state, act = self.state, self.act
        table = OnTable(self.policy, self, state.scales, state.known, act.terms, self.products)
        return of_lines(table, name) if act.terms else UNKNOWN

    def _product(self, names: tuple[str, ...]) -> Number:
        """Return what some facts come to when they are multiplied, with what bounds say of it."""
        product, span = self.get(names[0]).value, self._span(names[0])
        for number, name in enumerate(names[1:], 2):
            value, other = self.get(name).value, self._span(name)
            if self.products is None or logic.is_known(product) or logic.is_known(value):
                product = logic.times(product, value) if logic.is_known(product) else logic.times(value, product)
            else:
                product = self.products.derived(names[:number], (product, value), (span, other))
            span = (None, None)
        return product

    def _guarded(self, guard: GuardedProduct) -> Truth:
        """Return what a comparison that the policy makes says once both its sides are multiplied by another factor."""
        sides = [(self.get(name).value, self._product(pair), factor) for name, pair, factor in guard.terms]
        by = self.get(guard.by).value
        over = logic.less(logic.total(logic.times(f, v) for v, _, f in sides), guard.bound)
        times = logic.less(logic.total(logic.times(f, p) for _, p, f in sides), logic.times(guard.bound, by))
        return both(
            implies(both(at_least(over, 0), at_least(by, 0)), at_least(times, 0)),
            implies(both(at_least(0, over), at_least(by, 0)), at_least(0, times)),
            implies(both(at_least(times, 0), above(by, 0)), at_least(over, 0)),
            implies(both(at_least(0, times), above(by, 0)), at_least(0, over)),
        )

    def _span(self, name: str) -> Bounds:
        """Return the least and the most that anybody may name for an issue, or a deal state of a fact."""
        group, _, last = name.partition(".")
        if group == "deal":
            return self.policy.deal[last].bounds
        issue = self.policy.issues[last]
        return (issue.values[0], issue.values[-1]) if issue.values else issue.bounds

    def since(self, instant: Sym) -> Sym:
        """Return the seconds since an instant."""
        return Sym(instant.known, logic.less(self.act.now, instant.value))


def of_issues(worths: Values) -> Values:
    """Return what each issue of a package is worth in it, and nothing beside that."""
    return {key: worth for key, worth in worths.items() if isinstance(key, str)}


def issue_of(key: Key) -> str:
    """Return the issue on whose value an entry among a package's worths rests."""
    return key if isinstance(key, str) else key[0]


def selected(worths: Values) -> Number:
    """Return the value of the selector in a package; anything where there is none."""
    key = selector_in(worths)
    return 0 if key is None else worths[key]


def seen(worths: Values, issue: str, by: Values) -> Number:
    """Return what an issue's value in one package is worth at the value of the selector in another."""
    each = {
        key[1]: w for key, w in worths.items() if not isinstance(key, str) and key[0] == issue and key[1] is not None
    }
    return by_code(each, selected(by)) if each else worths[issue]


def changes(new: Values, old: Values) -> dict[str, Number]:
    """Return for each issue by how much one package is worth more than another, as `Valuation.between`.

    The selector moves first, at the old values of the others.
    """
    selector = selector_in(new)
    found = {i: logic.less(w, seen(old, i, new)) for i, w in of_issues(new).items()}
    if selector is not None:
        moved = (logic.less(seen(old, i, new), old[i]) for i in found if i != selector[0])
        found[selector[0]] = logic.total((found[selector[0]], *moved))
    return found


def worth_in(scales: Worths, worths: Values, issue: str, value: Number) -> Number:
    """Return what a value of an issue is worth at the value of the selector in a package."""
    if not isinstance(scales, Across):
        return scales.worth(issue, value)
    each = {code: scales.worth_at(issue, value, code) for code in scales.cases}
    return by_code(each, selected(worths))


def limit_in(policy: Policy, state: State, fact: str, selected: Number) -> Sym:
    """Return a limit at a value of the selector."""
    cases = policy.by_case.get(fact)
    if cases is None:
        return state.known.get(fact, UNKNOWN)
    unit, codes = policy.issues[policy.selector].unit, Codes()
    held = {codes.code(value, unit): state.known.get(held, UNKNOWN) for value, held in cases.items()}
    known = every(logic.implies(equal(selected, code), sym.known) for code, sym in held.items())
    return Sym(known, by_code({code: sym.value for code, sym in held.items()}, selected))


def conceded_and_asked(policy: Policy, state: State, worths: Values) -> Number:
    """Return what they conceded and terms of ours ask for above the start value, as `ledger.both`."""
    found = []
    for issue, base in state.base.items():
        if base.known is False:
            continue
        asked = worths[issue]
        last, first = (
            counts(policy, state, issue, seen(said, issue, worths), worths)
            for said in (state.theirs.worths, state.base_worths)
        )
        highest = logic.largest((asked, last), smallest=True)
        part = no_less_than_0(logic.less(highest, no_less_than_0(first)))
        found.append(choose(both(base.known, above(asked, 0)), part, 0))
    return logic.total(found)


def counts(policy: Policy, state: State, issue: str, worth: Number, by: Values) -> Number:
    """Return what a value of theirs counts, from its worth over the start value, as `ledger.counted`.

    Args:
        by: The package at whose value of the selector it counts.
    """
    if not policy.is_base_bound:
        return worth
    if not policy.is_base_walk:
        return logic.largest((worth, 0))
    walk, scales = limit_in(policy, state, f"walk.{issue}", selected(by)), state.scales
    assert scales is not None
    least = 0 if walk.known is False else choose(walk.known, worth_in(scales, by, issue, walk.value), 0)
    return logic.largest((worth, least))


def _left(state: State) -> Sym:
    return Sym(either(state.left_open, state.left_closed), state.left_at)


def _reopened(state: State, worths: Values, way: int) -> Number:
    """Count the settled issues that are worth more to us than agreed, or less: *way* is 1 or -1."""
    was = {i: sym.value for i, sym in state.settled.items()}
    settled = ((sym.known, worths[i], seen(was, i, worths)) for i, sym in of_settled(state) if i in worths)
    return logic.count(both(known, above(logic.times(way, w), logic.times(way, s))) for known, w, s in settled)


def of_settled(state: State) -> list[tuple[str, Sym]]:
    """Return what was accepted of each issue."""
    return [(key, sym) for key, sym in state.settled.items() if isinstance(key, str)]


def _last(half: Half, issue: str) -> Sym:
    if issue not in half.standing:
        return UNKNOWN
    return Sym(both(half.said_at.known, half.named.get(issue, True)), half.standing[issue])


def _if(known: bool, make: Callable[[], Number]) -> Sym:
    return Sym(True, make()) if known else UNKNOWN


def _flag(truth: Truth) -> Number:
    return choose(truth, 1, 0)


def _of_move(make: Callable[[Facts, Moved], Number]) -> Callable[[Facts], Sym]:
    def figure(facts: Facts) -> Sym:
        moved = facts.act.moved
        return Sym(True, make(facts, moved)) if moved is not None and facts.is_theirs else UNKNOWN

    return figure


def _other(facts: Facts, *, ours: bool) -> Sym:
    case, state = facts.act.case, facts.state
    is_its = case.is_ours if ours else case.is_theirs
    return Sym(True, facts.act.other if is_its else state.other_ours if ours else state.other_theirs)


def _cleared(facts: Facts, issue: str) -> Sym:
    state = facts.state
    return Sym(True, state.cleared[issue]) if state.scales is not None else UNKNOWN


def _of_calendar(name: str) -> Callable[[Facts], Sym]:
    return lambda f: UNKNOWN if f.state.days is None else f.state.days.read(name, f.act.now)


def _missing(facts: Facts) -> Number:
    """Return how much a deal lacks, the calendar's day of the event, and budgets of which nothing is known."""
    days = facts.state.days
    lacking = 0 if days is None else choose(days.covered(facts.act.now), 0, 1)
    unknown = (choose(facts.get(f"budget.{name}").known, 0, 1) for name in facts.policy.budgets)
    return logic.total((facts.state.missing, lacking, *unknown))


GROUPS: dict[str, Callable[[Facts, str], Sym]] = {
    "offer": lambda f, n: Sym(f.act.named.get(n, True), f.act.terms[n]) if n in f.act.terms else UNKNOWN,
    "room": lambda f, n: f.rooms.get(n, UNKNOWN),
    "ours_last": lambda f, n: _last(f.state.ours, n),
    "theirs_last": lambda f, n: _last(f.state.theirs, n),
    "ours_first": lambda f, n: f.state.ours.first.get(n, UNKNOWN),
    "theirs_first": lambda f, n: f.state.theirs.first.get(n, UNKNOWN),
    "ours_cleared": _cleared,
    "signals": lambda f, n: Sym(True, logic.total((f.state.signals[n], choose(f.act.confirmed.get(n, False), 1, 0)))),
    "approved": lambda f, n: Sym(True, choose(f.act.lifted.approved.get(n, False), 1, 0) if f.act.terms else 0),
    "patterns": lambda f, n: Sym(True, logic.total((f.state.matches[n], f.act.again.get(n, 0)))),
    "concluded": lambda f, n: Sym(True, 0),
    "derived": lambda f, n: f.derived(n) if f.act.terms else UNKNOWN,
    "lines": lambda f, n: f.of_lines(n),
}
"""Facts whose last part is a key, by their path in the catalog."""

FIGURES: dict[str, Callable[[Facts], Sym]] = {
    "worth": lambda f: _if(f.is_weighed, f.worth),
    "first": lambda f: _if(f.act.case.has_terms, lambda: _flag(f.is_first)),
    "by": lambda f: _if(f.act.case.has_terms, lambda: 0 if f.act.case.is_ours else 1),
    "give": lambda f: _if(f.is_ours, lambda: f.exact(f.loss)),
    "give_net": lambda f: _if(f.is_ours, lambda: f.exact(no_less_than_0(logic.less(f.loss, f.gain)))),
    "give_run": lambda f: _if(f.is_ours, lambda: f.exact(f.run)),
    "give_issues": lambda f: _if(f.is_ours, lambda: logic.count(above(0, d) for d in f.changes)),
    "asked": lambda f: _if(f.is_ours, lambda: f.exact(f.gain)),
    "asked_issues": lambda f: _if(f.is_ours, lambda: logic.count(above(d, 0) for d in f.changes)),
    "get": lambda f: _if(f.is_ours, lambda: f.exact(f.get_value)),
    "move": _of_move(lambda f, m: f.exact(m.value)),
    "move_new": _of_move(lambda f, m: f.exact(m.new)),
    "move_retracted": _of_move(lambda f, m: m.losses),
    "move_reopened": _of_move(lambda f, m: _reopened(f.state, f.act.worths, -1)),
    "other_ours": lambda f: _other(f, ours=True),
    "other_theirs": lambda f: _other(f, ours=False),
    "theirs_worth": lambda f: (
        UNKNOWN if f.state.scales is None else Sym(f.state.theirs.stands, f.of_package(f.state.theirs.worths))
    ),
    "agreed_stands": lambda f: Sym(True, _flag(f.state.agreement.stands)),
    "close_agreed": lambda f: _if(f.act.on is On.CLOSE, lambda: _flag(f.act.agreed)),
    "close_differs": lambda f: _if(f.act.on is On.CLOSE, lambda: _flag(f.act.differs)),
    "outcome": lambda f: f.act.outcome,
    "beyond_walk": lambda f: _if(f.is_weighed, lambda: f.beyond),
    "short_of_want": lambda f: _if(f.is_weighed, lambda: f.short),
    "ours_net": lambda f: Sym(True, f.exact(f.state.ours.net)),
    "theirs_net": lambda f: Sym(True, f.exact(f.state.theirs.net)),
    "ours_last_give": lambda f: Sym(True, f.exact(f.state.ours.last_give)),
    "theirs_last_give": lambda f: Sym(True, f.exact(f.state.theirs.last_give)),
    "ours_reopened": lambda f: Sym(True, _reopened(f.state, f.state.ours.worths, 1)),
    "theirs_reopened": lambda f: Sym(True, _reopened(f.state, f.state.theirs.worths, -1)),
    "balance": lambda f: Sym(True, f.exact(logic.total((f.state.ours.net, f.state.theirs.net)))),
    "since_opened": lambda f: f.since(Sym(True, f.state.opened)),
    "since_left": lambda f: f.since(_left(f.state)),
    "since_our_offer": lambda f: f.since(f.state.ours.said_at),
    "since_their_offer": lambda f: f.since(f.state.theirs.said_at),
    "since_our_concession": lambda f: f.since(f.state.ours.conceded_at),
    "since_their_concession": lambda f: f.since(f.state.theirs.conceded_at),
    "missing_items": lambda f: Sym(True, _missing(f)),
    "left_open": lambda f: Sym(True, _flag(f.state.left_open)),
    "left_closed": lambda f: Sym(True, _flag(f.state.left_closed)),
    **{f"calendar_{name}": _of_calendar(name) for name in (*CALENDAR, HOUR)},
    "position.uncleared": lambda f: Sym(True, f.state.uncleared),
    "position.ours.settled_count": lambda f: Sym(True, logic.count(f.state.ours.settled.values())),
    "position.theirs.settled_count": lambda f: Sym(True, logic.count(f.state.theirs.settled.values())),
}
"""Every figure, by its path in the catalog."""


OWED = frozenset({"owed_open", "owed_late", "is_owed", "is_late", "owed_days"})
"""Paths of the facts of what they owe."""
OWING = frozenset({On.TICK, On.UPDATE})
"""The events that may come once they owe something: nothing else follows a close."""


def is_free(entry: FactSpec) -> bool:
    """Return whether a fact is one of which the formulas say nothing but that it is so."""
    path = entry.path
    if path == "stated" or path in GROUPS or path in FIGURES:
        return False
    return not path.startswith(("position.ours.", "position.theirs."))


def worths_of(scales: Worths | None, terms: Values) -> Values:
    """Return what each term is worth."""
    return {} if scales is None else scales.package(terms)


def is_no_worse(one: Values, one_worths: Values, other: Values, other_worths: Values) -> Truth:
    """Return the truth that terms are on no issue worth less to us than others, as `ledger.is_no_worse`."""
    return both(
        every(either(equal(v, other[i]), at_least(one_worths[i], other_worths[i])) for i, v in one.items()),
        _at_one(one_worths, other_worths),
    )


def are_equal(one: Values, other: Values) -> Truth:
    """Return the truth that two packages are the same."""
    return every(equal(v, other[i]) for i, v in one.items())


def is_lesser(ours: Values, theirs: Values) -> Truth:
    """Return the truth that terms are worth less than others, and on no issue more; of their worths."""
    one = of_issues(ours)
    return both(
        every(at_least(theirs[i], w) for i, w in one.items()),
        no(every(equal(theirs[i], w) for i, w in one.items())),
        _at_one(ours, theirs),
    )


def _at_one(one: Values, other: Values) -> Truth:
    """Return the truth that two packages have the same value of the selector; it has no order."""
    return equal(selected(one), selected(other))
