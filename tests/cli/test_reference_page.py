"""The reference, the cookbook and the list of codes are current; their policies lint clean, their scenarios hold."""

import re
from pathlib import Path

import pytest
from tests.helpers import reference
from tests.helpers.reference import CODES, DOCS, PAGE, files_of, keys_shown, made, marks, sections

from walkaway import load
from walkaway.language import Severity
from walkaway_cli.scenarios.negotiation import Engines
from walkaway_cli.scenarios.replay import told_in

pytestmark = pytest.mark.slow

TEXT = PAGE.read_text(encoding="utf-8")
CONDITIONS = re.findall(r"^\| `([^`]+)` \| .+ \| (yes|no) \|$", TEXT, re.MULTILINE)


@pytest.fixture(scope="module", params=["reference.md", "cookbook.md"])
def laid_out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files of a page into a folder."""
    folder: Path = tmp_path_factory.mktemp(request.param.removesuffix(".md"))
    for name, text in files_of((DOCS / request.param).read_text(encoding="utf-8")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_tables_of_keys_and_words_are_current():
    """`just pages` writes them from the code."""
    assert made(TEXT) == TEXT, "`just pages` writes docs/reference.md anew"


def test_every_key_is_described_and_stands_in_an_example():
    """A key that the code gains wants a section that shows it: its table under a mark, and a policy that uses it."""
    assert sorted(set(sections()) - set(marks(TEXT))) == []
    shown = keys_shown(TEXT)
    known = {name: {field.key for field in keys} for name, keys in sections().items()}
    assert {name: keys - shown[name] for name, keys in known.items() if keys - shown[name]} == {}


def test_the_list_of_codes_is_current():
    """`just pages` writes it from the pages beside the code."""
    assert CODES.read_text(encoding="utf-8") == reference.codes(), "`just pages` writes docs/codes.md anew"


def test_policies_on_a_page_have_nothing_to_mend(laid_out):
    """Notes apart, which say what is meant to be so."""
    policies = sorted(laid_out.glob("*/policy.yaml"))
    assert len(policies) >= 15
    for path in policies:
        findings = [f for f in load(path).findings if f.severity in (Severity.ERROR, Severity.WARNING)]
        assert findings == [], (path, findings)


def test_scenarios_on_a_page_hold(laid_out):
    """Told one by one as `walkaway test` tells them."""
    told = list(told_in(sorted(laid_out.glob("*/*.feature"))))
    assert len(told) >= 20
    for scenario in told:
        assert scenario.tell(Engines()), scenario.place


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS, ids=[condition for condition, _ in CONDITIONS])
def test_a_condition_of_the_table_holds_as_it_says(tmp_path, condition, holds):
    """As the condition of the only rule of a policy, on the offer that the page names."""
    (tmp_path / "policy.yaml").write_text(
        "policy: told\nversion: 1\nside: seller\ncurrency: USD\n"
        "deal: {list_price: {type: money, default: '100,000 USD', least: 0.01 USD}}\n"
        "issues:\n"
        "  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, least: 0%, most: 100%}\n"
        "  term: {type: months, start: 12 months, worth: 0 USD per month, least: 1 month, most: 60 months}\n"
        "  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}\n"
        "  support: {one of: {basic: 0 USD, gold: '-4,000 USD'}, start: basic}\n"
        "package: {base: deal.list_price}\n"
        f"rules:\n  told:\n    why: So it is.\n    on: our offer\n    when: '{condition}'\n    then: hold\n",
        encoding="utf-8",
    )
    (tmp_path / "told.feature").write_text(
        "Feature: A condition\n  Scenario: It holds or not\n"
        "    When we offer discount 10%, term 24 months and prepay yes\n"
        f'    Then rule "told" {"fires" if holds == "yes" else "does not fire"}\n',
        encoding="utf-8",
    )
    (scenario,) = told_in([tmp_path / "told.feature"])
    scenario.tell(Engines())
