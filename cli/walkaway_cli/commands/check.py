"""`walkaway check`: decide every event of some files, or ask about one more offer of ours."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from walkaway import Changed, Core, DeadLetter, Decision, Engine, Policy, Stream, Verdict, encode
from walkaway.decide import CoreFailed
from walkaway.language import counted
from walkaway.policy import NotInForce, versions_as_of
from walkaway.session import Record
from walkaway_cli import exits
from walkaway_cli.options.formats import core_option
from walkaway_cli.options.held import held_options
from walkaway_cli.options.instants import day
from walkaway_cli.options.letters import Letters, letters_option
from walkaway_cli.options.policies import load_policies
from walkaway_cli.render.decision import decision_text, instead_text
from walkaway_cli.render.diagnostics import show_incident
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.in_use import InUse
from walkaway_edge.open import read_events

if TYPE_CHECKING:
    from walkaway_cli.asking.deals import Askable
    from walkaway_cli.asking.last_open import LastOpen
    from walkaway_cli.asking.sheet import OpenedByRows, Sheet


@click.command("check")
@click.option(
    "--policy",
    "-p",
    "paths",
    multiple=True,
    metavar="DIR_OR_FILE",
    type=click.Path(path_type=Path),
    help="The policy: a folder with policy.yaml, or a YAML file; repeated, versions of it: each deal opens under the"
    " newest in force on its day. A deal of a log has its own.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How to answer.",
)
@core_option
@click.option(
    "--as-of",
    metavar="DAY",
    callback=day,
    help="Decide as if every deal had opened on this day: with its limits, if the policy is in force on it.",
)
@click.option("--allow-late", is_flag=True, help="Fold an event older than its deal's latest where it belongs.")
@letters_option
@click.option("--deal", metavar="FILE", help="Ask about one more offer of ours in this deal; with --store, its id.")
@click.option(
    "--offer",
    "offers",
    multiple=True,
    metavar="ISSUE=VALUE",
    help="With --deal: a term of that offer; may be repeated.",
)
@click.option("--store", "-s", "url", metavar="URL", help="The log in which the deal is, or those of a CSV.")
@click.option("--deal-id", metavar="ID", help="With --deal: which deal, where the file holds several.")
@click.option("--actor", default="", help="With --deal: who makes the offer.")
@click.option("--role", default="", help="With --deal: in which role, where the policy has mandates.")
@click.option("--at", metavar="INSTANT", help="With --deal: when; the deal's latest event, if left out.")
@click.option("--interactive", is_flag=True, help="With --deal: try terms, and see the verdict change.")
@click.option(
    "--explain",
    is_flag=True,
    help="With --deal: tell in which order its issues are reckoned, where the worth of one hangs on another.",
)
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
    help="Counteroffers beside all decisions of EVENTS, or none; by default, in text alone, they follow for the latest"
    " answer of each deal, unless it is `proceed`.",
)
@click.option("--extra", multiple=True, metavar="COLUMN", help="A column of a CSV that is no term: it is passed on.")
@held_options
@click.argument("events", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
def command(
    paths: tuple[Path, ...],
    form: str,
    core: str,
    as_of: int | None,
    allow_late: bool,
    dead_letters: str | None,
    deal: str | None,
    offers: tuple[str, ...],
    url: str | None,
    deal_id: str | None,
    actor: str,
    role: str,
    at: str | None,
    interactive: bool,
    explain: bool,
    audience: str,
    advice: bool | None,
    extra: tuple[str, ...],
    places: tuple[Path, ...],
    keys: tuple[str, ...],
    events: tuple[Path, ...],
) -> int:
    """Decide every event of EVENTS (files of JSON lines, or - for stdin).

    EVENTS may be a CSV of offers of ours instead: a column `deal`, and one for each issue. They are asked about in the
    deals of a log (--store) or of a file (--deal), or each in a deal of its own, whose facts are columns too.

    Exits 0 only if the last decision of every deal is `proceed` and nothing of ours was sent, accepted or closed
    against its verdict, and 2 if anything was left undecided.

    \b
    walkaway check -p rules/saas-discounting rules/saas-discounting/deal.jsonl
    walkaway check -p rules/saas-discounting \\
        --deal rules/saas-discounting/deal.jsonl \\
        --offer discount=12% --offer "term=24 months"
    walkaway check -p my-policy --deal my-policy/deal.jsonl --interactive
    walkaway check -p my-policy --as-of 2026-12-31 my-policy/deal.jsonl
    walkaway check -p discounts-2026 -p discounts-2027 deals.jsonl
    walkaway check --store log.db --deal D-1042 --offer discount=12%
    walkaway check --store log.db offers.csv --format csv > verdicts.csv
    """
    if any(is_sheet(file) for file in events):
        if len(events) > 1 or offers or deal_id or interactive or audience != "rep" or as_of is not None or allow_late:
            others = "--offer, --deal-id, --interactive, --audience, --as-of and --allow-late"
            raise click.UsageError(f"a CSV of offers is asked about alone, and without {others}")
        return _sheet(paths, form, core, deal, url, places, keys, at, actor, extra, advice, events[0])
    if extra:
        raise click.UsageError("--extra goes with a CSV of offers")
    if deal is not None and form == "csv":
        raise click.UsageError("--format csv is for EVENTS: one offer is answered as text or json")
    if bool(deal) == bool(events):
        raise click.UsageError("give files of events, or --deal with --offer")
    if deal is None and (offers or url or deal_id or actor or role or at or interactive or audience != "rep"):
        with_deal = "--offer, --store, --deal-id, --actor, --role, --at, --interactive and --audience go with --deal"
        raise click.UsageError(with_deal)
    if deal is not None and not offers and not interactive:
        raise click.UsageError("--deal wants at least one --offer, ISSUE=VALUE, or --interactive")
    if explain and (deal is None or interactive or form == "json" or audience != "rep"):
        raise click.UsageError("--explain answers one question of a rep, in text: it goes with --deal and --offer")
    if interactive and (form == "json" or audience != "rep"):
        raise click.UsageError("--interactive answers a rep, in text; `say` there shows what a customer may be told")
    if as_of is not None and audience != "rep":
        raise click.UsageError("--as-of answers a rep: what a customer is told rests on the limits in force")
    if deal is not None and url is not None:
        if paths or as_of is not None or allow_late or deal_id is not None:
            what = "--policy, --as-of, --allow-late and --deal-id go with files"
            raise click.UsageError(f"{what}: a deal of a log is under the policy that it has there")
        from walkaway_cli.asking.logged import of_log

        with of_log(url, Core(core), places, keys) as logged:
            return _ask(logged, deal, offers, (actor, role), at, advice, interactive, audience, form, explains=explain)
    if places or keys:
        raise click.UsageError("--checkpoint and --key go with --store")
    if not paths:
        raise click.UsageError("give --policy: the policy that decides; or --store, and a deal of that log")
    policies = load_policies(paths)
    if as_of is not None:
        try:
            policies = versions_as_of(policies, as_of)
        except NotInForce as problem:
            raise click.UsageError(f"--as-of: {problem}") from problem
    engines = _engines(policies, core)
    last = _last_open() if deal is None and form == "text" and advice is None else None
    record = _with_counteroffers if deal is None and advice else None if last is None else last.record
    stream = Stream(*engines, allow_late=allow_late, record=record, sees_all=False)
    if deal is not None:
        from walkaway_cli.asking.deals import of_file

        return _ask(
            of_file(stream, Path(deal)), deal_id, offers, (actor, role), at, advice, interactive, audience, form,
            explains=explain,
        )  # fmt: skip
    if last is not None:
        last.stream = stream
    in_use = InUse()
    for file in events:
        in_use.reads(file)
    in_use.writes_handle(1, "stdout")
    with Letters(dead_letters, in_use) as letters, _AnswerWriter(form, letters, of_several=len(policies) > 1) as tally:
        for file in events:
            for lines in read_events(file):
                tally.take_all(stream.each(lines))
        if last is not None:
            tally.advise(last.decisions())
        tally.summary(len(stream.deals))
        return letters.status(
            is_yes=not tally.breaches and all(followed.verdict is Verdict.PROCEED for followed in stream.deals.values())
        )


def is_sheet(file: Path) -> bool:
    """Return whether a file is a CSV of offers, by its name."""
    return file.suffix.lower() == ".csv"


def _engines(policies: Sequence[Policy], core: str) -> list[Engine]:
    """Return an engine for each version.

    Raises:
        click.UsageError: Where the evaluator that was asked for cannot run.
    """
    try:
        return [Engine(policy, Core(core), show_incident) for policy in policies]
    except CoreFailed as problem:
        raise click.UsageError(f"--core {core}: {problem}") from problem


def _sheet(
    paths: Sequence[Path],
    form: str,
    core: str,
    deal: str | None,
    url: str | None,
    places: Sequence[Path],
    keys: Sequence[str],
    at: str | None,
    actor: str,
    extra: Sequence[str],
    advice: bool | None,
    file: Path,
) -> int:
    """Ask about the offers of a CSV, and give the exit."""
    from walkaway_cli.asking.deals import of_file
    from walkaway_cli.asking.sheet import OpenedByRows, read_sheet
    from walkaway_cli.clock import instant
    from walkaway_cli.render.sheet import show_rows

    advises = form == "text" if advice is None else advice

    def asked(deals: "Askable | OpenedByRows") -> "Sheet":
        return read_sheet(file, deals, at, actor, extra, advice=advises)

    if url is not None:
        if paths or deal is not None:
            raise click.UsageError("--store has deals and their policies: --policy and --deal go without it")
        from walkaway_cli.asking.logged import of_log

        with of_log(url, Core(core), places, keys) as logged:
            sheet = asked(logged)
    elif places or keys:
        raise click.UsageError("--checkpoint and --key go with --store")
    elif not paths:
        raise click.UsageError("give --policy: the policy that decides; or --store, with the deals of a log")
    else:
        stream = Stream(*_engines(load_policies(paths), core), sees_all=False)
        sheet = asked(of_file(stream, Path(deal)) if deal is not None else OpenedByRows(stream, at or instant()))
    show_rows(sheet.header, sheet.rows, form, advice=advises)
    return exits.YES if all(row.briefing.decision.is_yes for row in sheet.rows) else exits.NO


def _ask(
    deals: "Askable",
    deal: str | None,
    offers: Sequence[str],
    who: tuple[str, str],
    at: str | None,
    advice: bool | None,
    interactive: bool,
    audience: str,
    form: str,
    *,
    explains: bool,
) -> int:
    """Answer a question about one more offer, or one after the other, and give the exit."""
    from walkaway_cli.asking.question import OfferQuestion, read_terms  # deciding events goes without

    question = OfferQuestion(deals, deal, who, at, advice=advice is not False, explains=explains)
    terms = read_terms(offers)
    if not interactive:
        return question.once(terms, audience, form)
    from walkaway_cli.asking.session import AskingSession

    return AskingSession(question, terms).run()


def _with_counteroffers(engine: Engine) -> Record:
    """Return what writes an engine's decisions with counteroffers."""
    from walkaway.advice import Seeker  # imported where it is needed: most deciding goes without

    return Seeker(engine).record


def _last_open() -> "LastOpen":
    """Return what remembers the answers that are open."""
    from walkaway_cli.asking.last_open import LastOpen

    return LastOpen()


CHUNK = 64 * 1024
"""Answers are written in pieces of about so many characters, and after each batch."""


class _AnswerWriter:
    """Writes answers as they come, and counts them.

    Attributes:
        of_several: Several versions of the policy decide.
        breaches: How often something of ours was sent, accepted or closed that was not let through.
    """

    def __init__(self, form: str, letters: Letters, *, of_several: bool) -> None:
        self.form, self.letters, self.of_several = form, letters, of_several
        self.decisions = self.breaches = 0
        self.latest = ("", "")
        self.pending: list[str] = []
        self.size = 0

    def __enter__(self) -> "_AnswerWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def take_all(self, answers: Iterable[Decision | DeadLetter | Changed]) -> None:
        """Write the answers to a batch as they come, and let out what waits; its dead letters are kept then."""
        dead: list[DeadLetter] = []
        try:
            for answer in answers:
                self.take(answer)
                if isinstance(answer, DeadLetter):
                    dead.append(answer)
        finally:
            self.letters.keep(dead)
        self.flush()

    def advise(self, decisions: Iterable[Decision]) -> None:
        """Write what would pass instead of the answers that are open."""
        for each in decisions:
            stands_above = (each.deal, each.event) == self.latest
            self.write(f"\n{instead_text(each, stands_above=stands_above)}")

    def take(self, answer: Decision | DeadLetter | Changed) -> None:
        match answer:
            case Decision():
                text = self.text(answer)
                self.write(f"\n{text}" if self.form == "text" and self.decisions else text)
                self.decisions += 1
                self.latest = answer.deal, answer.event
                self.breaches += answer.is_breach
            case DeadLetter():
                self.flush()
                self.letters.show(answer)
            case Changed(event, before, after):
                self.flush()
                change = f"{after}, not {before}" if after != before else f"{after} for other reasons"
                remark(f"late: event `{event}` would have been {change}")

    def text(self, answer: Decision) -> str:
        """Return a decision as it is to be answered."""
        if self.form == "text":
            return decision_text(answer, of_several=self.of_several)
        if self.form == "json":
            return encode(answer).decode()
        from walkaway_cli.render.rows import DECISION, decision_row, row

        return decision_row(answer) if self.decisions else f"{row(DECISION)}\n{decision_row(answer)}"

    def write(self, text: str) -> None:
        """Write a line with those that follow."""
        self.pending.append(text)
        self.size += len(text)
        if self.size >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Let out what waits, before anything else is written, so that the order stays."""
        if self.pending:
            waiting, self.pending, self.size = "\n".join(self.pending), [], 0
            click.echo(waiting)

    def summary(self, deals: int) -> None:
        """Say on stderr what came of all lines, where it is more than the answers show."""
        self.flush()
        self.letters.summary()
        dead = self.letters.count
        if not self.decisions and not dead:
            remark("no events")
        elif dead or deals > 1:
            events = counted(self.decisions + dead, "event")
            came = f"{counted(self.decisions, 'decision')}, {counted(dead, 'dead letter')}"
            remark(f"{events} of {counted(deals, 'deal')}: {came}")
