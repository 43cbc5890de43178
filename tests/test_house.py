"""The house as its readers find it: few rooms, few storeys, short files; what the pages say of them is so."""

import importlib
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import grimp
import pytest
from tests.helpers.commands import run

from walkaway import Engine, load
from walkaway.deal.decode import Decoder
from walkaway.deal.position import Position
from walkaway_cli.main import COMMANDS

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "engine" / "walkaway"
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DECISIONS = (ROOT / "engine" / "DECISIONS.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHOWN = re.compile(r"```console\n\$ (.+?)\n(.*?)```", re.DOTALL)
LONGEST = 400
"""Lines a file may have without a word about why."""


def rooms() -> list[str]:
    """Return every room of the engine: a module, or a folder with its slash."""
    modules = [p.stem for p in ENGINE.glob("*.py") if p.stem != "__init__"]
    return sorted([*modules, *(f"{p.name}/" for p in ENGINE.iterdir() if (p / "__init__.py").exists())])


@pytest.mark.parametrize("room", rooms())
def test_the_table_of_rooms_names_every_room(room: str) -> None:
    """Whoever adds a room tells the reader of engine/README.md what it is for."""
    assert f"| `{room}` |" in (ROOT / "engine" / "README.md").read_text(encoding="utf-8")


VERBS = re.findall(
    r"^\| `(\w+/?)` \| (`.+?`) \|", (ROOT / "engine" / "README.md").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(("room", "verbs"), VERBS)
def test_the_table_of_rooms_names_what_is_there(room: str, verbs: str) -> None:
    """Each verb of a room is a function or a class in it."""
    files = (ENGINE / room).rglob("*.py") if room.endswith("/") else [ENGINE / f"{room}.py"]
    code = "".join(p.read_text(encoding="utf-8") for p in files)
    assert [v for v in re.findall(r"`(\w+)`", verbs) if not re.search(rf"(?:def|class) {v}\b", code)] == []


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Return every import between modules."""
    return grimp.build_graph("walkaway", "walkaway_cli", "walkaway_edge", cache_dir=None)


@pytest.fixture(scope="module")
def imports(graph: grimp.ImportGraph) -> Mapping[str, frozenset[str]]:
    """Return which rooms each room imports from; the command and the edge are a room each."""
    found: dict[str, set[str]] = {}
    for module in graph.modules - {"walkaway"}:
        known = found.setdefault(_room(module), set())
        known |= {_room(m) for m in graph.find_modules_directly_imported_by(module) - {"walkaway"}}
    return {room: frozenset(known - {room}) for room, known in found.items()}


def _room(module: str) -> str:
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] if package == "walkaway" else package


def _longest(imports: Mapping[str, frozenset[str]], *chain: str) -> tuple[str, ...]:
    """Return the longest chain of imports that goes on from one, no room twice."""
    onward = [room for room in imports.get(chain[-1], ()) if room not in chain]
    return max((_longest(imports, *chain, room) for room in onward), key=len, default=chain)


def test_there_are_few_rooms(imports: Mapping[str, frozenset[str]]) -> None:
    """A newcomer meets fourteen rooms at most, the command and the edge among them."""
    assert len(imports) <= 14, sorted(imports)


def test_there_are_few_storeys(imports: Mapping[str, frozenset[str]]) -> None:
    """The longest chain of imports between rooms has twelve of them at most."""
    chain = max((_longest(imports, room) for room in imports), key=len)
    assert len(chain) <= 12, " > ".join(chain)


def test_the_command_asks_rooms(graph: grimp.ImportGraph) -> None:
    """What the command imports of the engine is what rooms export, never a module inside one."""
    command = graph.find_descendants("walkaway_cli") | {"walkaway_cli"}
    imported = {m for module in command for m in graph.find_modules_directly_imported_by(module)}
    assert not {m for m in imported if m.startswith("walkaway.") and m.count(".") > 1}


@pytest.mark.parametrize("room", [r.removesuffix("/") for r in rooms() if r.endswith("/")])
def test_what_a_room_exports_is_there(room: str) -> None:
    """Each name is found, says the same to type checkers, and hides no module of its room."""
    init = (ENGINE / room / "__init__.py").read_text(encoding="utf-8")
    typed = re.findall(r"^    from walkaway\.\w+\.([\w.]+) import (\w+) as \2$", init, re.MULTILINE)
    checked = {name: module for module, name in typed}
    exports = dict(re.findall(r'^        "(\w+)": "([\w.]+)",$', init, re.MULTILINE))
    assert exports == checked
    assert not exports.keys() & {p.stem for p in (ENGINE / room).iterdir()}
    package = importlib.import_module(f"walkaway.{room}")
    assert all(getattr(package, name) is not None for name in exports)


def test_a_decision_enters_few_rooms() -> None:
    """Whoever follows one evaluation, and the decision written of it, opens four rooms at most."""
    policy = load(ROOT / "rules" / "saas-discounting").unwrap()
    lines = (ROOT / "rules" / "saas-discounting" / "deal.jsonl").read_bytes().splitlines()
    events = [Decoder(policy).decode(line).unwrap() for line in lines]
    engine, position, entered = Engine(policy), None, Counter[str]()

    def note(frame: FrameType, event: str, _: Any) -> None:
        place = Path(frame.f_code.co_filename)
        if event == "call" and place.is_relative_to(ENGINE):
            entered[place.relative_to(ENGINE).parts[0]] += 1

    found: Position | None = position
    for event in events:
        sys.setprofile(note)
        try:
            _, found = engine.decide(found, event)
        finally:
            sys.setprofile(None)
    packages = {name for name in entered if not name.endswith(".py")}
    assert "decide" in packages
    assert len(packages) <= 4, entered


def long_files() -> Iterator[str]:
    """Return the path of each file of Python that is longer than a reader likes."""
    for root in ("engine", "cli", "tests"):
        for path in sorted((ROOT / root).rglob("*.py")):
            if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST:
                yield path.relative_to(ROOT).as_posix()


def test_a_long_file_says_why() -> None:
    """A file of more than 400 lines has the reason at its top, as `# Over 400 lines: …`."""
    assert [f for f in long_files() if not _reason(ROOT / f)] == []


def _reason(path: Path) -> bool:
    return path.read_text(encoding="utf-8").startswith(f"# Over {LONGEST} lines: ")


@pytest.mark.parametrize("root", ["engine/walkaway", "cli/walkaway_cli", "cli/walkaway_edge"])
def test_every_folder_of_code_is_a_package(root: str) -> None:
    """No module stands where tools that look for packages pass it over."""
    folders = {p.parent for p in (ROOT / root).rglob("*.py")}
    assert [f for f in folders if not (f / "__init__.py").exists()] == []


def test_a_class_name_stands_for_one_class() -> None:
    """One word, one thing: no two classes of engine, command and edge are called alike, an underscore before or not."""
    named: dict[str, list[str]] = {}
    for path in sorted([*ENGINE.rglob("*.py"), *(ROOT / "cli").rglob("*.py")]):
        for name in re.findall(r"^ *class _*(\w+)[(:]", path.read_text(encoding="utf-8"), re.MULTILINE):
            named.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    assert {name: files for name, files in named.items() if len(files) > 1} == {}


def contracts() -> dict[str, dict[str, Any]]:
    """Return the import contracts by name."""
    return {c["name"]: c for c in PYPROJECT["tool"]["importlinter"]["contracts"]}


ORDER = ["proof", "run", "log", "testing", "session", "advice", "decide", "deal", "policy", "events", "language"]
"""The rooms of the engine, each above those that it may import from; others may stand between them."""

FORBIDDEN: dict[str, tuple[str, int, dict[str, int]]] = {
    "the engine does not know the command": ("walkaway_cli walkaway_edge", 0, {}),
    "the command reaches into no core, compiler, facts or position": ("", 4, {}),
    "the core knows facts, trees and firings only": ("walkaway.deal walkaway.events walkaway.policy", 0, {}),
    "yaml only in source": ("yaml", 0, {"yaml": 1}),
    "durable_rules only in core.rete": ("durable durable_rules_engine", 0, {"durable_rules_engine": 1}),
    "the protocol of editors only in editor.server": ("lsprotocol pygls", 0, {"lsprotocol": 1, "pygls": 1}),
    "a database driver only in its module of the log": ("psycopg sqlite3", 0, {"psycopg": 2, "sqlite3": 3}),
    "a broker's client only in its module of the edge": (
        "confluent_kafka nats prometheus_client redis",
        0,
        {"confluent_kafka": 1, "nats": 1, "prometheus_client": 1, "redis": 1},
    ),
    "the solver only in proof": ("z3", 0, {"z3": 2}),
    "wires know no network, clock or signature": ("asyncio cryptography jwt random socket time", 8, {}),
    "the second reader of the log shares only the format with its writer": ("walkaway.deal.decode", 11, {}),
    "no terminal, test runner, clock, randomness, logging or async in the engine": (
        "asyncio click logging pytest pytest_bdd random rich secrets time uuid",
        0,
        {},
    ),
}
"""What each contract forbids at least, by name and in number, and how many exceptions it may make for each."""


def test_the_rooms_stand_in_their_order() -> None:
    """Rooms may come in between; none of the known ones changes places, and none is left out of the contract."""
    contract = contracts()["rooms know only the rooms below them"]
    assert contract["exhaustive"] is True
    assert "ignore_imports" not in contract
    assert [room for room in contract["layers"] if room in ORDER] == ORDER


def test_no_package_has_a_circle_of_imports() -> None:
    """At every depth, in the engine, the command and the edge."""
    contract = contracts()["no cycles inside a room"]
    assert set(contract["ancestors"]) >= {"walkaway", "walkaway_cli", "walkaway_edge"}
    assert contract.keys() == {"name", "type", "ancestors"}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_no_contract_becomes_less_strict(name: str) -> None:
    """Each forbids what it forbade, and makes no more exceptions."""
    modules, count, exceptions = FORBIDDEN[name]
    contract = contracts()[name]
    assert contract["type"] == "forbidden"
    assert set(contract["forbidden_modules"]) >= set(modules.split())
    assert len(contract["forbidden_modules"]) >= count
    made = Counter(exception.split(" -> ")[1] for exception in contract.get("ignore_imports", ()))
    assert made <= Counter(exceptions), made


@pytest.mark.parametrize("room", [r.removesuffix("/") for r in rooms() if r.endswith("/")])
def test_every_room_has_its_own_storeys(room: str) -> None:
    """The modules of a room are in layers too, and each of them has a place there."""
    contract = contracts()[f"inside {room}"]
    assert (contract["type"], contract["containers"], contract["exhaustive"]) == ("layers", [f"walkaway.{room}"], True)


def test_the_readme_has_exactly_two_commands() -> None:
    """A newcomer pastes one command for the example and one for the tests."""
    assert len(re.findall(r"^```sh$", README, re.MULTILINE)) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), SHOWN.findall(README))
def test_output_in_the_readme_is_what_the_command_prints(
    command: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the README shows is a part of what its command really prints, line by line, in order."""
    words = command.replace("\\\n", " ").split()
    assert words[0] == "walkaway"
    monkeypatch.chdir(ROOT)
    printed = run(*_unquoted(words[1:])).stdout
    for part in shown.strip("\n").split("\n…\n"):
        assert part.strip("\n") in printed


def _unquoted(words: list[str]) -> list[str]:
    """Join words that a pair of quotes holds together, as a shell does."""
    return [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', " ".join(words))]


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_says_what_it_does_with_an_example(command: str) -> None:
    """`--help` of each command holds a line that can be pasted."""
    printed = run(command, "--help")
    assert printed.exit_code == 0
    assert f"\n  walkaway {command}" in printed.stdout


def test_decisions_are_numbered_without_a_gap() -> None:
    """Code and docs may cite a decision by its number: each number stands once, from 1 to the last."""
    numbers = [int(n) for n in re.findall(r"^### (\d+) · ", DECISIONS, re.MULTILINE)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_a_decision_has_its_head_and_stands_with_its_room() -> None:
    """Under a room's title each decision has the day, that room, and what it changes or is changed by."""
    related = r"(?: · (?:amends|amended by|narrows|narrowed by|replaces|replaced by) \d+)*"
    for room, part in re.findall(r"^## (\w+): .*?\n(.*?)(?=^## |\Z)", DECISIONS, re.MULTILINE | re.DOTALL):
        titles = re.findall(r"^### \d+ · .+$", part, re.MULTILINE)
        heads = re.findall(rf"^### \d+ · .+\n\n\d{{4}}-\d\d-\d\d · `{room}`{related}\n$", part, re.MULTILINE)
        assert len(heads) == len(titles) > 0, room


def test_what_changes_a_decision_is_said_in_both() -> None:
    """Where one decision amends, narrows or replaces another, the other names it too."""
    said = set(re.findall(r"^### (\d+) · .+\n\n.+ · (amend|narrow|replace)s (\d+)", DECISIONS, re.MULTILINE))
    told = set(re.findall(r"^### (\d+) · .+\n\n.+ · (amend|narrow|replac)ed by (\d+)", DECISIONS, re.MULTILINE))
    assert said
    assert {(a, how[:6], b) for a, how, b in said} == {(a, how, b) for b, how, a in told}


WALK = re.findall(r"^\| (.+?) \| `(.+?)` \|$", CONTRIBUTING.partition("## Where would I look")[2], re.MULTILINE)


def test_a_newcomer_finds_twenty_places() -> None:
    """The walk through the house answers twenty questions, no two of them with one place."""
    assert len(WALK) == len({path for _, path in WALK}) == 20


@pytest.mark.parametrize(("question", "path"), WALK)
def test_each_place_of_the_walk_is_there(question: str, path: str) -> None:
    """Where a newcomer is sent there is something."""
    assert (ROOT / path).exists(), question


@pytest.mark.parametrize(
    "page", ["CONTRIBUTING.md", "SECURITY.md", "README.md", *sorted(p.name for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    """What a page links to in this repository exists."""
    path = ROOT / page if (ROOT / page).exists() else ROOT / "docs" / page
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("folder", ["cli/live", "faults", "features", "fuzz", "properties"])
def test_what_a_folder_shares_is_marked_in_each_of_its_files(folder: str) -> None:
    """Runs, kills, whole features and long searches are slow, and `just fast` leaves all of them out."""
    files = sorted((ROOT / "tests" / folder).glob("test_*.py"))
    marked = re.compile(r"^pytestmark = .*?pytest\.mark\.(?:slow|solver)", re.MULTILINE | re.DOTALL)
    assert files
    assert [f.name for f in files if not marked.search(f.read_text(encoding="utf-8"))] == []


def test_tests_behind_the_suite_have_a_step_in_ci() -> None:
    """A marker that the suite leaves out is a step of its own in `.ci/run`."""
    options = " ".join(PYPROJECT["tool"]["pytest"]["ini_options"]["addopts"])
    left_out = set(re.findall(r"not (\w+)", options))
    assert left_out == set(re.findall(r'"\d+ marked (\w+)"', (ROOT / ".ci" / "run").read_text(encoding="utf-8")))


def test_the_recipes_install_what_the_readme_installs() -> None:
    """The flags that the C core needs are the same in the README and in the `justfile`."""
    (flags,) = set(re.findall(r'CPPFLAGS="([^"]+)"', README))
    assert f'flags := "{flags}"' in (ROOT / "justfile").read_text(encoding="utf-8")
