"""What leaves through a sink, each message once: behind its commit, and after a crash without what is there already."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from walkaway.run.ports import Message, Offsets, Sink

END, OWED = "end", "owed"
"""The parts under which an outbox notes where its sink ended, and what was to be written behind that."""


class Owed(msgspec.Struct, frozen=True):
    """What a batch sends: answers by their entries, or messages as they are."""

    entries: tuple[int, ...] = ()
    messages: tuple[bytes, ...] = ()


_NOTHING = Owed()
_read = msgspec.msgpack.Decoder(Owed).decode
_sorted = msgspec.json.Encoder(order="sorted").encode
_write = msgspec.msgpack.Encoder().encode


class Outbox:
    """One sink, and the name under which its places are noted."""

    def __init__(self, sink: Sink, name: str) -> None:
        self.sink, self.name = sink, name
        self.is_clear = True

    def owes(self, owed: Owed) -> Offsets:
        """Return the outbox record to commit together with this batch; nothing where it does not change."""
        if owed == _NOTHING and self.is_clear:
            return {}
        self.is_clear = owed == _NOTHING
        return {END: self.sink.end(), OWED: _write(owed)}

    @staticmethod
    def owed(noted: Offsets) -> Owed:
        """Return what was to be written when the last run stopped."""
        return _read(noted[OWED]) if OWED in noted else _NOTHING

    def resume(self, noted: Offsets, messages: Sequence[Message]) -> int:
        """Write those of the messages owed that the sink does not hold yet; give how many."""
        there = Counter(map(_content, self.sink.after(noted[END]))) if noted.get(END) else Counter[bytes]()
        missing = []
        for message in messages:
            content = _content(message.data)
            if there[content]:
                there[content] -= 1
            else:
                missing.append(message)
        if missing:
            self.sink.write(missing)
        return len(missing)


def _content(data: bytes) -> bytes:
    """Return what a message says, however its sink spells it: a database may keep neither order nor white space."""
    try:
        return _sorted(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return data
