"""What `walkaway check` loads before it answers: whoever asks about one offer waits for all of it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ASKED = """
import sys
from walkaway_cli.main import main
try:
    main()
except SystemExit:
    print("LOADED", *sys.modules)
"""
NEEDLESS = {
    *("asyncio", "email", "http", "json", "logging", "sqlite3", "ssl", "tempfile", "unittest"),
    *("cryptography", "hypothesis", "psycopg", "pyarrow", "pytest", "pytest_bdd", "rich", "z3"),
    *("walkaway.proof", "walkaway.session.history", "walkaway.log.record", "walkaway.log.store", "walkaway.deal.moves"),
    *("walkaway_edge.brokers", "walkaway_edge.workers", "walkaway_cli.running", "walkaway_cli.scenarios"),
}
"""What other commands need, or takes long to load."""


@pytest.mark.parametrize(
    "asked",
    [
        ["rules/saas-discounting/deal.jsonl"],
        ["--deal", "rules/saas-discounting/deal.jsonl", "--offer", "discount=5%"],
    ],
)
def test_check_loads_only_what_it_needs(asked: list[str]) -> None:
    """Neither a file of events nor one more offer loads what only other commands use."""
    command = [sys.executable, "-c", ASKED, "check", "--policy", "rules/saas-discounting", *asked]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    loaded = set(run.stdout.rpartition("LOADED ")[2].split())
    assert "walkaway.decide.engine" in loaded
    assert not loaded & NEEDLESS


def test_what_tests_start_stores_its_bytecode() -> None:
    """Whatever the environment of the run says: else each of hundreds of processes compiles walkaway anew."""
    code = "import sys; print(sys.dont_write_bytecode)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert run.stdout == "False\n"
