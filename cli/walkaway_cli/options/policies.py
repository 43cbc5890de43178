"""The option `--policy`, and loading what it names: warnings are counted, errors end the command."""

from collections.abc import Sequence
from pathlib import Path

import click

from walkaway import Policy, load
from walkaway.language import InvalidInput, counted
from walkaway.policy import disagreement
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.names import shown_name


def one_policy(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> Path | None:
    """Take one policy; of two none would be left out silently."""
    if len(paths) > 1:
        raise click.BadParameter("one policy is asked about here; give it once")
    return paths[0] if paths else None


policy_option = click.option(
    "--policy",
    "-p",
    "path",
    required=True,
    multiple=True,
    callback=one_policy,
    metavar="DIR_OR_FILE",
    type=click.Path(path_type=Path),
    help="The policy: a folder with policy.yaml, or a YAML file.",
)
policies_option = click.option(
    "--policy",
    "-p",
    "paths",
    required=True,
    multiple=True,
    metavar="DIR_OR_FILE",
    type=click.Path(path_type=Path),
    help="The policy: a folder with policy.yaml, or a YAML file; repeated, versions of it: each deal opens under the"
    " newest in force on its day, by UTC.",
)


def load_policy(path: Path) -> Policy:
    """Return a policy without errors.

    Raises:
        InvalidInput: With all findings, where there are errors.
    """
    return load_policies([path])[0]


def load_policies(paths: Sequence[Path]) -> list[Policy]:
    """Return the versions of one policy, none with errors.

    Raises:
        InvalidInput: With all findings of all, where there are errors.
        click.UsageError: Where they are not versions of one policy, each with a number of its own.
    """
    read = [load(path) for path in paths]
    findings = tuple(f for checked in read for f in checked.findings)
    policies = [checked.value for checked in read if checked.value is not None]
    if len(policies) < len(read):
        raise InvalidInput(findings)
    for path, checked in zip(paths, read, strict=True):
        if checked.findings:
            what = counted(len(checked.findings), "warning")
            remark(f"{shown_name(path)}: {what}; see `walkaway lint {shown_name(path)}`")
    if problem := disagreement(policies):
        raise click.UsageError(f"--policy: {problem}; give versions of one policy, each with its own `version`")
    return policies
