"""`walkaway show`: the course of a deal, as a table, a chart, JSON and SVG."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from tests.helpers.terminal import ESCAPES, Terminal

from walkaway.session.history import History
from walkaway_cli.main import walkaway
from walkaway_cli.render.course import ticks

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
    """As in the file: 8% for 36 months and payment up front, over the 5% that was said and not let through."""
    rows = [" ".join(line.split()) for line in shipped("saas-discounting").output.splitlines()]
    assert "who what give get balance verdict move" in rows
    assert "2 we discount 5% 5,000 0 0 trade" in rows
    assert "3 they discount 25% 0 5,000 5,000 trade concession" in rows
    assert "4 we discount 8%, term 36 8,000 5,000 2,000 proceed selfish?" in rows
    assert "7 dana, director, approves proceed" in rows
    assert "9 we discount 18.5% 10,500 3,000 2,000 proceed concession" in rows


def test_the_chart_has_both_sides_and_the_three_lines():
    """Marks at the height of their worth, and wish, want and walk across."""
    chart = shipped("saas-discounting").output.partition("105,000 ┤")[2]
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
    assert "4: we discount 8%, term 36 months, prepay yes, worth 97,000 USD" in titles
    assert {"wish 103,000", "want 92,000", "walk 80,000"} <= {t.text for t in root.findall(f"{SVG}text")}
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert text == (file.write_text(text, encoding="utf-8") and file.read_text(encoding="utf-8"))


HOSTILE = """<b title="1">b</b> &amp; 'x' ]]> <!--"""


def written(tmp_path: Path, events: list[dict[str, Any]]) -> Path:
    """Write a deal of the used car."""
    file = tmp_path / "deal.jsonl"
    lines = [json.dumps({"deal": "hatchback"} | e | {"id": f"e{n}"}, ensure_ascii=False) for n, e in enumerate(events)]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def opened(**more: Any) -> dict[str, Any]:
    """Return the opening of the shipped used car."""
    first = (RULES / "used-car" / "deal.jsonl").read_text(encoding="utf-8").splitlines()[0]
    found: dict[str, Any] = json.loads(first) | more
    return found


def test_what_stands_in_a_deal_cannot_break_out_of_the_svg(tmp_path):
    """A deal's id is text, whatever it holds, in a heading as in an attribute."""
    deal, file = written(tmp_path, [opened(deal=HOSTILE)]), tmp_path / "deal.svg"
    shown = show(str(deal), "--policy", str(RULES / "used-car"), "--svg", str(file))
    assert shown.return_value == 0
    assert shown.output.startswith(HOSTILE)
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert root.get("aria-label") == f"{HOSTILE} under used-car"
    assert {child.tag for child in root.iter()} == {f"{SVG}{tag}" for tag in ("svg", "title", "rect", "text")}


def test_a_long_name_is_cut_in_the_heading_alone(tmp_path):
    """Whoever listens to the chart hears all of it."""
    deal, file = written(tmp_path, [opened(deal="d" * 200)]), tmp_path / "deal.svg"
    assert show(str(deal), "--policy", str(RULES / "used-car"), "--svg", str(file)).return_value == 0
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert root.findtext(f"{SVG}title") == f"{'d' * 200} under used-car"
    assert max(len(t.text or "") for t in root.findall(f"{SVG}text")) < 120


def test_a_deal_that_has_only_opened_is_shown(tmp_path):
    """There is no chart, and the SVG says why."""
    deal, file = written(tmp_path, [opened()]), tmp_path / "deal.svg"
    shown = show(str(deal), "--policy", str(RULES / "used-car"), "--svg", str(file))
    assert [line.split() for line in shown.output.splitlines()[3:4]] == [["0", "opened", "proceed"]]
    assert "┤" not in shown.output
    assert "No worth is known yet." in file.read_text(encoding="utf-8")


def test_a_deal_of_500_events_still_fits(tmp_path):
    """The table is long, the chart as wide as ever, and the marks of the SVG get smaller."""
    day = datetime.fromisoformat(opened()["at"])
    moves = [
        {
            "at": (day + timedelta(hours=n)).isoformat(),
            "type": "offer",
            "by": ("them", "us")[n % 2],
            "terms": {"price": f"{7_500 - n} USD" if n % 2 == 0 else f"{5_000 + n} USD"},
        }
        for n in range(1, 500)
    ]
    deal, file = written(tmp_path, [opened(), *moves]), tmp_path / "deal.svg"
    shown = show(str(deal), "--policy", str(RULES / "used-car"), "--svg", str(file))
    assert shown.return_value == 0
    lines = shown.output.splitlines()
    assert sum(line.split()[0].isdigit() and line.split()[1] in ("we", "they") for line in lines if line) == 499
    assert max(map(len, lines)) <= 80
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    marks = [m for m in root.iter(f"{SVG}circle") if m.find(f"{SVG}title") is not None]
    assert (len(marks), {m.get("r") for m in marks}) == (499, {"2"})
    places = [float(m.get("cx", "nan")) for m in marks]
    assert 0 <= min(places) <= max(places) <= 860
    assert len([t for t in root.findall(f"{SVG}text") if (t.text or "").isdigit()]) <= 21


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_shows_colour_unless_it_is_not_wanted(environment, coloured):
    """The same words either way."""
    arguments = ["show", str(RULES / "used-car" / "deal.jsonl"), "--policy", str(RULES / "used-car")]
    with Terminal(arguments, environment) as terminal:
        text, status = terminal.end()
    assert status == 0
    assert ("\x1b[" in text) is coloured
    assert ESCAPES.sub("", text).splitlines() == show(*arguments[1:]).output.splitlines()


@pytest.mark.parametrize("file", ["nowhere/deal.svg", "."])
def test_an_svg_that_cannot_be_written_is_said_before_anything_is_shown(tmp_path, file):
    """Nothing looks done that is not."""
    with pytest.raises(Exception, match=r"cannot be written|is a directory"):
        raise shipped("used-car", "--svg", str(tmp_path / file)).exception
    assert shipped("used-car", "--svg", str(tmp_path / file)).stdout == ""


@pytest.mark.parametrize(
    ("values", "most", "found"),
    [
        ((7_000_000, 10_300_000), 14, [10_500_000, 10_200_000, 6_900_000]),
        ((7_000_000, 10_300_000), 9, [10_500_000, 10_000_000, 7_000_000]),
        ((0, 1), 14, [1, 0, 0]),
        ((5, 5), 14, [6, 5, 5]),
        ((-750_000, -630_000), 14, [-630_000, -640_000, -750_000]),
        ((-(2**53), 2**53), 14, [10**16, 8 * 10**15, -(10**16)]),
    ],
)
def test_the_amounts_beside_a_chart_are_round(values, most, found):
    """They enclose what is shown, and are no more than there is room for."""
    course = History("d", "p", "USD", 100, (), {"walk": values[0]})
    scale = ticks(course, [(1, "us", values[1])], most)
    assert [scale[0], scale[1], scale[-1]] == found
    assert len(scale) <= most
    assert scale[0] >= max(values) >= min(values) >= scale[-1]


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
    assert show(*arguments, "--deal-id", "estate").return_value == 2


@pytest.mark.parametrize(("file", "what"), [("nowhere.jsonl", "cannot be read"), (".", "cannot be read")])
def test_a_file_that_cannot_be_read_is_said(tmp_path, file, what):
    """No traceback."""
    with pytest.raises(Exception, match=what):
        raise show(str(tmp_path / file), "--policy", str(RULES / "used-car")).exception


def test_a_file_without_a_policy_is_told_what_is_missing():
    """It is not taken for a deal of a log."""
    done = CliRunner().invoke(walkaway, ["show", str(RULES / "used-car" / "deal.jsonl")], standalone_mode=False)
    assert "is a file: say under which policy it is shown, with --policy" in str(done.exception)
