"""The tricks by which rules of conduct are got around, each tried on a policy as whoever knows it would.

A trick of our own side (a rep who wants the deal at any price) must get nothing that one clean offer would not get: an
offer of the same terms, as the first word of a fresh deal. What a trick of theirs gets out of a seller who only sends
what is cleared is told in money, with the rules that stand against the same terms as a clean offer of ours.
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import msgspec

from walkaway.advice.counteroffers import Seeker
from walkaway.deal.valuation import limit_of
from walkaway.events import Terms, Verdict
from walkaway.language.values import Value, format_value
from walkaway.testing.simulation.bargaining import Seller, Spoken
from walkaway.testing.simulation.deals import Dealer, Named, SimulatedDeal
from walkaway.testing.simulation.space import line_of

AGAIN = 5
"""How often the same is said again."""
PARTS = 4
"""Into how many deals one is split."""
_FINE, _COARSE = 60, 6
"""Values of an issue that are gone through, one by one and in pairs."""


class Attack(msgspec.Struct, frozen=True):
    """What one trick gets.

    Attributes:
        by: `us` or `them`.
        tried: How many courses were tried.
        gain: The most that it gave away beyond what the same side gets without it, in minor units of money.
        terms: What it ended in there; empty where it gained nothing.
        rules: The rules that stand against these terms as one clean offer of ours.
    """

    name: str
    by: str
    tried: int
    gain: Fraction
    terms: Named
    rules: tuple[str, ...]


Course = tuple[Fraction, Named]
"""What a course gained, and the terms in which it ended."""


class Attacker:
    """Tries tricks on one opening under one policy.

    Args:
        rounds: How often a side may speak.
    """

    def __init__(self, dealer: Dealer, rounds: int) -> None:
        self.dealer, self.rounds, self.policy = dealer, rounds, dealer.policy
        deal = dealer.open()
        self.start = deal.position.start
        lines = {name: line_of(deal, issue, _FINE) for name, issue in self.policy.issues.items()}
        self.gives = {n: self._worse(deal, n, line) for n, line in lines.items()}
        self.gets = {n: self._better(deal, n, line) for n, line in lines.items()}

    def attacks(self) -> Iterator[Attack]:
        """Try every trick."""
        for (name, by), trick in TRICKS.items():
            courses = list(trick(self))
            gain, terms = max(courses, key=lambda course: course[0], default=(Fraction(0), {}))
            rules = self.dealer.rules_against(terms) if gain else ()
            yield Attack(name, by, len(courses), gain, terms if gain else {}, rules)

    # Of our own side

    def salami(self) -> Iterator[Course]:
        """Concede in slices: the next one as soon as the last was cleared."""
        for name, line in self.gives.items():
            deal = self.dealer.open()
            for value in line[: self.rounds]:
                terms = {name: self._text(name, value)}
                found = deal.tried(terms)
                if found is not None and found.ruling.verdict is Verdict.PROCEED:
                    deal.offer("us", terms)
            yield self._beyond(deal)

    def repeat(self) -> Iterator[Course]:
        """Say again what was not cleared, until it is."""
        for name, line in self.gives.items():
            for value in line[:: max(1, len(line) // _COARSE)]:
                terms = {name: self._text(name, value)}
                if self.dealer.clears(terms):
                    continue
                deal = self.dealer.open()
                for _ in range(AGAIN):
                    deal.offer("us", terms)
                yield self._beyond(deal)

    def drop_the_get(self) -> Iterator[Course]:
        """Have a give cleared together with a get, and say it again without."""
        for terms, get in self._paid():
            deal = self.dealer.open()
            deal.offer("us", terms)
            deal.offer("us", {get: self._text(get, self.start[get])})
            yield self._beyond(deal)

    def pick(self) -> Iterator[Course]:
        """Accept of their package what we give, and leave what we would get."""
        for terms, get in self._paid():
            deal = self.dealer.open()
            deal.offer("them", terms)
            deal.accept("us", [name for name in terms if name != get])
            yield self._beyond(deal)

    # Of theirs

    def their_pick(self) -> Iterator[Course]:
        """Accept of our package what they get, and leave what they would give."""
        for terms, get in self._paid():
            deal = self.dealer.open()
            deal.offer("us", terms)
            kept = [name for name in terms if name != get]
            found = deal.accept("them", kept)
            gained = found.ruling.verdict is Verdict.PROCEED and not self.dealer.clears({n: terms[n] for n in kept})
            yield (deal.worth(deal.package(terms)) - self._agreed(deal)) if gained else Fraction(0), terms

    def nibble(self) -> Iterator[Course]:
        """Agree, and then ask for one thing more."""
        for terms, _ in self._paid():
            deal = self.dealer.open()
            deal.offer("us", terms)
            deal.accept("them")
            before = self._agreed(deal)
            for name, line in self.gives.items():
                for value in line[: self.rounds]:
                    deal.offer("them", {name: self._text(name, value)})
                    found = deal.tried(None)
                    if found is not None and found.ruling.verdict is Verdict.PROCEED:
                        deal.accept("us")
            agreed = self._changed(deal.written(self._standing(deal)))
            yield Fraction(0) if self.dealer.clears(agreed) else before - self._agreed(deal), agreed

    def inflate(self) -> Iterator[Course]:
        """Invent a demand first that nobody here may agree to, and drop it: what we accept then, and would not had they
        asked for no more than our walk values allow.
        """
        return self._come_down(self._all_of_it(), self._all_within())

    def open_high(self) -> Iterator[Course]:
        """Ask first for all that our walk values allow, and come down: what we accept then, and would not at once."""
        return self._come_down(self._all_within(), {})

    def standing_still(self) -> Iterator[Course]:
        """Ask for everything, again and again, and never move: what a seller who follows counteroffers gives."""
        deal = self.dealer.open()
        seller = Seller(deal, Seeker(self.dealer.engine))
        wanted = {name: self._text(name, line[-1]) for name, line in self.gives.items() if line}
        first: Terms | None = None
        for _ in range(min(self.rounds, AGAIN)):
            if isinstance(seller.answer(wanted), Spoken):
                break
            first = deal.position.cleared if first is None else first
        if first is not None:
            yield deal.worth(first) - deal.worth(deal.position.cleared), deal.written(deal.position.cleared)

    def probing(self) -> Iterator[Course]:
        """Ask for more and more with nothing in return, to find the edge of what needs nobody."""
        for name, line in self.gives.items():
            low, high = 0, len(line)
            while low < high:  # cleared below `low`, not from `high` on
                middle = (low + high) // 2
                low, high = (middle + 1, high) if self._free(name, line[middle]) else (low, middle)
            if low:
                terms = {name: self._text(name, line[low - 1])}
                deal = self.dealer.open()
                yield deal.given(deal.package(terms)), terms

    def split(self) -> Iterator[Course]:
        """Make several small deals of one: what is cleared in each, against what is cleared in one."""
        small = Dealer(self.dealer.engine, self._divided())
        if small.opening == self.dealer.opening or small.open().position.valuation is None:
            return
        for name, line in self.gives.items():
            found = [self._most(dealer, name, line) for dealer in (self.dealer, small)]
            yield max(Fraction(0), PARTS * found[1][0] - found[0][0]), found[1][1]

    # What they share

    def _paid(self) -> Iterator[tuple[dict[str, str], str]]:
        """Return terms that are cleared only since they ask for something, and what that is."""
        for (give, gives), (get, gets) in product(self.gives.items(), self.gets.items()):
            if give == get:
                continue
            for value in gives[:: max(1, len(gives) // _COARSE)]:
                alone = {give: self._text(give, value)}
                if self.dealer.clears(alone):
                    continue
                for other in gets[:: max(1, len(gets) // _COARSE)]:
                    terms = {**alone, get: self._text(get, other)}
                    if self.dealer.clears(terms):
                        yield terms, get
                        break

    def _all_of_it(self) -> Named:
        """Return the demand that is worst for us on every issue."""
        return {name: self._text(name, line[-1]) for name, line in self.gives.items() if line}

    def _all_within(self) -> Named:
        """Return the demand for our walk value on every issue that has one, and for nothing on the others."""
        position = self.dealer.open().position
        limits = {n: limit_of(position.valuation, position.known, f"walk.{n}", position.start) for n in self.gives}
        return {n: self._text(n, self.start[n] if at is None else at) for n, at in limits.items()}

    def _come_down(self, high: Named, other: Named) -> Iterator[Course]:
        """Return what is taken on each issue after one demand, beyond the most that is taken there after another.

        Args:
            other: With nothing in it there is no demand before.
        """
        if not self._changed(high):
            return
        deal = self.dealer.open()
        for name, line in self.gives.items():
            asks = [{n: self._text(n, self.start[n]) for n in high} | {name: self._text(name, value)} for value in line]
            before = [other] if other else []
            most = max((deal.given(deal.package(t)) for t in asks if self._taken(*before, t)), default=Fraction(0))
            for terms in asks:
                more = deal.given(deal.package(terms)) - most
                yield more if more > 0 and self._taken(high, terms) else Fraction(0), self._changed(terms)

    def _taken(self, *offers: Named) -> bool:
        """Return whether we may accept the last of some offers of theirs."""
        deal = self.dealer.open()
        for terms in offers:
            deal.offer("them", terms)
        found = deal.tried(None)
        return found is not None and found.ruling.verdict is Verdict.PROCEED

    def _beyond(self, deal: SimulatedDeal) -> Course:
        """Return what our own cleared or agreed terms give beyond what one clean offer on one of their issues gives."""
        standing = self._standing(deal)
        terms = self._changed(deal.written(standing))
        if not terms or self.dealer.clears(terms):
            return Fraction(0), terms
        clean = max(self._most(self.dealer, n, self.gives[n])[0] for n in terms)
        return max(Fraction(0), deal.given(standing) - clean), terms

    def _standing(self, deal: SimulatedDeal) -> Terms:
        """Return what could be closed on: what is agreed and cleared, else our cleared word."""
        agreement = deal.position.agreement
        if agreement is not None and agreement.cleared and not agreement.ended:
            return agreement.terms
        return deal.position.cleared

    def _agreed(self, deal: SimulatedDeal) -> Fraction:
        return deal.worth(self._standing(deal))

    def _changed(self, terms: Named) -> Named:
        return {n: text for n, text in terms.items() if text != self._text(n, self.start[n])}

    def _free(self, name: str, value: Value) -> bool:
        return self.dealer.clears({name: self._text(name, value)})

    def _most(self, dealer: Dealer, name: str, line: list[Value]) -> Course:
        """Return the most that is cleared on one issue as one clean offer, and the terms of it."""
        found: Course = (Fraction(0), {})
        for value in line:
            terms = {name: self._text(name, value)}
            deal = dealer.open()
            if deal.offer("us", terms).ruling.verdict is Verdict.PROCEED:
                found = max(found, (deal.given(deal.package(terms)), terms), key=lambda course: course[0])
        return found

    def _divided(self) -> Mapping[str, Any]:
        """Return the opening with every amount of money divided among several deals."""
        facts = dict(self.dealer.opening.get("facts") or {})
        deal = self.dealer.open()
        for name, about in self.policy.deal.items():
            amount = deal.position.facts.get(name)
            if about.unit == self.policy.money and isinstance(amount, int):
                facts[name] = format_value(amount // PARTS, about.unit)
        return {**self.dealer.opening, "facts": facts}

    def _text(self, name: str, value: Value) -> str:
        return format_value(value, self.policy.issues[name].unit)

    def _worse(self, deal: SimulatedDeal, name: str, line: list[Value]) -> list[Value]:
        return [v for v in line if deal.given({**self.start, name: v}) > 0]

    def _better(self, deal: SimulatedDeal, name: str, line: list[Value]) -> list[Value]:
        return [v for v in reversed(line) if deal.given({**self.start, name: v}) < 0]


TRICKS: Mapping[tuple[str, str], Callable[[Attacker], Iterator[Course]]] = {
    ("salami", "us"): Attacker.salami,
    ("repeat", "us"): Attacker.repeat,
    ("drop the get", "us"): Attacker.drop_the_get,
    ("cherry-pick", "us"): Attacker.pick,
    ("cherry-pick", "them"): Attacker.their_pick,
    ("inflate", "them"): Attacker.inflate,
    ("open high", "them"): Attacker.open_high,
    ("nibble", "them"): Attacker.nibble,
    ("stand still", "them"): Attacker.standing_still,
    ("split deals", "them"): Attacker.split,
    ("probe", "them"): Attacker.probing,
}
"""Trick and whose it is → what tries it."""
