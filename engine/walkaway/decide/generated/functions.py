# Over 400 lines: one function for each kind of event, and what they have in common.
"""One function for each kind of event, straight through: weigh, limits, facts, rules, ruling, evidence, fold.

What is known of a policy before an event comes is written into it. Each returns nothing where its event, or the deal,
is one that it was not written for: then the event goes through the rooms, which are the reference for all of them.
"""

import ast
from collections.abc import Callable, Mapping

from walkaway.deal.position import Position
from walkaway.decide.core.plain import Builder
from walkaway.decide.evidence import Evidence
from walkaway.decide.gather import Gatherer
from walkaway.decide.generated import folding, issues, proving, selecting, weighing
from walkaway.decide.generated.reading import OF_TERMS, FactReading, path_of
from walkaway.decide.generated.surroundings import NAMED, OF_OURS, Rete, places_of
from walkaway.decide.generated.telling import Consequences
from walkaway.decide.plans import EventPlan, Plans
from walkaway.events import LESSER, Heard, On
from walkaway.language.codegen import Function, assign, block, expression, var
from walkaway.language.expr.tree import facts_of
from walkaway.policy.model import Policy

Lines = list[ast.stmt]
Generated = Callable[..., tuple[Evidence, Position] | None]
_OUR_TERMS_FACTS = frozenset({"give.value", "get.value"})


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
_VERDICT = """
verdict = prepared.verdict
door = prepared.door
if door is OPEN and position.left is CLOSED:
    door = CLOSED
"""


class Writer:
    """Writes the functions of one policy, for the cores that run.

    Args:
        ran: What evidence says of the evaluators.

    Attributes:
        keeps: Whether functions are kept as people read them: that takes as long as to compile them.
    """

    keeps = False

    def __init__(self, policy: Policy, plans: Plans, gatherer: Gatherer, ran: tuple[str, ...], *, both: bool) -> None:
        self.policy, self.plans, self.gatherer, self.ran, self.both = policy, plans, gatherer, ran, both
        self.every = (1 << len(policy.issues)) - 1

    def function(self, name: str, *arguments: str) -> Function:
        """Begin a function."""
        code = Function("position", "event", "before", *arguments, called=name, **NAMED, policy=self.policy)
        code.keeps = self.keeps
        return code

    # Terms of ours

    def ours(self, heard: Heard, agrees: bool, others: Mapping[str, Generated]) -> tuple[Generated, str]:
        """Write the function for terms of ours.

        Args:
            heard: What rules listen to; *agrees* whether it takes what they said.
            others: What decides an offer that turns out to be something else.
        """
        policy, plan = self.policy, self.plans[heard, True]
        code = self.function(_called(heard), "named", "taken", "final")
        body = block(_BEGIN)
        body += block("standing = ours.standing\nstating = 0")
        body += issues.of_issues(
            policy,
            """
            if ISSUE in named:
                VALUE = named[ISSUE]
                stating |= BIT
            else:
                VALUE = standing[ISSUE]
            """,
        )
        body.append(assign("terms", issues.package(policy)))
        body += block("cleared = position.cleared\nwas_named = ours.stated & stating")
        body += weighing.rates(policy) + selecting.moves(policy, "cleared")
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
        body += weighing.got(policy, position="position", ours="ours", theirs="theirs", base=base, last=last)
        move = expression(
            "Move(US, terms, worth, gain, loss, gains, losses, back, stating, first, HEARD, AGREES)",
            HEARD=code.use(heard, "heard"), AGREES=ast.Constant(agrees),
        )  # fmt: skip
        body += self.joined(plan, move, heard, "position")
        places = places_of("us", "position", "ours", "theirs", **OF_OURS, GOT=var("got"))
        places["JUDGED"] = expression("judged_of(position, event, policy, MOVE, MOVE, None)", MOVE=move)
        around = _OUR_TERMS_FACTS | {f"room.{n}" for n in (*policy.issues, "package")}
        body += self.judging(code, plan, heard, FactReading(policy, code, places), "prepared", around)
        body += block(_VERDICT)
        body += self.remembering(folding.ours(policy, agrees=agrees))
        body += weighing.rooms(policy) + weighing.passed(policy, "prepared", ("passed", "missed"))
        body += proving.ledger(gives=True)
        why = (
            "uncounting(prepared, position.movers, PEOPLE, event) if prepared.reasons else None"
            if policy.roles
            else "None"
        )
        body += block("why = " + why, PEOPLE=code.use(policy.people, "people"))
        body += proving.evidence(policy, code, heard, self.ran)
        return code.compiled(body), code.written

    # Their acceptance of what we said

    def agreed(self) -> tuple[Generated, str]:
        """Write the function for their taking what we said: counted as their move, then judged as our terms."""
        policy, heard = self.policy, On.THEIR_ACCEPTANCE
        plan = self.plans[heard, True]
        code = self.function("their_acceptance", "named", "taken", "final")
        body = self.weighed_of_theirs()
        body += block(
            """
            first = theirs.offers == 0
            move = Move(
                THEM, terms, worth, gain, loss, gains, losses, losses, stating, first, HEARD, True, new, names,
                ours.other,
            )
            said_after = counted_in(policy, position, event, move)
            as_our_terms = as_ours(policy, said_after, move)
            ours_after = said_after.ours
            theirs_after = said_after.theirs
            moved = move.gain - move.loss
            gain = as_our_terms.gain
            loss = as_our_terms.loss
            first = as_our_terms.first
            worth = as_our_terms.worth
            cleared = position.cleared
            matches = said_after.matches
            offer__worth = WORTH
            """,
            HEARD=code.use(heard, "heard"), WORTH=_package_worth(),
        )  # fmt: skip
        body += weighing.room(policy)
        base = expression("said_after.base")
        body += weighing.got(
            policy, position="said_after", ours="ours_after", theirs="theirs_after", base=base, last=var("terms")
        )
        counts = {n.upper(): expression(f"as_our_terms.{n}") for n in ("gains", "losses")}
        places = places_of(
            "them", "said_after", "ours_after", "theirs_after", GAIN=var("gain"), LOSS=var("loss"), GOT=var("got"),
            MOVED=var("moved"), NEW=expression("move.new"), RETRACTED=expression("move.losses"), **counts,
        )  # fmt: skip
        places["JUDGED"] = expression("judged_of(said_after, event, policy, as_our_terms, as_our_terms, move)")
        around = _OUR_TERMS_FACTS | {f"room.{n}" for n in (*policy.issues, "package")}
        body += self.judging(code, plan, heard, FactReading(policy, code, places), "prepared", around)
        body += block(_VERDICT)
        body += block(
            "after = fold(policy, said_after, event, as_our_terms, proceeds=verdict is PROCEED, left=door)\n"
            + ("why = uncounting_before(prepared, position.movers)" if policy.roles else "why = None")
        )
        body += weighing.rooms(policy) + weighing.passed(policy, "prepared", ("passed", "missed"))
        body += proving.ledger(gives=True) + proving.evidence(policy, code, heard, self.ran)
        return code.compiled(body), code.written

    def weighed_of_theirs(self) -> Lines:
        """Return the lines that weigh what they say; out of range it is left to the rooms."""
        policy = self.policy
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
        return body + weighing.their_terms(policy) + block(weighing.HELD)

    # Their offers

    def theirs(self, their_acceptance: Generated) -> tuple[Generated, str]:
        """Write the function for an offer of theirs that does not take our word, and for accepting it."""
        policy, heard = self.policy, On.THEIR_OFFER
        plan, taking = self.plans[heard, True], self.plans[On.OUR_ACCEPTANCE, True]
        code = self.function("their_offer", "named", "taken", "final")
        code.named = {**code.named, "their_acceptance": their_acceptance}
        body = self.weighed_of_theirs()
        body += block(
            """
            if ours.stands and worth >= ours.worth and are_no_worse(valuation, terms, said):
                return their_acceptance(position, event, before, terms, taken, final) if terms == said else None
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
        places = places_of(
            "them", "position", "ours", "theirs", MOVED=var("given"), NEW=var("new"), RETRACTED=var("losses")
        )
        places["JUDGED"] = expression("judged_of(position, event, policy, MOVE, None, MOVE)", MOVE=move)
        around = frozenset(f"room.{n}" for n in (*policy.issues, "package"))
        body += self.judging(code, plan, heard, FactReading(policy, code, places), "prepared", around)
        body += block(_VERDICT)
        body += self.remembering(folding.theirs(policy))
        body += weighing.rooms(policy) + weighing.passed(policy, "prepared", ("passed", "missed"))
        body += block("facts = told(prepared, values, known, offer__worth if package_counts else None)")
        body += block(
            "movers = position.movers\nwhy = uncounting_before(prepared, movers) if movers else None"
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
        body += selecting.moves(policy, "cleared")
        body += weighing.against_cleared(policy, counts_back=False)
        body += block("worth = ours_after.net + gain - loss\n" + weighing.HELD + "\nfirst = ours_after.offers == 0")
        if "get" in plan.deriver.paths.values():
            body += weighing.got(
                policy, position="after", ours="ours_after", theirs="theirs_after", base=var("of_them"),
                last=var("terms"),
            )  # fmt: skip
        move = expression(
            "Move(US, terms, worth, gain, loss, gains, losses, 0, EVERY, first, HEARD, True)",
            EVERY=self.every, HEARD=code.use(heard, "heard_taking"),
        )  # fmt: skip
        body += self.joined(plan, move, heard, "after", remembers=False)
        places = places_of("us", "after", "ours_after", "theirs_after", **OF_OURS, GOT=var("got"))
        places["JUDGED"] = expression("judged_of(after, event, policy, MOVE, MOVE, None)", MOVE=move)
        body += self.judging(code, plan, heard, FactReading(policy, code, places, "accepting__"), "taking", around)
        body += weighing.passed(policy, "taking", ("taking_passed", "taking_missed"))
        why = "uncounting_before(taking, movers) if movers else None" if policy.roles else "None"
        return body + block(
            """
            answer = taking.verdict
            if answer is not PROCEED:
                least = ESCALATE if answer is ESCALATE and taking.liftable else TRADE
                if verdict.rank < least.rank:
                    verdict = least
                    door = None
            taking_why = WHY
            accepting = Judgement(
                None, taking_passed, differing(taking, values, known, offer__worth if package_counts else None, facts),
                (), "", taking.reasons, taking_missed, None, None if taking_why is why else taking_why or unsaid,
                answer,
            )
            if door is not None and position.left is not CLOSED:
                stays = position.left is not None and not after.moved
                after = replace(after, left=door, moved=False, left_at=position.left_at if stays else now)
            """,
            WHY=expression(why),
        )

    # Events without terms

    def silent(self, heard: On) -> tuple[Generated, str]:
        """Write the function for an event without terms: an opening, a rejection, a withdrawal, a signal, a tick."""
        policy, plan = self.policy, self.plans[heard, True]
        code = self.function(_called(heard))
        body = block(_BEGIN + "\nmatches = position.matches\nsignals = position.signals")
        if heard is On.SIGNAL:
            body += block("if event.confirmed:\n    signals = {**signals, event.kind: signals[event.kind] + 1}")
        places = places_of("", "position", "ours", "theirs")
        places = {n: p for n, p in places.items() if n in ("POSITION", "OURS", "THEIRS", "MATCHES")}
        places["SIGNALS"] = var("signals")
        places["JUDGED"] = expression("judged_of(position, event, policy, None, None, None)")
        body += self.judging(code, plan, heard, FactReading(policy, code, places), "prepared", frozenset())
        body += block(_VERDICT)
        if heard is On.OPEN:
            body += block("after = position")
        else:
            left = heard is On.SIGNAL or heard.value.startswith("their")
            body += block(
                "after = fold(policy, position, event, None, left=LEFT)",
                LEFT=var("door") if left else ast.Constant(None),
            )
        body += proving.ledger(gives=False)
        body += block("why = None")
        body += proving.evidence(policy, code, heard, self.ran, has_terms=False)
        return code.compiled(body), code.written

    # What all have in common

    def judging(
        self, code: Function, plan: EventPlan, heard: Heard, reading: FactReading, to: str, around: frozenset[str]
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
            body += Rete(plan, names).lines(code, f"rete_{_called(heard)}")
        on = heard if isinstance(heard, On) else On.OUR_OFFER
        preparing = Consequences(self.gatherer, plan, on, derived, around)
        body += block(
            "TO = KNOWN.get(fired)\nif TO is None:\n    TO = PREPARE(fired)\nvalues = VALUES",
            TO=var(to), KNOWN=code.use(preparing.known, f"known_{_called(heard)}"),
            PREPARE=code.use(preparing.prepared, f"prepare_{_called(heard)}"),
            VALUES=ast.Tuple([var(reading.name(f)) for f in derived], ast.Load()),
        )  # fmt: skip
        return body

    def is_set(self, fact: str, reading: FactReading) -> bool:
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

    def remembering(self, lines: Lines) -> Lines:
        """Return lines that fold terms, with what patterns remember, where one of them heard the terms."""
        if self.remembers:
            for call in (n for line in lines for n in ast.walk(line) if isinstance(n, ast.Call)):
                if call.args and ast.unparse(call.args[0]) == "position" and ast.unparse(call.func) == "replace":
                    kept = ("occurrences", "matches", "joined")
                    call.keywords += [ast.keyword(name, var(name)) for name in kept]
        return lines


def _called(heard: Heard) -> str:
    return "lesser" if heard == LESSER else heard.value.replace(" ", "_")  # type: ignore[union-attr]


def _facts_of(plan: EventPlan) -> frozenset[str]:
    return frozenset(f for rule in plan.stage.rules for f in facts_of(rule.condition))


def _package_worth() -> ast.expr:
    return proving.in_money(expression("base + worth"))
