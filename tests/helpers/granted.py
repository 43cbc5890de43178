"""Deals made up of what is granted: before it is asked for and until some instant, to movers, on facts that change."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from tests.helpers.haggling import DERIVED, Haggling, Said
from tests.helpers.rarely import DESK, Rare

SEATS: Said = {
    **DERIVED[0], "policy": "granted-seats",
    "rules": {
        **DERIVED[0]["rules"],
        "spare": {"why": "w", "on": "our terms", "when": "known(derived.spare) and derived.spare < 0",
                  "then": "escalate", "to": "manager", "enforcement": "overridable", "by": "director"},
    },
}  # fmt: skip
"""A rule that asks for an approval by what two issues and a fact of the deal come to together."""


_DAY = timedelta(days=1)


class Granted(Rare):
    """One deal in which the highest role allows what comes later, and terms nobody declared come and go."""

    weights: ClassVar[dict[str, float]] = {
        **Rare.weights, "ahead": 60, "bare": 24, "offer": 12, "their_move": 14, "packages": 1, "kill": 0, "probe": 0,
    }  # fmt: skip

    def ahead(self) -> Said:
        """Allow what is asked next but two: until before it, until that very instant, or for good."""
        choice: Callable[[Any], Any] = self.random.choice
        approver, of = self.spelled(choice(["ana", "dana", "eve", "eve"])), f"e{self.count + 4}"
        event = self.written(type="approve", approver=approver, role=self.said["roles"][-1], of=of)
        ends = choice([None, timedelta(minutes=10), timedelta(minutes=10), timedelta(days=1)])
        first, last = choice([(self.tightened, self.loosened), (self.better, self.worse), (self.offer, self.void)])
        self.coming = [first, self.tick, last, *choice([[], [self.again], [self.other]])]
        return event if ends is None else event | {"until": self.end(ends)}

    def tightened(self) -> Said:
        return self.limiting(limits={"discount": {"walk": "7%", "want": "5%"}})

    def loosened(self) -> Said:
        return self.limiting(limits={"discount": {self.random.choice(["walk", "want"]): "20%"}})

    def better(self) -> Said:
        known = [{"name": "B", "worth": "97,000 USD"}, {"name": "C", "worth": "95,000 USD", "until": self.end(_DAY)}]
        return self.limiting(alternatives=known)

    def worse(self) -> Said:
        return self.limiting(alternatives=[{"name": "B", "worth": self.random.choice(["85,000 USD", None])}])

    def limiting(self, **what: Any) -> Said:
        """State limits or alternatives."""
        event = self.written(type="update", actor=self.actor(), **what)
        self.limits.append(event["id"])
        return event

    def bare(self) -> Said:
        """Have one say what nobody declared and another take it back; the first approves what the other says next."""
        choice: Callable[[Any], Any] = self.random.choice
        one, other = self.random.sample(["ana", "bob", "dana"], 2)
        small = {"discount": choice(["0%", "2%", "4%"]), "prepay": choice(["no", "yes"])}
        deep, undeclared = {"discount": choice(["7%", "15%"]), "term": "12 months"}, {"exclusivity": "one year"}
        least = {"discount": "20%", "term": "12 months", "support": "gold"}

        def say(who: str, terms: Said) -> Callable[[], Said]:
            return lambda: self.said_now(self.written(type="offer", by="us", actor=self.spelled(who), terms=terms))

        def approve() -> Said:
            role = choice(self.said["roles"][-2:])
            return self.written(type="approve", approver=self.spelled(one), role=role, terms=least)

        back = choice([{"exclusivity": None}, {"exclusivity": None}, {}, undeclared])
        self.coming = [say(other, {**small, **back}), say(other, deep), approve, say(other, deep)]
        return say(one, {**small, **undeclared})()


class Budgeted(Haggling):
    """One deal in which a fact changes between an approval and what it approves, a stated one that others rest on."""

    def event(self) -> Said:
        """Return what happens next."""
        coming: list[Callable[[], Said]] = vars(self).setdefault("coming", [])
        if coming:
            return coming.pop(0)()
        return self.approved() if self.random.random() < 0.3 else super().event()

    def approved(self) -> Said:
        """Say terms, have them approved, state a fact, and say them again."""
        choice: Callable[[Any], Any] = self.random.choice
        terms = {"users": choice(["40", "99", "250"]), "price": choice(["89.99 USD", "100 USD"])}
        more = choice([{}, {}, {"override": ["spare"], "reason": "w", "until": self.end(timedelta(days=9))}])
        offer = {"type": "offer", "by": "us", "actor": "ana", "terms": terms}
        approval = {"type": "approve", "approver": "dana", "role": "director", "terms": terms, **more}
        vars(self)["coming"] = [
            lambda: self.written(**offer),
            lambda: self.written(**approval),
            choice([self.stated, self.tick]),
            lambda: self.written(**offer),
        ]
        return self.stated()

    def stated(self) -> Said:
        """State what may be spent, or something else."""
        facts = self.random.choice([{"budget": 11}, {"budget": 12}, {"budget": 29}, {"budget": 200}, {"seats": 5}])
        return self.written(type="update", facts=facts, actor="bob")


def granted(seed: int) -> tuple[list[Said], list[Said]]:
    """Return the layers and the events of a deal made up from a seed, as the reference evaluator knows them."""
    if seed % 3 == 0:
        return [SEATS], Budgeted(Random(seed), SEATS).events(16)
    deal = Granted(Random(seed), DESK, known=True)
    return [DESK], [deal.opening(), *(deal.event() for _ in range(20))]
