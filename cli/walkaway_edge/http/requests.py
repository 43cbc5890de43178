"""Requests for an approval: who asks whom for which terms of a deal. Kept in a file beside the log, which knows none.

A request is open as long as nobody declined it, its deal goes on, and these terms still want an approval; so that
nothing has to be closed by hand.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from walkaway_edge.http.journal import Journal


class ApprovalRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the file: a request, or that somebody declined it.

    Attributes:
        id: Of the request, the same for the same question at the same state of the deal.
        terms: Issue → value as people write it, as far as they change our offer; `package` is all of it then.
        by: Who asks; or who declined.
        declined: Why; empty where this line is a request.
        counter: Terms that would be approved instead.
    """

    id: str
    by: str
    at: str
    deal: str = ""
    terms: Mapping[str, str] = {}
    package: Mapping[str, str] = {}
    note: str = ""
    declined: str = ""
    counter: Mapping[str, str] = {}


class Requests:
    """The requests of one server.

    Raises:
        EdgeProblem: Where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.journal = Journal(path, ApprovalRequest)

    def all(self) -> list[ApprovalRequest]:
        """Return every request, oldest first."""
        return list({line.id: line for line in reversed(self.journal.all()) if line.deal}.values())[::-1]

    def find(self, of: str) -> ApprovalRequest | None:
        """Return a request; none where there is none of this id."""
        return next((line for line in self.journal.all() if line.id == of and line.deal), None)

    def answers(self, of: str) -> list[ApprovalRequest]:
        """Return who declined a request."""
        return [line for line in self.journal.all() if line.id == of and line.declined]

    def has(self, deal: str) -> bool:
        """Return whether an approval was asked for in a deal."""
        return any(line.deal == deal for line in self.journal.all())

    def ask(self, request: ApprovalRequest) -> bool:
        """Keep a request; return whether it is new.

        Raises:
            EdgeProblem: Where it cannot be written.
        """
        if self.find(request.id) is not None:
            return False
        self.journal.note(request)
        return True

    def decline(self, answer: ApprovalRequest) -> None:
        """Keep that somebody declined.

        Raises:
            EdgeProblem: Where it cannot be written.
        """
        self.journal.note(answer)


def request_id(deal: str, terms: Mapping[str, str], by: str, events: int) -> str:
    """Return what a question is called: the same for the same one at the same state of its deal."""
    said = msgspec.json.encode([deal, dict(terms), by, events], order="sorted")
    return f"A-{hashlib.sha256(said).hexdigest()[:16]}"
