"""The concrete side: real positions and events as arguments of the formulas, and models replayed in the engine."""

from collections.abc import Collection, Iterable, Mapping

from walkaway.deal.admission import Unfit
from walkaway.deal.budgets import alone
from walkaway.deal.cover import movers_of, spoken_in
from walkaway.deal.decode import Decoder
from walkaway.deal.facts import may_close
from walkaway.deal.ledger import signed
from walkaway.deal.position import Move, Position, Side
from walkaway.deal.valuation import open_deal
from walkaway.decide.authority import lifted
from walkaway.decide.core.program import CONCLUDED
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.verdict import Standing
from walkaway.events import OUTCOMES, US, Accept, AnyEvent, Close, Door, Offer, On, Signal, Verdict
from walkaway.language.values import Exact, Value
from walkaway.policy.model import Policy, Rule
from walkaway.proof.formulas import ledger
from walkaway.proof.formulas.days import KnownDay
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Encoder, Lifted, Ruled, Sym, lift_of
from walkaway.proof.formulas.facts import (
    Act,
    Agreed,
    Case,
    Facts,
    Half,
    Moved,
    Named,
    State,
    Values,
    is_free,
    issue_of,
    worths_of,
)
from walkaway.proof.formulas.judging import Judged, once_more
from walkaway.proof.formulas.worths import Asserted, known_worths

SECOND = 1_000_000
_COUNTS = ("offers", "concessions", "in_a_row", "unreturned", "flat", "retracted", "rejections", "net", "last_give")


def state_of(
    policy: Policy, position: Position, event: AnyEvent, codes: Codes, derived: Mapping[str, Exact | None] | None = None
) -> State:
    """Return a real position; its instants are counted in whole seconds from the event's.

    Args:
        derived: Its facts, for those of which the formulas say nothing.
    """
    scales = None
    if position.valuation is not None:
        day = policy.day_of(position.opened if position.moved_at is None else position.moved_at)
        opened = open_deal(policy, position.facts, position.limits, None, day)
        assert opened.start is not None
        scales = known_worths(policy, position.valuation, opened.start, Asserted(), codes)

    def values(terms: Mapping[str, Value]) -> Values:
        return {i: codes.code(v, policy.issues[i].unit) for i, v in terms.items()}

    def since(instant: int | None) -> Sym:
        return UNKNOWN if instant is None else Sym(True, -((event.instant - instant) // SECOND))

    def bits(named: int) -> Named:
        return {i: bool(bit & named) for i, bit in policy.bits.items()}

    def syms(terms: Mapping[str, Value], others: Values) -> Mapping[str, Sym]:
        said = values(terms)
        return {i: Sym(i in said, said.get(i, others.get(i, 0))) for i in policy.issues}

    start = values(position.start)

    def half(side: Side) -> Half:
        standing = values(side.standing)
        return Half(
            standing=standing,
            worths=worths_of(scales, standing),
            first=syms(side.first, start),
            stated=bits(side.stated),
            settled={i: n for i, n in bits(side.settled).items() if i in policy.own_issues},
            stands=side.stands,
            several=bool(side.packages),
            rejected=side.rejected,
            said_at=since(side.said_at),
            conceded_at=since(side.conceded_at),
            **{n: getattr(side, n) for n in _COUNTS},
        )

    cleared, base, made = values(position.cleared), syms(position.base, start), position.agreement
    agreed = start if made is None else values(made.terms)
    settled = worths_of(scales, {**start, **values(position.agreed)})
    every_key = settled or dict.fromkeys(policy.issues, 0)
    return State(
        scales=scales,
        known={n: known_of(policy, n, v, codes) for n, v in position.known.items()},
        ours=half(position.ours),
        theirs=half(position.theirs),
        start=start,
        start_worths=worths_of(scales, start),
        cleared=cleared,
        cleared_worths=worths_of(scales, cleared),
        run_worths=worths_of(scales, values(position.run)),
        base=base,
        base_worths=worths_of(scales, {i: b.value for i, b in base.items()}),
        agreement=Agreed(
            terms=agreed,
            worths=worths_of(scales, agreed),
            exists=made is not None,
            stands=made is not None and not made.ended,
            cleared=made is not None and made.cleared,
            is_ours=made is not None and made.by is US,
        ),
        signals=position.signals,
        matches=position.matches,
        uncleared=position.uncleared,
        other_ours=len(position.ours.other),
        other_theirs=len(position.theirs.other),
        missing=len(position.missing),
        left_open=position.left is Door.OPEN and not position.moved,
        left_closed=position.left is Door.CLOSED,
        left_at=since(position.left_at).value,
        settled={i: Sym(scales is not None and issue_of(i) in position.agreed, settled.get(i, 0)) for i in every_key},
        opened=since(position.opened).value,
        free={
            e.name: known_of(policy, e.name, (derived or {}).get(e.name), codes)
            for e in policy.catalog.values()
            if is_free(e)
        },
        days=None if policy.calendar is None else KnownDay(policy.calendar, event.instant),
    )


def known_of(policy: Policy, name: str, value: Exact | None, codes: Codes) -> Sym:
    """Return a stated fact."""
    if value is None:
        return UNKNOWN
    return Sym(True, codes.code(value, policy.unit_of(name)))


def case_of(found: Evaluation) -> Case:
    """Return the way in which a real event was judged."""
    if found.move is not None:
        return Case(found.on, found.move.agrees and found.on is not On.THEIR_OFFER)
    accepting = found.accepting
    if accepting is None:
        return Case(found.on)
    return Case(found.on, again="ours" if accepting.on is On.OUR_ACCEPTANCE else "theirs")


def act_of(engine: Engine, found: Evaluation, state: State, codes: Codes) -> Act:
    """Return a real event."""
    policy, position, event, move, case = engine.policy, found.at, found.event, found.move, case_of(found)

    def bits(named: int) -> Named:
        return {i: bool(bit & named) for i, bit in policy.bits.items()}

    terms = {} if move is None else {i: codes.code(v, policy.issues[i].unit) for i, v in move.terms.items()}
    stating = {} if move is None else bits(move.stated)
    takes = isinstance(event, Accept) and bool(event.issues) and move is not None and not move.agrees
    agreement, signed_terms = position.agreement, signed(position, event) if isinstance(event, Close) else None
    differs = signed_terms is not None and (agreement is None or signed_terms != (agreement.terms, agreement.other))
    agreed = agreement is not None and (
        not agreement.ended if differs else may_close(position, agreement, signed_terms is not None)
    )
    by_them, same_other = case.is_theirs, True
    if move is not None and agreement is not None:
        same_other = move.other == agreement.other
    other = 0 if move is None else len(move.other)
    if case.again and agreement is not None:
        other = len(agreement.other)
    entry, said = policy.catalog.get("offer.role"), spoken_in(policy, event)
    return Act(
        case=case,
        role=UNKNOWN if entry is None or said not in entry.unit.choices else Sym(True, codes.code(said, entry.unit)),
        terms=terms,
        worths=worths_of(state.scales, terms),
        moved=_moved(move, stating) if move is not None and by_them else None,
        stating=stating,
        taken={i: takes and n for i, n in stating.items()},
        confirmed={event.kind: True} if isinstance(event, Signal) and event.confirmed else {},
        again={} if found.move is None else _again(found),
        lifted=lifted_of(engine, found.accepting if case.again and found.accepting else found),
        other=other,
        same_other=same_other,
        is_choice=isinstance(event, Offer) and bool(event.packages),
        outcome=Sym(True, OUTCOMES.index(event.outcome)) if isinstance(event, Close) else UNKNOWN,
        agreed=agreed,
        differs=differs,
    )


def _moved(move: Move, stating: Named) -> Moved:
    return Moved(
        gain=move.gain, loss=move.loss, losses=move.losses, new=move.new, names=move.names, stating=stating,
        first=move.first,
    )  # fmt: skip


def _again(found: Evaluation) -> Mapping[str, int]:
    """Return how many matches an event adds to those of the deal in which it is judged."""
    after = found.after.matches
    return {n: after[n] - m for n, m in found.at.matches.items()}


def lifted_of(engine: Engine, found: Evaluation, *, by_nobody: bool = False) -> Lifted:
    """Return what approvals take back of a real event's answer.

    Args:
        by_nobody: Whether it is only asked about, so that nobody says these terms.
    """
    policy, position, said = engine.policy, found.at, found.ours or found.move
    if said is None:
        return Lifted()
    covering = found.covering or engine.judge.covering(position, found.event, said, by_nobody=by_nobody)
    approvals = () if covering is None else covering.approvals
    ranks, movers = policy.ranks, movers_of(policy.people, position, found.event, said.by)
    return Lifted(
        {role: any(ranks[a.role] >= rank for a in approvals) for role, rank in ranks.items()},
        {
            lift_of(r): covering is not None and lifted(policy, r, covering) is not None
            for r in policy.rules
            if r.effect.to or r.by or (r.built_in and r.id in ("short-of-want", "unvalued"))
        },
        any(not a.name or a.name in movers or "" in movers for a in approvals),
    )


def judged(engine: Engine, found: Evaluation) -> Judged:
    """Return a decided event as formulas take it, with the ruling that the engine gave."""
    codes = Codes()
    state = state_of(engine.policy, found.at, found.event, codes, engine.all_facts(found))
    return _judged(engine, found, state, act_of(engine, found, state, codes), codes)


def _judged(engine: Engine, found: Evaluation, state: State, act: Act, codes: Codes) -> Judged:
    policy, inner = engine.policy, None
    facts = Facts(policy, state, act)
    if found.accepting is not None:
        at = state_of(policy, found.accepting.at, found.event, codes, engine.all_facts(found.accepting))
        accepting = once_more(state, act) if act.case.again else ledger.taking(at, act)
        inner = _judged(engine, found.accepting, at, accepting, codes)
    ruled = _ruled(found)
    concluded = {r.id for r, f in zip(ruled.rules, ruled.fires, strict=True) if f}
    reader = Encoder(_Concluded(facts, ruled.rules, concluded), Asserted(), codes)
    return Judged(act, facts, ruled, reader, inner=inner)


def _ruled(found: Evaluation) -> Ruled:
    ruling = found.ruling
    fired = [found.rules[i] for i in found.fired]
    decides = [f.rule for f in ruling.firings if f.standing is Standing.DECIDES]
    return Ruled(
        found.rules,
        tuple(any(r is f for f in fired) for r in found.rules),
        tuple(any(r is d for d in decides) for r in found.rules),
        tuple(ruling.verdict >= v for v in Verdict),
        ruling.door is Door.CLOSED,
    )


class _Concluded:
    """Facts, with what the fired rules conclude."""

    def __init__(self, facts: Facts, rules: Iterable[Rule], fired: Collection[str]) -> None:
        self.facts = facts
        self.names = {CONCLUDED + r.effect.concludes for r in rules if r.effect.concludes and r.id in fired}

    def get(self, name: str) -> Sym:
        return Sym(True, int(name in self.names)) if name.startswith(CONCLUDED) else self.facts.get(name)


def replay(engine: Engine, lines: Iterable[bytes]) -> tuple[Judged, Decision] | None:
    """Decide the events of one deal as `walkaway check` does; return the last, none where one cannot be decided."""
    evaluation = decided(engine, lines)
    return None if evaluation is None else (judged(engine, evaluation), engine.record(evaluation))


def decided(engine: Engine, lines: Iterable[bytes]) -> Evaluation | None:
    """Decide the events of one deal; return how the last was judged, none where one cannot be decided."""
    decoder, position = Decoder(engine.policy), None
    evaluation: Evaluation | None = None
    past: list[AnyEvent] = []
    for line in lines:
        event = decoder.decode(line).value
        if event is None:
            return None
        try:
            evaluation = engine.evaluate(position, event, past.copy, party=alone(engine.policy))
        except Unfit:
            return None
        position = evaluation.after
        past.append(event)
    return evaluation
