"""walkaway: a policy engine for negotiation. These are its public names."""

from walkaway.deal.letters import DeadLetter
from walkaway.decide.decision import Decision, encode
from walkaway.decide.engine import Core, Engine, Incident
from walkaway.language.codes import Code, page
from walkaway.language.diagnostics import Checked, Diagnostic, InvalidInput, Severity, Span
from walkaway.policy import Policy, load
from walkaway.session.stream import Changed, Stream

__all__ = [
    "Changed",
    "Checked",
    "Code",
    "Core",
    "DeadLetter",
    "Decision",
    "Diagnostic",
    "Engine",
    "Incident",
    "InvalidInput",
    "Policy",
    "Severity",
    "Span",
    "Stream",
    "encode",
    "load",
    "page",
]
