"""`walkaway check`: decide every event of some files, or ask about one more offer of ours."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from walkaway import Changed, Core, DeadLetter, Decision, Engine, Stream, encode
from walkaway.deal.letters import dead_letter_line
from walkaway.decide.engine import CoreFailed
from walkaway.policy import dated
from walkaway.session.follower import Record
from walkaway_cli import exits
from walkaway_cli.options.formats import core_option, format_option
from walkaway_cli.options.instants import day
from walkaway_cli.options.policies import load_policies, policies_option
from walkaway_cli.render.decision import decision_text
from walkaway_cli.render.diagnostics import counted, show_findings, show_incident
from walkaway_edge.files.inputs import event_lines, is_live, open_events, reason, shown_name


@click.command("check")
@policies_option
@format_option
@core_option
@click.option(
    "--as-of",
    metavar="DAY",
    callback=day,
    help="Decide as if every deal had opened on this day: with its limits, if the policy is in force on it.",
)
@click.option("--allow-late", is_flag=True, help="Fold an event older than its deal's latest where it belongs.")
@click.option(
    "--dead-letters",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what cannot be decided here, as JSON lines.",
)
@click.option(
    "--deal", type=click.Path(path_type=Path), metavar="FILE", help="Ask about one more offer of ours in this deal."
)
@click.option(
    "--offer",
    "offers",
    multiple=True,
    metavar="ISSUE=VALUE",
    help="With --deal: a term of that offer; may be repeated.",
)
@click.option("--deal-id", metavar="ID", help="With --deal: which deal, where the file holds several.")
@click.option("--actor", default="", help="With --deal: who makes the offer.")
@click.option("--at", metavar="INSTANT", help="With --deal: when; the deal's latest event, if left out.")
@click.option("--interactive", is_flag=True, help="With --deal: try terms, and see the verdict change.")
@click.option(
    "--audience",
    type=click.Choice(["rep", "customer"]),
    default="rep",
    show_default=True,
    help="With --deal: who reads it; a customer sees only what may be said, never a limit.",
)
@click.option(
    "--advice/--no-advice",
    default=None,
    help="Counteroffers beside the decisions of EVENTS; by default in text, not in JSON, since they take time.",
)
@click.argument("events", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
def command(
    paths: tuple[Path, ...],
    form: str,
    core: str,
    as_of: int | None,
    allow_late: bool,
    dead_letters: Path | None,
    deal: Path | None,
    offers: tuple[str, ...],
    deal_id: str | None,
    actor: str,
    at: str | None,
    interactive: bool,
    audience: str,
    advice: bool | None,
    events: tuple[Path, ...],
) -> int:
    """Decide every event of EVENTS (files of JSON lines, or - for stdin).

    Exits 0 only if the last decision of every deal is `proceed` and nothing was left undecided.

    \b
    walkaway check --policy rules/saas-discounting rules/saas-discounting/deal.jsonl
    walkaway check --policy rules/saas-discounting --deal rules/saas-discounting/deal.jsonl \\
        --offer discount=12% --offer "term=24 months"
    walkaway check --policy rules/saas-discounting --deal rules/saas-discounting/deal.jsonl --interactive
    walkaway check --policy rules/saas-discounting --as-of 2026-12-31 rules/saas-discounting/deal.jsonl
    walkaway check --policy discounts-2026 --policy discounts-2027 deals.jsonl
    """
    if bool(deal) == bool(events):
        raise click.UsageError("give files of events, or --deal with --offer")
    if deal is None and (offers or deal_id or actor or at or interactive or audience != "rep"):
        raise click.UsageError("--offer, --deal-id, --actor, --at, --interactive and --audience go with --deal")
    if deal is not None and not offers and not interactive:
        raise click.UsageError("--deal wants at least one --offer, as in --offer discount=12%, or --interactive")
    if interactive and (form == "json" or audience != "rep"):
        raise click.UsageError("--interactive answers a rep, in text; `say` there shows what a customer may be told")
    if as_of is not None and audience != "rep":
        raise click.UsageError("--as-of answers a rep: what a customer is told rests on the limits in force")
    policies = load_policies(paths)
    if as_of is not None:
        try:
            policies = dated.versions_as_of(policies, as_of)
        except dated.NotInForce as problem:
            raise click.UsageError(f"--as-of: {problem}") from problem

    try:
        engines = [Engine(policy, Core(core), show_incident) for policy in policies]
    except CoreFailed as problem:
        raise click.UsageError(f"--core {core}: {problem}") from problem
    advises = deal is None and (form == "text" if advice is None else advice)
    stream = Stream(*engines, allow_late=allow_late, record=_with_counteroffers if advises else None)
    if deal is not None:
        from walkaway_cli.asking import session as asking  # imported where it is needed: deciding events goes without

        with open_events(deal) as lines:
            question = asking.Question(stream, event_lines(lines), deal, deal_id, actor, at, advice=advice is not False)
        terms = asking.read_terms(offers)
        return asking.Session(question, terms).run() if interactive else question.once(terms, audience, form)
    with _Tally(form, dead_letters, events, of_several=len(policies) > 1) as tally:
        for file in events:
            with open_events(file) as lines:
                tally.live = is_live(lines)
                for answer in stream.lines(event_lines(lines), shown_name(file)):
                    tally.take(answer)
        tally.summary(len(stream.deals))
        return tally.status([followed.last for followed in stream.deals.values()])


def _with_counteroffers(engine: Engine) -> Record:
    """Return what writes an engine's decisions with counteroffers."""
    from walkaway.advice.counteroffers import Seeker  # imported where it is needed: most deciding goes without

    return Seeker(engine).record


CHUNK = 64 * 1024
"""Answers to a file are written in pieces of about so many characters."""
SHOWN = 20
"""With a file of dead letters, so many are shown as well."""


class _Tally:
    """Writes answers as they come, and counts them.

    Attributes:
        live: Every answer goes out at once.
        of_several: Several versions of the policy decide.
    """

    def __init__(self, form: str, dead_letters: Path | None, events: Sequence[Path], *, of_several: bool) -> None:
        self.form, self.live, self.of_several = form, True, of_several
        self.decisions = self.dead = 0
        self.pending: list[str] = []
        self.size = 0
        self.file, self.name = None, ""
        if dead_letters is not None:
            if any(e.exists() and dead_letters.exists() and e.samefile(dead_letters) for e in events):
                raise click.UsageError(f"{shown_name(dead_letters)} holds the events; name another file")
            try:
                self.file, self.name = dead_letters.open("wb"), shown_name(dead_letters)
            except OSError as problem:
                raise click.UsageError(f"{shown_name(dead_letters)} cannot be written: {reason(problem)}") from problem

    def __enter__(self) -> "_Tally":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.flush()
        finally:
            if self.file is not None:
                self.file.close()

    def take(self, answer: Decision | DeadLetter | Changed) -> None:
        match answer:
            case Decision():
                text = (
                    encode(answer).decode()
                    if self.form == "json"
                    else decision_text(answer, of_several=self.of_several)
                )
                self.write(f"\n{text}" if self.form == "text" and self.decisions else text)
                self.decisions += 1
            case DeadLetter():
                self.dead += 1
                if self.file is not None:
                    self.file.write(dead_letter_line(answer) + b"\n")
                if self.file is None or self.dead <= SHOWN:
                    self.flush()
                    show_findings(answer.findings)
            case Changed(event, before, after):
                self.flush()
                change = f"{after}, not {before}" if after != before else f"{after} for other reasons"
                click.echo(f"late: event `{event}` would have been {change}", err=True)

    def write(self, text: str) -> None:
        """Write a line, now or with those that follow."""
        self.pending.append(text)
        self.size += len(text)
        if self.live or self.size >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Let out what waits, before anything else is written, so that the order stays."""
        if self.pending:
            waiting, self.pending, self.size = "\n".join(self.pending), [], 0
            click.echo(waiting)

    def summary(self, deals: int) -> None:
        """Say on stderr what came of all lines, where it is more than the answers show."""
        self.flush()
        if self.file is not None and self.dead > SHOWN:
            click.echo(f"{self.dead - SHOWN:,} more dead letters are in {self.name}", err=True)
        if not self.decisions and not self.dead:
            click.echo("no events", err=True)
        elif self.dead or deals > 1:
            events = counted(self.decisions + self.dead, "event")
            came = f"{counted(self.decisions, 'decision')}, {counted(self.dead, 'dead letter')}"
            click.echo(f"{events} of {counted(deals, 'deal')}: {came}", err=True)

    def status(self, last: Iterable[Decision]) -> int:
        if self.dead and not self.decisions:
            return exits.MISUNDERSTOOD
        return exits.NO if self.dead or not all(d.is_yes for d in last) else exits.YES
