"""Derive the facts a rule may read from a position and the event judged: exactly those of the catalog.

A fact's catalog path says where it is found: `position.…` is an attribute of the deal before the event, the names of
`FIGURES` are computed, and any other name is that of a mapping in which the fact's last part is the key. Only what
somebody reads is derived. Knows no rules.
"""

import ast
from collections.abc import Callable, Iterable

import msgspec

from walkaway.deal import cover
from walkaway.deal.patterns import matches_of
from walkaway.deal.position import Move, Position
from walkaway.deal.valuation import PACKAGE, Bound
from walkaway.events import CLOSED, OPEN, US, AnyEvent, Approve, Close, Party, Signal, Terms
from walkaway.language.codegen import NOTHING, Function, assign, attribute, call, item, var
from walkaway.language.values import Value
from walkaway.policy.model import Policy

_SECOND = 1_000_000
_POSITION = "position."


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
    event: AnyEvent
    move: Move | None
    room: Room | None
    ours: Move | None
    theirs: Move | None
    rounded: Callable[[int], int]


def judge(position: Position, event: AnyEvent, move: Move | None, room: Room | None) -> Judged:
    """Put together what figures are computed from."""
    valuation = position.valuation
    rounded = int if valuation is None or valuation.scale == 1 else valuation.rounded
    if move is None or move.worth is None:
        return Judged(position, event, move, room, None, None, rounded)
    ours = move.by is US
    return Judged(position, event, move, room, move if ours else None, None if ours else move, rounded)


def _worth(judged: Judged) -> int | None:
    move, valuation = judged.move, judged.position.valuation
    if move is None or move.worth is None or valuation is None:
        return None
    return judged.rounded(valuation.base + move.worth)


def _get(judged: Judged) -> int | None:
    """Asked, and what they are already ahead by; rounded once."""
    move, position = judged.ours, judged.position
    return judged.rounded(move.gain + max(0, position.ours.net + position.theirs.net)) if move else None


def _since(instant: int | None, judged: Judged) -> int | None:
    return None if instant is None else (judged.event.instant - instant) // _SECOND


def _left_at(position: Position) -> int | None:
    """Return the instant since which a walk is due; none where we never left, or they have moved since."""
    return None if position.left is None or (position.left is OPEN and position.moved) else position.left_at


def _reopened(position: Position, terms: Terms, party: Party) -> int:
    """Count the agreed issues that *terms* turn in a party's favour, against what was agreed."""
    valuation, for_them = position.valuation, party is Party.THEM
    if valuation is None:
        return 0
    changes = (valuation.change(issue, value, terms[issue]) for issue, value in position.agreed.items())
    return sum(change < 0 if for_them else change > 0 for change in changes)


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
    "move_reopened": lambda j: _reopened(j.position, m.terms, Party.THEM) if (m := j.theirs) else None,
    "outcome": lambda j: j.event.outcome if isinstance(j.event, Close) else None,
    "beyond_walk": lambda j: len(j.room.beyond) if j.room else None,
    "short_of_want": lambda j: len(j.room.short) if j.room else None,
    "ours_net": lambda j: j.rounded(j.position.ours.net),
    "theirs_net": lambda j: j.rounded(j.position.theirs.net),
    "ours_last_give": lambda j: j.rounded(j.position.ours.last_give),
    "theirs_last_give": lambda j: j.rounded(j.position.theirs.last_give),
    "ours_reopened": lambda j: _reopened(j.position, j.position.ours.standing, Party.US),
    "theirs_reopened": lambda j: _reopened(j.position, j.position.theirs.standing, Party.THEM),
    "balance": lambda j: j.rounded(j.position.ours.net + j.position.theirs.net),
    "since_opened": lambda j: _since(j.position.opened, j),
    "since_left": lambda j: _since(_left_at(j.position), j),
    "since_our_offer": lambda j: _since(j.position.ours.offered_at, j),
    "since_their_offer": lambda j: _since(j.position.theirs.offered_at, j),
    "since_our_concession": lambda j: _since(j.position.ours.conceded_at, j),
    "since_their_concession": lambda j: _since(j.position.theirs.conceded_at, j),
    "missing_items": lambda j: len(j.position.missing),
    "left_open": lambda j: int(j.position.left is OPEN and not j.position.moved),
    "left_closed": lambda j: int(j.position.left is CLOSED),
}
"""Every figure that is computed, by its path in the catalog; none where it is not known."""


class Deriver:
    """Derives the facts of one policy that are *wanted*, every one of them; those it does not know are none.

    Two functions are written for it, straight through: one for events with terms, and one for the others.
    """

    def __init__(self, policy: Policy, wanted: Iterable[str]) -> None:
        self.policy = policy
        paths = {name: policy.catalog[name].path for name in sorted(wanted) if name in policy.catalog}
        self.paths = {name: path for name, path in paths.items() if path != "stated"}  # these are all in `known`
        self.patterned = "patterns" in self.paths.values()
        self.ranks = {role: rank for rank, role in enumerate(policy.roles)}
        self.functions = (self.function(moved=False), self.function(moved=True))

    def function(self, *, moved: bool) -> Callable[..., dict[str, Value | None]]:
        """Write the function that gives the facts.

        Args:
            moved: Whether the event puts terms on the table, or takes them.
        """
        code = Function("position", "judged", "terms", "distances", "covering", "matches")
        facts: tuple[list[ast.expr | None], list[ast.expr]] = [None], [attribute(var("position"), "known")]
        for name, path in self.paths.items():
            facts[0].append(ast.Constant(name))
            facts[1].append(self.read(code, name, path) if moved or path not in ("offer", "room") else NOTHING)
        body = [assign(part, attribute(var("position"), part)) for part in ("ours", "theirs", "signals")]
        found: Callable[..., dict[str, Value | None]] = code.compiled([*body, ast.Return(ast.Dict(*facts))])
        return found

    def read(self, code: Function, name: str, path: str) -> ast.expr:
        """Return the expression that finds one fact along its path in the catalog."""
        key = name.rpartition(".")[2]
        match path:
            case "offer":
                return call(attribute(var("terms"), "get"), ast.Constant(key))
            case "room":
                return call(attribute(var("distances"), "get"), ast.Constant(name))
            case "ours_last" | "theirs_last":
                side = var(path.removesuffix("_last"))
                last = call(attribute(side, "standing.get"), ast.Constant(key))
                return ast.IfExp(attribute(side, "offers"), last, NOTHING)
            case "signals":
                return item(var("signals"), key)
            case "patterns":
                return item(var("matches"), key)
            case "approved":
                approved = call(code.use(self.is_approved), var("covering"), ast.Constant(self.ranks[key]))
                return ast.IfExp(var("covering"), approved, ast.Constant(0))
            case "concluded":
                return ast.Constant(0)
            case _ if path.startswith(_POSITION):
                whose, _, rest = path.removeprefix(_POSITION).partition(".")
                return attribute(var(whose), rest)
            case _:
                return call(code.use(FIGURES[path]), var("judged"))

    def is_approved(self, covering: tuple[Approve, ...], rank: int) -> int:
        """Return whether an approval is by a role of at least some authority."""
        return int(any(self.ranks[a.role] >= rank for a in covering))

    def derive(
        self, position: Position, event: AnyEvent, move: Move | None
    ) -> tuple[dict[str, Value | None], Room | None, tuple[Approve, ...]]:
        """Return the facts, the room of the terms on the table, and the approvals that cover these terms."""
        room = None if move is None else measure(position, move)
        judged = judge(position, event, move, room)
        matches = matches_of(self.policy, position, event, move) if self.patterned else None
        covering: tuple[Approve, ...] = ()
        if move is None:
            facts = self.functions[0](position, judged, None, None, covering, matches)
            if isinstance(event, Signal) and event.confirmed:
                facts[f"signals.{event.kind}"] = position.signals[event.kind] + 1
            return facts, room, covering
        if position.approvals:
            covering = cover.covering(position, event, move.terms)
        distances = {} if room is None else room.distances
        return self.functions[1](position, judged, move.terms, distances, covering, matches), room, covering


def measure(position: Position, move: Move | None) -> Room | None:
    """Return the room of the terms on the table; none for events without terms, or before worths are known."""
    valuation = position.valuation
    if move is None or valuation is None or move.worth is None:
        return None
    terms, known = move.terms, position.known
    distances: dict[str, int] = {}
    beyond: list[Bound] = []
    short: list[Bound] = []
    for bound in valuation.walks:
        value, better = terms[bound.issue], bound.better
        distance = better * (value - bound.at) if better else valuation.distance(bound, value)  # type: ignore[operator]
        distances[bound.fact] = distance
        if distance < 0:
            beyond.append(bound)
    for bound in valuation.wants:
        value, better = terms[bound.issue], bound.better
        if (better * (value - bound.at) if better else valuation.distance(bound, value)) < 0:  # type: ignore[operator]
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
