"""`prove:` becomes claims, or every mistake in it at once."""

import pytest
from tests.helpers.findings import BASE, read, shown

from walkaway.events import BARGAINING, On

EITHER = "write `never: verdict = proceed and …`, or `always: …`"


def claims(text: str) -> str:
    """Return the base policy with claims."""
    return f"{BASE}prove:\n{text}"


def test_a_claim_reads_the_answer_and_the_facts() -> None:
    """`verdict`, `door` and `event` stand beside the facts; the text is that of the condition."""
    policy = read(claims("  one: {never: verdict = proceed and room.discount < 0%, why: The floor.}\n")).unwrap()
    (claim,) = policy.claims
    assert (claim.name, claim.always, claim.why) == ("one", False, "The floor.")
    assert claim.text == "verdict = proceed and room.discount < 0%"
    assert claim.span.line == len(BASE.splitlines()) + 2


@pytest.mark.parametrize(
    ("claim", "on"),
    [
        ("{never: give.value > 0 USD}", {On.OUR_OFFER, On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE}),
        ("{never: room.discount < 0%}", BARGAINING),
        ("{always: verdict = proceed}", set(On)),
        ("{never: give.value > 0 USD and move.value > 0 USD}", {On.THEIR_ACCEPTANCE}),
        ("{never: room.discount < 0%, on: their offer}", {On.THEIR_OFFER}),
        ("{never: room.discount < 0%, on: any}", set(On)),
    ],
)
def test_without_on_a_claim_is_about_every_event_that_knows_what_it_reads(claim: str, on: set[On]) -> None:
    """Where it names its events, it is about these."""
    (found,) = read(claims(f"  one: {claim}\n")).unwrap().claims
    assert found.on == on


def test_definitions_and_trees_serve_in_claims() -> None:
    """A claim's condition is read as a rule's is, and a definition that only a claim uses is used."""
    text = "  one:\n    always:\n      any: [small, verdict != proceed]\n    on: our offer\n"
    policy = claims(text).replace("rules:", "define: {small: give.value < 50 USD}\nrules:")
    checked = read(policy)
    assert checked.findings == ()
    assert checked.unwrap().claims[0].text == "give.value < 50 USD or verdict != proceed"


@pytest.mark.parametrize(
    ("claim", "finding"),
    [
        ("5", ("WRONG_SHAPE", "one", "claim `one` wants a mapping, not a single value", EITHER)),
        ("{why: w}", ("EFFECT_INCOMPLETE", "one", "claim `one` says neither `always` nor `never`", EITHER)),
        (
            "{always: verdict = walk, never: verdict = hold}",
            ("EFFECT_INCOMPLETE", "one", "claim `one` says both `always` and `never`", EITHER),
        ),
        (
            "{never: verdict = procede}",
            (
                "UNKNOWN_SYMBOL",
                "procede",
                "`procede` is not one of proceed, trade, hold, escalate, refuse, walk",
                "did you mean `proceed`?",
            ),
        ),
        ("{nevr: verdict = walk}", ("UNKNOWN_KEY", "nevr", "claim `one` has no key `nevr`", "did you mean `never`?")),
    ],
)
def test_mistakes_in_claims_are_findings(claim: str, finding: tuple[str, str, str, str]) -> None:
    """Code, caret, message and what to type."""
    assert shown(read(claims(f"  one: {claim}\n")).findings) == [finding]


def test_rules_know_no_answer() -> None:
    """A rule cannot read the verdict that it helps to make."""
    found = read(f"{BASE}  one: {{why: w, on: our offer, when: verdict = walk, then: hold}}\n")
    assert [f.code.name for f in found.findings] == ["UNKNOWN_FACT"]


def test_a_layer_keeps_the_claims_above() -> None:
    """A lower layer adds claims; one from above it may not change."""
    company = claims("  one: {never: verdict = hold}\n")
    team = "extends: company.yaml\npolicy: team\nversion: 1\nprove:\n  two: {never: verdict = trade}\n"
    both = read(team, {"company.yaml": company.encode()}).unwrap()
    assert [c.name for c in both.claims] == ["one", "two"]
    changed = read(team.replace("two", "one"), {"company.yaml": company.encode()})
    assert [f.code.name for f in changed.findings] == ["LOOSER_THAN_LAYER"]
