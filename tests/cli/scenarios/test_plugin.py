"""The pytest plugin, as it works in somebody else's repository: in a process and a folder of its own."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from tests.cli.scenarios.conftest import POLICY
from tests.helpers.processes import PATIENCE_S

from walkaway_cli.scenarios.collect import problems_of
from walkaway_cli.scenarios.plugin import has_policy

pytestmark = pytest.mark.slow

FEATURE = """
Feature: Trading
  Scenario: A discount for nothing
    When we offer a discount of 5%
    Then the verdict is trade

  Scenario Outline: A discount for <what comes back>
    When we offer discount 1% and <what comes back>
    Then the verdict is proceed

    Examples:
      | what comes back |
      | term 22 months  |
      | term 36 months  |
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a policy folder, a feature in it, and pytest settings that let warnings be errors."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (tmp_path / "deals").mkdir()
    (tmp_path / "deals" / "policy.yaml").write_text(POLICY)
    (tmp_path / "deals" / "trading.feature").write_text(FEATURE)
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run pytest in *folder*, without plugins that take long to load, and give its exit status and what it printed."""
    without = [word for name in ("cacheprovider", "hypothesispytest", "schemathesis") for word in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", *without, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    return done.returncode, done.stdout + done.stderr


def test_feature_files_beside_a_policy_need_no_python(repository):
    """Plain `pytest` runs each scenario, and each example of an outline, under its own name."""
    status, shown = run(repository, "-v")
    assert status == pytest.ExitCode.OK, shown
    assert "deals/trading.feature::A discount for nothing PASSED" in shown
    assert "deals/trading.feature::A discount for <what comes back>[term 22 months] PASSED" in shown
    assert "3 passed" in shown


def test_a_scenario_can_be_named_and_chosen(repository):
    """By its file and name, and by words of its name."""
    assert "1 passed" in run(repository, "deals/trading.feature::A discount for nothing")[1]
    assert "1 passed, 2 deselected" in run(repository, "-k", "discount and nothing")[1]


def test_scenarios_run_on_several_processes(repository):
    """pytest-xdist distributes them like other tests."""
    status, shown = run(repository, "-n", "2")
    assert status == pytest.ExitCode.OK, shown
    assert "3 passed" in shown


def test_a_failure_shows_the_decision_and_no_python(repository):
    """Plain `pytest` shows what `walkaway test` shows."""
    feature = repository / "deals" / "trading.feature"
    feature.write_text(FEATURE.replace("verdict is trade", "verdict is proceed"))
    status, shown = run(repository)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "deals/trading.feature:5: Then the verdict is proceed\n  the verdict is trade, not proceed\n" in shown
    assert "nothing-for-nothing → trade" in shown
    assert ".py" not in shown


def test_without_a_policy_feature_files_are_left_alone(repository):
    """They may be anybody's."""
    (repository / "deals" / "policy.yaml").unlink()
    assert run(repository)[0] == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize(("setting", "collected"), [("none", False), ("auto", False), ("all", True)])
def test_the_setting_decides_where_no_policy_stands_above(repository, setting, collected):
    """`all` for a repository whose features name their policies, `none` for one that wants no such tests."""
    feature = repository / "features" / "trading.feature"
    feature.parent.mkdir()
    feature.write_text(FEATURE.replace("When", 'Given the policy "deals"\n    When'))
    status, shown = run(repository, "-o", f"walkaway_features={setting}", "features")
    assert (status == pytest.ExitCode.OK) is collected, shown


def test_another_word_for_the_setting_is_refused(repository):
    """A misspelt setting would be no setting."""
    status, shown = run(repository, "-o", "walkaway_features=yes")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "walkaway_features is auto, all or none, not 'yes'" in shown


def test_scenarios_that_a_python_test_binds_are_not_run_twice(repository):
    """What `scenarios()` binds is that test's; the rest is still collected."""
    (repository / "deals" / "test_bound.py").write_text(
        dedent("""
        from pytest_bdd import scenario

        pytest_plugins = ["walkaway_cli.scenarios.steps"]

        @scenario("trading.feature", "A discount for nothing")
        def test_bound():
            pass
        """)
    )
    status, shown = run(repository, "-v")
    assert status == pytest.ExitCode.OK, shown
    assert "test_bound.py::test_bound PASSED" in shown
    assert "3 passed, 1 deselected" in shown


def test_nothing_of_walkaway_is_imported_where_it_is_not_used(tmp_path):
    """Whoever has it installed pays nothing in other repositories."""
    (tmp_path / "test_other.py").write_text(
        "import sys\n\ndef test_other():\n"
        "    mine = {m for m in sys.modules if m.partition('.')[0] in ('walkaway', 'walkaway_cli')}\n"
        "    assert mine == {'walkaway_cli', 'walkaway_cli.scenarios', 'walkaway_cli.scenarios.plugin'}\n"
        "    assert 'msgspec' not in sys.modules\n"
    )
    status, shown = run(tmp_path)
    assert status == pytest.ExitCode.OK, shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "told.feature:1: there is no `Feature:` in this file"),
        (
            "Feature: f\n  Scenario: s\n    Given x\n    we offer",
            "told.feature:4: this line begins with none of `Given`",
        ),
        (
            "Feature: f\n  Scenario: s\n    Then x\n  Scenario: s\n    Then y",
            "told.feature:4: a scenario named `s` stands above",
        ),
        (
            "Feature: f\n  Rule: r\n    Scenario: s\n      Then x\n  Rule: q\n    Scenario: s\n      Then y",
            "told.feature:6: a scenario named `s` stands above",
        ),
        ("Feature: f\n  Scenario:\n    Then x", "told.feature:2: a scenario wants a name"),
        (
            "Feature: f\n  Scenario: s\n    Given x\n      | a | b |\n      | c |\n    Then y",
            "told.feature:5: inconsistent cell count within the table",
        ),
    ],
)
def test_a_file_that_would_check_less_than_it_says_is_refused(tmp_path, monkeypatch, text, message):
    """Nothing is dropped silently."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "told.feature").write_text(text)
    assert [p.split("\n")[0][: len(message)] for p in problems_of(tmp_path / "told.feature").file] == [message]


EMPTY = """
Feature: Some check nothing
  Scenario: Nothing
    When we offer a discount of 5%

  Scenario Outline: Nobody
    When we offer a discount of <discount>
    Then the verdict is trade

    Examples:
      | discount |

  Scenario: Something
    When we offer a discount of 5%
    Then the verdict is trade
"""


def test_a_scenario_that_checks_nothing_does_not_keep_the_others_from_running(repository):
    """It fails by itself, with its place."""
    (repository / "deals" / "trading.feature").write_text(EMPTY)
    status, shown = run(repository)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "deals/trading.feature:3: the scenario `Nothing` has no `Then`, so it checks nothing" in shown
    assert "deals/trading.feature:10: these examples have no rows, so nothing is run" in shown
    assert "2 failed, 1 passed" in shown
    assert ".py" not in shown


def test_a_file_that_is_not_utf_8_is_refused(repository):
    """With its name, and no traceback; the other files are run."""
    (repository / "deals" / "told.feature").write_bytes(b"Feature: f\xff\n")
    status, shown = run(repository, "--continue-on-collection-errors")
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "deals/told.feature: this file is not UTF-8" in shown
    assert "Traceback" not in shown
    assert "3 passed, 1 error" in shown


def test_a_policy_counts_up_to_the_root_folder(tmp_path):
    """Above the root folder another repository begins."""
    root = tmp_path / "root"
    feature = root / "a" / "b" / "x.feature"
    feature.parent.mkdir(parents=True)
    (tmp_path / "policy.yaml").write_text(POLICY)
    assert not has_policy(feature, root)
    (root / "policy.yaml").write_text(POLICY)
    assert has_policy(feature, root)


def test_a_file_of_that_name_that_is_no_policy_does_not_count(tmp_path):
    """Other tools call their files `policy.yaml` too."""
    (tmp_path / "policy.yaml").write_text("apiVersion: v1\nkind: Policy\nspec:\n  policy: x\n")
    assert not has_policy(tmp_path / "x.feature", tmp_path)
