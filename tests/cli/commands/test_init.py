"""`walkaway init`: what it writes is right from the first moment."""

import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.helpers.processes import PATIENCE_S

from walkaway_cli.commands.init import command, next_commands
from walkaway_cli.exits import NO, YES

pytestmark = pytest.mark.slow

FILES = ["deal.jsonl", "first.feature", "policy.yaml"]


def init(folder: str) -> str:
    """Run the command and give what it printed."""
    result = CliRunner().invoke(command, [folder], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert result.return_value == YES
    return result.output


@pytest.mark.parametrize("folder", ["my-policy", "deep/in my folders"])
def test_every_command_it_prints_answers(tmp_path, monkeypatch, folder):
    """A newcomer types what is printed, in the folder they stand in; in the deal an offer went against its verdict."""
    monkeypatch.chdir(tmp_path)
    printed = [line.strip() for line in init(folder).splitlines() if line.startswith("  ")]
    assert printed == list(next_commands(shlex.quote(folder)))
    assert {line.split()[1] for line in printed} == {"lint", "test", "check"}
    for line in printed:
        words = [sys.executable, "-m", "walkaway_cli", *shlex.split(line)[1:]]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        whole_deal = words[3] == "check" and "--offer" not in words
        assert done.returncode == (NO if whole_deal else YES), done.stdout + done.stderr
        assert not done.stderr


def test_the_starter_policy_has_nothing_to_mend_and_its_scenarios_are_named_for_what_they_show(tmp_path, monkeypatch):
    """The files say which commands to go on with, with the folder's name."""
    monkeypatch.chdir(tmp_path)
    init("Q4 Deals")
    assert sorted(p.name for p in Path("Q4 Deals").iterdir()) == FILES
    policy = Path("Q4 Deals/policy.yaml").read_text()
    assert "policy: q4-deals\n" in policy
    assert "#   walkaway lint 'Q4 Deals'" in policy
    assert "FOLDER" not in policy + Path("Q4 Deals/first.feature").read_text()


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_overwritten(tmp_path, name):
    """One file that is there already is enough: nothing is written, and it stays as it was."""
    (tmp_path / name).write_text("mine")
    with pytest.raises(click.UsageError, match=f"holds {name} already; nothing was written"):
        init(str(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_other_files_in_the_folder_do_not_matter(tmp_path):
    """A repository has a README."""
    (tmp_path / "README.md").write_text("mine")
    init(str(tmp_path))
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["README.md", *FILES])


def test_a_folder_that_cannot_be_written_is_a_question_not_understood(tmp_path):
    """A file stands where the folder should."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(click.UsageError):
        init(str(tmp_path / "taken" / "policy"))
