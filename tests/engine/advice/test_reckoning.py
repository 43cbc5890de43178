"""In which order an offer's issues are reckoned, where the worth of one hangs on another."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.engine.deal.test_across import ENGINE, TEXT, event, followed, offer, opened

from walkaway.advice.reckoning import ReckonedStep, reckoned
from walkaway.deal.decode import Decoder
from walkaway_cli.commands.check import command


def test_the_selector_is_reckoned_first_and_the_other_order_is_told() -> None:
    """From 12 months and nothing to 36 months and 15% we ask for two years, and give 15% of three."""
    _, position = followed(opened())
    found = ENGINE.evaluate(
        position, Decoder(ENGINE.policy).decode(offer(2, "us", term="36 months", discount="15%")).unwrap()
    )
    how = reckoned(ENGINE.policy, found)
    assert how is not None
    assert how.steps == (
        ReckonedStep("term", "12 months", "36 months", "", "200,000 USD"),
        ReckonedStep("discount", "0%", "15%", "45,000 USD", "", "36 months"),
    )
    assert (how.otherwise_give, how.otherwise_get) == ("15,000 USD", "170,000 USD")


@pytest.mark.parametrize("terms", [{"term": "36 months"}, {"discount": "5%"}])
def test_an_offer_that_moves_one_of_the_two_has_no_order(terms: dict[str, str]) -> None:
    """There is nothing to tell."""
    _, position = followed(opened())
    found = ENGINE.evaluate(position, Decoder(ENGINE.policy).decode(offer(2, "us", **terms)).unwrap())
    assert reckoned(ENGINE.policy, found) is None


def test_the_rep_is_told_on_demand(tmp_path: Path) -> None:
    """With `--explain`, about one offer; of other questions it is not understood."""
    (tmp_path / "policy.yaml").write_text(TEXT, encoding="utf-8")
    deal = tmp_path / "deal.jsonl"
    deal.write_bytes(b"\n".join([opened(), event(2, "tick")]) + b"\n")
    asked = ["--policy", str(tmp_path), "--deal", str(deal), "--offer", "term=24 months", "--offer", "discount=5%"]
    told = CliRunner().invoke(command, [*asked, "--explain"], standalone_mode=False)
    assert "term 12 months to 24 months, first, at the terms before: asks 100,000 USD" in told.output
    assert "Reckoned" not in CliRunner().invoke(command, asked, standalone_mode=False).output
    assert CliRunner().invoke(command, [*asked, "--explain", "--format", "json"]).exit_code == 2
