"""`walkaway schema`: print the JSON Schema of policy files, for editors."""

import click
import msgspec

from walkaway.policy import json_schema
from walkaway_cli import exits


@click.command("schema")
def command() -> int:
    """Print the JSON Schema of policy files.

    Editors with a YAML language server show the meaning of every key with it, complete keys and words, and underline
    what does not fit. What only the whole policy can tell is for `walkaway lint` to find.

    \b
    walkaway schema > walkaway.schema.json
    Then, as the first line of a policy:
    # yaml-language-server: $schema=walkaway.schema.json
    """
    click.echo(msgspec.json.format(msgspec.json.encode(json_schema()), indent=2))
    return exits.YES
