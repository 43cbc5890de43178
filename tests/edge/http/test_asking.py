"""What asking costs an agent, who may ask what, and what never leaves: each law of docs/agents.md is a test here."""

import asyncio
import base64
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.edge.http.test_agents import answer_of, every_answer  # noqa: E402
from tests.helpers.agents import PARTY, Face, Told, agent  # noqa: E402
from tests.helpers.strategies import size  # noqa: E402

from walkaway import Policy  # noqa: E402
from walkaway.log import store as db  # noqa: E402
from walkaway.log.sqlite import Sqlite  # noqa: E402
from walkaway.log.verify import verify  # noqa: E402
from walkaway.policy import read  # noqa: E402
from walkaway_edge.http import serving  # noqa: E402
from walkaway_edge.http.guard import Guard  # noqa: E402
from walkaway_edge.http.identity import SAYABLE, Role  # noqa: E402
from walkaway_edge.http.table import ROUTES  # noqa: E402
from walkaway_edge.problems import EdgeProblem  # noqa: E402

pytestmark = pytest.mark.serve

POLICY = """\
policy: canaries
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 13.5791%, walk: 37.3719%}
  term: {type: months, start: 12 months, worth: 0.1% of deal.list_price per month}
package: {base: deal.list_price, walk: "61,234.57 USD"}
signals: [pressure]
roles: [manager, cfo]
define: {cap: 23.4517%}
rules:
  deep: {why: A second pair of eyes., on: our terms, when: offer.discount > cap, then: escalate, to: manager}
  tempting: {why: Not so much at once., on: our terms, when: give.value > 29.8613% of deal.list_price, then: refuse}
  nothing-for-nothing:
    {why: Fair., on: our offer, when: give.value > get.value and give.value > 1.2345% of deal.list_price, then: trade}
"""
CANARIES = ("13.5791", "37.3719", "61234.57", "61,234.57", "23.4517", "29.8613", "1.2345")
DEALS = 20
MORE = size("WALKAWAY_SPENT_ASKS", 300, 10_000)
OFFER = {"terms": {"discount": "1%", "term": "60 months"}}
"""What passes at once."""
Use = Callable[[Face], Awaitable[Any]]


def make(text: str = POLICY) -> Policy:
    """Return a policy from its text."""
    return read(text.encode(), "policy.yaml", lambda _: None).unwrap()


def opens(deal: str, **more: object) -> Mapping[str, object]:
    """Return the opening of a deal."""
    said = {"id": "e1", "deal": deal, "at": "2027-05-01T09:00:00Z", "type": "open", "actor": "ana", "party": PARTY}
    return {**said, "facts": {"list_price": "100,000 USD"}, **more}


@pytest.fixture(autouse=True)
def finely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers leave at once; that they leave on a grid is a test of its own."""
    monkeypatch.setattr(serving, "GRID_S", 1e-6)


def with_face(use: Use, store: str | None = None, text: str = POLICY, deals: int = 1) -> Any:
    """Return what comes of using a server with some deals of one party."""

    async def run() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            face = Face(make(text), Path(folder), store)
            try:
                for number in range(deals):
                    opening = opens(f"D-{number}", **({"follows": "D-0"} if number else {}))
                    if not await face.asked(lambda s, o=opening: o["deal"] in s.deals()):  # type: ignore[misc]
                        await face.decide(opening)
                return await use(face)
            finally:
                face.close()

    return asyncio.run(run())


def spelled(number: str) -> set[bytes]:
    """Return how a number could leave: with other separators, in small units, encoded."""
    plain = number.replace(",", "")
    digits = plain.replace(".", "")
    words = {number, plain, plain.replace(".", ","), digits, digits.rstrip("0")}
    hidden = {base64.b64encode(w.encode())[:8].decode() for w in words}
    return {w.encode() for w in words | hidden if len(w) > 4}


def test_no_number_of_ours_is_ever_sent_or_logged() -> None:
    """Limits and constants occur in no spelling in anything that agents get, and in no line of the log of requests."""
    lines: list[str] = []

    async def use(face: Face) -> bytes:
        face.app = Guard(face.app, ["face"], lines.append)  # type: ignore[assignment]
        found = []
        for number, discount in enumerate(("5%", "24%", "30%", "38%", "99%", "-3%", "x", "1.2345%" * 3)):
            found.append(await every_answer(face, "D-0", {"discount": discount, "term": "24 months"}, number))
        sha, digest = await face.asked(lambda s: (s.policy.sha256, s._found("D-0").position.digest()))
        told = repr(found).encode()
        assert sha.encode() not in told
        assert digest.encode() not in told
        return told

    told = with_face(use, text=POLICY + "disclosure: {asks: '900 per round, 900 per party'}\n".replace("'", '"'))
    told = told.replace(b"1.2345%" * 3, b"") + "\n".join(lines).encode()
    assert lines
    assert not [spelling for number in CANARIES for spelling in spelled(number) if spelling in told]


def test_a_bisecting_agent_learns_at_most_its_budget(tmp_path: Path) -> None:
    """With every way of asking, over twenty deals of one party, six answers are had, and a restart gives none back."""
    store = str(tmp_path / "log.db")

    async def bisect(face: Face) -> tuple[float, int]:
        low, high, charged = 0, 400_000, 0
        who, token = agent("agent"), face.token("agent")
        for turn in range(60):
            deal, middle = f"D-{turn % DEALS}", (low + high) // 2
            terms = {"discount": f"{middle / 10_000}%"}
            question = {
                "subject": {"type": "agent", "id": "agent"},
                "action": {"name": "send_offer"},
                "resource": {"type": "deal", "id": deal, "properties": {"terms": terms}},
            }
            ways: list[Callable[[], Awaitable[Any]]] = [
                lambda d=deal, t=terms: face.call("POST", f"/v1/deals/{d}/check", {"terms": t}, token),  # type: ignore[misc]
                lambda d=deal, t=terms: face.call("POST", "/v1/permits", {"deal": d, "terms": t}, token),  # type: ignore[misc]
                lambda d=deal, t=terms: face.tool(who, "check_offer", {"deal": d, "terms": t}),  # type: ignore[misc]
                lambda q=question: face.call("POST", "/access/v1/evaluation", q, token),  # type: ignore[misc]
            ]
            said = answer_of(await ways[turn % 4]())
            low, high = (middle, high) if said == "send" else (low, middle) if said == "change" else (low, high)
            charged += bool(said)
            theirs = {"type": "offer", "by": "them", "terms": {"discount": "39%", "term": f"{13 + turn} months"}}
            await face.call("PUT", f"/v1/deals/{deal}/events/t{turn}", theirs, token)
        return (high - low) / 10_000, charged

    bracket, charged = with_face(bisect, store, deals=DEALS)
    assert charged <= 6
    assert bracket >= 40 / 2**6

    async def again(face: Face) -> set[bytes]:
        token = face.token("agent")
        asked = [
            await face.call("POST", f"/v1/deals/D-{n % DEALS}/check", {"terms": {"discount": f"{n % 40}%"}}, token)
            for n in range(MORE)
        ]
        return {told.body for told in asked}

    (same,) = with_face(again, store, deals=DEALS)
    assert b"next" not in same
    with closing(Sqlite(Path(store), writable=False)) as kept:
        assert not verify(kept).damages


def test_what_is_implied_is_free_where_the_policy_is_proved_to_go_one_way() -> None:
    """The same again, worse than a known no, better than a known yes: no ask is spent; anything else spends one."""

    async def use(face: Face) -> list[tuple[str, int]]:
        token, found = face.token("agent"), []
        for terms in (
            {"discount": "30%"},
            {"discount": "30.0%"},
            {"discount": "31%"},
            OFFER["terms"],
            {"term": "60 months"},
        ):
            told = (await face.call("POST", "/v1/deals/D-0/check", {"terms": terms}, token)).json
            found.append((told.get("next", ""), told["asks_left"]))
        return found

    assert with_face(use) == [("change", 2), ("change", 2), ("change", 2), ("send", 0), ("", 0)]


def test_asks_that_come_at_once_are_counted_one_after_the_other(tmp_path: Path) -> None:
    """Of one party no more are answered than its budget, in however many deals and by whatever way they are asked."""

    async def use(face: Face) -> tuple[int, int]:
        token, headers = face.token("agent"), face.customer()
        calls = []
        for number in range(DEALS):
            terms = {"discount": f"{10 + number}%"}
            calls.append(face.call("POST", f"/v1/deals/D-{number}/check", {"terms": terms}, token))
            calls.append(face.call("POST", "/v1/permits", {"deal": f"D-{number}", "terms": terms}, token))
            form = f"t.discount={terms['discount'][:-1]}.5%25&act=offer&form_token={headers[1]}".encode()
            calls.append(face.call("POST", f"/talks/D-{number}/ask", form, headers=headers[0]))
        waiting = asyncio.create_task(face.desk.ask(lambda _: time.sleep(0.5)))  # so that all of them wait for the desk
        await asyncio.sleep(0.05)
        calls = [call for way in range(3) for call in calls[way::3]]  # those of one deal never wait for each other
        told = await asyncio.gather(*calls)
        await waiting
        deals = {n % DEALS for n, t in enumerate(told) if b'"next"' in t.body or b"agree to these terms" in t.body}
        spent = await face.asked(lambda session: session.disclosure("D-0").spent)
        return len(deals), spent

    deals, spent = with_face(use, str(tmp_path / "log.db"), deals=DEALS)
    assert 0 < deals <= 6  # what was told in one of them implies more there, which is free
    assert spent <= 7  # a yes counts for two, and may be the last


def test_an_agent_is_answered_only_where_it_is_known_who_the_other_side_is() -> None:
    """Asks are counted by party, so that without one a person goes on."""

    async def use(face: Face) -> Told:
        await face.decide({k: v for k, v in opens("E-1").items() if k != "party"})
        return await face.call("POST", "/v1/deals/E-1/check", OFFER, face.token("agent"))

    assert with_face(use).json["turn"] == "human"


def test_every_no_is_the_same_no_and_opens_a_request_without_telling(tmp_path: Path) -> None:
    """Escalate and refuse differ in no byte; what an approval would help stands in the queue of those who give it."""

    async def use(face: Face) -> tuple[set[bytes], list[Any]]:
        token = face.token("agent")
        said = set()
        for deal, discount in (("D-0", "24%"), ("D-1", "39%")):
            told = await face.call(
                "POST", f"/v1/deals/{deal}/check", {"terms": {"discount": discount, "term": "400 months"}}, token
            )
            said.add(re.sub(rb'"asks_left":\d', b"", told.body))
        queue = (await face.call("GET", "/v1/approvals", None, face.token("rep"))).json["approvals"]
        return said, [(w["deal"], w["by"], w["roles"]) for w in queue]

    said, queue = with_face(use, str(tmp_path / "log.db"), deals=2)
    assert len(said) == 1
    assert queue == [("D-0", "agent", ["manager"])]


def fitting(path: str) -> str:
    """Return an address of a deal, an event, a request or a permit that may be there."""
    return re.sub(r"\{(\w+)\}", lambda m: {"deal": "D-0", "event": "t1", "id": "A-1"}.get(m[1], "x"), path)


def test_a_role_reaches_what_the_table_gives_it_and_nothing_else() -> None:
    """Every route refuses every other role, and everybody without a valid token, whatever the body says."""
    roles = [Role.REP, "approver:cfo", *(r for r in Role if r not in (Role.REP, Role.APPROVER))]

    async def use(face: Face) -> list[str]:
        wrong = []
        for route in ROUTES:
            path = fitting(route.path)
            goes_on = route.is_stream
            for role in roles:
                if goes_on and Role(str(role).partition(":")[0]) in route.roles:
                    continue  # it would be told for ever
                told = await face.call(route.method, path, {"role": "rep", "sub": "ana"}, face.token(str(role)))
                may = Role(str(role).partition(":")[0]) in route.roles
                if (told.status == 403 and b"not-your-role" in told.body) is may and not (may and told.status == 403):
                    wrong.append(f"{role} {route.method} {route.path} {told.status}")
            for token in ("", "wa_forged", "wa_" + "A" * 43, face.token("agent")[:-1], "eyJhbGciOiJub25lIn0.e30."):
                if (await face.call(route.method, path, {}, token)).status != 401:
                    wrong.append(f"{token} {route.method} {route.path}")
        return wrong

    reached = [r for r in ROUTES if not r.is_stream]
    assert reached
    assert with_face(use) == []


def test_a_deal_out_of_reach_is_as_one_that_is_not_there() -> None:
    """Whatever agents and customers reach answers 404 with the same bytes for both."""

    async def use(face: Face) -> list[str]:
        differing = []
        for role in sorted(SAYABLE):
            token = face.token(role, deals="E-*")
            for route in ROUTES:
                if role in route.roles:
                    body: object = {"terms": {"discount": "1%"}}
                    if route.method == "PUT":
                        body = {"type": "reject", "by": "them"}
                    pair = []
                    for deal in ("D-0", "E-404"):
                        sent = {**body, "deal": deal} if route.path == "/v1/permits" else body  # type: ignore[dict-item]
                        path = route.path.replace("{deal}", deal).replace("{event}", "t1")
                        pair.append(await face.call(route.method, path, None if route.method == "GET" else sent, token))
                    if pair[0] != pair[1] or pair[0].status != 404:
                        differing.append(f"{route.method} {route.path} {pair}")
        return differing

    assert with_face(use) == []


@pytest.mark.parametrize(
    "event",
    [
        {"type": "offer", "by": "us", "terms": {"discount": "30%"}},
        {"type": "accept", "by": "us"},
        {"type": "approve", "terms": {"discount": "30%"}},
        {"type": "update", "facts": {}},
        {"type": "probe", "asked": "{}", "yes": True, "cost": 0},
        {"type": "kill", "reason": "x"},
        {"type": "reject", "by": "them", "actor": "ana"},
        {"type": "close", "outcome": "lost"},
    ],
)
def test_an_agent_records_what_the_other_side_does_and_nothing_else(event: Mapping[str, object]) -> None:
    """Nothing of ours, no approval, no ask of its own making, and nobody's name."""

    async def use(face: Face) -> tuple[int, int]:
        told = await face.call("PUT", "/v1/deals/D-0/events/t1", event, face.token("agent"))
        return told.status, len((await face.asked(lambda s: s.state("D-0"))).events)

    status, events = with_face(use)
    assert status in (403, 422)
    assert events == 1


def test_what_an_agent_records_names_it_as_the_way_it_came(tmp_path: Path) -> None:
    """An offer of theirs has no actor of ours; `via` says through whom it came, on record."""
    store = str(tmp_path / "log.db")

    async def use(face: Face) -> Told:
        theirs = {"type": "offer", "by": "them", "terms": {"discount": "30%"}}
        return await face.call("PUT", "/v1/deals/D-0/events/t1", theirs, face.token("agent"))

    told = with_face(use, store)
    assert (told.status, told.json) == (201, {"recorded": "t1", "turn": "ours"})
    with closing(Sqlite(Path(store), writable=False)) as kept:
        (entry,) = [e for e in db.entries(kept) if e.event == "t1"]
        assert b'"via":"agent"' in entry.leaf


def test_no_agent_is_given_all_deals_or_another_role() -> None:
    """A token for an agent or a customer names its deals, and goes with nothing else."""
    from walkaway_edge.http.identity import identity

    for roles, deals in (
        (["agent"], []),
        (["customer"], []),
        (["agent", "rep"], ["D"]),
        (["executor", "agent"], ["D"]),
    ):
        with pytest.raises(EdgeProblem):
            identity("x", roles, deals)


def test_answers_to_agents_leave_on_a_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an answer takes is a whole number of steps, for a yes, a no and what is out of reach."""
    monkeypatch.setattr(serving, "GRID_S", 0.02)
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    async def use(face: Face) -> None:
        monkeypatch.setattr(serving.asyncio, "sleep", noted)
        for deal, terms in (("D-0", OFFER["terms"]), ("D-0", {"discount": "39%"}), ("E-9", {"discount": "1%"})):
            await face.call("POST", f"/v1/deals/{deal}/check", {"terms": terms}, face.token("agent"))
        await face.call("GET", "/v1/deals/D-0", None, face.token("rep"))

    with_face(use)
    assert len(slept) == 3
    assert all(0 < seconds <= 0.02 for seconds in slept)
