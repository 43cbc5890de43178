"""`walkaway lsp`: the language server for policies, their tables and their features."""

import click

from walkaway_cli import exits


@click.command("lsp")
def command() -> int:
    """Serve an editor over stdin and stdout: findings as you type, hover, completion, definitions, renaming, layout.

    It needs the extra `lsp`: pip install 'walkaway[lsp]'. docs/authoring.md says how editors start it.

    \b
    walkaway lsp
    """
    try:
        from walkaway_cli.editor.server import server
    except ImportError as problem:
        raise click.ClickException(f"{problem.name} is not installed: pip install 'walkaway[lsp]'") from problem
    server().start_io()
    return exits.YES
