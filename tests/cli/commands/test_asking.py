"""`walkaway check --deal`: one offer on one screen, for a rep or for the other side, and terms tried at a terminal."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from walkaway_cli.main import walkaway

RULES = Path(__file__).parents[3] / "rules" / "saas-discounting"
COLOUR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def deal(tmp_path: Path) -> Path:
    """Give the shipped deal up to the offer that wants an approval."""
    lines = (RULES / "deal.jsonl").read_text(encoding="utf-8").splitlines()
    file = tmp_path / "deal.jsonl"
    file.write_text("\n".join(lines[:6]) + "\n", encoding="utf-8")
    return file


def check(deal: Path, *options: str, colour: bool = False, given: str | None = None) -> Result:
    """Run the command in this process."""
    arguments = ["check", "--policy", str(RULES), "--deal", str(deal), *options]
    return CliRunner().invoke(walkaway, arguments, standalone_mode=False, color=colour, input=given)


def test_one_offer_is_on_one_screen(deal):
    """Verdict, reasons, what would pass, approvals, room, the next step; at most 80 columns and 40 lines."""
    shown = check(deal, "--offer", "discount=18%", "--offer", "reference=yes")
    assert shown.return_value == 1
    lines = shown.output.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 40
    assert lines[0] == "ESCALATE  D-1042 · discount 18%, reference yes"
    for part in (
        "near-the-floor → escalate",
        "What would pass instead, cheapest first",
        "  1 proceed  discount 17%, reference yes",
        "Approvals\n  1 director: must cover discount 18%",
        "discount   18%         8% (-10%)  20% (2%)",
        "Concession budget left, on any one issue: 10,000 USD.",
        "Next step: discount 12.5% (gives 2,500 USD",
    ):
        assert part in shown.output


def test_colour_says_nothing_that_words_do_not(deal):
    """Without it the screen reads the same."""
    plain = check(deal, "--offer", "discount=18%").output
    coloured = check(deal, "--offer", "discount=18%", colour=True).output
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    assert COLOUR.sub("", coloured) == plain


def test_the_first_counteroffer_passes_when_it_is_typed(deal):
    """What is printed can be typed back, and gets the verdict that stands before it."""
    shown = json.loads(check(deal, "--offer", "discount=18%", "--format", "json").stdout)
    first = shown["counteroffers"][0]
    offers = [word for issue, value in first["terms"].items() for word in ("--offer", f"{issue}={value}")]
    again = check(deal, *offers, "--format", "json")
    assert json.loads(again.stdout)["verdict"] == first["verdict"] == "proceed"
    assert again.return_value == 0


def test_the_other_side_is_told_only_what_may_be_said(deal):
    """Neither verdict nor limit nor rule nor reason: words of the policy, and terms."""
    shown = check(deal, "--offer", "discount=17%", "--audience", "customer")
    assert shown.return_value == 1
    assert shown.output.splitlines()[:2] == [
        "We can look at that together with a longer term or payment up front.",
        "We can offer instead:",
    ]
    for limit in ("20%", "8%", "80,000", "walk", "want", "wish", "trade", "nothing-for-nothing", "room", "manager"):
        assert limit not in shown.output
    agreed = check(deal, "--offer", "discount=15%", "--audience", "customer")
    assert (agreed.return_value, agreed.output) == (0, "We can offer discount 15%.\n")


def test_the_other_sides_answer_as_json_holds_no_more(deal):
    """The same, for a program."""
    shown = json.loads(check(deal, "--offer", "discount=17%", "--audience", "customer", "--format", "json").stdout)
    assert sorted(shown) == ["agreed", "ended", "proposals", "say", "terms"]
    assert shown["terms"] == {"discount": "17%"}


def test_events_in_text_come_with_counteroffers_and_in_json_only_if_asked():
    """They take time, so that a stream for a program goes without."""

    def decided(*options: str) -> str:
        arguments = ["check", "--policy", str(RULES), *options, str(RULES / "deal.jsonl")]
        return CliRunner().invoke(walkaway, arguments, standalone_mode=False).stdout

    def found(text: str) -> int:
        return sum(len(json.loads(line)["counteroffers"]) for line in text.splitlines())

    assert "What would pass instead" in decided()
    assert "What would pass instead" not in decided("--no-advice")
    assert found(decided("--format", "json")) == 0
    assert found(decided("--format", "json", "--advice")) > 0


@pytest.mark.parametrize("options", [("--interactive",), ("--audience", "customer"), ("--offer", "discount=1%")])
def test_what_goes_with_a_deal_goes_with_nothing_else(options):
    """Files of events are not asked about."""
    arguments = ["check", "--policy", str(RULES), *options, str(RULES / "deal.jsonl")]
    with pytest.raises(Exception, match="go with --deal"):
        CliRunner().invoke(walkaway, arguments, standalone_mode=False, catch_exceptions=False)


TYPED = """\
discount=19%
use 1
discount+
discount=quarter
term=60 months reference=yes
drop term
drop term
use 9
support+
support+
nonsense
all
say
help
reset
quit
"""


def test_terms_are_tried_line_by_line(deal):
    """Each line is answered, mistakes included, and the last answer is the exit."""
    shown = check(deal, "--interactive", given=TYPED)
    for part in (
        "ESCALATE  discount 19%",
        "PROCEED  discount 16.5% (was escalate)",
        "TRADE  discount 17% (was proceed)",
        "`quarter` is not a quantity",
        "discount 17%, term 60 months, reference yes",
        "PROCEED  discount 17%, reference yes",
        "`term` is not among the terms",
        "There is no counteroffer `9`",
        "discount 17%, reference yes, support gold",
        "No step from here: write support=VALUE.",
        "Write ISSUE=VALUE, as in discount=12%, or help.",
        "Room",
        "We can offer instead:",
        "drop discount",
        "No terms.",
    ):
        assert part in shown.output, part
    assert (
        max(map(len, shown.output.splitlines())) <= 110
    )  # the prompt stands before an answer where input is no terminal


def test_a_session_may_begin_with_an_offer_and_end_with_the_input(deal):
    """The exit is that of the last answer."""
    assert check(deal, "--interactive", "--offer", "discount=12%", given="").return_value == 0
    assert check(deal, "--interactive", "--offer", "discount=12%", given="discount=19%\n").return_value == 1


def test_a_rep_at_a_terminal_sees_the_verdict_change(deal):
    """Driven through a pseudo-terminal: a prompt, a line typed, an answer in colour, and the next prompt."""
    arguments = [sys.executable, "-m", "walkaway_cli.main", "check", "--policy", str(RULES), "--deal", str(deal)]
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    session = subprocess.Popen(
        [*arguments, "--interactive"], stdin=theirs, stdout=theirs, stderr=theirs, env=env, close_fds=True
    )
    os.close(theirs)
    try:
        seen = ""

        def until(text: str) -> str:
            nonlocal seen
            end = time.monotonic() + 60
            while text not in COLOUR.sub("", seen):
                assert time.monotonic() < end, seen
                seen += os.read(ours, 65_536).decode()
            found, seen = seen, ""
            return found

        until("offer> ")
        for typed, answered in (
            ("discount=19%", "ESCALATE"),
            ("use 1", "PROCEED  discount 16.5% (was escalate)"),
            ("discount+", "TRADE  discount 17% (was proceed)"),
        ):
            os.write(ours, f"{typed}\n".encode())
            shown = until(answered)
            shown += until("offer> ")
            assert "\x1b[" in shown
        os.write(ours, b"quit\n")
        assert session.wait(timeout=60) == 1
    finally:
        session.kill()
        session.wait()
        os.close(ours)
