"""What is remembered of a deal, and what it comes to: what terms give and get, what is counted, every fact of a rule.

Nothing is added up along the way: each figure is computed from what was said (docs/calculus.md, "The ledger").
"""

from collections import namedtuple
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import takewhile

from tests.reference.policy import NONE, NOTHING, Package, Worth
from tests.reference.reading import Facts, folded

US, THEM = "us", "them"
SIDE, OUR, OTHER = {US: "ours", THEM: "theirs"}, {US: "our", THEM: "their"}, {US: THEM, THEM: US}

Word = namedtuple("Word", "by event at packages heard named until stands rejected")
"""What a side said: all issues it has named by then, until when it binds, whether it stands and was turned down."""

Move = namedtuple("Move", "by at what net flat retracted", defaults=(NONE, 0, 0))
"""What is counted of a side: an `offer`, `acceptance` or `rejection`, what its word `gave` when it was taken, an offer
that was `uncleared`; by how much it gave way, and whether it was flat."""


class Ledger:
    """One deal as it stands. Its parts are never changed, only replaced, so that a copy of it stays as it is."""

    def __init__(self, world: object, event: dict) -> None:
        self.world, self.policy, self.id, self.party = world, world.policy, event["deal"], folded(event.get("party"))
        self.opened = self.now = event["at"]
        self.worth, self.limits = Worth(self.policy, {}), {}  # by what is stated; the limits that bind
        self.words, self.moves = {}, []  # what was said, by event; what is counted of it
        self.base, self.last, self.before = {}, {}, {}  # theirs: values first named; their last word; that before it
        self.cleared, self.run_from = {}, {}  # ours as last let through, and as it was when they last moved
        self.agreement, self.ended = None, ""  # what is agreed, and how it ended, if it did
        self.approvals, self.movers, self.pending = [], [], {}  # pending: who asks the highest role for what
        self.left, self.moved, self.outcome = "", False, ""  # the door by which we left; have they moved since?
        self.signals, self.others = dict.fromkeys(self.policy.signals, 0), {}  # seen of them; known from other deals
        self.history, self.verdicts, self.dropped = [], {}, set()  # all events, their answers, and what is taken back

    def word(self, by: str) -> Word | None:
        """Return what a side said last."""
        return next((word for word in reversed(self.words.values()) if word.by == by), None)

    def standing(self, by: str) -> list[Package]:
        """Return the packages that a side offers and nobody has taken back."""
        word = self.word(by)
        return word.packages if word and word.stands else []

    def take_back(self, by: str) -> None:
        """Leave a word to nobody. Theirs falls back to the one before where that is worth less; it never rises."""
        word, fallen = self.word(by), self.last | self.base | self.before
        self.words = self.words | {word.event: word._replace(stands=False)}
        if by == THEM and self.T(fallen, self.base) < self.T(self.last, self.base):
            self.last = fallen

    def lapse(self) -> None:
        """Take back what bound until before now; that an alternative ends was said with it, and loosens nothing."""
        for word in filter(None, map(self.word, SIDE)):
            if word.stands and word.until is not None and self.now > word.until:
                self.take_back(word.by)
        worth = self.worth
        there = {n: a for n, a in worth.alternatives.items() if a[1] is None or self.now <= a[1]}
        if there != worth.alternatives:
            self.worth = Worth(self.policy, worth.facts, worth.own, there)
            self.limits = self.limits | {"batna.worth": self.worth.limits.get("batna.worth")}

    # --- What terms give and get --------------------------------------------------------------------------------------

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

    # --- What rules may read ------------------------------------------------------------------------------------------

    def counts(self, by: str) -> Facts:
        """Return what is counted of a side: of ours what was cleared, of theirs what they said."""

        def since(ends: Callable[[Move], bool]) -> list[Move]:
            return [m for m in takewhile(lambda m: not ends(m), reversed(self.moves)) if m.by == by]

        mine = [m for m in self.moves if m.by == by]
        gave = [m.net for m in mine if m.net > 0]
        in_turn = since(lambda m: m.by != by and m.what in ("offer", "acceptance", "rejection"))
        return {
            "offers": sum(m.what in ("offer", "acceptance") for m in mine), "concessions": len(gave),
            "last_give": gave[-1] if gave else 0, "in_a_row": sum(m.what == "offer" for m in in_turn),
            "unreturned": sum(m.net > 0 for m in since(lambda m: m.by != by and m.net > 0)),
            "flat": sum(m.flat for m in since(lambda m: m.by == by and m.net > 0 and m.what != "gave")),
            "rejections": sum(m.what == "rejection" for m in mine),
            "uncleared": sum(m.what == "uncleared" for m in mine),
        }  # fmt: skip

    def times(self) -> Iterator[tuple[str, Fraction]]:
        """Yield what happened, and when last."""
        yield "opened", self.opened
        for by, our in OUR.items():
            yield from ((f"{our}_offer", word.at) for word in self.words.values() if word.by == by)
            yield from ((f"{our}_concession", m.at) for m in self.moves if m.by == by and m.net > 0 and m.at)

    def facts_of(self, terms: Package | None, by: str) -> Facts:
        """Return every fact that a rule may read of the deal, and of the terms judged."""
        worth = self.worth
        found = worth.known | self.limits | self.others | {"missing.items": len(worth.missing)}
        found |= {f"since.{what}": self.now - at for what, at in self.times()}
        found |= {f"signals.{kind}": n for kind, n in self.signals.items()}
        found |= {"theirs.retracted": sum(m.retracted for m in self.moves if m.by == THEM)}
        found |= {"left.closed": self.left == "closed", "left.open": self.left == "open" and not self.moved}
        for side, whose in SIDE.items():
            found |= {f"{whose}.{count}": n for count, n in self.counts(side).items()}
        if not worth.is_known:
            return found
        net, our_net, theirs = self.T(self.last, self.base), worth.W(self.cleared), self.standing(THEM)
        found |= {"theirs.net": net, "ours.net": our_net, "balance": net + our_net}
        found |= {"theirs.worth": worth.whole(theirs[0]) if theirs else None}
        found |= {f"ours.cleared.{i}": v for i, v in self.cleared.items()}
        for word in reversed(self.words.values()):
            found |= {f"{SIDE[word.by]}.first.{i}": word.packages[0][i] for i in word.named}
        for side, last in ((US, NOTHING), (THEM, self.last)):
            said = self.word(side).packages[0] | last if self.word(side) else NOTHING
            found |= {f"{SIDE[side]}.last.{i}": v for i, v in said.items()}
            found[f"other.{SIDE[side]}"] = len(worth.other(said))
        if terms:
            whole, other = worth.whole(terms), len(worth.other(terms))
            found |= self.policy.room(terms, worth.known | self.limits | self.policy.where(terms), whole)
            found |= {f"offer.{i}": v for i, v in terms.items()} | {f"other.{SIDE[by]}": other}
            found |= {"offer.worth": whole, "offer.by": by, "offer.undeclared": other} | self.policy.derive(found)
        return found
