"""Events decided before they are written: nothing is kept, and nothing is written that is decided otherwise by then."""

import json

import pytest
from tests.helpers.logs import counted_salts, deal, make_policy, record

from walkaway import DeadLetter, Decision
from walkaway.log import store as db
from walkaway.log.preview import DecisionChanged, Preview, append_as_shown, recorded_policy
from walkaway.log.store import Store

TICK = {"id": "t", "deal": "D-1", "at": "2027-01-01T00:00:00Z", "type": "tick"}


def said(**event: object) -> bytes:
    """Return an event as a line."""
    return json.dumps(TICK | event).encode()


def test_a_preview_keeps_nothing_and_is_what_is_recorded(store: Store) -> None:
    """The same decision stands in the log once it is written."""
    policy, salt = make_policy(), counted_salts(900)
    record(store, deal("D-1")[:3])
    size = db.size(store)
    preview = Preview(store, [policy], salt, print)
    standing = preview.standing("D-1")
    assert len(standing.events) == size == 3
    shown = preview.decide(said())
    assert isinstance(shown, Decision)
    assert db.size(store) == size
    assert append_as_shown(store, [policy], said(), shown, salt, print) == size
    assert db.size(store) == size + 1
    found = recorded_policy(store, "D-1")
    assert found is not None
    assert (found.sha256, recorded_policy(store, "D-2")) == (policy.sha256, None)


def test_what_is_decided_otherwise_by_then_is_not_written(store: Store) -> None:
    """Neither another decision, nor what cannot be decided any more; the log stays as it was."""
    policy, salt = make_policy(), counted_salts(900)
    record(store, deal("D-1")[:3])
    offer = said(type="offer", by="us", terms={"discount": "5%"}, id="mine")
    shown = Preview(store, [policy], salt, print).decide(offer)
    assert isinstance(shown, Decision)
    theirs = said(type="offer", by="them", terms={"discount": "4%"}, id="theirs")
    record(store, [json.loads(theirs)])
    size = db.size(store)
    with pytest.raises(DecisionChanged):
        append_as_shown(store, [policy], offer, shown, salt, print)
    assert db.size(store) == size
    record(store, [json.loads(said(type="close", outcome="lost", id="end"))])
    with pytest.raises(DecisionChanged) as changed:
        append_as_shown(store, [policy], offer, shown, salt, print)
    assert isinstance(changed.value.now, DeadLetter)


def test_a_log_that_is_not_there_decides_as_its_first_entry_would_be() -> None:
    """Places in the policy are those that a log names."""
    policy = make_policy()
    preview = Preview(None, [policy], counted_salts(), print)
    assert preview.standing("D-1").events == frozenset()
    opened = preview.decide(json.dumps(deal("D-1")[0]).encode())
    assert isinstance(opened, Decision)
    assert opened.verdict == "proceed"
