"""A cluster of Apache Spark on this machine: a master, and workers with one core each."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pyspark

HOME = Path(pyspark.__file__).parent
PATIENCE_S = int(os.environ.get("WALKAWAY_PATIENCE_S") or 120)
ENVIRONMENT = {
    **os.environ,
    "SPARK_LOCAL_IP": "127.0.0.1",
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_HOME": str(HOME),
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # they do little, and start in half the time
}


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Cluster:
    """A master, and workers with one core each."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack, workers: int) -> None:
        self.folder, self.stack = folder, stack
        self.port, self.page = free_port(), free_port()
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--webui-port", str(self.page)]
        self.start("master", "org.apache.spark.deploy.master.Master", *where)
        self.wait(lambda state: True)  # a worker that finds no master tries again only seconds later
        self.workers = [self.worker(number) for number in range(workers)]
        self.wait(lambda state: sum(w["state"] == "ALIVE" for w in state["workers"]) == workers)

    def start(self, name: str, of: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of its processes, which ends with the cluster."""
        log = self.stack.enter_context((self.folder / name).open("wb"))
        run = [str(HOME / "bin" / "spark-class"), of, *arguments]
        started = subprocess.Popen(run, stdout=log, stderr=log, env=ENVIRONMENT, start_new_session=True)
        self.stack.callback(end, started)
        return started

    def worker(self, number: int) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self.start(
            f"worker-{number}", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1",
            "--memory", "1g", "--work-dir", str(self.folder / f"work-{number}"), "--webui-port", "0", self.url,
        )  # fmt: skip

    @property
    def told(self) -> str:
        """Return where the master says how it is."""
        return f"http://127.0.0.1:{self.page}/json/"

    @property
    def url(self) -> str:
        """Return what `--master` takes."""
        return f"spark://127.0.0.1:{self.port}"

    def wait(self, is_so: Any) -> None:
        """Wait until the master says that something is so."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(self.told, timeout=5) as reply:
                if is_so(json.loads(reply.read())):
                    return
            time.sleep(0.2)
        raise AssertionError((self.folder / "master").read_text()[-2000:])


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started; what it said and nobody has read is let go."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
