"""A simulated deal: what either side says becomes an event, decided as any other; nothing of it is kept."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.budgets import alone
from walkaway.deal.decode import Decoder
from walkaway.deal.ledger import worth_of
from walkaway.deal.letters import dead
from walkaway.deal.lines import Line
from walkaway.deal.position import Position
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import AnyEvent, Terms, Verdict
from walkaway.language.diagnostics import InvalidInput
from walkaway.language.instants import instant_text
from walkaway.language.values import exactly, format_value, formatter
from walkaway.policy import Policy

HOUR = 3_600_000_000
"""Microseconds between what one side says and the other's answer."""
Named = Mapping[str, str]
"""Issue → value as people write it."""


class Dealer:
    """Opens deals under one policy, all of them alike.

    Args:
        opening: An event of type `open`, as JSON has it; its actor makes every offer of ours.
    """

    def __init__(self, engine: Engine, opening: Mapping[str, Any]) -> None:
        self.engine, self.policy, self.opening = engine, engine.policy, opening
        self.decoder = Decoder(engine.policy)
        self.actor = str(opening.get("actor") or "rep")

    def open(self) -> "SimulatedDeal":
        """Open another deal.

        Raises:
            InvalidInput: Where the opening cannot be read.
        """
        return SimulatedDeal(self)

    def clears(self, *offers: Named) -> bool:
        """Return whether offers of ours that nobody has asked for, one after the other, are all let through."""
        deal = self.open()
        return all(deal.offer("us", terms).ruling.verdict is Verdict.PROCEED for terms in offers)

    def rules_against(self, terms: Named) -> tuple[str, ...]:
        """Return the rules that decide where these terms are our first offer; none where they are let through."""
        return deciding(self.open().tried(terms))


class SimulatedDeal:
    """One deal."""

    def __init__(self, dealer: Dealer) -> None:
        self.dealer, self.engine, self.policy = dealer, dealer.engine, dealer.policy
        self.past: list[AnyEvent] = []
        self.at: Position | None = None
        self.answers: list[Evaluation] = []
        self.say(**{k: v for k, v in dealer.opening.items() if k not in ("id", "deal")})

    @property
    def position(self) -> Position:
        """Return where the deal stands."""
        assert self.at is not None, "a deal is opened before anything else"
        return self.at

    def say(self, **fields: Any) -> Evaluation:
        """Decide an event, and go on from it.

        Raises:
            InvalidInput: Where it cannot be read, or does not fit the deal.
        """
        event = self._event(fields)
        try:
            found = self.engine.evaluate(self.at, event, self.past.copy, party=alone(self.engine.policy))
        except Unfit as problem:
            raise self._unfit(problem) from problem
        self.past.append(event)
        self.answers.append(found)
        self.at = found.after
        return found

    def offer(self, by: str, terms: Mapping[str, str | None]) -> Evaluation:
        """Let a side offer terms."""
        return self.say(type="offer", by=by, terms=dict(terms), **self._by(by))

    def accept(self, by: str, issues: Sequence[str] = ()) -> Evaluation:
        """Let a side accept what the other has on the table, or a part of it."""
        return self.say(type="accept", by=by, **({"issues": list(issues)} if issues else {}), **self._by(by))

    def close(self) -> Evaluation:
        """Close the deal as won."""
        return self.say(type="close", outcome="won", **self._by("us"))

    def tried(self, terms: Named | None) -> Evaluation | None:
        """Evaluate an offer of ours, or our acceptance where there are no terms, and keep nothing of it; none where it
        does not fit the deal.
        """
        act: dict[str, Any] = {"type": "accept"} if terms is None else {"type": "offer", "terms": dict(terms)}
        try:
            event = self._event({"by": "us", **self._by("us"), **act})
            return self.engine.evaluate(self.at, event, self.past.copy, party=alone(self.engine.policy))
        except Unfit:
            return None

    def worth(self, terms: Terms) -> Fraction:
        """Return what a whole package is worth to us, in minor units of money."""
        valuation = self.position.valuation
        assert valuation is not None, "only deals that lack nothing are simulated"
        return Fraction(worth_of(self.position, terms), valuation.scale)

    def given(self, terms: Terms) -> Fraction:
        """Return how much less than the start terms a package is worth to us, in minor units of money."""
        return self.worth(self.position.start) - self.worth(terms)

    def package(self, terms: Named) -> Terms:
        """Return the start terms with others in their place."""
        units = {name: issue.unit for name, issue in self.policy.issues.items()}
        event = self._event({"type": "offer", "by": "us", "terms": dict(terms)})
        return {**self.position.start, **{n: v for n, v in event.terms.items() if n in units}}  # type: ignore[union-attr]

    def written(self, terms: Terms) -> dict[str, str]:
        """Write terms as people do."""
        return {n: format_value(terms[n], i.unit) for n, i in self.policy.issues.items() if n in terms}

    def _by(self, by: str) -> dict[str, str]:
        return {"actor": self.dealer.actor} if by == "us" else {}

    def _event(self, fields: Mapping[str, Any]) -> AnyEvent:
        at = fields.get("at") or instant_text(self.position.last + HOUR)
        line = msgspec.json.encode({"id": f"e{len(self.past) + 1}", "deal": "simulated", "at": at} | dict(fields))
        return self.dealer.decoder.decode(line, "the simulation").unwrap()

    def _unfit(self, problem: Unfit) -> InvalidInput:
        return InvalidInput(dead(Line(msgspec.json.encode(self.dealer.opening), "the opening", 1), problem).findings)


def deciding(found: Evaluation | None) -> tuple[str, ...]:
    """Return the rules that decide an answer, each once; none where it is let through."""
    if found is None or found.ruling.verdict is Verdict.PROCEED:
        return ()
    return tuple(dict.fromkeys(firing.rule.id for firing in found.ruling.deciding))


def amount(policy: Policy, minor: Fraction) -> str:
    """Write an amount of money given in minor units, rounded half-even."""
    return formatter(policy.money)(exactly(minor))
