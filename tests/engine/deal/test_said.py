"""What a word of ours or theirs leaves in the deal."""

from typing import Any

import pytest

UNTIL = "2026-10-05T12:00:00Z"


@pytest.mark.parametrize("by", ["us", "them"])
def test_an_offer_binds_until_it_says_and_what_was_accepted_without_an_end(told: Any, by: str) -> None:
    """Who says the other side's own terms accepts them, whatever end is written beside."""
    other = "them" if by == "us" else "us"
    said = {"type": "offer", "by": by, "actor": "rep", "until": UNTIL}
    told(type="offer", by=other, actor="rep", terms={"term": "24 months"})
    told(**said, terms={"term": "36 months"})
    side = told.position.ours if by == "us" else told.position.theirs
    assert side.until is not None
    told(**said, terms={"term": "24 months"})
    side = told.position.ours if by == "us" else told.position.theirs
    assert (side.until, told.position.agreement is None) == (None, False)
