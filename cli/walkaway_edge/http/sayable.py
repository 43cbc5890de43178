"""What agents and customers ask, and all that they are told: one bit that rests on their terms, and nothing else.

Every answer is on record as a `probe` before it leaves, so that a restart gives no ask back, and a second answer to the
same question costs nothing. Nothing here rests on a limit, on a number of a rule, or on which verdict a no was.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from walkaway import Code, DeadLetter, DealState, Disclosure, InvalidInput, Session
from walkaway.language import Kind, NotAValue, Unit, parse_value
from walkaway.language.values import LIMIT
from walkaway_edge.http.answers import (
    PROBLEMS,
    InputFinding,
    Problem,
    ProblemDetails,
    invalid,
    problem,
    several,
    title_of,
)
from walkaway_edge.http.call import Call, answer, capacity, pointed, texts
from walkaway_edge.http.desk import Outcome, Write
from walkaway_edge.http.identity import Role, folded


class SayableAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An answer to an ask.

    Attributes:
        next: `send` or `change`; empty where no ask is answered any more.
        turn: Whose turn it is, whatever the terms: `ours`, `wait`, `human` or `stop`.
        say: What may be said.
        asks_left: How many asks are still answered.
        permit: By which an executor may send these very terms, once; empty where none is given.
        terms: What it permits, as it is to be sent.
    """

    asks_left: int
    next: str = ""
    permit: str = ""
    say: tuple[str, ...] = ()
    terms: Mapping[str, str] = {}
    turn: str


class SayableDeal(msgspec.Struct, frozen=True):
    """Where a deal stands, as the other side may hear it.

    Attributes:
        ours, theirs: What each side stands at: issue → value.
        settled: What either side has accepted.
        valid_until: Until when each side's offer binds; empty for no end.
        turn: As of an answer.
    """

    deal: str
    ours: Mapping[str, str]
    theirs: Mapping[str, str]
    settled: Mapping[str, str]
    valid_until: Mapping[str, str]
    turn: str
    asks_left: int


class SayableWords(msgspec.Struct, frozen=True):
    """What may be said in a deal, and the issues that either side has named."""

    say: tuple[str, ...]
    open_points: tuple[str, ...]


class SayableProposals(msgspec.Struct, frozen=True):
    """Terms that may be asked about; whether they pass is not looked at."""

    proposals: tuple[Mapping[str, str], ...]
    asks_left: int


class Recorded(msgspec.Struct, frozen=True):
    """An event that is on record."""

    recorded: str
    turn: str


def question(body: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the terms that are asked about; none where it is asked whether theirs may be accepted.

    Raises:
        Problem: Where it is not said which.
    """
    act = body.get("act", "offer")
    if act not in ("offer", "accept"):
        raise problem("wrong-field", "`act` is `offer` or `accept`", "/act", 'write `"act": "offer"`')
    if (act == "accept") == ("terms" in body):
        what = "an offer has `terms`, and an acceptance takes what they offer"
        raise problem("wrong-field", what, "/terms", "send one of the two")
    return None if act == "accept" else texts(body, "terms")


_LEAST: Mapping[Kind, int] = {
    Kind.COUNT: 10**6,
    Kind.DAYS: 36_500,
    Kind.DURATION: 36_500 * 86_400,
    Kind.MONEY: 10**10,
    Kind.MONTHS: 1_200,
    Kind.NUMBER: 10**6 * 10_000,
    Kind.PERCENT: 1_000 * 10_000,
}
"""In the smallest units of each kind: so much is dealt in whatever a deal stands at."""
_TIMES = 1_000


def dealt_in(session: Session, state: DealState, terms: object, pointer: str) -> None:
    """See to it that no value is out of all proportion to what we have said.

    From some value on the worth of terms cannot be held, and which one that is tells what an issue is worth to us. So
    the other side gets nowhere near it: what is refused here rests on what it has heard of us, and on nothing else. Its
    own word counts for nothing, since it may say more and more.

    Raises:
        Problem: With each value that is.
    """
    if not isinstance(terms, Mapping):
        return
    issues = session.policy.issues
    wrong = [
        name
        for name, text in terms.items()
        if name in issues and _is_beyond(text, state.ours.get(name), issues[name].unit)
    ]
    what, hint = "is beyond all that is dealt in here", "name a value nearer to ours"
    several(problem("wrong-field", f"`{name[:40]}` {what}", f"{pointer}{pointed(name)}", hint) for name in wrong)


def _is_beyond(text: object, ours: str | None, unit: Unit) -> bool:
    return _size(text, unit) > max(_LEAST.get(unit.kind, LIMIT), _TIMES * _size(ours, unit))


def _size(text: object, unit: Unit) -> int:
    """Return how large a number is that a value stands for; 0 for what is none."""
    try:
        value = parse_value(text, unit) if isinstance(text, str) and unit.is_numeric else 0
    except NotAValue:
        return 0
    return abs(value) if isinstance(value, int) else 0


def ask(call: Call, session: Session) -> Response | Write:
    """Say whether terms may be sent, or theirs accepted; it is counted, and on record before it is told."""
    return asked(call, session, call.deal, question(call.read(("terms", "act"))))


def ask_permit(call: Call, session: Session) -> Response | Write:
    """Say the same of the deal that the body names, with the permit where it may be sent."""
    body = call.read(("deal", "terms", "act"))
    deal = body.get("deal")
    if not isinstance(deal, str) or not deal:
        raise problem("wrong-field", "`deal` names the deal", "/deal")
    return asked(call, session, deal, question(body))


def asked(call: Call, session: Session, deal: str, terms: Mapping[str, str] | None) -> Response | Write:
    """Answer an ask.

    Raises:
        Problem: Where it is none.
    """
    with session.looking():
        state = call.state(session, deal)
        before = session.disclosure(deal)
        dealt_in(session, state, terms or {}, "/terms")
        turn = turn_of(state, before)
        if turn in ("human", "stop"):
            return answer(SayableAnswer(asks_left=before.left, turn=turn))
        when, role = call.at(session, state), capacity(call, session)
        try:
            found = session.probe(deal, terms, actor=call.who.sub, at=when, role=role)
        except InvalidInput as error:
            raise invalid(error.findings, {"terms": dict(terms or {})}) from error
    event = f"ask-{call.front.fresh_id()}"
    said: dict[str, object] = {
        "id": event, "deal": deal, "at": when, "type": "probe", "actor": call.who.sub, "confirmed": True,
        "asked": found.asked, "yes": found.yes, "cost": found.cost,
    }  # fmt: skip
    permits = call.front.permits if Role.AGENT in call.who.roles else None
    permit = ""
    if found.yes and permits is not None:
        mark = permits.state(deal, before.moves, before.stops)
        said["permit"] = permits.name(deal, found.act, found.package, mark)
        now = int(call.front.clock().timestamp())
        permit = permits.sign(now, call.who.sub, deal, found.act, role, found.package, mark, before.moves)

    def answered(outcome: Outcome) -> Response:
        if isinstance(outcome, DeadLetter):
            raise problem("busy")  # somebody else has written meanwhile, and nothing is told
        after = session.disclosure(deal)
        if after.spent < before.spent + found.cost or after.moves != before.moves or after.stops != before.stops:
            return answer(SayableAnswer(asks_left=after.left, turn=turn_of(state, after)))
        return answer(
            SayableAnswer(
                next="send" if found.yes else "change",
                turn=turn,
                say=found.say,
                asks_left=after.left,
                permit=permit,
                terms=found.package if permit else {},
            )
        )

    return Write(deal, msgspec.json.encode(said), answered, f"asks of {folded(before.party)}")


def show(call: Call, session: Session) -> Response:
    """Say where a deal stands."""
    state, seen = call.state(session, call.deal), session.disclosure(call.deal)
    until = {"ours": seen.ours_until, "theirs": seen.theirs_until}
    return answer(
        SayableDeal(state.deal, state.ours, state.theirs, seen.settled, until, turn_of(state, seen), seen.left)
    )


def propose(call: Call, session: Session) -> Response:
    """Return terms near those wanted that may be asked about."""
    body = call.read(("terms",))
    state = call.state(session, call.deal)
    seen = session.disclosure(call.deal)
    if turn_of(state, seen) in ("human", "stop"):
        return answer(SayableProposals((), seen.left))
    terms = texts(body, "terms")
    dealt_in(session, state, terms, "/terms")
    try:
        found = session.proposals(call.deal, terms, actor=call.who.sub, at=call.at(session, state))
    except InvalidInput as error:
        raise invalid(error.findings, body) from error
    return answer(SayableProposals(found, seen.left))


def words(call: Call, session: Session) -> Response:
    """Return what may be said in a deal, whatever is asked."""
    state, seen = call.state(session, call.deal), session.disclosure(call.deal)
    said = session.may_say(call.deal, at=call.at(session, state)) if state.is_open and not seen.halted else ()
    return answer(SayableWords(said, seen.open_points))


def recorded(call: Call, session: Session, deal: str, event: str) -> Response:
    """Say that what the other side did is on record, and nothing of how it was answered."""
    state, seen = call.state(session, deal), session.disclosure(deal)
    return answer(Recorded(event, turn_of(state, seen)), 201)


def turn_of(state: DealState, seen: Disclosure) -> str:
    """Return whose turn it is, from the deal's state alone."""
    if not state.is_open:
        return "stop"
    if seen.halted or not seen.party or not seen.left:
        return "human"
    return "wait" if seen.ours_last else "ours"


def sayable(wrong: Problem) -> Problem:
    """Return a problem as one may hear it who is told nothing of the policy: where it is, and what kind."""
    findings = tuple(_told(f) for f in wrong.details.findings)
    told = ProblemDetails(wrong.details.type, wrong.details.title, wrong.details.status, findings)
    return Problem(told, {k: v for k, v in wrong.headers.items() if k != "ETag"})


def _told(finding: InputFinding) -> InputFinding:
    if finding.code in PROBLEMS:
        return finding
    title = title_of(Code(finding.code))
    return InputFinding(finding.code, title[0].lower() + title[1:], "", finding.pointer)
