"""walkaway: a policy engine for negotiation. These are its public names; docs/python.md shows them at work.

    session = walkaway.Session("rules/saas-discounting")
    decision = session.decide({"id": "e1", "deal": "D-1", "at": "2026-10-05T09:00:00Z", "type": "open", "facts": {}})

`Session` decides, in memory or into a log; `bulk` decides many deals at once; `load`, `lint`, `prove` and `diff` are
about policies. Whatever is wrong with an input is a finding, in `Checked.findings`, `DeadLetter.findings` or
`InvalidInput.findings`.
"""

import importlib
from typing import TYPE_CHECKING

from walkaway.deal.letters import DeadLetter
from walkaway.decide.decision import Counteroffer, Decision, Need, Obligation, Reason, encode
from walkaway.decide.engine import Core, Engine, Incident
from walkaway.decide.verdict import Standing
from walkaway.events import EVERY_DEAL, Door, Event, Party, Verdict
from walkaway.language.codes import Code, page
from walkaway.language.diagnostics import Checked, Diagnostic, InvalidInput, Severity, Span
from walkaway.language.values import Quantity
from walkaway.policy import Policy, load
from walkaway.session.stream import Changed, Stream

if TYPE_CHECKING:
    from walkaway.advice.briefing import Answer, Briefing
    from walkaway.advice.sayable import AgentAsk, Disclosure
    from walkaway.backtest import many as bulk
    from walkaway.log.open import open_store
    from walkaway.log.problems import StoreProblem
    from walkaway.log.proving import LogProofs
    from walkaway.proof.questions import diff, lint, prove
    from walkaway.run.session import DealState, Session
    from walkaway.session.history import History

__all__ = [
    "EVERY_DEAL",
    "AgentAsk",
    "Answer",
    "Briefing",
    "Changed",
    "Checked",
    "Code",
    "Core",
    "Counteroffer",
    "DeadLetter",
    "DealState",
    "Decision",
    "Diagnostic",
    "Disclosure",
    "Door",
    "Engine",
    "Event",
    "History",
    "Incident",
    "InvalidInput",
    "LogProofs",
    "Need",
    "Obligation",
    "Party",
    "Policy",
    "Quantity",
    "Reason",
    "Session",
    "Severity",
    "Span",
    "Standing",
    "StoreProblem",
    "Stream",
    "Verdict",
    "bulk",
    "diff",
    "encode",
    "lint",
    "load",
    "open_store",
    "page",
    "prove",
]

_LATER = {
    "AgentAsk": "walkaway.advice.sayable",
    "Disclosure": "walkaway.advice.sayable",
    "Answer": "walkaway.advice.briefing",
    "History": "walkaway.session.history",
    "DealState": "walkaway.run.session",
    "Briefing": "walkaway.advice.briefing",
    "Session": "walkaway.run.session",
    "LogProofs": "walkaway.log.proving",
    "StoreProblem": "walkaway.log.problems",
    "bulk": "walkaway.backtest.many",
    "diff": "walkaway.proof.questions",
    "lint": "walkaway.proof.questions",
    "open_store": "walkaway.log.open",
    "prove": "walkaway.proof.questions",
}
"""Names that are loaded when they are first asked for, and where they stand: no command's start waits for them."""


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module `walkaway` has no attribute `{name}`")
    module = importlib.import_module(_LATER[name])
    found = globals()[name] = module if name == "bulk" else getattr(module, name)
    return found


def __dir__() -> list[str]:
    return __all__
