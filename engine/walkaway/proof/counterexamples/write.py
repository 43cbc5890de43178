"""Write what a solver chose as the events of a real deal."""

import json
from collections.abc import Mapping
from typing import Any

import z3

from walkaway.events import OURS, OUTCOMES, On
from walkaway.language.instants import instant_text
from walkaway.language.values import Unit, format_value
from walkaway.proof.formulas.any_deal import Judged
from walkaway.proof.formulas.bounded import Unrolled, Written
from walkaway.proof.formulas.facts import Values
from walkaway.proof.formulas.history import STEPS
from walkaway.proof.formulas.logic import Number, Truth

_NINE = 9 * 3_600
"""Deals open at nine in the morning, UTC."""
_DAY = 86_400
_AFTER_S = 86_400


class Chosen:
    """A solver's model: every free number and truth has its value."""

    def __init__(self, model: z3.ModelRef) -> None:
        self.model = model

    def number(self, value: Number) -> int:
        """Return a whole number's value."""
        return value if isinstance(value, int) else self.model.eval(value, model_completion=True).as_long()

    def truth(self, value: Truth) -> bool:
        """Return whether a truth holds."""
        return value if isinstance(value, bool) else z3.is_true(self.model.eval(value, model_completion=True))


def lines(unrolled: Unrolled, judged: Judged, chosen: Chosen, approved: Judged | None = None) -> list[bytes]:
    """Return the deal's events as JSON lines, the one judged last.

    Args:
        approved: Whose terms the approval names, where that is another one.
    """
    return [
        json.dumps(e, ensure_ascii=False).encode() for e in _Writer(unrolled, chosen).events(judged, approved or judged)
    ]


class _Writer:
    def __init__(self, unrolled: Unrolled, chosen: Chosen) -> None:
        self.unrolled, self.policy, self.chosen = unrolled, unrolled.policy, chosen
        self.count = 0

    def events(self, judged: Judged, approved: Judged) -> list[Written]:
        """Return all events."""
        found = [self.opened()]
        if judged.act.on is On.OPEN:
            return found
        for step in self.unrolled.steps:
            on = STEPS[self.chosen.number(step.kind)]
            changed = step.changed["ours" if on in OURS else "theirs"]
            named = [i for i, c in changed.items() if self.chosen.truth(c)] or list(changed)[:1]
            found.append(self.event(on, step.now, step.offered, named, step.signal))
        rank = self.unrolled.shared.made.get("approval")
        if judged.act.lifted.approved and rank is not None and self.chosen.number(rank) >= 0:
            found.append(self.approval(judged, approved, self.chosen.number(rank)))
        act = judged.act
        standing = (self.unrolled.moment.state.ours if act.on in OURS else self.unrolled.moment.state.theirs).standing
        changes = [i for i, v in act.terms.items() if self.chosen.number(v) != self.chosen.number(standing[i])]
        last = self.event(act.on, act.now, act.terms, changes or list(act.terms)[:1], act.confirmed)
        if act.on is On.CLOSE:
            last["outcome"] = OUTCOMES[self.chosen.number(act.outcome.value)]
        return [*found, last]

    def at(self, now: Number, more: int = 0) -> str:
        """Return an instant, in seconds from the opening, as it is written."""
        seconds = self.unrolled.opening.day * _DAY + _NINE + self.chosen.number(now) + more
        return instant_text(seconds * 1_000_000)

    def head(self, sort: str, now: Number, **fields: Any) -> Written:
        """Return an event."""
        self.count += 1
        return {"id": f"e{self.count:02d}", "deal": "witness", "at": self.at(now), "type": sort, **fields}

    def text(self, value: Number, unit: Unit) -> str:
        """Write a value as people write it."""
        return format_value(self.unrolled.codes.value(self.chosen.number(value), unit), unit)

    def terms(self, terms: Values, issues: list[str]) -> dict[str, str]:
        """Write the terms of some issues."""
        return {i: self.text(terms[i], self.policy.issues[i].unit) for i in issues}

    def opened(self) -> Written:
        """Return the opening: every fact that is known, the limits and the BATNA the deal brings."""
        known, catalog = self.unrolled.known, self.policy.catalog
        here = {n: s for n, s in known.items() if self.chosen.truth(s.known)}
        facts = {
            n.removeprefix("deal."): self.text(s.value, catalog[n].unit) for n, s in here.items() if n[:5] == "deal."
        }
        fields: Written = {"facts": facts}
        limits: dict[str, dict[str, str]] = {}
        for fact in sorted(self.unrolled.brought):
            threshold, _, name = fact.partition(".")
            limits.setdefault(name, {})[threshold] = self.text(known[fact].value, catalog[fact].unit)
        if limits:
            fields["limits"] = limits
        if "batna.worth" in here:
            fields["batna"] = self.text(here["batna.worth"].value, self.policy.money)
        return self.head("open", 0, **fields)

    def approval(self, judged: Judged, approved: Judged, rank: int) -> Written:
        """Return the approval of the terms judged, just before them."""
        act = approved.act
        waived = [r for r, w in judged.act.lifted.waived.items() if self.chosen.truth(w)]
        fields: Written = {
            "approver": "the-approver",
            "role": self.policy.roles[rank],
            "terms": self.terms(act.terms, list(act.terms)),
        }
        if waived:
            fields |= {"override": waived, "reason": "as agreed", "until": self.at(act.now, _AFTER_S)}
        return self.head("approve", self.unrolled.moment.now, **fields)

    def event(self, on: On, now: Number, terms: Values, named: list[str], confirmed: Mapping[str, Truth]) -> Written:
        """Return an event of a kind."""
        by = "us" if on.value.startswith("our") else "them"
        match on:
            case On.OUR_OFFER | On.THEIR_OFFER:
                return self.head("offer", now, by=by, terms=self.terms(terms, named))
            case On.OUR_ACCEPTANCE | On.THEIR_ACCEPTANCE:
                return self.head("accept", now, by=by)
            case On.OUR_REJECTION | On.THEIR_REJECTION:
                return self.head("reject", now, by=by)
            case On.SIGNAL:
                kind = next(k for k, c in confirmed.items() if self.chosen.truth(c))
                return self.head("signal", now, by="them", kind=kind)
            case On.UPDATE:
                return self.head("update", now, policy=self.policy.name)
            case On.APPROVAL:
                first = next(iter(self.policy.issues))
                standing = self.unrolled.moment.state.ours.standing
                role = self.policy.roles[0]
                return self.head(
                    "approve", now, approver="the-approver", role=role, terms=self.terms(standing, [first])
                )
            case On.CLOSE:
                return self.head("close", now, outcome=OUTCOMES[1])
            case On.TICK | On.OPEN:
                return self.head("tick", now)
