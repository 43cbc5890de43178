"""Files as sources: every line once, in order, from wherever a reader stopped, through rotation and truncation."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.helpers.live import Reader

from walkaway.deal.lines import MAX_HELD
from walkaway.run import PassingSource
from walkaway_edge.files.file import File
from walkaway_edge.files.folder import Folder
from walkaway_edge.files.pipe import Pipe
from walkaway_edge.problems import EdgeProblem

pytestmark = pytest.mark.slow


def said(_: str) -> None:
    """Hear a warning that is not asked about."""


def follow(path: Path) -> File:
    return File(path, follow=True, warn=said)


def numbered(start: int, end: int) -> list[bytes]:
    return [b'{"n": %d}' % n for n in range(start, end)]


def append(path: Path, lines: list[bytes]) -> None:
    with path.open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_a_file_is_read_line_by_line_to_its_end(tmp_path: Path, most: int) -> None:
    """Lines come in order with their numbers, a last one without a break included, and then the source has ended."""
    path = tmp_path / "events"
    path.write_bytes(b"\xef\xbb\xbfa\n\nb\r\nc")
    reader = Reader(File(path, follow=False, warn=said))
    lines = []
    while (batch := reader.batch(most)).lines:
        lines += batch.lines
    assert [(line.data, line.number) for line in lines] == [(b"a\n", 1), (b"\n", 2), (b"b\r\n", 3), (b"c", 4)]
    assert batch.is_last


def test_every_place_is_one_to_go_on_from(tmp_path: Path) -> None:
    """A reader that starts at the place behind any line goes on with the next one, and knows its number."""
    path = tmp_path / "events"
    append(path, numbered(0, 50))
    batch = File(path, follow=False, warn=said).read({}, 100, 0)
    for count in range(50):
        later = File(path, follow=False, warn=said).read(batch.places(count) if count else {}, 100, 0)
        assert [line.number for line in later.lines] == list(range(count + 1, 51))


def test_a_file_that_was_changed_before_the_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    """Whoever repairs a line that was read already has it read again, and hears of it."""
    path, heard = tmp_path / "events", list[str]()
    append(path, numbered(0, 9))
    first = Reader(File(path, follow=False, warn=heard.append))
    assert len(first.all()) == 9
    assert not Reader(File(path, follow=False, warn=heard.append), first.places).all()
    assert not heard
    path.write_bytes(path.read_bytes().replace(b'"n": 3', b'"n": 7'))
    assert len(Reader(File(path, follow=False, warn=heard.append), first.places).all()) == 9
    assert "is read from its beginning" in heard[0]


def test_a_line_too_long_comes_in_pieces_that_hold_every_byte(tmp_path: Path) -> None:
    """However long a line is, no more than a piece is held at once, none passes for an event, and none is lost."""
    path = tmp_path / "events"
    garbage = b'{"x":1}' * (MAX_HELD // 3)
    path.write_bytes(b"before\n" + garbage + b"\nafter\n")
    for most in (1, 2, 100):
        reader = Reader(File(path, follow=False, warn=said))
        lines = []
        while (batch := reader.batch(most)).lines:
            assert sum(len(line.data) for line in batch.lines) <= MAX_HELD + len(b"before\nafter\n")
            lines += batch.lines
        pieces = [line for line in lines if line.piece]
        assert [line.data for line in lines if not line.piece] == [b"before\n", b"after\n"]
        assert b"".join(line.data for line in pieces) == garbage + b"\n"
        assert [line.piece for line in pieces] == list(range(1, len(pieces) + 1))
        assert {line.number for line in pieces} == {2}
        assert lines[-1].number == 3


def test_a_followed_file_waits_for_the_rest_of_a_line(tmp_path: Path) -> None:
    """A part of a line is no line; a whole object is one, also before its break is written."""
    path = tmp_path / "events"
    reader = Reader(follow(path))
    assert reader.all() == []
    path.write_bytes(b'{"n": ')
    assert reader.all() == []
    append(path, [b"1}"])
    assert reader.all() == [b'{"n": 1}']
    with path.open("ab") as file:
        file.write(b'{"n": 2}')
    assert reader.all() == [b'{"n": 2}']
    append(path, [b"", b'{"n": 3}'])
    assert reader.all() == [b'{"n": 3}']


@pytest.mark.parametrize("is_copied", [False, True], ids=["renamed", "copied and cut"])
@pytest.mark.parametrize("restarts", [False, True])
def test_a_followed_file_is_followed_through_rotation(tmp_path: Path, is_copied: bool, restarts: bool) -> None:
    """What stands in the old file is read to its end before the new one, whoever renames or copies it, and whenever."""
    chance, path = random.Random(7), tmp_path / "events.jsonl"
    path.touch()
    reader, found, wrote = Reader(follow(path)), list[bytes](), 0
    for turn in range(12):
        count = chance.randrange(1, 30)
        append(path, numbered(wrote, wrote + count))
        wrote += count
        found += [line.data.rstrip() for line in reader.batch(chance.randrange(1, 20)).lines]
        if restarts:
            reader.source.close()
            reader = Reader(follow(path), reader.places)
        if turn % 3 == 2:
            old = tmp_path / f"events.jsonl.{turn:02d}"
            if is_copied:
                old.write_bytes(path.read_bytes())
                os.truncate(path, 0)
            else:
                path.rename(old)
                path.touch()
        found += [line.data.rstrip() for line in reader.batch(chance.randrange(1, 20)).lines]
    found += reader.all()
    assert found == numbered(0, wrote)


def test_a_file_that_is_cut_short_and_written_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    """What is written in place of what was read is read, even if the file has grown beyond the place already."""
    path = tmp_path / "events"
    append(path, numbered(0, 10))
    reader = Reader(follow(path))
    assert len(reader.all()) == 10
    path.write_bytes(b"")
    append(path, numbered(100, 105))
    assert reader.all() == numbered(100, 105)
    path.write_bytes(b"".join(b"other %d\n" % n for n in range(50)))
    assert len(reader.all()) == 50


def test_a_folder_is_read_file_by_file_and_each_goes_on_from_its_place(tmp_path: Path) -> None:
    """Files come in the order of their names, hidden ones not; what is added to any of them later is read later."""
    for name in ("b", "a", ".hidden"):
        append(tmp_path / name, [f"{name}{n}".encode() for n in range(3)])
    reader = Reader(Folder(tmp_path, follow=True))
    assert reader.all(2) == [b"a0", b"a1", b"a2", b"b0", b"b1", b"b2"]
    append(tmp_path / "a", [b"a3"])
    append(tmp_path / "aa", [b"aa0"])
    again = Reader(Folder(tmp_path, follow=True), reader.places)
    assert reader.all() == again.all() == [b"a3", b"aa0"]
    assert Reader(Folder(tmp_path, follow=False), again.places).batch().is_last


def test_a_pipe_that_is_drained_gives_what_was_sent_by_then(tmp_path: Path) -> None:
    """All of it, however long that takes, and nothing that comes later."""
    os.mkfifo(tmp_path / "pipe")
    writing = os.open(tmp_path / "pipe", os.O_RDWR)
    sent = [b"%d" % n for n in range(9_000)]
    reader = Reader(Pipe(tmp_path / "pipe"))
    os.write(writing, b"\n".join(sent) + b"\n")
    got = [line.data.rstrip(b"\n") for line in reader.batch(1).lines]
    os.write(writing, b"half a li")
    assert isinstance(reader.source, PassingSource)
    reader.source.drain()
    os.write(writing, b"ne\nmore\n")
    assert got + reader.all(most=5) == sent
    assert not reader.batch().lines
    reader.source.close()
    os.close(writing)


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_cannot_be_read_is_said_at_once(tmp_path: Path, name: str) -> None:
    """A file that is to be read to its end must be there."""
    with pytest.raises(EdgeProblem, match="cannot be read"):
        File(tmp_path / name, follow=False, warn=said)


def test_a_program_opens_sources_and_sinks_without_the_command(tmp_path: Path) -> None:
    """The edge needs no click: what cannot be opened is an error of its own, with a message and a hint."""
    code = (
        "import sys; from pathlib import Path; from walkaway_edge.open import read_events, sink_of\n"
        "from walkaway_edge.files.in_use import InUse; from walkaway_edge.problems import EdgeProblem\n"
        "assert [line.data for batch in read_events(Path('in')) for line in batch] == [b'a\\n', b'b']\n"
        "in_use = InUse(); in_use.reads(Path('in')); sink_of('out', in_use).close()\n"
        "try: sink_of('in', in_use)\n"
        "except EdgeProblem as problem: print(problem.message, '|', problem.hint)\n"
        "print(*{'click', 'rich', 'walkaway_cli'} & set(sys.modules))\n"
    )
    (tmp_path / "in").write_bytes(b"a\n\nb")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "in is in use already: it holds the events that are read | name another place\n\n"
