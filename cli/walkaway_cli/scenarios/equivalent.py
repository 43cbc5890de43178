"""Ask the solver, where it is installed, about mutants for which no deal was found."""

import importlib
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from walkaway import Policy
from walkaway.testing import Deal, Mutant

if TYPE_CHECKING:
    from walkaway.proof import Settled

# Seconds of the processor, of which what else the machine does takes none.
_EACH_S = 20.0
_IN_ALL_S = 60.0


class Solver:
    """Settles mutants until its time is spent; without a solver none is settled."""

    def __init__(self) -> None:
        self.left = _IN_ALL_S
        self.asked: dict[int, tuple[Mutant, Settled | None]] = {}

    def is_alike(self, policy: Policy, mutant: Mutant) -> bool:
        """Return whether it is proved that a mutant makes no difference."""
        found = self.ask(policy, mutant)
        return found is not None and found.is_alike

    def deals(self, policy: Policy, mutant: Mutant) -> Sequence[Deal]:
        """Return deals in which it makes one."""
        found = self.ask(policy, mutant)
        return found.deals if found is not None else ()

    def ask(self, policy: Policy, mutant: Mutant) -> "Settled | None":
        """Return what came of a mutant, asked once."""
        if id(mutant) not in self.asked:
            self.asked[id(mutant)] = mutant, self._ask(policy, mutant)
        return self.asked[id(mutant)][1]

    def _ask(self, policy: Policy, mutant: Mutant) -> "Settled | None":
        if self.left <= 0:
            return None
        try:
            room = importlib.import_module("walkaway.proof.settle")
        except ModuleNotFoundError as problem:
            if problem.name is None or not problem.name.startswith("z3"):
                raise
            return None
        began = time.process_time()
        found: Settled = room.settle(policy, mutant, time.process_time, min(_EACH_S, self.left))
        self.left -= time.process_time() - began
        return found
