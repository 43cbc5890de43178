"""A lower layer is proved to be nowhere milder than what is mandatory above, or the offer at which it is is shown."""

import time

import msgspec
import pytest
from tests.helpers.proving import PLAIN, policy_of

from walkaway import Decision, Diagnostic, Engine, Policy, Stream
from walkaway.language.diagnostics import Severity
from walkaway.policy import FILE, read
from walkaway.proof import diff
from walkaway.proof.diff import compare
from walkaway.proof.layers import alone, loosened

pytestmark = pytest.mark.solver

TEAM = "extends: company.yaml\npolicy: team\nversion: 1\n"
TIGHTER = f"""{TEAM}issues:
  discount: {{walk: 15%}}
rules:
  even: {{then: hold}}
  long: {{why: w, on: our offer, when: offer.term > 60 months, then: walk}}
"""


def team(text: str, company: str = PLAIN) -> Policy:
    """Read a team's policy over the company's."""
    return read(text.encode(), FILE, {"company.yaml": company.encode()}.get).unwrap()


def under(policy: Policy, company: str) -> list[Diagnostic]:
    """Return what is found where the company's policy were another one than the team's was laid over."""
    files = {**policy.files, "company.yaml": company.encode()}
    return list(loosened(msgspec.structs.replace(policy, files=files), time.process_time, 60.0))


def test_a_layer_that_tightens_loosens_nothing() -> None:
    """A tighter limit, a more severe verdict and a new rule, one that walks, are proved to be no loosening."""
    assert list(loosened(team(TIGHTER), time.process_time, 60.0)) == []


def test_a_policy_that_extends_none_has_nothing_to_loosen() -> None:
    """Without a layer above there is nothing to find."""
    assert list(loosened(read(PLAIN.encode(), FILE, {}.get).unwrap(), time.process_time, 60.0)) == []


def test_a_policy_that_adds_nothing_is_told_without_the_solver() -> None:
    """What is the same, but for the files it is said in, cannot be milder: no time is needed to know it."""
    policy = read(f"{TEAM}title: The same\n".encode(), "folder/policy.yaml", {"company.yaml": PLAIN.encode()}.get)
    assert list(loosened(policy.unwrap(), time.process_time, 0.0)) == []


def test_a_hold_beside_a_question_for_somebody_above_loosens_nothing() -> None:
    """Their offer is a question for a manager above; below a rule more holds what no approval lifts."""
    asked = PLAIN + "  deep: {why: w, on: our terms, when: offer.discount > 5%, then: escalate, to: manager}\n"
    held = f"{TEAM}rules:\n  long: {{why: w, on: our terms, when: offer.term > 24 months, then: hold}}\n"
    policy = team(held, asked)
    said = '{{"id": "{0}", "deal": "d", "at": "2026-10-05T0{0}:00:00Z", {1}}}'
    events = (
        said.format(1, '"type": "open", "facts": {"list_price": "100,000 USD"}').encode(),
        said.format(2, '"type": "offer", "by": "them", "terms": {"discount": "6%", "term": "72 months"}').encode(),
    )
    answers = [list(Stream(Engine(p)).lines(events, "deal"))[-1] for p in (policy_of(asked), alone(policy), policy)]
    assert [a.verdict for a in answers if isinstance(a, Decision)] == ["escalate", "trade", "escalate"]
    assert list(loosened(policy, time.process_time, 60.0)) == []


def test_what_a_deal_lacks_it_lacks_under_both() -> None:
    """Where a deal brings a walk value beside the policy's own, a layer that holds more is proved to loosen nothing."""
    files = {
        "each.yaml": PLAIN.replace("walk: 20%", "walk: per deal").encode(),
        "company.yaml": b"extends: each.yaml\npolicy: company\nversion: 1\nissues:\n  discount: {walk: 20%}\n",
    }
    held = f"{TEAM}rules:\n  long: {{why: w, on: our terms, when: offer.term > 60 months, then: hold}}\n"
    policy = read(held.encode(), FILE, files.get).unwrap()
    assert policy.issues["discount"].per_deal
    assert policy.issues["discount"].walk is not None
    assert list(loosened(policy, time.process_time, 60.0)) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("walk: 20%", "walk: 10%", "what `beyond-walk` of the layer above answers with `refuse` gets `proceed` here"),
        ("then: trade", "then: refuse", "what `even` of the layer above answers with `refuse` gets `trade` here"),
    ],
)
def test_what_got_through_is_shown_with_its_offer(old: str, new: str, message: str) -> None:
    """A walk value or a mandatory rule that is stricter above is found by an offer that gets a milder answer."""
    findings = under(team(TEAM), PLAIN.replace(old, new))
    assert message in [f.message for f in findings]
    assert {f.code.value for f in findings} == {"WA214"}
    shown = [f for f in findings if "is not decided" not in f.message]
    assert all("; for example: list_price" in f.hint for f in shown)
    assert {f.span.text for f in findings} == {"extends: company.yaml"}


def test_what_is_not_mandatory_above_may_be_milder_below() -> None:
    """An overridable rule, or one that only advises, binds no lower layer."""
    more = (
        "  slow: {why: w, on: our offer, when: give.value > 0 USD, then: hold, enforcement: overridable, by: manager}\n"
    )
    found = compare(policy_of(PLAIN + more), policy_of(PLAIN), time.process_time, 60.0, milder=True)
    assert found.is_same


def test_more_severe_answers_are_no_loosening() -> None:
    """Only what is milder is looked for."""
    more = "  slow: {why: w, on: our offer, when: give.value > 0 USD, then: hold}\n"
    assert compare(policy_of(PLAIN), policy_of(PLAIN + more), time.process_time, 60.0, milder=True).is_same
    assert compare(policy_of(PLAIN + more), policy_of(PLAIN), time.process_time, 30.0, milder=True).regions


def test_all_layers_above_bind() -> None:
    """Of several layers, what the first one says is as mandatory as what the last one does."""
    slow = "  slow: {why: w, on: our offer, when: offer.term > 60 months, then: hold}\n"
    region = f"policy: region\nversion: 1\nrules:\n{slow}"
    both = TEAM.replace("company.yaml", "[company.yaml, region.yaml]")
    files = {"company.yaml": PLAIN.encode(), "region.yaml": region.encode()}
    policy = read(both.encode(), FILE, files.get).unwrap()
    assert list(loosened(policy, time.process_time, 60.0)) == []
    for name, old, new, rule in (
        ("company.yaml", "walk: 20%", "walk: 10%", "beyond-walk"),
        ("region.yaml", "then: hold", "then: walk", "slow"),
    ):
        stricter = {**policy.files, name: policy.files[name].replace(old.encode(), new.encode())}
        findings = list(loosened(msgspec.structs.replace(policy, files=stricter), time.process_time, 30.0))
        assert any(f"what `{rule}` of the layer above" in f.message for f in findings)


def test_more_time_is_offered_where_it_ran_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nowhere else: whoever allows more, and gets the same warning again, was sent the wrong way."""
    monkeypatch.setattr(diff, "TURNS", 1)  # there is no deal to be found
    policy = team(f"{TEAM}issues:\n  discount: {{walk: 15%}}\n", PLAIN.replace("walk: 20%", "walk: per deal"))
    for seconds, said in ((0.0, "allow more time with --timeout"), (60.0, "more time decides no more")):
        (finding,) = loosened(policy, time.process_time, seconds)
        assert "not decided" in finding.message
        assert finding.hint.startswith(said)


def test_a_layer_that_is_no_policy_by_itself_is_told() -> None:
    """What states no side, say, cannot be compared with; silence would pass for a proof."""
    (finding,) = under(team(TEAM), PLAIN.replace("side: seller\n", ""))
    assert finding.severity is Severity.WARNING
    assert "not decided: that is no policy by itself" in finding.message
    assert "side" in finding.hint


COUNTING = """policy: company
version: 1
side: seller
currency: USD
issues: {price: {type: money, start: 100 USD, worth: 0 USD per 1 USD}}
rules: {flat: {why: w, on: their acceptance, when: theirs.flat >= 1, then: refuse}}
"""
ADDING = f"{TEAM}issues: {{extra: {{type: yes/no, start: no, worth: 5 USD}}}}\n"


def test_what_a_layer_counts_otherwise_than_the_one_above_shows_no_milder_answer() -> None:
    """Taking our word names the added issue for the first time, which is not flat below; above it is flat as ever."""
    found = list(loosened(team(ADDING, COUNTING), time.process_time, 60.0))
    assert [one.severity for one in found] == [Severity.WARNING]
    assert "not decided" in found[0].message
