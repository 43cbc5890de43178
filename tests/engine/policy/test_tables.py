"""Decision tables: every mistake with its place in the CSV file, no gap and no overlap unseen, the right row found."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.findings import BASE, read, shown

from walkaway.policy.tables import look_up, matches
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.gaps import gaps

QUOTES = "put quotes around a cell that holds a comma"
SAVE = "save it as CSV in UTF-8, with commas; spreadsheets call it `CSV UTF-8`"
INSTEAD = "write a number with `%` behind it"
GAP = "add a row, or one with `*`"
OVERLAP = "make them exclude each other, or say `hit: first`"
NAMES = "name each column once, in letters, digits and `_`"
DAY = 20_727
"""2026-10-01."""


def policy(table: str, key: str = "segment", more: str = "", column: str = "walk", size: str = "default: 1"):
    """Read `BASE` with a table that gives the walk value of the discount."""
    keys = key if key.startswith("[") else f"deal.{key}"
    cell = ", ".join(f"deal.{k.strip()}" for k in key.strip("[]").split(",")) if keys == key else keys
    text = BASE.replace("walk: 20%", f'walk: "caps[{cell}].{column}"').replace(
        "growth: {type: number, optional: yes}",
        f"growth: {{type: number, optional: yes}}\n  size: {{type: count, {size}}}\n"
        "  rate: {type: percent, default: 1%}\n  note: {type: text, default: x}",
    )
    text = text.replace("signals:", f"tables: {{caps: {{file: caps.csv, key: {key}{more}}}}}\nsignals:")
    return read(text, {"caps.csv": table if isinstance(table, bytes) else table.encode()})


@pytest.mark.parametrize(
    ("table", "key", "code", "under", "message", "hint"),
    [
        ("segment,walk\nsmb,15%", "segment", "TABLE_GAP", "caps.csv",
         "table `caps` has no row for segment enterprise", GAP),
        ("size,walk\n1..10,15%\n20..30,18%", "size", "TABLE_GAP", "caps.csv",
         "table `caps` has no row for size 0, and 2 more", GAP),
        ("note,walk\nx,15%", "note", "TABLE_GAP", "caps.csv", "table `caps` has no row for note any other text", GAP),
        ("size,walk\n<= 10,15%\n>= 10,18%", "size", "TABLE_OVERLAP", ">= 10,18%",
         "this line and line 2 of table `caps` match size 10", OVERLAP),
        ("segment,walk\nsmb,15\nenterprise,20%", "segment", "TABLE_CELL", "15",
         "column `walk`: `15` is not a percentage", "write `15%`"),
        ("segment,walk\nsmall,15%\nenterprise,20%", "segment", "TABLE_CELL", "small",
         "column `segment`: `small` is not one of smb, enterprise", ""),
        ("segment,low,walk\nsmb,15%,15%\nenterprise,10%,n/a", "segment", "TABLE_CELL", "n/a",
         "column `walk`: `n/a` is not a quantity", "write a number with `%` behind it"),
        ("size,walk\n10..5,15%", "size", "TABLE_CELL", "10..5", "column `size`: `10..5` ends before it begins", ""),
        ("segment,walk,from\nsmb,15%,soon\n*,20%,", "segment", "TABLE_CELL", "soon",
         "column `from`: `soon` is not a day", "write it as `YYYY-MM-DD`"),
        ("segment,walk\nsmb,15%,x\n*,20%", "segment", "TABLE_SHAPE", "smb,15%,x",
         "this row has 3 cells; the header names 2 columns", QUOTES),
        ("segmant,walk\nsmb,15%", "segment", "TABLE_SHAPE", "caps.csv", "table `caps` has no column `segment`",
         "did you mean `segmant`?"),
        ("growth,walk\n*,15%", "growth", "TABLE_SHAPE", "caps.csv",
         "the key `growth` of table `caps` is no fact that every deal states",
         "known here: `list_price`, `note`, `rate`, `segment`, `size`"),
        ("segment,walk,walk\n*,15%,15%", "segment", "TABLE_SHAPE", "walk",
         "`walk` names two columns of table `caps`", NAMES),
        ("segment,walk", "segment", "TABLE_SHAPE", "segment,walk", "table `caps` has no rows",
         "add a row below the header"),
        (b"segment,walk\nsmb,\xff", "segment", "TABLE_NOT_READABLE", "\ufffd",
         "table file `caps.csv` is not UTF-8 text", SAVE),
        ("segment,walk\n" + "smb,1%\n" * 10_001, "segment", "TABLE_NOT_READABLE", "smb,1%",
         "table file `caps.csv` has more than 10,000 rows", "give ranges, as `0..10`, in place of single values"),
        ("segment,walk\nsmb,15%\nenterprise,6%", "segment", "WALK_PAST_WANT", "enterprise,6%",
         "walk caps[deal.segment].walk of `discount` is reached before its want 8% in line 3 of `caps.csv`",
         "swap the two, or check the sign of `worth`"),
        ("segment,walk,from\nsmb,15%,2026-10-01\nenterprise,20%,", "segment", "TABLE_GAP", "caps.csv",
         "table `caps` has no row for deals that open before 2026-10-01 UTC",
         "add a row without a day in `from`, or let `effective:` begin with that day"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_table_is_one_finding(table, key, code, under, message, hint):
    """Code, the very text under the caret, message and hint; the place is in the CSV file wherever it can be."""
    assert shown(policy(table, key).findings) == [(code, under, message, hint)]


@pytest.mark.parametrize("walk", ["-(caps[deal.segment].walk)", "2 * caps[deal.segment].walk - 4%"])
def test_a_limit_worked_out_from_a_table_is_compared_row_by_row(walk):
    """A row that puts walk before want is found through what is done with its cell, not only where it stands bare."""
    text = BASE.replace("walk: 20%", f'walk: "{walk}"')
    text = text.replace("signals:", "tables: {caps: {file: caps.csv, key: segment}}\nsignals:")
    found = shown(read(text, {"caps.csv": b"segment,walk\nsmb,15%\nenterprise,5%"}).findings)
    assert ("WALK_PAST_WANT", "enterprise,5%") in [(code, under) for code, under, *_ in found]


def test_a_row_that_never_counts_is_a_warning():
    """Where the topmost row counts, a second one for the same deals is dead."""
    found = policy("segment,walk\nsmb,15%\nsmb,16%\n*,17%", more=", hit: first")
    remedy = "an earlier line always matches first; remove it"
    message = "this line of table `caps` never matches"
    assert shown(found.findings) == [("TABLE_ROW_UNREACHED", "smb,16%", message, remedy)]
    assert found.unwrap().tables["caps"].first_hit


def test_a_table_that_cannot_be_found_is_a_finding_at_its_name():
    """Its rows are not missed a second time by the limits that read them."""
    text = BASE.replace("walk: 20%", 'walk: "caps[deal.segment].walk"')
    text = text.replace("signals:", "tables: {caps: {file: cap.csv, key: segment}}\nsignals:")
    assert shown(read(text).findings) == [
        ("TABLE_NOT_READABLE", "cap.csv", "table file `cap.csv` cannot be read",
         "it must lie beside the policy, or in a folder below it")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "code", "message"),
    [
        ("caps[deal.growth].walk", "NOT_FIXED", "`deal.growth` may be missing, so it cannot choose a row"),
        ("caps[deal.list_price].walk", "KINDS_DIFFER",
         "`deal.list_price` is money in USD; the table's key is one of smb, enterprise"),
        ("caps[deal.segment].wlak", "UNKNOWN_FACT", "table `caps` has no column `wlak`"),
        ("caps[deal.segment, deal.segment].walk", "SYNTAX", "table `caps` has 1 key, not 2"),
        ("caps[smb].walk", "UNKNOWN_FACT", "`smb` is not a fact"),
        ("cap[deal.segment].walk", "UNKNOWN_FACT", "there is no table `cap`"),
    ],
)  # fmt: skip
def test_a_cell_is_chosen_by_facts_that_the_opening_fixes(cell, code, message):
    """Another kind, another number of keys, a fact that may be missing, or a name that is none."""
    text = BASE.replace("walk: 20%", f'walk: "{cell}"').replace(
        "signals:", "tables: {caps: {file: caps.csv, key: segment}}\nsignals:"
    )
    found = read(text, {"caps.csv": b"segment,walk\n*,15%\n"}).findings
    assert [(f.code.name, f.message) for f in found if f.severity == "error"] == [(code, message)]


def test_every_mistake_of_a_table_is_told_at_once():
    """Four cells, in the order of the file."""
    table = "segment,walk,from\nsmall,15%,\nsmb,x,2026-1-1\nenterprise,20.00001%,\n"
    found = policy(table).findings
    assert [(f.span.line, f.span.column) for f in found] == [(2, 1), (3, 5), (3, 7), (4, 12)]
    assert {f.span.file for f in found} == {"caps.csv"}


def test_the_place_of_a_cell_is_its_own_where_others_read_alike():
    """The caret stands in the right column, quotes and blank lines notwithstanding."""
    (finding,) = policy('segment,note,walk\n\nsmb,"1, 1",1\n*,x,15%\n').findings
    assert (finding.span.line, finding.span.column) == (3, 12)


def test_files_from_a_spreadsheet_are_read():
    """A byte order mark, Windows line ends, quotes, empty lines and spaces around cells change nothing."""
    table = '\ufeffsegment,walk\r\nsmb ,"15%"\r\n\r\nenterprise, 20%\r\n'
    caps = policy(table).unwrap().tables["caps"]
    assert [(r.line, r.cells) for r in caps.rows] == [(2, {"walk": 150_000}), (4, {"walk": 200_000})]


def test_the_latest_dated_row_in_force_counts():
    """A row with a day replaces the one before it from that day on, and not a day earlier."""
    table = "segment,walk,from\n*,15%,\n*,12%,2026-10-01\n*,10%,2027-01-01\n"
    caps = policy(table).unwrap().tables["caps"]
    assert [look_up(caps, ["smb"], day).cells["walk"] for day in (DAY - 1, DAY, DAY + 91, DAY + 92)] == [
        150_000, 120_000, 120_000, 100_000,
    ]  # fmt: skip


def test_the_topmost_row_counts_where_the_table_says_so():
    """With `hit: first` a general row may stand below a special one."""
    caps = policy("size,segment,walk\n> 100,*,20%\n*,smb,10%\n*,*,15%\n", "[size, segment]", ", hit: first").unwrap()
    rows = caps.tables["caps"]
    found = [look_up(rows, [size, segment], DAY).line for size, segment in ((101, "smb"), (100, "smb"), (0, "x"))]
    assert found == [2, 3, 4]


def ranges():
    """Return cells of a numeric key."""
    number = st.integers(0, 9)
    return st.one_of(
        st.just("*"), number.map(str), number.map(lambda n: f">= {n}"), number.map(lambda n: f"< {n}"),
        st.tuples(number, number).map(lambda p: f"{min(p)}..{max(p)}"),
    )  # fmt: skip


@given(
    st.lists(st.tuples(ranges(), st.sampled_from(["smb", "enterprise", "*"])), min_size=1, max_size=5),
    st.booleans(),
)
@settings(deadline=None)
def test_gaps_overlaps_and_dead_rows_are_those_that_trying_every_deal_finds(rows, first):
    """Against every size from 0 to 11 and both segments, tried one by one."""
    table = "size,segment,walk\n" + "".join(f"{size},{segment},15%\n" for size, segment in rows)
    found = policy(table, "[size, segment]", f", hit: {'first' if first else 'unique'}")
    codes = {f.code.name for f in found.findings}
    tests = [(_bounds(size), None if segment == "*" else segment) for size, segment in rows]
    hits = [
        [i for i, row in enumerate(tests) if all(map(matches, row, deal))]
        for deal in itertools.product(range(12), ["smb", "enterprise"])
    ]
    assert ("TABLE_GAP" in codes) is any(not h for h in hits)
    assert ("TABLE_OVERLAP" in codes) is (not first and any(len(h) > 1 for h in hits))
    reached = {h[0] for h in hits if h} if first else set(itertools.chain(*hits))
    assert ("TABLE_ROW_UNREACHED" in codes) is (reached != set(range(len(rows))))


def _bounds(cell):
    if cell == "*":
        return None
    if ".." in cell:
        return tuple(map(int, cell.split("..")))
    sign, _, number = cell.rpartition(" ")
    bound = int(number)
    return {">=": (bound, None), "<": (None, bound - 1), "": (bound, bound)}[sign]


@pytest.mark.slow
def test_ten_thousand_rows_are_looked_at():
    """A long price list is checked for gaps and overlaps like a short one."""
    table = "size,walk\n" + "".join(f"{i},15%\n" for i in range(9_998)) + ">= 9998,20%\n>= 20000,20%\n"
    (finding,) = policy(table, "size").findings
    assert (finding.code.name, finding.span.line) == ("TABLE_OVERLAP", 10_001)


@pytest.mark.parametrize("table", ["", "\ufeff", "\n \n\n", '""', ",,\n"])
def test_an_empty_file_is_no_table(table):
    """A limit that was exported to nothing is not a policy without that limit."""
    checked = policy(table)
    assert checked.value is None
    (finding,) = checked.findings
    assert (str(finding.span), finding.message) == ("caps.csv:1:1", "table file `caps.csv` is empty")
    assert finding.hint == "write a header that names the columns, and rows below it"


COMMAS = "put commas between cells; a spreadsheet in a language with decimal commas writes another sign"
FILES = [
    ("segment;walk\nsmb;15%\n", "1:8", ";", "separates its cells by semicolons", COMMAS),
    ("\r\nsegment;walk\r\nsmb;15,5%\r\n", "2:8", ";", "separates its cells by semicolons", COMMAS),
    ("segment\twalk\nsmb\t15%\n", "1:8", "\t", "separates its cells by tabs", COMMAS),
    ("sep=;\nsegment;walk\n", "1:1", "sep=;", "begins with a line that only spreadsheets know", "remove it"),
    ("segment,walk\n".encode("utf-16"), "1:1", "", "is UTF-16 text, not UTF-8", SAVE),
    ("segment,walk\n".encode("utf-16-be"), "1:1", "", "is UTF-16 text, not UTF-8", SAVE),
    (b"PK\x03\x04\x14\x00", "1:1", "", "is a spreadsheet, not CSV", SAVE),
    ("segment,walk\nsmb,15%\n*,20 \u20ac\n".encode("cp1252"), "3:6", "\ufffd", "is not UTF-8 text", SAVE),
    ("segment,walk\nsm\0b,15%\n", "2:3", "\0", "holds a NUL character", "remove it"),
    ('segment,walk\nsmb,15%\n*,"20%\n', "3:3", '"', "has a quote that is never closed", "close it, or remove it"),
    ('segment,walk\nsmb,"15"%\n', "2:5", '"', "has text behind a closing quote",
     'write a quote inside a quoted cell twice: `""`'),
    ("segment,walk\nsmb," + "9" * 200_000, "2:1", "s", "has a cell that is too long",
     "keep cells below 100,000 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "place", "under", "problem", "hint"), FILES)
def test_a_file_that_is_no_such_table_is_one_finding_in_the_file(table, place, under, problem, hint):
    """What spreadsheets of other settings export is named as what it is; nothing is read in part."""
    checked = policy(table)
    assert checked.value is None
    (finding,) = checked.findings
    assert (finding.code.name, str(finding.span)) == ("TABLE_NOT_READABLE", f"caps.csv:{place}")
    assert shown([finding])[0][1:] == (under, f"table file `caps.csv` {problem}", hint)


FORMULA = "write what the formula gives; a single value needs no sign"
POINT = "write `15.5%`"
CELLS = [
    ("segment,walk\nsmb,=1+1\n*,20%\n", "2:5", "=1+1", "column `walk`: `=1+1` is not a quantity", FORMULA),
    ("segment,walk\nsmb,#N/A\n*,20%\n", "2:5", "#N/A", "column `walk`: `#N/A` is not a quantity",
     "a spreadsheet wrote this in place of a value: mend it there, and save the table again"),
    ("segment,walk\nsmb,\n*,20%\n", "2:5", "", "column `walk`: the cell is empty", "every row needs a value here"),
    ('segment,walk\nsmb,"15,5%"\n*,20%\n', "2:6", "15,5%", "column `walk`: `15,5%` is not a quantity", POINT),
    ("segment,walk\nsmb,15\u00a0%\n*,20%\n", "2:5", "15\u00a0%", "column `walk`: `15\u00a0%` is not a quantity",
     "write `15%`"),
    ("size,walk\n0\u201310,15%\n> 10,20%\n", "2:1", "0\u201310", "column `size`: `0\u201310` is not a quantity",
     "write a range as `0..10`"),
    ("size,walk\n0-10,15%\n> 10,20%\n", "2:1", "0-10", "column `size`: `0-10` is not a quantity",
     "write a range as `0..10`"),
    ("size,walk\n\u2264 10,15%\n> 10,20%\n", "2:1", "\u2264 10", "column `size`: `\u2264 10` is not a quantity",
     "write `<= 10`"),
    ("size,walk\n<= 10,15%\n=> 11,20%\n", "3:1", "=> 11", "column `size`: `=> 11` is not a quantity", "write `>= 11`"),
    ("size,walk\n..10,15%\n> 10,20%\n", "2:1", "..10", "column `size`: `` is not a quantity", "write `<= 10`"),
    ("segment,fee,walk\nsmb,10.000 USD,15%\n*,5 USD,20%\n", "2:5", "10.000 USD",
     "column `fee`: `10.000 USD` may be 10 or 10,000",
     "write `10 USD` or `10,000 USD`"),
    ('segment,fee,walk\nsmb,"10.000,50 USD",15%\n*,5 USD,20%\n', "2:6", "10.000,50 USD",
     "column `fee`: `10.000,50 USD` is not a quantity",
     "write `10,000.50 USD`"),
    ("segment,fee,walk\nsmb,10 days,15%\n*,2 months,20%\n", "3:3", "2 months",
     "column `fee`: `2 months` is not a number of days", "write a whole number, a space and `days`"),
    ('segment,note,walk\nsmb,"a\nb",x%\nenterprise,c,20%\n', "3:4", "x%",
     "column `walk`: `x%` is not a quantity", INSTEAD),
    ('segment,walk\n"""s""mb",15%\n*,20%\n', "2:2", '""s""mb',
     "column `segment`: `\"s\"mb` is not one of smb, enterprise",
     "did you mean `smb`?"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "place", "under", "message", "hint"), CELLS)
def test_a_cell_as_spreadsheets_and_people_write_it_is_a_finding_at_the_cell(table, place, under, message, hint):
    """File, row and column, also behind quoted line breaks; the hint fits what stands there."""
    key = "size" if table.startswith("size") else "segment"
    (finding,) = policy(table, key).findings
    assert (finding.code.name, str(finding.span)) == ("TABLE_CELL", f"caps.csv:{place}")
    assert shown([finding])[0][1:] == (under, message, hint)


@given(
    st.one_of(st.binary(max_size=60), st.text(',;"\n\r\t\0 smbwalk,segment0.5%=.-\u2026*', max_size=60).map(str.encode))
)
@settings(deadline=None)
def test_whatever_bytes_a_table_has_it_is_read_or_has_findings(data):
    """In the file or at its name in the policy; never a traceback, and never a policy without the limit."""
    for table in (data, b"segment,walk\nsmb,15%\n" + data):
        checked = policy(table)
        assert checked.value is None or len(checked.value.tables["caps"].rows) > 0
        assert all(f.span.line >= 1 and f.span.column >= 1 for f in checked.findings)


def test_empty_columns_at_the_end_are_no_columns():
    """Spreadsheets export those that were ever touched; text in one is a row with too many cells."""
    caps = policy("segment,walk,,\r\nsmb,15%,,\r\nenterprise,20%\r\n,,,\r\n").unwrap().tables["caps"]
    assert [(r.line, r.cells) for r in caps.rows] == [(2, {"walk": 150_000}), (3, {"walk": 200_000})]
    (finding,) = policy("segment,walk,\nsmb,15%,see mail\nenterprise,20%,\n").findings
    assert finding.message == "this row has 3 cells; the header names 2 columns"


def test_a_row_that_ends_early_wants_its_cells():
    """No cell is taken to be empty that was not written."""
    (finding,) = policy("segment,note,walk\nsmb\nenterprise,x,20%\n").findings
    assert (finding.message, finding.hint) == ("this row has 1 cell; the header names 3 columns", "write every cell")


def test_three_decimals_are_decimals_where_the_unit_has_as_many():
    """`1.250%` is one and a quarter percent: a percentage holds four decimals."""
    caps = policy("segment,walk\nsmb,15.250%\nenterprise,20%\n").unwrap().tables["caps"]
    assert caps.rows[0].cells["walk"] == 152_500


@pytest.mark.parametrize(
    ("table", "key", "more", "facts", "cell"),
    [
        ("rate,walk\n0%..10%,15%\n> 10%,18%\n< 0%,9%\n", "rate", "", [100_000], 150_000),
        ("rate,walk\n0%..10%,15%\n> 10%,18%\n< 0%,9%\n", "rate", "", [100_001], 180_000),
        ("size,walk\n>= 50,15%\n< 50,18%\n", "size", "", [50], 150_000),
        ("size,walk\n>= 50,15%\n< 50,18%\n", "size", "", [49], 180_000),
        ('list_price,walk\n"<= 10,000 USD",15%\n"> 10,000 USD",18%\n', "list_price", "", [1_000_000], 150_000),
        ('list_price,walk\n"<= 10,000 USD",15%\n"> 10,000 USD",18%\n', "list_price", "", [1_000_001], 180_000),
        ("segment,size,walk\r\nsmb,0..9,15%\r\n*,*,18%\r\n", "[segment, size]", ", hit: first", ["smb", 9], 150_000),
        ("segment,size,walk\r\nsmb,0..9,15%\r\n*,*,18%\r\n", "[segment, size]", ", hit: first", ["smb", 10], 180_000),
    ],
)
def test_a_range_holds_at_its_ends(table, key, more, facts, cell):
    """With units, closed at both ends, open at one, and with a price that holds a comma."""
    found = policy(table, key, more).unwrap().tables["caps"]
    row = look_up(found, facts, DAY)
    assert row is not None
    assert row.cells["walk"] == cell


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_too_many():
    """They are counted, and not looked at."""
    table = "size,walk\n" + "".join(f"{n},15%\n" for n in range(100_000))
    (finding,) = policy(table, "size").findings
    assert finding.message == "table file `caps.csv` has more than 10,000 rows"


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    ("size", "table", "gap"),
    [
        ("least: 1, most: 10", "1..10,15%", ""),
        ("least: 1, most: 10", "1..4,15%\n6..10,15%", "size 5"),
        ("least: 2", "3..9,15%\n>= 10,20%", "size 2"),
        ("most: 20", "0..9,15%\n10..19,20%", "size 20"),
        ("least: -5", ">= 0,15%", "size -5"),
        ("default: 1", ">= 0,15%", ""),
    ],
)
def test_a_gap_beyond_the_bounds_of_a_fact_is_none(monkeypatch, size, table, gap, many):
    """What no deal may state wants no row, whether regions are tried one by one or the solver searches them."""
    if many:
        monkeypatch.setattr("walkaway.policy.tables.MAX_REGIONS", 0)
        monkeypatch.setattr("walkaway.policy.lately.last_readings", lambda *_: [])
    read = policy(f"size,walk\n{table}\n", "size", size=size)
    found = list(gaps(read.value, TimeLimit(time.monotonic, time.monotonic() + 30))) if many else read.findings
    told = [f.message for f in found if f.code.name == "TABLE_GAP"]
    assert len(told) == bool(gap)
    assert all(t.startswith("table `caps` has no row for ") for t in told)
    assert many or all(t.endswith(gap) for t in told)  # of a region the solver takes any value
