"""Views: the log holds evidence, and its words are told when somebody reads, from the store alone."""

import hashlib
import json
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from tests.helpers import released
from tests.helpers.logs import counted_salts, deal, lines_of, make_policy, opened, record, rewrite, tamper

from walkaway import DeadLetter
from walkaway.deal.encode import canonical
from walkaway.log import store as db
from walkaway.log.append import DecidedEvent
from walkaway.log.meanings import RELEASE
from walkaway.log.problems import StoreProblem
from walkaway.log.record import Recorder
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Store
from walkaway.log.views import View, Views, search
from walkaway.log.whole import upgrade

WORDS = "5453"
"""The beginning of the SHA-256 of all that this release words of the deal below."""


def views(store: Store) -> list[View]:
    return list(search(store, Views(store)))


def test_what_was_answered_is_told_again(store: Store) -> None:
    """The words of each decision are, byte by byte, those that were answered, personal texts included."""
    answers = record(store, deal())
    told = views(store)
    assert [msgspec.json.encode(v.decision) for v in told] == [a.answer for a in answers]
    assert [v.whole for v in told] == [a.decision for a in answers]
    assert [v.worded for v in told] == [RELEASE] * 11
    assert told[3].evidence is not None
    assert told[3].evidence.verdict == told[3].decision["verdict"] == "hold"


def test_no_words_are_stored(store: Store) -> None:
    """Of what is said of a decision, whatever the policy or the release words, nothing stands in an entry."""
    answers = record(store, deal())
    for answer, entry in zip(answers, db.entries(store), strict=True):
        decision = answer.decision
        for reason in decision.reasons:
            assert reason.why.encode() not in entry.leaf
        assert not any(o.what.encode() in entry.leaf for o in decision.obligations)
        assert decision.advice.encode() not in entry.leaf
        assert len(entry.leaf) < len(answer.answer) or not decision.reasons


def test_evidence_is_answered_where_no_words_are_asked_for(store: Store) -> None:
    """A writer that is asked for none answers what is in the log, names restored, and the same when it comes again."""
    recorder = Recorder(store, make_policy(), counted_salts(), in_words=False)
    answers = [a for a in recorder.record(lines_of(deal())) if isinstance(a, DecidedEvent)]
    again = [a for a in recorder.record(lines_of(deal())) if isinstance(a, DecidedEvent)]
    assert [a.answer for a in again] == [a.answer for a in answers]
    assert all(a.repeated for a in again)
    assert [json.loads(a.answer) for a in answers] == [json.loads(canonical(v.evidence)) for v in views(store)]
    assert {json.loads(a.answer)["policy"] for a in answers} == {make_policy().sha256}
    assert [a.is_breach for a in answers] == [a.is_breach for a in _in_words(store)]


def _in_words(store: Store) -> list[DecidedEvent]:
    found = Recorder(store, make_policy(), counted_salts(5000)).record(lines_of(deal()))
    return [a for a in found if not isinstance(a, DeadLetter)]


def test_another_release_that_speaks_is_named(store: Store) -> None:
    """Where the release that recorded an entry worded it otherwise, the view says whose words these are."""
    Recorder(store, make_policy(), counted_salts(), release="0.1.9").record(lines_of(deal()))
    assert {(v.release, v.worded) for v in views(store)} == {("0.1.9", RELEASE)}


def test_decisions_in_words_are_shown_as_they_were_recorded(tmp_path: Path) -> None:
    """A log of 0.1.0 has its own words, before and after it was upgraded; what is added to it has evidence."""
    released.load("0.1.0", tmp_path / "old.db")
    with closing(Sqlite(tmp_path / "old.db")) as old, closing(opened(str(tmp_path / "new.db"))) as new:
        before = views(old)
        assert {v.worded for v in before} == {"0.1.0"}
        assert not any(v.evidence for v in before)
        assert all("advice" in v.decision for v in before)
        with old.reading():
            upgrade(old, new)
        record(new, deal("D-7"))
        after = views(new)
    assert [v.decision for v in after[:11]] == [v.decision for v in before]
    assert all(v.evidence is not None and v.worded == RELEASE for v in after[11:])


def test_without_its_policy_evidence_is_left(url: str) -> None:
    """What cannot be worded any more is said to be so, and its evidence is still shown."""
    with closing(opened(url)) as store:
        record(store, deal())
    tamper(url, ("DELETE FROM policies", ()))
    with closing(opened(url, writable=False)) as store:
        view = next(v for v in views(store) if v.n == 3)
        assert view.evidence is not None
        assert view.rules == ("pressure",)
        with pytest.raises(StoreProblem, match=r"entry 3: policy [0-9a-f]{12} is not in the store"):
            assert view.decision


@pytest.mark.parametrize(
    ("was", "forged", "said"),
    [
        (b'"rule":"pressure"', b'"rule":"pleasure"', "has no rule `pleasure` that gives `hold`"),
        (b'"effect":"hold"', b'"effect":7', "entry 3 cannot be read: its evidence cannot be read"),
        (b'"verdict":"hold"', b'"verdict":7', "entry 3 cannot be read"),
        (b'"on":"', b'"on":"the moon, ', "this release cannot tell it"),
    ],
)
def test_evidence_of_what_cannot_be_is_named(tmp_path: Path, was: bytes, forged: bytes, said: str) -> None:
    """Bytes that are chained like all others and are no evidence, or none that its policy can have given, are named."""
    url = str(tmp_path / "log.db")
    with closing(opened(url)) as store:
        record(store, deal())
        leaf = next(e.leaf for e in db.entries(store) if e.n == 3)
    assert was in leaf
    forging = leaf.replace(was, forged)
    rewrite(url, lambda entries: [msgspec.structs.replace(e, leaf=forging) if e.n == 3 else e for e in entries])
    with closing(opened(url)) as store, pytest.raises(StoreProblem, match=said):
        assert next(v for v in views(store) if v.n == 3).decision


def test_words_are_those_of_this_release(store: Store) -> None:
    """Whoever words decisions otherwise adds the release to `meanings.WORDED`, and then changes the digest here."""
    record(store, deal())
    said = []
    for view in views(store):
        whole = view.whole
        assert whole is not None
        said += [whole.advice, *(o.what for o in whole.obligations)]
        said += [text for r in whole.reasons if r.source == "built-in" for text in (r.why, r.say)]
    assert hashlib.sha256("\n".join(said).encode()).hexdigest()[:4] == WORDS
