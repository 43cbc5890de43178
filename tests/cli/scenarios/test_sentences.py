"""Sentences: templates, the lines they match, and what is suggested for lines that none matches."""

import re
from pathlib import Path

import pytest

from walkaway_cli.scenarios import steps
from walkaway_cli.scenarios.sentences import SENTENCES, SentencePattern, suggestion

FEATURES = Path(__file__).parents[3] / "features"
assert steps  # importing it registers the sentences

EXAMPLES = [(kind, example, s) for s in SENTENCES for kind in s.kinds for example in s.first_lines()]


@pytest.mark.parametrize(("kind", "example", "sentence"), EXAMPLES, ids=[f"{k} {e}" for k, e, _ in EXAMPLES])
def test_an_example_reads_like_its_own_sentence_and_no_other(kind, example, sentence):
    """No line is left to chance: one sentence matches it, under each of its keywords."""
    matching = [s.template for s in SENTENCES if kind in s.kinds and SentencePattern(s.template).is_matching(example)]
    assert matching == [sentence.template]


def test_every_sentence_is_used_in_a_feature():
    """None is documented that nobody has tried."""
    lines = {line.strip() for feature in FEATURES.rglob("*.feature") for line in feature.read_text().splitlines()}
    said = {re.sub("^(Given|When|Then|And|But) ", "", line) for line in lines}
    unused = [s.template for s in SENTENCES if not any(map(SentencePattern(s.template).is_matching, said))]
    assert unused == []


def test_every_sentence_has_a_meaning_and_an_example():
    """The manual is complete."""
    assert all(s.means.endswith(".") and s.examples for s in SENTENCES)


@pytest.mark.parametrize(
    ("template", "line", "fields"),
    [
        ("we offer[ed] {terms}", "we offered discount 5%", {"terms": "discount 5%"}),
        ("we offer[ed] {terms}", "we offer:", {"terms": None}),
        ("the door is {door=open|closed}", "the door is closed", {"door": "closed"}),
        (
            "[{time=afterwards} ]{fact} is {value}",
            "give.value is 5 USD",
            {"time": None, "fact": "give.value", "value": "5 USD"},
        ),
        (
            "[{time=afterwards} ]{fact} is {value}",
            "afterwards balance is 0 USD",
            {"time": "afterwards", "fact": "balance", "value": "0 USD"},
        ),
        ('the policy "{path}"', 'the policy "a b"', {"path": "a b"}),
        ("{duration} pass[es|ed]", "1,200 seconds pass", {"duration": "1,200 seconds"}),
    ],
)
def test_a_template_gives_the_fields_of_a_line(template, line, fields):
    """Fields, alternatives, what may be left out, and a colon in place of terms."""
    assert SentencePattern(template).parse_arguments(line) == fields


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("the door is {door=open|closed}", "the door is ajar"),
        ("{fact} is {value}", "the verdict is walk"),
        ('the policy "{path}"', 'the policy "a" and "b"'),
        ("we offer[ed] {terms}", "we offer"),
        ("we offer[ed] {terms}", "we offer discount 5%:\n"),
        ("{duration} later", "much later"),
    ],
)
def test_a_line_that_reads_otherwise_does_not_match(template, line):
    """The whole line must read like the sentence."""
    assert SentencePattern(template).parse_arguments(line) is None


@pytest.mark.parametrize(
    ("kind", "line", "expected"),
    [
        ("When", "we ofer discount 5%", "When they offer a discount of 30%"),
        ("When", "they propose a discount of 30%", "When they offer a discount of 30%"),
        ("Then", "the verdict should be trade", "Then the verdict is trade"),
        ("Then", 'the rule "nothing-for-nothing" fired', 'Then rule "nothing-for-nothing" fires'),
        ("Given", "a policy called rules/saas-discounting", 'Given the policy "rules/saas-discounting"'),
        ("When", "deception is confirmed", "When deception by them is confirmed"),
    ],
)
def test_the_nearest_sentence_is_suggested(kind, line, expected):
    """A sales person who almost knows a sentence is shown it."""
    assert suggestion(kind, line).splitlines()[1].strip() == expected


def test_a_sentence_under_another_keyword_is_recognized():
    """A `Then` that stands under `Given` is told so."""
    assert suggestion("Given", "the verdict is trade") == "this sentence goes with Then, not with Given"
