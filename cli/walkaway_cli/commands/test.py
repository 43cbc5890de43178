"""`walkaway test`: run the scenarios of feature files, and the cases beside policies."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from walkaway.language import counted
from walkaway_cli import exits
from walkaway_cli.render.remarks import remark
from walkaway_cli.render.scenarios import FORMATS, ScenarioOutcome, feature_text
from walkaway_edge.files.names import reason, shown_name

if TYPE_CHECKING:
    from walkaway_cli.render.mutation import Mutated

_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


@click.command("test")
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How to answer."
)
@click.option("-k", "only", metavar="WORDS", default="", help="Only scenarios whose name holds WORDS, as in pytest.")
@click.option("-v", "--verbose", is_flag=True, help="Name every scenario, not only those that fail.")
@click.option("--coverage", "covers", is_flag=True, help="Show what of the policies the scenarios do not exercise.")
@click.option("--mutate", "mutates", is_flag=True, help="Mutate the policies: which mutants survive the scenarios?")
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --mutate: write the scenarios that kill what survives into this new feature file.",
)
@click.option("--sentences", is_flag=True, help="List the sentences a scenario may use, and run nothing.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def command(
    form: str,
    only: str,
    verbose: bool,
    covers: bool,
    mutates: bool,
    to: Path | None,
    sentences: bool,
    paths: tuple[Path, ...],
) -> int:
    """Run the scenarios of PATHS: feature files and cases.yaml, or folders with some.

    With --coverage a policy's `require: {coverage: 100%}` must be met: of its rules that fire, of the leaves of their
    conditions seen true and false, and of the values on either side of where a comparison turns.

    With --mutate every rule of the policies is taken away, every comparison turned, every number moved by one unit:
    thresholds, limits, cells of tables, ends of ranges. A mutant that no scenario kills is shown with the scenario that
    does, which was tried: it holds, and fails under the mutant. One that is proved equivalent is told apart.

    At the end stands how many survive of each rule; --to FILE writes those scenarios into a feature file.

    Exits 0 if every scenario holds, 1 if one fails or less is exercised than a policy requires or a mutant survives,
    2 if one cannot be understood or there is none.

    \b
    walkaway test features
    walkaway test -v -k "bad faith" features
    walkaway test --coverage rules/saas-discounting
    walkaway test --mutate rules/saas-discounting
    walkaway test --mutate --to features/edges.feature rules/saas-discounting
    """
    if sentences:
        from walkaway_cli.scenarios.manual import manual

        click.echo(manual())
        return exits.YES
    missing = [str(p) for p in paths if not p.exists()]
    if not paths or missing:
        raise click.UsageError(
            f"there is no {' and no '.join(missing)}" if missing else "name a feature file, or a folder with some"
        )
    if (covers or mutates) and only:
        raise click.UsageError(f"--{'coverage' if covers else 'mutate'} looks at all scenarios; leave out -k")
    if covers and mutates:
        raise click.UsageError("ask for --coverage or for --mutate")
    if to is not None:
        _check_new(to, mutates=mutates)
    from pytest_bdd import plugin as pytest_bdd_plugin

    from walkaway_cli.scenarios import plugin

    run = _Run(shows=form == "text", every=verbose)
    with _settings() as settings, _environment():
        fixed = ["-c", str(settings), "--rootdir", str(Path.cwd()), "--confcutdir", str(_top(Path.cwd()))]
        fixed += ["-p", "no:cacheprovider", "--import-mode=importlib", "--continue-on-collection-errors"]
        # Each of these two looks through all objects for garbage at the end, for warnings that nobody is shown here.
        fixed += ["-p", "no:unraisableexception", "-p", "no:threadexception"]
        words = ["-k", _expression(only)] if only else []
        # Named by `-p`, each would be looked for among the entry points of all that is installed.
        ended = pytest.main([*fixed, *words, *map(str, paths)], plugins=[pytest_bdd_plugin, plugin, run])
    run.end_feature()
    if ended in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise click.ClickException("the run was stopped before its end")
    if not run.outcomes:
        raise click.UsageError(
            f"no scenario in {' '.join(map(str, paths))}{f' is named like {only!r}' if only else ''}"
        )
    if mutates and run.status() is exits.YES:
        from walkaway_cli.render import mutation
        from walkaway_cli.scenarios.mutation import mutate

        found: list[mutation.Mutated] = []
        killed = mutation.FORMATS[form](_kept(mutate(run.files), found))
        if to is not None:
            _write(to, mutation.as_feature(found))
        return exits.YES if killed else exits.NO
    if not covers or run.status() is not exits.YES:
        FORMATS[form](run.outcomes, run.policies)
        return run.status()
    from walkaway_cli.render import coverage
    from walkaway_cli.scenarios.coverage_run import measure

    measured = measure(run.files)
    coverage.FORMATS[form](run.outcomes, measured, run.policies)
    return exits.NO if any(m.is_short for m in measured) else exits.YES


def _check_new(to: Path, *, mutates: bool) -> None:
    """Refuse a file to write before anything is tried.

    Raises:
        click.UsageError: Where it is there already, or is no feature file, or nothing is mutated.
    """
    if not mutates:
        raise click.UsageError("--to goes with --mutate")
    if to.suffix != ".feature":
        raise click.UsageError(f"--to: {shown_name(to)} is no feature file; let its name end in .feature")
    if to.exists():
        raise click.UsageError(f"--to: {shown_name(to)} is there already, and nothing is written over; name a new file")
    if not to.parent.is_dir():
        raise click.UsageError(f"--to: there is no folder {shown_name(to.parent)}")


def _kept(found: Iterable["Mutated"], kept: list["Mutated"]) -> Iterator["Mutated"]:
    """Pass on what is found, and keep it."""
    for each in found:
        kept.append(each)
        yield each


def _write(to: Path, feature: str) -> None:
    """Write a feature file, where there is a scenario for it."""
    if not feature:
        remark(f"{shown_name(to)} is not written: there is no scenario to write")
        return
    try:
        with to.open("x", encoding="utf-8", newline="\n") as file:
            file.write(feature)
    except OSError as problem:
        raise click.UsageError(f"{shown_name(to)} cannot be written: {reason(problem)}") from problem
    remark(f"{counted(feature.count(_SCENARIO), 'scenario')} written to {shown_name(to)}")


_SCENARIO = "\n  Scenario: "


def _expression(only: str) -> str:
    """Return pytest's expression for words that must all stand in a name; an expression stays what it is."""
    words = only.split()
    return only if {"and", "or", "not"} & set(words) or "(" in only else " and ".join(words)


def _top(folder: Path) -> Path:
    """Return the topmost folder that holds a `conftest.py` for what stands in *folder*, or that itself.

    From there on pytest lists every folder on its way down, with all that stands beside it.
    """
    return next((above for above in reversed(folder.parents) if (above / "conftest.py").is_file()), folder)


@contextmanager
def _settings() -> Iterator[Path]:
    with as_file(files("walkaway_cli.scenarios") / "features.ini") as path:
        yield path


@contextmanager
def _environment() -> Iterator[None]:
    """Keep pytest from taking options and plugins from elsewhere while it runs."""
    before = {name: os.environ.pop(name, None) for name in _VARIABLES}
    autoload = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name, value in {**before, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": autoload}.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Run:
    """A pytest plugin that takes the place of pytest's own reports."""

    def __init__(self, *, shows: bool, every: bool) -> None:
        self.shows, self.every = shows, every
        self.outcomes: list[ScenarioOutcome] = []
        self.misunderstood: set[str] = set()
        self.shown = 0
        self.files: list[Path] = []
        self.policies = 0

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        config.pluginmanager.unregister(reporter)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.files = list(dict.fromkeys(item.path for item in session.items))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        from walkaway_cli.scenarios.engines import engines_of

        self.policies = len(engines_of(session.config).ready)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.add(report.nodeid, "", "misunderstood", report.longreprtext)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Tell a scenario that could not be understood, or that broke a step, from one that does not hold."""
        from walkaway_cli.scenarios.steps import is_misunderstood

        broke = call.excinfo is not None and not isinstance(call.excinfo.value, AssertionError | pytest.fail.Exception)
        if broke or is_misunderstood(item):
            self.misunderstood.add(item.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed or report.skipped:
            status: str = report.outcome
            if report.failed and (report.when != "call" or report.nodeid in self.misunderstood):
                status = "misunderstood"
            file, _, scenario = report.nodeid.partition("::")
            self.add(file, scenario, status, report.longreprtext if report.failed else "")

    def add(self, feature: str, scenario: str, status: str, message: str) -> None:
        if self.outcomes and self.outcomes[-1].feature != feature:
            self.end_feature()
        self.outcomes.append(ScenarioOutcome(feature, scenario, status, message))

    def end_feature(self) -> None:
        """Print the line of the feature that is done."""
        done, self.shown = self.outcomes[self.shown :], len(self.outcomes)
        if self.shows and done:
            click.echo(feature_text(done, every=self.every))

    def status(self) -> int:
        found = {outcome.status for outcome in self.outcomes}
        if "misunderstood" in found:
            return exits.MISUNDERSTOOD
        return exits.NO if "failed" in found else exits.YES
