"""Hold the generated functions against the rooms, event by event: the same evidence byte by byte, and the same deal."""

from collections import Counter
from collections.abc import Iterable

from walkaway.deal.admission import Unfit
from walkaway.deal.cover import party_of
from walkaway.deal.encode import canonical
from walkaway.deal.position import Position, earlier_of
from walkaway.decide.engine import Engine
from walkaway.events import AnyEvent, Open
from walkaway.session.parties import Parties


def assert_same(engine: Engine, events: Iterable[AnyEvent]) -> Counter[str]:
    """Decide events of deals both ways, and compare.

    Returns:
        How many events of each type a function answered, and with ` by the rooms` behind it how many none did.
    """
    seen: Counter[str] = Counter()
    deals: dict[str, Position] = {}
    past: dict[str, list[AnyEvent]] = {}
    parties = Parties()
    for event in events:
        before, events_before = deals.get(event.deal), past.setdefault(event.deal, [])
        digest = "" if before is None else before.digest()
        party = parties.of(event, before, engine.policy)
        followed = deals.get(event.follows) if isinstance(event, Open) else None
        earlier = None if followed is None else earlier_of(followed)
        found, refused = None, ""
        try:
            found = engine.generated.answer(before, event, digest, party) if engine.generated.applies else None
        except Unfit as problem:
            refused = str(problem)
        expected, unfit = None, ""
        try:
            expected = engine.evaluate(before, event, events_before.copy, party=party, earlier=earlier)
        except Unfit as problem:
            unfit = str(problem)
        if expected is None:
            assert found is None, f"{event.id} does not fit, and was answered"
            assert refused in ("", unfit)
            continue
        assert not refused, f"{event.id} fits, and was refused: {refused}"
        kind = type(event).__name__
        seen[kind if found is not None else f"{kind} by the rooms"] += 1
        if found is not None:
            evidence, after = found
            assert canonical(evidence).decode() == canonical(engine.evidence(expected, digest)).decode()
            assert after == expected.after
            assert after.digest() == expected.after.digest()
        assert party is None or party_of(engine.policy.people, expected.after.party)
        deals[event.deal] = expected.after
        parties.keep(expected.after, engine.policy)
        events_before.append(event)
    return seen
