"""A policy that extends another takes over all it says, may add and tighten, and can loosen nothing."""

from pathlib import Path

import pytest
from tests.helpers.findings import caret, shown

from walkaway import Checked, Engine, Policy, Stream, load
from walkaway.language.expr.types import constant

COMPANY = """\
policy: company
version: 3
side: seller
currency: USD
effective: {from: 2026-01-01, to: 2026-12-31}
deal: {list_price: money, segment: {one of: [smb, enterprise]}}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month, walk: per deal}
  price: {type: money, start: deal.list_price, worth: 1 USD per 1 USD, walk: "floors[deal.segment].price"}
  plan: {one of: {small: 0 USD, medium: -1 USD, large: -2 USD}, start: small, walk: medium}
package: {base: deal.list_price, walk: 80% of deal.list_price}
tables: {floors: {file: tables/floors.csv, key: segment}}
signals: [deception]
roles: [manager, director]
define: {small_deal: "deal.list_price < 10,000 USD"}
rules:
  nothing-for-nothing: {why: Fair., on: our offer, when: give.value > get.value, then: escalate, to: manager}
  long: {why: w, on: our offer, when: offer.term > 24 months, then: refuse, enforcement: overridable, by: director}
  many: {why: w, on: their offer, when: theirs.offers >= 9, then: {conclude: stuck}}
  stuck: {why: w, on: their offer, when: concluded.stuck or small_deal, then: hold}
  bad-faith: {why: w, on: any, when: signals.deception >= 1, then: walk, door: closed}
"""
FLOORS = 'segment,price\nsmb,"8,000 USD"\nenterprise,"80,000 USD"\n'
ABOVE = " than the layer above allows"
HINT = "a lower layer may add, and tighten; what is above stands"
BETTER = "give one that is better for us, or remove it"
SEVERE = "give a more severe verdict, or remove it"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Return a folder with the company's policy, its table, and a folder `team` beside it."""
    for folder in ("company/tables", "region", "team"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "company" / "policy.yaml").write_text(COMPANY)
    (tmp_path / "company" / "tables" / "floors.csv").write_text(FLOORS)
    return tmp_path


def team(company: Path, text: str, extends: str = "../company") -> Checked[Policy]:
    """Write a team's policy and load it."""
    (company / "team" / "policy.yaml").write_text(f"extends: {extends}\npolicy: team\nversion: 1\n{text}")
    return load(company / "team")


def test_a_layer_alone_says_what_is_above(company):
    """All that the company declares holds for the team, under the team's own name and version."""
    policy = team(company, "").unwrap()
    assert (policy.name, policy.version, policy.side) == ("team", 1, "seller")
    above = load(company / "company").unwrap()
    assert {r.id for r in policy.rules} == {r.id for r in above.rules}
    assert policy.issues == above.issues
    assert list(policy.files) == ["policy.yaml", "../company/policy.yaml", "../company/tables/floors.csv"]


def test_the_hash_covers_every_layer(company):
    """A changed comment in the company's policy, or a changed row in its table, makes another policy of the team's."""
    hashes = {team(company, "").unwrap().sha256}
    (company / "company" / "policy.yaml").write_text(f"# changed\n{COMPANY}")
    hashes.add(team(company, "").unwrap().sha256)
    (company / "company" / "tables" / "floors.csv").write_text(FLOORS.replace("8,000", "9,000"))
    hashes.add(team(company, "").unwrap().sha256)
    assert len(hashes) == 3


def test_a_policy_with_layers_is_read_again_from_its_files_alone(company):
    """What is kept beside a decision is enough to decide again, without any folder."""
    from walkaway.policy import FILE, read

    policy = team(company, "issues:\n  discount: {walk: 15%}\n").unwrap()
    again = read(policy.files[FILE], FILE, policy.files.get).unwrap()
    assert again.sha256 == policy.sha256
    assert again.issues == policy.issues


@pytest.mark.parametrize(
    ("text", "under", "message", "hint"),
    [
        ("issues:\n  discount: {walk: 25%}", "25%", f"walk 25% of `discount` is looser{ABOVE}", BETTER),
        ("issues:\n  discount: {want: 9%}", "9%", f"want 9% of `discount` is looser{ABOVE}", BETTER),
        ("issues:\n  plan: {walk: large}", "large", f"walk large of `plan` is looser{ABOVE}", BETTER),
        ("issues:\n  discount: {start: 5%}", "start", "`start` of issue `discount` is set by the layer above", HINT),
        ("package: {walk: 70% of deal.list_price}", "70% of deal.list_price",
         f"walk 70% of deal.list_price of the package is looser{ABOVE}", BETTER),
        ("package: {base: 2 * deal.list_price}", "base", "`base` of the package is set by the layer above", HINT),
        ("side: buyer", "buyer", "`side` is seller in the layer above, and this layer says otherwise", "remove it"),
        ("effective: {to: 2027-01-01}", "2027-01-01",
         "`to` 2027-01-01 is outside the days (UTC) of the layer above", HINT),
        ("effective: {from: 2027-01-01}", "2027-01-01",
         "`from` 2027-01-01 is outside the days (UTC) of the layer above", HINT),
        ("deal: {list_price: number}", "list_price",
         "`list_price` is declared by the layer above, with another meaning", HINT),
        ("define: {small_deal: deal.list_price < 1 USD}", "small_deal",
         "`small_deal` is declared by the layer above, with another meaning", HINT),
        ("tables: {floors: {file: mine.csv, key: segment}}", "floors",
         "`floors` is declared by the layer above, with another meaning", HINT),
        ("roles: [director, manager]", "manager", "role `manager` would rank above `director`",
         "new roles stand before those of the layer above, in its order"),
        ("roles: [manager, chief]", "chief", "role `chief` would rank above `manager`",
         "new roles stand before those of the layer above, in its order"),
        ("rules:\n  nothing-for-nothing: {then: trade}", "trade",
         "`trade` is milder than the `escalate` of the layer above", SEVERE),
        ("rules:\n  nothing-for-nothing: {then: {conclude: fine}}", "{",
         "a verdict and a conclusion cannot take each other's place", HINT),
        ("rules:\n  nothing-for-nothing: {to: rep}\nroles: [rep]", "rep",
         "`rep` ranks below the `manager` of the layer above", "name a role of at least that authority"),
        ("rules:\n  nothing-for-nothing: {unless: small_deal}", "unless",
         "`unless` of rule `nothing-for-nothing` is set by the layer above", HINT),
        ("rules:\n  nothing-for-nothing: {enforcement: advisory}", "enforcement",
         "`enforcement` of rule `nothing-for-nothing` is set by the layer above", HINT),
        ("rules:\n  nothing-for-nothing: off", "nothing-for-nothing",
         "rule `nothing-for-nothing` of the layer above cannot be switched off", HINT),
        ("rules:\n  bad-faith: {door: open}", "open", "the door is closed in the layer above", "remove it"),
        ("rules:\n  short-of-want: off", "short-of-want",
         "built-in rule `short-of-want` is on in the layer above", HINT),
        ("rules:\n  never-stuck: {why: w, on: tick, when: small_deal, then: {conclude: stuck}}", "never-stuck",
         "`stuck` is concluded by the layer above, for its own rules", "conclude another name"),
    ],
)  # fmt: skip
def test_nothing_above_can_be_loosened(company, text, under, message, hint):
    """Limits, facts, worths, roles, verdicts, conditions and conclusions of the layer above stand."""
    found = team(company, text)
    assert shown(found.findings) == [("LOOSER_THAN_LAYER", under, message, hint)]
    assert found.value is None


@pytest.mark.parametrize(
    "text",
    [
        "issues:\n  discount: {wish: 0%, want: 5%, walk: 15%}",
        "issues:\n  plan: {walk: small}",
        "issues:\n  golf: {type: yes/no, start: no, worth: 100 USD}",
        'package: {walk: "95,000 USD"}',
        "effective: {from: 2026-02-01}",
        "deal: {list_price: money, region: text}",
        "roles: [rep, manager]",
        "rules:\n  nothing-for-nothing: {then: refuse, why: No trades in this team.}",
        "rules:\n  nothing-for-nothing: {to: director}",
        "rules:\n  beyond-walk: {then: walk}",
        "rules:\n  long: {why: w, on: our offer, when: offer.term > 30 months, then: trade}",
        "rules:\n  short: {why: w, on: our offer, when: offer.term < 6 months and small_deal, then: refuse}",
    ],
)
def test_a_layer_may_add_and_tighten(company, text):
    """Tighter limits, new issues, facts, roles and rules, more severe verdicts; what is not mandatory may change."""
    assert shown(team(company, text).findings) == []


def test_three_layers_keep_the_tightest_limit(company):
    """The region allows 15%, the team 12%; the team cannot go back to 18%, which the company would allow."""
    region = "extends: ../company\npolicy: region\nversion: 1\nissues:\n  discount: {walk: 15%}\n"
    (company / "region" / "policy.yaml").write_text(region)
    policy = team(company, "issues:\n  discount: {walk: 12%}\n", "../region").unwrap()
    assert constant(policy.issues["discount"].walk) == 12
    (finding,) = team(company, "issues:\n  discount: {walk: 18%}\n", "../region").findings
    assert (finding.code.name, caret(finding)) == ("LOOSER_THAN_LAYER", "18%")


def answers(policy, terms, **limits):
    """Return the verdict and the room of one offer in a deal of 100,000 USD with an enterprise."""
    facts = '"facts": {"list_price": "100,000 USD", "segment": "enterprise"}'
    walk = ", ".join(f'"{issue}": {{"walk": "{value}"}}' for issue, value in limits.items())
    head = '"deal": "D", "at": "2026-10-05T09:00:00Z"'
    lines = [
        f'{{"id": "1", {head}, "type": "open", {facts}, "limits": {{{walk}}}}}',
        f'{{"id": "2", {head}, "type": "offer", "by": "us", "terms": {{{terms}}}}}',
    ]
    return list(Stream(Engine(policy)).lines([x.encode() for x in lines], "deal.jsonl"))[-1]


def test_where_it_depends_on_the_deal_the_tighter_limit_counts(company):
    """A fixed floor of 85,000 USD is above the company's for a deal of 100,000 USD, and counts there."""
    policy = team(company, 'issues:\n  price: {walk: "85,000 USD"}\n').unwrap()
    assert answers(policy, '"price": "90,000 USD"', term="12 months").room["price"] == "5,000 USD"
    policy = team(company, 'issues:\n  price: {walk: "75,000 USD"}\n').unwrap()
    assert answers(policy, '"price": "90,000 USD"', term="12 months").room["price"] == "10,000 USD"


def test_a_limit_that_every_deal_must_bring_is_still_brought(company):
    """The team sets the least it accepts; the deal must bring its own all the same, and may bring a tighter one."""
    policy = team(company, "issues:\n  term: {walk: 6 months}\n").unwrap()
    assert answers(policy, '"term": "14 months"').verdict == "hold"
    assert answers(policy, '"term": "14 months"', term="9 months").room["term"] == "5 months"


def test_the_order_of_limits_is_checked_over_all_layers(company):
    """The team's walk value would be reached before the company's want."""
    (finding,) = team(company, "issues:\n  discount: {walk: 6%}\n").findings
    message = "walk 6% of `discount` is reached before its want 8%"
    assert (finding.code.name, caret(finding), finding.message) == ("WALK_PAST_WANT", "6%", message)


def test_findings_stand_in_the_layer_that_made_them(company):
    """A mistake of the company's is shown in its file, together with the team's own; its warnings are not."""
    broken = COMPANY.replace("theirs.offers >= 9", "theirs.offer >= 9").replace("[deception]", "[deception, unused]")
    (company / "company" / "policy.yaml").write_text(broken)
    found = team(company, "rules:\n  mine: {why: w, on: our offers, then: hold}\n").findings
    assert [(Path(f.span.file).parent.name, f.code.name, caret(f)) for f in found] == [
        ("company", "UNKNOWN_FACT", "theirs.offer"),
        ("team", "BAD_CHOICE", "our offers"),
    ]
    (company / "company" / "policy.yaml").write_text(COMPANY.replace("[deception]", "[deception, unused]"))
    assert [f.message for f in load(company / "company").findings] == ["signal `unused` is never used"]
    assert team(company, "").findings == ()


@pytest.mark.parametrize(
    ("extends", "under", "message"),
    [
        ("../nowhere", "../nowhere",
         "the policy that this one extends cannot be read: there is no `../nowhere/policy.yaml`"),
        ("other.yaml", "other.yaml", "the policy that this one extends cannot be read: there is no `other.yaml`"),
        ("/etc", "/etc", "`/etc` is no path"),
        ("[]", "[", "`extends` names no policy"),
        ("[[a, b]]", "[", "`extends` wants a path, not a list"),
        ("[../company, nowhere]", "nowhere",
         "the policy that this one extends cannot be read: there is no `nowhere/policy.yaml`"),
        (".", ".", "these policies extend each other: this policy → ./policy.yaml → ./policy.yaml"),
        ("''", "''", "`extends` wants a path, not nothing"),
    ],
)  # fmt: skip
def test_a_layer_that_cannot_be_read_is_a_finding(company, extends, under, message):
    """Missing, absolute, not a path, or the policy itself."""
    (finding,) = team(company, "", extends).findings
    assert (finding.code.name, caret(finding), finding.message) == ("LAYER_NOT_READABLE", under, message)


def test_several_policies_are_laid_over_each_other(company):
    """Each may add to those named before it, none may loosen them; a file that several extend is laid once."""
    for name, text in {
        "region": "issues: {discount: {walk: 15%}, term: {walk: 6 months}}",
        "branch": "issues: {discount: {walk: 12%}}\nsignals: [rudeness]\nrules:\n  beyond-walk: {source: here}\n",
    }.items():
        head = f"extends: ../company\npolicy: {name}\nversion: 1\n"
        (company / "region" / f"{name}.yaml").write_text(head + text)
    both = "[../region/region.yaml, ../region/branch.yaml]"
    policy = team(company, "rules:\n  beyond-walk: {source: there}\n", both).unwrap()
    assert constant(policy.issues["discount"].walk) == 12
    assert constant(policy.issues["term"].walk) == 6
    assert policy.signals == ("deception", "rudeness")
    assert {r.source for r in policy.rules if r.id == "beyond-walk"} == {"here, there"}
    assert list(policy.files).count("../company/policy.yaml") == 1
    (finding,) = team(company, "", "[../region/branch.yaml, ../region/region.yaml]").findings
    assert (finding.code.name, caret(finding)) == ("LOOSER_THAN_LAYER", "15%")


def test_the_number_of_policies_is_bounded(company):
    """Sixty-four may be laid over each other, one more is a finding."""
    for number in range(65):
        (company / "team" / f"{number}.yaml").write_text("title: more")
    names = [f"{number}.yaml" for number in range(65)]
    assert "more than" not in str(team(company, "", f"[../company, {', '.join(names[:63])}]").findings)
    findings = team(company, "", f"[../company, {', '.join(names[:64])}]").findings
    assert [f.message for f in findings] == ["these are more than 64 policies in all"]


def test_policies_that_extend_each_other_show_the_circle(company):
    """The finding stands where the circle closes, and names every file of it."""
    (company / "company" / "policy.yaml").write_text(f"extends: ../team\n{COMPANY}")
    (finding,) = team(company, "").findings
    circle = "this policy → ../company/policy.yaml → ../team/policy.yaml → ../company/policy.yaml"
    assert finding.message == f"these policies extend each other: {circle}"


def test_a_layer_may_lie_beside_another_file_of_its_folder(company):
    """`team.yaml` extends the `policy.yaml` beside it, and neither is taken for the other."""
    (company / "company" / "team.yaml").write_text("extends: policy.yaml\npolicy: team\nversion: 1\n")
    policy = load(company / "company" / "team.yaml").unwrap()
    assert list(policy.files) == ["policy.yaml", "./policy.yaml", "tables/floors.csv"]


def test_a_table_stays_within_the_folders_of_the_layers(company):
    """No policy reads what lies elsewhere, whether by its path or by a link."""
    (company / "secret.csv").write_text(FLOORS)
    (company / "team" / "link.csv").symlink_to(company / "secret.csv")
    for file in ("../secret.csv", "link.csv", str(company / "secret.csv")):
        (finding,) = team(company, f"tables: {{mine: {{file: {file}, key: segment}}}}\n").findings
        assert finding.code.name == "TABLE_NOT_READABLE"


def test_a_name_or_version_of_its_own_is_wanted(company):
    """A decision names the policy that made it, so a layer does not go by the name of the one above."""
    (company / "team" / "policy.yaml").write_text("extends: ../company\n")
    found = load(company / "team").findings
    assert [f.message for f in found] == ["the policy lacks `policy`", "the policy lacks `version`"]


def test_steps_and_their_worths_may_be_set_by_every_layer(company):
    """They decide nothing: they say what people offer, and what a move is called."""
    above = COMPANY.replace("want: 8%", "step: 1%, want: 8%")
    (company / "company" / "policy.yaml").write_text(above)
    said = "issues:\n  discount: {step: 2%, theirs: 900 USD per 1%}\n  term: {step: 6 months}\n"
    issues = team(company, said).unwrap().issues
    assert (issues["discount"].step, issues["term"].step) == (20_000, 6)
    assert issues["discount"].theirs is not None
    assert team(company, "").unwrap().issues["discount"].step == 10_000


@pytest.mark.parametrize(
    ("text", "under", "message"),
    [
        ("discount: {step: 0%}", "0%", "a step of issue `discount` is above zero"),
        ("discount: {step: 1 month}", "1 month", "`1 month` is not a percentage"),
        ("discount: {theirs: 900 USD}", "900 USD", "the worth of issue `discount` does not say per what"),
        ("plan: {step: 1}", "step", "issue `plan` has no steps: its values are one of small, medium, large"),
        ("plan: {theirs: {small: 0 USD}}", "theirs",
         "`theirs` of issue `plan` must give an amount for each of its words, and for no other"),
    ],
)  # fmt: skip
def test_a_mistake_in_them_is_found_in_the_layer_that_makes_it(company, text, under, message):
    """With that layer's own file and line."""
    (finding,) = team(company, f"issues:\n  {text}\n").findings
    assert (caret(finding), finding.message) == (under, message)
    assert finding.span.file.endswith("team/policy.yaml")
    assert finding.span.line == 5


def test_a_mistake_in_the_layer_above_is_found_there(company):
    """The team is told where the company's file is wrong."""
    (company / "company" / "policy.yaml").write_text(COMPANY.replace("want: 8%", "step: 0%, want: 8%"))
    (finding,) = team(company, "").findings
    assert finding.message == "a step of issue `discount` is above zero"
    assert finding.span.file.endswith("company/policy.yaml")
