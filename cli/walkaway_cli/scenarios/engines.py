"""The engines of one run of pytest, which its scenarios and cases share: a policy is read once."""

import pytest

from walkaway_cli.scenarios.negotiation import Engines

_ENGINES = pytest.StashKey[Engines]()


def engines_of(config: pytest.Config) -> Engines:
    """Return the engines of a run."""
    return config.stash.setdefault(_ENGINES, Engines())
