"""Tell scenarios and cases again, to engines of the caller's choice and without a test runner.

What passes here passes under `walkaway test`: the same sentences are taken by the same functions.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
from pytest_bdd.parser import Scenario, Step
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

from walkaway import Decision, Engine, Policy, load
from walkaway.decide import Evaluation
from walkaway_cli.scenarios import steps
from walkaway_cli.scenarios.cases import PolicyCase, compare, decide, lines_of, read_cases
from walkaway_cli.scenarios.collect import feature_of
from walkaway_cli.scenarios.negotiation import Engines, Negotiation
from walkaway_cli.scenarios.problems import Missed, Misunderstood, from_here

Make = Callable[[Policy, Path], Engine]
"""Makes an engine of a policy, which stands at a path."""
Note = Callable[[Engine, Evaluation], None]
"""Is told what an engine has evaluated."""


class Replaced(Engines):
    """Engines that somebody else makes, one for each policy file.

    Args:
        policies: File → policy, of those that were read already; what is read is added.
        note: Is told of every evaluation that gives a decision.
    """

    def __init__(
        self, make: Make, policies: dict[Path, Policy] | None = None, note: Note = lambda engine, evaluation: None
    ) -> None:
        super().__init__()
        self.make, self.note = make, note
        self.policies = {} if policies is None else policies
        self.paths: dict[Path, Engine] = {}

    def get(self, path: Path) -> Engine:
        """Return the engine of the policy at *path*, however it is named."""
        file = (path / "policy.yaml" if path.is_dir() else path).resolve()
        if file not in self.paths:
            if file not in self.policies:
                self.policies[file] = load(path).unwrap()
            self.paths[file] = self.make(self.policies[file], path)
        return self.paths[file]

    def record(self, engine: Engine, evaluation: Evaluation, before: str) -> Decision:
        """Tell of an evaluation, and write the decision on record of it."""
        self.note(engine, evaluation)
        return super().record(engine, evaluation, before)


class ScenarioReplay(msgspec.Struct, frozen=True):
    """One scenario or case that can be told again.

    Attributes:
        place: Its file and line, as `features/floor.feature:12`.
        tell: Tells it; gives the event lines sent. Raises Missed or Misunderstood where it does not hold.
    """

    name: str
    place: str
    tell: Callable[[Engines], list[bytes]]


def told_in(files: Iterable[Path]) -> Iterator[ScenarioReplay]:
    """Return the scenarios and cases of some files, one for each example of an outline."""
    for file in files:
        if file.suffix == ".feature":
            yield from _scenarios(file)
        else:
            yield from (_case(file, case) for case in read_cases(file))


def _scenarios(file: Path) -> Iterator[ScenarioReplay]:
    for scenario in written_out(file):
        yield ScenarioReplay(scenario.name, f"{from_here(file)}:{scenario.line_number}", partial(_lines_told, scenario))


def _lines_told(scenario: Scenario, engines: Engines) -> list[bytes]:
    return tell(scenario, engines).lines


def written_out(file: Path) -> Iterator[Scenario]:
    """Return the scenarios of a feature file, one for each example of an outline, their names written out."""
    for template in feature_of(file).scenarios.values():
        examples: list[Mapping[str, Any]] = [c for e in template.examples for c in e.as_contexts()]
        yield from (template.render(context) for context in (examples if template.templated else [{}]))


def _case(file: Path, case: PolicyCase) -> ScenarioReplay:
    def tell_case(engines: Engines) -> list[bytes]:
        compare(case, decide(case, engines.stream(engines.get(from_here(file.parent)))))
        return lines_of(case)

    return ScenarioReplay(case.note, f"{from_here(file)}:{case.line}", tell_case)


def tell(scenario: Scenario, engines: Engines) -> Negotiation:
    """Tell a scenario.

    Raises:
        Missed: Where an answer is not what it expects.
        Misunderstood: Where it says what cannot be understood.
    """
    deal = Negotiation(Path(scenario.feature.filename), engines)
    follow(scenario, deal)
    return deal


def follow(scenario: Scenario, deal: Negotiation) -> None:
    """Take a scenario's steps in a deal.

    Raises:
        Missed, Misunderstood: As for `tell`.
    """
    for step in scenario.steps:
        take(deal, step)
    deal.claimed()


def holds(scenario: Scenario, deal: Negotiation) -> bool:
    """Take a scenario's steps in a deal and tell whether it holds."""
    try:
        follow(scenario, deal)
    except (Missed, Misunderstood):
        return False
    return True


def take_text(text: str, folder: Path, engines: Engines) -> bool:
    """Tell a scenario given as text, which names its policy as seen from here; tell whether it holds.

    Args:
        folder: Where it is written down on the way.
    """
    file = folder / "written.feature"
    file.write_text(f"Feature: written\n{text}\n", encoding="utf-8")
    (scenario,) = written_out(file)
    return holds(scenario, Negotiation(Path.cwd() / file.name, engines))


def take(deal: Negotiation, step: Step) -> None:
    """Take one step."""
    context = next((c for c in contexts() if c.type == step.type and c.parser.is_matching(step.name)), None)
    if context is None:
        raise Misunderstood(f"no sentence reads like `{step.name}`")
    given = dict(context.parser.parse_arguments(step.name) or {}) | {"negotiation": deal, "docstring": step.docstring}
    given["datatable"] = step.datatable.raw() if step.datatable else None
    parameters = inspect.signature(context.step_func).parameters
    context.step_func(**{name: given[name] for name in parameters})


@cache
def contexts() -> tuple[StepFunctionContext, ...]:
    """Return every step of the library."""
    return tuple(c for c in step_function_context_registry.values() if steps.is_ours(c.step_func))
