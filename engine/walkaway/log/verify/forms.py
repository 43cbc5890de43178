"""What a store is built of: its tables, indices and constraints, compared with what the database says that it has.

Written down here once more, as `docs/log.md` has it, and shared with no writer. A table's form is the release that
made it: `1` is that of 0.1.0, which is only read.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

FORMS = ("1", "0.2")
"""The forms of tables that this release reads; the last is the one that it writes."""
LONGEST = 64 * 1024 * 1024
"""No value of a store has more bytes."""

Built = Mapping[str, str]
"""What a database is built of: what it is and its name, and how it was made."""


class DatabaseReader(Protocol):
    """A database that can be queried.

    Attributes:
        dialect: `sqlite` or `postgresql`.
    """

    dialect: str

    def rows(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Return the rows of an SQL query."""
        ...


def built(reader: DatabaseReader) -> Built:
    """Return what the database itself says it is built of; nothing is read from a table of ours."""
    return _of_sqlite(reader) if reader.dialect == "sqlite" else _of_postgres(reader)


def is_store(found: Built) -> bool:
    """Return whether there is something under the name of the entries."""
    return any(key.endswith(" `entries`") for key in found)


def form_of(reader: DatabaseReader, found: Built) -> str | None:
    """Return the form that the store names, none where it has no table that could."""
    made = found.get("table `meta`", "")
    if not made or made.startswith("CREATE VIRTUAL"):
        return None
    rows = list(reader.rows("SELECT substr(value, 1, 20) FROM meta WHERE name = 'schema' LIMIT 2"))
    return rows[0][0] if len(rows) == 1 and isinstance(rows[0][0], str) else None


def flaws(reader: DatabaseReader, form: str, found: Built) -> list[str]:
    """Return how the database is built otherwise than a store of a form is."""
    wanted, may = _EXPECTED[reader.dialect, form]
    said = [f"the {key} is missing" for key in wanted if key not in found]
    for key, made in found.items():
        known = wanted.get(key, may.get(key))
        if known is None:
            said.append(f"there is a {key}, which no store has")
        elif known != made:
            said.append(f"the {key} is not as it was made")
    return said


def overlong(reader: DatabaseReader, form: str, *, is_sound: bool) -> list[str]:
    """Return which columns hold more than may be read; the values themselves are not.

    An SQLite file is read within a limit; on a server, constraints see to it from form 0.2 on, where they are in place.
    """
    if reader.dialect == "sqlite" or (is_sound and form != "1"):
        return []
    return [
        f"the column `{table}.{column}` holds a value of more than {LONGEST:,} bytes"
        for table, columns in _AT_MOST.items()
        if (table, form) not in _MAY_LACK
        for column in (*columns, *_EXACTLY.get(table, ()))
        if list(reader.rows(f"SELECT 1 FROM {table} WHERE octet_length({column}) > ? LIMIT 1", LONGEST))
    ]


def _of_sqlite(reader: DatabaseReader) -> Built:
    found: dict[str, str] = {}
    roots: dict[object, str] = {}
    sql = "SELECT type, name, tbl_name, substr(sql, 1, 5000), rootpage FROM sqlite_schema"
    for sort, name, table, made, root in reader.rows(sql):
        key = f"{sort} `{name}`"
        if key in ("table `sqlite_stat1`", "table `sqlite_stat4`"):  # what the planner counted; no answer rests on it
            continue
        text = f"of {table}" if made is None else " ".join(str(made).split())
        if key in found or (root and root in roots):
            text += ", and stands where another one does"
        found[key] = text
        roots[root] = key
    return found


def _of_postgres(reader: DatabaseReader) -> Built:
    found: dict[str, str] = {}
    for key, made in reader.rows(_POSTGRES):
        found[key] = f"{found[key]}, {made}" if key in found else made
    return found


_POSTGRES = """
WITH ours AS (SELECT c.* FROM pg_class c WHERE c.relnamespace = to_regnamespace('walkaway'))
SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' WHEN 'S' THEN 'sequence'
        ELSE 'relation of another kind' END || ' `' || relname || '`',
        relpersistence::text || CASE WHEN relrowsecurity THEN ' with row security' ELSE '' END
    FROM ours WHERE relkind NOT IN ('i', 'I')
UNION ALL SELECT 'column `' || o.relname || '.' || a.attname || '`',
        a.attnum || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || CASE WHEN a.atthasdef THEN ' default' ELSE '' END
        || a.attidentity::text || a.attgenerated::text
        || CASE WHEN a.attcollation <> t.typcollation THEN ' collated' ELSE '' END
    FROM pg_attribute a JOIN ours o ON a.attrelid = o.oid JOIN pg_type t ON t.oid = a.atttypid
    WHERE o.relkind NOT IN ('i', 'I', 'S') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT 'constraint of `' || o.relname || '`: ' || replace(pg_get_constraintdef(k.oid), '"', ''),
        k.convalidated::text
    FROM pg_constraint k JOIN ours o ON k.conrelid = o.oid WHERE k.contype NOT IN ('n', 't')
UNION ALL SELECT 'index `' || o.relname || '`', CASE WHEN x.indisvalid AND x.indisready THEN '' ELSE 'invalid ' END
        || replace(pg_get_indexdef(x.indexrelid), 'walkaway.', '')
    FROM pg_index x JOIN ours o ON x.indexrelid = o.oid
UNION ALL SELECT 'trigger `' || g.tgname || '`', o.relname
    FROM pg_trigger g JOIN ours o ON g.tgrelid = o.oid WHERE NOT g.tgisinternal
UNION ALL SELECT 'rule `' || r.rulename || '`', o.relname
    FROM pg_rewrite r JOIN ours o ON r.ev_class = o.oid WHERE o.relkind = 'r'
UNION ALL SELECT 'table `' || c.relname || '`', 'inherits or is inherited'
    FROM pg_inherits h JOIN ours o ON o.oid IN (h.inhparent, h.inhrelid) AND o.relkind = 'r'
    JOIN pg_class c ON c.oid = h.inhrelid
UNION ALL SELECT 'function `' || p.proname || '`', '' FROM pg_proc p WHERE p.pronamespace = to_regnamespace('walkaway')
UNION ALL SELECT 'operator `' || o.oprname || '`', ''
    FROM pg_operator o WHERE o.oprnamespace = to_regnamespace('walkaway')
UNION ALL SELECT 'type `' || t.typname || '`', '' FROM pg_type t
    WHERE t.typnamespace = to_regnamespace('walkaway') AND t.typtype IN ('d', 'e', 'r', 'm')
"""

# What a store is expected to be built of, by dialect and form.

_COLUMNS = {
    "meta": "name text!, value text!",
    "entries": "n bigint!, deal text, event text, instant bigint, verdict text, chain bytea!, leaf bytea!",
    "nodes": "level integer!, place bigint!, hash bytea!",
    "policies": "sha256 text!, file text!, content text!",
    "contents": "sha256 text!, data bytea!",
    "items": "deal text!, seal text!, salt bytea!, sort text!, text bytea!",
    "positions": "deal text!, n bigint!, last bigint!, position bytea!",
    "places": "name text!, part text!, place bytea!",
}
"""Of each table: its columns in order; `!` where there is always a value."""
_KEYS = {
    "meta": "name",
    "entries": "n",
    "nodes": "level, place",
    "policies": "sha256, file",
    "contents": "sha256",
    "items": "deal, seal",
    "positions": "deal",
    "places": "name, part",
}
_SHORT, _LONG = 1024 * 1024, LONGEST
_AT_MOST = {
    "meta": {"name": _SHORT, "value": _SHORT},
    "entries": {"leaf": _LONG, "deal": _LONG, "event": _LONG, "verdict": _SHORT},
    "nodes": {},
    "policies": {"sha256": _SHORT, "file": _SHORT, "content": _SHORT},
    "contents": {"sha256": _SHORT, "data": _LONG},
    "items": {"deal": _LONG, "seal": _SHORT, "sort": _SHORT, "text": _LONG},
    "positions": {"deal": _LONG, "position": _LONG},
    "places": {"name": _LONG, "part": _LONG, "place": _LONG},
}
"""Of each column, in form 0.2: how many bytes a value has at most."""
_EXACTLY = {"entries": {"chain": 32}, "nodes": {"hash": 32}, "items": {"salt": 16}}
_ABOVE = {
    "entries": ("n >= 0",),
    "nodes": ("level > 0", "place >= 0"),
}
_TOGETHER = {"entries": ("event", "instant", "verdict")}
"""Columns that have no value where `deal` has none: the entry records an erasure."""
_BY_EVENT = "UNIQUE INDEX entries_by_event ON entries%s (deal, event)"
_BY_LAST = "INDEX positions_by_last ON positions%s (last, deal)"
_LIVE = ("positions", "places")
_MAY_LACK = {(table, "1") for table in _LIVE}
"""Tables that stores of form 1 may lack."""


def _postgres(form: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a store must be built of on a server, and what it may have beside that."""
    must: dict[str, str] = {}
    may = {"index `positions_by_last`": "CREATE " + _BY_LAST % " USING btree"}
    for table, columns in _COLUMNS.items():
        into = may if form == "1" and table in _LIVE else must
        into[f"table `{table}`"] = "p"
        for place, column in enumerate(columns.split(", "), 1):
            name, sort = column.split()
            into[f"column `{table}.{name}`"] = f"{place} {sort.replace('!', ' not null')}"
        into[f"constraint of `{table}`: PRIMARY KEY ({_KEYS[table]})"] = "true"
        index = f"CREATE UNIQUE INDEX {table}_pkey ON {table} USING btree ({_KEYS[table]})"
        into[f"index `{table}_pkey`"] = index
        if form != "1":
            must |= {f"constraint of `{table}`: CHECK (({check}))": "true" for check in _checks(table, "octet_length")}
    must["index `entries_by_event`"] = "CREATE " + _BY_EVENT % " USING btree"
    return must, may


def _checks(table: str, length: str) -> list[str]:
    checks = [*_ABOVE.get(table, ())]
    checks += [f"{length}({column}) = {count}" for column, count in _EXACTLY.get(table, {}).items()]
    checks += [f"{length}({column}) <= {count}" for column, count in _AT_MOST[table].items()]
    return checks + [f"(deal IS NULL) = ({other} IS NULL)" for other in _TOGETHER.get(table, ())]


_TYPES = {"bigint": "INTEGER", "integer": "INTEGER", "text": "TEXT", "bytea": "BLOB"}


def _sqlite(form: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a store must be built of in a file, and what it may have beside that."""
    must: dict[str, str] = {}
    may = {"index `positions_by_last`": "CREATE " + _BY_LAST % ""}
    for table, columns in _COLUMNS.items():
        into = may if form == "1" and table in _LIVE else must
        into[f"table `{table}`"] = f"CREATE TABLE {table} ({', '.join(_parts(table, columns, form))})" + (
            "" if form == "1" else " STRICT"
        )
        if table != "entries":
            into[f"index `sqlite_autoindex_{table}_1`"] = f"of {table}"
    must["index `entries_by_event`"] = "CREATE " + _BY_EVENT % ""
    return must, may


def _parts(table: str, columns: str, form: str) -> list[str]:
    """Return the columns and constraints of a table in a file; the keys of form 1 allowed no value."""
    parts, key = [], _KEYS[table].split(", ")
    for column in columns.split(", "):
        name, sort = column.rstrip("!").split()
        always = column.endswith("!") and (form != "1" or name not in key) and table + name != "entriesn"
        own = " PRIMARY KEY" if key == [name] else ""
        parts.append(f"{name} {_TYPES[sort]}{' NOT NULL' if always else ''}{own}")
    if len(key) > 1:
        parts.append(f"PRIMARY KEY ({_KEYS[table]})")
    if form != "1":
        parts += [f"CHECK ({check})" for check in _checks(table, "length")]
    return parts


_EXPECTED = {
    (dialect, form): of(form) for dialect, of in (("sqlite", _sqlite), ("postgresql", _postgres)) for form in FORMS
}
