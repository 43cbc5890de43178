"""Real servers that tests start themselves, on ports of the loopback interface that are free, for an hour at most."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.helpers.processes import PATIENCE_S


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _served(program: str, arguments: Callable[[int, Path], Sequence[str | Path]]) -> Iterator[int]:
    """Run a server; give its port."""
    binary = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if binary is None:
        pytest.skip(f"{program} is not installed here")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="wa-broker-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        log = (folder / "log").open("wb")
        command = ["timeout", "3600", binary, *arguments(port, folder)]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            end = time.monotonic() + PATIENCE_S
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{program} did not start:\n{(folder / 'log').read_text()}")
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            log.close()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def redis_server() -> Iterator[int]:
    """Run Redis, which keeps nothing on disk; give its port."""

    def arguments(port: int, folder: Path) -> Sequence[str | Path]:
        return ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]

    with _served("redis-server", arguments) as port:
        yield port


@contextmanager
def nats_server() -> Iterator[int]:
    """Run NATS with JetStream; give its port."""

    def arguments(port: int, folder: Path) -> Sequence[str | Path]:
        return ["--addr", "127.0.0.1", "--port", str(port), "--jetstream", "--store_dir", folder / "store"]

    with _served("nats-server", arguments) as port:
        yield port
