"""Lines of a decision in text."""

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkaway import Session
from walkaway_cli.render.decision import WIDTH, decision_text, wrapped

RULES = Path(__file__).parents[3] / "rules" / "saas-discounting"
WORDS = st.sampled_from([1, 2, 3, 5, 8, 13, 40, 79, 80, 81]).map("a".__mul__)
TEXTS = (
    st.text(st.sampled_from("ab-\t\n\x0b\u00a0\u2003\x1b 本"), max_size=30)
    | st.text(st.sampled_from("ab "), max_size=200)
    | st.lists(WORDS, min_size=2, max_size=20).map(" ".join)
)


@pytest.mark.search
@given(TEXTS, st.sampled_from(["", "  ", "    - "]), st.sampled_from(["", "      "]))
def test_a_text_is_laid_out_as_by_the_library(text, first, rest):
    """One that fits its line, and one whose words stand one space apart, which go shorter ways."""
    options = {"break_long_words": False, "break_on_hyphens": False}
    assert wrapped(text, first, rest) == textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, **options
    )


def test_a_yes_that_no_rule_gives_names_the_limits_it_was_held_against():
    """What is decided by a rule, or only because somebody approved, says how far it is to the limits, as any answer."""
    with Session(RULES) as session:
        told = [decision_text(session.decide(line)) for line in (RULES / "deal.jsonl").read_text("utf-8").splitlines()]
    free = [text for text in told if "No rule decides it." in text]
    assert [text.partition(" · ")[2][:3] for text in free] == ["e05"]
    assert " ".join(free[0].split()).endswith(
        "No rule decides it. Held against our walk values, room is left: discount 12% · package 17,000 USD"
    )
    assert all("met: approved by" in text for text in told if text.startswith("PROCEED") and "Room to walk" in text)
