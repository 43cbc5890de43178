"""Judge a chunk of deals: the k-th event of every one of them together, in the order in which `decide.engine` does."""

from typing import Any

import msgspec
import numpy as np

from walkaway.backtest.columnar import folding, reading
from walkaway.backtest.columnar.frames import (
    AGREED,
    DOOR_OPEN,
    NO_AGREEMENT,
    NO_DOOR,
    Book,
    DealFrame,
    kept_for,
    of_some,
    summed,
)
from walkaway.backtest.columnar.gathering import Events
from walkaway.backtest.columnar.hearing import ESCALATE, TRADE, AnswerColumns, Rules, at_least
from walkaway.backtest.columnar.judged import DEAD, JudgedColumns
from walkaway.backtest.columnar.moves import (
    CODE,
    OUR_ACCEPTANCE,
    THEIR_ACCEPTANCE,
    THEIR_OFFER,
    Moves,
    has_bit,
    of_ours,
    of_theirs,
    offered,
    taking,
)
from walkaway.backtest.columnar.openings import ColumnOpener, Openings
from walkaway.backtest.columnar.patterns import patterns_of
from walkaway.backtest.columnar.proof import beyond
from walkaway.backtest.columnar.reading import Symbols
from walkaway.backtest.columnar.sheets import EventSheet, Figures, said_as
from walkaway.backtest.columnar.understood import LeftOut, read_by
from walkaway.events import On, Party
from walkaway.policy.model import Policy

_PLAIN_KINDS = {
    reading.SIGNAL: CODE[On.SIGNAL],
    reading.TICK: CODE[On.TICK],
    reading.CLOSE: CODE[On.CLOSE],
    reading.OUR_REJECT: CODE[On.OUR_REJECTION],
    reading.THEIR_REJECT: CODE[On.THEIR_REJECTION],
    reading.OPEN: CODE[On.OPEN],
}


class ColumnJudge:
    """Judges events of one policy that columns take.

    Args:
        symbols: Those with which the events were read.
    """

    def __init__(self, policy: Policy, symbols: Symbols) -> None:
        self.policy, self.symbols = policy, symbols
        self.opener = ColumnOpener(policy, symbols)
        self.kept = kept_for(policy)
        self.us, self.them = symbols.code(Party.US), symbols.code(Party.THEM)
        self.won, self.walked = symbols.code("won"), symbols.code("walked")

    def judge(self, events: Events, beside: JudgedColumns | None = None) -> JudgedColumns:
        """Return what the policy says of every event.

        Args:
            beside: What another policy said of the same events, from the same symbols.
        """
        return _Chunk(self, events).judge(beside)


class _Chunk:
    """One chunk while it is judged."""

    def __init__(self, judge: ColumnJudge, events: Events) -> None:
        self.policy, self.kit, self.events = judge.policy, judge, events
        self.far_ahead: list[Any] = []  # of deals in which an event is far ahead of the one before it
        count, rules = len(events.kind), len(self.policy.rules)
        whole = np.zeros(count, np.int64)
        self.found = JudgedColumns(
            np.full(count, DEAD, np.int8), np.zeros(count, np.int8), np.full(count, -1, np.int8),
            np.zeros((rules, count), np.bool_), np.zeros((rules, count), np.bool_), np.zeros(count, np.int8), whole,
            whole.copy(), whole.copy(),
            judge.opener.scale, None, None, None, None, None, None, None, None, {},
        )  # fmt: skip

    def judge(self, beside: JudgedColumns | None) -> JudgedColumns:
        """Judge all events."""
        events, found = self.events, self.found
        deals = len(events.deals)
        left_out = np.zeros(deals, np.bool_)

        def leave(where: Any, reason: LeftOut) -> None:
            for deal in np.flatnonzero(where & ~left_out).tolist():
                found.left_out[deal] = reason
            np.logical_or(left_out, where, out=left_out)

        leave(events.left_out, LeftOut.NOT_PLAIN)
        leave(events.repeated, LeftOut.REPEATED)
        if len(events.kind) == 0:
            found.agreed = found.has_terms = np.zeros(deals, np.bool_)
            found.base = found.closing = np.zeros(deals, np.int64)
            return found
        first = np.full(deals, -1, np.int64)
        opens = np.flatnonzero(events.kind == reading.OPEN)
        first[events.deal[opens[::-1]]] = opens[::-1]  # the first of each deal is entered last
        opened = first >= 0
        at = np.where(opened, first, 0)
        facts = {name: (value[at], there[at]) for name, (value, there) in events.facts.items()}
        openings = self.kit.opener.open(facts, events.instant[at], deals)
        leave(openings.unprepared & opened, LeftOut.UNPREPARED)
        leave(openings.not_in_force & opened, LeftOut.NOT_IN_FORCE)
        leave(openings.looser & opened, LeftOut.LOOSER)
        self.worth = self.worths(openings, beside)
        self.figures = Figures(self.policy, openings, self.kit.symbols.code)
        leave((openings.too_large | beyond(self.policy, self.figures, openings, events)) & opened, LeftOut.TOO_LARGE)
        self.rules = Rules(self.policy, self.figures, self.kit.symbols.code)
        found.named_worth, found.worths = self.worth, openings.worths
        found.known, found.start = openings.known, openings.start
        signals = len(self.policy.signals)
        code = self.kit.symbols.code
        self.figures.patterns = patterns_of(self.policy, read_by(self.policy), openings, deals, code)
        self.book = Book(openings, events.instant[at], len(self.policy.issues), signals, self.kit.kept)
        order = np.flatnonzero(~left_out[events.deal] & opened[events.deal])
        order = order[order >= first[events.deal[order]]]  # nothing that comes before the opening fits
        deal = events.deal[order]
        begins = np.flatnonzero(np.r_[True, deal[1:] != deal[:-1]]) if len(order) else np.zeros(0, np.int64)
        lengths = np.diff(np.r_[begins, len(order)])
        by_length = np.argsort(-lengths, kind="stable")
        begins, lengths = begins[by_length], lengths[by_length]
        for step in range(int(lengths[0]) if len(lengths) else 0):
            going = int(np.searchsorted(-lengths, -step, side="left"))
            self.step(order[begins[:going] + step], step)
        if self.far_ahead:
            for each in self.far_ahead:
                far = np.zeros(deals, np.bool_)
                far[each] = True
                leave(far, LeftOut.FAR_AHEAD)
        found.verdict[left_out[events.deal]] = DEAD
        columns = self.book.columns
        open_ = (columns["agreement"] == AGREED) & ~columns["closed"]
        found.agreed = open_ | (columns["closed"] & (columns["outcome"] == self.kit.won))
        found.has_terms = columns["agreement"] != NO_AGREEMENT
        base = openings.base[self.book.columns["deal"]] if isinstance(openings.base, np.ndarray) else openings.base
        found.base = np.broadcast_to(base, deals)
        found.closing = base + summed(self.book.columns["agreement.w"])
        return found

    def worths(self, openings: Openings, beside: JudgedColumns | None) -> Any:
        """Return what every value that is named is worth over its deal's start value."""
        events = self.events
        if (
            beside is not None
            and np.array_equal(beside.start, openings.start)
            and all(one.is_like(other) for one, other in zip(beside.worths, openings.worths, strict=True))
        ):
            return beside.named_worth
        found = np.zeros(events.value.shape, np.int64)
        for place, worth in enumerate(openings.worths):
            at = np.flatnonzero(events.named[:, place])
            deal = events.deal.take(at)
            start = openings.start[:, place].take(deal)
            found[at, place] = worth.over(events.value[:, place].take(at), start, deal)
        return found

    def step(self, at: Any, step: int) -> None:
        """Judge one event of each of some deals.

        Args:
            at: Their places among the events.
        """
        events, book = self.events, self.book
        deal, kind, now = events.deal[at], events.kind[at], events.instant[at]
        if step:
            last = book.columns["last"][deal]
            fits = (now >= last) & ~book.columns["closed"][deal] & (kind != reading.OPEN)
            far = now > last + self.policy.ahead
            if far.any():
                self.far_ahead.append(deal[far])
            if not fits.all():
                at, deal, kind, now = at[fits], deal[fits], kind[fits], now[fits]
        for one in np.flatnonzero(np.bincount(kind)).tolist():
            self.kind(one, at[kind == one])

    def kind(self, kind: int, at: Any) -> None:
        """Judge events of one kind, at most one of each deal."""
        frame = DealFrame(self.book, self.events.deal[at])
        now = self.events.instant[at]
        match kind:
            case reading.OUR_OFFER | reading.OUR_ACCEPT:
                self.ours(at, frame, now, kind == reading.OUR_ACCEPT)
            case reading.THEIR_OFFER | reading.THEIR_ACCEPT:
                self.theirs(at, frame, now, kind == reading.THEIR_ACCEPT)
            case reading.OUR_REJECT | reading.THEIR_REJECT:
                self.rejects(at, frame, now, kind)
            case reading.SIGNAL:
                self.signal(at, frame, now)
            case reading.CLOSE:
                self.closes(at, frame, now)
            case _:
                sheet = EventSheet(self.figures, frame, now, opens=kind == reading.OPEN)
                self.tell(at, self.rules.hear(sheet, _PLAIN_KINDS[kind]), _PLAIN_KINDS[kind])
                self.book.enter(frame.rows, {"last": now})

    def named(self, at: Any, frame: DealFrame, accepts: bool, other: str) -> tuple[Any, Any, Any, Any, Any]:
        """Return the terms that events name, where they do, which acceptances are of all issues, and what fits.

        Args:
            other: Whose terms are accepted.
        """
        named = self.events.named.take(at, axis=0)
        if not accepts:
            value, worth = self.events.value.take(at, axis=0), self.worth.take(at, axis=0)
            return value, worth, named, np.zeros(len(at), np.bool_), None
        partial = self.events.partial[at]
        said = has_bit(frame[f"{other}.named"], self.book.issues)
        fits = frame[f"{other}.stands"] & ~of_some(named & ~said)
        whole = ~partial
        return frame[f"{other}.v"], frame[f"{other}.w"], named | whole[:, None], whole, fits

    def ours(self, at: Any, frame: DealFrame, now: Any, accepts: bool) -> None:
        """Judge offers and acceptances of ours."""
        v, w, named, whole, fits = self.named(at, frame, accepts, "theirs")
        if fits is not None and not fits.all():
            fits = np.flatnonzero(fits)
            at, frame, now = at[fits], frame.some(fits), now[fits]
            v, w, named, whole = v[fits], w[fits], named[fits], whole[fits]
        if not len(at):
            return
        moves = offered(frame, v, w, named)
        if accepts:
            every = (1 << self.book.issues) - 1
            agrees = moves.agrees | whole
            heard = np.where(whole, OUR_ACCEPTANCE, moves.heard)
            moves = of_ours(frame, moves.v, moves.w, np.where(agrees, every, moves.stated), heard, agrees)
        sheet = EventSheet(self.figures, frame, now, moves, by=self.kit.us)
        answers = self.rules.hear(sheet, moves.heard)
        self.tell(at, answers, moves.heard)
        self.weigh(at, sheet)
        taken = moves.agrees[:, None] | (named if accepts else np.zeros(named.shape, np.bool_))
        changed = folding.said(frame, moves, now, taken) | self.joined(frame, said_as(moves, moves), moves)
        cleared = np.flatnonzero(answers.verdict == 0)
        proceeding = folding.cleared(frame.some(cleared), moves.some(cleared), now[cleared])
        agreeing = np.flatnonzero(moves.agrees)
        agreed = folding.agreement_of(moves.some(agreeing), answers.verdict[agreeing] == 0)
        self.book.enter(frame.rows, changed)
        self.book.enter(frame.rows[cleared], proceeding)
        self.book.enter(frame.rows[agreeing], agreed)

    def theirs(self, at: Any, frame: DealFrame, now: Any, accepts: bool) -> None:
        """Judge offers and acceptances of theirs: what takes our word by what it makes of our terms."""
        v, w, named, whole, fits = self.named(at, frame, accepts, "ours")
        if fits is not None and not fits.all():
            fits = np.flatnonzero(fits)
            at, frame, now = at[fits], frame.some(fits), now[fits]
            v, w, named, whole = v[fits], w[fits], named[fits], whole[fits]
        if not len(at):
            return
        moves = of_theirs(frame, v, w, named, whole, self.figures.floor(frame["deal"]))
        taken = named & ~whole[:, None] if accepts else np.zeros(named.shape, np.bool_)
        changed = folding.counted(frame, moves, now, taken)
        answers = AnswerColumns(np.zeros(len(at), np.int8), np.zeros(len(at), np.int8), [], None)
        hears = moves.heard == THEIR_ACCEPTANCE
        self.hear_theirs(at, np.flatnonzero(~hears), frame, now, moves, False, answers)
        changed |= self.joined(frame, moves.heard, moves)
        after = frame.with_columns(changed)
        self.hear_theirs(at, np.flatnonzero(hears), after, now, moves, True, answers)
        open_ = np.flatnonzero(~moves.agrees)
        if len(open_):
            self.with_taking(at, open_, after, now, answers)
        self.tell(at, answers, moves.heard)
        agrees, agreed = np.flatnonzero(moves.agrees), folding.Changed()
        if len(agrees):
            part = after.some(agrees)
            ours = of_ours(part, moves.v[agrees], moves.w[agrees], moves.stated[agrees], THEIR_ACCEPTANCE, True)
            agreed = folding.agreed(part, ours, now[agrees], answers.verdict[agrees] == 0)
        self.book.enter(frame.rows, folding.walked(after, changed, answers.door, now))
        self.book.enter(frame.rows[agrees], agreed)

    def hear_theirs(
        self, at: Any, places: Any, frame: DealFrame, now: Any, moves: Moves, hears: bool, answers: AnswerColumns
    ) -> None:
        """Hear the rules on words of theirs, those that take our word or the others."""
        if not len(places):
            return
        part, said = frame.some(places), moves.some(places)
        ours = of_ours(part, said.v, said.w, said.stated, said.heard, said.agrees) if hears else None
        sheet = EventSheet(self.figures, part, now[places], ours, said, by=self.kit.them, counted=hears)
        heard = THEIR_ACCEPTANCE if hears else THEIR_OFFER
        found = self.rules.hear(sheet, heard)
        answers.verdict[places], answers.door[places] = found.verdict, found.door
        for rule, fired in found.fired:
            self.found.fired[rule, at[places]] = fired
        self.weigh(at[places], sheet)

    def with_taking(self, at: Any, places: Any, after: DealFrame, now: Any, answers: AnswerColumns) -> None:
        """Hold answers against what accepting these terms would be; no milder than a trade, if that is no yes."""
        part = after.some(places)
        sheet = EventSheet(self.figures, part, now[places], taking(part), by=self.kit.us)
        found = self.rules.hear(sheet, OUR_ACCEPTANCE)
        for rule, fired in found.fired:
            self.found.taking[rule, at[places]] = fired
        least = np.where((found.verdict == ESCALATE) & found.asks, ESCALATE, np.where(found.verdict > 0, TRADE, 0))
        self.found.least[at[places]] = least
        at_least(answers, places, least.astype(np.int8))

    def joined(self, frame: DealFrame, on: Any, moves: Moves) -> dict[str, Any]:
        """Remember words for patterns, and return how often each has matched with them."""
        found = {}
        for name, pattern in self.figures.patterns.items():
            found[f"matches.{name}"] = frame[f"matches.{name}"] + pattern.joined(frame.rows, on, moves)
            pattern.enter(frame.rows, on, moves)
        return found

    def rejects(self, at: Any, frame: DealFrame, now: Any, kind: int) -> None:
        """Judge rejections of what somebody has said."""
        mine, other = ("ours", "theirs") if kind == reading.OUR_REJECT else ("theirs", "ours")
        fits = frame[f"{other}.said_at"] != -1
        if not fits.all():
            fits = np.flatnonzero(fits)
            at, frame, now = at[fits], frame.some(fits), now[fits]
        if not len(at):
            return
        answers = self.rules.hear(EventSheet(self.figures, frame, now), _PLAIN_KINDS[kind])
        self.tell(at, answers, _PLAIN_KINDS[kind])
        changed = folding.rejected(frame, now, mine, other)
        if mine == "theirs":
            changed = folding.walked(frame, changed, answers.door, now)
        self.book.enter(frame.rows, changed)

    def signal(self, at: Any, frame: DealFrame, now: Any) -> None:
        """Judge observations; those that are confirmed are counted."""
        seen = self.events.detail[at]
        answers = self.rules.hear(EventSheet(self.figures, frame, now, signals=seen), CODE[On.SIGNAL])
        self.tell(at, answers, CODE[On.SIGNAL])
        changed: dict[str, Any] = {"last": now}
        if self.book.keeps("signals"):
            changed["signals"] = frame["signals"] + (seen[:, None] == np.arange(len(self.policy.signals)))
        self.book.enter(frame.rows, folding.walked(frame, changed, answers.door, now))

    def closes(self, at: Any, frame: DealFrame, now: Any) -> None:
        """Judge closes; a won deal is held against what was agreed."""
        outcome = self.events.detail[at]
        answers = self.rules.hear(EventSheet(self.figures, frame, now, outcome=outcome), CODE[On.CLOSE])
        door = np.where(answers.door == NO_DOOR, DOOR_OPEN, answers.door)
        door = np.where(outcome == self.kit.walked, door, NO_DOOR)
        again = (outcome == self.kit.won) & (frame["agreement"] == AGREED) & ~frame["agreement.cleared"]
        for by_us in (True, False):
            places = np.flatnonzero(again & (frame["agreement.by_us"] == by_us))
            if len(places):
                self.agreeing_again(at, places, frame, now, by_us, answers)
        self.tell(at, answers, CODE[On.CLOSE])
        changed = {"last": now, "closed": np.ones(len(at), np.bool_), "outcome": outcome}
        self.book.enter(frame.rows, folding.walked(frame, changed, door, now))

    def agreeing_again(
        self, at: Any, places: Any, frame: DealFrame, now: Any, by_us: bool, answers: AnswerColumns
    ) -> None:
        """Judge agreed terms now as they were made."""
        part = frame.some(places)
        on = OUR_ACCEPTANCE if by_us else THEIR_ACCEPTANCE
        every = np.full(len(places), (1 << self.book.issues) - 1, np.int64)
        ours = of_ours(part, part["agreement.v"], part["agreement.w"], every, on, True)
        theirs = None
        if not by_us:
            none = np.zeros(len(places), np.int64)
            theirs = msgspec.structs.replace(ours, gain=none, loss=none, gains=none, losses=none)
        sheet = EventSheet(
            self.figures, part, now[places], ours, theirs, by=self.kit.us if by_us else self.kit.them, counted=True
        )
        found = self.rules.hear(sheet, on)
        for rule, fired in found.fired:
            self.found.taking[rule, at[places]] = fired
        self.found.least[at[places]] = found.verdict
        at_least(answers, places, found.verdict, found.door)

    def tell(self, at: Any, answers: AnswerColumns, heard: Any) -> None:
        """Enter the answers to events."""
        found = self.found
        found.verdict[at], found.door[at], found.heard[at] = answers.verdict, answers.door, heard
        for rule, fired in answers.fired:
            found.fired[rule, at] = fired

    def weigh(self, at: Any, sheet: EventSheet) -> None:
        """Enter what terms give, get and are worth."""
        found = self.found
        found.worth[at] = sheet.worth
        if sheet.ours is not None:
            found.give[at], found.get[at] = sheet.ours.loss, sheet.got
