"""Hunt for a deal that contradicts a proof of `prove`, or an answer of `diff`."""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from random import Random

import msgspec
from tests.hunt import policies
from tests.hunt.changes import changed
from tests.hunt.claims import CHECKS, Check, Seen, own, severity
from tests.hunt.deals import Dealer
from tests.hunt.made import OTHER, UPPER, Made
from tests.hunt.playing import counted, engine_of, follow, one_deal, with_deal
from tests.hunt.sizes import bigger
from tests.hunt.tally import Contradiction, Tally

from walkaway.deal.admission import Unfit
from walkaway.deal.position import Position
from walkaway.deal.valuation import OutOfRange
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import OPENING, AnyEvent, On
from walkaway.policy import Policy
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.diff import Comparison, VerdictAndDoor, compare, in_force_together
from walkaway.proof.formulas.properties import properties
from walkaway.proof.prove import Outcome, Proof, Prover, prove

DEALS = 2_000
"""Deals by which every proof and every difference is tried."""
SECONDS = 4.0
"""Processor time for one property."""
COMPARING_S = 3.0
"""Processor time for a difference."""
FAMILY = 8
"""Changes of a policy that share their deals."""
MADE_FOR_THE_CHANGE = 16
"""One deal in so many is made up under the change, and for it alone."""
COSTLY = {
    "steps-buy-nothing": 8, "size-buys-nothing": 3, "deception-closes": 3, "nothing-beyond-walk": 2,
    "saying-it-again": 3, "better-is-no-worse": 3,
}  # fmt: skip
"""Properties that take a second or more to decide: one policy in so many is asked for each."""
ASIDE = ("saying-it-again", "steps-buy-nothing")
"""Properties that leave rules aside, and then say nothing that one answer could contradict."""


def checks_of(policy: Policy, proved: list[Proof]) -> Mapping[str, Check]:
    """Return what can be checked of the properties proved."""
    claims = {c.name: own(c) for c in policy.claims}
    found: dict[str, Check] = {}
    for proof in proved:
        if proof.name in ASIDE and proof.why:
            continue
        check = CHECKS.get(proof.name) or claims.get(proof.name)
        if proof.name == "size-buys-nothing":
            check = bigger
        if check is not None:
            found[proof.name] = check
    return found


class Unshown(Prover):
    """Proves, and looks for no deals that refute: what is refuted is not hunted for."""

    def show(self, *_: object, **__: object) -> None:
        """Return no deals."""
        return


def within(seconds: float) -> TimeLimit:
    """Return a limit of so much processor time."""
    return TimeLimit(time.process_time, time.process_time() + seconds)


def hunt_proofs(rng: Random, tally: Tally, deals: int = DEALS) -> Iterator[Contradiction]:
    """Prove what can be proved of a small random policy, and try every proof with many deals."""
    made = policies.layered(rng) if rng.randrange(8) == 0 else policies.small(rng)
    policy = made.policy()
    if policy is None:
        tally.add("policies that cannot be read")
        return
    tally.add("policies")
    names = [p.name for p in properties(policy) if rng.randrange(COSTLY.get(p.name, 1)) == 0]
    prover = Unshown(policy)
    asked = [one for one in properties(policy) if one.name in names]
    proofs = [prover.prove(one, within(SECONDS), SECONDS) for one in asked if not tally.is_over()]
    for proof in proofs:
        tally.add(f"properties {proof.outcome.value}")
    proved = [p for p in proofs if p.outcome is Outcome.PROVED]
    checks = checks_of(policy, proved)
    engine = engine_of(policy)
    dealer = Dealer(policy, rng)
    wrong: set[str] = set()
    for _ in range(deals):
        if tally.is_over():
            return
        for seen in one_deal(engine, dealer):
            for name, check in checks.items():
                what = check(seen) if name not in wrong else None
                if what:
                    wrong.add(name)
                    case = with_deal(made, policy, [*seen.past, seen.event])
                    yield Contradiction(f"proved: {name}", what, case, partial(contradicts, name=name))
        tally.add("deals")
        tally.add("events", dealer.count)
    tally.add("proofs tried", len(checks))


def contradicts(made: Made, name: str) -> str | None:
    """Return what in a case's deal contradicts a property that is proved of its policy."""
    policy = made.policy()
    if policy is None or not made.events:
        return None
    claims = {c.name: own(c) for c in policy.claims}
    check = bigger if name == "size-buys-nothing" else CHECKS.get(name) or claims.get(name)
    if check is None:
        return None
    what = next((w for seen in follow(engine_of(policy), made.told(policy)) if (w := check(seen))), None)
    if what is None:
        return None
    proof = next(prove(policy, time.process_time, 3 * SECONDS, (name,)), None)
    if proof is None or proof.outcome is not Outcome.PROVED or (name in ASIDE and proof.why):
        return None
    return what


# Differences


def hunt_differences(rng: Random, tally: Tally, deals: int = DEALS) -> Iterator[Contradiction]:
    """Compare a small random policy with random changes of it, and try each answer with many deals.

    Most deals are played once, under the policy as it was, and asked anew under each change; the others are made up
    for the change. What is played hangs on nothing that `diff` has told in time, so that a seed repeats it.
    """
    made = policies.layered(rng) if rng.randrange(10) == 0 else policies.small(rng)
    policy = made.policy()
    changes = [(changed(rng, made), rng.getrandbits(32)) for _ in range(FAMILY)] if policy is not None else []
    told = [one for one in (compared(c, tally, number) for c, number in changes) if one is not None]
    if policy is None or not told:
        return
    tried = len(told)
    engine = engine_of(policy)
    dealer = Dealer(policy, rng, beside=[p for c, _ in changes if (p := c.policy(OTHER)) is not None])
    for _ in range(deals - deals // MADE_FOR_THE_CHANGE):
        if tally.is_over():
            return
        played = list(one_deal(engine, dealer))
        tally.add("deals")
        tally.add("events", dealer.count)
        for one in [*told]:
            found = apart(played, one.engines[1], one.said)
            if found is not None:
                told.remove(one)
                yield Contradiction("diff", found[0], with_deal(one.made, policy, found[1]), differs_unsaid)
    for one in told:
        dealer = Dealer(one.engines[1].policy, Random(one.seed))
        for _ in range(deals // MADE_FOR_THE_CHANGE):
            if tally.is_over():
                return
            differs = differing(one.engines, dealer, 1, one.said)
            tally.add("deals")
            tally.add("events", dealer.count)
            if differs is not None:
                what, events, side = differs
                yield Contradiction("diff", what, with_deal(one.made, one.engines[side].policy, events), differs_unsaid)
                break
    tally.add("differences tried", tried)


class Compared(msgspec.Struct, frozen=True):
    """Two policies, what `diff` says of them, an engine for each, and the seed of the deals made up for the change."""

    made: Made
    said: Comparison
    engines: list[Engine]
    seed: int


def compared(made: Made, tally: Tally, seed: int) -> Compared | None:
    """Return what `diff` says of a changed policy; none where it says nothing that could be tried."""
    if tally.is_over():
        return None
    pair = both(made)
    if pair is None or in_force_together(*pair) != pair:
        tally.add("changes that cannot be read")
        return None
    found = compare(*pair, time.process_time, COMPARING_S)
    if not frozenset(On) - frozenset(found.unknown):
        tally.add("differences not decided")
        return None
    tally.add("without a difference, proved" if found.is_same else "with regions" if not found.unknown else "in part")
    return Compared(made, found, [engine_of(p) for p in pair], seed)


def apart(played: Sequence[Seen], engine: Engine, said: Comparison) -> tuple[str, list[AnyEvent]] | None:
    """Ask of a deal that was decided under the policy as it was under its change; return an answer not told of."""
    position: Position | None = None
    past: list[AnyEvent] = []
    for seen in played:
        answer = asked(engine, position, seen.event, past)
        if answer is None:
            return None
        past.append(seen.event)
        what = untold(seen.found, answer, said)
        if what:
            return what, past
        if severity(seen.found) != severity(answer):
            return None
        position = answer.after
    return None


def both(made: Made) -> tuple[Policy, Policy] | None:
    """Return the two policies of a case; none where one cannot be read."""
    old, new = made.policy(), made.policy(OTHER)
    return None if old is None or new is None else (old, new)


def differing(
    engines: list[Engine], dealer: Dealer, side: int, said: Comparison
) -> tuple[str, list[AnyEvent], int] | None:
    """Play one deal under both policies up to the first other answer; return it where `diff` does not tell of it."""
    past: list[AnyEvent] = []
    positions: list[Position | None] = [None, None]
    for _ in range(dealer.rng.randint(2, 9)):
        at = positions[side]
        try:
            event = dealer.opening() if at is None else dealer.event(at, past)
        except OutOfRange:
            return None
        answers = [asked(e, p, event, past) for e, p in zip(engines, positions, strict=True)]
        if answers[0] is None or answers[1] is None:
            if at is None or answers[0] is not answers[1]:
                return None
            continue
        past.append(event)
        what = untold(answers[0], answers[1], said)
        if what:
            return what, past, side
        if severity(answers[0]) != severity(answers[1]):
            return None
        positions = [a.after for a in answers if a is not None]
    return None


def asked(engine: Engine, position: Position | None, event: AnyEvent, past: list[AnyEvent]) -> Evaluation | None:
    """Return an answer; none where the event does not fit, or names what the policy does not know."""
    try:
        return engine.evaluate(position, event, past.copy)
    except (Unfit, OutOfRange, KeyError, ValueError, AssertionError):
        return None


def untold(one: Evaluation, other: Evaluation, said: Comparison) -> str | None:
    """Say how two answers differ where no region has it and `diff` says that it has told all."""
    if severity(one) == severity(other):
        return None
    on = On.OPEN if one.on == OPENING else On.OUR_OFFER if isinstance(one.on, tuple) else one.on
    if on in said.unknown or (said.regions and on is On.VOID):
        return None  # a void is answered by what the deal would have been without the slip, in regions too
    old, new = (VerdictAndDoor(*severity(a)) for a in (one, other))
    if any(on in r.on and (r.old, r.new) == (old, new) for r in said.regions):
        return None
    return f"{on}: {old.word} becomes {new.word}, and no region says so"


def differs_unsaid(made: Made) -> str | None:
    """Return where a case's deal is decided otherwise by its two policies and `diff` says that no answer is."""
    pair = both(made)
    if pair is None or not made.events:
        return None
    engines = [engine_of(p) for p in in_force_together(*pair)]
    told = [made.told(e.policy) for e in engines]
    if [e.id for e in told[0]] != [e.id for e in told[1]]:
        return None
    positions: list[Position | None] = [None, None]
    past: list[AnyEvent] = []
    for event, twin in zip(*told, strict=True):
        answers = [asked(e, p, x, past) for e, p, x in zip(engines, positions, (event, twin), strict=True)]
        if answers[0] is None or answers[1] is None:
            continue
        past.append(event)
        if severity(answers[0]) != severity(answers[1]):
            return untold(answers[0], answers[1], compare(*pair, time.process_time, 2 * COMPARING_S))
        positions = [a.after for a in answers if a is not None]
    return None


# Layers


def hunt_layers(rng: Random, tally: Tally, deals: int = 300) -> Iterator[Contradiction]:
    """Try whether a layer of which lint says nothing is milder than the one above it alone."""
    made = policies.layered(rng)
    if not made.is_clean() or made.policy(UPPER) is None:
        tally.add("layers that lint warns of")
        return
    policy, upper = made.policy(), made.policy(UPPER)
    assert policy is not None
    assert upper is not None
    tally.add("layers")
    engines = [engine_of(policy), engine_of(upper)]
    dealer = Dealer(upper, rng)
    for events in counted(lambda: [s.event for s in one_deal(engines[1], dealer)], tally, deals):
        what = milder(engines, events)
        if what:
            yield Contradiction("a lint-clean layer is milder", what, with_deal(made, upper, events), is_milder_layer)
            return


def milder(engines: list[Engine], events: list[AnyEvent]) -> str | None:
    """Say where the layer's answer is milder than that of the layer above alone.

    From an event that one of them cannot take they are in different deals.
    """
    below, above = ({s.event.id: s.found for s in follow(e, events)} for e in engines)
    for name in (event.id for event in events):
        if (name in above) != (name in below):
            return None
        if name in above and severity(below[name]) < severity(above[name]):
            return f"{name}: {severity(above[name])} above, {severity(below[name])} with the layer"
    return None


def is_milder_layer(made: Made) -> str | None:
    """Return where the layer of a case is milder than the one above."""
    if not made.is_clean():
        return None
    policy, upper = made.policy(), made.policy(UPPER)
    if policy is None or upper is None:
        return None
    return milder([engine_of(policy), engine_of(upper)], made.told(upper))
