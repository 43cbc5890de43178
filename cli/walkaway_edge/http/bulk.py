"""Many questions in one call: JSON lines come in, and for each a line goes out in its order, an answer or a problem.

A line is answered as the call about one deal would be. What comes in is laid aside whole before the first line goes
out, so that nobody who sends before they read waits for somebody who does the same.
"""

import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import IO, Any

import msgspec
from starlette.responses import Response

from walkaway import InvalidInput, Session
from walkaway_edge.http.answers import Problem, invalid, problem
from walkaway_edge.http.call import Call, repeated
from walkaway_edge.http.deals import checked, event_of
from walkaway_edge.http.desk import Write

MAX_LINE = 16 << 20
MAX_BYTES = 1 << 30
TOGETHER = 128
"""Lines that are answered in one turn at the desk, and kept in one commit."""
_IN_MEMORY = 1 << 20
Numbered = Sequence[tuple[int, bytes]]
"""Lines with their numbers, from 1."""


class LineAnswer(msgspec.Struct, omit_defaults=True):
    """What one line got.

    Attributes:
        line: Its number, from 1.
        status: That of the call about one deal.
    """

    line: int
    status: int
    answer: msgspec.Raw = msgspec.Raw(b"")
    problem: object = None


def check_lines(call: Call, session: Session, lines: Numbered) -> list[LineAnswer]:
    """Say what each of some offers of ours would be answered by one state of the log, and keep nothing."""
    with session.looking():
        return [_answered(number, lambda line=line: checked(_single(call, line), session)) for number, line in lines]  # type: ignore[misc]


def record_lines(call: Call, session: Session, lines: Numbered) -> list[LineAnswer]:
    """Record events; those of one commit are on disk together, before any of them is answered."""
    found: dict[int, LineAnswer] = {}
    rest = deque(lines)
    while rest:
        with session.looking():
            kept = _together(call, session, rest, found)
        for (number, write), outcome in zip(kept, session.decide_many([w.line for _, w in kept]), strict=True):
            found[number] = _answered(number, lambda write=write, outcome=outcome: write.answer(outcome))  # type: ignore[misc]
    return [found[number] for number, _ in lines]


def _together(
    call: Call, session: Session, rest: deque[tuple[int, bytes]], found: dict[int, LineAnswer]
) -> list[tuple[int, Write]]:
    """Prepare events until one wants those before it to be on disk; what cannot be recorded is answered.

    Of one deal an event that says when it was and has an id of its own may wait together with those before it: they
    are decided in their order all the same.

    Args:
        rest: The lines that are left; those that are prepared or answered are taken from it.
    """
    kept: list[tuple[int, Write]] = []
    waiting: dict[str, set[str]] = {}
    while rest:
        number, line = rest[0]
        try:
            one = msgspec.structs.replace(call, body=line)
            body = one.object()
            deal, event = _named(body, "deal"), _named(body, "id")
            before = waiting.setdefault(deal, set())
            if event in before or (before and "at" not in body):
                break
            write = event_of(one, session, deal, event, body, waits=bool(before))
        except Problem as why:
            found[number] = wrong(number, why)
        except InvalidInput as error:
            found[number] = wrong(number, invalid(error.findings))
        else:
            kept.append((number, write))
            before.add(event)
        rest.popleft()
    return kept


def _named(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise problem("wrong-field", f"`{name}` names the {'deal' if name == 'deal' else 'event'}", f"/{name}")
    return value


def _single(call: Call, line: bytes) -> Call:
    """Return the call about one deal that a line asks for: the line without its deal."""
    body = msgspec.structs.replace(call, body=line).object()
    deal = body.pop("deal", None)
    if not isinstance(deal, str) or not deal:
        raise problem("wrong-field", "`deal` names the deal", "/deal")
    if twice := repeated(line):
        raise problem("repeated-key", f"`{twice[0][:40]}` stands twice in one object")
    return msgspec.structs.replace(call, body=msgspec.json.encode(body), params={"deal": deal}, query={"search": "no"})


def _answered(number: int, answer: Callable[[], Response]) -> LineAnswer:
    try:
        response = answer()
    except Problem as why:
        return wrong(number, why)
    except InvalidInput as error:
        return wrong(number, invalid(error.findings))
    return LineAnswer(number, response.status_code, msgspec.Raw(bytes(response.body)))


def wrong(number: int, why: Problem) -> LineAnswer:
    """Return what a line got that has no answer."""
    return LineAnswer(number, why.details.status, problem=why.details)


async def laid_aside(parts: AsyncIterator[bytes]) -> IO[bytes]:
    """Return a body as a file, from its beginning.

    Raises:
        Problem: Where it is too long.
    """
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - whoever answers closes it
    size = 0
    try:
        async for part in parts:
            size += len(part)
            if size > MAX_BYTES:
                raise problem("too-large", "the body is longer than 1 GiB", headers={"Connection": "close"})
            file.write(part)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def batches(file: IO[bytes]) -> Iterator[list[tuple[int, bytes | None]]]:
    """Return the lines of a body that are not blank, some at a time; none in place of one that is too long."""
    batch: list[tuple[int, bytes | None]] = []
    size = 0
    for number, line in enumerate(_lines(file), 1):
        if line is not None and not line.strip():
            continue
        batch.append((number, line))
        size += len(line or b"")
        if len(batch) == TOGETHER or size >= MAX_LINE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _lines(file: IO[bytes]) -> Iterator[bytes | None]:
    while line := file.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
        yield None


def too_long(number: int) -> LineAnswer:
    """Return what a line that is too long gets."""
    return wrong(number, problem("too-large", "the line is longer than 16 MiB"))


def written(found: Sequence[LineAnswer]) -> bytes:
    """Write answers as lines."""
    return b"".join(msgspec.json.encode(each) + b"\n" for each in found)


def summary(lines: int, problems: int, **more: Any) -> bytes:
    """Write the last line: it is there where every line was answered."""
    return msgspec.json.encode({"summary": {"lines": lines, "problems": problems, **more}}) + b"\n"
