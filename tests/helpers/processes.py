"""Processes that tests start and that never outlive them: whatever goes wrong, no test waits for ever."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE_S = 300.0
"""So long a test waits for what must come, however busy the machine is; a test may take longer than that."""


def wait_for(holds: Callable[[], object], process: "subprocess.Popen[bytes] | None" = None) -> None:
    """Wait until something holds, while the process that is to bring it about goes on."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert process is None or process.poll() is None or holds(), "it ended before"
        assert time.monotonic() < end, "it was waited for in vain"
        time.sleep(0.01)


@contextmanager
def running(command: Sequence[str | Path], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command, with all that it starts, for as long as the block at most."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
