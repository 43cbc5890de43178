"""Advise: what a verdict means for whoever asked, and what must happen before it changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from walkaway.deal.cover import Uncounted
from walkaway.deal.facts import Room
from walkaway.decide.authority import is_liftable
from walkaway.decide.core.program import Facts
from walkaway.decide.decision import Need, Obligation
from walkaway.decide.evidence import Stale
from walkaway.decide.remedy import GAP, Filler, Form, Remedies
from walkaway.decide.verdict import Ruling, Standing
from walkaway.decide.wording import RETURN, TERMS, Remedy, about, by_rest, by_terms, in_words, was_otherwise
from walkaway.events import BARGAINING, OURS, THEIRS, Door, On, Verdict
from walkaway.policy.labels import labelled
from walkaway.policy.model import Enforcement, Policy, Rule

_OURS = {
    Verdict.PROCEED: "Send it.",
    Verdict.TRADE: "Only with something in return.",
    Verdict.HOLD: "Not now: prepare, or wait for their move.",
    Verdict.ESCALATE: "It needs an approval first.",
    Verdict.REFUSE: "Outside policy at any price.",
}
_THEIRS = {
    Verdict.PROCEED: "We may accept it.",
    Verdict.TRADE: "Counter, and ask for more.",
    Verdict.HOLD: "Make no move yet.",
    Verdict.ESCALATE: "To accept it needs an approval first.",
    Verdict.REFUSE: "Decline it.",
}
_OTHER = {
    Verdict.PROCEED: "Nothing stands in the way.",
    Verdict.TRADE: "Concede only with something in return.",
    Verdict.HOLD: "Make no move yet.",
    Verdict.ESCALATE: "It needs an approval.",
    Verdict.REFUSE: "Outside policy at any price.",
}
_LEAVE = {
    Door.OPEN: "Leave, with thanks, the reason, and an invitation back.",
    Door.CLOSED: "Leave now, and for good: no counteroffer, no way back.",
}


_DECIDES = Standing.DECIDES
TERMS_SAID = "\1"
"""Stands for the terms judged in a sentence that is being written."""
_SENTENCES = 1_024
"""So many forms of a rule's sentence are kept at most."""


def advise(ruling: Ruling, on: On) -> str:
    """Return the sentence that goes with a verdict."""
    if ruling.door is not None:
        return _LEAVE[ruling.door]
    if ruling.verdict is Verdict.PROCEED and on is On.THEIR_ACCEPTANCE:
        return "It may stand: they agree to what we offered."
    sentences = _OURS if on in OURS else _THEIRS if on in THEIRS else _OTHER
    return sentences[ruling.verdict]


class Adviser:
    """Says what must happen before the verdict on one kind of event changes."""

    def __init__(self, policy: Policy, on: On) -> None:
        self.policy, self.on = policy, on
        self.asked: dict[tuple[int, bool], RuleAsk] = {}

    def obligations(
        self,
        ruling: Ruling,
        facts: Facts,
        room: Room | None,
        missing: tuple[str, ...],
        stale: Mapping[int, tuple[Stale, ...]],
        uncounted: Uncounted | None = None,
        *,
        whole: bool = True,
    ) -> tuple[Obligation, ...]:
        """Return what each deciding rule wants before the verdict changes, once each; a walk wants nothing.

        Where a rule refuses that nobody may lift, no approval is asked for: it would not help.

        Args:
            room: Of the terms on the table.
            missing: What the deal lacks, in words.
            stale: Of a rule, by identity: the approvals of these terms that were given when facts were others.
            uncounted: Why others do not count; none where no role may approve anything.
            whole: Whether these are all the rules that fired, in no other layer more.
        """
        found: list[Obligation] = []
        deciding = [firing.rule for firing in ruling.firings if firing.standing is _DECIDES]
        helps = all(r.effect.verdict is not Verdict.REFUSE or is_liftable(self.policy, r) for r in deciding)
        walks = any(r.effect.verdict is Verdict.WALK for r in deciding)
        counts = uncounted is None or uncounted.unknown or not uncounted.before
        for rule in deciding:
            asked = self.asked_by(rule, counts=counts)
            if asked.prepares:
                found.extend([Obligation(Need.PREPARE, rule.id, f"State {item}.") for item in missing])
            helpless = not helps and rule.effect.verdict is Verdict.ESCALATE
            if not asked.lifted or helpless or (walks and asked.reopens):
                continue
            obligation = asked.obligation(facts, room)
            if obligation is None:
                continue
            if old := stale.get(id(rule)):
                was = [f"`{a.approver}` approved when {' and '.join(was_otherwise(self.policy, a))}." for a in old]
                obligation = Obligation(obligation.kind, obligation.rule, " ".join((obligation.what, *was)))
            found.append(obligation)
        if whole and counts and (enough := self.enough(deciding)) is not None:
            found.append(enough)
        if uncounted is not None and deciding:
            found.extend(_unheard(uncounted, deciding, bool(self.policy.people)))
        return tuple(dict.fromkeys(found))

    def enough(self, deciding: Sequence[Rule]) -> Obligation | None:
        """Say whose approvals lift all that decides; nothing where none do, or where that is said already."""
        roles = self.enough_roles(deciding)
        if not roles:
            return None
        policy = self.policy
        rule = next(rule for rule in deciding if _whom(policy, rule)[0] == roles[0])
        if len(roles) > 1:
            each = " and ".join(f"by {_people(policy, role, roles.count(role))}" for role in dict.fromkeys(roles))
            return Obligation(
                Need.APPROVAL, rule.id, f"{len(roles)} people's approvals are enough: {each.rstrip(',')}."
            )
        named = [rule.id for rule in deciding if _is_named(rule)]
        what = f"One approval by {_people(policy, roles[0])} is enough"
        if named:
            names = " and ".join(f"`{name}`" for name in dict.fromkeys(named))
            what += f": it names {names} in `override`, with a reason and an end"
        return Obligation(Need.APPROVAL, rule.id, f"{what}.")

    def enough_roles(self, deciding: Sequence[Rule]) -> tuple[str, ...]:
        """Return the roles of people whose approvals lift all that decides, the highest first; what was approved aside.

        None where approvals do not, and where a rule alone says it.
        """
        if self.on not in BARGAINING or not deciding or (len(deciding) == 1 and not _is_named(deciding[0])):
            return ()
        asked = [_whom(self.policy, rule) for rule in deciding]
        most = max(count for _, count in asked)
        if not all(role for role, _ in asked) or (most > 1 and any(map(_is_named, deciding))):
            return ()
        above = self.policy.roles.index
        return tuple([max((role for role, count in asked if count > place), key=above) for place in range(most)])

    def read_by(self, rule: Rule) -> frozenset[str]:
        """Return the facts that what a rule asks for rests on, beside terms and the limits that are counted."""
        asked = self.asked_by(rule)
        return asked.remedies.read if asked.lifted else frozenset()

    def asked_by(self, rule: Rule, *, counts: bool = True) -> "RuleAsk":
        """Return what a rule asks for, prepared when it is first asked.

        Args:
            counts: Whether an approval counts.
        """
        found = self.asked.get((id(rule), counts))
        if found is None:
            found = self.asked[id(rule), counts] = RuleAsk(self.policy, rule, self.on, counts=counts)
        return found


def _is_named(rule: Rule) -> bool:
    """Return whether an approval that lifts a rule names it."""
    return not rule.effect.to and rule.enforcement is Enforcement.OVERRIDABLE


def _whom(policy: Policy, rule: Rule) -> tuple[str, int]:
    """Return the lowest role whose approvals lift a rule, and of how many people; no role where none help."""
    if rule.effect.to:
        return rule.effect.to, rule.effect.count
    if rule.enforcement is Enforcement.OVERRIDABLE:
        return rule.by, 1
    if rule.built_in and policy.roles:
        return {"short-of-want": policy.roles[0], "unvalued": policy.roles[-1]}.get(rule.id, ""), 1
    return "", 1


def _people(policy: Policy, role: str, count: int = 1) -> str:
    """Name so many people of a role, or of one above."""
    whom = f"`{labelled(policy.labels_in(), 'roles', role)}`{'' if role == policy.roles[-1] else ', or a role above,'}"
    return whom if count == 1 else f"{count} people of {whom}"


def _unheard(uncounted: Uncounted, deciding: Sequence[Rule], declared: bool) -> Iterator[Obligation]:
    """Say why no approval counts, or that of whom does not."""
    asking = next((rule for rule in deciding if rule.effect.to), None)
    rule = asking or deciding[0]
    if uncounted.unknown:
        who = f"`{uncounted.said}` is nobody whom `people:` names" if uncounted.said else "nobody says who asks"
        state = "State an `actor` of `people:`" if declared else "State `actor`"
        yield Obligation(Need.PREPARE, rule.id, f"{state}: {who}, so no approval counts.")
    elif uncounted.before and asking is not None:
        what = "No approval counts: somebody not known said terms before that were not let through"
        yield Obligation(Need.PREPARE, rule.id, f"{what}. Have terms let through that are no better for us.")
    elif asking is not None:
        for approver in uncounted.movers:
            what = f"Have somebody else approve: `{approver}` did, and is among those who moved these terms."
            yield Obligation(Need.APPROVAL, rule.id, what)


class RuleAsk:
    """What one rule asks for on one kind of event, in sentences with gaps for the values of a decision.

    Attributes:
        prepares: It asks to state what is missing.
        lifted: It asks for what would lift it.
        reopens: It is that we have left: a door is opened, no terms are changed.
    """

    def __init__(self, policy: Policy, rule: Rule, on: On, *, counts: bool) -> None:
        self.rule, self.on = rule, on
        self.role = labelled(policy.labels_in(), "roles", rule.effect.to)
        self.is_highest = rule.effect.to in policy.roles[-1:]
        verdict = rule.effect.verdict
        self.own = "" if verdict is Verdict.ESCALATE else _own_words(policy, rule, on)
        self.prepares = rule.built_in and rule.id == "unprepared"
        self.lifted = verdict in _KINDS and not (self.prepares and verdict is Verdict.HOLD)
        self.kind, self.write = _KINDS.get(verdict, _KINDS[Verdict.HOLD])
        if verdict is Verdict.ESCALATE and not counts:
            self.kind, self.write = _KINDS[Verdict.REFUSE]
        self.reopens = rule.built_in and rule.id == "left"
        self.reopening = f"Have the door opened again: a `reopen` that {_top(policy)} approves." if policy.roles else ""
        self.remedies = Remedies(policy, on, rule.condition)
        self.sentences: dict[Form, tuple[str, tuple[Filler, ...]]] = {}

    def obligation(self, facts: Facts, room: Room | None) -> Obligation | None:
        """Return the obligation in one decision in which the rule fired; none where it asks for nothing."""
        form = self.remedies.form(facts, room)
        template, gaps = self.sentences.get(form) or self.sentence(form)
        if not template:
            return None
        values = [write(facts[fact]) if fact else write(facts) for fact, write in gaps]
        return Obligation(self.kind, self.rule.id, template % tuple(values))

    def sentence(self, form: Form) -> tuple[str, tuple[Filler, ...]]:
        """Write the sentence for a form, as a template, and what fills its gaps."""
        remedies = self.remedies
        way = () if self.rule.made_of else remedies.find(form)  # past a row, or a mandate, lies another one
        words = self.own or self.write(way, self)
        if TERMS_SAID in words:
            words = words.replace(TERMS_SAID, f"{GAP}{remedies.terms()}{GAP}")
        words, *rest = words.replace("%", "%%").split(GAP)
        found = words + "".join(f"%s{text}" for text in rest[1::2]), tuple(remedies.fillers[int(i)] for i in rest[::2])
        if len(self.sentences) >= _SENTENCES:
            self.sentences.clear()
        self.sentences[form] = found
        return found


def _own_words(policy: Policy, rule: Rule, on: On) -> str:
    """Say what lifts a built-in rule, where that is something else than what its condition reads; else nothing."""
    if rule.id == "unvalued" and rule.built_in:
        begin = "Have them take" if on in THEIRS else "Take"
        approved = f", or have {_top(policy)} approve terms that name it" if policy.roles else ""
        return f"{begin} back what nobody declared, as `null`, or declare it in the policy{approved}."
    return _BUILT_IN.get(rule.id, "") if rule.built_in else ""


def _top(policy: Policy) -> str:
    return f"`{labelled(policy.labels_in(), 'roles', policy.roles[-1])}`"


_BUILT_IN = {
    "far-ahead": "Correct its `at`, or send it again with an id of its own and `confirmed: yes`.",
    "no-agreement": "Agree first: one side says the terms, and the other accepts them.",
    "outside-tightened-limit": "Withdraw our standing offer.",
    "party-has-a-deal": "Go on in that deal, or open this one with `follows` and its id.",
    "signed-otherwise": "Sign what was agreed, or agree first to what is signed.",
    "unweighed": "Have them name smaller amounts: from what was let through to these lie more than 2^53 minor units.",
}
"""What to do about a built-in rule, where its condition does not say it."""


def _approval(way: Remedy, asked: RuleAsk) -> str:
    on, count = asked.on, asked.rule.effect.count
    of = f"`{asked.role}`{'' if asked.is_highest else ', or a role above,'}"
    whom = of if count == 1 else f"{count} people of {of}"
    what = "these terms" if on in OURS and on is not On.OUR_ACCEPTANCE else TERMS_SAID
    if on not in BARGAINING:
        what = "this"
    have = f"Have {whom} approve {what}"
    way = by_terms(way) if on in BARGAINING else ()
    return (
        f"{have}, or {'change them' if on is On.OUR_OFFER else 'counter'} until {in_words(way)}." if way else f"{have}."
    )


def _ask(way: Remedy, asked: RuleAsk) -> str:
    on = asked.on
    if way:
        return _until(way, on, "Counter, and do not agree" if on in THEIRS else "Wait")
    ask = "Counter, and ask for more" if on in THEIRS else "Ask for something in return"
    return f"{ask}; no other terms lift this rule."


def _wait(way: Remedy, asked: RuleAsk) -> str:
    return _until(way, asked.on, "Hold") if way else "Make no move; nothing we do now lifts this rule."


def _come_back(way: Remedy, asked: RuleAsk) -> str:
    """Name the number to come back to; nothing where no other terms lift the rule."""
    on = asked.on
    if asked.reopens:
        return f"Wait until {in_words(way)}." if way else asked.reopening
    way = by_terms(way) if on in BARGAINING else ()
    return f"{'Come back to where' if on is On.OUR_OFFER else 'Counter until'} {in_words(way)}." if way else ""


def _until(way: Remedy, on: On, wait: str) -> str:
    """Say what must become so: by other terms, and by what we can only wait for.

    Args:
        wait: What is done meanwhile where no terms help.
    """
    terms, rest = (by_terms(way), by_rest(way)) if on in BARGAINING else ((), way)
    if not terms:
        mixed = on in BARGAINING and about(rest) & TERMS
        return f"{_change(rest, on) if mixed else wait} until {in_words(rest)}."
    said = f"{_change(terms, on)} until {in_words(terms)}"
    return f"{said}, or {wait.lower()} until {in_words(rest)}." if rest else f"{said}."


def _change(way: Remedy, on: On) -> str:
    if on in THEIRS:
        return "Counter"
    if about(way) & RETURN:
        return "Ask for something in return"
    return "Change the offer" if on is On.OUR_OFFER else "Counter"


_KINDS: dict[Verdict | None, tuple[Need, Callable[[Remedy, RuleAsk], str]]] = {
    Verdict.TRADE: (Need.ASK, _ask),
    Verdict.HOLD: (Need.WAIT, _wait),
    Verdict.ESCALATE: (Need.APPROVAL, _approval),
    Verdict.REFUSE: (Need.ASK, _come_back),
}
"""For the verdicts that can be lifted: what sort of obligation they make, and the sentence for it."""
