# Over 400 lines: one server is asked everything, which these tests share.
"""`walkaway lsp` as an editor uses it, over its protocol on stdin and stdout."""

import asyncio
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tests.helpers.language_server import LanguageServer
from tests.helpers.named import UPPER, write_layers

from walkaway import load
from walkaway_cli.commands.lsp import command

pytestmark = pytest.mark.slow

pytest.importorskip("pygls", reason="the extra `lsp` is not installed")

from lsprotocol import types  # noqa: E402
from pygls.workspace import Workspace  # noqa: E402

from walkaway_cli.editor.server import Server  # noqa: E402

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "walkaway_cli", "lsp"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the shipped policy, and a feature of it."""
    folder = tmp_path_factory.mktemp("space").resolve()
    shutil.copytree(ROOT / "rules" / "saas-discounting", folder / "saas")
    (folder / "saas" / "more.feature").write_text(FEATURE, encoding="utf-8")
    return folder


FEATURE = """\
Feature: more
  Scenario Outline: it
    Given the policy "saas"
    When we offer a discount of 5%
    Then rule "nothing-for-nothing" fires
    And rule "<rule>" does not fire
    Examples:
      | rule           |
      | near-the-floor |
"""


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LanguageServer]:
    """Return a running server."""
    with LanguageServer(COMMAND, folder, {}) as running:
        yield running


@pytest.fixture
def policy(folder: Path) -> Path:
    """Return the policy of the workspace."""
    return folder / "saas" / "policy.yaml"


def place(text: str, part: str, word: str = "") -> tuple[int, int]:
    """Return line and column, from 0, of a word in the first line with *part*."""
    line = next(n for n, written in enumerate(text.split("\n")) if part in written)
    return line, text.split("\n")[line].index(word or part) + 1


def ask(server: LanguageServer, method: str, path: Path, at: tuple[int, int], **more: Any) -> Any:
    """Send a request about a place."""
    where = {"textDocument": {"uri": path.as_uri()}, "position": {"line": at[0], "character": at[1]}}
    return server.request(f"textDocument/{method}", where | more)


def settled(server: LanguageServer, path: Path, wanted: int, seconds: float = 30) -> list[dict[str, Any]]:
    """Wait until a file has so many findings."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = server.diagnostics.get(path.as_uri())
        if found is not None and len(found) == wanted:
            return found
        server._handle(server._next())
    raise AssertionError(server.diagnostics)


def test_nothing_is_found_in_a_clean_policy_and_mistakes_while_they_are_typed(server, policy):
    """Code, message with its hint, severity, and the stretch under the caret; gone once it is right again."""
    text = policy.read_text()
    assert server.open(policy, text) == []
    (found,) = server.open(policy, text.replace("when: room.short_of_want >= 1", "when: room.short_of_wnt >= 1"))
    assert found["code"] == "WA302"
    assert found["source"] == "walkaway"
    assert found["severity"] == 1
    assert "did you mean `room.short_of_want`?" in found["message"]
    start, end = found["range"]["start"], found["range"]["end"]
    assert end["character"] - start["character"] == len("room.short_of_wnt")
    assert server.open(policy, text) == []


def test_findings_stand_where_an_editor_counts(server, policy):
    """In UTF-16 units: what stands before may lie beyond the basic plane."""
    text = policy.read_text()
    odd = text.replace("  floors: {file", "  '😀': 1\n  floors: {file")
    assert [f["code"] for f in server.open(policy, odd)]
    line = text.replace("deal_breaker]", 'deal_breaker, "😀", abuse]')
    places = [f["range"]["start"]["character"] for f in server.open(policy, line) if f["code"] == "WA103"]
    shown = next(written for written in line.split("\n") if "😀" in written)
    assert places == [len(shown[: shown.rindex("abuse")].encode("utf-16-le")) // 2]
    assert server.open(policy, text) == []


def test_a_table_that_is_typed_stands_over_the_one_on_disk(server, policy):
    """The finding is in the table's file, at the cell; and goes again."""
    table = policy.parent / "floors.csv"
    server.open(policy, policy.read_text())
    broken = table.read_text().replace("20%", "20 apples", 1)
    assert broken != table.read_text()
    (found,) = server.open(table, broken)
    assert found["code"] == "WA403"
    row = broken.split("\n")[found["range"]["start"]["line"]]
    assert row[found["range"]["start"]["character"] : found["range"]["end"]["character"]] == "20 apples"
    server.open(table, table.read_text())
    settled(server, table, 0)


def test_what_was_read_before_a_table_was_typed_is_not_shown_in_it(folder, monkeypatch):
    """The first findings shown in a table are of the text that the editor has, however long its policy is read."""
    server, shown, typed = Server(), [], threading.Event()
    monkeypatch.setattr(Server, "workspace", Workspace(None))
    monkeypatch.setattr(server, "text_document_publish_diagnostics", shown.append)
    read = server.files.read

    def slowly(path: Path) -> Any:
        found = read(path)
        if threading.current_thread() is not threading.main_thread():
            assert typed.wait(30)
        return found

    monkeypatch.setattr(server.files, "read", slowly)
    policy, table = folder / "saas" / "policy.yaml", folder / "saas" / "floors.csv"

    def is_typed(path: Path, text: str) -> None:
        server.workspace.put_text_document(types.TextDocumentItem(path.as_uri(), "yaml", 7, text))
        server.typed(path.as_uri())

    async def edit() -> None:
        is_typed(policy, policy.read_text())
        while not server.working:
            await asyncio.sleep(0.01)
        is_typed(table, table.read_text().replace("20%", "20 apples", 1))
        typed.set()
        while not any(params.uri == table.as_uri() for params in shown):
            await asyncio.sleep(0.01)

    asyncio.run(edit())
    first = next(params for params in shown if params.uri == table.as_uri())
    assert ([finding.code for finding in first.diagnostics], first.version) == (["WA403"], 7)


HOVERS = [
    ("when: give.value > get.value", "get.value", "`get.value`: "),
    (
        "  nothing-for-nothing:",
        "nothing",
        "Rule `nothing-for-nothing`: on our acceptance, our offer, their acceptance where `give.value > get.value`: ",
    ),
    ("all: [near_walk, give", "near_walk", "`near_walk` is defined on line"),
    ("walk: floors[deal.segment].walk", "floors", "Table `floors`, "),
    ("walk: floors[deal.segment].walk", "walk:", "`walk`: The walk-away value"),
    ("    enforcement: overridable", "overridable", "`overridable`: The role named under `by` may lift it"),
    ("    door: closed", "door", "`door`: With `walk`: open, or closed for bad faith."),
    ("  list_price: {type: money", "money", "`money`: `10,000 USD`, in the policy's currency."),
    ("# How to read this file", "read", ""),
]  # fmt: skip


@pytest.mark.parametrize(("part", "word", "said"), HOVERS)
def test_hover_says_what_a_word_means(server, policy, part, word, said):
    """In a sentence; nothing where there is nothing to say."""
    text = policy.read_text()
    server.open(policy, text)
    found = server.hover(policy, *place(text, part, word))
    assert found.startswith(said)
    assert bool(found) is bool(said)


def test_hover_on_a_cell_says_whom_it_is_for(server, policy):
    """The key, and the value with its column."""
    table = policy.parent / "floors.csv"
    text = table.read_text()
    server.open(table, text)
    assert server.hover(table, *place(text, "smb", "15%")) == "Where segment is smb, `walk` is 15%."
    assert server.hover(table, *place(text, "smb", "smb")) == "This row holds where segment is smb."


TYPED = [
    ("    then: ", {"trade", "walk", "refuse"}),
    ("    when: ", {"give.value", "room.discount", "near_walk", "floors[deal.segment].walk"}),
    ("    on: ", {"our offer", "any"}),
    ("    to: ", {"manager", "director", "cfo"}),
    ("    w", {"why", "when", "unless"}),
    ("    when: room.discount < 3", {"%", "USD", "months"}),
    ("    when: {all: [", {"give.value"}),
]


@pytest.mark.parametrize(("typed", "offered"), TYPED)
def test_completion_offers_what_fits(server, policy, typed, offered):
    """Verdicts, facts, events, roles, keys, units; though the file is broken while it is typed."""
    text = policy.read_text()
    server.open(policy, text)
    broken = text.replace("    on: our offer\n", f"{typed}\n    on: our offer\n", 1)
    server.open(policy, broken)
    line = broken.split("\n").index(typed)
    assert offered <= set(server.complete(policy, line, len(typed)))


def test_completion_in_a_feature(server, policy):
    """Rules inside quotes, verdicts, and sentences behind a keyword."""
    feature = policy.parent / "more.feature"
    typed = FEATURE + '    Then rule "\n    Then the verdict is \n    When \n'
    server.open(feature, typed)
    lines = typed.split("\n")
    at = {key: server.complete(feature, n, len(lines[n])) for n, key in enumerate(lines)}
    assert {"near-the-floor", "beyond-walk"} <= set(at['    Then rule "'])
    assert "escalate" in at["    Then the verdict is "]
    assert "we|they reject[ed] our|their offer" in at["    When "]


DECLARED = [
    ("all: [near_walk, give", "near_walk", "policy.yaml", "  near_walk: room.discount < 3%"),
    ("walk: floors[deal.segment].walk", "segment", "policy.yaml", "  segment: {one of"),
    ("walk: floors[deal.segment].walk", "floors", "policy.yaml", "  floors: {file"),
    ("  floors: {file: floors.csv", "floors.csv", "floors.csv", ""),
    ("when: pattern.nibble >= 1", "nibble", "policy.yaml", "  nibble:"),
    ("when: signals.deception >= 1", "deception", "policy.yaml", "signals: [abuse"),
    ("    to: director", "director", "policy.yaml", "roles: [manager"),
]


@pytest.mark.parametrize(("part", "word", "file", "line"), DECLARED)
def test_definition_leads_to_where_a_name_is_declared(server, policy, part, word, file, line):
    """Definitions, deal facts, tables and their files, patterns, signals, roles."""
    text = policy.read_text()
    server.open(policy, text)
    found = ask(server, "definition", policy, place(text, part, word))
    assert found["uri"] == (policy.parent / file).as_uri()
    assert text.split("\n")[found["range"]["start"]["line"]].startswith(line) if line else True


def test_definition_of_a_rule_from_a_feature(server, policy):
    """From the quotes to its key."""
    feature = policy.parent / "more.feature"
    server.open(feature, FEATURE)
    found = ask(server, "definition", feature, place(FEATURE, '"nothing-for-nothing"', "nothing"))
    line = policy.read_text().split("\n")[found["range"]["start"]["line"]]
    assert (found["uri"], line) == (policy.as_uri(), "  nothing-for-nothing:")


@pytest.mark.parametrize("begin", ["policy", "feature"])
def test_a_rule_is_renamed_everywhere(server, policy, begin):
    """In the policy, its cases, the features' quotes and tables; what is not saved counts."""
    feature, text = policy.parent / "more.feature", policy.read_text()
    server.open(policy, text)
    server.open(feature, FEATURE)
    if begin == "policy":
        path, at = policy, place(text, "  near-the-floor:", "near")
    else:
        path, at = feature, place(FEATURE, "| near-the-floor |", "near")
    found = ask(server, "rename", path, at, newName="close-to-it")["changes"]
    texts = {}
    for uri, edits in found.items():
        name = uri.rpartition("/")[2]
        lines = (policy.parent / name).read_text().split("\n")
        for edit in edits:
            start, end = edit["range"]["start"], edit["range"]["end"]
            line = lines[start["line"]]
            assert line[start["character"] : end["character"]] == "near-the-floor"
            lines[start["line"]] = line[: start["character"]] + edit["newText"] + line[end["character"] :]
        texts[name] = "\n".join(lines)
    assert set(texts) == {"policy.yaml", "cases.yaml", "more.feature"}
    assert "near-the-floor" not in texts["cases.yaml"] + texts["more.feature"]
    assert "  close-to-it:\n" in texts["policy.yaml"]


@pytest.mark.parametrize(
    ("part", "word", "texts"),
    [
        (
            "  price:",
            "price",
            {
                "upper.yaml": ["  other:", "mandates: {rep: {may: [other, term], other: at least 90 USD}}"],
                "lower.yaml": ["define: {low: offer.other < 70 USD}"],
                "matrix.csv": ["other,approver"],
                "told.feature": [
                    '    Given the rep "price" approved a other of 75 USD',
                    "    Then offer.other is 75 USD",
                ],
            },
        ),
        (
            "roles:",
            "rep",
            {
                "upper.yaml": [
                    "roles: [other, cfo]",
                    "mandates: {other: {may: [price, term], price: at least 90 USD}}",
                ],
                "lower.yaml": ["  lower: {why: It is low., on: our terms, when: low, then: escalate, to: other}"],
                "told.feature": ['    Given the other "price" approved a price of 75 USD'],
            },
        ),
    ],
    ids=["issue", "role"],
)
def test_what_a_policy_declares_is_renamed_everywhere(server, folder, part, word, texts):
    """In layers, tables and features, which is where it is named; read again, they have no mistake."""
    small = folder / "small"
    small.mkdir(exist_ok=True)
    write_layers(small)
    upper = small / "upper.yaml"
    server.open(upper, UPPER)
    at = place(UPPER, part, word)
    assert ask(server, "prepareRename", upper, at)["start"]["line"] == at[0]
    named = ask(server, "references", upper, at, context={"includeDeclaration": True})
    found = ask(server, "rename", upper, at, newName="other")["changes"]
    lines = {(uri, edit["range"]["start"]["line"]) for uri, edits in found.items() for edit in edits}
    assert {(one["uri"], one["range"]["start"]["line"]) for one in named} == lines
    assert {uri.rpartition("/")[2] for uri in found} == set(texts)
    for name, wanted in texts.items():
        said = (small / name).read_text(encoding="utf-8").split("\n")
        for edit in sorted(found[(small / name).as_uri()], key=lambda one: -one["range"]["start"]["character"]):
            start, end = edit["range"]["start"], edit["range"]["end"]
            line = said[start["line"]]
            assert line[start["character"] : end["character"]] == word
            said[start["line"]] = line[: start["character"]] + edit["newText"] + line[end["character"] :]
        assert set(wanted) <= set(said), name
        (small / name).write_text("\n".join(said), encoding="utf-8")
    assert load(small / "lower.yaml").errors == ()


@pytest.mark.parametrize(
    ("part", "word", "new", "message"),
    [
        ("  support:", "support", "discount", "there is `discount` already"),
        ("  near_walk:", "near_walk", "Not A Name", "a name has small letters"),
        ("    why: Every concession", "concession", "gift", "there is no rule here"),
    ],
)
def test_a_name_that_cannot_be_given_changes_nothing(server, policy, part, word, new, message):
    """It is taken, it is no name, or nothing is named there."""
    text = policy.read_text()
    server.open(policy, text)
    with pytest.raises(AssertionError, match=message):
        ask(server, "rename", policy, place(text, part, word), newName=new)


@pytest.mark.parametrize("new", ["no-nibbling", "Not A Name", ""])
def test_a_name_that_cannot_be_is_refused(server, policy, new):
    """It is taken, or no name; nothing changes."""
    text = policy.read_text()
    server.open(policy, text)
    with pytest.raises(AssertionError, match=r"there is a rule|a rule's name"):
        ask(server, "rename", policy, place(text, "  near-the-floor:", "near"), newName=new)


def test_only_rules_of_the_policy_are_renamed(server, policy):
    """A fact is none, and a built-in rule is not the policy's."""
    text = policy.read_text()
    server.open(policy, text)
    assert ask(server, "prepareRename", policy, place(text, "when: give.value > get", "give")) is None
    found = ask(server, "prepareRename", policy, place(text, "  bad-faith:", "bad"))
    assert found["end"]["character"] - found["start"]["character"] == len("bad-faith")


def test_a_policy_is_laid_out(server, policy):
    """As `walkaway fmt` would; nothing where nothing changes."""
    text = policy.read_text()
    server.open(policy, text.replace("\nversion: ", "\nversion:    "))
    options = {"textDocument": {"uri": policy.as_uri()}, "options": {"tabSize": 2, "insertSpaces": True}}
    (edit,) = server.request("textDocument/formatting", options)
    assert edit["newText"] == text
    server.open(policy, text)
    assert server.request("textDocument/formatting", options) is None


ODD = ["policy: [", "policy: x\n\t: [}{", "policy: \x00", "policy: *a\n- {", "policy: é\ud83d"]


@pytest.mark.parametrize("text", ODD)
def test_what_is_no_yaml_gets_findings(server, folder, text):
    """And hover, completion and definition answer nothing, or something; never with an error."""
    path = folder / "odd.yaml"
    assert server.open(path, text)
    for method in ("hover", "completion", "definition"):
        for at in [(0, 0), (0, 5), (7, 3)]:
            ask(server, method, path, at)


def test_a_file_that_is_no_policy_is_left_alone(server, folder):
    """Other YAML is none of our business."""
    assert server.open(folder / "ci.yaml", "jobs: [\n") == []


def test_closing_while_findings_are_sought_shows_none(server, folder):
    """A huge file is closed before it has been read; the server answers on and has shown nothing."""
    path = folder / "huge.yaml"
    rules = "".join(f"  r{n}: {{why: w, on: any, when: give.value > {n} USD, then: hold}}\n" for n in range(3_000))
    uri = path.as_uri()
    text = f"policy: huge\nversion: 1\nside: seller\ncurrency: USD\nrules:\n{rules}"
    item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": item})
    time.sleep(0.4)  # past the pause, into the reading
    server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    other = folder / "saas" / "policy.yaml"
    assert server.open(other, other.read_text()) == []
    assert server.diagnostics.get(uri, []) == []


def test_the_server_ends_with_its_editor(folder):
    """After shutdown and exit no process is left, and the exit is 0."""
    with LanguageServer(COMMAND, folder, {}) as running:
        process = running.process
    assert process.returncode == 0


def test_without_its_extra_it_says_what_to_install(monkeypatch):
    """Whoever installed walkaway alone is told, in a line."""
    ours = "walkaway_cli.editor.server"
    for name in [n for n in sys.modules if n.split(".")[0] in ("pygls", "lsprotocol") or n == ours]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    with pytest.raises(click.ClickException, match=r"pip install 'walkaway\[lsp\]'"):
        CliRunner().invoke(command, [], standalone_mode=False, catch_exceptions=False)
