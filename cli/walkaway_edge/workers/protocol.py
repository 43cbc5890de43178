"""What is sent to a worker and what comes back, as bytes: policies, lines to decide, and what was decided."""

from pathlib import Path

import msgspec

from walkaway import Incident
from walkaway.deal.lines import Line
from walkaway.log.decided import Decided
from walkaway.policy import FILE, Policy, rates_path, read, with_rates


class PolicySource(msgspec.Struct, frozen=True):
    """A policy as it is sent: the name under which it was read, its files, and where the file of its rates lies."""

    name: str
    files: dict[str, bytes]
    rates: str = ""

    def policy(self) -> Policy:
        """Read the policy again."""
        found = read(self.files[FILE], self.name, self.files.get).unwrap()
        return with_rates(found, Path(self.rates)) if self.rates else found


def source_of(policy: Policy, name: str) -> PolicySource:
    """Return a policy as it is sent."""
    return PolicySource(name, dict(policy.files), rates_path(policy))


class Task(msgspec.Struct, frozen=True):
    """What a worker is asked: one of its fields.

    Attributes:
        lines: Decide them.
        policies: Let deals open under these from now on.
        last: Say when this deal's latest event was.
        before: Say which deals are idle since this instant, *most* of them at most.
    """

    lines: list[Line] = []
    policies: list[PolicySource] = []
    last: str = ""
    before: int | None = None
    most: int = 0


class Reply(msgspec.Struct, frozen=True):
    """What it answers, in the field that fits the task; a task with policies has no reply."""

    decided: Decided | None = None
    incidents: list[Incident] = []
    last: int | None = None
    idle: list[str] = []


encode = msgspec.msgpack.Encoder().encode
read_task = msgspec.msgpack.Decoder(Task).decode
read_reply = msgspec.msgpack.Decoder(Reply).decode
