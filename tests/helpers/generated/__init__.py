"""Generate whole policies as YAML text, with their tables and a deal as JSON lines, from one source of randomness.

Declarations come first, then a deal under them, then the rules: their constants are taken from facts that this deal
really reaches, so that comparisons are met at equality and one unit to either side. Everything that counts against
or for a quantity of an issue stands in marks, so that a case can be written a second time with its quantities
mirrored. Any `random.Random` will do; hypothesis' own shrinks what it finds.
"""

from collections.abc import Iterable
from random import Random

import msgspec
from tests.helpers.generated.case import BUILT_IN as BUILT_IN
from tests.helpers.generated.case import Case as Case
from tests.helpers.generated.case import Snapshot as Snapshot
from tests.helpers.generated.deal import Deal
from tests.helpers.generated.declarations import Draft
from tests.helpers.generated.rules import Rules

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.decide.engine import Core, Engine
from walkaway.events import AnyEvent
from walkaway.policy import Policy


def generate(rng: Random, events: int = 40, *, small: bool = False) -> Case:
    """Return a case with about *events* events.

    Args:
        small: Whether its policy is to be a small one, which a solver answers for quickly.
    """
    draft = Draft(rng, small=small)
    deal = Deal(rng, draft).events(events)
    case = Case(
        draft.root({"waits": {"why": "Nothing yet.", "on": "tick", "when": "no", "then": "hold"}}), draft.files, deal
    )
    policy = case.read()
    snapshots = observe(policy, case.lines()) if policy is not None and rng.randrange(4) else []
    rules = Rules(rng, draft, snapshots)
    return msgspec.structs.replace(case, root=rules.root())


def observe(policy: Policy, lines: Iterable[bytes]) -> list[Snapshot]:
    """Return the facts at every event that is decided."""
    engine, decoder = Engine(policy, Core.PLAIN), Decoder(policy)
    position = None
    found: list[Snapshot] = []
    for line in lines:
        event = decoder.decode(line).value
        if event is None:
            continue
        try:
            evaluation = engine.evaluate(position, event)
        except Unfit:
            continue
        position = evaluation.after
        if not evaluation.opens:
            found.append(engine.all_facts(evaluation))
    return found


def decoded(policy: Policy, lines: Iterable[bytes]) -> list[AnyEvent]:
    """Return the events that can be read."""
    decoder = Decoder(policy)
    return [e for line in lines if (e := decoder.decode(line).value) is not None]
