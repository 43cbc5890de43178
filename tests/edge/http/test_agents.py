"""What agents and customers learn: yes and no, counted, and nothing else that rests on a number of ours.

Many worlds are tried in one deal, as in `tests/properties/test_disclosure.py`: other limits, and policies with one
number moved by one unit. Worlds with an equal history of yes and no must give equal bytes, whatever is asked of
whatever can be reached. `WALKAWAY_AGENT_DEALS` sets how many deals are made up.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

for name in ("starlette", "uvicorn", "httptools", "jinja2", "jwt"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.agents import PARTY, Face, Told, agent  # noqa: E402
from tests.helpers.deals import SHIPPED, Deals  # noqa: E402
from tests.helpers.strategies import SEED, size  # noqa: E402
from tests.properties.test_disclosure import is_chosen  # noqa: E402

from walkaway import InvalidInput, Policy, policy  # noqa: E402
from walkaway.deal.fold import opening  # noqa: E402
from walkaway.deal.position import Position  # noqa: E402
from walkaway.events import Open  # noqa: E402
from walkaway.language.values import format_value  # noqa: E402
from walkaway.testing.mutants import Mutant, mutants_of  # noqa: E402
from walkaway_edge.http import serving  # noqa: E402
from walkaway_edge.http.call import Call  # noqa: E402
from walkaway_edge.http.identity import SAYABLE, Role  # noqa: E402
from walkaway_edge.http.table import ROUTES, Route  # noqa: E402
from walkaway_edge.mcp import resources  # noqa: E402
from walkaway_edge.mcp.tools import AGENTS  # noqa: E402
from walkaway_edge.page.forms import TERM  # noqa: E402
from walkaway_edge.page.pages import DONE, SHOWN  # noqa: E402

pytestmark = pytest.mark.serve

DEALS = size("WALKAWAY_AGENT_DEALS", 60, 600)
EVENTS, SETS, MOVED = 2, 2, 3
"""Of each deal: its events, the sets of limits, and the policies with one number moved."""
ANSWERS = {"send": b"We can agree to these terms.", "change": b"We cannot agree to these terms as they stand."}
"""How pages say the one bit."""
WIDE = (1_000_000, 1_000_000)
"""A budget that no test spends."""


@pytest.fixture(autouse=True)
def finely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers leave at once; that they leave on a grid is a test of its own."""
    monkeypatch.setattr(serving, "GRID_S", 1e-6)


def asks_of(route: Route, deal: str, terms: Mapping[str, str], number: int) -> Iterator[tuple[str, str, object]]:
    """Return what is asked of an address that agents reach; a new one is asked here too."""
    path = route.path.replace("{deal}", deal).replace("{event}", f"t{number}")
    match route.method, route.path:
        case "GET", _:
            yield "GET", path, None
        case "POST", "/v1/deals/{deal}/check":
            yield "POST", path, {"terms": terms}
            yield "POST", path, {"act": "accept"}
            yield "POST", path, {"terms": {"no_such_issue": "1"}}
        case "POST", "/v1/deals/{deal}/proposals":
            yield "POST", path, {"terms": terms}
        case "POST", "/v1/permits":
            yield "POST", path, {"deal": deal, "terms": terms}
        case "PUT", "/v1/deals/{deal}/events/{event}":
            yield "PUT", path, {"type": "offer", "by": "them", "terms": terms}
        case _:
            raise AssertionError(f"say how {route.method} {route.path} is asked by an agent")


@cache
def loaded(place: int) -> Policy:
    """Return a policy that ships."""
    return policy.load(SHIPPED[place]).unwrap()


@cache
def moved(place: int) -> tuple[Mutant, ...]:
    """Return the policies in which one of its numbers is moved; one that a layer above states would move there too."""
    ours = loaded(place)
    above = set() if ours.above is None else {(m.of, m.text) for m in mutants_of(ours.above)}
    return tuple(m for m in mutants_of(ours) if is_chosen(m, ours) and (m.of, m.text) not in above)


def worlds(ours: Policy, mutants: Sequence[Mutant], deals: Deals) -> tuple[Open, Position, list[tuple[Policy, Open]]]:
    """Return a deal's opening in many worlds, the base case first; and the deal as it opens there."""
    first = msgspec.structs.replace(deals.open(), party=PARTY, actor="ana")
    base, rng = opening(ours, first), deals.rng
    found = [(ours, first)]
    for _ in range(SETS - 1):
        found.append((ours, msgspec.structs.replace(first, limits=dict(first.limits) | deals.limits(base))))
    found += [(m.policy, first) for m in rng.sample(mutants, min(MOVED, len(mutants)))]
    return first, base, found


def answer_of(told: Any) -> str:
    """Return the one bit that an answer may hold; empty where it holds none."""
    if isinstance(told, Told) and told.body.startswith(b"<!doctype html>"):
        return next((word for word, said in ANSWERS.items() if said in told.body), "")
    found = told.json if isinstance(told, Told) else told
    if isinstance(found, Mapping) and "context" in found:
        found = found["context"]
    return str(found.get("next", "")) if isinstance(found, Mapping) else ""


async def every_answer(face: Face, deal: str, terms: Mapping[str, str], number: int) -> list[Any]:
    """Ask everything that an agent and a customer can ask: every address, every tool, AuthZEN."""
    found: list[Any] = []
    for role in sorted(SAYABLE):
        token = face.token(role)
        for route in ROUTES:
            if role in route.roles:
                found += [await face.call(*each[:2], each[2], token) for each in asks_of(route, deal, terms, number)]
    found += await every_page(face, deal, terms)
    who = agent()
    for tool in AGENTS:
        arguments: dict[str, Any] = {"deal": deal}
        if "terms" in tool.takes:
            arguments["terms"] = terms
        if "event" in tool.takes:
            arguments |= {"id": f"m{number}", "event": {"type": "reject", "by": "them"}}
        found.append(await face.tool(who, tool.name, arguments))
    for listed in (*resources.listed(who), *resources.templates(who)):
        uri = listed.uri.replace("{deal}", deal)
        found.append(msgspec.structs.asdict(await face.asked(resources.content(Call(face.front, who), uri))))
    question = {
        "subject": {"type": "agent", "id": "agent"},
        "action": {"name": "send_offer"},
        "resource": {"type": "deal", "id": deal, "properties": {"terms": terms}},
    }
    for path in ("/access/v1/evaluation", "/access/v1/evaluations"):
        found.append(await face.call("POST", path, question, face.token("agent")))
    return found


async def every_page(face: Face, deal: str, terms: Mapping[str, str]) -> list[Told]:
    """Look at every page of a customer's, and send every form of it; a new one is asked here too."""
    headers, token = face.customer()
    sent = {**{f"{TERM}{issue}": value for issue, value in terms.items()}, "form_token": token}
    forms = [{**sent, "act": "offer"}, {**sent, "act": "accept"}, {**sent, f"{TERM}{next(iter(terms), 'x')}": "?"}]
    found = []
    for path, _, roles in SHOWN:
        if Role.CUSTOMER in roles:
            address = f"/{path.replace('{deal}', deal)}?"
            found.append(await face.call("GET", address, None, headers=headers))
            found.append(await face.call("GET", address + urlencode(forms[0]), None, headers=headers))
    for path, _, roles, _ in DONE:
        if Role.CUSTOMER in roles:
            address = f"/{path.replace('{deal}', deal)}"
            found += [await face.call("POST", address, urlencode(f).encode(), headers=headers) for f in forms]
    assert len(found) >= 7
    return found


async def split(faces: Sequence[Face], terms: Mapping[str, str], number: int) -> list[list[Face]]:
    """Ask everything in worlds that were alike so far; those that answered alike have to have said the same."""
    told = [await every_answer(face, "D", terms, number) for face in faces]
    cells: list[list[int]] = [list(range(len(faces)))]
    for place in range(len(told[0])):
        following: list[list[int]] = []
        for cell in cells:
            bits: dict[str, list[int]] = defaultdict(list)
            for world in cell:
                bits[answer_of(told[world][place])].append(world)
            for same in bits.values():
                assert len({repr(told[world][place]) for world in same}) == 1, [told[world][place] for world in same]
                following.append(same)
        cells = following
    return [[faces[world] for world in cell] for cell in cells]


async def one_deal(number: int, folder: Path) -> int:
    """Make a deal up in many worlds, and ask everything between its events; return how many worlds were compared."""
    rng = Random(f"{SEED}:agents:{number}")
    place = number % len(SHIPPED)
    ours = loaded(place)
    deals = Deals(ours, rng)
    _, base, opened = worlds(ours, moved(place), deals)
    faces: list[Face] = []
    try:
        for place, (of, first) in enumerate(opened):
            face = Face(msgspec.structs.replace(of, asks=WIDE), folder / f"{number}-{place}")
            faces.append(face)
            try:
                await face.decide(first)
            except InvalidInput:
                faces.pop().close()
        cells, compared = [list(faces)], 0
        for step, event in enumerate(deals.events(base, EVENTS)):
            event = msgspec.structs.replace(event, actor="ana")
            following: list[list[Face]] = []
            for cell in cells:
                answers: dict[object, list[Face]] = defaultdict(list)
                for face in cell:
                    try:
                        decision = await face.decide(event)
                        answers[decision.is_yes, decision.door is not None].append(face)
                    except InvalidInput as error:
                        answers[error.findings[0].code].append(face)
                terms = {n: format_value(v, ours.issues[n].unit) for n, v in deals.terms(base).items()}
                for same in answers.values():
                    compared += len(same) - 1
                    following += await split(same, terms, step)
            cells = following
        return compared
    finally:
        for face in faces:
            face.close()


@pytest.mark.parametrize("part", range(10))
def test_no_caller_but_told_reads_a_limit(part: int, tmp_path: Path) -> None:
    """Worlds with an equal history of yes and no give equal status, headers and bytes at all that agents reach."""
    compared = [asyncio.run(one_deal(number, tmp_path)) for number in range(part, DEALS, 10)]
    assert sum(compared) > len(compared)
