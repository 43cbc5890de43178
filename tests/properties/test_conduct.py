"""What abusive or deceptive conduct leads to does not soften with what a deal is worth, under any policy that ships."""

from functools import cache
from random import Random

import pytest
from hypothesis import assume, given, seed
from hypothesis import strategies as st
from tests.helpers.deals import RULES, SHIPPED, Deals
from tests.helpers.strategies import SEED, bounded

from walkaway import Decision, Engine, load
from walkaway.deal.admission import Unfit
from walkaway.decide.engine import Core
from walkaway.events import AnyEvent, Party, Signal, Verdict
from walkaway.language.expr.tree import facts_of

pytestmark = [pytest.mark.slow, pytest.mark.search]

CONDUCT = ("abuse", "bad_faith", "deal_breaker", "deception", "dishonesty")
AMOUNTS = st.integers(1_000_00, 100_000_000_000_00)
"""A deal's size in minor units: from where single cents do not count, to a hundred billion dollars."""
ENOUGH = 3
"""So often conduct is reported; no policy that ships bears it so long."""


@cache
def kinds() -> tuple[tuple[Engine, str], ...]:
    """Return each policy that ships with each conduct that it answers by walking."""
    engines = [Engine(load(path).unwrap(), Core.PLAIN) for path in SHIPPED]
    return tuple((engine, kind) for engine in engines for kind in CONDUCT if walks(engine, kind))


def walks(engine: Engine, kind: str) -> bool:
    """Return whether a rule on some conduct walks."""
    walking = (r for r in engine.policy.rules if r.effect.verdict is Verdict.WALK)
    return any(f"signals.{kind}" in facts_of(rule.condition) for rule in walking)


def answers(engine: Engine, kind: str, size: int, number: int, before: int) -> list[Decision | None]:
    """Decide a deal in which conduct is confirmed after some events; none where an event does not fit."""
    deals = Deals(engine.policy, Random(number), size)
    first = deals.open()
    _, position = engine.decide(None, first)
    past: list[AnyEvent] = [first]
    found: list[Decision | None] = []
    for place, event in enumerate(deals.events(position, before + 6)):
        if place == before:
            for n in range(ENOUGH):
                report = Signal(id=f"r{n}", deal="D", at=event.at, instant=event.instant, by=Party.THEM, kind=kind)
                _, position = engine.decide(position, report, "", lambda: past)
                past.append(report)
        try:
            answer, position = engine.decide(position, event, "", lambda: past)
        except Unfit:
            found.append(None)
        else:
            past.append(event)
            found.append(answer)
    return found


@seed(SEED)
@bounded(60, 150)
@given(st.deferred(lambda: st.sampled_from(kinds())), AMOUNTS, AMOUNTS, st.integers(0, 2**32), st.integers(0, 6))
def test_conduct_is_answered_alike_whatever_the_deal_is_worth(case, size, other, number, before):
    """Once it is confirmed every event is answered with walk, by the same door, in a deal of any size."""
    engine, kind = case
    small, large = (answers(engine, kind, amount, number, before) for amount in sorted((size, other)))
    assume([a is None for a in small] == [a is None for a in large])  # else they are not the same deal
    for one, another in zip(small[before:], large[before:], strict=True):
        if one is not None and another is not None:
            assert (one.verdict, one.door) == (another.verdict, another.door)
            assert one.verdict == "walk"


def test_a_price_that_buys_conduct_off_is_seen(tmp_path):
    """With a rule that reads an amount the answers differ, so the property above can fail."""
    for file in (RULES / "principles").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        bought = text.replace(">= too_much_abuse", ">= too_much_abuse and deal.list_price < 1,000,000 USD")
        (tmp_path / file.name).write_text(bought, encoding="utf-8")
    engine = Engine(load(tmp_path / "g-conduct.yaml").unwrap(), Core.PLAIN)
    small, large = ([answers(engine, "abuse", size, n, 0) for n in range(9)] for size in (1_000_00, 1_000_000_000_00))
    assert {a.verdict for deal in small for a in deal if a} == {"walk"}
    assert "proceed" in {a.verdict for deal in large for a in deal if a}


def test_every_policy_that_answers_conduct_is_tried():
    """Each of the shipped families, and each kind of conduct."""
    assert {e.policy.name for e, _ in kinds()} >= {"saas-discounting", "used-car", "principles", "principles-conduct"}
    assert {kind for _, kind in kinds()} == set(CONDUCT)
