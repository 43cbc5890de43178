"""Audit: separation of duties over the whole log, deal by deal. What happened is compared with what was decided."""

from collections.abc import Callable, Iterator

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.cover import covers, has_expired, is_own
from walkaway.deal.position import Move, Position
from walkaway.decide.decision import Decision
from walkaway.decide.verdict import Standing
from walkaway.events import Accept, AnyEvent, Approve, Close, Door, Offer, Verdict
from walkaway.language.values import shorten
from walkaway.log import store as db
from walkaway.log.desk import Desk, PolicyLost
from walkaway.log.entries import Diverged, Erased, Folder, Part, readable
from walkaway.log.meanings import is_same_meaning
from walkaway.log.store import Store

BEYOND_WALK = "beyond-walk"


class Finding(msgspec.Struct, frozen=True, order=True):
    """One thing that should not have been done; `is_gap` where a deal could not be judged instead."""

    entry: int
    deal: str
    what: str
    is_gap: bool = False

    def __str__(self) -> str:
        return f"entry {self.entry}, deal `{shorten(self.deal)}`: {self.what}"


class _Made(msgspec.Struct, frozen=True):
    """An offer or acceptance that wanted an approval, with the position it was made in."""

    entry: int
    event: Offer | Accept
    position: Position
    move: Move
    lacks: bool


class _Deal:
    """One deal while its entries are read."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.findings: list[Finding] = []
        self.made: list[_Made] = []
        self.approvals: list[tuple[int, Approve]] = []
        self.bargained: tuple[AnyEvent, Decision] | None = None
        self.older: set[str] = set()

    def report(self, entry: int, what: str) -> None:
        self.findings.append(Finding(entry, self.folder.deal, what))

    def read(self, entry: db.Entry) -> None:
        """Take one entry in."""
        stored = readable(entry)
        if not is_same_meaning(stored.release):
            self.older.add(stored.release)
        head, evaluation = self.folder.evaluate(entry)
        part = Part(stored, self.folder.items if head.sealed else {})
        if part.is_erased:
            raise Erased(f"entry {entry.n}: its reasoning is erased")
        decision = msgspec.json.decode(part.decision, type=Decision)
        match event := evaluation.event:
            case Offer() | Accept():
                self.bargained = event, decision
                wanting = [r for r in decision.reasons if r.effect == Verdict.ESCALATE]
                if evaluation.move is not None and wanting:
                    lacks = any(r.standing is Standing.DECIDES for r in wanting)
                    self.made.append(_Made(entry.n, event, evaluation.before, evaluation.move, lacks))
            case Approve():
                self.approvals.append((entry.n, event))
            case Close(outcome="won"):
                self.won(entry.n, evaluation.after)
            case _:
                pass

    def won(self, n: int, position: Position) -> None:
        """Compare a deal that was closed won with what was decided about it."""
        if position.left is Door.CLOSED or (position.left is Door.OPEN and not position.moved):
            self.report(n, f"`walk` was decided, with door {position.left.value}, and the deal was signed anyway")
        last = self.bargained
        ours, theirs = position.ours.standing, position.theirs.standing
        apart = [i for i in ours if ours[i] != theirs.get(i)]
        if last is None or not isinstance(last[0], Accept):
            self.report(n, "closed won with no decision on the accepted terms: nobody accepted the last offer")
        elif apart:
            names = ", ".join(f"`{i}`" for i in apart)
            self.report(n, f"closed won with no decision on the accepted terms: the sides differ on {names}")
        elif any(r.rule == BEYOND_WALK and r.standing is Standing.DECIDES for r in last[1].reasons):
            self.report(n, f"closed won beyond walk: event `{shorten(last[0].id)}` was decided `{last[1].verdict}`")
        elif not last[1].is_yes:
            self.report(
                n, f"closed won on terms that event `{shorten(last[0].id)}` was decided `{last[1].verdict}` for"
            )

    def judge(self) -> list[Finding]:
        """Compare approvals with what they were used for, and give all findings."""
        for n, approval in self.approvals:
            for made in self.made:
                if not covers(made.position, approval, made.move.terms):
                    continue
                own = is_own(approval, made.event)
                event = f"event `{shorten(made.event.id)}`"
                if own:
                    who = self.name(approval.approver)
                    self.report(max(n, made.entry), f"{who} approved their own offer: {event} of entry {made.entry}")
                elif made.lacks and n < made.entry and has_expired(approval, made.event):
                    self.report(made.entry, f"{event} rests on approval `{shorten(approval.id)}` after its end")
        return self.findings

    def name(self, seal: str) -> str:
        """Return a person's name, or say that it is erased."""
        item = self.folder.items.get(seal)
        return f"`{shorten(item.text)}`" if item is not None else "somebody whose name is erased"


def audit(store: Store, desk: Desk, older: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """Return the findings of each deal, by entry; the deals in the order of their names.

    Args:
        older: Told of each deal every release that decided in it under another meaning; what is done in such a deal is
            reckoned under this release's meaning, and compared with what was decided then.
    """
    for name in db.deals(store):
        deal = _Deal(Folder(desk, store, name))
        n = 0
        try:
            for entry in db.of_deal(store, name):
                n = entry.n
                deal.read(entry)
        except (Erased, Diverged, PolicyLost, Unfit) as problem:
            deal.findings.append(Finding(n, name, f"it cannot be judged from here on: {problem}", is_gap=True))
        for release in sorted(deal.older):
            older(release)
        yield from sorted(deal.judge())
