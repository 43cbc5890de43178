"""Live events: from a source through the decisions to the sinks, nothing lost and nothing counted twice."""

from typing import TYPE_CHECKING

from walkaway.language.later import exported

if TYPE_CHECKING:
    from walkaway.run.bucket import DealBucket as DealBucket
    from walkaway.run.bucket import OtherBucket as OtherBucket
    from walkaway.run.durable import DurableKeeper as DurableKeeper
    from walkaway.run.keeper import DecidedEvent as DecidedEvent
    from walkaway.run.keeper import Keeper as Keeper
    from walkaway.run.memory import Memory as Memory
    from walkaway.run.messages import FORMS as FORMS
    from walkaway.run.messages import is_in_words as is_in_words
    from walkaway.run.outbox import Outbox as Outbox
    from walkaway.run.overflow import OverflowFile as OverflowFile
    from walkaway.run.ports import Batch as Batch
    from walkaway.run.ports import PassingSource as PassingSource
    from walkaway.run.ports import Source as Source
    from walkaway.run.pump import Pump as Pump
    from walkaway.run.pump import Taken as Taken
    from walkaway.run.ticks import Ticker as Ticker

__getattr__ = exported(
    __name__,
    {
        "DecidedEvent": "keeper",
        "Batch": "ports",
        "DealBucket": "bucket",
        "DurableKeeper": "durable",
        "FORMS": "messages",
        "Keeper": "keeper",
        "Memory": "memory",
        "OtherBucket": "bucket",
        "Outbox": "outbox",
        "OverflowFile": "overflow",
        "PassingSource": "ports",
        "Pump": "pump",
        "Source": "ports",
        "Taken": "pump",
        "Ticker": "ticks",
        "is_in_words": "messages",
    },
)
