# Over 400 lines: the corridor: each way in which an event is judged, side by side as in docs/calculus.md.
"""The corridor: one event through the rooms, in order. Calls them, compares the two cores, and does nothing else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property, partial

import msgspec

from walkaway.deal.admission import check
from walkaway.deal.cover import covering, movers_of
from walkaway.deal.facts import Deriver, Room, may_close
from walkaway.deal.fold import as_ours, counted, fold, opening
from walkaway.deal.ledger import of_ours, signed, taking, weigh
from walkaway.deal.position import Earlier, Move, PartyRecord, Position, bits_of
from walkaway.deal.stated import at
from walkaway.deal.taken_back import expired
from walkaway.deal.unfit import Unfit
from walkaway.decide.again import History
from walkaway.decide.authority import Covering, is_liftable
from walkaway.decide.compiler import Program, compile_policy
from walkaway.decide.core import plain, rete
from walkaway.decide.core.program import CONCLUDED, Facts, Fired, Runner, Stage, concluded
from walkaway.decide.core.rete import CoreFailed as CoreFailed
from walkaway.decide.decision import Accepting, Cores, Decision, Digests, Obligation, PolicyRef, Reason
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.explain import Explainer, placeholders
from walkaway.decide.known import known_party
from walkaway.decide.layers import parted, seen_by, together
from walkaway.decide.obligations import Adviser, advise
from walkaway.decide.past import LOOKING_BACK, Past
from walkaway.decide.verdict import Ruling, at_least, combine
from walkaway.events import (
    CLOSED,
    LESSER,
    OPEN,
    OPENING,
    THEM,
    US,
    Accept,
    AnyEvent,
    Close,
    Heard,
    Offer,
    On,
    Open,
    Signal,
    Terms,
    Verdict,
    is_theirs,
    on_of,
)
from walkaway.language.expr.tree import facts_of
from walkaway.language.instants import format_day
from walkaway.language.values import Exact, folded, formatter
from walkaway.policy.model import Policy, Rule


class Core(StrEnum):
    """Which evaluators decide."""

    BOTH = "both"
    PLAIN = "plain"
    RETE = "rete"


class Incident(msgspec.Struct, frozen=True):
    """The two cores did not agree, or one of them failed."""

    policy: str
    event: str
    what: str


Cover = Callable[[], Covering | None]
"""Returns the approvals that cover the terms judged; asked for only where a rule fires that one could lift."""
Loader = Callable[[Stage], Runner]
Report = Callable[[Incident], None]


class Engine:
    """A policy ready to decide. Not to be shared between threads.

    Args:
        core: `both` computes every decision twice; where `rete` cannot be had, `plain` runs alone and decisions say so.
        report: Is told of every incident, once.
        loaders: The cores; tests put others in their place.

    Raises:
        rete.CoreFailed: Where `rete` is asked for alone and cannot be had.
    """

    def __init__(
        self,
        policy: Policy,
        core: Core = Core.BOTH,
        report: Report = lambda _: None,
        loaders: Mapping[Core, Loader] | None = None,
    ) -> None:
        self.policy = policy
        self.program: Program = compile_policy(policy)
        self.report = report
        self.loaders = {Core.PLAIN: plain.load, Core.RETE: rete.load, **(loaders or {})}
        self.note = ""
        self.core = core
        if core is Core.RETE and not rete.is_available():
            raise rete.CoreFailed(
                "the core `rete` needs durable-rules, which is not installed (`pip install durable-rules`)"
            )
        if core is Core.BOTH and not rete.is_available() and Core.RETE not in (loaders or {}):
            self.core, self.note = Core.PLAIN, "durable-rules is not installed; plain ran alone"
        self.single = Cores(True, {}, self.note, (self.core,))
        self.above = None if policy.above is None else Engine(policy.above, core, report, loaders)
        self.desks = _Desks(self.program, self.loaders)
        self.explainer = Explainer(policy)
        self.past = Past(policy, self.folded_again)
        self.reference = PolicyRef(policy.name, policy.sha256, policy.version)
        self.as_of = msgspec.UNSET if policy.as_of is None else format_day(policy.as_of)
        self.room_formats = [
            (f"room.{n}", n, formatter(policy.catalog[f"room.{n}"].unit, -1))
            for n in sorted((*policy.issues, "package"))
        ]

    def evaluate(
        self,
        position: Position | None,
        event: AnyEvent,
        history: History | None = None,
        *,
        party: PartyRecord | None = None,
        earlier: Earlier | None = None,
    ) -> Evaluation:
        """Judge one event in its deal, and keep nothing of it.

        Args:
            position: The deal before the event; none before it opened.
            history: Gives the deal's events so far; what is taken back or stated otherwise is folded again from them.
            party: What is known of the other side from its other deals.
            earlier: The deal that this one follows, where the event opens it; it counts if it was with the same party.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        found = self.alone(position, event, history, party, earlier)
        if self.above is None:
            return found
        policy = self.above.policy
        upper = self.above.evaluate(
            None if position is None else position.above,
            seen_by(policy, event),
            None if history is None else lambda: [seen_by(policy, past) for past in history()],
            party=party,
            earlier=None if earlier is None else earlier.above,
        )
        return together(found, upper)

    def alone(
        self,
        position: Position | None,
        event: AnyEvent,
        history: History | None,
        party: PartyRecord | None,
        earlier: Earlier | None,
    ) -> Evaluation:
        """Judge one event by this layer and those above together, as one policy; named as for `evaluate`."""
        policy = self.policy
        if position is None:
            check(policy, None, event)
            assert isinstance(event, Open)
            if earlier is not None and earlier.party != folded(event.party):
                earlier = None
            begun = knowing(opening(policy, event, earlier), event, party)
            return self.folded(begun, event, True, opens=True)
        before = position = knowing(position, event, party)
        if event.instant > position.last:
            if not event.sure and event.instant > position.last + policy.ahead:
                return self.held_back(position, event)
            position = lapsed(policy, position, event.instant)
        check(policy, position, event, history)
        if isinstance(event, Accept) and event.of not in ("", position.side(event.by.other).said_by):
            event = self.past.taking_replaced(position, event, history)
        found = self.folded(position, event, True)
        if position is not before:
            found = msgspec.structs.replace(found, before=before)
        return found if type(event) not in LOOKING_BACK else self.past.looked_back(found, history)

    def held_back(self, position: Position, event: AnyEvent) -> Evaluation:
        """Hold an event far ahead of its deal, by which nothing else is judged, and fold nothing of it."""
        check(self.policy, position, event)
        desk = self.desks[on_of(event), False]
        facts, _ = desk.deriver.derive(position, event)
        fired, cores = self.run(desk, facts, event, None)
        ahead = next(r for r in self.policy.rules if r.id == "far-ahead" and r.built_in)
        ruling = _kept_closed(combine([*(desk.rules[i] for i in fired), ahead], None, self.policy), position)
        return Judged(position, event, desk, None, None, facts, None, None, fired, ruling, cores).evaluation(
            position, position, False
        )

    def folded_again(self, deal: Position, position: Position | None, event: AnyEvent, may_clear: bool) -> Evaluation:
        """Judge and fold an event of the past of a deal, with what was known then; look no further back."""
        party = deal.others_then(event)
        if position is None:
            assert isinstance(event, Open)
            begun = knowing(opening(self.policy, event, deal.follows), event, party)
            return self.folded(begun, event, may_clear, opens=True)
        position = knowing(position, event, party)
        if event.instant > position.last + self.policy.ahead and not event.sure:
            return self.held_back(position, event)
        return self.folded(lapsed(self.policy, position, event.instant), event, may_clear)

    def folded(self, position: Position, event: AnyEvent, may_clear: bool, *, opens: bool = False) -> Evaluation:
        """Judge an event, and fold it.

        Args:
            may_clear: Whether terms that are let through are cleared by it.
        """
        policy = self.policy
        if isinstance(event, Offer) and event.packages:
            return self.several(position, event, may_clear)
        move = weigh(policy, position, event)
        if move is None:
            return self.heard(position, event, opens)
        if move.by is US:
            found = self.judged(position, event, move.heard, ours=move)
            proceeds = may_clear and found.ruling.verdict is _PROCEED
            return found.evaluation(position, fold(policy, position, event, move, proceeds=proceeds), opens)
        return self.theirs(position, event, move, may_clear)

    def several(self, position: Position, event: Offer, may_clear: bool) -> Evaluation:
        """Judge an offer of several packages: each by itself, and the most severe answer is that of all.

        What one of them names all of them name: an issue that a package leaves out has its maker's value there.

        Source:
            docs/calculus.md, the events: several packages.
        """
        policy = self.policy
        said = [self.weighed(position, event, package) for package in event.packages]
        names = {i for package in event.packages for i in package}
        moves = [self.weighed(position, event, {i: v for i, v in m.terms.items() if i in names}) for m in said]
        least = min(moves, key=lambda move: move.worth or 0)
        packages, named = tuple(move.terms for move in moves), bits_of(policy, names)
        heard: Heard = On.THEIR_OFFER
        if event.by is US:
            heard = LESSER if any(move.heard is LESSER for move in moves) else On.OUR_OFFER
        whole = msgspec.structs.replace(
            least, stated=named, packages=packages, agrees=False, heard=heard,
            names=bool(named & ~position.theirs.stated),
        )  # fmt: skip
        if event.by is US:
            found = max(
                (self.judged(position, event, heard, ours=move) for move in moves),
                key=lambda judged: judged.ruling.verdict.rank,
            )
            proceeds = may_clear and found.ruling.verdict is _PROCEED
            return found.evaluation(position, fold(policy, position, event, whole, proceeds=proceeds), False)
        after = counted(policy, position, event, whole)
        answers = [
            self.with_taking(self.judged(position, event, heard, theirs=move), after, event, move.terms)
            for move in moves
            if position.valuation is not None
        ] or [self.judged(position, event, heard, theirs=whole)]
        found = max(answers, key=lambda judged: judged.ruling.verdict.rank)
        return found.evaluation(position, fold(policy, after, event, whole, left=found.ruling.door), False)

    def weighed(self, position: Position, event: Offer, package: Terms) -> Move:
        """Return what one of several packages changes."""
        move = weigh(self.policy, position, msgspec.structs.replace(event, terms=package, packages=()))
        assert move is not None, "an offer has terms"
        return move

    def heard(self, position: Position, event: AnyEvent, opens: bool) -> Evaluation:
        """Judge an event without terms."""
        found = self.judged(position, event, on_of(event))
        door = found.ruling.door if isinstance(event, Signal) or is_theirs(event) else None
        if isinstance(event, Close):
            found = self.closing(position, event, found)
            if event.outcome == "walked":
                door = found.ruling.door or OPEN
        quiet = opens and door is None
        after = position if quiet else fold(self.policy, position, event, None, left=door)
        return found.evaluation(position, after, opens)

    def theirs(self, position: Position, event: AnyEvent, move: Move, may_clear: bool) -> Evaluation:
        """Judge an offer or an acceptance of theirs: what takes our word by what it makes of our terms."""
        policy = self.policy
        after = counted(policy, position, event, move)
        if move.heard is On.THEIR_ACCEPTANCE:
            ours = as_ours(policy, after, move)
            found = self.judged(after, event, move.heard, ours, move, counted=True)
        else:
            ours = None
            found = self.judged(position, event, move.heard, theirs=move)
        if not move.agrees and position.valuation is not None:
            found = self.with_taking(found, after, event)
        proceeds = may_clear and found.ruling.verdict is _PROCEED
        after = fold(policy, after, event, ours or move, proceeds=proceeds, left=found.ruling.door)
        return found.evaluation(position, after, False)

    def with_taking(
        self, found: "Judged", position: Position, event: AnyEvent, package: Terms | None = None
    ) -> "Judged":
        """Hold an answer against what accepting these terms now would be: no milder than a trade, if that is no yes.

        Nobody accepts terms whose worth to us cannot be held.

        Args:
            package: The terms, where they are one of several packages.

        Source:
            docs/calculus.md, law 4.
        """
        try:
            ours = taking(self.policy, position, package)
        except Unfit:
            found.ruling = at_least(found.ruling, Verdict.TRADE)
            return found
        accepting = self.judged(position, event, On.OUR_ACCEPTANCE, ours, by_nobody=True)
        found.accepting = accepting.evaluation(position, position, False)
        answer = accepting.ruling.verdict
        if answer is not _PROCEED:
            asks = all(is_liftable(self.policy, f.rule) for f in accepting.ruling.deciding)
            found.ruling = at_least(found.ruling, answer if answer is Verdict.ESCALATE and asks else Verdict.TRADE)
        return found

    def closing(self, position: Position, event: Close, found: "Judged") -> "Judged":
        """Hold a won deal against what was agreed: let through when it was, or judged now as it was made."""
        agreement = position.agreement
        if event.outcome != "won" or agreement is None:
            return found
        terms = signed(position, event)
        if terms is not None and terms != (agreement.terms, agreement.other):
            return found
        if not may_close(position, agreement, terms is not None) or (agreement.cleared and not agreement.ended):
            return found
        on = On.OUR_ACCEPTANCE if agreement.by is US else On.THEIR_ACCEPTANCE
        every = (1 << len(self.policy.issues)) - 1
        said = of_ours(self.policy, position, agreement.terms, agreement.other, every, on, True)
        theirs = None
        if agreement.by is THEM:
            said = msgspec.structs.replace(said, by=THEM)
            theirs = msgspec.structs.replace(said, gain=0, loss=0, gains=0, losses=0)
        acceptance = msgspec.structs.replace(event, actor=agreement.actor)
        again = self.judged(position, acceptance, on, said, theirs, counted=True)
        found.accepting = again.evaluation(position, position, False)
        answer = again.ruling
        if answer.verdict is not _PROCEED:
            found.ruling = at_least(found.ruling, answer.verdict, answer.door)
        return found

    def judged(
        self,
        position: Position,
        event: AnyEvent,
        on: Heard,
        ours: Move | None = None,
        theirs: Move | None = None,
        *,
        by_nobody: bool = False,
        counted: bool = False,
    ) -> "Judged":
        """Run the rules that listen.

        Args:
            position: The deal that is judged in.
            ours, theirs: As for `Deriver.derive`.
            by_nobody: Whether it is only asked about, so that no approver is whoever says these terms.
            counted: Whether these terms were said before, so that patterns know them.
        """
        desk = self.desks[on, not position.missing]
        move, covering, cover = ours or theirs, None, None
        if move is not None and position.approvals:
            cover = partial(self.covering, position, event, move, by_nobody)
            covering = cover() if desk.deriver.approving else None
        approvals = () if covering is None else covering.approvals
        facts, room = desk.deriver.derive(position, event, ours, theirs, approvals, counted=counted)
        fired, cores = self.run(desk, facts, event, cover)
        if fired and cover is not None and covering is None:
            covering = cover()
        if desk.concludes and fired:
            facts = _with_conclusions(facts, desk.stage, fired)
        ruling = _kept_closed(desk.ruling(fired, covering), position)
        return Judged(position, event, desk, ours, theirs, facts, room, covering, fired, ruling, cores, counted=counted)

    def covering(self, position: Position, event: AnyEvent, move: Move, by_nobody: bool) -> Covering | None:
        """Return the approvals that cover terms, given by none of those who moved them."""
        if by_nobody:
            movers = frozenset([mover.name for mover in position.movers])
        else:
            movers = movers_of(self.policy.people, position, event, move.by)
        found = covering(position, event, move.terms, movers)
        return Covering(found, position.known, move.other) if found else None

    def record(self, evaluation: Evaluation, before: str = "") -> Decision:
        """Return the decision on record of an evaluation, without counteroffers.

        Args:
            before: The digest of the deal before the event, where the caller has it.
        """
        position, event, ruling = evaluation.before, evaluation.event, evaluation.ruling
        desk, accepting = self.desks[evaluation.on, not evaluation.at.missing], evaluation.accepting
        room, fired, door, verdict = evaluation.room, ruling.firings, ruling.door, ruling.verdict
        if not before and not evaluation.opens:
            before = position.digest()
        return Decision(
            accepting=_UNSET if accepting is None else Accepting(self.reasons(accepting), accepting.ruling.verdict),
            advice=desk.advice[verdict.rank] if door is None else advise(ruling, desk.on),
            as_of=self.as_of,
            at=event.at,
            cores=evaluation.cores,
            counteroffers=(),
            deal=event.deal,
            door=door,
            event=event.id,
            obligations=self.obligations(evaluation),
            on=desk.word,
            party=known_party(self.policy, evaluation.at.others),
            policy=self.reference,
            position=Digests(evaluation.after.digest(), before),
            reasons=self.reasons(evaluation) if fired else (),
            room=self.shown(room),
            verdict=verdict,
        )

    def obligations(self, evaluation: Evaluation) -> tuple[Obligation, ...]:
        """Return what has to happen before the verdict changes: by its own rules, and by those that stand in the way of
        accepting it; whom to ask, and for which terms.
        """
        position, (ruling, upper) = evaluation.at, parted(evaluation)
        found: tuple[Obligation, ...] = ()
        if ruling.firings:
            adviser = self.desks[evaluation.on, not position.missing].adviser
            covering = evaluation.covering
            found = adviser.obligations(ruling, evaluation.facts, evaluation.room, position.missing, covering)
        if upper is not None and upper.firings and self.above is not None and evaluation.above is not None:
            more = self.above.obligations(msgspec.structs.replace(evaluation.above, ruling=upper, accepting=None))
            found = (*found, *(o for o in more if o not in found))
        accepting = evaluation.accepting
        if accepting is None or accepting.ruling.verdict is _PROCEED:
            return found
        said = {(o.kind, o.what) for o in found} | {(o.kind, o.rule) for o in found}
        more = self.obligations(accepting)
        return (*found, *(o for o in more if said.isdisjoint({(o.kind, o.what), (o.kind, o.rule)})))

    def reasons(self, evaluation: Evaluation) -> tuple[Reason, ...]:
        """Return a reason for each fired rule, those of its own layer before those that fired above it alone."""
        ruling, upper = parted(evaluation)
        found = self.explainer.explain(ruling, evaluation.facts, evaluation.room)
        if upper is None or not upper.firings or self.above is None or evaluation.above is None:
            return found
        return (*found, *self.above.reasons(msgspec.structs.replace(evaluation.above, ruling=upper)))

    def decide(
        self,
        position: Position | None,
        event: AnyEvent,
        before: str = "",
        history: History | None = None,
        *,
        party: PartyRecord | None = None,
        earlier: Earlier | None = None,
    ) -> tuple[Decision, Position]:
        """Decide one event and give the position after it: the record of its evaluation.

        Args:
            position, before, history, party, earlier: As for `evaluate` and `record`.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        evaluation = self.evaluate(position, event, history, party=party, earlier=earlier)
        before = before or ("" if position is None else position.digest())
        return self.record(evaluation, before), evaluation.after

    def all_facts(self, evaluation: Evaluation) -> Facts:
        """Return every fact of the catalog as an event found it, conclusions included; none where one is unknown."""
        position, move, ours = evaluation.at, evaluation.move, evaluation.ours
        theirs = move if move is not None and move.by is THEM else None
        covering = evaluation.covering
        if covering is None and (said := ours or theirs) is not None and position.approvals:
            covering = self.covering(position, evaluation.event, said, by_nobody=False)
        approvals = () if covering is None else covering.approvals
        facts, _ = self.everything.derive(
            position, evaluation.event, ours, theirs, approvals, counted=evaluation.counted
        )
        return _with_conclusions(facts, self.desks[evaluation.on, not position.missing].stage, evaluation.fired)

    @cached_property
    def everything(self) -> Deriver:
        """Return what derives every fact of the catalog, prepared when it is first asked."""
        return Deriver(self.policy, self.policy.catalog)

    def shown(self, room: Room | None) -> dict[str, str]:
        """Return the distances to walk values as people write them, by issue in order."""
        if room is None:
            return {}
        found = room.distances
        return {name: write(found[fact]) for fact, name, write in self.room_formats if fact in found}

    def run(self, desk: "EventPlan", facts: Facts, event: AnyEvent, cover: Cover | None) -> tuple[Fired, Cores]:
        """Run the cores asked for; where they differ, the rules of the more severe answer stand."""
        if self.core is _RETE:
            return (desk.rete or desk.loaded(_RETE))(facts), self.single
        expected = (desk.plain or desk.loaded(_PLAIN))(facts)
        if self.core is _PLAIN:
            return expected, self.single
        try:
            found = (desk.rete or desk.loaded(_RETE))(facts)
        except rete.CoreFailed as problem:
            self.give_up(event, str(problem))
            return expected, Cores(False, {}, self.note, (Core.PLAIN, Core.RETE))
        if found == expected:
            return expected, _AGREED
        return self.differ(desk.rules, event, cover() if cover is not None else None, expected, found)

    def differ(
        self, rules: Sequence[Rule], event: AnyEvent, covering: Covering | None, expected: Fired, found: Fired
    ) -> tuple[Fired, Cores]:
        """Report a disagreement, stop using `rete`, and give the more severe answer, approvals taken in."""
        names = {
            core: tuple(rules[i].id for i in fired) for core, fired in ((Core.PLAIN, expected), (Core.RETE, found))
        }
        self.give_up(event, f"plain fired {list(names[Core.PLAIN])}, rete fired {list(names[Core.RETE])}")
        cores = Cores(False, {str(k): v for k, v in names.items()}, self.note, (Core.PLAIN, Core.RETE))

        def severity(fired: Fired) -> tuple[int, bool]:
            ruling = combine([rules[i] for i in fired], covering, self.policy)
            return ruling.verdict.rank, ruling.door is CLOSED

        return (found if severity(found) > severity(expected) else expected), cores

    def give_up(self, event: AnyEvent, what: str) -> None:
        """Decide with `plain` alone from now on, and say why."""
        self.core = Core.PLAIN
        self.note = f"the cores disagreed at event `{event.id}`; rete is switched off"
        self.single = Cores(True, {}, self.note, (Core.PLAIN,))
        self.report(Incident(self.policy.name, event.id, what))

    def runner(self, core: Core, on: Heard, prepared: bool) -> Runner:
        """Return a core's runner for one kind of event, loaded when it is first needed."""
        return self.desks[on, prepared].loaded(core)


class Judged(msgspec.Struct):
    """What the rules that listen say, before anything is folded; named as in `Evaluation`."""

    at: Position
    event: AnyEvent
    desk: "EventPlan"
    ours: Move | None
    theirs: Move | None
    facts: Facts
    room: Room | None
    covering: Covering | None
    fired: Fired
    ruling: Ruling
    cores: Cores
    accepting: Evaluation | None = None
    counted: bool = False

    def evaluation(self, before: Position, after: Position, opens: bool) -> Evaluation:
        """Return the evaluation of the event."""
        desk, cores = self.desk, self.cores
        if self.accepting is not None and not self.accepting.cores.agree:
            cores = self.accepting.cores
        return Evaluation(
            before, self.event, desk.heard, self.theirs or self.ours, self.facts, self.room, self.covering, desk.rules,
            self.fired, self.ruling, cores, after, self.at, self.ours, self.accepting, opens, self.counted,
        )  # fmt: skip


class EventPlan:
    """All that is prepared for one kind of event, in deals that lack nothing, or something."""

    def __init__(self, program: Program, heard: Heard, prepared: bool, loaders: Mapping[Core, Loader]) -> None:
        self.heard, self.loaders, self.policy = heard, loaders, program.policy
        on = heard if isinstance(heard, On) else On.OUR_OFFER
        self.on, self.word = on, (On.OPEN if heard == OPENING else on).value
        self.rules, self.stage = program.rules[heard], program.stages[heard, prepared]
        self.concludes = any(rule.concludes for rule in self.stage.rules)
        self.deriver = Deriver(program.policy, _wanted(program.policy, self.rules))
        self.adviser = Adviser(program.policy, on)
        self.advice = tuple(advise(Ruling(v, None, ()), on) for v in Verdict if v is not Verdict.WALK)
        self.plain: Runner | None = None
        self.rete: Runner | None = None
        self.rulings: dict[Fired, Ruling] = {}

    def loaded(self, core: Core) -> Runner:
        """Return a core's runner, loaded when it is first needed."""
        found = self.plain if core is _PLAIN else self.rete
        if found is None:
            found = self.loaders[core](self.stage)
            if core is _PLAIN:
                self.plain = found
            else:
                self.rete = found
        return found

    def ruling(self, fired: Fired, covering: Covering | None) -> Ruling:
        """Combine the rules that fired; where no approval covers, that depends on them alone, and is remembered."""
        if covering is not None:
            return combine([self.rules[i] for i in fired], covering, self.policy)
        found = self.rulings.get(fired)
        if found is None:
            found = combine([self.rules[i] for i in fired], None, self.policy)
            if len(self.rulings) < _RULINGS:
                self.rulings[fired] = found
        return found


def knowing(position: Position, event: AnyEvent, party: PartyRecord | None) -> Position:
    """Return a deal at an event with what is known then of the other side; none where nothing new is.

    A door of its own is open again where it was opened for the party later than it was closed.
    """
    if party is None or party == position.others:
        return position
    position = msgspec.structs.replace(
        position, others=party, others_at={**position.others_at, event.id: (event.instant, party)}
    )
    if position.left_at is not None and party.reopened_at is not None and position.left_at < party.reopened_at:
        return msgspec.structs.replace(position, left=None, left_at=None, moved=False)
    return position


def lapsed(policy: Policy, position: Position, now: int) -> Position:
    """Return a position without the offers that bind no longer, and the alternatives that are no longer there."""
    if position.ours.until is not None or position.theirs.until is not None:
        position = expired(policy, position, now)
    return at(position, now) if position.alternatives else position


def _kept_closed(ruling: Ruling, position: Position) -> Ruling:
    """Keep a door closed that an earlier walk closed, whatever else makes us walk now."""
    if ruling.door is OPEN and position.left is CLOSED:
        return Ruling(ruling.verdict, CLOSED, ruling.firings)
    return ruling


class _Desks(dict[tuple[Heard, bool], EventPlan]):
    """What is prepared for each kind of event, in deals that lack nothing or something; made when first needed."""

    def __init__(self, program: Program, loaders: Mapping[Core, Loader]) -> None:
        super().__init__()
        self.program, self.loaders = program, loaders

    def __missing__(self, key: tuple[Heard, bool]) -> EventPlan:
        found = self[key] = EventPlan(self.program, *key, self.loaders)
        return found


def _with_conclusions(facts: dict[str, Exact | None], stage: Stage, fired: Fired) -> dict[str, Exact | None]:
    """Add the conclusions that the fired rules draw."""
    return {**facts, **{CONCLUDED + name: 1 for name in concluded(stage, fired)}}


def _wanted(policy: Policy, rules: Iterable[Rule]) -> frozenset[str]:
    """Return the facts that rules read or say, and those that limits are shown against."""
    read = {fact for rule in rules for fact in facts_of(rule.condition)}
    told = {fact for rule in rules for fact in placeholders(rule.say)}
    return frozenset({"offer.worth", *(f"offer.{name}" for name in policy.issues)} | read | told)


_RULINGS = 4_096
_PROCEED, _UNSET = Verdict.PROCEED, msgspec.UNSET
_, _PLAIN, _RETE = Core
_AGREED = Cores(True, {}, "", (Core.PLAIN, Core.RETE))
