"""Cases in YAML beside a policy: what they want, and what is shown where they do not hold."""

import pytest

from walkaway_cli.exits import MISUNDERSTOOD, NO, YES

pytestmark = pytest.mark.slow

TRADE = "{type: offer, by: us, terms: {discount: 5%}}"


def case(events: str, want: str, note: str = "It holds.") -> str:
    """Write a file with one case."""
    return f"cases:\n  - note: {note}\n    events: [{events}]\n    {want}\n"


@pytest.mark.parametrize(
    ("events", "want"),
    [
        ("", "{want: proceed, fired: []}"),
        (TRADE, "{want: trade, fired: [nothing-for-nothing]}"),
        ("{type: offer, by: us, terms: {discount: 21%}}", "{want: refuse, fired: [nothing-for-nothing, beyond-walk]}"),
        ("{type: signal, by: them, kind: deception}", "{want: walk, door: closed, fired: [bad-faith]}"),
        ("{type: offer, by: us, terms: {discount: red}}", "{code: WA504}"),
        (f"{TRADE}, {{type: tick, after: 2 days}}", "{want: proceed, fired: []}"),
    ],
)
def test_a_case_holds_where_the_last_answer_is_the_wanted_one(tell, events, want):
    """Verdict, door and exactly the rules that fire, or the code of a dead letter."""
    keys = "\n    ".join(want.strip("{}").replace(", door", "\ndoor").replace(", fired", "\nfired").splitlines())
    assert tell(case(events, keys), file="cases.yaml") == (
        YES,
        "cases.yaml: 1 of 1 scenario holds\n\n1 case run, of 1 policy\n1 hold\n",
    )


@pytest.mark.parametrize(
    ("want", "message"),
    [
        ("want: proceed\n    fired: [nothing-for-nothing]", "the verdict is trade, not proceed"),
        ("want: walk\n    door: open\n    fired: []", "the verdict is trade, not walk (door open)"),
        ("want: trade\n    fired: []", "there fires [nothing-for-nothing], not []"),
        ("code: WA505", "the verdict is trade, and no dead letter with WA505"),
    ],
)
def test_a_case_that_does_not_hold_shows_the_decision_in_full(tell, want, message):
    """With its place in the file."""
    status, shown = tell(case(TRADE, want), file="cases.yaml")
    assert status == NO
    assert f"✗ It holds.\ncases.yaml:2: {message}\n\nTRADE  case · e1" in shown


def test_a_dead_letter_that_nobody_wanted_is_shown(tell):
    """With its code and its finding."""
    events = "{type: offer, by: us, terms: {discount: red}}"
    status, shown = tell(case(events, "want: trade\n    fired: []"), file="cases.yaml")
    assert status == NO
    assert "the last event is a dead letter (WA504), not trade" in shown
    assert "error[WA504]: `discount`" in shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cases: []", "cases.yaml:1: a file of cases holds `cases:` with a list"),
        ("- a", "cases.yaml:1: a file of cases holds `cases:` with a list"),
        ("cases: [a]", "cases.yaml:1: a case is a mapping"),
        ("cases: [{note: n, wants: trade}]", "a case has no `wants`. did you mean `want`?"),
        ("cases: [{note: n, want: trade}]", "no `fired`: list every rule that fires, `fired: []` where none does"),
        ("cases: [{note: n, fired: []}]", "`fired` and no `want`"),
        ("cases: [{note: n, want: trade, fired: [], code: WA601}]", "`want` and `code`"),
        ("cases: [{note: n}]", "this case wants nothing"),
        ("cases: [{want: trade}]", "no `note`"),
        ("cases: [{note: n, want: trade, fired: x}]", "Expected `array`, got `str`"),
        ("cases: [{note: n, code: WA505, events: x}]", "`events` a list of mappings"),
        ("cases: [{note: n, code: WA505}, {note: n, code: WA505}]", "several cases have the note `n`"),
        ("cases: [{note: n, code: WA505, note: n}]", "error[WA103]"),
        (case("{type: tick, after: soon}", "want: trade\n    fired: []"), "cases.yaml:2: `soon` is not a quantity"),
        (
            case("{type: ticks}, {type: tick}", "want: trade\n    fired: []"),
            "an event before the last gives no decision",
        ),
    ],
)
def test_what_is_no_case_is_no_answer(tell, text, message):
    """With the place, and the finding where there is one."""
    status, shown = tell(text, file="cases.yaml")
    assert status == MISUNDERSTOOD
    assert message in shown
