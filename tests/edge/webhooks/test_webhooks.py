"""Webhooks out: a real receiver on this machine, which takes, refuses, is away, or sees its sender killed."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.helpers.commands import ended
from tests.helpers.live import events, lines, written_policy
from tests.helpers.processes import PATIENCE_S, wait_for

from walkaway_edge.problems import EdgeProblem
from walkaway_edge.webhooks.receiver import Receiver
from walkaway_edge.webhooks.signing import new_secret, read_secrets, signed

pytestmark = pytest.mark.slow

WALKAWAY = [sys.executable, "-m", "walkaway_cli.main"]
Message = tuple[dict[str, str], bytes]


class Hook:
    """A receiver; `answers` says the status of the n-th request, and further headers."""

    def __init__(self, answers: Callable[[int], tuple[int, dict[str, str]]] = lambda _: (204, {})) -> None:
        self.got: list[Message] = []
        self.asked = 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers = answers(hook.asked)
                hook.asked += 1
                if status < 300:
                    hook.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def ids(self) -> list[str]:
        """Return the ids of what was taken, in order."""
        return [headers["webhook-id"] for headers, _ in self.got]


@pytest.fixture
def hooks() -> Iterator[Callable[..., Hook]]:
    """Return what starts receivers; they end with the test."""
    started: list[Hook] = []

    def start(*given: Callable[[int], tuple[int, dict[str, str]]]) -> Hook:
        started.append(Hook(*given))
        return started[-1]

    yield start
    for hook in started:
        hook.server.shutdown()
        hook.server.server_close()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a log of two deals, and beside it a secret."""
    folder = tmp_path_factory.mktemp("log")
    (folder / "events.jsonl").write_bytes(lines(events(2)))
    policy = written_policy(folder / "policy")
    assert ended("record", "--policy", policy, "--store", folder / "log.db", folder / "events.jsonl").returncode == 1
    (folder / "hook.secret").touch(0o600)
    (folder / "hook.secret").write_text(new_secret(), encoding="utf-8")
    return folder / "log.db"


def notify(log: Path, hook: Hook, place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run `walkaway notify` to its end."""
    done = ended(*arguments(log, hook, place, *more))
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def command(log: Path, hook: Hook, place: Path, *more: str) -> list[str]:
    """Return the command that tells a receiver, as a process."""
    return [*WALKAWAY, *arguments(log, hook, place, *more)]


def arguments(log: Path, hook: Hook, place: Path, *more: str) -> list[str]:
    """Return what the command that tells a receiver is given."""
    given = ["--store", log, "--to", hook.url, "--secret-file", log.parent / "hook.secret", "--place", place, *more]
    return ["notify", *map(str, given)]


def size(log: Path) -> int:
    """Return how many entries the log has."""
    return len(ended("log", "export", "--store", log).stdout.splitlines())


def test_every_decision_is_told_in_order_and_signed(log: Path, hooks: Callable[..., Hook], tmp_path: Path) -> None:
    """The signature is the one that the published scheme computes; nothing is told a second time."""
    hook = hooks()
    done = notify(log, hook, tmp_path / "place", "--once")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, f"{size(log)} messages taken")
    assert [i.split("-")[1] for i in hook.ids()] == [str(n) for n in range(size(log))]
    key = base64.b64decode((log.parent / "hook.secret").read_text().removeprefix("whsec_"))
    for headers, body in hook.got:
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < PATIENCE_S
        message = json.loads(body)
        assert message["type"] == f"decision.{message['data']['decision']['verdict']}"
    assert (tmp_path / "place").stat().st_mode & 0o777 == 0o600
    again = notify(log, hook, tmp_path / "place", "--once")
    assert (again.returncode, again.stderr.splitlines()[-1]) == (0, "0 messages taken")


def test_only_what_is_asked_for_is_told(log: Path, hooks: Callable[..., Hook], tmp_path: Path) -> None:
    """Other verdicts are passed over, and not looked at again."""
    hook = hooks()
    notify(log, hook, tmp_path / "place", "--once", "--verdict", "trade")
    told = [json.loads(body)["type"] for _, body in hook.got]
    assert set(told) == {"decision.trade"}
    assert 0 < len(told) < size(log)
    assert json.loads((tmp_path / "place").read_bytes())["next"] == size(log)


def test_what_is_not_taken_is_sent_again_and_nothing_overtakes_it(
    log: Path, hooks: Callable[..., Hook], tmp_path: Path
) -> None:
    """A refusal is told on stderr with when it is sent again; the id stays, so the order is that of the log."""
    hook = hooks(lambda n: (503, {"Retry-After": "1"}) if n in (0, 3) else (200, {}))
    done = notify(log, hook, tmp_path / "place", "--once")
    assert done.stderr.count("was not taken: status 503; sent again in 1 s") == 2
    assert [i.split("-")[1] for i in hook.ids()] == [str(n) for n in range(size(log))]


def test_a_killed_sender_loses_nothing(log: Path, hooks: Callable[..., Hook], tmp_path: Path) -> None:
    """Killed at several places, each message is taken; one may come twice, with the id that it had."""
    hook = hooks(lambda _: (time.sleep(0.02), (204, {}))[1])
    for many in (1, 3, 6):
        process = subprocess.Popen(command(log, hook, tmp_path / "place"), stderr=subprocess.DEVNULL)
        wait_for(lambda many=many: hook.asked >= many)
        process.kill()
        process.wait()
    assert notify(log, hook, tmp_path / "place", "--once").returncode == 0
    ids = hook.ids()
    assert sorted(set(ids), key=ids.index) == sorted(set(ids), key=lambda i: int(i.split("-")[1]))
    assert len(set(ids)) == size(log)
    assert len(ids) - len(set(ids)) <= 3


def test_a_receiver_that_is_gone_ends_it(log: Path, hooks: Callable[..., Hook], tmp_path: Path) -> None:
    """Status 410 is no reason to try again; the place stays before what was not taken."""
    hook = hooks(lambda n: (200, {}) if n < 2 else (410, {}))
    done = notify(log, hook, tmp_path / "place")
    assert done.returncode == 2
    assert "wants no more messages (status 410); entry 2 was not taken" in " ".join(done.stderr.split())
    assert json.loads((tmp_path / "place").read_bytes())["next"] == 2


def test_another_log_is_not_taken_for_this_one(log: Path, hooks: Callable[..., Hook], tmp_path: Path) -> None:
    """The place knows the chain of the entry before it; a redirect is not followed either."""
    hook = hooks(lambda n: (200, {}) if n < 3 else (302, {"Location": "http://127.0.0.1:9/"}))
    process = subprocess.Popen(command(log, hook, tmp_path / "place"), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while "status 302" not in process.stderr.readline():
        pass
    process.terminate()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    other = json.loads((tmp_path / "place").read_bytes())
    (tmp_path / "place").write_text(json.dumps(other | {"chain": "00" * 32}))
    done = notify(log, hook, tmp_path / "place", "--once")
    assert (done.returncode, hook.asked) == (2, 4)
    assert "is not the log that" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    "url", ["http://crm.example/hook", "ftp://127.0.0.1/", "https://", "https://ana:pw@crm.example/", "https://h:x/"]
)
def test_who_is_told_is_told_safely(url: str) -> None:
    """In the clear on this machine alone, and never with a login in the address."""
    with pytest.raises(EdgeProblem):
        Receiver(url)


@pytest.mark.parametrize("text", ["", "whsec_", "secret", "whsec_c2hvcnQ=", "whsec_!!!"])
def test_a_secret_is_one(tmp_path: Path, text: str) -> None:
    """A secret that is too short, or none, signs nothing."""
    (tmp_path / "s").touch(0o600)
    (tmp_path / "s").write_text(text, encoding="utf-8")
    with pytest.raises(EdgeProblem):
        read_secrets(tmp_path / "s")


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """It is said what to type."""
    (tmp_path / "s").write_text(new_secret(), encoding="utf-8")
    (tmp_path / "s").chmod(0o644)
    with pytest.raises(EdgeProblem, match="chmod 600"):
        read_secrets(tmp_path / "s")


def test_two_secrets_sign_while_one_is_replaced(tmp_path: Path) -> None:
    """A receiver that knows either takes the message."""
    (tmp_path / "s").touch(0o600)
    (tmp_path / "s").write_text(f"{new_secret()}\n{new_secret()}\n", encoding="utf-8")
    keys = read_secrets(tmp_path / "s")
    both, one = signed(keys, "m", 1, b"{}"), signed(keys[1:], "m", 1, b"{}")
    assert one["webhook-signature"] in both["webhook-signature"].split()
