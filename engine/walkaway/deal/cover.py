"""What an approval covers: terms that are on every issue as bad for us as the approved ones, or better.

An issue that an approval does not name it covers at its start value. Knows no rules.
"""

from walkaway.deal.position import Position
from walkaway.events import AnyEvent, Approve, Terms
from walkaway.language.values import Value


def has_expired(approval: Approve, event: AnyEvent) -> bool:
    """Return whether an approval was over when *event* happened."""
    return approval.until is not None and event.instant > approval.until


def is_own(approval: Approve, event: AnyEvent) -> bool:
    """Return whether whoever approved is whoever acts."""
    return approval.approver == event.actor


def in_force(position: Position, event: AnyEvent) -> tuple[Approve, ...]:
    """Return the approvals that have not expired at *event* and are by somebody else than its actor."""
    return tuple(a for a in position.approvals if not has_expired(a, event) and not is_own(a, event))


def covers_value(position: Position, approval: Approve, issue: str, value: Value) -> bool:
    """Return whether an approval covers one value of one issue; none before worths are known."""
    valuation = position.valuation
    return valuation is not None and valuation.change(issue, _approved(position, approval.terms, issue), value) >= 0


def covers(position: Position, approval: Approve, terms: Terms) -> bool:
    """Return whether an approval covers terms, whoever gave it and whenever; none before worths are known."""
    return position.valuation is not None and not worse_than(position, approval.terms, terms)


def worse_than(position: Position, before: Terms, terms: Terms) -> Terms:
    """Return those of *terms* that are worse for us than *before*; an issue it leaves out stands at its start value."""
    valuation = position.valuation
    assert valuation is not None, "no terms can be compared before worths are known"
    return {i: v for i, v in terms.items() if valuation.change(i, _approved(position, before, i), v) < 0}


def covering(position: Position, event: AnyEvent, terms: Terms) -> tuple[Approve, ...]:
    """Return the approvals in force at *event* that cover *terms*."""
    return tuple(a for a in in_force(position, event) if covers(position, a, terms))


def _approved(position: Position, terms: Terms, issue: str) -> Value:
    return terms.get(issue, position.start[issue])
