"""Lines with their places in, decisions or dead letters out: each deal under its version."""

from collections.abc import Iterable, Iterator

from walkaway.deal.letters import DeadLetter, dead
from walkaway.deal.lines import Line, cut
from walkaway.decide.decision import Decision
from walkaway.session.pinned import Streams
from walkaway.session.stream import Changed, Stream


def decided(streams: Streams[Stream], lines: Iterable[Line]) -> Iterator[Decision | DeadLetter | Changed]:
    """Return for every line its decision and what it changes of earlier ones, or why there is none."""
    for line in lines:
        if line.piece:
            yield dead(line, cut(line))
            continue
        answer = streams.line(line.data, line.file, line.number, lambda stream, event: list(stream.event(event)))
        yield from (answer,) if isinstance(answer, DeadLetter) else answer
