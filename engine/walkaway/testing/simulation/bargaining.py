"""Bargain: a seller who only sends what the policy clears, and follows its first counteroffer, against somebody.

Where the policy lets us accept what they offer, we accept; where it walks for good, we leave; else the first
counteroffer that needs nobody is sent, or our word stands. So what comes out is what the policy does, not what somebody
is good at.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

import msgspec

from walkaway.advice.counteroffers import Seeker
from walkaway.events import CLOSED, Terms, Verdict
from walkaway.testing.simulation.deals import Dealer, Named, SimulatedDeal, deciding
from walkaway.testing.simulation.space import Draws, Scenario, Space, as_heard, scenario_of, space_of


class Spoken(StrEnum):
    """What is said in place of terms."""

    ACCEPT = "accept"
    LEAVE = "leave"


class Ending(StrEnum):
    """How a deal ended: whose acceptance it was, or that there was none."""

    OURS = "we accepted"
    THEIRS = "they accepted"
    NONE = "no agreement"


Answering = Callable[[Named], Named | Spoken]
"""What we answer to an offer of theirs."""


class Opponents(Protocol):
    """Bargains on the other side."""

    def bargain(self, name: str, scenario: Scenario, answer: Answering) -> Ending:
        """Let an opponent of that name bargain; *answer* is asked at each of its offers, which begin."""
        ...


class Bargain(msgspec.Struct, frozen=True):
    """How one deal ended.

    Attributes:
        is_closed: Whether the agreement may be closed; some need somebody's approval first.
        rounds: How many offers they made.
        base, worth: What the start terms are worth to us, and what was agreed; in minor units of money.
        rules: Rule → how often it decided against what either side had said.
    """

    ending: Ending
    is_closed: bool
    rounds: int
    base: Fraction
    worth: Fraction | None
    rules: Counter[str]


class Seller:
    """Our side of one deal."""

    def __init__(self, deal: SimulatedDeal, seeker: Seeker) -> None:
        self.deal, self.seeker, self.rounds = deal, seeker, 0

    def answer(self, theirs: Named) -> Terms | Spoken:
        """Answer an offer of theirs: accept, leave, or the package that we stand at then."""
        self.rounds += 1
        heard = self.deal.offer("them", theirs)
        if heard.ruling.verdict is Verdict.WALK and heard.ruling.door is CLOSED:
            return Spoken.LEAVE
        accepting = self.deal.tried(None)
        if accepting is not None and accepting.ruling.verdict is Verdict.PROCEED:
            self.deal.accept("us")
            return Spoken.ACCEPT
        for offered in self.seeker.counteroffers(heard):
            if offered.verdict == Verdict.PROCEED and offered.when is msgspec.UNSET:
                said = self.deal.offer("us", offered.terms)
                assert said.ruling.verdict is Verdict.PROCEED, "a counteroffer is what it says"
                break
        return self.deal.position.cleared

    def ended(self, ending: Ending) -> Bargain:
        """Close the deal as it ended, and say what came of it."""
        position = self.deal.position
        is_closed, worth = False, None
        if ending is Ending.THEIRS:
            self.deal.accept("them")
        if ending is not Ending.NONE:
            agreement = self.deal.position.agreement
            assert agreement is not None, "what one side takes is agreed"
            worth = self.deal.worth(agreement.terms)
            is_closed = self.deal.close().ruling.verdict is Verdict.PROCEED
        rules = Counter(rule for found in self.deal.answers for rule in deciding(found))
        return Bargain(ending, is_closed, self.rounds, self.deal.worth(position.start), worth, rules)


def bargains(
    dealers: Sequence[Dealer], opponents: Opponents, name: str, deals: int, rounds: int, drawing: Callable[[str], Draws]
) -> Iterator[Bargain]:
    """Bargain so many deals against one opponent, the openings in turn.

    Args:
        rounds: How often each side may speak.
        drawing: Returns what draws numbers for one deal, by its name; the same gives the same deals.
    """
    seekers = [Seeker(dealer.engine) for dealer in dealers]
    for number in range(deals):
        place = number % len(dealers)
        deal = dealers[place].open()
        seller = Seller(deal, seekers[place])
        values = space_of(deal)

        def answer(
            theirs: Named, deal: SimulatedDeal = deal, seller: Seller = seller, values: Space = values
        ) -> Named | Spoken:
            said = seller.answer(theirs)
            return said if isinstance(said, Spoken) else as_heard(deal, values, said)

        yield seller.ended(
            opponents.bargain(name, scenario_of(deal, values, rounds, drawing(f"{name} {number}")), answer)
        )


class Summary(msgspec.Struct, frozen=True):
    """What came of all deals against one opponent.

    Attributes:
        agreed, closed: How many ended in an agreement, and how many of these may be closed.
        kept: The mean of what the agreed terms are worth to us, as a share of the start terms; none without any.
        rounds: The mean of their offers.
        rules: Rule → in how many deals it decided against what was said, the most first.
    """

    opponent: str
    deals: int
    agreed: int
    closed: int
    kept: Fraction | None
    rounds: Fraction
    rules: tuple[tuple[str, int], ...]


def summed(opponent: str, found: Iterable[Bargain]) -> Summary:
    """Return what deals against one opponent came to."""
    all_of_them = list(found)
    agreed = [b for b in all_of_them if b.worth is not None]
    shares = [b.worth / b.base for b in agreed if b.worth is not None and b.base]
    rules = Counter(rule for b in all_of_them for rule in b.rules)
    return Summary(
        opponent=opponent,
        deals=len(all_of_them),
        agreed=len(agreed),
        closed=sum(b.is_closed for b in agreed),
        kept=sum(shares, Fraction(0)) / len(shares) if shares else None,
        rounds=Fraction(sum(b.rounds for b in all_of_them), max(1, len(all_of_them))),
        rules=tuple(sorted(rules.items(), key=lambda r: (-r[1], r[0]))),
    )
