"""The evaluators of rules side by side: which of them run, and which answer stands where they differ."""

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from walkaway.decide.authority import Covering
from walkaway.decide.core import plain, rete
from walkaway.decide.core.program import Facts, Fired
from walkaway.decide.core.rete import CoreFailed
from walkaway.decide.decision import Cores
from walkaway.decide.plans import Core, EventPlan, Loader
from walkaway.decide.verdict import combine
from walkaway.events import CLOSED, AnyEvent
from walkaway.policy.model import Policy, Rule


class Incident(msgspec.Struct, frozen=True):
    """The two cores did not agree, or one of them failed."""

    policy: str
    event: str
    what: str


Report = Callable[[Incident], None]
Cover = Callable[[], Covering | None]
"""Returns the approvals that cover the terms judged; asked for only where a rule fires that one could lift."""


def loaders_of(brought: Mapping[Core, Loader]) -> Mapping[Core, Loader]:
    """Return what loads each core: what was brought, or its own."""
    return {Core.PLAIN: plain.load, Core.RETE: rete.load, **brought}


class CrossCheck:
    """Runs the cores asked for, and compares them.

    Args:
        core: As for `Engine`, with what is raised.
        report: Is told of every incident, once.
        brought: The cores that are not loaded by their own loaders.

    Attributes:
        core: Which evaluators run from now on.
        note: Why they are not those asked for, or empty.
        single: What a decision says of one core that ran alone.
    """

    def __init__(self, policy: Policy, core: Core, report: Report, *, brought: Collection[Core]) -> None:
        self.policy, self.core, self.report, self.note = policy, core, report, ""
        if core is Core.RETE and not rete.is_available():
            raise CoreFailed(
                "the core `rete` needs durable-rules, which is not installed (`pip install durable-rules`)"
            )
        if core is Core.BOTH and not rete.is_available() and Core.RETE not in brought:
            self.core, self.note = Core.PLAIN, "durable-rules is not installed; plain ran alone"
        self.single = Cores(True, {}, self.note, (self.core,))

    def run(self, plan: EventPlan, facts: Facts, event: AnyEvent, cover: Cover | None) -> tuple[Fired, Cores]:
        """Run the cores asked for; where they differ, the rules of the more severe answer stand."""
        if self.core is _RETE:
            return (plan.rete or plan.loaded(_RETE))(facts), self.single
        expected = (plan.plain or plan.loaded(_PLAIN))(facts)
        if self.core is _PLAIN:
            return expected, self.single
        try:
            found = (plan.rete or plan.loaded(_RETE))(facts)
        except CoreFailed as problem:
            self.give_up(event, str(problem))
            return expected, Cores(False, {}, self.note, (Core.PLAIN, Core.RETE))
        if found == expected:
            return expected, _AGREED
        return self.differ(plan.rules, event, cover() if cover is not None else None, expected, found)

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


_, _PLAIN, _RETE = Core
_AGREED = Cores(True, {}, "", (Core.PLAIN, Core.RETE))
