"""The reference evaluator gives the answers worked in section 8 of the calculus, and those issue 12 asks for."""

from pathlib import Path

import pytest
from tests.reference.calculus import evaluate
from tests.reference.policy import load

SAAS = Path(__file__).parents[2] / "rules" / "saas-discounting"
ASKS = {"discount": "0%", "term": "36 months", "prepay": "yes"}


def saas() -> dict:
    """Return `rules/saas-discounting` as section 2 changes it, whether it has been changed already or not."""
    policy = load(SAAS)
    rules = {name: dict(rule) for name, rule in policy["rules"].items()}
    for name in ("nothing-for-nothing", "cumulative-cap", "near-the-floor", "who-decides", "thin-pipeline"):
        rules[name]["on"] = "our terms"
    for name in ("wait-for-their-move", "they-never-give"):
        rules[name]["on"] = ["our offer", "our acceptance"]
    for name in ("wait-for-their-move", "they-never-give", "cumulative-cap"):
        rules[name]["when"] = {"all": [leaf.replace("give.value > 0", "give.net > 0") for leaf in rules[name]["when"]["all"]]}
    rules["below-want"] |= {"on": "our terms", "when": "room.short_of_want >= 1 and give.value > 0 USD"}
    return {**policy, "rules": rules}


def opening(**more: object) -> dict:
    facts = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes", **more}
    return {"type": "open", "facts": facts}


def events(*said: dict, every: int = 86_400) -> list[dict]:
    """Return events with ids and instants, a day apart, every event of ours by ana unless it names an actor."""
    from datetime import UTC, datetime, timedelta

    begin = datetime(2026, 10, 5, 9, tzinfo=UTC)
    found = []
    for n, event in enumerate(said):
        actor = {"actor": "ana"} if event.get("by") == "us" else {}
        at = (begin + timedelta(seconds=every * n)).isoformat()
        found.append({"id": f"e{n}", "deal": "D", "at": at, **actor, **event})
    return found


def we(discount: str | None = None, **terms: str) -> dict:
    return {"type": "offer", "by": "us", "terms": {**({"discount": discount} if discount else {}), **terms}}


def they(discount: str | None = None, **terms: str) -> dict:
    return {**we(discount, **terms), "by": "them"}


def as_(actor: str, event: dict) -> dict:
    return {**event, "actor": actor}


def approves(who: str, role: str = "director", **terms: str) -> dict:
    return {"type": "approve", "approver": who, "role": role, "terms": terms}


WE_ACCEPT = {"type": "accept", "by": "us"}
THEY_ACCEPT = {"type": "accept", "by": "them"}
WON = {"type": "close", "outcome": "won"}
PAID = {"term": "36 months", "prepay": "yes"}
BARE = {"term": "12 months", "prepay": "no"}

WORKED = {
    "a refused offer stays refused, whoever says it again": (
        [they("30%"), we("19%"), we("19%"), THEY_ACCEPT, WON],
        ["trade", "refuse", "refuse", "refuse", "refuse"],
    ),
    "what was paid for is not taken unpaid": (
        [we("5%", **PAID), they("5%", **BARE), WE_ACCEPT],
        ["proceed", "trade", "trade"],
    ),
    "a step is measured from what was cleared": (
        [they("30%"), we("7%"), we("5%", **PAID), THEY_ACCEPT, WON],
        ["trade", "trade", "proceed", "proceed", "proceed"],
    ),
    "silence is no prepayment": (
        [we("2%", prepay="yes"), they("2%"), WE_ACCEPT],
        ["proceed", "trade", "trade"],
    ),
    "our word stands when they go back": (
        [they("20%"), they("15%"), we("5%"), they("20%"), we("5%"), we("8%")],
        ["trade", "trade", "proceed", "trade", "proceed", "hold"],
    ),
    "who said it does not approve it": (
        [
            they("40%"), they("20%"), we("18%", **PAID), as_("bob", we("18%", **PAID)),
            approves("ana", discount="18%", **PAID), as_("bob", we("18%", **PAID)),
            approves("dana", discount="18%", **PAID), as_("bob", we("18%", **PAID)),
        ],
        ["trade", "trade", "escalate", "escalate", "proceed", "escalate", "proceed", "proceed"],
    ),
    "what they conceded and we ask for is one thing": (
        [they("30%", prepay="no"), they("30%", prepay="yes"), we("4%", prepay="yes")],
        ["trade", "trade", "trade"],
    ),
    "we offer no less than they do": (
        [they("30%"), they("5%"), we("7%", term="13 months")],
        ["trade", "proceed", "hold"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", WORKED)
def test_the_worked_table_comes_out(row):
    """Each row of section 8 is answered as it says."""
    said, expected = WORKED[row]
    found = evaluate([saas()], events(opening(), *said))
    assert [d.verdict for d in found[1:]] == expected, [(d.verdict, d.rules, d.dead) for d in found[1:]]
