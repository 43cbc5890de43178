"""All that is computed once for each kind of event, before one comes."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from walkaway.deal.facts import Deriver
from walkaway.decide.authority import Covering
from walkaway.decide.compiler import Program
from walkaway.decide.core.program import Fired, Runner, Stage
from walkaway.decide.explain import placeholders
from walkaway.decide.verdict import Ruling, combine
from walkaway.events import Heard
from walkaway.language.expr.tree import facts_of
from walkaway.policy.model import Policy, Rule


class Core(StrEnum):
    """Which evaluators decide."""

    BOTH = "both"
    PLAIN = "plain"
    RETE = "rete"


Loader = Callable[[Stage], Runner]


class EventPlan:
    """Everything computed once for one kind of event: one for prepared deals, one for deals with missing facts."""

    def __init__(self, program: Program, heard: Heard, prepared: bool, loaders: Mapping[Core, Loader]) -> None:
        self.heard, self.loaders, self.policy = heard, loaders, program.policy
        self.rules, self.stage = program.rules[heard], program.stages[heard, prepared]
        self.concludes = any(rule.concludes for rule in self.stage.rules)
        self.deriver = Deriver(program.policy, _wanted(program.policy, self.rules))
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


class Plans(dict[tuple[Heard, bool], EventPlan]):
    """The plan for each kind of event, in deals that lack nothing or something; made when first needed."""

    def __init__(self, program: Program, loaders: Mapping[Core, Loader]) -> None:
        super().__init__()
        self.program, self.loaders = program, loaders

    def __missing__(self, key: tuple[Heard, bool]) -> EventPlan:
        found = self[key] = EventPlan(self.program, *key, self.loaders)
        return found


def _wanted(policy: Policy, rules: Iterable[Rule]) -> frozenset[str]:
    """Return the facts that rules read or say, and those that limits are shown against."""
    read = {fact for rule in rules for fact in facts_of(rule.condition)}
    told = {fact for rule in rules for fact in placeholders(rule.say)}
    return frozenset({"offer.worth", *(f"offer.{name}" for name in policy.issues)} | read | told)


_RULINGS = 4_096
"""Combinations of fired rules whose ruling is remembered, for one kind of event."""
_, _PLAIN, _RETE = Core
