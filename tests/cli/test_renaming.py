"""Deal facts, signals, patterns, budgets and figures of lines get another name wherever they are named, or nowhere."""

from collections import Counter
from pathlib import Path

import pytest

from walkaway.policy import load
from walkaway_cli.editor.files import Files, lines_of
from walkaway_cli.editor.names import references, rename
from walkaway_cli.editor.renaming import edited
from walkaway_cli.editor.spots import CannotRename

UPPER = """\
policy: upper
version: 1
side: seller
currency: USD
deal:
  list_price: money
  region: {one of: [north, south], default: north}
  price: {type: count, optional: yes}
issues:
  price: {type: money, start: 100 USD, least: 0 USD, worth: 1 USD per 1 USD, walk: 'floors[deal.region].least'}
tables: {floors: {file: floors.csv, key: region}}
signals: [list, bluff]
roles: [rep, cfo]
labels: {bluff: A bluff}
approvals: {table: matrix.csv, on: our terms}
budgets:
  goodwill: {sum: give.net, of: [region], most: 50 USD, then: escalate, to: cfo}
pattern:
  nibble: {one: our offer, two: our offer, when: one.price > two.price}
rules:
  calm: {why: We wait., on: signal, when: signals.bluff >= 1 and deal.list_price > 1 USD, then: hold}
  late: {why: It is late., on: our offer, when: known(since.stated.region) and since.stated.region > 9 days, then: hold}
  short: {why: It runs out., on: our offer, when: known(budget.goodwill) and budget.goodwill > 40 USD, then: hold}
"""
LOWER = """\
policy: lower
version: 1
extends: upper.yaml
side: seller
currency: USD
rules:
  lower: {why: "No bluff, no nibble.", on: any, when: signals.bluff >= 2 or pattern.nibble >= 1, then: hold}
  north: {why: It is cold., on: our offer, when: deal.region = north and deal.list_price > 900 USD, then: hold}
"""
TOLD = '''\
Feature: told
  Scenario: goodwill of the region
    Given a deal with list price 950 USD and region south
    And the deal's region is now north
    And "ana" acts for us as "rep"
    When we offer a price of 60 USD
    Then the verdict is escalate
    And rule "north" fires
    And deal.region is north
    And pattern.nibble is 0

  Scenario: a list of bluffs
    Given a deal with:
      | fact       | value   |
      | list_price | 500 USD |
      | region     | south   |
    When bluff by them is confirmed
    Then signals.bluff is 1
    And the facts are:
      | deal.region  | south |
      | signals.list | 0     |

  Scenario: as an event, and beyond the goodwill
    Given a deal with list price 500 USD
    When this event comes:
      """
      {"id": "x1", "deal": "D-2", "at": "2026-01-06T09:00:00Z", "type": "open", "facts": {"list_price": "1 USD"}}
      """
    And this event comes:
      """
      {"id": "x2", "deal": "D-2", "at": "2026-01-07T09:00:00Z", "type": "signal", "by": "them", "kind": "bluff"}
      """
    Then the verdict is proceed
    When we offer a price of 49 USD
    Then rule "budgets-goodwill" fires
'''
CASES = """\
open: {facts: {list_price: "500 USD", region: south}}
cases:
  - note: A bluff is waited out; the goodwill of the region too.
    events:
      - {type: signal, by: them, kind: bluff}
      - {type: offer, by: us, terms: {price: 49 USD}}
    want: escalate
    fired: [budgets-goodwill]
"""
LINES = """\
policy: lines
version: 1
side: seller
currency: USD
issues: {term: {type: months, start: 12 months, least: 1 month, most: 60 months, worth: 100 USD per month}}
lines:
  facts: {list: {type: money, least: 0 USD, most: "10,000 USD"}}
  issues: {off: {type: percent, start: 0%, least: 0%, most: 100%, worth: -1% of line.list per 1%}}
  at most: 5
  any: {deep: line.off > 30%}
  sum: {listed: line.list}
labels: {deep: Some line is deep}
define: {much: lines.listed > 900 USD}
rules:
  deep: {why: It is deep., on: our offer, when: lines.deep and much, then: hold}
"""
LINES_TOLD = """\
Feature: lines
  Scenario: it is deep
    Given a deal with lines A: list 901 USD
    When we offer lines A: off 40%
    Then lines.deep is yes
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a policy over another, with a table, a matrix, a feature and cases."""
    texts = {
        "upper.yaml": UPPER,
        "policy.yaml": LOWER,
        "floors.csv": "region,least\nnorth,20 USD\nsouth,10 USD\n",
        "matrix.csv": "region,approver\nnorth,cfo\nsouth,nobody\n",
        "told.feature": TOLD,
        "cases.yaml": CASES,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name in ("upper.yaml", "policy.yaml"):
        assert [str(f) for f in load(tmp_path / name).errors] == []
    return tmp_path


def spots_in(folder: Path, file: str, part: str, word: str, new: str = "other") -> dict[str, int]:
    """Return how often each file names what stands at a place; from each of these places it is the same."""
    files, path = Files(folder), folder / file
    lines = lines_of(path.read_text(encoding="utf-8"))
    line = next(n for n, written in enumerate(lines) if part in written)
    spots = rename(files, path, line, lines[line].index(part) + part.index(word) + 1, new)
    assert references(files, path, line, lines[line].index(part) + part.index(word) + 1) == spots
    texts = edited(files, spots, new)
    for changed, text in texts.items():
        changed.write_text(text, encoding="utf-8")
    for policy in folder.glob("*.yaml"):
        assert policy.name == "cases.yaml" or [str(f) for f in load(policy).errors] == []
    return dict(Counter(s.path.name for s in spots))


@pytest.mark.parametrize(
    ("part", "word", "named"),
    [
        (
            "  region:",
            "region",
            {"upper.yaml": 6, "policy.yaml": 1, "floors.csv": 1, "matrix.csv": 1, "told.feature": 5, "cases.yaml": 1},
        ),
        ("list_price: money", "list_price", {"upper.yaml": 2, "policy.yaml": 1, "told.feature": 4, "cases.yaml": 1}),
        ("price: {type: count", "price", {"upper.yaml": 1}),
        ("bluff]", "bluff", {"upper.yaml": 3, "policy.yaml": 1, "told.feature": 3, "cases.yaml": 1}),
        ("[list", "list", {"upper.yaml": 1, "told.feature": 1}),
        ("goodwill: {", "goodwill", {"upper.yaml": 3, "told.feature": 1, "cases.yaml": 1}),
        ("nibble: {", "nibble", {"upper.yaml": 1, "policy.yaml": 1, "told.feature": 1}),
    ],
)
def test_what_is_declared_is_renamed_in_layers_tables_features_and_cases(
    folder: Path, part: str, word: str, named: dict[str, int]
) -> None:
    """An issue of the same name is none of it, nor is a word of a sentence."""
    assert spots_in(folder, "upper.yaml", part, word) == named


@pytest.mark.parametrize(
    ("file", "part", "word", "named"),
    [
        ("policy.yaml", "signals.bluff", "bluff", 8),
        ("policy.yaml", "pattern.nibble", "nibble", 3),
        ("policy.yaml", "deal.list_price", "list_price", 8),
        ("upper.yaml", "key: region", "region", 15),
        ("upper.yaml", "since.stated.region", "region", 15),
        ("upper.yaml", "of: [region", "region", 15),
        ("upper.yaml", "budget.goodwill", "goodwill", 5),
        ("upper.yaml", "labels: {bluff", "bluff", 8),
        ("told.feature", "When bluff", "bluff", 8),
        ("told.feature", "signals.bluff", "bluff", 8),
        ("told.feature", "deal.region", "region", 15),
        ("told.feature", "pattern.nibble", "nibble", 3),
    ],
)
def test_it_is_renamed_from_wherever_it_is_named(folder: Path, file: str, part: str, word: str, named: int) -> None:
    """The same places, whichever one stands at."""
    assert sum(spots_in(folder, file, part, word).values()) == named


@pytest.mark.parametrize(("part", "word", "named"), [("{deep: line", "deep", 4), ("lines.listed", "listed", 2)])
def test_a_figure_of_lines_is_renamed(tmp_path: Path, part: str, word: str, named: int) -> None:
    """Where it is declared, read, called otherwise and told; a rule of the same name keeps it."""
    (tmp_path / "policy.yaml").write_text(LINES, encoding="utf-8")
    (tmp_path / "it.feature").write_text(LINES_TOLD, encoding="utf-8")
    assert sum(spots_in(tmp_path, "policy.yaml", part, word).values()) == named


def test_what_would_not_hold_keeps_the_name(folder: Path) -> None:
    """All or nothing: a name in the rows of an outline is a word, and the scenario would not hold under another."""
    outline = (
        "Feature: f\n  Scenario Outline: o\n    When <kind> by them is confirmed\n"
        "    Then signals.bluff is 1\n    Examples:\n      | kind  |\n      | bluff |\n"
    )
    (folder / "outline.feature").write_text(outline, encoding="utf-8")
    with pytest.raises(CannotRename, match="would not hold then"):
        spots_in(folder, "upper.yaml", "bluff]", "bluff")
    with pytest.raises(CannotRename, match="there is `price` already"):
        spots_in(folder, "upper.yaml", "  region:", "region", "price")
