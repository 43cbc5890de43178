"""What generated functions use by a name, what a judging reads facts from, and how the other core is asked."""

import ast
from collections.abc import Callable, Mapping
from fractions import Fraction

import msgspec

from walkaway.deal.cover import moving, name_of, still_moving
from walkaway.deal.facts import FactInputs, measure
from walkaway.deal.fold import fold
from walkaway.deal.ledger import are_no_worse, completed, counted, is_lesser
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
from walkaway.language.codegen import Function, block, expression, var
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
    "Move": Move, "Side": Side, "Mover": Mover, "Sums": Sums,
    "replace": msgspec.structs.replace, "fraction": Fraction, "number_of": number_of, "moving": moving,
    "still_moving": still_moving, "name_of": name_of, "first_said": first_said, "replaced": replaced,
    "answered": answered, "are_no_worse": are_no_worse, "is_lesser": is_lesser, "counted": counted,
    "completed": completed, "join": join, "fold": fold, "counted_in": counted_in,
    "as_ours": as_ours, "judged_of": judged_of, "told": told,
    "differing": differing, "uncounting": uncounting, "uncounting_before": uncounting_before,
    "known_party": known_party,
    "US": US, "THEM": THEM, "CLOSED": CLOSED, "OPEN": OPEN, "NOBODY": NOBODY, "nothing": {}, "unset": msgspec.UNSET,
    "unsaid": Uncounting(),
    "PROCEED": Verdict.PROCEED, "TRADE": Verdict.TRADE, "ESCALATE": Verdict.ESCALATE, **rete.READERS,
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
    """The other core for one kind of event, as a generated function asks it.

    Args:
        names: Fact → the variable that holds it.
    """

    def __init__(self, plan: EventPlan, names: Mapping[str, str]) -> None:
        self.plan = plan
        self.names = {f: name for f, name in names.items() if not f.startswith(CONCLUDED)}

    def lines(self, code: Function, called: str) -> list[ast.stmt]:
        """Return the lines that leave the event to the rooms where the other core does not say that `fired` fired.

        Where conclusions are drawn it is asked as the rooms ask it. It answers what it has answered before to facts
        that no rule tells apart: only where it has not is it asked.
        """
        if self.plan.concludes:
            facts = ast.Dict([ast.Constant(f) for f in self.names], [var(name) for name in self.names.values()])
            return block("if ASK(FACTS) != fired:\n    return None", ASK=code.use(self.by_name, called), FACTS=facts)
        try:
            rulesets = rete.load(self.plan.stage, Apart(self.names, self.names))
        except CoreFailed:
            return block("return None")  # it fails in the rooms too, and they say so
        sets = [one for stratum in rulesets.strata for one in stratum]
        found: list[ast.stmt] = []
        for number, one in enumerate(sets):
            properties: ast.expr = ast.Tuple(one.readers, ast.Load())
            if (placed := one.placed()) is not None:
                wanted, places = placed
                read = ast.Tuple([var(self.names[fact]) for fact in wanted], ast.Load())
                properties = ast.Call(code.use(places, f"{called}_{number}_places"), [read], [])
            found += block(
                """
                properties = PROPERTIES
                SAID = KNOWN(properties)
                if SAID is None:
                    SAID = ASK(properties)
                    if SAID is None:
                        return None
                """,
                PROPERTIES=properties, SAID=var(f"said_{number}"),
                KNOWN=code.use(one.known.get, f"{called}_{number}_known"),
                ASK=code.use(_asking(one), f"{called}_{number}_ask"),
            )  # fmt: skip
        said = [var(f"said_{number}") for number in range(len(sets))]
        if not said:
            return found + block("if fired:\n    return None")
        if len(said) == 1:
            return found + block("if SAID != fired:\n    return None", SAID=said[0])
        together = ast.Set([ast.Starred(one, ast.Load()) for one in said])
        return found + block("if SAID != {*fired}:\n    return None", SAID=together)

    def by_name(self, facts: Mapping[str, Exact | None]) -> Fired | None:
        """Return what the other core says of facts; none where it failed, as it will again in the rooms."""
        try:
            return self.plan.loaded(Core.RETE)(facts)
        except CoreFailed:
            return None


def _asking(one: rete.Ruleset) -> Callable[[rete.Properties], Fired | None]:
    """Return what asks a ruleset about a fact; none where the core failed, as it will again in the rooms."""

    def asked(properties: rete.Properties) -> Fired | None:
        try:
            return one.asked(properties)
        except CoreFailed:
            return None

    return asked
