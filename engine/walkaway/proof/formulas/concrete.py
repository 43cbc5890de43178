"""The concrete side: real positions and events as arguments of the formulas, and models replayed in the engine."""

from collections.abc import Collection, Iterable

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.deal.position import Position, Side
from walkaway.deal.valuation import open_deal
from walkaway.decide.core.program import CONCLUDED
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.verdict import Standing
from walkaway.events import OUTCOMES, AnyEvent, Close, Door, Signal, Verdict
from walkaway.language.values import Value
from walkaway.policy.model import Enforcement, Policy, Rule
from walkaway.proof.formulas.any_deal import Judged
from walkaway.proof.formulas.encode import UNKNOWN, Codes, Lifted, Reader, Ruled, Sym
from walkaway.proof.formulas.facts import Act, Facts, Half, State, Values, worths_of
from walkaway.proof.formulas.worths import Asserted, Fixed

SECOND = 1_000_000


def state_of(policy: Policy, position: Position, event: AnyEvent, codes: Codes) -> State:
    """Return a real position; its instants are counted in whole seconds from the event's."""
    scales = None
    if position.valuation is not None:
        day = policy.day_of(position.opened)
        opened = open_deal(policy, position.facts, position.limits, position.batna, day)
        assert opened.start is not None
        scales = Fixed(policy, position.valuation, opened.start, Asserted())

    def values(terms: dict[str, Value]) -> Values:
        return {i: codes.code(v, policy.issues[i].unit) for i, v in terms.items()}

    def since(instant: int | None) -> Sym:
        return UNKNOWN if instant is None else Sym(True, -((event.instant - instant) // SECOND))

    def half(side: Side) -> Half:
        standing = values(dict(side.standing))
        return Half(
            standing=standing,
            worths=worths_of(scales, standing),
            settled=side.settled_count,
            offered_at=since(side.said_at),
            conceded_at=since(side.conceded_at),
            **{
                n: getattr(side, n)
                for n in (
                    "offers",
                    "concessions",
                    "net",
                    "last_give",
                    "in_a_row",
                    "unreturned",
                    "flat",
                    "retracted",
                    "rejections",
                )
            },
        )

    start = values(dict(position.start))
    return State(
        scales=scales,
        known={n: known_of(policy, n, v, codes) for n, v in position.known.items()},
        ours=half(position.ours),
        theirs=half(position.theirs),
        start=start,
        start_worths=worths_of(scales, start),
        signals=position.signals,
        matches=position.matches,
        missing=len(position.missing),
        left_open=position.left is Door.OPEN and not position.moved,
        left_closed=position.left is Door.CLOSED,
        left_at=since(position.left_at).value,
        agreed={i: Sym(True, w) for i, w in worths_of(scales, values(dict(position.agreed))).items()},
        opened=since(position.opened).value,
    )


def known_of(policy: Policy, name: str, value: Value | None, codes: Codes) -> Sym:
    """Return a stated fact."""
    if value is None:
        return UNKNOWN
    if name in policy.catalog:
        return Sym(True, codes.code(value, policy.catalog[name].unit))
    lookup = next(n for n in policy.lookups if n.name == name)
    return Sym(True, codes.code(value, policy.tables[lookup.table].columns[lookup.column]))


def act_of(policy: Policy, found: Evaluation, state: State, codes: Codes) -> Act:
    """Return a real event."""
    position, event, move = found.at, found.event, found.move
    covering = () if found.covering is None else found.covering.approvals
    terms = {} if move is None else {i: codes.code(v, policy.issues[i].unit) for i, v in move.terms.items()}
    ranks = {role: rank for rank, role in enumerate(policy.roles)}
    approved = {role: any(ranks[a.role] >= rank for a in covering) for role, rank in ranks.items()}
    waived = {
        r.id: any(r.id in a.override and ranks[a.role] >= ranks[r.by] for a in covering)
        for r in policy.rules
        if r.enforcement is Enforcement.OVERRIDABLE
    }
    after = found.after.matches
    return Act(
        on=found.on,
        terms=terms,
        worths=worths_of(state.scales, terms),
        confirmed={event.kind: True} if isinstance(event, Signal) and event.confirmed else {},
        again={n: after[n] - m for n, m in position.matches.items()},
        lifted=Lifted(approved, waived),
        outcome=Sym(True, OUTCOMES.index(event.outcome)) if isinstance(event, Close) else UNKNOWN,
    )


def judged(policy: Policy, found: Evaluation) -> Judged:
    """Return a decided event as formulas take it, with the ruling that the engine gave."""
    codes = Codes()
    state = state_of(policy, found.at, found.event, codes)
    act = act_of(policy, found, state, codes)
    fired = {f.rule.id: f.standing for f in found.ruling.firings}
    rules = tuple(r for r in policy.rules if act.on in r.on)
    verdict = found.ruling.verdict
    ruled = Ruled(
        rules,
        tuple(r.id in fired for r in rules),
        tuple(fired.get(r.id) == Standing.DECIDES for r in rules),
        tuple(verdict >= v for v in Verdict),
        found.ruling.door is Door.CLOSED,
    )
    facts = Facts(policy, state, act)
    return Judged(act, facts, ruled, Reader(_Concluded(facts, rules, fired.keys()), Asserted(), codes))


class _Concluded:
    """Facts, with what the fired rules conclude."""

    def __init__(self, facts: Facts, rules: Iterable[Rule], fired: Collection[str]) -> None:
        self.facts = facts
        self.names = {CONCLUDED + r.effect.concludes for r in rules if r.effect.concludes and r.id in fired}

    def get(self, name: str) -> Sym:
        return Sym(True, int(name in self.names)) if name.startswith(CONCLUDED) else self.facts.get(name)


def replay(engine: Engine, lines: Iterable[bytes]) -> tuple[Judged, Decision] | None:
    """Decide the events of one deal as `walkaway check` does; return the last, none where one cannot be decided."""
    decoder, position = Decoder(engine.policy), None
    evaluation: Evaluation | None = None
    past: list[AnyEvent] = []
    for line in lines:
        event = decoder.decode(line).value
        if event is None:
            return None
        try:
            evaluation = engine.evaluate(position, event, past.copy)
        except Unfit:
            return None
        position = evaluation.after
        past.append(event)
    return None if evaluation is None else (judged(engine.policy, evaluation), engine.record(evaluation))
