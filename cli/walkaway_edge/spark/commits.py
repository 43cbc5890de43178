"""What a live job on Spark leaves behind, in one folder: answers, the deals' states, and the commits that name them.

A file counts once a commit names it. A commit is one small file that holds, of one micro-batch, its place (the number
by which Spark knows which events it is of), its answers and the states after it; it appears as a whole or not at all,
and no second one of its number can. Whatever a lost driver or worker wrote beside is named by nobody.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from walkaway_edge.problems import EdgeProblem

FORMAT = 1


class JobCommit(msgspec.Struct, frozen=True):
    """One micro-batch that is done.

    Attributes:
        lines: How many lines it had, and `dead` how many of them were no events that fit.
        answers: The files of its answers, one of each bucket, by their paths in the folder.
        states: Bucket → the file of its deals, of every bucket that has any.
        keys: Deal → what it is shared out by, of deals that the batch opened with a party or behind another one.
    """

    format: int
    batch: int
    buckets: int
    lines: int
    dead: int
    answers: tuple[str, ...]
    states: Mapping[str, str]
    keys: Mapping[str, str]


_read = msgspec.json.Decoder(JobCommit).decode


class JobFolder:
    """The folder of one job. Its machines see it under one path.

    Raises:
        EdgeProblem: Where it cannot be written, or holds what no job wrote.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.commits, self.answers, self.states = (self.path / name for name in ("commits", "answers", "states"))
        try:
            for folder in (self.commits, self.answers, self.states):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise EdgeProblem(f"{path} cannot be written: {problem.strerror}") from problem
        self.keys: dict[str, str] = {}
        self.last: JobCommit | None = None
        for commit in self.all():
            self.keys |= commit.keys
            self.last = commit

    @property
    def checkpoint(self) -> str:
        """Return where Spark keeps which files each micro-batch is of."""
        return str(self.path / "checkpoint")

    def all(self) -> Iterator[JobCommit]:
        """Return all commits, the oldest first."""
        for file in sorted(self.commits.glob("*.json")):
            try:
                commit = _read(file.read_bytes())
            except (OSError, msgspec.MsgspecError) as problem:
                raise EdgeProblem(f"{file} is no commit of a job") from problem
            if commit.format != FORMAT:
                raise EdgeProblem(f"{file} has format {commit.format}, and this release reads {FORMAT}")
            yield commit

    def state(self, bucket: int) -> Path | None:
        """Return the file of a bucket's deals; none where it has none."""
        named = None if self.last is None else self.last.states.get(str(bucket))
        return None if named is None else self.path / named

    def commit(self, commit: JobCommit) -> None:
        """Make a micro-batch count, whole; then states that nothing names any more are deleted.

        Raises:
            EdgeProblem: Where it counts already: another driver is at work in this folder.
        """
        file = self.commits / f"{commit.batch:012}.json"
        part = self.commits / f"{commit.batch:012}.{os.getpid()}.part"
        with part.open("wb") as written:
            written.write(msgspec.json.encode(commit))
            written.flush()
            os.fsync(written.fileno())
        try:
            os.link(part, file)  # fails where it is there, as a rename would not
        except FileExistsError as problem:
            raise EdgeProblem(f"{file} is there: another job writes to this folder") from problem
        finally:
            part.unlink()
        _synced(self.commits)
        stale = {} if self.last is None else dict(self.last.states)
        self.keys |= commit.keys
        self.last = commit
        for bucket, named in stale.items():
            if commit.states.get(bucket) != named:
                with contextlib.suppress(OSError):
                    (self.path / named).unlink()


def write_durably(file: Path, data: bytes) -> None:
    """Write a file of which the name counts only once it is on disk."""
    with file.open("wb") as written:
        written.write(data)
        written.flush()
        os.fsync(written.fileno())


def _synced(folder: Path) -> None:
    """Have the names in a folder on disk, where its system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
