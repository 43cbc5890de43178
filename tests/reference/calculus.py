"""The calculus of docs/calculus.md, decided naively: plain fractions, nothing fast, nothing shared with the engine.

What terms give and get, which rules fire, whose approval counts, what is said and cleared, agreed and closed. How texts
are read is in `reading` and `policy`, what terms are worth in `stated`, what is taken back and allowed in `happenings`.
"""

from collections import Counter, namedtuple
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from fractions import Fraction

from tests.reference.policy import Policy
from tests.reference.reading import Facts, Value
from tests.reference.stated import NONE, Package, Stated

Word = namedtuple("Word", "by event packages until stands first")  # what a side said, the package of least worth first
Agreement = namedtuple("Agreement", "terms by actor through ended")  # `through`: let through; `ended`: how, if it did

VERDICTS = ("proceed", "trade", "hold", "escalate", "refuse", "walk")
COUNTS = ("offers", "concessions", "last_give", "in_a_row", "unreturned", "flat", "rejections", "uncleared")
US, THEM = "us", "them"
SIDE, OTHER = {US: "ours", THEM: "theirs"}, {US: THEM, THEM: US}
OUR_TERMS = {"our offer", "our acceptance", "their acceptance"}


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
        """Return this answer with one rule more."""
        more = {"id": rule, "then": then, "to": to, "enforcement": "mandatory", "lifted": False, "door": "open"}
        return replace(self, fired=[*self.fired, more])


def severest(answers: list[Answer]) -> Answer:
    """Return several answers as one: the most severe, and all that fired."""
    most = max(answers, key=lambda a: VERDICTS.index(a.verdict))
    dead = next((a.dead for a in answers if a.dead), "")
    return replace(most, fired=[r for a in answers for r in a.fired], dead=dead)


class Deal(Stated):
    """All that is remembered of a deal. Every worth is computed from it; nothing is added up but counts."""

    def __init__(self, policy: Policy, at: Fraction) -> None:
        super().__init__(policy)
        self.words, self.archive, self.first = {}, {}, {}  # each side's last word; all, by event; first values
        self.cleared, self.run_from = {}, {}  # our terms as let through, and as they were when the others last moved
        self.base, self.last, self.before = {}, {}, {}  # of what they named: its first value, its last, the one before
        self.n, self.times = Counter(), {"opened": at}  # `ours.offers` and the like; since when
        self.rejected = {US, THEM}  # whose word is turned down, or not said yet
        self.agreement, self.approvals, self.movers, self.legs = None, [], [], []
        self.left, self.moved, self.outcome = "", False, ""  # the door by which we left; have they moved since?
        self.others: Facts = {}  # what is known of the other side from its other deals

    def copy(self) -> "Deal":
        new = copy(self)
        vars(new).update({n: copy(v) for n, v in vars(self).items() if isinstance(v, dict | list | set)})
        return new

    # --- The ledger -----------------------------------------------------------------------------------------------

    def T(self, last: Package) -> Fraction:  # noqa: N802, the contract's letter
        """Return what their last word is worth over their bases."""
        return sum((self.counted(i, last[i]) - self.counted(i, self.base[i]) for i in last), NONE)

    def both(self, package: Package) -> Fraction:
        """Return what they conceded and *package* asks for above the start value: it is one thing, and counts once."""
        low = {i: max(NONE, self.counted(i, self.base[i])) for i in self.last}
        high = {i: self.counted(i, self.last[i]) for i in self.last}
        return sum((max(NONE, min(self.w(i, package[i]), high[i]) - low[i]) for i in self.last), NONE)

    def ledger(self, package: Package) -> dict[str, Value]:
        """Return what terms of ours give over what was cleared, and what they get for it."""
        d = [self.w(i, package[i]) - self.w(i, self.cleared[i]) for i in self.policy.issues]
        run = [self.w(i, package[i]) - self.w(i, self.run_from[i]) for i in self.policy.issues]
        give, asked = -sum((x for x in d if x < 0), NONE), sum((x for x in d if x > 0), NONE)
        both, cleared = self.both(package), self.both(self.cleared)
        return {
            "give.value": give, "give.issues": Fraction(sum(x < 0 for x in d)), "give.net": max(NONE, give - asked),
            "asked.value": asked, "asked.issues": Fraction(sum(x > 0 for x in d)), "both": both,
            "get.value": asked - (both - cleared) + max(NONE, self.T(self.last) + self.W(self.cleared) - cleared),
            "give.run": -sum((x for x in run if x < 0), NONE), "offer.first": not self.n["ours.offers"],
        }  # fmt: skip

    def move(self, package: Package, named: Iterable[str]) -> dict[str, Value]:
        """Return what an offer of theirs moves; the first mention of an issue is no move."""
        again = {i: package[i] for i in named if i in self.last}
        return {
            "move.value": self.T(self.last | again) - self.T(self.last),
            "move.new": sum((self.w(i, package[i]) for i in named if i not in self.last), NONE),
            "move.retracted": Fraction(sum(self.w(i, at) < self.w(i, self.last[i]) for i, at in again.items())),
            "offer.first": not self.n["theirs.offers"],
        }

    def facts_of(self, at: Fraction, package: Package | None = None, by: str = "") -> dict[str, Value]:
        """Return every fact that a rule may read of the deal, and of the terms judged."""
        counts = [*(f"{side}.{count}" for side in SIDE.values() for count in COUNTS), "theirs.retracted"]
        counts += [f"signals.{kind}" for kind in self.policy.signals]
        found = self.others | self.first | self.read(package) | {n: Fraction(self.n[n]) for n in counts}
        found |= {f"since.{what}": at - then for what, then in self.times.items()} | {"theirs.worth": None}
        found |= {"left.closed": self.left == "closed", "left.open": self.left == "open" and not self.moved}
        if not self.valued:
            return found
        net, our_net = self.T(self.last), self.W(self.cleared)
        found |= {"theirs.net": net, "ours.net": our_net, "balance": net + our_net}
        found |= {f"ours.cleared.{i}": v for i, v in self.cleared.items()}
        for whose, side in SIDE.items():
            said = (self.words[whose].packages[0] | (self.last if whose == THEM else {})) if whose in self.words else {}
            found |= {f"{side}.last.{i}": v for i, v in said.items()}
            found[f"other.{side}"] = Fraction(len(self.other(said)))
        for terms in self.standing(THEM)[:1]:
            found["theirs.worth"] = self.base_worth + self.W(terms)
        return found | ({"offer.by": by, f"other.{SIDE[by]}": found["offer.undeclared"]} if package else {})

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

    # --- What is said ---------------------------------------------------------------------------------------------

    def standing(self, by: str) -> list[Package]:
        return self.words[by].packages if by in self.words and self.words[by].stands else []

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


def fires(rule: dict, facts: Facts) -> bool:
    """What is not known fires nothing."""
    return rule["when"](facts) is True and rule["unless"](facts) is False


def in_force(approval: dict, at: Fraction) -> bool:
    return bool(approval["who"]) and (approval["until"] is None or at <= approval["until"])
