"""Sentences about what else may happen: how long an offer binds, what is taken back, who the other side is.

It may have been imported before pytest brings it in, which is why it says PYTEST_DONT_REWRITE.
"""

import json
from typing import Any

from walkaway_cli.scenarios.negotiation import Negotiation
from walkaway_cli.scenarios.problems import Missed, Misunderstood
from walkaway_cli.scenarios.sentences import sentence
from walkaway_cli.scenarios.wording import Table, listed, named, spelled

_PARTIES = {"we": "us", "they": "them", "our": "us", "their": "them"}


# Before the deal opens


@sentence(
    "Given",
    "nobody says who acts for {party=us|them}",
    "Events of this party name nobody from here on; no approval counts for what nobody known has offered.",
    "nobody says who acts for us",
)
def _(negotiation: Negotiation, party: str) -> None:
    negotiation.actors.pop(party, None)
    if party == "us":
        negotiation.role = ""


@sentence(
    "Given",
    'the other side is "{party}"',
    "Names the party that this deal is with, as its other deals do.",
    'the other side is "Harbour Mills"',
)
def _(negotiation: Negotiation, party: str) -> None:
    if negotiation.is_open:
        raise Misunderstood("the other side is named before the deal opens")
    negotiation.more["party"] = party


@sentence(
    "Given When",
    'other deals have [by now ]taken {amount} of the budget "{name}"',
    "What the deals of the same key have taken of a budget, from here on; nothing before it is said.",
    'other deals have taken 40,000 USD of the budget "goodwill"',
)
def _(negotiation: Negotiation, amount: str, name: str) -> None:
    negotiation.others_take(name, amount)


@sentence(
    "Given When",
    'the alternative "{name}" is [now ]worth {worth}',
    "States something else that we could do, and what it is worth: with the opening, or by an update.",
    'the alternative "the next tender" is worth 78,000 USD',
)
def _(negotiation: Negotiation, name: str, worth: str) -> None:
    negotiation.changes(alternatives=[{"name": name, "worth": worth}])


@sentence(
    "Given When",
    'the alternative "{name}" is gone',
    "What we could have done is no longer to be had.",
    'the alternative "the next tender" is gone',
)
def _(negotiation: Negotiation, name: str) -> None:
    negotiation.happens("update", alternatives=[{"name": name, "worth": None}])


# What happens


@sentence(
    "Given When",
    'they deliver[ed] {issues} with the proof "{proof}"',
    "They have delivered what they promised of issues that are owed, before the deal is won or after it.",
    'they deliver reference with the proof "the letter of 1 December"',
)
def _(negotiation: Negotiation, issues: str, proof: str) -> None:
    negotiation.happens("update", delivered=listed(issues), proof=proof)


@sentence(
    "Given When",
    "for {duration} {who=we|they} offer[ed] {terms}",
    "A party makes an offer that binds for a while, the last moment included; then it is withdrawn.",
    "for 2 days they offer a discount of 10%",
)
def _(
    negotiation: Negotiation, duration: str, who: str, terms: str | None = None, datatable: Table | None = None
) -> None:
    said = named(terms, datatable, negotiation.policy.issues, "issue")
    negotiation.happens("offer", by=_PARTIES[who], terms=said, **negotiation.until(duration))


@sentence(
    "Given When",
    "finally {who=we|they} offer[ed] {terms}",
    "A party makes an offer and says that it is the last.",
    "finally they offer a discount of 10%",
)
def _(negotiation: Negotiation, who: str, terms: str | None = None, datatable: Table | None = None) -> None:
    said = named(terms, datatable, negotiation.policy.issues, "issue")
    negotiation.happens("offer", by=_PARTIES[who], terms=said, final=True)


@sentence(
    "Given When",
    "{whose=our|their} packages are:",
    "A party offers several packages to choose from, one a row, headed by issues; an empty cell says nothing.",
    "our packages are:\n  | discount | term      | prepay |\n  | 5%       | 36 months | yes    |\n"
    "  | 2%       |           | yes    |",
)
def _(negotiation: Negotiation, whose: str, datatable: Table | None = None) -> None:
    head, *rows = datatable or [[]]
    if not rows:
        raise Misunderstood("this sentence wants a table below it: issues in its head, a package in each row")
    packages = []
    for row in rows:
        cells = [[issue, value] for issue, value in zip(head, row, strict=True) if value.strip()]
        packages.append(named(None, cells, negotiation.policy.issues, "issue"))
    negotiation.happens("offer", by=_PARTIES[whose], packages=packages)


@sentence(
    "Given When",
    "{who=we|they} (take|took) {whose=our|their} package {number}",
    "A party accepts one of several packages, counted from 1.",
    "they take our package 2",
)
def _(negotiation: Negotiation, who: str, whose: str, number: str) -> None:
    if _PARTIES[who] == _PARTIES[whose]:
        raise Misunderstood("nobody takes a package of their own")
    if not number.isdecimal():
        raise Misunderstood(f"`{number}` is no number of a package: write 1, 2 and so on")
    negotiation.happens("accept", by=_PARTIES[who], package=int(number))


@sentence(
    "Given When",
    '{who=we|they} (take|took) up offer "{event}"',
    "A party accepts an offer by its event id. Events of a scenario are e1, the opening, e2 and so on.",
    'they take up offer "e2"',
)
def _(negotiation: Negotiation, who: str, event: str) -> None:
    negotiation.happens("accept", by=_PARTIES[who], of=event)


@sentence(
    "Given When",
    "{who=we|they} withdr(aw|ew)",
    "A party takes back its standing offer, or its acceptance.",
    "they withdraw",
)
def _(negotiation: Negotiation, who: str) -> None:
    negotiation.happens("withdraw", by=_PARTIES[who])


@sentence(
    "Given When",
    '"{approver}" (takes|took) the approval back',
    "Somebody revokes the latest approval that they gave.",
    '"dana" takes the approval back',
)
def _(negotiation: Negotiation, approver: str) -> None:
    said = [json.loads(line) for line in negotiation.lines]
    given = [e["id"] for e in said if e.get("type") == "approve" and e.get("approver") == approver]
    if not given:
        raise Misunderstood(f"`{approver}` has approved nothing yet")
    negotiation.happens("revoke", approver=approver, of=given[-1])


@sentence(
    "Given When",
    'event "{event}" (is|was) a slip, because "{reason}"',
    "An event was none: it is voided. Events of a scenario are e1, the opening, e2 and so on.",
    'event "e3" was a slip, because "typed into the wrong deal"',
)
def _(negotiation: Negotiation, event: str, reason: str) -> None:
    negotiation.happens("void", of=event, reason=reason)


@sentence(
    "Given When",
    'the {role} "{approver}" agree(s|d)[ for {duration}] to event "{event}"',
    "Somebody approves what is no terms, for ever or for a while: a void, a loosened limit, a reopening.",
    'the cfo "carla" agrees to event "e3"',
)
def _(negotiation: Negotiation, role: str, approver: str, duration: str | None, event: str) -> None:
    negotiation.happens("approve", approver=approver, role=spelled(role), of=event, **negotiation.until(duration))


@sentence(
    "Given When",
    'we (ask|asked) to deal with them again, because "{reason}"',
    "A door that is closed for this party is to be opened.",
    'we ask to deal with them again, because "they have a new owner"',
)
def _(negotiation: Negotiation, reason: str) -> None:
    negotiation.happens("reopen", reason=reason)


@sentence(
    "Given When",
    "the deal (is|was) signed with {terms}",
    "The deal closes as won, with the terms as signed; what they leave out is at its start value.",
    "the deal is signed with discount 5% and prepay yes",
)
def _(negotiation: Negotiation, terms: str | None = None, datatable: Table | None = None) -> None:
    signed = named(terms, datatable, negotiation.policy.issues, "issue")
    negotiation.happens("close", outcome="won", terms=signed)


@sentence(
    "Given When",
    "the last event (is|was) confirmed",
    "The same comes again and says that it is as far ahead of its deal as it seems.",
    "the last event is confirmed",
)
def _(negotiation: Negotiation) -> None:
    if not negotiation.lines:
        raise Misunderstood("no event has come yet")
    event: dict[str, Any] = json.loads(negotiation.lines[-1])
    negotiation.deliver(json.dumps({**event, "id": f"e{len(negotiation.lines) + 1}", "confirmed": True}).encode())


# What the answer is


@sentence(
    "Then",
    "accepting it would be {verdict=proceed|trade|hold|escalate|refuse|walk}",
    "What it would be now to accept the offer of theirs that was answered.",
    "accepting it would be refuse",
)
def _(negotiation: Negotiation, verdict: str) -> None:
    found = negotiation.decided().accepting
    if not found:
        raise Missed("this is no offer of theirs that could be accepted")
    if found.verdict != verdict:
        raise Missed(f"accepting it would be {found.verdict}, not {verdict}")


@sentence(
    "Then",
    'rule "{rule}" stands in the way of accepting',
    "A rule would fire if we accepted the offer of theirs that was answered.",
    'rule "cumulative-cap" stands in the way of accepting',
)
def _(negotiation: Negotiation, rule: str) -> None:
    found = negotiation.decided().accepting
    stopping = sorted({r.rule for r in found.reasons}) if found else []
    if rule not in stopping:
        raise Missed(f"in the way of accepting stands {', '.join(stopping) or 'nothing'}, not {rule}")
