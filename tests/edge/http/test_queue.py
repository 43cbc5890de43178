"""Approvals as a queue over the log: whoever is asked reads there what is open, and an auditor what was asked."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import Face, Told  # noqa: E402
from tests.helpers.serving import FACTS, POLICY  # noqa: E402

from walkaway.log import erasing  # noqa: E402
from walkaway.log.meanings import RELEASE  # noqa: E402
from walkaway.log.sqlite import Sqlite  # noqa: E402
from walkaway.log.verify import verify  # noqa: E402

pytestmark = pytest.mark.serve

MONTHS = {"term": "24 months"}
DEEP = {"discount": "9%", "prepay": "yes", "term": "36 months"}
AT = "2027-05-31T09:00:00Z"
NOTE = "They leave by Friday."


async def prepared(face: Face, deal: str = "D-1") -> None:
    """Open a deal in which our next step wants an approval."""
    head = {"deal": deal, "at": AT}
    await face.decide({**head, "id": "e1", "type": "open", "facts": FACTS, "party": f"Harbour {deal}"})
    for number, (by, terms) in enumerate(
        (("them", {"discount": "30%"}), ("us", {"discount": "0%", **MONTHS}), ("them", {"discount": "25%"})), 2
    ):
        who = {"actor": "bea"} if by == "us" else {}
        await face.decide({**head, **who, "id": f"e{number}", "type": "offer", "by": by, "terms": terms})


async def asked(face: Face, note: str = NOTE) -> Told:
    """Ask as a rep."""
    return await face.call("POST", "/v1/approvals", {"deal": "D-1", "terms": DEEP, "note": note}, face.token("rep"))


async def queue(face: Face, state: str = "open") -> list[dict[str, Any]]:
    """Return what an approver sees."""
    told = await face.call("GET", f"/v1/approvals?state={state}", None, face.token("approver:director", "dana"))
    found: list[dict[str, Any]] = told.json["approvals"]
    return found


def run(folder: Path, *uses: Callable[[Face], Awaitable[Any]]) -> list[Any]:
    """Have each use a server of its own over one log, one after the other."""
    found = []
    for use in uses:
        with closing(Face(str(POLICY), folder, str(folder / "log.db"))) as face:
            found.append(asyncio.run(use(face)))  # type: ignore[arg-type]
    return found


def test_a_request_survives_a_restart_and_is_seen_in_the_log(tmp_path: Path) -> None:
    """Another server over the same log has the same queue, and an auditor finds who asked, and who declined."""

    async def first(face: Face) -> str:
        await prepared(face)
        told = await asked(face)
        assert told.status == 201, told.body
        return str(told.json["id"])

    async def second(face: Face) -> tuple[list[dict[str, Any]], Told]:
        open_now = await queue(face)
        token = face.token("approver:director", "dana")
        said = {"answer": "counter", "reason": "too much", "terms": {"discount": "8.5%"}}
        return open_now, await face.call("POST", f"/v1/approvals/{open_now[0]['id']}", said, token)

    async def third(face: Face) -> tuple[list[dict[str, Any]], Any]:
        told = await face.call("GET", "/v1/decisions?deal=D-1", None, face.token("auditor"))
        return await queue(face, "all"), [d["event"] for d in told.json["decisions"]]

    of, (waiting, declined), (answered, events) = run(tmp_path, first, second, third)
    assert [(w["id"], w["by"], w["note"], w["terms"]) for w in waiting] == [(of, "rep", NOTE, DEEP)]
    assert (declined.status, declined.json["state"]) == (200, "declined"), declined.body
    assert [(w["id"], w["declined"], w["counter"]) for w in answered] == [(of, "too much", {"discount": "8.5%"})]
    request, decline = events[-2:]
    assert (request["type"], request["actor"], request["note"], request["terms"]) == ("request", "rep", NOTE, DEEP)
    assert (decline["type"], decline["approver"], decline["of"]) == ("decline", "dana", request["id"])
    with closing(Sqlite(tmp_path / "log.db")) as store:
        assert verify(store).findings == ()


def test_an_agents_no_waits_in_the_queue_once_by_its_probe_alone(tmp_path: Path) -> None:
    """The same ask again is no further request; declined it stays declined until the deal moves on."""

    async def use(face: Face) -> tuple[list[dict[str, Any]], int, list[str], list[str]]:
        await prepared(face)
        token, dana = face.token("agent", "agent-7"), face.token("approver:director", "dana")
        before = (await face.call("GET", "/v1/decisions", None, face.token("auditor"))).json["decisions"]
        for _ in range(2):
            told = await face.call("POST", "/v1/deals/D-1/check", {"terms": DEEP}, token)
            assert told.json["next"] == "change"
        after = (await face.call("GET", "/v1/decisions", None, face.token("auditor"))).json["decisions"]
        open_now = await queue(face)
        said = {"answer": "decline", "reason": "not now"}
        await face.call("POST", f"/v1/approvals/{open_now[0]['id']}", said, dana)
        await face.call("POST", "/v1/deals/D-1/check", {"terms": DEEP}, token)
        states = [w["state"] for w in await queue(face, "all")]
        await face.decide({"id": "e9", "deal": "D-1", "at": "2027-06-02T09:00:00Z", "type": "reject", "by": "them"})
        await face.call("POST", "/v1/deals/D-1/check", {"terms": DEEP}, token)
        return open_now, len(after) - len(before), states, [w["state"] for w in await queue(face, "all")]

    (found,) = run(tmp_path, use)
    waiting, written, states, later = found
    assert [(w["deal"], w["by"], w["terms"], w["roles"]) for w in waiting] == [("D-1", "agent-7", DEEP, ["manager"])]
    assert written == 2
    assert states == ["declined"]
    assert later == ["declined", "open"]


def test_asking_moves_nothing(tmp_path: Path) -> None:
    """Neither a request nor its decline changes what an offer is answered, or what an agent was told before."""

    async def use(face: Face) -> list[Any]:
        await prepared(face)
        found = []
        for step in ("before", "asked", "declined"):
            if step == "asked":
                of = (await asked(face)).json["id"]
            if step == "declined":
                said = {"answer": "decline", "reason": "not now"}
                await face.call("POST", f"/v1/approvals/{of}", said, face.token("approver:director", "dana"))
            told = await face.call("POST", "/v1/deals/D-1/check", {"terms": DEEP}, face.token("rep"))
            seen = await face.asked(lambda session: session.disclosure("D-1"))
            said_of_it = told.json["decision"]
            rests_on = ("verdict", "reasons", "obligations", "counteroffers", "room", "facts")
            found.append(({k: said_of_it[k] for k in rests_on if k in said_of_it}, told.json["approvals"], seen))
        return found

    ((before, asked_for, declined),) = run(tmp_path, use)
    assert before == asked_for == declined
    assert {"verdict", "counteroffers"} <= before[0].keys()


def test_what_was_erased_waits_no_more(tmp_path: Path) -> None:
    """A note that was erased stands on no page, and terms that were erased are asked for by nobody."""

    async def use(face: Face) -> tuple[str, list[dict[str, Any]]]:
        await prepared(face)
        await asked(face)
        await face.call("POST", "/v1/deals/D-1/check", {"terms": {**DEEP, "discount": "9.5%"}}, face.token("agent"))
        assert len(await queue(face)) == 2
        with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
            texts = erasing.texts_of_deal(store, "D-1")
            erasing.erase(store, lambda: texts, AT, "otto", "asked to", lambda: bytes(16), RELEASE)
        return NOTE, await queue(face)

    ((note, waiting),) = run(tmp_path, use)
    assert note not in str(waiting)
    assert [w["terms"] for w in waiting] == [DEEP]


def test_people_see_what_was_told_and_what_it_comes_to(tmp_path: Path) -> None:
    """Asks that change one issue narrow it, from our word to the nearest no, until something else happens."""

    async def use(face: Face) -> tuple[Any, Any, list[int]]:
        await prepared(face)
        agent, path = face.token("agent", "agent-7"), "/v1/deals/D-1/asked"
        for terms in ({"discount": "30%"}, {"discount": "25%"}, {"discount": "28%"}, {"term": "36 months"}):
            await face.call("POST", "/v1/deals/D-1/check", {"terms": terms}, agent)
        await asked(face)
        found = (await face.call("GET", path, None, face.token("rep"))).json
        await face.decide({"id": "e9", "deal": "D-1", "at": "2027-06-02T09:00:00Z", "type": "reject", "by": "them"})
        later = (await face.call("GET", path, None, face.token("auditor"))).json
        roles = ("agent", "customer", "feed", "executor", "approver:director")
        return found, later, [(await face.call("GET", path, None, face.token(role))).status for role in roles]

    ((found, later, closed),) = run(tmp_path, use)
    told = [(a["by"], a["terms"], a["yes"], a["stands"]) for a in found["asks"]]
    assert told[0] == ("agent-7", {"discount": "30%"}, False, True)
    assert len(told) == 4
    assert {"issue": "discount", "passes": "0%", "fails": "25%"} in found["brackets"]
    assert [(a["terms"], a["stands"]) for a in later["asks"]] == [(terms, False) for _, terms, _, _ in told]
    assert later["brackets"] == []
    assert closed == [403] * 5
