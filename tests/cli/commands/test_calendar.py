"""`walkaway calendar`: the table of days, in zones, fiscal years and holidays of every sort."""

from collections.abc import Callable
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from walkaway_cli.main import main

Capture = pytest.CaptureFixture[str]
Made = Callable[..., list[list[str]]]
QUARTER = Path(__file__).parents[3] / "features" / "policies" / "quarter" / "calendar.csv"


@pytest.fixture
def made(capsys: Capture) -> Made:
    """Return what runs the command and gives its rows, the header left out."""

    def run(*options: str) -> list[list[str]]:
        with pytest.raises(SystemExit) as stopped:
            main(["calendar", *options])
        assert stopped.value.code == 0
        return [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]

    return run


def refused(capsys: Capture, *options: str) -> str:
    """Run the command and return what it is told."""
    with pytest.raises(SystemExit) as stopped:
        main(["calendar", *options])
    assert stopped.value.code == 2
    return " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_the_years_are_whole_and_named_for_their_end(made: Made) -> None:
    """From February 2025 on, the fiscal year 2026; named for its start it is 2025."""
    rows = made("--zone", "UTC", "--fiscal-start", "february", "--years", "2026..2027")
    assert (rows[0][0], rows[0][2:5], rows[-1][0], rows[-1][2:5]) == (
        "2025-02-01", ["2026", "1", "1"], "2027-01-31", ["2027", "4", "3"],
    )  # fmt: skip
    started = made("--zone", "UTC", "--fiscal-start", "february", "--named", "start", "--years", "2025..2026")
    assert [row[0] for row in started] == [row[0] for row in rows]
    assert started[0][2] == "2025"


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z"),
        ("America/New_York", "2026-03-09", "2026-03-09T04:00:00Z"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"),
        ("Asia/Beirut", "2026-03-30", "2026-03-29T21:00:00Z"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"),
    ],
)
def test_a_day_without_a_midnight_begins_with_the_change_of_the_clock(
    made: Made, zone: str, day: str, starts: str
) -> None:
    """And one with two midnights at the first of them."""
    rows = {row[0]: row[1] for row in made("--zone", zone, "--years", "2026..2026")}
    assert rows[day] == starts


def test_from_the_cut_off_hour_on_it_is_tomorrow(made: Made) -> None:
    """A day begins on the evening before; an hour that clocks leave out is that of the change."""
    rows = {row[0]: row[1] for row in made("--zone", "Europe/Berlin", "--cut-off", "18:00", "--years", "2026..2026")}
    assert rows["2026-10-25"] == "2026-10-24T16:00:00Z"
    assert rows["2026-10-26"] == "2026-10-25T17:00:00Z"
    gap = {row[0]: row[1] for row in made("--zone", "Europe/Berlin", "--cut-off", "02:30", "--years", "2026..2026")}
    assert gap["2026-03-30"] == "2026-03-29T01:00:00Z"
    twice = {row[0]: row[1] for row in made("--zone", "Europe/Berlin", "--cut-off", "02:30", "--years", "2026..2026")}
    assert twice["2026-10-26"] == "2026-10-25T00:30:00Z"


@pytest.mark.parametrize(("pattern", "lengths"), [("4-4-5", [28, 28, 35]), ("4-5-4", [28, 35, 28])])
def test_a_year_of_weeks_has_quarters_of_thirteen_and_a_fifty_third_at_its_end(
    made: Made, pattern: str, lengths: list[int]
) -> None:
    """By the Saturday nearest to the end of January, years 2018 to 2024: 2023 has 53 weeks."""
    ends = ("--fiscal-start", "february", "--ends", "nearest-saturday", "--named", "start")
    rows = made("--zone", "UTC", "--weeks", pattern, *ends, "--years", "2018..2024")
    months = [(key, len([*group])) for key, group in groupby(rows, key=lambda row: tuple(row[2:5]))]
    assert [n for (year, _, _), n in months if year == "2022"] == lengths * 4
    assert {year for (year, _, _), n in months if n > max(lengths)} | {"2023"} == {"2023"}
    assert len([row for row in rows if row[2] == "2023"]) == 53 * 7
    firsts = [row[0] for row in rows if row[3:5] == ["1", "1"]]
    assert "2023-01-29" in firsts
    assert "2024-02-04" in firsts


def test_holidays_come_from_a_file_or_by_the_name_of_a_country(made: Made, tmp_path: Path) -> None:
    """And weekends are the days of the week that are named."""
    file = tmp_path / "closed.csv"
    file.write_text("day,name\n2026-12-24,Christmas Eve\n", encoding="utf-8")
    options = ("--zone", "Europe/Berlin", "--years", "2026..2026")
    rows = {row[0]: row[5] for row in made(*options, "--holidays", str(file), "--weekend", "friday, saturday")}
    assert (rows["2026-12-24"], rows["2026-12-25"], rows["2026-12-27"]) == ("no", "no", "yes")
    pytest.importorskip("holidays")
    bavaria = {row[0]: row[5] for row in made(*options, "--holidays", "DE-BY")}
    berlin = {row[0]: row[5] for row in made(*options, "--holidays", "DE-BE")}
    assert (bavaria["2026-01-06"], berlin["2026-01-06"], berlin["2026-12-25"]) == ("no", "yes", "no")


def test_a_country_has_its_own_weekend_and_days_that_are_made_up_for(made: Made) -> None:
    """Fridays and Saturdays in Israel; in Hungary some Saturdays are worked in place of a Friday."""
    pytest.importorskip("holidays")
    israel = {row[0]: row[5] for row in made("--zone", "Asia/Jerusalem", "--years", "2026..2026", "--holidays", "IL")}
    assert [israel[f"2026-11-{day:02d}"] for day in (5, 6, 7, 8)] == ["yes", "no", "no", "yes"]
    hungary = ("--zone", "Europe/Budapest", "--years", "2025..2025", "--holidays", "HU")
    rows = {row[0]: row[5] for row in made(*hungary)}
    assert (rows["2025-12-13"], rows["2025-12-20"], rows["2025-12-24"]) == ("yes", "no", "no")
    said = {row[0]: row[5] for row in made(*hungary, "--weekend", "none")}
    assert said["2025-12-20"] == "yes"


def test_a_table_is_held_against_the_one_that_would_be_made_now(made: Made, capsys: Capture, tmp_path: Path) -> None:
    """Each line that differs is shown, and the exit is 1."""
    options = ("--zone", "Europe/Berlin", "--years", "2026..2026")
    made_now = "\n".join(["day,starts,fiscal_year,quarter,month,business", *(",".join(r) for r in made(*options))])
    file = tmp_path / "calendar.csv"
    file.write_text(made_now + "\n", encoding="utf-8")
    made(*options, "--check", str(file))
    file.write_text(made_now.replace("2026-05-04T22:00:00Z", "2026-05-04T23:00:00Z"), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["calendar", *options, "--check", str(file)])
    assert stopped.value.code == 1
    printed = capsys.readouterr().out
    assert ":126: 2026-05-05,2026-05-04T23:00:00Z,2026,2,2,yes\n  would be 2026-05-05,2026-05-04T22:00:00Z" in printed


def test_the_table_of_the_features_is_what_is_made(capsys: Capture) -> None:
    """But for three holidays that were entered by hand."""
    options = (
        "--zone",
        "America/New_York",
        "--fiscal-start",
        "february",
        "--cut-off",
        "18:00",
        "--years",
        "2027..2027",
    )
    with pytest.raises(SystemExit):
        main(["calendar", *options, "--check", str(QUARTER)])
    assert capsys.readouterr().out.count("would be") == 3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--zone", "Europe/Bonn", "--years", "2026..2026"), "there is no zone 'Europe/Bonn'"),
        (("--zone", "../etc/passwd", "--years", "2026..2026"), "there is no zone"),
        (("--zone", "UTC", "--years", "2026"), "'2026' are no years; write the first and the last"),
        (("--zone", "UTC", "--years", "2030..2026"), "are no years"),
        (("--zone", "UTC", "--years", "2000..2099"), "more than 25 years"),
        (("--zone", "UTC", "--years", "2026..2026", "--cut-off", "6 pm"), "'6 pm' is no hour"),
        (("--zone", "UTC", "--years", "2026..2026", "--weekend", "sundays"), "did you mean `sunday`?"),
        (("--zone", "UTC", "--years", "2026..2026", "--ends", "saturday"), "'saturday' is no such day"),
        (("--zone", "UTC", "--years", "2026..2026", "--holidays", "none.csv"), "none.csv cannot be read"),
        (("--zone", "UTC", "--years", "2026..2026", "--holidays", "QQ"), "holidays of 'QQ' are not known"),
        (("--zone", "Pacific/Apia", "--years", "2011..2011"), "2011-12-31 does not begin after 2011-12-30"),
    ],
)
def test_what_makes_no_calendar_is_told(capsys: Capture, options: tuple[str, ...], told: str) -> None:
    """With what to write instead, and the exit is 2."""
    if "QQ" in options:
        pytest.importorskip("holidays")
    assert told in refused(capsys, *options)


def test_a_log_keeps_the_calendar_and_replays_without_its_file(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is part of the policy that the store holds; days leave it as dates."""
    monkeypatch.chdir(tmp_path)
    offer = '"type": "offer", "by": "us", "actor": "ana", "terms": {"delivery": "2026-12-24", "discount": "1%"}}'
    Path("d.jsonl").write_text(
        '{"id": "e1", "deal": "d", "at": "2026-10-01T14:00:00Z", "type": "open", "facts": {"renewal": "2027-06-01"}}\n'
        f'{{"id": "e2", "deal": "d", "at": "2026-11-26T14:00:00Z", {offer}\n',
        encoding="utf-8",
    )
    printed = ""
    for called in (
        ["record", "--policy", str(QUARTER.parent), "--store", "log.db", "d.jsonl"],
        ["log", "replay", "--store", "log.db"],
        ["log", "export", "--store", "log.db", "--format", "parquet", "--to", "all.parquet"],
    ):
        with pytest.raises(SystemExit):
            main(called)
        printed += capsys.readouterr().out
    assert "weekend → hold" in printed
    assert "2 entries replayed to the same bytes, 0 differences" in printed
    parquet = pytest.importorskip("pyarrow.parquet").read_table("all.parquet").to_pylist()
    assert parquet[1]["terms.delivery"] == date(2026, 12, 24)
