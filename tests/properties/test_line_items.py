"""Lines of a deal come to what one reckons by hand, however many there are, to whoever reckons them.

A long run over deals made up from fresh seeds:

    WALKAWAY_LINES=20000 pytest --timeout 0 -s tests/properties/test_line_items.py
"""

import json
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.enumerated import answer
from tests.helpers.generated_functions import assert_same
from tests.helpers.strategies import SEED, size

from walkaway import Engine, load
from walkaway.advice.counteroffers import ADVISED, Seeker
from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.decide.core import rete
from walkaway.decide.engine import Core
from walkaway.events import AnyEvent, Offer

pytestmark = [pytest.mark.slow, pytest.mark.search]

ROOT = Path(__file__).parents[2]
DEALS = size("WALKAWAY_LINES", 14, 400)
ENGINE = Engine(
    load(ROOT / "features" / "policies" / "quotes").unwrap(), Core.BOTH if rete.is_available() else Core.PLAIN
)
FAMILIES = ("hardware", "software")
Line = Mapping[str, Any]


def told(random: Random) -> tuple[list[dict[str, Any]], dict[str, Line]]:
    """Return a deal made up at random, as events in JSON, and its lines."""
    keys = [f"{random.choice('ABC')}-{n}" for n in range(random.choice((1, 1, 2, 3, 7, 50)))]
    lines: dict[str, Line] = {
        key: {
            "list": f"{random.randint(0, 20_000) / 100:.2f} USD", "family": random.choice(FAMILIES),
            **({"cost": f"{random.randint(0, 9_000) / 100:.2f} USD"} if random.random() < 0.4 else {}),
        }
        for key in keys
    }  # fmt: skip
    events: list[dict[str, Any]] = [{"type": "open", "facts": {"lines": lines}}]
    for _ in range(random.randint(1, 5)):
        by = random.choice(("us", "us", "them"))
        most = random.choice((0, 10, 11, 25, 26, 100))
        said: Any = {key: {"discount": f"{random.choice((most, 5, random.randint(0, most)))}%"} for key in keys}
        if random.random() < 0.3:
            said = {key: {"discount": f"{random.randint(0, 1_000_000) / 10_000:.4f}%"} for key in keys}
        if random.random() < 0.5:
            said = "; ".join(f"{key}: discount {said[key]['discount']}" for key in reversed(keys))
        terms = {"lines": said} if random.random() < 0.9 else {}
        if random.random() < 0.5 or not terms:
            terms["term"] = f"{random.randint(1, 60)} months"
        events.append({"type": "offer", "by": by, "actor": "ana", "terms": terms})
        if random.random() < 0.2:
            events.append({"type": "accept", "by": "them" if by == "us" else "us", "actor": "ana"})
    for number, event in enumerate(events):
        event.update({"id": f"e{number}", "deal": "d", "at": f"2026-10-{number + 1:02d}T09:00:00Z"})
    return events, lines


def deals() -> list[tuple[list[AnyEvent], dict[str, Line]]]:
    """Return deals made up at random, as they are read."""
    random, found, decoder = Random(SEED), [], Decoder(ENGINE.policy)
    for _ in range(DEALS):
        events, lines = told(random)
        found.append(([decoder.decode(json.dumps(e).encode()).unwrap() for e in events], lines))
    return found


def number(text: str) -> Fraction:
    """Return the number in a text, without its unit."""
    return Fraction(text.split(" ")[0].rstrip("%").replace(",", ""))


def by_hand(name: str, said: str, lines: Mapping[str, Line]) -> Fraction | int:
    """Return a figure as one would reckon it line by line, in whole dollars, percent, or yes and no."""
    discounts = {
        k: number(d.removeprefix("discount ")) for k, _, d in (one.partition(": ") for one in said.split("; "))
    }
    assert discounts.keys() == lines.keys()
    net = {k: number(lines[k]["list"]) * (100 - d) / 100 for k, d in discounts.items()}
    match name:
        case "count":
            return len(lines)
        case "deep_hardware":
            return any(lines[k]["family"] == "hardware" and d > 10 for k, d in discounts.items())
        case "below_cost":
            return any("cost" in lines[k] and n < number(lines[k]["cost"]) for k, n in net.items())
        case "alike":
            return all(d == 5 for d in discounts.values())
        case "net":
            return sum(net.values(), Fraction(0))
        case "list":
            return sum((number(line["list"]) for line in lines.values()), Fraction(0))
        case _:
            return max(discounts.values())


SCALES = {"net": 100, "list": 100, "discount": 10_000}
"""How many of the smallest unit make one."""


def test_figures_and_worths_of_lines_are_those_of_plain_fractions() -> None:
    """Any, every, sum and worst at each event, and what an offer is worth, of one to fifty lines; both cores agree."""
    seen = Counter[str]()
    for events, lines in deals():
        for step in follow(ENGINE, events):
            facts, move = ENGINE.all_facts(step.found), step.found.move
            for name in ("count", *ENGINE.policy.lines.figures):  # type: ignore[union-attr]
                found = facts[f"lines.{name}"]
                if move is None:
                    assert found is None
                    continue
                expected = by_hand(name, str(move.terms["lines"]), lines) * SCALES.get(name, 1)
                assert found == expected, (name, move.terms)
                seen[f"{name} {found if SCALES.get(name) is None else ''}"] += 1
            if move is not None:
                said = str(move.terms["lines"])
                given = by_hand("list", said, lines) - by_hand("net", said, lines)
                assert facts["offer.worth"] == 100 * (100 * (move.terms["term"] - 12) - given)  # type: ignore[operator]
    assert {"deep_hardware 0", "deep_hardware 1", "below_cost 1", "alike 1", "alike 0", "count 50"} <= seen.keys()


def test_generated_functions_and_both_cores_judge_lines_as_the_rooms_do() -> None:
    """Event by event the same evidence, and the same deal afterwards."""
    seen = Counter[str]()
    for events, _ in deals()[: DEALS // 2]:
        seen += assert_same(ENGINE, events)
    assert seen["Offer"] > DEALS / 4


@pytest.mark.solver
def test_formulas_say_of_lines_what_the_engine_says() -> None:
    """Worths and figures that proofs rest on, written a second time, are the engine's at every event."""
    for events, _ in deals()[: DEALS // 3]:
        for step in follow(ENGINE, events):
            assert_encoded(ENGINE.policy, ENGINE, step)


def test_a_package_with_other_lines_is_answered_as_by_the_engine() -> None:
    """Lines that are tried in place of those asked about fire the rules that an offer of ours with them would."""
    random, seeker, tried = Random(SEED), Seeker(ENGINE), 0
    for events, _ in deals()[: DEALS // 2]:
        for step in follow(ENGINE, events):
            asked = seeker.asked(step.found) if step.found.ruling.verdict in ADVISED else None
            probe = seeker.probe(asked) if asked and isinstance(asked.event, Offer) else None
            if probe is None or probe.position.theirs.stands:
                continue
            values = [[*probe.values.every(i), probe.offered[i], probe.cleared[i]] for i in range(len(probe.issues))]
            package = tuple(random.choice(v) for v in values)
            assert probe.outcome(package) == answer(ENGINE, probe, package)
            tried += 1
    assert tried > 0


@pytest.mark.parametrize("lines", [{"A-1": "0%", "B-9": "1%"}, {"A-1": "0%"}, {"A-1": "0%", "B-2": "0%", "C-3": "0%"}])
def test_other_lines_than_the_deal_has_are_no_event_to_anybody(lines: Mapping[str, str]) -> None:
    """Neither to the functions of a live run nor to the rooms: a line that is left out is not one at no discount."""
    stated = {key: {"list": "100 USD", "family": "hardware"} for key in ("A-1", "B-2")}
    said = {key: {"discount": discount} for key, discount in lines.items()}
    opened, offered = (
        Decoder(ENGINE.policy).decode(json.dumps({"id": name, "deal": "d", "at": at, **more}).encode()).unwrap()
        for name, at, more in (
            ("e1", "2026-10-01T09:00:00Z", {"type": "open", "facts": {"lines": stated}}),
            ("e2", "2026-10-02T09:00:00Z", {"type": "offer", "by": "us", "actor": "ana", "terms": {"lines": said}}),
        )
    )
    _, position = ENGINE.answer(None, opened)
    assert ENGINE.generated.applies
    for answers in (ENGINE.answer, ENGINE.evaluate):
        with pytest.raises(Unfit, match=r"line `(B-2|B-9|C-3)`"):
            answers(position, offered)
