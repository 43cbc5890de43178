"""A group of commands whose modules are imported only when they run."""

import importlib
from collections.abc import Mapping, Sequence

import click

from walkaway.language import nearest, shorten
from walkaway_edge.problems import EdgeProblem


class Commands(click.Group):
    """A group whose commands are modules of one package, each with a `command`.

    Attributes:
        groups: Commands by who needs them, for `--help`; empty where they stand in one list.
        shared: Command → the module that has it with others, in its `commands`.
    """

    package: str
    lines: Mapping[str, str]
    groups: Mapping[str, Sequence[str]] = {}
    shared: Mapping[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names."""
        return list(self.lines)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command."""
        if cmd_name not in self.lines:
            return None
        name = self.shared.get(cmd_name, cmd_name.replace("-", "_"))
        module = importlib.import_module(f"{self.package}.{name}")
        command = module.commands[cmd_name] if cmd_name in self.shared else module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names.

        Raises:
            UsageError: With the command that is probably meant, where there is none of that name.
        """
        if args and args[0] not in self.lines and not args[0].startswith("-"):
            hint = nearest(args[0], self.lines) or f"`{ctx.command_path} --help` lists them all"
            raise click.UsageError(f"there is no command `{shorten(args[0])}`: {hint}", ctx)
        return super().resolve_command(ctx, args)

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
        for title, names in (self.groups or {"Commands": tuple(self.lines)}).items():
            with formatter.section(title):
                formatter.write_dl([(name, self.lines[name]) for name in names])
