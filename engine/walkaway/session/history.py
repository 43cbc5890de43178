"""The course of a deal: every move with what it gave and got, what it is called, and where both sides stood after it.

Everything is seen from our side: `give` is worth that leaves us with a move, whoever makes it, `get` worth that comes
to us; the balance after a move is the balance before it, plus get, minus give. Their first offer only sets the base.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from walkaway.deal.fold import repinned
from walkaway.deal.ledger import worth_of
from walkaway.deal.moves import Labelled, label
from walkaway.deal.position import PartyRecord, Position
from walkaway.deal.valuation import PACKAGE, limit_of
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import (
    Accept,
    AgentProbe,
    AnyEvent,
    Approve,
    Close,
    Decline,
    Kill,
    Offer,
    Open,
    Party,
    Reject,
    Reopen,
    Request,
    Resume,
    Revoke,
    Signal,
    Terms,
    Tick,
    Update,
    Void,
    Withdraw,
)
from walkaway.language.values import format_value
from walkaway.policy.exchange import Rates
from walkaway.policy.model import THRESHOLDS, Policy


class Turn(msgspec.Struct, frozen=True):
    """One event of a deal.

    Attributes:
        by: `us` or `them`; empty where nobody makes a move.
        actor: Who did it; empty where nobody says, and of an approval, whose approver `what` names.
        what: What happened, beside terms.
        terms: Issue → value, of what the move changes.
        give, get, balance: In minor units; none where they are not known, or nothing moves.
        label: The move's name; `?` behind it where it rests on their side being indifferent.
        change: What it changes for us, in minor units; `their_change` for them, where the policy says.
        ours, theirs: Worth to us of what each side stands at after it, in minor units; none before its first offer.
    """

    event: str
    at: str
    by: str
    what: str
    terms: Mapping[str, str]
    verdict: str
    door: str | None
    give: int | None = None
    get: int | None = None
    balance: int | None = None
    label: str = ""
    change: int | None = None
    their_change: int | None = None
    ours: int | None = None
    theirs: int | None = None
    actor: str = ""


class History(msgspec.Struct, frozen=True):
    """A deal from its opening on.

    Attributes:
        limits: `wish`, `want`, `walk` → worth in minor units, where they are known at the end.
        owed: Issue → the day on which what they promised of it is due, where it is not delivered at the end.
    """

    deal: str
    policy: str
    currency: str
    scale: int
    turns: tuple[Turn, ...]
    limits: Mapping[str, int]
    owed: Mapping[str, str] = {}


Answers = Mapping[str, tuple[str, str | None]]
"""Event → verdict and door."""


def history_of(
    engine: Engine,
    events: Iterable[AnyEvent],
    moved_at: int | None = None,
    answers: Answers | None = None,
    rates: Callable[[str], Rates | None] = lambda _: None,
    known: Callable[[AnyEvent], PartyRecord | None] = lambda _: None,
) -> History:
    """Follow one deal.

    Args:
        events: Of one deal, in order, the opening first; each fits the deal.
        moved_at: Instant of the update that moved it to this policy; none where it opened under it.
        answers: What its events were answered, those before such an update under another version.
        rates: Gives for an event the rates that were known at it; none for those that are known now.
        known: Gives for an event what was known at it from other deals.

    Raises:
        Unfit: Where an event cannot have happened.
    """
    position: Position | None = None
    turns: list[Turn] = []
    past: list[AnyEvent] = []
    deal = ""
    for event in events:
        shown = repinned(event, moved_at)
        found = engine.evaluate(position, shown, past.copy, party=known(event), rates=rates(event.id))
        past.append(shown)
        verdict, door = (answers or {}).get(event.id, (found.ruling.verdict, found.ruling.door))
        ours, theirs = _standing(found.after, Party.US), _standing(found.after, Party.THEM)
        what = _what(event, engine.policy)
        actor = "" if isinstance(event, Approve | Revoke) else event.actor
        turn = Turn(event.id, event.at, "", what, {}, verdict, door, ours=ours, theirs=theirs, actor=actor)
        turns.append(_moved(engine.policy, found, turn))
        position, deal = found.after, event.deal
    policy = engine.policy
    limits = _limits(policy, position) if position is not None else {}
    owed = {} if position is None else {issue: policy.day_text(due) for issue, due in position.owed.items()}
    return History(deal, policy.name, policy.currency, policy.money.scale, tuple(turns), limits, owed)


def _standing(position: Position, party: Party) -> int | None:
    """Return the worth to us at which a side stands; none before its first offer."""
    valuation, side = position.valuation, position.side(party)
    if valuation is None or side.said_at is None:
        return None
    return valuation.rounded(valuation.base + side.worth)


def _moved(policy: Policy, found: Evaluation, turn: Turn) -> Turn:
    """Add what an offer or an acceptance moves."""
    position, move = found.before, found.move
    if move is None:
        return turn
    standing, valuation = position.side(move.by).standing, position.valuation
    changed = {i: v for i, v in move.terms.items() if v != standing.get(i)}
    turn = msgspec.structs.replace(turn, by=move.by.value, terms=_written(policy, changed))
    if valuation is None:
        return turn
    labelled = label(policy, position, move)
    is_base = move.by is Party.THEM and move.first
    return msgspec.structs.replace(
        turn,
        give=None if is_base else valuation.rounded(move.loss),
        get=None if is_base else valuation.rounded(move.gain),
        balance=valuation.rounded(found.after.ours.net + found.after.theirs.net),
        label=_name(labelled, move.by),
        change=labelled.ours,
        their_change=labelled.theirs,
    )


def _name(labelled: Labelled, by: Party) -> str:
    assumed = labelled.assumed(by)
    return "" if assumed is None else assumed.value if len(labelled.labels) == 1 else f"{assumed.value}?"


def _written(policy: Policy, terms: Terms) -> dict[str, str]:
    return {i: format_value(terms[i], policy.issues[i].unit) for i in policy.issues if i in terms}


def _what(event: AnyEvent, policy: Policy) -> str:
    """Say what happened, as far as terms do not."""
    match event:
        case Open():
            return "opened"
        case Offer():
            return "offer"
        case Accept(issues=issues):
            return f"accept {', '.join(issues)}" if issues else "accept"
        case Reject(by=by):
            return f"{'we' if by is Party.US else 'they'} reject"
        case Signal(kind=kind, confirmed=confirmed):
            return f"signal {kind}{'' if confirmed else ', not confirmed'}"
        case Update(delivered=delivered, proof=proof) if delivered:
            return f"delivered {' and '.join(delivered)}: {proof}"
        case Update(policy=policy_named):
            return f"update to {policy_named}" if policy_named else "update"
        case Approve(approver=approver, role=role, terms=terms, override=override):
            covered = ", ".join(f"{i} {v}" for i, v in _written(policy, terms).items()) or "the start terms"
            lifted = f", lifts {', '.join(override)}" if override else ""
            return f"{approver}, {role}, approves {covered}{lifted}"
        case Tick():
            return "time passes"
        case Close(outcome=outcome):
            return f"closed {outcome}"
        case Withdraw(by=by):
            return f"{'we' if by is Party.US else 'they'} withdraw"
        case Revoke(approver=approver, of=of, terms=terms):
            named = of or ", ".join(f"{i} {v}" for i, v in _written(policy, terms).items()) or "the start terms"
            return f"{approver} takes back the approval of {named}"
        case Void(of=of):
            return f"event {of} is void"
        case Request(terms=terms):
            asked = ", ".join(f"{i} {v}" for i, v in _written(policy, terms).items()) or "the start terms"
            return f"an approval is asked for: {asked}"
        case Decline(approver=approver, reason=reason, terms=terms):
            instead = ", ".join(f"{i} {v}" for i, v in _written(policy, terms).items())
            return f"{approver} declines: {reason}" + (f"; would approve {instead}" if instead else "")
        case AgentProbe(yes=yes):
            return f"an agent asked, and was told {'yes' if yes else 'no'}"
        case Kill(reason=reason):
            return f"all offers are stopped: {reason}"
        case Resume(reason=reason):
            return f"offers go on: {reason}"
        case Reopen():
            return "opened again"


def _limits(policy: Policy, position: Position) -> dict[str, int]:
    """Return the worth of each threshold: the package's, or else that of the start terms with each issue at its own.

    What hangs on the selector is taken at the value of it that we said last.
    """
    valuation, said = position.valuation, position.ours.standing
    if valuation is None:
        return {}
    found = {}
    for threshold in THRESHOLDS:
        limits = {n: limit_of(valuation, position.known, f"{threshold}.{n}", said) for n in (*policy.issues, PACKAGE)}
        whole = limits.pop(PACKAGE)
        at = {issue: limit for issue, limit in limits.items() if limit is not None}
        if whole is not None:
            found[threshold] = round(whole)
        elif at:
            found[threshold] = valuation.rounded(worth_of(position, {**_start(position, policy), **at}))
    return found


def _start(position: Position, policy: Policy) -> Terms:
    """Return the start terms, at the value of the selector that we said last."""
    selector = policy.selector
    return {**position.start, selector: position.ours.standing[selector]} if selector else position.start
