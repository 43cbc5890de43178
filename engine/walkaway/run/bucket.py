"""The deals of one hash bucket, which lie as bytes between two batches of lines: decided wherever there is a processor.

What comes out hangs on those bytes and on the lines alone, so that a batch that is lost is decided again, to the byte.
"""

from collections.abc import Sequence
from types import TracebackType

import msgspec

from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.decide.engine import Core
from walkaway.policy import Policy
from walkaway.run.keeper import DecidedEvent
from walkaway.run.memory import Memory, laid, taken_back
from walkaway.run.overflow import OverflowFile

FORMAT = 1


class _BucketState(msgspec.Struct, frozen=True):
    """A bucket's deals, as bytes each, in the order of their names."""

    format: int
    deals: tuple[tuple[str, bytes], ...]


class OtherBucket(Exception):
    """The bytes are no bucket's, or hold a deal under a version of the policy that is not given."""


class DealBucket:
    """Decides the deals of one bucket.

    Args:
        policies: The newest version first; deals open under these.
        data: What `data` gave after the lines before; empty where there were none.
        in_words: Whether answers are decisions in words, or their evidence alone.

    Raises:
        OtherBucket: Where they cannot be read, or lack a version.
    """

    def __init__(
        self, policies: Sequence[Policy], data: bytes = b"", core: Core = Core.PLAIN, *, in_words: bool = False
    ) -> None:
        policy, *others = policies
        self.overflow = OverflowFile()
        self.memory = Memory(policy, core, lambda _: None, self.overflow, others=others, in_words=in_words)
        stream = self.memory.stream
        try:
            kept = _read(data) if data else _BucketState(FORMAT, ())
            if kept.format != FORMAT:
                raise OtherBucket(f"the state of the deals has format {kept.format}, and this release reads {FORMAT}")
            for deal, part in kept.deals:
                followed = taken_back(part, stream.versions.__getitem__)
                stream.deals[deal] = followed
                stream.parties.keep(followed.position, followed.version.policy)
        except KeyError as problem:
            raise OtherBucket("a deal is under a version of the policy that is not given; name it too") from problem
        except msgspec.MsgspecError as problem:
            raise OtherBucket("the state of the deals cannot be read") from problem

    def __enter__(self) -> "DealBucket":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.overflow.close()

    def take(self, lines: Sequence[Line]) -> Sequence[DecidedEvent | DeadLetter]:
        """Return an answer for each line, in their order."""
        return self.memory.take(lines, lambda _: None)

    def data(self) -> bytes:
        """Return all deals as bytes, closed ones too: an event that comes again gets its answer."""
        deals = sorted(self.memory.deals)
        return msgspec.msgpack.encode(
            _BucketState(FORMAT, tuple((deal, laid(self.memory.deals[deal])[1]) for deal in deals))
        )


_read = msgspec.msgpack.Decoder(_BucketState).decode
