"""What a job of `walkaway serve` is asked, and how much it may take; nothing else is loaded for it."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

_PR_SET_PDEATHSIG = 1


class JobQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a job is asked.

    Attributes:
        files, against: A policy and the one that it is held against, each as all its files by name.
        store: The log, where the past is asked about.
        seconds: How long it may take, of processor time.
        memory: How much it may take, in bytes.
        server: The process that waits for the answer; 0 for any.
        options: As `mandatory`, `strict`, `only`; each kind has its own.
    """

    kind: str
    files: Mapping[str, str] = {}
    against: Mapping[str, str] = {}
    store: str = ""
    seconds: int = 300
    memory: int = 4 << 30
    server: int = 0
    options: Mapping[str, Any] = {}


def bounded(question: JobQuestion) -> None:
    """Let this process take no more than it may, and end with the server that started it."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (question.seconds + 5, question.seconds + 10))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (question.memory, question.memory))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if question.server not in (0, os.getppid()):  # it has ended before
        sys.exit(1)
