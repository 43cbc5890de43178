"""`walkaway test`: which scenarios run, what is shown, and the exit."""

import json
import os
import re
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.helpers.mutants import GROUND

from walkaway import load
from walkaway_cli.commands.init import command as init
from walkaway_cli.commands.test import command
from walkaway_cli.exits import MISUNDERSTOOD, NO, YES
from walkaway_cli.scenarios.manual import manual

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def walkaway_test(*arguments: str) -> tuple[int, str]:
    """Run the command in this process and give its exit status and what it printed."""
    result = CliRunner().invoke(command, [*arguments], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value, result.output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the starter policy below it, and stand in it."""
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(init, ["deals"], standalone_mode=False, catch_exceptions=False)
    return tmp_path


def test_scenarios_that_hold_answer_yes(folder):
    """A line for each file, and the sum."""
    assert walkaway_test("deals") == (
        YES,
        "deals/first.feature: 4 of 4 scenarios hold\n\n4 scenarios run, of 1 policy\n4 hold\n",
    )


def test_every_scenario_is_named_on_demand(folder):
    """With -v those that hold are named too."""
    status, shown = walkaway_test("-v", "deals")
    assert status == YES
    assert "  ✓ A discount for nothing is not sent\n" in shown


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("lies", ["Whoever lies to us is left for good"]),
        ("longer payment", ["The same discount for a longer term and payment up front is sent"]),
        ("lies or nothing", ["A discount for nothing is not sent", "Whoever lies to us is left for good"]),
    ],
)
def test_scenarios_are_chosen_by_words_of_their_names(folder, words, names):
    """All words must stand in a name, unless they are joined otherwise."""
    status, shown = walkaway_test("deals", "-k", words, "--format", "json")
    assert status == YES
    assert [outcome["scenario"] for outcome in json.loads(shown)] == names


def test_programs_read_json(folder):
    """One object for each scenario, with the whole message where it failed."""
    feature = folder / "deals" / "first.feature"
    feature.write_text(feature.read_text().replace("verdict is trade", "verdict is hold"))
    status, shown = walkaway_test("--format", "json", "deals")
    assert status == NO
    first, *others = json.loads(shown)
    assert {k: first[k] for k in ("feature", "scenario", "status")} == {
        "feature": "deals/first.feature",
        "scenario": "A discount for nothing is not sent",
        "status": "failed",
    }
    assert "the verdict is trade, not hold" in first["message"]
    assert {o["status"] for o in others} == {"passed"}


def test_a_file_that_cannot_be_read_does_not_hide_the_others(folder):
    """The rest is run, and the answer is neither yes nor no."""
    (folder / "deals" / "broken.feature").write_text("Feature: f\n  Scenario: s\n    When x\n    we offer\n")
    status, shown = walkaway_test("deals")
    assert status == MISUNDERSTOOD
    assert "deals/broken.feature: cannot be read\ndeals/first.feature: 4 of 4 scenarios hold\n" in shown
    assert "deals/broken.feature:4: this line begins with none of" in shown
    assert shown.endswith("4 hold, 1 could not be understood\n")


def test_a_skipped_scenario_is_counted_as_such(folder):
    """The tag @skip is pytest's."""
    feature = folder / "deals" / "first.feature"
    feature.write_text(feature.read_text().replace("  Scenario: Whoever", "  @skip\n  Scenario: Whoever"))
    status, shown = walkaway_test("deals")
    assert status == YES
    assert "  - Whoever lies to us is left for good\n" in shown
    assert shown.endswith("3 hold, 1 skipped\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a feature file"),
        (["nowhere", "deals"], "there is no nowhere"),
        (["empty"], "no scenario in empty"),
        (["deals", "-k", "unheard"], "is named like 'unheard'"),
    ],
)
def test_nothing_to_run_is_no_yes(folder, arguments, message):
    """A run without a scenario proves nothing."""
    (folder / "empty").mkdir()
    with pytest.raises(click.UsageError, match=message):
        walkaway_test(*arguments)


def test_an_expression_that_is_none_stops_the_run(folder):
    """As any other wrong usage."""
    with pytest.raises(click.ClickException, match="stopped before its end"):
        walkaway_test("deals", "-k", "lies and (")


def test_the_settings_of_the_folder_do_not_matter(folder, monkeypatch):
    """Somebody's pytest options and Python tests are for their own runs, and come back unchanged."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\nwalkaway_features = none\n")
    (folder / "deals" / "test_mine.py").write_text("raise AssertionError\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    before = dict(os.environ)
    assert walkaway_test("deals")[0] == YES
    assert {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"} == {
        k: v for k, v in before.items() if k != "PYTEST_CURRENT_TEST"
    }


def test_steps_of_the_folder_stand_beside_ours(folder):
    """Whoever knows Python may add sentences in a conftest.py; one that breaks is no answer."""
    (folder / "deals" / "conftest.py").write_text(
        "from pytest_bdd import then\n\n@then('all is well')\ndef _(negotiation):\n"
        "    assert negotiation.decided().verdict == 'trade'\n\n"
        "@then('it breaks')\ndef _():\n    raise OSError('broken')\n"
    )
    feature = folder / "deals" / "first.feature"
    feature.write_text(feature.read_text().replace("    Then the verdict is trade", "    Then all is well"))
    assert walkaway_test("deals")[0] == YES
    feature.write_text(feature.read_text().replace("Then all is well", "Then it breaks"))
    assert walkaway_test("deals")[0] == MISUNDERSTOOD


def test_nothing_is_left_behind(folder):
    """No caches, no compiled files."""
    before = sorted(folder.rglob("*"))
    walkaway_test("deals")
    assert sorted(folder.rglob("*")) == before


def test_the_sentences_are_listed_on_demand():
    """The same text as in the documentation."""
    assert walkaway_test("--sentences") == (YES, manual() + "\n")


def requires(folder: Path, least: str) -> None:
    """Let the starter policy ask for coverage."""
    policy = folder / "deals" / "policy.yaml"
    policy.write_text(policy.read_text().replace("\nrules:", f"\nrequire: {{coverage: {least}}}\n\nrules:"))


def test_coverage_names_what_no_scenario_exercises(folder):
    """Shares first, then each rule with the leaves that were not seen on both sides; in 80 columns."""
    status, shown = walkaway_test("--coverage", "deals")
    assert status == YES
    assert "4 hold\n\ncoverage of deals\n  rules " in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "\n    give.value > get.value\n      never at the last value that holds\n" in shown


def test_coverage_for_programs(folder):
    """Scenarios and coverage in one object."""
    status, shown = walkaway_test("--coverage", "--format", "json", "deals")
    found = json.loads(shown)
    (policy,) = found["coverage"]
    assert status == YES
    assert len(found["scenarios"]) == 4
    assert policy["policy"] == "deals"
    assert policy["shares"]["rules"]["of"] == len(policy["rules"])
    leaves = [leaf for rule in policy["rules"] for leaf in rule["leaves"]]
    seen = sum(rule["fired"] for rule in policy["rules"]) + sum(len(leaf["seen"]) for leaf in leaves)
    assert policy["shares"]["in all"]["seen"] == seen


@pytest.mark.parametrize(("least", "status"), [("100%", NO), ("10%", YES)])
def test_a_policy_may_require_coverage(folder, least, status):
    """With less the answer is no, and says so; without --coverage nobody asks."""
    requires(folder, least)
    found, shown = walkaway_test("--coverage", "deals")
    assert found == status
    assert (f"deals asks for {least} in all" in shown) is (status == NO)
    assert walkaway_test("deals")[0] == YES


def test_no_coverage_is_counted_where_a_scenario_fails(folder):
    """What fails is shown as ever."""
    feature = folder / "deals" / "first.feature"
    feature.write_text(feature.read_text().replace("verdict is trade", "verdict is hold"))
    status, shown = walkaway_test("--coverage", "deals")
    assert status == NO
    assert "coverage of" not in shown


def test_coverage_is_of_all_scenarios(folder):
    """A choice of them would show less than there is."""
    with pytest.raises(click.UsageError, match="leave out -k"):
        walkaway_test("--coverage", "-k", "lies", "deals")


def test_mutants_that_survive_come_with_the_scenario_that_kills_them(folder):
    """Pasted into a feature of their own the scenarios hold, and the next run has those mutants killed."""
    status, shown = walkaway_test("--mutate", "--format", "json", "deals")
    (found,) = json.loads(shown)
    assert (status, found["policy"]) == (NO, "deals")
    written = [s["scenario"] for s in found["survivors"] if s["scenario"]]
    assert len(written) >= len(found["survivors"]) - 1 > 0
    (folder / "deals" / "edges.feature").write_text("\n\n".join(["Feature: deals at its edges", *written]))
    status, shown = walkaway_test("deals")
    assert (status, shown.endswith(f"\n{4 + len(written)} hold\n")) == (YES, True), shown
    _, shown = walkaway_test("--mutate", "--format", "json", "deals")
    assert len(json.loads(shown)[0]["survivors"]) == len(found["survivors"]) - len(written)


def test_limits_and_cells_come_with_the_scenario_to_write(tmp_path, monkeypatch):
    """So do patterns; each is told at its place, and pasted the scenarios kill all of them."""
    monkeypatch.chdir(tmp_path)
    left_out = ("  term:", "  support:", "define:", "  cap:", "  below-the-wish:", "  cumulative-cap:", "50..99,18%")
    for name, text in GROUND.items():
        lines = [line for line in text.splitlines() if not line.startswith(left_out)]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    (tmp_path / "cases.yaml").write_text(
        "cases:\n  - note: A plain talk.\n    open: {facts: {list_price: '100,000 USD', seats: 10}}\n    events:\n"
        "      - {type: offer, by: us, terms: {discount: 5%}}\n      - {type: accept, by: them}\n"
        "      - {type: offer, by: them, terms: {discount: 9%}}\n"
        "    want: hold\n    fired: [no-nibbling, short-of-want]\n"
    )
    status, shown = walkaway_test("--mutate", "--format", "json", ".")
    (found,) = json.loads(shown)
    places = {(s["of"], s["file"], s["line"], s["column"]) for s in found["survivors"]}
    assert status == NO
    assert {("walk in table floors", "floors.csv", 3, 8), ("walk of the package", "policy.yaml", 16, 70)} <= places
    written = [s["scenario"] for s in found["survivors"]]
    assert all(written)
    (tmp_path / "edges.feature").write_text("\n\n".join(["Feature: ground at its edges", *written]))
    status, shown = walkaway_test("--mutate", "--format", "json", ".")
    assert (status, json.loads(shown)[0]["survivors"]) == (YES, [])


def test_mutants_without_a_difference_are_told_apart(folder, monkeypatch):
    """What is proved to make none needs no scenario: the answer is yes, and says why."""
    policy = folder / "policy.yaml"
    policy.write_text(
        "policy: p\nversion: 1\nside: seller\ncurrency: USD\n"
        "issues: {price: {type: money, start: '100 USD', worth: 1 USD per 1 USD}}\n"
        "rules:\n  r: {why: w, on: our offer, when: offer.price < 90 USD or offer.price < 80 USD, then: refuse}\n"
    )
    (folder / "p.feature").write_text(
        'Feature: p\n  Scenario: s\n    Given the policy "policy.yaml"\n    When we offer a price of 90 USD\n'
        '    Then rule "r" does not fire\n'
    )
    _, shown = walkaway_test("--mutate", "--format", "json", "p.feature")
    (found,) = json.loads(shown)
    assert [(m["text"], m["what"]) for m in found["equivalent"]] == [
        ("offer.price < 80 USD", f"its threshold moved {way} by 0.01 USD") for way in ("up", "down")
    ]
    # The search finds no deal for a start that is a cent higher: it takes a BATNA worth a cent less than nothing.
    by_hand = (
        '  Scenario: h\n    Given the policy "policy.yaml"\n    And our BATNA is worth -0.01 USD\n'
        "    And the deal opens\n    When we offer:\n      | price | 100 USD |\n"
        '    Then rule "beyond-walk" does not fire\n'
    )
    scenarios = [s["scenario"] for s in found["survivors"] if s["scenario"]]
    (folder / "q.feature").write_text("\n\n".join(["Feature: q", *scenarios, by_hand]))
    status, shown = walkaway_test("--mutate", "p.feature", "q.feature")
    assert status == YES
    assert re.search(r"\nmutants of p: 9 tried, 7 killed, 0 survive, 2 equivalent\n", shown)
    assert (
        "80 USD\n  its threshold moved up by 0.01 USD: equivalent, no deal is answered otherwise, which is proved\n"
        in shown
    )


def test_without_the_solver_no_mutant_is_equivalent(folder, monkeypatch):
    """What nobody can prove stays on the list, with the words that no deal was found."""
    monkeypatch.setitem(sys.modules, "z3", None)
    for name in [m for m in sys.modules if m.startswith("walkaway.proof")]:
        monkeypatch.delitem(sys.modules, name)
    policy = folder / "deals" / "policy.yaml"
    twice = "when: give.value > get.value and give.value > get.value - 1 USD"
    policy.write_text(policy.read_text().replace("when: give.value > get.value", twice))
    status, shown = walkaway_test("--mutate", "--format", "json", "deals")
    (found,) = json.loads(shown)
    assert (status, found["equivalent"]) == (NO, [])
    unseen = {(s["text"], s["scenario"]) for s in found["survivors"] if s["text"].endswith("- 1 USD")}
    assert ("give.value > get.value - 1 USD", "") in unseen


def test_mutants_in_text_name_rule_and_change(folder):
    """The place, the leaf, what was done to it, and Gherkin."""
    status, shown = walkaway_test("--mutate", "deals")
    assert status == NO
    assert re.search(r"\nmutants of deals: \d+ tried, \d+ killed, \d+ survive\n", shown)
    assert "a feature of their own, which begins: Feature: deals at its edges" in shown
    assert "  its threshold moved up by 0.01 USD: survives, no scenario kills it\n\n  Scenario: " in shown
    assert '    Given the policy "deals"\n' in shown


def test_a_choice_of_scenarios_is_not_mutated(folder):
    """Others might kill a mutant."""
    with pytest.raises(click.UsageError, match="--mutate looks at all scenarios"):
        walkaway_test("--mutate", "-k", "lies", "deals")
    with pytest.raises(click.UsageError, match="or for"):
        walkaway_test("--mutate", "--coverage", "deals")


def test_the_shipped_example_is_exercised_in_full_as_it_requires():
    """Every rule, every leaf true and false, every comparison on both sides."""
    status, shown = walkaway_test("--coverage", str(ROOT / "rules" / "saas-discounting"))
    assert status == YES
    assert re.search(r"\n  in all +(\d+) of +\1 +100%\n", shown)
    assert load(ROOT / "rules" / "saas-discounting").unwrap().coverage == 1_000_000


@pytest.mark.parametrize("name", ["job-offer", "saas-discounting", "used-car"])
def test_every_mutant_of_a_shipped_policy_is_killed(name):
    """No threshold, limit or cell of theirs can move by a unit, and no rule fall, without a scenario that fails."""
    status, shown = walkaway_test("--mutate", str(ROOT / "rules" / name))
    assert status == YES
    assert re.search(rf"\nmutants of {name}: (\d+) tried, \1 killed, 0 survive\n$", shown)
