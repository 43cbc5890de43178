"""No agent finds out what an issue is worth to us by naming values so large that worth cannot be held any more."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.serve
for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import Face, Told  # noqa: E402
from tests.helpers.findings import BASE, read  # noqa: E402

OPENS = {"deal": "D", "id": "e1", "facts": {"list_price": "9,000,000 USD", "segment": "smb"}, "party": "Harbour"}
WORTH = "0.125% of deal.list_price per month"
LARGE = [10**power for power in range(3, 16)]


@pytest.fixture
def faces(tmp_path: Path) -> Iterator[list[Face]]:
    """Return two servers, to which a month is worth ten times as much to the second; nothing else differs."""
    texts = (BASE, BASE.replace(WORTH, f"1.25{WORTH.removeprefix('0.125')}"))
    found = [Face(read(text).unwrap(), tmp_path / f"face{n}") for n, text in enumerate(texts)]
    yield found
    for face in found:
        face.close()


def ways(months: str) -> dict[str, tuple[str, str, Any]]:
    """Return whatever an agent may name terms in."""
    terms = {"term": months}
    evaluation = {
        "subject": {"type": "agent", "id": "bot"},
        "action": {"name": "send_offer"},
        "resource": {"type": "deal", "id": "D", "properties": {"terms": terms}},
    }
    theirs = {"type": "offer", "by": "them"}
    return {
        "check": ("POST", "/v1/deals/D/check", {"terms": terms}),
        "permit": ("POST", "/v1/permits", {"deal": "D", "terms": terms}),
        "proposals": ("POST", "/v1/deals/D/proposals", {"terms": terms}),
        "evaluation": ("POST", "/access/v1/evaluation", evaluation),
        "event": ("PUT", f"/v1/deals/D/events/o{months[:-7]}", {**theirs, "terms": terms}),
        "packages": (
            "PUT",
            f"/v1/deals/D/events/p{months[:-7]}",
            {**theirs, "packages": [{"term": "9 months"}, terms]},
        ),
    }


async def told(face: Face, way: str) -> list[Told]:
    """Return what is said to one value after the other, the least first."""
    await face.call("POST", "/v1/deals", OPENS, face.token("feed", "crm"))
    agent = face.token("agent", "bot", "D")
    return [await face.call(*ways(f"{months} months")[way], agent) for months in LARGE]


@pytest.mark.parametrize("way", ways("1 months"))
def test_large_values_are_answered_alike_whatever_an_issue_is_worth(faces: list[Face], way: str) -> None:
    """Byte by byte, also where the worth of one of the two cannot be held; and the largest are refused as such."""
    one, other = (asyncio.run(told(face, way)) for face in faces)
    assert one == other
    last = one[-1].json
    if way == "evaluation":
        assert last["decision"] is False
    else:
        place = {"event": "/terms/term", "packages": "/packages/1/term"}.get(way, "/terms/term")
        assert [(f["code"], f["pointer"]) for f in last["findings"]] == [("wrong-field", place)]
    assert b"WA611" not in b"".join(each.body for each in one)


def test_ones_own_word_makes_no_larger_one_dealt_in(faces: list[Face]) -> None:
    """The other side may say more and more: what counts is what we stand at. Our own people have no such bound."""
    face = faces[0]

    async def run() -> list[int]:
        agent, rep = face.token("agent", "bot", "D"), face.token("rep", "ana")
        await face.call("POST", "/v1/deals", OPENS, rep)
        events = [{"type": "offer", "by": "them", "terms": {"term": f"{n} months"}} for n in (12_000, 12_001, 100_000)]
        found = [await face.call("PUT", f"/v1/deals/D/events/o{n}", event, agent) for n, event in enumerate(events)]
        found.append(await face.call("POST", "/v1/deals/D/check?search=no", {"terms": {"term": "100000 months"}}, rep))
        return [each.status for each in found]

    assert asyncio.run(run()) == [201, 422, 422, 200]
