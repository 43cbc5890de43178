"""How deals begin, go on and are folded again: what else can happen in one, docs/calculus.md.

    evaluate([policy], events)    # policies as the dicts their YAML is, the uppermost layer first; events as their JSON

Each layer is judged together with all layers above it, as one policy, in deals of its own; the most severe of their
answers is the answer. Shares no code with the engine.
"""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from tests.reference.calculus import OTHER, SIDE, THEM, US, VERDICTS, Answer, Deal, Package, in_force, severest
from tests.reference.policy import Policy
from tests.reference.reading import Facts, Value, read


def evaluate(layers: list[dict], events: Iterable[dict]) -> list[Answer]:
    """Return the answer to each event, in their order."""
    worlds = [World(Policy(layers[: n + 1], layers[n + 1 :])) for n in range(len(layers))]
    found = [[world.step(event) for world in worlds] for event in map(read, events)]
    return [replace(severest(answers), facts=answers[-1].facts, deal=answers[-1].deal) for answers in found]


class World:
    """All deals under one policy.

    Args:
        may_clear: While a deal is folded again, the events that may clear terms: those that did the first time.
        then: And what was known at each event, of the other side and by whoever approved.
        facts: And the facts it is folded by.
    """

    def __init__(
        self, policy: Policy, deals: dict[str, "AnyDeal"] | None = None, may_clear: set[str] | None = None,
        then: dict[str, Facts] | None = None, facts: Facts | None = None,
    ) -> None:  # fmt: skip
        self.policy, self.deals = policy, {} if deals is None else deals
        self.may_clear, self.then, self.facts = may_clear, then, facts

    def step(self, event: dict) -> Answer:
        """Answer an event and remember it."""
        deal, at = self.deals.get(event["deal"]), event["at"]
        if event["type"] == "open" and deal is None:
            deal = AnyDeal(self.policy, event, self.may_clear)
        elif event["type"] == "open" or deal is None or at < deal.latest or deal.outcome:
            return Answer(dead="opened twice, not opened, late or closed")
        elif not self.policy.readable(event):
            return Answer(dead="not to be read")
        elif at > deal.latest + self.policy.ahead and event.get("confirmed") not in (True, "yes"):
            return deal.judge(at, "far ahead").and_("far-ahead", "hold")
        deal = deal.copy()
        deal.world = self
        answer = deal.happens(event, at)
        if not answer.dead:
            self.deals[deal.id] = deal
        return replace(answer, deal=deal.copy())


class AnyDeal(Deal):
    """A deal in which anything can happen."""

    world: World

    def happens(self, event: dict, at: Fraction) -> Answer:
        """Answer an event and change the deal; what bound until before it binds no more."""
        self.lapse(at)
        ended = [n for n, (_, until) in self.alternatives.items() if until is not None and at > until]
        if ended:  # that it would end was said with it, so it loosens nothing
            self.alternatives = {n: a for n, a in self.alternatives.items() if n not in ended}
            self.limits = {**self.limits, "batna.worth": self.stated().get("batna.worth")}
        self.others = self.then[event["id"]] = self.of_party(event["id"])
        if event["type"] in ("offer", "accept") and not self.valued:
            answer = self.judge(at, "our offer" if event["by"] == US else "their offer")
        else:
            answer = getattr(self, f"on_{event['type']}")(event, at)
        self.latest, self.history, self.verdicts[event["id"]] = at, [*self.history, event], answer.verdict
        theirs = event.get("by") == THEM and event["type"] in ("offer", "accept", "reject", "withdraw")
        doors = {r["door"] for r in answer.deciding if r["then"] == "walk"}
        if answer.verdict == "walk" and (theirs or event["type"] == "signal") and self.left != "closed":
            self.left, self.moved = "closed" if "closed" in doors else "open", False
        return answer

    def on_reject(self, event: dict, at: Fraction) -> Answer:
        by, other = event["by"], OTHER[event["by"]]
        if other not in self.words:
            return Answer(dead="nothing to reject")
        answer = self.judge(at, "our rejection" if by == US else "their rejection")
        self.turn_down(other)
        self.n[f"{SIDE[other]}.in_a_row"] = 0
        self.run_from = self.cleared if by == THEM else self.run_from
        self.end("rejected")
        return answer

    def on_withdraw(self, event: dict, at: Fraction) -> Answer:
        if not self.standing(event["by"]):
            return Answer(dead="nothing to withdraw")
        answer = self.judge(at, "our withdrawal" if event["by"] == US else "their withdrawal")
        self.take_back(event["by"])
        self.end("withdrawn")
        return answer

    def take_back(self, by: str) -> None:
        """Leave a word to nobody. Theirs falls back to the one before where that is worth less; it never rises."""
        self.words[by] = self.words[by]._replace(stands=False)
        before = {i: self.before.get(i, self.base[i]) for i in self.last}
        if by == THEM and self.T(before) < self.T(self.last):
            self.last = before

    def on_signal(self, event: dict, at: Fraction) -> Answer:
        """Count what was observed, if it is confirmed; the count includes the signal judged."""
        self.n[f"signals.{event['kind']}"] += event.get("confirmed", True) in (True, "yes")
        return self.judge(at, "signal")

    def on_tick(self, event: dict, at: Fraction) -> Answer:
        return self.judge(at, "tick")

    def on_close(self, event: dict, at: Fraction) -> Answer:
        """Answer that the deal closes: won only where an agreement stands that was let through, or would be now."""
        agreed, won = self.agreement, event["outcome"] == "won"
        signed = self.start | event["terms"] if "terms" in event else None
        differs = signed is not None and not (agreed and signed == agreed.terms)
        others = [p for by in SIDE for p in self.standing(by) if agreed and p != agreed.terms]
        again = signed is not None and agreed and agreed.ended == "replaced" and not others
        stands = bool(agreed and (not agreed.ended or again))
        more = {"close.outcome": event["outcome"], "close.agreed": stands, "close.differs": differs}
        answer = self.judge(at, "close", more=more)
        if won and stands and not differs and (agreed.ended or not agreed.through):
            ours, actor = agreed.by == US, self.policy.person(agreed.actor)
            heard = "our acceptance" if ours else "their acceptance"
            now = self.judge(at, heard, package=agreed.terms, by=agreed.by, actor=actor if ours else None)
            if now.verdict != "proceed":
                answer = answer.and_("not-let-through", now.verdict)
        if event["outcome"] == "walked" and not self.left:
            self.left, self.moved = "open", False
        self.outcome = event["outcome"]
        return answer

    def on_open(self, event: dict, at: Fraction) -> Answer:
        """Answer an opening. Terms in it are our first offer, made at that instant."""
        self.take_in(event)
        self.limits = self.stated()
        self.cleared = self.run_from = self.start
        earlier = self.world.deals.get(event.get("follows"))
        if earlier and not earlier.outcome:
            self.last, self.base, self.before = earlier.last, earlier.base, earlier.last
            self.n.update({k: v for k, v in earlier.n.items() if k.startswith("theirs.")})
        answer = self.judge(at, "open", more={"open.follows": bool(earlier)})
        if not event.get("terms") or not self.valued:
            return self.judge(at, "our offer") if event.get("terms") else answer
        said = self.on_offer(event, at, [r for r in answer.fired if r["on"] == {"open"}])
        return replace(said, fired=[*said.fired, *answer.fired])

    def of_party(self, event: str) -> Facts:
        """Return what is known of the other side from its other deals; of an event of the past, what was known then."""
        if self.world.then and event in self.world.then:
            return self.world.then[event]
        others = [d for d in self.world.deals.values() if d.party == self.party and d.id != self.id]
        return {} if not self.party else {
            "party.deals": Fraction(len(others)), "party.open_deals": Fraction(sum(not d.outcome for d in others)),
            "party.won": Fraction(sum(d.outcome == "won" for d in others)),
            "party.walked": Fraction(sum(d.outcome == "walked" or bool(d.left) for d in others)),
            "party.left_closed": any(d.left == "closed" for d in others),
        }  # fmt: skip

    # --- Facts and limits -----------------------------------------------------------------------------------------

    def take_in(self, event: dict) -> None:
        """Take in the facts, limits and alternatives that an opening or an update states."""
        self.facts = self.world.facts or self.facts | event.get("facts", {})
        self.own, self.alternatives = self.own | event["limits"], self.alternatives | event["alternatives"]
        known = self.policy.known(self.facts)
        self.start = {i: self.policy.start(i, known) for i in self.policy.issues}
        self.base_worth = self.policy.read(self.policy.package.get("base", "0"))(known)
        worths = [self.policy.worth(i, v, known) for i, v in self.start.items()]
        self.valued = self.base_worth is not None and None not in worths

    def stated(self) -> dict[str, Value]:
        """Return the limits as they are stated, our best alternative among them, and note what is missing."""
        known = self.policy.known(self.facts)
        found, lacks = self.policy.limits(known, self.own) if self.valued else ({}, ["worths"])
        self.missing = [*(n for n in self.policy.asked() if known[n] is None), *lacks]
        best = [worth for worth, _ in self.alternatives.values() if worth is not None]
        return found | ({"batna.worth": max(best)} if best else {})

    def on_update(self, event: dict, at: Fraction) -> Answer:
        """Answer news of facts, limits or alternatives. A limit is held until somebody allows it to loosen."""
        before, known, facts = self.copy(), self.policy.known(self.facts), event.get("facts", {})
        if any(f"deal.{n}" in self.policy.fixed and known[f"deal.{n}"] not in (None, v) for n, v in facts.items()):
            return Answer(dead="stated once")
        policys = self.policy.limits(known, {})[0] if self.valued else {}
        walks = {n: v for n, v in event["limits"].items() if n.startswith("walk.") and n in policys}
        if any(self.is_looser(n, policys[n], v) for n, v in walks.items()):
            return Answer(dead="looser than the policy's")
        self.take_in(event)
        stated = self.stated()
        if not self.valued:
            return before.judge(at, "update")
        if not before.valued:  # offers that waited for worths are folded now; nothing of ours was let through
            self.become(self.folded_again(facts=self.facts, may_clear=set()))
        looser = [n for n, old in self.limits.items() if self.is_looser(n, old, stated.get(n))]
        tightened = [n for n, v in stated.items() if n not in looser and self.limits.get(n) != v]
        self.limits = stated | {n: self.limits[n] for n in looser}
        if self.policy.known(self.facts) != known and before.valued:
            self.clear_again(self.folded_again(facts=self.facts, may_clear=self.let_through))
        holding = any(n.startswith(("walk.", "batna.")) for n in tightened)
        outside = holding and any(self.is_outside(p) for p in self.standing(US))
        answer = before.judge(at, "update", more={"update.outside": outside})
        if looser:
            self.own = {**self.own, **{n: before.own.get(n) for n in looser}}
            self.alternatives = before.alternatives if "batna.worth" in looser else self.alternatives
            self.pending[event["id"]] = {"actor": event["actor"], "limits": looser, "event": event}
            answer = answer if self.settled(event["id"], at) else self.asks(answer, "loosened-limit")
        return answer

    def is_looser(self, limit: str, old: Value, new: Value) -> bool:
        name = limit.partition(".")[2]
        return new != old and (new is None or self.w(name, new) <= self.w(name, old))

    def is_outside(self, package: Package) -> bool:
        batna, worth = self.limits.get("batna.worth"), self.base_worth + self.W(package)
        return self.room(package)["room.beyond_walk"] > 0 or (batna is not None and worth <= batna)

    # --- What somebody allows -------------------------------------------------------------------------------------

    def on_approve(self, event: dict, at: Fraction) -> Answer:
        """Remember an approval, with the deal as it is; it replaces what the same person approved before."""
        who, of, then = self.policy.person(event.get("approver")), event["of"], f"{event['id']} approves"
        if event.get("until", at) < at:
            return Answer(dead="it ends before it begins")
        if event["role"] not in self.policy.roles:
            return self.judge(at, "tick")
        self.then[then] = self.world.then.get(then, self.known) if self.world.then else self.known
        approval = {"terms": None, "rules": (), "override": (), "until": None, **event, "who": who}
        approval |= {"rank": self.policy.rank(event["role"]), "then": self.then[then]}
        self.approvals = [*(a for a in self.approvals if (a["who"], a["of"]) != (who, of)), approval]
        answer = self.judge(at, "approval")  # as it finds the deal: what it allows holds after it
        if of in self.pending:
            self.settled(of, at)
        return answer

    def asks(self, answer: Answer, rule: str) -> Answer:
        """Ask the highest role; where there are no roles, nobody can allow it."""
        roles = self.policy.roles
        return answer.and_(rule, "escalate", roles[-1]) if roles else answer.and_(rule, "refuse")

    def allowed(self, at: Fraction, event: str, maker: object) -> bool:
        """Tell whether somebody of the highest role, who is not its maker, approves what waits for that."""
        who = self.policy.person(maker)
        mine = [a for a in self.approvals if a["of"] == event and in_force(a, at) and a["who"] != who]
        return bool(who) and any(map(self.is_top, mine))

    def settled(self, event: str, at: Fraction) -> bool:
        """Carry out what waits for an approval, if it is allowed now."""
        waits = self.pending[event]
        if not self.allowed(at, event, waits["actor"]):
            return False
        del self.pending[event]
        if "limits" in waits:
            self.take_in({**waits["event"], "facts": {}})
            self.limits = self.limits | {n: v for n, v in self.stated().items() if n in waits["limits"]}
        elif "void" in waits:
            self.leave_out(waits["void"])
        else:
            for id_, other in self.world.deals.items():
                if self.party and other.party == self.party:
                    self.world.deals[id_] = other = other.copy()
                    other.left = ""
            self.left, self.others = "", self.of_party("")
        return True

    def on_reopen(self, event: dict, at: Fraction) -> Answer:
        answer = self.judge(at, "reopening")
        self.pending[event["id"]] = {"actor": event["actor"]}
        return answer if self.settled(event["id"], at) else self.asks(answer, "reopening")

    def on_revoke(self, event: dict, at: Fraction) -> Answer:
        """Take an approval back: what it cleared is cleared no longer; every count stays."""
        who = self.policy.person(event.get("approver"))
        own = [a for a in self.approvals if a["who"] == who and in_force(a, at)]
        gone = [a for a in own if a["id"] == event["of"] or ("terms" in event and a["terms"] == event["terms"])]
        if not gone:
            return Answer(dead="nothing to revoke")
        self.approvals = [a for a in self.approvals if a not in gone]
        answer = self.judge(at, "revocation")
        if self.world.then is None:
            self.dropped |= {a["id"] for a in gone}
            fresh = self.folded_again(may_clear=self.let_through)
            self.clear_again(fresh)
            self.movers = fresh.movers
        return answer

    def on_void(self, event: dict, at: Fraction) -> Answer:
        """Answer that an event was a slip. It counts until leaving it out buys nothing, or is allowed."""
        past, of = [e for e in self.history if e["id"] not in self.dropped], event["of"]
        slip = next((e for e in past if e["id"] == of), None)
        if self.world.then is not None:  # what it left out is dropped already
            return self.judge(at, "void")
        if slip is None or slip["type"] == "open" or any(e.get("of") == of for e in past):
            return Answer(dead="cannot be voided")
        answer, heard = self.judge(at, "void"), slip["type"] == "signal" or self.verdicts[of] == "walk"
        ours = slip["type"] in ("offer", "accept") and slip.get("by") == US
        if not ours and not heard and self.buys_nothing(self.folded_again(without=of), of, at):
            self.leave_out(of)
            return answer
        self.pending[event["id"]] = {"actor": event["actor"], "void": of}
        return answer if self.settled(event["id"], at) else self.asks(answer, "voiding")

    def lapse(self, at: Fraction) -> None:
        """Take back what bound until before an instant."""
        for by, word in list(self.words.items()):
            if word.stands and word.until is not None and at > word.until:
                self.take_back(by)

    def buys_nothing(self, fresh: "Deal", of: str, at: Fraction) -> bool:
        """Tell whether a deal without a slip is no better for us: no answer milder, no limit or figure moved."""
        past = [e["id"] for e in self.history]
        fresh.others, later = self.others, past[past.index(of) + 1 :]
        fresh.lapse(at)
        rules = [r for r in self.policy.rules if r["enforcement"] in ("mandatory", "overridable")]
        read = {n for r in rules for n in (*r["reads"], *r["rests"])} - {"theirs.net", "ours.net", "balance"}
        read |= {"other.ours", "other.theirs"} if "offer.undeclared" in read else set()
        was, now = (d.judge(at, "tick").facts | d.known for d in (self, fresh))
        order = VERDICTS.index
        with_it = self.folded_again().verdicts  # folded alike: what waits for somebody has been answered by then
        milder = [e for e in later if order(fresh.verdicts.get(e, "walk")) < order(with_it.get(e, "proceed"))]
        agreed = fresh.agreement is None or (self.agreement and fresh.agreement.terms == self.agreement.terms)
        approved = {a["id"] for a in fresh.approvals if in_force(a, at)} <= {a["id"] for a in self.approvals}
        same = all(was.get(n) == now.get(n) for n in read)
        return bool(fresh.T(fresh.last) <= self.T(self.last) and not milder and agreed and approved and same)

    def leave_out(self, of: str) -> None:
        """Leave an event out from now on; where it is a void, what that left out is back."""
        void = next((e for e in self.history if e["id"] == of and e["type"] == "void"), {})
        self.dropped = self.dropped - {void.get("of")} | {of}
        self.become(self.folded_again())

    @property
    def let_through(self) -> set[str]:
        return {e for e, verdict in self.verdicts.items() if verdict == "proceed"}

    def folded_again(self, without: str = "", **how: object) -> "AnyDeal":
        """Return the deal folded again from its opening, without what was dropped."""
        others = {i: d for i, d in self.world.deals.items() if i != self.id}
        again = World(self.policy, others, then=self.then if self.world.then is None else self.world.then, **how)
        for event in self.history:
            if event["id"] not in self.dropped | {without}:
                again.step(event)
        return again.deals[self.id]

    def become(self, fresh: "Deal") -> None:
        """Take over a deal folded again; what happened stays on record."""
        kept = ("world", "may_clear", "history", "verdicts", "dropped", "pending", "latest", "others", "then")
        vars(self).update({k: v for k, v in vars(fresh).items() if k not in kept})

    def clear_again(self, fresh: "Deal") -> None:
        """Take over what is cleared, and whether what is agreed was let through; counts stay."""
        self.cleared, self.run_from = fresh.cleared, fresh.run_from
        if self.agreement:
            self.agreement = self.agreement._replace(through=bool(fresh.agreement and fresh.agreement.through))
