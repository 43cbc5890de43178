"""The corridor: one event through the rooms, in order. Calls them, compares the two cores, and does nothing else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property

import msgspec

from walkaway.deal.admission import check
from walkaway.deal.facts import Deriver, Room
from walkaway.deal.fold import fold, opening
from walkaway.deal.ledger import weigh
from walkaway.deal.position import Position
from walkaway.decide.compiler import Program, compile_policy
from walkaway.decide.core import plain, rete
from walkaway.decide.core.program import CONCLUDED, Facts, Fired, Runner, Stage, concluded
from walkaway.decide.core.rete import CoreFailed as CoreFailed
from walkaway.decide.decision import Cores, Decision, Digests, PolicyRef, Reason
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.explain import Explainer, placeholders
from walkaway.decide.obligations import Adviser, advise
from walkaway.decide.verdict import Ruling, combine
from walkaway.events import CLOSED, OPEN, AnyEvent, Approve, On, Open, Verdict, on_of
from walkaway.language.expr.tree import facts_of
from walkaway.language.instants import format_day
from walkaway.language.values import Value, formatter
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
        self.alone = Cores(True, {}, self.note, (self.core,))
        self.desks: dict[tuple[On, bool], Desk] = {}
        self.explainer = Explainer(policy)
        self.reference = PolicyRef(policy.name, policy.sha256, policy.version)
        self.as_of = msgspec.UNSET if policy.as_of is None else format_day(policy.as_of)
        self.room_formats = [
            (f"room.{n}", n, formatter(policy.catalog[f"room.{n}"].unit)) for n in sorted((*policy.issues, "package"))
        ]

    def evaluate(self, position: Position | None, event: AnyEvent) -> Evaluation:
        """Judge one event in its deal, and keep nothing of it.

        Args:
            position: The deal before the event; none before it opened.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        policy = self.policy
        check(policy, position, event)
        opens = position is None
        if position is None:
            assert isinstance(event, Open)
            position = opening(policy, event)
        on = on_of(event)
        desk = self.desk(on, not position.missing)
        move = weigh(policy, position, event)
        facts, room, covering = desk.deriver.derive(position, event, move)
        fired, cores = self.run(desk, facts, event, covering)
        if desk.concludes and fired:
            facts = _with_conclusions(facts, desk.stage, fired)
        ruling = _kept_closed(desk.ruling(fired, covering), position)
        door = ruling.door
        after = position if opens and door is None else fold(policy, position, event, move, door)
        return Evaluation(
            position, event, on, move, facts, room, covering, desk.rules, fired, ruling, cores, after, opens
        )

    def record(self, evaluation: Evaluation, before: str = "") -> Decision:
        """Return the decision on record of an evaluation, without counteroffers.

        Args:
            before: The digest of the deal before the event, where the caller has it.
        """
        position, event, ruling, facts = evaluation.before, evaluation.event, evaluation.ruling, evaluation.facts
        desk = self.desk(evaluation.on, not position.missing)
        room, fired, door, verdict = evaluation.room, ruling.firings, ruling.door, ruling.verdict
        if not before and not evaluation.opens:
            before = position.digest()
        return Decision(
            advice=desk.advice[verdict.rank] if door is None else advise(ruling, desk.on),
            as_of=self.as_of,
            at=event.at,
            cores=evaluation.cores,
            counteroffers=(),
            deal=event.deal,
            door=door,
            event=event.id,
            obligations=desk.adviser.obligations(ruling, facts, room, position.missing) if fired else (),
            on=desk.word,
            policy=self.reference,
            position=Digests(evaluation.after.digest(), before),
            reasons=self.reasons(evaluation) if fired else (),
            room=self.shown(room),
            verdict=verdict,
        )

    def reasons(self, evaluation: Evaluation) -> tuple[Reason, ...]:
        """Return a reason for each fired rule, in the ruling's order."""
        return self.explainer.explain(evaluation.ruling, evaluation.facts, evaluation.room)

    def decide(self, position: Position | None, event: AnyEvent, before: str = "") -> tuple[Decision, Position]:
        """Decide one event and give the position after it: the record of its evaluation.

        Args:
            position, before: As for `evaluate` and `record`.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        evaluation = self.evaluate(position, event)
        return self.record(evaluation, before), evaluation.after

    def all_facts(self, evaluation: Evaluation) -> Facts:
        """Return every fact of the catalog as an event found it, conclusions included; none where one is unknown."""
        position, event = evaluation.before, evaluation.event
        facts, _, _ = self.everything.derive(position, event, evaluation.move)
        return _with_conclusions(facts, self.desk(evaluation.on, not position.missing).stage, evaluation.fired)

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

    def run(self, desk: "Desk", facts: Facts, event: AnyEvent, covering: tuple[Approve, ...]) -> tuple[Fired, Cores]:
        """Run the cores asked for; where they differ, the rules of the more severe answer stand."""
        if self.core is not _BOTH_CORES:
            return desk.runner(self.core)(facts), self.alone
        expected = desk.runner(_PLAIN)(facts)
        try:
            found = desk.runner(_RETE)(facts)
        except rete.CoreFailed as problem:
            self.give_up(event, str(problem))
            return expected, Cores(False, {}, self.note, (Core.PLAIN, Core.RETE))
        if found == expected:
            return expected, _AGREED
        return self.differ(desk.rules, event, covering, expected, found)

    def differ(
        self, rules: Sequence[Rule], event: AnyEvent, covering: tuple[Approve, ...], expected: Fired, found: Fired
    ) -> tuple[Fired, Cores]:
        """Report a disagreement, stop using `rete`, and give the more severe answer, approvals taken in."""
        names = {
            core: tuple(rules[i].id for i in fired) for core, fired in ((Core.PLAIN, expected), (Core.RETE, found))
        }
        self.give_up(event, f"plain fired {list(names[Core.PLAIN])}, rete fired {list(names[Core.RETE])}")
        cores = Cores(False, {str(k): v for k, v in names.items()}, self.note, (Core.PLAIN, Core.RETE))

        def severity(fired: Fired) -> tuple[int, bool]:
            ruling = combine([rules[i] for i in fired], covering, self.policy.roles)
            return ruling.verdict.rank, ruling.door is CLOSED

        return (found if severity(found) > severity(expected) else expected), cores

    def give_up(self, event: AnyEvent, what: str) -> None:
        """Decide with `plain` alone from now on, and say why."""
        self.core = Core.PLAIN
        self.note = f"the cores disagreed at event `{event.id}`; rete is switched off"
        self.alone = Cores(True, {}, self.note, (Core.PLAIN,))
        self.report(Incident(self.policy.name, event.id, what))

    def runner(self, core: Core, on: On, prepared: bool) -> Runner:
        """Return a core's runner for one kind of event, loaded when it is first needed."""
        return self.desk(on, prepared).runner(core)

    def desk(self, on: On, prepared: bool) -> "Desk":
        """Return what is prepared for one kind of event, made when it is first needed."""
        found = self.desks.get((on, prepared))
        if found is None:
            found = self.desks[on, prepared] = Desk(self.program, on, prepared, self.loaders)
        return found


class Desk:
    """All that is prepared for one kind of event, in deals that lack nothing, or something."""

    def __init__(self, program: Program, on: On, prepared: bool, loaders: Mapping[Core, Loader]) -> None:
        self.on, self.word, self.loaders = on, on.value, loaders
        self.rules, self.stage = program.rules[on], program.stages[on, prepared]
        self.roles = program.policy.roles
        self.concludes = any(rule.concludes for rule in self.stage.rules)
        self.deriver = Deriver(program.policy, _wanted(program.policy, self.rules))
        self.adviser = Adviser(program.policy, on)
        self.advice = tuple(advise(Ruling(v, None, ()), on) for v in Verdict if v is not Verdict.WALK)
        self.plain: Runner | None = None
        self.rete: Runner | None = None
        self.rulings: dict[Fired, Ruling] = {}

    def runner(self, core: Core) -> Runner:
        """Return a core's runner, loaded when it is first needed."""
        found = self.plain if core is _PLAIN else self.rete
        if found is None:
            found = self.loaders[core](self.stage)
            if core is _PLAIN:
                self.plain = found
            else:
                self.rete = found
        return found

    def ruling(self, fired: Fired, covering: tuple[Approve, ...]) -> Ruling:
        """Combine the rules that fired; where no approval covers, that depends on them alone, and is remembered."""
        if covering:
            return combine([self.rules[i] for i in fired], covering, self.roles)
        found = self.rulings.get(fired)
        if found is None:
            found = combine([self.rules[i] for i in fired], (), self.roles)
            if len(self.rulings) < _RULINGS:
                self.rulings[fired] = found
        return found


def _kept_closed(ruling: Ruling, position: Position) -> Ruling:
    """Keep a door closed that an earlier walk closed, whatever else makes us walk now."""
    if ruling.door is OPEN and position.left is CLOSED:
        return Ruling(ruling.verdict, CLOSED, ruling.firings)
    return ruling


def _with_conclusions(facts: dict[str, Value | None], stage: Stage, fired: Fired) -> dict[str, Value | None]:
    """Add the conclusions that the fired rules draw."""
    return {**facts, **{CONCLUDED + name: 1 for name in concluded(stage, fired)}}


def _wanted(policy: Policy, rules: Iterable[Rule]) -> frozenset[str]:
    """Return the facts that rules read or say, and those that limits are shown against."""
    read = {fact for rule in rules for fact in facts_of(rule.condition)}
    told = {fact for rule in rules for fact in placeholders(rule.say)}
    return frozenset({"offer.worth", *(f"offer.{name}" for name in policy.issues)} | read | told)


_RULINGS = 4_096
_BOTH_CORES, _PLAIN, _RETE = Core
_AGREED = Cores(True, {}, "", (Core.PLAIN, Core.RETE))
