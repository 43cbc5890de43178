"""The corridor: one event evaluated under one policy, and the decision written."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.decide.decision import Accepting as Accepting
    from walkaway.decide.decision import Counteroffer as Counteroffer
    from walkaway.decide.decision import Leaf as Leaf
    from walkaway.decide.decision import Reason as Reason
    from walkaway.decide.engine import Core as Core
    from walkaway.decide.engine import CoreFailed as CoreFailed
    from walkaway.decide.evaluation import Evaluation as Evaluation
    from walkaway.decide.sentences import sentence_of as sentence_of

__getattr__ = exported(
    __name__,
    {
        "Accepting": "decision",
        "Core": "engine",
        "CoreFailed": "engine",
        "Counteroffer": "decision",
        "Evaluation": "evaluation",
        "Leaf": "decision",
        "Reason": "decision",
        "sentence_of": "sentences",
    },
)
