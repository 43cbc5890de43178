"""docs/http.md and docs/serve.md show what the server really says, and name every address and role."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.processes import PATIENCE_S  # noqa: E402
from tests.helpers.serving import POLICY, new_token, serving  # noqa: E402

from walkaway_edge.http.identity import Role  # noqa: E402
from walkaway_edge.http.table import ROUTES  # noqa: E402

pytestmark = pytest.mark.serve

DOCS = POLICY.parents[1] / "docs"
PAGE = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("http.md", "serve.md"))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_what_the_pages_show_is_what_comes_back(tmp_path: Path) -> None:
    """Their calls run one after the other against a new server; `…` stands for what is left out."""
    asked = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    with serving(tmp_path) as server:
        told = {"WALKAWAY": server.url, "REP": new_token(tmp_path, "rep"), "PATH": os.environ["PATH"]}
        for block in asked:
            commands = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
            shown = re.sub(r"^\$ .*\n", "", block, flags=re.MULTILINE)
            run = ["bash", "-euo", "pipefail", "-c", "\n".join(commands)]
            said = subprocess.run(run, env=told, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout
            form = ".*".join(re.escape(part) for part in shown.strip().split("…"))
            assert re.fullmatch(form, said.strip(), re.DOTALL), said
    assert len(asked) > 3


def test_the_pages_name_every_address_and_role() -> None:
    """What is in the route table stands on one of them."""
    for route in ROUTES:
        last = [s for s in route.segments if not s.startswith("{")][-1]
        assert f"/{last}" in PAGE, route.path
    assert all(f"`{role}" in PAGE for role in Role)
