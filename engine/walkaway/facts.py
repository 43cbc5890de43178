"""Derive the facts a rule may read from a position and the event judged: exactly those of the catalog.

A fact's catalog path says where it is found: `position.…` is an attribute of the deal before the event, the names of
`FIGURES` are computed, and the names of `GROUPS` are mappings in which the fact's last part is the key. Only what
somebody reads is derived. Knows no rules.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from walkaway.core.program import Facts
from walkaway.events import AnyEvent, Approve, Door, Party, Signal
from walkaway.policy.model import Policy
from walkaway.position import Move, Position, Side, matches_of
from walkaway.valuation import PACKAGE, Bound, Valuation
from walkaway.values import Value

_SECOND = 1_000_000
_POSITION = "position."

GROUPS = ("stated", "offer", "room", "ours_last", "theirs_last", "signals", "approved", "patterns", "concluded")


class Room(msgspec.Struct, frozen=True, gc=False):
    """How far the terms on the table are from the limits.

    Attributes:
        distances: By fact name, to each walk value in our favour.
        beyond: The walk values passed; `short` the want values not reached. Its issue is `package` for the whole.
    """

    distances: dict[str, int]
    beyond: tuple[Bound, ...]
    short: tuple[Bound, ...]


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What figures are computed from: the deal before the event, and what the event puts on the table.

    Attributes:
        ours: The move, where it is ours and its worth is known; `theirs` alike.
        rounded: Gives a worth of the ledger in minor units of money.
    """

    position: Position
    instant: int
    move: Move | None
    room: Room | None
    ours: Move | None
    theirs: Move | None
    rounded: Callable[[int], int]


def judge(position: Position, instant: int, move: Move | None, room: Room | None) -> Judged:
    """Put together what figures are computed from."""
    valuation = position.valuation
    rounded = int if valuation is None or valuation.scale == 1 else valuation.rounded
    if move is None or move.worth is None:
        return Judged(position, instant, move, room, None, None, rounded)
    ours = move.by is Party.US
    return Judged(position, instant, move, room, move if ours else None, None if ours else move, rounded)


def _worth(judged: Judged) -> int | None:
    move, valuation = judged.move, judged.position.valuation
    if move is None or move.worth is None or valuation is None:
        return None
    return valuation.rounded(valuation.base + move.worth)


def _get(judged: Judged) -> int | None:
    """Asked, and what they are already ahead by; rounded once."""
    move, position = judged.ours, judged.position
    return judged.rounded(move.gain + max(0, position.ours.net + position.theirs.net)) if move else None


def _since(instant: int | None, judged: Judged) -> int | None:
    return None if instant is None else (judged.instant - instant) // _SECOND


FIGURES: dict[str, Callable[[Judged], Value | None]] = {
    "worth": _worth,
    "first": lambda j: int(j.move.first) if j.move else None,
    "by": lambda j: j.move.by.value if j.move else None,
    "give": lambda j: j.rounded(m.loss) if (m := j.ours) else None,
    "give_issues": lambda j: m.losses if (m := j.ours) else None,
    "asked": lambda j: j.rounded(m.gain) if (m := j.ours) else None,
    "asked_issues": lambda j: m.gains if (m := j.ours) else None,
    "get": _get,
    "move": lambda j: (0 if m.first else j.rounded(m.gain - m.loss)) if (m := j.theirs) else None,
    "move_retracted": lambda j: (0 if m.first else m.losses) if (m := j.theirs) else None,
    "beyond_walk": lambda j: len(j.room.beyond) if j.room else None,
    "short_of_want": lambda j: len(j.room.short) if j.room else None,
    "ours_net": lambda j: j.rounded(j.position.ours.net),
    "theirs_net": lambda j: j.rounded(j.position.theirs.net),
    "ours_last_give": lambda j: j.rounded(j.position.ours.last_give),
    "theirs_last_give": lambda j: j.rounded(j.position.theirs.last_give),
    "balance": lambda j: j.rounded(j.position.ours.net + j.position.theirs.net),
    "since_opened": lambda j: _since(j.position.opened, j),
    "since_our_offer": lambda j: _since(j.position.ours.offered_at, j),
    "since_their_offer": lambda j: _since(j.position.theirs.offered_at, j),
    "since_our_concession": lambda j: _since(j.position.ours.conceded_at, j),
    "since_their_concession": lambda j: _since(j.position.theirs.conceded_at, j),
    "missing_items": lambda j: len(j.position.missing),
    "left_open": lambda j: int(j.position.left is Door.OPEN and not j.position.moved),
    "left_closed": lambda j: int(j.position.left is Door.CLOSED),
}
"""Every figure that is computed, by its path in the catalog; none where it is not known."""


class Deriver:
    """Derives the facts of one policy that are *wanted*; those it does not know are none."""

    def __init__(self, policy: Policy, wanted: Iterable[str]) -> None:
        self.policy = policy
        self.groups: dict[str, list[tuple[str, str]]] = {g: [] for g in GROUPS}
        self.figures: list[tuple[str, Callable[[Judged], Value | None]]] = []
        attributes: list[tuple[str, str]] = []
        for name in sorted(n for n in wanted if n in policy.catalog):
            path = policy.catalog[name].path
            if path in self.groups:
                self.groups[path].append((name, name.rpartition(".")[2]))
            elif path.startswith(_POSITION):
                attributes.append((name, path.removeprefix(_POSITION)))
            else:
                self.figures.append((name, FIGURES[path]))
        self.names = tuple(n for n, _ in attributes)
        self.fetch = _getter([p for _, p in attributes])
        self.concluded = {name: 0 for name, _ in self.groups["concluded"]}

    def derive(
        self, position: Position, event: AnyEvent, move: Move | None
    ) -> tuple[Facts, Room | None, tuple[Approve, ...]]:
        """Give the facts, the room of the terms on the table, and the approvals that cover these terms."""
        groups = self.groups
        room = None if move is None else measure(position, move)
        judged = judge(position, event.instant, move, room)
        facts: dict[str, Value | None] = {**position.known, **self.concluded}
        facts.update(zip(self.names, self.fetch(position), strict=True))
        for name, figure in self.figures:
            facts[name] = figure(judged)
        covering: tuple[Approve, ...] = ()
        if move is not None:
            terms = move.terms
            for name, issue in groups["offer"]:
                facts[name] = terms.get(issue)
            if position.approvals:
                covering = covers(position, event, move)
        if room is not None:
            for name, _ in groups["room"]:
                facts[name] = room.distances.get(name)
        for name, kind in groups["signals"]:
            facts[name] = position.signals[kind]
        if groups["ours_last"] or groups["theirs_last"]:
            facts.update(_last(groups["ours_last"], position.ours))
            facts.update(_last(groups["theirs_last"], position.theirs))
        for name, role in groups["approved"]:
            facts[name] = int(_is_approved(self.policy, covering, role))
        if groups["patterns"]:
            matches = matches_of(self.policy, position, event, move)
            facts.update((name, matches[pattern]) for name, pattern in groups["patterns"])
        if isinstance(event, Signal) and event.confirmed:
            facts[f"signals.{event.kind}"] = position.signals[event.kind] + 1
        return facts, room, covering


def _getter(paths: list[str]) -> Callable[[Position], tuple[Any, ...]]:
    """Give a function that fetches all *paths* at once."""
    if len(paths) > 1:
        return attrgetter(*paths)
    return (lambda position: (attrgetter(paths[0])(position),)) if paths else (lambda _: ())


def _last(wanted: list[tuple[str, str]], side: Side) -> dict[str, Value | None]:
    """Give a side's standing terms as facts; unknown before its first offer."""
    return {name: side.standing.get(issue) if side.offers else None for name, issue in wanted}


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


def covers(position: Position, event: AnyEvent, move: Move | None) -> tuple[Approve, ...]:
    """Give the approvals in force, by somebody else, whose terms are as bad as these on every issue or worse."""
    valuation = position.valuation
    if move is None or valuation is None:
        return ()
    return tuple(a for a in in_force(position, event) if _is_no_worse(valuation, position, move.terms, a))


def in_force(position: Position, event: AnyEvent) -> tuple[Approve, ...]:
    """Give the approvals that have not expired at *event* and are by somebody else than its actor."""
    return tuple(
        a for a in position.approvals if (a.until is None or event.instant <= a.until) and a.approver != event.actor
    )


def _is_no_worse(valuation: Valuation, position: Position, terms: Mapping[str, Value], approval: Approve) -> bool:
    """Compare issue by issue; an issue the approval does not name is covered at its start value."""
    start = position.start
    return all(valuation.change(i, approval.terms.get(i, start[i]), value) >= 0 for i, value in terms.items())


def _is_approved(policy: Policy, covering: tuple[Approve, ...], role: str) -> bool:
    """An approval by a role of higher authority counts for the lower ones."""
    rank = policy.roles.index(role)
    return any(policy.roles.index(a.role) >= rank for a in covering)
