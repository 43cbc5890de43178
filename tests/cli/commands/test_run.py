"""`walkaway run`: every event in, its verdict out, once, also over a restart."""

import json
import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers.live import RUN, answers, events, ids, lines, run, written_policy
from tests.helpers.processes import PATIENCE_S, running, wait_for

from walkaway.log import store as db
from walkaway.log.sqlite import Sqlite
from walkaway.log.verify import verify
from walkaway.run import FORMS

pytestmark = pytest.mark.slow

DEALS = 6


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return written_policy(tmp_path / "policy")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(events(DEALS)))
    return path


def test_verdicts_are_those_of_check(policy: Path, file: Path) -> None:
    """Without a store each line that leaves in full is, byte by byte, what `check` answers."""
    done = run(policy, "--from", file, "--format", "full")
    command = [*RUN[:-1], "check", "--policy", policy, "--format", "json", file]
    checked = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_S)
    assert done.stdout == checked.stdout
    assert done.returncode == 0
    assert b"66 events: 66 decided, 0 of them again, 0 dead letters\n" in done.stderr


def test_a_pipe_is_answered_line_by_line(policy: Path) -> None:
    """Whoever writes one event gets its verdict before writing the next."""
    with running([*RUN, "--policy", policy], stdin=-1, stdout=-1, stderr=-1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for event in events(1):
            process.stdin.write(lines([event]))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["event"] == event["id"]
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


def test_a_second_run_goes_on_behind_the_first(policy: Path, file: Path, tmp_path: Path) -> None:
    """With a store nothing is decided twice, and what was added meanwhile is."""
    url, out = tmp_path / "log.db", tmp_path / "verdicts.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    places = ["--store", url, "--from", file, "--to", out, "--no-follow"]
    first = run(policy, *places, "--dead-letters", tmp_path / "dead.jsonl")
    assert b"1 dead letter\n" in first.stderr
    file.write_bytes(whole)
    second = run(policy, *places)
    assert answers(out.read_bytes()) == ids(events(DEALS))
    assert b" 0 of them again" in second.stderr
    with closing(Sqlite(url)) as store:
        assert db.size(store) == len(events(DEALS))
        assert not verify(store).damages


@pytest.mark.parametrize("stored", [False, True])
def test_an_event_that_comes_again_gets_the_same_verdict(
    policy: Path, file: Path, tmp_path: Path, stored: bool
) -> None:
    """A redelivered event is answered with the same bytes and adds nothing; another one with its id is refused."""
    some = events(1)
    other = {**some[1], "terms": {"discount": "41%"}}
    file.write_bytes(lines([*some, *some, other]))
    done = run(policy, "--from", file, *(["--store", tmp_path / "log.db"] if stored else []))
    said = done.stdout.splitlines()
    assert said[: len(some)] == said[len(some) :]
    assert b"22 decided, 11 of them again, 1 dead letter\n" in done.stderr
    what = b'`terms.discount` was `"40%"` there and is `"41%"` here' if stored else b"with another `terms`"
    assert what in done.stderr
    assert done.returncode == 2


def test_cloudevents_wrap_the_verdict(policy: Path, file: Path) -> None:
    """As a CloudEvent a verdict has an id of its own, its deal as subject, and its evidence, or words, as data."""
    plain, words, wrapped, told = (
        [json.loads(line) for line in run(policy, "--from", file, "--format", form).stdout.splitlines()]
        for form in FORMS
    )
    assert [w["data"] for w in wrapped] == plain
    assert [w["data"] for w in told] == words
    assert len({w["id"] for w in wrapped}) == len(plain)
    assert {k: v for k, v in wrapped[7].items() if k != "data"} == {
        "specversion": "1.0",
        "id": f"{plain[7]['deal']}/{plain[7]['event']}",
        "source": "/walkaway/licences",
        "type": "walkaway.decision",
        "subject": plain[7]["deal"],
        "time": plain[7]["at"],
        "datacontenttype": "application/json",
    }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_asked_to_stop_commits_and_sums_up(
    policy: Path, file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """SIGTERM and SIGINT end a followed run with all that was read committed and answered, and a summary."""
    out = tmp_path / "verdicts.jsonl"
    places = ["--store", tmp_path / "log.db", "--from", file, "--follow", "--to", out]
    with running([*RUN, "--policy", policy, *places], stderr=-1) as process:
        wait_for(lambda: out.exists() and out.read_bytes().count(b"\n") == 66, process)
        process.send_signal(number)
        said = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 0
    assert b"66 events: 66 decided" in said
    assert answers(out.read_bytes()) == ids(events(DEALS))


def test_what_a_pipe_holds_is_drained_before_a_run_stops(policy: Path) -> None:
    """Lines that were sent before SIGTERM are decided, since nobody would send them again."""
    reading, writing = os.pipe()
    data = lines(events(20))
    os.set_blocking(writing, False)
    sent = data[: data.rfind(b"\n", 0, os.write(writing, data)) + 1]
    with running([*RUN, "--policy", policy, "--batch", "5"], stdin=reading, stdout=-1, stderr=-1, bufsize=0) as process:
        os.close(reading)
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE_S)
    os.close(writing)
    assert answers(first + rest) == ids(events(20))[: sent.count(b"\n")]
    assert process.returncode in (0, 1)


@pytest.mark.parametrize("option", ["--to", "--dead-letters"])
def test_a_file_of_another_sort_is_left_alone(policy: Path, file: Path, tmp_path: Path, option: str) -> None:
    """A store, a policy, notes without a last line break: nothing is cut off or appended."""
    notes = tmp_path / "notes.txt"
    notes.write_bytes(b"one\ntwo")
    run(policy, "--from", file, "--store", tmp_path / "log.db")
    for taken in (notes, policy / "policy.yaml" if policy.is_dir() else policy, tmp_path / "log.db"):
        before = taken.read_bytes()
        done = run(policy, "--from", file, option, taken)
        assert done.returncode == 2
        assert b"cannot be written: it holds something other than JSON lines" in done.stderr
        assert taken.read_bytes() == before
    begun = tmp_path / "begun.jsonl"
    begun.write_bytes(b'{"event": 1}\n{"ev')
    assert run(policy, "--from", file, "--to", begun).returncode == 0
    assert begun.read_bytes().count(b"\n") == 1 + len(events(DEALS))


@pytest.mark.parametrize("stored", [False, True])
def test_a_device_takes_verdicts(policy: Path, file: Path, tmp_path: Path, stored: bool) -> None:
    """What cannot be synchronized, or tell what it holds, is written all the same."""
    store = ["--store", tmp_path / "log.db"] if stored else []
    done = run(policy, "--from", file, "--to", "/dev/null", *store)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"66 decided" in done.stderr
