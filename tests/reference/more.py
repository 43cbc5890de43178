"""More that can happen: what is taken back, what waits for the highest role, what ends, what agents ask.

    evaluate([policy], events)    # as `calculus.evaluate`, and it knows every event of that section of docs/calculus.md

A deal is folded again where something is taken back: all its events, from the opening on, without what was dropped.
Nothing in `calculus` rests on this; without these events both answer alike.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass

from tests.reference import calculus
from tests.reference.facts import US
from tests.reference.policy import Package, Worth
from tests.reference.reading import Facts
from tests.reference.rules import Answer, decides, severity


def evaluate(layers: list[dict], events: Sequence[dict]) -> list[Answer]:
    """Return the answer to each event."""
    return calculus.evaluate(layers, events, World)


@dataclass
class World(calculus.World):
    """All deals under one policy. A deal folded `again` may be by other facts, and clear only what cleared then."""

    again: bool = False
    facts: Facts | None = None
    clearing: set[str] | None = None
    halted: bool = False  # whether a kill stops all our offers

    def begins(self, event: dict) -> "Deal":
        """Return a deal before its opening."""
        return Deal(self, event)

    def step(self, event: dict) -> Answer:
        """Answer an event: a kill and what ends it are of no deal."""
        if event["type"] in ("kill", "resume"):
            self.halted = event["type"] == "kill"
            return Answer()
        return super().step(event)

    def beside(self, deal: str, **how: object) -> "World":
        """Return a world to fold one deal again in, beside all others as they are."""
        return World(self.policy, {i: d for i, d in self.deals.items() if i != deal}, again=True, **how)


class Deal(calculus.Deal):
    """One deal of which parts may be taken back."""

    def __init__(self, world: World, event: dict) -> None:
        super().__init__(world, event)
        self.history, self.verdicts, self.dropped = [], {}, set()  # all events, their answers, and what is taken back
        self.pending = {}  # by event: who asks the highest role, and what is done once it allows that

    def happens(self, event: dict) -> Answer:
        """Answer an event. One far ahead of its deal is held, and not remembered, until it is confirmed."""
        if event["at"] > self.now + self.policy.ahead and event.get("confirmed") not in (True, "yes"):
            self.now = event["at"]
            return self.judge("far ahead").and_("far-ahead", "hold")
        answer = super().happens(event)
        self.history, self.verdicts = [*self.history, event], self.verdicts | {event["id"]: answer.verdict}
        return answer

    def lapse(self) -> None:
        """Let alternatives end too; that one does was said with it, and loosens nothing."""
        super().lapse()
        worth = self.worth
        there = {n: a for n, a in worth.alternatives.items() if a[1] is None or self.now <= a[1]}
        if there != worth.alternatives:
            self.worth = Worth(self.policy, worth.facts, worth.own, there)
            self.limits = self.limits | {"batna.worth": self.worth.limits.get("batna.worth")}

    def probed(self) -> tuple[int, int]:
        """Return what agents cost by asking, and how many yeses are unsaid: one that is said costs what a no does."""
        probes = [e for e in self.history if e["type"] == "probe"]
        yeses = {e["permit"]: e["cost"] - 1 for e in probes if e["cost"] and e.get("permit")}
        said = {e["id"] for e in self.history if e["type"] in ("offer", "accept") and e["by"] == US} & yeses.keys()
        return sum(e["cost"] for e in probes) - sum(yeses[e] for e in said), len(yeses.keys() - said)

    def of_party(self) -> Facts:
        """Return what is known of the other side, what its agents have asked, and whether a kill stops us."""
        others = [d for d in self.world.deals.values() if self.party and d.party == self.party and d.id != self.id]
        asked, unsent = self.probed()
        asked += sum(d.probed()[0] for d in others)
        return super().of_party() | {"ours.halted": self.world.halted, "ours.unsent": unsent, "theirs.probes": asked}

    # --- What waits for the highest role ------------------------------------------------------------------------------

    def is_top(self, approval: dict) -> bool:
        return approval["rank"] == len(self.policy.roles) - 1

    def asks(self, event: dict, answer: Answer, rule: str, does: Callable[["Deal"], None]) -> Answer:
        """Do what the highest role has to allow, if it has; else ask it, and wait. Without roles nobody can."""
        self.pending = self.pending | {event["id"]: (self.policy.person(event["actor"]), does)}
        self.carry_out(event["id"])
        if event["id"] not in self.pending:
            return answer
        return answer.and_(rule, *(("escalate", self.policy.roles[-1]) if self.policy.roles else ("refuse",)))

    def carry_out(self, event: str) -> None:
        """Do what waits, if somebody of the highest role, who is not its maker, approves it."""
        maker, does = self.pending.get(event, ("", None))
        named = [a for a in self.in_force() if a["of"] == event and a["who"] != maker]
        if maker and does and any(map(self.is_top, named)):
            self.pending = {e: waits for e, waits in self.pending.items() if e != event}
            does(self)

    def on_approve(self, event: dict) -> Answer:
        answer = super().on_approve(event)  # as it finds the deal: what it allows holds after it
        self.carry_out(event["of"])
        return answer

    def take_in(self, event: dict) -> None:
        """Take in what an opening or an update states, or the facts that all is folded again by."""
        super().take_in({**event, "facts": self.world.facts} if self.world.facts else event)

    def on_update(self, event: dict) -> Answer:
        """Answer news of facts, limits or alternatives. A limit is held until somebody allows it to loosen."""
        before, was = copy(self), self.worth
        self.take_in(event)
        now, facts = self.worth, self.worth.facts
        if not now.is_known:
            return before.hears(event)
        if not was.is_known:  # offers that waited for worths are folded now; nothing of ours was let through
            self.become(self.again(facts=facts, clearing=set()))
        looser = [n for n, old in self.limits.items() if self.policy.is_looser(n, old, now.limits.get(n), now.known)]
        tighter = [n for n, v in now.limits.items() if n not in looser and self.limits.get(n) != v]
        self.limits = now.limits | {n: self.limits[n] for n in looser}
        if now.known != was.known and was.is_known:
            self.clear_again(facts=facts)
        holds = any(n.startswith(("walk.", "batna.")) for n in tighter)
        outside = holds and any("beyond-walk" in self.judge("our offer", terms=p).rules for p in self.standing(US))
        answer = before.hears(event, {"update.outside": outside})
        if not looser:
            return answer
        own = now.own | {n: was.own.get(n) for n in (n.partition("@")[0] for n in looser)}
        self.worth = Worth(self.policy, facts, own, (was if "batna.worth" in looser else now).alternatives)
        return self.asks(event, answer, "loosened-limit", lambda deal: deal.loosen(event, looser))

    def loosen(self, event: dict, looser: list[str]) -> None:
        """Let limits be what an event states."""
        self.take_in({**event, "facts": {}})
        self.limits = self.limits | {n: self.worth.limits.get(n) for n in looser}

    def on_reopen(self, event: dict) -> Answer:
        return self.asks(event, self.hears(event), "reopening", lambda deal: deal.open_doors())

    def open_doors(self) -> None:
        """Open the door again in all deals of the other side."""
        for id_, other in self.world.deals.items():
            if self.party and other.party == self.party:
                self.world.deals[id_] = other = copy(other)
                other.left = ""
        self.left, self.others = "", self.of_party()

    # --- What is taken back, and folded again -------------------------------------------------------------------------

    def on_accept(self, event: dict) -> Answer:
        """Answer an acceptance. Where what it took is left out it takes nothing, and is answered as if time went by."""
        answer = super().on_accept(event)
        return self.judge("tick") if answer.dead and self.world.again else answer

    def clears(self, event: dict, answer: Answer, packages: list[Package]) -> bool:
        """Clear what is let through; folded again, no more than was let through then."""
        clearing = self.world.clearing
        return (clearing is None or event["id"] in clearing) and super().clears(event, answer, packages)

    def on_revoke(self, event: dict) -> Answer:
        """Take an approval back: what it cleared is cleared no longer; every count stays."""
        who, named = self.policy.person(event.get("approver")), (event["of"], event.get("terms", ""))
        gone = [a for a in self.in_force() if a["who"] == who and (a["id"] == named[0] or a["terms"] == named[1])]
        if not gone:
            return Answer(dead="nothing to revoke")
        self.approvals = [a for a in self.approvals if a not in gone]
        answer = self.hears(event)
        if not self.world.again:
            self.dropped = self.dropped | {a["id"] for a in gone}
            self.movers = self.clear_again().movers
        return answer

    def on_void(self, event: dict) -> Answer:
        """Answer that an event was a slip. It counts until leaving it out buys nothing, or is allowed."""
        past, of = [e for e in self.history if e["id"] not in self.dropped], event["of"]
        slip = next((e for e in past if e["id"] == of), None)
        if self.world.again:  # what it left out is dropped already
            return self.hears(event)
        if slip is None or slip["type"] == "open" or any(e["of"] == of for e in past):
            return Answer(dead="cannot be voided")
        answer, heard = self.hears(event), slip["type"] == "signal" or self.verdicts[of] == "walk"
        ours = slip["type"] in ("offer", "accept") and slip["by"] == US
        if ours or heard or not self.buys_nothing(self.again(without=of), of):
            return self.asks(event, answer, "voiding", lambda deal: deal.leave_out(of))
        self.leave_out(of)
        return answer

    def buys_nothing(self, fresh: "Deal", of: str) -> bool:
        """Tell whether a deal without a slip is no better for us: no answer milder, no limit or figure moved."""
        past = [e["id"] for e in self.history]
        fresh.others, fresh.now, later = self.others, self.now, past[past.index(of) + 1 :]
        fresh.lapse()
        read = {n for r in self.policy.rules if decides(r) for n in (*r["reads"], *r["rests"])}
        read |= {"other.ours", "other.theirs"} if "offer.undeclared" in read else set()
        read -= {"theirs.net", "ours.net", "balance"}
        was, now = (d.judge("tick").facts for d in (self, fresh))
        then = self.again().verdicts  # folded alike: what waits has been answered by then
        milder = any(severity(fresh.verdicts.get(e, "walk")) < severity(then.get(e, "proceed")) for e in later)
        agreed = fresh.agreement is None or (self.agreement and fresh.agreement.terms == self.agreement.terms)
        approved = {a["id"] for a in fresh.in_force()} <= {a["id"] for a in self.approvals}
        lower = fresh.T(fresh.last, fresh.base) <= self.T(self.last, self.base)
        kept = all(was.get(n) == now.get(n) for n in {*was, *now} if n.partition("@")[0] in read)
        return bool(lower and not milder and agreed and approved and kept)

    def leave_out(self, of: str) -> None:
        """Leave an event out from now on; where it is a void, what that left out is back."""
        void = next((e for e in self.history if e["id"] == of and e["type"] == "void"), {})
        self.dropped = self.dropped - {void.get("of")}
        fresh, self.dropped = self.again(without=of), self.dropped | {of}
        self.become(fresh)

    def again(self, without: str = "", **how: object) -> "Deal":
        """Return the deal folded again from its opening, without what was dropped. Of an approval that was revoked
        there is left that it took the place of another one.
        """
        world, done = self.world.beside(self.id, **how), self.dropped | self.pending.keys()
        voided = {e["of"] for e in self.history if e["type"] == "void" and e["id"] not in done} | {without}
        for event in self.history:
            if event["id"] not in self.dropped | {without}:
                world.step(event)
            elif event["type"] == "approve" and event["id"] not in voided:
                deal, who = world.deals[self.id], self.policy.person(event["approver"])
                deal.approvals = [a for a in deal.approvals if (a["who"], a["of"]) != (who, event["of"])]
        return world.deals[self.id]

    def become(self, fresh: "Deal") -> None:
        """Take over a deal folded again; what happened stays on record."""
        kept = ("world", "history", "verdicts", "dropped", "pending", "now", "others")
        vars(self).update({k: v for k, v in vars(fresh).items() if k not in kept})

    def clear_again(self, **how: object) -> "Deal":
        """Fold again for what is cleared, and whether what is agreed was let through; every count stays."""
        fresh = self.again(clearing={e for e, verdict in self.verdicts.items() if verdict == "proceed"}, **how)
        self.cleared, self.run_from = fresh.cleared, fresh.run_from
        if self.agreement:
            self.agreement = self.agreement._replace(through=bool(fresh.agreement and fresh.agreement.through))
        return fresh
