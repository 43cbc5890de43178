"""The reference evaluator gives the answers worked in section 8 of the calculus, and those issue 12 asks for."""

import re
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from tests.reference.dealing import (
    BARE,
    PAID,
    THEY_ACCEPT,
    THEY_REJECT,
    TICK,
    WE_ACCEPT,
    WON,
    approves,
    as_,
    dealt,
    events,
    haggle,
    opening,
    saas,
    states,
    they,
    verdicts,
    we,
)

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
    assert verdicts(*said) == expected


def test_the_worked_table_comes_out_for_the_reasons_given():
    """The refused 19% gives 19,000 for the 11,000 they came down by, and the cap refuses it."""
    accepted = dealt(*WORKED["a refused offer stays refused, whoever says it again"][0])[4]
    assert (accepted.facts["give.value"], accepted.facts["theirs.net"]) == (19_000, 11_000)
    assert accepted.rules == ["below-want", "cumulative-cap", "near-the-floor", "nothing-for-nothing"]
    paid = dealt(*WORKED["what they conceded and we ask for is one thing"][0])[3]
    assert (paid.facts["theirs.net"], paid.facts["both"], paid.facts["get.value"]) == (2_000, 2_000, 2_000)
    assert "less-than-they-offer" in dealt(*WORKED["we offer no less than they do"][0])[3].rules
    assert "nothing-for-nothing" in dealt(*WORKED["our word stands when they go back"][0])[6].rules


def test_what_they_conceded_is_not_paid_for_a_second_time_by_another_road():
    """4% for a prepayment they conceded is `trade`, also after 2% was taken for it and the prepayment left out."""
    conceded = (they("30%", prepay="no"), they("30%", prepay="yes"))
    twice, once = we("4%", prepay="yes"), we("2%", prepay="no")
    assert verdicts(*conceded, twice, once, THEY_REJECT, twice)[2:] == ["trade", "proceed", "proceed", "trade"]
    assert verdicts(*conceded, once, THEY_REJECT, we("2%", prepay="yes"), twice)[2:] == [
        "proceed",
        "proceed",
        "proceed",
        "hold",
    ]


# --- Seen on the first build, issue 12 ------------------------------------------------------------------------------


def test_small_steps_are_one_step():
    """At a list price of 100 USD, 300 steps of 0.0049% are answered as the 1.47% they come to, each for nothing."""
    steps = [we(f"{49 * n / 10_000:.4f}%") for n in (1, 2, 150, 299, 300)]
    found = dealt(opening(list_price="100 USD"), *steps)
    assert {d.verdict for d in found[1:]} == {"trade"}
    assert found[-1].facts["give.value"] == Fraction("1.47")
    assert set(verdicts(opening(list_price="0.40 USD"), *[we(f"{n * 1.2:.1f}%") for n in range(1, 17)])) <= {
        "trade",
        "escalate",
        "refuse",
    }


def test_a_gift_accepted_is_the_gift_offered():
    """Gold support and 8% for nothing, accepted ten seconds after their first word, are `trade` like the same offer."""
    gift = they("8%", support="gold")
    assert [d.verdict for d in dealt(opening(), gift, WE_ACCEPT, every=timedelta(seconds=10))[1:]] == ["trade", "trade"]
    assert verdicts(gift, {**gift, "by": "us"}) == ["trade", "trade"]
    assert verdicts(we("8%", support="gold")) == ["trade"]


def test_what_may_not_be_accepted_is_not_called_acceptable():
    """An offer of theirs at our want is `trade` where a cap refuses to accept it."""
    cap = {"cap": {"on": "our terms", "when": "give.net > 5% of deal.list_price", "then": "refuse"}}
    policy = {**saas(), "rules": cap}
    found = dealt(they("8%"), WE_ACCEPT, layers=[policy])
    assert [d.verdict for d in found[1:]] == ["trade", "refuse"]
    assert found[1].accepting.rules == ["cap"]


def test_an_opening_position_is_a_first_offer():
    """Terms of an opening are given, judged and counted like the same offer at that instant."""
    opened = {**opening(), "terms": {"discount": "20%"}, "actor": "ana"}
    one, *_ = dealt(opened)
    _, other = dealt(opening(), {**we("20%"), "at": events(opened)[0]["at"]})
    assert (one.verdict, one.rules) == (other.verdict, other.rules) == ("refuse", other.rules)
    assert one.deal.worth.start["discount"] == 0
    assert one.deal.cleared == one.deal.worth.start
    assert one.deal.counts("us") == other.deal.counts("us")


def test_what_is_picked_out_of_a_package_is_an_offer():
    """Taking their discount alone is our offer of it; so is their picking 17% out of a paid package."""
    took = {**WE_ACCEPT, "issues": ["discount"]}
    found, offered = dealt(they("5%", **PAID), took)[2], dealt(they("5%", **PAID), we("5%"))[2]
    assert (found.verdict, found.rules) == (offered.verdict, offered.rules)
    assert {"nothing-for-nothing", "less-than-they-offer"} <= set(found.rules)
    long = we("17%", term="148 months")
    found = dealt(long, {**THEY_ACCEPT, "issues": ["discount"]}, WE_ACCEPT)
    assert found[2].verdict == "trade"
    assert found[3].verdict in ("escalate", "refuse")


@pytest.mark.parametrize("price", ["12,345.68 USD", "12,345.30 USD", "0.01 USD", "4.50 USD", "99,999.99 USD"])
def test_a_limit_holds_at_its_number_at_every_price(price):
    """At the floor of 20% and at the cap of 15% nothing is refused; one smallest unit past either it is."""
    asked = [they("40%"), they("0%")]
    paid = {"term": "240 months", "prepay": "yes", "reference": "yes"}

    def rules(discount: str, **terms: str) -> list[str]:
        return dealt(opening(list_price=price), *asked, we(discount, **terms))[-1].rules

    assert "beyond-walk" not in rules("20%", **paid)
    assert "beyond-walk" in rules("20.0001%", **paid)
    assert "beyond-walk" not in rules("20%")
    assert "cumulative-cap" not in rules("15%")
    assert "cumulative-cap" in rules("15.0001%")


def test_their_answer_at_our_word_is_an_acceptance():
    """They answer 6,400 to our 6,400: agreed. An offer of ours below what they bid already is held."""
    opened = {"type": "open", "facts": {"opening": "6,400 USD"}, "terms": {"price": "6,400 USD"}, "actor": "ana"}

    def price(by: str, amount: str) -> dict:
        return {"type": "offer", "by": by, "terms": {"price": f"{amount} USD"}}

    found = dealt(opened, price("them", "6,400"), WON, layers=[haggle()])
    assert [d.verdict for d in found] == ["proceed", "proceed", "proceed"]
    assert found[1].deal.agreement.terms == {"price": 6_400}
    found = dealt(opened, price("them", "6,300"), price("us", "6,350"), layers=[haggle()])
    assert [d.verdict for d in found] == ["proceed", "proceed", "hold"]
    assert found[2].rules == ["less-than-they-offer"]


def test_a_held_step_is_no_step():
    """After steps of 8, a held one, and 2 the last step is 8; paid swaps are no concessions."""
    free = {**saas(), "rules": {k: v for k, v in saas()["rules"].items() if k != "below-want"}}
    found = dealt(they("40%"), they("25%"), we("8%"), we("9%"), THEY_REJECT, we("10%"), TICK, layers=[free])
    assert [d.verdict for d in found[3:]] == ["proceed", "hold", "proceed", "proceed", "proceed"]
    assert found[6].facts["ours.last_give"] == 8_000
    assert found[7].facts["ours.last_give"] == 2_000
    swaps = dealt(we("2%", prepay="yes"), we("3.5%", term="24 months", prepay="yes"), we("5%", **PAID), TICK)
    assert [d.verdict for d in swaps[1:]] == ["proceed"] * 4
    assert (swaps[4].facts["ours.offers"], swaps[4].facts["ours.concessions"]) == (3, 0)


def test_a_first_mention_is_no_retraction():
    """A demand that comes up in a third message sets its base: nothing is taken back, and nothing is flat."""
    found = dealt(they("30%"), they("20%"), they("20%", support="gold"), TICK)
    assert found[3].facts["move.value"] == found[3].facts["move.retracted"] == 0
    assert found[3].facts["move.new"] == -4_000
    assert (found[4].facts["theirs.retracted"], found[4].facts["theirs.flat"]) == (0, 0)


@pytest.mark.parametrize("name", ["Ana", "ana ", " ANA", "a\u0301na", None])
def test_nobody_approves_themselves_under_another_spelling(name):
    """An approval by the same person, or for nobody known, counts for nothing, for their acceptance neither."""
    her = "\u00e1na" if name == "a\u0301na" else "ana"
    offer, by = we("18%", **PAID), her if name is None else name
    said = as_(None if name is None else her, offer)
    found = verdicts(they("40%"), they("20%"), said, approves(by, discount="18%", **PAID), said, THEY_ACCEPT)
    assert found == ["trade", "trade", "escalate", "proceed", "escalate", "escalate"]


def test_an_approval_covers_the_facts_it_was_given_on():
    """What was approved at a pipeline of five times the quota is not approved at two."""
    low = {
        "low": {
            "on": "our terms",
            "when": "known(deal.pipeline_coverage) and deal.pipeline_coverage < 9 and give.value > 0",
            "then": "escalate",
            "to": "manager",
        }
    }
    said = (
        states(pipeline_coverage="5"),
        approves("dana", discount="5%"),
        we("5%"),
        states(pipeline_coverage="2"),
        we("5%"),
    )
    assert verdicts(*said, layers=[{**saas(), "rules": low}]) == [
        "proceed",
        "proceed",
        "proceed",
        "proceed",
        "escalate",
    ]


def test_a_limit_loosens_only_with_the_highest_role():
    """A wider want, or walk value, waits for the cfo; the approval itself still finds the old one."""
    loosens = {"type": "update", "limits": {"discount": {"want": "12%"}}, "actor": "bob"}
    allows = {"type": "approve", "approver": "carl", "role": "cfo", "of": "e1"}
    own = {**allows, "approver": "Bob"}
    assert verdicts(loosens, they("10%"), own, they("10%"), layers=[saas()])[0] == "escalate"
    found = dealt(loosens, they("10%"), own, allows, TICK)
    assert [d.facts["want.discount"] for d in found[2:]] == [
        Fraction("0.08"),
        Fraction("0.08"),
        Fraction("0.08"),
        Fraction("0.12"),
    ]
    assert verdicts(loosens, layers=[{**saas(), "roles": [], "rules": {}}]) == ["refuse"]


def test_a_layer_below_only_adds():
    """A `trade` from above stays beside a lower `escalate`; goodwill pays for what is allowed."""
    below = {
        "roles": ["rep"],
        "rules": {
            "nothing-for-nothing": {"then": "escalate", "to": "rep"},
            "unprepared": {"then": "escalate", "to": "rep"},
        },
    }
    approved = (approves("carl", "cfo", discount="5%"), we("5%"))
    found = dealt(*approved, layers=[saas(), below])
    assert found[2].verdict == "trade"
    goodwill = {"issues": {"goodwill": {"type": "yes/no", "start": "no", "worth": "1,000,000 USD"}}}
    assert verdicts(we("5%", goodwill="yes"), layers=[saas(), goodwill]) == ["trade"]
    assert verdicts(
        we("5%", goodwill="yes"), layers=[{**saas(), "allows": {"issue_worth": "4,999 USD"}}, goodwill]
    ) == ["trade"]
    assert verdicts(
        we("5%", goodwill="yes"), layers=[{**saas(), "allows": {"issue_worth": "5,000 USD"}}, goodwill]
    ) == ["proceed"]


def test_the_tightest_limit_of_three_layers_holds():
    """Of walk values of 60, 45 and 60 days the 45 days hold, in whichever layer they stand."""

    def layer(days: int) -> dict:
        pay = {"type": "days", "start": "30 days", "worth": "-10 USD per day", "walk": f"{days} days"}
        return {"side": "seller", "currency": "USD", "issues": {"payment": pay}, "rules": {}}

    for days in ((60, 45, 60), (45, 60, 60), (60, 60, 45)):
        layers = [layer(d) for d in days]
        opened = {"type": "open", "facts": {}}
        assert verdicts(opened, we(payment="45 days"), layers=layers) == ["proceed"]
        assert verdicts(opened, we(payment="46 days"), layers=layers) == ["refuse"]


def test_a_closed_door_is_closed_in_all_deals_of_a_party():
    """A new id for a customer who deceived us is held, and every offer refused, until the highest role reopens."""
    lied = {"type": "signal", "by": "them", "kind": "deception"}
    other = {"deal": "E"}
    again = {**opening(), **other, "party": " acme"}
    reopens = {**other, "type": "reopen", "actor": "ana", "reason": "a new owner"}
    allows = {**other, "type": "approve", "approver": "carl", "role": "cfo", "of": "e4"}
    found = verdicts(
        {**opening(), "party": "Acme"}, lied, again, {**we("0%"), **other}, reopens, allows, {**we("0%"), **other}
    )
    assert found == ["walk", "hold", "refuse", "escalate", "proceed", "proceed"]


def test_an_offer_from_far_ahead_kills_no_deal():
    """An offer dated 2062 is held and not the latest event, until the same is confirmed."""
    late = {**they("5%"), "at": "2062-01-01T00:00:00+00:00"}
    found = dealt(they("30%"), late, they("8%"))
    assert [(d.verdict, d.dead) for d in found[1:]] == [("trade", ""), ("hold", ""), ("proceed", "")]
    assert dealt(they("30%"), late, TICK)[3].facts["theirs.offers"] == 1
    assert dealt(they("30%"), {**late, "confirmed": "yes"}, TICK)[3].dead


def test_the_calculus_is_told_in_under_400_lines() -> None:
    """The evaluator is one file to be read; its README says how long each of them is."""
    here = Path(__file__).parent
    lines = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in here.glob("*.py")}
    assert lines["calculus.py"] < 400
    said = dict(
        re.findall(r"^\| `(\w+\.py)` \| .* \| (\d+) \|$", (here / "README.md").read_text("utf-8"), re.MULTILINE)
    )
    others = ("__init__.py", "dealing.py")
    apart = [name for name in lines if not name.startswith("test_") and name not in others]
    assert {name: int(n) for name, n in said.items()} == {name: lines[name] for name in apart}
