"""What a scenario shows when it does not hold, and when it cannot be understood."""

from pathlib import Path
from textwrap import indent

import pytest
from click import unstyle
from click.testing import CliRunner
from tests.cli.scenarios.conftest import POLICY

from walkaway import Engine, Stream, load
from walkaway.decide.core import rete
from walkaway_cli.commands.test import command
from walkaway_cli.exits import MISUNDERSTOOD, NO, YES
from walkaway_cli.render.decision import decision_text
from walkaway_cli.scenarios.negotiation import WE
from walkaway_cli.scenarios.steps import remark_behind

pytestmark = pytest.mark.slow


def test_a_scenario_that_holds_shows_nothing_more(tell):
    """One line for the file, one for the sum."""
    status, shown = tell("When we offer a discount of 5%\nThen the verdict is trade")
    assert (status, shown) == (YES, "told.feature: 1 of 1 scenario holds\n\n1 scenario run, of 1 policy\n1 hold\n")


def test_a_missed_expectation_shows_the_decision_in_full(tell):
    """The step with its place, what is there instead, then the decision as `walkaway check` shows it."""
    status, shown = tell("When we offer a discount of 21%\nThen the verdict is proceed")
    assert status == NO
    head = '"deal": "D-1", "at": "2026-01-05T09:00:00Z", "type"'
    lines = [
        f'{{"id": "e1", {head}: "open", "facts": {{}}}}'.encode(),
        f'{{"id": "e2", {head}: "offer", "by": "us", "actor": "{WE}", "terms": {{"discount": "21%"}}}}'.encode(),
    ]
    *_, decision = Stream(Engine(load(Path("policy.yaml")).unwrap())).lines(lines, "deal.jsonl")
    in_full = unstyle(decision_text(decision))
    assert "beyond-walk → refuse" in in_full
    assert "saw 21%, needed <= 20%" in in_full
    assert shown == (
        "told.feature: 0 of 1 scenario hold\n  ✗ s\n\n✗ s\n"
        "told.feature:4: Then the verdict is proceed\n"
        "  the verdict is refuse, not proceed\n\n"
        f"{indent(in_full, '  ')}\n\n"
        "1 scenario run, of 1 policy\n0 hold, 1 fail\n"
    )


AN_OFFER = "When we offer a discount of 5%\nThen "


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("the verdict is walk", "the verdict is trade, not walk"),
        ("the verdict is not trade", "the verdict is trade"),
        ("the door is open", "there is no door: trade"),
        (
            'rule "beyond-walk" fires',
            "rule `beyond-walk` does not fire: it saw batna.worth unknown, offer.worth -5,000 USD, room.beyond_walk 0",
        ),
        ('rule "bad-faith" fires', "rule `bad-faith` does not fire: it saw signals.deception 0"),
        ('rule "nothing-for-nothing" does not fire', "rule `nothing-for-nothing` fires"),
        ('only rule "bad-faith" fires', "rule `bad-faith` does not fire: it saw signals.deception 0"),
        ("no rule fires", "there fires `nothing-for-nothing`"),
        ('rule "nothing-for-nothing" is lifted', "rule `nothing-for-nothing` decides"),
        ('rule "nothing-for-nothing" concludes haste', "rule `nothing-for-nothing` trade"),
        ("we must first wait", "there is no obligation to wait, only: ask"),
        ("we must first ask: a coffee", "to ask is for: Ask for something in return"),
        ("there is nothing to do first", "to do first: Ask for something in return"),
        ('the advice is "Send it."', "the advice is: Only with something in return."),
        ('we may say "Yes."', "we may say: Happy to, with a longer term."),
        ("there is no counteroffer", "a counteroffer is: discount "),
        ("a counteroffer is discount 19%", "the counteroffers are: discount "),
        ("the room of discount is 1%", "the room of `discount` is 15%, not 1%"),
        ("the room of term is 1 month", "`term` has no walk value, or no worth yet, so there is no room"),
        ("give.value is 4,999.99 USD", "give.value is 5,000 USD, not 4,999.99 USD"),
        ("give.value is not 5,000 USD", "give.value is 5,000 USD"),
        ("give.value is at least 5,000.01 USD", "give.value is 5,000 USD, not at least 5,000.01 USD"),
        ("give.value is less than 5,000 USD", "give.value is 5,000 USD, not less than 5,000 USD"),
        ("move.value is 0 USD", "move.value is unknown, not 0 USD"),
        ("give.value is unknown", "give.value is 5,000 USD"),
        ("afterwards ours.uncleared is 2", "ours.uncleared is 1, not 2"),
        ("it is a dead letter with WA503", "the last event gave a decision"),
        ("the answer is the same as before", "the answer is another than the one before"),
    ],
)
def test_what_is_there_instead_is_said_in_a_line(tell, line, message):
    """Every expectation that is missed names what was seen."""
    status, shown = tell(AN_OFFER + line)
    assert status == NO
    assert message in shown
    assert "TRADE  D-1 · e2" in shown


def test_a_rule_that_does_not_listen_is_told_apart_from_one_that_saw_too_little(tell):
    """A rule for our offers cannot fire on theirs."""
    status, shown = tell('When they offer a discount of 5%\nThen rule "nothing-for-nothing" fires')
    assert status == NO
    assert "does not fire: it listens to `our offer`, and this is `their offer`" in shown


def test_many_facts_are_compared_at_once(tell):
    """All that differ are named, and only these."""
    facts = "| give.value | 1 USD |\n| get.value | 0 USD |\n| offer.first | no |"
    status, shown = tell(f"{AN_OFFER}the facts are:\n{facts}")
    assert status == NO
    assert "give.value is 5,000 USD, not 1 USD\n  offer.first is yes, not no" in shown
    assert "get.value is" not in shown


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            "When we ofer discount 5%\nThen the verdict is trade",
            "no sentence reads like this; the nearest are\n    When they offer",
        ),
        ("Given the verdict is trade\nThen the verdict is trade", "this sentence goes with Then, not with Given"),
        ("Given a deal with segment smb\nThen the verdict is trade", "nothing has been decided yet"),
        (
            AN_OFFER + 'rule "nothing-for-noting" fires',
            "`nothing-for-noting` is no rule of policy `small`. did you mean `nothing-for-nothing`?",
        ),
        (AN_OFFER + "giv.value is 5 USD", "`giv.value` is no fact of this policy. did you mean `give.value`?"),
        (AN_OFFER + "a counteroffer is:\n| trem | 6 months |", "`trem` is no issue of this policy"),
        (AN_OFFER + "give.value is 5 EUR", "`5 EUR` is not an amount in USD. write a number, a space and `USD`"),
        (AN_OFFER + "give.value is 5.001 USD", "`5.001 USD` may be 5.001 or 5,001"),
        (
            AN_OFFER + "deal.segment is at least smb",
            "`deal.segment` is one of smb, enterprise: it is a value or is not, and never at least one",
        ),
        ("When we offer a trem of 5 months\nThen the verdict is trade", "does not begin with an issue and its value"),
        ("When we offer discount 5 months\nThen the verdict is trade", "it is a dead letter\n  event 2:1:"),
        (
            "When we offer discount 5 months\nAnd we offer discount 5%\nThen the verdict is trade",
            "told.feature:3: When we offer discount 5 months",
        ),
        (
            "When we offer discount 5%\nThen the verdict is trade\nWhen we offer discount 5 months",
            "told.feature:5: When we offer discount 5 months\n  this event gave no decision",
        ),
        ("When we accept our offer\nThen the verdict is trade", "we cannot answer our own"),
        ('Given the policy "nowhere"\nWhen the deal opens\nThen the verdict is trade', "there is no policy `nowhere`"),
        (
            'Given the deal opened\nAnd the policy "."\nThen the verdict is trade',
            "before anything else is said of the deal",
        ),
        (
            "Given the deal opened\nAnd our opening terms are discount 1%\nThen the verdict is trade",
            "opening terms are stated before the deal opens",
        ),
        ("Given the deal opened\nWhen the deal opens\nThen the verdict is trade", "the deal is open already"),
        ("Given it is Tuesday\nWhen the deal opens\nThen the verdict is trade", "`Tuesday` is no day or instant"),
        ("When 3 moons pass\nThen the verdict is trade", "`3 moons` is not a duration"),
        ("When the last event comes again\nThen the verdict is trade", "no event has come yet"),
        ("When this event comes:\nThen the verdict is trade", "this sentence wants a line of JSON below it"),
        ("When the deal opens\n| a | b |\nThen the verdict is trade", "this sentence takes no table below it"),
        ("When the deal opens\nThen the verdict is proceed\n| a | b |", "this sentence takes no table below it"),
        ("When we offer discount 5%\n| term | 6 months |\nThen the verdict is trade", "not in both"),
    ],
)
def test_what_cannot_be_understood_is_no_answer(tell, steps, message):
    """A scenario in other words proves nothing, so the exit is neither yes nor no."""
    status, shown = tell(steps)
    assert status == MISUNDERSTOOD
    assert message in shown
    assert shown.endswith("0 hold, 1 could not be understood\n")


def test_a_policy_with_mistakes_shows_its_findings(tell):
    """All of them, as `walkaway lint` does."""
    status, shown = tell("When the deal opens\nThen the verdict is proceed", policy="policy: small\nside: saler\n")
    assert status == MISUNDERSTOOD
    assert "error[WA206]: `saler`" in shown
    assert "error[WA203]: " in shown


def test_an_incident_fails_the_scenario(tell, monkeypatch):
    """Where the cores differ, no scenario holds."""
    monkeypatch.setattr(rete, "is_available", lambda: True)
    monkeypatch.setattr(rete, "load", lambda stage: lambda facts: ())
    status, shown = tell("When we offer a discount of 5%\nThen the verdict is trade")
    assert status == NO
    assert "incident at event `e2`: plain fired ['nothing-for-nothing'], rete fired []" in shown


@pytest.mark.parametrize("step", ["the deal opens # at last", "we offer a discount of 5%  # too much"])
def test_a_remark_behind_a_step_is_told_to_stand_on_its_own(tell, step):
    """Gherkin knows remarks on lines of their own alone; behind a step they would be part of its words."""
    status, shown = tell(f"When {step}\nThen the verdict is trade")
    assert status == MISUNDERSTOOD
    assert f"a remark stands on a line of its own: write `#{step.partition('#')[2]}` above this step" in shown


def test_a_number_sign_in_quotes_is_no_remark():
    """What somebody says may hold one."""
    assert remark_behind('the message says "ticket # 5"') == ""
    assert remark_behind("ticket no.#5 is open") == ""


def test_a_sentence_of_ones_own_stands_in_a_folder_above(tmp_path, monkeypatch):
    """A `conftest.py` is heard wherever it stands above the features, as in pytest."""
    (tmp_path / "conftest.py").write_text(
        "from pytest_bdd import then\n\n@then('all is well')\ndef _():\n    pass\n", encoding="utf-8"
    )
    below = tmp_path / "some" / "deals"
    below.mkdir(parents=True)
    (below / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (below / "told.feature").write_text(
        "Feature: f\n  Scenario: s\n    When we offer a discount of 5%\n    Then all is well\n", encoding="utf-8"
    )
    monkeypatch.chdir(below)
    done = CliRunner().invoke(command, ["told.feature"], standalone_mode=False)
    assert (done.exception, done.return_value) == (None, YES), done.output
