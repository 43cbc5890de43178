"""Decode one line of bytes into a typed event, or into findings. Numbers are exact; nothing is guessed.

Plain events and CloudEvents 1.0 are read alike. Knows the policy's issues, facts, signals and roles, and nothing of
any deal: whether an event fits its deal is for `admission` to say.

A line goes down the fast lane, or the long way: its JSON object, a CloudEvent in the plain form, then the event.
"""

from walkaway.deal.decode.builders import built
from walkaway.deal.decode.cloud_events import unwrapped
from walkaway.deal.decode.fast_lane import FastLane
from walkaway.deal.decode.json_objects import read_object
from walkaway.deal.decode.reported import MAX_LINE, Reported, Unreadable
from walkaway.deal.decode.values import Readers
from walkaway.events import AnyEvent
from walkaway.language.diagnostics import Checked, Enough, by_place
from walkaway.policy.model import Policy

__all__ = ["MAX_LINE", "Decoder"]


class Decoder:
    """Decodes the lines of one policy's events; remembers texts it has read, so that a value is parsed once."""

    def __init__(self, policy: Policy) -> None:
        self.readers = Readers(policy)
        self.fast_event = FastLane(self.readers).reader()

    def decode(self, line: bytes, file: str = "-", number: int = 1) -> Checked[AnyEvent]:
        """Decode one event.

        Diagnostics:
            WA501 to WA511, all that the line has.
        """
        event = self.fast_event(line)
        return self.with_care(Reported(line, file, number)) if event is None else Checked(event)

    def with_care(self, line: Reported) -> Checked[AnyEvent]:
        """Decode a line the long way, with everything that is wrong with it."""
        event: AnyEvent | None
        try:
            event = built(unwrapped(read_object(line), line), line, self.readers)
        except (Unreadable, Enough):
            event = None
        return Checked(None, by_place(line.findings)) if line.findings else Checked(event)
