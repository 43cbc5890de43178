"""The course of a deal, in numbers that add up."""

import json
from pathlib import Path

from walkaway import Engine, load
from walkaway.deal.decode import Decoder
from walkaway.session.history import History, history_of

RULES = Path(__file__).parents[3] / "rules"


def followed(name: str, file: str = "deal.jsonl") -> History:
    """Follow a deal that ships with a policy."""
    engine = Engine(load(RULES / name).unwrap())
    decoder = Decoder(engine.policy)
    lines = (RULES / name / file).read_bytes().splitlines()
    return history_of(engine, [decoder.decode(line).unwrap() for line in lines if line.strip()])


def test_the_balance_is_their_last_word_over_their_first_and_what_was_cleared_over_the_start():
    """We open at 5,900 and they at 7,500; what of ours was not let through moves nothing, though they heard it."""
    opening, asked = -590_000, -750_000
    cleared, word = opening, asked
    for turn in followed("used-car").turns:
        if not turn.by:
            continue
        if turn.by == "them":
            word = turn.theirs
        elif turn.verdict == "proceed":
            cleared = turn.ours
        assert turn.balance == (word - asked) + (cleared - opening)


def test_the_shipped_deal_reads_as_its_file_says():
    """Moves by hand: 1% is 1,000 USD, a year longer 1,500, payment up front 2,000, a reference 3,000."""
    turns = followed("saas-discounting").turns
    assert [(t.by, t.give, t.get, t.balance, t.label) for t in turns[1:5]] == [
        ("them", None, None, 0, ""),
        ("us", 500_000, 0, 0, ""),
        ("them", 0, 500_000, 500_000, "concession"),
        ("us", 800_000, 500_000, 200_000, "selfish?"),
    ]
    assert turns[4].terms == {"discount": "8%", "term": "36 months", "prepay": "yes"}
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
    found = history_of(engine, [decoder.decode(json.dumps(e | {"deal": "d"}).encode()).unwrap() for e in events])
    assert [(t.what, t.give, t.ours, t.theirs, t.label) for t in found.turns] == [
        ("opened", None, None, None, ""),
        ("offer", None, None, None, ""),
        ("time passes", None, None, None, ""),
    ]
    assert found.limits == {}
