"""A file that is opened with a mistake in it still has hover, completion, definitions and renaming."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from tests.helpers.named import TOLD, UPPER, write_layers

from walkaway import load
from walkaway.policy import SECTIONS
from walkaway_cli.editor.complete import complete
from walkaway_cli.editor.files import Files, lines_of
from walkaway_cli.editor.hover import hover
from walkaway_cli.editor.names import declaration, rename
from walkaway_cli.editor.spots import CannotRename

SHIPPED = Path(__file__).parents[2] / "rules" / "saas-discounting"
TOTALS = Path(__file__).parents[2] / "features" / "policies" / "totals"
MISTAKES = {
    "a fact misspelt": ("when: give.value > get.value", "when: give.value > get.valeu"),
    "a limit without its unit": ("want: 8%", "want: 8"),
    "a key misspelt": ("    then: trade", "    than: trade"),
    "a verdict misspelt": ("    then: trade", "    then: trad"),
    "a quote that does not end": ("    then: trade", '    then: "trade'),
    "a tab": ("    then: trade", "\tthen: trade"),
    "a key without its colon": ("    then: trade", "    then trade"),
    "a table that is not there": ("floors.csv", "flors.csv"),
    "a bracket that does not close": ("one of: [smb,", "one of: smb,"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_file_opened_with_one_mistake_is_no_plain_text(tmp_path: Path, mistake: str) -> None:
    """What is not concerned by the mistake is known: a rule, a fact, what may be written, every place to rename."""
    folder = tmp_path / "saas"
    shutil.copytree(SHIPPED, folder)
    path = folder / "policy.yaml"
    text = path.read_text(encoding="utf-8").replace(*MISTAKES[mistake], 1)
    assert MISTAKES[mistake][1] in text
    path.write_text(text, encoding="utf-8")
    (folder / "it.feature").write_text(
        'Feature: f\n  Scenario: s\n    Given the policy "."\n    Then rule "bad-faith" fires\n', encoding="utf-8"
    )
    files, lines = Files(tmp_path), lines_of(text)
    line = next(n for n, written in enumerate(lines) if written.strip() == "bad-faith:")
    when = next(n for n in range(line, line + 9) if lines[n].strip().startswith("when:"))
    column = lines[when].index("signals.")
    assert "Rule `bad-faith`" in hover(files, path, line, 4)
    assert "signals.deception" in hover(files, path, when, column + 2)
    assert "signals.deception" in [o.label for o in complete(files, path, when, len("    when: "))]
    declared = declaration(files, path, when, column + 10)
    assert declared is not None
    assert "deception" in lines[declared.line]
    spots = {(s.path.name, s.line) for s in rename(files, path, line, 4, "lies")}
    assert {("policy.yaml", line), ("it.feature", 3)} <= spots
    assert any(name == "cases.yaml" for name, _ in spots)


def test_a_text_that_is_no_policy_has_nothing(tmp_path: Path) -> None:
    """Where nothing remains without the mistakes, nothing is said, and nothing breaks."""
    path = tmp_path / "policy.yaml"
    path.write_text("policy: [\n", encoding="utf-8")
    files = Files(tmp_path)
    assert hover(files, path, 0, 3) == "" or "policy" in hover(files, path, 0, 3)
    assert files.policy(path) is None


def test_a_derived_fact_is_known_where_it_is_declared_and_where_it_is_read(tmp_path: Path) -> None:
    """Hover says what it is, completion offers it and what it is made of, and its declaration is found."""
    folder = tmp_path / "totals"
    shutil.copytree(SHIPPED.parents[1] / "features" / "policies" / "totals", folder)
    path, files = folder / "policy.yaml", Files(tmp_path)
    lines = lines_of(path.read_text(encoding="utf-8"))
    declared = next(n for n, line in enumerate(lines) if line.startswith("  total:"))
    read = next(n for n, line in enumerate(lines) if "when: derived.total" in line)
    said = "`derived.total`: `offer.seats * offer.price` of the offer judged"
    assert said in hover(files, path, declared, 4)
    assert said in hover(files, path, read, lines[read].index("derived") + 9)
    assert "derived.total" in [o.label for o in complete(files, path, read, len("    when: "))]
    assert "offer.seats" in [o.label for o in complete(files, path, declared, len("  total: "))]
    found = declaration(files, path, read, lines[read].index("derived") + 9)
    assert found is not None
    assert found.line == declared


def test_figures_of_lines_are_known_where_they_are_declared_and_where_they_are_read(tmp_path: Path) -> None:
    """Keys, and what a line has, are offered below `lines:`; hover says what each is, and declarations are found."""
    folder = tmp_path / "quotes"
    shutil.copytree(SHIPPED.parents[1] / "features" / "policies" / "quotes", folder)
    path, files = folder / "policy.yaml", Files(tmp_path)
    lines = lines_of(path.read_text(encoding="utf-8"))

    def at(begins: str) -> int:
        return next(n for n, line in enumerate(lines) if line.startswith(begins))

    def offered(line: int, behind: str) -> set[str]:
        return {o.label for o in complete(files, path, line, lines[line].index(behind) + len(behind))}

    net, read = at("    net:"), at("    when: lines.net")
    said = "`lines.net`: `(100% - line.discount) of line.list` in sum over the lines of the offer judged"
    assert said in hover(files, path, net, 5)
    assert said in hover(files, path, read, lines[read].index("lines.net") + 7)
    assert "Negotiated of each line: `discount`" in hover(files, path, net, lines[net].index("line.discount") + 6)
    assert "Stated of each line: `list`" in hover(files, path, net, lines[net].index("line.list") + 6)
    assert "any line" in hover(files, path, at("  any:"), 3)
    assert {"line.discount", "line.list", "deal.segment"} <= offered(net, "net: ")
    assert "offer.worth" not in offered(net, "net: ")
    assert {"lines.net", "lines.discount", "lines.count"} <= offered(read, "when: ")
    assert {"facts", "issues", "at most", "any", "every", "sum", "worst"} <= offered(at("  any:"), "  ")
    found = declaration(files, path, read, lines[read].index("lines.net") + 7)
    assert found is not None
    assert found.line == net
    stated = declaration(files, path, net, lines[net].index("line.list") + 6)
    assert stated is not None
    assert stated.line == at("    list: {type: money")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("issues:\n  price:\n    by: ", {"term", "support"}),
        ("package: {by: ", {"term", "support"}),
        ("mandates:\n  rep: {may: [", {"term", "support", "discount"}),
        ("rules:\n  deep:\n    to:\n      role: ", {"manager", "cfo"}),
        ("rules:\n  deep: {when: offer.discount > 5%, to: {", {"role", "count"}),
        ("rules:\n  deep: {when: offer.discount > 5 ", {"%", "USD"}),
    ],
)
def test_who_and_what_a_key_may_name_is_offered(tmp_path: Path, typed: str, offered: set[str]) -> None:
    """Issues with listed values behind `by`, all of them where a mandate lists them, roles and keys inside `to`."""
    path, files = tmp_path / "policy.yaml", Files(tmp_path)
    issue = '{type: percent, start: 0%, worth: "-1 USD per 1%"}'
    path.write_text(
        "policy: p\nversion: 1\nside: seller\ncurrency: USD\nroles: [manager, cfo]\nissues:\n"
        "  term: {type: months, values: [12 months, 24 months], start: 12 months, worth: 1 USD per month}\n"
        f"  support: {{one of: {{basic: 0 USD, gold: -4 USD}}, start: basic}}\n  discount: {issue}\nrules: {{}}\n",
        encoding="utf-8",
    )
    assert files.policy(path) is not None
    files.typed[path] = typed
    lines = lines_of(typed)
    found = {o.label for o in complete(files, path, len(lines) - 1, len(lines[-1]))}
    assert offered <= found
    assert "discount" not in found - offered


def test_what_tells_the_sums_of_a_budget_apart_is_offered(tmp_path: Path) -> None:
    """Deal facts, and the words of days and of the other side; before a colon its keys, and behind `to` the roles."""
    folder = tmp_path / "goodwill"
    shutil.copytree(SHIPPED.parents[1] / "features" / "policies" / "goodwill", folder)
    path, files = folder / "policy.yaml", Files(tmp_path)
    lines = lines_of(path.read_text(encoding="utf-8"))
    at = next(n for n, line in enumerate(lines) if line.startswith("  goodwill:"))

    def offered(behind: str) -> set[str]:
        return {o.label for o in complete(files, path, at, lines[at].index(behind) + len(behind))}

    assert {"rep", "party", "utc_quarter"} <= offered("of: [")
    assert {"sum", "most", "then"} <= offered("{")
    assert offered("to: ") == {"manager", "cfo"}


def test_a_derived_fact_is_renamed_where_it_is_declared_and_read(tmp_path: Path) -> None:
    """By its name or by the fact, in policy and scenarios; another name that begins alike is none of it."""
    folder = tmp_path / "totals"
    shutil.copytree(TOTALS, folder)
    path, feature = folder / "policy.yaml", folder / "it.feature"
    path.write_text(path.read_text(encoding="utf-8") + "labels: {total: Worth of it}\n", encoding="utf-8")
    said = ('Given the policy "."', "When we offer seats 100 and price 100 USD", "Then derived.total is 10,000 USD")
    feature.write_text("Feature: f\n  Scenario: s\n    " + "\n    ".join(said) + "\n", encoding="utf-8")
    files, lines = Files(tmp_path), lines_of(path.read_text(encoding="utf-8"))
    line = next(n for n, written in enumerate(lines) if written.startswith("  total:"))
    spots = rename(files, path, line, 3, "sum")
    assert rename(files, feature, 4, 18, "sum") == spots
    found = [(s.path.name, lines_of(files.text(s.path))[s.line][s.start : s.end]) for s in spots]
    assert found == [("it.feature", "total"), *[("policy.yaml", "total")] * 4]
    for taken in ("seats", "list", "No Name"):
        with pytest.raises(CannotRename):
            rename(files, path, line, 3, taken)


def spots_in(folder: Path, part: str, word: str, new: str, file: str = "upper.yaml") -> dict[str, int]:
    """Return how often each file names what stands at a place."""
    files, path = Files(folder), folder / file
    lines = lines_of(path.read_text(encoding="utf-8"))
    line = next(n for n, written in enumerate(lines) if part in written)
    return dict(Counter(s.path.name for s in rename(files, path, line, lines[line].index(word) + 1, new)))


@pytest.fixture
def layered(tmp_path: Path) -> Path:
    """Return a policy over another, with a matrix and a feature."""
    write_layers(tmp_path)
    assert [str(f) for name in ("upper", "lower") for f in load(tmp_path / f"{name}.yaml").errors] == []
    return tmp_path


@pytest.mark.parametrize(
    ("part", "word", "named"),
    [
        ("  price:", "price", {"upper.yaml": 4, "lower.yaml": 1, "matrix.csv": 1, "told.feature": 3}),
        ("by: term", "term", {"upper.yaml": 3}),
        ("  reference:", "reference", {"upper.yaml": 2}),
        ("roles:", "rep", {"upper.yaml": 2, "lower.yaml": 1, "told.feature": 1}),
        ("roles:", "cfo", {"upper.yaml": 2, "matrix.csv": 1}),
        ("define:", "dear", {"upper.yaml": 2}),
        ("tables:", "floors", {"upper.yaml": 2}),
    ],
)
def test_what_is_declared_is_renamed_in_layers_mandates_and_the_matrix(
    layered: Path, part: str, word: str, named: dict[str, int]
) -> None:
    """A deal fact of the same name is none of it, nor is a word of a sentence or a person."""
    assert spots_in(layered, part, word, "other") == named


def test_a_scenario_about_another_policy_keeps_its_words(layered: Path) -> None:
    """A feature may speak of several policies: only what it tells of one under this name is renamed; all is told."""
    (layered / "aside.yaml").write_text(
        UPPER.replace("policy: upper", "policy: aside").replace("matrix", "aside"), encoding="utf-8"
    )
    shutil.copy(layered / "matrix.csv", layered / "aside.csv")
    head, _, told = TOLD.partition("\n")
    aside = told.replace("lower.yaml", "aside.yaml").replace("the price of it", "aside")
    (layered / "told.feature").write_text(f"{head}\n{aside}{told}", encoding="utf-8")
    files, path = Files(layered), layered / "upper.yaml"
    lines = lines_of(UPPER)
    line = next(n for n, written in enumerate(lines) if written.startswith("  price:"))
    spots = [s for s in rename(files, path, line, 3, "other") if s.path.name == "told.feature"]
    assert [s.line for s in spots] == [8, 9, 10]
    (layered / "aside.yaml").write_text(UPPER.replace("policy: upper", "policy: aside"), encoding="utf-8")
    with pytest.raises(CannotRename, match="the scenario `aside` would not hold then"):
        rename(Files(layered), path, line, 3, "other")  # whose matrix is one file for both


def test_a_scenario_that_would_not_hold_keeps_the_name(layered: Path) -> None:
    """All or nothing: where a sentence has the name for a word of its own, nothing is renamed."""
    (layered / "upper.yaml").write_text(UPPER.replace("reference", "day"), encoding="utf-8")
    told = TOLD.replace("    When", "    Given we offered day yes\n    And 1 day later\n    When")
    (layered / "told.feature").write_text(told, encoding="utf-8")
    with pytest.raises(CannotRename, match="the scenario `the price of it` would not hold then"):
        spots_in(layered, "  day:", "day", "other")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  Nonsense price here", "told.feature has mistakes: mend them first"),
        ("    Then the price is a price", "the scenario `the price of it` does not hold: mend it first"),
        ("    Then offer.price is 76 USD", "the scenario `the price of it` does not hold: mend it first"),
    ],
)
def test_what_cannot_be_told_or_does_not_hold_keeps_the_name(layered: Path, line: str, said: str) -> None:
    """Whether it means the same under another name cannot be seen then."""
    (layered / "told.feature").write_text(f"{TOLD}{line}\n", encoding="utf-8")
    with pytest.raises(CannotRename, match=said):
        spots_in(layered, "  price:", "price", "other")


@pytest.mark.parametrize("word", ["price", "term", "other"])
def test_a_name_that_is_no_more_the_policys_own_than_a_word_is_not_renamed(layered: Path, word: str) -> None:
    """A word of a sentence that somebody reads is no name; nor is what another name holds already."""
    files, path = Files(layered), layered / "upper.yaml"
    lines = lines_of(UPPER)
    line = next(n for n, written in enumerate(lines) if "The price counts" in written)
    with pytest.raises(CannotRename):
        rename(files, path, line, lines[line].index("price") + 1, word)


@pytest.mark.parametrize("section", ["calendar", "currencies", "disclosure", "clock", "allows", "require", "approvals"])
def test_every_section_offers_its_keys(tmp_path: Path, section: str) -> None:
    """Those of the language, whatever else the policy lacks."""
    path = tmp_path / "policy.yaml"
    shutil.copytree(TOTALS, tmp_path, dirs_exist_ok=True)
    text = path.read_text(encoding="utf-8") + f"{section}:\n  "
    path.write_text(text, encoding="utf-8")
    offered = {o.label for o in complete(Files(tmp_path), path, len(lines_of(text)) - 1, 2)}
    assert {field.key for field in SECTIONS[section]} <= offered


def test_each_line_of_a_feature_has_the_policy_that_its_scenario_speaks_of(tmp_path: Path) -> None:
    """A background is its rule's, or the feature's; one that is only begun speaks of the policy beside it."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(f"policy: {name}\nversion: 1\n", encoding="utf-8")
    feature = tmp_path / "a" / "it.feature"
    of_b = '    Background:\n      Given the policy "b"\n'
    told = f"Feature: f\n  Rule: one\n{of_b}    Scenario: s\n  Rule: two\n    Scenario: t\n"
    for text, owners in ((told, "babbbaa"), ("Feature: to be written\n", "a"), ("", "")):
        feature.write_text(text, encoding="utf-8")
        found = Files(tmp_path).spoken_of(feature)
        assert [path.parent.name for path in found if path][: len(owners)] == [*owners], text
