"""The tables that a writer makes, for both dialects; `verify/forms.py` has them once more, for whoever reads."""

FORM = "0.2"
"""The form of the tables: the release that first made them so."""

# {key} is an integer that numbers rows, {big} an integer of 64 bits, {bytes} a string of bytes, {length} its length.
_SHORT, _HASH, _LONG = "{length}(%s) <= 1048576", "{length}(%s) = 32", "{length}(%s) <= 67108864"
SCHEMA = (
    f"""CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL,
        CHECK ({_SHORT % "name"}), CHECK ({_SHORT % "value"})){{strict}}""",
    f"""CREATE TABLE entries (n {{key}}, deal TEXT, event TEXT, instant {{big}}, verdict TEXT,
        chain {{bytes}} NOT NULL, leaf {{bytes}} NOT NULL, CHECK (n >= 0), CHECK ({_HASH % "chain"}),
        CHECK ({_LONG % "leaf"}), CHECK ({_LONG % "deal"}), CHECK ({_LONG % "event"}), CHECK ({_SHORT % "verdict"}),
        CHECK ((deal IS NULL) = (event IS NULL)), CHECK ((deal IS NULL) = (instant IS NULL)),
        CHECK ((deal IS NULL) = (verdict IS NULL))){{strict}}""",
    "CREATE UNIQUE INDEX entries_by_event ON entries (deal, event)",
    f"""CREATE TABLE nodes (level INTEGER NOT NULL, place {{big}} NOT NULL, hash {{bytes}} NOT NULL,
        PRIMARY KEY (level, place), CHECK (level > 0), CHECK (place >= 0), CHECK ({_HASH % "hash"})){{strict}}""",
    f"""CREATE TABLE policies (sha256 TEXT NOT NULL, file TEXT NOT NULL, content TEXT NOT NULL,
        PRIMARY KEY (sha256, file), CHECK ({_SHORT % "sha256"}), CHECK ({_SHORT % "file"}),
        CHECK ({_SHORT % "content"})){{strict}}""",
    f"""CREATE TABLE contents (sha256 TEXT NOT NULL PRIMARY KEY, data {{bytes}} NOT NULL,
        CHECK ({_SHORT % "sha256"}), CHECK ({_LONG % "data"})){{strict}}""",
    f"""CREATE TABLE items (deal TEXT NOT NULL, seal TEXT NOT NULL, salt {{bytes}} NOT NULL, sort TEXT NOT NULL,
        text {{bytes}} NOT NULL, PRIMARY KEY (deal, seal), CHECK ({{length}}(salt) = 16),
        CHECK ({_LONG % "deal"}), CHECK ({_SHORT % "seal"}), CHECK ({_SHORT % "sort"}),
        CHECK ({_LONG % "text"})){{strict}}""",
    f"""CREATE TABLE positions (deal TEXT NOT NULL PRIMARY KEY, n {{big}} NOT NULL, last {{big}} NOT NULL,
        position {{bytes}} NOT NULL, CHECK ({_LONG % "deal"}), CHECK ({_LONG % "position"})){{strict}}""",
    f"""CREATE TABLE places (name TEXT NOT NULL, part TEXT NOT NULL, place {{bytes}} NOT NULL,
        PRIMARY KEY (name, part), CHECK ({_LONG % "name"}), CHECK ({_LONG % "part"}),
        CHECK ({_LONG % "place"})){{strict}}""",
)
"""The tables. Beside the record lie positions, which say which deals are open and save folding them, and places,
which say where sources and sinks go on."""
