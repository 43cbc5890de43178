"""Compare two policies over all offers and positions: where the verdict changes, from what to what, by which rule.

A region is a change of verdict and the rule behind it; each has a deal that the engine decides so under both policies.
No region is a proof: the same event in the same position gets the same answer, so positions stay the same.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec
import z3

from walkaway.decide.compiler import Program, compile_policy
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.past import left_alone
from walkaway.decide.verdict import Standing
from walkaway.events import BARGAINING, Door, On, Verdict
from walkaway.policy.currencies import needs_rate
from walkaway.policy.model import THRESHOLDS, Enforcement, Policy, Rule
from walkaway.proof.counterexamples.ask import LONGEST, AnyEvent
from walkaway.proof.counterexamples.find import Counterexample, DealToWrite, Lead, Scene, TimeLimit, find
from walkaway.proof.counterexamples.write import Model
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.any_deal import CASES, LEFT_OUT, AnyDeal, Preparation
from walkaway.proof.formulas.bounded import BoundedModel
from walkaway.proof.formulas.common import Common, apart, common_to
from walkaway.proof.formulas.facts import Case
from walkaway.proof.formulas.history import DealOpening, EarlierEvents
from walkaway.proof.formulas.hyperproperties import is_milder
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.logic import Truth, both, no, some

MOST_REGIONS = 100
TURNS = 4
"""How often each region is looked for in turn, where no deal shows it yet: some have none at all."""
A_TURN = 10
"""Leads at most that are tried in one turn."""


class VerdictAndDoor(msgspec.Struct, frozen=True, order=True):
    """A verdict and, for a walk for good, that the door is closed."""

    verdict: Verdict
    closed: bool = False

    @property
    def word(self) -> str:
        """Return the answer in words."""
        return f"{self.verdict} (door closed)" if self.closed else self.verdict.value


class Region(msgspec.Struct, frozen=True):
    """Offers whose answer changes in one way.

    Attributes:
        on: The kinds of event at which it does.
        rule: The rule of the more severe side that decides there; `of_new` says which side that is.
        deals: The same deal as each policy decides it, the old one first; empty where none was found.
    """

    on: tuple[On, ...]
    old: VerdictAndDoor
    new: VerdictAndDoor
    rule: str
    of_new: bool
    deals: tuple[Counterexample, ...] = ()


class Comparison(msgspec.Struct, frozen=True):
    """The result of comparing two policies.

    Attributes:
        regions: In the order of their answers.
        unknown: The kinds of event where the solver could not tell.
        apart: Issues, facts and signals that one policy alone knows; deals that name them are not compared.
        lifted: Whether the bounds of `effective:` were lifted, since no day has both policies in force.
    """

    regions: tuple[Region, ...]
    unknown: tuple[On, ...]
    apart: tuple[str, ...]
    lifted: bool = False

    @property
    def is_same(self) -> bool:
        """Return whether it is proved that no answer changes."""
        return not self.regions and not self.unknown


def compare(
    old: Policy,
    new: Policy,
    clock: Callable[[], float],
    seconds: float,
    *,
    milder: bool = False,
    enough: bool = False,
) -> Comparison:
    """Return where the verdict changes from *old* to *new*.

    Args:
        clock: Gives seconds that pass.
        seconds: How long may be spent in all.
        milder: Give only where *new* is milder than what is mandatory in *old*: its mandatory rules and walk values.
        enough: Return one region with a deal, the first that is found, and say nothing of the others.
    """
    logic.forget()
    one, other = in_force_together(old, new)
    lifted = (one.effective, other.effective) != (old.effective, new.effective)
    if milder:
        one = msgspec.structs.replace(one, rules=tuple(r for r in one.rules if r.enforcement is Enforcement.MANDATORY))
    found = _Comparer(one, other, TimeLimit(clock, clock() + seconds), milder=milder, enough=enough).compare()
    return msgspec.structs.replace(found, lifted=lifted)


def in_force_together(old: Policy, new: Policy) -> tuple[Policy, Policy]:
    """Return two policies as they are, or, where no day has both in force, without the bounds of `effective:`.

    Over deals of no day every claim would hold vacuously; so a version that follows another is compared without bounds.
    """
    firsts, lasts = zip(old.effective, new.effective, strict=True)
    first = max((d for d in firsts if d is not None), default=None)
    last = min((d for d in lasts if d is not None), default=None)
    if first is None or last is None or first <= last:
        return old, new
    return msgspec.structs.replace(old, effective=(None, None)), msgspec.structs.replace(new, effective=(None, None))


class _FoundCase(msgspec.Struct, frozen=True):
    case: Case
    asked: AnyEvent
    question: Truth


_Key = tuple[VerdictAndDoor, VerdictAndDoor, str, bool]


class _Comparer:
    def __init__(self, old: Policy, new: Policy, budget: TimeLimit, *, milder: bool, enough: bool) -> None:
        self.old, self.new, self.budget, self.milder, self.enough = old, new, budget, milder, enough
        self.programs = compile_policy(old), compile_policy(new)
        self.engines = Engine(old), Engine(new)
        common = common_to(old, new)
        own = common.own | _LEFT if milder else common.own
        self.kin = msgspec.structs.replace(common, own=own)

    def compare(self) -> Comparison:
        """Return the regions, each kind of event in turn."""
        found: dict[_Key, list[_FoundCase]] = {}
        unknown: list[On] = []
        for case in CASES:
            for preparation in (Preparation.ANY, Preparation.WORTHLESS):
                if not self.regions(case, preparation, found):
                    unknown.append(case.on)
        leads = {key: self.leads(key, places) for key, places in found.items()}
        shown: dict[_Key, Region] = {}
        for _ in range(TURNS):
            for key, places in found.items():
                if key not in shown or not shown[key].deals:
                    deals = find(islice(leads[key], A_TURN), self.engines, self.budget)
                    shown[key] = Region(tuple(dict.fromkeys(p.case.on for p in places)), *key, deals or ())
                    if self.enough and deals:
                        return Comparison((shown[key],), tuple(On), ())
        if not self.kin.worths:
            unknown += BARGAINING
        unknown += LEFT_OUT
        others = not self.kin.worths or any(name.startswith(_LIMITS) for name in self.kin.own)
        if self.kin.stated or (others and not self.milder):
            # What loosens, and what leaves an offer outside, rests on worths and on limits. A layer below judges by its
            # own beside the layer above, whose answer it takes nothing from.
            unknown.append(On.UPDATE)
        if apart(self.old, self.new) or not self.kin.roles:
            unknown += On
        if unknown or is_void_apart(self.old, self.new, self.kin, milder=self.milder):
            unknown.append(On.VOID)  # it is answered by what the deal's other events come to
        missed = [on for r in shown.values() if not r.deals for on in r.on]
        return Comparison(
            tuple(sorted((r for r in shown.values() if r.deals), key=lambda r: (r.on, r.old, r.new, r.rule))),
            tuple(on for on in On if on in unknown or on in missed),
            tuple(_apart(self.old, self.new, self.kin, milder=self.milder)),
        )

    def regions(self, case: Case, preparation: Preparation, found: dict[_Key, list[_FoundCase]]) -> bool:
        """Add the regions at one way of judging; return whether the solver proved that these are all."""
        first = AnyDeal(self.programs[0], preparation, kin=self.kin)
        second = AnyDeal(self.programs[1], preparation, beside=first, kin=self.kin)
        one, other = first.judge(first.act(case)), second.judge(second.act(case))
        if self.milder:
            first.asserted.add(_left_too(first, second))
        asked, left = AnyEvent(first, one), (loosens if self.milder else differ)(one, other)
        for _ in range(MOST_REGIONS):
            answer = asked.ask(left, self.budget)
            if answer != z3.sat or asked.model is None:
                return bool(answer == z3.unsat)
            key = self.key(Model(asked.model), one, other)
            region = both(_is(key, one, other), loosens(one, other) if self.milder else True)
            found.setdefault(key, []).append(_FoundCase(case, asked, region))
            left = both(left, no(region))
        return False

    def key(self, chosen: Model, one: Judged, other: Judged) -> _Key:
        """Return the key of the region that the last model lies in."""
        old, new = (_answer(chosen, j) for j in (one, other))
        severer = other if new > old else one
        deciding = [rule for rule, decides in _deciding(severer) if chosen.truth(decides)]
        of_answer = [rule for rule in deciding if rule.effect.verdict == max(old, new).verdict]
        # A counter to their offer may be asked for by rules that answer accepting it with another word.
        top = of_answer or [rule for rule in deciding if rule.effect.verdict == _strictest(deciding)]
        rule = next((r.id for r in (*filter(self.is_changed, top), *top)), "")
        return old, new, rule, severer is other

    def is_changed(self, rule: Rule) -> bool:
        """Return whether a rule has another meaning under the other policy."""
        return sum(_meaning(r) == _meaning(rule) for p in (self.old, self.new) for r in p.rules) < 2

    def leads(self, key: _Key, places: Sequence[_FoundCase]) -> Iterator[Lead]:
        """Return leads to deals that show a region, the shortest first."""
        for length in range(LONGEST + 1):
            for place in places:
                yield from place.asked.leads(place.question, [self.scene(place.case, key)], length, self.budget)

    def scene(self, case: Case, key: _Key) -> Scene:
        """Return the query for an event of a kind that is answered as in a region."""
        return lambda opening: _Both(self.programs, opening, case, self.kin, key, milder=self.milder)


class _Both:
    """Counterexample query about one deal under two policies."""

    def __init__(
        self,
        programs: tuple[Program, Program],
        opening: DealOpening,
        case: Case,
        common: Common,
        key: _Key,
        *,
        milder: bool,
    ) -> None:
        self.case, self.key, self.milder = case, key, milder
        self.old = BoundedModel(programs[0], opening, kin=common)
        self.new = BoundedModel(programs[1], opening, self.old.asserted, self.old.shared, self.old.codes, common)

    def follow(self, history: EarlierEvents) -> None:
        """Assert the same history under both policies."""
        self.old.follow(history)
        self.new.follow(history)

    def goal(self) -> tuple[Truth, Sequence[DealToWrite]]:
        """Return the truth to satisfy, and the deal to write, once for each policy."""
        one, other = self.old.judge(self.case), self.new.judge(self.case)
        takes = [DealToWrite(self.old, one), DealToWrite(self.old, one)]
        sought = both(_is(self.key, one, other), loosens(one, other) if self.milder else True)
        return both(one.requires, other.requires, sought), takes

    def holds(self, found: Sequence[Judged]) -> Truth:
        """Return whether both policies decided so."""
        return both(found[0].act.on is self.case.on, _is(self.key, found[0], found[1]))


def differ(one: Judged, other: Judged) -> Truth:
    """Return the truth that two rulings give different answers."""
    pairs = [*zip(one.ruled.reaches, other.ruled.reaches, strict=True), (one.ruled.closed, other.ruled.closed)]
    return some(no(logic.same(a, b)) for a, b in pairs)


def loosens(one: Judged, other: Judged) -> Truth:
    """Return the truth that *other* is a milder answer, by what hears the event or by what accepting it would be.

    Their offer is answered by `escalate` where approvals could lift all that stands against accepting it. A rule more
    that no approval lifts makes that a `hold`, say, and loosens nothing: accepting is as far away as before.
    """
    parts = [is_milder(one.heard, other.heard)]
    if one.inner is not None and other.inner is not None:
        parts.append(is_milder(one.inner.ruled, other.inner.ruled))
    return both(is_milder(one.ruled, other.ruled), some(parts))


def _left_too(old: AnyDeal, new: AnyDeal) -> Truth:
    """Return the truth that the new policy, no milder so far, has left wherever the old one has."""
    one, other = old.state, new.state
    return both(
        logic.implies(one.left_closed, other.left_closed),
        logic.implies(one.left_open, logic.either(other.left_open, other.left_closed)),
    )


def _deciding(judged: Judged) -> list[tuple[Rule, Truth]]:
    """Return the rules that may decide, with the truth that they do: those of accepting it, or agreeing again, too."""
    found = [judged.heard] if judged.inner is None else [judged.heard, judged.inner.heard]
    return [pair for ruled in found for pair in zip(ruled.rules, ruled.decides, strict=True)]


def _is(key: _Key, one: Judged, other: Judged) -> Truth:
    """Return the truth that two rulings are those of a region."""
    old, new, rule, of_new = key
    named = [(r, d) for r, d in _deciding(other if of_new else one) if r.id == rule]
    of_answer = [d for r, d in named if r.effect.verdict == max(old, new).verdict]
    decides = some(of_answer or [d for _, d in named])
    pairs = ((old, one.ruled), (new, other.ruled))
    answered = (both(r.is_verdict(a.verdict), logic.same(r.closed, a.closed)) for a, r in pairs)
    return both(*answered, decides if rule else True)


def _strictest(rules: Iterable[Rule]) -> Verdict | None:
    return max((v for rule in rules if (v := rule.effect.verdict) is not None), default=None)


def _answer(chosen: Model, judged: Judged) -> VerdictAndDoor:
    verdict = max(v for v in Verdict if chosen.truth(judged.ruled.reaches[v.rank]))
    return VerdictAndDoor(verdict, chosen.truth(judged.ruled.closed))


def _meaning(rule: Rule) -> object:
    """Return what a rule does, without its place and wording, to be compared."""
    return rule.id, rule.on, rule.effect, rule.enforcement, rule.by, frozenset(rule.alternatives)


_LIMITS = tuple(f"{threshold}." for threshold in THRESHOLDS)
_LEFT = {"left.open", "left.closed"}
"""What parts where one policy alone has walked."""


def is_void_apart(old: Policy, new: Policy, common: Common, *, milder: bool) -> bool:
    """Return whether a void may be answered otherwise because of the facts that rules read, which it must leave as they
    are: they read others, or what they read is another number under each policy.

    Args:
        milder: Only whether it may be answered more mildly. What is another number in a layer below makes an answer
            there, beside that of the layer above.
    """
    (read, rested), (now_read, now_rested) = left_alone(old), left_alone(new)
    if milder:
        return not (read <= now_read and rested <= now_rested)
    if (common.own - _LEFT) & (now_read | now_rested):  # where worths part, so that the doors may, nothing is said
        return True
    return (read, rested) != (now_read, now_rested)


def _apart(old: Policy, new: Policy, common: Common, *, milder: bool) -> Iterator[str]:
    """Name what events can say under one of the two policies only."""
    for word, names, shared in (
        ("issue", (old.issues, new.issues), common.issues),
        ("deal fact", (old.deal, new.deal), common.deal),
        ("signal", (dict.fromkeys(old.signals), dict.fromkeys(new.signals)), common.signals),
    ):
        for policy, side in zip((old, new), names, strict=True):
            which = "old" if policy is old else "new"
            yield from (f"{word} `{n}` of the {which} policy" for n in side if n not in shared)
    apart_in = [n for n in common.deal if old.deal[n].bounds != new.deal[n].bounds]
    apart_in += [n for n in common.issues if old.issues[n].named != new.issues[n].named]
    yield from (f"values of `{name}` beyond the bounds of one of them" for name in sorted(apart_in))
    for which, policy, beside in (("old", old, new), ("new", new, old)):
        if _has_days_alone(policy.effective, beside.effective):
            yield f"days on which the {which} policy alone is in force"
    if not common.roles:
        yield "the ranks of roles"
    yield from apart(old, new)
    if needs_rate(old) or needs_rate(new):
        yield f"deals in other currencies than {new.currency}"
    if is_void_apart(old, new, common, milder=milder):
        yield "facts that a void must leave as they are, since a rule reads them"
    if not common.worths:
        yield "what the ledger holds where terms are worth something else"
    if old.needed != new.needed:
        yield "deals that lack a fact on which worths rest"


def _has_days_alone(days: tuple[int | None, int | None], others: tuple[int | None, int | None]) -> bool:
    """Return whether a period has days that another has not."""
    (first, last), (other_first, other_last) = days, others
    begins_before = other_first is not None and (first is None or first < other_first)
    return begins_before or (other_last is not None and (last is None or last > other_last))


class Flip(msgspec.Struct, frozen=True, order=True):
    """A past decision that changes: the answer before and after, and the rule of the more severe side."""

    old: str
    new: str
    rule: str


def flips(pairs: Iterable[tuple[Decision, Decision]]) -> dict[Flip, int]:
    """Count how many of the decisions on the same events differ, by verdict and rule."""
    found: dict[Flip, int] = {}
    for one, other in pairs:
        answers = [VerdictAndDoor(d.verdict, d.door is Door.CLOSED) for d in (one, other)]
        if answers[0] != answers[1]:
            severer = other if answers[1] > answers[0] else one
            rule = next((r.rule for r in severer.reasons if r.standing is Standing.DECIDES), "")
            flip = Flip(answers[0].word, answers[1].word, rule)
            found[flip] = found.get(flip, 0) + 1
    return dict(sorted(found.items()))
