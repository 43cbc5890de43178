"""Sentences about what stands before the deal opens, and what may be said of it later.

It may have been imported before pytest brings it in, which is why it says PYTEST_DONT_REWRITE.
"""

from walkaway_cli.scenarios.negotiation import Negotiation
from walkaway_cli.scenarios.problems import Misunderstood
from walkaway_cli.scenarios.sentences import sentence
from walkaway_cli.scenarios.wording import Table, limits_of, named, spelled

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
    "the deal is in {currency}",
    "Says in which currency the deal is, where it is not the policy's own. Amounts are written in it from there on.",
    "the deal is in EUR",
)
def _(negotiation: Negotiation, currency: str) -> None:
    if negotiation.is_open:
        raise Misunderstood("in which currency a deal is is said before it opens")
    negotiation.more["currency"] = currency


@sentence(
    "Given When",
    "the rate is pinned anew",
    "Converts the policy's amounts at the rate that was published last, by an update.",
    "the rate is pinned anew",
)
def _(negotiation: Negotiation) -> None:
    negotiation.happens("update", fx="now")


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
    '"{actor}" acts for {party=us|them}[ as "{role}"]',
    "Says who makes the offers of a party from here on, and in which role: nobody approves their own offer.",
    '"ana" acts for us as "rep"',
)
def _(negotiation: Negotiation, actor: str, party: str, role: str = "") -> None:
    negotiation.actors[party] = actor
    if party == "us":
        negotiation.role = role


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
