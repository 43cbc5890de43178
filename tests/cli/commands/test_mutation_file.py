"""`walkaway test --mutate --to`: what is written, and what is refused before anything is tried."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from walkaway import load
from walkaway.language import Span
from walkaway.testing import Mutant
from walkaway_cli.main import walkaway
from walkaway_cli.render.mutation import Mutated, Survivor, as_feature, show_text

RULES = Path(__file__).parents[3] / "rules"
POLICY = load(RULES / "used-car").unwrap()
TOLD = '  Scenario: r fires\n    Given the policy "p"\n    Then rule "r" fires'


def survivors(*of: str) -> Mutated:
    """Return a policy of which mutants of some rules survive."""
    made = (Mutant(name, Span("p.yaml", 1, 1), "", "it moved", POLICY) for name in of)
    return Mutated("p", 9, tuple(Survivor(mutant, TOLD) for mutant in made))


def test_survivors_become_one_feature_with_a_name_for_each_scenario() -> None:
    """A scenario that comes twice gets a name of its own; where nothing survives there is nothing to write."""
    written = as_feature([survivors("r", "r")])
    assert written.startswith("Feature: p at its edges\n\n  Scenario: r fires\n")
    assert "  Scenario: r fires (again, 2)\n" in written
    assert as_feature([Mutated("p", 9, ())]) == ""


def test_a_run_ends_with_how_many_survive_of_each_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """The most first."""
    assert not show_text([survivors("a", "b", "b")])
    assert capsys.readouterr().out.endswith("survivors of p, by rule:\n  2  b\n  1  a\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("edges.txt", "is no feature file; let its name end in .feature"),
        ("there.feature", "is there already, and nothing is written over"),
        ("none/edges.feature", "there is no folder none"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    """Before a minute of mutants, not behind it."""
    monkeypatch.chdir(tmp_path)
    Path("there.feature").write_text("", encoding="utf-8")
    arguments = ["test", "--mutate", "--to", name, str(RULES / "used-car")]
    done = CliRunner().invoke(walkaway, arguments, standalone_mode=False)
    assert said in str(done.exception)
