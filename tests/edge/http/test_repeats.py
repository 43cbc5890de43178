"""A call that is sent again by its `Idempotency-Key` has the answer that it had, and is done once."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import Face, Told  # noqa: E402
from tests.helpers.serving import FACTS, POLICY, serving  # noqa: E402

from walkaway_edge.http.kept import KeptFile  # noqa: E402
from walkaway_edge.http.table import ROUTES  # noqa: E402
from walkaway_edge.problems import EdgeProblem  # noqa: E402

pytestmark = pytest.mark.serve

AT = "2027-05-31T09:00:00Z"
DEEP = {"discount": "9%", "prepay": "yes", "term": "36 months"}
KEY = {"Idempotency-Key": '"7b1f-2"'}
Call = tuple[str, str, dict[str, Any], str]


async def prepared(face: Face) -> str:
    """Open a deal in which our next step wants an approval, ask for it, and return the request."""
    head = {"deal": "D-1", "at": AT}
    await face.decide({**head, "id": "e1", "type": "open", "facts": FACTS, "party": "Harbour Mills"})
    for number, (by, terms) in enumerate(
        (("them", {"discount": "30%"}), ("us", {"discount": "0%", "term": "24 months"}), ("them", {"discount": "25%"})),
        2,
    ):
        who = {"actor": "bea"} if by == "us" else {}
        await face.decide({**head, **who, "id": f"e{number}", "type": "offer", "by": by, "terms": terms})
    asked = await face.call("POST", "/v1/approvals", {"deal": "D-1", "terms": DEEP}, face.token("rep"))
    return str(asked.json["id"])


async def written(face: Face) -> list[tuple[str, str]]:
    """Return what is on record: deal and id of every event."""
    found: list[tuple[str, str]] = await face.asked(
        lambda session: [(view.head.deal, view.event["id"]) for view in session.decisions(limit=1000)]
    )
    return found


def calls(request: str) -> dict[str, Call]:
    """Return a call of each address that takes a key."""
    return {
        "/v1/deals": ("POST", "/v1/deals", {"deal": "D-2", "id": "e1", "facts": FACTS}, "rep"),
        "/v1/deals/{deal}/check": ("POST", "/v1/deals/D-1/check", {"terms": {"discount": "1%"}}, "agent"),
        "/v1/permits": ("POST", "/v1/permits", {"deal": "D-1", "terms": {"discount": "1%"}}, "agent"),
        "/v1/halt": ("POST", "/v1/halt", {"halt": True, "reason": "The price list is wrong."}, "approver:cfo"),
        "/v1/approvals": ("POST", "/v1/approvals", {"deal": "D-1", "terms": {**DEEP, "discount": "8.5%"}}, "rep"),
        "/v1/approvals/{id}": (
            "POST", f"/v1/approvals/{request}", {"answer": "decline", "reason": "not now"}, "approver:director",
        ),
    }  # fmt: skip


KEYED = [r.path for r in ROUTES if r.key and r.run is not None and r.path != "/v1/permits/{id}/redeem"]


async def sent(face: Face, call: Call, headers: dict[str, str] | None = None) -> Told:
    """Send a call by its key."""
    method, path, body, role = call
    sub = {"approver:director": "dana", "approver:cfo": "carla"}.get(role, "")
    return await face.call(method, path, body, face.token(role, sub), headers or KEY)


def run(folder: Path, *uses: Callable[[Face], Awaitable[Any]]) -> list[Any]:
    """Have each use a server of its own over one log, one after the other."""
    found = []
    for use in uses:
        with closing(Face(str(POLICY), folder, str(folder / "log.db"))) as face:
            found.append(asyncio.run(use(face)))  # type: ignore[arg-type]
    return found


def replayed(told: Told) -> bool:
    """Return whether an answer says that it was given before."""
    return (b"idempotency-replayed", b"true") in told.headers


def same(first: Told, again: Told) -> bool:
    """Return whether an answer is another one sent again."""
    rest = tuple(h for h in again.headers if h[0] != b"idempotency-replayed")
    return replayed(again) and (again.status, again.body, rest) == (first.status, first.body, first.headers)


@pytest.mark.parametrize("path", KEYED)
def test_what_is_sent_again_is_done_once_and_answered_alike(path: str, tmp_path: Path) -> None:
    """By the same server and by the next one over the same files; the log has what one call leaves there."""

    async def first(face: Face) -> tuple[str, Told, list[tuple[str, str]]]:
        request = await prepared(face)
        told = await sent(face, calls(request)[path])
        assert told.status in (200, 201), told.body
        assert not replayed(told)
        left = await written(face)
        assert same(told, await sent(face, calls(request)[path]))
        assert await written(face) == left
        return request, told, left

    ((request, told, left),) = run(tmp_path, first)

    async def second(face: Face) -> None:
        assert same(told, await sent(face, calls(request)[path]))
        assert await written(face) == left

    run(tmp_path, second)


@pytest.mark.parametrize("path", KEYED)
def test_what_was_not_answered_is_done_once(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server ends after what it did and before its answer is kept, the call sent again leaves nothing twice."""

    async def fails(self: KeptFile, sql: str, *values: Any) -> None:
        raise EdgeProblem("no space left")

    async def first(face: Face) -> tuple[str, int]:
        request = await prepared(face)
        before = len(await written(face))
        with monkeypatch.context() as patch:
            patch.setattr(KeptFile, "write", fails)
            assert (await sent(face, calls(request)[path])).status == 503
        return request, len(await written(face)) - before

    async def second(face: Face) -> int:
        before = len(await written(face))
        told = await sent(face, calls(request)[path])
        assert told.status in (200, 201), told.body
        if "permit" in path or "check" in path:
            assert told.json["asks_left"] >= 1, "an ask sent again costs nothing"
        return len(await written(face)) - before

    ((request, wrote),) = run(tmp_path, first)
    assert wrote == 1
    (more,) = run(tmp_path, second)
    # An ask is on record each time that it is answered, and counts once.
    assert more == (1 if "permit" in path or "check" in path else 0)


def test_an_ask_sent_again_costs_nothing(tmp_path: Path) -> None:
    """Neither where its answer is kept, nor where it was lost."""

    async def use(face: Face) -> None:
        await prepared(face)
        ask = ("POST", "/v1/permits", {"deal": "D-1", "terms": {"discount": "1%"}}, "agent")
        told = await sent(face, ask)
        assert told.json["next"] == "send"
        assert same(told, await sent(face, ask))
        lost = await sent(face, ask, {"Idempotency-Key": "another"})
        assert (lost.json["asks_left"], replayed(lost)) == (told.json["asks_left"], False)

    run(tmp_path, use)


def test_another_call_by_the_same_key_is_told(tmp_path: Path) -> None:
    """With code, pointer and hint, and nothing is done; to an agent no more."""

    async def use(face: Face) -> None:
        for path, (method, where, body, role) in calls(await prepared(face)).items():
            key = {"Idempotency-Key": f"of{path}"}
            assert (await sent(face, (method, where, body, role), key)).status < 300, path
            left = await written(face)
            told = await sent(face, (method, where, {**body, "x": "1"}, role), key)
            (finding,) = told.json["findings"]
            assert (told.status, finding["code"], finding["pointer"]) == (422, "key-reused", "")
            assert finding["hint"]
            assert await written(face) == left

    run(tmp_path, use)


def test_a_key_is_its_callers_own(tmp_path: Path) -> None:
    """Somebody else, another role and another choice of deals have keys of their own: nobody gets another's answer."""

    async def use(face: Face) -> None:
        body = {"deal": "D-2", "id": "e1", "facts": FACTS}
        callers = [("rep", "ana", "*"), ("rep", "ben", "*"), ("feed", "ana", "*"), ("rep", "ana", "E-*")]
        told = [await face.call("POST", "/v1/deals", body, face.token(*caller), KEY) for caller in callers]
        assert [t.status for t in told] == [201, 409, 200, 404]
        assert not any(map(replayed, told))

    run(tmp_path, use)


def test_two_that_come_at_once_are_one(tmp_path: Path) -> None:
    """The second is told that the first is being done, and has its answer once it is; another question is told so."""

    async def use(face: Face) -> list[int]:
        request = await prepared(face)
        call = calls(request)["/v1/halt"]
        other = (*call[:2], {**call[2], "reason": "another"}, call[3])
        told = await asyncio.gather(*(sent(face, c) for c in (call, call, other)))
        assert told[1].json["findings"][0]["code"] == "still-running"
        assert (b"retry-after", b"1") in told[1].headers
        assert same(told[0], await sent(face, call))
        return [t.status for t in told]

    assert run(tmp_path, use) == [[201, 409, 422]]


def test_what_did_nothing_leaves_its_key_free(tmp_path: Path) -> None:
    """A call that was a problem may be put right and sent under the same key."""

    async def use(face: Face) -> None:
        await prepared(face)
        ask = ("POST", "/v1/approvals", {"deal": "D-1", "terms": {"discount": "8.5"}}, "rep")
        assert (await sent(face, ask)).status == 422
        right = (*ask[:2], {"deal": "D-1", "terms": {**DEEP, "discount": "8.5%"}}, ask[3])
        told = await sent(face, right)
        assert (told.status, replayed(told)) == (201, False)

    run(tmp_path, use)


@pytest.mark.parametrize("said", ["", '""', "a b", '"a', "x" * 201, "é", '"a\\b"'])
def test_what_is_no_key_is_told(said: str, tmp_path: Path) -> None:
    """Where one is wanted and none is sent, too."""

    async def use(face: Face) -> None:
        await prepared(face)
        told = await face.call("POST", "/v1/halt", {}, face.token("approver:cfo"), {"Idempotency-Key": said})
        assert (told.status, told.json["findings"][0]["code"]) == (400, "bad-key")

    run(tmp_path, use)


def test_a_key_is_kept_for_a_day(tmp_path: Path) -> None:
    """Then it is free, and its answer is gone from the file."""

    async def use(face: Face) -> None:
        call = calls("")["/v1/deals"]
        assert (await sent(face, call)).status == 201
        face.now += timedelta(hours=24, seconds=-1)
        assert replayed(await sent(face, call))
        face.now += timedelta(seconds=1)
        assert (await sent(face, call)).status == 200, "recorded before, by its id"
        assert len(face.front.kept.rows("SELECT 1 FROM answers")) == 1

    run(tmp_path, use)


def test_an_answer_is_gone_from_the_disk_after_its_day(tmp_path: Path) -> None:
    """Also where nobody calls any more: no byte of it stays, in the file or beside it."""

    async def use(face: Face) -> None:
        call = ("POST", "/v1/deals", {"deal": "D-harbour-mills", "id": "e1", "facts": FACTS}, "rep")
        assert (await sent(face, call)).status == 201
        assert b"D-harbour-mills" in on_disk()
        face.now += timedelta(hours=24)
        async with face.jobs.running():
            assert b"D-harbour-mills" not in on_disk()

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("kept*"))

    run(tmp_path, use)


def test_after_a_kill_the_answer_is_the_one_that_was_told(tmp_path: Path) -> None:
    """Byte by byte, over a real socket; and where a key is wanted, none is status 400."""
    with serving(tmp_path) as first:
        client = first.client("approver:cfo", sub="carla")
        told = client.call("POST", "/v1/halt", {"halt": True, "reason": "x"}, KEY)
        assert told.status == 201
        first.stop(signal.SIGKILL)
    with serving(tmp_path) as second:
        client = type(client)(second.url, client.token)
        again = client.call("POST", "/v1/halt", {"halt": True, "reason": "x"}, KEY)
        assert (again.status, again.body, again.headers["idempotency-replayed"]) == (201, told.body, "true")
        client = second.client("rep")
        raw = {"Idempotency-Key": ""}
        reply = client.call("POST", "/v1/approvals", {"deal": "D-1", "terms": {}}, raw)
        assert (reply.status, reply.codes) == (400, ["bad-key"])
