# Over 400 lines: each thing that can happen in a deal has its function, and they are read side by side.
"""What else can happen in a deal: it opens, facts and limits change, something is taken back. calculus.md, 4 to 6."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tests.reference import calculus
from tests.reference.conditions import Value, names, seconds, value
from tests.reference.deal import THEM, US, Approval, Deal, Folding, whole
from tests.reference.judging import (
    NOBODY,
    OUR_ACCEPTANCE,
    OUR_OFFER,
    THEIR_ACCEPTANCE,
    Answer,
    Fired,
    allowed,
    copy_of,
    judge_event,
    judge_ours,
    severity,
    snapshot,
)
from tests.reference.policy import BUILT_IN, folded

if TYPE_CHECKING:
    from tests.reference.calculus import World


def built_in(rule: str, verdict: str) -> Fired:
    """Return a built-in rule that fired."""
    return Fired(rule, verdict)


def by_highest(deal: Deal, rule: str) -> Fired:
    """Return what asks for the highest role; where there are no roles, nobody can allow it."""
    roles = deal.policy.roles
    return Fired(rule, "escalate", roles[-1]) if roles else Fired(rule, "refuse")


# --- Opening, and the other side across deals -----------------------------------------------------------------------


def open_(world: World, event: dict) -> Answer:
    """Answer an opening. Terms in it are our first offer, made at that instant."""
    at = seconds(event["at"])
    deal = Deal(world.policy, event["deal"], at, at, folded(event.get("party")), folding=world.folding)
    deal.facts = {n: value(v) for n, v in event.get("facts", {}).items()}
    deal.stated = dict.fromkeys(deal.facts, (at, event.get("actor")))
    if world.folding and world.folding.facts is not None:
        deal.facts = dict(world.folding.facts)
    state(deal, event, at)
    deal.limits, deal.missing = limits(deal, at)
    deal.held = dict(deal.alternatives)
    deal.party_facts = party(world, deal, event["id"])
    if deal.valued:
        deal.cleared = deal.run_from = deal.start
    earlier = world.deals.get(event.get("follows"))
    if earlier:
        agreed = earlier.agreement if earlier.outcome == "won" else None
        said = earlier.said.packages[0] if earlier.said else earlier.start
        deal.earlier = dict(agreed.terms if agreed else said)
        if earlier.outcome not in ("won", "lost"):
            deal.last, deal.base, deal.before = dict(earlier.last), dict(earlier.base), dict(earlier.last)
            deal.counts[THEM] = earlier.counts[THEM].copy()
    world.deals[event["deal"]] = deal
    held = not earlier and any(deal.party_facts.get(n) for n in ("party.open_deals", "party.walked"))
    answer = judge_event(deal, at, "open").with_([built_in("party-has-a-deal", "hold")] if held else [])
    if event.get("terms"):
        offer = {**event, "by": US}
        packages = calculus.resolved(deal, None, offer) if deal.valued else [{}]
        if deal.valued:
            said = calculus.our_offer(deal, offer, at, packages, answer.fired)
        else:
            said = judge_ours(deal, at, packages, OUR_OFFER, NOBODY)
        answer = Answer("", [*said.fired, *(f for f in answer.fired if f not in said.fired)], said.facts, "open")
        answer = answer.with_(())
    deal.parties = {event["id"]: deal.party_facts}
    deal.history, deal.verdicts = [event], {event["id"]: answer.verdict}
    return answer


def party(world: World, deal: Deal, event: str) -> dict[str, Value]:
    """Return what is known of the other side from its other deals; of an event of the past, what was known then."""
    if not deal.party:
        return {}
    if world.folding and event in world.folding.parties:
        return world.folding.parties[event]
    deals = [d for d in world.deals.values() if d.party == deal.party and d.id != deal.id]
    return {
        "party.deals": Fraction(len(deals)),
        "party.open_deals": Fraction(sum(not d.outcome for d in deals)),
        "party.won": Fraction(sum(d.outcome == "won" for d in deals)),
        "party.walked": Fraction(sum(d.outcome == "walked" or bool(d.left) for d in deals)),
        "party.left_closed": any(d.left == "closed" for d in deals),
    }


def reopen(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Answer the wish to deal again with a party for which the door is closed."""
    answer = judge_event(deal, at, "reopen")
    deal.pending[event["id"]] = {"reopen": True, "actor": event.get("actor")}
    return answer if settle(world, deal, at, event["id"]) else answer.with_([by_highest(deal, "reopening")])


# --- Facts and limits -----------------------------------------------------------------------------------------------


def state(deal: Deal, event: dict, at: Fraction) -> None:
    """Take in the limits and alternatives that an opening or an update brings."""
    for name, said in event.get("limits", {}).items():
        deal.given.setdefault(name, {}).update({t: value(v) for t, v in said.items()})
    for said in event.get("alternatives", []):
        deal.alternatives.pop(said["name"], None)
        if said.get("worth") is not None:
            until = seconds(said["until"]) if said.get("until") else None
            deal.alternatives[said["name"]] = {"worth": value(said["worth"]), "until": until}
    if event.get("batna") is not None:
        deal.alternatives["batna"] = {"worth": value(event["batna"]), "until": None}


def limits(deal: Deal, at: Fraction) -> tuple[dict[str, Value], list[str]]:
    """Return the limits as stated, the best alternative among them, and what the deal still lacks."""
    if not deal.valued:
        return {}, deal.policy.missing(deal.facts)
    found, missing = deal.policy.limits(deal.facts, deal.given)
    best = deal.best(deal.alternatives, at)
    return found if best is None else {**found, "batna.worth": best}, [*deal.policy.missing(deal.facts), *missing]


def alternatives(deal: Deal, at: Fraction) -> None:
    """Let alternatives end at their time: that they would was said with them, so it loosens nothing."""
    best = deal.best(deal.held, at)
    deal.limits = {n: v for n, v in {**deal.limits, "batna.worth": best}.items() if v is not None}


def looser(deal: Deal, name: str, old: Value, new: Value) -> bool:
    """Tell whether a limit would bind us less than the one that is held."""
    issue = "batna" if name == "batna.worth" else name.partition(".")[2]
    return old is not None and (new is None or deal.policy.tighter(issue, old, new, deal.facts))


def looser_than_policy(deal: Deal, name: str, at: Value) -> bool:
    """Tell whether a walk value of the deal would bind us less than the policy's own."""
    own = deal.policy.limits(deal.facts, {})[0].get(f"walk.{name}")
    return own is not None and deal.policy.tighter(name, own, at, deal.facts)


def update(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Answer news of facts, limits or alternatives. A limit is held until somebody allows it to loosen."""
    was, facts = deal.valued, {n: value(v) for n, v in event.get("facts", {}).items()}
    if deal.valued and any(
        "walk" in said and looser_than_policy(deal, name, value(said["walk"]))
        for name, said in event.get("limits", {}).items()
    ):
        return Answer("proceed", dead="looser than the policy's")
    fixed = deal.folding is not None and deal.folding.facts is not None
    changed = not fixed and any(deal.facts.get(n) != v for n, v in facts.items())
    deal.stated |= dict.fromkeys(facts, (at, event.get("actor")))
    if changed:
        deal.facts = {**deal.facts, **facts}
    state(deal, event, at)
    answer = judge_event(deal, at, "update")
    if not deal.valued:
        deal.missing = deal.policy.missing(deal.facts)
        return answer
    if not was:  # offers that waited for worths are folded now; nothing of ours was let through
        fresh = refold(world, deal, facts=deal.facts, may_clear=set())
        adopt(deal, fresh)
    stated, deal.missing = limits(deal, at)
    limited = sorted({*stated, *deal.limits})
    waits = [wait["limits"] for wait in deal.pending.values() if "limits" in wait]
    asked = {n for n in limited if looser(deal, n, deal.limits.get(n), stated.get(n))}
    loosened = {n: stated.get(n) for n in asked if not any(n in w and w[n] == stated.get(n) for w in waits)}
    tightened = {n: v for n, v in stated.items() if n not in asked and deal.limits.get(n) != v}
    deal.limits |= tightened
    if "batna.worth" not in asked:
        deal.held = dict(deal.alternatives)
    if changed:
        count_again(deal, refold(world, deal, facts=deal.facts, may_clear=set(deal.cleared_by)))
    if loosened:
        deal.pending[event["id"]] = {"limits": loosened, "actor": event.get("actor")}
        if not settle(world, deal, at, event["id"]):
            answer = answer.with_([by_highest(deal, "loosened-limit")])
    if tightened and deal.said and deal.said.standing and any(deal.beyond(p) for p in deal.said.packages):
        answer = answer.with_([built_in("outside-tightened-limit", "hold")])
    return answer


# --- Approvals ------------------------------------------------------------------------------------------------------


def approve(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Remember an approval, with the facts and limits as they are; it replaces what the same person approved before."""
    if deal.policy.rank(event["role"]) < 0:
        return Answer("proceed", dead="no such role")
    until = seconds(event["until"]) if "until" in event else None
    if until is not None and until < at:
        return Answer("proceed", dead="it ends before it begins")
    approver, of = deal.policy.person(event.get("approver")), event.get("of")
    terms = {i: value(v) for i, v in event["terms"].items()} if "terms" in event else None
    then = deal.folding.then.get(event["id"]) if deal.folding else None
    rules, waives = event.get("rules") or None, event.get("override", [])
    deal.approvals = [a for a in deal.approvals if (a.approver, a.of) != (approver, of)]
    deal.approvals.append(
        Approval(event["id"], approver, event["role"], terms, of, rules, waives, until, then or snapshot(deal))
    )
    answer = judge_event(deal, at, "approval")  # as it finds the deal, like every event: what it allows holds after it
    if of in deal.pending:
        settle(world, deal, at, of)
    return answer


def settle(world: World, deal: Deal, at: Fraction, event: str) -> bool:
    """Carry out what waited for an approval, if it is allowed now."""
    waiting = deal.pending[event]
    if not deal.policy.roles or not allowed(deal, at, event, waiting["actor"]):
        return False
    del deal.pending[event]
    if "limits" in waiting:
        deal.limits = {n: v for n, v in {**deal.limits, **waiting["limits"]}.items() if v is not None}
        if "batna.worth" in waiting["limits"]:
            deal.held = dict(deal.alternatives)
    elif "reopen" in waiting:
        for other in world.deals.values():
            if other is deal or (deal.party and other.party == deal.party):
                other.left = ""
        deal.party_facts = party(world, deal, event)
    elif not deal.folding:
        drop(world, deal, waiting["void"])
    return True


def revoke(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Take an approval back: what it cleared is cleared no longer; every count stays."""
    approver = deal.policy.person(event.get("approver"))
    terms = {i: value(v) for i, v in event["terms"].items()} if "terms" in event else None
    theirs = [a for a in deal.approvals if a.approver == approver]
    gone = [a for a in theirs if a.event == event.get("of") or (terms is not None and a.terms == terms)]
    if not gone:
        return Answer("proceed", dead="nothing to revoke")
    deal.approvals = [a for a in deal.approvals if a not in gone]
    answer = judge_event(deal, at, "revocation")
    if not deal.folding:
        deal.dropped |= {a.event for a in gone}
        fresh = refold(world, deal, may_clear=set(deal.cleared_by))
        count_again(deal, fresh)
        deal.movers = fresh.movers
    return answer


# --- Taken back -----------------------------------------------------------------------------------------------------


def withdraw(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Answer that a side takes its offer or its acceptance back."""
    word = deal.said if event["by"] == US else deal.word
    if not word or not word.standing:
        return Answer("proceed", dead="nothing to withdraw")
    answer = judge_event(deal, at, "our withdrawal" if event["by"] == US else "their withdrawal")
    take_back(deal, event["by"])
    return answer


def take_back(deal: Deal, by: str, *, expired: bool = False) -> None:
    """Leave an offer to nobody. Their word falls back to the one before where that is worth less; it never rises."""
    (deal.said if by == US else deal.word).standing = False
    if by == THEM:
        before = {i: deal.before.get(i, deal.base[i]) for i in deal.last}
        if deal.T(before) < deal.T():
            deal.last = before
    if deal.agreement and not expired:
        deal.agreement.ended = "withdrawn"


def void(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Answer that an event was a slip. It counts until it is clear, or allowed, that leaving it out buys nothing."""
    of = event["of"]
    target = next((e for e in deal.history if e["id"] == of and of not in deal.dropped), None)
    named = [e for e in deal.history if e.get("of") == of and e["id"] not in deal.dropped]
    if deal.folding:
        return judge_event(deal, at, "void")
    if target is None or target["type"] == "open" or named:
        return Answer("proceed", dead="cannot be voided")
    answer = judge_event(deal, at, "void")
    ours = target["type"] in ("offer", "accept") and target.get("by") == US
    if not ours and target["type"] != "signal" and deal.verdicts[of] != "walk":
        fresh = refold(world, deal, without=of)
        if buys_nothing(deal, fresh, of, at):
            drop(world, deal, of)
            return answer
    deal.pending[event["id"]] = {"void": of, "actor": event.get("actor")}
    return answer if settle(world, deal, at, event["id"]) else answer.with_([by_highest(deal, "voiding")])


def buys_nothing(deal: Deal, fresh: Deal, of: str, at: Fraction) -> bool:
    """Tell whether leaving an event out makes nothing better for us or milder, and changes no limit, count or fact that
    a rule reads."""
    ledger = ("theirs.net", "ours.net", "balance")
    one, other = deal.all_facts(at) | snapshot(deal), fresh.all_facts(at) | snapshot(fresh)
    deciding = [r for r in deal.policy.rules if r.get("enforcement") not in ("advisory", "shadow") or "conclude" in r]
    texts = [rule[k] for rule in deciding for k in ("when", "unless") if k in rule]
    read = {n for text in texts for n in names(text, deal.policy.definitions)}
    for rule in deciding:  # a built-in rule reads whether a deal fact is known, not what it is
        read |= {n for n in deal.policy.reads(rule) if rule["id"] not in BUILT_IN or not n.startswith("deal.")}
    read |= {"other.ours", "other.theirs", "left.closed", "left.open"}
    standing = [d.W(d.word.packages[0]) if d.word and d.word.standing else None for d in (deal, fresh)]
    later = [e["id"] for e in deal.history[[e["id"] for e in deal.history].index(of) + 1 :]]
    agreed = fresh.agreement is None or (deal.agreement is not None and fresh.agreement.terms == deal.agreement.terms)
    return (
        fresh.T() <= deal.T()
        and all(one.get(n) == other.get(n) for n in read if n not in ledger)
        and standing[0] == standing[1]
        and {a.event for a in fresh.approvals} <= {a.event for a in deal.approvals}
        and agreed
        and all(severity(fresh.verdicts[e]) >= severity(deal.verdicts[e]) for e in later if e in fresh.verdicts)
    )


def drop(world: World, deal: Deal, of: str) -> None:
    """Leave an event out from now on; leave one back in where it is a void that is left out."""
    void_ = next((e for e in deal.history if e["id"] == of and e["type"] == "void"), None)
    dropped = deal.dropped - {void_["of"]} if void_ else deal.dropped
    deal.dropped = dropped | {of}
    adopt(deal, refold(world, deal))


def refold(
    world: World,
    deal: Deal,
    *,
    facts: dict[str, Value] | None = None,
    may_clear: set[str] | None = None,
    without: str = "",
) -> Deal:
    """Return the deal folded again from its opening, without what was dropped."""
    then = {a.event: a.then for a in deal.approvals}
    others = {i: copy_of(d) for i, d in world.deals.items() if i != deal.id}
    again = calculus.World(world.policy, others, Folding(facts, may_clear, then, deal.parties))
    for event in deal.history:
        if event["id"] not in deal.dropped and event["id"] != without:
            calculus.step(again, event)
    return again.deals[deal.id]


def adopt(deal: Deal, fresh: Deal) -> None:
    """Take over a deal folded again; what happened stays on record."""
    kept = ("history", "verdicts", "dropped", "pending", "folding", "latest", "party_facts", "parties")
    deal.__dict__.update({k: v for k, v in fresh.__dict__.items() if k not in kept})


def count_again(deal: Deal, fresh: Deal) -> None:
    """Take over what is cleared, and whether what is agreed was let through; counts stay."""
    deal.cleared, deal.run_from = fresh.cleared, fresh.run_from
    if deal.agreement:
        deal.agreement.still = bool(fresh.agreement and fresh.agreement.let_through)


# --- Closing --------------------------------------------------------------------------------------------------------


def close(deal: Deal, event: dict, at: Fraction) -> Answer:
    """Answer that the deal closes: won only where an agreement stands that was let through, or would be now."""
    answer = judge_event(deal, at, "close", more={"close.outcome": event["outcome"]})
    if event["outcome"] == "won":
        answer = answer.with_(won(deal, event, at))
    if event["outcome"] == "walked" and not deal.left:
        deal.left, deal.moved = "open", False
    deal.outcome = event["outcome"]
    return answer


def won(deal: Deal, event: dict, at: Fraction) -> list[Fired]:
    agreed = deal.agreement
    again = "terms" in event
    if again:
        signed = whole(deal.start, {i: value(v) for i, v in event["terms"].items()})
        if not agreed or signed != agreed.terms:
            return [built_in("signed-otherwise", "refuse")]
    if not agreed or (agreed.ended and (not again or agreed.ended != "replaced" or replaced(deal))):
        return [built_in("no-agreement", "hold")]
    if agreed.let_through and agreed.still and not agreed.ended:
        return []
    ours = agreed.by == US
    heard = OUR_ACCEPTANCE if ours else THEIR_ACCEPTANCE
    now = judge_ours(deal, at, [agreed.terms], heard, agreed.actor if ours else NOBODY, agreed.by)
    if now.verdict == "proceed":
        return []
    return [*now.fired, built_in("not-let-through", "trade")]


def replaced(deal: Deal) -> bool:
    """Tell whether an offer of other terms than the agreed ones stands."""
    return any(w and w.standing and w.packages != [deal.agreement.terms] for w in (deal.said, deal.word))


def signal(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Count what was observed, if it is confirmed; the count includes the signal judged."""
    deal.signals[event["kind"]] += event.get("confirmed", True) in (True, "yes")
    return judge_event(deal, at, "signal")


def tick(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Answer that time has passed."""
    return judge_event(deal, at, "tick")


HANDLERS = {
    "signal": signal,
    "update": update,
    "approve": approve,
    "revoke": revoke,
    "withdraw": withdraw,
    "void": void,
    "reopen": reopen,
    "tick": tick,
}  # fmt: skip
