"""Advise: what a verdict means for whoever asked, and what must happen before it changes."""

from walkaway.decision import Leaf, Obligation, Reason
from walkaway.events import OURS, THEIRS, Door, On, Verdict
from walkaway.verdict import Ruling, Standing

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


def advise(ruling: Ruling, on: On) -> str:
    """Give the sentence that goes with a verdict."""
    if ruling.door is not None:
        return _LEAVE[ruling.door]
    sentences = _OURS if on in OURS else _THEIRS if on in THEIRS else _OTHER
    return sentences[ruling.verdict]


def obligations(ruling: Ruling, reasons: tuple[Reason, ...], missing: tuple[str, ...]) -> tuple[Obligation, ...]:
    """Give what each deciding rule wants before the verdict changes; a refusal and a walk want nothing."""
    found: list[Obligation] = []
    for firing, reason in zip(ruling.firings, reasons, strict=True):
        if firing.standing is not Standing.DECIDES:
            continue
        rule = firing.rule
        if rule.id == "unprepared" and rule.built_in:
            found.extend(Obligation("prepare", rule.id, f"State {item}.") for item in missing)
        match rule.effect.verdict:
            case Verdict.ESCALATE:
                found.append(Obligation("approval", rule.id, f"An approval of these terms by `{rule.effect.to}`."))
            case Verdict.TRADE:
                found.append(Obligation("ask", rule.id, _way_out("Ask for something in return", reason.leaves)))
            case Verdict.HOLD if not rule.built_in:
                found.append(Obligation("wait", rule.id, _way_out("Hold", reason.leaves)))
    return tuple(found)


def _way_out(what: str, leaves: tuple[Leaf, ...]) -> str:
    """Say what one of the leaves must become."""
    ways = [f"{_subject(leaf.text)} is {leaf.needed} (now {leaf.seen})" for leaf in leaves if leaf.holds]
    return f"{what}, until {' or '.join(ways)}." if ways else f"{what}."


def _subject(text: str) -> str:
    """Give the left side of a comparison, as written."""
    for sign in ("<=", ">=", "!=", "<", ">", "=", " between ", " in ", " beyond walk", " short of want"):
        if sign in text:
            return text.partition(sign)[0].strip()
    return text
