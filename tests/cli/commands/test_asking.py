# Over 400 lines: one question asked in all its ways, from options, from a terminal and by the other side.
"""`walkaway check --deal`: one offer on one screen, for a rep or for the other side, and terms tried at a terminal."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.helpers.findings import unwrapped
from tests.helpers.terminal import ESCAPES, Terminal

from walkaway_cli.main import main, walkaway

RULES = Path(__file__).parents[3] / "rules" / "saas-discounting"


@pytest.fixture
def deal(tmp_path: Path) -> Path:
    """Return the shipped deal up to the offer that wants an approval."""
    lines = (RULES / "deal.jsonl").read_text(encoding="utf-8").splitlines()
    file = tmp_path / "deal.jsonl"
    file.write_text("\n".join(lines[:6]) + "\n", encoding="utf-8")
    return file


def check(deal: Path, *options: str, colour: bool = False, given: str | None = None) -> Result:
    """Run the command in this process."""
    arguments = ["check", "--policy", str(RULES), "--deal", str(deal), *options]
    return CliRunner().invoke(walkaway, arguments, standalone_mode=False, color=colour, input=given)


def test_one_offer_is_on_one_screen(deal):
    """Verdict, reasons, what would pass, approvals, room, the next step; at most 80 columns and 45 lines."""
    shown = check(deal, "--offer", "discount=17%", "--offer", "reference=yes", "--actor", "ana")
    assert shown.return_value == 1
    lines = shown.output.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 45
    assert lines[0] == "ESCALATE  D-1042 · discount 17%, reference yes"
    for part in (
        "below-want → escalate",
        "What would pass instead, nearest first",
        "  1 proceed  discount 8%, term 12 months, reference yes",
        "Approvals\n  1 manager: must cover discount 17%",
        "discount   17%         8% (-9%)  20% (3%)",
        "Concession budget left, on any one issue: 12,000 USD.",
        "Next step: discount 8%, term 24 months (gives 1,500 USD",
    ):
        assert part in shown.output


def test_colour_says_nothing_that_words_do_not(deal):
    """Without it the screen reads the same."""
    plain = check(deal, "--offer", "discount=18%").output
    coloured = check(deal, "--offer", "discount=18%", colour=True).output
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    assert ESCAPES.sub("", coloured) == plain


def test_the_first_counteroffer_passes_when_it_is_typed(deal):
    """What is printed can be typed back, and gets the verdict that stands before it."""
    shown = json.loads(check(deal, "--offer", "discount=18%", "--format", "json").stdout)
    first = shown["counteroffers"][0]
    offers = [word for issue, value in first["terms"].items() for word in ("--offer", f"{issue}={value}")]
    again = check(deal, *offers, "--format", "json")
    assert json.loads(again.stdout)["verdict"] == first["verdict"] == "proceed"
    assert again.return_value == 0


@pytest.mark.parametrize("offered", ["discount=17%", "discount=18%", "discount=30%"])
def test_the_first_counteroffer_recorded_leads_to_the_verdict_it_promises(deal, tmp_path, offered):
    """As an event of the deal, decided by both evaluators and kept in a log."""
    first = json.loads(check(deal, "--offer", offered, "--format", "json").stdout)["counteroffers"][0]
    event = {"id": "next", "deal": "D-1042", "at": "2026-10-08T11:00:00Z", "type": "offer", "by": "us"}
    with deal.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(event | {"terms": first["terms"]}))
    arguments = ["record", "--policy", str(RULES), "--store", str(tmp_path / "log.db"), "--format", "json", str(deal)]
    recorded = json.loads(CliRunner().invoke(walkaway, arguments, standalone_mode=False).stdout.splitlines()[-1])
    assert (recorded["event"], recorded["verdict"]) == ("next", first["verdict"])
    assert recorded["cores"]["agree"]


def test_the_other_side_is_told_only_what_may_be_said(deal):
    """Neither verdict nor limit nor rule nor reason: words of the policy, and terms."""
    shown = check(deal, "--offer", "discount=17%", "--audience", "customer")
    assert shown.return_value == 1
    assert shown.output.splitlines()[:2] == [
        "We can look at that together with a longer term or payment up front.",
        "We can offer instead:",
    ]
    for limit in ("20%", "80,000", "walk", "want", "wish", "trade", "nothing-for-nothing", "room", "manager"):
        assert limit not in shown.output
    agreed = check(deal, "--offer", "discount=7%", "--audience", "customer")
    assert (agreed.return_value, agreed.output) == (0, "We can offer discount 7%.\n")


def test_the_other_sides_answer_as_json_holds_no_more(deal):
    """The same, for a program."""
    shown = json.loads(check(deal, "--offer", "discount=17%", "--audience", "customer", "--format", "json").stdout)
    assert sorted(shown) == ["agreed", "ended", "proposals", "say", "terms"]
    assert shown["terms"] == {"discount": "17%"}


def test_events_come_with_counteroffers_only_if_asked():
    """They take time, so that a stream for a program goes without, and in text answers that later ones follow."""

    def decided(*options: str) -> str:
        arguments = ["check", "--policy", str(RULES), *options, str(RULES / "deal.jsonl")]
        return CliRunner().invoke(walkaway, arguments, standalone_mode=False).stdout

    def found(text: str) -> int:
        return sum(len(json.loads(line)["counteroffers"]) for line in text.splitlines())

    assert decided("--advice").count("What would pass instead") > 1
    assert "What would pass instead" not in decided() + decided("--no-advice")  # the latest is `proceed`
    assert found(decided("--format", "json")) == 0
    assert found(decided("--format", "json", "--advice")) > 0


@pytest.mark.parametrize("options", [("--interactive",), ("--audience", "customer"), ("--offer", "discount=1%")])
def test_what_goes_with_a_deal_goes_with_nothing_else(options):
    """Files of events are not asked about."""
    arguments = ["check", "--policy", str(RULES), *options, str(RULES / "deal.jsonl")]
    with pytest.raises(Exception, match="go with --deal"):
        CliRunner().invoke(walkaway, arguments, standalone_mode=False, catch_exceptions=False)


PROMPT = "offer> "
INTERRUPT = "\x03"
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
        "PROCEED  discount 8%, term 12 months (was escalate)",
        "ESCALATE  discount 8.5%, term 12 months (was proceed)",
        "`quarter` is not a quantity",
        "ESCALATE  discount 8.5%, term 60 months, reference yes",
        "ESCALATE  discount 8.5%, reference yes",
        "Stand by our word",
        "`term` is not among the terms",
        "There is no counteroffer `9`",
        "No step from here: write support=VALUE.",
        "Write ISSUE=VALUE, as in discount=12%, or help.",
        "Room",
        "We can offer instead:",
        "drop discount",
        "No terms.",
    ):
        assert part in shown.output, part
    assert max(map(len, shown.output.splitlines())) <= 80
    assert PROMPT not in shown.output  # where nobody sits at a terminal, nobody is prompted


def test_a_session_may_begin_with_an_offer_and_end_with_the_input(deal):
    """The exit is that of the last answer."""
    assert check(deal, "--interactive", "--offer", "discount=8%", given="").return_value == 0
    assert check(deal, "--interactive", "--offer", "discount=8%", given="discount=19%\n").return_value == 1


def at_a_terminal(deal: Path) -> Terminal:
    """Begin a session at a terminal."""
    return Terminal(["check", "--policy", str(RULES), "--deal", str(deal), "--interactive"], {})


def test_a_rep_at_a_terminal_sees_the_verdict_change(deal):
    """A prompt, a line typed, an answer in colour, and the next prompt."""
    with at_a_terminal(deal) as terminal:
        terminal.until(PROMPT)
        for typed, answered in (
            ("discount=19%", "ESCALATE  discount 19%"),
            ("use 1", "PROCEED  discount 8%, term 12 months (was escalate)"),
            ("discount+", "ESCALATE  discount 8.5%, term 12 months (was proceed)"),
        ):
            terminal.type(f"{typed}\n")
            shown = terminal.until(PROMPT)
            assert answered in ESCAPES.sub("", shown)
            assert "\x1b[" in shown
        terminal.type("quit\n")
        assert terminal.end()[1] == 1


def test_wrong_lines_at_a_terminal_are_answered_with_what_to_write(deal):
    """Whatever is typed, there is a next prompt."""
    with at_a_terminal(deal) as terminal:
        terminal.until(PROMPT)
        for typed, answered in (
            (b"", b""),
            (b"   ", b""),
            (b"garbage \xc3\xa4 ;;; ===", b"Write ISSUE=VALUE"),
            (b"nothing=3", b"`nothing` is no issue of policy"),
            (b"discunt=3%", b"did you mean `discount`?"),
            (b"discount=", b"is not a quantity"),
            (b"discount=" + b"9" * 400 + b"%", b"`discount`"),
            (b"term+ term+ discount=5% oops", b"`discount`: `5% oops` is not a quantity"),
            (b"use " + b"9" * 300, b"There is no counteroffer"),
            (b"drop", b"is not among the terms"),
            (b"all of it", b"Write ISSUE=VALUE"),
        ):
            terminal.type(typed + b"\n")
            assert answered.decode() in " ".join(terminal.until(PROMPT).split())
        terminal.type("discount=8%\n")
        assert "PROCEED  discount 8%" in ESCAPES.sub("", terminal.until(PROMPT))
        terminal.type("\x04")
        assert terminal.end()[1] == 0


def test_an_interrupt_ends_a_session_without_a_trace(deal):
    """As the end of the input does: the exit is that of the last answer."""
    with at_a_terminal(deal) as terminal:
        terminal.until(PROMPT)
        terminal.type("discount=19%\n")
        terminal.until(PROMPT)
        terminal.type("discount=1")
        terminal.until("discount=1")
        terminal.type(INTERRUPT)
        rest, status = terminal.end(INTERRUPT)  # Python's `input` misses one that comes just before it waits
        assert "Traceback" not in rest
        assert status == 1


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("", 0),
        ("\n\n", 0),
        ("nonsense\n", 2),
        ("discount=12%\nuse 7\n", 2),
        ("use 7\ndiscount=8%\n", 0),
        ("discount=19%\nreset\nquit\ndiscount=12%\n", 1),
        ("discount=900719925474%\n", 2),
        ("all\nsay\n", 2),
    ],
)
def test_the_exit_is_that_of_the_last_line(deal, given, status):
    """A line that cannot be understood counts, so that a script does not take silence for yes."""
    assert check(deal, "--interactive", given=given).return_value == status


def test_what_is_typed_need_not_be_text(deal):
    """Bytes of no character are read as one that stands for them."""
    arguments = ["check", "--policy", str(RULES), "--deal", str(deal), "--interactive"]
    command = [sys.executable, "-m", "walkaway_cli", *arguments]
    shown = subprocess.run(command, input=b"\xff\xfe=\0\ndiscount=8%\n", capture_output=True, check=False)
    assert b"PROCEED  discount 8%" in shown.stdout
    assert (shown.returncode, shown.stderr) == (0, b"")


WRONG = [
    ("discount", "write ISSUE=VALUE, each issue once"),
    ("=5%", "write ISSUE=VALUE, each issue once"),
    ("discount=", "--offer:1:1: error[WA504]: `discount`: `` is not a quantity"),
    (
        "discount=abc",
        "--offer:1:10: error[WA504]: `discount`: `abc` is not a quantity\n1 | discount=abc\n  |          ^^^\n",
    ),
    ("discount=5", "`5` is not a percentage"),
    ("discount=5 USD", "`5 USD` is not a percentage"),
    ("discount=0.00001%", "has more digits than a percentage holds"),
    (f"discount={'9' * 30}%", "is beyond ±2^53 of the smallest unit"),
    ("term=1.5 months", "has more digits than a number of months holds"),
    ("prepay=maybe", "is neither yes nor no"),
    ("support=platinum", "is not one of basic, gold"),
    ("nothing=3", "--offer:1:1: error[WA505]: `nothing` is no issue"),
    ("discount=5%, prepay=yes", '`--offer "discount=5%" --offer "prepay=yes"`'),
    ("discount=5% prepay=yes", '`--offer "discount=5%" --offer "prepay=yes"`'),
    ("discunt=5%", "did you mean `discount`?"),
    ("discount=5%\x1b[31m", "is not a quantity"),
]


def asked(deal: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """Run the whole command as from a shell; give its exit and what it says on stderr."""
    with pytest.raises(SystemExit) as ended:
        main(["check", "--policy", str(RULES), "--deal", str(deal), *options])
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
    assert isinstance(ended.value.code, int)
    return ended.value.code, shown.err


@pytest.mark.parametrize(("offer", "said"), WRONG)
def test_a_wrong_offer_is_shown_as_it_was_typed(deal, capsys, offer, said):
    """It is said what is wrong, where, and what to write; the exit is that of a question nobody understands."""
    status, error = asked(deal, capsys, "--offer", offer)
    assert status == 2
    assert said in unwrapped(error)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--deal wants at least one --offer"),
        (("--offer", "discount=5%", "--offer", "discount=6%"), "each issue once"),
        (("--offer", "discount=5%", "more.jsonl"), "give files of events, or --deal with --offer"),
        (("--offer", "discount=5%", "--deal-id", "D-7"), "holds no deal `D-7`"),
        (("--offer", "discount=5%", "--deal-id", ""), "holds no deal ``"),
        (("--offer", "discount=5%", "--at", "yesterday"), "--at:1:1: error[WA507]"),
        (("--offer", "discount=5%", "--at", "2020-01-01T00:00:00Z"), "give a later instant, or none"),
        (("--offer", "discount=5%", "--actor", "a\x1b[31m"), "cannot be `actor`"),
        (("--offer", "discount=5%", "--audience", "boss"), "'boss' is not one of 'rep', 'customer'"),
        (("--interactive", "--audience", "customer"), "`say` there shows what a customer may be told"),
        (("--interactive", "--format", "json"), "--interactive answers a rep, in text"),
    ],
)
def test_wrong_options_are_refused(deal, capsys, options, said):
    """None is passed over in silence, and the other side's answer is never mixed with the rep's."""
    status, error = asked(deal, capsys, *options)
    assert status == 2
    assert said in unwrapped(error)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no deal\n"),
        (b"\n  \n", "holds no deal\n"),
        (b"\xff\xfe\0{", "holds 1 event that cannot be decided"),
        (b'{"x": 1}\n[]\n', "holds 2 events that cannot be decided"),
    ],
)
@pytest.mark.parametrize("way", [("--offer", "discount=5%"), ("--interactive",)])
def test_a_file_that_tells_no_deal_is_refused(tmp_path, capsys, content, said, way):
    """Nothing is asked about a deal that nobody can follow."""
    file = tmp_path / "deal.jsonl"
    file.write_bytes(content)
    status, error = asked(file, capsys, *way)
    assert status == 2
    assert said in unwrapped(error)


def test_a_closed_deal_takes_no_offer(deal, capsys):
    """It is said, and not shown as an event that nobody wrote."""
    close = {"id": "z", "deal": "D-1042", "at": "2026-10-30T00:00:00Z", "type": "close", "outcome": "lost"}
    deal.write_text(f"{deal.read_text(encoding='utf-8')}{json.dumps(close)}\n", encoding="utf-8")
    status, error = asked(deal, capsys, "--offer", "discount=5%")
    assert (status, error.splitlines()[0]) == (2, "the offer:1:1: error[WA605]: deal `D-1042` is closed (lost)")


WAIVER = {
    "id": "w",
    "deal": "D-1042",
    "at": "2026-10-08T12:00:00Z",
    "type": "approve",
    "approver": "cora",
    "role": "cfo",
    "terms": {"discount": "18%"},
    "override": ["cumulative-cap"],
    "reason": "a name to show",
    "until": "2026-10-31T00:00:00Z",
}
LOW = ("--offer", "discount=18%", "--actor", "rep")


@pytest.fixture
def capped(deal: Path) -> Path:
    """Return a deal in which they came down so far that only the cap on all concessions is in the way of 18%."""
    first, *_ = deal.read_text(encoding="utf-8").splitlines()
    offers = [
        {"id": f"e{day}", "deal": "D-1042", "at": f"2026-10-0{day}T11:00:00Z", "type": "offer", "by": "them"}
        | {"terms": {"discount": discount}}
        for day, discount in ((6, "40%"), (7, "20%"))
    ]
    deal.write_text("".join(f"{line}\n" for line in (first, *map(json.dumps, offers))), encoding="utf-8")
    return deal


def waived(deal: Path, **changes: Any) -> Path:
    """Add the waiver to a deal."""
    deal.write_text(f"{deal.read_text(encoding='utf-8')}{json.dumps(WAIVER | changes)}\n", encoding="utf-8")
    return deal


def test_a_waiver_is_shown_with_its_owner_reason_and_end(capped):
    """Before it is given, who may give it; after, what it lifts; when it has expired, that."""
    before = check(capped, *LOW).output
    assert before.startswith("REFUSE")
    assert "cumulative-cap may be lifted by cfo, with a reason and an end" in before
    after = check(waived(capped), *LOW).output
    assert after.startswith("PROCEED")
    assert "cumulative-cap → refuse (lifted: waived by cora)" in after
    assert "(a name to show; until 2026-10-31T00:00:00Z)" in " ".join(after.split())
    late = check(capped, *LOW, "--at", "2026-10-31T00:00:01Z").output
    assert late.startswith("REFUSE")
    assert "cora, cfo: it has expired" in late


def test_a_waiver_of_ones_own_offer_counts_for_nothing(capped):
    """Whoever makes the offer needs somebody else's."""
    own = check(waived(capped), *LOW[:2], "--actor", "cora").output
    assert own.startswith("REFUSE")
    assert "cora, cfo: nobody approves what they moved themselves" in own


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"override": ["bad-faith"]}, "rule `bad-faith` is mandatory and cannot be lifted"),
        ({"override": ["beyond-walk"]}, "rule `beyond-walk` is mandatory and cannot be lifted"),
        ({"override": ["cap"]}, "there is no rule `cap` to lift"),
        ({"role": "director"}, "rule `cumulative-cap` is for `cfo` to lift, not for `director`"),
        ({"reason": ""}, "`reason`"),
        ({"until": None}, "`until`"),
        ({"until": "soon"}, "is no instant with an offset"),
    ],
)
def test_a_waiver_that_may_not_be_is_no_event(deal, capsys, changes, said):
    """With its place in the file, and nothing is decided without it."""
    status, error = asked(waived(deal, **changes), capsys, *LOW)
    assert status == 2
    assert "deal.jsonl:7:" in error
    assert said in unwrapped(error)


def test_only_what_got_worse_is_asked_again(deal):
    """An approval of 18% meets 18%; at 19% it is the discount alone that is talked about again."""
    approval = {k: v for k, v in WAIVER.items() if k not in ("override", "reason")}
    approval |= {"role": "director", "terms": {"discount": "18%"}}
    deal.write_text(f"{deal.read_text(encoding='utf-8')}{json.dumps(approval)}\n", encoding="utf-8")
    reached = check(deal, "--offer", "discount=18%", "--offer", "reference=yes", "--actor", "rep")
    assert (reached.return_value, "covers it: meets below-want, near-the-floor" in reached.output) == (0, True)
    passed = check(deal, "--offer", "discount=19%", "--offer", "reference=yes", "--actor", "rep").output
    assert passed.startswith("ESCALATE")
    assert "Asked again only for discount (approved 18%): cora approved the rest." in passed
