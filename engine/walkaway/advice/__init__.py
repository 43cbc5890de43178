"""What else may be said of one offer: counteroffers, headroom, approvals, a briefing."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.advice.approvals import Approvals as Approvals
    from walkaway.advice.approvals import Needed as Needed
    from walkaway.advice.briefing import Answer as Answer
    from walkaway.advice.briefing import Audience as Audience
    from walkaway.advice.briefing import Briefing as Briefing
    from walkaway.advice.briefing import answer as answer
    from walkaway.advice.briefing import brief as brief
    from walkaway.advice.counteroffers import Seeker as Seeker
    from walkaway.advice.headroom import Budget as Budget
    from walkaway.advice.headroom import Headroom as Headroom
    from walkaway.advice.headroom import IssueRoom as IssueRoom

__getattr__ = exported(
    __name__,
    {
        "Answer": "briefing",
        "Approvals": "approvals",
        "Audience": "briefing",
        "Briefing": "briefing",
        "Budget": "headroom",
        "Headroom": "headroom",
        "IssueRoom": "headroom",
        "Needed": "approvals",
        "Seeker": "counteroffers",
        "answer": "briefing",
        "brief": "briefing",
    },
)
