"""What an approval covers, and when it counts.

It covers terms that are on every issue as bad for us as the approved ones, or better, and on issues approved as named
the very same; an issue that it does not name it covers at its start value. It counts while it is in force and was given
by somebody known who made none of the terms move: whoever said terms that were not let through is a *mover* until terms
are cleared that are no better for us. Knows no rules.

Source:
    docs/calculus.md, authority.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from walkaway.deal.ledger import are_no_worse
from walkaway.deal.line_items import LineWorths
from walkaway.deal.position import Approval, Move, Mover, Position
from walkaway.deal.valuation import Valuation
from walkaway.events import US, Accept, AnyEvent, Approve, Offer, Open, Party, Reopen, Revoke, Terms, Update, Void
from walkaway.language.values import Value, folded
from walkaway.policy.model import LINES, Policy

Names = frozenset[str]
"""Names as they are compared; an empty one stands for somebody who is not known."""


SEALED = "sealed:"
"""How a name begins that stands sealed in the log; nothing else that is said begins so there."""
ROLE_BEHIND = "@"
"""Behind a sealed name and this stands the role in which, by the policy, whoever it is acted (docs/log.md)."""


def name_of(people: Mapping[str, str], said: str) -> str:
    """Return a person's name as names are compared: by its declared id, or as `folded`.

    Args:
        people: Folded name → id; empty where none are declared, and then a name stands for itself.
        said: As written; or as the log shows it to the engine, sealed, `sealed:…=sealed:…` where the second seal
            stands for the same person, and `sealed:…=` where it may be one whose name was erased (docs/log.md); the
            role behind it is no part of a name.

    Returns:
        Empty where nobody is known by that name.
    """
    if said.startswith(SEALED):
        seal, behind, same = said.partition(ROLE_BEHIND)[0].partition("=")
        return same or ("" if people or behind else seal)
    name = folded(said)
    return people.get(name, "") if people else name


def role_of(spoken_as: Mapping[str, str], said: str) -> str:
    """Return the role in which somebody acts for us by the policy; empty where it does not say that.

    Args:
        spoken_as: As a policy has it: folded name → role.
        said: As for `name_of`. Of a sealed name it is the role that stands behind it: the one of then.
    """
    return said.partition(ROLE_BEHIND)[2] if said.startswith(SEALED) else spoken_as.get(folded(said), "")


def spoken_in(policy: Policy, event: AnyEvent) -> str:
    """Return the role in which terms of ours are said: the one stated, or that of whoever says them; empty for none."""
    if isinstance(event, Open) or (isinstance(event, Offer | Accept) and event.by is US):
        return event.role or role_of(policy.spoken_as, event.actor)
    return ""


def acting(position: Position | None) -> Iterator[str]:
    """Return the names of those in a deal by whom it is known whose approval counts: movers, approvers, who asked, who
    agreed; in every layer.
    """
    while position is not None:
        for mover in position.movers:
            yield mover.name
        for approval in position.approvals:
            yield approval.name
        for waits in position.pending:
            yield waits.actor
        if position.agreement is not None:
            yield name_of({}, position.agreement.actor)
        position = position.above


def party_of(people: Mapping[str, str], said: str) -> str:
    """Return a party's name as names are compared: by its declared id; one that is not declared stands for itself."""
    name = folded(said)
    return people.get(name, name)


def people_of(policies: Iterable[Policy]) -> dict[str, str]:
    """Return who is declared in any of several policies, the first that names somebody first."""
    found: dict[str, str] = {}
    for policy in policies:
        found = {**policy.people, **found}
    return found


def movers_of(people: Mapping[str, str], position: Position, event: AnyEvent, by: Party) -> Names:
    """Return whoever moved the terms that *event* is about: the earlier movers, and who says terms of ours now."""
    return position.moved_by | {name_of(people, event.actor)} if by is US else position.moved_by


class Uncounted(msgspec.Struct, frozen=True, gc=False):
    """Why approvals of terms would not count, or do not.

    Attributes:
        unknown: Whether nobody known says what is judged, though it is ours; `said` is the name it gives.
        before: Whether somebody not known said terms before it that were not let through.
        movers: Who has approved these terms, as written, and is among those who moved them.
    """

    unknown: bool = False
    said: str = ""
    before: bool = False
    movers: tuple[str, ...] = ()


def uncounted(policy: Policy, position: Position, event: AnyEvent, move: Move | None) -> Uncounted:
    """Return why approvals do not count for what is judged."""
    actor = event.actor
    named = name_of(policy.people, actor)
    asked = event.terms if isinstance(event, Open) else isinstance(event, Update | Void | Reopen)
    ours = bool(asked) or (isinstance(event, Offer | Accept) and event.by is US)
    movers = position.moved_by
    own = movers | {named} if ours else movers
    by_movers = () if move is None or own.isdisjoint(position.approved_by) else tuple(
        a.approver
        for a in position.approvals
        if a.name in own and a.name and not has_expired(a, event.instant) and covers(position, a, move.terms)
    )  # fmt: skip
    before = "" in movers
    return Uncounted(ours and not named, actor, move is not None and before, tuple(dict.fromkeys(by_movers)))


def has_expired(approval: Approval | Approve, now: int) -> bool:
    """Return whether an approval is over at an instant; its last instant is in force."""
    return approval.until is not None and now > approval.until


def revoked_by(policy: Policy, position: Position, event: Revoke) -> tuple[Approval, ...]:
    """Return the approvals that a revocation takes back: of its approver, that which it names or of those terms.

    One that has run out takes nothing back: whether it is still remembered rests on what came after it.
    """
    name = name_of(policy.people, event.approver)
    return tuple(
        a
        for a in position.approvals
        if a.name == name
        and not has_expired(a, event.instant)
        and (a.id == event.of if event.of else a.terms == event.terms and not a.of)
    )


def is_by_mover(approval: Approval, movers: Names) -> bool:
    """Return whether an approval is by a mover, or by somebody who may be one since a mover is not known."""
    return approval.name in movers or "" in movers or not approval.name


def in_force(position: Position, event: AnyEvent, movers: Names) -> tuple[Approval, ...]:
    """Return the approvals that count for somebody: not expired at *event*, and by no mover."""
    return tuple(a for a in position.approvals if not (has_expired(a, event.instant) or is_by_mover(a, movers)))


def is_no_worse(position: Position, before: Terms, issue: str, value: Value) -> bool:
    """Return whether a value is no worse for us than *before* on its issue, at the value of the selector there; never
    before worths are known."""
    if position.valuation is None:
        return False
    valuation = position.valuation.at({**position.start, **before})
    return valuation.change(issue, before.get(issue, position.start[issue]), value) >= 0


def is_covered(position: Position, approved: Terms, issue: str, value: Value) -> bool:
    """Return whether an approval of terms covers a value: one no worse for us, or where that counts the very value."""
    valuation = position.valuation
    if valuation is not None and issue in valuation.as_named:
        return value == approved.get(issue, position.start[issue])
    return is_no_worse(position, approved, issue, value)


def covers(position: Position, approval: Approval | Approve, terms: Terms) -> bool:
    """Return whether an approval covers terms, whoever gave it and whenever; never before worths are known."""
    if approval.of and not approval.terms:  # what it approves is no terms
        return False
    valuation = position.valuation
    if valuation is None:
        return False
    named, approved, start = valuation.as_named, approval.terms, position.start
    if valuation.selector:
        if terms[valuation.selector] != approved.get(valuation.selector, start[valuation.selector]):
            return False
        valuation = valuation.at(terms)
    change = valuation.change
    for issue, value in terms.items():
        before = approved.get(issue, start[issue])
        if value != before and (issue in named or change(issue, before, value) < 0):
            return False
    return True


def uncovered(position: Position, approved: Terms, terms: Terms) -> Terms:
    """Return those of *terms* that an approval does not cover; an issue it leaves out it covers at its start value."""
    assert position.valuation is not None, "no terms can be compared before worths are known"
    return {i: v for i, v in terms.items() if not is_covered(position, approved, i, v)}


def covering(position: Position, event: AnyEvent, terms: Terms, movers: Names) -> tuple[Approval, ...]:
    """Return the approvals in force at *event* that cover *terms*, the earliest first.

    Of approvals of the same terms one is compared with these.
    """
    if "" in movers:
        return ()
    count, now = position.approvals, event.instant
    if position.has_lapsing:
        count = tuple(a for a in count if a.until is None or now <= a.until)
    if "" in position.approved_by or not movers.isdisjoint(position.approved_by):
        count = tuple(a for a in count if a.name and a.name not in movers)
    covered = {key: covers(position, a, terms) for key, a in {a.covers: a for a in count}.items()}
    if all(covered.values()):
        return count
    return tuple(a for a in count if covered[a.covers]) if any(covered.values()) else ()


def moving(position: Position, mover: Mover) -> tuple[Mover, ...]:
    """Return the movers with one more.

    Of two words of one person the one that is worse for us everywhere stands for both: what clears it clears the other.
    """
    valuation, movers = position.valuation, position.movers
    if not movers:
        return (mover,)
    if valuation is None:
        return movers if mover in movers else (*movers, mover)
    if len(movers) > _FEW and mover.name not in position.moved_by:
        return (*movers, mover)
    name, other, terms = mover.name, mover.other, mover.terms
    kept = []
    for before in movers:
        if before.name == name and before.other == other:
            if _is_as_good(valuation, terms, before.terms):
                return movers
            if _is_as_good(valuation, before.terms, terms):
                continue
        kept.append(before)
    return (*kept, mover)


_FEW = 8
"""Among so many movers one is looked for without a set of their names."""


def still_moving(position: Position, movers: Iterable[Mover], cleared: Move) -> tuple[Mover, ...]:
    """Return the movers who are left once terms were cleared: those who said better for us on some issue."""
    valuation = position.valuation
    assert valuation is not None, "nothing is cleared before worths are known"
    return tuple(m for m in movers if m.other != cleared.other or not _is_as_good(valuation, m.terms, cleared.terms))


def _is_as_good(valuation: Valuation, one: Terms, other: Terms) -> bool:
    """Return whether terms are no worse for us than others on every issue, and the same where approvals cover the very
    value that they name: there other terms, better for us or worse, are another matter.

    Lines are such an issue: those that are worth more in sum may be worse on one of them, and rules look at each.
    """
    for issue in valuation.as_named:
        if one[issue] != other[issue]:
            return False
    has_lines = isinstance(valuation.worths.get(LINES), LineWorths)
    return (not has_lines or one[LINES] == other[LINES]) and are_no_worse(valuation, one, other)


def is_allowed(policy: Policy, position: Position, event: str, actor: str, now: int) -> bool:
    """Return whether somebody of the highest role, who is not who asks, has approved an event, and not until before.

    Where nobody known asks, nobody's approval counts.
    """
    asks = name_of(policy.people, actor)
    return bool(policy.roles and asks) and any(
        a.of == event and a.role == policy.roles[-1] and a.name not in ("", asks) and not has_expired(a, now)
        for a in position.approvals
    )
