"""Advise: what a verdict means for whoever asked, and what must happen before it changes."""

from collections.abc import Callable

from walkaway.deal.facts import Room
from walkaway.decide.core.program import Facts
from walkaway.decide.decision import Need, Obligation
from walkaway.decide.remedy import GAP, Filler, Form, Remedies
from walkaway.decide.verdict import Ruling, Standing
from walkaway.decide.wording import RETURN, TERMS, Remedy, about, by_terms, in_words
from walkaway.events import BARGAINING, OURS, THEIRS, Door, On, Verdict
from walkaway.policy.model import Policy, Rule

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
        self.asked: dict[int, _Asked] = {}

    def obligations(
        self, ruling: Ruling, facts: Facts, room: Room | None, missing: tuple[str, ...]
    ) -> tuple[Obligation, ...]:
        """Return what each deciding rule wants before the verdict changes; a refusal and a walk want nothing.

        Args:
            room: Of the terms on the table.
            missing: What the deal lacks, in words.
        """
        found: list[Obligation] = []
        for firing in ruling.firings:
            if firing.standing is not _DECIDES:
                continue
            rule = firing.rule
            asked = self.asked.get(id(rule)) or self.prepare(rule)
            if asked.prepares:
                found.extend([Obligation(Need.PREPARE, rule.id, f"State {item}.") for item in missing])
            if asked.lifted:
                found.append(asked.obligation(facts, room))
        return tuple(found)

    def prepare(self, rule: Rule) -> "_Asked":
        """Prepare what a rule asks for."""
        found = self.asked[id(rule)] = _Asked(self.policy, rule, self.on)
        return found


class _Asked:
    """What one rule asks for on one kind of event, in sentences with gaps for the values of a decision.

    Attributes:
        prepares: It asks to state what is missing.
        lifted: It asks for what would lift it.
    """

    def __init__(self, policy: Policy, rule: Rule, on: On) -> None:
        self.rule, self.on, self.roles = rule, on, policy.roles
        verdict = rule.effect.verdict
        self.prepares = rule.built_in and rule.id == "unprepared"
        self.lifted = verdict in _KINDS and not (self.prepares and verdict is Verdict.HOLD)
        self.kind, self.write = _KINDS.get(verdict, _KINDS[Verdict.HOLD])
        self.remedies = Remedies(policy, on, rule.condition)
        self.form = self.remedies.form
        self.sentences: dict[Form, tuple[str, tuple[Filler, ...]]] = {}

    def obligation(self, facts: Facts, room: Room | None) -> Obligation:
        """Return the obligation in one decision in which the rule fired."""
        form = self.form(facts, room)
        template, gaps = self.sentences.get(form) or self.sentence(form)
        values = [write(facts[fact]) if fact else write(facts) for fact, write in gaps]
        return Obligation(self.kind, self.rule.id, template % tuple(values))

    def sentence(self, form: Form) -> tuple[str, tuple[Filler, ...]]:
        """Write the sentence for a form, as a template, and what fills its gaps."""
        remedies = self.remedies
        words, *rest = self.write(remedies.find(form), self.rule, self.on, self.roles).replace("%", "%%").split(GAP)
        found = words + "".join(f"%s{text}" for text in rest[1::2]), tuple(remedies.fillers[int(i)] for i in rest[::2])
        if len(self.sentences) >= _SENTENCES:
            self.sentences.clear()
        self.sentences[form] = found
        return found


def _approval(way: Remedy, rule: Rule, on: On, roles: tuple[str, ...]) -> str:
    role = rule.effect.to
    have = f"Have `{role}`{'' if roles[-1] == role else ', or a role above,'} approve these terms"
    way = by_terms(way) if on in BARGAINING else ()
    return f"{have}, or {'change them' if on in OURS else 'counter'} until {in_words(way)}." if way else f"{have}."


def _ask(way: Remedy, rule: Rule, on: On, roles: tuple[str, ...]) -> str:
    what = "Counter, and ask for more" if on in THEIRS else "Ask for something in return"
    if not way:
        return f"{what}; no other terms lift this rule."
    if on in THEIRS:
        what = "Counter" if about(way) & TERMS else "Counter, and do not agree"
    elif on in OURS and not about(way) & RETURN:
        what = "Change the offer" if about(way) & TERMS else "Wait"
    return f"{what} until {in_words(way)}."


def _wait(way: Remedy, rule: Rule, on: On, roles: tuple[str, ...]) -> str:
    return f"Hold until {in_words(way)}." if way else "Make no move; nothing we do now lifts this rule."


_KINDS: dict[Verdict | None, tuple[Need, Callable[[Remedy, Rule, On, tuple[str, ...]], str]]] = {
    Verdict.TRADE: (Need.ASK, _ask),
    Verdict.HOLD: (Need.WAIT, _wait),
    Verdict.ESCALATE: (Need.APPROVAL, _approval),
}
"""For the verdicts that can be lifted: what sort of obligation they make, and the sentence for it."""
