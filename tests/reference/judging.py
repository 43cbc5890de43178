"""Answer terms and events: which rules fire, what approvals lift, and what is left. calculus.md, sections 4 and 6."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction

from tests.reference.conditions import Value, holds
from tests.reference.deal import THEM, US, Approval, Deal
from tests.reference.policy import VERDICTS, Package

Heard = frozenset[str]

OUR_OFFER: Heard = frozenset({"our offer", "our terms", "any"})
OUR_ACCEPTANCE: Heard = frozenset({"our acceptance", "our terms", "any"})
THEIR_OFFER: Heard = frozenset({"their offer", "any"})
THEIR_ACCEPTANCE: Heard = frozenset({"their acceptance", "our terms", "any"})


@dataclass(frozen=True)
class Fired:
    """A rule that fired. It decides unless it only advises, or approvals lift it."""

    rule: str
    verdict: str
    to: str = ""
    door: str = ""
    decides: bool = True
    lifted: bool = False
    liftable: bool = False


@dataclass
class Answer:
    """The answer to one event.

    Attributes:
        accepting: For an offer of theirs, the answer that accepting it now would get.
        dead: Why the event is a dead letter; such an event is answered nothing and changes nothing.
    """

    verdict: str
    fired: list[Fired] = field(default_factory=list)
    facts: dict[str, Value] = field(default_factory=dict)
    kind: str = ""
    accepting: "Answer | None" = None
    dead: str = ""

    @property
    def rules(self) -> list[str]:
        return sorted({f.rule for f in self.fired})

    @property
    def door(self) -> str:
        doors = {f.door for f in self.fired if f.decides and not f.lifted and f.verdict == "walk"}
        return "" if self.verdict != "walk" else "closed" if "closed" in doors else "open"

    def with_(self, fired: Iterable[Fired]) -> "Answer":
        """Return this answer with more rules fired."""
        every = [*self.fired, *fired]
        return Answer(most_severe(every), every, self.facts, self.kind, self.accepting, self.dead)


def severity(verdict: str) -> int:
    return VERDICTS.index(verdict)


def most_severe(fired: Iterable[Fired]) -> str:
    """Return the verdict: of all rules that fired, decide and are not lifted, the most severe; order means nothing."""
    return max((f.verdict for f in fired if f.decides and not f.lifted), key=severity, default="proceed")


# --- Our terms, and theirs ------------------------------------------------------------------------------------------


def judge_ours(
    deal: Deal,
    at: Fraction,
    packages: list[Package],
    heard: Heard,
    actor: object = None,
    by: str = US,
    named: set[str] = frozenset(),
) -> Answer:
    """Answer terms as ours: our offer, our acceptance, or the acceptance of theirs that makes them so.

    Of several packages each is judged; the answer is the most severe, and the facts are those of the first.

    Args:
        actor: Who says them; none where they do, or where it is only asked whether we may accept.
    """
    movers = {name for name, _ in deal.movers}
    if by == US and actor is not NOBODY:
        movers.add(deal.policy.person(actor))
    answers = [_one(deal, at, package, heard, movers, by, named) for package in packages]
    worst = max(answers, key=lambda a: severity(a.verdict))
    return Answer(worst.verdict, [f for a in answers for f in a.fired], answers[0].facts, ", ".join(sorted(heard)))


NOBODY = object()
"""In place of an actor: nobody says these terms, so nobody joins the movers."""


def _one(
    deal: Deal, at: Fraction, package: Package, heard: Heard, movers: set[str], by: str, named: set[str]
) -> Answer:
    facts = deal.all_facts(at, by, package, named)
    if deal.valued:
        facts |= deal.ledger(package)
    return Answer("", _fire(deal, at, heard, facts, package, movers), facts).with_(())


def judge_theirs(deal: Deal, at: Fraction, package: Package, named: set[str], after: Deal, in_words: bool) -> Answer:
    """Answer an offer of theirs that is no agreement yet.

    Args:
        after: The deal with their offer counted: accepting it now is judged there, and so are words that take ours.
    """
    movers = {name for name, _ in deal.movers}
    if in_words:
        found = judge_ours(after, at, [package], THEIR_ACCEPTANCE, NOBODY, THEM)
    else:
        facts = deal.all_facts(at, THEM, package, named)
        found = Answer("", _fire(deal, at, THEIR_OFFER, facts, package, movers), facts, "their offer").with_(())
    after.legs.append(("their acceptance" if in_words else "their offer", package))
    accepting = judge_ours(after, at, [package], OUR_ACCEPTANCE, NOBODY)
    if accepting.verdict != "proceed":
        open_ = [f for f in accepting.fired if f.decides and not f.lifted]
        lifts = accepting.verdict == "escalate" and all(f.liftable for f in open_)
        found = found.with_([Fired("may-not-accept", "escalate" if lifts else "trade")])
    found.accepting = accepting
    return found


def judge_event(deal: Deal, at: Fraction, *heard: str, more: dict[str, Value] | None = None) -> Answer:
    """Answer an event without terms, by the rules that hear it."""
    facts = {**deal.all_facts(at), **(more or {})}
    movers = {name for name, _ in deal.movers}
    return Answer("", _fire(deal, at, frozenset({*heard, "any"}), facts, None, movers), facts, heard[0]).with_(())


def _fire(
    deal: Deal, at: Fraction, heard: Heard, facts: dict[str, Value], package: Package | None, movers: set[str]
) -> list[Fired]:
    """Return the rules that hear an event and whose condition holds."""
    policy = deal.policy
    facts |= {f"pattern.{name}": matches(deal, name, heard, package) for name in policy.patterns}
    covering = [a for a in deal.approvals if package and deal.valued and counts(deal, at, a, package, movers)]
    for rank, role in enumerate(policy.roles):
        facts[f"approved.{role}"] = any(policy.rank(a.role) >= rank for a in covering)
    found = []
    for rule in _concluded(deal, heard, facts):
        built_in = rule["id"] in BUILT_IN_WHEN and "when" not in rule and "unless" not in rule
        fires = BUILT_IN_WHEN[rule["id"]](deal, facts, package, covering) if built_in else condition(deal, rule, facts)
        if not fires:
            continue
        lifted = _lifted(deal, rule, package, covering)
        decides = rule.get("enforcement", "mandatory") in ("mandatory", "overridable")
        liftable = rule.get("enforcement") == "overridable" or rule["then"] == "escalate" or rule["id"] == "unvalued"
        to = rule.get("to", "")
        to = to["role"] if isinstance(to, dict) else to
        found.append(Fired(rule["id"], rule["then"], to, rule.get("door", "open"), decides, lifted, liftable))
    return found


def _concluded(deal: Deal, heard: Heard, facts: dict[str, Value]) -> list[dict]:
    """Return the rules that hear the event and give a verdict; conclusions are entered into *facts* first."""
    rules = [r for r in deal.policy.rules if hears(r, heard)]
    drawing = [r for r in rules if "conclude" in str(r["then"])]
    effects = {r["id"]: r["then"] for r in drawing}
    drawn = {i: t["conclude"] if isinstance(t, dict) else t.split(":")[1].strip() for i, t in effects.items()}
    facts |= {f"concluded.{name}": False for name in drawn.values()}
    for _ in drawing:
        for rule in drawing:
            if condition(deal, rule, facts):
                facts[f"concluded.{drawn[rule['id']]}"] = True
    return [r for r in rules if r not in drawing]


def hears(rule: dict, heard: Heard) -> bool:
    on = rule["on"] if isinstance(rule["on"], list) else [rule["on"]]
    return not heard.isdisjoint(on)


def condition(deal: Deal, rule: dict, facts: dict[str, Value]) -> bool:
    """Tell whether a rule's `when` holds and its `unless` does not. What is not known fires nothing."""
    policy = deal.policy
    when = holds(rule["when"], facts, policy.definitions, policy.cell) if "when" in rule else True
    unless = holds(rule["unless"], facts, policy.definitions, policy.cell) if "unless" in rule else False
    return when is True and unless is False


# The conditions of the built-in rules.
BUILT_IN_WHEN = {
    "beyond-walk": lambda deal, facts, package, covering: deal.valued and deal.beyond(package),
    "beyond-walk theirs": lambda deal, facts, package, covering: deal.valued and deal.beyond(package),
    "short-of-want": lambda deal, facts, package, covering: (
        deal.valued and facts["room.short_of_want"] >= 1 and not covering
    ),
    "unprepared": lambda deal, facts, package, covering: bool(deal.missing) or not deal.valued,
    "left": lambda deal, facts, package, covering: (
        facts["left.closed"] or facts["left.open"] or facts.get("party.left_closed") is True
    ),
    "unvalued": lambda deal, facts, package, covering: bool(deal.valued and deal.policy.other(package)),
    "less-than-they-offer": lambda deal, facts, package, covering: bool(
        deal.valued and deal.word and deal.word.standing and deal.W(package) < deal.W(deal.word.packages[0])
    ),
}  # fmt: skip


def matches(deal: Deal, name: str, heard: Heard, package: Package | None) -> Fraction:
    """Return how often a pattern's two legs have met, the event judged included."""
    pattern = deal.policy.patterns[name]
    (one, first), (two, second) = [(leg, on) for leg, on in pattern.items() if leg != "when"]
    legs = [*deal.legs, *((h, package) for h in heard if package and h not in ("any", "our terms"))]
    found = 0
    for later, (kind, now) in enumerate(legs):
        for then_kind, then in legs[:later]:
            if kind == second and then_kind == first:
                facts = {f"{one}.{i}": v for i, v in {**then, "worth": _worth(deal, then)}.items()}
                facts |= {f"{two}.{i}": v for i, v in {**now, "worth": _worth(deal, now)}.items()}
                found += holds(pattern["when"], facts, deal.policy.definitions, deal.policy.cell) is True
    return Fraction(found)


def _worth(deal: Deal, package: Package) -> Fraction:
    return deal.policy.base(deal.facts) + deal.W(package)


# --- Authority ------------------------------------------------------------------------------------------------------


def in_force(deal: Deal, at: Fraction, approval: Approval) -> bool:
    return not approval.revoked and bool(approval.approver) and (approval.until is None or at <= approval.until)


def counts(deal: Deal, at: Fraction, approval: Approval, package: Package, movers: set[str]) -> bool:
    """Tell whether an approval covers terms, whoever made them move: no mover approves, and nobody for nobody known."""
    if approval.terms is None or not in_force(deal, at, approval) or approval.approver in movers or "" in movers:
        return False
    covers = {**deal.start, **{i: v for i, v in approval.terms.items() if i in deal.policy.issues}}
    return deal.policy.no_worse(package, covers, deal.facts)


def _lifted(deal: Deal, rule: dict, package: Package | None, covering: list[Approval]) -> bool:
    """Tell whether approvals that cover the terms lift a rule: as many different people as it asks for."""
    policy = deal.policy
    if rule["id"] == "unvalued":
        other = policy.other(package)
        top = [a for a in covering if policy.roles and a.role == policy.roles[-1]]
        return any(other.items() <= a.terms.items() for a in top)
    people = set()
    to = rule.get("to", "")
    role, count = (to["role"], int(to.get("count", 1))) if isinstance(to, dict) else (to, 1)
    for approval in covering:
        named = rule["id"] in (*approval.waives, *(approval.rules or ()))
        approves = bool(role) and policy.rank(approval.role) >= policy.rank(role) and (named or approval.rules is None)
        by = rule.get("by") if rule.get("enforcement") == "overridable" else None
        waives = named and by is not None and policy.rank(approval.role) >= policy.rank(by)
        if (approves or waives) and unchanged(deal, rule, approval):
            if waives and not approves:
                return True
            people.add(approval.approver)
    return len(people) >= count


def unchanged(deal: Deal, rule: dict, approval: Approval) -> bool:
    """Tell whether the facts, limits and alternatives that a rule reads are what they were when it was approved."""
    now = snapshot(deal)
    return all(now.get(name) == approval.then.get(name) for name in deal.policy.reads(rule))


def snapshot(deal: Deal) -> dict[str, Value]:
    return deal.policy.known(deal.facts) | deal.limits


def allowed(deal: Deal, at: Fraction, event: str, maker: object) -> bool:
    """Tell whether somebody of the highest role, who is not its maker, approves a void, a limit, a reopening."""
    policy = deal.policy
    return bool(policy.person(maker)) and any(
        a.of == event and in_force(deal, at, a) and a.role == policy.roles[-1] and a.approver != policy.person(maker)
        for a in deal.approvals
    )


def release(deal: Deal, packages: list[Package]) -> None:
    """Take those off the list of movers who said nothing better for us than what was now cleared."""
    deal.movers = [
        (name, said)
        for name, said in deal.movers
        if not any(
            deal.policy.no_worse(said, cleared, deal.facts) and deal.policy.other(said) == deal.policy.other(cleared)
            for cleared in packages
        )
    ]


def copy_of(deal: Deal) -> Deal:
    """Return a deal that can be changed without changing this one; the policy stays the same."""
    return deepcopy(deal, {id(deal.policy): deal.policy})
