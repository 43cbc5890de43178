"""The corridor: one event through the rooms, in order. Calls them, compares the two cores, and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import msgspec

from walkaway.advise import Adviser, advise
from walkaway.compiler import Program, compile_policy
from walkaway.core import plain, rete
from walkaway.core.program import Facts, Fired, Runner, Stage, concluded
from walkaway.decision import Cores, Decision, Digests, PolicyRef
from walkaway.events import AnyEvent, Approve, Door, On, Open, on_of
from walkaway.explain import Explainer
from walkaway.facts import Deriver, Room
from walkaway.policy.model import Policy, Rule
from walkaway.position import Position, check, fold, opening, weigh
from walkaway.values import formatter
from walkaway.verdict import Ruling, combine


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
                "the core `rete` needs durable-rules, which is not installed (`pip install walkaway[rete]`)"
            )
        if core is Core.BOTH and not rete.is_available() and Core.RETE not in (loaders or {}):
            self.core, self.note = Core.PLAIN, "durable-rules is not installed; plain ran alone"
        self.runners: dict[tuple[Core, On, bool], Runner] = {}
        shown = {"offer.worth", *(f"offer.{name}" for name in policy.issues)}
        self.deriver = Deriver(policy, self.program.wanted | shown)
        self.explainer = Explainer(policy)
        self.adviser = Adviser(policy)
        self.reference = PolicyRef(policy.name, policy.sha256, policy.version)
        self.room_formats = {
            f"room.{n}": (n, formatter(policy.catalog[f"room.{n}"].unit)) for n in sorted((*policy.issues, "package"))
        }

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
        on = on_of(event)
        move = weigh(policy, position, event)
        facts, room, covering = self.deriver.derive(position, event, move)
        prepared = not position.missing
        fired, cores = self.run(on, prepared, facts, event, covering)
        rules = self.program.rules[on]
        stage = self.program.stages[on, prepared]
        facts = {**facts, **{f"concluded.{name}": 1 for name in concluded(stage, fired)}} if fired else facts
        ruling = combine([rules[i] for i in fired], covering, policy.roles)
        after = position if opened and ruling.door is None else fold(policy, position, event, move, ruling.door)
        digests = Digests(after.digest(), before)
        return self.record(event, on, ruling, facts, room, position, cores, digests), after

    def facts(self, position: Position | None, event: AnyEvent) -> Facts:
        """Give every fact of the catalog as *event* finds it, conclusions included; none where it is unknown.

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
        on: On,
        ruling: Ruling,
        facts: Facts,
        room: Room | None,
        position: Position,
        cores: Cores,
        digests: Digests,
    ) -> Decision:
        """Write the decision."""
        reasons = self.explainer.explain(ruling, facts, room)
        return Decision(
            advice=advise(ruling, on),
            at=event.at,
            cores=cores,
            counteroffers=(),
            deal=event.deal,
            door=ruling.door.value if ruling.door else None,
            event=event.id,
            obligations=self.adviser.obligations(ruling, on, facts, room, position.missing),
            on=on.value,
            policy=self.reference,
            position=digests,
            reasons=reasons,
            room=self.shown(room),
            verdict=ruling.verdict.word,
        )

    def shown(self, room: Room | None) -> dict[str, str]:
        """Give the distances to walk values as people write them, by issue in order."""
        if room is None:
            return {}
        found = room.distances
        return {name: write(found[fact]) for fact, (name, write) in self.room_formats.items() if fact in found}

    def run(
        self, on: On, prepared: bool, facts: Facts, event: AnyEvent, covering: tuple[Approve, ...]
    ) -> tuple[Fired, Cores]:
        """Run the cores asked for; where they differ, the rules of the more severe answer stand."""
        if self.core is not Core.BOTH:
            return self.runner(self.core, on, prepared)(facts), _ALONE[self.core] if not self.note else Cores(
                True, {}, self.note, (self.core,)
            )
        expected = self.runner(Core.PLAIN, on, prepared)(facts)
        try:
            found = self.runner(Core.RETE, on, prepared)(facts)
        except rete.CoreFailed as problem:
            self.give_up(event, str(problem))
            return expected, Cores(False, {}, self.note, (Core.PLAIN, Core.RETE))
        if found == expected:
            return expected, _BOTH
        return self.differ(self.program.rules[on], event, covering, expected, found)

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
            return ruling.verdict, ruling.door is Door.CLOSED

        return (found if severity(found) > severity(expected) else expected), cores

    def give_up(self, event: AnyEvent, what: str) -> None:
        """Decide with `plain` alone from now on, and say why."""
        self.core = Core.PLAIN
        self.note = f"the cores disagreed at event `{event.id}`; rete is switched off"
        self.report(Incident(self.policy.name, event.id, what))

    def runner(self, core: Core, on: On, prepared: bool) -> Runner:
        """Give a core's runner for one kind of event, loaded when it is first needed."""
        key = (core, on, prepared)
        found = self.runners.get(key)
        if found is None:
            found = self.runners[key] = self.loaders[core](self.program.stages[on, prepared])
        return found


_BOTH = Cores(True, {}, "", (Core.PLAIN, Core.RETE))
_ALONE = {core: Cores(True, {}, "", (core,)) for core in Core}
