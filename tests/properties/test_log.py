"""Whatever is recorded, in whatever batches and by however many writers: it verifies, and replays to the same bytes."""

import json
import os
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from tests.helpers.generated import Case
from tests.helpers.logs import counted_salts
from tests.helpers.strategies import SEED, bounded, cases, size

from walkaway import Core, Decision, Engine, Policy, Stream, encode
from walkaway.deal.lines import Line
from walkaway.log import store as db
from walkaway.log.append import DecidedEvent
from walkaway.log.erasing import NothingToErase, erase, texts_of_deal
from walkaway.log.policies import Policies
from walkaway.log.record import Recorder
from walkaway.log.replaying import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Store
from walkaway.log.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.search]

EXAMPLES = size("WALKAWAY_LOGS", 8, 15)


def batches(lines: list[bytes], chance: Random) -> Iterator[list[Line]]:
    """Cut lines into batches of any size, now and then sending some again."""
    start = 0
    while start < len(lines):
        end = start + chance.randint(1, 12)
        yield [Line(line, "lines", n) for n, line in enumerate(lines[start:end], start)]
        start = max(0, end - chance.choice([0, 0, 0, 2]))


def recorded(path: Path, policy: Policy, lines: list[bytes], chance: Random) -> dict[str, bytes]:
    """Record lines through writers that come and go; give each event's answer."""
    answers: dict[str, bytes] = {}
    stores = [Sqlite(path, writable=True) for _ in range(2)]
    writers = [Recorder(store, policy, counted_salts(10**6 * n), Core.PLAIN) for n, store in enumerate(stores)]
    for batch in batches(lines, chance):
        if chance.random() < 0.2:
            which = chance.randrange(2)
            writers[which] = Recorder(stores[which], policy, counted_salts(chance.getrandbits(60)), Core.PLAIN)
        for answer in chance.choice(writers).record(batch):
            if isinstance(answer, DecidedEvent):
                assert answers.setdefault(answer.decision.event, answer.answer) == answer.answer
    for store in stores:
        store.close()
    return answers


def differing(store: Store) -> list[object]:
    return [f for f in replay(store, Policies(store, Core.PLAIN, lambda _: None), db.entries(store)) if f is not None]


@seed(SEED)
@bounded(EXAMPLES)
@given(cases(), st.randoms(use_true_random=False))
def test_a_log_verifies_and_replays_whatever_came(case: Case, chance: Random) -> None:
    """Answers are those of the stream; the log is whole, replays, and still does after its texts are erased."""
    policy, lines = case.read(), case.lines()
    if policy is None:
        return
    stream = Stream(Engine(policy, Core.PLAIN))
    said = [a for a in stream.lines(lines, "lines") if isinstance(a, Decision)]
    if not said:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        answers = recorded(path, policy, lines, chance)
        with closing(Sqlite(path, writable=True)) as store:
            assert db.size(store) == len(answers) == len({d.event for d in said})
            for decision in said:
                ours, theirs = json.loads(answers[decision.event]), json.loads(encode(decision))
                del ours["position"], theirs["position"]
                assert ours == theirs
            assert not verify(store).damages
            assert not differing(store)
            with suppress(NothingToErase):
                at = "2026-11-01T00:00:00Z"
                erase(store, lambda: texts_of_deal(store, said[0].deal), at, "x", "y", lambda: os.urandom(16), "0")
            assert not verify(store).damages
            assert not differing(store)
