"""The command `walkaway`: finds its subcommands when they are asked for, and turns errors into exits."""

import contextlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click

from walkaway.language import InvalidInput
from walkaway.log import StoreProblem
from walkaway_cli import exits
from walkaway_cli.kinds import KINDS
from walkaway_cli.lazy import Commands
from walkaway_cli.render.diagnostics import show_findings
from walkaway_cli.render.remarks import remark, show_error

COMMANDS = {
    "check": "Decide every event of some deals, or one more offer of ours.",
    "show": "Show the course of a deal: what each move gave, got and is called.",
    "record": "Decide events and keep every decision in the log.",
    "run": "Decide live events as they come, and send the verdicts on.",
    "serve": "Serve the HTTP API and the pages for reps, approvers and auditors.",
    "mcp": "Serve a rep's host of the Model Context Protocol over stdin and stdout.",
    "token": "Make, list and revoke the tokens of `serve`.",
    "permit": "Make the key of agents' permits, and verify permits.",
    "notify": "Tell a receiver every decision of the log by webhook.",
    "deals": "List the deals of the log, with where each stands.",
    "log": "Verify, replay, prove, search, export and audit the log.",
    "prove": "Prove what must be so of every answer, or show a deal in which it is not.",
    "diff": "Show where the verdict changes from one policy to another, or prove that it does not.",
    "backtest": "Show what a policy would have decided of deals that are over.",
    "lint": "Find every mistake in a policy.",
    "fmt": "Lay policies out in the one way, and prove that they say the same.",
    "lsp": "Serve an editor: findings as you type, hover, completion, renaming.",
    "simulate": "Bargain made-up deals under a policy, and try tricks on it.",
    "rules": "List a policy's rules, built-in ones included.",
    "facts": "List every fact a rule may read.",
    "schema": "Print the JSON Schema of policy files, for editors.",
    "calendar": "Make the table of days that a policy's calendar names.",
    "rates": "Make the file of rates that a policy's currencies name.",
    "init": "Write a commented starter policy with a passing scenario.",
    "test": "Run the scenarios of a folder.",
    **{sort: kind.line for sort, kind in KINDS.items()},
}
"""Every command with its line of help; a command's module is imported only when it runs."""


GROUPS = {
    "Write a policy": (
        "init",
        "lint",
        "fmt",
        "test",
        "prove",
        "diff",
        "rules",
        "facts",
        "calendar",
        "rates",
        "schema",
        "lsp",
    ),
    "Try a policy before it goes live": ("backtest", "simulate"),
    "Check a deal": ("check", "show"),
    "Write down what happens in a deal": tuple(KINDS),
    "Audit what was decided": ("deals", "log"),
    "Run it": ("run", "record", "serve", "mcp", "token", "permit", "notify"),
}
"""Every command, by who needs it."""


class Main(Commands):
    """All commands."""

    package = "walkaway_cli.commands"
    lines = COMMANDS
    groups = GROUPS
    shared = dict.fromkeys(KINDS, "write")


@click.group(cls=Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="walkaway")
def walkaway() -> None:
    """Decide the offers of a negotiation under a concession policy, and say why.

    \b
    Start here:  walkaway init my-policy
    Then:        walkaway check --policy my-policy my-policy/deal.jsonl
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 the answer is yes, 1 it is no, 2 the question could not be understood."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a character that a terminal cannot show is no reason to stop
            stream.reconfigure(errors="replace")
    colour = False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None
    with click.Context(walkaway, color=colour).scope(cleanup=False):
        sys.exit(_status(arguments, colour))


def _status(arguments: Sequence[str] | None, colour: bool | None) -> int:
    """Run the command and show its errors; give the exit."""
    try:
        status = walkaway(args=arguments, prog_name="walkaway", standalone_mode=False, color=colour)
    except InvalidInput as problem:
        show_findings(problem.findings)
    except StoreProblem as problem:
        remark(f"error: {problem}")
    except click.exceptions.Exit as problem:
        return problem.exit_code
    except click.Abort:
        remark("stopped")
    except click.ClickException as problem:
        show_error(problem)
    except BrokenPipeError:
        _close_stdout()
        return exits.NO
    except OSError as problem:
        _close_stdout()
        where = f"{os.fsdecode(problem.filename)}: " if isinstance(problem.filename, str | bytes) else ""
        remark(f"Error: {where}{(problem.strerror or 'it cannot be read or written').lower()}")
    else:
        return status if isinstance(status, int) else exits.YES
    return exits.MISUNDERSTOOD


def _close_stdout() -> None:
    """Write nothing more: what still waits could not be written either, and would be complained about at the end."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
