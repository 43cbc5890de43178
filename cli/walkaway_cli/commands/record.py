"""`walkaway record`: decide the events of some files, and answer only what is on disk."""

from collections.abc import Sequence
from pathlib import Path

import click

from walkaway import Core, DeadLetter
from walkaway.language import counted
from walkaway.log import Recorder, store_files
from walkaway.run import DecidedEvent
from walkaway_cli.options.formats import core_option, format_option
from walkaway_cli.options.letters import Letters, letters_option
from walkaway_cli.options.policies import load_policies, policies_option
from walkaway_cli.options.stores import held_options, hold, opened, store_option
from walkaway_cli.render.decision import decision_text
from walkaway_cli.render.diagnostics import show_incident
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.in_use import InUse
from walkaway_edge.open import read_events
from walkaway_edge.salts import salt


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
@letters_option
@held_options
@click.argument("events", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
def command(
    url: str,
    paths: tuple[Path, ...],
    form: str,
    core: str,
    batch: int,
    dead_letters: str | None,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
    events: tuple[Path, ...],
) -> int:
    """Decide every event of EVENTS (files of JSON lines, or - for stdin) and keep it in the log.

    An answer is given when its entry is on disk. An event that is in the log already gets the answer it has.
    Exits 0 only if the last decision of every deal is `proceed` and nothing of ours was sent, accepted or closed
    against its verdict, and 2 if anything was left undecided.

    \b
    walkaway record --policy rules/saas-discounting rules/saas-discounting/deal.jsonl
    tail -f events.jsonl | walkaway record --store log.db --policy rules/saas-discounting -
    """
    policy, *others = load_policies(paths)
    in_use = InUse()
    for file in events:
        in_use.reads(file)
    in_use.keeps(store_files(url))
    in_use.writes_handle(1, "stdout")
    with Letters(dead_letters, in_use) as letters, opened(url, writable=True) as store:
        with store.reading():
            hold(store, places, keys)
        recorder = Recorder(store, policy, salt, Core(core), show_incident, others=others)
        answers = _Answers(form, letters, of_several=bool(others))
        for file in events:
            for lines in read_events(file, batch):
                answers.take(recorder.record(lines))
        answers.summary()
        return letters.status(is_yes=not answers.breaches and all(answers.last.values()))


_MOST_NAMED = 5
"""So many events that were answered otherwise than `proceed` are named at the end."""


class _Answers:
    """Writes the answers to each batch, and remembers the last of each deal."""

    def __init__(self, form: str, letters: Letters, *, of_several: bool) -> None:
        self.form, self.letters, self.of_several = form, letters, of_several
        self.recorded = self.repeated = self.breaches = 0
        self.last: dict[str, bool] = {}
        self.against: list[str] = []

    def take(self, answers: Sequence[DecidedEvent | DeadLetter]) -> None:
        """Write what is on disk now; dead letters are put on disk first."""
        self.letters.keep([a for a in answers if isinstance(a, DeadLetter)])
        said: list[str] = []
        for answer in answers:
            if isinstance(answer, DeadLetter):
                self.letters.show(answer)
                continue
            self.recorded += not answer.repeated
            self.repeated += answer.repeated
            self.last[answer.deal] = answer.is_yes
            if answer.is_breach:
                self.breaches += 1
                if len(self.against) <= _MOST_NAMED:
                    self.against.append(f"{answer.decision.event} of {answer.deal} ({answer.decision.verdict})")
            said.append(answer.answer.decode() if self.form == "json" else _text(answer, self.of_several))
        if said:
            click.echo("\n".join(said))

    def summary(self) -> None:
        """Say on stderr what came of all lines."""
        self.letters.summary()
        dead = self.letters.count
        click.echo(
            f"{self.recorded:,} recorded, {self.repeated:,} there before, {counted(dead, 'dead letter')}", err=True
        )
        if self.against:
            shown = ", ".join(self.against[:_MOST_NAMED]) + (" and more" if len(self.against) > _MOST_NAMED else "")
            remark(f"{counted(self.breaches, 'event')} of ours against the verdict: {shown}")


def _text(answer: DecidedEvent, of_several: bool) -> str:
    text = decision_text(answer.decision, of_several=of_several)
    return f"{text}\n  Entry {answer.entry} of the log{', as before' if answer.repeated else ''}.\n"
