"""An over-approximation of every deal: positions whose numbers the solver may choose, within the constraints.

Deals reach only some of these positions, so what holds of all of them holds of every deal. A prepared deal lacks
nothing; the others lack something, with worths already known or not yet.
"""

from collections.abc import Mapping
from enum import Enum

import z3

from walkaway.decide.compiler import Program
from walkaway.events import BARGAINING, OUTCOMES, On
from walkaway.policy.catalog import ALWAYS
from walkaway.policy.model import THRESHOLDS, Enforcement, Issue, Package, Rule, Threshold
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.common import Kin, Shared
from walkaway.proof.formulas.constraints import of_every_event, of_opening
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Lifted, Reader, Ruled, Sym, rule
from walkaway.proof.formulas.facts import Act, Facts, Half, State, Values, worths_of
from walkaway.proof.formulas.logic import Number, Truth, above, equal
from walkaway.proof.formulas.worths import Asserted, Free, Scales, whole

COUNTS = ("offers", "concessions", "in_a_row", "unreturned", "flat", "retracted", "rejections", "settled")


class Preparation(Enum):
    """What a deal lacks: nothing, a fact on which no worth rests, one on which worths rest; or one of the first two."""

    PREPARED = "prepared"
    LACKING = "lacking"
    WORTHLESS = "worthless"
    ANY = "any"


def preparations(on: On) -> tuple[Preparation, ...]:
    """Return the preparations to consider in turn for a kind of event; together they cover all deals."""
    if on in BARGAINING:
        return Preparation.PREPARED, Preparation.LACKING, Preparation.WORTHLESS
    return Preparation.ANY, Preparation.WORTHLESS


class World:
    """All deals under one policy, of one preparation, before an event that is then judged.

    Attributes:
        asserted: What holds of all that is free.
        known: The stated facts; `brings` says of each limit whether the deal brings its own.
    """

    def __init__(
        self,
        program: Program,
        preparation: Preparation = Preparation.PREPARED,
        *,
        precise: bool = False,
        beside: "World | None" = None,
        kin: Kin | None = None,
    ) -> None:
        self.program, self.policy, self.preparation = program, program.policy, preparation
        self.kin, self.beside = kin, beside
        self.asserted: Asserted = beside.asserted if beside else Asserted(precise=precise)
        self.codes: Codes = beside.codes if beside else Codes()
        self.shared: Shared | None = beside.shared if beside else Shared() if kin else None
        self.day = self.number("day")
        self.known: dict[str, Sym] = {}
        self.brings: dict[str, Truth] = {}
        self.reader = Reader(_Known(self.known), self.asserted, self.codes)
        self._state_facts()
        self.scales: Scales | None = None
        if preparation is not Preparation.WORTHLESS:
            same = beside.scales if beside and kin and kin.worths else None
            self.scales = same or Free(self.policy, self.reader, self.asserted)
        self._state_limits()
        self.state = self._state()
        for _, formula in of_opening(self.policy, self.state, self.reader, self.day):
            self.asserted.add(formula)

    def number(self, name: str, *, whole: bool = True) -> Number:
        """Return a free number; of two worlds with one name for it, the same number."""
        if self.shared is None:
            return self.asserted.fresh(name, whole=whole)
        return self.shared.number(self._called(name), whole=whole)

    def flag(self, name: str) -> Truth:
        """Return a free truth; of two worlds with one name for it, the same truth."""
        return self.asserted.flag(name) if self.shared is None else self.shared.flag(self._called(name))

    def _called(self, name: str) -> str:
        """Return a number's name, marked in the second world where each policy has its own."""
        assert self.kin is not None
        own = name in self.kin.own or (not self.kin.roles and name.startswith(("approved.", "waived.")))
        return f"{name}'" if own and self.beside else name

    def _state_facts(self) -> None:
        """State the deal's facts: those that every prepared deal has are known, the others may be unknown."""
        for name, fact in self.policy.deal.items():
            if self.kin is None or name in self.kin.deal:
                self.known[f"deal.{name}"] = Sym(self._is_known(f"deal.{name}"), self.number(f"deal.{name}"))
            elif fact.default is not None:
                self.known[f"deal.{name}"] = Sym(True, self.codes.code(fact.default, fact.unit))
            else:
                self.known[f"deal.{name}"] = UNKNOWN
        for lookup in self.policy.lookups:
            self.known[lookup.name] = Sym(self._is_known(lookup.name), self.number(lookup.name))
        self.known["batna.worth"] = Sym(self.flag("known.batna.worth"), self.number("batna.worth"))

    def _state_limits(self) -> None:
        """State the limits: the deal's own where it brings them, else the policy's."""
        for name in (*self.policy.issues, "package"):
            limited = self.policy.issues.get(name, self.policy.package)
            for threshold in THRESHOLDS:
                fact, own = f"{threshold}.{name}", getattr(limited, threshold)
                if self.kin is not None and name not in (*self.kin.issues, "package"):
                    brought = UNKNOWN
                else:
                    brought = Sym(self.flag(f"brings.{fact}"), self.number(f"brought.{fact}"))
                    self.brings[fact] = brought.known
                self.known[fact] = self._limit(limited, own, brought, per_deal=limited.per_deal and threshold == "walk")

    def _limit(self, limited: Issue | Package, own: Threshold, brought: Sym, *, per_deal: bool) -> Sym:
        if per_deal and own is None:
            return Sym(True, brought.value) if self.preparation is Preparation.PREPARED else brought
        if own is None:
            return brought
        if isinstance(own, int | str):
            assert isinstance(limited, Issue)
            ours = Sym(True, self.codes.code(own, limited.unit))
        else:
            unit = limited.unit if isinstance(limited, Issue) else self.policy.money
            better = limited.better if isinstance(limited, Issue) else 1
            value = whole(self.asserted, self.reader.amount(own), unit.scale, better or 1)
            ours = Sym(self.reader.known(own), value)
        return Sym(logic.either(brought.known, ours.known), logic.choose(brought.known, brought.value, ours.value))

    def _is_known(self, name: str) -> Truth:
        if self.preparation is Preparation.PREPARED and self._is_sure(name):
            return True
        needed = self.kin.needed if self.kin else self.policy.needed
        if self.preparation in (Preparation.LACKING, Preparation.ANY) and name in needed:
            return True
        return self.flag(f"known.{name}")

    def _is_sure(self, name: str) -> bool:
        """Return whether every prepared deal knows a stated fact."""
        entry = self.policy.catalog.get(name)
        return entry is None or entry.known == ALWAYS

    def terms(self, name: str) -> Values:
        """Return free terms; an issue that only one of two policies knows keeps its start value."""
        return {i: self._term(name, i) for i in self.policy.issues}

    def _term(self, name: str, issue: str) -> Number:
        if self.kin is None or issue in self.kin.issues:
            return self.number(f"{name}.{issue}")
        if isinstance(self.scales, Free):
            return self.scales.start[issue]
        return self.number(f"{name}.{issue}")

    def _named(self, name: str) -> Mapping[str, Truth]:
        """Return which terms are known: all, once worths are."""
        if self.preparation is not Preparation.WORTHLESS:
            return {}
        return {i: self.flag(f"named.{name}.{i}") for i in self.policy.issues}

    def _is_common(self, signal: str) -> bool:
        """Return whether an event may report a kind of conduct."""
        return self.kin is None or signal in self.kin.signals

    def _may_be_waived(self, one: Rule) -> bool:
        """Return whether an event may lift a rule."""
        return one.enforcement is Enforcement.OVERRIDABLE and (self.kin is None or one.id in self.kin.waivable)

    def _half(self, name: str) -> Half:
        fresh, flag = self.number, self.flag
        standing = self.terms(name)
        return Half(
            standing=standing,
            named=self._named(name),
            worths=worths_of(self.scales, standing),
            net=fresh(f"{name}.net", whole=False) if self.scales is not None else 0,
            last_give=fresh(f"{name}.last_give", whole=False) if self.scales is not None else 0,
            offered_at=Sym(flag(f"{name}.offered"), fresh(f"{name}.offered_at")),
            conceded_at=Sym(flag(f"{name}.conceded"), fresh(f"{name}.conceded_at")),
            **{n: fresh(f"{name}.{n}") for n in COUNTS},
        )

    def _state(self) -> State:
        fresh, policy = self.number, self.policy
        start = self.terms("start")
        missing: Number = 0
        if self.preparation is not Preparation.PREPARED:
            missing = self.asserted.fresh("missing")
            lacks = self.preparation is not Preparation.ANY and self.kin is None
            self.asserted.add(above(missing, 0) if lacks else True)
        if self.preparation is Preparation.WORTHLESS:
            needed = self.kin.needed if self.kin else self.policy.needed
            self.asserted.add(logic.no(logic.every(self.known[n].known for n in sorted(needed) if n in self.known)))
        return State(
            scales=self.scales,
            known=self.known,
            ours=self._half("ours"),
            theirs=self._half("theirs"),
            start=start,
            start_worths=worths_of(self.scales, start),
            signals={k: fresh(f"signals.{k}") if self._is_common(k) else 0 for k in policy.signals},
            matches={p.name: fresh(f"pattern.{p.name}") for p in policy.patterns},
            missing=missing,
            left_open=self.flag("left.open"),
            left_closed=self.flag("left.closed"),
            left_at=fresh("left_at"),
            agreed=self._agreed(),
            opened=fresh("opened"),
        )

    def _agreed(self) -> Mapping[str, Sym]:
        """Return what any values that were agreed on are worth."""
        worths = worths_of(self.scales, self.terms("agreed"))
        return {i: Sym(self.flag(f"was_agreed.{i}"), worth) for i, worth in worths.items()}

    def act(self, on: On, name: str = "offer", *, now: Number | None = None) -> Act:
        """Return any event of a kind."""
        flag, policy = self.flag, self.policy
        terms = self.terms(name) if on in BARGAINING else {}
        covered = bool(terms) and self.scales is not None
        return Act(
            on=on,
            terms=terms,
            named=self._named(name) if terms else {},
            worths=worths_of(self.scales, terms),
            confirmed=self._confirmed(on),
            again={p.name: self.number(f"again.{p.name}") for p in policy.patterns if covered and p.second.on is on},
            lifted=Lifted(
                {r: flag(f"approved.{r}") for r in policy.roles if covered},
                {r.id: flag(f"waived.{r.id}") for r in policy.rules if covered and self._may_be_waived(r)},
            ),
            outcome=self._outcome() if on is On.CLOSE else UNKNOWN,
            now=self.number("now") if now is None else now,
        )

    def _outcome(self) -> Sym:
        """Return any way to close a deal."""
        outcome = self.number("outcome")
        self.asserted.add(logic.both(logic.at_least(outcome, 0), above(len(OUTCOMES), outcome)))
        return Sym(True, outcome)

    def _confirmed(self, on: On) -> Mapping[str, Truth]:
        """Return, kind by kind, whether the event confirms it: at most one is."""
        if on is not On.SIGNAL:
            return {}
        flags = {k: self.flag(f"confirmed.{k}") for k in self.policy.signals if self._is_common(k)}
        self.asserted.add(above(2, logic.count(flags.values())))
        return flags

    def judge(self, act: Act) -> "Judged":
        """Return the ruling on an event, and assert what holds of it."""
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
        """Return the truth that a match has a first leg with which it joins."""
        if not act.terms or self.scales is None:
            return equal(act.again[name], 0)
        return logic.implies(above(act.again[name], 0), self.joins(name, self.terms(f"first.{name}"), act))

    def joins(self, name: str, first: Values, act: Act) -> Truth:
        """Return the truth that an event joins with an earlier one in a pattern."""
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


class Judged:
    """An event with its facts and the ruling on it.

    Args:
        requires: What must hold for it to happen then.
    """

    def __init__(self, act: Act, facts: Facts, ruled: Ruled, reader: Reader, requires: Truth = True) -> None:
        self.act, self.facts, self.ruled, self.reader, self.requires = act, facts, ruled, reader, requires


class _Known:
    """A source of facts that reads a mapping."""

    def __init__(self, facts: Mapping[str, Sym]) -> None:
        self.facts = facts

    def get(self, name: str) -> Sym:
        return self.facts.get(name, UNKNOWN)


def solver(asserted: Asserted, milliseconds: int) -> z3.Solver:
    """Return a solver that assumes all that was asserted."""
    found = z3.Solver()
    found.set("timeout", max(1, milliseconds))
    found.add([f for f in asserted.formulas if f is not True])
    return found
