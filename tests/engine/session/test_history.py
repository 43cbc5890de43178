"""The course of a deal, in numbers that add up."""

import json
from pathlib import Path

import pytest

from walkaway import Engine, load
from walkaway.deal.decode import Decoder
from walkaway.session.history import Course, course

RULES = Path(__file__).parents[3] / "rules"


def followed(name: str, file: str = "deal.jsonl") -> Course:
    """Follow a deal that ships with a policy."""
    engine = Engine(load(RULES / name).unwrap())
    decoder = Decoder(engine.policy)
    lines = (RULES / name / file).read_bytes().splitlines()
    return course(engine, [decoder.decode(line).unwrap() for line in lines if line.strip()])


@pytest.mark.parametrize("name", ["saas-discounting", "used-car"])
def test_the_balance_is_what_came_less_what_went(name):
    """After each move it is the balance before, plus get, less give; worths follow the same steps."""
    found = followed(name)
    balance, stood = 0, {"us": None, "them": None}
    for turn in found.turns:
        if not turn.by:
            continue
        worth = turn.ours if turn.by == "us" else turn.theirs
        if turn.give is not None:
            balance += turn.get - turn.give
            assert turn.change == turn.get - turn.give
            if stood[turn.by] is not None:
                assert worth == stood[turn.by] + turn.change
        assert turn.balance == balance
        stood[turn.by] = worth


def test_the_shipped_deal_reads_as_its_file_says():
    """Moves by hand: 1% is 1,000 USD, a year longer 1,500, payment up front 2,000, a reference 3,000."""
    turns = followed("saas-discounting").turns
    assert [(t.by, t.give, t.get, t.balance, t.label) for t in turns[1:5]] == [
        ("them", None, None, 0, ""),
        ("us", 500_000, 0, -500_000, ""),
        ("them", 0, 500_000, 0, "concession"),
        ("us", 500_000, 500_000, 0, "silent?"),
    ]
    assert turns[4].terms == {"discount": "10%", "term": "36 months", "prepay": "yes"}
    assert (turns[0].what, turns[-1].what) == ("opened", "offer")


def test_limits_are_the_packages_or_else_those_of_the_issues():
    """80% of 100,000 USD; 8% off; no discount and 36 months."""
    found = followed("saas-discounting")
    assert found.limits == {"wish": 10_300_000, "want": 9_200_000, "walk": 8_000_000}


def test_a_deal_without_worths_still_has_a_course():
    """What happened is told, without numbers."""
    engine = Engine(load(RULES / "saas-discounting").unwrap())
    decoder = Decoder(engine.policy)
    events = [
        {"id": "a", "at": "2026-10-05T09:00:00Z", "type": "open", "facts": {}},
        {"id": "b", "at": "2026-10-05T10:00:00Z", "type": "offer", "by": "them", "terms": {"discount": "5%"}},
        {"id": "c", "at": "2026-10-05T11:00:00Z", "type": "tick"},
    ]
    found = course(engine, [decoder.decode(json.dumps(e | {"deal": "d"}).encode()).unwrap() for e in events])
    assert [(t.what, t.give, t.ours, t.theirs, t.label) for t in found.turns] == [
        ("opened", None, None, None, ""),
        ("offer", None, None, None, ""),
        ("time passes", None, None, None, ""),
    ]
    assert found.limits == {}
