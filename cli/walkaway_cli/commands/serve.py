"""`walkaway serve`: the HTTP API and the pages, over one policy and one log."""

import contextlib
import getpass
import importlib
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from walkaway import Core, Incident, LogProofs, Session
from walkaway.log import FORMAT, RELEASE
from walkaway_cli import exits
from walkaway_cli.options.formats import core_option
from walkaway_cli.options.policies import load_policies, policies_option
from walkaway_cli.options.stores import keep_apart, store_option
from walkaway_cli.options.tokens import tokens_option
from walkaway_cli.render.diagnostics import show_incident
from walkaway_cli.render.remarks import remark
from walkaway_cli.render.svg import course_svg
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.salts import salt

if TYPE_CHECKING:
    from walkaway_edge.http.checkpoints import CheckpointFolder
    from walkaway_edge.http.metrics import ServerMetrics

BIND = "127.0.0.1:8700"
JOB = "walkaway_cli.jobs.job"


@click.command("serve")
@policies_option
@store_option
@click.option(
    "--bind", default=BIND, show_default=True, metavar="ADDRESS:PORT", help="Where it is reached; port 0: any."
)
@click.option("--public-url", default="", metavar="URL", help="The https:// under which a proxy makes it known.")
@tokens_option
@click.option("--authzen", is_flag=True, help="Answer the Authorization API of AuthZEN 1.0 too.")
@click.option(
    "--mcp", is_flag=True, help="Serve reps' hosts of the Model Context Protocol under /mcp too (extra `mcp`)."
)
@click.option(
    "--permit-key",
    "permit_keys",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="By which agents' permits are signed; repeated: public keys of older permits that still count.",
)
@click.option(
    "--kept",
    type=click.Path(path_type=Path),
    default="walkaway.kept",
    show_default=True,
    metavar="FILE",
    help="Where answers are kept for a day, for calls that are sent again.",
)
@click.option("--as", "name", metavar="NAME", help="Whom the one-time link lets in, as a rep; by default your login.")
@click.option(
    "--link/--no-link",
    default=None,
    help="Whether to print a one-time link; by default where no proxy makes the server known.",
)
@click.option(
    "--oidc",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Let tokens of an OpenID Connect issuer count too: its address, our audience, and what its groups may.",
)
@click.option(
    "--rate",
    "rates",
    multiple=True,
    metavar="ROLE=N",
    help="How many calls a second a token of a role may make, 0 for any number; docs/serve.md has the defaults.",
)
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where `walkaway log checkpoint` signs what the log is: proofs rest on it.",
)
@click.option("--public-log", is_flag=True, help="Answer for checkpoints and proofs of growth without a token.")
@click.option(
    "--metrics", "scraped", metavar="[ADDRESS:]PORT", help="Serve counts for Prometheus there (extra `metrics`)."
)
@click.option(
    "--cors", "origins", multiple=True, metavar="ORIGIN", help="Let pages of this origin call the API; repeated: more."
)
@click.option(
    "--proxy",
    "networks",
    multiple=True,
    metavar="CIDR",
    help="Believe `Forwarded` of proxies there; repeated: of others too.",
)
@core_option
def command(
    paths: tuple[Path, ...],
    url: str,
    bind: str,
    public_url: str,
    tokens: Path,
    authzen: bool,
    mcp: bool,
    permit_keys: tuple[Path, ...],
    kept: Path,
    name: str | None,
    link: bool | None,
    oidc: Path | None,
    rates: tuple[str, ...],
    checkpoints: Path | None,
    public_log: bool,
    scraped: str | None,
    origins: tuple[str, ...],
    networks: tuple[str, ...],
    core: str,
) -> int:
    """Serve the HTTP API and the pages until SIGTERM, on this machine alone unless a proxy makes it known.

    It needs the extra `serve`: pip install 'walkaway[serve]'. docs/serve.md says who may do what, and how to ask.

    \b
    walkaway serve --policy rules/saas-discounting
    walkaway serve --policy rules/saas-discounting --store log.db --bind 127.0.0.1:0
    """
    policies = load_policies(paths)
    if public_log and checkpoints is None:
        raise click.UsageError("--public-log tells what was signed: name the folder with --checkpoints")
    for path in (tokens, kept):
        keep_apart(url, path)
    if kept.resolve() == tokens.resolve():
        raise EdgeProblem(f"--kept {kept}: the tokens are there", "name another file")
    try:
        from walkaway_edge.http.server import ListenAddress, application, run

        over_http = importlib.import_module("walkaway_edge.mcp.server").OverHttp if mcp else None
    except ImportError as problem:
        extra = "mcp" if mcp else "serve"
        raise click.ClickException(f"{problem.name} is not installed: pip install 'walkaway[{extra}]'") from problem
    from walkaway_edge.authzen.addresses import AuthZen
    from walkaway_edge.http.call import Front
    from walkaway_edge.http.checkpoints import CheckpointFolder
    from walkaway_edge.http.desk import Desk
    from walkaway_edge.http.identity import identity
    from walkaway_edge.http.jobs import Jobs
    from walkaway_edge.http.kept import KeptFile
    from walkaway_edge.http.limits import CallLimits, rates_of
    from walkaway_edge.http.oidc import Issuer, read_settings
    from walkaway_edge.http.oidc_login import BrowserLogin
    from walkaway_edge.http.proxies import Proxies
    from walkaway_edge.http.requests import Requests
    from walkaway_edge.http.serving import Api
    from walkaway_edge.http.tokens import Tokens
    from walkaway_edge.http.visits import Visits
    from walkaway_edge.page.pages import Pages
    from walkaway_edge.permits.keys import read_private, read_public
    from walkaway_edge.permits.tokens import Permits

    with contextlib.ExitStack() as open_now:
        place = open_now.enter_context(closing(ListenAddress(bind, public_url)))
        front = Front(Tokens(tokens), Visits(time.time), Requests(), course_svg, place.url)
        front.kept = open_now.enter_context(closing(KeptFile(kept)))
        jobs = front.jobs = Jobs(front.kept, (sys.executable, "-P", "-m", JOB), url, time.time)
        front.limits = CallLimits(time.monotonic, rates_of(rates))
        if oidc is not None:
            front.issuer = Issuer(read_settings(oidc), time.monotonic)
            front.issuer.read()
            if front.issuer.settings.login is not None:
                front.login = BrowserLogin(front.issuer, place.url, time.monotonic)
        if permit_keys:
            own, *older = permit_keys
            front.permits = Permits(read_private(own), [read_public(key) for key in older], place.url)
        front.checkpoints = None if checkpoints is None else CheckpointFolder(checkpoints, LogProofs.size)
        front.is_log_public = public_log
        front.cases = _cases_of(paths[0])
        counts = None if scraped is None else counting(scraped, front.checkpoints, open_now)

        def report(incident: Incident) -> None:
            show_incident(incident)
            if counts is not None:
                counts.incidents.inc()

        told = () if counts is None else (counts.decided,)
        desk = Desk(lambda: Session(policies, url, core=Core(core), report=report, salt=salt), *told)
        desk.start()
        remark(f"walkaway serves policy {policies[0].name} at {place.url}")
        if link is not False and (link or not public_url):
            code = front.visits.link(identity(name or getpass.getuser(), ["rep"]))
            click.echo(f"{place.url}/enter?code={code}")
        api = Api(desk, front)
        addresses = api.addresses() | Pages(desk, front).addresses()
        addresses |= AuthZen(desk, front, api).addresses() if authzen else {}
        hosts = None if over_http is None else over_http(desk, front, api)
        addresses |= hosts.addresses() if hosts is not None else {}

        @contextlib.asynccontextmanager
        async def beside() -> AsyncIterator[None]:
            async with jobs.running(), contextlib.nullcontext() if hosts is None else hosts.running():
                yield

        app = application(
            desk,
            addresses,
            place.hosts,
            beside=beside,
            count=(lambda *_: None) if counts is None else counts.asked,
            proxies=Proxies(networks) if networks else None,
            origins=origins,
            headers={"Walkaway-Release": RELEASE, "Walkaway-Format": str(FORMAT)},
        )
        run(app, place, api.feed.end)
    return exits.YES


def _cases_of(policy: Path) -> str:
    """Return the cases that stand beside a policy; none where there are none, or they cannot be read."""
    try:
        return ((policy if policy.is_dir() else policy.parent) / "cases.yaml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def counting(where: str, checkpoints: "CheckpointFolder | None", open_now: contextlib.ExitStack) -> "ServerMetrics":
    """Count what a server does, and serve the counts until it ends.

    Raises:
        ClickException: Where the extra is not installed.
        EdgeProblem: Where nothing can be served there.
    """
    try:
        from walkaway_edge.http.metrics import ServerMetrics
    except ImportError as problem:
        what = f"--metrics needs {problem.name}: pip install 'walkaway[metrics]'"
        raise click.ClickException(what) from problem
    found = ServerMetrics(time.time)
    if checkpoints is not None:
        found.watch(checkpoints)
    remark(f"counts for Prometheus: port {found.scraped.serve(where)}")
    open_now.enter_context(closing(found.scraped))
    return found
