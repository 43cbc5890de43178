"""Hypothesis strategies over generated cases, and the settings that every property runs under."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from tests.helpers.generated import Case, generate

SEED = int(os.environ.get("WALKAWAY_SEED") or 20_261_005)
"""The same at every run of the suite, so that luck decides nothing; `-m hunt` has its tree's, WALKAWAY_SEED another."""
HUNTS = "WALKAWAY_HUNT" in os.environ


def size(name: str, suite: int, hunt: int) -> int:
    """Return how much a search tries: what a variable says, else less in the suite than in the hunt."""
    return int(os.environ.get(name) or (hunt if HUNTS else suite))


def bounded(examples: int, hunt: int | None = None) -> settings:
    """Return settings without deadline or memory, for that many examples; of the hunt, for *hunt* of them."""
    return settings(
        max_examples=hunt if HUNTS and hunt is not None else examples,
        deadline=None,
        database=None,
        derandomize="WALKAWAY_SEED" not in os.environ,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


@st.composite
def cases(draw: st.DrawFn, events: int = 40) -> Case:
    """Return a policy with a deal of about *events* events; what fails shrinks draw by draw."""
    return generate(draw(st.randoms(use_true_random=False)), events)
