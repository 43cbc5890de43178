"""The other side across deals: what happened in one deal is known in every other with the same party."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.logs import counted_salts

import walkaway
from walkaway import Core, DeadLetter, Decision, Engine, Policy, Stream
from walkaway.deal.lines import Line
from walkaway.log import store as db
from walkaway.log.policies import Policies
from walkaway.log.record import Recorder
from walkaway.log.replaying import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.verify import verify
from walkaway.policy import read

POLICY = """\
policy: seats
version: 1
side: seller
currency: USD
issues:
  discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%", want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 100 USD per month}
package: {base: "100,000 USD"}
signals: [deception]
roles: [manager, cfo]
rules:
  bad-faith: {why: Nobody deals with liars., on: signal, when: signals.deception >= 1, then: walk, door: closed}
"""
FORGIVING = POLICY.replace("version: 1", "version: 2\neffective: {from: 2026-01-20}").replace(
    "walk, door: closed", "hold"
)
FORGIVING = FORGIVING.replace("walk: 20%", "walk: 18%")
"""The next version, in which bad faith is no reason to walk, and less is given."""
ASK = {"terms": {"term": "24 months"}}

Event = dict[str, Any]
Decide = Callable[..., list[Decision]]


def make(text: str = POLICY) -> Policy:
    """Return a policy from its text."""
    return read(text.encode(), "policy.yaml", lambda _: None).unwrap()


def event(deal: str, hour: int, sort: str, day: int = 5, **fields: Any) -> Event:
    """Return an event; its id says where in its deal it is."""
    at = f"2026-01-{day:02d}T{hour:02d}:00:00Z"
    return {"id": f"{deal}-{day}-{hour}", "deal": deal, "at": at, "type": sort, **fields}


def opens(deal: str, hour: int, party: str = "Harbour Mills", **fields: Any) -> Event:
    """Return the opening of a deal with a party."""
    found = event(deal, hour, "open", facts={}, **fields)
    return {**found, "party": party} if party else found


def lies(deal: str, hour: int) -> Event:
    """Return the signal that closes the door."""
    return event(deal, hour, "signal", by="them", kind="deception")


def offers(deal: str, hour: int, **fields: Any) -> Event:
    """Return an offer of ours that nothing but a closed door stands against."""
    return event(deal, hour, "offer", by="us", actor="ana", **{**ASK, **fields})


BAD_FAITH = [opens("D-1", 9), lies("D-1", 10), opens("D-2", 11, " harbour mills"), offers("D-2", 12)]
REOPENED = [
    *BAD_FAITH,
    event("D-2", 13, "reopen", actor="ana", reason="New owner."),
    event("D-2", 14, "approve", approver="carla", role="cfo", of="D-2-5-13"),
    offers("D-2", 15),
    offers("D-1", 16),
    opens("D-3", 17, follows="D-1"),
    offers("D-3", 18),
]


def lines_of(events: Sequence[Event]) -> list[Line]:
    """Return events as lines."""
    return [Line(json.dumps(e).encode(), "events", n) for n, e in enumerate(events, 1)]


@pytest.fixture(params=["stream", "session", "log", "log of one", "restarted"])
def decide(request: pytest.FixtureRequest, tmp_path: Path) -> Decide:
    """Return what decides events in memory, in a session, and into a log: at once, one by one, and after restarts."""

    def recorded(events: Sequence[Event], *policies: Policy) -> list[Decision]:
        given, found, recorder = policies or (make(),), [], None
        with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
            lines = lines_of(events)
            size = len(lines) if request.param == "log" else 1
            for start in range(0, len(lines), size):
                if recorder is None or request.param == "restarted":
                    recorder = Recorder(store, given[0], counted_salts(1000 * start), others=given[1:])
                found += [a.decision for a in recorder.record(lines[start : start + size])]  # type: ignore[union-attr]
            assert not [
                r for r in replay(store, Policies(store, Core.PLAIN, print), db.entries(store)) if r is not None
            ]
            assert not verify(store).damages
        return found

    def streamed(events: Sequence[Event], *policies: Policy) -> list[Decision]:
        stream = Stream(*(Engine(p, Core.PLAIN) for p in policies or (make(),)))
        return list(stream.each(lines_of(events)))  # type: ignore[arg-type]

    def in_session(events: Sequence[Event], *policies: Policy) -> list[Decision]:
        with walkaway.Session(list(policies) or make()) as session:
            return [session.decide(e) for e in events]

    return {"stream": streamed, "session": in_session}.get(request.param, recorded)


def rules_of(decision: Decision) -> set[str]:
    """Return the rules that fired."""
    return {r.rule for r in decision.reasons}


def test_bad_faith_in_one_deal_is_known_in_the_next_with_that_party(decide: Decide) -> None:
    """A new id for the same customer, its name spelled otherwise, is held, and an offer in it refused."""
    *_, opened, offered = decide(BAD_FAITH)
    assert (opened.verdict, rules_of(opened)) == ("hold", {"party-has-a-deal"})
    assert (offered.verdict, rules_of(offered)) == ("refuse", {"left"})
    assert offered.party.left_closed  # type: ignore[union-attr]


def test_another_party_is_another_matter(decide: Decide) -> None:
    """Deals with others, and with nobody named, know nothing of it."""
    found = decide(
        [*BAD_FAITH, opens("D-8", 13, "Quay Foundry"), offers("D-8", 14), opens("D-9", 13, ""), offers("D-9", 14)]
    )
    assert {d.verdict for d in found[4:]} == {"proceed"}


def test_a_second_deal_says_which_one_it_follows(decide: Decide) -> None:
    """With a deal open, a new one is held that does not say that it follows it, or names one that nobody knows."""
    found = decide(
        [opens("D-1", 9), opens("D-2", 10), opens("D-3", 11, follows="D-1"), opens("D-4", 12, follows="D-7")]
    )
    assert [d.verdict for d in found] == ["proceed", "hold", "proceed", "hold"]


def test_a_door_is_opened_again_by_the_highest_role_for_all_deals_of_the_party(decide: Decide) -> None:
    """After the approval of a reopening, offers pass in every deal with that party; not before."""
    found = decide(REOPENED)
    assert [d.verdict for d in found][2:] == [
        "hold",
        "refuse",
        "escalate",
        "proceed",
        "proceed",
        "proceed",
        "proceed",
        "proceed",
    ]


def test_a_closed_door_stays_closed_when_the_deal_moves_to_a_version_without_the_rule(decide: Decide) -> None:
    """The new version would not have walked; that we did is not forgotten."""
    events = [
        opens("D-1", 9),
        lies("D-1", 10),
        {**event("D-1", 11, "update", policy="seats@2"), "at": "2026-02-02T09:00:00Z"},
        {**offers("D-1", 12), "at": "2026-02-02T10:00:00Z"},
    ]
    found = decide(events, make(), make(FORGIVING))
    assert found[-1].policy.version == 2
    assert (found[-1].verdict, rules_of(found[-1])) == ("refuse", {"left"})


def test_a_deal_moves_to_a_version_of_a_layer_and_stays_where_it_is_above() -> None:
    """The layer above has none of these versions: to it what names one is an update that says nothing."""
    lower = "extends: upper.yaml\npolicy: team\nversion: {}\nissues: {{discount: {{walk: {}%}}}}\n"
    dated = "effective: {from: 2026-01-20}\n"
    upper = {"upper.yaml": POLICY.encode()}
    versions = [
        read(text.encode(), "policy.yaml", upper.get).unwrap()
        for text in (lower.format(1, 12), lower.format(2, 9) + dated)
    ]
    stays = event("D-1", 10, "update", policy="team@1")
    moves = {**event("D-1", 12, "update", policy="team@2"), "at": "2026-02-02T09:00:00Z"}
    given = {**offers("D-1", 11, terms={"discount": "10%"}), "at": "2026-02-02T10:00:00Z"}
    found = list(
        Stream(*(Engine(p, Core.PLAIN) for p in versions)).each(lines_of([opens("D-1", 9), stays, moves, given]))
    )
    assert [(d.policy.version, d.verdict) for d in found if isinstance(d, Decision)] == [
        (1, "proceed"), (1, "proceed"), (2, "proceed"), (2, "refuse"),
    ]  # fmt: skip


def test_what_they_gave_counts_on_in_a_deal_that_follows(decide: Decide) -> None:
    """A deal that follows an open one goes on from their word; in a log it replays from that deal's entries."""
    events = [
        opens("D-1", 9),
        event("D-1", 10, "offer", by="them", terms={"discount": "15%"}),
        event("D-1", 11, "offer", by="them", terms={"discount": "12%"}),
        opens("D-2", 12, follows="D-1"),
        event("D-2", 13, "offer", by="them", terms={"discount": "14%"}),
        opens("D-3", 14, follows="D-2"),
        offers("D-3", 15, terms={"discount": "1%"}),
    ]
    assert not [d for d in decide(events) if isinstance(d, DeadLetter)]


EARNED = POLICY + "  earned: {why: w, on: our offer, when: theirs.net < 3000 USD, then: hold}\n"


@pytest.mark.parametrize("party", ["Harbour Mills", " harbour  mills", "Quay Foundry", ""])
def test_what_they_gave_counts_on_for_nobody_else(party: str) -> None:
    """Who follows the deal of another party, or names none, begins with nothing of what that one came down by."""
    with walkaway.Session(make(EARNED)) as session:
        for each in (
            opens("D-1", 9),
            event("D-1", 10, "offer", by="them", terms={"discount": "15%"}),
            event("D-1", 11, "offer", by="them", terms={"discount": "12%"}),
            opens("D-2", 12, party, follows="D-1"),
        ):
            session.decide(each)
        offered = session.decide(offers("D-2", 13))
    assert offered.verdict == ("proceed" if party.casefold().startswith(("harbour", " harbour")) else "hold")


def test_a_question_knows_what_an_offer_would(tmp_path: Path) -> None:
    """Asking about an offer in a deal with a party behind a closed door says what making it would."""
    for store in (None, str(tmp_path / "log.db")):
        with walkaway.Session(make(), store) as session:
            for each in (opens("D-2", 8), *BAD_FAITH[:2]):
                session.decide(each)
            assert session.ask("D-2", ASK["terms"], actor="ana").decision.verdict == "refuse"


def test_an_approval_taken_back_clears_nothing_behind_a_closed_door(decide: Decide) -> None:
    """Folding again, an offer that was refused for the party's closed door is refused still."""
    found = decide([
        *BAD_FAITH,
        event("D-2", 13, "approve", approver="carla", role="cfo", terms={"term": "36 months"}),
        event("D-2", 14, "revoke", approver="carla", terms={"term": "36 months"}),
        event("D-2", 15, "offer", by="us", actor="ana", terms={"term": "20 months"}),
    ])  # fmt: skip
    assert found[-1].verdict == "refuse"


def test_what_was_known_of_a_party_then_counts_when_a_deal_is_folded_again() -> None:
    """What was let through stays so, though what is known of the party since would have stopped it."""
    lucky = "  lucky: {why: w, on: our terms, when: party.won >= 1 and give.value > 0 USD, then: hold}\n"
    given = {"terms": {"discount": "2%"}}
    carla = {"approver": "carla", "role": "cfo", "terms": {"term": "36 months"}}
    found = Stream(Engine(make(POLICY + lucky), Core.PLAIN)).each(lines_of([
        opens("D-1", 9), opens("D-2", 9), offers("D-2", 10, **given),
        offers("D-1", 11), event("D-1", 12, "accept", by="them"), event("D-1", 13, "close", outcome="won", actor="ana"),
        event("D-2", 14, "approve", **carla), event("D-2", 15, "revoke", approver="carla", terms=carla["terms"]),
        offers("D-2", 16, **given), offers("D-2", 17, terms={"discount": "3%"}),
    ]))  # fmt: skip
    assert [d.verdict for d in found if isinstance(d, Decision)][-3:] == ["proceed", "proceed", "hold"]


def test_what_is_known_of_a_party_stays_readable_where_reasoning_is_sealed(tmp_path: Path) -> None:
    """A personal issue is told to no other deal; entries replay from what they show, after restarts."""
    policy = make(POLICY.replace("discount: {", "discount: {personal: yes, "))
    before = [
        opens("D-0", 7, day=1),
        offers("D-0", 8, day=1, terms={"discount": "1%", "term": "36 months"}),
        event("D-0", 9, "close", day=1, outcome="lost"),
    ]
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        for n, line in enumerate(lines_of([*before, *REOPENED])):
            Recorder(store, policy, counted_salts(1000 * n)).record([line])
        shown = [json.loads(e.leaf)["evidence"] for e in db.of_deal(store, "D-2")]
        assert all("reasons" not in decision for decision in shown)
        assert {json.dumps(decision["party"]["last"]) for decision in shown} == {'{"term": "36 months"}'}
        assert [r for r in replay(store, Policies(store, Core.PLAIN, print), db.entries(store)) if r is not None] == []
        assert not verify(store).damages


def test_a_long_chain_of_renewals_replays(tmp_path: Path) -> None:
    """Deals that follow one another are folded from the first on, however many there are."""
    events = [opens("D-0", 9)] + [opens(f"D-{n}", 9, follows=f"D-{n - 1}") for n in range(1, 60)]
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        found = Recorder(store, make(), counted_salts()).record(lines_of(events))
        assert {a.verdict for a in found if not isinstance(a, DeadLetter)} == {"proceed"}
        last = list(db.of_deal(store, "D-59"))
        assert [r for r in replay(store, Policies(store, Core.PLAIN, print), last) if r is not None] == []
