"""What generated functions use by a name, what a judging reads facts from, and how the other core is asked."""

import ast
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

import msgspec

from walkaway.deal.cover import moving, name_of, still_moving
from walkaway.deal.facts import FactInputs, measure
from walkaway.deal.fold import fold
from walkaway.deal.ledger import are_no_worse, counted, in_both, is_lesser, what_they_say
from walkaway.deal.patterns import join
from walkaway.deal.position import NOBODY, Agreement, Move, Mover, Position, Side
from walkaway.deal.said import answered, as_ours, first_said, replaced
from walkaway.deal.said import counted as counted_in
from walkaway.decide.core import rete
from walkaway.decide.core.layout import Apart
from walkaway.decide.core.program import CONCLUDED, Fired
from walkaway.decide.core.rete import CoreFailed
from walkaway.decide.decision import Digests
from walkaway.decide.evidence import Evidence, Judgement, Ledger, Sums, Uncounting, number_of
from walkaway.decide.generated.telling import differing, told, uncounting, uncounting_before
from walkaway.decide.known import known_party
from walkaway.decide.plans import Core, EventPlan
from walkaway.events import CLOSED, OPEN, THEM, US, AnyEvent, Verdict
from walkaway.language.codegen import expression, var
from walkaway.language.values import Exact
from walkaway.policy.model import Policy


def judged_of(
    position: Position, event: AnyEvent, policy: Policy, move: Move | None, ours: Move | None, theirs: Move | None
) -> FactInputs:
    """Return what figures are computed from, where a rule reads one that no line was written for."""
    valuation = position.valuation
    exact = int if valuation is None else valuation.exact
    return FactInputs(policy, position, event, move, measure(position, move), ours, theirs, exact)


NAMED: Mapping[str, object] = {
    "Agreement": Agreement, "Digests": Digests, "Evidence": Evidence, "Judgement": Judgement, "Ledger": Ledger,
    "Move": Move, "Side": Side, "Mover": Mover, "Sums": Sums, "Uncounting": Uncounting,
    "replace": msgspec.structs.replace, "fraction": Fraction, "number_of": number_of, "moving": moving,
    "still_moving": still_moving, "name_of": name_of, "first_said": first_said, "replaced": replaced,
    "answered": answered, "are_no_worse": are_no_worse, "is_lesser": is_lesser, "counted": counted,
    "in_both": in_both, "what_they_say": what_they_say, "join": join, "fold": fold, "counted_in": counted_in,
    "as_ours": as_ours, "judged_of": judged_of, "told": told,
    "differing": differing, "uncounting": uncounting, "uncounting_before": uncounting_before,
    "known_party": known_party,
    "US": US, "THEM": THEM, "CLOSED": CLOSED, "OPEN": OPEN, "NOBODY": NOBODY, "nothing": {}, "unset": msgspec.UNSET,
    "PROCEED": Verdict.PROCEED, "TRADE": Verdict.TRADE, "ESCALATE": Verdict.ESCALATE,
}  # fmt: skip
"""What generated functions use by a name."""


def places_of(by: str, position: str, ours: str, theirs: str, **more: ast.expr) -> dict[str, ast.expr]:
    """Return where a judging finds what facts are read from, as `FactReading` names it."""
    return {
        "POSITION": var(position),
        "OURS": var(ours),
        "THEIRS": var(theirs),
        "SIGNALS": expression("POSITION.signals", POSITION=var(position)),
        "MATCHES": var("matches"),
        "TERMS": var("terms"),
        "PACKAGE": var("offer__worth"),
        "FIRST": expression("1 if first else 0"),
        "BY": ast.Constant(by),
        "BEYOND": var("beyond"),
        "SHORT": var("short"),
        **more,
    }


OF_OURS = {"GAIN": var("gain"), "LOSS": var("loss"), "GAINS": var("gains"), "LOSSES": var("losses")}


class Rete:
    """Runs the other core for one kind of event, loaded when it is first asked.

    Attributes:
        facts: Those that it is given, one after the other.
    """

    def __init__(self, plan: EventPlan, read: Iterable[str]) -> None:
        self.plan = plan
        self.facts = sorted(f for f in read if not f.startswith(CONCLUDED))
        self.run: Callable[..., Fired] | None = None

    def __call__(self, *facts: Exact | None) -> Fired | None:
        """Return the rules that fire; none where the core failed, as it will again in the rooms."""
        try:
            return (self.run or self.loaded())(*facts)
        except CoreFailed:
            return None

    def loaded(self) -> Callable[..., Fired]:
        """Return what runs, loaded now."""
        if self.plan.concludes:
            by_name = self.plan.loaded(Core.RETE)
            self.run = lambda *facts: by_name(dict(zip(self.facts, facts, strict=True)))
        else:
            self.run = rete.load(self.plan.stage, Apart(self.facts))
        return self.run
