"""The whole job: events in, ledger kept, verdict out; walkaway beside rule engines in the smallest honest host of them.

    python tests/benchmarks/bench_whole_job.py [--rules 30] [--rounds 9] [--deals 40] [--only zen-engine ...]
    python tests/benchmarks/bench_whole_job.py --check

A rule engine says which rules fire on facts. Somebody has to read events, keep the ledger and work the facts out;
`host.py` is that, as small as it can be, in Python, and `plain` in the same host shows what it takes without a peer.
walkaway does more beside: it checks every line, keeps the deal's events and digests, and gives evidence that proves
the decision.

Before anything is timed every way answers every event of generated deals: the verdict, and for our offers which
written rules fire, must be walkaway's. One that differs, or fails, is reported and not timed. Ways take turns, round
by round, with deals of their own in each, so that nothing is measured that was remembered. `--check` stops before.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import peers
from bench_peers import spread
from harness import table
from host import Fires, Host
from workload import events, policy_text, read_policy, stage_of

from walkaway import Core, Engine, Stream
from walkaway.deal.encode import canonical
from walkaway.decide.core import plain
from walkaway.decide.core.program import Stage
from walkaway.decide.evidence import Evidence
from walkaway.language.expr.tree import facts_of
from walkaway.policy import Policy

Decide = Callable[[bytes], bytes]
Begin = Callable[[], Decide]
"""Begins with no deals, and returns what decides lines."""
Answer = tuple[str, frozenset[int]]

EACH = 12
"""Events of a deal."""


def of_walkaway(policy: Policy, core: Core) -> Begin:
    """Return how walkaway decides lines: to evidence, as a live run writes it."""
    engine = Engine(policy, core)

    def begin() -> Decide:
        follower = Stream(engine, in_words=False)
        return lambda line: canonical(next(follower.line(line, "events", 1)))

    return begin


def hosted(policy: Policy, stage: Stage, fires: Fires) -> Begin:
    """Return how a host decides lines that asks *fires*."""
    verdicts = {rule.id: rule.effect.verdict for rule in policy.rules}
    named = {place: (verdicts[rule.id] or "proceed") for place, rule in enumerate(stage.rules)}
    return lambda: Host(fires, {place: str(verdict) for place, verdict in named.items()}).line


def asking(peer: peers.Peer, stage: Stage) -> Fires:
    """Return what asks a peer, given facts by the names that policies have.

    What it is given is written as it reads it fastest, by an encoder that is quicker than the standard library's.
    """
    decide, encode = peer.build(peers.rules_of(stage)), msgspec.json.Encoder().encode
    wanted = sorted({fact for rule in stage.rules for fact in facts_of(rule.condition)})
    if peer.line is peers.flat_line:
        names = [(peers.flat(fact), fact) for fact in wanted]
        return lambda facts: decide(encode({name: facts[fact] for name, fact in names}))
    return lambda facts: decide(peer.line({fact: facts[fact] for fact in wanted}))


def by_plain(stage: Stage) -> Fires:
    """Return what asks our own core."""
    run = plain.load(stage)
    return lambda facts: frozenset(run(facts))


def expected(policy: Policy, stage: Stage, lines: Iterable[bytes]) -> list[Answer]:
    """Return walkaway's verdicts, and the numbers of the written rules that fired on our offers."""
    numbers = {rule.id: place for place, rule in enumerate(stage.rules)}
    follower = Stream(Engine(policy, Core.BOTH), in_words=False)
    found = []
    for line in lines:
        (evidence,) = follower.line(line, "events", 1)
        assert isinstance(evidence, Evidence), evidence
        fired = frozenset(numbers[r.rule] for r in evidence.reasons if r.rule in numbers)
        found.append((evidence.verdict.value, fired))
    return found


def answered(begin: Begin, lines: Iterable[bytes]) -> list[Answer]:
    """Return what a host answers."""
    decide = begin()
    told = [msgspec.json.decode(decide(line)) for line in lines]
    return [(each["verdict"], frozenset(each["rules"])) for each in told]


def compared(begin: Callable[[], Begin], lines: Sequence[bytes], right: Sequence[Answer]) -> tuple[str, Begin | None]:
    """Say how a host's answers compare, and give it where they are the same."""
    try:
        way = begin()
        found = answered(way, lines)
    except ImportError as problem:
        return f"not installed: {problem}", None
    except Exception as problem:  # noqa: BLE001 - whatever a peer raises is what is to be reported
        return f"fails: {type(problem).__name__}: {str(problem)[:100]}", None
    wrong = sum(a != b for a, b in zip(found, right, strict=True))
    return (f"differs on {wrong} of {len(right)} events", None) if wrong else (f"identical on {len(right)} events", way)


def laps(ways: Mapping[str, Begin], rounds: int, deals: int) -> dict[str, list[float]]:
    """Return the processor time of each way in each round, in microseconds for an event; the first round warms up."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        lines = events(deals, EACH, seed=1_000 + number)
        for name, begin in ways.items():
            decide = begin()
            gc.collect()
            before = time.process_time_ns()
            for line in lines:
                decide(line)
            spent[name].append((time.process_time_ns() - before) / len(lines) / 1_000)
    return {name: times[1:] for name, times in spent.items()}


def main() -> int:
    """Print how answers compare, and then the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rules", type=int, default=30)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--deals", type=int, default=40)
    arguments.add_argument("--only", nargs="*", choices=peers.NAMES, default=tuple(peers.NAMES))
    arguments.add_argument("--check", action="store_true")
    given = arguments.parse_args()
    policy = read_policy(policy_text(given.rules))
    stage, lines = stage_of(policy), events(given.deals, EACH, seed=7)
    right, wrong = expected(policy, stage, lines), False
    ways = {"walkaway, plain": of_walkaway(policy, Core.PLAIN), "walkaway, both": of_walkaway(policy, Core.BOTH)}
    makers: dict[str, Callable[[], Fires]] = {"plain": lambda: by_plain(stage)}
    makers |= {name: lambda name=name: asking(peers.load(name), stage) for name in given.only}  # type: ignore[misc]
    for name, make in makers.items():
        words, way = compared(lambda make=make: hosted(policy, stage, make()), lines, right)  # type: ignore[misc]
        print(f"{name}: {words}", flush=True)
        wrong |= way is None and not words.startswith("not installed")
        if way is not None:
            ways[f"host, {name}"] = way
    if given.check:
        return int(wrong)
    times = laps(ways, given.rounds, given.deals)
    base = times["walkaway, plain"]
    rows = sorted((statistics.median(found), name, spread(found, base)) for name, found in times.items())
    print(f"\n{given.rules} rules, {given.rounds} rounds of {given.deals * EACH} events\n")
    print(table(["way", "an event", "times walkaway's"], [[n, f"{m:,.1f} µs", of] for m, n, of in rows]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
