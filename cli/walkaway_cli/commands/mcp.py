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
@core_option
def command(paths: tuple[Path, ...], url: str, name: str, deals: tuple[str, ...], core: str) -> int:
    """Serve one person's host over stdin and stdout until it is gone: the tools of a rep, with a rep's answers.

    What these tools say is for our own people; give them to no program that speaks to the other side.
    It needs the extra `mcp`: pip install 'walkaway[mcp]'. docs/serve.md says more.

    \b
    walkaway mcp --policy rules/saas-discounting --as ana
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

    who = identity(name, ["rep"], deals)
    front = Front(
        Tokens(Path("walkaway.tokens")), Visits(time.time), Requests(Path("walkaway.requests")), course_svg, ""
    )
    desk = Desk(lambda: Session(policies, url, core=Core(core), report=show_incident, salt=salt))
    desk.start()
    try:
        over_stdio(desk, front, who)
    finally:
        desk.stop()
    return exits.YES
