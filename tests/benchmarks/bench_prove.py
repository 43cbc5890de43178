"""How long `walkaway prove` takes: a policy that ships, and generated ones that no shipped one comes near in size.

    python tests/benchmarks/bench_prove.py [--rules 30 300] [--timeout 300]

Time is processor time, so that other programs on the machine count little; the solver runs in this process. Generated
rules are drawn without a thought (`workload.py`), so some properties are refuted for them, by deals that must be found.
"""

import argparse
import time
from pathlib import Path

from harness import table
from workload import policy_text, read_policy

from walkaway import Policy, load
from walkaway.proof.dead import strict
from walkaway.proof.diff import compare
from walkaway.proof.prove import prove

SHIPPED = Path(__file__).parents[2] / "rules" / "saas-discounting"


def measured(name: str, policy: Policy, timeout: float) -> list[object]:
    """Prove every property of a policy and give the seconds each took, with what came of it."""
    row: list[object] = [name]
    begun = before = time.process_time()
    for proof in prove(policy, time.process_time, timeout):
        now = time.process_time()
        row.append(f"{now - before:.1f} ({proof.outcome})")
        before = now
    return [*row, f"{before - begun:.1f}"]


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rules", type=int, nargs="*", default=[30, 300])
    arguments.add_argument("--timeout", type=float, default=300.0, help="seconds in all")
    given = arguments.parse_args()
    shipped = load(SHIPPED).unwrap()
    policies = {SHIPPED.name: shipped} | {f"{n} rules": read_policy(policy_text(n)) for n in given.rules}
    rows = [measured(name, policy, given.timeout) for name, policy in policies.items()]
    names = [p.name for p in prove(shipped, time.process_time, 0.0)]
    print(table(["prove, seconds", *names, "in all"], rows))
    others = []
    for name, policy in policies.items():
        before = time.process_time()
        found = len(list(strict(policy, time.process_time, 2 * given.timeout)))
        middle = time.process_time()
        same = compare(policy, policy, time.process_time, 2 * given.timeout).is_same
        ended = time.process_time()
        others.append([name, f"{middle - before:.1f} ({found} findings)", f"{ended - middle:.1f} (proved: {same})"])
    print()
    print(table(["seconds", "lint --strict", "diff with itself"], others))


if __name__ == "__main__":
    main()
