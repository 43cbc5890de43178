"""Audit: what was done against what was decided, over the whole log, deal by deal, open ones too.

Source:
    docs/calculus.md, audit.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.cover import SEALED, covers, has_expired, name_of, role_of
from walkaway.deal.owed import late
from walkaway.deal.position import Approval, Move, Position
from walkaway.decide.decision import Decision, Reason
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.render import NotTold
from walkaway.decide.verdict import Standing
from walkaway.events import Accept, AnyEvent, Approve, Close, Door, Offer, Open, Party, Update, Verdict, Void
from walkaway.language.instants import instant_text
from walkaway.language.values import Value, folded, format_value, shorten
from walkaway.log import store as db
from walkaway.log.course import LogCourse
from walkaway.log.meanings import is_same_meaning
from walkaway.log.party_audit import KnownParties
from walkaway.log.policies import Policies, PolicyLost
from walkaway.log.store import LogEntry, Store
from walkaway.log.stored import Diverged, EntryFold, EntryPart, Erased, readable

SIGNED_OTHERWISE = "signed-otherwise"
_LIFTED = (Standing.APPROVED, Standing.WAIVED)


class AuditFinding(msgspec.Struct, frozen=True, order=True):
    """One thing that should not have been done; `is_gap` where a deal could not be judged instead."""

    entry: int
    deal: str
    what: str
    is_gap: bool = False

    def __str__(self) -> str:
        return f"entry {self.entry}, deal `{shorten(self.deal)}`: {self.what}"


class _Made(msgspec.Struct, frozen=True):
    """An offer or acceptance that wanted an approval, with the position it was made in, and who moved its terms.

    Attributes:
        lacks: One that it wanted was not there.
        rests: It was let through by one, or by a waiver.
    """

    entry: int
    event: Offer | Accept
    position: Position
    move: Move
    lacks: bool
    rests: bool
    movers: frozenset[str]


class _Deal:
    """One deal while its entries are read."""

    def __init__(self, folder: EntryFold, parties: KnownParties, course: LogCourse) -> None:
        self.folder, self.parties, self.course = folder, parties, course
        self.findings: list[AuditFinding] = []
        self.made: list[_Made] = []
        self.approvals: list[tuple[int, Approve]] = []
        self.stated: dict[str, list[Value]] = {}
        self.older: set[str] = set()
        self.closing = 0

    def report(self, entry: int, what: str) -> None:
        self.findings.append(AuditFinding(entry, self.folder.deal, what))

    def read(self, entry: LogEntry) -> None:
        """Take one entry in."""
        stored = readable(entry)
        if not is_same_meaning(stored.release):
            self.older.add(stored.release)
        head, evaluation = self.folder.evaluate(entry)
        part = EntryPart(stored, self.folder.items if head.sealed else {}, head)
        if part.is_erased:
            raise Erased(f"entry {entry.n}: its reasoning is erased")
        decision = msgspec.json.decode(part.decision(self.folder.policies), type=Decision)
        event = evaluation.event
        assert self.folder.pinned is not None
        self.parties.read(entry.n, evaluation, self.folder.pinned.policy)
        self.against(entry.n, evaluation, decision)
        if isinstance(event, Open | Offer | Accept):
            self.acted(entry.n, event)
        match event:
            case Offer() | Accept():
                wanting = [r for r in decision.reasons if r.effect == Verdict.ESCALATE]
                rests = decision.is_yes and any(r.standing in _LIFTED for r in decision.reasons)
                if evaluation.move is not None and (wanting or rests):
                    lacks = any(r.standing is Standing.DECIDES for r in wanting)
                    before = evaluation.before
                    self.made.append(_Made(entry.n, event, before, evaluation.move, lacks, rests, before.moved_by))
            case Approve():
                self.approvals.append((entry.n, event))
                if not self.known_as(event.approver):
                    self.report(entry.n, f"{self.name(event.approver)}, who approves, is known by none of `people:`")
            case Void(of=of, reason=reason):
                self.report(entry.n, f"event `{shorten(of)}` was voided: {self.text(reason) or 'its reason is erased'}")
            case Open():
                self.state(entry.n, event)
            case Update():
                self.state(entry.n, event)
                self.delivered(entry.n, event, evaluation.before)
            case Close():
                self.closing = entry.n
            case _:
                pass

    def against(self, n: int, evaluation: Evaluation, decision: Decision) -> None:
        """Compare what happened with what was decided of it."""
        event, before = evaluation.event, evaluation.before
        ours = (isinstance(event, Offer | Accept) and event.by is Party.US) or (isinstance(event, Open) and event.terms)
        if before.others.left_closed and ours:
            self.report(n, f"{_named(event)}, was made to a party whose door is closed since another deal")
        left = before.left is Door.CLOSED or (before.left is Door.OPEN and not before.moved)
        if left and isinstance(event, Close) and event.outcome == "won":
            assert before.left is not None
            self.report(n, f"`walk` was decided, with door {before.left.value}, and the deal was signed anyway")
        if decision.is_yes:
            return
        then = () if decision.accepting is msgspec.UNSET else decision.accepting.reasons
        answer = f"`{decision.verdict}`{_rules(decision.reasons) or _rules(then)}"
        if ours:
            self.report(n, f"{_named(event)} by {self.name(event.actor)}, was sent against its verdict {answer}")
        elif isinstance(event, Close) and event.outcome == "won":
            otherwise = any(r.rule == SIGNED_OTHERWISE for r in decision.reasons)
            what = "other terms were signed than were agreed" if otherwise else "closed won against its verdict"
            self.report(n, f"{what}: {answer}")
        elif isinstance(event, Accept | Offer) and (agreed := evaluation.after.agreement) and agreed.event == event.id:
            self.report(n, f"{_named(event)}, agreed to what was not let through: {answer}")

    def state(self, n: int, event: Open | Update) -> None:
        """Follow what is stated of the deal, and tell what was stated otherwise and then as before."""
        assert self.folder.pinned is not None
        policy = self.folder.pinned.policy
        for name, value in event.facts.items():
            said = self.stated.setdefault(name, [])
            if said and value == said[-1]:
                continue
            if value in said:
                unit = policy.deal[name].unit
                there, back = format_value(said[-1], unit), format_value(value, unit)
                self.report(n, f"`{name}` was stated there and back: {back}, {there} and {back} again")
            said.append(value)

    def delivered(self, n: int, event: Update, before: Position) -> None:
        """Tell what was delivered after it was due."""
        assert self.folder.pinned is not None
        policy = self.folder.pinned.policy
        for name in late(policy, before.owed, event.instant):
            if name in event.delivered:
                due = policy.day_text(before.owed[name])
                self.report(n, f"`{name}`, promised when the deal was won and due on {due}, was delivered late")

    def overdue(self) -> None:
        """Tell what is promised, due by what the log has come to, and not delivered."""
        position, pinned, come_to = self.folder.position, self.folder.pinned, self.course.end
        if position is None or pinned is None or come_to is None or any(f.is_gap for f in self.findings):
            return
        for name in late(pinned.policy, position.owed, max(come_to, position.last)):
            due = pinned.policy.day_text(position.owed[name])
            self.report(self.closing, f"`{name}`, promised when the deal was won and due on {due}, is not delivered")

    def judge(self) -> list[AuditFinding]:
        """Compare approvals with what they were used for, and give all findings."""
        self.overdue()
        for n, approval in self.approvals:
            who = self.known_as(approval.approver)
            for made in self.made:
                if not covers(made.position, approval, made.move.terms):
                    continue
                event = f"event `{shorten(made.event.id)}`"
                own = made.event.by is Party.US and who == self.known_as(made.event.actor)
                if who and (own or who in made.movers):
                    deed = "approved their own offer" if own else "approved terms that they had moved themselves"
                    self.report(
                        max(n, made.entry), f"{self.name(approval.approver)} {deed}: {event} of entry {made.entry}"
                    )
                elif made.lacks and n < made.entry and has_expired(approval, made.event.instant):
                    self.report(made.entry, f"{event} rests on approval `{shorten(approval.id)}` after its end")
        for made in self.made:
            for ended, come_to in self.outlived(made) if made.rests else ():
                dated, end, then = map(instant_text, (made.event.instant, ended.until or 0, come_to))
                what = f"event `{shorten(made.event.id)}`, dated {dated}, rests on approval `{shorten(ended.id)}`"
                self.report(made.entry, f"{what}, which ended at {end}: the log had come to {then} by then")
        return self.findings

    def outlived(self, made: _Made) -> Iterator[tuple[Approval, int]]:
        """Yield the approvals that were given in time, ran when an event is dated, and had ended when it came.

        None for which another does that had not, with what the log had come to by then.
        """
        assert self.folder.pinned is not None
        come_to, roles = self.course.before(made.entry), self.folder.pinned.policy.roles
        given = {approval.id: n for n, approval in self.approvals if n < made.entry}
        position, at = made.position, made.event.instant
        used = [
            a
            for a in position.approvals
            if a.id in given and not has_expired(a, at) and covers(position, a, made.move.terms)
        ]
        if come_to is None:
            return
        running = [a for a in used if not has_expired(a, come_to)]
        for one in used:
            then = self.course.before(given[one.id])
            was_over = then is not None and has_expired(one, then)  # all of it was written down afterwards
            if one not in running and not was_over and not any(_does_as_much(other, one, roles) for other in running):
                yield one, come_to

    def acted(self, n: int, event: Open | Offer | Accept) -> None:
        """Report a role on record that is not the one in which, by the policy of then, whoever said terms acts."""
        assert self.folder.pinned is not None
        name, said = self.text(event.actor), role_of({}, event.actor)
        own = "" if name is None else self.folder.pinned.policy.spoken_as.get(folded(name), "")
        if name is not None and said != own and not (isinstance(event, Offer | Accept) and event.by is Party.THEM):
            as_what = f"as `{shorten(said)}`" if said else "in no role"
            of_policy = f"as `{own}`" if own else "in none"
            self.report(n, f"{self.name(event.actor)} is on record {as_what}, and acts {of_policy} by `people:`")

    @property
    def party(self) -> str:
        """The other side, by the name it has in every deal; empty where nobody says who it is."""
        position = self.folder.position
        return "" if position is None else position.party

    def known_as(self, said: str) -> str:
        """Return a name of the deal as names are compared; empty where nobody is known by it."""
        assert self.folder.pinned is not None
        return name_of(self.folder.pinned.policy.people, said)

    def name(self, said: str) -> str:
        """Return a person's name, or say that it is erased, or that nobody said who it was."""
        text = self.text(said)
        return "somebody whose name is erased" if text is None else f"`{shorten(text)}`" if text else "nobody known"

    def text(self, said: str) -> str | None:
        """Return a sealed text; none where it is erased."""
        item = self.folder.items.get(said.partition("=")[0])
        return said if not said.startswith(SEALED) else None if item is None else item.text


def _does_as_much(other: Approval, one: Approval, roles: Sequence[str]) -> bool:
    """Return whether an approval lifts all that another one does, of terms that both cover."""
    ranks = [roles.index(a.role) if a.role in roles else -1 for a in (other, one)]
    rules = not other.rules or (bool(one.rules) and set(one.rules) <= set(other.rules))
    return ranks[0] >= ranks[1] and rules and set(one.override) <= set(other.override)


def _named(event: AnyEvent) -> str:
    """Name a deed with its event: `event e3, our offer`."""
    match event:
        case Open():
            deed = "our opening terms"
        case Accept(by=by):
            deed = f"{'our' if by is Party.US else 'their'} acceptance"
        case _:
            deed = f"{'our' if event.by is Party.US else 'their'} offer"  # type: ignore[union-attr]
    return f"event `{shorten(event.id)}`, {deed}"


def _rules(reasons: Iterable[Reason]) -> str:
    """Return the rules that decided, in brackets."""
    names = sorted({f"`{r.rule}`" for r in reasons if r.standing is Standing.DECIDES})
    return f" ({', '.join(names)})" if names else ""


def audit(store: Store, policies: Policies, older: Callable[[str], None] = lambda _: None) -> Iterator[AuditFinding]:
    """Return the findings of each deal, by entry, the deals in the order of their names; then those on parties.

    Args:
        older: Told of each deal every release that decided in it under another meaning; what is done in such a deal is
            reckoned under this release's meaning, and compared with what was decided then.
    """
    course, parties = LogCourse(store), KnownParties()
    for name in db.deals(store):
        deal = _Deal(EntryFold(policies, store, name), parties, course)
        if name in course.ahead:
            deal.report(*course.ahead[name])
        n = 0
        try:
            for entry in db.of_deal(store, name):
                n = entry.n
                deal.read(entry)
        except (Erased, Diverged, NotTold, PolicyLost, Unfit) as problem:
            deal.findings.append(AuditFinding(n, name, f"it cannot be judged from here on: {problem}", is_gap=True))
            parties.lose(deal.party, n)
        for release in sorted(deal.older):
            older(release)
        yield from sorted(deal.judge())
    yield from (
        AuditFinding(*found) for found in (*parties.contradicted(), *parties.misspent(), *parties.not_stopped())
    )
