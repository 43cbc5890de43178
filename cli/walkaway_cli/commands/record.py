"""`walkaway record`: decide the events of some files, and answer only what is on disk."""

import os
import select
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import click

from walkaway import Core, DeadLetter
from walkaway.deal.letters import dead_letter_line
from walkaway.deal.lines import Line
from walkaway.log.record import Recorder
from walkaway.run.ports import Answer
from walkaway_cli import exits
from walkaway_cli.options.formats import core_option, format_option
from walkaway_cli.options.policies import load_policies, policies_option
from walkaway_cli.options.stores import opened, store_option
from walkaway_cli.render.decision import decision_text
from walkaway_cli.render.diagnostics import show_findings, show_incident
from walkaway_edge.salts import salt

_CHUNK = 1 << 16


@click.command("record")
@store_option
@policies_option
@format_option
@core_option
@click.option(
    "--batch",
    type=click.IntRange(1, 100_000),
    default=100,
    show_default=True,
    help="Events that are committed together at most; fewer where no more have come yet.",
)
@click.option(
    "--dead-letters",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Append what cannot be decided to this file, as JSON lines.",
)
@click.argument("events", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
def command(
    url: str,
    paths: tuple[Path, ...],
    form: str,
    core: str,
    batch: int,
    dead_letters: Path | None,
    events: tuple[Path, ...],
) -> int:
    """Decide every event of EVENTS (files of JSON lines, or - for stdin) and keep it in the log.

    An answer is given when its entry is on disk. An event that is in the log already gets the answer it has.
    Exits 0 only if the last decision of every deal is `proceed` and nothing was left undecided.

    \b
    walkaway record --policy rules/saas-discounting rules/saas-discounting/deal.jsonl
    tail -f events.jsonl | walkaway record --store log.db --policy rules/saas-discounting -
    """
    policy, *others = load_policies(paths)
    with opened(url, writable=True) as store, _Answers(form, dead_letters, of_several=bool(others)) as answers:
        recorder = Recorder(store, policy, salt, Core(core), show_incident, others=others)
        for file in events:
            for lines in _batches(file, batch):
                answers.take(recorder.record(lines))
        answers.summary()
        return answers.status()


def _batches(file: Path, most: int) -> Iterator[list[Line]]:
    """Return the lines of a file in batches: up to *most*, or as many as are there without waiting for more."""
    name, number = str(file), 0
    batch: list[Line] = []
    with _open(file) as stream:
        for line in _lines(stream):
            if line is None:
                if batch:
                    yield batch
                    batch = []
                continue
            number += 1
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                batch.append(Line(line, name, number))
                if len(batch) == most:
                    yield batch
                    batch = []
    if batch:
        yield batch


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Return the lines of a stream, and none wherever the next one would have to be waited for."""
    handle = stream.fileno()
    if stat.S_ISREG(os.fstat(handle).st_mode):
        yield from stream
        return
    rest = b""
    while True:
        if not select.select([handle], [], [], 0)[0]:
            yield None
        chunk = os.read(handle, _CHUNK)
        if not chunk:
            break
        *whole, rest = (rest + chunk).split(b"\n") if b"\n" in chunk else (rest + chunk,)
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


def _open(file: Path) -> IO[bytes]:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except (OSError, ValueError) as problem:
        reason = (getattr(problem, "strerror", None) or "no such file").lower()
        raise click.UsageError(f"{file} cannot be read: {reason}") from problem


class _Answers:
    """Writes the answers to each batch, and remembers the last of each deal."""

    def __init__(self, form: str, dead_letters: Path | None, *, of_several: bool) -> None:
        self.form, self.of_several = form, of_several
        self.recorded = self.repeated = self.dead = 0
        self.last: dict[str, bool] = {}
        self.file = _append_to(dead_letters) if dead_letters is not None else None

    def __enter__(self) -> "_Answers":
        return self

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()

    def take(self, answers: Sequence[Answer | DeadLetter]) -> None:
        """Write what is on disk now; dead letters are put on disk first."""
        letters = [a for a in answers if isinstance(a, DeadLetter)]
        if letters and self.file is not None:
            self.file.write(b"".join(dead_letter_line(letter) + b"\n" for letter in letters))
            self.file.flush()
            os.fsync(self.file.fileno())
        said: list[str] = []
        for answer in answers:
            if isinstance(answer, DeadLetter):
                self.dead += 1
                show_findings(answer.findings)
                continue
            self.recorded += not answer.repeated
            self.repeated += answer.repeated
            self.last[answer.deal] = answer.is_yes
            said.append(answer.answer.decode() if self.form == "json" else _text(answer, self.of_several))
        if said:
            click.echo("\n".join(said))

    def summary(self) -> None:
        """Say on stderr what came of all lines."""
        click.echo(f"{self.recorded:,} recorded, {self.repeated:,} there before, {self.dead:,} dead letters", err=True)

    def status(self) -> int:
        if self.dead and not self.last:
            return exits.MISUNDERSTOOD
        return exits.NO if self.dead or not all(self.last.values()) else exits.YES


def _text(answer: Answer, of_several: bool) -> str:
    text = decision_text(answer.decision, of_several=of_several)
    return f"{text}\n  Entry {answer.entry} of the log{', as before' if answer.repeated else ''}.\n"


def _append_to(path: Path) -> IO[bytes]:
    """Open a file at its end; a new one is private to the user."""
    try:
        return os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab")
    except (OSError, ValueError) as problem:
        reason = (getattr(problem, "strerror", None) or "no").lower()
        raise click.UsageError(f"{path} cannot be written: {reason}") from problem
