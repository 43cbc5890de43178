"""What tests of live runs share: a seller's policy that is quick to load, events of many deals, and the command."""

import contextlib
import json
import subprocess
import sys
import threading
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from tests.helpers.commands import ended
from tests.helpers.logs import FLOORS, POLICY, Event, deal
from tests.helpers.processes import PATIENCE_S

from walkaway.run.ports import Batch, Offsets, Source

RUN = [sys.executable, "-m", "walkaway_cli", "run"]
PLANTED = [sys.executable, str(Path(__file__).with_name("planted.py")), "run"]
"""The same with a C core that errs."""


def written_policy(folder: Path, text: str = POLICY) -> Path:
    """Write the policy and its table to a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "policy.yaml").write_text(text)
    (folder / "floors.csv").write_text(FLOORS)
    return folder


def events(deals: int) -> list[Event]:
    """Return the events of many deals, all running at the same time."""
    return [e for several in zip(*(deal(f"D-{n}") for n in range(deals)), strict=True) for e in several]


def lines(found: Iterable[Event]) -> bytes:
    """Write events as JSON lines."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in found)


def run(
    policy: Path,
    *arguments: str | Path,
    stdin: bytes = b"",
    timeout_s: float = PATIENCE_S,
    within: Sequence[str] = (),
    **more: Any,
) -> subprocess.CompletedProcess[bytes]:
    """Run `walkaway run` to its end, as a process where something is to be so of that; no traceback is ever an answer.

    Args:
        within: A command that runs the one behind it.
    """
    several = "--workers" in arguments and arguments[arguments.index("--workers") + 1] != "1"
    if not within and not more and not several:
        return ended("run", "--policy", policy, *arguments, stdin=stdin)
    command = [*within, *RUN, "--policy", policy, *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout_s, check=False, **more)
    assert b"Traceback" not in done.stderr, done.stderr.decode(errors="replace")
    return done


def answers(data: bytes) -> list[tuple[str, str]]:
    """Return deal and event of each verdict that was written."""
    return [(d["deal"], d["event"]) for d in map(json.loads, data.splitlines())]


def ids(found: Sequence[Event]) -> list[tuple[str, str]]:
    """Return deal and id of events."""
    return [(e["deal"], e["id"]) for e in found]


class Reader:
    """Reads a source as the pump does, and keeps its places."""

    def __init__(self, source: Source, places: Offsets | None = None) -> None:
        self.source, self.places = source, dict(places or {})

    def batch(self, most: int = 100) -> Batch:
        """Return the next batch, and go on behind it."""
        found = self.source.read(self.places, most, 0)
        self.places.update(found.places(len(found.lines)))
        return found

    def all(self, most: int = 100) -> list[bytes]:
        """Return the lines that are there, without their breaks and blank ones."""
        found = []
        while (batch := self.batch(most)).lines:
            found += [line.data.rstrip(b"\n") for line in batch.lines if line.data.strip()]
        return found


class Feed(Protocol):
    """Sends events to where a run reads them.

    Attributes:
        places: The arguments that name it.
        is_lasting: Whether a run that starts anew finds what was sent before.
        ends: Whether a run ends by itself when all is read.
    """

    is_lasting: bool = True
    ends: bool = False
    places: Sequence[str | Path]

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send lines."""

    def started(self, process: "subprocess.Popen[bytes]") -> None:
        """Hear that a run has started."""


class FileFeed(Feed):
    """A file that is read to its end."""

    ends = True

    def __init__(self, folder: Path) -> None:
        self.path = folder / "events.jsonl"
        self.path.touch()
        self.places = ["--from", self.path]

    def send(self, data: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(data)


class FollowedFeed(FileFeed):
    """A file that is followed, and rotated each time."""

    ends = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.places = ["--follow", *self.places]
        self.sent = 0

    def send(self, data: bytes) -> None:
        super().send(data[: len(data) // 2])
        self.path.rename(self.path.with_name(f"events.jsonl.{self.sent:03d}"))
        self.sent += 1
        self.path.write_bytes(b"")
        cut = data.find(b"\n", len(data) // 2) + 1
        with self.path.with_name(f"events.jsonl.{self.sent - 1:03d}").open("ab") as file:
            file.write(data[len(data) // 2 : cut])
        super().send(data[cut:])


class FolderFeed(Feed):
    """A folder that gets one more file each time."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "events"
        self.path.mkdir()
        self.places = ["--follow", "--from", self.path]
        self.sent = 0

    def send(self, data: bytes) -> None:
        (self.path / f"{self.sent:03d}.jsonl").write_bytes(data)
        self.sent += 1


class StdinFeed(Feed):
    """A pipe: whoever writes into it sends everything again to a run that starts anew."""

    is_lasting = False
    ends = True
    places = ()

    def __init__(self, folder: Path) -> None:
        self.data = b""

    def send(self, data: bytes) -> None:
        self.data += data

    def started(self, process: "subprocess.Popen[bytes]") -> None:
        threading.Thread(target=self.write, args=(process,), daemon=True).start()

    def write(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError), process.stdin as pipe:
            pipe.write(self.data)
