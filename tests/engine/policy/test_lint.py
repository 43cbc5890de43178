"""What only the whole policy shows: unknowns, circles, limits told, rules that do nothing, names that nobody uses."""

import pytest
from tests.helpers.findings import BASE, read, shown, with_rule

NEVER = "correct the condition, or remove the rule"
SECTIONS = {
    "define": "define: {near: room.discount < 3%}",
    "pattern": "pattern: {again: {settled: their acceptance, demand: their offer,"
    " when: demand.discount > settled.discount}}",
}


def rules(*texts: str, sections: str = "") -> str:
    """Return `BASE` with rules `r1`, `r2` and so on, each `on: our offer` unless it says otherwise."""
    more = "".join(
        f"  r{i}: {{why: w, {'' if 'on:' in t else 'on: our offer, '}{t}}}\n" for i, t in enumerate(texts, 1)
    )
    return f"{BASE}{more}{sections}\n"


@pytest.mark.parametrize(
    ("when", "on", "code", "under", "message", "hint"),
    [
        ("theirs.last.discount > 5%", "our offer", "UNGUARDED", "theirs.last.discount > 5%",
         "`theirs.last.discount` may be unknown here", "add `known(theirs.last.discount)` with `and` before it"),
        ("known(deal.growth) or deal.growth > 1", "our offer", "UNGUARDED", "deal.growth > 1",
         "`deal.growth` may be unknown here", "add `known(deal.growth)` with `and` before it"),
        ("give.value > 5 USD", "[our offer, their offer]", "UNGUARDED", "give.value > 5 USD",
         "`give.value` may be unknown here", "add `known(give.value)` with `and` before it"),
        ("move.value > 5 USD", "our offer", "NEVER_KNOWN", "move.value > 5 USD",
         "`move.value` is known on their offers and acceptances only, and `example` listens to `our offer`",
         "let the rule listen to the events that know it"),
        ("known(move.value) and move.value > 5 USD", "our offer", "NEVER_FIRES", "example",
         "rule `example` can never fire: its condition asks for what no fact can be", NEVER),
        ("offer.term > 24 months and offer.term < 12 months", "our offer", "NEVER_FIRES", "example",
         "rule `example` can never fire: its condition contradicts itself", NEVER),
        ("give.value < 0 USD", "our offer", "NEVER_FIRES", "example",
         "rule `example` can never fire: its condition asks for what no fact can be", NEVER),
        ("ours.offers < 0 or theirs.concessions < 0", "our offer", "NEVER_FIRES", "example",
         "rule `example` can never fire: its condition asks for what no fact can be", NEVER),
        ("deal.segment != smb and deal.segment != enterprise", "our offer", "NEVER_FIRES", "example",
         "rule `example` can never fire: its condition asks for what no fact can be", NEVER),
        ("give.value > 90,071,992,547,409.92 USD", "our offer",
         "OUT_OF_RANGE", "give.value > 90,071,992,547,409.92 USD",
         "`give.value > 90,071,992,547,409.92 USD` needs numbers beyond ±2^53 of the smallest unit",
         "use smaller numbers, or fewer digits"),
        (" and ".join(f"(offer.term != {i} months or ours.offers != {i})" for i in range(9)), "our offer",
         "TOO_COMPLEX", "example",
         "the condition of `example` has more than 128 alternatives, or too long a product",
         "split it into several rules, or let one rule conclude a part"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_do_its_work_is_told(when, on, code, under, message, hint):
    """Code, the very text under the caret, message and hint."""
    assert shown(read(with_rule(f'"{when}"', on)).findings) == [(code, under, message, hint)]


@pytest.mark.parametrize(
    ("when", "on"),
    [
        ("known(theirs.last.discount) and theirs.last.discount > 5%", "any"),
        ("not known(deal.growth) or deal.growth > 1", "any"),
        ("(known(deal.growth) and ours.offers > 1) and not (deal.growth > 1)", "any"),
        ("give.value > 5 USD", "[our offer, our acceptance]"),
        ("room.discount < 0%", "our offer"),
        ("balance < 0 USD and move.value < 0 USD", "their offer"),
        ("give.value > 90,071,992,547,409.91 USD", "our offer"),
    ],
)
def test_what_is_guarded_and_possible_is_accepted(when, on):
    """Guards on either side, facts where they are known, what may be negative, the largest amount that can be held."""
    assert shown(read(with_rule(f'"{when}"', on)).findings) == []


@pytest.mark.parametrize(
    ("texts", "sections", "findings"),
    [
        (["when: concluded.b, then: {conclude: a}", "when: concluded.a, then: {conclude: b}"], "",
         [("CONCLUSION_CYCLE", "r1", "these conclusions need each other: a → b → a",
           "let one of the rules read facts instead")]),
        (["when: offer.prepay, then: {conclude: a}"], "",
         [("UNUSED", "r1", "no rule reads the conclusion `a`", "read it as `concluded.a`, or remove the rule")]),
        ([], SECTIONS["define"],
         [("UNUSED", "near", "definition `near` is never used", "use it in a rule, or remove it")]),
        ([], SECTIONS["pattern"],
         [("UNUSED", "again", "pattern `again` is never used", "use it in a rule, or remove it")]),
        (["when: near, then: hold"], SECTIONS["define"], []),
        (["on: their offer, when: pattern.again > 0, then: hold"], SECTIONS["pattern"], []),
        (["when: offer.term > 24 months, then: hold", "when: offer.term > 12 months, then: refuse"], "",
         [("ALWAYS_HIDDEN", "r1", "rule `r1` never decides: where it fires, `r2` gives the more severe `refuse`",
           "make its condition wider or its verdict more severe, or remove it")]),
        (["when: room.discount < 0% and room.beyond_walk >= 1, then: hold"], "",
         [("ALWAYS_HIDDEN", "r1",
           "rule `r1` never decides: where it fires, `beyond-walk` gives the more severe `refuse`",
           "make its condition wider or its verdict more severe, or remove it")]),
        (["when: offer.term > 24 months, then: hold", "when: 'not offer.term <= 24 months', then: hold"], "",
         [("SAME_RULE", "r2", "rule `r2` says what `r1` says", "remove one of the two")]),
        (["when: offer.prepay, then: hold", "when: yes, then: escalate, to: manager"], "", []),
        (["when: offer.prepay, then: hold", "when: yes, then: refuse, enforcement: overridable, by: manager"], "", []),
        (["when: offer.prepay, then: hold", "on: their offer, when: yes, then: refuse"], "", []),
        (["when: yes, then: trade, say: 'Not {walk.discount} and not {room.package}.'"], "",
         [("SAY_TELLS_LIMIT", "{walk.discount}", "`walk.discount` tells our limits to the other side",
           "leave it out of `say`; `why` is for colleagues"),
          ("SAY_TELLS_LIMIT", "{room.package}", "`room.package` tells our limits to the other side",
           "leave it out of `say`; `why` is for colleagues")]),
        (["when: yes, then: trade, say: 'We stop at 20%.'"], "",
         [("SAY_TELLS_LIMIT", "20%", "`20%` is the walk value of `discount`, and `say` tells it to the other side",
           "leave the number out of `say`")]),
        (["when: yes, then: trade, say: 'For 120% and {offer.discount} and {offer.trem}.'"], "",
         [("UNKNOWN_FACT", "{offer.trem}", "`offer.trem` is not a fact", "did you mean `offer.term`?")]),
    ],
)  # fmt: skip
def test_what_only_the_whole_shows(texts, sections, findings):
    """Circles, what nobody reads, what never decides, what repeats, and what must not be said."""
    assert shown(read(rules(*texts, sections=sections)).findings) == findings


def test_warnings_leave_a_policy_to_run():
    """An unused definition is told, and decides nothing; an error leaves no policy."""
    assert read(rules(sections=SECTIONS["define"])).value is not None
    assert read(with_rule("theirs.last.discount > 5%")).value is None
