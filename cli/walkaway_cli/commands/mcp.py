"""`walkaway mcp`: a rep's tools for a host of the Model Context Protocol, over stdin and stdout."""

import time
from pathlib import Path

import click

from walkaway import Core, Session
from walkaway_cli import exits
from walkaway_cli.options.formats import core_option
from walkaway_cli.options.policies import load_policies, policies_option
from walkaway_cli.options.stores import store_option
from walkaway_cli.render.diagnostics import show_incident
from walkaway_cli.render.svg import course_svg
from walkaway_edge.salts import salt


@click.command("mcp")
@policies_option
@store_option
@click.option("--as", "name", required=True, metavar="NAME", help="Who sits at the host: who acts is recorded by it.")
@click.option("--deals", multiple=True, metavar="PATTERN", help="The deals they see, as 'D-*'; all, if left out.")
@click.option(
    "--role",
    type=click.Choice(["rep", "agent", "customer"]),
    default="rep",
    show_default=True,
    help="As whom: an agent and a customer are told only what the other side may hear; they need --deals.",
)
@click.option(
    "--permit-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With an agent: by which its permits are signed; see `walkaway permit keygen`.",
)
@core_option
def command(
    paths: tuple[Path, ...], url: str, name: str, deals: tuple[str, ...], role: str, permit_key: Path | None, core: str
) -> int:
    """Serve one host over stdin and stdout until it is gone: with the tools and answers of a rep, or of an agent.

    What a rep's tools say is for our own people; a program that speaks to the other side is given an agent's.
    It needs the extra `mcp`: pip install 'walkaway[mcp]'. docs/serve.md says more.

    \b
    walkaway mcp --policy rules/saas-discounting --as ana
    walkaway mcp --policy rules/saas-discounting --as agent-7 --role agent --deals D-1042
    """
    policies = load_policies(paths)
    try:
        from walkaway_edge.mcp.server import over_stdio
    except ImportError as problem:
        raise click.ClickException(f"{problem.name} is not installed: pip install 'walkaway[mcp]'") from problem
    from walkaway_edge.http.call import Front
    from walkaway_edge.http.desk import Desk
    from walkaway_edge.http.identity import identity
    from walkaway_edge.http.requests import Requests
    from walkaway_edge.http.tokens import Tokens
    from walkaway_edge.http.visits import Visits
    from walkaway_edge.permits.keys import read_private
    from walkaway_edge.permits.tokens import Permits

    who = identity(name, [role], deals)
    front = Front(Tokens(Path("walkaway.tokens")), Visits(time.time), Requests(), course_svg, "")
    if permit_key is not None:
        front.permits = Permits(read_private(permit_key), (), "walkaway mcp")
    desk = Desk(lambda: Session(policies, url, core=Core(core), report=show_incident, salt=salt))
    desk.start()
    try:
        over_stdio(desk, front, who)
    finally:
        desk.stop()
    return exits.YES
