"""Every deal and every event of a kind at once: positions whose numbers the solver may choose, within the constraints.

`Prepared` is a deal that lacks nothing; the others lack something, with worths already known or not yet.
"""

from collections.abc import Mapping
from enum import Enum

import z3

from walkaway.analysis import logic
from walkaway.analysis.constraints import of_every_event, of_opening
from walkaway.analysis.encode import UNKNOWN, Codes, Lifted, Reader, Ruled, Sym, rule
from walkaway.analysis.logic import Number, Truth, above, equal
from walkaway.analysis.scales import Asserted, Free, Scales
from walkaway.analysis.world import Act, Facts, Half, State, Values, worths_of
from walkaway.catalog import ALWAYS
from walkaway.compiler import Program
from walkaway.events import BARGAINING, On
from walkaway.policy.model import THRESHOLDS, Enforcement

COUNTS = ("offers", "concessions", "in_a_row", "unreturned", "flat", "retracted", "rejections", "settled")


class Preparation(Enum):
    """What a deal lacks: nothing, something that no worth rests on, what worths rest on, or any of these."""

    PREPARED = "prepared"
    LACKING = "lacking"
    WORTHLESS = "worthless"
    ANY = "any"


def preparations(on: On) -> tuple[Preparation, ...]:
    """Give the deals that are looked at one after the other, for an event of a kind; together they are all deals."""
    if on in BARGAINING:
        return Preparation.PREPARED, Preparation.LACKING, Preparation.WORTHLESS
    return (Preparation.ANY,)


class World:
    """All deals under one policy, of one preparation, before an event that is then judged.

    Attributes:
        asserted: What holds of all that is free.
    """

    def __init__(
        self,
        program: Program,
        preparation: Preparation = Preparation.PREPARED,
        *,
        asserted: Asserted | None = None,
        precise: bool = False,
        codes: Codes | None = None,
    ) -> None:
        self.program, self.policy, self.preparation = program, program.policy, preparation
        self.asserted = asserted or Asserted(precise=precise)
        self.codes = codes or Codes()
        self.day = self.asserted.fresh("day")
        self.known = self._stated()
        self.reader = Reader(_Known(self.known), self.asserted, self.codes)
        self.scales: Scales | None = None
        if preparation is not Preparation.WORTHLESS:
            self.scales = Free(self.policy, self.reader, self.asserted)
        self.state = self._state()
        for _, formula in of_opening(self.policy, self.state, self.reader, self.day):
            self.asserted.add(formula)

    def _stated(self) -> dict[str, Sym]:
        """Give the stated facts: those a prepared deal has are known, of the others nobody knows."""
        policy = self.policy
        names = [f"deal.{n}" for n in policy.deal] + [n.name for n in policy.lookups] + ["batna.worth"]
        names += [f"{t}.{n}" for n in (*policy.issues, "package") for t in THRESHOLDS]
        return {name: Sym(self._is_known(name), self.asserted.fresh(name)) for name in names}

    def _is_known(self, name: str) -> Truth:
        if self.preparation is Preparation.PREPARED and self._is_sure(name):
            return True
        if self.preparation is Preparation.LACKING and name in self.policy.needed:
            return True
        return self.asserted.flag(f"known.{name}")

    def _is_sure(self, name: str) -> bool:
        """Tell whether every prepared deal knows a stated fact."""
        entry = self.policy.catalog.get(name)
        return entry is None or entry.known == ALWAYS

    def terms(self, name: str) -> Values:
        """Give terms that are free to be chosen."""
        return {i: self.asserted.fresh(f"{name}.{i}") for i in self.policy.issues}

    def _named(self, name: str) -> Mapping[str, Truth]:
        """Give which terms are known: all, once worths are."""
        if self.preparation in (Preparation.PREPARED, Preparation.LACKING):
            return {}
        return {i: self.asserted.flag(f"named.{name}.{i}") for i in self.policy.issues}

    def _half(self, name: str) -> Half:
        fresh = self.asserted.fresh
        standing = self.terms(name)
        return Half(
            standing=standing,
            named=self._named(name),
            worths=worths_of(self.scales, standing),
            net=fresh(f"{name}.net", whole=False) if self.scales is not None else 0,
            last_give=fresh(f"{name}.last_give", whole=False) if self.scales is not None else 0,
            offered_at=Sym(self.asserted.flag(f"{name}.offered"), fresh(f"{name}.offered_at")),
            conceded_at=Sym(self.asserted.flag(f"{name}.conceded"), fresh(f"{name}.conceded_at")),
            **{n: fresh(f"{name}.{n}") for n in COUNTS},
        )

    def _state(self) -> State:
        fresh, policy = self.asserted.fresh, self.policy
        start = self.terms("start")
        missing: Number = 0
        if self.preparation is Preparation.ANY:
            missing = fresh("missing")
            sure = [s.known for n, s in self.known.items() if self._is_sure(n)]
            self.asserted.add(logic.implies(equal(missing, 0), logic.every(sure)))
        elif self.preparation is not Preparation.PREPARED:
            missing = fresh("missing")
            self.asserted.add(above(missing, 0))
        return State(
            scales=self.scales,
            known=self.known,
            ours=self._half("ours"),
            theirs=self._half("theirs"),
            start=start,
            start_worths=worths_of(self.scales, start),
            signals={k: fresh(f"signals.{k}") for k in policy.signals},
            matches={p.name: fresh(f"pattern.{p.name}") for p in policy.patterns},
            missing=missing,
            left_open=self.asserted.flag("left.open"),
            left_closed=self.asserted.flag("left.closed"),
            opened=fresh("opened"),
        )

    def act(self, on: On, name: str = "offer", *, now: Number | None = None) -> Act:
        """Give any event of a kind."""
        flag, policy = self.asserted.flag, self.policy
        terms = self.terms(name) if on in BARGAINING else {}
        covered = bool(terms) and self.scales is not None
        return Act(
            on=on,
            terms=terms,
            named=self._named(name) if terms else {},
            worths=worths_of(self.scales, terms),
            confirmed=self._confirmed(on),
            again={
                p.name: self.asserted.fresh(f"again.{p.name}") for p in policy.patterns if covered and p.second.on is on
            },
            lifted=Lifted(
                {r: flag(f"approved.{r}") for r in policy.roles if covered},
                {r.id: flag(f"waived.{r.id}") for r in policy.rules if covered and _may_be_waived(r.enforcement)},
            ),
            now=self.asserted.fresh("now") if now is None else now,
        )

    def _confirmed(self, on: On) -> Mapping[str, Truth]:
        """Give which kind of conduct is confirmed: at most one."""
        if on is not On.SIGNAL:
            return {}
        flags = {k: self.asserted.flag(f"confirmed.{k}") for k in self.policy.signals}
        self.asserted.add(above(2, logic.count(flags.values())))
        return flags

    def judge(self, act: Act) -> "Judged":
        """Give the ruling on an event, and take in what holds of it."""
        for _, formula in of_every_event(self.policy, self.state, act):
            self.asserted.add(formula)
        facts = Facts(self.policy, self.state, act)
        for pattern in self.policy.patterns:
            if pattern.name in act.again:
                self.asserted.add(self._some_first_leg(pattern.name, act))
        rules = self.program.rules[act.on]
        ruled, reader = rule(rules, facts, self.reader.over, act.lifted, self.state.left_closed)
        return Judged(act, facts, ruled, reader)

    def _some_first_leg(self, name: str, act: Act) -> Truth:
        """Give that a match has a first leg with which it joins."""
        if not act.terms or self.scales is None:
            return equal(act.again[name], 0)
        return logic.implies(above(act.again[name], 0), self.joins(name, self.terms(f"first.{name}"), act))

    def joins(self, name: str, first: Values, act: Act) -> Truth:
        """Give that an event joins with an earlier one in a pattern."""
        pattern = next(p for p in self.policy.patterns if p.name == name)
        assert self.scales is not None
        legs: dict[str, Sym] = {}
        base = self.scales.base()
        for leg, terms in ((pattern.first, first), (pattern.second, act.terms)):
            worths = worths_of(self.scales, terms) if "worth" in leg.reads else {}
            for read in leg.reads:
                value = self.scales.rounded(logic.total((base, *worths.values()))) if read == "worth" else terms[read]
                legs[f"{leg.name}.{read}"] = Sym(True, value)
        return Reader(_Known(legs), self.asserted, self.codes).holds(pattern.condition)


def _may_be_waived(enforcement: Enforcement) -> bool:
    return enforcement is Enforcement.OVERRIDABLE


class Judged:
    """An event with its facts and the ruling on it.

    Args:
        requires: What must hold for it to happen then.
    """

    def __init__(self, act: Act, facts: Facts, ruled: Ruled, reader: Reader, requires: Truth = True) -> None:
        self.act, self.facts, self.ruled, self.reader, self.requires = act, facts, ruled, reader, requires


class _Known:
    """Facts from a mapping."""

    def __init__(self, facts: Mapping[str, Sym]) -> None:
        self.facts = facts

    def get(self, name: str) -> Sym:
        return self.facts.get(name, UNKNOWN)


def solver(asserted: Asserted, milliseconds: int) -> z3.Solver:
    """Give a solver that assumes all that was asserted."""
    found = z3.Solver()
    found.set("timeout", max(1, milliseconds))
    found.add([f for f in asserted.formulas if f is not True])
    return found
