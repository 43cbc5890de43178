# Over 400 lines: everything is done in one office, which these tests share.
"""The log's commands as their users meet them: recorded, verified, replayed, proved, searched, exported, erased."""

import csv
import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers import released
from tests.helpers.findings import unwrapped
from tests.helpers.logs import (
    FLOORS,
    POLICY,
    Event,
    counted_salts,
    deal,
    lines_of,
    make_policy,
    opened,
    rewrite,
    tamper,
)
from tests.helpers.processes import PATIENCE_S, running

from walkaway.log import meanings
from walkaway.log.record import Recorder
from walkaway_cli.commands.log import COMMANDS
from walkaway_cli.main import main
from walkaway_cli.options.stores import NOT_HELD

pytestmark = pytest.mark.slow

RECORD = ("record", "--policy", "policy")
BREACHED = 1
"""How `record` ends where an offer of ours was sent against its verdict, as in the deal that is recorded here."""
HOSTILE = ["it's.db", "a b\nc.db", "ünï.db", "?mode=memory.db", "file:x.db", ":memory:", "%41.db", "--store.db"]
ERASE = ("log", "erase", "--by", "dpo", "--reason", "asked", "--at", "2026-11-01")


class Office:
    """A folder with a policy, a deal, and what is made there; and a person who types commands in it."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home, self.capture = home, capture
        (home / "policy").mkdir()
        (home / "policy" / "policy.yaml").write_text(POLICY)
        (home / "policy" / "floors.csv").write_text(FLOORS)
        self.write("deal.jsonl", deal())

    def write(self, name: str, events: list[Event]) -> None:
        """Write events to a file."""
        (self.home / name).write_text("".join(json.dumps(e) + "\n" for e in events))

    def run(self, *words: str | Path, status: int = 0) -> str:
        """Type a command, expect its status, and give what it answers; `error` has what it says beside that."""
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        output, self.error = self.capture.readouterr()
        assert left.value.code == status, output + self.error
        return output


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    """Return a new office, and stand in it."""
    monkeypatch.chdir(tmp_path)
    return Office(tmp_path, capfd)


@pytest.fixture
def recorded(office: Office) -> Office:
    """Return an office whose deal is recorded."""
    office.run(*RECORD, "deal.jsonl", status=BREACHED)
    return office


def test_recording_answers_like_check_and_names_the_entry(office: Office) -> None:
    """Each answer shows the decision and its entry; typing it again shows the same entries."""
    first = office.run(*RECORD, "deal.jsonl", status=BREACHED)
    assert "Entry 10 of the log." in first
    recorded, against = office.error.splitlines()
    assert recorded == "11 recorded, 0 there before, 0 dead letters"
    assert re.fullmatch(r"\d+ events? of ours against the verdict: e\d+ of D-1 \(\w+\).*", against)
    assert "Entry 10 of the log, as before." in office.run(*RECORD, "deal.jsonl", status=BREACHED)
    assert office.error == f"{NOT_HELD}\n0 recorded, 11 there before, 0 dead letters\n{against}\n"
    output = office.run(*RECORD, "--format", "json", "deal.jsonl", status=BREACHED)
    answers = [json.loads(line) for line in output.splitlines()]
    assert [a["event"] for a in answers] == [e["id"] for e in deal()]
    assert {r["by"] for r in answers[6]["reasons"]} == {"", "sam"}


def test_files_are_private_to_the_user(recorded: Office) -> None:
    """Log, keys, exports, proofs and dead letters can be read by nobody else."""
    old = os.umask(0)
    try:
        recorded.run(*RECORD, "--store", "new.db", "--dead-letters", "dead.jsonl", "deal.jsonl", status=BREACHED)
        recorded.run("log", "keygen", "example.com/deals", "key")
        recorded.run("log", "export", "--to", "all.jsonl")
        recorded.run("log", "prove", "3", "--key", "key", "--to", "3.proof")
        recorded.run("log", "checkpoint", "--key", "key", "--to", "now.checkpoint")
    finally:
        os.umask(old)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in recorded.home.iterdir() if p.is_file()}
    del modes["deal.jsonl"]
    assert len(modes) == 8
    assert set(modes.values()) == {0o600}


def test_dead_letters_are_kept_and_the_rest_is_recorded(office: Office) -> None:
    """What cannot be decided goes to a file with its line and reason, and the exit says so."""
    office.write("deal.jsonl", [deal()[1], *deal()])
    output = office.run(*RECORD, "--dead-letters", "dead.jsonl", "deal.jsonl", status=2)
    assert "Entry 10 of the log." in output
    assert "WA601" in office.error
    (letter,) = (json.loads(line) for line in Path("dead.jsonl").read_text().splitlines())
    assert (letter["line"], json.loads(letter["original"])) == (1, deal()[1])
    office.write("deal.jsonl", [{**deal()[2], "terms": {"discount": "6%"}}])
    office.run(*RECORD, "--dead-letters", "dead.jsonl", "deal.jsonl", status=2)
    assert "is entry 2 of the log, with other content" in unwrapped(office.error)
    assert len(Path("dead.jsonl").read_text().splitlines()) == 2


def test_a_pipe_is_answered_line_by_line(office: Office) -> None:
    """Whoever sends one event gets its answer before sending the next; none waits for a batch to fill."""
    words = [sys.executable, "-m", "walkaway_cli", *RECORD, "--format", "json", "-"]
    with running(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for event in deal():
            process.stdin.write(json.dumps(event).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["event"] == event["id"]
        process.stdin.close()
        assert process.wait(PATIENCE_S) == BREACHED


def test_what_is_in_order_verifies_and_replays(recorded: Office) -> None:
    """An untouched log is as it was recorded, and as it was signed."""
    recorded.run("log", "keygen", "example.com/deals", "key")
    Path("kept").mkdir()
    assert (
        recorded.run("log", "checkpoint", "--key", "key", "--to", "kept")
        == "kept/000000000011.checkpoint: 11 entries\n"
    )
    recorded.write("more.jsonl", deal("D-2"))
    recorded.run(*RECORD, "more.jsonl", status=BREACHED)
    recorded.run("log", "checkpoint", "--key", "key", "--to", "kept")
    output = recorded.run("log", "verify", "--checkpoint", "kept", "--key", "key.pub")
    assert output.splitlines()[1:] == ["the checkpoint over 11 entries holds", "the checkpoint over 22 entries holds"]
    assert "all as it was recorded" in recorded.run("log", "verify")
    assert "a cut tail or a log rewritten as a whole would not show" in recorded.error
    assert recorded.run("log", "replay") == "22 entries replayed to the same bytes, 0 differences\n"
    assert recorded.run("log", "audit", status=1).splitlines() == [
        f"entry {n}, deal `{name}`: event `{event}`, our offer by `robin`, was sent against its verdict `trade`"
        " (`nothing-for-nothing`)"
        for n, name, event in ((2, "D-1", "e2"), (6, "D-1", "e6"), (13, "D-2", "e2"), (17, "D-2", "e6"))
    ]


def test_what_another_meaning_decided_is_told_and_is_no_difference(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replay and audit say by which release it was decided, and how many decisions would be others now."""
    with closing(opened("walkaway.db")) as store:
        Recorder(store, make_policy(), counted_salts(), release="0.0.8").record(lines_of(deal()))
    monkeypatch.setattr(meanings, "CHANGED", ("0.0.9",))
    told = office.run("log", "replay").splitlines()
    assert told == [
        "written by 0.0.8, whose meaning was another: 0 of 11 decisions would differ now",
        "0 entries replayed to the same bytes, 0 differences",
    ]
    office.run("log", "audit", status=1)
    assert "decided under 0.0.8, whose meaning was another: 1 deal;" in office.error


def test_a_log_is_held_against_a_checkpoint_before_it_answers(recorded: Office) -> None:
    """An answer says over how many entries it was held, or that it was not; a log that does not hold gives none."""
    recorded.run("log", "keygen", "example.com/deals", "key")
    recorded.run("log", "checkpoint", "--key", "key", "--to", "signed")
    recorded.write("more.jsonl", deal("D-2"))
    recorded.run(*RECORD, "more.jsonl", status=BREACHED)
    held = ("--checkpoint", "signed", "--key", "key.pub")
    recorded.run("deals", *held)
    assert recorded.error == (
        "held against a checkpoint over 11 entries; 11 came later, and are not held against one\n"
    )
    recorded.run("deals")
    assert recorded.error == f"{NOT_HELD}\n"
    rewrite("walkaway.db", lambda entries: [e for e in entries if e.n != 10])
    assert recorded.run("deals", *held, status=2) == ""
    assert "is not what it was when signed was signed" in recorded.error
    recorded.run("deals", "--checkpoint", "signed", status=2)


def test_a_log_of_an_older_release_is_copied_and_gone_on_with(office: Office) -> None:
    """The old store is read and not written; its copy holds against the old checkpoint, and goes on."""
    Path("kept").write_text(released.load("0.1.0", Path("old.db")))
    Path("key.pub").write_text(str(released.KEY.verifier))
    held = ("--checkpoint", "kept", "--key", "key.pub")
    office.run("log", "verify", "--store", "old.db", *held)
    assert office.run("log", "replay", "--store", "old.db", *held).startswith(
        "written by 0.1.0, whose meaning was another: 0 of 11 decisions would differ now\n"
    )
    office.write("more.jsonl", deal("D-2"))
    office.run(*RECORD, "--store", "old.db", "more.jsonl", status=2)
    assert "`walkaway log upgrade --to NEW` copies it" in office.error
    copied = office.run("log", "upgrade", "--store", "old.db", "--to", "new.db", *held)
    assert copied.splitlines()[1] == "the checkpoint over 11 entries holds"
    office.run(*RECORD, "--store", "new.db", "more.jsonl", status=BREACHED)
    assert "all as it was recorded" in office.run("log", "verify", "--store", "new.db", *held)
    office.run("log", "upgrade", "--store", "old.db", "--to", "new.db", status=1)
    assert "holds a log already" in office.error
    office.run("log", "upgrade", "--store", "old.db", "--to", "old.db", status=2)


def test_damage_is_named_and_the_answer_is_no(recorded: Office) -> None:
    """A changed byte, a cut tail and a foreign signature each end with status 1 and a line that names it."""
    recorded.run("log", "keygen", "example.com/deals", "key")
    recorded.run("log", "keygen", "example.com/deals", "other")
    recorded.run("log", "checkpoint", "--key", "key", "--to", "signed")
    verify = ("log", "verify", "--checkpoint", "signed", "--key")
    assert "signed: it bears no signature by a key that was given" in recorded.run(*verify, "other.pub", status=1)
    tamper("walkaway.db", ("DELETE FROM entries WHERE n = ?", (10,)))
    assert recorded.run(*verify, Path("key.pub").read_text(), status=1).splitlines() == [
        "entry 9: deal `D-1` is open, and is not kept as open",
        "entry 10: it is missing; the log ends here, and signed was signed over 11 entries",
    ]
    tamper("walkaway.db", ("UPDATE entries SET verdict = ? WHERE n = ?", ("walk", 4)))
    assert recorded.run("log", "verify", status=1).startswith("entry 4: the column `verdict`")


def test_nothing_is_signed_that_contradicts_what_was_signed(recorded: Office) -> None:
    """A log that no longer begins with what was signed gets no new signature."""
    recorded.run("log", "keygen", "example.com/deals", "key")
    Path("kept").mkdir()
    for place in ("one", "kept"):
        recorded.run("log", "checkpoint", "--key", "key", "--to", place)
        Path("walkaway.db").rename("true.db")
        recorded.write("forged.jsonl", deal("D-9"))
        recorded.run(*RECORD, "forged.jsonl", status=BREACHED)
        recorded.run("log", "checkpoint", "--key", "key", "--to", place, status=1)
        assert "was signed over (11 entries)" in recorded.error
        tamper("walkaway.db", ("DELETE FROM entries WHERE n = ?", (10,)))
        recorded.run("log", "checkpoint", "--key", "key", "--to", place, status=1)
        assert "fewer than the 11 that" in recorded.error
        for path in recorded.home.glob("walkaway.db*"):
            path.unlink()
        Path("true.db").rename("walkaway.db")


def test_a_signing_key_that_others_can_read_is_refused(recorded: Office) -> None:
    """The signing key's file must be private, and is neither replaced nor found in the store."""
    recorded.run("log", "keygen", "example.com/deals", "key")
    recorded.run("log", "keygen", "example.com/deals", "key", status=2)
    assert "it is not replaced" in recorded.error
    recorded.run("log", "checkpoint", "--key", "key", "--to", "signed")
    secret = Path("key").read_text().strip().split("+", 4)[4].encode()  # PRIVATE+KEY+name+hash+secret
    assert secret not in b"".join(p.read_bytes() for p in recorded.home.glob("walkaway.db*"))
    Path("key").chmod(0o640)
    recorded.run("log", "checkpoint", "--key", "key", "--to", "signed", status=2)
    assert "chmod 600" in recorded.error


def test_a_proof_is_checked_with_no_store(recorded: Office) -> None:
    """One file and the verifier key are enough, in a folder where there is nothing else."""
    recorded.run("log", "keygen", "example.com/deals", "key")
    recorded.run("log", "prove", "D-1/e6", "--key", "key", "--to", "e6.tlog-proof")
    recorded.run("log", "checkpoint", "--key", "key", "--to", "signed")
    assert recorded.run("log", "prove", "6", "--checkpoint", "signed") == Path("e6.tlog-proof").read_text()
    Path("walkaway.db").unlink()
    found = json.loads(recorded.run("log", "check-proof", "e6.tlog-proof", "--key", "key.pub"))
    assert found["event"]["id"] == "e6"
    assert "entry 6 of the log `example.com/deals` when it had 11 entries" in recorded.error
    Path("e6.tlog-proof").write_text(Path("e6.tlog-proof").read_text().replace("index 6", "index 5"))
    recorded.run("log", "check-proof", "e6.tlog-proof", "--key", "key.pub", status=1)
    assert "the hashes do not lead from this decision" in recorded.error


def test_growth_is_proved_between_two_checkpoints(recorded: Office) -> None:
    """The proof holds both checkpoints and is checked with no store."""
    recorded.run("log", "keygen", "example.com/deals", "key")
    recorded.run("log", "checkpoint", "--key", "key", "--to", "old")
    recorded.write("more.jsonl", deal("D-2"))
    recorded.run(*RECORD, "more.jsonl", status=BREACHED)
    recorded.run("log", "checkpoint", "--key", "key", "--to", "new")
    recorded.run("log", "consistency", "old", "new", "--to", "growth")
    Path("walkaway.db").rename("away.db")
    output = recorded.run("log", "check-consistency", "growth", "--key", "key.pub")
    assert output == "the log `example.com/deals` of 22 entries begins with that of 11\n"
    recorded.run("log", "consistency", "new", "old", "--store", "away.db", status=1)


def test_decisions_are_found_by_what_they_are_asked_for(recorded: Office) -> None:
    """Deal, rule, verdict, actor and time narrow the list, each and together."""
    recorded.write("more.jsonl", deal("D-2"))
    recorded.run(*RECORD, "more.jsonl", status=BREACHED)

    def events(*options: str, status: int = 0) -> list[str]:
        lines = recorded.run("log", "show", "--format", "json", *options, status=status).splitlines()
        return [f"{v['event']['deal']}/{v['event']['id']}" for v in map(json.loads, lines)]

    assert len(events()) == 22
    assert events("--deal", "D-2", "--verdict", "hold") == ["D-2/e3"]
    assert events("--rule", "deep") == ["D-1/e6", "D-1/e9", "D-2/e6", "D-2/e9"]
    assert events("--actor", "sam") == ["D-1/e5", "D-1/e6", "D-1/e9", "D-2/e5", "D-2/e6", "D-2/e9"]
    assert events("--since", "2026-10-05T09:09:00Z", "--deal", "D-1") == ["D-1/e9", "D-1/e10"]
    assert events("--until", "2026-10-05T11:01:00+02:00", "--deal", "D-1") == ["D-1/e0", "D-1/e1"]
    assert events("--actor", "nobody", status=1) == []
    assert "by robin" in recorded.run("log", "show", "--deal", "D-1")


def test_one_decision_is_shown_in_full(recorded: Office) -> None:
    """The event, the reasons with facts and rules, and the policy with its table are all there."""
    output = recorded.run("log", "show", "D-1/e3")
    for part in (
        "note: They said: sign tonight, or never.",
        "HOLD",
        "pressure → hold  [policy.yaml:",
        POLICY,
        FLOORS.strip(),
    ):
        assert part.rstrip() in output
    found = json.loads(recorded.run("log", "show", "3", "--format", "json"))
    assert found["policy"] == {"floors.csv": FLOORS, "policy.yaml": POLICY}
    recorded.run("log", "show", "99", status=2)
    assert "the log has no decision '99'" in recorded.error


def test_a_name_that_may_mean_two_decisions_is_not_guessed(office: Office) -> None:
    """Ids may hold a slash; where DEAL/EVENT can be cut in two ways, the number is asked for."""
    office.write("deal.jsonl", [{**deal("a")[0], "id": "b/c"}, {**deal("a/b")[0], "id": "c"}])
    office.run(*RECORD, "deal.jsonl")
    office.run("log", "show", "a/b/c", status=2)
    assert "may name each of entries 0, 1" in office.error


def test_deals_and_one_deal_are_shown_from_the_store(recorded: Office) -> None:
    """The list has a line for each deal; one deal has its course and where it stands."""
    recorded.write("more.jsonl", deal("D-2")[:3])
    recorded.run(*RECORD, "more.jsonl", status=1)
    lines = recorded.run("deals").splitlines()
    assert lines[0] == "D-1  11 events  2026-10-05T09:10:00Z  closed won  PROCEED"
    assert lines[1].startswith("D-2  3 events")
    assert json.loads(recorded.run("deals", "--format", "json").splitlines()[0])["outcome"] == "won"
    shown = recorded.run("show", "D-1")
    assert shown.startswith("D-1  under licences, worths to us in USD")
    assert len(json.loads(recorded.run("show", "D-1", "--format", "json"))["turns"]) == 11
    assert shown == recorded.run("show", "deal.jsonl", "--policy", "policy")
    recorded.run("show", "D-1", "--deal-id", "D-1", status=2)


@pytest.mark.parametrize(
    "words",
    [
        ("show", "D-3"),
        ("log", "show", "--deal", "D-3"),
        ("log", "export", "--deal", "D-3", "--to", "out.jsonl"),
        ("log", "replay", "--deal", "D-3"),
        (*ERASE, "--deal", "D-3"),
    ],
)
def test_a_deal_that_the_log_has_not_is_no_empty_answer(recorded: Office, words: tuple[str, ...]) -> None:
    """Whoever names a deal wants to know of that one: a misspelling must not look as if there were nothing to say."""
    assert recorded.run(*words, status=2) == ""
    assert recorded.error.endswith("Error: the log has no deal `D-3`\n")
    assert not Path("out.jsonl").exists()


def test_a_search_without_a_find_says_so(recorded: Office) -> None:
    """Where nothing fits that is an answer; a rule that no policy of the log has is none."""
    for words in (("--actor", "nobody"), ("--since", "2030-01-01"), ("--verdict", "walk"), ("--rule", "unprepared")):
        assert recorded.run("log", "show", "--deal", "D-1", *words, status=1) == ""
        assert recorded.error == f"{NOT_HELD}\nno decision fits\n"
    assert recorded.run("log", "show", "--rule", "unprepard", status=2) == ""
    assert recorded.error.endswith("Error: no policy of the log has a rule `unprepard`: did you mean `unprepared`?\n")


def test_an_empty_log_says_that_it_is_empty(office: Office) -> None:
    """No deals, no decisions: a sentence beside the empty answer."""
    office.write("none.jsonl", [])
    office.run(*RECORD, "none.jsonl")
    assert office.run("deals") == ""
    assert office.error == "the log has no deals\n"
    assert office.run("log", "export") == ""
    assert office.error == "the log has no decisions\n"


def test_exports_hold_every_decision(recorded: Office) -> None:
    """CSV, JSON lines and Parquet hold the same decisions; personal texts only where asked for."""
    rows = list(csv.DictReader(io.StringIO(recorded.run("log", "export", "--format", "csv"), newline="")))
    assert [(r["entry"], r["event"]) for r in rows] == [(str(n), f"e{n}") for n in range(11)]
    assert rows[2]["actor"].startswith("sealed:")
    assert "sam" not in recorded.run("log", "export")
    personal = [json.loads(line) for line in recorded.run("log", "export", "--personal").splitlines()]
    assert personal[5]["event"]["approver"] == "sam"
    recorded.run("log", "export", "--format", "parquet", "--to", "all.parquet", "--personal")
    parquet = pytest.importorskip("pyarrow.parquet").read_table("all.parquet").to_pylist()
    assert [r["verdict"] for r in parquet] == [r["verdict"] for r in rows]
    assert parquet[2]["actor"] == "robin"
    recorded.run("log", "export", "--format", "parquet", status=2)


def test_csv_holds_no_formula(office: Office) -> None:
    """An id that a spreadsheet would calculate is written as text."""
    office.write("deal.jsonl", deal("=1+1")[:1])
    office.run(*RECORD, "deal.jsonl")
    assert ",'=1+1," in office.run("log", "export", "--format", "csv")


def test_texts_are_erased_and_that_is_recorded(recorded: Office) -> None:
    """Erased texts are shown no more, the log verifies and replays, and the erasure is an entry."""
    assert (
        recorded.run(*ERASE, "--deal", "D-1", "--event", "e3")
        == "1 personal text erased; this is entry 11 of the log\n"
    )
    assert "sign tonight" not in recorded.run("log", "show", "3")
    recorded.run(*ERASE, "--person", "robin")
    recorded.run(*ERASE, "--person", "robin", status=1)
    assert "by robin" not in recorded.run("log", "show")
    assert "all as it was recorded" in recorded.run("log", "verify")
    assert recorded.run("log", "replay") == "13 entries replayed to the same bytes, 0 differences\n"
    line = "    11  2026-11-01T00:00:00Z  1 personal text erased by dpo: asked\n"
    assert recorded.run("log", "show", "11") == line
    assert recorded.run("log", "show", "--erasures") == f"{line}{line.replace('11', '12', 1)}"
    assert json.loads(recorded.run("log", "show", "12", "--format", "json"))["by"] == "dpo"
    recorded.run("log", "show", "--erasures", "11", status=2)
    recorded.run(*ERASE, status=2)
    recorded.run(*ERASE[:-1], "yesterday", "--deal", "D-1", status=2)


@pytest.mark.parametrize(
    "name", ["it's.db", "a b\nc.db", "ünï.db", "?mode=memory.db", "file:x.db", ":memory:", "%41.db", "--store.db"]
)
def test_paths_of_hostile_shape_are_just_names(office: Office, name: str) -> None:
    """A store's file is the one that was named, whatever the name would mean elsewhere."""
    office.run(*RECORD, f"--store={name}", "deal.jsonl", status=BREACHED)
    assert (office.home / name).stat().st_size > 10_000
    assert "all as it was recorded" in office.run("log", "verify", f"--store={name}")


@pytest.mark.parametrize("name", ["a\0b.db", "missing/log.db", "policy", "x" * 300])
def test_paths_that_cannot_be_are_said_to_be(office: Office, name: str) -> None:
    """A store that cannot be opened is a sentence and status 2."""
    office.run(*RECORD, "--store", name, "deal.jsonl", status=2)
    assert office.error.startswith("error: ")
    office.run("log", "verify", "--store", name, status=2)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_shows_an_example(office: Office, command: str) -> None:
    """Each command's help has a line to paste."""
    assert f"\n  walkaway log {command}" in office.run("log", command, "--help")


def test_progress_is_shown_on_a_terminal_only(recorded: Office) -> None:
    """What takes long says on a terminal how far it is, and clears that line; elsewhere it says nothing."""
    master, slave = pty.openpty()
    soon = "import walkaway_cli.progress as p; p._AFTER_S = 0.0\nfrom walkaway_cli.main import main; main()"
    words = [sys.executable, "-c", soon]
    done = subprocess.run(
        [*words, "log", "verify"], stderr=slave, stdout=subprocess.PIPE, check=True, timeout=PATIENCE_S
    )
    os.close(slave)
    shown = os.read(master, 10_000)
    os.close(master)
    assert b"verifying 0 of 11" in shown
    assert b"\r\x1b[K" in shown.partition(b"of 11")[2]
    assert b"verifying" not in done.stdout
    recorded.run("log", "verify")
    assert "verifying" not in recorded.error
