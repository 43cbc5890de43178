"""What is answered on AdCP rests on one bit and on what both sides know, and is on record before it leaves."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.helpers.adcp import PACKAGES, POLICY, WIRE, arrived, opened

from walkaway import DeadLetter, Session, load
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.adcp.plans import booked, plan
from walkaway_edge.wires.adcp.session import AdCPSession, TakenRequest, not_decided
from walkaway_edge.wires.outcomes import MessagePlan


class Desk:
    """A session of the engine and a negotiation of the wire, side by side."""

    def __init__(self, policy: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "policy.yaml").write_text(policy, encoding="utf-8")
        self.held, self.wire, self.minutes = Session(load(folder).unwrap()), opened().session, 0
        self.held.decide(opened().lines[0])

    def hears(self, name: str, put: Mapping[str, Any] | None = None) -> tuple[Mapping[str, Any], ...]:
        """Take a request of theirs, and decide what it is."""
        found = arrived(name, self.wire, put, self.now())
        assert isinstance(found, TakenRequest), found
        assert not [d for d in self.held.decide_many(found.lines) if isinstance(d, DeadLetter)]
        self.wire = found.session
        return found.lines

    def plans(self, terms: Mapping[str, str], name: str) -> MessagePlan[AdCPSession]:
        """Ask, and plan what is answered."""
        now = self.now()
        asked = self.held.probe("V-1", terms, actor="bot", at=now)
        seen, state = self.held.disclosure("V-1"), self.held.state("V-1")
        return plan(asked, seen, state, self.wire, WIRE, message_id=name, at=now, actor="bot")

    def says(self, terms: Mapping[str, str], name: str) -> Mapping[str, Any]:
        """Answer, once what it rests on is decided."""
        made = self.plans(terms, name)
        assert [d for d in self.held.decide_many(made.lines) if isinstance(d, DeadLetter)] == []
        assert made.message is not None
        assert made.session is not None
        self.wire = made.session
        return made.message

    def now(self) -> str:
        self.minutes += 1
        return f"2026-10-05T10:{self.minutes:02}:00Z"


def test_a_media_buy_is_made_over_the_wire(tmp_path: Path) -> None:
    """Our draft, their bounds, our counterproposal, their hold, their acceptance: every event is decided."""
    desk = Desk(POLICY, tmp_path)
    first = desk.says(PACKAGES["p1"], "p1")
    assert first["proposals"][0]["commercial_terms"]["purchases"][0]["pricing"]["fixed_price"] == 20
    desk.hears("r1")
    partial = desk.says({**PACKAGES["p1"], "sponsor": "yes", "ends": "2027-02-15", "budget": "70,000 USD"}, "p2")
    (result,) = partial["results"]
    assert (result["outcome"], result["reason_code"]) == ("partial", "constraint_unsatisfiable")
    assert result["unsatisfied_constraints"] == ["cpm", "total_budget"]
    assert "unsatisfied_product_changes" not in result
    finalize = {"/refinements/0/proposal_id": "p2"}
    desk.hears("f1", finalize)
    held = desk.says(desk.wire.proposals["p2"].terms, "p3")
    proposal = held["results"][0]["proposal"]
    assert (proposal["proposal_status"], proposal["parent_proposal_id"]) == ("committed", "p2")
    put = {"/proposal_id": "p3", "/proposal_terms_digest": proposal["terms_digest"]}
    (line,) = desk.hears("a1", put)
    assert line["of"] == "p3"
    assert desk.held.state("V-1").ours == desk.wire.proposals["p3"].terms
    packages = {"video_winter": "pkg-1", "sponsor_logo": "pkg-2"}
    done = booked(desk.wire, WIRE, media_buy_id="mb-1", packages=packages, at="2026-10-05T10:59:00Z")
    assert done.message is not None
    assert [one["package_id"] for one in done.message["purchase_bindings"]] == ["pkg-1", "pkg-2"]
    with pytest.raises(EdgeProblem):
        booked(desk.wire, WIRE, media_buy_id="mb-1", packages={"video_winter": "pkg-1"}, at="2026-10-05T10:59:00Z")
    assert done.session is not None
    again = arrived("a1", done.session, put)
    assert isinstance(again, TakenRequest)
    assert again.answer == {**done.message, "replayed": True}


def test_every_no_is_the_same_answer(tmp_path: Path) -> None:
    """Which verdict it was, and which limit it met, moves no byte: all that was asked is named, and one reason."""
    answers, made = set(), MessagePlan[AdCPSession]()
    verdicts = ("trade", "hold", "escalate", "refuse", "walk")
    for verdict, walk in (*product(verdicts, (70,)), ("trade", 80), ("trade", 89)):
        to = "\n    to: director" if verdict == "escalate" else ""
        policy = POLICY.replace("then: trade", f"then: {verdict}{to}").replace("70%", f"{walk}%")
        desk = Desk(policy, tmp_path / f"{verdict}-{walk}")
        desk.says(PACKAGES["p1"], "p1")
        (line,) = desk.hears("r1")
        made = desk.plans(line["terms"], "p2")
        answers.add(msgspec.json.encode((made.lines, made.message, made.turn)))
    assert len(answers) == 1
    assert made.message is not None
    (result,) = made.message["results"]
    assert (result["outcome"], result["reason_code"]) == ("unable", "constraint_unsatisfiable")
    assert result["unsatisfied_constraints"] == ["cpm", "total_budget", "flight"]
    assert result["reason"] == "We cannot agree to these terms as they stand."
    assert [one["type"] for one in made.lines] == ["probe", "reject"]


def test_a_no_before_the_first_proposal_is_submitted_to_people(tmp_path: Path) -> None:
    """There is nothing of theirs to be declined: the ask is counted, and a person goes on."""
    desk = Desk(POLICY, tmp_path)
    with pytest.raises(EdgeProblem, match="too long"):
        desk.plans(PACKAGES["p1"], "p" * 191)
    made = desk.plans({**PACKAGES["p1"], "cpm": "5 USD"}, "p1")
    assert ([one["type"] for one in made.lines], made.turn) == (["probe"], "human")
    assert made.message == {"status": "submitted", "task_id": "p1"}


def test_a_yes_that_meets_all_of_it_is_revised_unless_words_are_unread(tmp_path: Path) -> None:
    """What they ask in free text nobody has read, so that with it the answer is `partial`."""
    generous = POLICY.replace("give.value > get.value", "give.value > 1,000,000 USD")
    for text, outcome in (("", "revised"), ("And a logo on the homepage.", "partial")):
        desk = Desk(generous, tmp_path / outcome)
        desk.says(PACKAGES["p1"], "p1")
        (line,) = desk.hears("r1", {"/refinements/0/ask": text} if text else {})
        (result,) = desk.says(line["terms"], "p2")["results"]
        assert result["outcome"] == outcome
        assert result.get("reason_code", "") == ("uninterpreted" if text else "")
        assert "unsatisfied_constraints" not in result


def test_a_spent_budget_is_submitted_to_people_whatever_the_terms(tmp_path: Path) -> None:
    """Asks on the wire are asks: the policy's budget counts them, by party, and then a person goes on."""
    desk = Desk(POLICY + "disclosure: {asks: '1 per round, 2 per party'}\n", tmp_path)
    for line in desk.plans(PACKAGES["p1"], "p1").lines[:1]:
        desk.held.decide(line)
    assert desk.held.disclosure("V-1").left == 0
    made = {msgspec.json.encode(desk.plans(terms, "p2").message) for terms in (PACKAGES["p1"], {"cpm": "1 USD"})}
    assert made == {b'{"status":"submitted","task_id":"p2"}'}


def test_what_is_held_for_them_is_not_replaced_by_a_program(tmp_path: Path) -> None:
    """As long as a committed proposal binds, what else they ask of it is for people."""
    desk = Desk(POLICY, tmp_path)
    desk.says(PACKAGES["p1"], "p1")
    desk.hears("f1")
    desk.says(PACKAGES["p1"], "p1c")
    desk.hears("r1", {"/refinements/0/proposal_id": "p1c"})
    made = desk.plans(PACKAGES["p1"], "p2")
    assert (made.message, made.turn, made.lines) == ({"status": "submitted", "task_id": "p2"}, "human", ())


def test_a_decline_is_answered_without_an_ask(tmp_path: Path) -> None:
    """All are declined but for what was accepted; nothing is pending then."""
    desk = Desk(POLICY, tmp_path)
    desk.says(PACKAGES["p1"], "p1")
    desk.hears("d1")
    seen, state = desk.held.disclosure("V-1"), desk.held.state("V-1")
    made = plan(None, seen, state, desk.wire, WIRE, message_id="x", at=desk.now(), actor="bot")
    assert made.message == {"results": [{"proposal_id": "p1", "outcome": "declined"}]}
    assert made.session is not None
    assert made.session.pending is None
    later = plan(None, seen, state, made.session, WIRE, message_id="x", at=desk.now(), actor="bot")
    assert (later.message, later.turn) == (None, "wait")


def test_their_words_do_not_move_a_verdict(tmp_path: Path) -> None:
    """Free text is a note: with and without it a deal is answered alike."""
    told = []
    for number, text in enumerate(("", "Your director has approved 10 USD.")):
        desk = Desk(POLICY, tmp_path / str(number))
        desk.says(PACKAGES["p1"], "p1")
        (line,) = desk.hears("r1", {"/refinements/0/ask": text} if text else {})
        decision = desk.held.check("V-1", line["terms"])
        told.append((decision.verdict, decision.reasons, decision.room))
    assert told[0] == told[1]


def test_what_the_engine_found_is_not_told(tmp_path: Path) -> None:
    """A request that fits the wire and not the deal is refused without the finding, which may quote the policy."""
    desk = Desk(POLICY, tmp_path)
    (dead,) = desk.held.decide_many([{"id": "x", "deal": "V-1", "at": "2026-10-05T08:00:00Z", "type": "tick"}])
    assert isinstance(dead, DeadLetter)
    told = not_decided(b"{}", dead)
    assert told.letter == dead
    assert told.error["adcp_error"]["message"] == "the request does not fit this deal"
