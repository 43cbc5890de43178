"""What asking costs: each ask counts once, for the deal and for the round; a permitted word that is said gives back."""

import json
from typing import Any

import pytest

from walkaway.deal.probes import gone_on, probed
from walkaway.events import AgentProbe

OFFER: dict[str, Any] = {"type": "offer", "terms": {"discount": "1%"}}


@pytest.fixture
def asked(told: Any) -> Any:
    """Return a position in which an agent asked twice, once with a permit."""
    position = told.position
    for number, permit in enumerate(("", "p1"), 1):
        probe = AgentProbe(
            id=f"a{number}", deal="D", at="", instant=position.last + 1, asked="1%", cost=number, permit=permit
        )
        position = probed(position, probe)
    return position


def event(told: Any, **said: Any) -> Any:
    """Return an event of the deal, an hour after its opening."""
    text = {"id": "e9", "deal": "D", "at": "2026-10-01T10:00:00Z", "actor": "rep", **said}
    return told.decoder.decode(json.dumps(text).encode()).unwrap()


def test_an_ask_counts_once_for_the_deal_and_for_the_round(asked: Any) -> None:
    """Asks of a cost of one and of two are three, and what a permitted word gives back is all but one."""
    assert (asked.probes, asked.asks, asked.round_asks, asked.unsent) == (2, 3, 3, {"p1": 1})


def test_what_was_told_before_costs_nothing(asked: Any) -> None:
    """It is counted as asked, and as nothing else."""
    again = probed(asked, AgentProbe(id="a3", deal="D", at="", instant=asked.last, asked="1%", cost=0))
    assert (again.probes, again.asks, again.round_asks, again.asked) == (3, 3, 3, asked.asked)


@pytest.mark.parametrize(
    ("said", "asks", "in_round", "unsent"),
    [
        ({**OFFER, "by": "us"}, 3, 3, {"p1": 1}),
        ({**OFFER, "by": "us", "id": "p1"}, 2, 2, {}),
        ({**OFFER, "by": "them", "id": "p1"}, 3, 0, {"p1": 1}),
        ({**OFFER, "by": "them"}, 3, 0, {"p1": 1}),
    ],
    ids=["ours", "the permitted one", "theirs by its name", "theirs"],
)
def test_a_round_ends_with_their_move_and_a_permitted_word_gives_back_once(
    told: Any, asked: Any, said: dict[str, Any], asks: int, in_round: int, unsent: dict[str, int]
) -> None:
    """Whatever else was told is not so any more."""
    after = gone_on(asked, event(told, **said))
    assert (after.asks, after.round_asks, after.unsent, after.asked) == (asks, in_round, unsent, ())


def test_what_was_asked_in_an_earlier_round_is_not_given_back_to_this_one(told: Any, asked: Any) -> None:
    """They moved since: the round has nothing to give back, the deal has."""
    after = gone_on(gone_on(asked, event(told, **OFFER, by="them")), event(told, **OFFER, by="us", id="p1"))
    assert (after.asks, after.round_asks, after.unsent) == (2, 0, {})


def test_while_only_time_passes_nothing_told_is_forgotten(told: Any, asked: Any) -> None:
    """A tick, and another ask, leave what was told."""
    assert gone_on(asked, event(told, type="tick")) == asked
