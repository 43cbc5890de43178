"""How a deal goes on after an event."""

from typing import Any


def test_an_approval_takes_the_place_of_what_the_same_person_approved_of_the_same(told: Any) -> None:
    """Of terms that of other terms; of an event that of this event; of somebody else's none."""
    told.us(term="24 months")
    told(type="void", of="e2", reason="a slip", actor="rep")

    def by(who: str, **what: Any) -> set[str]:
        told(type="approve", approver=who, role="manager", **what)
        return {a.id for a in told.position.approvals}

    assert by("ana", terms={"discount": "1%"}) == {"e4"}
    assert by("bob", terms={"discount": "1%"}) == {"e4", "e5"}
    assert by("ana", of="e3") == {"e4", "e5", "e6"}
    assert by(" Ana", terms={"discount": "2%"}) == {"e5", "e6", "e7"}
    assert by("ana", of="e3") == {"e5", "e7", "e8"}


def test_an_approval_that_has_run_out_is_let_go_by_the_next_one(told: Any) -> None:
    """Its last instant is in force still."""
    for n, until in enumerate(("2026-10-01T12:00:00Z", "2026-10-01T13:00:00Z"), 2):
        told(type="approve", approver=f"p{n}", role="manager", terms={"discount": "1%"}, until=until)
    told(type="approve", approver="ana", role="manager", terms={"discount": "1%"})
    assert {a.approver for a in told.position.approvals} == {"p2", "p3", "ana"}
    told(type="approve", approver="bob", role="manager", terms={"discount": "1%"})
    assert {a.approver for a in told.position.approvals} == {"p3", "ana", "bob"}
