# Over 400 lines: all that a stream is asked, and what it says, in one place.
"""Follow many deals in memory: lines in, decisions or dead letters out. No event counts twice."""

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import TypeVar

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.deal.encode import canonical
from walkaway.deal.fold import repinned
from walkaway.deal.letters import DeadLetter, dead, finding
from walkaway.deal.lines import Line
from walkaway.deal.position import PartyRecord, Position, earlier_of
from walkaway.deal.repricing import rates_then
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import EVERY_DEAL, AnyEvent, Open, Verdict, differing, sent_again
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, by_place, nearest
from walkaway.language.values import shorten
from walkaway.policy import Policy
from walkaway.policy.exchange import RateRows
from walkaway.session.follower import Follower, Record, Version, folded, read_again
from walkaway.session.kept import KeptEvents
from walkaway.session.parties import Parties

T = TypeVar("T")
RECENT = 4_096
"""So many of the latest decisions are kept; an older one is made again where its event comes again."""


class FollowedDeal(msgspec.Struct):
    """One deal that is being followed.

    Attributes:
        events: Its events by id, in their order.
        verdict: On the latest of them.
    """

    version: Version
    position: Position
    digest: str
    events: KeptEvents
    verdict: Verdict

    def past(self) -> list[AnyEvent]:
        """Return its events as its version folds them."""
        at = self.position.moved_at
        return [repinned(event, at) for event in self.events.values()]

    def rates_then(self, event: str) -> RateRows | None:
        """Return the rates that were known at one of its events; none where none was looked up."""
        return rates_then(self.position, self.events[event])


class Changed(msgspec.Struct, frozen=True):
    """A decision that would have been another, had a late event come in time."""

    event: str
    before: str
    after: str


class Stream:
    """Decides the events of many deals, in the order in which they come.

    Args:
        engines: One for each version of the policy: a deal opens under the newest in force on its day.
        allow_late: Fold an event that is older than its deal's latest where it belongs, and decide the later ones anew.
        record: Returns what writes the decisions of an engine; its own `record`, without counteroffers, if left out.
        in_words: Whether answers are decisions in words, or their evidence alone.
        deals: Keeps the deals; a dictionary, if left out.
        sees_all: Whether these are all deals that there are, so that what they take of budgets is known.
    """

    def __init__(
        self,
        *engines: Engine,
        allow_late: bool = False,
        record: Callable[[Engine], Record] | None = None,
        in_words: bool = True,
        deals: MutableMapping[str, FollowedDeal] | None = None,
        sees_all: bool = True,
    ) -> None:
        self.deals: MutableMapping[str, FollowedDeal] = {} if deals is None else deals
        self.recent: OrderedDict[tuple[str, str], Decision] = OrderedDict()
        self.allow_late = allow_late
        self.changes: list[Changed] = []
        self.record, self.in_words = record, in_words
        self.parties = Parties()
        self.parties.sees_all = sees_all
        self.versions = {engine.policy.key: self.begun(engine) for engine in engines}
        self.follower: Follower[Version, FollowedDeal, Decision] = Follower(self, [e.policy for e in engines])

    def use_versions(self, *engines: Engine) -> None:
        """Let deals open under other versions from now on; those that are open stay under theirs."""
        self.versions |= {e.policy.key: self.begun(e) for e in engines if e.policy.key not in self.versions}
        self.follower.use_versions([engine.policy for engine in engines])

    def begun(self, engine: Engine) -> Version:
        """Return an engine's version, whose decisions are recorded as they are wanted here."""
        return Version(engine, None if self.record is None else self.record(engine), in_words=self.in_words)

    @property
    def engine(self) -> Engine:
        """Return the engine of the newest version."""
        return self.follower.current.engine

    @property
    def decoder(self) -> Decoder:
        """Return what decodes lines for the newest version."""
        return self.follower.current.decoder

    def version(self, deal: str) -> Version:
        """Return the version that a deal is under; the newest before it opens."""
        followed = self.deals.get(deal)
        return self.follower.current if followed is None else followed.version

    def lines(self, lines: Iterable[bytes], file: str) -> Iterator[Decision | DeadLetter | Changed]:
        """Return for every line that is not blank its decision, or why there is none."""
        for number, line in enumerate(lines, 1):
            if number == 1 and line.startswith(b"\xef\xbb\xbf"):
                line = line[3:]
            if line.strip():
                known = self.at_once(line)
                yield self.follower.line(Line(line, file, number), self.follower.event) if known is None else known
                if self.changes:
                    yield from self.changed()

    def line(self, line: bytes, file: str, number: int) -> Iterator[Decision | DeadLetter | Changed]:
        """Decide one line; what a late one would have changed comes behind its decision."""
        yield from self.each([Line(line, file, number)])

    def each(self, lines: Iterable[Line]) -> Iterator[Decision | DeadLetter | Changed]:
        """Decide lines that know where they stood, as `line` does; a piece of a line is a dead letter."""
        for line in lines:
            known = None if line.piece else self.at_once(line.data)
            yield self.follower.line(line, self.follower.event) if known is None else known
            if self.changes:
                yield from self.changed()

    def at_once(self, line: bytes) -> Decision | None:
        """Decide an event in a deal of which nothing else is asked; none, and nothing has happened, for any other line.

        It is what `decided` does through all the rooms, by the function that is written for such an event.
        """
        if self.in_words or self.allow_late or not self.follower.is_one:
            return None
        event = self.follower.current.decoder.fast_event(line)
        if event is None or event.__class__ is Open:
            return None
        deal = self.deals.get(event.deal)
        if deal is None or event.id in deal.events.laid:
            return None
        position, parties, engine = deal.position, self.parties, deal.version.engine
        if position.party or position.others.halted or parties.halted is not False or parties.taken.deals:
            return None
        try:
            found = engine.answered(position, event, deal.digest)
        except Unfit:
            return None
        if found is None:
            return None
        evidence, deal.position = found
        deal.digest, deal.verdict = evidence.position.after, evidence.verdict
        deal.events.add(event)
        self.deals[event.deal] = deal
        return self.kept(evidence)  # type: ignore[arg-type]

    def event(self, event: AnyEvent) -> Iterator[Decision | Changed]:
        """Decide one event, as `line` does.

        Raises:
            Unfit: Where it does not fit its deal, or its id stands for something else already.
        """
        yield self.follower.event(event)
        yield from self.changed()

    def changed(self) -> Iterator[Changed]:
        """Return what the event decided last would have changed, had it come in time."""
        changes, self.changes = self.changes, []
        return iter(changes)

    # What the follower asks

    def ready(self, policy: Policy) -> Version:
        """Return a version; one in another currency is made when it is first needed."""
        found = self.versions.get(policy.key)
        if found is None:
            own = self.versions[policy.sha256].engine
            found = self.versions[policy.key] = self.begun(own.like(policy))
        return found

    def find(self, deal: str) -> FollowedDeal | None:
        """Return a deal that is followed."""
        return self.deals.get(deal)

    def moved(self, deal: FollowedDeal, version: Version, at: int) -> FollowedDeal:
        """Return a deal as another version folds it.

        Raises:
            Unfit: Where its events cannot be read or folded under that one.
        """
        content = deal.version.writer.content
        events = {n: read_again(version, n, canonical(content(event))) for n, event in deal.events.items()}
        position = folded(version.engine, events.values(), at, deal.position)
        assert position is not None
        kept = KeptEvents.of(position.deal, events.values())
        return FollowedDeal(version, position, position.digest(), kept, deal.verdict)

    def repeated(self, deal: FollowedDeal, event: AnyEvent) -> Decision:
        """Return the decision that an event has already, kept or made again.

        Raises:
            Unfit: Where it had other content, or another version made it before the deal was moved to this one.
        """
        if field := differing(deal.events[event.id], event):
            raise Unfit(
                Code.ID_REUSED,
                f"event `{shorten(event.id)}` of deal `{shorten(event.deal)}` has come before, with another `{field}`",
                sent_again(field),
                '"id"',
            )
        return self.recent.get((event.deal, event.id)) or self.again(deal, event)

    def opened(self, event: AnyEvent, version: Version) -> Decision:
        """Decide the event that opens a deal, and keep the deal.

        Raises:
            Unfit: Where it opens none.
        """
        followed = self.deals.get(event.follows) if isinstance(event, Open) else None
        earlier = None if followed is None else earlier_of(followed.position)
        party = self.parties.of(event, None, version.policy)
        decision, after = version.decide(None, event, "", tuple, party=party, earlier=earlier)
        self.parties.keep(after, version.policy)
        self.deals[event.deal] = FollowedDeal(
            version, after, decision.position.after, KeptEvents.of(event.deal, (event,)), decision.verdict
        )
        return self.kept(decision)

    def decided(self, deal: FollowedDeal, event: AnyEvent) -> Decision:
        """Decide an event of a deal, and keep the deal as it is after it.

        Raises:
            Unfit: Where it does not fit its deal.
        """
        if self.allow_late and event.instant < deal.position.last:
            return self.late(deal, event)
        version, before = deal.version, deal.position
        knows = before.party or before.others.halted or self.parties.halted is not False or version.policy.budgets
        party = self.parties.of(event, before, version.policy) if knows else None
        decision, after = version.decide(before, event, deal.digest, deal.past, party=party)
        if after.party or after.deal == EVERY_DEAL or version.policy.budgets or self.parties.taken.deals:
            self.parties.keep(after, version.policy)
        deal.position, deal.digest, deal.verdict = after, decision.position.after, decision.verdict
        deal.events.add(event)
        self.deals[event.deal] = deal  # another one where the event has moved it
        return self.kept(decision)

    # Decisions that come again, and events that come late

    def kept(self, decision: Decision) -> Decision:
        """Keep a decision for when its event comes again, and let go of the oldest."""
        self.recent[decision.deal, decision.event] = decision
        if len(self.recent) > RECENT:
            self.recent.popitem(last=False)  # a plain dictionary would look for its first entry among those deleted
        return decision

    def again(self, deal: FollowedDeal, event: AnyEvent) -> Decision:
        """Recompute a decision that is no longer kept, by folding its deal up to it.

        Raises:
            Unfit: Where another version of the policy made it, before the deal was moved to this one.
        """
        earlier = tuple(itertools.takewhile(lambda e: e.id != event.id, deal.events.values()))
        at, version = deal.position.moved_at, deal.version
        if at is not None and event.instant <= at:
            what = f"event `{shorten(event.id)}` was answered before its deal was moved to another version"
            raise Unfit(Code.LATE, what, "keep answers with --store: there each can be given again", '"id"')
        past = [repinned(e, at) for e in earlier]
        before = folded(version.engine, earlier, at, deal.position)
        party, follows = deal.position.others_then(event), deal.position.follows
        digest = "" if before is None else before.digest()
        rates = rates_then(deal.position, event)
        decided = version.decide(
            before, repinned(event, at), digest, past.copy, party=party, earlier=follows, rates=rates
        )  # fmt: skip
        return self.kept(decided[0])

    def late(self, deal: FollowedDeal, event: AnyEvent) -> Decision:
        """Fold a late event where it belongs, and take note of what it would have changed.

        Raises:
            Unfit: Where it does not fit there, or one behind it no longer does; then nothing has changed.
        """
        if deal.position.moved_at is not None:
            what = f"deal `{shorten(event.deal)}` was moved to another version of its policy; no older event fits in"
            raise Unfit(Code.LATE, what, near='"at"')
        version, earlier = deal.version, list(deal.events.values())
        place = next(i for i, e in enumerate(earlier) if e.instant > event.instant)
        if place == 0:
            raise Unfit(Code.LATE, f"this event is older than the opening of deal `{shorten(event.deal)}`", near='"at"')
        before: list[Decision] = []
        position: Position | None = None
        then, follows = deal.position.others_then, deal.position.follows
        past: list[AnyEvent] = []
        for each in earlier:
            decision, position = version.engine.decide(
                position, each, history=past.copy, party=then(each), earlier=follows,
                rates=rates_then(deal.position, each),
            )  # fmt: skip
            before.append(decision)
            past.append(each)
        position, past = None, []
        decisions: dict[str, Decision] = {}
        for each in (*earlier[:place], event, *earlier[place:]):
            try:
                digest = "" if position is None else position.digest()
                rates = None if each is event else rates_then(deal.position, each)
                decided = version.decide(
                    position, each, digest, past.copy, party=then(each), earlier=follows, rates=rates
                )  # fmt: skip
            except Unfit as problem:
                if each is event:
                    raise
                what = f"folded where it belongs, this event leaves no place for event `{shorten(each.id)}`: {problem}"
                raise Unfit(Code.LATE, what, near='"at"') from problem
            decisions[each.id], position = decided
            past.append(each)
        assert position is not None
        self.parties.keep(position, version.policy)
        deal.position, deal.digest = position, position.digest()
        deal.verdict = decisions[earlier[-1].id].verdict
        deal.events = KeptEvents.of(event.deal, (*earlier[:place], event, *earlier[place:]))
        for decision in decisions.values():
            self.kept(decision)
        pairs = [(old, decisions[old.event]) for old in before]
        self.changes = [Changed(o.event, o.verdict, n.verdict) for o, n in pairs if _answer(o) != _answer(n)]
        return decisions[event.id]

    # Questions

    def ask(
        self, deal: str, terms: Mapping[str, str | None], actor: str = "", at: str | None = None, role: str = ""
    ) -> Decision | DeadLetter:
        """Decide one more offer of ours in a deal that is followed, and keep nothing of it.

        Args:
            terms: Issue → value as people write it.
            at: RFC 3339; the instant of the deal's latest event, if left out.
            role: In which role it would be said.
        """
        found = self.offer(deal, terms, actor, at, role)
        if isinstance(found, DeadLetter):
            return found
        followed = self.deals[deal]
        return followed.version.record(found, followed.digest)

    def offer(
        self, deal: str, terms: Mapping[str, str | None], actor: str = "", at: str | None = None, role: str = ""
    ) -> Evaluation | DeadLetter:
        """Evaluate the offer of ours that `ask` is about, or say why it cannot be made now."""
        followed = self.deals.get(deal)
        if followed is None:
            version, position, last, when = self.follower.current, None, "", at or _NEVER
        else:
            latest = followed.events.last
            version, position, last, when = followed.version, followed.position, latest.id, at or latest.at

        def judged(event: AnyEvent, party: PartyRecord | None) -> Evaluation:
            return version.engine.evaluate(position, event, party=party)

        return question(judged, version, position, last, deal, terms, actor, when, self.parties, role)


_NEVER = "1970-01-01T00:00:00Z"
"""When an offer is made in a deal of which nothing is known; it is refused whenever that is."""


def question(
    judged: Callable[[AnyEvent, PartyRecord | None], T],
    version: Version,
    position: Position | None,
    last: str,
    deal: str,
    terms: Mapping[str, str | None] | None,
    actor: str,
    at: str,
    parties: Parties,
    role: str = "",
) -> T | DeadLetter:
    """Return what is answered to an offer of ours that somebody asks about, or why it cannot be made.

    Args:
        judged: Answers it, with what is known of the other side; raises `Unfit` where it cannot have happened.
        last: The id of the deal's latest event.
        terms: Issue → value as people write it; none asks whether we may accept what they offer.
        parties: What is known of the other side from its other deals.
    """
    act: dict[str, object] = {"type": "accept"} if terms is None else {"type": "offer", "terms": terms}
    asked = {"id": f"{last}+1", "deal": deal, "at": at, "by": "us", **act}
    line = Line(
        msgspec.json.encode(asked | {key: text for key, text in (("actor", actor), ("role", role)) if text}),
        "the offer",
        1,
    )
    policy = version.policy
    slips = [_no_issue(name, policy, line) for name in terms or () if name not in policy.issues]
    checked = version.decoder.decode(line.data, line.file)
    if checked.value is None or slips:
        return DeadLetter(line.file, line.number, by_place([*checked.findings, *slips]), line.data)
    try:
        return judged(checked.value, parties.of(checked.value, position, policy))
    except Unfit as problem:
        return dead(line, problem)


def _no_issue(name: str, policy: Policy, line: Line) -> Diagnostic:
    """Return the finding for a name that is no issue: in an event it is an undeclared term; typed, it is a slip."""
    what = f"`{shorten(name)}` is no issue of policy `{policy.name}`"
    problem = Unfit(Code.UNKNOWN_ISSUE, what, nearest(name, policy.issues), msgspec.json.encode(name).decode())
    return finding(problem, line.data, line.file, line.number)


def _answer(decision: Decision) -> tuple[str, str | None, tuple[tuple[str, str], ...]]:
    return decision.verdict, decision.door, tuple((r.rule, r.standing) for r in decision.reasons)
