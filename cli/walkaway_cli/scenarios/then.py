"""Sentences about the answer to the last event.

It may have been imported before pytest brings it in, which is why it says PYTEST_DONT_REWRITE.
"""

from walkaway_cli.scenarios import answers
from walkaway_cli.scenarios.negotiation import Negotiation
from walkaway_cli.scenarios.sentences import sentence
from walkaway_cli.scenarios.wording import Table, in_table, named


@sentence(
    "Then",
    "the verdict is {verdict=proceed|trade|hold|escalate|refuse|walk}",
    "The verdict of the last event.",
    "the verdict is trade",
)
def _(negotiation: Negotiation, verdict: str) -> None:
    answers.verdict(negotiation, verdict, wanted=True)


@sentence(
    "Then",
    "the verdict is not {verdict=proceed|trade|hold|escalate|refuse|walk}",
    "It is any other verdict.",
    "the verdict is not walk",
)
def _(negotiation: Negotiation, verdict: str) -> None:
    answers.verdict(negotiation, verdict, wanted=False)


@sentence("Then", "the door is {door=open|closed}", "How we leave, where the verdict is walk.", "the door is closed")
def _(negotiation: Negotiation, door: str) -> None:
    answers.door(negotiation, door)


@sentence(
    "Then",
    'rule "{rule}" fires',
    "A rule fired, whatever became of it; a built-in one too.",
    'rule "nothing-for-nothing" fires',
)
def _(negotiation: Negotiation, rule: str) -> None:
    answers.fires(negotiation, rule)


@sentence("Then", 'rule "{rule}" does not fire', "A rule did not fire.", 'rule "beyond-walk" does not fire')
def _(negotiation: Negotiation, rule: str) -> None:
    answers.fires(negotiation, rule, wanted=False)


@sentence("Then", 'only rule "{rule}" fires', "It fired, and no other rule did.", 'only rule "unprepared" fires')
def _(negotiation: Negotiation, rule: str) -> None:
    answers.only_fires(negotiation, rule)


@sentence("Then", "no rule fires", "No rule fired, not even one that only advises.", "no rule fires")
def _(negotiation: Negotiation) -> None:
    answers.nothing_fires(negotiation)


@sentence(
    "Then",
    'rule "{rule}" {standing=decides|is met by an approval|is lifted|only advises|is only tried out}',
    "A rule fired, and this became of it.",
    'rule "near-the-floor" is met by an approval',
)
def _(negotiation: Negotiation, rule: str, standing: str) -> None:
    answers.stands(negotiation, rule, standing)


@sentence(
    "Then",
    'rule "{rule}" answers {verdict=proceed|trade|hold|escalate|refuse|walk}',
    "A rule fired, and this is its own verdict, whether or not a more severe one decides.",
    'rule "nothing-for-nothing" answers trade',
)
def _(negotiation: Negotiation, rule: str, verdict: str) -> None:
    answers.answers(negotiation, rule, verdict)


@sentence("Then", 'rule "{rule}" concludes {name}', "A rule concluded a name.", 'rule "is-tight" concludes tight')
def _(negotiation: Negotiation, rule: str, name: str) -> None:
    answers.concludes(negotiation, rule, name)


@sentence(
    "Then",
    "we must first {duty=ask|wait|prepare|get an approval}[: {text}]",
    "There is an obligation of that kind; what stands behind the colon is part of its sentence.",
    "we must first get an approval: director",
    "we must first prepare: the walk value of discount",
    "we must first ask",
)
def _(negotiation: Negotiation, duty: str, text: str | None) -> None:
    answers.obliged(negotiation, duty, text)


@sentence("Then", "there is nothing to do first", "There are no obligations.", "there is nothing to do first")
def _(negotiation: Negotiation) -> None:
    answers.not_obliged(negotiation)


@sentence("Then", 'the advice is "{text}"', "The advice, word for word.", 'the advice is "Send it."')
def _(negotiation: Negotiation, text: str) -> None:
    answers.advised(negotiation, text)


@sentence(
    "Then",
    'we may say "{text}"',
    "A rule that fired offers this sentence for the other side.",
    'we may say "Happy to, with a longer term."',
)
def _(negotiation: Negotiation, text: str) -> None:
    answers.sayable(negotiation, text)


@sentence(
    "Then",
    "a counteroffer is {terms}",
    "One of the counteroffers has these terms, and no others.",
    "a counteroffer is discount 3% and term 36 months",
)
def _(negotiation: Negotiation, terms: str | None = None, datatable: Table | None = None) -> None:
    answers.proposed(negotiation, named(terms, datatable, negotiation.policy.issues, "issue"))


@sentence("Then", "there is no counteroffer", "Nothing is proposed instead.", "there is no counteroffer")
def _(negotiation: Negotiation) -> None:
    answers.nothing_proposed(negotiation)


@sentence(
    "Then",
    "the room of {issue} is {value}",
    "The distance to the walk value of an issue, or of the package; negative beyond it.",
    "the room of discount is 15%",
    "the room of the package is -10,000 USD",
)
def _(negotiation: Negotiation, issue: str, value: str) -> None:
    answers.room(negotiation, issue.removeprefix("the "), value)


@sentence(
    "Then",
    "[{time=afterwards} ]{fact} is [{how=not|at least|at most|more than|less than} ]{value}",
    "A fact as the last event found it or, with `afterwards`, as the next one will; `unknown` where it is not known. "
    "`walkaway facts` lists them.",
    "give.value is 5,000 USD",
    "since.their_offer is at least 2 hours",
    "theirs.last.discount is unknown",
    "afterwards ours.concessions is 1",
)
def _(negotiation: Negotiation, time: str | None, fact: str, how: str | None, value: str) -> None:
    answers.fact(negotiation, fact, how or "", value, afterwards=bool(time))


@sentence(
    "Then",
    "[{time=afterwards} ]the facts are:",
    "The same for many facts, by a table of names and values.",
    "afterwards the facts are:\n  | ours.offers | 1         |\n  | balance     | 2,000 USD |",
)
def _(negotiation: Negotiation, time: str | None, datatable: Table | None = None) -> None:
    answers.facts_are(negotiation, in_table(datatable or ()), afterwards=bool(time))


@sentence(
    "Then",
    "it is a dead letter with {code}",
    "The last event gave no decision, for the reason with this code (`walkaway lint --explain CODE`).",
    "it is a dead letter with WA605",
)
def _(negotiation: Negotiation, code: str) -> None:
    answers.dead_letter(negotiation, code)


@sentence(
    "Then",
    "the answer is the same as before",
    "The last answer is the one before it, word for word.",
    "the answer is the same as before",
)
def _(negotiation: Negotiation) -> None:
    answers.same_answer(negotiation)
