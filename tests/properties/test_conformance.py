"""The conformance kit is answered as it is frozen, by the engine and by the reference evaluator."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.conformance import POLICIES, ROOT, answers, kept
from tests.reference.more import evaluate
from tests.reference.reading import load

pytestmark = pytest.mark.slow

UNKNOWN = {
    "abroad": "the reference knows no rates of currencies",
    "verdicts": "a text in it ends in `?}`, which PyYAML's own parser takes for a key",
    "quotes": "the reference knows no lines of deals",
    "dated": "the reference knows no rows that begin on a day",
    "delivery": "the reference knows nothing that is owed after a close",
}
"""Policies under which the reference evaluator may answer otherwise: why."""

UNSAID = {"may-not-accept", "not-let-through"}
"""What the reference calls it that accepting would be no `proceed`, and that agreed terms were not let through."""


@pytest.fixture(scope="module")
def deals() -> list[dict[str, Any]]:
    """Return the deals as they are frozen."""
    return kept()


def test_the_kit_has_enough_of_everything(deals):
    """Four hundred decisions at least, each verdict among them, and deals for each of the thirteen laws."""
    told = [answer for deal in deals for answer in deal["answers"]]
    verdicts = Counter(answer.get("verdict", "dead") for answer in told)
    assert verdicts.total() - verdicts["dead"] >= 400
    assert {"proceed", "trade", "hold", "escalate", "refuse", "walk", "dead"} == set(verdicts)
    laws = Counter(deal["law"] for deal in deals if "law" in deal)
    assert set(laws) == set(range(1, 14))
    assert min(laws.values()) >= 2
    assert len({deal["id"] for deal in deals}) == len(deals)


@pytest.mark.parametrize("part", range(4))
def test_the_engine_answers_the_kit_as_it_is_frozen(deals, part):
    """Event by event; `just conformance` makes it anew where a change of meaning is meant."""
    for deal in deals[part::4]:
        for event, found, frozen in zip(deal["events"], answers(deal), deal["answers"], strict=True):
            assert found == frozen, (deal["id"], event)


def test_the_policies_of_the_kit_are_those_that_ship():
    """Copies, so that the kit stands alone: byte by byte the same."""
    for copy in sorted(POLICIES.glob("*/*")):
        sources = [ROOT / "rules" / copy.parent.name, ROOT / "features" / "policies" / copy.parent.name]
        (source,) = [folder / copy.name for folder in sources if folder.is_dir()]
        assert copy.read_bytes() == source.read_bytes(), f"{copy} is another: `just conformance`"


def test_the_reference_evaluator_gives_the_same_verdicts_by_the_same_rules(deals):
    """On the deals of the laws, and on every fifth of the others; it shares no code with the engine."""
    assert compared([deal for place, deal in enumerate(deals) if "law" in deal or place % 5 == 0]) >= 300


@pytest.mark.packs
def test_the_reference_evaluator_answers_all_of_it(deals):
    """On every event that is no dead letter, but for what it does not know."""
    assert compared(deals) >= 1_200


def compared(deals: list[dict[str, Any]]) -> int:
    """Compare what the reference evaluator answers with what is frozen, and return how many answers there were."""
    count = 0
    for deal in (deal for deal in deals if deal["policy"] not in UNKNOWN):
        for found, frozen in zip(evaluate(layers(deal["policy"]), deal["events"]), deal["answers"], strict=True):
            if "dead" not in frozen:
                assert (found.dead, found.verdict) == ("", frozen["verdict"]), (deal["id"], frozen["event"])
                decides = {r["rule"] for r in frozen["reasons"] if not r["effect"].startswith("concludes")}
                concludes = set(frozen["fired"]) - decides
                assert {rule["id"] for rule in found.fired} - UNSAID - concludes == decides, (
                    deal["id"],
                    frozen["event"],
                )
                count += 1
    return count


@cache
def _layers(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(_read(name))


def layers(name: str) -> list[dict[str, Any]]:
    """Return a policy of the kit with the layers above it, the uppermost first, as the reference reads them."""
    return list(_layers(name))


def _read(name: str) -> Iterator[dict[str, Any]]:
    policy = load(POLICIES / name)
    if above := policy.pop("extends", None):
        yield from _read(Path(above).parent.name)
    yield policy
