"""What agents and customers were told in a deal, and what whoever read all of it knows: for our own people alone."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from walkaway import Policy, Session
from walkaway.language import NotAValue, format_value, parse_value
from walkaway_edge.http.call import MOST, Call, answer
from walkaway_edge.http.requests import terms_of_probe


class ToldAsk(msgspec.Struct, frozen=True):
    """One answer.

    Attributes:
        terms: What was asked about, as far as it is another than our word now; all of it is erased where it is empty.
        stands: Whether nothing has happened since, so that it is so still.
    """

    event: str
    at: str
    by: str
    act: str
    terms: Mapping[str, str]
    yes: bool
    cost: int
    stands: bool


class Bracket(msgspec.Struct, frozen=True):
    """What the answers that stand tell of one issue, all else being as we offer it.

    Attributes:
        passes: The furthest value of which it is known that it passes: our word, or a yes.
        fails: The nearest of which it is known that it does not; empty where none is.
    """

    issue: str
    passes: str
    fails: str


class ToldInDeal(msgspec.Struct, frozen=True):
    """All that was told in a deal.

    Attributes:
        left: How many asks are still answered; `unsent` how many yeses were not said.
    """

    asks: tuple[ToldAsk, ...]
    brackets: tuple[Bracket, ...]
    left: int
    unsent: int


def show(call: Call, session: Session) -> Response:
    """Say what agents and customers were told in a deal."""
    return answer(told(call, session, call.deal))


def told(call: Call, session: Session, deal: str) -> ToldInDeal:
    """Return what agents and customers were told in a deal, oldest first; of very many the latest are left out.

    Raises:
        Problem: Where there is no such deal for whoever asks.
    """
    state, seen = call.state(session, deal), session.disclosure(deal)
    since = call.front.requests.since_a_move(session, state)
    asks: list[ToldAsk] = []
    offered: list[tuple[Mapping[str, str], bool]] = []
    for view in session.decisions(deal=deal, types=("probe",), limit=MOST):
        event = view.event
        act, package = terms_of_probe(str(event["asked"]))
        base = state.ours if act == "offer" else {}
        terms = {issue: value for issue, value in package.items() if base.get(issue) != value}
        stands = str(event["id"]) in since
        asks.append(
            ToldAsk(
                str(event["id"]), str(event["at"]), str(event.get("actor", "")), act, terms, event.get("yes") is True,
                int(event["cost"]), stands,
            )
        )  # fmt: skip
        if stands and act == "offer" and len(terms) == 1:
            offered.append((terms, event.get("yes") is True))
    return ToldInDeal(tuple(asks), _brackets(session.policy, state.ours, offered), seen.left, seen.unsent)


def _brackets(
    policy: Policy, ours: Mapping[str, str], offered: list[tuple[Mapping[str, str], bool]]
) -> tuple[Bracket, ...]:
    found = []
    for name, issue in policy.issues.items():
        values = [
            (parsed, yes) for terms, yes in offered if (parsed := _number(terms.get(name), policy, name)) is not None
        ]
        if not values or not issue.better:
            continue
        own = _number(ours.get(name), policy, name)
        passing = [v for v, yes in values if yes] + ([own] if own is not None else [])
        failing = [v for v, yes in values if not yes]
        furthest, nearest = (min, max) if issue.better > 0 else (max, min)
        found.append(
            Bracket(
                name,
                format_value(furthest(passing), issue.unit) if passing else "",
                format_value(nearest(failing), issue.unit) if failing else "",
            )
        )
    return tuple(found)


def _number(text: str | None, policy: Policy, issue: str) -> int | None:
    """Return a value as a number; none where it is none, or another version of the policy wrote it."""
    try:
        value = None if text is None else parse_value(text, policy.issues[issue].unit)
    except NotAValue:
        return None
    return value if isinstance(value, int) else None
