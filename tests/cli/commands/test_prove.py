"""`walkaway prove`: the answer in words, as JSON and as files that `walkaway check` decides as promised."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from tests.helpers.proving import PLAIN

from walkaway_cli.commands.check import command as check
from walkaway_cli.commands.prove import command
from walkaway_cli.exits import NO, YES

pytestmark = pytest.mark.solver

ROOT = Path(__file__).parents[3]
GIFTS = "".join(line for line in PLAIN.splitlines(keepends=True) if "even:" not in line)


def prove(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False, catch_exceptions=False)


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a policy that lets gifts pass, in a folder that is stood in."""
    (tmp_path / "policy.yaml").write_text(GIFTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Path("policy.yaml")


def test_what_is_proved_exits_with_yes(policy: Path) -> None:
    """One line for each property, and the sum."""
    done = prove("--only", "nothing-beyond-walk", policy)
    assert (done.return_value, done.stderr) == (YES, "")
    assert done.stdout == "✓ proved          nothing-beyond-walk: nothing beyond a walk value proceeds\n1 proved\n"


def test_what_is_refuted_shows_its_events(policy: Path) -> None:
    """Without a folder to write to, the events stand in the answer, and the exit is no."""
    done = prove("--only", "no-gift", policy)
    assert done.return_value == NO
    first, answer, *events, last = done.stdout.splitlines()
    assert first == "✗ refuted         no-gift: no concession without a return proceeds"
    assert answer == "    PROCEED at our offer e02 (no rule)"
    assert [json.loads(e)["type"] for e in events] == ["open", "offer"]
    assert last == "0 proved, 1 refuted"


def test_files_are_decided_by_check_as_promised(policy: Path) -> None:
    """The file that refutes the property is one that `walkaway check` answers so."""
    done = prove("--only", "no-gift", "--out", "deals", policy)
    assert "    walkaway check --policy policy.yaml deals/no-gift.jsonl\n" in done.stdout
    checked = CliRunner().invoke(
        check, ["--policy", str(policy), "--format", "json", "deals/no-gift.jsonl"], standalone_mode=False
    )
    assert json.loads(checked.stdout.splitlines()[-1])["verdict"] == "proceed"


def test_json_holds_the_same(policy: Path) -> None:
    """An array with a record for each property, deals and answers included."""
    (found,) = json.loads(prove("--only", "no-gift", "--format", "json", policy).stdout)
    (deal,) = found.pop("deals")
    assert found == {
        "name": "no-gift",
        "outcome": "refuted",
        "says": "no concession without a return proceeds",
        "why": "",
    }
    assert (deal["verdict"], deal["door"], deal["on"], deal["rules"]) == ("proceed", None, "our offer", [])


def test_what_the_time_did_not_do_for_is_said_with_how_to_ask_for_more(policy: Path) -> None:
    """Nothing is called decided that is not, in the order of the laws, and the exit is no."""
    done = prove("--timeout", "0.1", policy)
    assert done.return_value == NO
    assert "neither a proof nor a counterexample in " in done.stdout
    names = re.findall(r"^. (?:proved|refuted|not decided|does not apply) +([a-z-]+): ", done.stdout, re.MULTILINE)
    assert names[:2] == ["nothing-beyond-walk", "no-gift"]
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"for \d+ the time was over; for more: (--only [a-z-]+ )+--timeout SECONDS", last)
    late = re.findall("--only ([a-z-]+)", last)
    assert late == [n for n in names if n in late]


def test_an_unknown_property_is_a_misunderstanding(policy: Path) -> None:
    """The names there are stand in the message."""
    with pytest.raises(click.UsageError, match="there is no property 'gifts': nothing-beyond-walk, no-gift"):
        prove("--only", "gifts", policy)


def test_without_the_solver_the_command_says_what_to_install(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where z3 cannot be imported nothing is proved, and the extra is named."""
    monkeypatch.setitem(sys.modules, "z3", None)
    for module in [m for m in sys.modules if m.startswith("walkaway.proof")]:
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(click.UsageError, match=r"not installed: pip install 'walkaway\[prove\]'"):
        prove(policy)


DOCS = (ROOT / "docs" / "prove.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "shown"), re.findall(r"```console\n\$ walkaway prove (.+?)\n(.*?)```", DOCS, re.DOTALL)
)
def test_output_in_the_docs_is_what_the_command_prints(arguments: str, shown: str) -> None:
    """What docs/prove.md shows is what the command prints, line by line, from a solver that was asked nothing else."""
    command = [sys.executable, "-m", "walkaway_cli", "prove", *arguments.split()]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for part in shown.strip("\n…").split("\n…\n"):
        assert part in printed
