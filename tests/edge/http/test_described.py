"""What the description of the API says may be asked, asked for minutes: by schemathesis, of a server with real deals.

Its own values reach little but 404s, so that ids are those of deals, events, requests and entries that are there, and
bodies begin as what the address takes: what came through to a handler is counted, and has to be most of it.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="the extra `described` is not installed")
for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.helpers.commands import run  # noqa: E402
from tests.helpers.serving import Server, serving  # noqa: E402

from walkaway.log import new_key  # noqa: E402
from walkaway_edge.http.table import ROUTES, Route  # noqa: E402

pytestmark = pytest.mark.described

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
MINUTES = float(os.environ.get("WALKAWAY_DESCRIBED_MINUTES", "4"))
AT_ONCE = 20
"""So many calls of each address before the clock is looked at."""
SEED = 20261130
DEALS = ("D-1", "D-2", "D/3 é")
ROLES = ("rep", "approver:cfo", "sales-ops", "auditor", "feed", "agent", "customer", "executor")
FIELDS = (
    "deal", "id", "type", "by", "terms", "act", "at", "facts", "party", "answer", "reason", "until", "override", "note",
    "halt", "permit", "issues", "of", "kind", "final", "packages", "actor", "role",
)  # fmt: skip
WORTHS = st.one_of(
    st.sampled_from(["12%", "-1%", "36 months", "yes", "1e9%", "premium", "100,000 USD"]), st.none(), st.integers(),
    st.text(max_size=5),
)  # fmt: skip
FLOATS = st.floats(allow_nan=False, allow_infinity=False)  # JSON has no others
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), FLOATS, st.text(max_size=20),
    st.sampled_from([
        "offer", "accept", "reject", "signal", "update", "close", "tick", "void", "approve", "decline", "counter",
        "us", "them", "12%", "36 months", "10,000 USD", "2026-12-01T00:00:00Z", "2026-02-30T00:00:00Z", "yes",
        *DEALS, "e1", "",
    ]),
    st.dictionaries(st.sampled_from(["discount", "term", "prepay", "support", "list_price", "x"]), WORTHS, max_size=4),
    st.lists(st.text(max_size=5), max_size=3),
)  # fmt: skip
BODIES = st.dictionaries(st.one_of(st.sampled_from(FIELDS), st.text(max_size=8)), VALUES, max_size=7)
LIKELY = st.sampled_from([
    {"deal": "D-1", "terms": {"discount": "9%"}}, {"terms": {"discount": "12%", "term": "36 months"}},
    {"act": "accept"},
    {"type": "offer", "by": "them", "terms": {"discount": "25%"}}, {"answer": "decline", "reason": "no"},
    {"halt": False, "reason": "over"}, {"type": "tick"}, {"permit": "a.b.c", "terms": {}},
    {"deal": "D-9", "id": "e1", "facts": {"list_price": "9 USD"}},
])  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server with deals in which something was asked, approved and told."""
    rates = [word for role in ROLES for word in ("--rate", f"{role.partition(':')[0]}=0")]
    folder = tmp_path_factory.mktemp("described")
    (folder / "kept").mkdir()
    with serving(folder, *rates, "--checkpoints", "kept") as found:
        feed = found.client("feed", sub="crm", behalf="ana")
        for deal in DEALS:
            facts = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
            opening = {"deal": deal, "id": "e1", "party": "Harbour", "facts": facts}
            assert feed.post("/v1/deals", opening if deal == "D-1" else {**opening, "follows": "D-1"}).status == 201
        theirs = {"type": "offer", "by": "them", "terms": {"discount": "30%"}}
        assert feed.call("PUT", "/v1/deals/D-1/events/e2", theirs).status == 201
        ours = {"type": "offer", "by": "us", "terms": {"discount": "0%", "term": "24 months"}}
        assert feed.call("PUT", "/v1/deals/D-1/events/e3?for=ana", ours).status == 201
        theirs = {"type": "offer", "by": "them", "terms": {"discount": "25%"}}
        assert feed.call("PUT", "/v1/deals/D-1/events/e4", theirs).status == 201
        wanted = {"deal": "D-1", "terms": {"discount": "9%", "prepay": "yes", "term": "36 months"}}
        asked = found.client("rep").post("/v1/approvals", wanted)
        assert asked.status == 201, asked.body
        assert found.client("sales-ops", sub="olga").post("/v1/policies/lint", {}).status == 202
        (folder / "key").write_text(new_key("described").text())
        (folder / "key").chmod(0o600)
        files = ("--store", str(folder / "walkaway.db"), "--key", str(folder / "key"), "--to", str(folder / "kept"))
        assert run("log", "checkpoint", *files).exit_code == 0
        yield found


def query_of(route: Route, server: Server) -> dict[str, str]:
    """Return what an address has to be asked to be answered."""
    if route.path != "/v1/log/consistency":
        return {}
    (signed,) = (server.folder / "kept").glob("*.checkpoint")
    return {"old": str(int(signed.stem))}


def addressed(route: Route, there: dict[str, str], random: Random) -> dict[str, str]:
    """Return what stands in the braces of an address: mostly what is there."""
    known = {"deal": random.choice(DEALS), "event": f"e{random.randrange(1, 40)}", "n": str(random.randrange(9))}
    known |= there | {"file": "policy.yaml", "level": "0", "a": "000.p", "b": random.choice("123")}
    return {s[1:-1]: known.get(s[1:-1], "x") for s in route.segments if s.startswith("{")}


TILES = "/v1/log/tile/{level}/"
ASKED = [
    r
    for r in ROUTES  # of a log with few entries one tile alone is there, and that is asked for
    if not r.is_stream and r.lines is None and (not r.path.startswith(TILES) or r.path == TILES + "{a}/{b}")
]


@pytest.mark.parametrize("route", ASKED, ids=lambda r: f"{r.method} {r.path}")
def test_whatever_the_description_lets_ask_is_answered(server: Server, route: Route) -> None:
    """No status of 500 and above, each answer as described, and every problem with code, pointer and hint."""
    there = {
        "id": server.client("auditor", sub="otto").get("/v1/approvals?state=all").json["approvals"][0]["id"],
        "sha256": server.client("auditor", sub="otto").get("/v1/policies").json["policies"][0]["sha256"],
    }
    if route.path.startswith("/v1/jobs"):
        there["id"] = server.client("auditor", sub="otto").get("/v1/jobs").json["jobs"][-1]["id"]
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    operation = schema[route.path][route.method]
    clients = {role: server.client(role, sub=role.partition(":")[0], deals="*") for role in ROLES}
    seen: Counter[int] = Counter()
    until = time.monotonic() + MINUTES * 60 / len(ASKED)

    def ask(case: Any, body: dict[str, Any], role: str, drawn: int) -> None:
        random = Random(drawn)
        if random.random() < 0.9:
            case.path_parameters = addressed(route, there, random)
        if route.body and random.random() < 0.8:
            case.body, case.media_type = body, "application/json"
        if random.random() < 0.7:
            case.query = query_of(route, server)
        own = [r for r in ROLES if r.partition(":")[0] in route.roles]
        who = random.choice(own) if own and random.random() < 0.8 else role
        case.headers = {k: v for k, v in (case.headers or {}).items() if k.lower() != "authorization"}
        if random.random() < 0.5 and route.writes == "deal":
            case.headers = {**case.headers, "If-Match": "*"}
        if random.random() < 0.9 and route.key:  # now and then one that was used
            case.headers = {**case.headers, "Idempotency-Key": f'"{random.randrange(1 << 8)}"'}
        response = case.call(headers={"Authorization": f"Bearer {clients[who].token}"}, timeout=30)
        seen[response.status_code] += 1
        assert response.status_code < 500, (response.status_code, response.content)
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 400:
            told = response.json()
            assert response.headers["content-type"] == ["application/problem+json"]
            assert told["findings"]
            for finding in told["findings"]:
                assert finding["code"]
                assert "Traceback" not in str(finding)
                assert finding["pointer"] == "" or finding["pointer"].startswith("/")
                assert finding["hint"] or who in ("agent", "customer")

    given_of = given(
        operation.as_strategy(), st.one_of(LIKELY, BODIES), st.sampled_from(ROLES), st.integers(0, 1 << 32)
    )
    at_once = settings(
        max_examples=AT_ONCE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for number in count(SEED):
        seed(number)(at_once(given_of(ask)))()
        if time.monotonic() > until:
            break
    reached = sum(n for status, n in seen.items() if status not in (400, 401, 403, 404, 405, 415))
    assert reached >= sum(seen.values()) // 4, seen


def test_nothing_of_it_is_a_fault_in_the_log(server: Server) -> None:
    """The log of requests names no fault, and no token stands in it."""
    log = server.log()
    assert " fault " not in log
    assert "Traceback" not in log
    assert "wa_" not in log
