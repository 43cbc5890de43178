"""Ask about offers of ours again and again with other terms: a rep at a terminal, line by line."""

import re
from collections.abc import Mapping

import click

from walkaway import InvalidInput
from walkaway.decide import Counteroffer
from walkaway.language import shorten
from walkaway_cli import exits
from walkaway_cli.asking.question import OfferQuestion, typed
from walkaway_cli.render.decision import as_of_lines, brief_reason_lines, counteroffer_lines, terms_text, wrapped
from walkaway_cli.render.diagnostics import printable
from walkaway_cli.render.screen import headline, screen
from walkaway_cli.render.width import columns_left

_TERM = re.compile(r"(?:^|[\s;,])([a-z][a-z0-9_]*)(?:\s*(=)\s*|([+-])(?=[\s;,]|$))", re.ASCII)
"""An issue with what follows its name: `=` before a value, or a sign for a step."""


_HELP = """\
  discount=12% term=24 months   try these terms; what was tried before stays
  discount+  discount-          one step up, one step down
  drop discount                 leave an issue as it stands
  use 2                         take counteroffer 2
  all                           everything about these terms
  say                           what the other side may be told
  reset  help  quit"""


_WORDS = ("all", "drop", "help", "quit", "reset", "say", "use")


class AskingSession:
    """A rep who tries terms: reads a line, answers, until there are no more.

    Attributes:
        status: The exit of the last answer; a line that cannot be understood counts as one.
    """

    def __init__(self, question: OfferQuestion, terms: Mapping[str, str | None]) -> None:
        self.question = question
        self.policy = question.policy
        self.labels = question.policy.labels_in()
        self.terms: dict[str, str | None] = {}
        self.before = ""
        self.status = exits.YES
        self.counteroffers: tuple[Counteroffer, ...] = ()
        self.first = dict(terms)

    def run(self) -> int:
        """Answer until the rep has no more to ask; give the exit of the last answer."""
        click.echo("Try terms, as in discount=12%; help lists what else there is.")
        if self.first:
            self.attempt(self.first)
        for line in typed([*self.policy.issues, *_WORDS]):
            if line in ("quit", "exit", "q"):
                break
            if line:
                self.answer(line)
        return self.status

    def answer(self, line: str) -> None:
        """Do what one line asks for."""
        word, _, rest = line.partition(" ")
        match word, rest.strip():
            case "help" | "?", _:
                click.echo(_HELP)
            case "reset", "":
                self.terms, self.before, self.counteroffers = {}, "", ()
                click.echo("  No terms.")
            case "all" | "say", "" if not self.terms:
                self.refuse("No terms yet: write ISSUE=VALUE, as in discount=12%.")
            case "all", "":
                self.everything()
            case "say", "":
                self.question.for_customer(self.terms, "text")
            case "drop", issue:
                self.drop(issue)
            case "use", number:
                self.use(number)
            case _:
                self.change(line)

    def everything(self) -> None:
        """Show the whole screen for the terms tried last."""
        found = self.question.outlook(self.terms)
        if isinstance(found, InvalidInput):
            self.status = self.question.misunderstood(found, self.terms)
        else:
            click.echo(screen(self.policy, found, self.terms, columns_left()))

    def refuse(self, why: str) -> None:
        """Say why a line changes nothing."""
        click.echo("\n".join(wrapped(printable(why), "  ", "  ")))
        self.status = exits.MISUNDERSTOOD

    def drop(self, issue: str) -> None:
        """Leave an issue as it stands."""
        if issue not in self.terms:
            self.refuse(f"`{shorten(issue)}` is not among the terms.")
            return
        self.attempt({i: v for i, v in self.terms.items() if i != issue})

    def use(self, number: str) -> None:
        """Take a counteroffer's terms."""
        numbered = {str(n): offer for n, offer in enumerate(self.counteroffers, 1)}
        if number not in numbered:
            self.refuse(f"There is no counteroffer `{shorten(number)}`.")
            return
        if when := numbered[number].when:
            self.refuse(
                f"Number {number} waits for a move of theirs: {terms_text(when, self.policy.issues, self.labels)}."
            )
            return
        self.attempt(dict(numbered[number].terms))

    def change(self, line: str) -> None:
        """Try the terms that a line writes, over those tried before."""
        marks = [*_TERM.finditer(line)]
        if not marks or marks[0].start() > 0:
            self.refuse("Write ISSUE=VALUE, as in discount=12%, or help.")
            return
        terms = dict(self.terms)
        for mark, following in zip(marks, [*marks[1:], None], strict=True):
            value = line[mark.end() : following.start() if following else len(line)].strip(" ;,")
            if mark[2]:
                terms[mark[1]] = value
            elif not self.step(terms, mark[1], up=mark[3] == "+"):
                return
        self.attempt(terms)

    def step(self, terms: dict[str, str | None], issue: str, *, up: bool) -> bool:
        """Move an issue by a step, from the value tried or from where it stands; say so where it cannot be."""
        stepped = self.question.stepped(issue, terms.get(issue), up=up)
        if stepped is None:
            self.refuse(f"No step from here: write {issue}=VALUE.")
            return False
        terms[issue] = stepped
        return True

    def attempt(self, terms: dict[str, str | None]) -> None:
        """Ask about *terms*; keep them where they can be read."""
        found = self.question.outlook(terms)
        if isinstance(found, InvalidInput):
            for finding in found.findings:
                self.refuse(f"{finding.message}{f'; {finding.hint}' if finding.hint else ''}")
            return
        decision = found.decision
        changed = f" (was {self.before})" if self.before and self.before != decision.verdict else ""
        click.echo(
            headline(decision.verdict, decision.door, f"{terms_text(terms, self.policy.issues, self.labels)}{changed}")
        )
        for line in as_of_lines(decision):
            click.echo(line)
        for reason in decision.reasons:
            if reason.standing == "decides":
                click.echo("\n".join(brief_reason_lines(reason)))
        self.terms, self.before, self.counteroffers = terms, decision.verdict, decision.counteroffers
        self.status = exits.YES if decision.is_yes else exits.NO
        for text in counteroffer_lines(decision.counteroffers, self.policy.issues, self.labels):
            click.echo(text)
