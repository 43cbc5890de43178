"""The evaluation of one event: all that deciding it found out. Whatever is said of the event is a function of this."""

import msgspec

from walkaway.deal.facts import Room
from walkaway.deal.position import Move, Position
from walkaway.decide.authority import Covering
from walkaway.decide.core.program import Facts, Fired
from walkaway.decide.decision import Cores
from walkaway.decide.verdict import Ruling
from walkaway.events import AnyEvent, Heard
from walkaway.policy.model import Rule


class Evaluation(msgspec.Struct, frozen=True, gc=False):
    """One event, judged in its deal; nothing of it is written or kept yet.

    Attributes:
        before: The deal before the event; the deal as it opens, where the event opens it.
        on: What rules listened to.
        move: The terms on the table and what they change for their maker; none for events without terms.
        ours: What they are as our terms: of ours, and where they take what we said; else none.
        at: The deal that is judged in: with their move counted where it takes what we said, else that before the event.
        accepting: Of an offer of theirs that is no agreement, what accepting it now would be, by somebody who has
            approved nothing; of a close, what the agreed terms would be now, where they were not let through.
        facts: The facts that rules read or show, in their smallest units, none where one is unknown; conclusions drawn
            are yes. `Engine.all_facts` has every other.
        room: How far the terms on the table are from the limits; none without terms, or before worths are known.
        covering: The approvals that cover these terms; none where none does, or no rule fired.
        rules: Those that heard the event, built-in ones included, in the order in which they run.
        fired: The places in `rules` of those that fired, ascending.
        ruling: The verdict, the door and what became of each fired rule.
        cores: Which evaluators ran, and whether they agree.
        after: The deal after the event.
        opens: Whether the event opens the deal.
        above: What the layers above say of it.
        counted: Whether the deal's patterns knew the terms when they were judged.
    """

    before: Position
    event: AnyEvent
    on: Heard
    move: Move | None
    facts: Facts
    room: Room | None
    covering: Covering | None
    rules: tuple[Rule, ...]
    fired: Fired
    ruling: Ruling
    cores: Cores
    after: Position
    at: Position
    ours: Move | None = None
    accepting: "Evaluation | None" = None
    opens: bool = False
    counted: bool = False
    above: "Evaluation | None" = None
