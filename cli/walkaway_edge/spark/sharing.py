"""How deals are shared out over the parts of a job: a party's deals, and those that follow them, together.

Lines cross from process to process in blocks, each of one part and in the order of its file, so that Spark has a row
to shuffle and sort for some hundred lines and not for each.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from walkaway.deal.cover import party_of
from walkaway.deal.lines import deal_of, head_of

SPEAKS_OF_OTHERS = ("party", "follows", "\\u")
"""What an opening holds that names other deals, or a party; `\\u` may write any of it."""
OPENINGS = "deal string, party string, follows string"
BLOCKS = "key int, place int, row long, lines binary"
_GATHERED = 50_000
"""So many lines are shared out together, or so many bytes of them, or a few more."""
_GATHERED_BYTES = 1 << 25
_BLOCK_BYTES = 1 << 16
"""A block has so many bytes, or one line."""


class Sharing:
    """How deals are shared out.

    Args:
        files: In the order in which they count.
        people: As `people_of` returns them: how parties are told apart.
        keys: Part → the number by which Spark hands a row to it.
    """

    def __init__(self, files: Sequence[str], people: Any, keys: Sequence[int]) -> None:
        self.places = {file: place for place, file in enumerate(files)}
        self.people, self.keys = people, keys

    def place(self, uri: str) -> int:
        """Return the place of a file, by the address that Spark has of it."""
        found = self.places.get(uri)
        return self.places[unquote(urlsplit(uri).path)] if found is None else found

    def key(self, share: str) -> int:
        """Return the number by which a share gets to its part."""
        return self.keys[zlib.crc32(share.encode("utf-8", "surrogatepass")) % len(self.keys)]

    def openings(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Return what the openings among some lines say of their party and of the deal that they follow."""
        import pyarrow

        for batch in batches:
            heads = map(head_of, column(batch, "line").cast(pyarrow.binary()).to_pylist())
            found = [
                (head.deal, party_of(self.people, head.party) if head.party else "", head.follows)
                for head in heads
                if head.party or head.follows
            ]
            columns = [pyarrow.array([each[place] for each in found], pyarrow.string()) for place in range(3)]
            yield pyarrow.RecordBatch.from_arrays(columns, ["deal", "party", "follows"])

    def shares(self, openings: Any) -> bytes:
        """Return, as a table of `deal` and `key`, where each deal goes that is not decided alone.

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
            stream.write_table(table)
        return bytes(sink.getvalue())


class SharedLines:
    """Puts lines into blocks of the parts that they go to.

    Args:
        shares: What `Sharing.shares` returned, as Spark hands it to every worker.
    """

    def __init__(self, sharing: Sharing, shares: Any) -> None:
        self.sharing, self.shares = sharing, shares

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Return the blocks of some lines; of each part in the lines' order."""
        import pyarrow

        known = pyarrow.ipc.open_stream(self.shares.value).read_all()
        lines, rows = list[bytes](), list[int]()
        file, size = "", 0
        for own, some, numbers in _runs(batches):
            if lines and (own != file or len(lines) >= _GATHERED or size >= _GATHERED_BYTES):
                yield self.blocks(known, file, lines, rows)
                lines, rows, size = [], [], 0
            file = own
            lines += some
            rows += numbers
            size += sum(map(len, some))
        if lines:
            yield self.blocks(known, file, lines, rows)

    def blocks(self, known: Any, file: str, lines: Sequence[bytes], rows: Sequence[int]) -> Any:
        """Return some lines of a file as blocks."""
        import pyarrow
        import pyarrow.compute as pc

        deals = [*map(deal_of, lines)]
        keys: dict[str, int] = dict.fromkeys(deals, -1)
        found = known.filter(pc.is_in(known["deal"], value_set=pyarrow.array(list(keys), pyarrow.string())))
        keys |= dict(zip(found["deal"].to_pylist(), found["key"].to_pylist(), strict=True))
        for deal, key in keys.items():
            if key < 0:
                keys[deal] = self.sharing.key("d" + deal)
        gathered: dict[int, list[bytes]] = {}
        done = list[tuple[int, int, bytes]]()
        opened: dict[int, tuple[int, int]] = {}  # key → the first row, and the bytes so far
        for line, row, deal in zip(lines, rows, deals, strict=True):
            key = keys[deal]
            first, size = opened.get(key, (row, 0))
            gathered.setdefault(key, []).append(line)
            size += len(line) + 1
            if size < _BLOCK_BYTES:
                opened[key] = first, size
            else:
                done.append((key, first, b"\n".join([*gathered.pop(key), b""])))
                opened.pop(key, None)
        done += ((key, opened[key][0], b"\n".join([*some, b""])) for key, some in gathered.items())
        place = self.sharing.place(file)
        told = [[each[0] for each in done], [place] * len(done), [each[1] for each in done], [e[2] for e in done]]
        types = pyarrow.int32(), pyarrow.int32(), pyarrow.int64(), pyarrow.binary()
        arrays = [pyarrow.array(values, of) for values, of in zip(told, types, strict=True)]
        return pyarrow.RecordBatch.from_arrays(arrays, ["key", "place", "row", "lines"])


def _runs(batches: Iterable[Any]) -> Iterator[tuple[str, list[bytes], list[int]]]:
    """Return lines that stand behind each other in one file, with the numbers of their rows."""
    import pyarrow
    import pyarrow.compute as pc

    for batch in batches:
        lines = pc.fill_null(column(batch, "line").cast(pyarrow.binary()), b"").to_pylist()
        rows, runs = column(batch, "row").to_pylist(), pc.run_end_encode(column(batch, "file"))
        first = 0
        for file, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            yield file, lines[first:end], rows[first:end]
            first = end


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
