"""Turn a feature file into tests: one for each scenario, and for each example of an outline."""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from pytest_bdd import scenario
from pytest_bdd.exceptions import GherkinParseError, StepError, TokenError
from pytest_bdd.feature import features
from pytest_bdd.gherkin_parser import GherkinDocument, get_gherkin_document
from pytest_bdd.parser import Feature, FeatureParser
from pytest_bdd.scenario import scenario_wrapper_template_registry as templates

from walkaway_cli.scenarios.problems import from_here

STEPS = "walkaway_cli.scenarios.steps"
_ENCODING = "utf-8-sig"
"""UTF-8, with or without the byte-order mark that some editors write."""
_KINDS = ("Context", "Action", "Outcome")
_NO_KEYWORD = "this line begins with none of `Given`, `When`, `Then`, `And`, `But`, `|`, `#` and `Scenario:`"


class FeatureFile(pytest.Module):
    """A feature file, seen as a module whose functions are its scenarios, under their own names."""

    def _getobj(self) -> ModuleType:
        return module_of(self.path)


def feature_file(path: Path, parent: pytest.Collector) -> FeatureFile:
    """Return the collector of a feature file, and see to it that pytest knows our steps."""
    plugins = parent.config.pluginmanager
    if not plugins.has_plugin(STEPS):
        steps = import_module(STEPS)
        # Left to pytest, each that it brings in would be looked for among the entry points of all that is installed.
        for name in (*steps.pytest_plugins, STEPS):
            if not plugins.has_plugin(name):
                plugins.register(import_module(name), name)
    found = FeatureFile.from_parent(parent, path=path)
    assert isinstance(found, FeatureFile)
    return found


def module_of(path: Path) -> ModuleType:
    """Return a module with a test for each scenario of a file.

    Raises:
        CollectError: Where it is no feature, or names two scenarios alike.
    """
    problems = problems_of(path)
    if problems.file:
        raise pytest.Collector.CollectError("\n".join(problems.file))
    try:
        feature = feature_of(path)
    except StepError as problem:
        what = f"{from_here(path)}:{problem.line}: {problem.message}"
        raise pytest.Collector.CollectError(what) from problem
    features[str(path.absolute())] = feature  # pytest-bdd keeps what it has read: this, and not an earlier run's
    module = ModuleType(path.stem)
    for name, template in feature.scenarios.items():
        message = problems.scenarios.get(name)
        run = scenario(path.name, name, features_base_dir=str(path.parent), encoding=_ENCODING)(_nothing)
        test: Callable[..., None] = run if message is None else _refused(message)
        # These three are what pytest looks at: whose function it is, that it is a test whatever its name, its place.
        test.__module__ = module.__name__
        test.__test__ = True  # type: ignore[attr-defined]
        test.place_as = _placed(path, template.line_number)  # type: ignore[attr-defined]
        setattr(module, name, test)
    return module


def feature_of(path: Path) -> Feature:
    """Return what a feature file holds, read anew.

    Raises:
        StepError: Where a first step says `And` or `*`, and no Background stands before it.
    """
    return _ScenarioParser(str(path.parent), path.name, _ENCODING).parse()


class _ScenarioParser(FeatureParser):
    """Reads a feature file; a scenario that begins with `And` or `*` goes on where its Background ends."""

    def _parse_feature_file(self) -> GherkinDocument:
        document = super()._parse_feature_file()
        _carry_on(document.feature.children, "")
        return document


def _carry_on(children: Sequence[Any], kind: str) -> None:
    """Let scenarios' first steps without a keyword of their own be of the kind of the Background's last step."""
    for child in children:
        if getattr(child, "rule", None):
            _carry_on(child.rule.children, kind)
        elif child.background:
            for step in child.background.steps:
                kind = step.keyword_type if step.keyword_type in _KINDS else kind
        elif child.scenario and child.scenario.steps and kind:
            first = child.scenario.steps[0]
            first.keyword_type = first.keyword_type if first.keyword_type in _KINDS else kind


def _nothing() -> None:
    """Do nothing: the scenario's steps are the test."""


def _refused(message: str) -> Callable[[pytest.FixtureRequest], None]:
    """Return a test that says why a scenario is not run."""

    def refused(request: pytest.FixtureRequest) -> None:
        import_module(STEPS).refuse(request.node, message)

    return refused


def _placed(path: Path, line: int) -> Callable[[], None]:
    """Return a function that seems to stand at a line of a feature file, for reports."""

    def here() -> None: ...

    here.__code__ = here.__code__.replace(co_filename=str(path), co_firstlineno=line)
    return here


class Problems(NamedTuple):
    """What keeps a file, or some of its scenarios by their name, from being run; each with its place."""

    file: list[str]
    scenarios: dict[str, str]


def problems_of(path: Path) -> Problems:
    """Return what keeps a file or a scenario from being run.

    pytest-bdd would keep only the last of several scenarios with one name, and say nothing.
    """
    shown = from_here(path)
    try:
        document = get_gherkin_document(str(path), _ENCODING)
    except GherkinParseError as problem:
        message = _NO_KEYWORD if isinstance(problem, TokenError) else problem.message
        message = re.sub(r"(?s)^.*\(\d+:\d+\): (.*)$", r"\1", message)
        return Problems([f"{shown}:{problem.line}: {message}\n  {problem.line_content.strip()}"], {})
    except UnicodeDecodeError:
        return Problems([f"{shown}: this file is not UTF-8"], {})
    except (KeyError, TypeError, AttributeError):
        return Problems([f"{shown}:1: there is no `Feature:` in this file"], {})
    return _problems(shown, document)


def _problems(path: Path, document: GherkinDocument) -> Problems:
    found, scenarios, seen = [], {}, set()
    rules = [child.rule for child in document.feature.children if child.rule]
    for child in [*document.feature.children, *(child for rule in rules for child in rule.children)]:
        if child.scenario is None:
            continue
        name, place = child.scenario.name, f"{path}:{child.scenario.location.line}"
        if name in seen or not name:
            found.append(
                f"{place}: " + (f"a scenario named `{name}` stands above" if name else "a scenario wants a name")
            )
        if not any(step.keyword_type == "Outcome" for step in child.scenario.steps):
            scenarios[name] = f"{place}: the scenario `{name}` has no `Then`, so it checks nothing"
        empty = [table for table in child.scenario.examples if not table.table_body]
        if empty:
            scenarios[name] = f"{path}:{empty[0].location.line}: these examples have no rows, so nothing is run"
        seen.add(name)
    return Problems(found, scenarios)


def leave_bound(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take our tests of scenarios out that a Python test binds too."""
    bound = {key for item in items if not isinstance(item.parent, FeatureFile) and (key := _key(item))}
    dropped = [item for item in items if isinstance(item.parent, FeatureFile) and _key(item) in bound]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]


def _key(item: pytest.Item) -> tuple[str, str] | None:
    """Return the file and the name of the scenario that a test runs, none for other tests."""
    function = getattr(item, "function", None)
    template = templates.get(function) if function is not None else None
    return (str(Path(template.feature.filename).resolve()), template.name) if template else None
