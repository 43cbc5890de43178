"""The approval matrix: each row is heard as its table reads, and the rules it becomes say who has to agree."""

from pathlib import Path
from random import Random

import pytest
from tests.helpers.findings import BASE, read, shown

from walkaway import Policy, Session
from walkaway.language.expr.tree import truth
from walkaway.policy.model import Effect
from walkaway.policy.tables import look_up
from walkaway_cli.editor.complete import complete
from walkaway_cli.editor.files import Files
from walkaway_cli.editor.hover import hover
from walkaway_cli.editor.names import CannotRename, rename

KEYS = ("offer.discount", "deal.segment", "offer.prepay", "offer.term")
OUTCOMES = ("nobody", "manager", "director", "manager and director", "director and director", "refuse")


def policy_of(matrix: str, more: str = "hit: first") -> Policy:
    """Return the base with an approval matrix."""
    text = f"{BASE}approvals: {{table: matrix.csv{f', {more}' * bool(more)}}}\n"
    return read(text, {"matrix.csv": matrix.encode()}).unwrap()


def made(policy: Policy) -> dict[str, Effect]:
    """Return the rules that the matrix became, with what they do."""
    return {rule.id: rule.effect for rule in policy.rules if rule.made_of == "approvals"}


def wanted(cell: str) -> set[str]:
    """Return the rules that a cell stands for, told a second time."""
    if cell in ("nobody", "refuse"):
        return {"approvals-refuse"} if cell == "refuse" else set()
    ranked = sorted(cell.split(" and "), key=["manager", "director"].index, reverse=True)
    counts = {role: place for place, role in enumerate(ranked, 1)}
    return {f"approvals-{f'{count}-' if count > 1 else ''}{role}" for role, count in counts.items()}


@pytest.mark.parametrize("seed", range(12))
def test_whom_a_matrix_asks_is_whom_its_topmost_row_names(seed: int) -> None:
    """At the ends of ranges and beside them, for every word: the rules that fire are those of the topmost row."""
    rng = Random(seed)
    ends = [rng.randrange(0, 31) for _ in range(6)]
    tests = {
        "discount": lambda: rng.choice(
            ("*", f"<= {rng.choice(ends)}%", f"> {rng.choice(ends)}%", f"{rng.choice(ends)}%")
        ),
        "segment": lambda: rng.choice(("*", "smb", "enterprise")),
        "prepay": lambda: rng.choice(("*", "*", "yes", "no")),
        "term": lambda: rng.choice(("*", f">= {rng.choice(ends)} months", f"< {rng.choice(ends)} months")),
    }
    rows = [[*(test() for test in tests.values()), rng.choice(OUTCOMES)] for _ in range(rng.randrange(1, 6))]
    rows.append(["*"] * 4 + [rng.choice(OUTCOMES)])
    checked = read(
        f"{BASE}approvals: {{table: matrix.csv, hit: first}}\n",
        {"matrix.csv": "\n".join(",".join(row) for row in [[*tests, "approver"], *rows]).encode()},
    )
    policy = checked.unwrap()
    assert policy.matrix is not None
    for _ in range(60):
        end = rng.choice(ends)
        discount = max(0, end * 10_000 + rng.choice((-1, 0, 1)))
        values = (discount, rng.choice(("smb", "enterprise")), rng.randrange(2), max(0, end + rng.choice((-1, 0, 1))))
        row = look_up(policy.matrix, values, 0)
        assert row is not None
        facts = dict(zip(KEYS, values, strict=True))
        fired = {r.id for r in policy.rules if r.made_of and truth(r.condition, facts)}
        assert fired == wanted(str(row.cells["approver"]))


def test_two_who_have_to_agree_are_two_people() -> None:
    """Two of one role are two of it or above; of two roles one stands at least in the higher."""
    policy = policy_of("discount,approver\n<= 5%,nobody\n<= 10%,director and director\n*,director and manager\n")
    assert {name: (e.to, e.count) for name, e in made(policy).items()} == {
        "approvals-2-director": ("director", 2),
        "approvals-director": ("director", 1),
        "approvals-2-manager": ("manager", 2),
    }


def test_rows_that_no_two_match_need_no_order() -> None:
    """Which of two rows stands first says nothing where neither matches what the other does."""
    rows = ["<= 10%,manager", "> 10%,director"]
    one, other = (policy_of("\n".join(["discount,approver", *r]) + "\n", "") for r in (rows, rows[::-1]))
    assert {r.id: r.alternatives for r in one.rules} == {r.id: r.alternatives for r in other.rules}


def test_a_rule_is_written_in_as_few_parts_as_its_rows_allow() -> None:
    """What lies beyond a row above, in one direction or another, is as wide as it may be."""
    policy = policy_of("discount,term,approver\n<= 5%,<= 24 months,nobody\n<= 9%,<= 36 months,manager\n*,*,refuse\n")
    texts = {r.id: [part.text for part in r.condition.parts] for r in policy.rules if r.id == "approvals-refuse"}
    assert texts == {"approvals-refuse": ["offer.discount > 9%", "offer.term >= 37 months"]}


def test_an_approval_of_whom_a_row_names_is_enough(tmp_path: Path) -> None:
    """Both evaluators ask for the approval, it meets the rule, and the reason shows the row's tests."""
    (tmp_path / "policy.yaml").write_text(f"{BASE}approvals: {{table: matrix.csv, hit: first}}\n", encoding="utf-8")
    (tmp_path / "matrix.csv").write_text("discount,segment,approver\n<= 5%,*,nobody\n*,smb,manager\n*,*,director\n")
    session = Session(tmp_path)

    def event(number: int, **said: object) -> dict[str, object]:
        return {"id": str(number), "deal": "D", "at": f"2026-10-0{number}T09:00:00Z", **said}

    def answer(number: int, **said: object) -> tuple[str, list[str]]:
        decision = session.decide(event(number, **said))
        return decision.verdict.value, [leaf.text for r in decision.reasons for leaf in r.leaves]

    offer = {"type": "offer", "by": "us", "actor": "ana", "terms": {"discount": "6%"}}
    assert answer(1, type="open", facts={"list_price": "9,000 USD", "segment": "enterprise"})[0] == "proceed"
    assert answer(2, **offer) == ("escalate", ["offer.discount > 5%", "deal.segment = enterprise"])
    answer(3, type="approve", approver="mo", role="manager", terms={"discount": "6%"})
    assert answer(4, **offer)[0] == "escalate"
    answer(5, type="approve", approver="di", role="director", terms={"discount": "6%"})
    assert answer(6, **offer)[0] == "proceed"


def test_an_id_of_the_matrix_is_no_rule_of_the_policys_own() -> None:
    """What both would be called is a finding, and no rule takes the other's place."""
    own = "  approvals-director: {why: w, on: our offer, when: offer.first, then: hold}\n"
    text = f"{BASE}{own}approvals: {{table: matrix.csv, hit: first}}\n"
    found = read(text, {"matrix.csv": b"discount,approver\n<= 5%,nobody\n*,director\n"}).findings
    what = "the approval matrix makes a rule `approvals-director`, and there is one under `rules:`"
    assert shown(found) == [("NAME_TAKEN", "approvals", what, "call the other one otherwise")]


def test_a_layer_takes_its_matrix_along() -> None:
    """It is read beside the layer that names it; the one below may not name another."""
    files = {
        "up/policy.yaml": f"{BASE}approvals: {{table: m.csv}}\n".encode(),
        "up/m.csv": b"discount,approver\n*,manager\n",
    }
    low = "policy: low\nversion: 1\nextends: up/policy.yaml\n"
    assert "approvals-manager" in made(read(low, files).unwrap())
    (finding,) = read(f"{low}approvals: {{table: other.csv}}\n", files).findings
    assert finding.code.name == "LOOSER_THAN_LAYER"


def test_an_editor_knows_the_matrix(tmp_path: Path) -> None:
    """What a row means, what may be written in its cells and heads, and that its rules are named by it."""
    path, table = tmp_path / "policy.yaml", tmp_path / "matrix.csv"
    path.write_text(f"{BASE}approvals: {{table: matrix.csv, hit: first}}\n", encoding="utf-8")
    table.write_text("discount,approver\n<= 5%,nobody\n*,director\n", encoding="utf-8")
    (tmp_path / "it.feature").write_text('Feature: f\n  Scenario: s\n    Then rule "approvals-director" fires\n')
    files = Files(tmp_path)
    assert hover(files, table, 1, 7) == "Where discount is <= 5%, `approver` is nobody."
    assert {"director", "nobody", "refuse"} <= {o.label for o in complete(files, table, 2, 2)}
    assert {"discount", "segment"} <= {o.label for o in complete(files, table, 0, 0)}
    last = len(path.read_text(encoding="utf-8").splitlines()) - 1
    assert "beside this one" in hover(files, path, last, 13)
    with pytest.raises(CannotRename, match="made of `approvals:`"):
        rename(files, tmp_path / "it.feature", 2, 20, "other")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("discount: {type: percent,", "discount: {type: percents,"),
        ("segment: {one of: [smb,", "segment: {one off: [smb,"),
    ],
)
def test_a_column_of_what_has_a_mistake_is_no_mistake_of_its_own(right: str, wrong: str) -> None:
    """Rows are not read then, and what is wrong is told where it stands; alone in the matrix, and beside others."""
    for matrix in (
        "discount,segment,approver\n<= 5%,smb,nobody\n*,*,director\n",
        f"{right[: right.index(':')]},approver\n*,nobody\n",
    ):
        text = f"{BASE.replace(right, wrong)}approvals: {{table: matrix.csv, hit: first}}\n"
        found = read(text, {"matrix.csv": matrix.encode()}).findings
        assert found
        assert [f.span.file for f in found if f.span.file != "policy.yaml"] == []
        assert not [f for f in found if "matrix" in f.message]


def test_a_budget_with_a_key_that_is_none_is_told_once() -> None:
    """What it lacks is behind that key; nothing is made of it."""
    text = f"{BASE}budgets:\n  spent:\n    sum: give.net\n    []: 9 USD\n    then: escalate\n    to: director\n"
    assert [f.span.line for f in read(text).findings] == [text[: text.index("[]")].count("\n") + 1]
