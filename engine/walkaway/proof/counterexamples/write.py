"""Write what a solver chose as the events of a real deal."""

import json
from fractions import Fraction
from math import floor
from typing import Any

import z3

from walkaway.events import OURS, OUTCOMES, On
from walkaway.language.instants import instant_text
from walkaway.language.values import DURATIONS, Unit, folded, format_value
from walkaway.proof.formulas.bounded import BoundedModel, Written
from walkaway.proof.formulas.encode import Sym
from walkaway.proof.formulas.facts import Case, Named, Values
from walkaway.proof.formulas.history import STEPS
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.logic import Number, Truth

_DAY = DURATIONS["day"]


class Model:
    """A solver's model: every free number and truth has its value."""

    def __init__(self, model: z3.ModelRef) -> None:
        self.model = model

    def number(self, value: Number) -> int:
        """Return a whole number's value; of a limit that lies between two units, the one below."""
        if isinstance(value, int | Fraction):
            return floor(value)
        found = self.model.eval(value, model_completion=True)
        return int(found.as_long()) if z3.is_int_value(found) else floor(found.as_fraction())

    def truth(self, value: Truth) -> bool:
        """Return whether a truth holds."""
        return value if isinstance(value, bool) else z3.is_true(self.model.eval(value, model_completion=True))


def lines(unrolled: BoundedModel, judged: Judged, chosen: Model, approved: Judged | None = None) -> list[bytes]:
    """Return the deal's events as JSON lines, the one judged last.

    Args:
        approved: Whose terms the approval names, where that is another one.
    """
    return [
        json.dumps(e, ensure_ascii=False).encode()
        for e in _EventList(unrolled, chosen).events(judged, approved or judged)
    ]


class _EventList:
    def __init__(self, unrolled: BoundedModel, chosen: Model) -> None:
        self.unrolled, self.policy, self.chosen = unrolled, unrolled.policy, chosen
        self.count = 0

    def events(self, judged: Judged, approved: Judged) -> list[Written]:
        """Return all events."""
        found = [self.opened()]
        if judged.act.on is On.OPEN:
            if judged.act.terms:
                found[0]["terms"] = self.terms(judged.act.terms, judged.act.stating)
                found[0] |= self.saying(judged.act.role)
            return found
        for step in self.unrolled.steps:
            case = STEPS[self.chosen.number(step.kind)]
            found.append(self.event(case, step.now, step.offered, step.names, step.signal, step.role))
        act, rank = judged.act, self.unrolled.shared.made.get("approval")
        if act.lifted.approved and rank is not None and self.chosen.number(rank) >= 0:
            found.append(self.approval(judged, approved, self.chosen.number(rank)))
        last = self.event(act.case, act.now, act.terms, act.stating, act.confirmed, act.role)
        if act.on is On.CLOSE:
            last["outcome"] = OUTCOMES[self.chosen.number(act.outcome.value)]
        return [*found, last]

    def at(self, now: Number, more: int = 0) -> str:
        """Return an instant, in seconds from the opening, as it is written."""
        seconds = self.unrolled.origin + self.chosen.number(now) + more
        return instant_text(seconds * 1_000_000)

    def head(self, sort: str, now: Number, **fields: Any) -> Written:
        """Return an event."""
        self.count += 1
        return {"id": f"e{self.count:02d}", "deal": "witness", "at": self.at(now), "type": sort, **fields}

    def text(self, value: Number, unit: Unit) -> str:
        """Write a value as people write it."""
        return format_value(self.unrolled.codes.value(self.chosen.number(value), unit), unit)

    def terms(self, terms: Values, names: Named) -> dict[str, str]:
        """Write the terms of the issues that are named."""
        return {i: self.text(terms[i], self.policy.issues[i].unit) for i, n in names.items() if self.chosen.truth(n)}

    def opened(self) -> Written:
        """Return the opening: every fact that is known, the limits and the BATNA the deal brings."""
        known, catalog = self.unrolled.known, self.policy.catalog
        made = self.unrolled.shared.made
        said = (n for n, s in known.items() if self.chosen.truth(s.known))
        here = {n: known[n] for n in said if self.chosen.truth(made.get(f"stated.{n}", True))}
        facts = {
            n.removeprefix("deal."): self.text(s.value, catalog[n].unit) for n, s in here.items() if n[:5] == "deal."
        }
        fields: Written = {"facts": facts}
        limits: dict[str, dict[str, str]] = {}
        for fact in sorted(self.unrolled.brought):
            threshold, _, name = fact.partition(".")
            held = next(iter(self.policy.by_case.get(fact, {None: fact}).values()))
            limits.setdefault(name, {})[threshold] = self.text(known[held].value, catalog[fact].unit)
        if limits:
            fields["limits"] = limits
        if "batna.worth" in here:
            fields["batna"] = self.text(here["batna.worth"].value, self.policy.money)
        return self.head("open", 0, **fields)

    def approval(self, judged: Judged, approved: Judged, rank: int) -> Written:
        """Return the approval of the terms judged, just before them."""
        act = approved.act
        terms = act.terms or self.unrolled.moment.state.agreement.terms
        made = self.unrolled.shared.made
        named = (n.removeprefix("waived.") for n, w in made.items() if n.startswith("waived.") and self.chosen.truth(w))
        role = self.policy.roles[rank]
        ranks = self.policy.ranks
        by = {r.id: r.by for r in self.policy.rules if r.by}
        waived = [n for n in named if n in by and ranks[by[n]] <= ranks[role]]
        fields: Written = {
            "approver": self.approver(role),
            "role": role,
            "terms": self.terms(terms, dict.fromkeys(terms, True)),
        }
        if waived:
            fields |= {"override": waived, "reason": "as agreed", "until": self.at(judged.act.now, _DAY)}
        return self.head("approve", self.unrolled.moment.now, **fields)

    @property
    def people(self) -> tuple[str, ...]:
        """Return our people: the first bargains, the second approves, where they act in any role."""
        known = tuple(dict.fromkeys(self.policy.people.values()))
        return known if len(known) > 1 else (f"the-{self.policy.side}", "the-approver")

    def approver(self, role: str) -> str:
        """Return somebody who may approve by a role, and who does not bargain where another can."""
        first, *others = self.people
        ranks, acts = self.policy.ranks, self.policy.spoken_as
        fit = [each for each in (*others, first) if ranks.get(acts.get(folded(each), role), -1) >= ranks[role]]
        return fit[0] if fit else others[0]

    def saying(self, spoken: Sym) -> Written:
        """Write who says terms of ours, and in which role where that is known: somebody who acts in it, or in none."""
        said, acts = self.role(spoken), self.policy.spoken_as
        fit = [each for each in self.people if acts.get(folded(each), "") in ("", said.get("role", ""))]
        if not fit and "offer.role" in self.policy.catalog:
            fit = [f"the-{self.policy.side}"]  # nobody of whom the policy says another role
        return {"actor": (fit or self.people)[0], **said}

    def role(self, role: Sym) -> Written:
        """Write in which role we speak, where that is known."""
        entry = self.policy.catalog.get("offer.role")
        known = entry is not None and self.chosen.truth(role.known)
        return {"role": self.text(role.value, entry.unit)} if entry is not None and known else {}

    def event(self, case: Case, now: Number, terms: Values, names: Named, confirmed: Named, spoken: Sym) -> Written:
        """Return an event of a kind."""
        on = case.on
        by: Written = {"by": "us"} if on.value.startswith("our") else {"by": "them"}
        if on in OURS and self.policy.roles:
            by |= self.saying(spoken)
        match on:
            case On.OUR_OFFER | On.THEIR_OFFER:
                return self.head("offer", now, **by, terms=self.terms(terms, names))
            case On.THEIR_ACCEPTANCE if not case.agrees:
                return self.head("offer", now, **by, terms=self.terms(terms, names))
            case On.OUR_ACCEPTANCE | On.THEIR_ACCEPTANCE:
                return self.head("accept", now, **by)
            case On.OUR_REJECTION | On.THEIR_REJECTION:
                return self.head("reject", now, **by)
            case On.SIGNAL:
                kind = next(k for k, c in confirmed.items() if self.chosen.truth(c))
                return self.head("signal", now, by="them", kind=kind)
            case On.OUR_WITHDRAWAL | On.THEIR_WITHDRAWAL:
                return self.head("withdraw", now, **by)
            case On.REOPENING:
                return self.head("reopen", now, actor=self.people[0], reason="as agreed")
            case On.PROBE:
                return self.head("probe", now, asked="{}", yes=False, cost=0)
            case On.REQUEST:
                return self.head("request", now, actor=self.people[0], terms={})
            case On.REVOCATION | On.DECLINE | On.VOID | On.KILL | On.RESUME:
                return self.head("tick", now)  # nothing to take back; what is judged is then no such event
            case On.UPDATE:
                return self.head("update", now, policy=self.policy.name)
            case On.APPROVAL:
                first = next(iter(self.policy.issues))
                standing = self.unrolled.moment.state.ours.standing
                role = self.policy.roles[0]
                return self.head(
                    "approve", now, approver=self.approver(role), role=role, terms=self.terms(standing, {first: True})
                )
            case On.CLOSE:
                return self.head("close", now, outcome=OUTCOMES[1])
            case On.TICK | On.OPEN:
                return self.head("tick", now)
