"""A group of commands whose modules are imported only when they run."""

import importlib
from collections.abc import Mapping

import click


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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.lines.items()))
