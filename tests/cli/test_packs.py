"""The policies that ship are packs: taken over under another name, in another currency, they answer as they did."""

import re
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.helpers.commands import misprinted

from walkaway import Engine, Stream, load
from walkaway.proof.prove import Outcome, prove
from walkaway_cli.commands import lint as linting
from walkaway_cli.commands import test as testing
from walkaway_cli.commands.init import command
from walkaway_cli.exits import YES
from walkaway_cli.packs import PACKS, files_of, pack_called
from walkaway_cli.scenarios.cases import compare, decide, read_cases

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NAMES = [pack.name for pack in PACKS]
TOLD = {"principles", "buying-principles"}
"""The packs that are told by features, section by section; tests/features/test_principles.py has their mutants."""


def take_over(folder: Path, *options: str) -> str:
    """Run the command and give what it printed."""
    result = CliRunner().invoke(command, [str(folder), "--from", *options], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert result.return_value == YES
    return result.output


def cases_hold(folder: Path) -> None:
    """Decide every case of a folder under its policy."""
    engine = Engine(load(folder).unwrap())
    for case in read_cases(folder / "cases.yaml"):
        compare(case, decide(case, Stream(engine)))


def test_every_policy_that_ships_is_a_pack():
    """With the side that it says itself; and whoever has another side says the same of it."""
    assert set(NAMES) == {path.parent.name for path in (ROOT / "rules").glob("*/policy.yaml")}
    for pack in PACKS:
        assert load(ROOT / "rules" / pack.name).unwrap().side == pack.side
        other = pack_called(pack.other)
        assert other is not None
        assert other.side != pack.side


@pytest.mark.parametrize("currency", ["EUR", "JPY", "BHD"])
@pytest.mark.parametrize("name", ["car-sale", "renewals"])
def test_a_pack_answers_in_any_currency(tmp_path, name, currency):
    """Two decimals, none or three: what lies a minor unit past a limit does so still."""
    take_over(tmp_path / "Our deals", name, "--currency", currency.lower())
    policy = load(tmp_path / "Our deals")
    assert (policy.findings, policy.unwrap().currency, policy.unwrap().name) == ((), currency, "our-deals")
    cases_hold(tmp_path / "Our deals")


def test_what_is_taken_over_names_nothing_of_the_pack(tmp_path):
    """Commands in comments and the policy of a scenario are those of the folder; amounts are in its currency."""
    take_over(tmp_path / "q4", "saas-discounting", "--currency", "GBP")
    for file in (tmp_path / "q4").iterdir():
        text = file.read_text(encoding="utf-8")
        assert "saas-discounting" not in text, file.name
        assert "USD" not in text, file.name
    assert 'the policy "."' in (tmp_path / "q4" / "edges.feature").read_text()


def test_a_pack_brings_what_its_scenarios_need():
    """The principles are told by features, one of which asks another pack."""
    files = files_of(PACKS[0])
    assert {"policy.yaml", "b-floors.yaml", "b-floors.feature", "used-car.yaml"} <= set(files)
    assert 'the policy "used-car.yaml"' in files["c-alternatives.feature"]


def test_the_other_side_of_the_table_is_taken_over_where_there_is_one(tmp_path):
    """And the command says which pack that is."""
    assert "The seller's side of used-car is the pack car-sale." in take_over(
        tmp_path / "a", "used-car", "--side", "seller"
    )
    assert load(tmp_path / "a").unwrap().side == "seller"
    assert "side of" not in take_over(tmp_path / "b", "used-car", "--side", "buyer")
    assert load(tmp_path / "b").unwrap().side == "buyer"


@pytest.mark.parametrize(
    "names",
    [
        ("used-car", "car-sale"),
        ("renewals", "vendor-renewals"),
        ("job-offer", "job-candidate"),
        ("principles", "buying-principles"),
    ],
)
def test_the_other_side_of_the_table_gets_the_same_answers(names):
    """The seller's car is the buyer's, turned: case by case the same verdict, and as many rules."""
    ours, theirs = (read_cases(ROOT / "rules" / name / "cases.yaml") for name in names)
    assert [(case.want, len(case.fired)) for case in ours] == [(case.want, len(case.fired)) for case in theirs]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["renewal"], "there is no pack `renewal`; did you mean `renewals`?"),
        (["barter"], "known here: `buying-principles`, `car-sale`"),
        (["used-car", "--currency", "EURO"], "`EURO` is no currency; did you mean `EUR`?"),
    ],
)
def test_what_cannot_be_taken_over_is_said_and_nothing_is_written(tmp_path, options, message):
    """In the words of the question."""
    with pytest.raises(click.UsageError, match=re.escape(message)):
        take_over(tmp_path / "new", *options)
    assert not (tmp_path / "new").exists()


def test_a_currency_without_a_pack_is_a_question_not_understood(tmp_path):
    """The starter has no currency to choose."""
    result = CliRunner().invoke(command, [str(tmp_path / "new"), "--currency", "EUR"])
    assert result.exit_code == 2
    assert "name one with --from" in result.output


def test_the_build_puts_every_pack_into_the_package():
    """Whole folders, so that a new file is in the wheel too."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert build["wheel"]["force-include"]["rules"] == "walkaway_cli/packs"
    for name in TOLD:
        assert build["wheel"]["force-include"][f"features/{name}"] == f"walkaway_cli/packs/{name}"


def test_the_page_of_packs_shows_what_is_printed(tmp_path, monkeypatch):
    """And has a row for each."""
    page = ROOT / "docs" / "packs.md"
    monkeypatch.chdir(tmp_path)
    assert misprinted(page) == []
    rows = re.findall(r"^\| `([a-z-]+)` \| (seller|buyer) ", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(pack.name, pack.side) for pack in PACKS]


@pytest.mark.packs
def test_the_wheel_has_every_pack(tmp_path):
    """Built as `pip` builds it."""

    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for pack in PACKS:
        folders = ROOT / "rules" / pack.name, ROOT / "features" / pack.name
        assert {f"walkaway_cli/packs/{pack.name}/{p.name}" for folder in folders for p in folder.glob("*.*")} <= names


@pytest.mark.packs
@pytest.mark.solver
@pytest.mark.parametrize("name", NAMES)
def test_a_pack_taken_over_lints_clean_under_strict(tmp_path, name):
    """The solver's part included, in the currency of whoever takes it over."""
    take_over(tmp_path / "ours", name, "--currency", "EUR")
    result = CliRunner().invoke(linting.command, ["--strict", str(tmp_path / "ours")], standalone_mode=False)
    assert (result.return_value, result.output) == (YES, "1 policy: nothing to mend\n")


@pytest.mark.packs
@pytest.mark.parametrize("name", ["renewals", "vendor-renewals", "procurement", "car-sale", "job-candidate"])
def test_every_mutant_of_a_pack_is_killed(name):
    """The suite mutates the others, and the principles, which are told by features."""
    result = CliRunner().invoke(testing.command, ["--mutate", str(ROOT / "rules" / name)], standalone_mode=False)
    assert result.return_value == YES
    assert re.search(rf"\nmutants of {name}: (\d+) tried, \1 killed, 0 survive\n$", result.output)


@pytest.mark.packs
@pytest.mark.parametrize("name", sorted(set(NAMES) - TOLD))
def test_a_pack_is_exercised_in_full(name):
    """Every rule, every leaf true and false, every boundary on both sides."""
    result = CliRunner().invoke(testing.command, ["--coverage", str(ROOT / "rules" / name)], standalone_mode=False)
    assert re.search(r"\n  in all +(\d+) of +\1 +100%\n", result.output)


LAWS = (
    "nothing-beyond-walk",
    "no-gift",
    "deception-closes",
    "agreed-is-agreed",
    "may-accept-means-may-accept",
    "won-only-when-cleared",
    "nobody-approves-themselves",
    "every-event-answered",
)
"""All but those about two events, for which the solver may take longer than it is given, and the law of layers."""


@pytest.mark.packs
@pytest.mark.solver
@pytest.mark.parametrize("name", ["renewals", "vendor-renewals", "procurement", "car-sale", "job-candidate"])
def test_the_laws_are_proved_of_a_pack(name):
    """As far as they are about one event; tests/engine/proof/test_prove.py has the others that ship."""
    found = prove(load(ROOT / "rules" / name).unwrap(), time.process_time, 600.0, LAWS)
    assert {proof.name: proof.outcome for proof in found} == dict.fromkeys(LAWS, Outcome.PROVED)
