"""The long run of the fuzz tests: one target for some minutes, from a seed that is printed.

    python -m tests.fuzz.long policy --minutes 10
    python -m tests.fuzz.guided policy -max_total_time=600      (guided by coverage; needs the package `atheris`)

Exits 1 at the first input that breaks walkaway's word, and leaves that input in the file it names.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from tests.fuzz.targets import decode_line, parse_expression, read_policy, read_stream, read_table
from tests.helpers.generated import generate
from tests.helpers.hostile import (
    YAML_PIECES,
    broken_bytes,
    broken_line,
    broken_yaml_tree,
    expression,
    good_policies,
    shipped,
)

GOOD = good_policies()
LINES = shipped()[1]
TABLE = b'segment,walk,cost,from\nsmb,10%,"1,000 USD",\nsmb,11%,"2,000 USD",2026-10-20\n*,20%,0 USD,\n'


def a_tree(rng: Random) -> bytes:
    """Return a policy in good YAML whose parts have been changed."""
    case = generate(rng, 3)
    return case.policy(root=broken_yaml_tree(rng, case.root))


def a_stream(rng: Random) -> bytes:
    """Return lines of which some have been changed."""
    lines = [rng.choice(LINES) for _ in range(rng.randint(1, 20))]
    return b"\n".join(broken_line(rng, line) if rng.randrange(3) == 0 else line for line in lines)


TARGETS: Mapping[str, tuple[Callable[[Random], bytes], Callable[[bytes], object]]] = {
    "policy": (lambda rng: broken_bytes(rng, rng.choice(GOOD)), read_policy),
    "tree": (a_tree, read_policy),
    "expression": (
        lambda rng: expression(rng).encode("utf-8", "ignore"),
        lambda data: parse_expression(data.decode("utf-8", "ignore")),
    ),
    "line": (lambda rng: broken_line(rng, rng.choice(LINES)), decode_line),
    "stream": (a_stream, read_stream),
    "table": (lambda rng: broken_bytes(rng, TABLE, [*YAML_PIECES, b",", b'""', b"*", b"..", b">= "]), read_table),
}
"""Target → what makes an input, and what takes it."""


def main() -> int:
    """Run one target until its time is up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    asked = parser.parse_args()
    make, take = TARGETS[asked.target]
    rng, end, count = Random(asked.seed), time.monotonic() + 60 * asked.minutes, 0
    print(f"{asked.target}, seed {asked.seed}")
    while time.monotonic() < end:
        data = make(rng)
        count += 1
        try:
            take(data)
        except Exception:
            found = Path(f"crash-{asked.target}-{asked.seed}")
            found.write_bytes(data)
            print(f"input {count:,} broke it; it is in {found}", file=sys.stderr)
            raise
    print(f"{count:,} inputs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
