"""`walkaway simulate`: what tricks get out of a policy, in words and as JSON, and what is said to wrong input."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from tests.engine.testing.test_simulation import EACH, STEPS

from walkaway import InvalidInput
from walkaway_cli.commands.simulate import command
from walkaway_cli.exits import NO, YES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")
TWICE = """\
  first: {on: our terms, when: theirs.offers < 2 and give.value > 0 USD, then: hold, why: Nobody takes a first word.}
"""
OPENING = '{"id":"o","deal":"D","at":"2026-10-05T09:00:00Z","type":"open","facts":{"list_price":"100,000 USD"}}\n'


def simulate(*arguments: str | Path) -> Result:
    """Run the command on the tricks."""
    given = [*map(str, arguments), "--against", "attacks"]
    return CliRunner().invoke(command, given, standalone_mode=False)


@pytest.fixture
def sliced(tmp_path: Path) -> Path:
    """Return a policy that looks at what one offer gives, with a deal beside it."""
    (tmp_path / "policy.yaml").write_text(STEPS + EACH, encoding="utf-8")
    (tmp_path / "deal.jsonl").write_text(OPENING, encoding="utf-8")
    return tmp_path


def test_what_the_page_shows_is_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/simulate.md shows the tricks on a shipped policy, none of our own among them that gets anything."""
    monkeypatch.chdir(ROOT)
    done = simulate("rules/saas-discounting")
    assert done.return_value == YES
    assert f"--against attacks\n{done.stdout}```" in PAGE


def test_a_trick_of_our_own_that_works_is_a_no(sliced: Path) -> None:
    """The answer names the money, the terms, and the rule that is against them as one clean offer."""
    done = simulate(sliced)
    assert done.return_value == NO
    said = " ".join(done.stdout.split())
    assert "salami gets 50,000 USD in one of 2 courses: discount 60%; against it as one clean offer: each" in said
    assert "None of our own tricks" not in said


@pytest.mark.parametrize(("base", "told"), [("said", True), ("walk", True), ("start", False)])
def test_another_base_is_named_only_where_it_would_do_something(sliced: Path, base: str, told: bool) -> None:
    """What a rule on the number of their offers lets through is no concession that `theirs_base: start` counts not."""
    text = f"theirs_base: {base}\n{STEPS.replace('walk: 60%', 'walk: 20%')}{TWICE}"
    (sliced / "policy.yaml").write_text(text, encoding="utf-8")
    said = " ".join(simulate(sliced).stdout.split())
    assert "open high gets 20,000 USD" in said
    assert ("under `theirs_base: start` not" in said) is told


def test_json_holds_the_same(sliced: Path) -> None:
    """One object; amounts as people write them."""
    found = json.loads(simulate(sliced, "--format", "json").stdout)
    salami = found["attacks"][0]
    assert (salami["name"], salami["by"], salami["courses"]) == ("salami", "us", 2)
    assert (salami["gain"], salami["rules"], salami["terms"]) == ("50,000 USD", ["each"], {"discount": "60%"})
    assert (found["policy"], found["opponents"]) == ("steps", [])


@pytest.mark.parametrize(
    ("deal", "said"),
    [
        ("", "holds no event of type `open`"),
        ("{\n", "deal.jsonl:1 cannot be read as JSON"),
        (
            OPENING.replace('{"list_price":"100,000 USD"}', "{}"),
            "deal.jsonl:1: this opening leaves open what terms are",
        ),
    ],
)
def test_a_file_without_an_opening_to_begin_with_is_refused(sliced: Path, deal: str, said: str) -> None:
    """It is said which line is wrong, and what is missing there."""
    (sliced / "deal.jsonl").write_text(deal, encoding="utf-8")
    done = simulate(sliced)
    assert isinstance(done.exception, click.UsageError)
    assert said in done.exception.message


def test_every_wrong_opening_is_a_finding(sliced: Path) -> None:
    """All at once, each with its line."""
    wrong = OPENING.replace("list_price", "lst_price")
    (sliced / "deal.jsonl").write_text(OPENING + wrong + wrong, encoding="utf-8")
    done = simulate(sliced)
    assert isinstance(done.exception, InvalidInput)
    assert {f.span.line for f in done.exception.findings} == {2, 3}


def test_without_a_deal_beside_the_policy_one_is_asked_for(sliced: Path) -> None:
    """The finding names the option."""
    (sliced / "deal.jsonl").unlink()
    done = simulate(sliced)
    assert isinstance(done.exception, click.UsageError)
    assert "give --deal" in done.exception.message
