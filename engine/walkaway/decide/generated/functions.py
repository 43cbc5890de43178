"""One function for each kind of event, straight through: weigh, limits, facts, rules, ruling, evidence, fold.

What is known of a policy before an event comes is written into it. Each returns nothing where its event, or the deal, is
one that it was not written for: then the event goes through the rooms, which are the reference for all of them.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import msgspec

from walkaway.deal.cover import moving, name_of, still_moving
from walkaway.deal.facts import FactInputs, measure
from walkaway.deal.fold import fold
from walkaway.deal.ledger import _is_lesser, are_no_worse, counted
from walkaway.deal.patterns import join
from walkaway.deal.position import NOBODY, Agreement, Move, Mover, Position
from walkaway.deal.said import answered, first_said, replaced
from walkaway.decide.core.plain import Builder
from walkaway.decide.core.program import CONCLUDED
from walkaway.decide.decision import Digests
from walkaway.decide.evidence import Evidence, Judgement, Ledger, Sums, Uncounting, number_of
from walkaway.decide.gather import Gatherer
from walkaway.decide.generated import weighing
from walkaway.decide.generated.reading import OF_TERMS, Reading
from walkaway.decide.generated.telling import Preparing, differing, told, uncounting, uncounting_before
from walkaway.decide.known import known_party
from walkaway.decide.plans import EventPlan, Plans
from walkaway.decide.told import word_of
from walkaway.events import CLOSED, LESSER, OPEN, THEM, US, Heard, On, Verdict
from walkaway.language.codegen import Function, Part, assign, block, expression, var
from walkaway.policy.model import Policy

Lines = list[ast.stmt]
Generated = Callable[..., tuple[Evidence, Position] | None]
_OUR_TERMS_FACTS = frozenset({"give.value", "get.value"})


def _judged(position: Position, event: object, policy: Policy, move: Move | None, ours: Move | None, theirs: Move | None) -> FactInputs:
    """Return what figures are computed from, where a rule reads one that no line was written for."""
    valuation = position.valuation
    exact = int if valuation is None else valuation.exact
    return FactInputs(policy, position, event, move, measure(position, move), ours, theirs, exact)  # type: ignore[arg-type]


_NAMED: Mapping[str, object] = {
    "Agreement": Agreement, "Digests": Digests, "Evidence": Evidence, "Judgement": Judgement, "Ledger": Ledger,
    "Move": Move, "Mover": Mover, "Sums": Sums, "Uncounting": Uncounting,
    "replace": msgspec.structs.replace, "fraction": Fraction, "number_of": number_of, "moving": moving,
    "still_moving": still_moving, "name_of": name_of, "first_said": first_said, "replaced": replaced,
    "answered": answered, "are_no_worse": are_no_worse, "is_lesser": _is_lesser, "counted": counted, "join": join,
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
        body += weighing.rates(policy) + [assign("terms", weighing.package(policy))]
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
        places = {
            "POSITION": var("position"), "OURS": var("ours"), "THEIRS": var("theirs"), "SIGNALS": expression("position.signals"),
            "MATCHES": var("matches"), "TERMS": var("terms"), "PACKAGE": var("offer__worth"), "FIRST": expression("1 if first else 0"),
            "BY": ast.Constant("us"), "BEYOND": var("beyond"), "SHORT": var("short"), "GAIN": var("gain"), "LOSS": var("loss"),
            "GAINS": var("gains"), "LOSSES": var("losses"), "GOT": var("got"),
            "JUDGED": expression("judged_of(position, event, policy, MOVE, MOVE, None)", MOVE=move),
        }  # fmt: skip
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
        body += self.fold_ours(agrees=agrees)
        body += weighing.rooms(policy) + weighing.passed(policy, "prepared", ("passed", "missed"))
        body += self.ledger(gives=True)
        why = "uncounting(prepared, position, PEOPLE, event) if prepared.reasons else None" if policy.roles else "None"
        body += block("why = " + why, PEOPLE=code.use(policy.people, "people"))
        body += self.evidence(code, heard, accepting="None")
        return code.compiled(body), code.written

    def fold_ours(self, *, agrees: bool) -> Lines:
        """Return the lines that enter terms of ours, as `deal.said.said` does."""
        return block(
            """
            proceeds = verdict is PROCEED
            first_named = ours.first
            if len(first_named) < COUNT:
                first_named = first_said(policy, first_named, stating, terms)
            settled = ours.settled | stating if taken else ours.settled
            agreed = {**position.agreed, **{issue: terms[issue] for issue in taken}} if taken else position.agreed
            AGREEMENT
            if proceeds:
                given = loss - gain
                conceded = given > 0
                REJECTS
                ours_after = replace(
                    ours, standing=terms, worth=worth, first=first_named, stands=True, rejected=False, said_at=now,
                    said_by=event.id, until=None, final=final, settled=settled, stated=ours.stated | stating,
                    offers=ours.offers + 1, concessions=ours.concessions + conceded,
                    last_give=given if conceded else ours.last_give, in_a_row=ours.in_a_row + ROW, net=worth,
                    unreturned=ours.unreturned + conceded, flat=0 if conceded or first else ours.flat + 1,
                    retracted=ours.retracted + back, rejections=ours.rejections + rejects,
                    conceded_at=now if conceded else ours.conceded_at,
                )
                after = replace(
                    position, last=now, ours=ours_after, theirs=answered(theirs, conceded, rejects), cleared=terms,
                    cleared_other=ours_after.other, agreement=agreement, agreed=agreed, waiting=(),
                    movers=still_moving(position, position.movers, MOVE) if position.movers else (),
                )
            else:
                ours_after = replace(
                    ours, standing=terms, worth=worth, first=first_named, stands=True, rejected=False, said_at=now,
                    said_by=event.id, until=None, final=final, settled=settled,
                )
                mover = Mover(name_of(policy.people, event.actor), terms, ours.other)
                after = replace(
                    position, last=now, ours=ours_after, uncleared=position.uncleared + 1, agreement=agreement,
                    agreed=agreed, waiting=(), movers=moving(position, mover),
                )
            """,
            COUNT=len(self.policy.issues), ROW=0 if agrees else 1,
            MOVE=expression("Move(US, terms, worth, gain, loss, gains, losses, back, stating, first, other=ours.other)"),
            REJECTS=block("rejects = False" if agrees else "rejects = not theirs.rejected"),
            AGREEMENT=block(
                "agreement = Agreement(terms, ours.other, US, event.actor, verdict is PROCEED, event.id)"
                if agrees
                else "agreement = replaced(position.agreement, terms, ours.other, US)"
            ),
        ) + self.remembered("after")  # fmt: skip

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
        body += [assign("terms", weighing.package(policy))] + block(weighing.HELD)
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
        places: dict[str, ast.expr] = {
            "POSITION": var("position"), "OURS": var("ours"), "THEIRS": var("theirs"), "SIGNALS": expression("position.signals"),
            "MATCHES": var("matches"), "TERMS": var("terms"), "PACKAGE": var("offer__worth"), "FIRST": expression("1 if first else 0"),
            "BY": ast.Constant("them"), "BEYOND": var("beyond"), "SHORT": var("short"), "MOVED": var("given"),
            "JUDGED": expression("judged_of(position, event, policy, MOVE, None, MOVE)", MOVE=move),
        }  # fmt: skip
        around = frozenset(f"room.{n}" for n in (*policy.issues, "package"))
        body += self.judging(code, plan, heard, Reading(policy, code, places), "prepared", around)
        body += block(
            """
            verdict = prepared.verdict
            door = prepared.door
            if door is OPEN and position.left is CLOSED:
                door = CLOSED
            outer_values = values
            """
        )
        body += self.fold_theirs()
        body += weighing.rooms(policy) + weighing.passed(policy, "prepared", ("passed", "missed"))
        body += block("facts = told(prepared, values, known, offer__worth if package_counts else None)")
        body += block("why = uncounting_before(prepared, position) if prepared.reasons else None" if policy.roles else "why = None")
        body += self.accepting(code, taking, around)
        body += self.ledger(gives=False)
        body += self.evidence(code, heard, accepting="accepting", facts="facts")
        return code.compiled(body), code.written

    def fold_theirs(self) -> Lines:
        """Return the lines that count an offer of theirs, as `deal.said.counted` does."""
        return block(
            """
            conceded = given > 0
            rejects = not ours.rejected and (ours.stands or not are_no_worse(valuation, terms, said))
            first_named = theirs.first
            of_them = position.base
            if names:
                of_them = first_said(policy, of_them, stating, terms)
                first_named = first_said(policy, first_named, stating, terms)
            theirs_after = replace(
                theirs, standing=terms, worth=worth, first=first_named, stands=True, rejected=False, said_at=now,
                said_by=event.id, until=None, final=final, settled=theirs.settled | stating if taken else theirs.settled,
                stated=stated | stating, offers=theirs.offers + 1, concessions=theirs.concessions + conceded,
                last_give=given if conceded else theirs.last_give, in_a_row=theirs.in_a_row + 1, net=theirs.net + given,
                unreturned=theirs.unreturned + conceded,
                flat=0 if conceded else theirs.flat if names else theirs.flat + 1,
                retracted=theirs.retracted + losses, rejections=theirs.rejections + rejects,
                conceded_at=now if conceded else theirs.conceded_at,
            )
            ours_after = answered(ours, conceded, rejects)
            after = replace(
                position, last=now, ours=ours_after, theirs=theirs_after, base=of_them, before=standing,
                before_stated=stated, run=position.cleared, moved=position.moved or conceded or first,
                agreement=replaced(position.agreement, terms, theirs.other, THEM),
                agreed={**position.agreed, **{issue: terms[issue] for issue in taken}} if taken else position.agreed,
                waiting=(),
            )
            """
        ) + self.remembered("after")

    def accepting(self, code: Function, plan: EventPlan, around: frozenset[str]) -> Lines:
        """Return the lines that judge what accepting an offer of theirs would be, and hold the answer against it."""
        policy, heard = self.policy, On.OUR_ACCEPTANCE
        body = block("cleared = position.cleared\ngain = loss = gains = losses = 0")
        body += weighing.against_cleared(policy, counts_back=False)
        body += block("worth = ours_after.net + gain - loss\n" + weighing.HELD + "\nfirst = ours_after.offers == 0")
        if "get" in plan.deriver.paths.values():
            body += weighing.got(policy, ours="ours_after", theirs="theirs_after", base=var("of_them"), last=var("terms"))
        move = expression(
            "Move(US, terms, worth, gain, loss, gains, losses, 0, EVERY, first, HEARD, True)",
            EVERY=self.every, HEARD=code.use(heard, "taking"),
        )  # fmt: skip
        body += self.joined(plan, move, heard, "after", remembers=False)
        places: dict[str, ast.expr] = {
            "POSITION": var("after"), "OURS": var("ours_after"), "THEIRS": var("theirs_after"),
            "SIGNALS": expression("after.signals"), "MATCHES": var("matches"), "TERMS": var("terms"),
            "PACKAGE": var("offer__worth"), "FIRST": expression("1 if first else 0"), "BY": ast.Constant("us"),
            "BEYOND": var("beyond"), "SHORT": var("short"), "GAIN": var("gain"), "LOSS": var("loss"), "GAINS": var("gains"),
            "LOSSES": var("losses"), "GOT": var("got"),
            "JUDGED": expression("judged_of(after, event, policy, MOVE, MOVE, None)", MOVE=move),
        }  # fmt: skip
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
                beyond=taking_passed, facts=differing(taking, values, known, offer__worth if package_counts else None, facts),
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
        stage, catalog = plan.stage, self.policy.catalog
        rules = _facts_of(plan)
        derived = [f for f in sorted(plan.deriver.paths) if f in catalog]
        stated = [f for f in sorted(rules) if f not in plan.deriver.paths]
        body: Lines = []
        for fact in (*derived, *stated):
            if catalog[fact].path not in OF_TERMS or not self.is_set(fact, reading):
                body.append(assign(reading.name(fact), reading.fact(fact, stage.uncertain)))
        names = {f: reading.name(f) for f in rules}
        builder = Builder(names, stage.uncertain)
        body += block("fired = []")
        body += [builder.rule(place, rule) for place, rule in enumerate(stage.rules)]
        body += block("fired = tuple(fired)")
        if self.both:
            facts = ast.Dict([ast.Constant(f) for f in sorted(rules)], [var(names[f]) for f in sorted(rules)])
            body += block(
                "if RETE(FACTS) != fired:\n    return None", RETE=code.use(_Rete(plan), f"rete_{_called(heard)}"), FACTS=facts
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
        return "PACKAGE" in reading.places and (not fact.startswith("room.") or fact[5:] in weighing.limited(self.policy))

    def joined(self, plan: EventPlan, move: ast.expr, heard: Heard, position: str, *, remembers: bool = True) -> Lines:
        """Return the lines that join terms with earlier ones, as patterns say, where one of them hears these.

        Args:
            remembers: Whether the deal is to remember them.
        """
        on = heard if isinstance(heard, On) else On.OUR_OFFER
        patterns = self.policy.patterns
        hears = any(on in (p.second.on, p.first.on) for p in patterns) if remembers else any(on is p.second.on for p in patterns)
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
        return block("AFTER = replace(AFTER, occurrences=occurrences, matches=matches, joined=joined)", AFTER=var(after))

    def ledger(self, *, gives: bool) -> Lines:
        """Return the lines that write the ledger before and after."""
        net = {f"{side.upper()}_NET": _number(f"{side}.net") for side in ("ours", "theirs")}
        return block(
            """
            sums = Sums(OURS_NET, THEIRS_NET)
            changed = None
            now_ours = after.ours
            now_theirs = after.theirs
            if now_ours.net != ours.net or now_theirs.net != theirs.net:
                changed = Sums(AFTER_OURS, AFTER_THEIRS)
            LEDGER
            """,
            AFTER_OURS=_number("now_ours.net"), AFTER_THEIRS=_number("now_theirs.net"),
            LEDGER=block(
                "ledger = Ledger(after=changed, before=sums, get=GET, give=GIVE)", GET=_number("got"), GIVE=_number("loss")
            )
            if gives
            else block("ledger = Ledger(after=changed, before=sums)"),
            **net,
        )  # fmt: skip

    def evidence(self, code: Function, heard: Heard, accepting: str, facts: str = "") -> Lines:
        """Return the lines that put evidence together, and return it with the deal after the event."""
        written = _within(self.policy)
        told_now = expression(facts or "told(prepared, values, known, offer__worth if package_counts else None)")
        return block(
            """
            others = position.others
            return Evidence(
                accepting=ACCEPTING, at=event.at, beyond=passed, deal=event.deal, door=door, event=event.id, facts=FACTS,
                ledger=ledger, on=ON, party=unset if others is NOBODY else known_party(policy, others), policy=SHA256,
                position=Digests(after.digest(), before), ran=RAN, reasons=prepared.reasons, room=rooms, short=missed,
                terms=TERMS, uncounted=why, verdict=verdict,
            ), after
            """,
            ACCEPTING=expression(accepting), FACTS=told_now, ON=word_of(heard), SHA256=self.policy.sha256,
            RAN=code.use(self.ran, "ran"), TERMS=written,
        )  # fmt: skip


def _called(heard: Heard) -> str:
    return "lesser" if heard == LESSER else heard.value.replace(" ", "_")  # type: ignore[union-attr]


def _facts_of(plan: EventPlan) -> frozenset[str]:
    from walkaway.language.expr.tree import facts_of

    return frozenset(f for rule in plan.stage.rules for f in facts_of(rule.condition))


def _package_worth() -> ast.expr:
    return _in_money(expression("base + worth"))


def _in_money(worth: ast.expr) -> ast.expr:
    return expression("WORTH // scale if not (WORTH) % scale else fraction(WORTH, scale)", WORTH=worth)


def _number(worth: str) -> ast.expr:
    """Return the expression for a worth as evidence writes it, in money."""
    from walkaway.language.values import LIMIT

    return expression(
        "WORTH // scale if not WORTH % scale and -MOST < WORTH < MOST else number_of(EXACT)",
        WORTH=expression(worth), MOST=LIMIT, EXACT=_in_money(expression(worth)),
    )  # fmt: skip


def _within(policy: Policy) -> ast.expr:
    """Return the expression for the terms as evidence writes them."""
    from walkaway.language.values import LIMIT

    tests = [
        expression("-MOST < VALUE < MOST", MOST=LIMIT, VALUE=weighing.value(n))
        for n, issue in policy.issues.items()
        if issue.unit.is_numeric
    ]
    whole = ast.Dict(
        [ast.Constant(n) for n in policy.issues],
        [
            expression("VALUE if VALUE.__class__ is str else number_of(VALUE)", VALUE=weighing.value(n))
            for n in policy.issues
        ],
    )
    return ast.IfExp(ast.BoolOp(ast.And(), tests), var("terms"), whole) if len(tests) > 1 else whole


class _Rete:
    """Runs the other core for one kind of event, loaded when it is first asked."""

    def __init__(self, plan: EventPlan) -> None:
        self.plan = plan

    def __call__(self, facts: Mapping[str, object]) -> object:
        from walkaway.decide.plans import Core

        return (self.plan.rete or self.plan.loaded(Core.RETE))(facts)  # type: ignore[arg-type]
