"""`walkaway show`: the course of a deal, as a table, a chart, JSON and SVG."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from walkaway_cli.main import walkaway

RULES = Path(__file__).parents[3] / "rules"
SVG = "{http://www.w3.org/2000/svg}"


def show(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(walkaway, ["show", *arguments], standalone_mode=False, color=False)


def shipped(name: str, *options: str) -> Result:
    """Show the deal that ships with a policy."""
    return show(str(RULES / name / "deal.jsonl"), "--policy", str(RULES / name), *options)


@pytest.mark.parametrize("name", ["saas-discounting", "used-car"])
def test_a_deal_fits_a_terminal(name):
    """Every line has at most 80 columns, and everything is there without colour."""
    shown = shipped(name)
    assert shown.return_value == 0
    assert max(map(len, shown.output.splitlines())) <= 80
    assert "\x1b[" not in shown.output


def test_each_move_stands_in_a_row_with_give_get_balance_verdict_and_name():
    """As in the file: 10% for 36 months and payment up front is an even trade."""
    rows = [" ".join(line.split()) for line in shipped("saas-discounting").output.splitlines()]
    assert "who what give get balance verdict move" in rows
    assert "2 we discount 5% 5,000 0 -5,000 trade" in rows
    assert "3 they discount 25% 0 5,000 0 trade concession" in rows
    assert "4 we discount 10%, term 36 5,000 5,000 0 proceed silent?" in rows
    assert "7 dana, director, approves proceed" in rows
    assert "9 we discount 19% 1,000 0 7,000 proceed concession" in rows


def test_the_chart_has_both_sides_and_the_three_lines():
    """Marks at the height of their worth, and wish, want and walk across."""
    chart = shipped("saas-discounting").output.partition("103,000 ┤")[2]
    assert [line.split()[-1] for line in chart.splitlines() if line.endswith(("wish", "want", "walk"))] == [
        "wish",
        "want",
        "walk",
    ]
    assert chart.count("●") - 1 == 4  # one stands in the legend
    assert chart.count("○") - 1 == 4


def test_the_svg_is_complete_and_stands_alone(tmp_path):
    """Well formed, with a line for each side and each limit, terms at each mark, and nothing fetched."""
    file = tmp_path / "deal.svg"
    assert shipped("saas-discounting", "--svg", str(file)).return_value == 0
    text = file.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert len(root.findall(f"{SVG}polyline")) == 2
    titles = [t.text for t in root.iter(f"{SVG}title")]
    assert "4: we discount 10%, term 36 months, prepay yes, worth 95,000 USD" in titles
    assert {"wish", "want", "walk"} <= {t.text for t in root.findall(f"{SVG}text")}
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert text == (file.write_text(text, encoding="utf-8") and file.read_text(encoding="utf-8"))


def test_what_stands_in_a_deal_cannot_break_out_of_the_svg(tmp_path):
    """A deal's id is text, whatever it holds."""
    lines = (RULES / "used-car" / "deal.jsonl").read_text(encoding="utf-8").replace("hatchback", "<script>&amp;")
    deal, file = tmp_path / "deal.jsonl", tmp_path / "deal.svg"
    deal.write_text(lines, encoding="utf-8")
    assert show(str(deal), "--policy", str(RULES / "used-car"), "--svg", str(file)).return_value == 0
    assert ElementTree.fromstring(file.read_text(encoding="utf-8")).get("aria-label") == "<script>&amp; under used-car"


def test_json_holds_the_same_numbers():
    """For a program: minor units, and what each move changes for both sides."""
    found = json.loads(shipped("saas-discounting", "--format", "json").stdout)
    assert found["limits"] == {"wish": 10_300_000, "want": 9_200_000, "walk": 8_000_000}
    assert [(t["give"], t["get"], t["label"]) for t in found["turns"][2:4]] == [
        (500_000, 0, ""),
        (0, 500_000, "concession"),
    ]


def test_of_many_deals_one_is_named(tmp_path):
    """Without a name the question cannot be understood; another deal's mistakes do not matter."""
    lines = (RULES / "used-car" / "deal.jsonl").read_text(encoding="utf-8")
    two = lines + lines.replace('"hatchback"', '"estate"') + '{"deal": "estate", "id": "x"}\n'
    deal = tmp_path / "deals.jsonl"
    deal.write_text(two, encoding="utf-8")
    arguments = (str(deal), "--policy", str(RULES / "used-car"))
    with pytest.raises(Exception, match="holds 2 deals: name one with --deal-id"):
        raise show(*arguments).exception
    assert show(*arguments, "--deal-id", "hatchback").return_value == 0
    assert show(*arguments, "--deal-id", "estate").return_value == 1


@pytest.mark.parametrize(("file", "what"), [("nowhere.jsonl", "cannot be read"), (".", "cannot be read")])
def test_a_file_that_cannot_be_read_is_said(tmp_path, file, what):
    """No traceback."""
    with pytest.raises(Exception, match=what):
        raise show(str(tmp_path / file), "--policy", str(RULES / "used-car")).exception
