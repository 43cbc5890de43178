"""The corridor: one event through the rooms, in order. Calls them, compares the two cores, and does nothing else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from walkaway.deal.admission import check
from walkaway.deal.facts import Deriver, Room
from walkaway.deal.fold import fold, opening
from walkaway.deal.ledger import weigh
from walkaway.deal.position import Position
from walkaway.decide.compiler import Program, compile_policy
from walkaway.decide.core import plain, rete
from walkaway.decide.core.program import Facts, Fired, Runner, Stage, concluded
from walkaway.decide.core.rete import CoreFailed as CoreFailed
from walkaway.decide.decision import Cores, Counteroffer, Decision, Digests, PolicyRef
from walkaway.decide.explain import Explainer, placeholders
from walkaway.decide.obligations import Adviser, advise
from walkaway.decide.verdict import Ruling, combine
from walkaway.events import CLOSED, OPEN, AnyEvent, Approve, On, Open, Verdict, on_of
from walkaway.language.expr.tree import facts_of
from walkaway.language.instants import format_day
from walkaway.language.values import formatter
from walkaway.policy.model import Policy, Rule

if TYPE_CHECKING:
    from walkaway.advice.counteroffers import Seeker


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
        advice: Seek counteroffers with every decision, which costs far more time than the decision itself.

    Raises:
        rete.CoreFailed: Where `rete` is asked for alone and cannot be had.
    """

    def __init__(
        self,
        policy: Policy,
        core: Core = Core.BOTH,
        report: Report = lambda _: None,
        loaders: Mapping[Core, Loader] | None = None,
        *,
        advice: bool = False,
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
        self.deriver = Deriver(policy, _wanted(policy, policy.rules))
        self.explainer = Explainer(policy)
        self.advice = advice
        self.reference = PolicyRef(policy.name, policy.sha256, policy.version)
        self.as_of = msgspec.UNSET if policy.as_of is None else format_day(policy.as_of)
        self.room_formats = [
            (f"room.{n}", n, formatter(policy.catalog[f"room.{n}"].unit)) for n in sorted((*policy.issues, "package"))
        ]

    def decide(self, position: Position | None, event: AnyEvent, before: str = "") -> tuple[Decision, Position]:
        """Decide one event and give the position after it.

        Args:
            position: The deal before the event; none before it opened.
            before: That position's digest, where the caller has it.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        policy = self.policy
        check(policy, position, event)
        if position is None:
            assert isinstance(event, Open)
            position = opening(policy, event)
            opened = True
        else:
            opened = False
            before = before or position.digest()
        desk = self.desk(on_of(event), not position.missing)
        move = weigh(policy, position, event)
        facts, room, covering = desk.deriver.derive(position, event, move)
        fired, cores = self.run(desk, facts, event, covering)
        if desk.concludes and fired:
            facts = {**facts, **{f"concluded.{name}": 1 for name in concluded(desk.stage, fired)}}
        ruling = _kept_closed(desk.ruling(fired, covering), position)
        after = position if opened and ruling.door is None else fold(policy, position, event, move, ruling.door)
        digests = Digests(after.digest(), before)
        counteroffers = self.seeker.advise(position, event, ruling.verdict, after) if self.advice else ()
        return self.record(event, desk, ruling, facts, room, position, cores, digests, counteroffers), after

    def judge(self, position: Position, event: AnyEvent) -> Ruling:
        """Return the ruling on an event that is only asked about: nothing is checked, written or folded."""
        desk, move = self.desk(on_of(event), not position.missing), weigh(self.policy, position, event)
        facts, _, covering = desk.deriver.derive(position, event, move)
        fired, _ = self.run(desk, facts, event, covering)
        return desk.ruling(fired, covering)

    @cached_property
    def seeker(self) -> "Seeker":
        """Return what finds counteroffers, prepared when it is first asked."""
        from walkaway.advice.counteroffers import Seeker  # imported where it is needed: most deciding goes without

        return Seeker(self.policy, self.program, self.desk(On.OUR_OFFER, True).deriver, self.judge)

    def facts(self, position: Position | None, event: AnyEvent) -> Facts:
        """Return every fact of the catalog as *event* finds it, conclusions included; none where it is unknown.

        Args:
            position: As for `decide`.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        check(self.policy, position, event)
        if position is None:
            assert isinstance(event, Open)
            position = opening(self.policy, event)
        deriver = Deriver(self.policy, self.policy.catalog)
        facts, _, _ = deriver.derive(position, event, weigh(self.policy, position, event))
        stage = self.program.stages[on_of(event), not position.missing]
        return {**facts, **{f"concluded.{name}": 1 for name in concluded(stage, plain.run(stage, facts))}}

    def record(
        self,
        event: AnyEvent,
        desk: "Desk",
        ruling: Ruling,
        facts: Facts,
        room: Room | None,
        position: Position,
        cores: Cores,
        digests: Digests,
        counteroffers: tuple[Counteroffer, ...],
    ) -> Decision:
        """Write the decision."""
        fired, door, verdict = ruling.firings, ruling.door, ruling.verdict
        return Decision(
            advice=desk.advice[verdict] if door is None else advise(ruling, desk.on),
            as_of=self.as_of,
            at=event.at,
            cores=cores,
            counteroffers=counteroffers,
            deal=event.deal,
            door=None if door is None else str(door),
            event=event.id,
            obligations=desk.adviser.obligations(ruling, facts, room, position.missing) if fired else (),
            on=desk.word,
            policy=self.reference,
            position=digests,
            reasons=self.explainer.explain(ruling, facts, room) if fired else (),
            room=self.shown(room),
            verdict=_WORDS[verdict],
        )

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
            return ruling.verdict, ruling.door is CLOSED

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


def _wanted(policy: Policy, rules: Iterable[Rule]) -> frozenset[str]:
    """Return the facts that rules read or say, and those that limits are shown against."""
    read = {fact for rule in rules for fact in facts_of(rule.condition)}
    told = {fact for rule in rules for fact in placeholders(rule.say)}
    return frozenset({"offer.worth", *(f"offer.{name}" for name in policy.issues)} | read | told)


_RULINGS = 4_096
_WORDS = tuple(verdict.word for verdict in Verdict)
_BOTH_CORES, _PLAIN, _RETE = Core
_AGREED = Cores(True, {}, "", (Core.PLAIN, Core.RETE))
