"""The command as its users run it: its exits, its two output streams, and what it is given.

It is a process of its own where the test is about that: exits, terminals, pipes that live, what the environment says.
"""

import base64
import contextlib
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.commands import ended
from tests.helpers.processes import PATIENCE_S, running

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules" / "saas-discounting"
DEAL = RULES / "deal.jsonl"
CALL = [sys.executable, "-m", "walkaway_cli"]
PATIENT: dict[str, Any] = {"check": False, "timeout": PATIENCE_S}
Done = subprocess.CompletedProcess[bytes]
ESCAPE = "\x1b["
YES, NO, MISUNDERSTOOD = 0, 1, 2

OPEN = {
    "id": "1",
    "deal": "D",
    "at": "2026-10-05T09:00:00Z",
    "type": "open",
    "facts": {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"},
}


def walkaway(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> Done:
    """Run the command as a process and give what came of it; no traceback is ever an answer."""
    started = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")} | environment
    done = subprocess.run([*CALL, *arguments], input=stdin, capture_output=True, env=started, **PATIENT)
    assert b"Traceback" not in done.stderr, done.stderr.decode(errors="replace")
    return done


def check(*arguments: str | bytes | Path, stdin: bytes = b"") -> Done:
    """Run `walkaway check` under the shipped policy."""
    return ended("check", "--policy", RULES, *arguments, stdin=stdin)


def offer(number: int, by: str = "us", deal: str = "D", **terms: str) -> dict[str, Any]:
    """Return an offer, an hour after the one before it."""
    at = f"2026-10-05T{9 + number:02d}:00:00Z"
    return {"id": str(number + 1), "deal": deal, "at": at, "type": "offer", "by": by, "terms": terms}


def lines(*events: dict[str, Any]) -> bytes:
    """Write events as JSON lines."""
    return b"".join(json.dumps(e).encode() + b"\n" for e in events)


def verdicts(done: Done) -> list[str]:
    """Return the verdicts of answers in JSON, one decision a line."""
    return [json.loads(line)["verdict"] for line in done.stdout.splitlines()]


# Exits


@pytest.mark.parametrize(
    ("events", "status"),
    [
        (lines(OPEN), YES),
        (lines(OPEN, offer(1, prepay="yes")), YES),
        (lines(OPEN, offer(1, discount="5%")), NO),
        (lines(OPEN, offer(1, prepay="yes"), offer(2, term="24 months")), YES),
        (lines(OPEN, offer(1, discount="5%"), offer(2, discount="0%")), NO),  # the 5% was sent against its verdict
        (lines(OPEN) + b"this is no event\n", MISUNDERSTOOD),
        (b"this is no event\n", MISUNDERSTOOD),
    ],
)
def test_the_exit_tells_the_last_answer_of_every_deal(events: bytes, status: int) -> None:
    """0 for yes, 1 for no, 2 where something could not be understood."""
    assert walkaway("check", "--policy", RULES, "-", stdin=events).returncode == status


def test_every_deal_counts() -> None:
    """One deal that ends in no makes the answer no, and the sum stands on stderr."""
    other = OPEN | {"deal": "E"}
    done = check("-", stdin=lines(OPEN, other, offer(1, deal="E", discount="5%")))
    assert done.returncode == NO
    assert done.stderr == b"3 events of 2 deals: 3 decisions, 0 dead letters\n"


def test_no_events_are_said_to_be_none() -> None:
    """An empty input is no mistake, and not silent."""
    done = check("-", stdin=b"\n\n")
    assert (done.returncode, done.stdout, done.stderr) == (YES, b"", b"no events\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give files of events, or --deal with --offer"),
        (["--no-such-option"], "No such option"),
        (["--format", "xml", DEAL], "'xml' is not one of 'text', 'json'"),
        (["missing.jsonl"], "missing.jsonl cannot be read: no such file or directory"),
        ([RULES], "cannot be read: is a directory"),
        (["--offer", "discount=1%", DEAL], "go with --deal"),
        (["--deal", DEAL], "--deal wants at least one --offer"),
        (["--deal", DEAL, "--offer", "discount"], "write ISSUE=VALUE, each issue once"),
        (["--deal", DEAL, "--offer", "discount=1%", "--offer", "discount=2%"], "each issue once"),
        (["--deal", DEAL, "--offer", "discount=1%", "--deal-id", "D-9"], "holds no deal `D-9`"),
        (["--deal", DEAL, "--offer", "colour=red"], "`colour` is no issue"),
        (["--deal", DEAL, "--offer", "discount=12 USD"], "`12 USD` is not a percentage"),
        (["--dead-letters", "/no/such/folder/x", DEAL], "cannot be written: no such file or directory"),
    ],
)
def test_what_cannot_be_understood_says_why(arguments: list[str | Path], message: str) -> None:
    """Exit 2, nothing on stdout, and one message on stderr that names what is wrong."""
    done = check(*arguments)
    assert (done.returncode, done.stdout) == (MISUNDERSTOOD, b"")
    assert message in done.stderr.decode()


def test_several_deals_want_a_name_and_a_closed_one_takes_no_offer(tmp_path: Path) -> None:
    """A question about one more offer is about one open deal."""
    several = tmp_path / "several.jsonl"
    closed = OPEN | {"id": "9", "deal": "E", "at": "2026-10-05T10:00:00Z", "type": "close", "outcome": "lost"}
    del closed["facts"]
    several.write_bytes(lines(OPEN, OPEN | {"deal": "E"}, closed))
    asked = ["--deal", several, "--offer", "prepay=yes"]
    assert b"holds 2 deals: name one with --deal-id" in check(*asked).stderr
    assert check(*asked, "--deal-id", "D").returncode == YES
    refused = check(*asked, "--deal-id", "E")
    assert refused.returncode == MISUNDERSTOOD
    assert b"deal `E` is closed (lost)" in refused.stderr


def test_asking_answers_with_one_decision() -> None:
    """`--format json` gives the decision that an event with these terms would get."""
    done = check("--deal", DEAL, "--offer", "discount=12%", "--format", "json")
    assert done.returncode == YES
    assert json.loads(done.stdout)["verdict"] == "proceed"
    assert check("--deal", DEAL, "--offer", "discount=30%", "--format", "json").returncode == NO


# What comes in


def test_stdin_files_and_the_order_of_both() -> None:
    """`-` is stdin, among files too; every answer is one line of JSON, in the order of the events."""
    told = check("--format", "json", DEAL, "-", stdin=lines(OPEN))
    assert len(verdicts(told)) == len(DEAL.read_bytes().splitlines()) + 1
    assert [json.loads(line)["deal"] for line in told.stdout.splitlines()][-1] == "D"
    assert check("--format", "json", DEAL).stdout == check("--format", "json", "-", stdin=DEAL.read_bytes()).stdout


def test_windows_files_are_read_alike(tmp_path: Path) -> None:
    """A byte order mark and CRLF change nothing."""
    windows = tmp_path / "windows.jsonl"
    windows.write_bytes(b"\xef\xbb\xbf" + DEAL.read_bytes().replace(b"\n", b"\r\n"))
    assert check("--format", "json", windows).stdout == check("--format", "json", DEAL).stdout


def test_cloud_events_are_read_alike() -> None:
    """The same deal in CloudEvents 1.0 gets the same decisions."""
    wrapped = []
    for line in DEAL.read_bytes().splitlines():
        event = json.loads(line)
        head = {"specversion": "1.0", "source": "crm", "id": event.pop("id"), "subject": event.pop("deal")}
        head |= {"time": event.pop("at"), "type": f"walkaway.{event.pop('type')}"}
        wrapped.append({**head, "data": event})
    assert check("--format", "json", "-", stdin=lines(*wrapped)).stdout == check("--format", "json", DEAL).stdout


@pytest.mark.parametrize("name", [b"a b.jsonl", b'it\'s "it".jsonl', b"two\nlines.jsonl", b"no-utf8-\xff.jsonl"])
def test_odd_file_names_are_names(tmp_path: Path, name: bytes) -> None:
    """Spaces, quotes, line breaks and bytes that are no text: each is read, and named on one line where it is wrong."""
    file = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 a name that is no text
    with open(file, "wb") as opened:  # noqa: PTH123
        opened.write(lines(OPEN) + b"{}\n")
    done = check("--format", "json", file)
    assert verdicts(done) == ["proceed"]
    (where,) = [line for line in done.stderr.decode().splitlines() if "error[WA503]:" in line]
    assert ".jsonl:2:1" in where


def test_an_odd_policy_name_stands_in_text_and_in_json(tmp_path: Path) -> None:
    """A rule's place is told even where the folder's name is no text."""
    folder = os.path.join(os.fsencode(tmp_path), b"p\xff\nq")  # noqa: PTH118
    os.mkdir(folder)  # noqa: PTH102
    for file in ("policy.yaml", "floors.csv"):
        with open(os.path.join(folder, file.encode()), "wb") as copy:  # noqa: PTH118, PTH123
            copy.write((RULES / file).read_bytes())
    events = lines(OPEN, offer(1, discount="5%"))
    for form in ("text", "json"):
        done = ended("check", "--policy", folder, "--format", form, "-", stdin=events)
        assert done.returncode == NO
        assert b"policy.yaml:" in done.stdout


def unreadable(folder: Path) -> Path:
    """Return a file that this user cannot read: for root, who may read anything, a link that leads to itself."""
    file = folder / "closed.jsonl"
    if os.geteuid() == 0:
        file.symlink_to(file)
    else:
        file.write_bytes(lines(OPEN))
        file.chmod(0)
    return file


def test_files_that_may_not_be_read_are_named(tmp_path: Path) -> None:
    """Events and policies alike."""
    file = unreadable(tmp_path)
    for done in (check(file), ended("check", "--policy", file, DEAL), ended("lint", file)):
        assert done.returncode == MISUNDERSTOOD
        assert b"closed.jsonl" in done.stdout + done.stderr  # what lint finds is its answer
        assert b"cannot be read: " in done.stdout + done.stderr


# Dead letters


def test_dead_letters_give_the_original_back(tmp_path: Path) -> None:
    """Mended and sent again, what is in the file of dead letters is decided; nothing is lost."""
    kept = tmp_path / "dead.jsonl"
    late = json.dumps(offer(1, discount="5 USD")).encode()
    broken = b'{"id": "3", \xff}'
    done = check("--format", "json", "--dead-letters", kept, "-", stdin=lines(OPEN) + late + b"\r\n" + broken + b"\n")
    assert (done.returncode, verdicts(done)) == (MISUNDERSTOOD, ["proceed"])
    first, second = map(json.loads, kept.read_bytes().splitlines())
    assert (first["file"], first["line"], first["original"].encode()) == ("-", 2, late)
    assert first["reasons"][0]["code"] == "WA504"
    assert first["reasons"][0]["hint"] == "write a number with `%` behind it"
    assert (second["line"], base64.b64decode(second["original_base64"])) == (3, broken)
    mended = first["original"].replace("5 USD", "5%").encode()
    assert verdicts(check("--format", "json", "-", stdin=lines(OPEN) + mended)) == ["proceed", "trade"]
    kept.write_bytes(lines(OPEN) + kept.read_bytes().replace(b"5 USD", b"5%"))
    assert verdicts(check("--format", "json", kept)) == ["proceed", "trade"]


def test_many_dead_letters_are_shown_in_part_where_a_file_keeps_them(tmp_path: Path) -> None:
    """The first twenty are shown, the others are counted; without a file all are shown."""
    kept, events = tmp_path / "dead.jsonl", lines(OPEN) + b"{}\n" * 50
    told = check("--dead-letters", kept, "-", stdin=events).stderr.decode()
    assert told.count("the event lacks `type`") == 20
    assert f"{kept} holds 30 more dead letters" in told
    assert len(kept.read_bytes().splitlines()) == 50
    assert check("-", stdin=events).stderr.count(b"the event lacks `type`") == 50


def test_dead_letters_never_replace_the_events(tmp_path: Path) -> None:
    """Whoever names the same file twice keeps it."""
    file = tmp_path / "deal.jsonl"
    file.write_bytes(DEAL.read_bytes())
    done = check("--dead-letters", file, file)
    assert done.returncode == MISUNDERSTOOD
    assert b"is in use already: it holds the events that are read" in done.stderr
    assert file.read_bytes() == DEAL.read_bytes()


# What goes out


def on_terminal(*arguments: str | Path, **environment: str) -> str:
    """Run the command with a terminal as its output, and give what the terminal was sent."""
    leader, follower = pty.openpty()
    inherited = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    started = {"TERM": "xterm", **environment}
    with running(
        [*CALL, *arguments], stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env=inherited | started
    ) as process:
        os.close(follower)
        shown = b""
        with contextlib.suppress(OSError):  # how a terminal ends
            while part := os.read(leader, 65536):
                shown += part
        process.wait(PATIENCE_S)
    os.close(leader)
    return shown.decode()


@pytest.mark.parametrize(
    "arguments",
    [["check", "--policy", RULES, DEAL], ["facts"], ["rules", "--policy", RULES], ["lint", "nowhere"]],
    ids=lambda a: a[0],
)
def test_colour_is_for_terminals_that_want_it(arguments: list[str | Path]) -> None:
    """On a terminal, never in a pipe, and nowhere with NO_COLOR or on a dumb terminal."""
    piped = walkaway(*arguments)
    assert ESCAPE not in (piped.stdout + piped.stderr).decode()
    assert ESCAPE in on_terminal(*arguments)
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        shown = on_terminal(*arguments, **plain)
        assert "\x1b[3" not in shown
        assert "\x1b[9" not in shown


def test_a_reader_that_leaves_is_no_trouble(tmp_path: Path) -> None:
    """`| head -1` ends quietly, with the first answer."""
    many = tmp_path / "many.jsonl"
    many.write_bytes(lines(*(OPEN | {"deal": f"D-{i}"} for i in range(2_000))))
    with running(
        [*CALL, "check", "--policy", RULES, "--format", "json", many], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as piped:
        assert piped.stdout is not None
        assert piped.stderr is not None
        assert json.loads(piped.stdout.readline())["verdict"] == "proceed"
        piped.stdout.close()
        assert piped.stderr.read() == b""
        piped.wait(PATIENCE_S)
    assert piped.returncode == NO


def test_a_disk_that_is_full_is_told() -> None:
    """What cannot be written is an error in a sentence, and not a yes."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run([*CALL, "check", "--policy", RULES, DEAL], stdout=full, stderr=subprocess.PIPE, **PATIENT)
    assert (done.returncode, done.stderr) == (MISUNDERSTOOD, b"Error: no space left on device\n")


def test_a_terminal_that_knows_few_characters_is_no_reason_to_stop() -> None:
    """What cannot be shown there is replaced."""
    done = walkaway("check", "--policy", RULES, DEAL, PYTHONIOENCODING="latin-1")
    assert done.returncode == NO  # two offers of the deal were sent against their verdicts
    assert b"nothing-for-nothing ? trade" in done.stdout


def test_answers_to_a_live_pipe_come_at_once() -> None:
    """Whoever feeds events one by one has each answer before the next event."""
    with running(
        [*CALL, "check", "--policy", RULES, "--format", "json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as live:
        assert live.stdin is not None
        assert live.stdout is not None
        for event, verdict in ((OPEN, "proceed"), (offer(1, discount="5%"), "trade")):
            live.stdin.write(lines(event))
            live.stdin.flush()
            assert json.loads(live.stdout.readline())["verdict"] == verdict
        live.stdin.close()
        live.wait(PATIENCE_S)
    assert live.returncode == NO


def test_findings_stand_where_they_belong_among_the_answers() -> None:
    """With both streams in one place, a dead letter stands between the answers around it."""
    events = lines(OPEN) + b"{}\n" + lines(offer(1, discount="5%"))
    both = subprocess.run(
        [*CALL, "check", "--policy", RULES, "-"],
        input=events,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **PATIENT,
    ).stdout.decode()
    assert both.index("PROCEED") < both.index("WA503") < both.index("TRADE")


def test_a_huge_file_is_streamed() -> None:
    """The first answer comes while most of the file is still to be written, and memory does not follow its size."""
    blank = b" " * 1_000_000 + b"\n"
    with running(
        [*CALL, "check", "--policy", RULES, "--core", "plain", "--format", "json", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as live:
        assert live.stdin is not None
        assert live.stdout is not None
        live.stdin.write(lines(OPEN))
        live.stdin.flush()
        assert json.loads(live.stdout.readline())["verdict"] == "proceed"
        before = resident(live.pid)
        for _ in range(100):
            live.stdin.write(blank)
        live.stdin.write(b"x" * 60_000_000)
        live.stdin.flush()
        time.sleep(0.1)
        grown = resident(live.pid) - before
        live.stdin.close()
        live.wait(PATIENCE_S)
    assert live.returncode == MISUNDERSTOOD
    assert grown < 64 * 1024, f"{grown:,} KB more for 160 MB of input"


def resident(process: int) -> int:
    """Return the memory that a process holds, in KB."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no such process")
