r"""What columns say of an event is what the engine says of it: verdict, door, and every rule that fires.

The count of events under generated policies is that of WALKAWAY_COLUMNS. The full size is 100,000, as it is here for
events under the policies that ship:

    WALKAWAY_COLUMNS=100000 pytest --timeout 0 -s -m bulk tests/engine/backtest/test_columns.py
"""

import shutil
from pathlib import Path
from random import Random

import msgspec
import pytest
from tests.helpers.columns import compared, plain
from tests.helpers.deals import Deals
from tests.helpers.generated import generate
from tests.helpers.strategies import SEED, size

from walkaway import load
from walkaway.backtest import backtested
from walkaway.deal.encode import EventWriter, canonical
from walkaway.deal.fold import opening
from walkaway.policy.model import Policy

pytestmark = pytest.mark.bulk
for extra in ("numpy", "polars"):
    pytest.importorskip(extra, reason="needs the extra `bulk`: pip install -e '.[bulk]'")

ROOT = Path(__file__).parents[3]
NEGOCHAT = ROOT.parent / "shared" / "data" / "negochat.events.jsonl"
EXACT = size("WALKAWAY_BULK_EVENTS", 100_000, 100_000)
EVENTS = size("WALKAWAY_COLUMNS", 150, 3_000)


def test_columns_say_what_the_engine_says_under_generated_policies() -> None:
    """Of events of every kind that they read; most deals are decided there, and many rules fire."""
    events = fired = number = 0
    reasons: set[str] = set()
    while events < EVENTS:
        number += 1
        case = generate(Random(SEED + number), 40)
        policy = case.read()
        if policy is None:
            continue
        found = compared(policy, plain(case.lines()))
        events, fired = events + found.events, fired + found.fired
        reasons |= set(found.left_out)
    assert fired > events // 3


def made_up(policy: Policy, seed: int, deals_of: int = 6) -> list[bytes]:
    """Return deals made up under a policy, near what its rules look at, as lines in turn."""
    found: list[bytes] = []
    writer = EventWriter(policy)
    for number in range(deals_of):
        deals = Deals(policy, Random(seed + number), 10_000_000)
        first = msgspec.structs.replace(deals.open(), deal=f"D-{number}")
        events = [first, *deals.events(opening(policy, first), 25)]
        found += [canonical(writer.content(msgspec.structs.replace(e, deal=f"D-{number}"))) for e in events]
    return found


@pytest.mark.parametrize("name", sorted(p.parent.name for p in ROOT.glob("rules/*/deal.jsonl")))
def test_columns_say_what_the_engine_says_under_what_ships(name: str) -> None:
    """Of the deals that ship with a policy, and of deals made up under it."""
    policy = load(ROOT / "rules" / name).unwrap()
    compared(policy, (ROOT / "rules" / name / "deal.jsonl").read_bytes().splitlines())
    found = compared(policy, plain(made_up(policy, SEED)))
    assert (found.events > 80, found.left_out) == (True, [])


@pytest.mark.parametrize("base", ["walk", "start"])
def test_columns_count_their_word_from_where_the_policy_says(base: str, tmp_path: Path) -> None:
    """Under each base columns say what the engine says, of deals in which they come down from far beyond."""
    folder = tmp_path / "saas"
    shutil.copytree(ROOT / "rules" / "saas-discounting", folder)
    text = (folder / "policy.yaml").read_text(encoding="utf-8")
    (folder / "policy.yaml").write_text(f"{text}\ntheirs_base: {base}\n", encoding="utf-8")
    policy = load(folder).unwrap()
    assert policy.theirs_base == base
    found = compared(policy, plain(made_up(policy, SEED, 12)))
    assert (found.events > 160, found.left_out) == (True, [])


@pytest.mark.skipif(not NEGOCHAT.is_file(), reason=f"the corpus is not there: {NEGOCHAT}")
def test_columns_say_what_the_engine_says_of_real_deals() -> None:
    """Of 105 real negotiations under `rules/job-offer`; those that hold a word of no value are answered alike."""
    policy = load(ROOT / "rules" / "job-offer").unwrap()
    found = compared(policy, NEGOCHAT.read_bytes().splitlines())
    assert found.events > 2_000


def test_a_hundred_thousand_events_are_decided_and_flip_as_by_the_engine() -> None:
    """Verdicts, doors, rules and flips of deals made up under all that ships, and of the real ones, in one run."""
    events = flips = 0
    names = sorted(p.parent.name for p in ROOT.glob("rules/*/policy.yaml") if not p.parent.name.endswith("principles"))
    for name in names:
        policy = load(ROOT / "rules" / name).unwrap()
        lines = plain(made_up(policy, SEED, EXACT // 22 // len(names) + 1))
        if name == "job-offer" and NEGOCHAT.is_file():
            lines += NEGOCHAT.read_bytes().splitlines()
        found = compared(policy, lines)
        events += found.events
        written = [rule for rule in policy.rules if not rule.built_in and rule.decides]
        without = msgspec.structs.replace(policy, rules=tuple(r for r in policy.rules if r is not written[0]))
        columns, one_by_one = (
            backtested([b"\n".join(lines)], without, policy, columns=columns, shown=len(lines))
            for columns in (True, False)
        )
        assert columns.sums.events == one_by_one.sums.events
        assert sorted(columns.sums.changed, key=repr) == sorted(one_by_one.sums.changed, key=repr)
        assert columns.sums.flips == one_by_one.sums.flips
        flips += len(columns.sums.changed)
    print(f"{events:,} events in columns as by the engine, {flips:,} flips")
    assert events >= EXACT
    assert flips > EXACT // 1_000
