"""How the suite runs: the longest tests first, and the same random cases at every run, unless it hunts for new ones."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from tests.hunt.seed import of_tree

AT_ONCE = 20_000
"""So many new objects before the youngest are looked through; with Python's own 700 that took a sixth of the suite."""


def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed before a test is imported; the processes of a run share it by their environment."""
    # Each of the hundreds of processes that tests start would compile walkaway anew, twice the time of what it does.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if config.option.markexpr == "hunt":
        os.environ["WALKAWAY_HUNT"] = "yes"
        os.environ.setdefault("WALKAWAY_SEED", str(of_tree()))
    # On a loaded machine, slowness says nothing about the code.
    drawn = "WALKAWAY_SEED" in os.environ
    settings.register_profile(
        "walkaway", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=not drawn, database=None
    )
    settings.load_profile("walkaway")
    if not drawn and hasattr(providers, "_get_local_constants"):
        # Hypothesis also draws constants of whatever modules are loaded by then; so a seed alone fixes nothing.
        providers._get_local_constants = providers.Constants


def pytest_report_header() -> list[str]:
    """Say how to repeat the run."""
    return [f"WALKAWAY_SEED={os.environ['WALKAWAY_SEED']}"] if "WALKAWAY_SEED" in os.environ else []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let searches hunt where hunting is asked for; begin with the long ones, so that no processor idles at the end."""
    if "WALKAWAY_HUNT" in os.environ:
        for item in items:
            if item.get_closest_marker("search"):
                item.add_marker("hunt")
    items.sort(key=_how_soon)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests out of every search for garbage, and search for it less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(AT_ONCE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what a hunt has tried, whichever process did."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, said in report.user_properties:
            if name == "tried":
                terminalreporter.write_line(str(said))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the URL of a PostgreSQL server, the one for all tests of this process."""
    from tests.helpers.postgres import server

    with server() as url:
        yield url


def _how_soon(item: pytest.Item) -> int:
    markers = {marker.name for marker in item.iter_markers()}
    return 0 if "solver" in markers else 1 if markers & {"slow", "hunt"} else 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let a process that has nothing left take tests from another, so that none waits for the longest file."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)
