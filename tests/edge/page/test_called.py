"""Pages call things as the policy does, in the language that the reader's browser asks for."""

from typing import Any

import pytest
from tests.helpers.findings import BASE, read

pytest.importorskip("jinja2", reason="the extra `serve` is not installed")
pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from jinja2 import Environment, PackageLoader

from walkaway_edge.page.called import FILTERS, calling, language_of, naming
from walkaway_edge.page.screens import Screen

TEXT = (
    BASE.replace("walk: 20%}", "walk: 20%, label: {en: Price cut, de: Rabatt}}") + "labels: {gold: {de: Goldpaket}}\n"
)
POLICY = read(TEXT).unwrap()


def shown(accepted: str, screen: Screen) -> str:
    """Return some terms as every page shows them."""
    templates = Environment(loader=PackageLoader("walkaway_edge.page"), autoescape=True)
    templates.filters |= {**FILTERS, "ticked": str}
    parts: Any = templates.get_template("parts.html").module
    with naming(screen, accepted):
        return str(parts.terms({"discount": "5%", "support": "gold", "lead_time": "2 weeks"}))


@pytest.mark.parametrize(
    ("accepted", "terms"),
    [
        ("de-CH,de;q=0.9,en;q=0.5", "Rabatt 5%, support Goldpaket, lead time 2 weeks"),
        ("fr, en;q=0.8, de;q=0.2", "Price cut 5%, support Goldpaket, lead time 2 weeks"),
        ("", "Price cut 5%, support Goldpaket, lead time 2 weeks"),
        ("de;q=2, en", "Price cut 5%, support Goldpaket, lead time 2 weeks"),
    ],
)
def test_a_page_has_the_labels_of_its_readers_language(accepted: str, terms: str) -> None:
    """What has none stands there by its name, without its underscores."""
    assert shown(accepted, calling(Screen("deal.html"), POLICY)) == terms


def test_what_is_not_asked_for_is_not_kept_for_the_next_reader() -> None:
    """One page's labels are gone when the next is shown, and a policy without labels has none."""
    shown("de", calling(Screen("deal.html"), POLICY))
    assert (
        shown("de", calling(Screen("deal.html"), read(BASE).unwrap())) == "discount 5%, support gold, lead time 2 weeks"
    )


def test_a_language_that_the_policy_does_not_speak_is_passed_over() -> None:
    """The next best is taken."""
    assert language_of(POLICY, "ja, de;q=0.1") == "de"
