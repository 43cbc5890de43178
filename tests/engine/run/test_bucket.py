"""A bucket's deals as bytes between two batches: what is decided in parts is what one run decides."""

import json
from pathlib import Path

import pytest

from walkaway import DeadLetter, load
from walkaway.deal.lines import Line
from walkaway.policy import Policy
from walkaway.run import DealBucket, OtherBucket

SAAS = Path(__file__).parents[3] / "rules" / "saas-discounting"


def lines() -> list[Line]:
    """Return three deals in turn, two of them with one party, and one line that is no event."""
    events = [json.loads(line) for line in (SAAS / "deal.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = []
    for event in events:
        for number, more in enumerate(({"party": "Acme"}, {"party": "acme "}, {})):
            opens = more if event["type"] == "open" else {}
            texts.append(json.dumps({**event, **opens, "deal": f"D-{number}"}))
    texts.insert(4, "no event")
    return [Line(text.encode(), "events", n) for n, text in enumerate(texts, 1)]


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return the shipped policy."""
    return load(SAAS).unwrap()


def test_what_is_decided_in_parts_is_what_one_run_decides(policy: Policy) -> None:
    """Deals, parties and repeated events go with the bytes; the same lines give the same bytes."""
    every = lines()
    with DealBucket([policy]) as whole:
        wanted, end = list(whole.take(every)), whole.data()
    data, found = b"", list[object]()
    for first in range(0, len(every), 5):
        with DealBucket([policy], data) as bucket:
            found += bucket.take(every[first : first + 5])
            data = bucket.data()
    assert found == wanted
    assert data == end
    assert sum(isinstance(answer, DeadLetter) for answer in found) == 1
    with DealBucket([policy], data) as bucket:
        (again,) = bucket.take(every[:1])
    assert not isinstance(again, DeadLetter)
    assert again.repeated


def test_bytes_that_are_no_buckets_are_refused(policy: Policy) -> None:
    """Of no format, of another one, and with a deal under a version that nobody has given."""
    with DealBucket([policy]) as bucket:
        bucket.take(lines()[:1])
        data = bucket.data()
    with pytest.raises(OtherBucket, match="cannot be read"):
        DealBucket([policy], b"nothing")
    with pytest.raises(OtherBucket, match="has format 2, and this release reads 1"):
        DealBucket([policy], data.replace(b"\xa6format\x01", b"\xa6format\x02"))
    other = load(SAAS.parent / "job-offer").unwrap()
    with pytest.raises(OtherBucket, match="under a version of the policy that is not given"):
        DealBucket([other], data)
