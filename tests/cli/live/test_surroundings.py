"""Around a live run: a policy that changes, progress on a terminal, the summary, counts for Prometheus."""

import json
import os
import pty
import re
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.live import PLANTED, RUN, events, lines, run, written_policy
from tests.helpers.logs import POLICY, Event
from tests.helpers.processes import PATIENCE_S, running, wait_for

pytestmark = pytest.mark.slow

NEWER = POLICY.replace("version: 3", "version: 4").replace("discount > 15%", "discount > 1%")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return written_policy(tmp_path / "policy")


class Live:
    """A run that is asked event by event, over pipes."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def ask(self, event: Event) -> tuple[str, int]:
        """Send an event; give verdict and policy version of its answer."""
        found = self.answer(event)
        return found["verdict"], found["policy"]["version"]

    def answer(self, event: Event) -> dict[str, Any]:
        """Send an event; give its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(lines([event]))
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert found["event"] == event["id"]
        return found

    def port(self) -> str:
        """Return the address of its counts, which is said first."""
        found = re.search(rb"port (\d+)", self.said(b"port"))
        assert found
        return f"http://127.0.0.1:{int(found[1])}/metrics"

    def said(self, wanted: bytes) -> bytes:
        """Return what is said on stderr, up to a line with *wanted*."""
        assert self.process.stderr is not None
        found = b""
        while wanted not in found:
            line = self.process.stderr.readline()
            assert line, found
            found += line
        return found

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(PATIENCE_S)


@contextmanager
def live_run(policy: Path, *arguments: str | Path, command: Sequence[str] = RUN) -> Iterator[Live]:
    """Start a run that is asked over pipes."""
    with running(
        [*command, "--format", "full", "--policy", policy, *arguments], stdin=-1, stdout=-1, stderr=-1
    ) as process:
        yield Live(process)


@pytest.mark.parametrize(("stored", "workers"), [(False, "1"), (True, "1"), (True, "2")])
def test_a_policy_that_changes_decides_new_deals_and_no_others(
    policy: Path, tmp_path: Path, stored: bool, workers: str
) -> None:
    """It is taken between two events, once it has no errors; deals that are open stay under theirs."""
    store = ["--store", tmp_path / "log.db"] if stored else []
    with live_run(policy, "--workers", workers, *store) as live:
        file = policy / "policy.yaml"
        one, two, three = ([{**e, "deal": name} for e in events(1)[:3]] for name in ("one", "two", "three"))
        assert [live.ask(e)[1] for e in one[:2]] == [3, 3]
        file.write_text(NEWER.replace("then: escalate", "then: give in"))
        assert b"has errors: version 3 stays" in live.said(b"stays")
        assert [live.ask(e)[1] for e in two[:2]] == [3, 3]
        file.write_text(NEWER)
        assert b"version 4 decides the deals that open from now on" in live.said(b"from now on")
        assert [live.ask(e) for e in three] == [("proceed", 4), ("trade", 4), ("escalate", 4)]
        assert live.ask(one[2]) == ("trade", 3)
        assert live.ask(two[2]) == ("trade", 3)
        (policy / "floors.csv").write_text("segment,walk\nsmall,20%\nlarge,35%\n")
        live.said(b"from now on")
        assert live.ask({**one[0], "deal": "four"}) == ("proceed", 4)
        assert live.end() == 0


def test_counts_are_served_for_prometheus(policy: Path) -> None:
    """Verdicts, rules, dead letters, repetitions and latencies are counted, on the loopback interface."""
    with live_run(policy, "--metrics", "0") as live:
        address, found = live.port(), events(1)
        for event in [*found, found[0]]:
            live.ask(event)
        assert live.process.stdin is not None
        live.process.stdin.write(b"nonsense\n")
        live.process.stdin.flush()
        live.said(b"WA501")
        text = _until(address, lambda t: "walkaway_latency_seconds_count 13.0" in t)
        for line in (
            'walkaway_verdicts_total{verdict="proceed"} 8.0',
            'walkaway_rules_fired_total{rule="deep",standing="approved"} 2.0',
            'walkaway_dead_letters_total{code="WA501"} 1.0',
            "walkaway_repeated_total 1.0",
            "walkaway_core_disagreements_total 0.0",
        ):
            assert line in text.splitlines(), text
        assert live.end() == 2


def _until(address: str, holds: Callable[[str], bool]) -> str:
    """Read the counts until something holds of them."""
    wait_for(lambda: holds(_counts(address)))
    return _counts(address)


def _counts(address: str) -> str:
    with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
        text: str = answer.read().decode()
    return text


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(("discount", "verdict", "stored"), [("7%", "walk", True), ("17%", "escalate", False)])
def test_cores_that_differ_cost_no_answer(
    policy: Path, tmp_path: Path, discount: str, verdict: str, stored: bool, workers: str
) -> None:
    """The more severe answer leaves, marked, whichever core gave it; stderr and the counts tell; the run goes on."""
    store = ["--store", tmp_path / "log.db"] if stored else []
    opens, *_, offer = ({**e, "deal": "D-1"} for e in events(1)[:3])
    with live_run(policy, "--metrics", "0", "--workers", workers, *store, command=PLANTED) as live:
        address = live.port()
        assert live.answer(opens)["cores"]["agree"]
        assert "walkaway_core_disagreements_total 0.0" in _counts(address).splitlines()
        marked = live.answer({**offer, "terms": {"discount": discount}})
        assert marked["verdict"] == verdict
        assert not marked["cores"]["agree"]
        assert marked["cores"]["fired"]["plain"] != marked["cores"]["fired"]["rete"]
        assert b"incident: policy `licences`, event `e2`: plain fired [" in live.said(b"rete is switched off")
        assert "\nwalkaway_core_disagreements_total 1.0\n" in _until(address, lambda t: "disagreements_total 1.0" in t)
        later = live.answer({"id": "e3", "deal": "D-1", "at": "2026-10-05T09:03:00Z", "type": "tick"})
        assert later["cores"]["ran"] == ["plain"]
        assert "switched off" in later["cores"]["note"]
        found = [live.answer({**e, "deal": "D-2"}) for e in events(1)[:3]]
        assert [d["verdict"] for d in found] == ["proceed", "trade", "trade"]
        assert live.end() == 0


@pytest.mark.parametrize("where", ["port", "70000", "127.0.0.1:x"])
def test_a_port_that_is_none_is_refused(policy: Path, where: str) -> None:
    """What cannot be served is said before anything is read."""
    done = run(policy, "--metrics", where)
    assert done.returncode == 2
    assert b"nothing can be served there" in done.stderr


def test_progress_is_shown_on_a_terminal_and_taken_away(policy: Path, tmp_path: Path) -> None:
    """A terminal shows how it goes while it goes, then the summary with the slowest hundredth; a file only this."""
    ours, theirs = pty.openpty()
    file = tmp_path / "events.jsonl"
    file.write_bytes(lines(events(200)))
    places = ["--from", file, "--to", tmp_path / "out", "--batch", "20"]
    with running([*RUN, "--policy", policy, *places], stdout=-1, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:
                break
            said += data
            if not data:
                break
        process.wait(PATIENCE_S)
    os.close(ours)
    assert process.returncode == 0
    *shown, last = said.split(b"\r\x1b[K")
    going = re.compile(r"[\d,]+ events · [\d,]+/s · proceed [\d,]+.* · 0 dead letters · \d+ days behind")
    assert any(going.fullmatch(part.decode()) for part in shown)
    assert re.search(rb"2,200 events: 2,200 decided, 0 of them again, 0 dead letters", last)
    assert re.search(rb"[\d.]+ s, [\d,]+ events/s, latency p50 [\d.]+ m?s, p99 [\d.]+ m?s", last)
    plain = run(policy, *places)
    assert b"\r" not in plain.stderr
