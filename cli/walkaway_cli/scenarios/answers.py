"""Compare a decision with what a scenario expects. Each function raises `Missed` with what is there instead."""

from collections.abc import Mapping
from operator import eq, ge, gt, le, lt, ne

from walkaway import DeadLetter
from walkaway.decide import Reason
from walkaway.language import Exact, facts_of, format_value, nearest
from walkaway_cli.scenarios.negotiation import Negotiation
from walkaway_cli.scenarios.problems import Missed, Misunderstood
from walkaway_cli.scenarios.wording import spelled

_COMPARISONS = {"": eq, "not": ne, "at least": ge, "at most": le, "more than": gt, "less than": lt}
_KINDS = {"ask": "ask", "wait": "wait", "prepare": "prepare", "get an approval": "approval"}
_STANDINGS = {
    "decides": "decides",
    "is met by an approval": "approved",
    "is lifted": "waived",
    "only advises": "advises",
    "is only tried out": "shadow",
}


def verdict(deal: Negotiation, expected: str, *, wanted: bool) -> None:
    """Compare the verdict."""
    found = deal.decided().verdict
    if (found == expected) is not wanted:
        raise Missed(f"the verdict is {found}, not {expected}" if wanted else f"the verdict is {found}")


def door(deal: Negotiation, expected: str) -> None:
    """Compare the door; only a walk has one."""
    found = deal.decided().door
    if found != expected:
        raise Missed(f"the door is {found}, not {expected}" if found else f"there is no door: {deal.decided().verdict}")


def _rule(deal: Negotiation, rule: str) -> tuple[str, list[Reason]]:
    """Return a rule's id, and its reasons if it fired: more than one where a built-in rule has parts."""
    known = {r.id for r in deal.policy.rules}
    if rule not in known:
        raise Misunderstood(f"`{rule}` is no rule of policy `{deal.policy.name}`. {nearest(rule, known)}")
    return rule, [r for r in deal.decided().reasons if r.rule == rule]


def fires(deal: Negotiation, rule: str, *, wanted: bool = True) -> None:
    """Check that a rule fired, whatever became of it; or that it did not."""
    rule, reasons = _rule(deal, rule)
    if wanted and not reasons:
        raise Missed(f"rule `{rule}` does not fire{_why_not(deal, rule)}")
    if reasons and not wanted:
        raise Missed(f"rule `{rule}` fires")


def _why_not(deal: Negotiation, rule: str) -> str:
    """Say what a silent rule listens to, or what it saw."""
    parts = [r for r in deal.policy.rules if r.id == rule]
    heard = [r for r in parts if deal.decided().on in r.on]
    if not heard:
        listens = ", ".join(f"`{on}`" for on in sorted({on for r in parts for on in r.on}))
        return f": it listens to {listens}, and this is `{deal.decided().on}`"
    facts = deal.seen()
    read = sorted({name for r in heard for name in facts_of(r.condition) if name in deal.policy.catalog})
    return ": it saw " + ", ".join(f"{name} {deal.shown(name, facts.get(name))}" for name in read)


def only_fires(deal: Negotiation, rule: str) -> None:
    """Check that one rule fired, and no other."""
    fires(deal, rule)
    others = sorted({r.rule for r in deal.decided().reasons} - {rule})
    if others:
        raise Missed(f"besides `{rule}` there fires `{'`, `'.join(others)}`")


def nothing_fires(deal: Negotiation) -> None:
    """Check that no rule fired."""
    fired = sorted({r.rule for r in deal.decided().reasons})
    if fired:
        raise Missed(f"there fires `{'`, `'.join(fired)}`")


def stands(deal: Negotiation, rule: str, standing: str) -> None:
    """Check what became of a fired rule."""
    fires(deal, rule)
    found = {r.standing for r in deal.decided().reasons if r.rule == rule}
    if _STANDINGS[standing] not in found:
        words = {code: words for words, code in _STANDINGS.items()}
        raise Missed(f"rule `{rule}` {' and '.join(words.get(f, f) for f in sorted(found, key=str))}")


def answers(deal: Negotiation, rule: str, verdict: str) -> None:
    """Check that a rule fired, and compare its own verdict; a built-in one may have parts with several."""
    fires(deal, rule)
    effects = {r.effect for r in deal.decided().reasons if r.rule == rule}
    if verdict not in effects:
        raise Missed(f"rule `{rule}` answers {' and '.join(sorted(effects))}, not {verdict}")


def concludes(deal: Negotiation, rule: str, name: str) -> None:
    """Check that a rule fired and concludes a name."""
    fires(deal, rule)
    effects = {r.effect for r in deal.decided().reasons if r.rule == rule}
    if f"concludes {spelled(name)}" not in effects:
        raise Missed(f"rule `{rule}` {' and '.join(sorted(effects))}")


def obliged(deal: Negotiation, duty: str, text: str | None) -> None:
    """Check that there is an obligation of a kind, whose sentence holds *text*."""
    found = [o for o in deal.decided().obligations if o.kind == _KINDS[duty]]
    if not found:
        kinds = ", ".join(sorted({o.kind.value for o in deal.decided().obligations}))
        raise Missed(f"there is no obligation to {duty}{f', only: {kinds}' if kinds else ''}")
    if text is not None and not any(_plain(text) in _plain(o.what) for o in found):
        raise Missed(f"to {duty} is for: {' / '.join(o.what for o in found)}")


def not_obliged(deal: Negotiation) -> None:
    """Check that nothing has to happen first."""
    if deal.decided().obligations:
        raise Missed(f"to do first: {' / '.join(o.what for o in deal.decided().obligations)}")


def _plain(text: str) -> str:
    return text.replace("`", "").lower()


def advised(deal: Negotiation, text: str) -> None:
    """Compare the advice, word for word."""
    if deal.decided().advice != text:
        raise Missed(f"the advice is: {deal.decided().advice}")


def sayable(deal: Negotiation, text: str) -> None:
    """Check that a fired rule offers a sentence for the other side."""
    says = [r.say for r in deal.decided().reasons if r.say]
    if text not in says:
        raise Missed(f"we may say: {' / '.join(says)}" if says else "there is nothing to say to the other side")


def proposed(deal: Negotiation, expected: Mapping[str, str]) -> None:
    """Check that a counteroffer has exactly these terms."""
    units = {name: issue.unit for name, issue in deal.policy.issues.items()}
    unknown = sorted(set(expected) - set(units))
    if unknown:
        raise Misunderstood(f"`{unknown[0]}` is no issue of this policy. {nearest(unknown[0], units)}")
    wanted = {name: format_value(deal.value(value, units[name]), units[name]) for name, value in expected.items()}
    found = [dict(offer.terms) for offer in deal.counteroffers() if not offer.when]
    if wanted not in found:
        shown = [", ".join(f"{name} {value}" for name, value in terms.items()) for terms in found]
        raise Missed(f"the counteroffers are: {' / '.join(shown)}" if shown else "there is no counteroffer")


def nothing_proposed(deal: Negotiation) -> None:
    """Check that there is no counteroffer."""
    found = deal.counteroffers()
    if found:
        raise Missed(f"a counteroffer is: {', '.join(f'{n} {v}' for n, v in found[0].terms.items())}")


def room(deal: Negotiation, issue: str, expected: str) -> None:
    """Compare the distance of an issue, or of the package, to its walk value."""
    issue = spelled(issue)
    unit = deal.unit(f"room.{issue}")
    found = deal.decided().room.get(issue)
    if found is None:
        raise Missed(f"`{issue}` has no walk value, or no worth yet, so there is no room")
    if found != format_value(deal.value(expected, unit), unit):
        raise Missed(f"the room of `{issue}` is {found}, not {expected}")


def fact(deal: Negotiation, name: str, how: str, expected: str, *, afterwards: bool = False) -> None:
    """Compare a fact with a value; `unknown` stands for not known."""
    facts = deal.seen_afterwards() if afterwards else deal.seen()
    unit = deal.unit(name)
    found = facts.get(name)
    if expected == "unknown" and not unit.choices:
        if (found is None) is (how == "not"):
            raise Missed(_saw(deal, name, facts))
        return
    value = deal.value(expected, unit)
    if how not in ("", "not") and not unit.is_numeric:
        raise Misunderstood(f"`{name}` is {unit}: it is a value or is not, and never {how} one")
    if found is None or not _COMPARISONS[how](found, value):
        wanted = "" if how == "not" else f", not {how} {format_value(value, unit)}".replace("  ", " ")
        raise Missed(_saw(deal, name, facts) + wanted)


def _saw(deal: Negotiation, name: str, facts: Mapping[str, Exact | None]) -> str:
    return f"{name} is {deal.shown(name, facts.get(name))}"


def facts_are(deal: Negotiation, expected: Mapping[str, str], *, afterwards: bool = False) -> None:
    """Compare many facts, and report all that differ at once."""
    wrong = []
    for name, value in expected.items():
        try:
            fact(deal, name, "", value, afterwards=afterwards)
        except Missed as problem:
            wrong.append(str(problem))
    if wrong:
        raise Missed("\n".join(wrong))


def dead_letter(deal: Negotiation, code: str) -> None:
    """Check that the last event gave no decision, for a reason with *code*."""
    deal.unclaimed = False
    if not isinstance(deal.answer, DeadLetter):
        raise Missed("the last event gave a decision")
    codes = [f.code.value for f in deal.answer.findings]
    if code.upper() not in codes:
        raise Missed(f"its reason is {', '.join(codes)}, not {code}")


def same_answer(deal: Negotiation) -> None:
    """Check that the last answer is the one before it, word for word."""
    if deal.decided() != deal.earlier:
        raise Missed("the answer is another than the one before")
