"""Claims about all answers of a policy, proved or refuted with a solver. Needs the extra `prove`."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.proof.counterexamples.find import Counterexample as Counterexample
    from walkaway.proof.diff import Comparison as Comparison
    from walkaway.proof.diff import Flip as Flip
    from walkaway.proof.diff import Region as Region
    from walkaway.proof.prove import Proof as Proof
    from walkaway.proof.settle import Settled as Settled

__getattr__ = exported(
    __name__,
    {
        "Comparison": "diff",
        "Counterexample": "counterexamples.find",
        "Flip": "diff",
        "Proof": "prove",
        "Region": "diff",
        "Settled": "settle",
    },
)
