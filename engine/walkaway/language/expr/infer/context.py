"""What the inference of one expression knows: its text, what it may name, and where its findings go."""

import msgspec

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Span
from walkaway.language.expr.grammar import Syntax
from walkaway.language.expr.types import Inferred, Scope
from walkaway.language.source import Scalar


class Context(msgspec.Struct, frozen=True):
    """One expression while its types are inferred."""

    scalar: Scalar
    scope: Scope
    notes: Inferred

    def span(self, syntax: Syntax) -> Span:
        """Return where a part of the expression stands."""
        return self.scalar.at(syntax.start, syntax.end - syntax.start)

    def text(self, syntax: Syntax) -> str:
        """Return a part of the expression as it is written, on one line."""
        return " ".join(self.scalar.value[syntax.start : syntax.end].split())

    def report(self, code: Code, message: str, syntax: Syntax, hint: str = "") -> None:
        """Add a finding about a part of the expression."""
        self.notes.findings.append(Diagnostic(code, message, self.span(syntax), hint))
