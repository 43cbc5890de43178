"""Words to write deals with, and the policies they are dealt under."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.reference.more import evaluate
from tests.reference.reading import load
from tests.reference.rules import Answer

SAAS = Path(__file__).parents[2] / "rules" / "saas-discounting"
OUR_TERMS = ("nothing-for-nothing", "cumulative-cap", "near-the-floor", "who-decides", "thin-pipeline")
NET = ("wait-for-their-move", "they-never-give", "cumulative-cap")

PAID = {"term": "36 months", "prepay": "yes"}
BARE = {"term": "12 months", "prepay": "no"}
WE_ACCEPT = {"type": "accept", "by": "us"}
THEY_ACCEPT = {"type": "accept", "by": "them"}
THEY_REJECT = {"type": "reject", "by": "them"}
WON = {"type": "close", "outcome": "won"}
TICK = {"type": "tick"}


def saas() -> dict:
    """Return `rules/saas-discounting` as section 2 changes it, whether it has been changed already or not."""
    policy = load(SAAS)
    rules = {name: dict(rule) for name, rule in policy["rules"].items()}
    for name in OUR_TERMS:
        rules[name]["on"] = "our terms"
    for name in ("wait-for-their-move", "they-never-give"):
        rules[name]["on"] = ["our offer", "our acceptance"]
    for name in NET:
        leaves = rules[name]["when"]["all"]
        rules[name]["when"] = {"all": [leaf.replace("give.value > 0", "give.net > 0") for leaf in leaves]}
    rules["below-want"] |= {"on": "our terms", "when": "room.short_of_want >= 1 and give.value > 0 USD"}
    return {**policy, "rules": rules}


def opening(**more: object) -> dict:
    """Return the opening of section 8, or one with other facts."""
    facts = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
    return {"type": "open", "facts": {**facts, **more}}


def events(*said: dict, every: timedelta = timedelta(days=1)) -> list[dict]:
    """Return events with ids and instants, a day apart, every one of ours by ana unless it names an actor."""
    begin = datetime(2026, 10, 5, 9, tzinfo=UTC)
    found = []
    for n, event in enumerate(said):
        actor = {"actor": "ana"} if event.get("by") == "us" else {}
        found.append({"id": f"e{n}", "deal": "D", "at": (begin + every * n).isoformat(), **actor, **event})
    return found


def dealt(*said: dict, layers: list[dict] | None = None, every: timedelta = timedelta(days=1)) -> list[Answer]:
    """Return the answers to what was said; the first of it is the opening, where it is one."""
    begin = () if said[0]["type"] == "open" else (opening(),)
    return evaluate(layers or [saas()], events(*begin, *said, every=every))


def verdicts(*said: dict, layers: list[dict] | None = None) -> list[str]:
    """Return the verdicts on what was said after the opening; a dead letter is `dead`."""
    found = dealt(*said, layers=layers)
    return ["dead" if d.dead else d.verdict for d in found][1:]


def we(discount: str | None = None, **terms: str) -> dict:
    return {"type": "offer", "by": "us", "terms": {**({"discount": discount} if discount else {}), **terms}}


def they(discount: str | None = None, **terms: str) -> dict:
    return {**we(discount, **terms), "by": "them"}


def as_(actor: str | None, event: dict) -> dict:
    return {**event, "actor": actor}


def approves(who: str, role: str = "director", **terms: str) -> dict:
    return {"type": "approve", "approver": who, "role": role, "terms": terms}


def states(**facts: str) -> dict:
    return {"type": "update", "facts": facts}


def haggle(**more: object) -> dict:
    """Return a small policy over one price that we buy at, from our own opening on."""
    return {
        "policy": "haggle", "side": "buyer", "currency": "USD",
        "deal": {"opening": "money"},
        "issues": {"price": {"type": "money", "start": "deal.opening", "worth": "-1 USD per 1 USD", "walk": "6500"}},
        "package": {"base": "-1 * deal.opening"},
        "roles": ["owner"],
        "rules": {
            "they-move-first": {"on": "our terms", "when": "give.value > get.value", "then": "trade"},
        },
        **more,
    }  # fmt: skip
