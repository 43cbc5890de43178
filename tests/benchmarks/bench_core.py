"""The cores against two general rule engines: the same rules, the same facts, from a JSON line to the set that fires.

    python tests/benchmarks/bench_core.py [--rounds 25] [--seeds 3]

Every engine first answers every line, and all answers must be the same. Rules are numbered, for all alike. Each gets
its lines with the facts named and nested as it reads them fastest. The lines are what is derived at offers of generated
deals (see workload.py): the facts that some rule reads, and no others, in the order of their names.
"""

import argparse
import statistics
from collections.abc import Callable, Mapping

import msgspec
import peers
from harness import each, race, table
from sheet import Sheet
from workload import events, facts_of_offers, policy_text, read_policy, stage_of

from walkaway.decide.core import plain, rete
from walkaway.decide.core.program import Stage
from walkaway.language.expr.tree import facts_of

SIZES = (10, 30, 300)
PEERS = ("zen-engine", "datalogic-py")
"""Those the aims are measured against; `bench_peers.py` has them all."""


def engines(stage: Stage) -> Mapping[str, Callable[[bytes], object]]:
    """Return each core, and both, as a function from a line to the set of rules that fire."""
    sheet = Sheet(stage)
    decode = sheet.decode
    run, run_rete = plain.written(stage, sheet), rete.load(stage, sheet)

    def both(line: bytes) -> frozenset[int]:
        facts = decode(line)
        fired = run(facts)
        assert fired == run_rete(facts)
        return frozenset(fired)

    return {
        "plain": lambda line: frozenset(run(decode(line))),
        "rete": lambda line: frozenset(run_rete(decode(line))),
        "both": both,
    }


def measure(rules: int, seed: int, rounds: int) -> tuple[dict[str, float], int, float]:
    """Return microseconds for a decision of each engine, how many facts a line holds, and how many rules fire."""
    policy = read_policy(policy_text(rules, seed))
    stage = stage_of(policy)
    wanted = sorted({f for rule in stage.rules for f in facts_of(rule.condition)})
    facts = list(facts_of_offers(policy, events(20, 30, seed), wanted))
    plain_lines = [msgspec.json.encode(f) for f in facts]
    ways = {name: (function, plain_lines) for name, function in engines(stage).items()}
    for peer in map(peers.load, PEERS):
        ways[peer.name] = (peer.build(peers.rules_of(stage)), [peer.line(f) for f in facts])
    answers = {name: [function(line) for line in lines] for name, (function, lines) in ways.items()}
    expected = answers["plain"]
    for name, found in answers.items():
        assert found == expected, f"{name} answers otherwise"
    times = race({name: each(*way) for name, way in ways.items()}, rounds, len(facts))
    return times, len(wanted), statistics.mean(len(a) for a in expected)  # type: ignore[arg-type]


def main() -> None:
    """Print one row for each size: the median over the seeds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=25)
    arguments.add_argument("--seeds", type=int, default=3)
    given = arguments.parse_args()
    names = ("plain", "rete", "both", *PEERS)
    rows = []
    for size in SIZES:
        found = [measure(size, seed, given.rounds) for seed in range(1, given.seeds + 1)]
        times = {n: statistics.median(t[n] for t, _, _ in found) for n in names}
        ratio = [min(t[name] for name in PEERS) / t["plain"] for t, _, _ in found]
        zen = [t["zen-engine"] / t["both"] for t, _, _ in found]
        rows.append(
            [
                size,
                f"{min(f[1] for f in found)}-{max(f[1] for f in found)}",
                f"{statistics.mean(f[2] for f in found):.1f}",
                *(f"{times[n]:.1f} µs ({1e6 / times[n]:,.0f}/s)" for n in names),
                f"{statistics.median(ratio):.1f}",
                f"{statistics.median(zen):.1f}",
            ]
        )
    print(table(["rules", "facts", "fire", *names, "plain: faster peer", "both: zen-engine"], rows))


if __name__ == "__main__":
    main()
