"""Dead letters of live runs: whole, with place and reason, and on their way again after a repair.

`WALKAWAY_GARBAGE_MB=100` puts so much garbage between good events; a few megabytes are the default.
"""

import base64
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.live import answers, events, ids, lines, run, written_policy

pytestmark = pytest.mark.slow

GARBAGE_MB = int(os.environ.get("WALKAWAY_GARBAGE_MB", "3"))
DEAL = events(1)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return written_policy(tmp_path / "policy")


def letters(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def original(letter: dict[str, Any]) -> bytes:
    """Return the bytes that a dead letter holds."""
    if "original" in letter:
        return str(letter["original"]).encode()
    return base64.b64decode(letter["original_base64"])


BAD = [
    (b"\xff\xfe\x00 no text", "WA501"),
    (b'{"id": "x", "id": "y"', "WA501"),
    (lines([{**DEAL[1], "deal": "nobody"}]).strip(), "WA601"),
    (lines([{**DEAL[1], "id": "x", "terms": {"discount": 3.5}}]).strip(), "WA504"),
    (lines([{**DEAL[1], "id": "x", "type": "haggle"}]).strip(), "WA502"),
    (lines([{**DEAL[1], "terms": {"discount": "39%"}}]).strip(), "WA604"),
    (lines([{**DEAL[1], "id": "x", "at": "2026-10-05T08:00:00Z"}]).strip(), "WA603"),
]
"""No text, cut off, of an unknown deal, of a wrong type of value, of an unknown type, with an id in use, late."""


@pytest.mark.parametrize("stored", [False, True], ids=["memory", "store"])
def test_what_cannot_be_decided_is_kept_as_it_came(policy: Path, tmp_path: Path, stored: bool) -> None:
    """A dead letter has the original bytes, the reasons and the place, and all other events get their verdicts."""
    file, dead = tmp_path / "events.jsonl", tmp_path / "dead.jsonl"
    mixed = [*lines(DEAL[:3]).splitlines()]
    for (line, _), event in zip(BAD, DEAL[3:], strict=False):
        mixed += [line, lines([event]).strip()]
    mixed += lines(DEAL[3 + len(BAD) :]).splitlines()
    file.write_bytes(b"\n".join(mixed))
    store = ["--store", tmp_path / "log.db"] if stored else []
    done = run(policy, "--from", file, "--dead-letters", dead, *store)
    assert answers(done.stdout) == ids(DEAL)
    assert done.returncode == 2
    for (line, code), letter, number in zip(BAD, letters(dead), range(4, 100, 2), strict=False):
        assert original(letter) == line
        assert (letter["file"], letter["line"]) == (str(file), number)
        assert [r["code"] for r in letter["reasons"]] == [code]
    assert len(letters(dead)) == len(BAD)


@pytest.mark.parametrize("stored", [False, True], ids=["memory", "store"])
def test_repaired_dead_letters_go_through(policy: Path, tmp_path: Path, stored: bool) -> None:
    """Dead letters are a source like any other: what was repaired is decided, the rest keeps the place it had."""
    file, dead, again = (tmp_path / name for name in ("events.jsonl", "dead.jsonl", "again.jsonl"))
    broken = {**DEAL[2], "terms": {"discount": "5 apples"}}
    file.write_bytes(lines([*DEAL[:2], broken]) + b"\xff\n")
    store = ["--store", tmp_path / "log.db"] if stored else []
    run(policy, "--from", file, "--dead-letters", dead, *store)
    dead.write_bytes(dead.read_bytes().replace(b"5 apples", b"5.50%"))
    source = dead
    if not stored:  # what memory knew of the deal is gone
        source = tmp_path / "both.jsonl"
        source.write_bytes(lines(DEAL[:2]) + dead.read_bytes())
    done = run(policy, "--from", source, "--dead-letters", again, *store)
    assert answers(done.stdout)[-1] == ("D-0", "e2")
    (letter,) = letters(again)
    assert (original(letter), letter["file"], letter["line"]) == (b"\xff", str(file), 4)


@pytest.mark.parametrize(
    ("source", "sinks"),
    [
        ("in/events.jsonl", ["--dead-letters", "in/events.jsonl"]),
        ("in/events.jsonl", ["--to", "in/events.jsonl"]),
        ("in/events.jsonl", ["--to", "out", "--dead-letters", "out"]),
        ("in", ["--to", "in/verdicts.jsonl"]),
        ("in", ["--dead-letters", "in/dead.jsonl"]),
    ],
)
def test_nothing_is_written_where_events_are_read(policy: Path, tmp_path: Path, source: str, sinks: list[str]) -> None:
    """What was written there would come back as events; dead letters and verdicts go to two places."""
    file = tmp_path / "in" / "events.jsonl"
    file.parent.mkdir()
    file.write_bytes(lines(DEAL) + b'{"half')
    done = run(policy, "--from", source, *sinks, cwd=tmp_path)
    assert done.returncode == 2
    assert b"is in use already" in done.stderr
    assert file.read_bytes() == lines(DEAL) + b'{"half'
    assert list(file.parent.iterdir()) == [file]


def test_a_scheme_that_nobody_knows_is_no_file(policy: Path) -> None:
    """What looks like a URL is not taken for the name of a file; those that are known are named."""
    for option in ("--from", "--to", "--dead-letters"):
        done = run(policy, option, "amqp://localhost/offers")
        assert done.returncode == 2
        assert b"amqp:// is not known here; known are redis," in done.stderr


def garbage(chance: random.Random, size: int) -> bytes:
    """Return bytes that hold no event: one endless line, many short ones, and noise."""
    part = size // 3
    endless = b"[" * part + b"\n"
    short = b'{"id": 1}\n' * (part // 40) + lines([{**DEAL[0], "deal": 7}]) * (part // 400)
    return endless + short + chance.randbytes(part).replace(b'"', b"'") + b"\n"


@pytest.mark.parametrize("piped", [False, True], ids=["file", "stdin"])
def test_garbage_between_good_events_loses_none_of_them(policy: Path, tmp_path: Path, piped: bool) -> None:
    """Whatever garbage comes, in lines however long: good events are decided, bad bytes kept, in little memory."""
    chance = random.Random(5)
    good, size = events(3), GARBAGE_MB << 20
    places = sorted(chance.sample(range(len(good)), 3))
    data, bad = b"", b""
    for number, event in enumerate(good):
        if number in places:
            mess = garbage(chance, size // 3)
            data, bad = data + mess, bad + mess
        data += lines([event])
    file, dead = tmp_path / "events.jsonl", tmp_path / "dead.jsonl"
    file.write_bytes(data)
    store = ["--store", tmp_path / "log.db"]
    limits = {"timeout_s": 120 + 8 * GARBAGE_MB, "within": ["sh", "-c", 'ulimit -v 600000; exec "$@"', "sh"]}
    source = [] if piped else ["--from", file]
    done = run(policy, *source, "--dead-letters", dead, *store, stdin=data, **limits)
    assert answers(done.stdout) == ids(good)
    kept = [original(letter) for letter in letters(dead)]
    assert b"".join(kept) == b"".join(line.removesuffix(b"\r") for line in bad.split(b"\n") if line.strip())
