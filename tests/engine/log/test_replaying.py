"""Replay: the same bytes again; where not, what differs is named, or exactly why it cannot be decided again."""

from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.helpers import released
from tests.helpers.logs import (
    FLOORS,
    NOVEMBER,
    POLICY,
    TIGHTER,
    counted_salts,
    deal,
    lines_of,
    make_policy,
    opened,
    record,
    rewrite_leaf,
    tamper,
)

from walkaway import Core, DeadLetter, Engine, Incident
from walkaway.deal.admission import Unfit
from walkaway.decide.core import rete
from walkaway.language.codes import Code
from walkaway.log import meanings
from walkaway.log import policies as desks
from walkaway.log import store as db
from walkaway.log.meanings import RELEASE
from walkaway.log.policies import Policies
from walkaway.log.record import Recorder
from walkaway.log.replaying import Difference, Rejudged, Unreplayed, replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Store
from walkaway.log.verify import Witness, verify
from walkaway.policy import read

KNOWN: dict[str, list[str]] = {"0.1.0": []}
"""What this release decides otherwise than an older one did of the log kept of it, as replay says it."""


def replayed(store: Store, core: Core = Core.BOTH) -> list[Difference | Unreplayed | Rejudged]:
    """Return what did not come out the same."""
    reports: list[Incident] = []
    found = list(replay(store, Policies(store, core, reports.append), db.entries(store)))
    assert not reports
    return [f for f in found if f is not None]


@pytest.mark.parametrize("core", [Core.BOTH, Core.PLAIN, Core.RETE])
def test_everything_comes_out_the_same(url: str, core: Core) -> None:
    """A log replays to the same bytes, with whichever core."""
    if core is Core.RETE and not rete.is_available():
        core = Core.PLAIN  # the core cannot be had on this interpreter
    with closing(opened(url)) as store:
        record(store, [e for pair in zip(deal("D-1"), deal("D-2"), strict=True) for e in pair])
        assert not replayed(store, core)


def test_every_policy_a_deal_was_under_is_used(url: str) -> None:
    """Decisions replay under the version each names, a deal that moved from one to another included."""
    newer = make_policy(POLICY.replace("version: 3", "version: 4").replace("discount > 15%", "discount > 1%"))
    with closing(opened(url)) as store:
        record(store, deal("D-1")[:7])
        record(store, [{**deal("D-1")[7], "policy": "licences"}, *deal("D-2"), *deal("D-1")[8:]], newer)
        assert {e.n for e in db.entries(store)} == set(range(22))
        assert not replayed(store)


def test_a_deal_moves_to_a_version_that_came_into_force_after_it_opened(url: str) -> None:
    """It has the limits of the day on which it moves, and not before that version is in force."""
    newer, offer = make_policy(NOVEMBER, TIGHTER), {**deal()[6], "terms": {"discount": "26%"}}
    move = {**deal()[7], "policy": "licences"}
    with closing(opened(url)) as store:
        record(store, deal()[:7])
        recorder = Recorder(store, newer, counted_salts(1000))
        (early,) = recorder.record(lines_of([{**move, "id": "m1", "at": "2026-10-31T23:59:59Z"}]))
        assert isinstance(early, DeadLetter)
        assert early.findings[0].code == "WA609"
        assert "UTC, on which this deal moves to it" in early.findings[0].message
    with closing(opened(url)) as store:
        (stays,) = record(store, [{**offer, "id": "o1", "at": "2026-10-31T23:59:59Z"}], newer)
        later = [
            {**move, "id": "m2", "at": "2026-11-01T00:00:00Z"},
            {**offer, "id": "o2", "at": "2026-11-02T09:00:00Z"},
        ]
        answers = record(store, later, newer)
        assert (stays.decision.policy.version, stays.decision.room["discount"]) == (3, "4%")
        assert [a.decision.policy.version for a in answers] == [4, 4]
        assert (answers[-1].verdict, answers[-1].decision.room["discount"]) == ("refuse", "-1%")
    with closing(opened(url)) as store:
        assert not replayed(store)


def test_a_difference_names_event_field_old_and_new(url: str) -> None:
    """A decision that stands otherwise in the log than it comes out is named by event, field, old and new."""
    with closing(opened(url)) as store:
        record(store, deal())
        entry = db.entry(store, 6)
    assert entry is not None
    forged = entry.leaf.replace(b'"verdict":"trade"', b'"verdict":"refuse"')
    assert forged != entry.leaf
    rewrite_leaf(url, 6, forged, verdict="refuse")
    with closing(opened(url)) as store:
        (found,) = replayed(store)
    assert str(found) == (
        f"entry 6, event `e6` of deal `D-1`, recorded by release {RELEASE}:"
        ' `verdict` was `"refuse"`, comes out as `"trade"`'
    )


def test_a_changed_event_shows_in_all_that_rests_on_it(url: str) -> None:
    """Where an event's terms were changed, its own decision differs, and so do those after it."""
    with closing(opened(url)) as store:
        record(store, deal())
        entry = db.entry(store, 2)
    assert entry is not None
    forged = entry.leaf.replace(b'"terms":{"discount":"5.5%"', b'"terms":{"discount":"6.5%"')
    assert forged != entry.leaf
    rewrite_leaf(url, 2, forged)
    with closing(opened(url)) as store:
        found = replayed(store)
    assert {f.entry for f in found} >= {2, 3, 4, 10}
    assert {"ledger.give", "terms.discount"} <= {f.field for f in found if isinstance(f, Difference)}


def test_a_log_of_an_older_release_replays_or_says_why_not(url: str) -> None:
    """The release stands in every entry: what comes out otherwise says by which it was recorded."""
    older = f"{RELEASE}rc1"
    with closing(opened(url)) as store:
        Recorder(store, make_policy(), counted_salts(), release=older).record(lines_of(deal()))
        assert not replayed(store)
        entry = db.entry(store, 0)
    assert entry is not None
    newer = entry.leaf.replace(b'"format":2', b'"format":3')
    rewrite_leaf(url, 0, newer)
    with closing(opened(url)) as store:
        found = replayed(store)
    assert str(found[0]) == f"entry 0 was written by release {older} in form 3; this one reads forms 1 to 2"
    assert len(found) == 11
    assert str(found[5]).startswith("entry 5: what comes before it in its deal cannot be: entry 0 was written by")


@pytest.mark.parametrize("release", sorted(KNOWN))
def test_what_a_release_left_behind_verifies_and_replays(tmp_path: Path, release: str) -> None:
    """A log that was kept as it was written is whole, fits its checkpoint, and is judged beside what it says."""
    note = released.load(release, tmp_path / "log.db")
    with closing(Sqlite(tmp_path / "log.db")) as store:
        found = verify(store, [Witness("kept", note)], [str(released.KEY.verifier)])
        assert (found.size, found.damages, found.doubts, found.held) == (12, (), (), (11,))
        judged = replayed(store)
    assert [str(f) for f in judged if not (isinstance(f, Rejudged) and not f.changes and not f.why)] == KNOWN[release]
    if not meanings.is_same_meaning(release):
        assert [f.entry for f in judged if isinstance(f, Rejudged)] == list(range(11))
        assert str(judged[0]) == (
            f"entry 0, event `e0` of deal `D-1`, written by release {release}, under which policies meant something"
            " else: it would be decided the same now"
        )


def test_what_0_1_0_let_through_and_this_meaning_refuses_is_told(tmp_path: Path) -> None:
    """19% was refused, said again and let through: that one decision is named, and nothing else is judged anew.

    What rests on it (they took it, and the deal closed as won) is judged where the log leaves it: it was let through.
    """
    released.fill(released.REFUSED, tmp_path / "log.db")
    with closing(Sqlite(tmp_path / "log.db")) as store:
        assert verify(store, [], []).damages == ()
        found = replayed(store)
    assert all(isinstance(f, Rejudged) and not f.why for f in found)
    told = {f.event: f.changes for f in found if isinstance(f, Rejudged) and f.changes}
    assert list(told) == ["R-003"]
    assert told["R-003"][0] == "`verdict` was `proceed`, would be `refuse` now"
    assert "rule `cumulative-cap` would give `refuse` now" in told["R-003"]


def test_every_release_left_a_log_behind() -> None:
    """No log that is kept goes unread."""
    assert {p.stem for p in released.FOLDER.glob("*.jsonl")} == set(KNOWN)


def test_another_output_of_the_engine_names_event_field_old_and_new(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a release says something else, each event's field stands there with both values, and nothing else."""
    record(store, deal())
    gather = Engine.evidence

    def changed(self: Engine, *given: Any) -> Any:
        return msgspec.structs.replace(gather(self, *given), missing=("a pencil",))

    monkeypatch.setattr(Engine, "evidence", changed)
    found = [str(f) for f in replayed(store)]
    assert len(found) == 11
    assert found[3] == (
        f"entry 3, event `e3` of deal `D-1`, recorded by release {RELEASE}: `missing` was"
        ' nothing, comes out as `["a pencil"]`'
    )


def test_what_this_release_refuses_is_said_with_its_reason(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy or an event that an older release took and this one does not is named with what is wrong with it."""
    record(store, deal())
    with monkeypatch.context() as patched:
        patched.setattr(desks, "read", lambda data, *rest: read(data.replace(b"roles:", b"ranks:"), *rest))
        first = str(replayed(store)[0])
    assert first.startswith("entry 0: policy ")
    assert "cannot be read by this release: policy.yaml:" in first
    assert "`ranks`" in first

    def refusing(*_: Any, **__: Any) -> Any:
        raise Unfit(Code.DEAL_CLOSED, "the deal is closed")

    monkeypatch.setattr(Engine, "evaluate", refusing)
    assert str(replayed(store)[0]) == "entry 0: this release refuses the event: the deal is closed"


@pytest.mark.parametrize(
    ("statement", "values", "wanted"),
    [
        ("DELETE FROM policies WHERE 1 = ?", (1,), "is not in the store"),
        ("UPDATE contents SET data = ? WHERE data = ?", (b"segment,walk\n", FLOORS.encode()), "is not what it was"),
    ],
)
def test_a_policy_that_is_lost_is_named(url: str, statement: str, values: tuple[object, ...], wanted: str) -> None:
    """Where the policy is not there, or not as it was, nothing is decided under another."""
    with closing(opened(url)) as store:
        record(store, deal())
    tamper(url, (statement, values))
    with closing(opened(url)) as store:
        found = replayed(store)
    assert len(found) == 11
    assert wanted in str(found[0])


def test_what_another_meaning_decided_is_judged_beside_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision of a release with another meaning is no difference: what would be decided otherwise now is told."""
    with closing(opened(url)) as store:
        record(store, deal())
        entry = db.entry(store, 6)
    assert entry is not None
    rewrite_leaf(url, 6, entry.leaf.replace(b'"verdict":"trade"', b'"verdict":"refuse"'), verdict="refuse")
    monkeypatch.setattr(meanings, "CHANGED", ("0.0.9",))
    with closing(opened(url)) as store:
        assert [str(f).partition(": ")[2] for f in replayed(store)] == [
            '`verdict` was `"refuse"`, comes out as `"trade"`'
        ]
        Recorder(store, make_policy(), counted_salts(500), release="0.0.8").record(lines_of(deal("D-2")))
        found = replayed(store)
        older = [f for f in found if isinstance(f, Rejudged)]
        assert [(f.entry, f.changes, f.why) for f in older] == [(n, (), "") for n in range(11, 22)]
        entry = db.entry(store, 17)
    assert entry is not None
    rewrite_leaf(url, 17, entry.leaf.replace(b'"verdict":"trade"', b'"verdict":"refuse"'), verdict="refuse")
    with closing(opened(url)) as store:
        changed = [f for f in replayed(store) if isinstance(f, Rejudged) and f.changes]
    where, what = "entry 17, event `e6` of deal `D-2`", "`verdict` was `refuse`, would be `trade` now"
    assert [str(f) for f in changed] == [
        f"{where}, written by release 0.0.8, under which policies meant something else: {what}"
    ]


def test_what_cannot_be_decided_under_another_meaning_is_no_difference(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where this release refuses an event that an older meaning took, that is said of it and of all behind it."""
    Recorder(store, make_policy(), counted_salts(), release="0.0.8").record(lines_of(deal()))
    monkeypatch.setattr(meanings, "CHANGED", ("0.0.9",))

    def refusing(*_: Any, **__: Any) -> Any:
        raise Unfit(Code.DEAL_CLOSED, "the deal is closed")

    monkeypatch.setattr(Engine, "evaluate", refusing)
    found = replayed(store)
    assert len(found) == 11
    assert all(isinstance(f, Rejudged) and f.why for f in found)
    assert "it cannot be decided now: entry 0: this release refuses the event" in str(found[0])


@pytest.mark.parametrize(
    ("older", "newer", "is_same"),
    [
        ("0.1.0", "0.1.9", True),
        ("0.1.0", "0.2.0", False),
        ("0.2.0", "0.3.1", True),
        ("0.1.10", "0.2.0rc1", False),
        ("0.2.0.dev3", "0.2.0", True),
    ],
)
def test_releases_have_a_meaning(older: str, newer: str, is_same: bool) -> None:
    """Policies mean the same between two releases unless one in between changed that."""
    assert meanings.is_same_meaning(older, newer) is is_same
