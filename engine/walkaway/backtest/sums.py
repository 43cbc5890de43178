"""What a backtest adds up: answers, flips, rules and outcomes, deal by deal. Sums of parts add to the sum of all."""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

import msgspec

from walkaway.events import BARGAINING, Verdict
from walkaway.policy.model import Concern, Policy, Rule

SHOWN = 1_000
"""So many events whose answer changes are named; all are counted."""
NEW, OLD = "new", "old"


class PastAnswer(msgspec.Struct, frozen=True):
    """What a policy, or the log, answers one event.

    Attributes:
        closed: Whether it is to walk for good.
        rule: The rule that decides: the most severe, then by its concern, then by id; empty where none does.
        role: Whose approval it asks for, where it escalates; `others` whose else.
    """

    verdict: Verdict
    closed: bool = False
    rule: str = ""
    role: str = ""
    others: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """Return the answer in words."""
        return f"{self.verdict} (door closed)" if self.closed else self.verdict.value

    @property
    def severity(self) -> tuple[int, bool]:
        """Return by what answers are compared."""
        return self.verdict.rank, self.closed


class AnswerFlip(msgspec.Struct, frozen=True, order=True):
    """A change of answer, and where it is met.

    Attributes:
        rule: The rule that decides on the more severe side, and `role` whom it asks, where it escalates.
        on: The event, as rules hear it; `ours` whether it puts terms of ours on the table.
        segment: Of its deal; empty where there is none.
        quarter: Of its day, by UTC, as `2026-Q1`.
    """

    old: str
    new: str
    rule: str
    role: str
    on: str
    ours: bool
    segment: str
    quarter: str


class Amounts(msgspec.Struct):
    """How often a flip is met, and what its terms give and get, in minor units: on the side that lets them through."""

    count: int = 0
    give: Fraction = Fraction(0)
    get: Fraction = Fraction(0)

    def add(self, count: int, give: Fraction, get: Fraction) -> None:
        """Add some events."""
        self.count += count
        self.give += give
        self.get += get


class ChangedEvent(msgspec.Struct, frozen=True):
    """One event whose answer changes."""

    deal: str
    event: str
    at: str
    old: str
    new: str
    rule: str


class EventVerdict(msgspec.Struct, frozen=True):
    """What a policy decides of one event.

    Attributes:
        door: By which we leave; empty where it is not to walk.
        rules: The ids of all that fired, sorted.
    """

    deal: str
    event: str
    at: str
    verdict: str
    door: str
    rules: tuple[str, ...]


class Outcomes(msgspec.Struct):
    """Deals, how many of them were agreed, and what these came to.

    Attributes:
        shares: Sum of what agreed terms are worth, as a share of the start terms' worth, and `squares` of its square;
            of `valued` deals, whose start terms are worth something.
    """

    deals: int = 0
    agreed: int = 0
    valued: int = 0
    shares: float = 0.0
    squares: float = 0.0

    def add(self, other: "Outcomes") -> None:
        """Add other deals."""
        self.deals += other.deals
        self.agreed += other.agreed
        self.valued += other.valued
        self.shares += other.shares
        self.squares += other.squares


class RuleSums(msgspec.Struct):
    """What one rule did.

    Attributes:
        fires: At how many events; `on_moves` of these are offers and acceptances.
        decides: At how many it is the most severe, or one of them; `alone` at how many the answer would be milder
            without it.
        outcomes: Of the deals in which it fired.
    """

    fires: int = 0
    on_moves: int = 0
    decides: int = 0
    alone: int = 0
    outcomes: Outcomes = msgspec.field(default_factory=Outcomes)


class SideSums(msgspec.Struct):
    """What one side, old or new, answered.

    Attributes:
        together: Two rules → at how many events both fired.
        heard: How events are heard → how many there are.
        roles: Role → in how many deals its approval was asked for.
        needs: How many events asked for an approval.
    """

    verdicts: Counter[str] = msgspec.field(default_factory=Counter)
    rules: dict[str, RuleSums] = msgspec.field(default_factory=dict)
    together: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    roles: Counter[str] = msgspec.field(default_factory=Counter)
    needs: int = 0

    def rule(self, name: str) -> RuleSums:
        """Return what a rule did so far."""
        found = self.rules.get(name)
        if found is None:
            found = self.rules[name] = RuleSums()
        return found

    def add(self, other: "SideSums") -> None:
        """Add what was answered to other events."""
        self.verdicts.update(other.verdicts)
        self.together.update(other.together)
        self.roles.update(other.roles)
        self.needs += other.needs
        for name, sums in other.rules.items():
            rule = self.rule(name)
            rule.fires += sums.fires
            rule.on_moves += sums.on_moves
            rule.decides += sums.decides
            rule.alone += sums.alone
            rule.outcomes.add(sums.outcomes)


class BacktestSums(msgspec.Struct):
    """All that a backtest adds up.

    Attributes:
        deals, events: How many were decided, by every side.
        unread: Lines that could not be read or did not fit under one side or the other.
        moves: How events are heard → how many offers and acceptances.
        exact: Why deals were decided one by one → how many deals, and how many of their events.
        flips: Every change of answer, as often as it is met.
        changed: The first of the events behind them, `SHOWN` at most; `changed_deals` how many deals have one.
        added, saved: Events that ask for an approval under the new side alone, and under the old one alone.
        outcomes: Of all deals.
    """

    deals: int = 0
    events: int = 0
    unread: int = 0
    moves: Counter[str] = msgspec.field(default_factory=Counter)
    exact: Counter[str] = msgspec.field(default_factory=Counter)
    exact_events: Counter[str] = msgspec.field(default_factory=Counter)
    new: SideSums = msgspec.field(default_factory=SideSums)
    old: SideSums = msgspec.field(default_factory=SideSums)
    flips: dict[AnswerFlip, Amounts] = msgspec.field(default_factory=dict)
    changed: list[ChangedEvent] = msgspec.field(default_factory=list)
    changed_deals: int = 0
    added: int = 0
    saved: int = 0
    outcomes: Outcomes = msgspec.field(default_factory=Outcomes)

    def flip(self, flip: AnswerFlip) -> Amounts:
        """Return what a flip has come to so far."""
        found = self.flips.get(flip)
        if found is None:
            found = self.flips[flip] = Amounts()
        return found

    def add(self, other: "BacktestSums", shown: int = SHOWN) -> None:
        """Add another part of the past; name *shown* changed events at most."""
        self.deals += other.deals
        self.events += other.events
        self.unread += other.unread
        self.moves.update(other.moves)
        self.exact.update(other.exact)
        self.exact_events.update(other.exact_events)
        self.new.add(other.new)
        self.old.add(other.old)
        for flip, amounts in other.flips.items():
            self.flip(flip).add(amounts.count, amounts.give, amounts.get)
        self.changed += other.changed[: max(0, shown - len(self.changed))]
        self.changed_deals += other.changed_deals
        self.added += other.added
        self.saved += other.saved
        self.outcomes.add(other.outcomes)


class SweepStep(msgspec.Struct, frozen=True):
    """In what a variant of a policy differs from the one before, where that is one limit or constant of an issue.

    Attributes:
        issue: Empty where it is something else.
        is_limit: Whether it is a threshold of the issue; else its values are compared with it.
    """

    issue: str = ""
    is_limit: bool = False
    was: int = 0
    now: int = 0


class ChangeTally(msgspec.Struct):
    """How the answers of one policy differ from those of another, in all.

    Attributes:
        events: How many both decided; `changed` how many are answered otherwise, in `deals` deals, and how many of
            these `milder`.
        verdicts: How often each answer is given.
        give_stopped: And so on, as in `report.ChangeRow`.
        added, saved: As in `BacktestSums`.
    """

    events: int = 0
    changed: int = 0
    deals: int = 0
    milder: int = 0
    verdicts: Counter[str] = msgspec.field(default_factory=Counter)
    added: int = 0
    saved: int = 0
    give_stopped: Fraction = Fraction(0)
    get_stopped: Fraction = Fraction(0)
    give_freed: Fraction = Fraction(0)
    get_freed: Fraction = Fraction(0)

    @property
    def stricter(self) -> int:
        """Return how many answers become stricter."""
        return self.changed - self.milder

    def add(self, other: "ChangeTally") -> None:
        """Add other deals."""
        for name in self.__struct_fields__:
            if name == "verdicts":
                self.verdicts.update(other.verdicts)
            else:
                setattr(self, name, getattr(self, name) + getattr(other, name))


def severer(old: PastAnswer, new: PastAnswer) -> PastAnswer:
    """Return the more severe of two answers."""
    return old if old.severity > new.severity else new


def segment_fact(policy: Policy, named: str = "") -> str:
    """Return the deal fact by which deals are told apart: the one named, else `segment`, else the first choice."""
    if named:
        return named
    choices = [name for name, fact in policy.deal.items() if fact.unit.choices]
    return "segment" if "segment" in choices else next(iter(choices), "")


def quarter_of(year: int, month: int) -> str:
    """Return a quarter, as `2026-Q1`."""
    return f"{year:04}-Q{(month + 2) // 3}"


def ranks_of(policy: Policy) -> Mapping[str, str]:
    """Return the role that each escalating rule asks."""
    return {rule.id: rule.effect.to for rule in policy.rules if rule.effect.to}


def order_of(rule: Rule) -> tuple[int, str]:
    """Return by what equally severe rules are ordered, as `decide.verdict` orders them: by concern, then by id."""
    return len(Concern) if rule.concern is None else rule.concern.rank, rule.id


MOVES = frozenset(on.value for on in BARGAINING)
"""Offers and acceptances, as rules hear them."""


def is_move(words: Iterable[str]) -> bool:
    """Return whether an event puts terms on the table or takes them."""
    return not MOVES.isdisjoint(words)
