"""Deals judged in columns: against 0.1.0 deciding the same lines one by one, and against polars reading them alone.

    pip install -e ".[bulk]"
    python tests/benchmarks/bench_bulk.py [--rounds 5] [--deals 16000] [--baseline FOLDER]

One core, one round of each way in turn, processor time. *0.1.0*: from line to decision with `plain`, in a process of
its own, on fewer lines. *polars*: `read_ndjson` of the lines, nothing more. *bulk*: from lines to the verdict, and the
rules that fire, of every event. *backtest*: two policies against each other, added up. *sweep*: 16 values of a limit.
"""

import argparse
import io
import os
import resource
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"  # before polars is loaded

import polars as pl
from bench_live import Case, Release, renamed, written_out
from harness import laps, table
from workload import events, policy_text, read_policy

from walkaway.backtest import backtested, parameter, swept
from walkaway.backtest.columnar.answering import decided

RULES, EACH = 30, 12
SWEEP = "discount.walk=10%..25%:1%"
AIMS = {
    "0.1.0 / bulk": "≥ 12", "bulk / polars": "≤ 2.5", "backtest / bulk": "≤ 1.5", "backtest / polars": "≤ 6",
    "sweep / backtest": "≤ 3",
}  # fmt: skip


def main() -> None:
    """Print microseconds of an event, the ratios of the rounds, and the memory at its peak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--deals", type=int, default=16_000)
    parser.add_argument("--baseline", type=Path)
    options = parser.parse_args()
    lines = events(options.deals, EACH)
    data = b"\n".join(lines) + b"\n"
    policy, other = (read_policy(policy_text(RULES, seed)) for seed in (1, 2))

    def bulk() -> int:
        found = [(len(answers), answers.by_engine) for answers in decided([data], policy)]
        assert not any(by_engine for _, by_engine in found)
        return sum(count for count, _ in found)

    ways: dict[str, Callable[[], object]] = {
        "polars": lambda: pl.read_ndjson(io.BytesIO(data)),
        "bulk": bulk,
        "backtest": lambda: backtested([data], policy, other, segment="segment"),
        "sweep": lambda: swept([data], policy, [parameter(policy, SWEEP)]),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case = Case("plain", str(folder / "plain"), lambda turn: events(400, EACH, seed=7 + turn))
        Path(case.policy).mkdir()
        (Path(case.policy) / "policy.yaml").write_text(policy_text(RULES, 1))
        release = Release((options.baseline or written_out(folder)).resolve(), folder)
        spent: dict[str, list[float]] = {way: [] for way in ("0.1.0", *ways)}
        try:
            for turn in range(options.rounds + 1):
                past = renamed(case.deals(turn), turn)
                (folder / f"plain-{turn}.jsonl").write_bytes(b"\n".join(past))
                took = release.spent(case, "plain", turn, len(past))
                if not turn:
                    continue
                spent["0.1.0"].append(took)
                for way, times in laps(ways, 1, len(lines)).items():
                    spent[way] += times
        finally:
            release.close()
    print(f"{len(lines):,} events of {options.deals:,} deals, {RULES} rules\n")
    print(table(["way", "µs an event"], [[way, f"{statistics.median(times):.2f}"] for way, times in spent.items()]))
    rows = []
    for ratio, aim in AIMS.items():
        one, of = ratio.split(" / ")
        each = sorted(a / b for a, b in zip(spent[one], spent[of], strict=True))
        rows.append([ratio, f"{statistics.median(each):.2f} ({each[0]:.2f} to {each[-1]:.2f})", aim])
    print("\n" + table(["ratio", "measured", "asked"], rows))
    print(f"\nmemory at its peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
