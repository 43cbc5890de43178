"""Personal texts: sealed from the start, erased for good, with every proof and nearly every replay still holding."""

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.logs import Event, counted_salts, deal, lines_of, make_policy, opened, record

from walkaway import Core, DeadLetter, Policy
from walkaway.log import store as db
from walkaway.log.erasing import NothingToErase, erase, texts_of_deal, texts_of_event, texts_of_person
from walkaway.log.notes import Checkpoint, SigningKey, sign_note
from walkaway.log.policies import Policies
from walkaway.log.proofs import check_inclusion, inclusion_proof
from walkaway.log.record import Recorder
from walkaway.log.replaying import Difference, Unreplayed, replay
from walkaway.log.seal import SealedText, Sort, seal
from walkaway.log.store import Store
from walkaway.log.verify import verify
from walkaway.log.views import Views, search

SALARY = """\
policy: hiring
version: 1
side: buyer
currency: USD
deal:
  candidate: {type: text, personal: yes}
  age: {type: count, personal: yes}
  level: {one of: [junior, senior]}
issues:
  salary: {type: money, start: "60,000 USD", worth: -1 USD per 1 USD, walk: "90,000 USD", personal: yes}
  remote: {type: days, start: 0 days, worth: -100 USD per day}
signals: [pressure]
roles: [manager]
rules:
  pension:
    why: Pensions cost more near the end of a career.
    on: any
    when: deal.age > 60 and signals.pressure >= 1
    then: hold
"""
PERSONAL = [b"Ada Byron", b"Ada King", b"robin", b"sam", b"sign tonight", b"that others follow"]


def hiring(name: str = "H-1") -> list[Event]:
    """Return the events of a deal about a salary."""

    def event(number: int, sort: str, /, **fields: Any) -> Event:
        return {"id": f"h{number}", "deal": name, "at": f"2026-10-05T09:0{number}:00Z", "type": sort, **fields}

    return [
        event(0, "open", facts={"candidate": "Grace", "age": 61, "level": "senior"}),
        event(1, "offer", by="them", terms={"salary": "87,654 USD"}),
        event(2, "offer", by="us", terms={"salary": "71,234 USD", "remote": "2 days"}),
        event(3, "update", limits={"salary": {"walk": "88,888 USD"}}),
    ]


def erased(store: Store, gone: Sequence[tuple[str, SealedText]]) -> tuple[int, int]:
    salts = counted_salts(10**6 + 2 * db.size(store))
    return erase(store, lambda: gone, "2026-11-01T00:00:00Z", "privacy office", "asked", salts, "0.1.0")


def replayed(store: Store) -> list[Difference | Unreplayed]:
    desk = Policies(store, Core.BOTH, lambda _: None)
    return [f for f in replay(store, desk, db.entries(store)) if f is not None]


def leaves(store: Store) -> bytes:
    return b"\n".join(e.leaf for e in db.entries(store))


def test_no_personal_text_stands_in_an_entry(store: Store) -> None:
    """Names, notes, reasons and personal facts lie beside the record under salted hashes."""
    record(store, deal())
    assert not [text for text in PERSONAL if text in leaves(store)]
    for item in db.items(store, "D-1").values():
        assert item.seal == seal(item.text, item.salt)
        assert item.seal.encode() in leaves(store)


MANDATED = (
    "policy: mandated\nversion: 1\nside: seller\ncurrency: USD\nroles: [manager]\n"
    'issues: {discount: {type: percent, start: 0%, worth: "-1 USD per 1%", least: 0%, most: 100%}}\n'
    "people: {ana: {names: [Ana Doe], role: rep}, sol: {role: engineer}}\n"
    "mandates: {rep: {discount: at most 10%}, engineer: {may: []}}\nrules: {}\n"
)


def by_somebody(number: int, actor: str, discount: str, **more: str) -> Event:
    """Return an offer that somebody says."""
    at = f"2026-10-05T09:{number:02d}:00Z"
    said = {"type": "offer", "by": "us", "actor": actor, "terms": {"discount": discount}}
    return {"id": f"e{number}", "deal": "D-1", "at": at, **said, **more}


def test_a_role_that_the_policy_says_is_known_when_the_name_is_erased(store: Store) -> None:
    """It stands behind the seal, and what rests on it is decided again; what comes later, and again, is as before."""
    policy = make_policy(MANDATED)
    opening = {"id": "e0", "deal": "D-1", "at": "2026-10-05T09:00:00Z", "type": "open"}
    events = [opening, by_somebody(1, "Ana Doe", "10%"), by_somebody(2, "ana", "11%"), by_somebody(3, "sol", "9%")]
    events += [by_somebody(4, "sol", "12%"), {**by_somebody(5, "ana", "20%"), "by": "them"}]
    wanted = ["proceed", "proceed", "escalate", "proceed", "escalate", "proceed"]
    assert [a.verdict for a in record(store, events, policy)] == wanted
    assert leaves(store).count(b"@rep") == 2
    assert leaves(store).count(b"@engineer") == 2
    assert b"Ana" not in leaves(store)
    erased(store, texts_of_deal(store, "D-1"))
    assert replayed(store) == []
    assert [(a.verdict, a.repeated) for a in record(store, events, policy)] == [(each, True) for each in wanted]
    later = [by_somebody(6, "sol", "13%"), by_somebody(7, "ana", "13%"), by_somebody(8, "ana", "9%")]
    reasons = [[r.rule for r in a.decision.reasons] for a in record(store, later, policy)]
    assert reasons == [["mandates-engineer-to-manager"], ["mandates-rep-to-manager"], []]
    assert replayed(store) == []


def test_the_same_text_has_another_seal_each_time_but_a_name_keeps_its_own_in_a_deal(store: Store) -> None:
    """Salts are new for each text, so equal notes do not show; who acted stays known within a deal only."""
    note = {"note": "the same words"}
    for name in ("D-1", "D-2"):
        record(
            store, [*deal(name)[:3], {**deal(name)[3], **note}, {**deal(name)[3], "id": "e3b", **note}, *deal(name)[4:]]
        )
    items = [(d, i) for d, i in db.all_items(store)]
    assert len([i for _, i in items if i.text == "the same words"]) == 4
    assert sorted(d for d, i in items if i.text == "robin") == ["D-1", "D-2"]
    assert len({i.seal for _, i in items}) == len(items)


def test_answers_show_the_names(store: Store) -> None:
    """Whoever records sees who approved, not a seal."""
    answers = record(store, deal())
    assert {r.by for r in answers[6].decision.reasons} == {"", "sam"}


def test_an_erasure_takes_the_texts_and_nothing_else(url: str) -> None:
    """After a deal's texts are erased the log verifies, old proofs hold, everything replays, and it is recorded."""
    key = SigningKey("example.com/deals", bytes(range(32)))
    with closing(opened(url)) as store:
        record(store, deal("D-1"))
        record(store, deal("D-2"))
        root = db.tree(store).root(22)
        checkpoint = Checkpoint(key.name, 22, root)
        entry = db.entry(store, 3)
        assert entry is not None
        note = sign_note(checkpoint.text, [key])
        proof = inclusion_proof(db.tree(store), 3, entry.leaf, checkpoint, note)
        number, count = erased(store, texts_of_deal(store, "D-1"))
        assert (number, count) == (22, 6)
    with closing(opened(url)) as store:
        assert not db.items(store, "D-1")
        assert len(db.items(store, "D-2")) == 6
        found = verify(store)
        assert not found.damages
        assert db.tree(store).root(22) == root
        assert check_inclusion(proof, [key.verifier]).entry == entry.leaf
        assert not replayed(store)
        assert b'"erasure":{"at":"2026-11-01T00:00:00Z"' in leaves(store)
        assert b"privacy office" not in leaves(store)
        with pytest.raises(NothingToErase):
            erased(store, texts_of_deal(store, "D-1"))
        assert db.size(store) == 23


def test_nobody_new_approves_what_an_erased_person_offered(store: Store) -> None:
    """Who comes after the erasure may be whose name is gone, however it is written; who was named before is another."""

    def event(number: int, sort: str, /, **fields: Any) -> Event:
        return {"id": f"e{number}", "deal": "D-1", "at": f"2026-10-05T09:{number:02d}:00Z", "type": sort, **fields}

    def offered(number: int, actor: str) -> str:
        terms = {"discount": "16%", "term": "160 months"}
        answers = record(store, [event(number, "offer", by="us", terms=terms, actor=actor)])
        return str(answers[0].decision.verdict)

    def approved(number: int, by: str) -> None:
        terms = {"discount": "25%", "term": "12 months"}
        record(store, [event(number, "approve", approver=by, role="manager", terms=terms)])

    facts = {"list_price": "100,000 USD", "segment": "large"}
    record(store, [event(0, "open", facts=facts, actor="sam"), event(1, "offer", by="them", terms={"discount": "40%"})])
    assert offered(2, "robin") == "escalate"
    erased(store, texts_of_person(store, "robin"))
    for number, name in ((3, "robin"), (5, "Robin "), (7, "robin"), (9, "lee")):
        approved(number, name)
        assert offered(number + 1, "sam") == "escalate", name
    assert offered(11, "robin") == "escalate"
    approved(12, "sam")
    assert offered(13, "lee") == "escalate"
    assert not replayed(store)
    assert not verify(store).damages


def test_who_was_named_before_an_erasure_is_another_person(store: Store) -> None:
    """Two spellings of the erased name are one person; a third person's approval counts as it did."""

    def event(number: int, sort: str, /, **fields: Any) -> Event:
        return {"id": f"e{number}", "deal": "D-1", "at": f"2026-10-05T09:{number:02d}:00Z", "type": sort, **fields}

    facts, deep = {"list_price": "100,000 USD", "segment": "large"}, {"discount": "16%", "term": "160 months"}
    approval = {"role": "manager", "terms": {"discount": "25%", "term": "12 months"}}
    record(
        store,
        [
            event(0, "open", facts=facts, actor="sam"),
            event(1, "offer", by="us", terms=deep, actor="robin"),
            event(2, "tick", actor="ROBIN"),
            event(3, "tick", actor="lee"),
        ],
    )
    erased(store, texts_of_person(store, "robin"))
    spelt = record(
        store, [event(4, "approve", approver="ROBIN", **approval), event(5, "offer", by="us", terms=deep, actor="sam")]
    )
    other = record(
        store, [event(6, "approve", approver="lee", **approval), event(7, "offer", by="us", terms=deep, actor="sam")]
    )
    assert [str(answers[-1].decision.verdict) for answers in (spelt, other)] == ["escalate", "proceed"]


def test_erased_texts_are_in_no_file(tmp_path: Path) -> None:
    """The bytes of an erased text are gone from the database, its write-ahead log and its free pages."""
    url = str(tmp_path / "log.db")
    with closing(opened(url)) as store, closing(opened(url)) as other:
        record(store, deal("D-1"))
        record(store, [{**e, "note": "x" * 100_000} if e["id"] == "e3" else e for e in deal("D-2")])
        list(other.rows("SELECT * FROM items"))

        def files() -> bytes:
            return b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))

        assert b"sign tonight" in files()
        erased(store, [*texts_of_deal(store, "D-1"), *texts_of_deal(store, "D-2")])
        assert not [text for text in [*PERSONAL, b"x" * 1000] if text in files()]


def test_one_event_or_one_person_can_be_erased(store: Store) -> None:
    """What is asked for goes, and the rest stays; a name goes in the whole deal."""
    record(store, deal("D-1"))
    record(store, deal("D-2"))
    assert erased(store, texts_of_event(store, "D-1", "e3"))[1] == 1
    assert erased(store, texts_of_person(store, "robin"))[1] == 2
    assert {i.text for i in db.items(store, "D-1").values()} == {"Ada Byron", "Ada King", "sam", deal()[5]["reason"]}
    assert not verify(store).damages
    assert not replayed(store)
    assert texts_of_event(store, "D-1", "nothing") == []
    assert not list(search(store, Views(store), actor="robin"))
    assert [v.head.event for v in search(store, Views(store), actor="sam", deal="D-2")] == ["e5", "e6", "e9"]


def test_a_deal_goes_on_after_its_texts_are_erased(url: str) -> None:
    """A writer that runs, and one that starts anew, go on with a deal whose texts are gone."""
    with closing(opened(url)) as store, closing(opened(url)) as other:
        recorder = Recorder(store, make_policy(), counted_salts())
        recorder.record(lines_of(deal()[:6]))
        erased(other, texts_of_deal(other, "D-1"))
        recorder.record(lines_of(deal()[6:8]))
        assert {i.text for i in db.items(other, "D-1").values()} == {"robin", "Ada King"}
        again = recorder.record(lines_of(deal()[:4]))
        assert [getattr(a, "repeated", None) for a in again] == [True] * 4
    with closing(opened(url)) as store:
        record(store, deal()[8:])
        assert not verify(store).damages
        assert not replayed(store)


@pytest.fixture
def personal() -> Policy:
    """Return a policy whose rules reckon with personal quantities."""
    return make_policy(SALARY)


def test_with_a_personal_quantity_no_figure_stands_in_an_entry(store: Store, personal: Policy) -> None:
    """Neither the quantity nor what could be reckoned back to it, digests included, stands outside of a seal."""
    record(store, hiring(), personal)
    found = leaves(store)
    assert not [
        t
        for t in (b"87,654", b"71,234", b"88,888", b"Grace", b'"61"', b"reasons", b'"position"', b"room")
        if t in found
    ]
    assert found.count(b'"verdict":') == 4
    assert not verify(store).damages
    assert not replayed(store)


def test_a_personal_quantity_comes_back_for_whoever_may_see_it(url: str, personal: Policy) -> None:
    """Answers, positions and views are whole as long as the texts are there."""
    with closing(opened(url)) as store:
        answers = record(store, hiring(), personal)
        assert answers[1].decision.room["salary"] == "2,346 USD"
        left = Recorder(store, personal, counted_salts())
        followed = left.decider.find("H-1")
        assert followed is not None
        assert followed.position.theirs.standing["salary"] == 8_765_400
    with closing(opened(url)) as store:
        assert [a.answer for a in record(store, hiring(), personal)] == [a.answer for a in answers]
        assert next(search(store, Views(store), deal="H-1", verdict="proceed")).event["facts"]["age"] == "61"


def test_an_erased_quantity_says_exactly_what_cannot_be_replayed(url: str, personal: Policy) -> None:
    """With the quantity the reasoning goes; proofs hold, replay names what is erased, and the deal ends there."""
    with closing(opened(url)) as store:
        record(store, hiring(), personal)
        record(store, hiring("H-2"), personal)
        gone = texts_of_event(store, "H-1", "h1")
        assert {i.sort for _, i in gone} == {Sort.QUANTITY, Sort.DECISION}
        erased(store, gone)
    with closing(opened(url)) as store:
        assert not verify(store).damages
        found = replayed(store)
        assert [(f.entry, isinstance(f, Unreplayed) and f.erased) for f in found] == [
            (0, True),
            (1, True),
            (2, True),
            (3, True),
        ]
        assert "entry 1: `terms.salary` of deal `H-1` is erased, and its decision rests on it" in str(found[1])
        recorder = Recorder(store, personal, counted_salts(5000))
        answer = recorder.record(lines_of([{**hiring()[3], "id": "h4"}]))[0]
        assert isinstance(answer, DeadLetter)
        assert answer.findings[0].code == "WA613"
        assert "is erased" in answer.findings[0].message
        assert [v.head.verdict for v in search(store, Views(store), deal="H-1")][1] == "proceed"


def test_salts_are_sixteen_random_bytes() -> None:
    """The command seals with salts that nobody can guess."""
    from walkaway_edge.salts import salt

    assert len({salt() for _ in range(100)}) == 100
    assert len(salt()) == 16 == len(os.urandom(16))
