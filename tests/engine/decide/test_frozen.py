"""Every word of an answer is what it was: on made-up deals, of what happens often and of what happens rarely."""

import json
from typing import Any

import pytest
from tests.helpers.frozen import answered, kept, sentences

PARTS = 4


@pytest.fixture(scope="module")
def told() -> list[dict[str, Any]]:
    """Return policies and deals as they are frozen."""
    return kept()


@pytest.mark.parametrize("part", range(PARTS))
def test_deals_are_answered_word_for_word_as_they_were(told, part):
    """Verdict, reasons, obligations, room and what is known of the party; a dead letter by what is said of it."""
    for deal in [each for each in told if "told" in each][part::PARTS]:
        frozen = deal["told"]
        for (event, found), (_, expected) in zip(answered(deal["policy"], [e for e, _ in frozen]), frozen, strict=True):
            assert found == expected, event
            assert json.dumps(found) == json.dumps(expected), event  # in the same order


def test_rules_are_told_word_for_word_as_they_were(told):
    """Each in its sentence."""
    for policy in [each for each in told if "sentences" in each]:
        assert sentences(policy["policy"]) == policy["sentences"]


def test_much_of_what_can_happen_is_among_it(told):
    """Every verdict, both doors, every sort of obligation and of standing, and every type of event."""
    answers = [answer for deal in told for event, answer in deal.get("told", ()) if isinstance(answer, dict)]
    said = {event["type"] for deal in told for event, _ in deal.get("told", ())}
    assert {answer["verdict"] for answer in answers} == {"proceed", "trade", "hold", "escalate", "refuse", "walk"}
    assert {answer["door"] for answer in answers if "door" in answer} == {"open", "closed"}
    reasons = [reason for answer in answers for reason in answer.get("reasons", ())]
    assert {r["standing"] for r in reasons} == {"decides", "approved", "waived", "advises", "shadow", "concludes"}
    assert {kind for a in answers for kind, _, _ in a.get("obligations", ())} == {"ask", "approval", "wait", "prepare"}
    assert said >= {"open", "offer", "accept", "reject", "withdraw", "signal", "tick", "close", "update", "approve",
                    "revoke", "void", "reopen", "kill", "resume", "probe"}  # fmt: skip
