"""The option `--policy`, and loading what it names: warnings are shown, errors end the command."""

from pathlib import Path

import click

from walkaway import Checked, Policy, load
from walkaway.diagnostics import Severity
from walkaway.policy import unreadable
from walkaway_cli.inputs import shown_name
from walkaway_cli.render.diagnostics import show_findings

policy_option = click.option(
    "--policy",
    "-p",
    "path",
    required=True,
    metavar="DIR_OR_FILE",
    type=click.Path(path_type=Path),
    help="The policy: a folder with policy.yaml, or a YAML file.",
)


def read_policy(path: Path) -> Checked[Policy]:
    """Read a policy; a file that cannot be read is a finding like any other."""
    try:
        return load(path)
    except OSError as problem:
        return Checked(None, (unreadable(shown_name(path), problem),))


def load_policy(path: Path) -> Policy:
    """Give a policy without errors.

    Raises:
        InvalidInput: With all findings, where there are errors.
    """
    checked = read_policy(path)
    policy = checked.unwrap()
    show_findings(f for f in checked.findings if f.severity is Severity.WARNING)
    return policy
