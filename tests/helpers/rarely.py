"""Deals made up of what happens rarely: several packages, two who must sign, waivers, other spellings, kills, slips.

Under policies of which each rule is of a sort of its own. What `haggling` makes up now and then is most of it.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from tests.helpers.haggling import Haggling, Said

DESK: Said = {
    "policy": "desk", "version": "1", "side": "seller", "currency": "USD",
    "deal": {
        "list_price": "money", "decides": {"type": "yes/no", "default": "no"},
        "seats": {"type": "count", "default": "500"}, "quota": {"type": "count", "optional": "yes"},
    },
    "issues": {
        "discount": {
            "type": "percent", "start": "0%", "worth": "-1% of deal.list_price per 1%", "wish": "0%", "want": "6%",
            "walk": "20%",
        },
        "term": {
            "type": "months", "start": "12 months", "worth": "0.125% of deal.list_price per month",
            "approved": "as named",
        },
        "prepay": {"type": "yes/no", "start": "no", "worth": "2% of deal.list_price"},
        "support": {"one of": {"none": "1,000 USD", "basic": "0 USD", "gold": "-4,000 USD"}, "start": "basic",
                    "walk": "basic", "want": "none"},
    },
    "package": {"base": "deal.list_price", "want": "95% of deal.list_price", "walk": "80% of deal.list_price"},
    "signals": ["abuse", "deception"],
    "people": {"ana": ["Ana Maria", "AM"], "bob": [], "dana": ["Dana D."], "eve": [], "carl": []},
    "roles": ["manager", "director", "cfo"],
    "pattern": {
        "nibble": {"settled": "their acceptance", "demand": "their offer", "when": "demand.worth < settled.worth"},
    },
    "rules": {
        "nothing-for-nothing": {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade",
                                "say": "{offer.discount} is too much for {get.value}."},
        "two-sign": {"why": "w", "on": "our terms", "when": "give.value > 4% of deal.list_price", "then": "escalate",
                     "to": {"role": "manager", "count": "2"}},
        "deep": {"why": "w", "on": "our terms", "when": "room.discount < 5% and deal.seats < 1,000", "then": "escalate",
                 "to": "director", "enforcement": "overridable", "by": "cfo"},
        "cap": {"why": "w", "on": "our terms", "when": "give.net - ours.net > 12% of deal.list_price",
                "then": "refuse", "enforcement": "overridable", "by": "director"},
        "few": {"why": "w", "on": "our terms", "when": "deal.seats < 100 and give.value > 0 USD", "then": "hold",
                "enforcement": "overridable", "by": "manager"},
        "quota": {"why": "w", "on": "our offer", "when": "known(deal.quota) and deal.quota < 5", "then": "escalate",
                  "to": "manager"},
        "short": {"why": "w", "on": "our terms", "when": "room.short_of_want >= 2", "then": "escalate",
                  "to": "manager"},
        "near-other": {"why": "w", "on": "our terms",
                       "when": "known(batna.worth) and offer.worth < batna.worth + 2% of deal.list_price",
                       "then": "escalate", "to": "cfo"},
        "slow": {"why": "w", "on": ["our offer", "our acceptance"],
                 "when": "known(since.their_offer) and since.their_offer > 36 hours and give.net > 0 USD",
                 "then": "hold"},
        "stalling": {"why": "w", "on": "their offer", "when": "theirs.offers >= 2 and move.value <= 0 USD",
                     "then": {"conclude": "stalling"}},
        "hostile": {"why": "w", "on": "their offer", "when": "concluded.stalling and signals.abuse >= 1",
                    "then": {"conclude": "hostile"}},
        "leave-the-hostile": {"why": "w", "on": "their offer", "when": "concluded.hostile", "then": "walk",
                              "door": "closed"},
        "leave-far-out": {"why": "w", "on": "their offer", "when": "concluded.stalling and room.beyond_walk >= 2",
                          "then": "walk"},
        "warned": {"why": "w", "on": "any", "when": "signals.abuse >= 1", "then": "walk", "door": "closed",
                   "enforcement": "advisory", "concern": "relationship"},
        "tried": {"why": "w", "on": "our terms", "when": "give.issues >= 1", "then": "refuse", "enforcement": "shadow",
                  "concern": "value"},
        "rude": {"why": "w", "on": "any", "when": "signals.abuse >= 3", "then": "walk"},
        "lied": {"why": "w", "on": "any", "when": "signals.deception >= 1", "then": "walk", "door": "closed"},
        "empty": {"why": "w", "on": "update", "when": "deal.seats < 10", "then": "hold"},
        "late-approval": {"why": "w", "on": "approval", "when": "signals.abuse >= 2", "then": "hold"},
        "lost": {"why": "w", "on": "close", "when": 'close.outcome = "lost" and theirs.offers >= 2', "then": "hold"},
        "messy": {"why": "w", "on": "close", "when": "ours.uncleared >= 2", "then": "escalate", "to": "director"},
        "gone": {"why": "w", "on": "their withdrawal", "when": "theirs.offers >= 2", "then": "walk"},
        "no-again": {"why": "w", "on": "their rejection", "when": "theirs.rejections >= 2", "then": "walk",
                     "door": "closed"},
        "nibbling": {"why": "w", "on": "their offer", "when": "pattern.nibble >= 1", "then": "hold"},
        "steps": {"why": "w", "on": "our terms", "when": "give.run > 5% of deal.list_price", "then": "hold",
                  "concern": "risk"},
    },
}  # fmt: skip
"""Two who must sign, waivers by three roles, conclusions that rest on each other, both doors, and declared people."""

BRANCH: Said = {
    "policy": "branch", "version": "1",
    "issues": {"discount": {"walk": "15%"}, "days": {"type": "days", "start": "30 days", "worth": "-10 USD per day"}},
    "signals": ["late"],
    "roles": ["clerk", "manager", "director", "cfo"],
    "rules": {
        "nothing-for-nothing": {"then": "escalate", "to": "clerk"},
        "short": {"then": "refuse"},
        "tardy": {"why": "w", "on": "any", "when": "signals.late >= 1", "then": "walk"},
        "long": {"why": "w", "on": "our terms", "when": "offer.term > 24 months", "then": "hold",
                 "enforcement": "overridable", "by": "clerk"},
        "asks": {"why": "w", "on": "their offer", "when": "theirs.offers >= 3", "then": "hold"},
    },
}  # fmt: skip
"""A layer below `DESK`: a role, a signal and an issue of its own, a tighter limit, and what it says of rules above."""

SPELLED = {
    "ana": ["ana", "Ana Maria", " ANA ", "\uff21M", "ana  maria"],
    "bob": ["bob", "BOB"],
    "dana": ["dana", "Dana D.", "DANA  d."],
    "eve": ["eve", "Eve "],
    "carl": ["carl"],
    "zoe": ["zoe"],
}
"""Who acts, and how that is written; of `zoe` nothing is declared."""


class Rare(Haggling):
    """One deal of what happens rarely.

    Args:
        known: Whether only what the reference evaluator knows happens in it.
    """

    weights: ClassVar[dict[str, float]] = {
        "offer": 34, "their_move": 8, "packages": 9, "accept": 13, "reject": 4, "signal": 4, "approve": 14, "tick": 2,
        "close": 2.5, "update": 5, "withdraw": 4, "revoke": 4, "limit": 3, "void": 5, "other": 3, "again": 6,
        "signed": 7, "kill": 0.7, "request": 1, "probe": 1.5, "far": 1.2, "reopen": 0,
    }  # fmt: skip

    def __init__(self, random: Random, said: Said, deal: str = "D", party: str = "", *, known: bool = False) -> None:
        super().__init__(random, said, deal, party)
        self.known = known
        self.offers: list[Said] = []
        self.several = {"us": 0, "them": 0}
        self.choices: set[str] = set()
        self.coming: list[Callable[[], Said]] = []
        self.halts = False

    def event(self) -> Said:
        """Return what happens next."""
        if self.coming:
            return self.coming.pop(0)()
        weights = {**self.weights, "reopen": 4 if self.party else 0}
        kind = self.random.choices(list(weights), list(weights.values()))[0]
        written: Said = getattr(self, kind)()
        return written

    def actor(self) -> str:
        return self.spelled(self.random.choice(["ana", "ana", "ana", "bob", "dana", "zoe"]))

    def spelled(self, name: str) -> str:
        """Return a name as somebody writes it."""
        return self.random.choice(SPELLED[name])

    def opening(self) -> Said:
        price = self.random.choice(["100,000 USD", "100,000 USD", "12,345.68 USD"])
        more: Said = {}
        if self.random.random() < 0.2:
            more |= {"terms": self.terms(), "actor": self.actor()}
        if self.random.random() < 0.4:
            more["alternatives"] = [self.alternative() for _ in range(2)]
        if self.party:
            more["party"] = self.party
        facts: Said = {} if self.random.random() < 0.12 and not self.known else {"list_price": price}
        return self.written(type="open", facts=facts, **more)

    def alternative(self) -> Said:
        more = {"until": self.end(timedelta(days=2))} if self.random.random() < 0.5 else {}
        worth = self.random.choice(["85,000 USD", "95,000 USD", "97,000 USD", "10,000 USD", None])
        return {"name": self.random.choice(["B", "C"]), "worth": worth, **more}

    def offer(self) -> Said:
        return self.said_now(super().offer())

    def said_now(self, event: Said) -> Said:
        """Remember what was offered."""
        self.offers.append(event)
        self.several[event["by"]] = 0
        return event

    def again(self) -> Said:
        """Say what was offered before once more, or to the other side what it said."""
        if not self.offers:
            return self.offer()
        terms = self.random.choice(self.offers)["terms"]
        return self.said_now(self.written(type="offer", **self.by(), terms=terms))

    def their_move(self) -> Said:
        """Have them come down on the discount."""
        value = self.random.choice(["30%", "25%", "18%", "12%", "8%", "5%", "2%"])
        return self.said_now(self.written(type="offer", by="them", terms={"discount": value}))

    def packages(self) -> Said:
        several = [self.terms() for _ in range(self.random.choice([2, 2, 3]))]
        by = {"by": "us", "actor": self.actor()} if self.known else self.by()
        event = self.written(type="offer", **by, packages=several)
        self.several[event["by"]] = len(several)
        self.choices.add(event["id"])
        return event

    def accept(self) -> Said:
        event = super().accept()
        by, other = event["by"], "us" if event["by"] == "them" else "them"
        if self.known and (self.several[other] or event.get("of") in self.choices):
            return self.said_now(self.written(type="offer", **self.by(), terms=self.terms()))
        if "of" not in event and self.several[other]:
            event["package"] = self.random.randint(1, max(2, self.several[other]))
        if self.several[by]:
            self.several[by] = -1  # it may have been taken, and may not
        return event

    def approve(self) -> Said:
        choice: Callable[[Any], Any] = self.random.choice
        roles, rules = self.said["roles"], self.said["rules"]
        if self.limits and self.random.random() < 0.25:
            event = self.written(
                type="approve", approver=self.spelled(choice(["ana", "dana", "eve"])), role=roles[-1],
                of=choice(self.limits[-3:]),
            )  # fmt: skip
        else:
            role, more = choice(roles), dict[str, Any]()
            terms = choice(self.offers)["terms"] if self.offers and self.random.random() < 0.5 else self.terms()
            if self.random.random() < 0.5:
                terms = {"discount": "20%", "support": "gold", "term": terms.get("term", "12 months")}
            lifts = [n for n, r in rules.items() if r.get("by") in roles[: roles.index(role) + 1]]
            if lifts and self.random.random() < 0.45:
                more = {"override": self.random.sample(lifts, min(len(lifts), choice([1, 2]))), "reason": "w"}
            if "override" in more or self.random.random() < 0.2:
                more["until"] = self.end(timedelta(days=choice([1, 3])))
            if "override" not in more and self.random.random() < 0.2:
                more["rules"] = [choice(["two-sign", "deep", "short"])]
            approver = self.spelled(choice(["ana", "dana", "eve", "bob", "eve" if self.known else "zoe"]))
            event = self.written(type="approve", approver=approver, role=role, terms=terms, **more)
        self.approvals.append((event["approver"], event["id"]))
        return event

    def signed(self) -> Said:
        """Say terms, have them approved by one or several, and say them again: then something may come in between."""
        choice: Callable[[Any], Any] = self.random.choice
        terms = {
            "discount": choice(["5%", "7%", "9.0001%", "15%", "18%"]),
            "term": "12 months",
            "prepay": choice(["no", "yes"]),
        }
        least = {"discount": "20%", "term": "12 months", "support": "gold"}
        roles, lifts = self.said["roles"], [n for n, r in self.said["rules"].items() if "by" in r]
        until = {"until": self.end(timedelta(days=4))}

        def say() -> Said:
            actor = self.spelled(choice(["ana", "ana", "bob"]))
            return self.said_now(self.written(type="offer", by="us", actor=actor, terms=terms))

        def sign(who: str) -> Callable[[], Said]:
            role = choice(roles[-3:])
            named = (
                [n for n in lifts if roles.index(self.said["rules"][n]["by"]) <= roles.index(role)]
                if who != "bob"
                else []
            )
            more = {"override": named, "reason": "w", **until} if named and self.random.random() < 0.6 else {}

            def approves() -> Said:
                event = self.written(type="approve", approver=self.spelled(who), role=role, terms=least, **more)
                self.approvals.append((event["approver"], event["id"]))
                return event

            return approves

        who = self.random.sample(["dana", "eve", "carl", "bob", "dana"], choice([1, 2, 2, 3]))
        between = [
            [],
            [],
            [self.revoke],
            [self.update],
            [self.void],
            [self.tick, self.tick],
            [self.limit],
            [self.their_move],
        ]
        last = [[say], [say], [self.accept, self.close], [self.close], []]
        self.coming = [*map(sign, who), say, *choice(between), *choice(last)]
        return say()

    def revoke(self) -> Said:
        if not self.approvals:
            return self.approve()
        approver, number = self.random.choice(self.approvals[-3:])
        return self.written(type="revoke", approver=approver, of=number)

    def void(self) -> Said:
        """Call something of late a slip."""
        number = self.random.randint(max(2, self.count - 4), max(2, self.count))
        event = self.written(type="void", of=f"e{number}", reason="slip", actor=self.actor())
        self.limits.append(event["id"])
        return event

    def signal(self) -> Said:
        more = {"confirmed": "no"} if self.random.random() < 0.2 else {}
        return self.written(type="signal", by="them", kind=self.random.choice(self.said["signals"]), **more)

    def update(self) -> Said:
        facts = self.random.choice(
            [{"seats": 500}, {"seats": 5}, {"seats": 50}, {"decides": "yes"}, {"quota": 3}, {"quota": 9},
             {"list_price": "100,000 USD"}]
        )  # fmt: skip
        return self.written(type="update", facts=facts, actor=self.actor())

    def other(self) -> Said:
        """Tell of what else we could do."""
        event = self.written(type="update", alternatives=[self.alternative()], actor=self.actor())
        self.limits.append(event["id"])
        return event

    def limit(self) -> Said:
        walk, want = self.random.choice(["12%", "16%", "20%", "7%"]), self.random.choice(["6%", "5%", "8%"])
        limits: Said = self.random.choice([{"walk": walk}, {"want": want}])
        event = self.written(type="update", actor=self.actor(), limits={"discount": limits})
        self.limits.append(event["id"])
        return event

    def close(self) -> Said:
        more: Said = {}
        outcome = self.random.choice(["won", "won", "won", "lost", "walked"])
        if outcome == "won" and self.offers and self.random.random() < 0.4:
            more["terms"] = self.offers[-1]["terms"]
        return self.written(type="close", outcome=outcome, actor=self.actor(), **more)

    def kill(self) -> Said:
        """Stop all our offers, or let them go on."""
        self.halts = not self.halts
        self.coming = [self.again, self.kill] if self.halts else []
        event = self.written(
            type="kill" if self.halts else "resume", approver="carl", role=self.said["roles"][-1], reason="w"
        )
        return {key: value for key, value in event.items() if key != "deal"}

    def request(self) -> Said:
        return self.written(type="tick")

    def probe(self) -> Said:
        yes = self.random.random() < 0.5
        more = {"permit": f"e{self.count + 2}"} if yes else {}
        return self.written(type="probe", actor="agent-7", asked="{}", yes=yes, cost=2 if yes else 1, **more)

    def far(self) -> Said:
        """Let more time go by than deals have, said to be so or not."""
        before, ends = self.at, self.ends
        self.at, self.ends = before + timedelta(days=400), []
        event = self.random.choice([self.offer, self.tick, self.their_move])()
        self.ends = ends
        if self.random.random() < 0.6:
            return {**event, "confirmed": "yes"}
        self.at = before
        return event


def rarely(seed: int, *, known: bool = False) -> tuple[list[Said], list[Said]]:
    """Return the layers and the events of a deal made up from a seed; named as for `Rare`."""
    return [DESK], Rare(Random(seed), DESK, known=known).events(18)


def rarely_in_layers(seed: int, *, known: bool = False) -> tuple[list[Said], list[Said]]:
    """Return as `rarely` for a deal in two layers."""
    signals = DESK["signals"] if known else [*DESK["signals"], *BRANCH["signals"]]
    issues = {**DESK["issues"], "days": BRANCH["issues"]["days"]}
    rules = {**DESK["rules"], "long": BRANCH["rules"]["long"]}
    roles = (DESK if known else BRANCH)["roles"]  # the reference takes half of what one layer alone cannot take
    whole = {**DESK, "issues": issues, "roles": roles, "signals": signals, "rules": DESK["rules"] if known else rules}
    return [DESK, BRANCH], Rare(Random(seed), whole, known=known).events(16)


def rarely_with_a_party(seed: int, *, known: bool = False) -> tuple[list[Said], list[Said]]:
    """Return as `rarely` for three deals with one party, of which each follows the one before or not."""
    random = Random(seed)
    found: list[Said] = []
    for place, (name, party) in enumerate((("D", "Acme"), ("E", "ACME "), ("F", "acme"))):
        deal = Rare(random, DESK, name, party, known=known)
        deal.at += timedelta(days=random.choice([0, 2]) * place)
        events = deal.events(9)
        if place and random.random() < 0.6 and not known:
            events[0]["follows"] = "DE"[place - 1]
        found += events
    return [DESK], sorted(found, key=lambda event: str(event["at"]))
