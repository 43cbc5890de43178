"""Events of no deal, and asks of agents: what they change in every deal, in memory and in a log."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from tests.engine.session.test_parties import Decide, Event, decide, event, lines_of, make, offers, opens, rules_of
from tests.helpers.logs import counted_salts

import walkaway
from walkaway import Core, DeadLetter, Decision, Engine
from walkaway.deal.position import PartyRecord
from walkaway.log import store as db
from walkaway.log.auditing import audit
from walkaway.log.erasing import erase, texts_of_deal
from walkaway.log.party_audit import KnownParties
from walkaway.log.policies import Policies
from walkaway.log.record import RELEASE, Recorder
from walkaway.log.replaying import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.verify import verify
from walkaway.run.parallel import LogWorker
from walkaway.session.parties import NotAlone

__all__ = ["decide"]


def stops(hour: int, sort: str = "kill", role: str = "cfo") -> Event:
    """Return the event that stops all offers, or lets them go on."""
    said = event("", hour, sort, approver="carla", role=role, reason="The price list is wrong.")
    return {key: value for key, value in said.items() if key != "deal"}


def asks(deal: str, hour: int, *, yes: bool = False, cost: int = 1, permit: str = "") -> Event:
    """Return what an agent asked."""
    found = event(deal, hour, "probe", actor="agent-7", asked='{"act":"offer"}', yes=yes, cost=cost, confirmed=True)
    return {**found, "permit": permit} if permit else found


STOPPED = [
    opens("D-1", 9),
    opens("D-2", 9, "Quay Foundry"),
    opens("D-3", 9, ""),
    offers("D-1", 10),
    stops(11),
    *(offers(deal, 12, terms={"term": "30 months"}) for deal in ("D-1", "D-2", "D-3")),
    event("D-1", 13, "offer", by="them", terms={"discount": "15%"}),
    stops(14, "resume"),
    *(offers(deal, 15, terms={"term": "36 months"}) for deal in ("D-1", "D-2", "D-3")),
]


def test_from_a_kill_on_every_offer_of_ours_waits_in_every_deal_until_resume(decide: Decide) -> None:
    """Deals with any party, and with nobody named, are held; afterwards the same offers pass."""
    found = decide(STOPPED)
    held, after = found[5:8], found[10:]
    assert [(d.verdict, "halted" in rules_of(d)) for d in held] == [("hold", True)] * 3
    assert [(d.verdict, "halted" in rules_of(d)) for d in after] == [("proceed", False)] * 3
    assert held[2].party.halted  # type: ignore[union-attr]
    assert "halted" not in rules_of(found[8])


def test_only_the_highest_role_stops_all_offers() -> None:
    """A lower role, or a deal that is named, gets a finding with its place, and nothing is stopped."""
    session = walkaway.Session(make())
    session.decide(opens("D-1", 9))
    answers = session.decide_many([stops(10, role="manager"), {**stops(10), "deal": "D-1"}, event("*", 10, "tick")])
    assert [a.findings[0].code for a in answers if isinstance(a, DeadLetter)] == ["WA510", "WA503", "WA503"]
    assert not session.halted
    assert session.deals() == ["D-1"]


def recorded(path: Path, events: Sequence[Event]) -> list[Decision]:
    """Return the decisions of events that are recorded one by one."""
    with closing(Sqlite(path, writable=True)) as store:
        recorder = Recorder(store, make(), counted_salts())
        return [a.decision for line in lines_of(events) for a in recorder.record([line])]  # type: ignore[union-attr]


def test_an_audit_finds_decisions_that_knew_of_a_kill_what_the_log_contradicts(tmp_path: Path) -> None:
    """The log as it is has nothing to report of it; a decision that was held by a kill that is not there has."""
    recorded(tmp_path / "log.db", STOPPED)
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        policies = Policies(store, Core.PLAIN, print)
        assert not [f for f in audit(store, policies) if "stopped" in f.what]
    hidden = KnownParties()
    engine, position = Engine(make(), Core.PLAIN), None
    for n, each in enumerate([opens("D-1", 9), offers("D-1", 10)]):
        read = walkaway.Stream(engine).decoder.decode(lines_of([each])[0].data).unwrap()
        found = engine.evaluate(position, read, party=PartyRecord(halted=n == 1))
        hidden.read(n, found, engine.policy)
        position = found.after
    assert [(n, deal) for n, deal, _ in hidden.not_stopped()] == [(1, "D-1")]


def test_several_processes_do_not_decide_beside_a_kill(tmp_path: Path) -> None:
    """Where others decide for the same deals, a kill ends the run instead of stopping some offers only."""
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        Recorder(store, make(), counted_salts())
        worker = LogWorker(store, [make()], counted_salts(), Core.PLAIN, print, 100, in_words=True)
        with pytest.raises(NotAlone):
            worker.decide(lines_of([stops(9)]))


ASKED = [
    opens("D-1", 9),
    asks("D-1", 10),
    asks("D-1", 11, yes=True, cost=2, permit="P-1"),
    opens("D-2", 12, "harbour mills", follows="D-1"),
    asks("D-2", 13, yes=True, cost=0, permit="P-9"),
    {**offers("D-1", 14), "id": "P-1", "via": "gateway"},
    asks("D-1", 15),
    event("D-1", 16, "offer", by="them", terms={"discount": "15%"}),
]


def probes(decide: Decide, events: Sequence[Event]) -> list[tuple[str, str]]:
    """Return what rules read of asks after each event."""
    text = (
        make()
        .files["policy.yaml"]
        .decode()
        .replace(
            "rules:",
            "rules:\n  seen: {why: Counted., on: tick, when: theirs.probes >= 0 and ours.unsent >= 0, then: hold}",
        )
    )
    said: list[Event] = []
    for each in events:
        tick = event(each["deal"], int(each["at"][11:13]), "tick")
        said += [each, {**tick, "id": f"t-{tick['id']}", "at": each["at"].replace(":00:00Z", ":30:00Z")}]
    read = [next(r for r in d.reasons if r.rule == "seen").facts for d in decide(said, make(text))[1::2]]
    return [(facts["theirs.probes"], facts["ours.unsent"]) for facts in read]


def test_asks_are_counted_by_party_and_a_yes_that_is_said_costs_less(decide: Decide) -> None:
    """What was asked in one deal counts in the other; a yes counts twice until it is said, an implied one never."""
    assert probes(decide, ASKED) == [
        ("0", "0"), ("1", "0"), ("3", "1"), ("3", "0"), ("3", "0"), ("2", "0"), ("3", "0"), ("3", "0"),
    ]  # fmt: skip


def test_a_probe_changes_nothing_else(decide: Decide) -> None:
    """Every other event is answered as it is without the asks between."""
    without = [e for e in ASKED if e["type"] != "probe"]
    with_asks = [d for d, e in zip(decide(ASKED), ASKED, strict=True) if e["type"] != "probe"]
    assert [(d.verdict, rules_of(d)) for d in with_asks] == [(d.verdict, rules_of(d)) for d in decide(without)]


def test_what_was_asked_is_sealed_and_can_be_erased(tmp_path: Path) -> None:
    """The log holds the seal of the terms; once they are erased, it is verified, replayed and counted as before."""
    recorded(tmp_path / "log.db", ASKED)
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        assert not any(b'\\"act' in entry.leaf for entry in db.entries(store))
        erase(
            store, lambda: texts_of_deal(store, "D-1"), "2027-01-01T00:00:00Z", "carla", "asked for",
            counted_salts(9_000), RELEASE,
        )  # fmt: skip
    with walkaway.Session(make(), str(tmp_path / "log.db")) as session:
        assert session.disclosure("D-2").spent == 3
    with closing(Sqlite(tmp_path / "log.db", writable=False)) as store:
        assert not verify(store).damages
        assert not [r for r in replay(store, Policies(store, Core.PLAIN, print), db.entries(store)) if r is not None]


def test_a_voided_ask_was_asked_all_the_same() -> None:
    """Taking an event of the agent's back gives no ask back."""
    session = walkaway.Session(make())
    for each in [*ASKED[:3], event("D-1", 12, "void", of="D-1-5-10", reason="a slip", actor="ana")]:
        session.decide(each)
    session.decide(event("D-1", 13, "approve", approver="carla", role="cfo", of="D-1-5-12"))
    assert session.disclosure("D-1").spent == 3


@pytest.mark.parametrize("wrong", [{"cost": 3}, {"cost": True}, {"yes": "perhaps"}, {"permit": "P-1", "yes": False}])
def test_a_probe_says_what_was_told_and_what_it_cost(wrong: Event) -> None:
    """Anything else is a finding with its place."""
    session = walkaway.Session(make())
    session.decide(opens("D-1", 9))
    (answer,) = session.decide_many([{**asks("D-1", 10), **wrong}])
    assert isinstance(answer, DeadLetter)
    assert answer.findings[0].code == "WA503"


def test_both_cores_and_the_generated_functions_know_a_kill() -> None:
    """The fastest way and the rooms give the same evidence, before and after everything is stopped."""
    for core in (Core.PLAIN, Core.BOTH):
        engine = Engine(make(), core)
        assert engine.generated.applies
        stream = walkaway.Stream(engine)
        evidence = walkaway.Stream(Engine(make(), core), in_words=False)
        for line in lines_of(STOPPED):
            said, shown = next(iter(stream.each([line]))), next(iter(evidence.each([line])))
            assert said.verdict == shown.verdict  # type: ignore[union-attr]
            assert said.position == shown.position  # type: ignore[union-attr]


def test_a_request_for_an_approval_and_its_decline_move_nothing() -> None:
    """What an agent was told before still holds, and is free; a decline names terms that the policy knows."""
    asking = event("D-1", 11, "request", actor="ana", terms={"discount": "20%"}, note="please")
    declined = event("D-1", 12, "decline", approver="carla", of=asking["id"], reason="no", terms={"discount": "5%"})
    session = walkaway.Session(make())
    for each in (opens("D-1", 9), asks("D-1", 10)):
        session.decide(each)
    before = session.disclosure("D-1")
    assert [session.decide(each).verdict.value for each in (asking, declined)] == ["proceed", "proceed"]
    assert session.disclosure("D-1") == before
    (answer,) = session.decide_many([{**declined, "id": "x", "terms": {"no-such-issue": "1"}}])
    assert isinstance(answer, DeadLetter)
    assert answer.findings[0].code == "WA505"


def test_one_state_of_the_log_is_seen_in_all_that_is_asked_inside(tmp_path: Path) -> None:
    """What another writer appends meanwhile is seen afterwards, and nothing is decided there."""
    path = str(tmp_path / "log.db")
    with walkaway.Session(make(), path) as session, walkaway.Session(make(), path) as other:
        session.decide(opens("D-1", 9))
        with session.looking():
            assert len(session.state("D-1").events) == 1
            other.decide(asks("D-1", 10))
            assert len(session.state("D-1").events) == 1
            assert len(session.history("D-1").turns) == 1
            with session.looking():
                assert session.disclosure("D-1").spent == 0
            with pytest.raises(AssertionError):
                session.decide(asks("D-1", 11))
        assert len(session.state("D-1").events) == 2
        session.decide(asks("D-1", 11))
        assert len(session.history("D-1").turns) == 3
