"""Every key of the policy language is known to every tool: reader, schema, editor, layout, proofs and the rest.

What is asked of each key is made from the tables of the language, so a key that these gain is asked about too.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from tests.engine.policy.test_schema import data_of
from tests.helpers.findings import caret, shown
from tests.helpers.keys import ROWS, Key, Row, used
from tests.helpers.reference import PAGE, files_of

from walkaway import Decision, Engine, Policy, Stream
from walkaway.decide.engine import Core
from walkaway.language import source
from walkaway.policy import formatted, read
from walkaway.policy.meaning import meaning
from walkaway.policy.parse.fields import SECTIONS
from walkaway.policy.schema import json_schema
from walkaway.proof.diff import compare
from walkaway.proof.prove import Outcome, prove
from walkaway.testing import Watch, mutants_of
from walkaway.testing.coverage import Point
from walkaway_cli.editor.complete import complete
from walkaway_cli.editor.files import Files, lines_of
from walkaway_cli.editor.hover import hover
from walkaway_cli.editor.names import references, rename
from walkaway_cli.editor.renaming import edited

KEYS = [(section, field.key) for section, fields in SECTIONS.items() for field in fields]
NAMED_BY_AUTHORS = ("mandate", "pattern")
"""Sections in which a key that the language does not have is a name."""
BEFORE = {
    "policy": "title, owner, effective, extends, tables, signals, define, pattern, "
    "undeclared, theirs_base, allows, uppermost, clock, disclosure, require",
    "allows": "issue_worth",
    "disclosure": "asks",
    "clock": "ahead",
    "require": "coverage",
    "effective": "from, to",
    "deal": "optional, most, personal, meaning",
    "issue": "wish, want, step, theirs, personal",
    "package": "wish, want",
    "line_fact": "one of, optional, default, meaning",
    "line_issue": "one of",
    "table": "file, key, hit",
    "approvals": "why, say, enforcement, by, concern, source",
    "budget": "to, say, enforcement, by, concern, source",
    "pattern": "when",
    "rule": "unless, door, say, enforcement, by, source",
    "claim": "always, why",
    "to": "role, count",
    "conclude": "conclude",
    "condition": "all, any, none",
}
"""Keys that no row lives by, section by section: they were there before the rows, and have tests of their own."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the reference shows."""
    folder = tmp_path_factory.mktemp("reference").resolve()
    for name, text in files_of(PAGE.read_text(encoding="utf-8")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def files(page: Path) -> Files:
    """Return these files as an editor has them."""
    return Files(page)


@pytest.fixture(scope="module")
def places(page: Path) -> dict[Key, tuple[Path, source.Scalar]]:
    """Return where the reference uses each key."""
    found: dict[Key, tuple[Path, source.Scalar]] = {}
    for path in sorted(page.glob("*/policy.yaml")):
        for key, scalar in used(path.read_text(encoding="utf-8")):
            found.setdefault(key, (path, scalar))
    return found


@pytest.fixture(scope="module")
def fits() -> Callable[[str], bool]:
    """Return what says whether a text fits the schema for editors."""
    validate: Callable[[Any], Any] = fastjsonschema.compile(json_schema())

    def ask(text: str) -> bool:
        try:
            validate(data_of(text))
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True

    return ask


@pytest.mark.parametrize(("section", "key"), KEYS, ids=[f"{section}.{key}" for section, key in KEYS])
def test_a_key_is_known_to_reader_schema_and_editor(section, key, files, places, fits):
    """A letter too many is found at its place and put right, hover says what it means, and it is offered there."""
    path, scalar = places[section, key]
    lines = lines_of(files.text(path))
    number, start = scalar.start[0], scalar.start[1] + scalar.quoted
    before, after = lines[number][:start], lines[number][start + len(key) :]
    (field,) = (f for f in SECTIONS[section] if f.key == key)

    def with_line(line: str) -> str:
        return "\n".join([*lines[:number], line, *lines[number + 1 :]])

    wrong = with_line(f"{before}{key}x{after}")
    found = files.read_text(path, wrong).checked.findings
    here = [f for f in found if f.span.line == number + 1 and f.span.column == start + 1]
    if section in NAMED_BY_AUTHORS:
        assert here or found
    else:
        assert any(caret(f) == f"{key}x" and f"`{key}`" in f.hint for f in here), shown(found)
        assert not fits(wrong)
    assert fits(with_line(lines[number]))
    assert field.meaning in hover(files, path, number, start)
    files.typed[path] = with_line(before)
    assert key in [one.label for one in complete(files, path, number, start)]
    del files.typed[path]


def policy_of(row: Row, text: str = "") -> Policy:
    """Return a row's policy, or one with another text."""
    beside = {name: content.encode() for name, content in row.files.items()}
    return read((text or row.policy).encode(), "policy.yaml", beside.get).unwrap()


def changed(row: Row) -> Policy:
    """Return a row's policy with its change."""
    assert row.change[0] in row.text
    return policy_of(row, row.policy.replace(*row.change, 1))


def verdicts(engine: Engine, row: Row) -> str:
    """Return what is answered to the events of a row."""
    answers = Stream(engine).lines(row.lines(), "deal")
    return " ".join(str(a.verdict) if isinstance(a, Decision) else type(a).__name__ for a in answers)


rows = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


@rows
def test_both_cores_answer_alike_and_nothing_is_left_to_mend(row):
    """In a policy of its own, without a finding, that is laid out in one way and then says the same."""
    beside = {name: content.encode() for name, content in row.files.items()}.get
    checked = read(row.policy.encode(), "policy.yaml", beside)
    assert shown(checked.findings) == []
    assert verdicts(Engine(checked.unwrap(), Core.BOTH), row) == row.verdicts
    laid = formatted(row.policy.encode(), "policy.yaml", beside).unwrap()
    assert formatted(laid, "policy.yaml", beside).unwrap() == laid
    assert meaning(read(laid, "policy.yaml", beside).unwrap()) == meaning(checked.unwrap())
    assert meaning(changed(row)) != meaning(checked.unwrap())


@rows
def test_coverage_and_mutants_know_it(row):
    """What a rule asks has both values at its boundary, and a mutant of it answers the same events otherwise."""
    policy = policy_of(row)
    watch = Watch(policy)
    list(Stream(watch.engine, record=lambda _: watch.record).lines(row.lines(), "deal"))
    seen = {leaf.text: leaf.seen for rule in watch.coverage().rules for leaf in rule.leaves}
    assert not row.leaf or {Point.TRUE, Point.FALSE, Point.PAST} <= seen[row.leaf]
    about = [m for m in mutants_of(policy) if row.mutant in m.of]
    assert len(about) >= 2
    assert any(verdicts(Engine(m.policy, Core.PLAIN), row) != row.verdicts for m in about)


@rows
def test_an_editor_offers_what_it_gives(row, tmp_path):
    """The facts that come with it, in the condition of a rule that is being written."""
    path = tmp_path / "policy.yaml"
    for name, content in row.files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    path.write_text(row.policy, encoding="utf-8")
    files = Files(tmp_path)
    assert files.policy(path) is not None
    text = row.policy.replace("rules: {}", "rules:").replace("rules:\n", "rules:\n  new:\n    when: \n", 1)
    files.typed[path] = text
    line = text.split("\n").index("    when: ")
    offered = {one.label for one in complete(files, path, line, len("    when: "))}
    assert set(row.facts.split()) <= offered
    for fact in row.facts.split():
        files.typed[path] = text.replace("    when: ", f"    when: {fact}")
        assert f"`{fact}`" in hover(files, path, line, len("    when: ") + 1)


@rows
def test_an_editor_gives_its_names_other_ones(row, tmp_path):
    """Each from where it is declared; the policy then answers what it did to events that say the new name."""
    for name, content in {**row.files, "policy.yaml": row.policy}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    path = tmp_path / "policy.yaml"
    assert row.names
    for name in row.names.split():
        files, lines = Files(tmp_path), lines_of(row.policy)
        places = (
            (n, m.start()) for n, line in enumerate(lines) for m in re.finditer(rf"(?<![\w.]){name}(?![\w.-])", line)
        )
        line, column = next(place for place in places if references(files, path, *place))
        texts = edited(files, rename(files, path, line, column, "another"), "another")
        beside = {each: text.encode() for each, text in row.files.items()}
        beside |= {each.name: text.encode() for each, text in texts.items()}
        renamed = read(beside.get("policy.yaml", b""), "policy.yaml", beside.get)
        assert shown(renamed.findings) == []
        lines = [line.replace(f'"{name}"'.encode(), b'"another"') for line in row.lines()]
        answers = [str(a.verdict) for a in Stream(Engine(renamed.unwrap(), Core.PLAIN)).lines(lines, "deal")]
        assert " ".join(answers) == row.verdicts


@rows
@pytest.mark.bulk
def test_bulk_takes_it_or_says_why_not(row):
    """Columns answer what the engine does, or name the reason for which each deal goes one by one."""
    pytest.importorskip("polars", reason="needs the extra `bulk`")
    from tests.helpers.columns import compared

    found = compared(policy_of(row), row.lines())
    if row.left_out:
        assert [one.name for one in found.left_out] == [row.left_out]
    else:
        assert (found.events, found.left_out) == (sum(sort not in ("kill", "resume") for _, sort, _ in row.events), [])


@rows
@pytest.mark.packs
@pytest.mark.solver
def test_proofs_and_diff_know_it(row):
    """A claim of it is proved; another text of it changes an answer, changes none, or is in no formula and named."""
    policy = policy_of(row)
    (proof,) = prove(policy, time.process_time, 600.0, [row.claim])
    assert proof.outcome is Outcome.PROVED, proof.why
    found = compare(policy, changed(row), time.process_time, 600.0, enough=True)
    if row.differs == "answer":
        (region,) = found.regions
        assert len(region.deals) == 2
    elif row.differs == "same":
        assert found.is_same
        assert found.apart == ()
    else:
        assert row.differs in found.apart


def test_every_key_stands_in_a_row():
    """A key that the language gains wants a small policy that lives by it."""
    found = {key for row in ROWS.values() for key, _ in used(row.policy)}
    before = {(section, key) for section, keys in BEFORE.items() for key in keys.split(", ")}
    assert set(KEYS) - found - before == set()
