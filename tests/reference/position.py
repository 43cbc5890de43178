"""What is remembered of a deal, and the figures of the ledger that are computed from it, docs/calculus.md.

Shares no code with the engine.
"""

from collections import Counter, namedtuple
from collections.abc import Iterable
from copy import copy
from fractions import Fraction
from typing import Self

from tests.reference.policy import Policy
from tests.reference.reading import Facts, Value
from tests.reference.stated import NONE, Package, Stated

Word = namedtuple("Word", "by event packages until stands first")  # what a side said, the package of least worth first
Agreement = namedtuple("Agreement", "terms by actor through ended")  # `through`: let through; `ended`: how, if it did

COUNTS = ("offers", "concessions", "last_give", "in_a_row", "unreturned", "flat", "rejections", "uncleared")
US, THEM = "us", "them"
SIDE, OTHER = {US: "ours", THEM: "theirs"}, {US: THEM, THEM: US}


class Position(Stated):
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

    def copy(self) -> Self:
        new = copy(self)
        vars(new).update({n: copy(v) for n, v in vars(self).items() if isinstance(v, dict | list | set)})
        return new

    def standing(self, by: str) -> list[Package]:
        return self.words[by].packages if by in self.words and self.words[by].stands else []

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
