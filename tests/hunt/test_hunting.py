"""The hunter itself, for a second each: a planted fault is found and made small, and without one nothing is."""

from random import Random
from typing import Any

import msgspec
import pytest
from tests.hunt.faults import EVERY, FAULTS, FIFTH, FOURTH, MORE, ROOT, SIXTH, THIRD, Fault
from tests.hunt.hunting import HUNTS
from tests.hunt.made import LOWEST, Made
from tests.hunt.moves import hunt_moves
from tests.hunt.playing import engine_of
from tests.hunt.proofs import milder
from tests.hunt.shrinking import smallest
from tests.hunt.tally import Tally

from walkaway.deal.position import Move, Position
from walkaway.decide import engine
from walkaway.events import AnyEvent
from walkaway.policy import Policy

pytestmark = pytest.mark.slow

QUICK = [name for name in HUNTS if name not in ("proofs", "differences")]


@pytest.mark.parametrize("name", QUICK)
def test_a_round_of_each_hunt_that_asks_no_solver_finds_nothing(name: str) -> None:
    """A few policies with a few deals each; the hunt by itself takes minutes."""
    tally = Tally()
    found = [f for number in range(12) for f in HUNTS[name](Random(number), tally, 3)]  # type: ignore[call-arg]
    assert not found
    assert tally.counts["deals"]


def test_moves_that_buy_something_are_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an engine that takes for cleared whatever we said, a crooked deal is found, of which little is left."""
    right = engine.fold

    def fold(policy: Policy, position: Position, event: AnyEvent, move: Move | None, **answer: Any) -> Position:
        return right(policy, position, event, move, **{**answer, "proceeds": True})

    monkeypatch.setattr(engine, "fold", fold)
    found = next(f for number in range(60) for f in hunt_moves(Random(number), Tally(), 60))
    assert found.what.startswith("closed on")
    assert len(smallest(found, 300).made.events) <= 5


OF_ABOVE = """
policy: above
version: 1
side: seller
currency: USD
issues: {price: {type: money, start: 100 USD, worth: 0 USD per 1 USD}}
rules: {flat: {why: w, on: our acceptance, when: theirs.flat >= 2, then: refuse}}
"""
OF_BELOW = """
policy: below
version: 1
extends: upper.yaml
issues: {extra: {type: yes/no, start: no, worth: 5 USD}}
"""


@pytest.mark.xfail(
    raises=AssertionError, strict=True, reason="an acceptance names every issue, also one that a layer below adds"
)
def test_an_issue_below_that_nobody_names_changes_no_count_above() -> None:
    """They offer, offer again, and take our word: three words in a row without a concession, to any layer."""
    said = [("open", None, None), ("offer", "us", "100 USD"), ("offer", "them", "90 USD"), ("offer", "them", "95 USD")]
    lines = [
        {
            "id": f"e{n}",
            "deal": "D",
            "at": f"2026-10-0{n + 1}T00:00:00Z",
            "type": what,
            "by": by,
            "terms": {"price": of},
        }
        for n, (what, by, of) in enumerate([*said, ("accept", "them", None), ("accept", "us", None)])
    ]
    events = [{k: v for k, v in line.items() if v is not None and v != {"price": None}} for line in lines]
    texts = {"upper.yaml": OF_ABOVE.encode(), LOWEST: OF_BELOW.encode()}
    made = Made(roots={}, texts=texts, events=tuple(msgspec.json.encode(event) for event in events))
    below, above = made.policy(), made.policy("upper.yaml")
    assert below is not None
    assert above is not None
    assert milder([engine_of(below), engine_of(above)], made.told(above)) is None


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.name)
def test_every_fault_that_is_planted_has_its_place(fault: Fault) -> None:
    """The text that is written otherwise stands in its file once; six times thirty are planted."""
    assert (ROOT / "engine" / "walkaway" / fault.file).read_text(encoding="utf-8").count(fault.was) == 1
    lists = FAULTS, MORE, THIRD, FOURTH, FIFTH, SIXTH, EVERY
    assert [len({one.name for one in each}) for each in lists] == [*6 * [30], 180]
