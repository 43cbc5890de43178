"""What scenarios exercise of the policies they speak of, policy by policy."""

from collections.abc import Iterable
from pathlib import Path

from walkaway import Engine, Policy
from walkaway.testing import Watch
from walkaway_cli.render.coverage import Measured
from walkaway_cli.scenarios.replay import Replaced, told_in


def measure(files: Iterable[Path]) -> list[Measured]:
    """Tell the scenarios of some files, which all hold, and give the coverage of each policy, by name."""
    watches: dict[Engine, Watch] = {}

    def watched(policy: Policy, path: Path) -> Engine:
        watch = Watch(policy)
        watches[watch.engine] = watch
        return watch.engine

    engines = Replaced(watched, note=lambda engine, evaluation: watches[engine.own].note(evaluation))
    for told in told_in(files):
        told.tell(engines)
    found = [Measured(w.policy.name, w.coverage(), w.policy.coverage) for w in watches.values()]
    return sorted(found, key=lambda m: m.name)
