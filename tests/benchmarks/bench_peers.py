"""Every peer that is installed beside `plain`, `rete` and both, on the same rules: from a line of facts to what fires.

    python tests/benchmarks/bench_peers.py [--sizes 10 30 300] [--rounds 5] [--seeds 3] [--only cedarpy ...]
    python tests/benchmarks/bench_peers.py --check

Each peer first answers every line, those at each constant of the rules and one unit to either side of it included. One
that differs, or fails, is reported and not timed. What is timed takes turns, round by round. `--check` stops before
that, and ends with 1 if a peer differs.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import peers
from bench_core import engines
from harness import each, laps, table
from workload import events, facts_of_offers, policy_text, read_policy, stage_of

from walkaway.decide.core.program import Stage
from walkaway.language.expr.tree import facts_of

STEPS = {"2^31": 2**31, "2^53": 2**53, "2^63": 2**63 - 2, "2^64": 2**64, "10^30": 10**30}
"""How large an integer is tried, and how it is written; the largest of 64 bits is reached from one below it."""

LAP_S = 0.02
"""How long a way should take in a round at least, in seconds."""

Facts = Mapping[str, int | str]
Way = tuple[Callable[[bytes], object], Sequence[bytes]]


class Task(NamedTuple):
    """Rules, facts to time with, and more facts to compare answers on."""

    stage: Stage
    facts: Sequence[Facts]
    edges: Sequence[Facts]


def task(rules: int, seed: int) -> Task:
    """Return a generated policy's rules, and what is derived at offers of generated deals."""
    policy = read_policy(policy_text(rules, seed))
    stage = stage_of(policy)
    wanted = sorted({f for rule in stage.rules for f in facts_of(rule.condition)})
    facts = list(facts_of_offers(policy, events(20, 30, seed), wanted))
    return Task(stage, facts, list(edges(peers.rules_of(stage), facts)))


def edges(rules: Sequence[peers.PeerRule], facts: Sequence[Facts]) -> Iterator[Facts]:
    """Return facts that meet each rule's first disjunct exactly at its constants, and then miss one by a unit."""
    for place, (_, disjuncts) in enumerate(rules):
        for leaves in disjuncts:
            at = {fact: constant for fact, _, constant in leaves}
            met = {**facts[place % len(facts)], **at}
            yield met
            for fact, constant in at.items():
                if isinstance(constant, int):
                    yield {**met, fact: constant - 1}
                    yield {**met, fact: constant + 1}


def answers(way: Way) -> list[object]:
    """Return what fires on each line."""
    function, lines = way
    return [function(line) for line in lines]


def compared(name: str, given: Task, expected: Sequence[object]) -> tuple[str, Way | None]:
    """Say how a peer's answers compare, and give the way to time where they are the same."""
    try:
        peer = peers.load(name)
        decide = peer.build(peers.rules_of(given.stage))
        found = answers((decide, [peer.line(f) for f in (*given.facts, *given.edges)]))
    except ImportError as problem:
        return f"not installed: {problem}", None
    except Exception as problem:  # noqa: BLE001 - whatever a peer raises is what is to be reported
        return f"fails: {type(problem).__name__}: {str(problem)[:100]}", None
    wrong = sum(f != e for f, e in zip(found, expected, strict=True))
    if wrong:
        return f"differs on {wrong} of {len(found)} lines", None
    return f"identical on {len(found)} lines", (decide, [peer.line(f) for f in given.facts])


def measure(rules: int, seed: int, rounds: int, names: Sequence[str]) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Return microseconds for a decision in each round, and how each peer's answers compare."""
    given = task(rules, seed)
    ours, expected = reference(given)
    results = {name: compared(name, given, expected) for name in names}
    ways = ours | {name: way for name, (_, way) in results.items() if way}
    often = {name: repeats(way) for name, way in ways.items()}
    lengthened = {name: each(function, [*lines] * often[name]) for name, (function, lines) in ways.items()}
    times = laps(lengthened, rounds, len(given.facts))
    said = {name: words for name, (words, _) in results.items()}
    return {name: [t / often[name] for t in found] for name, found in times.items()}, said


def repeats(way: Way) -> int:
    """Return how often to go over the lines in a round, so that the quickest do not finish before they can be timed."""
    before = time.process_time()
    answers(way)
    return max(1, round(LAP_S / (time.process_time() - before)))


def reference(given: Task) -> tuple[dict[str, Way], list[object]]:
    """Return our own ways to time, and what fires on each line; the two cores must agree."""
    lines = [msgspec.json.encode(f) for f in given.facts]
    ours: dict[str, Way] = {name: (function, lines) for name, function in engines(given.stage).items()}
    every = [*lines, *(msgspec.json.encode(f) for f in given.edges)]
    expected, also = (answers((ours[core][0], every)) for core in ("plain", "rete"))
    assert expected == also
    return ours, expected


def exact_to(name: str) -> str:
    """Say up to which size a peer tells an integer from its neighbours, and what it does with larger ones."""
    last = "none"
    for written, large in STEPS.items():
        try:
            peer = peers.load(name)
            decide = peer.build([(0, [[("x.y", ">=", large)]]), (1, [[("x.y", "=", large)]])])
            found = [decide(peer.line({"x.y": value})) for value in (large - 1, large, large + 1)]
        except Exception:  # noqa: BLE001 - refusing is one of the two answers
            return f"{last}, larger refused"
        if found != [frozenset(), {0, 1}, {0}]:
            return f"{last}, larger wrong"
        last = written
    return last


def spread(times: Sequence[float], base: Sequence[float]) -> str:
    """Return how many times slower, round by round: the median, and what eight of ten rounds lie between."""
    ratios = sorted(t / b for t, b in zip(times, base, strict=True))
    middle, low, high = (f"{r:.2g}" if r < 10 else f"{r:.0f}" for r in (statistics.median(ratios), *ends(ratios)))
    return f"{middle} ({low} to {high})"


def ends(ratios: Sequence[float]) -> tuple[float, float]:
    """Return what eight of ten sorted ratios lie between."""
    edge = len(ratios) // 10
    return ratios[edge], ratios[-1 - edge]


def report(size: int, seeds: int, rounds: int, names: Sequence[str]) -> Iterator[str]:
    """Return the lines to print for one size of policy."""
    runs = [measure(size, seed, rounds, names) for seed in range(1, seeds + 1)]
    times = {n: [t for run, _ in runs for t in run[n]] for n in runs[0][0] if all(n in run for run, _ in runs)}
    rows = [
        [
            name,
            f"{m:,.1f} µs",
            f"{1e6 / m:,.0f}/s",
            spread(times[name], times["plain"]),
            spread(times[name], times["both"]),
        ]
        for m, name in sorted((statistics.median(t), name) for name, t in times.items())
    ]
    yield f"{size} rules, {seeds} rule sets, {seeds * rounds} rounds\n"
    yield table(["engine", "a decision", "decisions", "times plain's", "times both's"], rows)
    for name in names:
        if name not in times:
            yield f"- {name}: {next((said[name] for _, said in runs if not said[name].startswith('identical')), '')}"
    yield ""


def about(names: Sequence[str]) -> str:
    """Return the table of versions and limits, of the peers that are installed."""
    rows = []
    for name in names:
        try:
            peer = peers.load(name)
        except ImportError:
            continue
        rows.append([name, peer.version, exact_to(name), peer.limits])
    return table(["peer", "version", "integers exact to", "otherwise"], rows)


def check(names: Sequence[str]) -> int:
    """Print how the answers of each peer compare, and give 1 if one of them differs or fails."""
    given = task(30, 1)
    _, expected = reference(given)
    wrong = 0
    for name in names:
        words, way = compared(name, given, expected)
        print(f"{name}: {words}", flush=True)
        wrong |= not way and not words.startswith("not installed")
    return int(wrong)


def main() -> int:
    """Print a table for each size, and one of versions."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=(10, 30, 300))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--only", nargs="+", choices=peers.NAMES, default=tuple(peers.NAMES))
    arguments.add_argument("--check", action="store_true")
    given = arguments.parse_args()
    if given.check:
        return check(given.only)
    for size in given.sizes:
        for line in report(size, given.seeds, given.rounds, given.only):
            print(line, flush=True)
    print(about(given.only))
    return 0


if __name__ == "__main__":
    sys.exit(main())
