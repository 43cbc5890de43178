# Over 400 lines: one evaluator of the whole calculus, so that a policy author reads one page from the top.
"""The calculus of docs/calculus.md, decided naively: plain fractions, nothing fast, no line shared with the engine.

    evaluate([policy], events)    # policies as the dicts their YAML is, the uppermost layer first; events as their JSON

It knows all that the page says of offers, agreements, approvals, layers, parties, voids and `by:`; no calendar,
mandates, budgets, approval matrices, currencies, `derived:`, `settled`, `stated.NAME`. `policy` judges nothing.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from fractions import Fraction

from tests.reference.policy import NONE, Package, Policy
from tests.reference.reading import Facts, folded, read

Word = namedtuple("Word", "by event packages heard named until stands")  # what a side said; all it has named by then
Agreement = namedtuple("Agreement", "terms by actor through")  # `through`: whether it was let through

VERDICTS = ("proceed", "trade", "hold", "escalate", "refuse", "walk")
US, THEM, NOTHING = "us", "them", {}
SIDE, OTHER = {US: "ours", THEM: "theirs"}, {US: THEM, THEM: US}
OUR_TERMS = {"our offer", "our acceptance", "their acceptance"}
HEARD = {"approve": "approval", "revoke": "revocation", "reopen": "reopening"}
WHOSE = {"reject": "rejection", "withdraw": "withdrawal"}  # rules hear `our` or `their` before these two
COUNTS = ("offers", "concessions", "last_give", "in_a_row", "unreturned", "flat", "rejections", "uncleared")


@dataclass
class Answer:
    """The rules that fired, each with what became of it. Of all that decide the most severe is the verdict."""

    fired: list[dict] = field(default_factory=list)
    facts: Facts = field(default_factory=dict)
    heard: tuple[str, ...] = ()
    dead: str = ""  # why the event is a dead letter: it is answered nothing, and changes nothing
    accepting: "Answer | None" = None  # of an offer of theirs: the answer to our accepting it now
    deal: "Deal | None" = None

    @property
    def deciding(self) -> list[dict]:
        return [r for r in self.fired if r["enforcement"] in ("mandatory", "overridable") and not r["lifted"]]

    @property
    def verdict(self) -> str:
        return max((r["then"] for r in self.deciding), key=VERDICTS.index, default="proceed")

    @property
    def rules(self) -> list[str]:
        return sorted({r["id"] for r in self.fired})

    def and_(self, rule: str, then: str, to: str = "") -> "Answer":
        more = {"id": rule, "then": then, "to": to, "enforcement": "mandatory", "lifted": False, "door": "open"}
        return replace(self, fired=[*self.fired, more])


def severest(answers: list[Answer]) -> Answer:
    """Return several answers as one: the most severe, and all that fired."""
    most, dead = max(answers, key=lambda a: VERDICTS.index(a.verdict)), [a.dead for a in answers if a.dead]
    return replace(most, fired=[r for a in answers for r in a.fired], dead="".join(dead[:1]))


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
        """Answer an event and remember it."""
        if event["type"] in ("kill", "resume"):
            self.halted = event["type"] == "kill"
            return Answer()
        deal, at, opens = self.deals.get(event["deal"]), event["at"], event["type"] == "open"
        if opens == bool(deal) or (deal and (at < deal.now or deal.outcome)):
            return Answer(dead="opened twice, not opened, late or closed")
        deal = deal.copy() if deal else Deal(self, event)
        if not self.policy.fits(event, deal.facts, deal.valued):
            return Answer(dead="not to be read, stated twice, or a limit looser than the policy's")
        far, deal.now = at > deal.now + self.policy.ahead, at
        if far and event.get("confirmed") not in (True, "yes"):
            return replace(deal.judge("far ahead").and_("far-ahead", "hold"), deal=deal)
        answer = deal.happens({**event})
        if not answer.dead:
            self.deals[deal.id] = deal
        return replace(answer, deal=deal)


class Deal:
    """All that is remembered of a deal. Every worth is computed from it; nothing is added up but counts."""

    def __init__(self, world: World, event: dict) -> None:
        self.world, self.policy, self.id, self.party = world, world.policy, event["deal"], folded(event.get("party"))
        self.facts, self.own, self.alternatives, self.limits = {}, {}, {}, {}  # as stated; the limits that bind
        self.known, self.valued = self.policy.known({}), False  # all deal facts; whether all worths are known
        self.words, self.now, self.times = {}, event["at"], {"opened": event["at"]}  # words by event; since when
        self.base, self.last, self.before = {}, {}, {}  # theirs: values first named; their last word; that before it
        self.n = dict.fromkeys((f"{side}.{count}" for side in SIDE.values() for count in COUNTS), NONE)
        self.n |= {"theirs.retracted": NONE} | {f"signals.{kind}": NONE for kind in self.policy.signals}
        self.rejected = {US, THEM}  # whose word is turned down, or not said yet
        self.agreement, self.ended = None, ""  # what is agreed, and how it ended, if it did
        self.approvals, self.movers, self.pending = [], [], {}  # pending: who asks the highest role for what
        self.left, self.moved, self.outcome = "", False, ""  # the door by which we left; have they moved since?
        self.asked, self.unsent, self.others = NONE, {}, {}  # what agents asked, and may say; from its other deals
        self.history, self.verdicts, self.dropped = [], {}, set()  # all events, their answers, and what is taken back

    def copy(self) -> "Deal":
        new = copy(self)
        vars(new).update({n: copy(v) for n, v in vars(self).items() if isinstance(v, dict | list | set)})
        return new

    def happens(self, event: dict) -> Answer:
        """Answer an event and change the deal; what bound until before it binds no more."""
        self.lapse()
        self.others, said = event.setdefault("others", self.of_party()), event["type"] in ("offer", "accept")
        if said and not self.valued:
            answer = self.judge("our offer" if event["by"] == US else "their offer")
        else:
            answer = getattr(self, f"on_{event['type']}", self.hears)(event)
        if said and event["by"] == US:
            self.asked -= self.unsent.pop(event["id"], 0)
        self.history, self.verdicts[event["id"]] = [*self.history, event], answer.verdict
        theirs = event.get("by") == THEM and (said or event["type"] in WHOSE)
        if answer.verdict == "walk" and (theirs or event["type"] == "signal") and self.left != "closed":
            doors = {r["door"] for r in answer.deciding if r["then"] == "walk"}
            self.left, self.moved = "closed" if "closed" in doors else "open", False
        return answer

    # --- The ledger: what terms are worth ---------------------------------------------------------------------------

    def w(self, issue: str, terms: Package) -> Fraction:
        """Return what an issue is worth to us over its start value, in whole terms."""
        return self.policy.worth(issue, terms[issue], self.known | self.policy.where(terms))

    def W(self, terms: Package) -> Fraction:  # noqa: N802, the contract's letter
        return sum((self.w(i, terms) for i in self.policy.issues), NONE)

    def d(self, new: Package, old: Package) -> dict[str, Fraction]:
        """Return by how much each issue is worth more in new terms; the selector moves first, at the old values."""
        first = old | self.policy.where(new)
        found = {i: self.w(i, new) - self.w(i, first) for i in self.policy.issues}
        return found | dict.fromkeys(self.policy.selector, self.W(first) - self.W(old))

    def no_worse(self, one: Package, another: Package) -> bool:
        """Tell whether terms are on every issue worth at least as much to us as others; the selector has no order."""
        alike = self.policy.where(one) == self.policy.where(another)
        return alike and all(self.w(i, one) >= self.w(i, another) for i in self.policy.issues)

    def other(self, terms: Package) -> Package:
        """Return the terms that nobody declared."""
        return {name: at for name, at in terms.items() if name not in self.policy.issues}

    def counted(self, issue: str, terms: Package) -> Fraction:
        """Return what a value of theirs counts: under `theirs_base: walk` nothing beyond our walk value."""
        walk = self.policy.limit(f"walk.{issue}", self.limits, terms)
        least = self.w(issue, terms | {issue: self.start[issue] if walk is None else walk})
        return max(self.w(issue, terms), least) if self.policy.theirs_base == "walk" else self.w(issue, terms)

    def T(self, last: Package, base: Package) -> Fraction:  # noqa: N802, the contract's letter
        """Return what their last word is worth over their bases, on the issues they have named."""
        return sum((self.counted(i, last) - self.counted(i, last | {i: first}) for i, first in base.items()), NONE)

    def both(self, terms: Package) -> Fraction:
        """Return what they conceded and *terms* ask for above the start value: it is one thing, and counts once."""
        low = {i: max(NONE, self.counted(i, terms | {i: first})) for i, first in self.base.items()}
        high = {i: self.counted(i, terms | {i: self.last[i]}) for i in self.base}
        return sum((max(NONE, min(self.w(i, terms), high[i]) - low[i]) for i in self.base), NONE)

    def ledger(self, terms: Package) -> Facts:
        """Return what terms of ours give over what was cleared, and what they get for it."""
        d, run = self.d(terms, self.cleared).values(), self.d(terms, self.run_from).values()
        give, asked = -sum((x for x in d if x < 0), NONE), sum((x for x in d if x > 0), NONE)
        both, cleared, net = self.both(terms), self.both(self.cleared), self.T(self.last, self.base)
        return {
            "give.value": give, "give.issues": Fraction(sum(x < 0 for x in d)), "give.net": max(NONE, give - asked),
            "asked.value": asked, "asked.issues": Fraction(sum(x > 0 for x in d)), "both": both,
            "get.value": asked - (both - cleared) + max(NONE, net + self.W(self.cleared) - cleared),
            "give.run": -sum((x for x in run if x < 0), NONE), "offer.first": not self.n["ours.offers"],
        }  # fmt: skip

    def move(self, terms: Package, named: set[str]) -> Facts:
        """Return what an offer of theirs moves; the first mention of an issue is no move."""
        d, new = self.d(terms, self.last), {i: terms[i] for i in named if i not in self.base}
        return {
            "move.value": self.T(terms, new | self.base) - self.T(self.last, self.base),
            "move.new": sum((self.w(i, terms) for i in new), NONE), "offer.first": not self.n["theirs.offers"],
            "move.retracted": Fraction(sum(d[i] < 0 for i in named if i in self.base)),
        }  # fmt: skip

    def facts_of(self, terms: Package | None, by: str) -> Facts:
        """Return every fact that a rule may read of the deal, and of the terms judged."""
        found = self.known | self.limits | self.others | self.n | {"missing.items": Fraction(len(self.missing))}
        found |= {f"since.{what}": self.now - then for what, then in self.times.items()}
        found |= {"left.closed": self.left == "closed", "left.open": self.left == "open" and not self.moved}
        if not self.valued:
            return found
        net, our_net, theirs = self.T(self.last, self.base), self.W(self.cleared), self.standing(THEM)
        found |= {"theirs.net": net, "ours.net": our_net, "balance": net + our_net}
        found |= {"theirs.worth": self.base_worth + self.W(theirs[0]) if theirs else None}
        found |= {f"ours.cleared.{i}": v for i, v in self.cleared.items()}
        for word in reversed(self.words.values()):
            found |= {f"{SIDE[word.by]}.first.{i}": word.packages[0][i] for i in word.named}
        for whose, last in ((US, NOTHING), (THEM, self.last)):
            said = self.word(whose).packages[0] | last if self.word(whose) else NOTHING
            found |= {f"{SIDE[whose]}.last.{i}": v for i, v in said.items()}
            found[f"other.{SIDE[whose]}"] = Fraction(len(self.other(said)))
        if terms:
            worth, other = self.base_worth + self.W(terms), Fraction(len(self.other(terms)))
            found |= self.policy.room(terms, self.known | self.limits | self.policy.where(terms), worth)
            found |= {f"offer.{i}": v for i, v in terms.items()} | {f"other.{SIDE[by]}": other}
            found |= {"offer.worth": worth, "offer.by": by, "offer.undeclared": other}
        return found

    # --- Judging, and whose approval counts -------------------------------------------------------------------------

    def judge(
        self, *heard: str, terms: Package | None = None, by: str = US, actor: str | None = None, more: Facts = NOTHING
    ) -> Answer:
        """Answer an event by the rules that hear it, whose `when` holds and whose `unless` does not.

        Args:
            terms: What is judged: as ours, where `our terms` hears them.
            actor: Who says them for us; nobody, where they do, or where it is only asked whether we may accept.
        """
        ours, policy = bool(OUR_TERMS.intersection(heard)), self.policy
        facts = self.facts_of(terms, by) | more | (self.ledger(terms) if ours and terms else NOTHING)
        said = [(h, p) for word in self.words.values() for h, p in zip(word.heard, word.packages, strict=True)]
        legs = [(h, p | {"worth": self.base_worth + self.W(p)}) for h, p in (*said, *((h, terms) for h in heard)) if p]
        facts |= {f"pattern.{name}": policy.meetings(name, legs) for name in policy.pattern}
        movers = {name for name, _ in self.movers} | ({actor} if actor is not None else set())
        covering = [a for a in self.approvals if terms and not {a["who"], ""} & movers and self.covers(a, terms)]
        facts |= {f"approved.{r}": any(a["rank"] >= policy.rank(r) for a in covering) for r in policy.roles}
        rules = [r for r in policy.rules if r["on"] & {*heard, "any", *(["our terms"] if ours else [])}]
        drawing = [r for r in rules if isinstance(r["then"], dict)]
        for rule in drawing * len(drawing):  # a conclusion may rest on another
            drawn = f"concluded.{rule['then']['conclude']}"
            facts[drawn] = facts.get(drawn) or fires(rule, facts)
        fired = [r for r in rules if r not in drawing and fires(r, facts)]
        return Answer([{**r, "lifted": self.lifted(r, terms, covering)} for r in fired], facts, heard)

    def hears(self, event: dict, more: Facts = NOTHING) -> Answer:
        """Answer by the rules that hear this type of event."""
        kind = event["type"]
        word = {US: "our ", THEM: "their "}[event["by"]] + WHOSE[kind] if kind in WHOSE else HEARD.get(kind, kind)
        return self.judge(word, more=more)

    def in_force(self, approval: dict) -> bool:
        return bool(approval["who"]) and (approval["until"] is None or self.now <= approval["until"])

    def is_top(self, approval: dict) -> bool:
        return approval["rank"] == len(self.policy.roles) - 1 >= 0

    def covers(self, approval: dict, terms: Package) -> bool:
        """Tell whether an approval is in force for terms: they are no worse for us than those it names (law 12)."""
        named = self.start | (approval["terms"] or NOTHING)
        alike = all(terms[i] == named[i] for i in self.policy.as_named)
        return approval["terms"] is not None and self.in_force(approval) and alike and self.no_worse(terms, named)

    def lifted(self, rule: dict, terms: Package, covering: list[dict]) -> bool:
        """Tell whether as many people as it asks for approve it, or one waives it, while what it reads is as then."""
        people, now = set(), resting(rule, self.known | self.limits)
        for a in covering:
            named = rule["id"] in (*a["rules"], *a["override"])
            waives = named and rule["enforcement"] == "overridable" and a["rank"] >= self.policy.rank(rule["by"])
            if rule["id"] == "unvalued":  # the highest role covers what nobody declared, by naming it
                waives = self.is_top(a) and self.other(terms).items() <= a["terms"].items()
            approves = rule["to"] and a["rank"] >= self.policy.rank(rule["to"]) and (named or not a["rules"])
            as_then = resting(rule, a["then"]) == now
            people |= {a["who"]} if approves and as_then else set()
            if rule["id"] == "short-of-want" or (as_then and waives) or (people and len(people) >= rule["count"]):
                return True
        return False

    def on_approve(self, event: dict) -> Answer:
        """Remember an approval, with the deal as it is; it replaces what the same person approved before."""
        who, of, rank = self.policy.person(event.get("approver")), event["of"], self.policy.rank(event["role"])
        if event.get("until", self.now) < self.now:
            return Answer(dead="it ends before it begins")
        if rank < 0:
            return self.judge("tick")
        event.setdefault("then", self.known | self.limits)
        new = {"terms": None, "rules": (), "override": (), "until": None, **event, "who": who, "rank": rank}
        self.approvals = [*(a for a in self.approvals if (a["who"], a["of"]) != (who, of)), new]
        answer = self.hears(event)  # as it finds the deal: what it allows holds after it
        self.carry_out(of)
        return answer

    # --- What is said, and what that clears and agrees --------------------------------------------------------------

    def word(self, by: str) -> Word | None:
        """Return what a side said last."""
        return next((word for word in reversed(self.words.values()) if word.by == by), None)

    def standing(self, by: str) -> list[Package]:
        """Return the packages that a side offers and nobody has taken back."""
        word = self.word(by)
        return word.packages if word and word.stands else []

    def on_open(self, event: dict) -> Answer:
        """Answer an opening: its terms are our first offer (law 7). What follows a deal goes on from their word."""
        earlier = self.world.deals.get(event.get("follows"))
        self.take_in(event)
        self.limits, self.cleared, self.run_from, self.last = self.stated(), self.start, self.start, self.start
        if earlier and not earlier.outcome:
            self.last, self.base, self.before = earlier.last, earlier.base, earlier.last
            self.n |= {k: v for k, v in earlier.n.items() if k.startswith("theirs.")}
        answer = self.hears(event, {"open.follows": bool(earlier)})
        if not event.get("terms"):
            return answer
        if not self.valued:
            return self.judge("our offer")
        said = self.on_offer({**event, "by": US, "opening": [r for r in answer.fired if r["on"] == {"open"}]})
        return replace(said, fired=[*said.fired, *answer.fired])

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
        """Answer an offer. What ours leaves out is as we said last; what theirs leaves out, as silence counts."""
        by, ours = event["by"], self.word(US)
        said = ours.packages[0] if ours else self.start
        if event["type"] == "accept":
            whole = event["packages"]
        else:
            whole = [said | p if by == US else self.silent(said, p) for p in event["packages"]]
            whole = sorted(({i: v for i, v in p.items() if v is not None} for p in whole), key=self.W)
        accepts = event["type"] == "accept" or whole in [[p] for p in self.standing(OTHER[by])]
        named = {i for p in event["packages"] for i in p if i in self.policy.issues}
        named = {*self.policy.issues} if accepts else named
        return (self.ours if by == US else self.theirs)(event, whole, named, accepts)

    def silent(self, ours: Package, named: Package) -> Package:
        """Return their whole offer: what they never named counts as the worse for us of the start value and our word.

        A selector that they never named has the value of these two that makes the whole worth less.
        """
        word, found = self.word(THEM), []
        said = (self.other(word.packages[0]) if word else {}) | {i: self.last[i] for i in self.base} | named
        for at in map(self.policy.where, (ours | said, self.start | said)):
            either = ours | at, self.start | at
            found.append({i: min(either, key=lambda p, i=i: self.w(i, p))[i] for i in self.start} | said)
        return min(found, key=self.W)

    def ours(self, event: dict, packages: list[Package], named: set[str], accepts: bool) -> Answer:
        """Answer terms of ours. What equals their standing offer is our acceptance; what is worse is judged as one."""
        theirs, who = self.standing(THEM), self.policy.person(event["actor"])
        worse = any(self.no_worse(t, p) and self.W(p) < self.W(t) for t in theirs for p in packages)
        heard = ["our acceptance"] if accepts else ["our offer", "our acceptance"][: 1 + worse]
        answer = severest([self.judge(*heard, terms=p, actor=who) for p in packages])
        answer, net = (
            replace(answer, fired=answer.fired + event.get("opening", [])),
            self.ledger(packages[0])["give.net"],
        )
        self.says(event, packages, named, heard[:1] * len(packages), accepts)
        if self.clears(event, answer, packages):
            self.n["ours.flat"] = NONE if net > 0 else self.n["ours.flat"] + (self.n["ours.offers"] > 0)
            self.moves(US, net, accepts, rejects=not accepts)
        else:
            self.n["ours.uncleared"] += 1
            self.movers += [(who, p) for p in packages]
        if accepts:
            self.agreement, self.ended = Agreement(packages[0], US, event["actor"], answer.verdict == "proceed"), ""
        return answer

    def theirs(self, event: dict, packages: list[Package], named: set[str], accepts: bool) -> Answer:
        """Answer terms of theirs, counted as their move first. What is no worse than our word is answered as taking it,
        and agrees to it where it is equal. Else it is at least a trade where our accepting it now would not proceed.
        """
        before, ours, answers = self.copy(), self.word(US).packages if self.word(US) else [], []
        takes = [accepts or any(self.no_worse(p, said) for said in self.standing(US)) for p in packages]
        heard = ["their acceptance" if each else "their offer" for each in takes]
        net, first = (moved := self.move(packages[0], named))["move.value"], not self.n["theirs.offers"]
        if net > 0 or named <= set(self.base):  # a demand named for the first time neither counts nor ends it
            self.n["theirs.flat"] = NONE if net > 0 else self.n["theirs.flat"] + 1
        self.before, self.last = {i: self.last[i] for i in self.base}, packages[0]
        self.base = {i: packages[0][i] for i in named} | self.base
        self.moved = self.moved or net > 0 or accepts or first
        self.n["theirs.retracted"] += moved["move.retracted"]
        rejects = not accepts and not any(self.no_worse(p, said) for p in packages for said in ours)
        self.moves(THEM, net, accepts, rejects=rejects)
        taken = (packages if len(ours) != 1 else ours)[0]
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
            self.concedes(US, net)
        if accepts:
            self.agreement, self.ended = Agreement(packages[0], THEM, None, answer.verdict == "proceed"), ""
        return answer

    def says(self, event: dict, packages: list[Package], named: set[str], heard: list[str], accepts: bool) -> None:
        """Remember what a side said. Other terms than the agreed ones replace an agreement."""
        by, until, word = event["by"], None if accepts else event.get("until"), self.word(event["by"])
        named = named | (word.named if word else set())
        self.words = {k: v for k, v in self.words.items() if k != event["id"]}
        self.words[event["id"]] = Word(by, event["id"], packages, heard, named, until, True)
        self.rejected -= {by}
        self.times["our_offer" if by == US else "their_offer"] = self.now
        if self.agreement and packages != [self.agreement.terms]:
            self.ended = self.ended or "replaced"

    def clears(self, event: dict, answer: Answer, packages: list[Package]) -> bool:
        """Clear terms that are let through: whoever said what is no better for us moves nothing any more (law 10)."""
        clearing = self.world.clearing
        if answer.verdict != "proceed" or (clearing is not None and event["id"] not in clearing):
            return False
        self.cleared = packages[0]
        for p in packages:
            alike = [self.no_worse(said, p) and self.other(said) == self.other(p) for _, said in self.movers]
            self.movers = [mover for mover, gone in zip(self.movers, alike, strict=True) if not gone]
        return True

    def moves(self, by: str, net: Fraction, accepts: bool, *, rejects: bool) -> None:
        """Count what a side offers and concedes, and whether it turns a word down, at most once."""
        side, other = SIDE[by], SIDE[OTHER[by]]
        self.n[f"{side}.offers"] += 1
        self.n[f"{side}.in_a_row"] += not accepts
        self.n[f"{other}.in_a_row"] = NONE
        if rejects:
            self.turns_down(OTHER[by])
        self.concedes(by, net)

    def concedes(self, by: str, net: Fraction) -> None:
        """Count a concession, if it is one; it returns those of the other side."""
        side = SIDE[by]
        if net > 0:
            more = {f"{side}.{count}": self.n[f"{side}.{count}"] + 1 for count in ("concessions", "unreturned")}
            self.n |= more | {f"{side}.last_give": net, f"{SIDE[OTHER[by]]}.unreturned": NONE}
            self.times["our_concession" if by == US else "their_concession"] = self.now

    def turns_down(self, by: str) -> None:
        """Count a rejection of what a side said, at most one for each word."""
        self.n[f"{SIDE[OTHER[by]]}.rejections"] += by not in self.rejected
        self.rejected = self.rejected | {by}

    # --- What ends words, agreements and deals ----------------------------------------------------------------------

    def on_reject(self, event: dict) -> Answer:
        by, other = event["by"], OTHER[event["by"]]
        if not self.word(other):
            return Answer(dead="nothing to reject")
        answer = self.hears(event)
        self.turns_down(other)
        self.n[f"{SIDE[other]}.in_a_row"] = NONE
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

    def take_back(self, by: str) -> None:
        """Leave a word to nobody. Theirs falls back to the one before where that is worth less; it never rises."""
        word, fallen = self.word(by), self.last | self.base | self.before
        self.words[word.event] = word._replace(stands=False)
        if by == THEM and self.T(fallen, self.base) < self.T(self.last, self.base):
            self.last = fallen

    def lapse(self) -> None:
        """Take back what bound until before now; that an alternative ends was said with it, and loosens nothing."""
        for word in filter(None, map(self.word, SIDE)):
            if word.stands and word.until is not None and self.now > word.until:
                self.take_back(word.by)
        there = {n: a for n, a in self.alternatives.items() if a[1] is None or self.now <= a[1]}
        if there != self.alternatives:
            self.alternatives = there
            self.limits["batna.worth"] = self.stated().get("batna.worth")

    def on_close(self, event: dict) -> Answer:
        """Answer that the deal closes: won only where an agreement stands and was let through, or would be (law 5)."""
        agreed, signed = self.agreement, self.start | event["terms"] if "terms" in event else None
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

    # --- What is stated, and what somebody allows -------------------------------------------------------------------

    def take_in(self, event: dict) -> None:
        """Take in the facts, limits and alternatives that an opening or an update states."""
        self.facts = self.world.facts or self.facts | event.get("facts", {})
        self.own, self.alternatives = self.own | event["limits"], self.alternatives | event["alternatives"]
        self.known = self.policy.known(self.facts)
        self.start = {i: self.policy.start(i, self.known) for i in self.policy.issues}
        self.base_worth = self.policy.base(self.known | self.policy.where(self.start))
        self.valued = None not in (self.base_worth, *(self.w(i, self.start) for i in self.policy.issues))

    def stated(self) -> Facts:
        """Return the limits as they are stated, our best alternative among them, and note what is missing."""
        found, lacks = self.policy.limits(self.known, self.own) if self.valued else ({}, {"worths"})
        self.missing = {n for n in self.policy.asked() if self.known[n] is None} | lacks
        best = [worth for worth, _ in self.alternatives.values() if worth is not None]
        return found | ({"batna.worth": max(best)} if best else {})

    def on_update(self, event: dict) -> Answer:
        """Answer news of facts, limits or alternatives. A limit is held until somebody allows it to loosen."""
        before = self.copy()
        self.take_in(event)
        stated = self.stated()
        if not self.valued:
            return before.hears(event)
        if not before.valued:  # offers that waited for worths are folded now; nothing of ours was let through
            self.become(self.again(facts=self.facts, clearing=set()))
        looser = [n for n, old in self.limits.items() if self.policy.is_looser(n, old, stated.get(n), self.known)]
        tighter = [n for n, v in stated.items() if n not in looser and self.limits.get(n) != v]
        self.limits = stated | {n: self.limits[n] for n in looser}
        if self.known != before.known and before.valued:
            self.clear_again(facts=self.facts)
        holds = any(n.startswith(("walk.", "batna.")) for n in tighter)
        outside = holds and any("beyond-walk" in self.judge("our offer", terms=p).rules for p in self.standing(US))
        answer = before.hears(event, {"update.outside": outside})
        if not looser:
            return answer
        self.own |= {n: before.own.get(n) for n in (n.partition("@")[0] for n in looser)}
        self.alternatives = before.alternatives if "batna.worth" in looser else self.alternatives
        return self.asks(event, answer, "loosened-limit", lambda deal: deal.loosen(event, looser))

    def loosen(self, event: dict, looser: list[str]) -> None:
        """Let limits be what an event states."""
        self.take_in({**event, "facts": {}})
        self.limits = self.limits | {n: v for n, v in self.stated().items() if n in looser}

    def asks(self, event: dict, answer: Answer, rule: str, does: Callable[["Deal"], None]) -> Answer:
        """Do what the highest role has to allow, if it has; else ask it, and wait. Without roles nobody can."""
        self.pending[event["id"]] = self.policy.person(event["actor"]), does
        self.carry_out(event["id"])
        roles = self.policy.roles
        asked = answer.and_(rule, "escalate", roles[-1]) if roles else answer.and_(rule, "refuse")
        return asked if event["id"] in self.pending else answer

    def carry_out(self, event: str) -> None:
        """Do what waits, if somebody of the highest role, who is not its maker, approves it."""
        maker, does = self.pending.get(event, ("", None))
        named = [a for a in self.approvals if a["of"] == event and self.in_force(a) and a["who"] != maker]
        if maker and does and any(map(self.is_top, named)):
            del self.pending[event]
            does(self)

    # --- What is taken back, and folded again -----------------------------------------------------------------------

    def on_revoke(self, event: dict) -> Answer:
        """Take an approval back: what it cleared is cleared no longer; every count stays."""
        who, of, terms = self.policy.person(event.get("approver")), event["of"], event.get("terms", "")
        gone = [
            a for a in self.approvals if a["who"] == who and self.in_force(a) and (a["id"] == of or a["terms"] == terms)
        ]
        if not gone:
            return Answer(dead="nothing to revoke")
        self.approvals = [a for a in self.approvals if a not in gone]
        answer = self.hears(event)
        if not self.world.again:
            self.dropped |= {a["id"] for a in gone}
            self.movers = self.clear_again().movers
        return answer

    def on_void(self, event: dict) -> Answer:
        """Answer that an event was a slip. It counts until leaving it out buys nothing, or is allowed."""
        past, of = [e for e in self.history if e["id"] not in self.dropped], event["of"]
        slip = next((e for e in past if e["id"] == of), None)
        if self.world.again:  # what it left out is dropped already
            return self.hears(event)
        if slip is None or slip["type"] == "open" or any(e.get("of") == of for e in past):
            return Answer(dead="cannot be voided")
        answer, heard = self.hears(event), slip["type"] == "signal" or self.verdicts[of] == "walk"
        ours = slip["type"] in ("offer", "accept") and slip.get("by") == US
        if ours or heard or not self.buys_nothing(self.again(without=of), of):
            return self.asks(event, answer, "voiding", lambda deal: deal.leave_out(of))
        self.leave_out(of)
        return answer

    def buys_nothing(self, fresh: "Deal", of: str) -> bool:
        """Tell whether a deal without a slip is no better for us: no answer milder, no limit or figure moved."""
        past = [e["id"] for e in self.history]
        fresh.others, fresh.now, later = self.others, self.now, past[past.index(of) + 1 :]
        fresh.lapse()
        rules = [r for r in self.policy.rules if r["enforcement"] in ("mandatory", "overridable")]
        read = {n for r in rules for n in (*r["reads"], *r["rests"])} - {"theirs.net", "ours.net", "balance"}
        read |= {"other.ours", "other.theirs"} if "offer.undeclared" in read else set()
        was, now = (d.judge("tick").facts for d in (self, fresh))
        then, order = self.again().verdicts, VERDICTS.index  # folded alike: what waits has been answered by then
        milder = [e for e in later if order(fresh.verdicts.get(e, "walk")) < order(then.get(e, "proceed"))]
        agreed = fresh.agreement is None or (self.agreement and fresh.agreement.terms == self.agreement.terms)
        approved = {a["id"] for a in fresh.approvals if self.in_force(a)} <= {a["id"] for a in self.approvals}
        lower = fresh.T(fresh.last, fresh.base) <= self.T(self.last, self.base)
        return bool(lower and not milder and agreed and approved and all(was.get(n) == now.get(n) for n in read))

    def leave_out(self, of: str) -> None:
        """Leave an event out from now on; where it is a void, what that left out is back."""
        void = next((e for e in self.history if e["id"] == of and e["type"] == "void"), {})
        self.dropped = self.dropped - {void.get("of")} | {of}
        self.become(self.again())

    def again(self, without: str = "", **how: object) -> "Deal":
        """Return the deal folded again from its opening, without what was dropped."""
        world = World(self.policy, {i: d for i, d in self.world.deals.items() if i != self.id}, True, **how)
        for event in self.history:
            if event["id"] not in self.dropped | {without}:
                world.step(event)
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

    # --- Signals, agents, and other deals with the same party -------------------------------------------------------

    def on_signal(self, event: dict) -> Answer:
        """Count what was observed, if it is confirmed; the count includes the signal judged."""
        self.n[f"signals.{event['kind']}"] += event.get("confirmed", True) in (True, "yes")
        return self.hears(event)

    def on_probe(self, event: dict) -> Answer:
        """Count what an agent was told; nothing else changes."""
        answer = self.hears(event)
        self.asked += event["cost"]
        self.unsent |= {event["permit"]: event["cost"] - 1} if event["cost"] and event.get("permit") else {}
        return answer

    def of_party(self) -> Facts:
        """Return what is known of the other side from its other deals."""
        others = [d for d in self.world.deals.values() if self.party and d.party == self.party and d.id != self.id]
        found = {"ours.halted": self.world.halted, "theirs.probes": self.asked + sum(d.asked for d in others)}
        counts = {
            "ours.unsent": len(self.unsent), "party.deals": len(others),
            "party.open_deals": sum(not d.outcome for d in others),
            "party.won": sum(d.outcome == "won" for d in others),
            "party.walked": sum(d.outcome == "walked" or bool(d.left) for d in others),
        }  # fmt: skip
        found |= {name: Fraction(count) for name, count in counts.items()}
        return found | {"party.left_closed": any(d.left == "closed" for d in others)}

    def on_reopen(self, event: dict) -> Answer:
        return self.asks(event, self.hears(event), "reopening", Deal.open_doors)

    def open_doors(self) -> None:
        """Open the door again in all deals of the other side."""
        for id_, other in self.world.deals.items():
            if self.party and other.party == self.party:
                self.world.deals[id_] = other = other.copy()
                other.left = ""
        self.left, self.others = "", self.of_party()


def fires(rule: dict, facts: Facts) -> bool:
    """What is not known fires nothing."""
    return rule["when"](facts) is True and rule["unless"](facts) is False


def resting(rule: dict, known: Facts) -> Facts:
    """Return the facts, limits and alternatives that a rule reads: an approval lifts it while they are as then."""
    return {n: v for n, v in known.items() if n.partition("@")[0] in rule["rests"] and v is not None}
