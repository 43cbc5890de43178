"""The steps: brings in every sentence that a feature file may use, and says what went wrong in a scenario.

This module is a pytest plugin of its own. The plugin `walkaway` brings it in when it collects a feature file; a test
module that binds features itself asks for it: `pytest_plugins = ["walkaway_cli.scenarios.steps"]`. It may have been
imported before, which is why it says PYTEST_DONT_REWRITE. The sentences stand in `given`, `when`, `further` and `then`.
"""

import re
import textwrap
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import NoReturn

import click
import pytest
from pytest_bdd.parser import Feature, Scenario, Step

from walkaway import Decision
from walkaway_cli.render.decision import decision_text
from walkaway_cli.scenarios import further, given, then, when
from walkaway_cli.scenarios.engines import engines_of
from walkaway_cli.scenarios.negotiation import Engines, Negotiation, letter_text
from walkaway_cli.scenarios.problems import Missed, Misunderstood, Undecided, from_here
from walkaway_cli.scenarios.sentences import suggestion

pytest_plugins = [module.__name__ for module in (given, when, further, then)]

_FEATURE = pytest.StashKey[Path]()
_DEAL = pytest.StashKey[Negotiation]()
_OVER = pytest.StashKey[bool]()
"""Set where a scenario ended early: whether because it could not be understood."""


@pytest.fixture(scope="session")
def walkaway_engines(request: pytest.FixtureRequest) -> Engines:
    """Return the engines of this run: each policy is read once."""
    return engines_of(request.config)


@pytest.fixture
def negotiation(request: pytest.FixtureRequest, walkaway_engines: Engines) -> Negotiation:
    """Return the deal that the scenario tells of."""
    node: pytest.Item = request.node
    node.stash[_DEAL] = Negotiation(node.stash[_FEATURE], walkaway_engines)
    return node.stash[_DEAL]


def pytest_bdd_before_scenario(request: pytest.FixtureRequest, feature: Feature) -> None:
    """Remember where the scenario stands: its policy is looked for from there."""
    request.node.stash[_FEATURE] = Path(feature.filename)


def pytest_bdd_before_step(
    request: pytest.FixtureRequest, feature: Feature, step: Step, step_func: Callable[..., object]
) -> None:
    """Refuse a table or a text below a sentence that would not look at it."""
    takes = signature(step_func).parameters
    for what, below in (("datatable", step.datatable), ("docstring", step.docstring)):
        if is_ours(step_func) and below is not None and what not in takes:
            word = "table" if what == "datatable" else "text"
            _fail(request, feature, step, Misunderstood(f"this sentence takes no {word} below it"))


def pytest_bdd_before_step_call(request: pytest.FixtureRequest, step: Step) -> None:
    """Remember which step it is that sends events."""
    deal: Negotiation | None = request.node.stash.get(_DEAL, None)
    if deal is not None:
        deal.step = step


def pytest_bdd_step_error(
    request: pytest.FixtureRequest, feature: Feature, step: Step, exception: BaseException
) -> None:
    """Show what a scenario expected, and the whole decision it got."""
    if isinstance(exception, Missed | Misunderstood):
        _fail(request, feature, step, exception)


def pytest_bdd_step_func_lookup_error(request: pytest.FixtureRequest, feature: Feature, step: Step) -> None:
    """Suggest a sentence for one that is not known."""
    hint = suggestion(step.type.capitalize(), step.name)
    _fail(request, feature, step, Misunderstood(f"no sentence reads like this; {hint}"))


def pytest_bdd_after_scenario(request: pytest.FixtureRequest, feature: Feature, scenario: Scenario) -> None:
    """Check that no event at the end went undecided unnoticed."""
    deal = request.node.stash.get(_DEAL, None)
    if deal is not None and _OVER not in request.node.stash:
        try:
            deal.claimed()
        except Misunderstood as problem:
            _fail(request, feature, scenario.steps[-1], problem)


def _fail(request: pytest.FixtureRequest, feature: Feature, step: Step, problem: Missed | Misunderstood) -> NoReturn:
    """End the scenario with the step, the problem and, where an expectation was missed, the decision in full."""
    request.node.stash[_OVER] = isinstance(problem, Misunderstood)
    deal: Negotiation | None = request.node.stash.get(_DEAL, None)
    if isinstance(problem, Undecided) and deal is not None and isinstance(deal.sent_by, Step):
        step = deal.sent_by
    remark = remark_behind(step.name)
    parts = [
        f"{from_here(Path(feature.filename))}:{step.line_number}: {step.keyword} {step.name}",
        *([f"  a remark stands on a line of its own: write `{remark}` above this step"] if remark else []),
        textwrap.indent(str(problem), "  "),
    ]
    if deal is not None and deal.answer is not None and isinstance(problem, Missed):
        answer = deal.answer
        text = click.unstyle(decision_text(answer)) if isinstance(answer, Decision) else letter_text(answer)
        parts += ["", textwrap.indent(text, "  ")]
    raise pytest.fail.Exception("\n".join(parts), pytrace=False) from None


def remark_behind(step: str) -> str:
    """Return what stands behind a step like a remark, outside quotes: Gherkin takes it for part of the step."""
    found = _REMARK.search(step)
    return found[1].rstrip() if found else ""


_REMARK = re.compile(r'^(?:[^"#]|"[^"]*"|(?<!\s)#)*\s(#.*)$')


def is_ours(step: Callable[..., object]) -> bool:
    """Return whether a step is one of our sentences, and not one of whoever wrote the feature."""
    return step.__module__ in pytest_plugins


def refuse(item: pytest.Item, message: str) -> NoReturn:
    """Fail a scenario that cannot be run, and say why."""
    item.stash[_OVER] = True
    raise pytest.fail.Exception(message, pytrace=False)


def is_misunderstood(item: pytest.Item) -> bool:
    """Return whether a scenario failed because it could not be understood."""
    return item.stash.get(_OVER, False)
