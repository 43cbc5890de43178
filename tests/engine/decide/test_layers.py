"""The answers of two layers to one event: the more severe stands, with what each of them found out."""

import json

import pytest
from msgspec.structs import replace
from tests.helpers.saas import below

from walkaway.deal.decode import Decoder
from walkaway.decide.decision import Cores
from walkaway.decide.engine import Engine
from walkaway.decide.layers import together

FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
AGREED = Cores(True, {}, "", ("plain", "rete"))
OWN, ABOVE = (replace(AGREED, agree=False, note=note) for note in ("here", "above"))


@pytest.mark.parametrize(
    ("own", "above", "told"),
    [(AGREED, AGREED, ""), (OWN, AGREED, "here"), (AGREED, ABOVE, "above"), (OWN, ABOVE, "here")],
)
def test_evaluators_that_differ_in_either_layer_are_told_of(own, above, told):
    """An answer is no surer for the layer that it was agreed on in."""
    policy = below({"policy": "team", "version": 1})
    line = {"id": "e1", "deal": "D", "at": "2026-10-01T09:00:00Z", "type": "open", "facts": FACTS}
    event = Decoder(policy).decode(json.dumps(line).encode()).unwrap()
    found = Engine(policy).evaluate(None, event)
    assert found.above is not None
    both = together(replace(found, above=None, cores=own), replace(found.above, cores=above))
    assert (both.cores.note, both.cores.agree) == (told, not told)
