"""What rules may read of a deal: the words of `walkaway facts`, computed from what was said. Judges nothing.

The words of the ledger (`give.*`, `get.value`, `move.*`) are the calculus itself, and stand in `calculus`. Shares no
code with the engine.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import takewhile

from tests.reference.policy import NOTHING, Package
from tests.reference.reading import Facts

US, THEM = "us", "them"
SIDE, OUR, OTHER = {US: "ours", THEM: "theirs"}, {US: "our", THEM: "their"}, {US: THEM, THEM: US}


class Readable:
    """A deal as rules see it."""

    def counts(self, by: str) -> Facts:
        """Return what is counted of a side: of ours what was cleared, of theirs what they said."""

        def since(ends: Callable[[tuple], bool]) -> list:
            return [m for m in takewhile(lambda m: not ends(m), reversed(self.moves)) if m.by == by]

        mine = [m for m in self.moves if m.by == by]
        gave = [m.net for m in mine if m.net > 0]
        in_turn = since(lambda m: m.by != by and m.what in ("offer", "acceptance", "rejection"))
        return {
            "offers": sum(m.what in ("offer", "acceptance") for m in mine), "concessions": len(gave),
            "last_give": gave[-1] if gave else 0, "in_a_row": sum(m.what == "offer" for m in in_turn),
            "unreturned": sum(m.net > 0 for m in since(lambda m: m.by != by and m.net > 0)),
            "flat": sum(m.flat for m in since(lambda m: m.by == by and m.net > 0 and m.what != "gave")),
            "rejections": sum(m.what == "rejection" for m in mine),
            "uncleared": sum(m.what == "uncleared" for m in mine),
        }  # fmt: skip

    def times(self) -> Iterator[tuple[str, Fraction]]:
        """Yield what happened, and when last."""
        yield "opened", self.opened
        for by, our in OUR.items():
            yield from ((f"{our}_offer", word.at) for word in self.words.values() if word.by == by)
            yield from ((f"{our}_concession", m.at) for m in self.moves if m.by == by and m.net > 0 and m.at)

    def of_party(self) -> Facts:
        """Return what is known of the other side from its other deals."""
        others = [d for d in self.world.deals.values() if self.party and d.party == self.party and d.id != self.id]
        return {
            "party.deals": len(others), "party.open_deals": sum(not d.outcome for d in others),
            "party.won": sum(d.outcome == "won" for d in others),
            "party.walked": sum(d.outcome == "walked" or bool(d.left) for d in others),
            "party.left_closed": any(d.left == "closed" for d in others),
        }  # fmt: skip

    def facts_of(self, terms: Package | None, by: str) -> Facts:
        """Return every fact that a rule may read of the deal, and of the terms judged."""
        worth = self.worth
        found = worth.known | self.limits | self.others | {"missing.items": len(worth.missing)}
        found |= {f"since.{what}": self.now - at for what, at in self.times()}
        found |= {f"signals.{kind}": n for kind, n in self.signals.items()}
        found |= {"theirs.retracted": sum(m.retracted for m in self.moves if m.by == THEM)}
        found |= {"left.closed": self.left == "closed", "left.open": self.left == "open" and not self.moved}
        for side, whose in SIDE.items():
            found |= {f"{whose}.{count}": n for count, n in self.counts(side).items()}
        if not worth.is_known:
            return found
        net, our_net, theirs = self.T(self.last, self.base), worth.W(self.cleared), self.standing(THEM)
        found |= {"theirs.net": net, "ours.net": our_net, "balance": net + our_net}
        found |= {"theirs.worth": worth.whole(theirs[0]) if theirs else None}
        found |= {f"ours.cleared.{i}": v for i, v in self.cleared.items()}
        for word in reversed(self.words.values()):
            found |= {f"{SIDE[word.by]}.first.{i}": word.packages[0][i] for i in word.named}
        for side, last in ((US, NOTHING), (THEM, self.last)):
            said = self.word(side).packages[0] | last if self.word(side) else NOTHING
            found |= {f"{SIDE[side]}.last.{i}": v for i, v in said.items()}
            found[f"other.{SIDE[side]}"] = len(worth.other(said))
        if terms:
            whole, other = worth.whole(terms), len(worth.other(terms))
            found |= self.policy.room(terms, worth.known | self.limits | self.policy.where(terms), whole)
            found |= {f"offer.{i}": v for i, v in terms.items()} | {f"other.{SIDE[by]}": other}
            found |= {"offer.worth": whole, "offer.by": by, "offer.undeclared": other} | self.policy.derive(found)
        return found
