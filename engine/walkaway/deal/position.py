"""Fold events into all the engine remembers of a deal. Every figure is kept up to date in constant time.

`weigh` says what an offer changes; `fold` gives the next position; an event that cannot have happened in this deal
raises `Unfit`. Knows no rules: the only thing it takes from an answer is that we walked.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from walkaway.deal.valuation import Opened, OutOfRange, Valuation, open_deal
from walkaway.events import (
    CLOSED,
    THEM,
    US,
    Accept,
    AnyEvent,
    Approve,
    Close,
    Door,
    Limits,
    Offer,
    Open,
    Party,
    Reject,
    Signal,
    Terms,
    Update,
    on_of,
)
from walkaway.language.codes import Code
from walkaway.language.expr.linear import holds
from walkaway.language.values import Value, format_value, shorten
from walkaway.policy.dated import is_in_force
from walkaway.policy.model import Leg, Pattern, Policy


class Unfit(Exception):
    """An event does not fit its deal. `code`, `message` and `hint` are those of a finding; `near` is its caret."""

    def __init__(self, code: Code, message: str, hint: str = "", near: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.near = code, message, hint, near


class Side(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One party's half of the ledger. Worths are in units of the deal's valuation.

    Attributes:
        standing: Its standing terms; the start terms before its first offer.
        worth: What these are worth to us against the start terms.
        net: Ours: asked less given. Theirs: the sum of their moves.
        stated: The issues it has named, one bit each; `settled` those it has accepted.
        offered_at: Instant of its latest offer; `conceded_at` of its latest concession.
    """

    standing: Mapping[str, Value]
    worth: int = 0
    offers: int = 0
    concessions: int = 0
    net: int = 0
    last_give: int = 0
    in_a_row: int = 0
    unreturned: int = 0
    flat: int = 0
    retracted: int = 0
    rejections: int = 0
    stated: int = 0
    settled: int = 0
    offered_at: int | None = None
    conceded_at: int | None = None

    @property
    def settled_count(self) -> int:
        """Return how many issues it has accepted."""
        return self.settled.bit_count()


Occurrences = tuple[tuple[tuple[Value, ...], int], ...]
"""Values that a pattern's first leg has had, with how often; the first seen first."""


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All the engine remembers of a deal.

    Attributes:
        opened, last: Instants of its opening and of its latest event.
        known: The stated facts: deal facts, limits, BATNA, table cells.
        facts, limits, batna, opening: What the deal itself brought, for when more of it comes.
        start: The terms before anybody has offered: the policy's, and our opening position over them.
        missing: What it still lacks, in words.
        left: The door we left by, if a walk was decided; `moved` where they have moved since.
        left_at: Since when: the first of the walks decided, if they have not moved between them.
        agreed: What was accepted last on each issue that either party has accepted.
        waiting: Offers made before worths could be computed; folded again once they can.
        fixed: Digest of what the deal's facts and limits decide.
        moved_at: Instant of the update that moved it to its policy; none where it opened under that one.
    """

    deal: str
    opened: int
    last: int
    known: Mapping[str, Value | None]
    facts: Mapping[str, Value]
    limits: Mapping[str, Limits]
    batna: int | None
    opening: Terms
    start: Terms
    missing: tuple[str, ...]
    valuation: Valuation | None
    ours: Side
    theirs: Side
    signals: Mapping[str, int]
    approvals: tuple[Approve, ...] = ()
    left: Door | None = None
    left_at: int | None = None
    moved: bool = False
    agreed: Terms = {}
    outcome: str = ""
    occurrences: Mapping[str, Occurrences] = {}
    matches: Mapping[str, int] = {}
    waiting: tuple[AnyEvent, ...] = ()
    fixed: str = ""
    moved_at: int | None = None

    def side(self, party: Party) -> Side:
        """Return a party's half of the ledger."""
        return self.ours if party is US else self.theirs

    def digest(self) -> str:
        """Return the SHA-256 of the whole position, in hexadecimal."""
        rest = (self.last, self.signals, self.left, self.moved, self.outcome)
        encoder = _ENCODER if self.valuation is not None else _SORTED
        found = hashlib.sha256(encoder.encode((self.fixed, self.ours, self.theirs, rest)))
        if self.approvals or self.occurrences or self.waiting:
            found.update(_SORTED.encode((self.approvals, self.occurrences, self.matches, self.waiting)))
        if self.agreed or self.left_at is not None:
            found.update(_SORTED.encode((self.agreed, self.left_at)))
        return found.hexdigest()


# Standing terms are in the policy's order once all are known; the terms of an event are in the order it was written in.
_ENCODER = msgspec.json.Encoder()
_SORTED = msgspec.json.Encoder(order="deterministic")
"""For what is hashed once or seldom: in what order rules name table cells, or an event its terms, must not count."""


def _fixed(deal: str, opened: int, known: Mapping[str, Value | None], missing: tuple[str, ...], start: Terms) -> str:
    """Return the SHA-256 of what stays the same from event to event, so that it is not hashed again each time."""
    return hashlib.sha256(_SORTED.encode((deal, opened, known, missing, start))).hexdigest()


class Move(msgspec.Struct, frozen=True, gc=False):
    """What an offer, or an acceptance, changes for its maker.

    Attributes:
        terms: The whole package on the table with it.
        worth: Of that package to us against the start terms; none, like all worths, before they can be computed.
        gain, loss: Worth gained and lost for us, each 0 or more, against the maker's standing terms.
        gains, losses: On how many issues.
        back: Issues named before that move back in the maker's favour.
        stated: The issues it names, one bit each.
        first: Whether it is the maker's first.
    """

    by: Party
    terms: Mapping[str, Value]
    worth: int | None
    gain: int
    loss: int
    gains: int
    losses: int
    back: int
    stated: int
    first: bool


def opening(policy: Policy, event: Open) -> Position:
    """Return the position of a deal that opens.

    Raises:
        Unfit: WA607, WA609, WA611.
    """
    day = policy.day_of(event.instant if event.moved_at is None else event.moved_at)
    if not is_in_force(policy, day):
        comes = "opens" if event.moved_at is None else "moves to it"
        raise Unfit(
            Code.NOT_IN_FORCE,
            f"policy `{policy.name}` is not in force on the day this deal {comes}",
            "see `effective:` in the policy",
            '"at"',
        )
    opened = _opened(policy, event.facts, event.limits, event.batna, day)
    found = _position(policy, event.deal, event.instant, event.facts, event.limits, event.batna, event.terms, opened)
    return found if event.moved_at is None else msgspec.structs.replace(found, moved_at=event.moved_at)


def moved(event: AnyEvent, at: int | None) -> AnyEvent:
    """Return an event of a deal as a policy folds it to which an update moved the deal: with the limits of that day.

    Updates before that one may have moved it to other versions; here they no longer do.

    Args:
        at: The update's instant; none where no update moved the deal.
    """
    if at is None:
        return event
    match event:
        case Open():
            return msgspec.structs.replace(event, moved_at=at)
        case Update() if event.policy:
            return msgspec.structs.replace(event, policy="")
        case _:
            return event


def _opened(
    policy: Policy, facts: Mapping[str, Value], limits: Mapping[str, Limits], batna: int | None, day: int
) -> Opened:
    try:
        opened = open_deal(policy, facts, limits, batna, day)
    except OutOfRange as problem:
        raise Unfit(Code.WORTH_OUT_OF_RANGE, str(problem), near='"facts"') from problem
    for name, deals, ours in opened.looser:
        unit = policy.issues[name].unit if name in policy.issues else policy.money
        values = (format_value(deals, unit), format_value(ours, unit))
        what = f"the walk value {values[0]} of `{name}` is looser than the policy's {values[1]}"
        raise Unfit(Code.LIMIT_LOOSENED, what, "a deal may bring a tighter one, never a looser one", '"limits"')
    return opened


def _position(
    policy: Policy,
    deal: str,
    instant: int,
    facts: Mapping[str, Value],
    limits: Mapping[str, Limits],
    batna: int | None,
    opening_terms: Terms,
    opened: Opened,
) -> Position:
    standing = {**(opened.start or {}), **opening_terms}
    worth = 0
    if opened.valuation is not None and opened.start is not None:
        worth = sum(opened.valuation.change(i, opened.start[i], v) for i, v in opening_terms.items())
    return Position(
        deal=deal,
        opened=instant,
        last=instant,
        known=opened.known,
        facts=facts,
        limits=limits,
        batna=batna,
        opening=opening_terms,
        start=standing,
        missing=opened.missing,
        valuation=opened.valuation,
        ours=Side(standing=standing, worth=worth, stated=_bits(policy, opening_terms)),
        theirs=Side(standing=standing, worth=worth),
        signals=dict.fromkeys(policy.signals, 0),
        occurrences={p.name: () for p in policy.patterns},
        matches={p.name: 0 for p in policy.patterns},
        fixed=_fixed(deal, instant, opened.known, opened.missing, standing),
    )


def _bits(policy: Policy, issues: Iterable[str]) -> int:
    """Return one bit for each issue."""
    bits, found = policy.bits, 0
    for issue in issues:
        found |= bits[issue]
    return found


def check(policy: Policy, position: Position | None, event: AnyEvent) -> None:
    """Refuse an event that cannot have happened in this deal now.

    Raises:
        Unfit: WA601 to WA612.
    """
    if isinstance(event, Offer) and position is not None and event.instant >= position.last and not position.outcome:
        return
    if position is None:
        if not isinstance(event, Open):
            raise Unfit(
                Code.NOT_OPENED,
                f"deal `{shorten(event.deal)}` has not been opened",
                "its first event is of type `open`",
                '"deal"',
            )
        return
    if isinstance(event, Open):
        raise Unfit(
            Code.OPENED_TWICE,
            f"deal `{shorten(event.deal)}` is open already",
            "use an event of type `update`",
            '"type"',
        )
    if event.instant < position.last:
        raise Unfit(
            Code.LATE,
            f"this event is older than the latest of deal `{shorten(event.deal)}`",
            "order the events by `at`; `walkaway check --allow-late` says what it would have changed",
            '"at"',
        )
    if position.outcome:
        raise Unfit(Code.DEAL_CLOSED, f"deal `{shorten(event.deal)}` is closed ({position.outcome})", near='"deal"')
    match event:
        case Accept(by=by, issues=issues):
            _acceptable(policy, position.side(by.other), by, issues)
        case Reject(by=by) if not position.side(by.other).offers and not position.side(by.other).stated:
            raise Unfit(
                Code.NOTHING_TO_ACCEPT, f"{_they(by.other)} have offered nothing that could be rejected", near='"type"'
            )
        case Update():
            _updatable(policy, position, event)
        case Approve():
            _waivable(policy, event)
        case _:
            pass


def _they(party: Party) -> str:
    return "they" if party is THEM else "we"


def _acceptable(policy: Policy, other: Side, by: Party, issues: tuple[str, ...]) -> None:
    if not other.stated:
        raise Unfit(
            Code.NOTHING_TO_ACCEPT, f"{_they(by.other)} have offered nothing that could be accepted", near='"type"'
        )
    unsaid = [i for i in issues if not other.stated & _bits(policy, (i,))]
    if unsaid:
        raise Unfit(
            Code.NOTHING_TO_ACCEPT,
            f"{_they(by.other)} have offered nothing on `{unsaid[0]}` that could be accepted",
            near=f'"{unsaid[0]}"',
        )


def _updatable(policy: Policy, position: Position, event: Update) -> None:
    if event.policy and event.policy not in (policy.name, policy.called):
        raise Unfit(
            Code.OTHER_POLICY,
            f"the deal would move to policy `{shorten(event.policy)}`, which is not given; it is under"
            f" `{policy.called}`",
            f"write `{policy.name}`, or `{policy.name}@VERSION` of a version that is given (`--policy`, repeated)",
            '"policy"',
        )
    for name, value in event.facts.items():
        old = position.known.get(f"deal.{name}")
        if f"deal.{name}" in policy.fixed and old is not None and old != value:
            what = f"`{name}` was stated when the deal opened, and worths or limits rest on it"
            raise Unfit(Code.FACT_FIXED, what, "open a new deal if it really changed", f'"{name}"')
    for name, limits in event.limits.items():
        _may_move(policy, position, event, name, limits.walk)


def _may_move(policy: Policy, position: Position, event: Update, name: str, walk: Value | None) -> None:
    """Let a walk value only tighten during a deal, unless an approval covers the looser one."""
    old, issue = position.known.get(f"walk.{name}"), policy.issues.get(name)
    if walk is None or old is None or walk == old:
        return
    better = issue.better if issue else 1
    if better and isinstance(walk, int) and isinstance(old, int):
        looser = (walk - old) * better < 0
    else:
        looser = position.valuation is None or position.valuation.change(name, old, walk) < 0
    if not looser or _covered(position, event, name, walk):
        return
    unit = issue.unit if issue else policy.money
    moved = f"from {format_value(old, unit)} to {format_value(walk, unit)}"
    what = f"the walk value of `{name}` may not loosen {moved} during the deal"
    raise Unfit(Code.LIMIT_LOOSENED, what, "record an approval by somebody else that covers it first", f'"{name}"')


def _covered(position: Position, event: Update, name: str, walk: Value) -> bool:
    valuation = position.valuation
    return valuation is not None and any(
        a.approver != event.actor
        and (a.until is None or event.instant <= a.until)
        and name in a.terms
        and valuation.change(name, a.terms[name], walk) >= 0
        for a in position.approvals
    )


def _waivable(policy: Policy, event: Approve) -> None:
    for rule_id in event.override:
        rules = [r for r in policy.rules if r.id == rule_id]
        if not rules:
            raise Unfit(Code.WAIVER_REFUSED, f"there is no rule `{shorten(rule_id)}` to lift", near=f'"{rule_id}"')
        if any(r.enforcement != "overridable" for r in rules):
            raise Unfit(
                Code.WAIVER_REFUSED,
                f"rule `{rule_id}` is {rules[0].enforcement} and cannot be lifted",
                near=f'"{rule_id}"',
            )
        if policy.roles.index(event.role) < policy.roles.index(rules[0].by):
            raise Unfit(
                Code.WAIVER_REFUSED,
                f"rule `{rule_id}` is for `{rules[0].by}` to lift, not for `{event.role}`",
                near='"role"',
            )


def weigh(policy: Policy, position: Position, event: AnyEvent) -> Move | None:
    """Return what an offer or an acceptance changes; none for other events.

    Raises:
        Unfit: WA611, where the terms are worth more than can be held.
    """
    if isinstance(event, Offer):
        changed: Terms = event.terms
    elif isinstance(event, Accept):
        other = position.side(event.by.other).standing
        changed = {i: other[i] for i in event.issues} if event.issues else other
    else:
        return None
    by = event.by
    side = position.ours if by is US else position.theirs
    valuation, standing = position.valuation, side.standing
    terms = {**standing, **changed}
    if valuation is None:
        return Move(by, terms, None, 0, 0, 0, 0, 0, _bits(policy, changed), side.offers == 0)
    gain = loss = gains = losses = back = stated = 0
    worths, bits, named = valuation.worths, policy.bits, side.stated
    for issue, value in changed.items():
        bit, old = bits[issue], standing[issue]
        stated |= bit
        if value == old:
            continue
        worth = worths[issue]
        difference = worth * (value - old) if isinstance(worth, int) else worth[value] - worth[old]  # type: ignore[operator]
        if difference > 0:
            gain += difference
            gains += 1
        elif difference < 0:
            loss -= difference
            losses += 1
        if named & bit and (difference > 0 if by is US else difference < 0):
            back += 1
    total, most = side.worth + gain - loss, valuation.most
    if gain > most or loss > most or not -most <= total + valuation.base <= most:
        what = "these terms are worth more than can be held exactly (±2^53 minor units)"
        raise Unfit(Code.WORTH_OUT_OF_RANGE, what, near='"terms"')
    return Move(by, terms, total, gain, loss, gains, losses, back, stated, side.offers == 0)


def fold(policy: Policy, position: Position, event: AnyEvent, move: Move | None, left: Door | None) -> Position:
    """Return the position after *event*.

    Args:
        move: What `weigh` said of the event.
        left: The door, where the answer was to walk.
    """
    after = _folded(policy, position, event, move)
    if left is not None and position.left is not CLOSED:
        stays = position.left is not None and not after.moved
        after = msgspec.structs.replace(
            after, left=left, moved=False, left_at=position.left_at if stays else event.instant
        )
    return after


def _folded(policy: Policy, position: Position, event: AnyEvent, move: Move | None) -> Position:
    replace = msgspec.structs.replace
    now = event.instant
    if move is not None:
        return _moved(policy, position, event, move)
    match event:
        case Reject(by=by):
            ours, theirs = position.ours, position.theirs
            if by is US:
                ours, theirs = replace(ours, rejections=ours.rejections + 1), replace(theirs, in_a_row=0)
            else:
                ours, theirs = replace(ours, in_a_row=0), replace(theirs, rejections=theirs.rejections + 1)
            return replace(position, last=now, ours=ours, theirs=theirs, waiting=_waiting(position, event))
        case Signal(kind=kind, confirmed=True):
            return replace(position, last=now, signals={**position.signals, kind: position.signals[kind] + 1})
        case Approve():
            kept = tuple(a for a in position.approvals if a.until is None or a.until >= now)
            return replace(position, last=now, approvals=(*kept, event))
        case Update():
            return _updated(policy, position, event)
        case Close(outcome=outcome):
            return replace(position, last=now, outcome=outcome)
        case _:
            return replace(position, last=now)


def _waiting(position: Position, event: AnyEvent) -> tuple[AnyEvent, ...]:
    return (*position.waiting, event) if position.valuation is None else ()


def _moved(policy: Policy, position: Position, event: AnyEvent, move: Move) -> Position:
    """Enter an offer or an acceptance into both halves of the ledger."""
    now, ours_moved = event.instant, move.by is US
    maker, other = (position.ours, position.theirs) if ours_moved else (position.theirs, position.ours)
    if ours_moved:
        given, net = move.loss, move.gain - move.loss
        conceded, back = move.loss > 0, 0 if move.first else move.back
    else:
        net = 0 if move.first else move.gain - move.loss
        given, conceded, back = max(0, net), net > 0, 0 if move.first else move.losses
    maker = Side(
        standing=move.terms,
        worth=move.worth or 0,
        offers=maker.offers + 1,
        concessions=maker.concessions + conceded,
        net=maker.net + net,
        last_give=given,
        in_a_row=maker.in_a_row + 1,
        unreturned=maker.unreturned + conceded,
        flat=0 if conceded or move.first else maker.flat + 1,
        retracted=maker.retracted + back,
        rejections=maker.rejections,
        stated=maker.stated | move.stated,
        settled=maker.settled | move.stated if isinstance(event, Accept) else maker.settled,
        offered_at=now,
        conceded_at=now if conceded else maker.conceded_at,
    )
    if other.in_a_row or (conceded and other.unreturned):
        other = msgspec.structs.replace(other, in_a_row=0, unreturned=0 if conceded else other.unreturned)
    agreed = position.agreed
    if isinstance(event, Accept):
        agreed = {**agreed, **{i: move.terms[i] for i in event.issues or move.terms}}
    occurrences, matches = position.occurrences, position.matches
    if policy.patterns:
        occurrences, matches = _matched(policy, position, event, move)
    return msgspec.structs.replace(
        position,
        last=now,
        ours=maker if ours_moved else other,
        theirs=other if ours_moved else maker,
        moved=position.moved or (not ours_moved and (conceded or move.first)),
        agreed=agreed,
        occurrences=occurrences,
        matches=matches,
        waiting=_waiting(position, event),
    )


def _updated(policy: Policy, position: Position, event: Update) -> Position:
    """Take in what became known; offers that were waiting for worths are folded again."""
    facts = {**position.facts, **event.facts}
    limits = {**position.limits}
    for name, new in event.limits.items():
        old = limits.get(name, Limits())
        limits[name] = Limits(
            *(
                n if n is not None else o
                for n, o in zip(msgspec.structs.astuple(new), msgspec.structs.astuple(old), strict=True)
            )
        )
    batna = position.batna if event.batna is None else event.batna
    day = policy.day_of(position.opened if position.moved_at is None else position.moved_at)
    opened = _opened(policy, facts, limits, batna, day)
    changed: dict[str, Any] = {"facts": facts, "limits": limits, "batna": batna}
    if position.valuation is None and opened.valuation is not None:
        fresh = _position(policy, position.deal, position.opened, facts, limits, batna, position.opening, opened)
        for earlier in position.waiting:
            fresh = _folded(policy, fresh, earlier, weigh(policy, fresh, earlier))
        changed |= {
            "start": fresh.start,
            "ours": fresh.ours,
            "theirs": fresh.theirs,
            "agreed": fresh.agreed,
            "occurrences": fresh.occurrences,
            "matches": fresh.matches,
            "waiting": (),
        }
    return msgspec.structs.replace(
        position,
        last=event.instant,
        known=opened.known,
        missing=opened.missing,
        valuation=opened.valuation,
        fixed=_fixed(
            position.deal, position.opened, opened.known, opened.missing, changed.get("start", position.start)
        ),
        **changed,
    )


def matches_of(policy: Policy, position: Position, event: AnyEvent, move: Move | None) -> Mapping[str, int]:
    """Return each pattern's match count, the event judged included."""
    return position.matches if move is None or not policy.patterns else _matched(policy, position, event, move)[1]


def _matched(
    policy: Policy, position: Position, event: AnyEvent, move: Move
) -> tuple[dict[str, Occurrences], dict[str, int]]:
    """Join the event, as a second leg, with earlier first legs, and remember it as a first leg."""
    on = on_of(event)
    occurrences, matches = dict(position.occurrences), dict(position.matches)
    if position.valuation is None:
        return occurrences, matches
    for pattern in policy.patterns:
        if pattern.second.on is on:
            now = _values(position, pattern.second, move)
            matches[pattern.name] += sum(
                count for values, count in occurrences[pattern.name] if _joins(pattern, values, now)
            )
        if pattern.first.on is on:
            values = _values(position, pattern.first, move)
            seen = dict(occurrences[pattern.name])
            occurrences[pattern.name] = tuple({**seen, values: seen.get(values, 0) + 1}.items())
    return occurrences, matches


def _values(position: Position, leg: Leg, move: Move) -> tuple[Value, ...]:
    valuation = position.valuation
    assert valuation is not None
    return tuple(
        valuation.rounded(valuation.base + (move.worth or 0)) if r == "worth" else move.terms[r] for r in leg.reads
    )


def _joins(pattern: Pattern, earlier: tuple[Value, ...], now: tuple[Value, ...]) -> bool:
    facts: dict[str, Value | None] = {}
    for leg, values in ((pattern.first, earlier), (pattern.second, now)):
        facts |= {f"{leg.name}.{r}": v for r, v in zip(leg.reads, values, strict=True)}
    return any(all(holds(t, facts) for t in tests) for tests in pattern.alternatives)


_PACKER = msgspec.msgpack.Encoder()
_UNPACKER = msgspec.msgpack.Decoder(Position)


def packed(position: Position) -> bytes:
    """Return a position as bytes, to be laid aside; `unpacked` gives an equal one, with the same digest."""
    return _PACKER.encode(position)


def unpacked(data: bytes) -> Position:
    """Return a position that was laid aside.

    Raises:
        ValueError: Where it was laid aside by a release that remembered something else, or is none.
    """
    return _UNPACKER.decode(data)
