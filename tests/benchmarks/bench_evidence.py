"""Evidence against decisions in words: bytes, and from a line of an event to either; and what telling costs later.

    python tests/benchmarks/bench_evidence.py [--rounds 7]

*Words*: from line to the bytes of the decision, as `check --format json` answers. *Evidence*: from line to the bytes of
what a log keeps, and `run` answers. *Told*: from those bytes to the decision in words.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import cast

from harness import race, table
from workload import events, policy_text, read_policy

from walkaway import Core, Decision, Engine, Policy, Stream
from walkaway.deal.encode import canonical
from walkaway.decide.evidence import Evidence, pack, unpack

SIZES = (10, 30, 300)
DEALS, EVENTS = 30, 30


def decided(engine: Engine, lines: Sequence[bytes], *, in_words: bool) -> Iterator[Decision | Evidence]:
    """Return what is decided of lines, in words or as evidence."""
    stream = Stream(engine, in_words=in_words)
    for answer in stream.lines(lines, "events.jsonl"):
        assert isinstance(answer, Decision | Evidence), answer
        yield answer


def sizes(policy: Policy) -> list[object]:
    """Return rules that fire, and mean bytes in words and as evidence, with both cores."""
    engine, lines = Engine(policy), events(DEALS, EVENTS)
    words, evidence = ([canonical(d) for d in decided(engine, lines, in_words=i)] for i in (True, False))
    fired = [len(unpack(data).reasons) for data in evidence]
    count = len(lines)
    return [
        f"{sum(fired) / count:.1f}",
        f"{sum(map(len, words)) / count:,.0f}",
        f"{sum(map(len, evidence)) / count:,.0f}",
    ]


def times(policy: Policy, rounds: int) -> list[object]:
    """Return microseconds of processor time an event: in words, as evidence, told from evidence."""
    batches = [events(DEALS, EVENTS, seed) for seed in range(rounds + 1)]
    engines = {True: Engine(policy, Core.PLAIN), False: Engine(policy, Core.PLAIN)}
    turns = {True: iter(batches), False: iter(batches)}
    packed = [pack(cast(Evidence, e)) for e in decided(engines[False], batches[0], in_words=False)]
    renderer = engines[True].renderer

    def way(*, in_words: bool) -> int:
        found = decided(engines[in_words], next(turns[in_words]), in_words=in_words)
        return sum(len(canonical(each)) for each in found)

    def tell() -> int:
        return sum(len(canonical(renderer.render(unpack(data)))) for data in packed)

    ways = {"words": lambda: way(in_words=True), "evidence": lambda: way(in_words=False), "told": tell}
    found = race(ways, rounds, DEALS * EVENTS)
    cells = [f"{found[name]:.0f} µs" for name in ways]
    return [*cells, f"{found['words'] / found['evidence']:.2f}"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    head = ["rules", "fire", "bytes in words", "bytes as evidence", "words", "evidence", "told", "words / evidence"]
    rows = []
    for size in SIZES:
        policy = read_policy(policy_text(size))
        rows.append([size, *sizes(policy), *times(policy, options.rounds)])
    print(table(head, rows))


if __name__ == "__main__":
    main()
