"""walkaway: a policy engine for negotiation. These are its public names."""

from walkaway.codes import Code, page
from walkaway.decision import Decision, encode
from walkaway.diagnostics import Checked, Diagnostic, InvalidInput, Severity, Span
from walkaway.engine import Core, Engine, Incident
from walkaway.policy import Policy, load
from walkaway.stream import Changed, DeadLetter, Stream

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
