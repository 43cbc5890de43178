# Over 400 lines: every policy that deals are made up under, and how.
"""Deals made up at random, for evaluators to be compared on: policies as dictionaries, events as the JSON they are."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import yaml
from tests.helpers.generated.case import DUMPER

from walkaway import policy
from walkaway.policy import Policy

Said = dict[str, Any]

POLICIES: tuple[Said, ...] = (
    {
        "policy": "seller", "version": "1", "side": "seller", "currency": "USD",
        "deal": {
            "list_price": "money", "decides": {"type": "yes/no", "default": "no"},
            "seats": {"type": "count", "default": "500"},
        },
        "issues": {
            "discount": {
                "type": "percent", "start": "0%", "worth": "-1% of deal.list_price per 1%", "want": "8%", "walk": "20%",
            },
            "term": {"type": "months", "start": "12 months", "worth": "0.125% of deal.list_price per month"},
            "prepay": {"type": "yes/no", "start": "no", "worth": "2% of deal.list_price"},
            "support": {"one of": {"basic": "0 USD", "gold": "-4,000 USD"}, "start": "basic"},
        },
        "package": {"base": "deal.list_price", "walk": "80% of deal.list_price"},
        "signals": ["abuse", "deception"],
        "roles": ["manager", "director", "cfo"],
        "pattern": {
            "nibble": {"settled": "their acceptance", "demand": "their offer",
                       "when": "demand.discount > settled.discount"},
        },
        "rules": {
            "nothing-for-nothing": {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade"},
            "cap": {
                "why": "w", "on": "our terms", "when": "give.net - ours.net > 15% of deal.list_price",
                "then": "refuse", "enforcement": "overridable", "by": "cfo",
            },
            "near": {
                "why": "w", "on": "our terms",
                "when": "room.discount < 3% and give.value > 0 USD and deal.seats < 1,000",
                "then": "escalate", "to": "director",
            },
            "below-want": {
                "why": "w", "on": "our terms", "when": "room.short_of_want >= 1 and give.value > 0 USD",
                "then": "escalate", "to": "manager",
            },
            "wait": {
                "why": "w", "on": ["our offer", "our acceptance"], "when": "ours.in_a_row >= 1 and give.net > 0 USD",
                "then": "hold",
            },
            "never-give": {
                "why": "w", "on": ["our offer", "our acceptance"], "when": "ours.unreturned >= 3 and give.net > 0 USD",
                "then": "walk", "enforcement": "overridable", "by": "manager",
            },
            "big-step": {"why": "w", "on": "our terms", "when": "give.run > 6,000 USD", "then": "hold"},
            "no-room": {
                "why": "w", "on": "their offer",
                "when": "theirs.flat >= 2 and move.value <= 0 USD and room.beyond_walk >= 1", "then": "walk",
            },
            "nibbling": {"why": "w", "on": "their offer", "when": "pattern.nibble >= 1", "then": "hold"},
            "lied": {"why": "w", "on": "any", "when": "signals.deception >= 1", "then": "walk", "door": "closed"},
            "rude": {"why": "w", "on": "any", "when": "signals.abuse >= 1", "then": "walk"},
            "rejected": {"why": "w", "on": "our offer", "when": "theirs.rejections >= 4", "then": "hold"},
            "who": {"why": "w", "on": "our offer", "when": "give.value > 0 USD and not deal.decides", "then": "hold",
                    "enforcement": "advisory"},
        },
    },
    {
        "policy": "buyer", "version": "1", "side": "buyer", "currency": "USD", "theirs_base": "walk",
        "deal": {"asking": "money"},
        "issues": {
            "price": {
                "type": "money", "start": "deal.asking", "worth": "-1 USD per 1 USD", "walk": "90% of deal.asking",
            },
            "days": {"type": "days", "start": "30 days", "worth": "10 USD / 3 per day"},
        },
        "package": {"base": "-1 * deal.asking"},
        "roles": ["owner"],
        "rules": {
            "they-first": {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade"},
            "dear": {"why": "w", "on": "our terms", "when": "offer.price >= 95% of deal.asking", "then": "escalate",
                     "to": "owner"},
        },
    },
)  # fmt: skip
"""Both sides of the table; amounts that fall between two cents, and between two smallest units of an issue."""


ACROSS: tuple[Said, ...] = (
    {
        "policy": "by-term", "version": "1", "side": "seller", "currency": "USD",
        "deal": {
            "year": "money", "decides": {"type": "yes/no", "default": "no"},
            "seats": {"type": "count", "default": "500"},
        },
        "issues": {
            "discount": {
                "type": "percent", "start": "0%", "by": "term", "want": "8%",
                "worth": {
                    "12 months": "-1% of deal.year per 1%", "24 months": "-2% of deal.year per 1%",
                    "36 months": "-3% of deal.year per 1%",
                },
                "walk": {"12 months": "20%", "24 months": "18%", "36 months": "15%"},
            },
            "term": {"type": "months", "values": ["12 months", "24 months", "36 months"], "start": "12 months"},
            "rise": {
                "type": "percent", "start": "3%", "by": "term",
                "worth": {
                    "12 months": "0 USD per 1%", "24 months": "1% of deal.year per 1%",
                    "36 months": "2% of deal.year per 1%",
                },
            },
            "support": {"one of": {"basic": "0 USD", "gold": "-4,000 USD"}, "start": "basic"},
        },
        "package": {
            "by": "term", "walk": "80% of package.base",
            "base": {"12 months": "deal.year", "24 months": "200% of deal.year", "36 months": "300% of deal.year"},
        },
        "signals": ["abuse", "deception"],
        "roles": ["manager", "director", "cfo"],
        "pattern": {
            "nibble": {"settled": "their acceptance", "demand": "their offer",
                       "when": "demand.worth < settled.worth"},
        },
        "rules": {
            "nothing-for-nothing": {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade"},
            "near": {
                "why": "w", "on": "our terms", "when": "room.discount < 3% and give.value > 0 USD", "then": "escalate",
                "to": "director",
            },
            "below-want": {
                "why": "w", "on": "our terms", "when": "room.short_of_want >= 1 and give.value > 0 USD",
                "then": "escalate", "to": "manager",
            },
            "half-way": {
                "why": "w", "on": "our terms", "when": "known(walk.discount) and offer.discount > walk.discount * 0.5",
                "then": "escalate", "to": "manager",
            },
            "whole": {
                "why": "w", "on": "our terms", "when": "room.package < 10% of deal.year", "then": "escalate",
                "to": "cfo", "enforcement": "overridable", "by": "cfo",
            },
            "wait": {
                "why": "w", "on": ["our offer", "our acceptance"], "when": "ours.in_a_row >= 1 and give.net > 0 USD",
                "then": "hold",
            },
            "big-step": {"why": "w", "on": "our terms", "when": "give.run > 20,000 USD", "then": "hold"},
            "no-room": {
                "why": "w", "on": "their offer",
                "when": "theirs.flat >= 2 and move.value <= 0 USD and room.beyond_walk >= 1", "then": "walk",
            },
            "nibbling": {"why": "w", "on": "their offer", "when": "pattern.nibble >= 1", "then": "hold"},
            "lied": {"why": "w", "on": "any", "when": "signals.deception >= 1", "then": "walk", "door": "closed"},
        },
    },
    {
        "policy": "by-header", "version": "1", "side": "seller", "currency": "USD", "theirs_base": "walk",
        "deal": {"seats_total": "money", "support_total": {"type": "money", "default": "30,000 USD"}},
        "issues": {
            "discount": {
                "type": "percent", "start": "0%", "by": "header", "walk": "30%",
                "worth": "-1% of deal.seats_total * (100% - header) per 1%",
            },
            "on_support": {
                "type": "percent", "start": "0%", "by": "header", "walk": "30% - header",
                "worth": "-1% of deal.support_total * (100% - header) per 1%",
            },
            "header": {"type": "percent", "values": ["0%", "2%", "5%", "15%"], "start": "0%"},
        },
        "package": {
            "by": "header", "base": "(100% - header) * (deal.seats_total + deal.support_total)",
            "walk": "75% of deal.seats_total + 75% of deal.support_total",
        },
        "roles": ["manager", "owner"],
        "rules": {
            "nothing-for-nothing": {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade"},
            "deep": {"why": "w", "on": "our terms", "when": "room.on_support < 10%", "then": "escalate", "to": "owner"},
            "thin": {"why": "w", "on": "our terms", "when": "room.package < 5% of deal.seats_total",
                     "then": "escalate", "to": "manager"},
        },
    },
)  # fmt: skip
"""Worths and limits that hang on the value of another issue: a contract over its term, and stacked discounts."""


DERIVED: tuple[Said, ...] = (
    {
        "policy": "seats", "version": "1", "side": "seller", "currency": "USD",
        "deal": {
            "year": "money", "decides": {"type": "yes/no", "default": "no"},
            "list": {"type": "money", "default": "100 USD", "least": "0.01 USD"},
            "seats": {"type": "count", "default": "500"},
            "budget": {"type": "count", "optional": "yes"},
        },
        "issues": {
            "price": {
                "type": "money", "start": "deal.list", "least": "0 USD", "worth": "100 USD per 1 USD", "walk": "60 USD",
            },
            "users": {"type": "count", "start": "100", "least": "1", "worth": "deal.list per 1"},
            "discount": {"type": "percent", "start": "0%", "worth": "-1% of deal.year per 1%", "walk": "30%"},
            "term": {"type": "months", "start": "12 months", "worth": "10 USD per month"},
            "monthly": {"type": "money", "start": "5 USD", "worth": "12 USD per 1 USD"},
        },
        "derived": {
            "total": "offer.users * offer.price",
            "list": "offer.users * deal.list",
            "off": "offer.discount of offer.price",
            "support": "offer.term * offer.monthly",
            "spare": "offer.users * deal.budget - 0.3 * offer.users * offer.users",
        },
        "package": {"base": "deal.year"},
        "signals": ["abuse"],
        "roles": ["manager", "director", "cfo"],
        "rules": {
            "nothing-for-nothing": {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade"},
            "thin": {"why": "w", "on": "our terms", "when": "derived.total < 90% of derived.list", "then": "escalate",
                     "to": "manager"},
            "small": {"why": "w", "on": "our terms", "when": "derived.total <= 5,000 USD", "then": "refuse",
                      "enforcement": "overridable", "by": "cfo"},
            "off": {"why": "w", "on": "our terms", "when": "derived.off + derived.support / 12 > 40 USD",
                    "then": "escalate", "to": "director"},
            "cheap": {"why": "w", "on": "our terms", "when": "offer.price < 70% of deal.list and offer.users > 60",
                      "then": "hold"},
            "lots": {"why": "w", "on": "their offer", "when": "derived.total > 20,000 USD and give_way",
                     "then": "hold"},
            "spare": {"why": "w", "on": "our terms", "when": "known(derived.spare) and derived.spare < 0",
                      "then": "hold"},
        },
        "define": {"give_way": "theirs.offers >= 2"},
    },
)  # fmt: skip
"""Facts that are products of what is negotiated: exact, between two units, and unknown where a factor is."""


TEAM: Said = {
    "policy": "team", "version": "1",
    "issues": {
        "goodwill": {"type": "yes/no", "start": "no", "worth": "1,000,000 USD"},
        "days": {"type": "days", "start": "30 days", "worth": "-10 USD per day"},
        "discount": {"walk": "16%"},
    },
    "roles": ["rep", "manager", "director", "cfo"],
    "rules": {
        "nothing-for-nothing": {"then": "escalate", "to": "rep"},
        "unprepared": {"then": "escalate", "to": "rep"},
        "slow": {"why": "w", "on": "our terms", "when": "offer.term > 24 months", "then": "hold"},
        "asks": {"why": "w", "on": "our offer", "when": "give.value >= 4,000 USD", "then": "trade"},
    },
}  # fmt: skip
"""A layer below the first of `POLICIES`: it adds a role, rules and issues, and tightens what is above."""


BOUND: Mapping[str, tuple[Said, ...]] = {
    base: tuple({**said, "policy": f"{said['policy']}-{base}", "theirs_base": base} for said in (*POLICIES, *ACROSS))
    for base in ("said", "walk", "start")
}
"""Base → every policy above by itself, where what they say counts from there."""


def text_of(said: Mapping[str, Any]) -> bytes:
    """Return a policy that is a dictionary of texts as YAML."""
    return yaml.dump(dict(said), Dumper=DUMPER, sort_keys=False, allow_unicode=True).encode()


def loaded(*layers: Mapping[str, Any]) -> Policy:
    """Return a policy that is a dictionary of texts as the engine reads it; of several, the uppermost comes first."""
    lowest: Mapping[str, Any] = layers[-1]
    if len(layers) > 1:
        lowest = {**lowest, "extends": "upper.yaml"}
    return policy.read(text_of(lowest), "policy.yaml", lambda _: text_of(layers[0])).unwrap()


class Haggling:
    """One deal made up at random.

    Args:
        said: The policy that it is under.
        deal, party: What it is called, and the other side; nobody says who that is, if left out.
    """

    def __init__(self, random: Random, said: Said, deal: str = "D", party: str = "") -> None:
        self.random, self.said, self.deal, self.party = random, said, deal, party
        self.at = datetime(2026, 10, 5, 9, tzinfo=UTC)
        self.ends: list[datetime] = []
        self.count = 0
        self.approvals: list[tuple[str, str]] = []
        self.limits: list[str] = []

    def events(self, most: int = 14) -> list[Said]:
        """Return its events, the opening first."""
        found = [self.opening()]
        for _ in range(self.random.randint(2, most)):
            found.append(self.event())
        return found

    def written(self, **event: Any) -> Said:
        """Return an event some time after the one before it, but never beyond an instant at which something ends."""
        self.count += 1
        then = self.at + self.random.choice([timedelta(0), timedelta(minutes=10), timedelta(days=1)])
        self.at = min([then, *(end for end in self.ends if end > self.at)])
        return {"id": f"e{self.count}", "deal": self.deal, "at": self.at.isoformat(), **event}

    def end(self, after: timedelta) -> str:
        """Return an instant until which something binds."""
        self.ends.append(self.at + after)
        return self.ends[-1].isoformat()

    def opening(self) -> Said:
        price = self.random.choice(["100,000 USD", "100,000 USD", "12,345.68 USD", "0.40 USD", "100 USD"])
        fact = next(iter(self.said["deal"]))
        more: Said = {}
        if self.random.random() < 0.2:
            more["terms"] = self.terms()
            more["actor"] = self.actor()
        if self.random.random() < 0.15:
            more["batna"] = self.random.choice(["85,000 USD", "-95,000 USD", "0 USD"])
        if self.party:
            more["party"] = self.party
        return self.written(type="open", facts={fact: price}, **more)

    def actor(self) -> str:
        return self.random.choice(["ana", "ana", "bob", " Ana ", "\uff21NA", "dana"])

    def by(self) -> Said:
        by = self.random.choice(["us", "them"])
        return {"by": by} if by == "them" or self.random.random() < 0.05 else {"by": by, "actor": self.actor()}

    def value(self, name: str) -> str:
        issue: Said = self.said["issues"][name]
        choice: Callable[[Sequence[str]], str] = self.random.choice
        if "one of" in issue:
            return choice(list(issue["one of"]))
        if "values" in issue:
            return choice(issue["values"])
        match issue["type"]:
            case "percent":
                return choice(
                    ["0%", "2%", "4%", "5%", "7%", "8%", "9.0001%", "15%", "15.0001%", "18%", "20%", "20.0001%", "30%"]
                )
            case "months":
                return choice(["6 months", "12 months", "13 months", "24 months", "36 months"])
            case "days":
                return choice(["10 days", "30 days", "31 days", "60 days"])
            case "count":
                return choice(["1", "40", "60", "99", "100", "250"])
            case "money" if name in ("price", "monthly") and self.said["policy"] == "seats":
                return choice(["0 USD", "0.01 USD", "89.99 USD", "90 USD", "100 USD", "125.55 USD", "60 USD", "1 USD"])
            case "money":
                return choice(
                    ["80,000 USD", "90,000 USD", "95,000 USD", "99,999.99 USD", "100,000 USD", "12,000 USD", "0.36 USD"]
                )
            case _:
                return choice(["yes", "no"])

    def terms(self) -> Said:
        names = list(self.said["issues"])
        chosen = self.random.sample(names, self.random.choice([1, 1, 1, 2, 2, len(names)]))
        return {name: self.value(name) for name in chosen}

    def event(self) -> Said:
        kind = self.random.choices(
            [
                "offer",
                "accept",
                "reject",
                "signal",
                "approve",
                "tick",
                "close",
                "update",
                "withdraw",
                "revoke",
                "limit",
                "void",
                "reopen",
            ],
            [60, 14, 5, 1.5, 9, 2, 3, 4, 3, 2, 2, 1, 0.5 if self.party else 0],
        )[0]
        written: Said = getattr(self, kind)()
        return written

    def offer(self) -> Said:
        more: Said = {}
        terms = self.terms()
        if self.random.random() < 0.08:
            more["until"] = self.end(self.random.choice([timedelta(days=1), timedelta(days=3)]))
        if self.random.random() < 0.08:
            terms["exclusivity"] = self.random.choice(["one year", "two years", None])
        return self.written(type="offer", **self.by(), terms=terms, **more)

    def void(self) -> Said:
        return self.written(type="void", of=f"e{self.random.randint(1, self.count)}", reason="slip", actor=self.actor())

    def reopen(self) -> Said:
        event = self.written(type="reopen", reason="they changed hands", actor=self.actor())
        self.limits.append(event["id"])
        return event

    def withdraw(self) -> Said:
        return self.written(type="withdraw", **self.by())

    def revoke(self) -> Said:
        if not self.approvals:
            return self.tick()
        approver, number = self.random.choice(self.approvals)
        return self.written(type="revoke", approver=approver, of=number)

    def limit(self) -> Said:
        name = next(iter(self.said["issues"]))
        value = {"discount": ["12%", "16%", "20%", "7%"], "price": ["11,000 USD", "0.30 USD", "85,000 USD"]}[name]
        what = {"limits": {name: {"walk": self.random.choice(value)}}}
        said: Said = self.random.choice([what, what, {"batna": "0 USD"}])
        event = self.written(type="update", actor=self.actor(), **said)
        self.limits.append(event["id"])
        return event

    def accept(self) -> Said:
        some: Said = {"issues": self.random.sample(list(self.said["issues"]), 1)} if self.random.random() < 0.25 else {}
        if self.random.random() < 0.15:
            some["of"] = f"e{self.random.randint(1, self.count)}"
        return self.written(type="accept", **self.by(), **some)

    def reject(self) -> Said:
        return self.written(type="reject", **self.by())

    def signal(self) -> Said:
        kinds = self.said.get("signals")
        if not kinds:
            return self.tick()
        return self.written(type="signal", by="them", kind=self.random.choice(kinds))

    def approve(self) -> Said:
        role = self.random.choice(self.said["roles"][-3:])
        more: Said = {}
        overridable = [n for n, r in self.said["rules"].items() if r.get("by") == role]
        if overridable and self.random.random() < 0.5:
            more["override"] = [self.random.choice(overridable)]
            more["reason"] = "for this deal"
        if self.limits and self.random.random() < 0.3:
            role, more = self.said["roles"][-1], {"of": self.random.choice(self.limits)}
        elif "override" in more or self.random.random() < 0.2:
            more["until"] = self.end(timedelta(days=3))
        terms = {} if "of" in more else {"terms": self.terms()}
        approver = self.random.choice(["ana", "dana", "eve"])
        event = self.written(type="approve", approver=approver, role=role, **terms, **more)
        self.approvals.append((approver, event["id"]))
        return event

    def tick(self) -> Said:
        return self.written(type="tick")

    def close(self) -> Said:
        return self.written(type="close", outcome=self.random.choice(["won", "won", "lost"]))

    def update(self) -> Said:
        if "seats" not in self.said["deal"]:
            return self.tick()
        return self.written(
            type="update",
            facts=self.random.choice([{"seats": 500}, {"seats": 5}, {"decides": "yes"}, {"decides": "no"}]),
        )


def haggled_in_layers(seed: int) -> tuple[list[Said], list[Said]]:
    """Return the layers and the events of a deal made up from a seed."""
    upper = POLICIES[0]
    whole = {**upper, "issues": {**upper["issues"], **TEAM["issues"], "discount": upper["issues"]["discount"]}}
    return [upper, TEAM], Haggling(Random(seed), {**whole, "roles": TEAM["roles"]}).events()


def haggled_with_a_party(seed: int) -> tuple[Said, list[Said]]:
    """Return the policy and the events of two deals with one party, made up from a seed."""
    random = Random(seed)
    said = random.choice(POLICIES)
    deals = [Haggling(random, said, name, party).events(8) for name, party in (("D", "Acme"), ("E", "ACME "))]
    return said, sorted((event for deal in deals for event in deal), key=lambda event: str(event["at"]))


def haggled(seed: int, policies: Sequence[Said] = POLICIES) -> tuple[Said, list[Said]]:
    """Return the policy and the events of a deal made up from a seed."""
    random = Random(seed)
    said = random.choice(policies)
    return said, Haggling(random, said).events()
