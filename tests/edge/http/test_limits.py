"""How often a token may ask: each by itself, with the wait that it is told, and never for free after it."""

import asyncio
from pathlib import Path

import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tests.helpers.agents import Face  # noqa: E402
from tests.helpers.serving import POLICY, Client, serving  # noqa: E402

from walkaway_edge.http import limits  # noqa: E402
from walkaway_edge.http.answers import Problem  # noqa: E402
from walkaway_edge.http.identity import Role, identity  # noqa: E402
from walkaway_edge.http.limits import SAVED_S, CallLimits, rates_of  # noqa: E402
from walkaway_edge.problems import EdgeProblem  # noqa: E402

pytestmark = pytest.mark.serve

ANA = identity("ana", ["rep"], key="t1")


@given(st.lists(st.floats(0, 30), max_size=60))
def test_no_more_calls_come_through_than_time_gives(waits: list[float]) -> None:
    """In any stretch there are at most the saved ones and those that its seconds bring; whoever waits is let in."""
    now = [0.0]
    counted = CallLimits(lambda: now[0], {Role.REP: 2})
    through: list[float] = []
    for wait in waits:
        now[0] += wait / 10
        try:
            counted.take(ANA)
        except Problem as wrong:
            later = CallLimits(lambda: now[0], {Role.REP: 2})
            later.left = dict(counted.left)
            now[0] += int(wrong.headers["Retry-After"])
            later.take(ANA)
            now[0] -= int(wrong.headers["Retry-After"])
        else:
            through.append(now[0])
    for first, began in enumerate(through):
        for last in range(first, len(through)):
            assert last - first + 1 <= 2 * SAVED_S + 2 * (through[last] - began) + 1e-6


def test_a_token_is_counted_by_itself_and_by_the_most_that_its_roles_may() -> None:
    """One that asks too often stops nobody else; a feed may send as it likes."""
    counted = CallLimits(lambda: 0.0, {Role.REP: 1, Role.AUDITOR: 2})
    both = identity("ana", ["rep", "auditor"], key="t2")
    for who, most in ((ANA, SAVED_S), (both, 2 * SAVED_S)):
        for _ in range(most):
            counted.take(who)
        with pytest.raises(Problem) as wrong:
            counted.take(who)
        assert wrong.value.details.status == 429
    assert counted.take(identity("crm", ["feed"], key="t3")) == {}


def test_memory_of_who_asked_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has all their calls again is forgotten first, and it costs them nothing."""
    monkeypatch.setattr(limits, "MOST", 10)
    now = [0.0]
    counted = CallLimits(lambda: now[0], {Role.REP: 1})
    for number in range(100):
        now[0] += 3.0
        counted.take(identity("ana", ["rep"], key=str(number)))
    assert len(counted.left) <= 10


@pytest.mark.parametrize("said", ["rep", "rep=", "rep=x", "king=3", "rep=1.5", "rep=-1", "rep=١"])
def test_a_limit_is_a_role_and_a_number(said: str) -> None:
    """Anything else is told with what to write."""
    with pytest.raises(EdgeProblem):
        rates_of((said,))
    assert rates_of(("rep=3", "agent=0")) == {Role.REP: 3, Role.AGENT: 0}


def test_whoever_asks_too_often_is_told_how_long_to_wait(tmp_path: Path) -> None:
    """By the API with headers, on a page with the page; others are answered meanwhile."""
    with serving(tmp_path, "--rate", "rep=1") as server:
        ana, otto = server.client("rep"), server.client("auditor", sub="otto")
        first = ana.get("/v1/deals")
        assert (first.headers["ratelimit-policy"], first.headers["ratelimit"]) == (
            '"calls";q=10;w=10',
            '"calls";r=9;t=1',
        )
        replies = [ana.get("/v1/deals") for _ in range(25)]
        late = next(reply for reply in replies if reply.status == 429)
        assert (late.codes, late.headers["retry-after"]) == (["too-many"], "1")
        assert "no-store" in late.headers["cache-control"]
        assert otto.get("/v1/deals").status == 200
        cookie = Client(server.url).get(server.link.removeprefix(server.url)).headers["set-cookie"].partition(";")[0]
        pages = [Client(server.url).get("/deals", Cookie=cookie) for _ in range(25)]
        shown = next(page for page in pages if page.status == 429)
        assert shown.headers["content-type"].startswith("text/html")
        assert shown.headers["retry-after"] == "1"


def test_an_agent_over_its_limit_is_told_nothing_of_its_terms(tmp_path: Path) -> None:
    """Whatever it asks, the bytes are the same, and nothing is counted against its budget."""

    async def use(face: Face) -> tuple[set[bytes], int]:
        face.front.limits = CallLimits(lambda: 0.0)
        token = face.token("agent")
        path = "/v1/deals/D-1/check"
        for _ in range(20):
            await face.call("GET", "/v1/deals/D-1", None, token)
        told = [await face.call("POST", path, {"terms": {"discount": f"{n}%"}}, token) for n in (1, 12, 40)]
        return {each.body for each in told}, {each.status for each in told}.pop()

    face = Face(str(POLICY), tmp_path)
    try:
        bodies, status = asyncio.run(use(face))
    finally:
        face.close()
    assert (len(bodies), status) == (1, 429)
