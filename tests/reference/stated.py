"""What a deal comes to as it is stated: worths of terms, limits, and how far terms are within them. Judges nothing.

Shares no code with the engine.
"""

from fractions import Fraction
from itertools import product

from tests.reference.policy import LIMITS, Policy
from tests.reference.reading import Facts, Value

Package = dict[str, Value]  # issue → value, all declared issues present; what nobody declared stands in it beside them
NONE = Fraction(0)
AMOUNTS, SIGNED = {"money", "months", "days", "duration", "count"}, {"percent", "number"}


class Stated:
    """The facts, limits and alternatives of a deal.

    Attributes:
        own, alternatives: The limits that the deal brings; name → worth and end.
        limits, missing: The limits that bind; what it lacks.
        start, base_worth, valued: The start terms, what they are worth to us, and whether all worths are known.
    """

    start: Package
    base_worth: Fraction
    valued: bool

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.facts, self.own, self.alternatives = {}, {}, {}
        self.limits, self.missing, self.worths = {}, [], {}  # worths: what is computed already

    @property
    def known(self) -> Facts:
        """What is stated of the deal, and the limits that bind: what an approval rests on."""
        return self.policy.known(self.facts) | self.limits

    def unfit(self, event: dict) -> str:
        """Say why an update cannot be: it states once more what is stated once, or a limit looser than the policy's."""
        known = self.policy.known(self.facts)
        facts = {f"deal.{n}": v for n, v in event.get("facts", {}).items()}
        if any(n in self.policy.fixed and known[n] not in (None, v) for n, v in facts.items()):
            return "stated once"
        policys = self.policy.limits(known, {})[0] if self.valued else {}
        walks = {n: v for n, v in event["limits"].items() if n.startswith("walk.") and n in policys}
        return "looser than the policy's" if any(self.is_looser(n, policys[n], v) for n, v in walks.items()) else ""

    def take_in(self, event: dict, facts: Facts | None = None) -> None:
        """Take in the facts, limits and alternatives that an opening or an update states, or other facts in place."""
        self.facts = facts or self.facts | event.get("facts", {})
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

    def drop_ended(self, at: Fraction) -> None:
        """Drop the alternatives that have ended; that they would was said with them, so it loosens nothing."""
        ended = [n for n, (_, until) in self.alternatives.items() if until is not None and at > until]
        if ended:
            self.alternatives = {n: a for n, a in self.alternatives.items() if n not in ended}
            self.limits = {**self.limits, "batna.worth": self.stated().get("batna.worth")}

    def w(self, issue: str, at: Value) -> Fraction:
        """Return the worth of one value over the start value; of the package and of alternatives, the amount itself."""
        if (issue, at) not in self.worths:
            self.worths[issue, at] = self.policy.worth(issue, at, self.policy.known(self.facts))
        return self.worths[issue, at]

    def W(self, package: Package) -> Fraction:  # noqa: N802, the contract's letter
        return sum((self.w(i, package[i]) for i in self.policy.issues), NONE)

    def no_worse(self, one: Package, another: Package) -> bool:
        """Tell whether terms are on every issue worth at least as much to us as others."""
        return all(self.w(i, one[i]) >= self.w(i, another[i]) for i in self.policy.issues)

    def other(self, package: Package) -> Package:
        """Return the terms that nobody declared."""
        return {name: at for name, at in package.items() if name not in self.policy.issues}

    def counted(self, issue: str, at: Value) -> Fraction:
        """Return what a value of theirs counts: under `theirs_base: walk` nothing beyond our walk value."""
        least = self.w(issue, self.limits.get(f"walk.{issue}", self.start[issue]))
        return max(self.w(issue, at), least) if self.policy.theirs_base == "walk" else self.w(issue, at)

    def is_looser(self, limit: str, old: Value, new: Value) -> bool:
        name = limit.partition(".")[2]
        return new != old and (new is None or self.w(name, new) <= self.w(name, old))

    def is_outside(self, package: Package) -> bool:
        batna, worth = self.limits.get("batna.worth"), self.base_worth + self.W(package)
        return self.room(package)["room.beyond_walk"] > 0 or (batna is not None and worth <= batna)

    def room(self, package: Package) -> dict[str, Value]:
        """Return how far terms are within our limits."""
        found: dict[str, Value] = {"room.beyond_walk": NONE, "room.short_of_want": NONE}
        for i, at in (package | {"package": self.base_worth + self.W(package)}).items():
            walk, want = (self.limits.get(f"{t}.{i}") for t in ("walk", "want"))
            if walk is not None:
                far = self.w(i, at) - self.w(i, walk)
                found[f"room.{i}"] = abs(at - walk) * ((far > 0) - (far < 0)) if isinstance(walk, Fraction) else far
                found["room.beyond_walk"] += far < 0 or self.alike(i, at, walk)
            if want is not None:
                found["room.short_of_want"] += self.w(i, at) < self.w(i, want) or self.alike(i, at, want)
        return found

    def alike(self, issue: str, at: Value, limit: Value) -> bool:
        """Tell whether a word is worth the same as a limit here, and less elsewhere, or else declared past it."""
        if isinstance(limit, Fraction) or at == limit or self.w(issue, at) != self.w(issue, limit):
            return False
        kinds = {n: s.get("type") if isinstance(s, dict) else s for n, s in self.policy.deal.items()}
        ahead = [NONE]
        for large, sign in product(kinds, (1, -1)):
            much = {n: Fraction(10**9 if n == large else 1) for n, kind in kinds.items() if kind in AMOUNTS}
            turned = {n: Fraction(sign) for n, kind in kinds.items() if kind in SIGNED}
            known = self.policy.known({**self.facts, **much, **turned})
            ahead.append(self.policy.worth(issue, at, known) - self.policy.worth(issue, limit, known))
        if any(ahead) and (min(ahead) == 0 or max(ahead) == 0):
            return min(ahead) < 0
        words = [str(word) for word in self.policy.issues[issue].get("one of", ())] or [False, True]
        here, there, start = (words.index(w) for w in (at, limit, self.start[issue]))
        return start == there or (here - there) * (start - there) < 0

    def read(self, package: Package | None) -> dict[str, Value]:
        """Return what rules may read of what is stated, and of terms by themselves."""
        limits = (f"{limit}.{i}" for limit in LIMITS for i in (*self.policy.issues, "package"))
        found = dict.fromkeys((*limits, "batna.worth")) | self.known | {"missing.items": Fraction(len(self.missing))}
        if package is None:
            return found
        found |= {f"offer.{i}": v for i, v in package.items()} | self.room(package)
        undeclared = Fraction(len(self.other(package)))
        return found | {"offer.worth": self.base_worth + self.W(package), "offer.undeclared": undeclared}
