"""How lines are shared out over the parts of a job, without Spark."""

from pathlib import Path
from typing import Any

import pytest

from walkaway import load
from walkaway.deal.cover import people_of
from walkaway.deal.lines import deal_of, head_of
from walkaway_edge.spark.sharing import SharedLines, Sharing, joined

pyarrow = pytest.importorskip("pyarrow", reason="the extra `spark` is not installed")
SAAS = Path(__file__).parents[3] / "rules" / "saas-discounting"
FILES = ["/past/b c.parquet", "/past/a.parquet"]
PARTS = [4, 9, 2]

LINES = [
    '{"id": "1", "deal": "D-1", "type": "open", "party": "Acme", "facts": {"deal": "D-9"}}',
    '{"id": "1", "deal": "D-2", "type": "open", "party": " acme"}',
    '{"id": "2", "deal": "D-1", "type": "tick"}',
    '{"id": "1", "deal": "D-3", "type": "open", "follows": "D-2"}',
    '{"id": "1", "deal": "D-4", "type": "open", "p\\u0061rty": "Beta"}',
    '{"id": "1", "deal": "D-4", "type": "open", "party": "Acme"}',
    '{"specversion": "1.0", "subject": "D-5", "deal": "D-9", "type": "walkaway.open", "data": {"party": "ACME"}}',
    '{"id": "1", "deal": "D-6", "type": "open"}',
    '{"id": "1", "deal": 7, "type": "open"}',
    "no event",
    "",
]


class Handed:
    """What a broadcast hands to a worker."""

    def __init__(self, value: bytes) -> None:
        self.value = value


def batch(lines: list[str | None], file: str) -> Any:
    """Return lines of a file as they come from Spark, the columns in an order of their own."""
    schema = pyarrow.schema([("row", pyarrow.int64()), ("file", pyarrow.string()), ("line", pyarrow.string())])
    columns = {"row": list(range(len(lines))), "file": [file] * len(lines), "line": lines}
    return pyarrow.RecordBatch.from_pydict(columns, schema=schema)


def test_a_party_s_deals_and_those_that_follow_go_to_one_part() -> None:
    """Whichever of a deal's openings counts, and however its party is written; a block keeps the order of its lines."""
    sharing = Sharing(FILES, people_of([load(SAAS).unwrap()]), PARTS)
    uris = "file:///past/b%20c.parquet", FILES[1]
    batches = [batch([*LINES, None], uris[0]), batch([*reversed(LINES)], uris[1])]
    opened = pyarrow.Table.from_batches(list(sharing.openings([b.slice(0, len(LINES)) for b in batches])))
    shared = SharedLines(sharing, Handed(sharing.shares(opened)))
    blocks = [row for found in shared(batches) for row in found.to_pylist()]
    assert {row["place"] for row in blocks} == {0, 1}
    assert {row["key"] for row in blocks} <= set(PARTS)
    keys: dict[str, set[int]] = {}
    for row in blocks:
        told = row["lines"].decode().splitlines()
        places = [LINES.index(line) for line in told]
        assert places == sorted(places, reverse=row["place"] == 1)
        assert row["row"] == (places[0] if row["place"] == 0 else len(LINES) - 1 - places[0])
        for line in told:
            keys.setdefault(head_of(line.encode()).deal, set()).add(row["key"])
    assert len(keys["D-1"] | keys["D-2"] | keys["D-3"] | keys["D-4"] | keys["D-5"]) == 1
    assert keys["D-6"] == {sharing.key("dD-6")}
    assert sum(row["lines"].count(b"\n") for row in blocks) == 2 * len(LINES) + 1


@pytest.mark.parametrize("line", [*LINES, '{"deal": "D-1"', "[" * 5000, '{"deal": "D-1", "deal": "D-2"}', "7"])
def test_the_deal_of_a_line_is_that_of_its_head(line: str) -> None:
    """Plain or a CloudEvent, and of what is no event too."""
    assert deal_of(line.encode()) == head_of(line.encode()).deal


def test_shares_that_are_linked_are_one() -> None:
    """Through any number of them, deals and parties alike."""
    links = [("dB", "dA"), ("dC", "dB"), ("dE", "dD")]
    assert joined(links) == {"dA": "dA", "dB": "dA", "dC": "dA", "dD": "dD", "dE": "dD"}
    assert joined([("dB", "dA"), ("dB", "pacme")]) == {"dA": "dA", "dB": "dA", "pacme": "dA"}
