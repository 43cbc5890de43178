"""How much room there is: to want and walk, and under the policy's caps; and the next step, smaller than the last.

What may still be given is found by asking the policy's rules, value by value, and so respects every cap in them,
written as a limit or not. Knows no terminal and decides nothing.
"""

import msgspec

from walkaway.advice.counteroffers import ASKED, Seeker
from walkaway.advice.counteroffers.choices import Choice
from walkaway.advice.counteroffers.probe import Probe
from walkaway.advice.counteroffers.solve import Frame, Goal, ValueLine, cheapest
from walkaway.advice.counteroffers.steps import MOST
from walkaway.advice.counteroffers.varying import Foreseen
from walkaway.deal.ledger import worth_of
from walkaway.deal.position import Position
from walkaway.deal.valuation import PACKAGE, Bound, Valuation, limit_of
from walkaway.decide.decision import Counteroffer
from walkaway.decide.evaluation import Evaluation
from walkaway.events import Offer, Terms, Verdict
from walkaway.language.values import Unit, Value, format_value

FIRST = 4
"""Our first step is at most this part of the way to what ends it."""
SHRINK = 2
"""A later step gives at most this part of what our last concession gave: steps that shrink announce their end."""


class Budget(msgspec.Struct, frozen=True):
    """The furthest that one issue alone can be conceded from our cleared terms, with nothing asked.

    Attributes:
        value: As people write it; empty where nothing can be conceded.
        give: In money.
        verdict: What that value gets: milder than `refuse`.
        ends: Whether a walk value or a rule ends it; else `value` is merely the last one tried.
    """

    value: str
    give: str
    verdict: str
    ends: bool


class IssueRoom(msgspec.Struct, frozen=True):
    """One issue's thresholds and the room to them, as people write them; empty where there is no threshold.

    Attributes:
        now: Its value in the terms asked about.
        to_want, to_walk: The room in our favour, negative beyond.
        budget: None where worths are not known yet, and for the package.
    """

    issue: str
    now: str
    want: str
    to_want: str
    walk: str
    to_walk: str
    budget: Budget | None = None


class Headroom(msgspec.Struct, frozen=True):
    """The room of terms on the table.

    Attributes:
        issues: In the policy's order; the package last, where it has a threshold.
        left: The concession budget: the most worth that any one issue can still give without being refused.
        step: The next step suggested, smaller than our last concession; none where none is due, or none passes.
    """

    issues: tuple[IssueRoom, ...] = ()
    left: str = ""
    step: Counteroffer | None = None


def rooms(seeker: Seeker, evaluation: Evaluation, asked: Evaluation | None) -> Headroom:
    """Return the room of the terms on the table, and what may still be given from our cleared terms.

    Args:
        asked: What `Seeker.asked` gives for the evaluation.
    """
    position, move, policy = evaluation.before, evaluation.move, seeker.policy
    valuation = position.valuation
    if valuation is None or move is None or evaluation.on not in ASKED:
        return Headroom()
    terms = move.terms
    probe = None
    if asked is not None:
        assert isinstance(asked.event, Offer)
        said = _said(asked.before, asked.event)
        probe = seeker.probe(msgspec.structs.replace(asked, event=said))
    found = [_thresholds(valuation.at(terms), n, terms[n], i.unit) for n, i in policy.issues.items()]
    whole = [_package(position, terms, policy.money)]
    left = ""
    if probe is not None:
        furthest = [_furthest(probe, place) for place in range(len(probe.issues))]
        found = [
            msgspec.structs.replace(r, budget=_shown(seeker, probe, c)) for r, c in zip(found, furthest, strict=True)
        ]
        left = format_value(valuation.rounded(max((c.loss for c in furthest), default=0)), policy.money)
    kept = [r for r in (*found, *whole) if r.issue != PACKAGE or r.want or r.walk]
    return Headroom(tuple(kept), left, next_step(seeker, probe) if probe is not None else None)


def _bound(valuation: Valuation, threshold: str, issue: str) -> Bound | None:
    bounds = valuation.walks if threshold == "walk" else valuation.wants
    return next((b for b in bounds if b.issue == issue), None)


def _thresholds(valuation: Valuation, issue: str, value: Value, unit: Unit) -> IssueRoom:
    """Return an issue's thresholds, and the room to them.

    Args:
        valuation: The scales at the value of the selector that is on the table.
    """
    want, walk = (_bound(valuation, threshold, issue) for threshold in ("want", "walk"))
    at = [format_value(b.at, unit) if b is not None else "" for b in (want, walk)]
    to = [_room(valuation, b, value, unit) if b is not None else "" for b in (want, walk)]
    return IssueRoom(issue, format_value(value, unit), at[0], to[0], at[1], to[1])


def _room(valuation: Valuation, bound: Bound, value: Value, unit: Unit) -> str:
    """Return the distance in the issue's unit; of words, which have none, in whether they are enough."""
    if bound.better:
        return format_value(valuation.distance(bound, value), unit)
    return "beyond" if valuation.is_beyond(bound, value) else "met"


def _package(position: Position, terms: Terms, money: Unit) -> IssueRoom:
    valuation = position.valuation
    assert valuation is not None
    worth = valuation.rounded(worth_of(position, terms))
    known = [limit_of(valuation, position.known, f"{t}.{PACKAGE}", terms) for t in ("want", "walk")]
    at = [format_value(v, money) if isinstance(v, int) else "" for v in known]
    to = [format_value(worth - v, money) if isinstance(v, int) else "" for v in known]
    return IssueRoom(PACKAGE, format_value(worth, money), at[0], to[0], at[1], to[1])


def _is_mild(outcome: Foreseen) -> bool:
    return outcome.verdict <= Verdict.ESCALATE


def _furthest(probe: Probe, place: int) -> Choice:
    """Return the worst value of an issue that is not refused when it alone is conceded; our cleared one if none is."""
    standing = probe.cleared[place]
    if place == probe.selector:
        return standing
    end = probe.values.worst_give(place, probe.valuation.most)
    choices = probe.values.between(standing, end, MOST)[::-1]
    if not choices:
        return standing
    line = ValueLine(choices, probe.rules.proved[probe.issues[place].name])
    found = cheapest(Frame(probe, probe.cleared), [line], Goal(_is_mild, _is_mild))
    return found[0] if found else standing


def _shown(seeker: Seeker, probe: Probe, choice: Choice) -> Budget:
    issue, standing = probe.issues[choice.issue], probe.cleared[choice.issue]
    end = probe.values.worst_give(choice.issue, probe.valuation.most)
    terms = {i.name: c.value for i, c in zip(probe.issues, probe.cleared, strict=True)} | {issue.name: choice.value}
    tried = seeker.tried(probe.position, msgspec.structs.replace(probe.offer, terms=terms))
    verdict = Verdict.REFUSE if tried is None else tried.ruling.verdict
    return Budget(
        format_value(choice.value, issue.unit) if choice is not standing else "",
        format_value(probe.valuation.rounded(choice.loss), probe.rules.policy.money),
        verdict.value,
        choice is not end or issue.name in probe.walks or not issue.better,
    )


def next_step(seeker: Seeker, probe: Probe) -> Counteroffer | None:
    """Suggest our next concession: on the issue on which they are furthest from us, and smaller than our last one.

    What they ask for is never passed, nor our want value, or once that is passed our walk value. Where the step does
    not pass alone, the nearest counteroffer to it does that still gives something. None while it is their move.
    """
    position = probe.position
    if position.ours.in_a_row or not probe.theirs:
        return None
    asked = [(p, probe.theirs.get(i.name)) for p, i in enumerate(probe.issues)]
    gaps = [(c.loss, -p, c) for p, v in asked if v is not None and (c := probe.choice(p, v)).loss]
    for _, _, wanted in sorted(gaps, key=lambda g: g[:2], reverse=True):
        step = _step(probe, wanted)
        if step is not None:
            return _passing(seeker, probe, step)
    return None


def _step(probe: Probe, wanted: Choice) -> Choice | None:
    """Return the value that the next step on an issue goes to."""
    place = wanted.issue
    standing, name = probe.cleared[place], probe.issues[place].name
    walk, want = probe.walks.get(name), probe.wants.get(name)
    ends = [wanted, *(_at(probe, place, b) for b in (want, walk) if b is not None)]
    end = max((c for c in ends if c.loss), key=lambda c: c.worth, default=wanted)
    last = probe.position.ours.last_give
    most = last // SHRINK if last else end.loss // FIRST
    steps = [c for c in probe.values.between(standing, end, MOST) if c.loss <= most]
    return steps[-1] if steps else None


def _at(probe: Probe, place: int, bound: Bound) -> Choice:
    """Return a limit as a value."""
    return probe.choice(place, probe.values.on_step(place, bound.at) if bound.better else bound.at)


def _said(position: Position, offer: Offer) -> Offer:
    """Return an offer of our terms as they were cleared, at the moment of another."""
    return msgspec.structs.replace(offer, terms=dict(position.cleared))


def _passing(seeker: Seeker, probe: Probe, step: Choice) -> Counteroffer | None:
    """Return the step itself where it passes, else the nearest counteroffer to it that gives something."""
    offer = msgspec.structs.replace(probe.offer, terms={probe.issues[step.issue].name: step.value})
    money, last = probe.rules.policy.money, probe.valuation.rounded(probe.position.ours.last_give)
    why = f"Our last concession was {format_value(last, money)}." if last else "A first step."
    tried = seeker.tried(probe.position, offer)
    if tried is None:
        return None
    if tried.ruling.verdict is Verdict.PROCEED:
        return seeker.shown(tried, why)
    nothing = format_value(0, money)
    passing = (c for c in seeker.find(tried) if c.verdict is Verdict.PROCEED and not c.when and c.give != nothing)
    return next((msgspec.structs.replace(c, why=why) for c in passing), None)
