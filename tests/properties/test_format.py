"""Laying out: whatever a policy looked like, it says the same afterwards, in one layout that stays as it is."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from tests.helpers.generated import Case
from tests.helpers.scrawled import scrawl
from tests.helpers.strategies import SEED, bounded, cases, size

from walkaway.language import source
from walkaway.policy import formatted
from walkaway.policy.format.reader import read_layout

pytestmark = [pytest.mark.slow, pytest.mark.search]

EXAMPLES = size("WALKAWAY_LAYOUTS", 15, 30)
"""How many layouts are tried."""


def plain(node: source.Node) -> Any:
    """Return what a node says."""
    match node:
        case source.Mapping(entries=entries):
            return {key.value: plain(value) for key, value in entries}
        case source.Sequence(items=items):
            return [plain(item) for item in items]
        case source.Scalar(value=value):
            return value


def comments(data: bytes) -> list[str]:
    """Return a file's comments without the white space around them."""
    found = read_layout(source.text_of(data.decode("utf-8-sig"), "x")).comments
    return [c.text.lstrip("#").strip() for c in found]


@seed(SEED)
@bounded(EXAMPLES)
@given(cases(events=2), st.randoms(use_true_random=False))
def test_any_layout_becomes_the_one_layout(case: Case, rng: Random) -> None:
    """It can be laid out, nothing said is lost, and a second time changes nothing."""
    tree = plain(source.read(case.policy(), "policy.yaml").unwrap())
    data = scrawl(rng, tree)
    once = formatted(data, "policy.yaml", case.beside).unwrap()
    assert formatted(once, "policy.yaml", case.beside).unwrap() == once
    assert plain(source.read(once, "policy.yaml").unwrap()) == plain(source.read(data, "policy.yaml").unwrap())
    assert comments(once) == comments(data)
    text = once.decode()
    assert "\r" not in text
    assert text.endswith("\n")
    assert not text.startswith(("\n", "\ufeff"))
