"""Lines of a decision in text."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkaway_cli.render.decision import WIDTH, wrapped

pytestmark = pytest.mark.search
TEXTS = st.text(st.sampled_from("ab-\t\n\x0b\u00a0\u2003\x1b 本"), max_size=30) | st.text(
    st.sampled_from("ab "), max_size=200
)


@given(TEXTS, st.sampled_from(["", "  ", "    - "]), st.sampled_from(["", "      "]))
def test_a_text_that_fits_its_line_is_laid_out_as_any_other(text, first, rest):
    """The short way gives what the library's way gives."""
    options = {"break_long_words": False, "break_on_hyphens": False}
    assert wrapped(text, first, rest) == textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, **options
    )
