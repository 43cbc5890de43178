"""How deals are shared out over the parts of a job: a party's deals, and those that follow them, together.

Lines are read where they are shared out, and cross from process to process in blocks, each of one part and in the order
of its file, so that Spark has a row to shuffle and sort for some hundred lines, and none to read.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from walkaway.deal.cover import party_of
from walkaway.deal.lines import deal_of, head_of
from walkaway_edge.spark.pieces import PastPiece

SPEAKS_OF_OTHERS = (b"party", b"follows", b"\\u")
"""What an opening holds that names other deals, or a party; `\\u` may write any of it."""
OPENINGS = "deal string, party string, follows string"
BLOCKS = "key int, place int, row long, lines binary"
_BLOCK_BYTES, _TOGETHER = 1 << 18, 1 << 25
"""A block has about so many bytes, or one line; of many parts some, so that so many bytes are held together."""


class Sharing:
    """How deals are shared out.

    Args:
        pieces: Of the past, in the order in which they count; a worker is told their places here.
        people: How each of the policies tells parties apart, as `people_of` returns it.
        parts: Into how many parts.
    """

    def __init__(self, pieces: Sequence[PastPiece], people: Sequence[Mapping[str, str]], parts: int) -> None:
        self.pieces, self.people, self.parts = pieces, people, parts

    def key(self, share: str) -> int:
        """Return the part of a share."""
        return zlib.crc32(share.encode("utf-8", "surrogatepass")) % self.parts

    def told(self, batches: Iterable[Any]) -> Iterator[PastPiece]:
        """Return the pieces that a worker is told of."""
        for batch in batches:
            for place in column(batch, "id").to_pylist():
                yield self.pieces[place]

    def parties(self, said: str) -> list[str]:
        """Return what a party is called by each of the policies; an empty name where none is said."""
        return [f"{place} {party_of(people, said)}" for place, people in enumerate(self.people)] if said else [""]

    def openings(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Return what the openings in some pieces say of their party and of the deal that they follow."""
        import polars as pl
        import pyarrow

        for piece in self.told(batches):
            for _, lines in piece.lines(_TOGETHER):
                texts = pl.Series(pl.from_arrow(lines))
                speaks = reduce(or_, map(texts.bin.contains, SPEAKS_OF_OTHERS))  # eight times as quick as pyarrow's
                heads = map(head_of, texts.filter(speaks).to_list())
                found = [
                    (head.deal, party, head.follows)
                    for head in heads
                    if head.party or head.follows
                    for party in self.parties(head.party)
                ]
                columns = [pyarrow.array([each[place] for each in found], pyarrow.string()) for place in range(3)]
                yield pyarrow.RecordBatch.from_arrays(columns, ["deal", "party", "follows"])

    def shares(self, openings: Any) -> bytes:
        """Return, as a table of `deal` and `key` in the order of deals, where each goes that is not decided alone.

        Args:
            openings: A table of what `openings` returned, in any order.
        """
        import pyarrow
        import pyarrow.compute as pc

        deals, parties = openings["deal"], openings["party"]
        share = pc.if_else(pc.equal(parties, ""), _named("d", deals), _named("p", parties))
        told = openings.set_column(1, "share", share).group_by(["deal", "share", "follows"]).aggregate([])
        links = told.filter(pc.not_equal(told["follows"], "")).select(["deal", "follows"])
        counts = told["deal"].value_counts()
        often = counts.filter(pc.greater(pc.struct_field(counts, "counts"), 1)).field("values")
        among = {*links["deal"].to_pylist(), *links["follows"].to_pylist(), *often.to_pylist()}
        is_among = pc.is_in(told["deal"], value_set=pyarrow.array(sorted(among), pyarrow.string()))
        bound, alone = told.filter(is_among), told.filter(pc.invert(is_among))
        whole = joined(  # few deals follow others, or have several openings, of which the one that counts is not known
            [
                *zip(_named("d", links["deal"]).to_pylist(), _named("d", links["follows"]).to_pylist(), strict=True),
                *zip(_named("d", bound["deal"]).to_pylist(), bound["share"].to_pylist(), strict=True),
            ]
        )
        found = [*alone["deal"].to_pylist(), *sorted(among)]
        shares = [*alone["share"].to_pylist(), *("d" + deal for deal in sorted(among))]
        keys = [self.key(whole.get(share, share)) for share in shares]
        table = pyarrow.table(
            {"deal": pyarrow.array(found, pyarrow.string()), "key": pyarrow.array(keys, pyarrow.int32())}
        )
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table.sort_by("deal"))
        return bytes(sink.getvalue())


class SharedLines:
    """Puts lines into blocks of the parts that they go to.

    Args:
        shares: What `Sharing.shares` returned, as Spark hands it to every worker.
    """

    def __init__(self, sharing: Sharing, shares: Any) -> None:
        self.sharing, self.shares = sharing, shares

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Return the blocks of some pieces; of each part in the lines' order."""
        import polars as pl
        import pyarrow

        known = pl.DataFrame(pl.from_arrow(pyarrow.ipc.open_stream(self.shares.value).read_all()))
        for piece in self.sharing.told(batches):
            for row, lines in piece.lines(min(_TOGETHER, _BLOCK_BYTES * self.sharing.parts)):
                yield self.blocks(known, piece.place, row, lines)

    def blocks(self, known: Any, place: int, row: int, lines: Any) -> Any:
        """Return lines that stand behind each other in a file as blocks.

        Args:
            row: The number of the first.
        """
        import numpy as np
        import pyarrow
        import pyarrow.compute as pc

        deals = [*map(deal_of, lines.to_pylist())]
        keys = self.keys(known, dict.fromkeys(deals))
        parts = np.fromiter(map(keys.__getitem__, deals), np.int32, len(deals))
        order = np.argsort(parts, kind="stable")
        sorted_parts = parts[order]
        first = np.flatnonzero(np.r_[True, sorted_parts[1:] != sorted_parts[:-1]])
        ends = pyarrow.array(np.r_[first, len(order)].astype(np.int32))
        texts = pc.binary_join(pyarrow.ListArray.from_arrays(ends, lines.take(pyarrow.array(order))), b"\n")
        told = {"key": sorted_parts[first], "place": np.full(len(first), place, np.int32), "row": order[first] + row}
        return pyarrow.RecordBatch.from_pydict({**told, "lines": texts})

    def keys(self, known: Any, deals: Iterable[str]) -> dict[str, int]:
        """Return where deals go: those that are known by their names to go elsewhere than alone are looked up."""
        import polars as pl

        names = pl.Series([*deals], dtype=pl.String)
        if not len(known):
            return {deal: self.sharing.key("d" + deal) for deal in names}
        near = known[known["deal"].search_sorted(names).clip(0, len(known) - 1)]
        found = zip(names, near["deal"], near["key"], strict=True)
        return {deal: key if there == deal else self.sharing.key("d" + deal) for deal, there, key in found}


def _named(sort: str, names: Any) -> Any:
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(sort, names, "")


def column(batch: Any, name: str) -> Any:
    """Return a column by its name, since Spark hands columns over by their place."""
    return batch.column(batch.schema.names.index(name))


def joined(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the shares that belong together: share → the first of them."""
    first: dict[str, str] = {}

    def root(share: str) -> str:
        while first.setdefault(share, share) != share:
            share = first[share] = first[first[share]]  # half of the way there is left out next time
        return share

    for pair in links:
        one, other = sorted(map(root, pair))
        first[other] = one
    return {share: root(share) for share in first}
