"""docs/agents.md shows what the server really says, and names every address and tool that agents reach."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.processes import PATIENCE_S  # noqa: E402
from tests.helpers.serving import POLICY, new_token, serving  # noqa: E402

from walkaway_edge.http.identity import SAYABLE  # noqa: E402
from walkaway_edge.http.table import ROUTES  # noqa: E402
from walkaway_edge.mcp.tools import AGENTS  # noqa: E402
from walkaway_edge.permits.keys import make  # noqa: E402

pytestmark = pytest.mark.serve

PAGE = (POLICY.parents[1] / "docs" / "agents.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_what_the_page_shows_is_what_comes_back(tmp_path: Path) -> None:
    """Its calls run one after the other against a new server with a key for permits."""
    make(tmp_path / "permit.key")
    asked = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    with serving(tmp_path, "--permit-key", "permit.key") as server:
        tokens = {
            "REP": new_token(tmp_path, "rep"),
            "AGENT": new_token(tmp_path, "agent", sub="agent-7", deals="D-1042"),
            "EXECUTOR": new_token(tmp_path, "executor", sub="gateway", deals="D-*"),
        }
        env = {"WALKAWAY": server.url, "PATH": os.environ["PATH"], **tokens}
        commands = [re.findall(r"^\$ (.*)$", block, re.MULTILINE) for block in asked]
        shown = "".join(re.sub(r"^\$ .*\n", "", block, flags=re.MULTILINE) for block in asked)
        script = "\n".join(line if _ends(line) else f"{line}; echo" for block in commands for line in block)
        run = ["bash", "-euo", "pipefail", "-c", script]
        said = subprocess.run(run, env=env, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout
    assert said == shown


def _ends(line: str) -> bool:
    """Return whether a command ends its output with a new line, or says nothing."""
    return "-w '" in line or "| python3" in line or re.match(r"[A-Z]+=", line) is not None


def test_the_page_names_everything_that_agents_reach() -> None:
    """Addresses of the route table, and tools."""
    reached = [route for route in ROUTES if route.roles & SAYABLE]
    assert [r.path for r in reached if f"{r.method} {r.path}`" not in PAGE] == []
    assert all(f"`{tool.name}`" in PAGE for tool in AGENTS)
