"""The hunter itself, for a second each: a planted fault is found and made small, and without one nothing is."""

from random import Random
from typing import Any

import msgspec
import pytest
from tests.hunt.faults import EVERY, FAULTS, FIFTH, FOURTH, MORE, ROOT, SEVENTH, SIXTH, THIRD, Fault
from tests.hunt.hunting import HUNTS
from tests.hunt.made import LOWEST, Made
from tests.hunt.moves import hunt_moves
from tests.hunt.playing import engine_of, follow
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


ABOVE = """
policy: above
version: 1
side: seller
currency: USD
issues: {price: {type: money, start: 100 USD, worth: 0 USD per 1 USD}}
rules: {tried: {why: w, on: [our acceptance, our offer], when: CONDITION, then: refuse}}
"""
EXTRA = """
policy: below
version: 1
extends: upper.yaml
issues: {extra: {type: yes/no, start: no, worth: 5 USD}}
"""
SIZED = """
policy: below
version: 1
extends: upper.yaml
deal: {size: money}
issues: {extra: {type: yes/no, start: no, worth: 5% of deal.size}}
"""


def answers(condition: str, below: str, said: list[tuple[str, str | None, str | None]]) -> list[tuple[str, str]]:
    """Return of each event that both can read the answer of the layer above alone, and that with the layer below."""
    lines: list[dict[str, Any]] = []
    for n, (what, by, of) in enumerate(said):
        line = {"id": f"e{n}", "deal": "D", "at": f"2026-10-0{n + 1}T00:00:00Z", "type": what}
        lines.append(line | ({"by": by} if by else {}) | ({"terms": {"price": of}} if of else {}))
    texts = {"upper.yaml": ABOVE.replace("CONDITION", condition).encode(), LOWEST: below.encode()}
    made = Made(roots={}, texts=texts, events=tuple(map(msgspec.json.encode, lines)))
    lower, upper = made.policy(), made.policy("upper.yaml")
    assert lower is not None
    assert upper is not None
    engines, events = [engine_of(upper), engine_of(lower)], made.told(upper)
    assert milder(engines[::-1], events) is None
    above, with_below = ({s.event.id: str(s.found.ruling.verdict) for s in follow(e, events)} for e in engines)
    return [(above[name], with_below[name]) for name in above]


@pytest.mark.parametrize("condition", ["theirs.flat >= 2", "theirs.settled == 1"])
def test_an_issue_of_a_layer_below_changes_no_count_above(condition: str) -> None:
    """They offer twice and take our word: three words in a row without a concession, one issue settled, to any layer.

    To the layer that adds an issue their taking our word names it for the first time, and settles it.
    """
    said = [
        ("open", None, None), ("offer", "us", "100 USD"), ("offer", "them", "90 USD"), ("offer", "them", "95 USD"),
        ("accept", "them", None), ("accept", "us", None),
    ]  # fmt: skip
    found = answers(condition, EXTRA, said)
    assert found[-1] == ("refuse", "refuse")
    assert all(one == other for one, other in found)


def test_a_fact_that_a_layer_below_lacks_leaves_the_layer_above_as_it_is() -> None:
    """What an added issue is worth rests on a fact that the deal does not state: above, where it is worth nothing, that
    changes no answer; below, nothing has a worth, and what would go on is held."""
    said = [("open", None, None), ("offer", "us", "100 USD"), ("offer", "us", "101 USD")]
    found = answers("offer.price >= 101 USD", SIZED, said)
    assert found == [("proceed", "proceed"), ("proceed", "hold"), ("refuse", "refuse")]


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.name)
def test_every_fault_that_is_planted_has_its_place(fault: Fault) -> None:
    """The text that is written otherwise stands in its file once; seven times thirty are planted."""
    assert (ROOT / "engine" / "walkaway" / fault.file).read_text(encoding="utf-8").count(fault.was) == 1
    lists = FAULTS, MORE, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH, EVERY
    assert [len({one.name for one in each}) for each in lists] == [*7 * [30], 210]
