"""The formulas that proofs rest on, computed for real positions: they say what the engine says, and nothing it denies.

Formulas take known numbers as well as a solver's, so every one is simply computed at each event of random deals. The
count of events is that of WALKAWAY_ENCODED; the full size is millions:

    WALKAWAY_ENCODED=2000000 pytest --timeout 0 -s tests/properties/test_encoding.py
"""

from collections import Counter

import pytest
from hypothesis import given, seed
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.generated import Case, decoded
from tests.helpers.proving import PLAIN, policy_of
from tests.helpers.strategies import SEED, bounded, cases, size

from walkaway.deal.decode import Decoder
from walkaway.deal.encode import canonical
from walkaway.deal.facts import FIGURES as DERIVED
from walkaway.decide.engine import Core, Engine
from walkaway.events import Verdict
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.facts import FIGURES, is_free

pytestmark = [pytest.mark.slow, pytest.mark.solver, pytest.mark.search]

EVENTS = size("WALKAWAY_ENCODED", 150, 1_000)
A_ROUND = 20


def test_formulas_know_every_fact_that_is_derived() -> None:
    """The two tables of figures have the same entries; every other path is one of the position, or of a group."""
    assert {n for n in FIGURES if not n.startswith("position.")} <= DERIVED.keys()
    free = {e.path for e in policy_of(PLAIN).catalog.values() if is_free(e)}
    assert free == {
        "by_stated", "is_stated", "since_stated", "earlier", "party_last", "party_left_closed", "since_party_closed",
        "position.others.deals", "position.others.open_deals", "position.others.walked", "position.others.won",
        "ours_final", "theirs_final", "ours_halted", "ours_unsent", "theirs_probes", "open_follows", "update_loosens",
        "update_outside",
    }  # fmt: skip


def test_formulas_say_what_the_engine_says(capsys: pytest.CaptureFixture[str]) -> None:
    """At every event of random deals all facts, the fired rules and the verdict are the engine's; constraints hold."""
    seen: Counter[str] = Counter()

    def check(case: Case) -> None:
        policy = case.read()
        if policy is None:
            return
        engine = Engine(policy, Core.PLAIN)
        for step in follow(engine, decoded(policy, case.lines())):
            assert_encoded(policy, engine, step)
            seen["events"] += 1
            seen[step.decision.verdict.value] += 1
            seen["unprepared"] += not step.prepared
            seen["approved"] += bool(step.found.covering)

    def is_enough() -> bool:
        return seen["events"] >= EVENTS and all(seen[v.value] for v in Verdict) and bool(seen["approved"])

    round_ = 0
    while not is_enough() and seen["events"] < 20 * EVENTS:  # a few deals may miss what is rare
        seed(SEED + round_)(bounded(A_ROUND)(given(cases())(check)))()
        round_ += 1
    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}", ", ".join(f"{n:,} {what}" for what, n in sorted(seen.items())))
    assert all(seen[v.value] for v in Verdict)
    assert seen["unprepared"] > seen["events"] / 50
    assert seen["approved"]


def test_known_formulas_are_known() -> None:
    """Nothing of a solver is left in a formula over known numbers."""
    assert logic.is_known(logic.choose(True, 1, 0), logic.both(True, 1 > 0), logic.times(2, 5))


ASKING = """\
policy: asking
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}
roles: [manager, director]
rules:
  given: {why: w, on: our terms, when: give.value > 0 USD, then: escalate, to: manager}
  last-look: {why: w, on: close, when: theirs.offers >= 1, then: escalate, to: manager}
"""
AT = "2026-03-02T09:00:00Z"


@pytest.mark.parametrize("approved", [False, True])
def test_what_asks_and_what_an_approval_lifts_are_the_same_in_formulas(approved: bool) -> None:
    """Their offer of which accepting asks somebody asks too; a rule on the close itself is lifted by nobody."""
    engine = Engine(policy_of(ASKING), Core.PLAIN)
    head = {"deal": "D", "at": AT}
    approval = {
        **head,
        "id": "a",
        "type": "approve",
        "approver": "dana",
        "role": "manager",
        "terms": {"discount": "5%"},
    }
    events = [
        {**head, "id": "1", "type": "open", "facts": {"list_price": "1,000 USD"}},
        {**head, "id": "2", "type": "offer", "by": "them", "terms": {"discount": "5%"}},
        {**head, "id": "3", "type": "accept", "by": "us", "actor": "ann"},
        *([approval | {"terms": {"discount": "5%"}}] if approved else []),
        {**head, "id": "4", "type": "close", "outcome": "won"},
    ]
    decoder = Decoder(engine.policy)
    steps = list(follow(engine, [decoder.decode(canonical(event)).unwrap() for event in events]))
    assert [s.decision.verdict.value for s in steps[1:3]] == ["escalate", "escalate"]
    for step in steps:
        assert_encoded(engine.policy, engine, step)


CONCLUDING = """\
  a-reads: {why: w, on: our offer, when: concluded.big, then: hold}
  z-concludes: {why: w, on: our offer, when: offer.discount >= 1%, then: {conclude: big}}
"""


def test_formulas_draw_a_conclusion_before_those_who_read_it() -> None:
    """Whatever the rules are called: the one that reads it stands first in the alphabet."""
    engine = Engine(policy_of(ASKING.partition("  given:")[0] + CONCLUDING), Core.PLAIN)
    head, decoder = {"deal": "D", "at": AT}, Decoder(engine.policy)
    events = [
        {**head, "id": "1", "type": "open", "facts": {"list_price": "1,000 USD"}},
        {**head, "id": "2", "type": "offer", "by": "us", "actor": "ann", "terms": {"discount": "1%"}},
    ]
    steps = list(follow(engine, [decoder.decode(canonical(event)).unwrap() for event in events]))
    assert steps[-1].decision.verdict == "hold"
    for step in steps:
        assert_encoded(engine.policy, engine, step)


LEAVING = """\
  leave: {why: w, on: signal, when: signals.pressure >= 1, then: walk, door: open}
  gone: {why: w, on: our acceptance, when: left.open, then: refuse}
signals: [pressure]
"""


def test_formulas_bring_us_back_by_the_same_moves_of_theirs() -> None:
    """We left by the open door: their first offer, or a concession of theirs, brings us back, and nothing else does."""
    engine = Engine(policy_of(ASKING.partition("  given:")[0] + LEAVING), Core.PLAIN)
    decoder = Decoder(engine.policy)
    opening = {"type": "open", "facts": {"list_price": "1,000 USD"}}
    left = {"type": "signal", "by": "them", "kind": "pressure", "confirmed": True}
    first, again, less = ({"type": "offer", "by": "them", "terms": {"discount": f"{d}%"}} for d in (9, 9, 8))
    for moves, back in (([left, first], True), ([first, left, again], False), ([first, left, less], True)):
        events = [{"id": str(n), "deal": "D", "at": AT, **event} for n, event in enumerate([opening, *moves])]
        steps = list(follow(engine, [decoder.decode(canonical(event)).unwrap() for event in events]))
        accepting = steps[-1].found.accepting
        assert accepting is not None
        assert ("gone" not in {f.rule.id for f in accepting.ruling.firings}) is back
        for step in steps:
            assert_encoded(engine.policy, engine, step)


BARGAINING = (
    ASKING.partition("roles:")[0].replace(
        "issues:\n", "issues:\n  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}\n"
    )
    + "roles: [manager, director]\nrules:\n"
)
GIVEN = "{why: w, on: our terms, when: give.value > 0 USD, then: "
BESIDE = f"  ask: {GIVEN}escalate, to: manager}}\n  wait: {GIVEN}hold}}\n"
SLAM = f"  slam: {GIVEN}walk, door: closed}}\n"
EVEN = "  even: {why: w, on: our terms, when: give.value > get.value, then: trade}\n"


def _they(**terms: str) -> dict[str, object]:
    return {"type": "offer", "by": "them", "terms": terms}


def _we(**terms: str) -> dict[str, object]:
    return {"type": "offer", "by": "us", "actor": "ann", "terms": terms}


WE_TAKE: dict[str, object] = {"type": "accept", "by": "us", "actor": "ann"}
LONGER = {"term": "24 months"}
DEALS: dict[str, tuple[str, list[dict[str, object]], str]] = {
    "accepting asks, and is held too": (BESIDE, [_they(discount="5%")], "trade"),
    "signing what closes the door": (
        SLAM,
        [_they(discount="5%"), WE_TAKE, {"type": "close", "outcome": "won"}],
        "walk",
    ),
    "they take what we withdrew": (EVEN, [_we(**LONGER), {"type": "withdraw", "by": "us"}, _they(**LONGER)], "proceed"),
    "we say no, and our step goes on": (
        EVEN,
        [_they(discount="9%"), _we(**LONGER), {"type": "reject", "by": "us"}],
        "",
    ),
    "they say no, and it ends": (EVEN, [_they(discount="9%"), _we(**LONGER), {"type": "reject", "by": "them"}], ""),
    "they began below the start": (EVEN, [_they(term="6 months"), _they(**LONGER), _we(discount="1%", **LONGER)], ""),
    "their second offer concedes": (EVEN, [_they(discount="9%"), _they(discount="8%")], "trade"),
}


@pytest.mark.parametrize("deal", DEALS)
def test_formulas_say_of_what_is_rare_what_the_engine_says(deal: str) -> None:
    """Deals that random ones seldom reach: answers, facts, constraints and the deal after each event are the same."""
    rules, moves, answer = DEALS[deal]
    engine = Engine(policy_of(BARGAINING + rules), Core.PLAIN)
    decoder = Decoder(engine.policy)
    opening = {"type": "open", "facts": {"list_price": "100,000 USD"}}
    events = [{"id": str(n), "deal": "D", "at": AT, **event} for n, event in enumerate([opening, *moves])]
    steps = list(follow(engine, [decoder.decode(canonical(event)).unwrap() for event in events]))
    assert len(steps) == len(events)
    assert steps[-1].decision.verdict == (answer or steps[-1].decision.verdict)
    for step in steps:
        assert_encoded(engine.policy, engine, step)
