"""A deal's events as bytes."""

from random import Random

import pytest
from tests.helpers.generated import decoded, generate

from walkaway.events import Offer, Party, Tick
from walkaway.session.kept import KeptEvents


def test_an_event_that_is_kept_comes_back_as_it_was() -> None:
    """Whatever generated deals hold, of every type, comes back equal, terms in their order, and events in theirs."""
    types = set()
    for seed in range(12):
        case = generate(Random(seed), 25)
        policy = case.read()
        if policy is None:
            continue
        events = decoded(policy, case.lines())
        for deal in {e.deal for e in events}:
            said = [e for e in events if e.deal == deal]
            kept = KeptEvents.of(deal, said)
            assert [*kept.values()] == said
            assert [list(getattr(e, "terms", None) or ()) for e in kept.values()] == [
                list(getattr(e, "terms", None) or ()) for e in said
            ]
            assert next(reversed(kept)) == said[-1].id
            types |= {type(e) for e in said}
    assert len(types) >= 8


def test_no_integer_is_too_large_to_be_kept() -> None:
    """A value beyond 64 bits, which no line can bring but a program can, is kept as it is."""
    large = Offer(id="a", deal="d", at="x", instant=1, by=Party.THEM, terms={"price": 10**30, "color": "red"})
    kept = KeptEvents.of("d", (large,))
    assert kept["a"] == large
    assert "b" not in kept
    with pytest.raises(KeyError):
        kept["b"]


def test_an_event_is_kept_behind_the_others_or_in_its_place() -> None:
    """A new event comes last; one of an id that is there already takes its place."""
    one, two = (Tick(id=name, deal="d", at="x", instant=1) for name in ("1", "2"))
    kept = KeptEvents.of("d", (one, two))
    kept.add(Tick(id="1", deal="d", at="y", instant=2))
    assert [*kept] == ["1", "2"]
    assert kept["1"].at == "y"
    assert len(kept) == 2
