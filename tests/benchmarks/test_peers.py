"""The engines that the policy engine is timed against are asked the same questions, and answer alike."""

import subprocess
import sys
from pathlib import Path

import pytest

from walkaway.decide.core import rete

from .peers import NAMES

SCRIPT = Path(__file__).with_name("bench_peers.py")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not rete.is_available(), reason="both cores answer first, and the C core is missing"),
]


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """Return what is said of each peer; in a process of its own, since one of them starts a Java machine."""
    ran = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert len(ran.stdout.splitlines()) == len(NAMES), ran.stdout + ran.stderr
    return dict(line.split(": ", 1) for line in ran.stdout.splitlines())


@pytest.mark.parametrize("peer", NAMES)
def test_each_peer_fires_the_same_rules_on_every_line(peer: str, said: dict[str, str]) -> None:
    """A peer gives what both cores give, at each constant of 30 rules and one unit to either side too."""
    words = said[peer]
    if words.startswith("not installed"):
        pytest.skip(f"{words} (see tests/benchmarks/README.md)")
    assert words.startswith("identical on 5"), words


def test_a_host_that_keeps_the_ledger_gives_the_verdicts_of_walkaway() -> None:
    """The host in which peers are timed answers every event of generated deals as walkaway does, by our own core."""
    script = SCRIPT.with_name("bench_whole_job.py")
    told = [sys.executable, script, "--check", "--only", "--deals", "20"]
    ran = subprocess.run(told, capture_output=True, text=True, check=False)
    assert ran.stdout == "plain: identical on 240 events\n", ran.stdout + ran.stderr


PLANTED = """
import sys
sys.path.insert(0, sys.argv[1])
import bench_peers, peers
peers.load = lambda name: peers.Peer(name, "sys", lambda rules: lambda line: frozenset({0}), peers.flat_line)
sys.exit(bench_peers.check(["zen-engine"]))
"""


def test_a_peer_that_answers_otherwise_is_found_out() -> None:
    """A peer for which always the first rule fires, and no other, is reported to differ."""
    ran = subprocess.run([sys.executable, "-c", PLANTED, SCRIPT.parent], capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.startswith("zen-engine: differs on ")
