"""How deals begin, go on and are folded again: what else can happen in one, docs/calculus.md.

    evaluate([policy], events)    # policies as the dicts their YAML is, the uppermost layer first; events as their JSON

Each layer is judged together with all layers above it, as one policy, in deals of its own; the most severe of their
answers is the answer. Shares no code with the engine.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from functools import partial

from tests.reference.calculus import VERDICTS, Answer, Deal, in_force, severest
from tests.reference.policy import Policy
from tests.reference.position import THEM, US
from tests.reference.reading import Facts, folded, read


def evaluate(layers: list[dict], events: Iterable[dict]) -> list[Answer]:
    """Return the answer to each event, in their order."""
    worlds = [World(Policy(layers[: n + 1], layers[n + 1 :])) for n in range(len(layers))]
    found = [[world.step(event) for world in worlds] for event in map(read, events)]
    return [replace(severest(answers), facts=answers[-1].facts, deal=answers[-1].deal) for answers in found]


class World:
    """All deals under one policy.

    Args:
        deals: The others, where one is folded again: by events that know what was known when they happened.
        clearing: And the events that may clear terms, if not all may: those that did the first time.
        facts: And the facts it is folded by, if not by those stated.
    """

    def __init__(
        self, policy: Policy, deals: dict[str, "AnyDeal"] | None = None, clearing: set[str] | None = None,
        facts: Facts | None = None,
    ) -> None:  # fmt: skip
        self.policy, self.deals, self.again = policy, deals or {}, deals is not None
        self.clearing, self.facts = clearing, facts
        self.halted = False  # whether a kill stops all our offers

    def step(self, event: dict) -> Answer:
        """Answer an event and remember it."""
        if event["type"] in ("kill", "resume"):
            self.halted = event["type"] == "kill"
            return Answer()
        deal, at, event = self.deals.get(event["deal"]), event["at"], {**event}
        if event["type"] == "open" and deal is None:
            deal = AnyDeal(self, event)
        elif event["type"] == "open" or deal is None or at < deal.latest or deal.outcome:
            return Answer(dead="opened twice, not opened, late or closed")
        elif not self.policy.readable(event):
            return Answer(dead="not to be read")
        elif at > deal.latest + self.policy.ahead and event.get("confirmed") not in (True, "yes"):
            return deal.judge(at, "far ahead").and_("far-ahead", "hold")
        deal = deal.copy()
        answer = deal.happens(event, at)
        if not answer.dead:
            self.deals[deal.id] = deal
        return replace(answer, deal=deal.copy())


class AnyDeal(Deal):
    """A deal in which anything can happen."""

    def __init__(self, world: World, event: dict) -> None:
        super().__init__(world.policy, event["at"])
        self.world, self.id, self.latest, self.party = world, event["deal"], event["at"], folded(event.get("party"))
        self.pending: dict[str, tuple[str, Callable[[AnyDeal], None]]] = {}  # who asks for what that waits for somebody
        self.dropped: set[str] = set()  # what is voided or revoked
        self.asked, self.unsent = Fraction(0), {}  # what agents asked, and what they were permitted and was not said
        self.history, self.verdicts = [], {}  # all events, with what was known then; and the answer to each

    def happens(self, event: dict, at: Fraction) -> Answer:
        """Answer an event and change the deal; what bound until before it binds no more."""
        self.lapse(at)
        self.drop_ended(at)
        self.others = event.setdefault("others", self.of_party())
        if event["type"] in ("offer", "accept") and not self.valued:
            answer = self.judge(at, "our offer" if event["by"] == US else "their offer")
        else:
            answer = getattr(self, f"on_{event['type']}", self.hears)(event, at)
        if event["type"] in ("offer", "accept") and event["by"] == US:
            self.asked -= self.unsent.get(event["id"], 0)
            self.unsent = {permit: back for permit, back in self.unsent.items() if permit != event["id"]}
        self.latest, self.history, self.verdicts[event["id"]] = at, [*self.history, event], answer.verdict
        theirs = event.get("by") == THEM and event["type"] in ("offer", "accept", "reject", "withdraw")
        doors = {r["door"] for r in answer.deciding if r["then"] == "walk"}
        if answer.verdict == "walk" and (theirs or event["type"] == "signal") and self.left != "closed":
            self.left, self.moved = "closed" if "closed" in doors else "open", False
        return answer

    def on_probe(self, event: dict, at: Fraction) -> Answer:
        """Count what an agent was told; nothing else changes."""
        answer = self.hears(event, at)
        self.asked += event["cost"]
        if event["cost"] and event.get("permit"):
            self.unsent = {**self.unsent, event["permit"]: event["cost"] - 1}
        return answer

    def on_signal(self, event: dict, at: Fraction) -> Answer:
        """Count what was observed, if it is confirmed; the count includes the signal judged."""
        self.n[f"signals.{event['kind']}"] += event.get("confirmed", True) in (True, "yes")
        return self.hears(event, at)

    def on_open(self, event: dict, at: Fraction) -> Answer:
        """Answer an opening. One that follows an open or a walked deal goes on from what they said there."""
        earlier = self.world.deals.get(event.get("follows"))
        if earlier and not earlier.outcome:
            self.last, self.base, self.before = earlier.last, earlier.base, earlier.last
            self.n.update({k: v for k, v in earlier.n.items() if k.startswith("theirs.")})
        return super().on_open(event, at, follows=bool(earlier))

    def take_in(self, event: dict) -> None:
        super().take_in(event, self.world.facts)

    def of_party(self) -> Facts:
        """Return what is known of the other side from its other deals."""
        others = [d for d in self.world.deals.values() if d.party == self.party and d.id != self.id]
        known = {
            "ours.halted": self.world.halted, "ours.unsent": Fraction(len(self.unsent)),
            "theirs.probes": self.asked + sum(d.asked for d in others if self.party),
        }  # fmt: skip
        return known if not self.party else known | {
            "party.deals": Fraction(len(others)), "party.open_deals": Fraction(sum(not d.outcome for d in others)),
            "party.won": Fraction(sum(d.outcome == "won" for d in others)),
            "party.walked": Fraction(sum(d.outcome == "walked" or bool(d.left) for d in others)),
            "party.left_closed": any(d.left == "closed" for d in others),
        }  # fmt: skip

    # --- What somebody allows -------------------------------------------------------------------------------------

    def on_approve(self, event: dict, at: Fraction) -> Answer:
        answer = super().on_approve(event, at)
        self.carry_out(event["of"], at)
        return answer

    def asks(self, event: dict, at: Fraction, answer: Answer, rule: str, does: Callable[["AnyDeal"], None]) -> Answer:
        """Do what the highest role has to allow, if it has; else ask it, and wait. Without roles nobody can."""
        self.pending[event["id"]] = self.policy.person(event["actor"]), does
        self.carry_out(event["id"], at)
        if event["id"] not in self.pending:
            return answer
        roles = self.policy.roles
        return answer.and_(rule, "escalate", roles[-1]) if roles else answer.and_(rule, "refuse")

    def carry_out(self, event: str, at: Fraction) -> None:
        """Do what waits, if somebody of the highest role, who is not its maker, approves it."""
        maker, does = self.pending.get(event, ("", None))
        mine = [a for a in self.approvals if a["of"] == event and in_force(a, at) and a["who"] != maker]
        if maker and does and any(map(self.is_top, mine)):
            del self.pending[event]
            does(self)

    def on_reopen(self, event: dict, at: Fraction) -> Answer:
        return self.asks(event, at, self.hears(event, at), "reopening", AnyDeal.open_doors)

    def open_doors(self) -> None:
        """Open the door again in all deals of the other side."""
        for id_, other in self.world.deals.items():
            if self.party and other.party == self.party:
                self.world.deals[id_] = other = other.copy()
                other.left = ""
        self.left, self.others = "", self.of_party()

    def on_update(self, event: dict, at: Fraction) -> Answer:
        """Answer news of facts, limits or alternatives. A limit is held until somebody allows it to loosen."""
        before, known = self.copy(), self.policy.known(self.facts)
        if unfit := self.unfit(event):
            return Answer(dead=unfit)
        self.take_in(event)
        stated = self.stated()
        if not self.valued:
            return before.hears(event, at)
        if not before.valued:  # offers that waited for worths are folded now; nothing of ours was let through
            self.become(self.folded_again(facts=self.facts, clearing=set()))
        looser = [n for n, old in self.limits.items() if self.is_looser(n, old, stated.get(n))]
        tightened = [n for n, v in stated.items() if n not in looser and self.limits.get(n) != v]
        self.limits = stated | {n: self.limits[n] for n in looser}
        if self.policy.known(self.facts) != known and before.valued:
            self.clear_again(self.folded_again(facts=self.facts, clearing=self.let_through))
        holding = any(n.startswith(("walk.", "batna.")) for n in tightened)
        outside = holding and any(self.is_outside(p) for p in self.standing(US))
        answer = before.hears(event, at, {"update.outside": outside})
        if not looser:
            return answer
        self.own = {**self.own, **{n: before.own.get(n) for n in looser}}
        self.alternatives = before.alternatives if "batna.worth" in looser else self.alternatives
        return self.asks(event, at, answer, "loosened-limit", partial(AnyDeal.loosen, event=event, looser=looser))

    def loosen(self, event: dict, looser: list[str]) -> None:
        """Let limits be what an event states."""
        self.take_in({**event, "facts": {}})
        self.limits = self.limits | {n: v for n, v in self.stated().items() if n in looser}

    # --- What is taken back, and folded again ---------------------------------------------------------------------

    def on_revoke(self, event: dict, at: Fraction) -> Answer:
        """Take an approval back: what it cleared is cleared no longer; every count stays."""
        who = self.policy.person(event.get("approver"))
        own = [a for a in self.approvals if a["who"] == who and in_force(a, at)]
        gone = [a for a in own if a["id"] == event["of"] or ("terms" in event and a["terms"] == event["terms"])]
        if not gone:
            return Answer(dead="nothing to revoke")
        self.approvals = [a for a in self.approvals if a not in gone]
        answer = self.hears(event, at)
        if not self.world.again:
            self.dropped |= {a["id"] for a in gone}
            fresh = self.folded_again(clearing=self.let_through)
            self.clear_again(fresh)
            self.movers = fresh.movers
        return answer

    def on_void(self, event: dict, at: Fraction) -> Answer:
        """Answer that an event was a slip. It counts until leaving it out buys nothing, or is allowed."""
        past, of = [e for e in self.history if e["id"] not in self.dropped], event["of"]
        slip = next((e for e in past if e["id"] == of), None)
        if self.world.again:  # what it left out is dropped already
            return self.hears(event, at)
        if slip is None or slip["type"] == "open" or any(e.get("of") == of for e in past):
            return Answer(dead="cannot be voided")
        answer, heard = self.hears(event, at), slip["type"] == "signal" or self.verdicts[of] == "walk"
        ours = slip["type"] in ("offer", "accept") and slip.get("by") == US
        if not ours and not heard and self.buys_nothing(self.folded_again(without=of), of, at):
            self.leave_out(of)
            return answer
        return self.asks(event, at, answer, "voiding", partial(AnyDeal.leave_out, of=of))

    def buys_nothing(self, fresh: "AnyDeal", of: str, at: Fraction) -> bool:
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

    def may_clear(self, event: dict) -> bool:
        return self.world.clearing is None or event["id"] in self.world.clearing

    def folded_again(self, without: str = "", **how: object) -> "AnyDeal":
        """Return the deal folded again from its opening, without what was dropped."""
        others = {i: d for i, d in self.world.deals.items() if i != self.id}
        again = World(self.policy, others, **how)
        for event in self.history:
            if event["id"] not in self.dropped | {without}:
                again.step(event)
        return again.deals[self.id]

    def become(self, fresh: "AnyDeal") -> None:
        """Take over a deal folded again; what happened stays on record."""
        kept = ("world", "history", "verdicts", "dropped", "pending", "latest", "others")
        vars(self).update({k: v for k, v in vars(fresh).items() if k not in kept})

    def clear_again(self, fresh: "AnyDeal") -> None:
        """Take over what is cleared, and whether what is agreed was let through; counts stay."""
        self.cleared, self.run_from = fresh.cleared, fresh.run_from
        if self.agreement:
            self.agreement = self.agreement._replace(through=bool(fresh.agreement and fresh.agreement.through))
