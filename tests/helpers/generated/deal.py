"""The deal of a generated case: events that fit its declarations, most of the time."""

from datetime import UTC, timedelta, timezone
from random import Random
from typing import Any

from tests.helpers.generated.case import Amount, DraftIssue
from tests.helpers.generated.declarations import Draft

from walkaway.language.values import Kind, format_value


class Deal:
    """The events of one deal; most can have happened, a few cannot."""

    def __init__(self, rng: Random, draft: Draft) -> None:
        self.rng, self.draft = rng, draft
        self.now = draft.day + timedelta(seconds=rng.randint(0, 86_399))
        self.stated: dict[str, set[str]] = {"us": set(), "them": set()}
        self.count = 0

    def events(self, number: int) -> tuple[dict[str, Any], ...]:
        """Return about *number* events, the opening first."""
        rng = self.rng
        found = [self.opened()]
        makers = (
            [self.offer] * 12
            + [self.accept] * 3
            + [self.reject, self.signal, self.update, self.approve] * 2
            + [self.tick] * 2
        )
        while len(found) < number:
            event = rng.choice(makers)()
            if event is not None:
                found.append(event)
        if rng.randrange(3) == 0:
            found.append(self.event("close", outcome=rng.choice(("won", "lost", "walked"))))
        return tuple(found)

    def event(self, sort: str, **fields: Any) -> dict[str, Any]:
        """Return an event a while after the last one."""
        rng = self.rng
        pauses = (0, 0, 1, 1, 59, 60, 3_600, 86_399, 86_400, 86_401, 7 * 86_400)
        self.now += timedelta(seconds=rng.choice(pauses), microseconds=rng.choice((0, 0, 0, 500_000, 1)))
        self.count += 1
        zone = rng.choice((UTC, UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=5, minutes=30))))
        at = self.now.astimezone(zone).isoformat()
        event = {"id": f"e{self.count}", "deal": "d", "at": at.replace("+00:00", "Z"), "type": sort, **fields}
        if rng.randrange(4) == 0:
            event["actor"] = rng.choice(("ann", "bo", "cy"))
        if rng.randrange(12) == 0:
            outer = {"specversion": "1.0", "id": event.pop("id"), "subject": event.pop("deal"), "time": event.pop("at")}
            return {**outer, "type": f"walkaway.{event.pop('type')}", "source": "/desk", "data": event}
        return event

    def value(self, issue: DraftIssue) -> Any:
        """Return a value near those that mean something."""
        rng = self.rng
        value = rng.choice(issue.tries)
        if isinstance(value, str):
            return value
        if issue.unit.kind is Kind.YES_NO:
            return rng.choice((bool(value), "yes" if value else "no"))
        return Amount(issue.unit, value + rng.choice((0, 0, 0, 0, 1, -1)))

    def terms(self, most: int = 5) -> dict[str, Any]:
        issues = self.draft.issues
        chosen = [i for i in issues if self.rng.randrange(2)] or [self.rng.choice(issues)]
        return {i.name: self.value(i) for i in chosen[:most]}

    def facts(self, chance: int) -> dict[str, str]:
        """State deal facts, each but one in *chance*; optional ones half the time."""
        rng = self.rng
        return {
            f.name: format_value(rng.choice(f.tries), f.unit)
            for f in self.draft.facts
            if (rng.randrange(2) if f.optional or f.defaulted else rng.randrange(chance))
        }

    def limits(self, *, per_deal: bool) -> dict[str, Any]:
        """Bring limits: those each deal must bring, and now and then a tighter one."""
        rng = self.rng
        found: dict[str, Any] = {}
        for issue in self.draft.issues:
            if issue.per_deal and per_deal:
                found[issue.name] = {"walk": Amount(issue.unit, int(rng.choice(issue.tries)))}
            elif issue.better and isinstance(issue.walk, int) and rng.randrange(4) == 0:
                found[issue.name] = {"walk": Amount(issue.unit, issue.walk + issue.better * rng.randint(0, 2))}
            elif issue.unit.is_numeric and rng.randrange(12) == 0:
                found[issue.name] = {rng.choice(("want", "wish")): Amount(issue.unit, int(rng.choice(issue.tries)))}
        if self.draft.package.get("walk") == "per deal" and per_deal:
            found["package"] = {"walk": self.money()}
        return found

    def money(self) -> str:
        unit = self.draft.money
        return format_value(self.rng.choice((0, 1, -1, 5_000, 97_000, 99_500, 100_000)) * unit.scale, unit)

    def opened(self) -> dict[str, Any]:
        rng = self.rng
        fields: dict[str, Any] = {"facts": self.facts(rng.choice((4, 40, 40)))}
        if rng.randrange(4) == 0:
            fields["terms"] = self.terms()
            self.stated["us"] |= set(fields["terms"])
        if limits := self.limits(per_deal=rng.randrange(4) > 0):
            fields["limits"] = limits
        if rng.randrange(4) == 0:
            fields["batna"] = self.money()
        return self.event("open", **fields)

    def offer(self) -> dict[str, Any]:
        by = self.rng.choice(("us", "them"))
        terms = self.terms()
        self.stated[by] |= set(terms)
        return self.event("offer", by=by, terms=terms)

    def accept(self) -> dict[str, Any] | None:
        rng = self.rng
        by = rng.choice(("us", "them"))
        other = sorted(self.stated["them" if by == "us" else "us"])
        if not other:
            return None
        if rng.randrange(2):
            self.stated[by] |= {i.name for i in self.draft.issues}
            return self.event("accept", by=by)
        self.stated[by] |= {other[0]}
        return self.event("accept", by=by, issues=[other[0]])

    def reject(self) -> dict[str, Any] | None:
        by = self.rng.choice(("us", "them"))
        return self.event("reject", by=by) if self.stated["them" if by == "us" else "us"] else None

    def signal(self) -> dict[str, Any] | None:
        if not self.draft.signals:
            return None
        rng = self.rng
        return self.event(
            "signal",
            by=rng.choice(("us", "them")),
            kind=rng.choice(self.draft.signals),
            confirmed=rng.choice((True, True, False)),
        )

    def update(self) -> dict[str, Any] | None:
        rng = self.rng
        fields: dict[str, Any] = {}
        if rng.randrange(2):
            fields["facts"] = self.facts(2)
        if limits := self.limits(per_deal=True):
            fields["limits"] = limits
        if rng.randrange(3) == 0:
            fields["batna"] = self.money()
        fields = {k: v for k, v in fields.items() if v}
        return self.event("update", **fields) if fields else None

    def approve(self) -> dict[str, Any] | None:
        rng = self.rng
        if not self.draft.roles:
            return None
        fields: dict[str, Any] = {
            "approver": rng.choice(("ann", "dee")),
            "role": rng.choice(self.draft.roles),
            "terms": self.terms(),
        }
        until = self.now + timedelta(seconds=rng.choice((1, 3_600, 86_400, 30 * 86_400)))
        if rng.randrange(2):
            fields["until"] = until.isoformat()
        return self.event("approve", **fields)

    def tick(self) -> dict[str, Any]:
        return self.event("tick")
