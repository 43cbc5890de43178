# Over 400 lines: one deal of which everything is free, with its events.
"""An over-approximation of every deal: positions whose numbers the solver may choose, within the constraints.

Deals reach only some of these positions, so what holds of all of them holds of every deal. A prepared deal lacks
nothing; the others lack something, with worths already known or not yet.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

import z3

from walkaway.decide.compiler import Program
from walkaway.events import BARGAINING, LESSER, OPENING, OUTCOMES, On, Verdict
from walkaway.language.values import Kind, Value
from walkaway.policy.catalog import ALWAYS, FactSpec
from walkaway.policy.exchange import ONE, RATE
from walkaway.policy.model import Issue, Package, Rule, Threshold
from walkaway.proof.formulas import ledger, logic
from walkaway.proof.formulas.common import HALTED, MISSING, Common, Shared, reads_halted
from walkaway.proof.formulas.constraints import in_range, of_every_event, of_opening
from walkaway.proof.formulas.days import AnyDay
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Encoder, Lifted, Sym, lift_of, no_milder
from walkaway.proof.formulas.facts import (
    Act,
    Agreed,
    Case,
    Half,
    Moved,
    Named,
    State,
    Values,
    is_free,
    issue_of,
    of_issues,
    worths_of,
)
from walkaway.proof.formulas.judging import Judged, judge
from walkaway.proof.formulas.logic import Number, Truth, above, equal
from walkaway.proof.formulas.worths import Asserted, Worths, any_worths

COUNTS = ("offers", "concessions", "in_a_row", "unreturned", "flat", "retracted", "rejections")
CASES = (
    Case(On.OUR_OFFER),
    Case(LESSER),
    Case(On.OUR_ACCEPTANCE, agrees=True),
    Case(On.THEIR_OFFER),
    Case(On.THEIR_ACCEPTANCE, agrees=True),
    Case(On.THEIR_ACCEPTANCE),
    *(Case(on) for on in On if on not in BARGAINING),
    Case(OPENING),
    Case(On.CLOSE, again="ours"),
    Case(On.CLOSE, again="theirs"),
)
"""Every way in which an event can be judged."""


_WRITTEN = (
    "our offer", "their offer", "our acceptance", "their acceptance", "our rejection", "their rejection", "signal",
    "tick", "open", "update", "approval", "close", "our withdrawal", "their withdrawal", "revocation", "void",
    "reopening", "probe", "request", "decline", "kill", "resume",
)  # fmt: skip
_LOOKING_BACK = (On.VOID, On.REOPENING)
"""Kinds of event whose answer rests on the deal's past."""
LEFT_OUT = frozenset(on for on in On if on.value not in _WRITTEN)
"""Kinds of event that the formulas know nothing of; nothing is proved of them."""


def cases_of(ons: Iterable[On]) -> tuple[Case, ...]:
    """Return the ways in which events are judged that rules hear by one of some words."""
    words = frozenset(ons)
    return tuple(c for c in CASES if not words.isdisjoint(c.words))


class Preparation(Enum):
    """What a deal lacks: nothing, a fact on which no worth rests, one on which worths rest; or one of the first two."""

    PREPARED = "prepared"
    LACKING = "lacking"
    WORTHLESS = "worthless"
    ANY = "any"


def preparations(case: Case) -> tuple[Preparation, ...]:
    """Return the preparations to consider in turn for a way of judging; together they cover all deals."""
    if case.has_terms:
        return Preparation.PREPARED, Preparation.LACKING, Preparation.WORTHLESS
    return Preparation.ANY, Preparation.WORTHLESS


class AnyDeal:
    """All deals under one policy, of one preparation, before an event that is then judged.

    Args:
        selected: The value of the selector in all terms that are judged; any, if left out. All its values together
            cover all deals, and with one of them the solver has fewer ways to go.

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
        beside: "AnyDeal | None" = None,
        kin: Common | None = None,
        selected: Value | None = None,
    ) -> None:
        self.program, self.policy, self.preparation = program, program.policy, preparation
        self.selected = selected
        self.kin, self.beside = kin, beside
        self.asserted: Asserted = beside.asserted if beside else Asserted(precise=precise)
        self.codes: Codes = beside.codes if beside else Codes()
        self.shared: Shared | None = beside.shared if beside else Shared() if kin else None
        self.day = self.number("day")
        self.known: dict[str, Sym] = {}
        self.brings: dict[str, Truth] = {}
        self.reader = Encoder(_KnownFacts(self.known), self.asserted, self.codes)
        self._state_facts()
        self.scales: Worths | None = None
        if preparation is not Preparation.WORTHLESS:
            same = beside.scales if beside and kin and kin.worths else None
            self.scales = same or any_worths(self.policy, self.reader, self.asserted)
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
        # Whether a number is known is each policy's own where the number is: a row that one of two tables lacks.
        own = name.removeprefix("known.") in self.kin.own or (not self.kin.roles and name.startswith("approved."))
        if name.startswith("lifts."):
            own = not self.kin.roles or name.rpartition(".")[2].partition(":")[0] not in self.kin.liftable
        return f"{name}'" if own and self.beside else name

    def _state_facts(self) -> None:
        """State the deal's facts: those that every prepared deal has are known, the others may be unknown."""
        for name, fact in self.policy.deal.items():
            default = None if fact.default is None else self.codes.code(fact.default, fact.unit)
            if self.kin is not None and name not in self.kin.deal:
                self.known[f"deal.{name}"] = UNKNOWN if default is None else Sym(True, default)
            elif self.kin is not None and name in self.kin.stated:
                stated, value = self.flag(f"stated.deal.{name}"), self.number(f"deal.{name}")
                if default is not None:
                    stated, value = True, logic.choose(stated, value, default)
                self.known[f"deal.{name}"] = Sym(stated, value)
            else:
                self.known[f"deal.{name}"] = Sym(self._is_known(f"deal.{name}"), self.number(f"deal.{name}"))
        for lookup in self.policy.lookups:
            self.known[lookup.name] = Sym(self._is_known(lookup.name), self.number(lookup.name))
        self._state_rate()
        self.known["batna.worth"] = Sym(self.flag("known.batna.worth"), self.number("batna.worth"))

    def _state_rate(self) -> None:
        """State the rate at which amounts are converted: any above nothing, and 1 in the policy's own currency."""
        if self.policy.exchange is None:
            return
        if not self.policy.home:
            self.known[RATE] = Sym(True, ONE)
            return
        rate = self.number(RATE, whole=False)
        self.asserted.add(above(rate, 0))
        self.known[RATE] = Sym(self._is_known(RATE), rate)

    def _state_limits(self) -> None:
        """State the limits: the deal's own where it brings them, else the policy's."""
        brings: dict[str, Sym] = {}
        for held, threshold, name, value in self.policy.limit_facts:
            limited = self.policy.issues.get(name, self.policy.package)
            limited = limited if value is None else limited.by[value]
            fact, own = f"{threshold}.{name}", getattr(limited, threshold)
            if name == self.policy.selector or (self.kin is not None and name not in (*self.kin.issues, "package")):
                brought = UNKNOWN
            elif fact in brings:
                brought = brings[fact]
            else:
                brought = brings[fact] = Sym(self.flag(f"brings.{fact}"), self.number(f"brought.{fact}"))
                self.brings[fact] = brought.known
            self.known[held] = self._limit(limited, own, brought, per_deal=limited.per_deal and threshold == "walk")

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
            ours = Sym(self.reader.known(own), logic.times(unit.scale, self.reader.amount(own)))
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
        if self.scales is not None:
            return self.scales.start[issue]
        return self.number(f"{name}.{issue}")

    def _named(self, name: str) -> Named:
        """Return which terms are known: all, once worths are."""
        if self.preparation is not Preparation.WORTHLESS:
            return {}
        return self._flags(f"named.{name}")

    def _flags(self, name: str) -> Named:
        """Return a free truth for each issue."""
        return {i: self.flag(f"{name}.{i}") for i in self.policy.issues}

    def _said_first(self, name: str) -> Mapping[str, Sym]:
        """Return what any party first said of each issue that it has named."""
        return {i: Sym(self.flag(f"is.{name}.{i}"), v) for i, v in self.terms(name).items()}

    def _is_common(self, signal: str) -> bool:
        """Return whether an event may report a kind of conduct."""
        return self.kin is None or signal in self.kin.signals

    def _may_be_lifted(self, one: Rule) -> bool:
        """Return whether an approval may lift a rule."""
        named = one.built_in and one.id in ("short-of-want", "unvalued")
        return bool(self.policy.roles) and (bool(one.effect.to) or bool(one.by) or named)

    def _half(self, name: str) -> Half:
        number, flag = self.number, self.flag
        standing = self.terms(name)
        weighed = self.scales is not None
        return Half(
            standing=standing,
            named=self._named(name),
            worths=worths_of(self.scales, standing),
            first=self._said_first(f"{name}.first"),
            stated=self._flags(f"{name}.stated"),
            settled={i: flag(f"{name}.settled.{i}") for i in self.policy.issues if i in self.policy.own_issues},
            stands=flag(f"{name}.stands"),
            several=flag(f"{name}.several"),
            rejected=flag(f"{name}.rejected"),
            last_give=number(f"{name}.last_give", whole=False) if weighed else 0,
            said_at=Sym(flag(f"{name}.said"), number(f"{name}.said_at")),
            conceded_at=Sym(flag(f"{name}.conceded"), number(f"{name}.conceded_at")) if weighed else UNKNOWN,
            **{n: number(f"{name}.{n}") for n in COUNTS},
        )

    def _state(self) -> State:
        number, policy, scales = self.number, self.policy, self.scales
        start = self.terms("start")
        missing: Number = 0
        if self.preparation is not Preparation.PREPARED:
            missing = number(MISSING)
            lacks = self.preparation is not Preparation.ANY and self.kin is None
            self.asserted.add(above(missing, 0) if lacks else True)
        if self.preparation is Preparation.WORTHLESS:
            needed = self.kin.needed if self.kin else self.policy.needed
            self.asserted.add(logic.no(logic.every(self.known[n].known for n in sorted(needed) if n in self.known)))
        ours, theirs, cleared = self._half("ours"), self._half("theirs"), self.terms("cleared")
        base, agreed = self._said_first("base"), self.terms("agreement")
        was_agreed = self._flags("was_agreed")
        state = State(
            scales=scales,
            known=self.known,
            ours=ours,
            theirs=theirs,
            start=start,
            start_worths=worths_of(scales, start),
            cleared=cleared,
            cleared_worths=worths_of(scales, cleared),
            run_worths=worths_of(scales, self.terms("run")),
            base=base,
            base_worths=worths_of(scales, {i: b.value for i, b in base.items()}),
            agreement=Agreed(
                terms=agreed,
                worths=worths_of(scales, agreed),
                exists=self.flag("agreement.exists"),
                stands=self.flag("agreement.stands"),
                cleared=self.flag("agreement.cleared"),
                is_ours=self.flag("agreement.is_ours"),
            ),
            signals={k: number(f"signals.{k}") if self._is_common(k) else 0 for k in policy.signals},
            matches={p.name: number(f"pattern.{p.name}") for p in policy.patterns},
            uncleared=number("uncleared"),
            other_ours=number("other.ours"),
            other_theirs=number("other.theirs"),
            missing=missing,
            left_open=self.flag("left.open"),
            left_closed=self.flag("left.closed"),
            left_at=number("left_at"),
            settled={i: Sym(was_agreed[issue_of(i)], w) for i, w in worths_of(scales, self.terms("agreed")).items()},
            opened=number("opened"),
            free={e.name: self._free(e) for e in policy.catalog.values() if is_free(e)},
            days=None if policy.calendar is None else AnyDay(policy.calendar, number("origin"), self.asserted),
        )
        if scales is None:
            return state
        replace = ledger.replace
        ours = replace(ours, net=logic.total(of_issues(state.cleared_worths).values()))
        return replace(state, ours=ours, theirs=replace(theirs, net=ledger.their_net(policy, state)))

    def _free(self, entry: FactSpec) -> Sym:
        """Return any value of a fact of which nothing else is said; offers are not stopped where nobody reads that."""
        if entry.name == HALTED and not (self.kin.halted if self.kin else reads_halted(self.policy)):
            return Sym(True, 0)
        value = self.number(entry.name, whole=entry.whole)
        self.asserted.add(in_range(value, entry.unit))
        if entry.unit.kind is Kind.COUNT or entry.path == "budget":
            self.asserted.add(logic.at_least(value, 0))
        return Sym(True if entry.known == ALWAYS else self.flag(f"known.{entry.name}"), value)

    def _role(self, name: str) -> Sym:
        """Return any role, or that none is known: of each event another one, whatever was said before it."""
        entry = self.policy.catalog.get("offer.role")
        if entry is None:
            return UNKNOWN
        value = self.number(f"{name}.role")
        self.asserted.add(in_range(value, entry.unit))
        return Sym(self.flag(f"{name}.role.known"), value)

    def act(self, case: Case, name: str = "offer", *, now: Number | None = None) -> Act:
        """Return any event that is judged in a way."""
        state, on = self.state, case.on
        names = self._flags(f"{name}.names") if case.has_terms else {}
        terms, named = self._terms_of(case, name, names)
        terms = self._at_selected(terms)
        worths = worths_of(self.scales, terms)
        covered = self.scales is not None and (bool(terms) or bool(case.again))
        return Act(
            case=case,
            role=self._role(name) if case.is_ours else UNKNOWN,
            terms=terms,
            named=named,
            worths=worths,
            moved=self._moved(case, name, worths, names),
            stating=dict.fromkeys(terms, True) if case.agrees else names,
            taken={i: logic.both(n, self.flag(f"{name}.takes.{i}")) for i, n in names.items()},
            confirmed=self._confirmed(on),
            again=self._again(case, name) if covered else {},
            lifted=self._lifted(name) if covered else Lifted(),
            other=self._other(case, name),
            same_other=self.flag(f"{name}.same_other") if case.has_terms else True,
            is_choice=self.flag(f"{name}.is_choice") if case.heard is On.THEIR_OFFER else False,
            outcome=self._outcome() if on is On.CLOSE else UNKNOWN,
            agreed=self.flag("close.agreed") if on is On.CLOSE else False,
            differs=self.flag("close.differs") if on is On.CLOSE else False,
            now=(state.opened if on is On.OPEN else self.number("now")) if now is None else now,
        )

    def _terms_of(self, case: Case, name: str, names: Named) -> tuple[Values, Named]:
        """Return the whole package on the table, and which of it is known where that is not sure."""
        state = self.state
        if not case.has_terms:
            return {}, {}
        theirs = state.theirs
        if case.heard is On.THEIR_ACCEPTANCE:
            return theirs.standing, theirs.named
        offered = self.terms(name)
        if case.heard is On.OUR_ACCEPTANCE:
            return {i: logic.choose(theirs.several, v, theirs.standing[i]) for i, v in offered.items()}, theirs.named
        if self.scales is not None and case.heard is On.THEIR_OFFER:
            return ledger.their_terms(state, offered, names), {}
        return offered, self._named(name)

    def _at_selected(self, terms: Values) -> Values:
        """Return terms with the value of the selector that is asked about."""
        if self.selected is None or self.scales is None or not terms:
            return terms
        selector = self.policy.issues[self.policy.selector]
        code = self.codes.code(self.selected, selector.unit)
        self.asserted.add(equal(terms[selector.name], code))
        return {**terms, selector.name: code}

    def _moved(self, case: Case, name: str, worths: Values, names: Named) -> Moved | None:
        """Return what terms of theirs change; where the deal is the one in which they are counted, anything."""
        if not case.is_theirs:
            return None
        if case.heard is On.THEIR_OFFER and self.scales is not None:
            return ledger.moved(self.policy, self.state, worths, names)
        number = self.number
        return Moved(
            gain=number(f"{name}.gain", whole=False),
            loss=number(f"{name}.loss", whole=False),
            losses=number(f"{name}.losses"),
            new=number(f"{name}.new", whole=False),
            names=self.flag(f"{name}.is_new"),
            stating=dict.fromkeys(names, True) if case.agrees else names,
            first=equal(self.state.theirs.offers, 0) if case.heard is On.THEIR_OFFER else self.flag(f"{name}.is_first"),
        )

    def _again(self, case: Case, name: str) -> Mapping[str, Number]:
        """Return how many matches the event adds to each pattern; those of their acceptance have been counted."""
        if case.heard is On.THEIR_ACCEPTANCE or case.again:
            return {}
        words = {On.OUR_OFFER} if case.heard == OPENING else case.words
        return {p.name: self.number(f"again.{name}.{p.name}") for p in self.policy.patterns if p.second.on in words}

    def _other(self, case: Case, name: str) -> Number:
        """Return how many undeclared terms are on the table."""
        if case.heard in (On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE):
            return self.state.other_theirs
        return self.number(f"{name}.other") if case.has_terms or case.again else 0

    def _lifted(self, name: str) -> Lifted:
        """Return what any approvals take back."""
        return Lifted(
            {r: self.flag(f"approved.{name}.{r}") for r in self.policy.roles},
            {lift_of(r): self.flag(f"lifts.{name}.{lift_of(r)}") for r in self.policy.rules if self._may_be_lifted(r)},
            self.flag(f"approved.{name}"),
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

    def judge(self, act: Act, state: State | None = None) -> Judged:
        """Return the ruling on an event, and assert what holds of it.

        Args:
            state: Another deal than any.
        """
        state = state or self.state
        self.happens(act, state)
        taking = self._again(ledger.TAKING, "taking") if act.case.is_their_word and self.scales is not None else {}
        for number in taking.values():
            self.asserted.add(logic.at_least(number, 0))
        found = judge(self.program, state, act, self.reader.over, again=taking)
        if act.on in _LOOKING_BACK:
            found.ruled = no_milder(found.ruled, self._more(act.on))
        return found

    def _more(self, on: On) -> list[Truth]:
        """Return any answer short of walking, which the deal's past may demand."""
        rank = self.number(f"past.{on.value}")
        return [logic.at_least(rank, v.rank) if v is not Verdict.WALK else False for v in Verdict]

    def happens(self, act: Act, state: State) -> None:
        """Assert what holds of an event."""
        for _, formula in of_every_event(self.policy, state, act):
            self.asserted.add(formula)
        for pattern in act.again:
            self.asserted.add(self._some_first_leg(pattern, act))

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
            worths = of_issues(worths_of(self.scales, terms)) if "worth" in leg.reads else {}
            for read in leg.reads:
                value = self.scales.exact(logic.total((base, *worths.values()))) if read == "worth" else terms[read]
                legs[f"{leg.name}.{read}"] = Sym(True, value)
        return Encoder(_KnownFacts(legs), self.asserted, self.codes).holds(pattern.condition)


class _KnownFacts:
    """A source of facts that reads a mapping."""

    def __init__(self, facts: Mapping[str, Sym]) -> None:
        self.facts = facts

    def get(self, name: str) -> Sym:
        return self.facts.get(name, UNKNOWN)


def solver(asserted: Asserted, milliseconds: int) -> z3.Solver:
    """Return a solver that assumes all that was asserted."""
    found = z3.Solver()
    found.set("timeout", max(1, milliseconds))
    logic.assume(found, asserted.formulas)
    return found
