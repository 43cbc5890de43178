"""`walkaway fmt`: files are laid out whole or left as they are, and everything that ships is laid out already."""

import stat
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from walkaway_cli.commands.fmt import command
from walkaway_cli.exits import NO, YES

ROOT = Path(__file__).parents[3]
SHIPPED = [
    *sorted(p.parent for p in ROOT.glob("rules/*/policy.yaml")),
    *sorted(p.parent for p in ROOT.glob("features/policies/*/policy.yaml")),
    ROOT / "cli" / "walkaway_cli" / "starter",
]
UGLY = "policy:   x   #the name\nversion:  1\r\nside: seller\ncurrency: USD\n\n\n\n"
NEAT = "policy: x # the name\nversion: 1\nside: seller\ncurrency: USD\n"


def fmt(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False, catch_exceptions=False)


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    """Return a folder with a policy in need of it, and files that are no business of ours."""
    (tmp_path / "policy.yaml").write_bytes(UGLY.encode())
    (tmp_path / "other.yaml").write_bytes(b"name:   ci\n")
    (tmp_path / "notes.txt").write_bytes(b"policy:   x\n")
    return tmp_path


@pytest.mark.slow
def test_what_ships_is_laid_out() -> None:
    """Policies, layers, cases and the starter: nothing would change."""
    done = fmt("--check", *SHIPPED)
    assert done.stdout.endswith(" files: 0 would be changed\n")
    assert (done.return_value, done.stderr) == (YES, "")
    assert int(done.stdout.split()[0]) >= 29


def test_a_file_is_changed_and_its_mode_stays(ugly: Path) -> None:
    """Once; the second time there is nothing to do. Nothing is left beside it."""
    file = ugly / "policy.yaml"
    file.chmod(0o640)
    done = fmt(ugly)
    assert done.return_value == YES
    assert done.stdout == f"{file} is laid out anew\n1 file: 1 changed\n"
    assert file.read_text() == NEAT
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert fmt(ugly).stdout == "1 file: 0 changed\n"
    assert sorted(p.name for p in ugly.iterdir()) == ["notes.txt", "other.yaml", "policy.yaml"]


def test_a_link_goes_on_pointing_where_it_did(ugly: Path) -> None:
    """What it points to is changed."""
    link = ugly / "layer.yaml"
    link.symlink_to("policy.yaml")
    fmt(link)
    assert link.is_symlink()
    assert (ugly / "policy.yaml").read_text() == NEAT


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_looking_changes_nothing(ugly: Path, option: str) -> None:
    """The exit says that something would change."""
    done = fmt(option, ugly)
    assert done.return_value == NO
    assert (ugly / "policy.yaml").read_bytes() == UGLY.encode()
    assert done.stdout.endswith("1 file: 1 would be changed\n")


def test_the_difference_is_shown_line_by_line(ugly: Path) -> None:
    """Signs that nobody sees are made visible."""
    (ugly / "layer.yml").write_bytes(b"\xef\xbb\xbfpolicy: y")
    shown = fmt("--diff", ugly).stdout
    assert "-<BOM>policy: y <no line break>\n+policy: y\n" in shown
    assert "-policy:   x   #the name\n-version:  1␍\n+policy: x # the name\n+version: 1\n" in shown


def test_a_file_with_findings_is_left_as_it_is(ugly: Path) -> None:
    """The others are laid out all the same; findings go to stderr with their place."""
    broken = ugly / "broken.yaml"
    broken.write_text("policy: [\n")
    done = fmt(broken, ugly / "policy.yaml")
    assert done.return_value == NO
    assert "broken.yaml:1:9: error[WA102]" in done.stderr
    assert broken.read_text() == "policy: [\n"
    assert done.stdout.endswith("2 files: 1 changed, some left\n")


def test_what_is_not_there_cannot_be_laid_out(tmp_path: Path) -> None:
    """A file, a folder without policies, or nothing at all."""
    for arguments in [(tmp_path / "none.yaml",), (tmp_path,), ()]:
        with pytest.raises(click.UsageError):
            fmt(*arguments)
