"""How lines are shared out over the parts of a job, without Spark."""

from pathlib import Path

import pytest

from walkaway import load
from walkaway.deal.cover import people_of
from walkaway.deal.lines import deal_of, head_of
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.spark.pieces import PastPiece, pieces_of
from walkaway_edge.spark.sharing import SharedLines, Sharing, joined

pyarrow = pytest.importorskip("pyarrow", reason="the extra `spark` is not installed")
pytest.importorskip("pyarrow.parquet")
pytest.importorskip("polars", reason="the extra `bulk` is not installed")
SAAS = Path(__file__).parents[3] / "rules" / "saas-discounting"
PARTS = 5

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


def written(folder: Path, *files: list[str | None]) -> list[PastPiece]:
    """Return the pieces of files with these lines, four in each."""
    names = [str(folder / f"{9 - place}, later.parquet") for place in range(len(files))]
    for name, lines in zip(names, files, strict=True):
        table = pyarrow.table({"row": range(len(lines)), "line": pyarrow.array(lines, pyarrow.string())})
        pyarrow.parquet.write_table(table, name, row_group_size=4)
    return pieces_of(names)


def test_a_party_s_deals_and_those_that_follow_go_to_one_part(tmp_path: Path) -> None:
    """Whichever of a deal's openings counts, and however its party is written; a block keeps the order of its lines."""
    pieces = written(tmp_path, [*LINES, None], [*reversed(LINES)])
    sharing = Sharing(pieces, [people_of([load(SAAS).unwrap()])], PARTS)
    told = [pyarrow.RecordBatch.from_pydict({"id": [place]}) for place in reversed(range(len(pieces)))]
    opened = pyarrow.Table.from_batches(list(sharing.openings(told)))
    shared = SharedLines(sharing, Handed(sharing.shares(opened)))
    blocks = [row for found in shared(told) for row in found.to_pylist()]
    assert {row["place"] for row in blocks} == {0, 1}
    assert {row["key"] for row in blocks} <= set(range(PARTS))
    keys: dict[str, set[int]] = {}
    for row in blocks:
        told = row["lines"].decode().splitlines()
        places = [len(LINES) if line == "null" else LINES.index(line) for line in told]
        assert places == sorted(places, reverse=row["place"] == 1)
        assert row["row"] == (places[0] if row["place"] == 0 else len(LINES) - 1 - places[0])
        for line in told:
            keys.setdefault(head_of(line.encode()).deal, set()).add(row["key"])
    assert len(keys["D-1"] | keys["D-2"] | keys["D-3"] | keys["D-4"] | keys["D-5"]) == 1
    assert keys["D-6"] == {sharing.key("dD-6")}
    assert sum(row["lines"].count(b"\n") + 1 for row in blocks) == 2 * len(LINES) + 1


def test_a_file_that_is_no_parquet_or_has_no_texts_is_told(tmp_path: Path) -> None:
    """By its name, before anything is decided; texts may be bytes, or stand in a dictionary."""
    texts = pyarrow.array(LINES).dictionary_encode(), pyarrow.array([line.encode() for line in LINES])
    for number, lines in enumerate((*texts, pyarrow.array([1]))):
        pyarrow.parquet.write_table(pyarrow.table({"event": lines}), tmp_path / f"{number}.parquet")
    (tmp_path / "3.parquet").write_text("no Parquet")
    found = [[*piece.lines(1 << 20)] for piece in pieces_of([str(tmp_path / f"{number}.parquet") for number in (0, 1)])]
    assert [(row, lines.to_pylist()) for ((row, lines),) in found] == [(0, [line.encode() for line in LINES])] * 2
    for number, told in ((2, "has no column `line` of texts"), (3, "cannot be read as Parquet")):
        with pytest.raises(EdgeProblem, match=f"{number}.parquet {told}"):
            pieces_of([str(tmp_path / f"{number}.parquet")])


def test_deals_stay_together_that_are_one_party_s_under_either_policy(tmp_path: Path) -> None:
    """The other side may know two names as one where the policy does not."""
    names = [f"D-{number}" for number in range(40)]
    lines = [f'{{"id": "1", "deal": "{name}", "type": "open", "party": "P{name}"}}' for name in names]
    pieces = written(tmp_path, [*lines])
    same = {f"pd-{number}": "acme" for number in range(20)}
    told = [pyarrow.RecordBatch.from_pydict({"id": [*range(len(pieces))]})]
    parts = []
    for people in ([{}], [{}, same]):
        sharing = Sharing(pieces, people, PARTS)
        shared = SharedLines(sharing, Handed(sharing.shares(pyarrow.Table.from_batches(sharing.openings(told)))))
        rows = [row for found in shared(told) for row in found.to_pylist()]
        parts.append({head_of(line).deal: row["key"] for row in rows for line in row["lines"].splitlines()})
    assert {name: len({part[n] for n in names[:20]}) for name, part in zip(("one", "both"), parts, strict=True)} == {
        "one": PARTS,
        "both": 1,
    }


@pytest.mark.parametrize("line", [*LINES, '{"deal": "D-1"', "[" * 5000, '{"deal": "D-1", "deal": "D-2"}', "7"])
def test_the_deal_of_a_line_is_that_of_its_head(line: str) -> None:
    """Plain or a CloudEvent, and of what is no event too."""
    assert deal_of(line.encode()) == head_of(line.encode()).deal


def test_shares_that_are_linked_are_one() -> None:
    """Through any number of them, deals and parties alike."""
    links = [("dB", "dA"), ("dC", "dB"), ("dE", "dD")]
    assert joined(links) == {"dA": "dA", "dB": "dA", "dC": "dA", "dD": "dD", "dE": "dD"}
    assert joined([("dB", "dA"), ("dB", "pacme")]) == {"dA": "dA", "dB": "dA", "pacme": "dA"}
