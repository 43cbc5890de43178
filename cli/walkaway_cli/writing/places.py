"""Where events are written: a file of JSON lines, or a log. Each decides an event first, and appends it as decided."""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Protocol

import click

from walkaway import Core, DeadLetter, Decision, Engine, Policy, Stream
from walkaway.language import counted, shorten
from walkaway.log import DealNow, DecisionChanged, Preview, append_as_shown, recorded_policy, same, store_files
from walkaway_cli.options.policies import load_policies
from walkaway_cli.options.stores import hold, opened, want_deal
from walkaway_cli.render.diagnostics import show_findings, show_incident
from walkaway_edge.files.growing import FileGrown, Mark, append, looked_at
from walkaway_edge.files.names import shown_name
from walkaway_edge.open import read_events
from walkaway_edge.salts import salt

Deciding = DeadLetter | Decision
Held = tuple[Sequence[Path], Sequence[str]]
"""Checkpoints, and keys."""


class Place(Protocol):
    """Where an event is written."""

    def __enter__(self) -> "Place": ...

    def __exit__(self, *_: object) -> None: ...

    def standing(self, deal: str) -> DealNow:
        """Return where a deal stands."""
        ...

    def decide(self, line: bytes) -> Deciding:
        """Decide an event as the next of its deal, and keep nothing."""
        ...

    def write(self, line: bytes, decision: Decision) -> str:
        """Append an event if its decision is the one that was shown; give where it is, in a few words.

        Raises:
            click.ClickException: Where it is another one by now; nothing was written.
        """
        ...


def _changed(name: str, now: Deciding) -> click.ClickException:
    answer = "cannot be decided any more" if isinstance(now, DeadLetter) else f"would be decided `{now.verdict}` now"
    return click.ClickException(f"{name} has changed meanwhile: the event {answer}, and was not written; look again")


class InFile:
    """A file of JSON lines.

    Raises:
        click.ClickException: Where it holds what cannot be decided.
    """

    def __init__(self, file: Path, policies: Sequence[Policy]) -> None:
        self.file, self.name, self.policies = file, shown_name(file), policies
        self.read()

    def read(self) -> None:
        """Read the file's events."""
        self.stream = Stream(*(Engine(policy, Core.BOTH, show_incident) for policy in self.policies), sees_all=False)
        dead = 0
        with looked_at(self.file) as self.mark:
            if self.mark == Mark():
                return
            for each in self.stream.each(chain.from_iterable(read_events(self.file))):
                if isinstance(each, DeadLetter):
                    show_findings(each.findings)
                    dead += 1
        if dead:
            raise click.ClickException(
                f"{self.name} holds {counted(dead, 'event')} that cannot be decided; mend it first"
            )

    def __enter__(self) -> "InFile":
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of nothing."""

    def standing(self, deal: str) -> DealNow:
        """Return where a deal stands."""
        of = self.stream.deals.get(deal)
        if of is None:
            return DealNow(frozenset(), None, self.stream.version(deal).policy)
        return DealNow(frozenset(of.events), of.position.last, of.version.policy)

    def decide(self, line: bytes) -> Deciding:
        """Decide an event."""
        return next(d for d in self.stream.line(line, "the event", 1) if isinstance(d, Deciding))

    def write(self, line: bytes, decision: Decision) -> str:
        """Append an event."""
        while True:
            try:
                number = append(self.file, line, self.mark)
            except FileGrown:
                self.read()
                now = self.decide(line)
                if isinstance(now, DeadLetter) or not same(decision, now):
                    raise _changed(self.name, now) from None
            else:
                return f"Line {number:,} of {self.name}."


class InLog:
    """A log, looked at until the event is decided, and opened again to append it.

    Args:
        paths: The policy's versions; where there are none, a deal goes on under its own, which the log has.
        makes: Whether a log may be made where there is none.
        held: Checkpoints and keys that it is held against first.

    Raises:
        click.UsageError: Where there is neither a log nor what makes one.
        StoreProblem: Where it cannot be read.
    """

    def __init__(self, url: str, paths: Sequence[Path], deal: str, makes: bool, held: Held) -> None:
        self.url, self.makes, self.stack = url, makes, ExitStack()
        given = load_policies(paths) if paths else []
        if not is_there(url):
            if not given or not makes:
                raise click.UsageError(f"there is no log {shorten(url, 80)}: `walkaway open --policy …` makes it")
            self.policies: Sequence[Policy] = given
            self.preview = Preview(None, given, salt, show_incident)
            return
        with self.stack:
            store = self.stack.enter_context(opened(url, writable=makes and not store_files(url)))
            self.stack.enter_context(store.reading())
            hold(store, *held)
            if not given:
                want_deal(store, deal)
                given = [policy] if (policy := recorded_policy(store, deal)) is not None else []
            self.policies = given
            self.preview = Preview(store, given, salt, show_incident)
            self.stack = self.stack.pop_all()

    def __enter__(self) -> "InLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def standing(self, deal: str) -> DealNow:
        """Return where a deal stands."""
        return self.preview.standing(deal)

    def decide(self, line: bytes) -> Deciding:
        """Decide an event, and let go of the log."""
        with self.stack:
            return self.preview.decide(line)

    def write(self, line: bytes, decision: Decision) -> str:
        """Append an event."""
        try:
            with opened(self.url, writable=True, make=self.makes) as store:
                entry = append_as_shown(store, self.policies, line, decision, salt, show_incident)
        except DecisionChanged as problem:
            raise _changed("the log", problem.now) from problem
        return f"Entry {entry:,} of the log."


def is_there(url: str) -> bool:
    """Return whether there is a log at *url*, as far as can be seen without asking a server."""
    files = store_files(url)
    try:
        return not files or files[0].stat().st_size > 0
    except (OSError, ValueError):
        return False
