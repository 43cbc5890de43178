"""What the command says of itself, and what `walkaway test` finds to run."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from walkaway import Code
from walkaway_cli.commands.lint import command as lint
from walkaway_cli.commands.test import command as run
from walkaway_cli.exits import MISUNDERSTOOD, NO, YES
from walkaway_cli.main import COMMANDS, GROUPS, walkaway
from walkaway_cli.scenarios.plugin import has_policy

pytestmark = pytest.mark.slow

POLICY = """\
policy: small
version: 1
side: seller
currency: USD
issues:
  discount: {type: percent, start: 0%, worth: -100 USD per 1%}
rules:
  r: {why: w, on: our offer, when: offer.discount > 5%, then: trade}
"""
CASES = "cases:\n  - note: A large discount is a trade.\n    events:\n"
CASES += "      - {type: offer, by: us, terms: {discount: 6%}}\n"
CASES += "    want: trade\n    fired: [r, nothing-for-nothing]\n"


def test_every_command_stands_in_one_group() -> None:
    """By who needs it."""
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(COMMANDS)


def test_a_misspelt_command_is_told_the_one_that_is_meant() -> None:
    """And the exit says that nothing was understood."""
    done = CliRunner().invoke(walkaway, ["tset"])
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        MISUNDERSTOOD,
        "Error: there is no command `tset`: did you mean `test`?",
    )


def test_explain_without_a_code_lists_all() -> None:
    """Each with its name and the first sentence of its page."""
    done = CliRunner().invoke(lint, ["--explain"], standalone_mode=False)
    assert done.return_value == YES
    assert [line.split()[0] for line in done.stdout.splitlines()] == [code.value for code in Code]
    assert "WA202  walk-past-want: " in done.stdout


@pytest.mark.parametrize("repository", [True, False])
def test_the_policy_of_a_table_is_sought_within_its_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: bool
) -> None:
    """A stray policy above the repository, or above the working folder, is not the table's."""
    (tmp_path / "policy.yaml").write_text("stray: yes\n", encoding="utf-8")
    inner = tmp_path / "repository" / "tables"
    inner.mkdir(parents=True)
    (inner / "caps.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    if repository:
        (tmp_path / "repository" / ".git").mkdir()
        monkeypatch.chdir(tmp_path)
    else:
        monkeypatch.chdir(tmp_path / "repository")
    done = CliRunner().invoke(lint, [str(inner / "caps.csv")], standalone_mode=False)
    assert (done.return_value, "is left out: there is no policy.yaml" in done.stderr) == (YES, True)


@pytest.mark.parametrize("head", ["\ufeffpolicy: x", '"policy": x', "policy : x", "'policy': x", "{policy: x}"])
def test_a_policy_is_known_however_its_name_is_written(tmp_path: Path, head: str) -> None:
    """So that the cases beside it are run."""
    (tmp_path / "policy.yaml").write_text(head, encoding="utf-8")
    assert has_policy(tmp_path / "cases.yaml", tmp_path)


@pytest.mark.parametrize("bad", ["polcy: small", "policy: [", "\x00"])
def test_cases_beside_a_policy_that_cannot_be_read_are_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    """They are not passed over."""
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(bad, encoding="utf-8")
    Path("cases.yaml").write_text(CASES, encoding="utf-8")
    done = CliRunner().invoke(run, ["."], standalone_mode=False)
    assert done.return_value in (NO, MISUNDERSTOOD)
    assert "cannot be used" in done.stdout


def test_a_scenario_goes_on_where_its_background_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `And` or `*`, in a file with a byte-order mark; the summary counts what was run."""
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text("\ufeff" + POLICY, encoding="utf-8")
    steps = [
        "Background:",
        "Given it is 2026-10-05",
        "Scenario: one",
        "And the deal opens",
        "Then the verdict is proceed",
    ]
    steps += ["Scenario: two", "* the deal opens", "Then the verdict is proceed"]
    Path("a.feature").write_text("\ufeffFeature: f\n" + "\n".join(steps) + "\n", encoding="utf-8")
    done = CliRunner().invoke(run, ["."], standalone_mode=False)
    assert (done.return_value, done.stdout) == (
        YES,
        "a.feature: 2 of 2 scenarios hold\n\n2 scenarios run, of 1 policy\n2 hold\n",
    )


def test_coverage_counts_conditions_that_read_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell is fixed when the deal opens, as its key is."""
    monkeypatch.chdir(tmp_path)
    table = "tables:\n  caps: {file: caps.csv, key: size}\ndeal: {size: {one of: [small, large]}}\n"
    policy = POLICY.replace("issues:", f"{table}issues:").replace(
        "offer.discount > 5%", '"offer.discount > caps[deal.size].cap"'
    )
    Path("policy.yaml").write_text(policy, encoding="utf-8")
    Path("caps.csv").write_text("size,cap\nsmall,5%\nlarge,10%\n", encoding="utf-8")
    Path("cases.yaml").write_text(
        CASES.replace("cases:", "open: {facts: {size: small}}\ncases:"),
        encoding="utf-8",
    )
    done = CliRunner().invoke(run, ["--coverage", "."], standalone_mode=False, catch_exceptions=False)
    assert "1 case run, of 1 policy" in done.stdout
