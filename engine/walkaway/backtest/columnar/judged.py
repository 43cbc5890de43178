"""What columns say of events. Knows no rules."""

from typing import Any

import msgspec

from walkaway.backtest.columnar.understood import LeftOut

DEAD = -1
"""In place of a verdict: the event does not fit its deal."""


class JudgedColumns(msgspec.Struct):
    """What columns say of the events of a chunk; every column is parallel to those of `Events`.

    Attributes:
        verdict: Rank of the verdict; `DEAD` where the event does not fit, or its deal is left to the engine.
        heard: What rules listened to, by its place in `moves.HEARD`.
        fired: Of each rule, by its place in the policy, whether it fired.
        taking: The same of accepting an offer of theirs, and of agreeing again to what a close is of.
        least: How severe the answer is at least by what accepting would be.
        give, get: Of terms of ours what they give and get, in units of `scale` to a minor unit of money.
        worth: Of terms on the table what they are worth to us, alike.
        agreed: Of each deal whether it was won, or is open and agreed; `has_terms` whether terms were agreed, `closing`
            what that is worth and `base` what the start terms are, in units of the scale.
        worths: What each issue is worth, as in `Openings`; `named_worth` of each issue what the value that an event
            names is worth over its deal's start value.
        left_out: Deal → why it is left to the engine.
    """

    verdict: Any
    door: Any
    heard: Any
    fired: Any
    taking: Any
    least: Any
    give: Any
    get: Any
    worth: Any
    scale: int
    agreed: Any
    has_terms: Any
    base: Any
    closing: Any
    known: Any
    start: Any
    worths: Any
    named_worth: Any
    left_out: dict[int, LeftOut]

    def some(self, places: Any) -> "JudgedColumns":
        """Return these answers for what another policy is judged beside, at some places alone."""
        return msgspec.structs.replace(self, named_worth=None if self.named_worth is None else self.named_worth[places])

    def with_some(self, places: Any, part: "JudgedColumns", deals: Any) -> "JudgedColumns":
        """Return these answers with those to events at some places, of some deals, in place of the same of these."""
        found = msgspec.structs.replace(self)
        for name in ("verdict", "door", "heard", "least", "give", "get", "worth"):
            column = getattr(self, name).copy()
            column[places] = getattr(part, name)
            setattr(found, name, column)
        left = {deal: why for deal, why in self.left_out.items() if not deals[deal]}
        found.left_out = {**left, **{deal: why for deal, why in part.left_out.items() if deals[deal]}}
        return found
