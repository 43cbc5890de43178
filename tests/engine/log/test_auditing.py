"""Audit: each thing that should not have been done is recorded, found, and named in a line."""

from contextlib import closing

import pytest
from tests.helpers.logs import POLICY, Event, counted_salts, make_policy, opened, record, rewrite_leaf

from walkaway import Core
from walkaway.log import store as db
from walkaway.log.auditing import audit
from walkaway.log.erasing import erase, texts_of_deal
from walkaway.log.policies import Policies
from walkaway.log.store import Store
from walkaway.session.parties import Parties

OPEN = {"type": "open", "facts": {"list_price": "100,000 USD", "segment": "large"}}
ASK = {"type": "offer", "by": "them", "terms": {"discount": "20%", "term": "36 months"}}
DEEP = {"type": "offer", "by": "us", "actor": "robin", "terms": {"discount": "20%", "term": "36 months"}}
FAIR = {"type": "offer", "by": "us", "actor": "robin", "terms": {"discount": "5%", "term": "60 months"}}
APPROVAL = {"type": "approve", "approver": "sam", "role": "manager", "terms": {"discount": "25%"}}
ACCEPT = {"type": "accept", "by": "them"}
WON = {"type": "close", "outcome": "won"}
LIE = {"type": "signal", "by": "them", "kind": "deception", "note": "They showed a forged quote."}


def course(*steps: Event) -> list[Event]:
    """Return a deal's events, a minute apart."""
    return [{"id": f"e{n}", "deal": "D-1", "at": f"2026-10-05T09:{n:02d}:00Z", **step} for n, step in enumerate(steps)]


def audited(store: Store, events: list[Event]) -> list[str]:
    record(store, events)
    return [str(f) for f in audit(store, Policies(store, Core.PLAIN, lambda _: None))]


def test_a_role_on_record_that_is_not_that_of_then_is_told(url: str) -> None:
    """A writer that put another role behind a name is found out, while the name is there."""
    acting = "people: {robin: {names: [Robin D], role: rep}}\nmandates: {rep: {discount: at most 30%}}\n"
    policy = make_policy(POLICY.replace("roles: [manager", acting + "roles: [manager"))

    def told() -> list[str]:
        with closing(opened(url)) as store:
            return [str(f) for f in audit(store, Policies(store, Core.PLAIN, lambda _: None)) if "on record" in str(f)]

    with closing(opened(url)) as store:
        record(store, course(OPEN, FAIR, {**FAIR, "actor": "Robin D"}, {**FAIR, "actor": "kim", "role": "rep"}), policy)
        leaves = [entry.leaf for entry in db.entries(store)]
    assert told() == []
    rewrite_leaf(url, 1, leaves[1].replace(b"@rep", b"@manager"))
    rewrite_leaf(url, 2, leaves[2].replace(b"@rep", b""))
    assert told() == [
        "entry 1, deal `D-1`: `robin` is on record as `manager`, and acts as `rep` by `people:`",
        "entry 2, deal `D-1`: `Robin D` is on record in no role, and acts as `rep` by `people:`",
    ]
    with closing(opened(url)) as store:
        gone = texts_of_deal(store, "D-1")
        erase(store, lambda: gone, "2026-11-01T00:00:00Z", "o", "r", counted_salts(9000), "0.1.0")
    assert told() == []


SENT = "entry {n}, deal `D-1`: event `e{n}`, our offer by `robin`, was sent against its verdict {why}"
UNASKED = "`trade` (`nothing-for-nothing`)"
UNAPPROVED = "`escalate` (`deep`, `nothing-for-nothing`)"
BEFORE = {"type": "update", "facts": {"contact": "Kim"}}


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ([OPEN, FAIR, ACCEPT, WON], []),
        ([OPEN, APPROVAL, DEEP, {"type": "close", "outcome": "lost"}], [SENT.format(n=2, why=UNASKED)]),
        (
            [OPEN, DEEP, {**APPROVAL, "approver": "robin"}],
            [
                SENT.format(n=1, why=UNAPPROVED),
                "entry 2, deal `D-1`: `robin` approved their own offer: event `e1` of entry 1",
            ],
        ),
        (
            [OPEN, {**APPROVAL, "approver": "Robin "}, DEEP],
            [
                "entry 2, deal `D-1`: `Robin ` approved their own offer: event `e2` of entry 2",
                SENT.format(n=2, why=UNAPPROVED),
            ],
        ),
        (
            [OPEN, DEEP, {**APPROVAL, "approver": "robin", "terms": {"discount": "19%", "term": "36 months"}}],
            [SENT.format(n=1, why=UNAPPROVED)],
        ),
        (
            [OPEN, DEEP, {**DEEP, "actor": "kim"}, {**APPROVAL, "approver": "robin"}],
            [
                SENT.format(n=1, why=UNAPPROVED),
                "entry 2, deal `D-1`: event `e2`, our offer by `kim`, was sent against its verdict " + UNAPPROVED,
                "entry 3, deal `D-1`: `robin` approved terms that they had moved themselves: event `e2` of entry 2",
                "entry 3, deal `D-1`: `robin` approved their own offer: event `e1` of entry 1",
            ],
        ),
        (
            [OPEN, {**APPROVAL, "until": "2026-10-05T09:01:30Z"}, DEEP],
            [
                "entry 2, deal `D-1`: event `e2` rests on approval `e1` after its end",
                SENT.format(n=2, why=UNAPPROVED),
            ],
        ),
        ([OPEN, {**APPROVAL, "until": "2026-10-05T09:02:00Z"}, DEEP], [SENT.format(n=2, why=UNASKED)]),
        ([OPEN, WON], ["entry 1, deal `D-1`: closed won against its verdict: `hold` (`no-agreement`)"]),
        (
            [OPEN, FAIR, ACCEPT, {**FAIR, "terms": {"discount": "1%"}}, WON],
            ["entry 4, deal `D-1`: closed won against its verdict: `hold` (`no-agreement`)"],
        ),
        (
            [OPEN, FAIR, ACCEPT, {**WON, "terms": {"discount": "9%", "term": "60 months"}}],
            ["entry 3, deal `D-1`: other terms were signed than were agreed: `refuse` (`signed-otherwise`)"],
        ),
        (
            [OPEN, {**FAIR, "terms": {"discount": "31%"}}, ACCEPT, WON],
            [
                SENT.format(n=1, why="`refuse` (`beyond-walk`, `deep`, `nothing-for-nothing`)"),
                (
                    "entry 2, deal `D-1`: event `e2`, their acceptance, agreed to what was not let through: `refuse`"
                    " (`beyond-walk`, `deep`)"
                ),
                "entry 3, deal `D-1`: closed won against its verdict: `refuse` (`beyond-walk`, `deep`)",
            ],
        ),
        (
            [OPEN, ASK, {"type": "accept", "by": "us"}, WON],
            [
                (
                    "entry 2, deal `D-1`: event `e2`, our acceptance by nobody known, was sent against its verdict"
                    " `escalate` (`deep`)"
                ),
                "entry 3, deal `D-1`: closed won against its verdict: `escalate` (`deep`)",
            ],
        ),
        (
            [OPEN, FAIR, LIE, ACCEPT, WON],
            [
                (
                    "entry 3, deal `D-1`: event `e3`, their acceptance, agreed to what was not let through: `walk`"
                    " (`bad-faith`, `left`)"
                ),
                "entry 4, deal `D-1`: `walk` was decided, with door closed, and the deal was signed anyway",
                "entry 4, deal `D-1`: closed won against its verdict: `walk` (`bad-faith`)",
            ],
        ),
        (
            [OPEN, ASK, {"type": "void", "of": "e1", "reason": "They never said so."}],
            ["entry 2, deal `D-1`: event `e1` was voided: They never said so."],
        ),
    ],
    ids=range(15),
)
def test_what_should_not_have_been_done_is_one_line(store: Store, steps: list[Event], wanted: list[str]) -> None:
    """A deal's course gives exactly the findings that stand beside it, open deals too."""
    assert audited(store, course(*steps)) == wanted


def test_two_who_are_not_known_are_not_said_to_be_one(store: Store) -> None:
    """An approval by nobody known is told as that; whose offer it was for, nobody can say."""
    policy = make_policy(POLICY.replace("deal:\n", "people:\n  sam: [Sam Sharp]\ndeal:\n", 1))
    record(store, course(OPEN, DEEP, {**APPROVAL, "approver": "lou"}), policy)
    found = [f.what for f in audit(store, Policies(store, Core.PLAIN, lambda _: None)) if f.entry == 2]
    assert found == ["`lou`, who approves, is known by none of `people:`"]


def test_facts_stated_there_and_back_are_told(store: Store) -> None:
    """What is stated otherwise and then as before may have let terms through in between."""
    said = [{**BEFORE, "facts": {"seats": text}} for text in ("5", "500")]
    policy = make_policy(POLICY.replace("deal:\n", "deal:\n  seats: {type: count, optional: yes}\n"))
    events = course({**OPEN, "facts": {**OPEN["facts"], "seats": "500"}}, *said)
    record(store, events, policy)
    assert [str(f) for f in audit(store, Policies(store, Core.PLAIN, lambda _: None))] == [
        "entry 2, deal `D-1`: `seats` was stated there and back: 500, 5 and 500 again"
    ]


def test_a_deal_dated_long_after_the_entry_before_is_told(store: Store) -> None:
    """A slip of the year keeps every later event of its deal waiting; the log shows where it happened."""
    late = [{**e, "deal": "D-2", "at": "2062-10-05T09:00:00Z"} for e in course(OPEN)]
    assert audited(store, [*course(OPEN), *late]) == [
        "entry 1, deal `D-2`: it opens on 2062-10-05 (UTC), 13,149 days after the entry before"
    ]


RUNS = {**APPROVAL, "until": "2026-10-06T00:00:00Z"}
OUTLIVED = (
    "entry 5, deal `D-1`: event `e2`, dated 2026-10-05T09:02:00Z, rests on approval `e1`, which ended at"
    " 2026-10-06T00:00:00Z: the log had come to 2026-10-07T09:00:00Z by then"
)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("open approve other other offer", True),
        ("open approve other offer", False),  # one entry that is dated later may be a slip
        ("open approve offer other other", False),
        ("other other open approve offer", False),  # the deal as a whole was written down afterwards
        ("open approve lasting other other offer", False),
        ("open approve lesser other other offer", True),
    ],
)
def test_an_event_dated_back_into_an_approval_that_has_ended_is_told(store: Store, told: str, found: bool) -> None:
    """The log has no clock: what its other deals had come to when an event came tells how late it came."""
    opened, approved, asked = course(OPEN, RUNS, {**DEEP, "terms": {"discount": "16%", "term": "140 months"}})
    said = {
        "open": opened, "approve": approved, "offer": asked,
        "lasting": {**approved, "id": "l", "approver": "kim", "until": "2026-10-09T00:00:00Z"},
        "lesser": {**approved, "id": "l", "approver": "kim", "terms": {"discount": "10%"}, "until": None},
    }  # fmt: skip
    events = []
    for n, word in enumerate(told.split()):
        later = {**opened, "deal": f"D-{n + 2}", "id": "o", "at": f"2026-10-0{7 + n % 2}T09:00:00Z"}
        events.append({k: v for k, v in said.get(word, later).items() if v is not None})
    assert [text.partition(": ")[2] for text in audited(store, events)] == [OUTLIVED.partition(": ")[2]] * found


def test_an_honest_log_has_no_finding(store: Store) -> None:
    """A deal whose every word was let through gives none."""
    assert audited(store, course(OPEN, ASK, FAIR, ACCEPT, WON)) == []


def test_it_holds_after_names_are_erased(store: Store) -> None:
    """Whether two names are the same stays known; who it was does not."""
    record(store, course(OPEN, DEEP, {**APPROVAL, "approver": "robin"}))
    gone = texts_of_deal(store, "D-1")
    erase(store, lambda: gone, "2026-11-01T00:00:00Z", "dpo", "asked", counted_salts(10**6), "0.1.0")
    sent, own = audit(store, Policies(store, Core.PLAIN, lambda _: None))
    assert sent.what.startswith("event `e1`, our offer by somebody whose name is erased, was sent")
    assert own.what == "somebody whose name is erased approved their own offer: event `e1` of entry 1"


def test_what_a_decision_knew_of_its_party_is_held_against_the_log(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry replays with what it says it knew; the other deals of the party say whether that was so."""
    lied = [{**event, "party": "Acme"} if event["type"] == "open" else event for event in course(OPEN, LIE)]
    later = [
        {**event, "deal": "D-2", "at": event["at"].replace("T09", "T10"), "party": " ACME"} for event in course(OPEN)
    ]
    record(store, lied)
    monkeypatch.setattr(Parties, "of", lambda *_: None)
    record(store, later)
    monkeypatch.undo()
    found = [str(f) for f in audit(store, Policies(store, Core.PLAIN, lambda _: None))]
    knew = "other deals 0, by the log 1; open ones 0, by the log 1; ones that we left 0, by the log 1"
    knew += "; a closed door no, by the log yes"
    assert found == [f"entry 2, deal `D-2`: its decision knew of its party what the log contradicts: {knew}"]
    told = [{**event, "deal": "D-3", "at": event["at"].replace("T10", "T11")} for event in later]
    record(store, told)
    assert [str(f) for f in audit(store, Policies(store, Core.PLAIN, lambda _: None))] == found
