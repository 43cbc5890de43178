"""Everything that judges agrees: both cores, the reference evaluator of the calculus, and the formulas of the solver.

Deals are made up from seeds, with acceptances, withdrawals, approvals, waivers, voids, limits that loosen, layers,
parties, worths that hang on another issue, and products of what is negotiated; and every counteroffer found has the
verdict that it promises. A long run says how many decisions it compared:

    WALKAWAY_AGREED=200000 WALKAWAY_SEED=1 pytest --timeout 0 -s tests/properties/test_calculus_agrees.py -k all_agree
"""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from tests.helpers.agreeing import Judging
from tests.helpers.granted import granted
from tests.helpers.haggling import ACROSS, BOUND, DERIVED, POLICIES, haggled, haggled_in_layers, haggled_with_a_party
from tests.helpers.rarely import rarely, rarely_in_layers, rarely_with_a_party
from tests.helpers.strategies import SEED, size
from tests.reference import calculus, more

from walkaway.decide.core import rete
from walkaway.decide.engine import Core

pytestmark = [pytest.mark.slow, pytest.mark.solver]

DECISIONS = size("WALKAWAY_AGREED", 150, 1_000)
FURTHER = ("update", "reopen", "revoke", "void", "kill", "resume", "probe")
"""Events of which `more` alone knows; so it does of what is far ahead, and of alternatives that end."""
CORE = Core.BOTH if rete.is_available() else Core.PLAIN


@pytest.mark.search
def test_all_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """On every event the verdict and all facts that both know, on every decision the formulas and counteroffers."""
    judging, random, deals = Judging(CORE, encoded=True, advised=True), Random(SEED), 0
    while judging.seen["decisions"] < DECISIONS:
        seed, kind = random.getrandbits(40), deals % 6
        if kind == 3:
            judging.judge(*haggled_in_layers(seed))
        else:
            policies = {4: ACROSS, 5: DERIVED}.get(kind, POLICIES)
            said, events = haggled_with_a_party(seed) if kind == 2 else haggled(seed, policies)
            judging.judge([said], events)
        deals += 1
        if deals % 500 == 0:
            with capsys.disabled():
                print(f"{deals:,} deals: {judging.seen['decisions']:,} decisions", flush=True)
    with capsys.disabled():
        seen = ", ".join(f"{n:,} {what}" for what, n in sorted(judging.seen.items()))
        print(f"\nWALKAWAY_SEED={SEED} {deals:,} deals: {seen}")
    assert judging.seen["encoded"] >= judging.seen["decisions"]
    assert judging.seen["counteroffers"] > 0


@pytest.mark.parametrize("seed", range(60))
def test_they_agree_on_the_same_deals_each_time(seed: int) -> None:
    """Engine and reference, on deals that are the same in every run."""
    said, events = haggled(seed)
    Judging().judge([said], events)


@pytest.mark.parametrize("base", BOUND)
def test_they_agree_whatever_their_word_counts_from(base: str) -> None:
    """Engine, reference and formulas, on the same deals under each base."""
    for seed in range(16):
        said, events = haggled(seed, BOUND[base])
        Judging(encoded=seed < 3).judge([said], events)


@pytest.mark.parametrize("make", [haggled, haggled_with_a_party, haggled_in_layers])
@pytest.mark.parametrize("seed", range(8))
def test_the_calculus_answers_alone_as_with_what_more_can_happen(make: Callable[[int], Any], seed: int) -> None:
    """Up to the first event of which only `more` knows: the same verdicts by the same rules, and the same facts."""
    said, events = make(seed)
    layers = said if isinstance(said, list) else [said]
    beside = more.evaluate(layers, events)
    further = (n for n, e in enumerate(events) if e["type"] in FURTHER or "far-ahead" in beside[n].rules)
    events = events[: next(further, len(events))]
    alone = calculus.evaluate(layers, events)
    beside = beside[: len(events)]
    assert [(a.dead, a.verdict, a.rules) for a in alone] == [(a.dead, a.verdict, a.rules) for a in beside]
    assert all(a.facts.items() <= b.facts.items() for a, b in zip(alone, beside, strict=True))
    assert events


@pytest.mark.parametrize("seed", range(12))
def test_they_agree_where_worths_hang_on_another_issue(seed: int) -> None:
    """The selector moves first, and limits are those at its value on the table."""
    said, events = haggled(seed, ACROSS)
    Judging().judge([said], events)


@pytest.mark.parametrize("seed", range(6))
def test_they_agree_on_what_two_issues_come_to_together(seed: int) -> None:
    """A derived fact is the product of the terms on the table, whosever they are."""
    said, events = haggled(seed, DERIVED)
    Judging().judge([said], events)


@pytest.mark.parametrize("seed", range(12))
def test_they_agree_on_the_same_layers_each_time(seed: int) -> None:
    """Every layer is judged with all above it, with a position of its own; the most severe answer stands (law 11)."""
    Judging().judge(*haggled_in_layers(seed))


@pytest.mark.parametrize("seed", range(12))
def test_they_agree_on_the_same_parties_each_time(seed: int) -> None:
    """What happens in one deal with a party is known in its others."""
    said, events = haggled_with_a_party(seed)
    Judging().judge([said], events)


@pytest.mark.parametrize("seed", range(45))
def test_they_agree_on_what_happens_rarely(seed: int) -> None:
    """Votes of two, waivers, several packages, names in other spellings, kills, slips, conclusions, both doors."""
    made = (rarely, rarely_in_layers, rarely_with_a_party)[seed % 3]
    Judging().judge(*made(seed, known=True))


@pytest.mark.parametrize("seed", range(24))
def test_they_agree_on_what_is_granted_before_it_is_asked_for(seed: int) -> None:
    """Approvals of what comes later, until an instant; of movers in terms nobody declared; on facts that change."""
    Judging().judge(*granted(seed))
