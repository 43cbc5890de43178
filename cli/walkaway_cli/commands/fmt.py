"""`walkaway fmt`: lay policies out in the one way, and prove that they say the same."""

import re
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import click

from walkaway import Diagnostic
from walkaway.language import counted
from walkaway.policy import format_file
from walkaway_cli import exits
from walkaway_cli.render.diagnostics import show_findings
from walkaway_edge.files.keeps import rewrite
from walkaway_edge.files.names import reason, shown_name

_NAMES = ("policy.yaml", "cases.yaml")
_OURS = re.compile(rb"^(?:\xef\xbb\xbf)?(policy|cases)[ \t]*:", re.MULTILINE)
_ENDINGS = (".yaml", ".yml")


@click.command("fmt")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 where a file is laid out otherwise.")
@click.option("--diff", "differs", is_flag=True, help="Change nothing; show what would change.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="POLICY…")
def command(check: bool, differs: bool, paths: tuple[Path, ...]) -> int:
    """Lay policies out in the one way: indents, spaces, empty lines, lines longer than 120 characters.

    POLICY is a YAML file, or a folder: then its policies, layers and cases. Words, quotes, comments and their order
    stay. What is written is read again and proved to say the same; where it would not, the file is left as it is.

    Exits 0 if all is well, 1 with findings or, with --check and --diff, where a file would change, 2 where one cannot
    be read.

    \b
    walkaway fmt rules/saas-discounting
    walkaway fmt --check --diff rules/saas-discounting
    """
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    if not files:
        raise click.UsageError("name a policy: a folder with policy.yaml, or a YAML file")
    changed, findings = 0, list[Diagnostic]()
    for file in files:
        before = _content(file)
        after = format_file(file)
        findings += after.findings
        if after.value is None or after.value == before:
            continue
        changed += 1
        if differs:
            click.echo(_difference(file, before, after.value), nl=False)
        elif check:
            click.echo(f"{shown_name(file)} is laid out otherwise")
        if not (check or differs):
            rewrite(file, after.value)
            click.echo(f"{shown_name(file)} is laid out anew")
    show_findings(findings)
    only_looks = check or differs
    would = " would be" if only_looks else ""
    click.echo(f"{counted(len(files), 'file')}: {changed:,}{would} changed" + (", some left" if findings else ""))
    return exits.NO if findings or (changed and only_looks) else exits.YES


def _files(path: Path) -> Iterator[Path]:
    """Return the files that are meant: one file, or those of a folder that are policies, layers or cases."""
    if not path.is_dir():
        yield path
        return
    files = [f for f in sorted(path.iterdir()) if f.suffix in _ENDINGS and f.is_file()]
    found = [f for f in files if f.name in _NAMES or _OURS.search(_content(f))]
    if not found:
        raise click.UsageError(f"there is no policy in {shown_name(path)}")
    yield from found


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (OSError, ValueError) as problem:
        why = reason(problem) if isinstance(problem, OSError) else "no such file"
        raise click.UsageError(f"{shown_name(file)} cannot be read: {why}") from problem


def _difference(file: Path, before: bytes, after: bytes) -> str:
    """Return a unified diff; signs that nobody sees, or that are missing, are shown in words."""
    name = shown_name(file)
    lines = unified_diff(_shown(before), _shown(after), name, f"{name} (laid out)", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _shown(data: bytes) -> list[str]:
    text = data.decode("utf-8", "replace").replace("\r", "␍").replace("\ufeff", "<BOM>")
    return text.removesuffix("\n").split("\n") if text.endswith("\n") else f"{text} <no line break>".split("\n")
