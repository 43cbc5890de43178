"""The calculus of docs/calculus.md, decided naively: plain fractions, nothing fast, no line shared with the engine.

    evaluate([policy], events)    # policies as the dicts their YAML is, the uppermost layer first; events as their JSON

It knows all that the page says of offers, agreements, approvals, layers, parties and voids, and `by:` and `derived:`;
no calendar, mandates, budgets, approval matrices, currencies, `settled`, `stated.NAME`. Here is what is said, cleared
and agreed; `ledger` has what terms give and get, `authority` who lets them through, and what is taken back.
"""

from collections import namedtuple
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace

from tests.reference.authority import Authority
from tests.reference.ledger import OTHER, SIDE, THEM, US, Move, Word
from tests.reference.policy import Package, Policy
from tests.reference.reading import Facts, read
from tests.reference.rules import Answer, severest

Agreement = namedtuple("Agreement", "terms by actor through")  # `through`: whether it was let through


def evaluate(layers: list[dict], events: Sequence[dict]) -> list[Answer]:
    """Return the answer to each event. Each layer is judged with all above it, in deals of its own (law 11)."""
    worlds = [World(Policy(layers[: n + 1], layers[n + 1 :])) for n in range(len(layers))]
    found = [[world.step(event) for world in worlds] for event in map(read, events)]
    return [replace(severest(answers), facts=answers[-1].facts, deal=answers[-1].deal) for answers in found]


@dataclass
class World:
    """All deals under one policy. A deal folded `again` may be by other facts, and clear only what cleared then."""

    policy: Policy
    deals: "dict[str, Deal]" = field(default_factory=dict)
    again: bool = False
    facts: Facts | None = None
    clearing: set[str] | None = None
    halted: bool = False  # whether a kill stops all our offers

    def step(self, event: dict) -> Answer:
        """Answer an event and remember it: not what cannot be, a dead letter, nor what is dated far ahead."""
        if event["type"] in ("kill", "resume"):
            self.halted = event["type"] == "kill"
            return Answer()
        deal, at, opens = self.deals.get(event["deal"]), event["at"], event["type"] == "open"
        if opens == bool(deal) or (deal and (at < deal.now or deal.outcome)):
            return Answer(dead="opened twice, not opened, late or closed")
        deal = copy(deal) if deal else Deal(self, event)
        if not self.policy.fits(event, deal.worth):
            return Answer(dead="not to be read, stated twice, or a limit looser than the policy's")
        far, deal.now = at > deal.now + self.policy.ahead, at
        if far and event.get("confirmed") not in (True, "yes"):
            return replace(deal.judge("far ahead").and_("far-ahead", "hold"), deal=deal)
        answer = deal.happens({**event})
        if not answer.dead:
            self.deals[deal.id] = deal
        return replace(answer, deal=deal)

    def beside(self, deal: str, **how: object) -> "World":
        """Return a world to fold one deal again in, beside all others as they are."""
        return World(self.policy, {i: d for i, d in self.deals.items() if i != deal}, again=True, **how)


class Deal(Authority):
    """One deal, and what each event does to it."""

    def happens(self, event: dict) -> Answer:
        """Answer an event and change the deal; what bound until before it binds no more."""
        self.lapse()
        self.others, kind, ours = event.setdefault("others", self.of_party()), event["type"], event.get("by") == US
        said = kind in ("offer", "accept")
        if said and not self.worth.is_known:
            answer = self.judge("our offer" if ours else "their offer")
        else:
            answer = getattr(self, f"on_{kind}", self.hears)(event)
        self.history, self.verdicts = [*self.history, event], self.verdicts | {event["id"]: answer.verdict}
        heard_of_them = kind == "signal" or (not ours and (said or kind in ("reject", "withdraw")))
        heard_of_them = heard_of_them and answer.heard != ("tick",)
        if answer.verdict == "walk" and heard_of_them and self.left != "closed":
            doors = {r["door"] for r in answer.deciding if r["then"] == "walk"}
            self.left, self.moved = "closed" if "closed" in doors else "open", False
        return answer

    def on_open(self, event: dict) -> Answer:
        """Answer an opening: its terms are our first offer (law 7). What follows a deal goes on from their word."""
        earlier = self.world.deals.get(event.get("follows"))
        self.take_in(event)
        self.limits, self.cleared, self.run_from, self.last = self.worth.limits, *[self.worth.start] * 3
        if earlier and not earlier.outcome:
            self.last, self.base, self.before = earlier.last, earlier.base, earlier.last
            self.moves = [m._replace(at=None, by=THEM if m.by == THEM else "before") for m in earlier.moves]
        answer = self.hears(event, {"open.follows": bool(earlier)})
        if not event.get("terms"):
            return answer
        if not self.worth.is_known:
            return self.judge("our offer")
        said = self.on_offer({**event, "by": US, "opening": [r for r in answer.fired if r["on"] == {"open"}]})
        return said.with_(answer.fired)

    # --- Offers and acceptances ---------------------------------------------------------------------------------------

    def on_accept(self, event: dict) -> Answer:
        """Answer an acceptance (law 3). One of some issues, or of an offer that was replaced, is an offer of those."""
        word, issues = self.word(OTHER[event["by"]]), event.get("issues", ())
        replaced = event["of"] not in (None, word and word.event)
        word = self.words.get(event["of"]) if replaced else word
        if not word or word.by == event["by"] or not (replaced or word.stands) or not word.named.issuperset(issues):
            if self.world.again:  # what it took is left out: it takes nothing, and is answered as if time went by
                return self.judge("tick")
            return Answer(dead="nothing to accept, or never named")
        package = word.packages[int(event.get("package", 1)) - 1]
        kind = "offer" if replaced or issues else "accept"
        return self.on_offer({**event, "type": kind, "packages": [{i: package[i] for i in issues or package}]})

    def on_offer(self, event: dict) -> Answer:
        """Answer an offer. It accepts where it is what the other side offers; then it is agreed, let through or not."""
        by, accepts, packages = event["by"], event["type"] == "accept", event["packages"]
        whole = packages if accepts else sorted((self.whole(by, p) for p in packages), key=self.worth.W)
        accepts = accepts or whole in [[p] for p in self.standing(OTHER[by])]
        named = {i for i in self.policy.issues if accepts or any(i in p for p in packages)}
        answer = (self.ours if by == US else self.theirs)(event, whole, named, accepts)
        if accepts:
            actor = event["actor"] if by == US else None
            self.agreement, self.ended = Agreement(whole[0], by, actor, answer.verdict == "proceed"), ""
        return answer

    def whole(self, by: str, named: Package) -> Package:
        """Return a whole offer. What ours leaves out is as we said last. What theirs never named counts as the worse
        for us of the start value and our word; of the selector that which makes the whole worth less.
        """
        ours, theirs, worth = self.word(US), self.word(THEM), self.worth
        found = (ours.packages[0] if ours else worth.start) | named
        if by == THEM:
            other, every = worth.other(theirs.packages[0]) if theirs else {}, []
            said = other | {i: self.last[i] for i in self.base} | named
            for at in map(self.policy.where, (found | said, worth.start | said)):
                either = found | at, worth.start | at
                every.append({i: min(either, key=lambda p, i=i: worth.w(i, p))[i] for i in worth.start} | said)
            found = min(every, key=worth.W)
        return {i: v for i, v in found.items() if v is not None}

    def ours(self, event: dict, packages: list[Package], named: set[str], accepts: bool) -> Answer:
        """Answer terms of ours. What equals their standing offer is our acceptance; what is worse is judged as one."""
        who, worth = self.policy.person(event["actor"]), self.worth
        worse = any(worth.no_worse(t, p) and worth.W(p) < worth.W(t) for t in self.standing(THEM) for p in packages)
        heard = ["our acceptance"] if accepts else ["our offer", "our acceptance"][: 1 + worse]
        answer = severest([self.judge(*heard, terms=p, actor=who) for p in packages])
        answer, net = answer.with_(event.get("opening", ())), self.ledger(packages[0])["give.net"]
        first = not self.counts(US)["offers"]
        self.says(event, packages, named, heard[:1] * len(packages), accepts)
        if self.clears(event, answer, packages):
            self.counted_as(Move(US, self.now, "acceptance" if accepts else "offer", net, not first), not accepts)
        else:
            self.moves = [*self.moves, Move(US, self.now, "uncleared")]
            self.movers = [*self.movers, *((who, p) for p in packages)]
        return answer

    def theirs(self, event: dict, packages: list[Package], named: set[str], accepts: bool) -> Answer:
        """Answer terms of theirs, counted as their move first. What is no worse than our word is answered as taking it.
        Any other is at least a trade where our accepting it now would not proceed (law 4).
        """
        before, said, worth, answers = copy(self), self.word(US), self.worth, []
        takes = [accepts or any(worth.no_worse(p, ours) for ours in self.standing(US)) for p in packages]
        heard = ["their acceptance" if each else "their offer" for each in takes]
        word = said.packages if said else []
        rejects = not accepts and not any(worth.no_worse(p, ours) for p in packages for ours in word)
        moved, first = self.move(packages[0], named), not self.counts(THEM)["offers"]
        net, flat = moved["move.value"], named <= set(self.base)  # a demand named for the first time is not flat
        self.before, self.last = {i: self.last[i] for i in self.base}, packages[0]
        self.base = {i: packages[0][i] for i in named} | self.base
        self.moved = self.moved or net > 0 or accepts or first
        kind = "acceptance" if accepts else "offer"
        self.counted_as(Move(THEM, self.now, kind, net, flat, moved["move.retracted"]), rejects)
        taken = (packages if said is None or len(said.packages) > 1 else said.packages)[0]
        if takes != [True] or all(taken[i] == self.cleared[i] for i in self.policy.issues):
            self.run_from = self.cleared  # taking a word that was not let through begins no run
        self.says(event, packages, named, heard, accepts)
        for kind, terms in zip(heard, packages, strict=True):
            judging = self if kind == "their acceptance" else before
            answer = judging.judge(kind, terms=terms, by=THEM, more=before.move(terms, named))
            if not accepts:
                answer.accepting = taken = self.judge("our acceptance", terms=terms)
                lifts = [r["to"] or r["enforcement"] == "overridable" or r["id"] == "unvalued" for r in taken.deciding]
                if taken.verdict != "proceed":
                    asks = taken.verdict == "escalate" and all(lifts)
                    answer = answer.and_("may-not-accept", "escalate" if asks else "trade")
            answers.append(answer)
        answer, net = severest(answers), self.ledger(packages[0])["give.net"]
        if accepts and self.clears(event, answer, packages):
            self.run_from = self.cleared
            self.moves = [*self.moves, Move(US, self.now, "gave", net)]
        return answer

    def says(self, event: dict, packages: list[Package], named: set[str], heard: list[str], accepts: bool) -> None:
        """Remember what a side said. Other terms than the agreed ones replace an agreement."""
        by, id_, word = event["by"], event["id"], self.word(event["by"])
        named, until = named | (word.named if word else set()), None if accepts else event.get("until")
        said = Word(by, id_, self.now, packages, heard, named, until, stands=True, rejected=False)
        self.words = {of: word for of, word in self.words.items() if of != id_} | {id_: said}
        if self.agreement and packages != [self.agreement.terms]:
            self.ended = self.ended or "replaced"

    def clears(self, event: dict, answer: Answer, packages: list[Package]) -> bool:
        """Clear terms that are let through: whoever said what is no better for us moves nothing any more (law 10)."""
        clearing, other = self.world.clearing, self.worth.other
        if answer.verdict != "proceed" or (clearing is not None and event["id"] not in clearing):
            return False
        self.cleared = packages[0]
        for p in packages:
            same = [
                other(said) == other(p) and all(said[i] == p[i] for i in self.policy.as_named)
                for _, said in self.movers
            ]
            gone = [alike and self.worth.no_worse(said, p) for alike, (_, said) in zip(same, self.movers, strict=True)]
            self.movers = [mover for mover, clear in zip(self.movers, gone, strict=True) if not clear]
        return True

    def counted_as(self, move: Move, rejects: bool) -> None:
        """Count what a side says; where it does not take the other's word, it turns that down."""
        self.moves = [*self.moves, move]
        if rejects:
            self.turns_down(OTHER[move.by])

    def turns_down(self, by: str) -> None:
        """Count a rejection of what a side said, at most one for each word."""
        word = self.word(by)
        if word and not word.rejected:
            self.words = self.words | {word.event: word._replace(rejected=True)}
            self.moves = [*self.moves, Move(OTHER[by], self.now, "rejection")]

    # --- What ends words, agreements and deals ------------------------------------------------------------------------

    def on_reject(self, event: dict) -> Answer:
        by, other = event["by"], OTHER[event["by"]]
        if not self.word(other):
            return Answer(dead="nothing to reject")
        answer = self.hears(event)
        self.turns_down(other)
        self.run_from = self.cleared if by == THEM else self.run_from
        self.ended = self.ended or "rejected"
        return answer

    def on_withdraw(self, event: dict) -> Answer:
        if not self.standing(event["by"]):
            return Answer(dead="nothing to withdraw")
        answer = self.hears(event)
        self.take_back(event["by"])
        self.ended = self.ended or "withdrawn"
        return answer

    def on_close(self, event: dict) -> Answer:
        """Answer that the deal closes: won only where an agreement stands and was let through, or would be (law 5)."""
        agreed, signed = self.agreement, self.worth.start | event["terms"] if "terms" in event else None
        differs = signed is not None and not (agreed and signed == agreed.terms)
        others = [p for by in SIDE for p in self.standing(by) if agreed and p != agreed.terms]
        again = signed is not None and self.ended == "replaced" and not others
        stands = bool(agreed and (not self.ended or again))
        more = {"close.outcome": event["outcome"], "close.agreed": stands, "close.differs": differs}
        answer = self.hears(event, more)
        if event["outcome"] == "won" and stands and not differs and (self.ended or not agreed.through):
            actor = self.policy.person(agreed.actor) if agreed.by == US else None
            heard = "our acceptance" if agreed.by == US else "their acceptance"
            now = self.judge(heard, terms=agreed.terms, by=agreed.by, actor=actor)
            answer = answer if now.verdict == "proceed" else answer.and_("not-let-through", now.verdict)
        if event["outcome"] == "walked" and not self.left:
            self.left, self.moved = "open", False
        self.outcome = event["outcome"]
        return answer

    # --- Signals, agents, and other deals with the same party ---------------------------------------------------------

    def on_signal(self, event: dict) -> Answer:
        """Count what was observed, if it is confirmed; the count includes the signal judged."""
        seen = event.get("confirmed", True) in (True, "yes")
        self.signals = self.signals | {event["kind"]: self.signals[event["kind"]] + seen}
        return self.hears(event)

    def probed(self) -> tuple[int, int]:
        """Return what agents cost by asking, and how many yeses are unsaid: one that is said costs what a no does."""
        probes = [e for e in self.history if e["type"] == "probe"]
        yeses = {e["permit"]: e["cost"] - 1 for e in probes if e["cost"] and e.get("permit")}
        said = {e["id"] for e in self.history if e["type"] in ("offer", "accept") and e["by"] == US} & yeses.keys()
        return sum(e["cost"] for e in probes) - sum(yeses[e] for e in said), len(yeses.keys() - said)

    def of_party(self) -> Facts:
        """Return what is known of the other side from its other deals."""
        others = [d for d in self.world.deals.values() if self.party and d.party == self.party and d.id != self.id]
        asked, unsent = self.probed()
        return {
            "ours.halted": self.world.halted, "ours.unsent": unsent,
            "theirs.probes": asked + sum(d.probed()[0] for d in others), "party.deals": len(others),
            "party.open_deals": sum(not d.outcome for d in others),
            "party.won": sum(d.outcome == "won" for d in others),
            "party.walked": sum(d.outcome == "walked" or bool(d.left) for d in others),
            "party.left_closed": any(d.left == "closed" for d in others),
        }  # fmt: skip
