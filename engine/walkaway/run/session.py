# Over 400 lines: every question that a face asks of deals is asked here.
"""A session: decides the events of many deals, and answers every question about them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.encode import canonical
from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.deal.position import PartyRecord
from walkaway.decide.decision import Decision, PolicyRef
from walkaway.decide.engine import Core, Incident
from walkaway.events import EVERY_DEAL, AnyEvent, Door, Event
from walkaway.language.codes import Code
from walkaway.language.diagnostics import InvalidInput
from walkaway.language.instants import instant_text
from walkaway.language.spelling import is_written
from walkaway.language.values import format_value, parse_value, shorten
from walkaway.policy import Policy, PolicyLike, policy_of
from walkaway.policy.versions import disagreement
from walkaway.run.deals import Found, InMemory, KeptInLog, SessionKeeper, nothing
from walkaway.session.follower import Version
from walkaway.session.stream import question

if TYPE_CHECKING:
    from walkaway.advice.briefing import Answer, Briefing
    from walkaway.advice.counteroffers import Seeker
    from walkaway.advice.sayable import AgentAsk, Disclosure
    from walkaway.decide.evaluation import Evaluation
    from walkaway.log.proving import LogProofs
    from walkaway.log.store import Store
    from walkaway.log.views import View
    from walkaway.session.history import History

EventLike = Mapping[str, Any] | str | bytes | Event
"""An event: its fields as JSON has them, the JSON itself, or one that is read already."""
_T = TypeVar("_T")


class DealState(msgspec.Struct, frozen=True):
    """Where a deal stands.

    Attributes:
        policy: The version that it is under.
        events: The ids of its events, in their order.
        opened, last: The instants of its opening and of its latest event, RFC 3339.
        outcome: `won`, `lost` or `walked`; empty while it is open.
        left: The door that a walk was decided with; none where none was.
        missing: What it still lacks before it can be decided, in words.
        ours, theirs: What each side stands at: issue → value as people write it; empty before that is known.
        mover: Who made the latest offer or acceptance, `us` or `them`; empty where nobody has.
        owed: Issue → the day on which what they promised of it is due, once the deal is won and until it is delivered.
    """

    deal: str
    policy: PolicyRef
    events: tuple[str, ...]
    opened: str
    last: str
    outcome: str
    left: Door | None
    missing: tuple[str, ...]
    ours: Mapping[str, str]
    theirs: Mapping[str, str]
    mover: str = ""
    owed: Mapping[str, str] = {}

    @property
    def is_open(self) -> bool:
        """Return whether more can happen in it."""
        return not self.outcome


class Session:
    """Decides the events of many deals under one policy, in memory or into a log.

    Not to be shared between threads. A session with a store is closed by `close`, or at the end of its `with`.

    Args:
        policy: Under which deals open; several are versions of one policy: a deal opens under the newest in force.
        store: Where every decision is kept: a store, or its URL: a file, or `postgresql://…`; nowhere, if left out.
        core: `both` computes every decision twice.
        report: Is told where the two cores disagree or one fails.
        salt: Gives 16 random bytes, others each time, for personal texts in a log.

    Raises:
        InvalidInput: Where a policy has errors or cannot be read, with all findings.
        ValueError: Where policies are not versions of one.
        StoreProblem: Where the store cannot be opened.
    """

    def __init__(
        self,
        policy: PolicyLike | Sequence[PolicyLike],
        store: "str | Store | None" = None,
        *,
        core: Core = Core.BOTH,
        report: Callable[[Incident], None] = lambda _: None,
        salt: Callable[[], bytes] = lambda: os.urandom(16),
    ) -> None:
        given = policy if isinstance(policy, Sequence) and not isinstance(policy, str) else [policy]
        if not given:
            raise ValueError("a session wants a policy")
        policies = [policy_of(one) for one in given]
        if problem := disagreement(policies):
            raise ValueError(problem)
        self._seekers: dict[str, Seeker] = {}
        self._keeper: SessionKeeper = (
            InMemory(policies, core, report) if store is None else KeptInLog(policies, store, core, report, salt)
        )

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of a store that was opened here."""
        self._keeper.close()

    @property
    def policy(self) -> Policy:
        """Return the newest version of the policy."""
        return self._keeper.current.policy

    def decide(self, event: EventLike) -> Decision:
        """Decide an event; with a store, its decision is on disk when this returns.

        An event that has come before gets the decision it has.

        Raises:
            InvalidInput: Where the event cannot be read, does not fit its deal, or its id stands for another one.
            StoreProblem: Where the store cannot be written; then nothing was.
        """
        (answer,) = self.decide_many([event])
        return _unwrapped(answer)

    def decide_many(self, events: Iterable[EventLike]) -> list[Decision | DeadLetter]:
        """Decide events, in one commit where there is a store; each gets a decision or says why there is none.

        Raises:
            StoreProblem: As for `decide`.
        """
        answers: list[Decision | DeadLetter] = []
        lines: list[Line] = []
        for number, event in enumerate(events, 1):
            lines.append(self._line(event, number))
        answers += self._keeper.take(lines)
        return answers

    def lines(self, lines: Iterable[bytes | str], file: str = "lines") -> Iterator[Decision | DeadLetter]:
        """Decide JSON lines as they come; blank ones are passed over.

        Args:
            file: What findings call the place that the lines are from.
        """
        for number, line in enumerate(lines, 1):
            data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
            data = data.removeprefix(b"\xef\xbb\xbf") if number == 1 else data
            if data.strip():
                yield from self._keeper.take([Line(data, file, number)])

    def check(
        self,
        deal: str,
        terms: Mapping[str, str | None] | None,
        *,
        actor: str = "",
        at: str | None = None,
        role: str = "",
    ) -> Decision:
        """Decide one more offer of ours without counteroffers, and keep nothing of it.

        Args, Raises:
            As for `ask`.
        """
        found = self._found(deal)
        engine, position, digest = found.version.engine, found.position, found.digest

        def judged(event: AnyEvent, party: PartyRecord | None) -> Decision:
            return engine.told(position, event, digest, party=party)

        return _restored(self._answered(judged, found, deal, terms, actor, at, role), found.texts, Decision)

    def ask(
        self,
        deal: str,
        terms: Mapping[str, str | None] | None,
        *,
        actor: str = "",
        at: str | None = None,
        search: bool = True,
        role: str = "",
    ) -> "Briefing":
        """Say all there is to say about one more offer of ours, and keep nothing of it.

        Args:
            terms: Issue → value as people write it; an issue left out keeps our standing value. None asks whether we
                may accept what they offer.
            actor: Who would make it: nobody's approval covers their own offer.
            at: RFC 3339; the instant of the deal's latest event, if left out.
            search: Whether to look for counteroffers.
            role: In which role it would be said, where the policy has `mandates`.

        Raises:
            InvalidInput: Where there is no such deal, or the offer cannot be made in it.
        """
        from walkaway.advice.briefing import Briefing, brief

        found, asked = self._asked(deal, terms, actor, at, role)
        told = brief(self._seeker(found.version), asked, found.digest, counteroffers=search)
        return _restored(told, found.texts, Briefing)

    def answer(self, deal: str, terms: Mapping[str, str | None] | None, *, at: str | None = None) -> "Answer":
        """Say what the other side may hear about one more offer of ours; never what rests on a limit.

        Args, Raises:
            As for `ask`.
        """
        from walkaway.advice.briefing import Answer, answer

        found, asked = self._asked(deal, terms, "", at)
        return _restored(answer(self._seeker(found.version), asked), found.texts, Answer)

    def probe(
        self,
        deal: str,
        terms: Mapping[str, str | None] | None,
        *,
        actor: str = "",
        at: str | None = None,
        role: str = "",
    ) -> "AgentAsk":
        """Answer an agent that asks about one more offer of ours with yes or no, and say what that costs; keep nothing.

        What is told is to be recorded as a `probe` before anybody hears it.

        Args, Raises:
            As for `ask`.
        """
        from walkaway.advice.sayable import asked_by_agent, terms_named

        found, evaluation = self._asked(deal, terms, actor, at, role)
        if (named := terms_named(found.version.policy, evaluation)) is not None:
            found, evaluation = self._asked(deal, named, actor, at, role)
        return asked_by_agent(self._seeker(found.version), evaluation, found.texts)

    def proposals(
        self, deal: str, terms: Mapping[str, str | None], *, actor: str = "", at: str | None = None
    ) -> "tuple[Mapping[str, str], ...]":
        """Return other terms that an agent may ask about: chosen blind to every number of ours.

        Whether any of them passes is not looked at.

        Args, Raises:
            As for `ask`.
        """
        from walkaway.advice.sayable import blind_proposals

        found, evaluation = self._asked(deal, terms, actor, at)
        return blind_proposals(found.version.policy, evaluation)

    def may_say(self, deal: str, *, at: str | None = None) -> tuple[str, ...]:
        """Return what rules have to say of their latest offer that rest on no number of ours.

        Args, Raises:
            As for `ask`.
        """
        from walkaway.advice.sayable import sayable_words

        found = self._found(deal)
        if not found.position.theirs.stands or found.position.valuation is None:
            return ()
        _, evaluation = self._asked(deal, None, "", at)
        return sayable_words(self._seeker(found.version), evaluation)

    def disclosure(self, deal: str) -> "Disclosure":
        """Return what agents may see of a deal, and how far their asks are still answered.

        Raises:
            InvalidInput: As for `state`.
        """
        from walkaway.advice.sayable import disclosed

        found = self._found(deal)
        stops = self._keeper.find(EVERY_DEAL)
        others = found.parties.about(found.position.party).asks if found.position.party else found.position.asks
        return disclosed(
            found.version.policy, found.position, others, found.events,
            0 if stops is None else len(stops.events), halted=stops is not None and stops.position.halted,
        )  # fmt: skip

    def stepped(self, deal: str, issue: str, text: str | None = None, *, up: bool) -> str | None:
        """Return an issue's next value in a deal, as people write it.

        Args:
            text: From where; from where the issue stands with us, if left out.
            up: Whether the number rises.

        Returns:
            None where there is no step from there.

        Raises:
            InvalidInput: Where there is no such deal.
            NotAValue: Where *text* is no value of the issue.
        """
        found = self._found(deal)
        about, position = found.version.policy.issues.get(issue), found.position
        if about is None or position.valuation is None:
            return None
        value = position.ours.standing[issue] if text is None else parse_value(text, about.unit)
        stepped = self._seeker(found.version).stepped(position, issue, value, up=up)
        return None if stepped is None else format_value(stepped, about.unit)

    def state(self, deal: str) -> DealState:
        """Return where a deal stands.

        Raises:
            InvalidInput: Where there is no such deal, or it cannot be folded any more.
        """
        with self.looking():
            found, mover = self._found(deal), self._keeper.mover(deal)
        position, policy = found.position, found.version.policy
        is_known = position.valuation is not None
        return DealState(
            deal,
            PolicyRef(policy.name, policy.sha256, policy.version),
            found.events,
            instant_text(position.opened),
            instant_text(position.last),
            position.outcome,
            position.left,
            position.missing,
            _written(policy, position.ours.standing) if is_known else {},
            _written(policy, position.theirs.standing) if is_known else {},
            mover,
            {issue: policy.day_text(due) for issue, due in position.owed.items()},
        )

    def history(self, deal: str) -> "History":
        """Return what every move of a deal gave and got, and where both sides stood after it.

        Raises:
            InvalidInput: As for `state`.
        """
        self._found(deal)
        return self._keeper.history(deal)

    def deals(self) -> list[str]:
        """Return the ids of all deals, sorted."""
        return sorted(deal for deal in self._keeper.deals() if deal != EVERY_DEAL)

    def decisions(
        self,
        *,
        after: int = -1,
        limit: int = 100,
        deal: str | None = None,
        rule: str | None = None,
        verdict: str | None = None,
        actor: str | None = None,
        since: int | None = None,
        until: int | None = None,
        types: Sequence[str] = (),
    ) -> "list[View]":
        """Return decisions on record that fit everything asked, in the order of the log; none without a store.

        Args:
            after: Entries from the one behind this number on.
            limit: How many at most.
            since, until: Instants of events, in microseconds since 1970, UTC.
            types: Types of events, as they are written; empty for all.

        Raises:
            StoreProblem: Where the store cannot be read, or is not what was recorded.
        """
        asked: dict[str, Any] = {
            "deal": deal,
            "rule": rule,
            "verdict": verdict,
            "actor": actor,
            "since": since,
            "until": until,
        }
        asked |= {"types": types} if types else {}
        return self._keeper.decisions(after + 1, limit, asked)

    def looking(self) -> AbstractContextManager[None]:
        """See one state of the log in all that is asked inside, which costs less than each alone; decide nothing there.

        Raises:
            StoreProblem: Where the store cannot be read.
        """
        return self._keeper.looking()

    @property
    def halted(self) -> bool:
        """Return whether all offers of ours are stopped, in every deal."""
        found = self._keeper.find(EVERY_DEAL)
        return found is not None and found.position.halted

    @property
    def recorded(self) -> int:
        """Return how many entries the log has; 0 without a store.

        Raises:
            StoreProblem: Where the store cannot be read.
        """
        return self._keeper.recorded()

    @property
    def proofs(self) -> "LogProofs | None":
        """Return what the log proves to whoever trusts nobody; none without a store."""
        return self._keeper.proofs()

    def policy_files(self, sha256: str) -> Mapping[str, bytes]:
        """Return the files of a policy that decides here or decided, by name; empty where there is none of this hash.

        Args:
            sha256: Over all its files, as `PolicyRef` has it.
        """
        return self._keeper.policy_files(sha256)

    def _line(self, event: object, number: int) -> Line:
        """Write an event as a line; what is no event becomes a line that nothing can be read from."""
        match event:
            case bytes():
                data = event
            case str():
                data = event.encode("utf-8", "surrogatepass")
            case Event():
                found = self._keeper.find(event.deal) if is_written(event.deal) else None
                version = self._keeper.current if found is None else found.version
                data = canonical(version.writer.content(event))  # type: ignore[arg-type]
            case _:
                try:
                    data = msgspec.json.encode(event)
                except (TypeError, ValueError, OverflowError, RecursionError):
                    data = b"?"
        return Line(data, "event", number)

    def _found(self, deal: str) -> Found:
        found = self._keeper.find(deal) if is_written(deal) else None
        if found is None:
            raise nothing(Unfit(Code.NOT_OPENED, f"deal `{shorten(deal)}` has not been opened", near=deal), deal)
        return found

    def _asked(
        self, deal: str, terms: Mapping[str, str | None] | None, actor: str, at: str | None, role: str = ""
    ) -> "tuple[Found, Evaluation]":
        found = self._found(deal)

        def judged(event: AnyEvent, party: PartyRecord | None) -> "Evaluation":
            return found.version.engine.evaluate(found.position, event, party=party)

        return found, self._answered(judged, found, deal, terms, actor, at, role)

    def _answered(
        self,
        judged: Callable[[AnyEvent, PartyRecord | None], _T],
        found: Found,
        deal: str,
        terms: Mapping[str, str | None] | None,
        actor: str,
        at: str | None,
        role: str,
    ) -> _T:
        version, position, last = found.version, found.position, found.events[-1]
        who, when = found.names.get(actor, actor), at or found.at
        return _unwrapped(question(judged, version, position, last, deal, terms, who, when, found.parties, role))

    def _seeker(self, version: Version) -> "Seeker":
        from walkaway.advice.counteroffers import Seeker

        key = version.policy.key
        return self._seekers.get(key) or self._seekers.setdefault(key, Seeker(version.engine))


def _unwrapped(answer: _T | DeadLetter) -> _T:
    if isinstance(answer, DeadLetter):
        raise InvalidInput(answer.findings)
    return answer


def _written(policy: Policy, terms: Mapping[str, Any]) -> dict[str, str]:
    return {i: format_value(terms[i], about.unit) for i, about in policy.issues.items() if i in terms}


def _restored(told: _T, texts: Mapping[str, str], of: type[_T]) -> _T:
    """Put the texts of a deal back where their seals stand."""
    if not texts:
        return told
    from walkaway.log.seal import restore

    sealed = msgspec.json.encode(told)
    shown = restore(sealed, texts)
    return told if shown == sealed else msgspec.json.decode(shown, type=of)
