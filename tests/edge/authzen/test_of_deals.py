"""AuthZEN before deals: what may be sent is what is recorded with a yes, by the role of the token; and no fault."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.serve
for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import Face  # noqa: E402
from tests.helpers.findings import BASE, read  # noqa: E402

from walkaway import Code, Session  # noqa: E402
from walkaway.deal.admission import Unfit  # noqa: E402
from walkaway.run.deals import nothing  # noqa: E402

MANDATES = "mandates:\n  rep: {discount: at most 10%, support: basic}\n  manager: {discount: at most 15%}\n"
DEAL = {"deal": "D", "id": "e1", "facts": {"list_price": "9,000 USD", "segment": "smb"}}


@pytest.fixture
def face(tmp_path: Path) -> Iterator[Face]:
    """Return a server whose reps may say up to 10%."""
    found = Face(read(BASE + MANDATES).unwrap(), tmp_path / "face")
    yield found
    found.close()


def offer(discount: str) -> dict[str, Any]:
    """Return the question whether an offer may be sent."""
    return {
        "subject": {"type": "user", "id": "ana"},
        "action": {"name": "send_offer"},
        "resource": {"type": "deal", "id": "D", "properties": {"terms": {"discount": discount}}},
    }


@pytest.mark.parametrize(("discount", "may"), [("9%", True), ("10%", True), ("10.01%", False), ("16%", False)])
def test_a_rep_may_send_what_their_mandate_covers(face: Face, discount: str, may: bool) -> None:
    """As a check says it, and as the event is answered that sends it."""
    ana = face.token("rep", "ana")

    async def run() -> tuple[Any, ...]:
        await face.call("POST", "/v1/deals", DEAL, ana)
        told = (await face.call("POST", "/access/v1/evaluation", offer(discount), ana)).json
        terms = {"terms": {"discount": discount}}
        checked = (await face.call("POST", "/v1/deals/D/check?search=no", terms, ana)).json
        tag = dict((await face.call("GET", "/v1/deals/D", token=ana)).headers)[b"etag"].decode()
        event = {"type": "offer", "by": "us", **terms}
        sent = (await face.call("PUT", "/v1/deals/D/events/e2", event, ana, {"if-match": tag})).json
        return told["decision"], told["context"]["verdict"], checked["verdict"], sent["verdict"]

    decision, *verdicts = asyncio.run(run())
    assert decision is may
    assert len(set(verdicts)) == 1
    assert (verdicts[0] == "proceed") is may


def test_an_agent_hears_of_a_deal_that_cannot_be_folded_as_of_any_finding(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its code alone, and no fault of the server's."""
    lost = nothing(Unfit(Code.DEAL_NOT_FOLDED, "a quantity of 17.3719% was erased"), "D")

    def state(*_: object) -> None:
        raise lost

    monkeypatch.setattr(Session, "state", state)
    agent = face.token("agent", "bot", "D")
    asked = offer("9%") | {"subject": {"type": "agent", "id": "bot"}}
    told = asyncio.run(face.call("POST", "/access/v1/evaluation", asked, agent))
    assert told.status == 422
    assert [(f["code"], f["hint"]) for f in told.json["findings"]] == [(Code.DEAL_NOT_FOLDED.value, "")]
    assert b"17.3719" not in told.body
