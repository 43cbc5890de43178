"""`walkaway run`: live offer events in as they happen, verdicts out."""

import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from walkaway import Core, Incident
from walkaway.decide import CoreFailed
from walkaway.language import counted
from walkaway.log import Recorder, store_files
from walkaway.policy import FILE, Policy
from walkaway.run import FORMS, DurableKeeper, Keeper, Memory, Outbox, OverflowFile, Pump, Ticker, is_in_words
from walkaway_cli import exits
from walkaway_cli.options.formats import core_option
from walkaway_cli.options.policies import load_policies, policies_option
from walkaway_cli.options.stores import held_options, hold, opened
from walkaway_cli.running.loop import run, stoppable
from walkaway_cli.running.reload import PolicyWatch
from walkaway_cli.running.tally import Tally
from walkaway_cli.running.telling import Telling
from walkaway_edge.files.in_use import InUse
from walkaway_edge.files.names import shown_name
from walkaway_edge.open import sink_of, source_of
from walkaway_edge.salts import salt

if TYPE_CHECKING:
    from walkaway_cli.running.metrics import Metrics

Report = Callable[[Incident], None]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_AHEAD_S = 86_400


def _interval(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    """Read an interval as microseconds."""
    if text is None:
        return None
    found = re.fullmatch(r"([1-9]\d{0,5})([smhd])", text)
    if found is None:
        raise click.BadParameter(f"{text!r} is no interval; write 30m, 1h or 1d")
    return int(found[1]) * _UNITS[found[2]] * 1_000_000


@click.command("run")
@policies_option
@click.option(
    "--store", "-s", "url", metavar="URL", help="Keep every decision in this log; without it nothing is kept."
)
@click.option(
    "--from",
    "source",
    default="-",
    show_default=True,
    metavar="SOURCE",
    help="Where events come from: -, a file or a folder of JSON lines, or the URL of a stream: redis, nats, kafka, "
    "postgresql (docs/run.md).",
)
@click.option(
    "--to", "sink", default="-", show_default=True, metavar="SINK", help="Where verdicts go: -, a file or such a URL."
)
@click.option(
    "--dead-letters",
    metavar="SINK",
    help="Where events go that cannot be decided: -, a file or such a URL; if left out, stderr tells what is wrong.",
)
@click.option(
    "--follow/--no-follow",
    default=None,
    help="Wait for more at the end, as tail -F does; by default at that of a stream, and not of a file or folder.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="json",
    show_default=True,
    help="How to answer: with evidence, or in full, in words.",
)
@core_option
@click.option(
    "--batch",
    type=click.IntRange(1, 100_000),
    default=256,
    show_default=True,
    help="Events that are committed together at most; fewer where no more have come yet.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that decide.")
@click.option(
    "--tick",
    callback=_interval,
    metavar="INTERVAL",
    help="Tick every open deal when event time has passed 30m, 1h, 1d.",
)
@click.option(
    "--metrics", "where", metavar="PORT", help="Serve counts for Prometheus on 127.0.0.1, or at ADDRESS:PORT."
)
@click.option(
    "--master",
    metavar="URL",
    help="Decide on Spark, as local[4] or spark://HOST:PORT: from a folder of Parquet to a folder (extra `spark`).",
)
@click.option(
    "--name", metavar="NAME", help="What the place in the source is kept under; the source itself, if left out."
)
@held_options
def command(
    paths: tuple[Path, ...],
    url: str | None,
    source: str,
    sink: str,
    dead_letters: str | None,
    follow: bool | None,
    form: str,
    core: str,
    batch: int,
    workers: int,
    tick: int | None,
    where: str | None,
    master: str | None,
    name: str | None,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
) -> int:
    """Decide events as they come and send the verdicts on, until the source ends or SIGTERM comes.

    With --store a verdict leaves once it is on disk, and a run that was stopped, or killed, is gone on with.
    Exits 0 if all events were decided, 2 if a source that ended held dead letters, 1 if one that goes on did.

    \b
    walkaway run --policy rules/saas-discounting --from rules/saas-discounting/deal.jsonl
    walkaway run --policy rules/saas-discounting --store log.db --from events.jsonl --follow --to verdicts.jsonl
    """
    policies = load_policies(paths)
    if master is not None:
        if any((url, dead_letters, tick, where, name, places, keys, workers > 1, form.endswith("cloudevents"))):
            raise click.UsageError(
                "--master goes with --policy, --from, --to, --follow, --core and --format json or full"
            )
        return _on_spark(master, source, sink, policies, bool(follow), core, is_in_words(form))
    tally = Tally(shows=sys.stderr.isatty() and sink != "-")
    say = tally.say
    with stoppable() as stop, ExitStack() as stack:
        in_use = InUse()
        came = stack.enter_context(closing(source_of(source, follow, say, in_use)))
        in_use.keeps(store_files(url or ""))
        to = stack.enter_context(closing(sink_of(sink, in_use)))
        dead = None if dead_letters is None else stack.enter_context(closing(sink_of(dead_letters, in_use)))
        metrics = None if where is None else stack.enter_context(closing(_metrics(where, say)))
        telling = Telling(tally, metrics, is_shown=dead is None)
        keeper = _keeper(
            stack, policies, paths, url, Core(core), workers, telling.report, (places, keys), is_in_words(form)
        )
        known = name or came.name
        pump = Pump(
            keeper,
            known,
            Outbox(to, f"{known} > {to.name}"),
            None if dead is None else Outbox(dead, f"{known} ! {dead.name}"),
            form,
            f"/walkaway/{policies[0].name}",
            telling.take,
            None if tick is None else Ticker(tick, _latest),
        )
        owed = pump.resume()
        if owed:
            say(f"sent first, of the run before: {counted(owed, 'line')}")
        watch = PolicyWatch(paths, policies, keeper.use_versions, say)

        def between() -> None:
            tally.show()
            watch.look()

        tally.begin()
        has_ended = run(came, pump, stop, batch, telling.took, between)
        tally.say(tally.summary())
    if not tally.dead:
        return exits.YES
    return exits.MISUNDERSTOOD if has_ended else exits.NO


def _on_spark(
    master: str, source: str, sink: str, policies: Sequence[Policy], follow: bool, core: str, in_words: bool
) -> int:
    """Decide on a cluster, until the folder is at its end or SIGTERM comes."""
    if not Path(source).is_dir() or sink == "-":
        raise click.UsageError("--master: --from names a folder of Parquet files, and --to the folder of the job")
    from walkaway_edge.spark.live import run_on_spark  # most runs go without

    with stoppable() as stop:
        lines, dead = run_on_spark(
            master, Path(source), Path(sink), policies, follow, lambda: stop.is_asked, core, in_words=in_words
        )
    click.echo(f"{counted(lines, 'line')} decided, {dead:,} of them no event that fits", err=True)
    if not dead:
        return exits.YES
    return exits.NO if follow else exits.MISUNDERSTOOD


def _keeper(
    stack: ExitStack,
    policies: Sequence[Policy],
    paths: Sequence[Path],
    url: str | None,
    core: Core,
    workers: int,
    report: Report,
    held: tuple[Sequence[Path], Sequence[str]],
    in_words: bool,
) -> Keeper:
    policy, *others = policies
    if url is None and any(held):
        raise click.UsageError("--checkpoint and --key go with --store")
    try:
        store = None if url is None else stack.enter_context(opened(url, writable=True))
        if store is not None:
            with store.reading():
                hold(store, *held)
        if workers > 1:
            from walkaway_edge.workers.processes import WorkerPool

            names = [shown_name(path / FILE if path.is_dir() else path) for path in paths]
            more = dict(zip(names[1:], others, strict=True))
            return stack.enter_context(
                closing(WorkerPool(workers, policy, names[0], store, url, core, report, others=more, in_words=in_words))
            )
        if store is None:
            overflow = stack.enter_context(closing(OverflowFile()))
            return Memory(policy, core, report, overflow, others=others, in_words=in_words)
        return DurableKeeper(store, Recorder(store, policy, salt, core, report, others=others, in_words=in_words))
    except CoreFailed as problem:
        raise click.UsageError(f"--core {core}: {problem}") from problem


def _latest() -> int:
    """Return the latest instant that an event can have: a day ahead of our clock, since clocks differ."""
    return (time.time_ns() // 1000) + _AHEAD_S * 1_000_000


def _metrics(where: str, say: Callable[[str], None]) -> "Metrics":
    try:
        from walkaway_cli.running.metrics import Metrics
    except ImportError as problem:
        raise click.UsageError("--metrics needs prometheus-client: pip install 'walkaway[metrics]'") from problem
    metrics = Metrics(where)
    say(f"counts for Prometheus: port {metrics.port}")
    return metrics
