"""One release of walkaway, as `bench_live.py` asks it: deciding lines, told so on standard input, one job a line.

Runs under whatever release its `PYTHONPATH` names, so it uses nothing that only one of them has without looking for it.
"""

import contextlib
import gc
import inspect
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import walkaway
from walkaway import Core, Engine, Stream
from walkaway import policy as policies

Encode = Callable[[Any], bytes]


def recording() -> tuple[dict[str, Any], Encode]:
    """Return with what a stream records as `run` does, and what writes its answers: evidence, or once decisions."""
    if "in_words" in inspect.signature(Stream).parameters:
        from walkaway.deal.encode import canonical

        return {"in_words": False}, canonical
    encode: Encode = walkaway.encode  # type: ignore[attr-defined]
    return {}, encode


def decided(stream: Stream, encode: Encode, lines: Sequence[bytes]) -> Iterator[bytes]:
    """Return the bytes of what is decided of each line; of a dead letter none."""
    for answer in stream.lines(lines, "events.jsonl"):
        yield b"" if isinstance(answer, walkaway.DeadLetter) else encode(answer)


def main() -> None:
    """Answer each job with the nanoseconds of processor time it took, and how many lines were decided."""
    folder = Path(sys.argv[1])
    more, encode = recording()
    streams: dict[tuple[str, str], Stream] = {}
    for job in sys.stdin:
        policy, core, file = json.loads(job)
        if (policy, core) not in streams:
            streams[policy, core] = Stream(Engine(policies.load(Path(policy)).unwrap(), Core(core)), **more)
        stream = streams[policy, core]
        lines = (folder / file).read_bytes().splitlines()
        gc.collect()
        before = time.process_time_ns()
        count = sum(1 for data in decided(stream, encode, lines) if data)
        spent = time.process_time_ns() - before
        with contextlib.suppress(BrokenPipeError):
            print(spent, count, flush=True)


if __name__ == "__main__":
    main()
