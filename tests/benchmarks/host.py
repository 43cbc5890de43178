"""The smallest honest host of a rule engine that knows rules alone: events in, ledger kept, facts and verdict out.

What a rule engine leaves to whoever embeds it, for the policies and deals that `workload.py` writes and for nothing
else: it reads the values that people write, keeps both sides' words and half of the ledger each, works out the facts
that the rules read, asks which rules fire, adds the rules that every policy has, and lets the most severe answer stand.
It knows no other kinds of events, other currencies, approvals, versions, dead letters or records, and checks nothing
that it is told.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

Facts = dict[str, int | str]
Fires = Callable[[Facts], frozenset[int]]
Terms = dict[str, Any]

START: Terms = {"discount": 0, "term": 12, "prepay": 0, "reference": 0, "support": "basic", "payment": 30}
SEVERITY = {name: rank for rank, name in enumerate(("proceed", "trade", "hold", "escalate", "refuse", "walk"))}
_YES_NO = {"yes": 1, "no": 0}
_PERCENT, _MOST_DISCOUNT, _WANTED_DISCOUNT = 10_000, 200_000, 80_000


def read(name: str, text: str) -> int | str:
    """Return a value in its smallest unit, as the policy's reader has it."""
    match name:
        case "discount":
            whole, _, part = text[:-1].partition(".")
            return int(whole) * _PERCENT + int(part.ljust(4, "0"))
        case "term" | "payment":
            return int(text.partition(" ")[0])
        case "prepay" | "reference":
            return _YES_NO[text]
        case _:
            return text


class Deal:
    """One deal, and half of the ledger for each side.

    Attributes:
        worths: Issue → worth of one smallest unit in cents, as numerator and denominator; of `support` that of gold.
        said, last: Our word and theirs, whole; `cleared` ours as it was last let through.
        base: What they first said of each issue that they have named.
        stands: Whether they have said anything; `we_said` the same of us.
    """

    def __init__(self, opened: datetime, facts: Mapping[str, Any]) -> None:
        price = int(facts["list_price"].partition(" ")[0].replace(",", "")) * 100
        self.opened, self.price = opened, price
        self.worths = {
            "discount": (-price, 100 * _PERCENT), "term": (price, 800), "prepay": (price, 50),
            "reference": (300_000, 1), "payment": (-2_000, 1),
        }  # fmt: skip
        self.facts: Facts = {
            "deal.list_price": price, "deal.segment": facts["segment"], "deal.seats": facts["seats"],
            "deal.decision_maker_known": _YES_NO[facts["decision_maker_known"]],
        }  # fmt: skip
        self.said, self.last, self.cleared = dict(START), dict(START), dict(START)
        self.base: Terms = {}
        self.stands = self.we_said = False
        self.our_worth = self.their_worth = 0
        self.offers = self.concessions = self.in_a_row = self.unreturned = self.net = self.last_give = 0
        self.their_offers = self.their_concessions = self.flat = self.their_net = self.retracted = 0

    def change(self, issue: str, old: Any, new: Any) -> int:
        """Return by how many cents a value is worth more to us than another."""
        if issue == "support":
            return -400_000 * ((new == "gold") - (old == "gold"))
        above, below = self.worths[issue]
        return above * (new - old) // below

    def worth(self, terms: Terms) -> int:
        """Return what a whole package is worth to us over the start terms."""
        return sum([self.change(i, START[i], v) for i, v in terms.items() if v != START[i]])

    def overlap(self, terms: Terms) -> int:
        """Return what they conceded and these terms ask for above the start value."""
        found = 0
        for issue, base in self.base.items():
            reached = self.last[issue]
            if reached != base:
                low, high = max(0, self.change(issue, START[issue], base)), self.change(issue, START[issue], reached)
                found += max(0, min(high, self.change(issue, START[issue], terms[issue])) - low)
        return found

    def limits(self, terms: Terms, worth: int) -> tuple[int, int]:
        """Return how many walk values terms are beyond, and how many want values they are short of."""
        beyond = (terms["discount"] > _MOST_DISCOUNT) + (terms["payment"] > 90)
        beyond += self.price + worth < self.price * 3 // 4
        return beyond, (terms["discount"] > _WANTED_DISCOUNT) + (terms["payment"] > 45)


class Host:
    """Keeps deals, and asks which rules fire.

    Args:
        fires: Returns the numbers of the rules that fire for facts.
        verdicts: Of each rule, by its number.
    """

    def __init__(self, fires: Fires, verdicts: Mapping[int, str]) -> None:
        self.fires, self.verdicts = fires, verdicts
        self.deals: dict[str, Deal] = {}

    def line(self, line: bytes) -> bytes:
        """Decide one line, and return the answer as a line."""
        event = _decode(line)
        now, name = datetime.fromisoformat(event["at"]), event["deal"]
        fired: frozenset[int] = frozenset()
        if event["type"] == "open":
            self.deals[name] = Deal(now, event["facts"])
            verdict = "proceed"
        else:
            named = {issue: read(issue, text) for issue, text in event["terms"].items()}
            if event["by"] == "us":
                verdict, fired = self.ours(self.deals[name], now, named)
            else:
                verdict = theirs(self.deals[name], named)
        return _encode({"deal": name, "event": event["id"], "verdict": verdict, "rules": sorted(fired)})

    def ours(self, deal: Deal, now: datetime, named: Terms) -> tuple[str, frozenset[int]]:
        """Judge an offer of ours, and fold it."""
        terms = {**deal.said, **named}
        gain = loss = gains = losses = 0
        for issue, value in terms.items():
            if value != deal.cleared[issue]:
                change = deal.change(issue, deal.cleared[issue], value)
                if change > 0:
                    gain, gains = gain + change, gains + 1
                elif change < 0:
                    loss, losses = loss - change, losses + 1
        worth = deal.net + gain - loss
        beyond, short = deal.limits(terms, worth)
        agrees = deal.stands and terms == deal.last
        fired: frozenset[int] = frozenset()
        if not agrees:
            fired = self.fires(self.facts(deal, now, terms, (gain, loss, gains, losses), worth, beyond, short))
        answers = [self.verdicts[rule] for rule in fired]
        if beyond:
            answers.append("refuse")
        if not agrees and deal.stands and worth < deal.their_worth:
            answers.append("hold")
        verdict = max(answers, key=SEVERITY.__getitem__, default="proceed")
        deal.said, deal.our_worth, deal.we_said = terms, worth, True
        if verdict == "proceed":
            conceded = loss > gain
            deal.offers, deal.net, deal.cleared = deal.offers + 1, worth, terms
            deal.in_a_row += not agrees
            if conceded:
                deal.concessions, deal.unreturned, deal.last_give = (
                    deal.concessions + 1, deal.unreturned + 1, loss - gain,
                )  # fmt: skip
        return verdict, fired

    def facts(
        self,
        deal: Deal,
        now: datetime,
        terms: Terms,
        moved: tuple[int, int, int, int],
        worth: int,
        beyond: int,
        short: int,
    ) -> Facts:
        """Return every fact that a rule of the workload may read.

        Args:
            moved: What the terms ask for and give, in cents, and on how many issues.
        """
        gain, loss, gains, losses = moved
        before, after = deal.overlap(deal.cleared), deal.overlap(terms)
        got = gain - (after - before) + max(0, deal.net + deal.their_net - before)
        return {
            **deal.facts, **{f"offer.{issue}": value for issue, value in terms.items()},
            "give.value": loss, "get.value": got, "asked.value": gain, "give.issues": losses, "asked.issues": gains,
            "offer.worth": deal.price + worth, "room.discount": _MOST_DISCOUNT - terms["discount"],
            "room.payment": 90 - terms["payment"], "room.package": deal.price + worth - deal.price * 3 // 4,
            "room.beyond_walk": beyond, "room.short_of_want": short, "balance": deal.net + deal.their_net,
            "ours.offers": deal.offers, "ours.concessions": deal.concessions, "ours.in_a_row": deal.in_a_row,
            "ours.unreturned": deal.unreturned, "ours.net": deal.net, "ours.last_give": deal.last_give,
            "theirs.offers": deal.their_offers, "theirs.concessions": deal.their_concessions,
            "theirs.flat": deal.flat, "theirs.net": deal.their_net, "theirs.retracted": deal.retracted,
            "since.opened": int((now - deal.opened).total_seconds()),
        }  # fmt: skip


def theirs(deal: Deal, named: Terms) -> str:
    """Judge an offer of theirs, and fold it; where it takes what we said, that is cleared if it may be."""
    terms: Terms = {}
    for issue, begun in START.items():
        if issue in named or issue in deal.base:
            terms[issue] = named.get(issue, deal.last[issue])
        else:
            said = deal.said[issue]
            terms[issue] = begun if deal.change(issue, begun, said) > 0 else said
    worth = deal.worth(terms)
    agrees = takes = deal.we_said and terms == deal.said
    if deal.we_said and not agrees and worth >= deal.our_worth:
        takes = all(deal.change(i, deal.said[i], v) >= 0 for i, v in terms.items())
    given, new, losses = 0, False, 0
    for issue in terms if agrees else named:
        if issue not in deal.base:
            new = True
            deal.base[issue] = terms[issue]
        else:
            change = deal.change(issue, deal.last[issue], terms[issue])
            given, losses = given + change, losses + (change < 0)
    conceded = given > 0
    deal.last, deal.their_worth, deal.stands = terms, worth, True
    deal.their_offers, deal.their_concessions = deal.their_offers + 1, deal.their_concessions + conceded
    deal.their_net, deal.retracted = deal.their_net + given, deal.retracted + losses
    deal.flat = 0 if conceded else deal.flat if new else deal.flat + 1
    deal.in_a_row = 0
    if conceded:
        deal.unreturned = 0
    beyond, short = deal.limits(terms, worth)
    if not takes:
        return "trade" if beyond or short else "proceed"
    verdict = "refuse" if beyond else "proceed"
    if not agrees:
        return verdict
    if not beyond:
        gave = deal.net - worth
        if gave > 0:
            deal.concessions, deal.unreturned, deal.last_give = deal.concessions + 1, deal.unreturned + 1, gave
        deal.net, deal.cleared = worth, terms
    return verdict


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
