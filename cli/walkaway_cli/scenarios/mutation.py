"""Change policies in small ways and see which scenarios notice; where none does, write one that would."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from walkaway import Engine, Policy
from walkaway.coverage import Watched
from walkaway.engine import Core
from walkaway.mutants import Mutant, mutants, with_rule
from walkaway.policy.model import Rule
from walkaway.values import Value
from walkaway.witness import fires, witness
from walkaway.witness.knobs import Deal
from walkaway_cli.progress import progress
from walkaway_cli.render.mutation import Mutated, Survivor
from walkaway_cli.scenarios.gherkin import scenario_text
from walkaway_cli.scenarios.problems import Missed, Misunderstood
from walkaway_cli.scenarios.rehearsal import Replaced, Told, take_text, told_in

Facts = Mapping[str, Value | None]
"""Fact → value, none where it is unknown."""


class _Decided(msgspec.Struct, frozen=True):
    """One decision: the rules that heard it, and the facts."""

    heard: frozenset[str]
    facts: Facts


class _Rehearsed(msgspec.Struct):
    """A scenario as it went under the policy itself."""

    told: Told
    decided: list[_Decided]
    deal: Deal = ()
    tries_more: bool = False

    def may_notice(self, mutant: Mutant) -> bool:
        """Tell whether it can see a difference: the rule fires in one of its forms, or more than decisions counts."""
        name, forms = mutant.was.id, (mutant.was.condition, mutant.rule.condition)
        return self.tries_more or any(
            name in d.heard and any(fires(form, d.facts) for form in forms) for d in self.decided
        )


class _Studied:
    """A policy with the scenarios that speak of it."""

    def __init__(self, path: Path, policy: Policy, policies: dict[Path, Policy]) -> None:
        self.path, self.policy, self.policies = path, policy, policies
        self.engine = Watched(policy, self.note)
        self.scenarios: list[_Rehearsed] = []
        self.decided: list[_Decided] = []

    def note(self, rules: Sequence[Rule], facts: Facts, fired: tuple[int, ...]) -> None:
        self.decided.append(_Decided(frozenset(r.id for r in rules), facts))


def mutate(files: Iterable[Path]) -> Iterator[Mutated]:
    """Try every mutant of the policies that the scenarios of some files speak of; all of these hold.

    A scenario is told to a mutant only where it could notice: what a rule does shows in no other way than by firing.
    """
    for studied in _study(files):
        tried = list(mutants(studied.policy))
        names = Counter[str]()
        survivors = []
        with progress(f"mutants of {studied.policy.name}", len(tried)) as tell:
            for number, mutant in enumerate(tried):
                tell(number)
                if _is_noticed(studied, mutant):
                    continue
                first, _, rest = _scenario(studied, mutant).partition("\n")
                names[first] += 1
                again = f" ({names[first]})" if names[first] > 1 else ""  # two scenarios of a feature need two names
                survivors.append(Survivor(mutant, f"{first}{again}\n{rest}" if first else ""))
        yield Mutated(studied.policy.name, len(tried), tuple(survivors))


def _study(files: Iterable[Path]) -> list[_Studied]:
    found: list[_Studied] = []
    policies: dict[Path, Policy] = {}

    def watched(policy: Policy, path: Path) -> Engine:
        found.append(_Studied(path, policy, policies))
        return found[-1].engine

    engines = Replaced(watched, policies)
    for told in told_in(files):
        for studied in found:
            studied.decided, studied.engine.tried = [], False
        lines = told.tell(engines)
        for studied in found:
            if studied.decided:
                deal = tuple(msgspec.json.decode(line) for line in lines)
                more = studied.engine.tried
                studied.scenarios.append(_Rehearsed(told, studied.decided, deal, more))
    return sorted(found, key=lambda s: s.policy.name)


def _is_noticed(studied: _Studied, mutant: Mutant) -> bool:
    """Tell whether a scenario fails under a mutant; those in which the two forms fire differently are told first."""
    able = [s for s in studied.scenarios if s.may_notice(mutant)]
    if not able:
        return False
    engines = Replaced(lambda policy, _: _engine(policy, studied, mutant), studied.policies)
    able.sort(key=lambda s: not any(_differs(mutant, d) for d in s.decided))
    return any(not _holds(s.told, engines) for s in able)


def _differs(mutant: Mutant, decided: _Decided) -> bool:
    both = (fires(form, decided.facts) for form in (mutant.was.condition, mutant.rule.condition))
    return mutant.was.id in decided.heard and len(set(both)) > 1


def _engine(policy: Policy, studied: _Studied, mutant: Mutant) -> Engine:
    is_meant = policy.sha256 == studied.policy.sha256
    return Engine(with_rule(policy, mutant.rule) if is_meant else policy, Core.PLAIN)


def _holds(told: Told, engines: Replaced) -> bool:
    try:
        told.tell(engines)
    except (Missed, Misunderstood):
        return False
    return True


def _scenario(studied: _Studied, mutant: Mutant) -> str:
    """Write a scenario that holds and that the mutant fails; both are tried before it is given."""
    found = witness(studied.policy, mutant, [s.deal for s in studied.scenarios if s.deal])
    if found is None:
        return ""
    text = scenario_text(studied.policy, studied.path, mutant, found)
    with TemporaryDirectory() as folder:
        usual, changed = (
            take_text(text, Path(folder), Replaced(make, studied.policies))
            for make in (
                lambda policy, _: Engine(policy, Core.PLAIN),
                lambda policy, _: _engine(policy, studied, mutant),
            )
        )
    return text if usual and not changed else ""
