"""One function for each kind of event, straight through: weigh, limits, facts, rules, ruling, evidence, fold.

What is known of a policy before an event comes is written into it. Each returns nothing where its event, or the deal,
is one that it was not written for: then the event goes through the rooms, which are the reference for all of them.
"""

import ast
from collections.abc import Callable, Mapping
from fractions import Fraction

import msgspec

from walkaway.deal.cover import moving, name_of, still_moving
from walkaway.deal.facts import FactInputs, measure
from walkaway.deal.fold import fold
from walkaway.deal.ledger import are_no_worse, counted, is_lesser
from walkaway.deal.patterns import join
from walkaway.deal.position import NOBODY, Agreement, Move, Mover, Position
from walkaway.deal.said import answered, first_said, replaced
from walkaway.decide.core.plain import Builder
from walkaway.decide.decision import Digests
from walkaway.decide.evidence import Evidence, Judgement, Ledger, Sums, Uncounting, number_of
from walkaway.decide.gather import Gatherer
from walkaway.decide.generated import folding, proving, weighing
from walkaway.decide.generated.reading import OF_TERMS, Reading, path_of
from walkaway.decide.generated.telling import Preparing, differing, told, uncounting, uncounting_before
from walkaway.decide.known import known_party
from walkaway.decide.plans import Core, EventPlan, Plans
from walkaway.events import CLOSED, LESSER, OPEN, THEM, US, Heard, On, Verdict
from walkaway.language.codegen import Function, assign, block, expression, var
from walkaway.language.expr.tree import facts_of
from walkaway.policy.model import Policy

Lines = list[ast.stmt]
Generated = Callable[..., tuple[Evidence, Position] | None]
_OUR_TERMS_FACTS = frozenset({"give.value", "get.value"})


def _judged(
    position: Position, event: object, policy: Policy, move: Move | None, ours: Move | None, theirs: Move | None
) -> FactInputs:
    """Return what figures are computed from, where a rule reads one that no line was written for."""
    valuation = position.valuation
    exact = int if valuation is None else valuation.exact
    return FactInputs(policy, position, event, move, measure(position, move), ours, theirs, exact)  # type: ignore[arg-type]


_NAMED: Mapping[str, object] = {
    "Agreement": Agreement, "Digests": Digests, "Evidence": Evidence, "Judgement": Judgement, "Ledger": Ledger,
    "Move": Move, "Mover": Mover, "Sums": Sums, "Uncounting": Uncounting,
    "replace": msgspec.structs.replace, "fraction": Fraction, "number_of": number_of, "moving": moving,
    "still_moving": still_moving, "name_of": name_of, "first_said": first_said, "replaced": replaced,
    "answered": answered, "are_no_worse": are_no_worse, "is_lesser": is_lesser, "counted": counted, "join": join,
    "fold": fold, "judged_of": _judged, "told": told, "differing": differing, "uncounting": uncounting,
    "uncounting_before": uncounting_before, "known_party": known_party,
    "US": US, "THEM": THEM, "CLOSED": CLOSED, "OPEN": OPEN, "NOBODY": NOBODY, "nothing": {}, "unset": msgspec.UNSET,
    "PROCEED": Verdict.PROCEED, "TRADE": Verdict.TRADE, "ESCALATE": Verdict.ESCALATE,
}  # fmt: skip
_BEGIN = """
ours = position.ours
theirs = position.theirs
valuation = position.valuation
known = position.known
scale = valuation.scale
worths = valuation.worths
base = valuation.base
now = event.instant
"""


class Writer:
    """Writes the functions of one policy, for the cores that run.

    Args:
        ran: What evidence says of the evaluators.
    """

    def __init__(self, policy: Policy, plans: Plans, gatherer: Gatherer, ran: tuple[str, ...], *, both: bool) -> None:
        self.policy, self.plans, self.gatherer, self.ran, self.both = policy, plans, gatherer, ran, both
        self.every = (1 << len(policy.issues)) - 1

    def function(self, name: str, *arguments: str) -> Function:
        """Begin a function."""
        code = Function("position", "event", "before", *arguments, called=name, **_NAMED, policy=self.policy)
        code.keeps = True
        return code

    # Terms of ours

    def ours(self, heard: Heard, agrees: bool, others: Mapping[str, Generated]) -> tuple[Generated, str]:
        """Write the function for terms of ours.

        Args:
            heard: What rules listen to; *agrees* whether it takes what they said.
            others: What an offer may turn out to be instead, written already.
        """
        policy, plan = self.policy, self.plans[heard, True]
        code = self.function(_called(heard), "named", "taken", "final")
        body = block(_BEGIN)
        body += block("standing = ours.standing\nstating = 0")
        body += weighing.of_issues(
            policy,
            """
            if ISSUE in named:
                VALUE = named[ISSUE]
                stating |= BIT
            else:
                VALUE = standing[ISSUE]
            """,
        )
        body += weighing.rates(policy)
        body.append(assign("terms", weighing.package(policy)))
        body += block("cleared = position.cleared\nwas_named = ours.stated & stating")
        body += block("gain = loss = gains = losses = back = 0")
        body += weighing.against_cleared(policy, counts_back=True)
        body += block("worth = ours.net + gain - loss\n" + weighing.HELD)
        if others:
            body += block(
                """
                if theirs.stands:
                    last = theirs.standing
                    if terms == last:
                        return our_acceptance(position, event, before, terms, TAKEN, final)
                    if worth < theirs.worth and is_lesser(valuation, terms, last):
                        return lesser(position, event, before, named, taken, final)
                """,
                TAKEN=ast.Tuple([ast.Constant(n) for n in policy.issues], ast.Load()),
            )
            code.named = {**code.named, **others}
        body += block("first = ours.offers == 0\noffer__worth = WORTH", WORTH=_package_worth())
        body += weighing.room(policy)
        base, last = expression("position.base"), expression("theirs.standing")
        body += weighing.got(policy, ours="ours", theirs="theirs", base=base, last=last)
        move = expression(
            "Move(US, terms, worth, gain, loss, gains, losses, back, stating, first, HEARD, AGREES)",
            HEARD=code.use(heard, "heard"), AGREES=ast.Constant(agrees),
        )  # fmt: skip
        body += self.joined(plan, move, heard, "position")
        places = _places("us", "position", "ours", "theirs", **_OF_OURS, GOT=var("got"))
        places["JUDGED"] = expression("judged_of(position, event, policy, MOVE, MOVE, None)", MOVE=move)
        around = _OUR_TERMS_FACTS | {f"room.{n}" for n in (*policy.issues, "package")}
        body += self.judging(code, plan, heard, Reading(policy, code, places), "prepared", around)
        body += block(
            """
            verdict = prepared.verdict
            door = prepared.door
            if door is OPEN and position.left is CLOSED:
                door = CLOSED
            """
        )
        body += folding.ours(policy, agrees=agrees) + self.remembered("after")
        body += weighing.rooms(policy) + weighing.passed(policy, "prepared", ("passed", "missed"))
        body += proving.ledger(gives=True)
        why = "uncounting(prepared, position, PEOPLE, event) if prepared.reasons else None" if policy.roles else "None"
        body += block("why = " + why, PEOPLE=code.use(policy.people, "people"))
        body += proving.evidence(policy, code, heard, self.ran, accepting="None")
        return code.compiled(body), code.written

    # Their offers

    def theirs(self) -> tuple[Generated, str]:
        """Write the function for an offer of theirs that does not take our word, and for accepting it."""
        policy, heard = self.policy, On.THEIR_OFFER
        plan, taking = self.plans[heard, True], self.plans[On.OUR_ACCEPTANCE, True]
        code = self.function("their_offer", "named", "taken", "final")
        body = block(_BEGIN)
        body += block(
            """
            start = position.start
            said = ours.standing
            standing = theirs.standing
            stated = theirs.stated
            worth = gain = loss = gains = losses = new = stating = 0
            names = False
            """
        )
        body += weighing.rates(policy) + weighing.their_terms(policy)
        body.append(assign("terms", weighing.package(policy)))
        body += block(weighing.HELD)
        body += block(
            """
            if ours.stands and worth >= ours.worth and are_no_worse(valuation, terms, said):
                return None
            first = theirs.offers == 0
            offer__worth = WORTH
            given = gain - loss
            """,
            WORTH=_package_worth(),
        )
        body += weighing.room(policy)
        move = expression(
            "Move(THEM, terms, worth, gain, loss, gains, losses, losses, stating, first, HEARD, False, new, names)",
            HEARD=code.use(heard, "heard"),
        )
        body += self.joined(plan, move, heard, "position")
        places = _places("them", "position", "ours", "theirs", MOVED=var("given"))
        places["JUDGED"] = expression("judged_of(position, event, policy, MOVE, None, MOVE)", MOVE=move)
        around = frozenset(f"room.{n}" for n in (*policy.issues, "package"))
        body += self.judging(code, plan, heard, Reading(policy, code, places), "prepared", around)
        body += block(
            """
            verdict = prepared.verdict
            door = prepared.door
            if door is OPEN and position.left is CLOSED:
                door = CLOSED
            """
        )
        body += folding.theirs() + self.remembered("after")
        body += weighing.rooms(policy) + weighing.passed(policy, "prepared", ("passed", "missed"))
        body += block("facts = told(prepared, values, known, offer__worth if package_counts else None)")
        body += block(
            "why = uncounting_before(prepared, position) if prepared.reasons else None"
            if policy.roles
            else "why = None"
        )
        body += self.accepting(code, taking, around)
        body += proving.ledger(gives=False)
        body += proving.evidence(policy, code, heard, self.ran, accepting="accepting", facts="facts")
        return code.compiled(body), code.written

    def accepting(self, code: Function, plan: EventPlan, around: frozenset[str]) -> Lines:
        """Return the lines that judge what accepting an offer of theirs would be, and hold the answer against it."""
        policy, heard = self.policy, On.OUR_ACCEPTANCE
        body = block("cleared = position.cleared\ngain = loss = gains = losses = 0")
        body += weighing.against_cleared(policy, counts_back=False)
        body += block("worth = ours_after.net + gain - loss\n" + weighing.HELD + "\nfirst = ours_after.offers == 0")
        if "get" in plan.deriver.paths.values():
            body += weighing.got(
                policy, ours="ours_after", theirs="theirs_after", base=var("of_them"), last=var("terms")
            )
        move = expression(
            "Move(US, terms, worth, gain, loss, gains, losses, 0, EVERY, first, HEARD, True)",
            EVERY=self.every, HEARD=code.use(heard, "heard_taking"),
        )  # fmt: skip
        body += self.joined(plan, move, heard, "after", remembers=False)
        places = _places("us", "after", "ours_after", "theirs_after", **_OF_OURS, GOT=var("got"))
        places["JUDGED"] = expression("judged_of(after, event, policy, MOVE, MOVE, None)", MOVE=move)
        body += self.judging(code, plan, heard, Reading(policy, code, places, "accepting__"), "taking", around)
        body += weighing.passed(policy, "taking", ("taking_passed", "taking_missed"))
        why = "uncounting_before(taking, position) if taking.reasons else None" if policy.roles else "None"
        return body + block(
            """
            answer = taking.verdict
            if answer is not PROCEED:
                least = ESCALATE if answer is ESCALATE and taking.liftable else TRADE
                if verdict < least:
                    verdict = least
                    door = None
            taking_why = WHY
            accepting = Judgement(
                beyond=taking_passed,
                facts=differing(taking, values, known, offer__worth if package_counts else None, facts),
                reasons=taking.reasons, short=taking_missed,
                uncounted=None if taking_why == why else taking_why or Uncounting(), verdict=answer,
            )
            if door is not None and position.left is not CLOSED:
                stays = position.left is not None and not after.moved
                after = replace(after, left=door, moved=False, left_at=position.left_at if stays else now)
            """,
            WHY=expression(why),
        )

    # What all have in common

    def judging(
        self, code: Function, plan: EventPlan, heard: Heard, reading: Reading, to: str, around: frozenset[str]
    ) -> Lines:
        """Return the lines that derive facts, run the rules, and look up what follows from those that fired.

        Args:
            to: The variable that takes what follows; `values` takes the facts.
            around: The facts that evidence has elsewhere.
        """
        stage = plan.stage
        rules = _facts_of(plan)
        derived = sorted(plan.deriver.paths)
        stated = [f for f in sorted(rules) if f not in plan.deriver.paths]
        body: Lines = []
        for fact in (*derived, *stated):
            if path_of(self.policy, fact) not in OF_TERMS or not self.is_set(fact, reading):
                body.append(assign(reading.name(fact), reading.fact(fact, stage.uncertain)))
        names = {f: reading.name(f) for f in rules}
        builder = Builder(names, stage.uncertain)
        body += block("fired = []")
        body += [builder.rule(place, rule) for place, rule in enumerate(stage.rules)]
        body += block("fired = tuple(fired)")
        if self.both:
            facts = ast.Dict([ast.Constant(f) for f in sorted(rules)], [var(names[f]) for f in sorted(rules)])
            body += block(
                "if RETE(FACTS) != fired:\n    return None",
                RETE=code.use(_Rete(plan), f"rete_{_called(heard)}"),
                FACTS=facts,
            )
        on = heard if isinstance(heard, On) else On.OUR_OFFER
        preparing = Preparing(self.gatherer, plan, on, derived, around)
        body += block(
            "TO = PREPARED[fired]\nvalues = VALUES",
            TO=var(to), PREPARED=code.use(preparing, f"prepared_{_called(heard)}"),
            VALUES=ast.Tuple([var(reading.name(f)) for f in derived], ast.Load()),
        )  # fmt: skip
        return body

    def is_set(self, fact: str, reading: Reading) -> bool:
        """Return whether weighing has set a fact's variable."""
        return "PACKAGE" in reading.places and (
            not fact.startswith("room.") or fact[5:] in weighing.limited(self.policy)
        )

    def joined(self, plan: EventPlan, move: ast.expr, heard: Heard, position: str, *, remembers: bool = True) -> Lines:
        """Return the lines that join terms with earlier ones, as patterns say, where one of them hears these.

        Args:
            remembers: Whether the deal is to remember them.
        """
        on = heard if isinstance(heard, On) else On.OUR_OFFER
        patterns = self.policy.patterns
        hears = (
            any(on in (p.second.on, p.first.on) for p in patterns)
            if remembers
            else any(on is p.second.on for p in patterns)
        )
        self.remembers = hears and remembers
        if not hears:
            return block("matches = POSITION.matches", POSITION=var(position))
        return block(
            "OCCURRENCES, matches, JOINED = join(policy, POSITION, MOVE)",
            OCCURRENCES=var("occurrences"), JOINED=var("joined"), POSITION=var(position), MOVE=move,
        )  # fmt: skip

    def remembered(self, after: str) -> Lines:
        """Return the line that keeps what patterns remember, where one of them heard the terms."""
        if not self.remembers:
            return []
        return block(
            "AFTER = replace(AFTER, occurrences=occurrences, matches=matches, joined=joined)", AFTER=var(after)
        )


def _places(by: str, position: str, ours: str, theirs: str, **more: ast.expr) -> dict[str, ast.expr]:
    """Return where a judging finds what facts are read from, as `Reading` names it."""
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


_OF_OURS = {"GAIN": var("gain"), "LOSS": var("loss"), "GAINS": var("gains"), "LOSSES": var("losses")}


def _called(heard: Heard) -> str:
    return "lesser" if heard == LESSER else heard.value.replace(" ", "_")  # type: ignore[union-attr]


def _facts_of(plan: EventPlan) -> frozenset[str]:
    return frozenset(f for rule in plan.stage.rules for f in facts_of(rule.condition))


def _package_worth() -> ast.expr:
    return proving.in_money(expression("base + worth"))


class _Rete:
    """Runs the other core for one kind of event, loaded when it is first asked."""

    def __init__(self, plan: EventPlan) -> None:
        self.plan = plan

    def __call__(self, facts: Mapping[str, object]) -> object:
        return (self.plan.rete or self.plan.loaded(Core.RETE))(facts)  # type: ignore[arg-type]
