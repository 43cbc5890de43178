"""The steps: every sentence a feature file may use, each with its meaning and an example.

This module is a pytest plugin of its own. The plugin `walkaway` brings it in when it collects a feature file; a test
module that binds features itself asks for it: `pytest_plugins = ["walkaway_cli.scenarios.steps"]`. It may have been
imported before, which is why it says PYTEST_DONT_REWRITE.
"""

import textwrap
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import NoReturn

import click
import pytest
from pytest_bdd.parser import Feature, Scenario, Step

from walkaway import Decision
from walkaway_cli.render.decision import decision_text
from walkaway_cli.scenarios import answers, further
from walkaway_cli.scenarios.negotiation import Engines, Negotiation, letter_text
from walkaway_cli.scenarios.problems import Missed, Misunderstood, Undecided, from_here
from walkaway_cli.scenarios.sentences import sentence, suggestion
from walkaway_cli.scenarios.wording import Table, in_table, limits_of, listed, named, spelled

pytest_plugins = [further.__name__]

_FEATURE = pytest.StashKey[Path]()
_DEAL = pytest.StashKey[Negotiation]()
_OVER = pytest.StashKey[bool]()
"""Set where a scenario ended early: whether because it could not be understood."""


@pytest.fixture(scope="session")
def walkaway_engines() -> Engines:
    """Return the engines of this run: each policy is read once."""
    return Engines()


@pytest.fixture
def negotiation(request: pytest.FixtureRequest, walkaway_engines: Engines) -> Negotiation:
    """Return the deal that the scenario tells of."""
    node: pytest.Item = request.node
    node.stash[_DEAL] = Negotiation(node.stash[_FEATURE], walkaway_engines)
    return node.stash[_DEAL]


def pytest_bdd_before_scenario(request: pytest.FixtureRequest, feature: Feature) -> None:
    """Remember where the scenario stands: its policy is looked for from there."""
    request.node.stash[_FEATURE] = Path(feature.filename)


def pytest_bdd_before_step(
    request: pytest.FixtureRequest, feature: Feature, step: Step, step_func: Callable[..., object]
) -> None:
    """Refuse a table or a text below a sentence that would not look at it."""
    takes = signature(step_func).parameters
    for what, given in (("datatable", step.datatable), ("docstring", step.docstring)):
        if step_func.__module__ in (__name__, further.__name__) and given is not None and what not in takes:
            word = "table" if what == "datatable" else "text"
            _fail(request, feature, step, Misunderstood(f"this sentence takes no {word} below it"))


def pytest_bdd_before_step_call(request: pytest.FixtureRequest, step: Step) -> None:
    """Remember which step it is that sends events."""
    deal: Negotiation | None = request.node.stash.get(_DEAL, None)
    if deal is not None:
        deal.step = step


def pytest_bdd_step_error(
    request: pytest.FixtureRequest, feature: Feature, step: Step, exception: BaseException
) -> None:
    """Show what a scenario expected, and the whole decision it got."""
    if isinstance(exception, Missed | Misunderstood):
        _fail(request, feature, step, exception)


def pytest_bdd_step_func_lookup_error(request: pytest.FixtureRequest, feature: Feature, step: Step) -> None:
    """Suggest a sentence for one that is not known."""
    hint = suggestion(step.type.capitalize(), step.name)
    _fail(request, feature, step, Misunderstood(f"no sentence reads like this; {hint}"))


def pytest_bdd_after_scenario(request: pytest.FixtureRequest, feature: Feature, scenario: Scenario) -> None:
    """Check that no event at the end went undecided unnoticed."""
    deal = request.node.stash.get(_DEAL, None)
    if deal is not None and _OVER not in request.node.stash:
        try:
            deal.claimed()
        except Misunderstood as problem:
            _fail(request, feature, scenario.steps[-1], problem)


def _fail(request: pytest.FixtureRequest, feature: Feature, step: Step, problem: Missed | Misunderstood) -> NoReturn:
    """End the scenario with the step, the problem and, where an expectation was missed, the decision in full."""
    request.node.stash[_OVER] = isinstance(problem, Misunderstood)
    deal: Negotiation | None = request.node.stash.get(_DEAL, None)
    if isinstance(problem, Undecided) and deal is not None and isinstance(deal.sent_by, Step):
        step = deal.sent_by
    parts = [
        f"{from_here(Path(feature.filename))}:{step.line_number}: {step.keyword} {step.name}",
        textwrap.indent(str(problem), "  "),
    ]
    if deal is not None and deal.answer is not None and isinstance(problem, Missed):
        answer = deal.answer
        text = click.unstyle(decision_text(answer)) if isinstance(answer, Decision) else letter_text(answer)
        parts += ["", textwrap.indent(text, "  ")]
    raise pytest.fail.Exception("\n".join(parts), pytrace=False) from None


def refuse(item: pytest.Item, message: str) -> NoReturn:
    """Fail a scenario that cannot be run, and say why."""
    item.stash[_OVER] = True
    raise pytest.fail.Exception(message, pytrace=False)


def is_misunderstood(item: pytest.Item) -> bool:
    """Return whether a scenario failed because it could not be understood."""
    return item.stash.get(_OVER, False)


# Before the deal opens


@sentence(
    "Given",
    'the policy "{path}"',
    "Names the policy: a folder or a file, seen from the feature's folder or one above it. Without this sentence it "
    "is the nearest folder with a `policy.yaml`, at the feature or above it.",
    'the policy "rules/saas-discounting"',
)
def _(negotiation: Negotiation, path: str) -> None:
    negotiation.use(path)


@sentence(
    "Given",
    'its version "{path}"',
    "Names another version of the policy. A deal opens under the newest version in force on its day; a scenario that "
    "names no day begins on the first day of the newest.",
    'its version "rules/saas-discounting-2027"',
)
def _(negotiation: Negotiation, path: str) -> None:
    negotiation.use_beside(path)


@sentence(
    "Given",
    "a deal with {facts}",
    "States deal facts, which the deal brings when it opens.",
    "a deal with list price 100,000 USD and segment enterprise",
    "a deal with:\n  | list price | 100,000 USD |\n  | segment    | enterprise  |",
)
def _(negotiation: Negotiation, facts: str | None = None, datatable: Table | None = None) -> None:
    negotiation.changes(facts=named(facts, datatable, negotiation.policy.deal, "deal fact"))


@sentence(
    "Given",
    "our opening terms are {terms}",
    "States our opening position, where it is not the policy's start terms.",
    "our opening terms are a discount of 2%",
)
def _(negotiation: Negotiation, terms: str | None = None, datatable: Table | None = None) -> None:
    if negotiation.is_open:
        raise Misunderstood("opening terms are stated before the deal opens")
    negotiation.terms |= named(terms, datatable, negotiation.policy.issues, "issue")


@sentence(
    "Given",
    '"{actor}" acts for {party=us|them}',
    "Says who makes the offers of a party from here on: nobody approves their own offer.",
    '"ana" acts for us',
)
def _(negotiation: Negotiation, actor: str, party: str) -> None:
    negotiation.actors[party] = actor


# Before the deal opens, or later


@sentence(
    "Given When",
    "the deal's {item} is [now ]{value}",
    "States one deal fact: with the opening or, once the deal is open, by an update.",
    "the deal's segment is smb",
)
def _(negotiation: Negotiation, item: str, value: str) -> None:
    negotiation.changes(facts={spelled(item): value})


@sentence(
    "Given When",
    "the {threshold=wish|want|walk} value of {issue} is [now ]{value}",
    "Sets a limit that the deal brings, of an issue or of the package: with the opening, or by an update.",
    "the walk value of discount is 15%",
    "the walk value of the package is now 85,000 USD",
)
def _(negotiation: Negotiation, threshold: str, issue: str, value: str) -> None:
    negotiation.changes(limits={spelled(issue.removeprefix("the ")): {threshold: value}})


@sentence(
    "Given When",
    "the limits are[ now]:",
    "Sets several limits by a table headed `issue`, `wish`, `want`, `walk`; an empty cell says nothing.",
    "the limits are:\n  | issue    | wish | want | walk       |\n  | discount | 0%   | 8%   | 15%        |\n"
    "  | package  |      |      | 85,000 USD |",
)
def _(negotiation: Negotiation, datatable: Table | None = None) -> None:
    negotiation.changes(limits=limits_of(datatable))


@sentence(
    "Given When",
    "our BATNA is [now ]worth {worth}",
    "States what our best alternative to this deal is worth: with the opening, or by an update.",
    "our BATNA is worth 78,000 USD",
)
def _(negotiation: Negotiation, worth: str) -> None:
    negotiation.changes(batna=worth)


@sentence(
    "Given When",
    "it is {instant}",
    "Sets the clock, UTC where no offset is said; a day alone means 09:00. Otherwise a deal opens at 09:00 on the "
    "first day its policy is in force, and the clock moves only where the scenario says so.",
    "it is 2026-10-05",
    "it is 2026-10-05T14:30:00Z",
)
def _(negotiation: Negotiation, instant: str) -> None:
    negotiation.set_clock(instant)


@sentence("Given When", "{duration} later", "Moves the clock on; nothing else happens.", "2 hours later")
def _(negotiation: Negotiation, duration: str) -> None:
    negotiation.wait(duration)


# What happens


@sentence(
    "Given When",
    "the deal (opens|opened)",
    "Opens the deal. Any other event opens it first, so this sentence is needed only to see the opening itself.",
    "the deal opens",
)
def _(negotiation: Negotiation) -> None:
    negotiation.claimed()
    if negotiation.is_open:
        raise Misunderstood("the deal is open already")
    negotiation.open()


@sentence(
    "Given When",
    "{who=we|they} offer[ed] {terms}",
    "A party makes an offer; an issue left out keeps that party's standing value.",
    "they offer a discount of 30%",
    "we offered discount 5%, term 24 months and prepay yes",
    "we offer:\n  | discount | 5%        |\n  | term     | 24 months |",
)
def _(negotiation: Negotiation, who: str, terms: str | None = None, datatable: Table | None = None) -> None:
    negotiation.happens("offer", by=_PARTIES[who], terms=named(terms, datatable, negotiation.policy.issues, "issue"))


@sentence(
    "When",
    "we consider offering {terms}",
    "Asks about an offer of ours that is not made: nothing of it is remembered.",
    "we consider offering discount 12% and term 24 months",
)
def _(negotiation: Negotiation, terms: str | None = None, datatable: Table | None = None) -> None:
    negotiation.consider(named(terms, datatable, negotiation.policy.issues, "issue"))


@sentence(
    "Given When",
    "{who=we|they} accept[ed] {whose=our|their} {issues}",
    "A party accepts the other's standing offer, or only the issues named.",
    "they accept our offer",
    "we accept their term and prepay",
)
def _(negotiation: Negotiation, who: str, whose: str, issues: str) -> None:
    _not_their_own(who, whose)
    some = {} if issues == "offer" else {"issues": listed(issues)}
    negotiation.happens("accept", by=_PARTIES[who], **some)


@sentence(
    "Given When",
    "{who=we|they} reject[ed] {whose=our|their} offer",
    "A party declines the other's standing offer.",
    "they reject our offer",
)
def _(negotiation: Negotiation, who: str, whose: str) -> None:
    _not_their_own(who, whose)
    negotiation.happens("reject", by=_PARTIES[who])


@sentence(
    "Given When",
    "{kind} by {party=us|them} (is|was) {state=confirmed|reported but not confirmed}",
    "Conduct of a party is observed: a signal. Only a confirmed one counts.",
    "deception by them is confirmed",
    "abuse by them was reported but not confirmed",
)
def _(negotiation: Negotiation, kind: str, party: str, state: str) -> None:
    unconfirmed = {} if state == "confirmed" else {"confirmed": False}
    negotiation.happens("signal", by=party, kind=spelled(kind), **unconfirmed)


@sentence(
    "Given When",
    'the {role} "{approver}" approve(s|d)[ for {duration}] {terms}',
    "Somebody approves terms as bad as these, for ever or for a while.",
    'the director "dana" approves a discount of 18%',
    'the director "dana" approved for 2 days discount 18% and term 24 months',
)
def _(
    negotiation: Negotiation,
    role: str,
    approver: str,
    duration: str | None,
    terms: str | None = None,
    datatable: Table | None = None,
) -> None:
    covered = named(terms, datatable, negotiation.policy.issues, "issue")
    negotiation.happens("approve", approver=approver, role=spelled(role), terms=covered, **negotiation.until(duration))


@sentence(
    "Given When",
    'the {role} "{approver}" lift(s|ed) [rule ]"{rule}" for {duration}, because "{reason}", up to {terms}',
    "Somebody lifts an overridable rule for a while, for terms as bad as these.",
    'the director "dana" lifts "nothing-for-nothing" for 1 day, because "a pilot", up to discount 10%',
)
def _(
    negotiation: Negotiation,
    role: str,
    approver: str,
    rule: str,
    duration: str,
    reason: str,
    terms: str | None = None,
    datatable: Table | None = None,
) -> None:
    covered = named(terms, datatable, negotiation.policy.issues, "issue")
    waiver = {"override": [rule], "reason": reason, **negotiation.until(duration)}
    negotiation.happens("approve", approver=approver, role=spelled(role), terms=covered, **waiver)


@sentence(
    "Given When",
    "{duration} pass[es|ed]",
    "Time passes and a tick says so: rules that listen to `tick` are heard.",
    "3 days pass",
)
def _(negotiation: Negotiation, duration: str) -> None:
    negotiation.wait(duration)
    negotiation.happens("tick")


@sentence(
    "Given When",
    "the deal close(s|d) as {outcome=won|lost|walked}",
    "The deal ends; no event may follow.",
    "the deal closes as won",
)
def _(negotiation: Negotiation, outcome: str) -> None:
    negotiation.happens("close", outcome=outcome)


@sentence(
    "Given When",
    'the deal moves to policy "{name}"',
    "An update moves the deal to the version of its policy that is in force, or to the version named.",
    'the deal moves to policy "saas-discounting"',
)
def _(negotiation: Negotiation, name: str) -> None:
    negotiation.happens("update", policy=name)


@sentence(
    "Given When",
    "the last event comes again",
    "The same line comes once more, with the same id.",
    "the last event comes again",
)
def _(negotiation: Negotiation) -> None:
    if not negotiation.lines:
        raise Misunderstood("no event has come yet")
    negotiation.deliver(negotiation.lines[-1])


@sentence(
    "Given When",
    "this event comes:",
    "A line of JSON comes as it stands in the text below, between two lines of three quotes.",
    'this event comes:\n  """\n  {"id": "e7", "deal": "D-1", "at": "2026-10-05T09:00:00Z", "type": "tick"}\n  """',
)
def _(negotiation: Negotiation, docstring: str | None = None) -> None:
    if docstring is None:
        raise Misunderstood('this sentence wants a line of JSON below it, between two lines of `"""`')
    negotiation.deliver(docstring.encode())


_PARTIES = {"we": "us", "they": "them"}


def _not_their_own(who: str, whose: str) -> None:
    if (who == "we") is (whose == "our"):
        raise Misunderstood(
            f"{who} cannot answer an offer of their own" if who == "they" else "we cannot answer our own"
        )


# What the answer is


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
