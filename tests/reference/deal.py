"""What is remembered of one deal, and every fact that follows from it: calculus.md, sections 2 and 3.

Nothing is accumulated: worths, gives and gets are computed from positions whenever somebody asks.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from tests.reference.conditions import Value
from tests.reference.policy import THRESHOLDS, Package, Policy

US, THEM = "us", "them"


@dataclass
class Word:
    """What one side has said: one package, or several to choose from. The first is the one measured by."""

    packages: list[Package]
    event: str = ""
    until: Fraction | None = None
    standing: bool = True


@dataclass
class Agreement:
    """Terms that one side said and the other took."""

    terms: Package
    by: str
    actor: object
    let_through: bool
    still: bool = True  # whether it would have been, with the facts and approvals of now
    ended: str = ""  # "", "withdrawn", "rejected" or "replaced"


@dataclass
class Approval:
    """What somebody approved, and what the deal's facts and limits were then."""

    event: str
    approver: str
    role: str
    terms: Package | None
    of: str | None
    rules: list[str] | None
    waives: list[str]
    until: Fraction | None
    then: dict[str, Value]
    revoked: bool = False


@dataclass
class Folding:
    """How a deal is folded again: with which facts, what may clear, and what facts approvals were given on."""

    facts: dict[str, Value] | None
    may_clear: set[str] | None
    then: dict[str, dict[str, Value]]
    parties: dict[str, dict[str, Value]]


@dataclass
class Deal:
    """All that is remembered of a deal under one policy, its layers above included."""

    policy: Policy
    id: str
    opened: Fraction
    latest: Fraction
    party: str = ""
    facts: dict[str, Value] = field(default_factory=dict)
    given: dict[str, dict[str, Value]] = field(default_factory=dict)
    alternatives: dict[str, dict] = field(default_factory=dict)
    held: dict[str, dict] = field(default_factory=dict)  # alternatives that bind, until others are allowed instead
    limits: dict[str, Value] = field(default_factory=dict)  # those that are held, `batna.worth` among them
    missing: list[str] = field(default_factory=list)
    said: Word | None = None
    cleared: Package = field(default_factory=dict)
    named: set[str] = field(default_factory=set)  # issues that our cleared offers have named
    run_from: Package = field(
        default_factory=dict
    )  # what was cleared when they last moved; taking an uncleared word is no move
    word: Word | None = None  # theirs
    last: Package = field(default_factory=dict)  # of every issue they have named, its last value
    base: Package = field(default_factory=dict)  # and its first
    before: Package = field(default_factory=dict)  # `last`, before their latest offer
    firsts: dict[str, Package] = field(default_factory=lambda: {US: {}, THEM: {}})
    counts: dict[str, Counter] = field(default_factory=lambda: {US: Counter(), THEM: Counter()})
    times: dict[str, Fraction] = field(default_factory=dict)
    turned_down: dict[str, bool] = field(default_factory=lambda: {US: True, THEM: True})  # was its offer turned down?
    settled: dict[str, set] = field(default_factory=lambda: {US: set(), THEM: set()})
    settled_terms: Package = field(default_factory=dict)
    agreement: Agreement | None = None
    archive: dict[str, tuple[str, list[Package], set[str]]] = field(default_factory=dict)  # id: maker, packages, named
    approvals: list[Approval] = field(default_factory=list)
    movers: list[tuple[str, Package]] = field(default_factory=list)
    signals: Counter = field(default_factory=Counter)
    legs: list[tuple[str, Package]] = field(default_factory=list)  # what patterns join: kind of event, terms
    stated: dict[str, tuple[Fraction, object]] = field(default_factory=dict)
    left: str = ""  # the door by which we left: "open" or "closed"
    moved: bool = False  # whether they have moved since
    outcome: str = ""
    earlier: Package = field(default_factory=dict)
    pending: dict[str, dict] = field(default_factory=dict)  # what waits for an approval, by event
    history: list[dict] = field(default_factory=list)
    verdicts: dict[str, str] = field(default_factory=dict)
    cleared_by: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)  # events voided, approvals revoked
    folding: "Folding | None" = None  # how, while the deal is folded again
    party_facts: dict[str, Value] = field(default_factory=dict)
    parties: dict[str, dict[str, Value]] = field(default_factory=dict)  # what was known of the party, by event

    # --- Worth ----------------------------------------------------------------------------------------------------

    @property
    def valued(self) -> bool:
        """Whether worths can be computed from what is stated."""
        start = self.policy.start(self.facts)
        if None in start.values() or self.policy.base(self.facts) is None:
            return False
        return all(self.policy.worth(i, at, self.facts) is not None for i, at in start.items())

    @property
    def start(self) -> Package:
        return self.policy.start(self.facts)

    def w(self, issue: str, at: Value) -> Fraction:
        """Return the worth of one value over the start value."""
        return self.policy.worth(issue, at, self.facts)

    def W(self, package: Package) -> Fraction:  # noqa: N802, the contract's letter
        """Return the worth of a package over the start terms."""
        return self.policy.total(package, self.facts)

    def least(self, packages: list[Package]) -> list[Package]:
        """Return packages with the one of least worth in front: it is the one measured by."""
        return sorted(packages, key=self.W)

    # --- Their word -----------------------------------------------------------------------------------------------

    def counted(self, issue: str, at: Value) -> Fraction:
        """Return what a value of theirs counts: under `theirs_base: walk` never beyond our limit."""
        if self.policy.settings.get("theirs_base") != "walk":
            return self.w(issue, at)
        limit = self.limits.get(f"walk.{issue}", self.start[issue])
        return max(self.w(issue, at), self.w(issue, limit))

    def T(self, last: Package | None = None) -> Fraction:  # noqa: N802
        """Return what their last word is worth over their bases, on the issues they have named."""
        last = self.last if last is None else last
        return sum((self.counted(i, last[i]) - self.counted(i, self.base[i]) for i in last), Fraction(0))

    def both(self, package: Package) -> Fraction:
        """Return what they conceded and *package* asks for, which must not count twice."""
        found = Fraction(0)
        for i in self.last:
            low, high = max(Fraction(0), self.counted(i, self.base[i])), self.counted(i, self.last[i])
            found += max(Fraction(0), min(self.w(i, package[i]), high) - low)
        return found

    def their_package(self, named: Package) -> Package:
        """Return the whole package of an offer of theirs.

        What they never named counts as the worse for us of the start value and what we have said; at a tie, the latter.
        """
        ours = self.said.packages[0] if self.said else self.start
        found = dict(self.word.packages[0]) if self.word else {}
        package = {}
        for i, at in self.start.items():
            package[i] = self.last[i] if i in self.last else at if self.w(i, at) < self.w(i, ours[i]) else ours[i]
        return whole(package | self.policy.other(found), named)

    # --- Our terms ------------------------------------------------------------------------------------------------

    def gives(self, package: Package, over: Package | None = None) -> tuple[Fraction, Fraction, int, int]:
        """Return what *package* gives and asks over what was cleared, in worth and in issues."""
        over = self.cleared if over is None else over
        d = [self.w(i, package[i]) - self.w(i, over[i]) for i in self.policy.issues]
        zero = Fraction(0)
        gives, asks = [-x for x in d if x < 0], [x for x in d if x > 0]
        return sum(gives, zero), sum(asks, zero), len(gives), len(asks)

    def ledger(self, package: Package) -> dict[str, Value]:
        """Return the facts of section 3 about terms of ours.

        What they conceded and we ask for counts once. So `give.value > get.value` says exactly `V(O) < min(V(C), -T)`,
        with `V(x) = W(x) - both(x)`: what terms are worth without what they have conceded of them.
        """
        give, asked, gives, asks = self.gives(package)
        both, cleared = self.both(package), self.both(self.cleared)
        paid = max(Fraction(0), self.T() + self.W(self.cleared) - cleared)
        return {
            "give.value": give, "give.issues": Fraction(gives), "give.net": max(Fraction(0), give - asked),
            "give.run": self.gives(package, self.run_from)[0],
            "asked.value": asked, "asked.issues": Fraction(asks),
            "get.value": asked - (both - cleared) + paid, "both": both,
        }  # fmt: skip

    def move(self, package: Package, named: set[str]) -> dict[str, Value]:
        """Return what an offer of theirs moves; the first mention of an issue is no move."""
        named = named & set(self.policy.issues)
        old = [i for i in named if i in self.last]
        new = {**self.last, **{i: package[i] for i in old}}
        worse = sum(self.w(i, package[i]) < self.w(i, self.last[i]) for i in old)
        reopened = sum(self.w(i, package[i]) < self.w(i, at) for i, at in self.settled_terms.items())
        first = sum((self.w(i, package[i]) for i in named if i not in self.last), Fraction(0))
        return {
            "move.value": self.T(new) - self.T(), "move.new": first,
            "move.retracted": Fraction(worse), "move.reopened": Fraction(reopened),
        }  # fmt: skip

    # --- Limits ---------------------------------------------------------------------------------------------------

    def room(self, package: Package) -> dict[str, Value]:
        """Return the distances to the walk values, in our favour, and how many limits are passed."""
        found: dict[str, Value] = {}
        beyond = short = 0
        for i in self.policy.issues:
            at = package[i]
            walk, want = self.limits.get(f"walk.{i}"), self.limits.get(f"want.{i}")
            if walk is not None:
                worth = self.w(i, at) - self.w(i, walk)
                sign = (worth > 0) - (worth < 0)
                found[f"room.{i}"] = sign * abs(at - walk) if isinstance(at, Fraction) else worth
                beyond += worth < 0
            short += want is not None and self.w(i, at) < self.w(i, want)
        worth = self.policy.base(self.facts) + self.W(package)
        if (walk := self.limits.get("walk.package")) is not None:
            found["room.package"] = worth - walk
            beyond += worth < walk
        if (want := self.limits.get("want.package")) is not None:
            short += worth < want
        return {**found, "room.beyond_walk": Fraction(beyond), "room.short_of_want": Fraction(short)}

    def beyond(self, package: Package) -> bool:
        """Tell whether terms are beyond a walk value, or no better than our best alternative."""
        batna = self.limits.get("batna.worth")
        worth = self.policy.base(self.facts) + self.W(package)
        return self.room(package)["room.beyond_walk"] > 0 or (batna is not None and worth <= batna)

    def best(self, alternatives: dict[str, dict], at: Fraction) -> Value:
        """Return the worth of the best alternative still in force."""
        worths = [a["worth"] for a in alternatives.values() if a["until"] is None or at <= a["until"]]
        return max(worths, default=None)

    # --- Everything a rule may read -------------------------------------------------------------------------------

    def all_facts(
        self, at: Fraction, by: str = "", package: Package | None = None, named: set[str] = frozenset()
    ) -> dict[str, Value]:
        """Return every fact; those about the terms judged only where there are any and worths can be computed."""
        found: dict[str, Value] = {"since.opened": at - self.opened, "missing.items": Fraction(len(self.missing))}
        found |= self.policy.known(self.facts) | self.party_facts
        found |= dict.fromkeys(f"{t}.{i}" for t in THRESHOLDS for i in (*self.policy.issues, "package"))
        found |= {"batna.worth": None} | self.limits
        found |= {f"signals.{s}": Fraction(self.signals[s]) for s in self.policy.signals}
        found |= {f"since.{what}": at - since for what, since in self.times.items()}
        found |= {f"earlier.{i}": at for i, at in self.earlier.items()}
        for name in self.policy.deal:
            found[f"stated.{name}"] = name in self.stated
            if name in self.stated:
                found |= {f"since.stated.{name}": at - self.stated[name][0], f"by.stated.{name}": self.stated[name][1]}
        found |= {"left.closed": self.left == "closed", "left.open": self.left == "open" and not self.moved}
        for side, party in (("ours", US), ("theirs", THEM)):
            found |= {f"{side}.{what}": Fraction(self.counts[party][what]) for what in COUNTS}
            found[f"{side}.settled"] = Fraction(len(self.settled[party]))
            found |= {f"{side}.first.{i}": v for i, v in self.firsts[party].items()}
        if not self.valued:
            return found
        found |= {"theirs.net": self.T(), "ours.net": self.W(self.cleared), "balance": self.T() + self.W(self.cleared)}
        found |= {f"ours.cleared.{i}": v for i, v in self.cleared.items()}
        for side, word, worse in (("ours", self.said, 1), ("theirs", self.word, -1)):
            terms = word.packages[0] if word else {}
            found |= {f"{side}.last.{i}": v for i, v in terms.items()}
            found[f"other.{side}"] = Fraction(len(self.policy.other(terms)))
            settled = self.settled_terms.items() if terms else ()
            found[f"{side}.reopened"] = Fraction(
                sum(worse * (self.w(i, terms[i]) - self.w(i, v)) > 0 for i, v in settled)
            )
        if package is None:
            return found
        found |= {f"offer.{i}": v for i, v in package.items()} | self.room(package)
        found |= {"offer.worth": self.policy.base(self.facts) + self.W(package), "offer.by": by}
        found["offer.first"] = self.counts[by]["offers"] == 0
        found[f"other.{'ours' if by == US else 'theirs'}"] = Fraction(len(self.policy.other(package)))
        return found | (self.move(package, named) if by == THEM else {})


COUNTS = (
    "offers", "concessions", "last_give", "in_a_row", "unreturned", "flat", "retracted", "rejections", "uncleared",
)  # fmt: skip


def whole(standing: Package, named: Mapping[str, Value]) -> Package:
    """Return a package with some issues at new values; a term that nobody declared goes when its maker sends `null`."""
    return {name: at for name, at in {**standing, **named}.items() if at is not None}
