# Over 400 lines: every kind of event, everything that can be wrong with one, and both places that it goes to.
"""Commands that write events: each kind, to a file and to a log, with its verdict first."""

import fcntl
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.helpers.commands import Done, misprinted, run
from tests.helpers.findings import unwrapped
from tests.helpers.terminal import Terminal

from walkaway import Session
from walkaway.deal.decode import builders
from walkaway.decide.core import rete
from walkaway_cli import clock
from walkaway_cli.commands import write
from walkaway_cli.kinds import KINDS
from walkaway_cli.main import walkaway
from walkaway_cli.writing.typed import event_id
from walkaway_edge.files import growing

both_cores = pytest.mark.skipif(
    not rete.is_available(), reason="durable-rules is not installed, and every answer says so"
)

POLICY = """\
policy: small
version: 1
side: seller
currency: USD
deal:
  size: {one of: [small, large], default: small}
issues:
  discount: {type: percent, start: 0%, walk: 20%, worth: -100 USD per 1%}
  term: {type: months, start: 12 months, worth: 10 USD per month}
signals: [abuse]
roles: [manager, director]
rules:
  large: {why: w, on: our offer, when: offer.discount > 10%, then: escalate, to: manager}
  tiny: {why: w, on: our offer, when: offer.discount > 15%, then: hold, enforcement: overridable, by: director}
  rude: {why: w, on: any, when: signals.abuse >= 3, then: hold}
"""
ROOT = Path(__file__).parents[3]
NOW = 1_790_000_000_000_000
FIRST = "2026-09-21T14:13:20Z"
"""The instant of `NOW`."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a policy, at a known instant."""
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(POLICY, encoding="utf-8")
    monkeypatch.setattr(clock, "now", lambda: NOW + 123)
    return tmp_path


def typed(*words: str, to: str = "deals.jsonl", given: str = "") -> Done:
    """Run a command that writes into a file."""
    return run(*words, "--policy", "policy.yaml", "--to", to, given=given)


def written(to: str = "deals.jsonl") -> list[dict[str, Any]]:
    """Return the events of a file."""
    return [json.loads(line) for line in Path(to).read_text(encoding="utf-8").splitlines()]


DAY = {
    "open": (
        ("size=large", "--term", "discount=1%", "--limit", "discount.walk=18%", "--limit", "package.want=1 USD"),
        {
            "facts": {"size": "large"},
            "terms": {"discount": "1%"},
            "limits": {"discount": {"walk": "18%"}, "package": {"want": "1 USD"}},
        },
    ),
    "offer": (
        ("discount=2%", "term=24 months", "--by", "us", "--other", "support=two days", "--final", "--note", "n"),
        {
            "by": "us",
            "terms": {"discount": "2%", "term": "24 months", "support": "two days"},
            "final": True,
            "note": "n",
        },
    ),
    "accept": (
        ("--by", "them", "--of", "e02", "--issue", "discount"),
        {"by": "them", "of": "e02", "issues": ["discount"]},
    ),
    "update": (
        ("size=large", "--alternative", "rival=5 USD; kind=firm; until=2026-12-01T00:00:00Z", "--batna", "-9,000 USD"),
        {
            "facts": {"size": "large"},
            "batna": "-9,000 USD",
            "alternatives": [{"name": "rival", "worth": "5 USD", "kind": "firm", "until": "2026-12-01T00:00:00Z"}],
        },
    ),
    "approve": (
        (
            *("discount=17%", "--approver", "dana", "--role", "director", "--override", "tiny", "--reason", "r"),
            *("--until", "2026-12-01T00:00:00Z", "--rule", "tiny"),
        ),
        {
            "approver": "dana",
            "role": "director",
            "terms": {"discount": "17%"},
            "override": ["tiny"],
            "rules": ["tiny"],
            "reason": "r",
            "until": "2026-12-01T00:00:00Z",
        },
    ),
    "revoke": (("--approver", "dana", "--of", "e05"), {"approver": "dana", "of": "e05"}),
    "signal": (("abuse", "--by", "them", "--unconfirmed"), {"kind": "abuse", "by": "them", "confirmed": False}),
    "tick": ((), {}),
    "withdraw": (("--by", "us"), {"by": "us"}),
    "reject": (("--by", "them"), {"by": "them"}),
    "void": (("--of", "e08", "--reason", "a slip"), {"of": "e08", "reason": "a slip"}),
    "reopen": (("--reason", "new owners"), {"reason": "new owners"}),
    "close": (("lost", "discount=1%"), {"outcome": "lost", "terms": {"discount": "1%"}}),
}
"""For each kind what is typed, and what the event says beside its head; a deal in this order."""


def test_every_kind_of_event_is_written_to_a_file_and_to_a_log_alike() -> None:
    """What is typed becomes the fields it names; each event is decided as `check` and a session decide the line."""
    for sort, (words, _) in DAY.items():
        done = typed(sort, "D-1", *words, "--actor", "ana", "--yes")
        assert done.exit_code in (0, 1), (sort, done)
        policy = ("--policy", "policy.yaml") if sort == "open" else ()
        logged = run(sort, "D-1", *words, *policy, "--actor", "ana", "--yes", "-s", "a.db")
        assert logged.exit_code == done.exit_code
        assert logged.stdout.rpartition("\n\n")[0] == done.stdout.rpartition("\n\n")[0]
    for number, ((sort, (_, said)), event) in enumerate(zip(DAY.items(), written(), strict=True), 1):
        head = {"id": f"e{number:02}", "deal": "D-1", "at": FIRST, "type": sort, "actor": "ana"}
        assert event == head | said
    with Session("policy.yaml") as session:
        verdicts = [session.decide(event).verdict for event in written()]
    shown = run("log", "show", "--store", "a.db", "--format", "json").stdout
    assert [json.loads(line)["decision"]["verdict"] for line in shown.splitlines()] == verdicts


def test_every_field_that_an_event_can_have_can_be_typed() -> None:
    """The table of kinds knows the fields that the decoder reads, and no others."""
    assert builders._FIELDS.keys() - KINDS.keys() == {"probe", "request", "decline", "kill", "resume"}
    for sort in KINDS:
        fields = builders._FIELDS[sort]
        of_all = {"confirmed", "via"} if sort == "signal" else {"via"}
        assert {f.key for f in KINDS[sort].fields} == {*fields, *of_all}


@pytest.fixture
def deal() -> str:
    """Return a file with a deal that is open, and an offer of theirs in it."""
    assert typed("open", "D-1").exit_code == 0
    assert typed("offer", "D-1", "discount=5%", "--by", "them", "--yes").exit_code in (0, 1)
    return "deals.jsonl"


def test_what_is_not_let_through_is_written_only_on_a_yes(deal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anybody to ask it is refused; a no is a no; a dry run writes nothing; the verdict is shown each time."""
    words, before = ("offer", "D-1", "discount=12%", "--by", "us"), Path(deal).read_bytes()
    alone = typed(*words)
    assert (alone.exit_code, "nobody is there to ask" in alone.stderr) == (2, True)
    dry = typed(*words, "--dry-run", "--yes")
    assert (dry.exit_code, dry.stdout.splitlines()[-1]) == (1, "Nothing is written: this is a dry run.")
    monkeypatch.setattr(write, "has_terminal", lambda: True)
    for answer in ("n\n", "\n", ""):
        asked = typed(*words, given=answer)
        assert asked.exit_code in (1, 2)
        assert "The verdict is ESCALATE. Write it all the same? [y/N]" in asked.stderr
    assert Path(deal).read_bytes() == before
    for done in (alone, dry, asked):
        assert done.stdout.startswith("ESCALATE  D-1 · e03 · our offer · ")
    agreed = typed(*words, given="y\n")
    assert (agreed.exit_code, written()[-1]["terms"]) == (1, {"discount": "12%"})
    assert agreed.stdout.splitlines()[-1] == "Line 3 of deals.jsonl."


@pytest.mark.slow
def test_a_terminal_is_asked(deal: str) -> None:
    """Somebody at one sees the verdict, and then the question."""
    words = ["offer", "D-1", "discount=12%", "--by", "us", "-p", "policy.yaml", "--to", deal, "--at", FIRST]
    with Terminal(words, {"NO_COLOR": "1"}) as terminal:
        assert "ESCALATE  D-1" in terminal.until("Write it all the same? [y/N]: ")
        terminal.type("y\n")
        said, status = terminal.end()
    assert (status, "Line 3 of deals.jsonl." in said) == (1, True)


def test_an_event_without_an_instant_is_of_now() -> None:
    """Of the present second, or of the latest event's instant within it; its id is its place in its deal."""
    assert [clock.instant(last) for last in (None, NOW - 1, NOW, NOW + 7, NOW + 123, NOW + 124)] == [
        FIRST,
        FIRST,
        FIRST,
        FIRST.replace("Z", ".000007Z"),
        FIRST.replace("Z", ".000123Z"),
        FIRST,
    ]
    assert [event_id(events) for events in ((), ("e01",), ("e02",), ("a", "e03", "b"))] == [
        "e01",
        "e02",
        "e03",
        "e04",
    ]


def test_an_event_older_than_its_deals_latest_is_told_to_come_later(deal: str) -> None:
    """The finding stands at the option, where it was typed, or at the event."""
    late = typed("tick", "D-1", "--at", "2026-01-01T00:00:00Z")
    assert late.exit_code == 2
    assert late.stderr.splitlines()[0].startswith("--at:1:1: error[WA603]")
    assert "give a later --at" in late.stderr


WRONG = [
    (("offer", "D-1", "dicount=8%", "term=36 monts", "--by", "us"), ["WA505", "did you mean `discount`?", "WA504"]),
    (("offer", "D-1", "discount=8", "--by", "us"), ["ISSUE=VALUE:1:10", "write `8%`"]),
    (("offer", "D-1", "discount", "--by", "us"), ["'discount': write ISSUE=VALUE, as in discount=12%"]),
    (("offer", "D-1", "discount=", "--by", "us"), ["write the value behind `=`"]),
    (("offer", "D-1", "discount=1%", "discount=2%", "--by", "us"), ["`discount` is given twice"]),
    (("offer", "D-1", "discount=\udcff", "--by", "us"), ["is not UTF-8 text"]),
    (("tick", "\udcff"), ["is not UTF-8 text"]),
    (("offer", "D-1"), ["`offer` wants --by us|them", "`offer` wants a term, as in discount=12%"]),
    (("offer", "D-1", "--by", "me", "discount=1%"), ["'me' is not one of 'us', 'them'"]),
    (("offer", "D-1", "--by", "us", "--package", "discount=1%"), ["give two packages or more"]),
    (("offer", "D-1", "--by", "us", "discount=1%", "--until", "2020-01-01T00:00:00Z"), ["--until:1:1", "is before"]),
    (("offer", "D-1", "--by", "us", "discount=1%", "--at", "noon"), ["--at:1:1", "WA507"]),
    (("offer", "D-1", "--by", "us", "discount=1%", "--id", ""), ["--id:1:1", "WA503"]),
    (("offer", "D-1", "--by", "us", "discount=1%", "--id", "e02"), ["--id:1:1", "WA604"]),
    (("offer", "", "--by", "us", "discount=1%"), ["DEAL:1:1", "WA503"]),
    (("offer", "D-2", "--by", "us", "discount=1%"), ["DEAL:1:1", "WA601"]),
    (("open", "D-1"), ["walkaway:1:1", "WA602"]),
    (("open", "D-2", "siz=large"), ["WA506", "did you mean `size`?"]),
    (("open", "D-2", "--limit", "discount=1%"), ["write one of discount.wish, discount.want, discount.walk"]),
    (("open", "D-2", "--limit", "dicount.walk=1%"), ["--limit:1:1", "did you mean `discount`?"]),
    (("open", "D-2", "--alternative", "rival=5 USD; til=x"), ["may stand kind=…, until=…, actor=…"]),
    (("open", "D-2", "--batna", "5"), ["--batna:1:1", "write `5 USD`"]),
    (("update", "D-1"), ["`update` wants what changes"]),
    (("signal", "D-1", "abuze", "--by", "them"), ["KIND:1:1", "did you mean `abuse`?"]),
    (("approve", "D-1"), ["--approver NAME", "--role ROLE", "wants terms"]),
    (("approve", "D-1", "discount=1%", "--approver", "d", "--role", "boss"), ["--role:1:1", "WA510"]),
    (
        ("approve", "D-1", "discount=1%", "--approver", "d", "--role", "director", "--override", "tiny"),
        ["--override:1:1", "wants a `reason`"],
    ),
    (("accept", "D-1", "--by", "us", "--package", "2"), ["--package:1:1", "WA606"]),
    (("accept", "D-1", "--by", "them"), ["WA606", "we have offered nothing"]),
    (("revoke", "D-1", "--approver", "d"), ["wants --of EVENT, or the terms"]),
    (("void", "D-1"), ["`void` wants --of EVENT", "`void` wants --reason TEXT"]),
    (("close", "D-1", "maybe"), ["'maybe' is not one of"]),
    (("close", "D-1"), ["Missing argument"]),
]


@pytest.mark.parametrize(("words", "parts"), WRONG, ids=[" ".join(words)[:60] for words, _ in WRONG])
def test_what_is_wrong_is_told_where_it_was_typed(deal: str, words: tuple[str, ...], parts: list[str]) -> None:
    """All at once, with what to type; nothing is written."""
    before = Path(deal).read_bytes()
    done = typed(*words, "--yes")
    assert (done.exit_code, done.stdout) == (2, ""), done
    for part in parts:
        assert part in done.stderr
    assert Path(deal).read_bytes() == before


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--to", "deals.jsonl"), "--to wants --policy"),
        (("--to", "none.jsonl", "-p", "policy.yaml"), "there is no such file; `walkaway open` makes it"),
        (("--to", "-", "-p", "policy.yaml"), "--to wants a file"),
        (("--to", ".", "-p", "policy.yaml"), "is no file"),
        (("--to", "policy.yaml", "-p", "policy.yaml"), "cannot be decided; mend it first"),
        (("--to", "deals.jsonl", "-p", "none.yaml"), "none.yaml"),
        (("--to", "deals.jsonl", "--store", "a.db"), "to one place"),
        (("--to", "deals.jsonl", "-p", "policy.yaml", "-k", "key"), "go with --store"),
        ((), "there is no log walkaway.db"),
        (("--store", "none.db"), "there is no log none.db: `walkaway open --policy …` makes it"),
        (("--store", "deals.jsonl"), "deals.jsonl"),
        (("--store", "mysql://u:secret@h/d"), "`mysql` is no kind of store"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_sentence(deal: str, words: tuple[str, ...], part: str) -> None:
    """Nothing is made, and no password is repeated."""
    before = sorted(p.name for p in Path().iterdir())
    done = run("tick", "D-1", *words)
    assert done.exit_code == 2, done
    assert part in done.stderr
    assert "secret" not in done.stderr
    assert sorted(p.name for p in Path().iterdir()) == before


def test_a_file_that_is_made_is_private_and_a_dry_run_makes_none() -> None:
    """It may hold names and notes."""
    assert typed("open", "D-1", "--dry-run").exit_code == 0
    assert not Path("deals.jsonl").exists()
    assert typed("open", "D-1").exit_code == 0
    assert stat.S_IMODE(Path("deals.jsonl").stat().st_mode) == 0o600
    dry = run("open", "D-1", "-p", "policy.yaml", "--store", "a.db", "--dry-run")
    assert (dry.exit_code, Path("a.db").exists()) == (0, False)


def test_a_last_line_that_was_not_written_to_its_end_is_a_finding(deal: str) -> None:
    """It is neither cut off nor written on; one that lacks its break alone gets it."""
    whole = Path(deal).read_bytes()
    for cut in (whole[:-5], whole + b"{", whole + b"\xff"):
        Path(deal).write_bytes(cut)
        done = typed("tick", "D-1")
        assert done.exit_code == 2
        assert "error[WA501]: the last line was not written to its end" in done.stderr
        assert Path(deal).read_bytes() == cut
    Path(deal).write_bytes(whole[:-1])
    assert typed("tick", "D-1").exit_code == 0
    assert [event["id"] for event in written()] == ["e01", "e02", "e03"]


def test_an_event_that_is_there_already_is_not_written_again(deal: str) -> None:
    """It gets the answer it has, in a file and in a log."""
    words = ("offer", "D-1", "discount=1%", "--by", "us", "--id", "mine", "--at", FIRST)
    first, again = typed(*words), typed(*words)
    assert first.stdout.splitlines()[0] == again.stdout.splitlines()[0]
    assert again.stdout.splitlines()[-1] == "Event mine is there already; nothing is written."
    assert len(written()) == 3


def test_one_writer_waits_for_the_other(deal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so in the end."""
    monkeypatch.setattr(growing, "PATIENCE_S", 0.05)
    with Path(deal).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        done = typed("tick", "D-1")
    assert (done.exit_code, "is being written by somebody else; try again" in done.stderr) == (2, True)


def test_a_file_that_has_grown_meanwhile_is_read_again(deal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that would be decided as it was shown is written behind; another one is not."""
    monkeypatch.setattr(write, "has_terminal", lambda: True)

    def confirm(*words: str) -> Any:
        return lambda *_, **__: typed(*words, "--yes") and True

    ours = ("offer", "D-1", "discount=12%", "--by", "us")
    with monkeypatch.context() as at:
        at.setattr("click.confirm", confirm("open", "D-2"))
        assert (typed(*ours).exit_code, [e["deal"] for e in written()]) == (1, ["D-1", "D-1", "D-2", "D-1"])
    before = written()
    with monkeypatch.context() as at:
        at.setattr("click.confirm", confirm("offer", "D-1", "discount=4%", "--by", "them", "--id", "other"))
        done = typed(*ours, "--id", "late")
    assert (done.exit_code, "has changed meanwhile" in done.stderr) == (2, True)
    assert [e["id"] for e in written()[len(before) :]] == ["other"]


def test_a_log_that_has_grown_meanwhile_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a file."""
    monkeypatch.setattr(write, "has_terminal", lambda: True)

    def log(*words: str) -> Done:
        return run(*words, "--store", "a.db")

    assert log("open", "D-1", "-p", "policy.yaml", "--actor", "ana").exit_code == 0
    ours = ("offer", "D-1", "discount=12%", "--by", "us", "--actor", "eve", "--note", "personal")
    with monkeypatch.context() as at:
        at.setattr("click.confirm", lambda *_, **__: log("open", "D-2", "-p", "policy.yaml") and True)
        assert log(*ours).stdout.splitlines()[-1] == "Entry 2 of the log."
    with monkeypatch.context() as at:
        at.setattr(
            "click.confirm",
            lambda *_, **__: log("offer", "D-1", "discount=4%", "--by", "them", "--id", "other", "--yes") and True,
        )
        done = log(*ours)
    assert (done.exit_code, "has changed meanwhile" in done.stderr) == (2, True)
    assert log("log", "verify").stdout.startswith("4 entries")


def test_a_full_disk_leaves_nothing_of_a_line(deal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written of it is taken back, and said."""
    before, real = Path(deal).read_bytes(), os.write

    def part(handle: int, data: Any) -> int:
        if os.fstat(handle).st_size > len(before):
            raise OSError(28, "No space left on device")
        return real(handle, bytes(data)[:7])

    with monkeypatch.context() as at:
        at.setattr(growing.os, "write", part)
        done = typed("tick", "D-1")
    assert (done.exit_code, "no space left on device" in done.stderr) == (2, True)
    assert Path(deal).read_bytes() == before


def test_a_line_is_on_disk_before_it_is_said_to_be_written(deal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file holds when it is synchronised is all of the line; the folder too, where the file is new."""
    held: list[bytes] = []
    real = os.fsync

    def sync(handle: int) -> None:
        held.append(b"a folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else os.pread(handle, 1 << 20, 0))
        real(handle)

    monkeypatch.setattr(growing.os, "fsync", sync)
    assert typed("tick", "D-1").exit_code == 0
    assert typed("open", "D-2", to="new.jsonl").exit_code == 0
    assert held == [Path(deal).read_bytes(), Path("new.jsonl").read_bytes(), b"a folder"]


def test_writers_at_once_lose_nothing(deal: str) -> None:
    """Each line is there, whole, once, behind what its writer had looked at."""
    before = written()

    def write(writer: int) -> None:
        for number in range(12):
            line = json.dumps({"writer": writer, "number": number, "at": "x" * 5000}).encode()
            while True:
                with growing.looked_at(Path(deal)) as mark:
                    pass
                try:
                    growing.append(Path(deal), line, mark)
                except growing.FileGrown:
                    continue
                break

    with ThreadPoolExecutor(6) as writers:
        for done in [writers.submit(write, n) for n in range(6)]:
            done.result()
    lines = written()
    assert lines[: len(before)] == before
    found = [(line["writer"], line["number"]) for line in lines[len(before) :]]
    assert sorted(found) == [(writer, number) for writer in range(6) for number in range(12)]
    assert all([n for w, n in found if w == writer] == list(range(12)) for writer in range(6))


def test_json_holds_the_decision_and_nothing_else(deal: str) -> None:
    """What became of the event is said on stderr."""
    done = typed("offer", "D-1", "discount=1%", "--by", "us", "--format", "json")
    assert json.loads(done.stdout)["verdict"] == "proceed"
    assert done.stderr == "Line 3 of deals.jsonl.\n"


def test_who_acts_may_stand_in_the_environment(deal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rep says it once; what is typed counts before it."""
    monkeypatch.setenv("WALKAWAY_ACTOR", "ana")
    typed("tick", "D-1")
    typed("tick", "D-1", "--actor", "eve")
    assert [event.get("actor") for event in written()] == [None, None, "ana", "eve"]


@pytest.mark.parametrize("sort", KINDS)
def test_help_has_an_example_and_fits_a_terminal(sort: str) -> None:
    """What every option means, too."""
    shown = run(sort, "--help").stdout
    assert f"walkaway {sort} D-7" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_new_commands_are_completed_and_meant() -> None:
    """By a shell, and where they are misspelt."""
    done = CliRunner(
        env={"_WALKAWAY_COMPLETE": "bash_complete", "COMP_WORDS": "walkaway re", "COMP_CWORD": "1"}
    ).invoke(walkaway, prog_name="walkaway")
    assert {"reject", "revoke", "reopen", "record"} <= {line.partition(",")[2] for line in done.stdout.splitlines()}
    assert "did you mean `withdraw`?" in run("withdrow").stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("offer -p policy.yaml D-1 d", ["discount="]),
        ("open -p policy.yaml D-1 size=", ["size=small", "size=large"]),
        ("open -p policy.yaml --limit discount.wa", ["discount.want=", "discount.walk="]),
        ("approve -p policy.yaml --role ", ["manager", "director"]),
        ("approve -p policy.yaml --override ti", ["tiny"]),
        ("signal -p policy.yaml D-1 ", ["abuse"]),
        ("accept -p policy.yaml --issue ", ["discount", "term"]),
        ("offer D-1 d", []),
        ("offer -p none.yaml D-1 d", []),
    ],
)
def test_what_a_policy_names_is_completed(words: str, found: list[str]) -> None:
    """Where the policy was typed before it."""
    line = f"walkaway {words}"
    asked = {"_WALKAWAY_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    done = CliRunner(env=asked).invoke(walkaway, prog_name="walkaway")
    assert [word.partition(",")[2] for word in done.stdout.splitlines() if word] == found


@both_cores
def test_the_page_on_writing_events_shows_what_is_printed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands, one after the other in an empty folder, at the instant that is shown."""
    (home / "rules").symlink_to(ROOT / "rules")
    monkeypatch.setattr(clock, "now", lambda: 1_791_190_800_000_000)
    assert misprinted(ROOT / "docs" / "events.md") == []


RATED = """
policy: rated
version: 1
side: seller
currency: USD
currencies: {accepted: [EUR], drift: 5%}
deal: {list_price: money}
issues: {discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}}
rules: {}
"""


def test_a_rate_is_typed_with_its_day_and_its_source() -> None:
    """What an opening brings is written as the event has it; what a rate lacks is told in the words of the command."""
    Path("rated.yaml").write_text(RATED, encoding="utf-8")
    words = ("open", "D-9", "list_price=100 EUR", "--currency", "EUR", "--policy", "rated.yaml", "--to", "rated.jsonl")
    lacking = run(*words, "--fx", "0.86")
    form = 'write it as `--fx "RATE; day=YYYY-MM-DD; source=…"`'
    assert (lacking.exit_code, unwrapped(lacking.stderr).count(form)) == (2, 2)
    odd = run(*words, "--fx", "0.86; month=3")
    assert (odd.exit_code, "behind the rate may stand day=…, source=…" in odd.stderr) == (2, True)
    run(*words, "--fx", "0.86; day=2026-03-03; source=our bank", "--yes")
    (line,) = Path("rated.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["fx"] == {"rate": "0.86", "day": "2026-03-03", "source": "our bank"}
