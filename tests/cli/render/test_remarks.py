"""What is said on stderr fits a terminal."""

import pytest

from walkaway_cli.main import main
from walkaway_cli.render import remarks

WRONG = ["log", "show", "--store", "x.db", "--quarter", "2026Q5"]


@pytest.mark.parametrize(("columns", "widest"), [("80", 80), ("60", 60), ("10", 40)])
def test_what_is_wrong_is_told_in_lines_that_fit(capsys, monkeypatch, columns, widest):
    """An error of a command's line is broken between its words, at the width the terminal has."""
    monkeypatch.setattr(remarks, "is_on_screen", lambda: True)
    monkeypatch.setenv("COLUMNS", columns)
    with pytest.raises(SystemExit, match="2"):
        main(WRONG)
    lines = capsys.readouterr().err.partition("Error: ")[2].splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= widest


def test_a_file_gets_each_message_on_one_line(capsys, monkeypatch):
    """Where no terminal reads it, tools that look for lines find the whole sentence on one."""
    monkeypatch.setenv("COLUMNS", "40")
    with pytest.raises(SystemExit, match="2"):
        main(WRONG)
    (line,) = capsys.readouterr().err.partition("Error: ")[2].splitlines()
    assert "quarter" in line
