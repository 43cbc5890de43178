"""Opponents of NegMAS, in a process of their own: seeded, whole, and told what is wrong."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")
POLICY = "rules/saas-discounting"

pytestmark = pytest.mark.simulate
pytest.importorskip("negmas", reason="the extra `simulate` is not installed")


def simulate(*arguments: str, hash_seed: str = "0", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as from a shell."""
    called = [sys.executable, "-m", "walkaway_cli.main", "simulate", POLICY, *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, **environment}
    return subprocess.run(called, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)


def test_what_the_page_shows_is_what_is_printed() -> None:
    """Under every hash seed of our own process: that of the opponents is set by `--seed`."""
    done = [simulate("--deals", "20", "--against", "boulware,conceder", hash_seed=s) for s in ("1", "2")]
    assert done[0].stdout == done[1].stdout
    assert (done[0].returncode, done[0].stderr) == (0, "")
    if platform.machine() in ("x86_64", "AMD64"):  # of which the page speaks
        assert f"--against boulware,conceder\n{done[0].stdout}```" in PAGE


@pytest.mark.parametrize(
    "features", [{"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"}, {"NPY_ENABLE_CPU_FEATURES": "X86_V3"}]
)
def test_a_processor_that_can_do_more_makes_no_other_deals(features: dict[str, str]) -> None:
    """NumPy adds up otherwise with what newer processors can do; opponents are kept to what all of them have."""
    asked = ("--deals", "20", "--against", "boulware")
    assert simulate(*asked, **features).stdout == simulate(*asked).stdout


def test_every_opponent_bargains() -> None:
    """Each that is named in the help ends its deals, and who concedes gets deals done."""
    names = "boulware,conceder,linear,micro,random,tit-for-tat,tough"
    done = simulate("--deals", "4", "--rounds", "12", "--against", names)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.partition(":")[0] for line in done.stdout.splitlines() if ": 4 deals" in line] == names.split(",")


def test_another_seed_gives_other_deals() -> None:
    """What is drawn is drawn anew."""
    one, other = (simulate("--deals", "5", "--against", "linear", "--seed", s).stdout for s in ("1", "2"))
    assert one.replace("seed 1", "") != other.replace("seed 2", "")


def test_who_is_no_opponent_is_named_beside_those_who_are() -> None:
    """The finding lists all of them."""
    done = simulate("--against", "boulwar")
    assert done.returncode == 2
    assert "there is no opponent 'boulwar': boulware, conceder" in " ".join(done.stderr.split())
