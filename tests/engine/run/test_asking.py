"""What a session says of a deal without a look at all that happened in it is what its whole course says."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.haggling import Said, haggled, haggled_with_a_party, loaded
from tests.helpers.logs import deal, make_policy

from walkaway import DeadLetter, InvalidInput, Session
from walkaway.deal.encode import canonical

OTHERS: list[dict[str, Any]] = [
    {"id": "x1", "type": "probe", "asked": "{}", "yes": False, "cost": 1, "actor": "agent-7", "confirmed": True},
    {"id": "x2", "type": "tick"},
    {"id": "x3", "type": "reject", "by": "us"},
    {"id": "x4", "type": "offer", "by": "them", "terms": {"discount": "30%"}},
    {"id": "x5", "type": "withdraw", "by": "them"},
    {"id": "x6", "type": "offer", "by": "us", "terms": {"discount": "9%"}},
    {"id": "x7", "type": "void", "of": "x6", "actor": "ana", "reason": "typed wrongly"},
]
"""What may happen in a deal beside offers, each half a minute after what was before it."""


@pytest.fixture(params=["memory", "store"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    """Return a session of each kind."""
    with Session(make_policy(), str(tmp_path / "log.db") if request.param == "store" else None) as found:
        yield found


def last_mover(session: Session, named: str) -> str:
    """Return who moved last, by the course of a deal."""
    return next((turn.by for turn in reversed(session.history(named).turns) if turn.by), "")


def test_who_moved_last_is_told_after_every_event(session: Session, tmp_path: Path) -> None:
    """As the course has it: whatever else happened since, and to whoever takes the deal up anew."""
    opening, *more = deal()
    at = [f"2026-10-05T09:{minute:02}:30Z" for minute in range(30)]
    others = [{"deal": opening["deal"], "at": at[n + 3], **other} for n, other in enumerate(OTHERS)]
    movers: list[str] = []
    for event in (opening, *more[:3], *others):
        if isinstance(session.decide_many([event])[0], DeadLetter):
            continue
        movers.append(session.state(opening["deal"]).mover)
        assert movers[-1] == last_mover(session, opening["deal"])
        if (log := tmp_path / "log.db").exists():
            with Session(make_policy(), str(log)) as anew:
                assert anew.state(opening["deal"]).mover == movers[-1]
    assert {"", "us", "them"} == set(movers)
    assert len(movers) > 8


def test_an_opening_with_terms_is_a_move_of_ours(session: Session) -> None:
    """One without is none; nobody has moved then."""
    opening = deal()[0]
    session.decide({**opening, "deal": "D-2", "terms": {"discount": "2%"}})
    session.decide({key: value for key, value in opening.items() if key != "terms"} | {"deal": "D-3"})
    assert (session.state("D-2").mover, last_mover(session, "D-2")) == ("us", "us")
    assert (session.state("D-3").mover, last_mover(session, "D-3")) == ("", "")


@pytest.mark.parametrize("made", [haggled, haggled_with_a_party])
def test_a_check_is_the_decision_that_all_there_is_to_say_holds(made: Callable[[int], tuple[Said, list[Said]]]) -> None:
    """To the byte, in deals that were haggled about at random; what cannot be offered is the same finding."""
    checks = findings = 0
    for seed in range(40):
        said, events = made(seed)
        with Session(loaded(said)) as session:
            for event in events:
                if event["type"] in ("offer", "accept") and event["by"] == "us" and event["deal"] in session.deals():
                    asked = (event["deal"], event.get("terms") if event["type"] == "offer" else None)
                    by = {name: event[name] for name in ("actor", "at") if name in event}
                    checked, told = (
                        answered(session.check, *asked, **by),
                        answered(session.ask, *asked, **by, search=False),
                    )
                    assert checked == told
                    checks, findings = checks + (b"verdict" in checked), findings + (b"verdict" not in checked)
                session.decide_many([event])
    assert checks > 40
    assert findings


def answered(ask: Callable[..., Any], *asked: Any, **by: Any) -> bytes:
    """Return a decision as bytes, or the findings where there is none."""
    try:
        found = ask(*asked, **by)
    except InvalidInput as problem:
        return "\n".join(map(str, problem.findings)).encode()
    return canonical(getattr(found, "decision", found))
