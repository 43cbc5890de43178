"""What an agent or a customer may be told: yes or no to an ask, what that costs, and nothing that rests on a number of
ours.

An answer is one bit. It is free where earlier answers in the same position imply it: no worse for us on every issue
than a known yes, or no better than a known no, on issues along which the policy is proved to let more through the
better they are for us. Whatever else is asked counts (docs/agents.md).
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from walkaway.advice.counteroffers import Seeker
from walkaway.advice.counteroffers.telling import derives_number
from walkaway.deal.encode import canonical
from walkaway.deal.position import Position
from walkaway.decide.core.program import CONCLUDED
from walkaway.decide.evaluation import Evaluation
from walkaway.events import Accept, Offer, Terms, Verdict
from walkaway.language.expr.tree import Compare, facts_of, leaves
from walkaway.language.expr.types import is_constant
from walkaway.language.instants import instant_text
from walkaway.language.values import NotAValue, Value, format_value, parse_value
from walkaway.policy.model import Issue, Policy, Rule

ASSENT = "We can agree to these terms."
REFUSAL = "We cannot agree to these terms as they stand."
"""What is said of whatever does not pass, whatever stands against it."""
_YES, _IMPLIED, _NO = 2, 0, 1
_PROPOSED = 3


class AgentAsk(msgspec.Struct, frozen=True):
    """An answer to an agent.

    Attributes:
        yes: Whether these terms may be offered, or taken.
        act: `offer` or `accept`.
        package: All of the terms, as people write them: issue → value.
        named: Those that an offer names: what it changes of our word, or all where it changes nothing.
        say: What may be said of them: one sentence for every yes, and one for every no.
        asked: What was asked, as it is recorded.
        cost: For how many asks the answer counts: a yes for two, of which one is given back once it is said.
    """

    yes: bool
    act: str
    package: Mapping[str, str]
    named: Mapping[str, str]
    say: tuple[str, ...]
    asked: str
    cost: int


class Disclosure(msgspec.Struct, frozen=True):
    """What agents may see of a deal.

    Attributes:
        party: Who the other side is, by the name it has in every deal: asks are counted by that, and none is answered
            where nobody says.
        left: How many asks are still answered.
        spent: How many asks to this party were counted, in all its deals.
        unsent: Of these, how many yeses were not said.
        moves: How many events have happened that are no asks, nor requests for an approval; what was told holds for one
            such state.
        stops: How often all offers were stopped, or went on.
        halted: Whether they are stopped now.
        open_points: Issues that either side has named, in the policy's order.
        settled: What either side has accepted: issue → value.
        ours_until, theirs_until: Until when the standing offers bind, RFC 3339; empty for no end.
        ours_last: Whether the last word was ours.
    """

    party: str
    left: int
    spent: int
    unsent: int
    moves: int
    stops: int
    halted: bool
    open_points: tuple[str, ...]
    settled: Mapping[str, str]
    ours_until: str
    theirs_until: str
    ours_last: bool


def asked_by_agent(seeker: Seeker, evaluation: Evaluation, texts: Mapping[str, str]) -> AgentAsk:
    """Answer an ask about an offer or an acceptance of ours.

    Args:
        texts: Seal → text, of what was asked before.
    """
    position, event, policy = evaluation.before, evaluation.event, seeker.policy
    act = "accept" if isinstance(event, Accept) else "offer"
    standing = position.theirs.standing if act == "accept" else position.ours.standing
    named = event.terms if isinstance(event, Offer) else {}
    package = _written(policy, {**standing, **named})
    asked = canonical({"act": act, "terms": package}).decode()
    yes = evaluation.ruling.verdict is Verdict.PROCEED
    earlier = [(texts.get(each.asked, each.asked), each.yes) for each in position.asked]
    same = next((answered for text, answered in earlier if text == asked), None)
    known = _implied(seeker, act, {**standing, **named}, earlier) if same is None else same
    cost = _IMPLIED if known is yes else _YES if yes else _NO
    say = (ASSENT if yes else REFUSAL,)
    return AgentAsk(yes, act, package, _written(policy, named), say, asked, cost)


def terms_named(policy: Policy, evaluation: Evaluation) -> Mapping[str, str] | None:
    """Return what an offer of ours is to name, where it names something else: what it changes, or else all terms.

    So what is asked about and what is said later are judged alike.
    """
    event, standing = evaluation.event, evaluation.before.ours.standing
    if not isinstance(event, Offer):
        return None
    changed = {i: v for i, v in event.terms.items() if v != standing.get(i)} or {**standing, **event.terms}
    return None if changed.keys() == event.terms.keys() else _written(policy, changed)


def blind_proposals(policy: Policy, evaluation: Evaluation) -> tuple[Mapping[str, str], ...]:
    """Return terms between our word and those asked about: one change halved in each, or left out where it has no half.

    They rest on what was said and asked alone, on no limit and no rule.
    """
    event, ours = evaluation.event, evaluation.before.ours.standing
    terms = event.terms if isinstance(event, Offer) else {}
    changed = [i for i in policy.issues if i in terms and terms[i] != ours.get(i)]
    found = [{**terms, i: _halved(policy.issues[i], ours[i], terms[i])} for i in changed[:_PROPOSED]]
    return tuple(_written(policy, {i: v for i, v in each.items() if v != ours[i]}) for each in found)


def _halved(issue: Issue, ours: Value, wanted: Value) -> Value:
    """Return a value half way from ours to one that is wanted, a whole number of steps from ours; ours for a word."""
    if not issue.unit.is_numeric or not isinstance(ours, int) or not isinstance(wanted, int):
        return ours
    if issue.values:
        between = [v for v in issue.values if min(ours, wanted) < v < max(ours, wanted)]
        return between[len(between) // 2] if between else ours
    step = issue.step or issue.unit.scale
    half = abs(wanted - ours) // 2 // step * step
    return ours + half if wanted > ours else ours - half


def sayable_words(seeker: Seeker, evaluation: Evaluation) -> tuple[str, ...]:
    """Return what rules have to say that rest on no number of ours, whatever the verdict comes to; each once.

    Heard are those that read what the deal itself holds, and compare it with nothing that a policy chose, not even with
    nothing at all.
    """
    rules = (f.rule for f in evaluation.ruling.firings if f.rule.decides and f.rule.id not in seeker.silent)
    said = (rule.say for rule in rules if rule.say and "{" not in rule.say and _holds_nothing(seeker.policy, rule))
    return tuple(dict.fromkeys(said))


def _holds_nothing(policy: Policy, rule: Rule) -> bool:
    """Return whether a rule holds no number, and reads no answer of ours: that we walked, a conclusion, a pattern."""
    read = facts_of(rule.condition)
    if any(fact.startswith(("left.", "pattern.", CONCLUDED)) or derives_number(policy, fact) for fact in read):
        return False
    compared = (leaf for leaf in leaves(rule.condition) if isinstance(leaf, Compare))
    return not any(is_constant(side) for leaf in compared for side in (leaf.left, leaf.right))


def disclosed(
    policy: Policy,
    position: Position,
    spent: int,
    events: Sequence[str],
    stops: int,
    *,
    halted: bool,
) -> Disclosure:
    """Return what agents may see of a deal.

    Args:
        spent: Asks to its party in all its deals.
        events: The ids of the deal's events, in their order.
        stops: How often all offers were stopped, or went on.
    """
    a_round, in_all = policy.asks
    named = position.ours.stated | position.theirs.stated
    return Disclosure(
        party=position.party,
        left=max(0, min(a_round - position.round_asks, in_all - spent)),
        spent=spent,
        unsent=len(position.unsent),
        moves=len(events) - position.probes,
        stops=stops,
        halted=halted,
        open_points=tuple(name for name, bit in policy.bits.items() if bit & named),
        settled=_written(policy, position.agreed),
        ours_until=_instant(position.ours.until),
        theirs_until=_instant(position.theirs.until),
        ours_last=_is_ours_last(position, events),
    )


def _is_ours_last(position: Position, events: Sequence[str]) -> bool:
    ours, theirs = position.ours, position.theirs
    if ours.said_at is None or theirs.said_at is None or ours.said_at != theirs.said_at:
        return (ours.said_at or -1) > (theirs.said_at or -1)
    return events.index(ours.said_by) > events.index(theirs.said_by)


class _OnRecord(msgspec.Struct, frozen=True):
    """What an ask was about; nothing where its text was erased."""

    act: str = ""
    terms: Mapping[str, str] = {}


def _read(text: str) -> _OnRecord:
    try:
        return msgspec.json.decode(text, type=_OnRecord)
    except msgspec.DecodeError:
        return _OnRecord()


def _implied(seeker: Seeker, act: str, terms: Terms, earlier: Iterable[tuple[str, bool]]) -> bool | None:
    """Return the answer that follows from earlier ones, each with the text it was asked by; none where none does."""
    policy = seeker.policy
    for text, yes in earlier:
        known = _read(text)
        said = _values(policy, known.terms)
        if known.act != act or said is None or said.keys() != terms.keys():
            continue
        if act == "accept":
            if said == terms:
                return yes
        elif all(
            _is_no_worse(seeker, i, v, said[i]) if yes else _is_no_worse(seeker, i, said[i], v)
            for i, v in terms.items()
        ):
            return yes
    return None


def _is_no_worse(seeker: Seeker, issue: str, value: Value, than: Value) -> bool:
    """Return whether a value is the same, or better for us along an issue of which it is proved what that does."""
    if value == than:
        return True
    about, policy = seeker.policy.issues[issue], seeker.policy
    if policy.above is not None or policy.selector or not seeker.rules.proved[issue]:
        return False
    return isinstance(value, int) and isinstance(than, int) and (value - than) * about.better > 0


def _values(policy: Policy, terms: Mapping[str, str]) -> Terms | None:
    try:
        return {name: parse_value(text, policy.issues[name].unit) for name, text in terms.items()}
    except (KeyError, NotAValue):
        return None


def _written(policy: Policy, terms: Terms) -> dict[str, str]:
    return {i: format_value(terms[i], about.unit) for i, about in policy.issues.items() if i in terms}


def _instant(until: int | None) -> str:
    return "" if until is None else instant_text(until)
