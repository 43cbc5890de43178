"""docs/authoring.md shows what the commands really print, and the hooks for pre-commit call real ones."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from walkaway.language import source
from walkaway_cli.commands.init import command as init
from walkaway_cli.main import COMMANDS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ (walkaway .+?)\n(.*?)```", PAGE, re.DOTALL)
CI = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the starter policy below it."""
    folder = tmp_path_factory.mktemp("docs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        CliRunner().invoke(init, ["deals"], standalone_mode=False, catch_exceptions=False)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of walkaway in a folder."""
    called = [sys.executable, "-m", "walkaway_cli", *command.split()[1:]]
    return subprocess.run(called, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_what_the_page_shows_is_what_is_printed(folder, command, shown):
    """Part by part, in order."""
    printed = run(command, folder).stdout
    at = 0
    for part in shown.strip("\n").split("…\n"):
        assert part.strip("\n") in printed[at:]
        at = printed.index(part.strip("\n"), at)


@pytest.mark.parametrize("line", [line for line in CI if " prove " not in line])
def test_the_recipe_for_ci_passes_for_the_starter(folder, line):
    """Each of its lines exits 0."""
    done = run(line, folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hooks_call_commands_with_options_that_there_are(folder):
    """lint, fmt and test, each for the files that it takes."""
    hooks = source.read((ROOT / ".pre-commit-hooks.yaml").read_bytes(), "hooks").unwrap()
    assert isinstance(hooks, source.Sequence)
    found = {}
    for hook in hooks.items:
        assert isinstance(hook, source.Mapping)
        values = {key.value: value.value for key, value in hook.entries if isinstance(value, source.Scalar)}
        program, command = values["entry"].split()
        assert (program, command in COMMANDS, values["language"]) == ("walkaway", True, "python")
        found[values["id"]] = re.compile(values["files"])
        assert (
            run(f"walkaway {command} {'.' if 'pass_filenames' in values else 'deals/policy.yaml'}", folder).returncode
            == 0
        )
    assert set(found) == {f"walkaway-{name}" for name in ("lint", "fmt", "test")}
    assert found["walkaway-lint"].search("a/policy.yaml")
    assert found["walkaway-lint"].search("a/floors.csv")
    assert not found["walkaway-lint"].search("a/cases.yaml")
    assert found["walkaway-fmt"].search("cases.yml")
    assert found["walkaway-test"].search("a/floors.csv")
    assert set(re.findall(r"- id: (\S+)", PAGE)) == set(found)
