"""What 0.1.0 got wrong stands in features/calculus/README.md with a scenario and a test that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "features" / "calculus" / "README.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in PAGE.splitlines() if line.startswith("| ")
][1:]


def test_each_line_has_a_scenario_and_a_test() -> None:
    """Whoever reads a line finds it told in words and in figures."""
    features = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "features").rglob("*.feature"))
    scenarios = set(re.findall(r"^\s*Scenario(?: Outline)?: (.+)$", features, re.MULTILINE))
    written = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests" / "engine").rglob("test_*.py"))
    tests = set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))
    assert len(ROWS) >= 27
    assert [row for row in ROWS if row[1] not in scenarios or row[2].rstrip(" |") not in tests] == []
