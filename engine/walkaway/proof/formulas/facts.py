"""A deal and an event judged in it, as formulas, and every fact of the catalog over them.

A second implementation of `deal.facts` and `deal.position`, over numbers that may be a solver's; tests compare both on
random deals.
"""

from collections.abc import Callable, Mapping

import msgspec

from walkaway.events import BARGAINING, OURS, On
from walkaway.policy.model import Issue, Linear, Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import UNKNOWN, Lifted, Sym
from walkaway.proof.formulas.logic import Number, Truth, above, both, choose, equal, no_less_than_0
from walkaway.proof.formulas.worths import Scales

Values = Mapping[str, Number]
"""Issue → value, or its worth; a package."""


class Half(msgspec.Struct, frozen=True, kw_only=True):
    """One party's half of the ledger, as `position.Side` has it. `settled` is a count.

    Attributes:
        named: Issue → that its standing value is known, where that is not sure.
    """

    standing: Values
    worths: Values
    named: Mapping[str, Truth] = {}
    offers: Number = 0
    concessions: Number = 0
    net: Number = 0
    last_give: Number = 0
    in_a_row: Number = 0
    unreturned: Number = 0
    flat: Number = 0
    retracted: Number = 0
    rejections: Number = 0
    settled: Number = 0
    offered_at: Sym = UNKNOWN
    conceded_at: Sym = UNKNOWN


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A deal before an event.

    Attributes:
        scales: None while worths rest on a missing fact.
        known: The stated facts: `deal.*`, limits, BATNA, table cells.
        start: The terms before anybody has offered; `start_worths` what they are worth.
        opened: The instant it opened, in seconds, on the scale of `Act.now`.
        left_open: That we left by the open door and they have not moved since; `left_at` since when we were to leave.
        agreed: Issue → the worth of what was agreed on it, where something was.
    """

    scales: Scales | None
    known: Mapping[str, Sym]
    ours: Half
    theirs: Half
    start: Values
    start_worths: Values
    signals: Mapping[str, Number]
    matches: Mapping[str, Number]
    missing: Number = 0
    left_open: Truth = False
    left_closed: Truth = False
    left_at: Number = 0
    agreed: Mapping[str, Sym] = {}
    opened: Number = 0


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """The event judged.

    Attributes:
        terms: The whole package on the table with it; `worths` what that is worth. Empty for an event without terms.
        named: Issue → that its value is known, where that is not sure.
        confirmed: Kind → that this is a confirmed observation of it.
        again: Pattern → how many matches it adds.
        lifted: What the approvals that cover its terms take back.
        outcome: How it closes the deal.
        now: Its instant in seconds.
    """

    on: On
    terms: Values = {}
    worths: Values = {}
    named: Mapping[str, Truth] = {}
    confirmed: Mapping[str, Truth] = {}
    again: Mapping[str, Number] = {}
    lifted: Lifted = Lifted()
    outcome: Sym = UNKNOWN
    now: Number = 0


class Facts:
    """Every fact of the catalog, and every table's cell, each made when it is first asked for."""

    def __init__(self, policy: Policy, state: State, act: Act) -> None:
        self.policy, self.state, self.act = policy, state, act
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
        if entry is None or entry.path == "stated":
            return self.state.known.get(name, UNKNOWN)
        last = name.rpartition(".")[2]
        if entry.path.startswith("position."):
            _, side, field = entry.path.split(".")
            field = field.removesuffix("_count")
            return Sym(True, getattr(getattr(self.state, side), field))
        group = GROUPS.get(entry.path)
        return group(self, last) if group else FIGURES[entry.path](self)

    def _changes(self) -> list[Number]:
        """Return for each issue what its worth gains against the maker's standing terms."""
        if not self.act.terms or self.state.scales is None:
            return []
        old = (self.state.ours if self.act.on in OURS else self.state.theirs).worths
        return [logic.less(self.act.worths[i], old[i]) for i in self.act.terms]

    @property
    def is_ours(self) -> bool:
        """Return whether it is a move of ours whose worth is known."""
        return self.act.on in OURS and self.is_weighed

    @property
    def is_theirs(self) -> bool:
        """Return whether it is a move of theirs whose worth is known."""
        return bool(self.act.terms) and self.act.on not in OURS and self.is_weighed

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
        """Return the worth gained for us."""
        return self.figure("gain", lambda: logic.total(no_less_than_0(d) for d in self.changes))

    @property
    def loss(self) -> Number:
        """Return the worth lost for us."""
        return self.figure("loss", lambda: logic.total(no_less_than_0(logic.times(-1, d)) for d in self.changes))

    @property
    def total(self) -> Number:
        """Return what the worth changes by in all."""
        return self.figure("total", lambda: logic.total(self.changes))

    @property
    def is_first(self) -> Truth:
        """Return the truth that it is its party's first offer."""
        return equal((self.state.ours if self.act.on in OURS else self.state.theirs).offers, 0)

    def rounded(self, worth: Number) -> Number:
        """Return a worth in minor units."""
        scales = self.state.scales
        return worth if scales is None else scales.rounded(worth)

    def worth(self) -> Number:
        """Return what the terms on the table are worth, package base included."""
        scales = self.state.scales
        assert scales is not None
        return self.figure("worth", lambda: self.rounded(logic.total((scales.base(), *self.act.worths.values()))))

    def _measure(self, scales: Scales) -> None:
        """Measure the terms on the table against the limits, as `facts.measure`."""
        rooms: dict[str, Sym] = {}
        beyond: list[Truth] = []
        short: list[Truth] = []
        for name, issue in self.policy.issues.items():
            if isinstance(issue.worth, Linear) and not issue.better:
                continue
            for threshold, found in (("walk", beyond), ("want", short)):
                limit = self.state.known.get(f"{threshold}.{name}", UNKNOWN)
                if limit.known is False:
                    continue
                room = self._distance(scales, issue, limit.value)
                found.append(both(limit.known, above(0, room)))
                if threshold == "walk":
                    rooms[name] = Sym(limit.known, room)
        for threshold, found in (("walk", beyond), ("want", short)):
            limit = self.state.known.get(f"{threshold}.package", UNKNOWN)
            if limit.known is False:
                continue
            room = logic.less(self.worth(), limit.value)
            found.append(both(limit.known, above(0, room)))
            if threshold == "walk":
                rooms["package"] = Sym(limit.known, room)
        self.rooms, self.beyond, self.short = rooms, logic.count(beyond), logic.count(short)

    def _distance(self, scales: Scales, issue: Issue, limit: Number) -> Number:
        if issue.better:
            return logic.times(issue.better, logic.less(self.act.terms[issue.name], limit))
        return scales.rounded(logic.less(self.act.worths[issue.name], scales.worth(issue.name, limit)))

    def since(self, instant: Sym) -> Sym:
        """Return the seconds since an instant."""
        return Sym(instant.known, logic.less(self.act.now, instant.value))


def _left(state: State) -> Sym:
    return Sym(logic.either(state.left_open, state.left_closed), state.left_at)


def _reopened(state: State, worths: Values, way: int) -> Number:
    """Count the agreed issues that are worth more to us than agreed, or less: *way* is 1 or -1."""
    agreed = ((sym, worths[i]) for i, sym in state.agreed.items() if i in worths)
    return logic.count(both(s.known, above(logic.times(way, w), logic.times(way, s.value))) for s, w in agreed)


def _last(facts: Facts, half: Half, issue: str) -> Sym:
    if issue not in half.standing:
        return UNKNOWN
    return Sym(both(above(half.offers, 0), half.named.get(issue, True)), half.standing[issue])


def _if(known: bool, make: Callable[[], Number]) -> Sym:
    return Sym(True, make()) if known else UNKNOWN


GROUPS: dict[str, Callable[[Facts, str], Sym]] = {
    "offer": lambda f, n: Sym(f.act.named.get(n, True), f.act.terms[n]) if n in f.act.terms else UNKNOWN,
    "room": lambda f, n: f.rooms.get(n, UNKNOWN),
    "ours_last": lambda f, n: _last(f, f.state.ours, n),
    "theirs_last": lambda f, n: _last(f, f.state.theirs, n),
    "signals": lambda f, n: Sym(True, logic.total((f.state.signals[n], choose(f.act.confirmed.get(n, False), 1, 0)))),
    "approved": lambda f, n: Sym(True, choose(f.act.lifted.approved.get(n, False), 1, 0)),
    "patterns": lambda f, n: Sym(True, logic.total((f.state.matches[n], f.act.again.get(n, 0)))),
    "concluded": lambda f, n: Sym(True, 0),
}
"""Facts whose last part is a key, by their path in the catalog."""

FIGURES: dict[str, Callable[[Facts], Sym]] = {
    "worth": lambda f: _if(f.is_weighed, f.worth),
    "first": lambda f: _if(f.act.on in BARGAINING, lambda: choose(f.is_first, 1, 0)),
    "by": lambda f: _if(f.act.on in BARGAINING, lambda: 0 if f.act.on in OURS else 1),
    "give": lambda f: _if(f.is_ours, lambda: f.rounded(f.loss)),
    "give_issues": lambda f: _if(f.is_ours, lambda: logic.count(above(0, d) for d in f.changes)),
    "asked": lambda f: _if(f.is_ours, lambda: f.rounded(f.gain)),
    "asked_issues": lambda f: _if(f.is_ours, lambda: logic.count(above(d, 0) for d in f.changes)),
    "get": lambda f: _if(
        f.is_ours,
        lambda: f.rounded(logic.total((f.gain, no_less_than_0(logic.total((f.state.ours.net, f.state.theirs.net)))))),
    ),
    "move": lambda f: _if(f.is_theirs, lambda: choose(f.is_first, 0, f.rounded(f.total))),
    "move_retracted": lambda f: _if(
        f.is_theirs, lambda: choose(f.is_first, 0, logic.count(above(0, d) for d in f.changes))
    ),
    "move_reopened": lambda f: _if(f.is_theirs, lambda: _reopened(f.state, f.act.worths, -1)),
    "outcome": lambda f: f.act.outcome,
    "beyond_walk": lambda f: _if(f.is_weighed, lambda: f.beyond),
    "short_of_want": lambda f: _if(f.is_weighed, lambda: f.short),
    "ours_net": lambda f: Sym(True, f.rounded(f.state.ours.net)),
    "theirs_net": lambda f: Sym(True, f.rounded(f.state.theirs.net)),
    "ours_last_give": lambda f: Sym(True, f.rounded(f.state.ours.last_give)),
    "theirs_last_give": lambda f: Sym(True, f.rounded(f.state.theirs.last_give)),
    "ours_reopened": lambda f: Sym(True, _reopened(f.state, f.state.ours.worths, 1)),
    "theirs_reopened": lambda f: Sym(True, _reopened(f.state, f.state.theirs.worths, -1)),
    "balance": lambda f: Sym(True, f.rounded(logic.total((f.state.ours.net, f.state.theirs.net)))),
    "since_opened": lambda f: f.since(Sym(True, f.state.opened)),
    "since_left": lambda f: f.since(_left(f.state)),
    "since_our_offer": lambda f: f.since(f.state.ours.offered_at),
    "since_their_offer": lambda f: f.since(f.state.theirs.offered_at),
    "since_our_concession": lambda f: f.since(f.state.ours.conceded_at),
    "since_their_concession": lambda f: f.since(f.state.theirs.conceded_at),
    "missing_items": lambda f: Sym(True, f.state.missing),
    "left_open": lambda f: Sym(True, choose(f.state.left_open, 1, 0)),
    "left_closed": lambda f: Sym(True, choose(f.state.left_closed, 1, 0)),
}
"""Every figure, by its path in the catalog."""


def worths_of(scales: Scales | None, terms: Values) -> Values:
    """Return what each term is worth."""
    return {} if scales is None else {i: scales.worth(i, v) for i, v in terms.items()}
