"""What each property of `prove` says of one decided event, checked on the engine's answers alone.

The solver's formulas are not asked: each check looks at the answer, at the terms, or asks the engine about another
event in the same position. A check returns what contradicts the property, in words, or nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import islice

import msgspec
from tests.hunt.deals import better_values
from tests.hunt.limits import is_worse

from walkaway.deal.admission import Unfit
from walkaway.deal.position import Position
from walkaway.deal.valuation import OutOfRange
from walkaway.decide.core.program import Facts
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import (
    BARGAINING,
    LESSER,
    OPENING,
    OUR_TERMS,
    THEM,
    US,
    Accept,
    AnyEvent,
    Close,
    Door,
    Offer,
    On,
    Terms,
    Verdict,
)
from walkaway.language.expr.tree import ALWAYS, NEVER, Condition, Known, Leaf, evaluate, facts_of, truth, with_leaves
from walkaway.policy.model import Claim, Graded, Rule

SECOND = 1_000_000
Severity = tuple[Verdict, bool]


class Seen(msgspec.Struct, frozen=True, dict=True):
    """One decided event of a deal, with the engine that decided it.

    Attributes:
        before: The deal before it; none where it opens.
        past: The events before it.
    """

    engine: Engine
    found: Evaluation
    before: Position | None
    past: Sequence[AnyEvent]

    @property
    def event(self) -> AnyEvent:
        """Return the event."""
        return self.found.event

    @cached_property
    def facts(self) -> Facts:
        """Return every fact of the catalog as the event found it."""
        return self.engine.all_facts(self.found)

    @cached_property
    def told(self) -> Mapping[str, object]:
        """Return the facts with the answer, as claims of a policy's own read them."""
        door = self.found.ruling.door
        answer = {"verdict": self.found.ruling.verdict.value, "door": "none" if door is None else door.value}
        return {**self.facts, **answer, "event": self.on.value}

    @property
    def on(self) -> On:
        """Return what the event is called where properties are asked about it."""
        on = self.found.on
        return On.OPEN if on == OPENING else On.OUR_OFFER if isinstance(on, tuple) else on

    @property
    def proceeds(self) -> bool:
        """Return whether the answer is `proceed`."""
        return self.found.ruling.verdict is Verdict.PROCEED

    def ask(self, position: Position | None, event: AnyEvent, *more: AnyEvent) -> Evaluation | None:
        """Return what the engine says of another event; none where it does not fit.

        Args:
            more: What has happened since the deal's past.
        """
        try:
            return self.engine.evaluate(position, event, lambda: [*self.past, *more])
        except (Unfit, OutOfRange):
            return None


Check = Callable[[Seen], str | None]


def severity(found: Evaluation) -> Severity:
    """Return how severe an answer is."""
    return found.ruling.verdict, found.ruling.door is Door.CLOSED


def words(found: Evaluation) -> str:
    """Return an answer in words."""
    fired = ", ".join(f.rule.id for f in found.ruling.firings)
    return f"{found.ruling.verdict}{' (door closed)' * severity(found)[1]} [{fired}]"


def worth_of(seen: Seen, terms: Terms) -> int | None:
    """Return the worth of terms over the start terms, in units of the deal's valuation."""
    at = seen.found.at
    return None if at.valuation is None else at.valuation.difference(at.start, terms)


def terms_of(found: Evaluation) -> Terms | None:
    """Return the package that an event puts on the table."""
    move = found.ours or found.move
    return None if move is None else move.terms


def beyond_walk(seen: Seen) -> str | None:
    """Say which limit proceeding terms are beyond."""
    found, policy = seen.found, seen.engine.policy
    terms = terms_of(found)
    if not seen.proceeds or terms is None or found.at.valuation is None or found.on not in (*BARGAINING, LESSER):
        return None
    known, valuation = found.at.known, found.at.valuation
    packages = [terms] if found.move is None or not found.move.packages else list(found.move.packages)
    for terms in packages:
        for name, issue in policy.issues.items():
            walk = known.get(f"walk.{name}")
            if walk is not None and is_worse(issue, terms[name], walk, known):
                return f"`{name}` {terms[name]} is beyond its walk value {walk}, and proceeds"
        worth = Fraction(valuation.base + valuation.difference(found.at.start, terms), valuation.scale)
        for limit, past in ((known.get("walk.package"), False), (known.get("batna.worth"), True)):
            if isinstance(limit, int | Fraction) and (worth < limit or (past and worth == limit)):
                return f"a worth of {worth} proceeds, with a limit of {limit}"
    return None


def gift(seen: Seen) -> str | None:
    """Say what proceeding terms of ours give for nothing: V(O) < min(V(C), −T), with nothing to show for it."""
    found = seen.found
    if not seen.proceeds or found.ours is None or found.at.valuation is None or found.on not in (*OUR_TERMS, LESSER):
        return None
    if found.move is not None and found.move.packages:
        return None
    valuation, terms, cleared = found.at.valuation, found.ours.terms, found.at.cleared
    changes = [valuation.change(i, cleared[i], v) for i, v in terms.items()]
    give, asked = -sum(c for c in changes if c < 0), sum(c for c in changes if c > 0)
    facts = seen.facts
    get = facts["get.value"]
    if give > 0 and isinstance(get, int | Fraction) and get <= 0:
        return f"gives {Fraction(give, valuation.scale)}, asks {Fraction(asked, valuation.scale)}, gets {get}, proceeds"
    return None


def deception(seen: Seen) -> str | None:
    """Say where deception is confirmed and the door stays open."""
    count = seen.facts["signals.deception"]
    if isinstance(count, int) and count > 0 and not severity(seen.found)[1]:
        return f"deception was confirmed {count} times, and the answer is {words(seen.found)}"
    return None


def later(event: AnyEvent, number: int, wait: int = 0) -> AnyEvent:
    """Return the same event once more."""
    return msgspec.structs.replace(event, id=f"{event.id}-{number}", instant=event.instant + wait * SECOND)


def saying_it_again(seen: Seen) -> str | None:
    """Say where what was not let through is answered more mildly when it is said again, at once or after others."""
    found, event = seen.found, seen.event
    if not is_ours(seen) or seen.proceeds:
        return None
    again = seen.ask(found.after, later(event, 1), event)
    if again is not None and severity(again) < severity(found):
        return f"{words(found)}; said again {words(again)}"
    return None


def is_ours(seen: Seen) -> bool:
    """Return whether an event is terms of ours, in one package, in a deal that is open."""
    event = seen.event
    return isinstance(event, Offer | Accept) and event.by is US and not getattr(event, "packages", ())


def steps_to(seen: Seen) -> Iterator[Offer]:
    """Return offers of ours on the way from what is cleared to what is judged."""
    found, event = seen.found, seen.event
    terms = terms_of(found)
    assert terms is not None
    cleared = found.at.cleared
    moved = {i: v for i, v in terms.items() if cleared.get(i) != v and not seen.engine.policy.issues[i].is_shadow}
    if isinstance(event, Accept) and event.issues:  # a step on another issue would leave other terms
        moved = {i: v for i, v in moved.items() if i in event.issues}

    def offer(named: Terms, number: int) -> Offer:
        return Offer(id=f"step{number}", deal=event.deal, at=event.at, instant=event.instant, actor="ann", by=US,
                     terms=named)  # fmt: skip

    for place, (issue, value) in enumerate(moved.items()):
        yield offer({issue: value}, place)
    halves = {i: (cleared[i] + v) // 2 for i, v in moved.items() if seen.engine.policy.issues[i].unit.is_numeric}  # type: ignore[operator]
    if halves:
        yield offer(halves, 90)


def steps(seen: Seen) -> str | None:
    """Say where terms are answered more mildly after a step of ours that needed no approval."""
    found, event = seen.found, seen.event
    if not is_ours(seen) or seen.proceeds or found.before.approvals or found.at.valuation is None:
        return None
    for step in islice(steps_to(seen), 4):
        first = seen.ask(seen.before, step)
        if first is None or first.ruling.verdict is not Verdict.PROCEED:
            continue
        whole = event  # the same terms as at once, whatever the step has left
        if isinstance(event, Offer):
            judged = terms_of(found)
            assert judged is not None
            whole = msgspec.structs.replace(event, terms={**{i: judged[i] for i in step.terms}, **event.terms})
        then = seen.ask(first.after, whole, step)
        if then is not None and severity(then) < severity(found):
            return f"{words(found)} at once; after {dict(step.terms)} {words(then)}"
    return None


def agreed(seen: Seen) -> str | None:
    """Say where offering what they offered is answered otherwise than accepting it, or leaves another position."""
    found, event = seen.found, seen.event
    if not isinstance(event, Accept) or event.by is not US or event.issues or event.of or event.package:
        return None
    before = seen.before
    if before is None or before.valuation is None or not before.theirs.stands or before.theirs.packages:
        return None
    terms = {i: v for i, v in before.theirs.standing.items() if not seen.engine.policy.issues[i].is_shadow}
    other = {n: None for n in before.ours.other if n not in before.theirs.other} | dict(before.theirs.other)
    head = {f: getattr(event, f) for f in ("id", "deal", "at", "instant", "actor")}
    said = seen.ask(before, Offer(**head, by=US, terms=terms, other=other))
    if said is None:
        return "accepting fits, and offering the same does not"
    if severity(said) != severity(found):
        return f"accepting is {words(found)}, offering the same is {words(said)}"
    if said.after != found.after:
        return "accepting and offering the same leave different positions"
    return None


def known_to(seen: Seen) -> Iterator[str]:
    """Return who may act for us: those declared, or else somebody who has done nothing before."""
    yield from dict.fromkeys(seen.engine.policy.people.values()) or ("zoe",)


def may_accept(seen: Seen) -> str | None:
    """Say where an offer of theirs proceeds and accepting it does not."""
    found, event = seen.found, seen.event
    if not isinstance(event, Offer) or event.by is not THEM or not seen.proceeds or found.at.valuation is None:
        return None
    if found.move is None or found.move.agrees:
        return None
    actor = next((n for n in known_to(seen) if n not in found.after.approved_by), None)
    if actor is None:
        return None
    for package in range(1, len(event.packages) + 1) if event.packages else (0,):
        head = {f: getattr(event, f) for f in ("deal", "at", "instant")}
        taken = seen.ask(found.after, Accept(**head, id="taken", by=US, actor=actor, package=package), event)
        if taken is None:
            return "their offer proceeds, and it cannot be accepted"
        if taken.ruling.verdict is not Verdict.PROCEED:
            return f"their offer proceeds, and accepting it is {words(taken)}"
    return None


def won(seen: Seen) -> str | None:
    """Say where a deal is won by what nobody agreed to, or was not let through and would not be now."""
    found, event = seen.found, seen.event
    if not isinstance(event, Close) or event.outcome != "won" or not seen.proceeds:
        return None
    agreement = found.at.agreement
    if agreement is None:
        return "won without an agreement"
    if event.terms is not None:
        signed = {i: event.terms.get(i, found.at.start.get(i)) for i in agreement.terms}
        if signed != dict(agreement.terms):
            return f"won as {signed}, agreed {dict(agreement.terms)}"
    elif agreement.ended:
        return f"won, and the agreement was {agreement.ended}"
    if agreement.cleared and not agreement.ended:
        return None
    now = found.accepting
    if now is None or now.ruling.verdict is not Verdict.PROCEED:
        return "won by terms that were not let through"
    return None


def own_approvals(seen: Seen) -> str | None:
    """Say where an approval counts that was given by somebody who moved the terms, or where nobody knows who did."""
    found, event = seen.found, seen.event
    if found.covering is None or found.move is None:
        return None
    names = {m.name for m in found.at.movers}
    if found.move.by is US or (found.ours is not None and isinstance(event, Offer | Accept) and event.by is US):
        names.add(event.actor.casefold().strip())
    counted = {a.name for a in found.covering.approvals}
    if "" in names and counted:
        return f"nobody knows who moved these terms, and approvals of {sorted(counted)} count"
    if both := names & counted:
        return f"{sorted(both)} moved these terms and approves them"
    return None


def better(seen: Seen) -> str | None:
    """Say which better terms do not proceed where some do."""
    found, event = seen.found, seen.event
    if not isinstance(event, Offer) or event.packages or not seen.proceeds or seen.before is None:
        return None
    if found.on not in (On.OUR_OFFER, On.THEIR_OFFER, LESSER) or found.at.valuation is None:
        return None
    policy, known = seen.engine.policy, found.at.known
    for name, value in event.terms.items():
        issue = policy.issues[name]
        worth = None
        if isinstance(issue.worth, Graded):
            worth = {v: w for v, n in issue.worth.worths.items() if (w := evaluate(n, known)) is not None}
            if len(worth) < len(issue.worth.worths):
                continue
        for more in islice(better_values(issue, value, worth), 3):  # type: ignore[arg-type]
            other = seen.ask(seen.before, msgspec.structs.replace(event, terms={**event.terms, name: more}))
            if other is None or other.on != found.on:
                continue
            if other.ruling.verdict is not Verdict.PROCEED:
                return f"`{name}` {value} proceeds, and {more}, better for us, is {words(other)}"
    return None


def rests_on_unknown(seen: Seen) -> str | None:
    """Say which rule would fire, or would not, if some unknown fact were known."""
    found = seen.found
    if found.at.missing:
        return None
    facts = seen.facts
    doubted = [(place, r) for place, r in enumerate(found.rules) if any(facts.get(f) is None for f in read_by(r))]
    for boldly in (ALWAYS, NEVER):
        for place, rule in doubted:
            taken = truth(with_leaves(rule.condition, lambda leaf: filled_in(leaf, facts, boldly)), facts)  # noqa: B023
            if taken is not (place in found.fired):
                return f"`{rule.id}` rests on an unknown fact"
    return None


def read_by(rule: Rule, known: dict[int, tuple[Rule, frozenset[str]]] = {}) -> frozenset[str]:  # noqa: B006
    """Return the facts that a rule reads, looked up once."""
    found = known.get(id(rule))
    if found is None or found[0] is not rule:
        if len(known) > 4_096:
            known.clear()
        found = known[id(rule)] = rule, frozenset(facts_of(rule.condition))
    return found[1]


def filled_in(leaf: Leaf, facts: Mapping[str, object], boldly: Condition) -> Condition:
    """Return a leaf, or what is taken for it where a fact it reads is unknown."""
    if isinstance(leaf, Known) or all(facts.get(f) is not None for f in facts_of(leaf)):
        return leaf
    return boldly


def own(claim: Claim) -> Check:
    """Return the check of a claim of the policy's own."""

    def check(seen: Seen) -> str | None:
        if seen.on not in claim.on:
            return None
        holds = truth(claim.condition, seen.told)
        if holds is not None and holds is not claim.always:
            return f"`{claim.text}` is {holds} at {words(seen.found)}"
        return None

    return check


CHECKS: Mapping[str, Check] = {
    "nothing-beyond-walk": beyond_walk,
    "no-gift": gift,
    "deception-closes": deception,
    "saying-it-again": saying_it_again,
    "steps-buy-nothing": steps,
    "agreed-is-agreed": agreed,
    "may-accept-means-may-accept": may_accept,
    "won-only-when-cleared": won,
    "nobody-approves-themselves": own_approvals,
    "better-is-no-worse": better,
    "every-event-answered": rests_on_unknown,
}
"""The properties of one event. Two deals at a time are looked at in `sizes` and `layers`."""
