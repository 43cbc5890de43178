"""Mutants of a policy, each changed in one small way: what survives every scenario, no scenario states.

Each rule is taken away, each comparison is turned round, and each number is moved by one smallest unit either way:
thresholds, limits and start values, days after which something is due, cells of tables and the ends of their ranges,
what is defined, what is derived, and what is asked of lines.
"""

from collections.abc import Iterator

from walkaway.policy.model import Policy
from walkaway.testing.mutants.cells import of_tables
from walkaway.testing.mutants.forms import Mutant as Mutant
from walkaway.testing.mutants.forms import RuleChange as RuleChange
from walkaway.testing.mutants.limits import of_limits, of_owed
from walkaway.testing.mutants.rules import of_definitions, of_derived, of_figures, of_patterns, of_rules
from walkaway.testing.mutants.rules import silenced as silenced
from walkaway.testing.mutants.rules import toothless as toothless
from walkaway.testing.mutants.rules import unconditional as unconditional


def mutants_of(policy: Policy) -> Iterator[Mutant]:
    """Return every mutant of a policy: of its own rules one after another, then of what they rest on."""
    kinds = (of_rules, of_definitions, of_derived, of_figures, of_patterns, of_limits, of_owed, of_tables)
    for kind in kinds:
        yield from kind(policy)
