"""A live job on Spark: a cluster that loses its driver and a worker answers every line once, as one process does."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.spark
pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if shutil.which("java") is None:
    pytest.skip("there is no Java runtime", allow_module_level=True)

from tests.edge.spark.on_this_machine import ENVIRONMENT, PATIENCE_S, Cluster, end  # noqa: E402

ROOT = Path(__file__).parents[3]
SAAS = ROOT / "rules" / "saas-discounting"
DEALS, FILES = 90, 4


def written(folder: Path) -> list[str]:
    """Write deals in turn into files, one later than the other; some have a party, some follow, one line is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    events = [json.loads(line) for line in (SAAS / "deal.jsonl").read_text(encoding="utf-8").splitlines()]
    rng, lines = random.Random(2), list[str]()
    for event in events:
        for number in range(DEALS):
            more = {}
            if event["type"] == "open":
                more = {"party": f"{rng.choice(['Acme', 'acme ', 'Beta'])}{number % 9}"} if number % 3 == 0 else {}
                more |= {"follows": f"D-{number - 1}"} if number % 20 == 7 else {}
            lines.append(json.dumps({**event, "deal": f"D-{number}", **more}))
    lines[DEALS * 3] = "no event"
    lines[DEALS * 4] = lines[DEALS * 2]  # comes twice, in another file
    size = len(lines) // FILES + 1
    for n in range(FILES):
        file = folder / f"{FILES - n}.parquet"  # by their names they would come the other way round
        pq.write_table(pa.table({"line": lines[n * size : (n + 1) * size]}), file)
        os.utime(file, (1_700_000_000 + n, 1_700_000_000 + n))
    return lines


def answered(target: Path) -> list[tuple[int, int, dict[str, Any]]]:
    """Return what commits name: micro-batch, place in its file, and the answer."""
    import pyarrow.parquet as pq

    found = []
    for commit in sorted((target / "commits").glob("*.json")):
        told = json.loads(commit.read_bytes())
        for name in told["answers"]:
            found += [(told["batch"], row["number"], row) for row in pq.read_table(target / name).to_pylist()]
    return sorted(found, key=lambda each: each[:2])


def test_a_job_that_loses_its_driver_and_a_worker_answers_every_line_once(tmp_path: Path) -> None:
    """Nothing is missing, nothing there twice and nothing wrong, whoever is killed after whichever commit."""
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    lines = written(source)
    run = [sys.executable, "-m", "walkaway_cli.main", "run", "--policy", str(SAAS), "--from", str(source)]
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack, 2)
        job = [*run, "--to", str(target), "--master", cluster.url]
        driver = subprocess.Popen(
            job, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT, start_new_session=True
        )
        try:
            until = time.monotonic() + PATIENCE_S
            while not list(target.glob("commits/*.json")) and driver.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            end(driver)
        before = len(list(target.glob("commits/*.json")))
        assert 0 < before < FILES
        again = subprocess.Popen(job, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT)
        try:
            until = time.monotonic() + PATIENCE_S
            while len(list(target.glob("commits/*.json"))) == before and again.poll() is None:
                assert time.monotonic() < until
                time.sleep(0.05)
            end(cluster.workers[0])
            _, stderr = again.communicate(timeout=PATIENCE_S)
        finally:
            again.kill()
            again.wait()
    assert again.returncode == 2, stderr.decode()[-2000:]  # a dead letter is among them
    (tmp_path / "all.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    alone = subprocess.run([*run[:-1], str(tmp_path / "all.jsonl")], capture_output=True, check=False)
    answers = answered(target)
    places = [(batch, number) for batch, number, _ in answers]
    assert len(places) == len(set(places)) == len(lines)
    assert [row["original"] for _, _, row in answers if row["verdict"] is None] == [b"no event"]
    told = [row["answer"].encode() for _, _, row in answers if row["verdict"] is not None]
    assert told == alone.stdout.splitlines()
    assert sum(row["repeated"] or False for _, _, row in answers) == 1
    kept = {name for file in target.glob("commits/*.json") for name in json.loads(file.read_bytes())["answers"]}
    assert kept <= {f"answers/{file.name}" for file in (target / "answers").iterdir()}
