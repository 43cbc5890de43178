"""Who lets what through: what rules answer, whose approval counts, what waits for the highest role, what is taken back.

docs/calculus.md, "Who may approve" and "More that can happen".
"""

from collections.abc import Callable
from copy import copy

from tests.reference.ledger import US, Ledger
from tests.reference.policy import NOTHING, Package, Worth
from tests.reference.reading import Facts
from tests.reference.rules import OUR_TERMS, Answer, decides, firing, resting, severity


class Authority(Ledger):
    """One deal, with who approved what of it, and who moved what was not let through."""

    def judge(
        self, *heard: str, terms: Package | None = None, by: str = US, actor: str | None = None, more: Facts = NOTHING
    ) -> Answer:
        """Answer by the rules that hear something.

        Args:
            terms: What is judged: as ours, where `our terms` hears them.
            actor: Who says them for us; nobody, where they do, or where it is only asked whether we may accept.
        """
        facts = self.facts_of(terms, by) | more
        facts |= self.ledger(terms) if terms and not OUR_TERMS.isdisjoint(heard) else NOTHING
        said = [(h, p) for word in self.words.values() for h, p in zip(word.heard, word.packages, strict=True)]
        legs = [(h, p | {"worth": self.worth.whole(p)}) for h, p in (*said, *((h, terms) for h in heard)) if p]
        facts |= {f"pattern.{name}": self.policy.meetings(name, legs) for name in self.policy.pattern}
        covering = self.covering(terms, {who for who, _ in self.movers} | {actor} - {None}) if terms else []
        for rank, role in enumerate(self.policy.roles):
            facts[f"approved.{role}"] = any(a["rank"] >= rank for a in covering)
        fired = firing(self.policy.rules, heard, facts)
        return Answer([{**r, "lifted": self.lifted(r, terms, covering)} for r in fired], facts, heard)

    def hears(self, event: dict, more: Facts = NOTHING) -> Answer:
        """Answer by the rules that hear this type of event."""
        return self.judge(event["heard"], more=more)

    # --- Whose approval counts ----------------------------------------------------------------------------------------

    def on_approve(self, event: dict) -> Answer:
        """Remember an approval, with the deal as it is; it replaces what the same person approved before."""
        who, rank = self.policy.person(event.get("approver")), self.policy.rank(event["role"])
        if event.get("until", self.now) < self.now:
            return Answer(dead="it ends before it begins")
        if rank < 0:
            return self.judge("tick")
        event.setdefault("then", self.worth.known | self.limits)
        new = {"terms": None, "rules": (), "override": (), "until": None, **event, "who": who, "rank": rank}
        self.approvals = [*(a for a in self.approvals if (a["who"], a["of"]) != (who, event["of"])), new]
        answer = self.hears(event)  # as it finds the deal: what it allows holds after it
        self.carry_out(event["of"])
        return answer

    def in_force(self) -> list[dict]:
        """Return the approvals that somebody known gave, and that have not ended."""
        return [a for a in self.approvals if a["who"] and (a["until"] is None or self.now <= a["until"])]

    def is_top(self, approval: dict) -> bool:
        return approval["rank"] == len(self.policy.roles) - 1

    def covering(self, terms: Package, movers: set[str]) -> list[dict]:
        """Return the approvals of terms by no mover (law 10): those that name them, or none better for us (law 12)."""
        if "" in movers:
            return []
        given = [a for a in self.in_force() if a["terms"] is not None and a["who"] not in movers]
        named = [(a, self.worth.start | a["terms"]) for a in given]
        named = [(a, n) for a, n in named if all(terms[i] == n[i] for i in self.policy.as_named)]
        return [a for a, n in named if self.worth.no_worse(terms, n)]

    def lifted(self, rule: dict, terms: Package, covering: list[dict]) -> bool:
        """Tell whether as many people as it asks for approve it, or one waives it, while what it reads is as then."""
        rank, now, people, waived = self.policy.rank, resting(rule, self.worth.known | self.limits), set(), False
        for a in (a for a in covering if resting(rule, a["then"]) == now):
            named = rule["id"] in (*a["rules"], *a["override"])
            if rule["to"] and a["rank"] >= rank(rule["to"]) and (named or not a["rules"]):
                people.add(a["who"])
            waived |= named and rule["enforcement"] == "overridable" and a["rank"] >= rank(rule["by"])
        if rule["id"] == "unvalued":  # the highest role covers what nobody declared, by naming it
            waived = any(self.is_top(a) and self.worth.other(terms).items() <= a["terms"].items() for a in covering)
        approved = people and len(people) >= rule["count"]
        return bool(waived or approved or (rule["id"] == "short-of-want" and covering))

    # --- What waits for the highest role ------------------------------------------------------------------------------

    def asks(self, event: dict, answer: Answer, rule: str, does: Callable[["Authority"], None]) -> Answer:
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

    def take_in(self, event: dict) -> None:
        """Take in the facts, limits and alternatives that an opening or an update states."""
        facts, own = self.world.facts or self.worth.facts | event.get("facts", {}), self.worth.own | event["limits"]
        self.worth = Worth(self.policy, facts, own, self.worth.alternatives | event["alternatives"])

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
        self.limits = self.limits | {n: v for n, v in self.worth.limits.items() if n in looser}

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

    def buys_nothing(self, fresh: "Authority", of: str) -> bool:
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
        self.dropped = self.dropped - {void.get("of")} | {of}
        self.become(self.again())

    def again(self, without: str = "", **how: object) -> "Authority":
        """Return the deal folded again from its opening, without what was dropped."""
        world = self.world.beside(self.id, **how)
        for event in self.history:
            if event["id"] not in self.dropped | {without}:
                world.step(event)
        return world.deals[self.id]

    def become(self, fresh: "Authority") -> None:
        """Take over a deal folded again; what happened stays on record."""
        kept = ("world", "history", "verdicts", "dropped", "pending", "now", "others")
        vars(self).update({k: v for k, v in vars(fresh).items() if k not in kept})

    def clear_again(self, **how: object) -> "Authority":
        """Fold again for what is cleared, and whether what is agreed was let through; every count stays."""
        fresh = self.again(clearing={e for e, verdict in self.verdicts.items() if verdict == "proceed"}, **how)
        self.cleared, self.run_from = fresh.cleared, fresh.run_from
        if self.agreement:
            self.agreement = self.agreement._replace(through=bool(fresh.agreement and fresh.agreement.through))
        return fresh
