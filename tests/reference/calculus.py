"""The calculus of docs/calculus.md, decided naively: plain fractions, nothing fast, nothing shared with the engine.

Which rules fire, whose approval counts, what is said and cleared, agreed and closed. The ledger's figures are in
`position`, what terms are worth in `stated`; what else can happen, and `evaluate`, is in `happenings`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from tests.reference.position import OTHER, SIDE, THEM, US, Agreement, Position, Word
from tests.reference.reading import Facts
from tests.reference.stated import Package

VERDICTS = ("proceed", "trade", "hold", "escalate", "refuse", "walk")
OUR_TERMS = {"our offer", "our acceptance", "their acceptance"}
HEARD = {
    "approve": "approval", "revoke": "revocation", "reopen": "reopening",
    "reject": "rejection", "withdraw": "withdrawal",
}  # fmt: skip
"""What rules call an event, where that is not its type; `our` or `their` stands before the last two."""


@dataclass
class Answer:
    """The rules that fired, each with what became of it. Of all that decide the most severe is the verdict."""

    fired: list[dict] = field(default_factory=list)
    facts: Facts = field(default_factory=dict)
    heard: tuple[str, ...] = ()
    dead: str = ""  # why the event is a dead letter: it is answered nothing, and changes nothing
    accepting: "Answer | None" = None  # of an offer of theirs: the answer to our accepting it now
    deal: "Position | None" = None

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
        """Return this answer with one rule more."""
        more = {"id": rule, "then": then, "to": to, "enforcement": "mandatory", "lifted": False, "door": "open"}
        return replace(self, fired=[*self.fired, more])


def severest(answers: list[Answer]) -> Answer:
    """Return several answers as one: the most severe, and all that fired."""
    most = max(answers, key=lambda a: VERDICTS.index(a.verdict))
    dead = next((a.dead for a in answers if a.dead), "")
    return replace(most, fired=[r for a in answers for r in a.fired], dead=dead)


class Deal(Position):
    """A deal in which offers are made, accepted, rejected, withdrawn and approved, until it is closed."""

    # --- Judging, and whose approval counts -----------------------------------------------------------------------

    def judge(
        self, at: Fraction, *heard: str, package: Package | None = None, by: str = US, actor: str | None = None,
        more: Facts | None = None,
    ) -> Answer:  # fmt: skip
        """Answer an event by the rules that hear it, whose `when` holds and whose `unless` does not.

        Args:
            package: The terms judged: as ours, where `our terms` hears them.
            actor: Who says them for us; nobody, where they do, or where it is only asked whether we may accept.
        """
        ours, policy = bool(OUR_TERMS.intersection(heard)), self.policy
        facts = self.facts_of(at, package, by) | (more or {}) | (self.ledger(package) if ours and package else {})
        facts |= {f"pattern.{name}": self.meetings(name, heard, package) for name in policy.pattern}
        movers = {name for name, _ in self.movers} | ({actor} if actor is not None else set())
        covering = [
            a for a in self.approvals
            if package and a["terms"] is not None and in_force(a, at) and not {a["who"], ""} & movers
            and self.no_worse(package, self.start | a["terms"])
        ]  # fmt: skip
        facts |= {f"approved.{r}": any(a["rank"] >= policy.rank(r) for a in covering) for r in policy.roles}
        rules = [r for r in policy.rules if r["on"] & {*heard, "any", *(["our terms"] if ours else [])}]
        drawing = [r for r in rules if isinstance(r["then"], dict)]
        for rule in drawing * len(drawing):  # a conclusion may rest on another
            drawn = f"concluded.{rule['then']['conclude']}"
            facts[drawn] = facts.get(drawn) or fires(rule, facts)
        fired = [r for r in rules if r not in drawing and fires(r, facts)]
        return Answer([{**r, "lifted": self.lifted(r, package, covering)} for r in fired], facts, heard)

    def meetings(self, name: str, heard: Iterable[str], package: Package | None) -> Fraction:
        """Return how often the two legs of a pattern have met, the event judged included."""
        (one, first), (two, second) = [(leg, on) for leg, on in self.policy.pattern[name].items() if leg != "when"]
        when, legs = self.policy.read(self.policy.pattern[name]["when"]), [*self.legs, *((h, package) for h in heard)]
        pairs = [(a, b) for n, (k, b) in enumerate(legs) for h, a in legs[:n] if a and b and (h, k) == (first, second)]
        named = [{f"{leg}.{i}": v for leg, terms in ((one, a), (two, b)) for i, v in terms.items()} for a, b in pairs]
        return Fraction(sum(when(facts) is True for facts in named))

    def lifted(self, rule: dict, package: Package | None, covering: list[dict]) -> bool:
        """Tell whether as many people as it asks for approve it, or one waives it, while what it reads is as then."""
        rank, people = self.policy.rank, set()
        for a in covering:
            named = rule["id"] in (*a["rules"], *a["override"])
            approves = bool(rule["to"]) and a["rank"] >= rank(rule["to"]) and (named or not a["rules"])
            waives = named and rule["enforcement"] == "overridable" and a["rank"] >= rank(rule["by"])
            waives = waives or rule["id"] == "short-of-want"
            if rule["id"] == "unvalued":
                waives = self.is_top(a) and self.other(package).items() <= a["terms"].items()
            if all(a["then"].get(n) == self.known.get(n) for n in rule["rests"]) or rule["id"] == "short-of-want":
                people |= {a["who"]} if approves else set()
                if waives or (people and len(people) >= rule["count"]):
                    return True
        return False

    def is_top(self, approval: dict) -> bool:
        return approval["rank"] == len(self.policy.roles) - 1 >= 0

    def hears(self, event: dict, at: Fraction, more: Facts | None = None) -> Answer:
        """Answer by the rules that hear this type of event."""
        word = HEARD.get(event["type"], event["type"])
        whose = {US: "our ", THEM: "their "}[event["by"]] if word in ("rejection", "withdrawal") else ""
        return self.judge(at, whose + word, more=more)

    def on_approve(self, event: dict, at: Fraction) -> Answer:
        """Remember an approval, with the deal as it is; it replaces what the same person approved before."""
        who, of = self.policy.person(event.get("approver")), event["of"]
        if event.get("until", at) < at:
            return Answer(dead="it ends before it begins")
        if event["role"] not in self.policy.roles:
            return self.judge(at, "tick")
        event.setdefault("then", self.known)
        approval = {"terms": None, "rules": (), "override": (), "until": None, **event, "who": who}
        approval["rank"] = self.policy.rank(event["role"])
        self.approvals = [*(a for a in self.approvals if (a["who"], a["of"]) != (who, of)), approval]
        return self.hears(event, at)  # as it finds the deal: what it allows holds after it

    # --- What is said ---------------------------------------------------------------------------------------------

    def on_open(self, event: dict, at: Fraction, *, follows: bool = False) -> Answer:
        """Answer an opening. Terms in it are our first offer, made at that instant."""
        self.take_in(event)
        self.limits = self.stated()
        self.cleared = self.run_from = self.start
        answer = self.hears(event, at, {"open.follows": follows})
        if not event.get("terms") or not self.valued:
            return self.judge(at, "our offer") if event.get("terms") else answer
        said = self.on_offer(event, at, [r for r in answer.fired if r["on"] == {"open"}])
        return replace(said, fired=[*said.fired, *answer.fired])

    def on_offer(self, event: dict, at: Fraction, opening: Iterable[dict] = ()) -> Answer:
        by, ours = event.get("by", US), self.words[US].packages[0] if US in self.words else self.start
        standing = ours
        if by == THEM:  # what they never named counts as the worse for us of the start value and what we said
            standing = {i: v if self.w(i, v) < self.w(i, ours[i]) else ours[i] for i, v in self.start.items()}
            standing |= self.last | (self.other(self.words[THEM].packages[0]) if THEM in self.words else {})
        said = [{i: v for i, v in (standing | named).items() if v is not None} for named in event["packages"]]
        named, said = {i for p in event["packages"] for i in p if i in self.policy.issues}, sorted(said, key=self.W)
        return self.ours(event, at, said, named, opening=opening) if by == US else self.theirs(event, at, said, named)

    def on_accept(self, event: dict, at: Fraction) -> Answer:
        """Answer an acceptance. One of some issues, or of an offer that was replaced, is an offer of those terms."""
        by, word, issues = event["by"], self.words.get(OTHER[event["by"]]), event.get("issues", ())
        replaced = event["of"] not in (None, word and word.event)
        word = self.archive.get(event["of"]) if replaced else word
        if not word or word.by == by or not (replaced or word.stands):
            return Answer(dead="nothing to accept")
        if any(f"{SIDE[word.by]}.first.{i}" not in word.first for i in issues):
            return Answer(dead="never named")
        package = word.packages[int(event.get("package", 1)) - 1]
        if replaced or issues:
            return self.on_offer({**event, "packages": [{i: package[i] for i in issues or package}]}, at)
        return (self.ours if by == US else self.theirs)(event, at, [package], {*self.policy.issues}, accepts=True)

    def ours(
        self, event: dict, at: Fraction, packages: list[Package], named: set[str], *, accepts: bool = False,
        opening: Iterable[dict] = (),
    ) -> Answer:  # fmt: skip
        """Answer terms of ours. What equals their standing offer is our acceptance; what is worse is judged as one."""
        theirs, who = self.standing(THEM), self.policy.person(event["actor"])
        accepts = accepts or any(packages == [p] for p in theirs)
        worse = any(self.no_worse(t, p) and self.W(p) < self.W(t) for t in theirs for p in packages)
        heard = ["our acceptance"] if accepts else ["our offer", "our acceptance"] if worse else ["our offer"]
        answer = severest([self.judge(at, *heard, package=p, actor=who) for p in packages])
        answer, net = replace(answer, fired=[*answer.fired, *opening]), self.ledger(packages[0])["give.net"]
        self.says(event, at, packages, named, accepts)
        self.legs += [(heard[0], p) for p in packages]
        if self.clears(event, answer, packages):
            self.n["ours.flat"] = 0 if net > 0 else self.n["ours.flat"] + (self.n["ours.offers"] > 0)
            self.moves(US, net, at, accepts=accepts)
            if not accepts:
                self.turn_down(THEM)
        else:
            self.n["ours.uncleared"] += 1
            self.movers += [(who, p) for p in packages]
        if accepts:
            self.agreement = Agreement(packages[0], US, event["actor"], answer.verdict == "proceed", "")
        return answer

    def theirs(
        self, event: dict, at: Fraction, packages: list[Package], named: set[str], *, accepts: bool = False
    ) -> Answer:
        """Answer terms of theirs, counted as their move first. What is no worse than our word is answered as taking it,
        and agrees to it where it is equal. Else it is at least a trade where our accepting it now would not proceed.
        """
        word, before, answers = self.standing(US), self.copy(), []
        accepts = accepts or any(packages == [p] for p in word)
        named = {*self.policy.issues} if accepts else named
        self.they_move(event, at, packages, named, accepts)
        for p in packages:
            takes = accepts or any(self.no_worse(p, said) for said in word)
            heard, moved = "their acceptance" if takes else "their offer", before.move(p, named)
            answer = (self if takes else before).judge(at, heard, package=p, by=THEM, more=moved)
            self.legs.append((heard, p))
            if not accepts:
                answer.accepting = self.judge(at, "our acceptance", package=p)
                lifts = all(r["to"] or r["enforcement"] == "overridable" or r["id"] == "unvalued"
                            for r in answer.accepting.deciding)  # fmt: skip
                if answer.accepting.verdict != "proceed":
                    escalates = answer.accepting.verdict == "escalate" and lifts
                    answer = answer.and_("may-not-accept", "escalate" if escalates else "trade")
            answers.append(answer)
        answer, net = severest(answers), self.ledger(packages[0])["give.net"]
        if accepts:
            if self.clears(event, answer, packages):
                self.run_from = self.cleared
                self.concedes(US, net, at)
            self.agreement = Agreement(packages[0], THEM, None, answer.verdict == "proceed", "")
        return answer

    def they_move(self, event: dict, at: Fraction, packages: list[Package], named: set[str], accepts: bool) -> None:
        """Count a move of theirs, whatever it is answered."""
        moved, new = self.move(packages[0], named), not named <= set(self.base)
        net, ours = moved["move.value"], self.words[US].packages if US in self.words else []
        if ours and not accepts and not any(self.no_worse(p, said) for p in packages for said in ours):
            self.turn_down(US)
        self.before, values = self.last, {i: packages[0][i] for i in named}
        self.base, self.last = values | self.base, self.last | values
        if net > 0 or not new:
            self.n["theirs.flat"] = 0 if net > 0 else self.n["theirs.flat"] + 1
        self.moved = self.moved or net > 0 or accepts or not self.n["theirs.offers"]
        self.n["theirs.retracted"] += moved["move.retracted"]
        self.moves(THEM, net, at, accepts=accepts)
        takes = accepts or (len(packages) == 1 and any(self.no_worse(packages[0], p) for p in self.standing(US)))
        if not takes or all(ours[0][i] == self.cleared[i] for i in self.policy.issues):
            self.run_from = self.cleared  # taking a word that was not let through begins no run
        self.says(event, at, packages, named, accepts)

    def says(self, event: dict, at: Fraction, packages: list[Package], named: set[str], accepts: bool) -> None:
        """Remember what a side said. Other terms than the agreed ones replace an agreement."""
        by, named = event.get("by", US), self.policy.issues if accepts else named
        self.first = {f"{SIDE[by]}.first.{i}": packages[0][i] for i in named} | self.first
        word = Word(by, event["id"], packages, None if accepts else event.get("until"), True, self.first)
        self.words[by] = self.archive[event["id"]] = word
        self.rejected -= {by}
        self.times["our_offer" if by == US else "their_offer"] = at
        if self.agreement and packages != [self.agreement.terms]:
            self.end("replaced")

    def clears(self, event: dict, answer: Answer, packages: list[Package]) -> bool:
        """Clear terms that are let through: whoever said what is no better for us moves nothing any more."""
        if answer.verdict != "proceed" or not self.may_clear(event):
            return False
        self.cleared = packages[0]
        self.movers = [
            (who, said) for who, said in self.movers
            if not any(self.no_worse(said, p) and self.other(said) == self.other(p) for p in packages)
        ]  # fmt: skip
        return True

    def may_clear(self, event: dict) -> bool:
        return True

    def moves(self, by: str, net: Fraction, at: Fraction, *, accepts: bool) -> None:
        """Count what a side offers, and what it concedes by it."""
        self.n[f"{SIDE[by]}.offers"] += 1
        self.n[f"{SIDE[by]}.in_a_row"] += not accepts
        self.n[f"{SIDE[OTHER[by]]}.in_a_row"] = 0
        self.concedes(by, net, at)

    def concedes(self, by: str, net: Fraction, at: Fraction) -> None:
        """Count a concession, if it is one; it returns those of the other side."""
        if net > 0:
            self.n.update({f"{SIDE[by]}.concessions": 1, f"{SIDE[by]}.unreturned": 1})
            self.n[f"{SIDE[by]}.last_give"], self.n[f"{SIDE[OTHER[by]]}.unreturned"] = net, 0
            self.times["our_concession" if by == US else "their_concession"] = at

    def turn_down(self, by: str) -> None:
        """Count a rejection of what a side said, at most one for each word."""
        self.n[f"{SIDE[OTHER[by]]}.rejections"] += by not in self.rejected
        self.rejected |= {by}

    def end(self, how: str) -> None:
        """End what is agreed, if anything is."""
        if self.agreement:
            self.agreement = self.agreement._replace(ended=self.agreement.ended or how)

    # --- What ends words, agreements and deals --------------------------------------------------------------------

    def on_reject(self, event: dict, at: Fraction) -> Answer:
        by, other = event["by"], OTHER[event["by"]]
        if other not in self.words:
            return Answer(dead="nothing to reject")
        answer = self.hears(event, at)
        self.turn_down(other)
        self.n[f"{SIDE[other]}.in_a_row"] = 0
        self.run_from = self.cleared if by == THEM else self.run_from
        self.end("rejected")
        return answer

    def on_withdraw(self, event: dict, at: Fraction) -> Answer:
        if not self.standing(event["by"]):
            return Answer(dead="nothing to withdraw")
        answer = self.hears(event, at)
        self.take_back(event["by"])
        self.end("withdrawn")
        return answer

    def lapse(self, at: Fraction) -> None:
        """Take back what bound until before an instant."""
        for by, word in list(self.words.items()):
            if word.stands and word.until is not None and at > word.until:
                self.take_back(by)

    def take_back(self, by: str) -> None:
        """Leave a word to nobody. Theirs falls back to the one before where that is worth less; it never rises."""
        self.words[by] = self.words[by]._replace(stands=False)
        before = {i: self.before.get(i, self.base[i]) for i in self.last}
        if by == THEM and self.T(before) < self.T(self.last):
            self.last = before

    def on_close(self, event: dict, at: Fraction) -> Answer:
        """Answer that the deal closes: won only where an agreement stands that was let through, or would be now."""
        agreed, won = self.agreement, event["outcome"] == "won"
        signed = self.start | event["terms"] if "terms" in event else None
        differs = signed is not None and not (agreed and signed == agreed.terms)
        others = [p for by in SIDE for p in self.standing(by) if agreed and p != agreed.terms]
        again = signed is not None and agreed and agreed.ended == "replaced" and not others
        stands = bool(agreed and (not agreed.ended or again))
        more = {"close.outcome": event["outcome"], "close.agreed": stands, "close.differs": differs}
        answer = self.hears(event, at, more)
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


def fires(rule: dict, facts: Facts) -> bool:
    """What is not known fires nothing."""
    return rule["when"](facts) is True and rule["unless"](facts) is False


def in_force(approval: dict, at: Fraction) -> bool:
    return bool(approval["who"]) and (approval["until"] is None or at <= approval["until"])
