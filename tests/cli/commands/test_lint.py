"""`walkaway lint`: every mistake, for people and in the three forms that programs read."""

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from tests.helpers.findings import unwrapped

from walkaway import Code
from walkaway_cli.commands.lint import command
from walkaway_cli.exits import MISUNDERSTOOD, NO, YES

RULES = Path(__file__).parents[3] / "rules"

BROKEN = """\
policy: made-up
version: 1
side: seller
currency: USD
issues:
  discount: {type: percent, start: 0%, worth: -100 USD per 1%, want: 8%, walk: 6%}
rules:
  r: {why: w, on: our offer, when: offer.discunt > 100%, then: trade}
"""


def lint(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False, catch_exceptions=False)


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a policy with two mistakes, in a folder whose name wants escaping; stand above it."""
    folder = tmp_path / "a, b%c"
    folder.mkdir()
    (folder / "policy.yaml").write_text(BROKEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Path("a, b%c")


def test_a_policy_without_a_mistake_is_clean() -> None:
    """Every shipped policy has nothing to mend, and the exit says so."""
    policies = sorted(RULES.glob("*/policy.yaml"))
    done = lint(*policies)
    assert (done.return_value, done.stdout) == (YES, f"{len(policies)} policies: nothing to mend\n")
    assert done.stderr == ""


def test_text_shows_every_mistake_with_its_caret(broken: Path) -> None:
    """Findings are the answer: on stdout with place, code, line, caret and hint, and a line that counts them."""
    done = lint(broken)
    assert (done.return_value, done.stderr) == (NO, "")
    assert done.stdout.endswith("\n1 policy: 2 errors, 0 warnings\n")
    assert "policy.yaml:6:80: error[WA202]: walk 6% of `discount` is reached before\n    its want 8%\n" in done.stdout
    assert "  |                                                                                ^^\n" in done.stdout
    assert "did you mean `offer.discount`?" in done.stdout


def test_json_has_the_same_findings(broken: Path) -> None:
    """An array with everything the text shows."""
    done = lint("--format", "json", broken)
    found = json.loads(done.stdout)
    assert (done.return_value, done.stderr) == (NO, "")
    assert [(f["code"], f["line"], f["column"], f["length"]) for f in found] == [
        ("WA202", 6, 80, 2),
        ("WA302", 8, 36, 13),
    ]
    assert {f["file"] for f in found} == {"a, b%c/policy.yaml"}
    assert set(found[0]) == {"code", "column", "file", "hint", "length", "line", "message", "name", "severity"}
    assert json.loads(lint("--format", "json", RULES / "used-car").stdout) == []


def test_sarif_has_the_structure_of_2_1_0(broken: Path) -> None:
    """One run; each result names a rule of its driver by id and index, a level, a text, and a place with a URI."""
    log: dict[str, Any] = json.loads(lint("--format", "sarif", broken).stdout)
    assert (log["version"], list(log)) == ("2.1.0", ["$schema", "version", "runs"])
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "walkaway"
    assert run["columnKind"] == "unicodeCodePoints"
    assert [r["id"] for r in rules] == sorted({r["id"] for r in rules})
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == [r["ruleId"] for r in run["results"]]
    for result in run["results"]:
        assert result["level"] in ("error", "warning", "note", "none")
        assert result["message"]["text"]
        (place,) = (p["physicalLocation"] for p in result["locations"])
        assert place["artifactLocation"] == {"uri": "a%2C%20b%25c/policy.yaml"}
        region = place["region"]
        assert 1 <= region["startColumn"] < region["endColumn"]
        assert region["startLine"] >= 1
    absolute = json.loads(lint("--format", "sarif", broken.resolve()).stdout)["runs"][0]["results"][0]
    assert absolute["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///")


def test_sarif_of_a_clean_policy_says_that_nothing_was_found() -> None:
    """`results` is there and empty: absent would mean that nobody looked."""
    (run,) = json.loads(lint("--format", "sarif", RULES / "used-car").stdout)["runs"]
    assert run["results"] == []


def test_github_commands_are_escaped(broken: Path) -> None:
    """In a property `%`, `:` and `,` are written as codes; in a message `%`."""
    first, second = lint("--format", "github", broken).stdout.splitlines()
    place = "file=a%2C b%25c/policy.yaml,line=6,col=80,endColumn=82,title=WA202"
    assert first.startswith(f"::error {place}::walk 6%25 of `discount` is reached before its want 8%25")
    assert re.fullmatch(r"::error file=[^:,]+,line=8,col=36,endColumn=49,title=WA302::.+", second)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_a_policy_that_is_not_there_is_misunderstood(form: str, tmp_path: Path) -> None:
    """In every form the finding is told and the exit is 2."""
    done = lint("--format", form, tmp_path / "none")
    assert done.return_value == MISUNDERSTOOD
    assert "the policy cannot be read: no such file or directory" in done.stdout + done.stderr


@pytest.mark.parametrize("code", ["WA202", "wa202"])
def test_a_code_is_explained(code: str) -> None:
    """Its page, whatever its case, and nothing else."""
    done = lint("--explain", code)
    assert done.return_value == YES
    assert "WA202" in done.stdout
    assert done.stdout.count("```") >= 4


def test_an_unknown_code_names_the_nearest() -> None:
    """A misspelt code is misunderstood."""
    with pytest.raises(click.UsageError, match=r"there is no code 'WA2022'; did you mean `WA202`"):
        lint("--explain", "WA2022")
    with pytest.raises(click.UsageError, match="name a policy"):
        lint()


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_page(code: Code) -> None:
    """No finding is without an explanation."""
    assert lint("--explain", code.value).stdout.strip()


@pytest.mark.solver
def test_strict_adds_what_the_solver_finds(tmp_path: Path) -> None:
    """A rule that no event makes fire is a warning of --strict only."""
    rule = "r: {why: w, on: our terms, when: give.value > 0 USD and give.issues = 0, then: trade}"
    policy = BROKEN.replace("want: 8%, walk: 6%", "least: 0%, walk: 20%").partition("  r: ")[0] + f"  {rule}\n"
    (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
    assert lint(tmp_path).return_value == YES
    done = lint("--strict", tmp_path)
    assert (done.return_value, done.stdout.splitlines()[-1]) == (NO, "1 policy: 0 errors, 1 warning")
    assert "warning[WA705]: rule `r` never fires" in unwrapped(done.stdout)


def test_a_table_stands_for_the_policy_beside_or_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes only a table, and a hook that is told only what changed, gets the policy's findings, once."""
    folder = tmp_path / "deals"
    (folder / "tables").mkdir(parents=True)
    declared = "deal: {segment: {one of: [smb]}}\ntables: {floors: {file: tables/floors.csv, key: segment}}\n"
    limit = 'walk: "floors[deal.segment].walk"'
    text = BROKEN.replace("want: 8%, walk: 6%", limit).replace("offer.discunt > 100%", "offer.discount > 5%")
    (folder / "policy.yaml").write_text(text.replace("issues:", declared + "issues:"), encoding="utf-8")
    (folder / "tables" / "floors.csv").write_text("segment,walk\nsbm,10%\n", encoding="utf-8")
    (tmp_path / "loose.csv").write_text("a,b\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = lint("deals/tables/floors.csv", "deals/policy.yaml")
    assert (done.return_value, done.stdout.splitlines()[-1]) == (NO, "1 policy: 1 error, 0 warnings")
    assert done.stdout.count("deals/tables/floors.csv:2:1: error[WA403]") == 1
    loose = lint("loose.csv")  # a hook is told of every CSV file
    assert (loose.return_value, loose.stdout) == (YES, "0 policies: nothing to mend\n")
    assert loose.stderr == "loose.csv is left out: there is no policy.yaml beside or above it\n"
    with pytest.raises(click.UsageError, match=r"none\.csv cannot be read: no such file or directory"):
        lint("none.csv")
