"""What proves the log over HTTP: entries as stored, checkpoints, proofs and tiles, checked as outsiders check them."""

import asyncio
import base64
import hashlib
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import Face, Told  # noqa: E402
from tests.helpers.commands import run  # noqa: E402
from tests.helpers.serving import FACTS, POLICY, Client, serving  # noqa: E402

from walkaway import LogProofs  # noqa: E402
from walkaway.log import check_consistency, check_inclusion, new_key, read_checkpoint  # noqa: E402
from walkaway.log.merkle import leaf_hash, node_hash  # noqa: E402
from walkaway_edge.http.checkpoints import CheckpointFolder  # noqa: E402
from walkaway_edge.http.limits import OPEN_RATE, SAVED_S, CallLimits  # noqa: E402

pytestmark = pytest.mark.serve

KEY = new_key("logs.example/walkaway")
ENTRIES, EARLIER = 300, 260
"""So many are in the log, and under the older of two checkpoints: more than one tile has."""


class Signed:
    """A log with its checkpoints, and a server over it until the block ends."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.kept = folder, folder / "kept"
        self.kept.mkdir()
        (folder / "key").write_text(KEY.text())
        (folder / "key").chmod(0o600)
        self.store = str(folder / "log.db")

    def __enter__(self) -> "Signed":
        self.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def sign(self) -> None:
        """Sign what the log is now."""
        done = run(
            "log", "checkpoint", "--store", self.store, "--key", str(self.folder / "key"), "--to", str(self.kept)
        )
        assert done.exit_code == 0, done.stdout + done.stderr

    def begin(self) -> None:
        """Start a server over the log."""
        self.runner = asyncio.Runner()
        self.face = Face(str(POLICY), self.folder / "face", self.store)
        self.face.front.checkpoints = CheckpointFolder(self.kept, LogProofs.size)

    def end(self) -> None:
        """End it."""
        self.face.close()
        self.runner.close()

    def ask(self, use: Callable[[Face], Coroutine[Any, Any, Any]], **front: Any) -> Any:
        """Ask the server, which is otherwise meanwhile."""
        before = {name: getattr(self.face.front, name) for name in front}
        try:
            for name, value in front.items():
                setattr(self.face.front, name, value)
            return self.runner.run(use(self.face))
        finally:
            for name, value in before.items():
                setattr(self.face.front, name, value)

    def get(self, path: str, role: str = "auditor", **front: Any) -> Told:
        """Get something, by nobody's token where no role is named."""

        async def use(face: Face) -> Told:
            return await face.call("GET", path, None, face.token(role) if role else "")

        found: Told = self.ask(use, **front)
        return found


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    """Return a log of some hundred entries, signed twice."""
    with Signed(tmp_path_factory.mktemp("signed")) as found:

        async def fill(face: Face) -> None:
            for n in range(ENTRIES):
                event = {"id": "e1", "deal": f"D-{n:03}", "at": "2027-01-01T00:00:00Z", "type": "open", "facts": FACTS}
                if n == EARLIER:
                    await face.asked(lambda _: found.sign())
                await face.decide({**event, "actor": "ana" if n % 2 else "Bob"})
            await face.asked(lambda _: found.sign())

        found.ask(fill)
        yield found


def digest(told: Told) -> str:
    """Return what an answer says its digest is."""
    return dict(told.headers)[b"content-digest"].decode()


def test_an_entry_is_given_as_it_is_stored_and_proved(signed: Signed) -> None:
    """The proof holds the very bytes of the entry, and is checked with the verifier key alone."""
    entry, proof = signed.get("/v1/decisions/7/entry"), signed.get("/v1/decisions/7/proof")
    for told in (entry, proof):
        assert digest(told) == f"sha-256=:{base64.b64encode(hashlib.sha256(told.body).digest()).decode()}:"
    shown = check_inclusion(proof.body.decode(), [KEY.verifier])
    assert (shown.index, shown.entry, shown.checkpoint.size) == (7, entry.body, ENTRIES)
    assert b"ana" not in entry.body  # a name is sealed


def test_growth_is_proved_between_any_two_checkpoints(signed: Signed) -> None:
    """The newest is told by itself; a size that nobody signed is told with those that there are."""
    note = signed.get("/v1/log/checkpoint", "rep").body.decode()
    assert read_checkpoint(note, [KEY.verifier]).size == ENTRIES
    proof = signed.get(f"/v1/log/consistency?old={EARLIER}", "rep").body.decode()
    old, new = check_consistency(proof, [KEY.verifier])
    assert (old.size, new.size) == (EARLIER, ENTRIES)
    same = signed.get(f"/v1/log/consistency?old={EARLIER}&new={EARLIER}")
    assert check_consistency(same.body.decode(), [KEY.verifier])[1].size == EARLIER
    for query, status in (("old=7", 404), (f"old={ENTRIES}&new={EARLIER}", 400), ("", 400), ("old=x", 400)):
        assert signed.get(f"/v1/log/consistency?{query}").status == status, query


def test_a_monitor_computes_the_root_from_tiles(signed: Signed) -> None:
    """As C2SP tlog-tiles has it: full tiles, and partial ones as wide as the checkpoint reaches."""
    tiles = [signed.get("/v1/log/tile/0/000").body, signed.get(f"/v1/log/tile/0/001.p/{ENTRIES - 256}").body]
    hashes = [data[n : n + 32] for data in tiles for n in range(0, len(data), 32)]
    assert len(hashes) == ENTRIES
    assert hashes[7] == leaf_hash(signed.get("/v1/decisions/7/entry").body)
    assert signed.get("/v1/log/tile/1/000.p/1").body == root(hashes[:256])
    note = read_checkpoint(signed.get("/v1/log/checkpoint").body.decode(), [KEY.verifier])
    assert root(hashes) == note.root


def root(hashes: list[bytes]) -> bytes:
    """Return the root over some leaves, by RFC 9162 word for word."""
    if len(hashes) == 1:
        return hashes[0]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return node_hash(root(hashes[:middle]), root(hashes[middle:]))


@pytest.mark.parametrize(
    "path",
    [
        "0/001", "0/001.p/45", "0/000.p/256", "0/000.p/0", "0/000.p/07", "0/0", "0/x000/000", "0/x001/000", "00/000",
        "64/000", "-1/000", "1/000", "x/000", "0/000.p/1/1", "0/000/000", "0/x000/x000/000", "0/entries/000",
    ],
)  # fmt: skip
def test_what_is_no_tile_is_absent(signed: Signed, path: str) -> None:
    """Beyond the checkpoint, or another spelling of a number: each tile has one address."""
    assert signed.get(f"/v1/log/tile/{path}").status == 404


def test_what_came_after_the_checkpoint_is_not_proved(tmp_path: Path) -> None:
    """Nothing is said to be signed that is not; without a checkpoint, nothing is."""
    opening = {"id": "e1", "deal": "D-1", "at": "2027-01-01T00:00:00Z", "type": "open", "facts": FACTS}

    async def use(face: Face) -> list[Told]:
        await face.decide(opening)
        found = [await face.call("GET", "/v1/decisions/0/proof", None, face.token("auditor"))]
        await face.asked(lambda _: log.sign())
        await face.decide({**opening, "deal": "D-2"})
        for n in (0, 1, 2):
            found.append(await face.call("GET", f"/v1/decisions/{n}/proof", None, face.token("auditor")))
        return found

    with Signed(tmp_path) as log:
        told = log.ask(use)
    assert [each.status for each in told] == [404, 200, 404, 404]
    assert [each.json["findings"][0]["code"] for each in (told[0], *told[2:])] == [
        "no-checkpoint",
        "no-checkpoint",
        "absent",
    ]


def test_a_log_that_is_not_what_was_signed_proves_nothing(signed: Signed, tmp_path: Path) -> None:
    """It says so at every address, and is not ready."""

    async def use(face: Face) -> list[Told]:
        await face.decide({"id": "e1", "deal": "D-1", "at": "2027-01-01T00:00:00Z", "type": "open", "facts": FACTS})
        paths = ("decisions/0/proof", "log/checkpoint", f"log/consistency?old={EARLIER}", "log/tile/0/000.p/1")
        found = [await face.call("GET", f"/v1/{path}", None, face.token("auditor")) for path in paths]
        return [*found, await face.call("GET", "/readyz")]

    with Signed(tmp_path) as other:
        for file in signed.kept.glob("*.checkpoint"):
            (other.kept / file.name).write_bytes(file.read_bytes())
        told = other.ask(use)
    assert [(each.status, each.json["findings"][0]["code"]) for each in told] == [(409, "log-differs")] * 5
    assert [str(ENTRIES).encode() in each.body for each in told[-2:]] == [True, False]


def test_a_file_that_is_no_checkpoint_stops_its_answers_alone(tmp_path: Path) -> None:
    """What cannot be read is told as busy, with no path of the server in it."""
    with Signed(tmp_path) as other:
        (other.kept / "x.checkpoint").write_text("walkaway\n12\nAAAA\n\n")
        told = other.get("/v1/log/checkpoint")
    assert (told.status, str(tmp_path).encode() in told.body) == (503, False)


def test_without_a_token_a_public_log_is_read_and_nothing_else(signed: Signed) -> None:
    """Checkpoints, growth and tiles; entries and proofs of them stay with those who may see every deal."""
    public = ("log/checkpoint", f"log/consistency?old={EARLIER}", "log/tile/0/000")
    kept = ("decisions/0/proof", "decisions/0/entry", "decisions", "deals", "policies")
    assert [signed.get(f"/v1/{path}", "").status for path in (*public, *kept)] == [401] * 8
    found = [signed.get(f"/v1/{path}", "", is_log_public=True).status for path in (*public, *kept)]
    assert found == [200] * 3 + [401] * 5
    for role in ("agent", "customer", "feed", "executor"):
        assert [signed.get(f"/v1/{path}", role).status for path in (*public, *kept[:2])] == [403] * 5, role


def test_calls_without_a_token_are_counted_by_their_address(signed: Signed) -> None:
    """Somebody who asks for a public log all the time is told to wait, and keeps nobody else from it."""

    async def use(face: Face) -> list[int]:
        return [(await face.call("GET", "/v1/log/checkpoint")).status for _ in range(OPEN_RATE * SAVED_S + 1)]

    limits = CallLimits(lambda: 0.0)
    found = signed.ask(use, is_log_public=True, limits=limits)
    assert found == [200] * (OPEN_RATE * SAVED_S) + [429]


def test_a_policy_of_the_log_has_an_address_that_never_changes(signed: Signed) -> None:
    """Its files by name, each with its digest."""
    sha256 = signed.get("/v1/policies").json["policies"][0]["sha256"]
    found = signed.get(f"/v1/policies/{sha256}")
    assert b"immutable" in dict(found.headers)[b"cache-control"]
    text = signed.get(found.json["files"]["policy.yaml"])
    assert text.body == (POLICY / "policy.yaml").read_bytes()
    assert digest(text).startswith("sha-256=:")
    assert signed.get(f"/v1/policies/{'0' * 64}").status == 404


def test_deals_are_listed_by_their_latest_verdict_and_by_who_opened_them(signed: Signed) -> None:
    """Names are one person's however they are spelled; the link goes on where not all were looked through."""
    bobs = signed.get("/v1/deals?owner=bOB&limit=1000").json["deals"]
    assert [each["deal"] for each in bobs] == [f"D-{n:03}" for n in range(0, ENTRIES, 2)]
    assert signed.get("/v1/deals?verdict=refuse").json == {"deals": []}
    assert len(signed.get("/v1/deals?verdict=proceed&owner=ana&limit=10").json["deals"]) == 10
    seen, path = [], "/v1/deals?owner=ana&limit=60"
    while path:
        told = signed.get(path)
        seen += [each["deal"] for each in told.json["deals"]]
        path = dict(told.headers).get(b"link", b"").decode().partition(">")[0].removeprefix("<")
    assert seen == [f"D-{n:03}" for n in range(1, ENTRIES, 2)]
    assert signed.get("/v1/deals?verdict=maybe").status == 400


def test_a_server_is_told_where_checkpoints_are(tmp_path: Path) -> None:
    """By `--checkpoints`; a folder that is not there keeps it from starting."""
    (tmp_path / "kept").mkdir()
    with serving(tmp_path, "--checkpoints", "kept", "--public-log") as server:
        found = Client(server.url).get("/v1/log/checkpoint")
        assert (found.status, found.codes) == (404, ["no-checkpoint"])
        assert Client(server.url).get("/readyz").status == 200
    options = ("serve", "--policy", str(POLICY), "--store", str(tmp_path / "o.db"), "--bind", "127.0.0.1:0")
    private = ("--tokens", str(tmp_path / "t"), "--kept", str(tmp_path / "k"))
    for more in (("--checkpoints", str(tmp_path / "none")), ("--public-log",)):
        done = run(*options, *private, *more)
        assert (done.exit_code, "--checkpoints" in done.stdout + done.stderr) == (2, True), done.output
