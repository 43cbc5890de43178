"""RuleChange policies in small ways and see which scenarios notice; where none does, write one that would."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from walkaway import Engine, Policy
from walkaway.decide import Core, Evaluation
from walkaway.language import Exact, Span
from walkaway.policy import FILE
from walkaway.testing import (
    Deal,
    KillingDeal,
    Mutant,
    RuleChange,
    differ,
    fires,
    killing_deal,
    may_have_other_cells,
    mutants_of,
    shortest_killing_deal,
    targets_of,
)
from walkaway_cli.progress import progress
from walkaway_cli.render.mutation import Mutated, Survivor
from walkaway_cli.scenarios.equivalent import Solver
from walkaway_cli.scenarios.gherkin import scenario_text
from walkaway_cli.scenarios.problems import Missed, Misunderstood
from walkaway_cli.scenarios.replay import Replaced, ScenarioReplay, take_text, told_in

Facts = Mapping[str, Exact | None]
"""Fact → value, none where it is unknown."""


class _DecisionTrace(msgspec.Struct, frozen=True):
    """One decision: the rules that heard it, and the facts."""

    heard: frozenset[str]
    facts: Facts


class _Rehearsed(msgspec.Struct):
    """A scenario as it went under the policy itself."""

    told: ScenarioReplay
    decided: list[_DecisionTrace]
    deal: Deal = ()
    tries_more: bool = False

    def may_notice(self, policy: Policy, mutant: Mutant) -> bool:
        """Return whether it can see a difference: a rule fires in one of its forms, or more than decisions counts.

        Where facts differ it may, unless they rest on rows of a table that none of its deals chooses.
        """
        if mutant.facts:
            tables = [p.tables[mutant.table] for p in (policy, mutant.policy)] if mutant.table else []
            return not tables or any(may_have_other_cells((tables[0], tables[1]), d.facts) for d in self.decided)
        return self.tries_more or any(_fires(change, d) for change in mutant.changes for d in self.decided)


class _Studied:
    """A policy with the scenarios that speak of it."""

    def __init__(self, path: Path, policy: Policy, policies: dict[Path, Policy]) -> None:
        self.path, self.policy, self.policies = path, policy, policies
        self.engine = Engine(policy, Core.PLAIN)
        self.scenarios: list[_Rehearsed] = []
        self.decided: list[_DecisionTrace] = []
        self.abroad = False

    def note(self, engine: Engine, evaluation: Evaluation) -> None:
        """Note a decision of the scenario that is told; one in another currency may be noticed by any mutant."""
        self.abroad = self.abroad or engine is not self.engine
        self.decided.append(_DecisionTrace(frozenset(r.id for r in evaluation.rules), evaluation.facts))


class _MutantPlace(msgspec.Struct, frozen=True):
    """A mutant of one of the policies."""

    studied: _Studied
    mutant: Mutant

    @property
    def is_own(self) -> bool:
        """Return whether it stands in the policy's own file, and not in one that it extends."""
        path = self.studied.path
        return Path(self.mutant.span.file) == (path / FILE if path.is_dir() else path)


def mutate(files: Iterable[Path]) -> Iterator[Mutated]:
    """Try every mutant of the policies that the scenarios of some files speak of; all of these hold.

    A scenario is told to a mutant only where it could notice: what a rule does shows in no other way than by firing.
    What several policies have from one layer is changed in all of them, and counts once: where it is written, if that
    is one of them. A scenario of any of them may notice.
    """
    for studied, groups in _by_policy(_study(files)):
        names = Counter[str]()
        survivors: list[Survivor] = []
        alike: list[Mutant] = []
        solver = Solver()
        with progress(f"mutants of {studied.policy.name}", len(groups)) as tell:
            for number, places in enumerate(groups):
                tell(number)
                if any(_is_noticed(p.studied, p.mutant) for p in places):
                    continue
                place = places[0]
                written = _scenario(place.studied, place.mutant)
                if not written and all(solver.is_alike(p.studied.policy, p.mutant) for p in places):
                    alike.append(place.mutant)
                    continue
                first, _, rest = (written or _solved(place, solver)).partition("\n")
                names[first] += 1
                again = f" ({names[first]})" if names[first] > 1 else ""  # two scenarios of a feature need two names
                survivors.append(Survivor(place.mutant, f"{first}{again}\n{rest}" if first else ""))
        yield Mutated(studied.policy.name, len(groups), tuple(survivors), tuple(alike))


def _by_policy(every: Sequence[_Studied]) -> list[tuple[_Studied, list[list[_MutantPlace]]]]:
    """Return the mutants of each policy, each with those of others that change the same place in the same way."""
    alike: dict[tuple[Span, str, str, int], list[_MutantPlace]] = {}
    for studied in every:
        again = Counter[tuple[Span, str, str]]()  # `a between b and c` is compared twice at one place
        for mutant in mutants_of(studied.policy):
            place = mutant.span, mutant.of, mutant.what
            again[place] += 1
            alike.setdefault((*place, again[place]), []).append(_MutantPlace(studied, mutant))
    found: dict[int, list[list[_MutantPlace]]] = {id(s): [] for s in every}
    for places in alike.values():
        places.sort(key=lambda p: not p.is_own)
        found[id(places[0].studied)].append(places)
    return [(s, found[id(s)]) for s in every]


def _study(files: Iterable[Path]) -> list[_Studied]:
    found: dict[Engine, _Studied] = {}
    policies: dict[Path, Policy] = {}

    def watched(policy: Policy, path: Path) -> Engine:
        studied = _Studied(path, policy, policies)
        found[studied.engine] = studied
        return studied.engine

    engines = Replaced(watched, policies, lambda engine, evaluation: found[engine.own].note(engine, evaluation))
    for told in told_in(files):
        for studied in found.values():
            studied.decided, studied.abroad = [], False
        engines.seekers.clear()
        lines = told.tell(engines)
        for studied in found.values():
            if studied.decided:
                deal = () if studied.abroad else tuple(msgspec.json.decode(line) for line in lines)
                more = studied.abroad or studied.engine in engines.seekers
                studied.scenarios.append(_Rehearsed(told, studied.decided, deal, more))
    return sorted(found.values(), key=lambda s: s.policy.name)


def _is_noticed(studied: _Studied, mutant: Mutant) -> bool:
    """Return whether a scenario fails under a mutant; those in which the two forms fire differently are told first."""
    able = [s for s in studied.scenarios if s.may_notice(studied.policy, mutant)]
    if not able:
        return False
    engines = Replaced(lambda policy, _: _engine(policy, studied, mutant), studied.policies)
    near = targets_of(studied.policy, mutant)
    able.sort(key=lambda s: not any(_differs(change, d) for change in near for d in s.decided))
    return any(not _holds(s.told, engines) for s in able)


def _fires(change: RuleChange, decided: _DecisionTrace) -> bool:
    forms = (change.was.condition, change.rule.condition)
    return change.was.id in decided.heard and any(fires(form, decided.facts) for form in forms)


def _differs(change: RuleChange, decided: _DecisionTrace) -> bool:
    return change.was.id in decided.heard and differ(change, decided.facts)


def _engine(policy: Policy, studied: _Studied, mutant: Mutant) -> Engine:
    is_meant = policy.sha256 == studied.policy.sha256
    return Engine(mutant.policy if is_meant else policy, Core.PLAIN)


def _holds(told: ScenarioReplay, engines: Replaced) -> bool:
    try:
        told.tell(engines)
    except (Missed, Misunderstood):
        return False
    return True


def _scenario(studied: _Studied, mutant: Mutant) -> str:
    """Write a scenario that holds and that the mutant fails; empty where none was found."""
    found = killing_deal(studied.policy, mutant, [s.deal for s in studied.scenarios if s.deal])
    return _written(studied, mutant, found) if found else ""


def _solved(place: _MutantPlace, solver: Solver) -> str:
    """Write a scenario as `_scenario` does, of the deals that the solver found."""
    found = shortest_killing_deal(place.studied.policy, place.mutant, solver.deals(place.studied.policy, place.mutant))
    return _written(place.studied, place.mutant, found) if found else ""


def _written(studied: _Studied, mutant: Mutant, found: KillingDeal) -> str:
    """Return a witness as a scenario, tried under both policies; empty where it does not tell them apart."""
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
