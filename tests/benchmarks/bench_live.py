"""From a line to its decision, against another release: both run beside each other and take turns.

    python tests/benchmarks/bench_live.py [--rounds 9] [--cases plain-30 saas-discounting]
    python tests/benchmarks/bench_live.py --profile plain-30

The other release is the commit in `baseline.txt`, written out of git into a temporary folder, or `--baseline FOLDER`.
Each runs in a process of its own, with the policies of its own `rules/`, and answers with what its `run` answers:
evidence, or decisions in words before there was evidence. Both are warm, and every round has deals of its own. The job
offers are the NegoChat corpus, where it lies beside the repository (`../shared/data`); the deals of subscriptions are
made up.
"""

import argparse
import cProfile
import io
import json
import os
import pstats
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from harness import table
from workload import events, policy_text

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "data" / "negochat.events.jsonl"
CORES = ("plain", "both")


class Case(msgspec.Struct, frozen=True):
    """One policy and its deals.

    Attributes:
        policy: Below the tree of each release, or whole.
        deals: Gives the lines of a round; no round has deals of another one.
    """

    name: str
    policy: str
    deals: Callable[[int], Sequence[bytes]]


def subscriptions(deals: int, each: int, seed: int = 1) -> Iterator[bytes]:
    """Return deals under `rules/saas-discounting`, haggled step by step by both sides."""
    rng = random.Random(seed)
    for number in range(deals):
        deal = f"D-{number}"

        def said(turn: int, sort: str, deal: str = deal, **rest: object) -> bytes:
            at = f"2026-10-{5 + turn // 24:02d}T{turn % 24:02d}:00:00Z"
            return json.dumps({"id": f"{deal}/{turn}", "deal": deal, "at": at, "type": sort, **rest}).encode()

        facts: dict[str, object] = {
            "list_price": f"{rng.randrange(20, 400)},000 USD",
            "segment": rng.choice(["smb", "mid-market", "enterprise"]),
            "decision_maker_known": rng.choice(["yes", "yes", "no"]),
        }
        yield said(0, "open", actor="rep", facts=facts)
        high, low = float(rng.randrange(20, 40)), 0.0
        for turn in range(1, each):
            if turn % 2:
                high -= rng.random() * 5
                terms = {"discount": f"{max(round(high, 1), 0):g}%"}
                if rng.random() < 0.4:
                    terms["term"] = f"{rng.choice([12, 24, 36])} months"
                yield said(turn, "offer", by="them", terms=terms)
                continue
            low += rng.random() * 4
            terms = {"discount": f"{round(low, 1):g}%"}
            if rng.random() < 0.5:
                terms |= {"term": f"{rng.choice([12, 24, 36])} months", "prepay": rng.choice(["yes", "no"])}
            yield said(turn, "offer", by="us", actor="rep", terms=terms)


def cases(folder: Path) -> Iterator[Case]:
    """Return what is measured."""
    for size in (30, 300):
        path = folder / f"plain-{size}" / "policy.yaml"
        path.parent.mkdir()
        path.write_text(policy_text(size))
        yield Case(f"plain-{size}", str(path.parent), lambda turn: events(60, 15, turn + 1))
    yield Case("saas-discounting", "rules/saas-discounting", lambda turn: list(subscriptions(60, 15, turn + 1)))
    if CORPUS.is_file():
        yield Case("job-offer", "rules/job-offer", negotiated)


def negotiated(turn: int) -> Sequence[bytes]:
    """Return a part of the corpus; from the fourth round on its parts come again, as deals of other names."""
    every = CORPUS.read_bytes().splitlines()
    opens = [n for n, line in enumerate(every) if b'"open"' in line]
    begins = [next(n for n in opens if n >= len(every) * part // 4) for part in range(4)] + [len(every)]
    return every[begins[turn % 4] : begins[turn % 4 + 1]]


def renamed(lines: Sequence[bytes], turn: int) -> list[bytes]:
    """Return lines as of deals that are this round's alone."""
    return [line.replace(b'"deal": "', b'"deal": "%d-' % turn) for line in lines]


def written_out(folder: Path) -> Path:
    """Write the tree of the baseline's commit."""
    version, commit = (Path(__file__).parent / "baseline.txt").read_text().split()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(folder / version, filter="data")
    return folder / version


class Release:
    """A process that decides by one release."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.tree = tree
        path = os.pathsep.join([str(tree / "engine"), str(tree / "cli")])
        command = [sys.executable, str(Path(__file__).parent / "one_release.py"), str(folder)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
        )

    def spent(self, case: Case, core: str, turn: int, lines: int) -> float:
        """Return the microseconds of processor time that each of so many events took."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        policy = str(self.tree / case.policy)
        self.process.stdin.write(json.dumps([policy, core, f"{case.name}-{turn}.jsonl"]) + "\n")
        self.process.stdin.flush()
        spent, count = map(int, self.process.stdout.readline().split())
        assert count > 0.9 * lines, f"{case.name}: {count} of {lines} lines decided"
        return spent / lines / 1_000

    def close(self) -> None:
        """Let it end."""
        self.process.communicate()


def compared(case: Case, folder: Path, releases: Sequence[Release], rounds: int) -> list[object]:
    """Return a row: what an event takes each release with `plain` and `both`, the ratios, and what `rete` adds."""
    found: dict[tuple[int, str], list[float]] = {(which, core): [] for which in (0, 1) for core in CORES}
    for turn in range(rounds + 1):
        lines = renamed(case.deals(turn), turn)
        (folder / f"{case.name}-{turn}.jsonl").write_bytes(b"\n".join(lines))
        for core in CORES:
            for which, release in enumerate(releases):
                found[which, core].append(release.spent(case, core, turn, len(lines)))
    then, now = ({c: statistics.median(found[which, c][1:]) for c in CORES} for which in (0, 1))
    ratios = {c: statistics.median(a / b for a, b in zip(found[0, c][1:], found[1, c][1:], strict=True)) for c in CORES}
    added = [
        statistics.median(b - p for p, b in zip(found[w, "plain"][1:], found[w, "both"][1:], strict=True))
        for w in (0, 1)
    ]
    return [
        case.name,
        *(f"{then[c]:.0f} → {now[c]:.0f}, {ratios[c]:.2f}" for c in CORES),
        f"{added[0]:.1f} → {added[1]:.1f}, {added[1] / added[0]:.2f}",
    ]


def profiled(case: Case) -> str:
    """Return where the time of an event goes, as a profiler sees it, and how often each function is called."""
    from one_release import decided, recording

    from walkaway import Core, Engine, Stream
    from walkaway import policy as policies

    more, encode = recording()
    engine = Engine(policies.load(ROOT / case.policy).unwrap(), Core.PLAIN)
    profile = cProfile.Profile(time.process_time_ns, 1e-9)
    for turn in range(3):
        lines = renamed(case.deals(turn), turn)
        stream = Stream(engine, **more)
        if turn == 2:
            profile.enable()
        sum(map(len, decided(stream, encode, lines)))
        profile.disable()
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    calls = stats.total_calls / len(lines)  # type: ignore[attr-defined]
    stats.sort_stats("tottime").print_stats(60)
    return f"{calls:.1f} calls an event\n{text.getvalue()}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cases", nargs="*", default=[])
    parser.add_argument("--baseline", type=Path)
    parser.add_argument("--profile", metavar="CASE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every = list(cases(folder))
        if options.profile:
            print(profiled(next(c for c in every if c.name == options.profile)))
            return
        baseline = options.baseline or written_out(folder)
        releases = [Release(baseline.resolve(), folder), Release(ROOT, folder)]
        try:
            chosen = [c for c in every if not options.cases or c.name in options.cases]
            rows = [compared(case, folder, releases, options.rounds) for case in chosen]
        finally:
            for release in releases:
                release.close()
        head = ["case", *(f"{c}: µs then → now, times" for c in CORES), "rete adds: µs then → now, of then"]
        print(table(head, rows))


if __name__ == "__main__":
    main()
