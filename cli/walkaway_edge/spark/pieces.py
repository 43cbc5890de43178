"""The past in pieces, each read where it is decided: row groups of Parquet files that every machine sees."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from walkaway.backtest import WHOLE
from walkaway_edge.problems import EdgeProblem

_ROWS = 50_000
"""So many lines are read together at most."""
_NULL = b"null"
"""What stands for a line that is not there: no event either."""


class PastPiece(NamedTuple):
    """A row group of a file.

    Attributes:
        place: Of its file, among the files.
        column: What the column of its lines is called.
        row: The number of its first line in its file, from 0.
        rows, size: How many lines it has, and about how many bytes.
    """

    place: int
    file: str
    column: str
    group: int
    row: int
    rows: int
    size: int

    def lines(self, together: int) -> Iterator[tuple[int, Any]]:
        """Return its lines, some together: the number of the first, and an array of bytes.

        Args:
            together: So many bytes, about; at least a line.
        """
        import pyarrow
        import pyarrow.compute as pc
        import pyarrow.parquet

        row, many = self.row, max(1, min(_ROWS, together * self.rows // max(1, self.size)))
        with pyarrow.parquet.ParquetFile(self.file) as file:
            for batch in file.iter_batches(many, [self.group], [self.column], use_threads=False):
                found = batch.column(0)
                if pyarrow.types.is_dictionary(found.type):
                    found = found.dictionary_decode()
                yield row, pc.fill_null(found.cast(pyarrow.binary()), _NULL)
                row += len(batch)


def pieces_of(files: Sequence[str]) -> list[PastPiece]:
    """Return the pieces of files, in their order.

    Raises:
        EdgeProblem: Where one cannot be read as Parquet, or has no column of whole events.
    """
    return [piece for place, file in enumerate(files) for piece in _pieces(place, file)]


def _pieces(place: int, name: str) -> Iterator[PastPiece]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(name) as file:
            told, schema = file.metadata, file.schema_arrow
    except (pyarrow.ArrowException, OSError) as problem:
        raise EdgeProblem(f"{name} cannot be read as Parquet") from problem
    column = next((each for each in WHOLE if each in schema.names), None)
    if column is None or not _is_text(schema.field(column).type):
        raise EdgeProblem(f"{name} has no column `line` of texts", "write each event as its JSON text")
    row = 0
    for number in range(told.num_row_groups):
        group = told.row_group(number)
        chunk = next(c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == column)
        yield PastPiece(place, name, column, number, row, group.num_rows, chunk.total_uncompressed_size)
        row += group.num_rows


def _is_text(sort: Any) -> bool:
    from pyarrow import types

    own = sort.value_type if types.is_dictionary(sort) else sort
    texts = (types.is_string, types.is_large_string, types.is_string_view)
    return any(is_one(own) for is_one in (*texts, types.is_binary, types.is_large_binary, types.is_binary_view))
