"""A backtest on Spark: what one process finds, on threads, and on a cluster of two workers that loses one of them."""

import contextlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.spark
pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if shutil.which("java") is None:
    pytest.skip("there is no Java runtime", allow_module_level=True)

from tests.edge.spark.on_this_machine import ENVIRONMENT, PATIENCE_S, Cluster, end  # noqa: E402

ROOT = Path(__file__).parents[3]
OLD = ROOT / "rules" / "saas-discounting"
DEALS = 240


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the deals of a shipped policy, many times over, and a policy that is stricter."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("past")
    events = [json.loads(line) for line in (OLD / "deal.jsonl").read_text(encoding="utf-8").splitlines()]
    rng = random.Random(1)
    told = []
    for number in range(DEALS):
        price = f"{rng.randint(10, 900) * 1000:,} USD"
        for event in events:
            more = {}
            if event["type"] == "open":
                more = {"facts": {**event["facts"], "list_price": price}}
                more |= {"party": f"{rng.choice(['Acme', 'acme ', 'Beta'])}{number % 9}"} if number % 3 == 0 else {}
                more |= {"follows": f"D-{number - 1}"} if number % 40 == 7 else {}
            told.append((event["at"], number, json.dumps({**event, "deal": f"D-{number}", **more})))
    told.sort(key=lambda each: each[:2])
    half = len(told) // 2
    for name, part in (("a b", told[half:]), ("b", told[:half])):  # the later half has the earlier name
        lines = [each[2] for each in part]
        pq.write_table(pa.table({"line": lines}), folder / f"past-{name}.parquet", row_group_size=500)
    shutil.copytree(OLD, folder / "new")
    text = (OLD / "policy.yaml").read_text(encoding="utf-8")
    (folder / "new" / "policy.yaml").write_text(text.replace("> 15% of deal.list_price", "> 10% of deal.list_price"))
    return folder


def command(past: Path, *more: str) -> list[str]:
    """Return the command that backtests it; of the two files the earlier is named first."""
    files = [f"--parquet={past / f'past-{name}.parquet'}" for name in ("b", "a b")]
    called = [sys.executable, "-m", "walkaway_cli.main", "backtest", str(past / "new"), "--against", str(OLD)]
    return [*called, *files, "--format", "json", *more]


def found(data: bytes) -> Any:
    """Return what was found; which of the changed events are named first is no part of it."""
    told = json.loads(data)
    told["changed"] = sorted(json.dumps(each, sort_keys=True) for each in told["changed"])
    return told


@pytest.fixture(scope="module")
def alone(past: Path) -> Any:
    """Return what one process finds."""
    done = subprocess.run(command(past), capture_output=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 1, done.stderr
    return found(done.stdout)


def test_threads_find_what_one_process_finds(past: Path, alone: Any) -> None:
    """Deal by deal and in the order of the files as they were named, whatever order Spark reads them in."""
    run = command(past, "--master", "local[2]")
    done = subprocess.run(run, capture_output=True, check=False, timeout=PATIENCE_S, env=ENVIRONMENT)
    assert done.returncode == 1, done.stderr.decode()[-2000:]
    assert found(done.stdout) == alone
    assert alone["events"] == DEALS * 10


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return a cluster of two workers."""
    with contextlib.ExitStack() as stack:
        yield Cluster(tmp_path, stack, 2)


def test_a_cluster_that_loses_its_driver_and_a_worker_finds_it_too(past: Path, alone: Any, cluster: Cluster) -> None:
    """Started again it begins anew; what a worker had not handed over is decided again; nothing counts twice."""

    def started() -> "subprocess.Popen[bytes]":
        run = subprocess.Popen(
            command(past, "--master", cluster.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        try:
            cluster.wait(lambda state: state["activeapps"] and all(w["coresused"] == 1 for w in state["workers"]))
        except AssertionError:
            end(run)
            raise
        return run

    end(started())
    cluster.wait(lambda state: not state["activeapps"])
    run = started()
    try:
        end(cluster.workers[0])
        stdout, stderr = run.communicate(timeout=PATIENCE_S)
    finally:
        end(run)
    assert run.returncode == 1, stderr.decode()[-2000:]
    assert found(stdout) == alone


def test_a_file_without_lines_is_told(tmp_path: Path) -> None:
    """A column for each field would go through Spark's own types; it is said what to write."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"deal": ["D-1"], "at": [1]}), tmp_path / "x.parquet")
    run = [sys.executable, "-m", "walkaway_cli.main", "backtest", str(OLD), "--master", "local[1]"]
    done = subprocess.run([*run, "--parquet", str(tmp_path / "x.parquet")], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "write each event as its JSON text" in " ".join(done.stderr.split())
