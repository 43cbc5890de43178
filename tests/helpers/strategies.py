"""Hypothesis strategies over generated cases, and the settings that every property runs under."""

import os
import secrets

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from tests.helpers.generated import Case, generate

SEED = int(os.environ.get("WALKAWAY_SEED") or secrets.randbits(32))
"""Fresh at every run; a failing one is repeated with WALKAWAY_SEED."""


def bounded(examples: int) -> settings:
    """Return settings without deadline or memory: each run tries other cases."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


@st.composite
def cases(draw: st.DrawFn, events: int = 40) -> Case:
    """Return a policy with a deal of about *events* events; what fails shrinks draw by draw."""
    return generate(draw(st.randoms(use_true_random=False)), events)
