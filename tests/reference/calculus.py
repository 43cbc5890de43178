"""The calculus of docs/calculus.md, decided naively: plain fractions, nothing fast, no line shared with the engine.

    evaluate([policy], events)    # policies as the dicts their YAML is, the uppermost layer first; events as their JSON

A deal is what was said in it, and each figure is computed from that when it is asked for. Here are the thirteen laws:
what is said, cleared and agreed, what terms give and get, whose approval counts, layers, parties. `more` goes on.
"""

from collections import namedtuple
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from fractions import Fraction

from tests.reference.facts import OTHER, SIDE, THEM, US, Readable
from tests.reference.policy import NONE, NOTHING, Package, Policy, Worth
from tests.reference.reading import Facts, folded, read
from tests.reference.rules import OUR_TERMS, Answer, firing, resting, severest

Word = namedtuple("Word", "by event at packages heard named until stands rejected")
"""What a side said: all issues it has named by then, until when it binds, whether it stands and was turned down."""

Move = namedtuple("Move", "by at what net flat retracted", defaults=(NONE, 0, 0))
"""What is counted of a side: an `offer`, `acceptance` or `rejection`, what its word `gave` when it was taken, an offer
that was `uncleared`; by how much it gave way, and whether it was flat."""

Agreement = namedtuple("Agreement", "terms by actor through")  # `through`: whether it was let through


@dataclass
class World:
    """All deals under one policy."""

    policy: Policy
    deals: "dict[str, Deal]" = field(default_factory=dict)

    def begins(self, event: dict) -> "Deal":
        """Return a deal before its opening."""
        return Deal(self, event)

    def step(self, event: dict) -> Answer:
        """Answer an event and remember it: not what cannot be, a dead letter, nor what is dated far ahead."""
        deal, opens = self.deals.get(event["deal"]), event["type"] == "open"
        if opens == bool(deal) or (deal and (event["at"] < deal.now or deal.outcome)):
            return Answer(dead="opened twice, not opened, late or closed")
        deal = copy(deal) if deal else self.begins(event)
        if not self.policy.fits(event, deal.worth):
            return Answer(dead="not to be read, stated twice, or a limit looser than the policy's")
        answer = deal.happens({**event})
        if not answer.dead and "far-ahead" not in answer.rules:
            self.deals[deal.id] = deal
        return replace(answer, deal=deal)


def evaluate(layers: list[dict], events: Sequence[dict], of: type[World] = World) -> list[Answer]:
    """Return the answer to each event. Each layer is judged with all above it, in deals of its own (law 11)."""
    worlds = [of(Policy(layers[: n + 1], layers[n + 1 :])) for n in range(len(layers))]
    found = [[world.step(event) for world in worlds] for event in map(read, events)]
    return [replace(severest(answers), facts=answers[-1].facts, deal=answers[-1].deal) for answers in found]


class Deal(Readable):
    """One deal as it stands. Its parts are never changed, only replaced, so that a copy of it stays as it is."""

    def __init__(self, world: World, event: dict) -> None:
        self.world, self.policy, self.id, self.party = world, world.policy, event["deal"], folded(event.get("party"))
        self.opened = self.now = event["at"]
        self.worth, self.limits = Worth(self.policy, {}), {}  # by what is stated; the limits that bind
        self.words, self.moves = {}, []  # what was said, by event; what is counted of it
        self.base, self.last, self.before = {}, {}, {}  # theirs: values first named; their last word; that before it
        self.cleared, self.run_from = {}, {}  # ours as last let through, and as it was when they last moved
        self.agreement, self.ended = None, ""  # what is agreed, and how it ended, if it did
        self.approvals, self.movers = [], []  # who approved what; who said terms that were not let through
        self.left, self.moved, self.outcome = "", False, ""  # the door by which we left; have they moved since?
        self.signals, self.others = dict.fromkeys(self.policy.signals, 0), {}  # seen of them; known from other deals

    def happens(self, event: dict) -> Answer:
        """Answer an event and change the deal; what bound until before it binds no more."""
        self.now, kind, ours = event["at"], event["type"], event.get("by") == US
        self.lapse()
        self.others, said = event.setdefault("others", self.of_party()), kind in ("offer", "accept")
        if said and not self.worth.is_known:
            answer = self.judge("our offer" if ours else "their offer")
        else:
            answer = getattr(self, f"on_{kind}", self.hears)(event)
        heard_of_them = kind == "signal" or (not ours and (said or kind in ("reject", "withdraw")))
        if answer.verdict == "walk" and heard_of_them and answer.heard != ("tick",) and self.left != "closed":
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

    def take_in(self, event: dict) -> None:
        """Take in the facts, limits and alternatives that an event states."""
        facts, own = self.worth.facts | event.get("facts", {}), self.worth.own | event["limits"]
        self.worth = Worth(self.policy, facts, own, self.worth.alternatives | event["alternatives"])

    def on_signal(self, event: dict) -> Answer:
        """Count what was observed, if it is confirmed; the count includes the signal judged."""
        seen = event.get("confirmed", True) in (True, "yes")
        self.signals = self.signals | {event["kind"]: self.signals[event["kind"]] + seen}
        return self.hears(event)

    # --- What rules answer, and whose approval counts -----------------------------------------------------------------

    def judge(
        self, *heard: str, terms: Package | None = None, by: str = US, actor: str | None = None, more: Facts = NOTHING
    ) -> Answer:
        """Answer by the rules that hear something, of terms if there are any, as of ours where `our terms` hears them.
        The actor is who says them for us: nobody, where they do, or where it is only asked whether we may accept.
        """
        facts = self.facts_of(terms, by) | more
        facts |= self.ledger(terms) if terms and not OUR_TERMS.isdisjoint(heard) else NOTHING
        said = [(h, p) for word in self.words.values() for h, p in zip(word.heard, word.packages, strict=True)]
        legs = [(h, p | {"worth": self.worth.whole(p)}) for h, p in (*said, *((h, terms) for h in heard)) if p]
        facts |= {f"pattern.{name}": self.policy.meetings(name, legs) for name in self.policy.pattern}
        covering = self.covering(terms, {who for who, _ in self.movers} | {actor} - {None}) if terms else []
        facts |= {f"approved.{role}": any(a["rank"] >= n for a in covering) for n, role in enumerate(self.policy.roles)}
        fired = firing(self.policy.rules, heard, facts)
        return Answer([{**r, "lifted": self.lifted(r, terms, covering)} for r in fired], facts, heard)

    def hears(self, event: dict, more: Facts = NOTHING) -> Answer:
        """Answer by the rules that hear this type of event."""
        return self.judge(event["heard"], more=more)

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
        return self.hears(event)

    def in_force(self) -> list[dict]:
        """Return the approvals that somebody known gave, and that have not ended."""
        return [a for a in self.approvals if a["who"] and (a["until"] is None or self.now <= a["until"])]

    def covering(self, terms: Package, movers: set[str]) -> list[dict]:
        """Return the approvals of terms by no mover (law 10): those that name them, or none better for us (law 12)."""
        if "" in movers:
            return []
        given = [a for a in self.in_force() if a["terms"] is not None and a["who"] not in movers]
        return [a for a in given if self.worth.covers(terms, self.worth.start | a["terms"])]

    def lifted(self, rule: dict, terms: Package, covering: list[dict]) -> bool:
        """Tell whether as many people as it asks for approve it, or one waives it, while what it reads is as then."""
        rank, now, people, waived = self.policy.rank, resting(rule, self.worth.known | self.limits), set(), False
        for a in (a for a in covering if resting(rule, a["then"]) == now):
            named = rule["id"] in (*a["rules"], *a["override"])
            if rule["to"] and a["rank"] >= rank(rule["to"]) and (named or not a["rules"]):
                people.add(a["who"])
            waived |= named and rule["enforcement"] == "overridable" and a["rank"] >= rank(rule["by"])
        if rule["id"] == "unvalued":  # the highest role covers what nobody declared, by naming it
            top, other = len(self.policy.roles) - 1, self.worth.other(terms).items()
            waived = any(a["rank"] == top and other <= a["terms"].items() for a in covering)
        approved = people and len(people) >= rule["count"]
        return bool(waived or approved or (rule["id"] == "short-of-want" and covering))

    # --- What terms give and get: nothing is added up along the way ---------------------------------------------------

    def counted(self, issue: str, terms: Package) -> Fraction:
        """Return what a value of theirs counts: nothing beyond our walk value, or the start, as `theirs_base` says."""
        walk = self.policy.limit(f"walk.{issue}", self.limits, terms) if self.policy.theirs_base == "walk" else None
        least = self.worth.w(issue, terms | {issue: self.worth.start[issue] if walk is None else walk})
        worth = self.worth.w(issue, terms)
        return max(worth, least) if self.policy.theirs_base in ("walk", "start") else worth

    def T(self, last: Package, base: Package) -> Fraction:  # noqa: N802, the contract's letter
        """Return what their last word is worth over their bases, on the issues they have named."""
        return sum((self.counted(i, last) - self.counted(i, last | {i: first}) for i, first in base.items()), NONE)

    def both(self, terms: Package) -> Fraction:
        """Return what they conceded and *terms* ask for above the start value: it is one thing, and counts once."""
        low = {i: max(NONE, self.counted(i, terms | {i: first})) for i, first in self.base.items()}
        high = {i: self.counted(i, terms | {i: self.last[i]}) for i in self.base}
        return sum((max(NONE, min(self.worth.w(i, terms), high[i]) - low[i]) for i in self.base), NONE)

    def ledger(self, terms: Package) -> Facts:
        """Return what terms of ours give over what was cleared, and what they get for it."""
        d, run = (self.worth.d(terms, old).values() for old in (self.cleared, self.run_from))
        give, asked = -sum((x for x in d if x < 0), NONE), sum((x for x in d if x > 0), NONE)
        both, cleared, net = self.both(terms), self.both(self.cleared), self.T(self.last, self.base)
        return {
            "give.value": give, "give.issues": sum(x < 0 for x in d), "give.net": max(NONE, give - asked),
            "asked.value": asked, "asked.issues": sum(x > 0 for x in d), "both": both,
            "get.value": asked - (both - cleared) + max(NONE, net + self.worth.W(self.cleared) - cleared),
            "give.run": -sum((x for x in run if x < 0), NONE), "offer.first": not self.counts(US)["offers"],
        }  # fmt: skip

    def move(self, terms: Package, named: set[str]) -> Facts:
        """Return what an offer of theirs moves; the first mention of an issue is no move."""
        d, new = self.worth.d(terms, self.last), {i: terms[i] for i in named if i not in self.base}
        return {
            "move.value": self.T(terms, new | self.base) - self.T(self.last, self.base),
            "move.new": sum((self.worth.w(i, terms) for i in new), NONE),
            "offer.first": not self.counts(THEM)["offers"],
            "move.retracted": sum(d[i] < 0 for i in named if i in self.base),
        }

    # --- Offers and acceptances ---------------------------------------------------------------------------------------

    def word(self, by: str) -> Word | None:
        """Return what a side said last."""
        return next((word for word in reversed(self.words.values()) if word.by == by), None)

    def standing(self, by: str) -> list[Package]:
        """Return the packages that a side offers and nobody has taken back."""
        word = self.word(by)
        return word.packages if word and word.stands else []

    def on_accept(self, event: dict) -> Answer:
        """Answer an acceptance (law 3). One of some issues, or of an offer that was replaced, is an offer of those."""
        word, issues = self.word(OTHER[event["by"]]), event.get("issues", ())
        replaced = event["of"] not in (None, word and word.event)
        word = self.words.get(event["of"]) if replaced else word
        if not word or word.by == event["by"] or not (replaced or word.stands) or not word.named.issuperset(issues):
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
            self.agreement, self.ended = Agreement(whole[0], by, event["actor"], answer.verdict == "proceed"), ""
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
        """Answer terms of theirs, counted as their move first. What is no worse than our word is answered as taking it;
        any other, a choice too, is at least a trade where our accepting it now would not proceed (law 4).
        """
        before, said, worth, answers = copy(self), self.word(US), self.worth, []
        one = packages[0] if len(packages) == 1 else None
        takes = [accepts or any(p is one and worth.no_worse(p, ours) for ours in self.standing(US)) for p in packages]
        heard = ["their acceptance" if each else "their offer" for each in takes]
        word = said.packages if said else []
        rejects = not accepts and not any(worth.no_worse(p, ours) for p in packages for ours in word)
        moved, first = self.move(packages[0], named), not self.counts(THEM)["offers"]
        net, flat = moved["move.value"], named - self.policy.below <= set(self.base)  # a new demand is not flat
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
                if taken.verdict != "proceed":
                    answer = answer.and_("may-not-accept", "escalate" if taken.only_asks else "trade")
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
        if answer.verdict != "proceed":
            return False
        self.cleared, covers, other = packages[0], self.worth.covers, self.worth.other
        for p in packages:
            self.movers = [(who, t) for who, t in self.movers if not covers(t, p) or other(t) != other(p)]
        return True

    def counted_as(self, move: Move, rejects: bool) -> None:
        """Count what a side says; where it does not take the other's word, it turns that down."""
        self.moves = [*self.moves, move]
        if rejects:
            self.turns_down(OTHER[move.by])

    # --- What ends words, agreements and deals ------------------------------------------------------------------------

    def turns_down(self, by: str) -> None:
        """Count a rejection of what a side said, at most one for each word."""
        word = self.word(by)
        if word and not word.rejected:
            self.words = self.words | {word.event: word._replace(rejected=True)}
            self.moves = [*self.moves, Move(OTHER[by], self.now, "rejection")]

    def take_back(self, by: str) -> None:
        """Leave a word to nobody. Theirs falls back to the one before where that is worth less; it never rises."""
        word, fallen = self.word(by), self.last | self.base | self.before
        self.words = self.words | {word.event: word._replace(stands=False)}
        if by == THEM and self.T(fallen, self.base) < self.T(self.last, self.base):
            self.last = fallen

    def lapse(self) -> None:
        """Take back what bound until before now."""
        for word in filter(None, map(self.word, SIDE)):
            if word.stands and word.until is not None and self.now > word.until:
                self.take_back(word.by)

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
