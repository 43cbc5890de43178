# Over 400 lines: one table of figures, and what each of them rests on.
"""Derive the facts a rule may read from a position and the event judged: exactly those of the catalog.

A fact's catalog path says where it is found: `position.…` is an attribute of the deal before the event, the names of
`FIGURES` are computed, and any other name is that of a mapping in which the fact's last part is the key. Only what
somebody reads is derived. Knows no rules.
"""

import ast
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

import msgspec

from walkaway.deal.budgets import in_deal, unsaid
from walkaway.deal.cover import is_allowed, spoken_in
from walkaway.deal.ledger import given, in_both, of_ours, signed
from walkaway.deal.line_items import figure_of
from walkaway.deal.owed import late, still_owed
from walkaway.deal.patterns import join
from walkaway.deal.position import Agreement, Approval, Move, Position
from walkaway.deal.stated import BATNA, held, news_of
from walkaway.deal.valuation import PACKAGE, Bound, limit_of
from walkaway.events import (
    CLOSED,
    OPEN,
    THEM,
    US,
    AnyEvent,
    Close,
    Offer,
    On,
    Open,
    Party,
    Signal,
    Terms,
    Update,
)
from walkaway.language.codegen import NOTHING, Function, assign, attribute, call, is_known, item, var
from walkaway.language.values import Exact, exactly
from walkaway.policy.exchange import drift
from walkaway.policy.model import Derived, Policy

_SECOND = 1_000_000
ONE, ZERO = ast.Constant(1), ast.Constant(0)
_POSITION = "position."
_OF_TERMS = ("offer", "room", "limit", "derived", "lines")
"""Paths of what is known of terms on the table alone."""


class Room(msgspec.Struct, frozen=True, gc=False):
    """How far the terms on the table are from the limits.

    Attributes:
        distances: By fact name, to each walk value in our favour.
        beyond: The walk values passed; `short` the want values not reached. Its issue is `package` for the whole.
    """

    distances: dict[str, int | Fraction]
    beyond: tuple[Bound, ...]
    short: tuple[Bound, ...]


class FactInputs(msgspec.Struct, frozen=True, gc=False):
    """What figures are computed from: the deal that is judged in, and what the event puts on the table.

    Attributes:
        move: The terms on the table, whoever says them.
        ours: What they are as our terms, where they are ours or made ours, and their worth is known.
        theirs: What they change for the other side, where it says them.
        exact: Gives a worth of the ledger in minor units of money.
    """

    policy: Policy
    position: Position
    event: AnyEvent
    move: Move | None
    room: Room | None
    ours: Move | None
    theirs: Move | None
    exact: Callable[[int], int | Fraction]


def _worth(judged: FactInputs) -> int | Fraction | None:
    move, valuation = judged.move, judged.position.valuation
    if move is None or move.worth is None or valuation is None:
        return None
    return judged.exact(valuation.base + move.worth)


def _get(judged: FactInputs) -> int | Fraction | None:
    """Return what is asked, and what they are ahead by; what they conceded and we ask for counts once."""
    return None if judged.ours is None else judged.exact(_got(judged.policy, judged.position, judged.ours))


def got(policy: Policy, position: Position, ours: Move) -> int | Fraction:
    """Return `get.value` of terms of ours, in minor units of money; their worth is known."""
    assert position.valuation is not None, "terms of ours have a worth only where worths are known"
    return position.valuation.exact(_got(policy, position, ours))


def _got(policy: Policy, position: Position, ours: Move) -> int:
    balance, asked = position.ours.net + position.theirs.net, ours.gain
    if position.base:
        before, now = in_both(policy, position, ours.terms)
        asked -= now - before
        balance -= before
    return asked + max(0, balance)


def _run(judged: FactInputs) -> int | Fraction | None:
    move, position = judged.ours, judged.position
    if move is None:
        return None
    same = position.run is position.cleared or position.run == position.cleared
    return judged.exact(move.loss if same else given(position, move.terms, position.run))


def _their_worth(judged: FactInputs) -> int | Fraction | None:
    theirs, valuation = judged.position.theirs, judged.position.valuation
    return judged.exact(valuation.base + theirs.worth) if theirs.stands and valuation is not None else None


def _closing(judged: FactInputs) -> tuple[int, int] | None:
    """Return whether a close is of agreed terms, and whether what was signed differs from them."""
    if not isinstance(judged.event, Close):
        return None
    agreement, terms = judged.position.agreement, signed(judged.position, judged.event)
    if terms is not None and (agreement is None or terms != (agreement.terms, agreement.other)):
        return int(agreement is not None and not agreement.ended), 1
    return int(agreement is not None and may_close(judged.position, agreement, terms is not None)), 0


def may_close(position: Position, agreement: Agreement, was_signed: bool) -> bool:
    """Return whether a deal may be closed by what was agreed last.

    Terms that were signed agree to it again, unless a side withdrew, rejected, or replaced it by what still stands.
    """
    if not agreement.ended:
        return True
    if not was_signed or agreement.ended != "replaced":
        return False
    same = (agreement.terms, agreement.other)
    return all(not side.stands or (side.standing, side.other) == same for side in (position.ours, position.theirs))


def _since(instant: int | None, judged: FactInputs) -> int | None:
    return None if instant is None else (judged.event.instant - instant) // _SECOND


def _since_stated(judged: FactInputs, name: str) -> int | None:
    stated = judged.position.stated.get(name)
    return None if stated is None else _since(stated.at, judged)


def _by_stated(judged: FactInputs, name: str) -> str | None:
    stated = judged.position.stated.get(name)
    return None if stated is None or not stated.actor else stated.actor


def _loosens(judged: FactInputs, event: Update) -> int:
    policy, position = judged.policy, judged.position
    waived = bool(policy.roles) and is_allowed(policy, position, event.id, event.actor, event.instant)
    return 0 if waived else len(news_of(policy, position, event).loosened)


def _leaves_outside(judged: FactInputs, event: Update) -> int:
    """Return whether our standing offer is past a walk value that an update tightens."""
    policy, position = judged.policy, judged.position
    ours, news = position.ours, news_of(policy, position, event)
    if not news.tightened or not ours.stands or position.valuation is None:
        return 0
    after = msgspec.structs.replace(position, **held(policy, position, event, news, allowed=False))
    said = of_ours(policy, position, ours.standing, ours.other, 0, On.OUR_OFFER, False)
    room, batna = measure(after, said), after.known.get(BATNA)
    worth = position.valuation.exact(position.valuation.base + (said.worth or 0))
    return int((room is not None and bool(room.beyond)) or (batna is not None and worth <= batna))


def _left_at(position: Position) -> int | None:
    """Return the instant since which a walk is due; none where we never left, or they have moved since."""
    return None if position.left is None or (position.left is OPEN and position.moved) else position.left_at


def _reopened(position: Position, terms: Terms, party: Party) -> int:
    """Count the agreed issues that *terms* turn in a party's favour, against what was agreed."""
    valuation, for_them = position.valuation, party is Party.THEM
    if valuation is None:
        return 0
    at = valuation.at(terms)
    changes = (at.change(issue, value, terms[issue]) for issue, value in position.agreed.items())
    return sum(change < 0 if for_them else change > 0 for change in changes)


def lacking(policy: Policy, position: Position, event: AnyEvent) -> tuple[str, ...]:
    """Return what is missing for an event to be decided, in words: of its deal, the calendar, budgets and rates."""
    calendar, found = policy.calendar, position.missing
    if calendar is not None and (row := calendar.lacks(event.instant)):
        found = (*found, row)
    if policy.budgets:
        found = (*found, *unsaid(policy, position))
    if position.latest is not None and position.latest.lacks and position.latest.lacks not in found:
        found = (*found, position.latest.lacks)
    return found if found is position.missing else tuple(sorted(found))


def _spent(judged: FactInputs, name: str) -> Exact | None:
    """Return what other deals have taken of a budget, in the deal's currency."""
    spent = judged.position.others.spent.get(name)
    return None if spent is None else in_deal(judged.policy, judged.position, spent.taken)


def _late(judged: FactInputs) -> tuple[str, ...]:
    return late(judged.policy, still_owed(judged.position, judged.event), judged.event.instant)


def _is_owed(judged: FactInputs, name: str) -> int:
    return int(name in still_owed(judged.position, judged.event))


def _is_late(judged: FactInputs, name: str) -> int:
    return int(name in _late(judged))


def _days_left(judged: FactInputs, name: str) -> int | None:
    """Return how many days are left until what is owed is due; none where it is not owed."""
    due = still_owed(judged.position, judged.event).get(name)
    return None if due is None else due - judged.policy.day_at(judged.event.instant)


def _of_calendar(judged: FactInputs, name: str) -> int | None:
    calendar = judged.policy.calendar
    return None if calendar is None else calendar.read(name, judged.event.instant)


def limit_at(judged: FactInputs, fact: str) -> Exact | None:
    """Return a limit that hangs on the selector, at the value of it on the table; none without terms."""
    if judged.move is None or judged.position.valuation is None:
        return None
    found: Exact | None = limit_of(judged.position.valuation, judged.position.known, fact, judged.move.terms)
    return found


def derived(judged: FactInputs, name: str) -> Exact | None:
    """Return what a policy derives from the terms on the table; none without them, or where a part is unknown."""
    if judged.move is None:
        return None
    return computed(judged.policy.derived[name], judged.move.terms, judged.position.known)


def computed(fact: Derived, terms: Terms, known: Mapping[str, Exact | None]) -> Exact | None:
    """Return the sum of products that a derived fact is, in its smallest unit; none where a factor is unknown."""
    found: int | Fraction = 0
    for names, factor in fact.parts:
        product: int | Fraction = factor if factor.denominator != 1 else factor.numerator
        for name in names:
            value = terms.get(name.removeprefix("offer.")) if name.startswith("offer.") else known.get(name)
            if not isinstance(value, int | Fraction):
                return None
            product *= value
        found += product
    return found if isinstance(found, int) else exactly(found)


def figure(judged: FactInputs, name: str) -> Exact | None:
    """Return a figure of the lines on the table; none without terms, or where something of a line is unknown."""
    return None if judged.move is None else figure_of(judged.policy, name, judged.move.terms, judged.position.known)


def _drift(judged: FactInputs) -> Exact | None:
    """Return how far the rate published last is from the pinned one, in 1/10,000 percent."""
    pinned, latest = judged.position.pinned, judged.position.latest
    if pinned is None and not judged.position.currency:
        return 0
    before = None if pinned is None else pinned.rate
    now = None if latest is None else latest.rate
    return None if before is None or now is None else exactly(drift(before, now))


def _role(judged: FactInputs) -> str | None:
    """Return in which role we say the terms judged; where we only ask whether to take theirs, it is the highest one."""
    event = judged.event
    if isinstance(event, Offer) and event.by is THEM:
        return judged.policy.roles[-1] if judged.ours is not None and judged.theirs is None else None
    known = judged.policy.catalog["offer.role"].unit.choices
    said = spoken_in(judged.policy, event)
    return said if said in known else None


FIGURES: dict[str, Callable[[FactInputs], Exact | None]] = {
    "worth": _worth,
    "first": lambda j: int(j.move.first) if j.move else None,
    "give_net": lambda j: j.exact(max(0, m.loss - m.gain)) if (m := j.ours) else None,
    "give_run": _run,
    "role": _role,
    "by": lambda j: j.move.by.value if j.move else None,
    "give": lambda j: j.exact(m.loss) if (m := j.ours) else None,
    "give_issues": lambda j: m.losses if (m := j.ours) else None,
    "asked": lambda j: j.exact(m.gain) if (m := j.ours) else None,
    "asked_issues": lambda j: m.gains if (m := j.ours) else None,
    "get": _get,
    "move": lambda j: j.exact(m.gain - m.loss) if (m := j.theirs) else None,
    "move_new": lambda j: j.exact(m.new) if (m := j.theirs) else None,
    "move_retracted": lambda j: m.losses if (m := j.theirs) else None,
    "move_reopened": lambda j: _reopened(j.position, m.terms, Party.THEM) if (m := j.theirs) else None,
    "other_ours": lambda j: len(m.other if (m := j.move) and m.by is US else j.position.ours.other),
    "other_theirs": lambda j: len(m.other if (m := j.move) and m.by is THEM else j.position.theirs.other),
    "theirs_worth": _their_worth,
    "ours_final": lambda j: int(j.position.ours.final and j.position.ours.stands),
    "theirs_final": lambda j: int(j.position.theirs.final and j.position.theirs.stands),
    "party_left_closed": lambda j: int(j.position.others.left_closed),
    "since_party_closed": lambda j: _since(j.position.others.closed_at, j),
    "ours_halted": lambda j: int(j.position.others.halted),
    "theirs_probes": lambda j: j.position.asks + j.position.others.asks,
    "ours_unsent": lambda j: len(j.position.unsent),
    "open_follows": lambda j: int(j.position.follows is not None) if isinstance(j.event, Open) else None,
    "update_loosens": lambda j: _loosens(j, j.event) if isinstance(j.event, Update) else None,
    "update_outside": lambda j: _leaves_outside(j, j.event) if isinstance(j.event, Update) else None,
    "agreed_stands": lambda j: int((a := j.position.agreement) is not None and not a.ended),
    "close_agreed": lambda j: c[0] if (c := _closing(j)) else None,
    "close_differs": lambda j: c[1] if (c := _closing(j)) else None,
    "outcome": lambda j: j.event.outcome if isinstance(j.event, Close) else None,
    "beyond_walk": lambda j: len(j.room.beyond) if j.room else None,
    "short_of_want": lambda j: len(j.room.short) if j.room else None,
    "ours_net": lambda j: j.exact(j.position.ours.net),
    "theirs_net": lambda j: j.exact(j.position.theirs.net),
    "ours_last_give": lambda j: j.exact(j.position.ours.last_give),
    "theirs_last_give": lambda j: j.exact(j.position.theirs.last_give),
    "ours_reopened": lambda j: _reopened(j.position, j.position.ours.standing, Party.US),
    "theirs_reopened": lambda j: _reopened(j.position, j.position.theirs.standing, Party.THEM),
    "balance": lambda j: j.exact(j.position.ours.net + j.position.theirs.net),
    "since_opened": lambda j: _since(j.position.opened, j),
    "since_left": lambda j: _since(_left_at(j.position), j),
    "since_our_offer": lambda j: _since(j.position.ours.said_at, j),
    "since_their_offer": lambda j: _since(j.position.theirs.said_at, j),
    "since_our_concession": lambda j: _since(j.position.ours.conceded_at, j),
    "since_their_concession": lambda j: _since(j.position.theirs.conceded_at, j),
    "missing_items": lambda j: len(lacking(j.policy, j.position, j.event)),
    "left_open": lambda j: int(j.position.left is OPEN and not j.position.moved),
    "left_closed": lambda j: int(j.position.left is CLOSED),
    "fx_drift": _drift,
    "owed_open": lambda j: len(still_owed(j.position, j.event)),
    "owed_late": lambda j: len(_late(j)),
    "calendar_day": lambda j: _of_calendar(j, "day"),
    "calendar_weekday": lambda j: _of_calendar(j, "weekday"),
    "calendar_hour": lambda j: _of_calendar(j, "hour"),
    "calendar_business": lambda j: _of_calendar(j, "business"),
    "calendar_fiscal_year": lambda j: _of_calendar(j, "fiscal_year"),
    "calendar_quarter": lambda j: _of_calendar(j, "quarter"),
    "calendar_month_of_quarter": lambda j: _of_calendar(j, "month_of_quarter"),
    "calendar_days_to_quarter_end": lambda j: _of_calendar(j, "days_to_quarter_end"),
    "calendar_business_days_to_quarter_end": lambda j: _of_calendar(j, "business_days_to_quarter_end"),
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
        self.approving = "approved" in self.paths.values()
        self.ranks = {role: rank for rank, role in enumerate(policy.roles)}
        self.functions = (self.function(moved=False), self.function(moved=True))

    def function(self, *, moved: bool) -> Callable[..., dict[str, Exact | None]]:
        """Write the function that gives the facts.

        Args:
            moved: Whether the event puts terms on the table, or takes them.
        """
        code = Function("position", "judged", "terms", "distances", "covering", "matches")
        facts: tuple[list[ast.expr | None], list[ast.expr]] = [None], [attribute(var("position"), "known")]
        for name, path in self.paths.items():
            facts[0].append(ast.Constant(name))
            facts[1].append(self.read(code, name, path) if moved or path not in _OF_TERMS else NOTHING)
        body = [assign(part, attribute(var("position"), part)) for part in ("ours", "theirs", "signals", "others")]
        found: Callable[..., dict[str, Exact | None]] = code.compiled([*body, ast.Return(ast.Dict(*facts))])
        return found

    def read(self, code: Function, name: str, path: str) -> ast.expr:
        """Return the expression that finds one fact along its path in the catalog."""
        key = name.rpartition(".")[2]
        match path:
            case "offer":
                return call(attribute(var("terms"), "get"), ast.Constant(key))
            case "room":
                return call(attribute(var("distances"), "get"), ast.Constant(name))
            case "limit":
                return call(code.use(limit_at), var("judged"), ast.Constant(name))
            case "ours_last" | "theirs_last":
                side = var(path.removesuffix("_last"))
                last = call(attribute(side, "standing.get"), ast.Constant(key))
                return ast.IfExp(is_known(attribute(side, "said_at")), last, NOTHING)
            case "ours_first" | "theirs_first":
                return call(attribute(var(path.removesuffix("_first")), "first.get"), ast.Constant(key))
            case "is_stated":
                return ast.IfExp(call(attribute(var("position"), "stated.get"), ast.Constant(key)), ONE, ZERO)
            case "since_stated" | "by_stated":
                read = code.use(_since_stated if path == "since_stated" else _by_stated)
                return call(read, var("judged"), ast.Constant(key))
            case "earlier":
                return call(attribute(var("position"), "earlier.get"), ast.Constant(key))
            case "party_last":
                return call(attribute(var("position"), "others.last.get"), ast.Constant(key))
            case "budget":
                return call(code.use(_spent), var("judged"), ast.Constant(key))
            case "is_owed" | "is_late" | "owed_days":
                read = code.use({"is_owed": _is_owed, "is_late": _is_late, "owed_days": _days_left}[path])
                return call(read, var("judged"), ast.Constant(key))
            case "ours_cleared":
                return call(attribute(var("position"), "cleared.get"), ast.Constant(key))
            case "signals":
                return item(var("signals"), key)
            case "patterns":
                return item(var("matches"), key)
            case "derived":
                return call(code.use(derived), var("judged"), ast.Constant(key))
            case "lines":
                return call(code.use(figure), var("judged"), ast.Constant(key))
            case "approved":
                approved = call(code.use(self.is_approved), var("covering"), ast.Constant(self.ranks[key]))
                return ast.IfExp(var("covering"), approved, ast.Constant(0))
            case "concluded":
                return ast.Constant(0)
            case _ if path.startswith(_POSITION):
                whose, _, rest = path.removeprefix(_POSITION).partition(".")
                if whose in ("ours", "theirs"):
                    return attribute(var(whose), rest)
                return attribute(var("position"), path.removeprefix(_POSITION))
            case _:
                return call(code.use(FIGURES[path]), var("judged"))

    def is_approved(self, covering: tuple[Approval, ...], rank: int) -> int:
        """Return whether an approval is by a role of at least some authority."""
        return int(any(self.ranks[a.role] >= rank for a in covering))

    def derive(
        self,
        position: Position,
        event: AnyEvent,
        ours: Move | None = None,
        theirs: Move | None = None,
        covering: tuple[Approval, ...] = (),
        *,
        counted: bool = False,
    ) -> tuple[dict[str, Exact | None], Room | None]:
        """Return the facts, and the room of the terms on the table.

        Args:
            position: The deal that is judged in.
            ours: What the terms on the table are as ours, where they are or would be.
            theirs: What they change for the other side, where it says them.
            covering: The approvals that cover these terms; they are read only where `approving`.
            counted: Whether the deal's patterns know these terms already.
        """
        policy, valuation = self.policy, position.valuation
        move = ours or theirs
        exact = int if valuation is None or valuation.scale == 1 else valuation.exact
        if move is None:
            judged = FactInputs(policy, position, event, None, None, None, None, exact)
            facts = self.functions[0](position, judged, None, None, covering, position.matches)
            if isinstance(event, Signal) and event.confirmed:
                facts[f"signals.{event.kind}"] = position.signals[event.kind] + 1
            return facts, None
        room = measure(position, move)
        if move.worth is None:
            judged = FactInputs(policy, position, event, move, room, None, None, exact)
        else:
            judged = FactInputs(policy, position, event, move, room, ours, theirs, exact)
        matches = None
        if self.patterned:
            matches = position.matches if counted else join(policy, position, move)[1]
        distances = {} if room is None else room.distances
        return self.functions[1](position, judged, move.terms, distances, covering, matches), room


def measure(position: Position, move: Move | None) -> Room | None:
    """Return the room of the terms on the table; none for events without terms, or before worths are known."""
    valuation = position.valuation
    if move is None or valuation is None or move.worth is None:
        return None
    terms, known, valuation = move.terms, position.known, valuation.at(move.terms)
    facts = valuation.facts
    distances: dict[str, int | Fraction] = {}
    beyond: list[Bound] = []
    short: list[Bound] = []
    for bound in valuation.walks:
        value, better = terms[bound.issue], bound.better
        distance = better * (value - bound.at) if better else valuation.distance(bound, value)
        distances[bound.fact] = distance
        if distance < 0 or (not distance and value in bound.alike):
            beyond.append(bound)
    for bound in valuation.wants:
        value, better = terms[bound.issue], bound.better
        if better * (value - bound.at) < 0 if better else valuation.is_beyond(bound, value):
            short.append(bound)
    walk, want = (known[facts.get(fact, fact)] for fact in ("walk.package", "want.package"))
    if walk is not None or want is not None:
        worth = valuation.exact(valuation.base + move.worth)
        if walk is not None:
            distances["room.package"] = worth - walk
            if worth < walk:
                beyond.append(Bound("room.package", PACKAGE, 1, walk))
        if want is not None and worth < want:
            short.append(Bound("room.package", PACKAGE, 1, want))
    return Room(distances, tuple(beyond), tuple(short))
