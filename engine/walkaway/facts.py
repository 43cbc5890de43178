"""Derive the facts a rule may read from a position and the event judged: exactly those of the catalog.

A fact is found at its catalog path in `Judged`; most are plain attributes, so that all of them are fetched in one
call. Only what somebody reads is derived. Knows no rules.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from walkaway.core.program import Facts
from walkaway.events import AnyEvent, Approve, Door, Party, Signal
from walkaway.policy.model import Policy
from walkaway.position import Move, Position, matches_of
from walkaway.valuation import PACKAGE, Bound, Valuation
from walkaway.values import Value

_SECOND = 1_000_000


class Room(msgspec.Struct, frozen=True):
    """How far the terms on the table are from the limits.

    Attributes:
        distances: By fact name, to each walk value in our favour.
        beyond: The walk values passed; `short` the want values not reached. Its issue is `package` for the whole.
    """

    distances: dict[str, int]
    beyond: tuple[Bound, ...]
    short: tuple[Bound, ...]


class Judged(msgspec.Struct):
    """What is judged, with every figure that a catalog path may name; none where it is not known."""

    position: Position
    ours_net: int
    theirs_net: int
    ours_last_give: int
    theirs_last_give: int
    balance: int
    missing_items: int
    left_open: int
    left_closed: int
    since_opened: int
    since_our_offer: int | None
    since_their_offer: int | None
    since_our_concession: int | None
    since_their_concession: int | None
    worth: int | None = None
    first: int | None = None
    by: str | None = None
    give: int | None = None
    give_issues: int | None = None
    asked: int | None = None
    asked_issues: int | None = None
    get: int | None = None
    move: int | None = None
    move_retracted: int | None = None
    beyond_walk: int | None = None
    short_of_want: int | None = None


class Deriver:
    """Derives the facts of one policy that are *wanted*; those it does not know are none."""

    def __init__(self, policy: Policy, wanted: Iterable[str]) -> None:
        self.policy = policy
        entries = [policy.catalog[name] for name in sorted(wanted) if name in policy.catalog]
        groups = ("stated", "offer", "room", "ours_last", "theirs_last", "signals", "approved", "patterns", "concluded")
        self.group: dict[str, list[tuple[str, str]]] = {g: [] for g in groups}
        single: list[tuple[str, str]] = []
        for entry in entries:
            if entry.path in self.group:
                self.group[entry.path].append((entry.name, entry.name.rpartition(".")[2]))
            else:
                single.append((entry.name, entry.path))
        self.names = tuple(n for n, _ in single)
        self.fetch: Callable[[Judged], tuple[Any, ...]] = _getter(tuple(p for _, p in single))
        self.lookups = tuple(n.name for n in policy.lookups)

    def derive(
        self, position: Position, event: AnyEvent, move: Move | None
    ) -> tuple[Facts, Room | None, tuple[Approve, ...]]:
        """Give the facts, the room of the terms on the table, and the approvals that cover these terms."""
        group = self.group
        room = measure(position, move)
        judged = judge(position, event, move, room)
        facts: dict[str, Value | None] = dict(zip(self.names, self.fetch(judged), strict=True))
        known = position.known
        for name, _ in group["stated"]:
            facts[name] = known[name]
        for name in self.lookups:
            facts[name] = known[name]
        covering = covers(self.policy, position, event, move) if position.approvals and move is not None else ()
        if move is not None:
            terms = move.terms
            for name, issue in group["offer"]:
                facts[name] = terms.get(issue)
        if room is not None:
            for name, _ in group["room"]:
                facts[name] = room.distances.get(name)
        for side, ledger in (("ours_last", position.ours), ("theirs_last", position.theirs)):
            if group[side]:
                standing = ledger.standing if ledger.offers else {}
                for name, issue in group[side]:
                    facts[name] = standing.get(issue)
        for name, kind in group["signals"]:
            facts[name] = position.signals[kind] + (
                isinstance(event, Signal) and event.confirmed and event.kind == kind
            )
        for name, role in group["approved"]:
            facts[name] = int(_is_approved(self.policy, covering, role))
        if group["patterns"]:
            matches = matches_of(self.policy, position, event, move)
            for name, pattern in group["patterns"]:
                facts[name] = matches[pattern]
        for name, _ in group["concluded"]:
            facts[name] = 0
        return facts, room, covering


def _getter(paths: tuple[str, ...]) -> Callable[[Judged], tuple[Any, ...]]:
    if len(paths) >= 2:
        return attrgetter(*paths)
    return (lambda judged: (attrgetter(paths[0])(judged),)) if paths else (lambda _: ())


def judge(position: Position, event: AnyEvent, move: Move | None, room: Room | None) -> Judged:
    """Gather every figure about the event judged and the deal before it."""
    ours, theirs, now = position.ours, position.theirs, event.instant
    valuation = position.valuation
    rounded: Callable[[int], int] = valuation.rounded if valuation is not None and valuation.scale != 1 else int
    left_open = position.left is Door.OPEN and not position.moved
    balance = rounded(ours.net + theirs.net)
    judged = Judged(
        position,
        rounded(ours.net),
        rounded(theirs.net),
        rounded(ours.last_give),
        rounded(theirs.last_give),
        balance,
        len(position.missing),
        int(left_open),
        int(position.left is Door.CLOSED),
        (now - position.opened) // _SECOND,
        None if ours.offered_at is None else (now - ours.offered_at) // _SECOND,
        None if theirs.offered_at is None else (now - theirs.offered_at) // _SECOND,
        None if ours.conceded_at is None else (now - ours.conceded_at) // _SECOND,
        None if theirs.conceded_at is None else (now - theirs.conceded_at) // _SECOND,
    )
    if move is not None:
        judged.first, judged.by = int(move.first), move.by.value
        if valuation is not None and move.worth is not None:
            _add_worths(judged, move, valuation, balance)
    if room is not None:
        judged.beyond_walk, judged.short_of_want = len(room.beyond), len(room.short)
    return judged


def _add_worths(judged: Judged, move: Move, valuation: Valuation, balance: int) -> None:
    rounded = valuation.rounded
    judged.worth = rounded(valuation.base + (move.worth or 0))
    if move.by is Party.US:
        judged.give, judged.give_issues = rounded(move.loss), move.losses
        judged.asked, judged.asked_issues = rounded(move.gain), move.gains
        net = judged.position.ours.net + judged.position.theirs.net
        judged.get = rounded(move.gain + max(0, net))
    elif move.first:
        judged.move = judged.move_retracted = 0
    else:
        judged.move, judged.move_retracted = rounded(move.gain - move.loss), move.losses


def measure(position: Position, move: Move | None) -> Room | None:
    """Give the room of the terms on the table; none for events without terms, or before worths are known."""
    valuation = position.valuation
    if move is None or valuation is None or move.worth is None:
        return None
    terms, known = move.terms, position.known
    distances: dict[str, int] = {}
    beyond: list[Bound] = []
    short: list[Bound] = []
    for bound in valuation.walks:
        distance = valuation.distance(bound, terms[bound.issue])
        distances[bound.fact] = distance
        if distance < 0:
            beyond.append(bound)
    for bound in valuation.wants:
        if valuation.distance(bound, terms[bound.issue]) < 0:
            short.append(bound)
    walk, want = known["walk.package"], known["want.package"]
    if walk is not None or want is not None:
        worth = valuation.rounded(valuation.base + move.worth)
        if isinstance(walk, int):
            distances["room.package"] = worth - walk
            if worth < walk:
                beyond.append(Bound("room.package", PACKAGE, 1, walk))
        if isinstance(want, int) and worth < want:
            short.append(Bound("room.package", PACKAGE, 1, want))
    return Room(distances, tuple(beyond), tuple(short))


def covers(policy: Policy, position: Position, event: AnyEvent, move: Move | None) -> tuple[Approve, ...]:
    """Give the approvals in force, by somebody else, whose terms are as bad as these on every issue or worse."""
    valuation = position.valuation
    if move is None or valuation is None:
        return ()
    return tuple(
        a
        for a in position.approvals
        if (a.until is None or event.instant <= a.until)
        and a.approver != event.actor
        and _is_no_worse(valuation, position, move.terms, a)
    )


def _is_no_worse(valuation: Valuation, position: Position, terms: Mapping[str, Value], approval: Approve) -> bool:
    """Compare issue by issue; an issue the approval does not name is covered at its start value."""
    start = position.start
    return all(valuation.change(i, approval.terms.get(i, start[i]), value) >= 0 for i, value in terms.items())


def _is_approved(policy: Policy, covering: tuple[Approve, ...], role: str) -> bool:
    """An approval by a role of higher authority counts for the lower ones."""
    rank = policy.roles.index(role)
    return any(policy.roles.index(a.role) >= rank for a in covering)
