"""The pytest plugin `walkaway`: collects feature files and `cases.yaml`, so that whoever writes these needs no Python.

A feature file is collected where a walkaway policy stands in its folder or above it, up to pytest's root folder; where
the setting `walkaway_features = all` says so; and always by `walkaway test`. `walkaway_features = none` collects none.
A scenario that a Python test of the same run binds with pytest-bdd's `scenarios()` is left to that test. `cases.yaml`
is collected where a policy stands beside it, unless the setting is `none`; with `all`, whatever a `policy.yaml` there
holds: a policy that cannot be read is told.

Nothing of walkaway is imported before the first such file is found.
"""

import re
from pathlib import Path

import pytest

_POLICY = re.compile(rb"^(?:\xef\xbb\xbf)?(?:\{\s*)?[\"']?policy[\"']?[ \t]*:", re.MULTILINE)
_BEGINNING = 64 * 1024


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting."""
    meaning = "Which feature files walkaway collects: auto (where a policy stands beside or above them), all, or none."
    parser.addini("walkaway_features", meaning, default="auto")


def pytest_configure(config: pytest.Config) -> None:
    """Check the setting."""
    value = config.getini("walkaway_features")
    if value not in ("auto", "all", "none"):
        raise pytest.UsageError(f"walkaway_features is auto, all or none, not {value!r}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a feature file, or the cases beside a policy."""
    if file_path.name == "cases.yaml" and parent.config.getini("walkaway_features") != "none":
        told = parent.config.getini("walkaway_features") == "all" and (file_path.parent / "policy.yaml").exists()
        return _cases(file_path, parent) if told or has_policy(file_path, file_path.parent) else None
    if file_path.suffix != ".feature" or not is_ours(file_path, parent.config):
        return None
    from walkaway_cli.scenarios import collect

    parent.config.stash[COLLECTS] = True
    return collect.feature_file(file_path, parent)


def _cases(path: Path, parent: pytest.Collector) -> pytest.Collector:
    from walkaway_cli.scenarios.cases import CasesFile

    found = CasesFile.from_parent(parent, path=path)
    assert isinstance(found, CasesFile)
    return found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave scenarios that a Python test binds to that test."""
    if config.stash.get(COLLECTS, False):
        from walkaway_cli.scenarios import collect

        collect.leave_bound(config, items)


COLLECTS = pytest.StashKey[bool]()
"""Set once this run collects a feature file."""


def is_ours(feature: Path, config: pytest.Config) -> bool:
    """Return whether this plugin collects a feature file."""
    setting = config.getini("walkaway_features")
    return setting == "all" or (setting == "auto" and has_policy(feature, config.rootpath))


def has_policy(feature: Path, root: Path) -> bool:
    """Return whether a walkaway policy stands in the feature's folder or in one above it, up to *root*."""
    for folder in feature.parents:
        try:
            with (folder / "policy.yaml").open("rb") as file:
                if _POLICY.search(file.read(_BEGINNING)):
                    return True
        except OSError:
            if (folder / "policy.yaml").exists():
                return True  # what cannot be read is told when it is, and not passed over
        if folder == root:
            break
    return False
