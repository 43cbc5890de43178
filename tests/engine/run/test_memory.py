"""Deciding without a store: deals laid aside come back, and answer as if they had never left."""

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from fractions import Fraction

import pytest
from tests.helpers.live import events
from tests.helpers.logs import NOVEMBER, POLICY, TIGHTER, Event, deal, lines_of, make_policy

from walkaway import Core, DeadLetter
from walkaway.deal.position import packed
from walkaway.run.keeper import DecidedEvent
from walkaway.run.memory import Memory
from walkaway.run.overflow import OverflowFile

NEWER = POLICY.replace("version: 3", "version: 4").replace("discount > 15%", "discount > 1%")


@pytest.fixture
def overflow() -> Iterator[OverflowFile]:
    with closing(OverflowFile()) as found:
        yield found


def memory(overflow: OverflowFile, most: int = 20_000, most_events: int = 200_000) -> Memory:
    return Memory(make_policy(), Core.PLAIN, print, overflow, most, most_events)


def take(keeper: Memory, found: Sequence[Event]) -> list[DecidedEvent]:
    """Decide events that all fit."""
    answers = []
    for answer in keeper.take(lines_of(found), lambda _: None):
        assert not isinstance(answer, DeadLetter), answer.findings
        answers.append(answer)
    return answers


@pytest.mark.parametrize(("most", "most_events"), [(1, 10**6), (4, 10**6), (100, 30)])
def test_deals_laid_aside_are_decided_as_if_they_had_stayed(
    overflow: OverflowFile, most: int, most_events: int
) -> None:
    """However few deals, or events of them, memory may hold: every answer is the same, byte by byte."""
    found = events(9)
    with closing(OverflowFile()) as other:
        expected = take(memory(other), found)
        assert other.size == 0
    keeper = memory(overflow, most, most_events)
    assert take(keeper, found) == expected
    assert overflow.size > 0
    deals = keeper.deals
    assert sorted(deals) == sorted({e["deal"] for e in found})
    assert len(deals) == 9


def test_an_event_of_a_deal_laid_aside_comes_again(overflow: OverflowFile) -> None:
    """Redelivered after its deal was laid aside, an event gets its answer; with other content it is a dead letter."""
    found = events(5)
    keeper = memory(overflow, most=1)
    first = take(keeper, found)
    chance = random.Random(3)
    for number in chance.sample(range(len(found)), 20):
        (again,) = take(keeper, [found[number]])
        assert again.repeated
        assert again.answer == first[number].answer
        (answer,) = keeper.take(lines_of([{**found[number], "actor": "somebody else"}]), lambda _: None)
        assert isinstance(answer, DeadLetter)
        assert answer.findings[0].code == "WA604"


def test_deals_stay_under_the_policy_they_opened_under(overflow: OverflowFile) -> None:
    """A newer policy decides deals that open under it; an update moves a deal to it, from its opening on."""
    keeper = memory(overflow, most=1)
    old, new, moved = (events(1) for _ in range(3))
    for name, found in (("old", old), ("new", new), ("moved", moved)):
        for event in found:
            event["deal"] = name
    take(keeper, [*old[:2], *moved[:7]])
    keeper.use_versions(make_policy(NEWER))
    answers = take(keeper, [*new[:3], old[2], {**moved[7], "policy": "licences"}, *moved[8:]])
    versions = [b'"version":4' in a.answer for a in answers]
    assert versions == [True] * 3 + [False] + [True] * 4
    assert [a.verdict for a in answers[:4]] == ["proceed", "trade", "escalate", "trade"]
    keeper.use_versions(make_policy())
    assert b'"version":3' in take(keeper, [{**new[0], "deal": "third"}])[0].answer


def test_idle_deals_are_found_wherever_they_are(overflow: OverflowFile) -> None:
    """Open deals without a recent event are named, laid aside or not; closed ones never."""
    keeper = memory(overflow, most=2)
    found = events(6)
    take(keeper, [e for e in found if e["deal"] not in ("D-3", "D-4") or e["type"] != "close"])
    late = keeper.last("D-3")
    assert late is not None
    assert sorted(keeper.idle(late + 1, 10)) == ["D-3", "D-4"]
    assert keeper.idle(late, 10) == []
    assert keeper.last("D-0") is None
    assert keeper.last("unknown") is None


def test_a_deal_moves_to_a_version_that_came_into_force_after_it_opened(overflow: OverflowFile) -> None:
    """It has the limits of the day on which it moves; what comes again is answered as before, or not at all."""
    keeper, found = memory(overflow), deal()
    take(keeper, found[:7])
    keeper.use_versions(make_policy(NOVEMBER, TIGHTER))
    move = {**found[7], "policy": "licences", "at": "2026-11-01T00:00:00Z"}
    offer = {**found[6], "id": "o", "at": "2026-11-02T09:00:00Z", "terms": {"discount": "26%"}}
    moved, refused = take(keeper, [move, offer])
    assert b'"version":4' in moved.answer
    assert (refused.verdict, b'"discount":"-1%"' in refused.answer) == ("refuse", True)
    keeper.stream.recent.clear()
    (again,) = take(keeper, [offer])
    assert again.answer == refused.answer
    (forgotten,) = keeper.take(lines_of([found[0]]), lambda _: None)
    assert isinstance(forgotten, DeadLetter)
    assert "was answered before its deal was moved" in forgotten.findings[0].message


@pytest.mark.parametrize(("price", "is_wide"), [("33,333.33 USD", False), ("89,999,999,999,999.97 USD", True)])
def test_whatever_a_deal_is_worth_it_can_be_laid_aside(overflow: OverflowFile, price: str, is_wide: bool) -> None:
    """A limit between two cents is one, and so are worths of more than 64 bits: each comes back as it was."""
    base = "base: deal.list_price"
    policy = make_policy(POLICY.replace(f"{{{base}}}", f"{{{base}, walk: 66.6666% of deal.list_price}}"))
    found = events(2)
    found[0] = {**found[0], "facts": {**found[0]["facts"], "list_price": price}}
    keeper = Memory(policy, Core.PLAIN, print, overflow, most=1)
    take(keeper, [found[0], *[e for e in found[1:] if e["deal"] == found[0]["deal"] and e["type"] == "offer"]])
    (before,) = keeper.deals.near.values()
    take(keeper, [next(e for e in found if e["deal"] != found[0]["deal"])])
    assert before.position.deal not in keeper.deals.near
    after = keeper.deals[before.position.deal]
    assert (after.position, after.position.digest()) == (before.position, before.digest)
    assert packed(before.position).startswith(b"\xc1") is is_wide
    assert is_wide or isinstance(before.position.known["walk.package"], Fraction)
