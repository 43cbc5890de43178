"""Answers as they leave: evidence or the decision in words, by itself or wrapped as a CloudEvent 1.0."""

from urllib.parse import quote

import msgspec

from walkaway.run.keeper import DecidedEvent
from walkaway.run.ports import Message

FORMS = ("json", "full", "cloudevents", "full-cloudevents")
"""`full` ones hold decisions in words, the others their evidence."""


class _CloudEvent(msgspec.Struct, frozen=True):
    """The attributes in the order in which the specification names them."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    data: msgspec.Raw


_encode = msgspec.json.Encoder().encode


def is_in_words(form: str) -> bool:
    """Return whether a form holds decisions in words."""
    return form.startswith("full")


def message(answer: DecidedEvent, form: str, source: str) -> Message:
    """Return an answer as it leaves.

    Args:
        form: One of `FORMS`.
        source: Who answers, for a CloudEvent.
    """
    if not form.endswith("cloudevents"):
        return Message(answer.answer, answer.deal)
    name = f"{quote(answer.deal, safe='')}/{quote(answer.event, safe='')}"
    attributes = (name, source, "walkaway.decision", answer.deal, answer.at, "application/json")
    return Message(_encode(_CloudEvent("1.0", *attributes, msgspec.Raw(answer.answer))), answer.deal)
