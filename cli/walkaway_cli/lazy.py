"""A group of commands whose modules are imported only when they run."""

import importlib
from collections.abc import Mapping

import click

from walkaway_edge.problems import EdgeProblem


class Commands(click.Group):
    """A group whose commands are modules of one package, each with a `command`."""

    package: str
    lines: Mapping[str, str]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names."""
        return list(self.lines)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command."""
        if cmd_name not in self.lines:
            return None
        module = importlib.import_module(f"{self.package}.{cmd_name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what goes wrong at the edge is an error in its use.

        Raises:
            UsageError: Where something outside cannot be read, written or reached.
        """
        try:
            return super().invoke(ctx)
        except EdgeProblem as problem:
            name = ctx.invoked_subcommand or ""
            command = self.get_command(ctx, name)
            within = ctx if command is None else click.Context(command, ctx, name)
            raise click.UsageError(str(problem), within) from problem

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.lines.items()))
